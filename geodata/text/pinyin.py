"""How Chinese is written and read: a text as plain characters, a character as its sounds.

Searches nothing.

The tables are made when a dataset is published, from OpenCC (traditional to simplified) and
pypinyin (readings), and are stored with it, so that a server folds what is typed exactly as what
was published, and loads neither library: both are imported inside the functions that publishing
calls, and nowhere else.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint16]

#: What stands between two texts that are folded as one; a noncharacter, so that no text may hold
#: it.
BETWEEN: Final = "\uffff"
#: Folded, that is this code; 0 is what is dropped: spaces, punctuation, marks.
FIELD_END: Final = 1
#: The sound of the end of a field, and of a character that has no reading: first in the sorted
#: table.
NO_SOUND, UNREAD = 0, 1
#: Bytes of the longest syllable, "zhuang".
SOUND_BYTES: Final = 6
#: Readings kept of one character; the fourth and later are found in old poems only.
_MOST_READINGS: Final = 3
#: A reading is common if this part of pypinyin's phrases that hold the character read it so.
_COMMON: Final = 0.05
_HAN: Final = frozenset(range(0x3400, 0xA000))
#: Characters beyond the first plane share the codes of the private use area: rare, and a false
#: friend is harmless.
_PRIVATE, _PRIVATE_CODES = 0xE000, 6_400
_BEYOND: Final = re.compile("[\U00010000-\U0010ffff]")
_HAN_RUN: Final = re.compile("[㐀-鿿]+|[^\\W㐀-鿿]+")
_SYLLABLE: Final = re.compile(r"[a-z]{1,6}")
#: Who cannot type ü types v, or u.
_PLAIN_U: Final = {"lv": "lu", "nv": "nu"}


@dataclass(frozen=True, slots=True)
class Writing:
    """The tables, by code: a code is a folded character of the first plane."""

    plain: Codes
    """(65536,) code point -> code: simplified, half-width, without case or accent; 0: dropped."""
    sounds: NDArray[np.bytes_]
    """(s,) syllables without tones, letters and digits, sorted; NO_SOUND and UNREAD first."""
    starts: NDArray[np.int32]
    """(65537,) where the readings of a code begin."""
    readings: NDArray[np.int16]
    """Numbers of sounds, the common ones of each code first."""
    common: NDArray[np.int8]
    """(65536,) how many of a code's readings are common."""
    _alphabet: list[bytes] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_alphabet", self.sounds.tolist())
        for array in self.to_arrays().values():
            array.setflags(write=False)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The tables by field name."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.init}

    def fold(self, text: str) -> Codes:
        """A text as codes, one or none a character, 0 where one was dropped.

        BETWEEN becomes FIELD_END.
        """
        points = np.frombuffer(normal(text).encode("utf-32-le", "surrogatepass"), np.uint32)
        beyond = points > 0xFFFF
        if beyond.any():
            points = np.where(beyond, _PRIVATE + points % _PRIVATE_CODES, points)
        return self.plain[points]

    def sounds_of(self, code: int) -> list[int]:
        """The common readings of a code, as numbers of sounds; UNREAD where there is none."""
        first = int(self.starts[code])
        return self.readings[first : first + int(self.common[code])].tolist() or [UNREAD]

    def beginning(self, letters: bytes) -> tuple[int, int]:
        """The sounds that begin with these letters: first, and one past the last."""
        return bisect_left(self._alphabet, letters), bisect_left(self._alphabet, letters + b"~")

    def sound(self, letters: bytes) -> int | None:
        """The number of the sound that is written so."""
        at = bisect_left(self._alphabet, letters)
        return at if at < len(self._alphabet) and self._alphabet[at] == letters else None


