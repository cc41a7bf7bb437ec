"""The outlines of a version: the city, its street offices, districts, zones.

Imported ones where there are any, else drawn; else what the places themselves cover.

Frames in, frames out. What is not imported is drawn to fit what is: cells of street offices fill
their district, and give way to imported outlines. A city whose street offices nobody listed has the
areas that were imported, and no others.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geodata.city import CityAbout, MetricGrid, own_grid
from geodata.places import areas
from geodata.sources.areas.names import AreaNames, Level
from geodata.space.coordinates import WGS84, geodesic_m

#: What is left of a drawn cell beside an imported outline and is smaller than a block is no land of
#: its own.
_LEAST_LEFT_M2: Final = 10_000.0
#: What is kept of an imported area besides its name, and told again when others are imported.
_TOLD: Final = {
    "street": ("code", "district", "name_en", "also"),
    "district": ("name_en", "also"),
}
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


#: A city of which no outline is known reaches so far about its places.
AROUND_M: Final = 5_000.0
#: A place further from the middle of all than so many times the median, and than so far, tells
#: nothing of where the city is: its degrees are wrong, as a rule.
_STRAY_TIMES, _STRAY_M = 10.0, 200_000.0

_STREET_COLUMNS: Final = (
    "code", "district", "street", "name_en", "confidence", "approximate", "district_en",
)  # fmt: skip
_DISTRICT_COLUMNS: Final = ("district", "approximate", "name_en")
_ZONE_COLUMNS: Final = ("code", "zone", "district", "name_en", "approximate")
_OFFICE_COLUMNS: Final = ("code", "district", "street", "name_en", "confidence", "district_en")
_LANDMARK_COLUMNS: Final = ("name", "name_en", "kind")


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """A city and its areas in WGS-84, as a version publishes them.

    Corners have at most 7 decimals (1 cm): files are lean, and the same whatever the last bits of
    a projection are.
    """

    city: CityAbout
    land: BaseGeometry
    """The city's own outline, without a margin."""
    offices: gpd.GeoDataFrame
    """All street offices as points: code, district, street, name_en, confidence, district_en.

    No rows where nobody listed them: then those that were imported are all there are.
    """
    landmarks: gpd.GeoDataFrame
    """What people steer by: name, name_en, kind, points; any number of rows."""
    streets: gpd.GeoDataFrame
    """code, district, street, name_en, confidence, approximate, district_en, polygons; in code
    order. `also`, where it is, has other names.
    """
    districts: gpd.GeoDataFrame
    """district, approximate, name_en, polygons; `also` as of street offices."""
    zones: gpd.GeoDataFrame
    """code, zone, district, name_en, approximate, polygons; any number of rows, sorted by code."""
    credit: str = ""
    """Where the imported ones come from."""

    def __post_init__(self) -> None:
        for name in ("streets", "districts", "zones"):
            object.__setattr__(self, name, _rounded(getattr(self, name)))
        object.__setattr__(self, "land", areas.rounded(self.land))

    @property
    def imported(self) -> bool:
        """Whether any of them was surveyed by somebody, not drawn by us."""
        return any(
            not frame["approximate"].all() for frame in (self.streets, self.districts, self.zones)
        )

    @property
    def of_places(self) -> bool:
        """Whether nothing is known of the city but where its places are."""
        return self.offices.empty and self.streets.empty and self.districts.empty

    @property
    def names(self) -> AreaNames:
        """What its areas are called, and how people write that."""
        closed = () if self.offices.empty else (Level.DISTRICT, Level.STREET)
        called = (self.city.name, self.city.name_en)
        return AreaNames.of(called, self.districts, self.streets, closed)

    def at(self, lon: ArrayLike, lat: ArrayLike) -> dict[str, NDArray[np.object_]]:
        """What lies at WGS-84 points, shape (n,): their "district" and "street", each (n,), None
        where there is none.
        """
        street = areas.locate(lon, lat, self.streets, self.city.grid)
        district = areas.locate(lon, lat, self.districts, self.city.grid)
        named = {
            "street": _texts(self.streets["street"])[street],
            "district": _texts(self.streets["district"])[street],
        }
        bare = street == areas.NOWHERE
        named["district"][bare] = _texts(self.districts["district"])[district[bare]]
        return named


def drawn_from(
    city: CityAbout, land: BaseGeometry, offices: gpd.GeoDataFrame, landmarks: gpd.GeoDataFrame
) -> Outlines:
    """All areas drawn from the points of the street offices within the city's outline."""
    base = Outlines(city, land, offices, landmarks, no_streets(), no_districts(), no_zones())
    return _outlines(base, _no_areas(), _no_areas())


