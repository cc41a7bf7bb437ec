"""Whether a column of ids holds ids, or only counts the rows of its file.

A list that numbers its rows gives every place another number as soon as one row goes or comes.
Printed on plates such numbers would lead people to the neighbour's door.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate, pairwise, takewhile
from typing import Final

#: Numbers that a list has lost since somebody numbered it, as a share of the numbers that are left.
_MOST_GAPS: Final = 0.05
#: The last number of a cell: ST-0001, 序号12, No. 7, (3).
_NUMBERED: Final = re.compile(r"(.*?)(\d+)\D*", re.DOTALL)
#: A spreadsheet's whole number as text.
_WHOLE: Final = re.compile(r"(\d+)\.0+")
_DIGITS: Final = "零一二三四五六七八九"
#: 一, 第十二, (三), 一百零五.
_SPOKEN: Final = re.compile(
    rf"(第?\(?)(?=[{_DIGITS}十])(?:(?P<hundreds>[{_DIGITS}])百零?)?(?:(?P<tens>[{_DIGITS}])?(?P<ten>十))?"
    rf"(?P<ones>[{_DIGITS}])?(?P<behind>\)?[、.号个]?)"
)
#: Digits that stand before every number, such as an area's code or a year; fewer belong to it.
_FEWEST_CODE_DIGITS: Final = 4
#: Fewer cells that begin differently may count by chance: a1, b2.
_FEWEST_OF_MANY_KINDS: Final = 5
#: Fewer numbers behind a code could be anything.
_FEWEST_CODED: Final = 3
#: Below the headings, as a spreadsheet counts.
_FIRST_ROW: Final = 2


class Ids(StrEnum):
    """What a column of ids is."""

    OWN = "own"
    """Ids that stay with their place."""
    RUNNING = "running"
    """The numbers of the rows."""


class Per(StrEnum):
    """The areas in each of which ids begin anew."""

    DISTRICT = "district"
    STREET = "street"


def is_running(cells: Sequence[str], rows: Sequence[int] = ()) -> bool:
    """Whether these cells, blank ones apart, are 1..n in the order of the file.

    What stands before and behind a number and how wide it is written do not count; up to 5 % of the
    numbers may be missing, and all that rows of the spreadsheet had which were left out: `rows` are
    the numbers of those that are there. Numbers that begin anew, and so name several rows alike,
    count them, too. No cells are no numbers, and one cell only is where nothing but a number stands
    in it.
    """
    texts = [_plain(cell) for cell in cells if cell]
    at = [row for row, cell in zip(rows, cells, strict=True) if cell] if rows else []
    found = [each for each in map(_NUMBERED.fullmatch, texts) if each]
    prefixes = {each[1] for each in found}
    if not texts or len(found) < len(texts) or (len(texts) == 1 and prefixes != {""}):
        return False
    if len(texts) < _FEWEST_OF_MANY_KINDS and len(prefixes) > 1:
        return False
    numbers = [int(each[2]) for each in found]
    lengths = _parts(numbers) if len(set(texts)) < len(texts) else [len(numbers)]
    ends = list(accumulate(lengths))
    anew = [slice(end - length, end) for length, end in zip(lengths, ends, strict=True)]
    coded = _behind_a_code([each[2] for each in found])
    return all(_counts_rows(numbers[part], at[part]) for part in anew) or _counts_rows(coded, at)


def rises_with_gaps(cells: Sequence[str]) -> bool:
    """Whether these cells are numbers that rise from 0 or 1 on, with more gaps than `is_running`
    allows but fewer than numbers: they may be what is left of running numbers.
    """
    texts = [_plain(cell) for cell in cells if cell]
    found = [each for each in map(_NUMBERED.fullmatch, texts) if each]
    if len(texts) < _FEWEST_OF_MANY_KINDS or len(found) < len(texts):
        return False
    numbers = [int(each[2]) for each in found]
    rising = all(after > before for before, after in pairwise(numbers))
    same = len({each[1] for each in found}) == 1
    return same and rising and _missing(numbers, []) <= len(numbers)


def _plain(cell: str) -> str:
    even = unicodedata.normalize("NFKC", cell).strip()
    whole, spoken = _WHOLE.fullmatch(even), _SPOKEN.fullmatch(even)
    if spoken:
        hundreds, tens, ten, ones = (spoken[name] for name in ("hundreds", "tens", "ten", "ones"))
        value = 100 * _digit(hundreds) + (10 * (_digit(tens) or 1) if ten else 0) + _digit(ones)
        return f"{spoken[1]}{value}{spoken['behind']}"
    return whole[1] if whole else even


def _digit(letter: str | None) -> int:
    return _DIGITS.index(letter) if letter else 0


def _counts_rows(numbers: Sequence[int], rows: Sequence[int]) -> bool:
    """From 0 or 1 on, each greater than the one before, with few gaps."""
    if not numbers or any(after <= before for before, after in pairwise(numbers)):
        return False
    return _missing(numbers, rows) <= _MOST_GAPS * len(numbers)


def _missing(numbers: Sequence[int], rows: Sequence[int]) -> int:
    """Numbers between 0 or 1 and the last that no cell has, rows that were left out apart."""
    steps = [after - before - 1 for before, after in pairwise(numbers)]
    first = numbers[0] - min(1, numbers[0])
    if not rows:
        return first + sum(steps)
    out = [max(0, after - before - 1) for before, after in pairwise(rows)]
    lost = sum(max(0, step - left) for step, left in zip(steps, out, strict=True))
    return max(0, first - max(0, rows[0] - _FIRST_ROW)) + lost


def _parts(numbers: Sequence[int]) -> list[int]:
    """How many numbers there are until one does not rise, each time."""
    lengths = [1]
    for before, after in pairwise(numbers):
        if after <= before:
            lengths.append(0)
        lengths[-1] += 1
    return lengths


def _behind_a_code(digits: Sequence[str]) -> list[int]:
    """The numbers behind digits that all cells begin with: 1 and 2 of 420103001 and 420103002.

    None where there is no such code, or where nothing pads them: 00123 is one number.
    """
    if len(digits) < _FEWEST_CODED or len({len(each) for each in digits}) > 1:
        return []
    first, last = min(digits), max(digits)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=True))
    code = "".join(digit for digit, _ in same).rstrip("0")
    if len(code) < _FEWEST_CODE_DIGITS or code.startswith("0"):
        return []
    behind = [each[len(code) :] for each in digits]
    return [int(each) for each in behind] if behind[0].startswith("0") else []
