"""Workbooks into text cells, as a person sees them; measure.py has measured them before."""

import io
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from geodata.errors import BadTable, Said, UnreadableFile
from geodata.sources import number_format
from geodata.sources.grid import Grid
from geodata.sources.sheet_marks import MarkedBook, SheetMarks
from geodata.sources.xls_marks import OldMarkedBook

#: Of a row's filled cells so many struck out mean the row, whose running number is often left.
_MOST_STRUCK: Final = 0.5


def grids(
    path: Path, body: bytes, sheets: Sequence[str] = (), *, hidden: bool = False
) -> tuple[list[Grid], list[Said]]:
    """The visible sheets that hold anything, or those named, hidden or not.

    And a sentence for each left out. Merged cells carry their value in every cell; errors and
    formulas without a value stand as their text. Rows that are hidden or struck out are left out
    and told, unless `hidden`. Raises UnreadableFile, or BadTable where there is no such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with ExitStack() as held:
            book = CalamineWorkbook.from_filelike(io.BytesIO(body))
            marked = _marked(body, held)
            every = book.sheets_metadata
            names = [each.name for each in every if each.typ is SheetTypeEnum.WorkSheet]
            unseen = [each.name for each in every if each.visible is not SheetVisibleEnum.Visible]
            _check_names(path, sheets, names)
            taken = [
                name for name in names if name in sheets or (not sheets and name not in unseen)
            ]
            read = []
            for name in taken:
                marks = marked.marks(name) if marked else SheetMarks()
                read.append(_grid(book.get_sheet_by_name(name), name, marks, hidden=hidden))
    except CalamineError as fault:
        raise UnreadableFile(
            (
                "{file} cannot be read as a workbook: {why}. Open it in Excel or WPS and "
                "save it as .xlsx"
            ),
            file=path.name,
            why=fault,
        ) from None
    said = [
        Said("sheet {sheet!r} is hidden; take it with --sheet", sheet=name)
        for name in unseen
        if name not in taken
    ]
    if marked is None:
        said.append(
            Said(
                "which rows are hidden or struck out is not told by this file; save it as .xlsx if"
                " that matters"
            )
        )
    blank = [
        Said("sheet {sheet!r} is empty", sheet=grid.sheet)
        for grid in read
        if not grid.rows and not grid.left_out
    ]
    return [grid for grid in read if grid.rows or grid.left_out], [*said, *blank]


def _marked(body: bytes, held: ExitStack) -> MarkedBook | OldMarkedBook | None:
    """Who tells the marks of the sheets; None where nobody can."""
    if body.startswith(b"PK"):
        return MarkedBook(held.enter_context(zipfile.ZipFile(io.BytesIO(body))))
    old = OldMarkedBook(body)
    return old if old.is_read else None


def _check_names(path: Path, sheets: Collection[str], names: Sequence[str]) -> None:
    absent = [each for each in sheets if each not in names]
    if absent:
        raise BadTable(
            "{file} has no sheet {absent!r}; it has {names}",
            file=path.name,
            absent=absent[0],
            names=[*names],
        )


def _grid(sheet: Any, name: str, marks: SheetMarks, *, hidden: bool) -> Grid:
    values = sheet.to_python(skip_empty_area=False)
    cells = [[_text(value) for value in row] for row in values]
    for (row, column), code in marks.formats.items():
        if row < len(values) and column < len(values[row]):
            cells[row][column] = _as_shown(values[row][column], code) or cells[row][column]
    for (row, column), text in marks.unreadable.items():
        _put(cells, row, column, text)
    left_out = [] if hidden else _struck_off(cells, marks)
    merged = sheet.merged_cell_ranges or ()
    for (top, left), (bottom, right) in merged:
        if top < len(cells) and left < len(cells[top]):
            _fill(cells, cells[top][left], range(top, bottom + 1), range(left, right + 1))
    gone = set() if hidden else marks.hidden | _struck_rows(cells, marks)
    kept = [row for row in range(len(cells)) if row not in gone and any(cells[row])]
    told = [
        Said(
            "row {row}: {why} {cells}; --hidden takes it",
            row=row + 1,
            why=Said("hidden") if row in marks.hidden else Said("struck out"),
            cells=_shown(cells[row]),
        )
        for row in sorted(gone)
        if row < len(cells) and any(cells[row])
    ]
    return Grid(
        tuple(tuple(cells[row]) for row in kept),
        tuple(row + 1 for row in kept),
        name,
        (*told, *left_out),
    )


def _as_shown(value: Any, code: str) -> str | None:
    """What the cell shows; None where that is its value."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or value == "":
        return None
    return number_format.shown(value, code)


def _put(cells: list[list[str]], row: int, column: int, text: str) -> None:
    """A cell's text, also beside or below what calamine gave."""
    while len(cells) <= row:
        cells.append([""] * (len(cells[0]) if cells else 0))
    if len(cells[row]) <= column:
        for each in cells:
            each.extend([""] * (column + 1 - len(each)))
    cells[row][column] = text


def _struck_rows(cells: list[list[str]], marks: SheetMarks) -> set[int]:
    """Rows of which more than half of what they held is struck out."""
    held: dict[int, int] = {}
    for row, _ in marks.struck:
        held[row] = held.get(row, 0) + 1
    return {
        row
        for row, count in held.items()
        if row < len(cells) and count > _MOST_STRUCK * sum(map(bool, cells[row]))
    }


def _struck_off(cells: list[list[str]], marks: SheetMarks) -> list[Said]:
    """Take what is struck out from cells of rows that stay, and tell it."""
    rows = _struck_rows(cells, marks) | marks.hidden
    told = []
    single = [(place, "") for place in marks.struck]
    for (row, column), rest in sorted((*single, *marks.texts.items())):
        if row in rows or row >= len(cells) or column >= len(cells[row]) or not cells[row][column]:
            continue
        shown = _shown([cells[row][column]])
        told.append(Said("row {row}: struck out in a cell {cell}", row=row + 1, cell=shown))
        cells[row][column] = rest
    return told


def _fill(cells: list[list[str]], value: str, rows: range, columns: range) -> None:
    for row in rows[: max(0, len(cells) - rows.start)]:
        for column in columns[: max(0, len(cells[row]) - columns.start)]:
            cells[row][column] = value


def _shown(row: Sequence[str]) -> str:
    return repr(" ".join(cell for cell in dict.fromkeys(row) if cell)[:60])


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
