"""What others would use, asked as we are: from one lon, lat, with exact distances.

Each is given its best case.

Trees over ECEF get a scalar conversion of the asker and the short chord series d(1 + d²/24MN),
which has no azimuth in it and is good to a millimetre at the distance of a nearest place. Frames
get their points projected beforehand, and are asked for plane distances."""

import math
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pykdtree.kdtree import KDTree
from scipy.spatial import cKDTree

from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import ECCENTRICITY_2, SEMI_MAJOR_M, ecef, metric
from geodata.space.tangent import Floats
from tests.benchmarks.cities import City

Ask = Callable[[float, float], object]
AskMany = Callable[[Floats], object]


def position(lon: float, lat: float) -> tuple[float, float, float, float]:
    """ECEF metres of one point, and 1/24MN there: `geodata.space.coordinates.ecef` costs 9 µs for
    one, this 1 µs.
    """
    lam, phi = math.radians(lon), math.radians(lat)
    sin_p, cos_p = math.sin(phi), math.cos(phi)
    w2 = 1.0 - ECCENTRICITY_2 * sin_p * sin_p
    prime = SEMI_MAJOR_M / math.sqrt(w2)
    flat = prime * cos_p
    series = w2 / (24.0 * prime * prime * (1.0 - ECCENTRICITY_2))
    return (
        flat * math.cos(lam),
        flat * math.sin(lam),
        prime * (1.0 - ECCENTRICITY_2) * sin_p,
        series,
    )


def scipy_tree(xyz_m: Floats, k: int) -> Ask:
    """scipy's cKDTree, one point at a time."""
    tree = cKDTree(xyz_m)

    def ask(lon: float, lat: float) -> tuple[Any, Any]:
        x, y, z, series = position(lon, lat)
        chord, rows = tree.query((x, y, z), k)
        return rows, chord * (1.0 + chord * chord * series)

    return ask


def pykdtree(xyz_m: Floats, k: int) -> Ask:
    """pykdtree, one point at a time."""
    tree = KDTree(xyz_m)

    def ask(lon: float, lat: float) -> tuple[Any, Any]:
        x, y, z, series = position(lon, lat)
        chord, rows = tree.query(np.array([[x, y, z]]), k)
        return rows[0], chord[0] * (1.0 + chord[0] * chord[0] * series)

    return ask


def brute_force(xyz_m: Floats, k: int) -> Ask:
    """numpy over all places."""

    def ask(lon: float, lat: float) -> tuple[Any, Any]:
        x, y, z, series = position(lon, lat)
        away = xyz_m - (x, y, z)
        chord2 = np.einsum("ij,ij->i", away, away)
        rows = np.argpartition(chord2, k)[:k]
        rows = rows[np.argsort(chord2[rows])]
        chord = np.sqrt(chord2[rows])
        return rows, chord * (1.0 + chord * chord * series)

    return ask


def growing(xyz_m: Floats, offers: NDArray[np.int64], wanted: int, k: int) -> Ask:
    """cKDTree under a filter: ask for more and more until k match.

    What a tree without filters is driven to.
    """
    tree = cKDTree(xyz_m)

    def ask(lon: float, lat: float) -> tuple[Any, Any]:
        x, y, z, series = position(lon, lat)
        more = 4 * k
        while True:
            more = min(more, len(xyz_m))
            chord, rows = tree.query((x, y, z), more)
            matching = np.flatnonzero(offers[rows] & wanted)[:k]
            if len(matching) == k or more == len(xyz_m):
                chord = chord[matching]
                return rows[matching], chord * (1.0 + chord * chord * series)
            more *= 4

    return ask


def sjoin_one(places: gpd.GeoDataFrame) -> Ask:
    """One sjoin_nearest call for one point; it knows k = 1 only."""
    crs = SHENZHEN.grid

    def ask(lon: float, lat: float) -> gpd.GeoDataFrame:
        asked = gpd.GeoDataFrame(
            geometry=gpd.points_from_xy(*metric([lon], [lat], SHENZHEN.grid).T), crs=crs
        )
        return gpd.sjoin_nearest(asked, places, distance_col="metres")

    return ask


def strtree(places: gpd.GeoDataFrame) -> Ask:
    """shapely's STRtree, k = 1."""
    tree = shapely.STRtree(places.geometry.to_numpy())

    def ask(lon: float, lat: float) -> tuple[Any, Any]:
        rows, metres = tree.query_nearest(
            shapely.Point(*metric(lon, lat, SHENZHEN.grid)), return_distance=True
        )
        return rows, metres

    return ask


def scipy_batch(city: City, k: int) -> AskMany:
    """cKDTree on all cores."""
    tree = cKDTree(city.xyz_m)

    def ask(lonlat: Floats) -> tuple[Any, Any]:
        chord, rows = tree.query(ecef(lonlat[:, 0], lonlat[:, 1]), k, workers=-1)
        return rows, _geodesic_m(chord, lonlat[:, 1])

    return ask


def pykdtree_batch(city: City, k: int) -> AskMany:
    """pykdtree, which takes its threads from OpenMP."""
    tree = KDTree(city.xyz_m)

    def ask(lonlat: Floats) -> tuple[Any, Any]:
        chord, rows = tree.query(ecef(lonlat[:, 0], lonlat[:, 1]), k)
        return rows, _geodesic_m(chord, lonlat[:, 1])

    return ask


def _geodesic_m(chord_m: Floats, lat: Floats) -> Floats:
    """The same series for many: chords of shape (n,) or (n, k), latitudes of shape (n,)."""
    w2 = 1.0 - ECCENTRICITY_2 * np.sin(np.radians(lat)) ** 2
    series = (w2 * w2 / (24.0 * SEMI_MAJOR_M**2 * (1.0 - ECCENTRICITY_2))).reshape(
        -1, *[1] * (chord_m.ndim - 1)
    )
    return chord_m * (1.0 + chord_m * chord_m * series)


def sjoin_batch(places: gpd.GeoDataFrame) -> AskMany:
    """geopandas.sjoin_nearest of a frame of questions."""
    crs = SHENZHEN.grid

    def ask(lonlat: Floats) -> gpd.GeoDataFrame:
        asked = gpd.GeoDataFrame(
            geometry=gpd.points_from_xy(*metric(lonlat[:, 0], lonlat[:, 1], SHENZHEN.grid).T),
            crs=crs,
        )
        return gpd.sjoin_nearest(asked, places, distance_col="metres")

    return ask
