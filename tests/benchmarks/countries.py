"""A country for a benchmark: the places of a large made-up city, set down in towns from Hainan to
Heilongjiang. Publishes nothing.

A town is a piece of the city as it stands, so its streets are as crowded as the city's; what is
left over lies alone somewhere between the towns.
"""

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.random import PCG64, Generator

from geodata.index.spatial import tree_order
from geodata.pipeline import area_outlines
from geodata.pipeline.area_outlines import Outlines
from geodata.space.coordinates import WGS84
from geodata.space.tangent import Floats
from tests.benchmarks.cities import ABOUT

#: Corners of the ground that towns lie on, degrees: Hainan, the coast, Heilongjiang, and inland.
_GROUND: Final = shapely.from_wkt(
    "POLYGON((109 18.5, 111 21.5, 116 23, 121.5 29, 119.5 35, 124 40, 131 45, 126 50, 118 43,"
    " 104 40, 98 38, 99 25, 106 22.5, 108.5 21, 109 18.5))"
)
#: The first town, where a server's worker is asked (worker.py).
_FIRST: Final = (114.05, 22.6)
_TOWNS: Final = 240
_ALONE: Final = 0.02


def country(city: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The raw places table of a city, points only, with every place moved."""
    rng = Generator(PCG64(len(city)))
    old = shapely.get_coordinates(city.geometry.to_numpy())
    order = tree_order(old)
    lonlat = old.copy()
    centres = np.concatenate([[_FIRST], _anywhere(rng, _TOWNS - 1)])
    sizes = 1.0 / np.arange(1, _TOWNS + 1)  # towns after Zipf: the second has half of the first
    ends = np.rint(np.cumsum(sizes) / sizes.sum() * len(city)).astype(int)
    for centre, rows in zip(centres, np.split(order, ends[:-1]), strict=True):
        lonlat[rows] += centre - old[rows].mean(axis=0)
    alone = np.flatnonzero(rng.random(len(city)) < _ALONE)
    lonlat[alone] = _anywhere(rng, len(alone))
    lonlat = lonlat.round(6)
    moved = city.assign(src_lon=lonlat[:, 0], src_lat=lonlat[:, 1], district=None, street=None)
    return moved.set_geometry(gpd.points_from_xy(*lonlat.T), crs=WGS84)


def outlines(places: gpd.GeoDataFrame) -> Outlines:
    """What is known of a country of which only its places are known."""
    return area_outlines.around(ABOUT.city, shapely.get_coordinates(places.geometry.to_numpy()))


def _anywhere(rng: Generator, count: int) -> Floats:
    low, high = np.reshape(_GROUND.bounds, (2, 2))
    tried = rng.uniform(low, high, (4 * count + 100, 2))
    return tried[shapely.contains_xy(_GROUND, *tried.T)][:count]
