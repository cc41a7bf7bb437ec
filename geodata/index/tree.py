"""A static k-d tree over flat arrays: how rows are cut into it, and the one walk that every search
through it takes.

Knows shapes, not places.

The tree is implicit: node i has the children 2i+1 and 2i+2, leaf j of L = 2^h holds rows j·n//L …
(j+1)·n//L - 1, rows being stored in tree order. Each node carries a box in the tangent plane and
the OR of its rows' filter words (traits.py), so a branch that holds no match is never entered. A
tree's shapes are points, or polylines given by their vertices and `starts`; `starts` is empty for
points.

Why a walk finds all. Every search has a measure that grows with distance (a squared chord, a
detour), and a bound on it beyond which nothing is wanted. `bound` tells of a box what no row inside
can be below; so a box whose bound lies above that holds nothing that is wanted, nor does any box
inside it. `next_leaf` leaves out these boxes, and those whose OR-ed words fail the filter (as then
all their rows fail), and comes to every other leaf.
"""

import math
from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import (
    addresses,
    bytes_at,
    column_at,
    floats_from,
    inlined_kernel,
    inner_kernel,
    kernel,
)
from geodata.estimate import MOST_PIECES, way_at
from geodata.hours.timeline import TimelineItem, open_through
from geodata.space.tangent import Floats, Vector
from geodata.vocabulary import Mode

Words = NDArray[np.int64]
Rows = NDArray[np.int32]
Nodes = NDArray[np.uint64]
Flags = NDArray[np.bool_]
#: all_of, any_kind, any_audience, any_door, any_hour: traits.Mask without its names.
MaskWords = tuple[int, int, int, int, int]
#: Mean radius of WGS-84 (Moritz 2000): a chord of 50 km becomes an arc within 1 mm of the geodesic.
MEAN_RADIUS_M: Final = 6_371_008.8

#: What a box is measured from, in the form that its `bound` reads.
Spot = TypeVar("Spot")


#: An Arrival without its arrays.
Numbers = tuple[float, int, float, float, bool]


class Arrival(NamedTuple):
    """Opening hours judged when one gets there: a timeline, now on it, and how long the way and the
    stay take.
    """

    offsets: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    states: NDArray[np.uint8]
    at: Words
    """Where the four lie (timeline.Timeline.at)."""
    at_min: float
    """Now, in minutes since the timeline's midnight."""
    way_at: int
    """Where the minutes of a way of so many metres lie (estimate.way_at), for `way_min`."""
    stay_min: float
    grace_min: float
    """Opening this much later will do."""
    unknown_passes: bool

    @property
    def numbers(self) -> Numbers:
        """All but the arrays."""
        return self[5:]


def _never() -> Arrival:
    times, states = np.empty(0, np.int32), np.empty(0, np.uint8)
    arrays = (times, times, times, states)
    for array in arrays:
        array.setflags(write=False)
    return Arrival(
        *arrays, addresses(arrays), 0.0, way_at(Mode.WALK), 0.0, 0.0, unknown_passes=True
    )


#: Opening hours are not judged on arrival: of the same types as if they were, so that kernels are
#: compiled once.
ANY_TIME: Final = _never()
#: Every row of opening hours passes.
ALL_HOURS: Final = np.empty(0, np.bool_)


class Tree(NamedTuple):
    """One tree over some of the rows."""

    first_row: int
    size: int
    """How many rows."""
    boxes: Floats
    """(nodes, 4) west, south, east, north, metres in the tangent plane."""
    branch_words: Words
    """(nodes, 2) the OR of the words below."""
    shapes: Floats
    """(size, 3) points, or (m, 3) the vertices of lines; metres in the tangent plane."""
    starts: Rows
    """(size + 1,) the first vertex of each line; empty: points."""


class Places(NamedTuple):
    """The arrays of an index (spatial.py) as kernels read them: where places are and what they
    offer.
    """

    tangent: Floats
    """(4, 3) the tangent plane."""
    words: Words
    """(n, 2) filter words of each row."""
    links: Rows
    """(n, 2) rank, and row of the hours table."""
    points: Tree
    lines: Tree


class Rules(NamedTuple):
    """What a row must pass besides being near."""

    mask: MaskWords
    hours_ok: Flags
    """Which rows of opening hours pass; empty: all do."""
    arrival: Arrival
    """ANY_TIME: opening hours are not judged on arrival."""


class Held(NamedTuple):
    """The k best so far: their squared chords, ascending, and rows; -1: none yet."""

    d2: Floats
    rows: Rows


class Path(NamedTuple):
    """Scratch of a walk, each of PATH_LENGTH: branches left for later, and their bounds."""

    nodes: Nodes
    bounds: Floats


