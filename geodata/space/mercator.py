"""The square of the web's maps: spherical Mercator in metres, cut into tiles by zoom.

Zoom z has 2**z tiles a side, of 512 pixels each; column 0 is at 180° W, row 0 in the north.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEB_MERCATOR: Final = "EPSG:3857"
#: Pixels along a tile's side.
TILE_PX: Final = 512
#: The sphere's radius is the ellipsoid's semi-major axis (EPSG 1024, Popular Visualisation Pseudo
#: Mercator).
_RADIUS_M: Final = 6378137.0
_AROUND_M: Final = 2 * np.pi * _RADIUS_M


def to_mercator(lonlat: Floats) -> Floats:
    """(n, 2) WGS-84 degrees as metres east and north of 0, 0 on the map's square."""
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    return np.stack([lon * _RADIUS_M, np.arctanh(np.sin(lat)) * _RADIUS_M], axis=1)


def from_mercator(xy_m: Floats) -> Floats:
    """(n, 2) WGS-84 degrees of metres on the map's square."""
    east, north = xy_m[:, 0] / _RADIUS_M, xy_m[:, 1] / _RADIUS_M
    return np.asarray(np.degrees(np.stack([east, np.arcsin(np.tanh(north))], axis=1)))


def pixel_m(zoom: int) -> float:
    """Metres of the map's square (not of the ground) that a pixel of a tile spans."""
    return float(_AROUND_M / (TILE_PX << zoom))
