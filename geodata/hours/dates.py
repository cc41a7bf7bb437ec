"""Rules over the year: a week that holds on most dates, and spans of dates that have their own.

Dates that are the same each year stay rules for ever. Those that move from year to year (weeks,
Easter, the day before a holiday) are worked out, one by one, about the years whose holidays are
known; beyond, what hangs on them is unknown.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from geodata.hours.calendar import Calendar, DayKind
from geodata.hours.rules import (
    DAY_MIN,
    DaySelector,
    Interval,
    MovingSpan,
    Rule,
    School,
    State,
    month_day,
)
from geodata.hours.sun import SunTimes
from geodata.hours.week import (
    COLUMNS,
    MIDNIGHT_IN_DOUBT,
    DayRule,
    Plan,
    RulesOnDate,
    Treatment,
    Week,
    agreed_weeks,
    check_cuts,
    plan_of,
    week_of,
)

#: Spans that a row may have at most; where more would be needed the rest of the time is unknown.
MOST_SPANS: Final = 60
#: Years that dates which move are worked out for, at least, the one before the last known among
#: them.
_MOST_YEARS: Final = 5

_LEAP_YEAR: Final = 2024  # any: it has every date a year can have
_PLAIN_YEAR: Final = 2023
_BOTH_YEARS: Final = (_LEAP_YEAR, _PLAIN_YEAR)
_LEAP_DAY: Final = 229
_FIRST: Final = 1  # the ordinals of all dates
_LAST: Final = date.max.toordinal()
_DAY: Final = timedelta(days=1)


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


def compiled(rules: Sequence[Rule], calendar: Calendar | None, sun: SunTimes) -> CompiledHours:
    """What rules say of every date. Raises BadValue where that is not certain."""
    planned = [(rule, plan_of(rule, sun)) for rule in rules]
    check_cuts(planned)
    weeks = _Weeks(planned, calendar)
    yearly = tuple(_yearly(weeks))
    moving = tuple(_single(weeks, yearly)) if weeks.absolute else ()
    return CompiledHours(weeks.base, (*moving, *yearly))


class _Weeks:
    """The week of a date under some rules; each set of rules that hold together is folded once."""

    def __init__(self, planned: Sequence[tuple[Rule, Plan]], calendar: Calendar | None) -> None:
        self.planned = planned
        self.calendar = calendar
        self.absolute = [rule.days for rule, _ in planned if not rule.days.comes_yearly]
        self._yearly = [each for each in planned if each[0].days.comes_yearly]
        self._in_doubt = any(rule.days.school or rule.days.is_doubtful for rule, _ in planned)
        self.run_past_midnight = any(part.end > DAY_MIN for _, plan in planned for part in plan)
        self._known: dict[tuple[RulesOnDate, ...], Week] = {}
        self._by_key: dict[int, Week] = {}
        self.base = self._week(self._yearly, None)

    def on(self, day: date) -> Week:
        """The week of a date under all rules."""
        return self._week(self.planned, day)

    def each_year(self, key: int) -> Week:
        """The week of month * 100 + day under the rules that are the same each year; unknown where
        leap years differ.
        """
        if key not in self._by_key:
            years = (_LEAP_YEAR,) if key == _LEAP_DAY else _BOTH_YEARS
            ways = (self._week(self._yearly, _date_from(year, key)) for year in years)
            self._by_key[key] = agreed_weeks(*ways)
        return self._by_key[key]

    def _week(self, planned: Sequence[tuple[Rule, Plan]], day: date | None) -> Week:
        ways = (False, True) if self._in_doubt else (False,)
        rules = tuple(self._rules(planned, day, doubted=way) for way in ways)
        if rules not in self._known:
            self._known[rules] = agreed_weeks(*map(week_of, rules))
        return self._known[rules]

    def _rules(
        self, planned: Sequence[tuple[Rule, Plan]], day: date | None, *, doubted: bool
    ) -> RulesOnDate:
        today = tuple(self._holding(planned, day, doubted=doubted))
        if not self.run_past_midnight:
            return RulesOnDate(today)
        before = self._holding(planned, day and day - _DAY, doubted=doubted)
        return RulesOnDate(today, tuple(each for each in before if each.runs_past_midnight))

    def _holding(
        self, planned: Sequence[tuple[Rule, Plan]], day: date | None, *, doubted: bool
    ) -> Iterator[DayRule]:
        """The rules that hold on a date (None: on any that no rule names), each with the kinds of
        day it speaks of there; with those in doubt (school holidays, dates) or without.
        """
        for number, (rule, plan) in enumerate(planned):
            days = rule.days
            if (day is None and days.spans) or (days.is_doubtful and not doubted):
                continue
            if day is not None and not days.holds(day):
                continue
            kinds = self._kinds(days, day, school=doubted)
            if kinds is not None:
                yield DayRule(kinds, plan, rule, number)

    def _kinds(
        self, days: DaySelector, day: date | None, *, school: bool
    ) -> frozenset[DayKind] | None:
        """The kinds of day, none: any; None where it speaks of no day."""
        if days.any_kind or (school and days.school is School.TOO) or self._by_holiday(days, day):
            return frozenset()
        if days.school is School.ONLY and not school:
            return None
        nths = [nth.kind_on(day) for nth in days.nths] if day else []
        return days.kinds | {kind for kind in nths if kind is not None} or None

    def _by_holiday(self, days: DaySelector, day: date | None) -> bool:
        """Whether the date is so many days after a holiday."""
        return any(
            self.calendar.kind(day - later * _DAY) == DayKind.PH
            for later in days.after_holidays
            if day and self.calendar
        )


# --- each year ---


def _yearly(weeks: _Weeks) -> Iterator[Dated]:
    """The year cut wherever a yearly rule begins or ends to hold.

    Pieces that are like the base week are left out, and equal ones that touch are one.
    """
    cuts = sorted({101, 1232, *_yearly_cuts(weeks)})  # 1 January, and the day after 31 December
    found: list[Dated] = []
    for first, end in pairwise(cuts):
        week = weeks.each_year(first)
        last = found[-1] if found else None
        if last and last.week == week and _next_key(last.last) == first:
            found[-1] = last._replace(last=end - 1)
        elif week != weeks.base:
            found.append(Dated(first, end - 1, yearly=True, week=week))
    if len(found) > MOST_SPANS:
        rest = Dated(
            found[MOST_SPANS - 1].first, 1231, yearly=True, week=_doubtful(weeks, [], weeks.planned)
        )
        found[MOST_SPANS - 1 :] = [rest]
    yield from found


def _next_key(key: int) -> int:
    """The key of the day after month * 100 + day, which may be one past the end of its month."""
    return month_day(_date_from(_LEAP_YEAR, key + 1))


def _yearly_cuts(weeks: _Weeks) -> set[int]:
    """The dates (month * 100 + day) at which a yearly span or the turn of an nth weekday begins,
    and those on which it has just ended.
    """
    spans = [span for rule, _ in weeks.planned for span in rule.days.spans if span.yearly]
    keys = (key for span in spans for key in (span.first, span.last + 1))
    cuts = {month_day(_date_from(_LEAP_YEAR, key)) for key in keys}
    laters = {nth.later for rule, _ in weeks.planned for nth in rule.days.nths}
    cuts |= {month_day(day + later * _DAY) for later in laters for day in _TURNS}
    if weeks.run_past_midnight:  # a night may begin under one rule and end under another
        cuts |= {month_day(_date_from(year, key + 1)) for key in cuts for year in _BOTH_YEARS}
    return cuts


def _turns() -> Iterator[date]:
    """The days of both kinds of year on which another weekday's turn in its month begins."""
    for year in _BOTH_YEARS:
        for month in range(1, 13):
            first, after = date(year, month, 1), _date_from(year, month * 100 + 32)
            yield from (first + 7 * each * _DAY for each in range(5))
            yield from (after - 7 * each * _DAY for each in range(1, 5))


