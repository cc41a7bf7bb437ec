"""What `/privacy` says is so: each sentence has checks, and each check fails where its sentence is
made untrue. A whole session of a server leaves no position, address or name in any byte.
"""

import ast
import http.client
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import pygeohash
import pytest

from app.cli.voice import prepare
from app.response.csp import policy
from app.settings import Settings
from app.voice import allowances, clock, letters, networks, report_posts
from geodata.space.coordinates import Datum, from_wgs84
from tests.papers import ROOT
from tests.patience import PATIENCE_S

#: What a rider's phone would tell if it told where it is; in no data of the demo city.
HERE: Final = (113.951237, 22.541239)
ADDRESS: Final = "203.0.113.77"
NAME: Final = "欧阳小蜂子"
PHONE: Final = "13987654321"
TYPED: Final = "找个歇脚的好地方"
#: Seconds are written as latitudes are: 09:31:22.541 is a time.
NO_TIME: Final = rb"(?<![0-9]:)"
OWN: Final = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": ADDRESS}


def canaries() -> dict[str, bytes]:
    """What must stand in no byte: the position in three datums as text, as numbers and as geohashes
    of more than a square; the address, the name, the number, what was typed.
    """
    found: dict[str, bytes] = {
        "address": ADDRESS.encode(),
        "name": NAME.encode(),
        "phone": PHONE.encode(),
        "typed": TYPED.encode(),
        "typed, quoted": urlencode({"q": TYPED})[2:].encode(),
        "name as JSON": json.dumps(NAME)[1:-1].encode(),
    }
    for datum in Datum:
        point = [float(value) for value in from_wgs84(*HERE, datum)]
        for axis, value in zip(("lon", "lat"), point, strict=True):
            found[f"{axis} of {datum}"] = f"{value:.4f}"[:-1].encode()
            found[f"{axis} of {datum} as a number"] = struct.pack("<d", value)
        found[f"geohash of {datum}"] = pygeohash.encode(point[1], point[0], 8).encode()
    return found


def leaks(written: Mapping[str, bytes]) -> set[str]:
    """Which of them stand where."""
    return {
        f"{name} in {file}"
        for name, value in canaries().items()
        for file, body in written.items()
        if re.search(NO_TIME + re.escape(value), body)
    }


