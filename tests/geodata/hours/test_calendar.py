"""The calendar against chinesecalendar (another author's table of the same notices),
and its edges.
"""

from datetime import date, timedelta

import chinese_calendar
import numpy as np
import pytest
from chinese_calendar import constants

from geodata.errors import BadValue
from geodata.hours.calendar import (
    Calendar,
    DayKind,
    HolidayDate,
    HolidayYear,
    calendar_of,
    library_years,
    missing_year,
    statutory,
    usable,
)

CALENDAR = calendar_of("CN")
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


def year(number: int, *off: str, worked: tuple[str, ...] = ()) -> HolidayYear:
    """A year by the days off and the worked weekend days, as month-day."""
    days = [
        HolidayDate(date.fromisoformat(f"{number}-{day}"), day not in worked, "", "made up")
        for day in (*off, *worked)
    ]
    return HolidayYear(number, tuple(sorted(days)))


def test_an_operators_year_follows_the_librarys() -> None:
    known = calendar_of("CN", [year(2027, "01-01", "05-03", worked=("05-08",))])
    assert (known.first, known.known_until) == (date(2025, 1, 1), date(2027, 12, 31))
    assert np.array_equal(known.kinds[: CALENDAR.kinds.size], CALENDAR.kinds)
    assert known.kind(date(2027, 1, 1)) == DayKind.PH
    assert known.kind(date(2027, 5, 8)) == DayKind.WORKDAY
    assert known.kind(date(2027, 5, 4)) == DayKind.TU


def test_a_free_weekend_that_touches_a_break_is_off_and_a_worked_one_is_not() -> None:
    known = calendar_of("CN", [year(2027, "04-05", "10-08", worked=("10-10",))])
    assert [known.kind(date(2027, 4, day)) for day in (2, 3, 4, 5, 6)] == [
        DayKind.FR,
        DayKind.PH,
        DayKind.PH,
        DayKind.PH,
        DayKind.TU,
    ]
    assert known.kind(date(2027, 10, 9)) == DayKind.PH
    assert known.kind(date(2027, 10, 10)) == DayKind.WORKDAY


def test_a_break_over_new_year_reaches_back_into_the_weekend_before() -> None:
    # 2029-01-01 is a Monday
    known = calendar_of("CN", [year(2027, "01-01"), year(2028, "10-02"), year(2029, "01-01")])
    assert known.kind(date(2028, 12, 30)) == known.kind(date(2028, 12, 31)) == DayKind.PH


def test_an_operators_year_replaces_the_librarys() -> None:
    known = calendar_of("CN", [year(2026, "01-01", "10-01", worked=("10-10",))])
    assert known.known_until == CALENDAR.known_until
    assert known.kind(date(2026, 2, 17)) == DayKind.TU  # the library has Spring Festival here
    assert known.kind(date(2026, 10, 10)) == DayKind.WORKDAY
    assert known.kind(date(2025, 10, 1)) == DayKind.PH


def test_the_librarys_years_loaded_as_an_operators_change_nothing() -> None:
    assert calendar_of("CN", library_years("CN")).same_as(CALENDAR)


def test_a_year_after_a_gap_is_not_used() -> None:
    assert calendar_of("CN", [year(2028, "01-03")]).same_as(CALENDAR)
    assert calendar_of("CN", [year(2023, "01-02")]).same_as(CALENDAR)
    assert calendar_of("CN", [year(2024, "01-01")]).first == date(2024, 1, 1)
    assert usable("CN", [2028, 2029]) == {2025, 2026}
    assert usable("CN", [2023, 2024, 2027, 2029]) == {2023, 2024, 2025, 2026, 2027}


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([(date(2026, 1, 1), True)], "2026-01-01 is no day of 2027"),
        ([(date(2027, 1, 4), False)], "2027-01-04 is no Saturday or Sunday"),
        ([(date(2027, 1, 1), True), (date(2027, 1, 1), True)], "twice"),
        ([(date(2027, 1, 2), True), (date(2027, 1, 1), True)], "out of order"),
    ],
)
def test_a_year_that_cannot_be_is_refused(days: list[tuple[date, bool]], words: str) -> None:
    with pytest.raises(BadValue, match=words):
        HolidayYear(2027, tuple(HolidayDate(day, off, "", "made up") for day, off in days))


@pytest.mark.parametrize(
    ("today", "until_2026", "until_2027"),
    [
        (date(2026, 10, 31), None, None),
        (date(2026, 11, 1), 2027, None),
        (date(2026, 12, 31), 2027, None),
        (date(2027, 1, 1), 2027, None),
        (date(2027, 10, 31), 2027, None),
        (date(2027, 11, 1), 2027, 2028),
        (date(2028, 6, 1), 2027, 2028),
    ],
)
def test_next_year_is_missed_from_the_first_of_november_on(
    today: date, until_2026: int | None, until_2027: int | None
) -> None:
    assert missing_year(date(2026, 12, 31), today) == until_2026
    assert missing_year(date(2027, 12, 31), today) == until_2027


def test_the_days_that_are_off_by_law_are_off_in_every_noticed_year() -> None:
    for each in library_years("CN"):
        assert set(statutory(each.year)) <= each.all_off()
    assert statutory(2027)[date(2027, 2, 6)] == "春节"
    assert len(statutory(2027)) == 13  # as many as the law has since 2025


def test_the_holidays_of_other_countries_are_computed_and_no_weekend_joins_them() -> None:
    finland = calendar_of("FI")
    assert (finland.first, finland.known_until) == (date(2025, 1, 1), date(2030, 12, 31))
    assert finland.kind(date(2026, 6, 19)) == DayKind.PH  # Midsummer Eve
    assert finland.kind(date(2026, 12, 6)) == DayKind.PH  # a Sunday
    assert finland.kind(date(2026, 12, 5)) == DayKind.SA
    assert finland.kind(date(2027, 3, 29)) == DayKind.PH  # Easter Monday
    assert DayKind.WORKDAY not in finland.kinds
    names = {each.day: each.name for each in library_years("FI")[1].days}
    assert names[date(2026, 5, 1)] == "Vappu"


def test_a_part_of_a_country_may_have_more() -> None:
    epiphany = date(2026, 1, 6)
    assert calendar_of("DE").kind(epiphany) == DayKind.TU
    assert calendar_of("DE", subdivision="BY").kind(epiphany) == DayKind.PH


@pytest.mark.parametrize(("country", "last"), [("AE", 2026), ("MY", 2027), ("DZ", 2024)])
def test_no_year_is_known_of_which_a_date_is_only_estimated(country: str, last: int) -> None:
    assert calendar_of(country).known_until == date(last, 12, 31)


def test_of_a_country_that_nobody_knows_no_day_is_known_until_a_year_is_loaded() -> None:
    nobody = calendar_of("ZZ")
    assert nobody.kinds.size == 0
    assert not nobody.is_known(date(2026, 6, 1))
    assert nobody.kind(date(2026, 6, 1)) == DayKind.MO
    again = Calendar.from_arrays(nobody.to_arrays())
    assert again.same_as(nobody)
    own = HolidayYear(2026, (HolidayDate(date(2026, 6, 1), True, "", "made up"),), "ZZ")
    known = calendar_of("ZZ", [own])
    assert (known.first, known.known_until) == (date(2026, 1, 1), date(2026, 12, 31))
    assert known.kind(date(2026, 6, 1)) == DayKind.PH
    assert own.all_off() == {date(2026, 6, 1)}
    assert usable("ZZ", [2026, 2027, 2029]) == {2026, 2027}
