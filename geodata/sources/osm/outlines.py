"""A city's outline, districts and street offices out of an extract.

Levels of boundary=administrative in China: 4 province or municipality, 5 city, 6 district, 8 street
office (wiki.openstreetmap.org/wiki/Tag:boundary=administrative); other countries have what is
there. Extracts that were cut at a box lack members of their relations: such areas are drawn about
their place nodes, marked `approximate`, and told.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from geodata.errors import BadValue
from geodata.extract import reading
from geodata.extract.entities import OsmArea, OsmNode, OsmRelation, OsmWay, Tags
from geodata.space.coordinates import WGS84

_BOUNDARY: Final = "boundary"
_ADMINISTRATIVE: Final = "administrative"
_NAME_KEYS: Final = (
    "name",
    "name:zh",
    "name:zh-Hans",
    "name:en",
    "official_name",
    "alt_name",
    "short_name",
)
#: What a name may leave off at its end.
_SUFFIXES: Final = ("市", "区", "县", "省", "自治州", "盟", "地区")
_CITY_LEVEL: Final = 5
_DISTRICT_LEVEL: Final = 6
_STREET_LEVEL: Final = 8
#: The smallest area that holds so many of an extract's nodes is what the extract is of: around it
#: lies only what its roads and borders need.
_OWN_SHARE: Final = 0.6
#: Nodes that are counted for it: what people put on a map as a point.
_COUNTED: Final = reading.Keys(nodes=("amenity", "highway", "natural", "place", "power", "shop"))
_FINEST_LEVEL: Final = 10
#: Place nodes that stand for a level where no outline does, the first sort that is there twice.
_DISTRICT_PLACES: Final = (("borough", "district", "city_district"),)
_STREET_PLACES: Final = (
    ("suburb", "town"),
    ("suburb", "town", "quarter", "village"),
    ("quarter", "neighbourhood"),
)
#: Nodes after which a place is called, the largest first.
_CITY_PLACES: Final = ("city", "town", "municipality", "borough", "suburb")
#: A border runs along an outline, not through it: so many degrees inside (11 m).
_INSIDE: Final = 1e-4
_LABELS: Final = frozenset({"label", "admin_centre"})
#: Corners nearer than 1 cm are one.
_DECIMALS: Final = 7
_HAN: Final = re.compile("[\u4e00-\u9fff]")


class CutArea(NamedTuple):
    """An area whose relation the extract holds only in part."""

    id: int
    level: int
    name: str
    members: int
    """Ways that bound it."""
    missing: tuple[int, ...]
    """Numbers of those that the extract lacks; empty: all are there and do not close."""
    is_drawn: bool
    """Whether an approximate outline stands for it."""


@dataclass(frozen=True, slots=True, eq=False)
class OsmCity:
    """A city as an extract has it, in WGS-84."""

    name: str
    """In its own language."""
    name_en: str
    outline: BaseGeometry
    is_box: bool
    """Whether the outline is only the box of the extract."""
    districts: gpd.GeoDataFrame
    """district, name_en, approximate, polygons; by name. Without any: the city itself."""
    streets: gpd.GeoDataFrame
    """code, district, street, name_en, confidence, approximate, district_en, polygons; by code.

    `confidence`: outline, label (drawn about a node of its own) or place (about a place node).
    """
    cut: tuple[CutArea, ...]
    """Areas at these levels, and the city, of which members are missing."""
    country: str | None
    """ISO 3166-1 alpha-2 where a relation states it."""
    is_chinese: bool
    """Whether names here are mostly Chinese, in which labels are then worded."""


class _Admin(NamedTuple):
    """An administrative relation of the extract."""

    id: int
    level: int
    tags: Tags
    shape: MultiPolygon | None
    relation: OsmRelation

    @property
    def name(self) -> str:
        return self.tags["name"]


def city_of(extract: Path, wanted: str | int | None = None) -> OsmCity:
    """The city that is asked for by name or by number of its relation; without, the
    administrative area that fits the extract best, or else its box.

    Raises UnreadableFile, and BadValue for a name or number that no relation of it has.
    """
    box = reading.box(extract)
    if box is None:
        raise BadValue("{file} holds no node, so no city", file=extract.name)
    frame, admins = shapely.box(*box), _admins(extract)
    nodes = _place_nodes(extract, admins)
    mine = _asked(admins, wanted, extract) if wanted is not None else _best(admins, extract)
    outline: BaseGeometry = frame if mine is None or mine.shape is None else mine.shape
    name, name_en = _called(mine, nodes, frame, extract)
    drawn = _Drawing(extract, outline, nodes, admins)
    below = [each for each in admins if mine is None or each.level > mine.level]
    chinese = _mostly_chinese([each.name for each in admins], nodes)
    first, second = drawn.levels(below, chinese=chinese)
    districts = drawn.areas(_at(below, first), _DISTRICT_PLACES)
    streets = drawn.areas(_at(below, second), _STREET_PLACES)
    if mine is not None and mine.shape is None:
        drawn.tell(mine, is_drawn=False)
    district_frame = _districts(districts, name, name_en, outline)
    return OsmCity(
        name,
        name_en,
        outline,
        mine is None or mine.shape is None,
        district_frame,
        _streets(streets, district_frame),
        tuple(sorted(drawn.cut, key=lambda each: (each.level, each.id))),
        _country(mine, admins),
        chinese,
    )


def _admins(extract: Path) -> list[_Admin]:
    """Named administrative relations with their shapes, by number."""
    kept = {
        each.id: each
        for each in reading.relations(extract, _BOUNDARY, (_ADMINISTRATIVE,))
        if _level(each.tags) is not None and each.tags.get("name")
    }
    shapes = {
        area.id: area.shape
        for area in reading.entities(extract, reading.Keys(areas=(_BOUNDARY,)))
        if isinstance(area, OsmArea) and area.letter == "r" and area.id in kept
    }
    return [
        _Admin(number, _level(each.tags) or 0, each.tags, shapes.get(number), each)
        for number, each in sorted(kept.items())
    ]


def _level(tags: Tags) -> int | None:
    said = tags.get("admin_level", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= 2 else None  # 2 to 11


def _place_nodes(extract: Path, admins: Iterable[_Admin]) -> list[OsmNode]:
    """Nodes with `place` and a name, and those that relations call their middle, by number."""
    middles = {
        member.ref
        for each in admins
        for member in each.relation.members
        if member.letter == "n" and member.role in _LABELS
    }
    found = {node.id: node for node in reading.nodes_of(extract, middles)} if middles else {}
    for node in reading.entities(extract, reading.Keys(nodes=("place",))):
        if isinstance(node, OsmNode) and node.tags.get("name"):
            found[node.id] = node
    return [found[number] for number in sorted(found)]


def _asked(admins: Sequence[_Admin], wanted: str | int, extract: Path) -> _Admin:
    """By number, or by any of its names; of several the largest unit that is a city or below it."""
    said = str(wanted).strip()
    number = int(said) if said.isascii() and said.isdecimal() else None
    fits = [each for each in admins if number == each.id or _is_named(each.tags, said)]
    if not fits:
        first = sorted(admins, key=lambda each: (each.shape is None, each.level, each.name))
        names = list(dict.fromkeys(each.name for each in first if each.level <= _STREET_LEVEL))
        raise BadValue(
            "{file} has no administrative area {wanted!r}; it has {names}",
            file=extract.name,
            wanted=said,
            names=names[:20] or "none",
        )
    return min(fits, key=lambda each: (each.shape is None, abs(each.level - _CITY_LEVEL), each.id))


def _mostly_chinese(names: Sequence[str], nodes: Sequence[OsmNode]) -> bool:
    every = [*names, *(node.tags["name"] for node in nodes if "name" in node.tags)]
    return 2 * sum(_HAN.search(name) is not None for name in every) > len(every)


def _is_named(tags: Tags, said: str) -> bool:
    names = {part.strip() for key in _NAME_KEYS for part in tags.get(key, "").split(";")} - {""}
    bare = {name.removesuffix(end) for name in names for end in _SUFFIXES if len(name) > len(end)}
    return said.casefold() in {name.casefold() for name in names | bare}


def _best(admins: Sequence[_Admin], extract: Path) -> _Admin | None:
    """The smallest complete area that holds most of the extract's nodes; None: there is none."""
    whole = [each for each in admins if each.shape is not None and each.level <= _STREET_LEVEL]
    if not whole:
        return None
    spots = [
        (node.lon, node.lat)
        for node in reading.entities(extract, _COUNTED)
        if isinstance(node, OsmNode)
    ]
    points = shapely.points(np.array(spots).reshape(-1, 2))
    least = _OWN_SHARE * len(spots)
    fits = [
        (shapely.area(each.shape), -each.level, each)
        for each in whole
        if np.count_nonzero(shapely.contains_xy(each.shape, shapely.get_coordinates(points)))
        >= max(least, 1)
    ]
    return min(fits, key=lambda each: each[:2], default=(0.0, 0, None))[2]


