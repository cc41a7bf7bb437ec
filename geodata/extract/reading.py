"""Reads an extract in filtered passes: what is not wanted never becomes a Python value.

A large file is read in two steps: relations are found first, then one pass reads what they need.
Memory holds the spots of the nodes (16 bytes each) and the ways of the wanted multipolygons.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import osmium
import shapely

from geodata.errors import Said, UnreadableFile
from geodata.extract.entities import (
    MISSING,
    Letter,
    OsmArea,
    OsmEntity,
    OsmMember,
    OsmNode,
    OsmRelation,
    OsmWay,
)
from geodata.extract.foreign_files import readable

Progress = Callable[[int], None]

#: An Overpass file says its date in the first lines of its text, where osmium does not look.
_OVERPASS_DATE: Final = re.compile(rb'osm_base="([^"]+)"')
_HEAD_BYTES: Final = 4_096
#: A box of nodes is at least so wide and high, 200 m: one without an area holds no place.
_LEAST_DEG: Final = 0.002
_KIND: Final = "as OpenStreetMap data (.osm or .osm.pbf)"
#: What stands in the first bytes of a PBF, and of XML, as osmium calls them.
_MARKS: Final = {b"OSMHeader": "pbf", b"<?xml": "osm", b"<osm": "osm"}
_MARK_BYTES: Final = 64
#: So many entities are read before their reader is asked for the next.
_AT_ONCE: Final = 1_000
#: Before its first version an entity has no date; osmium writes the beginning of all time.
_FIRST_YEAR: Final = 2004
_LETTERS: Final[dict[Letter, Any]] = {
    "n": osmium.osm.NODE,
    "w": osmium.osm.WAY,
    "r": osmium.osm.RELATION,
}


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of which an entity of each sort must carry one; no key: none of that sort.

    Closed ways come as an OsmWay where `ways` wants them and as an OsmArea where `areas` does.
    """

    nodes: Collection[str] = ()
    ways: Collection[str] = ()
    areas: Collection[str] = ()
    relations: Collection[str] = ()

    def _sorts(self) -> Iterator[tuple[Any, Collection[str]]]:
        yield osmium.osm.NODE, self.nodes
        yield osmium.osm.WAY, self.ways
        yield osmium.osm.AREA, self.areas
        yield osmium.osm.RELATION, self.relations

    @property
    def bits(self) -> Any:
        """The sorts as osmium counts them."""
        bits = osmium.osm.NOTHING
        for sort, keys in self._sorts():
            bits = bits | sort if keys else bits
        return bits

    def filters(self) -> Iterator[Any]:
        """One filter a sort, and one that leaves out the other sorts."""
        yield osmium.filter.EntityFilter(self.bits)
        for sort, keys in self._sorts():
            if keys:
                keyed = osmium.filter.KeyFilter(*keys)
                keyed.enable_for(sort)
                yield keyed


def entities(path: Path, wanted: Keys, progress: Progress = lambda _: None) -> Iterator[OsmEntity]:
    """Everything that is wanted, in the file's order; areas follow when their last member has been
    met. `progress` hears how many have come. Raises UnreadableFile.
    """
    done = 0
    for several in _in_parts(path, _converted(path, wanted)):
        yield from several
        done += len(several)
        progress(done)


def count(path: Path, wanted: Keys) -> int:
    """How many nodes, ways and relations `entities` will give, without areas.

    Raises UnreadableFile.
    """
    with readable(path, Said(_KIND)):
        met = _met(path, wanted.bits & ~osmium.osm.AREA, *wanted.filters())
        return sum(1 for _ in met)


def relations(path: Path, key: str, values: Collection[str]) -> Iterator[OsmRelation]:
    """Relations whose tag `key` has one of the values, without reading nodes or ways.

    Raises UnreadableFile.
    """
    for several in _in_parts(path, _relations_with(path, key, values)):
        yield from several


def present(path: Path, letter: Letter, numbers: Collection[int]) -> frozenset[int]:
    """Which of the nodes, ways or relations with these numbers the extract holds.

    Raises UnreadableFile.
    """
    if not numbers:
        return frozenset()
    _require_uploaded(path, numbers)
    with readable(path, Said(_KIND)):
        met = _met(path, _LETTERS[letter], osmium.filter.IdFilter(numbers))
        return frozenset(entity.id for entity in met)


def nodes_of(path: Path, numbers: Collection[int]) -> Iterator[OsmNode]:
    """The nodes with these numbers that the extract holds. Raises UnreadableFile."""
    for several in _in_parts(path, _nodes_of(path, numbers)):
        yield from several


def ways_of(path: Path, numbers: Collection[int]) -> Iterator[OsmWay]:
    """The ways with these numbers that the extract holds. Raises UnreadableFile."""
    for several in _in_parts(path, _ways_of(path, numbers)):
        yield from several


def box(path: Path) -> tuple[float, float, float, float] | None:
    """West, south, east, north of what the header says is in the file; of all nodes where it says
    nothing, in WGS-84 degrees. One node, or several on a line, still have ground about them.
    None: there is no node. Raises UnreadableFile.
    """
    with readable(path, Said(_KIND)):
        with osmium.io.Reader(_opened(path), osmium.osm.NOTHING) as reader:
            stated = reader.header().box()
        if stated.valid():
            low, high = stated.bottom_left, stated.top_right
            return low.lon, low.lat, high.lon, high.lat
        west = south = np.inf
        east = north = -np.inf
        for node in _met(path, osmium.osm.NODE):
            if node.location.valid():
                lon, lat = node.location.lon, node.location.lat
                west, south = min(west, lon), min(south, lat)
                east, north = max(east, lon), max(north, lat)
        if west > east:
            return None
        across, up = (max(0.0, _LEAST_DEG - wide) / 2 for wide in (east - west, north - south))
        return west - across, south - up, east + across, north + up


