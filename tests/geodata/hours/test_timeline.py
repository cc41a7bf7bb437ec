"""Opening hours: against opening-hours-rs minute by minute, and by hand where a Chinese city needs
more than that.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from opening_hours import OpeningHours, ParserError

from geodata.errors import BadValue
from geodata.hours.calendar import DayKind, calendar_of
from geodata.hours.sun import ANY_TIME, sun_times
from geodata.hours.timeline import (
    SOON_MIN,
    UNKNOWN_BIT,
    UNKNOWN_ROW,
    HoursTable,
    State,
    Status,
    compile_hours,
    hour_bits,
    silence_stated,
    states_at,
    status,
    timeline,
    week_texts,
)
from geodata.hours.zone import TimeZone
from tests.makers import TIMEZONE, ZONE

CALENDAR = calendar_of("CN")
DAY_MIN = 1440


class Window(NamedTuple):
    """Days to compare."""

    first: date
    days: int


NATIONAL_DAY = Window(
    date(2026, 9, 14), 31
)  # with Mid-Autumn, a worked Sunday (Sep 20) and a worked Saturday (Oct 10)
SPRING_FESTIVAL = Window(date(2026, 2, 9), 23)  # with two worked Saturdays (Feb 14, Feb 28)
PLAIN_WEEKS = Window(date(2026, 11, 2), 14)  # no holiday, no adjusted workday
WINDOWS = (NATIONAL_DAY, SPRING_FESTIVAL, PLAIN_WEEKS)

# --- the oracle ---
# opening-hours-rs knows no Chinese holidays, so PH is written out as dates; and with it a `;` or
# `off` rule cuts short
# what spilt over from the day before, where ours lets it run. So it is asked twice: for the hours
# before midnight, and
# for those after it (moved to 00:00 of the day the interval begins on); the second answer is laid a
# day later.

TIMES = re.compile(r"([0-9]{1,2}):([0-9]{2}) *- *([0-9]{1,2}):([0-9]{2})")


def split_rules(text: str) -> list[tuple[str, str]]:
    """(separator, rule), the first separator empty."""
    parts = re.split(r"( *; *| *, +(?![0-9]+:))", text.strip().rstrip("; "))
    return list(zip(["", *(part.strip() for part in parts[1::2])], parts[::2], strict=True))


def clipped(rule: str) -> str:
    """The rule with every interval ended at midnight."""

    def cut(match: re.Match[str]) -> str:
        start, end = interval(match)
        return f"{clock(start)}-{clock(min(end, DAY_MIN))}"

    return TIMES.sub(cut, rule)


def spilt(separator: str, rule: str) -> str | None:
    """The rule with what its intervals reach into the next day; None if it then says nothing."""
    ends = [end - DAY_MIN for _, end in map(interval, TIMES.finditer(rule)) if end > DAY_MIN]
    if not TIMES.search(rule):
        return re.sub(r"24/7|\bunknown\b|\bopen\b", "off", rule)
    selectors = rule[: TIMES.search(rule).start()]
    if ends:
        return f"{selectors}00:00-{clock(max(ends))}"
    return None if separator == "," else f"{selectors}off"


def interval(match: re.Match[str]) -> tuple[int, int]:
    start, end = (int(match[n]) * 60 + int(match[n + 1]) for n in (1, 3))
    return start, end if end > start else end + DAY_MIN


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def with_dates_for_holidays(separator: str, rule: str) -> list[tuple[str, str]]:
    if "PH" not in rule:
        return [(separator, rule)]
    days, _, rest = rule.partition(" ")
    others = ",".join(day for day in days.split(",") if day != "PH")
    off = [
        CALENDAR.first + timedelta(days=n)
        for n in np.flatnonzero(CALENDAR.kinds == DayKind.PH).tolist()
    ]
    dated = (separator or ";", f"{','.join(day.strftime('%Y %b %d') for day in off)} {rest}")
    return [(separator, f"{others} {rest}"), dated] if others else [dated]


def ask(rules: list[tuple[str, str]], window: Window) -> NDArray[np.uint8]:
    """States by minute, shape (days, 1440), of what opening-hours-rs makes of the rules joined."""
    text = "".join(f"{separator} {rule}" for separator, rule in rules).lstrip("; ,")
    found = np.zeros(window.days * DAY_MIN, dtype=np.uint8)
    if text:
        zone = ZoneInfo("Asia/Shanghai")
        start = datetime.combine(window.first, datetime.min.time(), zone)
        hours = OpeningHours(text, timezone=zone)
        for begin, end, state, _ in hours.intervals(start, start + timedelta(days=window.days)):
            first, last = (int((each - start).total_seconds() // 60) for each in (begin, end))
            found[max(first, 0) : last] = State[str(state).upper()]
    return found.reshape(window.days, DAY_MIN)


class Halves(NamedTuple):
    """What begins on each day: its part on that day, its part on the next."""

    today: NDArray[np.uint8]
    tomorrow: NDArray[np.uint8]


def halves(text: str, window: Window) -> Halves:
    rules = [each for pair in split_rules(text) for each in with_dates_for_holidays(*pair)]
    after = [(separator, spilt(separator, rule)) for separator, rule in rules]
    return Halves(
        ask([(separator, clipped(rule)) for separator, rule in rules], window),
        ask([(separator, rule) for separator, rule in after if rule is not None], window),
    )


def work_like_a_monday(found: Halves, text: str, window: Window) -> None:
    """Adjusted workdays: their own hours if Monday to Friday have the same, else unknown."""
    week = halves(text, Window(PLAIN_WEEKS.first, 5))
    for number in worked_days(window):
        plans = {(a.tobytes(), b.tobytes()) for a, b in zip(*week, strict=True)}
        own = (found.today[number].tobytes(), found.tomorrow[number].tobytes())
        if plans != {own}:
            reach = max(
                (
                    row.nonzero()[0].max(initial=-1)
                    for row in (*week.tomorrow, found.tomorrow[number])
                ),
                default=-1,
            )
            found.today[number] = State.UNKNOWN
            found.tomorrow[number] = np.where(
                np.arange(DAY_MIN) <= reach, State.UNKNOWN, State.CLOSED
            )


def worked_days(window: Window) -> list[int]:
    return [
        n
        for n in range(window.days)
        if CALENDAR.kind(window.first + timedelta(days=n)) == DayKind.WORKDAY
    ]


def expected(text: str, window: Window) -> NDArray[np.uint8]:
    """States by minute of the whole window, shape (days, 1440)."""
    wider = Window(window.first - timedelta(days=1), window.days + 1)
    found = halves(text, wider)
    work_like_a_monday(found, text, wider)
    both = np.stack([found.today[1:], found.tomorrow[:-1]])
    is_open, is_unknown = (both == State.OPEN).any(axis=0), (both == State.UNKNOWN).any(axis=0)
    return np.select([is_open, is_unknown], [State.OPEN, State.UNKNOWN], State.CLOSED).astype(
        np.uint8
    )


def ours(table: HoursTable, row: int, window: Window) -> NDArray[np.uint8]:
    line = timeline(table, CALENDAR, window.first, window.days)
    found = np.zeros(window.days * DAY_MIN, dtype=np.uint8)
    for each in range(line.offsets[row], line.offsets[row + 1]):
        found[line.starts[each] : line.ends[each]] = line.states[each]
    return found.reshape(window.days, DAY_MIN)


def compiled(text: str) -> tuple[HoursTable, int]:
    table, rows, reasons = compile_hours([text])
    assert reasons == {}
    return table, int(rows[0])


def assert_as_the_oracle(text: str, window: Window) -> None:
    found, wanted = ours(*compiled(text), window), expected(text, window)
    # Nights that a later rule meets are unknown to us (tested by hand below), here they run on.
    reach = max((interval(each)[1] - DAY_MIN for each in TIMES.finditer(text)), default=0)
    meets = reach > 0 and (";" in text or "off" in text)
    if meets:
        night = (found == State.UNKNOWN) & (np.arange(DAY_MIN) < reach)
        found = np.where(night, wanted, found)
    dated = re.search("|".join(MONTHS), text)
    worked = {day + later for day in worked_days(window) for later in (0, 1)}
    unsettled = worked if dated or meets else set()
    days = [
        n for n in range(window.days) if n not in unsettled
    ]  # dates on worked days: settled by hand below
    if not np.array_equal(found[days], wanted[days]):
        day, minute = next(
            (d, m) for d in days for m in range(DAY_MIN) if found[d, m] != wanted[d, m]
        )
        pytest.fail(
            f"{text!r} on {window.first + timedelta(days=day)} {clock(minute)}: "
            f"{found[day, minute]}, not {wanted[day, minute]}"
        )


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EXPRESSIONS = [
    "24/7",
    "24/7; PH off",
    "00:00-24:00",
    "Mo-Su 00:00-24:00",
    "09:00-18:00",
    "9:00-18:00",
    "08:30-11:00,13:00-17:00",
    "08:30-11:00, 13:00-17:00",
    "Mo-Fr 08:00-12:00, 13:00-17:00",
    "Mo-Fr 09:00-18:00",
    "Mo-Fr 09:00-18:00; Sa,Su 10:00-16:00",
    "Mo-Fr 09:00-18:00, Sa 10:00-16:00",
    "Mo-Fr 09:00-18:00; PH off",
    "Mo-Fr 09:00-18:00; PH closed",
    "Mo-Fr 09:00-18:00, PH 10:00-16:00",
    "Mo-Fr 09:00-18:00, PH off",
    "Mo-Fr 09:00-21:00; Sa,Su,PH 09:00-18:00",
    "Mo-Fr,PH 09:00-18:00",
    "Mo-Su,PH 09:00-18:00",
    "PH 09:00-18:00",
    "PH off",
    "Mo-Sa 06:00-22:00; Su 08:00-20:00",
    "Mo-Fr 09:00-18:00; We off",
    "Mo-Fr 09:00-18:00; We 13:00-20:00",
    "Mo-Fr 09:00-12:00; We 13:00-20:00, We 21:00-22:00",
    "Mo-Th 09:00-18:00; Fr 09:00-16:00",
    "Mo-Th 20:00-05:00; Fr 20:00-06:00",
    "Fr-Mo 10:00-14:00",
    "Sa,Su 10:00-18:00",
    "Sa-Su 22:00-04:00",
    "Su-Sa 10:00-11:00",
    "Mo,We,Fr 07:00-19:30",
    "22:00-06:00",
    "Mo-Fr 22:00-06:00",
    "Mo-Fr 22:00-30:00",
    "Mo 22:00-48:00",
    "Mo 08:00-40:00",
    "Mo-Su 22:00-00:00",
    "Mo-Su 22:00-24:00",
    "Mo-Su 18:00-02:00; Su off",
    "Mo-Fr 22:00-06:00; Tu off",
    "Mo-Fr 22:00-06:00, Tu off",
    "Mo-Su 22:00-06:00; PH 10:00-12:00",
    "Mo-Su 08:00-22:00,22:00-02:00",
    "Mo-Su 08:00-12:00,11:00-15:00",
    "Mo-Fr open",
    "Mo-Fr open; Sa off",
    "Mo-Fr 09:00-18:00 open",
    "Mo-Fr unknown",
    "Mo-Fr unknown; Sa 09:00-12:00",
    "Mo-Fr unknown, Mo 09:00-12:00",
    "Mo-Fr 20:00-04:00; Sa unknown",
    "Mo-Fr 09:00-18:00; PH unknown",
    "off",
    "closed",
    "09:00-18:00; 2026 Oct 01-2026 Oct 08 10:00-16:00",
    "09:00-18:00; 2026 Oct 01-08 off",
    "09:00-18:00; 2026 Oct 01-Oct 03 off; 2026 Feb 16-23 off",
    "09:00-18:00; Oct 01-07 off",
    "09:00-18:00; Oct 01,Oct 03 off",
    "2026 Sep 28-Oct 03 20:00-04:00",
    "Jun-Sep 08:00-20:00; Oct-May 09:00-18:00",
    "Jun-Sep Mo-Fr 08:00-20:00; Oct-May Mo-Fr 09:00-18:00",
    "2026 Sep-Oct 08:00-20:00",
    "09:00-18:00; Dec 30-Feb 12 off",
    "09:00-18:00; 2025 Dec 30-2026 Feb 12 off",
    "Mo-Su 20:00-04:00; Oct 03 off",
    "Mo-Fr 09:00-18:00; PH off; 2026 Oct 02 10:00-12:00",
    "Sep 09:00-18:00; 2026 Sep 25-Oct 02 20:00-30:00, Sep 28 10:00-11:00",
]


@pytest.mark.parametrize("window", WINDOWS, ids=["national day", "spring festival", "plain weeks"])
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_every_minute_is_as_opening_hours_rs_has_it(text: str, window: Window):
    assert_as_the_oracle(text, window)


# --- the oracle on made-up expressions ---

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
weekday = st.sampled_from(WEEKDAYS)
weekdays = st.one_of(
    weekday,
    st.tuples(weekday, weekday).map("-".join),
    st.lists(weekday, min_size=2, max_size=3).map(",".join),
)
minutes = st.integers(0, DAY_MIN - 1)
times = (
    st.tuples(minutes, minutes)
    .filter(lambda t: t[0] != t[1])
    .map(lambda t: f"{clock(t[0])}-{clock(t[1])}")
)
long_times = st.tuples(minutes, st.integers(DAY_MIN, 2 * DAY_MIN)).map(
    lambda t: f"{clock(t[0])}-{clock(t[1])}"
)
said = st.one_of(
    st.lists(st.one_of(times, long_times), min_size=1, max_size=3).map(",".join), st.just("off")
)
some_day = st.integers(0, NATIONAL_DAY.days - 1).map(
    lambda n: NATIONAL_DAY.first + timedelta(days=n)
)
some_days = st.tuples(some_day, some_day).map(sorted)
single_dates = st.one_of(
    some_days.map(lambda d: f"{d[0]:%Y %b %d}-{d[1]:%Y %b %d}"),
    some_days.map(lambda d: f"{d[0]:%b %d}-{d[1]:%b %d}"),
    some_day.map(lambda d: f"{d:%Y %b %d}"),
)
seasons = st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS)).map("-".join)
separator = st.sampled_from(["; ", ", "])


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """Weekly and seasonal rules, then perhaps one for holidays, then single dates: it reads one way
    only.
    """
    weekly = st.one_of(
        st.tuples(weekdays, said),
        st.tuples(seasons, said),
        st.tuples(seasons, weekdays, said),
        st.tuples(said),
    )
    rules = draw(st.lists(weekly, min_size=1, max_size=3))
    rules += draw(st.lists(st.tuples(st.sampled_from(["PH", "Sa,Su,PH"]), said), max_size=1))
    rules += draw(st.lists(st.tuples(single_dates, said), max_size=2))
    text = " ".join(rules[0])
    for rule in rules[1:]:
        # After `, ` a rule without days would be read as more times of the rule before it.
        text += ("; " if rule[0][0].isdigit() and ":" in rule[0] else draw(separator)) + " ".join(
            rule
        )
    return text


@settings(max_examples=60)
@given(text=expressions(), window=st.sampled_from([NATIONAL_DAY, PLAIN_WEEKS]))
def test_every_minute_of_made_up_hours_is_as_opening_hours_rs_has_it(text: str, window: Window):
    assume(len(text) <= 255)
    assert_as_the_oracle(text, window)


ALPHABET = ("", *'0123456789:-,; "+/', "; ", ", ", "Mo", "Sa", "Oct", "PH", "off", "open", "24/7")


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """An expression with one to three characters put in, taken out or changed."""
    text = draw(st.sampled_from(EXPRESSIONS))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(ALPHABET)) + text[at + draw(st.integers(0, 2)) :]
    return text


@settings(max_examples=150)
@given(text=spoilt())
def test_a_spoilt_expression_is_refused_or_means_what_opening_hours_rs_says(text: str):
    table, rows, _ = compile_hours([text])
    if rows[0] == UNKNOWN_ROW:
        return
    try:
        wanted = expected(text, PLAIN_WEEKS)
    except ParserError:  # what it does not read it does not contradict
        return
    found = ours(table, rows[0], PLAIN_WEEKS)
    assert np.array_equal(found, np.where(found == State.UNKNOWN, State.UNKNOWN, wanted))


@settings(max_examples=100)
@given(st.one_of(st.text(max_size=300), spoilt()))
@example("０９:００-１８:００")
@example('"')
@example(";")
def test_no_text_raises_and_a_refused_one_has_a_reason(text: str):
    table, rows, reasons = compile_hours([text])
    assert (text in reasons) == (rows[0] == UNKNOWN_ROW and bool(text.strip()))
    assert len(table) == 1 + (rows[0] != UNKNOWN_ROW)


def state(text: str | None, at: datetime) -> State:
    table, rows, _ = compile_hours([text])
    return status(table, CALENDAR, int(rows[0]), at, ZONE).state


def local(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=TIMEZONE)


# --- what does not compile ---


@pytest.mark.parametrize(
    "text",
    [
        "24小时",
        "以站点为准",
        "周一至周五 09:00-17:00",
        "09:00",
        "09:00-",
        "09:00-18:60",
        "24:00-26:00",
        "09:00-48:01",
        "10:00-10:00",
        "00:00-00:00",
        "09:00-18:00/02:00",
        "Mo-PH 09:00-18:00",
        "1999 Oct 01 off",
        "Oct 32 off",
        "Feb 30 off",
        "2026 Feb 29 off",
        "Oct 08-01 off",
        "2026 Oct 08-2026 Oct 01 off",
        "2026 Dec 30-Jan 02 off",
        "Oct 01-2026 Oct 08 off",
        "Oct-08 off",
        "Oct 01-Nov off",
        "2026 Oct 01,Oct 03 off",
        "Oct 109:00-18:00",
        "Mo-Fr 09:00-18:00 Sa 10:00-12:00",
        "Mo-Fr 9-5",
        "Mo-Fr 09:00-5:00 pm",
        "13:00 pm-2:00 pm",
        "10-18:00",
        "0900-1800",
        "Mo/Tu 09:00-10:00",
        "Mo 10:00",
        "(sunrise)-sunset",
        "(sunrise+1)-sunset",
        "Mo[0] 09:00-18:00",
        "Mo[6] 09:00-18:00",
        "Mo[-3--1] 09:00-18:00",
        "week 53-2 09:00-18:00",
        "week 54 09:00-18:00",
        "2027-2026 09:00-18:00",
        "PH -2 days off",
        "PH Mo 10:00-12:00",
        "PH,SH Mo 10:00-12:00",
        "Dec 24,26-28 off",
        "Oct 01+ off",
        "Mar Su[-1]-Oct 08:00-20:00",
        "Mar Su[-1]-2026 Oct Su[-1] 08:00-20:00",
        "Mo 09:00-17:00, 10:00-12:00 off",
        "Mo 22:00-06:00; Tu 01:00-02:00 off",
        "22:00-06:00, Mo 05:00-07:00 unknown",
        "Mo-Fr 09:00-18:00 ||",
        "Di-Do 09:00-18:00",
        "Mo-Fr 09:00-18:00 Mo",
        "Mo-Fr 09:00-18:00;; Sa off",
        "; Mo-Fr 09:00-18:00",
        "Mo-Fr " + ",".join(["09:00-18:00"] * 30),
    ],
)
def test_what_is_not_certainly_understood_is_unknown(text: str):
    _, rows, reasons = compile_hours([text])
    assert rows.tolist() == [UNKNOWN_ROW]
    assert text in reasons


@pytest.mark.parametrize(
    "text",
    [
        'PH off "closed for the holidays"',
        'Mo-Fr 09:00-18:00 open "hot water"',
        "Mo-Fr 09:00-18:00;",
    ],
)
def test_a_comment_that_changes_nothing_is_left_aside(text: str):
    assert compile_hours([text])[2] == {}


@pytest.mark.parametrize(
    ("text", "at", "wanted"),
    [
        ('"by appointment"', local(11, 4, 12), State.UNKNOWN),
        ('Mo-Fr 09:00-18:00 "by appointment"', local(11, 4, 12), State.UNKNOWN),
        ('Mo-Fr 09:00-18:00 "by appointment"', local(11, 4, 19), State.CLOSED),
        ('Sa 09:00-18:00 "工作日"', local(11, 7, 12), State.UNKNOWN),
        ("Mo-Fr", local(11, 4, 12), State.UNKNOWN),
        ("Mo-Fr", local(11, 7, 12), State.CLOSED),
        ("Mo, Tu 09:00-10:00", local(11, 2, 9), State.UNKNOWN),
        ("Mo, Tu 09:00-10:00", local(11, 3, 9), State.OPEN),
        ("Fr 17:00+", local(11, 6, 16), State.CLOSED),
        ("Fr 17:00+", local(11, 6, 18), State.UNKNOWN),
        ("Fr 17:00+", local(11, 7, 5), State.UNKNOWN),
        ("Fr 17:00+", local(11, 7, 6), State.CLOSED),
        ("Fr 23:00+", local(11, 7, 8), State.UNKNOWN),
        ("Fr 17:00-19:00+", local(11, 6, 18), State.OPEN),
        ("Fr 17:00-19:00+", local(11, 6, 19), State.UNKNOWN),
        ("SH 10:00-12:00", local(11, 4, 11), State.UNKNOWN),
        ("10:00-12:00; SH 10:00-14:00", local(11, 4, 13), State.UNKNOWN),
        ("We 09:00-12:00 || 08:00-20:00", local(11, 4, 10), State.OPEN),
        ("We 09:00-12:00 || 08:00-20:00", local(11, 4, 13), State.UNKNOWN),
        ("We 09:00-12:00 || 08:00-20:00", local(11, 5, 13), State.OPEN),
        ("sunrise-sunset", local(11, 4, 12), State.UNKNOWN),
        ("10:00-12:00; Mo[1] -1 day off", local(11, 1, 11), State.UNKNOWN),
        ("10:00-12:00; Mo[1] -1 day off", local(11, 8, 11), State.OPEN),
    ],
)
def test_what_readers_or_evaluators_take_in_different_ways_is_unknown(
    text: str, at: datetime, wanted: State
):
    assert state(text, at) is wanted


def test_dates_that_move_are_known_about_the_known_years_and_unknown_beyond():
    text = "week 1-53/2 We 09:00-12:00; Sa 10:00-12:00"
    table, rows, _ = compile_hours([text], CALENDAR)
    wanted = {
        local(12, 2, 10): State.OPEN,  # week 49
        local(12, 9, 10): State.CLOSED,
        local(12, 12, 11): State.OPEN,
        local(5, 5, 10, year=2032): State.UNKNOWN,
        local(5, 8, 11, year=2032): State.OPEN,
        local(5, 8, 13, year=2032): State.CLOSED,
    }
    # Past the known calendar a Saturday may be worked.
    wanted |= {at: State.UNKNOWN for at in wanted if at.year > 2027 and at.weekday() == 5}
    assert {at: status(table, CALENDAR, int(rows[0]), at, ZONE).state for at in wanted} == wanted
    assert state(text, local(12, 2, 10)) is State.UNKNOWN  # compiled without a calendar


def test_nth_weekdays_come_back_every_year_and_where_leap_years_differ_are_unknown():
    text = "Sa[1] 10:00-12:00; Su[-1] 14:00-16:00"
    wanted = {
        local(11, 7, 11): State.OPEN,
        local(11, 14, 11): State.CLOSED,
        local(11, 29, 15): State.OPEN,
        local(2, 22, 15): State.UNKNOWN,  # the last Sunday of February, but not in a leap year
        local(2, 22, 17): State.UNKNOWN,  # as is the whole day
        local(2, 15, 15): State.CLOSED,
    }
    assert {at: state(text, at) for at in wanted} == wanted


def test_the_sun_is_unknown_between_its_earliest_and_latest_minute_of_the_year():
    sun = sun_times((113.7, 22.4, 114.7, 22.9), ZONE)
    table, rows, _ = compile_hours(["sunrise-(sunset+01:00)"], CALENDAR, sun)
    wanted = {
        (5, 0): State.CLOSED,
        (6, 30): State.UNKNOWN,
        (7, 30): State.OPEN,
        (18, 0): State.OPEN,
        (19, 30): State.UNKNOWN,
        (21, 0): State.CLOSED,
    }
    found = {
        clock: status(table, CALENDAR, int(rows[0]), local(11, 4, *clock), ZONE).state
        for clock in wanted
    }
    assert found == wanted


def test_where_the_sun_does_not_set_its_hours_are_unknown():
    sun = sun_times((20.0, 68.0, 21.0, 69.0), TimeZone("Europe/Stockholm"))
    assert set(sun.values()) == {ANY_TIME}


def test_nothing_said_is_unknown_without_being_refused():
    _, rows, reasons = compile_hours([None, "", "  "])
    assert rows.tolist() == [UNKNOWN_ROW] * 3
    assert reasons == {}


def test_each_expression_has_one_row_however_often_it_comes():
    table, rows, reasons = compile_hours(["24/7", None, "off", "24/7", "nonsense"])
    assert rows.tolist() == [1, 0, 2, 1, 0]
    assert len(table) == 3
    assert list(reasons) == ["nonsense"]


# --- five states ---


@pytest.mark.parametrize(
    ("hour", "minute", "wanted"),
    [
        (8, 29, State.CLOSED),
        (8, 30, State.OPENING_SOON),
        (8, 59, State.OPENING_SOON),
        (9, 0, State.OPEN),
        (17, 29, State.OPEN),
        (17, 30, State.CLOSING_SOON),
        (17, 59, State.CLOSING_SOON),
        (18, 0, State.CLOSED),
    ],
)
def test_soon_is_thirty_minutes_and_the_closing_minute_is_closed(
    hour: int, minute: int, wanted: State
):
    assert state("Mo-Su 09:00-18:00", local(11, 4, hour, minute)) is wanted


def test_the_last_second_before_closing_is_still_open():
    assert (
        state("Mo-Su 09:00-18:00", local(11, 4, 18) - timedelta(microseconds=1))
        is State.CLOSING_SOON
    )


def test_the_words_are_those_of_the_format():
    assert [each.word for each in State] == [
        "closed",
        "open",
        "unknown",
        "closing_soon",
        "opening_soon",
    ]


def test_round_the_clock_never_closes_and_has_no_next_change():
    table, row = compiled("24/7")
    assert status(table, CALENDAR, row, local(10, 1, 23, 59), ZONE) == Status(State.OPEN, None)
    assert table.always.tolist() == [False, True]


@pytest.mark.parametrize(
    "text", ["00:00-24:00", "Mo-Su 00:00-24:00", "Mo-Fr open; Sa,Su 00:00-24:00", "24/7; PH open"]
)
def test_every_way_to_write_always_is_always(text: str):
    assert compiled(text)[0].always.tolist() == [False, True]


@pytest.mark.parametrize(
    "text", ["24/7; PH off", "24/7; 2026 Oct 01 off", "Mo-Sa 00:00-24:00", "Mo-Su unknown"]
)
def test_an_exception_makes_it_not_always(text: str):
    assert not compiled(text)[0].always.any()


def test_midnight_does_not_close_a_place_open_over_it():
    table, row = compiled("Mo-Fr 22:00-06:00")
    found = status(table, CALENDAR, row, local(11, 6, 23, 45), ZONE)
    assert found.state is State.OPEN
    assert found.until == local(11, 7, 6)


@pytest.mark.parametrize(
    ("text", "at", "wanted"),
    [
        # Evaluators end Friday's night at midnight, people do not.
        ("Mo-Fr 22:00-06:00; Sa off", local(11, 6, 23), State.OPEN),
        ("Mo-Fr 22:00-06:00; Sa off", local(11, 7, 5), State.UNKNOWN),
        ("Mo-Fr 22:00-06:00; Sa off", local(11, 7, 6), State.CLOSED),
        ("Mo-Fr 22:00-06:00; Sa off", local(11, 6, 5), State.OPEN),
        ("Mo-Th 20:00-02:00; Fr,Sa 20:00-04:00", local(11, 6, 1), State.UNKNOWN),
        ("Mo-Th 20:00-02:00; Fr,Sa 20:00-04:00", local(11, 7, 3), State.OPEN),
        ("Mo-Th 20:00-02:00; Fr,Sa 20:00-04:00", local(11, 8, 3), State.OPEN),
        ("Mo-Th 20:00-02:00, Fr,Sa 20:00-04:00", local(11, 6, 1), State.OPEN),
        ("22:00-06:00; PH off", local(10, 1, 5), State.UNKNOWN),
        ("22:00-06:00; PH off", local(9, 30, 5), State.OPEN),
        ("Oct 20:00-04:00; Nov 09:00-18:00", local(11, 1, 3), State.UNKNOWN),
        ("Oct 20:00-04:00; Nov 20:00-03:00", local(11, 2, 2), State.OPEN),
        (
            "Mo 22:00-04:00; 10:00-02:00, 2026 Nov 02 20:00-03:00",
            local(11, 3, 1),
            State.UNKNOWN,
        ),
        # Evaluators let the night of a day that is closed reach into the next one.
        ("Mo-Fr 22:00-06:00; 2026 Nov 04 off", local(11, 5, 5), State.UNKNOWN),
        ("Mo-Fr 22:00-06:00; 2026 Nov 04 off", local(11, 4, 23), State.CLOSED),
        ("Mo-Fr 22:00-06:00; 2026 Nov 04 off", local(11, 6, 5), State.OPEN),
    ],
)
def test_a_night_that_a_later_rule_meets_is_unknown_after_midnight(
    text: str, at: datetime, wanted: State
):
    assert state(text, at) in {wanted, State.OPENING_SOON if wanted is State.CLOSED else wanted}


def test_two_nights_that_touch_are_one_opening():
    table, row = compiled("Mo-Su 06:00-30:00")
    assert status(table, CALENDAR, row, local(11, 6, 5, 45), ZONE).state is State.OPEN


def test_the_next_opening_of_a_closed_place_is_its_next_change():
    table, row = compiled("Mo-Fr 09:00-18:00; PH off")
    assert status(table, CALENDAR, row, local(9, 30, 20), ZONE).until == local(10, 8, 9)


def test_a_change_beyond_the_horizon_is_none():
    table, row = compiled("off; 2030 Jan 01 10:00-12:00")
    assert status(table, CALENDAR, row, local(1, 1), ZONE).until is None


def test_an_instant_of_another_zone_is_taken_to_shenzhen():
    table, row = compiled("Mo-Su 09:00-18:00")
    found = status(table, CALENDAR, row, datetime(2026, 11, 4, 1, 0, tzinfo=UTC), ZONE)
    assert found.state is State.OPEN
    assert found.until == local(11, 4, 18)


def test_an_instant_without_a_zone_is_refused():
    table, row = compiled("24/7")
    with pytest.raises(BadValue, match="no time zone"):
        status(table, CALENDAR, row, local(11, 4).replace(tzinfo=None), ZONE)


def test_open_hours_that_run_into_unknown_ones_are_not_closing():
    table, row = compiled("Mo 09:00-24:00; Tu unknown")
    found = status(table, CALENDAR, row, local(11, 2, 23, 45), ZONE)
    assert found.state is State.OPEN
    assert found.until == local(11, 3)


def test_what_runs_on_from_the_day_before_stays_open_over_an_unknown_day():
    table, row = compiled("Tu unknown; Mo 22:00-06:00")
    line = timeline(table, CALENDAR, date(2026, 11, 3), 1)
    assert (line.starts.tolist(), line.ends.tolist(), line.states.tolist()) == (
        [0, 0, 360],
        [1440, 360, 1440],
        [2, 1, 2],
    )
    assert row == 1


# --- holidays, adjusted workdays, dates not yet known ---


def test_a_holiday_without_a_holiday_rule_follows_its_weekday():
    assert state("Mo-Fr 09:00-18:00", local(10, 1, 12)) is State.OPEN


def test_a_holiday_follows_its_rule_also_on_the_weekend_inside_the_break():
    text = "Mo-Su 09:00-18:00; PH off"
    assert state(text, local(10, 1, 12)) is State.CLOSED
    assert state(text, local(10, 4, 12)) is State.CLOSED
    assert state(text, local(10, 8, 12)) is State.OPEN


def test_a_weekday_rule_after_the_holiday_rule_leaves_the_holiday_unknown_where_they_differ():
    assert state("PH off; Mo-Fr 09:00-18:00", local(10, 1, 12)) is State.UNKNOWN
    assert state("PH off; Mo-Fr 09:00-18:00", local(10, 4, 12)) is State.CLOSED
    assert state("Mo-Fr,PH 09:00-18:00; Sa,Su 10:00-16:00", local(10, 1, 12)) is State.OPEN
    assert state("Mo-Fr,PH 09:00-18:00; Sa,Su 10:00-16:00", local(10, 3, 12)) is State.UNKNOWN


def test_single_dates_before_a_holiday_rule_leave_those_holidays_unknown():
    text = "Mo-Fr 09:00-18:00; 2026 Sep 30-Oct 02 off; PH 10:00-12:00"
    assert state(text, local(9, 30, 11)) is State.CLOSED
    assert state(text, local(10, 2, 11)) is State.UNKNOWN
    assert state(text, local(10, 3, 11)) is State.OPEN


@pytest.mark.parametrize(
    "text",
    [
        'Mo-Fr 09:00-18:00 open "工作日"',
        'Mo-Fr 09:00-18:00 "工作日"',
        'Mo-Fr 09:00-18:00 open "工作日"; Sa,Su 10:00-16:00',
        'Sa,Su 10:00-16:00; Mo-Fr 09:00-18:00 open "工作日"; PH off',
        'Mo-Fr 09:00-18:00 open "工作日"; Sa,Su off; PH unknown',
        '10:00-12:00; Mo-Fr,PH 09:00-18:00 open "工作日"',
        'Jan-Sep 10:00-12:00; Oct-Dec Mo-Fr 09:00-18:00 open "工作日"',
    ],
)
def test_a_worked_saturday_follows_what_is_said_of_workdays(text: str):
    assert state(text, local(10, 10, 17)) is State.OPEN
    assert state(text, local(10, 10, 18)) is State.CLOSED
    assert state(text, local(10, 17, 17)) is State.CLOSED


@pytest.mark.parametrize(
    "text",
    [
        "Mo-Fr 09:00-18:00",
        "Mo-Fr 09:00-18:00; Sa,Su 10:00-16:00",
        'Mo-Fr 09:00-18:00 open "hot water"',
        "Mo-Th 09:00-18:00; Fr 09:00-16:00",
        "Sa,Su 10:00-16:00",
        "Mo-We 09:00-18:00",
        'Mo-Fr 09:00-18:00 open "工作日"; We off',
        'Mo-Fr 09:00-10:00 open "工作日", Mo-Fr 11:00-18:00',
        'Mo-We 09:00-18:00 open "工作日"',
    ],
)
def test_a_worked_saturday_is_unknown_if_it_is_not_clear_what_holds_on_it(text: str):
    assert state(text, local(10, 10, 12)) is State.UNKNOWN


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("off; PH 10:00-12:00", State.CLOSED),
        ("09:00-18:00", State.OPEN),
        ("Mo-Su 09:00-18:00", State.OPEN),
        ("Mo-Fr 09:00-18:00; Sa-Su 09:00-18:00; PH off", State.OPEN),
    ],
)
def test_a_worked_saturday_is_known_if_its_hours_are_those_of_every_day(text: str, wanted: State):
    assert state(text, local(10, 10, 12)) is wanted


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("Mo-Fr 09:00-18:00", "Mo-Fr 09:00-18:00; PH unknown"),
        (" Sa 09:00-18:00; ", " Sa 09:00-18:00; PH unknown; "),
        ("24/7; Su off", "24/7; Su off; PH unknown"),
        ("Jun Mo-Fr 08:00-20:00", "Jun Mo-Fr 08:00-20:00; PH unknown"),
        (
            "Mo-Fr 09:00-18:00; 2026 Oct 02 10:00-12:00, Dec 25 off",
            "Mo-Fr 09:00-18:00; PH unknown; 2026 Oct 02 10:00-12:00, Dec 25 off",
        ),
        (
            "2026 Oct 02 off; 2026 Oct 05-09 Mo-Th 10:00-12:00",
            "2026 Oct 02 off; 2026 Oct 05-09 Mo-Th 10:00-12:00; PH unknown",
        ),
    ],
)
def test_silence_about_holidays_is_written_where_hours_differ_by_weekday(text: str, stated: str):
    assert silence_stated(text) == stated
    assert silence_stated(stated) == stated


@pytest.mark.parametrize(
    "text",
    [
        "24/7",
        "09:00-18:00",
        "Mo-Su 09:00-18:00",
        "Mo-Fr off",
        "Mo-Fr 09:00-10:00; PH off",
        "Oct 01-07 off",
        "Mo-Fr 09:00-18:00; Sa-Su 09:00-18:00",
        "Mo-Fr,PH 09:00-18:00",
    ],
)
def test_what_speaks_of_holidays_or_is_the_same_on_all_days_stays_as_it_is(text: str):
    assert silence_stated(text) == text


def test_silence_makes_holidays_unknown_but_not_the_dates_that_are_named():
    text = silence_stated("Mo-Fr 09:00-18:00; 2026 Oct 02 10:00-12:00")
    assert state(text, local(10, 1, 12)) is State.UNKNOWN
    assert state(text, local(10, 2, 11)) is State.OPEN
    assert state(text, local(10, 2, 13)) is State.CLOSED
    assert state(text, local(10, 9, 12)) is State.OPEN


def test_silence_may_be_stated_of_the_longest_text():
    text = "Mo-Fr " + ",".join(["09:00-18:00"] * 20)
    text += " " * (255 - len(text))
    assert compile_hours([silence_stated(text)])[2] == {}


def test_what_is_not_understood_is_not_added_to():
    with pytest.raises(BadValue, match="no word"):
        silence_stated("by appointment")


def test_a_date_named_on_a_worked_saturday_counts():
    assert state("Mo-Fr 09:00-18:00; 2026 Oct 10 off", local(10, 10, 12)) is State.CLOSED


def test_past_the_known_calendar_a_day_is_unknown_only_where_it_matters():
    after = local(1, 4, 12, year=2027)  # a Monday
    assert state("Mo-Fr 09:00-18:00; PH off", after) is State.UNKNOWN
    assert state("Mo-Fr 09:00-18:00", after) is State.OPEN
    assert state("Mo-Fr 09:00-18:00", after - timedelta(days=1)) is State.UNKNOWN
    assert state("Mo-Su 09:00-18:00", after - timedelta(days=1)) is State.OPEN
    assert state("Mo-Fr 09:00-18:00; PH off; 2027 Jan 04 10:00-13:00", after) is State.OPEN


def test_before_the_known_calendar_it_is_the_same():
    assert state("Mo-Fr 09:00-18:00; PH off", local(12, 31, 12, year=2024)) is State.UNKNOWN


def test_a_night_that_may_have_begun_on_an_unknown_day_leaves_the_morning_after_unknown():
    text = (  # 2027-01-02 is a Saturday: the Friday before may have been a holiday
        "Mo-Fr 22:00-06:00; PH off"
    )
    assert state(text, local(1, 2, 5, year=2027)) is State.UNKNOWN


def test_unknown_hours_are_unknown_for_ever():
    table, rows, _ = compile_hours([None])
    found = status(table, CALENDAR, int(rows[0]), local(10, 1, 12), ZONE)
    assert found.state is State.UNKNOWN
    assert found.until is None


def test_the_last_rule_wins_whether_dated_or_not():
    assert state("2026 Nov 04 off; Mo-Fr 09:00-18:00", local(11, 4, 12)) is State.OPEN
    assert state("Mo-Fr 09:00-18:00; 2026 Nov 04 off", local(11, 4, 12)) is State.CLOSED


def test_a_yearly_date_comes_back_and_a_dated_one_does_not():
    assert state("09:00-18:00; May 02 off", local(5, 2, 12, year=2031)) is State.CLOSED
    assert state("09:00-18:00; 2026 May 02 off", local(5, 2, 12, year=2031)) is State.OPEN


def test_yearly_and_dated_spans_cut_each_other():
    text = "09:00-18:00; 2026 Oct 01-2028 Mar 31 10:00-12:00; Dec 24-Jan 02 off; Feb 29 off"
    wanted = {
        local(9, 30, 17): State.OPEN,
        local(12, 23, 11): State.OPEN,
        local(12, 23, 17): State.CLOSED,
        local(12, 24, 11): State.CLOSED,
        local(1, 2, 11, year=2028): State.CLOSED,
        local(1, 3, 11, year=2028): State.OPEN,
        local(2, 29, 11, year=2028): State.CLOSED,
        local(3, 1, 11, year=2028): State.OPEN,
        local(12, 24, 11, year=2028): State.CLOSED,
        local(6, 1, 17, year=2028): State.OPEN,
    }
    assert {at: state(text, at) for at in wanted} == wanted


def test_a_season_with_years_runs_over_the_new_year():
    text = "2025 Dec-2026 Feb 08:00-20:00"
    wanted = {
        local(11, 30, 12, year=2025): State.CLOSED,
        local(12, 1, 12, year=2025): State.OPEN,
        local(2, 28, 12): State.OPEN,
        local(3, 1, 12): State.CLOSED,
    }
    assert {at: state(text, at) for at in wanted} == wanted


def test_february_ends_where_it_ends():
    assert state("off; Feb 10:00-12:00", local(2, 28, 11, year=2027)) is State.OPEN
    assert state("off; Feb 10:00-12:00", local(3, 1, 11, year=2027)) is State.CLOSED
    assert state("off; Feb 10:00-12:00", local(2, 29, 11, year=2028)) is State.OPEN


# --- the table as a whole ---

TABLE, ROWS, _ = compile_hours(EXPRESSIONS)
some_second = st.integers(0, 770 * DAY_MIN * 60).map(lambda second: timedelta(seconds=second))
instants = some_second.map(lambda since: local(12, 25, year=2024) + since)  # to February 2027


@settings(max_examples=40)
@given(at=instants)
def test_status_agrees_with_states_at_for_every_row(at: datetime):
    line = timeline(TABLE, CALENDAR, at.date(), 2)
    minute = (at - at.replace(hour=0, minute=0, second=0, microsecond=0)) / timedelta(minutes=1)
    wanted = [status(TABLE, CALENDAR, row, at, ZONE).state for row in range(len(TABLE))]
    assert states_at(line, minute).tolist() == wanted


@settings(max_examples=60)
@given(at=instants, row=st.sampled_from(ROWS.tolist()))
def test_nothing_changes_before_until_and_something_does_at_until(at: datetime, row: int):
    until = status(TABLE, CALENDAR, row, at, ZONE).until
    assume(until is not None and until - at < timedelta(days=20))
    days = (until.date() - at.date()).days + 1
    found = ours(TABLE, row, Window(at.date(), days)).ravel()
    first, change = (
        int((each - local(at.month, at.day, year=at.year)).total_seconds() // 60)
        for each in (at, until)
    )
    assert (found[first:change] == found[first]).all()
    assert found[change] != found[first]


@settings(max_examples=30)
@given(
    text=expressions(), start=st.dates(date(2024, 12, 1), date(2027, 3, 1)), days=st.integers(1, 40)
)
def test_no_hour_in_which_a_row_may_be_open_or_unknown_is_missing_from_its_bits(
    text: str, start: date, days: int
):
    assume(len(text) <= 255)
    table, row = compiled(text)
    bits = int(hour_bits(table)[row])
    found = ours(table, row, Window(start, days)).reshape(days, 24, 60)
    open_hours = (found == State.OPEN).any(axis=(0, 2))
    assert [hour for hour in range(24) if open_hours[hour] and not bits >> hour & 1] == []
    assert not (found == State.UNKNOWN).any() or bits >> UNKNOWN_BIT & 1


def test_hour_bits_by_hand():
    table, _, _ = compile_hours(
        ["Mo-Su 09:30-12:00", "22:00-01:30", "24/7", "Mo-Su 09:00-10:00; PH off", "off"]
    )
    unknown, day = 1 << UNKNOWN_BIT, (1 << 24) - 1
    night = 1 << 22 | 1 << 23 | 1 << 0 | 1 << 1
    assert hour_bits(table).tolist() == [unknown, 0b111 << 9, night, day, 1 << 9 | unknown, 0]


@settings(max_examples=30)
@given(st.lists(expressions(), max_size=4), st.dates(date(2026, 1, 1), date(2027, 1, 20)))
def test_a_table_comes_back_from_its_arrays(texts: list[str], start: date):
    table, _, _ = compile_hours(texts)
    arrays = table.to_arrays()
    again = HoursTable.from_arrays(arrays)
    assert all(np.array_equal(again.to_arrays()[name], array) for name, array in arrays.items())
    one, two = (timeline(each, CALENDAR, start, 5) for each in (table, again))
    assert np.array_equal(one.starts, two.starts)
    assert np.array_equal(one.offsets, two.offsets)


@settings(max_examples=30)
@given(
    st.lists(expressions(), min_size=1, max_size=4),
    st.dates(date(2024, 12, 1), date(2027, 3, 1)),
    st.integers(1, 12),
)
def test_a_timeline_is_sorted_merged_and_within_its_days(texts: list[str], start: date, days: int):
    line = timeline(compile_hours(texts)[0], CALENDAR, start, days)
    assert (line.starts >= 0).all()
    assert (line.ends <= days * DAY_MIN).all()
    assert (line.starts < line.ends).all()
    for first, end in zip(line.offsets[:-1], line.offsets[1:], strict=True):
        gaps = line.starts[first + 1 : end] - line.ends[first : end - 1]
        assert (gaps >= 0).all()
        assert (np.diff(line.states[first:end].astype(int))[gaps == 0] != 0).all()


def test_what_is_built_cannot_be_written():
    table, rows, _ = compile_hours(["24/7"])
    line = timeline(table, CALENDAR, date(2026, 10, 1), 2)
    arrays = [
        *table.to_arrays().values(),
        rows,
        hour_bits(table),
        line.offsets,
        line.starts,
        line.ends,
        line.states,
    ]
    assert not any(array.flags.writeable for array in arrays)


def test_reading_a_table_leaves_the_callers_arrays_as_they_were():
    arrays = {name: array.copy() for name, array in TABLE.to_arrays().items()}
    HoursTable.from_arrays(arrays)
    assert all(array.flags.writeable for array in arrays.values())


def test_a_memory_mapped_table_answers(tmp_path):
    for name, array in TABLE.to_arrays().items():
        np.save(tmp_path / f"{name}.npy", array)
    mapped = HoursTable.from_arrays(
        {name: np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in TABLE.to_arrays()}
    )
    at = local(10, 3, 11)
    assert [status(mapped, CALENDAR, row, at, ZONE) for row in range(9)] == [
        status(TABLE, CALENDAR, row, at, ZONE) for row in range(9)
    ]


@pytest.mark.parametrize("minute", [-1, 2 * DAY_MIN - SOON_MIN, 2 * DAY_MIN, float("nan")])
def test_a_minute_the_timeline_cannot_answer_is_refused(minute: float):
    with pytest.raises(BadValue, match="more than 2 days"):
        states_at(timeline(TABLE, CALENDAR, date(2026, 10, 1), 2), minute)


def test_a_timeline_of_no_days_is_refused():
    with pytest.raises(BadValue, match="at least 1"):
        timeline(TABLE, CALENDAR, date(2026, 10, 1), 0)


def test_a_week_for_the_place_page():
    table, row = compiled(
        "Mo-Fr 09:00-12:00,14:00-18:00; Sa 20:00-02:00; Su 18:00-24:00; PH off; 2026 Sep 29 unknown"
    )
    morning_and_afternoon = ("09:00-12:00", "14:00-18:00")
    assert week_texts(table, CALENDAR, row, date(2026, 9, 28)) == (
        morning_and_afternoon,
        ("unknown",),
        morning_and_afternoon,
        (),
        (),
        (),
        (),
    )
    assert week_texts(table, CALENDAR, row, date(2026, 11, 2))[5:] == (
        ("20:00-02:00",),
        ("18:00-24:00",),
    )
