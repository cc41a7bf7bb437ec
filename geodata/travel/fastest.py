"""The places that are reached first, found by growing outwards from one point until they are
proved. Pure.

Incremental network expansion (Papadias et al. 2003): Dijkstra from both ends of the asker's edge;
the spots of places go through the same heap as nodes, so a place comes off it at its true time of
arrival, and that is when its opening hours are judged. The search ends when the k-th time is no
later than anything left to come.
"""

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import kernel
from geodata.hours.timeline import open_through
from geodata.index.tree import Arrival, Flags, MaskWords, Places, Rows, passes, spot_of_row
from geodata.space.tangent import Asker, Floats, asker_in_frame, bearing_deg, geodesic_from
from geodata.travel.graph import Arcs, Graph
from geodata.travel.heap import drop, push
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import Spots, Stops

#: What has been said of a place so far.
_UNSEEN: Final = 0
_PASSES: Final = 1
_FAILS: Final = 2
_REACHED: Final = 3
#: Nodes after which the places that could still come are counted, so that a rare wish ends when the
#: last is found.
_COUNT_AFTER: Final = 2_000


#: Room that a search begins with: most need no more, and memory that is touched anew at every
#: question costs most.
_FIRST_ENTRIES: Final = 4_096


class Found(NamedTuple):
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


class Wish(NamedTuple):
    """What is asked of places: `index.nearest` has the same."""

    k: int
    reach_m: float
    mask: MaskWords | None
    hours_ok: Flags | None
    arrival: Arrival | None


class _Queue(NamedTuple):
    """What waits its turn: a heap of numbered entries, and of each entry what it is and how far it
    lies.
    """

    keys: Floats
    items: Rows
    what: Rows
    """A node, or ~spot (which is below zero)."""
    road_m: Floats