def normal(text: str) -> str:
    """NFKC without case: what is folded, character by character, by the table.

    Symbols beyond the first plane go.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _BEYOND.sub(lambda found: found[0] if found[0].isalnum() else "", plain)


@cache
def chinese() -> Writing:
    """The tables, made once a process."""
    plain = _plain()
    readings = {code: found for code, found in _readings().items() if plain[code] == code}
    alone = [chr(code) for code in range(128) if chr(code).isalnum() and plain[code] == code]
    words = sorted(
        {word for common, rare in readings.values() for word in (*common, *rare)} | set(alone)
    )
    sounds = np.array(["", "!", *words]).astype(f"S{SOUND_BYTES}")
    number = {word: i + 2 for i, word in enumerate(words)}
    readings |= {ord(letter): ([letter], []) for letter in alone}
    counts, common, flat = np.zeros(65536, np.int32), np.zeros(65536, np.int8), []
    for code, (often, rarely) in sorted(readings.items()):
        counts[code], common[code] = len(often) + len(rarely), len(often)
        flat += [number[word] for word in (*often, *rarely)]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return Writing(plain, sounds, starts, np.array(flat, np.int16), common)


def spelled(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """For each name its pinyin, words and numbers between the syllables, and the initials of all of
    them.

    Read in context (银行 is "yin hang"), without tones. What the columns `pinyin` and `initials`
    hold.
    """
    pinyin, initials = [], []
    for name in names:
        words = [word for run in _HAN_RUN.findall(normal(name)) for word in _words(run)]
        pinyin.append(" ".join(words))
        initials.append("".join(word[0] for word in words))
    return pinyin, initials


def _words(run: str) -> Iterable[str]:
    if ord(run[0]) not in _HAN:
        return (run,)
    return (_read(run, at) for at in range(len(run)))


def _read(run: str, at: int) -> str:
    """One character of a run of Chinese: by itself where it has one common reading, else by those
    next to it.
    """
    common, _ = _readings().get(ord(run[at]), ([run[at]], []))
    if len(common) == 1:
        return common[0]
    first = max(0, at - 3)
    return _in_context(run[first : at + 4], at - first)


@lru_cache(maxsize=1 << 17)
def _in_context(around: str, at: int) -> str:
    from pypinyin import Style, pinyin

    return pinyin(around, style=Style.NORMAL, errors=list)[at][0]  # type: ignore[arg-type]  # a list is one answer a character, which its type leaves out


@cache
def _readings() -> dict[int, tuple[list[str], list[str]]]:
    """Common and rare readings of every Chinese character that pypinyin knows, most usual first,
    without tones.
    """
    from pypinyin.constants import PINYIN_DICT

    every = {
        code: list(dict.fromkeys(map(_toneless, PINYIN_DICT[code].split(","))))
        for code in _HAN & PINYIN_DICT.keys()
    }
    heard = _heard({chr(code) for code, found in every.items() if len(found) > 1})
    readings = {}
    for code, found in every.items():
        words = [word for word in found if _SYLLABLE.fullmatch(word)]
        if words:
            readings[code] = _ranked(words, heard[chr(code)])
    return readings


@cache
def _toneless(syllable: str) -> str:
    from pypinyin.contrib.tone_convert import to_normal

    return to_normal(syllable)


def _ranked(words: list[str], heard: Counter[str]) -> tuple[list[str], list[str]]:
    least = max(1.0, _COMMON * heard.total())
    often = sorted((word for word in words if heard[word] >= least), key=lambda word: -heard[word])
    common = (often or words[:1])[:_MOST_READINGS]
    others = [*words, *(_PLAIN_U[word] for word in words if word in _PLAIN_U)]
    return common, [word for word in others if word not in common][: _MOST_READINGS - len(common)]


def _heard(characters: set[str]) -> defaultdict[str, Counter[str]]:
    """How often each of these characters is read in which way in pypinyin's phrases."""
    from pypinyin.constants import PHRASES_DICT

    heard: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrase, read in PHRASES_DICT.items():
        for character, (first, *_) in zip(phrase, read, strict=False):
            if character in characters:
                heard[character][_toneless(first)] += 1
    return heard


@cache
def _plain() -> Codes:
    """Code point -> code, after `normal`."""
    from opencc import OpenCC

    simplified = OpenCC("t2s")
    plain = np.zeros(65536, np.uint16)
    for point in range(65536):
        character = chr(point)
        if character.isalnum():
            base, *marks = tuple(unicodedata.normalize("NFD", character))
            plain[point] = (
                ord(base) if all(map(unicodedata.combining, marks)) and base <= "\uffff" else point
            )
    for point in _HAN:
        short = ord(simplified.convert(chr(point))[0])
        plain[point] = (
            short if short < _PRIVATE else point
        )  # some were simplified into a later plane only
    plain[_PRIVATE : _PRIVATE + _PRIVATE_CODES] = np.arange(_PRIVATE, _PRIVATE + _PRIVATE_CODES)
    plain[ord(BETWEEN)] = FIELD_END
    return plain
