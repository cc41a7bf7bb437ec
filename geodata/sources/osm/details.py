"""What tags say beside what a place is: who may go in, what it costs, when it is open, how fresh
that is. A tag that cannot be read with certainty is unknown.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from geodata.errors import BadValue
from geodata.extract.entities import Tags
from geodata.hours.syntax import LONGEST_TEXT, parse
from geodata.places.entry import LONGEST_HOW, PlaceEntry, entry_text
from geodata.vocabulary import Door, Wheelchair, YesNo

#: https://wiki.openstreetmap.org/wiki/Key:access; other values let in some people only.
_WELCOMING: Final = frozenset({"yes", "public", "permissive", "designated", "destination"})
_UNSURE: Final = frozenset({"unknown", "permit", ""})
CUSTOMERS: Final = "customers"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_CHECKED: Final = re.compile(r"check_date(?::.+)?|survey:date|last_checked")
_PHONE: Final = re.compile(r"\+?[\d ()/.-]{3,24}")
_PHONE_KEYS: Final = ("phone", "contact:phone", "contact:mobile", "mobile")
_MOST_PHONES: Final = 4

#: A condition of getting in, in Chinese and in English.
_CONDITIONS: Final[Mapping[str, tuple[str, str]]] = {
    CUSTOMERS: ("仅限顾客", "Customers only"),
    "permit": ("需许可", "By permit"),
    "female": ("仅限女性", "Women only"),
    "male": ("仅限男性", "Men only"),
    "key": ("需向管理方要钥匙", "Ask for the key"),
}


class Details(NamedTuple):
    """Columns of the places table; None is unknown."""

    door: Door
    entry: str | None
    fee: YesNo | None
    wheelchair: Wheelchair | None
    level: str | None
    opening_hours: str | None
    opening_hours_text: str | None
    verified_at: date | None
    verified_by: str | None
    phones: list[str]
    operator: str | None
    address: str | None


def private(tags: Tags) -> bool:
    """Whether the public is kept out: by `access`, or at toilets by their own."""
    said = {tags.get("access", ""), tags.get("toilets:access", "") if _is_toilet(tags) else ""}
    return bool(said - _WELCOMING - _UNSURE - {CUSTOMERS})


def details(tags: Tags, changed: date | None, today: date, *, chinese: bool) -> Details:
    """What the tags of a place say; conditions of getting in are worded in one language."""
    hours, text = _hours(tags.get("opening_hours"))
    verified_at, verified_by = _verified(tags, changed, today)
    return Details(
        _door(tags),
        _entry(tags, chinese=chinese),
        _fee(tags),
        _wheelchair(tags),
        tags.get("level") or tags.get("addr:floor"),
        hours,
        text,
        verified_at,
        verified_by,
        _phones(tags),
        tags.get("operator") or tags.get("brand"),
        _address(tags, chinese=chinese),
    )


def _is_toilet(tags: Tags) -> bool:
    return tags.get("amenity") == "toilets"


def _door(tags: Tags) -> Door:
    if tags.get("supervised") == "yes" or tags.get("attended") == "yes":
        return Door.STAFFED
    if tags.get("locked") == "yes":
        return Door.UNKNOWN
    return Door.OPEN if tags.get("access") in _WELCOMING else Door.UNKNOWN


def _entry(tags: Tags, *, chinese: bool) -> str | None:
    held: list[str] = []
    for key in ("access", "toilets:access"):
        said = tags.get(key, "")
        if said in (CUSTOMERS, "permit") and said not in held:
            held.append(said)
    if tags.get("unisex") != "yes":
        for sex, other in (("female", "male"), ("male", "female")):
            if tags.get(sex) == "yes" and tags.get(other, "no") == "no":
                held.append(sex)
    if tags.get("locked") == "yes":
        held.append("key")
    how = ("；" if chinese else "; ").join(_CONDITIONS[each][not chinese] for each in held)
    return entry_text(PlaceEntry(None, how[:LONGEST_HOW] or None, None))


def _fee(tags: Tags) -> YesNo | None:
    said = tags.get("toilets:fee") if _is_toilet(tags) and "fee" not in tags else tags.get("fee")
    if said in ("no", "donation", "voluntary"):
        return YesNo.NO
    if said in ("unknown", "", None):
        return YesNo.YES if tags.get("charge") else None
    return YesNo.YES


_WHEELS: Final[Mapping[str, Wheelchair]] = {
    "yes": Wheelchair.YES,
    "designated": Wheelchair.YES,
    "limited": Wheelchair.LIMITED,
    "no": Wheelchair.NO,
}


def _wheelchair(tags: Tags) -> Wheelchair | None:
    own = tags.get("toilets:wheelchair") if _is_toilet(tags) else None
    return _WHEELS.get(tags.get("wheelchair") or own or "")


def _hours(text: str | None) -> tuple[str | None, str | None]:
    """The expression where it is certainly understood, and the text as it stands."""
    said = " ".join((text or "").split())
    if not said:
        return None, None
    if len(said) > LONGEST_TEXT:
        return None, said
    try:
        parse(said)
    except BadValue:
        return None, said
    return said, said


def _verified(tags: Tags, changed: date | None, today: date) -> tuple[date | None, str | None]:
    """The newest day on which somebody says to have looked; else that of the last change."""
    looked = [
        day
        for key, value in tags.items()
        if _CHECKED.fullmatch(key) and (day := _day(value)) is not None and day <= today
    ]
    if looked:
        return max(looked), "check_date"
    if changed is not None and changed <= today:
        return changed, "last change"
    return None, None


def _day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _phones(tags: Tags) -> list[str]:
    """Up to four numbers as they are dialled: digits, blanks between groups, a plus before all."""
    found: dict[str, None] = {}
    for key in _PHONE_KEYS:
        for part in tags.get(key, "").split(";"):
            number = unicodedata.normalize("NFKC", part).strip()
            if _PHONE.fullmatch(number):
                found[" ".join(re.sub(r"[()/.]", " ", number).split())] = None
    return list(found)[:_MOST_PHONES]


def _address(tags: Tags, *, chinese: bool) -> str | None:
    if whole := tags.get("addr:full"):
        return whole
    road, number = tags.get("addr:street") or tags.get("addr:place"), tags.get("addr:housenumber")
    if not road:
        return None
    if not number:
        return road
    if chinese:
        return f"{road}{number}" + ("" if number.endswith("号") else "号")
    return f"{road} {number}"
