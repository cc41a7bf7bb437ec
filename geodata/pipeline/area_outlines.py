"""The outlines of a version: street offices, districts, zones.

Imported ones where there are any, else drawn.

Frames in, frames out. What is not imported is drawn to fit what is: cells of street offices fill
their district, and give way to imported outlines.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.places import areas
from geodata.sources import facts
from geodata.sources.areas.names import Level
from geodata.space.coordinates import WGS84

#: What is left of a drawn cell beside an imported outline and is smaller than a block is no land of
#: its own.
_LEAST_LEFT_M2: Final = 10_000.0
_URL_SAFE: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
#: Maps without tiles draw outlines this coarse (the square root of the smallest triangle kept): 9 m
#: off on average.
DRAWN_DETAIL_M: Final = 150.0
#: A question this far outside the outline is still answered: the outline is coarse, and shores have
#: piers.
AREA_MARGIN_M: Final = 1_000.0
#: Every question is tested against the area, edge by edge: round corners of the margin are not
#: worth a thousand edges.
AREA_DETAIL_M: Final = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Areas in WGS-84, as a version publishes them.

    Corners have at most 7 decimals (1 cm): files are lean, and the same whatever the last bits of
    a projection are.
    """

    streets: gpd.GeoDataFrame
    """code, district, street, name_en, confidence, approximate, district_en, polygons.

    74 rows in code order.
    """
    districts: gpd.GeoDataFrame
    """district, approximate, name_en, polygons; ten rows."""
    zones: gpd.GeoDataFrame
    """code, zone, district, name_en, approximate, polygons; any number of rows, sorted by code."""
    credit: str = ""
    """Where the imported ones come from."""

    def __post_init__(self) -> None:
        for name in ("streets", "districts", "zones"):
            object.__setattr__(self, name, _rounded(getattr(self, name)))

    @property
    def imported(self) -> bool:
        """Whether any of them was surveyed by somebody, not drawn by us."""
        return any(
            not frame["approximate"].all() for frame in (self.streets, self.districts, self.zones)
        )


def approximate() -> Outlines:
    """All of them drawn from the street offices' points."""
    return _outlines(_no_areas(), _no_areas(), _no_zones())


def with_imported(known: Outlines, imported: gpd.GeoDataFrame, credit: str = "") -> Outlines:
    """`known` with the areas of a layer (name, level, polygons in WGS-84) in place of those of
    their names.

    Zones are replaced as a whole: nobody else's stand beside a new layer's.
    """
    levels = surveyed(known)
    for level, before in levels.items():
        mine = gpd.GeoDataFrame(imported.loc[imported["level"] == level, ["name", "geometry"]])
        stays = before[~before["name"].isin(mine["name"])]
        levels[level] = gpd.GeoDataFrame(pd.concat([stays, mine], ignore_index=True))
    zones = imported[imported["level"] == Level.ZONE]
    credits_of = dict.fromkeys(filter(None, (*known.credit.split("; "), credit)))
    made = _outlines(levels[Level.DISTRICT], levels[Level.STREET], known.zones)
    return replace(
        made, zones=made.zones if zones.empty else _zones(zones, made), credit="; ".join(credits_of)
    )


def surveyed(outlines: Outlines) -> dict[Level, gpd.GeoDataFrame]:
    """The imported districts and street offices (name, polygons)."""
    return {
        Level.DISTRICT: _surveyed(outlines.districts, "district"),
        Level.STREET: _surveyed(outlines.streets, "street"),
    }


def drawn(outlines: Outlines) -> gpd.GeoDataFrame:
    """The street offices as a map without tiles draws them: imported borders simplified, alike on
    both sides.
    """
    if not outlines.imported:
        return outlines.streets
    levels = surveyed(outlines)
    return _outlines(
        _coarse(levels[Level.DISTRICT]), _coarse(levels[Level.STREET]), outlines.zones
    ).streets


def service_area(outlines: Outlines | None = None) -> BaseGeometry:
    """Where questions are answered: the city's outline, and what imported districts hold besides,
    with its margin.
    """
    city = _with_margin(areas.to_metric(facts.outline()))
    if outlines is None or outlines.districts["approximate"].all():
        return areas.rounded(areas.to_degrees(city))
    imported = shapely.union_all(_surveyed(outlines.districts, "district").geometry)
    grown = shapely.union(city, _with_margin(areas.to_metric(imported)))
    return areas.rounded(areas.to_degrees(grown))


def _with_margin(ground_m: BaseGeometry) -> BaseGeometry:
    """Of corners in whole millimetres: round joins are symmetric, and which of their corners
    `simplify` keeps would else hang on the last bits of a projection.
    """
    whole_mm = shapely.transform(ground_m, lambda xy_m: xy_m.round(3))
    return shapely.simplify(whole_mm.buffer(AREA_MARGIN_M), AREA_DETAIL_M)


