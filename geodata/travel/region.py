"""The places that are reached first from anywhere on a patch of ground: a superset, proved.

Knows no asker. Pure.

A region is every edge that some point of the ground can be put onto, and perhaps more. Its exits
are the nodes where these edges end and another leaves. Whoever stands on the ground and goes to a
place p that stands on none of the region's edges passes an exit b: t(x, p) = t(x, b) + t(b, p) for
one of them. Let h be a hub, one of the exits, and T(h) the time within which k places q are reached
from it. All of them are reached from b within t(b, h) + T(h), and so within U(b), the least of
these sums over the hubs. If t(b, p) > U(b), then t(x, q) ≤ t(x, b) + U(b) < t(x, p): k others come
before p. So whatever is among the k first of any x is reached from an exit b within U(b), or stands
on the region's own edges: that is the superset. Were every exit a hub, it would be no more than the
k first of each; a few hubs tell nearly as little, and each takes a search of its own. The filter
differs from asker to asker: towards k counts only what passes for every one of them, and kept is
what passes for any.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import borrowed, kernel
from geodata.hours.timeline import State, open_through
from geodata.index.tree import (
    NO_LEAF,
    ROWS_IN_ORDER,
    Arrival,
    Flags,
    MaskWords,
    Path,
    Places,
    Rows,
    Tree,
    box_distance2,
    first_branch,
    height_of,
    items_of,
    new_path,
    next_leaf,
    spot_of,
)
from geodata.space.tangent import Asker, Floats, asker_in_frame
from geodata.travel.fastest import Expansion, matches
from geodata.travel.graph import Arcs, Graph
from geodata.travel.heap import drop, push
from geodata.travel.one_to_all import tails
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import MAX_OFF_M, Stops, snap

#: Exits from which the k first are looked for. In a made-up city of a million junctions six tell
#: hardly more places than all sixty exits do, in a tenth of the searches; one tells half as many
#: again (measured 2026-11).
_HUBS: Final = 6
#: Two sums of the same seconds in another order differ by far less; nothing that is nearly as early
#: is left out.
_ROUNDING: Final = 1e-6
#: What has been said of a place, hours on arrival apart.
_UNSEEN: Final = 0
_FAILS: Final = 1
_MAY: Final = 2
_SURE: Final = 3


class Region(NamedTuple):
    """The roads of a patch of ground."""

    near: Flags
    """(E,) the edges that a point of it can be put onto."""
    arcs: Rows
    """Those of them that may be gone along."""
    exits: Rows
    """The nodes by which one leaves them."""
    off_m: float
    """No point of the ground that stands on a road is farther from it."""


class Hope(NamedTuple):
    """What is asked of places by askers who differ: within `radius_m` of a middle, over a span of
    instants.
    """

    k: int
    reach_m: float
    """A geodesic from each asker."""
    radius_m: float
    mask: MaskWords
    may: Flags
    """Which rows of opening hours pass for some asker, whenever they arrive."""
    by_hours: bool
    """Whether hours are judged by the clock at all."""
    on_arrival: bool
    """Whether that is done when one gets there."""
    arrival: Arrival
    """The first instant and the stay."""
    slack_min: float
    """How much later than the first the last of those come who set out to the same exit."""


def region(graph: Graph, lonlat: Floats, radius_m: float) -> Region:
    """The region of all ground within `radius_m` of one of the WGS-84 points, shape (n, 2)."""
    # Of a point x within radius_m of m the nearest road is at most off(m) + radius_m away, and so
    # lies within off(m) + 2 radius_m of m.
    off_m = np.minimum(snap(graph, lonlat).off_m + radius_m, MAX_OFF_M)
    near = np.zeros(graph.edges, np.bool_)
    _mark(lonlat, off_m + radius_m, graph.frame, graph.tree, new_path(), near)
    arcs = (2 * np.flatnonzero(near)[:, None] + [0, 1]).ravel()
    arcs = arcs[np.isfinite(graph.seconds[arcs])].astype(np.int32)
    heads = np.unique(graph.heads[arcs])
    return Region(near, arcs, heads[_leads_out(graph.onward, heads, near)], float(off_m.max()))


@kernel
def _mark(
    lonlat: Floats, reach_m: Floats, frame: Floats, tree: Tree, path: Path, near: Flags
) -> None:
    """Mark the edges that come so near to one of the points."""
    tree, path, mask = borrowed(tree), borrowed(path), (0, 0, 0, 0, 0)
    height = height_of(tree)
    for point in range(len(lonlat)):
        here = asker_in_frame(lonlat[point, 0], lonlat[point, 1], frame)[0]
        reach2, left = reach_m[point] ** 2, first_branch(box_distance2, here, tree, mask, path)
        while left > 0:
            leaf, left = next_leaf(
                box_distance2, here, tree, mask, reach2, ROWS_IN_ORDER, path, left
            )
            if leaf == NO_LEAF:
                break
            first, after = items_of(leaf, tree, height)
            for edge in range(first, after):
                if not near[edge]:
                    near[edge] = spot_of(tree, edge, here)[0] <= reach2


@kernel
def _leads_out(onward: Arcs, nodes: Rows, near: Flags) -> Flags:
    """From which nodes an arc leaves whose edge is not marked."""
    found = np.zeros(len(nodes), np.bool_)
    for i in range(len(nodes)):
        for step in range(onward.first[nodes[i]], onward.first[nodes[i] + 1]):
            if not near[onward.arcs[step] >> 1]:
                found[i] = True
    return found


def longest_s(graph: Graph, stops: Stops, roads: Region) -> float:
    """No way from the ground to an exit, or to a place on the region's edges, takes longer, in
    seconds.

    By way of one node of the region: there from all of it, and from there to all of it. 0 where
    there are no roads.
    """
    if not len(roads.arcs):
        return 0.0
    hub = graph.heads[roads.arcs[len(roads.arcs) // 2]][None]
    ends = np.unique(graph.heads[roads.arcs])
    there_s = _times(graph.back, graph.seconds, hub, np.zeros(1), ends)
    leaving, _ = tails(graph.back, graph.heads, roads.arcs)
    back_s = _times(graph.onward, graph.seconds, hub, np.zeros(1), np.union1d(ends, leaving))
    along_s = 2.0 * float(
        graph.seconds[roads.arcs].max()
    )  # from where one stands, and up to where the place does
    its_off_m = stops.off_m[_on(stops, roads)]
    return (
        float(there_s.max() + back_s.max())
        + along_s
        + (roads.off_m + float(its_off_m.max(initial=0.0))) / WALK_M_S
    )


def _on(stops: Stops, roads: Region) -> NDArray[np.int64]:
    """The numbers of the stops that stand on a region's edges."""
    edges = np.flatnonzero(roads.near)
    spans = zip(stops.first[edges].tolist(), stops.first[edges + 1].tolist(), strict=True)
    return np.array([stop for first, end in spans for stop in range(first, end)], np.int64)