def _date_from(year: int, key: int) -> date:
    """The first date at or after month * 100 + day of that year.

    The key may be past the end of its month.
    """
    month, day = divmod(key, 100)
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + (day - 1) * _DAY, following)


_TURNS: Final = tuple(_turns())


# --- dates that do not come back each year ---


def _single(weeks: _Weeks, yearly: Sequence[Dated]) -> Iterator[Dated]:
    """The dates of rules that do not come back each year, cut wherever any rule begins or ends, so
    that one week holds in each piece; pieces like those of every year are left out.
    """
    singles = [each for each in weeks.planned if not each[0].days.comes_yearly]
    doubtful = _doubtful(weeks, yearly, singles)
    moves = any(not _is_bounded(days) for days in weeks.absolute)
    window = _window(weeks) if moves else None
    regions = _regions(weeks, window)
    first = window[0] if window else _FIRST
    last = window[1] if window else _FIRST - 1
    if moves and first > last:
        yield Dated(_FIRST, _LAST, yearly=False, week=doubtful)
        return
    if first > _FIRST:
        yield Dated(_FIRST, first - 1, yearly=False, week=doubtful)
    for number, piece in enumerate(_pieces(weeks, regions), 3):
        if number > MOST_SPANS:
            last = piece.first - 1
            if not moves:
                yield Dated(piece.first, regions[-1][1], yearly=False, week=doubtful)
            break
        yield piece
    if moves:
        yield Dated(last + 1, _LAST, yearly=False, week=doubtful)


def _is_bounded(days: DaySelector) -> bool:
    """Whether its dates lie in years that are written, and need no calendar to be found."""
    only_years = bool(days.years) and not (days.weeks or days.moving)
    return not days.after_holidays and (days.comes_yearly or days.is_bounded or only_years)


