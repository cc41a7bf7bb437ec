"""A plane through one place, in metres: WGS-84 degrees there and back.

East and north are scaled by the radii of curvature at the origin: within 20 km of it distances are
right to 3 in 1,000 (the meridians' convergence, tan φ · d / R).
"""

import math
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.space.coordinates import ECCENTRICITY_2, SEMI_MAJOR_M

S = TypeVar("S", bound=BaseGeometry)
#: Wider than this a plane is no longer right to 3 in 1,000.
WIDEST_M: Final = 20_000.0


@dataclass(frozen=True, slots=True)
class Plane:
    """Metres east and north of an origin in WGS-84 degrees."""

    lon: float
    lat: float

    @classmethod
    def at(cls, shape: BaseGeometry) -> "Plane":
        """Through the middle of the box around a shape in WGS-84."""
        west, south, east, north = shape.bounds
        return cls((west + east) / 2, (south + north) / 2)

    @property
    def _metres(self) -> tuple[float, float]:
        """Of a degree east and of a degree north (Rapp 1991, Geometric Geodesy I, ch. 3)."""
        phi = math.radians(self.lat)
        root = 1.0 - ECCENTRICITY_2 * math.sin(phi) ** 2
        north = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / root**1.5
        east = SEMI_MAJOR_M / math.sqrt(root) * math.cos(phi)
        return math.radians(east), math.radians(north)

    def to_metres(self, shape: S) -> S:
        """A shape in WGS-84 as metres of this plane."""
        return _moved(shape, lambda xy: (xy - (self.lon, self.lat)) * self._metres)

    def to_degrees(self, shape: S) -> S:
        """A shape of this plane in WGS-84."""
        return _moved(shape, lambda xy: xy / self._metres + (self.lon, self.lat))


def _moved(shape: S, move: Any) -> S:
    moved: S = shapely.transform(shape, move)
    return moved


def apart_m(one: BaseGeometry, other: BaseGeometry) -> float:
    """Metres between two shapes in WGS-84, 0 where they touch; nan where one is empty."""
    if one.is_empty or other.is_empty:
        return math.nan
    line = shapely.shortest_line(one, other)
    return float(Plane.at(line).to_metres(line).length)


def farthest_m(point: shapely.Point, shape: BaseGeometry) -> float:
    """Metres from a point to the farthest point of a shape, in one plane."""
    corners: NDArray[np.float64] = shapely.get_coordinates(shape)
    if not len(corners):
        return 0.0
    return float(np.hypot(*(corners - (point.x, point.y)).T).max())
