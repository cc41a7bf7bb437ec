"""OSM opening hours from text to tokens: one spelling of each word, whatever way it was typed.

Tolerant of what can mean one thing only: letters of any case, full-width letters and digits, any
dash, whole names of days and months, dots for colons, `am` and `pm`, `Uhr`, `and` and `&`. Text
between quotes stays as it is.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from geodata.errors import BadValue

WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EVENTS: Final = ("dawn", "sunrise", "sunset", "dusk")

_LONG_WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_LONG_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip


class TokenKind(StrEnum):
    """What a token is."""

    CLOCK = "clock"
    """HH:MM, of 24 hours or with its half of the day."""
    NUMBER = "number"
    WORD = "word"
    COMMENT = "comment"
    ALWAYS = "24/7"
    MARK = "mark"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token, `text` in its one spelling; it stands at text[start:end] of what was typed."""

    kind: TokenKind
    text: str
    start: int
    end: int
    spaced: bool
    """Whether a space stands before it."""
    half: str = ""
    """am or pm, of a time or a number."""


def _spellings() -> dict[str, str]:
    words = ("open", "off", "unknown", "week", "easter", "day", *EVENTS)
    spelt = {word: word for word in words}
    spelt |= {"closed": "off", "weeks": "week", "days": "day", "ph": "PH", "sh": "SH", "and": ","}
    for short, long in zip((*WEEKDAYS, *MONTHS), (*_LONG_WEEKDAYS, *_LONG_MONTHS), strict=True):
        spelt |= {short.lower(): short, long: short, long[:3]: short}
    return spelt | {"tues": "Tu", "thur": "Th", "thurs": "Th", "sept": "Sep"}


_SPELLINGS: Final = _spellings()
#: What joins a list however it is spaced.
_LISTING: Final = ("&", "and")
_DASHES: Final = "-‐‑‒–—―−－~～"
_HALF: Final = r"(?:[ ]*(?P<{0}>[AaPp])\.?[Mm]\b\.?)"
_TOKEN: Final = re.compile(
    r"(?P<always>24/7)(?![0-9])"
    rf"|(?P<clock>[0-9]{{1,2}}[:.][0-9]{{2}})(?![0-9]){_HALF.format('clock_half')}?"
    rf"|(?P<number>[0-9]+)(?:{_HALF.format('number_half')})?"
    r"|(?P<word>[A-Za-z]+)\.?"
    r'|(?P<comment>"[^"]*")'
    r"|(?P<mark>\|\||[-;:,+/()\[\]&])"
)


def _typed(text: str) -> str:
    """The text with full-width letters, digits and marks, and all dashes, as plain ones of the
    same length; what stands between quotes stays.
    """
    quoted, letters = False, []
    for letter in text:
        quoted ^= letter == '"'
        plain = unicodedata.normalize("NFKC", letter)
        if quoted or len(plain) != 1:
            letters.append(letter)
        else:
            letters.append("-" if letter in _DASHES else " " if plain.isspace() else plain)
    return "".join(letters)


def tokens(text: str) -> list[Token]:
    """The tokens of an expression, an END last. Raises BadValue at what is no token."""
    return list(_tokens(_typed(text)))


def _tokens(text: str) -> Iterator[Token]:
    at, listed = 0, False
    while True:
        start = len(text) - len(text[at:].lstrip(" "))
        if start == len(text):
            yield Token(TokenKind.END, "", start, start, spaced=start > at)
            return
        found = _TOKEN.match(text, start)
        if found is None:
            raise BadValue(
                "{text!r} is no word, number or mark of opening hours", text=text[start:]
            )
        token = _token(found, spaced=start > at and not listed)
        if token is not None:
            yield token
        at, listed = found.end(), found[0].lower() in _LISTING


def _token(found: re.Match[str], *, spaced: bool) -> Token | None:
    """The token of a match; None for `Uhr`, which says nothing."""
    name = found.lastgroup or ""
    kind = "clock" if found["clock"] else "number" if found["number"] else name
    text = found[kind]
    half = (found["clock_half"] or found["number_half"] or "").lower()
    if kind == "word":
        if text.lower() == "uhr":
            return None
        if text.lower() not in _SPELLINGS:
            raise BadValue(
                (
                    "{text!r} is no word of opening hours; write days and times like 'Mo-Fr "
                    "09:00-18:00', and remarks in double quotes"
                ),
                text=text,
            )
        text = _SPELLINGS[text.lower()]
        kind = "mark" if text == "," else kind
    text = "," if text == "&" else text.replace(".", ":") if kind == "clock" else text
    said = TokenKind.ALWAYS if kind == "always" else TokenKind(kind)
    return Token(said, text, found.start(), found.end(), spaced, half and half + "m")
