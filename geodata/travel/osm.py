"""An OpenStreetMap extract becomes plain arrays of roads.

Chooses no speeds: rules.py does.

Two passes: ways are counted for the progress bar, then nodes, ways and relations are read in the
file's order. Ferries, railways and rivers carry no `highway` and are never met. Nodes that the
extract lacks cut their way in two.
"""

import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.errors import NoRoads
from geodata.extract import reading
from geodata.extract.entities import MISSING, UNITS_A_DEGREE, OsmNode, OsmRelation, OsmWay
from geodata.travel import limits, rules
from geodata.vocabulary import Mode

Progress = Callable[[int], None]

MODES: Final = tuple(Mode)
#: Not there yet, or not there any more.
_NOT_BUILT: Final = frozenset(
    {"construction", "proposed", "planned", "abandoned", "razed", "disused", "no"}
)
_WANTED: Final = reading.Keys(
    nodes=("highway", "barrier", "ford", *limits.KEYS), ways=("highway",), relations=("type",)
)
_COUNTED: Final = reading.Keys(ways=("highway",))


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
    """Read a .osm or .pbf file; `progress` hears how many ways are done. Raises UnreadableFile, of
    one without roads as NoRoads.
    """
    roads = _Reading()
    for number, entity in enumerate(reading.entities(path, _WANTED)):
        match entity:
            case OsmNode():
                roads.take_node(entity)
            case OsmWay():
                roads.take_way(entity)
            case OsmRelation():
                roads.take_relation(entity)
        if number % 1_000 == 0:
            progress(len(roads.way_ids))
    if not roads.way_ids:
        raise NoRoads("{file} holds no road that one could walk, ride or drive on", file=path.name)
    return roads.whole(path.name, reading.sha256(path), reading.timestamp(path))


def count_ways(path: Path) -> int:
    """How many roads `read` will meet. Raises UnreadableFile."""
    return reading.count(path, _COUNTED)


@lru_cache(maxsize=65_536)
def _meaning(tags: tuple[tuple[str, str], ...]) -> tuple[tuple[rules.Pace, ...], rules.Snappable]:
    """Of a way for every mode. Roads of a city share few combinations of tags."""
    said = dict(tags)
    if said.get("highway") in _NOT_BUILT or any(said.get(key) == "yes" for key in _NOT_BUILT):
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

    def take_node(self, node: OsmNode) -> None:
        stopped = tuple(rules.stops(node.tags, mode) for mode in MODES)
        if any(stopped):
            self.stops[node.id] = stopped

    def take_way(self, way: OsmWay) -> None:
        paces, snappable = _meaning(
            tuple((key, value) for key, value in way.tags.items() if not _SILENT.match(key))
        )
        if not any(pace.is_open for pace in paces):
            return
        for numbers, spots in _runs(way):
            self.way_ids.append(way.id)
            self.way_lengths.append(len(numbers))
            self.node_ids.extend(numbers)
            self.spots.extend(spots)
            self.snappable.append(snappable)
            for pace in paces:
                self.paces.extend(pace[:2])
                self.to_doors_only.append(pace.to_doors_only)

    def take_relation(self, relation: OsmRelation) -> None:
        tags = relation.tags
        if not tags.get("type", "").startswith("restriction"):
            return
        heard = {mode: turn for mode in MODES if (turn := rules.restriction(tags, mode))}
        members = {
            role: [m for m in relation.members if m.role == role] for role in ("from", "via", "to")
        }
        if not heard:
            return
        if len(members["via"]) != 1 or members["via"][0].letter != "n":
            self.unheeded += 1
            return
        via = members["via"][0].ref
        for only in (False, True):
            modes = frozenset(mode for mode, turn in heard.items() if turn.only is only)
            pairs = ((start.ref, end.ref) for start in members["from"] for end in members["to"])
            self.turns += ((start, via, end, only, modes) for start, end in pairs if modes)

    def whole(self, name: str, digest: str, stated: str | None) -> OsmWays:
        """All of it with consecutive numbers."""
        ids, refs = np.unique(np.frombuffer(self.node_ids, np.int64), return_inverse=True)
        lonlat = np.empty((len(ids), 2))
        lonlat[refs] = np.frombuffer(self.spots, np.int32).reshape(-1, 2) / UNITS_A_DEGREE
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


def _runs(way: OsmWay) -> Iterator[tuple[list[int], list[int]]]:
    """The references of a way and where they lie, cut where the extract lacks a node.

    Runs of one node lead nowhere.
    """
    numbers: list[int] = []
    spots: list[int] = []
    for ref, x, y in zip(way.refs, way.units[::2], way.units[1::2], strict=True):
        if x != MISSING:
            if not numbers or numbers[-1] != ref:
                numbers.append(ref)
                spots += (x, y)
            continue
        if len(numbers) > 1:
            yield numbers, spots
        numbers, spots = [], []
    if len(numbers) > 1:
        yield numbers, spots
