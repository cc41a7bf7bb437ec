"""Which places very many points get to within a bound of seconds: exact, searched backwards from
the places.

`pairs` asks each place in turn for the points that reach it. `meeting` asks only what the places
within the bound have together, as bits: one search from all of them at once, which goes on from a
node for a place only if that brings a bit which no place reached sooner has. Both legs off the road
count; knows neither filters nor opening hours.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import borrowed, inlined_kernel, inner_kernel, kernel
from geodata.index.tree import Rows, Words
from geodata.space.tangent import Floats
from geodata.travel.dijkstra import (
    NO_NODE,
    START,
    TIME,
    Search,
    clear,
    go_on,
    new_search,
    reach,
    settle,
)
from geodata.travel.graph import Arcs, Graph
from geodata.travel.heap import drop, enqueue, new_queue, wider
from geodata.travel.one_to_all import first_nodes
from geodata.travel.snap import Snapped

Numbers = NDArray[np.int64]

#: Room for what is found, to begin with; it doubles when it is full.
_FIRST_ROOM: Final = 1 << 14


class Pairs(NamedTuple):
    """Every point and place of which one gets from the one to the other in time: ordered by point,
    then row.
    """

    point: Numbers
    row: Rows
    seconds: Floats


class _Doors(NamedTuple):
    """Where places stand, place by place, and the nodes from which one gets to them first."""

    first: Numbers
    """(m + 1,) place p has the doors [first[p], first[p + 1])."""
    edges: Rows
    ahead_s: Floats
    off_s: Floats
    first_node: Numbers
    """(m + 1,) … and the nodes [first_node[p], first_node[p + 1])."""
    nodes: Rows
    node_s: Floats


class _Points(NamedTuple):
    """Points by the node ahead of their spots, and by the edges these are on."""

    of: Rows
    """The point of each spot; and of each spot, as in Snapped:"""
    ahead_s: Floats
    off_s: Floats
    first: Numbers
    """(N + 1,) at node n arrive the steps [first[n], first[n + 1]), the shortest first."""
    which: Rows
    """The point of each step."""
    rest_s: Floats
    """Seconds from the point, leg off the road included, to the node."""
    first_on: Numbers
    """(E + 1,) on edge e are the spots `on[first_on[e] : first_on[e + 1]]`."""
    on: Rows


def pairs(graph: Graph, rows: Rows, doors: Snapped, points: Snapped, limit_s: float) -> Pairs:
    """Every pair within `limit_s` of points and places, whose rows are `rows`, one a door.

    Several doors may be one's.

    Time grows with the roads round each place, memory with what is found.
    """
    named, standing = _by_place(graph, rows, doors)
    found, place, seconds = _pairs(
        graph.back, standing, _by_node(graph, points), len(points), limit_s
    )
    order = np.lexsort((named[place], found))
    return Pairs(found[order].astype(np.int64), named[place[order]], seconds[order])


def _by_place(graph: Graph, rows: Rows, doors: Snapped) -> tuple[Rows, _Doors]:
    """The rows that have a door, ascending, and their doors."""
    named, place = np.unique(rows, return_inverse=True)
    order = np.argsort(place, kind="stable")
    nodes, node_s, whose = first_nodes(graph, doors, onward=False)
    by_place = np.argsort(place[whose], kind="stable")
    every = np.arange(len(named) + 1)
    return named, _Doors(
        np.searchsorted(place[order], every),
        doors.edges[order],
        doors.ahead_s[order],
        doors.off_s[order],
        np.searchsorted(place[whose][by_place], every),
        nodes[by_place],
        node_s[by_place],
    )


def _by_node(graph: Graph, points: Snapped) -> _Points:
    standing = np.flatnonzero(points.edges >= 0)
    arcs = (2 * points.edges[standing, None] + np.array([0, 1], np.int32)).ravel()
    ahead_s, whose = points.ahead_s[standing].ravel(), np.repeat(standing, 2).astype(np.int32)
    going = np.isfinite(ahead_s)
    arcs, ahead_s, whose = arcs[going], ahead_s[going], whose[going]
    nodes, rest_s = graph.heads[arcs], graph.seconds[arcs] - ahead_s + points.off_s[whose]
    order = np.lexsort((rest_s, nodes))
    on = standing[np.argsort(points.edges[standing], kind="stable")].astype(np.int32)
    return _Points(
        points.of,
        points.ahead_s,
        points.off_s,
        _starts(nodes, graph.nodes),
        points.of[whose[order]],
        rest_s[order],
        _starts(points.edges[on], graph.edges),
        on,
    )


def _starts(numbers: Rows, count: int) -> Numbers:
    """Where each of the numbers 0 … count - 1 begins once they are sorted, and their end."""
    return np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=count))]).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """A search of all places at once, done: ask it of any number of points."""

    graph: Graph
    limit_s: float
    enough: Words
    words: Words
    """(c, w) the bits of each class of places."""
    doors: Snapped
    on: tuple[Numbers, Rows]
    """Doors in the order of their edges: where each edge's begin, and their numbers."""
    classes: Rows
    """(S,) the class of each door."""
    first: Numbers
    """(N + 1,) node n has the arrivals [first[n], first[n + 1]), in order of time."""
    arrival_s: Floats
    """Seconds from the node to a place."""
    arrivals: Rows
    """The class of that place."""

    def at(self, points: Snapped) -> Words:
        """The OR, shape (n, w), of the words of the places within the bound of each point.

        0 where it stands nowhere.

        Once a point has all bits of `enough`, its other places are not looked at.
        """
        met = np.zeros((len(points.edges), self.words.shape[1]), np.int64)
        _gather(
            (points.edges, points.ahead_s, points.off_s),
            (self.doors.ahead_s, self.doors.off_s, self.classes),
            self.on,
            self.graph.seconds,
            self.graph.heads,
            (self.first, self.arrival_s, self.arrivals),
            self.words,
            self.enough,
            self.limit_s,
            met,
        )
        return met if len(points) == len(met) else np.bitwise_or.reduceat(met, points.first[:-1])


