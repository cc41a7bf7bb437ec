"""A cell's text to its value, mended where only one reading is possible.

Says how it was mended, and never guesses.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

import phonenumbers

from geodata.city import MAINLAND
from geodata.errors import Said
from geodata.vocabulary import (
    AUDIENCE_WORDS,
    HELP_WORDS,
    KIND_WORDS,
    ZONE_WORDS,
    Audience,
    Help,
    Kind,
    Word,
    Zone,
)

#: What tables write where they know nothing.
_NOTHING: Final = frozenset(
    (
        "",
        "[]",
        "{}",
        "null",
        "none",
        "nan",
        "nat",
        "n/a",
        "-",
        "--",
        "—",
        "——",
        "/",
        "\\",
        "无",
        "暂无",
        "未知",
        "待补充",
        "待定",
    )
)


@dataclass(frozen=True, slots=True)
class Dialling:
    """Where telephone numbers are written: what need not be said there."""

    country: str = MAINLAND
    """ISO 3166-1 alpha-2."""
    area_codes: tuple[str, ...] = ()
    """Of the city, such as 027; the first stands before a number without one."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One cell that was read otherwise than it was written."""

    row: int
    column: str
    before: str
    after: str
    how: Said
    source: str = ""
    """The file, and the sheet where it has several."""


