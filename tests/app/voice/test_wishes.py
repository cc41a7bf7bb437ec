"""Wishes: kept once, counted from three on, ended with a reason, and nobody's."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.db import wishes as stored
from app.db.wishes import StoredWish, WishEvent
from app.live.current import Live
from app.pages import rendering, wish_pages
from app.response import problems
from app.response.refusals import EndedWishes
from app.voice import demo_directory, directory_routes, sealing, wishes
from app.voice.directory import LiveDirectory
from app.voice.posting import Voice
from app.voice.wishes import FEWEST, LiveWishes, WishState
from geodata.store.files import Dataset
from tests.app.db.conftest import NOW

OWN = {"Sec-Fetch-Site": "same-origin"}
CELL = "ws105r"
WISH = {"cell": CELL, "needs": ["water", "heat_food"], "mode": "ride"}
NOTE = "想在万科云城门口有一个"


class Town:
    """A server of wishes over the demo city, at a time that a test sets."""

    def __init__(self, voice: Voice, live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
        self.voice, self.app = voice, Flask("app")
        problems.install(self.app)
        wished = LiveWishes(voice.database)
        listed = LiveDirectory(voice.database)
        self.app.register_blueprint(directory_routes.blueprint(live, voice, listed, wished))
        pages = wish_pages.blueprint(live, voice, wished)
        pages.app_context_processor(rendering.words)
        self.app.register_blueprint(pages)
        self._monkeypatch = monkeypatch
        self.at(NOW)

    def at(self, now: datetime) -> None:
        self._monkeypatch.setattr("app.request.queries.now", lambda: now)
        self.now = now

    def wish(self, network: int = 1, key: str = "", **more: Any) -> Any:
        headers = {**OWN, "Idempotency-Key": key or str(uuid.uuid4())}
        return self.app.test_client().post(
            "/api/v1/wishes",
            json={**WISH, **more},
            headers=headers,
            environ_base={"REMOTE_ADDR": f"192.0.{network}.1"},
        )

    def cells(self) -> list[dict[str, Any]]:
        return self.app.test_client().get("/api/v1/wishes").json["cells"]

    def end(self, state: WishState) -> None:
        self.voice.database.write(
            lambda connection: wishes.end(connection, CELL, state, "因为", "工会", self.now)
        )

    def rows(self) -> list[StoredWish]:
        with self.voice.database.reading() as connection:
            return stored.every(connection)


@pytest.fixture
def town(voice: Voice, demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    return Town(voice, Live(Dataset(demo_home, "demo")), monkeypatch)


def test_wishes_are_told_from_three_on_and_so_is_what_they_are_for(town: Town) -> None:
    first = town.wish(hour=2)
    assert (first.status_code, first.json["cell"], first.json["hour"]) == (201, CELL, 2)
    town.wish(2, needs=["water"])
    assert town.cells() == []
    town.wish(3, needs=["water", "water", "learn"])
    (cell,) = town.cells()
    assert (cell["cell"], cell["count"], cell["state"]) == (CELL, FEWEST, "open")
    assert cell["needs"] == {"water": 3}
    assert cell["synthetic"] is False


def test_the_same_key_is_one_wish_for_ever(town: Town) -> None:
    key = str(uuid.uuid4())
    first = town.wish(key=key)
    assert town.wish(key=key).json == first.json
    assert town.wish(key=key, mode="walk").status_code == 422
    town.at(NOW + timedelta(days=8))  # what was answered is forgotten, the wish is not
    assert town.wish(key=key).json == first.json
    assert len(town.rows()) == 1


def test_an_hours_allowance_is_five_of_a_network(town: Town) -> None:
    told = [town.wish().status_code for _ in range(7)]
    assert told == [201] * 5 + [429] * 2
    assert int(town.wish().headers["Retry-After"]) > 0
    assert town.wish(2).status_code == 201
    assert len(town.rows()) == 6


def test_a_wish_comes_from_our_own_pages_alone(town: Town) -> None:
    client = town.app.test_client()
    key = {"Idempotency-Key": str(uuid.uuid4())}
    for headers in (key, {**key, "Sec-Fetch-Site": "cross-site"}, {**key, "Origin": "https://a.b"}):
        assert client.post("/api/v1/wishes", json=WISH, headers=headers).status_code == 403
    assert client.post("/api/v1/wishes", json=WISH, headers=OWN).status_code == 400
    assert town.rows() == []


@pytest.mark.parametrize(
    ("more", "member"),
    [
        ({"cell": "ws105rk"}, "cell"),
        ({"cell": "ws105"}, "cell"),
        ({"cell": "ws105a"}, "cell"),
        ({"cell": "u173zq"}, "cell"),
        ({"needs": []}, "needs"),
        ({"needs": ["beer"]}, "needs"),
        ({"mode": "fly"}, "mode"),
        ({"hour": 24}, "hour"),
        ({"note": ""}, "note"),
        ({"note": "想" * 501}, "note"),
        ({"lon": 113.9}, "lon"),
    ],
)
def test_what_is_no_wish_is_refused_by_the_name_of_its_member(
    town: Town, more: dict[str, Any], member: str
) -> None:
    for language in ("zh-CN", "en"):
        reply = town.app.test_client().post(
            "/api/v1/wishes",
            json={**WISH, **more},
            headers={
                **OWN,
                "Idempotency-Key": str(uuid.uuid4()),
                "Accept-Language": language,
            },
        )
        assert reply.status_code == 400
        assert [each["parameter"] for each in reply.json["errors"]] == [member]
        assert ("\u4e00" <= reply.json["title"][0] <= "\u9fff") == (language == "zh-CN")
    assert town.rows() == []


def test_a_note_is_kept_sealed_and_told_to_nobody(town: Town) -> None:
    for network in range(3):
        reply = town.wish(network, note=NOTE)
        assert NOTE not in reply.text
    assert NOTE not in town.app.test_client().get("/api/v1/wishes").text
    with town.voice.database.reading() as connection:
        found = stored.notes(connection, [CELL])
    assert [sealing.unseal(town.voice.keys, note, at) for _, at, note in found] == [NOTE] * 3
    assert {cell for cell, _, _ in found} == {CELL}
    assert all(NOTE.encode() not in note for _, _, note in found)


def test_what_operators_say_ends_wishes_and_later_ones_begin_anew(town: Town) -> None:
    for network in range(4):
        town.wish(network)
    town.at(NOW + timedelta(minutes=1))
    town.end(WishState.KEPT)
    town.wish(5)
    assert [(each["count"], each["state"], each["reason"]) for each in town.cells()] == [
        (5, "kept", "因为")
    ]
    town.at(NOW + timedelta(minutes=2))
    town.end(WishState.BUILT)
    assert [(each["count"], each["state"]) for each in town.cells()] == [(5, "built")]
    with pytest.raises(EndedWishes, match="have ended"):
        town.end(WishState.KEPT)
    town.at(NOW + timedelta(minutes=3))
    for network in (6, 7):
        town.wish(network)
    assert [(each["count"], each["state"]) for each in town.cells()] == [(5, "built")]
    town.wish(8)
    assert [(each["count"], each["state"]) for each in town.cells()] == [(3, "open")]


INSTANTS = st.integers(0, 6).map(lambda hours: NOW + timedelta(hours=hours))
WISHES = st.builds(
    lambda cell, at, needs: StoredWish("w", cell, sorted(needs), "ride", None, None, at, "k"),
    st.sampled_from(("a", "b")),
    INSTANTS,
    st.sets(st.sampled_from(("rest", "water"))),
)
EVENTS = st.builds(
    lambda cell, at, kind: WishEvent(cell, at, kind, "x", "y"),
    st.sampled_from(("a", "b")),
    INSTANTS,
    st.sampled_from(("kept", "built", "refused")),
)


def slowly(wished: Sequence[StoredWish], events: Sequence[WishEvent], cell: str) -> list[Any]:
    """Of a cell its rounds, by looking at every wish for the events before it."""
    mine = sorted((each for each in events if each.cell == cell), key=lambda each: each.at)
    here = sorted((each for each in wished if each.cell == cell), key=lambda each: each.received_at)
    ends = [each for each in mine if each.kind != "kept"]
    rounds: list[list[StoredWish]] = []
    met: list[int] = []
    for each in here:
        before = sum(end.at < each.received_at for end in ends)
        if not met or met[-1] != before:
            rounds.append([])
            met.append(before)
        rounds[-1].append(each)
    return [(len(each), sum("water" in wish.needs for wish in each)) for each in rounds]


@given(st.lists(WISHES, max_size=12), st.lists(EVENTS, max_size=4))
def test_the_fold_is_that_of_a_slow_one(wished: list[StoredWish], events: list[WishEvent]) -> None:
    found = wishes.fold(wished, events)
    for cell in ("a", "b"):
        rounds = [each for each in found.get(cell, []) if each.count]
        assert [(each.count, each.needs["water"]) for each in rounds] == slowly(
            wished, events, cell
        )
        last = max((each.received_at for each in wished if each.cell == cell), default=NOW)
        ends = sorted(
            (each for each in events if each.cell == cell and each.kind != "kept"),
            key=lambda each: each.at,
        )
        if rounds and ends and ends[-1].at >= last:
            assert found[cell][-1].state == ends[-1].kind
        elif rounds:
            assert found[cell][-1].state in ("open", "kept")


def test_the_page_counts_and_takes_wishes_without_a_script(town: Town) -> None:
    client = town.app.test_client()
    page = client.get("/wishes?lang=en")
    key = page.text.split('name="key" value="')[1].split('"')[0]
    assert page.headers["Cache-Control"] == "no-store"
    fields = {"key": key, "office": "440305003", "need-water": "1", "mode": "ride", "hour": "2"}
    base = {"REMOTE_ADDR": "192.0.2.9"}
    for _ in range(2):  # a button that was pressed twice
        taken = client.post("/wishes?lang=en", data=fields, headers=OWN, environ_base=base)
        assert (taken.status_code, "Your wish is kept" in taken.text) == (201, True)
    (row,) = town.rows()
    assert (row.needs, row.mode, row.hour, len(row.cell)) == (["water"], "ride", 2, 6)
    for network in (1, 2):
        town.wish(network, cell=row.cell)
    counted = client.get("/wishes?lang=en").text
    assert '<circle class="open"' in counted
    assert "<td>3</td>" in counted


def test_what_was_written_stands_in_the_form_after_a_fault_and_stays_text(town: Town) -> None:
    script = "</textarea><script>alert(1)</script>"
    fields = {"key": str(uuid.uuid4()), "cell": CELL, "mode": "ride", "note": script}
    client = town.app.test_client()
    refused = client.post("/wishes?lang=en", data=fields, headers=OWN)
    assert (refused.status_code, 'role="alert"' in refused.text) == (400, True)
    assert "<script>alert" not in refused.text
    assert "&lt;/textarea&gt;" in refused.text
    foreign = client.post("/wishes", data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    for bad in (
        {"cell": script},
        {"hour": "²"},
        {"hour": "9" * 5_000},
        {"office": script},
        {"need-<b>": "1"},
    ):
        page = client.post("/wishes", data={**fields, **bad, "key": str(uuid.uuid4())}, headers=OWN)
        assert (page.status_code, "<script>alert" in page.text) == (400, False)


def test_reasons_of_operators_stay_text(town: Town) -> None:
    for network in range(3):
        town.wish(network)
    town.voice.database.write(
        lambda connection: wishes.end(
            connection, CELL, WishState.REFUSED, "<script>alert(1)</script>", "x", NOW
        )
    )
    page = town.app.test_client().get("/wishes").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_a_demo_makes_up_is_made_once_and_what_people_wish_stays(
    town: Town, demo_home: Path
) -> None:
    snapshot = Dataset(demo_home, "demo").load()
    town.wish(cell=CELL)
    database = town.voice.database
    counts = []
    for day in range(3):
        now = NOW + timedelta(days=day)
        database.write(lambda connection, now=now: demo_directory.renew(connection, snapshot, now))
        counts.append(len(town.rows()))
    assert len({*counts}) == 1
    assert sum(not wish.key.startswith("demo-") for wish in town.rows()) == 1
    states = {each["state"] for each in town.cells()}
    assert states == {"open", "kept", "built", "refused"}
    assert all(each["synthetic"] for each in town.cells() if each["cell"] != CELL)
