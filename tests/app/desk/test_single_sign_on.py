"""Signing in at another provider, against a small one of the test's own."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from app import settings
from app.db import accounts as stored
from app.desk.provider import SsoProvider
from app.desk.roles import DeskRole
from app.maps.basemap import BadSetting
from tests.app.desk.desk_town import LOOPBACK, OWN, DeskTown, code

KEY = RSAKey.generate_key(2048, parameters={"kid": "one"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "one"})


@dataclass
class SmallProvider:
    """One person is signed in at it; a test says what it tells of that person."""

    issuer: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEY)
    grants: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, query: dict[str, str]) -> str:
        """What the browser comes back with."""
        self.grants["granted"] = query
        return f"{query['redirect_uri']}?code=granted&state={query['state']}"

    def token(self, sent: dict[str, str]) -> dict[str, Any]:
        asked = self.grants.pop(sent["code"])
        challenge = hashlib.sha256(sent["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == asked["code_challenge"]
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "desk",
            "sub": "person-1",
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 60,
            **self.person,
        }
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return {"access_token": "a", "token_type": "Bearer", "id_token": token}


@pytest.fixture
def small() -> Iterator[SmallProvider]:
    made = SmallProvider()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def tell(self, told: Any) -> None:
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            if self.path.startswith("/.well-known"):
                names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                parts = ("authorize", "token", "jwks")
                told = {n: f"{made.issuer}/{p}" for n, p in zip(names, parts, strict=True)}
                self.tell({"issuer": made.issuer, **told})
            else:
                self.tell({"keys": [KEY.as_dict(private=False)]})

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.tell(made.token({name: values[0] for name, values in parse_qs(sent).items()}))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def go(town: DeskTown, small: SmallProvider, browser: Any = None, state: str = "state=") -> Any:
    """To the provider and back; the last reply."""
    town.desk.provider = SsoProvider(small.issuer, "desk", "hush")
    browser = browser or town.app.test_client()
    left = browser.get("/desk/sso?next=/desk/letters", base_url=LOOPBACK)
    assert left.status_code == 303
    found = urlsplit(left.headers["Location"])
    assert left.headers["Location"].startswith(f"{small.issuer}/authorize?")
    query = {name: values[0] for name, values in parse_qs(found.query).items()}
    assert query["code_challenge_method"] == "S256"
    back = small.authorize(query).replace("state=", state)
    return browser.get(back, base_url=LOOPBACK)


def test_who_is_known_by_name_signs_in_and_is_known_by_subject_from_then_on(
    town: DeskTown, small: SmallProvider
) -> None:
    name = town.account(DeskRole.VIEWER).name
    small.person = {"preferred_username": name}
    browser = town.app.test_client()
    done = go(town, small, browser)
    assert done.status_code == 200
    assert 'href="/desk/letters"' in done.text
    assert browser.get("/desk/letters", base_url=LOOPBACK).status_code == 200
    small.person = {"preferred_username": "another name"}
    assert go(town, small).status_code == 200
    small.person = {"preferred_username": name, "sub": "person-2"}
    assert go(town, small).status_code == 403


def test_a_second_factor_is_asked_for_here(town: DeskTown, small: SmallProvider) -> None:
    name = town.account(DeskRole.ADMIN).name
    small.person = {"preferred_username": name, "sub": "chief"}
    browser = town.app.test_client()
    asked = go(town, small, browser)
    assert asked.status_code == 200
    assert browser.get("/desk/", base_url=LOOPBACK).status_code == 303
    sealed = asked.text.split('name="proven" value="')[1].split('"')[0]
    sent = {"base_url": LOOPBACK, "headers": OWN}
    for proven, number, status in ((sealed, "0", 403), ("x", code(), 403), (sealed, code(), 200)):
        data = {"proven": proven, "code": number}
        assert browser.post("/desk/sso/code", data=data, **sent).status_code == status
    assert browser.get("/desk/", base_url=LOOPBACK).status_code == 200


@pytest.mark.parametrize(
    "person",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"nonce": "replayed"},
        {"exp": 1},
        {"preferred_username": "nobody-here"},
        {"preferred_username": ""},
    ],
)
def test_a_token_that_is_not_for_us_signs_nobody_in(
    town: DeskTown, small: SmallProvider, person: dict[str, Any]
) -> None:
    name = town.account(DeskRole.VIEWER).name
    small.person = {"preferred_username": name, "sub": f"p-{name}", **person}
    assert go(town, small).status_code == 403
    with town.desk.database.reading() as connection:
        found = stored.named(connection, name)
    assert found
    assert found.subject is None


def test_a_token_that_somebody_else_signed_signs_nobody_in(
    town: DeskTown, small: SmallProvider
) -> None:
    small.person = {"preferred_username": town.account(DeskRole.VIEWER).name, "sub": "x"}
    small.key = OTHER
    assert go(town, small).status_code == 403


def test_who_did_not_leave_from_here_does_not_come_back(
    town: DeskTown, small: SmallProvider
) -> None:
    small.person = {"preferred_username": town.account(DeskRole.VIEWER).name, "sub": "y"}
    other = town.app.test_client()
    town.desk.provider = SsoProvider(small.issuer, "desk", "hush")
    assert (
        other.get("/desk/sso/callback?code=granted&state=x", base_url=LOOPBACK).status_code == 403
    )
    assert go(town, small, state="state=x").status_code == 403


def test_a_provider_that_is_away_is_a_sentence(town: DeskTown) -> None:
    town.desk.provider = SsoProvider("http://127.0.0.1:9", "desk", "hush")
    reply = town.app.test_client().get("/desk/sso", base_url=LOOPBACK)
    assert reply.status_code == 403
    town.desk.provider = None
    assert town.app.test_client().get("/desk/sso", base_url=LOOPBACK).status_code == 404


@pytest.mark.parametrize(
    "stated",
    [
        {"ISSUER": "https://a.example"},
        {"ISSUER": "http://a.example", "CLIENT": "c", "SECRET": "s"},
        {"CLIENT": "c", "SECRET": "s"},
    ],
)
def test_half_a_provider_is_refused_with_a_sentence(stated: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match="set together"):
        settings.read({f"NUANFENG_SSO_{name}": value for name, value in stated.items()})
