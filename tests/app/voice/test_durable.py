"""What was acknowledged is never lost and never doubled: killed, on a full disk, locked out, with
the database gone, under the same key at once, and with a clock that is years off.

NUANFENG_SOAK sets how often a process is killed, and lets the database be gone for a minute.
"""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pygeohash
import pytest
from flask.testing import FlaskClient
from sqlalchemy import make_url

from app.db import letters as stored_letters
from app.db import reports as stored_reports
from app.db import wishes as stored_wishes
from app.db.database import Connection, Database, address
from app.factory import create_app
from app.settings import Settings
from app.voice.receipts import new_receipt
from app.voice.setting_up import make_ready, voice_of
from geodata.store.files import Dataset
from tests.patience import PATIENCE_S
from tests.proxy import Proxy
from tests.served import served
from tests.written import without_clocks

ROOT: Final = Path(__file__).parents[3]
OWN: Final = {"Sec-Fetch-Site": "same-origin"}
NOW: Final = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
YEARS: Final = timedelta(days=731)
SOAK: Final = int(os.environ.get("NUANFENG_SOAK", "0"))
KILLS: Final = SOAK or 2
GONE_S: Final = 60 if SOAK else 0
ANY_NUMBER: Final = {
    "reports_per_hour": 0,
    "reports_per_place": 0,
    "wishes_per_hour": 0,
    "letters_per_hour": 0,
}


@dataclass
class Server:
    """The whole application over the demo city, in the database that is asked for."""

    chosen: Settings
    client: FlaskClient
    database: Database

    def another(self) -> FlaskClient:
        """Another worker."""
        return create_app(self.chosen).test_client()

    def rows(self) -> Counter[str]:
        """What people said, by sort."""
        with self.database.reading() as connection:
            wishes = [each.key for each in stored_wishes.every(connection)]
            reports = stored_reports.every(connection, NOW - 9 * YEARS)
            letters = stored_letters.since(connection, stored_letters.ReadUntil(), NOW - 9 * YEARS)
        return Counter(
            wishes=sum(not key.startswith("demo-") for key in wishes),
            reports=sum(not str(row["reporter"]).startswith("demo") for row in reports),
            letters=sum(not row.id.startswith("demo-") for row in letters.letters),
        )


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    (tmp_path / "datasets").symlink_to(demo_home / "datasets")
    return tmp_path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "postgresql":
        return str(request.getfixturevalue("database_url"))
    return None


