"""The public clock: how long letters wait for an answer, and for a solution, by category and by
street office.

No figure of fewer than five letters is published, nor one that could be worked out from others by
taking them apart: `disclosed` says how.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.request.letters import Category
from app.voice.letters import ENDED, SILENCE, Course, LetterState
from app.voice.survival import Quantile, quantiles
from app.voice.working_time import working_hours
from geodata.hours.calendar import Calendar
from geodata.hours.zone import TimeZone

#: What the clock looks back on.
WINDOW: Final = timedelta(days=90)
#: No figure of fewer letters is published.
FEWEST: Final = 5
_DAY_S: Final = 86_400.0
_STATES: Final = tuple(LetterState)
_CATEGORIES: Final = tuple(Category)
_SHARES: Final = (0.5, 0.9)
#: By state, whether a letter has ended.
_ENDED: Final = np.array([each in ENDED for each in _STATES])
#: Names of so few are numbered in 16 bits, which numpy sorts many times as fast.
_MOST_SHORT: Final = 32_000
#: Figures of a line that are counts of its letters.
_COUNTS: Final = ("answered", "solved", "reopened", "waiting")


#: Category, street office and course of a letter.
Kept = tuple[Category, str, Course]


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What became of letters, a row each; instants in seconds since 1970, nan: not yet."""

    category: NDArray[np.int64]
    """Of tuple(Category)."""
    street: NDArray[np.int64]
    """Of the names that whoever made the rows has."""
    received: NDArray[np.float64]
    answered: NDArray[np.float64]
    state: NDArray[np.int64]
    """Of tuple(LetterState), as it was at the last event."""
    since: NDArray[np.float64]
    reopened: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.received)

    def of(self, chosen: NDArray[np.bool_]) -> "Outcomes":
        """Some of the rows."""
        return Outcomes(*(getattr(self, name)[chosen] for name in self.__slots__))

    def changed(self, rows: Sequence[int], now: "Outcomes") -> "Outcomes":
        """With other values in some rows."""
        made = []
        for name in self.__slots__:
            column = getattr(self, name).copy()
            column[list(rows)] = getattr(now, name)
            made.append(column)
        return Outcomes(*made)

    def and_then(self, more: "Outcomes") -> "Outcomes":
        """With more rows."""
        columns = ((getattr(self, name), getattr(more, name)) for name in self.__slots__)
        return Outcomes(*map(np.concatenate, columns))

    def at(self, now: datetime) -> "Outcomes":
        """Those received in the 90 days before an instant, as they stand then: who was silent for
        long enough has ended (Course.at says the same of one).
        """
        until, since = now.timestamp(), (now - WINDOW).timestamp()
        inside = (self.received > since) & (self.received <= until)
        here = self if inside.all() else self.of(inside)
        silent_at = here.since + SILENCE.total_seconds()
        waits = here.state == _STATES.index(LetterState.ANSWERED)
        silent = waits & (silent_at <= until)
        return replace(
            here,
            state=np.where(silent, _STATES.index(LetterState.NO_REACTION), here.state),
            since=np.where(silent, silent_at, here.since),
        )


def outcomes(letters: Iterable[Kept], streets: Sequence[str]) -> Outcomes:
    """Letters as columns; `streets` has the name of each of their street offices."""
    code_of = {name: code for code, name in enumerate(streets)}
    rows = [
        (
            _CATEGORIES.index(category),
            code_of[street],
            course.received_at.timestamp(),
            course.first_answer_at.timestamp() if course.first_answer_at else np.nan,
            _STATES.index(course.state),
            course.since.timestamp(),
            course.reopened,
        )
        for category, street, course in letters
    ]
    kinds = (np.int64, np.int64, np.float64, np.float64, np.int64, np.float64, np.int64)
    columns = zip(*rows, strict=True) if rows else ((),) * len(kinds)
    made: Iterator[Any] = (np.array(held, kind) for held, kind in zip(columns, kinds, strict=True))
    return Outcomes(*made)


@dataclass(frozen=True, slots=True)
class ClockLine:
    """What is told of some letters. None: of fewer than five, or to be worked out from others."""

    received: int | None
    answered: int | None
    solved: int | None
    reopened: int | None
    waiting: int | None
    """For their first answer."""
    longest_days: float | None
    """The one of these that has waited longest."""
    answer_hours: tuple[Quantile | None, Quantile | None]
    """Working hours to the first answer: the median, and by when nine in ten have one."""
    solved_days: tuple[Quantile | None, Quantile | None]
    """Days until who wrote it says it is solved, likewise."""


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line of a table: one group's, or, without a name, that of several which are too small."""

    name: str | None
    line: ClockLine


@dataclass(frozen=True, slots=True)
class PublicClock:
    """All that is published."""

    at: datetime
    whole: ClockLine
    by_category: tuple[NamedLine, ...]
    by_street: tuple[NamedLine, ...]
    """A letter to no street office stands under the name ""."""


def public_clock(
    found: Outcomes, streets: Sequence[str], now: datetime, calendar: Calendar, zone: TimeZone
) -> PublicClock:
    """The clock at an instant, over the letters received in the 90 days before it."""
    here = found.at(now)
    waits = _waits(here, now, calendar, zone)
    categories = [str(each) for each in _CATEGORIES]
    return PublicClock(
        now,
        _whole(waits.line()),
        _table(categories, here.category, waits),
        _table(streets, here.street, waits),
    )


