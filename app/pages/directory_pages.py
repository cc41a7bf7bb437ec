"""Contacts, events and benefits as pages without scripts, and as files for a telephone."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, request

from app.live.current import Live
from app.pages import rendering
from app.pages.calendar_files import ICALENDAR, VCARD, dial_link, icalendar, is_dialled, vcard
from app.pages.city import city
from app.pages.coverage_links import Chip, ChoiceRow
from app.pages.embedded import embedded
from app.pages.labels import help_labels
from app.request import parsing, queries
from app.request.directory import (
    DirectoryQuery,
    EventQuery,
    EventsQuery,
    When,
)
from app.response.headers import REVALIDATE, tagged
from app.response.refusals import NoSuchEntry
from app.voice.directory import DirectoryBook, LiveDirectory, by_distance, chosen, ends
from app.voice.directory_routes import events_near, events_of, wanted_of
from app.words import Language, distance_text, say
from geodata.errors import NuanfengError
from geodata.places.directory import Entry, Event

_KEY_BYTES: Final = 16
#: Of the circles on the map of wishes: the smallest, and how they grow with the root of a count.
_LEAST_RADIUS: Final = 6.0
_GROWS: Final = 3.0


def blueprint(live: Live, held: LiveDirectory) -> Blueprint:
    """The pages, and the files that they lead to."""
    pages = Blueprint("directory_pages", __name__)

    def book() -> DirectoryBook:
        return held.book(queries.now(), live.snapshot().zone)

    @pages.get("/contacts")
    def contacts() -> Response:
        query, found = rendering.asked(DirectoryQuery), book()
        return _listed(live, found, query, "contacts", chosen(found.contacts, wanted_of(query)))

    @pages.get("/benefits")
    def benefits() -> Response:
        query, found = rendering.asked(DirectoryQuery), book()
        return _listed(live, found, query, "benefits", chosen(found.benefits, wanted_of(query)))

    @pages.get("/events")
    def events() -> Response:
        query, found = rendering.asked(EventsQuery), book()
        return _events(live, found, query)

    @pages.get("/contacts/<entry_id>.vcf")
    def card(entry_id: str) -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        contact = _one(book().contacts, entry_id)
        dataset = live.snapshot().about.dataset
        return _file(vcard(contact, dataset), VCARD, f"{contact.id}.vcf")

    @pages.get("/events.ics")
    def calendar() -> Response:
        query = parsing.parse(request.environ["QUERY_STRING"], DirectoryQuery)
        return _calendar(live, chosen(book().events, wanted_of(query)), "nuanfeng.ics")

    @pages.get("/events/<entry_id>.ics")
    def calendar_of_one(entry_id: str) -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        return _calendar(live, [_one(book().events, entry_id)], f"{entry_id}.ics")

    @pages.get("/events/<entry_id>")
    def event(entry_id: str) -> Response:
        rendering.asked(EventQuery)
        return _event(live, _one(book().events, entry_id))

    return pages


def _one(listed: "Sequence[Any]", entry_id: str) -> Any:
    """The entry of an id. Raises NoSuchEntry."""
    found = next((each for each in listed if each.id == entry_id), None)
    if found is None:
        raise NoSuchEntry
    return found


def _file(body: bytes, mimetype: str, name: str) -> Response:
    attached = (("Content-Disposition", f'attachment; filename="{name}"'),)
    tag = rendering.digest(body.decode())
    return tagged(lambda: body, mimetype, REVALIDATE, request.environ, (name, tag), extra=attached)


def _calendar(live: Live, events: Sequence[Event], name: str) -> Response:
    snapshot = live.snapshot()
    today = snapshot.zone.local(queries.now()).date()
    title = say(rendering.language(), "Events for riders and drivers")
    made_at = snapshot.zone.at_clock(today, time())
    body = icalendar(events, title, snapshot.about.dataset, made_at)
    return _file(body, ICALENDAR, name)


# --- lists ---


def _listed(
    live: Live, found: DirectoryBook, query: DirectoryQuery, name: str, listed: Sequence[Entry]
) -> Response:
    rows = _rows(live, found, query, name)
    return rendering.page(
        f"{name}.html",
        (live.snapshot().version, found.revision, parsing.digest(query)),
        listed=listed,
        **_shared(live, query, name, rows),
    )


def _events(live: Live, found: DirectoryBook, query: EventsQuery) -> Response:
    try:
        point = events_near(query, live)
    except NuanfengError:
        point = None
    listed = events_of(found, query, live)
    told: list[tuple[Event, float | None]] = (
        by_distance(listed, *point) if point else [(event, None) for event in listed]
    )
    values = {
        "listed": [(event, "" if far is None else distance_text(far)) for event, far in told],
        "when": _times(live),
        "calendar": _link("/events.ics", query, ("needs", "district")),
        **_shared(live, query, "events", _rows(live, found, query, "events")),
    }
    if point:
        return rendering.private_page("events.html", **values)
    today = live.snapshot().zone.local(queries.now()).date().isoformat()
    depends = (live.snapshot().version, found.revision, parsing.digest(query), today)
    return rendering.page("events.html", depends, **values)


def _shared(
    live: Live, query: msgspec.Struct, name: str, rows: Sequence[ChoiceRow]
) -> dict[str, Any]:
    stated = parsing.stated(query, ("lang",))
    other = rendering.other_language()
    return {
        "tab": name,
        "rows": rows,
        "helps": help_labels(rendering.language()),
        "others": f"/{name}?{urlencode({**stated, 'lang': other['other']})}",
        "dialled": is_dialled,
        "dial": dial_link,
        **other,
        **rendering.about(city(live)),
    }


def _rows(
    live: Live, found: DirectoryBook, query: DirectoryQuery, name: str
) -> tuple[ChoiceRow, ...]:
    """Choices of which each leads to the same list with one thing changed; only needs that
    something is listed for, and districts that the dataset has.
    """
    language = rendering.language()
    there = {need for each in getattr(found, name) for need in each.needs}
    words = {str(need): text for need, text in help_labels(language).items() if need in there}
    english = {each.name: each.name_en for each in city(live).ground.districts}
    names = [each.decode() for each in live.snapshot().districts.names.tolist()]
    districts = {
        name: name if language is Language.CHINESE else english.get(name) or name for name in names
    }
    rows = [
        _row(say(language, "For what"), query, name, "needs", {"": say(language, "All"), **words}),
        _row(
            say(language, "Where"),
            query,
            name,
            "district",
            {"": say(language, "Everywhere"), **districts},
        ),
    ]
    if isinstance(query, EventsQuery):
        days = {"": say(language, "All to come"), str(When.TODAY): say(language, "Today")}
        rows.insert(0, _row(say(language, "When"), query, name, "when", days))
    return tuple(rows)


def _row(
    title: str, query: msgspec.Struct, name: str, parameter: str, words: Mapping[str, str]
) -> ChoiceRow:
    stated = parsing.stated(query, ("lang",))
    here = stated.get(parameter, "")
    kept = {key: value for key, value in stated.items() if key != parameter}
    chips = []
    for value, text in words.items():
        asked = {**kept, **({parameter: value} if value else {}), "lang": rendering.language()}
        chips.append(Chip(text, f"/{name}?{urlencode(asked)}", chosen=value == here))
    return ChoiceRow(title, tuple(chips))


def _link(target: str, query: msgspec.Struct, kept: Sequence[str]) -> str:
    stated = {name: value for name, value in parsing.stated(query).items() if name in kept}
    return f"{target}?{urlencode(stated)}" if stated else target


class EventTime(NamedTuple):
    """When an event takes place, as the page says it."""

    day: str
    clock: str
    is_on: bool


def _times(live: Live) -> Any:
    """How an event's time is said: by the city's clock."""
    zone, now, language = live.snapshot().zone, queries.now(), rendering.language()
    today = zone.local(now).date()

    def told(event: Event) -> EventTime:
        begins = zone.local(event.start)
        over = zone.local(event.end) if event.end else None
        clock = f"{begins:%H:%M}"
        if over:
            same = over.date() == begins.date()
            day = "" if same else f"{_day(over.date(), today, language)} "
            clock += f" – {day}{over:%H:%M}"
        is_on = event.start <= now < ends(event, zone)
        return EventTime(_day(begins.date(), today, language), clock, is_on)

    return told


def _day(day: date, today: date, language: Language) -> str:
    near = {0: say(language, "today"), 1: say(language, "tomorrow")}
    return near.get((day - today).days, day.isoformat())


# --- one event ---


def _event(live: Live, event: Event) -> Response:
    snapshot = live.snapshot()
    told = _described(live, event)
    stamp = rendering.digest(str(told), snapshot.zone.local(queries.now()).date().isoformat())
    return rendering.page(
        "event.html",
        (snapshot.version, stamp, rendering.digest(request.root_url)),
        event=event,
        time=_times(live)(event),
        helps=help_labels(rendering.language()),
        described=embedded(told),
        others=f"/events/{event.id}?lang={rendering.other_language()['other']}",
        dialled=is_dialled,
        dial=dial_link,
        **rendering.other_language(),
        **rendering.about(city(live)),
    )


def _described(live: Live, event: Event) -> dict[str, Any]:
    """The event as schema.org has it; what is not known is left out."""
    zone = live.snapshot().zone
    where: dict[str, Any] = {"@type": "Place", "name": event.where, "address": event.where}
    if event.lon is not None and event.lat is not None:
        where["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": event.lat,
            "longitude": event.lon,
        }
    made_up = say(rendering.language(), "Demo data: this event does not exist")
    told = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": f"{request.root_url}events/{event.id}",
        "url": event.url or f"{request.root_url}events/{event.id}",
        "identifier": event.id,
        "name": event.name,
        "startDate": _iso(zone.local(event.start)),
        "endDate": _iso(zone.local(event.end)) if event.end else None,
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "eventStatus": "https://schema.org/EventScheduled",
        "location": where if event.where or "geo" in where else None,
        "organizer": {"@type": "Organization", "name": event.host} if event.host else None,
        "audience": {"@type": "Audience", "audienceType": event.who} if event.who else None,
        "description": " ".join(filter(None, (made_up if event.synthetic else "", event.note))),
    }
    return {name: value for name, value in told.items() if value}


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