def meeting(graph: Graph, doors: Snapped, words: Words, enough: Words, limit_s: float) -> Meeting:
    """Prepare to ask what places have together: `words`, shape (S, w), are the bits of the place at
    each door.
    """
    kinds, classes = np.unique(words, axis=0, return_inverse=True)
    classes = classes.reshape(-1)
    nodes, node_s, whose = first_nodes(graph, doors, onward=False)
    at, seconds, of = _spread(
        graph.back,
        nodes,
        node_s,
        classes[whose].astype(np.int32),
        kinds,
        enough,
        limit_s,
    )
    order = np.argsort(at, kind="stable")
    on = np.argsort(doors.edges, kind="stable").astype(np.int32)
    return Meeting(
        graph,
        limit_s,
        enough,
        kinds,
        doors,
        (_starts(doors.edges, graph.edges), on),
        classes.astype(np.int32),
        _starts(at, graph.nodes),
        seconds[order],
        of[order],
    )


@inner_kernel
def _more_floats(array: Floats) -> Floats:
    grown = np.empty(2 * len(array))
    grown[: len(array)] = array
    return grown


@inner_kernel
def _more_rows(array: Rows) -> Rows:
    grown = np.empty(2 * len(array), np.int32)
    grown[: len(array)] = array
    return grown


class _Near(NamedTuple):
    """The points that one place is within the bound of, left as it was found."""

    best: Floats
    """(n,) seconds from a point to the place; inf."""
    points: Rows
    """Those within the bound, in the order they were found."""


@kernel
def _pairs(
    back: Arcs, doors: _Doors, points: _Points, count: int, limit_s: float
) -> tuple[Rows, Rows, Floats]:
    """Point, place and seconds of each pair, place by place."""
    found, place, seconds, size = (
        np.empty(_FIRST_ROOM, np.int32),
        np.empty(_FIRST_ROOM, np.int32),
        np.empty(_FIRST_ROOM),
        0,
    )
    search = new_search(back, len(doors.nodes))
    near = _Near(np.full(count, np.inf), np.empty(count, np.int32))
    for p in range(len(doors.first) - 1):
        number = _search(back, doors, p, points, limit_s, search, near)
        while size + number > len(found):
            found, place, seconds = _more_rows(found), _more_rows(place), _more_floats(seconds)
        for n in range(number):
            point = near.points[n]
            found[size], place[size], seconds[size] = point, p, near.best[point]
            near.best[point] = np.inf
            size += 1
    return found[:size], place[:size], seconds[:size]


@inlined_kernel
def _beside(doors: _Doors, points: _Points, place: int, limit_s: float, near: _Near) -> int:
    """The points on the edges of a place's own doors, before them: how many are within
    the bound.
    """
    number = 0
    for d in range(doors.first[place], doors.first[place + 1]):
        edge = doors.edges[d]
        for n in range(points.first_on[edge], points.first_on[edge + 1]):
            spot = points.on[n]
            for side in range(2):
                between_s = doors.ahead_s[d, side] - points.ahead_s[spot, side]
                if between_s >= 0.0:
                    time = between_s + doors.off_s[d] + points.off_s[spot]
                    number = _note(near, number, points.of[spot], time, limit_s)
    return number


@inlined_kernel
def _note(near: _Near, number: int, point: int, time: float, limit_s: float) -> int:
    """That a point gets to the place in such a time: how many points are within the
    bound by now.
    """
    if time > limit_s or time >= near.best[point]:
        return number
    if near.best[point] == np.inf:
        near.points[number] = point
        number += 1
    near.best[point] = time
    return number


