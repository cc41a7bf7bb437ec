"""Opening hours from rules to flat arrays, each expression compiled once.

Never reads a clock, holds no calendar.

A row has a base week and, for dated rules, spans of dates that have a week of their own. A week has
28 columns, seven weekdays in each of four treatments, and names in each the plan of the intervals
that begin on such a day:

    PLAIN    an ordinary day
    HOLIDAY  a public holiday that falls on that weekday
    WORKED   an adjusted workday (a Saturday or Sunday that is worked)
    BEYOND   a date the calendar does not know yet: it may turn out to be any of the three
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import IntEnum
from itertools import accumulate, pairwise
from typing import Final, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from geodata.errors import BadValue
from geodata.hours.calendar import DayKind
from geodata.hours.syntax import (
    DAY_MIN,
    UNKNOWN_DAY,
    YEARS,
    Interval,
    Rule,
    Span,
    State,
    month_day,
    parse,
)


class Treatment(IntEnum):
    """How a date is treated; column = treatment * 7 + weekday (0 = Monday)."""

    PLAIN = 0
    HOLIDAY = 1
    WORKED = 2
    BEYOND = 3


COLUMNS: Final = 28
UNKNOWN_ROW: Final = 0

LEAP_YEAR: Final = 2024  # any: it has every date a year can have

Plan = tuple[Interval, ...]
Week = tuple[Plan, ...]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class HoursTable:
    """Compiled opening hours; row 0 is always "unknown hours".

    All arrays are write-protected and may be memory-mapped.

    R rows, S spans, W weeks, P plans, N intervals. Minutes count from the midnight a day begins
    with, up to 2880; of intervals that overlap, in one plan or spilling over from the day before,
    open wins over unknown.
    """

    row_weeks: NDArray[np.int32]
    """(R,) the base week of each row."""
    always: NDArray[np.bool_]
    """(R,) open for 24 hours on every day of every kind, with no dated rule."""
    span_offsets: NDArray[np.int32]
    """(R + 1,) row r has spans [span_offsets[r], span_offsets[r + 1]).

    The first that holds a date decides.
    """
    span_first: NDArray[np.int32]
    """(S,) first date: proleptic ordinal, or month * 100 + day where yearly."""
    span_last: NDArray[np.int32]
    """(S,) last date, included, never before the first."""
    span_yearly: NDArray[np.bool_]
    """(S,) whether it comes back every year; in each row these come last."""
    span_weeks: NDArray[np.int32]
    """(S,) the week that holds within the span."""
    weeks: NDArray[np.int32]
    """(W, 28) the plan of each column."""
    plan_offsets: NDArray[np.int32]
    """(P + 1,) plan p has intervals [plan_offsets[p], plan_offsets[p + 1])."""
    starts: NDArray[np.int32]
    """(N,) first minute, in [0, 1440); ascending within a plan and state."""
    ends: NDArray[np.int32]
    """(N,) the minute after the last, in (0, 2880]."""
    states: NDArray[np.uint8]
    """(N,) State.OPEN or State.UNKNOWN."""

    def __post_init__(self) -> None:
        for name in _NAMES:
            array: NDArray[np.generic] = np.asarray(getattr(self, name)).view()
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return int(self.row_weeks.size)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Every array by name, "hours_" before it: what a snapshot stores."""
        return {f"hours_{name}": getattr(self, name) for name in _NAMES}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        """The table that to_arrays() wrote, on the same memory.

        Keys it does not know are left alone.
        """
        return cls(**{name: arrays[f"hours_{name}"] for name in _NAMES})  # type: ignore[arg-type]  # by name only


_NAMES: Final = tuple(field.name for field in fields(HoursTable))


class Dated(NamedTuple):
    """A span of dates (never across a year's end where yearly) and the week that holds in it."""

    first: int
    last: int
    yearly: bool
    week: Week


class CompiledHours(NamedTuple):
    """One expression compiled, before its weeks and plans are shared with others."""

    week: Week
    dated: tuple[Dated, ...]


_UNKNOWN_HOURS: Final = CompiledHours((UNKNOWN_DAY,) * COLUMNS, ())