@kernel
def _times(arcs: Arcs, arc_s: Floats, starts: Rows, start_s: Floats, ends: Rows) -> Floats:
    """Seconds from the nearest of the starts, each with seconds of its own, to each end.

    Inf: there is no way.
    """
    most = len(arcs.arcs) + len(starts)
    keys, items, size = np.empty(most), np.empty(most, np.int32), 0
    node_s, left = np.full(len(arcs.first) - 1, np.inf), np.zeros(len(arcs.first) - 1, np.bool_)
    for i in range(len(starts)):
        size = push(keys, items, size, start_s[i], starts[i])
    for end in ends:
        left[end] = True
    missing = len(ends)
    while size > 0 and missing > 0:
        time, node = keys[0], items[0]
        size = drop(keys, items, size)
        if time >= node_s[node]:
            continue
        node_s[node] = time
        missing -= left[node]
        for step in range(arcs.first[node], arcs.first[node + 1]):
            if math.isinf(node_s[arcs.ends[step]]):
                size = push(keys, items, size, time + arc_s[arcs.arcs[step]], arcs.ends[step])
    return node_s[ends]


def first_reached(
    expansion: Expansion,
    roads: Region,
    middle: tuple[float, float],
    hope: Hope,
    may_here: Flags,
    most_settled: int,
) -> Rows:
    """Every row that may be among the k first reached from some point of a region's ground,
    ascending.

    `middle` is the WGS-84 point that the askers are about, `may_here` the opening hours that pass
    for some of them at places on the region's own edges. Where `most_settled` nodes are looked at
    and still no hub has its k, all that may pass within reach and stands on a road is told instead:
    of a rare wish that is little.
    """
    graph, stops, exits = expansion.graph, expansion.stops, roads.exits
    room, told = _room(expansion, len(exits)), (stops.first, stops.rows, stops.ahead_s, stops.off_m)
    hubs = exits[np.unique(np.linspace(0, len(exits) - 1, min(_HUBS, len(exits))).astype(np.intp))]
    hub_s = _soonest(
        *middle, hubs, graph.onward, graph.seconds, told, expansion.places, hope, most_settled, room
    )
    within_s = _times(graph.back, graph.seconds, hubs, hub_s, exits)
    most_s = float(within_s.max(initial=0.0))
    if math.isfinite(most_s):
        _reach(
            *middle,
            exits,
            most_s - within_s,
            most_s,
            len(hubs) + 1,
            graph.onward,
            graph.seconds,
            told,
            expansion.places,
            hope,
            room,
        )
    else:
        _keep(
            *middle,
            np.flatnonzero(~np.isnan(stops.row_off_m)),
            expansion.places,
            hope,
            hope.may,
            room.found,
        )
    _keep(
        *middle,
        stops.rows[_on(stops, roads)].astype(np.int64),
        expansion.places,
        hope,
        may_here,
        room.found,
    )
    return np.flatnonzero(room.found).astype(np.int32)


