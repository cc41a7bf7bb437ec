"""An analyst's own points, read in pieces, of every format that an import reads.

Finds their degrees; judges no column. A column keeps its type: numbers stay numbers, those of texts
too, and 00123 stays the text that it is.

Parquet, CSV and rasters are never held whole, so they may be of any size; the others are read at
once, as their formats want.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from geodata.errors import BadTable, Said, UnreadableFile
from geodata.extract.foreign_files import each_readable, readable
from geodata.sources import geoparquet, layers, raster, repairs
from geodata.sources.decoding import checked_encoding, encoding_of
from geodata.sources.file_options import PLAIN, FileOptions
from geodata.sources.formula import freed_all
from geodata.sources.headings import meaning
from geodata.sources.layers import Layer, in_degrees
from geodata.sources.measure import measure
from geodata.sources.read import FORMATS, TEXTS, WORKBOOKS, delimiter_of, read
from geodata.sources.wkb import Geometries, from_wkb
from geodata.space.coordinates import WGS84, Datum
from geodata.space.service_area import Outline

#: The column of weights where none is named; a raster's people stand in it.
WEIGHT: Final = "weight"
#: Points held at a time: some 50 MB with their columns.
PIECE: Final = 100_000
#: Points of Parquet in a run of whole row groups, at which pieces end: so one process and many cut
#: a file alike.
RUN: Final = 1_000_000
#: Bytes of a text table read at a time.
_BLOCK: Final = 1 << 23
_FEW: Final = 100
_NO_COLUMNS: Final = pd.DataFrame()
#: Cells that are numbers as programs write them: no zeros before them, no plus, at most 15 digits.
_WHOLE: Final = r"^-?(?:0|[1-9][0-9]{0,14})$"
_NUMBER: Final = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,17})?(?:[eE][+-]?[0-9]{1,2})?$"


class Points(NamedTuple):
    """One piece: the points' own columns without geometry, and lon, lat in degrees (n, 2).

    Nan where there are none.
    """

    own: pa.Table
    lonlat: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PointFile:
    """How many points there are (None: not known beforehand), and the pieces, to be taken once."""

    total: int | None
    pieces: Iterator[Points]


@dataclass(frozen=True, slots=True)
class Source:
    """Points of a file, or of several in that order: where their degrees stand, in which datum, and
    what they weigh.
    """

    path: Path | tuple[Path, ...]
    lon: str | None = None
    lat: str | None = None
    datum: Datum = Datum.WGS84
    weight: str | None = None
    """The column of weights; None: WEIGHT if there is one, else 1 each."""
    options: FileOptions = PLAIN
    """How the files are opened."""
    area: Outline | None = None
    """What of a raster is read; None: all of it."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in order."""
        return (self.path,) if isinstance(self.path, Path) else self.path

    def inside(self, area: Outline) -> "Source":
        """The same, of rasters only what lies in an area."""
        rasters = any(path.suffix.lower() in raster.FORMATS for path in self.paths)
        return replace(self, area=area) if rasters else self

    def open(self, path: Path, groups: Sequence[int] | None = None) -> PointFile:
        """The points of one of the files. Raises as `open_points` does."""
        return open_points(
            path, self.lon, self.lat, groups, self.options, self.datum, area=self.area
        )

    def opened(self) -> PointFile:
        """All their pieces.

        Raises as `open_points` does, and BadTable where files differ in their columns.
        """
        first, *others = self.paths
        if not others:
            return self.open(first)
        for path in self.paths:
            _require_file(path)
        totals = [
            run.points for path in self.paths for run in row_groups(path) or [RowGroups((), -1)]
        ]
        return PointFile(None if -1 in totals else sum(totals), self._chained())

    def _chained(self) -> Iterator[Points]:
        own: pa.Schema | None = None
        for path in self.paths:
            for piece in self.open(path).pieces:
                own = own or piece.own.schema
                require_alike(own, piece.own.schema, path)
                yield piece


