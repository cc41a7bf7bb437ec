"""A minute says of every row of opening hours what status() says of one, and keeps what was asked
before.
"""

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geodata.coverage.served import states_of
from geodata.hours.calendar import Calendar, DayKind
from geodata.hours.minute import HoursByMinute, MinuteHours
from geodata.hours.timeline import UNKNOWN_ROW, Reason, State, compile_hours, status
from tests import makers
from tests.makers import TIMEZONE, ZONE

#: Among them what does not change for months (yearly and dated rules) or ever.
TEXTS = (
    *makers.HOURS,
    "off",
    "Jun-Aug Mo-Su 09:00-18:00",
    "2026 Dec 24 08:00-12:00",
    "Mo-Fr 09:00-09:20",
    "PH 10:00-12:00",
    'Mo-Fr 09:00-18:00 open "工作日"; Sa 10:00-12:00; PH unknown',
    "Mo-Fr 09:00-18:00; PH unknown",
)
TABLE, ROWS, UNREAD = compile_hours(TEXTS)
CALENDAR = makers.calendar()

_SHUT = (State.CLOSED, State.OPENING_SOON)
FIRST, LAST = datetime(2026, 1, 2), datetime(2027, 1, 20)  # noqa: DTZ001 — hypothesis adds the zone
instants = st.datetimes(FIRST, LAST, timezones=st.sampled_from([TIMEZONE, UTC]))


def minute_hours(at: datetime) -> MinuteHours:
    return HoursByMinute(TABLE, CALENDAR, ZONE).at(at)


def row_of(text: str | None) -> int:
    return int(ROWS[TEXTS.index(text)])


def test_only_the_unreadable_text_was_unreadable() -> None:
    assert list(UNREAD) == ["看情况"]
    assert row_of(None) == row_of("看情况") == UNKNOWN_ROW


@settings(max_examples=120)
@given(instants)
def test_states_and_changes_are_those_of_status(at: datetime) -> None:
    shown = minute_hours(at)
    for row in range(len(TABLE)):
        one = status(
            TABLE, CALENDAR, row, at.astimezone(TIMEZONE).replace(second=0, microsecond=0), ZONE
        )
        assert (shown.state(row), shown.until(row)) == (one.state, one.until)


@settings(max_examples=60)
@given(instants)
def test_at_the_change_the_row_is_open_closed_or_unknown_otherwise_and_not_before(
    at: datetime,
) -> None:
    rough = {State.CLOSING_SOON: State.OPEN, State.OPENING_SOON: State.CLOSED}
    shown = minute_hours(at)
    for row in range(len(TABLE)):
        until = shown.until(row)
        if until is not None:
            now = rough.get(shown.state(row), shown.state(row))
            before, after = (
                minute_hours(moment).state(row) for moment in (until - timedelta(minutes=1), until)
            )
            assert rough.get(before, before) == now
            assert rough.get(after, after) != now


@pytest.mark.parametrize(
    ("text", "at"), [("24/7", makers.NIGHT), ("off", makers.NIGHT), (None, makers.DAY)]
)
def test_what_never_changes_has_no_until(text: str | None, at: datetime) -> None:
    assert minute_hours(at).until(row_of(text)) is None
    assert json.loads(b"{" + minute_hours(at).member(row_of(text)) + b"}")["open"]["until"] is None


@pytest.mark.parametrize("day", ["2026-10-01", "2026-10-02", "2026-10-09", "2026-10-10"])
@pytest.mark.parametrize("clock", ["09:00", "11:00", "17:45", "20:00"])
def test_on_holidays_and_worked_weekends_map_coverage_and_place_say_the_same(
    day: str, clock: str
) -> None:
    at = datetime.fromisoformat(f"{day}T{clock}+08:00")
    shown = minute_hours(at)
    one_by_one = [status(TABLE, CALENDAR, row, at, ZONE).state for row in range(len(TABLE))]
    assert shown.states.tolist() == one_by_one
    assert states_of(HoursByMinute(TABLE, CALENDAR, ZONE), [at])[0].tolist() == one_by_one
    for row, state in enumerate(one_by_one):
        ((_, _, ahead), *_), _ = (
            json.loads(shown.ahead(row, 1)) if state not in _SHUT else ([(0, 1, 0)], None)
        )
        assert (ahead == State.UNKNOWN) == (state is State.UNKNOWN)


def test_a_change_further_off_than_the_timeline_is_still_found() -> None:
    summer = minute_hours(makers.DAY).until(row_of("Jun-Aug Mo-Su 09:00-18:00"))
    assert summer == datetime(2027, 6, 1, 9, 0, tzinfo=TIMEZONE)