def _outlines(
    districts: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, zones: gpd.GeoDataFrame
) -> Outlines:
    """From the imported districts and street offices (name, polygons), either of which
    may be none.
    """
    drawn_streets = _rounded(_streets(districts, streets))
    english = facts.districts().set_index("name")["name_en"]
    drawn_streets["district_en"] = drawn_streets["district"].map(english)
    merged = _placed(areas.dissolve_districts(drawn_streets), "district", districts)
    merged["name_en"] = merged["district"].map(english)
    return Outlines(drawn_streets, merged, zones)


def _rounded(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(areas.rounded(frame.geometry.to_numpy()), crs=WGS84)


def _streets(districts: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    cells = _cells()
    if districts.empty and streets.empty:
        return cells
    fitted = cells.geometry.to_numpy().copy()
    taken = shapely.union_all([*districts.geometry, *streets.geometry])
    ground = dict(zip(districts["name"], districts.geometry, strict=True))
    for district, rows in cells.groupby("district", sort=False):
        bare = rows.index[~rows["street"].isin(streets["name"])]
        if district in ground:
            fitted[bare] = _divided(
                bare, shapely.difference(ground[district], shapely.union_all(streets.geometry))
            )
        else:
            fitted[bare] = [_without_scraps(shapely.difference(fitted[at], taken)) for at in bare]
    return _placed(cells.set_geometry(fitted, crs=WGS84), "street", streets)


def _divided(bare: "pd.Index[int]", ground: BaseGeometry) -> Iterable[BaseGeometry]:
    """The ground of a district among the street offices of it that have no imported outline."""
    if len(bare) < 2:
        return [ground] * len(bare)
    points = gpd.GeoDataFrame(facts.streets().iloc[bare])
    return areas.approximate_areas(points, ground).geometry.to_numpy()


def _without_scraps(cell: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(cell)
    large = parts[shapely.area(areas.to_metric(parts)) >= _LEAST_LEFT_M2]
    return shapely.union_all(large) if len(large) else shapely.Polygon()


def _placed(frame: gpd.GeoDataFrame, column: str, imported: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Imported polygons in place of those of their name."""
    position = {name: at for at, name in enumerate(frame[column])}
    rows = [position[name] for name in imported["name"]]
    shapes, approximate = (
        frame.geometry.to_numpy().copy(),
        frame["approximate"].to_numpy(bool).copy(),
    )
    shapes[rows], approximate[rows] = imported.geometry.to_numpy(), False
    return frame.set_geometry(shapes, crs=WGS84).assign(approximate=approximate)


def _surveyed(frame: gpd.GeoDataFrame, column: str) -> gpd.GeoDataFrame:
    rows = frame.loc[~frame["approximate"].to_numpy(bool), [column, "geometry"]]
    return gpd.GeoDataFrame(rows.rename(columns={column: "name"}).reset_index(drop=True))


def _coarse(surveyed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Simplified together (Visvalingam–Whyatt over the shared edges), so that neighbours still
    meet.
    """
    if surveyed.empty:
        return surveyed
    shapes = shapely.coverage_simplify(
        areas.to_metric(surveyed.geometry.to_numpy()), DRAWN_DETAIL_M
    )
    return surveyed.set_geometry(areas.to_degrees(shapely.make_valid(shapes)), crs=WGS84)


@cache
def _cells_once() -> gpd.GeoDataFrame:
    return areas.approximate_areas(facts.streets(), facts.outline())


def _cells() -> gpd.GeoDataFrame:
    """The cells of all street offices' points, a copy."""
    return _cells_once().copy()


def _zones(rows: gpd.GeoDataFrame, known: Outlines) -> gpd.GeoDataFrame:
    """Zones with the district that a point of each lies in, and a code that a URL can hold."""
    inside = rows.geometry.representative_point()
    at = areas.locate(inside.x, inside.y, known.districts)
    districts = [*known.districts["district"], None]  # the last is that of NOWHERE
    columns = {
        "code": [_code(name) for name in rows["name"]], "zone": rows["name"].to_numpy(),
        "district": [districts[position] for position in at], "name_en": None, "approximate": False,
    }  # fmt: skip
    named = gpd.GeoDataFrame(columns, geometry=rows.geometry.to_numpy(), crs=WGS84)
    return gpd.GeoDataFrame(named.sort_values("code", ignore_index=True))


def _code(name: str) -> str:
    """The name, or the beginning of its SHA-256 where a URL cannot hold it."""
    return name if _URL_SAFE.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()[:10]


def _no_areas() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": np.array([], dtype=str)}, geometry=np.array([], dtype=object), crs=WGS84
    )


def _no_zones() -> gpd.GeoDataFrame:
    columns = ("code", "zone", "district", "name_en", "approximate")
    return gpd.GeoDataFrame(
        dict.fromkeys(columns, np.array([], dtype=object)), geometry=[], crs=WGS84
    )


def restored(
    streets: gpd.GeoDataFrame | None,
    districts: gpd.GeoDataFrame | None,
    zones: gpd.GeoDataFrame | None,
    credit: str,
) -> Outlines:
    """Outlines as they were stored; None: none were."""
    known = approximate()
    return Outlines(
        known.streets if streets is None else streets,
        known.districts if districts is None else districts,
        known.zones if zones is None else zones,
        credit,
    )
