"""Whatever is answered, and however early: the other side can send its body to the end, reads the
reply, and asks again over the same connection.
"""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from time import sleep
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from app.factory import create_app
from app.response.limits import MOST_BODY_BYTES
from app.response.unread import MOST_READING_OUT, ReadOut
from app.settings import Settings
from tests.app.response.test_concurrency import held
from tests.patience import PATIENCE_S

#: A body comes so long after its head.
AFTER_S = 0.01
JSON = {"Content-Type": "application/json"}
STRANGE = {
    "an unknown path": ("POST", "/nowhere", JSON),
    "a method that is not taken": ("POST", "/api/v1/nearest", JSON),
    "a question with a body": ("GET", "/api/v1/nearest?lon=113.9645&lat=22.5405", JSON),
    "another site": ("POST", "/api/v1/letters", {**JSON, "Sec-Fetch-Site": "cross-site"}),
    "another host": ("POST", "/api/v1/nearest/batch", {**JSON, "Host": "a b"}),
    "a bad parameter": ("POST", "/api/v1/nearest/batch?k=0", JSON),
    "a bad coding": ("POST", "/api/v1/nearest/batch", {**JSON, "Content-Encoding": "zip"}),
    "no type": ("POST", "/desk/sign-in", {}),
}


def posts(app: Flask) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every method and path that takes a body, with made-up names where values stand."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "DELETE"}):
            yield method, re.sub(r"<[^>]*>", "x", rule.rule), JSON


def asked(line: HTTPConnection, method: str, path: str, told: dict[str, str], body: bytes) -> int:
    """The status of a request of which the body comes after a while."""
    line.putrequest(method, path, skip_host="Host" in told)
    for name, value in {**told, "Content-Length": str(len(body))}.items():
        line.putheader(name, value)
    line.endheaders()
    sleep(AFTER_S)
    line.send(body)
    sleep(AFTER_S)
    reply = line.getresponse()
    reply.read()
    assert reply.headers["Connection"] != "close"
    return reply.status


@pytest.mark.parametrize("size", [20, 20_000])
def test_a_body_that_comes_late_breaks_no_connection(
    served_demo: str, demo_home: Path, size: int
) -> None:
    every = [*STRANGE.values(), *posts(create_app(Settings(demo_home, "demo")))]
    line = HTTPConnection(urlsplit(served_demo).netloc, timeout=PATIENCE_S)
    line.connect()
    mine = line.sock
    for method, path, told in every:
        assert asked(line, method, path, told, b"x" * size) < 500, path
        line.request("GET", "/healthz")
        assert line.getresponse().read(), path
        assert line.sock is mine, f"{method} {path} closed the connection"
    line.close()


class Endless(BytesIO):
    """The raw connection, as a plain server gives it: a read beyond the body waits for ever."""

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert 0 < size <= len(self.getbuffer()) - self.tell(), "it would wait"
        return super().read(size)

    readinto = property()  # type: ignore[assignment]  # none


@pytest.mark.parametrize(
    ("path", "size"), [("/nowhere", 9), ("/nowhere", 9_000), ("/desk", 0), ("/map", 9)]
)
def test_a_body_is_read_to_its_end_and_not_beyond(demo_home: Path, path: str, size: int) -> None:
    app = create_app(replace(Settings(demo_home, "demo"), prefix="/map"))
    body = Endless(b"x" * size)
    environ = EnvironBuilder(
        path=path, method="POST", input_stream=body, content_length=size
    ).get_environ()
    reply = app.wsgi_app(environ, lambda *_: lambda _: None)
    list(reply)
    getattr(reply, "close", lambda: None)()
    assert body.tell() == size


def test_who_waits_to_be_asked_for_a_body_sends_none_that_is_refused(served_demo: str) -> None:
    at = urlsplit(served_demo)
    head = f"POST /nowhere HTTP/1.1\r\nHost: {at.netloc}\r\nContent-Length: 9\r\n"
    with socket.create_connection((at.hostname, at.port or 0), timeout=PATIENCE_S) as line:
        line.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert line.recv(65_536).startswith(b"HTTP/1.1 404 ")


def test_what_is_at_hand_is_read_before_the_reply_and_the_rest_after_it(demo_home: Path) -> None:
    app = create_app(replace(Settings(demo_home, "demo"), max_concurrent=1))
    held(app, "/", "GET", 1)
    for sent, before, left in ((100, 100, 0), (9_000, 0, 0), (MOST_BODY_BYTES + 10, 0, 10)):
        body = BytesIO(b"x" * sent)
        environ = EnvironBuilder(
            path="/api/v1/nearest/batch", method="POST", input_stream=body, content_length=sent
        ).get_environ()
        status: list[str] = []
        reply = iter(app.wsgi_app(environ, lambda said, *_, status=status: status.append(said)))
        assert b"/docs#busy" in next(reply)
        assert body.tell() == before
        assert (list(reply), len(body.read()), status) == ([], left, ["503 SERVICE UNAVAILABLE"])


def test_so_many_are_read_out_at_once_and_each_gives_its_place_back() -> None:
    closed: list[int] = []

    class Reply:
        def __iter__(self) -> Iterator[bytes]:
            yield b"told"

        def close(self) -> None:
            closed.append(1)

    reading = ReadOut(lambda _environ, _start: Reply())

    def one(body: BytesIO) -> object:
        environ = EnvironBuilder(method="POST", input_stream=body, content_length=9).get_environ()
        return reading(environ, lambda *_: lambda _: None)

    bodies = [BytesIO(b"x" * 9) for _ in range(MOST_READING_OUT)]
    replies = [one(body) for body in bodies]
    beyond = BytesIO(b"x" * 9)
    assert list(one(beyond)) == [b"told"]  # type: ignore[call-overload]  # a reply
    assert beyond.tell() == 0
    for reply, body in zip(replies, bodies, strict=True):
        assert (list(reply), body.tell()) == ([b"told"], 9)  # type: ignore[call-overload]  # a reply
        reply.close()  # type: ignore[attr-defined]  # PEP 3333
    assert len(closed) == MOST_READING_OUT
    list(again := one(beyond))  # type: ignore[call-overload]  # a reply
    again.close()  # type: ignore[attr-defined]  # PEP 3333
    assert beyond.tell() == 9
