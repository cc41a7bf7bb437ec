"""What a Parquet file says of itself, read before its rows are."""

from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow.parquet as pq

from geodata.errors import Said, UnreadableFile
from geodata.extract.foreign_files import readable

MOST_COLUMNS: Final = 500
MOST_PARQUET_BYTES: Final = 1_000_000_000
#: One value may stand for millions in a file of some bytes: 2 million stations have 25 columns.
MOST_PARQUET_CELLS: Final = 50_000_000
#: GeoParquet's default where a column says nothing of its CRS.
CRS84: Final = "OGC:CRS84"


class _Column(msgspec.Struct):
    """What a file says of one geometry column (GeoParquet 1.1)."""

    encoding: str = "WKB"
    crs: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET


class _Geo(msgspec.Struct):
    """What is read of the `geo` member of a footer."""

    primary_column: str = ""
    columns: dict[str, _Column] = {}


class GeometryColumn(NamedTuple):
    """The main geometry column of a file."""

    column: str
    """ "" where the file has none."""
    crs: Any
    """None: the file says that it is not known."""
    wkb: bool
    """Whether it holds WKB; else coordinates in columns, which cannot be nested."""


def geometry_of(path: Path, schema: Any) -> GeometryColumn:
    """The main geometry column by the footer. Raises UnreadableFile where that is no JSON."""
    footer = (schema.metadata or {}).get(b"geo", b"{}")
    try:
        stated = msgspec.json.decode(footer, type=_Geo)
        name = stated.primary_column
        if not name:
            return GeometryColumn("", None, wkb=False)
        column = stated.columns[name]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError) as fault:
        raise UnreadableFile(
            "what {file} says of its geometry is no JSON: {why}; save it anew",
            file=path.name,
            why=fault,
        ) from None
    if name not in schema.names:
        raise UnreadableFile(
            ("{file} says that its geometry is in a column {name!r} and has none; save it anew"),
            file=path.name,
            name=name,
        )
    crs = CRS84 if column.crs is msgspec.UNSET else column.crs
    return GeometryColumn(name, crs, wkb=column.encoding.upper() == "WKB")


def require_table(path: Path) -> None:
    """Raises UnreadableFile where a file is none, or has more than a table of places."""
    with readable(path, Said("as Parquet")):
        footer = pq.read_metadata(path)
        size = sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))
        cells = footer.num_rows * footer.num_columns
    too_wide = footer.num_columns > MOST_COLUMNS
    if too_wide or size > MOST_PARQUET_BYTES or cells > MOST_PARQUET_CELLS:
        raise UnreadableFile(
            (
                "{file} has {columns:,} columns and {rows:,} rows, and unpacks to "
                "{size:,} bytes: too much"
            ),
            file=path.name,
            columns=footer.num_columns,
            rows=footer.num_rows,
            size=size,
        )
