"""The ways that lead to one place from a few spots, and how long they take: exact, each search as
short as it can be.

Dijkstra backwards in time from the place, until nothing that is left to come could shorten the way
from any of the spots. Asks no opening hours; draws nothing.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import kernel
from geodata.index.tree import Rows
from geodata.space.tangent import Floats, out_of_frame
from geodata.travel.graph import Arcs, Graph
from geodata.travel.heap import drop, push
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import Snapped, SnappedPlaces


class _Room(NamedTuple):
    """What a search writes into: made once, left as it was found."""

    node_s: Floats
    """(N,) seconds from a node to the place."""
    onward: Rows
    """(N,) the arc one takes from a node; ~(2 * door + side) of where the place stands on it."""
    marks: NDArray[np.uint8]
    """(N,) 1: a spot's way begins here."""
    touched: Rows
    keys: Floats
    items: Rows


def _room(graph: Graph, spots: Snapped) -> _Room:
    most = len(graph.in_arcs) + 4 * graph.nodes + 64
    marks = np.zeros(graph.nodes, np.uint8)
    arcs = (2 * spots.edges[:, None] + np.array([0, 1], np.int32))[np.isfinite(spots.ahead_s)]
    marks[graph.heads[arcs]] = 1
    return _Room(
        np.full(graph.nodes, np.inf),
        np.empty(graph.nodes, np.int32),
        marks,
        np.empty(graph.nodes, np.int32),
        np.empty(most),
        np.empty(most, np.int32),
    )


def seconds_to(
    graph: Graph, stops: SnappedPlaces, rows: Rows, spots: Snapped, most_settled: int
) -> Floats:
    """Seconds from each spot to each row, both legs off the road included, shape (rows, spots).

    nan from a spot that stands nowhere and to a row that no road leads to; and to all rows from the
    one on at which `most_settled` nodes have been looked at, so that no reply takes for ever.
    """
    doors, first = _doors(stops, rows)
    seconds = np.full((len(rows), len(spots)), np.nan)
    _each(
        graph.back,
        graph.seconds,
        graph.heads,
        _columns(spots),
        _columns(doors),
        first,
        most_settled,
        _room(graph, spots),
        seconds,
    )
    return seconds


def _doors(stops: SnappedPlaces, rows: Rows) -> tuple[Snapped, Rows]:
    """Where the rows stand, row by row, and at which of these each row's begin."""
    which = np.flatnonzero(np.isin(stops.rows, rows))
    which = which[np.argsort(stops.rows[which], kind="stable")]
    low, high = (np.searchsorted(stops.rows[which], rows, side=side) for side in ("left", "right"))
    spans = [which[start:end] for start, end in zip(low.tolist(), high.tolist(), strict=True)]
    return stops.spots(np.concatenate([*spans, which[:0]])), np.concatenate(
        [[0], np.cumsum(high - low)]
    ).astype(np.int32)


#: Of Snapped: edges, ahead_s and off_m.
_Columns = tuple[Rows, Floats, Floats]


def _columns(spots: Snapped) -> _Columns:
    return spots.edges, spots.ahead_s, spots.off_m


@kernel
def _each(
    back: Arcs,
    arc_s: Floats,
    heads: Rows,
    spots: _Columns,
    doors: _Columns,
    first: Rows,
    most: int,
    room: _Room,
    seconds: Floats,
) -> None:
    best, settled = np.empty(len(spots[0])), 0
    for i in range(len(first) - 1):
        if settled >= most or first[i] == first[i + 1]:
            continue
        touched, looked_at = _search(
            back, arc_s, heads, spots, doors, first[i], first[i + 1], most - settled, room, best
        )
        settled += looked_at
        for spot in range(len(best)):
            if settled < most and not math.isinf(best[spot]):
                seconds[i, spot] = best[spot]
        for at in range(touched):
            room.node_s[room.touched[at]] = math.inf