class _Waits(NamedTuple):
    """What a line is made of, a row a letter."""

    hours: NDArray[np.float64]
    """Working hours it took, or has waited so far, for its first answer."""
    days: NDArray[np.float64]
    """Days until it ended, or up to now."""
    answered: NDArray[np.bool_]
    solved: NDArray[np.bool_]
    reopened: NDArray[np.bool_]
    waiting: NDArray[np.bool_]

    def of(self, rows: NDArray[np.int64] | slice) -> "_Waits":
        """Some of the rows; of a slice nothing is copied."""
        return _Waits._make(column[rows] for column in self)

    def line(self) -> ClockLine:
        """All of them as one line."""
        return ClockLine(
            len(self.hours),
            int(self.answered.sum()),
            int(self.solved.sum()),
            int(self.reopened.sum()),
            int(self.waiting.sum()),
            float(self.days[self.waiting].max()) if self.waiting.any() else None,
            _two(quantiles(self.hours, self.answered, _SHARES)),
            _two(quantiles(self.days, self.solved, _SHARES)),
        )


def _two(found: tuple[Quantile | None, ...]) -> tuple[Quantile | None, Quantile | None]:
    median, most = found
    return median, most


def _waits(here: Outcomes, now: datetime, calendar: Calendar, zone: TimeZone) -> _Waits:
    instant = now.timestamp()
    ended = _ENDED[here.state]
    answered = ~np.isnan(here.answered)
    until = np.where(ended, np.minimum(here.since, instant), instant)
    first = np.where(answered, here.answered, until)
    days = (np.where(ended, here.since, instant) - here.received) / _DAY_S
    return _Waits(
        np.maximum(working_hours(calendar, zone, here.received, first), 0.0),
        np.maximum(days, 0.0),
        answered,
        here.state == _STATES.index(LetterState.SOLVED),
        here.reopened > 0,
        ~answered & ~ended,
    )


def _table(names: Sequence[str], codes: NDArray[np.int64], waits: _Waits) -> tuple[NamedLine, ...]:
    """A line for each name that may be published, the rest as one."""
    counts = np.bincount(codes, minlength=len(names)).tolist()
    named = {name: count for name, count in zip(names, counts, strict=True) if count}
    # Rows of one name stand together then, and its line copies nothing.
    order = np.argsort(
        codes.astype(np.int16 if len(names) < _MOST_SHORT else codes.dtype), kind="stable"
    )
    sorted_waits, ends = waits.of(order), np.cumsum(counts).tolist()
    spans = {
        name: slice(end - count, end)
        for name, count, end in zip(names, counts, ends, strict=True)
        if count
    }
    lines = []
    for group in disclosed(named):
        rows = spans[group[0]] if len(group) == 1 else _rows(spans[name] for name in group)
        name = group[0] if len(group) == 1 else None
        lines.append(NamedLine(name, sorted_waits.of(rows).line()))
    return _without_small(lines)


def _rows(spans: Iterable[slice]) -> NDArray[np.int64]:
    return np.concatenate([np.arange(span.start, span.stop) for span in spans])


def disclosed(counts: dict[str, int]) -> list[tuple[str, ...]]:
    """Which names stand alone, most letters first, and which are told as one (the last).

    Names of fewer than five letters are summed. A sum of one name, or of fewer than five letters,
    would give them away by difference: then the smallest of the others is summed with them. Where
    all are summed there is no table, for its one line would be that of the whole.
    """
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    alone = [name for name in ranked if counts[name] >= FEWEST]
    summed = [name for name in ranked if counts[name] < FEWEST]
    while summed and alone and (len(summed) == 1 or sum(counts[n] for n in summed) < FEWEST):
        summed.insert(0, alone.pop())
    if not alone:
        return []
    return [(name,) for name in alone] + ([tuple(summed)] if summed else [])


def _is_small(value: int | None, of: int | None) -> bool:
    """Whether a count gives away fewer than five letters: itself, or by what is left of all."""
    return value is None or of is None or 0 < value < FEWEST or 0 < of - value < FEWEST


def _whole(line: ClockLine) -> ClockLine:
    """The line of all letters; of fewer than five nothing."""
    if (line.received or 0) < FEWEST:
        nothing: tuple[None, None] = (None, None)
        return ClockLine(None, None, None, None, None, None, nothing, nothing)
    hidden = [name for name in _COUNTS if _is_small(getattr(line, name), line.received)]
    return _hide(line, hidden)


def _without_small(lines: Sequence[NamedLine]) -> tuple[NamedLine, ...]:
    """Counts of fewer than five are left out, and where only one line's count of a kind would be,
    the smallest of the other lines' as well: nobody takes it from the sum of all.
    """
    kept = list(lines)
    for name in _COUNTS:
        hidden = {
            row
            for row, each in enumerate(lines)
            if _is_small(getattr(each.line, name), each.line.received)
        }
        others = sorted(
            (row for row in range(len(lines)) if row not in hidden),
            key=lambda row: getattr(lines[row].line, name),
        )
        sums = sum(getattr(lines[row].line, name) for row in hidden)
        while hidden and others and (len(hidden) == 1 or sums < FEWEST):
            hidden.add(others[0])
            sums += getattr(lines[others.pop(0)].line, name)
        for row in hidden:
            kept[row] = replace(kept[row], line=_hide(kept[row].line, [name]))
    return tuple(kept)


def _hide(line: ClockLine, names: Sequence[str]) -> ClockLine:
    """A line without some of its counts; with those that wait goes the longest wait."""
    gone: dict[str, Any] = dict.fromkeys(names)
    if "waiting" in gone:
        gone["longest_days"] = None
    return replace(line, **gone)