def _window(weeks: _Weeks) -> tuple[int, int]:
    """The first and last day that dates which move are worked out for; no day without a
    calendar.
    """
    calendar = weeks.calendar
    if calendar is None:
        return _FIRST, _FIRST - 1
    ends = calendar.known_until.year
    # A calendar that knows years ahead (a country's that is computed) is asked long before its end.
    first = date(min(ends - 1, max(calendar.first.year + 1, ends + 1 - _MOST_YEARS)), 1, 1)
    last = date(ends - 2 + _MOST_YEARS, 12, 31)
    if any(days.after_holidays for days in weeks.absolute):
        first, last = max(first, calendar.first + _DAY), calendar.known_until - _DAY
    return first.toordinal(), last.toordinal()


def _regions(weeks: _Weeks, window: tuple[int, int] | None) -> list[tuple[int, int]]:
    """The ordinals, first and last, in which rules may hold that do not come back each year, or
    their nights may go on; in order, none meeting another.
    """
    if window is not None:
        return [window]
    found = []
    for days in weeks.absolute:
        spans = [(span.first, span.last) for span in days.spans if not span.yearly]
        years = [
            (date(each.first, 1, 1).toordinal(), date(each.last, 12, 31).toordinal())
            for each in days.years
        ]
        found += spans or years
    merged: list[tuple[int, int]] = []
    for first, ends in sorted(found):
        last = ends + weeks.run_past_midnight
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _pieces(weeks: _Weeks, regions: Sequence[tuple[int, int]]) -> Iterator[Dated]:
    for first, last in regions:
        cuts = sorted({first, last + 1, *_cuts(weeks, first, last)})
        held: Dated | None = None
        for start, end in pairwise(cuts):
            day = date.fromordinal(start)
            week = weeks.on(day)
            usual = week == weeks.each_year(month_day(day))
            if held and (usual or held.week != week):
                yield held
                held = None
            if not usual:
                held = Dated(held.first if held else start, end - 1, yearly=False, week=week)
        if held:
            yield held


def _cuts(weeks: _Weeks, first: int, last: int) -> set[int]:
    """The ordinals within (first, last] at which any rule may begin or have just ended to hold."""
    years = range(date.fromordinal(first).year, date.fromordinal(last).year + 1)
    keys = {101, *_yearly_cuts(weeks)}
    found = {_date_from(year, key).toordinal() for year in years for key in keys}
    for days in weeks.absolute:
        found |= {
            at for span in days.spans if not span.yearly for at in (span.first, span.last + 1)
        }
        found |= {at for span in days.moving for at in _ends(span, years)}
        if days.weeks:
            found |= set(range(first + (7 - (first - 1) % 7) % 7, last + 1, 7))  # Mondays
        found |= set(_beside_holidays(weeks.calendar, days.after_holidays))
    if weeks.run_past_midnight:
        found |= {at + 1 for at in found}
    return {at for at in found if first < at <= last}


def _ends(span: MovingSpan, years: range) -> Iterator[int]:
    """The ordinals at which a span that moves begins, and has just ended."""
    for year in range(years.start - 1, years.stop + 1):
        for end, later in ((span.first, 0), (span.last, 1)):
            day = end.on(year)
            if day:
                yield day.toordinal() + later


def _beside_holidays(calendar: Calendar | None, laters: Iterable[int]) -> Iterator[int]:
    if calendar is None:
        return
    holidays = np.flatnonzero(calendar.kinds == DayKind.PH) + calendar.first.toordinal()
    for later in laters:
        for ordinal in holidays.tolist():
            yield from (ordinal + later, ordinal + later + 1)


def _doubtful(
    weeks: _Weeks, yearly: Sequence[Dated], in_doubt: Sequence[tuple[Rule, Plan]]
) -> Week:
    """The week of dates of which it is not known which of some rules hold: unknown on the days that
    any of them may speak of, else as all weeks of the year have it.
    """
    usual = agreed_weeks(weeks.base, *(each.week for each in yearly))
    end = max((part.end for _, plan in weeks.planned for part in plan), default=DAY_MIN)
    unknown: Plan = (Interval(0, max(end, DAY_MIN), State.UNKNOWN),)
    if weeks.run_past_midnight:  # and so is whether the night before, which is known, goes on
        unknown = (MIDNIGHT_IN_DOUBT, *unknown)
    return tuple(
        unknown if any(_may_speak(rule.days, column) for rule, _ in in_doubt) else usual[column]
        for column in range(COLUMNS)
    )


def _may_speak(days: DaySelector, column: int) -> bool:
    """Whether it may speak of the days of a column, on some date."""
    treatment, weekday = divmod(column, 7)
    if not (days.kinds or days.nths) or days.school or days.after_holidays:
        return True
    kinds = days.kinds | {DayKind((nth.weekday + nth.later) % 7) for nth in days.nths}
    if DayKind.PH in kinds and treatment in {Treatment.HOLIDAY, Treatment.BEYOND}:
        return True
    worked = treatment in {Treatment.WORKED, Treatment.BEYOND} and weekday >= DayKind.SA
    return DayKind(weekday) in kinds or (worked and bool(kinds - {DayKind.PH}))
