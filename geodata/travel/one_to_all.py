"""Times over the whole graph at once: from many points to everywhere, or from everywhere to the
nearest of many.

Dijkstra (1959) from all points together, with a binary heap and lazy deletion; exact. Asks no
opening hours.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from geodata.compiled import kernel
from geodata.index.tree import Rows
from geodata.space.tangent import Floats
from geodata.travel.graph import Arcs, Graph
from geodata.travel.heap import drop, push
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import Snapped

#: Nobody: the source of what cannot be reached.
NONE: Final = -1


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
    """(N,) the source that is nearest in time, the earlier one of equals; NONE."""
    arc_s: Floats
    """(2E,) FROM: seconds until one sets foot on an arc; TO: from its end on."""
    arc_source: Rows
    _by_edge: tuple[Rows, Rows]

    def at(self, spots: Snapped) -> tuple[Floats, Rows]:
        """Seconds between each spot and the nearest source, and which one.

        Inf and NONE where there is no way.

        Both legs off the road are counted.
        """
        seconds, nearest = np.empty(len(spots)), np.empty(len(spots), np.int32)
        onward = self.direction is Direction.FROM
        _gather(
            spots.edges,
            spots.ahead_s,
            spots.off_m,
            self.graph.seconds,
            self.arc_s,
            self.arc_source,
            self.sources.ahead_s,
            self.sources.off_m,
            *self._by_edge,
            onward,
            seconds,
            nearest,
        )
        return seconds, nearest


def spread(
    graph: Graph, sources: Snapped, direction: Direction = Direction.FROM, limit_s: float = math.inf
) -> Spread:
    """Times between the sources and all of the graph, up to `limit_s`.

    Sources that stand nowhere reach nothing.
    """
    arcs = graph.onward if direction is Direction.FROM else graph.back
    node_s, node_source = np.full(graph.nodes, np.inf), np.full(graph.nodes, NONE, np.int32)
    onward = direction is Direction.FROM
    starts, start_s, start_source = first_nodes(graph, sources, onward)
    _run(arcs, graph.seconds, starts, start_s, start_source, limit_s, node_s, node_source)
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


def _by_edge(graph: Graph, sources: Snapped) -> tuple[Rows, Rows]:
    """Sources in the order of their edges: where each edge's begin, and their numbers."""
    standing = np.flatnonzero(sources.edges >= 0)
    order = standing[np.argsort(sources.edges[standing], kind="stable")]
    counts = np.bincount(sources.edges[order], minlength=graph.edges)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32), order.astype(np.int32)


def first_nodes(graph: Graph, sources: Snapped, onward: bool) -> tuple[Rows, Floats, Rows]:  # noqa: FBT001
    """The nodes that sources meet first, after how many seconds, and whose they are."""
    standing = np.flatnonzero(sources.edges >= 0)
    arcs = (2 * sources.edges[standing, None] + np.array([0, 1], np.int32)).ravel()
    ahead_s, whose = sources.ahead_s[standing].ravel(), np.repeat(standing, 2).astype(np.int32)
    going = np.isfinite(ahead_s)
    arcs, ahead_s, whose = arcs[going], ahead_s[going], whose[going]
    seconds = sources.off_s[whose] + (graph.seconds[arcs] - ahead_s if onward else ahead_s)
    if onward:
        return graph.heads[arcs], seconds, whose
    leaving, number = tails(graph.back, graph.heads, arcs)
    return leaving, seconds[number], whose[number]


@kernel
def tails(back: Arcs, heads: Rows, arcs: Rows) -> tuple[Rows, Rows]:
    """The nodes that arcs leave (an arc may leave several twins), and the number of the arc for
    each.
    """
    most = 0
    for arc in arcs:
        most += back.first[heads[arc] + 1] - back.first[heads[arc]]
    leaving, number = np.empty(most, np.int32), np.empty(most, np.int32)
    count = 0
    for i in range(len(arcs)):
        for step in range(back.first[heads[arcs[i]]], back.first[heads[arcs[i]] + 1]):
            if back.arcs[step] == arcs[i]:
                leaving[count], number[count] = back.ends[step], i
                count += 1
    return leaving[:count], number[:count]


@kernel
def _run(
    arcs: Arcs,
    seconds: Floats,
    starts: Rows,
    start_s: Floats,
    start_source: Rows,
    limit_s: float,
    node_s: Floats,
    node_source: Rows,
) -> None:
    keys, items = (
        np.empty(len(arcs.arcs) + len(starts)),
        np.empty(len(arcs.arcs) + len(starts), np.int32),
    )
    done = np.zeros(len(node_s), np.bool_)
    size = 0
    for i in range(len(starts)):
        node, time, source = starts[i], start_s[i], start_source[i]
        if (
            time > limit_s
            or time > node_s[node]
            or (time == node_s[node] and source >= node_source[node])
        ):
            continue
        node_s[node], node_source[node] = time, source
        size = push(keys, items, size, time, node)
    while size > 0:
        node = items[0]
        size = drop(keys, items, size)
        if done[node]:
            continue
        done[node] = True
        for step in range(arcs.first[node], arcs.first[node + 1]):
            end, time = arcs.ends[step], node_s[node] + seconds[arcs.arcs[step]]
            source = node_source[node]
            if (
                time > limit_s
                or time > node_s[end]
                or (time == node_s[end] and source >= node_source[end])
            ):
                continue
            node_s[end], node_source[end] = time, source
            size = push(keys, items, size, time, end)


@kernel
def _enter(arcs: Arcs, node_s: Floats, node_source: Rows, arc_s: Floats, arc_source: Rows) -> None:
    """When one sets foot on each arc: the first of the twins that it leaves."""
    for node in range(len(node_s)):
        for step in range(arcs.first[node], arcs.first[node + 1]):
            arc = arcs.arcs[step]
            if node_s[node] < arc_s[arc]:
                arc_s[arc], arc_source[arc] = node_s[node], node_source[node]


@kernel
def _gather(
    edges: Rows,
    ahead_s: Floats,
    off_m: Floats,
    seconds: Floats,
    arc_s: Floats,
    arc_source: Rows,
    source_ahead_s: Floats,
    source_off_m: Floats,
    first: Rows,
    sources: Rows,
    onward: bool,  # noqa: FBT001  # a kernel takes no keywords
    found_s: Floats,
    found: Rows,
) -> None:
    for i in range(len(edges)):
        best, whose = math.inf, NONE
        edge = edges[i]
        for side in range(2):
            if edge < 0 or math.isinf(ahead_s[i, side]):
                continue
            arc = 2 * edge + side
            time = arc_s[arc] + (ahead_s[i, side] if onward else seconds[arc] - ahead_s[i, side])
            if time < best or (time == best and arc_source[arc] < whose):
                best, whose = time, arc_source[arc]
            for place in range(first[edge], first[edge + 1]):
                source = sources[place]
                between = ahead_s[i, side] - source_ahead_s[source, side]
                between = between if onward else -between
                time = between + source_off_m[source] / WALK_M_S
                if between >= 0.0 and (time < best or (time == best and source < whose)):
                    best, whose = time, source
        found_s[i], found[i] = best + off_m[i] / WALK_M_S, whose
