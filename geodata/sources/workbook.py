"""Excel workbooks into text cells, measured before they are opened: a bomb costs no memory. Guesses no meaning."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from geodata.errors import BadTable, UnreadableFile
from geodata.sources.grid import Grid

#: A workbook of 200,000 stations unpacks to about 120 MB.
MOST_INFLATED: Final = 256_000_000
MOST_COLUMNS: Final = 500
#: Cells are held in a rectangle up to the last one, 32 bytes each: a single cell far away costs as much as a full sheet.
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
    part.file_size = room + 1  # so that reading ends where the stream does, not where the directory claims
    size, columns, rows = 0, *_NEAR
    with packed.open(part) as body:
        tail = b""
        while chunk := body.read(_CHUNK):
            size += len(chunk)
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


def grids(path: Path, body: bytes, sheet: str | None) -> tuple[list[Grid], list[str]]:
    """The visible sheets that hold anything, or the one named, hidden or not; and a sentence for each left out.

    Merged cells carry their value in every cell. Raises UnreadableFile, or BadTable where there is no such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        names = [each.name for each in book.sheets_metadata if each.typ is SheetTypeEnum.WorkSheet]
        if sheet is not None and sheet not in names:
            raise BadTable(f"{path.name} has no sheet {sheet!r}; it has {', '.join(names)}")
        hidden = [each.name for each in book.sheets_metadata if each.visible is not SheetVisibleEnum.Visible]
        taken = [sheet] if sheet is not None else [name for name in names if name not in hidden]
        read = [grid for name in taken if (grid := _grid(book.get_sheet_by_name(name), name)).rows]
    except CalamineError as fault:
        raise UnreadableFile(f"{path.name} cannot be read as a workbook: {fault}") from None
    said = [f"sheet {name!r} is hidden; take it with --sheet" for name in hidden if name not in taken]
    return read, said


def _grid(sheet: Any, name: str) -> Grid:
    values = sheet.to_python(skip_empty_area=False)
    cells = [[_text(value) for value in row] for row in values]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top < len(cells) and left < len(cells[top]):
            _fill(cells, cells[top][left], range(top, bottom + 1), range(left, right + 1))
    return Grid(tuple(map(tuple, cells)), tuple(range(1, len(cells) + 1)), name)


def _fill(cells: list[list[str]], value: str, rows: range, columns: range) -> None:
    for row in rows[: max(0, len(cells) - rows.start)]:
        for column in columns[: max(0, len(cells[row]) - columns.start)]:
            cells[row][column] = value


def _text(value: Any) -> str:
    """A cell as a person would type it: 13800138000 and not 13800138000.0, 09:30, 2026-11-01."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "".join(_moments(value))


def _moments(value: object) -> Iterator[str]:
    if isinstance(value, datetime):
        yield value.date().isoformat() + (f" {value:%H:%M}" if value.time() != time() else "")
    elif isinstance(value, date):
        yield value.isoformat()
    elif isinstance(value, time):
        yield f"{value:%H:%M}"
    elif isinstance(value, timedelta):
        yield f"{value // timedelta(hours=1)}:{value % timedelta(hours=1) // timedelta(minutes=1):02}"
    else:
        yield str(value)
