"""Two servers of one city, each with a home of its own, over one PostgreSQL; one of them is killed
whole in the middle of a publication, with all of its processes.

`make soak` (NUANFENG_SOAK) does it again and again, and waits for the lease as it is.
"""

import http.client
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from app.cli.main import cli
from app.db.jobs import JobState
from app.desk.leases import Keeper
from geodata.store.postgis import SharedDataset
from tests.app.cli.test_shared import free_port, get
from tests.app.desk.desk_town import DeskClient
from tests.app.desk.real_town import ROWS, RealTown, published, real_town, table
from tests.app.desk.test_photos import picture
from tests.app.desk.test_tables import run_out
from tests.patience import PATIENCE_S, kill_when, until

SOAK: Final = "NUANFENG_SOAK" in os.environ
#: How often a server is killed.
TIMES: Final = 5 if SOAK else 1


@contextmanager
def serving(home: Path) -> Iterator[tuple[int, int]]:
    """A server in a process group of its own: its port, and the group."""
    port = free_port()
    told = ["--port", str(port), "--workers", "1", "--dataset", "mine"]
    server = subprocess.Popen(
        [sys.executable, "-m", "app", "run", *told],
        env={**os.environ, "NUANFENG_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(lambda: get(port, "/readyz")[0] == 200, "a server")
        yield port, server.pid
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGCONT)
            server.send_signal(signal.SIGTERM)
        server.wait(timeout=PATIENCE_S)


def asked(
    port: int, client: DeskClient, path: str, fields: dict[str, str] | None = None
) -> tuple[int, str, bytes]:
    """Status, where it leads to and body of a page, or of a form that is sent, by a browser that is
    signed in.
    """
    cookie = client.client.get_cookie("desk")
    assert cookie
    headers = {"Cookie": f"desk={cookie.value}", "Sec-Fetch-Site": "same-origin"}
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    if fields is None:
        line.request("GET", path, headers=headers)
    else:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        line.request("POST", path, urlencode({"csrf": client.csrf, **fields}), headers | form)
    told = line.getresponse()
    body = told.read()
    line.close()
    return told.status, told.headers.get("Location", ""), body


def process_of(job_id: str) -> int | None:
    """The process that does a job."""
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"run\0{job_id}\0".encode() in each.read_bytes():
                return int(each.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return None


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> RealTown:
    """The desk of the first home, in this process: it makes accounts, and begins no job."""
    here = tmp_path / "here" / "home"
    here.parent.mkdir()
    for name, value in (("HOME", here), ("DATABASE_URL", database_url), ("KEYS", here / "keys")):
        monkeypatch.setenv(f"NUANFENG_{name}", str(value))
    monkeypatch.setattr(Keeper, "look", lambda _: None)
    published(here)
    push = CliRunner().invoke(cli, ["push", "--dataset", "mine"], catch_exceptions=False)
    assert push.exit_code == 0, push.output
    return real_town(here, database_url)


def test_what_a_server_was_at_when_it_was_killed_another_finishes_once(
    town: RealTown,
    tmp_path: Path,
    database_url: str,
    record_property: Callable[[str, object], None],
) -> None:
    publisher, shared = town.publisher(), SharedDataset(database_url, "mine")
    place = town.column("id")["南头驿站"]
    photo = {"nobody": "1", "photo": (io.BytesIO(picture()), "door.jpg")}
    assert publisher.post(f"/desk/places/{place}/photo", **photo).status_code == 303
    looked_at = town.send(publisher, table(*ROWS))
    with serving(tmp_path / "there" / "home") as (there, other):
        for _ in range(TIMES):
            before = len(shared.versions())
            with serving(town.home) as (port, group):
                os.killpg(other, signal.SIGSTOP)  # it is slow, and not the first to look
                sent = asked(port, publisher, f"{looked_at}/publish", {"all": "1"})
                assert sent[0] == 303, sent
                job_id = sent[1].rpartition("/")[2]
                until(lambda job=job_id: process_of(job), "a process that does the job")
                at_it = process_of(job_id)
                assert at_it
                until(lambda job=job_id: town.job(job).state != JobState.WAITING)
                kill_when(at_it, lambda job=job_id: town.job(job).state == JobState.RUNNING)
                os.killpg(group, signal.SIGKILL)
                os.killpg(other, signal.SIGCONT)
            if not SOAK:
                run_out(town, job_id)
            until(lambda job=job_id: town.job(job).state == JobState.DONE, "the job's end")
            done = town.job(job_id)
            assert done.turn == 2
            assert len(shared.versions()) == before + 1
            assert done.outcome["version"] in {each.version for each in shared.versions()}
            # The session, the table that was sent and the photo are the other server's as well.
            told = asked(there, publisher, sent[1])
            assert (told[0], done.outcome["version"].encode() in told[2]) == (200, True)
            kept = asked(there, publisher, f"/desk/places/{place}/photo")
            assert (kept[0], kept[2][:4]) == (200, b"RIFF")
            until(lambda: sight(there, publisher), "what was published, at the other server")
            if SOAK:
                looked_at = taken_back(town, there, publisher, sent[1], looked_at)
    record_property("a server killed whole in the middle of a job", TIMES)
    town.desk.database.close()


def sight(port: int, client: DeskClient) -> bool:
    """Whether a server finds a place of the list."""
    return "登良驿站".encode() in asked(port, client, f"/desk/places?{urlencode({'q': '登良'})}")[2]


def taken_back(
    town: RealTown, port: int, client: DeskClient, published_by: str, looked_at: str
) -> str:
    """The import is undone, and the list looked at once more, upon what is published then."""
    for address in (f"{published_by}/undo", f"{looked_at}/map"):
        again = asked(port, client, address, {})[1]
        job_id = again.rpartition("/")[2]
        until(lambda job=job_id: town.job(job).state == JobState.DONE, address)
    return again
