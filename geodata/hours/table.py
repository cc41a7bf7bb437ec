"""Opening hours from rules to flat arrays, each expression compiled once.

Never reads a clock, stores no calendar: one is asked for only where rules move from year to year
(geodata.hours.dates).

A row has a base week and, for dated rules, spans of dates that have a week of their own. A week has
28 columns, seven weekdays in each of four treatments, and names in each the plan of the intervals
that begin on such a day:

    PLAIN    an ordinary day
    HOLIDAY  a public holiday that falls on that weekday
    WORKED   an adjusted workday (a Saturday or Sunday that is worked)
    BEYOND   a date the calendar does not know yet: it may turn out to be any of the three
"""

from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, fields, replace
from itertools import accumulate
from typing import Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from geodata.errors import BadValue
from geodata.hours.calendar import Calendar
from geodata.hours.dates import CompiledHours, compiled
from geodata.hours.rules import DAY_MIN, UNKNOWN_DAY, Rule, State
from geodata.hours.sun import ANYWHERE, SunTimes
from geodata.hours.syntax import SILENCE, parse, rule_ends
from geodata.hours.week import COLUMNS, Plan

UNKNOWN_ROW: Final = 0

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
    """(N,) first minute, in [0, 1440], later only if unknown; ascending within a plan, state."""
    ends: NDArray[np.int32]
    """(N,) the minute after the last, in (0, 2880]."""
    states: NDArray[np.uint8]
    """(N,) State.OPEN or State.UNKNOWN; CLOSED, first in its plan, where it is in doubt whether
    open hours of the day before run on past midnight."""

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


_UNKNOWN_HOURS: Final = CompiledHours((UNKNOWN_DAY,) * COLUMNS, ())


def compile_hours(
    expressions: Sequence[str | None],
    calendar: Calendar | None = None,
    sun: SunTimes = ANYWHERE,
) -> tuple[HoursTable, NDArray[np.int32], Mapping[str, str]]:
    """The table of the unique expressions, the row of each input (shape (n,)), and expression ->
    reason of the refused.

    `calendar` says about which years dates that move (weeks, Easter, the day before a holiday) are
    worked out, `sun` when the sun rises and sets; what hangs on them is unknown without. Each
    expression is compiled once however often it comes. Refused ones get row 0, and so do None and
    blank text, which are not refused: nothing was said. Never raises for a text.
    """
    rows: dict[str | None, int] = {}
    found: list[CompiledHours] = [_UNKNOWN_HOURS]
    reasons: dict[str, str] = {}
    for text in dict.fromkeys(expressions):
        rows[text] = UNKNOWN_ROW
        if text is None or not text.strip():
            continue
        try:
            row = compiled(parse(text), calendar, sun)
        except BadValue as error:
            reasons[text] = str(error)
        else:
            rows[text] = len(found)
            found.append(row)
    numbers = np.fromiter(
        (rows[text] for text in expressions), dtype=np.int32, count=len(expressions)
    )
    numbers.setflags(write=False)
    return _table(found), numbers, reasons


def with_constant_rows(table: HoursTable) -> HoursTable:
    """The table with two rows more at its end: always closed, and always open."""
    closed, opened = len(table.plan_offsets) - 1, len(table.plan_offsets)
    first = len(table.weeks)
    ends = table.plan_offsets[-1]
    spans = table.span_offsets[-1]
    return replace(
        table,
        row_weeks=np.append(table.row_weeks, _int32([first, first + 1])),
        always=np.append(table.always, [False, True]),
        span_offsets=np.append(table.span_offsets, _int32([spans, spans])),
        weeks=np.concatenate([table.weeks, _int32([closed, opened])[:, None].repeat(COLUMNS, 1)]),
        plan_offsets=np.append(table.plan_offsets, _int32([ends, ends + 1])),
        starts=np.append(table.starts, _int32([0])),
        ends=np.append(table.ends, _int32([DAY_MIN])),
        states=np.append(table.states, np.array([State.OPEN], np.uint8)),
    )


def silence_stated(expression: str) -> str:
    """The expression with `PH unknown` where it is silent about holidays and its hours differ by
    weekday: what a weekday says of a holiday that falls on it is not certain.

    The last rules that name dates are left to stand after it: they speak of their dates, holidays
    or not. Raises BadValue for what is not understood.
    """
    rules = parse(expression)
    if any(rule.names_holidays for rule in rules) or not _differs_by_weekday(rules):
        return expression
    last = max(
        number for number, rule in enumerate(rules) if not (rule.days.any_kind and rule.names_dates)
    )
    at = rule_ends(expression)[last]
    return f"{expression[:at]}{SILENCE}{expression[at:]}"


def _differs_by_weekday(rules: Sequence[Rule]) -> bool:
    """Whether on some date the seven days of the week would not all have the same hours."""
    row = compiled(rules, None, ANYWHERE)
    weeks = (row.week, *(dated.week for dated in row.dated))
    return any(len(set(week[:7])) > 1 for week in weeks)


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
