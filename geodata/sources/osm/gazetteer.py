"""What people steer by, out of an extract: stations, malls, villages, hospitals, universities,
bridges, roads, junctions of roads, suburbs. Names as they stand; none is made up.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.extract import reading
from geodata.extract.entities import OsmArea, OsmEntity, OsmNode, OsmWay, Tags
from geodata.sources.osm.junctions import Junctions

_KEYS: Final = (
    "railway",
    "public_transport",
    "station",
    "shop",
    "place",
    "amenity",
    "healthcare",
    "bridge",
    "man_made",
    "aeroway",
    "leisure",
)
#: Sort of landmark -> tags that make one, the first that fits.
#: wiki.openstreetmap.org/wiki/Map_features, read 2026-11-30.
_SORTS: Final[tuple[tuple[str, str, frozenset[str]], ...]] = (
    ("metro", "station", frozenset({"subway", "light_rail"})),
    ("station", "railway", frozenset({"station", "halt"})),
    ("station", "amenity", frozenset({"bus_station", "ferry_terminal"})),
    ("station", "aeroway", frozenset({"aerodrome"})),
    ("mall", "shop", frozenset({"mall", "department_store"})),
    ("market", "amenity", frozenset({"marketplace"})),
    ("hospital", "amenity", frozenset({"hospital"})),
    ("campus", "amenity", frozenset({"university", "college"})),
    ("park", "leisure", frozenset({"park"})),
    ("village", "place", frozenset({"village", "hamlet"})),
    ("suburb", "place", frozenset({"suburb", "quarter", "neighbourhood", "town", "borough"})),
    ("bridge", "man_made", frozenset({"bridge"})),
)
_BRIDGE: Final = "bridge"
_ROAD: Final = "road"
_JUNCTION: Final = "junction"
#: Of the same name and sort this near is the same: a station has a node, a building, platforms.
_SAME_M: Final = 1_000.0
_M_A_DEGREE: Final = 111_320.0
#: Roads without a name people use.
_NO_ROADS: Final = frozenset({"proposed", "construction", "abandoned", "razed", "platform"})


class OsmLandmark(NamedTuple):
    """One of them, at a WGS-84 point of it."""

    name: str
    name_en: str
    kind: str
    """metro, station, mall, market, hospital, campus, park, village, suburb, bridge, road or
    junction.
    """
    lon: float
    lat: float

    def as_landmark(self) -> Mapping[str, Any]:
        """As a version's landmarks.json has it."""
        return self._asdict()


def landmarks_of(
    extract: Path,
    outline: BaseGeometry | None = None,
    progress: reading.Progress = lambda _: None,
) -> list[OsmLandmark]:
    """The landmarks within an outline (None: all), by kind, name and place; junctions last, the
    most important first.

    A road is one landmark, at the middle of its longest piece there. Raises UnreadableFile.
    """
    wanted = reading.Keys(nodes=_KEYS, ways=("highway",), areas=_KEYS)
    found: list[OsmLandmark] = []
    roads: dict[str, tuple[float, OsmLandmark]] = {}
    junctions = Junctions()
    for entity in reading.entities(extract, wanted, progress):
        tags = entity.tags
        if "name" not in tags:
            continue
        if isinstance(entity, OsmWay):
            _keep_longest(roads, entity, outline)
            junctions.add(entity)
            if tags.get("bridge:name") and (spot := spot_of(entity)) is not None:
                found.append(OsmLandmark(tags["bridge:name"], "", _BRIDGE, *spot))
            continue
        sort = _sort(tags)
        spot = spot_of(entity) if sort else None
        if sort and spot is not None and _is_in(outline, spot):
            found.append(OsmLandmark(tags["name"], english(tags), sort, *spot))
    crossings = (
        OsmLandmark(one.name, one.name_en, _JUNCTION, one.lon, one.lat)
        for one in junctions.found()
        if _is_in(outline, (one.lon, one.lat))
    )
    named = sorted(roads.values(), key=lambda one: one[1])
    return [*_once(found), *(each for _, each in named), *crossings]


def english(tags: Tags) -> str:
    """The English name, or an empty text."""
    return tags.get("name:en") or tags.get("int_name") or ""


def spot_of(entity: OsmEntity) -> tuple[float, float] | None:
    """A WGS-84 point of a node, way or area that is certainly on or in it; None: it has none."""
    if isinstance(entity, OsmNode):
        return entity.lon, entity.lat
    if isinstance(entity, OsmWay):
        lonlat = entity.lonlat
        return _half_way(lonlat[~np.isnan(lonlat[:, 0])])
    if isinstance(entity, OsmArea) and entity.shape is not None and not entity.shape.is_empty:
        inside = shapely.point_on_surface(entity.shape)
        return inside.x, inside.y
    return None


def _half_way(lonlat: NDArray[np.float64]) -> tuple[float, float] | None:
    if len(lonlat) < 2:  # a line has two ends
        return (float(lonlat[0, 0]), float(lonlat[0, 1])) if len(lonlat) else None
    middle = shapely.LineString(lonlat).interpolate(0.5, normalized=True)
    return middle.x, middle.y


def _sort(tags: Tags) -> str | None:
    return next((sort for sort, key, values in _SORTS if tags.get(key) in values), None)


def _is_in(outline: BaseGeometry | None, spot: tuple[float, float]) -> bool:
    return outline is None or bool(shapely.intersects_xy(outline, *spot))


def _keep_longest(
    roads: dict[str, tuple[float, OsmLandmark]], way: OsmWay, outline: BaseGeometry | None
) -> None:
    if way.tags.get("highway") in _NO_ROADS or "area" in way.tags:
        return
    spot = spot_of(way)
    if spot is None or not _is_in(outline, spot):
        return
    name, length = way.tags["name"], _length(way.lonlat)
    if name not in roads or roads[name][0] < length:
        roads[name] = length, OsmLandmark(name, english(way.tags), _ROAD, *spot)


def _length(lonlat: NDArray[np.float64]) -> float:
    """In degrees as long as those of latitude."""
    steps = np.diff(lonlat[~np.isnan(lonlat[:, 0])], axis=0)
    if not len(steps):
        return 0.0
    steps[:, 0] *= np.cos(np.radians(lonlat[0, 1])) if np.isfinite(lonlat[0, 1]) else 1.0
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


def _once(found: Sequence[OsmLandmark]) -> Iterable[OsmLandmark]:
    """Without those that stand near another of their name and sort."""
    kept: dict[tuple[str, str], list[OsmLandmark]] = {}
    for each in sorted(found, key=lambda one: (one.kind, one.name, not one.name_en, one.lon)):
        same = kept.setdefault((each.kind, each.name), [])
        if all(_metres(each, other) > _SAME_M for other in same):
            same.append(each)
    return [each for same in kept.values() for each in same]


def _metres(one: OsmLandmark, other: OsmLandmark) -> float:
    """Good to a percent, near enough to tell doubles."""
    east = (one.lon - other.lon) * np.cos(np.radians(one.lat))
    return float(np.hypot(east, one.lat - other.lat)) * _M_A_DEGREE
