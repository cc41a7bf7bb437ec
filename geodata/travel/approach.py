"""The ways that lead to one place from a few spots, and how long they take: exact, each search as
short as it can be.

A search (dijkstra.py) backwards in time from the place, until nothing that is left to come could
shorten the way from any of the spots. Asks no opening hours; draws nothing.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import borrowed, inlined_kernel, kernel
from geodata.index.tree import Rows
from geodata.space.tangent import Floats, out_of_tangent
from geodata.travel.dijkstra import (
    ARC,
    NO_NODE,
    START,
    Search,
    clear,
    go_on,
    new_search,
    reach,
    settle,
)
from geodata.travel.graph import Arcs, Graph
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import Snapped, SnappedPlaces


def _begins(graph: Graph, spots: Snapped) -> NDArray[np.uint8]:
    """(N,) 1: a spot's way begins at this node."""
    marks = np.zeros(graph.nodes, np.uint8)
    arcs = (2 * spots.edges[:, None] + np.array([0, 1], np.int32))[np.isfinite(spots.ahead_s)]
    marks[graph.heads[arcs]] = 1
    return marks


def seconds_to(
    graph: Graph, stops: SnappedPlaces, rows: Rows, spots: Snapped, most_settled: int
) -> Floats:
    """Seconds from each of n points to each row, both legs off the road included, shape (rows, n).

    nan from a point that stands nowhere and to a row that no road leads to; and to all rows from
    the one on at which `most_settled` nodes have been looked at, so that no reply takes for ever.
    """
    doors, first = _doors(stops, rows)
    seconds = np.full((len(rows), len(spots.edges)), np.inf)
    ends = _ends(graph, spots, doors)
    _each(ends, first, most_settled, new_search(graph.back, _starts(graph)), seconds)
    least = spots.least(seconds)
    return np.where(np.isinf(least), np.nan, least)


def _starts(graph: Graph) -> int:
    """No place's doors are met by more nodes at once."""
    return 4 * graph.nodes + 64


def _doors(stops: SnappedPlaces, rows: Rows) -> tuple[Snapped, Rows]:
    """Where the rows stand, row by row, and at which of these each row's begin."""
    which = np.flatnonzero(np.isin(stops.rows, rows))
    which = which[np.argsort(stops.rows[which], kind="stable")]
    low, high = (np.searchsorted(stops.rows[which], rows, side=side) for side in ("left", "right"))
    spans = [which[start:end] for start, end in zip(low.tolist(), high.tolist(), strict=True)]
    return stops.spots(np.concatenate([*spans, which[:0]])), np.concatenate(
        [[0], np.cumsum(high - low)]
    ).astype(np.int32)


class _Columns(NamedTuple):
    """Of Snapped what a search reads."""

    edges: Rows
    ahead_s: Floats
    off_m: Floats


def _columns(spots: Snapped) -> _Columns:
    return _Columns(spots.edges, spots.ahead_s, spots.off_m)


class _Ends(NamedTuple):
    """Where ways begin and end, and the roads between, against the arcs."""

    back: Arcs
    heads: Rows
    tail_first: Rows
    tails: Rows
    """As in Graph."""
    spots: _Columns
    doors: _Columns
    """Where places stand, place by place."""
    begins: NDArray[np.uint8]
    """(N,) 1: a spot's way begins at this node."""


def _ends(graph: Graph, spots: Snapped, doors: Snapped) -> _Ends:
    by_arc = (graph.heads, graph.tail_first, graph.tails)
    return _Ends(graph.back, *by_arc, _columns(spots), _columns(doors), _begins(graph, spots))


@kernel
def _each(ends: _Ends, first: Rows, most: int, search: Search, seconds: Floats) -> None:
    best, settled = np.empty(len(ends.spots.edges)), 0
    for i in range(len(first) - 1):
        if settled >= most or first[i] == first[i + 1]:
            continue
        doors = (first[i], first[i + 1])
        settled += _search(ends, doors, most - settled, search, best, True)  # noqa: FBT003  # a kernel takes no keywords
        for spot in range(len(best)):
            if settled < most and not math.isinf(best[spot]):
                seconds[i, spot] = best[spot]


@kernel
def _search(
    ends: _Ends,
    doors: tuple[int, int],
    most: int,
    search: Search,
    best: Floats,
    cleared: bool,  # noqa: FBT001  # a kernel takes no keywords
) -> int:
    """From some of the doors (the first, and the one after the last) backwards, and the spots'
    seconds into `best`: nodes settled.

    As many settled as `most`: the search was cut short, and what it says is not the least. Of each
    node is noted the arc one takes from it; ~(2 * door + side) of where the place stands on it. No
    node that is left can shorten a way once its own time is no less than the longest of those
    known, as a way through it takes longer. So the search ends there.
    """
    ends, search, best, back = borrowed(ends), borrowed(search), borrowed(best), ends.back
    front, settled = START, 0
    for door in range(doors[0], doors[1]):
        for side in range(2):
            arc = 2 * ends.doors.edges[door] + side
            if math.isinf(ends.doors.ahead_s[door, side]):
                continue
            time = ends.doors.ahead_s[door, side] + ends.doors.off_m[door] / WALK_M_S
            label = ~(2 * door + side)
            for tail in range(ends.tail_first[arc], ends.tail_first[arc + 1]):
                front = reach(ARC, search, ends.tails[tail], time, label, math.inf, front)
    worst = _least(ends, doors, search.node_s, best)
    while settled < most:
        node, front = settle(search, worst, front)
        if node == NO_NODE:
            break
        settled += 1
        if ends.begins[node]:
            worst = _least(ends, doors, search.node_s, best)
        front = go_on(ARC, back, search, node, math.inf, front)
    _least(ends, doors, search.node_s, best)
    if cleared:
        clear(search, front)
    return settled


