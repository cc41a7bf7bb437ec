"""The places that are reached first from anywhere on a patch of ground: a superset, proved.

Knows no asker.

A region is every edge that some point of the ground can be put onto, and perhaps more. Its exits
are the nodes where these edges end and another leaves. Whoever stands on the ground and goes to a
place p that stands on none of the region's edges passes an exit b: t(x, p) = t(x, b) + t(b, p) for
one of them. Let h be a hub, one of the exits, and T(h) the time within which k places q are reached
from it. All of them are reached from b within t(b, h) + T(h), and so within U(b), the least of
these sums over the hubs. If t(b, p) > U(b), then t(x, q) ≤ t(x, b) + U(b) < t(x, p): k others come
before p. So whatever is among the k first of any x is reached from an exit b within U(b), or stands
on the region's own edges: that is the superset. Were every exit a hub, it would be no more than the
k first of each; a few hubs tell nearly as little, and each takes a search of its own. Exits that
lead only to doors (graph.py) lead to no hub; all that is reached from them is kept: it is little.
The filter differs from asker to asker: towards k counts only what passes for every one of them, and
kept is what passes for any.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import borrowed, inlined_kernel, inner_kernel, kernel
from geodata.hours.timeline import State, open_through
from geodata.hours.touching import touched
from geodata.index.tree import (
    NO_LEAF,
    ROWS_IN_ORDER,
    Arrival,
    Flags,
    MaskWords,
    Path,
    Places,
    Rows,
    Rules,
    Tree,
    box_distance2,
    first_branch,
    height_of,
    items_of,
    new_path,
    next_leaf,
    spot_of,
)
from geodata.space.tangent import Asker, Floats, asker_in_tangent
from geodata.travel.dijkstra import (
    NO_NODE,
    START,
    TIME,
    Search,
    go_on,
    new_search,
    reach,
    settle,
)
from geodata.travel.fastest import (
    FIRST_ENTRIES,
    Expansion,
    RoadsAndPlaces,
    Settled,
    Waiting,
    Wish,
    go_on_to_places,
    matches,
)
from geodata.travel.graph import STANDS_ON_GROUND, Arcs, Graph
from geodata.travel.heap import Queue, drop, enqueue, new_queue, wider
from geodata.travel.one_to_all import tails
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import FLYOVER_M, MARGIN_M, MAX_OFF_M, SnappedPlaces, snap

#: Exits from which the k first are looked for. In a made-up city of a million junctions six tell
#: hardly more places than all sixty exits do, in a tenth of the searches; one tells half as many
#: again (measured 2026-11).
_HUBS: Final = 6
#: Two sums of the same seconds in another order differ by far less; nothing that is nearly as early
#: is left out.
_ROUNDING: Final = 1e-6


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
    only_unknown: bool
    """Whether only what passes by unknown hours is hoped for."""


def region(graph: Graph, lonlat: Floats, radius_m: float) -> Region:
    """The region of all ground within `radius_m` of one of the WGS-84 points, shape (n, 2)."""
    # Of a point x within radius_m of m the nearest road on the ground is at most off(m) + radius_m
    # away; where m has none, x may have one up to FLYOVER_M away, and else stands on what is no
    # farther than the road of m + radius_m. What competes with it lies within MARGIN_M more of x,
    # and so within another radius_m of m.
    spots = snap(graph, lonlat)
    nearest = spots.edges[spots.first[:-1]]
    on_ground = (nearest >= 0) & (graph.snap_words[nearest, 0] & STANDS_ON_GROUND > 0)
    off_m = spots.nearest_m + radius_m
    off_m = np.where(on_ground, off_m, np.maximum(off_m, FLYOVER_M)) + MARGIN_M
    off_m = np.minimum(off_m, MAX_OFF_M)
    near = np.zeros(graph.edges, np.bool_)
    _mark(lonlat, off_m + radius_m, graph.tangent, graph.tree, new_path(), near)
    arcs = (2 * np.flatnonzero(near)[:, None] + [0, 1]).ravel()
    arcs = arcs[np.isfinite(graph.seconds[arcs])].astype(np.int32)
    ends = _ends(graph, arcs)
    return Region(near, arcs, ends[_leads_on(graph.onward, ends, near)], float(off_m.max()))


def _ends(graph: Graph, arcs: Rows) -> Rows:
    """The nodes at which arcs end, whoever takes them."""
    to_doors = arcs[graph.to_doors_only[arcs >> 1]]
    leaving, number = tails(graph, to_doors)
    ways = zip(leaving.tolist(), to_doors[number].tolist(), strict=True)
    others = np.array([graph.step(node, arc) for node, arc in ways], np.int32)
    return np.unique(np.concatenate([graph.heads[arcs], others]))


@kernel
def _mark(
    lonlat: Floats, reach_m: Floats, tangent: Floats, tree: Tree, path: Path, near: Flags
) -> None:
    """Mark the edges that come so near to one of the points."""
    tree, path, mask = borrowed(tree), borrowed(path), (0, 0, 0, 0, 0)
    height = height_of(tree)
    for point in range(len(lonlat)):
        here = asker_in_tangent(lonlat[point, 0], lonlat[point, 1], tangent)[0]
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
def _leads_on(onward: Arcs, nodes: Rows, marked: Flags) -> Flags:
    """From which nodes an arc leaves whose edge is not marked."""
    found = np.zeros(len(nodes), np.bool_)
    for i in range(len(nodes)):
        for step in range(onward.first[nodes[i]], onward.first[nodes[i] + 1]):
            if not marked[onward.arcs[step] >> 1]:
                found[i] = True
    return found


def longest_s(graph: Graph, stops: SnappedPlaces, roads: Region) -> float:
    """No way from the ground to an exit, or to a place on the region's edges, takes longer, in
    seconds.

    By way of one node of the region: there from all of it, and from there to all of it; or by a
    road to doors only, which no one comes to from there. 0 where there are no roads.
    """
    if not len(roads.arcs):
        return 0.0
    hub = graph.heads[_leading_through(graph, roads.arcs)][None]
    starts = np.unique(graph.heads[roads.arcs])
    there_s = _times(graph.back, hub, np.zeros(1), starts)
    leaving, number = tails(graph, roads.arcs)
    goals, goal = np.unique(np.concatenate([roads.exits, leaving]), return_inverse=True)
    back_s = _times(graph.onward, hub, np.zeros(1), goals)[goal]
    exit_s, arc_s = back_s[: len(roads.exits)], np.full(len(roads.arcs), np.inf)
    np.minimum.at(arc_s, number, back_s[len(roads.exits) :])
    apart = [
        _times(graph.back, node[None], np.zeros(1), starts)
        for node in roads.exits[np.isinf(exit_s)]
    ]
    past_s = float(there_s.max()) + _most(np.concatenate([exit_s, arc_s]))
    way_s = max(past_s, _most(np.concatenate([*apart, np.zeros(1)])))
    along_s = 2.0 * float(
        graph.seconds[roads.arcs].max()
    )  # from where one stands, and up to where the place does
    its_off_m = stops.off_m[_on(stops, roads)]
    return way_s + along_s + (roads.off_m + float(its_off_m.max(initial=0.0))) / WALK_M_S


def _most(seconds: Floats) -> float:
    """The most of those that are not endless."""
    return float(seconds[np.isfinite(seconds)].max(initial=0.0))


def _leading_through(graph: Graph, arcs: Rows) -> int:
    """An arc of a road that leads through: the middle one of these, or the next one to them."""
    through = arcs[~graph.to_doors_only[arcs >> 1]]
    if not len(through):
        through = np.flatnonzero(
            np.isfinite(graph.seconds) & np.repeat(~graph.to_doors_only, 2)
        ).astype(np.int32)
        return int(through[np.argmin(np.abs(through - arcs[len(arcs) // 2]))])
    return int(through[len(through) // 2])


def _on(stops: SnappedPlaces, roads: Region) -> NDArray[np.int64]:
    """The numbers of the stops that stand on a region's edges."""
    edges = np.flatnonzero(roads.near)
    spans = zip(stops.first[edges].tolist(), stops.first[edges + 1].tolist(), strict=True)
    return np.array([stop for first, end in spans for stop in range(first, end)], np.int64)


