"""Running servers follow what is published: soon, without a dropped request, and never two versions
in one reply.

The asking is done by a process of its own for a few seconds; the versions differ in every place's
name."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.live.current import Live, VersionGone
from geodata.store.files import CURRENT, Dataset
from tests import makers
from tests.patience import PATIENCE_S, until

#: Long enough for some versions to follow each other; `make soak` asks for more, and watches the
#: clock, too.
SOAK = "NUANFENG_SOAK" in os.environ
ROUNDS = 12 if SOAK else 3
#: A version is answered by every worker this soon.
FOLLOWED_WITHIN_S = 2.0
#: Replies in a row that are of one version before all workers are taken to have followed: the
#: kernel hands each connection to any of them.
IN_A_ROW = 20
ASKS = (
    "/api/v1/nearest?lon=114.05&lat=22.54&k=50&max_distance_m=50000&kinds=warm_bee_station,driver_home,friendly_merchant",
    "/readyz",
)


def publish(dataset: Dataset, mark: str) -> str:
    """A city whose names all end in a mark; its version."""
    raw = makers.random_city(200, lines=3)
    found = makers.frozen(raw.assign(name=[f"{name}{mark}" for name in raw["name"]]))
    return dataset.publish(found.version, found.about, found.arrays, found.blobs).version


@contextmanager
def serving(home: Path) -> Iterator[int]:
    """Two workers of `nuanfeng run`; gives their port."""
    command = [sys.executable, "-m", "app", "run", "--port", "0", "--workers", "2"]
    environ = {**os.environ, "NUANFENG_HOME": str(home), "NUANFENG_DATASET": "made"}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = next(
                match
                for line in server.stdout
                if (match := re.search(r"http://[\d.]+:(\d+)", line))
            )
            yield int(found[1])
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=PATIENCE_S)


def get(port: int, path: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@dataclass
class Asker:
    """Asks one after the other until stopped, and keeps what it met."""

    port: int
    seen: list[tuple[float, str, frozenset[str]]] = field(default_factory=list)
    """When the question was asked, the version that the reply names, and the marks of its names."""
    dropped: list[object] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def is_told_alone(self, version: str, since: int) -> bool:
        """Whether its last replies are all of a version, and many have come since then."""
        last = [told for _, told, _ in self.seen[since:]][-IN_A_ROW:]
        return len(last) == IN_A_ROW and {*last} == {version}

    def __call__(self) -> None:
        while not self.stop.is_set():
            for path in ASKS:
                asked = time.monotonic()
                try:
                    status, body = get(self.port, path)
                except (OSError, http.client.HTTPException) as fault:
                    self.dropped.append(fault)
                    continue
                if status != 200:
                    self.dropped.append((status, body))
                    continue
                names = [place["properties"]["name"] for place in body.get("features", ())]
                self.seen.append(
                    (asked, body["dataVersion"], frozenset(name[-1] for name in names))
                )
            time.sleep(0.01)  # a bounded load: the machine is shared


@contextmanager
def asked(port: int, askers: int = 3) -> Iterator[list[Asker]]:
    made = [Asker(port) for _ in range(askers)]
    threads = [threading.Thread(target=asker) for asker in made]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        for asker in made:
            asker.stop.set()
        for thread in threads:
            thread.join()


def test_servers_follow_versions_under_load_and_mix_none(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    dataset = Dataset(tmp_path, "made")
    marks = {publish(dataset, "0"): "0"}
    since: list[tuple[float, str]] = [(0.0, dataset.pointer().version)]
    followed = [0.0]
    with serving(tmp_path) as port, asked(port) as askers:
        for number in range(1, ROUNDS + 1):
            version = (
                publish(dataset, str(number % 10)) if number % 3 else dataset.rollback().version
            )
            since.append((time.monotonic(), version))
            marks.setdefault(version, str(number % 10))
            for asker in askers:
                until(partial(asker.is_told_alone, version, len(asker.seen)), f"version {number}")
            followed.append(time.monotonic())
    seen = [each for asker in askers for each in asker.seen]
    assert [asker.dropped for asker in askers] == [[]] * len(askers)
    for at, version, found in seen:
        assert found <= {marks[version]}, "one reply, two versions"
        last = max(number for number, began in enumerate(followed) if began <= at)
        assert version in {each for _, each in since[last:]}, "a version that all had left"
        assert not SOAK or version in allowed(since, at), "an old version was answered too long"
    assert {version for _, version, _ in seen} == set(marks)
    record_property("a version followed by a server under load, none mixed", ROUNDS)


def allowed(since: list[tuple[float, str]], at: float) -> set[str]:
    """What may be answered at an instant: the version of then, those that ended not long before,
    and the next.
    """
    ends = [*(start for start, _ in since[1:]), float("inf")]
    slack_s = 1.0  # of a shared machine's scheduling, and of writing before the clock is read
    return {
        version
        for (start, version), end in zip(since, ends, strict=True)
        if start - slack_s <= at <= end + FOLLOWED_WITHIN_S + slack_s
    }


def test_all_first_requests_of_a_worker_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = publish(Dataset(tmp_path, "made"), "0")
    load = Dataset.load

    def slowly(self: Dataset, *arguments: Any) -> Any:
        time.sleep(0.2)
        return load(self, *arguments)

    monkeypatch.setattr(Dataset, "load", slowly)
    live = Live(Dataset(tmp_path, "made"))
    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(lambda: live.snapshot().version) for _ in range(4)]
    assert [each.result() for each in found] == [version] * 4


@pytest.mark.parametrize("torn", [b"", b"torn"])
def test_a_torn_pointer_leaves_the_last_good_version_answering_until_one_goes_back(
    tmp_path: Path, torn: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.live.current.LOOK_EVERY_S", 0.0)
    dataset = Dataset(tmp_path, "made")
    first, second = publish(dataset, "0"), publish(dataset, "1")
    live = Live(dataset)
    assert live.snapshot().version == second
    (dataset.folder / CURRENT).write_bytes(torn)
    assert live.snapshot().version == second
    dataset.rollback()
    assert live.snapshot().version == first
    assert live.version(second).version == second


class Together:
    """A reading that many threads begin at once and that takes a while; counts who read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, store: type, threads: int) -> None:
        self.threads, self.loaded = threads, []
        self.begin = threading.Barrier(threads)
        load = store.load

        def slowly(of: Any, *arguments: Any) -> Any:
            self.loaded.append(load(of, *arguments))
            time.sleep(0.05)  # others come meanwhile
            return self.loaded[-1]

        monkeypatch.setattr(store, "load", slowly)

    def ask(self, question: Callable[[], Any]) -> list[Any]:
        def one(_: int) -> Any:
            self.begin.wait()
            return question()

        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(one, range(self.threads)))


