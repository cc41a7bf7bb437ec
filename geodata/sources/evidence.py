"""Which datum these coordinates fit.

Counts what can be counted under each and shows it; chooses none by itself.

GCJ-02 read as WGS-84 puts a place some 600 m away, BD-09 some 1,200 m: too little to see on a map
of the city, and enough to lose a rider. Four things tell: how far places that are published already
would move, how far places named after a landmark lie from it, how many lie in the surveyed outline
of the district and street office that their row names, and how many on the city's land.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import Said
from geodata.sources.repairs import name_key
from geodata.sources.stated import Floats, Stated, nothing
from geodata.space.coordinates import Datum, geodesic_m, to_wgs84

#: A place named after a landmark lies within a walk of it, or is named after another one.
_LANDMARK_REACH_M: Final = 2_500.0
#: Fewer matches prove nothing.
_FEWEST: Final = 5
#: The landmarks' own points are good to a few hundred metres; the shift is 570 m.
_LANDMARK_MARGIN_M: Final = 150.0
_PUBLISHED_MARGIN_M: Final = 200.0
#: Points on land only under another datum, against those only under the declared one.
_FEWEST_STRAYS: Final = 10
_STRAY_RATIO: Final = 4
#: Rows name the areas that hold them, or they are of no use: a list from before a district was
#: founded says another there.
_STATED_SHARE: Final = 0.9
#: Stops on both sides of a road: 沙井电子城①.
_NUMBERED: Final = re.compile(r"[①-⑳]|\d+$")
_SUFFIX: Final = re.compile(r"地铁站$|公交站$|站$")


@dataclass(frozen=True, slots=True)
class DatumReading:
    """What the points look like when they are read under one datum."""

    datum: Datum
    points: int
    on_land: int
    landmarks: int
    """Places named after a landmark."""
    landmark_m: float | None
    """Their median distance from it."""
    published: int
    """Places of the same name in the version that is published."""
    published_m: float | None
    stated: int
    """Rows that name a district or street office whose outline somebody surveyed."""
    inside: int
    """Those of them that lie in it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All three readings, and what speaks against the declared one."""

    readings: tuple[DatumReading, ...]
    fits: Datum | None
    """The datum for which a witness spoke, against the declared one or for it.

    None where every witness is silent: the points look alike under all, or nobody knows them.
    """
    against: Said | None
    """Why the declared datum cannot be right, in a sentence.

    None where nothing speaks against it.
    """


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What is known of the city besides its places, in WGS-84."""

    land: BaseGeometry | None
    """Its outline; None where it follows from the places themselves, which then prove nothing."""
    landmarks: gpd.GeoDataFrame
    """name and points of what people steer by; may have no rows."""


def weigh(
    lon: Floats,
    lat: Floats,
    names: Sequence[str],
    declared: Datum | None,
    around: Surroundings,
    published: gpd.GeoDataFrame | None = None,
    stated: Stated | None = None,
) -> Evidence:
    """Read the points under each datum.

    `lon`, `lat` in degrees as they stand in the file, shape (n,).

    `around` is what the city knows, `published` the places table of the version before, `stated`
    what the rows say of where they are.
    """
    said = stated or nothing(len(lon))
    anchors = _anchors(names, _landmark_points(around.landmarks), _as_a_landmark)
    known = _anchors(names, _published_points(published), _as_it_is)
    read = {datum: to_wgs84(lon, lat, datum) for datum in Datum}
    land = {datum: _on_land(around.land, *read[datum]) for datum in Datum}
    inside = {datum: said.inside(*read[datum]) for datum in Datum}
    near = _near_some(read, anchors)
    readings = tuple(
        DatumReading(
            datum,
            len(lon),
            int(land[datum].sum()),
            int(near.sum()),
            _median_m(read[datum], anchors, near),
            int((known[0] >= 0).sum()),
            _median_m(read[datum], known, known[0] >= 0),
            int(said.asked.sum()),
            int(inside[datum].sum()),
        )
        for datum in Datum
    )
    objection = _against(readings, declared, inside, land) if declared else None
    if objection:
        return Evidence(readings, *objection)
    return Evidence(readings, _best(readings, inside, land), None)