def _called(
    mine: _Admin | None, nodes: Sequence[OsmNode], frame: BaseGeometry, extract: Path
) -> tuple[str, str]:
    """The city's name, its own and in English: of its relation, of the largest place in the
    extract, or of the file.
    """
    if mine is not None:
        return mine.name, _english(mine.tags)
    middle = frame.centroid
    places = [node for node in nodes if node.tags.get("place") in _CITY_PLACES]
    if places:
        largest = min(
            places,
            key=lambda node: (
                _CITY_PLACES.index(node.tags["place"]),
                (node.lon - middle.x) ** 2 + (node.lat - middle.y) ** 2,
            ),
        )
        return largest.tags["name"], _english(largest.tags)
    stem = extract.name.partition(".")[0]
    return stem, stem


def _english(tags: Tags) -> str:
    return tags.get("name:en") or tags.get("int_name") or tags["name"]


def _country(mine: _Admin | None, admins: Sequence[_Admin]) -> str | None:
    """Of the city itself, or of the only country that the extract knows."""
    keys = ("ISO3166-1:alpha2", "ISO3166-1")
    own = [mine] if mine is not None else []
    for group in (own, [each for each in admins if each.shape is not None], admins):
        codes = {code for each in group for key in keys if (code := each.tags.get(key))}
        codes |= {code[:2] for each in group if (code := each.tags.get("ISO3166-2"))}
        if len(codes) == 1:
            return next(iter(codes)).upper()
    return None


