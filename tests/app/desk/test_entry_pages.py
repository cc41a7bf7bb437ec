"""Contacts, events and benefits at the desk: a form each, public at once, each district its own."""

import re
from typing import Any

import pytest

from app.desk.roles import DeskRole, ScopeKind
from geodata.places.directory import EntryKind
from tests.app.desk.desk_town import DeskClient, DeskTown

GOOD: dict[str, dict[str, Any]] = {
    "contact": {"name": "骑手热线", "number": "0755-82333707", "hours": "9:00-18:00"},
    "event": {"name": "司机体验日", "start": "2031-12-05T14:00", "end": "2031-12-05T16:00"},
    "benefit": {
        "name": "圆梦计划",
        "who": "骑手",
        "until": "2031-12-31",
        "url": "https://a.example/",
    },
}


def publisher(town: DeskTown) -> DeskClient:
    return town.client(DeskRole.PUBLISHER)


def listed(town: DeskTown, listing: str) -> dict[str, str]:
    """Id by name, as the desk lists them."""
    page = publisher(town).get(f"/desk/directory?of={listing}").text
    found = re.findall(rf'href="/desk/directory/{listing}/([a-z0-9-]+)" dir="auto">([^<]+)<', page)
    return {name: id_ for id_, name in found}


def seen_of(client: DeskClient, path: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', client.get(path).text)
    assert found
    return found[1]


@pytest.mark.parametrize("listing", EntryKind)
def test_an_entry_is_added_changed_and_taken_off(own_town: DeskTown, listing: EntryKind) -> None:
    client, rider = publisher(own_town), own_town.app.test_client()
    new = f"/desk/directory/{listing}/new"
    assert client.get(new).status_code == 200
    assert client.post(new, seen="", needs=["legal", "pay"], **GOOD[listing]).status_code == 303
    name = GOOD[listing]["name"]
    path = f"/desk/directory/{listing}/{listed(own_town, listing)[name]}"
    again = client.post(new, seen="", **GOOD[listing])
    assert again.status_code == 409
    form = {**GOOD[listing], "note": "新的说明"}
    assert client.post(path, seen=seen_of(client, path), needs="pay", **form).status_code == 303
    assert "新的说明" in client.get(path).text
    told = rider.get(f"/api/v1/{listing}s").json
    assert told
    mine = next(each for each in told["items"] if each["name"] == name)
    assert (mine["note"], mine["needs"]) == ("新的说明", ["pay"])
    assert client.post(f"{path}/remove").status_code == 303
    assert name not in listed(own_town, listing)
    assert client.get(path).status_code == 404


def test_a_time_is_the_citys(own_town: DeskTown) -> None:
    client = publisher(own_town)
    client.post("/desk/directory/event/new", seen="", **GOOD["event"])
    path = f"/desk/directory/event/{listed(own_town, 'event')['司机体验日']}"
    assert 'value="2031-12-05T14:00"' in client.get(path).text
    told = own_town.app.test_client().get("/api/v1/events").json
    assert told
    assert "2031-12-05T06:00:00Z" in {each["start"] for each in told["items"]}


def test_two_at_one_entry_see_each_other(own_town: DeskTown) -> None:
    one, other = publisher(own_town), own_town.client(DeskRole.ADMIN)
    one.post("/desk/directory/contact/new", seen="", **GOOD["contact"])
    path = f"/desk/directory/contact/{listed(own_town, 'contact')['骑手热线']}"
    seen = seen_of(one, path)
    form = GOOD["contact"]
    assert other.post(path, seen=seen, **form | {"hours": "全天"}).status_code == 303
    mine = one.post(path, seen=seen, **form | {"note": "我的"})
    assert mine.status_code == 409
    assert "全天" in mine.text
    assert "我的" in mine.text
    newer = re.search(r'name="seen" value="([^"]*)"', mine.text)
    assert newer
    assert newer[1] != seen
    assert one.post(path, seen=newer[1], **form | {"note": "我的"}).status_code == 303


@pytest.mark.parametrize(
    ("listing", "wrong"),
    [
        ("contact", {"number": ""}),
        ("contact", {"number": "abc"}),
        ("contact", {"name": "  "}),
        ("contact", {"name": "长" * 81}),
        ("contact", {"verified": "2026-13-40"}),
        ("contact", {"district": "不存在区"}),
        ("event", {"start": "soon"}),
        ("event", {"start": "9999-12-31T23:59"}),
        ("event", {"end": "2031-12-05T13:00"}),
        ("event", {"end": "2033-12-05T13:00"}),
        ("event", {"point": "22.54 113.95"}),
        ("event", {"point": "x"}),
        ("event", {"point": "nan nan"}),
        ("benefit", {"who": ""}),
        ("benefit", {"url": "javascript:alert(1)"}),
        ("benefit", {"url": "http://a.example/"}),
        ("benefit", {"until": "later"}),
    ],
)
def test_what_is_no_entry_is_refused_and_nothing_typed_is_lost(
    town: DeskTown, listing: str, wrong: dict[str, str]
) -> None:
    form = {**GOOD[listing], "note": "留着", **wrong}
    reply = publisher(town).post(f"/desk/directory/{listing}/new", seen="", **form)
    assert reply.status_code == 400
    assert "留着" in reply.text
    assert 'role="alert"' in reply.text


def test_a_district_writes_its_own_entries_and_sees_no_others(own_town: DeskTown) -> None:
    city = publisher(own_town)
    scope = own_town.scope(ScopeKind.DISTRICT)
    mine = own_town.client(DeskRole.PUBLISHER, scope)
    other = own_town.client(DeskRole.PUBLISHER, own_town.scope(ScopeKind.DISTRICT, other=True))
    new = "/desk/directory/contact/new"
    assert mine.post(new, seen="", **GOOD["contact"]).status_code == 400  # the whole city's
    form = {**GOOD["contact"], "district": scope.name}
    assert other.post(new, seen="", **form).status_code == 400
    assert mine.post(new, seen="", **form).status_code == 303
    path = f"/desk/directory/contact/{listed(own_town, 'contact')['骑手热线']}"
    assert (mine.get(path).status_code, city.get(path).status_code) == (200, 200)
    seen = seen_of(mine, path)
    for sent in (
        other.get(path),
        other.post(path, seen=seen, **form),
        other.post(f"{path}/remove"),
    ):
        assert sent.status_code == 404
    assert "骑手热线" not in other.get("/desk/directory").text
    assert "骑手热线" in mine.get("/desk/directory").text


@pytest.mark.parametrize("listing", ["x", "contacts", "%2e%2e"])
def test_there_is_no_other_sort_of_entry(town: DeskTown, listing: str) -> None:
    assert publisher(town).get(f"/desk/directory/{listing}/new").status_code == 404
