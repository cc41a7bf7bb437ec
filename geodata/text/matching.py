"""How a typed text fits written ones: bit-parallel kernels over codes and their sounds.

Chooses and orders nothing.

Bit p of a state set says that the first p codes of the query are read. A character of a text takes
p forward by one where it is the code there, by the length of a syllable where one of its readings
is spelt there, and, shortened, by one where only its initial is (Shift-And, Baeza-Yates and Gonnet
1992, with steps of different lengths). So pinyin, initials, heteronyms and mixtures need no
spelling of the text: its characters are stored once. With slips (Wu and Manber 1992) there is a
state set for each number of them.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import inlined_kernel, inner_kernel, kernel
from geodata.text.pinyin import FIELD_END, NO_SOUND, SOUND_BYTES, UNREAD, Codes

Bits = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
Sounds = NDArray[np.int16]
Rows = NDArray[np.int32]

#: Codes of the longest query: its states, one more, must fit in 64 bits.
MOST_CODES: Final = 60
#: A text that does not fit.
NO_FIT: Final = 255
#: What is added where the query is shortened, or only sounds alike.
SHORTENED: Final = 4
#: Fields of a text: name, name in English, where it is.
_WHERE: Final = 2
_ONE: Final = np.uint64(1)
_NONE: Final = np.uint64(0)
#: Rows of what a query hears of each sound, before they get names.
_FULL, _ENDS, _INITIAL, _DOUBLE = 0, 1, 2, 3
_H: Final = ord("h")
#: One slip in a syllable makes it a letter shorter, none, or longer.
_LENGTHS: Final = 3
#: Slips that are counted at most.
MOST_SLIPS: Final = 4


class Query(NamedTuple):
    """A query, prepared for the kernels: for each code, or for each sound, the states that it leads
    on from.
    """

    slot: Bytes
    """(65536,) where a code stands in `same`; 0: not in the query."""
    same: Bits
    full: Bits
    """By sound: the syllable is spelt here."""
    ends: Bits
    """The query ends within the syllable, after two letters at least."""
    initial: Bits
    """Its first letter stands here, or another character with this sound."""
    double: Bits
    """Its zh, ch or sh stands here."""
    near: Bits
    """(s, 3) Spelt here with one slip, in one letter less, the same, or one more."""
    size: Bytes
    """(s,) letters of each sound."""
    letters: Bits
    """(1,) the states before a letter or digit: slips there weigh one, in a character two. An
    array, because a number comes back from Python with a sign.
    """
    length: int
    leads: Bits
    """(65536,) by code: every state that it leads on from, in any way; most codes lead nowhere."""


class Texts(NamedTuple):
    """Written texts, and how their characters are read: Writing's tables without names."""

    codes: Codes
    """Three fields a text, each ended by FIELD_END."""
    cuts: NDArray[np.int64]
    starts: Rows
    readings: Sounds
    common: NDArray[np.int8]


@kernel
def prepare(
    codes: Codes,
    is_letter: NDArray[np.bool_],
    sounds: Bytes,
    starts: Rows,
    readings: Sounds,
    common: NDArray[np.int8],
    slips: bool,  # noqa: FBT001  # a kernel takes no keywords
) -> Query:
    """A query from its codes (at most MOST_CODES) and Writing's tables.

    `sounds` as bytes, (s, SOUND_BYTES).

    `near` is filled only if `slips` are to be looked for.
    """
    n, count = len(codes), len(sounds)
    slot, same, letters = (
        np.zeros(65536, np.uint8),
        np.zeros(MOST_CODES + 1, np.uint64),
        np.zeros(1, np.uint64),
    )
    heard, near, size = (
        np.zeros((4, count), np.uint64),
        np.zeros((count, _LENGTHS), np.uint64),
        np.zeros(count, np.uint8),
    )
    used = 0
    for p in range(n):
        bit = _ONE << np.uint64(p)
        if slot[codes[p]] == 0:
            used += 1
            slot[codes[p]] = used
        same[slot[codes[p]]] |= bit
        if is_letter[p]:
            letters[0] |= bit
        elif n > 1:  # one character that only sounds the same is no find
            for at in range(starts[codes[p]], starts[codes[p]] + common[codes[p]]):
                heard[_INITIAL, readings[at]] |= bit
    for s in range(count):
        while size[s] < SOUND_BYTES and sounds[s, size[s]] != 0:
            size[s] += 1
        if size[s] > 0:
            _hear(codes, sounds[s], int(size[s]), heard[:, s])
        if slips and size[s] > 1:
            _mishear(codes, is_letter, sounds[s], int(size[s]), near[s])
    every = heard[0] | heard[1] | heard[2] | heard[3] | near[:, 0] | near[:, 1] | near[:, 2]
    leads = _leads(slot, same, every, starts, readings)
    return Query(
        slot,
        same,
        heard[_FULL],
        heard[_ENDS],
        heard[_INITIAL],
        heard[_DOUBLE],
        near,
        size,
        letters,
        n,
        leads,
    )


