"""A place's page: everything known of one place at one instant, as values.

Renders nothing and guesses nothing.

What is not known is there as unknown, so that the page can say so: hours, door and audience are
never left out.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec
from babel.dates import format_skeleton

from app.maps.outlines import NamedPoint
from app.pages import street_list
from app.pages.labels import MAP_APPS
from app.pages.street_list import ListedPlace
from app.words import Language, distance_text, say
from geodata.errors import NoSuchPlace, OutsideArea
from geodata.hours.calendar import Calendar, DayKind
from geodata.hours.timeline import State, reasons, week_texts
from geodata.places.entry import PlaceEntry
from geodata.search import reported
from geodata.search.filter import Filter, Open
from geodata.search.nearest import Question
from geodata.snapshot.map_links import links
from geodata.snapshot.memo import memoized
from geodata.snapshot.overlay import Laid
from geodata.snapshot.snapshot import DatasetAbout, Snapshot
from geodata.space.tangent import MAX_REACH_M
from geodata.vocabulary import (
    SERVES,
    Audience,
    Door,
    Kind,
    Mode,
    Need,
    Position,
    Service,
    Wheelchair,
    YesNo,
    Zone,
)

#: How many other places are offered.
ALTERNATIVES: Final = 5
#: Nobody has said how they travel; links lead those who walk, as those of the API's single place.
#: A text of a place cannot hold this: in JSON its quotes would be escaped.
_PARENT: Final = re.compile(rb'"parent_street_id":"([^"]*)"')
_UNKNOWN_DAY: Final = (State.UNKNOWN.word,)
_ALL_DAY: Final = "00:00-24:00"


class _Access(msgspec.Struct, frozen=True):
    door: Door
    audience: tuple[Audience, ...]
    entry: PlaceEntry | None


class _Provenance(msgspec.Struct, frozen=True):
    verified_at: date | None
    verified_by: str | None
    file: str | None
    sheet: str | None
    row: int | None
    id: str | None


class Facts(msgspec.Struct, frozen=True):
    """What is stored of a place, as its record has it; null is unknown."""

    kind: Kind
    type: str | None
    name: str
    name_en: str | None
    address: str | None
    district: str | None
    street: str | None
    opening_hours: str | None
    opening_hours_text: str | None
    services: tuple[Service, ...]
    access: _Access
    zones: tuple[Zone, ...]
    capacity: int | None
    operator: str | None
    offers: str | None
    parent_street_id: str | None
    fee: YesNo | None
    wheelchair: Wheelchair | None
    level: str | None
    maybe: tuple[Service, ...]
    position: Position
    radius_m: float | None
    source: str
    licence: str
    provenance: _Provenance


class _Feature(msgspec.Struct):
    properties: Facts


_decode: Final = msgspec.json.Decoder(_Feature).decode


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week ahead."""

    name: str
    """Date and weekday in the reader's language."""
    note: str
    """What makes the day unlike others; empty on most."""
    hours: tuple[str, ...]
    """In words; a closed or unknown day says so."""
    unknown: bool
    spans: tuple[str, ...]
    """The same as "HH:MM-HH:MM", the end of one past midnight before its start; empty on a closed
    day, and on one that is unknown in part.
    """


@dataclass(frozen=True, slots=True)
class Way:
    """A link out: into a map app, or to a telephone."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another place, and how far it is."""

    entry: ListedPlace
    away: str


@dataclass(frozen=True, slots=True)
class Sight:
    """A place as its page shows it, in one language at one instant."""

    entry: ListedPlace
    """The place as lists show it, with its state."""
    facts: Facts
    week: tuple[Day, ...]
    """Seven days, today first; empty where the hours of none are known."""
    offered: Mapping[Need, tuple[Service, ...]]
    """The needs that are served, with the services that do."""
    others: tuple[Service, ...]
    """Services that serve none of the needs."""
    absent: tuple[Need, ...]
    """Needs of which nothing is known."""
    untold: tuple[str, ...]
    """Headings of the lesser facts that are not known, in the reader's language."""
    ways: tuple[Way, ...]
    calls: tuple[Way, ...]
    masked: tuple[str, ...]
    """Telephone numbers that cannot be dialled."""
    street: ListedPlace | None
    """The warm-bee street that the place belongs to."""
    members: tuple[ListedPlace, ...]
    """Of a street: the places that belong to it, by name."""
    nearby: tuple[Alternative, ...]
    """Other places, open now or of unknown hours, nearest first."""
    checked_days: int | None
    """Days since the place was last checked."""
    origin: tuple[str, ...]
    """The file, sheet and row that the place was read from, and its id there, as far as they are
    known.
    """
    register_at: Way | None
    """Where one registers: the name of that site, and the page."""
    about_where: str
    """How far the place may stand from where it is drawn, in words; empty where it is not worked
    out from an address.
    """
    own_source: str
    """Source and licence of this place; empty where they are the dataset's."""

    @property
    def fingerprint(self) -> str:
        """12 hex digits over what the clock changes: every state shown, and which places are
        offered instead.
        """
        seen = (self.entry, *self.members, *(near.entry for near in self.nearby))
        shown = [[entry.id, entry.state, entry.state_text] for entry in seen]
        return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:12]


