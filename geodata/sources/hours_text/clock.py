"""Clock times as notices write them: which half of the day is meant, or that it cannot be told."""

import re
from typing import Final, NamedTuple

from geodata.hours.syntax import DAY_MIN
from geodata.sources.hours_text.letters import Unsure

#: Nobody opens a rest place for longer without saying 24小时; 9:00-6:00 is a clock of twelve hours.
_LONGEST_OVERNIGHT_MIN: Final = 18 * 60


class Times(NamedTuple):
    """One range of minutes; the end may run into the next day."""

    start: int
    end: int


class _Point(NamedTuple):
    """One clock time as written."""

    hour: int
    minute: int
    period: str | None
    tomorrow: bool
    exact: bool
    """Written with two digits or past twelve: a clock of 24 hours."""
    bare: bool
    """A number without colon, unit or part of the day: no clock time by itself."""


_PERIODS: Final = {
    "上午": "上午|早上|早晨|清晨|清早|早间|早|朝|AM|am|a\\.m\\.",
    "中午": "中午|正午|午间",
    "下午": "下午|午后|傍晚|PM|pm|p\\.m\\.",
    "晚上": "晚上|晚间|夜晚|夜间|夜里|深夜|午夜|半夜|夜|晚",
    "凌晨": "凌晨",
}
_PERIOD: Final = "|".join(_PERIODS.values())
_NEXT: Final = "次日|第二天|翌日|隔天|转天|第2天|次晨|明早"
_POINT: Final = (
    rf"(?P<next{{0}}>{_NEXT})?(?:(?P<period{{0}}>{_PERIOD})[:\s]*)?"
    r"(?:(?P<hour{0}>\d{{1,2}})(?:(?P<colon{0}>:)(?P<minute{0}>[0-5]\d)(?::00)?"
    r"|(?P<unit{0}>[点时](?!段)整?)(?P<spoken{0}>半|[1一]刻|[3三]刻|[0-5]?\d分?)?)?"
    r"|(?P<packed{0}>[0-2]\d[0-5]\d))(?!\d)(?P<after{0}>AM|PM|am|pm)?"
)
_RANGE: Final = re.compile(
    rf"从?{_POINT.format(1)}(?:起|开始)?(?P<link>[-至]+|(?={_NEXT}|{_PERIOD})),?{_POINT.format(2)}(?:止|结束)?"
)
_ALL_DAY: Final = re.compile(
    r"(?:全天|每天|每日)?(?:24个?(?:小时|h(?:ours?|rs?)?|H)|全天候|全天|全日制?|全时段)"
    r"(?:全天候|全天|不打烊|不间断|不关门|不停业|自助)*(?!值守|热线|制)"
)


def whole_day_at(text: str, at: int) -> tuple[Times, int] | None:
    """全天, 24小时, and where the word ends."""
    found = _ALL_DAY.match(text, at)
    return (Times(0, DAY_MIN), found.end()) if found else None


def times_at(text: str, at: int) -> tuple[Times, int] | None:
    """9:00-18:00, 下午2点至6点, and where it ends.

    Raises Unsure where the half of the day cannot be told.
    """
    found = _RANGE.match(text, at)
    return (_times(found), found.end()) if found else None


def _point(found: re.Match[str], number: str) -> _Point:
    packed, hour = found[f"packed{number}"], found[f"hour{number}"]
    said, after = found[f"period{number}"], found[f"after{number}"]
    if said and after:
        raise Unsure
    digits = packed[:2] if packed else hour
    minute = int(packed[2:]) if packed else _minute(found, number)
    bare = not (packed or found[f"colon{number}"] or found[f"unit{number}"] or said or after)
    tomorrow = found[f"next{number}"] is not None
    period = _period(said or after)
    if found[f"next{number}"] in ("次晨", "明早"):
        period = "上午"
    exact = len(digits) == 2 and (digits[0] == "0" or int(digits) > 12)
    if int(digits) > 24 or (int(digits) == 24 and minute):
        raise Unsure
    return _Point(int(digits), minute, period, tomorrow, exact or bool(packed), bare)


