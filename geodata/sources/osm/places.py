"""Public places out of an extract, as a table that the pipeline can freeze as a layer of its own.

Nothing is made up: a place without a name is labelled by what it is and where it stands, and what
tags do not say stays unknown.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import Said
from geodata.extract import reading
from geodata.extract.entities import OsmArea, OsmEntity, OsmNode, OsmRelation, OsmWay, Tags
from geodata.hours.table import compile_hours
from geodata.hours.timeline import hour_bits
from geodata.places.table import validate
from geodata.sources.osm import tags as meanings
from geodata.sources.osm.details import details, private
from geodata.sources.osm.gazetteer import OsmLandmark, english, landmarks_of, spot_of
from geodata.sources.osm.outlines import OsmCity
from geodata.space.coordinates import WGS84, Datum
from geodata.vocabulary import (
    OSM_LAYER,
    PLACE_TYPE_ENGLISH,
    PLACE_TYPE_WORDS,
    Kind,
    PlaceType,
    Position,
)

#: The source of such places, and its licence.
OSM_SOURCE: Final = "© OpenStreetMap contributors"
OSM_LICENCE: Final = "ODbL-1.0"

_WANTED: Final = reading.Keys(
    nodes=(*meanings.DECIDING, *meanings.NAMED_KEYS, *meanings.GONE_KEYS),
    ways=("name", *meanings.DECIDING),
    areas=(*meanings.DECIDING, "name", *meanings.GONE_KEYS),
    relations=(*meanings.DECIDING, *meanings.GONE_KEYS),
)
#: Local hours of which one must be open for a place to be open at night.
_NIGHT_HOURS: Final = (23, 0, 1, 2, 3, 4)
#: Landmarks that are no label: a road is named by its course.
_UNNAMING: Final = frozenset({"road", "junction", "suburb"})
#: A label names the road or the landmark that a place stands at, up to here.
_ROAD_M: Final = 150.0
_LANDMARK_M: Final = 500.0
#: Two of one type and name this near are one: a stop has a node and a platform.
_SAME_M: Final = 30.0
_M_A_DEGREE: Final = 111_320.0

#: Why something that looks like a place is none.
GONE: Final = Said("disused, abandoned, removed or not built yet")
PRIVATE: Final = Said("not open to the public")
CUT: Final = Said("its outline is cut by the edge of the extract or does not close")
OUTSIDE: Final = Said("outside the city")
NOT_AT_NIGHT: Final = Said("fast food that is not known to be open at night")
TWICE: Final = Said("the same place twice")


@dataclass(frozen=True, slots=True, eq=False)
class OsmRead:
    """Public places of a city, and what was left out."""

    places: gpd.GeoDataFrame
    """In the columns of a checked places table; district and street are not known yet."""
    dropped: Mapping[str, int]
    """Reason -> how many things on the map."""
    timestamp: str | None
    """Of the data, as the extract states it."""


class _Found(NamedTuple):
    letter: str
    number: int
    tags: Tags
    meant: meanings.TagMeaning
    spot: tuple[float, float]
    shape: shapely.MultiPolygon | None
    changed: date | None

    @property
    def id(self) -> str:
        return f"osm-{self.letter}{self.number}"


@dataclass(slots=True)
class _Reading:
    found: list[_Found] = field(default_factory=list)
    roads: list[tuple[str, str, NDArray[np.float64]]] = field(default_factory=list)
    """Names and courses of streets."""
    dropped: Counter[str] = field(default_factory=Counter)
    drawn: set[int] = field(default_factory=set)
    """Relations that came as an area."""
    pending: set[int] = field(default_factory=set)
    """Relations that describe a place."""

    def take(self, entity: OsmEntity) -> None:
        """Keep what is a place or a street, count what only looks like one."""
        if isinstance(entity, OsmWay):
            if "highway" in entity.tags and "name" in entity.tags:
                self.roads.append((entity.tags["name"], english(entity.tags), entity.lonlat))
            if entity.is_closed and entity.tags.get("area") != "no":
                return  # it comes as an area
        if isinstance(entity, OsmRelation):
            if meanings.meaning(entity.tags) is not None:
                self.pending.add(entity.id)
            return
        if isinstance(entity, OsmArea) and entity.letter == "r":
            self.drawn.add(entity.id)
        self._judge(entity)

    def _judge(self, entity: OsmNode | OsmWay | OsmArea) -> None:
        meant = meanings.meaning(entity.tags)
        if meant is None:
            self.dropped[GONE] += meanings.former(entity.tags) is not None
        elif meanings.gone(entity.tags):
            self.dropped[GONE] += 1
        elif private(entity.tags):
            self.dropped[PRIVATE] += 1
        elif (spot := spot_of(entity)) is None:
            self.dropped[CUT] += 1
        else:
            letter = "n" if isinstance(entity, OsmNode) else "w"
            shape = None
            if isinstance(entity, OsmArea):
                letter, shape = entity.letter, entity.shape
            self.found.append(
                _Found(letter, entity.id, entity.tags, meant, spot, shape, entity.changed)
            )

    def end(self) -> None:
        """Relations that describe a place and became no area."""
        self.dropped[CUT] += len(self.pending - self.drawn)


def places_of(
    extract: Path,
    city: OsmCity,
    today: date,
    landmarks: Sequence[OsmLandmark] | None = None,
    progress: reading.Progress = lambda _: None,
) -> OsmRead:
    """The public places of a city.

    `today` is the day after which nobody can have looked; `landmarks` are those of the city where
    they have been read already. Raises UnreadableFile.
    """
    read = _Reading()
    for entity in reading.entities(extract, _WANTED, progress):
        read.take(entity)
    read.end()
    inside = _only(
        read,
        np.atleast_1d(shapely.intersects_xy(city.outline, *_spots(read.found).T)).tolist(),
        OUTSIDE,
    )
    once = _only(read, _not_twice(inside), TWICE, inside)
    awake = _only(read, _open_at_night(once), NOT_AT_NIGHT, once)
    near = _Near(read.roads, landmarks if landmarks is not None else landmarks_of(extract))
    rows = [_row(each, near, city, today, extract.name) for each in awake]
    table, rejects = validate(_frame(rows))
    for reject in rejects:
        read.dropped[reject.reason] += 1
    return OsmRead(
        table,
        {reason: count for reason, count in sorted(read.dropped.items()) if count},
        reading.timestamp(extract),
    )


def _spots(found: Sequence[_Found]) -> NDArray[np.float64]:
    return np.array([each.spot for each in found], np.float64).reshape(-1, 2)


def _only(
    read: _Reading, kept: Iterable[bool], why: str, found: Sequence[_Found] | None = None
) -> list[_Found]:
    """Those that are kept; the others are counted."""
    every = read.found if found is None else found
    left = [each for each, keep in zip(every, kept, strict=True) if keep]
    read.dropped[why] += len(every) - len(left)
    return left


def _open_at_night(found: Sequence[_Found]) -> list[bool]:
    """Places of types that are told only for the night must be known to be open then."""
    texts = [each.tags.get("opening_hours") for each in found]
    table, rows, _ = compile_hours(texts)
    night = np.uint32(sum(1 << hour for hour in _NIGHT_HOURS))
    at_night = ((hour_bits(table)[rows] & night) != 0) & (rows != 0)
    return [
        each.meant.type not in meanings.NIGHT_ONLY or bool(awake)
        for each, awake in zip(found, at_night, strict=True)
    ]


# --- the same thing twice ---


def _not_twice(found: Sequence[_Found]) -> list[bool]:
    """Of things that are one the area stands, else the one with most tags, else the first by id.

    One: of a type, of one name or with one that has none, and inside the other's outline; or of a
    type and name, and at most 30 m apart.
    """
    kept = [True] * len(found)
    by_type: dict[PlaceType, list[int]] = {}
    for at, each in enumerate(found):
        by_type.setdefault(each.meant.type, []).append(at)
    for group in by_type.values():
        ranked = sorted(group, key=lambda at: _rank(found[at]))
        tree = shapely.STRtree([_shape(found[at]) for at in ranked])
        first, second = tree.query(
            [_about(found[at].spot) for at in ranked], predicate="intersects"
        )
        for low, high in sorted(zip(second.tolist(), first.tolist(), strict=True)):
            one, other = found[ranked[low]], found[ranked[high]]
            if low < high and kept[ranked[low]] and _is_one(one, other):
                kept[ranked[high]] = False
    return kept


def _rank(each: _Found) -> tuple[bool, int, str, int]:
    return each.shape is None, -len(each.tags), each.letter, each.number


def _shape(each: _Found) -> Any:
    return shapely.Point(each.spot) if each.shape is None else each.shape


def _about(spot: tuple[float, float]) -> Any:
    """A box around a spot that holds all that may be the same."""
    north = _SAME_M / _M_A_DEGREE
    east = north / max(float(np.cos(np.radians(spot[1]))), 0.01)
    return shapely.box(spot[0] - east, spot[1] - north, spot[0] + east, spot[1] + north)


def _is_one(one: _Found, other: _Found) -> bool:
    names = {each.tags["name"] for each in (one, other) if "name" in each.tags}
    if len(names) > 1:
        return False
    if one.shape is not None and bool(shapely.contains_xy(one.shape, *other.spot)):
        return True
    both = "name" in one.tags and "name" in other.tags
    return both and _metres(one.spot, other.spot) <= _SAME_M


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Good to a percent."""
    east = (one[0] - other[0]) * np.cos(np.radians(one[1]))
    return float(np.hypot(east, one[1] - other[1])) * _M_A_DEGREE


