"""Chinese opening hours as doors and tables write them, into OSM syntax.

Reads what is certain; unsure is None.

The text is cut into words that are all known, or it is not read at all: 以站点为准 or a single
unknown word make hours unknown, never nearly right. Clock times carry their part of the day on
(下午2:00-6:00); one that could be either half of the day (2:00-5:00, 9:00-6:00) is not read. 工作日
is Mo-Fr without holidays, 法定节假日 is PH; 节假日 alone may mean weekends too, so that a weekend
of which nothing else speaks becomes `Sa-Su unknown`.

The steps are rooms of notice/: letters, then words (of days and of clock), then rules, then osm.
"""

import re
from typing import Final

from geodata.errors import BadValue
from geodata.hours.syntax import parse
from geodata.hours.table import silence_stated
from geodata.sources.hours_text.letters import Unsure, plain
from geodata.sources.hours_text.osm import written
from geodata.sources.hours_text.rules import rules
from geodata.sources.hours_text.words import words

#: Longest text that is looked at: a door's notice, not a page.
_LONGEST: Final = 200
_OSM_WORDS: Final = re.compile(r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|off)\b|24/7")


def hours_from(text: str | None) -> str | None:
    """OSM opening hours that mean what the text says, for any day; None where that is not certain.

    A text that is OSM syntax already comes back as it is, with `PH unknown` where it is silent
    about holidays and its hours differ by weekday.
    """
    if not text or len(text) > _LONGEST:
        return None
    if _OSM_WORDS.search(text):
        return osm_hours(text.strip())
    try:
        return _checked(written(rules(list(words(plain(text))))))
    except Unsure:
        return None


def osm_hours(expression: str) -> str | None:
    """OSM syntax as places keep it, silence about holidays stated; None if it is none."""
    try:
        return silence_stated(expression)
    except BadValue:
        return None


def _checked(expression: str) -> str | None:
    """The expression if hours_syntax reads it."""
    try:
        parse(expression)
    except BadValue:
        return None
    return expression
