"""The address book of one city: its areas, roads, house numbers and landmarks by name.

A frame on disk, plain values in memory. Reads no address.
"""

import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, Final

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.errors import BadTable
from geodata.sources.locate.plane import Plane
from geodata.space.coordinates import WGS84
from geodata.text.pinyin import chinese, normal, spelled

FORMAT: Final = 1
#: Pieces of a road, or of anything else of one name, that lie so near each other are one thing.
_JOINED_ROAD_M: Final = 500.0
_JOINED_M: Final = 250.0
_LATIN: Final = re.compile(r"[A-Za-z]")
_BRACKETS: Final = re.compile(r"\s*[(（\[【][^()（）\[\]【】]*[)）\]】]\s*")


class Sort(StrEnum):
    """What a name of the book stands for."""

    CITY = "city"
    DISTRICT = "district"
    STREET_OFFICE = "street_office"
    COMMUNITY = "community"
    VILLAGE = "village"
    ROAD = "road"
    HOUSE_NUMBER = "house_number"
    STATION = "station"
    ENTRANCE = "entrance"
    LANDMARK = "landmark"
    CHAIN = "chain"
    """One of many of its name: it names a place only beside a road or a house number."""


#: Areas that an address lies in, the widest first.
AREAS: Final = (Sort.CITY, Sort.DISTRICT, Sort.STREET_OFFICE)


@dataclass(frozen=True, slots=True)
class BookEntry:
    """One line of the book."""

    sort: Sort
    name: str
    """Of a house number its number; of an entrance its letter."""
    shape: BaseGeometry
    """WGS-84: an outline, the course of a road, a point, or the points at which addresses name an
    area; empty where only the name is known.
    """
    others: tuple[str, ...] = ()
    """Old, short and foreign names."""
    of: str = ""
    """The road (or village) of a house number, the station of an entrance."""
    reach_m: float = 0.0
    """How far the thing reaches beyond its shape, or how far off an approximate outline may be."""

    @property
    def is_outline(self) -> bool:
        """Whether it says what lies inside."""
        return self.shape.geom_type in ("Polygon", "MultiPolygon") and not self.shape.is_empty

    @property
    def is_surveyed(self) -> bool:
        """Whether it says so exactly: an outline that nobody drew about a middle."""
        return self.is_outline and self.reach_m == 0.0

    @property
    def is_told(self) -> bool:
        """Whether it is an area of which only the addresses that name it are known."""
        return self.sort in AREAS and self.shape.geom_type == "MultiPoint"


class AddressBookAbout(msgspec.Struct, frozen=True):
    """What is true of an address book as a whole."""

    name: str
    file: str
    """The extract it was made from."""
    licence: str
    data_date: str
    counts: Mapping[str, int] = {}
    """Lines by sort."""


@dataclass(frozen=True, slots=True, eq=False)
class NamedThing:
    """What one name means at one place: lines of the book that are one thing."""

    sort: Sort
    name: str
    entries: tuple[BookEntry, ...]
    shape: BaseGeometry
    """All of it, in WGS-84."""
    reach_m: float


