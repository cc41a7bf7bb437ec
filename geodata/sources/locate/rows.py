"""Rows of a table without coordinates: what they say of where they are, and the points that were
found for them, or put by hand.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import shapely

from geodata.errors import BadTable, Said, UnreadableFile
from geodata.sources import repairs
from geodata.sources.cells import source_of
from geodata.sources.formula import guarded
from geodata.sources.grid import RawTable
from geodata.sources.headings import datum_named, meaning
from geodata.sources.locate.book import AddressBook
from geodata.sources.locate.candidates import Rung
from geodata.sources.locate.ladder import Found, Sought, locate
from geodata.sources.locate.plane import apart_m
from geodata.space.coordinates import Datum, gcj02_of_point, to_wgs84
from geodata.vocabulary import PIN_M, Position

Progress = Callable[[int], None]

#: What `locate` adds to a table.
ADDED: Final = (
    "candidate",
    "rung",
    "radius_m",
    "lon",
    "lat",
    "datum",
    "position",
    "evidence",
)
#: Fields of a position: located rows have others in their place.
_OF_POSITION: Final = frozenset(("lon", "lat", "lonlat", "datum", "position", "radius_m"))
_ROW: Final = frozenset(("row", "行", "行号", "rownumber"))
#: Columns of the list of rows that wait; with lon, lat and datum filled in it is a file of pins.
WAITING_COLUMNS: Final = (
    "file",
    "row",
    "id",
    "name",
    "district",
    "street",
    "address",
    "candidate",
    "rung",
    "radius_m",
    "evidence",
    "map",
    "lon",
    "lat",
    "datum",
)
_CHINA: Final = "CN"
#: Between several addresses in one cell.
_PARTS: Final = re.compile(r"[;；、\n]|[①-⑳]|(?<!\d)\d{1,2}[.．)）](?=[㐀-鿿])")


@dataclass(frozen=True, slots=True)
class Pin:
    """A point that a person put by hand, in WGS-84."""

    row: int | None
    id: str
    file: str
    lon: float
    lat: float

    @property
    def named(self) -> str:
        """What it is for, as its file says it."""
        return self.id or str(self.row)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row that no point was found for, or only one too coarse to be drawn."""

    source: str
    row: int
    id: str
    name: str
    sought: Sought
    found: Found


@dataclass(frozen=True, slots=True)
class Placed:
    """The rows of a table by where their points come from. Each is in one of them."""

    tables: tuple[tuple[RawTable, bool], ...]
    """Rows with coordinates of their own; and rows with a point in WGS-84 from their address or by
    hand (True), in columns lon, lat, position and radius_m.
    """
    waiting: tuple[WaitingRow, ...]
    found: tuple[Found, ...]
    """Of all rows without coordinates."""


def column_of(table: RawTable, field: str, mapped: Mapping[str, str] | None = None) -> int | None:
    """The column that is declared as a field, or has the best heading for it."""
    declared = {name: heading for heading, name in (mapped or {}).items()}
    if declared.get(field) in table.columns:
        return table.columns.index(declared[field])
    known = [
        (said.rank, at)
        for at, heading in enumerate(table.columns)
        if heading not in (mapped or {})
        and (said := meaning(heading)) is not None
        and said.field == field
    ]
    return min(known)[1] if known else None


def sought_of(table: RawTable, mapped: Mapping[str, str] | None = None) -> list[Sought]:
    """What each row says of where it is. Raises BadTable where no column holds addresses."""
    address = column_of(table, "address", mapped)
    if address is None:
        raise BadTable(
            "{source}: no column holds addresses; it has {columns}. Declare it with --map"
            " HEADING=address",
            source=source_of(table),
            columns=[*table.columns],
        )
    district, street = (column_of(table, field, mapped) for field in ("district", "street"))
    return [
        Sought(
            row[address],
            "" if district is None else row[district],
            "" if street is None else row[street],
        )
        for row in table.rows
    ]


def located(
    sought: Sequence[Sought], book: AddressBook, progress: Progress = lambda _: None
) -> list[Found]:
    """Where each address is; the same address is looked for once. `progress` hears how many."""
    known: dict[Sought, Found] = {}
    found = []
    for done, each in enumerate(sought, 1):
        if each not in known:
            known[each] = _found(each, book)
        found.append(known[each])
        progress(done)
    return found


def _found(sought: Sought, book: AddressBook) -> Found:
    if not sought.address.strip():
        return Found(Rung.NOT_FOUND, evidence=(Said("the row has no address"),))
    parts = [part for part in _PARTS.split(sought.address) if part.strip()]
    alone = [locate(replace(sought, address=part), book) for part in parts[1:] and parts]
    if _are_several([each for each in alone if each.is_pin]):
        several = Said("the cell holds {count} addresses: one row is one place", count=len(parts))
        return Found(Rung.NOT_FOUND, evidence=(several,))
    return locate(sought, book)


