"""The ways that lead to one place from a few spots, and how long they take: exact, each search as short as it can be.

Dijkstra backwards in time from the place, until nothing that is left to come could shorten the way from any of the
spots. Asks no opening hours; draws nothing.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import kernel
from geodata.frame import Floats
from geodata.travel.graph import Arcs, Graph
from geodata.travel.heap import drop, push
from geodata.travel.rules import WALK_M_S
from geodata.travel.spots import Spots, Stops
from geodata.tree import Rows


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


def _room(graph: Graph, spots: Spots) -> _Room:
    most = len(graph.in_arcs) + 4 * graph.nodes + 64
    marks = np.zeros(graph.nodes, np.uint8)
    arcs = (2 * spots.edges[:, None] + np.array([0, 1], np.int32))[np.isfinite(spots.ahead_s)]
    marks[graph.heads[arcs]] = 1
    return _Room(
        np.full(graph.nodes, np.inf), np.empty(graph.nodes, np.int32), marks,
        np.empty(graph.nodes, np.int32), np.empty(most), np.empty(most, np.int32),
    )  # fmt: skip


def seconds_to(graph: Graph, stops: Stops, rows: Rows, spots: Spots, most_settled: int) -> Floats:
    """Seconds from each spot to each row, both legs off the road included, shape (rows, spots).

    nan from a spot that stands nowhere and to a row that no road leads to; and to all rows from the one on at which
    `most_settled` nodes have been looked at, so that no reply takes for ever.
    """
    doors, first = _doors(stops, rows)
    seconds = np.full((len(rows), len(spots)), np.nan)
    _each(
        graph.back, graph.seconds, graph.heads, _columns(spots), _columns(doors), first, most_settled,
        _room(graph, spots), seconds,
    )  # fmt: skip
    return seconds


def _doors(stops: Stops, rows: Rows) -> tuple[Spots, Rows]:
    """Where the rows stand, row by row, and at which of these each row's begin."""
    which = np.flatnonzero(np.isin(stops.rows, rows))
    which = which[np.argsort(stops.rows[which], kind="stable")]
    low, high = (np.searchsorted(stops.rows[which], rows, side=side) for side in ("left", "right"))
    spans = [which[start:end] for start, end in zip(low.tolist(), high.tolist(), strict=True)]
    return stops.spots(np.concatenate([*spans, which[:0]])), np.concatenate([[0], np.cumsum(high - low)]).astype(
        np.int32
    )


#: Of Spots: edges, ahead_s and off_m.
_Columns = tuple[Rows, Floats, Floats]


def _columns(spots: Spots) -> _Columns:
    return spots.edges, spots.ahead_s, spots.off_m


@kernel
def _each(
    back: Arcs, arc_s: Floats, heads: Rows, spots: _Columns, doors: _Columns, first: Rows, most: int, room: _Room,
    seconds: Floats,
) -> None:  # fmt: skip
    best, settled = np.empty(len(spots[0])), 0
    for i in range(len(first) - 1):
        if settled >= most or first[i] == first[i + 1]:
            continue
        touched, looked_at = _search(
            back, arc_s, heads, spots, doors, first[i], first[i + 1], most - settled, room, best
        )  # fmt: skip
        settled += looked_at
        for spot in range(len(best)):
            if settled < most and not math.isinf(best[spot]):
                seconds[i, spot] = best[spot]
        for at in range(touched):
            room.node_s[room.touched[at]] = math.inf


@kernel
def _search(
    back: Arcs, arc_s: Floats, heads: Rows, spots: _Columns, doors: _Columns, low: int, high: int, most: int,
    room: _Room, best: Floats,
) -> tuple[int, int]:  # fmt: skip
    """From the doors low … high-1 backwards into the room, and the spots' seconds: nodes touched, nodes settled.

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
                    size, touched = _reach(room, size, touched, back.ends[step], time, ~(2 * door + side))
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
def _reach(room: _Room, size: int, touched: int, node: int, time: float, onward: int) -> tuple[int, int]:
    """Note that by that arc the place is so far from a node: the size of the heap, and how many nodes are touched."""
    if time >= room.node_s[node]:
        return size, touched
    if math.isinf(room.node_s[node]):
        room.touched[touched] = node
        touched += 1
    room.node_s[node], room.onward[node] = time, onward
    return push(room.keys, room.items, size, time, node), touched


@kernel
def _least(
    arc_s: Floats, heads: Rows, spots: _Columns, doors: _Columns, low: int, high: int, node_s: Floats, best: Floats
) -> float:
    """The least seconds known from every spot, into `best`; and the most of them, less the leg off the road."""
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
    arc_s: Floats, heads: Rows, spots: _Columns, doors: _Columns, low: int, high: int, node_s: Floats, spot: int
) -> tuple[float, int]:
    """From the spot's road to the place: seconds, and the arc one sets out on; ~(2 * door + side): it stands ahead."""
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
            if doors[0][door] == edge and between_s >= 0.0 and between_s + doors[2][door] / WALK_M_S < least:
                least, first = between_s + doors[2][door] / WALK_M_S, ~(2 * door + side)
    return least, first
