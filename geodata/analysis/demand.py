"""Demand as points with weights: grids over any points, taxi trips, bus stops, population tables.

Frames in and out.

Every result is a GeoDataFrame of points in WGS-84 with a column `weight`, which the measures take.
Weights are sums of what was there: nothing is smoothed or scaled, and rows without readable
coordinates are told, not dropped in silence.
"""

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.analysis.clients import Clients, weight_column
from geodata.city import MetricGrid
from geodata.errors import BadTable
from geodata.places.areas import to_metric
from geodata.sources.points import WEIGHT, open_points
from geodata.space.coordinates import WGS84, Datum, from_metric, metric, to_wgs84
from geodata.space.service_area import Outline

#: 0.1 m: how far drawn cells may stray from their grid.
_EVEN_DEGREES: Final = 1e-6


class LeftOut(UserWarning):
    """Rows of a source that could not become demand, and how many they are."""


def read(
    path: Path,
    weight: str | None = None,
    *,
    datum: Datum = Datum.WGS84,
    lon: str | None = None,
    lat: str | None = None,
    area: Outline | None = None,
) -> gpd.GeoDataFrame:
    """Any file of points (sources.points) with its own columns, and `weight` from one of them (by
    default of that name, else 1 each); of a population raster the people inside `area`, spread over
    each cell as `spread` does.

    `lon`, `lat`: columns of degrees in `datum`; by default the geometry, else lon and lat.
    """
    file = open_points(path, lon, lat, datum=datum, area=area)
    frames = [_framed(piece.own.to_pandas(), piece.lonlat, datum) for piece in file.pieces]
    points = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=WGS84)
    weights = Clients.of(points, weight_column(points.columns, weight)).weight
    return gpd.GeoDataFrame(points.assign(**{WEIGHT: weights}))


def squares(
    points: gpd.GeoDataFrame, size_m: float, weight: str | None = None, *, grid: MetricGrid
) -> gpd.GeoDataFrame:
    """Points summed over squares of `size_m` metres of a city's metric grid.

    A row a square that holds any: east_m, north_m (its south-west corner), points, weight; the
    geometry is its middle.
    """
    clients = _known(Clients.of(points, weight))
    xy_m = metric(clients.lonlat[:, 0], clients.lonlat[:, 1], grid)
    corner = np.floor(xy_m / size_m).astype(np.int64)
    cells, which = np.unique(corner, axis=0, return_inverse=True)
    middles = from_metric((cells + 0.5) * size_m, grid)
    named = {"east_m": cells[:, 0] * size_m, "north_m": cells[:, 1] * size_m}
    return _summed(named, which.ravel(), clients.weight, middles)


def hexagons(
    points: gpd.GeoDataFrame, resolution: int = 9, weight: str | None = None
) -> gpd.GeoDataFrame:
    """Points summed over H3 cells (Uber's hexagonal grid; 9: about 0.1 km², 10: 0.015 km²).

    A row a cell that holds any: cell (H3 index), points, weight; the geometry is its middle.
    `hexagon_shapes` draws it.
    """
    clients = _known(Clients.of(points, weight))
    named = [h3.latlng_to_cell(lat, lon, resolution) for lon, lat in clients.lonlat.tolist()]
    cells, which = np.unique(np.array(named, dtype=str), return_inverse=True)
    lat, lon = (
        np.array([h3.cell_to_latlng(cell) for cell in cells.tolist()], np.float64).reshape(-1, 2).T
    )
    return _summed({"cell": cells}, which, clients.weight, (lon, lat))


