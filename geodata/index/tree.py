"""Two kernels over one flat layout: cut rows into a static k-d tree, walk it for the k best.

Knows shapes, not places.

The tree is implicit: node i has the children 2i+1 and 2i+2, leaf j of L = 2^h holds rows j·n//L …
(j+1)·n//L - 1, rows being stored in tree order. Each node carries a box in the horizon plane and
the OR of its rows' filter words (traits.py), so a branch that holds no match is never entered. A
tree's shapes are points, or polylines given by their vertices and `starts`; `starts` is empty for
points.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import inlined_kernel, kernel
from geodata.hours.timeline import open_through
from geodata.space.tangent import Floats, Vector

Words = NDArray[np.int64]
Rows = NDArray[np.int32]
Nodes = NDArray[np.uint64]
Flags = NDArray[np.bool_]
#: Mean radius of WGS-84 (Moritz 2000): a chord of 50 km becomes an arc within 1 mm of the geodesic.
MEAN_RADIUS_M: Final = 6_371_008.8


class Arrival(NamedTuple):
    """Opening hours judged when one gets there: a timeline, now on it, and how long the way and the
    stay take.
    """

    offsets: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    states: NDArray[np.uint8]
    at_min: float
    """Now, in minutes since the timeline's midnight."""
    min_per_m: float
    """Minutes per metre of geodesic."""
    stay_min: float
    grace_min: float
    """Opening this much later will do."""
    unknown_passes: bool


#: all_of, any_kind, any_audience, any_door, any_hour: traits.Mask without its names.
MaskWords = tuple[int, int, int, int, int]

#: Points a leaf holds at most: fewer make the tree deep, more make its leaves slow. A line is worth
#: a box of its own.
LEAF_ROWS: Final = 8
LEAF_LINES: Final = 1
#: Enough for a path through any tree that fits into memory.
PATH_LENGTH: Final = 64
#: The walk counts nodes unsigned: a signed index is first tested for counting from the end, which
#: costs a tenth.
_ONE: Final = np.uint64(1)
_NOWHERE: Final = np.uint64(2**64 - 1)


def leaf_count(rows: int, leaf_rows: int = LEAF_ROWS) -> int:
    """The power of two that leaves at most `leaf_rows` in a leaf."""
    return 1 << max(0, math.ceil(math.log2(rows / leaf_rows))) if rows > leaf_rows else 1


def cut(xyz: Floats) -> NDArray[np.int64]:
    """The order in which rows at `xyz`, shape (n, 3), must be stored, for leaves of any size.

    Deterministic.
    """
    order = np.arange(len(xyz))
    if len(xyz):
        _cut(order, xyz[:, 0].copy(), xyz[:, 1].copy(), leaf_count(len(xyz), 1))
    return order


def summarise(row_boxes: Floats, words: Words, leaf_rows: int = LEAF_ROWS) -> tuple[Floats, Words]:
    """Boxes (nodes, 4) and OR-ed words (nodes, 2) of the tree over rows that already stand in tree
    order.
    """
    nodes = 2 * leaf_count(len(row_boxes), leaf_rows) - 1
    boxes, branch_words = np.empty((nodes, 4)), np.empty((nodes, 2), np.int64)
    _summarise(boxes, branch_words, np.ascontiguousarray(row_boxes), np.ascontiguousarray(words))
    return boxes, branch_words


@kernel
def _select(order: NDArray[np.int64], key: Floats, left: int, right: int, middle: int) -> None:
    """Quickselect (Hoare 1961, in Wirth's form): order[middle] becomes what sorting by key would
    put there.
    """
    while left < right:
        pivot = key[order[middle]]
        i, j = left, right
        while i <= j:
            while key[order[i]] < pivot:
                i += 1
            while pivot < key[order[j]]:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if j < middle:
            left = i
        if middle < i:
            right = j


@kernel
def _spread(key: Floats, part: NDArray[np.int64]) -> float:
    low, high = math.inf, -math.inf
    for row in part:
        low = min(low, key[row])
        high = max(high, key[row])
    return high - low


