"""Clock times as notices write them: which half of the day is meant, or that it cannot be told."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from geodata.hours.syntax import DAY_MIN
from geodata.sources.hours_text.chart import Chart, Found, Grammar, alt, chain, word
from geodata.sources.hours_text.letters import Unsure


class ClockTimes(NamedTuple):
    """One range of minutes; the end may run into the next day."""

    start: int
    end: int
    part: str = ""
    """The part of the day it was said to lie in, where one was named."""


class Doubt(NamedTuple):
    """Words that are known, and may mean two things: what holds them is not read."""

    said: str


class _Point(NamedTuple):
    """One clock time as written."""

    hour: int
    minute: int
    period: str
    tomorrow: bool
    exact: bool
    """Written with two digits or past twelve: a clock of 24 hours."""
    bare: bool
    """A number without colon, unit or part of the day: no clock time by itself."""
    half: bool
    """am or pm was said: no other half of the day can be meant."""


_PERIODS: Final = {
    "上午": "上午|早上|早晨|清晨|清早|早间|早|朝",
    "中午": "中午|正午|午间",
    "下午": "下午|午后|傍晚",
    "晚上": "晚上|晚间|夜晚|夜间|夜里|深夜|午夜|半夜|夜|晚",
    "凌晨": "凌晨",
}
_PERIOD: Final = "|".join(_PERIODS.values())
_LATIN: Final = r"[APap]\.?[Mm](?![A-Za-z])\.?"
_TOMORROW: Final = "次日|第二天|第2天|翌日|隔天|转天|次晨|隔日(?=凌晨|早)|明早"
_NUMBER: Final = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_POINT: Final = (
    rf"(?P<next@>{_TOMORROW})?:?(?:(?P<period@>{_PERIOD}|{_LATIN})(?:{_TOMORROW})?[:\s]?)?"
    rf"(?:(?P<hour@>{_NUMBER})(?:(?<=\d)(?P<colon@>:)(?P<minute@>[0-5]\d)(?::00)?"
    rf"(?:[点时分](?!段))?"
    rf"|(?P<unit@>[点时](?![段间])(?:整|钟)?)(?P<spoken@>半|[1一]刻|[3三]刻|{_NUMBER}分?)?)?"
    rf"|(?P<packed@>[0-2]\d[0-5]\d)(?![:点时]))(?!\d)(?: ?(?P<after@>{_LATIN})(?! ?\d))?"
)
#: Sessions of a kitchen, and between which minutes each begins.
_SESSIONS: Final = {"早": (240, 600), "午": (600, 840), "晚": (960, 1200)}
_FIRST: Final = _POINT.replace("@", "1")
_SECOND: Final = _POINT.replace("@", "2")
_RANGE: Final = re.compile(
    rf"(?:(?P<session>[早午晚])市(?:时间|时段)?[: ]*)?"
    rf"从?自?{_FIRST}(?:起|开始)?(?P<link>(?:开门|开馆|开放|营业|服务)?[-至]+|(?={_TOMORROW}|{_PERIOD}))"
    rf"{_SECOND}(?:为?止|结束)?(?P<aside>\((?:{_TOMORROW})(?:凌晨|早上|早晨)?\))?"
)
_DOORS: Final = re.compile(
    rf"{_FIRST}(?P<link>开门|开馆|开放|开始营业|开始开放|营业|上班),? ?"
    rf"{_SECOND}(?:关门|闭馆|闭店|打烊|结束营业|结束|停止营业|下班)"
)
_ALL_DAY: Final = (
    r"(?:全天候?|昼夜|365天|7天x?)?"
    r"(?:24小时x7天|24(?:个?(?:小时|钟头)|h(?:ours?|rs?)?(?![A-Za-z])|H(?![A-Za-z]))|二十四个?小时|7x24(?:个?小时|[hH](?![A-Za-z]))?"
    r"|全天候|全天|全日制?|全时段?)"
    r"(?: ?(?:全天候?|不打烊|不间断|不关门|不停业|不休息|不休|不闭馆|通宵|自助|连续))*"
    r"(?!值守|热线|制|以内|内)"
)


def _whole_day(_: re.Match[str]) -> ClockTimes:
    return ClockTimes(0, DAY_MIN)


def _range(chart: Chart, at: int) -> Iterator[Found]:
    for pattern in (_RANGE, _DOORS):
        if found := pattern.match(chart.text, at):
            chart.reached(found.end())
            yield found.end(), _read(found)


def _bracketed(chart: Chart, at: int) -> Iterator[Found]:
    """上午(8:30-12:00): the part of the day stands before the bracket."""
    if found := re.compile(rf"({_PERIOD}):?\(([^()]*)\)").match(chart.text, at):
        inner = _RANGE.fullmatch(found[1] + found[2])
        if inner:
            chart.reached(found.end())
            yield found.end(), _read(inner)


def _read(found: re.Match[str]) -> ClockTimes | Doubt:
    try:
        return _times(found)
    except Unsure:
        return Doubt(found[0])


_COMMA: Final = word(r"[ ,、;:]*(?:和|及|以及|与|并)? ?")

#: One range of clock times, or a whole day.
one: Final[Grammar] = alt(word(_ALL_DAY, _whole_day), _range, _bracketed)
#: Ranges one after the other.
several: Final[Grammar] = chain(one, _COMMA)
#: 上午, 早上 …: named before days' hours, and nothing by itself.
PERIOD_WORDS: Final = _PERIOD


def in_order(times: tuple[ClockTimes, ...]) -> bool:
    """Whether ranges follow each other, apart, within one day's length."""
    apart = all(a.end <= b.start for a, b in pairwise(times))
    return apart and times[-1].end - times[0].start <= DAY_MIN


