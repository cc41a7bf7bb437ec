"""The public holidays of a country, in China with its adjusted workdays (调休), and the last day
known.

Never reads a clock or guesses a year. The library's years come with the program; an operator's
year (store/calendar.py keeps it) stands before the library's. China's are those that a notice of
the State Council gives; other countries' are what the package `holidays` computes up to
LAST_COMPUTED, or to the end of the year before the first in which it only estimates a date (as of
feasts that follow the moon). Of a country that it does not know, or of which it estimates even the
first year, no day is known until an operator loads a year. There only the days that the law names
are holidays, and nowhere but in China does the library tell of adjusted workdays.

In China a public holiday is every day of the break the State Council gives (放假), so also the
Saturday and Sunday inside it; an adjusted workday is a Saturday or Sunday that the same notice
makes a workday to pay for the break.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import cache, partial
from typing import Final, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.errors import BadValue

#: The notices of the General Office of the State Council that fix the days of these years. The
#: package `holidays` has dates for 2027 too, but they are estimates until that year's notice.
NOTICES: Final[Mapping[int, str]] = {
    2025: "https://www.gov.cn/gongbao/2024/issue_11726/202411/content_6989767.html",
    2026: "https://www.gov.cn/gongbao/2025/issue_12406/202511/content_7048922.html",
}
#: The country whose holidays notices give.
CHINA: Final = "CN"
#: The years that are computed for other countries, at most.
FIRST_COMPUTED: Final = 2025
LAST_COMPUTED: Final = 2030
#: From this month on next year's holidays are missed: those of 2025 and 2026 were out by the 12th.
NOTICE_MONTH: Final = 11

_SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)
#: Of a name in the package `holidays` what is no name: that a day is observed, or given for
#: another.
_ASIDE: Final = re.compile("（.*）")
_SUBSTITUTED: Final = "休息日"
_WORKED_NAME: Final = "调休上班"
_PACKAGE: Final = "Python package holidays"
#: Stands in the English name of a date that the package is not sure of.
_ESTIMATED: Final = "estimated"


class DayKind(IntEnum):
    """What a date counts as. The numbers are part of the stored format."""

    MO = 0
    TU = 1
    WE = 2
    TH = 3
    FR = 4
    SA = 5
    SU = 6
    PH = 7
    WORKDAY = 8


class HolidayDate(msgspec.Struct, frozen=True, order=True):
    """A date that a notice names."""

    day: date
    off: bool
    """A day off; else a Saturday or Sunday that is worked."""
    name: str
    source: str


class HolidayYear(msgspec.Struct, frozen=True):
    """What is off and what is worked in one year, by date.

    Raises BadValue where a date stands in another year, stands twice or out of order, or where a
    plain working day is said to be worked.
    """

    year: int
    days: tuple[HolidayDate, ...]
    country: str = CHINA
    """ISO 3166-1 alpha-2."""

    def __post_init__(self) -> None:
        dates = [each.day for each in self.days]
        if dates != sorted(set(dates)):
            raise BadValue(
                "the dates of {year} stand twice or out of order; sort them", year=self.year
            )
        for each in self.days:
            if each.day.year != self.year:
                raise BadValue("{day} is no day of {year}", day=each.day, year=self.year)
            if not each.off and each.day.weekday() < _SATURDAY:
                raise BadValue(
                    "{day} is no Saturday or Sunday, so it is worked anyway", day=each.day
                )

    @property
    def off(self) -> frozenset[date]:
        """The days off that are named."""
        return frozenset(each.day for each in self.days if each.off)

    @property
    def worked(self) -> frozenset[date]:
        """The Saturdays and Sundays that are worked."""
        return frozenset(each.day for each in self.days if not each.off)

    def all_off(self) -> frozenset[date]:
        """The days off; in China with the free weekend days of the year that touch them."""
        if self.country != CHINA:
            return self.off
        return frozenset(
            day for day in _with_weekends(self.off, self.worked) if day.year == self.year
        )


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """One DayKind for each consecutive day from `first` to `known_until`, both included.

    `kinds` is uint8, shape (days,), write-protected. Raises BadValue if its length does not fit the
    two dates, or if a day is called by another weekday's name.
    """

    first: date
    kinds: NDArray[np.uint8]
    known_until: date

    def __post_init__(self) -> None:
        days = (self.known_until - self.first).days + 1
        if self.kinds.shape != (days,):
            raise BadValue(
                ("{count} day kinds for the {days} days {first} to {last}; send one a day"),
                count=self.kinds.size,
                days=days,
                first=self.first,
                last=self.known_until,
            )
        if not _fits_weekdays(self.first, self.kinds):
            raise BadValue(
                (
                    "the day kinds from {first} on do not follow the week; 0 is Mo, 6 Su, 7 PH, "
                    "8 WORKDAY"
                ),
                first=self.first,
            )
        kinds = self.kinds.view()
        kinds.setflags(write=False)
        object.__setattr__(self, "kinds", kinds)

    def is_known(self, day: date) -> bool:
        """Whether the holidays and adjusted workdays round this day have been announced."""
        return self.first <= day <= self.known_until

    def kind(self, day: date) -> DayKind:
        """What the day counts as; outside the known days its plain weekday."""
        return DayKind(
            int(self.kinds[(day - self.first).days]) if self.is_known(day) else day.weekday()
        )

    def same_as(self, other: "Calendar") -> bool:
        """Whether both know the same days, each as the same kind."""
        return self.first == other.first and np.array_equal(self.kinds, other.kinds)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """The calendar as arrays to store or hash: kinds, and [first, known_until] as proleptic
        ordinals (int32).
        """
        return {
            "calendar_kinds": self.kinds,
            "calendar_days": np.array(
                [self.first.toordinal(), self.known_until.toordinal()], dtype=np.int32
            ),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        """The calendar that to_arrays() wrote; other keys are left alone.

        Raises BadValue as the constructor does.
        """
        first, known_until = (date.fromordinal(int(ordinal)) for ordinal in arrays["calendar_days"])
        return cls(first, np.asarray(arrays["calendar_kinds"], dtype=np.uint8), known_until)


#: Of a country (ISO 3166-1 alpha-2) the calendar that its datasets are published with.
Calendars = Callable[[str], Calendar]


def calendar_of(
    country: str, own: Iterable[HolidayYear] = (), subdivision: str | None = None
) -> Calendar:
    """A country's (ISO 3166-1 alpha-2), or that of a part of it (ISO 3166-2, without the country).

    The library's years, and an operator's `own`, which replace the library's. Only years in one run
    with the library's count: of a year after a gap nobody could say what stands before it. Where no
    year is known the calendar has no day.
    """
    years = {each.year: each for each in (*library_years(country, subdivision), *own)}
    run = sorted(usable(country, years))
    if not run:
        return Calendar(
            date(FIRST_COMPUTED, 1, 1), np.zeros(0, np.uint8), date(FIRST_COMPUTED - 1, 12, 31)
        )
    off = frozenset[date]().union(*(years[year].off for year in run))
    worked = frozenset[date]().union(*(years[year].worked for year in run))
    if country == CHINA:
        off = _with_weekends(off, worked)
    first, last = date(run[0], 1, 1), date(run[-1], 12, 31)
    days = (first + n * _DAY for n in range((last - first).days + 1))
    kinds = [_kind(day, off, worked) for day in days]
    return Calendar(first, np.array(kinds, dtype=np.uint8), last)


def usable(country: str, years: Iterable[int]) -> frozenset[int]:
    """Of some years those that are in one run with the library's, if it has any; else the earliest
    of them and the years that follow it.
    """
    there = set(years)
    run = {each.year for each in library_years(country)} or {*sorted(there)[:1]}
    for step in (-1, 1):
        year = (min(run) if step < 0 else max(run)) if run else 0
        while year + step in there:
            year += step
            run.add(year)
    return frozenset(run)


def missing_year(known_until: date, today: date) -> int | None:
    """The year whose holidays should be known by now and are not; None: there is none.

    Next year's from 1 November on, when its notice can be out; this year's at once.
    """
    wanted = today.year + (today.month >= NOTICE_MONTH)
    return (known_until + _DAY).year if known_until < date(wanted, 12, 31) else None


def library_years(country: str, subdivision: str | None = None) -> tuple[HolidayYear, ...]:
    """The years of a country that come with the program, each day with its name and source."""
    return _noticed() if country == CHINA else _computed(country, subdivision)


@cache
def _computed(country: str, subdivision: str | None) -> tuple[HolidayYear, ...]:
    """What `holidays` computes of the years whose dates it is sure of."""
    from holidays import country_holidays, list_supported_countries

    known = list_supported_countries(include_aliases=False)
    if country not in known or (subdivision is not None and subdivision not in known[country]):
        return ()
    source = f"{_PACKAGE} ({country}{f'-{subdivision}' if subdivision else ''})"
    found = []
    for year in range(FIRST_COMPUTED, LAST_COMPUTED + 1):
        asked = partial(country_holidays, country, subdiv=subdivision, years=year)
        plain = asked(language="en_US")
        if any(_ESTIMATED in name for name in plain.values()):
            break
        named = asked(language=plain.default_language) if plain.default_language else plain
        days = (
            HolidayDate(day, off=True, name=name, source=source)
            for day, name in sorted(named.items())
            if day.year == year
        )
        found.append(HolidayYear(year, tuple(days), country))
    return tuple(found)


@cache
def _noticed() -> tuple[HolidayYear, ...]:
    """China's years of NOTICES, each day with its name and the notice it follows from.

    Source of the days: the package `holidays`, which cites the notices. It lists no weekend day
    that is free anyway, so those that touch a break are added.
    """
    # Here and not above: only publishing builds a calendar, and a web worker need not pay 0.1 s for
    # the import.
    from holidays import country_holidays

    china = country_holidays("CN", years=tuple(NOTICES), language="zh_CN")
    off = _with_weekends(frozenset(china), frozenset(china.weekend_workdays))
    names: dict[date, str] = {}
    for day in (*sorted(off), *sorted(off, reverse=True)):  # by the day before, or the day after
        said = _ASIDE.sub("", china.get(day, ""))
        beside = names.get(day - _DAY) or names.get(day + _DAY) or ""
        names[day] = names.get(day) or (beside if said in ("", _SUBSTITUTED) else said)
    return tuple(
        HolidayYear(
            year,
            tuple(
                sorted(
                    HolidayDate(day, day in off, names.get(day, _WORKED_NAME), notice)
                    for day in off | china.weekend_workdays
                    if day.year == year
                )
            ),
        )
        for year, notice in NOTICES.items()
    )


def statutory(year: int) -> Mapping[date, str]:
    """The days that are public holidays by law whatever the year's notice says, with their names.

    国务院《全国年节及纪念日放假办法》, article 2, as the package `holidays` has it.
    """
    from holidays import country_holidays

    china = country_holidays("CN", years=year, observed=False, language="zh_CN")
    named = ((day, _ASIDE.sub("", name)) for day, name in sorted(china.items()))
    return {day: name for day, name in named if day.year == year and name != _SUBSTITUTED}


def _kind(day: date, off: frozenset[date], worked: frozenset[date]) -> int:
    if day in off:
        return DayKind.PH
    return DayKind.WORKDAY if day in worked else day.weekday()


def _with_weekends(off: frozenset[date], worked: frozenset[date]) -> frozenset[date]:
    """The days off and the free weekend days that touch them: `holidays` lists no weekend day that
    is free anyway.
    """
    beside = {day + step for day in off for step in (-_DAY, _DAY)}
    more = frozenset(day for day in beside if day.weekday() >= _SATURDAY) - worked - off
    return _with_weekends(off | more, worked) if more else off


def _fits_weekdays(first: date, kinds: NDArray[np.uint8]) -> bool:
    weekdays = (first.weekday() + np.arange(kinds.size)) % 7
    adjusted = (kinds == DayKind.WORKDAY) & (weekdays >= _SATURDAY)
    return bool(np.all((kinds == weekdays) | (kinds == DayKind.PH) | adjusted))
