"""The places that are reached first, found by growing outwards from one point until they are
proved.

Incremental network expansion (Papadias et al. 2003): Dijkstra from both ends of the asker's edge;
the spots of places go through the same heap as nodes, so a place comes off it at its true time of
arrival, and that is when its opening hours are judged. The search ends when the k-th time is no
later than anything left to come.
"""

import math
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import borrowed, inlined_kernel, inner_kernel, kernel
from geodata.index.tree import (
    Flags,
    MaskWords,
    Numbers,
    Places,
    Rows,
    Rules,
    Tree,
    Words,
    arrival_at_address,
    is_judged,
    open_on_arrival,
    passes,
    spot_of_row,
    way_min,
)
from geodata.space.tangent import Asker, Floats, asker_in_tangent, bearing_deg, geodesic_from
from geodata.travel.graph import Arcs, Graph
from geodata.travel.heap import Queue, drop, enqueue, new_queue, wider
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import MOST_EDGES, Snapped, SnappedPlaces

#: What has been said of a place so far: whether it passes what does not depend on when one gets
#: there.
_UNSEEN: Final = 0
_PASSES: Final = 1
_FAILS: Final = 2
#: Nodes after which the places that could still come are counted, so that a rare wish ends when the
#: last is found.
_COUNT_AFTER: Final = 2_000


#: Room that a search begins with: most need no more, and memory that is touched anew at every
#: question costs most.
FIRST_ENTRIES: Final = 4_096


class FirstReached(NamedTuple):
    """Places in the order they are reached, equal times by rank; each (m,)."""

    rows: Rows
    seconds: Floats
    """Both legs off the road included."""
    road_m: Floats
    """Metres of the way, both legs off the road included."""
    metres: Floats
    """Geodesic metres."""
    bearings: Floats
    """Of the geodesic's start, degrees from north."""


class Beyond(NamedTuple):
    """Places that the extract does not reach, nearest first, equals by rank; each (m,)."""

    rows: Rows
    metres: Floats
    """Geodesic metres."""
    bearings: Floats


class Wish(NamedTuple):
    """What is asked of places: `index.nearest` has the same."""

    k: int
    reach_m: float
    rules: Rules


class RoadsAndPlaces(NamedTuple):
    """An Expansion as kernels read it."""

    onward: Arcs
    heads: Rows
    lengths_m: Floats
    first: Rows
    """(E + 1,) edge e has the spots of places [first[e], first[e + 1])."""
    rows: Rows
    """(S,) the place of each spot; and of each spot, as in Snapped:"""
    ahead_s: Floats
    along_m: Floats
    off_m: Floats
    row_off_m: Floats
    """(P,) nan: the place stands at no road."""
    places: Places
    burst: int
    """The most entries that one step of a search can add to its queue."""


class Settled(NamedTuple):
    """What searches, numbered from 1, have come to."""

    settled: NDArray[np.uint8]
    """(N,) the last search that settled a node."""
    reached: NDArray[np.uint8]
    """(P,) the last search that reached a place."""
    said: NDArray[np.uint8]
    """(P,) what has been said of a place, to all of them."""


class _Held(NamedTuple):
    """The k first so far, each (k,): rows (-1: none yet), seconds, and metres of the way."""

    rows: Rows
    seconds: Floats
    road_m: Floats


class Waiting(NamedTuple):
    """How many entries of a queue wait, and how many there are."""

    waiting: int
    entries: int


