"""How large a raw file is, before anything opens it.

Imports no library of tables: a bomb is refused in no time.
"""

import csv
import io
import re
import sqlite3
import zipfile
import zlib
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from geodata.errors import Said, UnreadableFile, why_of
from geodata.extract.foreign_files import reason

#: Larger files are refused before they are read; 2 million stations are about 200 MB.
MOST_BYTES: Final = 400_000_000
#: A workbook of 200,000 stations unpacks to about 120 MB.
MOST_INFLATED: Final = 256_000_000
MOST_COLUMNS: Final = 500
#: Cells are held in a rectangle up to the last, 32 bytes each: one cell far away costs as much as a
#: full sheet.
MOST_CELLS: Final = 16_000_000
#: Of a zip the list of what is in it, which every reader holds as a whole: some 50,000 parts.
MOST_DIRECTORY: Final = 4_000_000
_CHUNK: Final = 1 << 20
#: The records at the end of a zip (APPNOTE 4.3.14–16): a comment of at most 65,535 bytes follows
#: them.
_END, _END64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_END_BYTES: Final = 22 + 65_535 + 20 + 56
#: Workbooks that may be zips, whatever they are called.
_PACKED: Final = (".xlsx", ".xlsm", ".xls", ".et")
#: The stream of a workbook with a password, as its container names it.
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
#: Lines of a text table in which headings are looked for.
_LOOKED_AT: Final = 20
#: A member's name in JSON: nothing else is followed by a colon.
_KEY: Final = re.compile(rb'"((?:[^"\\]++|\\.)*+)"\s*:')
#: Cells right of column Z, and cells below row 99,999, by their reference.
_FAR_RIGHT: Final = re.compile(rb"""r=["']([A-Z]{2,3})\d""")
_FAR_DOWN: Final = re.compile(rb"""r=["'][A-Z]{1,3}(\d{6,7})["']""")
_NEAR: Final = (26, 99_999)


def measure_zip(path: Path) -> None:
    """Unpack a zip in pieces, keeping none of it, and refuse what is too large.

    What it says of itself is not believed.

    Raises UnreadableFile: no zip, damaged, too many parts, more than MOST_INFLATED bytes, a
    document type (entities), a sheet that reaches too far, or in a `.zip` no shapefile.
    """
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as packed:
            if path.suffix.lower() == ".zip" and not any(
                name.lower().endswith(".shp") for name in packed.namelist()
            ):
                raise UnreadableFile(
                    "{file} holds no shapefile; send what is in it by itself", file=path.name
                )
            if sum(part.file_size for part in packed.infolist()) > MOST_INFLATED:
                raise _too_large(path)
            total = 0
            for part in packed.infolist():
                total += _measure(packed, part, path, MOST_INFLATED - total)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
    ) as fault:
        raise UnreadableFile(
            "{file} is damaged or locked: {reason}", file=path.name, reason=reason(fault, path)
        ) from None


def _check_directory(path: Path) -> None:
    """The size of the directory is what readers take from the end of the file and then read: it
    cannot lie to them.
    """
    with path.open("rb") as body:
        body.seek(max(0, path.stat().st_size - _END_BYTES))
        end = body.read()
    at = end.rfind(_END)
    size = int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0
    if at >= 0 and end[max(0, at - 20) : at].startswith(_LOCATOR):
        record = end.rfind(_END64, 0, at)
        size = (
            int.from_bytes(end[record + 40 : record + 48], "little")
            if record >= 0
            else MOST_DIRECTORY + 1
        )
    if size > MOST_DIRECTORY:
        raise UnreadableFile(
            "{file} holds far more parts than a table has; save the table alone as CSV",
            file=path.name,
        )


def _measure(packed: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path, room: int) -> int:
    claimed = part.file_size
    part.file_size = (
        room + 2 * _CHUNK
    )  # so that reading ends where the stream does, not where the directory claims
    size, columns, rows = 0, *_NEAR
    with packed.open(part) as body:
        tail = b""
        while chunk := body.read(_CHUNK):
            size += len(chunk)
            if size > claimed:
                raise UnreadableFile(
                    "{file} unpacks to more than it says of itself; save it anew, or as CSV",
                    file=path.name,
                )
            if size > room:
                raise _too_large(path)
            if size == len(chunk) and b"<!DOCTYPE" in chunk[:2048].upper():
                raise UnreadableFile(
                    "{file} declares entities, which no workbook needs; save it anew from Excel",
                    file=path.name,
                )
            if part.filename.startswith("xl/worksheets/"):
                seen = tail + chunk
                columns, rows = _reach(seen, columns, rows)
                tail = chunk[-32:]
                _check_reach(path, columns, rows)
    return size


