"""The least detour: both trees walked once for every leg of a path.

Knows legs and shapes, not places or questions.

A leg is the geodesic between two vertices a, b of a path, and the detour over a spot q is d(a, q) +
d(q, b) − d(a, b): all spots of one detour form an ellipse round a and b. No spot of a box can have
less than the box's distances to a and b, less the leg, so a branch whose boxes lie outside the
ellipse of the k-th best is never entered. Chords in the horizon plane are shorter than geodesics,
so the bound loses nothing.
"""

import math
from typing import Final

import numpy as np

from geodata.compiled import kernel
from geodata.hours.timeline import open_through
from geodata.index.tree import (
    MEAN_RADIUS_M,
    PATH_LENGTH,
    Arrival,
    Flags,
    MaskWords,
    Nodes,
    Rows,
    Words,
    box_distance2,
    comes_first,
    passes,
)
from geodata.space.tangent import Asker, Floats, Vector, asker_in_frame, geodesic_from, on_ground

#: A detour below a micrometre is rounding: none.
NOISE_M: Final = 1e-6
#: Columns of what is told of a place: the detour; from the path's start to the leg; from there to
#: the place; from the path's start to the spot of the leg nearest to the place, and from there to
#: the place (all metres); the entry, x y z.
COLUMNS: Final = 8

#: One tree: number of its first row, boxes (nodes, 4), OR-ed words (nodes, 2), shapes (m, 3),
#: starts (empty: points).
Tree = tuple[int, Floats, Words, Floats, Rows]


@kernel
def _sum_of_chords(x: float, y: float, z: float, a: Vector, b: Vector) -> float:
    to_a = math.sqrt((x - a[0]) ** 2 + (y - a[1]) ** 2 + (z - a[2]) ** 2)
    return to_a + math.sqrt((x - b[0]) ** 2 + (y - b[1]) ** 2 + (z - b[2]) ** 2)


@kernel
def _along_and_off(p: Vector, s: Vector, u: Vector, length2: float) -> tuple[float, float]:
    """Where p projects onto the line from s along u, in parts of u, and how far off it p lies."""
    dx, dy, dz = p[0] - s[0], p[1] - s[1], p[2] - s[2]
    along = (dx * u[0] + dy * u[1] + dz * u[2]) / length2
    return along, math.sqrt(
        (dx - along * u[0]) ** 2 + (dy - along * u[1]) ** 2 + (dz - along * u[2]) ** 2
    )


@kernel
def entry(vertices: Floats, lo: int, hi: int, a: Vector, b: Vector) -> Vector:
    """The spot of the polyline through vertices lo … hi-1 by which the way from a to b is shortest.

    On each segment by reflection (Heron of Alexandria, Catoptrics): turned about the segment's line
    until they face each other, a and b see the spot on their straight line. The sum of distances is
    convex, so clamping is exact.
    """
    least, x, y, z = math.inf, 0.0, 0.0, 0.0
    for v in range(lo, hi - 1):
        s = (vertices[v, 0], vertices[v, 1], vertices[v, 2])
        u = (vertices[v + 1, 0] - s[0], vertices[v + 1, 1] - s[1], vertices[v + 1, 2] - s[2])
        length2 = u[0] * u[0] + u[1] * u[1] + u[2] * u[2]
        t = 0.0
        if length2 > 0.0:
            along_a, off_a = _along_and_off(a, s, u, length2)
            along_b, off_b = _along_and_off(b, s, u, length2)
            off = off_a + off_b
            t = (along_a * off_b + along_b * off_a) / off if off > 0.0 else along_a
            t = min(1.0, max(0.0, t))
        qx, qy, qz = s[0] + t * u[0], s[1] + t * u[1], s[2] + t * u[2]
        total = _sum_of_chords(qx, qy, qz, a, b)
        if total < least:
            least, x, y, z = total, qx, qy, qz
    return x, y, z


@kernel
def _spot(shapes: Floats, starts: Rows, item: int, a: Vector, b: Vector) -> Vector:
    if len(starts) == 0:
        return shapes[item, 0], shapes[item, 1], shapes[item, 2]
    return entry(shapes, starts[item], starts[item + 1], a, b)


@kernel
def _detour(here: Asker, there: Asker, leg_m: float, spot: Vector) -> tuple[float, float]:
    """The detour over a spot, and how far it is from the leg's start."""
    to_m = geodesic_from(here, spot[0], spot[1], spot[2])[0]
    detour_m = to_m + geodesic_from(there, spot[0], spot[1], spot[2])[0] - leg_m
    return (detour_m if detour_m > NOISE_M else 0.0), to_m


