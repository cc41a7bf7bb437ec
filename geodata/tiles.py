"""Map tiles: the places of a Web Mercator tile that pass a filter, near ones gathered into clusters. Draws nothing."""

import math
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.board import Board
from geodata.errors import BadQuestion
from geodata.frame import Floats
from geodata.hours import State
from geodata.search import Filter, hours_asked, hours_ok, mask_of
from geodata.snapshot import Snapshot
from geodata.traits import Mask

#: A phone draws a place well at this zoom; from here on they stand alone where they are few enough.
SINGLE_ZOOM: Final = 16
#: What stands alone there: more would cover each other, and cost more than all the rest of the page.
_MOST_ALONE: Final = 24
#: The last zoom of a phone: what a cluster hides here could never be tapped.
LAST_ZOOM: Final = 18
MOST_ZOOM: Final = 20
#: Entries of a tile at most (FORMATS.md); more places than this are clustered at any zoom.
MOST_ENTRIES: Final = 200
#: A tile is cut into this many cells a side for clustering: 64 pixels of 256.
_CELLS: Final = 4
_ZOOMS_IN: Final = 2
#: Rows that share a box: rows stand in tree order, so a box is small. 2,000,000 places have 7,813 boxes, 250 kB.
_BOX_ROWS: Final = 256


class Cluster(NamedTuple):
    """Places too near each other to be drawn: their mean position, and how many are open or of unknown hours."""

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
    """Tile x, y of zoom z (0 … MOST_ZOOM, rows counted from the north). Raises BadQuestion where there is none."""
    if not (0 <= z <= MOST_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise BadQuestion(f"there is no tile {z}/{x}/{y}; zooms are 0–{MOST_ZOOM}, x and y below 2^zoom")
    rows = _rows_in(snapshot, z, x, y)
    mask = mask_of(wanted, hours_asked(wanted, board))
    rows = rows[matching(snapshot, rows, mask, hours_ok(wanted, board))]
    if len(rows) == 0:
        return Tile((), ())
    if z >= SINGLE_ZOOM and len(rows) <= (MOST_ENTRIES if z >= LAST_ZOOM else _MOST_ALONE):
        return Tile((), tuple(rows.tolist()))
    return _clustered(snapshot, rows, (z, x, y), board)


def _rows_in(snapshot: Snapshot, z: int, x: int, y: int) -> NDArray[np.int64]:
    """Rows whose point lies in the tile; of a shared edge, to the east and south."""
    west, east = (_lon(column, z) for column in (x, x + 1))
    north, south = (_lat(line, z) for line in (y, y + 1))
    low, high = _boxes(snapshot)
    touched = np.flatnonzero((high[:, 0] >= west) & (low[:, 0] < east) & (low[:, 1] <= north) & (high[:, 1] > south))
    rows = (touched[:, None] * _BOX_ROWS + np.arange(_BOX_ROWS)).ravel()
    rows = rows[rows < len(snapshot)]
    lon, lat = snapshot.lonlat[rows].T
    return np.asarray(rows[(lon >= west) & (lon < east) & (lat <= north) & (lat > south)])


@lru_cache(maxsize=2)  # the version that answers and the one before
def _boxes(snapshot: Snapshot) -> tuple[Floats, Floats]:
    """South-west and north-east corners of each _BOX_ROWS rows, degrees, (boxes, 2) each."""
    firsts = np.arange(0, len(snapshot), _BOX_ROWS)
    return np.minimum.reduceat(snapshot.lonlat, firsts), np.maximum.reduceat(snapshot.lonlat, firsts)


def matching(
    snapshot: Snapshot, rows: NDArray[np.int64], mask: Mask | None, open_rows: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """The filter over many rows at once: what tree.passes tests for one."""
    ok = np.ones(len(rows), np.bool_)
    if mask is not None:
        offer, entry = snapshot.index.words[rows].T
        ok &= (offer & mask.all_of) == mask.all_of
        for any_of in mask[1:]:
            if any_of:
                ok &= (entry & any_of) != 0
    if open_rows is not None:
        ok &= open_rows[snapshot.index.links[rows, 1]]
    return ok


def _clustered(snapshot: Snapshot, rows: NDArray[np.int64], tile: tuple[int, int, int], board: Board) -> Tile:
    """One cluster for each cell of the tile with more than one place in it."""
    lonlat, hours_rows = snapshot.lonlat[rows], snapshot.index.links[rows, 1]
    cell = _cells(lonlat, tile)
    counts = np.bincount(cell, minlength=_CELLS**2)
    is_open = np.isin(board.states, (State.OPEN, State.CLOSING_SOON))
    sums = [
        np.bincount(cell, values, _CELLS**2).tolist()
        for values in (*lonlat.T, is_open[hours_rows], (board.states == State.UNKNOWN)[hours_rows])
    ]
    clusters = tuple(
        Cluster(lon / n, lat / n, n, int(opened), int(unknown))
        for n, lon, lat, opened, unknown in zip(counts.tolist(), *sums, strict=True)
        if n > 1
    )
    return Tile(clusters, tuple(rows[counts[cell] == 1].tolist()))


def _cells(lonlat: Floats, tile: tuple[int, int, int]) -> NDArray[np.int64]:
    """Which cell of its tile each point lies in, row by row from the north-west: tiles of two zooms further in."""
    z, x, y = tile
    inner = range(1, _CELLS)
    columns = [_lon(x * _CELLS + step, z + _ZOOMS_IN) for step in inner]
    lines = [_lat(y * _CELLS + step, z + _ZOOMS_IN) for step in inner]
    column = np.searchsorted(columns, lonlat[:, 0], side="right")
    line = len(inner) - np.searchsorted(lines[::-1], lonlat[:, 1], side="left")
    return line * _CELLS + column


def _lon(column: int, z: int) -> float:
    return column / (1 << z) * 360.0 - 180.0


def _lat(line: int, z: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * line / (1 << z)))))