def _is_in(shape: BaseGeometry, outline: BaseGeometry) -> bool:
    return bool(outline.covers(shape.representative_point()))


def _at(admins: Sequence[_Admin], level: int | None) -> list[_Admin]:
    return [each for each in admins if each.level == level]


class _Part(NamedTuple):
    """One area of a level."""

    code: str
    name: str
    name_en: str
    confidence: str
    shape: BaseGeometry


class _Drawing:
    """Draws the areas of a level: complete ones as they are, others about their nodes."""

    def __init__(
        self,
        extract: Path,
        outline: BaseGeometry,
        nodes: Sequence[OsmNode],
        admins: Sequence[_Admin],
    ) -> None:
        self.outline = outline
        self.nodes = {node.id: node for node in nodes}
        self.cut: list[CutArea] = []
        broken = [each for each in admins if each.shape is None]
        wanted = {number for each in broken for number in _ways(each)}
        inner = outline.buffer(-_INSIDE)
        self.there = {way.id: _crosses(way, inner) for way in reading.ways_of(extract, wanted)}
        """Border ways of cut areas that the extract holds, and whether they run inside."""

    def levels(self, admins: Sequence[_Admin], *, chinese: bool) -> tuple[int | None, int | None]:
        """The levels of districts and of street offices under a city; None: there is none."""
        if chinese:
            least = min((each.level for each in admins), default=_DISTRICT_LEVEL)
            return max(_DISTRICT_LEVEL, least), max(_STREET_LEVEL, least + 1)
        known = Counter(
            each.level
            for each in admins
            if each.level <= _FINEST_LEVEL
            and (self._middle(each) if each.shape is None else _is_in(each.shape, self.outline))
        )
        found = sorted(level for level, count in known.items() if count > 1)
        if len(found) < 2:  # one level is that of street offices
            return None, found[0] if found else None
        return found[0], found[1]

    def areas(self, admins: Sequence[_Admin], places: Sequence[Sequence[str]]) -> list[_Part]:
        """The areas of a level within the outline, by code."""
        whole = [
            _Part(_code(each), each.name, _english(each.tags), "outline", self._clipped(each.shape))
            for each in admins
            if each.shape is not None and _is_in(each.shape, self.outline)
        ]
        broken = [each for each in admins if each.shape is None and self._concerns(each)]
        middles = {each.id: self._middle(each) for each in broken}
        names = {part.name for part in whole}
        spots = [
            _Part(_code(each), each.name, _english(each.tags), "label", shapely.Point(spot))
            for each in broken
            if (spot := middles[each.id]) is not None and each.name not in names
        ]
        names |= {each.name for each in admins}
        spots += self._by_place(places, names) if not whole else []
        for each in broken:
            self.tell(each, is_drawn=middles[each.id] is not None and each.name in names)
        return _unique([*whole, *self._cells(spots, whole)])

    def tell(self, admin: _Admin, *, is_drawn: bool) -> None:
        """Note an area whose relation is cut."""
        ways = _ways(admin)
        missing = tuple(sorted(ways - self.there.keys()))
        self.cut.append(CutArea(admin.id, admin.level, admin.name, len(ways), missing, is_drawn))

    def _concerns(self, admin: _Admin) -> bool:
        """Whether a cut area lies in the city, not merely along its border."""
        return self._middle(admin) is not None or any(
            self.there.get(number, False) for number in _ways(admin)
        )

    def _clipped(self, shape: BaseGeometry) -> BaseGeometry:
        return shape if self.outline.covers(shape) else _polygons(shape.intersection(self.outline))

    def _middle(self, admin: _Admin) -> tuple[float, float] | None:
        """Its own node, or a place node of its name, within the outline."""
        own = [
            self.nodes[member.ref]
            for member in admin.relation.members
            if member.role in _LABELS and member.ref in self.nodes
        ]
        named = [node for node in self.nodes.values() if node.tags.get("name") == admin.name]
        for node in (*own, *named):
            if self.outline.covers(shapely.Point(node.lon, node.lat)):
                return node.lon, node.lat
        return None

    def _by_place(self, places: Sequence[Sequence[str]], names: set[str]) -> list[_Part]:
        for sorts in places:
            found = {
                node.tags["name"]: node
                for node in reversed(self.nodes.values())
                if node.tags.get("place") in sorts
                and node.tags["name"] not in names
                and self.outline.covers(shapely.Point(node.lon, node.lat))
            }
            if len(found) > 1:
                return [
                    _Part(
                        f"n{node.id}",
                        name,
                        _english(node.tags),
                        "place",
                        shapely.Point(node.lon, node.lat),
                    )
                    for name, node in found.items()
                ]
        return []

    def _cells(self, spots: Sequence[_Part], whole: Sequence[_Part]) -> list[_Part]:
        """Each spot with the ground that is nearest to it and that no outline has (Voronoi)."""
        if not spots:
            return []
        left = self.outline
        if whole:
            left = left.difference(shapely.union_all([part.shape for part in whole]))
        if len(spots) == 1:
            return [spots[0]._replace(shape=_polygons(left))]
        # Drawn on a plane where a degree is as long east as north.
        squeeze = float(np.cos(np.radians(self.outline.centroid.y)))
        flat = shapely.transform([part.shape for part in spots], lambda xy: xy * [squeeze, 1.0])
        ground = shapely.transform(left, lambda xy: xy * [squeeze, 1.0])
        cells = shapely.voronoi_polygons(
            shapely.multipoints(list(flat)), extend_to=ground.buffer(0.01), ordered=True
        )
        cut = shapely.intersection(shapely.get_parts(cells), ground)
        shapes = shapely.transform(cut, lambda xy: xy / [squeeze, 1.0])
        return [
            part._replace(shape=_polygons(shape)) for part, shape in zip(spots, shapes, strict=True)
        ]


