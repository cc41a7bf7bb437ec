"""What a base map draws of an extract: shapes and names in the map's square."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geodata.errors import UnreadableFile
from geodata.extract import reading as extract
from geodata.extract.entities import OsmArea, OsmEntity, OsmNode, OsmWay, Tags
from geodata.ground import tags as table
from geodata.ground.coast import Shores, shores
from geodata.ground.tags import Drawn, MapNames
from geodata.space.mercator import TILE_PX, pixel_m, to_mercator

#: Below this a line is a point.
_LEAST_SPOTS: Final = 2
_HALF_ROUND: Final = 180.0
#: Land and sea are drawn in the squares of this side that hold anything, and in those around them:
#: the tiles of zoom 10, 39 km at the equator.
_NEAR_M: Final = pixel_m(10) * TILE_PX

Box = tuple[float, float, float, float]
"""west, south, east, north in WGS-84 degrees."""


class Thing(NamedTuple):
    """One thing that is drawn."""

    layer: str
    kind: str
    zoom: int
    """The first whose tiles hold it."""
    shape: BaseGeometry
    """In metres of the map's square."""
    names: MapNames | None


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """All that is drawn of an extract, and which extract it is."""

    things: tuple[Thing, ...]
    shores: Shores
    bounds: Box
    """What the extract says is in it, else of all its nodes."""
    file: str
    sha256: str
    timestamp: str | None
    """Of the data, as the extract states it; None: it does not."""


@dataclass(slots=True)
class _Found:
    said: list[tuple[Drawn, MapNames | None]] = field(default_factory=list)
    shapes: list[BaseGeometry] = field(default_factory=list)
    """In degrees, one for each of `said`."""
    coastlines: list[LineString] = field(default_factory=list)

    def add(self, drawn: Drawn, shape: BaseGeometry, names: MapNames | None) -> None:
        if not _goes_round(shape):
            self.said.append((drawn, names))
            self.shapes.append(shape)

    def things(self) -> tuple[Thing, ...]:
        """All that was found, in metres; at once, which takes a tenth of one by one."""
        shapes = shapely.transform(np.array(self.shapes, object), to_mercator)
        return tuple(
            Thing(*drawn, shape, names)
            for (drawn, names), shape in zip(self.said, shapes, strict=True)
        )

    def take(self, entity: OsmEntity) -> None:
        if isinstance(entity, OsmNode):
            self._take_name(entity.tags, lambda: shapely.Point(entity.lon, entity.lat))
        elif isinstance(entity, OsmArea):
            self._take_area(entity)
        elif isinstance(entity, OsmWay):
            self._take_way(entity)

    def _take_area(self, area: OsmArea) -> None:
        shape = area.shape
        if shape is None:
            return
        drawn = table.area(area.tags)
        if drawn:
            self.add(drawn, shape, None)
        self._take_name(area.tags, lambda: shapely.point_on_surface(shape))

    def _take_way(self, way: OsmWay) -> None:
        drawn = table.course(way.tags)
        is_coast = way.tags.get(table.COASTLINE[0]) == table.COASTLINE[1]
        if not drawn and not is_coast:
            return
        for line in _runs(way):
            if is_coast and not _goes_round(line):
                self.coastlines.append(LineString(to_mercator(shapely.get_coordinates(line))))
            if drawn:
                self.add(drawn, line, table.names(way.tags) if drawn.layer == table.ROAD else None)

    def _take_name(self, tags: Tags, where: Callable[[], BaseGeometry]) -> None:
        names, drawn = table.names(tags), table.name(tags)
        if names and drawn:
            self.add(drawn, where(), names)


_WANTED: Final = extract.Keys(nodes=table.KEYS, ways=table.KEYS, areas=table.KEYS)


def count(path: Path) -> int:
    """How many things `read` will meet, areas apart. Raises UnreadableFile."""
    return extract.count(path, _WANTED)


def read(
    path: Path, progress: Callable[[int], None], outline: BaseGeometry | None = None
) -> Drawing:
    """Read what is drawn of a .osm or .osm.pbf; `progress` hears how many things are met.

    `outline` is land that is known from elsewhere, in WGS-84 degrees: where the extract holds no
    coastline, what lies outside it is left open. Raises UnreadableFile where the file is no
    extract, or holds nothing that is drawn.
    """
    found = _Found()
    for entity in extract.entities(path, _WANTED, progress):
        found.take(entity)
    things = found.things()
    bounds = extract.box(path)
    if not things or bounds is None:
        raise UnreadableFile("{file} holds nothing that a map could draw", file=path.name)
    corners = to_mercator(np.array(bounds).reshape(2, 2)).ravel()
    box = shapely.box(*corners)
    shapes = np.array([*(thing.shape for thing in things), *found.coastlines])
    closed = _near(shores(found.coastlines, box), box, shapes)
    if outline is not None and not found.coastlines:
        land = shapely.transform(outline, to_mercator)
        closed = closed._replace(land=shapely.intersection(closed.land, land))
    return Drawing(
        things,
        closed,
        bounds,
        path.name,
        extract.sha256(path),
        extract.timestamp(path),
    )


def _near(closed: Shores, box: Polygon, shapes: NDArray[np.object_]) -> Shores:
    """Land and sea of the box about what is drawn; most extracts are near as a whole.

    Two cities in one extract, or an island on both sides of 180°, have a box of millions of tiles
    with nothing in them.
    """
    cells = _once(np.floor(shapely.get_coordinates(shapes) / _NEAR_M))
    around = np.stack(np.meshgrid(*[[-1, 0, 1]] * 2), axis=-1).reshape(-1, 2)
    cells = _once((cells[:, None] + around).reshape(-1, 2))
    patches = shapely.union_all(shapely.box(*(cells.T * _NEAR_M), *((cells + 1).T * _NEAR_M)))
    if patches.covers(box):
        return closed
    sea = None if closed.sea is None else shapely.intersection(closed.sea, patches)
    return closed._replace(land=shapely.intersection(closed.land, patches), sea=sea)


def _once(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each pair once. As one complex number a pair is found thirty times as fast as in a table."""
    flat = np.ascontiguousarray(pairs).view(np.complex128).ravel()
    return np.unique(flat).view(np.float64).reshape(-1, 2)


def _goes_round(shape: BaseGeometry) -> bool:
    """Whether it lies on both sides of 180°, where things are to be cut: it would be drawn around
    the earth.
    """
    west, _, east, _ = shape.bounds
    return bool(east - west > _HALF_ROUND)


def _runs(way: OsmWay) -> list[LineString]:
    """A way as lines, cut where the extract lacks a node."""
    spots = way.lonlat
    is_missing = np.isnan(spots[:, 0])
    if not is_missing.any():
        return [LineString(spots)] if len(spots) >= _LEAST_SPOTS else []
    pieces = np.split(spots, np.flatnonzero(is_missing))
    lines = [piece[~np.isnan(piece[:, 0])] for piece in pieces]
    return [LineString(line) for line in lines if len(line) >= _LEAST_SPOTS]
