"""The directory at the desk: contacts, events and benefits, added, changed and removed by who may
publish; what they say is public at once.
"""

from typing import Any

from flask import Response, request
from werkzeug.datastructures import MultiDict

from app.db.database import Connection
from app.desk import entries
from app.desk.page import page, refused
from app.desk.paging import paged
from app.desk.roles import Location, Verb
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.pages.labels import help_labels
from app.response.refusals import DeskRefusal, NoSuchThing
from app.voice import directory
from app.words import Language, say
from geodata.errors import BadValue, NuanfengError
from geodata.places.directory import ENTRIES, Contact, Entry, EntryKind, Event


def add(views: Views) -> None:
    """Add the directory's pages. An entry of no district is the whole city's."""

    @views.add("/desk/directory", Verb.SEE, ViewReach.LIST)
    def listed(asked: DeskRequest) -> Response:
        stated = request.args.get("of", "")
        listing = EntryKind(stated) if stated in {*EntryKind} else EntryKind.CONTACT
        return page(asked, "directory.html", **_listed(asked, listing))

    @views.add("/desk/directory/<listing>/new", Verb.PUBLISH, ViewReach.LIST)
    def new(asked: DeskRequest, listing: str) -> Response:
        fields = MultiDict({"district": asked.operator.scope.name})
        return page(asked, "directory_entry.html", **_form(asked, _kind(listing), None, fields))

    @views.add("/desk/directory/<listing>/new", Verb.PUBLISH, ViewReach.LIST, post=True)
    def make(asked: DeskRequest, listing: str) -> Response:
        return _saved(asked, _kind(listing), "")

    @views.add("/desk/directory/<listing>/<entry>", Verb.PUBLISH, ViewReach.LIST)
    def one(asked: DeskRequest, listing: str, entry: str) -> Response:
        held = _required(asked, _kind(listing), entry)
        fields = entries.filled(held, asked.desk.snapshot())
        return page(asked, "directory_entry.html", **_form(asked, _kind(listing), held, fields))

    @views.add("/desk/directory/<listing>/<entry>", Verb.PUBLISH, ViewReach.LIST, post=True)
    def change(asked: DeskRequest, listing: str, entry: str) -> Response:
        _required(asked, _kind(listing), entry)
        return _saved(asked, _kind(listing), entry)

    @views.add("/desk/directory/<listing>/<entry>/remove", Verb.PUBLISH, ViewReach.LIST, post=True)
    def remove(asked: DeskRequest, listing: str, entry: str) -> Response:
        kind = _kind(listing)
        _required(asked, kind, entry)

        def unit(connection: Connection) -> None:
            directory.remove(connection, kind, entry, asked.operator.name, asked.now)
            asked.note(connection, "publish", f"{kind} {entry}", "listed", "yes", "no")

        asked.desk.database.write(unit)
        return sent_on(f"/desk/directory?of={kind}")


def listing_texts(language: Language) -> dict[str, str]:
    """The sorts of entries, in words."""
    return {
        EntryKind.CONTACT: say(language, "Contacts"),
        EntryKind.EVENT: say(language, "Events"),
        EntryKind.BENEFIT: say(language, "Benefits"),
    }


def _kind(listing: str) -> EntryKind:
    if listing not in {*EntryKind}:
        raise NoSuchThing
    return EntryKind(listing)


def _held(connection: Connection, listing: EntryKind, entry_id: str) -> Entry | None:
    every = directory.entries(connection)
    mine = (each for each in every if isinstance(each, ENTRIES[listing]) and each.id == entry_id)
    return next(mine, None)


def _required(asked: DeskRequest, listing: EntryKind, entry_id: str) -> Entry:
    """Raises NoSuchThing where it is not listed, or of another part of the city."""
    with asked.desk.database.reading() as connection:
        held = _held(connection, listing, entry_id)
    asked.require(Location(held.district) if held else None)
    if held is None:
        raise NoSuchThing
    return held