def hexagon_shapes(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What `hexagons` gives with the outlines of its cells as geometry, for maps."""
    rings = [[(lon, lat) for lat, lon in h3.cell_to_boundary(cell)] for cell in cells["cell"]]
    return gpd.GeoDataFrame(
        cells.set_geometry(gpd.GeoSeries([shapely.Polygon(ring) for ring in rings], crs=WGS84))
    )


def square_shapes(cells: gpd.GeoDataFrame, size_m: float, grid: MetricGrid) -> gpd.GeoDataFrame:
    """What `squares` gives with the squares as geometry, for maps."""
    low = cells[["east_m", "north_m"]].to_numpy(np.float64)
    steps = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64) * size_m
    corners = low[:, None, :] + steps
    lon, lat = from_metric(corners, grid)
    return gpd.GeoDataFrame(
        cells.set_geometry(shapely.polygons(np.stack([lon, lat], axis=-1)), crs=WGS84)
    )


def spread(shapes: gpd.GeoDataFrame, parts: int = 5) -> gpd.GeoDataFrame:
    """The weight of cells spread evenly over each: polygons with `weight` in, points out.

    Demand counted by cell is somewhere in the cell, not at its middle, and a reach that is not much
    longer than the cell tells the two apart. Each cell's box is cut into `parts` by `parts`, and
    its weight shared by the middles that lie in the cell (midpoint quadrature; always the same
    points). Columns are kept, `cell_row` is the row of the cell. BadTable for other than 1–50
    parts.
    """
    if not 1 <= parts <= 50:
        raise BadTable(f"a cell is spread over 1–50 parts each way, not {parts}")
    bounds = shapely.bounds(shapes.geometry.to_numpy())
    share = (np.arange(parts) + 0.5) / parts
    across, along = np.meshgrid(share, share)
    size = bounds[:, 2:] - bounds[:, :2]
    lon = bounds[:, :1] + size[:, :1] * across.ravel()
    lat = bounds[:, 1:2] + size[:, 1:] * along.ravel()
    held = shapely.contains_xy(shapes.geometry.to_numpy()[:, None], lon, lat)
    none = np.flatnonzero(~held.any(axis=1))  # thinner than a part: one point within it
    inner = shapely.get_coordinates(shapely.point_on_surface(shapes.geometry.to_numpy()[none]))
    lon[none, 0], lat[none, 0], held[none, 0] = inner[:, 0], inner[:, 1], True
    row, part = np.nonzero(held)
    weight = shapes[WEIGHT].to_numpy(np.float64) / held.sum(axis=1)
    own = pd.DataFrame(shapes.drop(columns=["geometry", WEIGHT])).iloc[row].reset_index(drop=True)
    spots = gpd.points_from_xy(lon[row, part], lat[row, part])
    told = own.assign(cell_row=row, **{WEIGHT: weight[row]})
    return gpd.GeoDataFrame(told, geometry=spots, crs=shapes.crs)


def taxi_shapes(cells: gpd.GeoDataFrame, grid: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What `taxi_trips` gives with its cells as geometry: boxes as large as those of the grid."""
    west, south, east, north = shapely.bounds(grid.geometry.to_numpy()).T
    wide, high = float(np.median(east - west)) / 2, float(np.median(north - south)) / 2
    lon, lat = cells.geometry.x.to_numpy(), cells.geometry.y.to_numpy()
    boxes = shapely.box(lon - wide, lat - high, lon + wide, lat + high)
    return gpd.GeoDataFrame(cells.set_geometry(boxes, crs=WGS84))


def taxi_trips(
    trips: pd.DataFrame, grid: gpd.GeoDataFrame, *, end: bool = False
) -> gpd.GeoDataFrame:
    """Trips between grid cells as demand where they begin, or with `end` where they end.

    `trips`: SLONCOL, SLATCOL, ELONCOL, ELATCOL, VehicleNum; `grid`: LONCOL, LATCOL and polygons,
    WGS-84 degrees. A row a cell with trips: LONCOL, LATCOL, weight; the geometry is the cell's
    middle. The grid is even in degrees, and goes on beyond the cells that are drawn. BadTable where
    it is not.
    """
    prefix = "E" if end else "S"
    names = {f"{prefix}LONCOL": "LONCOL", f"{prefix}LATCOL": "LATCOL", "VehicleNum": WEIGHT}
    summed = trips.rename(columns=names).groupby(["LONCOL", "LATCOL"], as_index=False)[WEIGHT].sum()
    west, south, east, north = shapely.bounds(grid.geometry.to_numpy()).T
    lon = _lattice(grid["LONCOL"], (west + east) / 2, summed["LONCOL"])
    lat = _lattice(grid["LATCOL"], (south + north) / 2, summed["LATCOL"])
    return gpd.GeoDataFrame(summed, geometry=gpd.points_from_xy(lon, lat), crs=WGS84)


def bus_stops(lines: pd.DataFrame, datum: Datum = Datum.BD09) -> gpd.GeoDataFrame:
    """Bus stops, weighted by how many directions of lines call there.

    `lines`: linename, stationname and stationgeo, the last two as lists in text, "lon,lat" in
    `datum`. A row a stop of one name and point: name, weight. BadTable for lines whose names and
    points differ in number.
    """
    called = pd.DataFrame(
        _calls(lines), columns=["linename", "name", "lon", "lat"]
    ).drop_duplicates()
    stops = (
        called.groupby(["name", "lon", "lat"], as_index=False, sort=True)
        .size()
        .rename(columns={"size": WEIGHT})
    )
    lon, lat = to_wgs84(stops["lon"], stops["lat"], datum)
    return gpd.GeoDataFrame(
        stops[["name", WEIGHT]], geometry=gpd.points_from_xy(lon, lat), crs=WGS84
    )


def population(
    areas: gpd.GeoDataFrame, people: str, size_m: float = 250.0, *, grid: MetricGrid
) -> gpd.GeoDataFrame:
    """People of areas spread evenly over the middles of grid squares inside each (areal weighting).

    After Goodchild & Lam (1980, Areal interpolation). `areas`: polygons with a column `people`. A
    row a square: area (the index of its area), weight. An area that holds no middle gets one point
    within it, so that nobody is lost. BadTable where people are not known.
    """
    ground = to_metric(areas.geometry.to_crs(WGS84).to_numpy(), grid)
    counts = pd.to_numeric(areas[people], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    if not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise BadTable(
            ("people in {people!r} are not known for some areas, or below 0; mend or drop these"),
            people=people,
        )
    inside = [_middles(shape, size_m) for shape in ground]
    sizes = np.array([len(points) for points in inside])
    lon, lat = from_metric(np.concatenate([np.empty((0, 2)), *inside]), grid)
    spread = {
        "area": np.repeat(areas.index.to_numpy(), sizes),
        WEIGHT: np.repeat(counts / sizes, sizes),
    }
    return gpd.GeoDataFrame(spread, geometry=gpd.points_from_xy(lon, lat), crs=WGS84)


def _framed(own: pd.DataFrame, lonlat: NDArray[np.float64], datum: Datum) -> gpd.GeoDataFrame:
    lon, lat = to_wgs84(lonlat[:, 0], lonlat[:, 1], datum)
    return gpd.GeoDataFrame(own, geometry=gpd.points_from_xy(lon, lat), crs=WGS84)


def _known(clients: Clients) -> Clients:
    """Those with coordinates; a warning says how many have none."""
    here = np.isfinite(clients.lonlat).all(axis=1)
    if not here.all():
        gone = (
            f"{int((~here).sum()):,} points of weight {clients.weight[~here].sum():g} have no"
            " coordinates"
        )
        warnings.warn(f"{gone}; they are in no cell", LeftOut, stacklevel=3)
    return Clients(clients.lonlat[here], clients.weight[here], clients.area[here], clients.areas)


def _summed(
    named: Mapping[str, NDArray[Any]],
    which: NDArray[np.int64],
    weight: NDArray[np.float64],
    middles: Sequence[NDArray[np.float64]],
) -> gpd.GeoDataFrame:
    size = len(middles[0])
    sums = {
        "points": np.bincount(which, minlength=size),
        WEIGHT: np.bincount(which, weights=weight, minlength=size),
    }
    return gpd.GeoDataFrame(
        {**named, **sums}, geometry=gpd.points_from_xy(middles[0], middles[1]), crs=WGS84
    )


def _lattice(
    number: "pd.Series[Any]", middle: NDArray[np.float64], wanted: "pd.Series[Any]"
) -> NDArray[np.float64]:
    """The middles of wanted columns, or lines, of an even grid of which some are drawn.

    BadTable for an uneven one.
    """
    first, last = int(number.argmin()), int(number.argmax())
    span = int(number.iloc[last] - number.iloc[first])
    step = (middle[last] - middle[first]) / span if span else np.nan
    drawn = middle[first] + (number.to_numpy() - number.iloc[first]) * step
    if not np.abs(drawn - middle).max() < _EVEN_DEGREES:
        raise BadTable(
            "the grid is not even in degrees, or has one column or line only; is it the trips' own"
            " grid?"
        )
    return np.asarray(middle[first] + (wanted.to_numpy() - number.iloc[first]) * step, np.float64)


def _calls(lines: pd.DataFrame) -> Iterator[tuple[str, str, float, float]]:
    columns = zip(lines["linename"], lines["stationname"], lines["stationgeo"], strict=True)
    for line, names, spots in columns:
        stops, degrees = ast.literal_eval(names), ast.literal_eval(spots)
        if len(stops) != len(degrees):
            raise BadTable(
                "line {line} has {count} stops and {count2} points",
                line=line,
                count=len(stops),
                count2=len(degrees),
            )
        for stop, lonlat in zip(stops, degrees, strict=True):
            lon, lat = map(float, lonlat.split(","))
            yield line, stop, lon, lat


def _middles(shape: BaseGeometry, size_m: float) -> NDArray[np.float64]:
    """Middles of the grid's squares inside a polygon on the metric grid, or one point of it."""
    west, south, east, north = shape.bounds
    across = (np.arange(np.floor(west / size_m), np.ceil(east / size_m)) + 0.5) * size_m
    along = (np.arange(np.floor(south / size_m), np.ceil(north / size_m)) + 0.5) * size_m
    points = np.stack(np.meshgrid(across, along), axis=-1).reshape(-1, 2)
    held = points[shapely.contains_xy(shape, points[:, 0], points[:, 1])]
    return held if len(held) else shapely.get_coordinates(shapely.point_on_surface(shape))
