"""Opening hours: parse once, ask often, five states.

Never looks at the clock: every question brings its own time.

geodata.hours.syntax reads the text, geodata.hours.table compiles it; both are used through this
module.

How a date is answered. The last rule that speaks on a day replaces the earlier ones, dated or not.
An overnight interval belongs to the day it begins on and runs to its end. Where a later rule speaks
of the next day (`Mo-Fr 22:00-06:00; Sa off`), it is unknown from midnight on: evaluators end it
there, but a place open from 22:00 to 06:00 does not throw its guests out at midnight; and so is
what would reach into the next day where a later rule replaces the day that it begins on. A public
holiday follows its `PH` rule, and its weekday if there is none; it is unknown if a weekday rule
written after the `PH` rule says something else. (Whoever writes the rules says `PH unknown` where
nothing was said of holidays: silence_stated().) An adjusted workday (a worked Saturday or Sunday)
follows the rules that are said of workdays (`Mo-Fr 09:00-18:00 open "工作日"`); if there are none,
and its own hours and those of Monday to Friday are not all alike, it is unknown. A date the
calendar does not know is unknown if any of this could change its hours. An unknown day is unknown
for as long into the next as the hours in question could run.

Where the clocks change, hours are those of the wall clock at every instant: a place that is open
from 22:00 to 06:00 opens and closes when the clock shows it, however long the night is. Times that
the clock skips never come (what opens or closes in them does so when it skips), and times that come
twice are answered twice alike: what closes at 02:30 closes twice where 02:00 to 03:00 comes twice,
and is open from 02:00 again. The common evaluators have it so, too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import addresses, inner_kernel, kernel
from geodata.errors import BadValue
from geodata.hours.calendar import Calendar, DayKind
from geodata.hours.rules import DAY_MIN, State
from geodata.hours.table import UNKNOWN_ROW, HoursTable, compile_hours, silence_stated
from geodata.hours.week import Treatment
from geodata.hours.zone import STEADY, Step, TimeZone

__all__ = [
    "HORIZON_DAYS",
    "SOON_MIN",
    "UNKNOWN_BIT",
    "UNKNOWN_ROW",
    "HoursTable",
    "Reason",
    "State",
    "Status",
    "Timeline",
    "TimelineItem",
    "compile_hours",
    "hour_bits",
    "open_through",
    "reasons",
    "silence_stated",
    "states_at",
    "status",
    "timeline",
    "week_texts",
]

SOON_MIN: Final = 30
HORIZON_DAYS: Final = 400  # how far status() looks for the next change
UNKNOWN_BIT: Final = 24

#: Where nothing is said of the zone, minutes are those of a wall clock that never changes.
_WALL: Final = TimeZone("UTC")
_UNIX_ORDINAL: Final = date(1970, 1, 1).toordinal()


class Reason(StrEnum):
    """Why hours are unknown that would be known if the day were one like any other."""

    HOLIDAY = "holiday"
    """A public holiday."""
    ADJUSTED_WORKDAY = "adjusted_workday"
    """A Saturday or Sunday that is worked to pay for a holiday."""
    CALENDAR = "calendar"
    """The calendar does not know the date: its holidays have not been announced, or not loaded."""


_REASONS: Final = {
    Treatment.HOLIDAY: Reason.HOLIDAY,
    Treatment.WORKED: Reason.ADJUSTED_WORKDAY,
    Treatment.BEYOND: Reason.CALENDAR,
}


class ReasonSpan(NamedTuple):
    """Minutes [start, end) in which a row is unknown, and the reason."""

    start: int
    end: int
    reason: Reason


class TimelineItem(IntEnum):
    """Where the address of each array of a Timeline stands."""

    OFFSETS = 0
    STARTS = 1
    ENDS = 2
    STATES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """When each row is open or unknown in `days` times 24 hours from the beginning of `day` on.

    Else it is closed.

    Row r has intervals [offsets[r], offsets[r + 1]) of `starts`, `ends` (minutes that passed since
    then, within [0, days * 1440], end excluded; where the clocks change, the wall clock shows
    another time than so many minutes) and `states` (State.OPEN or State.UNKNOWN):
    sorted, never overlapping, and merged where two of one state touch. Write-protected.
    """

    day: date
    days: int
    offsets: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    states: NDArray[np.uint8]
    at: NDArray[np.int64] = field(init=False, repr=False)
    """The addresses of the four arrays (compiled.py); `TimelineItem` says where each stands."""

    def __post_init__(self) -> None:
        arrays = [getattr(self, item.name.lower()) for item in TimelineItem]
        for array in arrays:
            array.setflags(write=False)
        object.__setattr__(self, "at", addresses(arrays))


@dataclass(frozen=True, slots=True)
class Status:
    """One row at one instant.

    `until`: when open, closed or unknown next becomes another of these, with the zone's offset
    then; None if not in HORIZON_DAYS.
    """

    state: State
    until: datetime | None


def timeline(
    table: HoursTable, calendar: Calendar, day: date, days: int, zone: TimeZone = _WALL
) -> Timeline:
    """The intervals of every row over `days` times 24 hours from the beginning of `day` on.

    Without a zone minutes are those of the wall clock. Raises BadValue if days < 1.
    """
    return _timeline(table, calendar, slice(0, len(table)), day, days, zone)


def states_at(line: Timeline, minute: float) -> NDArray[np.uint8]:
    """One State per row (uint8, shape (rows,)) at `minute` since the timeline began.

    Open until the minute it closes, which is closed. Closing soon: open, and closed in SOON_MIN or
    less; open hours that unknown ones follow at once are not closing. Opening soon: closed, and
    open in SOON_MIN or less. Hours are whole minutes, so all seconds of a minute have one answer.
    Raises BadValue outside [0, days * 1440 - SOON_MIN): past that the timeline cannot tell what is
    soon.
    """
    if not 0 <= minute < line.days * DAY_MIN - SOON_MIN:
        last = line.days * DAY_MIN - SOON_MIN
        raise BadValue(
            ("minute {minute} is outside 0–{last}; ask for a timeline of more than {days} days"),
            minute=minute,
            last=last,
            days=line.days,
        )
    states: NDArray[np.uint8] = _states_at(
        line.offsets, line.starts, line.ends, line.states, int(minute)
    )
    return states


def minutes_after(zone: TimeZone, day: date, minutes: float) -> datetime | None:
    """So many minutes after a day began, with the zone's offset then.

    None after the year 9999, where Python's dates end.
    """
    try:
        return zone.after(day, minutes)
    except OverflowError:
        return None


def status(table: HoursTable, calendar: Calendar, row: int, at: datetime, zone: TimeZone) -> Status:
    """The state of one row at an instant, as states_at() has it, and until when.

    Raises BadValue without time zone.
    """
    if at.utcoffset() is None:
        raise BadValue("{time} has no time zone; write one, such as +08:00", time=at.isoformat())
    day = zone.local(at).date()
    minute = (at - zone.begins(day)) / timedelta(minutes=1)
    line = _timeline(table, calendar, slice(row, row + 1), day, HORIZON_DAYS + 2, zone)
    change = _next_change(line, minute)
    until = minutes_after(zone, day, change) if change <= minute + HORIZON_DAYS * DAY_MIN else None
    return Status(State(int(states_at(line, minute)[0])), until)


def reasons(
    table: HoursTable,
    calendar: Calendar,
    rows: Sequence[int],
    day: date,
    days: int,
    zone: TimeZone = _WALL,
) -> dict[int, tuple[ReasonSpan, ...]]:
    """Why rows are unknown in `days` times 24 hours from the beginning of `day` on, by row.

    Minutes count from then, as those of a timeline do; spans are sorted and do not overlap. They
    speak of minutes whose state is unknown, and only of those that would be known if every day were
    one like any other. The reason is the day's own; on a day like any other it is that of the
    evening before, whose hours may run on into the morning. Rows of which there is nothing to say
    are left out.
    """
    steps = zone.steps(day, days)
    begin, days_painted = _painted(day, days, steps)
    first = begin.toordinal() - 1  # the day before spills into the first
    ordinals = np.arange(first, first + days_painted + 1, dtype=np.int32)
    treatments = _treatments(calendar, ordinals).tolist()
    if not any(treatments):  # on nearly every day of the year
        return {}
    found = {row: _reasons_of(table, calendar, row, begin, treatments) for row in rows}
    if steps != STEADY:
        late = (day - begin).days * DAY_MIN
        found = {row: _passed(spans, steps, late, days) for row, spans in found.items()}
    return {row: spans for row, spans in found.items() if spans}


def _passed(
    spans: Sequence[ReasonSpan], steps: Sequence[Step], late: int, days: int
) -> tuple[ReasonSpan, ...]:
    """Spans of the wall clock, `late` minutes too late, as minutes that passed since a day began.

    In order.
    """
    found = [
        ReasonSpan(
            max(start - late - step.ahead, step.since), min(end - late - step.ahead, until), why
        )
        for step, until in _parts(steps, days)
        for start, end, why in spans
    ]
    return tuple(sorted(span for span in found if span.start < span.end))


def week_texts(
    table: HoursTable, calendar: Calendar, row: int, monday: date
) -> tuple[tuple[str, ...], ...]:
    """Seven days from `monday` on, each its hours as "HH:MM-HH:MM" on the day they begin.

    A closed day is (), and a day that is unknown, wholly or in part, ("unknown",).
    """
    plans = _plans(table, calendar, slice(row, row + 1), monday.toordinal(), 7)[0]
    return tuple(_plan_texts(table, int(plan)) for plan in plans)


def hour_bits(table: HoursTable) -> NDArray[np.uint32]:
    """Per row (shape (rows,)), bit h: may be open in local hour h (0–23) of some date.

    UNKNOWN_BIT: may be unknown.

    For pruning: a bit may be set in vain (for a date that never comes), never missing. Hours after
    midnight count.
    """
    plan_bits = np.zeros(table.plan_offsets.size - 1, dtype=np.uint32)
    plan_of = np.repeat(np.arange(plan_bits.size), np.diff(table.plan_offsets))
    np.bitwise_or.at(plan_bits, plan_of, _interval_bits(table))
    week_bits = np.bitwise_or.reduce(plan_bits[table.weeks], axis=1)
    bits: NDArray[np.uint32] = week_bits[table.row_weeks]
    row_of = np.repeat(np.arange(bits.size), np.diff(table.span_offsets))
    np.bitwise_or.at(bits, row_of, week_bits[table.span_weeks])
    bits.setflags(write=False)
    return bits


def _interval_bits(table: HoursTable) -> NDArray[np.uint32]:
    first = (table.starts // 60).astype(np.uint64)
    after = ((table.ends + 59) // 60).astype(np.uint64)
    one = np.uint64(1)
    hours = (one << after) - (one << first)  # of 48
    folded = ((hours | hours >> np.uint64(24)) & np.uint64(0xFFFFFF)).astype(np.uint32)
    in_doubt = np.uint32(1 << UNKNOWN_BIT)
    return np.where(table.states == State.OPEN, folded, in_doubt)


def _timeline(
    table: HoursTable,
    calendar: Calendar | None,
    rows: slice,
    day: date,
    days: int,
    zone: TimeZone = _WALL,
) -> Timeline:
    if days < 1:
        raise BadValue("a timeline of {days} days is empty; ask for at least 1", days=days)
    steps = zone.steps(day, days)
    begin, days_painted = _painted(day, days, steps)
    plans = _plans(
        table, calendar, rows, begin.toordinal() - 1, days_painted + 1
    )  # the day before spills into the first
    of_plans = _Intervals(table.plan_offsets, table.starts, table.ends, table.states)
    painted = _paint(plans, of_plans)
    if steps != STEADY:
        painted = _as_passed(painted, steps, (day - begin).days * DAY_MIN, days)
    return Timeline(day, days, *painted)


def _painted(day: date, days: int, steps: Sequence[Step]) -> tuple[date, int]:
    """The days of the wall clock that a timeline is made of: one more at either end where it is
    not always as far ahead, as it may begin later, end later, or go back over midnight.
    """
    if steps == STEADY:
        return day, days
    return (day - timedelta(days=1), days + 2) if day > date.min else (day, days + 1)


def _parts(steps: Sequence[Step], days: int) -> Iterator[tuple[Step, int]]:
    """Each step with the minute at which it ends, in so many times 24 hours."""
    ends = [*(step.since for step in steps[1:]), days * DAY_MIN]
    return zip(steps, ends, strict=True)


def _as_passed(wall: "_Intervals", steps: Sequence[Step], late: int, days: int) -> "_Intervals":
    """Intervals of the wall clock, `late` minutes too late, as minutes that passed since a day
    began: what it shows twice stands there twice, and what it skips not at all.
    """
    row_of = np.repeat(np.arange(wall.offsets.size - 1), np.diff(wall.offsets))
    pieces = []
    for step, until in _parts(steps, days):
        starts = np.maximum(wall.starts - (late + step.ahead), step.since)
        ends = np.minimum(wall.ends - (late + step.ahead), until)
        there = starts < ends
        pieces.append((row_of[there], starts[there], ends[there], wall.states[there]))
    rows, starts, ends, states = (np.concatenate(part) for part in zip(*pieces, strict=True))
    order = np.lexsort((starts, rows))
    rows, starts, ends, states = rows[order], starts[order], ends[order], states[order]
    # What goes on where the clocks change is one interval.
    goes_on = (rows[1:] == rows[:-1]) & (states[1:] == states[:-1]) & (starts[1:] == ends[:-1])
    first, last = np.r_[True, ~goes_on][: rows.size], np.r_[~goes_on, True][: rows.size]
    offsets = np.zeros(wall.offsets.size, np.int32)
    np.cumsum(np.bincount(rows[first], minlength=wall.offsets.size - 1), out=offsets[1:])
    return _Intervals(
        offsets,
        starts[first].astype(np.int32),
        ends[last].astype(np.int32),
        states[first].astype(np.uint8),
    )


def _reasons_of(
    table: HoursTable, calendar: Calendar, row: int, day: date, treatments: Sequence[int]
) -> tuple[ReasonSpan, ...]:
    """The spans of one row; `treatments` are those of the day before and of the days from `day`
    on.
    """
    own, plain = (
        _unknown(_timeline(table, each, slice(row, row + 1), day, len(treatments) - 1))
        for each in (calendar, None)
    )
    spans = [
        ReasonSpan(max(start, at * DAY_MIN), min(end, (at + 1) * DAY_MIN), _REASONS[because])
        for start, end in own
        for at in range(start // DAY_MIN, (end - 1) // DAY_MIN + 1)
        # Of a day like any other it is the evening before that runs on into it.
        if (because := Treatment(treatments[at + 1] or treatments[at]))
    ]
    # What would be unknown on a day like any other, too, is not so because of the day.
    for start, end in plain if spans else ():
        spans = _without(spans, start, end)
    return tuple(sorted(spans))


def _unknown(line: Timeline) -> list[tuple[int, int]]:
    """The unknown intervals of a timeline of one row."""
    columns = (line.starts.tolist(), line.ends.tolist(), line.states.tolist())
    return [
        (start, end) for start, end, state in zip(*columns, strict=True) if state == State.UNKNOWN
    ]


def _without(spans: Sequence[ReasonSpan], start: int, end: int) -> list[ReasonSpan]:
    """What is left of spans outside of [start, end)."""
    left = [span._replace(end=min(span.end, start)) for span in spans]
    right = [span._replace(start=max(span.start, end)) for span in spans]
    return [span for span in (*left, *right) if span.start < span.end]


def _next_change(line: Timeline, minute: float) -> float:
    """The first minute after `minute` at which the only row of a timeline changes.

    Infinite if the line ends before.
    """
    edges = np.union1d(
        line.starts, line.ends
    )  # every edge is a change: what touches differs in state
    later = edges[(edges > minute) & (edges < line.days * DAY_MIN)]
    return float(later[0]) if later.size else np.inf


def _plan_texts(table: HoursTable, plan: int) -> tuple[str, ...]:
    each = slice(table.plan_offsets[plan], table.plan_offsets[plan + 1])
    columns = (part[each].tolist() for part in (table.starts, table.ends, table.states))
    begun = [(*times, state) for *times, state in zip(*columns, strict=True) if times[0] < DAY_MIN]
    if any(state == State.UNKNOWN for _, _, state in begun):
        return (State.UNKNOWN.word,)
    return tuple(
        f"{_clock(start)}-{_clock(end)}" for start, end, state in begun if state == State.OPEN
    )


def _clock(minute: int) -> str:
    """24:00 for the end of the day, 06:00 for six in the next morning."""
    within = minute if minute <= DAY_MIN else minute - DAY_MIN
    return f"{within // 60:02}:{within % 60:02}"


# --- dates to plans ---


def _plans(
    table: HoursTable, calendar: Calendar | None, rows: slice, first: int, days: int
) -> NDArray[np.int32]:
    """The plan of each row on each of `days` days from the ordinal `first` on, shape
    (rows, days).

    Without a calendar every day is one like any other: no holiday, no adjusted workday.
    """
    ordinals = np.arange(first, first + days, dtype=np.int32)
    offsets = table.span_offsets[rows.start : rows.stop + 1]
    spans = _Spans(offsets, table.span_first, table.span_last, table.span_yearly, table.span_weeks)
    weeks = _week_numbers(ordinals, _month_days(ordinals), table.row_weeks[rows], spans)
    plans: NDArray[np.int32] = table.weeks[weeks, _columns(calendar, ordinals)]
    return plans


def _columns(calendar: Calendar | None, ordinals: NDArray[np.int32]) -> NDArray[np.int32]:
    """The column of a week that answers for each date."""
    weekdays: NDArray[np.int32] = (ordinals - 1) % 7  # 0001-01-01, ordinal 1, is a Monday
    if calendar is None:
        return weekdays
    columns: NDArray[np.int32] = _treatments(calendar, ordinals) * 7 + weekdays
    return columns


def _treatments(calendar: Calendar, ordinals: NDArray[np.int32]) -> NDArray[np.int32]:
    since = ordinals - calendar.first.toordinal()
    known = (since >= 0) & (since < calendar.kinds.size)
    kinds = np.full(ordinals.size, DayKind.MO, np.uint8)
    kinds[known] = calendar.kinds[since[known]]
    return np.select(
        [~known, kinds == DayKind.PH, kinds == DayKind.WORKDAY],
        [np.int32(Treatment.BEYOND), np.int32(Treatment.HOLIDAY), np.int32(Treatment.WORKED)],
        np.int32(Treatment.PLAIN),
    )


def _month_days(ordinals: NDArray[np.int32]) -> NDArray[np.int32]:
    """Of each date, month * 100 + day."""
    dates = (ordinals.astype(np.int64) - _UNIX_ORDINAL).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day = (dates - months).astype(np.int64) + 1
    month_days: NDArray[np.int32] = ((months.astype(np.int64) % 12 + 1) * 100 + day).astype(
        np.int32
    )
    return month_days


# --- kernels ---


class _Spans(NamedTuple):
    """The dated weeks of some rows, as HoursTable has them."""

    offsets: NDArray[np.int32]
    firsts: NDArray[np.int32]
    lasts: NDArray[np.int32]
    yearly: NDArray[np.bool_]
    weeks: NDArray[np.int32]


class _Intervals(NamedTuple):
    """The intervals of some groups (plans, or rows of a timeline)."""

    offsets: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    states: NDArray[np.uint8]


@kernel
def _week_numbers(
    ordinals: NDArray[np.int32],
    month_days: NDArray[np.int32],
    row_weeks: NDArray[np.int32],
    spans: _Spans,
) -> NDArray[np.int32]:
    """The week of each row on each date, shape (rows, days): that of the first span with the date,
    or the base.
    """
    weeks = np.empty((row_weeks.size, ordinals.size), dtype=np.int32)
    for row in range(row_weeks.size):
        weeks[row, :] = row_weeks[row]
        for day in range(ordinals.size):
            for span in range(spans.offsets[row], spans.offsets[row + 1]):
                key = month_days[day] if spans.yearly[span] else ordinals[day]
                if spans.firsts[span] <= key <= spans.lasts[span]:
                    weeks[row, day] = spans.weeks[span]
                    break
    return weeks


@kernel
def _paint(plans: NDArray[np.int32], of_plans: _Intervals) -> _Intervals:
    """The intervals of a timeline's rows.

    `plans` has one column more than days, for the day before.
    """
    most = 0
    for plan in plans.flat:
        most += of_plans.offsets[plan + 1] - of_plans.offsets[plan]
    # An open interval cuts an unknown one in two at most, and may be followed by one in doubt.
    out = np.empty((3, 4 * most), dtype=np.int32)
    offsets = np.zeros(plans.shape[0] + 1, dtype=np.int32)
    opens, unknowns = np.empty((2, most), dtype=np.int32), np.empty((2, most), dtype=np.int32)
    for row in range(plans.shape[0]):
        n_open = _gather(plans[row], of_plans, State.OPEN, opens)
        n_unknown = _gather(plans[row], of_plans, State.UNKNOWN, unknowns)
        offsets[row + 1] = _lay_over(opens[:, :n_open], unknowns[:, :n_unknown], out, offsets[row])
    n = offsets[-1]
    return _Intervals(offsets, out[0, :n].copy(), out[1, :n].copy(), out[2, :n].astype(np.uint8))


@kernel
def _gather(
    plans: NDArray[np.int32], of_plans: _Intervals, state: int, into: NDArray[np.int32]
) -> int:
    """One row's intervals of one state, clipped to the timeline and merged; how many.

    They begin in ascending order. Where the next day's plan says that midnight is in doubt, open
    hours are open up to it, and unknown from it on.
    """
    n, limit = 0, (plans.size - 1) * DAY_MIN
    for day in range(plans.size):
        midnight, last = (day - 1) * DAY_MIN, 2 * DAY_MIN
        first, after = of_plans.offsets[plans[day]], of_plans.offsets[plans[day] + 1]
        if day + 1 < plans.size:
            tomorrow = of_plans.offsets[plans[day + 1]]
            none = tomorrow == of_plans.offsets[plans[day + 1] + 1]
            if not none and of_plans.states[tomorrow] == State.CLOSED:
                last = DAY_MIN
        doubted = 0
        for each in range(first, after):
            start, end = of_plans.starts[each], of_plans.ends[each]
            if of_plans.states[each] == State.OPEN:
                doubted = max(doubted, end)
                end = min(end, last)
            if of_plans.states[each] == state:
                n = _append(into, n, max(start + midnight, 0), min(end + midnight, limit))
        if state == State.UNKNOWN and doubted > last:
            tonight = midnight + DAY_MIN
            n = _append(into, n, max(tonight, 0), min(midnight + doubted, limit))
    return n


@inner_kernel
def _append(into: NDArray[np.int32], n: int, start: int, end: int) -> int:
    """One interval more, merged with the last of `n` if it begins before that ends; how many there
    are. Only hours in doubt may begin before the last, later in the same night.
    """
    if end <= start:
        return n
    if n > 0 and start <= into[1, n - 1]:
        into[0, n - 1] = min(start, into[0, n - 1])
        into[1, n - 1] = max(end, into[1, n - 1])
        return n
    into[0, n], into[1, n] = start, end
    return n + 1


@inner_kernel
def _lay_over(
    opens: NDArray[np.int32], unknowns: NDArray[np.int32], out: NDArray[np.int32], at: int
) -> int:
    """Write, in order from `at` on, the open intervals and what of the unknown ones lies between.

    Where that ended.
    """
    n_open, n_unknown, after, first = opens.shape[1], unknowns.shape[1], 0, 0
    for each in range(n_open + 1):
        before = opens[0, each] if each < n_open else np.iinfo(np.int32).max
        while first < n_unknown and unknowns[1, first] <= after:
            first += 1
        for unknown in range(first, n_unknown):
            if unknowns[0, unknown] >= before:
                break
            out[0, at], out[1, at] = (
                max(unknowns[0, unknown], after),
                min(unknowns[1, unknown], before),
            )
            out[2, at] = State.UNKNOWN
            at += 1
        if each < n_open:
            out[0, at], out[1, at], out[2, at] = opens[0, each], opens[1, each], State.OPEN
            after, at = opens[1, each], at + 1
    return at


@kernel
def _states_at(
    offsets: NDArray[np.int32],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    states: NDArray[np.uint8],
    minute: int,
) -> NDArray[np.uint8]:
    found = np.empty(offsets.size - 1, dtype=np.uint8)
    for row in range(found.size):
        each, last = offsets[row], offsets[row + 1]
        left = last - each
        while (
            left > 0
        ):  # bisect for the first that ends after the minute, without a branch to mispredict
            half = (left + 1) >> 1
            each += half if ends[each + half - 1] <= minute else 0
            left -= half
        if each == last:
            found[row] = State.CLOSED
        else:
            gap = starts[each + 1] - ends[each] if each + 1 < last else DAY_MIN
            found[row] = _state(states[each], starts[each] - minute, ends[each] - minute, gap)
    return found


@kernel
def open_through(
    offsets: NDArray[np.int32],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    states: NDArray[np.uint8],
    row: int,
    arrive_min: float,
    stay_min: float,
    grace_min: float,
    unknown_passes: bool,  # noqa: FBT001  # a kernel takes no keywords
) -> bool:
    """Whether a row of a timeline is open from `arrive_min` on for `stay_min` minutes, or from up
    to `grace_min` later.

    One leaves at closing time at the latest, and must come before it. Unknown hours count as open
    if `unknown_passes`, else as closed. A kernel; called from kernels.
    """
    reached, leave = arrive_min, arrive_min + stay_min
    began = False
    for each in range(offsets[row], offsets[row + 1]):
        if ends[each] <= reached or (states[each] == State.UNKNOWN and not unknown_passes):
            continue
        if starts[each] > (reached if began else reached + grace_min):
            return False
        if not began:
            began = True
            leave = max(leave, starts[each] + stay_min)
        reached = ends[each]
        if leave <= reached:
            return True
    return False


@kernel
def _state(state: int, starts_in: int, ends_in: int, gap: int) -> int:
    """The state, given the first interval not yet over and the gap after it (0: the next is of the
    other state).
    """
    if starts_in > 0:
        return State.OPENING_SOON if state == State.OPEN and starts_in <= SOON_MIN else State.CLOSED
    if state == State.UNKNOWN:
        return State.UNKNOWN
    return State.OPEN if gap == 0 or ends_in > SOON_MIN else State.CLOSING_SOON
