"""Who can be reached from where, by the index that answers riders.

Knows neither demand nor candidates, only shapes.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import BadQuestion
from geodata.index.spatial import Index, tree_order
from geodata.index.tree import Flags
from geodata.space.tangent import MAX_REACH_M, Floats

#: Points and lines, shape (m,), WGS-84 degrees.
Shapes = NDArray[Any]

#: How many shapes are asked for at first; who has more within reach is asked again for more, and
#: who may have more than this share of all is measured to each of them: keeping so many in order
#: while they are found would take longer.
_FIRST_ASKED: Final = 16
_GROWTH: Final = 4
_MANY: Final = 1 / 8
_POINTS_AT_ONCE: Final = 2048
#: 16 bytes each; beyond so many a solver's own copies fill a desk's memory.
MOST_PAIRS: Final = 30_000_000


class ReachPairs(NamedTuple):
    """Every point and shape within reach of each other: ordered by point, then cost, then shape."""

    point: NDArray[np.integer]
    shape: NDArray[np.integer]
    cost: Floats
    """What the way takes, in the reach's unit."""


class Reach(Protocol):
    """A way of travelling and how far it may go: straight metres below, minutes over a network in
    road.py.
    """

    @property
    def most(self) -> float:
        """The longest way that still counts."""

    @property
    def unit(self) -> str:
        """What it is measured in: m, min."""

    @property
    def description(self) -> str:
        """How far and how, for people; by road also the engine and the date of its data."""

    def judged(self, lonlat: Floats) -> Flags:
        """Of which WGS-84 points, shape (n, 2), anything can be said.

        Others are left out of every sum.
        """

    def pairs(self, lonlat: Floats, shapes: Shapes) -> ReachPairs:
        """All pairs of WGS-84 points, shape (n, 2), and shapes within reach."""

    def nearest(self, lonlat: Floats, shapes: Shapes) -> Floats:
        """The way of each WGS-84 point, shape (n, 2), to the nearest of the shapes, beyond reach
        too.

        Inf where there is none that can be measured: by road no way at all, straight none within 50
        km.
        """


@dataclass(frozen=True, slots=True)
class Metres:
    """Straight geodesic metres, within a millimetre (index/spatial.py).

    A line is reached at its nearest spot.

    Raises BadQuestion for a reach that the index cannot answer.
    """

    most: float

    def __post_init__(self) -> None:
        if not 0 < self.most <= MAX_REACH_M:
            raise BadQuestion(
                "a reach of {most:g} m is outside 0–{max_reach_m:g} m",
                most=self.most,
                max_reach_m=MAX_REACH_M,
            )

    @property
    def unit(self) -> str:
        """Metres."""
        return "m"

    @property
    def description(self) -> str:
        """How far."""
        return f"{self.most:g} m, straight"

    def judged(self, lonlat: Floats) -> Flags:
        """All points."""
        return np.ones(len(lonlat), np.bool_)

    def pairs(self, lonlat: Floats, shapes: Shapes) -> ReachPairs:
        """See Reach.

        Raises BadQuestion for more than MOST_PAIRS.
        """
        index, stored = _index(shapes)
        parts, found = [_no_pairs()], 0
        for low in range(0, len(lonlat), _POINTS_AT_ONCE):
            point, row, metres = _within(index, lonlat[low : low + _POINTS_AT_ONCE], self.most)
            part = _ordered((point + low).astype(np.int32), stored[row].astype(np.int32), metres)
            parts.append(part)
            found += len(part.cost)
            if found > MOST_PAIRS:
                raise BadQuestion(
                    (
                        "there are more than {most_pairs:,} ways within {most:g} m "
                        "between {count:,} "
                        "points and {count2:,} sites: state a shorter reach, offer fewer sites, or "
                        "sum the points over squares first"
                    ),
                    most_pairs=MOST_PAIRS,
                    most=self.most,
                    count=len(lonlat),
                    count2=len(shapes),
                )
        return ReachPairs(*map(np.concatenate, zip(*parts, strict=True)))

    def nearest(self, lonlat: Floats, shapes: Shapes) -> Floats:
        """See Reach."""
        if not len(shapes):
            return np.full(len(lonlat), np.inf)
        metres = _index(shapes)[0].nearest_many(lonlat, 1, MAX_REACH_M, threads=2)[1][:, 0]
        return np.where(np.isnan(metres), np.inf, metres)


def _ordered(point: NDArray[np.int32], shape: NDArray[np.int32], metres: Floats) -> ReachPairs:
    """Pairs whose ways ascend at each point, in the order of ReachPairs: only equal ways can stand
    the other way round.
    """
    order = np.argsort(point, kind="stable")
    found = ReachPairs(point[order], shape[order], metres[order])
    same = (found.point[1:] == found.point[:-1]) & (found.cost[1:] == found.cost[:-1])
    if (same & (found.shape[1:] < found.shape[:-1])).any():
        order = np.lexsort((found.shape, found.cost, found.point))
        found = ReachPairs(found.point[order], found.shape[order], found.cost[order])
    return found


def _no_pairs() -> ReachPairs:
    return ReachPairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))


def _index(shapes: Shapes) -> tuple[Index, NDArray[np.int64]]:
    """An index over the shapes, and which of them each of its rows is."""
    is_line = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    points, lines = np.flatnonzero(~is_line), np.flatnonzero(is_line)
    points = points[tree_order(shapely.get_coordinates(shapes[points]))]
    middles = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    lines = lines[tree_order(shapely.get_coordinates(middles))]
    stored = np.concatenate([points, lines])
    links = np.stack([stored, np.zeros_like(stored)], axis=1).astype(np.int32)
    lonlat = np.ascontiguousarray(shapely.get_coordinates(shapes[points]))
    paths = [shapely.get_coordinates(line) for line in shapes[lines]]
    return Index.build(lonlat, paths, np.zeros((len(stored), 2), np.int64), links), stored


def _within(
    index: Index, lonlat: Floats, reach_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Point, row and metres of every pair within reach: those of a point by ascending metres."""
    asked, k, parts = np.arange(len(lonlat)), min(_FIRST_ASKED, len(index)), []
    most_asked = max(k, int(_MANY * len(index)))
    while len(asked) and 0 < k <= most_asked:
        rows, metres = index.nearest_many(lonlat[asked], k, reach_m, threads=2)
        more = (rows[:, -1] >= 0) & (k < len(index))
        at, nth = np.nonzero((rows >= 0) & ~more[:, None])
        parts.append((asked[at], rows[at, nth].astype(np.int64), metres[at, nth]))
        asked, k = asked[more], _GROWTH * k
    every = np.arange(len(index), dtype=np.int32)
    for each in asked.tolist() if len(index) else ():
        its_m = index.metres(every, *lonlat[each].tolist())
        near = np.flatnonzero(its_m <= reach_m)
        near = near[np.argsort(its_m[near], kind="stable")]
        parts.append((np.full(len(near), each), near, its_m[near]))
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    point, row, cost = (np.concatenate(column) for column in zip(*parts, strict=True))
    return point, row, cost
