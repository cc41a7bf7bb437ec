"""Contacts, events and benefits as pages without scripts, and the files that they lead to."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
from flask.testing import FlaskClient

from app.db.database import Database
from app.factory import create_app
from app.settings import Settings
from app.voice import directory
from app.voice.setting_up import make_ready, voice_of
from geodata.places.directory import Benefit, Contact, EntryKind, Event
from geodata.store.files import Dataset
from geodata.vocabulary import Help

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
LISTS = ("contacts", "events", "benefits")
SCRIPT = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


@pytest.fixture(scope="module")
def demo(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The demo city with its directory at NOW."""
    home = tmp_path_factory.mktemp("directory")
    (home / "datasets").symlink_to(demo_home / "datasets")
    chosen = Settings(home, "demo")
    voice = voice_of(chosen)
    make_ready(voice, Dataset(home, "demo").load(), "demo", NOW)
    voice.database.close()
    return chosen


@pytest.fixture
def client(demo: Settings, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr("app.request.queries.now", lambda: NOW)
    return create_app(demo).test_client()


def put(demo: Settings, listing: EntryKind, entry: Contact | Event | Benefit) -> None:
    database: Database = voice_of(demo).database
    database.write(lambda connection: directory.put(connection, listing, [entry], "x", NOW))
    database.close()


def test_the_demo_has_what_was_promised_and_says_that_it_is_made_up(client: FlaskClient) -> None:
    for name, many in (("contacts", 30), ("events", 12), ("benefits", 8)):
        told = client.get(f"/api/v1/{name}").json["items"]
        assert len(told) == many
        assert all(each["synthetic"] for each in told)
    numbers = {each["number"] for each in client.get("/api/v1/contacts").json["items"]}
    assert {number for number in numbers if "*" not in number} == {"110", "119", "120", "12345"}
    running = client.get("/api/v1/events?when=today").json["items"]
    assert len(running) == 2


def test_a_demo_begins_anew_at_each_start(demo: Settings, client: FlaskClient) -> None:
    before = client.get("/api/v1/events").json
    voice = voice_of(demo)
    snapshot = Dataset(demo.home, "demo").load()
    later = NOW + timedelta(days=40)
    make_ready(voice, snapshot, "demo", later)
    moved = create_app(demo).test_client().get("/api/v1/events").json
    make_ready(voice, snapshot, "demo", NOW)
    voice.database.close()
    assert (len(before["items"]), len(moved["items"])) == (12, 12)
    assert moved["revision"] != before["revision"]
    assert client.get("/api/v1/events").json == before


def test_a_list_is_narrowed_by_need_and_district(client: FlaskClient) -> None:
    legal = client.get("/api/v1/contacts?needs=legal&district=南山区").json["items"]
    assert 0 < len(legal) < 30
    assert all("legal" in each["needs"] for each in legal)
    assert {each["district"] for each in legal} == {"", "南山区"}
    page = client.get("/contacts?needs=legal&district=南山区&lang=zh-CN").text
    assert re.findall(r'<section id="(c-[^"]+)"', page) == [each["id"] for each in legal]
    assert page.count('aria-current="true"') == 2
    forgiving = client.get("/contacts?needs=beer&utm_source=x")
    assert (forgiving.status_code, forgiving.text.count("<section")) == (200, 30)


def test_every_link_of_the_pages_leads_somewhere(client: FlaskClient) -> None:
    pages = [client.get(f"/{start}?lang=en").text for start in (*LISTS, "wishes")]
    links = {each for page in pages for each in re.findall(r'href="(/[^"#]*)"', page)}
    for link in links - {each for each in links if re.match(r"/(assets/|\?)", each)}:
        assert client.get(html.unescape(link)).status_code == 200, link


def test_a_number_is_called_by_a_tap_unless_it_is_masked(client: FlaskClient) -> None:
    page = client.get("/contacts?lang=en").text
    assert 'href="tel:120"' in page
    assert not re.search(r'href="tel:[^"]*\*', page)
    assert 'class="masked">' in page


def test_the_nearest_event_stands_first_and_the_position_is_kept_by_nobody(
    client: FlaskClient,
) -> None:
    near = client.get("/api/v1/events?lon=113.93&lat=22.53")
    far = [each["distance_m"] for each in near.json["items"]]
    assert far == sorted(far)
    assert near.headers["Cache-Control"] == "private, no-store"
    page = client.get("/events?lon=113.93&lat=22.53&when=today&lang=en")
    assert page.headers["Cache-Control"] == "no-store"
    assert "Distance" in page.text
    assert client.get("/api/v1/events?lon=113.93").status_code == 400
    swapped = client.get("/api/v1/events?lon=22.53&lat=113.93")
    assert swapped.status_code == 422


def test_events_are_a_calendar_that_a_telephone_takes(client: FlaskClient) -> None:
    reply = client.get("/events.ics")
    assert reply.mimetype == "text/calendar"
    events = list(icalendar.Calendar.from_ical(reply.data).walk("VEVENT"))
    told = client.get("/api/v1/events").json["items"]
    assert [str(each["UID"]).partition("@")[0] for each in events] == [each["id"] for each in told]
    starts = [each["DTSTART"].dt.astimezone(UTC) for each in events]
    assert starts == [datetime.fromisoformat(each["start"]) for each in told]
    assert b"\n" not in reply.data.replace(b"\r\n", b"")
    assert max(map(len, reply.data.split(b"\r\n"))) <= 75
    one = client.get(f"/events/{told[3]['id']}.ics")
    (event,) = icalendar.Calendar.from_ical(one.data).walk("VEVENT")
    assert str(event["SUMMARY"]) == told[3]["name"]
    legal = icalendar.Calendar.from_ical(client.get("/events.ics?needs=legal").data)
    assert 0 < len(list(legal.walk("VEVENT"))) < len(events)
    etag = reply.headers["ETag"]
    assert client.get("/events.ics", headers={"If-None-Match": etag}).status_code == 304


def test_an_event_describes_itself_to_programs(client: FlaskClient) -> None:
    event = client.get("/api/v1/events").json["items"][1]
    page = client.get(f"/events/{event['id']}?lang=en").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    told = json.loads(found[1])
    assert (told["@type"], told["name"], told["identifier"]) == (
        "Event",
        event["name"],
        event["id"],
    )
    assert datetime.fromisoformat(told["startDate"]) == datetime.fromisoformat(event["start"])
    assert told["location"]["geo"]["longitude"] == event["lon"]
    assert "Demo data" in told["description"]
    for path in ("/events/nothing", "/events/nothing.ics", "/contacts/nothing.vcf"):
        assert client.get(path).status_code == 404


def test_the_directory_of_a_revision_never_changes(client: FlaskClient) -> None:
    revision = client.get("/api/v1/contacts").json["revision"]
    assert {client.get(f"/api/v1/{each}").json["revision"] for each in ("events", "benefits")} == {
        revision
    }
    kept = client.get(f"/api/v1/directory/{revision}.json")
    assert "immutable" in kept.headers["Cache-Control"]
    assert len(kept.data) <= 15_000
    assert [len(kept.json[name]) for name in ("contacts", "events", "benefits")] == [30, 12, 8]
    former = client.get(
        "/api/v1/directory/0123456789abcdef.json", headers={"Accept-Language": "en"}
    )
    assert (former.status_code, revision in former.json["detail"]) == (404, True)
    assert "immutable" not in client.get("/api/v1/directory/current.json").headers["Cache-Control"]


def test_no_text_of_an_entry_becomes_html_or_a_line_of_a_file(
    demo: Settings, client: FlaskClient
) -> None:
    text = f"{SCRIPT}\r\nBEGIN:VEVENT"
    put(
        demo,
        EntryKind.CONTACT,
        Contact(
            id="c-bad",
            name=text,
            number="123",
            more_numbers=(text,),
            hours=text,
            area=text,
            district=text,
            note=text,
            source=text,
            needs=(Help.LEGAL,),
        ),
    )
    put(
        demo,
        EntryKind.EVENT,
        Event(
            id="e-bad",
            name=text,
            start=NOW,
            where=text,
            district=text,
            who=text,
            host=text,
            note=text,
            number=text,
            source=text,
        ),
    )
    put(
        demo,
        EntryKind.BENEFIT,
        Benefit(id="b-bad", name=text, who=text, where=text, note=text, number=text, source=text),
    )
    try:
        for path in ("/contacts", "/events", "/benefits", "/events/e-bad"):
            page = client.get(f"{path}?lang=en")
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "<img src=x" not in page.text
            assert ">49" not in page.text
            assert "script-src" in page.headers["Content-Security-Policy"]
        calendar = icalendar.Calendar.from_ical(client.get("/events/e-bad.ics").data)
        assert len(list(calendar.walk("VEVENT"))) == 1
        card = client.get("/contacts/c-bad.vcf").text
        assert len(re.findall("^(BEGIN|END|FN|NOTE)[:;]", card, re.MULTILINE)) == 4
    finally:
        voice = voice_of(demo)
        for listing, entry in (("contact", "c-bad"), ("event", "e-bad"), ("benefit", "b-bad")):
            voice.database.write(
                lambda connection, listing=listing, entry=entry: directory.remove(
                    connection, EntryKind(listing), entry, "x", NOW
                )
            )
        voice.database.close()


def test_a_contact_is_a_card(client: FlaskClient) -> None:
    card = client.get("/contacts/c-demo-04.vcf")
    lines = card.text.split("\r\n")
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:4.0"]
    assert "TEL;VALUE=uri:tel:12345" in lines
    assert card.headers["Content-Disposition"] == 'attachment; filename="c-demo-04.vcf"'
    masked = client.get("/contacts/c-demo-09.vcf").text
    assert "TEL" not in masked
    assert "****" in masked