@kernel
def _search(
    back: Arcs,
    doors: _Doors,
    place: int,
    points: _Points,
    limit_s: float,
    search: Search,
    near: _Near,
) -> int:
    """Search back from a place: how many points are within the bound at its end."""
    back, doors, points, search, near = borrowed((back, doors, points, search, near))
    front, number = START, _beside(doors, points, place, limit_s, near)
    for n in range(doors.first_node[place], doors.first_node[place + 1]):
        front = reach(TIME, search, doors.nodes[n], doors.node_s[n], 0, limit_s, front)
    while True:
        node, front = settle(search, np.inf, front)
        if node == NO_NODE:
            break
        time = search.node_s[node]
        for step in range(points.first[node], points.first[node + 1]):
            if time + points.rest_s[step] > limit_s:
                break
            number = _note(near, number, points.which[step], time + points.rest_s[step], limit_s)
        front = go_on(TIME, back, search, node, limit_s, front)
    clear(search, front)
    return number


@inlined_kernel
def _brings(word: Words, had: Words) -> bool:
    """Whether a word has a bit that was not had."""
    for w in range(len(word)):  # noqa: SIM110  # kernels know no generators
        if word[w] & ~had[w]:
            return True
    return False


@kernel
def _spread(
    back: Arcs,
    starts: Rows,
    start_s: Floats,
    start_class: Rows,
    words: Words,
    enough: Words,
    limit_s: float,
) -> tuple[Rows, Floats, Rows]:
    """The arrivals that bring a node a bit while it lacks any of `enough`: node, seconds, class.

    In order of time.
    """
    had = np.zeros((len(back.first) - 1, words.shape[1]), np.int64)
    at, seconds, of, size = (
        np.empty(_FIRST_ROOM, np.int32),
        np.empty(_FIRST_ROOM),
        np.empty(_FIRST_ROOM, np.int32),
        0,
    )
    queue = new_queue(_FIRST_ROOM + len(starts), starts)
    waiting, entries = 0, 0
    for n in range(len(starts)):
        if start_s[n] <= limit_s:
            waiting, entries = enqueue(
                queue, waiting, entries, start_s[n], starts[n], start_class[n]
            )
    while waiting > 0:
        time, entry = queue.keys[0], queue.items[0]
        waiting = drop(queue.keys, queue.items, waiting)
        node, clazz = queue.what[entry], queue.along[entry]
        if not _brings(words[clazz], had[node]) or not _brings(enough, had[node]):
            continue
        had[node] |= words[clazz]
        if size == len(at):
            at, seconds, of = _more_rows(at), _more_floats(seconds), _more_rows(of)
        at[size], seconds[size], of[size] = node, time, clazz
        size += 1
        while entries + back.first[node + 1] - back.first[node] > len(queue.keys):
            queue = wider(queue)
        for step in range(back.first[node], back.first[node + 1]):
            end, there_s = back.ends[step], time + back.seconds[back.arcs[step]]
            if there_s <= limit_s and _brings(words[clazz], had[end]) and _brings(enough, had[end]):
                waiting, entries = enqueue(queue, waiting, entries, there_s, end, clazz)
    return at[:size], seconds[:size], of[:size]


#: Of points: edges, ahead_s and off_s; of doors: ahead_s, off_s and classes; of arrivals: first,
#: seconds and classes.
_At = tuple[Rows, Floats, Floats]
_Standing = tuple[Floats, Floats, Rows]
_Arrivals = tuple[Numbers, Floats, Rows]


@kernel
def _gather(
    points: _At,
    doors: _Standing,
    on: tuple[Numbers, Rows],
    arc_s: Floats,
    heads: Rows,
    arrivals: _Arrivals,
    words: Words,
    enough: Words,
    limit_s: float,
    met: Words,
) -> None:
    for i in range(len(points[0])):
        edge, left_s = points[0][i], limit_s - points[2][i]
        for side in range(2):
            if edge < 0 or np.isinf(points[1][i, side]):
                continue
            _meet_beside(points[1][i, side], left_s, side, on, edge, doors, words, met[i])
            arc = 2 * edge + side
            at_node_s = left_s - (arc_s[arc] - points[1][i, side])
            for step in range(arrivals[0][heads[arc]], arrivals[0][heads[arc] + 1]):
                if arrivals[1][step] > at_node_s or not _brings(enough, met[i]):
                    break
                met[i] |= words[arrivals[2][step]]


@inlined_kernel
def _meet_beside(
    ahead_s: float,
    left_s: float,
    side: int,
    on: tuple[Numbers, Rows],
    edge: int,
    doors: _Standing,
    words: Words,
    met: Words,
) -> None:
    """The places whose doors stand on the same edge, ahead."""
    for n in range(on[0][edge], on[0][edge + 1]):
        door = on[1][n]
        between_s = doors[0][door, side] - ahead_s
        if between_s >= 0.0 and between_s + doors[1][door] <= left_s:
            met |= words[doors[2][door]]
