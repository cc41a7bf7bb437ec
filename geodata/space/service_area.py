"""The service area as flat rings: whether a point is inside, asked once per request.

Draws nothing and imports no shapely.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import addresses, floats_at, kernel, rows_at
from geodata.errors import OutsideArea
from geodata.space.coordinates import Datum, to_wgs84

Floats = NDArray[np.float64]


@kernel
def _inside(lon: float, lat: float, xy: Floats, starts: NDArray[np.int32]) -> bool:
    """Even-odd rule over all rings (Shimrat 1962): holes need no special case."""
    inside = False
    for ring in range(len(starts) - 1):
        j = starts[ring + 1] - 1
        for i in range(starts[ring], starts[ring + 1]):
            if (xy[i, 1] > lat) != (xy[j, 1] > lat):
                crossing = xy[i, 0] + (lat - xy[i, 1]) / (xy[j, 1] - xy[i, 1]) * (
                    xy[j, 0] - xy[i, 0]
                )
                if lon < crossing:
                    inside = not inside
            j = i
    return inside


@kernel
def _holds(lon: float, lat: float, at: NDArray[np.int64]) -> bool:
    """The rings through their addresses (compiled.py): asked once a request."""
    return _inside(lon, lat, floats_at(at, 0, 2), rows_at(at, 1, 1)[:, 0])


@kernel
def _hold_each(lonlat: Floats, at: NDArray[np.int64], held: NDArray[np.bool_]) -> None:
    xy, starts = floats_at(at, 0, 2), rows_at(at, 1, 1)[:, 0]
    for i in range(len(lonlat)):
        held[i] = _inside(lonlat[i, 0], lonlat[i, 1], xy, starts)


@dataclass(frozen=True, slots=True)
class Outline:
    """Rings of a polygon in WGS-84 degrees: vertices (n, 2) and the first vertex of each ring (m +
    1,).
    """

    name: str
    xy: Floats
    starts: NDArray[np.int32]
    name_en: str | None = None
    _at: NDArray[np.int64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_at", addresses([self.xy, self.starts]))
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
            hint = self._hint(lon, lat)
            raise OutsideArea(lon, lat, self.name, self.bounds, hint, self.name_en)

    def _hint(self, lon: float, lat: float) -> str | None:
        if not (
            abs(lon) <= 180 and abs(lat) <= 180
        ):  # degrees in no reading; not a number, perhaps
            return None
        if abs(lon) <= 90 and self.holds(lat, lon):
            return "swapped"
        for datum in (Datum.GCJ02, Datum.BD09):
            x, y = to_wgs84(lon, lat, datum)
            if self.holds(float(x), float(y)):
                return datum.value
        return None
