"""JSON, GeoJSON, GeoPackage, shapefiles and Parquet: the layers of a file with their columns,
geometries and CRS; and the same as text cells.

A file's own CRS counts as stated; none is made up.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.errors import BadTable, BadValue, Said
from geodata.extract.foreign_files import readable
from geodata.sources import geoparquet
from geodata.sources.decoding import unmangled
from geodata.sources.file_options import PLAIN, FileOptions
from geodata.sources.geojson import features, is_geojson
from geodata.sources.grid import Grid
from geodata.sources.headings import shaped
from geodata.sources.json_text import document, records
from geodata.sources.own import cell, flattened
from geodata.sources.shapefile import chosen, shapefiles
from geodata.sources.wkb import Geometries, from_wkb
from geodata.space.coordinates import WGS84

#: File name endings that are read here.
FORMATS: Final = (".geojson", ".json", ".gpkg", ".zip", ".shp", ".parquet")
#: Headings given to a feature's point, and to any other geometry.
LON, LAT, WKT = "geometry.lon", "geometry.lat", "geometry.wkt"
#: CGCS2000 lies within a metre of WGS-84; 4979 and 4480 have heights besides.
_DEGREES: Final = frozenset((4326, 4979, 4490, 4480))


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A layer of n rows as a file holds it."""

    name: str | None
    columns: pd.DataFrame
    """All but the geometry, in their own types."""
    shapes: Geometries | None = None
    """Shape (n,), None where a row has none; None where the layer has none at all."""
    crs: Any = None
    """As the file states it; None: it states none."""
    said: tuple[Said, ...] = ()
    """What was made of it on the way, a sentence each."""
    faults: Mapping[int, Said] = field(default_factory=dict)
    """Row -> why its geometry cannot be read."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """What the file says of itself as a whole: licence, source, whether it is made up."""


@dataclass(frozen=True, slots=True, eq=False)
class Degrees:
    """A layer's geometries in degrees."""

    shapes: Geometries
    datum: str | None
    """The datum that the file states."""
    said: tuple[Said, ...]


def read_layers(path: Path, options: FileOptions = PLAIN) -> list[Layer]:
    """The layers of a file, or those named; of JSON and Parquet there is one.

    Raises UnreadableFile, or BadTable where there is no such layer.
    """
    suffix = path.suffix.lower()
    if suffix in (".geojson", ".json"):
        return [_unmangled(_json(path, options.encoding))]
    if suffix == ".parquet":
        return [_unmangled(_parquet(path))]
    if suffix == ".gpkg":
        return list(map(_unmangled, _geopackage(path, options.sheets)))
    return [
        _of_frame(each.name, each.frame, each.said)
        for each in shapefiles(path, options.sheets, options.encoding)
    ]


def in_degrees(layer: Layer, name: str, crs: str | None = None) -> Degrees:
    """The geometries of a layer that has some, on WGS-84 if a CRS is known, else as they are.

    `crs` is that of a file that states none. Raises BadTable for a CRS that nobody knows.
    """
    if layer.shapes is None:
        raise BadTable("{name} holds no geometry", name=name)
    stated = layer.crs if layer.crs is not None else crs
    if stated is None:
        return Degrees(layer.shapes, None, ())
    try:
        series = gpd.GeoSeries(layer.shapes, crs=stated)
    except (RuntimeError, ValueError, TypeError) as fault:
        if layer.crs is None:
            raise BadValue(
                (
                    "--crs {crs!r} names no coordinate reference system; write it as EPSG:4547 "
                    "({why})"
                ),
                crs=crs,
                why=fault,
            ) from None
        raise BadTable(
            ("{name} states a CRS that nobody knows: {why!r}. Convert it to EPSG:4326 first"),
            name=name,
            why=str(stated)[:80],
        ) from None
    if _is_degrees(series.crs):
        return Degrees(layer.shapes, "wgs84", ())
    with readable(Path(name)):
        turned = series.to_crs(WGS84)
    shown = np.asarray(turned.to_numpy(), dtype=object)
    return Degrees(
        shown, "wgs84", (Said("converted from {crs} to WGS-84", crs=_called(series.crs)),)
    )