class RowGroups(NamedTuple):
    """Row groups of a Parquet file that follow each other, by number, and how many points they
    hold.
    """

    numbers: tuple[int, ...]
    points: int


def row_groups(path: Path) -> list[RowGroups]:
    """A Parquet file in runs of at least RUN points where it has them, of an empty file one.

    Of other formats none.
    """
    if path.suffix.lower() != ".parquet":
        return []
    with readable(path, Said("as Parquet")):
        return list(_runs(pq.read_metadata(path)))


def _runs(stored: pq.FileMetaData) -> Iterator[RowGroups]:
    numbers: list[int] = []
    points = 0
    for number in range(stored.num_row_groups):
        numbers.append(number)
        points += stored.row_group(number).num_rows
        if points >= RUN:
            yield RowGroups(tuple(numbers), points)
            numbers, points = [], 0
    if points or not stored.num_rows:
        yield RowGroups(tuple(numbers), points)


def require_alike(first: pa.Schema, other: pa.Schema, path: Path) -> None:
    """Raises BadTable where a file has other columns than the first one."""
    if not first.equals(other):
        odd = sorted(f"{name}: {kind}" for name, kind in _kinds(first) ^ _kinds(other)) or [
            "their order"
        ]
        raise BadTable(
            "{file} has other columns than the first file: {odd}. Ask them one by one",
            file=path.name,
            odd=[*odd],
        )


def _kinds(schema: pa.Schema) -> set[tuple[str, str]]:
    return {(field.name, str(field.type)) for field in schema}


def open_points(
    path: Path,
    lon: str | None = None,
    lat: str | None = None,
    groups: Sequence[int] | None = None,
    options: FileOptions = PLAIN,
    datum: Datum | None = None,
    *,
    area: Outline | None = None,
) -> PointFile:
    """The points of a file: of its geometry, or of two columns, `lon` and `lat` by default, else
    those whose headings say so (经度, 纬度, 坐标); of a raster where people live inside `area`
    (sources/raster.py), with the columns `cell` and WEIGHT.

    Of Parquet `groups` are the row groups that are wanted (None: all). A geometry in another CRS is
    brought to WGS-84. `datum` is what the caller reads them as. Raises UnreadableFile for what is
    no such file, BadTable for columns that are not there or state another datum and for geometry
    other than points; both also while pieces are taken.
    """
    _require_file(path)
    if options.encoding:
        checked_encoding(options.encoding)
    wanted = _Wanted(path, lon, lat, datum)
    suffix = path.suffix.lower()
    if suffix in raster.FORMATS:
        return PointFile(None, _inhabited(path, area, options))
    if suffix == ".parquet":
        return _parquet(wanted, groups)
    measure(path, in_pieces=suffix in TEXTS)
    if suffix in TEXTS:
        return _text(wanted, options)
    return _workbook(wanted, options) if suffix in WORKBOOKS else _layers(wanted, options)


def _require_file(path: Path) -> None:
    if path.suffix.lower() not in (*FORMATS, *raster.FORMATS):
        raise UnreadableFile(
            "{file} is none of {formats}; save it as CSV or xlsx",
            file=path.name,
            formats=[*FORMATS, *raster.FORMATS],
        )
    if not path.is_file():
        raise UnreadableFile("there is no file {file}", file=path)


