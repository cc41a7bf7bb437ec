"""A rider says what is so at a place; others are answered accordingly."""

import hashlib
import itertools
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import brotli
import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.db import migrate
from app.db import reports as stored
from app.db.database import Connection, Database
from app.db.tables import metadata, report
from app.request import queries
from app.response import problems
from app.voice import plates, sealing
from app.voice import routes as views
from app.voice.keys import KeyRing
from app.voice.live_reports import LiveReports, phone
from app.voice.live_voice import LiveVoice
from app.voice.posting import Limits, Voice
from geodata.snapshot.overlay import ReportType
from geodata.snapshot.snapshot import Snapshot
from tests import makers
from tests.app.db.conftest import NOW

OWN = {"Sec-Fetch-Site": "same-origin"}
ATTACKS = [
    "<script>alert(1)</script>",
    "=cmd|'/C calc'!A0",
    "'; DROP TABLE report; --",
    "🚰" * 40,
    "{{7*7}}",
    "%n%n",
]

#: What nobody sees is taken in no text.
HIDDEN = ["\x00", "\u202e", "满\u200b了"]


@dataclass
class OneCity:
    """As much of `Live` as voice asks for."""

    city: Snapshot

    def snapshot(self) -> Snapshot:
        return self.city


@dataclass
class Phones:
    """A server, and phones in several networks, at a time that a test says."""

    voice: Voice
    city: Snapshot
    now: datetime = NOW
    app: Flask = field(default_factory=lambda: Flask("app", root_path="app"))

    def __post_init__(self) -> None:
        problems.install(self.app)
        self.said = LiveVoice(self.voice.database)
        self.app.register_blueprint(views.blueprint(OneCity(self.city), self.voice, self.said))  # type: ignore[arg-type]  # as much of Live as voice asks for

    def ask(self, method: str, path: str, network: int, key: str | None, **sent: Any) -> Any:
        headers = {**OWN, "Idempotency-Key": key or str(uuid.uuid4())}
        return self.app.test_client().open(
            path,
            method=method,
            headers=headers,
            environ_base={"REMOTE_ADDR": f"10.0.{network}.9"},
            **sent,
        )

    def say(
        self,
        kind: str,
        network: int = 1,
        place: str = "station-1",
        key: str | None = None,
        **more: Any,
    ) -> Any:
        body = {"type": kind, **more}
        return self.ask("POST", f"/api/v1/places/{place}/reports", network, key, json=body)

    def told(self) -> dict[str, Any]:
        self.said.hurry()
        return self.app.test_client().get("/api/v1/reports").json["places"]


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.three_places())


@pytest.fixture
def phones(voice: Voice, city: Snapshot, monkeypatch: pytest.MonkeyPatch) -> Phones:
    made = Phones(voice, city)
    monkeypatch.setattr(queries, "now", lambda: made.now)
    return made


def rows(database: Database) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(select(report).order_by("number")))


def test_what_is_said_is_told_to_all_and_ends(phones: Phones) -> None:
    reply = phones.say("full")
    assert (reply.status_code, reply.json["type"], reply.json["present"]) == (201, "full", False)
    assert phones.told() == {
        "station-1": {"full": [1, "2026-11-30T02:00:00Z", "2026-11-30T02:30:00Z"]}
    }
    phones.say("full", 2)
    assert phones.told()["station-1"]["full"][0] == 2
    phones.now += timedelta(minutes=30)
    assert phones.told() == {}


def test_one_network_is_one_voice_over_midnight_too(phones: Phones) -> None:
    phones.now = NOW.replace(hour=23, minute=59)
    phones.say("no_water")
    phones.now += timedelta(minutes=2)
    phones.say("no_water")
    assert phones.told()["station-1"]["no_water"][0] == 1
    assert len({row.reporter for row in rows(phones.voice.database)}) == 1


def test_another_worker_is_told(phones: Phones) -> None:
    other = Database(phones.voice.database.url)
    worker = LiveReports(other)
    assert phone(worker.overlay(phones.now, phones.city.zone)) == {}
    phones.say("closed")
    worker.hurry()
    assert worker.overlay(phones.now, phones.city.zone).places.keys() == {"station-1"}
    other.close()