@settings(max_examples=40)
@given(instants)
def test_the_member_is_a_json_member_with_state_until_and_reason(at: datetime) -> None:
    shown = minute_hours(at)
    for row in range(len(TABLE)):
        member = json.loads(b"{" + shown.member(row) + b"}")
        until, why = shown.until(row), shown.reason(row)
        told = {"state": shown.state(row).word, "until": until.isoformat() if until else None}
        assert member == {"open": {**told, **({"reason": str(why)} if why else {})}}
        assert shown.member(row) is shown.member(row)


def test_the_member_reads_as_a_person_expects() -> None:
    day = row_of("Mo-Su,PH 08:00-22:00")
    assert (
        minute_hours(makers.DAY).member(day)
        == b'"open":{"state":"open","until":"2026-11-18T22:00:00+08:00"}'
    )
    late = makers.DAY.replace(hour=21, minute=45)
    assert (
        minute_hours(late).member(day)
        == b'"open":{"state":"closing_soon","until":"2026-11-18T22:00:00+08:00"}'
    )


@settings(max_examples=80)
@given(instants, st.booleans())
def test_passing_is_open_or_closing_soon_or_unknown_where_that_is_included(
    at: datetime, include_unknown: bool
) -> None:
    shown = minute_hours(at)
    now = shown.passing(always=False, soon=False, include_unknown=include_unknown)
    always = shown.passing(always=True, soon=False, include_unknown=include_unknown)
    for row in range(len(TABLE)):
        unknown = include_unknown and shown.state(row) is State.UNKNOWN
        assert now[row] == (shown.state(row) in (State.OPEN, State.CLOSING_SOON) or unknown)
        assert always[row] == (row in (row_of("24/7"), row_of("Mo-Su,PH 00:00-24:00")) or unknown)


def state_by_minute(row: int, at: datetime, minutes: int) -> list[State]:
    """Open, unknown or closed in each minute, as status() has it."""
    rough = {State.CLOSING_SOON: State.OPEN, State.OPENING_SOON: State.CLOSED}
    states: list[State] = []
    while len(states) < minutes:
        now = status(TABLE, CALENDAR, row, at + timedelta(minutes=len(states)), ZONE)
        left = minutes if now.until is None else round((now.until - at) / timedelta(minutes=1))
        states += [rough.get(now.state, now.state)] * (min(left, minutes) - len(states))
    return states


@settings(max_examples=40)
@given(instants, st.integers(1, 2_000))
def test_what_lies_ahead_is_what_status_says_minute_by_minute(at: datetime, end: int) -> None:
    shown = minute_hours(at)
    for row in range(len(TABLE)):
        intervals, change = json.loads(shown.ahead(row, end))
        told = [State.CLOSED] * end
        for start, stop, state in intervals:
            assert 0 <= start < stop <= end
            told[start:stop] = [State(state)] * (stop - start)
        assert told == state_by_minute(row, shown.at, end)
        then = status(TABLE, CALENDAR, row, shown.at + timedelta(minutes=end - 1), ZONE).until
        assert change == (then and (then - shown.at) / timedelta(minutes=1))


@settings(max_examples=40)
@given(instants, st.integers(0, 600), st.booleans())
def test_open_at_some_time_is_open_in_one_of_its_minutes(
    at: datetime, last: int, include_unknown: bool
) -> None:
    shown, wanted = minute_hours(at), {State.OPEN, *([State.UNKNOWN] if include_unknown else [])}
    found = shown.some_time(last, tuple(wanted))
    for row in range(len(TABLE)):
        assert found[row] == bool(wanted & set(state_by_minute(row, shown.at, last + 1)))


def test_however_far_ahead_is_asked_the_answers_kept_are_few_and_right() -> None:
    shown, other = minute_hours(datetime(2026, 11, 20, 2, tzinfo=TIMEZONE)), row_of(makers.HOURS[0])
    first = [shown.ahead(other, end) for end in range(1, 6_000)]
    assert len(shown._ahead) < 6_000
    assert [shown.ahead(other, end) for end in range(1, 6_000)] == first


def test_asking_for_unknown_does_not_change_what_is_known() -> None:
    shown = minute_hours(makers.NIGHT)
    before = shown.passing(always=True, soon=False, include_unknown=False).copy()
    shown.passing(always=True, soon=False, include_unknown=True)
    assert np.array_equal(shown.passing(always=True, soon=False, include_unknown=False), before)
    assert np.array_equal(TABLE.always, before)


def test_a_minute_has_one_board_whatever_the_second_or_zone() -> None:
    hours_by_minute = HoursByMinute(TABLE, CALENDAR, ZONE)
    first = hours_by_minute.at(makers.NIGHT)
    assert hours_by_minute.at(makers.NIGHT + timedelta(seconds=59, microseconds=999_999)) is first
    assert hours_by_minute.at(makers.NIGHT.astimezone(UTC)) is first
    assert hours_by_minute.at(makers.NIGHT + timedelta(minutes=1)) is not first
    assert first.at == makers.NIGHT
    assert first.at.utcoffset() == timedelta(hours=8)