def files(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


@dataclass
class Session:
    """What a server wrote while riders asked and wrote, and what it sent them."""

    written: dict[str, bytes] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    report: str = ""
    letter: dict[str, Any] = field(default_factory=dict)
    read_back: str = ""


def played(home: Path) -> Session:
    """Every kind of thing that a rider asks or writes, of a server with a proxy in front."""
    session, before = Session(), files(home)
    told = {**os.environ, "NUANFENG_HOME": str(home), "NUANFENG_TRUSTED_PROXIES": "1"}
    command = [sys.executable, "-m", "app", "run", "--port", "0", "--workers", "1"]
    with (
        (home / "log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, env=told, stdout=subprocess.PIPE, stderr=log) as server,
    ):
        assert server.stdout is not None
        said = b""
        try:
            while not (found := re.search(rb"http://[0-9.:]+", said)):
                said += server.stdout.readline()
            ask(session, urlsplit(found[0].decode()).port or 0)
        finally:
            server.terminate()
            said += server.communicate(timeout=PATIENCE_S)[0]
    session.written = {name: body for name, body in files(home).items() if before.get(name) != body}
    session.written["output"] = said
    return session


def ask(session: Session, port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)

    def send(method: str, path: str, body: Any = None, key: str = "") -> Any:
        headers = dict(OWN)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, headers)
        reply = connection.getresponse()
        session.statuses.append(reply.status)
        session.cookies += reply.headers.get_all("Set-Cookie") or []
        text = reply.read()
        return json.loads(text) if text and "json" in (reply.headers["Content-Type"] or "") else {}

    for datum in Datum:
        lon, lat = (f"{float(value):.6f}" for value in from_wgs84(*HERE, datum))
        here = {"lon": lon, "lat": lat, "datum": datum.value}
        send("GET", f"/api/v1/nearest?{urlencode(here)}&k=3")
        send("GET", f"/api/v1/isochrone?{urlencode(here)}&minutes=5")
        send("GET", f"/api/v1/search?{urlencode({**here, 'q': TYPED})}")
        send("GET", f"/api/v1/nearest?{urlencode(here)}&k=no&name={urlencode({'q': NAME})}")
        send("GET", f"/nowhere/{lon},{lat}?{urlencode({'who': NAME, 'phone': PHONE})}")
        send("POST", f"/api/v1/nearest/batch?datum={datum.value}", [[float(lon), float(lat)]])
        send("POST", "/api/v1/nearest/batch", [[f"{lon}", NAME]])
    key = str(uuid.uuid4())
    place = send("GET", "/api/v1/nearest?lon=113.9645&lat=22.5405&k=1")["features"][0]["id"]
    report = send("POST", f"/api/v1/places/{place}/reports", {"type": "no_water"}, key)
    session.report = report["id"]
    send("DELETE", f"/api/v1/reports/{report['id']}", None, key)
    receipt = "0123456789ABCDEF"
    text = f"我是{NAME}，电话{PHONE}，住在 {HERE[0]},{HERE[1]}"
    letter = {"category": "station", "text": text, "receipt": receipt}
    session.letter = send("POST", "/api/v1/letters", letter)
    session.read_back = json.dumps(
        send("POST", "/api/v1/letters/status", {"receipt": receipt}), ensure_ascii=False
    )
    connection.close()


@pytest.fixture(scope="module")
def session(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    home = tmp_path_factory.mktemp("played")
    shutil.copytree(demo_home / "datasets", home / "datasets")
    prepare(Settings(home, "demo"))
    return played(home)


def test_a_whole_session_leaves_no_position_address_or_name(session: Session) -> None:
    assert session.statuses.count(200) >= 14
    assert session.statuses.count(201) == 2
    assert any(name.endswith(".db") for name in session.written)
    assert leaks(session.written) == set()
    assert PHONE in session.read_back  # who holds the receipt reads it


@pytest.mark.parametrize("name", canaries())
def test_a_byte_that_tells_is_found(session: Session, name: str) -> None:
    seeded = session.written | {"voice/demo.db": b"row " + canaries()[name] + b" end"}
    assert leaks(seeded) == {f"{name} in voice/demo.db"}


@dataclass(frozen=True)
class World:
    """What the sentences are about."""

    session: Session
    scripts: str
    policy: str
    kept_for: Mapping[str, timedelta]
    fewest: int
    most_kept: float


SCRIPTS: Final = sorted((ROOT / "app/static/js").rglob("*.js"))
Check = Callable[[World], bool]
#: What a phone keeps, by the names that it keeps it under.
ON_THE_PHONE: Final = frozenset(
    ("who", "mode", "app", "order", "view", "recent", "needs", "power", "favourites", "home")
)


def asks_without_position(world: World) -> bool:
    """No script sends degrees to the server but those of a batch, which no script asks."""
    return not re.search(r"api/v1/(nearest\?|nearest/batch|isochrone|along)", world.scripts)


def asks_squares(world: World) -> bool:
    return "api/v1/nearest/cell/${cell}" in world.scripts


def types_without_position(world: World) -> bool:
    searches = re.findall(r"api/v1/search\?[^;]*;", world.scripts)
    return bool(searches) and not any(re.search(r"lon|lat|near", each) for each in searches)


def no_cookie(world: World) -> bool:
    return not world.session.cookies and "document.cookie" not in world.scripts


def own_origin(world: World) -> bool:
    return "default-src 'self'" in world.policy and "http" not in world.policy


def nothing_written(world: World) -> bool:
    return not leaks(world.session.written)


def salts_end(world: World) -> bool:
    return world.kept_for["salts"] <= timedelta(days=31)


def counted_a_day(world: World) -> bool:
    return world.kept_for["counts"] == timedelta(days=1)


def taken_back(world: World) -> bool:
    return world.kept_for["take back"] == timedelta(minutes=10) and world.session.report != ""


def sealed(world: World) -> bool:
    return not leaks(world.session.written) and PHONE in world.session.read_back


def destroyed(world: World) -> bool:
    return timedelta(days=729) <= world.kept_for["texts"] <= timedelta(days=731)


def never_fewer(world: World) -> bool:
    return world.fewest >= 5


def keeps_the_named(world: World) -> bool:
    return {*re.findall(r'\bkeep\("([a-z_]+)"', world.scripts)} <= ON_THE_PHONE


def keeps_little_ground(world: World) -> bool:
    return world.most_kept <= 2e6 and "caches.delete(NEAR)" in world.scripts


def reports_of_nobody(world: World) -> bool:
    return world.kept_for["salts"] <= timedelta(days=31) and not leaks(world.session.written)


def wishes_of_squares(world: World) -> bool:
    """A wish is sent with the square alone, whose side is about a kilometre."""
    return "const CELL = 6;" in world.scripts and "{ cell: geohash(point, CELL)," in world.scripts


def knows_areas_itself(world: World) -> bool:
    asked = re.findall(r"api/v1/notices[^;]*;", world.scripts)
    return bool(asked) and not any(re.search(r"lon|lat|cell", each) for each in asked)


def asks_no_name(world: World) -> bool:
    return "type=password" not in world.scripts and not world.session.cookies


#: Of each sentence what must hold, each with a world in which it does not.
def but(**changed: Any) -> Callable[[World], World]:
    return lambda world: replace(world, **{name: of(world) for name, of in changed.items()})


def adding(text: str) -> Callable[[World], World]:
    return but(scripts=lambda world: world.scripts + text)


def writing(body: bytes) -> Callable[[World], World]:
    return but(session=lambda world: replace(world.session, written={"log": body}))


def keeping(what: str, days: float) -> Callable[[World], World]:
    return but(kept_for=lambda world: {**world.kept_for, what: timedelta(days=days)})


WITH_COOKIE: Final = but(session=lambda world: replace(world.session, cookies=["id=1"]))
SEALED: Final = (
    (sealed, writing(NAME.encode())),
    (destroyed, keeping("texts", 800)),
    (never_fewer, but(fewest=lambda _: 4)),
    (counted_a_day, keeping("counts", 7)),
    (nothing_written, writing(ADDRESS.encode())),
)
CHECKS: Final[dict[str, tuple[tuple[Check, Callable[[World], World]], ...]]] = {
    "A square of some hundred metres": (
        (asks_squares, but(scripts=lambda _: "")),
        (asks_without_position, adding("fetch('/api/v1/nearest?lon=' + lon)")),
        (no_cookie, WITH_COOKIE),
        (own_origin, but(policy=lambda _: "default-src 'self' https://example.org")),
    ),
    "What you type into": ((types_without_position, adding('get("/api/v1/search?lon=1");')),),
    "Nothing that is asked": ((nothing_written, writing(TYPED.encode())),),
    "A report says": (
        (salts_end, keeping("salts", 32)),
        (taken_back, keeping("take back", 0)),
        (nothing_written, writing(ADDRESS.encode())),
    ),
    "A letter is kept sealed": SEALED,
    "What you report of a place": (
        (reports_of_nobody, keeping("salts", 32)),
        (
            wishes_of_squares,
            but(scripts=lambda world: world.scripts.replace("CELL = 6", "CELL = 8")),
        ),
        (knows_areas_itself, adding('get("/api/v1/notices?lon=1");')),
    ),
    "What you reported, what others": ((keeps_the_named, adding('keep("where", here)')),),
    "Your favourites": ((keeps_the_named, adding('keep("position", here)')),),
    "Who you are": ((keeps_the_named, adding('keep("phone", number)')),),
    "The page, the list": ((keeps_the_named, adding('keep("track", all)')),),
    "Only while you have": (
        (keeps_little_ground, but(most_kept=lambda _: 3e6)),
        (keeps_little_ground, but(scripts=lambda _: "")),
    ),
    "No name, telephone": (
        (asks_no_name, WITH_COOKIE),
        (sealed, but(session=lambda world: replace(world.session, read_back=""))),
    ),
}
SENTENCES: Final = re.findall(
    r'<(?:p|li)>\{\{ say\("(.*?)"\) \}\}</',
    (ROOT / "app/templates/privacy.html").read_text(encoding="utf-8"),
)


@pytest.fixture(scope="module")
def world(session: Session) -> World:
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    most = re.search(r"MOST_BYTES = ([\de]+);", scripts)
    assert most is not None
    return World(
        session=session,
        scripts=scripts,
        policy=dict(policy(""))["Content-Security-Policy"],
        kept_for={
            "salts": networks.LONGEST,
            "counts": allowances.KEPT,
            "take back": report_posts.WITHDRAWN_WITHIN,
            "texts": letters.RETENTION,
        },
        fewest=clock.FEWEST,
        most_kept=float(most[1]),
    )


def test_every_sentence_of_the_page_is_checked() -> None:
    assert len(SENTENCES) == len(CHECKS)
    for sentence in SENTENCES:
        assert sum(sentence.startswith(begins) for begins in CHECKS) == 1, sentence


@pytest.mark.parametrize("begins", CHECKS)
def test_a_sentence_is_true_and_its_checks_see_when_it_is_not(world: World, begins: str) -> None:
    for holds, violated in CHECKS[begins]:
        assert holds(world), holds.__name__
        assert not holds(violated(world)), holds.__name__


def test_a_duty_names_a_test_that_is_there() -> None:
    text = (ROOT / "app/PRIVACY.md").read_text(encoding="utf-8")
    named = re.findall(r"\| (tests/\S+)::(\w+) \|", text)
    assert len(named) >= 12
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
