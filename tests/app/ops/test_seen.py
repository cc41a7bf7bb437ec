"""What a server tells of itself: counts that survive a killed worker, and lines of a log."""

import json
import logging
import os
import re
import shutil
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app.factory import create_app
from app.ops import exposition, log_lines, observed
from app.ops.counters import MOST_PROBLEMS, MOST_ROUTES, Counters, Regions
from app.response.problems import slugs
from app.settings import LogFormat, Settings
from tests.app.deploy.fronted import Server, server
from tests.patience import until

TOKEN: Final = "0123456789" * 2
NEAR: Final = "/api/v1/nearest?lon=113.9645&lat=22.5405"


def told(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    return told(text)[name, tuple(sorted(labels.items()))]


def test_answers_are_counted_by_the_rule_and_the_class_of_status(client: FlaskClient) -> None:
    def count(status: str) -> float:
        text = client.get("/metrics").text
        key = {"route": "/api/v1/nearest", "status": status}
        name = ("nuanfeng_answers_total", tuple(sorted(key.items())))
        return told(text).get(name, 0)

    before = count("2xx"), count("4xx")
    for asked in (NEAR, NEAR, "/api/v1/nearest?lon=x"):
        client.get(asked)
    assert (count("2xx"), count("4xx")) == (before[0] + 2, before[1] + 1)


def test_labels_take_no_value_that_a_client_chose(client: FlaskClient) -> None:
    client.get("/api/v1/places/canary-1?lon=113.95871")
    client.get("/canary-2/113.95871")
    client.open("/healthz", method="CANARY")
    client.get(NEAR, headers={"X-Request-Id": "canary-3-113"})
    text = client.get("/metrics").text
    assert "canary" not in text.lower()
    assert "113" not in re.sub(r"[ }]\S+$", "", text, flags=re.MULTILINE)
    routes = {rule.rule for rule in client.application.url_map.iter_rules()}
    labels = {dict(labels).get("route", "") for _, labels in told(text)}
    assert labels <= routes | {"", observed.UNROUTED, exposition.OTHER}
    assert len(routes) + 2 < MOST_ROUTES
    assert len(slugs()) + 2 < MOST_PROBLEMS


def test_what_is_shed_is_counted_with_its_reason(demo_home: Path) -> None:
    client = create_app(Settings(demo_home, "demo", posts_per_hour=1)).test_client()
    for _ in range(3):
        client.post("/api/v1/nearest/batch", json=[[113.9645, 22.5405]])
    text = client.get("/metrics").text
    assert value(text, "nuanfeng_sheds_total", reason="too-often") == 2
    assert value(text, "nuanfeng_problems_total", problem="too-often") == 2
    assert value(text, "nuanfeng_sheds_total", reason="busy") == 0


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("192.0.2.1", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 404),
        ("127.0.0.1", {"Via": "1.1 proxy"}, 404),
        ("192.0.2.1", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("192.0.2.1", {"Authorization": f"Bearer {TOKEN}x"}, 404),
        ("192.0.2.1", {"Authorization": "Bearer "}, 404),
    ],
)
def test_who_may_read_the_figures(
    demo_home: Path, address: str, headers: dict[str, str], status: int
) -> None:
    chosen = Settings(demo_home, "demo", metrics_token=TOKEN)
    asked = (
        create_app(chosen)
        .test_client()
        .get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    )
    assert asked.status_code == status


def test_without_a_token_nobody_elsewhere_may(demo_home: Path) -> None:
    client = create_app(Settings(demo_home, "demo")).test_client()
    asked = client.get(
        "/metrics", headers={"Authorization": "Bearer "}, environ_base={"REMOTE_ADDR": "192.0.2.1"}
    )
    assert asked.status_code == 404


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("abcd-1234_XYZ", True),
        ("0" * 64, True),
        ("short", False),
        ("0" * 65, False),
        ("113.95871,22.5", False),
        ("new\tline-and-more", False),
    ],
)
def test_a_request_has_the_id_that_it_came_with_or_one_of_ours(
    client: FlaskClient, sent: str, *, kept: bool
) -> None:
    for path in ("/healthz", "/no/such/page", NEAR):
        given = client.get(path, headers={"X-Request-Id": sent}).headers["X-Request-Id"]
        assert (given == sent) == kept
        assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}", given)


def record(message: str, fault: BaseException | None = None, **extra: object) -> logging.LogRecord:
    info = (type(fault), fault, fault.__traceback__) if fault else None
    made = logging.LogRecord("nuanfeng", logging.ERROR, __file__, 1, message, None, info)
    vars(made).update(extra)
    return made


def raised() -> ValueError:
    try:
        float("lon 113.95871 of 192.0.2.1")
    except ValueError as fault:
        return fault
    raise AssertionError


def test_an_unexpected_error_is_told_by_its_place_and_not_by_its_words() -> None:
    line = log_lines.JsonLines().format(record("it\nbroke", raised(), request_id="abcd1234"))
    said = json.loads(line)
    assert "\n" not in line
    assert (said["error"], said["request_id"], said["level"]) == ("ValueError", "abcd1234", "error")
    assert said["at"][-1].endswith("raised")
    text = log_lines.TextLines().format(record("it broke", raised()))
    for each in (line, text):
        assert "113.95871" not in each
        assert "192.0.2.1" not in each


