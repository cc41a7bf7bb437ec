"""Chinese opening hours as doors and tables write them, into OSM syntax. Reads what is certain; unsure is None.

The text is cut into words that are all known, or it is not read at all: 以站点为准 or a single unknown word make hours
unknown, never nearly right. Clock times carry their part of the day on (下午2:00-6:00); one that could be either
half of the day (2:00-5:00, 9:00-6:00) is not read. 工作日 is Mo-Fr without holidays, 法定节假日 is PH; 节假日 alone may
mean weekends too, so that a weekend of which nothing else speaks becomes `Sa-Su unknown`.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, NamedTuple

from geodata.errors import BadValue
from geodata.hours_syntax import DAY_MIN, LONGEST_TEXT, parse

#: Longest text that is looked at: a door's notice, not a page.
_LONGEST: Final = 200
#: Nobody opens a rest place for longer without saying 24小时; 9:00-6:00 is a clock of twelve hours.
_LONGEST_OVERNIGHT_MIN: Final = 18 * 60

_EVERY_DAY: Final = frozenset(range(7))
_WORKING: Final = frozenset(range(5))
_WEEKEND: Final = frozenset((5, 6))
_NAMES: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_OSM_WORDS: Final = re.compile(r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|off)\b|24/7")


def hours_from(text: str | None) -> str | None:
    """OSM opening hours that mean what the text says, for any day; None where that is not certain.

    A text that is OSM syntax already comes back as it is.
    """
    if not text or len(text) > _LONGEST:
        return None
    if _OSM_WORDS.search(text):
        return _checked(text.strip())
    try:
        return _checked(_written(_rules(list(_words(_plain(text))))))
    except _Unsure:
        return None


class _Unsure(Exception):
    """The text can be read in no way, or in two."""


def _checked(expression: str) -> str | None:
    """The expression if hours_syntax reads it."""
    try:
        parse(expression)
    except BadValue:
        return None
    return expression


# --- letters ---

_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CHINESE_NUMBER: Final = re.compile(r"(?<![周期拜])[零〇一二两三四五六七八九十]{1,3}(?=[点时月])")
_AFTER_PERIOD: Final = re.compile(r"(?<=[早晚朝])[零〇一二两三四五六七八九十]{1,3}")
_SAME: Final = str.maketrans({
    "–": "-", "—": "-", "―": "-", "−": "-", "‐": "-", "‑": "-", "~": "-", "～": "-", "─": "-", "﹣": "-", "到": "至",
    "、": ",", "，": ",", "；": ";", "。": ";", "|": ";", "/": ";", "\n": ";", "\r": ";", "·": ",", "：": ":",
    "︰": ":",
    "【": "(", "】": ")", "[": "(", "]": ")", "〔": "(", "〕": ")", "週": "周", "點": "点", "時": "时", "節": "节",
    "業": "业", "開": "开", "間": "间", "×": "x", "*": "x", "X": "x", "号": "日", "兩": "两", "個": "个",
})  # fmt: skip


def _plain(text: str) -> str:
    """One way of writing: half-width, simplified separators, Arabic clock numbers, no spaces but between words."""
    even = unicodedata.normalize("NFKC", text).translate(_SAME)
    even = re.sub(r"(?:7\s*x\s*24|24\s*x\s*7|24;7)(?:小时|[hH])?", "24小时;", even)
    even = re.sub(r"\s+(?=小时)", "", even)
    even = re.sub(r"\s*([:\-至])\s*", r"\1", even)
    even = re.sub(r"-{2,}", "-", even)
    even = _CHINESE_NUMBER.sub(_number, even)
    return _AFTER_PERIOD.sub(_number, even)


def _number(found: re.Match[str]) -> str:
    tens, ten, ones = found[0].rpartition("十")
    if not ten:
        return "".join(str(_DIGITS[digit]) for digit in found[0])
    if any(len(part) > 1 or part in "零〇" for part in (tens, ones) if part):
        raise _Unsure
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))


# --- words ---


class _Days(NamedTuple):
    """Days that are named together."""

    weekdays: frozenset[int]
    holidays: bool = False
    """法定节假日, or 节假日."""
    vague: bool = False
    """节假日 without 法定: perhaps weekends too."""
    working: bool = False
    """工作日: no holiday is one."""

    def joined(self, other: "_Days") -> "_Days":
        return _Days(
            self.weekdays | other.weekdays, self.holidays or other.holidays, self.vague or other.vague,
            self.working or other.working,
        )  # fmt: skip


class _Times(NamedTuple):
    """One range of minutes; the end may run into the next day."""

    start: int
    end: int


class _Season(NamedTuple):
    """Dates in OSM syntax, and the days of a leap year they hold."""

    text: str
    days: frozenset[tuple[int, int]]


class _Mark(NamedTuple):
    """A word that is neither days, times nor dates; the names stand in _MARKS."""

    name: str


_Word = _Days | _Times | _Season | _Mark

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
_DAY: Final = r"(?:[一二三四五六七日天]|[1-7](?![\d:点时]))"
_WEEK: Final = r"(?:每周|每星期|周|星期|礼拜)"
_WEEKDAYS: Final = re.compile(
    rf"(?:每逢?|逢)?{_WEEK}(?P<first>{_DAY})(?:(?:[-至]+)(?:{_WEEK})?(?P<last>{_DAY})"
    rf"|(?P<more>(?:[,和及与]?(?:{_WEEK})?{_DAY})+))?(?![点时])"
)
_NAMED_DAYS: Final[tuple[tuple[re.Pattern[str], _Days], ...]] = tuple(
    (re.compile(pattern), days)
    for pattern, days in (
        (r"(?:国家|国定)?法定(?:节?假日|节日|假期|假)|国定假日|公[共众]假期", _Days(frozenset(), holidays=True)),
        (r"节假日|节日|假日|节假", _Days(frozenset(), holidays=True, vague=True)),
        (r"工作日|上班日", _Days(_WORKING, working=True)),
        (r"双休日|周末(?!双休)", _Days(_WEEKEND)),
        (r"每[天日]|天天|全周|[一每]周[7七]天|7天", _Days(_EVERY_DAY)),
    )
)  # fmt: skip
_MARKS: Final[tuple[tuple[re.Pattern[str], _Mark], ...]] = tuple(
    (re.compile(pattern), _Mark(name))
    for pattern, name in (
        (r"(?:周末)?双休", "weekend off"),
        (r"全年无休|年中无休|全年不休|365天|全年开放|全年", "always"),
        (r"照常|无休|不休息|不休|正常(?:营业|开放|上班)|不打烊", "keeps"),
        (r"除外|例外", "except"),
        (r"除了?", "but"),
        (r"以?外", "outside"),
        (r"午休|午间休息|中午休息|中间休息", "break"),
        (r"(?:[闭休]馆|闭店|关[门闭]|不(?:对外)?(?:开[放门]|营业|上班)|[停休歇]业|打烊|休息|公?休|暂停营业)日?", "off"),
        (r"夏令时|冬令时|夏时制|冬时制|夏令|冬令|夏季|冬季|夏天|冬天|春夏季?|秋冬季?", "season"),
        (r"\(", "("),
        (r"\)", ")"),
    )
)  # fmt: skip
_DATES: Final = re.compile(
    r"(?:每年)?(?P<month>1[0-2]|0?[1-9])月?(?:(?<=月)份|(?<=月)(?P<day>[0-3]?\d)日?)?"
    r"[-至]+(?:次年|翌年)?(?P<to_month>1[0-2]|0?[1-9])月(?:份|(?P<to_day>[0-3]?\d)日?)?底?(?:期间)?"
)
_SILENT: Final = re.compile(
    r"北京时间|(?:对外)?(?:营业|开放|服务|运营|运行|工作|办公|接待|开馆|开门|值班|上班)?(?:时间|时段)(?:为|是)?"
    r"|营业|开放|开馆|运营|对外|均为|均|都|其余时间|为|是|[\s,;:.!]|和|及|以及|与|并|的|-(?=\()"
)


def _words(text: str) -> Iterator[_Word]:
    """The words of a text, and nothing left over. Raises _Unsure."""
    at = 0
    while at < len(text):
        word, end = _word_at(text, at)
        if end == at:
            raise _Unsure
        if word is not None:
            yield word
        at = end


def _word_at(text: str, at: int) -> tuple[_Word | None, int]:
    if found := _ALL_DAY.match(text, at):
        return _Times(0, DAY_MIN), found.end()
    if found := _WEEKDAYS.match(text, at):
        return _Days(_weekdays(found)), found.end()
    if found := _DATES.match(text, at):
        return _season(found), found.end()
    if found := _RANGE.match(text, at):
        return _times(found), found.end()
    named: tuple[tuple[re.Pattern[str], _Word], ...] = (*_NAMED_DAYS, *_MARKS)
    for pattern, word in named:
        if found := pattern.match(text, at):
            return word, found.end()
    silent = _SILENT.match(text, at)
    return (None, silent.end()) if silent else (None, at)


def _weekday(letter: str) -> int:
    return ("日天".find(letter) >= 0 and 6) or ("一二三四五六七".find(letter) + 1 or int(letter)) - 1


def _weekdays(found: re.Match[str]) -> frozenset[int]:
    first = _weekday(found["first"])
    if found["last"]:
        last = _weekday(found["last"])
        return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
    more = re.sub(r"每周|每星期|星期|礼拜|[周,和及与]", "", found["more"] or "")
    return frozenset((first, *map(_weekday, more)))


# --- dates ---


def _season(found: re.Match[str]) -> _Season:
    month, to_month = int(found["month"]) - 1, int(found["to_month"]) - 1
    day, to_day = found["day"], found["to_day"]
    if (day is None) != (to_day is None):
        raise _Unsure
    whole = day is None or (int(day) == 1 and int(to_day) >= _MONTH_DAYS[to_month] - (to_month == 1))
    first = (month, 1 if whole else int(day))
    last = (to_month, _MONTH_DAYS[to_month] if whole else int(to_day))
    if not (1 <= first[1] <= _MONTH_DAYS[month] and 1 <= last[1] <= _MONTH_DAYS[to_month]):
        raise _Unsure
    names = (_MONTHS[month], _MONTHS[to_month])
    text = "{}-{}".format(*names) if whole else f"{names[0]} {first[1]:02}-{names[1]} {last[1]:02}"
    return _Season(text, _days_between(first, last))


def _days_between(first: tuple[int, int], last: tuple[int, int]) -> frozenset[tuple[int, int]]:
    year = [(month, day) for month, days in enumerate(_MONTH_DAYS) for day in range(1, days + 1)]
    if first <= last:
        return frozenset(each for each in year if first <= each <= last)
    return frozenset(each for each in year if each >= first or each <= last)


_YEAR_DAYS: Final = _days_between((0, 1), (11, 31))


# --- clock times ---


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


def _point(found: re.Match[str], number: str) -> _Point:
    packed, hour = found[f"packed{number}"], found[f"hour{number}"]
    said, after = found[f"period{number}"], found[f"after{number}"]
    if said and after:
        raise _Unsure
    digits = packed[:2] if packed else hour
    minute = int(packed[2:]) if packed else _minute(found, number)
    bare = not (packed or found[f"colon{number}"] or found[f"unit{number}"] or said or after)
    tomorrow = found[f"next{number}"] is not None
    period = _period(said or after)
    if found[f"next{number}"] in ("次晨", "明早"):
        period = "上午"
    exact = len(digits) == 2 and (digits[0] == "0" or int(digits) > 12)
    if int(digits) > 24 or (int(digits) == 24 and minute):
        raise _Unsure
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
    return next((name for name, words in _PERIODS.items() if word and re.fullmatch(words, word)), None)


def _times(found: re.Match[str]) -> _Times:
    opens, closes = _point(found, "1"), _point(found, "2")
    if opens.tomorrow or (not found["link"] and not (opens.period and closes.period)):
        raise _Unsure
    if (opens.bare and not found["unit2"]) or (closes.bare and not (found["unit1"] and closes.hour > 12)):
        raise _Unsure
    start = _clock(opens, opens.period)
    if start >= DAY_MIN or (opens.period is None and not opens.exact and 1 <= opens.hour <= 4):
        raise _Unsure
    return _Times(start, _end(start, opens, closes))


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
        raise _Unsure
    return (point.hour + _HOURS[period][point.hour]) * 60 + point.minute


def _end(start: int, opens: _Point, closes: _Point) -> int:
    if closes.tomorrow:
        return _tomorrow(start, closes)
    if closes.period:
        return _end_of_period(start, closes)
    said_once = opens.period and not (opens.period == "晚上" and opens.hour > 12)  # 夜间22:00-6:00 needs no inheriting
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
        raise _Unsure
    return spill


def _tomorrow(start: int, closes: _Point) -> int:
    end = _clock(closes, closes.period) + DAY_MIN
    late = closes.period in ("下午", "晚上", "中午") or closes.hour > 12
    if late or end - start > DAY_MIN:
        raise _Unsure
    return end


def _end_of_period(start: int, closes: _Point) -> int:
    if closes.period == "晚上" and closes.hour <= 4 and closes.hour > 0:
        raise _Unsure
    end = _clock(closes, closes.period)
    if end > start:
        return end
    if closes.period in ("凌晨", "上午") and (closes.period == "凌晨" or start >= 16 * 60):
        return end + DAY_MIN
    raise _Unsure


def _end_inherited(start: int, period: str, closes: _Point) -> int:
    """下午2:00-6:00: the second time is in the same part of the day, if it can be and comes later."""
    if period == "晚上" and 1 <= closes.hour <= 4:
        return closes.hour * 60 + closes.minute + DAY_MIN
    if closes.hour not in _HOURS[period]:
        raise _Unsure
    end = _clock(closes, period)
    if end <= start:
        raise _Unsure
    return end


# --- rules ---


@dataclass(frozen=True, slots=True)
class _Rule:
    """Days (None: not said) with their times; no times: closed."""

    days: _Days | None
    times: tuple[_Times, ...]
    season: _Season | None


@dataclass(slots=True)
class _Reading:
    """What has been understood so far, from left to right."""

    rules: list[_Rule] = field(default_factory=list)
    kept: list[_Days] = field(default_factory=list)
    pending: _Days | None = None
    season: _Season | None = None
    season_word: bool = False
    always: bool = False
    settled: bool = False
    """Whether the last rule was told its days behind its times; the next times begin another."""

    def open(self, times: _Times) -> None:
        last = self.rules[-1] if self.rules else None
        begins = self.pending is not None or self.settled or last is None or not last.times
        if last is None or begins or last.season != self.season:
            self.settled = False
            self.rules.append(_Rule(self.pending, (times,), self.season))
            self.pending = None
        elif last.times[-1].end <= times.start:
            self.rules[-1] = replace(last, times=(*last.times, times))
        else:
            raise _Unsure

    def close(self, days: _Days) -> None:
        self.rules.append(_Rule(days, (), self.season))

    def settle(self) -> None:
        """Days that stand behind the only times they can belong to."""
        if self.pending is None:
            return
        last = self.rules[-1] if self.rules else None
        if last is None or last.days is not None or not last.times:
            raise _Unsure
        self.rules[-1] = replace(last, days=self.pending)
        self.pending, self.settled = None, True

    def pause(self, times: _Times) -> None:
        """A break is cut out of every rule it lies in; it must lie in the last one."""
        cut = [replace(rule, times=_without(rule.times, times)) for rule in self.rules]
        if not self.rules or len(cut[-1].times) == len(self.rules[-1].times):
            raise _Unsure
        self.rules = cut


def _without(ranges: tuple[_Times, ...], pause: _Times) -> tuple[_Times, ...]:
    cut: list[_Times] = []
    for each in ranges:
        inside = each.start < pause.start and pause.end < each.end
        cut += [_Times(each.start, pause.start), _Times(pause.end, each.end)] if inside else [each]
    return tuple(cut)


def _rules(words: Sequence[_Word]) -> _Reading:
    reading = _Reading()
    at = 0
    while at < len(words):
        at += _step(reading, words, at)
    reading.settle()
    if reading.season_word or not any(rule.times for rule in reading.rules):
        raise _Unsure
    return reading


def _step(reading: _Reading, words: Sequence[_Word], at: int) -> int:
    """Take the word at `at`, with those after it that belong to it; gives how many were taken."""
    word = words[at]
    after = [_name(each) for each in words[at + 1 : at + 4]] + [""] * 3
    if isinstance(word, _Times):
        return _step_times(reading, word, after)
    if isinstance(word, _Days):
        return _step_days(reading, words, at)
    if isinstance(word, _Season):
        return _step_season(reading, word)
    return _step_mark(reading, words, at, after)


def _name(word: _Word) -> str:
    return word.name if isinstance(word, _Mark) else type(word).__name__


def _step_times(reading: _Reading, word: _Times, after: Sequence[str]) -> int:
    if reading.season_word:
        raise _Unsure
    if after[0] in ("off", "break"):
        if reading.pending is not None:
            if word != _Times(0, DAY_MIN) or after[0] != "off":
                raise _Unsure
            reading.close(reading.pending)  # 周一全天闭馆
            reading.pending = None
        else:
            reading.pause(word)
        return 2
    reading.open(word)
    return 1


def _step_days(reading: _Reading, words: Sequence[_Word], at: int) -> int:
    days, taken = words[at], 1
    while at + taken < len(words) and isinstance(words[at + taken], _Days):
        days = days.joined(words[at + taken])  # type: ignore[union-attr,arg-type]  # both were just seen to be days
        taken += 1
    if not isinstance(days, _Days):
        raise _Unsure
    after = _name(words[at + taken]) if at + taken < len(words) else ""
    bracketed = at > 0 and _name(words[at - 1]) == "("
    if after == "off":
        reading.close(days)
        return taken + 1
    if after == "except":
        _except(reading, days)
        return taken + 1
    if after == "keeps":
        reading.kept.append(days)
        return taken + 1
    if reading.pending is not None:
        raise _Unsure
    reading.pending = days
    if bracketed and after == ")" and at > 1 and _name(words[at - 2]) == "_Times":
        reading.settle()
    return taken


def _except(reading: _Reading, days: _Days) -> None:
    """周一闭馆，节假日除外 is open on holidays, perhaps: not read."""
    if reading.rules and not reading.rules[-1].times:
        raise _Unsure
    reading.close(days)


def _step_season(reading: _Reading, word: _Season) -> int:
    if reading.rules and reading.season is None:
        raise _Unsure
    reading.settle()
    reading.season, reading.season_word = word, False
    return 1


def _step_mark(reading: _Reading, words: Sequence[_Word], at: int, after: Sequence[str]) -> int:
    name = _name(words[at])
    if name in ("(", ")"):
        return 1
    if name == "always":
        reading.always = True
        return 1
    if name == "weekend off":
        reading.close(_Days(_WEEKEND))
        return 1
    if name == "season" and not reading.season_word:
        follows = [_name(each) for each in words[at + 1 :] if _name(each) != "("]
        before = [_name(each) for each in words[:at] if _name(each) not in "()"]
        reading.season_word = (follows[:1] != ["_Season"]) and (before[-1:] != ["_Season"])
        if reading.season_word:
            raise _Unsure
        return 1
    if name == "but" and after[:2] == ["_Days", "outside"]:
        days = words[at + 1]
        if isinstance(days, _Days):
            reading.close(days)
            return 3
    if name == "break" and after[0] == "_Times":
        pause = words[at + 1]
        if isinstance(pause, _Times):
            reading.pause(pause)
            return 2 + (after[1] == "off")
    raise _Unsure


# --- writing ---


def _written(reading: _Reading) -> str:
    seasons = list(dict.fromkeys(rule.season for rule in reading.rules))
    if seasons != [None]:
        _check_seasons(seasons)
    text = "; ".join(
        f"{season.text} {rule}" if season else rule for season in seasons for rule in _season_rules(reading, season)
    )
    if len(text) > LONGEST_TEXT:
        raise _Unsure
    return text


def _check_seasons(seasons: Sequence[_Season | None]) -> None:
    """They share no day and leave none out: else nobody knows what holds on the others."""
    days = [day for season in seasons if season for day in season.days]
    if None in seasons or len(days) != len(set(days)) or set(days) != _YEAR_DAYS:
        raise _Unsure


def _season_rules(reading: _Reading, season: _Season | None) -> list[str]:
    rules = [rule for rule in reading.rules if rule.season == season]
    opened = [(rule.days, rule.times) for rule in rules if rule.times]
    closed = [rule.days for rule in rules if not rule.times and rule.days]
    if reading.always and any(days and days.weekdays != _EVERY_DAY for days, _ in opened):
        raise _Unsure
    unsaid = any(days is None for days, _ in opened)
    named = _settled([(days or _Days(_EVERY_DAY), times) for days, times in opened], unsaid=unsaid)
    _check_closed(named, closed)
    return [*_lines(named), *_exceptions(named, closed, reading.kept, unsaid=unsaid)]


_Open = tuple[_Days, tuple[_Times, ...]]


def _settled(opened: list[_Open], *, unsaid: bool) -> list[_Open]:
    """Every day first, then its exceptions; two rules for one weekday are else refused."""
    if not opened or (unsaid and any(days is None for days, _ in opened[1:])):
        raise _Unsure
    ordered = sorted(opened, key=lambda each: each[0].holidays)
    for (earlier, _), (later, _) in ((a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :]):
        overlap = earlier.weekdays & later.weekdays
        if overlap and not (earlier.weekdays == _EVERY_DAY and later.weekdays < _EVERY_DAY):
            raise _Unsure
        if earlier.holidays and later.holidays:
            raise _Unsure
    for _, times in ordered:
        if any(a.end > b.start for a, b in pairwise(times)) or times[-1].end - times[0].start > DAY_MIN:
            raise _Unsure
    return ordered


def _check_closed(named: Sequence[_Open], closed: Sequence[_Days]) -> None:
    """Days closed must be open otherwise, or nothing at all: 周一至周五9-18 周三9-12 周三休息 is not read."""
    spoken = frozenset().union(*(days.weekdays for days, _ in named if days.weekdays != _EVERY_DAY))
    explicit = [days for days in closed if days.weekdays & spoken]
    everything_else = any(days.weekdays == _EVERY_DAY for days, _ in named)
    if explicit and everything_else:
        raise _Unsure


def _lines(named: Sequence[_Open]) -> list[str]:
    return [f"{_days_text(days)} {','.join(map(_range_text, times))}" for days, times in named]


def _exceptions(named: Sequence[_Open], closed: Sequence[_Days], kept: Sequence[_Days], *, unsaid: bool) -> list[str]:
    """What the days that are closed, kept or left open to doubt add."""
    weekdays_off = frozenset().union(*(days.weekdays for days in closed))
    holidays_off = any(days.holidays for days in closed)
    holidays_open = any(days.holidays for days, _ in named)
    covered = weekdays_off | frozenset().union(*(days.weekdays for days, _ in named))
    vague = any(days.vague for days in (*closed, *(days for days, _ in named)))
    keeps = frozenset().union(*(days.weekdays for days in kept))
    keeps_holidays = any(days.holidays for days in kept)
    if (keeps - covered) or (keeps & weekdays_off) or (keeps_holidays and (holidays_off or holidays_open)):
        raise _Unsure
    if holidays_off and holidays_open:
        raise _Unsure
    doubtful = vague and (not (covered >= _WEEKEND) or (holidays_off and unsaid and not weekdays_off & _WEEKEND))
    lines = ["Sa-Su unknown"] if doubtful else []
    lines += [f"{_days_text(_Days(weekdays_off))} off"] if weekdays_off else []
    working = any(days.working for days, _ in named)
    if holidays_off:
        lines.append("PH off")
    elif working and not holidays_open and not keeps_holidays:
        lines.append("PH unknown" if covered - _WORKING else "PH off")
    elif keeps_holidays and not covered >= _EVERY_DAY:
        raise _Unsure
    return lines


def _days_text(days: _Days) -> str:
    parts = [_run_text(run) for run in _runs(sorted(days.weekdays))]
    return ",".join([*parts, "PH"] if days.holidays else parts)


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _run_text(run: Sequence[int]) -> str:
    return _NAMES[run[0]] if len(run) == 1 else f"{_NAMES[run[0]]}-{_NAMES[run[-1]]}"


def _range_text(times: _Times) -> str:
    return f"{_clock_text(times.start)}-{_clock_text(times.end)}"


def _clock_text(minutes: int) -> str:
    """Past midnight as OSM writes it: 02:00 the next morning, but 24:00, and 32:00 where the hours run a whole day."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
