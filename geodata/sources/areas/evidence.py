"""Which datum these outlines fit.

Counts what can be counted under each and shows it; chooses none by itself.

GCJ-02 outlines of a city of 2,000 km² read as WGS-84 leave 16–26 km² of its land uncovered on one
side, true ones 0.9 km² (ten districts, 2026-11-21). A layer of a part of the city is judged by what
stands in it: street offices, and places whose row names the area; and one that was imported before
by how much it would shift.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.city import MetricGrid
from geodata.errors import Said
from geodata.places.areas import to_metric
from geodata.space.coordinates import Datum, from_wgs84, to_wgs84

#: Only a layer of nearly the whole city can be held against the city's land.
_WHOLE_CITY: Final = 0.9
#: Land left uncovered under the declared datum against another one: so many times as much, and at
#: least so much.
_LAND_RATIO, _LAND_M2 = 3.0, 5e6
#: Points that lie in the area they belong to under another datum only.
_FEWEST_POINTS: Final = 3
_POINTS_SHARE: Final = 0.03
#: An outline that was imported before: part of it that is elsewhere now.
_SHIFT_RATIO, _SHIFT_SHARE = 3.0, 0.02


@dataclass(frozen=True, slots=True)
class AreaReading:
    """What the outlines look like when they are read under one datum."""

    datum: Datum
    uncovered_m2: float | None
    """Of the city's land; None for a layer of a part of the city."""
    offices: int
    """Street offices in the area that they belong to."""
    offices_of: int
    places: int
    """Published places in the area that their row names."""
    places_of: int
    shifted: float | None
    """Of outlines that were imported before under the same names, the part that differs.

    None where there are none.
    """


@dataclass(frozen=True, slots=True)
class AreaEvidence:
    """All three readings, and what speaks against the declared one."""

    readings: tuple[AreaReading, ...]
    fits: Datum
    """The datum that fits best; on equal evidence the declared one."""
    against: Said | None
    """Why the declared datum cannot be right, in a sentence.

    None where nothing speaks against it.
    """


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What is known besides the layer, in WGS-84."""

    points: Mapping[str, gpd.GeoDataFrame]
    """"offices", "places" -> points with the `district` and the `street` they belong to."""
    before: gpd.GeoDataFrame
    """name, level, polygons of outlines that were imported before."""
    land: BaseGeometry | None
    """The city's outline; None where nobody knows it."""
    grid: MetricGrid


def weigh_areas(areas: gpd.GeoDataFrame, declared: Datum, known: Witnesses) -> AreaEvidence:
    """Read the areas (name, level, polygons in WGS-84, from `declared`) under each datum."""
    as_written = (
        areas.geometry.to_numpy() if declared is Datum.WGS84 else _shifted_back(areas, declared)
    )
    readings = tuple(_reading(areas, _read(as_written, datum), datum, known) for datum in Datum)
    if not any(_covers_city(reading, known) for reading in readings):
        readings = tuple(replace(reading, uncovered_m2=None) for reading in readings)
    return AreaEvidence(readings, _best(readings, declared), _against(readings, declared))


_Shapes = NDArray[np.object_]


def _shifted_back(areas: gpd.GeoDataFrame, declared: Datum) -> _Shapes:
    return shapely.transform(
        areas.geometry.to_numpy(),
        lambda at: np.stack(from_wgs84(at[:, 0], at[:, 1], declared), axis=1),
    )


def _read(shapes: _Shapes, datum: Datum) -> _Shapes:
    return shapely.transform(
        shapes, lambda at: np.stack(to_wgs84(at[:, 0], at[:, 1], datum), axis=1)
    )


def _reading(
    areas: gpd.GeoDataFrame, shapes: _Shapes, datum: Datum, known: Witnesses
) -> AreaReading:
    ground = shapely.make_valid(to_metric(shapes, known.grid))
    uncovered_m2 = None
    if known.land is not None:
        land = to_metric(known.land, known.grid)
        uncovered_m2 = float(shapely.difference(land, shapely.union_all(ground)).area)
    offices, offices_of = _inside(areas, shapes, known.points["offices"])
    places, places_of = _inside(areas, shapes, known.points["places"])
    shifted = _shifted(areas, ground, known)
    return AreaReading(datum, uncovered_m2, offices, offices_of, places, places_of, shifted)


