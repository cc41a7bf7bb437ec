"""Words that close, except or pause belong to the days they stand beside, and to no others.

Written by one who looked for notices that deceive; shares no word with the reader.
"""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geodata.hours.calendar import DayKind, calendar_of
from geodata.hours.timeline import State, compile_hours, timeline
from geodata.sources.hours_text.reader import hours_from

CALENDAR: Final = calendar_of("CN")
FIRST: Final = date(2025, 1, 1)
#: Two years; the day before and after are left out, for nights reach into them.
DAYS: Final = 730
KINDS_OF_DAY: Final = np.array([CALENDAR.kind(FIRST + timedelta(days=n)) for n in range(DAYS)])
WEEKDAYS: Final = np.array([(FIRST + timedelta(days=n)).weekday() for n in range(DAYS)])
HOLIDAYS: Final = np.flatnonzero(KINDS_OF_DAY == DayKind.PH)


def states(expression: str) -> NDArray[np.uint8]:
    """Minute by minute over two years, shape (days, 1440)."""
    table, rows, refused = compile_hours([expression], CALENDAR)
    assert not refused
    line = timeline(table, CALENDAR, FIRST, DAYS)
    found = np.full((DAYS + 2) * 1440, State.CLOSED, dtype=np.uint8)
    each = slice(int(line.offsets[rows[0]]), int(line.offsets[rows[0] + 1]))
    spans = list(zip(line.starts[each], line.ends[each], line.states[each], strict=True))
    for wanted in (State.UNKNOWN, State.OPEN):
        for start, end, state in spans:
            if state == wanted:
                found[max(start, 0) : end] = state
    return found[: DAYS * 1440].reshape(DAYS, 1440)


# --- notices that aim to deceive, by kind ---

with (Path(__file__).parent / "deceits.csv").open(encoding="utf-8", newline="") as table:
    DECEITS: Final = [(row["kind"], row["text"], row["meaning"]) for row in csv.DictReader(table)]


@pytest.mark.parametrize("kind", dict.fromkeys(kind for kind, _, _ in DECEITS))
def test_no_notice_that_aims_to_deceive_is_read_wrongly(kind: str) -> None:
    """Right or unknown on every minute of two years, and unread where careful people disagree."""
    for each, text, meaning in DECEITS:
        read = hours_from(text) if each == kind else None
        if read is None or read == meaning:
            continue
        assert meaning, (text, read)
        found, right = states(read), states(meaning)
        known = (found != State.UNKNOWN) & (right != State.UNKNOWN)
        assert np.array_equal(found[known], right[known]), (text, read, meaning)


def test_most_of_what_careful_people_read_alike_is_read() -> None:
    sure = [text for _, text, meaning in DECEITS if meaning]
    assert sum(hours_from(text) is not None for text in sure) >= 0.85 * len(sure)


# --- facts about days, put side by side in any order ---


class Fact(NamedTuple):
    """What one clause says of its days: open hours (none: closed), a break in them, and whether
    holidays are excepted from it.
    """

    days: tuple[int, ...]
    hours: tuple[int, int] | None
    pause: tuple[int, int] | None
    no_holidays: bool


NAMES: Final = "一二三四五六日"
MORNINGS: Final = st.sampled_from([450, 480, 510, 540, 570])
EVENINGS: Final = st.sampled_from([1020, 1050, 1080, 1110, 1200, 1260])
PAUSES: Final = st.sampled_from([(720, 780), (690, 780), (750, 810)])


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    """Two to four groups of days that share none, each with a fact of its own."""
    ends = sorted(draw(st.sets(st.integers(1, 6), min_size=1, max_size=3)))
    groups = [tuple(range(a, b)) for a, b in zip([0, *ends], [*ends, 7], strict=True)]
    found = []
    for days in groups:
        hours = (draw(MORNINGS), draw(EVENINGS)) if draw(st.integers(0, 3)) else None
        pause = draw(st.none() | PAUSES) if hours else None
        found.append(Fact(days, hours, pause, hours is not None and draw(st.booleans())))
    return draw(st.permutations(found))


def clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def named(days: Sequence[int]) -> str:
    if len(days) > 2:
        return f"周{NAMES[days[0]]}至周{NAMES[days[-1]]}"
    return "、".join(f"周{NAMES[day]}" for day in days)


def clause(fact: Fact, style: int) -> str:
    who = named(fact.days)
    if fact.hours is None:
        return (f"{who}休息", f"{who}不开放", f"闭馆：{who}", f"{who}（休）")[style % 4]
    times = "-".join(map(clock, fact.hours))
    but = "法定节假日除外"
    breaks = f"{clock(fact.pause[0])}-{clock(fact.pause[1])}" if fact.pause else ""
    if fact.no_holidays and breaks:
        return f"{who}（{but}）{times}（{breaks}休息）"
    if fact.no_holidays:
        return (
            f"{who}（{but}）{times}",
            f"{who}{times}（{but}）",
            f"{times}（{who}，{but}）",
            f"{who}{times}，{but}",
        )[style % 4]
    if breaks:
        return (
            f"{who}{times}（{breaks}休息）",
            f"{who}{times}（午休{breaks}）",
            f"{who}{times}，{breaks}休息",
            f"{times}（{who}），午休{breaks}",
        )[style % 4]
    return (f"{who}{times}", f"{who}：{times}", f"{times}（{who}）", f"{times} {who}")[style % 4]


