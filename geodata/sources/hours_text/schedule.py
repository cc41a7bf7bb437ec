"""What the sentences of one reading come to: the plan of each weekday and of holidays.

Raises Unsure wherever two sentences speak of one day and it is not certain which of them holds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from geodata.hours.syntax import DAY_MIN
from geodata.sources.hours_text import clauses as c
from geodata.sources.hours_text.clock import ClockTimes, in_order
from geodata.sources.hours_text.days import EVERY_DAY, WEEKEND, WORKING, YEAR_DAYS, DayNames, Season
from geodata.sources.hours_text.letters import Unsure

#: Days that may have other hours than those said without days, as their exceptions.
_MOST_EXCEPTIONS: Final = 3
#: The hours of a day: (start, end) minutes; none: closed; None: unknown.
Ranges = tuple[tuple[int, int], ...] | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours of a week, for all the year or one season."""

    season: Season | None
    week: tuple[Ranges, ...]
    """Of Monday to Sunday."""
    said_off: frozenset[int]
    """Weekdays that are closed in so many words."""
    follows: bool
    """Whether a holiday is like its weekday."""
    holidays: Ranges
    """Else the hours of a holiday."""
    working: bool
    """Whether Monday to Friday were said to be 工作日, and nothing else."""


def schedules(items: Sequence[c.Item]) -> tuple[Schedule, ...]:
    """One for the year, or one a season. Raises Unsure."""
    for _, clause in items:
        if isinstance(clause, c.Doubted):
            raise Unsure("“{words}” can be meant in two ways", words=clause.said)
    parts = list(_seasons(list(_with_extensions(items))))
    if [season for season, _ in parts] != [None]:
        _check_seasons([season for season, _ in parts])
    return tuple(_Week(group).schedule(season) for season, group in parts)


def _with_extensions(items: Sequence[c.Item]) -> Iterator[c.Item]:
    """含节假日 as the verdict before it: 周一闭馆（含法定节假日） does not open them; and behind
    a break 不休息 may deny that break alone.
    """
    before: c.Clause | None = None
    for separator, clause in items:
        denied = isinstance(clause, c.AsUsual) and isinstance(before, c.Paused | c.ClosedInPart)
        if not isinstance(clause, c.Included) and not denied:
            yield separator, clause
        elif isinstance(before, c.Opened) and not _may_include(before, _days_of(clause)):
            raise Unsure("it is not certain which hours hold on the days that “含” adds")
        elif not isinstance(before, c.Shut | c.Excepted | c.Paused | c.ClosedInPart):
            yield separator, c.AsUsual(_days_of(clause))
        elif _days_of(clause).weekdays:
            raise Unsure("it is not certain whether “含” or “不休” opens its days")
        else:
            yield separator, c.Untold(_days_of(clause))
        before = before if isinstance(clause, c.Silent) else clause


def _may_include(hours: c.Opened, days: DayNames) -> bool:
    """Whether weekdays that 含 names are among those of the hours before it, or none are named."""
    own = EVERY_DAY if hours.days is None else hours.days.weekdays
    return days.weekdays <= own


# --- seasons ---


def _seasons(items: Sequence[c.Item]) -> Iterator[tuple[Season | None, list[c.Item]]]:
    """The sentences of each season; those before the first, and those parted from the last by a
    stop where no season has any of its own, are of every season.
    """
    before: list[c.Item] = []
    groups: list[tuple[Season, list[c.Item]]] = []
    for separator, clause in items:
        if isinstance(clause, c.InSeason):
            groups.append((clause.season, []))
        elif isinstance(clause, c.OpenedInSeason):
            groups.append((clause.season, [(separator, c.Opened(None, clause.times))]))
        else:
            (groups[-1][1] if groups else before).append((separator, clause))
    if not groups:
        yield None, before
        return
    if any(isinstance(clause, c.Opened | c.Others) for _, clause in before):
        raise Unsure("hours without dates stand before hours with dates; give all of them dates")
    after = _after_all(groups)
    if len({_names_days(own) for _, own in groups}) > 1:
        raise Unsure("one season names its days and another does not; give each its days")
    for season, own in groups:
        yield season, [*before, *own, *after]


def _names_days(items: Sequence[c.Item]) -> bool:
    return any(isinstance(each, c.Opened) and each.days is not None for _, each in items)


