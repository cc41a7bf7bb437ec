"""One way of writing for all notices: half-width, simplified, one sign for each kind of dash."""

import re
import unicodedata
from typing import Final

from geodata.errors import NuanfengError


class Unsure(NuanfengError):
    """The text can be read in no way, or in two; the message says which words stop it."""


_SAME: Final = str.maketrans(
    dict.fromkeys("–—―−‐‑~～─﹣﹘⁓∼〜", "-")
    | dict.fromkeys("【[〔{〈《「", "(")
    | dict.fromkeys("】]〕}〉》」", ")")
    | dict.fromkeys("；。;|｜", ";")
    | dict.fromkeys("，,/·•&+", ",")
    | dict.fromkeys("：︰∶﹕", ":")
    | dict.fromkeys("×*X✕", "x")
    | dict(
        zip(
            "週點時節業開間號兩個館門閉關營對務運辦員無壓後禮雙與從國慶單隔補調換訂預約縣區廳樓層樣這還進場為眾餘",
            "周点时节业开间号两个馆门闭关营对务运办员无压后礼双与从国庆单隔补调换订预约县区厅楼层样这还进场为众余",
            strict=True,
        )
    )
    | {"到": "至"}
)
#: A line's end is a stop; a semicolon alone says the same.
_LINE: Final = re.compile(r"\s*[\r\n]+\s*")
#: The whole text in one pair of quotation marks.
_QUOTED: Final = re.compile(r'^["“”]([^"“”]*)["“”]$')
_TOMORROW_ASIDE: Final = re.compile(r"(?<=-)\((次日|翌日|第二天)\)")
#: 9.00-18.00, and 18.00-次日2.00; not where a unit follows or money stands before.
_DOTTED: Final = re.compile(
    r"(?<![\d.¥$])(?<!\d:)([01]?\d|2[0-4])\.([0-5]\d)([-至](?:次日|翌日|第二天)?(?:凌晨)?)"
    r"([01]?\d|2[0-4])\.([0-5]\d)(?![\d.:]| ?[元块%折度米公kKm])"
)
_TIGHT: Final = re.compile(r"\s*([:\-至,、;()])\s*")


def plain(text: str) -> str:
    """One way of writing: half-width, simplified, one kind of dash, bracket and comma.

    Line ends become `;`, an enumeration comma stays `、`, single spaces stay between words only.
    """
    even = unicodedata.normalize("NFKC", text.strip()).translate(_SAME)
    even = _QUOTED.sub(r"\1", _LINE.sub(";", even))
    even = _TIGHT.sub(r"\1", re.sub(r"\s+", " ", even))
    even = re.sub(r"-{2,}", "-", even)
    even = re.sub(r"(?<=\d) (?=个?小时|[hH](?![A-Za-z]))", "", even)
    even = _DOTTED.sub(_with_colons, _TOMORROW_ASIDE.sub(r"\1", even))
    return re.sub(r"(?:24 ?x ?7|7 ?x ?24|24,7)", "7x24", even)


def _with_colons(found: re.Match[str]) -> str:
    """Dotted numbers as clock times where they cannot be two dates (5.10-10.15), and something says
    that they are times: a full hour, or any word beside them.
    """
    first, second = (found[1], found[2]), (found[4], found[5])
    dates = all(1 <= int(month) <= 12 and 1 <= int(day) <= 31 for month, day in (first, second))
    bare = found[0] == found.string and "00" not in (found[2], found[5])
    if dates or bare:
        return found[0]
    return f"{':'.join(first)}{found[3]}{':'.join(second)}"
