"""The API of the directory and of wishes."""

from collections.abc import Sequence
from typing import Final

import msgspec
from flask import Blueprint, Response, request
from msgspec import UNSET

from app.live.current import Live
from app.request import parsing, queries
from app.request.directory import DirectoryQuery, EventsQuery, When, WishPost
from app.response.headers import IMMUTABLE, JSON, PRIVATE, REVALIDATE, reply, tagged
from app.response.problems import BadParameters, Fault
from app.response.refusals import FormerDirectory
from app.voice import posting, wishes
from app.voice.directory import (
    DirectoryBook,
    EntriesWanted,
    LiveDirectory,
    by_distance,
    chosen,
    for_phones,
    on_day,
)
from app.voice.posting import Voice
from app.voice.wishes import LiveWishes
from geodata.places.directory import Entry, EntryKind, Event

#: The directory and the wishes may be a minute old.
_A_MINUTE: Final = "public, max-age=60"
#: Stands for the revision that holds.
_CURRENT: Final = "current"


def blueprint(live: Live, voice: Voice, held: LiveDirectory, wished: LiveWishes) -> Blueprint:
    """What the directory holds, and what riders wish for."""
    views = Blueprint("directory", __name__)

    def book() -> DirectoryBook:
        return held.book(queries.now(), live.snapshot().zone)

    @views.get("/api/v1/contacts")
    def contacts() -> Response:
        return _listed(book(), EntryKind.CONTACT)

    @views.get("/api/v1/benefits")
    def benefits() -> Response:
        return _listed(book(), EntryKind.BENEFIT)

    @views.get("/api/v1/events")
    def events() -> Response:
        query = parsing.parse(request.environ["QUERY_STRING"], EventsQuery)
        found, point = book(), events_near(query, live)
        listed = events_of(found, query, live)
        if point is None:
            return _reply(found, listed, query)
        told = [
            {**msgspec.to_builtins(event), "distance_m": None if far is None else round(far)}
            for event, far in by_distance(listed, *point)
        ]
        body = msgspec.json.encode({"revision": found.revision, "items": told})
        return reply(body, JSON, PRIVATE)

    @views.get("/api/v1/directory/<revision>.json")
    def directory(revision: str) -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        found = book()
        if revision not in (found.revision, _CURRENT):
            raise FormerDirectory(found.revision)
        kept = REVALIDATE if revision == _CURRENT else IMMUTABLE
        named = ("directory", found.revision)
        return tagged(lambda: for_phones(found), JSON, kept, request.environ, named)

    @views.get("/api/v1/wishes")
    def wishes_() -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        told = wishes.public(wished.told())
        named = ("wishes", str(told["revision"]))
        body = msgspec.json.encode(told)
        return tagged(lambda: body, JSON, _A_MINUTE, request.environ, named)

    @views.post("/api/v1/wishes")
    def wish() -> Response:
        asked = posting.asked(request, queries.now())
        return wishes.receive(voice, asked, asked.read(WishPost), live.snapshot())

    return views


def wanted_of(query: DirectoryQuery) -> EntriesWanted:
    """Which entries a query asks for."""
    return EntriesWanted(query.needs or (), query.district or "")


def events_of(book: DirectoryBook, query: EventsQuery, live: Live) -> list[Event]:
    """The events that a query asks for, soonest first."""
    zone = live.snapshot().zone
    events: Sequence[Event] = book.events
    if query.when is When.TODAY:
        events = on_day(events, zone.local(queries.now()).date(), zone)
    return chosen(events, wanted_of(query))


def events_near(query: EventsQuery, live: Live) -> tuple[float, float] | None:
    """Where whoever asks stands, WGS-84; None: nowhere. Raises BadParameters for half a point."""
    if query.lon is UNSET or query.lat is UNSET:
        if query.lon is not query.lat:
            missing = "lon" if query.lon is UNSET else "lat"
            raise BadParameters([Fault(missing, "lon and lat come together or not at all.", {})])
        return None
    return queries.position(query.lon, query.lat, query.datum, live.snapshot().outline)


def _listed(found: DirectoryBook, listing: EntryKind) -> Response:
    query = parsing.parse(request.environ["QUERY_STRING"], DirectoryQuery)
    return _reply(found, chosen(found.of(listing), wanted_of(query)), query)


def _reply(found: DirectoryBook, listed: Sequence[Entry], query: DirectoryQuery) -> Response:
    body = msgspec.json.encode({"revision": found.revision, "items": listed})
    named = (request.path.rsplit("/", 1)[-1], found.revision, parsing.digest(query))
    return tagged(lambda: body, JSON, _A_MINUTE, request.environ, named)
