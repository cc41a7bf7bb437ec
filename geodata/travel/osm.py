"""An OpenStreetMap extract becomes plain arrays of roads: the only import of osmium.

Chooses no speeds: rules.py does.

Two passes: ways are counted for the progress bar, then nodes, ways and relations are read in the
file's order. Ferries, railways and rivers carry no `highway` and are never met. Nodes that the
extract lacks cut their way in two.
"""

import hashlib
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import osmium
from numpy.typing import NDArray

from geodata.errors import Said, UnreadableFile
from geodata.faults import readable
from geodata.travel import limits, rules
from geodata.vocabulary import Mode

Progress = Callable[[int], None]

MODES: Final = tuple(Mode)
#: Not there yet, or not there any more.
_NOT_BUILT: Final = frozenset(
    {"construction", "proposed", "planned", "abandoned", "razed", "disused", "no"}
)
#: An Overpass file says its date in the first lines of its text, where osmium does not look.
_OVERPASS_DATE: Final = re.compile(rb'osm_base="([^"]+)"')
_HEAD_BYTES: Final = 4_096
_KIND: Final = "as OpenStreetMap data (.osm or .osm.pbf)"
#: What stands in the first bytes of a PBF, and of XML, as osmium calls them.
_MARKS: Final = {b"OSMHeader": "pbf", b"<?xml": "osm", b"<osm": "osm"}
_MARK_BYTES: Final = 64
_UNITS_A_DEGREE: Final = 1e7


class Ban(NamedTuple):
    """A turn restriction: coming by one way to a node, one may not (or, with `only`, may just)
    leave by another.
    """

    from_way: int
    via: int
    to_way: int
    only: bool
    modes: frozenset[Mode]


@dataclass(frozen=True, slots=True, eq=False)
class OsmWays:
    """Every way that some mode may use. W ways, R references to N nodes."""

    lonlat: NDArray[np.float64]
    """(N, 2) WGS-84 degrees."""
    stopped: NDArray[np.bool_]
    """(N, modes) whether the node ends its ways for a mode, in the order of MODES."""
    way_first: NDArray[np.int64]
    """(W + 1,) way w has the references [way_first[w], way_first[w + 1]), at least two."""
    refs: NDArray[np.int32]
    """(R,) node of each reference."""
    pace_m_s: NDArray[np.float64]
    """(W, modes, 2) along the way and against it; 0: closed."""
    to_doors_only: NDArray[np.bool_]
    """(W, modes) one may go to a door on it or come from one, but not through."""
    snappable: NDArray[np.uint8]
    """(W,) rules.Snappable: whether points beside it belong to it."""
    bans: tuple[Ban, ...]
    unheeded: int
    """Turn restrictions over a way or with members that the extract lacks: counted, not obeyed."""
    file: str
    sha256: str
    timestamp: str | None
    """Of the data, as the file states it; None: it does not."""


def read(path: Path, progress: Progress) -> OsmWays:
    """Read a .osm or .pbf file; `progress` hears how many ways are done. Raises UnreadableFile."""
    reading = _Reading()
    with readable(path, Said(_KIND)):
        for number, entity in enumerate(_entities(path)):
            reading.take(entity)
            if number % 1_000 == 0:
                progress(len(reading.way_ids))
        stated = _timestamp(path)
    if not reading.way_ids:
        raise UnreadableFile(
            "{file} holds no road that one could walk, ride or drive on", file=path.name
        )
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    return reading.roads(path.name, digest, stated)


def count_ways(path: Path) -> int:
    """How many roads `read` will meet. Raises UnreadableFile."""
    with readable(path, Said(_KIND)):
        ways = osmium.FileProcessor(_opened(path), osmium.osm.WAY)
        return sum(1 for _ in ways.with_filter(osmium.filter.KeyFilter("highway")))


def _opened(path: Path) -> osmium.io.File:
    """The file as what it begins as, whatever it is called; else as its name says."""
    with path.open("rb") as source:
        begins = source.read(_MARK_BYTES)
    kind = next((kind for mark, kind in _MARKS.items() if mark in begins), "")
    return osmium.io.File(str(path), kind)


def _entities(path: Path) -> Iterable[Any]:
    tagged = osmium.filter.KeyFilter("highway", "barrier", "type", *limits.KEYS)
    return osmium.FileProcessor(_opened(path)).with_locations().with_filter(tagged)


def _timestamp(path: Path) -> str | None:
    with osmium.io.Reader(_opened(path), osmium.osm.NOTHING) as reader:
        header = reader.header()
        stated = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    if stated:
        return str(stated)
    with path.open("rb") as source:
        found = _OVERPASS_DATE.search(source.read(_HEAD_BYTES))
    return found[1].decode("ascii", "replace") if found else None


@lru_cache(maxsize=65_536)
def _meaning(tags: tuple[tuple[str, str], ...]) -> tuple[tuple[rules.Pace, ...], rules.Snappable]:
    """Of a way for every mode. Roads of a city share few combinations of tags."""
    said = dict(tags)
    if said.get("highway") in _NOT_BUILT:
        return (rules.CLOSED,) * len(MODES), rules.Snappable.NEVER
    return tuple(rules.pace(said, mode) for mode in MODES), rules.snappable(said)


#: Keys that say nothing about going: left out, so that combinations are few.
_SILENT: Final = re.compile(
    r"(name|ref|source|note|addr|old_|alt_|official_|int_|loc_|wiki|description|lanes|lit)"
)


