"""The cells of a table by field, and what is told of them on the way: repairs, notes, refusals."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import pandas as pd

from geodata.errors import Reject, Said
from geodata.sources import repairs
from geodata.sources.grid import RawTable
from geodata.sources.repairs import Repair

#: What spreadsheets show where a formula fails, is not calculated, or does not fit its column.
_ERROR: Final = re.compile(
    r"#(?:REF|DIV/0|VALUE|NUM|NULL|N/A|SPILL|CALC|FIELD|BLOCKED|CONNECT|UNKNOWN|BUSY|GETTING_DATA"
    r"|NAME|PYTHON|EXTERNAL)[!?]?(?: =.*)?|#(?:名称|名字|引用|值|数值)[!?！？]|#{3,}|Err:5\d\d",
    re.DOTALL | re.IGNORECASE,
)
#: Without one of these a row is no place; an error in it refuses the row.
_NEEDED: Final = ("id", "kind", "name", "lon", "lat", "lonlat")


class NoteKind(StrEnum):
    """What a note is about, in a word that programs count by."""

    HOURS_NOT_UNDERSTOOD = "hours_not_understood"
    NO_HOURS_BUT_A_DATE = "no_hours_but_a_date"
    UNKNOWN_WORD = "unknown_word"
    UNKNOWN_DOOR = "unknown_door"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_STATUS = "unknown_status"
    UNKNOWN_AREA = "unknown_area"
    """A district or street office by no known name."""
    NOT_SERVING = "not_serving"
    SOMETIMES_CLOSED = "sometimes_closed"
    NEITHER_YES_NOR_NO = "neither_yes_nor_no"
    UNREADABLE = "unreadable"
    """An error of the spreadsheet, or a formula that was not calculated."""
    UNSAFE_LINK = "unsafe_link"
    KIND_OF_SHEET = "kind_of_sheet"
    NO_TELEPHONE = "no_telephone"
    TELEPHONE_LENGTH = "telephone_length"
    COARSE_POSITION = "coarse_position"
    RUNNING_NUMBERS = "running_numbers"
    PERHAPS_RUNNING = "perhaps_running"
    TWIN = "twin"
    """Another layer has this place, too, as it seems."""
    SAME_POINT = "same_point"
    SAME_TELEPHONE = "same_telephone"
    FAR_FROM_STREET = "far_from_street"
    FAR_FROM_DISTRICT = "far_from_district"
    OTHER_DISTRICT = "other_district"
    """A row's street office lies in another district than the row says."""
    OTHER_AREA = "other_area"
    """A place lies in another area than its source says."""
    JOINED = "joined"
    """Of outlines: parts of one name became one area."""
    OVERLAP = "overlap"
    GAP = "gap"
    HOLE = "hole"
    SLIVER = "sliver"
    NO_GROUND = "no_ground"


@dataclass(frozen=True, slots=True)
class Note:
    """Something to look at that keeps no row out."""

    kind: NoteKind
    row: int
    column: str
    value: str
    about: Said
    source: str = ""
    """The file, and the sheet where it has several."""


@dataclass(slots=True)
class Told:
    """What happens to cells on the way; a row comes by position and is kept by its number."""

    table: RawTable
    source: str
    repairs: list[Repair] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    rejects: dict[int, Reject] = field(default_factory=dict)
    """By position: the first reason is enough."""

    def mended(self, row: int, column: str, before: str, after: object, how: Said) -> None:
        """A cell was read otherwise than it was written."""
        self.repairs.append(
            Repair(self.table.numbers[row], column, before, str(after), how, self.source)
        )

    def noted(self, kind: NoteKind, row: int, column: str, value: str, about: Said) -> None:
        """A person should look at a cell."""
        number = self.table.numbers[row]
        self.notes.append(Note(kind, number, column, value[:100], about, self.source))

    def refused(self, row: int, column: str, value: str, reason: Said) -> None:
        """A row cannot be a place."""
        self.rejects.setdefault(
            row, Reject(self.table.numbers[row], column, value[:100], reason, self.source)
        )


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells by field."""

    frame: pd.DataFrame
    where: Mapping[str, str]
    """Field -> heading."""
    told: Told

    def __len__(self) -> int:
        return len(self.frame)

    def of(self, name: str) -> list[str]:
        """The cells of a field, "" where a cell says that nothing is known, or where no column
        means it.
        """
        if name not in self.where:
            return [""] * len(self)
        return [repairs.said(cell) for cell in self.frame[self.where[name]]]

    def values(
        self, name: str, read: Callable[[str], tuple[Any, Said | None]], refusal: Said
    ) -> list[Any]:
        """Each cell read; what was mended is told and what cannot be read refuses its row."""
        return [
            self._value(name, row, cell, read, refusal) if cell else None
            for row, cell in enumerate(self.of(name))
        ]

    def _value(
        self,
        name: str,
        row: int,
        cell: str,
        read: Callable[[str], tuple[Any, Said | None]],
        refusal: Said,
    ) -> Any:
        value, how = read(cell)
        if value is None:
            self.told.refused(row, self.where[name], cell, refusal)
        elif how:
            self.told.mended(row, self.where[name], cell, value, how)
        return value

    def without_errors(self) -> "Cells":
        """The same without the errors of a spreadsheet; each is told, and refuses its row where
        nothing can stand for it.
        """
        frame = self.frame
        for name, heading in self.where.items():
            hit = frame[heading].str.startswith(("#", "Err:")).to_numpy(bool).nonzero()[0].tolist()
            for row in hit:
                cell = frame[heading].iloc[row]
                if not _ERROR.fullmatch(cell):
                    continue
                if frame is self.frame:
                    frame = frame.copy()
                frame.loc[row, heading] = ""
                self._tell_error(row, name, heading, cell)
        return Cells(frame, self.where, self.told)

    def _tell_error(self, row: int, name: str, heading: str, cell: str) -> None:
        about = Said("an error of the spreadsheet, so unknown; mend the cell")
        self.told.noted(NoteKind.UNREADABLE, row, heading, cell, about)
        if name in _NEEDED:
            self.told.refused(
                row, heading, cell, Said("the spreadsheet shows an error here; mend the cell")
            )


def source_of(table: RawTable) -> str:
    """The file, and the sheet where it has a name."""
    return f"{table.file} / {table.sheet}" if table.sheet else table.file