def timestamp(path: Path) -> str | None:
    """Of the data, as the file states it; None: it does not. Raises UnreadableFile."""
    with readable(path, Said(_KIND)):
        with osmium.io.Reader(_opened(path), osmium.osm.NOTHING) as reader:
            header = reader.header()
            stated = header.get("osmosis_replication_timestamp") or header.get("timestamp")
        if stated:
            return str(stated)
        with path.open("rb") as source:
            found = _OVERPASS_DATE.search(source.read(_HEAD_BYTES))
    return found[1].decode("ascii", "replace") if found else None


def sha256(path: Path) -> str:
    """Of the file's bytes, in hexadecimal. Raises UnreadableFile."""
    with readable(path, Said(_KIND)), path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _opened(path: Path) -> osmium.io.File:
    """The file as what it begins as, whatever it is called; else as its name says."""
    with path.open("rb") as source:
        begins = source.read(_MARK_BYTES)
    kind = next((kind for mark, kind in _MARKS.items() if mark in begins), "")
    return osmium.io.File(str(path), kind)


def _in_parts(path: Path, parts: Iterator[Any]) -> Iterator[list[Any]]:
    """Several at a time, so that only osmium's own work stands between the guards."""
    while True:
        with readable(path, Said(_KIND)):
            several = list(islice(parts, _AT_ONCE))
        if not several:
            return
        yield several


def _met(path: Path, sorts: Any, *filters: Any) -> Any:
    """Osmium's own pass over the file: what it gives lasts until the next is asked for."""
    met = osmium.FileProcessor(_opened(path), sorts)
    for each in filters:
        met.with_filter(each)
    return met


def _converted(path: Path, wanted: Keys) -> Iterator[OsmEntity]:
    met = _met(path, osmium.osm.ALL, *wanted.filters())
    if wanted.areas:
        met.with_areas(osmium.filter.KeyFilter(*wanted.areas))
    elif wanted.ways:
        met.with_locations()
    factory = osmium.geom.WKBFactory()
    for entity in met:
        if entity.is_area():
            yield _area(entity, factory)
        elif entity.is_way():
            yield _way(path, entity)
        elif entity.is_relation():
            yield _relation(entity)
        elif entity.location.valid():
            yield _node(entity)


def _relations_with(path: Path, key: str, values: Collection[str]) -> Iterator[OsmRelation]:
    tagged = osmium.filter.TagFilter(*((key, value) for value in values))
    yield from map(_relation, _met(path, osmium.osm.RELATION, tagged))


def _require_uploaded(path: Path, numbers: Iterable[int]) -> None:
    """Raises UnreadableFile for a number below 0, as editors give what they have not uploaded:
    osmium keeps no spot of such a node, and every road would be without its ground.
    """
    if min(numbers, default=0) < 0:
        raise UnreadableFile(
            (
                "{file} holds things with numbers below 0, which were never uploaded to"
                " OpenStreetMap; give them others: osmium renumber"
            ),
            file=path.name,
        )


def _nodes_of(path: Path, numbers: Collection[int]) -> Iterator[OsmNode]:
    _require_uploaded(path, numbers)
    for node in _met(path, osmium.osm.NODE, osmium.filter.IdFilter(numbers)):
        if node.location.valid():
            yield _node(node)


def _ways_of(path: Path, numbers: Collection[int]) -> Iterator[OsmWay]:
    if numbers:
        _require_uploaded(path, numbers)
        ways = osmium.filter.EntityFilter(osmium.osm.WAY)
        met = _met(path, osmium.osm.NODE | osmium.osm.WAY, ways, osmium.filter.IdFilter(numbers))
        yield from (_way(path, way) for way in met.with_locations())


def _node(node: Any) -> OsmNode:
    spot = node.location
    return OsmNode(node.id, dict(node.tags), spot.lon, spot.lat, _changed(node))


def _way(path: Path, way: Any) -> OsmWay:
    refs: list[int] = []
    units: list[int] = []
    for node in way.nodes:
        spot = node.location
        refs.append(node.ref)
        units += (spot.x, spot.y) if spot.valid() else (MISSING, MISSING)
    _require_uploaded(path, refs)
    return OsmWay(way.id, dict(way.tags), refs, units, _changed(way))


def _area(area: Any, factory: Any) -> OsmArea:
    letter: Literal["w", "r"] = "w" if area.from_way() else "r"
    try:
        shape = shapely.from_wkb(factory.create_multipolygon(area))
    except RuntimeError:  # osmium's, where it could not join the rings
        shape = None
    return OsmArea(letter, area.orig_id(), dict(area.tags), shape, _changed(area))


def _relation(relation: Any) -> OsmRelation:
    members = tuple(OsmMember(each.type, each.ref, each.role) for each in relation.members)
    return OsmRelation(relation.id, dict(relation.tags), members, _changed(relation))


def _changed(entity: Any) -> date | None:
    moment = entity.timestamp
    found: date = moment.date()
    return found if found.year >= _FIRST_YEAR else None