# --- where the degrees stand ---


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Where a person says that the degrees stand."""

    path: Path
    lon: str | None
    lat: str | None
    datum: Datum | None

    @property
    def geometry_first(self) -> bool:
        return self.lon is None and self.lat is None

    def columns(self, there: Sequence[str]) -> tuple[str, ...]:
        """The columns of longitudes and of latitudes, or the one of both."""
        named = (self.lon or "lon", self.lat or "lat")
        missing = [name for name in named if name not in there]
        if not missing:
            return named
        if self.geometry_first and (found := self._by_heading(there)):
            return found
        raise BadTable(
            ("{name} has no column {missing!r}; there are: {there}. Name them by --lon and --lat"),
            name=self.path.name,
            missing=missing[0],
            there=[*there],
        )

    def _by_heading(self, there: Sequence[str]) -> tuple[str, ...]:
        """By what headings mean, if one pair does, or one column."""
        known: dict[str, list[str]] = {"lon": [], "lat": [], "lonlat": []}
        stated = set()
        for heading in there:
            said = meaning(heading)
            if said and said.field in known:
                known[said.field].append(heading)
                stated.add(said.datum)
        east, north, both = known["lon"], known["lat"], known["lonlat"]
        found: tuple[str, ...] = ()
        if (len(east), len(north)) == (1, 1):
            found = (east[0], north[0])
        if not (east or north) and len(both) == 1:
            found = (both[0],)
        other = stated - {None, self.datum}
        if found and self.datum and other:
            raise BadTable(
                (
                    "{name}: {found} states {pop}, and the points are read as {datum}; say so "
                    "with --datum, or name columns by --lon and --lat"
                ),
                name=self.path.name,
                found=[*found],
                pop=other.pop(),
                datum=self.datum,
            )
        return found

    def degrees(self, table: pa.Table) -> NDArray[np.float64]:
        """Longitudes and latitudes of a table, (n, 2), nan where there are none."""
        names = self.columns(table.column_names)
        if len(names) == 1:
            pairs = [repairs.pair(cell or "") or ("", "") for cell in table[names[0]].to_pylist()]
            return np.array(
                [[_degree(cell) for cell in pair] for pair in pairs], dtype=np.float64
            ).reshape(-1, 2)
        return np.stack([_numbers(table[name]) for name in names], axis=1)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """A column as float64: numbers as they are, texts as degrees are written."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return np.full(len(column), np.nan)
    cells = column.to_pylist()
    try:
        return np.array([float(cell or "nan") for cell in cells], dtype=np.float64)
    except ValueError:
        return np.array([_degree(cell) for cell in cells], dtype=np.float64)


def _degree(cell: str | None) -> float:
    said = (cell or "").strip()
    try:
        return float(said)
    except ValueError:
        found = repairs.degrees(said)[0]
        return np.nan if found is None else found


def _of_shapes(path: Path, shapes: Geometries) -> NDArray[np.float64]:
    kinds = {shape.geom_type for shape in shapes if shape is not None} - {"Point"}
    if kinds:
        raise BadTable(
            (
                "the geometry of {file} holds {kinds}; only points are asked. Take centroids "
                "or vertices first"
            ),
            file=path.name,
            kinds=sorted(kinds),
        )
    return np.stack([shapely.get_x(shapes), shapely.get_y(shapes)], axis=1).astype(np.float64)


# --- each format ---


def _inhabited(path: Path, area: Outline | None, options: FileOptions) -> Iterator[Points]:
    for found in raster.inhabited(path, area, options.crs):
        own = pa.table({"cell": found.cell, WEIGHT: found.people})
        yield Points(own, found.lonlat)


def _parquet(wanted: _Wanted, groups: Sequence[int] | None) -> PointFile:
    path = wanted.path
    with readable(path, Said("as Parquet")):
        file = pq.ParquetFile(path)
        schema = file.schema_arrow
    geometry = geoparquet.geometry_of(path, schema) if wanted.geometry_first else None
    name = geometry.column if geometry else ""
    if not name:
        wanted.columns(schema.names)
    empty = [schema.empty_table()] if not file.metadata.num_rows else []
    runs = [run.numbers for run in _runs(file.metadata)] if groups is None else [groups]
    batches = (
        pa.Table.from_batches([each])
        for run in runs
        for each in file.iter_batches(PIECE, row_groups=run)
    )

    def pieces() -> Iterator[Points]:
        for table in empty or each_readable(path, batches, Said("as Parquet")):
            with readable(path, Said("as Parquet")):
                table.validate(full=True)
            if geometry and name:
                shapes = _shapes(path, table, geometry)
                yield _piece(table.drop_columns([name]), _of_shapes(path, shapes))
            else:
                yield _piece(table, wanted.degrees(table))

    rows = (
        file.metadata.num_rows
        if groups is None
        else sum(file.metadata.row_group(n).num_rows for n in groups)
    )
    return PointFile(rows, pieces())