@kernel
def _search(
    back: Arcs,
    arc_s: Floats,
    heads: Rows,
    spots: _Columns,
    doors: _Columns,
    low: int,
    high: int,
    most: int,
    room: _Room,
    best: Floats,
) -> tuple[int, int]:
    """From the doors low … high-1 backwards into the room, and the spots' seconds: nodes touched,
    nodes settled.

    As many settled as `most`: the search was cut short, and what it says is not the least.
    """
    size, touched, settled = 0, 0, 0
    for door in range(low, high):
        for side in range(2):
            arc = 2 * doors[0][door] + side
            if math.isinf(doors[1][door, side]):
                continue
            time = doors[1][door, side] + doors[2][door] / WALK_M_S
            for step in range(back.first[heads[arc]], back.first[heads[arc] + 1]):
                if back.arcs[step] == arc:
                    size, touched = _reach(
                        room, size, touched, back.ends[step], time, ~(2 * door + side)
                    )
    worst = _least(arc_s, heads, spots, doors, low, high, room.node_s, best)
    while size > 0 and room.keys[0] < worst and settled < most:
        time, node = room.keys[0], room.items[0]
        size = drop(room.keys, room.items, size)
        if time > room.node_s[node]:
            continue
        settled += 1
        if room.marks[node]:
            worst = _least(arc_s, heads, spots, doors, low, high, room.node_s, best)
        for step in range(back.first[node], back.first[node + 1]):
            arc = back.arcs[step]
            size, touched = _reach(room, size, touched, back.ends[step], time + arc_s[arc], arc)
    _least(arc_s, heads, spots, doors, low, high, room.node_s, best)
    return touched, settled


@kernel
def _reach(
    room: _Room, size: int, touched: int, node: int, time: float, onward: int
) -> tuple[int, int]:
    """Note that by that arc the place is so far from a node: the size of the heap, and how many
    nodes are touched.
    """
    if time >= room.node_s[node]:
        return size, touched
    if math.isinf(room.node_s[node]):
        room.touched[touched] = node
        touched += 1
    room.node_s[node], room.onward[node] = time, onward
    return push(room.keys, room.items, size, time, node), touched


@kernel
def _least(
    arc_s: Floats,
    heads: Rows,
    spots: _Columns,
    doors: _Columns,
    low: int,
    high: int,
    node_s: Floats,
    best: Floats,
) -> float:
    """The least seconds known from every spot, into `best`.

    And the most of them, less the leg off the road.
    """
    most = 0.0
    for spot in range(len(best)):
        seconds = math.inf
        if spots[0][spot] >= 0:
            seconds, _ = _way(arc_s, heads, spots, doors, low, high, node_s, spot)
            most = max(most, seconds)
        best[spot] = seconds + spots[2][spot] / WALK_M_S
    return most


@kernel
def _way(
    arc_s: Floats,
    heads: Rows,
    spots: _Columns,
    doors: _Columns,
    low: int,
    high: int,
    node_s: Floats,
    spot: int,
) -> tuple[float, int]:
    """From the spot's road to the place: seconds, and the arc one sets out on.

    ~(2 * door + side): it stands ahead.
    """
    least, first = math.inf, 0
    edge = spots[0][spot]
    for side in range(2):
        ahead_s, arc = spots[1][spot, side], 2 * edge + side
        if math.isinf(ahead_s):
            continue
        seconds = arc_s[arc] - ahead_s + node_s[heads[arc]]
        if seconds < least:
            least, first = seconds, arc
        for door in range(low, high):
            between_s = doors[1][door, side] - ahead_s
            if (
                doors[0][door] == edge
                and between_s >= 0.0
                and between_s + doors[2][door] / WALK_M_S < least
            ):
                least, first = between_s + doors[2][door] / WALK_M_S, ~(2 * door + side)
    return least, first


class RoadPiece(NamedTuple):
    """A piece of road that leads towards the place."""

    lonlat: Floats
    """(m, 2) WGS-84 degrees, in the direction of travel."""
    onward: int
    """The number of the part that follows; -1: the place stands where this one ends."""


