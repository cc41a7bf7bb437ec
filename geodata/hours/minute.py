"""What every row of opening hours says at one minute: worked out once a minute, read by all its
requests.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.estimate import Eta
from geodata.hours.calendar import Calendar
from geodata.hours.timeline import (
    HoursTable,
    Reason,
    ReasonSpan,
    State,
    Timeline,
    minutes_after,
    reasons,
    states_at,
    status,
    timeline,
)
from geodata.hours.zone import TimeZone

K = TypeVar("K")
V = TypeVar("V")

#: Days a timeline looks ahead: over a week nearly every row changes, so few ask further.
AHEAD_DAYS: Final = 9
#: Minutes and days kept; requests ask for now, and now and then for another time.
_KEEP: Final = 16
#: What one minute keeps of questions that look ahead: for some 100 hours rows and 40 ways to ask,
#: and for as many ways to ask.
_KEEP_AHEAD: Final = 4_096
_KEEP_SOME_TIME: Final = 64
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, eq=False)
class MinuteHours:
    """One minute: `states` (uint8 State per hours row), and what follows from it."""

    at: datetime
    """The whole minute, with the zone's offset."""
    states: NDArray[np.uint8]
    minute: int
    """The same in minutes that passed since its day began, which is where `line` begins."""
    line: Timeline
    stamp: str
    """The minute as RFC 3339 has it."""
    _table: HoursTable
    _calendar: Calendar
    _zone: TimeZone
    _changes: tuple[int, ...]
    """The minutes of `line` at which the clocks change: on most days of the year none."""
    _members: dict[int, bytes] = field(default_factory=dict)
    _passing: dict[tuple[bool, bool, bool], NDArray[np.bool_]] = field(default_factory=dict)
    _ahead: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _why: dict[tuple[int, int], list[ReasonSpan]] = field(default_factory=dict)
    _some_time: dict[tuple[float, tuple[State, ...]], NDArray[np.bool_]] = field(
        default_factory=dict
    )

    def state(self, row: int) -> State:
        """The state of an hours row."""
        return State(int(self.states[row]))

    def until(self, row: int) -> datetime | None:
        """When open, closed or unknown next becomes another of these.

        None if not within 400 days.
        """
        return self._change_after(row, self.minute)

    def _change_after(self, row: int, minute: int) -> datetime | None:
        edges = [edge for start, end, _ in self._spans(row) for edge in (start, end)]
        later = [edge for edge in edges if minute < edge < AHEAD_DAYS * 1440]
        if later:
            return minutes_after(self._zone, self.line.day, min(later))
        at = minutes_after(self._zone, self.line.day, minute)
        return (
            None if at is None else status(self._table, self._calendar, row, at, self._zone).until
        )

    def ahead(self, row: int, end_min: int) -> bytes:
        """`[[[from, to, State], …], change]` of an hours row, in minutes since this minute.

        When it is open or unknown up to `end_min`, and its first change from then on: null if it is
        not within 400 days.
        """
        known = self._ahead.get((row, end_min))
        if known is None:
            since = [(a - self.minute, b - self.minute, state) for a, b, state in self._spans(row)]
            intervals = [
                (max(0, start), min(end, end_min), state)
                for start, end, state in since
                if end > 0 and start < end_min
            ]
            later = self._change_after(row, self.minute + end_min - 1)
            change = None if later is None else round((later - self.at) / timedelta(minutes=1))
            known = msgspec.json.encode((intervals, change))
            _remember(self._ahead, (row, end_min), known, _KEEP_AHEAD)
        return known

    def reason(self, row: int) -> Reason | None:
        """Why an hours row is unknown, where that is because of the day it is."""
        if self.states[row] != State.UNKNOWN:
            return None
        spans = self._reasons((row,), self.minute).get(row, ())
        return next((why for start, end, why in spans if start <= self.minute < end), None)

    def reasons_ahead(self, rows: Sequence[int], end_min: int) -> dict[int, list[ReasonSpan]]:
        """Of hours rows why they are unknown up to `end_min` because of a day, in minutes since
        this minute.

        As `reasons` has it: a row of which there is nothing to say is left out.
        """
        found = {row: self._why.get((row, end_min)) for row in rows}
        missing = [row for row, known in found.items() if known is None]
        whole = self._reasons(missing, self.minute + end_min)
        for row in missing:
            spans = found[row] = self._near(whole.get(row, ()), end_min)
            _remember(self._why, (row, end_min), spans, _KEEP_AHEAD)
        return {row: spans for row, spans in found.items() if spans}

    def _reasons(self, rows: Sequence[int], last: int) -> dict[int, tuple[ReasonSpan, ...]]:
        """`reasons` up to a minute since the day began."""
        return reasons(
            self._table, self._calendar, rows, self.line.day, last // 1440 + 1, self._zone
        )

    def hours_until(self, last_min: int) -> tuple[int, int] | None:
        """The hours that the wall clock shows from this minute up to so many later, the first and
        the last; the last may be past 23: hours go round. None where the clocks change in between.
        """
        last = self.minute + last_min
        if self._changes and any(self.minute < change <= last for change in self._changes):
            return None
        return self.at.hour, self.at.hour + (self.at.minute + last_min) // 60

    def _near(self, spans: Sequence[ReasonSpan], end_min: int) -> list[ReasonSpan]:
        """Of spans since midnight what lies up to `end_min` from this minute on, since then."""
        return [
            ReasonSpan(max(0, start - self.minute), min(end - self.minute, end_min), why)
            for start, end, why in spans
            if end > self.minute and start - self.minute < end_min
        ]

    def member(self, row: int) -> bytes:
        """`"open":{"state":…,"until":…}` of a GeoJSON feature's properties.

        And the `"reason"` where it is unknown because of the day it is.
        """
        known = self._members.get(row)
        if known is None:
            until, why = self.until(row), self.reason(row)
            body = {"state": self.state(row).word, "until": until.isoformat() if until else None}
            told = {**body, "reason": why} if why else body
            known = self._members[row] = b'"open":' + msgspec.json.encode(told)
        return known

    def on_arrival(self, row: int, at: datetime, way: Eta) -> State:
        """The state of an hours row when one who leaves at `at` gets there.

        Closing soon: open, but not over the whole range of the estimate; opening soon: closed, but
        not over all of it.
        """
        now = self.minute + (at - self.at) / timedelta(minutes=1)
        least, expected, most = (
            now + seconds / 60.0 for seconds in (way.least_s, way.eta_s, way.most_s)
        )
        spans = self._spans(row)
        there = next((state for start, end, state in spans if start <= expected < end), None)
        if there == State.UNKNOWN:
            return State.UNKNOWN
        opens = [(start, end) for start, end, state in spans if state == State.OPEN]
        if there is not None:
            whole = any(start <= least and most < end for start, end in opens)
            return State.OPEN if whole else State.CLOSING_SOON
        return (
            State.OPENING_SOON
            if any(start <= most and least < end for start, end in opens)
            else State.CLOSED
        )

    def _spans(self, row: int) -> list[tuple[int, int, int]]:
        """Start, end and state of the intervals of an hours row: few, and asked once a hit, so no
        arrays.
        """
        lo, hi = self.line.offsets[row : row + 2].tolist()
        line = self.line
        columns = (
            line.starts[lo:hi].tolist(),
            line.ends[lo:hi].tolist(),
            line.states[lo:hi].tolist(),
        )
        return list(zip(*columns, strict=True))

    def passing(self, *, always: bool, soon: bool, include_unknown: bool) -> NDArray[np.bool_]:
        """Which hours rows are open (closing soon is open.

        With `soon` opening soon too), or open round the clock.
        """
        key = (always, soon, include_unknown)
        rows = self._passing.get(key)
        if rows is None:
            now = (
                (State.OPEN, State.CLOSING_SOON, State.OPENING_SOON)
                if soon
                else (State.OPEN, State.CLOSING_SOON)
            )
            rows = self._table.always.copy() if always else np.isin(self.states, now)
            if include_unknown:
                rows |= self.states == State.UNKNOWN
            self._passing[key] = rows
        return rows

    def some_time(self, last_min: float, states: tuple[State, ...]) -> NDArray[np.bool_]:
        """Which hours rows are in one of these states, open or unknown, at some instant from this
        minute up to so many minutes later.
        """
        key = (last_min, states)
        rows = self._some_time.get(key)
        if rows is None:
            line = self.line
            counts = np.isin(line.states, states)
            within = counts & (line.starts <= self.minute + last_min) & (line.ends > self.minute)
            rows = np.zeros(len(self.states), np.bool_)
            rows[np.repeat(np.arange(len(rows)), np.diff(line.offsets))[within]] = True
            _remember(self._some_time, key, rows, _KEEP_SOME_TIME)
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class HoursByMinute:
    """The minutes of one dataset, made when asked for.

    Threads may make one twice, never a wrong one.
    """

    table: HoursTable
    calendar: Calendar
    zone: TimeZone
    _boards: dict[int, MinuteHours] = field(default_factory=dict)
    _lines: dict[date, Timeline] = field(default_factory=dict)

    def at(self, instant: datetime) -> MinuteHours:
        """The hours at the minute of an aware datetime."""
        number = (instant - _EPOCH) // _MINUTE
        minute_hours = self._boards.get(number)
        if minute_hours is None:
            minute_hours = self._make(self._whole(instant))
            _remember(self._boards, number, minute_hours)
        return minute_hours

    def _whole(self, instant: datetime) -> datetime:
        """The minute of an instant, with the zone's offset."""
        return self.zone.local(instant).replace(second=0, microsecond=0)

    def _make(self, minute: datetime) -> MinuteHours:
        day = minute.date()
        line = self._lines.get(day)
        if line is None:
            line = timeline(self.table, self.calendar, day, AHEAD_DAYS, self.zone)
            _remember(self._lines, day, line)
        since = (minute - self.zone.begins(day)) // _MINUTE
        states, stamp = states_at(line, since), minute.isoformat()
        changes = tuple(step.since for step in self.zone.steps(day, AHEAD_DAYS)[1:])
        zoned = (self.table, self.calendar, self.zone, changes)
        return MinuteHours(minute, states, since, line, stamp, *zoned)


def _remember(cache: dict[K, V], key: K, value: V, most: int = _KEEP) -> None:
    if len(cache) >= most:
        for stale in list(cache)[: most // 2]:
            cache.pop(stale, None)
    cache[key] = value
