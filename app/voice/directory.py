"""Contacts, events and benefits as the public is told of them, and the operators' verbs."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from app.db import directory as stored
from app.db.database import Connection, Database
from app.db.directory import Version
from app.response.refusals import NoSuchEntry
from app.voice.looks import Looks
from geodata.hours.zone import TimeZone
from geodata.places.directory import ENTRIES, Benefit, Contact, Entry, EntryKind, Event
from geodata.space.coordinates import geodesic_m
from geodata.vocabulary import Help

E = TypeVar("E", bound=Entry)

#: What a phone keeps of the directory is no longer.
MOST_BYTES: Final = 15_000
_DAY: Final = timedelta(days=1)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DirectoryBook:
    """All that holds at an instant."""

    contacts: tuple[Contact, ...] = ()
    """Those for emergencies first."""
    events: tuple[Event, ...] = ()
    """Those that have not ended, soonest first."""
    benefits: tuple[Benefit, ...] = ()
    revision: str = ""
    """The same for the same entries."""

    def of(self, listing: EntryKind) -> Sequence[Entry]:
        """The entries of one sort."""
        held: dict[EntryKind, Sequence[Entry]] = {
            EntryKind.CONTACT: self.contacts,
            EntryKind.EVENT: self.events,
            EntryKind.BENEFIT: self.benefits,
        }
        return held[listing]


class EntriesWanted(NamedTuple):
    """Which entries are asked for."""

    needs: tuple[Help, ...] = ()
    """For any of these; empty: for whatever."""
    district: str = ""
    """Of this district or of the whole city; empty: of all."""


class DirectoryChanges(NamedTuple):
    """What an import does to the directory."""

    added: int
    changed: int
    kept: int
    removed: int


class LiveDirectory:
    """The directory, kept up with its database; asked by all threads of a worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changing = Lock()
        self._looks = Looks(database, self._follow, "the directory as it was")
        self._state = (-1, -1)
        self._entries: list[Entry] = []
        self._book = DirectoryBook()
        self._from = self._until = _NEVER

    def book(self, now: datetime, zone: TimeZone) -> DirectoryBook:
        """What holds now. A database that is away leaves what was known last."""
        self._looks.now()
        with self._changing:
            if not self._from <= now < self._until:
                self._book = book_of(self._entries, now, zone)
                self._from, self._until = now, _holds_until(self._book, now, zone)
            return self._book

    def _follow(self) -> None:
        with self._database.reading() as connection:
            state = stored.state(connection)
            if state == self._state:
                return
            found = entries(connection)
        with self._changing:
            self._entries, self._state = found, state
            self._from = self._until = _NEVER


def entries(connection: Connection) -> list[Entry]:
    """All entries that were not removed, in the order in which they came."""
    return [_entry(version) for version in stored.latest(connection) if not version.removed]


def book_of(held: Iterable[Entry], now: datetime, zone: TimeZone) -> DirectoryBook:
    """What of the entries holds at an instant."""
    today = zone.local(now).date()
    all_of = list(held)
    events = [each for each in all_of if isinstance(each, Event) and ends(each, zone) > now]
    events.sort(key=lambda event: (event.start, event.id))
    benefits = [each for each in all_of if isinstance(each, Benefit)]
    contacts = [each for each in all_of if isinstance(each, Contact)]
    contacts.sort(key=lambda contact: Help.EMERGENCY not in contact.needs)
    made = DirectoryBook(
        tuple(contacts),
        tuple(events),
        tuple(each for each in benefits if each.until is None or each.until >= today),
    )
    told = msgspec.json.encode((made.contacts, made.events, made.benefits))
    digest = hashlib.blake2b(told, digest_size=8).hexdigest()
    return DirectoryBook(made.contacts, made.events, made.benefits, digest)


def ends(event: Event, zone: TimeZone) -> datetime:
    """When an event is over; where nobody says so, with the day on which it begins."""
    if event.end:
        return event.end
    return zone.begins(zone.local(event.start).date() + _DAY)