@dataclass(frozen=True, slots=True, eq=False)
class AddressBook:
    """All lines, found by their names."""

    entries: tuple[BookEntry, ...]
    coverage: BaseGeometry | None = None
    """The ground of which the book knows all that its source knows, in WGS-84. None: no edge is
    known, and what the book holds is taken as whole.
    """
    _named: dict[str, list[BookEntry]] = field(init=False, repr=False)
    _numbered: dict[str, list[BookEntry]] = field(init=False, repr=False)
    _groups: dict[tuple[str, Sort], tuple[NamedThing, ...]] = field(init=False, repr=False)
    _known: frozenset[Sort] = field(init=False, repr=False)
    _surveyed: dict[Sort, tuple[BookEntry, ...]] = field(init=False, repr=False)
    _told: dict[Sort, tuple[BookEntry, ...]] = field(init=False, repr=False)
    longest: int = field(init=False)
    """Letters of the longest name."""

    def __post_init__(self) -> None:
        named: dict[str, list[BookEntry]] = {}
        numbered: dict[str, list[BookEntry]] = {}
        areas = {key for each in self.entries if each.sort in AREAS for key in keys_of(each)}
        for entry in self.entries:
            if entry.sort in (Sort.HOUSE_NUMBER, Sort.ENTRANCE):
                numbered.setdefault(name_letters(entry.of), []).append(entry)
                continue
            for key in keys_of(entry):
                if not _is_area_part(key, entry, areas):
                    named.setdefault(key, []).append(entry)
        known = (
            each.sort
            for each in self.entries
            if each.is_outline
            or each.sort is Sort.CITY
            or (each.sort is Sort.DISTRICT and each.shape.is_empty)
        )
        told = {
            sort: tuple(each for each in self.entries if each.sort is sort and each.is_told)
            for sort in AREAS
        }
        surveyed = {
            sort: tuple(each for each in self.entries if each.sort is sort and each.is_surveyed)
            for sort in AREAS
        }
        object.__setattr__(self, "_known", frozenset(known))
        object.__setattr__(self, "_surveyed", surveyed)
        object.__setattr__(self, "_told", told)
        object.__setattr__(self, "_named", named)
        object.__setattr__(self, "_numbered", numbered)
        object.__setattr__(self, "_groups", {})
        object.__setattr__(self, "longest", max(map(len, named), default=0))

    def __len__(self) -> int:
        return len(self.entries)

    def sorts(self, key: str) -> frozenset[Sort]:
        """What a name (as `letters` writes it) may stand for; empty where nobody is called so."""
        return frozenset(entry.sort for entry in self._named.get(key, ()))

    def areas(self, key: str, sort: Sort) -> tuple[BookEntry, ...]:
        """The areas of that name."""
        return tuple(entry for entry in self._named.get(key, ()) if entry.sort is sort)

    def around(self, shape: BaseGeometry, sort: Sort) -> tuple[BookEntry, ...]:
        """The areas of a sort in whose surveyed outlines a WGS-84 shape lies."""
        return tuple(each for each in self._surveyed[sort] if each.shape.contains(shape))

    def told(self, sort: Sort) -> tuple[BookEntry, ...]:
        """The areas of a sort that addresses of the map name, with the points of those."""
        return self._told[sort]

    def knows(self, sort: Sort) -> bool:
        """Whether the book knows which areas of that sort there are: by outlines, as the cities
        that it reaches into, or by the districts whose borders it cuts: where a border runs, both
        its sides are named.
        """
        return sort in self._known

    def groups(self, key: str, sort: Sort) -> tuple[NamedThing, ...]:
        """What the name stands for, each thing once, in the order of the book."""
        known = self._groups.get((key, sort))
        if known is None:
            mine = [
                entry
                for entry in self._named.get(key, ())
                if entry.sort is sort and not entry.shape.is_empty
            ]
            known = tuple(_grouped(mine, sort))
            self._groups[key, sort] = known
        return known

    def belonging(self, name: str, sort: Sort) -> tuple[BookEntry, ...]:
        """The house numbers of a road, or the entrances of a station."""
        return tuple(
            entry for entry in self._numbered.get(name_letters(name), ()) if entry.sort is sort
        )

    def with_entries(self, more: Iterable[BookEntry]) -> "AddressBook":
        """The same with more lines."""
        return AddressBook((*self.entries, *more), self.coverage)

    def without(self, hidden: Iterable[BookEntry]) -> "AddressBook":
        """The same without some lines."""
        gone = {id(entry) for entry in hidden}
        kept = tuple(entry for entry in self.entries if id(entry) not in gone)
        return AddressBook(kept, self.coverage)

    def counts(self) -> dict[str, int]:
        """Lines by sort."""
        found = dict.fromkeys(map(str, Sort), 0)
        for entry in self.entries:
            found[str(entry.sort)] += 1
        return found


def _is_area_part(key: str, entry: BookEntry, areas: Collection[str]) -> bool:
    """Whether a landmark's key is but the areas before its foreign name: 东城 COCO Park."""
    is_part = entry.sort in (Sort.LANDMARK, Sort.CHAIN) and _LATIN.search(entry.name)
    return bool(is_part) and _is_made_of(key, areas)


def _is_made_of(key: str, areas: Collection[str]) -> bool:
    return key in areas or any(
        key[:at] in areas and _is_made_of(key[at:], areas) for at in range(2, len(key) - 1)
    )


def _grouped(entries: Sequence[BookEntry], sort: Sort) -> Iterable[NamedThing]:
    if not entries:
        return
    shapes = np.array([entry.shape for entry in entries], dtype=object)
    plane = Plane.at(shapely.GeometryCollection(list(shapes)))
    flat = [plane.to_metres(shape) for shape in shapes]
    near_m = _JOINED_ROAD_M if sort is Sort.ROAD else _JOINED_M
    joined = shapely.union_all(shapely.buffer(flat, near_m / 2, quad_segs=2))
    for part in shapely.get_parts(joined):
        inside = [at for at, shape in enumerate(flat) if part.intersects(shape)]
        if not inside:
            continue  # a sliver of a coarse buffer: it holds nothing
        mine = tuple(entries[at] for at in inside)
        shape = shapely.union_all([entry.shape for entry in mine])
        yield NamedThing(sort, mine[0].name, mine, shape, max(entry.reach_m for entry in mine))


# --- names ---