@dataclass(slots=True)
class _Reading:
    """What has been read so far, by OpenStreetMap's numbers."""

    way_ids: "array[int]" = field(default_factory=lambda: array("q"))
    way_lengths: "array[int]" = field(default_factory=lambda: array("q"))
    node_ids: "array[int]" = field(default_factory=lambda: array("q"))
    spots: "array[int]" = field(default_factory=lambda: array("i"))
    """lon, lat of each reference, as OpenStreetMap counts them: in units of 1e-7 degrees."""
    paces: "array[float]" = field(default_factory=lambda: array("d"))
    to_doors_only: bytearray = field(default_factory=bytearray)
    snappable: bytearray = field(default_factory=bytearray)
    stops: dict[int, tuple[bool, ...]] = field(default_factory=dict)
    turns: list[tuple[int, int, int, bool, frozenset[Mode]]] = field(default_factory=list)
    unheeded: int = 0

    def take(self, entity: Any) -> None:
        if entity.is_node():
            self._take_node(entity)
        elif entity.is_way():
            self._take_way(entity)
        elif entity.is_relation():
            self._take_relation(entity)

    def _take_node(self, node: Any) -> None:
        tags = dict(node.tags)
        stopped = tuple(rules.stops(tags, mode) for mode in MODES)
        if any(stopped):
            self.stops[node.id] = stopped

    def _take_way(self, way: Any) -> None:
        if "highway" not in way.tags:
            return
        paces, snappable = _meaning(
            tuple((tag.k, tag.v) for tag in way.tags if not _SILENT.match(tag.k))
        )
        if not any(pace.is_open for pace in paces):
            return
        for numbers, spots in _runs(way.nodes):
            self.way_ids.append(way.id)
            self.way_lengths.append(len(numbers))
            self.node_ids.extend(numbers)
            self.spots.extend(spots)
            self.snappable.append(snappable)
            for pace in paces:
                self.paces.extend(pace[:2])
                self.to_doors_only.append(pace.to_doors_only)

    def _take_relation(self, relation: Any) -> None:
        tags = dict(relation.tags)
        if not tags.get("type", "").startswith("restriction"):
            return
        heard = {mode: turn for mode in MODES if (turn := rules.restriction(tags, mode))}
        members = {
            role: [m for m in relation.members if m.role == role] for role in ("from", "via", "to")
        }
        if not heard:
            return
        if len(members["via"]) != 1 or members["via"][0].type != "n":
            self.unheeded += 1
            return
        via = members["via"][0].ref
        for only in (False, True):
            modes = frozenset(mode for mode, turn in heard.items() if turn.only is only)
            pairs = ((start.ref, end.ref) for start in members["from"] for end in members["to"])
            self.turns += ((start, via, end, only, modes) for start, end in pairs if modes)

    def roads(self, name: str, digest: str, stated: str | None) -> OsmWays:
        """All of it with consecutive numbers."""
        ids, refs = np.unique(np.frombuffer(self.node_ids, np.int64), return_inverse=True)
        lonlat = np.empty((len(ids), 2))
        lonlat[refs] = np.frombuffer(self.spots, np.int32).reshape(-1, 2) / _UNITS_A_DEGREE
        bans, lost = self._bans(ids)
        return OsmWays(
            lonlat,
            self._stopped(ids),
            np.concatenate([[0], np.cumsum(np.frombuffer(self.way_lengths, np.int64))]),
            refs.astype(np.int32),
            np.frombuffer(self.paces, np.float64).reshape(-1, len(MODES), 2),
            np.frombuffer(self.to_doors_only, np.bool_).reshape(-1, len(MODES)),
            np.frombuffer(self.snappable, np.uint8),
            bans,
            self.unheeded + lost,
            name,
            digest,
            stated,
        )

    def _stopped(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        stopped = np.zeros((len(ids), len(MODES)), np.bool_)
        numbers = np.fromiter(self.stops, np.int64, len(self.stops))
        modes = np.array(list(self.stops.values()), np.bool_).reshape(-1, len(MODES))
        at = np.minimum(np.searchsorted(ids, numbers), len(ids) - 1)
        on_a_road = ids[at] == numbers
        stopped[at[on_a_road]] = modes[on_a_road]
        return stopped

    def _bans(self, ids: NDArray[np.int64]) -> tuple[tuple[Ban, ...], int]:
        named = {way for start, _, end, _, _ in self.turns for way in (start, end)}
        ways: dict[int, list[int]] = {}
        for number, way in enumerate(self.way_ids):
            if way in named:
                ways.setdefault(way, []).append(number)
        bans: list[Ban] = []
        lost = 0
        for start, via, end, only, modes in self.turns:
            at = int(np.searchsorted(ids, via))
            if at == len(ids) or ids[at] != via or start not in ways or end not in ways:
                lost += 1
                continue
            bans += (Ban(a, at, b, only, modes) for a in ways[start] for b in ways[end])
        return tuple(bans), lost


def _runs(nodes: Any) -> Iterator[tuple[list[int], list[int]]]:
    """The references of a way and where they lie, cut where the extract lacks a node.

    Runs of one node lead nowhere.
    """
    numbers: list[int] = []
    spots: list[int] = []
    for node in nodes:
        spot = node.location
        if spot.valid():
            if not numbers or numbers[-1] != node.ref:
                numbers.append(node.ref)
                spots += (spot.x, spot.y)
            continue
        if len(numbers) > 1:
            yield numbers, spots
        numbers, spots = [], []
    if len(numbers) > 1:
        yield numbers, spots