def _shapes(path: Path, table: pa.Table, geometry: geoparquet.GeometryColumn) -> Geometries:
    """A geometry column on WGS-84; one without CRS is taken for degrees."""
    with readable(path, Said("as Parquet")):
        if geometry.wkb:
            shapes = from_wkb(table[geometry.column].to_pylist())
        else:
            series = gpd.GeoSeries.from_arrow(table[geometry.column])
            shapes = np.asarray(series.to_numpy(), dtype=object)
    layer = Layer(None, _NO_COLUMNS, shapes, geometry.crs)
    return in_degrees(layer, path.name, WGS84).shapes


def _text(wanted: _Wanted, options: FileOptions) -> PointFile:
    """Twice read: what is a number is known only at the end, and each piece has the same types."""
    path = wanted.path
    encoding, separator = _looked_at(path, options)
    kinds = _kinds_of_columns(wanted, encoding, separator)

    def pieces() -> Iterator[Points]:
        for table in _texts(path, encoding, separator):
            yield _piece(_typed(table, kinds), wanted.degrees(table))

    return PointFile(None, pieces())


def _looked_at(path: Path, options: FileOptions) -> tuple[str, str]:
    """The encoding and the separator of a text table, every byte of which is decoded once."""
    with readable(path, Said("as CSV")):
        found = encoding_of(path, options.encoding)
    if not found.text.strip():
        raise UnreadableFile("{file} is no table: it is empty", file=path.name)
    if "\0" in found.text[:65_536]:
        raise UnreadableFile("{file} is not text; save it as CSV", file=path.name)
    return found.encoding, delimiter_of(found.text, path, ())


