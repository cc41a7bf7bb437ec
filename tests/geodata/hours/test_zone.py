"""Wall clocks against zoneinfo, minute by minute where they change, and the ends of Python's
years.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geodata.errors import BadValue
from geodata.hours.zone import STEADY, Step, TimeZone

#: Forward and back by an hour; by half of one; at midnight, which is skipped; over midnight.
ZONES = (
    "Europe/Helsinki", "Europe/Vaduz", "America/New_York", "Australia/Lord_Howe",
    "America/Havana", "Atlantic/Azores", "Africa/Casablanca", "Asia/Kathmandu", "Asia/Shanghai",
)  # fmt: skip
DAYS = st.dates(date(2024, 1, 1), date(2035, 12, 31))


@given(st.sampled_from(ZONES), DAYS, st.integers(0, 1439))
@example("Europe/Helsinki", date(2026, 3, 29), 75)
@example("Europe/Helsinki", date(2026, 10, 25), 75)
def test_an_instant_has_the_offset_that_zoneinfo_has(name: str, day: date, minute: int) -> None:
    at = datetime.combine(day, time(), UTC) + timedelta(minutes=minute)
    local, wanted = TimeZone(name).local(at), at.astimezone(ZoneInfo(name))
    assert local.isoformat() == wanted.isoformat()
    assert local == at
    assert TimeZone(name).ahead_min(at) * 60 == wanted.utcoffset().total_seconds()  # type: ignore[union-attr]  # it is aware


@given(st.sampled_from(ZONES), DAYS, st.integers(0, 1439))
@example("Europe/Helsinki", date(2026, 3, 29), 60)
@example("Europe/Helsinki", date(2026, 3, 29), 59)
def test_the_clocks_of_years_are_those_of_zoneinfo(name: str, day: date, minute: int) -> None:
    at = datetime.combine(day, time(), UTC) + timedelta(minutes=minute)
    clocks = TimeZone(name).clocks(2024, 2035)
    assert clocks == tuple(sorted(clocks))
    (ahead,) = [ahead for since, ahead in clocks if since * 60 <= at.timestamp()][-1:]
    assert timedelta(minutes=ahead) == at.astimezone(ZoneInfo(name)).utcoffset()


def walls(zone: TimeZone, day: date, days: int) -> list[int]:
    """What the wall clock shows in each minute after a day began, by its steps."""
    steps, found = zone.steps(day, days), []
    for minute in range(days * 1440):
        (ahead,) = [step.ahead for step in steps if step.since <= minute][-1:]
        found.append(minute + ahead)
    return found


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("year", [2026, 2027])
def test_steps_are_what_zoneinfo_shows_in_every_minute_round_each_change(
    name: str, year: int
) -> None:
    zone, info = TimeZone(name), ZoneInfo(name)
    changing = [
        day
        for day in (date(year, 1, 1) + timedelta(days=n) for n in range(365))
        if zone.shifts(day)
    ]
    still = name in {"Asia/Kathmandu", "Asia/Shanghai"}
    assert bool(changing) is not still
    for day in changing or [date(year, 3, 29)]:
        for first in (day - timedelta(days=1), day, day + timedelta(days=1)):
            begins, midnight = zone.begins(first), datetime.combine(first, time())
            shown = [
                (begins + timedelta(minutes=n)).astimezone(info).replace(tzinfo=None)
                for n in range(2880)
            ]
            assert shown[0].date() == first
            before = (begins - timedelta(minutes=1)).astimezone(info)
            assert before.date() < first  # so it is the first instant of its date
            wanted = [(each - midnight) // timedelta(minutes=1) for each in shown]
            assert walls(zone, first, 2) == wanted


def test_a_day_has_as_many_minutes_as_pass() -> None:
    helsinki = TimeZone("Europe/Helsinki")
    lengths = [
        (helsinki.begins(day + timedelta(days=1)) - helsinki.begins(day)) // timedelta(hours=1)
        for day in (date(2026, 3, 29), date(2026, 6, 1), date(2026, 10, 25))
    ]
    assert lengths == [23, 24, 25]
    assert helsinki.steps(date(2026, 3, 29), 1) == (Step(0, 0), Step(180, 60))
    assert helsinki.steps(date(2026, 10, 25), 1) == (Step(0, 0), Step(240, -60))
    assert TimeZone("Asia/Shanghai").steps(date(2026, 3, 29), 402) == STEADY
    assert (
        TimeZone("America/Havana").begins(date(2026, 3, 8)).isoformat()
        == "2026-03-08T01:00:00-04:00"
    )


@pytest.mark.parametrize(
    ("day", "clock", "instant"),
    [
        (date(2026, 3, 29), time(2, 59), "2026-03-29T02:59:00+02:00"),
        (date(2026, 3, 29), time(3, 30), "2026-03-29T04:00:00+03:00"),  # skipped: when it skips
        (date(2026, 3, 29), time(4, 0), "2026-03-29T04:00:00+03:00"),
        (date(2026, 10, 25), time(3, 30), "2026-10-25T03:30:00+03:00"),  # twice: the first
        (date(2026, 10, 25), time(4, 0), "2026-10-25T04:00:00+02:00"),
    ],
)
def test_a_time_by_the_wall_clock(day: date, clock: time, instant: str) -> None:
    assert TimeZone("Europe/Helsinki").at_clock(day, clock).isoformat() == instant


@pytest.mark.parametrize("hours", [-12, -5, 0, 8, 14])
def test_the_first_and_the_last_year_are_answered_or_overflow(hours: int) -> None:
    stated = timezone(timedelta(hours=hours))
    for zone in (TimeZone("Asia/Shanghai"), TimeZone("America/New_York")):
        own = zone.local(datetime(2026, 1, 1, tzinfo=UTC)).utcoffset()
        for at in (
            datetime(1, 1, 1, tzinfo=stated),
            datetime(9999, 12, 31, 23, 59, tzinfo=stated),
        ):
            early = at.year == 1
            shift = (own or timedelta()) - timedelta(hours=hours)
            if (early and shift < timedelta()) or (not early and shift > timedelta()):
                with pytest.raises(OverflowError):
                    zone.local(at)
            elif shift == timedelta():
                assert zone.local(at).isoformat() == at.isoformat()


def test_before_1973_the_offset_of_that_years_beginning_holds() -> None:
    at = datetime(1900, 1, 1, tzinfo=UTC)
    assert TimeZone("Asia/Shanghai").local(at).isoformat() == "1900-01-01T08:00:00+08:00"
    assert TimeZone("Asia/Shanghai").steps(date(1988, 4, 17), 1) != STEADY  # as the database has it


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe", "Asia/Shanghai\0"])
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadValue, match="no time zone is called"):
        TimeZone(name)
