"""The service area as flat rings: whether a point is inside, asked once per request.

Draws nothing and imports no shapely.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import addresses, column_at, floats_at, kernel
from geodata.errors import OutsideArea
from geodata.space.coordinates import Datum, to_wgs84

Floats = NDArray[np.float64]
#: Of an outline of a thousand vertices a dozen edges are asked then, and the others are not read.
_BANDS: Final = 128

#: Where the address of each array of _Banded stands.
_EDGES: Final = 0
_STARTS: Final = 1
_EXTENT: Final = 2


@kernel
def _inside(
    lon: float, lat: float, edges: Floats, starts: NDArray[np.int32], extent: Floats
) -> bool:
    """Even-odd rule over all rings (Shimrat 1962): holes need no special case.

    A parallel is crossed only by edges of its own band.
    """
    inside, south, north = False, extent[0, 0], extent[1, 0]
    if not south <= lat < north:
        return inside
    band = int((lat - south) / (north - south) * _BANDS)
    for edge in range(starts[band], starts[band + 1]):
        x1, y1, x2, y2 = edges[edge, 0], edges[edge, 1], edges[edge, 2], edges[edge, 3]
        if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside


@kernel
def _holds(lon: float, lat: float, at: NDArray[np.int64]) -> bool:
    """The edges through their addresses (compiled.py): asked once a request."""
    edges, extent = floats_at(at, _EDGES, 4), floats_at(at, _EXTENT, 1)
    return _inside(lon, lat, edges, column_at(at, _STARTS), extent)


@kernel
def _hold_each(lonlat: Floats, at: NDArray[np.int64], held: NDArray[np.bool_]) -> None:
    edges, extent = floats_at(at, _EDGES, 4), floats_at(at, _EXTENT, 1)
    starts = column_at(at, _STARTS)
    for i in range(len(lonlat)):
        held[i] = _inside(lonlat[i, 0], lonlat[i, 1], edges, starts, extent)


class _Banded(NamedTuple):
    """The edges of all rings by the bands of latitude that they touch."""

    edges: Floats
    """(m, 4) degrees: lon, lat, lon, lat. One stands in every band that it touches."""
    starts: NDArray[np.int32]
    """(_BANDS + 2,): the first edge of each band; the last has the northernmost parallel alone."""
    extent: Floats
    """(2,): the first and the last latitude."""


def _banded(xy: Floats, starts: NDArray[np.int32]) -> _Banded:
    rings = [xy[first:after] for first, after in pairwise(starts.tolist())]
    edges = np.concatenate([np.hstack([ring, np.roll(ring, 1, axis=0)]) for ring in rings])
    south, north = xy[:, 1].min(), xy[:, 1].max()
    height = (north - south) or 1.0  # of a flat outline, in which nothing lies
    # As the kernel has it, operation by operation: rounding never moves one across the other.
    ends = ((edges[:, 1::2] - south) / height * _BANDS).astype(np.int32)
    first, last = ends.min(axis=1), ends.max(axis=1)
    many = last - first + 1
    edge = np.repeat(np.arange(len(edges)), many)
    band = np.repeat(first, many) + np.arange(len(edge)) - np.repeat(np.cumsum(many) - many, many)
    order = np.argsort(band, kind="stable")
    begins = np.searchsorted(band[order], np.arange(_BANDS + 2)).astype(np.int32)
    return _Banded(np.ascontiguousarray(edges[edge[order]]), begins, np.array([south, north]))


@dataclass(frozen=True, slots=True)
class Outline:
    """Rings of a polygon in WGS-84 degrees: vertices (n, 2) and the first vertex of each ring (m +
    1,).
    """

    name: str
    xy: Floats
    starts: NDArray[np.int32]
    shifted: bool = True
    """Whether maps of its country are shifted (GCJ-02, BD-09)."""
    _banded: _Banded = field(init=False, repr=False, compare=False)
    _at: NDArray[np.int64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_banded", _banded(self.xy, self.starts))
        object.__setattr__(self, "_at", addresses(self._banded))
        self.xy.setflags(write=False)
        self.starts.setflags(write=False)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        west, south = map(float, self.xy.min(axis=0))
        east, north = map(float, self.xy.max(axis=0))
        return west, south, east, north

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a WGS-84 point lies inside; on the edge either answer is right."""
        return _holds(lon, lat, self._at)

    def holds_each(self, lonlat: Floats) -> NDArray[np.bool_]:
        """The same for many points, shape (n, 2): (n,). One that is not a number lies outside."""
        held = np.empty(len(lonlat), np.bool_)
        _hold_each(np.ascontiguousarray(lonlat, np.float64), self._at, held)
        return held

    def require_all(self, lonlat: Floats) -> None:
        """Raise OutsideArea for the first of the points, shape (n, 2), that lies outside."""
        for lon, lat in lonlat[~self.holds_each(lonlat)][:1].tolist():
            self.require(lon, lat)

    def require_any(self, lonlat: Floats, held: NDArray[np.bool_]) -> None:
        """Raise OutsideArea for the first of the points, shape (n, 2), if none is `held`.

        There may be no points.
        """
        if len(lonlat) and not held.any():
            self.require(*lonlat[0].tolist())

    def require(self, lon: float, lat: float) -> None:
        """Raise OutsideArea, with a hint where another reading of the same numbers would lie
        inside.
        """
        if not self.holds(lon, lat):
            raise OutsideArea(lon, lat, self.name, self.bounds, self._hint(lon, lat))

    def _hint(self, lon: float, lat: float) -> str | None:
        if not (
            abs(lon) <= 180 and abs(lat) <= 180
        ):  # degrees in no reading; not a number, perhaps
            return None
        if abs(lon) <= 90 and self.holds(lat, lon):
            return "swapped"
        for datum in (Datum.GCJ02, Datum.BD09) if self.shifted else ():
            x, y = to_wgs84(lon, lat, datum)
            if self.holds(float(x), float(y)):
                return datum.value
        return None