def _after_all(groups: Sequence[tuple[Season, list[c.Item]]]) -> list[c.Item]:
    """What stands behind the last season and may be of all: certain only after a stop, and where
    no season before has such sentences of its own.
    """
    last = groups[-1][1]
    opened = [n for n, (_, each) in enumerate(last) if isinstance(each, c.Opened)]
    tail = last[opened[-1] + 1 :] if opened else []
    spoken = [each for each in tail if not isinstance(each[1], c.Silent)]
    if not spoken:
        return []
    own = [
        each
        for _, group in groups[:-1]
        for _, each in group
        if not isinstance(each, c.Opened | c.Silent)
    ]
    if own:
        return []
    if ";" not in spoken[0][0]:
        raise Unsure("it is not certain whether the last words hold for one season or for all")
    del last[opened[-1] + 1 :]
    return tail


def _check_seasons(seasons: Sequence[Season | None]) -> None:
    """They share no day and leave none out: else nobody knows what holds on the others."""
    days = [day for season in seasons if season for day in season.days]
    if None in seasons or len(days) != len(set(days)) or set(days) != YEAR_DAYS:
        raise Unsure("the seasons do not make up one year; give each its first and last day")


# --- a week ---


@dataclass(slots=True)
class _Week:
    """The sentences of one season, sorted by what they do, and the plans they make."""

    items: Sequence[c.Item]
    plans: dict[int, tuple[ClockTimes, ...]] = field(default_factory=dict)
    by_name: set[int] = field(default_factory=set)
    """Weekdays whose state was said of them by name."""
    ordinary: frozenset[int] = frozenset()
    """Weekdays that have the hours of 平日."""

    def schedule(self, season: Season | None) -> Schedule:
        self._check_lists()
        opened = self._with_attendance()
        holiday_hours = [each for each in opened if each.days and each.days.holidays]
        self._open(opened)
        self._check_parts()
        self._check_excepted_halves()
        self._others()
        off = self._close()
        self._check_spent(opened)
        self._pause()
        self._check_kept(off)
        vague = self._doubtful_weekend(holiday_hours) | (self.ordinary & WEEKEND - self.by_name)
        week: list[Ranges] = [_ranges(self.plans.get(day, ())) for day in range(7)]
        self._check_always(week)
        holidays = self._holidays(week, holiday_hours)
        for day in self._untold() | vague:
            week[day] = None
        if not any(week):
            raise Unsure("no day is left on which it is open")
        follows = holidays == "as its weekday" and not vague
        return Schedule(
            season,
            tuple(week),
            frozenset(off),
            follows,
            None if isinstance(holidays, str) else holidays,
            self._working(opened, week),
        )

    def _all(self, *kinds: type) -> list[c.Clause]:
        return [clause for _, clause in self.items if isinstance(clause, kinds)]

    def _check_lists(self) -> None:
        """9:00-17:30（周一至周五、节假日除外）: hours whose only days are perhaps in this list."""
        loose = any(isinstance(each, c.Opened) and not each.days for _, each in self.items)
        verdicts = self._all(c.Shut, c.Excepted, c.AsUsual, c.Untold)
        if loose and any(_days_of(each).mixed for each in verdicts):
            raise Unsure("it is not certain for which days of a list this is said")

    # --- which days have which hours ---

    def _with_attendance(self) -> list[c.Opened]:
        """The hours, those without days given the days that were said to be open."""
        opened = [each for each in self._all(c.Opened) if isinstance(each, c.Opened)]
        attends = [each for each in self._all(c.Attends) if isinstance(each, c.Attends)]
        if not opened and not self._all(c.Others):
            raise Unsure("it names no hours")
        if not attends:
            return opened
        if len(opened) != 1 or opened[0].days is not None or self._all(c.Others):
            raise Unsure("it is not certain which hours belong to which days")
        days = attends[0].days
        for each in attends[1:]:
            days = days.joined(each.days)
        clauses = [clause for _, clause in self.items]
        hours_first = clauses.index(opened[0]) < clauses.index(attends[0])
        if hours_first and not self._are_all_that_is_open(days):
            raise Unsure("it is not certain whether only these days are open, or these, too")
        return [c.Opened(days, opened[0].times)]

    def _are_all_that_is_open(self, days: DayNames) -> bool:
        shut = {day for each in self._all(c.Shut) for day in _days_of(each).weekdays}
        return len(days.weekdays) >= 5 or days.weekdays | shut == EVERY_DAY

    def _open(self, opened: Sequence[c.Opened]) -> None:
        for number, each in enumerate(opened):
            _check_times(each.times)
            if each.days is None and number:
                raise Unsure("it is not certain to which days the later hours belong")
            days = each.days or DayNames(EVERY_DAY, unnamed=True)
            if days.unnamed and number:
                raise _twice()
            for day in days.weekdays:
                self.plans[day] = self._combined(day, days, each.times)
            if not days.unnamed:
                self.by_name |= days.weekdays
        loose = any(each.days is None for each in opened)
        if loose and len(self.by_name) > _MOST_EXCEPTIONS:
            raise Unsure("it is not certain to which days the hours without days belong")

    def _check_parts(self) -> None:
        """下午休息 says nothing new where the hours before it leave the afternoon out; else nobody
        says when it begins. Behind a stop, or hours of no days by name, it is of all hours.
        """
        for number, (separator, clause) in enumerate(self.items):
            if not isinstance(clause, c.ClosedInPart):
                continue
            before = self._before(number)
            alone = isinstance(before, c.Opened) and before.days and ";" not in separator
            hours = [before] if alone else self._all(c.Opened)
            if not isinstance(before, c.Opened) or not all(
                time.end <= clause.latest
                for each in hours
                if isinstance(each, c.Opened)
                for time in each.times
            ):
                raise Unsure("it says that a part of the day is closed, and not when")

    def _check_excepted_halves(self) -> None:
        """上午8:00-12:00, 下午14:00-17:00（周三除外）: all Wednesday, or its afternoon."""
        for number, (separator, clause) in enumerate(self.items):
            before = self._before(number)
            if isinstance(clause, c.Excepted) and isinstance(before, c.Opened):
                halves = len(before.times) > 1 and any(time.part for time in before.times)
                own = before.days.weekdays if before.days else EVERY_DAY
                if halves and "(" in separator and clause.days.weekdays & own:
                    raise Unsure("it is not certain what the exception is one of")

    def _combined(
        self, day: int, days: DayNames, times: tuple[ClockTimes, ...]
    ) -> tuple[ClockTimes, ...]:
        """What later hours make of a day that has some: an exception to 每天, or its other half."""
        earlier = self.plans.get(day)
        if earlier is None:
            return times
        parts = {each.part for each in earlier}, {each.part for each in times}
        apart = all(a.end <= b.start or b.end <= a.start for a in earlier for b in times)
        if self._is_other_half(apart=apart, parts=parts):
            self._check_weekend_half(days)
            return tuple(sorted((*earlier, *times)))
        general = days.weekdays < EVERY_DAY and (
            day not in self.by_name or self._spoke_of_every_day()
        )
        whole = any(each.end - each.start >= DAY_MIN for each in earlier)
        if apart or not general or whole or len(times) < len(earlier):
            raise _twice()
        return times

    def _is_other_half(self, *, apart: bool, parts: tuple[set[str], set[str]]) -> bool:
        """每天上午8:00-12:00, 周一至周五下午14:00-18:00: told by parts of the day, on days told."""
        first = next(each for each in self._all(c.Opened) if isinstance(each, c.Opened))
        told = first.days is not None
        return told and apart and all(parts[0] | parts[1]) and parts[0].isdisjoint(parts[1])

    def _check_weekend_half(self, days: DayNames) -> None:
        """每天下午14:00-17:00, 周六上午9:00-12:00: in place of the afternoon, or beside it."""
        if days.weekdays <= WEEKEND and not self.by_name >= days.weekdays:
            raise _twice()

    def _others(self) -> None:
        """其余时间: the weekdays of which nothing was said."""
        for each in self._all(c.Others):
            if not isinstance(each, c.Others):
                continue
            if each.ordinary and not self._has_ordinary_days(each):
                raise Unsure("“{words}” can be meant in two ways", words=each.ordinary)
            if each.times is None:
                continue
            if each.times:
                self._open_others(each)
            elif not self.plans:
                raise Unsure("it names no hours")

    def _has_ordinary_days(self, others: c.Others) -> bool:
        """Whether most of Monday to Friday are left for 平日, and without hours where it closes."""
        left = WORKING - self.by_name - self._named_off()
        return len(left) > len(WORKING) // 2 and not (others.closed and left & set(self.plans))

    def _open_others(self, others: c.Others) -> None:
        times = others.times or ()
        _check_times(times)
        spoken = self.by_name | self._named_off()
        rest = EVERY_DAY - spoken
        holidays = self._holiday_words(c.Shut, c.Excepted, c.Opened)
        if not (spoken or holidays) or not rest or (set(self.plans) - self.by_name):
            raise Unsure("it is not certain which days the other days are")
        if len(self._all(c.Others)) > 1:
            raise _twice()
        for day in rest:
            self.plans[day] = times
        self.ordinary = rest if others.ordinary == "平日" else frozenset()

    def _named_off(self) -> frozenset[int]:
        closed = self._all(c.Shut, c.Excepted, c.Untold)
        return frozenset(day for each in closed for day in _days_of(each).weekdays)

    # --- which days are closed ---

    def _close(self) -> set[int]:
        off: set[int] = set()
        for number, (_, clause) in enumerate(self.items):
            if isinstance(clause, c.Shut):
                if clause.days.weekdays & self.by_name and not self._spoke_of_every_day():
                    raise Unsure("a day is said to be open and to be closed")
                off |= clause.days.weekdays
            if isinstance(clause, c.Excepted):
                if self._is_of_closing(number) and not self._is_plain_aside(number):
                    raise Unsure("it is not certain what the exception is one of")
                off |= clause.days.weekdays
        for day in off:
            self.plans.pop(day, None)
        if not self.plans:
            raise Unsure("no day is left on which it is open")
        self.by_name |= off
        return off

    def _spoke_of_every_day(self) -> bool:
        """周一至周日 9:00-17:00, 周一闭馆: all seven in one breath, and an exception."""
        weeks = [
            each.days.weekdays
            for each in self._all(c.Opened)
            if isinstance(each, c.Opened) and each.days and not each.days.unnamed
        ]
        return weeks == [EVERY_DAY]

    def _is_of_closing(self, number: int) -> bool:
        """Whether an exception may be one of a closing, so that it opens: 周一闭馆，节假日除外, and
        除节假日外，周一闭馆.
        """
        before = [clause for _, clause in self.items[:number] if not isinstance(clause, c.Silent)]
        behind = [each for each in self.items[number + 1 :] if not isinstance(each[1], c.Silent)]
        closed_off = "(" in self.items[number][0] and bool(behind) and ")" in behind[0][0]
        return (bool(before) and _closes(before[-1])) or (
            bool(behind) and _closes(behind[0][1]) and not closed_off
        )

    def _is_plain_aside(self, number: int) -> bool:
        """周一闭馆（节假日除外）: holidays only, in brackets, after hours or before the closing."""
        separator, clause = self.items[number]
        before = [each for _, each in self.items[:number] if not isinstance(each, c.Silent)]
        hours = any(isinstance(each, c.Opened) for each in before)
        return not _days_of(clause).weekdays and (
            hours or "(" in separator or not (before and _closes(before[-1]))
        )

    def _untold(self) -> set[int]:
        return {day for each in self._all(c.Untold) for day in _days_of(each).weekdays}

    def _check_spent(self, opened: Sequence[c.Opened]) -> None:
        """Hours that hold on no day were meant for one of which the text says something else."""
        for each in opened:
            days = EVERY_DAY if each.days is None else each.days.weekdays
            kept = (day for day in days if set(each.times) <= set(self.plans.get(day, ())))
            if days and not any(True for _ in kept):
                raise Unsure("hours are named that hold on no day")

    def _pause(self) -> None:
        """A break is cut out of the hours it lies in."""
        pauses = self._all(c.Paused)
        if self._all(c.Unpaused) and (
            pauses or self._all(c.ClosedAtNoon) or any(map(_closed_at_noon, self.plans.values()))
        ):
            raise _twice()
        if self._all(c.ClosedAtNoon) and not all(map(_closed_at_noon, self.plans.values())):
            raise Unsure("it says that there is a break, and not when")
        for number, (_, clause) in enumerate(self.items):
            if isinstance(clause, c.Paused):
                self._cut(clause.times, self._days_of_break(number))

    def _cut(self, pause: ClockTimes, days: frozenset[int]) -> None:
        for day in days & set(self.plans):
            if not _holds(self.plans[day], pause):
                raise Unsure("it is not certain on which days the break is")
            self.plans[day] = _without(self.plans[day], pause)

    def _days_of_break(self, number: int) -> frozenset[int]:
        """All days where hours are said once; else those of the hours right before its bracket, if
        others follow or those before have brackets, too: at the end of a list it may be of all.
        """
        hours = [n for n, (_, each) in enumerate(self.items) if _has_times(each)]
        if len(hours) == 1:
            return EVERY_DAY
        own = [n for n in hours if self._has_own_break(n)]
        held = self.items[number - 1][1] if number - 1 in own else None
        alone = own == [hours[-1]]
        if alone or not isinstance(held, c.Opened) or not _are_plain(held.days):
            raise Unsure("it is not certain on which days the break is")
        return _days_of(held).weekdays

    def _has_own_break(self, number: int) -> bool:
        """周一至周五9:00-18:00（12:00-13:00休息）: the break stands in brackets behind it."""
        behind = self.items[number + 1 : number + 2]
        return any(isinstance(each, c.Paused) and "(" in before for before, each in behind)

    def _check_kept(self, off: set[int]) -> None:
        kept = {day for each in self._all(c.AsUsual) for day in _days_of(each).weekdays}
        if kept - set(self.plans) or kept & off or kept & self._untold():
            raise Unsure("days are said to be as usual whose usual hours are not told")
        clauses = [clause for _, clause in self.items]
        early = [n for n, each in enumerate(clauses) if isinstance(each, c.AsUsual)][:1]
        loose = [
            n for n, each in enumerate(clauses) if isinstance(each, c.Opened) and not each.days
        ]
        if kept and early and loose and early < loose:
            raise Unsure("it is not certain to which days the later hours belong")
        self.by_name |= kept
        rest = EVERY_DAY - self.by_name - self._named_off()
        usual = any(isinstance(each, c.Others) and each.times is None for each in clauses)
        if usual and not rest <= set(self.plans):
            raise Unsure("days are said to be as usual whose usual hours are not told")

    def _check_always(self, week: Sequence[Ranges]) -> None:
        if self._all(c.Always) and not (all(week) and not self._holiday_words(c.Shut, c.Excepted)):
            raise Unsure("it says that no day is left out, and leaves some out")

    # --- holidays ---

    def _holiday_words(self, *kinds: type) -> list[c.Clause]:
        return [each for each in self._all(*kinds) if _days_of(each).holidays]

    def _verdicts(self, hours: Sequence[c.Opened]) -> set[str]:
        found = {"hours"} if hours else set()
        for number, (_, clause) in enumerate(self.items):
            if (
                isinstance(clause, c.Shut | c.Excepted | c.AsUsual | c.Untold)
                and clause.days.holidays
            ):
                aside = isinstance(clause, c.Excepted) and self._is_of_closing(number)
                partial = isinstance(clause, c.Shut | c.Excepted) and not self._is_of_all(number)
                if hours and partial and not aside and self._is_of_weekdays(number):
                    continue  # 周一至周五（节假日除外）: their hours stand elsewhere
                found.add("untold" if aside or partial else type(clause).__name__.lower())
        return {"off" if each in ("shut", "excepted") else each for each in found}

    def _is_of_weekdays(self, number: int) -> bool:
        """Whether an exception stands right behind the hours of weekdays that have names."""
        before = self._before(number)
        excepted = isinstance(self.items[number][1], c.Excepted)
        return excepted and isinstance(before, c.Opened) and _are_plain(before.days)

    def _before(self, number: int) -> c.Clause | None:
        return self.items[number - 1][1] if number else None

    def _is_of_all(self, number: int) -> bool:
        """Whether a closing speaks of all hours: the only ones, or it stands before the first or
        behind the last, and not in brackets, which speak of what they stand beside.
        """
        hours = [n for n, (_, each) in enumerate(self.items) if _are_hours(each)]
        outside = not hours or number < hours[0] or number > hours[-1]
        return len(hours) == 1 or (outside and "(" not in self.items[number][0])

    def _holidays(self, week: Sequence[Ranges], hours: Sequence[c.Opened]) -> Ranges | str:
        """Their hours, or a word: as its weekday. Unknown where the text is silent."""
        verdicts = self._verdicts(hours)
        partly_off = verdicts == {"off", "untold"}  # and for the other hours nobody knows
        if (len(verdicts) > 1 and not partly_off) or len(hours) > 1:
            raise Unsure("it says two things of holidays")
        uniform = len(set(week)) == 1 and bool(week[0])
        if verdicts == {"hours"}:
            return _ranges(hours[0].times)
        if verdicts == {"asusual"}:
            return "as its weekday" if uniform else _usual(week)
        if verdicts:
            return () if verdicts == {"off"} else None
        if uniform and not any(each.working for each in self._opened_days()):
            return "as its weekday"
        return () if self._only_working() else None

    def _opened_days(self) -> list[DayNames]:
        opened = [*self._all(c.Opened), *self._all(c.Attends)]
        named = [each.days for each in opened if isinstance(each, c.Opened | c.Attends)]
        return [each for each in named if each is not None]

    def _only_working(self) -> bool:
        """Whether it is open on 工作日 alone: a holiday is none."""
        days = self._opened_days()
        only = all(each.working and each.weekdays <= WORKING for each in days)
        others = [each for each in self._all(c.Others) if not _closes(each)]
        return bool(days) and only and not others and not self._all(c.Always)

    def _doubtful_weekend(self, hours: Sequence[c.Opened]) -> frozenset[int]:
        """节假日 alone may mean weekends, too: those of which nothing was said by name are
        unknown. So are weekends of which nothing was said where holidays have hours.
        """
        said = [*hours, *self._all(c.Untold)]
        loose = [each for each in said if _days_of(each).holidays]
        ends = [each for each in self._all(c.Shut, c.Excepted) if _days_of(each).vague]
        keeps = [each for each in self._all(c.AsUsual) if _days_of(each).vague]
        silent = WEEKEND - self.by_name
        if any(_days_of(each).vague for each in loose):
            return silent
        if hours:
            return silent - set(self.plans)
        if keeps and not set(self.plans) >= WEEKEND:
            return silent - set(self.plans)
        aside = [
            clause
            for number, (_, clause) in enumerate(self.items)
            if isinstance(clause, c.Excepted) and self._is_of_closing(number)
        ]
        return silent & set(self.plans) if any(each not in aside for each in ends) else frozenset()

    def _working(self, opened: Sequence[c.Opened], week: Sequence[Ranges]) -> bool:
        working = [each for each in opened if each.days and each.days.worked]
        return (
            len(working) == 1
            and working[0].days is not None
            and working[0].days.weekdays == WORKING
            and len(set(week[:5])) == 1
            and week[0] == _ranges(self.plans.get(0, ()))
            and all(
                each is working[0] or not each.days or not each.days.weekdays & WORKING
                for each in opened
            )
            and not any(each.days is None or each.days.unnamed for each in opened)
            and bool(week[0])
        )