def test_what_is_taken_back_is_said_no_more(phones: Phones) -> None:
    key = str(uuid.uuid4())
    made = phones.say("closed", key=key).json["id"]
    assert phones.ask("DELETE", f"/api/v1/reports/{made}", 1, None).status_code == 404
    for _ in range(2):
        assert phones.ask("DELETE", f"/api/v1/reports/{made}", 1, key).status_code == 204
    assert phones.told() == {}
    assert len(rows(phones.voice.database)) == 1  # nothing is deleted


def test_after_ten_minutes_nothing_is_taken_back(phones: Phones) -> None:
    key = str(uuid.uuid4())
    made = phones.say("closed", key=key).json["id"]
    phones.now += timedelta(minutes=10, seconds=1)
    reply = phones.ask("DELETE", f"/api/v1/reports/{made}", 1, key)
    assert (reply.status_code, reply.json["type"]) == (409, "/docs#too-late")


def test_a_report_sent_twice_is_one_even_if_the_clock_leapt(phones: Phones) -> None:
    key = str(uuid.uuid4())
    first = phones.say("closed", key=key)
    phones.now += timedelta(days=730)
    phones.say("open", 3)  # sweeps away what is two years old
    again = phones.say("closed", key=key)
    assert again.json["id"] == first.json["id"]
    assert len(rows(phones.voice.database)) == 2
    phones.now -= timedelta(days=1460)
    assert phones.say("closed", key=key).json["id"] == first.json["id"]


UNREADABLE: list[tuple[Any, str]] = [
    ({}, "type"),
    ({"type": "burning"}, "type"),
    ({"type": "closed", "seen_at": "2026-11-30T10:03:00+08:00"}, "seen_at"),
    ({"type": "closed", "seen_at": "2026-11-29T09:59:00+08:00"}, "seen_at"),
    ({"type": "closed", "seen_at": "2026-11-30T10:00:00"}, "seen_at"),
    ({"type": "closed", "seen_at": 1764468000}, "seen_at"),
    ({"type": "closed", "note": "x" * 501}, "note"),
    ({"type": "closed", "note": 5}, "note"),
    ({"type": "closed", "ticket": "1-a"}, "ticket"),
    ({"type": "closed", "lon": 114.05}, "lon"),
    (["closed"], "body"),
]


def test_what_cannot_be_read_is_named(phones: Phones) -> None:
    for body, parameter in UNREADABLE:
        reply = phones.ask("POST", "/api/v1/places/station-1/reports", 1, None, json=body)
        assert reply.status_code == 400
        assert [fault["parameter"] for fault in reply.json["errors"]] == [parameter]
    assert rows(phones.voice.database) == []


def test_what_was_seen_without_a_network_comes_later(phones: Phones) -> None:
    reply = phones.say("no_water", seen_at="2026-11-29T20:00:00+08:00")
    assert reply.json["expires"] == "2026-11-30T12:00:00Z"


def test_a_place_that_there_is_not(phones: Phones) -> None:
    assert phones.say("closed", place="st-none").status_code == 404


def test_a_note_is_read_by_operators_only_and_says_what_was_written(phones: Phones) -> None:
    for number, attack in enumerate(ATTACKS):
        reply = phones.say("other", number, note=attack)
        assert reply.status_code == 201
        row = rows(phones.voice.database)[number]
        assert attack.encode() not in row.note
        assert sealing.unseal(phones.voice.keys, row.note, NOW) == attack
        assert attack not in reply.text
    assert [phones.say("other", 50, note=each).status_code for each in HIDDEN] == [400] * 3
    assert len(rows(phones.voice.database)) == len(ATTACKS)
    assert phones.told() == {}


