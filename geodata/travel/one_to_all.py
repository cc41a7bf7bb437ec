"""Times over the whole graph at once: from many points to everywhere, or from everywhere to the
nearest of many.

One search (dijkstra.py) from all points together, which notes of each node whose it is. Asks no
opening hours.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from geodata.compiled import borrowed, kernel
from geodata.index.tree import Rows
from geodata.space.tangent import Floats
from geodata.travel.dijkstra import NO_NODE, SOURCE, START, Search, go_on, new_search, reach, settle
from geodata.travel.graph import Arcs, Graph
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import Snapped

#: Nobody: the source of what cannot be reached.
NONE: Final = -1
_NO_SOURCE: Final = np.iinfo(np.int32).max


class Direction(StrEnum):
    """Whether ways lead from the given points or to them."""

    FROM = "from"
    TO = "to"


@dataclass(frozen=True, slots=True)
class Spread:
    """Times between a set of sources and every road, in one direction of travel."""

    graph: Graph
    sources: Snapped
    direction: Direction
    node_s: Floats
    """(N,) seconds; inf: not reached within the limit."""
    node_source: Rows
    """(N,) the source (a point) that is nearest in time, the earlier one of equals; NONE."""
    arc_s: Floats
    """(2E,) FROM: seconds until one sets foot on an arc; TO: from its end on."""
    arc_source: Rows
    _by_edge: tuple[Rows, Rows]

    def at(self, spots: Snapped) -> tuple[Floats, Rows]:
        """Seconds between each point and the nearest source, and which one.

        Inf and NONE where there is no way.

        Both legs off the road are counted.
        """
        count = len(spots.edges)
        seconds, nearest = np.empty(count), np.empty(count, np.int32)
        onward = self.direction is Direction.FROM
        _gather(
            _Standing(spots.edges, spots.ahead_s, spots.off_m),
            _Standing(self.sources.edges, self.sources.ahead_s, self.sources.off_m),
            self.sources.of,
            self._by_edge,
            _ByArc(self.arc_s, self.arc_source),
            self.graph.seconds,
            onward,
            seconds,
            nearest,
        )
        return _of_points(spots, seconds, nearest)


def spread(
    graph: Graph, sources: Snapped, direction: Direction = Direction.FROM, limit_s: float = math.inf
) -> Spread:
    """Times between the sources and all of the graph, up to `limit_s`.

    Sources that stand nowhere reach nothing.
    """
    arcs = graph.onward if direction is Direction.FROM else graph.back
    onward = direction is Direction.FROM
    starts, start_s, start_source = first_nodes(graph, sources, onward)
    search = new_search(arcs, len(starts))
    search.labels.fill(NONE)
    _run(arcs, starts, start_s, sources.of[start_source], limit_s, search)
    node_s, node_source = search.node_s, search.labels
    arc_s, arc_source = np.full(2 * graph.edges, np.inf), np.full(2 * graph.edges, NONE, np.int32)
    if onward:
        _enter(arcs, node_s, node_source, arc_s, arc_source)
    else:
        open_arcs = graph.heads >= 0
        arc_s[open_arcs] = node_s[graph.heads[open_arcs]]
        arc_source[open_arcs] = node_source[graph.heads[open_arcs]]
    return Spread(
        graph, sources, direction, node_s, node_source, arc_s, arc_source, _by_edge(graph, sources)
    )


def _of_points(spots: Snapped, seconds: Floats, nearest: Rows) -> tuple[Floats, Rows]:
    """Of what is known by spot the least of each point, and the source of the lowest number."""
    if len(spots) == len(seconds):
        return seconds, nearest
    least, starts = spots.least(seconds), spots.first[:-1]
    best = (seconds == least[spots.of]) & (nearest != NONE)
    lowest = np.minimum.reduceat(np.where(best, nearest, _NO_SOURCE), starts)
    return least, np.where(lowest == _NO_SOURCE, NONE, lowest).astype(np.int32)


def _by_edge(graph: Graph, sources: Snapped) -> tuple[Rows, Rows]:
    """Sources in the order of their edges: where each edge's begin, and their numbers."""
    standing = np.flatnonzero(sources.edges >= 0)
    order = standing[np.argsort(sources.edges[standing], kind="stable")]
    counts = np.bincount(sources.edges[order], minlength=graph.edges)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32), order.astype(np.int32)


