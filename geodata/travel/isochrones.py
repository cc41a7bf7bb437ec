"""How far one gets in so many minutes, as polygons. Draws no map; WGS-84 degrees.

Times are worked out exactly at the points of a grid and contoured in between (contourpy, marching
squares with linear interpolation). Discs round nodes put a fifth of the area falsely inside; so
does a hull.
"""

import math
from itertools import pairwise
from typing import Any, Final

import numpy as np
from contourpy import FillType, contour_generator
from numpy.typing import NDArray

from geodata.space.tangent import Floats, out_of_tangent
from geodata.travel.one_to_all import Spread
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import MAX_OFF_M, snap

#: Grid points along the longer side of what is reached. With 600, 1.06 % of the points outside a
#: rider's quarter of an hour in a city were within it in truth; with 800, 0.89 % (2026-11-21).
GRID: Final = 800
#: No finer than this: a road's own width.
FINEST_M: Final = 8.0
#: What is farther counts as this many times the limit when contours are drawn between grid points:
#: where times jump, as at a river, the line then runs midway. With 2 twice as many points were
#: wrongly outside as inside.
_BEYOND: Final = 1.2

Ring = NDArray[np.float64]
Polygon = list[Ring]


def polygons(found: Spread, limit_s: float, grid: int = GRID) -> list[Polygon]:
    """Where one is within `limit_s` of a spread's sources, which must have been spread at least as
    far.

    Polygons of rings (m, 2), the outer one first and anticlockwise, holes clockwise, closed (RFC
    7946, 3.1.6).
    """
    box = _extent(found, limit_s)
    if box is None:
        return []
    lon, lat = _axes(found, box, grid)
    points = np.stack(np.meshgrid(lon, lat), axis=-1)
    points[1::2] = points[
        1::2, ::-1
    ]  # every other line backwards: each point lies beside the one before it
    seconds, _ = found.at(snap(found.graph, points.reshape(-1, 2)))
    field = seconds.reshape(len(lat), len(lon))
    field[1::2] = field[1::2, ::-1].copy()
    return _contour(lon, lat, field, limit_s)


def _extent(found: Spread, limit_s: float) -> tuple[Floats, Floats] | None:
    """The low and high corner, in the tangent plane, of all roads that are reached, and of a walk
    beyond them.
    """
    graph, sources = found.graph, found.sources
    arcs = np.flatnonzero(found.arc_s <= limit_s)
    edges = np.unique(np.concatenate([arcs // 2, sources.edges[sources.edges >= 0]]))
    if not len(edges):
        return None
    lengths = np.diff(graph.starts)[edges]
    firsts = np.repeat(
        graph.starts[edges] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths
    )
    shapes = graph.vertices[firsts + np.arange(int(lengths.sum())), :2]
    beyond = min(MAX_OFF_M, limit_s * WALK_M_S) + FINEST_M
    return shapes.min(axis=0) - beyond, shapes.max(axis=0) + beyond


def _axes(found: Spread, box: tuple[Floats, Floats], grid: int) -> tuple[Floats, Floats]:
    """Ascending longitudes and latitudes of the grid over a box in the tangent plane."""
    low, high = box
    step_m = max(FINEST_M, float((high - low).max()) / grid)
    corners = [
        out_of_tangent(np.array([x, y, 0.0]), found.graph.tangent)
        for x in (low[0], high[0])
        for y in (low[1], high[1])
    ]
    (west, south), (east, north) = np.min(corners, axis=0), np.max(corners, axis=0)
    columns, lines = (max(3, math.ceil(side / step_m)) for side in (high - low))
    return np.linspace(west, east, columns), np.linspace(south, north, lines)


def _contour(lon: Floats, lat: Floats, seconds: Floats, limit_s: float) -> list[Polygon]:
    field = np.minimum(seconds, _BEYOND * limit_s)
    drawn: Any = contour_generator(lon, lat, field, fill_type=FillType.OuterOffset).filled(
        -1.0, limit_s
    )
    return [
        [points[start:end] for start, end in pairwise(offsets)]
        for points, offsets in zip(*drawn, strict=True)
    ]