def plain(text: str) -> str:
    """Half-width letters, digits and punctuation; spaces made one."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def said(text: str) -> str:
    """The text, or nothing where it says that nothing is known."""
    return "" if text.strip().lower() in _NOTHING else text.strip()


# --- positions ---

_DECIMAL: Final = re.compile(r"[+-]?\d{1,3}(?:\.\d+)?", re.ASCII)
#: 113,9645 in a cell of its own: no degrees have thousands.
_COMMA: Final = re.compile(r"[+-]?\d{1,3},\d+", re.ASCII)
_MARKED: Final = re.compile(
    r"(?P<before>东经|北纬|西经|南纬|经度|纬度|[ENWSenws])?\s*:?\s*(?P<degrees>[+-]?\d{1,3}(?:\.\d+)?)\s*[°º度˚]?\s*"
    r"(?P<after>[ENWSenws])?",
    re.ASCII,
)
_SEXAGESIMAL: Final = re.compile(
    r"(?:东经|北纬|西经|南纬|[ENWSenws])?\s*(?P<degrees>\d{1,3})\s*[°º度˚:]\s*(?P<minutes>\d{1,2}(?:\.\d+)?)\s*['′’分:]\s*"
    r"(?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:\"|″|”|''|′′|秒)?)?\s*[ENWSenws]?",
    re.ASCII,
)
_SOUTH_WEST: Final = re.compile(r"[WSws]|西经|南纬")
_PAIR: Final = re.compile(
    r"(?:POINT\s*)?[\[(]?\s*(?P<first>[^,;\s\[\]()]+)\s*[,;\s]\s*(?P<second>[^,;\s\[\]()]+)\s*[\])]?",
    re.IGNORECASE,
)


def degrees(text: str) -> tuple[float | None, Said | None]:
    """Degrees, and how they were mended: full-width digits, a decimal comma, marks (104.06°E) or
    degrees, minutes and seconds.
    """
    if _DECIMAL.fullmatch(text):
        return float(text), None
    even = plain(text)
    if _DECIMAL.fullmatch(even):
        return float(even), Said("full-width digits")
    if _COMMA.fullmatch(even):
        return float(even.replace(",", ".")), Said("decimal comma")
    sign = -1.0 if _SOUTH_WEST.search(even) else 1.0
    if found := _MARKED.fullmatch(even):
        return sign * float(found["degrees"]), Said("marks taken off")
    if found := _SEXAGESIMAL.fullmatch(even.replace(" ' ", "'")):
        minutes, seconds = float(found["minutes"]), float(found["seconds"] or 0)
        if minutes < 60 and seconds < 60:
            return (
                sign * round(float(found["degrees"]) + minutes / 60 + seconds / 3600, 8),
                Said("degrees, minutes, seconds"),
            )
    return None, None


def pair(text: str) -> tuple[str, str] | None:
    """The two numbers of a cell such as "104.06,30.66" or POINT (104.06 30.66), in the order
    written.
    """
    found = _PAIR.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return (found["first"], found["second"]) if found else None


def swapped(lon: float, lat: float) -> bool:
    """Whether the two can only be a place in China if they change places: no latitude
    is above 90.
    """
    return 3.0 <= lon <= 54.0 and 90.0 < lat <= 136.0


# --- telephones ---

_PHONES: Final = re.compile(
    r"[;；,，、|/\n]|\s或\s?|或|和(?=\d)|\s+(?=1[3-9]\d{9}|0\d{2,3}-?\d{7})"
)
_COUNTRY: Final = re.compile(r"(?<!\d)(?:\+|00)?86[\s-]+(?=\d)")
_WRITTEN: Final = re.compile(r"[\d*-]{4,20}", re.ASCII)
_EXTENSION: Final = re.compile(r"(?:转|ext\.?|分机|#)\s*:?(\d{1,6})$", re.IGNORECASE)
_LABEL: Final = re.compile(r"^[^\d*+(]*[:：]?\s*|\s*\([^()\d]*\)$")


_COUNTRY_CODE: Final = 86
#: Area codes of the mainland without their 0: two digits of the largest cities, else three.
_AREA_CODES: Final = (10, *range(20, 30), *range(310, 1000))
#: Numbers of services, dialled as they are: 110, 12345, 95588. libphonenumber lacks some of them.
_SERVICE_CODE: Final = re.compile(r"1\d{4}|95\d{3,6}|1[12]\d")
#: A number in the city itself, without its area code; large cities have eight digits.
_LOCAL: Final = re.compile(r"[2-9]\d{6,7}")
_INTERNATIONAL: Final = re.compile(r"[()/]|[^\W\d_]+[.:]?", re.UNICODE)


#: An area code set apart from its number: 0769-2233445, (010)88887777.
_BEHIND_A_CODE: Final = re.compile(r"\(?(0\d{2,3})[\s)–—-]+(\d{5,10})", re.ASCII)


def phones(text: str, dialling: Dialling) -> tuple[list[str], list[str]]:
    """The numbers of a cell, each once, and the parts that are none as far as is known.

    Those of the mainland as people there dial them, others with the code of their country. Masked
    numbers stay as written (187****2336), and so do digits that nobody could have dialled.
    """
    found: dict[str, None] = {}
    unread: list[str] = []
    domestic = _COUNTRY.sub("", unicodedata.normalize("NFKC", text))
    for part in filter(None, (each.strip() for each in _PHONES.split(domestic))):
        number = _phone(part, dialling)
        if number:
            found[number] = None
        else:
            unread.append(part)
            found |= {part: None} if _WRITTEN.fullmatch(part) else {}
    return list(found), unread


def phone_length(part: str, dialling: Dialling) -> Said | None:
    """Of a part that is no telephone number, what is wrong with how many digits it has.

    None outside the mainland: other countries have numbers of many lengths.
    """
    if dialling.country != MAINLAND:
        return None
    number = re.sub(r"[\s()·.–—-]", "", _LABEL.sub("", part).strip())
    if not number.isdecimal() or not number.isascii():
        return None
    behind = [(code, number.removeprefix(code)) for code in dialling.area_codes]
    if apart := _BEHIND_A_CODE.fullmatch(_LABEL.sub("", part).strip()):
        behind.append((apart[1], apart[2]))
    for code, local in behind:
        right = _digits_behind(code)
        if local != number and right and _is_off_by_few(local, right):
            return Said(
                "{count} digits where {right} are right behind {code}; is one missing or too many?",
                count=len(local),
                right=right,
                code=code,
            )
    if re.match("1[3-9]", number) and _is_off_by_few(number, 11):
        return Said(
            "{count} digits where 11 are right of a mobile number; is one missing or too many?",
            count=len(number),
        )
    right = _digits_behind(next(iter(dialling.area_codes), "")) or 8
    if re.match("[2-9]", number) and abs(len(number) - right) == 1:
        return Said(
            "{count} digits where {right} are right of a number in the city; is one missing or too"
            " many?",
            count=len(number),
            right=right,
        )
    return None


@cache
def _digits_behind(area_code: str) -> int:
    """How many digits a fixed line has behind an area code of the mainland; 0: no such code."""
    for right in (8, 7):
        some = int(f"{area_code}{'8' * right}")
        number = phonenumbers.PhoneNumber(country_code=_COUNTRY_CODE, national_number=some)
        if phonenumbers.is_valid_number(number):
            return right
    return 0


def _is_off_by_few(digits: str, right: int) -> bool:
    return abs(len(digits) - right) in (1, 2)


@cache
def area_codes(name: str) -> tuple[str, ...]:
    """Area codes of a Chinese city by its name (武汉市: 027); none where the plan names none."""
    wanted = name if name.endswith("市") else f"{name}市"
    return tuple(
        f"0{code}"
        for code in _AREA_CODES
        if any(place.endswith(wanted) for place in _places_of(code))
    )


def _places_of(code: int) -> Sequence[str]:
    from phonenumbers import geocoder  # 130 MB: every prefix of the world

    some = int(f"{code}{'8' * 8}")
    number = phonenumbers.PhoneNumber(country_code=_COUNTRY_CODE, national_number=some)
    return geocoder.description_for_number(number, "zh").split("、")


def _phone(part: str, dialling: Dialling) -> str | None:
    if dialling.country != MAINLAND:
        return _abroad(part, dialling.country)
    bare = _LABEL.sub("", part).strip()
    extension = _EXTENSION.search(bare)
    number = re.sub(r"[\s()·.–—-]", "", bare[: extension.start()] if extension else bare)
    own = "".join(f"|{code}" for code in dialling.area_codes)
    number = re.sub(rf"^(?:\+|00)?86(?=1\d{{10}}$|0?\d{{2,3}}\d{{7,8}}${own})", "", number)
    if "*" in number:
        return number if re.fullmatch(r"[\d*]{7,12}", number) else None
    dialled = _dialled(number, dialling.area_codes)
    return f"{dialled}转{extension[1]}" if dialled and extension else dialled


def _abroad(part: str, country: str) -> str | None:
    """A number with the code of its country, as +358 9 1234567; None: nobody could dial it."""
    bare = _INTERNATIONAL.sub(" ", part).strip()
    if "*" in bare:
        return bare if re.fullmatch(r"[\d*+ -]{5,20}", bare) else None
    try:
        read = phonenumbers.parse(bare, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(read):
        return None
    written = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return written.partition(" ext")[0]


def _dialled(number: str, area_codes: Sequence[str]) -> str | None:
    """Digits with area code, as China dials them; None: nobody could."""
    if _SERVICE_CODE.fullmatch(number):
        return number
    if _LOCAL.fullmatch(number) and area_codes:
        number = area_codes[0] + number
    elif number.startswith(tuple(code.removeprefix("0") for code in area_codes)):
        number = f"0{number}"
    try:
        read = phonenumbers.parse(number, MAINLAND)
    except phonenumbers.NumberParseException:
        return None
    if read.country_code != _COUNTRY_CODE or not phonenumbers.is_valid_number(read):
        return None
    national = phonenumbers.national_significant_number(read)
    area = phonenumbers.length_of_geographical_area_code(read)
    return f"0{national[:area]}-{national[area:]}" if area else national


# --- words ---

_SEPARATORS: Final = re.compile(r"[、,，;；/|\n·+]|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_FRAME: Final = re.compile(
    r"^(?:提供|免费|可以?|有|配备|配有|设有|内设|爱心|便民|和|及|与|以及)+|(?:服务|设施|设备|等|处|区域?)+$"
)


def _table(words: Mapping[StrEnum, Word]) -> dict[str, str]:
    """Every published word and every member's own value -> the value."""
    table = {str(member): str(member) for member in words}
    for member, word in words.items():
        table |= {plain(each).lower(): str(member) for each in (word.official, *word.also)}
    return table


