"""What an old workbook (.xls, .et) shows and calamine does not tell, by xlrd.

Hidden rows, struck-out text, error cells, number formats.
"""

from typing import Any

from geodata.sources import number_format
from geodata.sources.sheet_marks import SheetMarks


class OldMarkedBook:
    """An old workbook whose sheets can be asked for their marks by name.

    One that xlrd cannot read has none, and `is_read` says so.
    """

    def __init__(self, body: bytes) -> None:
        import xlrd

        self._book: Any = None
        self._errors = xlrd.error_text_from_code
        self._error, self._number, self._text = (
            xlrd.XL_CELL_ERROR,
            xlrd.XL_CELL_NUMBER,
            xlrd.XL_CELL_TEXT,
        )
        try:
            self._book = xlrd.open_workbook(
                file_contents=body, formatting_info=True, on_demand=True, logfile=_Silent()
            )
        except Exception:  # noqa: BLE001  # xlrd raises whatever a damaged file makes of it
            self._book = None

    @property
    def is_read(self) -> bool:
        """Whether marks can be told."""
        return self._book is not None

    def marks(self, sheet: str) -> SheetMarks:
        """The marks of a sheet."""
        marks = SheetMarks()
        if self._book is None or sheet not in self._book.sheet_names():
            return marks
        held = self._book.sheet_by_name(sheet)
        for row, about in held.rowinfo_map.items():
            if about.hidden or about.height == 0:
                marks.hidden.add(row)
        for row in range(held.nrows):
            for column, cell in enumerate(held.row(row)):
                self._mark(marks, row, column, cell)
        self._book.unload_sheet(sheet)
        return marks

    def _mark(self, marks: SheetMarks, row: int, column: int, cell: Any) -> None:
        if cell.ctype == self._error:
            marks.unreadable[row, column] = self._errors.get(cell.value, "#VALUE!")
        if cell.xf_index is None or cell.value == "":
            return
        style = self._book.xf_list[cell.xf_index]
        if self._book.font_list[style.font_index].struck_out:
            marks.struck.add((row, column))
        if cell.ctype in (self._number, self._text):
            code = self._book.format_map[style.format_key].format_str
            if number_format.tells(code):
                marks.formats[row, column] = code


class _Silent:
    """Where xlrd's remarks on odd files go."""

    def write(self, text: str) -> int:
        """Nothing."""
        return len(text)
