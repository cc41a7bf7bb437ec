"""The tangent plane: ECEF metres turned rigidly so that z points up in the data's middle.

Exact distances; no trees.

A rigid turn keeps every chord, so nothing is projected and nothing is approximated by it; but over
a city z hardly varies, and boxes of a search tree need only x and y. Distances are WGS-84 geodesics
by the chord series d = c + c³/24R² + 3c⁵/640R⁴ with Euler's radius R of the normal section at the
asker, 1/R = cos²α/M + sin²α/N (Rapp 1991, Geometric Geodesy I, ch. 3–4): within 1 mm of pyproj.Geod
up to MAX_REACH_M.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import inner_kernel, kernel
from geodata.space.coordinates import ECCENTRICITY_2, SEMI_MAJOR_M, ecef

Floats = NDArray[np.float64]
Vector = tuple[float, float, float]
#: Position, unit vectors east and north at it, and the radii of curvature there (meridian, prime
#: vertical).
Asker = tuple[Vector, Vector, Vector, float, float]

#: The chord series is good to a millimetre up to here; farther places are not offered.
MAX_REACH_M: Final = 50_000.0
_ROUNDING_M: Final = 1e-3


def tangent_plane(lonlat: Floats) -> Floats:
    """The tangent plane in the middle of WGS-84 points, shape (n, 2): origin (ECEF metres) and axes
    east, north, up, (4, 3).
    """
    lon, lat = (lonlat.min(axis=0) + lonlat.max(axis=0)) / 2 if len(lonlat) else np.zeros(2)
    lam, phi = math.radians(lon), math.radians(lat)
    sin_l, cos_l, sin_p, cos_p = math.sin(lam), math.cos(lam), math.sin(phi), math.cos(phi)
    return np.array(
        [
            ecef(lon, lat),
            (-sin_l, cos_l, 0.0),
            (-sin_p * cos_l, -sin_p * sin_l, cos_p),
            (cos_p * cos_l, cos_p * sin_l, sin_p),
        ]
    )


def in_tangent(lonlat: Floats, tangent: Floats) -> Floats:
    """WGS-84 degrees, shape (n, 2), to metres in a tangent plane, shape (n, 3)."""
    return np.ascontiguousarray((ecef(lonlat[:, 0], lonlat[:, 1]) - tangent[0]) @ tangent[1:].T)


def out_of_tangent(xyz: Floats, tangent: Floats) -> tuple[float, float]:
    """One position near the ellipsoid, metres in the tangent plane, to lon, lat in degrees, within
    1e-11 degrees (Bowring 1976).
    """
    x, y, z = map(float, xyz @ tangent[1:] + tangent[0])
    flat, minor = math.hypot(x, y), SEMI_MAJOR_M * math.sqrt(1.0 - ECCENTRICITY_2)
    theta = math.atan2(z * SEMI_MAJOR_M, flat * minor)
    rise = z + ECCENTRICITY_2 / (1.0 - ECCENTRICITY_2) * minor * math.sin(theta) ** 3
    run = flat - ECCENTRICITY_2 * SEMI_MAJOR_M * math.cos(theta) ** 3
    return math.degrees(math.atan2(y, x)), math.degrees(math.atan2(rise, run))


@kernel
def _turn(x: float, y: float, z: float, tangent: Floats) -> Vector:
    return (
        tangent[1, 0] * x + tangent[1, 1] * y + tangent[1, 2] * z,
        tangent[2, 0] * x + tangent[2, 1] * y + tangent[2, 2] * z,
        tangent[3, 0] * x + tangent[3, 1] * y + tangent[3, 2] * z,
    )


@inner_kernel
def asker_in_tangent(lon: float, lat: float, tangent: Floats) -> Asker:
    """Where the asker stands in the tangent plane, and how the ellipsoid curves there."""
    lam, phi = math.radians(lon), math.radians(lat)
    sin_l, cos_l, sin_p, cos_p = math.sin(lam), math.cos(lam), math.sin(phi), math.cos(phi)
    w2 = 1.0 - ECCENTRICITY_2 * sin_p * sin_p
    prime = SEMI_MAJOR_M / math.sqrt(w2)
    meridian = prime * (1.0 - ECCENTRICITY_2) / w2
    x = prime * cos_p * cos_l - tangent[0, 0]
    y = prime * cos_p * sin_l - tangent[0, 1]
    z = prime * (1.0 - ECCENTRICITY_2) * sin_p - tangent[0, 2]
    east = _turn(-sin_l, cos_l, 0.0, tangent)
    north = _turn(-sin_p * cos_l, -sin_p * sin_l, cos_p, tangent)
    return _turn(x, y, z, tangent), east, north, meridian, prime


@inner_kernel
def geodesic_from(asker: Asker, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Geodesic metres to a position in the tangent plane, and the east and north parts of the
    chord there.
    """
    here, east, north, meridian, prime = asker
    dx, dy, dz = x - here[0], y - here[1], z - here[2]
    e = dx * east[0] + dy * east[1] + dz * east[2]
    n = dx * north[0] + dy * north[1] + dz * north[2]
    chord2 = dx * dx + dy * dy + dz * dz
    flat2 = n * n + e * e
    if flat2 == 0.0:
        return math.sqrt(chord2), e, n
    curvature = (n * n * prime + e * e * meridian) / (flat2 * meridian * prime)
    s = chord2 * curvature * curvature
    return math.sqrt(chord2) * (1.0 + s * (1.0 / 24.0 + s * (3.0 / 640.0))), e, n