@kernel
def _times(arcs: Arcs, starts: Rows, start_s: Floats, ends: Rows) -> Floats:
    """Seconds from the nearest of the starts, each with seconds of its own, to each end.

    Inf: there is no way.
    """
    search = new_search(arcs, len(starts))
    left = np.zeros(len(search.node_s), np.bool_)
    for end in ends:
        left[end] = True
    _settle_these(arcs, starts, start_s, search, left, len(ends))
    return search.node_s[ends]


@inner_kernel
def _settle_these(
    arcs: Arcs, starts: Rows, start_s: Floats, search: Search, left: Flags, missing: int
) -> None:
    """Search from the starts until as many of the nodes that are `left` are settled."""
    arcs, search, front = borrowed(arcs), borrowed(search), START
    for i in range(len(starts)):
        front = reach(TIME, search, starts[i], start_s[i], 0, np.inf, front)
    while missing > 0:
        node, front = settle(search, np.inf, front)
        if node == NO_NODE:
            break
        missing -= left[node]
        front = go_on(TIME, arcs, search, node, np.inf, front)


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
    graph, exits = expansion.graph, roads.exits
    through = _leads_on(graph.onward, exits, graph.to_doors_only)
    hubs = exits[through]
    hubs = hubs[np.unique(np.linspace(0, len(hubs) - 1, min(_HUBS, len(hubs))).astype(np.intp))]
    seen, found = expansion.nothing_seen(), np.zeros(len(expansion.places.words), np.bool_)
    asked = (middle, expansion.arrays, hope, seen)
    hub_s = _soonest(hubs, *asked, most_settled)
    within_s = _times(graph.back, hubs, hub_s, exits)
    proved = np.isfinite(within_s)
    if (proved | ~through).all():
        most_s = float(within_s[proved].max(initial=0.0))
        _reach(exits[proved], most_s - within_s[proved], most_s, *asked, len(hubs) + 1, found)
        rest = exits[~proved]
        _reach(rest, np.zeros(len(rest)), math.inf, *asked, len(hubs) + 2, found)
    else:
        every = np.flatnonzero(~np.isnan(expansion.stops.row_off_m))
        _keep(middle, every, expansion.places, hope, hope.may, found)
    here = expansion.stops.rows[_on(expansion.stops, roads)].astype(np.int64)
    _keep(middle, here, expansion.places, hope, may_here, found)
    return np.flatnonzero(found).astype(np.int32)