@settings(max_examples=400, deadline=None)
@given(facts(), st.lists(st.integers(0, 3), min_size=4, max_size=4), st.sampled_from("；，。 \n、"))
def test_what_is_said_of_some_days_never_holds_for_others(
    said: list[Fact], styles: list[int], stop: str
) -> None:
    text = stop.join(clause(fact, style) for fact, style in zip(said, styles, strict=False))
    read = hours_from(text)
    if read is None:
        return
    found = states(read)
    for fact in said:
        right = np.full(1440, State.CLOSED, dtype=np.uint8)
        for span, state in ((fact.hours, State.OPEN), (fact.pause, State.CLOSED)):
            if span:
                right[slice(*span)] = state
        plain = found[(KINDS_OF_DAY < DayKind.PH) & np.isin(WEEKDAYS, fact.days)]
        unknown = plain == State.UNKNOWN
        assert np.all(unknown | (plain == right)), (text, read, fact)
    check_holidays(said, text, found)


def check_holidays(said: list[Fact], text: str, found: NDArray[np.uint8]) -> None:
    """A holiday is closed in the result only if it is so on all days that are open; it is open
    only where no clause closes it and all days are alike.
    """
    opened = [fact for fact in said if fact.hours]
    alike = {(fact.hours, fact.pause, fact.no_holidays) for fact in said}
    excepted = all(fact.no_holidays for fact in opened)
    last = next((fact for fact in reversed(said) if fact.hours), None)
    for day in HOLIDAYS:
        if excepted:
            assert not np.any(found[day] == State.OPEN), (text, day)
        elif len(alike) > 1:
            unknown = bool(np.all(found[day] == State.UNKNOWN))
            # Behind all the hours, outside of brackets, an exception is of all of them.
            of_all = bool(last and last.no_holidays) and "，法定节假日除外" in text
            assert unknown or (of_all and not np.any(found[day] == State.OPEN)), (text, day)


# --- exceptions of a closing open, they do not close ---

CLOSED: Final = st.sampled_from(["闭馆", "休息", "不开放", "关闭", "休馆"])
HOLIDAY: Final = st.sampled_from(["法定节假日", "节假日", "国家法定节假日", "国定假日"])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 6), CLOSED, HOLIDAY, st.integers(0, 7), st.sampled_from("，；。 "))
def test_a_holiday_excepted_from_a_closing_is_never_closed(
    day: int, closed: str, holiday: str, order: int, stop: str
) -> None:
    who = f"周{NAMES[day]}"
    closing = (
        f"除{holiday}外，{who}{closed}",
        f"除{holiday}外{who}{closed}",
        f"{who}{closed}（{holiday}除外）",
        f"{who}（{holiday}除外）{closed}",
    )[order % 4]
    parts = [closing, "开放时间9:00-17:00"]
    read = hours_from(stop.join(parts if order < 4 else parts[::-1]))
    if read is not None:
        found = states(read)
        assert not np.any(np.all(found[HOLIDAYS] == State.CLOSED, axis=1)), (closing, read)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 6), CLOSED, HOLIDAY, st.booleans())
def test_a_holiday_included_in_a_closing_is_never_open(
    day: int, closed: str, holiday: str, inside: bool
) -> None:
    who = f"周{NAMES[day]}"
    closing = f"{who}（含{holiday}）{closed}" if inside else f"{who}{closed}（含{holiday}）"
    read = hours_from(f"{closing}，9:00-17:00")
    if read is not None:
        assert not np.any(states(read)[HOLIDAYS] == State.OPEN), (closing, read)


# --- a verdict on a list whose first part the hours may be of ---

VERDICT: Final = st.sampled_from(["除外", "休息", "照常", "不开放", "另行通知"])


@settings(max_examples=200, deadline=None)
@given(
    st.tuples(st.integers(0, 4), st.integers(2, 5)),
    VERDICT,
    st.sampled_from(["、", "和", "及", "", "，"]),
    st.sampled_from(["法定节假日", "节假日", "周日"]),
    st.sampled_from(["9:00-17:00（{}）", "9:00-17:00 {}", "9:00-17:00，{}", "{}，9:00-17:00"]),
)
def test_a_span_before_the_days_of_a_verdict_is_not_taken_into_it(
    span: tuple[int, int], verdict: str, link: str, last: str, frame: str
) -> None:
    """9:00-17:00（周一至周五、节假日除外）: on the days of the span it is open, or nobody knows."""
    days = range(span[0], min(span[0] + span[1], 6) + 1)
    text = frame.format(f"周{NAMES[days[0]]}至周{NAMES[days[-1]]}{link}{last}{verdict}")
    read = hours_from(text) if len(days) > 2 else None
    if read is not None:
        own = [day for day in days if last != "周日" or day != 6]
        on = (KINDS_OF_DAY < DayKind.PH) & np.isin(WEEKDAYS, own)
        assert np.all(states(read)[on, 600] != State.CLOSED), (text, read)