VOCABULARY: Final[Mapping[str, Mapping[str, str]]] = {
    "audience": _table({Audience(key): word for key, word in AUDIENCE_WORDS.items()}),
    "zones": _table({Zone(key): word for key, word in ZONE_WORDS.items()}),
    "kind": _table({Kind(key): word for key, word in KIND_WORDS.items()}),
    "help": _table({Help(key): word for key, word in HELP_WORDS.items()}),
}


def words(text: str, field: str) -> tuple[list[str], list[str]]:
    """The vocabulary's words in a list cell, each once, and those that it does not know."""
    found: dict[str, None] = {}
    unknown: list[str] = []
    for part in filter(None, (each.strip(" 。.") for each in _SEPARATORS.split(text))):
        values = _values(part, field)
        found |= dict.fromkeys(values)
        if not values and said(part):
            unknown.append(part)
    return list(found), unknown


def _values(part: str, field: str) -> tuple[str, ...]:
    even = plain(part).lower()
    table = VOCABULARY[field]
    if even in table:
        return (table[even],)
    bare = _FRAME.sub("", even)
    return (table[bare],) if bare in table else _joined(bare, field)


@cache
def _joined(text: str, field: str) -> tuple[str, ...]:
    """Known words written without a separator (骑手快递员), if nothing else is left
    between them.
    """
    table = VOCABULARY[field]
    if not text:
        return ()
    for end in range(len(text), 1, -1):
        head = table.get(text[:end])
        rest = text[end:].removeprefix("和").removeprefix("及")
        if head and (not rest or _joined(rest, field)):
            return (head, *_joined(rest, field))
    return ()