def sight(
    snapshot: Snapshot, row: int, at: datetime, language: Language, laid: Laid | None = None
) -> Sight:
    """Everything known of the place in a row, judged at an aware instant under what notices close
    (`laid`): its own hours stay as they are told.
    """
    under = laid.judged if laid else snapshot
    facts, (entry,) = read(snapshot, row), street_list.entries(under, (row,), at, language)
    return Sight(
        entry=entry,
        facts=facts,
        week=week(snapshot, row, at.date(), language),
        offered=offered(facts.services),
        others=tuple(service for service in facts.services if not SERVES[service]),
        absent=tuple(need for need in Need if need not in offered(facts.services)),
        untold=_untold(facts, entry, language),
        ways=_ways(snapshot, row, facts, language),
        calls=tuple(Way(phone, f"tel:{_digits(phone)}") for phone in entry.phones),
        masked=tuple(phone for phone in entry.about.phones if phone not in entry.phones),
        street=_street(under, facts, at, language),
        members=_belonging(snapshot, under, entry.id, at, language),
        nearby=_nearby(snapshot, laid, row, at, language),
        checked_days=(at.date() - checked).days
        if (checked := facts.provenance.verified_at)
        else None,
        origin=_origin(facts.provenance, language),
        register_at=_register_at(facts.access.entry),
        about_where=_about_where(facts, language),
        own_source=_own_source(snapshot.about, facts),
    )


def read(snapshot: Snapshot, row: int) -> Facts:
    """The stored facts of a place."""
    return _decode(snapshot.records.whole(row)).properties


def office(offices: Iterable[NamedPoint], facts: Facts) -> NamedPoint | None:
    """The street office that a place lies in, where the version draws it."""
    where = (facts.district, facts.street)
    return next((office for office in offices if (office.district, office.name) == where), None)


def offered(services: Sequence[Service]) -> Mapping[Need, tuple[Service, ...]]:
    """Needs in vocabulary order, each with those of the services that serve it.

    A need that none serves is absent.
    """
    serving = {
        need: tuple(service for service in services if need in SERVES[service]) for need in Need
    }
    return {need: served for need, served in serving.items() if served}


def _untold(facts: Facts, entry: ListedPlace, language: Language) -> tuple[str, ...]:
    lesser = {
        say(language, "Phone"): bool(entry.about.phones),
        say(language, "Seats"): facts.capacity is not None,
        say(language, "Run by"): facts.operator is not None,
    }
    return tuple(heading for heading, known in lesser.items() if not known)


def _origin(read_from: _Provenance, language: Language) -> tuple[str, ...]:
    row = None if read_from.row is None else say(language, "row {n}", n=read_from.row)
    return tuple(part for part in (read_from.file, read_from.sheet, row, read_from.id) if part)


def _register_at(entry: PlaceEntry | None) -> Way | None:
    if entry is None or entry.url is None:
        return None
    return Way(urlsplit(entry.url).hostname or entry.url, entry.url)


def _about_where(facts: Facts, language: Language) -> str:
    if facts.position is not Position.LOCATED:
        return ""
    if facts.radius_m is None:
        return say(language, "Worked out from the address; it may stand elsewhere.")
    return say(language, "Position about ±{m} m", m=round(facts.radius_m))


def _own_source(about: DatasetAbout, facts: Facts) -> str:
    if (facts.source, facts.licence) == (about.source, about.licence):
        return ""
    return f"{facts.source} · {facts.licence}"


