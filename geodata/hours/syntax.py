"""OSM opening hours from text to rules, or a reason why not.

Never guesses: what can be read in two ways is refused.

Read is the part of https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification that a
Chinese city needs:

    24/7                                 Mo-Fr,PH 09:00-12:00,14:00-18:00      Sa,Su off
    22:00-06:00  22:00-30:00             Jun-Sep Mo-Fr 08:00-20:00             Oct 01-07 off
    2026 Oct 01-08 10:00-16:00           2026 Dec 30-2027 Jan 02 off           PH unknown

`;` before a rule lets it replace what earlier rules said of its days, `, ` lets it add. Refused
because evaluators or readers disagree: `off` and `unknown` with times, `, … unknown`, a space after
the comma of a day list, 10:00-10:00, a comment without a state word before it (opening_hours.js:
unknown, opening-hours-rs: open); and all that is not above.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final, NamedTuple

from geodata.errors import BadValue
from geodata.hours.calendar import DayKind

DAY_MIN: Final = 1440
LONGEST_TEXT: Final = 255  # characters; the longest value OSM stores: https://wiki.openstreetmap.org/wiki/Any_tags_you_like
YEARS: Final = range(
    2000, 2100
)  # four digits beginning with 20, so that nothing else is taken for a year


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


ALL_DAY: Final = (Interval(0, DAY_MIN, State.OPEN),)
UNKNOWN_DAY: Final = (Interval(0, DAY_MIN, State.UNKNOWN),)


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


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: on which days it speaks, and the intervals that begin on such a day (none: closed).

    Empty `spans`: any date. Empty `kinds`: any day of the week, holiday or not. `adds`: joined with
    `, `.
    """

    spans: tuple[Span, ...]
    kinds: frozenset[DayKind]
    intervals: tuple[Interval, ...]
    adds: bool

    @property
    def names_holidays(self) -> bool:
        """Whether it has `PH` among its days."""
        return DayKind.PH in self.kinds

    @property
    def names_dates(self) -> bool:
        """Whether it is for single dates, not for a season or for the whole year."""
        return any(not span.season for span in self.spans)

    def speaks_on(self, kinds: frozenset[DayKind]) -> bool:
        """Whether it speaks on a day of these kinds (a holiday Monday is of two), dates
        left aside.
        """
        return not self.kinds or not self.kinds.isdisjoint(kinds)


def month_day(day: date) -> int:
    """The key of a date within any year: month * 100 + day."""
    return day.month * 100 + day.day


def parse(text: str) -> tuple[Rule, ...]:
    """The rules of an expression in the order written, at least one.

    Raises BadValue, with the reason in words, for anything that is not certainly understood.
    """
    if len(text) > LONGEST_TEXT:
        raise BadValue(
            f"the opening hours have {len(text)} characters; OSM allows {LONGEST_TEXT}. Shorten"
            " them"
        )
    return tuple(_rule(found, adds=adds) for found, adds in _split(text.strip(" ")))


_WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_MONTH_DAYS: Final = (
    31,
    29,
    31,
    30,
    31,
    30,
    31,
    31,
    30,
    31,
    30,
    31,
)  # Feb 29 is a yearly date, once in four years
_WORDS: Final = {"open": ALL_DAY, "off": (), "closed": (), "unknown": UNKNOWN_DAY}

# [0-9] and " " throughout: \d and \s would take full-width digits and spaces, which OSM does not
# know.
_YEAR = "20[0-9]{2}(?![0-9])"
_MONTH = "(?:" + "|".join(_MONTHS) + ")"
_NUMBER = "[0-9]{1,2}(?![0-9:])"
_TO = " *- *"
_POINT = f"(?:{_YEAR} +)?{_MONTH}(?: *{_NUMBER})?"
_DATES = f"{_POINT}(?:{_TO}(?:{_POINT}|{_NUMBER}))?"
_WEEKDAY = "(?:" + "|".join(_WEEKDAYS) + ")"
_DAYS = f"(?:{_WEEKDAY}(?:{_TO}{_WEEKDAY})?|PH)"
_CLOCK = "[0-9]{1,2}:[0-9]{2}"
_TIMES = f"{_CLOCK}{_TO}{_CLOCK}"
_RULE: Final = re.compile(
    rf"(?:(?P<dates>{_DATES}(?:,{_DATES})*) +)?(?:(?P<days>{_DAYS}(?:,{_DAYS})*) +)?"
    rf"(?:(?P<times>{_TIMES}(?: *, *{_TIMES})*)(?: +(?P<said>open))?"
    r"|(?P<always>24/7)|(?P<word>open|off|closed|unknown))"
    r'(?: +(?P<comment>"[^"]*"))?'
)
_SEPARATOR: Final = re.compile(r" *(?:; *|, +)")
_DATE_PARTS: Final = re.compile(
    rf"(?:(?P<year>{_YEAR}) +)?(?P<month>{_MONTH})(?: *(?P<day>{_NUMBER}))?"
    rf"(?:{_TO}(?:(?:(?P<to_year>{_YEAR}) +)?(?P<to_month>{_MONTH})(?: *(?P<to_day>{_NUMBER}))?"
    rf"|(?P<to_number>{_NUMBER})))?"
)


