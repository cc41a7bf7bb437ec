"""Whether boxes of longitude and latitude touch lines and areas.

Measures no distance; points are swept.

Edges run straight in degrees, as RFC 7946 (3.1.1) has them. A box counts its own edge as inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Box(NamedTuple):
    """WGS-84 degrees. With west > east it runs east from `west` over the antimeridian to `east`."""

    west: float
    south: float
    east: float
    north: float

    def parts(self) -> tuple["Box", ...]:
        """The same ground as boxes that do not cross the antimeridian."""
        if self.west <= self.east:
            return (self,)
        return (self._replace(east=180.0), self._replace(west=-180.0))


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Lines or areas as edges: start and end of each (m, 2), degrees, and the shape (0 … n-1) that
    each belongs to.
    """

    starts: Floats
    ends: Floats
    owners: NDArray[np.int64]
    total: int
    filled: bool
    """Areas: what lies inside the rings belongs to the shape, holes do not (even-odd rule)."""

    @classmethod
    def of(cls, paths: Sequence[Sequence[Sequence[Sequence[float]]]], *, filled: bool) -> "Shapes":
        """From the paths of each shape: a line's single path, or all rings of an area, closed."""
        edges = [
            (owner, path[i][:2], path[i + 1][:2])
            for owner, of_shape in enumerate(paths)
            for path in of_shape
            for i in range(len(path) - 1)
        ]
        owners, starts, ends = zip(*edges, strict=True) if edges else ((), (), ())
        return cls(_pairs(starts), _pairs(ends), np.array(owners, np.int64), len(paths), filled)

    @property
    def bounds(self) -> Box | None:
        """The smallest box around all of them that does not cross the antimeridian.

        None of nothing.
        """
        return around(np.concatenate([self.starts, self.ends]))


def around(lonlat: Floats) -> Box | None:
    """The smallest box around points (n, 2) that does not cross the antimeridian.

    None of nothing.
    """
    return Box(*lonlat.min(axis=0).tolist(), *lonlat.max(axis=0).tolist()) if len(lonlat) else None


def shapes_in(box: Box, shapes: Shapes) -> Flags:
    """Which shapes share at least one point with a box."""
    touched = np.zeros(shapes.total, np.bool_)
    for part in box.parts():
        touched[shapes.owners[_edges_in(part, shapes)]] = True
        if shapes.filled:
            touched |= _around(shapes, part.west, part.south)
    return touched


def _edges_in(box: Box, shapes: Shapes) -> Flags:
    """Edges that a box cuts or holds: the slabs method (Kay and Kajiya 1986) on segments."""
    step = shapes.ends - shapes.starts
    low, high = np.array([box.west, box.south]), np.array([box.east, box.north])
    with np.errstate(divide="ignore", invalid="ignore"):
        reached = np.stack([(low - shapes.starts) / step, (high - shapes.starts) / step])
    within = (shapes.starts >= low) & (shapes.starts <= high)
    still = step == 0
    enter = np.where(still, np.where(within, -np.inf, np.inf), reached.min(axis=0)).max(axis=1)
    leave = np.where(still, np.where(within, np.inf, -np.inf), reached.max(axis=0)).min(axis=1)
    return np.asarray(np.maximum(enter, 0.0) <= np.minimum(leave, 1.0))


def _around(shapes: Shapes, lon: float, lat: float) -> Flags:
    """Areas that hold a point: an odd number of their edges pass east of it."""
    (x0, y0), (x1, y1) = shapes.starts.T, shapes.ends.T
    spans = (y0 > lat) != (y1 > lat)
    with np.errstate(divide="ignore", invalid="ignore"):
        east = lon < x0 + (lat - y0) / (y1 - y0) * (x1 - x0)
    crossed = shapes.owners[spans & east]
    return np.asarray(np.bincount(crossed, minlength=shapes.total) % 2 == 1)


def _pairs(pairs: Sequence[Sequence[float]]) -> Floats:
    return np.array(pairs, np.float64).reshape(-1, 2)
