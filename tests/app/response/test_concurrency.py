"""More requests at once than a process takes on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient

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
    answer = busy.get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["type"] == "/docs#busy"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_one_too_many_in_a_browser_gets_a_page(busy: FlaskClient) -> None:
    answer = busy.get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (503, "text/html")


def test_a_busy_process_is_alive(busy: FlaskClient) -> None:
    assert busy.get("/healthz").status_code == 200


def test_room_comes_back_after_every_kind_of_answer(demo_home: Path) -> None:
    client = create_app(replace(Settings(demo_home, "demo"), max_concurrent=1)).test_client()
    for url in ("/readyz", "/nowhere", "/api/v1/nearest", "/readyz"):
        assert client.get(url).status_code != 503


def test_the_environment_says_how_many() -> None:
    assert read({}).max_concurrent == 64
    assert read({"NUANFENG_MAX_CONCURRENT": "5"}).max_concurrent == 5
