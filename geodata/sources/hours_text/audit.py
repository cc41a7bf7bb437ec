"""A second look at a reading, by other means: each day, clock time and negation of the text must
be found in the result.

Shares no word, table or function with the grammar: what one overlooks the other does not.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Final, NamedTuple

from geodata.hours.rules import State
from geodata.hours.table import compile_hours
from geodata.sources.hours_text.letters import Unsure

_HALF_DAY_MIN: Final = 720
_WEEK: Final = "一二三四五六日"
_NUMERAL: Final = "〇一二三四五六七八九"


class _Result(NamedTuple):
    """What the syntax compiles to: of each season, the intervals (start, end, state) that begin on
    Monday to Sunday on plain days, then on holidays.
    """

    plain: list[list[tuple[int, int, int]]]
    holidays: list[list[tuple[int, int, int]]]

    def on(self, weekday: int) -> list[tuple[int, int, int]]:
        """All intervals of a weekday, whatever the season."""
        return [each for plan in self.plain[weekday::7] for each in plan]


def check(text: str, osm: str) -> None:
    """Raises Unsure, with the words of the text that the result does not hold."""
    even = _POINTED.sub(_clock_of, unicodedata.normalize("NFKC", text))
    result = _compiled(osm)
    _check_clock(even, result)
    _check_days(even, result)
    _check_negations(even, osm, result)
    _check_halves(even, result)


#: 9.00-18.00: two numbers with points.
_POINTED: Final = re.compile(
    r"(?<![\d.])(\d{1,2})\.(\d\d)(\s*(?:[-~～—–―−]|至|到)+\s*\D{0,5})(\d{1,2})\.(\d\d)(?![\d.])"
)


def _clock_of(found: re.Match[str]) -> str:
    """As clock times where one of both is no day of a year."""
    if _is_day(found[1], found[2]) and _is_day(found[4], found[5]):
        return found[0]
    return f"{found[1]}:{found[2]}{found[3]}{found[4]}:{found[5]}"


def _is_day(month: str, day: str) -> bool:
    try:
        date(2024, int(month), int(day))
    except ValueError:
        return False
    return True


def _compiled(osm: str) -> _Result:
    table, rows, refused = compile_hours([osm])
    if refused:
        raise Unsure("the hours are too many to be written down")
    row = int(rows[0])
    spans = slice(int(table.span_offsets[row]), int(table.span_offsets[row + 1]))
    weeks = [int(table.row_weeks[row])] if spans.start == spans.stop else []
    weeks += table.span_weeks[spans].tolist()
    starts, ends, states = table.starts.tolist(), table.ends.tolist(), table.states.tolist()
    plans = [
        [
            each
            for each in zip(starts[a:b], ends[a:b], states[a:b], strict=True)
            if each[2] != State.CLOSED
        ]
        for a, b in pairwise(table.plan_offsets.tolist())
    ]
    columns = [table.weeks[week].tolist() for week in weeks]
    return _Result(
        [plans[column] for week in columns for column in week[:7]],
        [plans[column] for week in columns for column in week[7:14]],
    )


# --- clock times ---

_CLOCK: Final = re.compile(
    r"(?<!\d)(?P<packed>[0-2]\d[0-5]\d)(?!\d|[:点時时年])"
    r"|(?<![\d月周期拜])(?P<hour>\d{1,2}|[零〇一二两兩三四五六七八九十]{1,3})\s*[:点點时時](?![间間段])整?\s*"
    r"(?P<minute>\d{1,2}|半|[一三13]刻|[零〇一二三四五十]{1,3}(?=分|[^一二三四五六日\d]|$))?(?::00)?"
)
_DATED: Final = re.compile(
    r"(?:(?<!\d)\d{1,2}[-~至到—–])?\d{1,2}\s*月(?:\d{1,2}(?![\d:：点點时時])\s*[日号]?)?"
    r"|[一二三四五六七八九十]{1,2}月(?!\d)"
)
_WHOLE: Final = re.compile(
    r"24\s*(?:个|個)?(?:小|h|H)|二十四|7\s*[x×*X]\s*24|24\s*[x×*X/]\s*7|全天|全日|全时|全時"
)


def _check_clock(text: str, result: _Result) -> None:
    """The minutes at which the text lets something begin or end are those of the result, by the
    dial of twelve hours.
    """
    undated = _DATED.sub("#", text)
    said = {minute for found in _CLOCK.finditer(undated) for minute in _dial(found)}
    bare = re.sub(_CLOCK, "#", undated)
    said |= {
        int(number) * 60 % _HALF_DAY_MIN
        for number in re.findall(r"(?<![周期拜第\d天月])\d{1,2}(?=\s*(?:-|~|—|–|至|到|晚|$))", bare)
        if int(number) <= 24 and "#" in bare
    }
    found = {
        minute % _HALF_DAY_MIN
        for plan in (*result.plain, *result.holidays)
        for start, end, state in plan
        if state == State.OPEN
        for minute in (start, end)
    }
    if _WHOLE.search(text):
        said.discard(0)
        found.discard(0)
    short = set(_short_hours(text))
    missing, added = found - said - short, said - found
    if 719 in added and 0 in found:
        added.discard(719)
        missing.discard(0)
    if missing or added - {0}:
        raise Unsure("not every clock time of the text is found in what was read")


def _dial(found: re.Match[str]) -> Iterator[int]:
    if found["packed"]:
        yield (int(found["packed"][:2]) * 60 + int(found["packed"][2:])) % _HALF_DAY_MIN
        return
    minute = found["minute"] or "0"
    past = {"半": 30, "一刻": 15, "1刻": 15, "三刻": 45, "3刻": 45}.get(minute)
    yield (_value(found["hour"]) * 60 + (_value(minute) if past is None else past)) % _HALF_DAY_MIN


def _short_hours(text: str) -> Iterator[int]:
    """早9晚6, 8-22点, 9am: hours without colon or unit of their own."""
    numbers = r"(?<![:：\d周期拜])\d{1,2}(?![:：\d])|[零〇一二两三四五六七八九十]{1,3}"
    for digits in re.findall(numbers, text):
        yield _value(digits) * 60 % _HALF_DAY_MIN


def _value(text: str) -> int:
    if text.isdecimal():
        return int(text)
    value = text.replace("零", "").replace("两", "二").replace("兩", "二")
    tens, ten, ones = value.rpartition("十")
    one = _NUMERAL.find(ones) if ones else 0
    return (_NUMERAL.find(tens) if tens else 1) * 10 + one if ten else max(one, 0)


# --- days ---

_NAMED: Final = re.compile(
    r"(?:周|週|星期|礼拜|禮拜)([一二三四五六日天]|[1-7](?!\d|[:：点點时時]))"
    r"(?:\s*(?:至|到|-|~|—|–|―|－|～)+\s*(?:周|週|星期|礼拜|禮拜)?([一二三四五六日天]|[1-7](?![\d:点點时時])))?"
)
_WEEKLY: Final = re.compile("周|週|星期|礼拜|禮拜|工作日|双休|雙休|休息日|上班日|平时")
_HOLIDAY: Final = re.compile("节|節|假")
_STOP: Final = re.compile(r"[,，;；。\n()（）]")
_CLOSES: Final = re.compile(
    "休|闭|閉|关|關|不(?:对外|對外)?(?:开|開|营|營|上|办|服|接)|不[对對]外|停|歇业|歇業|放假|除|不含|不包"
)
_STAYS: Final = re.compile(r"[无無不][午间]?休|不[闭閉关關打]|(?<!不)(?:包?含|包括)|照常|正常")
#: Names of days and of a break that hold the word for closed.
_RESTFUL: Final = re.compile("休息日(?!:|周|星期|礼拜)|双休日|雙休日|午休|公休日(?!:)|调休")


def _stays(text: str) -> bool:
    """Whether something is said to stay open."""
    return bool(_STAYS.search(_RESTFUL.sub("", text)))


def _closes(text: str) -> bool:
    """Whether something is said to be closed."""
    return bool(_CLOSES.search(_STAYS.sub("", _RESTFUL.sub("", text))))


def _number(letter: str) -> int:
    return 6 if letter in "天7七" else _WEEK.find(letter) if letter in _WEEK else int(letter) - 1


def _days(text: str) -> set[int]:
    named: set[int] = set()
    for found in _NAMED.finditer(text):
        first = _number(found[1])
        last = _number(found[2]) if found[2] else first
        named |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    if re.search("周末|週末|双休|雙休|周六日|六、日|六日", text):
        named |= {5, 6}
    if re.search("一二三四五六[日天]", text):
        named |= set(range(7))
    if "非工作日" in text:
        named |= {5, 6}
    if re.search("(?<!非)工作日|上班日", text):
        named |= {0, 1, 2, 3, 4}
    return named


def _open_minutes(result: _Result, day: int) -> set[int] | None:
    """The dial minutes at which a weekday's hours begin or end in any season; None: unknown."""
    plan = result.on(day)
    if any(state == State.UNKNOWN for _, _, state in plan):
        return None
    return {minute % _HALF_DAY_MIN for start, end, _ in plan for minute in (start, end)}


