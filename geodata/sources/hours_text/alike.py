"""Whether two expressions mean the same on every day that can come."""

from datetime import date, timedelta
from typing import Final

from geodata.hours.table import HoursTable, compile_hours
from geodata.hours.week import COLUMNS

#: Two years, one of them a leap year: every date and every weekday's turn of the seasons.
_FIRST: Final = date(2027, 1, 1)
_DAYS: Final = 731


def alike(one: str, other: str) -> bool:
    """Whether both compile to the same hours on each day of two years, however the day is treated:
    as a plain one, a holiday, a worked weekend, or one of which nothing is known yet.
    """
    if one == other:
        return True
    table, rows, refused = compile_hours([one, other])
    return not refused and _meaning(table, int(rows[0])) == _meaning(table, int(rows[1]))


def _meaning(table: HoursTable, row: int) -> list[tuple[int, ...]]:
    """The plans of each day of two years, one a treatment."""
    spans = range(int(table.span_offsets[row]), int(table.span_offsets[row + 1]))
    days = (_FIRST + timedelta(days=n) for n in range(_DAYS))
    return [_plans(table, _week(table, row, spans, day), day.weekday()) for day in days]


def _week(table: HoursTable, row: int, spans: range, day: date) -> int:
    for span in spans:
        yearly = bool(table.span_yearly[span])
        key = day.month * 100 + day.day if yearly else day.toordinal()
        if table.span_first[span] <= key <= table.span_last[span]:
            return int(table.span_weeks[span])
    return int(table.row_weeks[row])


def _plans(table: HoursTable, week: int, weekday: int) -> tuple[int, ...]:
    return tuple(map(int, table.weeks[week, weekday:COLUMNS:7]))