def one_word(text: str, field: str) -> str | None:
    """The single member that a cell means; None where it means none, or several."""
    found, unknown = words(text, field)
    return found[0] if len(found) == 1 and not unknown else None


# --- dates, numbers, names ---

_DAY: Final = re.compile(
    r"(\d{4})(?:[-/.年])(0?[1-9]|1[0-2])(?:[-/.月])(0?[1-9]|[12]\d|3[01])日?(?:["
    r" T]\d{1,2}:\d{2}(?::\d{2})?\S*)?|"
    r"(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])",
    re.ASCII,
)
_ISO: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
_COUNT: Final = re.compile(
    r"(\d{1,6})(?:\.0+)?\s*(?:个|座|人|位|把|席|张)?(?:座位?|座椅)?", re.ASCII
)
_METRES: Final = re.compile(r"(\d{1,6}(?:\.\d+)?)\s*(?:米|m|公尺)?", re.ASCII | re.IGNORECASE)
#: A month, a month and a day, a time of day, or a number that a spreadsheet keeps for a date.
_MOMENT: Final = re.compile(
    r"\d{4}[-/.年]\d{1,2}月?|\d{1,2}月\d{1,2}日?|\d{4}年|"
    r"(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}[ T])?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[AP]M)?|"
    r"0?\.\d+|[2-6]\d{4}(?:\.\d+)?",
    re.ASCII | re.IGNORECASE,
)
_ID: Final = re.compile(r"[A-Z0-9_-]{3,40}", re.ASCII | re.IGNORECASE)


def day(text: str) -> tuple[str | None, Said | None]:
    """A date as 2026-11-21, and how it was mended."""
    if _ISO.fullmatch(text):
        return text, None
    found = _DAY.fullmatch(plain(text))
    if not found:
        return None, None
    year, month, number = found.groups()[:3] if found[1] else found.groups()[3:]
    return f"{year}-{int(month):02}-{int(number):02}", Said("date")


def count(text: str) -> tuple[int | None, Said | None]:
    """A whole number of seats, and how it was mended."""
    found = _COUNT.fullmatch(plain(text))
    if not found:
        return None, None
    return int(found[1]), None if text.isascii() and text.isdecimal() else Said("number")


def metres(text: str) -> tuple[float | None, Said | None]:
    """A number of metres, and how it was mended: 50米, 50 m."""
    found = _METRES.fullmatch(plain(text))
    if not found:
        return None, None
    return float(found[1]), None if found[1] == text else Said("metres")


def is_moment(text: str) -> bool:
    """Whether a cell holds a date, a single time or a spreadsheet's number for one: 2022-05-01,
    09:00:00, 44682, 0.375.
    """
    return day(text)[0] is not None or _MOMENT.fullmatch(plain(text)) is not None


def place_id(text: str) -> str:
    """An id with small letters and hyphens where nothing else is wrong with it.

    Else as it is, to be refused.
    """
    even = unicodedata.normalize("NFKC", text)
    return even.lower().replace("_", "-") if _ID.fullmatch(even) else text


def garbled(text: str) -> bool:
    """Whether the text was damaged before it came here: 锟斤拷, the replacement mark, or UTF-8 read
    as Latin.
    """
    latin = sum("\u0080" <= letter <= "\u00ff" for letter in text)
    return (
        "\ufffd" in text
        or "锟斤拷" in text
        or (latin >= 3 and not any("\u4e00" <= each <= "\u9fff" for each in text))
    )


def name_key(text: str) -> str:
    """A name for comparing: without case, spaces and punctuation."""
    even = unicodedata.normalize("NFKC", text).lower()
    return even if even.isalnum() else re.sub(r"[^\w]|_", "", even)


def same_phone(numbers: Iterable[str]) -> tuple[str, ...]:
    """The numbers that can be compared: not masked, and not a service number that many share."""
    return tuple(number for number in numbers if "*" not in number and len(number) > 8)