def _check_days(text: str, result: _Result) -> None:
    """Weekdays differ in the result only if the text names some, and must if it names some of
    them with hours or a verdict of their own.
    """
    plans = [_open_minutes(result, day) for day in range(7)]
    if not _WEEKLY.search(text) and not _HOLIDAY.search(text) and _distinct(plans) > 1:
        raise Unsure("weekdays differ in what was read, and the text names none")
    named = _days(text)
    if named and named != set(range(7)) and _distinct(plans) == 1 and not _stays(text):
        raise Unsure("the text names weekdays, and in what was read all are alike")
    for chunk in _STOP.split(text):
        _check_chunk(chunk, plans, excepts="除" in text)


def _distinct(plans: list[set[int] | None]) -> int:
    return len({None if plan is None else frozenset(plan) for plan in plans})


def _check_chunk(chunk: str, plans: list[set[int] | None], *, excepts: bool) -> None:
    """Days and times, or days and a verdict, that stand in one breath."""
    days, times = _days(chunk), list(_CLOCK.finditer(_DATED.sub("#", chunk)))
    stays, closes = _stays(chunk), _closes(chunk)
    if not days or re.search("节|節|假|除|其余|其他|其它|平时", chunk):
        return
    for day in days if len(days) < 7 else ():
        plan = plans[day]
        if plan is None:
            continue
        if (
            closes
            and not stays
            and not times
            and plan
            and not re.search("开放|开馆|营业(?!时)", chunk)
        ):
            raise Unsure("“{words}” is not found in what was read", words=chunk.strip())
        if times and not closes and _told_of_once(chunk, times) and (plan or not excepts):
            said = {minute for found in times for minute in _dial(found)} - {719}
            if not said <= plan | {0}:
                raise Unsure("“{words}” is not found in what was read", words=chunk.strip())
        if stays and not closes and not times and not plan:
            raise Unsure("“{words}” is not found in what was read", words=chunk.strip())