def test_many_who_ask_for_a_new_version_at_once_load_it_once_and_lose_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = Dataset(tmp_path, "made")
    first = publish(dataset, "0")
    live = Live(dataset)
    before = live.snapshot()
    second = publish(dataset, "1")
    together = Together(monkeypatch, Dataset, 6)
    found = together.ask(lambda: live.version(second))
    assert {id(each) for each in found} == {id(live.snapshot())}
    assert [each.version for each in together.loaded] == [second]
    assert live.version(first) is before, "pages that were loaded with it are still open"
    third = publish(dataset, "2")
    together.ask(lambda: live.version(third))
    assert live.version(second) is found[0]


def test_many_who_ask_for_an_unknown_version_at_once_are_refused_and_lose_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = Dataset(tmp_path, "made")
    first, second = publish(dataset, "0"), publish(dataset, "1")
    live = Live(dataset)
    live.snapshot()
    dataset.rollback()
    assert live.version(first).version == first

    def gone() -> str:
        with pytest.raises(VersionGone, match="0123456789abcdef is no longer served") as refused:
            live.version("0123456789abcdef")
        return str(refused.value)

    said = Together(monkeypatch, Dataset, 6).ask(gone)
    assert all(text.endswith(first) for text in said)
    assert live.version(second).version == second


def test_while_one_loads_the_next_version_the_others_are_answered_from_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = Dataset(tmp_path, "made")
    first = publish(dataset, "0")
    live = Live(dataset)
    live.snapshot()
    second = publish(dataset, "1")
    loading, go_on = threading.Event(), threading.Event()
    load = Dataset.load

    def halted(of: Dataset, *arguments: Any) -> Any:
        loading.set()
        assert go_on.wait(PATIENCE_S)
        return load(of, *arguments)

    monkeypatch.setattr(Dataset, "load", halted)
    monkeypatch.setattr("app.live.current.LOOK_EVERY_S", 0.0)
    live._look_at = 0.0
    with ThreadPoolExecutor(1) as pool:
        one = pool.submit(live.snapshot)
        assert loading.wait(PATIENCE_S)
        assert live.snapshot().version == first
        assert live.version(first).version == first
        go_on.set()
        assert one.result().version == second
    assert live.snapshot().version == second


def test_the_version_before_goes_when_its_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.live.current.LOOK_EVERY_S", 0.0)
    dataset = Dataset(tmp_path, "made")
    first = publish(dataset, "0")
    live = Live(dataset)
    before = weakref.ref(live.snapshot())
    second = publish(dataset, "1")
    assert live.snapshot().version == second
    assert live.version(first) is before(), "it is still served"
    monkeypatch.setattr("app.live.current.time.monotonic", lambda: 1e12)
    with pytest.raises(VersionGone):
        live.version(first)
    assert before() is None
