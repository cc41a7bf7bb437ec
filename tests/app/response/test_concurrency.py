"""More requests at once than a process takes on."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from app.factory import create_app
from app.response.concurrency import (
    MOST_RETRY_AFTER_S,
    REFUSED_A_SECOND,
    RefusalRate,
    RequestKind,
    kind_of,
    seats,
)
from app.response.turns import COMPUTING, MOST_COMPUTING, MOST_WAITING_S, Turns, each_in_turn
from app.settings import Settings, read
from tests.patience import PATIENCE_S, until


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


DEAR = (
    "/api/v1/along",
    "/api/v1/isochrone",
    "/api/v1/coverage",
    "/api/v1/search",
    "/api/v1/nearest/batch",
    "/coverage",
    "/plates",
    "/data/places.csv",
    "/ogc/collections/warm_bee_station/items",
)


def test_what_is_dear_is_known_by_its_address() -> None:
    assert {kind_of("GET", path) for path in DEAR} == {RequestKind.DEAR}
    cheap = ("/", "/api/v1/nearest", "/api/v1/nearest/cell/ws0bk", "/tiles/1/2/3/4.json", "/static")
    assert {kind_of("GET", path) for path in cheap} == {RequestKind.CHEAP}
    stored = {kind_of(method, "/api/v1/reports") for method in ("POST", "DELETE")}
    assert stored | {kind_of("GET", "/letters")} == {RequestKind.STORED}


@pytest.mark.parametrize("kind", list(RequestKind))
@pytest.mark.parametrize("most", [1, 3, 64, 1_000])
def test_a_kind_has_a_seat_and_leaves_the_others_theirs(most: int, kind: RequestKind) -> None:
    assert 1 <= seats(most, kind) <= most
    if most >= 4:
        assert seats(most, RequestKind.DEAR) + seats(most, RequestKind.STORED) < most


def held(app: Flask, path: str, method: str, count: int) -> list[Iterable[bytes]]:
    """Replies under way: each keeps its seat until it is read."""
    app.view_functions |= dict.fromkeys(app.view_functions, lambda **_: Response(iter([b"x"])))
    return [started(app, path=path, method=method)[1] for _ in range(count)]


@pytest.mark.parametrize(
    ("path", "method", "kind"),
    [
        ("/api/v1/along", "GET", RequestKind.DEAR),
        ("/api/v1/isochrone", "GET", RequestKind.DEAR),
        ("/api/v1/nearest/batch", "POST", RequestKind.DEAR),
        ("/api/v1/coverage", "GET", RequestKind.DEAR),
        ("/api/v1/search", "GET", RequestKind.DEAR),
        ("/api/v1/letters", "POST", RequestKind.STORED),
    ],
)
def test_a_kind_without_a_seat_is_refused_while_the_cheap_are_answered(
    demo_home: Path, path: str, method: str, kind: RequestKind
) -> None:
    app = create_app(replace(Settings(demo_home, "demo"), max_concurrent=8))
    under_way = held(app, path, method, seats(8, kind))
    refused, _ = started(app, path=path, method=method)
    cheap, body = started(app, path="/api/v1/nearest")
    assert (refused, cheap) == (["503 SERVICE UNAVAILABLE"], ["200 OK"])
    for reply in (*under_way, body):
        assert list(reply) == [b"x"]
    assert started(app, path=path, method=method)[0] == ["200 OK"]


def test_a_refusal_is_made_once_for_all_who_ask_alike(demo_home: Path) -> None:
    app = create_app(replace(Settings(demo_home, "demo"), max_concurrent=1))
    held(app, "/", "GET", 1)
    client = app.test_client()
    first, again = (client.get("/api/v1/along?lon=1") for _ in range(2))
    assert (first.status_code, first.data) == (503, again.data)
    english = client.get("/api/v1/along?lang=en")
    assert english.get_json()["detail"] != first.get_json()["detail"]
    assert client.get("/api/v1/search").get_json()["instance"] == "/api/v1/search"
    assert client.get("/", headers={"Accept": "text/html"}).mimetype == "text/html"
    strange = [client.get(f"/{number}{'x' * 900}") for number in range(3)]
    assert {answer.status_code for answer in strange} == {503}
    for number in range(1_200):
        assert client.get(f"/{number}").status_code == 503


def test_no_more_compute_at_once_than_have_turns(demo_home: Path) -> None:
    app = create_app(Settings(demo_home, "demo"))
    computed: list[int] = []
    app.view_functions["api.along"] = lambda: computed.append(1) or "done"
    app.view_functions["bulk.download"] = lambda name: name
    turns = ExitStack()
    for _ in range(MOST_COMPUTING):
        turns.enter_context(COMPUTING)
    waiting = Thread(target=app.test_client().get, args=("/api/v1/along",))
    waiting.start()
    assert app.test_client().get("/api/v1/nearest").status_code == 400
    assert app.test_client().get("/data/places.csv").text == "places.csv"
    assert not computed
    turns.close()
    waiting.join(PATIENCE_S)
    assert computed == [1]
    assert list(each_in_turn([b"a", b"b"])) == [b"a", b"b"]


def test_the_more_are_refused_the_later_they_are_told_to_come_back() -> None:
    refused, each = RefusalRate(), REFUSED_A_SECOND
    assert [refused.after_s(7.5) for _ in range(each - 1)] == [1] * (each - 1)
    assert {refused.after_s(7.9) for _ in range(each)} == {2}
    assert refused.after_s(8.0) == 2, "as many a second ago"
    assert refused.after_s(10.0) == 1, "none a second ago"
    for _ in range(20 * each):
        last = refused.after_s(10.5)
    assert last == MOST_RETRY_AFTER_S


def test_who_would_wait_too_long_for_a_turn_is_refused_at_once(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 100_000, 200))
    turns = Turns(1, lambda: float(next(clock)))
    monkeypatch.setattr("app.response.concurrency.COMPUTING", turns)
    app = create_app(replace(Settings(demo_home, "demo"), max_concurrent=16))
    app.view_functions["api.along"] = lambda: "done"
    with turns:
        pass  # which took 200 s: a mean of 10 s
    with turns:
        waiting = [Thread(target=app.test_client().get, args=("/api/v1/along",)) for _ in "ab"]
        for one in waiting:
            one.start()
        until(lambda: turns.expected_s > MOST_WAITING_S)
        assert app.test_client().get("/api/v1/along").status_code == 503
        assert app.test_client().get("/api/v1/nearest").status_code == 400
    for one in waiting:
        one.join(PATIENCE_S)
    assert turns.expected_s == 0.0
    assert app.test_client().get("/api/v1/along").text == "done"
