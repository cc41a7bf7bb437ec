"""Isochrones as plain values: by road where there is one, else circles that say they are estimates.

Writes no bytes.
"""

import math
from typing import Any, Final

import numpy as np

from app.request.queries import IsochroneQuery
from geodata.estimate import radius
from geodata.search.on_roads import RoadAccess
from geodata.space.coordinates import geodesic_ring
from geodata.travel.isochrones import GRID, polygons
from geodata.travel.one_to_all import spread

#: Degrees are written to 0.1 m: the contours are no better than their grid.
_DECIMALS: Final = 6
#: Corners of a circle.
_CORNERS: Final = 72

#: A MultiPolygon's coordinates, and what its feature says besides.
Shape = tuple[list[Any], dict[str, Any]]


def shapes(
    roads: RoadAccess | None, query: IsochroneQuery, lon: float, lat: float
) -> tuple[list[Shape], float | None]:
    """The shapes in the order asked, and metres from the point to its road.

    None: estimates, it stands on none.
    """
    here = roads.network.where(lon, lat, query.mode) if roads else None
    if roads is None or here is None:
        return _circles(query, lon, lat), None
    found = spread(
        roads.network.graphs[query.mode], here, query.direction, 60.0 * max(query.minutes)
    )
    # As many grid points in all for four polygons as for one: a reply may not take seconds.
    grid = round(GRID / math.sqrt(len(query.minutes)))
    reached = [polygons(found, 60.0 * minutes, grid) for minutes in query.minutes]
    return [
        ([[_rounded(ring) for ring in rings] for rings in each], {}) for each in reached
    ], float(here.off_m[0])


def _circles(query: IsochroneQuery, lon: float, lat: float) -> list[Shape]:
    drawn: list[Shape] = []
    for minutes in query.minutes:
        reach = radius(60.0 * minutes, query.mode)
        ring = geodesic_ring(lon, lat, reach.expected_m, _CORNERS)
        drawn.append(
            ([[_rounded(ring)]], {"radius_range_m": [round(reach.least_m), round(reach.most_m)]})
        )
    return drawn


def _rounded(ring: Any) -> list[list[float]]:
    rounded: list[list[float]] = np.round(ring, _DECIMALS).tolist()
    return rounded
