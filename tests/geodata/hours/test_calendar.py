"""The calendar against chinesecalendar (another author's table of the same notices),
and its edges.
"""

from datetime import date, timedelta

import chinese_calendar
import numpy as np
import pytest
from chinese_calendar import constants

from geodata.errors import BadValue
from geodata.hours.calendar import Calendar, DayKind
from geodata.hours.calendar import chinese_calendar as mainland

CALENDAR = mainland()
DAYS = [date(2025, 1, 1) + timedelta(days=n) for n in range(730)]


def test_every_day_of_2025_and_2026_is_worked_or_free_as_chinesecalendar_has_it():
    def is_worked(day: date) -> bool:
        kind = CALENDAR.kind(day)
        return kind == DayKind.WORKDAY or kind < DayKind.SA

    assert [day for day in DAYS if is_worked(day) != chinese_calendar.is_workday(day)] == []


def test_every_holiday_and_every_adjusted_workday_of_2025_and_2026_is_chinesecalendars():
    holidays = [day for day in DAYS if CALENDAR.kind(day) == DayKind.PH]
    worked = [day for day in DAYS if CALENDAR.kind(day) == DayKind.WORKDAY]
    assert holidays == [day for day in DAYS if day in constants.holidays]
    assert worked == [day for day in DAYS if day in constants.workdays and day.weekday() >= 5]


def test_a_weekend_inside_a_break_is_holiday_and_the_weekend_after_it_is_not():
    assert CALENDAR.kind(date(2026, 10, 4)) == DayKind.PH
    assert CALENDAR.kind(date(2026, 10, 11)) == DayKind.SU


def test_2027_is_not_known_although_the_package_has_guesses():
    assert CALENDAR.known_until == date(2026, 12, 31)
    assert CALENDAR.is_known(date(2026, 12, 31))
    assert not CALENDAR.is_known(date(2027, 1, 1))
    assert CALENDAR.kind(date(2027, 10, 1)) == DayKind.FR


def test_a_day_before_the_first_is_its_weekday_and_unknown():
    assert CALENDAR.kind(date(2024, 10, 1)) == DayKind.TU
    assert not CALENDAR.is_known(date(2024, 12, 31))


def test_a_calendar_comes_back_from_its_arrays():
    again = Calendar.from_arrays(CALENDAR.to_arrays())
    assert (again.first, again.known_until) == (CALENDAR.first, CALENDAR.known_until)
    assert np.array_equal(again.kinds, CALENDAR.kinds)


def test_the_kinds_cannot_be_written():
    with pytest.raises(ValueError, match="read-only"):
        CALENDAR.kinds[0] = 0


def test_kinds_that_are_too_few_are_refused():
    with pytest.raises(BadValue, match="send one a day"):
        Calendar(date(2026, 1, 1), np.zeros(3, dtype=np.uint8), date(2026, 1, 2))


@pytest.mark.parametrize("kind", [DayKind.MO, DayKind.WORKDAY, 9])
def test_a_thursday_is_a_thursday_or_a_holiday(kind: int):
    with pytest.raises(BadValue, match="do not follow the week"):
        Calendar(date(2026, 1, 1), np.array([kind], dtype=np.uint8), date(2026, 1, 1))