def _is_degrees(crs: Any) -> bool:
    """Whether these are degrees on WGS-84 or CGCS2000, whatever comes first by the book: files
    write lon first.
    """
    if not crs.is_geographic:
        return False
    if crs.to_epsg(min_confidence=25) in _DEGREES or crs.equals(WGS84, ignore_axis_order=True):
        return True
    called = f"{crs.name} {crs.datum and crs.datum.name}".lower().replace("_", " ")
    return any(word in called for word in ("cgcs2000", "china geodetic coordinate system 2000"))


def _called(crs: Any) -> str:
    epsg = crs.to_epsg()
    return f"EPSG:{epsg}" if epsg else str(crs.name)[:60]


def _may_hold_text(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)


def _unmangled(layer: Layer) -> Layer:
    """A layer that some program made of a shapefile without .cpg: its Chinese are Latin letters."""
    said: list[Said] = []
    columns = layer.columns
    if shaped(map(str, columns)):  # ours come back as they are
        return layer
    if headings := unmangled([*map(str, columns)]):
        columns = columns.set_axis(pd.Index(headings), axis="columns")
        said.append(Said("headings were Chinese that was read as Latin letters"))
    for name in columns:
        if pd.api.types.is_object_dtype(columns[name]) or pd.api.types.is_string_dtype(
            columns[name]
        ):
            mended = unmangled(columns[name].tolist())
            if mended is not None:
                columns = columns.copy()
                columns[name] = pd.Series(mended, index=columns.index)
                message = "column {name!r} had Chinese that was read as Latin letters"
                said.append(Said(message, name=name))
    return replace(layer, columns=columns, said=(*layer.said, *said)) if said else layer


# --- each format ---


def _json(path: Path, encoding: str | None) -> Layer:
    """FeatureList, or a list of records without geometry, as map services and programs write it.

    A datum is stated by a `crs` member only. RFC 7946 says WGS-84, but mainland files without a
    word of it are as often GCJ-02: they are asked for --datum.
    """
    with readable(path, Said("as JSON")):
        held = document(path.read_bytes(), path.name, encoding)
        if not is_geojson(held):
            return Layer(None, _of_records(records(held, path.name)))
        found = features(held, path.name)
        columns = _of_records([flattened(record) for record in found.records])
    return Layer(
        None,
        columns,
        found.geometries,
        found.crs or None,
        faults=found.faults,
        about=found.members,
    )


