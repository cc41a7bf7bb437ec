"""Points that are left out, by why: no readable coordinates, or outside the service area, perhaps
because they are read another way than they were written.
"""

from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.space.coordinates import Datum, to_wgs84
from geodata.space.service_area import Outline

#: Of points outside: a hint is given where so many would lie inside, read the other way. Beside the
#: border some always would.
_HINTED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Apart:
    """How many points are left out, and how many of those outside would lie inside otherwise."""

    unreadable: int = 0
    """Without readable coordinates."""
    outside: int = 0
    """Readable, and not in the service area."""
    swapped: int = 0
    """Of those outside: inside with latitude and longitude exchanged."""
    gcj02: int = 0
    bd09: int = 0
    """Of those outside, if read as WGS-84: inside read in this datum."""

    def __add__(self, other: "Apart") -> "Apart":
        return Apart(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    @property
    def hint(self) -> str | None:
        """The reading under which most of those outside would lie inside, as OutsideArea has it:
        "swapped", "gcj02" or "bd09"; None: no reading.
        """
        for reading in ("swapped", "gcj02", "bd09"):
            count: int = getattr(self, reading)
            if count and count >= _HINTED * self.outside:
                return reading
        return None


def apart_of(degrees: NDArray[np.float64], datum: Datum, area: Outline) -> Apart:
    """Of points as they were read, lon and lat in `datum`, shape (n, 2); nan: not readable."""
    lon, lat = degrees.T
    readable = np.isfinite(degrees).all(axis=1)
    outside = readable & ~_inside(lon, lat, datum, area)
    if not outside.any():
        return Apart(int((~readable).sum()))
    lon, lat = lon[outside], lat[outside]
    shifted = (Datum.GCJ02, Datum.BD09) if datum is Datum.WGS84 and area.shifted else ()
    others = {other.value: int(_inside(lon, lat, other, area).sum()) for other in shifted}
    swapped = int(_inside(lat, lon, datum, area).sum())
    return Apart(int((~readable).sum()), len(lon), swapped, **others)


def _inside(
    lon: NDArray[np.float64], lat: NDArray[np.float64], datum: Datum, area: Outline
) -> NDArray[np.bool_]:
    """What is not on the globe lies outside."""
    on_globe = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)
    east, north = to_wgs84(np.where(on_globe, lon, np.nan), np.where(on_globe, lat, np.nan), datum)
    return area.holds_each(np.stack([east, north], axis=1))