def _split(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Each rule's match, and whether it adds to the ones before.

    A `;` at the very end says nothing and is allowed.
    """
    at, adds = 0, False
    while True:
        found = _RULE.match(text, at)
        if found is None:
            raise BadValue(
                f"{text[at:]!r} is no rule that is understood; write days and times like 'Mo-Fr"
                " 09:00-18:00'"
            )
        yield found, adds
        at = found.end()
        if text[at:].strip(" ") in ("", ";"):
            return
        separator = _SEPARATOR.match(text, at)
        if separator is None:
            raise BadValue(
                f"{text[at:]!r} after {found[0]!r} is not understood; join rules with '; ' or ', '"
            )
        at, adds = separator.end(), "," in separator[0]


def _rule(found: re.Match[str], *, adds: bool) -> Rule:
    if found["comment"] and not (found["word"] or found["said"]):
        raise BadValue(
            f"the comment {found['comment']} may change the hours; put 'open' before it if it"
            " does not"
        )
    if adds and found["word"] == "unknown":
        raise BadValue(f"{found[0]!r} adds 'unknown' to other hours; join it with ';'")
    if found["always"] and (found["dates"] or found["days"]):
        raise BadValue(f"{found[0]!r}: '24/7' stands alone; write 00:00-24:00 for some days")
    return Rule(_spans(found["dates"]), _kinds(found["days"]), _intervals(found), adds)


def _intervals(found: re.Match[str]) -> tuple[Interval, ...]:
    if found["times"]:
        return tuple(_interval(*times.split("-")) for times in found["times"].split(","))
    return ALL_DAY if found["always"] else _WORDS[found["word"]]


def _interval(opens: str, closes: str) -> Interval:
    start, end = _minutes(opens), _minutes(closes)
    if start >= DAY_MIN or end > 2 * DAY_MIN or start == end:
        raise BadValue(
            f"{opens}-{closes}: hours begin before 24:00, end by 48:00, and not at the minute they"
            " begin"
        )
    return Interval(start, end if end > start else end + DAY_MIN, State.OPEN)


def _minutes(clock: str) -> int:
    hours, minutes = map(int, clock.split(":"))
    if minutes > 59:
        raise BadValue(f"{clock} is no time of day; minutes run from 00 to 59")
    return hours * 60 + minutes


def _kinds(text: str | None) -> frozenset[DayKind]:
    return frozenset(kind for part in (text or "").split(",") if part for kind in _kind_range(part))


def _kind_range(part: str) -> Iterator[DayKind]:
    """`PH`, `Mo` or `Fr-Mo`, which runs over the weekend."""
    if part == "PH":
        yield DayKind.PH
        return
    first, _, last = part.replace(" ", "").partition("-")
    start = _WEEKDAYS.index(first)
    for step in range((_WEEKDAYS.index(last or first) - start) % 7 + 1):
        yield DayKind((start + step) % 7)


def _spans(text: str | None) -> tuple[Span, ...]:
    spans = tuple(_span(part) for part in text.split(",")) if text else ()
    if len({span.yearly for span in spans}) > 1:
        raise BadValue(
            f"{text}: some dates have a year and some have none; give all of them a year, or none"
        )
    return spans


def _span(text: str) -> Span:
    parts = _DATE_PARTS.fullmatch(text)
    if parts is None:
        raise BadValue(
            f"{text} is no date or range of dates that is understood; write 2026 Oct 01-08 or"
            " Jun-Sep"
        )
    year, month, day = parts["year"], parts["month"], parts["day"]
    has_end = bool(parts["to_month"] or parts["to_number"])
    to_year, to_month = parts["to_year"] or year, parts["to_month"] or month
    to_day = (parts["to_day"] or parts["to_number"]) if has_end else day
    if (day is None) != (to_day is None) or (year is None) != (to_year is None):
        raise BadValue(
            f"{text}: both ends of a range need a day, or neither; both a year, or neither"
        )
    first, last = (
        _key(year, month, day or "1"),
        _key(to_year, to_month, to_day or _last_day(to_year, to_month)),
    )
    if year and last < first:
        raise BadValue(f"{text} ends before it begins; give the second date its own year")
    if last < first and to_month == month:
        raise BadValue(
            f"{text} ends before it begins; name the month of the second date if it is a later one"
        )
    return Span(first, last, year is None, day is None)


def _key(year: str | None, month: str, day: str) -> int:
    number = _MONTHS.index(month) + 1
    if not 1 <= int(day) <= _MONTH_DAYS[number - 1]:
        raise BadValue(
            f"{month} {day} is no date; {month} has {_MONTH_DAYS[number - 1]} days at most"
        )
    return number * 100 + int(day) if year is None else _ordinal(int(year), number, int(day))


def _ordinal(year: int, month: int, day: int) -> int:
    try:
        return date(year, month, day).toordinal()
    except ValueError as error:
        raise BadValue(f"{year}-{month:02}-{day:02} is no date; {year} is no leap year") from error


def _last_day(year: str | None, month: str) -> str:
    days = _MONTH_DAYS[_MONTHS.index(month)]
    leap = year is None or int(year) % 4 == 0  # true of every year in YEARS
    return str(days if leap or month != "Feb" else 28)
