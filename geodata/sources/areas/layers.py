"""Layers of areas as people keep them, of every format that an import reads, into named rings.

Judges no ring. Tables hold outlines as WKT in a column.

A file's own CRS counts as stated, as for points (layers.py); without one, numbers are degrees of
the declared datum.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import shapely

from geodata.errors import BadTable, BadValue, Reject, Said, UnreadableFile
from geodata.sources import layers
from geodata.sources.areas import names as area_names
from geodata.sources.areas.names import AreaNames, Level
from geodata.sources.file_options import PLAIN, FileOptions
from geodata.sources.layers import Layer, in_degrees
from geodata.sources.measure import measure
from geodata.sources.read import FORMATS, read
from geodata.sources.repairs import Repair
from geodata.sources.wkb import Geometries, from_wkt
from geodata.space.coordinates import Datum

#: Headings of outlines in a table, in small letters, best first.
_OUTLINES: Final = (
    "wkt",
    "geometry",
    "geom",
    "the_geom",
    "outline",
    "边界",
    "几何",
    "范围",
    "轮廓",
)
#: The city has some 800 communities; a layer of parcels is another thing.
MOST_AREAS: Final = 20_000


@dataclass(frozen=True, slots=True)
class AreasDeclared:
    """What the person who imports states about a layer."""

    datum: Datum | None = None
    """None: the file has to state it."""
    level: Level | None = None
    """None: a column says it, or all names are known at one level only."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Heading of the file -> field of area_names.FIELDS."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Name in the file -> official name; goes before what the city's names say."""


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
    told: tuple[Mapping[str, str], ...]
    """What else the file says of each: name_en, code, also, district; nothing where it is blank."""
    geometries: Geometries
    numbers: tuple[int, ...]
    """The row of each in the file."""
    rejects: tuple[Reject, ...]
    repairs: tuple[Repair, ...]
    said: tuple[Said, ...]
    """What was done to the layer as a whole: converted, other layers left out."""
    unused: tuple[str, ...]


def read_areas(
    path: Path, declared: AreasDeclared, known: AreaNames, options: FileOptions = PLAIN
) -> AreaLayer:
    """The rows of a layer whose name and level are known; the others are rejects.

    `known` are the names of the city's areas; where not all are known others are new ones.

    Raises UnreadableFile, or BadTable: no such layer, several and none chosen, no geometry, no
    datum, no column that names the areas, no level, numbers that are no degrees without a CRS.
    """
    measure(path)
    found = _layer(path, options)
    columns = found.columns
    if not len(columns):
        raise BadTable("{file} holds no areas: it has no rows", file=path.name)
    if len(columns) > MOST_AREAS:
        raise BadTable(
            "{file} holds {count:,} rows; at most {most_areas:,} areas are read",
            file=path.name,
            count=len(columns),
            most_areas=MOST_AREAS,
        )
    shown = in_degrees(found, path.name, options.crs)
    where = _where(path, columns, declared)
    datum = declared.datum or (Datum(shown.datum) if shown.datum else None)
    if datum is None:
        raise BadTable(
            ("{file} does not state its datum; declare it with --datum wgs84, gcj02 or bd09"),
            file=path.name,
        )
    rows = _Rows(path.name, known, [layers.text(cell) for cell in columns[where["name"]]], [])
    for row, why in found.faults.items():
        rows.refused(row, "geometry", "", why)
    levels = rows.levels(columns, where, declared)
    names = rows.official(levels, declared.names, where["name"])
    kept = [row for row in range(len(columns)) if row not in rows.rejects]
    _refuse_metres(path, shown.shapes)
    return AreaLayer(
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        datum=datum,
        names=tuple(names[row] for row in kept),
        levels=tuple(levels[row] for row in kept),
        told=tuple(_told(columns, where, row) for row in kept),
        geometries=shown.shapes[kept],
        numbers=tuple(row + 1 for row in kept),
        rejects=tuple(rows.rejects[row] for row in sorted(rows.rejects)),
        repairs=tuple(rows.repairs),
        said=(*found.said, *shown.said),
        unused=tuple(sorted({*map(str, columns)} - set(where.values()))),
    )


def _layer(path: Path, options: FileOptions) -> Layer:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UnreadableFile(
            "{file} ends in none of {formats}; save it as GeoJSON or GeoPackage",
            file=path.name,
            formats=[*FORMATS],
        )
    if suffix not in layers.FORMATS:
        return _of_table(path, options)
    found = layers.read_layers(path, options)
    if len(found) > 1:
        raise BadTable(
            "{file} has several layers; say which with --layer: {listed}",
            file=path.name,
            listed=[each.name or "" for each in found],
        )
    if not found:
        raise BadTable("{file} holds no layer", file=path.name)
    if found[0].shapes is None:
        raise BadTable("{file} holds no areas: it has no geometry", file=path.name)
    return found[0]


