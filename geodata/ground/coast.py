"""The sea of an extract: coastlines, closed at its edge by the rule that land is on their left.

OpenStreetMap draws no sea. Each coastline has land on its left and water on its right (wiki,
"Tag:natural=coastline"), so the pieces into which coastlines cut the extract's box are land or sea
by the side they touch. A piece that is on both sides means that a coastline is not closed: then all
is land.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

#: An end this near to the box's edge, as a part of its shorter side, goes on to it: extracts are
#: cut at the nodes of ways, and their coastlines end a little before the edge.
_NEAR_EDGE: Final = 0.1
#: How far beside a coastline its two sides are looked at, as a part of the box's shorter side.
_BESIDE: Final = 1e-7


class Shores(NamedTuple):
    """Land and sea of a box."""

    land: BaseGeometry
    sea: BaseGeometry | None
    """None: there is none, or it is not known."""
    is_closed: bool
    """Whether every coastline could be closed."""


def shores(coastlines: list[LineString], box: Polygon) -> Shores:
    """Land and sea of a box by the coastlines in it, in any plane whose x goes east and y north.

    Each coastline is a line string in its own direction, land on its left.
    """
    if not coastlines:
        return Shores(box, None, is_closed=True)
    west, south, east, north = box.bounds
    side = min(east - west, north - south)
    lines = shapely.line_merge(shapely.union_all(coastlines), directed=True)
    parts = [_prolonged(line, box, side * _NEAR_EDGE) for line in shapely.get_parts(lines)]
    inside = box.intersection(shapely.MultiLineString(parts))
    if inside.is_empty:
        return Shores(box, None, is_closed=True)
    cuts = shapely.union_all([inside, box.exterior])
    faces = shapely.get_parts(shapely.polygonize([cuts]))
    faces = faces[shapely.covers(box.buffer(side * _BESIDE), faces)]
    left, right = _sides(parts, side * _BESIDE)
    tree = shapely.STRtree(faces)
    is_land = np.zeros(len(faces), np.bool_)
    is_sea = np.zeros(len(faces), np.bool_)
    is_land[tree.query(left, "intersects")[1]] = True
    is_sea[tree.query(right, "intersects")[1]] = True
    if (is_land & is_sea).any() or not is_sea.any():
        return Shores(box, None, is_closed=not (is_land & is_sea).any())
    return Shores(
        shapely.union_all(faces[~is_sea]), shapely.union_all(faces[is_sea]), is_closed=True
    )


def _prolonged(line: LineString, box: Polygon, most: float) -> LineString:
    """The line, its open ends led to the box's edge where that is near."""
    if line.is_closed:
        return line
    spots = shapely.get_coordinates(line)
    edge = box.exterior
    for at, end in ((len(spots), spots[-1]), (0, spots[0])):
        point = shapely.Point(end)
        if box.contains(point) and edge.distance(point) <= most:
            foot = shapely.get_coordinates(shapely.shortest_line(point, edge))[1]
            # A hair beyond, so that rounding leaves no gap.
            spots = np.insert(spots, at, foot + (foot - end) * 1e-6, axis=0)
    return LineString(spots)


def _sides(lines: list[LineString], beside: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Points a little to the left and to the right of the middle of every segment."""
    left, right = [], []
    for line in lines:
        spots = shapely.get_coordinates(line)
        steps = np.diff(spots, axis=0)
        lengths = np.hypot(*steps.T)
        some = lengths > 4 * beside
        middles = (spots[:-1] + spots[1:])[some] / 2
        across = np.stack([-steps[:, 1], steps[:, 0]], axis=1)[some] / lengths[some, None] * beside
        left.append(middles + across)
        right.append(middles - across)
    beside_left, beside_right = (np.concatenate(spots) for spots in (left, right))
    return np.array(shapely.points(beside_left)), np.array(shapely.points(beside_right))
