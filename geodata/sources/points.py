"""An analyst's own points, read in pieces: Parquet, CSV, GeoJSON, GeoPackage. Finds their degrees; judges no column.

Parquet and CSV are never held whole, so they may be of any size; the others are read at once, as their formats want.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from geodata.coordinates import WGS84
from geodata.errors import BadTable, UnreadableFile

#: Points held at a time: some 50 MB with their columns.
PIECE: Final = 100_000
#: What CRS84, GeoParquet's default, and a file that names no CRS are read as.
_DEGREES: Final = WGS84


class Points(NamedTuple):
    """One piece: the points' own columns without geometry, and lon, lat in degrees (n, 2); nan where there are none."""

    own: pa.Table
    lonlat: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PointFile:
    """How many points there are (None: not known beforehand), and the pieces, to be taken once."""

    total: int | None
    pieces: Iterator[Points]


def open_points(path: Path, lon: str | None = None, lat: str | None = None) -> PointFile:
    """The points of a file: of its geometry, or of two columns, `lon` and `lat` by default.

    A geometry in another CRS is brought to WGS-84. Raises UnreadableFile for what is no such file, BadTable for columns
    that are not there and for geometry other than points; both also while pieces are taken.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(f"{path.name} is none of {', '.join(_READERS)}")
    if not path.is_file():
        raise UnreadableFile(f"there is no file {path}")
    try:
        return reader(path, (lon or "lon", lat or "lat"), lon is None and lat is None)
    except (pa.ArrowException, OSError, RuntimeError) as fault:
        raise UnreadableFile(f"{path.name} cannot be read: {fault}") from None


def _parquet(path: Path, columns: tuple[str, str], geometry_first: bool) -> PointFile:  # noqa: FBT001  # one shape for all readers
    file = pq.ParquetFile(path)
    stated = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    name = stated.get("primary_column", "") if geometry_first else ""
    crs = stated["columns"][name].get("crs", _DEGREES) or _DEGREES if name else _DEGREES
    empty = [file.schema_arrow.empty_table()] if not file.metadata.num_rows else []
    batches = (pa.Table.from_batches([batch]) for batch in file.iter_batches(PIECE))

    def pieces() -> Iterator[Points]:
        for table in (*empty, *batches) if empty else batches:
            if name:
                shapes = gpd.GeoSeries.from_wkb(table[name].to_numpy(), crs=crs)
                yield _piece(table.drop_columns([name]), _of_geometry(shapes))
            else:
                yield _piece(table, _of_columns(table, columns, path))

    return PointFile(file.metadata.num_rows, pieces())


def _csv(path: Path, columns: tuple[str, str], _geometry_first: bool) -> PointFile:  # noqa: FBT001  # one shape for all readers
    """Cells stay the text they are, so that no column is read as something else."""

    def pieces() -> Iterator[Points]:
        try:
            with pd.read_csv(
                path, dtype=str, keep_default_na=False, encoding="utf-8-sig", chunksize=PIECE
            ) as frames:  # fmt: skip
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
    own = pa.Table.from_pandas(pd.DataFrame(frame.drop(columns=frame.geometry.name)), preserve_index=False)
    return PointFile(len(frame), iter([_piece(own, lonlat)]))


_Reader = Callable[[Path, tuple[str, str], bool], PointFile]
_READERS: Final[dict[str, _Reader]] = {
    ".parquet": _parquet, ".csv": _csv, ".geojson": _geometry, ".json": _geometry, ".gpkg": _geometry,
}  # fmt: skip


def _piece(own: pa.Table, lonlat: NDArray[np.float64]) -> Points:
    return Points(own.replace_schema_metadata(None), lonlat)


def _of_geometry(shapes: gpd.GeoSeries) -> NDArray[np.float64]:
    kinds = sorted(set(shapes.geom_type.dropna()) - {"Point"})
    if kinds:
        raise BadTable(
            f"the geometry holds {', '.join(kinds)}; only points are asked. Take centroids or vertices first"
        )
    shown = shapes.to_crs(WGS84)
    return np.stack([shown.x.to_numpy(float), shown.y.to_numpy(float)], axis=1)


def _of_columns(table: pa.Table, columns: Iterable[str], path: Path) -> NDArray[np.float64]:
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        there = ", ".join(table.column_names)
        raise BadTable(f"{path.name} has no column {missing[0]!r}; there are: {there}. Name them by --lon and --lat")
    return np.stack([_numbers(table[name].to_pandas()) for name in columns], axis=1)


def _numbers(cells: "pd.Series[Any]") -> NDArray[np.float64]:
    return pd.to_numeric(cells, errors="coerce").to_numpy(np.float64, na_value=np.nan)
