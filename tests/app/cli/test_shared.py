"""Servers and commands over a shared database: what one machine pushes all answer by, and none
needs it to answer.
"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from click.testing import Result

from app.live.follow import SILENT_S
from app.maps.basemap import BadSetting
from app.settings import read
from geodata.pipeline.freeze import Frozen
from geodata.store.files import Dataset
from geodata.store.postgis import SharedDataset
from tests import commands, makers, postgres
from tests.patience import PATIENCE_S, until
from tests.proxy import Proxy

ASK = "/api/v1/nearest?lon=114.05&lat=22.54&k=1"
ONE = makers.frozen(makers.three_places())
TWO = makers.frozen(makers.three_places(name=["新驿站", "新面馆", "新街"]))
#: What is promised of a database that is away: an answer or 503 within, all well again within, and
#: that it is away said within.
#: Watched by `make soak`; a busy machine has time.
SOAK = "NUANFENG_SOAK" in os.environ
ANSWERED_S, BACK_S, AWAY_S = (5.0, 15.0, 25.0) if SOAK else [PATIENCE_S] * 3


def environment(home: Path, url: str) -> dict[str, str]:
    return {
        "NUANFENG_HOME": str(home),
        "NUANFENG_DATASET": "made",
        "NUANFENG_DATABASE_URL": url,
        "NUANFENG_KEYS": str(home.parent / "keys"),  # of one database, all servers have the same
    }


def nuanfeng(home: Path, url: str, *arguments: str) -> Result:
    return commands.nuanfeng(home, *arguments, **environment(home, url))


@contextmanager
def serving(home: Path, url: str, workers: int = 1, port: int = 0) -> Iterator[int]:
    """A server; gives its port as soon as it takes questions."""
    server = subprocess.Popen(
        [sys.executable, "-m", "app", "run", "--port", str(port), "--workers", str(workers)],
        env={**os.environ, **environment(home, url), "PYTHONWARNINGS": "default"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if port:
            until(lambda: get(port, "/healthz")[0] == 200)
        else:
            assert server.stdout is not None
            port = next(
                int(found[1])
                for line in server.stdout
                if (found := re.search(r"http://[\d.]+:(\d+)", line))
            )
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=PATIENCE_S)


def get(port: int, path: str) -> tuple[int, dict[str, object]]:
    """Status and body; 0 where nobody listens. Takes no longer than is promised."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWERED_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except ConnectionRefusedError:
        return 0, {}
    finally:
        connection.close()


def version(port: int) -> object:
    status, body = get(port, ASK)
    assert status == 200
    return body["dataVersion"]


def silent_for_s(port: int) -> float:
    """Since when the server has not heard from the database that its data come from."""
    _, body = get(port, "/readyz")
    return body["shared"]["heardAgoS"]  # type: ignore[index,no-any-return]  # a reply in JSON


def push(home: Path, url: str, frozen: Frozen) -> None:
    local = Dataset(home, "made")
    local.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    SharedDataset(url, "made").push(local, force=True)


@pytest.fixture
def proxy(database_url: str) -> Iterator[Proxy]:
    made = Proxy(f"{psycopg.conninfo.conninfo_to_dict(database_url)['host']}/.s.PGSQL.5432")
    yield made
    made.close()


def through(proxy: Proxy) -> str:
    return f"postgresql://{postgres.USER}@127.0.0.1:{proxy.port}/city"


# --- servers ---


def test_every_server_takes_over_what_one_machine_pushes(database_url: str, tmp_path: Path) -> None:
    push(tmp_path / "editor", database_url, ONE)
    with (
        serving(tmp_path / "first", database_url, workers=2) as first,
        serving(tmp_path / "second", database_url) as second,
    ):
        assert version(first) == version(second) == ONE.version
        push(tmp_path / "editor", database_url, TWO)
        for port in (first, second):
            until(
                lambda port=port: {version(port) for _ in range(4)} == {TWO.version},
                within_s=BACK_S,
            )
        SharedDataset(database_url, "made").rollback()
        until(lambda: version(first) == version(second) == ONE.version, within_s=BACK_S)


@pytest.mark.parametrize("mood", ["hung", "down"] if SOAK else ["hung"])
def test_while_the_database_is_away_the_last_good_data_answer_and_it_comes_back_by_itself(
    database_url: str, tmp_path: Path, proxy: Proxy, mood: str
) -> None:
    push(tmp_path / "editor", database_url, ONE)
    with serving(tmp_path / "server", through(proxy)) as port:
        until(lambda: get(port, "/readyz")[1]["status"] == "ready", within_s=BACK_S)
        proxy.become(mood)
        push(tmp_path / "editor", database_url, TWO)
        until(lambda: silent_for_s(port) > SILENT_S, within_s=AWAY_S)
        assert get(port, "/readyz")[1]["status"] == "degraded"
        assert version(port) == ONE.version
        proxy.become("well")
        until(lambda: version(port) == TWO.version, within_s=BACK_S)
        until(lambda: get(port, "/readyz")[1]["status"] == "ready", within_s=BACK_S)


