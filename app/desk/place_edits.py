"""An edit of a place: what a form says becomes texts of fields, or a refusal that names the field.

What somebody saw is sent along with what they say; where it is there no more, both are shown.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from werkzeug.datastructures import MultiDict

from app.db.edits import StoredEdit
from app.desk.place_texts import BETWEEN, CLOSED, NEW, POINT, STANDING, Known, point_text, same
from app.desk.telephones import numbers_of
from app.request.spelling import count
from geodata.errors import BadValue
from geodata.snapshot.snapshot import Snapshot
from geodata.sources.hours_text.reader import reading
from geodata.space.coordinates import to_wgs84
from geodata.space.datum import Datum
from geodata.vocabulary import Audience, Door, Kind, Service, Wheelchair, YesNo

#: What the page shows of a place, in this order, and what each is called.
FIELDS: Final[Mapping[str, str]] = {
    STANDING: "Whether it is there",
    "kind": "Kind of place",
    "name": "Name of the place",
    "name_en": "English name",
    "address": "Address",
    POINT: "Point on the map",
    "phones": "Telephone",
    "opening_hours_text": "Opening hours",
    "opening_hours": "Hours as understood",
    "services": "Services",
    "door": "How one gets in",
    "audience": "Who is welcome",
    "capacity": "Seats",
    "fee": "Fee",
    "wheelchair": "Wheelchair",
    "verified_at": "Checked on",
    "verified_by": "Checked by",
}
_LONGEST: Final[Mapping[str, int]] = {"name": 80, "name_en": 120, "address": 200}
_MOST_SEATS: Final = 10_000
_MOST_LON: Final = 180
_MOST_LAT: Final = 90
_BUILT: Final = 3
#: The days that a row of the builder may speak of.
DAYS: Final = ("每天", "周一至周五", "周六至周日", "周一至周六", "法定节假日")


class Conflict(NamedTuple):
    """A field that somebody else changed meanwhile."""

    field: str
    theirs: StoredEdit | None
    """None: a list changed it."""
    now: str | None
    mine: str | None


def built(fields: MultiDict[str, str]) -> str:
    """The words that the builder's rows come to; empty where none is filled in."""
    said: list[str] = []
    for row in range(_BUILT):
        days, opens, closes = (
            fields.get(f"{name}{row}", "").strip() for name in ("days", "opens", "closes")
        )
        if days in DAYS and opens and closes:
            said.append(f"{days}{opens}-{closes}")
    return "；".join(said)


def proposed(
    fields: MultiDict[str, str], snapshot: Snapshot, now: datetime, by: str
) -> dict[str, str | None]:
    """What a form says, by field. Raises BadValue."""
    said: dict[str, str | None] = {
        name: _line(fields, name) for name in ("name", "name_en", "address")
    }
    if not said["name"]:
        raise BadValue("A place needs a name.")
    said["phones"] = _phones(fields, snapshot)
    words = fields.get("opening_hours_text", "").strip()[:300] or None
    said["opening_hours_text"] = words
    if not same(words, fields.get("seen:opening_hours_text", "")):
        said["opening_hours"] = reading(words).osm if words else None
    said["services"] = _words(fields, "services", [*map(str, Service)])
    said["audience"] = _words(fields, "audience", [*map(str, Audience)])
    said["kind"] = _word(fields, "kind", [*map(str, Kind)])
    said["door"] = _word(fields, "door", [*map(str, Door)])
    said["fee"] = _word(fields, "fee", [*map(str, YesNo)])
    said["wheelchair"] = _word(fields, "wheelchair", [*map(str, Wheelchair)])
    said["capacity"] = _seats(fields.get("capacity", ""))
    point = fields.get(POINT, "").strip()
    if point:
        is_as_it_was = point == fields.get(f"seen:{POINT}")
        said[POINT] = point_of(point, snapshot, "" if is_as_it_was else fields.get("datum", ""))
    if fields.get("verified"):
        said["verified_at"] = f"{snapshot.zone.local(now):%Y-%m-%d}"
        said["verified_by"] = by
    return said


def changes(
    known: Known, said: Mapping[str, str | None], fields: MultiDict[str, str]
) -> tuple[list[tuple[str, str | None, str | None]], list[Conflict]]:
    """The fields that a form changes, each with its text now and its new one, and those that
    somebody else changed meanwhile and this form, too.
    """
    changed: list[tuple[str, str | None, str | None]] = []
    conflicts: list[Conflict] = []
    for field, text in said.items():
        now, seen = known.texts.get(field), fields.get(f"seen:{field}", "")
        untouched = same(text, seen) or same(text, " ".join(seen.split()))
        if untouched or same(text, now) or fields.get(f"take:{field}") == "theirs":
            continue
        if same(now, seen):
            changed.append((field, now, text))
        else:
            conflicts.append(Conflict(field, known.last.get(field), now, text))
    return changed, conflicts


