"""A sheet of text cells becomes a table: where its headings stand, and which rows are none of its.

Reads no files.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from geodata.errors import BadTable, Reject
from geodata.sources.headings import meaning

#: Headings are looked for this far down: above them stand a title, a date, who filled it in.
_LOOKED_AT: Final = 20
#: Fewer known headings may be cells that look like one.
_FEWEST_KNOWN: Final = 2
_TOTAL: Final = re.compile(
    r"(?:合\s*计|总\s*计|小\s*计|共\s*计|总数|汇总|total|sum)(?:[:：\d(（].*)?", re.IGNORECASE
)
_NOTE: Final = re.compile(
    r"(?:备\s*注|注|说\s*明|填\s*表|制\s*表|审\s*核|数据来源|来源|联系人|更新时间)\S*[:：].*|注\d?[、.].*"
)

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawTable:
    """Text cells as read."""

    file: str
    sha256: str
    encoding: str
    """Of a text file; else the name of the format."""
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    numbers: tuple[int, ...]
    """The row of the file as a spreadsheet counts it (of a feature, its number): what a person
    looks up.
    """
    sheet: str | None = None
    left_out: tuple[str, ...] = ()
    """What stood in the file and is no row: titles, totals, hidden sheets; a sentence each."""
    datum: str | None = None
    """The datum that the file itself states."""
    rejects: tuple[Reject, ...] = ()
    """Rows that do not fit the headings; they are not in `rows`."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet: rows of text cells with the number of each in the file."""

    rows: tuple[Row, ...]
    numbers: tuple[int, ...]
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """What a grid holds: headings, rows under them, and a sentence for each other row."""

    columns: Row
    rows: tuple[Row, ...]
    numbers: tuple[int, ...]
    left_out: tuple[str, ...]
    rejects: tuple[Reject, ...] = ()
    """Rows with other numbers of cells than there are headings."""


def cut(grid: Grid, name: str, mapped: Collection[str] = ()) -> Cut:
    """Find the headings and the rows under them.

    Headings are the row of the first 20 that holds most known ones (`mapped` are known too), or the
    first row. Blank rows and blank columns say nothing; a row with another number of cells is
    refused, for nobody knows which is missing. Raises BadTable: no headings, or twin headings.
    """
    filled = [
        (number, row) for number, row in zip(grid.numbers, grid.rows, strict=True) if any(row)
    ]
    at = _headings_at([row for _, row in islice(filled, _LOOKED_AT)], mapped)
    if not filled:
        raise BadTable(f"{name} has no headings in its first line")
    columns = _columns(filled[at][1], name)
    left_out = [f"row {number}: title {_shown(row)}" for number, row in filled[:at]]
    rows, numbers, bad = [], [], []
    for number, row in filled[at + 1 :]:
        why = _no_row(row, filled[at][1])
        if why:
            left_out.append(f"row {number}: {why} {_shown(row)}")
            continue
        fitted = _fitted(row, len(columns))
        if fitted is None:
            reason = (
                f"{len(row)} cells where {len(columns)} are headed; is a separator missing, or one"
                " too many?"
            )
            bad.append(
                Reject(
                    number,
                    "",
                    ",".join(row)[:100],
                    reason,
                    f"{name} / {grid.sheet}" if grid.sheet else name,
                )
            )
            continue
        rows.append(fitted)
        numbers.append(number)
    kept = [i for i, column in enumerate(columns) if column]
    if len(kept) == len(columns):
        return Cut(columns, tuple(rows), tuple(numbers), tuple(left_out), tuple(bad))
    return replace(_without_blank_columns(columns, rows, numbers, left_out), rejects=tuple(bad))


def _headings_at(rows: Sequence[Row], mapped: Collection[str]) -> int:
    known = [
        sum(cell in mapped or meaning(cell) is not None for cell in row if cell) for row in rows
    ]
    best = max(known, default=0)
    return known.index(best) if best >= _FEWEST_KNOWN else 0


def _columns(row: Row, name: str) -> Row:
    columns = tuple(" ".join(cell.split()) for cell in row)
    if not any(columns):
        raise BadTable(f"{name} has no headings in its first line")
    twins = sorted({column for column in columns if column and columns.count(column) > 1})
    if twins:
        raise BadTable(f"{name} has columns of the same name: {', '.join(twins)}")
    return columns


def _no_row(row: Row, headings: Row) -> str | None:
    """Why a row under the headings is no place: a total, a note at the foot, the headings once
    more.
    """
    if row == headings:
        return "the headings again"
    cells = [cell for cell in row if cell]
    if _TOTAL.fullmatch(cells[0]):
        return "a total"
    if len(set(cells)) == 1 and _NOTE.fullmatch(cells[0]):
        return "a note"
    return None


def _fitted(row: Row, width: int) -> Row | None:
    if len(row) == width:
        return row
    if len(row) > width and not any(row[width:]):
        return row[:width]
    return None


def _without_blank_columns(
    columns: Row, rows: Sequence[Row], numbers: Iterable[int], left_out: Sequence[str]
) -> Cut:
    """A column without a heading is dropped if it is empty and named by its number if it is not."""
    used = [bool(column) or any(row[i] for row in rows) for i, column in enumerate(columns)]
    named = tuple(column or f"column {i + 1}" for i, column in enumerate(columns) if used[i])
    kept = tuple(tuple(cell for i, cell in enumerate(row) if used[i]) for row in rows)
    return Cut(named, kept, tuple(numbers), tuple(left_out))


def _shown(row: Row) -> str:
    return repr(" ".join(cell for cell in dict.fromkeys(row) if cell)[:60])
