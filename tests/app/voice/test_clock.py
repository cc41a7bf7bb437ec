"""The public clock: who waits counts, and no figure of fewer than five letters is told."""

import dataclasses
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.request.letters import Category
from app.voice.clock import FEWEST, ClockLine, disclosed, outcomes, public_clock
from app.voice.letters import Course, Happening, LetterEvent, course
from app.voice.survival import Quantile
from app.voice.working_time import Urgency, due_on, urgency, working_hours
from geodata.hours.calendar import calendar_of
from geodata.hours.zone import TimeZone

CHINA = calendar_of("CN")
SHENZHEN = TimeZone("Asia/Shanghai")
NOW = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def hours_between(begun: str, ended: str) -> float:
    stamps = (np.array([wall(text).timestamp()]) for text in (begun, ended))
    return float(working_hours(CHINA, SHENZHEN, *stamps)[0])


@pytest.mark.parametrize(
    ("begun", "ended", "hours"),
    [
        ("2026-11-30 09:00", "2026-11-30 12:30", 3.5),
        ("2026-11-30 02:00", "2026-11-30 20:00", 9),
        ("2026-11-27 17:00", "2026-11-30 10:00", 2),  # over a weekend
        ("2026-09-30 17:00", "2026-10-08 10:00", 2),  # over the break of National Day
        ("2026-10-10 09:00", "2026-10-10 18:00", 9),  # a Saturday that is worked for it
        ("2026-11-28 09:00", "2026-11-29 18:00", 0),
    ],
)
def test_hours_are_those_that_offices_work(begun: str, ended: str, hours: float) -> None:
    assert hours_between(begun, ended) == pytest.approx(hours)


@given(st.integers(0, 60 * 24 * 60), st.integers(0, 60 * 24 * 60))
def test_working_hours_are_counted_minute_by_minute(begin: int, length: int) -> None:
    begun = wall("2026-09-01 00:00") + timedelta(minutes=begin)
    length = length % (60 * 24 * 8)
    found = working_hours(
        CHINA,
        SHENZHEN,
        np.array([begun.timestamp()]),
        np.array([(begun + timedelta(minutes=length)).timestamp()]),
    )
    minutes = 0
    for day in range(-1, 10):
        at = begun.date() + day * DAY
        if CHINA.kind(at).name not in {"MO", "TU", "WE", "TH", "FR", "WORKDAY"}:
            continue
        opens = datetime.combine(at, datetime.min.time(), begun.tzinfo) + timedelta(hours=9)
        from_, until = max(opens, begun), min(opens + 9 * DAY / 24, begun + length * DAY / 1440)
        minutes += max(0, (until - from_) // timedelta(minutes=1))
    assert found[0] == pytest.approx(minutes / 60)


def test_a_deadline_counts_working_days() -> None:
    assert due_on(CHINA, date(2026, 9, 30), 5) == date(2026, 10, 13)  # the 10th is worked
    assert due_on(CHINA, date(2026, 11, 28), 1) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("today", "colour"),
    [
        (date(2026, 11, 26), Urgency.IN_TIME),
        (date(2026, 11, 27), Urgency.DUE),  # the next working day is the 30th
        (date(2026, 11, 30), Urgency.DUE),
        (date(2026, 12, 1), Urgency.LATE),
    ],
)
def test_the_colours_are_by_date(today: date, colour: Urgency) -> None:
    assert urgency(CHINA, date(2026, 11, 30), today) is colour


def letter(
    days_ago: float, *told: tuple[Happening, float], category: Category = Category.STATION
) -> tuple[Category, str, Course]:
    received = NOW - days_ago * DAY
    events = [LetterEvent(kind, received + after * DAY) for kind, after in told]
    return category, "粤海街道", course(received, events)


def told(*letters: tuple[Category, str, Course], now: datetime = NOW) -> ClockLine:
    return public_clock(outcomes(letters, ["粤海街道"]), ["粤海街道"], now, CHINA, SHENZHEN).whole


