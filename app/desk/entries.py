"""An entry of the directory as a form says it: a contact, an event or a benefit, or a refusal that
names the field.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import msgspec
from werkzeug.datastructures import MultiDict

from app.desk.place_edits import point_of
from app.desk.telephones import numbers_of
from geodata.errors import BadValue, Said
from geodata.places.directory import (
    ENTRIES,
    LONGEST_LINE,
    LONGEST_NAME,
    LONGEST_TEXT,
    Entry,
    EntryKind,
    entry_id,
)
from geodata.places.entry import is_https
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Help

#: What a form asks for, in this order, beside needs and district, and what each is called.
FIELDS: Final[Mapping[EntryKind, Mapping[str, str]]] = {
    EntryKind.CONTACT: {
        "name": "Name",
        "number": "Telephone",
        "hours": "When somebody answers",
        "area": "For whom, or where",
        "note": "Note",
        "source": "Source",
        "verified": "Last called on",
    },
    EntryKind.EVENT: {
        "name": "Name",
        "start": "Begins",
        "end": "Ends",
        "where": "Where it is",
        "point": "Longitude and latitude (WGS-84)",
        "who": "Who is welcome",
        "host": "Whose event it is",
        "number": "Telephone",
        "url": "Address on the web (https)",
        "note": "Note",
        "source": "Source",
    },
    EntryKind.BENEFIT: {
        "name": "Name",
        "who": "Who is entitled",
        "where": "Where one asks for it",
        "until": "The last day",
        "number": "Telephone",
        "url": "Address on the web (https)",
        "note": "Note",
        "source": "Source",
    },
}
#: What an entry is not one without.
NEEDED: Final[Mapping[EntryKind, tuple[str, ...]]] = {
    EntryKind.CONTACT: ("name", "number"),
    EntryKind.EVENT: ("name", "start"),
    EntryKind.BENEFIT: ("name", "who"),
}
#: How a browser asks for a field.
INPUTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("verified", "until"), "date"),
    **dict.fromkeys(("start", "end"), "datetime-local"),
    "number": "tel",
    "url": "url",
}
_LONGEST: Final = timedelta(days=366)
_BETWEEN: Final = "；"


def filled(entry: Entry, snapshot: Snapshot) -> MultiDict[str, str]:
    """A form as it is before anybody changes it."""
    said: dict[str, Any] = msgspec.to_builtins(entry)
    fields: MultiDict[str, str] = MultiDict(
        {name: value for name, value in said.items() if isinstance(value, str)}
    )
    fields.setlist("needs", list(said["needs"]))
    if said.get("more_numbers"):
        fields["number"] = _BETWEEN.join((said["number"], *said["more_numbers"]))
    for name in ("start", "end"):
        at = getattr(entry, name, None)
        if at is not None:
            fields[name] = f"{snapshot.zone.local(at):%Y-%m-%dT%H:%M}"
    if said.get("lon") is not None and said.get("lat") is not None:
        fields["point"] = f"{said['lon']} {said['lat']}"
    fields["seen"] = digest_of(entry)
    return fields


def digest_of(entry: Entry | None) -> str:
    """The same for the same entry: whether somebody changed it meanwhile. Of none empty."""
    if entry is None:
        return ""
    return hashlib.blake2b(msgspec.json.encode(entry), digest_size=12).hexdigest()


def entry_of(
    listing: EntryKind, fields: MultiDict[str, str], snapshot: Snapshot, id_: str
) -> Entry:
    """The entry that a form says; with an empty id it gets one. Raises BadValue."""
    values: dict[str, Any] = {"synthetic": snapshot.about.synthetic}
    for name, label in FIELDS[listing].items():
        text = " ".join(fields.get(name, "").split())
        if not text and name in NEEDED[listing]:
            raise BadValue("It is not whole yet: fill in {field}.", field=Said(label))
        values |= _value(name, text, snapshot)
    values["needs"] = [str(each) for each in Help if each in fields.getlist("needs")]
    values["district"] = _district(fields.get("district", ""), snapshot)
    if listing is not EntryKind.CONTACT:
        values.pop("more_numbers", None)
    _require_order(values)
    start = values.get("start")
    values["id"] = id_ or entry_id(listing, values["name"], values["district"], start)
    return msgspec.convert(values, ENTRIES[listing])


def _value(name: str, text: str, snapshot: Snapshot) -> dict[str, Any]:
    if name == "number":
        return _numbers(text, snapshot)
    if name == "point":
        return _point(text, snapshot)
    if name in ("start", "end"):
        return {name: _moment(text, snapshot)}
    if name in ("verified", "until"):
        return {name: _day(text)}
    if name == "url" and text and not is_https(text):
        raise BadValue("{text!r} is no address that begins with https://.", text=text[:40])
    most = {"name": LONGEST_NAME, "note": LONGEST_TEXT}.get(name, LONGEST_LINE)
    if len(text) > most:
        raise BadValue(
            "{text!r} is too long; up to {most} characters are kept",
            text=f"{text[:20]}…",
            most=most,
        )
    return {name: "".join(each for each in text if each.isprintable())}


def _numbers(text: str, snapshot: Snapshot) -> dict[str, Any]:
    found = numbers_of(text, snapshot)
    return {"number": found[0] if found else "", "more_numbers": found[1:]}


def _point(text: str, snapshot: Snapshot) -> dict[str, Any]:
    lon, lat = map(float, point_of(text, snapshot).split()) if text else (None, None)
    return {"lon": lon, "lat": lat}


def _moment(text: str, snapshot: Snapshot) -> datetime | None:
    """A time of the city's clock."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return snapshot.zone.at_clock(at.date(), at.time()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue(
            "{text!r} is no time; write it as 2026-12-05 14:00.", text=text[:40]
        ) from None


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadValue("{text!r} is no day; write it as 2026-12-05.", text=text[:40]) from None


def _district(text: str, snapshot: Snapshot) -> str:
    known = [name.decode() for name in snapshot.districts.names.tolist()]
    if text and text not in known:
        raise BadValue("There is no district {name!r} here.", name=text[:40])
    return text


def _require_order(values: Mapping[str, Any]) -> None:
    start, end = values.get("start"), values.get("end")
    if start and end and not start < end <= start + _LONGEST:
        raise BadValue("It ends before it begins, or more than a year later.")
