"""District, street office and other polygons, and which one a place is in.

Frames in, frames out; reads no file.

Official boundaries of street offices are seldom public as open data: `approximate_areas` draws
them from one point each and says so in a column. Areas are GeoDataFrames in WGS-84; what is
measured is measured on the city's metric grid.
"""

from typing import Any, Final, TypeVar, cast

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geodata.city import MetricGrid
from geodata.errors import BadValue
from geodata.places.table import DECIMALS
from geodata.space.coordinates import WGS84, from_metric, metric

#: The answer of `locate` for a point in no area.
NOWHERE: Final = -1
#: A stop on a pier or at the border lies a little outside a coarse outline; further than this it is
#: another city.
REACH_M: Final = 1000.0
#: 5 decimals of a degree are 1.1 m, below what a simplified outline can claim.
_RING_DECIMALS: Final = 5

_Floats = NDArray[np.float64]
_Shape = TypeVar("_Shape", BaseGeometry, NDArray[np.object_])


def approximate_areas(
    points: gpd.GeoDataFrame, outline: BaseGeometry, grid: MetricGrid
) -> gpd.GeoDataFrame:
    """Voronoi cells of `points` (WGS-84, no two alike) cut by `outline`: each spot of it belongs to
    the nearest point.

    Rows and columns are those of `points`, in their order, index 0…n-1, with polygons as geometry
    and `approximate` = True. The cells tile the outline without overlap; a point far outside it may
    get an empty one. `BadValue` for fewer than two points or for twins.
    """
    xy_m = metric(points.geometry.x, points.geometry.y, grid)
    _refuse_twins(xy_m)
    ground = to_metric(outline, grid)
    cells = shapely.voronoi_polygons(
        shapely.multipoints(xy_m), extend_to=ground.buffer(1.0), ordered=True
    )
    cut = shapely.intersection(shapely.get_parts(cells), ground)
    areas = points.reset_index(drop=True).set_geometry(to_degrees(cut, grid), crs=WGS84)
    return areas.assign(approximate=True)


def dissolve_districts(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row a district, in order of first appearance: district, geometry.

    `approximate` is True where any part is.
    """
    merged = areas[["district", "approximate", "geometry"]].dissolve(
        "district", aggfunc="max", sort=False
    )
    return merged.reset_index()


def locate(
    lon: ArrayLike,
    lat: ArrayLike,
    areas: gpd.GeoDataFrame,
    grid: MetricGrid,
    reach_m: float = REACH_M,
) -> NDArray[np.int64]:
    """Position in `areas` of the one each WGS-84 point is in, shape (n,).

    A point in none gets the nearest within `reach_m` metres (0: only the ones it is in or on), else
    `NOWHERE`; so does one without coordinates. On a shared border the smaller position wins, not
    the order of the tree.
    """
    points = np.atleast_1d(np.array(_points(metric(lon, lat, grid))))
    tree = shapely.STRtree(to_metric(areas.geometry.to_numpy(), grid))
    found = np.full(len(points), len(areas), dtype=np.int64)
    held, area = tree.query(
        points, predicate="intersects"
    )  # a quarter of what the nearest of all costs (2026-11-21)
    np.minimum.at(found, held, area)
    left = np.flatnonzero(found == len(areas))
    asked, area = tree.query_nearest(points[left], max_distance=max(reach_m, np.finfo(float).tiny))
    np.minimum.at(found, left[asked], area)
    return np.where(found == len(areas), NOWHERE, found)


def rings(geometry: BaseGeometry, tolerance_m: float, grid: MetricGrid) -> list[list[list[float]]]:
    """The rings of a polygon as `[[lon, lat], …]`, outer ones and holes alike, simplified
    (Douglas–Peucker).

    For drawing outlines on a map without tiles; an area smaller than the tolerance keeps its
    coarsest valid shape.
    """
    coarse = to_degrees(shapely.simplify(to_metric(geometry, grid), tolerance_m), grid)
    lines = shapely.get_rings(shapely.get_parts(coarse))
    return [shapely.get_coordinates(line).round(_RING_DECIMALS).tolist() for line in lines]


def rounded(shape: _Shape) -> _Shape:
    """Valid WGS-84 polygons (one or an array) with corners of DECIMALS decimals, valid again.

    Each corner is rounded by itself, so one that neighbours share stays shared. Where that makes a
    ring cross itself, the polygon is rounded as a whole (snap rounding, GEOS): what is thinner than
    1 cm is then lost, and a polygon may come back empty.
    """
    near: Any = shapely.transform(shape, _rounded_pairs)
    valid = shapely.is_valid(near)
    if np.all(valid):
        return cast("_Shape", near)
    snapped = shapely.set_precision(shape, 10.0**-DECIMALS)
    mended: Any = shapely.transform(snapped, _rounded_pairs)  # which also forgets the grid
    return cast("_Shape", np.where(valid, near, mended)[()])  # [()]: of one polygon, itself


def to_metric(shape: _Shape, grid: MetricGrid) -> _Shape:
    """WGS-84 geometry (one or an array) on a city's metric grid."""
    return shapely.transform(shape, lambda lon_lat: metric(lon_lat[:, 0], lon_lat[:, 1], grid))


def to_degrees(shape: _Shape, grid: MetricGrid) -> _Shape:
    """Back from the metric grid to WGS-84."""
    return shapely.transform(shape, lambda xy_m: np.stack(from_metric(xy_m, grid), axis=-1))


def _rounded_pairs(lon_lat: _Floats) -> _Floats:
    return lon_lat.round(DECIMALS)


def _points(xy_m: _Floats) -> BaseGeometry | NDArray[np.object_]:
    """Points; an empty one where a coordinate is not a number."""
    return shapely.points(np.where(np.isfinite(xy_m), xy_m, np.nan), handle_nan="skip")


def _refuse_twins(xy_m: _Floats) -> None:
    if len(xy_m) < 2 or len(np.unique(xy_m, axis=0)) < len(xy_m):
        raise BadValue(
            "areas need two or more points, no two alike; got {count}. Remove the twins",
            count=len(xy_m),
        )
