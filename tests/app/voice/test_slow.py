"""A database each of whose statements takes longer: nothing that was acknowledged is lost or
doubled, and who needs no database does not wait for it.

NUANFENG_SOAK makes it slower, too, and for longer.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, Final

import pytest
from sqlalchemy import Engine, event, make_url

from app.db.database import Database, address
from app.factory import create_app
from app.settings import Settings
from app.voice import looks
from app.voice.setting_up import make_ready, voice_of
from geodata.store.files import Dataset
from tests.app.voice.test_durable import ANY_NUMBER, NOW, SOAK, Server, away, home, report, wish
from tests.patience import PATIENCE_S, until
from tests.proxy import Proxy

__all__ = ["home"]

NEAR: Final = "/api/v1/nearest?lon=113.9645&lat=22.5405&k=3"
#: What needs no database, or goes on by what was known.
FREE: Final = ("/healthz", NEAR, "/", "/p/st-00412", "/notices", "/api/v1/contacts", "/contacts")
#: As it is for riders.
IMPATIENT_S: Final = looks.PATIENCE_S
DELAYS_S: Final = (0.3, 3.0) if SOAK else (0.3,)
AT_ONCE: Final = 4
FOR_S: Final = 60 if SOAK else 0


@contextmanager
def slowable(home: Path, asked: str | None) -> Iterator[tuple[str | None, Callable[[float], None]]]:
    """The address of a database, and what makes each of its statements take so much longer."""
    if asked is None:
        slower = [0.0]

        def wait(*_: object) -> None:
            time.sleep(slower[0])

        event.listen(Engine, "before_cursor_execute", wait)
        try:
            yield None, lambda delay_s: slower.__setitem__(0, delay_s)
        finally:
            event.remove(Engine, "before_cursor_execute", wait)
        return
    at = make_url(asked)
    proxy = Proxy(f"{at.query['host']}/.s.PGSQL.5432")
    through = at.set(host="127.0.0.1", port=proxy.port, query={})
    try:
        yield through.render_as_string(hide_password=False), proxy.slow_down
    finally:
        proxy.close()


@pytest.mark.parametrize("delay_s", DELAYS_S)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_slow_database_loses_nothing_and_keeps_nobody_who_needs_none(
    home: Path,
    kind: str,
    delay_s: float,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setattr("app.request.queries.now", lambda: NOW)
    monkeypatch.setattr(looks, "PATIENCE_S", IMPATIENT_S)
    asked = str(request.getfixturevalue("database_url")) if kind == "postgresql" else None
    with slowable(home, asked) as (url, slow_down):
        chosen = replace(Settings(home, "demo"), voice_url=url, **ANY_NUMBER)
        voice = voice_of(chosen)
        make_ready(voice, Dataset(home, "demo").load(), "demo", NOW)
        straight = Database(address(home, "demo", asked))
        server = Server(chosen, create_app(chosen).test_client(), straight)
        for path in FREE:
            assert server.client.get(path).status_code == 200, path
        slow_down(delay_s)
        keys, kept, longest_s = posted_and_asked(server)
        slow_down(0.0)
        right_s = until_right(server, keys)
        assert server.rows() == {"wishes": len(keys), "reports": len(keys), "letters": 0}
        voice.database.close()
        straight.close()
    slowest = max(longest_s, key=lambda path: longest_s[path])
    record_property(
        f"a database {delay_s:g} s slower, {kind}: {kept} of {2 * len(keys)} kept meanwhile and"
        f" none lost, right within {right_s:.1f} s; the slowest of {len(FREE)} that need none took"
        f" {longest_s[slowest]:.2f} s ({slowest.partition('?')[0]})",
        2 * len(keys),
    )


def posted_and_asked(server: Server) -> tuple[list[str], int, dict[str, float]]:
    """The keys of posts while a database is slow, how many of these were kept, and how long the
    others waited at most.
    """
    ends = time.monotonic() + FOR_S
    keys, kept, longest_s = [], 0, dict.fromkeys(FREE, 0.0)
    with ThreadPoolExecutor(2 * AT_ONCE) as pool:
        while not keys or time.monotonic() < ends:
            new = [str(uuid.uuid4()) for _ in range(AT_ONCE)]
            keys += new
            posts = [pool.submit(post, server, way, key) for key in new for way in (wish, report)]
            while not all(each.done() for each in posts):
                for path in FREE:
                    began = time.monotonic()
                    assert server.client.get(path).status_code == 200, path
                    longest_s[path] = max(longest_s[path], time.monotonic() - began)
            kept += sum(each.result() for each in posts)
    return keys, kept, longest_s


def post(server: Server, way: Callable[..., Any], key: str) -> bool:
    """Whether a post was acknowledged; else it was refused for the moment."""
    return not away(way(server.client.application.test_client(), f"{key}-{way.__name__}"))


def until_right(server: Server, keys: list[str]) -> float:
    """Seconds until all posts, sent again under their keys, are acknowledged and told."""
    began = time.monotonic()
    for key in keys:
        for way in (wish, report):
            until(lambda way=way, key=key: post(server, way, key), f"{way.__name__} {key}")

    def is_told() -> bool:
        return "st-00412" in server.client.get("/api/v1/reports").json["places"]

    until(is_told, "a report that is told")
    return time.monotonic() - began


def nothing() -> Database:
    """A database that is never asked."""
    return Database("sqlite://")


class Gate:
    """A look that ends when it is let go."""

    def __init__(self) -> None:
        self.begun, self.may_end = Event(), Event()
        self.times = 0

    def look(self) -> None:
        self.times += 1
        self.begun.set()
        self.may_end.wait(PATIENCE_S)


def test_of_many_questions_one_waits_for_a_look_that_is_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looks, "PATIENCE_S", 0.01)
    gate = Gate()
    asked = looks.Looks(nothing(), gate.look, "it")
    asked.first()  # waits, and in vain
    gate.may_end.set()
    until(lambda: asked.since_s < PATIENCE_S, "the end of it")
    gate.may_end.clear()
    monkeypatch.setattr(looks, "PATIENCE_S", 10 * PATIENCE_S)
    asked.hurry()
    asked.first()  # would wait for ever, did it wait
    assert gate.times == 2
    other = looks.Looks(asked._database, gate.look, "something else of the same database")
    other.first()
    assert gate.times == 3
    asked.beside()
    assert gate.times == 3, "one at a time"
    gate.may_end.set()


def test_a_look_that_is_quick_again_is_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "PATIENCE_S", 0.01)
    gate = Gate()
    asked = looks.Looks(nothing(), gate.look, "it")
    asked.first()
    gate.may_end.set()
    until(lambda: asked.since_s < PATIENCE_S, "the end of it")
    monkeypatch.setattr(looks, "PATIENCE_S", PATIENCE_S)
    asked.now()  # not waited for, and quick
    until(lambda: asked._ended is not None and asked._ended.is_set(), "the end of it")
    seen: list[int] = []
    asked._look = lambda: (time.sleep(0.05), seen.append(1))
    asked.now()
    assert seen == [1]


def test_who_wrote_while_another_looked_is_told_of_it() -> None:
    gate = Gate()
    asked = looks.Looks(nothing(), gate.look, "it")
    asked.beside()
    assert gate.begun.wait(PATIENCE_S)
    asked.hurry()
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(asked.first)
        gate.may_end.set()
        told.result(PATIENCE_S)
    assert gate.times == 2


def test_a_look_that_fails_is_told_in_the_log_and_the_next_one_is_made(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ways = iter([ValueError, ZeroDivisionError])

    def fails() -> None:
        raise next(ways)

    asked = looks.Looks(nothing(), fails, "it")
    asked.now()
    asked.now()
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [
        ValueError,
        ZeroDivisionError,
    ]
