"""What rules say of one week: the hours of each day of it, however the day is treated.

A week has 28 columns, seven weekdays in each of four treatments, and in each the plan of the
intervals that begin on such a day.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from geodata.errors import BadValue
from geodata.hours.calendar import DayKind
from geodata.hours.rules import DAY_MIN, Interval, Rule, State, TimeOfDay, TimeSpan
from geodata.hours.sun import MinuteRange, SunTimes


class Treatment(IntEnum):
    """How a date is treated; column = treatment * 7 + weekday (0 = Monday)."""

    PLAIN = 0
    """An ordinary day."""
    HOLIDAY = 1
    """A public holiday that falls on that weekday."""
    WORKED = 2
    """An adjusted workday: a Saturday or Sunday that is worked."""
    BEYOND = 3
    """A date the calendar does not know yet: it may turn out to be any of the three."""


COLUMNS: Final = 28

Plan = tuple[Interval, ...]
Week = tuple[Plan, ...]

#: An open end is unknown until six in the morning, or for so long.
_OPEN_END_MIN: Final = 600
_MORNING: Final = DAY_MIN + 360
_LATEST: Final = 2 * DAY_MIN


#: Stands in the plan of a day on which a rule speaks that ends, for evaluators, what an earlier
#: rule lets begin the day before, at midnight; people do not read it so, so that is in doubt.
MIDNIGHT_IN_DOUBT: Final = Interval(0, DAY_MIN, State.CLOSED)


class DayRule(NamedTuple):
    """A rule on some date: the kinds of day it speaks of (none: any), its intervals, and its place
    among the rules.
    """

    kinds: frozenset[DayKind]
    intervals: Plan
    rule: Rule
    number: int

    def speaks_on(self, kinds: frozenset[DayKind]) -> bool:
        """Whether it speaks on a day of these kinds (a holiday Monday is of two)."""
        return not self.kinds or not self.kinds.isdisjoint(kinds)

    @property
    def replaces(self) -> bool:
        """Whether it sets aside what earlier rules say of its days."""
        return not (self.rule.cuts or self.rule.falls_back or (self.rule.adds and self.intervals))

    @property
    def runs_past_midnight(self) -> bool:
        """Whether its hours reach into the next day."""
        return any(each.end > DAY_MIN for each in self.intervals)


class RulesOnDate(NamedTuple):
    """The rules that hold on a date, and those of the date before that run past midnight."""

    today: tuple[DayRule, ...]
    overnight: tuple[DayRule, ...] = ()


# --- times ---


def plan_of(rule: Rule, sun: SunTimes) -> Plan:
    """The intervals of a rule that begin on a day, unknown where they hang on the sun."""
    return tuple(part for times in rule.times for part in _parts(times, rule.state, sun))


def check_cuts(rules: Sequence[tuple[Rule, Plan]]) -> None:
    """Raises BadValue where times are taken out of hours that may have begun the day before, or
    may run into the next: what is left then is not certain.
    """
    spill = max((each.end for rule, plan in rules if not rule.cuts for each in plan), default=0)
    for rule, plan in rules:
        taken = rule.cuts or (rule.adds and rule.state is State.UNKNOWN)
        if rule.cuts and (len(plan) > 1 or any(each.state == State.UNKNOWN for each in plan)):
            raise BadValue(
                "several times with 'off', or times of the sun, can be read in two ways; write a"
                " rule with two clock times for each"
            )
        for each in plan if taken else ():
            if each.end > DAY_MIN or each.start < spill - DAY_MIN:
                raise BadValue(
                    (
                        "'off' or 'unknown' from {start} to {end} meets hours that run past "
                        "midnight; write which hours are left"
                    ),
                    start=_clock(each.start),
                    end=_clock(each.end),
                )


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _parts(times: TimeSpan, state: State, sun: SunTimes) -> list[Interval]:
    """What holds between the two times, and under it unknown from the earliest to the latest minute
    that they may be: open hours win over unknown ones.
    """
    start, end = _range(times.start, sun), _range(times.end, sun)
    if times.start == times.end:  # an open end
        return [Interval(start.first, _open_end(start), State.UNKNOWN)]
    if end.last <= start.first:
        end = MinuteRange(end.first + DAY_MIN, end.last + DAY_MIN)
    if start.first < 0 or start.last >= DAY_MIN or end.first < start.last or end.last > _LATEST:
        return [Interval(0, min(max(end.last, 0) + DAY_MIN, _LATEST), State.UNKNOWN)]
    said = State.OPEN if state is State.CLOSED else state  # of a rule that cuts: what it takes out
    last = _open_end(end) if times.open_end else end.last
    found = [Interval(start.last, end.first, said)] if start.last < end.first else []
    if (start.first, last) != (start.last, end.first):
        found.append(Interval(start.first, last, State.UNKNOWN))
    return found


def _open_end(begins: MinuteRange) -> int:
    """Until when hours without an end may last that begin to be so between two minutes."""
    return min(max(_MORNING, begins.last + _OPEN_END_MIN), _LATEST)


def _range(point: TimeOfDay, sun: SunTimes) -> MinuteRange:
    if point.event is None:
        return MinuteRange(point.minutes, point.minutes)
    first, last = sun[point.event]
    return MinuteRange(first + point.minutes, last + point.minutes)


# --- one day ---


def fold(rules: RulesOnDate, kinds: frozenset[DayKind]) -> Plan:
    """What the rules say of a day of these kinds: each that speaks on it replaces the earlier ones,
    or adds to them.
    """
    plan: Plan = ()
    replacing = -1
    for day_rule in rules.today:
        if day_rule.speaks_on(kinds):
            plan = _folded(plan, day_rule)
            replacing = day_rule.number if day_rule.replaces else replacing
    before = frozenset(DayKind((kind - 1) % 7) for kind in kinds if kind != DayKind.PH)
    in_doubt = any(
        each.number < replacing and each.speaks_on(before | {DayKind.PH})
        for each in rules.overnight
    )
    later = [
        each.end - DAY_MIN
        for day_rule in rules.overnight
        if day_rule.number > replacing and day_rule.speaks_on(before | {DayKind.PH})
        for each in day_rule.intervals
        if each.state == State.UNKNOWN and each.end > DAY_MIN
    ]
    night = Interval(0, max(later, default=0), State.UNKNOWN)
    if any(each.state == State.OPEN and each.start < night.end for each in plan):
        plan = (*without(plan, (night,)), night)  # a later rule's night is not known to have ended
    return (MIDNIGHT_IN_DOUBT, *tidy(plan)) if in_doubt else tidy(plan)


def _folded(plan: Plan, day_rule: DayRule) -> Plan:
    """The plan with one rule more.

    Where a rule replaces hours that run past midnight, evaluators still let those reach into the
    next day; people do not, so that is in doubt.
    """
    rule, said = day_rule.rule, day_rule.intervals
    if rule.cuts:
        return without(plan, said)
    if rule.falls_back:
        # Evaluators differ on whether a day that has hours falls back for the rest of it.
        doubtful = tuple(each._replace(state=State.UNKNOWN) for each in said) if plan else said
        # To one of them what falls back without an end outlasts midnight, whatever was open then.
        nights = tuple(
            Interval(DAY_MIN, each.end, State.UNKNOWN)
            for each in said
            if each.state == State.UNKNOWN and each.end > DAY_MIN
        )
        plan = without(plan, nights)
        return plan + without(doubtful, plan)
    if not day_rule.replaces:
        return without(plan, said) + said
    # Closed hours are not added: `, PH off` closes the day, as in both evaluators.
    late = (each for each in plan if each.end > DAY_MIN)
    return said + tuple(Interval(DAY_MIN, each.end, State.UNKNOWN) for each in late)


def without(plan: Plan, taken: Plan) -> Plan:
    """What of a plan lies outside of the intervals taken out."""
    for out in taken:
        plan = tuple(
            part
            for each in plan
            for part in (
                each._replace(end=min(each.end, out.start)),
                each._replace(start=max(each.start, out.end)),
            )
            if part.start < part.end
        )
    return plan


def tidy(plan: Plan) -> Plan:
    """Sorted, and intervals of one state that overlap or touch made one, so that equal plans
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