def _covers_city(reading: AreaReading, known: Witnesses) -> bool:
    if known.land is None or reading.uncovered_m2 is None:
        return False
    return reading.uncovered_m2 < (1 - _WHOLE_CITY) * to_metric(known.land, known.grid).area


def _inside(areas: gpd.GeoDataFrame, shapes: _Shapes, points: gpd.GeoDataFrame) -> tuple[int, int]:
    """Points in the area that bears their district's or street's name, and how many there are to
    look at.
    """
    inside = seen = 0
    for level, name, shape in zip(areas["level"], areas["name"], shapes, strict=True):
        if level in points:
            mine = points.geometry.to_numpy()[(points[level] == name).to_numpy(bool)]
            shapely.prepare(shape)
            inside += int(shapely.intersects(shape, mine).sum())
            seen += len(mine)
    return inside, seen


def _shifted(areas: gpd.GeoDataFrame, ground: _Shapes, known: Witnesses) -> float | None:
    before = known.before
    was = {
        (level, name): at
        for at, (level, name) in enumerate(zip(before["level"], before["name"], strict=True))
    }
    pairs = [
        (at, was[key])
        for at, key in enumerate(zip(areas["level"], areas["name"], strict=True))
        if key in was
    ]
    if not pairs:
        return None
    mine, old = (
        ground[[at for at, _ in pairs]],
        to_metric(before.geometry.to_numpy(), known.grid)[[at for _, at in pairs]],
    )
    return float(
        shapely.area(shapely.symmetric_difference(mine, old)).sum() / shapely.area(old).sum()
    )


def _best(readings: Sequence[AreaReading], declared: Datum) -> Datum:
    """By the outlines known before, else by land, else by what stands in the areas."""

    def misfit(each: AreaReading) -> tuple[float, float, int, bool]:
        points = each.places + each.offices
        return each.shifted or 0.0, each.uncovered_m2 or 0.0, -points, each.datum is not declared

    return min(readings, key=misfit).datum


def _against(readings: Sequence[AreaReading], declared: Datum) -> Said | None:
    """The best witness speaks first: outlines imported before, then places, then land, then street
    offices.
    """
    mine = next(each for each in readings if each.datum is declared)
    others = [each for each in readings if each.datum is not declared]
    said = (_shift_says, _places_say, _land_says, _offices_say)
    return next(
        (why for witness in said for other in others if (why := witness(mine, other))), None
    )


def _shift_says(mine: AreaReading, other: AreaReading) -> Said | None:
    if (
        mine.shifted is None
        or other.shifted is None
        or mine.shifted < max(_SHIFT_SHARE, _SHIFT_RATIO * other.shifted)
    ):
        return None
    return Said(
        "{share:.1%} of the outlines known before would differ; read as {other} {other_share:.1%}",
        share=mine.shifted,
        other=other.datum,
        other_share=other.shifted,
    )


def _places_say(mine: AreaReading, other: AreaReading) -> Said | None:
    if other.places - mine.places < max(_FEWEST_POINTS, _POINTS_SHARE * mine.places_of):
        return None
    return Said(
        "{inside:,} of {stated:,} places lie in the area that their row names; read as {other}"
        " {other_inside:,}",
        inside=mine.places,
        stated=mine.places_of,
        other=other.datum,
        other_inside=other.places,
    )


def _land_says(mine: AreaReading, other: AreaReading) -> Said | None:
    if mine.uncovered_m2 is None or other.uncovered_m2 is None:
        return None
    if mine.uncovered_m2 < max(_LAND_M2, _LAND_RATIO * other.uncovered_m2):
        return None
    return Said(
        "they leave {km2:.1f} km² of the city's land uncovered; read as {other} {other_km2:.1f}"
        " km²",
        km2=mine.uncovered_m2 / 1e6,
        other=other.datum,
        other_km2=other.uncovered_m2 / 1e6,
    )


def _offices_say(mine: AreaReading, other: AreaReading) -> Said | None:
    if other.offices - mine.offices < max(_FEWEST_POINTS, _POINTS_SHARE * mine.offices_of):
        return None
    return Said(
        "{inside} of {stated} street offices lie in the area that they belong to; read as {other}"
        " {other_inside}",
        inside=mine.offices,
        stated=mine.offices_of,
        other=other.datum,
        other_inside=other.offices,
    )
