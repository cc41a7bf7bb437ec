"""An address book out of an OpenStreetMap extract: which tag makes which line."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.extract import reading
from geodata.extract.entities import OsmArea, OsmNode, OsmWay, Tags
from geodata.extract.reading import Keys
from geodata.sources.locate.book import AddressBook, BookEntry, Sort, keys_of, name_letters
from geodata.sources.locate.named_areas import is_zone
from geodata.sources.locate.plane import Plane, apart_m

Progress = Callable[[int], None]

#: What is said of a book beside its name.
LICENCE: Final = "© OpenStreetMap contributors, ODbL 1.0"

_NAMES: Final = (
    "name:zh",
    "name:zh-Hans",
    "official_name",
    "alt_name",
    "short_name",
    "old_name",
    "loc_name",
    "name:en",
)
_IN_A_LANGUAGE: Final = re.compile(r"name:[a-z]{2,3}(?:-[A-Za-z]+)?")
#: Keys that make a named thing a landmark.
_LANDMARK_KEYS: Final = (
    "amenity",
    "building",
    "historic",
    "landuse",
    "leisure",
    "man_made",
    "office",
    "shop",
    "tourism",
    "aeroway",
    "bridge",
    "healthcare",
    "craft",
    "club",
    "industrial",
    "residential",
    "natural",
    "emergency",
    "barrier",
)
#: Of these there are many of one name in a city.
_CHAIN_VALUES: Final = frozenset(
    [
        "atm",
        "bank",
        "bar",
        "bicycle_parking",
        "bicycle_rental",
        "bureau_de_change",
        "cafe",
        "car_rental",
        "car_wash",
        "charging_station",
        "clinic",
        "dentist",
        "doctors",
        "fast_food",
        "food_court",
        "fuel",
        "ice_cream",
        "parcel_locker",
        "parking",
        "parking_entrance",
        "pharmacy",
        "post_box",
        "post_office",
        "pub",
        "restaurant",
        "telephone",
        "toilets",
        "vending_machine",
    ]
)
_LANDMARK_VALUES: Final = frozenset(["mall", "department_store"])
#: Administrative levels: in China as its mappers use them, elsewhere what lies there most often.
_LEVELS_CHINA: Final[Mapping[str, Sort]] = {
    "5": Sort.CITY,
    "6": Sort.DISTRICT,
    "8": Sort.STREET_OFFICE,
    "9": Sort.COMMUNITY,
    "10": Sort.COMMUNITY,
}
_LEVELS_ELSEWHERE: Final[Mapping[str, Sort]] = {
    "7": Sort.DISTRICT,
    "8": Sort.DISTRICT,
    "9": Sort.STREET_OFFICE,
    "10": Sort.STREET_OFFICE,
    "11": Sort.COMMUNITY,
}
#: A municipality is a city at the level of provinces.
_MUNICIPALITIES: Final = frozenset(("北京市", "上海市", "天津市", "重庆市"))
#: A settlement that is mapped as a point reaches so far around it.
_SETTLEMENT_REACH_M: Final[Mapping[str, float]] = {
    "neighbourhood": 500.0,
    "city_block": 200.0,
    "square": 100.0,
    "hamlet": 500.0,
    "isolated_dwelling": 300.0,
    "locality": 500.0,
    "village": 1_500.0,
    "quarter": 1_500.0,
    "suburb": 2_500.0,
    "town": 3_000.0,
}
#: What is mapped as a point, and how far its ground and its doors may lie from it.
_POINT_REACH_M: Final[Mapping[tuple[str, str], float]] = {
    ("amenity", "university"): 800.0,
    ("amenity", "college"): 500.0,
    ("amenity", "hospital"): 300.0,
    ("amenity", "school"): 250.0,
    ("amenity", "marketplace"): 200.0,
    ("amenity", "bus_station"): 150.0,
    ("leisure", "park"): 600.0,
    ("leisure", "stadium"): 250.0,
    ("landuse", "*"): 500.0,
    ("residential", "*"): 300.0,
    ("place", "*"): 500.0,
    ("natural", "*"): 1_000.0,
    ("industrial", "*"): 500.0,
    ("tourism", "attraction"): 300.0,
    ("tourism", "theme_park"): 800.0,
    ("shop", "mall"): 150.0,
    ("aeroway", "*"): 2_000.0,
}
#: Doors of a settlement may lie so far outside its outline.
_SETTLEMENT_EDGE_M: Final = 100.0
_STOP: Final = "公交站"
#: What names the area of an address, and how an official name ends.
_TOLD: Final[Mapping[Sort, tuple[str, re.Pattern[str]]]] = {
    Sort.CITY: ("addr:city", re.compile(r"(?:市|自治州|地区|盟)$")),
    Sort.DISTRICT: ("addr:district", re.compile(r"[区县旗市]$")),
}
#: Addresses that name their area are kept to so much, 100 m: of a large city there are many.
_TOLD_DEG: Final = 0.001
_STATION_REACH_M: Final = 300.0
_STOP_REACH_M: Final = 60.0
_POINT_REACH: Final = 30.0
_OUTLINE_REACH: Final = 20.0
#: An entrance that does not name its station belongs to the one within so many metres, if no other
#: is nearly as near.
_ENTRANCE_M: Final = 450.0
_NEARLY: Final = 1.5
_TRAINS: Final = ("subway", "light_rail", "monorail", "train")
#: What is hardly ever a part of something larger, so that an extract holds it only where it knows
#: all; from so many points on that ground can be told.
_KNOWN_WHOLE: Final = frozenset(("amenity", "shop", "tourism", "office", "leisure"))
_FEWEST_POINTS: Final = 10
#: Names that say what a thing is and not which: every campus has a library and a north gate.
_GENERIC: Final = re.compile(
    r"(?:第?[一二三四五六七八九十\d]*)(?:图书馆|食堂|餐厅|饭堂|操场|体育馆|体育场|运动场|教学楼|实验楼|办公楼|"
    r"行政楼|综合楼|宿舍楼?|学生公寓|公寓|停车场|地下停车场|公厕|公共厕所|卫生间|洗手间|超市|便利店|药店|药房|"
    r"幼儿园|门诊部?|诊所|居委会|派出所|警务室|篮球场|足球场|网球场|游泳[池馆]|球场|礼堂|校医院|医务室|"
    r"门卫室?|保安亭|收费站|加油站|充电站|广场|花园|公园|小卖部|菜市场|市场|书店|酒店|宾馆|招待所|"
    r"[东西南北正大侧后]{1,2}门|[a-zA-Z\d一二三四五六七八九十]+(?:座|栋|幢|楼|号楼|区|期|馆|门|号)?)"
)
#: An estate that is called by its address: 清华东路27号院.
_NAMED_NUMBER: Final = re.compile(
    r"(?P<street>[㐀-鿿]{2,}(?:路|街|大道|胡同|巷))(?P<number>[甲乙丙丁]?\d{1,4}号)院?"
)
#: Ground beside a motorway, and how far its lanes reach beyond it.
_BESIDE_ROADS: Final = frozenset(("services", "rest_area"))
_BESIDE_ROADS_M: Final = 150.0
#: Ways that carry names and are no street.
_NO_STREETS: Final = frozenset(
    [
        "proposed",
        "construction",
        "abandoned",
        "platform",
        "rest_area",
        "services",
        "bus_stop",
        "elevator",
        "raceway",
    ]
)


class Mapped(NamedTuple):
    """A thing of a map: its tags, and its shape in WGS-84."""

    tags: Tags
    shape: BaseGeometry


def from_extract(path: Path, progress: Progress = lambda _: None) -> AddressBook:
    """The book of everything named or numbered in an extract.

    `progress` hears how many things have been read. Raises UnreadableFile.
    """
    mapped = read_mapped(path, progress)
    return book_of(mapped, coverage_of(mapped))


def read_mapped(path: Path, progress: Progress = lambda _: None) -> list[Mapped]:
    """Everything named or numbered in an extract; areas of which it holds a part have no shape."""
    keys = ("name", "addr:housenumber", "railway")
    wanted = Keys(
        nodes=(*keys, "addr:district", *_KNOWN_WHOLE), ways=("highway", *keys), areas=keys
    )
    found = list(_mapped(reading.entities(path, wanted, progress)))
    whole = {each.tags.get("name") for each in found if _is_area(each.tags)}
    cut = (
        Mapped(relation.tags, shapely.Point())
        for relation in reading.relations(path, "boundary", ("administrative",))
        if relation.tags.get("name") not in whole
    )
    return [*found, *cut]


def coverage_of(mapped: Iterable[Mapped]) -> BaseGeometry | None:
    """The box of shops and the like that are mapped as points: ways and relations that an extract
    keeps whole reach far beyond the ground that it knows, these do not. None: there are too few.
    """
    points = [
        shape
        for tags, shape in mapped
        if shape.geom_type == "Point" and not shape.is_empty and tags.keys() & _KNOWN_WHOLE
    ]
    if len(points) < _FEWEST_POINTS:
        return None
    return shapely.box(*shapely.GeometryCollection(points).bounds)


def _mapped(entities: Iterable[object]) -> Iterator[Mapped]:
    for entity in entities:
        if isinstance(entity, OsmNode):
            yield Mapped(entity.tags, shapely.Point(entity.lon, entity.lat))
        elif isinstance(entity, OsmWay):
            lonlat = entity.lonlat
            there = lonlat[~np.isnan(lonlat).any(axis=1)]
            is_line = _is_road(entity.tags) or not entity.is_closed
            if is_line and len(there) > 1:
                yield Mapped(entity.tags, shapely.LineString(there))
        elif isinstance(entity, OsmArea) and entity.shape is not None and not _is_road(entity.tags):
            yield Mapped(entity.tags, entity.shape)


def _is_road(tags: Tags) -> bool:
    return "highway" in tags and tags["highway"] not in _BESIDE_ROADS


def book_of(mapped: Sequence[Mapped], coverage: BaseGeometry | None = None) -> AddressBook:
    """The lines of a book that things of a map make; `coverage` is what the map knows whole."""
    levels = _LEVELS_CHINA if mapped_in_china(mapped) else _LEVELS_ELSEWHERE
    entries = [entry for each in mapped for entry in _lines(each, levels)]
    stations = [each for each in entries if each.sort is Sort.STATION and not _is_stop(each)]
    entries += [*_entrances(mapped, stations), *_told_areas(mapped, entries)]
    return AddressBook(tuple(entries), coverage)


def _told_areas(mapped: Sequence[Mapped], known: Sequence[BookEntry]) -> Iterator[BookEntry]:
    """Cities and districts that addresses name and no outline of the map shows, with where those
    addresses are: where they begin and end is not known.
    """
    for sort, (tag, ending) in _TOLD.items():
        drawn = [entry for entry in known if entry.sort is sort]
        outlined = {key for entry in drawn if entry.is_outline for key in keys_of(entry)}
        official = {key: entry.name for entry in drawn for key in keys_of(entry)}
        tagged = [
            (name, each.shape)
            for each in mapped
            if (name := each.tags.get(tag, "").strip()) and not each.shape.is_empty
        ]
        for name, _ in tagged:
            if ending.search(name) and not is_zone(name_letters(name)):
                for key in keys_of(BookEntry(sort, name, shapely.Point())):
                    official.setdefault(key, name)
        points: dict[str, set[tuple[float, float]]] = {}
        for name, shape in tagged:
            whole = official.get(name_letters(name))
            if whole is not None and name_letters(whole) not in outlined:
                middle = shapely.set_precision(shape.centroid, _TOLD_DEG)
                points.setdefault(whole, set()).add((middle.x, middle.y))
        for whole, there in points.items():
            yield BookEntry(sort, whole, shapely.MultiPoint(sorted(there)))


def mapped_in_china(mapped: Collection[Mapped]) -> bool:
    """Whether most names are written in Chinese."""
    names = [each.tags["name"] for each in mapped if "name" in each.tags]
    return 2 * sum(any("㐀" <= letter <= "鿿" for letter in name) for name in names) > len(names)


def _lines(mapped: Mapped, levels: Mapping[str, Sort]) -> Iterator[BookEntry]:
    tags, shape = mapped
    number, street = tags.get("addr:housenumber"), tags.get("addr:street") or tags.get("addr:place")
    if number and street:
        yield BookEntry(Sort.HOUSE_NUMBER, number, shape, (), street)
    name = tags.get("name")
    if not name:
        return
    if not (number and street) and (said := _NAMED_NUMBER.fullmatch(name)):
        yield BookEntry(Sort.HOUSE_NUMBER, said["number"], shape, (), said["street"])
    sort, reach_m = _sort_of(tags, shape, levels)
    is_hub = _is_hub(tags) and name.endswith("站")
    if sort is Sort.STATION and not (_is_railway(tags) or is_hub):  # called after what is near
        yield BookEntry(sort, f"{name}{_STOP}", shape, (f"{name}公交车站",), "", reach_m)
    elif sort is not None:
        yield BookEntry(sort, name, shape, _others(tags), "", reach_m)


def _others(tags: Tags) -> tuple[str, ...]:
    keys = (*_NAMES, *filter(_IN_A_LANGUAGE.fullmatch, tags))
    each = (part.strip() for key in keys if key in tags for part in tags[key].split(";"))
    return tuple(dict.fromkeys(filter(None, each)))


def _is_area(tags: Tags) -> bool:
    return tags.get("boundary") == "administrative"


def _sort_of(
    tags: Tags, shape: BaseGeometry, levels: Mapping[str, Sort]
) -> tuple[Sort | None, float]:
    """What a named thing is in the book (None: nothing), and its reach beyond its shape."""
    if _is_area(tags):
        return _area_sort(tags, shape, levels), 0.0
    if tags.get("highway") in _BESIDE_ROADS:
        return Sort.LANDMARK, _BESIDE_ROADS_M
    if "highway" in tags and shape.geom_type == "LineString":
        return (Sort.ROAD if _is_street(tags) else None), 0.0
    if _is_railway(tags) or tags.get("public_transport") or tags.get("highway") == "bus_stop":
        return Sort.STATION, _STATION_REACH_M if _is_railway(tags) else _STOP_REACH_M
    place = tags.get("place", "")
    if place in _SETTLEMENT_REACH_M:
        is_point = shape.geom_type == "Point"
        return Sort.VILLAGE, _SETTLEMENT_REACH_M[place] if is_point else _SETTLEMENT_EDGE_M
    return _landmark_sort(tags, shape)


def _is_street(tags: Tags) -> bool:
    is_inside = tags.get("name", "").endswith(("服务区", "停车区"))  # a way of a rest area
    return not is_inside and tags["highway"] not in _NO_STREETS


def _area_sort(tags: Tags, shape: BaseGeometry, levels: Mapping[str, Sort]) -> Sort | None:
    """By its level; a border alone is no area, one of which a part is missing is a name."""
    is_whole = shape.is_empty or "Polygon" in shape.geom_type
    level = "5" if tags.get("name") in _MUNICIPALITIES else tags.get("admin_level", "")
    return levels.get(level) if is_whole else None


def _landmark_sort(tags: Tags, shape: BaseGeometry) -> tuple[Sort | None, float]:
    if "railway" in tags or not (tags.keys() & {*_LANDMARK_KEYS}):
        return None, 0.0
    if _GENERIC.fullmatch(tags.get("name", "")):
        return None, 0.0
    is_point = shape.geom_type == "Point"
    if _is_chain(tags):
        return Sort.CHAIN, _POINT_REACH if is_point else _OUTLINE_REACH
    return Sort.LANDMARK, _point_reach_m(tags) if is_point else _OUTLINE_REACH


def _is_stop(station: BookEntry) -> bool:
    return station.name.endswith(_STOP)


def _is_railway(tags: Tags) -> bool:
    """Whether it is a station that is called by its name alone, or where its trains stop."""
    stops = "public_transport" in tags and any(tags.get(key) == "yes" for key in _TRAINS)
    return stops or tags.get("railway") in ("station", "halt", "stop") or "station" in tags


def _is_hub(tags: Tags) -> bool:
    """Whether it is a station of buses or coaches, with ground of its own."""
    return tags.get("amenity") == "bus_station" or tags.get("public_transport") == "station"


def _is_chain(tags: Tags) -> bool:
    if "shop" in tags or tags.get("amenity") in _CHAIN_VALUES or "brand" in tags:
        return tags.get("shop") not in _LANDMARK_VALUES
    return False


def _point_reach_m(tags: Tags) -> float:
    kinds = ((key, value) for key in tags for value in (tags[key], "*"))
    return max((_POINT_REACH_M.get(kind, _POINT_REACH) for kind in kinds), default=_POINT_REACH)


def _entrances(mapped: Iterable[Mapped], stations: Sequence[BookEntry]) -> Iterator[BookEntry]:
    """Entrances with the station that they name, or that lies nearest without a rival."""
    for tags, shape in mapped:
        if tags.get("railway") not in ("subway_entrance", "train_station_entrance"):
            continue
        called = tags.get("ref") or tags.get("name") or ""
        letter = _letter(called)
        if letter and (station := _station(tags.get("name", ""), shape, stations)):
            yield BookEntry(Sort.ENTRANCE, letter, shape, (), station.name)


def _letter(text: str) -> str:
    """A1 of "A1", "白石洲 A1出口" and "Exit A1"; nothing where there is no letter."""
    plain = name_letters(text)
    for ending in ("出入口", "出口", "入口", "口"):
        plain = plain.removesuffix(ending)
    tail = ""
    while plain and plain[-1].isascii() and plain[-1].isdigit():
        tail, plain = plain[-1] + tail, plain[:-1]
    has_letter = plain[-1:].isascii() and plain[-1:].isalpha()
    alone = len(plain) < 2 or not plain[-2].isascii() or not plain[-2].isalpha()
    if has_letter and (alone or plain[:-1].endswith("exit")):
        return plain[-1] + tail
    return tail if not plain else ""


def _station(name: str, shape: BaseGeometry, stations: Sequence[BookEntry]) -> BookEntry | None:
    plane = Plane.at(shape)
    close = sorted(
        (
            (apart_m(shape, each.shape), each)
            for each in stations
            if abs(each.shape.centroid.y - plane.lat) < 0.01
        ),
        key=lambda pair: pair[0],
    )
    close = [(away_m, each) for away_m, each in close if away_m <= _ENTRANCE_M]
    named = [each for _, each in close if name_letters(each.name) in name_letters(name)]
    if named:
        return named[0]
    rivals = [pair for pair in close[1:] if close[0][1].name != pair[1].name]
    if close and (not rivals or rivals[0][0] > _NEARLY * close[0][0]):
        return close[0][1]
    return None