def agreed(*plans: Plan) -> Plan:
    """The plan all of them are; else unknown for the day, and for as long into the next as any of
    them may run.
    """
    doubt = any(MIDNIGHT_IN_DOUBT in plan for plan in plans) * (MIDNIGHT_IN_DOUBT,)
    plans = tuple(without_doubt(plan) for plan in plans)
    if len(set(plans)) == 1:
        return (*doubt, *plans[0])
    end = max((interval.end for plan in plans for interval in plan), default=DAY_MIN)
    return (*doubt, Interval(0, max(end, DAY_MIN), State.UNKNOWN))


def without_doubt(plan: Plan) -> Plan:
    """The plan, whatever it says of the hours of the day before."""
    return tuple(each for each in plan if each != MIDNIGHT_IN_DOUBT)


# --- one week ---


def week_of(rules: RulesOnDate) -> Week:
    """The week in which these rules hold."""
    plain = tuple(fold(rules, frozenset({DayKind(weekday)})) for weekday in range(7))
    holiday = tuple(_holiday_plan(rules, weekday) for weekday in range(7))
    worked = tuple(_worked_plan(rules, plain, weekday) for weekday in range(7))
    return plain + holiday + worked + tuple(map(agreed, plain, holiday, worked))


def agreed_weeks(*weeks: Week) -> Week:
    """The week all of them are, day by day; unknown on days on which they differ."""
    return weeks[0] if len(set(weeks)) == 1 else tuple(map(agreed, *weeks))


def _holiday_plan(rules: RulesOnDate, weekday: int) -> Plan:
    """A holiday is of two kinds, PH and its weekday.

    Unknown if the answer hangs on PH not standing last.

    By the specification `PH off; Mo-Fr 09:00-18:00` is open on a holiday Monday; by the look of it
    it is closed.
    """
    kinds = frozenset({DayKind.PH, DayKind(weekday)})
    as_written = fold(rules, kinds)
    if not any(each.rule.names_holidays for each in rules.today):
        return as_written
    as_looked_at = rules._replace(today=tuple(sorted(rules.today, key=_precedence)))
    return agreed(as_written, fold(as_looked_at, kinds))


def _precedence(day_rule: DayRule) -> int:
    """Weekly rules, then rules for holidays, then single dates: what a reader takes to be the
    exception of what.
    """
    return 2 if day_rule.rule.names_dates else int(day_rule.rule.names_holidays)


def _worked_plan(rules: RulesOnDate, plain: Week, weekday: int) -> Plan:
    """A worked Saturday or Sunday follows the rules said of workdays (工作日), as the days Monday
    to Friday do.

    What else names weekdays may hold on it or not, so that all ways to take it must agree: without
    a rule said of workdays its own hours with those of Monday to Friday.
    """
    if weekday < DayKind.SA:
        return plain[weekday]
    if not any(each.rule.on_workdays for each in rules.today):
        return agreed(plain[weekday], *plain[:5])
    said = tuple(each for each in rules.today if each.rule.on_workdays or not each.kinds)
    certain = rules._replace(today=said)
    return agreed(*plain[:5], *(fold(certain, frozenset({DayKind(day)})) for day in range(5)))
