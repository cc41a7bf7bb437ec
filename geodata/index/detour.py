"""The least detour: both trees walked once for every leg of a path.

A leg is the geodesic between two vertices a, b of a path, and the detour over a spot q is d(a, q) +
d(q, b) − d(a, b): all spots of one detour form an ellipse round a and b. No spot of a box can have
less than the box's distances to a and b, less the leg, so a branch whose boxes lie outside the
ellipse of the k-th best is never entered. Chords in the tangent plane are shorter than geodesics,
so the bound loses nothing.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from geodata.compiled import borrowed, inlined_kernel, inner_kernel, kernel
from geodata.index.tree import (
    MEAN_RADIUS_M,
    NEAREST_FIRST,
    NO_LEAF,
    Path,
    Places,
    Rows,
    Rules,
    Tree,
    box_distance2,
    comes_first,
    first_branch,
    height_of,
    is_judged,
    items_of,
    new_path,
    next_leaf,
    open_on_arrival,
    passes,
    way_min,
)
from geodata.space.tangent import Asker, Floats, Vector, asker_in_tangent, geodesic_from, on_ground

#: A detour below a micrometre is rounding: none.
NOISE_M: Final = 1e-6
#: Columns of what is told of a place: the detour; from the path's start to the leg; from there to
#: the place; from the path's start to the spot of the leg nearest to the place, and from there to
#: the place (all metres); the entry, x y z.
COLUMNS: Final = 8


class Start(NamedTuple):
    """When the path is begun, in minutes since the timeline's midnight, and how one goes along."""

    at_min: float
    path_min_per_m: float
    """Minutes for each metre of the path before a leg; 0: that counts as part of the way from the
    leg on, whose time is estimated as a whole.
    """


class _Leg(NamedTuple):
    """One leg of the path, and when one sets out on it."""

    number: int
    here: Asker
    there: Asker
    length_m: float
    leave_min: float
    """When one sets out on the way whose time is estimated."""
    before_m: float
    """How much of the path belongs to that way before the leg."""


class _Held(NamedTuple):
    """The k best so far: their detours, ascending, rows (-1: none yet), and legs."""

    detour_m: Floats
    rows: Rows
    legs: Rows


@inner_kernel
def _sum_of_chords(x: float, y: float, z: float, a: Vector, b: Vector) -> float:
    to_a = math.sqrt((x - a[0]) ** 2 + (y - a[1]) ** 2 + (z - a[2]) ** 2)
    return to_a + math.sqrt((x - b[0]) ** 2 + (y - b[1]) ** 2 + (z - b[2]) ** 2)


@inner_kernel
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


@inlined_kernel
def _spot(tree: Tree, item: int, leg: _Leg) -> Vector:
    shapes, starts = tree.shapes, tree.starts
    if len(starts) == 0:
        return shapes[item, 0], shapes[item, 1], shapes[item, 2]
    return entry(shapes, starts[item], starts[item + 1], leg.here[0], leg.there[0])


@inlined_kernel
def _spot_of_row(row: int, leg: _Leg, places: Places) -> Vector:
    tree = places.points if row < places.lines.first_row else places.lines
    return _spot(tree, row - tree.first_row, leg)


@inner_kernel
def _detour(leg: _Leg, spot: Vector) -> tuple[float, float]:
    """The detour over a spot, and how far it is from the leg's start."""
    to_m = geodesic_from(leg.here, spot[0], spot[1], spot[2])[0]
    detour_m = to_m + geodesic_from(leg.there, spot[0], spot[1], spot[2])[0] - leg.length_m
    return (detour_m if detour_m > NOISE_M else 0.0), to_m


@inner_kernel
def _bound(boxes: Floats, node: np.uint64, leg: _Leg) -> float:
    """No spot of a node's box has a detour shorter than this."""
    return (
        math.sqrt(box_distance2(boxes, node, leg.here[0]))
        + math.sqrt(box_distance2(boxes, node, leg.there[0]))
        - leg.length_m
    )


@inlined_kernel
def _keep(held: _Held, detour_m: float, row: int, leg: int, links: Rows) -> None:
    """Insert a candidate among the k best, or move it up if it is there with a longer detour."""
    best, rows, legs = held
    rank, at = links[row, 0], len(best) - 1
    if not comes_first(detour_m, rank, best[at], rows[at], links):
        return
    for each in range(len(best)):
        if rows[each] == row:
            if best[each] <= detour_m:
                return
            at = each
            break
    while at > 0 and comes_first(detour_m, rank, best[at - 1], rows[at - 1], links):
        best[at], rows[at], legs[at] = best[at - 1], rows[at - 1], legs[at - 1]
        at -= 1
    best[at], rows[at], legs[at] = detour_m, row, leg


@inlined_kernel
def _passes(row: int, rules: Rules, places: Places) -> bool:
    """Whether a row passes what does not depend on when one gets there."""
    words, hours_row = places.words[row], places.links[row, 1]
    return passes(words[0], words[1], rules.mask) and (
        len(rules.hours_ok) == 0 or rules.hours_ok[hours_row]
    )