@kernel
def _cut(order: NDArray[np.int64], x: Floats, y: Floats, leaves: int) -> None:
    """Halve every node at the middle row of its wider side, level by level."""
    rows = len(order)
    width = leaves
    while width > 1:
        for first in range(0, leaves, width):
            lo, hi = first * rows // leaves, (first + width) * rows // leaves
            key = x if _spread(x, order[lo:hi]) >= _spread(y, order[lo:hi]) else y
            _select(order, key, lo, hi - 1, (first + width // 2) * rows // leaves)
        width //= 2


@kernel
def _widen(boxes: Floats, branch_words: Words, node: int, box: Floats, word: Words) -> None:
    boxes[node, 0] = min(boxes[node, 0], box[0])
    boxes[node, 1] = min(boxes[node, 1], box[1])
    boxes[node, 2] = max(boxes[node, 2], box[2])
    boxes[node, 3] = max(boxes[node, 3], box[3])
    branch_words[node, 0] |= word[0]
    branch_words[node, 1] |= word[1]


@kernel
def _summarise(boxes: Floats, branch_words: Words, row_boxes: Floats, words: Words) -> None:
    rows = len(row_boxes)
    leaves = (len(boxes) + 1) // 2
    boxes[:, :2] = np.inf
    boxes[:, 2:] = -np.inf
    branch_words[:] = 0
    for leaf in range(leaves):
        for row in range(leaf * rows // leaves, (leaf + 1) * rows // leaves):
            _widen(boxes, branch_words, leaves - 1 + leaf, row_boxes[row], words[row])
    for node in range(leaves - 2, -1, -1):
        _widen(boxes, branch_words, node, boxes[2 * node + 1], branch_words[2 * node + 1])
        _widen(boxes, branch_words, node, boxes[2 * node + 2], branch_words[2 * node + 2])


@kernel
def passes(offer: int, entry: int, mask: MaskWords) -> bool:
    """A row's words, or the OR of a branch's words, against a filter."""
    return (
        (offer & mask[0]) == mask[0]
        and (mask[1] == 0 or (entry & mask[1]) != 0)
        and (mask[2] == 0 or (entry & mask[2]) != 0)
        and (mask[3] == 0 or (entry & mask[3]) != 0)
        and (mask[4] == 0 or (entry & mask[4]) != 0)
    )


@kernel
def _outside(low: float, high: float, at: float) -> float:
    """How far `at` lies outside low … high; 0 inside.

    Spelt out: `max` minds nan, which costs branches.
    """
    under, over = low - at, at - high
    off = under if under > over else over  # noqa: FURB136
    return off if off > 0.0 else 0.0  # noqa: FURB136


@kernel
def box_distance2(boxes: Floats, node: np.uint64, x: float, y: float) -> float:
    """Squared distance to a node's box in the horizon plane: never more than to
    anything inside it.
    """
    dx = _outside(boxes[node, 0], boxes[node, 2], x)
    dy = _outside(boxes[node, 1], boxes[node, 3], y)
    return dx * dx + dy * dy


@kernel
def foot(
    vertices: Floats, lo: int, hi: int, x: float, y: float, z: float
) -> tuple[float, float, float, float]:
    """The point of the polyline through vertices lo … hi-1 nearest to x, y, z: squared distance and
    position.
    """
    best, bx, by, bz = math.inf, 0.0, 0.0, 0.0
    for v in range(lo, hi - 1):
        ax, ay, az = vertices[v, 0], vertices[v, 1], vertices[v, 2]
        ux, uy, uz = vertices[v + 1, 0] - ax, vertices[v + 1, 1] - ay, vertices[v + 1, 2] - az
        length2 = ux * ux + uy * uy + uz * uz
        along = (x - ax) * ux + (y - ay) * uy + (z - az) * uz
        t = min(1.0, max(0.0, along / length2)) if length2 > 0.0 else 0.0
        fx, fy, fz = ax + t * ux, ay + t * uy, az + t * uz
        d2 = (x - fx) ** 2 + (y - fy) ** 2 + (z - fz) ** 2
        if d2 < best:
            best, bx, by, bz = d2, fx, fy, fz
    return best, bx, by, bz


@kernel
def comes_first(d2: float, rank: int, other_d2: float, other: int, links: Rows) -> bool:
    """Nearer, or as near and earlier by rank; an empty slot (-1) comes last among equals."""
    return d2 < other_d2 or (d2 == other_d2 and (other < 0 or rank < links[other, 0]))


@kernel
def _keep(best: Floats, rows: Rows, d2: float, row: int, links: Rows) -> None:
    """Insert a candidate into the k best if it comes before the last of them."""
    rank = links[row, 0]
    at = len(best) - 1
    if not comes_first(d2, rank, best[at], rows[at], links):
        return
    while at > 0 and comes_first(d2, rank, best[at - 1], rows[at - 1], links):
        best[at] = best[at - 1]
        rows[at] = rows[at - 1]
        at -= 1
    best[at] = d2
    rows[at] = row


@kernel
def in_time(arrival: Arrival, hours_row: int, d2: float) -> bool:
    """Whether hours are open when one arrives over a squared chord, and for as long as
    one stays.
    """
    metres = math.sqrt(d2) * (1.0 + d2 / (24.0 * MEAN_RADIUS_M * MEAN_RADIUS_M))
    arrive_min = arrival.at_min + metres * arrival.min_per_m
    return open_through(
        arrival.offsets,
        arrival.starts,
        arrival.ends,
        arrival.states,
        hours_row,
        arrive_min,
        arrival.stay_min,
        arrival.grace_min,
        arrival.unknown_passes,
    )


@inlined_kernel
def walk(  # noqa: C901, PLR0912, PLR0915  # one loop on purpose, see below
    here: Vector,
    mask: MaskWords | None,
    hours_ok: Flags | None,
    arrival: Arrival | None,
    first_row: int,
    boxes: Floats,
    branch_words: Words,
    shapes: Floats,
    starts: Rows | None,
    words: Words,
    links: Rows,
    best: Floats,
    rows: Rows,
    stack: Nodes,
    bounds: Floats,
) -> None:
    """Keep what is nearer than the last of the k best, near branches first.

    The tree: first row, boxes (nodes, 4), OR-ed words (nodes, 2), shapes (m, 3), starts (None for
    points). The places: filter words (rows, 2), and rank and hours row (rows, 2). `mask` None lets
    all pass; `hours_ok[hours row]` says which opening hours pass, None: all; `arrival` tests them
    at the time one gets there, None: not. `best` (squared chords, ascending) and `rows` come in
    holding the squared reach and -1, or another tree's result. `stack` and `bounds` are scratch of
    PATH_LENGTH.

    One long loop over plain arrays on purpose: handed on in tuples, or cut into smaller kernels,
    the arrays cost a count of references at every step (1.45x in all, measured 2026-11-21). What is
    None costs nothing: the compiler drops its branches.
    """
    x, y, z = here
    count = np.uint64(len(shapes) if starts is None else len(starts) - 1)
    leaves = np.uint64((len(boxes) + 1) // 2)
    first_leaf = leaves - _ONE
    height = np.uint64(0)
    while _ONE << height < leaves:
        height += _ONE
    worst = best[-1]
    top = _ONE
    stack[0] = 0
    bounds[0] = box_distance2(boxes, np.uint64(0), x, y)
    if mask is not None and not passes(branch_words[0, 0], branch_words[0, 1], mask):
        top = np.uint64(0)
    while top > 0:
        top -= _ONE
        node = stack[top]
        if bounds[top] > worst:
            continue
        while node < first_leaf:
            near = node + node + _ONE
            far = near + _ONE
            near_d2, far_d2 = box_distance2(boxes, near, x, y), box_distance2(boxes, far, x, y)
            if far_d2 < near_d2:
                near, far, near_d2, far_d2 = far, near, far_d2, near_d2
            near_in, far_in = near_d2 <= worst, far_d2 <= worst
            if mask is not None:
                near_in = near_in and passes(branch_words[near, 0], branch_words[near, 1], mask)
                far_in = far_in and passes(branch_words[far, 0], branch_words[far, 1], mask)
            if near_in and far_in:
                stack[top] = far
                bounds[top] = far_d2
                top += _ONE
            node = near if near_in else far if far_in else _NOWHERE
        if node == _NOWHERE:
            continue
        leaf = node - first_leaf
        for item in range((leaf * count) >> height, ((leaf + _ONE) * count) >> height):
            if starts is None:
                dx, dy, dz = shapes[item, 0] - x, shapes[item, 1] - y, shapes[item, 2] - z
                d2 = dx * dx + dy * dy + dz * dz
            else:
                d2 = foot(shapes, starts[item], starts[item + _ONE], x, y, z)[0]
            if d2 > worst:
                continue
            row = first_row + np.int64(item)
            if mask is not None and not passes(words[row, 0], words[row, 1], mask):
                continue
            if hours_ok is not None and not hours_ok[links[row, 1]]:
                continue
            if arrival is not None and not in_time(arrival, links[row, 1], d2):
                continue
            _keep(best, rows, d2, int(row), links)
            worst = best[-1]
