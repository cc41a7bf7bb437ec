"""Days and seasons as notices name them."""

import re
from typing import Final, NamedTuple

from geodata.sources.hours_text.letters import Unsure

EVERY_DAY: Final = frozenset(range(7))
WORKING: Final = frozenset(range(5))
WEEKEND: Final = frozenset((5, 6))
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
_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Days(NamedTuple):
    """Days that are named together."""

    weekdays: frozenset[int]
    holidays: bool = False
    """法定节假日, or 节假日."""
    vague: bool = False
    """节假日 without 法定: perhaps weekends too."""
    working: bool = False
    """工作日: no holiday is one."""

    def joined(self, other: "Days") -> "Days":
        """Both."""
        return Days(
            self.weekdays | other.weekdays,
            self.holidays or other.holidays,
            self.vague or other.vague,
            self.working or other.working,
        )


class Season(NamedTuple):
    """Dates in OSM syntax, and the days of a leap year they hold."""

    text: str
    days: frozenset[tuple[int, int]]


_DAY: Final = r"(?:[一二三四五六七日天]|[1-7](?![\d:点时]))"
_WEEK: Final = r"(?:每周|每星期|周|星期|礼拜)"
_WEEKDAYS: Final = re.compile(
    rf"(?:每逢?|逢)?{_WEEK}(?P<first>{_DAY})(?:(?:[-至]+)(?:{_WEEK})?(?P<last>{_DAY})"
    rf"|(?P<more>(?:[,和及与]?(?:{_WEEK})?{_DAY})+))?(?![点时])"
)
_NAMED_DAYS: Final[tuple[tuple[re.Pattern[str], Days], ...]] = tuple(
    (re.compile(pattern), days)
    for pattern, days in (
        (
            r"(?:国家|国定)?法定(?:节?假日|节日|假期|假)|国定假日|公[共众]假期",
            Days(frozenset(), holidays=True),
        ),
        (r"节假日|节日|假日|节假", Days(frozenset(), holidays=True, vague=True)),
        (r"工作日|上班日", Days(WORKING, working=True)),
        (r"双休日|周末(?!双休)", Days(WEEKEND)),
        (r"每[天日]|天天|全周|[一每]周[7七]天|7天", Days(EVERY_DAY)),
    )
)
_DATES: Final = re.compile(
    r"(?:每年)?(?P<month>1[0-2]|0?[1-9])月?(?:(?<=月)份|(?<=月)(?P<day>[0-3]?\d)日?)?"
    r"[-至]+(?:次年|翌年)?(?P<to_month>1[0-2]|0?[1-9])月(?:份|(?P<to_day>[0-3]?\d)日?)?底?(?:期间)?"
)


def weekdays_at(text: str, at: int) -> tuple[Days, int] | None:
    """周一至周五, 周一、三、五, and where they end."""
    found = _WEEKDAYS.match(text, at)
    return (Days(_weekdays(found)), found.end()) if found else None


def named_days_at(text: str, at: int) -> tuple[Days, int] | None:
    """工作日, 节假日, 每天, and where the word ends."""
    for pattern, days in _NAMED_DAYS:
        if found := pattern.match(text, at):
            return days, found.end()
    return None


def season_at(text: str, at: int) -> tuple[Season, int] | None:
    """5月至10月, 11月1日-次年4月30日, and where they end.

    Raises Unsure for a day that no month has.
    """
    found = _DATES.match(text, at)
    return (_season(found), found.end()) if found else None


def _weekday(letter: str) -> int:
    return ("日天".find(letter) >= 0 and 6) or (
        "一二三四五六七".find(letter) + 1 or int(letter)
    ) - 1


def _weekdays(found: re.Match[str]) -> frozenset[int]:
    first = _weekday(found["first"])
    if found["last"]:
        last = _weekday(found["last"])
        return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
    more = re.sub(r"每周|每星期|星期|礼拜|[周,和及与]", "", found["more"] or "")
    return frozenset((first, *map(_weekday, more)))


def _season(found: re.Match[str]) -> Season:
    month, to_month = int(found["month"]) - 1, int(found["to_month"]) - 1
    day, to_day = found["day"], found["to_day"]
    if (day is None) != (to_day is None):
        raise Unsure
    whole = day is None or (
        int(day) == 1 and int(to_day) >= _MONTH_DAYS[to_month] - (to_month == 1)
    )
    first = (month, 1 if whole else int(day))
    last = (to_month, _MONTH_DAYS[to_month] if whole else int(to_day))
    if not (1 <= first[1] <= _MONTH_DAYS[month] and 1 <= last[1] <= _MONTH_DAYS[to_month]):
        raise Unsure
    names = (_MONTHS[month], _MONTHS[to_month])
    text = "{}-{}".format(*names) if whole else f"{names[0]} {first[1]:02}-{names[1]} {last[1]:02}"
    return Season(text, _days_between(first, last))


def _days_between(first: tuple[int, int], last: tuple[int, int]) -> frozenset[tuple[int, int]]:
    year = [(month, day) for month, days in enumerate(_MONTH_DAYS) for day in range(1, days + 1)]
    if first <= last:
        return frozenset(each for each in year if first <= each <= last)
    return frozenset(each for each in year if each >= first or each <= last)


#: Every day of a leap year: month from 0, day from 1.
YEAR_DAYS: Final = _days_between((0, 1), (11, 31))