def _on_land(land: BaseGeometry | None, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    if land is None:
        return np.ones(len(lon), dtype=bool)
    return np.asarray(shapely.contains_xy(land, lon, lat), dtype=bool)


_Anchors = tuple[NDArray[np.int64], Floats]
"""Of each place the position of its anchor (-1: none), and the anchors in degrees, shape (m, 2)."""
_LonLat = tuple[Floats, Floats]


def _landmark_points(table: gpd.GeoDataFrame) -> tuple[dict[str, int], Floats]:
    keys: dict[str, int] = {}
    for position, name in enumerate(table["name"]):
        keys.setdefault(name_key(_SUFFIX.sub("", name)), position)
        keys[name_key(name)] = position
    return keys, shapely.get_coordinates(table.geometry.to_numpy())


def _published_points(places: gpd.GeoDataFrame | None) -> tuple[dict[str, int], Floats]:
    """Published places whose name no other has."""
    if places is None or places.empty:
        return {}, np.empty((0, 2))
    keys = [name_key(name) for name in places["name"]]
    counted: dict[str, int] = {}
    for key in keys:
        counted[key] = counted.get(key, 0) + 1
    middles = places.geometry.representative_point()
    once = {key: at for at, key in enumerate(keys) if counted[key] == 1}
    return once, shapely.get_coordinates(middles.to_numpy())


def _anchors(
    names: Sequence[str], known: tuple[dict[str, int], Floats], ways: Callable[[str], Iterable[str]]
) -> _Anchors:
    """Of each name the anchor that is called so in the first of its ways."""
    keys, lonlat = known
    found = np.full(len(names), -1, np.int64)
    if keys:
        found[:] = [
            next((keys[key] for key in map(name_key, ways(name)) if key in keys), -1)
            for name in names
        ]
    return found, lonlat


def _as_it_is(name: str) -> Iterator[str]:
    """驿站2 is not 驿站: a published place is called by its whole name."""
    yield name


def _as_a_landmark(name: str) -> Iterator[str]:
    """A landmark is called by its name, by that of a stop at it, or by that of one of several."""
    stop = _NUMBERED.sub("", name)
    yield from (name, stop)
    stem = _SUFFIX.sub("", stop)
    if stem != stop:
        yield stem


def _near_some(read: Mapping[Datum, _LonLat], anchors: _Anchors) -> NDArray[np.bool_]:
    """Places within reach of their anchor under any datum."""
    has = anchors[0] >= 0
    near = np.zeros(len(has), dtype=bool)
    for lonlat in read.values():
        near[has] |= _away_m(lonlat, anchors, has) <= _LANDMARK_REACH_M
    return near


def _median_m(lonlat: _LonLat, anchors: _Anchors, chosen: NDArray[np.bool_]) -> float | None:
    return float(np.median(_away_m(lonlat, anchors, chosen))) if chosen.any() else None


def _away_m(lonlat: _LonLat, anchors: _Anchors, chosen: NDArray[np.bool_]) -> Floats:
    found, points = anchors
    there = points[found[chosen]]
    return geodesic_m(lonlat[0][chosen], lonlat[1][chosen], there[:, 0], there[:, 1])


_Masks = dict[Datum, NDArray[np.bool_]]


def _best(readings: Sequence[DatumReading], inside: _Masks, land: _Masks) -> Datum | None:
    """The datum for which the first witness that speaks does, against each of the others."""
    witnesses: tuple[Callable[[DatumReading, DatumReading], str | None], ...] = (
        _published_says,
        _landmarks_say,
        lambda other, mine: _rows_say(other, mine, inside),
        lambda other, mine: _land_says(other, mine, land),
    )
    spoken = (
        mine.datum
        for says in witnesses
        for mine in readings
        if all(says(other, mine) for other in readings if other is not mine)
    )
    return next(spoken, None)


def _against(
    readings: Sequence[DatumReading], declared: Datum, inside: _Masks, land: _Masks
) -> tuple[Datum, Said] | None:
    """Which datum speaks against the declared one, and how. The best witness speaks first."""
    mine = next(reading for reading in readings if reading.datum is declared)
    others = [reading for reading in readings if reading.datum is not declared]
    said = (
        *(
            (other, _published_says(mine, other))
            for other in sorted(others, key=lambda each: each.published_m or 0)
        ),
        *(
            (other, _landmarks_say(mine, other))
            for other in sorted(others, key=lambda each: each.landmark_m or 0)
        ),
        *(
            (other, _rows_say(mine, other, inside))
            for other in sorted(others, key=lambda each: -each.inside)
        ),
        *(
            (other, _land_says(mine, other, land))
            for other in sorted(others, key=lambda each: -each.on_land)
        ),
    )
    return next(((other.datum, why) for other, why in said if why), None)


def _published_says(mine: DatumReading, other: DatumReading) -> Said | None:
    if not _further(mine.published, mine.published_m, other.published_m, _PUBLISHED_MARGIN_M):
        return None
    return Said(
        "{count} places published before would have moved by {metres:.0f} m (median); read as"
        " {other} by {other_m:.0f} m",
        count=mine.published,
        metres=mine.published_m,
        other=other.datum,
        other_m=other.published_m,
    )


def _landmarks_say(mine: DatumReading, other: DatumReading) -> Said | None:
    if not _further(mine.landmarks, mine.landmark_m, other.landmark_m, _LANDMARK_MARGIN_M):
        return None
    return Said(
        "{count} places named after landmarks lie {metres:.0f} m from them (median); read as"
        " {other} {other_m:.0f} m",
        count=mine.landmarks,
        metres=mine.landmark_m,
        other=other.datum,
        other_m=other.landmark_m,
    )


def _rows_say(mine: DatumReading, other: DatumReading, inside: _Masks) -> Said | None:
    strays, gained = _strays(mine, other, inside)
    if strays < max(_FEWEST, _STRAY_RATIO * gained) or other.inside < _STATED_SHARE * other.stated:
        return None
    return Said(
        "{inside:,} of {stated:,} places lie in the district or street office that their row names;"
        " read as {other} {other_inside:,}",
        inside=mine.inside,
        stated=mine.stated,
        other=other.datum,
        other_inside=other.inside,
    )


def _land_says(mine: DatumReading, other: DatumReading, land: _Masks) -> Said | None:
    strays, gained = _strays(mine, other, land)
    if strays < max(_FEWEST_STRAYS, _STRAY_RATIO * gained):
        return None
    return Said(
        "{strays} places outside the city's land are on it read as {other}, {gained} the reverse",
        strays=strays,
        other=other.datum,
        gained=gained,
    )


def _strays(mine: DatumReading, other: DatumReading, held: _Masks) -> tuple[int, int]:
    """Points that are held under the other datum only, and under mine only."""
    theirs, ours = held[other.datum], held[mine.datum]
    return int((theirs & ~ours).sum()), int((ours & ~theirs).sum())


def _further(count: int, mine_m: float | None, other_m: float | None, margin_m: float) -> bool:
    if count < _FEWEST or mine_m is None or other_m is None:
        return False
    return mine_m > other_m + margin_m and mine_m > 1.5 * other_m