def week(snapshot: Snapshot, row: int, today: date, language: Language) -> tuple[Day, ...]:
    """The hours of seven days from `today` on, each on the day they begin.

    Empty if all seven are unknown, and not because of the days they are.
    """
    table, calendar = snapshot.hours_by_minute.table, snapshot.hours_by_minute.calendar
    hours_row = snapshot.hours_row(row)
    texts = week_texts(table, calendar, hours_row, today)
    because = reasons(table, calendar, (hours_row,), today, len(texts))
    if all(text == _UNKNOWN_DAY for text in texts) and not because:
        return ()
    days = (date.fromordinal(today.toordinal() + ahead) for ahead in range(len(texts)))
    return tuple(
        Day(
            _day_name(day, language),
            _day_note(calendar, day, language),
            _hours(text, language),
            _unknown(text),
            () if _unknown(text) else text,
        )
        for day, text in zip(days, texts, strict=True)
    )


def _unknown(text: tuple[str, ...]) -> bool:
    return text == _UNKNOWN_DAY


def _day_name(day: date, language: Language) -> str:
    return str(format_skeleton("MMMEd", day, locale=language.replace("-", "_")))


def _day_note(calendar: Calendar, day: date, language: Language) -> str:
    if not calendar.is_known(day):
        return say(language, "Holidays not announced yet")
    kind = calendar.kind(day)
    if kind is DayKind.PH:
        return say(language, "Public holiday")
    return say(language, "Adjusted workday") if kind is DayKind.WORKDAY else ""


def _hours(text: tuple[str, ...], language: Language) -> tuple[str, ...]:
    if _unknown(text):
        return (say(language, "Unknown"),)
    return tuple(_interval(part, language) for part in text) or (say(language, "Closed all day"),)


def _interval(text: str, language: Language) -> str:
    """Of 22:00-06:00 says that it ends the next day, which a reader at night should not have to
    work out.
    """
    if text == _ALL_DAY:
        return say(language, "Open 24 hours")
    start, _, end = text.partition("-")
    if end <= start:
        return say(language, "{start} – {end} next day", start=start, end=end)
    return f"{start} – {end}"


def _ways(snapshot: Snapshot, row: int, facts: Facts, language: Language) -> tuple[Way, ...]:
    """The map apps of the country, each in the datum it expects.

    To the middle of a street, since nobody asks from anywhere.
    """
    lon, lat = snapshot.lonlat[row].tolist()
    made = links(lon, lat, facts.name, facts.address or "", shifted=snapshot.about.city.shifted)
    return tuple(
        Way(say(language, MAP_APPS[app]), link) for app, link in made.whole(Mode.WALK).items()
    )


def _digits(phone: str) -> str:
    """What follows `tel:`; RFC 3966 knows no spaces."""
    return re.sub(r"[ -]", "", phone)


def _street(
    snapshot: Snapshot, facts: Facts, at: datetime, language: Language
) -> ListedPlace | None:
    """The street of a merchant; none where it is not in the dataset."""
    try:
        row = snapshot.row_of(facts.parent_street_id or "")
    except NoSuchPlace:
        return None
    return next(iter(street_list.entries(snapshot, (row,), at, language)))


def _belonging(
    snapshot: Snapshot, under: Snapshot, street_id: str, at: datetime, language: Language
) -> tuple[ListedPlace, ...]:
    rows = _members(snapshot).get(street_id, ())
    return _by_name(street_list.entries(under, rows, at, language))


def _by_name(entries: Iterable[ListedPlace]) -> tuple[ListedPlace, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.about.name, entry.id)))


@memoized(most=1)
def _members(snapshot: Snapshot) -> Mapping[str, Sequence[int]]:
    """Rows by the id of their street."""
    found: dict[str, list[int]] = {}
    for row in range(len(snapshot)):
        parent = _PARENT.search(snapshot.records.plain(row))
        if parent:
            found.setdefault(parent[1].decode(), []).append(row)
    return found


def _nearby(
    snapshot: Snapshot, laid: Laid | None, row: int, at: datetime, language: Language
) -> tuple[Alternative, ...]:
    """However far they are: who stands before a closed door wants to know.

    None beside a place outside the area.
    """
    lon, lat = snapshot.lonlat[row].tolist()
    asked = Question(lon, lat, at, ALTERNATIVES + 1, MAX_REACH_M, Filter(open=Open.NOW))
    try:
        answer = reported.nearest(snapshot, laid, asked)
    except OutsideArea:
        return ()
    hits = [hit for hit in answer.hits if hit.row != row][:ALTERNATIVES]
    under = laid.judged if laid else snapshot
    entries = street_list.entries(under, [hit.row for hit in hits], at, language)
    return tuple(
        Alternative(entry, distance_text(hit.distance_m))
        for entry, hit in zip(entries, hits, strict=True)
    )