# --- names and rows ---


class _Near:
    """Roads and landmarks to label nameless places by, on a plane of metres about one parallel."""

    def __init__(
        self,
        roads: Sequence[tuple[str, str, NDArray[np.float64]]],
        landmarks: Sequence[OsmLandmark],
    ) -> None:
        courses = [(name, name_en, _whole(lonlat)) for name, name_en, lonlat in roads]
        self._roads = [each for each in courses if len(each[2]) > 1]
        self._spots = [each for each in landmarks if each.kind not in _UNNAMING]
        lats = [spot.lat for spot in self._spots] + [float(each[2][0, 1]) for each in self._roads]
        self._scale = _M_A_DEGREE * np.array(
            [np.cos(np.radians(float(np.mean(lats)) if lats else 0.0)), 1.0]
        )
        self._by_road = shapely.STRtree(
            [shapely.LineString(each[2] * self._scale) for each in self._roads]
        )
        self._by_spot = shapely.STRtree(
            [shapely.Point(np.array([each.lon, each.lat]) * self._scale) for each in self._spots]
        )

    def named(self, spot: tuple[float, float]) -> tuple[str, str] | None:
        """The road at a spot, else the nearest landmark: its name, its own and in English."""
        point = shapely.Point(np.array(spot) * self._scale)
        found = self._by_road.query_nearest(point, max_distance=_ROAD_M, all_matches=False)
        if len(found):
            name, name_en, _ = self._roads[int(found[0])]
            return name, name_en
        found = self._by_spot.query_nearest(point, max_distance=_LANDMARK_M, all_matches=False)
        if len(found):
            near = self._spots[int(found[0])]
            return near.name, near.name_en
        return None