def _point(found: re.Match[str], number: str) -> _Point:
    packed, hour = found[f"packed{number}"], found[f"hour{number}"]
    said, after = found[f"period{number}"], found[f"after{number}"]
    if said and after:
        raise Unsure(found[0])
    digits = packed[:2] if packed else hour
    value = _number(digits)
    minute = int(packed[2:]) if packed else _minute(found, number)
    bare = not (packed or found[f"colon{number}"] or found[f"unit{number}"] or said or after)
    tomorrow = found[f"next{number}"] is not None
    latin = after or (said if re.fullmatch(_LATIN, said or "") else None)
    period = "" if latin else _period(said or "")
    if found[f"next{number}"] in ("次晨", "明早"):
        period = "上午"
    if latin:
        later = latin[0] in "Pp"
        if not 1 <= value <= (23 if later else 12) or packed:
            raise Unsure(found[0])
        value = value if value > 12 else value % 12 + (12 if later else 0)  # pm18:00, too
        return _Point(value, minute, "", tomorrow, exact=True, bare=False, half=True)
    exact = value > 12 or (len(digits) == 2 and digits[0] == "0")
    if number == "2" and (value, minute) > (24, 0) and value <= _LATEST_HOUR and not period:
        value, tomorrow = value - 24, True  # 10:00-26:00
    if value > 24 or minute > 59 or (value == 24 and minute):
        raise Unsure(found[0])
    return _Point(value, minute, period, tomorrow, exact or bool(packed), bare, half=False)


#: Shops that close after midnight count on, up to this hour: 26:00 is two in the morning.
_LATEST_HOUR: Final = 29
_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}


