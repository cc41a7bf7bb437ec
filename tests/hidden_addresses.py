"""Places of an extract hidden from its own address book, and the addresses they would have: how
far an answer lies from the truth, beside the radius that it states.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geodata.sources.locate.book import AddressBook, BookEntry, Sort
from geodata.sources.locate.from_extract import Mapped, book_of, coverage_of, read_mapped
from geodata.sources.locate.ladder import Found, Sought, locate
from geodata.sources.locate.plane import Plane, apart_m

EXTRACTS: Final = {
    "nanshan": "roads/nanshan_futian.osm",
    "haidian": "osm/beijing_haidian.osm.pbf",
    "longgang": "osm/longgang_buji.osm.pbf",
    "helsinki": "osm/helsinki_centre.osm.pbf",
    "liechtenstein": "osm/liechtenstein.osm.pbf",
}
IN_CHINA: Final = ("nanshan", "haidian", "longgang")
_EIGHT: Final = ("北", "东北", "东", "东南", "南", "西南", "西", "西北")
#: Of what an address tells as a distance.
_ROUNDED_M: Final = 50
_FARTHEST_M: Final = 400.0
_BESIDE_M: Final = 60.0


@dataclass(frozen=True, slots=True)
class Trial:
    """One hidden place: its address, what came of it, and how far off that is."""

    family: str
    text: str
    found: Found
    away_m: float | None

    @property
    def outside(self) -> bool:
        """Whether it lies outside the radius that was stated."""
        radius_m = self.found.radius_m
        return self.away_m is not None and radius_m is not None and self.away_m > radius_m


def read(folder: Path, name: str) -> tuple[list[Mapped], AddressBook]:
    """An extract and its book."""
    mapped = read_mapped(folder / EXTRACTS[name])
    return mapped, book_of(mapped, coverage_of(mapped))


def _trial(family: str, text: str, book: AddressBook, truth: shapely.Geometry) -> Trial:
    found = locate(Sought(text), book)
    if found.lon is None or found.lat is None:
        return Trial(family, text, found, None)
    return Trial(family, text, found, apart_m(shapely.Point(found.lon, found.lat), truth))


def numbers(
    mapped: Sequence[Mapped], book: AddressBook, *, chinese: bool, every: int = 1
) -> Iterator[Trial]:
    """Everything with a house number, which is hidden together with the names at its shape."""
    numbered = [each for each in mapped if {"addr:housenumber", "addr:street"} <= each.tags.keys()]
    for each in numbered[::every]:
        tags = each.tags
        road, number = tags["addr:street"], tags["addr:housenumber"]
        hidden = [
            entry
            for entry in book.entries
            if entry.shape is each.shape
            or (entry.sort is Sort.HOUSE_NUMBER and (entry.of, entry.name) == (road, number))
        ]
        sign = "" if "号" in number else "号"
        text = (
            f"{tags.get('addr:district', '')}{road}{number}{sign}{tags.get('name', '')}"
            if chinese
            else f"{road} {number}, {tags.get('addr:city', '')}"
        )
        yield _trial("house numbers", text, book.without(hidden), each.shape)


def offsets(book: AddressBook, every: int = 1) -> Iterator[Trial]:
    """Landmarks that stand so far from another one: hidden, and told from there."""
    landmarks = _points(book, (Sort.LANDMARK, Sort.CHAIN))
    anchors = [each for each in landmarks if each[0].sort is Sort.LANDMARK]
    pairs = [
        (hidden, anchor)
        for hidden in landmarks[::every]
        for anchor in anchors
        if hidden[0].name != anchor[0].name and _apart(hidden, anchor) <= _FARTHEST_M
    ]
    for (entry, point), (anchor, its) in pairs[:: max(1, len(pairs) // 400)]:
        east, north = Plane.at(its).to_metres(point).coords[0]
        away_m = math.hypot(east, north)
        told = round(away_m / _ROUNDED_M) * _ROUNDED_M
        towards = _EIGHT[round(math.degrees(math.atan2(east, north)) / 45) % 8]
        where = "旁" if away_m < _BESIDE_M else f"往{towards}{told}米" if told else "附近"
        yield _trial("beside and towards", anchor.name + where, book.without([entry]), point)


def _apart(one: tuple[BookEntry, shapely.Point], other: tuple[BookEntry, shapely.Point]) -> float:
    east, north = Plane.at(one[1]).to_metres(other[1]).coords[0]
    return math.hypot(east, north)


def _points(book: AddressBook, sorts: Sequence[Sort]) -> list[tuple[BookEntry, shapely.Point]]:
    return [(each, each.shape.centroid) for each in book.entries if each.sort in sorts]


def junctions(book: AddressBook) -> Iterator[Trial]:
    """Where two named roads share a point of their courses."""
    roads: dict[str, set[tuple[float, float]]] = {}
    for each in book.entries:
        if each.sort is Sort.ROAD:
            nodes = shapely.get_coordinates(each.shape)
            roads.setdefault(each.name, set()).update(map(tuple, np.round(nodes, 7).tolist()))
    for one, other in combinations(sorted(roads), 2):
        shared = sorted(roads[one] & roads[other])
        if shared:
            text = f"{one}与{other}交叉口"
            yield _trial("junctions", text, book, shapely.Point(shared[len(shared) // 2]))