def chosen(listed: Sequence[E], wanted: EntriesWanted) -> list[E]:
    """The entries that somebody asks for."""
    return [
        each
        for each in listed
        if (not wanted.needs or not {*wanted.needs}.isdisjoint(each.needs))
        and (not wanted.district or each.district in ("", wanted.district))
    ]


def on_day(events: Sequence[Event], day: date, zone: TimeZone) -> list[Event]:
    """The events that take place on a day of the city's clock, or a part of them."""
    begins, over = zone.begins(day), zone.begins(day + _DAY)
    return [each for each in events if each.start < over and ends(each, zone) > begins]


def by_distance(
    events: Sequence[Event], lon: float, lat: float
) -> list[tuple[Event, float | None]]:
    """Events with their distance in metres from a WGS-84 point, nearest first; last those of which
    nobody says where they are.
    """
    told = [
        (
            each,
            None
            if each.lon is None or each.lat is None
            else float(geodesic_m(lon, lat, each.lon, each.lat)),
        )
        for each in events
    ]
    return sorted(told, key=lambda one: math.inf if one[1] is None else one[1])


def for_phones(book: DirectoryBook) -> bytes:
    """The directory as a phone keeps it, of at most MOST_BYTES: what is empty is left out, and of
    too many entries the last of the longest sort are, which `left_out` counts.
    """
    told = {f"{listing}s": [_short(each) for each in book.of(listing)] for listing in EntryKind}
    left_out: dict[str, int] = {}
    body = msgspec.json.encode(told)
    while len(body) > MOST_BYTES:
        longest = max(told, key=lambda name: len(msgspec.json.encode(told[name])))
        told[longest].pop()
        left_out[longest] = left_out.get(longest, 0) + 1
        body = msgspec.json.encode({**told, "left_out": left_out})
    return body


def put(
    connection: Connection,
    listing: EntryKind,
    read: Sequence[Entry],
    by: str,
    now: datetime,
    *,
    replace: bool = False,
) -> DirectoryChanges:
    """Write the entries of a list that are new or changed; with `replace` those of its sort that
    are not in it are removed.
    """
    held = {version.id: version for version in stored.latest(connection) if version.kind == listing}
    there = {id_: _entry(version) for id_, version in held.items() if not version.removed}
    new = [each for each in read if there.get(each.id) != each]
    wanted = {each.id for each in read}
    gone = [held[id_] for id_ in there if id_ not in wanted] if replace else []
    stored.add(connection, [_version(listing, each, by, now) for each in new])
    stored.add(connection, [each._replace(removed=True, by=by, at=now) for each in gone])
    changed = sum(each.id in there for each in new)
    return DirectoryChanges(len(new) - changed, changed, len(read) - len(new), len(gone))


def remove(
    connection: Connection, listing: EntryKind, entry_id: str, by: str, now: datetime
) -> None:
    """Remove an entry. Raises NoSuchEntry."""
    for version in stored.latest(connection):
        if (version.kind, version.id, version.removed) == (listing, entry_id, False):
            stored.add(connection, [version._replace(removed=True, by=by, at=now)])
            return
    raise NoSuchEntry


def _version(listing: EntryKind, entry: Entry, by: str, now: datetime) -> Version:
    body: dict[str, Any] = msgspec.to_builtins(entry)
    return Version(str(listing), entry.id, now, by, removed=False, body=body)


def made_up(listing: EntryKind, entry: Entry, by: str, now: datetime) -> Version:
    """A version of an entry that does not exist, and says so."""
    return _version(listing, msgspec.structs.replace(entry, synthetic=True), by, now)


def _entry(version: Version) -> Entry:
    return msgspec.convert(version.body, ENTRIES[EntryKind(version.kind)])


def _short(entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(entry)
    if not isinstance(entry, Benefit):
        del told["source"]
    if told.get("area") == entry.district:
        told.pop("area", None)
    return {name: value for name, value in told.items() if value not in ("", None, [], False, ())}


def _holds_until(book: DirectoryBook, now: datetime, zone: TimeZone) -> datetime:
    """When the next event ends, or the day."""
    midnight = zone.begins(zone.local(now).date() + _DAY)
    return min([midnight, *(ends(each, zone) for each in book.events)])
