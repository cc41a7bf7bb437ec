"""Days and seasons as notices name them."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from geodata.sources.hours_text.chart import (
    Chart,
    Found,
    Grammar,
    alt,
    chain,
    opt,
    seq,
    word,
    words,
)

EVERY_DAY: Final = frozenset(range(7))
WORKING: Final = frozenset(range(5))
WEEKEND: Final = frozenset((5, 6))
_MONTHS: Final = [
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
]
_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class DayNames(NamedTuple):
    """Days that are named together."""

    weekdays: frozenset[int]
    holidays: bool = False
    """法定节假日, or 节假日."""
    vague: bool = False
    """节假日 without 法定: perhaps weekends too."""
    working: bool = False
    """工作日: no holiday is one."""
    worked: bool = False
    """工作日 and nothing else: a worked weekend is one, too."""
    unnamed: bool = False
    """每天: every day, none by its name."""
    span: bool = False
    """周一至周五: three days or more by their first and last."""
    mixed: bool = False
    """周一至周五、节假日: a span and others, of which a verdict may hold for the last alone."""

    def joined(self, other: "DayNames") -> "DayNames":
        """Both."""
        return DayNames(
            self.weekdays | other.weekdays,
            self.holidays or other.holidays,
            self.vague or other.vague,
            self.working or other.working,
            self.worked and other.worked,
            self.unnamed or other.unnamed,
            mixed=self.mixed or other.mixed or self.span or other.span,
        )

    def alike(self, other: "DayNames") -> "DayNames":
        """The same days by two names: 工作日（周一至周五）."""
        return self.joined(other)._replace(mixed=False)


class Season(NamedTuple):
    """Dates in OSM syntax, and the days of a leap year they hold (month from 0, day from 1)."""

    text: str
    days: frozenset[tuple[int, int]]


_LETTERS: Final = (
    {letter: number for number, letter in enumerate("一二三四五六日")}
    | {
        "天": 6,
        "七": 6,
    }
    | {str(number + 1): number for number in range(7)}
)
_DAY: Final = r"(?:[一二三四五六日天]|[1-7](?!\d|[点时]|:[0-5]\d(?!\d?:)))"
_WEEK: Final = r"(?:周|星期|礼拜)"

_NAMED: Final = {
    **dict.fromkeys(
        (
            *("法定节假日", "国家法定节假日", "法定假日", "国家法定假日", "法定假期"),
            *("法定节日", "国定假日", "国定节假日", "公共假期", "公众假期", "公共假日"),
            *("国家规定节假日", "国家规定的节假日", "国家法定假期", "法定节假"),
        ),
        DayNames(frozenset(), holidays=True),
    ),
    **dict.fromkeys(
        ("节假日", "节日", "假日", "节假", "假期", "节假日期间"),
        DayNames(frozenset(), holidays=True, vague=True),
    ),
    **dict.fromkeys(
        ("工作日", "上班日", "法定工作日", "国家法定工作日", "正常工作日"),
        DayNames(WORKING, working=True, worked=True),
    ),
    "非工作日": DayNames(WEEKEND, holidays=True),
    **dict.fromkeys(("双休日", "周末", "周六日", "星期六日"), DayNames(WEEKEND)),
}
_EACH: Final = dict.fromkeys(
    (
        *("每天", "每日", "天天", "日日", "全周", "每周七天", "每周7天", "一周七天", "一周7天"),
        *("7天", "七天", "每一天", "整周", "365天", "一年365天", "全年365天", "全年每天"),
    ),
    DayNames(EVERY_DAY, unnamed=True),
)


def _one(found: re.Match[str]) -> DayNames:
    return DayNames(frozenset((_LETTERS[found[1]],)))


def _span(first: DayNames, _: object, last: DayNames) -> DayNames:
    (start,), (end,) = first.weekdays, last.weekdays
    named_days = frozenset((start + step) % 7 for step in range((end - start) % 7 + 1))
    return DayNames(named_days, span=len(named_days) > len(WEEKEND))


def _run(found: re.Match[str]) -> DayNames | None:
    """周一三五, 周六日: letters that rise; 天 and numbers may mean a count of days."""
    numbers = [_LETTERS[letter] for letter in found[1]]
    return DayNames(frozenset(numbers)) if numbers == sorted(set(numbers)) else None


def _runs(chart: Chart, at: int) -> Iterator[Found]:
    """Every length of 周一三五, so that 周一三点 is seen as Monday too."""
    for length in range(2, 8):
        if found := re.compile(rf"{_WEEK}([一二三四五六日]{{{length}}})").match(chart.text, at):
            chart.reached(found.end())
            if (days := _run(found)) is not None:
                yield found.end(), days


_single: Final = word(rf"{_WEEK}({_DAY})", _one)
_bare: Final = word(rf"({_DAY})", _one)
_TO: Final = word("[-至]每?")
_AND: Final = word(r" ?(?:、|和|及|以及|与|跟|及其) ?")
_ranges: Final = seq(
    word("[从自]?"),
    _single,
    _TO,
    alt(_single, _bare),
    into=lambda _, first, to, last: _span(first, to, last),
)


def _join(found: tuple[DayNames, ...]) -> DayNames:
    days, *more = found
    for each in more:
        days = days.joined(each)
    return days


def _listed(first: DayNames, *rest: object) -> DayNames:
    return _join((first, *(each for part in rest if isinstance(part, tuple) for each in part)))


#: 周一、三、五; the letters after the first stand alone.
_letters: Final = seq(
    _single, word(r"[、,]"), chain(_bare, word("[、,]")), into=lambda a, _, b: _listed(a, b)
)
#: Words of days that come one after the other with a comma are one list only if alike.
_COMMA: Final = word(" ?, ?")
_weekend_words: Final = alt(
    words({name: days for name, days in _NAMED.items() if not days.working}),
    word(rf"{_WEEK}([六日天])", _one),
    _runs,
)
_singles: Final = seq(_single, _COMMA, chain(_single, _COMMA), into=lambda a, _, b: _listed(a, b))
_weekends: Final = seq(
    _weekend_words,
    alt(_COMMA, word(" ")),
    chain(_weekend_words, alt(_COMMA, _AND, word(" "))),
    into=lambda a, _, b: _listed(a, b),
)
_named: Final = words(_NAMED)
_each_day: Final = words(_EACH)
_element: Final = alt(_ranges, _single, _runs, _letters, _named)
_list: Final = seq(chain(_element, alt(_AND, word(""))), into=_join)
_PREFIX: Final = r"(?:(?:仅|只)(?:限于|限|在|于)?)?(?:每逢|每个?|逢|遇|凡)?"


def _days_only(_: object, days: DayNames, each: object) -> DayNames:
    """周一至周五每天: each of those days; 每周一 says no more than 周一."""
    del each
    return days


_EACH_OF_THEM: Final = opt(
    seq(word(" ?"), words(dict.fromkeys(("每天", "每日", "期间", "当天", "当日"), True)))
)
#: A list's own commas are never stronger than what parts it from the words before it: in
#: 9:00-17:00 周六，周日休息 the hours hold 周六, or nobody knows.
_AFTER_A_STOP: Final = r"(?:^|(?<=[,;:()除了为]))"
_listed_days: Final = alt(
    seq(word(_PREFIX), _list, _EACH_OF_THEM, into=_days_only),
    seq(word(_AFTER_A_STOP + _PREFIX), alt(_singles, _weekends), _EACH_OF_THEM, into=_days_only),
)
#: 周一至周五，周日: certain where nothing stands before it and times right behind.
first_list: Final[Grammar] = seq(
    word(_PREFIX),
    _element,
    word(","),
    chain(_element, alt(word(","), _AND)),
    into=lambda _, first, __, more: _listed(first, more),
)
#: Days by name; 休息日 stands alone, for behind other days it is a verdict.
named: Final[Grammar] = alt(_listed_days, words({"休息日": DayNames(WEEKEND)}))
#: Every day.
each_day: Final[Grammar] = _each_day


# --- dates ---

_NUMBER: Final = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY_NUMBER: Final = r"(?:[0-3]?\d)(?![\d:点时])"
_DATES: Final = re.compile(
    rf"(?:每年)?(?P<month>{_NUMBER})(?:月份?(?:(?<=月)(?P<day>{_DAY_NUMBER})[日号]?)?)?"
    rf"[-至](?:次年|翌年|第二年|来年)?(?P<to_month>{_NUMBER})月"
    rf"(?:份|(?P<to_day>{_DAY_NUMBER})[日号]?)?"
    r"(?:底|期间)?"
)
_SPOKEN: Final = {name: number for number, name in enumerate("一二三四五六七八九十", start=1)} | {
    "十一": 11,
    "十二": 12,
}


def dates(chart: Chart, at: int) -> Iterator[Found]:
    """5月至10月, 11月1日-次年4月30日."""
    if found := _DATES.match(chart.text, at):
        season = _season(found)
        if season is not None:
            chart.reached(found.end())
            yield found.end(), season


def _month(text: str) -> int:
    return (int(text) if text.isdecimal() else _SPOKEN[text]) - 1


def _season(found: re.Match[str]) -> Season | None:
    month, to_month = _month(found["month"]), _month(found["to_month"])
    day, to_day = found["day"], found["to_day"]
    if (day is None) != (to_day is None):
        return None
    whole = day is None or (
        int(day) == 1 and int(to_day) >= _MONTH_DAYS[to_month] - (to_month == 1)
    )
    first = (month, 1 if whole else int(day))
    last = (to_month, _MONTH_DAYS[to_month] if whole else int(to_day))
    if not (1 <= first[1] <= _MONTH_DAYS[month] and 1 <= last[1] <= _MONTH_DAYS[to_month]):
        return None
    if to_day is not None and int(to_day) > _MONTH_DAYS[to_month]:
        return None
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