SOLVED = ((Happening.ANSWERED, 0.0), (Happening.SOLVED, 2.0))


def test_the_sticker_of_2021_answered_at_once_and_solved_in_two_days() -> None:
    line = told(*[letter(10, *SOLVED)] * 5)
    assert (line.received, line.answered, line.solved) == (5, 5, 5)
    assert line.answer_hours[0] == Quantile(0.0, is_reached=True)
    assert line.solved_days[0] == Quantile(pytest.approx(2.0), is_reached=True)


def test_waiting_letters_count_as_long_as_they_have_waited() -> None:
    line = told(*[letter(31)] * 15, *[letter(40, *SOLVED)] * 5)
    assert (line.received, line.waiting) == (20, 15)
    assert line.longest_days == pytest.approx(31)
    assert line.solved_days[0] == Quantile(pytest.approx(31), is_reached=False)


def test_silence_is_no_solution_and_ends_the_clock_on_its_day() -> None:
    line = told(*[letter(60, (Happening.ANSWERED, 1.0))] * 5, *[letter(60, *SOLVED)] * 5)
    assert line.solved == 5
    assert line.solved_days[1] == Quantile(pytest.approx(15), is_reached=False)


def test_what_was_received_before_the_window_is_not_told() -> None:
    assert told(*[letter(91, *SOLVED)] * 50).received is None
    assert told(*[letter(89, *SOLVED)] * 5).received == 5


def test_of_fewer_than_five_letters_nothing_is_told() -> None:
    line = told(*[letter(3, *SOLVED)] * (FEWEST - 1))
    assert {each for each in dataclasses.astuple(line) if not isinstance(each, tuple)} == {None}


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(1, 12)))
def test_no_name_of_few_letters_stands_alone_nor_can_be_worked_out(counts: dict[str, int]) -> None:
    groups = disclosed(counts)
    assert sorted(name for group in groups for name in group) == sorted(counts if groups else ())
    for group in groups:
        assert sum(counts[name] for name in group) >= FEWEST
        if any(counts[name] < FEWEST for name in group):
            assert len(group) > 1


LIFE = st.lists(st.tuples(st.sampled_from(Happening), st.floats(0, 30)), max_size=5)


@given(
    st.lists(
        st.tuples(st.sampled_from(Category), st.sampled_from("甲乙丙丁"), st.floats(0, 95), LIFE),
        max_size=60,
    )
)
def test_no_count_below_five_is_published_nor_left_to_a_subtraction(
    drawn: list[tuple[Category, str, float, list[tuple[Happening, float]]]],
) -> None:
    letters = []
    for category, street, ago, life in drawn:
        received = NOW - ago * DAY
        events = [LetterEvent(kind, received + after * DAY) for kind, after in life]
        events = [event for event in events if event.at <= NOW]
        letters.append((category, street, course(received, events)))
    found = public_clock(outcomes(letters, "甲乙丙丁"), "甲乙丙丁", NOW, CHINA, SHENZHEN)
    tables = (found.by_category, found.by_street)
    for lines in ([found.whole], *([each.line for each in table] for table in tables)):
        for line in lines:
            counts = [line.answered, line.solved, line.reopened, line.waiting]
            for count in filter(None, (line.received, *counts)):
                assert count >= FEWEST
                assert line.received is not None
                assert not 0 < line.received - count < FEWEST
    for table in tables:
        if not table:
            continue
        assert sum(each.line.received or 0 for each in table) == found.whole.received
        for name in ("answered", "solved", "reopened", "waiting"):
            hidden = [each for each in table if getattr(each.line, name) is None]
            if getattr(found.whole, name) is not None and hidden:
                rest = getattr(found.whole, name) - sum(
                    getattr(each.line, name) or 0 for each in table
                )
                assert len(hidden) > 1 or len(hidden) == len(table)
                assert rest >= FEWEST
