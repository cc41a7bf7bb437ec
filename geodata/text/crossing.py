"""What somebody typed of two roads that meet: 深南大道沙河东路, 与…交叉口, A & B. Pure.

The phone reads it alike (app/static/js/ask/crossing.js).
"""

import re
from itertools import islice
from typing import Final, NamedTuple

from geodata.text.pinyin import normal

#: Between the two roads of a junction's own name; folding leaves it out.
MEETS: Final = "/"
#: Ways to part a text in two roads that are tried.
_MOST: Final = 3
_TAIL: Final = re.compile(
    r"\s*(?:的?(?:(?:十字|丁字|三岔|交叉)路?口|交[汇会界]处|相交处)"
    r"|junction|crossing|intersection|corner)$"
)
#: 沙河东路口 is the mouth of 沙河东路, not of 沙河东.
_MOUTH: Final = re.compile(r"([路街道巷])路?口$")
_MARKS: Final = re.compile(r"\s*[/&+、×]\s*|\s+(?:and|at|x)\s+")
_ROAD_ENDS: Final = "路街道巷"
_AND: Final = "与和跟及"


class TwoRoads(NamedTuple):
    """One way to part a text."""

    one: str
    other: str


def either_way(name: str, name_en: str) -> str:
    """A junction's own name, the same the other way round, and the English one."""
    return f"{name} {MEETS.join(reversed(name.split(MEETS)))} {name_en}"


def two_roads(typed: str) -> list[TwoRoads]:
    """The ways in which a text may name two roads that meet, the likeliest first; none where it
    does not.
    """
    text = normal(typed).strip()
    bare = _TAIL.sub("", text)
    if bare == text:
        bare = _MOUTH.sub(r"\1", text)
    marked = _MARKS.split(bare)
    if len(marked) > 1:
        return [TwoRoads(*marked)] if len(marked) == 2 and all(marked) else []
    is_junction = bare != text
    found = (
        way
        for at in range(1, len(bare) - 1)
        for way in _parted(bare, at, is_junction=is_junction)
        if len(way.one) > 1 and len(way.other) > 1
    )
    return list(islice(found, _MOST))


def _parted(text: str, at: int, *, is_junction: bool) -> list[TwoRoads]:
    """A text parted after a road's end, or, of what says that it is a junction, at an "and"."""
    before, here, behind = text[:at].strip(), text[at], text[at:].strip()
    if before[-1:] not in _ROAD_ENDS and not (is_junction and here in _AND):
        return []
    if not is_junction and behind[-1] not in _ROAD_ENDS:
        return []
    both = TwoRoads(before, behind[1:].strip()), TwoRoads(before, behind)
    return list(both if here in _AND else both[1:])
