"""GeoJSON, GeoPackage, shapefiles and Parquet into text cells.

A file's own CRS counts as stated; none is made up.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from geodata.errors import BadTable, UnreadableFile
from geodata.sources.grid import Grid
from geodata.space.coordinates import WGS84

#: Headings given to a feature's point.
LON, LAT = "geometry.lon", "geometry.lat"
MOST_COLUMNS: Final = 500
MOST_PARQUET_BYTES: Final = 1_000_000_000
#: One value may stand for millions in a file of some bytes: 2 million stations have 25 columns.
MOST_PARQUET_CELLS: Final = 50_000_000
#: Between two documents in one file.
_BETWEEN: Final = re.compile(rb"\}\s*\{")
#: What old GeoJSON files write for WGS-84 in degrees.
_WGS84_NAMES: Final = frozenset(
    ("urn:ogc:def:crs:ogc:1.3:crs84", "urn:ogc:def:crs:epsg::4326", "epsg:4326")
)


def geojson(path: Path, body: bytes) -> tuple[list[Grid], str | None]:
    """A FeatureCollection of points, or a list of records as map services and programs write it;
    rows are numbered by feature.

    A datum is stated by a `crs` member only.

    RFC 7946 says WGS-84, but mainland files without a word of it are as often GCJ-02: they are
    asked for --datum.
    """
    held = _documents(path, body)
    features = held.get("features") if isinstance(held, dict) else None
    named = crs_member(held) if isinstance(held, dict) else ""
    if named and named not in _WGS84_NAMES:
        raise UnreadableFile(
            f"{path.name} is in {named}; GeoJSON is read in degrees only. Convert it first"
        )
    try:
        if features is None:
            return [_of_records([_flat(each) for each in _records(path, held)])], None
        if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
            raise UnreadableFile(f"{path.name} is no GeoJSON FeatureCollection")
        grid = _of_records([_record(each) for each in features])
    except RecursionError:  # lists that could just be read are too deep to be written as text
        raise UnreadableFile(f"{path.name} has values that are nested too deeply") from None
    return [grid], "wgs84" if named else None


def _documents(path: Path, body: bytes) -> Any:
    """The JSON of a file; of several documents one after another, the list of them."""
    bare = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(bare)
    except (msgspec.DecodeError, RecursionError) as fault:
        try:
            return msgspec.json.decode(b"[" + _BETWEEN.sub(b"},{", bare.strip()) + b"]")
        except (msgspec.DecodeError, RecursionError):
            raise UnreadableFile(f"{path.name} is no JSON: {fault}") from None


def _records(path: Path, held: Any) -> list[dict[str, Any]]:
    """The list of objects in a document: the document itself, or the one list of objects in it."""
    if isinstance(held, list):
        if held and all(isinstance(each, dict) for each in held):
            inner = [_only_list(each) for each in held]
            return [one for each in inner for one in each or ()] if all(inner) else held
    elif isinstance(held, dict) and (found := _only_list(held)):
        return found
    raise UnreadableFile(
        f"{path.name} is neither a GeoJSON FeatureCollection nor a list of objects, one a place"
    )


def _only_list(held: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The one list of objects in an object ({"status": "1", "pois": […]}), also a level below."""
    lists = [
        each
        for each in held.values()
        if isinstance(each, list) and each and all(isinstance(one, dict) for one in each)
    ]
    if len(lists) == 1:
        return lists[0]
    inner = [
        found for each in held.values() if isinstance(each, dict) and (found := _only_list(each))
    ]
    return inner[0] if not lists and len(inner) == 1 else None


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """A record whose objects are columns of their own: location.lat."""
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": each for inner, each in value.items()}
        else:
            flat[key] = value
    return flat


def crs_member(held: dict[str, Any]) -> str:
    """The name in a `crs` member as GeoJSON had until 2016, in small letters.

    "" where there is none.
    """
    crs = held.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name.lower() if isinstance(name, str) else ""


