"""Where a point is, in words that a resident would use: the street office, and the nearest
landmark with its distance and direction.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import shapely

from geodata.city import MetricGrid
from geodata.places.areas import locate
from geodata.space.coordinates import geodesic_m, metric
from geodata.space.tangent import Floats


class Bearing(StrEnum):
    """The eight directions, clockwise from the north."""

    N = "N"
    NE = "NE"
    E = "E"
    SE = "SE"
    S = "S"
    SW = "SW"
    W = "W"
    NW = "NW"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where one point is. Names are empty where nothing is known."""

    street: str
    street_en: str
    landmark: str
    landmark_en: str
    metres: float
    """From the landmark, geodesic; nan without one."""
    direction: Bearing
    """In which the point lies, seen from the landmark."""


def whereabouts(
    lonlat: Floats, streets: gpd.GeoDataFrame, landmarks: gpd.GeoDataFrame, grid: MetricGrid
) -> tuple[Whereabouts, ...]:
    """Where WGS-84 points, shape (n, 2), are.

    `streets` has street, name_en and polygons; `landmarks` name, name_en and points; both may be
    empty. `grid` is the city's. Of landmarks as near as each other the first is named.
    """
    inside = (
        locate(lonlat[:, 0], lonlat[:, 1], streets, grid)
        if len(streets)
        else np.full(len(lonlat), -1)
    )
    spots = shapely.get_coordinates(landmarks.geometry.to_numpy())
    return tuple(
        _one(point, int(row), streets, spots, landmarks, grid)
        for point, row in zip(lonlat, inside, strict=True)
    )


def _one(
    point: Floats,
    row: int,
    streets: gpd.GeoDataFrame,
    spots: Floats,
    landmarks: gpd.GeoDataFrame,
    grid: MetricGrid,
) -> Whereabouts:
    street, street_en = _named(streets, row, "street") if row >= 0 else ("", "")
    if not len(spots):
        return Whereabouts(street, street_en, "", "", float("nan"), Bearing.N)
    metres = geodesic_m(spots[:, 0], spots[:, 1], point[0], point[1])
    nearest = int(np.argmin(metres))
    ends = np.stack([spots[nearest], point])
    across, along = np.diff(metric(ends[:, 0], ends[:, 1], grid), axis=0)[0].tolist()
    return Whereabouts(
        street,
        street_en,
        *_named(landmarks, nearest, "name"),
        float(metres[nearest]),
        _direction(across, along),
    )


def _named(frame: gpd.GeoDataFrame, row: int, column: str) -> tuple[str, str]:
    return str(frame[column].iloc[row]), str(frame["name_en"].iloc[row])


def _direction(across: float, along: float) -> Bearing:
    eighth = round(math.degrees(math.atan2(across, along)) / 45.0) % 8
    return tuple(Bearing)[eighth]
