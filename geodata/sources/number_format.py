"""A number as a spreadsheet shows it: 123 in the format 00123 is 00123, 7 in "ST-"000 is ST-007.

Only formats that write the whole number are followed: zeros in front, texts around, fixed decimals.
Percent, dates, fractions, exponents and groups of thousands leave the number as it is.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Final

#: Formats that Excel knows by number (ECMA-376, 18.8.30) and that show more than the number.
BUILT_IN: Final = {2: "0.00"}
_PARTS: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]'
    r"|(?P<bracket>\[[^\]]*\])|(?P<digits>[0#?]+)|(?P<point>\.)|(?P<text>@)"
    r"|(?P<other>General|[,%/EeGgYyMmDdHhSs]|AM/PM)|(?P<literal>.)",
    re.DOTALL | re.IGNORECASE,
)
_COLOURS: Final = re.compile(
    r"\[(?:black|white|red|green|blue|yellow|magenta|cyan|color ?\d+|颜色 ?\d+|红色|黑色|蓝色)\]",
    re.IGNORECASE,
)


#: Beyond these a double no longer holds every digit.
_MOST: Final = 1e15
_MOST_DECIMALS: Final = 12


@dataclass(frozen=True, slots=True)
class _Section:
    """One section of a format: texts and runs of digit marks before the point, marks after it."""

    whole: tuple[tuple[bool, str], ...]
    """(whether it is a run of digit marks, the run or the text)."""
    decimals: str | None
    behind: str
    """Text behind the number."""


def shown(value: float | str, code: str) -> str | None:
    """What a cell with this format shows; None where that is the value, or not to be followed."""
    if isinstance(value, str):
        return _text(value, code)
    sections = _sections(code)
    negative = value < 0
    if not sections:
        return None
    section = _section(sections[1 if negative and len(sections) > 1 else 0])
    if section is None or (section.decimals is None and not _tells(section)):
        return None
    written = _number(abs(value), section)
    return written and ("-" if negative and len(sections) == 1 else "") + written.strip()


@cache
def tells(code: str) -> bool:
    """Whether numbers or texts of this format can show otherwise than they are."""
    if "@" in code and code.strip() != "@":
        return True
    sections = _sections(code)
    read = _section(sections[0]) if sections else None
    return read is not None and (read.decimals is not None or _tells(read))


def _tells(section: _Section) -> bool:
    marks = "".join(text for is_run, text in section.whole if is_run)
    around = "".join(text for is_run, text in section.whole if not is_run) + section.behind
    return marks.count("0") > 1 or bool(around.strip())


def _text(value: str, code: str) -> str | None:
    section = next((each for each in _sections(code) if "@" in each), "")
    if not section or section.strip() == "@":
        return None
    pieces = []
    for found in _PARTS.finditer(section):
        if found["text"]:
            pieces.append(value)
        else:
            pieces.append(found["quoted"] or found["escaped"] or found["literal"] or "")
    return "".join(pieces).strip()


@cache
def _sections(code: str) -> tuple[str, ...]:
    if code.strip().lower() in ("", "general", "@", "g/通用格式"):
        return (code,) if code.strip() == "@" else ()
    return tuple(_split(code))


def _split(code: str) -> list[str]:
    """At semicolons that stand in no quotes."""
    parts = [""]
    for found in re.finditer(r'"[^"]*"|\\.|;|[^;"\\]+|.', code, re.DOTALL):
        if found[0] == ";":
            parts.append("")
        else:
            parts[-1] += found[0]
    return parts


@cache
def _section(text: str) -> _Section | None:
    """A section as runs and texts; None where it is not one that is followed."""
    found = [*_PARTS.finditer(_COLOURS.sub("", text))]
    points = [at for at, part in enumerate(found) if part["point"]] or [len(found)]
    if len(points) > 1 or any(part["bracket"] or part["other"] or part["text"] for part in found):
        return None
    whole = [_piece(part) for part in found[: points[0]]]
    behind = [_piece(part) for part in found[points[0] + 1 :]]
    runs = [is_run for is_run, _ in behind]
    if not any(is_run for is_run, _ in whole) or runs != sorted(runs, reverse=True):
        return None  # a mark behind a text behind the point
    decimals = "".join(text for is_run, text in behind if is_run)
    around = "".join(text for is_run, text in behind if not is_run)
    return _Section(tuple(whole), decimals if points[0] < len(found) else None, around)


def _piece(part: re.Match[str]) -> tuple[bool, str]:
    text = part["quoted"] or part["escaped"] or part["currency"] or part["literal"] or ""
    return (True, part["digits"]) if part["digits"] else (False, text)


def _number(value: float, section: _Section) -> str | None:
    """The digits dealt out to the marks from the right; None where the format would cut some off.

    104.0645 in 0.00 stays 104.0645: a position is not to be lost.
    """
    marks = section.decimals or ""
    if value >= _MOST or len(marks) > _MOST_DECIMALS:
        return None
    exact = Decimal(repr(value))
    rounded = exact.quantize(Decimal(1).scaleb(-len(marks)), ROUND_HALF_UP)
    if rounded != exact:
        return None
    digits, _, fraction = format(rounded, "f").partition(".")
    digits = digits.lstrip("0")
    runs = [text for is_run, text in section.whole if is_run]
    room = sum(map(len, runs))
    digits = digits.rjust(room, "\0")
    lead, dealt = digits[: len(digits) - room], digits[len(digits) - room :]
    pieces, at, first = [], 0, True
    for is_run, text in section.whole:
        if not is_run:
            pieces.append(text)
            continue
        run = dealt[at : at + len(text)]
        at += len(text)
        pieces.append((lead if first else "") + _padded(run, text))
        first = False
    while fraction and marks and fraction[-1] == "0" and marks[len(fraction) - 1] in "#?":
        fraction = fraction[:-1]
    return (
        "".join(pieces)
        + (f".{fraction}" if section.decimals is not None and fraction else "")
        + section.behind
    )


def _padded(run: str, marks: str) -> str:
    """The digits of a run; a mark without one is 0 only where the mark is 0."""
    return "".join(
        mark.replace("#", "").replace("?", "") if digit == "\0" else digit
        for digit, mark in zip(run, marks, strict=True)
    )
