"""Map tiles: the places of a Web Mercator tile that pass a filter, near ones gathered into
clusters. Draws nothing.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import kernel
from geodata.errors import BadQuestion
from geodata.hours.minute import Board
from geodata.hours.timeline import State
from geodata.index.tree import Flags, Rows
from geodata.search.filter import Filter, hours_asked, hours_ok, mask_of
from geodata.search.scan import sweep
from geodata.snapshot.snapshot import Snapshot
from geodata.space.boxes import Box
from geodata.space.tangent import Floats

#: A phone draws a place well at this zoom; from here on they stand alone where they are few enough.
SINGLE_ZOOM: Final = 16
#: What stands alone there: more would cover each other, and cost more than all the rest of the
#: page.
_MOST_ALONE: Final = 24
#: The last zoom of a phone: what a cluster hides here could never be tapped.
LAST_ZOOM: Final = 18
MOST_ZOOM: Final = 20
#: Entries of a tile at most (FORMATS.md); more places than this are clustered at any zoom.
MOST_ENTRIES: Final = 200
#: A tile is cut into this many cells a side for clustering: 64 pixels of 256.
_CELLS: Final = 4
_ZOOMS_IN: Final = 2


class Cluster(NamedTuple):
    """Places too near each other to be drawn: their mean position, and how many are open or of
    unknown hours.
    """

    lon: float
    lat: float
    places: int
    open: int
    unknown: int


class Tile(NamedTuple):
    """Clusters and single rows; together every matching place of the tile, each once."""

    clusters: tuple[Cluster, ...]
    rows: tuple[int, ...]


def tile(snapshot: Snapshot, z: int, x: int, y: int, wanted: Filter, board: Board) -> Tile:
    """Tile x, y of zoom z (0 … MOST_ZOOM, rows counted from the north).

    Raises BadQuestion where there is none.
    """
    if not (0 <= z <= MOST_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise BadQuestion(
            "there is no tile {tile}; zooms are 0–{most}, x and y below 2^zoom",
            tile=f"{z}/{x}/{y}",
            most=MOST_ZOOM,
        )
    mask = mask_of(wanted, hours_asked(wanted, board))
    rows = sweep(snapshot, _box(z, x, y), mask, hours_ok(wanted, board))
    if len(rows) == 0:
        return Tile((), ())
    if z >= SINGLE_ZOOM and len(rows) <= (MOST_ENTRIES if z >= LAST_ZOOM else _MOST_ALONE):
        return Tile((), tuple(rows.tolist()))
    return _clustered(snapshot, rows, (z, x, y), board)


def _box(z: int, x: int, y: int) -> Box:
    """The degrees of a tile.

    Of a shared edge a point lies to the east and south: the others end just before it.
    """
    west, east = (_lon(column, z) for column in (x, x + 1))
    north, south = (_lat(line, z) for line in (y, y + 1))
    return Box(west, math.nextafter(south, math.inf), math.nextafter(east, -math.inf), north)


def _clustered(snapshot: Snapshot, rows: Rows, tile: tuple[int, int, int], board: Board) -> Tile:
    """One cluster for each cell of the tile with more than one place in it."""
    z, x, y = tile
    inner = range(1, _CELLS)
    columns = np.array([_lon(x * _CELLS + step, z + _ZOOMS_IN) for step in inner])
    lines = np.array([_lat(y * _CELLS + step, z + _ZOOMS_IN) for step in inner])
    is_open = np.isin(board.states, (State.OPEN, State.CLOSING_SOON))
    unknown = board.states == State.UNKNOWN
    sums, counts, lasts = _gathered(
        rows, snapshot.lonlat, snapshot.index.links, columns, lines, is_open, unknown
    )
    clusters = tuple(
        Cluster(lon / n, lat / n, n, opened, nobody_knows)
        for (lon, lat), (n, opened, nobody_knows) in zip(
            sums.tolist(), counts.tolist(), strict=True
        )
        if n > 1
    )
    return Tile(clusters, tuple(sorted(lasts[counts[:, 0] == 1].tolist())))


@kernel
def _gathered(
    rows: Rows,
    lonlat: Floats,
    links: Rows,
    columns: Floats,
    lines: Floats,
    is_open: Flags,
    unknown: Flags,
) -> tuple[Floats, NDArray[np.int64], Rows]:
    """By cell of a tile, line by line from the north-west: sums of lon and lat.

    Places, open, unknown; the last row.

    `columns` and `lines` are the edges between cells, from the west and from the north; on an edge
    a point lies in the cell to the east and south.
    """
    sums, counts = np.zeros((_CELLS**2, 2)), np.zeros((_CELLS**2, 3), np.int64)
    lasts = np.zeros(_CELLS**2, np.int32)
    for row in rows:
        lon, lat, cell = lonlat[row, 0], lonlat[row, 1], 0
        for edge in range(_CELLS - 1):
            cell += (1 if columns[edge] <= lon else 0) + (_CELLS if lines[edge] >= lat else 0)
        sums[cell, 0] += lon
        sums[cell, 1] += lat
        counts[cell, 0] += 1
        counts[cell, 1] += is_open[links[row, 1]]
        counts[cell, 2] += unknown[links[row, 1]]
        lasts[cell] = row
    return sums, counts, lasts


def _lon(column: int, z: int) -> float:
    return column / (1 << z) * 360.0 - 180.0


def _lat(line: int, z: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * line / (1 << z)))))
