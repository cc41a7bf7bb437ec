"""Tables of answers into files, piece by piece: Parquet, CSV and workbooks, by the file's ending.

Whole or not at all. Numbers stay numbers; what a spreadsheet would run stays the text that it is.
"""

import glob
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from geodata.errors import BadTable, UnreadableFile
from geodata.sources.formula import guarded_all
from geodata.sources.own import joined

Write = Callable[[pa.Table], None]

#: How headings are said in files for people; None: as the columns are named.
_spoken: Final[ContextVar[Callable[[str], str] | None]] = ContextVar("spoken", default=None)

_MARK: Final = b"\xef\xbb\xbf"
#: Of a sheet; its headings take one row more.
MOST_ROWS: Final = 1_048_575
#: Of a cell.
_LONGEST_TEXT: Final = 32_767
#: A spreadsheet's numbers have no more digits.
_MOST_WHOLE: Final = 10**15


def require_ending(target: Path, endings: Sequence[str]) -> None:
    """Raises UnreadableFile for a target of another format, or in no folder."""
    if target.suffix.lower() not in endings:
        raise UnreadableFile(
            "{target} is none of {endings}; let its name end in one of them",
            target=target.name,
            endings=[*endings],
        )
    if not target.absolute().parent.is_dir():
        raise UnreadableFile(
            "there is no folder {parent} to write to", parent=target.absolute().parent
        )


@contextmanager
def headed(spoken: Callable[[str], str]) -> Iterator[None]:
    """CSVs and workbooks that are written meanwhile have their headings as `spoken` says them."""
    before = _spoken.set(spoken)
    try:
        yield
    finally:
        _spoken.reset(before)


def headings(names: Sequence[str]) -> list[str]:
    """The headings of columns in a file for people; two are never alike."""
    spoken = _spoken.get()
    if spoken is None:
        return [*names]
    known, said = {*names}, list(map(spoken, names))
    many = Counter(said)
    return [
        new if many[new] == 1 and (new == name or new not in known) else name
        for name, new in zip(names, said, strict=True)
    ]


def writing(part: Path, suffix: str) -> AbstractContextManager[Write]:
    """What writes the pieces of a table, each with the same columns, into a file of that ending."""
    return WRITERS[suffix.lower()](part)


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """A file beside the target that takes its place when all went well, and else leaves nothing
    behind.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        _clear_away(left)
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    except (OSError, pa.ArrowException) as fault:
        raise UnreadableFile(
            "{target} cannot be written: {why}", target=target, why=fault
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _clear_away(part: Path) -> None:
    """A part whose process was killed before it was whole, unless that runs still."""
    number = part.name.rsplit(".", 2)[-2]
    if number.isdecimal() and not _runs(int(number)):
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return process != os.getpid()


@contextmanager
def _parquet(part: Path) -> Iterator[Write]:
    writers: list[Any] = []

    def write(table: pa.Table) -> None:
        if not writers:
            writers.append(pq.ParquetWriter(part, table.schema, compression="zstd"))
        writers[0].write_table(table)

    try:
        yield write
    finally:
        for writer in writers:
            writer.close()


@contextmanager
def _csv(part: Path) -> Iterator[Write]:
    """UTF-8 with a mark, as spreadsheets want it; reading takes the guards off again."""
    with part.open("wb") as out:
        out.write(_MARK)
        is_first = True

        def write(table: pa.Table) -> None:
            nonlocal is_first
            pyarrow.csv.write_csv(
                pa.table(list(map(_plain, table.columns)), headings(table.column_names)),
                out,
                pyarrow.csv.WriteOptions(include_header=is_first, quoting_style="needed"),
            )
            is_first = False

        yield write


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as CSV can hold it: lists as one text, texts guarded."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        column = pa.chunked_array([pa.array(list(map(_text, column.to_pylist())), pa.string())])
        kind = column.type
    return (
        guarded_all(column)
        if pa.types.is_string(kind) or pa.types.is_large_string(kind)
        else (column)
    )


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return joined("" if each is None else each for each in value)
    if isinstance(value, bytes):
        return value.hex()
    return None if value is None else str(value)


@contextmanager
def _xlsx(part: Path) -> Iterator[Write]:
    """One sheet, row by row, so that memory does not grow with it."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(part), {**options, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("table")
        sheet.freeze_panes(1, 0)
        row = 0

        def write(table: pa.Table) -> None:
            nonlocal row
            if not row:
                for at, name in enumerate(headings(table.column_names)):
                    sheet.write_string(0, at, name)
            if row + table.num_rows > MOST_ROWS:
                raise BadTable(
                    (
                        "a sheet holds {most_rows:,} rows, and these are more; write a .parquet or "
                        ".csv"
                    ),
                    most_rows=MOST_ROWS,
                )
            columns = [column.to_pylist() for column in table.columns]
            for cells in zip(*columns, strict=True):
                row += 1
                for at, value in enumerate(cells):
                    put(sheet, row, at, value)

        yield write


def put(sheet: Any, row: int, column: int, value: Any) -> None:
    """A value into a cell: numbers as numbers, nothing where nothing is known."""
    if value is None or value == "":
        return
    if isinstance(value, bool | np.bool_):
        sheet.write_boolean(row, column, bool(value))
    elif isinstance(value, float | np.floating):
        if np.isfinite(value):
            sheet.write_number(row, column, float(value))
    elif isinstance(value, int | np.integer) and abs(int(value)) < _MOST_WHOLE:
        sheet.write_number(row, column, int(value))
    elif isinstance(value, datetime | date):
        sheet.write_string(row, column, value.isoformat())
    else:
        sheet.write_string(row, column, (_text(value) or "")[:_LONGEST_TEXT])


#: How a table is written piece by piece, by the end of the file's name.
WRITERS: Final[dict[str, Callable[[Path], AbstractContextManager[Write]]]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".xlsx": _xlsx,
}