@inner_kernel
def _hear(codes: Codes, sound: Bytes, size: int, heard: Bits) -> None:
    """Where a sound is spelt in a query: in full, up to the query's end, by its first letter, by
    its zh, ch or sh.
    """
    for p in range(len(codes)):
        bit = _ONE << np.uint64(p)
        fits = 0
        while fits < size and p + fits < len(codes) and codes[p + fits] == sound[fits]:
            fits += 1
        if fits == size:
            heard[_FULL] |= bit
        elif p + fits == len(codes) and fits > 1:
            heard[_ENDS] |= bit
        if fits > 0:
            heard[_INITIAL] |= bit
        if fits > 1 and size > 2 and sound[1] == _H:
            heard[_DOUBLE] |= bit


@inner_kernel
def _mishear(
    codes: Codes, is_letter: NDArray[np.bool_], sound: Bytes, size: int, near: Bits
) -> None:
    """Where it is spelt with one slip."""
    for p in range(len(codes)):
        for less in range(_LENGTHS):
            width = size - 1 + less
            if (
                width > 1
                and p + width <= len(codes)
                and _one_slip(codes, p, width, sound, size, is_letter)
            ):
                near[less] |= _ONE << np.uint64(p)


@inner_kernel
def _leads(slot: Bytes, same: Bits, heard: Bits, starts: Rows, readings: Sounds) -> Bits:
    leads = np.zeros(65536, np.uint64)
    for code in range(len(leads)):
        leads[code] = same[slot[code]]
        for at in range(starts[code], starts[code + 1]):
            leads[code] |= heard[readings[at]]
    return leads


@inner_kernel
def _one_slip(
    codes: Codes, p: int, width: int, sound: Bytes, length: int, is_letter: NDArray[np.bool_]
) -> bool:
    """Whether codes[p : p + width], all letters, become a sound by one letter changed, put in or
    left out.
    """
    ahead, behind = 0, 0
    while ahead < min(width, length) and codes[p + ahead] == sound[ahead]:
        ahead += 1
    while (
        behind < min(width, length) - ahead
        and codes[p + width - 1 - behind] == sound[length - 1 - behind]
    ):
        behind += 1
    for q in range(p, p + width):
        if not is_letter[q]:
            return False
    return max(width, length) - ahead - behind == 1


@inlined_kernel
def _step(
    code: int, full: np.uint64, short: np.uint64, usual: np.uint64, query: Query, texts: Texts
) -> tuple[np.uint64, np.uint64, np.uint64, bool, bool]:
    """One character on: the next states read in full, those shortened, and of them those that a
    usual reading of this character led to.

    Whether the query ends within it, in full or shortened. A rare reading leads on only from the
    states in `usual`.
    """
    same = query.same[query.slot[code]]
    next_full, next_usual, next_rare = (full & same) << _ONE, (short & same) << _ONE, _NONE
    full_ends = short_ends = False
    first = texts.starts[code]
    for at in range(first, texts.starts[code + 1]):
        sound = texts.readings[at]
        width = np.uint64(query.size[sound])
        is_usual = at - first < max(1, texts.common[code])
        come = short if is_usual else usual
        led = (
            ((come & query.full[sound]) << width)
            | ((come & query.initial[sound]) << _ONE)
            | ((come & query.double[sound]) << np.uint64(2))
        )
        if is_usual:
            next_usual |= led
        else:
            next_rare |= led
        short_ends |= (come & query.ends[sound]) != _NONE
        if at - first < texts.common[code]:
            next_full |= (full & query.full[sound]) << width
            full_ends |= (full & query.ends[sound]) != _NONE
    return next_full, next_usual | next_rare, next_usual, full_ends, short_ends


@inner_kernel
def _from_start(query: Query, texts: Texts, first: int, shortened: bool) -> int:  # noqa: FBT001  # a kernel takes no keywords
    """How a field that holds the query and begins at `first` does so: 0 it is it, 1 begins with it,
    2 has it inside.
    """
    goal, full, short, usual = _ONE << np.uint64(query.length), _ONE, _ONE, _ONE
    at = first
    while texts.codes[at] != FIELD_END and (full | short) != _NONE:
        full, short, usual, full_ends, short_ends = _step(
            texts.codes[at], full, short, usual, query, texts
        )
        at += 1
        states, ends = (short, short_ends) if shortened else (full, full_ends)
        if ends or states & goal:
            return 0 if texts.codes[at] == FIELD_END and not ends else 1
    return 2


