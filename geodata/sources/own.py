"""Our own exports come back as they went out: every column as it was published, and not read anew.

An export is known by its columns, so a copy that somebody opened and saved elsewhere is one, too.
Cells are texts as in the CSV: `joined` and `cell` write them, `rows_of` reads them.
"""

import json
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.errors import BadTable, BadValue, Said
from geodata.places.table import (
    CATEGORY_COLUMNS,
    COLUMNS,
    DATE_COLUMN,
    LIST_COLUMNS,
    NUMBER_COLUMNS,
    TEXT_COLUMNS,
)
from geodata.sources import repairs
from geodata.sources.grid import RawTable
from geodata.sources.headings import shaped
from geodata.sources.wkb import from_wkt
from geodata.space.datum import Datum
from geodata.vocabulary import MAIN_LAYER

#: Headings of positions: of the CSV, and of layers.
_LON, _LAT, _WKT = ("lon", "geometry.lon"), ("lat", "geometry.lat"), ("wkt", "geometry.wkt")
#: Where a column has another heading in some export.
_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {"phones": ("phones", "phone")}
#: Made anew at every publish.
_MADE: Final = frozenset(("geometry", "service_bits", "pinyin", "initials"))
#: Where a place came from, as its own source had it.
ORIGIN: Final = (
    "src_file",
    "src_sheet",
    "src_row",
    "src_id",
    "src_datum",
    "src_lon",
    "src_lat",
)
#: Said anew by who imports, or as it was.
_LAYER: Final = "layer"
#: What is true of the whole dataset, a column each in the CSV.
ABOUT: Final = (
    "datasetTitle",
    "synthetic",
    "licence",
    "attribution",
    "dataDate",
    "dataVersion",
    "dataset",
    "datum",
)
#: Of the CSV: columns of a place that hold what is true of the whole dataset, as it has none.
FROM_DATASET: Final = "from_dataset"
_INHERITED: Final = ("source", "licence")
_SEPARATOR: Final = ";"
_ITEM: Final = re.compile(r"(?:[^;\\]|\\.)+", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL: Final = re.compile(r"[;\\]")
_TRUE: Final = frozenset(("true", "是", "1", "yes"))


def joined(items: Iterable[object]) -> str:
    """A list as one cell, apart by ";", which is escaped by a backslash within a word."""
    return _SEPARATOR.join(_SPECIAL.sub(r"\\\g<0>", str(item)) for item in items)


def _split(cell: str) -> list[str]:
    return [_ESCAPED.sub(r"\1", item) for item in _ITEM.findall(cell)]


def from_dataset(places: pd.DataFrame) -> list[str]:
    """The column FROM_DATASET of a places table."""
    blank = [places[name].isna().tolist() for name in _INHERITED]
    return [
        joined(name for name, none in zip(_INHERITED, row, strict=True) if none)
        for row in zip(*blank, strict=True)
    ]


def cell(value: Any) -> str:
    """A value of an export as the text that stands in its CSV."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | np.ndarray):
        return joined(value)
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124  # nan is not itself
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return str(value)


def flattened(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a feature of our GeoJSON as columns; of any other as they are."""
    origin, access = properties.get("provenance"), properties.get("access")
    if not isinstance(origin, dict) or not isinstance(access, dict):
        return dict(properties)
    apart = {
        "phones": properties.get("phones") or [],
        **{name: access.get(name) for name in ("door", "audience")},
        "entry": None if access.get("entry") is None else json.dumps(access["entry"]),
        **{name: origin.get(name) for name in ("verified_at", "verified_by")},
        **{name: origin.get(name.removeprefix("src_")) for name in ORIGIN},
        "src_guessed": " ".join(origin.get("guessed") or ()) or None,
    }
    kept = {name: value for name, value in properties.items() if name in COLUMNS or name == "id"}
    return {**kept, **apart}


def about_of(table: RawTable) -> Mapping[str, Any]:
    """What an export says of its dataset, by the names of ABOUT; of another table nothing."""
    if not shaped(table.columns):
        return {}
    told = {name: table.about[name] for name in ABOUT if name in table.about}
    for name in ABOUT:
        if name in table.columns:
            said = {*_whole_dataset(table, name)} - {""}
            if len(said) == 1:
                told[name] = next(iter(said))
    if "synthetic" in told:
        told["synthetic"] = cell(told["synthetic"]).strip().lower() in _TRUE
    return told


def of_layer(table: RawTable, layer: str, others: Collection[str]) -> RawTable:
    """An export without the rows of `others`, layers that are published by themselves; they are
    told. Any other table is as it was.

    Raises BadTable where no row is left.
    """
    if not shaped(table.columns) or _LAYER not in table.columns:
        return table
    at = table.columns.index(_LAYER)
    said = [row[at] or MAIN_LAYER for row in table.rows]
    left_out = {name: said.count(name) for name in dict.fromkeys(said) if name in others}
    if not left_out:
        return table
    kept = [row for row, name in enumerate(said) if name not in left_out]
    if not kept and not table.rejects:
        raise BadTable(
            "{file} is an export of layers that are published by themselves ({layers}), and none"
            " of its rows is of {layer!r}; import each with --layer, such as --layer {one}, or all"
            " of them as another --dataset",
            file=table.file,
            layers=[*left_out],
            layer=layer,
            one=next(iter(left_out)),
        )
    return replace(
        table,
        rows=tuple(table.rows[row] for row in kept),
        numbers=tuple(table.numbers[row] for row in kept),
        left_out=(
            *table.left_out,
            *(
                Said(
                    "{count:,} rows of layer {name!r}, which is published by itself; import them"
                    " with --layer {name}",
                    count=count,
                    name=name,
                )
                for name, count in left_out.items()
            ),
        ),
    )


def _whole_dataset(table: RawTable, name: str) -> list[str]:
    """The cells of a column that are true of the whole dataset; all, where none says so."""
    at = table.columns.index(name)
    if name not in _INHERITED or FROM_DATASET not in table.columns:
        return [row[at] for row in table.rows]
    inherited = table.columns.index(FROM_DATASET)
    whole = [row[at] for row in table.rows if name in _split(row[inherited])]
    return whole or [row[at] for row in table.rows]


@dataclass(slots=True)
class OwnRows:
    """The rows of an export, n in all."""

    columns: dict[str, Sequence[Any]]
    """Columns of the places table but geometry, layer and ORIGIN."""
    shapes: NDArray[np.object_]
    """Points and lines in degrees of the datum stated, None where refused."""
    origin: pd.DataFrame
    """The columns of ORIGIN, and `layer` if the export has it."""
    used: frozenset[str]
    """Headings that were read."""
    refused: list[tuple[int, str, str, Said]] = field(default_factory=list)
    """Position, heading, value and why."""
    mended: list[tuple[int, str, str, str, Said]] = field(default_factory=list)
    """Position, heading, before, after and how."""


def rows_of(table: RawTable) -> OwnRows:
    """Read an export whose columns are `shaped`. What somebody spoilt refuses its row."""
    cells = _Cells(table)
    own = OwnRows({}, np.full(len(table.rows), None, dtype=object), pd.DataFrame(), frozenset())
    for name in COLUMNS:
        if name in _MADE or name in ORIGIN or name == _LAYER:
            continue
        if cells.heading(name) is not None:
            own.columns[name] = _column(name, cells, own)
    _disinherit(cells, own)
    origin = (*ORIGIN, _LAYER) if cells.heading(_LAYER) else ORIGIN
    own.origin = pd.DataFrame({name: _column(name, cells, own) for name in origin})
    _read_positions(cells, own)
    own.used = frozenset((*cells.used, *ABOUT, *(_MADE & {*table.columns})))
    return own


def _disinherit(cells: "_Cells", own: OwnRows) -> None:
    inherited = [_split(each) for each in cells.of(FROM_DATASET)]
    for name in _INHERITED:
        said = own.columns.get(name)
        if said is not None:
            own.columns[name] = [
                None if name in held else value for value, held in zip(said, inherited, strict=True)
            ]


class _Cells:
    """The cells of a table by column."""

    def __init__(self, table: RawTable) -> None:
        self.table = table
        self.used: set[str] = set()

    def heading(self, *names: str) -> str | None:
        """The first heading of the table that is called so."""
        every = (heading for name in names for heading in _HEADINGS.get(name, (name,)))
        return next((heading for heading in every if heading in self.table.columns), None)

    def of(self, *names: str) -> list[str]:
        """The cells under it, "" in every row where there is none."""
        heading = self.heading(*names)
        if heading is None:
            return [""] * len(self.table.rows)
        self.used.add(heading)
        at = self.table.columns.index(heading)
        return [row[at] for row in self.table.rows]


def _column(name: str, cells: _Cells, own: OwnRows) -> list[Any]:
    said = cells.of(name)
    if name in LIST_COLUMNS:
        return [_split(each) for each in said]
    if name == DATE_COLUMN:
        return [_day(row, name, each, own) for row, each in enumerate(said)]
    if name in NUMBER_COLUMNS:
        whole = NUMBER_COLUMNS[name].startswith("Int")
        return [_number(row, name, each, own, whole=whole) for row, each in enumerate(said)]
    if name in TEXT_COLUMNS or name in CATEGORY_COLUMNS:
        return [each or ("" if name == "id" else None) for each in said]
    raise AssertionError(f"column {name} of places is of no kind that an export has")


def _day(row: int, name: str, said: str, own: OwnRows) -> np.datetime64:
    day, how = repairs.day(said) if said else ("NaT", None)
    try:
        read = np.datetime64(day or "no day", "s")
    except ValueError:
        own.refused.append((row, name, said, Said("a date is written 2026-11-21")))
        return np.datetime64("NaT", "s")
    if how:
        own.mended.append((row, name, said, str(day), how))
    return read


def _number(row: int, name: str, said: str, own: OwnRows, *, whole: bool) -> float | int | None:
    if not said.strip():
        return None
    try:
        number = float(said)
        if whole and number.is_integer():
            return int(number)
        if not whole and math.isfinite(number):
            return number
    except ValueError:
        pass
    message = "{name} is a whole number" if whole else "{name} is a number"
    own.refused.append((row, name, said, Said(message, name=name)))
    return None


def _read_positions(cells: _Cells, own: OwnRows) -> None:
    lines = cells.of(*_WKT)
    for row, (lon, lat, line) in enumerate(
        zip(cells.of(*_LON), cells.of(*_LAT), lines, strict=True)
    ):
        if line.strip():
            own.shapes[row] = _line(row, cells.heading(*_WKT) or "", line, own)
            continue
        (x, _), (y, _) = repairs.degrees(lon.strip()), repairs.degrees(lat.strip())
        if x is None or y is None:
            why = Said("lon and lat must be plain decimal degrees; fill both in")
            own.refused.append((row, cells.heading(*_LON) or "lon", f"{lon},{lat}", why))
        elif abs(y) > 90 or abs(x) > 180:
            why = Said("not degrees on earth; are lon and lat swapped?")
            own.refused.append((row, cells.heading(*_LON) or "lon", f"{lon},{lat}", why))
        else:
            own.shapes[row] = shapely.Point(x, y)


def _line(row: int, heading: str, said: str, own: OwnRows) -> Any:
    try:
        shape = from_wkt(said)
    except (BadValue, shapely.errors.ShapelyError) as fault:
        own.refused.append((row, heading, said, Said("this is no line as WKT: {why}", why=fault)))
        return None
    if shape is None or shape.geom_type not in ("LineString", "Point") or shape.is_empty:
        own.refused.append((row, heading, said, Said("a place is a point or a line")))
        return None
    return shape


def datum_of(table: RawTable) -> Datum:
    """The datum that an export states; WGS-84, which is the only one we write, where it is an old
    one that says nothing. Raises BadValue for any other word.
    """
    said = cell(about_of(table).get("datum", Datum.WGS84)).strip().lower()
    try:
        return Datum(said)
    except ValueError:
        raise BadValue(
            "{file} states the datum {said!r}; it is one of {datums}",
            file=table.file,
            said=said,
            datums=[*Datum],
        ) from None