@kernel
def _bound(boxes: Floats, node: int, a: Vector, b: Vector, leg_m: float) -> float:
    """No spot of a node's box has a detour shorter than this."""
    at = np.uint64(node)
    return (
        math.sqrt(box_distance2(boxes, at, a[0], a[1]))
        + math.sqrt(box_distance2(boxes, at, b[0], b[1]))
        - leg_m
    )


@kernel
def _keep(
    best: Floats, rows: Rows, legs: Rows, detour_m: float, row: int, leg: int, links: Rows
) -> None:
    """Insert a candidate among the k best, or move it up if it is there with a longer detour."""
    rank, at = links[row, 0], len(best) - 1
    if not comes_first(detour_m, rank, best[at], rows[at], links):
        return
    for held in range(len(best)):
        if rows[held] == row:
            if best[held] <= detour_m:
                return
            at = held
            break
    while at > 0 and comes_first(detour_m, rank, best[at - 1], rows[at - 1], links):
        best[at], rows[at], legs[at] = best[at - 1], rows[at - 1], legs[at - 1]
        at -= 1
    best[at], rows[at], legs[at] = detour_m, row, leg


@kernel
def _in_time(arrival: Arrival, hours_row: int, arrive_min: float) -> bool:
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


@kernel
def _walk(
    leg: int,
    here: Asker,
    there: Asker,
    leg_m: float,
    leave_min: float,
    mask: MaskWords,
    hours_ok: Flags,
    arrival: Arrival,
    judged: bool,  # noqa: FBT001  # a kernel takes no keywords
    tree: Tree,
    words: Words,
    links: Rows,
    best: Floats,
    rows: Rows,
    legs: Rows,
    stack: Nodes,
    bounds: Floats,
) -> None:
    """Keep what one leg leads past with less detour than the last of the k best.

    Near branches first.
    """
    first_row, boxes, branch_words, shapes, starts = tree
    count = len(shapes) if len(starts) == 0 else len(starts) - 1
    a, b, leaves = here[0], there[0], (len(boxes) + 1) // 2
    stack[0], bounds[0] = 0, _bound(boxes, 0, a, b, leg_m)
    top = 1 if count > 0 and passes(branch_words[0, 0], branch_words[0, 1], mask) else 0
    while top > 0:
        top -= 1
        node = int(stack[top])
        if bounds[top] > best[-1] + NOISE_M:
            continue
        if node < leaves - 1:
            near, far = 2 * node + 1, 2 * node + 2
            near_m, far_m = _bound(boxes, near, a, b, leg_m), _bound(boxes, far, a, b, leg_m)
            if far_m < near_m:
                near, far, near_m, far_m = far, near, far_m, near_m
            for child, child_m in ((far, far_m), (near, near_m)):
                if passes(branch_words[child, 0], branch_words[child, 1], mask):
                    stack[top], bounds[top] = child, child_m
                    top += 1
            continue
        item_leaf = node - (leaves - 1)
        for item in range(item_leaf * count // leaves, (item_leaf + 1) * count // leaves):
            row = first_row + item
            if not (passes(words[row, 0], words[row, 1], mask) and hours_ok[links[row, 1]]):
                continue
            detour_m, to_m = _detour(here, there, leg_m, _spot(shapes, starts, item, a, b))
            arrive_min = leave_min + to_m * arrival.min_per_m
            if detour_m <= best[-1] and (
                not judged or _in_time(arrival, links[row, 1], arrive_min)
            ):
                _keep(best, rows, legs, detour_m, row, leg, links)


@kernel
def _told(
    told: Floats, here: Asker, there: Asker, leg_m: float, spot: Vector, frame: Floats
) -> None:
    """From where on the leg the spot is nearest, and how far that is.

    The leg's chord is lifted back to the ground.

    Lifting tilts the foot by some decimetres on a long leg, so it is looked for once more from
    there.
    """
    a, b = here[0], there[0]
    u = (b[0] - a[0], b[1] - a[1], b[2] - a[2])
    length2 = u[0] * u[0] + u[1] * u[1] + u[2] * u[2]
    x, y, z, t = a[0], a[1], a[2], 0.0
    for _ in range(2):
        if length2 > 0.0:
            t += _along_and_off(spot, (x, y, z), u, length2)[0]
        t = min(1.0, max(0.0, t))
        x, y, z = on_ground(a[0] + t * u[0], a[1] + t * u[1], a[2] + t * u[2], frame)
    off2 = (spot[0] - x) ** 2 + (spot[1] - y) ** 2 + (spot[2] - z) ** 2
    told[2] = geodesic_from(here, spot[0], spot[1], spot[2])[0]
    told[3] = told[1] + min(leg_m, geodesic_from(here, x, y, z)[0])
    told[4] = math.sqrt(off2) * (1.0 + off2 / (24.0 * MEAN_RADIUS_M * MEAN_RADIUS_M))
    told[5], told[6], told[7] = spot


@kernel
def least(
    path: Floats,
    k: int,
    most_m: float,
    mask: MaskWords,
    hours_ok: Flags,
    arrival: Arrival,
    judged: bool,  # noqa: FBT001  # a kernel takes no keywords
    path_min_per_m: float,
    frame: Floats,
    points: Tree,
    lines: Tree,
    words: Words,
    links: Rows,
) -> tuple[Rows, Floats]:
    """The k rows of least detour from a path, shape (n ≥ 2, 2) WGS-84 degrees: rows (m,), and (m,
    COLUMNS) of each.

    `judged`: whether `arrival` is; one comes to a leg after `path_min_per_m` for each metre of the
    path before it. A row counts by the leg of its least detour, of those where it is open in time;
    the first of equals.
    """
    best, rows, legs = np.full(k, most_m), np.full(k, -1, np.int32), np.zeros(k, np.int32)
    stack, bounds = np.empty(2 * PATH_LENGTH, np.uint64), np.empty(2 * PATH_LENGTH)
    starts_m = np.zeros(len(path))
    for leg in range(len(path) - 1):
        here = asker_in_frame(path[leg, 0], path[leg, 1], frame)
        there = asker_in_frame(path[leg + 1, 0], path[leg + 1, 1], frame)
        leg_m = geodesic_from(here, there[0][0], there[0][1], there[0][2])[0]
        starts_m[leg + 1] = starts_m[leg] + leg_m
        leave_min = arrival.at_min + starts_m[leg] * path_min_per_m
        for tree in (points, lines):
            _walk(
                leg,
                here,
                there,
                leg_m,
                leave_min,
                mask,
                hours_ok,
                arrival,
                judged,
                tree,
                words,
                links,
                best,
                rows,
                legs,
                stack,
                bounds,
            )
    found = 0
    while found < k and rows[found] >= 0:
        found += 1
    told = np.empty((found, COLUMNS))
    for at in range(found):
        leg, row = legs[at], rows[at]
        here = asker_in_frame(path[leg, 0], path[leg, 1], frame)
        there = asker_in_frame(path[leg + 1, 0], path[leg + 1, 1], frame)
        tree = points if row < lines[0] else lines
        spot = _spot(tree[3], tree[4], row - tree[0], here[0], there[0])
        told[at, 0], told[at, 1] = best[at], starts_m[leg]
        _told(told[at], here, there, starts_m[leg + 1] - starts_m[leg], spot, frame)
    return rows[:found], told


@kernel
def _here_and_there(ends: Floats, frame: Floats) -> tuple[Asker, Asker, float]:
    here, there = (
        asker_in_frame(ends[0, 0], ends[0, 1], frame),
        asker_in_frame(ends[1, 0], ends[1, 1], frame),
    )
    return here, there, geodesic_from(here, there[0][0], there[0][1], there[0][2])[0]


@kernel
def each(
    ends: Floats,
    most_m: float,
    mask: MaskWords,
    hours_ok: Flags,
    frame: Floats,
    points: Tree,
    lines: Tree,
    words: Words,
    links: Rows,
) -> Floats:
    """The detour over every row on the leg between two ends, shape (2, 2) WGS-84 degrees: metres,
    shape (rows,).

    nan where the row does not pass, or the detour is longer than `most_m`.
    """
    here, there, leg_m = _here_and_there(ends, frame)
    detours = np.full(len(words), np.nan)
    for row in range(len(words)):
        if passes(words[row, 0], words[row, 1], mask) and hours_ok[links[row, 1]]:
            tree = points if row < lines[0] else lines
            detour_m = _detour(
                here, there, leg_m, _spot(tree[3], tree[4], row - tree[0], here[0], there[0])
            )[0]
            if detour_m <= most_m:
                detours[row] = detour_m
    return detours


@kernel
def told_of(rows: Rows, ends: Floats, frame: Floats, points: Tree, lines: Tree) -> Floats:
    """Of rows, on the leg between two ends, what `least` tells: shape (m, COLUMNS)."""
    here, there, leg_m = _here_and_there(ends, frame)
    told = np.zeros((len(rows), COLUMNS))
    for at in range(len(rows)):
        tree = points if rows[at] < lines[0] else lines
        spot = _spot(tree[3], tree[4], rows[at] - tree[0], here[0], there[0])
        told[at, 0] = _detour(here, there, leg_m, spot)[0]
        _told(told[at], here, there, leg_m, spot, frame)
    return told
