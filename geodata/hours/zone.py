"""The time zone of a dataset: what the clocks on its walls show at an instant, daylight saving
included.

Instants are aware datetimes, and those made here have a fixed offset, the zone's at that instant:
Python adds and compares them by what passes between them, never by the wall clock. Minutes "since a
day began" are such as pass, too, so that a day has 1380 or 1500 of them where the clocks change;
`TimeZone.steps` tells what the wall clock shows at each.

The rules are those of the IANA database, as Python's `zoneinfo` has it (the system's, else the
package `tzdata`). Before 1973 the offset of that year's beginning holds: the database vouches for
nothing before 1970, and RFC 3339 has no offsets with seconds, which some zones had until 1972.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geodata.errors import BadValue

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
_DAY_MIN: Final = 1440
_UNIX_ORDINAL: Final = date(1970, 1, 1).toordinal()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR: Final = 1973
_LAST_YEAR: Final = 9999
#: No clock is further from UTC, nor changes by more.
_FAR_MIN: Final = 2 * _DAY_MIN


class Step(NamedTuple):
    """From minute `since` after a day began on, the wall clock is `ahead` minutes ahead of the
    minutes that passed since that day's midnight.
    """

    since: int
    ahead: int


#: The steps of a clock that never changes.
STEADY: Final = (Step(0, 0),)


class _Change(NamedTuple):
    """At a minute since 1970 in UTC, the minutes ahead of UTC before it and from it on."""

    at: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class TimeZone:
    """A time zone by its IANA name, such as Europe/Helsinki. Raises BadValue for an unknown one."""

    name: str

    def __post_init__(self) -> None:
        _info(self.name)

    def local(self, at: datetime) -> datetime:
        """An aware datetime with the zone's offset at that instant.

        Raises OverflowError where the clock shows no year from 1 to 9999.
        """
        if at.year < _FIRST_YEAR:
            fixed = _fixed(_ahead(self.name, _minutes(datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC))))
            # As it is where it has the offset already: in UTC it may be in the year 0.
            same = at.utcoffset() == fixed.utcoffset(None)
            return at.replace(tzinfo=fixed) if same else at.astimezone(fixed)
        if at.year == _LAST_YEAR:  # in UTC it may be in the year 10000
            offset = at.utcoffset()
            before = at - _DAY
            fixed = _fixed(_ahead(self.name, _minutes(before)))
            if offset == fixed.utcoffset(None) and not self._changes(before, at - _MINUTE):
                return at.replace(tzinfo=fixed)
        return at.astimezone(_fixed_of(at.astimezone(_info(self.name))))

    def begins(self, day: date) -> datetime:
        """The instant at which a date begins: midnight, or where the clocks skip it, when they do.

        Of a midnight that comes twice the first. Raises OverflowError in no year from 1 to 9999.
        """
        return self.after(day, 0)

    def after(self, day: date, minutes: float) -> datetime:
        """So many minutes after a date began. Raises OverflowError in no year from 1 to 9999."""
        began = _began(self.name, day)
        ahead = _ahead(self.name, began)
        # By the local clock, which stays within the years where UTC may not.
        midnight = datetime.combine(day, time(), _fixed(ahead))
        shift = began + ahead - (day.toordinal() - _UNIX_ORDINAL) * _DAY_MIN
        return self.local(midnight + timedelta(minutes=shift + minutes))

    def at_clock(self, day: date, clock: time) -> datetime:
        """The instant at which the wall clock shows a time of a date.

        The first of two; where the clocks skip it, the instant at which they do.
        """
        wall = clock.hour * 60 + clock.minute
        steps = self.steps(day, 2)
        for number, step in enumerate(steps):
            minutes = max(wall - step.ahead, step.since)
            if number + 1 == len(steps) or minutes < steps[number + 1].since:
                return self.after(day, minutes)
        raise AssertionError  # the last step has no end

    def steps(self, day: date, days: int) -> tuple[Step, ...]:
        """What the wall clock shows in so many times 24 hours from the beginning of a date on."""
        return _steps(self.name, day, days)

    def shifts(self, day: date) -> bool:
        """Whether the clocks change on a date: it has not 24 hours, one each."""
        return len(self.steps(day, 1)) > 1 or self.steps(day, 1) != STEADY

    def ahead_min(self, at: datetime) -> int:
        """Minutes ahead of UTC at an instant."""
        return _ahead(self.name, _minutes(at))

    def clocks(self, first: int, last: int) -> tuple[tuple[int, int], ...]:
        """What the clocks show from the beginning of a year of UTC to the end of another.

        From which minute since 1970 on they are how many minutes ahead of UTC, in order.
        """
        begins = _minutes(datetime(first, 1, 1, tzinfo=UTC))
        changes = [one for year in range(first, last + 1) for one in _changes_of(self.name, year)]
        return (
            (begins, _ahead(self.name, begins)),
            *((one.at, one.after) for one in changes if one.at > begins),
        )

    def _changes(self, first: datetime, last: datetime) -> bool:
        return _ahead(self.name, _minutes(first)) != _ahead(self.name, _minutes(last))


@lru_cache(maxsize=64)
def _info(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadValue(
            "no time zone is called {timezone!r}; name one such as Asia/Shanghai", timezone=name
        ) from None


@lru_cache(maxsize=256)
def _fixed(ahead_min: int) -> timezone:
    return timezone(timedelta(minutes=ahead_min))


def _fixed_of(at: datetime) -> timezone:
    return _fixed_by(at.utcoffset())


@lru_cache(maxsize=256)
def _fixed_by(offset: timedelta | None) -> timezone:
    return _fixed((offset or timedelta()) // _MINUTE)


def _minutes(at: datetime) -> int:
    return (at - _EPOCH) // _MINUTE


def _ahead(name: str, minute: int) -> int:
    """Minutes ahead of UTC at a minute since 1970, which may lie outside of Python's years."""
    first = _minutes(datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC))
    last = _minutes(datetime(_LAST_YEAR, 12, 30, tzinfo=UTC))
    at = _EPOCH + min(max(minute, first), last) * _MINUTE
    offset = _info(name).fromutc(at.replace(tzinfo=_info(name))).utcoffset()
    return (offset or timedelta()) // _MINUTE