@kernel
def as_typed(query: Query, texts: Texts, rows: Rows) -> Bytes:
    """How each text holds the query in one piece, at the start of a character: NO_FIT, or the less
    the better.

    0 a name is it, 1 begins with it, 2 holds it, 3 the whereabouts hold it; SHORTENED more where
    only initials, another character of the same sound or a rare reading makes it fit. Two rare
    readings side by side are nobody's initials: they make nothing fit.
    """
    fits = np.full(len(rows), NO_FIT, np.uint8)
    goal = _ONE << np.uint64(query.length)
    for i in range(len(rows)):
        best, field, full, short, usual = NO_FIT, 0, _NONE, _NONE, _NONE
        first = texts.cuts[rows[i]]
        for at in range(first, texts.cuts[rows[i] + 1]):
            code = texts.codes[at]
            if code == FIELD_END:
                field, full, short, usual, first = field + 1, _NONE, _NONE, _NONE, at + 1
                if best <= _WHERE:
                    break
                continue
            if query.leads[code] & (short | _ONE) == _NONE:
                full, short, usual = _NONE, _NONE, _NONE
                continue
            full, short, usual, full_ends, short_ends = _step(
                code, full | _ONE, short | _ONE, usual | _ONE, query, texts
            )
            in_full = full_ends or (full & goal) != _NONE
            if in_full or short_ends or (short & goal) != _NONE:
                less = 0 if in_full else SHORTENED
                if best > 2 + less:
                    found = _from_start(query, texts, first, not in_full) if field < _WHERE else 3
                    if field == 1 and found == 2:
                        found = (
                            3  # English is read letter by letter, so this may begin within a word
                        )
                    best = min(best, found + less)
        fits[i] = best
    return fits


@kernel
def with_slips(
    query: Query,
    texts: Texts,
    rows: Rows,
    least: Bytes,
    most: int,
    again: bool,  # noqa: FBT001  # a kernel takes no keywords
) -> Bytes:
    """The fewest slips, up to `most`, with which each text holds the query; NO_FIT: more.

    A gap weighs one: the query's parts may stand apart, and, with `again`, in another order (the
    text is read twice). A letter wrong, missing or too many weighs one, a character two. A
    character that sounds the same weighs nothing. Twice as many are counted, plus one where the
    name alone does not hold it. Only the texts with the fewest slips of all are sure to be told:
    one after a text with fewer is not weighed to the end, and one that takes more (`least`) not at
    all, so the likest rows come first.
    """
    fits = np.full(len(rows), NO_FIT, np.uint8)
    begin, now = np.zeros(MOST_SLIPS + 1, np.uint64), np.zeros(MOST_SLIPS + 1, np.uint64)
    before, held = np.zeros(MOST_SLIPS + 1, np.uint64), np.zeros(MOST_SLIPS + 1, np.uint64)
    begin[0] = _ONE
    _leave_out(begin, query.letters[0], most)
    for i in range(len(rows)):
        if least[i] > most:
            continue
        best = in_name = most + 1
        now[:], held[:] = _NONE, _NONE
        for turn in range(2 if again else 1):
            if turn and best < 2:
                break  # another order takes a gap
            field, alive = 0, _NONE
            for at in range(texts.cuts[rows[i]], texts.cuts[rows[i] + 1]):
                code = texts.codes[at]
                if code == FIELD_END:
                    now[:], alive = _NONE, _NONE
                    field += 1
                    if turn == 0 and field == _WHERE:
                        in_name = best
                elif alive | query.leads[code] != _NONE:
                    fewest, alive = _stumble(code, query, texts, most, now, before, begin, held)
                    best = min(best, fewest)
        if best <= most:
            fits[i] = 2 * best + (1 if in_name > best else 0)
            most = best
    return fits


@inlined_kernel
def _stumble(
    code: int,
    query: Query,
    texts: Texts,
    most: int,
    now: Bits,
    before: Bits,
    begin: Bits,
    held: Bits,
) -> tuple[int, np.uint64]:
    """One character on, for every number of slips: the fewest with which the query ends here.

    The states it is in.

    `held` are the states at any character so far: a gap leads on from there.
    """
    goal, best, alive = _ONE << np.uint64(query.length), most + 1, _NONE
    for slips in range(most + 1):
        before[slips] = now[slips] | begin[slips]
    for slips in range(most + 1):
        come = before[slips] | held[slips - 1] if slips > 0 else before[slips]
        _, after, _, _, ends = _step(code, _NONE, come, come, query, texts)
        if slips > 0:
            after |= _slipped(code, before[slips - 1], query, texts)
        if slips > 1:
            after |= (before[slips - 2] & ~query.letters[0]) << _ONE
        now[slips] = after
        if ends:
            best = min(best, slips)
    _leave_out(now, query.letters[0], most)
    for slips in range(most + 1):
        held[slips] |= now[slips]
        alive |= now[slips]
        if now[slips] & goal:
            best = min(best, slips)
    return best, alive


