"""What opening hours say, before it is worked out for a date: rules, the days they speak of, and
the times that begin on such a day.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

from geodata.hours.calendar import DayKind

DAY_MIN: Final = 1440


class State(IntEnum):
    """What a place is at one instant. The numbers are part of the stored format."""

    CLOSED = 0
    OPEN = 1
    UNKNOWN = 2
    CLOSING_SOON = 3
    OPENING_SOON = 4

    @property
    def word(self) -> str:
        """The word that JSON carries."""
        return self.name.lower()


class Interval(NamedTuple):
    """Minutes [start, end) since the midnight its day begins with.

    An overnight one runs past 1440, up to 2880.
    """

    start: int
    end: int
    state: State


class SunEvent(StrEnum):
    """What the sun does in the course of a day."""

    DAWN = "dawn"
    SUNRISE = "sunrise"
    SUNSET = "sunset"
    DUSK = "dusk"


class TimeOfDay(NamedTuple):
    """A time of day: minutes since midnight, or since an event of the sun."""

    minutes: int
    event: SunEvent | None = None


class TimeSpan(NamedTuple):
    """From a point to another, or on to an end that is not known (`17:00+` ends as it begins)."""

    start: TimeOfDay
    end: TimeOfDay
    open_end: bool = False


UNKNOWN_DAY: Final = (Interval(0, DAY_MIN, State.UNKNOWN),)
ALL_DAY: Final = (TimeSpan(TimeOfDay(0), TimeOfDay(DAY_MIN)),)


@dataclass(frozen=True, slots=True)
class Span:
    """Dates from `first` to `last`, both included.

    `yearly`: keys are month * 100 + day, and first > last runs across the year's end; else they are
    proleptic ordinals. `season`: written in whole months, so it says when a timetable holds and
    excepts no single days from it.
    """

    first: int
    last: int
    yearly: bool
    season: bool

    def holds(self, day: date) -> bool:
        """Whether the day lies in the span."""
        key = month_day(day) if self.yearly else day.toordinal()
        if self.first <= self.last:
            return self.first <= key <= self.last
        return key >= self.first or key <= self.last


class Moving(NamedTuple):
    """A date that moves from year to year: Easter, or the nth weekday of a month, and days later.

    `month` 0: Easter. `nth`: from the month's end where negative. `year` None: every year.
    """

    year: int | None
    month: int
    weekday: int
    nth: int
    later: int
    fixed_day: int = 0
    """A day of the month instead of a weekday."""

    def on(self, year: int) -> date | None:
        """The date in a year; None where it has none."""
        if self.month == 0:
            day = easter(year)
        elif self.fixed_day:
            if self.fixed_day > monthrange(year, self.month)[1]:
                return None
            day = date(year, self.month, self.fixed_day)
        else:
            days = monthrange(year, self.month)[1]
            first = 1 + (self.weekday - date(year, self.month, 1).weekday()) % 7
            number = first + 7 * (self.nth - 1)
            if self.nth < 0:
                number = first + 7 * ((days - first) // 7 + self.nth + 1)
            if not 1 <= number <= days:
                return None
            day = date(year, self.month, number)
        return day + timedelta(days=self.later)


class MovingSpan(NamedTuple):
    """Dates from one that moves to another, both included, across the year's end if need be."""

    first: Moving
    last: Moving

    def holds(self, day: date) -> bool:
        """Whether the day lies in the span of some year."""
        return any(
            first <= day <= last
            for year in range(day.year - 1, day.year + 2)
            for first, last in [self._in(year)]
            if first and last
        )

    def _in(self, year: int) -> tuple[date | None, date | None]:
        if self.first.year not in {None, year}:
            return None, None
        first, last = self.first.on(year), self.last.on(self.last.year or year)
        if first and last and last < first and self.last.year is None:
            last = self.last.on(year + 1)
        return first, last


class Steps(NamedTuple):
    """Numbers (of years or weeks) from `first` to `last`, both included, every `step`th."""

    first: int
    last: int
    step: int

    def holds(self, number: int) -> bool:
        """Whether it is one of them."""
        return self.first <= number <= self.last and (number - self.first) % self.step == 0