@pytest.mark.parametrize("mood", ["hung", "down"] if SOAK else ["down"])
def test_a_server_that_starts_without_its_database_answers_what_it_has(
    database_url: str, tmp_path: Path, proxy: Proxy, mood: str
) -> None:
    push(tmp_path / "server", database_url, ONE)
    proxy.become(mood)
    with serving(tmp_path / "server", through(proxy)) as port:
        assert version(port) == ONE.version


def test_a_server_that_has_nothing_yet_says_so_until_the_database_answers(
    database_url: str, tmp_path: Path, proxy: Proxy
) -> None:
    push(tmp_path / "editor", database_url, ONE)
    proxy.become("hung")
    with serving(tmp_path / "server", through(proxy), port=free_port()) as port:
        assert get(port, ASK)[0] == get(port, "/readyz")[0] == 503
        proxy.become("well")
        until(lambda: get(port, "/readyz")[0] == 200, within_s=BACK_S)
        assert version(port) == ONE.version


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- commands ---


def test_two_machines_share_a_dataset_by_push_and_pull(
    postgres_server: str, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    with postgres.database(postgres_server, "fresh") as url:
        local = Dataset(here, "made")
        local.publish(ONE.version, ONE.about, ONE.arrays, ONE.blobs)
        assert "shared prepare" in nuanfeng(here, url, "push").stderr
        assert nuanfeng(here, url, "shared", "prepare").exit_code == 0
        assert (
            f"Version {ONE.version} of dataset made is current in the database"
            in nuanfeng(here, url, "push").stdout
        )
        assert (
            f"Version {ONE.version} of dataset made is current here"
            in nuanfeng(there, url, "pull").stdout
        )
        assert Dataset(there, "made").verify().version == ONE.version
        local.publish(TWO.version, TWO.about, TWO.arrays, TWO.blobs)
        assert nuanfeng(here, url, "push").exit_code == 0
        listed = json.loads(nuanfeng(there, url, "shared", "versions", "--json").stdout)
        assert [(each["version"], each["pointed"]) for each in listed["made"]] == [
            (TWO.version, "current"),
            (ONE.version, "previous"),
        ]
        assert "synthetic" in nuanfeng(there, url, "shared", "versions").stdout
        stale = nuanfeng(there, url, "shared", "rollback", "--instead-of", ONE.version)
        assert (
            stale.exit_code,
            "somebody else published or went back meanwhile" in stale.stderr,
        ) == (1, True)
        assert (
            ONE.version
            in nuanfeng(there, url, "shared", "rollback", "--instead-of", TWO.version[:6]).stdout
        )
        assert (
            f"{ONE.version} of dataset made is whole"
            in nuanfeng(there, url, "shared", "verify").stdout
        )
        assert "Forgotten: none" in nuanfeng(there, url, "shared", "prune", "--keep", "2").stdout


def test_a_dataset_that_nobody_pushed_is_missing_in_words(
    database_url: str, tmp_path: Path
) -> None:
    for command in (["pull"], ["shared", "verify"], ["shared", "rollback"]):
        refused = nuanfeng(tmp_path, database_url, *command)
        assert refused.exit_code == 1
        assert "there is no dataset 'made' in the database" in refused.stderr
        assert "Traceback" not in refused.stderr


def test_commands_that_want_a_database_ask_for_it(tmp_path: Path) -> None:
    for command in (["push"], ["pull"], ["shared", "prepare"], ["shared", "versions"]):
        refused = nuanfeng(tmp_path, "", *command)
        assert refused.exit_code == 1
        assert "Set NUANFENG_DATABASE_URL" in refused.stderr


def test_every_command_has_help_with_an_example(tmp_path: Path) -> None:
    for command in (
        ["push"],
        ["pull"],
        *(["shared", name] for name in ("prepare", "versions", "rollback", "prune")),
    ):
        shown = nuanfeng(tmp_path, "", *command, "--help")
        assert shown.exit_code == 0
        assert "Example" in shown.stdout


def test_an_address_of_something_else_is_refused_without_showing_it() -> None:
    with pytest.raises(BadSetting, match="no address of a database") as told:
        read({"NUANFENG_DATABASE_URL": "mysql://root:secret-word@host/x"})
    assert "secret-word" not in str(told.value)
    assert read({"NUANFENG_DATABASE_URL": ""}).database_url is None


HOLIDAYS = Path(__file__).parents[2] / "data" / "calendar" / "2027.csv"


def test_a_follower_gets_the_holidays_that_another_machine_loaded(
    database_url: str, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    push(here, database_url, ONE)
    with serving(there, database_url) as port:
        assert get(port, "/readyz")[1]["calendarKnownUntil"] == "2026-12-31"
        added = nuanfeng(here, database_url, "calendar", "add", str(HOLIDAYS), "--publish")
        assert (added.exit_code, added.stderr) == (0, "")
        assert "Share it with the other machines" in added.stdout
        assert nuanfeng(here, database_url, "push").exit_code == 0
        until(lambda: get(port, "/readyz")[1]["calendarKnownUntil"] == "2027-12-31")
        until((there / "calendar" / "CN" / "2027.json").exists)
    shown = nuanfeng(there, database_url, "calendar", "show", "2027", "--csv")
    assert shown.stdout == nuanfeng(here, database_url, "calendar", "show", "2027", "--csv").stdout
    assert "2027-02-06,off,春节," in shown.stdout
