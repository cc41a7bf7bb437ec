"""Schedules as Chinese sentences: what has been understood, told back in the plainest words."""

from collections.abc import Iterator, Sequence
from typing import Final

from geodata.hours.syntax import DAY_MIN
from geodata.sources.hours_text.days import WORKING
from geodata.sources.hours_text.osm import together
from geodata.sources.hours_text.schedule import Ranges, Schedule

_LETTERS: Final = "一二三四五六日"
_UNTOLD: Final = "时间不详"


def told(found: Sequence[Schedule]) -> str:
    """One sentence for each group of days, with a stop between; season by season."""
    return "；".join(sentence for each in found for sentence in _sentences(each))


def _sentences(each: Schedule) -> Iterator[str]:
    season = _season(each)
    if each.follows:
        yield f"{season}每天{_state(each.week[0])}"
        return
    for days, ranges in together(each):
        working = each.working and frozenset(days) == WORKING
        who = "工作日" if working else _days(days)
        yield f"{season}{who}{_state(ranges)}"
        season = ""
    yield f"法定节假日{_state(each.holidays)}"


def _days(days: Sequence[int]) -> str:
    """周一至周五, 周六、周日: three in a row are a range."""
    first, last = days[0], days[-1]
    if len(days) > 2 and last - first == len(days) - 1:
        return f"周{_LETTERS[first]}至周{_LETTERS[last]}"
    return "、".join(f"周{_LETTERS[day]}" for day in days)


def _season(each: Schedule) -> str:
    if each.season is None:
        return ""
    start, end = _ends(each.season.days)
    return f"{start[0] + 1}月{start[1]}日至{end[0] + 1}月{end[1]}日："


def _ends(days: frozenset[tuple[int, int]]) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last day; a season across the year's end begins behind its gap."""
    ordered = sorted(days)
    if ordered[0] == (0, 1) and ordered[-1] == (11, 31) and len(ordered) < 366:
        gap = next(n for n, day in enumerate(ordered) if not _next_to(day, ordered[n + 1]))
        return ordered[gap + 1], ordered[gap]
    return ordered[0], ordered[-1]


def _next_to(day: tuple[int, int], later: tuple[int, int]) -> bool:
    return later == (day[0], day[1] + 1) or (later[1] == 1 and later[0] == day[0] + 1)


def _state(ranges: Ranges) -> str:
    if ranges is None:
        return _UNTOLD
    return "、".join(_range(start, end) for start, end in ranges) or "休息"


def _range(start: int, end: int) -> str:
    if (start, end) == (0, DAY_MIN):
        return "24小时"
    closes = f"次日{_clock(end - DAY_MIN)}" if end > DAY_MIN else _clock(end)
    return f"{_clock(start)}-{closes}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
