"""A post is written once, or not at all; who sent it is known by a hash for a day."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

import msgspec
import pytest
from flask import Flask, request
from sqlalchemy import func, insert, select

from app.db.database import Connection, Database
from app.db.tables import metadata, posted, revoked_plate, salt
from app.response import problems
from app.voice import networks, posting
from app.voice.keys import KeyRing
from app.voice.networks import Poster, network_of
from app.voice.posting import Outcome, Voice
from tests.app.db.conftest import NOW

OWN = {"Sec-Fetch-Site": "same-origin"}


class Said(msgspec.Struct):
    word: str


@dataclass
class Door:
    """A server that takes words, each a row, up to five an hour and network."""

    voice: Voice
    now: datetime = NOW
    fails: bool = False
    app: Flask = field(default_factory=lambda: Flask(__name__))

    def __post_init__(self) -> None:
        problems.install(self.app)
        self.app.post("/said")(self.said)

    def said(self) -> object:
        asked = posting.asked(request, self.now)
        word = asked.read(Said).word

        def unit(connection: Connection, poster: Poster) -> Outcome:
            row = {"place": word, "key_number": rows(self.voice.database), "at": self.now, "by": ""}
            connection.execute(insert(revoked_plate).values(row))
            if self.fails:
                raise ValueError(word)
            return Outcome(201, {"said": word, "by": poster.name(self.now.date())})

        return self.voice.post(asked, "words", 5, unit)

    def post(self, word: str = "a", key: str | None = None, **headers: str) -> tuple[int, dict]:
        sent = {"Idempotency-Key": key or str(uuid.uuid4()), **(headers or OWN)}
        reply = self.app.test_client().post("/said", json={"word": word}, headers=sent)
        return reply.status_code, {**reply.headers, **(reply.json or {})}


@pytest.fixture
def door(voice: Voice) -> Door:
    return Door(voice)


def rows(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(revoked_plate)).scalar_one()


def test_the_same_key_is_answered_again_and_written_once(door: Door) -> None:
    key = str(uuid.uuid4())
    first, again = door.post(key=key), door.post(key=key)
    assert first[0] == again[0] == HTTPStatus.CREATED
    assert first[1] == again[1]
    assert rows(door.voice.database) == 1


def test_the_same_key_with_something_else_is_refused(door: Door) -> None:
    key = str(uuid.uuid4())
    door.post("a", key)
    status, reply = door.post("b", key)
    assert (status, reply["type"]) == (422, "/docs#key-reused")
    assert rows(door.voice.database) == 1


def test_a_key_stands_in_quotes_or_without(door: Door) -> None:
    key = str(uuid.uuid4())
    assert door.post(key=key)[1]["said"] == door.post(key=f'"{key}"')[1]["said"]
    assert rows(door.voice.database) == 1


@pytest.mark.parametrize("key", ["1", "x" * 65, "with spaces in the middle", "短" * 20])
def test_what_is_no_key_is_refused(door: Door, key: str) -> None:
    headers = {**OWN, "Idempotency-Key": key}
    reply = door.app.test_client().post(
        "/said",
        json={"word": "a"},
        headers=[(k, v.encode().decode("latin-1")) for k, v in headers.items()],
    )
    assert reply.status_code == 400
    assert reply.json["errors"][0]["parameter"] == "Idempotency-Key"


SITES: list[tuple[dict[str, str], int]] = [
    ({"Sec-Fetch-Site": "same-origin"}, 201),
    ({"Sec-Fetch-Site": "none"}, 201),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
    ({"Origin": "http://localhost"}, 201),
    ({"Origin": "https://localhost"}, 403),
    ({"Origin": "http://localhost.example.org"}, 403),
    ({"Origin": "null"}, 403),
    ({"X-Nothing": "1"}, 403),
]


def test_only_our_own_pages_post(door: Door) -> None:
    statuses = [door.post(**headers)[0] for headers, _ in SITES[:4]]
    door.now += timedelta(hours=2)
    statuses += [door.post(**headers)[0] for headers, _ in SITES[4:]]
    assert statuses == [status for _, status in SITES]
    assert rows(door.voice.database) == statuses.count(201)


def test_no_other_origin_reads_what_was_posted(door: Door) -> None:
    reply = door.post()[1]
    assert not [name for name in reply if name.startswith("Access-Control")]
    assert reply["Cache-Control"] == "no-store"


def test_beyond_its_allowance_a_network_waits_as_long_as_it_is_told(door: Door) -> None:
    door.now = NOW.replace(minute=50)
    key = str(uuid.uuid4())
    assert door.post(key=key)[0] == 201
    assert [door.post()[0] for _ in range(6)] == [201] * 4 + [429] * 2
    assert door.post(key=key)[0] == 201  # what was taken is answered, whatever is left
    wait_s = int(door.post()[1]["Retry-After"])
    door.now += timedelta(seconds=wait_s - 2)
    assert door.post()[0] == 429
    door.now += timedelta(seconds=2)
    assert door.post()[0] == 201
    assert rows(door.voice.database) == 6


def test_over_midnight_a_network_is_counted_on(door: Door) -> None:
    door.now = NOW.replace(hour=23, minute=59)
    assert [door.post()[0] for _ in range(5)] == [201] * 5
    door.now += timedelta(minutes=2)
    assert door.post()[0] == 429


def test_a_unit_that_fails_leaves_nothing(door: Door) -> None:
    door.fails = True
    key = str(uuid.uuid4())
    assert door.post(key=key)[0] == 500
    with door.voice.database.reading() as connection:
        for table in (posted, revoked_plate, salt, metadata.tables["allowance"]):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
    door.fails = False
    assert door.post(key=key)[0] == 201


def test_the_same_key_at_once_over_two_workers_is_one(door: Door) -> None:
    other = Database(door.voice.database.url)
    doors = [door, Door(Voice(other, door.voice.keys, door.voice.limits))]
    key = str(uuid.uuid4())
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: doors[n % 2].post(key=key), range(24)))
    assert {status for status, _ in found} == {201}
    assert rows(door.voice.database) == 1
    other.close()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.5", "203.0.113.77", True),
        ("203.0.113.5", "203.0.114.5", False),
        ("::ffff:203.0.113.5", "203.0.113.9", True),
        ("2001:db8:1:2::1", "2001:db8:1:9::7", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("fe80::1%eth0", "fe80::2", True),
    ],
)
def test_a_network_is_a_24_or_a_48(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


def test_a_day_later_nobody_can_tell_who_posted(door: Door) -> None:
    def known(now: datetime) -> Poster:
        return door.voice.database.write(lambda c: networks.poster(c, "a", now))

    def forget(now: datetime) -> None:
        door.voice.database.write(lambda c: posting.forget(c, now))

    before = known(NOW)
    assert before == known(NOW)
    forget(NOW + timedelta(days=1, hours=12))
    after = known(NOW + timedelta(days=1, hours=12))
    assert set(before.names) & set(after.names) == set()


def test_no_address_is_written(door: Door) -> None:
    door.post()
    with door.voice.database.reading() as connection:
        for table in metadata.sorted_tables:
            written = repr(connection.execute(select(table)).all())
            assert "127.0.0" not in written
            assert network_of("127.0.0.1") not in written


def test_a_key_is_made_once_and_kept_from_others(keys: KeyRing) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: KeyRing(keys.folder).made("plate-1"), range(16)))
    assert len(made) == 1
    assert keys.key("plate-1") in made
    assert keys.folder.stat().st_mode & 0o777 == 0o700
    assert keys.names("plate") == ["plate-1"]
    assert [each.name for each in keys.folder.iterdir()] == ["plate-1.key"]
