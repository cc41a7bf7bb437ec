"""Where a point is: datums, the metric grid, ECEF and geodesics.

The only import of pyproj; no frames, no files.

Three datums meet in a Chinese city. WGS-84 is what a phone's receiver reports and the only one
stored or served; GCJ-02 shifts it by some 600 m, BD-09 shifts GCJ-02 again (some 1,200 m in
all). Neither shift is published by its maker; the formulas below are the ones in
public use since 2013 (the "eviltransform" polynomial on the Krasovsky 1940 ellipsoid, and Baidu's
polar perturbation). The inverses are iterated: one step is 2.45 m off.

Arrays are float64, lon and lat in degrees in this order, and any broadcastable shapes unless said
otherwise.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, Final, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod, Transformer
from pyproj.exceptions import ProjError

from geodata.city import MetricGrid
from geodata.compiled import kernel
from geodata.errors import BadValue
from geodata.space.datum import Datum

__all__ = [
    "ECCENTRICITY_2", "FLATTENING", "SEMI_MAJOR_M", "WGS84", "Datum", "Floats", "ecef",
    "from_crs", "from_metric", "from_wgs84",
    "gcj02_of_point", "geodesic_m", "geodesic_ring", "into_crs", "metric", "to_wgs84",
]  # fmt: skip

Floats = NDArray[np.float64]

WGS84: Final = "EPSG:4326"

#: WGS-84 ellipsoid: semi-major axis in metres and first eccentricity squared (NIMA TR8350.2).
SEMI_MAJOR_M: Final = 6378137.0
FLATTENING: Final = 1 / 298.257223563
ECCENTRICITY_2: Final = FLATTENING * (2 - FLATTENING)

#: Krasovsky 1940, on which the GCJ-02 polynomial is defined.
_KRASOVSKY_A: Final = 6378245.0
_KRASOVSKY_E2: Final = 0.00669342162296594323
#: Baidu's polar perturbation turns by this factor of the longitude (degrees as in its public
#: formula).
_BAIDU_TURN: Final = np.pi * 3000.0 / 180.0
#: Metric grids whose transformers are kept: a process serves one city, tests a few.
_MOST_GRIDS: Final = 16
#: The inverse is a contraction with factor ~1e-5: 5 rounds are beyond float64 for the whole
#: mainland.
_INVERSE_ROUNDS: Final = 5


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum | str) -> tuple[Floats, Floats]:
    """Read degrees in `datum` and give them in WGS-84 (round trip with `from_wgs84` under 1 mm)."""
    lon_in, lat_in = _degrees(lon), _degrees(lat)
    match _datum(datum):
        case Datum.WGS84:
            return lon_in, lat_in
        case Datum.GCJ02:
            return _unshift(lon_in, lat_in)
        case Datum.BD09:
            return _unshift(*_bd09_to_gcj02(lon_in, lat_in))


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum | str) -> tuple[Floats, Floats]:
    """Give WGS-84 degrees in `datum`.

    Outside the mainland's bounding box GCJ-02 is the identity, as maps draw it.
    """
    lon_in, lat_in = _degrees(lon), _degrees(lat)
    match _datum(datum):
        case Datum.WGS84:
            return lon_in, lat_in
        case Datum.GCJ02:
            return _shift(lon_in, lat_in)
        case Datum.BD09:
            return _gcj02_to_bd09(*_shift(lon_in, lat_in))


def _datum(datum: Datum | str) -> Datum:
    try:
        return Datum(datum)
    except ValueError:
        raise BadValue(
            "datum {datum!r} is not known; use one of {datums}", datum=datum, datums=[*Datum]
        ) from None


def _degrees(value: ArrayLike) -> Floats:
    return np.asarray(value, dtype=np.float64)


def _in_china(lon: Any, lat: Any) -> Any:
    """The bounding box in which published maps are shifted."""
    return (lon > 72.004) & (lon < 137.8347) & (lat > 0.8293) & (lat < 55.8271)


def _offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """GCJ-02 minus WGS-84 in degrees at a WGS-84 point."""
    x, y = lon - 105.0, lat - 35.0
    ripple = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    root = np.sqrt(np.abs(x))
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    d_lat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    d_lon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _KRASOVSKY_E2 * np.sin(phi) ** 2
    meridian = _KRASOVSKY_A * (1.0 - _KRASOVSKY_E2) / (magic * np.sqrt(magic))
    parallel = _KRASOVSKY_A / np.sqrt(magic) * np.cos(phi)
    return np.degrees(d_lon / parallel), np.degrees(d_lat / meridian)


#: The same formula compiled for single numbers: 0.3 µs against 40 µs through numpy.
_offset_of_point: Final = cast("Callable[[float, float], tuple[float, float]]", kernel(_offset))


def gcj02_of_point(lon: float, lat: float) -> tuple[float, float]:
    """One WGS-84 point in GCJ-02: `from_wgs84` for who asks often and for one."""
    if not _in_china(lon, lat):
        return lon, lat
    d_lon, d_lat = _offset_of_point(lon, lat)
    return lon + d_lon, lat + d_lat


def _shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    d_lon, d_lat = _offset(lon, lat)
    inside = _in_china(lon, lat)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def _unshift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Fixed-point iteration on shift(p) = q: p <- q - offset(p)."""
    guess_lon, guess_lat = lon, lat
    for _ in range(_INVERSE_ROUNDS):
        shifted_lon, shifted_lat = _shift(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + (lon - shifted_lon), guess_lat + (lat - shifted_lat)
    return guess_lon, guess_lat


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(np.radians(lat * 3000.0))
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _bd09_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(_INVERSE_ROUNDS):
        back_lon, back_lat = _gcj02_to_bd09(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + (lon - back_lon), guess_lat + (lat - back_lat)
    return guess_lon, guess_lat


@lru_cache(_MOST_GRIDS)
def _transformers(grid: MetricGrid) -> tuple[Transformer, Transformer]:
    """To the grid and back. Built once: building one costs 90 ms, using it under a microsecond."""
    try:
        return (
            Transformer.from_crs(WGS84, grid, always_xy=True),
            Transformer.from_crs(grid, WGS84, always_xy=True),
        )
    except ProjError:
        raise BadValue(
            "{grid!r} is no metric grid; write a PROJ string such as +proj=utm +zone=50", grid=grid
        ) from None


def metric(lon: ArrayLike, lat: ArrayLike, grid: MetricGrid) -> Floats:
    """WGS-84 degrees to metres east and north on a city's grid, shape (n, 2).

    BadValue for a grid that PROJ does not know.
    """
    east, north = _transformers(grid)[0].transform(_degrees(lon), _degrees(lat))
    return np.stack([east, north], axis=-1)


def from_metric(xy_m: ArrayLike, grid: MetricGrid) -> tuple[Floats, Floats]:
    """Metres on a city's grid, shape (n, 2), to WGS-84 lon, lat in degrees."""
    xy = _degrees(xy_m)
    lon, lat = _transformers(grid)[1].transform(xy[..., 0], xy[..., 1])
    return _degrees(lon), _degrees(lat)


@cache
def _between(crs: str) -> tuple[Transformer, Transformer]:
    return (
        Transformer.from_crs(crs, WGS84, always_xy=True),
        Transformer.from_crs(WGS84, crs, always_xy=True),
    )


def from_crs(crs: str, east: ArrayLike, north: ArrayLike) -> tuple[Floats, Floats]:
    """Coordinates in any CRS (a code or WKT), its eastings or longitudes first, to WGS-84 lon, lat
    in degrees; nan where it does not reach. RuntimeError for one that nobody knows.
    """
    return _turned(_between(crs)[0], east, north)


def into_crs(crs: str, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """The way back of `from_crs`."""
    return _turned(_between(crs)[1], lon, lat)


def _turned(way: Transformer, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    left, up = (_degrees(each) for each in way.transform(_degrees(x), _degrees(y)))
    known = np.isfinite(left) & np.isfinite(up)
    return np.where(known, left, np.nan), np.where(known, up, np.nan)


def ecef(lon: ArrayLike, lat: ArrayLike) -> Floats:
    """WGS-84 degrees at height 0 to earth-centred metres, shape (n, 3) (NIMA TR8350.2,
    eq. 4-14).
    """
    lam, phi = np.radians(_degrees(lon)), np.radians(_degrees(lat))
    prime = SEMI_MAJOR_M / np.sqrt(1.0 - ECCENTRICITY_2 * np.sin(phi) ** 2)
    x = prime * np.cos(phi) * np.cos(lam)
    y = prime * np.cos(phi) * np.sin(lam)
    z = prime * (1.0 - ECCENTRICITY_2) * np.sin(phi)
    return np.stack([x, y, z], axis=-1)


@cache
def _geod() -> Geod:
    return Geod(ellps="WGS84")


def geodesic_m(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Floats:
    """Length of the WGS-84 geodesic in metres (Karney 2013 by PROJ): the reference that search is
    held to.
    """
    lon_a, lat_a, lon_b, lat_b = np.broadcast_arrays(
        *(_degrees(v) for v in (lon1, lat1, lon2, lat2))
    )
    _, _, metres = _geod().inv(lon_a, lat_a, lon_b, lat_b)
    return _degrees(metres)


def geodesic_ring(lon: float, lat: float, metres: float, corners: int) -> Floats:
    """Corners at this distance of a point by the WGS-84 geodesic: degrees, shape (corners + 1, 2),
    counter-clockwise from the east; the last is the first.

    Asks no projection, which PROJ makes anew in every thread.
    """
    bearings = 90.0 - np.linspace(0.0, 360.0, corners + 1)
    around = np.ones_like(bearings)
    ring_lon, ring_lat, _ = _geod().fwd(lon * around, lat * around, bearings, metres * around)
    ring = np.stack([_degrees(ring_lon), _degrees(ring_lat)], axis=1)
    ring[-1] = ring[0]
    return ring
