"""What every row of opening hours says at one minute: worked out once a minute, read by all its requests."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.calendar import Calendar
from geodata.hours import TIMEZONE, HoursTable, State, Timeline, states_at, status, timeline

K = TypeVar("K")
V = TypeVar("V")

#: Days a timeline looks ahead: over a week nearly every row changes, so few ask further.
AHEAD_DAYS: Final = 9
#: Minutes and days kept; requests ask for now, and now and then for another time.
_KEEP: Final = 16


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """One minute: `states` (uint8 State per hours row), and what follows from it."""

    at: datetime
    """The whole minute, in TIMEZONE."""
    states: NDArray[np.uint8]
    _minute: int
    _line: Timeline
    _table: HoursTable
    _calendar: Calendar
    _members: dict[int, bytes] = field(default_factory=dict)
    _passing: dict[tuple[bool, bool], NDArray[np.bool_]] = field(default_factory=dict)

    def state(self, row: int) -> State:
        """The state of an hours row."""
        return State(int(self.states[row]))

    def until(self, row: int) -> datetime | None:
        """When open, closed or unknown next becomes another of these; None if not within 400 days."""
        lo, hi = self._line.offsets[row], self._line.offsets[row + 1]
        edges = np.concatenate([self._line.starts[lo:hi], self._line.ends[lo:hi]])
        later = edges[(edges > self._minute) & (edges < AHEAD_DAYS * 1440)]
        if later.size:
            return datetime.combine(self._line.day, time(), TIMEZONE) + timedelta(minutes=int(later.min()))
        return status(self._table, self._calendar, row, self.at).until

    def member(self, row: int) -> bytes:
        """`"open":{"state":…,"until":…}` of a GeoJSON feature's properties."""
        known = self._members.get(row)
        if known is None:
            until = self.until(row)
            body = {"state": self.state(row).word, "until": until.isoformat() if until else None}
            known = self._members[row] = b'"open":' + msgspec.json.encode(body)
        return known

    def passing(self, *, always: bool, include_unknown: bool) -> NDArray[np.bool_]:
        """Which hours rows are open now (closing soon is open), or open round the clock every day."""
        key = (always, include_unknown)
        rows = self._passing.get(key)
        if rows is None:
            rows = self._table.always.copy() if always else np.isin(self.states, (State.OPEN, State.CLOSING_SOON))
            if include_unknown:
                rows |= self.states == State.UNKNOWN
            self._passing[key] = rows
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class Boards:
    """The boards of one dataset, made when asked for; threads may make one twice, never a wrong one."""

    table: HoursTable
    calendar: Calendar
    _boards: dict[datetime, Board] = field(default_factory=dict)
    _lines: dict[date, Timeline] = field(default_factory=dict)

    def at(self, instant: datetime) -> Board:
        """The board of the minute of an aware datetime."""
        minute = instant.astimezone(TIMEZONE).replace(second=0, microsecond=0)
        board = self._boards.get(minute)
        if board is None:
            board = self._make(minute)
            _remember(self._boards, minute, board)
        return board

    def _make(self, minute: datetime) -> Board:
        day = minute.date()
        line = self._lines.get(day)
        if line is None:
            line = timeline(self.table, self.calendar, day, AHEAD_DAYS)
            _remember(self._lines, day, line)
        since = minute.hour * 60 + minute.minute
        return Board(minute, states_at(line, since), since, line, self.table, self.calendar)


def _remember(cache: dict[K, V], key: K, value: V) -> None:
    if len(cache) >= _KEEP:
        for stale in list(cache)[: _KEEP // 2]:
            cache.pop(stale, None)
    cache[key] = value
