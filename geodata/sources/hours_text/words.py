"""A notice cut into its words: all are known, or it is not read."""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from geodata.sources.hours_text.clock import Times, times_at, whole_day_at
from geodata.sources.hours_text.days import Days, Season, named_days_at, season_at, weekdays_at
from geodata.sources.hours_text.letters import Unsure


class Mark(NamedTuple):
    """A word that is neither days, times nor dates; the names stand in _MARKS."""

    name: str


Word = Days | Times | Season | Mark

_MARKS: Final[tuple[tuple[re.Pattern[str], Mark], ...]] = tuple(
    (re.compile(pattern), Mark(name))
    for pattern, name in (
        (r"(?:周末)?双休", "weekend off"),
        (r"全年无休|年中无休|全年不休|365天|全年开放|全年", "always"),
        (r"照常|无休|不休息|不休|正常(?:营业|开放|上班)|不打烊", "keeps"),
        (r"除外|例外", "except"),
        (r"除了?", "but"),
        (r"以?外", "outside"),
        (r"午休|午间休息|中午休息|中间休息", "break"),
        (
            r"(?:[闭休]馆|闭店|关[门闭]|不(?:对外)?(?:开[放门]|营业|上班)|[停休歇]业|打烊|休息|公?休|暂停营业)日?",
            "off",
        ),
        (r"夏令时|冬令时|夏时制|冬时制|夏令|冬令|夏季|冬季|夏天|冬天|春夏季?|秋冬季?", "season"),
        (r"\(", "("),
        (r"\)", ")"),
    )
)
_SILENT: Final = re.compile(
    r"北京时间|(?:对外)?(?:营业|开放|服务|运营|运行|工作|办公|接待|开馆|开门|值班|上班)?(?:时间|时段)(?:为|是)?"
    r"|营业|开放|开馆|运营|对外|均为|均|都|其余时间|为|是|[\s,;:.!]|和|及|以及|与|并|的|-(?=\()"
)


def _mark_at(text: str, at: int) -> tuple[Mark, int] | None:
    for pattern, mark in _MARKS:
        if found := pattern.match(text, at):
            return mark, found.end()
    return None


#: Asked in this order: 周一 before a date, a date before a clock time, and both before words that
#: are part of them.
_READERS: Final[tuple[Callable[[str, int], tuple[Word, int] | None], ...]] = (
    whole_day_at,
    weekdays_at,
    season_at,
    times_at,
    named_days_at,
    _mark_at,
)


def words(text: str) -> Iterator[Word]:
    """The words of a plain text, and nothing left over. Raises Unsure."""
    at = 0
    while at < len(text):
        word, end = _word_at(text, at)
        if end == at:
            raise Unsure
        if word is not None:
            yield word
        at = end


def _word_at(text: str, at: int) -> tuple[Word | None, int]:
    for reader in _READERS:
        if found := reader(text, at):
            return found
    silent = _SILENT.match(text, at)
    return (None, silent.end()) if silent else (None, at)