def listed(
    city: CityAbout,
    land: BaseGeometry,
    districts: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    landmarks: gpd.GeoDataFrame,
    credit: str,
) -> Outlines:
    """A city in outlines that somebody made a list of, in the columns of Outlines; there may be no
    street office.
    """
    sized = msgspec.structs.replace(city, grid=own_grid(*land.bounds))
    offices = streets if len(streets) else no_streets()
    return Outlines(sized, land, no_offices(), landmarks, offices, districts, no_zones(), credit)


def around(city: CityAbout, lonlat: NDArray[np.float64]) -> Outlines:
    """A city of which only its places are known: WGS-84 degrees, shape (n, 2).

    Its outline is their hull and `AROUND_M` about it; there must be one.
    """
    sized = msgspec.structs.replace(
        city, grid=own_grid(*lonlat.min(axis=0).tolist(), *lonlat.max(axis=0).tolist())
    )
    points: BaseGeometry = shapely.MultiPoint(lonlat)
    hull = areas.to_metric(points.convex_hull, sized.grid)
    land = areas.to_degrees(shapely.simplify(hull.buffer(AROUND_M), AREA_DETAIL_M), sized.grid)
    empty = (no_streets(), no_districts(), no_zones())
    return Outlines(sized, land, no_offices(), no_landmarks(), *empty)