def test_however_many_minutes_are_asked_few_boards_are_kept_and_all_are_right() -> None:
    hours_by_minute = HoursByMinute(TABLE, CALENDAR, ZONE)
    for days in range(100):
        at = makers.NIGHT - timedelta(days=days, minutes=7 * days)
        assert (
            hours_by_minute.at(at).state(row_of("22:00-06:00"))
            == status(TABLE, CALENDAR, row_of("22:00-06:00"), at, ZONE).state
        )
    assert len(hours_by_minute._boards) <= 16
    assert len(hours_by_minute._lines) <= 16


def local(month: int, day: int, hour: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=TIMEZONE)


#: Hours on which holidays, worked weekends and unknown dates change the state, over midnight, too.
DAY_TEXTS = (
    *TEXTS,
    "Mo-Fr 22:00-06:00; PH unknown",
    "Mo-Su 20:00-04:00; PH unknown",
    "Mo-Th 09:00-18:00; Fr 09:00-16:00; PH unknown",
    "Mo-Fr 09:00-18:00; Sa unknown; PH off",
    "Mo-Su 06:00-23:00; PH unknown; 2026 Oct 02 09:00-12:00",
)
DAY_TABLE, DAY_ROWS, _ = compile_hours(DAY_TEXTS)
#: The same years without a holiday, and some more days.
PLAIN = Calendar(
    date(2025, 1, 1),
    np.array([(2 + n) % 7 for n in range(800)], dtype=np.uint8),
    date(2025, 1, 1) + timedelta(days=799),
)


def reason_of_day(day: date) -> Reason | None:
    if not CALENDAR.is_known(day):
        return Reason.CALENDAR
    named = {DayKind.PH: Reason.HOLIDAY, DayKind.WORKDAY: Reason.ADJUSTED_WORKDAY}
    return named.get(CALENDAR.kind(day))


@settings(max_examples=150, deadline=None)
@given(instants)
@example(datetime(2026, 10, 1, 2, tzinfo=TIMEZONE))
@example(datetime(2026, 10, 10, 2, tzinfo=TIMEZONE))
@example(datetime(2027, 1, 1, 2, tzinfo=TIMEZONE))
def test_a_reason_is_told_where_the_hours_would_be_known_on_a_day_like_any_other(
    at: datetime,
) -> None:
    shown = HoursByMinute(DAY_TABLE, CALENDAR, ZONE).at(at)
    for row in range(len(DAY_TABLE)):
        plain = status(DAY_TABLE, PLAIN, row, shown.at, ZONE).state
        because = shown.state(row) is State.UNKNOWN and plain is not State.UNKNOWN
        why = shown.reason(row)
        assert (why is not None) == because
        today = shown.at.date()
        days = [reason_of_day(day) for day in (today, today - timedelta(days=1))]
        assert why is None or why in days


@settings(max_examples=60, deadline=None)
@given(instants, st.integers(0, 2 * 1440))
def test_reasons_ahead_are_the_reasons_of_each_minute(at: datetime, ahead: int) -> None:
    boards = HoursByMinute(DAY_TABLE, CALENDAR, ZONE)
    shown, then = boards.at(at), boards.at(at + timedelta(minutes=ahead))
    told = shown.reasons_ahead(range(len(DAY_TABLE)), 2 * 1440 + 1)
    for row in range(len(DAY_TABLE)):
        spans = told.get(row, [])
        assert spans == sorted(spans)
        why = [reason for start, end, reason in spans if start <= ahead < end]
        if then.state(row) is State.UNKNOWN:
            assert (why or [None]) == [then.reason(row)]


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("Mo-Fr 09:00-18:00; PH unknown", local(10, 1, 12), Reason.HOLIDAY),
        ("Mo-Fr 22:00-06:00; PH off", local(1, 2, 5, year=2027), Reason.CALENDAR),
        ("Mo-Th 09:00-18:00; Fr 09:00-16:00", local(10, 10, 12), Reason.ADJUSTED_WORKDAY),
        ("Mo-Fr 09:00-18:00; PH unknown", local(1, 4, 12, year=2027), Reason.CALENDAR),
        ("Mo-Fr 09:00-18:00; PH off", local(10, 1, 12), None),
        ("24/7", local(1, 4, 12, year=2027), None),
        (None, local(10, 1, 12), None),
    ],
)
def test_the_reason_is_the_one_a_person_would_give(
    text: str | None, at: datetime, why: Reason | None
) -> None:
    table, rows, _ = compile_hours([text])
    board = HoursByMinute(table, CALENDAR, ZONE).at(at)
    assert board.reason(int(rows[0])) == why