class _Room(NamedTuple):
    """What a search writes into."""

    done: Rows
    """(N,) the number of the last search that settled a node."""
    seen: Rows
    """(P,) the same of a place that it reached."""
    said: NDArray[np.uint8]
    """(P,) what has been said of a place."""
    found: Flags
    """(P,) whether it is told."""
    keys: Floats
    items: Rows
    """A node, or ~spot (which is below zero)."""


def _room(expansion: Expansion, starts: int) -> _Room:
    nodes, rows, most = (
        expansion.graph.nodes,
        len(expansion.places.words),
        expansion.most_entries + starts,
    )
    return _Room(
        np.zeros(nodes, np.int32),
        np.zeros(rows, np.int32),
        np.zeros(rows, np.uint8),
        np.zeros(rows, np.bool_),
        np.empty(most),
        np.empty(most, np.int32),
    )


#: Of Stops: first, rows, ahead_s and off_m.
_Stops = tuple[Rows, Rows, Floats, Floats]


@kernel
def _keep(
    lon: float,
    lat: float,
    rows: NDArray[np.int64],
    places: Places,
    hope: Hope,
    may: Flags,
    found: Flags,
) -> None:
    """Mark the rows that may pass."""
    asker = asker_in_frame(lon, lat, places.frame)
    for row in rows:
        found[row] |= matches(row, asker, places, hope.reach_m + hope.radius_m, hope.mask, may)


@kernel
def _say(row: int, asker: Asker, places: Places, hope: Hope) -> int:
    if not matches(row, asker, places, hope.reach_m + hope.radius_m, hope.mask, hope.may):
        return _FAILS
    return _SURE if matches(row, asker, places, hope.reach_m - hope.radius_m, None, None) else _MAY


@kernel
def _may_be_open(hope: Hope, hours_row: int, least_s: float, most_s: float) -> bool:
    """Whether one of those who come within the slack after a way of so long finds it open."""
    arrival = hope.arrival
    first, last = arrival.at_min, arrival.at_min + hope.slack_min
    if hope.on_arrival:
        first, last = first + least_s / 60.0, last + most_s / 60.0
    for each in range(arrival.offsets[hours_row], arrival.offsets[hours_row + 1]):
        counts = arrival.states[each] == State.OPEN or arrival.unknown_passes
        if counts and arrival.starts[each] <= last and arrival.ends[each] > first:
            return True
    return False


