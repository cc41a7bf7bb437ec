"""People per cell: a GeoTIFF, such as WorldPop's, as points with weights. The one door to rasterio.

A country's raster is never held whole: rows of cells are read as far as they lie over the area that
is asked, one window after the other.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.errors import BadTable, BadValue, Said, UnreadableFile
from geodata.extract.foreign_files import readable
from geodata.space.coordinates import from_crs, geodesic_m, into_crs
from geodata.space.service_area import Outline
from geodata.space.tangent import Floats

FORMATS: Final = (".tif", ".tiff")
#: A cell is cut into parts of at most this size, each with its share of the people: at a reach of
#: 500 m the middle of a square kilometre would stand for people who are farther away than that.
PART_M: Final = 100.0
MOST_PARTS: Final = 50
#: Points of a window that is read at once.
_WINDOW: Final = 250_000
#: What one piece of a file may unpack to: GDAL holds such a piece, whatever is asked of it.
_MOST_BLOCK_BYTES: Final = 256_000_000
#: Points along each side of the area's box when it is laid over a raster in another CRS.
_ALONG: Final = 33
_KIND: Final = "as a GeoTIFF"
#: Nothing but the file itself is opened, whatever lies beside it.
_ALONE: Final = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}


class Inhabited(NamedTuple):
    """Points of one window: WGS-84 degrees (n, 2), the people that each stands for (n,), and the
    cell of each, counted from the north-west along the rows.
    """

    lonlat: Floats
    people: Floats
    cell: NDArray[np.int64]


class _Window(NamedTuple):
    """Cells: columns [left, right) of rows [top, bottom), each cut into parts by parts."""

    left: int
    right: int
    top: int
    bottom: int
    parts: int = 1


@dataclass(frozen=True, slots=True)
class _Raster:
    """An open raster with one band, and where its cells lie."""

    path: Path
    held: Any
    crs: str

    @property
    def size(self) -> _Window:
        return _Window(0, self.held.width, 0, self.held.height)

    def degrees(self, column: Floats, row: Floats) -> Floats:
        """Positions counted in cells from the north-west corner to WGS-84, (…, 2)."""
        a, b, c, d, e, f = self.held.transform[:6]
        east, north = a * column + b * row + c, d * column + e * row + f
        with readable(self.path, Said(_KIND)):
            return np.stack(from_crs(self.crs, east, north), axis=-1)

    def positions(self, lonlat: Floats) -> Floats:
        """WGS-84 to columns and rows, (…, 2)."""
        with readable(self.path, Said(_KIND)):
            east, north = into_crs(self.crs, lonlat[..., 0], lonlat[..., 1])
        a, b, c, d, e, f = (~self.held.transform)[:6]
        return np.stack([a * east + b * north + c, d * east + e * north + f], axis=-1)

    def people(self, window: _Window) -> Floats:
        """What the cells of a window hold; nan: not known, or no land."""
        rows, columns = (window.top, window.bottom), (window.left, window.right)
        with readable(self.path, Said(_KIND)):
            read = self.held.read(1, window=(rows, columns), masked=True)
            scale, offset = self.held.scales[0], self.held.offsets[0]
        return np.ma.filled(read.astype(np.float64) * scale + offset, np.nan)


def inhabited(path: Path, area: Outline | None, crs: str | None = None) -> Iterator[Inhabited]:
    """Where people live inside an area, or wherever the raster has some, window by window: each
    cell's people spread evenly over the middles of its parts (midpoint quadrature).

    `crs` is that of a raster that states none. Raises UnreadableFile for what is no GeoTIFF or is
    damaged, BadTable for one without CRS, of several bands, with values that are no counts, or
    without people inside, BadValue for a CRS that nobody knows; also while windows are taken.
    """
    with _opened(path, crs) as raster:
        found = 0
        for window in _windows(raster, area):
            points = _points(raster, window, area)
            found += len(points.people)
            if len(points.people):
                yield points
        if not found:
            raise _nobody(raster, area)


@contextmanager
def _opened(path: Path, crs: str | None) -> Iterator[_Raster]:
    rasterio = _library()
    if not path.is_file():
        raise UnreadableFile("there is no file {file}", file=path)
    with readable(path, Said(_KIND)), rasterio.Env(**_ALONE):
        held = rasterio.open(path, driver="GTiff")
    with held:
        _require_counts(path, held)
        stated = held.crs.to_wkt() if held.crs else crs
        if not stated:
            raise BadTable(
                "{file} states no CRS, so nobody knows where its cells lie; say it with --crs,"
                " such as EPSG:4326",
                file=path.name,
            )
        if not held.crs:
            _require_known(stated)
        yield _Raster(path, held, stated)


def _library() -> ModuleType:
    try:
        import rasterio
    except ModuleNotFoundError:
        raise UnreadableFile(
            "reading a raster needs rasterio; in the project's folder: pip install '.[raster]'"
        ) from None
    library: ModuleType = rasterio
    return library


def _require_counts(path: Path, held: Any) -> None:
    """One band of numbers, in pieces that can be held."""
    if held.count != 1:
        raise BadTable(
            "{file} has {count} bands; people per cell are one. Write that band alone:"
            " gdal_translate -b 1",
            file=path.name,
            count=held.count,
        )
    kind = np.dtype(held.dtypes[0])
    if kind.kind not in "iuf" or held.colorinterp[0].name == "palette":
        raise BadTable(
            "{file} holds no counts of people but {kind}; is it a picture?",
            file=path.name,
            kind=Said("colours") if kind.kind in "iuf" else str(kind),
        )
    if math.prod(held.block_shapes[0]) * kind.itemsize > _MOST_BLOCK_BYTES:
        raise BadTable(
            "{file} is written in pieces that are too large to be held; write it in tiles:"
            " gdal_translate -co TILED=YES",
            file=path.name,
        )
    if abs(held.transform.determinant) == 0 or held.transform.is_identity:
        raise BadTable(
            "{file} does not say where its cells lie; write it with a transform and a CRS",
            file=path.name,
        )


def _require_known(crs: str) -> None:
    try:
        into_crs(crs, np.array([114.0]), np.array([22.5]))
    except RuntimeError as fault:
        raise BadValue(
            "--crs {crs!r} names no coordinate reference system; write it as EPSG:4547 ({why})",
            crs=crs,
            why=fault,
        ) from None


def _windows(raster: _Raster, area: Outline | None) -> Iterator[_Window]:
    """Bands of rows of what lies over the box of the area, each of some _WINDOW points."""
    over = raster.size if area is None else _over(raster, area)
    wide = over.right - over.left
    if wide <= 0 or over.top >= over.bottom:
        return
    parts = _parts(raster, over)
    rows = max(1, _WINDOW // (wide * parts**2))
    for top in range(over.top, over.bottom, rows):
        yield _Window(over.left, over.right, top, min(top + rows, over.bottom), parts)


def _over(raster: _Raster, area: Outline) -> _Window:
    """The cells under the area's box, whose edges may be curves there, and one more each way."""
    west, south, east, north = area.bounds
    lon, lat = np.meshgrid(np.linspace(west, east, _ALONG), np.linspace(south, north, _ALONG))
    found = raster.positions(np.stack([lon, lat], axis=-1)).reshape(-1, 2)
    found = found[np.isfinite(found).all(axis=1)]
    if not len(found):
        return _Window(0, 0, 0, 0)
    width, height = raster.held.width, raster.held.height
    low, high = np.floor(found.min(axis=0)) - 1, np.ceil(found.max(axis=0)) + 1
    left, right = np.clip([low[0], high[0]], 0, width).astype(int).tolist()
    top, bottom = np.clip([low[1], high[1]], 0, height).astype(int).tolist()
    return _Window(left, right, top, bottom)