def letters(text: str) -> tuple[str, frozenset[int]]:
    """A text as names are compared: simplified, half-width, without case, spaces and punctuation.

    With it the positions at which something was left out: there a new name may begin.
    """
    plain = chinese().plain
    kept: list[str] = []
    cuts: set[int] = set()
    for letter in normal(text):
        code = int(plain[ord(letter)]) if ord(letter) < len(plain) else 0
        if code:
            kept.append(chr(code))
        elif kept and _is_inside(letter, kept[-1]):
            kept.append(letter)
        else:
            cuts.add(len(kept))
    return "".join(kept), frozenset(cuts)


def _is_inside(letter: str, before: str) -> bool:
    """Whether a mark belongs to a number: 13-1, 1.5."""
    return before.isascii() and (
        (letter == "-" and before.isalnum()) or (letter == "." and before.isdigit())
    )


@cache
def name_letters(name: str) -> str:
    """A name as it is compared."""
    return letters(name)[0].replace("-", "").replace(".", "")


#: What a name may end in that people leave out or add, by sort.
_ENDINGS: Final[Mapping[Sort, str]] = {
    Sort.CITY: r"(?:市|地区|自治州|州|盟)$",
    Sort.DISTRICT: r"(?:(?:满|回|蒙古|维吾尔|朝鲜|达斡尔|鄂温克|壮|藏|苗|彝|土家|侗|瑶|白|傣|羌)族"
    r"(?:自治)?)?"
    r"(?:新区|区|自治县|县|自治旗|旗|市)$",
    Sort.STREET_OFFICE: r"(?:地区办事处|街道办事处|街道办|街道|地区|镇|乡|sub-?district)$",
    Sort.COMMUNITY: r"(?:社区居民委员会|社区居委会|社区|居委会)$",
    Sort.VILLAGE: r"(?:村民委员会|村委会|村)$",
    Sort.STATION: r"(?:地铁站|火车站|站)$",
}
_ADDED: Final[Mapping[Sort, tuple[str, ...]]] = {
    Sort.DISTRICT: ("区",),
    Sort.STREET_OFFICE: ("街道", "街道办事处", "街道办", "镇"),
    Sort.COMMUNITY: ("社区", "社区居委会"),
    Sort.VILLAGE: ("村",),
    Sort.STATION: ("站", "地铁站", "地铁"),
}
#: Estates that people also call 小区.
_ESTATE: Final = re.compile(r"(?:苑|家园|嘉园|佳园|花园|别墅|[东西南北]里)$")
_SHORTEST_STEM: Final = 2
#: The Chinese part of a name of two scripts; a shorter one is a city's.
_SHORTEST_HAN: Final = 3


def keys_of(entry: BookEntry) -> tuple[str, ...]:
    """Every way to write the entry's name."""
    return _keys(entry.sort, (entry.name, *entry.others))


@lru_cache(maxsize=1 << 16)
def _keys(sort: Sort, written: tuple[str, ...]) -> tuple[str, ...]:
    names = dict.fromkeys(each for name in written for each in _forms(name))
    found = dict.fromkeys(filter(None, map(name_letters, names)))
    if sort is Sort.LANDMARK:
        for key in filter(_ESTATE.search, list(found)):
            found.setdefault(key + "小区")
    if sort in _ENDINGS:
        for key in list(found):
            stem = re.sub(_ENDINGS[sort], "", key)
            if len(stem) < _SHORTEST_STEM:
                continue
            if sort is not Sort.STATION:
                found.setdefault(stem)
            if sort is Sort.DISTRICT and stem != key and "族" not in key:
                continue  # a new area is no district; one of a people may leave its people off
            for ending in _ADDED.get(sort, ()):
                found.setdefault(stem + ending)
            if sort is Sort.STATION and not stem.endswith("公交"):
                found.setdefault(f"地铁{stem}站")
    foreign = _foreign_keys(found, sort)
    return tuple(dict.fromkeys((*found, *foreign)))


#: What a street or an area ends in, and what else is written for it.
_SHORTENED: Final = (
    ("strasse", ("str",)),
    ("street", ("st",)),
    ("road", ("rd",)),
    ("avenue", ("ave",)),
    ("boulevard", ("blvd", "avenue")),
    ("platz", ("pl",)),
)
_KINDS: Final[Mapping[Sort, tuple[str, ...]]] = {
    Sort.CITY: ("city",),
    Sort.DISTRICT: ("district",),
    Sort.STREET_OFFICE: ("subdistrict",),
}
#: From so many letters on a name is hardly ever spelled as another in pinyin. Streets are: 科苑路
#: and 科园路.
_FEWEST_SPELLED: Final[Mapping[Sort, int]] = {
    **dict.fromkeys(AREAS, 2),
    Sort.STATION: 4,
    Sort.LANDMARK: 4,
}
_ALL_HAN: Final = re.compile(r"[㐀-鿿]+")