@inlined_kernel
def _leave_out(states: Bits, letters: np.uint64, most: int) -> None:
    """Codes of the query that no character answers: a letter weighs one slip, a character two."""
    for slips in range(most):
        states[slips + 1] |= (states[slips] & letters) << _ONE
        if slips + 2 <= most:
            states[slips + 2] |= (states[slips] & ~letters) << _ONE


@inlined_kernel
def _slipped(code: int, states: np.uint64, query: Query, texts: Texts) -> np.uint64:
    """One character on with one slip: its syllable is misspelt, or the letter is another."""
    after = _NONE
    for at in range(texts.starts[code], texts.starts[code + 1]):
        sound = texts.readings[at]
        size = query.size[sound]
        if size == 1:
            after |= (states & query.letters[0]) << _ONE
        for less in range(_LENGTHS):
            after |= (states & query.near[sound, less]) << np.uint64(size - 1 + less)
    return after


@kernel
def gather(ranges: NDArray[np.int64], postings: Rows, texts: int) -> Rows:
    """The texts of several ranges of the index, each once.

    In their order where they are many, for the cache's sake.
    """
    seen = np.zeros(texts, np.bool_)
    out = np.empty(min(texts, int((ranges[:, 1] - ranges[:, 0]).sum())), np.int32)
    found = 0
    for i in range(len(ranges)):
        for at in range(ranges[i, 0], ranges[i, 1]):
            if not seen[postings[at]]:
                seen[postings[at]] = True
                out[found] = postings[at]
                found += 1
    if found > texts // 64:
        found = 0
        for row in range(texts):
            if seen[row]:
                out[found] = row
                found += 1
    return out[:found]


@kernel
def tally(ranges: NDArray[np.int64], part: Bytes, postings: Rows, texts: int) -> Bytes:
    """For each text, how many parts it has: the ranges of the index with one number are
    one part.
    """
    counts, last = np.zeros(texts, np.uint8), np.zeros(texts, np.uint8)
    for i in range(len(ranges)):
        for at in range(ranges[i, 0], ranges[i, 1]):
            row = postings[at]
            if last[row] != part[i]:
                last[row] = part[i]
                counts[row] += 1
    return counts


@inlined_kernel
def _reading(texts: Texts, code: int, number: int) -> int:
    """A reading of a character, the end of a field being silent: NO_SOUND.

    UNREAD where it has none.
    """
    at = texts.starts[code] + number
    if at < texts.starts[code + 1]:
        return int(texts.readings[at])
    return NO_SOUND if code == FIELD_END else UNREAD


@kernel
def _enter(texts: Texts, sounds: int, last: Rows, ends: NDArray[np.int64], out: Rows) -> None:
    """Every text into the lists of its pairs, once into each: it is written to `out` where there is
    room, and counted.
    """
    for row in range(len(texts.cuts) - 1):
        for at in range(texts.cuts[row], texts.cuts[row + 1] - 1):
            code, after = texts.codes[at], texts.codes[at + 1]
            if code == FIELD_END:
                continue
            for a in range(max(1, texts.starts[code + 1] - texts.starts[code])):
                for b in range(max(1, texts.starts[after + 1] - texts.starts[after])):
                    pair = _reading(texts, code, a) * sounds + _reading(texts, after, b)
                    rare = a >= max(1, texts.common[code]) and b >= max(1, texts.common[after])
                    if not rare and last[pair] != row:
                        last[pair] = row
                        if len(out) > 0:
                            out[ends[pair]] = row
                        ends[pair] += 1


def neighbours(texts: Texts, sounds: int) -> tuple[NDArray[np.int64], Rows]:
    """The index: for each two sounds that follow each other, the texts they do so in, sorted.

    Pair (a, b) has the number a * sounds + b, b being NO_SOUND at the end of a field. Gives where
    each pair's texts begin, (sounds² + 1,), and the texts. Two rare readings beside each other are
    left out.
    """
    pairs = sounds * sounds
    counts = np.zeros(pairs, np.int64)
    _enter(texts, sounds, np.full(pairs, -1, np.int32), counts, np.empty(0, np.int32))
    starts = np.concatenate([[0], np.cumsum(counts)])
    out = np.empty(starts[-1], np.int32)
    _enter(texts, sounds, np.full(pairs, -1, np.int32), starts[:-1].copy(), out)
    return starts, out