def _are_several(pins: Sequence[Found]) -> bool:
    """Whether some of the points lie farther apart than they may."""
    spots = [(shapely.Point(pin.lon or 0.0, pin.lat or 0.0), pin.radius_m or 0.0) for pin in pins]
    return any(
        apart_m(one, other) > max(one_m, other_m)
        for (one, one_m), (other, other_m) in combinations(spots, 2)
    )


def with_columns(table: RawTable, found: Sequence[Found], spoken: Callable[[str], str]) -> RawTable:
    """The table with what was found in columns of its own (ADDED); a heading that it has already
    gets "located_" before it. Sentences as `spoken` says them.
    """
    added = tuple(name if name not in table.columns else f"located_{name}" for name in ADDED)
    rows = tuple((*row, *_cells(each, spoken)) for row, each in zip(table.rows, found, strict=True))
    return replace(table, columns=(*table.columns, *added), rows=rows)


def _cells(found: Found, spoken: Callable[[str], str]) -> tuple[str, ...]:
    return (
        found.candidate,
        str(found.rung),
        _number(found.radius_m),
        _number(found.lon),
        _number(found.lat),
        "" if found.lon is None else str(Datum.WGS84),
        "" if found.lon is None else str(Position.LOCATED),
        "; ".join(map(spoken, found.evidence)),
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def place(
    table: RawTable,
    book: AddressBook | None,
    pins: Sequence[Pin],
    mapped: Mapping[str, str] | None = None,
    progress: Progress = lambda _: None,
) -> Placed:
    """Divide a table: rows with coordinates, rows with a point found or put, rows that wait.

    Without a book nothing is looked for: rows without coordinates and pin stay as they are.
    """
    pinned = _pinned(table, pins, mapped)
    bare = [
        at
        for at, row in enumerate(table.rows)
        if at not in pinned and book is not None and not has_point(table, row, mapped)
    ]
    found: dict[int, Found] = {}
    if bare and book is not None:
        sought = sought_of(table, mapped)
        each = located([sought[at] for at in bare], book, progress)
        found = dict(zip(bare, each, strict=True))
    points = {at: (pin.lon, pin.lat, Position.STATED, "") for at, pin in pinned.items()}
    for at, one in found.items():
        if one.is_pin and one.lon is not None and one.lat is not None:
            points[at] = (one.lon, one.lat, Position.LOCATED, _number(one.radius_m))
    waits = [at for at in bare if at not in points]
    mine = [at for at in range(len(table.rows)) if at not in {*points, *waits}]
    told = tuple(_waiting(table, at, found[at], mapped) for at in waits)
    left_out = (*table.left_out, *map(_told, told))
    stated = replace(_kept(table, mine), left_out=left_out)
    with_points = _with_points(table, points, mapped)
    tables = (
        [(stated, False), (with_points, True)]
        if mine
        else [(replace(with_points, left_out=left_out, rejects=table.rejects), True)]
    )
    return Placed(
        tuple((each, is_ours) for each, is_ours in tables if each.rows or each.left_out),
        told,
        tuple(found[at] for at in bare),
    )


def _told(waiting: WaitingRow) -> Said:
    """The sentence of a row that is not published."""
    found = waiting.found
    if found.radius_m is None:
        return Said(
            "row {row} waits for a point: {address} is not found",
            row=waiting.row,
            address=waiting.sought.address,
        )
    return Said(
        "row {row} waits for a point: {address} is known within {metres:,.0f} m ({candidate})",
        row=waiting.row,
        address=waiting.sought.address,
        metres=found.radius_m,
        candidate=found.candidate,
    )


def has_point(table: RawTable, row: Sequence[str], mapped: Mapping[str, str] | None) -> bool:
    """Whether the row says a point, finer than an earlier look-up that was too coarse to draw."""
    columns = (column_of(table, field, mapped) for field in ("lon", "lat", "lonlat"))
    if not any(at is not None and row[at].strip() for at in columns):
        return False
    position, radius = (column_of(table, name, mapped) for name in ("position", "radius_m"))
    if position is None or radius is None or row[position].strip() != Position.LOCATED:
        return True
    radius_m = repairs.degrees(row[radius])[0]
    return radius_m is None or radius_m <= PIN_M


def _kept(table: RawTable, rows: Sequence[int]) -> RawTable:
    return replace(
        table,
        rows=tuple(table.rows[at] for at in rows),
        numbers=tuple(table.numbers[at] for at in rows),
    )


def _with_points(
    table: RawTable,
    points: Mapping[int, tuple[float, float, Position, str]],
    mapped: Mapping[str, str] | None,
) -> RawTable:
    """These rows with their points instead of what their columns of positions hold."""
    kept = [
        at
        for at, heading in enumerate(table.columns)
        if _field(heading, mapped) not in _OF_POSITION
    ]
    columns = (*(table.columns[at] for at in kept), "lon", "lat", "position", "radius_m")
    return replace(
        table,
        columns=columns,
        rows=tuple(
            (
                *(table.rows[at][column] for column in kept),
                _number(points[at][0]),
                _number(points[at][1]),
                str(points[at][2]),
                points[at][3],
            )
            for at in sorted(points)
        ),
        numbers=tuple(table.numbers[at] for at in sorted(points)),
        datum=str(Datum.WGS84),
        left_out=(),
        rejects=(),
    )


def _field(heading: str, mapped: Mapping[str, str] | None) -> str | None:
    if mapped and heading in mapped:
        return mapped[heading]
    said = meaning(heading)
    return said.field if said else None


def _waiting(
    table: RawTable, at: int, found: Found, mapped: Mapping[str, str] | None
) -> WaitingRow:
    cells = {
        field: "" if (column := column_of(table, field, mapped)) is None else table.rows[at][column]
        for field in ("id", "name")
    }
    sought = sought_of(_kept(table, [at]), mapped)[0]
    return WaitingRow(
        source_of(table), table.numbers[at], cells["id"], cells["name"], sought, found
    )


# --- pins ---


def pins_of(tables: Sequence[RawTable]) -> list[Pin]:
    """The points of a file of pins: columns row or id (and file, where there are several), lon,
    lat and datum. Rows with neither lon nor lat are still to be filled in and say nothing.

    Raises BadTable for a missing column, a point that is none, and a datum that is not stated.
    """
    return [pin for table in tables for pin in _pins(table)]


def _pins(table: RawTable) -> list[Pin]:
    at = {name: column_of(table, name) for name in ("id", "lon", "lat", "datum")}
    at["row"] = next(
        (n for n, name in enumerate(table.columns) if name.strip().lower() in _ROW), None
    )
    at["file"] = next((n for n, name in enumerate(table.columns) if name in ("file", "文件")), None)
    missing = [name for name in ("lon", "lat") if at[name] is None]
    if at["row"] is None and at["id"] is None:
        missing.append("row")
    if at["datum"] is None and not table.datum:
        missing.append("datum")
    if missing:
        raise BadTable(
            "{source}: pins need columns row or id, lon, lat and datum; {missing} is missing",
            source=source_of(table),
            missing=missing,
        )
    found = []
    for number, row in zip(table.numbers, table.rows, strict=True):
        cells = {name: "" if n is None else row[n].strip() for name, n in at.items()}
        if cells["lon"] or cells["lat"]:
            found.append(_pin(table, number, cells))
    return found


def _pin(table: RawTable, number: int, cells: Mapping[str, str]) -> Pin:
    (lon, _), (lat, _) = repairs.degrees(cells["lon"]), repairs.degrees(cells["lat"])
    datum = datum_named(cells["datum"]) or (Datum(table.datum) if table.datum else None)
    if lon is None or lat is None or datum is None or abs(lat) > 90 or abs(lon) > 180:
        raise BadTable(
            "{source}, row {row}: a pin needs lon and lat as decimal degrees, lon first, and a"
            " datum: wgs84, gcj02 or bd09",
            source=source_of(table),
            row=number,
        )
    if cells["row"] and not cells["row"].isdecimal():
        raise BadTable(
            "{source}, row {row}: {value!r} is no row number",
            source=source_of(table),
            row=number,
            value=cells["row"],
        )
    x, y = to_wgs84(lon, lat, datum)
    row = int(cells["row"]) if cells["row"] else None
    return Pin(row, cells["id"], cells["file"], round(float(x), 7), round(float(y), 7))


def require_all_used(
    pins: Sequence[Pin], tables: Sequence[RawTable], mapped: Mapping[str, str] | None = None
) -> None:
    """Raises BadTable for a pin of a row or id that no table has, or several have."""
    for pin in pins:
        rows = [
            at
            for table in tables
            for at, each in _pinned(table, [pin], mapped).items()
            if each is pin
        ]
        if len(rows) != 1:
            message = (
                "the pin of {named} fits {count} rows; name the file in a column file, and the row"
                " as the spreadsheet counts it, or the id"
            )
            raise BadTable(message, named=pin.named, count=len(rows))


def _pinned(
    table: RawTable, pins: Sequence[Pin], mapped: Mapping[str, str] | None
) -> dict[int, Pin]:
    """Rows by position, with their pins."""
    mine = [pin for pin in pins if pin.file in ("", table.file, source_of(table))]
    by_row = {pin.row: pin for pin in mine if pin.row is not None}
    by_id = {pin.id: pin for pin in mine if pin.row is None and pin.id}
    ids = column_of(table, "id", mapped)
    found: dict[int, Pin] = {}
    for at, (number, row) in enumerate(zip(table.numbers, table.rows, strict=True)):
        pin = by_row.get(number) or (by_id.get(row[ids].strip()) if ids is not None else None)
        if pin is not None:
            found[at] = pin
    return found


# --- the list of rows that wait ---


def map_link(found: Found, sought: Sought, country: str) -> str:
    """A map on which a person finds the place of an address: Amap in China, else OpenStreetMap."""
    where = quote(" ".join(filter(None, (sought.district, sought.street, sought.address))))
    if country == _CHINA:
        if found.lon is None or found.lat is None:
            return f"https://uri.amap.com/search?keyword={where}&src=nuanfeng"
        x, y = gcj02_of_point(found.lon, found.lat)
        return f"https://uri.amap.com/marker?position={x:.6f},{y:.6f}&name={where}&src=nuanfeng"
    if found.lon is None or found.lat is None:
        return f"https://www.openstreetmap.org/search?query={where}"
    at = f"{found.lat:.6f}/{found.lon:.6f}"
    return f"https://www.openstreetmap.org/?mlat={found.lat:.6f}&mlon={found.lon:.6f}#map=17/{at}"


def waiting_table(
    waiting: Sequence[WaitingRow], country: str, spoken: Callable[[str], str]
) -> RawTable:
    """The rows that wait as a table (WAITING_COLUMNS) to be filled in."""
    rows = tuple(
        (
            each.source.partition(" / ")[0],
            str(each.row),
            each.id,
            each.name,
            each.sought.district,
            each.sought.street,
            each.sought.address,
            *_cells(each.found, spoken)[:3],
            "; ".join(map(spoken, each.found.evidence)),
            map_link(each.found, each.sought, country),
            "",
            "",
            "",
        )
        for each in waiting
    )
    numbers = tuple(range(2, len(rows) + 2))
    return RawTable("waiting", "", "", WAITING_COLUMNS, rows, numbers)


# --- files ---


def write_tables(path: Path, tables: Sequence[RawTable]) -> None:
    """Tables as a workbook, a sheet each, or one table as CSV in UTF-8 with a mark.

    Cells are text, but for the numbers of `locate`. Raises UnreadableFile where it cannot be
    written, BadTable for another format and for several tables as CSV.
    """
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        raise BadTable("{file} is none of .xlsx, .csv", file=path.name)
    if suffix == ".csv" and len(tables) != 1:
        raise BadTable(
            "{count} tables do not fit in {file}; write an .xlsx", count=len(tables), file=path.name
        )
    try:
        if suffix == ".csv":
            path.write_bytes(_csv(tables[0]))
        else:
            _workbook(path, tables)
    except OSError as fault:
        raise UnreadableFile("{file} cannot be written: {why}", file=path, why=fault) from None


def _csv(table: RawTable) -> bytes:
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(table.columns)
    out.writerows([guarded(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def _workbook(path: Path, tables: Sequence[RawTable]) -> None:
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            head = book.add_format({"bold": True, "bg_color": "#E7E6E6"})
            for number, table in enumerate(tables, 1):
                _sheet(book.add_worksheet(_sheet_name(table, number)), table, head)
    except XlsxWriterException as fault:
        raise UnreadableFile("{file} cannot be written: {why}", file=path, why=fault) from None


def _sheet(sheet: Any, table: RawTable, head: object) -> None:
    numeric = {
        at
        for at, name in enumerate(table.columns)
        if name.removeprefix("located_") in ("radius_m", "lon", "lat")
    }
    for column, heading in enumerate(table.columns):
        sheet.write_string(0, column, heading, head)
    for line, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            plain = column in numeric and repairs.degrees(cell)[0] is not None
            if plain:
                sheet.write_number(line, column, float(cell))
            else:
                sheet.write_string(line, column, cell)
    sheet.freeze_panes(1, 0)


def _sheet_name(table: RawTable, number: int) -> str:
    bare = "".join(letter for letter in table.sheet or table.file if letter not in "[]:*?/\\'")
    return f"{number} {bare}"[:31]