def _twice() -> Unsure:
    return Unsure("two sentences speak of the same days; say which of them holds")


def _days_of(clause: c.Clause) -> DayNames:
    days = getattr(clause, "days", None)
    return days if isinstance(days, DayNames) else DayNames(frozenset())


def _are_plain(days: DayNames | None) -> bool:
    """Whether they are weekdays by name, and no others."""
    return days is not None and bool(days.weekdays) and not (days.unnamed or days.holidays)


def _closes(clause: c.Clause) -> bool:
    return isinstance(clause, c.Shut | c.Paused | c.ClosedInPart) or (
        isinstance(clause, c.Others) and clause.closed
    )


def _has_times(clause: c.Clause) -> bool:
    return isinstance(clause, c.Opened) or (isinstance(clause, c.Others) and bool(clause.times))


def _are_hours(clause: c.Clause) -> bool:
    """Whether it gives weekdays their times."""
    only_holidays = isinstance(clause, c.Opened) and clause.days and not clause.days.weekdays
    return _has_times(clause) and not only_holidays


def _usual(week: Sequence[Ranges]) -> Ranges:
    """照常 where days differ: certain only if all open days, the weekend among them, are alike."""
    plans = {plan for plan in week if plan}
    return plans.pop() if len(plans) == 1 and week[5] and week[6] else None