@pytest.fixture
def server(home: Path, url: str | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("app.request.queries.now", lambda: NOW)
    chosen = replace(Settings(home, "demo"), voice_url=url, **ANY_NUMBER)
    voice = voice_of(chosen)
    make_ready(voice, Dataset(home, "demo").load(), "demo", NOW)
    yield Server(chosen, create_app(chosen).test_client(), voice.database)
    voice.database.close()


def wish(client: FlaskClient, key: str = "") -> Any:
    return client.post(
        "/api/v1/wishes",
        json={"cell": "ws105r", "needs": ["water"], "mode": "ride", "note": "想要"},
        headers={**OWN, "Idempotency-Key": key or str(uuid.uuid4())},
    )


def report(client: FlaskClient, key: str) -> Any:
    return client.post(
        "/api/v1/places/st-00412/reports",
        json={"type": "closed"},
        headers={**OWN, "Idempotency-Key": key},
    )


def letter(client: FlaskClient, key: str, receipt: str) -> Any:
    return client.post(
        "/api/v1/letters",
        json={"category": "station", "text": "热水器坏了", "receipt": receipt},
        headers={**OWN, "Idempotency-Key": key},
    )


def away(reply: Any) -> bool:
    """Whether a post was refused for the moment, in a way that a phone understands."""
    if reply.status_code == 201:
        return False
    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert reply.mimetype == "application/problem+json"
    return True


def test_a_kill_at_any_moment_loses_nothing_acknowledged_and_doubles_nothing(
    home: Path, url: str | None, record_property: Callable[[str, object], None]
) -> None:
    asked = [str(home), str(KILLS), *([url] if url else [])]
    ended = subprocess.run(
        [sys.executable, "-m", "tests.app.voice.killed", *asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600 + 20 * KILLS,
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout.splitlines()[-1])
    assert (told["rounds"], told["lost"], told["doubled"]) == (KILLS, 0, 0)
    assert told["acknowledged"] >= KILLS
    kind = "PostgreSQL" if url else "SQLite"
    record_property(f"a poster killed, {kind}", KILLS)


#: A file may not grow beyond where it is, as a full disk has it; then there is room again.
FULL: Final = textwrap.dedent("""
    import json, resource, sys
    from dataclasses import replace
    from pathlib import Path
    from tests.app.voice.test_durable import ANY_NUMBER, NOW, away, wish
    from app.factory import create_app
    from app.settings import Settings
    from app.voice.setting_up import make_ready, voice_of
    from geodata.store.files import Dataset

    home = Path(sys.argv[1])
    chosen = replace(Settings(home, "demo"), **ANY_NUMBER)
    voice = voice_of(chosen)
    make_ready(voice, Dataset(home, "demo").load(), "demo", NOW)
    client = create_app(chosen).test_client()
    assert not away(wish(client))
    held = home / "voice" / "demo.db"
    most = max(path.stat().st_size for path in held.parent.iterdir()) + 40_960
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    kept, refused = [], []
    while len(refused) < 3 and len(kept) < 2_000:
        key = f"{len(kept) + len(refused):032}"
        (refused if away(wish(client, key)) else kept).append(key)
    read = client.get("/api/v1/wishes").status_code
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    again = [wish(client, key).status_code for key in [*kept, *refused]]
    from app.db import wishes
    with voice.database.reading() as connection:
        rows = [each.key for each in wishes.every(connection) if not each.key.startswith("demo-")]
    print(json.dumps({"kept": len(kept), "refused": len(refused), "again": again, "read": read,
                      "rows": len(rows), "different": len({*rows})}))
""")


def test_a_full_disk_is_told_and_loses_nothing(
    home: Path, record_property: Callable[[str, object], None]
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FULL, str(home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout.splitlines()[-1])
    assert told["refused"] == 3
    assert told["kept"] > 0
    assert {*told["again"]} == {201}
    assert told["read"] == 200
    assert told["rows"] == told["different"] == told["kept"] + told["refused"] + 1
    record_property("posts to a full disk", told["kept"] + told["refused"])


def test_a_database_that_another_holds_is_told_and_then_taken(server: Server) -> None:
    held, let_go = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        held.set()
        let_go.wait(PATIENCE_S)

    other = Database(server.database.url)
    thread = threading.Thread(target=other.write, args=(hold,))
    thread.start()
    held.wait(PATIENCE_S)
    key = str(uuid.uuid4())
    assert away(wish(server.client, key))
    assert server.client.get("/api/v1/wishes").status_code == 200
    let_go.set()
    thread.join()
    other.close()
    assert not away(wish(server.client, key))
    assert server.rows()["wishes"] == 1


def gone_and_back(server: Server, go: Callable[[], None], back: Callable[[], None]) -> int:
    """Post while a database goes and comes back; how many posts were made. None of those that were
    acknowledged is lost, and each that was not can be sent again.
    """
    keys = [str(uuid.uuid4()) for _ in range(4)]
    assert not away(wish(server.client, keys[0]))
    go()
    until, refused = time.monotonic() + GONE_S, 0
    while refused < 2 or time.monotonic() < until:
        assert away(wish(server.client, keys[1]))
        assert server.client.get("/api/v1/contacts").json["items"]
        assert server.client.get("/api/v1/nearest?lon=113.9645&lat=22.5405").status_code == 200
        refused += 1
    back()
    ends = time.monotonic() + PATIENCE_S
    while away(wish(server.client, keys[1])):
        assert time.monotonic() < ends
    for key in keys:
        assert not away(wish(server.client, key))
    assert server.rows()["wishes"] == len(keys)
    return refused + len(keys)


def test_a_file_that_is_away_is_told_and_comes_back_whole(
    home: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    monkeypatch.setattr("app.request.queries.now", lambda: NOW)
    chosen = replace(Settings(home, "demo"), **ANY_NUMBER)
    voice = voice_of(chosen)
    make_ready(voice, Dataset(home, "demo").load(), "demo", NOW)
    server = Server(chosen, create_app(chosen).test_client(), voice.database)
    assert server.client.get("/api/v1/contacts").json["items"]
    folder, aside = home / "voice", home / "aside"
    posts = gone_and_back(server, lambda: folder.rename(aside), lambda: aside.rename(folder))
    voice.database.close()
    record_property("posts around a file that was away", posts)


@pytest.mark.parametrize("mood", ["down", "hung"] if SOAK else ["down"])
def test_a_database_that_is_gone_is_told_and_comes_back_whole(
    home: Path,
    database_url: str,
    mood: Any,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setattr("app.request.queries.now", lambda: NOW)
    at = make_url(database_url)
    proxy = Proxy(f"{at.query['host']}/.s.PGSQL.5432")
    through = at.set(host="127.0.0.1", port=proxy.port, query={}).render_as_string(
        hide_password=False
    )
    chosen = replace(Settings(home, "demo"), voice_url=through, **ANY_NUMBER)
    voice = voice_of(chosen)
    make_ready(voice, Dataset(home, "demo").load(), "demo", NOW)
    straight = Database(address(home, "demo", database_url))
    server = Server(chosen, create_app(chosen).test_client(), straight)
    assert server.client.get("/api/v1/contacts").json["items"]
    posts = gone_and_back(server, lambda: proxy.become(mood), lambda: proxy.become("well"))
    voice.database.close()
    straight.close()
    proxy.close()
    record_property(f"posts around a database that was {mood}", posts)


def test_the_same_key_at_two_workers_at_once_is_one_post(server: Server) -> None:
    workers = (server.client.application, server.another().application)
    keys = [str(uuid.uuid4()) for _ in range(6)]
    receipts = [new_receipt() for _ in keys]

    def send(number: int) -> list[tuple[int, bytes]]:
        client, nth = workers[number % 2].test_client(), number // 2 % len(keys)
        key = keys[nth]
        replies = (
            wish(client, f"{key}-w"),
            report(client, f"{key}-r"),
            letter(client, f"{key}-l", receipts[nth]),
        )
        return [(reply.status_code, reply.data) for reply in replies]

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(send, range(4 * len(keys))))
    assert {status for replies in told for status, _ in replies} == {201}
    for nth in range(len(keys)):
        same = [replies for number, replies in enumerate(told) if number // 2 % len(keys) == nth]
        assert all(replies == same[0] for replies in same)
    assert server.rows() == {"wishes": 6, "reports": 6, "letters": 6}


def test_a_clock_that_is_years_off_loses_and_doubles_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt, keys, seen = new_receipt(), [str(uuid.uuid4()) for _ in range(4)], []
    for nth, off in enumerate((0 * YEARS, YEARS, -YEARS, 0 * YEARS)):
        monkeypatch.setattr("app.request.queries.now", lambda off=off: NOW + off)
        for key in keys[: nth + 1]:  # the new one, and all that were sent before
            assert wish(server.client, f"{key}-w").status_code == 201
            assert report(server.client, f"{key}-r").status_code == 201
        again = letter(server.client, keys[0], receipt)
        assert again.status_code in (201, 400)  # after a week its receipt is known, its key is not
        status = server.client.post(
            "/api/v1/letters/status", json={"receipt": receipt}, headers=OWN
        )
        assert status.json["text"] == "热水器坏了"
        assert server.client.get("/api/v1/reports").status_code == 200
        assert server.client.get("/api/v1/letters/stats").status_code == 200
        assert server.client.get("/api/v1/wishes").status_code == 200
        seen.append(server.rows())
    assert seen == [{"wishes": n, "reports": n, "letters": 1} for n in (1, 2, 3, 4)]


ADDRESSES: Final = ("203.0.113.77", "2001:db8:77:88::99")
EXACT: Final = ("113.964571", "22.540513")
COOKIE: Final = "tasty-cookie-4711"
#: A finer cell than is ever written, of EXACT.
FINE: Final = "ws105rg"


def test_no_position_address_or_cookie_of_a_session_is_in_any_byte_that_is_written(
    demo_home: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copytree(demo_home / "datasets", home / "datasets")
    log = tmp_path / "log"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NUANFENG_TRUSTED_PROXIES", "1")
        patched.setenv("NUANFENG_LETTERS_PER_HOUR", "0")
        with served(home, log=log) as origin:
            session(origin)
    fine = pygeohash.encode(float(EXACT[1]), float(EXACT[0]), 7)
    sought = [*ADDRESSES, *EXACT, EXACT[0][:8], EXACT[1][:7], COOKIE, fine]
    sought += ["20010db8007700880000000000000099", "203, 0, 113, 77"]
    raw = [b"\xcb\x00\x71\x4d", bytes.fromhex("20010db800770088")]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    written = [path for path in written if "datasets" not in path.parts]
    assert {path.suffix for path in written} >= {".db", ".key"}
    assert log.stat().st_size > 0
    for path in written:
        held = without_clocks(path.read_bytes())
        for each in sought:
            assert each.encode() not in held, (path, each)
        if path.suffix != ".key":
            assert not [each for each in raw if each in held], path


def session(origin: str) -> None:
    """All that a rider may send, from two addresses, with a cookie and an exact position."""
    server = urlsplit(origin).netloc

    def ask(path: str, sent: object = None, form: str = "", address: str = ADDRESSES[0]) -> None:
        body = form.encode() if form else json.dumps(sent).encode() if sent else None
        headers = {
            "X-Forwarded-For": address,
            "Cookie": f"session={COOKIE}",
            "Referer": f"{origin}/?lon={EXACT[0]}&lat={EXACT[1]}",
            "Idempotency-Key": str(uuid.uuid4()),
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded" if form else "application/json",
        }
        with closing(HTTPConnection(server, timeout=PATIENCE_S)) as line:
            line.request("POST" if body else "GET", path, body, headers)
            reply = line.getresponse()
            reply.read()
        assert reply.status < 500, path
        assert reply.getheader("Set-Cookie") is None

    where = f"lon={EXACT[0]}&lat={EXACT[1]}"
    receipt = new_receipt()
    for address_ in ADDRESSES:
        ask(f"/api/v1/nearest?{where}", address=address_)
        ask(f"/api/v1/events?{where}", address=address_)
        ask(f"/events?{where}", address=address_)
        ask(f"/api/v1/nearest?{where}&k=0", address=address_)
        ask("/api/v1/nearest/batch", [[float(EXACT[0]), float(EXACT[1])]], address=address_)
        wish = {"cell": "ws105r", "needs": ["water"], "mode": "ride", "note": "想要"}
        ask("/api/v1/wishes", wish, address=address_)
        ask("/api/v1/wishes", {**wish, "cell": FINE}, address=address_)
        ask("/api/v1/wishes", {**wish, "lon": float(EXACT[0])}, address=address_)
        form = f"key={uuid.uuid4()}&office=440305003&need-water=1&mode=ride"
        ask("/wishes", form=form, address=address_)
        ask("/api/v1/places/st-00412/reports", {"type": "closed"}, address=address_)
        ask("/api/v1/places/nowhere/reports", {"type": "closed"}, address=address_)
        told = {"category": "station", "text": "坏了", "receipt": receipt}
        ask("/api/v1/letters", told, address=address_)
        ask("/api/v1/letters/status", {"receipt": receipt}, address=address_)
        ask("/api/v1/letters/status", {"receipt": new_receipt()}, address=address_)
        ask("/api/v1/plates", {"place": "st-00412", "token": "1-AAAA"}, address=address_)
