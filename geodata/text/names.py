"""The names of one dataset, frozen and asked often: which texts fit what somebody typed.

A text is three fields: a name, its English, and the whereabouts. What is stored is each character
once (writing.py says how it is read) and, for each two sounds that follow each other, the texts
they do so in. Sounds stand in alphabetical order, so one sorted list answers for a character, a
syllable, an initial and the beginning of a syllable alike: each is a range of it. The list
proposes, matching.py decides.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from heapq import nsmallest
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.errors import BadQuestion
from geodata.text import matching
from geodata.text.crossing import two_roads
from geodata.text.matching import MOST_CODES, NO_FIT, SHORTENED, Query, Texts
from geodata.text.pinyin import BETWEEN, FIELD_END, NO_SOUND, SOUND_BYTES, Codes, Writing, normal

Rows = NDArray[np.int32]
Fits = NDArray[np.uint8]

#: Words that are looked for each by itself; more are no search but a paragraph.
_MOST_WORDS: Final = 8
#: Of the texts that have a part of the query, the likest are weighed for slips: this many, and all
#: as like as the last.
_LIKEST: Final = 5_000
#: Ways to cut a query into syllables that are followed; more than a few make no sense to a reader.
_MOST_PATHS: Final = 16
#: Shorter queries are looked for in the order typed: with two or three characters any order fits
#: too much.
_ANY_ORDER_FROM: Final = 4
#: Texts that are weighed rather than looked up once more.
_FEW: Final = 5_000
#: Entries of the index worth reading for each text that may be spared.
_WORTH_READING: Final = 16
_FOLDED_AT_ONCE: Final = 50_000
_TONE: Final = re.compile(r"(?<=[a-z])[1-5](?![0-9])")


#: The sounds that each character of a text may have, if it holds a query.
_Path = list[Sequence[int]]


class How(StrEnum):
    """How what was found fits what was typed, the best first: only the best that anything fits is
    answered.
    """

    TYPED = "typed"
    """In one piece, as characters, pinyin or English."""
    SHORT = "short"
    """In one piece, by initials, in part, or by another character of the same sound."""
    APART = "apart"
    """Each word somewhere."""
    LIKE = "like"
    """With slips of the pen: the fewest that anything fits with."""


class Fit(NamedTuple):
    """What fits: rows of texts, and for each how well, the smaller the better.

    Equals are equal to the reader.
    """

    how: How
    rows: Rows
    ranks: Fits


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """Texts by row, and the tables they are read with. Every array may be memory-mapped."""

    plain: Codes
    sounds: NDArray[np.bytes_]
    starts: NDArray[np.int32]
    readings: NDArray[np.int16]
    common: NDArray[np.int8]
    codes: Codes
    """The texts, one after another."""
    cuts: NDArray[np.int64]
    """(n + 1,) where each begins."""
    pairs: NDArray[np.int64]
    """(s² + 1,) where in `postings` each pair of sounds begins."""
    postings: Rows
    _writing: Writing = field(init=False, repr=False)

    @classmethod
    def build(cls, writing: Writing, texts: Iterable[tuple[str, str, str]]) -> "Names":
        """From a name, its English and the whereabouts of each row."""
        codes, cuts = _written(writing, texts)
        arrays = writing.to_arrays()
        pairs, postings = matching.neighbours(
            Texts(codes, cuts, writing.starts, writing.readings, writing.common),
            len(writing.sounds),
        )
        return cls(**arrays, codes=codes, cuts=cuts, pairs=pairs, postings=postings)

    def __post_init__(self) -> None:
        writing = Writing(self.plain, self.sounds, self.starts, self.readings, self.common)
        object.__setattr__(self, "_writing", writing)
        for array in self.to_arrays().values():
            array.setflags(write=False)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The stored arrays by field name."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.init}

    def __len__(self) -> int:
        return len(self.cuts) - 1

    def lengths(self, rows: Rows) -> NDArray[np.int64]:
        """Characters in the names of rows, and a few fields' ends: the shorter, the more of it was
        typed.
        """
        return self.cuts[rows + 1] - self.cuts[rows]

    def fit(self, typed: str) -> Fit:
        """What fits a text, in the best way that anything does.

        Nothing where nothing does, not even with slips.

        `require_searchable` says which texts can be asked for.
        """
        words = _words(self._writing.fold(typed))
        whole = _joined(words)
        ways = self._ways(typed)
        found = self._of_two_roads(ways, whole)
        found = found or self._in_one_piece(whole) or self._without_tones(normal(typed), whole)
        for parts in (words, *ways):
            if found is None and len(parts) > 1:
                found = self._apart(parts)
        return found or self._with_slips(_joined(ways[0]) if ways else whole)

    def _ways(self, typed: str) -> list[list[Codes]]:
        """A text as the words of two roads that meet, in every way in which it may name them."""
        folded = ([_words(self._writing.fold(road)) for road in way] for way in two_roads(typed))
        return [[*one, *other] for one, other in folded if one and other]

    def _of_two_roads(self, ways: Sequence[Sequence[Codes]], whole: Codes) -> Fit | None:
        """What holds both roads one after the other, where more than them was typed."""
        every = (_joined(way) for way in ways)
        found = (self._in_one_piece(each) for each in every if len(each) < len(whole))
        return next(filter(None, found), None)

    def _in_one_piece(self, codes: Codes, among: Rows | None = None) -> Fit | None:
        """The best way in which any text holds a query in one piece, and of the texts `among` those
        that do so.
        """
        query = self._query(codes)
        for how, add, paths in (
            (How.TYPED, 0, self._spellings),
            (How.SHORT, SHORTENED, self._shortenings),
        ):
            rows = self._holding(paths(codes))
            first, others = (rows, rows[:0]) if among is None else self._parted(rows, among)
            found = self._weighed(query, first, add)
            if len(found[0]) or len(self._weighed(query, others, add)[0]):
                return Fit(how, *found)
        return None

    def _parted(self, rows: Rows, among: Rows) -> tuple[Rows, Rows]:
        """Those of these rows that are among others, and those that are not."""
        marked = np.zeros(len(self), np.bool_)
        marked[among] = True
        within = marked[rows]
        return rows[within], rows[~within]

    def _weighed(self, query: Query, rows: Rows, add: int) -> tuple[Rows, Fits]:
        """Of these texts those that hold a query as it is typed, or shortened (`add`), and how
        well.
        """
        fits = matching.as_typed(query, self._texts(), rows)
        good = (add <= fits) & (fits < add + SHORTENED)
        return rows[good], fits[good] - np.uint8(add)

    def _without_tones(self, typed: str, whole: Codes) -> Fit | None:
        """bai2 shi2 zhou1 is baishizhou, if there is nothing called bai2."""
        toneless = _joined(_words(self._writing.fold(_TONE.sub("", typed))))
        return self._in_one_piece(toneless) if 0 < len(toneless) < len(whole) else None

    def _apart(self, words: Sequence[Codes]) -> Fit | None:
        """Texts that every word fits; as good as the worst of them."""
        if len(words) > _MOST_WORDS:
            return None
        worst, rows = np.zeros(len(self), np.uint8), None
        for word in sorted(
            words, key=_weight, reverse=True
        ):  # what is rare first, so that few are left to look at
            found = self._in_one_piece(word, rows)
            if found is None or not len(found.rows):
                return None
            fits = np.full(len(self), NO_FIT, np.uint8)
            fits[found.rows] = found.ranks
            np.maximum(worst, fits, out=worst)
            rows = np.flatnonzero(worst < NO_FIT).astype(np.int32)
        return None if rows is None or not len(rows) else Fit(How.APART, rows, worst[rows])

    def _with_slips(self, codes: Codes) -> Fit:
        most = _slips(codes)
        rows, least_slips = (
            self._likest(codes, most) if most else (np.empty(0, np.int32), np.empty(0, np.uint8))
        )
        again = _weight(codes) >= _ANY_ORDER_FROM
        fits = matching.with_slips(
            self._query(codes, slips=True), self._texts(), rows, least_slips, most, again
        )
        least = (
            fits.min(initial=NO_FIT) | 1
        )  # of as many slips, those in the name and those beside it
        good = fits <= least if least < NO_FIT else np.zeros(len(fits), np.bool_)
        return Fit(How.LIKE, rows[good], fits[good])

    def _likest(self, codes: Codes, most: int) -> tuple[Rows, Fits]:
        """The texts that may hold a query with `most` slips, those with most of its sounds and
        neighbours first.

        With each the slips that it takes at least. A character that is not there weighs two, and
        parts two pairs of neighbours at most; each other pair that is not there is a gap. Of
        letters, whose slips can hide two syllables, the likest _LIKEST are taken, and all that are
        as like as the last.
        """
        units = self._units(codes)
        beside = [
            self._ranges((a, range(b, b + 1)) for a in first for b in then)
            for first, then in pairwise(units)
        ]
        every = range(len(self.sounds))
        held = self._tally([self._ranges((a, every) for a in sounds) for sounds in units])
        together = self._tally(beside)
        total = held + together
        if any(map(_is_letter, codes.tolist())):
            few = len(self) <= _LIKEST
            rows = np.arange(len(self)) if few else np.flatnonzero(held)
            if len(rows) > _LIKEST:
                rows = rows[
                    total[rows] >= -np.partition(-total[rows].astype(np.int16), _LIKEST)[_LIKEST]
                ]
            least = np.zeros(len(rows), np.uint8)
        else:
            rows = np.flatnonzero(held >= max(1, len(units) - most // 2))
            least = _least_slips(len(units) - held[rows], len(beside) - together[rows])
            rows, least = rows[least <= most], least[least <= most]
        order = np.argsort(-total[rows].astype(np.int16), kind="stable")
        return rows[order].astype(np.int32), least[order]

    def _tally(self, parts: Sequence[NDArray[np.int64]]) -> NDArray[np.uint8]:
        """How many of the parts, each some ranges of the index, every text has."""
        ranges = np.concatenate([*parts, np.empty((0, 2), np.int64)])
        numbers = np.repeat(np.arange(1, len(parts) + 1), [len(part) for part in parts]).astype(
            np.uint8
        )
        return matching.tally(ranges, numbers, self.postings, len(self))

    def _units(self, codes: Codes) -> list[list[int]]:
        """The sounds of a query from left to right: those of a character, or the longest syllable
        spelt there.
        """
        units, p = [], 0
        while p < len(codes):
            width, sounds = max(self._steps(codes, p), key=lambda step: step[0])
            units.append(list(sounds))
            p += width
        return units

    def _steps(self, codes: Codes, p: int) -> list[tuple[int, Sequence[int]]]:
        """How one character of a text can be read from p on, in full: in how many codes, and as
        which sounds.

        As a character, as a syllable, by its beginning where the query ends, or as a letter that
        stands in the text.
        """
        if not _is_letter(codes[p]):
            return [(1, self._writing.sounds_of(int(codes[p])))]
        letters = _letters(codes[p : p + SOUND_BYTES])
        steps: list[tuple[int, Sequence[int]]] = []
        for width in range(2, len(letters) + 1):
            sound = self._writing.sound(letters[:width])
            if p + width == len(codes):
                steps.append((width, range(*self._writing.beginning(letters))))
            elif sound is not None:
                steps.append((width, (sound,)))
        one = self._writing.sound(letters[:1])
        return [(1, () if one is None else (one,)), *(step for step in steps if step[1])]

    def _spellings(self, codes: Codes) -> Iterable[_Path]:
        """The ways in which a text can hold a query in full: by its syllables, or
        letter by letter.
        """
        yield from self._paths(codes, self._steps)
        if any(map(_is_letter, codes.tolist())):
            yield [self._steps(codes, p)[0][1] for p in range(len(codes))]

    def _shortenings(self, codes: Codes) -> Iterable[_Path]:
        """By initials alone, or by them where no syllable is spelt.

        Single letters begin whole groups of sounds.
        """
        yield [self._initial(codes, p, 1) for p in range(len(codes))]
        yield from self._paths(codes, self._short_steps)

    def _short_steps(self, codes: Codes, p: int) -> list[tuple[int, Sequence[int]]]:
        steps = [step for step in self._steps(codes, p) if step[0] > 1]
        double = bytes(_letters(codes[p : p + 2])) in (b"zh", b"ch", b"sh")
        return [*steps, *([(2, self._initial(codes, p, 2))] if double else [])] or [
            (1, self._initial(codes, p, 1))
        ]

    def _initial(self, codes: Codes, p: int, width: int) -> Sequence[int]:
        if not _is_letter(codes[p]):
            return self._writing.sounds_of(int(codes[p]))
        return range(*self._writing.beginning(_letters(codes[p : p + width])))

    def _paths(
        self, codes: Codes, steps: Callable[[Codes, int], list[tuple[int, Sequence[int]]]]
    ) -> Iterable[_Path]:
        """The _MOST_PATHS ways from one end of a query to the other in the fewest steps.

        Single letters weigh two.
        """
        best: list[list[tuple[int, _Path]]] = [[(0, [])], *([] for _ in codes)]
        for p in range(len(codes)):
            onward = steps(codes, p)
            for weight, path in nsmallest(_MOST_PATHS, best[p], key=lambda way: way[0]):
                for width, sounds in onward:
                    heavier = weight + (2 if width == 1 and _is_letter(codes[p]) else 1)
                    best[p + width].append((heavier, [*path, sounds]))
            best[p] = []
        return [path for _, path in nsmallest(_MOST_PATHS, best[-1], key=lambda way: way[0])]

    def _holding(self, paths: Iterable[_Path]) -> Rows:
        """The texts that can hold one of these paths: two neighbours of it beside each other, those
        that fewest have.

        Where many have them, other neighbours must be there, too: to read an entry of the index
        costs a fiftieth of weighing a text.
        """
        every = tuple(range(len(self.sounds)))
        known: dict[tuple[Sequence[int], Sequence[int]], NDArray[np.int64]] = {}
        few, many = [], []
        for path in paths:
            pairs = [(tuple(a), tuple(b)) for a, b in pairwise(path)] or [(tuple(path[0]), every)]
            for a, b in pairs:
                if (a, b) not in known:
                    known[a, b] = self._ranges((x, range(min(b), max(b) + 1)) for x in a if b)
            sides = sorted((known[pair] for pair in dict.fromkeys(pairs)), key=_size)
            least = _size(sides[0])
            if least <= _FEW:
                few.append(sides[0])
            else:
                many.append(
                    self._having([side for side in sides if _size(side) <= _WORTH_READING * least])
                )
        ranges = np.unique(np.concatenate(few), axis=0) if few else np.empty((0, 2), np.int64)
        rows = matching.gather(ranges, self.postings, len(self))
        return self._together([rows, *many]) if many else rows

    def _together(self, several: Sequence[Rows]) -> Rows:
        """All rows of several lists, each once, ascending."""
        marked = np.zeros(len(self), np.bool_)
        for rows in several:
            marked[rows] = True
        return np.flatnonzero(marked).astype(np.int32)

    def _having(self, sides: Sequence[NDArray[np.int64]]) -> Rows:
        """The texts that stand in all of these parts of the index."""
        return np.flatnonzero(self._tally(sides) == len(sides)).astype(np.int32)

    def _ranges(self, ways: Iterable[tuple[int, range]]) -> NDArray[np.int64]:
        """Where in `postings` a sound stands before any of a range of sounds, (m, 2), without empty
        ones.
        """
        count = len(self.sounds)
        keys = np.array(
            [(a * count + b.start, a * count + b.stop) for a, b in ways], np.int64
        ).reshape(-1, 2)
        ranges = self.pairs[keys]
        return np.ascontiguousarray(ranges[ranges[:, 0] < ranges[:, 1]])

    def _query(self, codes: Codes, *, slips: bool = False) -> Query:
        spelt = self.sounds.view(np.uint8).reshape(-1, SOUND_BYTES)
        is_letter = np.array([_is_letter(code) for code in codes], np.bool_)
        return matching.prepare(
            codes, is_letter, spelt, self.starts, self.readings, self.common, slips
        )

    def _texts(self) -> Texts:
        return Texts(self.codes, self.cuts, self.starts, self.readings, self.common)


def require_searchable(typed: str) -> None:
    """Raise BadQuestion for a text without a letter, digit or character, or with more of them than
    MOST_CODES.
    """
    held = sum(character.isalnum() for character in normal(typed))
    if not 1 <= held <= MOST_CODES:
        raise BadQuestion(
            "“{typed}” holds {held} letters, digits and Chinese characters; send 1–{most}.",
            typed=typed[:MOST_CODES],
            held=held,
            most=MOST_CODES,
        )


def _written(
    writing: Writing, texts: Iterable[tuple[str, str, str]]
) -> tuple[Codes, NDArray[np.int64]]:
    """All texts folded, and where each begins."""
    codes = np.concatenate([np.empty(0, np.uint16), *_folded(writing, iter(texts))])
    ends = np.flatnonzero(codes == FIELD_END)[2::3] + 1
    return codes, np.concatenate([[0], ends]).astype(np.int64)


def _folded(writing: Writing, texts: Iterator[tuple[str, str, str]]) -> Iterator[Codes]:
    """Some thousand texts at once: each by itself takes long, and all of a large city gigabytes."""
    while some := list(islice(texts, _FOLDED_AT_ONCE)):
        parts = (part.replace(BETWEEN, "") for text in some for part in text)
        codes = writing.fold("".join(part + BETWEEN for part in parts))
        yield codes[codes != NO_SOUND]


def _words(folded: Codes) -> list[Codes]:
    """What is written without a gap and in one script: jianghan江汉路 is two."""
    words: list[Codes] = []
    kind = 0
    for code in folded.tolist():
        now = 0 if code <= FIELD_END else 1 if _is_letter(code) else 2
        if now:
            words = (
                [*words[:-1], np.append(words[-1], np.uint16(code))]
                if now == kind
                else [*words, np.array([code], np.uint16)]
            )
        kind = now
    return words


def _joined(words: Sequence[Codes]) -> Codes:
    return np.concatenate(words) if words else np.empty(0, np.uint16)


def _is_letter(code: int) -> bool:
    """A letter or digit of ASCII: what pinyin and English are typed with."""
    return code < 128


def _letters(codes: Codes) -> bytes:
    """The letters and digits up to the first other character."""
    run = bytearray()
    for code in codes.tolist():
        if not _is_letter(code):
            break
        run.append(code)
    return bytes(run)


def _least_slips(missing: Fits, apart: Fits) -> Fits:
    """How many slips a text takes at least that lacks so many characters of a query and so many
    pairs of neighbours.
    """
    explained = np.minimum(apart, 2 * missing)
    return 2 * missing + apart - explained


def _size(ranges: NDArray[np.int64]) -> int:
    return int((ranges[:, 1] - ranges[:, 0]).sum())


def _weight(codes: Codes) -> int:
    """Characters, three letters counting as one."""
    letters = sum(map(_is_letter, codes.tolist()))
    return len(codes) - letters + -(-letters // 3)


def _slips(codes: Codes) -> int:
    """How many slips a query is forgiven: none of one character, one of two, and half of its
    characters at most.
    """
    weight = _weight(codes)
    return 0 if weight < 2 else 1 if weight == 2 else min(matching.MOST_SLIPS, (weight + 1) // 2)