def _of_table(path: Path, options: FileOptions) -> Layer:
    """A table of text cells whose outlines stand in a column as WKT."""
    tables = read(path, options, _OUTLINES)
    if len(tables) > 1:
        raise BadTable(
            "{file} has several sheets; say which with --layer: {listed}",
            file=path.name,
            listed=[each.sheet or "" for each in tables],
        )
    (table,) = tables
    called = {heading.lower(): heading for heading in table.columns}
    heading = next((called[word] for word in _OUTLINES if word in called), None)
    if heading is None:
        raise BadTable(
            (
                "{file} holds no areas: it has no geometry. Outlines of a table stand as WKT "
                "in a column {outlines}; it has {columns}"
            ),
            file=path.name,
            outlines=_OUTLINES[0],
            columns=[*table.columns],
        )
    columns = pd.DataFrame(list(table.rows), columns=list(table.columns), dtype="str")
    shapes, faults = np.full(len(columns), None, dtype=object), {}
    for row, cell in enumerate(columns[heading]):
        try:
            shapes[row] = from_wkt(cell) if cell else None
        except (BadValue, shapely.errors.ShapelyError) as fault:
            about = Said("its outline is no WKT: {why}")
            faults[row] = Said(about, why=" ".join(str(fault).split())[:100])
    return Layer(table.sheet, columns.drop(columns=heading), shapes, None, table.left_out, faults)


def _refuse_metres(path: Path, shapes: Geometries) -> None:
    bounds = shapely.bounds(shapes[~shapely.is_missing(shapes)])
    if np.nanmax(np.abs(bounds), initial=0) > 180:
        raise BadTable(
            (
                "{file} states no CRS and its numbers are no degrees (up to {greatest:,.0f}); "
                "state its CRS with --crs, e.g. EPSG:4547 for CGCS2000 in zones of 3 degrees "
                "on 114 E"
            ),
            file=path.name,
            greatest=np.nanmax(np.abs(bounds)),
        )


def _where(path: Path, frame: pd.DataFrame, declared: AreasDeclared) -> dict[str, str]:
    """Field -> heading."""
    columns = [str(column) for column in frame.columns]
    wrong = sorted(set(declared.columns.values()) - set(area_names.FIELDS))
    absent = sorted(set(declared.columns) - set(columns))
    if wrong:
        raise BadTable(
            "--map names no field: {wrong}; fields are {fields}",
            wrong=[*wrong],
            fields=[*area_names.FIELDS],
        )
    if absent:
        raise BadTable(
            "{file} has no column {absent}; it has {columns}",
            file=path.name,
            absent=[*absent],
            columns=[*columns],
        )
    where = area_names.headings(columns, declared.columns)
    if "name" not in where:
        raise BadTable(
            (
                "{file}: no column names the areas; it has {columns}. Say which with --map "
                "COLUMN=name"
            ),
            file=path.name,
            columns=[*columns] or Said("none"),
        )
    return where


@dataclass(slots=True)
class _Rows:
    """The rows of a layer on the way to their names."""

    file: str
    known: AreaNames
    cells: list[str]
    repairs: list[Repair]
    rejects: dict[int, Reject] = field(default_factory=dict)

    def levels(
        self, frame: pd.DataFrame, where: Mapping[str, str], declared: AreasDeclared
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
        level = self.known.level_of([declared.names.get(cell, cell) for cell in self.cells if cell])
        if level is None:
            raise BadTable(
                (
                    "{file} does not say what its areas are; declare --level district, street or "
                    "zone"
                ),
                file=self.file,
            )
        return [level] * len(frame)

    def _level(self, row: int, column: str, cell: str) -> Level:
        level = area_names.level_named(cell)
        if level is None:
            self.refused(
                row,
                column,
                cell,
                Said("a level is district, street or zone; or leave the column out with --level"),
            )
        return level or Level.ZONE

    def official(self, levels: Sequence[Level], words: Mapping[str, str], column: str) -> list[str]:
        """The official name of each row; one that has none is refused."""
        names = []
        for row, (cell, level) in enumerate(zip(self.cells, levels, strict=True)):
            name = self.known.new(words.get(cell, cell), level)
            if name is None:
                self.refused(row, column, cell, _no_name(cell, level))
            elif name != cell:
                self.repairs.append(
                    Repair(row + 1, column, cell, name, Said("the official name"), self.file)
                )
            names.append(name or cell)
        return names

    def refused(self, row: int, column: str, cell: str, reason: Said) -> None:
        """The first reason is enough."""
        self.rejects.setdefault(row, Reject(row + 1, column, cell[:100], reason, self.file))


def _told(columns: pd.DataFrame, where: Mapping[str, str], row: int) -> dict[str, str]:
    said = {
        name: layers.text(columns[where[name]].iloc[row])
        for name in ("name_en", "code", "also", "district")
        if name in where
    }
    return {name: text for name, text in said.items() if text}


def _no_name(cell: str, level: Level) -> Said:
    if not cell:
        return Said("an area needs a name")
    if level is Level.DISTRICT:
        return Said(
            "the city has no such district; say which it is with --word {name}=NAME", name=cell[:20]
        )
    return Said(
        "the city has no such street office; say which it is with --word {name}=NAME",
        name=cell[:20],
    )