def _whole(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    return lonlat[~np.isnan(lonlat[:, 0])]


def _called(each: _Found, near: _Near, *, chinese: bool) -> tuple[str, str | None]:
    """Its own name, or what it is and where: a label, told as such by its form."""
    if own := each.tags.get("name"):
        return own, english(each.tags) or None
    if brand := each.tags.get("brand"):
        return brand, each.tags.get("brand:en")
    kind, kind_en = PLACE_TYPE_WORDS[each.meant.type].official, PLACE_TYPE_ENGLISH[each.meant.type]
    where = near.named(each.spot)
    if where is None:
        return (kind if chinese else kind_en), kind_en
    name, name_en = where
    label_en = f"{kind_en} ({name_en or name})"
    return (f"{kind}（{name}）" if chinese else label_en), label_en


def _row(each: _Found, near: _Near, city: OsmCity, today: date, file: str) -> dict[str, Any]:
    known = details(each.tags, each.changed, today, chinese=city.is_chinese)
    name, name_en = _called(each, near, chinese=city.is_chinese)
    return {
        "id": each.id,
        "kind": str(Kind.PUBLIC_PLACE),
        "type": str(each.meant.type),
        "name": name,
        "name_en": name_en,
        "services": [str(service) for service in each.meant.services],
        "maybe": [str(service) for service in each.meant.maybe],
        **{
            column: value if isinstance(value, list | date) else value and str(value)
            for column, value in known._asdict().items()
        },
        "position": str(Position.STATED),
        "layer": OSM_LAYER,
        "source": OSM_SOURCE,
        "licence": OSM_LICENCE,
        "src_file": file,
        "src_id": f"{_SORTS[each.letter]}/{each.number}",
        "src_datum": str(Datum.WGS84),
        "src_lon": each.spot[0],
        "src_lat": each.spot[1],
        "geometry": shapely.Point(each.spot),
    }


_SORTS: Final = {"n": "node", "w": "way", "r": "relation"}


def _frame(rows: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    columns = ("id", "kind", "name", "geometry")
    held = {name: [row[name] for row in rows] for name in (rows[0] if rows else columns)}
    return gpd.GeoDataFrame(held, geometry="geometry", crs=WGS84)
