"""How large a raw file is, before anything opens it. Imports no library of tables: a bomb is refused in no time."""

import re
import zipfile
import zlib
from pathlib import Path
from typing import Final

from geodata.errors import UnreadableFile

#: Larger files are refused before they are read; 2 million stations are about 200 MB.
MOST_BYTES: Final = 400_000_000
#: A workbook of 200,000 stations unpacks to about 120 MB.
MOST_INFLATED: Final = 256_000_000
MOST_COLUMNS: Final = 500
#: Cells are held in a rectangle up to the last, 32 bytes each: one cell far away costs as much as a full sheet.
MOST_CELLS: Final = 16_000_000
_CHUNK: Final = 1 << 20
#: Cells right of column Z, and cells below row 99,999, by their reference.
_FAR_RIGHT: Final = re.compile(rb"""r=["']([A-Z]{2,3})\d""")
_FAR_DOWN: Final = re.compile(rb"""r=["'][A-Z]{1,3}(\d{6,7})["']""")
_NEAR: Final = (26, 99_999)


def measure_zip(path: Path) -> None:
    """Unpack a zip in pieces, keeping none of it, and refuse what is too large. What it says of itself is not believed.

    Raises UnreadableFile: no zip, damaged, more than MOST_INFLATED bytes, a document type (entities), or a sheet that
    reaches too far.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_INFLATED:
                raise _too_large(path)
            total = 0
            for part in packed.infolist():
                total += _measure(packed, part, path, MOST_INFLATED - total)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as fault:
        raise UnreadableFile(f"{path.name} is damaged or locked: {fault}") from None


def _measure(packed: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path, room: int) -> int:
    claimed = part.file_size
    part.file_size = room + 2 * _CHUNK  # so that reading ends where the stream does, not where the directory claims
    size, columns, rows = 0, *_NEAR
    with packed.open(part) as body:
        tail = b""
        while chunk := body.read(_CHUNK):
            size += len(chunk)
            if size > claimed:
                raise UnreadableFile(f"{path.name} unpacks to more than it says of itself; save it anew, or as CSV")
            if size > room:
                raise _too_large(path)
            if size == len(chunk) and b"<!DOCTYPE" in chunk[:2048].upper():
                raise UnreadableFile(f"{path.name} declares entities, which no workbook needs; save it anew from Excel")
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
            f"{path.name} reaches to column {columns:,} and row {rows:,}; at most {MOST_COLUMNS} columns and "
            f"{MOST_CELLS:,} cells are read. Delete what stands beside or below the table"
        )


def _too_large(path: Path) -> UnreadableFile:
    return UnreadableFile(f"{path.name} unpacks to more than {MOST_INFLATED:,} bytes; save the table alone as CSV")


def measure(path: Path) -> None:
    """Raise UnreadableFile where a file is missing or too large to be a table of places, packed or unpacked."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UnreadableFile(f"{path.name} has {size:,} bytes; at most {MOST_BYTES:,} are read")
        with path.open("rb") as body:
            begins = body.read(_CHUNK)
    except OSError as fault:
        raise UnreadableFile(f"{path} cannot be opened: {fault.strerror}") from None
    if path.suffix.lower() in (".xlsx", ".xlsm", ".zip"):
        measure_zip(path)
    elif path.suffix.lower() in (".csv", ".tsv", ".txt"):
        _check_width(begins, path)


def _check_width(begins: bytes, path: Path) -> None:
    line = begins.partition(b"\n")[0]
    columns = max(line.count(each) for each in (b",", b"\t", b";", b"|")) + 1
    if columns > MOST_COLUMNS:
        raise UnreadableFile(f"{path.name} has {columns:,} columns; at most {MOST_COLUMNS} are read")