@dataclass(frozen=True, slots=True)
class Expansion:
    """A graph with the places that stand on it, ready to be asked."""

    graph: Graph
    stops: Stops
    places: Places
    _burst: int
    """The most entries that one step of a search can add to its queue."""
    most_entries: int
    """The most that all its steps add."""

    @classmethod
    def over(cls, graph: Graph, stops: Stops, places: Places) -> "Expansion":
        """Join a graph, its stops and the index they were made from."""
        on_edge = np.diff(stops.first).astype(np.int64)
        added = np.concatenate([[0], np.cumsum(1 + on_edge[graph.out_arcs // 2])])
        at_node = added[graph.out_first[1:]] - added[graph.out_first[:-1]]
        return cls(
            graph, stops, places, int(max(at_node.max(), 2 + 2 * on_edge.max())), int(added[-1])
        )

    def fastest(self, lon: float, lat: float, here: Spots, wish: Wish) -> Found:
        """The k places reached first from WGS-84 lon, lat, which stands at `here` (one spot, not
        nowhere).

        Fewer than k where fewer match within `reach_m` (a geodesic) and can be reached.
        """
        done, said = (
            np.zeros(self.graph.nodes, np.uint8),
            np.zeros(len(self.places.words), np.uint8),
        )
        rows, seconds, road_m = (
            np.full(wish.k, -1, np.int32),
            np.full(wish.k, np.inf),
            np.empty(wish.k),
        )
        stops = self.stops
        found = _expand(
            lon,
            lat,
            int(here.edges[0]),
            here.ahead_s[0],
            here.along_m[0],
            here.off_m[0],
            self.graph.onward,
            self.graph.seconds,
            self.graph.heads,
            self.graph.lengths_m,
            (stops.first, stops.rows, stops.ahead_s, stops.along_m, stops.off_m, stops.row_off_m),
            self.places,
            float(wish.reach_m),
            wish.mask,
            wish.hours_ok,
            wish.arrival,
            self._burst,
            done,
            said,
            rows,
            seconds,
            road_m,
        )
        metres, bearings = _from_asker(lon, lat, rows[:found], self.places)
        return Found(rows[:found], seconds[:found], road_m[:found], metres, bearings)


#: The fields of Stops, in their order.
_Stops = tuple[Rows, Rows, Floats, Floats, Floats, Floats]


@kernel
def _to_row(asker: Asker, row: int, places: Places) -> tuple[float, float, float]:
    """Geodesic metres to a place, or to the nearest point of a street.

    East and north parts of the chord.
    """
    x, y, z = spot_of_row(row, asker[0], places)
    return geodesic_from(asker, x, y, z)


@kernel
def _from_asker(lon: float, lat: float, rows: Rows, places: Places) -> tuple[Floats, Floats]:
    asker = asker_in_frame(lon, lat, places.frame)
    metres, bearings = np.empty(len(rows)), np.empty(len(rows))
    for i in range(len(rows)):
        metres[i], east, north = _to_row(asker, rows[i], places)
        bearings[i] = bearing_deg(east, north)
    return metres, bearings


@kernel
def matches(
    row: int,
    asker: Asker,
    places: Places,
    reach_m: float,
    mask: MaskWords | None,
    hours_ok: Flags | None,
) -> bool:
    """Whether a place passes all that does not depend on when one gets there."""
    if mask is not None and not passes(places.words[row, 0], places.words[row, 1], mask):
        return False
    if hours_ok is not None and not hours_ok[places.links[row, 1]]:
        return False
    return _to_row(asker, row, places)[0] <= reach_m


@kernel
def _count(
    row_off_m: Floats,
    asker: Asker,
    places: Places,
    reach_m: float,
    mask: MaskWords | None,
    hours_ok: Flags | None,
) -> int:
    """How many places are wanted and stand on the roads."""
    count = 0
    for row in range(len(row_off_m)):
        if not math.isnan(row_off_m[row]) and matches(row, asker, places, reach_m, mask, hours_ok):
            count += 1
    return count


@kernel
def _open_at(arrival: Arrival, hours_row: int, seconds: float) -> bool:
    return open_through(
        arrival.offsets,
        arrival.starts,
        arrival.ends,
        arrival.states,
        hours_row,
        arrival.at_min + seconds / 60.0,
        arrival.stay_min,
        arrival.grace_min,
        arrival.unknown_passes,
    )


@kernel
def _rank_in(
    rows: Rows, seconds: Floats, road_m: Floats, row: int, time: float, way_m: float, links: Rows
) -> None:
    """Insert an arrival into the k first.

    What comes later in time, or at the same time and later by rank, moves on.
    """
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


@kernel
def _queue(entries: int) -> _Queue:
    return _Queue(
        np.empty(entries),
        np.empty(entries, np.int32),
        np.empty(entries, np.int32),
        np.empty(entries),
    )


@kernel
def _grown(queue: _Queue) -> _Queue:
    """The same with twice the room."""
    held = len(queue.keys)
    wide = _queue(2 * held)
    wide.keys[:held], wide.items[:held] = queue.keys, queue.items
    wide.what[:held], wide.road_m[:held] = queue.what, queue.road_m
    return wide


@kernel
def _enqueue(
    queue: _Queue, size: int, entries: int, time: float, way_m: float, what: int
) -> tuple[int, int]:
    queue.what[entries], queue.road_m[entries] = what, way_m
    return push(queue.keys, queue.items, size, time, entries), entries + 1


@kernel
def _expand(  # noqa: C901, PLR0912  # one loop: nodes and places come off the same heap
    lon: float,
    lat: float,
    edge: int,
    ahead_s: Floats,
    along_m: float,
    off_m: float,
    onward: Arcs,
    arc_s: Floats,
    heads: Rows,
    lengths_m: Floats,
    stops: _Stops,
    places: Places,
    reach_m: float,
    mask: MaskWords | None,
    hours_ok: Flags | None,
    arrival: Arrival | None,
    burst: int,
    done: NDArray[np.uint8],
    said: NDArray[np.uint8],
    rows: Rows,
    seconds: Floats,
    road_m: Floats,
) -> int:
    first, stop_rows, stop_ahead_s, stop_along_m, stop_off_m, row_off_m = stops
    asker = asker_in_frame(lon, lat, places.frame)
    size, entries, off_s = 0, 0, off_m / WALK_M_S
    queue = _queue(max(_FIRST_ENTRIES, burst))
    for side in range(2):
        if math.isinf(ahead_s[side]):
            continue
        arc = 2 * edge + side
        left_m = along_m if side else lengths_m[edge] - along_m
        size, entries = _enqueue(
            queue, size, entries, off_s + arc_s[arc] - ahead_s[side], off_m + left_m, heads[arc]
        )
        for stop in range(first[edge], first[edge + 1]):  # on the asker's own edge, further on
            row, between_s = stop_rows[stop], stop_ahead_s[stop, side] - ahead_s[side]
            if said[row] == _UNSEEN:
                said[row] = (
                    _PASSES if matches(row, asker, places, reach_m, mask, hours_ok) else _FAILS
                )
            if between_s >= 0.0 and said[row] == _PASSES:
                time = off_s + between_s + stop_off_m[stop] / WALK_M_S
                way_m = off_m + abs(stop_along_m[stop] - along_m) + stop_off_m[stop]
                size, entries = _enqueue(queue, size, entries, time, way_m, ~stop)
    passed, reached, settled, wanted = 0, 0, 0, -1
    last = len(rows) - 1
    while size > 0 and queue.keys[0] <= seconds[last] and reached != wanted:
        if entries + burst > len(queue.keys):
            queue = _grown(queue)
        time, entry = queue.keys[0], queue.items[0]
        size = drop(queue.keys, queue.items, size)
        what, way_m = queue.what[entry], queue.road_m[entry]
        if what < 0:
            row = stop_rows[~what]
            if said[row] != _PASSES:
                continue
            said[row] = _REACHED
            reached += 1
            if arrival is None or _open_at(arrival, places.links[row, 1], time):
                passed += 1
                _rank_in(rows, seconds, road_m, row, time, way_m, places.links)
            continue
        if done[what]:
            continue
        done[what] = 1
        settled += 1
        if settled == _COUNT_AFTER:
            wanted = _count(row_off_m, asker, places, reach_m, mask, hours_ok)
        for step in range(onward.first[what], onward.first[what + 1]):
            arc = onward.arcs[step]
            edge, side = arc >> 1, arc & 1
            if not done[onward.ends[step]]:
                size, entries = _enqueue(
                    queue,
                    size,
                    entries,
                    time + arc_s[arc],
                    way_m + lengths_m[edge],
                    onward.ends[step],
                )
            for stop in range(first[edge], first[edge + 1]):
                row = stop_rows[stop]
                if said[row] == _UNSEEN:
                    said[row] = (
                        _PASSES if matches(row, asker, places, reach_m, mask, hours_ok) else _FAILS
                    )
                if said[row] == _PASSES:
                    along = lengths_m[edge] - stop_along_m[stop] if side else stop_along_m[stop]
                    size, entries = _enqueue(
                        queue,
                        size,
                        entries,
                        time + stop_ahead_s[stop, side] + stop_off_m[stop] / WALK_M_S,
                        way_m + along + stop_off_m[stop],
                        ~stop,
                    )
    return min(passed, len(rows))