def _check_times(times: tuple[ClockTimes, ...]) -> None:
    if not in_order(times):
        raise Unsure("the hours of one day overlap or are not in order")


def _ranges(times: tuple[ClockTimes, ...]) -> Ranges:
    return tuple((each.start, each.end) for each in times)


#: The hours among which a midday break is: 11:00 to 14:30.
_NOON: Final = ClockTimes(11 * 60, 14 * 60 + 30)


def _closed_at_noon(plan: tuple[ClockTimes, ...]) -> bool:
    """Whether the hours are parted, or over, around noon."""
    gaps = [ClockTimes(a.end, b.start) for a, b in pairwise(plan)]
    return any(_NOON.start <= gap.start < gap.end <= _NOON.end for gap in gaps)


def _holds(plan: tuple[ClockTimes, ...], pause: ClockTimes) -> bool:
    return any(each.start < pause.start and pause.end < each.end for each in plan)


def _without(plan: tuple[ClockTimes, ...], pause: ClockTimes) -> tuple[ClockTimes, ...]:
    cut: list[ClockTimes] = []
    for each in plan:
        inside = each.start < pause.start and pause.end < each.end
        cut += (
            [each._replace(end=pause.start), each._replace(start=pause.end)] if inside else [each]
        )
    return tuple(cut)