@inner_kernel
def _possibly(hope: Hope, may: Flags) -> Wish:
    """What passes for some asker, as far as it does not depend on when one gets there."""
    return Wish(hope.k, hope.reach_m + hope.radius_m, Rules(hope.mask, may, hope.arrival))


@inner_kernel
def _surely_near(hope: Hope) -> Wish:
    """What is near enough for every asker."""
    no_mask = (0, 0, 0, 0, 0)
    return Wish(hope.k, hope.reach_m - hope.radius_m, Rules(no_mask, hope.may[:0], hope.arrival))


@kernel
def _keep(
    middle: tuple[float, float],
    rows: NDArray[np.int64],
    places: Places,
    hope: Hope,
    may: Flags,
    found: Flags,
) -> None:
    """Mark the rows that may pass."""
    asker = asker_in_tangent(middle[0], middle[1], places.tangent)
    _mark_matches(rows, asker, places, _possibly(hope, may), found)


@inner_kernel
def _mark_matches(
    rows: NDArray[np.int64], asker: Asker, places: Places, wish: Wish, found: Flags
) -> None:
    places, wish = borrowed(places), borrowed(wish)
    for row in rows:
        found[row] |= matches(row, asker, places, wish)


@inlined_kernel
def _may_be_open(hope: Hope, hours_row: int, least_s: float, most_s: float) -> bool:
    """Whether one of those who come within the slack after a way of so long finds it open, or
    unknown at some instant of the stay where only that is hoped for.
    """
    arrival = hope.arrival
    first, last = arrival.at_min, arrival.at_min + hope.slack_min
    if hope.on_arrival:
        first, last = first + least_s / 60.0, last + most_s / 60.0
    if hope.only_unknown:
        return _touched(arrival, hours_row, first, last + arrival.stay_min, State.UNKNOWN)
    return _touched(arrival, hours_row, first, last, State.OPEN) or (
        arrival.unknown_passes and _touched(arrival, hours_row, first, last, State.UNKNOWN)
    )


@inlined_kernel
def _touched(arrival: Arrival, hours_row: int, first: float, last: float, state: int) -> bool:
    line = (arrival.offsets, arrival.starts, arrival.ends, arrival.states)
    return touched(line[0], line[1], line[2], line[3], hours_row, first, last, state)


@inlined_kernel
def _surely_open(hope: Hope, hours_row: int, seconds: float) -> bool:
    """Whether it is open from the first instant until the last of them have come, and stayed."""
    arrival = hope.arrival
    way_min = seconds / 60.0 if hope.on_arrival else 0.0
    last = way_min + hope.slack_min
    if hope.only_unknown and _touched(
        arrival, hours_row, arrival.at_min, arrival.at_min + last, State.OPEN
    ):
        return False
    return open_through(
        arrival.offsets,
        arrival.starts,
        arrival.ends,
        arrival.states,
        hours_row,
        arrival.at_min,
        last + arrival.stay_min,
        0.0,
        arrival.unknown_passes,
    )


@kernel
def _soonest(
    hubs: Rows,
    middle: tuple[float, float],
    arrays: RoadsAndPlaces,
    hope: Hope,
    seen: Settled,
    most: int,
) -> Floats:
    """Seconds within which k that surely pass are reached from each hub.

    Inf: never, or not by so many nodes in all.
    """
    asker = asker_in_tangent(middle[0], middle[1], arrays.places.tangent)
    found_s, settled = np.full(len(hubs), np.inf), 0
    queue = new_queue(max(FIRST_ENTRIES, arrays.burst + 1), found_s)
    for number in range(1, len(hubs) + 1):
        size, entries = enqueue(queue, 0, 0, 0.0, hubs[number - 1], 0.0)
        progress = _Progress(size, entries, 0, settled, 0.0, False)  # noqa: FBT003  # a kernel takes no keywords
        while not progress.ended:
            progress = _count_until_full(number, most, arrays, asker, hope, seen, queue, progress)
            if not progress.ended:
                queue = wider(queue)
        settled = progress.settled
        if progress.counted < hope.k:
            break
        found_s[number - 1] = progress.last_s
    return found_s


