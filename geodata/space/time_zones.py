"""The time zone of a place, by the boundaries of the time zone database. The only tzfpy."""

import numpy as np
import tzfpy
from numpy.typing import NDArray


def time_zones(lonlat: NDArray[np.float64]) -> dict[str, int]:
    """IANA names of the zones in which WGS-84 points lie, shape (n, 2), and how many each holds.

    The most frequent first; of as many the first by name. Points on the open sea lie in zones of
    whole hours, such as Etc/GMT-8.
    """
    found: dict[str, int] = {}
    for lon, lat in lonlat.tolist():
        name = tzfpy.get_tz(lon, lat)
        found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))