class Nth(NamedTuple):
    """The nth such weekday of a month (from its end where negative), and days later."""

    weekday: int
    nth: int
    later: int

    def kind_on(self, day: date) -> DayKind | None:
        """The weekday that `day` would have to be to be it; None if it is not on such a date."""
        base = day - timedelta(days=self.later)
        days = monthrange(base.year, base.month)[1]
        number = (base.day - 1) // 7 + 1 if self.nth > 0 else -((days - base.day) // 7 + 1)
        return DayKind((self.weekday + self.later) % 7) if number == self.nth else None


class School(IntEnum):
    """What a rule says of school holidays, of which nobody knows here when they are."""

    NONE = 0
    TOO = 1
    """It speaks on them, too."""
    ONLY = 2
    """It speaks on such days within them."""


@dataclass(frozen=True, slots=True)
class DaySelector:
    """The days a rule speaks of; an empty field does not limit them.

    A day is meant if each of `spans` and `moving` (taken as one), `years` and `weeks` holds it, and
    it is of one of `kinds`, one of `nths`, or so many days after a holiday (`after_holidays`).
    """

    spans: tuple[Span, ...] = ()
    moving: tuple[MovingSpan, ...] = ()
    years: tuple[Steps, ...] = ()
    weeks: tuple[Steps, ...] = ()
    kinds: frozenset[DayKind] = frozenset()
    nths: tuple[Nth, ...] = ()
    after_holidays: frozenset[int] = frozenset()
    school: School = School.NONE

    @property
    def any_kind(self) -> bool:
        """Whether every day of the week is meant, holiday or not."""
        return not (self.kinds or self.nths or self.after_holidays or self.school)

    @property
    def is_doubtful(self) -> bool:
        """Whether evaluators find different dates: opening_hours.js 3.15 misses some that are days
        before the nth weekday of a month, or the last of a range that is moved by days.
        """
        return any(nth.later < 0 for nth in self.nths) or any(
            span.first != span.last and (span.first.later or span.last.later)
            for span in self.moving
        )

    @property
    def comes_yearly(self) -> bool:
        """Whether the dates are the same each year."""
        moves = self.moving or self.years or self.weeks or self.after_holidays
        return not moves and all(span.yearly for span in self.spans)

    @property
    def is_bounded(self) -> bool:
        """Whether all dates lie between two that are written with their years."""
        return bool(self.spans) and not self.moving and not any(s.yearly for s in self.spans)

    def holds(self, day: date) -> bool:
        """Whether the date is meant, the kind of its day left aside."""
        return (
            (not (self.spans or self.moving) or self._is_dated(day))
            and (not self.years or any(years.holds(day.year) for years in self.years))
            and (not self.weeks or any(w.holds(day.isocalendar().week) for w in self.weeks))
        )

    def _is_dated(self, day: date) -> bool:
        return any(span.holds(day) for span in self.spans) or any(
            span.holds(day) for span in self.moving
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: on which days it speaks, and the times that begin on such a day (none: closed)."""

    days: DaySelector
    times: tuple[TimeSpan, ...]
    state: State
    adds: bool = False
    """Joined with `, `."""
    falls_back: bool = False
    """Joined with `||`."""
    cuts: bool = False
    """`off` with times: only these are closed."""
    on_workdays: bool = False
    """Said of workdays (工作日), not of the weekdays Monday to Friday only."""

    @property
    def names_holidays(self) -> bool:
        """Whether it has `PH` among its days."""
        return DayKind.PH in self.days.kinds

    @property
    def names_dates(self) -> bool:
        """Whether it is for single dates, not for a season or for the whole year."""
        return bool(self.days.moving) or any(not span.season for span in self.days.spans)


def month_day(day: date) -> int:
    """The key of a date within any year: month * 100 + day."""
    return day.month * 100 + day.day


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar: the anonymous algorithm, as Nature printed it in
    1876 (vol. 13, p. 487).
    """
    golden, (century, within) = year % 19, divmod(year, 100)
    leap, rest = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * rest + 2 * (within // 4) - moon - within % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