class _Progress(NamedTuple):
    """How far the search from one hub has come."""

    waiting: int
    entries: int
    counted: int
    """Places that surely pass, of those reached."""
    settled: int
    """Nodes, by all searches."""
    last_s: float
    """When the last of those places was reached."""
    ended: bool


@inner_kernel
def _count_until_full(
    number: int,
    most: int,
    arrays: RoadsAndPlaces,
    asker: Asker,
    hope: Hope,
    seen: Settled,
    queue: Queue,
    progress: _Progress,
) -> _Progress:
    """Go on with search `number` until k that surely pass are reached, or `most` nodes are settled,
    or nothing is left, or the queue has no room for what may lie beyond one node.
    """
    arrays, hope, seen, queue = borrowed((arrays, hope, seen, queue))
    possibly, surely = _possibly(hope, hope.may), _surely_near(hope)
    size, entries, counted, settled, last_s, ended = progress
    while entries + arrays.burst <= len(queue.keys):
        if size == 0 or counted == hope.k or settled >= most:
            ended = True
            break
        time, entry = queue.keys[0], queue.items[0]
        size = drop(queue.keys, queue.items, size)
        what = queue.what[entry]
        if what < 0:
            row = arrays.rows[~what]
            if seen.reached[row] == number:
                continue
            seen.reached[row] = number
            if matches(row, asker, arrays.places, surely) and (
                not hope.by_hours or _surely_open(hope, arrays.places.links[row, 1], time)
            ):
                counted, last_s = counted + 1, time
        elif seen.settled[what] != number:
            seen.settled[what] = number
            settled += 1
            way = Waiting(size, entries)
            size, entries = go_on_to_places(
                what, time, 0.0, number, arrays, asker, possibly, seen, queue, way
            )
    return _Progress(size, entries, counted, settled, last_s, ended)


@kernel
def _reach(
    exits: Rows,
    later_s: Floats,
    most_s: float,
    middle: tuple[float, float],
    arrays: RoadsAndPlaces,
    hope: Hope,
    seen: Settled,
    number: int,
    found: Flags,
) -> None:
    """Mark what may pass and is reached within `most_s` by search `number` from all exits, each
    begun so much later.
    """
    asker = asker_in_tangent(middle[0], middle[1], arrays.places.tangent)
    latest_s, size, entries = 0.0, 0, 0
    queue = new_queue(max(FIRST_ENTRIES, arrays.burst + len(exits)), later_s)
    for i in range(len(exits)):
        latest_s = max(latest_s, later_s[i])
        size, entries = enqueue(queue, size, entries, later_s[i], exits[i], 0.0)
    bounds, waiting = (latest_s, most_s), Waiting(size, entries)
    while True:
        waiting = _mark_until_full(number, bounds, arrays, asker, hope, seen, found, queue, waiting)
        if waiting.entries + arrays.burst <= len(queue.keys):
            return
        queue = wider(queue)


@inner_kernel
def _mark_until_full(
    number: int,
    bounds: tuple[float, float],
    arrays: RoadsAndPlaces,
    asker: Asker,
    hope: Hope,
    seen: Settled,
    found: Flags,
    queue: Queue,
    waiting: Waiting,
) -> Waiting:
    """Go on with the search until its time is out, or the queue has no room for what may lie beyond
    one node.

    `bounds`: how much later than the first exit the last is begun, and when the time is out.
    """
    arrays, hope, seen, found, queue = borrowed((arrays, hope, seen, found, queue))
    possibly, (latest_s, most_s), (size, entries) = _possibly(hope, hope.may), bounds, waiting
    out_s = most_s * (1.0 + _ROUNDING) + _ROUNDING
    while entries + arrays.burst <= len(queue.keys) and size > 0 and queue.keys[0] <= out_s:
        time, entry = queue.keys[0], queue.items[0]
        size = drop(queue.keys, queue.items, size)
        what = queue.what[entry]
        if what < 0:
            row = arrays.rows[~what]
            seen.reached[row] = number
            least_s = max(0.0, time - latest_s)
            found[row] |= not hope.by_hours or _may_be_open(
                hope, arrays.places.links[row, 1], least_s, most_s
            )
        elif seen.settled[what] != number:
            seen.settled[what] = number
            way = Waiting(size, entries)
            size, entries = go_on_to_places(
                what, time, 0.0, number, arrays, asker, possibly, seen, queue, way
            )
    return Waiting(size, entries)