def _told_of_once(chunk: str, times: list[re.Match[str]]) -> bool:
    """Whether all days of a chunk stand on one side of all its clock times."""
    before, behind = chunk[: times[0].start()], chunk[times[-1].end() :]
    between = chunk[times[0].start() : times[-1].end()]
    return not _days(between) and bool(_days(before)) != bool(_days(behind))


# --- negations ---


def _check_negations(text: str, osm: str, result: _Result) -> None:
    """Something is said to be closed in the result where the text closes something, and only
    there; and holidays are what the words beside them say.
    """
    closes = _closes(text)
    silent_work = "工作日" in text or "上班日" in text
    if "off" in osm and not closes and not silent_work:
        raise Unsure("something is closed in what was read, and the text closes nothing")
    chunks = [chunk for chunk in _STOP.split(text) if _HOLIDAY.search(chunk)]
    hours = [chunk for chunk in chunks if re.search(r"\d", chunk) and not _closes(chunk)]
    for chunk in chunks:
        stays = bool(re.search("照常|正常|不休|无休|無休|不放假|不打烊|不闭|不关", chunk))
        shuts = _closes(chunk) and not stays
        opened = any(state == State.OPEN for plan in result.holidays for _, _, state in plan)
        if shuts and not re.search(r"\d", chunk) and opened and not hours:
            raise Unsure("“{words}” is not found in what was read", words=chunk.strip())
        if stays and not all(result.holidays):
            raise Unsure("“{words}” is not found in what was read", words=chunk.strip())


# --- halves of a day ---

_HALF_SHUT: Final = re.compile(r"(上午|下午|晚上|夜间|晚间)(?=休|闭|关|不[开营办上对])")


def _check_halves(text: str, result: _Result) -> None:
    """A day of which a half is said to be closed has no open minute in the middle of that half."""
    for found in _HALF_SHUT.finditer(text):
        named = [days for chunk in _STOP.split(text[: found.start()]) if (days := _days(chunk))]
        middle = {"上午": 600, "下午": 900}.get(found[1], 1260)
        for day in named[-1] if named else range(7):
            if any(start <= middle < end for start, end, _ in result.on(day)):
                raise Unsure("“{words}” is not found in what was read", words=found[1])
