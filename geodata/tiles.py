"""Map tiles: the places of a Web Mercator tile that pass a filter, near ones gathered into clusters. Draws nothing."""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.board import Board
from geodata.errors import BadQuestion
from geodata.hours import State
from geodata.search import Filter, hours_asked, hours_ok, mask_of
from geodata.snapshot import Snapshot
from geodata.traits import Mask

#: A phone draws a place well at this zoom; from here on they stand alone where they are few enough.
SINGLE_ZOOM: Final = 16
MOST_ZOOM: Final = 20
#: Entries of a tile at most (FORMATS.md); more places than this are clustered at any zoom.
MOST_ENTRIES: Final = 200
#: A tile is cut into this many cells a side for clustering: 64 pixels of 256.
_CELLS: Final = 4


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
    if z >= SINGLE_ZOOM and len(rows) <= MOST_ENTRIES:
        return Tile((), tuple(rows.tolist()))
    return _clustered(snapshot, rows, z, board)


def _rows_in(snapshot: Snapshot, z: int, x: int, y: int) -> NDArray[np.int64]:
    """Rows whose point lies in the tile; of a shared edge, to the east and south."""
    west, east = (_lon(column, z) for column in (x, x + 1))
    north, south = (_lat(line, z) for line in (y, y + 1))
    lon, lat = snapshot.lonlat[:, 0], snapshot.lonlat[:, 1]
    return np.flatnonzero((lon >= west) & (lon < east) & (lat <= north) & (lat > south))


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


def _clustered(snapshot: Snapshot, rows: NDArray[np.int64], z: int, board: Board) -> Tile:
    lonlat = snapshot.lonlat[rows]
    scale = _CELLS << z
    column = np.floor((lonlat[:, 0] + 180.0) / 360.0 * scale)
    line = np.floor(_mercator(lonlat[:, 1]) * scale)
    _, cell, counts = np.unique(np.stack([line, column]), axis=1, return_inverse=True, return_counts=True)
    states = board.states[snapshot.index.links[rows, 1]]
    is_open = np.isin(states, (State.OPEN, State.CLOSING_SOON))
    sums = [
        np.bincount(cell, weights=values)
        for values in (lonlat[:, 0], lonlat[:, 1], is_open.astype(float), (states == State.UNKNOWN).astype(float))
    ]
    gathered = zip(counts.tolist(), *(total.tolist() for total in sums), strict=True)
    clusters = tuple(
        Cluster(lon / n, lat / n, n, int(opened), int(unknown)) for n, lon, lat, opened, unknown in gathered if n > 1
    )
    return Tile(clusters, tuple(rows[counts[cell] == 1].tolist()))


def _mercator(lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 at the north edge of the square world, 1 at the south (EPSG:3857 scaled)."""
    phi = np.radians(lat)
    return np.asarray((1.0 - np.arcsinh(np.tan(phi)) / math.pi) / 2.0)


def _lon(column: int, z: int) -> float:
    return column / (1 << z) * 360.0 - 180.0


def _lat(line: int, z: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * line / (1 << z)))))