@inner_kernel
def on_ground(x: float, y: float, z: float, tangent: Floats) -> Vector:
    """A position up to some hundred metres off the ellipsoid, moved onto it along its normal.

    Metres in the tangent plane.

    Two of Newton's steps on x²/a² + y²/a² + z²/b² = 1: within a micrometre.
    """
    minor2 = SEMI_MAJOR_M * SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2)
    major2 = SEMI_MAJOR_M * SEMI_MAJOR_M
    ex = tangent[0, 0] + x * tangent[1, 0] + y * tangent[2, 0] + z * tangent[3, 0]
    ey = tangent[0, 1] + x * tangent[1, 1] + y * tangent[2, 1] + z * tangent[3, 1]
    ez = tangent[0, 2] + x * tangent[1, 2] + y * tangent[2, 2] + z * tangent[3, 2]
    for _ in range(2):
        off = (ex * ex + ey * ey) / major2 + ez * ez / minor2 - 1.0
        dx, dy, dz = 2.0 * ex / major2, 2.0 * ey / major2, 2.0 * ez / minor2
        step = off / (dx * dx + dy * dy + dz * dz)
        ex, ey, ez = ex - step * dx, ey - step * dy, ez - step * dz
    return _turn(ex - tangent[0, 0], ey - tangent[0, 1], ez - tangent[0, 2], tangent)


def arcs_m(chords_m: Floats) -> tuple[Floats, Floats]:
    """The least and the most metres of the WGS-84 geodesics over these chords.

    Nowhere does a geodesic bend more than the meridian at the equator, so its chord is no shorter
    than that of a circle of that radius and the same length (Schur's theorem; Chern 1967, Curves
    and surfaces in Euclidean space), up to half the circle. _ROUNDING_M is more than either side
    is rounded by.
    """
    across_m = 2.0 * SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2)
    bent_m = across_m * np.arcsin(np.minimum(chords_m / across_m, 1.0))
    most_m = np.where(chords_m < across_m, bent_m + _ROUNDING_M, np.inf)
    return chords_m - _ROUNDING_M, most_m


@kernel
def bearing_deg(east: float, north: float) -> float:
    """Degrees clockwise from north, 0 … 360."""
    degrees = math.degrees(math.atan2(east, north))
    return degrees if degrees >= 0.0 else degrees + 360.0