def _number(text: str) -> int:
    """8, 08, 八, 十二, 二十, 二十二, 零五. Raises Unsure for 二二 and the like."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        if len(text) == 2 and text[0] in "零〇" and text[1] in _DIGITS:
            return _DIGITS[text[1]]
        if len(text) > 1:
            raise Unsure(text)
        return _DIGITS[text]
    if any(len(part) > 1 or part in "零〇十" for part in (tens, ones) if part):
        raise Unsure(text)
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _minute(found: re.Match[str], number: str) -> int:
    if found[f"minute{number}"]:
        return int(found[f"minute{number}"])
    spoken = found[f"spoken{number}"]
    if not spoken:
        return 0
    named = {"半": 30, "1刻": 15, "一刻": 15, "3刻": 45, "三刻": 45}
    if spoken in named:
        return named[spoken]
    minutes = spoken.removesuffix("分")
    if minutes == spoken and len(minutes) == 1:
        raise Unsure(spoken)  # 8点5: five past, or half past?
    return _number(minutes)


def _period(text: str) -> str:
    return next((name for name, each in _PERIODS.items() if text and re.fullmatch(each, text)), "")


#: 7:00-9:00 is a morning; 5:00-9:00 and 6:00-9:00 may be an evening.
_EVENING_MEALS: Final = (5, 6)


def _times(found: re.Match[str]) -> ClockTimes:
    opens, closes = _point(found, "1"), _point(found, "2")
    groups = found.groupdict()
    if groups.get("aside"):
        closes = closes._replace(tomorrow=True)
    if opens.tomorrow or (not found["link"] and not (opens.period and closes.period)):
        raise Unsure(found[0])
    if (opens.bare and not groups["unit2"]) or (
        closes.bare and not (groups["unit1"] and closes.hour > 12)
    ):
        raise Unsure(found[0])
    start = _clock(opens, opens.period)
    if start >= DAY_MIN or (not opens.period and not opens.exact and _either_half(opens, closes)):
        raise Unsure(found[0])
    end = _end(start, opens, closes)
    earliest, latest = _SESSIONS.get(groups.get("session") or "", (0, DAY_MIN))
    if not earliest <= start <= latest:
        raise Unsure(found[0])
    return ClockTimes(start, end, opens.period)


def _either_half(opens: _Point, closes: _Point) -> bool:
    if 1 <= opens.hour <= 4:
        return True
    plain_end = not (closes.period or closes.tomorrow or closes.exact)
    return opens.hour in _EVENING_MEALS and plain_end and opens.hour < closes.hour <= 10


#: Part of the day -> the hours it can be said of, and what is added to each.
_HOURS: Final = {
    "凌晨": {0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 12: -12},
    "上午": dict.fromkeys(range(4, 13), 0),
    "中午": {10: 0, 11: 0, 12: 0, 1: 12, 2: 12},
    "下午": {12: 0, **dict.fromkeys(range(1, 8), 12)},
    "晚上": {0: 24, 12: 12, **dict.fromkeys(range(5, 12), 12)},
}
_AFTER_NOON: Final = ("下午", "晚上", "中午")


def _clock(point: _Point, period: str) -> int:
    """Minutes since midnight of the day the hours begin on; 24:00 for 晚上12点."""
    if not period:
        return point.hour * 60 + point.minute
    if point.hour > 12 and period in _AFTER_NOON:
        return point.hour * 60 + point.minute
    if point.hour not in _HOURS[period]:
        raise Unsure(period)
    return (point.hour + _HOURS[period][point.hour]) * 60 + point.minute


def _end(start: int, opens: _Point, closes: _Point) -> int:
    if closes.tomorrow or closes.period:
        return (_tomorrow if closes.tomorrow else _end_of_period)(start, closes)
    if opens.half and not (closes.half or closes.exact):
        return _end_of_half(start, closes)
    said_once = opens.period and not (opens.period == "晚上" and opens.hour > 12)
    if said_once and not closes.exact and closes.hour <= 12:
        return _end_inherited(start, opens.period, closes)
    end = closes.hour * 60 + closes.minute
    if end > start:
        return DAY_MIN if (start, end) == (0, DAY_MIN - 1) else end
    if end == 0 and start > 0:
        return DAY_MIN
    sure = opens.half and closes.half and start - end >= _SHORTEST_NIGHT
    if end == start or not (sure or _runs_overnight(start, end, exact=closes.exact)):
        raise Unsure(str(closes))
    return end + DAY_MIN


def _end_of_half(start: int, closes: _Point) -> int:
    """PM 2:00-5:30, AM 8:30-12:00: said once for both, if the end then comes later."""
    end = (closes.hour % 12 + (12 if start >= _NOON or closes.hour == _NOON // 60 else 0)) * 60
    if closes.hour > _NOON // 60 or start < _EARLIEST or end + closes.minute <= start:
        raise Unsure(str(closes))
    return end + closes.minute


_NOON: Final = 12 * 60
#: 12:00am may have meant noon.
_EARLIEST: Final = 60
#: Who closes for less, as in 9:00am-6:00am, may have meant the other half of the day.
_SHORTEST_NIGHT: Final = 6 * 60


def _runs_overnight(start: int, end: int, *, exact: bool) -> bool:
    """Whether an end before the beginning is next morning's, not the same day's afternoon.

    22:00-6:00 is; 9:00-6:00 is a clock of twelve hours; 12:00-06:00 may be either.
    """
    if start >= 13 * 60:
        return end <= 12 * 60
    return exact and start < 11 * 60 and end < 3 * 60


def _tomorrow(start: int, closes: _Point) -> int:
    end = _clock(closes, closes.period) + DAY_MIN
    late = closes.period in _AFTER_NOON or closes.hour > 12
    if late or end - start > DAY_MIN:
        raise Unsure(str(closes))
    return end


def _end_of_period(start: int, closes: _Point) -> int:
    if closes.period == "晚上" and 0 < closes.hour <= 4:
        raise Unsure(str(closes))
    end = _clock(closes, closes.period)
    if end > start:
        return end
    if closes.period in ("凌晨", "上午") and (closes.period == "凌晨" or start >= 16 * 60):
        return end + DAY_MIN
    raise Unsure(str(closes))


def _end_inherited(start: int, period: str, closes: _Point) -> int:
    """下午2:00-6:00: the second time is in the same part of the day, if it can be and
    comes later; 晚上10:00-6:00 can only end next morning.
    """
    night = period == "晚上"
    if night and 1 <= closes.hour <= 4:
        return closes.hour * 60 + closes.minute + DAY_MIN
    if closes.hour not in _HOURS[period]:
        raise Unsure(str(closes))
    end = _clock(closes, period)
    if night and end <= start and start >= 20 * 60 and closes.hour <= 8:
        return closes.hour * 60 + closes.minute + DAY_MIN
    if end <= start:
        raise Unsure(str(closes))
    return end