def without_strays(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """WGS-84 points, shape (n, 2), without those that are far from all others."""
    middle = np.median(lonlat, axis=0)
    away_m = geodesic_m(lonlat[:, 0], lonlat[:, 1], middle[0], middle[1])
    return lonlat[away_m <= max(_STRAY_TIMES * float(np.median(away_m)), _STRAY_M)]


def with_imported(known: Outlines, imported: gpd.GeoDataFrame, credit: str = "") -> Outlines:
    """`known` with the areas of a layer (name, level, polygons in WGS-84, and what `shaped` tells
    besides) in place of those of their names.

    Zones are replaced as a whole: nobody else's stand beside a new layer's. A city whose street
    offices nobody listed grows by areas of new names, and its outline with them.
    """
    levels = surveyed(known)
    for level, before in levels.items():
        mine = gpd.GeoDataFrame(imported[imported["level"] == level]).drop(
            columns=["level", "row"], errors="ignore"
        )
        stays = before[~before["name"].isin(mine["name"])]
        levels[level] = gpd.GeoDataFrame(pd.concat([stays, mine], ignore_index=True))
    zones = imported[imported["level"] == Level.ZONE]
    credits_of = dict.fromkeys(filter(None, (*known.credit.split("; "), credit)))
    base = known if known.offices.size else _grown(known, levels)
    made = _outlines(base, levels[Level.DISTRICT], levels[Level.STREET])
    return replace(
        made, zones=made.zones if zones.empty else _zones(zones, made), credit="; ".join(credits_of)
    )


def _grown(known: Outlines, levels: dict[Level, gpd.GeoDataFrame]) -> Outlines:
    """The city in the outline of its areas, and on a grid of its own."""
    shapes = [shape for frame in levels.values() for shape in frame.geometry]
    if not shapes:
        return known
    land = shapely.union_all([*shapes, *(() if known.of_places else (known.land,))])
    return replace(
        known,
        land=land,
        city=msgspec.structs.replace(known.city, grid=own_grid(*land.bounds)),
    )


def surveyed(outlines: Outlines) -> dict[Level, gpd.GeoDataFrame]:
    """The imported districts and street offices: name, polygons, and what was told of each."""
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
    if outlines.offices.empty:  # whatever is known of them stands there already
        return _coarse(outlines.streets, outlines.city.grid)
    levels = surveyed(outlines)
    coarse = {level: _coarse(frame, outlines.city.grid) for level, frame in levels.items()}
    return _outlines(outlines, coarse[Level.DISTRICT], coarse[Level.STREET]).streets


def service_area(outlines: Outlines) -> BaseGeometry:
    """Where questions are answered: the city's outline, and what imported districts hold besides,
    with its margin.
    """
    grid = outlines.city.grid
    city = _with_margin(areas.to_metric(outlines.land, grid))
    if outlines.districts["approximate"].all():
        return areas.rounded(areas.to_degrees(city, grid))
    imported = shapely.union_all(_surveyed(outlines.districts, "district").geometry)
    grown = shapely.union(city, _with_margin(areas.to_metric(imported, grid)))
    return areas.rounded(areas.to_degrees(grown, grid))


def _with_margin(ground_m: BaseGeometry) -> BaseGeometry:
    """Of corners in whole millimetres: round joins are symmetric, and which of their corners
    `simplify` keeps would else hang on the last bits of a projection.
    """
    whole_mm = shapely.transform(ground_m, lambda xy_m: xy_m.round(3))
    return shapely.simplify(whole_mm.buffer(AREA_MARGIN_M), AREA_DETAIL_M)


def _outlines(base: Outlines, districts: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> Outlines:
    """`base` with the imported districts and street offices (name, polygons), either of which may
    be none, in place of all of its own.
    """
    if base.offices.empty:
        return _as_imported(base, districts, streets)
    drawn_streets = _rounded(_streets(base, districts, streets))
    english = base.offices.drop_duplicates("district").set_index("district")["district_en"]
    drawn_streets["district_en"] = drawn_streets["district"].map(english)
    merged = _placed(areas.dissolve_districts(drawn_streets), "district", districts)
    merged["name_en"] = merged["district"].map(english)
    return replace(base, streets=drawn_streets, districts=merged)


def _as_imported(
    base: Outlines, districts: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> Outlines:
    """The imported areas alone; a district of which only street offices are known is those.

    Street offices without a district above them stand under the city itself, as towns do in some.
    """
    grid = base.city.grid
    inside = streets.geometry.representative_point()
    whole = districts.drop(columns="district", errors="ignore").rename(columns={"name": "district"})
    found = areas.locate(inside.x, inside.y, whole, grid, reach_m=0.0)
    lies_in = _texts(whole["district"])[found]
    said = _told(streets, "district")
    named = [text or place or base.city.name for text, place in zip(said, lies_in, strict=True)]
    english = dict(zip(whole["district"], _told(whole, "name_en"), strict=True))
    english.setdefault(base.city.name, base.city.name_en)
    codes = [
        code or _code(name)
        for code, name in zip(_told(streets, "code"), streets["name"], strict=True)
    ]
    columns = {
        "code": codes,
        "district": named,
        "street": streets["name"].to_numpy(object),
        "name_en": _told(streets, "name_en"),
        "confidence": "surveyed",
        "approximate": np.zeros(len(streets), dtype=bool),
        "district_en": [english.get(name, "") for name in named],
        **_also(streets),
    }
    made = gpd.GeoDataFrame(columns, geometry=streets.geometry.to_numpy(), crs=WGS84)
    made = gpd.GeoDataFrame(made.sort_values("code", kind="stable", ignore_index=True))
    rows = gpd.GeoDataFrame(
        {
            "district": whole["district"].to_numpy(object),
            "approximate": np.zeros(len(whole), dtype=bool),
            "name_en": _told(whole, "name_en"),
            **_also(whole),
        },
        geometry=whole.geometry.to_numpy(),
        crs=WGS84,
    )
    others = made[~made["district"].isin(rows["district"])]
    if len(others):
        merged = areas.dissolve_districts(gpd.GeoDataFrame(others))
        merged["name_en"] = [english.get(name, "") for name in merged["district"]]
        rows = gpd.GeoDataFrame(pd.concat([rows, merged], ignore_index=True), crs=WGS84)
    return replace(
        base,
        streets=made if len(made) else no_streets(),
        districts=rows if len(rows) else no_districts(),
    )


def _told(frame: gpd.GeoDataFrame, column: str) -> list[str]:
    """What a layer says of each area, "" where it does not."""
    if column not in frame:
        return [""] * len(frame)
    return [text if isinstance(text, str) else "" for text in frame[column]]


def _also(frame: gpd.GeoDataFrame) -> dict[str, list[str]]:
    said = _told(frame, "also")
    return {"also": said} if any(said) else {}


def _texts(column: "pd.Series[str]") -> NDArray[np.object_]:
    """The names of areas, and None behind them, for NOWHERE."""
    return np.array([*column, None], dtype=object)


def _rounded(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(areas.rounded(frame.geometry.to_numpy()), crs=WGS84)


def _streets(
    base: Outlines, districts: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    cells = _cells(base)
    if districts.empty and streets.empty:
        return cells
    fitted = cells.geometry.to_numpy().copy()
    taken = shapely.union_all([*districts.geometry, *streets.geometry])
    ground = dict(zip(districts["name"], districts.geometry, strict=True))
    for district, rows in cells.groupby("district", sort=False):
        bare = rows.index[~rows["street"].isin(streets["name"])]
        if district in ground:
            left = shapely.difference(ground[district], shapely.union_all(streets.geometry))
            fitted[bare] = _divided(base, bare, left)
        else:
            fitted[bare] = [
                _without_scraps(shapely.difference(fitted[at], taken), base.city.grid)
                for at in bare
            ]
    return _placed(cells.set_geometry(fitted, crs=WGS84), "street", streets)


def _divided(base: Outlines, bare: "pd.Index[int]", ground: BaseGeometry) -> Iterable[BaseGeometry]:
    """The ground of a district among the street offices of it that have no imported outline."""
    if len(bare) < 2:
        return [ground] * len(bare)
    points = gpd.GeoDataFrame(base.offices.iloc[bare])
    return areas.approximate_areas(points, ground, base.city.grid).geometry.to_numpy()


def _without_scraps(cell: BaseGeometry, grid: MetricGrid) -> BaseGeometry:
    parts = shapely.get_parts(cell)
    large = parts[shapely.area(areas.to_metric(parts, grid)) >= _LEAST_LEFT_M2]
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
    told = [name for name in (column, *_TOLD[column]) if name in frame]
    rows = frame.loc[~frame["approximate"].to_numpy(bool), [*told, "geometry"]]
    return gpd.GeoDataFrame(rows.rename(columns={column: "name"}).reset_index(drop=True))


def _coarse(surveyed: gpd.GeoDataFrame, grid: MetricGrid) -> gpd.GeoDataFrame:
    """Simplified together (Visvalingam–Whyatt over the shared edges), so that neighbours still
    meet.
    """
    if surveyed.empty:
        return surveyed
    shapes = shapely.coverage_simplify(
        areas.to_metric(surveyed.geometry.to_numpy(), grid), DRAWN_DETAIL_M
    )
    return surveyed.set_geometry(areas.to_degrees(shapely.make_valid(shapes), grid), crs=WGS84)


def _cells(base: Outlines) -> gpd.GeoDataFrame:
    """The cells of all street offices' points, a copy."""
    points = shapely.to_wkb(base.offices.geometry.to_numpy())
    cells = _cells_once(tuple(points), shapely.to_wkb(base.land), base.city.grid)
    drawn = base.offices.reset_index(drop=True).set_geometry(cells.copy(), crs=WGS84)
    return drawn.drop(columns="district_en").assign(approximate=True)


@lru_cache(4)
def _cells_once(points: tuple[bytes, ...], land: bytes, grid: MetricGrid) -> NDArray[np.object_]:
    sites = gpd.GeoDataFrame(geometry=shapely.from_wkb(np.array(points, object)), crs=WGS84)
    cells = areas.approximate_areas(sites, shapely.from_wkb(land), grid)
    return cells.geometry.to_numpy()


def _zones(rows: gpd.GeoDataFrame, known: Outlines) -> gpd.GeoDataFrame:
    """Zones with the district that a point of each lies in, and a code that a URL can hold."""
    inside = rows.geometry.representative_point()
    at = areas.locate(inside.x, inside.y, known.districts, known.city.grid)
    districts = _texts(known.districts["district"])
    columns = {
        "code": [_code(name) for name in rows["name"]], "zone": rows["name"].to_numpy(),
        "district": districts[at], "name_en": None, "approximate": False,
    }  # fmt: skip
    named = gpd.GeoDataFrame(columns, geometry=rows.geometry.to_numpy(), crs=WGS84)
    return gpd.GeoDataFrame(named.sort_values("code", ignore_index=True))


def _code(name: str) -> str:
    """The name, or the beginning of its SHA-256 where a URL cannot hold it."""
    return name if _URL_SAFE.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()[:10]


def _no_areas() -> gpd.GeoDataFrame:
    return _empty(("name",))


def _empty(columns: Sequence[str]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        dict.fromkeys(columns, np.array([], dtype=object)),
        geometry=np.array([], dtype=object),
        crs=WGS84,
    )
    return frame.astype({"approximate": bool}) if "approximate" in columns else frame


def no_streets() -> gpd.GeoDataFrame:
    """Street offices of a city of which none is known."""
    return _empty(_STREET_COLUMNS)


def no_districts() -> gpd.GeoDataFrame:
    """Districts of a city of which none is known."""
    return _empty(_DISTRICT_COLUMNS)


def no_zones() -> gpd.GeoDataFrame:
    """Zones of a city that has none."""
    return _empty(_ZONE_COLUMNS)


def no_offices() -> gpd.GeoDataFrame:
    """Street offices as points where nobody listed them."""
    return _empty(_OFFICE_COLUMNS)


def no_landmarks() -> gpd.GeoDataFrame:
    """Landmarks of a city of which none is known."""
    return _empty(_LANDMARK_COLUMNS)
