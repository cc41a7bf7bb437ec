"""A year's holidays from a table: date, off or work, name, source, in China as the State Council's
notice has them.

Checked as a whole: a calendar with a day missing would call a holiday a day like any other.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from geodata.errors import BadTable, Reject, Said
from geodata.hours.calendar import CHINA, HolidayDate, HolidayYear, statutory
from geodata.sources.file_options import PLAIN
from geodata.sources.grid import RawTable
from geodata.sources.read import read

#: Column -> the headings that mean it; compared without case, spaces and punctuation.
HEADINGS: Final = {
    "date": ("date", "day", "日期", "时间"),
    "off": (
        "off or work",
        "off",
        "kind",
        "type",
        "off/work",
        "status",
        "放假/上班",
        "放假或上班",
        "放假上班",
        "上班/放假",
        "类型",
        "安排",
        "休/班",
    ),
    "name": ("name", "holiday", "名称", "节日", "节假日", "节日名称", "假期", "假日"),
    "source": ("source", "notice", "来源", "依据", "出处", "通知", "文件"),
}
_ORDER: Final = tuple(HEADINGS)
#: What a cell says of its day. 调休 alone means either, and so nothing.
OFF_WORDS: Final = {
    **dict.fromkeys(("off", "holiday", "放假", "休", "休息", "假", "节假日", "放假调休"), True),
    **dict.fromkeys(("work", "workday", "上班", "班", "补班", "调休上班", "工作日"), False),
}
_DATE: Final = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))"
    r"(?:[ T]00:00(?::00)?)?"
)
_SPACES: Final = re.compile(r"[\W_]+")
#: Days off in a year, weekends of breaks counted, and worked weekend days: 2025 had 28 and 5, 2026
#: 33 and 6. More are no holidays, but weekends.
MOST_OFF: Final = 45
MOST_WORKED: Final = 15


@dataclass(frozen=True, slots=True)
class HolidaysRead:
    """A year that can be kept, and what a person should know of how it was read."""

    year: HolidayYear
    doubts: tuple[Said, ...]
    """Why it is not likely to be whole; a sentence each."""
    left_out: tuple[Said, ...]
    """Rows of the file that are none of a day: titles, notes."""


def read_holidays(path: Path, source: str = "", country: str = CHINA) -> HolidaysRead:
    """The year of a country in a file (csv or xlsx). `source` is said of rows that state none.

    Raises UnreadableFile, and BadTable with every row that cannot be used: all at once.
    """
    known = [word for words in HEADINGS.values() for word in words]
    tables = read(path, PLAIN, known)
    if len(tables) != 1:
        raise BadTable(
            "{file} holds {count} tables; save the one with the holidays as CSV",
            file=path.name,
            count=len(tables),
        )
    rows, numbers = _rows(tables[0])
    rejects = list(tables[0].rejects)
    stated = {row[3] for row in rows if row[3]}
    common = source or (next(iter(stated)) if len(stated) == 1 else "")
    found = [_day(row, number, common, rejects) for row, number in zip(rows, numbers, strict=True)]
    days = [each for each in found if each]
    years = sorted({each.day.year for each in days})
    if len(years) > 1:
        raise BadTable(
            (
                "{file} holds days of {years}; give a file for each year. `nuanfeng calendar "
                "show {first} --csv` writes what is known of one"
            ),
            rejects,
            file=path.name,
            years=[*map(str, years)],
            first=years[0],
        )
    rejects += _twice(days, rows, numbers)
    if rejects:
        raise BadTable(
            "{count} rows of {file} cannot be used; nothing was kept",
            sorted(rejects, key=lambda reject: reject.row),
            count=len(rejects),
            file=path.name,
        )
    if not days:
        raise BadTable(
            "{file} holds no day; a row is: date, off or work, name, source", file=path.name
        )
    year = HolidayYear(years[0], tuple(sorted(days)), country)
    return HolidaysRead(year, tuple(_doubts(year)), tables[0].left_out)


def as_rows(year: HolidayYear) -> list[tuple[str, str, str, str]]:
    """A year as the table that `read_holidays` reads, its headings first."""
    days = [
        (each.day.isoformat(), "off" if each.off else "work", each.name, each.source)
        for each in year.days
    ]
    return [("date", "off or work", "name", "source"), *days]


def _rows(table: RawTable) -> tuple[list[tuple[str, ...]], list[int]]:
    """The cells in the order of HEADINGS, and the number of each row.

    Without headings the first row is a day, too, and columns are told by what they hold. Raises
    BadTable where that is not certain.
    """
    rows, numbers = [*table.rows], [*table.numbers]
    headings: Sequence[str] = table.columns
    if any(map(_looks_like_date, headings)):
        rows, numbers = [table.columns, *rows], [min(numbers, default=2) - 1, *numbers]
        headings = ("",) * len(table.columns)
    at = {name: _column(headings, words) for name, words in HEADINGS.items()}
    taken = {column for column in at.values() if column is not None}
    for name, fits in (("date", _looks_like_date), ("off", _is_word)):
        if at[name] is None:
            fitting = [
                column
                for column in range(len(headings))
                if column not in taken and rows and all(fits(row[column]) for row in rows)
            ]
            if len(fitting) != 1:
                raise BadTable(
                    (
                        "{file} has no column {name!r}: its columns are {columns}; call them date, "
                        "off or work, name, source"
                    ),
                    file=table.file,
                    name=name,
                    columns=[*table.columns],
                )
            at[name] = fitting[0]
            taken.add(fitting[0])
    if not any(headings):  # name and source have no look of their own: they come in this order
        rest = [column for column in range(len(headings)) if column not in taken]
        at |= dict(zip(("name", "source"), rest, strict=False))
    cells = [
        tuple("" if (column := at[name]) is None else row[column].strip() for name in _ORDER)
        for row in rows
    ]
    return cells, numbers


def _column(headings: Sequence[str], words: Iterable[str]) -> int | None:
    wanted = {_folded(word) for word in words}
    return next((at for at, said in enumerate(headings) if _folded(said) in wanted), None)


def _folded(text: str) -> str:
    return _SPACES.sub("", text).casefold()


def _looks_like_date(cell: str) -> bool:
    return bool(_DATE.fullmatch(cell.strip()))


def _is_word(cell: str) -> bool:
    return cell.strip().casefold() in OFF_WORDS


def _day(
    row: tuple[str, ...], number: int, source: str, rejects: list[Reject]
) -> HolidayDate | None:
    """The day of a row; None, and a reject for each cell that cannot be used."""
    said, word, name, stated = row
    day, off = _date(said), OFF_WORDS.get(word.casefold())
    wrong = []
    if day is None:
        wrong.append(("date", said, Said("no date; write it as 2027-01-01")))
    if off is None:
        wrong.append(("off or work", word, Said("neither off nor work (放假 or 上班)")))
    if day and off is False and day.weekday() < 5:  # Monday to Friday
        wrong.append(
            (
                "off or work",
                said,
                Said("a plain working day is worked anyway: only a Sa or Su can be"),
            )
        )
    if not (stated or source):
        wrong.append(("source", "", Said("whose word is it? Name the notice, or give --source")))
    rejects += [Reject(number, column, value, why) for column, value, why in wrong]
    if wrong or day is None or off is None:
        return None
    return HolidayDate(day, off, name, stated or source)


def _date(said: str) -> date | None:
    found = _DATE.fullmatch(said.strip())
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups() if part and part.isdigit())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _twice(
    days: Sequence[HolidayDate], rows: Sequence[tuple[str, ...]], numbers: Sequence[int]
) -> list[Reject]:
    seen: dict[date, int] = {}
    rejects = []
    if len({each.day for each in days}) == len(days):
        return []
    for row, number in zip(rows, numbers, strict=True):
        day = _date(row[0])
        if day in seen:
            about = Said("this date stands in row {row}, too; keep the one that is right")
            why = Said(about, row=seen[day])
            rejects.append(Reject(number, "date", row[0], why))
        elif day:
            seen[day] = number
    return rejects


def _doubts(year: HolidayYear) -> list[Said]:
    off = year.all_off()
    doubts: list[Said] = []
    by_law = statutory(year.year) if year.country == CHINA else {}
    lacking = [f"{day} {name}" for day, name in by_law.items() if day not in off]
    if lacking:
        doubts.append(Said("not off, though public holidays by law: {days}", days=lacking))
    if len(off) > MOST_OFF:
        doubts.append(
            Said(
                "{count} days off, weekends beside them counted; more than {most} are no holidays."
                " Plain weekends need no row",
                count=len(off),
                most=MOST_OFF,
            )
        )
    if len(year.worked) > MOST_WORKED:
        doubts.append(
            Said(
                "{count} worked weekend days are more than {most}",
                count=len(year.worked),
                most=MOST_WORKED,
            )
        )
    return doubts
