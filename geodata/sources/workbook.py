"""Excel workbooks into text cells; measure.py has measured them before."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from geodata.errors import BadTable, UnreadableFile
from geodata.sources.grid import Grid


def grids(path: Path, body: bytes, sheet: str | None) -> tuple[list[Grid], list[str]]:
    """The visible sheets that hold anything, or the one named, hidden or not.

    And a sentence for each left out.

    Merged cells carry their value in every cell. Raises UnreadableFile, or BadTable where there is
    no such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        names = [each.name for each in book.sheets_metadata if each.typ is SheetTypeEnum.WorkSheet]
        if sheet is not None and sheet not in names:
            raise BadTable(f"{path.name} has no sheet {sheet!r}; it has {', '.join(names)}")
        hidden = [
            each.name
            for each in book.sheets_metadata
            if each.visible is not SheetVisibleEnum.Visible
        ]
        taken = [sheet] if sheet is not None else [name for name in names if name not in hidden]
        read = [grid for name in taken if (grid := _grid(book.get_sheet_by_name(name), name)).rows]
    except CalamineError as fault:
        raise UnreadableFile(f"{path.name} cannot be read as a workbook: {fault}") from None
    said = [
        f"sheet {name!r} is hidden; take it with --sheet" for name in hidden if name not in taken
    ]
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
        yield (
            f"{value // timedelta(hours=1)}:{value % timedelta(hours=1) // timedelta(minutes=1):02}"
        )
    else:
        yield str(value)
