"""Whether a column of ids holds ids, or only counts the rows of its file.

A list that numbers its rows gives every place another number as soon as one row goes or comes.
Printed on plates such numbers would lead people to the neighbour's door.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise, takewhile
from typing import Final

#: Numbers that a list has lost since somebody numbered it, as a share of the numbers that are left.
_MOST_GAPS: Final = 0.05
#: The last number of a cell: ST-0001, 序号12, No. 7, (3).
_NUMBERED: Final = re.compile(r"(.*?)(\d+)\D*", re.DOTALL)
#: A spreadsheet's whole number as text.
_WHOLE: Final = re.compile(r"(\d+)\.0+")
#: Digits that stand before every number, such as an area's code or a year; fewer belong to it.
_FEWEST_CODE_DIGITS: Final = 4
#: Fewer cells that begin differently may count by chance: a1, b2.
_FEWEST_OF_MANY_KINDS: Final = 5
#: Fewer numbers behind a code could be anything.
_FEWEST_CODED: Final = 3


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


def is_running(cells: Sequence[str]) -> bool:
    """Whether these cells, blank ones apart, are 1..n in the order of the file.

    What stands before and behind a number and how wide it is written do not count; up to 5 % of the
    numbers may be missing. Numbers that begin anew, and so name several rows alike, count them,
    too. No cells are no numbers, and one cell only is where nothing but a number stands in it.
    """
    texts = [_plain(cell) for cell in cells if cell]
    found = [each for each in map(_NUMBERED.fullmatch, texts) if each]
    prefixes = {each[1] for each in found}
    if not texts or len(found) < len(texts) or (len(texts) == 1 and prefixes != {""}):
        return False
    if len(texts) < _FEWEST_OF_MANY_KINDS and len(prefixes) > 1:
        return False
    numbers = [int(each[2]) for each in found]
    anew = _parts(numbers) if len(set(texts)) < len(texts) else [numbers]
    return all(map(_counts_rows, anew)) or _counts_rows(_behind_a_code([m[2] for m in found]))


def _plain(cell: str) -> str:
    even = unicodedata.normalize("NFKC", cell).strip()
    whole = _WHOLE.fullmatch(even)
    return whole[1] if whole else even


def _counts_rows(numbers: Sequence[int]) -> bool:
    """From 0 or 1 on, each greater than the one before, with few gaps."""
    if not numbers or any(after <= before for before, after in pairwise(numbers)):
        return False
    missing = numbers[-1] - min(1, numbers[0]) + 1 - len(numbers)
    return missing <= _MOST_GAPS * len(numbers)


def _parts(numbers: Sequence[int]) -> list[list[int]]:
    """Cut where a number does not rise."""
    parts = [[numbers[0]]]
    for before, after in pairwise(numbers):
        if after <= before:
            parts.append([])
        parts[-1].append(after)
    return parts


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
