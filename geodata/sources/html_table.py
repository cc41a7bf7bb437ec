"""Tables of a web page saved under a workbook's name, as many office systems export them.

Reads text that is decoded already; runs nothing of it and fetches nothing.
"""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final

from geodata.errors import Said, UnreadableFile
from geodata.sources.grid import Grid
from geodata.sources.measure import MOST_CELLS, MOST_COLUMNS

_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)")
_DROPPED: Final = ("script", "style", "s", "strike", "del")
_BREAKS: Final = ("br", "p", "div", "li")
#: A page of as many tables has them for its layout.
_MOST_TABLES: Final = 200


def is_html(begins: str) -> bool:
    """Whether a text is a page with a table, whatever its file is called."""
    start = begins.lstrip("\ufeff \t\r\n")[:2_000].lower()
    return (
        start.startswith("<")
        and re.search(r"<(?:!doctype html|html|table|meta|head|body)\b", start) is not None
    )


def tables(text: str, name: str, *, hidden: bool = False) -> list[Grid]:
    """Every table that holds anything; rows that nobody sees are left out and told, unless
    `hidden`.

    Merged cells carry their value in every cell. Raises UnreadableFile: no table, or too many
    cells.
    """
    reader = _Reader(name)
    reader.feed(text)
    reader.close()
    grids = [_grid(rows, number, hidden=hidden) for number, rows in enumerate(reader.tables, 1)]
    held = [grid for grid in grids if grid.rows]
    if not held:
        raise UnreadableFile(
            ("{name} is a web page without a table; open it in Excel or WPS and save it as .xlsx"),
            name=name,
        )
    if len(held) == 1:
        held = [Grid(held[0].rows, held[0].numbers, None, held[0].left_out)]
    return held


class _Row:
    """Cells as they come, and whether anybody sees the row."""

    def __init__(self, *, unseen: bool) -> None:
        self.cells: list[tuple[str, int, int]] = []
        """Text, columns and rows that it spans."""
        self.unseen = unseen


class _Reader(HTMLParser):
    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[_Row]] = []
        self._name = name
        self._open: list[list[_Row]] = []
        self._text: list[str] | None = None
        self._span = (1, 1)
        self._dropped = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "table":
            self._end_cell()
            self._open.append([])
            self.tables.append(self._open[-1])
            if len(self.tables) > _MOST_TABLES:
                raise _too_large(self._name)
        elif tag == "tr" and self._open:
            self._end_cell()
            style = given.get("style", "").lower()
            unseen = "hidden" in given or _HIDDEN.search(style) is not None
            self._open[-1].append(_Row(unseen=unseen))
        elif tag in ("td", "th") and self._open:
            self._end_cell()
            self._span = (_span(given.get("colspan")), _span(given.get("rowspan")))
            self._text = []
            self._cells += self._span[0] * self._span[1]
            if self._span[0] > MOST_COLUMNS or self._cells > MOST_CELLS:
                raise _too_large(self._name)
        elif tag in _DROPPED:
            self._dropped += 1
        elif tag in _BREAKS and self._text:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._open:
            self._end_cell()
            self._open.pop()
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag in _DROPPED and self._dropped:
            self._dropped -= 1

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._dropped:
            self._text.append(data)

    def _end_cell(self) -> None:
        if self._text is None or not self._open:
            return
        lines = (" ".join(line.split()) for line in "".join(self._text).split("\n"))
        if not self._open[-1]:
            self._open[-1].append(_Row(unseen=False))
        self._open[-1][-1].cells.append(("\n".join(filter(None, lines)), *self._span))
        self._text = None
        self._dropped = 0


def _span(text: str | None) -> int:
    found = re.fullmatch(r"\s*(\d{1,5})\s*", text or "1")
    return max(1, int(found[1])) if found else 1


def _grid(rows: Sequence[_Row], number: int, *, hidden: bool) -> Grid:
    spread = _spread(rows)
    width = max((len(cells) for cells in spread), default=0)
    kept, numbers, told = [], [], []
    for at, (row, cells) in enumerate(zip(rows, spread, strict=True), 1):
        if row.unseen and not hidden and any(cells):
            shown = " ".join(dict.fromkeys(filter(None, cells)))[:60]
            why = Said("hidden")
            told.append(
                Said(
                    "row {row}: {why} {cells}; --hidden takes it",
                    row=at,
                    why=why,
                    cells=repr(shown),
                )
            )
        elif any(cells):
            kept.append(tuple(cells + [""] * (width - len(cells))))
            numbers.append(at)
    return Grid(tuple(kept), tuple(numbers), f"table {number}", tuple(told))


def _spread(rows: Sequence[_Row]) -> list[list[str]]:
    """Rows with merged cells in every place that they cover."""
    below: dict[int, tuple[str, int]] = {}
    spread = []
    for row in rows:
        cells: list[str] = []
        waiting = iter(row.cells)
        while True:
            at = len(cells)
            if at in below:
                text, left = below.pop(at)
                if left > 1:
                    below[at] = (text, left - 1)
                cells.append(text)
                continue
            cell = next(waiting, None)
            if cell is None:
                later = [each for each in below if each > at]
                if not later:
                    break
                cells += [""] * (min(later) - at)
                continue
            text, columns, lines = cell
            for column in range(at, at + columns):
                if lines > 1:
                    below[column] = (text, lines - 1)
            cells += [text] * columns
        spread.append(cells)
    return spread


def _too_large(name: str) -> UnreadableFile:
    return UnreadableFile(
        (
            "{name} holds more tables or cells than a list of places has; save the table "
            "alone as CSV"
        ),
        name=name,
    )
