"""More requests at once than a process takes on."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from app.factory import create_app
from app.settings import Settings, read
from tests.patience import PATIENCE_S


class Crowd:
    """An app that works on one request at a time, and one request that takes its time."""

    def __init__(self, home: Path) -> None:
        self.app: Flask = create_app(replace(Settings(home, "demo"), max_concurrent=1))
        self.arrived, self.go = Event(), Event()

        def slow() -> str:
            self.arrived.set()
            self.go.wait(PATIENCE_S)
            return "done"

        self.app.add_url_rule("/slow", view_func=slow)


@pytest.fixture
def busy(demo_home: Path) -> Iterator[FlaskClient]:
    crowd = Crowd(demo_home)
    thread = Thread(target=crowd.app.test_client().get, args=("/slow",))
    thread.start()
    assert crowd.arrived.wait(PATIENCE_S)
    yield crowd.app.test_client()
    crowd.go.set()
    thread.join()


def test_one_too_many_is_told_when_to_come_back(busy: FlaskClient) -> None:
    answer = busy.get("/api/v1/pack")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["type"] == "/docs#busy"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_one_too_many_in_a_browser_gets_a_page(busy: FlaskClient) -> None:
    answer = busy.get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (503, "text/html")


@pytest.mark.parametrize("url", ["/healthz", "/readyz"])
def test_a_busy_process_is_alive_and_says_what_it_serves(busy: FlaskClient, url: str) -> None:
    assert busy.get(url).status_code == 200


POINTS = "[[113.9645,22.5405]]"


def alone(home: Path) -> Flask:
    """An app that works on one request at a time."""
    return create_app(replace(Settings(home, "demo"), max_concurrent=1))


def test_room_comes_back_after_every_kind_of_answer(demo_home: Path) -> None:
    client = alone(demo_home).test_client()
    for url in ("/", "/nowhere", "/api/v1/nearest", "/data/places.csv", "/"):
        with client.get(url) as answer:
            assert answer.status_code != 503, url


def started(app: Flask, **asked: str) -> tuple[list[str], Iterable[bytes]]:
    """What a server sees of a reply before it reads its body: the status, and the body."""
    status: list[str] = []
    environ = EnvironBuilder(**asked).get_environ()
    return status, app.wsgi_app(environ, lambda said, *_: status.append(said))


def batch(app: Flask) -> tuple[list[str], Iterable[bytes]]:
    return started(
        app,
        path="/api/v1/nearest/batch",
        method="POST",
        data=POINTS,
        content_type="application/json",
    )


def test_a_reply_that_is_still_being_sent_keeps_its_seat(demo_home: Path) -> None:
    app = alone(demo_home)
    status, body = batch(app)
    for piece in body:
        assert piece
        assert app.test_client().get("/api/v1/pack").status_code == 503
    assert status == ["200 OK"]
    assert app.test_client().get("/api/v1/pack").status_code == 200


def test_who_leaves_before_the_end_gives_the_seat_back_once(demo_home: Path) -> None:
    app = alone(demo_home)
    _, body = batch(app)
    assert next(iter(body))
    for _ in range(2):
        body.close()  # type: ignore[attr-defined]  # PEP 3333
    _, another = batch(app)
    assert app.test_client().get("/api/v1/pack").status_code == 503
    another.close()  # type: ignore[attr-defined]  # PEP 3333
    assert app.test_client().get("/api/v1/pack").status_code == 200


def test_a_reply_that_fails_under_way_gives_its_seat_back(demo_home: Path) -> None:
    app = alone(demo_home)

    def broken() -> Iterator[bytes]:
        yield b"a beginning"
        raise OSError("the disk is gone")

    app.add_url_rule("/broken", view_func=lambda: Response(broken()))
    _, body = started(app, path="/broken")
    with pytest.raises(OSError, match="disk"):
        list(body)
    body.close()  # type: ignore[attr-defined]  # PEP 3333
    assert app.test_client().get("/api/v1/pack").status_code == 200


def test_the_environment_says_how_many() -> None:
    assert read({}).max_concurrent == 64
    assert read({"NUANFENG_MAX_CONCURRENT": "5"}).max_concurrent == 5