def _reach(xml: bytes, columns: int, rows: int) -> tuple[int, int]:
    letters = {found[1] for found in _FAR_RIGHT.finditer(xml)}
    right = max((_column_number(each) for each in letters), default=0)
    down = max((int(found[1]) for found in _FAR_DOWN.finditer(xml)), default=0)
    return max(columns, right), max(rows, down)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_reach(path: Path, columns: int, rows: int) -> None:
    if columns > MOST_COLUMNS or columns * rows > MOST_CELLS:
        raise UnreadableFile(
            (
                "{file} reaches to column {columns:,} and row {rows:,}; at most "
                "{most_columns} columns and {most_cells:,} cells are read. Delete what "
                "stands beside or below the table"
            ),
            file=path.name,
            columns=columns,
            rows=rows,
            most_columns=MOST_COLUMNS,
            most_cells=MOST_CELLS,
        )


def _too_large(path: Path) -> UnreadableFile:
    return UnreadableFile(
        ("{file} unpacks to more than {most_inflated:,} bytes; save the table alone as CSV"),
        file=path.name,
        most_inflated=MOST_INFLATED,
    )


def measure(path: Path, *, in_pieces: bool = False) -> None:
    """Raise UnreadableFile where a file is missing or too large to be a table of places, packed or
    unpacked.

    A file that is read `in_pieces` may be of any size.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES and not in_pieces:
            raise UnreadableFile(
                "{file} has {size:,} bytes; at most {most_bytes:,} are read",
                file=path.name,
                size=size,
                most_bytes=MOST_BYTES,
            )
        with path.open("rb") as body:
            begins = body.read(_CHUNK)
    except OSError as fault:
        raise UnreadableFile(
            "{file} cannot be opened: {why}", file=path, why=why_of(fault)
        ) from None
    suffix = path.suffix.lower()
    if suffix == ".zip" or (suffix in _PACKED and begins.startswith(b"PK")):
        measure_zip(path)
    elif suffix in (".xlsx", ".xlsm") and b"\0" in begins:
        what = (
            Said("locked with a password") if _LOCKED in begins else Said("damaged, or no workbook")
        )
        raise UnreadableFile(
            "{file} is {what}; open it in Excel or WPS and save it anew as .xlsx",
            file=path.name,
            what=what,
        )
    elif path.suffix.lower() in (".csv", ".tsv", ".txt"):
        _check_columns(max(_width(begins, each) for each in ",\t;|"), path)
    elif path.suffix.lower() in (".geojson", ".json"):
        _check_members(path)
    elif path.suffix.lower() == ".gpkg":
        _check_layers(path)


def _check_columns(columns: int, path: Path) -> None:
    if columns > MOST_COLUMNS:
        raise UnreadableFile(
            "{file} has {columns:,} columns; at most {most_columns} are read",
            file=path.name,
            columns=columns,
            most_columns=MOST_COLUMNS,
        )


def _width(begins: bytes, delimiter: str) -> int:
    """The widest of the first lines; commas in quotes are text."""
    lines = csv.reader(io.StringIO(begins.decode("latin-1"), newline=""), delimiter=delimiter)
    try:
        return max(map(len, islice(lines, _LOOKED_AT)), default=0)
    except csv.Error:  # a cell larger than a table has, which reading it will say
        return 0


def _check_members(path: Path) -> None:
    """Each feature may name other properties: 20,000 of one each are a table of
    400,000,000 cells.
    """
    names: set[bytes] = set()
    tail = b""
    with path.open("rb") as body:
        while chunk := body.read(_CHUNK):
            names.update(_KEY.findall(tail + chunk))
            tail = chunk[-256:]
            _check_columns(len(names), path)


def _check_layers(path: Path) -> None:
    """Layers of a GeoPackage must be tables: a view, or a column that is computed, holds what its
    text can describe.
    """
    try:
        with closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as held:
            for (name,) in held.execute(
                "SELECT table_name FROM gpkg_contents LIMIT 1000"
            ).fetchall():
                kinds = held.execute(
                    "SELECT type FROM sqlite_master WHERE name = ?", (name,)
                ).fetchall()
                columns = held.execute(
                    "SELECT hidden FROM pragma_table_xinfo(?)", (name,)
                ).fetchall()
                if ("table",) not in kinds or any(hidden for (hidden,) in columns):
                    raise UnreadableFile(
                        "{file}: layer {name!r} is computed; save it as a layer of its own",
                        file=path.name,
                        name=name,
                    )
                _check_columns(len(columns), path)
            # A damaged page is left out by readers without a word, and its rows with it.
            (found,) = held.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise UnreadableFile(
                    "{file} is damaged: {found}. Get it whole from its source",
                    file=path.name,
                    found=found,
                )
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as fault:
        raise UnreadableFile(
            "{file} cannot be read as a GeoPackage: {reason}",
            file=path.name,
            reason=reason(fault, path),
        ) from None