#: Points a leaf holds at most: fewer make the tree deep, more make its leaves slow. A line is worth
#: a box of its own.
LEAF_ROWS: Final = 8
LEAF_LINES: Final = 1
#: Enough for a path through any tree that fits into memory.
PATH_LENGTH: Final = 64
#: The walk counts nodes unsigned: a signed index is first tested for counting from the end, which
#: costs a tenth.
_ONE: Final = np.uint64(1)
#: The order in which `next_leaf` comes to leaves.
NEAREST_FIRST: Final = True
ROWS_IN_ORDER: Final = False
#: What `next_leaf` says when there is no other.
NO_LEAF: Final = np.uint64(2**64 - 1)


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


@inner_kernel
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


@inner_kernel
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


@inner_kernel
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


@inner_kernel
def _outside(low: float, high: float, at: float) -> float:
    """How far `at` lies outside low … high; 0 inside.

    Spelt out: `max` minds nan, which costs branches.
    """
    under, over = low - at, at - high
    off = under if under > over else over  # noqa: FURB136
    return off if off > 0.0 else 0.0  # noqa: FURB136


@inner_kernel
def box_distance2(boxes: Floats, node: np.uint64, here: Vector) -> float:
    """Squared distance to a node's box in the tangent plane, in which chords are shorter than in
    space: never more than to anything inside it.
    """
    dx = _outside(boxes[node, 0], boxes[node, 2], here[0])
    dy = _outside(boxes[node, 1], boxes[node, 3], here[1])
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


@inner_kernel
def comes_first(d2: float, rank: int, other_d2: float, other: int, links: Rows) -> bool:
    """Nearer, or as near and earlier by rank; an empty slot (-1) comes last among equals."""
    return d2 < other_d2 or (d2 == other_d2 and (other < 0 or rank < links[other, 0]))


@kernel
def keep(held: Held, d2: float, row: int, links: Rows) -> None:
    """Insert a candidate into the k best if it comes before the last of them."""
    best, rows = held
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


@inner_kernel
def open_on_arrival(arrival: Arrival, hours_row: int, arrive_min: float) -> bool:
    """Whether hours are open when one arrives, in minutes since the timeline's midnight, and for as
    long as one stays.
    """
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


@inner_kernel
def way_min(way_at: int, metres: float) -> float:
    """The expected minutes of a way of straight metres, as estimate.eta has them."""
    pieces, piece = floats_from(way_at, MOST_PIECES, 3), 0
    while pieces[piece + 1, 0] <= metres:
        piece += 1
    minutes: float = pieces[piece, 1] + pieces[piece, 2] * metres
    return minutes


@inlined_kernel
def arrival_at_address(at: Words, numbers: Numbers) -> Arrival:
    """An Arrival out of the addresses of its arrays (timeline.Timeline.at), and its numbers."""
    at_min, its_way_at, stay_min, grace_min, unknown_passes = numbers
    return Arrival(
        column_at(at, TimelineItem.OFFSETS),
        column_at(at, TimelineItem.STARTS),
        column_at(at, TimelineItem.ENDS),
        bytes_at(at, TimelineItem.STATES),
        at,
        at_min,
        its_way_at,
        stay_min,
        grace_min,
        unknown_passes,
    )


@inner_kernel
def is_judged(arrival: Arrival) -> bool:
    """Whether opening hours are judged on arrival at all."""
    return len(arrival.offsets) > 0


@kernel
def filters(mask: MaskWords) -> bool:
    """Whether a mask keeps anything out."""
    return (mask[0] | mask[1] | mask[2] | mask[3] | mask[4]) != 0


@kernel
def new_path() -> Path:
    """Room for one walk after another."""
    return Path(np.empty(PATH_LENGTH, np.uint64), np.empty(PATH_LENGTH))


@inlined_kernel
def first_branch(
    bound: Callable[[Floats, np.uint64, Spot], float],
    spot: Spot,
    tree: Tree,
    mask: MaskWords,
    path: Path,
) -> np.uint64:
    """Begin a walk at the root: how many branches are left, for `next_leaf`."""
    path.nodes[0] = 0
    path.bounds[0] = bound(tree.boxes, np.uint64(0), spot)
    words = tree.branch_words
    if tree.size == 0 or not passes(words[0, 0], words[0, 1], mask):
        return np.uint64(0)
    return _ONE