@inlined_kernel
def _keep_least(
    leg: _Leg, tree: Tree, places: Places, rules: Rules, held: _Held, path: Path
) -> None:
    """Put what one leg leads past with less detour than the last of the k best among them.

    To be called with borrowed arrays.
    """
    arrival, height, links = rules.arrival, height_of(tree), places.links
    left = first_branch(_bound, leg, tree, rules.mask, path)
    while left > 0:
        most_m = held.detour_m[-1] + NOISE_M
        leaf, left = next_leaf(_bound, leg, tree, rules.mask, most_m, NEAREST_FIRST, path, left)
        if leaf == NO_LEAF:
            break
        first, after = items_of(leaf, tree, height)
        for item in range(first, after):
            number = int(np.int64(item))
            row = tree.first_row + number
            if not _passes(row, rules, places):
                continue
            detour_m, to_m = _detour(leg, _spot(tree, number, leg))
            arrive_min = leg.leave_min + way_min(arrival.way_at, leg.before_m + to_m)
            if detour_m <= held.detour_m[-1] and (
                not is_judged(arrival) or open_on_arrival(arrival, links[row, 1], arrive_min)
            ):
                _keep(held, detour_m, row, leg.number, links)


@kernel
def _tell(told: Floats, leg: _Leg, spot: Vector, tangent: Floats) -> None:
    """From where on the leg the spot is nearest, and how far that is.

    The leg's chord is lifted back to the ground.

    Lifting tilts the foot by some decimetres on a long leg, so it is looked for once more from
    there.
    """
    a, b = leg.here[0], leg.there[0]
    u = (b[0] - a[0], b[1] - a[1], b[2] - a[2])
    length2 = u[0] * u[0] + u[1] * u[1] + u[2] * u[2]
    x, y, z, t = a[0], a[1], a[2], 0.0
    for _ in range(2):
        if length2 > 0.0:
            t += _along_and_off(spot, (x, y, z), u, length2)[0]
        t = min(1.0, max(0.0, t))
        x, y, z = on_ground(a[0] + t * u[0], a[1] + t * u[1], a[2] + t * u[2], tangent)
    off2 = (spot[0] - x) ** 2 + (spot[1] - y) ** 2 + (spot[2] - z) ** 2
    told[2] = geodesic_from(leg.here, spot[0], spot[1], spot[2])[0]
    told[3] = told[1] + min(leg.length_m, geodesic_from(leg.here, x, y, z)[0])
    told[4] = math.sqrt(off2) * (1.0 + off2 / (24.0 * MEAN_RADIUS_M * MEAN_RADIUS_M))
    told[5], told[6], told[7] = spot


@inner_kernel
def _leg(path: Floats, number: int, leave_min: float, before_m: float, tangent: Floats) -> _Leg:
    """The leg between two vertices of a path."""
    here = asker_in_tangent(path[number, 0], path[number, 1], tangent)
    there = asker_in_tangent(path[number + 1, 0], path[number + 1, 1], tangent)
    to = there[0]
    length_m = geodesic_from(here, to[0], to[1], to[2])[0]
    return _Leg(number, here, there, length_m, leave_min, before_m)


@inner_kernel
def _keep_least_of_leg(leg: _Leg, places: Places, rules: Rules, held: _Held, path: Path) -> None:
    places, rules, held, path = borrowed(places), borrowed(rules), borrowed(held), borrowed(path)
    for tree in (places.points, places.lines):
        _keep_least(leg, tree, places, rules, held, path)


@kernel
def least(
    path: Floats, k: int, most_m: float, rules: Rules, start: Start, places: Places
) -> tuple[Rows, Floats]:
    """The k rows of least detour from a path, shape (n ≥ 2, 2) WGS-84 degrees: rows (m,), and (m,
    COLUMNS) of each.

    One comes to a leg as `Start` has it. A row counts by
    the leg of its least detour, of those where it is open in time; the first of equals.
    """
    held = _Held(np.full(k, most_m), np.full(k, -1, np.int32), np.zeros(k, np.int32))
    scratch, starts_m = new_path(), np.zeros(len(path))
    for number in range(len(path) - 1):
        leave_min = start.at_min + starts_m[number] * start.path_min_per_m
        before_m = starts_m[number] if start.path_min_per_m == 0.0 else 0.0
        leg = _leg(path, number, leave_min, before_m, places.tangent)
        starts_m[number + 1] = starts_m[number] + leg.length_m
        _keep_least_of_leg(leg, places, rules, held, scratch)
    found = 0
    while found < k and held.rows[found] >= 0:
        found += 1
    told = np.empty((found, COLUMNS))
    for at in range(found):
        number = held.legs[at]
        leg = _leg(path, number, 0.0, 0.0, places.tangent)
        length_m = starts_m[number + 1] - starts_m[number]
        leg = _Leg(number, leg.here, leg.there, length_m, 0.0, 0.0)
        told[at, 0], told[at, 1] = held.detour_m[at], starts_m[number]
        _tell(told[at], leg, _spot_of_row(held.rows[at], leg, places), places.tangent)
    return held.rows[:found], told


@kernel
def each(ends: Floats, most_m: float, rules: Rules, places: Places) -> Floats:
    """The detour over every row on the leg between two ends, shape (2, 2) WGS-84 degrees: metres,
    shape (rows,).

    nan where the row does not pass, or the detour is longer than `most_m`.
    """
    leg, detours = _leg(ends, 0, 0.0, 0.0, places.tangent), np.full(len(places.words), np.nan)
    for row in range(len(detours)):
        if _passes(row, rules, places):
            detour_m = _detour(leg, _spot_of_row(row, leg, places))[0]
            if detour_m <= most_m:
                detours[row] = detour_m
    return detours


@kernel
def told_of(rows: Rows, ends: Floats, places: Places) -> Floats:
    """Of rows, on the leg between two ends, what `least` tells: shape (m, COLUMNS)."""
    leg, told = _leg(ends, 0, 0.0, 0.0, places.tangent), np.zeros((len(rows), COLUMNS))
    for at in range(len(rows)):
        spot = _spot_of_row(rows[at], leg, places)
        told[at, 0] = _detour(leg, spot)[0]
        _tell(told[at], leg, spot, places.tangent)
    return told
