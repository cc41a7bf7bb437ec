"""Layers of areas as people keep them: GeoJSON, GeoPackage, shapefile, GeoParquet into named rings.

Judges no ring.

A file's own CRS counts as stated, as for points (layers.py); without one, numbers are degrees of
the declared datum.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.errors import BadTable, BadValue, Reject, UnreadableFile
from geodata.sources import layers
from geodata.sources.areas import names as area_names
from geodata.sources.areas.names import Level
from geodata.sources.measure import measure
from geodata.sources.repairs import Repair
from geodata.space.coordinates import Datum

#: File name endings that are read.
FORMATS: Final = (".geojson", ".json", ".gpkg", ".zip", ".shp", ".parquet")
#: The city has some 800 communities; a layer of parcels is another thing.
MOST_AREAS: Final = 20_000

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class AreasDeclared:
    """What the person who imports states about a layer."""

    datum: Datum | None = None
    """None: the file has to state it."""
    level: Level | None = None
    """None: a column says it, or all names are known at one level only."""
    crs: str | None = None
    """Of a file that states none, such as EPSG:4547."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Heading of the file -> field of area_names.FIELDS."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Name in the file -> official name; goes before what area_names.official says."""


@dataclass(frozen=True, slots=True)
class AreaLayer:
    """A layer as read: geometries in degrees of the datum that it is in, shape (n,).

    Rows count from 1.
    """

    file: str
    sha256: str
    datum: Datum
    names: tuple[str, ...]
    """Official names; of a zone its own."""
    levels: tuple[Level, ...]
    geometries: Geometries
    numbers: tuple[int, ...]
    """The row of each in the file."""
    rejects: tuple[Reject, ...]
    repairs: tuple[Repair, ...]
    said: tuple[str, ...]
    """What was done to the layer as a whole: converted, other layers left out."""
    unused: tuple[str, ...]


def read_areas(path: Path, declared: AreasDeclared, layer: str | None = None) -> AreaLayer:
    """The rows of a layer whose name and level are known; the others are rejects.

    Raises UnreadableFile, or BadTable: no such layer, several and none chosen, no geometry, no
    datum, no column that names the areas, no level, numbers that are no degrees without a CRS.
    """
    frame, body, said, stated = _frame(path, layer, declared)
    if len(frame) > MOST_AREAS:
        raise BadTable(
            f"{path.name} holds {len(frame):,} rows; at most {MOST_AREAS:,} areas are read"
        )
    frame, unmangled = _unmangled(frame)
    where = _where(path, frame, declared)
    datum = declared.datum or (Datum(stated) if stated else None)
    if datum is None:
        raise BadTable(
            f"{path.name} does not state its datum; declare it with --datum wgs84, gcj02 or bd09"
        )
    rows = _Rows(path.name, [layers.text(cell) for cell in frame[where["name"]]], list(unmangled))
    levels = rows.levels(frame, where, declared)
    names = rows.official(levels, declared.names, where["name"])
    kept = [row for row in range(len(frame)) if row not in rows.rejects]
    shapes = frame.geometry.to_numpy()
    _refuse_metres(path, shapes)
    columns = [str(column) for column in frame.columns if column != frame.geometry.name]
    return AreaLayer(
        file=path.name,
        sha256=hashlib.sha256(body).hexdigest(),
        datum=datum,
        names=tuple(names[row] for row in kept),
        levels=tuple(levels[row] for row in kept),
        geometries=shapes[kept],
        numbers=tuple(row + 1 for row in kept),
        rejects=tuple(rows.rejects[row] for row in sorted(rows.rejects)),
        repairs=tuple(rows.repairs),
        said=tuple(said),
        unused=tuple(sorted(set(columns) - set(where.values()))),
    )


def _frame(
    path: Path, layer: str | None, declared: AreasDeclared
) -> tuple[gpd.GeoDataFrame, bytes, list[str], str | None]:
    if path.suffix.lower() not in FORMATS:
        raise UnreadableFile(
            f"{path.name} ends in none of {', '.join(FORMATS)}; save it as GeoJSON or GeoPackage"
        )
    measure(path)
    body = path.read_bytes()
    frame, said = _read(path, body, layer)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise BadTable(
            f"{path.name} holds no areas: it has"
            f" {'no rows' if isinstance(frame, gpd.GeoDataFrame) else 'no geometry'}"
        )
    if declared.crs and frame.crs is None:
        frame = _set_crs(frame, declared.crs)
    shown, converted, stated = layers.in_degrees(frame)
    return shown, body, [*said, *converted], stated


def _read(path: Path, body: bytes, layer: str | None) -> tuple[Any, list[str]]:
    if path.suffix.lower() == ".parquet":
        return layers.parquet_frame(path), []
    found = layers.frames(path, (layer,) if layer else ())
    if len(found) > 1:
        raise BadTable(
            f"{path.name} has several layers; say which with --layer:"
            f" {', '.join(name for name, _ in found)}"
        )
    if not found:
        raise BadTable(f"{path.name} holds no layer")
    frame = found[0][1]
    if path.suffix.lower() in (".geojson", ".json") and not _states_crs(body):
        frame = frame.set_crs(
            None, allow_override=True
        )  # GDAL takes it for WGS-84, as RFC 7946 says; files do not keep to it
    return frame, []


def _states_crs(body: bytes) -> bool:
    try:
        held = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(held, dict) and bool(layers.crs_member(held))


def _set_crs(frame: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    try:
        return frame.set_crs(crs)
    except (RuntimeError, ValueError) as fault:
        raise BadValue(
            f"--crs {crs!r} names no coordinate reference system; write it as EPSG:4547 ({fault})"
        ) from None


def _refuse_metres(path: Path, shapes: Geometries) -> None:
    bounds = shapely.bounds(shapes[~shapely.is_missing(shapes)])
    if np.nanmax(np.abs(bounds), initial=0) > 180:
        raise BadTable(
            f"{path.name} states no CRS and its numbers are no degrees (up to"
            f" {np.nanmax(np.abs(bounds)):,.0f}); state its CRS with --crs, e.g. EPSG:4547 for"
            " CGCS2000 in zones of 3 degrees on 114 E"
        )


def _unmangled(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Repair]]:
    """A shapefile without .cpg is read as Latin: its Chinese comes back as GB 18030, or UTF-8."""
    told: list[Repair] = []
    mended = frame.rename(
        columns={column: _chinese(str(column)) or column for column in frame.columns}
    )
    for column in [each for each in mended.columns if each != mended.geometry.name]:
        if not pd.api.types.is_string_dtype(mended[column]):
            continue
        cells = mended[column].tolist()
        for row, cell in enumerate(cells):
            if isinstance(cell, str) and (better := _chinese(cell)):
                told.append(
                    Repair(
                        row + 1, str(column), cell, better, "Chinese that was read as Latin letters"
                    )
                )
                cells[row] = better
        mended[column] = cells
    return gpd.GeoDataFrame(mended), told


def _chinese(text: str) -> str | None:
    """The Chinese text whose bytes these Latin letters are; None for all other text."""
    if text.isascii():
        return None
    for encoding in ("utf-8", "gb18030"):
        try:
            read = text.encode("latin-1").decode(encoding)
        except UnicodeError:
            continue
        if any("\u4e00" <= letter <= "\u9fff" for letter in read):
            return read
    return None


def _where(path: Path, frame: gpd.GeoDataFrame, declared: AreasDeclared) -> dict[str, str]:
    """Field -> heading."""
    columns = [str(column) for column in frame.columns if column != frame.geometry.name]
    wrong = sorted(set(declared.columns.values()) - set(area_names.FIELDS))
    absent = sorted(set(declared.columns) - set(columns))
    if wrong:
        raise BadTable(
            f"--map names no field: {', '.join(wrong)}; fields are {', '.join(area_names.FIELDS)}"
        )
    if absent:
        raise BadTable(
            f"{path.name} has no column {', '.join(absent)}; it has {', '.join(columns)}"
        )
    where = area_names.headings(columns, declared.columns)
    if "name" not in where:
        raise BadTable(
            f"{path.name}: no column names the areas; it has {', '.join(columns) or 'none'}. "
            "Say which with --map COLUMN=name"
        )
    return where


@dataclass(slots=True)
class _Rows:
    """The rows of a layer on the way to their names."""

    file: str
    cells: list[str]
    repairs: list[Repair]
    rejects: dict[int, Reject] = field(default_factory=dict)

    def levels(
        self, frame: gpd.GeoDataFrame, where: Mapping[str, str], declared: AreasDeclared
    ) -> list[Level]:
        """The level of each row; a row whose cell names none is refused."""
        if declared.level:
            return [declared.level] * len(frame)
        if "level" in where:
            column = where["level"]
            return [
                self._level(row, column, layers.text(cell))
                for row, cell in enumerate(frame[column])
            ]
        level = area_names.level_of([declared.names.get(cell, cell) for cell in self.cells if cell])
        if level is None:
            raise BadTable(
                f"{self.file} does not say what its areas are; declare --level district, street or"
                " zone"
            )
        return [level] * len(frame)

    def _level(self, row: int, column: str, cell: str) -> Level:
        level = area_names.level_named(cell)
        if level is None:
            self.refused(
                row,
                column,
                cell,
                "a level is district, street or zone; or leave the column out with --level",
            )
        return level or Level.ZONE

    def official(self, levels: Sequence[Level], words: Mapping[str, str], column: str) -> list[str]:
        """The official name of each row; one that has none is refused."""
        names = []
        for row, (cell, level) in enumerate(zip(self.cells, levels, strict=True)):
            name = area_names.official(words.get(cell, cell), level)
            if name is None:
                self.refused(row, column, cell, _no_name(cell, level))
            elif name != cell:
                self.repairs.append(
                    Repair(row + 1, column, cell, name, "the official name", self.file)
                )
            names.append(name or cell)
        return names

    def refused(self, row: int, column: str, cell: str, reason: str) -> None:
        """The first reason is enough."""
        self.rejects.setdefault(row, Reject(row + 1, column, cell[:100], reason, self.file))


def _no_name(cell: str, level: Level) -> str:
    if not cell:
        return "an area needs a name"
    what = "district" if level is Level.DISTRICT else "street office"
    return f"the city has no such {what}; say which it is with --word {cell[:20]}=NAME"