#: 十二 of 科技南十二路, which is also written 科技南12路.
_IN_DIGITS: Final = re.compile(r"[一二三四五六七八九十]{1,3}(?=(?:路|街|道|巷|弄)$)")


def _digits(han: str) -> str:
    tens, _, ones = han.rpartition("十")
    counted = "一二三四五六七八九"
    ten = (counted.index(tens) + 1 if tens else 1) if "十" in han else 0
    return str(10 * ten + (counted.index(ones) + 1 if ones else 0))


def _foreign_keys(keys: Iterable[str], sort: Sort) -> Iterable[str]:
    """Chinese keys in pinyin, and the short forms of foreign streets."""
    for key in keys:
        if _ALL_HAN.fullmatch(key) and len(key) >= _FEWEST_SPELLED.get(sort, len(key) + 1):
            said = spelled([key])[0][0].replace(" ", "")
            yield said
            yield from (said + kind for kind in _KINDS.get(sort, ()))
        if sort is Sort.ROAD and (digits := _IN_DIGITS.search(key)):
            yield key.replace(digits[0], _digits(digits[0]))
        if sort is Sort.ROAD:
            for ending, shorter in _SHORTENED:
                if key.endswith(ending):
                    yield from (key.removesuffix(ending) + each for each in shorter)


_UMLAUT: Final = re.compile("[äöüÄÖÜ]")
_SPELLED_OUT: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)


def _forms(name: str) -> Iterable[str]:
    """A name, without what stands in brackets, and its Chinese part where it has two scripts."""
    yield name
    if _UMLAUT.search(name):
        yield name.translate(_SPELLED_OUT)
    bare = _BRACKETS.sub("", name)
    yield bare
    han = re.match(r"[㐀-鿿0-9]*[㐀-鿿](?=\s+[A-Za-z])", bare)
    if han and len(han[0]) >= _SHORTEST_HAN:
        yield han[0]


# --- on disk ---

_COLUMNS: Final = ("sort", "name", "others", "of", "reach_m")


def to_parquet(book: AddressBook) -> bytes:
    """The book as GeoParquet in WGS-84: a row a line, the coverage as a row of sort "coverage"."""
    rows: list[dict[str, Any]] = [
        {
            "sort": str(entry.sort),
            "name": entry.name,
            "others": "\n".join(entry.others),
            "of": entry.of,
            "reach_m": entry.reach_m,
        }
        for entry in book.entries
    ]
    shapes = [entry.shape for entry in book.entries]
    if book.coverage is not None:
        rows.append({"sort": _COVERAGE, "name": "", "others": "", "of": "", "reach_m": 0.0})
        shapes.append(book.coverage)
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=_COLUMNS), geometry=shapes, crs=WGS84)
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


_COVERAGE: Final = "coverage"


def from_parquet(body: bytes) -> AddressBook:
    """A book as `to_parquet` writes it. Raises BadTable where a column or a sort is not known."""
    stored: Any = io.BytesIO(body)
    frame = gpd.read_parquet(stored)
    if missing := [name for name in _COLUMNS if name not in frame]:
        raise BadTable("an address book has no column {missing}", missing=missing)
    known = {*map(str, Sort), _COVERAGE}
    if odd := sorted(set(frame["sort"]) - known):
        raise BadTable(
            "an address book has no lines of {odd}; there are {known}", odd=odd, known=sorted(known)
        )
    edges = [
        shape
        for sort, shape in zip(frame["sort"], frame.geometry, strict=True)
        if sort == _COVERAGE
    ]
    lines = zip(*(frame[name].tolist() for name in _COLUMNS), frame.geometry, strict=True)
    return AddressBook(
        tuple(
            BookEntry(Sort(sort), name, shape, tuple(filter(None, others.split("\n"))), of, reach_m)
            for sort, name, others, of, reach_m, shape in lines
            if sort != _COVERAGE
        ),
        edges[0] if edges else None,
    )


def of_areas(
    streets: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, rough_m: float
) -> tuple[BookEntry, ...]:
    """The districts and street offices of a dataset (columns district, street, name_en,
    approximate, geometry in WGS-84) as lines of a book; approximate outlines may be `rough_m` off.
    """
    found = []
    for sort, frame, column in (
        (Sort.DISTRICT, districts, "district"),
        (Sort.STREET_OFFICE, streets, "street"),
    ):
        english = frame["name_en"] if column == "street" else frame.get("district_en")
        also = [""] * len(frame) if english is None else english.fillna("").tolist()
        rough = frame["approximate"].to_numpy(bool)
        each = zip(frame[column], also, rough.tolist(), frame.geometry, strict=True)
        found += [
            BookEntry(
                sort,
                str(name),
                shape,
                tuple(filter(None, (other,))),
                "",
                rough_m if is_rough else 0.0,
            )
            for name, other, is_rough, shape in each
            if not shape.is_empty
        ]
    return tuple(found)