def test_a_terminal_is_told_of_what_is_wrong_alone() -> None:
    text = log_lines.config(Settings(Path(), "demo"))
    lines = log_lines.config(Settings(Path(), "demo", log_format=LogFormat.JSON, log_level="info"))
    assert text["root"]["level"] == "WARNING"
    assert lines["root"]["level"] == "INFO"
    assert lines["formatters"]["chosen"]["()"] is log_lines.JsonLines


def test_who_comes_after_a_killed_worker_goes_on_where_it_counted() -> None:
    regions = Regions(2)
    routes, problems = ["a", "b"], ["busy"]

    def worker(times: int) -> None:
        child = os.fork()
        if child == 0:
            made = Counters(routes, problems, regions)
            for _ in range(times):
                made.count("b", 503, 0.2, "busy")
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)

    for _ in range(5):
        worker(10)
    here = Counters(routes, problems, regions)
    here.count("b", 200, 0.01)
    counted = here.counted()
    assert int(counted.statuses[1, 4]) == int(counted.problems[0]) == 50
    assert int(counted.statuses[1, 1]) == 1
    assert counted.spent_s[1] == pytest.approx(10.01)
    assert int(counted.classes[1].sum()) == 51
    assert counted.workers == 1


def test_more_workers_than_were_announced_count_for_themselves() -> None:
    regions = Regions(1)
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        regions.claim()
        os.write(tell, b"1")
        signal.pause()
    assert os.read(told, 1) == b"1"  # it holds the only region
    try:
        alone = Counters(["a"], [], regions)
        alone.count("a", 200, 0.0)
        assert int(regions.all().sum()) == 0
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(told)
        os.close(tell)


def test_a_part_that_is_missing_is_told_with_its_reason(demo_home: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_home / "datasets", tmp_path / "datasets")
    client = create_app(Settings(tmp_path, "demo", "none")).test_client()
    ready = client.get("/readyz").json
    assert ready["status"] == "degraded"
    degraded = {name for name, part in ready["parts"].items() if part["status"] == "degraded"}
    assert degraded == {"network", "voice"}
    assert all(ready["parts"][name]["why"] for name in degraded)
    text = client.get("/metrics").text
    assert value(text, "nuanfeng_degraded", part="network") == 1
    assert value(text, "nuanfeng_degraded", part="data") == 0
    assert value(text, "nuanfeng_letters_known") == 0


@pytest.fixture(scope="module")
def two_workers(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("seen")
    with server(demo_home, folder / "log", workers=2, NUANFENG_SERVER_METRICS_PORT="0") as made:
        yield made


def get(running: Server, path: str) -> str:
    with urllib.request.urlopen(
        f"http://127.0.0.1:{running.port}{path}", timeout=60
    ) as reply:  # ours
        return str(reply.read().decode())


def requests_of(running: Server) -> list[dict[str, Any]]:
    """The lines of requests in its log."""
    lines = [json.loads(line) for line in running.log.read_text().splitlines()]
    return [line for line in lines if line["event"] == "request"]


def both_answer(running: Server) -> set[int]:
    """The workers, once each has answered."""
    answered = [line["pid"] for line in requests_of(running)]

    def have_answered() -> bool:
        get(running, NEAR)
        lines = requests_of(running)[len(answered) :]
        return len({line["pid"] for line in lines}) == 2

    until(have_answered, "answers of two workers")
    return {line["pid"] for line in requests_of(running)[len(answered) :]}


def test_two_workers_are_told_as_one_and_a_killed_one_takes_no_count_with_it(
    two_workers: Server,
) -> None:
    key: dict[str, Any] = {"route": "/api/v1/nearest", "status": "2xx"}

    def told() -> tuple[float, float]:
        text = get(two_workers, "/metrics")
        return value(text, "nuanfeng_workers"), value(text, "nuanfeng_answers_total", **key)

    def answered() -> int:
        return sum(line["route"] == key["route"] for line in requests_of(two_workers))

    workers = both_answer(two_workers)
    assert [told() for _ in range(8)] == [(2, answered())] * 8, "whichever of them is asked"
    os.kill(min(workers), signal.SIGKILL)

    def is_replaced() -> bool:
        try:
            return told()[0] == 2 and both_answer(two_workers) != workers
        except OSError:  # of a connection that the killed one held
            return False

    until(is_replaced, "a worker in its place")
    assert [told() for _ in range(8)] == [(2, answered())] * 8


def test_each_request_is_one_line_without_what_was_asked(two_workers: Server) -> None:
    get(two_workers, f"{NEAR}&k=3")
    lines = [json.loads(line) for line in two_workers.log.read_text().splitlines()]
    found = [line for line in lines if line.get("route") == "/api/v1/nearest"][-1]
    assert found["event"] == "request"
    assert {"time", "level", "request_id", "method", "status", "ms"} <= found.keys()
    assert "113.96" not in re.sub(r'"ms":[\d.]+', "", two_workers.log.read_text())