def _saved(asked: DeskRequest, listing: EntryKind, entry_id: str) -> Response:
    try:
        _save(asked, listing, entry_id)
    except NuanfengError as fault:
        with asked.desk.database.reading() as connection:
            held = _held(connection, listing, entry_id)
        values = _form(asked, listing, held, asked.fields)
        if isinstance(fault, DeskRefusal) and held:
            asked.fields["seen"] = entries.digest_of(held)
            values["theirs"] = _differing(asked, listing, held)
        return refused(asked, "directory_entry.html", fault, **values)
    return sent_on(f"/desk/directory?of={listing}")


def _save(asked: DeskRequest, listing: EntryKind, entry_id: str) -> None:
    """Write what a form says. Raises BadValue, and DeskRefusal where somebody was faster."""
    said = entries.entry_of(listing, asked.fields, asked.desk.snapshot(), entry_id)
    if not asked.sees(Location(said.district)):
        raise BadValue("Choose your own district.")

    def unit(connection: Connection) -> bool:
        now = _held(connection, listing, said.id)
        if entries.digest_of(now) != asked.field("seen"):
            return False
        by = asked.operator.name
        directory.put(connection, listing, [said], by, asked.now)
        before, after = entries.digest_of(now), entries.digest_of(said)
        asked.note(connection, "publish", f"{listing} {said.id}", "entry", before, after)
        return True

    if asked.desk.database.write(unit):
        return
    if entry_id:
        raise DeskRefusal(
            "Somebody else changed this meanwhile; what is listed now stands below. Save again, and"
            " yours holds."
        )
    raise DeskRefusal("This is listed already; change that entry instead.")


def _differing(asked: DeskRequest, listing: EntryKind, held: Entry) -> list[tuple[str, str]]:
    """The fields that are listed otherwise than a form has them."""
    now = entries.filled(held, asked.desk.snapshot())
    return [
        (say(asked.language, label), now.get(name, ""))
        for name, label in entries.FIELDS[listing].items()
        if now.get(name, "") != asked.field(name)
    ]


def _listed(asked: DeskRequest, listing: EntryKind) -> dict[str, Any]:
    with asked.desk.database.reading() as connection:
        every = directory.entries(connection)
    found = [
        each
        for each in every
        if isinstance(each, ENTRIES[listing]) and asked.sees(Location(each.district))
    ]
    book = directory.book_of(found, asked.now, asked.desk.snapshot().zone)
    holds, here = {each.id for each in book.of(listing)}, paged(found)
    return {
        "listing": listing,
        "listings": listing_texts(asked.language),
        "paged": here,
        "found": [(each, _about(asked, each), each.id in holds) for each in here.shown],
        "may_add": asked.may(Verb.PUBLISH) and _districts(asked),
    }


def _about(asked: DeskRequest, entry: Entry) -> str:
    """What a line says of an entry: its number, its beginning, or its end."""
    if isinstance(entry, Contact):
        return entry.number
    if isinstance(entry, Event):
        return f"{asked.desk.snapshot().zone.local(entry.start):%Y-%m-%d %H:%M}"
    return entry.until.isoformat() if entry.until else ""


def _districts(asked: DeskRequest) -> list[str]:
    """Those that an entry may be of; the empty one is the whole city."""
    every = ("", *asked.desk.divisions().districts)
    return [each for each in every if asked.sees(Location(each))]


def _form(
    asked: DeskRequest, listing: EntryKind, held: Entry | None, fields: MultiDict[str, str]
) -> dict[str, Any]:
    return {
        "listing": listing,
        "listings": listing_texts(asked.language),
        "entry": held,
        "fields": fields,
        "labels": {
            name: say(asked.language, label) for name, label in entries.FIELDS[listing].items()
        },
        "inputs": entries.INPUTS,
        "needed": entries.NEEDED[listing],
        "needs": help_labels(asked.language),
        "districts": _districts(asked),
        "theirs": [],
    }