def _minute(found: re.Match[str], number: str) -> int:
    if found[f"minute{number}"]:
        return int(found[f"minute{number}"])
    spoken = found[f"spoken{number}"]
    if not spoken:
        return 0
    named = {"半": 30, "1刻": 15, "一刻": 15, "3刻": 45, "三刻": 45}
    return named[spoken] if spoken in named else int(spoken.removesuffix("分"))


def _period(word: str | None) -> str | None:
    return next(
        (name for name, words in _PERIODS.items() if word and re.fullmatch(words, word)), None
    )


def _times(found: re.Match[str]) -> Times:
    opens, closes = _point(found, "1"), _point(found, "2")
    if opens.tomorrow or (not found["link"] and not (opens.period and closes.period)):
        raise Unsure
    if (opens.bare and not found["unit2"]) or (
        closes.bare and not (found["unit1"] and closes.hour > 12)
    ):
        raise Unsure
    start = _clock(opens, opens.period)
    if start >= DAY_MIN or (opens.period is None and not opens.exact and 1 <= opens.hour <= 4):
        raise Unsure
    return Times(start, _end(start, opens, closes))


#: Part of the day -> the hours it can be said of, and what is added to each.
_HOURS: Final = {
    "凌晨": {0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 12: -12},
    "上午": dict.fromkeys(range(4, 13), 0),
    "中午": {10: 0, 11: 0, 12: 0, 1: 12, 2: 12},
    "下午": {12: 0, **dict.fromkeys(range(1, 8), 12)},
    "晚上": {0: 24, 12: 12, **dict.fromkeys(range(5, 12), 12)},
}


def _clock(point: _Point, period: str | None) -> int:
    """Minutes since midnight of the day the hours begin on; 24:00 for 晚上12点."""
    if period is None:
        return point.hour * 60 + point.minute
    if point.hour > 12 and period in ("下午", "晚上", "中午"):
        return point.hour * 60 + point.minute
    if point.hour not in _HOURS[period]:
        raise Unsure
    return (point.hour + _HOURS[period][point.hour]) * 60 + point.minute


def _end(start: int, opens: _Point, closes: _Point) -> int:
    if closes.tomorrow:
        return _tomorrow(start, closes)
    if closes.period:
        return _end_of_period(start, closes)
    said_once = opens.period and not (
        opens.period == "晚上" and opens.hour > 12
    )  # 夜间22:00-6:00 needs no inheriting
    if opens.period and said_once and not closes.exact and closes.hour <= 12:
        return _end_inherited(start, opens.period, closes)
    end = closes.hour * 60 + closes.minute
    if end > start:
        return DAY_MIN if (start, end) == (0, DAY_MIN - 1) else end
    if end == 0 and start > 0:
        return DAY_MIN
    spill = end + DAY_MIN
    certain = closes.exact or start >= 16 * 60
    if end == start or not certain or spill - start > _LONGEST_OVERNIGHT_MIN:
        raise Unsure
    return spill


def _tomorrow(start: int, closes: _Point) -> int:
    end = _clock(closes, closes.period) + DAY_MIN
    late = closes.period in ("下午", "晚上", "中午") or closes.hour > 12
    if late or end - start > DAY_MIN:
        raise Unsure
    return end


def _end_of_period(start: int, closes: _Point) -> int:
    if closes.period == "晚上" and closes.hour <= 4 and closes.hour > 0:
        raise Unsure
    end = _clock(closes, closes.period)
    if end > start:
        return end
    if closes.period in ("凌晨", "上午") and (closes.period == "凌晨" or start >= 16 * 60):
        return end + DAY_MIN
    raise Unsure


def _end_inherited(start: int, period: str, closes: _Point) -> int:
    """下午2:00-6:00: the second time is in the same part of the day, if it can be and
    comes later.
    """
    if period == "晚上" and 1 <= closes.hour <= 4:
        return closes.hour * 60 + closes.minute + DAY_MIN
    if closes.hour not in _HOURS[period]:
        raise Unsure
    end = _clock(closes, period)
    if end <= start:
        raise Unsure
    return end
