"""Least times over the arcs of a graph: Dijkstra (1959) with a binary heap and lazy deletion, the
one search that all times between nodes come from.

Asks no opening hours.

Why times are exact. The heap gives waiting nodes in order of time, and no arc takes less than
nothing; so whatever a node is reached by later is no sooner than what it was taken off the heap
with, and it is settled then, once. A node that is reached sooner while it waits is put on the heap
again; the older entry comes off later, finds it settled, and is dropped. Searches differ in where
they begin, in what they note of a node besides its time, and in when they end: those are arguments,
and the loop is the caller's own.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import inlined_kernel, kernel
from geodata.index.tree import Rows
from geodata.space.tangent import Floats
from geodata.travel.graph import Arcs
from geodata.travel.heap import drop, push

#: What is noted of a node with its time: nothing; the arc that it is reached by, the first of
#: equals; or the source that it is reached from, the one of the lowest number of equals.
TIME: Final = 0
ARC: Final = 1
SOURCE: Final = 2

#: No node is left.
NO_NODE: Final = -1


class Search(NamedTuple):
    """What a search writes into. N nodes."""

    node_s: Floats
    """(N,) the least seconds known; inf: not reached."""
    labels: Rows
    """(N,) what is noted with them."""
    settled: NDArray[np.uint8]
    """(N,) 1: they can become no less."""
    reached: Rows
    """(N,) the nodes that have a time, in the order they were reached first."""
    keys: Floats
    items: Rows
    """The heap: seconds and nodes that wait."""


class Front(NamedTuple):
    """How far a search has come."""

    waiting: int
    """Entries of the heap."""
    reached: int
    """Nodes that have a time."""


#: A search that has not begun.
START: Final = Front(0, 0)


@kernel
def new_search(arcs: Arcs, starts: int) -> Search:
    """Room for a search from so many nodes at once: each arc is gone along once at most."""
    nodes, most = len(arcs.first) - 1, len(arcs.arcs) + starts
    return Search(
        np.full(nodes, np.inf),
        np.empty(nodes, np.int32),
        np.zeros(nodes, np.uint8),
        np.empty(nodes, np.int32),
        np.empty(most),
        np.empty(most, np.int32),
    )


@inlined_kernel
def reach(
    noted: int, search: Search, node: int, time: float, label: int, limit_s: float, front: Front
) -> Front:
    """That one gets to a node in such a time: it waits on the heap if that is sooner than known and
    within the limit.
    """
    known_s = search.node_s[node]
    if time > limit_s or time > known_s:
        return front
    if time == known_s and (noted != SOURCE or label >= search.labels[node]):
        return front
    count = front.reached
    if known_s == np.inf:
        search.reached[count] = node
        count += 1
    search.node_s[node] = time
    if noted != TIME:
        search.labels[node] = label
    return Front(push(search.keys, search.items, front.waiting, time, node), count)


@inlined_kernel
def settle(search: Search, until_s: float, front: Front) -> tuple[int, Front]:
    """Take the next node off the heap whose time is less than `until_s`; NO_NODE: there is none."""
    waiting = front.waiting
    while waiting > 0 and search.keys[0] < until_s:
        node = search.items[0]
        waiting = drop(search.keys, search.items, waiting)
        if not search.settled[node]:
            search.settled[node] = 1
            return node, Front(waiting, front.reached)
    return NO_NODE, Front(waiting, front.reached)


@inlined_kernel
def go_on(noted: int, arcs: Arcs, search: Search, node: int, limit_s: float, front: Front) -> Front:
    """Reach the nodes that arcs lead to from one that was settled."""
    for step in range(arcs.first[node], arcs.first[node + 1]):
        arc = arcs.arcs[step]
        label = search.labels[node] if noted == SOURCE else arc
        time = search.node_s[node] + arcs.seconds[arc]
        front = reach(noted, search, arcs.ends[step], time, label, limit_s, front)
    return front


@inlined_kernel
def clear(search: Search, front: Front) -> None:
    """Leave the room as it was found, for the next search."""
    for number in range(front.reached):
        node = search.reached[number]
        search.node_s[node], search.settled[node] = np.inf, 0