def _of_records(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    names = dict.fromkeys(column for row in rows for column in row)
    return pd.DataFrame(
        {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names},
        index=range(len(rows)),
    )


def _geopackage(path: Path, named: Sequence[str]) -> list[Layer]:
    import pyogrio

    source = str(path.resolve())
    with readable(path, Said("as a GeoPackage")):
        names = [str(name) for name, _ in pyogrio.list_layers(source)]
    found = []
    for name in chosen(path, named, names):
        with readable(path, Said("as a GeoPackage")):
            frame = pyogrio.read_dataframe(source, layer=name)
            about = pyogrio.read_info(source, layer=name).get("layer_metadata") or {}
        found.append(_of_frame(name, frame, (), about))
    return found


def _of_frame(
    name: str | None, frame: Any, said: Sequence[Said], about: Mapping[str, Any] | None = None
) -> Layer:
    shape = getattr(frame, "_geometry_column_name", None)
    if shape is None:
        return Layer(name, frame, said=tuple(said), about=about or {})
    shapes = np.asarray(frame[shape].to_numpy(), dtype=object)
    plain = pd.DataFrame(frame.drop(columns=shape))
    return Layer(name, plain, shapes, frame.crs, tuple(said), about=about or {})


def _parquet(path: Path) -> Layer:
    import pyarrow.parquet as pq

    geoparquet.require_table(path)
    with readable(path, Said("as Parquet")):
        table = pq.read_table(path, partitioning=None)
        table.validate(full=True)  # texts that are none are found late else, and elsewhere
        geometry = geoparquet.geometry_of(path, table.schema)
        own = table.drop_columns([geometry.column]) if geometry.column else table
        columns, about = own.to_pandas(), (table.schema.metadata or {}).get(b"nuanfeng", b"{}")
        stated = json.loads(about)
        if not geometry.column:
            return Layer(None, columns.reset_index(drop=True), about=stated)
        if geometry.wkb:
            shapes = from_wkb(table[geometry.column].to_pylist())
        else:
            shapes = np.asarray(gpd.read_parquet(path).geometry.to_numpy(), dtype=object)
    return Layer(None, columns.reset_index(drop=True), shapes, geometry.crs, about=stated)


# --- as text cells ---


@dataclass(frozen=True, slots=True)
class Grids:
    """The layers of a file as text cells, with what was said of them."""

    grids: tuple[Grid, ...]
    said: tuple[Said, ...]
    datum: str | None
    """The datum that all of them state."""
    about: Mapping[str, Any]
    """What the file says of itself as a whole."""


def grids(path: Path, options: FileOptions = PLAIN) -> Grids:
    """The layers of a file, or those named: rows are numbered by feature, points stand in
    columns LON and LAT, other geometries in WKT.

    A layer in another CRS is converted to WGS-84, and that is said; without CRS numbers are taken
    as they are and state nothing.
    """
    found = read_layers(path, options)
    said: list[Said] = []
    stated: set[str | None] = set()
    made = []
    for layer in found:
        said += layer.said
        headings = tuple(map(str, layer.columns))
        own = shaped(headings)
        with readable(path):
            cells = [
                list(map(cell, layer.columns[name])) if own else _texts(layer.columns[name])
                for name in layer.columns
            ]
        if layer.shapes is None:
            stated.add(None)
        else:
            shown = in_degrees(layer, path.name, options.crs)
            said += shown.said
            stated.add(shown.datum)
            cells += _places(shown.shapes, layer.faults)
            headings = (*headings, LON, LAT, *((WKT,) if own else ()))
            cells = cells[: len(headings)]
        rows = tuple(zip(*cells, strict=True)) if cells else ()
        made.append(Grid((headings, *rows), (0, *range(1, len(rows) + 1)), layer.name))
    datum = next(iter(stated)) if len(stated) == 1 else None
    return Grids(tuple(made), tuple(said), datum, found[0].about if found else {})


def _texts(column: "pd.Series[Any]") -> list[str]:
    if pd.api.types.is_string_dtype(column) and column.dtype != object:
        return [cell.strip() if isinstance(cell, str) else "" for cell in column]
    return [text(cell) for cell in column]


def _places(shapes: Geometries, faults: Mapping[int, Said]) -> list[list[str]]:
    """Longitude, latitude and other geometries; of what is no point its kind stands in the first
    two, so that who reads points says it.
    """
    lon = ["" for _ in shapes]
    kinds = shapely.get_type_id(shapes)
    points = (kinds == shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)
    x, y = shapely.get_x(shapes[points]).tolist(), shapely.get_y(shapes[points]).tolist()
    lat, wkt = lon.copy(), lon.copy()
    for row, east, north in zip(np.flatnonzero(points).tolist(), x, y, strict=True):
        lon[row], lat[row] = text(east), text(north)
    for row in np.flatnonzero(~points & (kinds >= 0)).tolist():
        lon[row] = lat[row] = f"a {shapes[row].geom_type}, not a point"
        if kinds[row] == shapely.GeometryType.LINESTRING:
            wkt[row] = shapely.to_wkt(shapes[row], rounding_precision=-1)
    for row, why in faults.items():
        lon[row] = lat[row] = why
    return [lon, lat, wkt]


def text(value: Any) -> str:
    """A cell as a person would type it."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float):
        return _of_number(value)
    if isinstance(value, list | tuple | np.ndarray):
        return ";".join(map(text, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return _of_one(value)


def _of_one(value: Any) -> str:
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, bool | np.bool_):
        return "是" if value else "否"
    return _of_number(float(value)) if isinstance(value, np.floating) else str(value).strip()


def _of_number(number: float) -> str:
    if math.isnan(number):
        return ""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(float(number))
