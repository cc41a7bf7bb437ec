"""Events as iCalendar (RFC 5545) and contacts as vCard (RFC 6350): texts escaped and lines folded
by the icalendar library, whose only import this is.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from icalendar import Calendar, Component, vText, vUri
from icalendar import Event as CalendarEvent

from geodata.places.directory import Contact, Event

#: IANA's names.
ICALENDAR: Final = "text/calendar"
VCARD: Final = "text/vcard"
_MADE_BY: Final = "-//Nuanfeng//Nuanfeng//ZH"


def icalendar(events: Iterable[Event], name: str, dataset: str, made_at: datetime) -> bytes:
    """Events as one file; `name` is what a calendar shows for it."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _MADE_BY)
    calendar.add("x-wr-calname", name)
    for each in events:
        calendar.add_component(_event(each, dataset, made_at))
    return bytes(calendar.to_ical())


def _event(event: Event, dataset: str, made_at: datetime) -> CalendarEvent:
    made = CalendarEvent()
    made.add("uid", f"{event.id}@{dataset}.nuanfeng")
    made.add("dtstamp", made_at.astimezone(UTC))
    made.add("dtstart", event.start.astimezone(UTC))
    if event.end:
        made.add("dtend", event.end.astimezone(UTC))
    made.add("summary", event.name)
    told = filter(None, (event.who, event.host, event.note, event.number, event.source))
    made.add("description", "\n".join(told))
    if event.where:
        made.add("location", event.where)
    if event.lon is not None and event.lat is not None:
        made.add("geo", (event.lat, event.lon))
    if event.url:
        made.add("url", vUri(event.url))
    made.add("categories", [str(need) for need in event.needs] or [""])
    return made


class _Card(Component):
    """A vCard: lines alike those of a calendar."""

    name = "VCARD"


def vcard(contact: Contact, dataset: str) -> bytes:
    """A contact as a telephone takes it; a number that is masked stands in its note alone."""
    card = _Card()
    card.add("version", "4.0")
    card.add("kind", "org")
    card.add("uid", vText(f"{contact.id}@{dataset}.nuanfeng"))
    card.add("fn", vText(contact.name))
    numbers = (contact.number, *contact.more_numbers)
    for number in filter(is_dialled, numbers):
        card.add("tel", vUri(dial_link(number)), parameters={"VALUE": "uri"})
    masked = [number for number in numbers if not is_dialled(number)]
    told = filter(None, (*masked, contact.hours, contact.area, contact.note, contact.source))
    card.add("note", vText("\n".join(told)))
    return bytes(card.to_ical(sorted=False))


def is_dialled(number: str) -> bool:
    """Whether a number can be called: none of its digits is masked."""
    return "*" not in number


def dial_link(number: str) -> str:
    """A number as tel: (RFC 3966) has it: digits, and an extension behind a pause."""
    main, _, extension = number.partition("转")
    digits = "".join(each for each in main if each.isdecimal() or each == "+")
    return f"tel:{digits}" + (f";ext={extension}" if extension else "")