def first_nodes(graph: Graph, sources: Snapped, onward: bool) -> tuple[Rows, Floats, Rows]:  # noqa: FBT001  # as kernels have it
    """The nodes that sources meet first, after how many seconds, and from which of their spots."""
    standing = np.flatnonzero(sources.edges >= 0)
    arcs = (2 * sources.edges[standing, None] + np.array([0, 1], np.int32)).ravel()
    ahead_s, whose = sources.ahead_s[standing].ravel(), np.repeat(standing, 2).astype(np.int32)
    going = np.isfinite(ahead_s)
    arcs, ahead_s, whose = arcs[going], ahead_s[going], whose[going]
    seconds = sources.off_s[whose] + (graph.seconds[arcs] - ahead_s if onward else ahead_s)
    if onward:
        return graph.heads[arcs], seconds, whose
    leaving, number = tails(graph, arcs)
    return leaving, seconds[number], whose[number]


def tails(graph: Graph, arcs: Rows) -> tuple[Rows, Rows]:
    """The nodes that arcs leave (an arc may leave several twins), and the number of the arc for
    each.
    """
    counts = graph.tail_first[arcs + 1] - graph.tail_first[arcs]
    number = np.repeat(np.arange(len(arcs), dtype=np.int32), counts)
    within = np.arange(len(number)) - np.repeat(np.cumsum(counts) - counts, counts)
    return graph.tails[graph.tail_first[arcs[number]] + within], number


@kernel
def _run(
    arcs: Arcs,
    starts: Rows,
    start_s: Floats,
    start_source: Rows,
    limit_s: float,
    search: Search,
) -> None:
    arcs, search, front = borrowed(arcs), borrowed(search), START
    for i in range(len(starts)):
        front = reach(SOURCE, search, starts[i], start_s[i], start_source[i], limit_s, front)
    while True:
        node, front = settle(search, np.inf, front)
        if node == NO_NODE:
            break
        front = go_on(SOURCE, arcs, search, node, limit_s, front)


@kernel
def _enter(arcs: Arcs, node_s: Floats, node_source: Rows, arc_s: Floats, arc_source: Rows) -> None:
    """When one sets foot on each arc: the first of the twins that it leaves."""
    for node in range(len(node_s)):
        for step in range(arcs.first[node], arcs.first[node + 1]):
            arc = arcs.arcs[step]
            if node_s[node] < arc_s[arc]:
                arc_s[arc], arc_source[arc] = node_s[node], node_source[node]


class _Standing(NamedTuple):
    """Of Snapped what times are gathered from."""

    edges: Rows
    ahead_s: Floats
    off_m: Floats


class _ByArc(NamedTuple):
    """What a spread says of the arcs."""

    arc_s: Floats
    sources: Rows


@kernel
def _gather(
    spots: _Standing,
    sources: _Standing,
    of: Rows,
    on: tuple[Rows, Rows],
    known: _ByArc,
    seconds: Floats,
    onward: bool,  # noqa: FBT001  # a kernel takes no keywords
    found_s: Floats,
    found: Rows,
) -> None:
    """The least of the times by way of the end of a spot's edge, and of those from sources on the
    same edge; into `found_s` and `found`.
    """
    spots, sources, known, (first, standing) = borrowed((spots, sources, known, on))
    of = borrowed(of)
    for i in range(len(spots.edges)):
        best, whose = math.inf, NONE
        edge = spots.edges[i]
        for side in range(2):
            if edge < 0 or math.isinf(spots.ahead_s[i, side]):
                continue
            arc, ahead_s = 2 * edge + side, spots.ahead_s[i, side]
            time = known.arc_s[arc] + (ahead_s if onward else seconds[arc] - ahead_s)
            if time < best or (time == best and known.sources[arc] < whose):
                best, whose = time, known.sources[arc]
            for place in range(first[edge], first[edge + 1]):
                source = standing[place]
                between = ahead_s - sources.ahead_s[source, side]
                between = between if onward else -between
                time = between + sources.off_m[source] / WALK_M_S
                if between >= 0.0 and (time < best or (time == best and of[source] < whose)):
                    best, whose = time, of[source]
        found_s[i], found[i] = best + spots.off_m[i] / WALK_M_S, whose
