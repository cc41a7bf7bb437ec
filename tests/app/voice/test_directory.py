"""The directory over a database of each kind: what holds when, versions, and what phones keep."""

from datetime import date, timedelta

import msgspec
import pytest

from app.db import directory as stored
from app.db.database import Database
from app.response.refusals import NoSuchEntry
from app.voice import directory
from app.voice.directory import (
    MOST_BYTES,
    EntriesWanted,
    LiveDirectory,
    book_of,
    by_distance,
    chosen,
)
from geodata.hours.zone import TimeZone
from geodata.places.directory import Benefit, Contact, Entry, EntryKind, Event
from geodata.vocabulary import Help
from tests.app.db.conftest import NOW

ZONE = TimeZone("Asia/Shanghai")
HOUR = timedelta(hours=1)


def contact(nth: int = 1, **more: object) -> Contact:
    told = {"id": f"c-{nth}", "name": f"甲{nth}", "needs": (Help.LEGAL,), "number": "110"}
    return Contact(**{**told, **more})  # type: ignore[arg-type]  # by name


def event(nth: int = 1, **more: object) -> Event:
    told = {"id": f"e-{nth}", "name": "会", "start": NOW + HOUR, "end": NOW + 3 * HOUR}
    return Event(**{**told, **more})  # type: ignore[arg-type]  # by name


def put(database: Database, listing: EntryKind, *entries: Entry, replace: bool = False) -> object:
    return database.write(
        lambda connection: directory.put(connection, listing, entries, "工会", NOW, replace=replace)
    )


def test_an_import_adds_changes_keeps_and_removes(database: Database) -> None:
    live = LiveDirectory(database)
    assert put(database, EntryKind.CONTACT, contact(1), contact(2)) == (2, 0, 0, 0)
    first = live.book(NOW, ZONE)
    assert put(database, EntryKind.CONTACT, contact(1), contact(2, number="120")) == (0, 1, 1, 0)
    second = live.book(NOW, ZONE)
    assert [each.number for each in second.contacts] == ["110", "120"]
    assert put(database, EntryKind.CONTACT, contact(1), replace=True) == (0, 0, 1, 1)
    third = live.book(NOW, ZONE)
    assert [each.id for each in third.contacts] == ["c-1"]
    assert put(database, EntryKind.CONTACT, contact(2)) == (1, 0, 0, 0)
    assert live.book(NOW, ZONE).contacts == first.contacts
    assert live.book(NOW, ZONE).revision == first.revision
    assert len({first.revision, second.revision, third.revision}) == 3
    with database.reading() as connection:
        assert stored.state(connection)[1] == 5  # nothing that was said is deleted


def test_another_sort_of_list_stays_as_it_is(database: Database) -> None:
    put(database, EntryKind.CONTACT, contact(1))
    put(database, EntryKind.EVENT, event(1), replace=True)
    book = LiveDirectory(database).book(NOW, ZONE)
    assert (len(book.contacts), len(book.events)) == (1, 1)


def test_what_is_removed_is_gone_and_only_once(database: Database) -> None:
    put(database, EntryKind.CONTACT, contact(1))

    def remove() -> None:
        database.write(
            lambda connection: directory.remove(connection, EntryKind.CONTACT, "c-1", "x", NOW)
        )

    remove()
    with pytest.raises(NoSuchEntry):
        remove()
    assert LiveDirectory(database).book(NOW, ZONE).contacts == ()


def test_entries_come_out_of_the_database_as_they_went_in(database: Database) -> None:
    entries = (
        contact(1, more_numbers=("12348",), verified=date(2026, 11, 2), note="=1+1"),
        event(1, lon=113.9, lat=22.5, url="https://example.org"),
        event(2, end=None),
        Benefit(id="b-1", name="险", who="骑手", until=date(2026, 12, 31)),
    )
    for listing, held in zip(
        (EntryKind.CONTACT, EntryKind.EVENT, EntryKind.EVENT, EntryKind.BENEFIT),
        entries,
        strict=True,
    ):
        put(database, listing, held)
    with database.reading() as connection:
        assert directory.entries(connection) == [*entries]


def test_what_has_ended_is_not_told_and_the_revision_says_so() -> None:
    held = [
        event(1),
        event(2, start=NOW, end=None),
        Benefit(id="b-1", name="险", who="骑手", until=ZONE.local(NOW).date()),
    ]
    now = book_of(held, NOW, ZONE)
    assert ([each.id for each in now.events], len(now.benefits)) == (["e-2", "e-1"], 1)
    later = book_of(held, NOW + 3 * HOUR, ZONE)
    assert ([each.id for each in later.events], len(later.benefits)) == (["e-2"], 1)
    tomorrow = book_of(held, NOW + 24 * HOUR, ZONE)
    assert (tomorrow.events, tomorrow.benefits) == ((), ())
    assert len({now.revision, later.revision, tomorrow.revision}) == 3


def test_a_clock_that_is_set_back_tells_what_held_then(database: Database) -> None:
    put(database, EntryKind.EVENT, event(1))
    live = LiveDirectory(database)
    for years, there in ((0, 1), (2, 0), (-2, 1), (0, 1)):
        assert len(live.book(NOW + years * timedelta(days=365), ZONE).events) == there


def test_needs_are_any_of_those_asked_and_the_whole_city_is_in_each_district() -> None:
    listed = [
        contact(1, district="南山区"),
        contact(2, needs=(Help.TALK, Help.PAY)),
        contact(3, district="福田区", needs=()),
    ]

    def ids(*needs: Help, district: str = "") -> list[str]:
        return [each.id for each in chosen(listed, EntriesWanted(needs, district))]

    assert ids() == ["c-1", "c-2", "c-3"]
    assert ids(Help.PAY, Help.LEGAL) == ["c-1", "c-2"]
    assert ids(district="南山区") == ["c-1", "c-2"]
    assert ids(Help.LEGAL, district="福田区") == []


def test_the_nearest_event_comes_first_and_last_that_of_no_place() -> None:
    events = [event(1), event(2, lon=114.2, lat=22.5), event(3, lon=113.91, lat=22.5)]
    told = by_distance(events, 113.9, 22.5)
    assert [each.id for each, _ in told] == ["e-3", "e-2", "e-1"]
    assert told[0][1] == pytest.approx(1_029, rel=0.01)
    assert told[-1][1] is None


@pytest.mark.parametrize("many", [3, 400])
def test_a_phone_keeps_what_finds_room_and_is_told_of_the_rest(many: int) -> None:
    held: list[Entry] = [contact(nth, note="说明" * 40) for nth in range(many)]
    held += [event(nth) for nth in range(5)]
    body = directory.for_phones(book_of(held, NOW, ZONE))
    told = msgspec.json.decode(body)
    assert len(body) <= MOST_BYTES
    assert len(told["events"]) == 5
    assert len(told["contacts"]) + told.get("left_out", {}).get("contacts", 0) == many
    assert ("left_out" in told) == (many == 400)
    assert "source" not in told["contacts"][0]
