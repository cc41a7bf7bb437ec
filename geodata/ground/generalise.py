"""What of a drawing the tiles of one zoom hold: less, simpler and merged, the farther out.

Frames are in metres of the map's square, with the columns of COLUMNS.
"""

from collections.abc import Iterable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.ground import tags as table
from geodata.ground.reading import Drawing
from geodata.space.mercator import WEB_MERCATOR, pixel_m

COLUMNS: Final = ("layer", "kind", "zoom", "name", "zh", "en", "geometry")
#: What stands in a tile beside a shape.
ATTRIBUTES: Final = ("kind", "name", "zh", "en")
#: A line may leave its course by so many pixels: nobody sees it. The last zoom is
#: drawn up to eight times larger.
_SLACK_PX: Final = 0.6
_LAST_SLACK_PX: Final = 0.4
#: Areas smaller than this are specks, in square pixels.
_SPECK_PX2: Final = {table.WATER: 6.0, table.GREEN: 12.0, table.LAND: 12.0, table.BUILDING: 14.0}
#: Lines shorter than this are left out, in pixels; not in the last zoom.
_STUB_PX: Final = 5.0
#: Names of roads stand in tiles from here on.
_NAMED_ROADS: Final = 11
#: Of things of one name this near to each other, one is named: a station and its stops.
_SAME_M: Final = 600.0


def frame(drawing: Drawing) -> gpd.GeoDataFrame:
    """All that is drawn, land and sea first, names once each, the most telling first."""
    rows = [(*thing[:3], *(thing.names or (None,) * 3), thing.shape) for thing in drawing.things]
    rows.append((table.LAND, "land", table.FIRST_ZOOM, None, None, None, drawing.shores.land))
    if drawing.shores.sea is not None:
        rows.append((table.WATER, "sea", table.FIRST_ZOOM, None, None, None, drawing.shores.sea))
    found = gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(COLUMNS)), crs=WEB_MERCATOR)
    is_place = found["layer"] == table.PLACE
    places = found[is_place].sort_values("zoom", kind="stable")
    return pd.concat([found[~is_place], places[_first_of_a_name(places)]])


def _first_of_a_name(places: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Which of these, the most telling first, have none of their name near before them."""
    kept = np.ones(len(places), np.bool_)
    xy_m = shapely.get_coordinates(places.geometry.to_numpy())
    for rows in places.groupby("name", sort=False).indices.values():
        for at, row in enumerate(rows):
            before = rows[:at][kept[rows[:at]]]
            near = np.hypot(*(xy_m[before] - xy_m[row]).T) < _SAME_M
            kept[row] = not near.any()
    return kept


def at_zoom(drawn: gpd.GeoDataFrame, zoom: int) -> dict[str, gpd.GeoDataFrame]:
    """Of each layer what its tiles hold at a zoom; layers of nothing are left out."""
    seen = drawn[drawn["zoom"] <= zoom]
    layers = {layer: _layer(seen[seen["layer"] == layer], layer, zoom) for layer in table.LAYERS}
    return {layer: held for layer, held in layers.items() if len(held)}


def _layer(seen: gpd.GeoDataFrame, layer: str, zoom: int) -> gpd.GeoDataFrame:
    if layer == table.PLACE or not len(seen):
        return seen
    dimension = shapely.get_dimensions(seen.geometry.to_numpy())
    return pd.concat(
        [_areas(seen[dimension == 2], layer, zoom), _courses(seen[dimension == 1], zoom)]
    )


def _slack_m(zoom: int) -> float:
    return (_LAST_SLACK_PX if zoom == table.LAST_ZOOM else _SLACK_PX) * pixel_m(zoom)


def _areas(seen: gpd.GeoDataFrame, layer: str, zoom: int) -> gpd.GeoDataFrame:
    """Areas that are no specks; of one kind and touching, one, except in the last zoom."""
    if not len(seen):
        return seen
    least = 0.0 if zoom == table.LAST_ZOOM else _SPECK_PX2[layer] * pixel_m(zoom) ** 2
    large = seen[shapely.area(seen.geometry.to_numpy()) >= least]
    kinds: list[str] = []
    shapes: list[Any] = []
    for kind, rows in large.groupby("kind", sort=True):
        simple = shapely.simplify(rows.geometry.to_numpy(), _slack_m(zoom))
        simple = shapely.get_parts(shapely.make_valid(simple))
        simple = simple[shapely.get_dimensions(simple) == 2]
        if zoom < table.LAST_ZOOM:
            simple = shapely.get_parts(shapely.union_all(simple))
        kinds += [str(kind)] * len(simple)
        shapes.extend(simple)
    return _frame(({"kind": kind} for kind in kinds), shapes)


def _courses(seen: gpd.GeoDataFrame, zoom: int) -> gpd.GeoDataFrame:
    """Lines of one kind and name joined where they meet."""
    if not len(seen):
        return seen
    by = list(ATTRIBUTES) if zoom >= _NAMED_ROADS else ["kind"]
    said: list[dict[str, Any]] = []
    shapes: list[Any] = []
    for key, rows in seen.groupby(by, sort=True, dropna=False):
        whole = shapely.line_merge(shapely.multilinestrings(rows.geometry.to_numpy()))
        # Each by itself (Douglas & Peucker 1973): to keep lines from crossing, GEOS would look at
        # each beside all others.
        parts = shapely.get_parts(whole)
        parts = shapely.simplify(parts, _slack_m(zoom), preserve_topology=False)
        stub_m = 0.0 if zoom == table.LAST_ZOOM else _STUB_PX * pixel_m(zoom)
        parts = parts[shapely.length(parts) > stub_m]
        said += [dict(zip(by, key, strict=True))] * len(parts)
        shapes.extend(parts)
    return _frame(said, shapes)


def _frame(said: Iterable[dict[str, Any]], shapes: list[Any]) -> gpd.GeoDataFrame:
    words = pd.DataFrame(list(said), columns=list(ATTRIBUTES), dtype=object)
    words = words.where(words.notna(), None)
    return gpd.GeoDataFrame(words, geometry=shapes, crs=WEB_MERCATOR)
