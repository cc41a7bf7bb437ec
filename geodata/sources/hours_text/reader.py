"""Chinese opening hours as doors and tables write them, into OSM syntax.

Reads what is certain; unsure is None.

A grammar (notice.py) keeps every way in which the words of a text make sentences, each word spent
once; schedule.py says what each way comes to. A text is read only if all of them mean the same on
every day, and if two checks agree: what was understood is told back in Chinese and read again, and
audit.py, which shares nothing with the grammar, finds every day, clock time and negation of the
text in the result. A single unknown word makes hours unknown, never nearly right.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from geodata.errors import BadValue, Said
from geodata.hours.table import silence_stated
from geodata.sources.hours_text import audit, chinese, notice
from geodata.sources.hours_text.alike import alike
from geodata.sources.hours_text.clauses import Item
from geodata.sources.hours_text.letters import Unsure, plain
from geodata.sources.hours_text.osm import written
from geodata.sources.hours_text.schedule import Schedule, schedules

#: Longest text that is looked at: a door's notice, not a page.
_LONGEST: Final = 200
_OSM_WORDS: Final = re.compile(
    r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|off|open|closed|unknown|week|easter|sunrise|sunset|dawn|dusk"
    r"|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b|24/7"
)
#: Distinct texts kept in memory: a city's list has some thousands.
_KEPT: Final = 8192


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text was read: OSM opening hours, and in Chinese; or what stopped it.

    Exactly one of `osm` and `why` is there. `told` is empty where the text was OSM already.
    """

    osm: str | None
    told: str = ""
    why: Said | None = None


def hours_from(text: str | None) -> str | None:
    """OSM opening hours that mean what the text says, for any day; None where that is not certain.

    A text that is OSM syntax already comes back as it is, with `PH unknown` where it is silent
    about holidays and its hours differ by weekday.
    """
    return reading(text).osm


def reading(text: str | None) -> Reading:
    """The same with what was understood, or the reason why it was not."""
    said = (text or "").strip()
    if not said:
        return Reading(None, why=Unsure("there is no text").said)
    if len(said) > _LONGEST:
        return Reading(
            None,
            why=Unsure(
                "it has {length} characters; up to {most} are read",
                length=len(said),
                most=_LONGEST,
            ).said,
        )
    return _reading(said)


@lru_cache(_KEPT)
def _reading(text: str) -> Reading:
    try:
        if _OSM_WORDS.search(text):
            return Reading(silence_stated(text))
        found = _understood(plain(text))
        osm = written(found)
        told = chinese.told(found)
        audit.check(text, osm)
        _check_told(osm, told)
    except (Unsure, BadValue) as reason:
        return Reading(None, why=reason.said)
    return Reading(osm, told)


def _check_told(osm: str, told: str) -> None:
    """What is told back means the same when it is read again."""
    if not alike(osm, written(_understood(plain(told)))):
        raise Unsure("told back in other words it means something else")


def _understood(even: str) -> tuple[Schedule, ...]:
    """The one meaning of all readings of a plain text. Raises Unsure."""
    found, furthest = notice.readings(even)
    if not found:
        strange = notice.stopped_by(even)
        if strange:
            raise Unsure("“{words}” is not known", words=strange)
        raise Unsure(
            "the words are known, but not what “{words}” belongs to",
            words=even[furthest:] or even,
        )
    return _agreed(found)


def _agreed(found: Sequence[tuple[Item, ...]]) -> tuple[Schedule, ...]:
    meanings = dict.fromkeys(map(schedules, found))
    first, *others = meanings
    for other in others:
        if not alike(written(first), written(other)):
            raise Unsure(
                "it can be read in two ways: {one}, or {other}",
                one=written(first),
                other=written(other),
            )
    return first
