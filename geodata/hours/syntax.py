"""OSM opening hours from text to rules, or a reason why not.

Never guesses: what can be read in two ways is refused, or unknown where the ways differ.

Read is https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification:

    24/7                                 Mo-Fr,PH 09:00-12:00,14:00-18:00      Sa,Su off
    22:00-06:00  22:00-30:00             Jun-Sep Mo-Fr 08:00-20:00             Oct 01-07 off
    2026 Oct 01-08 10:00-16:00           2026 Dec 30-2027 Jan 02 off           PH unknown
    Mo[1],Su[-1] 10:00-12:00             week 1-53/2 Fr 09:00-12:00            easter -2 days off
    2026-2027 Sa 10:00-12:00             Mar Su[-1]-Oct Su[-1] 08:00-20:00    PH -1 day 09:00-12:00
    sunrise-(sunset+01:00)               Fr 17:00+  Fr 17:00-19:00+            We 12:00-13:00 off
    Mo 09:00-12:00 "by appointment"      SH 10:00-12:00                       09:00-12:00 || unknown

`;` before a rule lets it replace what earlier rules said of its days, `, ` lets it add, and `||`
fill what they leave closed. What evaluators (opening_hours.js, opening-hours-rs) or readers take in
different ways is unknown: hours with a comment that does not say `open`; an open end, from its
minute to six in the morning or ten hours on; days without times; what `||` adds to a day with
hours. Refused: 10:00-10:00, 9-5, single points in time, and all that is not above.

Two things that OSM cannot say are written so:

    Mo-Fr 09:00-18:00 open "工作日"      on workdays: a worked weekend (调休) follows it, too
    Mo-Fr 09:00-18:00; PH unknown        nothing was said of holidays: silence_stated() writes it
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

from geodata.errors import BadValue, Said
from geodata.hours.calendar import DayKind
from geodata.hours.rules import (
    ALL_DAY,
    DAY_MIN,
    DaySelector,
    Moving,
    MovingSpan,
    Nth,
    Rule,
    School,
    Span,
    State,
    Steps,
    SunEvent,
    TimeOfDay,
    TimeSpan,
)
from geodata.hours.tokens import EVENTS, MONTHS, WEEKDAYS, Token, TokenKind, tokens

__all__ = ["DAY_MIN", "LONGEST_TEXT", "SILENCE", "parse", "rule_ends"]

LONGEST_TEXT: Final = 255  # characters; the longest value OSM stores: https://wiki.openstreetmap.org/wiki/Any_tags_you_like
SILENCE: Final = "; PH unknown"
YEARS: Final = range(
    2000, 2100
)  # four digits beginning with 20, so that nothing else is taken for a year


def parse(text: str) -> tuple[Rule, ...]:
    """The rules of an expression in the order written, at least one.

    Raises BadValue, with the reason in words, for anything that is not certainly understood.
    """
    return tuple(rule for rule, _ in _parsed(text))


def rule_ends(text: str) -> tuple[int, ...]:
    """Where in the text each rule of parse() ends. Raises BadValue as that does."""
    return tuple(end for _, end in _parsed(text))


def _parsed(text: str) -> list[tuple[Rule, int]]:
    if len(text) > LONGEST_TEXT + len(SILENCE):
        raise BadValue(
            ("the opening hours have {count} characters; OSM allows {longest}. Shorten them"),
            count=len(text),
            longest=LONGEST_TEXT,
        )
    return list(_Reader(text).rules())


#: The comment that makes Monday to Friday mean workdays.
_WORKDAYS_SAID: Final = '"工作日"'
_MONDAY_TO_FRIDAY: Final = frozenset(map(DayKind, range(5)))
_MONTH_DAYS: Final = (
    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
)  # fmt: skip  # Feb 29 is a yearly date, once in four years
_LAST_YEAR: Final = YEARS[-1]
_MOST_LATER: Final = 200  # days that a date may be moved by
_MOST_WEEKS: Final = 53
_MOST_NTH: Final = 5
_NOON: Final = 12


class _Date(NamedTuple):
    """An end of a range of dates as it is written; month 0: Easter."""

    year: int | None
    month: int
    day: int | None
    weekday: int | None = None
    nth: int = 0
    later: int = 0

    @property
    def moves(self) -> bool:
        return self.month == 0 or self.weekday is not None or self.later != 0

    def moving(self) -> Moving:
        return Moving(self.year, self.month, self.weekday or 0, self.nth, self.later, self.day or 0)


class _Reader:
    """One expression, read from left to right; each method reads what its name says."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._at = 0

    # --- tokens ---

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _is(self, *texts: str, ahead: int = 0) -> bool:
        token = self._peek(ahead)
        return token.kind in {TokenKind.MARK, TokenKind.WORD} and token.text in texts

    def _takes(self, *texts: str) -> bool:
        found = self._is(*texts)
        self._at += found
        return found

    def _refuse(self, message: str = "", /, **values: object) -> BadValue:
        if message:
            return BadValue(message, **values)
        return BadValue(
            "{rest!r} is no rule that is understood; write days and times like 'Mo-Fr 09:00-18:00'",
            rest=self._text[self._peek().start :],
        )

    def _number(self, least: int, most: int, what: Said) -> int:
        token = self._peek()
        if token.kind is not TokenKind.NUMBER or token.half:
            raise self._refuse()
        if not least <= int(token.text) <= most:
            raise self._refuse(
                "{text} is no {what}; it is {least} to {most}",
                text=token.text,
                what=what,
                least=least,
                most=most,
            )
        self._at += 1
        return int(token.text)

    def _is_number(self, ahead: int = 0) -> bool:
        token = self._peek(ahead)
        return token.kind is TokenKind.NUMBER and not token.half

    def _is_year(self, ahead: int = 0) -> bool:
        return self._is_number(ahead) and len(self._peek(ahead).text) == len("2026")

    # --- rules ---

    def rules(self) -> Iterator[tuple[Rule, int]]:
        """Each rule, and where it ends."""
        joined = ";"
        while True:
            rule = self._rule(joined)
            yield rule, self._tokens[self._at - 1].end
            if self._takes(";") and self._peek().kind is TokenKind.END:
                return
            if self._peek().kind is TokenKind.END:
                return
            separator = self._separator()
            # What is added to what falls back does so, too.
            joined = "||" if rule.falls_back and separator == "," else separator

    def _separator(self) -> str:
        last = self._tokens[self._at - 1]
        if last.text == ";":
            return ";"
        for mark in ("||", ","):
            if self._takes(mark):
                return mark
        raise self._refuse(
            "{text!r} after {before!r} is not understood; join rules with '; ' or ', '",
            text=self._text[self._peek().start :],
            before=self._text[: last.end],
        )

    def _rule(self, joined: str) -> Rule:
        began = self._at
        days = self._days()
        if self._at > began:
            self._takes(":")
        always = self._peek().kind is TokenKind.ALWAYS
        self._at += always
        times = ALL_DAY if always else self._time_list() if self._is_time() else ()
        word = self._take().text if self._is("open", "off", "unknown") else ""
        comment = self._take().text if self._peek().kind is TokenKind.COMMENT else ""
        if self._at == began:
            raise self._refuse()
        workdays = comment == _WORKDAYS_SAID and days.kinds >= _MONDAY_TO_FRIDAY
        certain = word == "open" or (bool(times) and not word and (not comment or workdays))
        return Rule(
            days,
            () if word == "off" and not times else times or ALL_DAY,
            State.OPEN if certain else State.CLOSED if word == "off" else State.UNKNOWN,
            adds=joined == ",",
            falls_back=joined == "||",
            cuts=word == "off" and bool(times),
            on_workdays=workdays,
        )

    # --- times ---

    def _is_time(self, ahead: int = 0) -> bool:
        token = self._peek(ahead)
        hour = token.kind is TokenKind.NUMBER and (token.half or len(token.text) <= len("24"))
        return token.kind is TokenKind.CLOCK or bool(hour) or self._is("(", *EVENTS, ahead=ahead)

    def _time_list(self) -> tuple[TimeSpan, ...]:
        found = [self._times()]
        while self._is(",") and self._is_time(1):
            self._take()
            found.append(self._times())
        return tuple(found)

    def _times(self) -> TimeSpan:
        first = self._peek()
        start = self._point()
        if self._takes("+"):
            self._check_times(first, start, start)
            return TimeSpan(start, start, open_end=True)
        if not self._takes("-"):
            raise self._refuse(
                (
                    "{text!r} has a time without an end; write 09:00-18:00, or 09:00+ if the end "
                    "is not known"
                ),
                text=self._text[first.start :],
            )
        second = self._peek()
        end = self._point()
        self._check_spelling(first, second, start, end)
        if start == end:
            raise self._impossible(first)
        if not (start.event or end.event) and end.minutes < start.minutes:
            end = TimeOfDay(end.minutes + DAY_MIN)
        self._check_times(first, start, end)
        return TimeSpan(start, end, self._takes("+"))

    def _check_times(self, first: Token, start: TimeOfDay, end: TimeOfDay) -> None:
        if self._is("/"):
            raise self._refuse(
                "{said} is a list of single points in time, no hours", said=self._said(first)
            )
        if start.minutes >= DAY_MIN or end.minutes > 2 * DAY_MIN:
            raise self._impossible(first)

    def _said(self, first: Token) -> str:
        """What was typed from a token up to here."""
        return self._text[first.start : self._tokens[self._at - 1].end]

    def _impossible(self, first: Token) -> BadValue:
        return self._refuse(
            ("{said}: hours begin before 24:00, end by 48:00, and not at the minute they begin"),
            said=self._said(first),
        )

    def _check_spelling(self, first: Token, last: Token, start: TimeOfDay, end: TimeOfDay) -> None:
        """Both ends say their half of the day, or neither; whole hours (9-18) only where the first
        comes before the second.
        """
        timed = {TokenKind.CLOCK, TokenKind.NUMBER}
        if {first.kind, last.kind} <= timed and bool(first.half) != bool(last.half):
            raise self._refuse(
                "{said}: write am or pm behind both times, or neither", said=self._said(first)
            )
        bare = any(each.kind is TokenKind.NUMBER and not each.half for each in (first, last))
        if bare and (end.minutes <= start.minutes or first.kind is not last.kind):
            raise self._refuse(
                "{said} can be read in two ways; write 09:00-17:00", said=self._said(first)
            )

    def _point(self) -> TimeOfDay:
        if self._takes("("):
            point = self._event()
            if not self._is("+", "-"):
                raise self._refuse()
            sign = -1 if self._take().text == "-" else 1
            bare = self._peek().kind is not TokenKind.CLOCK
            later = self._clock()
            if bare or not self._takes(")"):
                raise self._refuse()
            return TimeOfDay(sign * later, point.event)
        return self._event() if self._is(*EVENTS) else TimeOfDay(self._clock())

    def _event(self) -> TimeOfDay:
        if not self._is(*EVENTS):
            raise self._refuse()
        return TimeOfDay(0, SunEvent(self._take().text))

    def _clock(self) -> int:
        token = self._take()
        if token.kind not in {TokenKind.CLOCK, TokenKind.NUMBER}:
            self._at -= 1
            raise self._refuse()
        hours, _, minutes = token.text.partition(":")
        hour, minute = int(hours), int(minutes or "0")
        if minute > 59 or hour > 48 or (token.half and not 1 <= hour <= _NOON):
            raise self._refuse(
                (
                    "{text} is no time of day; minutes run from 00 to 59, hours to 24, and with "
                    "am or pm from 1 to 12"
                ),
                text=self._text[token.start : token.end],
            )
        if token.half:
            hour = hour % _NOON + (_NOON if token.half == "pm" else 0)
        return hour * 60 + minute

    # --- days ---

    def _days(self) -> DaySelector:
        years = self._years()
        spans, moving = self._dates()
        weeks = self._weeks()
        if years or spans or moving or weeks:
            self._takes(":")
        weekly = self._weekly()
        return replace(weekly, spans=spans, moving=moving, years=years, weeks=weeks)

    def _years(self) -> tuple[Steps, ...]:
        found: list[Steps] = []
        while self._is_year() and not self._is(*MONTHS, "easter", ahead=1):
            first = self._year()
            last = _LAST_YEAR if self._takes("+") else first
            step = 1
            if self._is("-") and self._is_year(1):
                self._take()
                last = self._year()
                step = self._number(1, len(YEARS), Said("step")) if self._takes("/") else 1
            if last < first:
                raise self._refuse(
                    "the years {first}-{last} end before they begin", first=first, last=last
                )
            found.append(Steps(first, last, step))
            if not (self._is(",") and self._is_year(1)) or self._is(*MONTHS, "easter", ahead=2):
                break
            self._take()
        return tuple(found)

    def _year(self) -> int:
        return self._number(YEARS[0], _LAST_YEAR, Said("year that is read"))

    def _is_date(self, ahead: int = 0) -> bool:
        return self._is(*MONTHS, "easter", ahead=ahead + self._is_year(ahead))

    def _dates(self) -> tuple[tuple[Span, ...], tuple[MovingSpan, ...]]:
        spans: list[Span] = []
        moving: list[MovingSpan] = []
        while self._is_date():
            began = self._peek()
            first, last = self._range()
            self._add(spans, moving, began, first, last)
            while self._is(",") and self._is_number(1) and not self._is_year(1) and first.day:
                if self._is("-", ahead=2):
                    raise self._refuse(
                        "{said}: write the month before each date", said=self._said(began)
                    )
                self._take()
                day = first._replace(day=self._number(1, 31, Said("day of a month")))
                self._add(spans, moving, began, day, day)
            if not (self._is(",") and self._is_date(1)) or self._peek(1).spaced:
                break
            self._take()
        if len({span.yearly for span in spans}) > 1:
            raise self._refuse(
                "some dates have a year and some have none; give all of them a year, or none"
            )
        return tuple(spans), tuple(moving)

    def _range(self) -> tuple[_Date, _Date]:
        first = self._date()
        if self._is("+") and first.year and first.day and not first.moves:
            self._take()
            return first, _Date(_LAST_YEAR, 12, 31)
        if self._is("-") and self._is_date(1):
            self._take()
            return first, self._date(ends_range=first.moves)
        if self._is("-") and first.day and self._is_number(1):
            self._take()
            return first, first._replace(day=self._number(1, 31, Said("day of a month")))
        return first, first

    def _date(self, *, ends_range: bool = False) -> _Date:
        year = self._year() if self._is_year() else None
        if self._takes("easter"):
            return _Date(year, 0, None, later=self._later())
        month = MONTHS.index(self._take().text) + 1
        if self._is_number() and not self._is_year():
            return _Date(
                year, month, self._number(1, 31, Said("day of a month")), later=self._later()
            )
        at = self._at
        if self._is(*WEEKDAYS) and self._is("[", ahead=1):
            weekday = WEEKDAYS.index(self._take().text)
            numbers, later = self._nth_numbers(), self._later()
            if len(numbers) == 1 and (ends_range or (self._is("-") and self._is_date(1))):
                return _Date(year, month, None, weekday, numbers[0], later)
            self._at = at
        return _Date(year, month, None)

    def _later(self) -> int:
        """`+2 days`, `-1 day`; 0 if nothing of the kind follows."""
        if not (self._is("+", "-") and self._is_number(1) and self._is("day", ahead=2)):
            return 0
        sign = -1 if self._take().text == "-" else 1
        days = self._number(1, _MOST_LATER, Said("number of days that is read"))
        self._take()
        return sign * days

    def _add(
        self, spans: list[Span], moving: list[MovingSpan], began: Token, first: _Date, last: _Date
    ) -> None:
        said = self._said(began)
        if not (first.moves or last.moves):
            spans.append(_span(said, first, last))
        elif any(not each.moves and each.day is None for each in (first, last)):
            raise self._refuse("{said}: both ends of a range need a day", said=said)
        elif last.year and not first.year:
            raise self._refuse(
                "{said}: both ends of a range need a year, or the first one only", said=said
            )
        else:
            moving.append(MovingSpan(first.moving(), last.moving()))

    def _weeks(self) -> tuple[Steps, ...]:
        found: list[Steps] = []
        if not self._takes("week"):
            return ()
        while True:
            first = self._number(1, _MOST_WEEKS, Said("week of a year"))
            last, step = first, 1
            if self._takes("-"):
                last = self._number(1, _MOST_WEEKS, Said("week of a year"))
                step = self._number(1, _MOST_WEEKS, Said("step")) if self._takes("/") else 1
            if last < first:
                raise self._refuse(
                    "the weeks {first}-{last} run over the new year; write two ranges",
                    first=first,
                    last=last,
                )
            found.append(Steps(first, last, step))
            if not (self._is(",") and self._is_number(1) and not self._is_year(1)):
                return tuple(found)
            self._take()

    def _weekly(self) -> DaySelector:
        kinds: set[DayKind] = set()
        nths: list[Nth] = []
        after: set[int] = set()
        school = School.NONE
        while self._is(*WEEKDAYS, "PH", "SH"):
            if self._takes("SH"):
                school = School.TOO
            elif self._takes("PH"):
                later = self._later()
                if abs(later) > 1:
                    raise self._refuse("only PH -1 day and PH +1 day are read")
                kinds |= set() if later else {DayKind.PH}
                after |= {later} if later else set()
            elif self._is("[", ahead=1):
                weekday = WEEKDAYS.index(self._take().text)
                numbers, later = self._nth_numbers(), self._later()
                nths += [Nth(weekday, number, later) for number in numbers]
            else:
                kinds |= self._weekday_range()
            if self._is(",") and self._is(*WEEKDAYS, "PH", "SH", ahead=1):
                if self._peek(1).spaced:
                    break
                self._take()
            elif self._is(*WEEKDAYS, "PH", "SH"):
                if school is not School.TOO or kinds or nths or after or not self._is(*WEEKDAYS):
                    raise self._refuse()
                return replace(self._weekly(), school=School.ONLY)
        return DaySelector(
            kinds=frozenset(kinds), nths=tuple(nths), after_holidays=frozenset(after), school=school
        )

    def _weekday_range(self) -> set[DayKind]:
        """`Mo`, or `Fr-Mo`, which runs over the weekend."""
        first = last = WEEKDAYS.index(self._take().text)
        if self._takes("-"):
            if not self._is(*WEEKDAYS):
                raise self._refuse()
            last = WEEKDAYS.index(self._take().text)
        return {DayKind((first + step) % 7) for step in range((last - first) % 7 + 1)}

    def _nth_numbers(self) -> tuple[int, ...]:
        """`[1]`, `[-1]`, `[1,3]`, `[1-2]`."""
        self._take()
        found: list[int] = []
        while True:
            sign = -1 if self._takes("-") else 1
            first = last = self._number(1, _MOST_NTH, Said("number of a weekday in its month"))
            if sign > 0 and self._takes("-"):
                last = self._number(first, _MOST_NTH, Said("number of a weekday in its month"))
            found += [sign * number for number in range(first, last + 1)]
            if self._takes("]"):
                return tuple(found)
            if not self._takes(","):
                raise self._refuse()