@inlined_kernel
def _least(ends: _Ends, doors: tuple[int, int], node_s: Floats, best: Floats) -> float:
    """The least seconds known from every spot, into `best`.

    And the most of them, less the leg off the road.
    """
    most, spots = 0.0, ends.spots
    for spot in range(len(best)):
        seconds = math.inf
        if spots.edges[spot] >= 0:
            seconds, _ = _way(ends, doors, node_s, spot)
            most = max(most, seconds)
        best[spot] = seconds + spots.off_m[spot] / WALK_M_S
    return most


@kernel
def _way(ends: _Ends, doors: tuple[int, int], node_s: Floats, spot: int) -> tuple[float, int]:
    """From the spot's road to the place: seconds, and the arc one sets out on.

    ~(2 * door + side): it stands ahead.
    """
    ends, node_s, least, first = borrowed(ends), borrowed(node_s), math.inf, 0
    edge, its = ends.spots.edges[spot], ends.doors
    for side in range(2):
        ahead_s, arc = ends.spots.ahead_s[spot, side], 2 * edge + side
        if math.isinf(ahead_s):
            continue
        seconds = ends.back.seconds[arc] - ahead_s + node_s[ends.heads[arc]]
        if seconds < least:
            least, first = seconds, arc
        for door in range(doors[0], doors[1]):
            between_s = its.ahead_s[door, side] - ahead_s
            if (
                its.edges[door] == edge
                and between_s >= 0.0
                and between_s + its.off_m[door] / WALK_M_S < least
            ):
                least, first = between_s + its.off_m[door] / WALK_M_S, ~(2 * door + side)
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
    """Of each point, the part it sets out on; None: it stands on no road, or none leads there."""


def ways_to(
    graph: Graph, stops: SnappedPlaces, row: int, spots: Snapped, most_settled: int
) -> Ways:
    """The fastest way from each point to a row.

    None at all where more than `most_settled` nodes would be looked at.
    """
    doors, first = _doors(stops, np.array([row], np.int32))
    search, best = new_search(graph.back, _starts(graph)), np.empty(len(spots.edges))
    ends = _ends(graph, spots, doors)
    its = (0, int(first[1]))
    settled = _search(ends, its, most_settled, search, best, False)  # noqa: FBT003  # a kernel takes no keywords
    if settled >= most_settled:
        return Ways([], [None] * len(spots))
    drawn = _Drawn(graph, doors, search.labels, [], {})
    fastest = [
        start + int(np.argmin(best[start:end])) for start, end in pairwise(spots.first.tolist())
    ]
    return Ways(
        drawn.parts,
        [
            drawn.from_spot(spots, spot, _way(ends, its, search.node_s, spot)[1])
            if np.isfinite(best[spot])
            else None
            for spot in fastest
        ],
    )


class Traced(NamedTuple):
    """The fastest way from one point to another, as seconds on each edge."""

    edges: Rows
    """In no order; one may come twice."""
    seconds: Floats
    off_s: float
    """On foot between the road and both points."""


def trace(graph: Graph, begun: Snapped, ended: Snapped) -> Traced | None:
    """The way between two points, each one of its own that stands; None: no road leads there."""
    ends, its = _ends(graph, begun, ended), (0, len(ended.edges))
    search, best = new_search(graph.back, _starts(graph)), np.empty(len(begun.edges))
    _search(ends, its, graph.nodes + 1, search, best, False)  # noqa: FBT003  # a kernel takes no keywords
    spot = int(np.argmin(best))
    if math.isinf(best[spot]):
        return None
    _, arc = _way(ends, its, search.node_s, spot)
    off_s = float(begun.off_s[spot])
    if arc < 0:
        door, side = ~arc >> 1, ~arc & 1
        between_s = float(ended.ahead_s[door, side] - begun.ahead_s[spot, side])
        edge = ended.edges[door : door + 1]
        return Traced(edge, np.array([between_s]), off_s + float(ended.off_s[door]))
    edges = [arc >> 1]
    seconds = [float(graph.seconds[arc] - begun.ahead_s[spot, arc & 1])]
    node = int(graph.heads[arc])
    while (arc := int(search.labels[node])) >= 0:
        edges.append(arc >> 1)
        seconds.append(float(graph.seconds[arc]))
        node = graph.step(node, arc)
    door, side = ~arc >> 1, ~arc & 1
    edges.append(int(ended.edges[door]))
    seconds.append(float(ended.ahead_s[door, side]))
    off_s += float(ended.off_s[door])
    return Traced(np.array(edges, np.int32), np.array(seconds), off_s)


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
            chain.append(self.graph.step(chain[-1], arc))
        for each in reversed(chain):
            if each not in self.by_node:
                self.by_node[each] = self._along(each, int(self.onward[each]))
        return self.by_node[node]

    def _along(self, node: int, arc: int) -> int:
        """The number of the part along a whole arc, or up to the door that stands on it."""
        if arc >= 0:
            onward = self.by_node[self.graph.step(node, arc)]
            return self._add(arc >> 1, self._end_m(arc ^ 1), self._end_m(arc), onward)
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
    course = np.array([out_of_tangent(vertex, graph.tangent) for vertex in xyz])
    return course if from_m <= to_m else course[::-1]