@lru_cache(maxsize=512)
def _changes_of(name: str, year: int) -> tuple[_Change, ...]:
    """The changes of a year of UTC, in order: found between days, as no zone changes twice in one.

    Where offsets of two days differ, the change is bisected to its minute.
    """
    if not _FIRST_YEAR <= year < _LAST_YEAR:
        return ()
    begins = (date(year, 1, 1).toordinal() - _UNIX_ORDINAL) * _DAY_MIN
    ends = (date(year + 1, 1, 1).toordinal() - _UNIX_ORDINAL) * _DAY_MIN
    found = []
    before = _ahead(name, begins - 1)
    for low in range(begins - 1, ends - 1, _DAY_MIN):
        high = low + _DAY_MIN
        after = _ahead(name, high)
        if after != before:
            same, other = low, high
            while other - same > 1:
                middle = (same + other) // 2
                if _ahead(name, middle) == before:
                    same = middle
                else:
                    other = middle
            found.append(_Change(other, before, after))
        before = after
    return tuple(found)


def _changes_round(name: str, day: date, days: int) -> tuple[_Change, ...]:
    """The changes of the years that hold these days, and more."""
    last = date.fromordinal(min(day.toordinal() + days + 2, date.max.toordinal())).year
    first = date.fromordinal(max(day.toordinal() - 2, 1)).year
    return tuple(change for year in range(first, last + 1) for change in _changes_of(name, year))


@lru_cache(maxsize=512)
def _began(name: str, day: date) -> int:
    """The first minute since 1970 at which the wall clock shows the date's midnight or later."""
    midnight = (day.toordinal() - _UNIX_ORDINAL) * _DAY_MIN
    ahead = _ahead(name, midnight - _FAR_MIN)
    for change in _changes_round(name, day, 2):
        if not midnight - _FAR_MIN < change.at < midnight + _FAR_MIN:
            continue
        if midnight - ahead < change.at:
            break
        if midnight - change.after < change.at:  # skipped
            return change.at
        ahead = change.after
    return midnight - ahead


@lru_cache(maxsize=512)
def _steps(name: str, day: date, days: int) -> tuple[Step, ...]:
    midnight = (day.toordinal() - _UNIX_ORDINAL) * _DAY_MIN
    began = _began(name, day)
    found = [Step(0, began + _ahead(name, began) - midnight)]
    found += (
        Step(change.at - began, began + change.after - midnight)
        for change in _changes_round(name, day, days)
        if began < change.at < began + days * _DAY_MIN
    )
    return tuple(found)