def _span(said: str, first: _Date, last: _Date) -> Span:
    last = last._replace(year=last.year or first.year)
    if (first.day is None) != (last.day is None) or (first.year is None) != (last.year is None):
        raise BadValue(
            "{said}: both ends of a range need a day, or neither; both a year, or neither",
            said=said,
        )
    begins = _key(first, first.day or 1)
    ends = _key(last, last.day or _last_day(last))
    if first.year and ends < begins:
        raise BadValue("{said} ends before it begins; give the second date its own year", said=said)
    if ends < begins and first.month == last.month:
        raise BadValue(
            (
                "{said} ends before it begins; name the month of the second date if it is a "
                "later one"
            ),
            said=said,
        )
    return Span(begins, ends, first.year is None, first.day is None)


def _key(at: _Date, day: int) -> int:
    most = _MONTH_DAYS[at.month - 1]
    if not 1 <= day <= most:
        month = MONTHS[at.month - 1]
        raise BadValue(
            "{month} {day} is no date; {month} has {most} days at most",
            month=month,
            day=day,
            most=most,
        )
    if at.year is None:
        return at.month * 100 + day
    try:
        return date(at.year, at.month, day).toordinal()
    except ValueError as error:
        raise BadValue(
            "{year}-{month:02}-{day:02} is no date; {year} is no leap year",
            year=at.year,
            month=at.month,
            day=day,
        ) from error


def _last_day(at: _Date) -> int:
    return _MONTH_DAYS[at.month - 1] if at.year is None else monthrange(at.year, at.month)[1]