@dataclass(frozen=True, slots=True)
class Expansion:
    """A graph with the places that stand on it, ready to be asked."""

    graph: Graph
    stops: SnappedPlaces
    places: Places
    arrays: RoadsAndPlaces
    _plain: Any
    """The same without names, for the kernel that is asked once per request."""

    @classmethod
    def over(cls, graph: Graph, stops: SnappedPlaces, places: Places) -> "Expansion":
        """Join a graph, its stops and the index they were made from."""
        on_edge = np.diff(stops.first).astype(np.int64)
        added = np.concatenate([[0], np.cumsum(1 + on_edge[graph.out_arcs // 2])])
        at_node = added[graph.out_first[1:]] - added[graph.out_first[:-1]]
        arrays = RoadsAndPlaces(
            graph.onward,
            graph.heads,
            graph.lengths_m,
            stops.first,
            stops.rows,
            stops.ahead_s,
            stops.along_m,
            stops.off_m,
            stops.row_off_m,
            places,
            int(max(at_node.max(), MOST_EDGES * (2 + 2 * on_edge.max()))),
        )
        return cls(graph, stops, places, arrays, _without_names(arrays))

    def changed(self, places: Places) -> "Expansion":
        """The same with other words and links of the same places."""
        arrays = self.arrays._replace(places=places)
        return Expansion(self.graph, self.stops, places, arrays, _without_names(arrays))

    def nothing_seen(self) -> Settled:
        """Before the first search."""
        places = len(self.places.words)
        return Settled(
            np.zeros(self.graph.nodes, np.uint8),
            np.zeros(places, np.uint8),
            np.zeros(places, np.uint8),
        )

    def fastest(self, lon: float, lat: float, here: Snapped, wish: Wish) -> FirstReached:
        """The k places reached first from WGS-84 lon, lat, which stands at `here` (one point, not
        nowhere).

        Fewer than k where fewer match within `reach_m` (a geodesic) and can be reached.
        """
        spots = (here.edges, here.ahead_s, here.along_m, here.off_m)
        mask, hours_ok, arrival = wish.rules
        rules = (mask, hours_ok, arrival.at, arrival.numbers)
        asked = ((lon, lat), wish.k, wish.reach_m, rules)
        return FirstReached(*_ask_one(*asked, spots, self._plain, self.nothing_seen()[:]))

    def beyond(self, lon: float, lat: float, wish: Wish) -> "Beyond":
        """The k nearest by geodesic of the places that the extract does not reach, hours on arrival
        judged by the estimate.

        Each of these places is looked at.
        """
        mask, hours_ok, arrival = wish.rules
        rules = (mask, hours_ok, arrival.at, arrival.numbers)
        asked = ((lon, lat), wish.k, wish.reach_m, rules, self.stops.beyond)
        return Beyond(*_beyond(*asked, self._plain))


def _without_names(record: tuple[Any, ...]) -> tuple[Any, ...]:
    """A record, and those in it, as plain tuples: numba takes a NamedTuple apart name by name at
    every call, 20 µs for all of an expansion's (measured 2026-11-29).
    """
    return tuple(_without_names(part) if isinstance(part, tuple) else part for part in record)


class _Spots(NamedTuple):
    """Where the asker stands, as in Snapped."""

    edges: Rows
    ahead_s: Floats
    along_m: Floats
    off_m: Floats


@inlined_kernel
def _to_row(asker: Asker, row: int, places: Places) -> tuple[float, float, float]:
    """Geodesic metres to a place, or to the nearest point of a street.

    East and north parts of the chord.
    """
    x, y, z = spot_of_row(row, asker[0], places)
    return geodesic_from(asker, x, y, z)


@inner_kernel
def _tell(asker: Asker, rows: Rows, places: Places, metres: Floats, bearings: Floats) -> None:
    places = borrowed(places)
    for i in range(len(rows)):
        metres[i], east, north = _to_row(asker, rows[i], places)
        bearings[i] = bearing_deg(east, north)


@inlined_kernel
def matches(row: int, asker: Asker, places: Places, wish: Wish) -> bool:
    """Whether a place passes all that does not depend on when one gets there."""
    rules = wish.rules
    if not passes(places.words[row, 0], places.words[row, 1], rules.mask):
        return False
    if len(rules.hours_ok) > 0 and not rules.hours_ok[places.links[row, 1]]:
        return False
    return _to_row(asker, row, places)[0] <= wish.reach_m


@inner_kernel
def _count(arrays: RoadsAndPlaces, asker: Asker, wish: Wish) -> int:
    """How many places are wanted and stand on the roads."""
    arrays, wish, count = borrowed(arrays), borrowed(wish), 0
    for row in range(len(arrays.row_off_m)):
        if not math.isnan(arrays.row_off_m[row]) and matches(row, asker, arrays.places, wish):
            count += 1
    return count


@inlined_kernel
def _is_wanted(
    row: int, number: int, asker: Asker, places: Places, wish: Wish, seen: Settled
) -> bool:
    """Whether a place passes, and has not been reached by this search yet."""
    if seen.said[row] == _UNSEEN:
        seen.said[row] = _PASSES if matches(row, asker, places, wish) else _FAILS
    return bool(seen.said[row] == _PASSES and seen.reached[row] != number)


@inlined_kernel
def go_on_to_places(
    node: int,
    time: float,
    way_m: float,
    number: int,
    arrays: RoadsAndPlaces,
    asker: Asker,
    wish: Wish,
    seen: Settled,
    queue: Queue,
    waiting: Waiting,
) -> Waiting:
    """Put what lies beyond a node into the queue: the nodes that its arcs lead to, and the places
    that stand along them.

    A node that search `number` has settled is not reached sooner, and a place it has reached is not
    either; both are left out.
    """
    onward, (size, entries) = arrays.onward, waiting
    for step in range(onward.first[node], onward.first[node + 1]):
        arc, end = onward.arcs[step], onward.ends[step]
        edge, side = arc >> 1, arc & 1
        length_m = arrays.lengths_m[edge]
        if seen.settled[end] != number:
            there_s, there_m = time + onward.seconds[arc], way_m + length_m
            size, entries = enqueue(queue, size, entries, there_s, end, there_m)
        for stop in range(arrays.first[edge], arrays.first[edge + 1]):
            if _is_wanted(arrays.rows[stop], number, asker, arrays.places, wish, seen):
                off_m = arrays.off_m[stop]
                along_m = length_m - arrays.along_m[stop] if side else arrays.along_m[stop]
                there_s = time + arrays.ahead_s[stop, side] + off_m / WALK_M_S
                there_m = way_m + along_m + off_m
                size, entries = enqueue(queue, size, entries, there_s, ~stop, there_m)
    return Waiting(size, entries)


@inlined_kernel
def _rank_in(held: _Held, row: int, time: float, way_m: float, links: Rows) -> None:
    """Insert an arrival into the k first.

    What comes later in time, or at the same time and later by rank, moves on.
    """
    rows, seconds, road_m = held
    at = len(rows) - 1
    if time > seconds[at] or (
        time == seconds[at] and rows[at] >= 0 and links[row, 0] > links[rows[at], 0]
    ):
        return
    while at > 0 and (
        rows[at - 1] < 0
        or time < seconds[at - 1]
        or (time == seconds[at - 1] and links[row, 0] < links[rows[at - 1], 0])
    ):
        rows[at], seconds[at], road_m[at] = rows[at - 1], seconds[at - 1], road_m[at - 1]
        at -= 1
    rows[at], seconds[at], road_m[at] = row, time, way_m


@inlined_kernel
def _set_out(
    here: _Spots,
    spot: int,
    waiting: Waiting,
    arrays: RoadsAndPlaces,
    asker: Asker,
    wish: Wish,
    seen: Settled,
    queue: Queue,
) -> Waiting:
    """Put into the queue what lies ahead on an edge that the asker stands on: its ends, and places
    further on.
    """
    size, entries = waiting
    edge, along_m, off_m = here.edges[spot], here.along_m[spot], here.off_m[spot]
    off_s = off_m / WALK_M_S
    for side in range(2):
        ahead_s, arc = here.ahead_s[spot, side], 2 * edge + side
        if math.isinf(ahead_s):
            continue
        left_m = along_m if side else arrays.lengths_m[edge] - along_m
        there_s, there_m = off_s + arrays.onward.seconds[arc] - ahead_s, off_m + left_m
        size, entries = enqueue(queue, size, entries, there_s, arrays.heads[arc], there_m)
        for stop in range(arrays.first[edge], arrays.first[edge + 1]):
            between_s = arrays.ahead_s[stop, side] - ahead_s
            if between_s >= 0.0 and _is_wanted(
                arrays.rows[stop], 1, asker, arrays.places, wish, seen
            ):
                between_m = abs(arrays.along_m[stop] - along_m)
                there_s = off_s + between_s + arrays.off_m[stop] / WALK_M_S
                there_m = off_m + between_m + arrays.off_m[stop]
                size, entries = enqueue(queue, size, entries, there_s, ~stop, there_m)
    return Waiting(size, entries)


class _Progress(NamedTuple):
    """How far an expansion has come."""

    waiting: int
    entries: int
    passed: int
    """Places reached that are open then."""
    reached: int
    settled: int
    wanted: int
    """How many there are to be reached; -1: not counted yet."""
    ended: bool


@inlined_kernel
def _with_names(plain: Any) -> RoadsAndPlaces:
    """What `_without_names` made plain."""
    onward, heads, lengths_m, first, rows, ahead_s, along_m, off_m, row_off_m, its, burst = plain
    tangent, words, links, points, lines = its
    places = Places(tangent, words, links, Tree(*points), Tree(*lines))
    on_edges = (first, rows, ahead_s, along_m, off_m, row_off_m)
    return RoadsAndPlaces(Arcs(*onward), heads, lengths_m, *on_edges, places, burst)


@kernel
def _ask_one(
    lonlat: tuple[float, float],
    k: int,
    reach_m: float,
    rules: tuple[MaskWords, Flags, Words, Numbers],
    spots: tuple[Rows, Floats, Floats, Floats],
    plain: Any,
    seen: Any,
) -> tuple[Rows, Floats, Floats, Floats, Floats]:
    """The fields of FirstReached, from records without names."""
    rules, spots, plain, seen = borrowed((rules, spots, plain, seen))
    arrays, (mask, hours_ok, at, numbers) = _with_names(plain), rules
    wish = Wish(k, reach_m, Rules(mask, hours_ok, arrival_at_address(at, numbers)))
    asker = asker_in_tangent(lonlat[0], lonlat[1], arrays.places.tangent)
    held = _Held(np.full(k, -1, np.int32), np.full(k, np.inf), np.empty(k))
    found = _expand(asker, _Spots(*spots), arrays, wish, Settled(*seen), held)
    metres, bearings = np.empty(found), np.empty(found)
    _tell(asker, held.rows[:found], arrays.places, metres, bearings)
    return held.rows[:found], held.seconds[:found], held.road_m[:found], metres, bearings


@kernel
def _beyond(
    lonlat: tuple[float, float],
    k: int,
    reach_m: float,
    rules: tuple[MaskWords, Flags, Words, Numbers],
    rows: Rows,
    plain: Any,
) -> tuple[Rows, Floats, Floats]:
    """The fields of Beyond, of those of the rows that are wanted."""
    rules, rows, plain = borrowed((rules, rows, plain))
    arrays, (mask, hours_ok, at, numbers) = _with_names(plain), rules
    wish = Wish(k, reach_m, Rules(mask, hours_ok, arrival_at_address(at, numbers)))
    asker = asker_in_tangent(lonlat[0], lonlat[1], arrays.places.tangent)
    held = _Held(np.full(k, -1, np.int32), np.full(k, np.inf), np.empty(k))
    arrival, links = wish.rules.arrival, arrays.places.links
    for row in rows:
        if not matches(row, asker, arrays.places, wish):
            continue
        metres = _to_row(asker, row, arrays.places)[0]
        arrive_min = arrival.at_min + way_min(arrival.way_at, metres)
        if not is_judged(arrival) or open_on_arrival(arrival, links[row, 1], arrive_min):
            _rank_in(held, row, metres, 0.0, links)
    found = 0
    while found < k and held.rows[found] >= 0:
        found += 1
    all_metres, bearings = np.empty(found), np.empty(found)
    _tell(asker, held.rows[:found], arrays.places, all_metres, bearings)
    return held.rows[:found], all_metres, bearings


@inner_kernel
def _expand(
    asker: Asker,
    here: _Spots,
    arrays: RoadsAndPlaces,
    wish: Wish,
    seen: Settled,
    held: _Held,
) -> int:
    """The k first into `held`: how many there are."""
    queue = new_queue(max(FIRST_ENTRIES, arrays.burst), held.road_m)
    progress = _begin(here, arrays, asker, wish, seen, queue)
    while True:
        progress = _until_full(arrays, asker, wish, seen, held, queue, progress)
        if progress.ended:
            return min(progress.passed, wish.k)
        queue = wider(queue)


@inner_kernel
def _begin(
    here: _Spots, arrays: RoadsAndPlaces, asker: Asker, wish: Wish, seen: Settled, queue: Queue
) -> _Progress:
    here, arrays, wish, seen, queue = borrowed((here, arrays, wish, seen, queue))
    waiting = Waiting(0, 0)
    for spot in range(len(here.edges)):
        waiting = _set_out(here, spot, waiting, arrays, asker, wish, seen, queue)
    return _Progress(waiting.waiting, waiting.entries, 0, 0, 0, -1, False)  # noqa: FBT003  # a kernel takes no keywords


@inner_kernel
def _until_full(
    arrays: RoadsAndPlaces,
    asker: Asker,
    wish: Wish,
    seen: Settled,
    held: _Held,
    queue: Queue,
    progress: _Progress,
) -> _Progress:
    """Take nodes and places off the queue in order of time, until the k first are proved, or the
    queue has no room for what may lie beyond one node.

    Nothing that is left comes before its key; so once that is later than the k-th, or all wanted
    places are reached, none is missing.
    """
    arrays, wish, seen, held, queue = borrowed((arrays, wish, seen, held, queue))
    size, entries, passed, reached, settled, wanted, ended = progress
    arrival, links, last = wish.rules.arrival, arrays.places.links, wish.k - 1
    judged, room = is_judged(arrival), len(queue.keys)
    while entries + arrays.burst <= room:
        if size == 0 or queue.keys[0] > held.seconds[last] or reached == wanted:
            ended = True
            break
        time, entry = queue.keys[0], queue.items[0]
        size = drop(queue.keys, queue.items, size)
        what, way_m = queue.what[entry], queue.along[entry]
        if what < 0:
            row = arrays.rows[~what]
            if seen.reached[row]:
                continue
            seen.reached[row] = 1
            reached += 1
            if not judged or open_on_arrival(arrival, links[row, 1], arrival.at_min + time / 60.0):
                passed += 1
                _rank_in(held, row, time, way_m, links)
        elif not seen.settled[what]:
            seen.settled[what] = 1
            settled += 1
            if settled == _COUNT_AFTER:
                wanted = _count(arrays, asker, wish)
            size, entries = go_on_to_places(
                what, time, way_m, 1, arrays, asker, wish, seen, queue, Waiting(size, entries)
            )
    return _Progress(size, entries, passed, reached, settled, wanted, ended)