def compile_hours(
    expressions: Sequence[str | None],
) -> tuple[HoursTable, NDArray[np.int32], Mapping[str, str]]:
    """The table of the unique expressions, the row of each input (shape (n,)), and expression ->
    reason of the refused.

    Each expression is compiled once however often it comes. Refused ones get row 0, and so do None
    and blank text, which are not refused: nothing was said. Never raises for a text.
    """
    rows: dict[str | None, int] = {}
    compiled: list[CompiledHours] = [_UNKNOWN_HOURS]
    reasons: dict[str, str] = {}
    for text in dict.fromkeys(expressions):
        try:
            rows[text] = _append(compiled, text)
        except BadValue as error:
            rows[text], reasons[str(text)] = UNKNOWN_ROW, str(error)
    numbers = np.fromiter(
        (rows[text] for text in expressions), dtype=np.int32, count=len(expressions)
    )
    numbers.setflags(write=False)
    return _table(compiled), numbers, reasons


def _append(compiled: list[CompiledHours], text: str | None) -> int:
    if text is None or not text.strip():
        return UNKNOWN_ROW
    compiled.append(_row(parse(text)))
    return len(compiled) - 1


# --- one day ---


def _fold(rules: Iterable[Rule], kinds: frozenset[DayKind]) -> Plan:
    """What the rules say of a day of these kinds: each that speaks on it replaces the earlier ones,
    or adds to them.
    """
    plan: Plan = ()
    for rule in rules:
        if rule.speaks_on(kinds):
            # Closed hours are not added: `, PH off` closes the day, as in opening-hours-rs 2.1.
            plan = plan + rule.intervals if rule.adds and rule.intervals else rule.intervals
    return _tidy(plan)


def _tidy(plan: Plan) -> Plan:
    """Sorted, and open intervals that overlap or touch made one, so that equal plans
    compare equal.
    """
    merged: list[Interval] = []
    for interval in sorted(plan, key=lambda each: (each.state, each.start, each.end)):
        last = merged[-1] if merged else None
        if last and last.state == interval.state and interval.start <= last.end:
            merged[-1] = last._replace(end=max(last.end, interval.end))
        else:
            merged.append(interval)
    return tuple(merged)


def _agreed(*plans: Plan) -> Plan:
    """The plan all of them are; else unknown for the day, and for as long into the next as any of
    them may run.
    """
    if len(set(plans)) == 1:
        return plans[0]
    end = max((interval.end for plan in plans for interval in plan), default=DAY_MIN)
    return (Interval(0, max(end, DAY_MIN), State.UNKNOWN),)


# --- one week ---


def _week(rules: Sequence[Rule]) -> Week:
    plain = tuple(_fold(rules, frozenset({DayKind(weekday)})) for weekday in range(7))
    holiday = tuple(_holiday_plan(rules, weekday) for weekday in range(7))
    worked = tuple(_worked_plan(plain, weekday) for weekday in range(7))
    return plain + holiday + worked + tuple(map(_agreed, plain, holiday, worked))


def _holiday_plan(rules: Sequence[Rule], weekday: int) -> Plan:
    """A holiday is of two kinds, PH and its weekday.

    Unknown if the answer hangs on PH not standing last.

    By the specification `PH off; Mo-Fr 09:00-18:00` is open on a holiday Monday; by the look of it
    it is closed.
    """
    kinds = frozenset({DayKind.PH, DayKind(weekday)})
    as_written = _fold(rules, kinds)
    if not any(rule.names_holidays for rule in rules):
        return as_written
    return _agreed(as_written, _fold(sorted(rules, key=_precedence), kinds))


def _precedence(rule: Rule) -> int:
    """Weekly rules, then rules for holidays, then single dates: what a reader takes to be the
    exception of what.
    """
    return 2 if rule.names_dates else int(rule.names_holidays)


def _worked_plan(plain: Week, weekday: int) -> Plan:
    """A worked Saturday or Sunday is a workday (工作日) if Monday to Friday agree on its hours, and
    it has some.
    """
    workdays = plain[:5]
    if weekday < DayKind.SA:
        return plain[weekday]
    return (
        workdays[0]
        if len(set(workdays)) == 1 and workdays[0]
        else _agreed(plain[weekday], *workdays)
    )


# --- one row ---


