"""The refused rows as a workbook to send back: every cell as it was, the bad one in red, and why.

Writes one file.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from geodata.errors import Reject, Said, UnreadableFile
from geodata.sources.cells import source_of
from geodata.sources.grid import RawTable

#: Of a sheet's name in Excel.
_LONGEST_NAME = 31


#: The headings before a table's own.
ROW, WHY = Said("row number"), Said("reason")


def write(
    path: Path,
    tables: Sequence[RawTable],
    rejects: Sequence[Reject],
    spoken: Callable[[Said], str] = str,
) -> None:
    """A sheet for each table with refused rows: number, reason, then its own columns.

    `spoken` says headings and reasons in the language of whoever mends the rows. UnreadableFile if
    it cannot be written. Cells are text: what looks like a formula or an address stays so.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            formats = {
                "head": book.add_format({"bold": True, "bg_color": "#E7E6E6"}),
                "why": book.add_format({"bg_color": "#FFF2CC", "text_wrap": True}),
                "bad": book.add_format({"bg_color": "#F8CBAD"}),
                "cell": book.add_format({}),
            }
            for number, table in enumerate(tables, 1):
                mine = {
                    reject.row: reject
                    for reject in rejects
                    if reject.source in ("", source_of(table))
                }
                _sheet(book.add_worksheet(_name(table, number)), table, mine, formats, spoken)
    except (OSError, XlsxWriterException) as fault:
        raise UnreadableFile("{file} cannot be written: {why}", file=path, why=fault) from None


def _name(table: RawTable, number: int) -> str:
    bare = "".join(letter for letter in table.sheet or table.file if letter not in "[]:*?/\\'")
    return f"{number} {bare}"[:_LONGEST_NAME]


def _sheet(
    sheet: object,
    table: RawTable,
    rejects: Mapping[int, Reject],
    formats: Mapping[str, object],
    spoken: Callable[[Said], str],
) -> None:
    put = sheet.write_string  # type: ignore[attr-defined]  # xlsxwriter ships no types
    for column, heading in enumerate((spoken(ROW), spoken(WHY), *table.columns)):
        put(0, column, heading, formats["head"])
    line = 0
    for number, cells in zip(table.numbers, table.rows, strict=True):
        if number not in rejects:
            continue
        line += 1
        reject = rejects[number]
        put(line, 0, str(number), formats["why"])
        put(line, 1, spoken(reject.reason), formats["why"])
        for column, (heading, cell) in enumerate(zip(table.columns, cells, strict=True), 2):
            bad = heading in reject.column.split(", ")
            put(line, column, cell, formats["bad" if bad else "cell"])
    for reject in table.rejects:  # its cells fit no heading
        line += 1
        put(line, 0, str(reject.row), formats["why"])
        put(line, 1, spoken(reject.reason), formats["why"])
        put(line, 2, reject.value, formats["bad"])
    sheet.freeze_panes(1, 2)  # type: ignore[attr-defined]  # as above
    sheet.set_column(1, 1, 48)  # type: ignore[attr-defined]  # as above