def _texts(path: Path, encoding: str, separator: str) -> Iterator[pa.Table]:
    """The rows in pieces, each cell the text that it is."""
    with readable(path, Said("as a table")):
        names = pyarrow.csv.open_csv(
            path, pa.csv.ReadOptions(encoding=encoding, block_size=_BLOCK), _parsing(separator)
        ).schema.names
        _require_headings(path, names)
        reader = pyarrow.csv.open_csv(
            path,
            pa.csv.ReadOptions(encoding=encoding, block_size=_BLOCK),
            _parsing(separator),
            pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    first = True
    for batch in each_readable(path, reader, Said("as a table")):
        table = pa.Table.from_batches([batch]).rename_columns([_bare(name) for name in names])
        table = pa.table({name: freed_all(table[name]) for name in table.column_names})
        for at in range(0, table.num_rows, PIECE):
            first = False
            yield table.slice(at, PIECE)
    if first:
        yield pa.table({_bare(name): pa.array([], pa.string()) for name in names})


def _parsing(separator: str) -> Any:
    return pa.csv.ParseOptions(delimiter=separator, newlines_in_values=True)


def _bare(name: str) -> str:
    return name.removeprefix("\ufeff").strip()


def _require_headings(path: Path, names: Sequence[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise BadTable(
            "{file} has columns of the same name: {twins}", file=path.name, twins=[*twins]
        )


def _kinds_of_columns(wanted: _Wanted, encoding: str, separator: str) -> dict[str, pa.DataType]:
    """Of each column whether every cell of the whole file is a number, or blank."""
    kinds: dict[str, pa.DataType] = {}
    for table in _texts(wanted.path, encoding, separator):
        wanted.columns(table.column_names)
        _widen(kinds, table)
    return kinds


def _widen(kinds: dict[str, pa.DataType], table: pa.Table) -> None:
    """Null: blank so far; int64, float64 and at last string hold what came before, too."""
    for name in table.column_names:
        known = kinds.get(name, pa.null())
        if known == pa.string():
            continue
        cells = pc.filter(table[name], pc.not_equal(table[name], ""))
        if not len(cells):
            kinds.setdefault(name, pa.null())
        elif not _all_match(cells[:_FEW], _NUMBER):  # most columns of texts are known by these
            kinds[name] = pa.string()
        elif known != pa.float64() and _all_match(cells, _WHOLE):
            kinds[name] = pa.int64()
        else:
            kinds[name] = pa.float64() if _all_match(cells, _NUMBER) else pa.string()


def _all_match(cells: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())


def _typed(table: pa.Table, kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """Texts as the kinds of their columns; a blank cell is null in a column of numbers."""
    made = {}
    for name in table.column_names:
        cells, kind = table[name], kinds.get(name, pa.string())
        if kind in (pa.int64(), pa.float64()):
            blank = pc.equal(cells, "")
            cells = pc.if_else(blank, pa.scalar(None, pa.string()), cells).cast(kind)
        made[name] = cells
    return pa.table(made)


def _workbook(wanted: _Wanted, options: FileOptions) -> PointFile:
    """Every row is asked, hidden or not: a filter of Excel changes no answer."""
    mapped = [name for name in (wanted.lon, wanted.lat) if name]
    tables = read(wanted.path, replace(options, hidden=True), mapped)
    first = tables[0]
    if any(each.columns != first.columns for each in tables):
        raise BadTable(
            "{name} has sheets of different columns; say which with --sheet: {listed}",
            name=wanted.path.name,
            listed=[each.sheet or "" for each in tables],
        )
    if refused := [reject for each in tables for reject in each.rejects]:
        raise BadTable(
            "{count:,} rows of {name} cannot be read",
            refused,
            count=len(refused),
            name=wanted.path.name,
        )
    rows = [row for each in tables for row in each.rows]
    cells = zip(*rows, strict=True) if rows else ([] for _ in first.columns)
    table = pa.table(
        {
            name: pa.array(list(column), pa.string())
            for name, column in zip(first.columns, cells, strict=True)
        }
    )
    kinds: dict[str, pa.DataType] = {}
    _widen(kinds, table)
    return PointFile(len(rows), iter([_piece(_typed(table, kinds), wanted.degrees(table))]))


def _layers(wanted: _Wanted, options: FileOptions) -> PointFile:
    path = wanted.path
    found = layers.read_layers(path, options)
    if len(found) > 1:
        raise BadTable(
            "{file} has several layers; say which with --sheet: {listed}",
            file=path.name,
            listed=[each.name or "" for each in found],
        )
    if not found:
        raise BadTable("{file} holds no layer", file=path.name)
    layer = found[0]
    with readable(path):
        own = _arrow(layer.columns)
    if layer.shapes is None or not wanted.geometry_first:
        return PointFile(len(own), iter([_piece(own, wanted.degrees(own))]))
    shown = in_degrees(layer, path.name, options.crs or WGS84)
    return PointFile(len(own), iter([_piece(own, _of_shapes(path, shown.shapes))]))


def _arrow(columns: Any) -> pa.Table:
    """Columns of a layer in their own types; one of mixed values as text."""
    made = {}
    for name in columns:
        try:
            made[str(name)] = pa.array(columns[name], from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            made[str(name)] = pa.array(list(map(layers.text, columns[name])), pa.string())
    table = pa.table(made)
    return table if table.column_names else pa.table({"": pa.nulls(len(columns))}).select([])


def _piece(own: pa.Table, lonlat: NDArray[np.float64]) -> Points:
    return Points(own.replace_schema_metadata(None), lonlat)