@kernel
def _surely_open(hope: Hope, hours_row: int, seconds: float) -> bool:
    """Whether it is open from the first instant until the last of them have come, and stayed."""
    arrival = hope.arrival
    way_min = seconds / 60.0 if hope.on_arrival else 0.0
    return open_through(
        arrival.offsets,
        arrival.starts,
        arrival.ends,
        arrival.states,
        hours_row,
        arrival.at_min,
        way_min + hope.slack_min + arrival.stay_min,
        0.0,
        arrival.unknown_passes,
    )


@kernel
def _soonest(
    lon: float,
    lat: float,
    hubs: Rows,
    onward: Arcs,
    arc_s: Floats,
    stops: _Stops,
    places: Places,
    hope: Hope,
    most: int,
    room: _Room,
) -> Floats:
    """Seconds within which k that surely pass are reached from each hub.

    Inf: never, or not by so many nodes in all.
    """
    asker, settled, found_s = asker_in_frame(lon, lat, places.frame), 0, np.full(len(hubs), np.inf)
    for number in range(1, len(hubs) + 1):
        size, counted = push(room.keys, room.items, 0, 0.0, hubs[number - 1]), 0
        while size > 0 and counted < hope.k and settled < most:
            time, what = room.keys[0], room.items[0]
            size = drop(room.keys, room.items, size)
            if what < 0:
                counted += _counts(stops[1][~what], number, time, places, hope, room)
                if counted == hope.k:
                    found_s[number - 1] = time
            elif room.done[what] != number:
                room.done[what] = number
                settled += 1
                size = _go_on(
                    what, number, time, size, onward, arc_s, stops, asker, places, hope, room
                )
        if counted < hope.k:
            break
    return found_s


@kernel
def _counts(row: int, number: int, time: float, places: Places, hope: Hope, room: _Room) -> bool:
    """Whether a place that is reached is another that surely passes."""
    if room.seen[row] == number:
        return False
    room.seen[row] = number
    return room.said[row] == _SURE and (
        not hope.by_hours or _surely_open(hope, places.links[row, 1], time)
    )


@kernel
def _reach(
    lon: float,
    lat: float,
    exits: Rows,
    later_s: Floats,
    most_s: float,
    number: int,
    onward: Arcs,
    arc_s: Floats,
    stops: _Stops,
    places: Places,
    hope: Hope,
    room: _Room,
) -> None:
    """Mark what may pass and is reached within `most_s` by one search from all exits, each begun so
    much later.
    """
    asker, latest_s, size = asker_in_frame(lon, lat, places.frame), 0.0, 0
    for i in range(len(exits)):
        latest_s = max(latest_s, later_s[i])
        size = push(room.keys, room.items, size, later_s[i], exits[i])
    while size > 0 and room.keys[0] <= most_s * (1.0 + _ROUNDING) + _ROUNDING:
        time, what = room.keys[0], room.items[0]
        size = drop(room.keys, room.items, size)
        if what < 0:
            row = stops[1][~what]
            room.seen[row] = number
            least_s = max(0.0, time - latest_s)
            room.found[row] |= not hope.by_hours or _may_be_open(
                hope, places.links[row, 1], least_s, most_s
            )
        elif room.done[what] != number:
            room.done[what] = number
            size = _go_on(what, number, time, size, onward, arc_s, stops, asker, places, hope, room)


@kernel
def _go_on(
    node: int,
    number: int,
    time: float,
    size: int,
    onward: Arcs,
    arc_s: Floats,
    stops: _Stops,
    asker: Asker,
    places: Places,
    hope: Hope,
    room: _Room,
) -> int:
    """Put on the heap what lies beyond a node, and the places on the way there: its size."""
    first, stop_rows, stop_ahead_s, stop_off_m = stops
    for step in range(onward.first[node], onward.first[node + 1]):
        arc = onward.arcs[step]
        if room.done[onward.ends[step]] != number:
            size = push(room.keys, room.items, size, time + arc_s[arc], onward.ends[step])
        for stop in range(first[arc >> 1], first[(arc >> 1) + 1]):
            row = stop_rows[stop]
            if room.said[row] == _UNSEEN:
                room.said[row] = _say(row, asker, places, hope)
            if room.said[row] != _FAILS and room.seen[row] != number:
                there_s = stop_ahead_s[stop, arc & 1] + stop_off_m[stop] / WALK_M_S
                size = push(room.keys, room.items, size, time + there_s, ~stop)
    return size