def _record(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    record = dict(properties) if isinstance(properties, dict) else {}
    if "id" in feature:
        record.setdefault("id", feature["id"])
    shape = feature.get("geometry")
    if isinstance(shape, dict) and shape.get("type") == "Point":
        record[LON], record[LAT] = [*(shape.get("coordinates") or ()), None, None][:2]
    elif isinstance(shape, dict):
        record[LON] = record[LAT] = f"a {shape.get('type')}, not a point"
    return record


def _of_records(records: Sequence[dict[str, Any]]) -> Grid:
    columns = tuple(dict.fromkeys(column for record in records for column in record))
    rows = tuple(tuple(text(record.get(column)) for column in columns) for record in records)
    return Grid((columns, *rows), (0, *range(1, len(rows) + 1)))


def layers(path: Path, sheets: Sequence[str] = ()) -> tuple[list[Grid], list[str], str | None]:
    """The layers of a GeoPackage or of a zip with one shapefile, or those named.

    Points in degrees on WGS-84.

    A layer in another CRS is converted, and that is said; without CRS numbers are taken as they are
    and state nothing.
    """
    parts = [_of_frame(frame, name) for name, frame in frames(path, sheets)]
    stated = {part[2] for part in parts}
    return [part[0] for part in parts], [said for part in parts for said in part[1]], _only(stated)


def frames(path: Path, sheets: Sequence[str] = ()) -> list[tuple[str, Any]]:
    """The layers of a file that GDAL reads, or the one named, each a GeoDataFrame as stored: name,
    frame.

    Raises UnreadableFile, or BadTable where there is no such layer.
    """
    import pyogrio

    source = f"/vsizip/{path.resolve()}" if path.suffix.lower() == ".zip" else str(path.resolve())
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(source)]
        absent = [each for each in sheets if each not in names]
        if absent:
            raise BadTable(f"{path.name} has no layer {absent[0]!r}; it has {', '.join(names)}")
        taken = [name for name in names if not sheets or name in sheets]
        return [(name, pyogrio.read_dataframe(source, layer=name)) for name in taken]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
        raise UnreadableFile(f"{path.name} cannot be read: {fault}") from None


def parquet(path: Path) -> tuple[list[Grid], list[str], str | None]:
    """A Parquet table, or a GeoParquet one with points."""
    grid, said, stated = _of_frame(parquet_frame(path), None)
    return [grid], said, stated


def parquet_frame(path: Path) -> Any:
    """A Parquet table, a GeoDataFrame where it says that it is one. Raises UnreadableFile.

    Its size is read from its footer before its rows are.
    """
    import pyarrow as pa
    from pyarrow.parquet import read_metadata

    try:
        footer = read_metadata(path)
        size = sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))
        cells = footer.num_rows * footer.num_columns
        if (
            footer.num_columns > MOST_COLUMNS
            or size > MOST_PARQUET_BYTES
            or cells > MOST_PARQUET_CELLS
        ):
            raise UnreadableFile(
                f"{path.name} has {footer.num_columns:,} columns and {footer.num_rows:,} rows, and"
                f" unpacks to {size:,} bytes: too much"
            )
        return _parquet_frame(path, geo=b"geo" in (footer.metadata or {}))
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise UnreadableFile(f"{path.name} cannot be read as Parquet: {fault}") from None


def _parquet_frame(path: Path, *, geo: bool) -> Any:
    import geopandas as gpd
    import pandas as pd

    return gpd.read_parquet(path) if geo else pd.read_parquet(path)


def in_degrees(frame: Any) -> tuple[Any, list[str], str | None]:
    """A frame on WGS-84 if it states a CRS, else as it is.

    A sentence where it was converted; the datum it states.
    """
    if getattr(frame, "crs", None) is None:
        return frame, [], None
    if (
        frame.crs.equals(WGS84) or frame.crs.to_epsg() == 4490
    ):  # CGCS2000 lies within a metre of WGS-84
        return frame, [], "wgs84"
    return frame.to_crs(WGS84), [f"converted from {frame.crs.to_string()[:40]} to WGS-84"], "wgs84"


def _of_frame(frame: Any, name: str | None) -> tuple[Grid, list[str], str | None]:
    frame, said, stated = in_degrees(frame)
    columns = [
        column
        for column in frame.columns
        if column != getattr(frame, "_geometry_column_name", None)
    ]
    cells = [[text(value) for value in frame[column]] for column in columns]
    headings = tuple(map(str, columns))
    if len(columns) < len(frame.columns):
        cells += _points(frame.geometry)
        headings = (*headings, LON, LAT)
    rows = tuple(zip(*cells, strict=True))
    return Grid((headings, *rows), (0, *range(1, len(rows) + 1)), name), said, stated


def _points(shapes: Iterable[Any]) -> list[list[str]]:
    lon, lat = [], []
    for shape in shapes:
        point = shape is not None and shape.geom_type == "Point" and not shape.is_empty
        kind = "" if shape is None else f"a {shape.geom_type}, not a point"
        lon.append(repr(shape.x) if point else kind)
        lat.append(repr(shape.y) if point else kind)
    return [lon, lat]


def text(value: Any) -> str:
    """A cell as a person would type it."""
    if value is None or value is False or value != value:  # noqa: PLR0124  # nan and NaT are not themselves
        return "否" if value is False else ""
    if value is True:
        return "是"
    if isinstance(value, list | tuple) or type(value).__name__ == "ndarray":
        return ";".join(map(text, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


def _only(stated: set[str | None]) -> str | None:
    return next(iter(stated)) if len(stated) == 1 else None
