"""Hours where the clocks change, minute by minute against opening-hours-rs with the zone, and
against status(), which is asked for one instant.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import OpeningHours

from geodata.coverage.served import hours_of, states_of, typical_days
from geodata.hours.calendar import calendar_of
from geodata.hours.minute import HoursByMinute
from geodata.hours.timeline import State, compile_hours, reasons, states_at, status, timeline
from geodata.hours.zone import TimeZone

#: The days of 2026 on which clocks change.
CHANGES = {
    "Europe/Helsinki": (date(2026, 3, 29), date(2026, 10, 25)),
    "Europe/Vaduz": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
}
ROUNDS = [(zone, day) for zone, days in CHANGES.items() for day in days]
#: None hangs on holidays: the oracle is told of none.
TEXTS = (
    "24/7", "00:00-24:00", "22:00-06:00", "Mo-Su 22:00-06:00", "01:30-02:15", "02:00-03:00",
    "02:15-02:45", "03:00-04:00", "00:00-02:30", "02:30-12:00", "Sa 20:00-03:30",
    "Su 01:00-02:00,03:00-05:00", "Su off; Mo-Sa 18:00-03:00", "Mar 29 02:30-10:00", "09:00-18:00",
)  # fmt: skip
CALENDAR = calendar_of("FI")
TABLE, ROWS, UNREAD = compile_hours(TEXTS, CALENDAR)
DAYS = 4
ROUGH = {State.CLOSING_SOON: State.OPEN, State.OPENING_SOON: State.CLOSED}
MINUTE = timedelta(minutes=1)


def told(text: str, zone: str, begins: datetime) -> list[int]:
    """Open or closed in each minute after an instant, by opening-hours-rs.

    Of the last minute before clocks go back it says even of 24/7 that it is closed (2.1): there it
    is asked for what the clock shows, without a zone.
    """
    info = ZoneInfo(zone)
    hours, plain = OpeningHours(text, timezone=info), OpeningHours(text)
    found = []
    for number in range(DAYS * 1440 - 60):
        at, after = ((begins + n * MINUTE).astimezone(info) for n in (number, number + 1))
        goes_back = after.replace(tzinfo=None) < at.replace(tzinfo=None)
        is_open = plain.is_open(at.replace(tzinfo=None, fold=0)) if goes_back else hours.is_open(at)
        found.append(State.OPEN if is_open else State.CLOSED)
    return found


def test_all_texts_are_read() -> None:
    assert not UNREAD
    assert State.CLOSED == 0


@pytest.mark.parametrize(("name", "day"), ROUNDS)
def test_every_minute_round_a_change_is_as_the_oracle_has_it(name: str, day: date) -> None:
    zone, first = TimeZone(name), day - timedelta(days=1)
    line = timeline(TABLE, CALENDAR, first, DAYS, zone)
    states = np.stack([states_at(line, minute) for minute in range(DAYS * 1440 - 60)], axis=1)
    rough = np.vectorize(lambda state: int(ROUGH.get(state, state)))(states)
    for text, row in zip(TEXTS, ROWS.tolist(), strict=True):
        known = rough[row] != State.UNKNOWN
        wanted = np.array(told(text, name, zone.begins(first)))
        assert (rough[row] == wanted)[known].all(), text
        assert known.all() or text == "Su off; Mo-Sa 18:00-03:00"  # midnight in doubt


@pytest.mark.parametrize(("name", "day"), ROUNDS)
def test_a_night_opens_and_closes_by_the_wall_clock_and_round_the_clock_is_always_open(
    name: str, day: date
) -> None:
    zone = TimeZone(name)
    evening = zone.begins(day) - timedelta(hours=2)
    row = int(ROWS[TEXTS.index("22:00-06:00")])
    night = status(TABLE, CALENDAR, row, evening, zone)
    assert night.state is State.OPEN
    assert night.until is not None
    assert night.until.isoformat()[:16] == f"{day}T06:00"
    assert night.until - evening != timedelta(hours=8)
    always = int(ROWS[TEXTS.index("00:00-24:00")])
    assert status(TABLE, CALENDAR, always, evening, zone).until is None


instants = st.sampled_from(ROUNDS).flatmap(
    lambda each: st.tuples(
        st.just(each[0]), st.just(each[1]), st.integers(-1_500, 3_000), st.integers(0, 59)
    )
)


@given(instants)
def test_a_minute_says_what_status_says_and_the_change_is_the_first(
    asked: tuple[str, date, int, int],
) -> None:
    name, day, minutes, seconds = asked
    zone = TimeZone(name)
    at = zone.local(zone.begins(day) + timedelta(minutes=minutes, seconds=seconds))
    hours = HoursByMinute(TABLE, CALENDAR, zone)
    shown, states = hours.at(at), states_of(hours, [at])[0]
    assert shown.at.isoformat() == at.replace(second=0).isoformat()
    for row in range(len(TABLE)):
        one = status(TABLE, CALENDAR, row, shown.at, zone)
        assert shown.state(row) is one.state
        assert State(int(states[row])) is one.state
        assert shown.until(row) == one.until
        if one.until is not None:
            assert one.until.isoformat() == zone.local(one.until).isoformat()
            before = status(TABLE, CALENDAR, row, one.until - MINUTE, zone).state
            after = status(TABLE, CALENDAR, row, one.until, zone).state
            was = ROUGH.get(one.state, one.state)
            assert ROUGH.get(before, before) is was
            assert ROUGH.get(after, after) is not was


@given(instants)
def test_hours_of_the_clock_up_to_a_minute_hold_all_that_it_shows(
    asked: tuple[str, date, int, int],
) -> None:
    name, day, minutes, last = asked
    zone = TimeZone(name)
    at = zone.local(zone.begins(day) + timedelta(minutes=minutes))
    hours = HoursByMinute(TABLE, CALENDAR, zone).at(at).hours_until(last * 10)
    shown = {zone.local(at + n * MINUTE).hour for n in range(last * 10 + 1)}
    if hours is None:
        assert zone.ahead_min(at) != zone.ahead_min(at + last * 10 * MINUTE)
    else:
        assert shown == {hour % 24 for hour in range(hours[0], hours[1] + 1)}


@pytest.mark.parametrize(("name", "day"), ROUNDS)
def test_typical_days_are_none_on_which_the_clocks_change(name: str, day: date) -> None:
    zone = TimeZone(name)
    days = typical_days(CALENDAR, day, zone)
    assert day not in days.values()
    assert len(hours_of(list(days.values()), zone)) == 24 * len(days)
    for instant in hours_of([day - timedelta(days=1)], zone):
        assert instant.minute == 0
        assert instant.date() == day - timedelta(days=1)


def test_reasons_are_in_minutes_that_pass() -> None:
    table, rows, _ = compile_hours(["Mo-Su 01:00-06:00; PH unknown"], CALENDAR)
    zone, row = TimeZone("Europe/Helsinki"), int(rows[0])
    easter = date(2027, 3, 28)  # both Easter Sunday and the night on which clocks go forward
    line = timeline(table, CALENDAR, easter, 1, zone)
    unknown = [
        (start, end)
        for start, end, state in zip(line.starts, line.ends, line.states, strict=True)
        if state == State.UNKNOWN
    ]
    spans = reasons(table, CALENDAR, (row,), easter, 1, zone)[row]
    assert {minute for start, end, _ in spans for minute in range(start, end)} == {
        minute for start, end in unknown for minute in range(start, end)
    }