class Ways(NamedTuple):
    """The fastest ways from spots to one place: they join and never part, so that each piece of
    road is told once.
    """

    parts: list[RoadPiece]
    """A part's onward one stands before it."""
    first: list[int | None]
    """Of each spot, the part it sets out on; None: it stands on no road, or none leads there."""


def ways_to(
    graph: Graph, stops: SnappedPlaces, row: int, spots: Snapped, most_settled: int
) -> Ways:
    """The fastest way from each spot to a row.

    None at all where more than `most_settled` nodes would be looked at.
    """
    doors, first = _doors(stops, np.array([row], np.int32))
    room, best = _room(graph, spots), np.empty(len(spots))
    told = (_columns(spots), _columns(doors), 0, int(first[1]))
    _, settled = _search(graph.back, graph.seconds, graph.heads, *told, most_settled, room, best)
    if settled >= most_settled:
        return Ways([], [None] * len(spots))
    drawn = _Drawn(graph, doors, room.onward, [], {})
    return Ways(
        drawn.parts,
        [
            drawn.from_spot(
                spots, spot, _way(graph.seconds, graph.heads, *told, room.node_s, spot)[1]
            )
            if np.isfinite(best[spot])
            else None
            for spot in range(len(spots))
        ],
    )


class _Drawn(NamedTuple):
    """The parts drawn so far, and the number of the one that sets out from a node."""

    graph: Graph
    doors: Snapped
    onward: Rows
    parts: list[RoadPiece]
    by_node: dict[int, int]

    def from_spot(self, spots: Snapped, spot: int, arc: int) -> int:
        """The number of the part from a spot along an arc, or to the door that stands ahead."""
        here_m = float(spots.along_m[spot])
        if arc < 0:
            door = ~arc >> 1
            return self._add(
                int(self.doors.edges[door]), here_m, float(self.doors.along_m[door]), -1
            )
        onward = self._from_node(int(self.graph.heads[arc]))
        return self._add(arc >> 1, here_m, self._end_m(arc), onward)

    def _from_node(self, node: int) -> int:
        """The number of the part from a node on; those beyond it are drawn first."""
        chain = [node]
        while chain[-1] not in self.by_node and (arc := int(self.onward[chain[-1]])) >= 0:
            chain.append(int(self.graph.heads[arc]))
        for each in reversed(chain):
            if each not in self.by_node:
                self.by_node[each] = self._along(int(self.onward[each]))
        return self.by_node[node]

    def _along(self, arc: int) -> int:
        """The number of the part along a whole arc, or up to the door that stands on it."""
        if arc >= 0:
            return self._add(
                arc >> 1,
                self._end_m(arc ^ 1),
                self._end_m(arc),
                self.by_node[int(self.graph.heads[arc])],
            )
        door, side = ~arc >> 1, ~arc & 1
        edge = int(self.doors.edges[door])
        return self._add(
            edge, self._end_m((2 * edge + side) ^ 1), float(self.doors.along_m[door]), -1
        )

    def _end_m(self, arc: int) -> float:
        """Where along its edge an arc ends."""
        return 0.0 if arc & 1 else float(self.graph.lengths_m[arc >> 1])

    def _add(self, edge: int, from_m: float, to_m: float, onward: int) -> int:
        self.parts.append(RoadPiece(_course(self.graph, edge, from_m, to_m), onward))
        return len(self.parts) - 1


def _course(graph: Graph, edge: int, from_m: float, to_m: float) -> Floats:
    """An edge between two spots along it, degrees, shape (m ≥ 2, 2).

    Backwards where the second comes first.
    """
    span = slice(graph.starts[edge], graph.starts[edge + 1])
    along_m, low_m, high_m = graph.along_m[span], min(from_m, to_m), max(from_m, to_m)
    bends = along_m[(along_m > low_m) & (along_m < high_m)]
    marks = np.concatenate([[low_m], bends, [high_m]])
    xyz = np.stack([np.interp(marks, along_m, side) for side in graph.vertices[span].T], axis=1)
    course = np.array([out_of_frame(vertex, graph.frame) for vertex in xyz])
    return course if from_m <= to_m else course[::-1]