@inlined_kernel
def next_leaf(
    bound: Callable[[Floats, np.uint64, Spot], float],
    spot: Spot,
    tree: Tree,
    mask: MaskWords,
    most: float,
    nearest_first: bool,  # noqa: FBT001  # a kernel takes no keywords
    path: Path,
    left: np.uint64,
) -> tuple[np.uint64, np.uint64]:
    """Go on to the next leaf that may hold a row which passes the mask and whose measure is at most
    `most`: its number, or NO_LEAF, and how many branches are left for later.

    `most` may shrink from leaf to leaf. Down every branch the child of the lower bound comes first,
    or, if not `nearest_first`, that of the lower rows; the other waits on the path. Parent and
    child are tested when they are come to, and the child that waited once more when its turn comes,
    as `most` may have shrunk.
    """
    boxes, words = tree.boxes, tree.branch_words
    first_leaf = np.uint64((len(boxes) + 1) // 2) - _ONE
    masked = filters(mask)
    while left > 0:
        left -= _ONE
        node = path.nodes[left]
        if path.bounds[left] > most:
            continue
        while node < first_leaf:
            near = node + node + _ONE
            far = near + _ONE
            near_at, far_at = bound(boxes, near, spot), bound(boxes, far, spot)
            if nearest_first and far_at < near_at:
                near, far, near_at, far_at = far, near, far_at, near_at
            near_in, far_in = near_at <= most, far_at <= most
            if masked:
                near_in = near_in and passes(words[near, 0], words[near, 1], mask)
                far_in = far_in and passes(words[far, 0], words[far, 1], mask)
            if near_in and far_in:
                path.nodes[left] = far
                path.bounds[left] = far_at
                left += _ONE
            node = near if near_in else far if far_in else NO_LEAF
        if node != NO_LEAF:
            return node - first_leaf, left
    return NO_LEAF, left


@inlined_kernel
def height_of(tree: Tree) -> np.uint64:
    """How many levels its leaves lie below the root."""
    leaves, height = np.uint64((len(tree.boxes) + 1) // 2), np.uint64(0)
    while _ONE << height < leaves:
        height += _ONE
    return height


@inlined_kernel
def items_of(leaf: np.uint64, tree: Tree, height: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The first item of a leaf and the one after its last, counted from the tree's first row."""
    count = np.uint64(tree.size)
    return (leaf * count) >> height, ((leaf + _ONE) * count) >> height


@inlined_kernel
def spot_of(tree: Tree, item: np.uint64 | int, here: Vector) -> tuple[float, float, float, float]:
    """The point of an item nearest to a position: squared distance and position."""
    shapes, starts = tree.shapes, tree.starts
    if len(starts) > 0:
        return foot(shapes, starts[item], starts[item + _ONE], here[0], here[1], here[2])
    px, py, pz = shapes[item, 0], shapes[item, 1], shapes[item, 2]
    dx, dy, dz = px - here[0], py - here[1], pz - here[2]
    return dx * dx + dy * dy + dz * dz, px, py, pz


@inlined_kernel
def spot_of_row(row: int, here: Vector, places: Places) -> Vector:
    """Where a place is, or the point of a street nearest to a position, in the tangent plane."""
    tree = places.points if row < places.lines.first_row else places.lines
    _, x, y, z = spot_of(tree, np.uint64(row - tree.first_row), here)
    return x, y, z


@inlined_kernel
def keep_nearest(
    here: Vector, tree: Tree, words: Words, links: Rows, rules: Rules, held: Held, path: Path
) -> None:
    """Put what is nearer than the last of the k best among them.

    `words` and `links` are those of all rows: filter words (rows, 2), and rank and hours row (rows,
    2). `held` comes in holding the squared reach and -1, or another tree's result. To be called
    with borrowed arrays.
    """
    mask, hours_ok, arrival = rules
    masked, by_hours, judged = filters(mask), len(hours_ok) > 0, is_judged(arrival)
    height, worst = height_of(tree), held.d2[-1]
    left = first_branch(box_distance2, here, tree, mask, path)
    while left > 0:
        leaf, left = next_leaf(box_distance2, here, tree, mask, worst, NEAREST_FIRST, path, left)
        if leaf == NO_LEAF:
            break
        first, after = items_of(leaf, tree, height)
        for item in range(first, after):
            d2 = spot_of(tree, item, here)[0]
            if d2 > worst:
                continue
            row = tree.first_row + int(np.int64(item))
            if masked and not passes(words[row, 0], words[row, 1], mask):
                continue
            if by_hours and not hours_ok[links[row, 1]]:
                continue
            if judged:
                arrive_min = arrival.at_min + way_min(arrival.way_at, _chord_m(d2))
                if not open_on_arrival(arrival, links[row, 1], arrive_min):
                    continue
            keep(held, d2, row, links)
            worst = held.d2[-1]


@inner_kernel
def _chord_m(d2: float) -> float:
    """Metres of geodesic over a squared chord."""
    return math.sqrt(d2) * (1.0 + d2 / (24.0 * MEAN_RADIUS_M * MEAN_RADIUS_M))
