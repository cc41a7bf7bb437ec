"""The directory beside the places: whom to call, what takes place, what one is entitled to.

Values only: how a table becomes them stands in geodata/sources/directory.py.
"""

import hashlib
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from geodata.vocabulary import Help

#: Letters of a name, of a line, of a text.
LONGEST_NAME: Final = 80
LONGEST_LINE: Final = 200
LONGEST_TEXT: Final = 1_000

_Needs = Annotated[tuple[Help, ...], Meta(description="What it is for.")]
_District = Annotated[str, Meta(description="Its district; empty: the whole city.")]
_Number = Annotated[
    str, Meta(description="A telephone number as it is dialled; some digits may be masked by *.")
]
_Url = Annotated[str, Meta(description="https, or empty.")]
_Synthetic = Annotated[bool, Meta(description="Whether it is made up.")]


class EntryKind(StrEnum):
    """What an entry of the directory is."""

    CONTACT = "contact"
    EVENT = "event"
    BENEFIT = "benefit"


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to call (手机黄页)."""

    id: str
    name: str
    needs: _Needs = ()
    number: _Number
    more_numbers: Annotated[tuple[str, ...], Meta(description="Others of the same contact.")] = ()
    hours: Annotated[str, Meta(description="When somebody answers, in words.")] = ""
    area: Annotated[str, Meta(description="For whom or where, in words.")] = ""
    district: _District = ""
    note: str = ""
    source: str = ""
    verified: Annotated[date | None, Meta(description="When somebody called it last.")] = None
    synthetic: _Synthetic = False


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that takes place: a day for drivers, a talk, a meeting, a course."""

    id: str
    name: str
    needs: _Needs = ()
    start: Annotated[datetime, Meta(description="RFC 3339, UTC.")]
    end: Annotated[datetime | None, Meta(description="RFC 3339, UTC; null: not known.")] = None
    where: str = ""
    district: _District = ""
    lon: Annotated[float | None, Meta(description="WGS-84; null: not known.")] = None
    lat: Annotated[float | None, Meta(description="WGS-84; null: not known.")] = None
    who: Annotated[str, Meta(description="Who is welcome, in words.")] = ""
    host: Annotated[str, Meta(description="Whose event it is.")] = ""
    note: str = ""
    number: _Number = ""
    url: _Url = ""
    source: str = ""
    synthetic: _Synthetic = False


class Benefit(msgspec.Struct, frozen=True, kw_only=True):
    """What one is entitled to: an insurance, a course that is paid, a voucher."""

    id: str
    name: str
    needs: _Needs = ()
    who: Annotated[str, Meta(description="Who is entitled, in words.")]
    where: Annotated[str, Meta(description="Where one asks for it, in words.")] = ""
    until: Annotated[date | None, Meta(description="The last day; null: no end is known.")] = None
    district: _District = ""
    note: str = ""
    number: _Number = ""
    url: _Url = ""
    source: str = ""
    synthetic: _Synthetic = False


Entry = Contact | Event | Benefit
ENTRIES: Final[dict[EntryKind, type[Contact] | type[Event] | type[Benefit]]] = {
    EntryKind.CONTACT: Contact,
    EntryKind.EVENT: Event,
    EntryKind.BENEFIT: Benefit,
}


def entry_id(listing: EntryKind, name: str, district: str, start: datetime | None) -> str:
    """The id of an entry that nobody gave one: the same for the same name, district and beginning,
    so that a list that is sent again, or typed, adds nothing twice.
    """
    told = "\n".join((name, district, str(start or "")))
    return f"{listing[0]}-{hashlib.blake2b(told.encode(), digest_size=5).hexdigest()}"
