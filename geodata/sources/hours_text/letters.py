"""One way of writing for all notices: half-width, simplified, clock numbers in digits."""

import re
import unicodedata
from typing import Final


class Unsure(Exception):
    """The text can be read in no way, or in two."""


_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
_CHINESE_NUMBER: Final = re.compile(r"(?<![周期拜])[零〇一二两三四五六七八九十]{1,3}(?=[点时月])")
_AFTER_PERIOD: Final = re.compile(r"(?<=[早晚朝])[零〇一二两三四五六七八九十]{1,3}")
_SAME: Final = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "―": "-",
        "−": "-",
        "‐": "-",
        "‑": "-",
        "~": "-",
        "～": "-",
        "─": "-",
        "﹣": "-",
        "到": "至",
        "、": ",",
        "，": ",",
        "；": ";",
        "。": ";",
        "|": ";",
        "/": ";",
        "\n": ";",
        "\r": ";",
        "·": ",",
        "：": ":",
        "︰": ":",
        "【": "(",
        "】": ")",
        "[": "(",
        "]": ")",
        "〔": "(",
        "〕": ")",
        "週": "周",
        "點": "点",
        "時": "时",
        "節": "节",
        "業": "业",
        "開": "开",
        "間": "间",
        "×": "x",
        "*": "x",
        "X": "x",
        "号": "日",
        "兩": "两",
        "個": "个",
    }
)


def plain(text: str) -> str:
    """One way of writing: half-width, simplified separators, Arabic clock numbers, no spaces but
    between words.
    """
    even = unicodedata.normalize("NFKC", text).translate(_SAME)
    even = re.sub(r"(?:7\s*x\s*24|24\s*x\s*7|24;7)(?:小时|[hH])?", "24小时;", even)
    even = re.sub(r"\s+(?=小时)", "", even)
    even = re.sub(r"\s*([:\-至])\s*", r"\1", even)
    even = re.sub(r"-{2,}", "-", even)
    even = _CHINESE_NUMBER.sub(_number, even)
    return _AFTER_PERIOD.sub(_number, even)


def _number(found: re.Match[str]) -> str:
    tens, ten, ones = found[0].rpartition("十")
    if not ten:
        return "".join(str(_DIGITS[digit]) for digit in found[0])
    if any(len(part) > 1 or part in "零〇" for part in (tens, ones) if part):
        raise Unsure
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))