def _parts(raster: _Raster, over: _Window) -> int:
    """Into how many parts a cell is cut each way, by its size in the middle of a window."""
    column, row = (over.left + over.right) / 2, (over.top + over.bottom) / 2
    corners = raster.degrees(np.array([column, column + 1, column]), np.array([row, row, row + 1]))
    lon, lat = corners.T
    sides_m = geodesic_m(lon[:1], lat[:1], lon[1:], lat[1:])
    size_m = float(np.nanmax(sides_m)) if np.isfinite(sides_m).any() else PART_M
    # WorldPop's cells of three seconds of arc are at most 93.1 m high, so they stay whole.
    return min(max(math.ceil(size_m / PART_M), 1), MOST_PARTS)


def _points(raster: _Raster, window: _Window, area: Outline | None) -> Inhabited:
    people = raster.people(window)
    _require_no_debts(raster, window, people)
    rows, columns = np.nonzero(people > 0)
    count = window.parts
    share = (np.arange(count) + 0.5) / count
    east, south = (each.ravel() for each in np.meshgrid(share, share))
    column, row = columns + window.left, rows + window.top
    lonlat = raster.degrees(column[:, None] + east, row[:, None] + south).reshape(-1, 2)
    cell = np.repeat(row.astype(np.int64) * raster.held.width + column, count * count)
    each = np.repeat(people[rows, columns] / count**2, count * count)
    kept = np.isfinite(lonlat).all(axis=1) if area is None else area.holds_each(lonlat)
    return Inhabited(lonlat[kept], each[kept], cell[kept])


def _require_no_debts(raster: _Raster, window: _Window, people: Floats) -> None:
    bad = np.argwhere((people < 0) | np.isinf(people))
    if not len(bad):
        return
    row, column = bad[0].tolist()
    lon, lat = raster.degrees(
        np.array(column + window.left + 0.5), np.array(row + window.top + 0.5)
    )
    raise BadTable(
        "{file} has {value:g} people in the cell at {lon:.4f}, {lat:.4f}; people are 0 or more. If"
        " the number means that nothing is known, say so in the file: gdal_edit.py -a_nodata"
        " {value:g}",
        file=raster.path.name,
        value=float(people[row, column]),
        lon=float(lon),
        lat=float(lat),
    )


def _nobody(raster: _Raster, area: Outline | None) -> BadTable:
    width, height = raster.held.width, raster.held.height
    corners = raster.degrees(np.array([0.0, width, 0, width]), np.array([0.0, 0, height, height]))
    low, high = np.nanmin(corners, axis=0), np.nanmax(corners, axis=0)
    covers = f"{low[0]:.2f}–{high[0]:.2f}, {low[1]:.2f}–{high[1]:.2f}"
    if area is None:
        return BadTable("{file} has no people: every cell is 0 or unknown", file=raster.path.name)
    return BadTable(
        "{file} has no people inside {area}; it covers {covers} (longitudes, latitudes)",
        file=raster.path.name,
        area=area.name,
        covers=covers,
    )
