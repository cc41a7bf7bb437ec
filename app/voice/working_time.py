"""Working time: Monday to Friday from 9 to 18 on the clocks of a city, with its public holidays and
adjusted workdays (调休).

Counts by a calendar it is given; looks at no clock.
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.hours.calendar import Calendar, DayKind
from geodata.hours.zone import TimeZone

_BEGINS: Final = time(9)
#: A working day's length, of which nothing is taken for lunch.
DAY_H: Final = 9
_HOUR_S: Final = 3_600.0
_WORKED: Final = frozenset(
    {DayKind.MO, DayKind.TU, DayKind.WE, DayKind.TH, DayKind.FR, DayKind.WORKDAY}
)
_DAY: Final = timedelta(days=1)


class Urgency(StrEnum):
    """How near the day is by which a letter should be answered: three colours by date."""

    IN_TIME = "in_time"
    DUE = "due"
    """Today, or on the next working day."""
    LATE = "late"


def is_worked(calendar: Calendar, day: date) -> bool:
    """Whether offices work on a day; outside the known days by its weekday."""
    return calendar.kind(day) in _WORKED


def due_on(calendar: Calendar, received: date, days: int) -> date:
    """The day by which an answer is due: so many working days after the one it was received on."""
    day = received
    while days:
        day += _DAY
        days -= is_worked(calendar, day)
    return day


def urgency(calendar: Calendar, due: date, today: date) -> Urgency:
    """The colour of a letter that has no answer yet."""
    if today > due:
        return Urgency.LATE
    return Urgency.DUE if due <= due_on(calendar, today, 1) else Urgency.IN_TIME


def working_hours(
    calendar: Calendar, zone: TimeZone, begun: NDArray[np.float64], ended: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Working hours between pairs of instants, in seconds since 1970 (UTC), shape (n,) each."""
    if not len(begun):
        return np.zeros(0)
    first = datetime.fromtimestamp(float(min(begun.min(), ended.min())), UTC)
    last = datetime.fromtimestamp(float(max(begun.max(), ended.max())), UTC)
    # No clock is more than a day from UTC.
    days = range(first.toordinal() - 2, last.toordinal() + 3)
    dates = [date.fromordinal(day) for day in days]
    opens = np.array([zone.at_clock(day, _BEGINS).timestamp() for day in dates])
    worked = np.array([is_worked(calendar, day) for day in dates], np.float64)
    before = np.concatenate([[0.0], np.cumsum(worked)[:-1]]) * DAY_H

    def until(at: NDArray[np.float64]) -> NDArray[np.float64]:
        # Days are a day apart, but for an hour where clocks change: off by one at most.
        row = ((at - opens[0]) / _DAY.total_seconds()).astype(np.int64)
        row += opens[row + 1] <= at
        row -= opens[row] > at
        today: NDArray[np.float64] = np.clip((at - opens[row]) / _HOUR_S, 0, DAY_H) * worked[row]
        worked_until: NDArray[np.float64] = before[row] + today
        return worked_until

    return until(ended) - until(begun)