class _Weeks:
    """The week of a date under some rules; each set of rules that hold together is folded once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._known: dict[tuple[Rule, ...], Week] = {}

    def on(self, day: date) -> Week:
        return self._under(
            tuple(r for r in self._rules if not r.spans or any(s.holds(day) for s in r.spans))
        )

    def base(self) -> Week:
        return self._under(tuple(r for r in self._rules if not r.spans))

    def _under(self, rules: tuple[Rule, ...]) -> Week:
        if rules not in self._known:
            self._known[rules] = _week(rules)
        return self._known[rules]


def _row(rules: Sequence[Rule]) -> CompiledHours:
    spans = [span for rule in rules for span in rule.spans]
    weeks = _Weeks(rules)
    yearly = [rule for rule in rules if not rule.spans or rule.spans[0].yearly]
    return CompiledHours(weeks.base(), (*_single(spans, weeks), *_yearly(spans, _Weeks(yearly))))


def _yearly(spans: Iterable[Span], weeks: _Weeks) -> Iterator[Dated]:
    """The year cut wherever a yearly span begins or ends.

    Pieces that are like the base week are left out.
    """
    cuts = sorted({101, 1232, *_yearly_cuts(spans)})  # 1 January, and the day after 31 December
    for first, end in pairwise(cuts):
        week = weeks.on(_date_from(LEAP_YEAR, first))
        if week != weeks.base():
            yield Dated(first, end - 1, yearly=True, week=week)


def _yearly_cuts(spans: Iterable[Span]) -> set[int]:
    """The dates (month * 100 + day) at which a yearly span begins, and those on which it has just
    ended.
    """
    keys = (key for span in spans if span.yearly for key in (span.first, span.last + 1))
    return {month_day(_date_from(LEAP_YEAR, key)) for key in keys}


def _single(spans: Sequence[Span], weeks: _Weeks) -> Iterator[Dated]:
    """The dates with a year, cut wherever any span begins or ends, so that one week holds in each
    piece.
    """
    days = [span for span in spans if not span.yearly]
    cuts = {key for span in days for key in (span.first, span.last + 1)} | _yearly_cuts_within(
        spans, days
    )
    for first, end in pairwise(sorted(cuts)):
        if any(span.first <= first <= span.last for span in days):
            yield Dated(first, end - 1, yearly=False, week=weeks.on(date.fromordinal(first)))


def _yearly_cuts_within(spans: Sequence[Span], days: Sequence[Span]) -> set[int]:
    """The ordinals inside `days` at which a yearly span begins or has just ended."""
    cuts = (
        {_date_from(year, key).toordinal() for key in _yearly_cuts(spans) for year in YEARS}
        if days
        else set()
    )
    return {cut for cut in cuts if any(span.first < cut <= span.last for span in days)}


def _date_from(year: int, key: int) -> date:
    """The first date at or after month * 100 + day of that year.

    The key may be one past the end of its month.
    """
    month, day = divmod(key, 100)
    return date(year, month, 1) + timedelta(days=min(day - 1, monthrange(year, month)[1]))


# --- all rows ---


def _table(rows: Sequence[CompiledHours]) -> HoursTable:
    dated = [each for row in rows for each in row.dated]
    weeks = _numbered([*(row.week for row in rows), *(each.week for each in dated)])
    plans = _numbered(plan for week in weeks for plan in week)
    intervals = [interval for plan in plans for interval in plan]
    return HoursTable(
        row_weeks=_int32(weeks[row.week] for row in rows),
        always=np.array(
            [not row.dated and all(map(_covers_day, row.week)) for row in rows], dtype=np.bool_
        ),
        span_offsets=_offsets(row.dated for row in rows),
        span_first=_int32(each.first for each in dated),
        span_last=_int32(each.last for each in dated),
        span_yearly=np.array([each.yearly for each in dated], dtype=np.bool_),
        span_weeks=_int32(weeks[each.week] for each in dated),
        weeks=_int32(plans[plan] for week in weeks for plan in week).reshape(-1, COLUMNS),
        plan_offsets=_offsets(plans),
        starts=_int32(interval.start for interval in intervals),
        ends=_int32(interval.end for interval in intervals),
        states=np.array([interval.state for interval in intervals], dtype=np.uint8),
    )


def _covers_day(plan: Plan) -> bool:
    return any(
        each.state == State.OPEN and each.start == 0 and each.end >= DAY_MIN for each in plan
    )


def _numbered(values: Iterable[_T]) -> dict[_T, int]:
    """The distinct values in order of their first coming, numbered."""
    return {value: number for number, value in enumerate(dict.fromkeys(values))}


def _offsets(groups: Iterable[Sized]) -> NDArray[np.int32]:
    return _int32(accumulate(map(len, groups), initial=0))


def _int32(numbers: Iterable[int]) -> NDArray[np.int32]:
    return np.fromiter(numbers, dtype=np.int32)
