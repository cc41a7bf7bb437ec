"""Chinese public holidays and adjusted workdays (调休), with the last day known.

Never reads a clock or guesses a year.

A public holiday is every day of the break the State Council gives (放假), so also the Saturday and
Sunday inside it; an adjusted workday is a Saturday or Sunday that the same notice makes a workday
to pay for the break.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from geodata.errors import BadValue

# The notices of the General Office of the State Council that fix the days of these years:
# 2025 https://www.gov.cn/gongbao/2024/issue_11726/202411/content_6989767.html
# 2026 https://www.gov.cn/gongbao/2025/issue_12406/202511/content_7048922.html
# The package `holidays` has dates for 2027 too, but they are estimates until that year's notice
# (each November).
NOTICED_YEARS: Final = (2025, 2026)

_SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)


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
                f"{self.kinds.size} day kinds for the {days} days {self.first} to"
                f" {self.known_until}; send one a day"
            )
        if not _fits_weekdays(self.first, self.kinds):
            raise BadValue(
                f"the day kinds from {self.first} on do not follow the week; 0 is Mo, 6 Su, 7 PH, 8"
                " WORKDAY"
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


def chinese_calendar() -> Calendar:
    """Mainland China, NOTICED_YEARS.

    Source of the days: the package `holidays`, which cites the notices above.
    """
    # Here and not above: only publishing builds a calendar, and a web worker need not pay 0.1 s for
    # the import.
    from holidays import country_holidays

    china = country_holidays("CN", years=NOTICED_YEARS)
    first, last = date(min(NOTICED_YEARS), 1, 1), date(max(NOTICED_YEARS), 12, 31)
    off = _with_weekends(frozenset(china), frozenset(china.weekend_workdays))
    days = (first + n * _DAY for n in range((last - first).days + 1))
    kinds = [_kind(day, off, china.weekend_workdays) for day in days]
    return Calendar(first, np.array(kinds, dtype=np.uint8), last)


def _kind(day: date, off: frozenset[date], worked: set[date]) -> int:
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
