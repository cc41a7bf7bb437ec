"""An analyst's own points, read in pieces: Parquet, CSV, GeoJSON, GeoPackage.

Finds their degrees; judges no column.

Parquet and CSV are never held whole, so they may be of any size; the others are read at once, as
their formats want.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from geodata.errors import BadTable, UnreadableFile
from geodata.space.coordinates import WGS84, Datum

#: Points held at a time: some 50 MB with their columns.
PIECE: Final = 100_000
#: Points of Parquet in a run of whole row groups, at which pieces end: so one process and many cut
#: a file alike.
RUN: Final = 1_000_000
#: What CRS84, GeoParquet's default, and a file that names no CRS are read as.
_DEGREES: Final = WGS84


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
    """The column of weights; None: 1 each."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in order."""
        return (self.path,) if isinstance(self.path, Path) else self.path

    def opened(self) -> PointFile:
        """All their pieces.

        Raises as `open_points` does, and BadTable where files differ in their columns.
        """
        first, *others = self.paths
        if not others:
            return open_points(first, self.lon, self.lat)
        for path in self.paths:
            _reader(path)
        totals = [
            run.points for path in self.paths for run in row_groups(path) or [RowGroups((), -1)]
        ]
        return PointFile(None if -1 in totals else sum(totals), self._chained())

    def _chained(self) -> Iterator[Points]:
        own: pa.Schema | None = None
        for path in self.paths:
            for piece in open_points(path, self.lon, self.lat).pieces:
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
    with _readable(path):
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
            f"{path.name} has other columns than the first file: {', '.join(odd)}. Ask them one"
            " by one"
        )


def _kinds(schema: pa.Schema) -> set[tuple[str, str]]:
    return {(field.name, str(field.type)) for field in schema}


def open_points(
    path: Path, lon: str | None = None, lat: str | None = None, groups: Sequence[int] | None = None
) -> PointFile:
    """The points of a file: of its geometry, or of two columns, `lon` and `lat` by default.

    Of Parquet `groups` are the row groups that are wanted (None: all). A geometry in another CRS is
    brought to WGS-84. Raises UnreadableFile for what is no such file, BadTable for columns that are
    not there and for geometry other than points; both also while pieces are taken.
    """
    reader, columns, geometry_first = (
        _reader(path),
        (lon or "lon", lat or "lat"),
        lon is None and lat is None,
    )
    with _readable(path):
        return (
            _parquet(path, columns, geometry_first, groups)
            if groups
            else reader(path, columns, geometry_first)
        )


def _reader(path: Path) -> "_Reader":
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(f"{path.name} is none of {', '.join(_READERS)}")
    if not path.is_file():
        raise UnreadableFile(f"there is no file {path}")
    return reader


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, RuntimeError) as fault:
        raise UnreadableFile(f"{path.name} cannot be read: {fault}") from None


class _Column(msgspec.Struct):
    """What a GeoParquet file says of one geometry column; without a `crs` it is in degrees."""

    crs: dict[str, Any] | None = None


class _Geo(msgspec.Struct):
    """What is read of the `geo` member of a Parquet footer (GeoParquet 1.1)."""

    primary_column: str = ""
    columns: dict[str, _Column] = {}


def _geometry_column(path: Path, file: pq.ParquetFile) -> tuple[str, Any]:
    """The name of the main geometry column and its CRS; "" where there is none."""
    footer = (file.schema_arrow.metadata or {}).get(b"geo", b"{}")
    try:
        stated = msgspec.json.decode(footer, type=_Geo)
        name = stated.primary_column
        return name, (stated.columns[name].crs or _DEGREES) if name else _DEGREES
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError) as fault:
        raise UnreadableFile(f"what {path.name} says of its geometry is no JSON: {fault}") from None


def _parquet(
    path: Path,
    columns: tuple[str, str],
    geometry_first: bool,  # noqa: FBT001  # one shape for all readers
    groups: Sequence[int] | None = None,
) -> PointFile:
    file = pq.ParquetFile(path)
    name, crs = _geometry_column(path, file) if geometry_first else ("", _DEGREES)
    empty = [file.schema_arrow.empty_table()] if not file.metadata.num_rows else []
    runs = [run.numbers for run in _runs(file.metadata)] if groups is None else [groups]
    batches = (
        pa.Table.from_batches([each])
        for run in runs
        for each in file.iter_batches(PIECE, row_groups=run)
    )

    def pieces() -> Iterator[Points]:
        for table in (*empty, *batches) if empty else batches:
            if name:
                shapes = gpd.GeoSeries.from_wkb(table[name].to_numpy(), crs=crs)
                yield _piece(table.drop_columns([name]), _of_geometry(shapes))
            else:
                yield _piece(table, _of_columns(table, columns, path))

    rows = (
        file.metadata.num_rows
        if groups is None
        else sum(file.metadata.row_group(n).num_rows for n in groups)
    )
    return PointFile(rows, pieces())


def _csv(path: Path, columns: tuple[str, str], _geometry_first: bool) -> PointFile:  # noqa: FBT001  # one shape for all readers
    """Cells stay the text they are, so that no column is read as something else."""

    def pieces() -> Iterator[Points]:
        try:
            with pd.read_csv(
                path, dtype=str, keep_default_na=False, encoding="utf-8-sig", chunksize=PIECE
            ) as frames:
                for frame in frames:
                    table = pa.Table.from_pandas(frame, preserve_index=False)
                    yield _piece(table, _of_columns(table, columns, path))
        except UnicodeDecodeError:
            raise UnreadableFile(f"{path.name} is not UTF-8; save it as CSV UTF-8") from None
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as fault:
            raise UnreadableFile(f"{path.name} is no table: {fault}") from None

    return PointFile(None, pieces())


def _geometry(path: Path, _columns: tuple[str, str], _geometry_first: bool) -> PointFile:  # noqa: FBT001  # one shape for all readers
    frame = gpd.read_file(path)
    lonlat = _of_geometry(frame.geometry if frame.crs else frame.geometry.set_crs(_DEGREES))
    own = pa.Table.from_pandas(
        pd.DataFrame(frame.drop(columns=frame.geometry.name)), preserve_index=False
    )
    return PointFile(len(frame), iter([_piece(own, lonlat)]))


_Reader = Callable[[Path, tuple[str, str], bool], PointFile]
_READERS: Final[dict[str, _Reader]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".geojson": _geometry,
    ".json": _geometry,
    ".gpkg": _geometry,
}


def _piece(own: pa.Table, lonlat: NDArray[np.float64]) -> Points:
    return Points(own.replace_schema_metadata(None), lonlat)


def _of_geometry(shapes: gpd.GeoSeries) -> NDArray[np.float64]:
    kinds = sorted(set(shapes.geom_type.dropna()) - {"Point"})
    if kinds:
        raise BadTable(
            f"the geometry holds {', '.join(kinds)}; only points are asked. Take centroids or"
            " vertices first"
        )
    shown = shapes.to_crs(WGS84)
    return np.stack([shown.x.to_numpy(float), shown.y.to_numpy(float)], axis=1)


def _of_columns(table: pa.Table, columns: Iterable[str], path: Path) -> NDArray[np.float64]:
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        there = ", ".join(table.column_names)
        raise BadTable(
            f"{path.name} has no column {missing[0]!r}; there are: {there}. Name them by --lon and"
            " --lat"
        )
    return np.stack([_numbers(table[name].to_pandas()) for name in columns], axis=1)


def _numbers(cells: "pd.Series[Any]") -> NDArray[np.float64]:
    return pd.to_numeric(cells, errors="coerce").to_numpy(np.float64, na_value=np.nan)
