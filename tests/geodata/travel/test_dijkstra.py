"""The one search by time, on graphs drawn by hand and at random: times, what is noted, and the room
it leaves.
"""

import heapq
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geodata.compiled import kernel
from geodata.travel import dijkstra, heap
from geodata.travel.dijkstra import ARC, NO_NODE, SOURCE, START, TIME, Search, new_search
from geodata.travel.graph import Arcs
from geodata.travel.heap import new_queue, wider

#: What only kernels call, as something that Python can call.
clear, go_on, reach, settle, drop, enqueue = (
    kernel(inner.py_func)
    for inner in (
        dijkstra.clear,
        dijkstra.go_on,
        dijkstra.reach,
        dijkstra.settle,
        heap.drop,
        heap.enqueue,
    )
)

#: From, to, seconds.
_Arc = tuple[int, int, float]


def _arcs(nodes: int, drawn: list[_Arc]) -> Arcs:
    order = sorted(range(len(drawn)), key=lambda arc: drawn[arc][0])
    first = np.searchsorted([drawn[arc][0] for arc in order], np.arange(nodes + 1))
    return Arcs(
        first.astype(np.int32),
        np.array(order, np.int32),
        np.array([drawn[arc][1] for arc in order], np.int32),
        np.array([seconds for _, _, seconds in drawn]),
    )


def _searched(
    arcs: Arcs, starts: list[tuple[int, float]], noted: int, limit_s: float, until_s: float
) -> tuple[Search, list[int], int]:
    """What was found, the nodes in the order they were settled, and how many were reached."""
    search, front, order = new_search(arcs, len(starts)), START, []
    search.labels.fill(-1)
    for number, (node, seconds) in enumerate(starts):
        front = reach(noted, search, node, seconds, number, limit_s, front)
    while True:
        node, front = settle(search, until_s, front)
        if node == NO_NODE:
            break
        order.append(node)
        front = go_on(noted, arcs, search, node, limit_s, front)
    return search, order, front.reached


_SQUARE = [(0, 1, 2.0), (0, 2, 1.0), (2, 1, 1.0), (1, 3, 5.0), (2, 3, 6.0)]


def test_times_are_least_and_nodes_are_settled_in_their_order() -> None:
    search, order, reached = _searched(_arcs(5, _SQUARE), [(0, 0.0)], TIME, math.inf, math.inf)
    assert search.node_s.tolist() == [0.0, 2.0, 1.0, 7.0, math.inf]
    assert order == [0, 2, 1, 3]
    assert reached == 4


def test_of_arcs_that_are_equally_soon_the_first_is_noted() -> None:
    search, _, _ = _searched(_arcs(4, _SQUARE), [(0, 0.0)], ARC, math.inf, math.inf)
    assert search.labels[1:].tolist() == [0, 1, 4]


def test_of_sources_that_are_equally_near_the_lower_is_noted_also_past_a_node_already_reached() -> (
    None
):
    drawn = [(0, 2, 3.0), (1, 2, 1.0), (2, 3, 1.0)]
    search, _, _ = _searched(_arcs(4, drawn), [(0, 0.0), (1, 2.0)], SOURCE, math.inf, math.inf)
    assert search.labels.tolist() == [0, 1, 0, 0]


def test_nothing_is_reached_beyond_the_limit_nor_settled_at_the_bound() -> None:
    search, order, _ = _searched(_arcs(4, _SQUARE), [(0, 0.0)], TIME, 6.0, math.inf)
    assert search.node_s.tolist() == [0.0, 2.0, 1.0, math.inf]
    assert order == [0, 2, 1]
    assert _searched(_arcs(4, _SQUARE), [(0, 0.0)], TIME, math.inf, 2.0)[1] == [0, 2]


def test_a_cleared_room_finds_the_same_again() -> None:
    arcs = _arcs(4, _SQUARE)
    search = new_search(arcs, 1)
    for _ in range(2):
        front = reach(TIME, search, 2, 0.0, 0, math.inf, START)
        while True:
            node, front = settle(search, math.inf, front)
            if node == NO_NODE:
                break
            front = go_on(TIME, arcs, search, node, math.inf, front)
        assert search.node_s.tolist() == [math.inf, 1.0, 0.0, 6.0]
        clear(search, front)
        assert np.isinf(search.node_s).all()
        assert not search.settled.any()


_NODES = 8
_graphs = st.lists(
    st.tuples(
        st.integers(0, _NODES - 1),
        st.integers(0, _NODES - 1),
        st.sampled_from([0.0, 1.0, 1.5, 4.0]),
    ),
    max_size=30,
)
_some_starts = st.lists(
    st.tuples(st.integers(0, _NODES - 1), st.sampled_from([0.0, 1.0, 2.5])), min_size=1, max_size=4
)


@given(drawn=_graphs, starts=_some_starts)
def test_times_equal_those_of_relaxing_every_arc_until_nothing_changes(
    drawn: list[_Arc], starts: list[tuple[int, float]]
) -> None:
    """Bellman and Ford: slow and obvious."""
    times = [math.inf] * _NODES
    for node, seconds in starts:
        times[node] = min(times[node], seconds)
    for _ in range(_NODES):
        for tail, head, seconds in drawn:
            times[head] = min(times[head], times[tail] + seconds)
    for noted in (TIME, ARC, SOURCE):
        search, order, reached = _searched(_arcs(_NODES, drawn), starts, noted, math.inf, math.inf)
        assert search.node_s.tolist() == times
        assert len(order) == len(set(order)) == reached == sum(map(math.isfinite, times))


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(-5, 5)), min_size=1, max_size=40))
def test_a_queue_that_grows_gives_its_entries_in_order(entries: list[tuple[float, int]]) -> None:
    queue, waiting, count = new_queue(1, np.empty(0)), 0, 0
    for key, what in entries:
        if count == len(queue.keys):
            queue = wider(queue)
        waiting, count = enqueue(queue, waiting, count, key, what, key / 2.0)
    left = [(key, number) for number, (key, _) in enumerate(entries)]
    heapq.heapify(left)
    while waiting > 0:
        key, entry = queue.keys[0], int(queue.items[0])
        waiting = drop(queue.keys, queue.items, waiting)
        assert key == heapq.heappop(left)[0]
        assert (key, queue.what[entry], queue.along[entry]) == (*entries[entry], key / 2.0)
    assert not left