def _ways(admin: _Admin) -> set[int]:
    return {member.ref for member in admin.relation.members if member.letter == "w"}


def _crosses(way: OsmWay, inner: BaseGeometry) -> bool:
    spots = way.lonlat[~np.isnan(way.lonlat[:, 0])]
    return len(spots) > 1 and bool(inner.intersects(shapely.LineString(spots)))


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a shape, corners to seven decimals."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    merged = shapely.union_all(parts) if parts else shapely.Polygon()
    return shapely.set_precision(merged, 10.0**-_DECIMALS)


def _code(admin: _Admin) -> str:
    """The official number where the relation has one of six digits or more, else its own."""
    said = admin.tags.get("ref", "")
    official = said.isascii() and said.isdecimal() and len(said) >= 6  # GB/T 2260
    return said if official else f"r{admin.id}"


def _unique(parts: Iterable[_Part]) -> list[_Part]:
    """By code, each code and each spot of ground once."""
    found: dict[str, _Part] = {}
    for part in parts:
        if not part.shape.is_empty:
            found.setdefault(part.code, part)
    return [found[code] for code in sorted(found)]


def _districts(
    parts: Sequence[_Part], name: str, name_en: str, outline: BaseGeometry
) -> gpd.GeoDataFrame:
    rows = sorted(parts, key=lambda part: part.name) or [
        _Part("", name, name_en, "outline", outline)
    ]
    return gpd.GeoDataFrame(
        {
            "district": [part.name for part in rows],
            "name_en": [part.name_en for part in rows],
            "approximate": [part.confidence != "outline" for part in rows],
        },
        geometry=[part.shape for part in rows],
        crs=WGS84,
    )


def _streets(parts: Sequence[_Part], districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Street offices with the district that they have most ground in common with."""
    shapes = districts.geometry.to_numpy()
    owners = [
        int(np.argmax(shapely.area(shapely.intersection(shapes, part.shape)))) for part in parts
    ]
    return gpd.GeoDataFrame(
        {
            "code": [part.code for part in parts],
            "district": [districts["district"].iloc[at] for at in owners],
            "street": [part.name for part in parts],
            "name_en": [part.name_en for part in parts],
            "confidence": [part.confidence for part in parts],
            "approximate": [part.confidence != "outline" for part in parts],
            "district_en": [districts["name_en"].iloc[at] for at in owners],
        },
        geometry=[part.shape for part in parts],
        crs=WGS84,
    )