def test_no_text_gets_into_any_other_member(phones: Phones) -> None:
    for attack in (*ATTACKS, *HIDDEN):
        assert phones.say(attack).status_code == 400
        assert phones.say("closed", ticket=attack).status_code == 400
        assert phones.say("closed", seen_at=attack).status_code == 400
    assert rows(phones.voice.database) == []


def test_one_network_says_thirty_things_an_hour(voice: Voice, phones: Phones) -> None:
    voice.limits = Limits(place=0, hot=0)
    assert [phones.say("closed").status_code for _ in range(32)] == [201] * 30 + [429] * 2
    assert phones.say("closed", 2).status_code == 201


def solved(challenge: str, bits: int) -> str:
    for nonce in itertools.count():
        proof = f"{challenge}:{nonce}"
        if int.from_bytes(hashlib.sha256(proof.encode()).digest()) >> (256 - bits) == 0:
            return proof
    raise AssertionError


def test_of_a_hot_place_each_report_wants_its_own_proof(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.voice.proof.BITS", 8)
    assert {phones.say("closed", network).status_code for network in range(10)} == {201}
    key = str(uuid.uuid4())
    hot = phones.say("closed", 11, key=key)
    assert (hot.status_code, hot.json["bits"]) == (429, 8)
    assert int(hot.headers["Retry-After"]) > 0
    proof = solved(hot.json["challenge"], 8)
    assert phones.say("closed", 12, proof=proof).status_code == 429  # of another key
    assert phones.say("closed", 11, key=key, proof=f"{hot.json['challenge']}:x").status_code == 429
    assert phones.say("closed", 11, key=key, proof=proof).status_code == 201
    assert len(rows(phones.voice.database)) == 11
    late = phones.say("closed", 13, key=key)
    assert late.status_code == 422  # the key was used


def test_a_place_takes_twenty_reports_an_hour(voice: Voice, phones: Phones) -> None:
    voice.limits = Limits(hot=0)
    found = [phones.say("closed", network).status_code for network in range(22)]
    assert found == [201] * 20 + [429] * 2
    assert phones.say("closed", 30, "merchant-1").status_code == 201


def scan(phones: Phones, token: str, place: str = "station-1") -> str | None:
    body = {"place": place, "token": token}
    reply = phones.ask("POST", "/api/v1/plates", 1, None, json=body)
    assert reply.status_code == 200
    ticket: str | None = reply.json["ticket"]
    return ticket


def test_one_network_scans_sixty_plates_an_hour(phones: Phones) -> None:
    body = {"place": "station-1", "token": "none"}
    scanned = [phones.ask("POST", "/api/v1/plates", 1, None, json=body) for _ in range(62)]
    assert [reply.status_code for reply in scanned] == [200] * 60 + [429] * 2
    other = phones.ask("POST", "/api/v1/plates", 2, None, json=body)
    assert other.status_code == 200


def test_who_scans_a_plate_is_believed_for_a_quarter_of_an_hour(phones: Phones) -> None:
    ticket = scan(phones, plates.token(phones.voice.keys, "station-1"))
    assert phones.say("closed", ticket=ticket).json["present"]
    assert phones.told()["station-1"]["closed"][0] == 2
    phones.now += timedelta(minutes=15)
    assert phones.say("closed", 2, ticket=ticket).status_code == 400


def test_a_ticket_is_of_its_place(phones: Phones) -> None:
    ticket = scan(phones, plates.token(phones.voice.keys, "station-1"))
    assert phones.say("closed", place="merchant-1", ticket=ticket).status_code == 400


def test_a_photographed_plate_is_worth_one_plate_however_often(phones: Phones) -> None:
    token = plates.token(phones.voice.keys, "station-1")
    for _ in range(5):
        phones.say("closed", ticket=scan(phones, token))
    assert phones.told()["station-1"]["closed"][0] == 2
    # and whoever finds it open says so: half of what is left goes
    before = phones.told()["station-1"]["closed"][2]
    phones.say("open", 2)
    assert phones.told()["station-1"]["closed"][2] < before


UNSIGNED = ["1", "1-", "0-x", "-1-x", "1-" + "A" * 22, "٣-x", "9" * 9 + "-x", *ATTACKS]


def test_what_no_key_of_ours_signed_proves_nothing(phones: Phones) -> None:
    plates.token(phones.voice.keys, "station-1")
    for token in UNSIGNED:
        assert scan(phones, token[:60]) is None


def test_a_plate_of_another_place_or_a_revoked_one_proves_nothing(phones: Phones) -> None:
    token = plates.token(phones.voice.keys, "station-1")
    assert scan(phones, token, "merchant-1") is None
    phones.voice.database.write(
        lambda connection: stored.revoke_plates(connection, ["station-1"], [1], NOW, "tester")
    )
    assert scan(phones, token) is None


def test_after_a_revoked_plate_the_next_one_printed_proves_and_others_stay(phones: Phones) -> None:
    keys = phones.voice.keys
    lost, other = plates.token(keys, "station-1"), plates.token(keys, "merchant-1")

    def revoke(connection: Connection) -> int:
        return stored.revoke_plates(connection, ["station-1"], [1], NOW, "t")

    assert [phones.voice.database.write(revoke) for _ in range(2)] == [1, 0]
    with phones.voice.database.reading() as connection:
        revoked = stored.revoked_keys(connection, "station-1")
    printed = plates.token(keys, "station-1", revoked)
    assert (lost[:2], printed[:2]) == ("1-", "2-")
    assert (scan(phones, lost), bool(scan(phones, printed))) == (None, True)
    assert scan(phones, other, "merchant-1")


def test_a_new_key_signs_new_plates_and_old_ones_hold(phones: Phones) -> None:
    keys = phones.voice.keys
    old = plates.token(keys, "station-1")
    keys.made("plate-2")
    new = plates.token(keys, "station-1")
    assert (old[:2], new[:2]) == ("1-", "2-")
    assert scan(phones, old)
    assert scan(phones, new)


def test_the_phones_overlay_is_small_and_kept(phones: Phones, city: Snapshot) -> None:
    def unit(connection: Any) -> None:
        for number in range(400):
            seen = NOW - timedelta(seconds=37 * (number % 97))
            row = stored.NewReport(
                f"r-{number}",
                f"st-{number // 2:05}",
                "closed",
                seen,
                seen,
                seen + timedelta(hours=4),
                f"{number}",
                NOW.date(),
                f"{number}",
                False,
                None,
            )
            connection.execute(insert(report).values(row._asdict()))

    phones.voice.database.write(unit)
    first = phones.app.test_client().get("/api/v1/reports")
    assert len(first.json["places"]) == 200
    assert len(brotli.compress(first.data, quality=4)) <= 40 * 200
    assert first.headers["Cache-Control"] == "public, max-age=5"
    held = phones.app.test_client().get(
        "/api/v1/reports", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert held.status_code == 304


def test_no_address_position_or_key_is_written(phones: Phones, keys: KeyRing) -> None:
    key = str(uuid.uuid4())
    phones.say("closed", key=key, note="here")
    with phones.voice.database.reading() as connection:
        written = "".join(repr(connection.execute(select(t)).all()) for t in metadata.sorted_tables)
    assert "10.0.1" not in written
    assert "0a0001" not in written
    assert key not in written
    for secret in keys.folder.iterdir():
        assert secret.read_bytes().hex() not in written


def test_a_database_that_is_away_is_503_and_answers_go_on(
    city: Snapshot, tmp_path: Any, monkeypatch: Any
) -> None:
    from app.db.database import address

    phones = Phones(
        Voice(Database(address(tmp_path, "none")), KeyRing(tmp_path / "keys"), Limits()), city
    )
    monkeypatch.setattr(queries, "now", lambda: NOW)
    reply = phones.say("closed")
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert phones.told() == {}
    assert not (tmp_path / "voice").exists()
    migrate.upgrade(phones.voice.database, "none", synthetic=True, now=datetime.now(UTC))
    assert phones.say("closed").status_code == 201
    assert str(ReportType.CLOSED) in phones.told()["station-1"]