def edits_of(
    known: Known, changed: Sequence[tuple[str, str | None, str | None]], by: str, now: datetime
) -> list[StoredEdit]:
    """Changes as they are written."""
    return [
        StoredEdit(known.id, known.layer, field, text, was, "edited", by, now)
        for field, was, text in changed
    ]


def new_place(
    said: Mapping[str, str | None], layer: str, by: str, now: datetime
) -> list[StoredEdit]:
    """A place that nobody knew. Raises BadValue where it has no kind or no point."""
    if not said.get("kind"):
        raise BadValue("Choose what kind of place it is.")
    if not said.get(POINT):
        raise BadValue("Where is it? Write its longitude and latitude.")
    place_id = f"pl-{secrets.token_hex(5)}"
    fields = [(STANDING, NEW), *((name, text) for name, text in said.items() if text)]
    return [
        StoredEdit(place_id, layer, field, text, None, "edited", by, now) for field, text in fields
    ]


def standing(known: Known, *, closes: bool, by: str, reason: str, now: datetime) -> StoredEdit:
    """A place that is closed, or opens again."""
    was = known.last.get(STANDING)
    made = any(each.field == STANDING and each.base == NEW for each in known.last.values())
    value = CLOSED if closes else NEW if made else None
    base = was.value if was else None
    return StoredEdit(known.id, known.layer, STANDING, value, base, "edited", by, now, reason[:400])


def _line(fields: MultiDict[str, str], name: str) -> str | None:
    text = " ".join(fields.get(name, "").split())
    if len(text) > _LONGEST[name]:
        raise BadValue(
            "{text!r} is too long; up to {most} characters are kept",
            text=f"{text[:20]}…",
            most=_LONGEST[name],
        )
    return text or None


def _phones(fields: MultiDict[str, str], snapshot: Snapshot) -> str | None:
    """The numbers as they are dialled; those that were there before stay as they are."""
    text, seen = fields.get("phones", ""), fields.get("seen:phones", "")
    if "".join(text.split()) == seen:
        return seen or None
    return BETWEEN.join(numbers_of(text, snapshot)) or None


def _words(fields: MultiDict[str, str], name: str, known: Sequence[str]) -> str | None:
    said = {*fields.getlist(name)}
    return BETWEEN.join(word for word in known if word in said) or None


def _word(fields: MultiDict[str, str], name: str, known: Sequence[str]) -> str | None:
    said = fields.get(name, "")
    return said if said in known else None


def _seats(text: str) -> str | None:
    if not text.strip():
        return None
    seats = count(text.strip(), _MOST_SEATS)
    if seats is None:
        raise BadValue("Seats are a whole number, not {text!r}.", text=text[:20])
    return str(seats)


def example_point(snapshot: Snapshot) -> str:
    """How a point is written, such as the middle of the city: WGS-84 degrees, longitude first."""
    west, south, east, north = snapshot.outline.bounds
    return f"{(west + east) / 2:.4f} {(south + north) / 2:.4f}"


def point_of(text: str, snapshot: Snapshot, datum: str = "") -> str:
    """A point that somebody wrote, longitude first, in a datum by its name (empty: WGS-84), as
    edits write it. Raises BadValue.
    """
    if datum not in ("", *Datum):
        raise BadValue("Choose the coordinates and the kind from the lists.")
    try:
        lon, lat = map(float, text.replace(",", " ").replace("，", " ").split())
    except ValueError:
        raise BadValue(
            "A point is longitude and latitude, such as {example}, not {text!r}.",
            example=example_point(snapshot),
            text=text[:40],
        ) from None
    if datum not in ("", Datum.WGS84) and abs(lon) <= _MOST_LON and abs(lat) <= _MOST_LAT:
        x, y = to_wgs84(lon, lat, Datum(datum))
        lon, lat = float(x), float(y)
    if not snapshot.outline.holds(lon, lat):
        raise BadValue(
            "{lon}, {lat} lies outside of this city. Swapped? Write the longitude first.",
            lon=lon,
            lat=lat,
        )
    return point_text(lon, lat)
