"""What breaks around a server, and that nothing is lost by it: each row of FAULTS says where that
is held. What is not held elsewhere is done here; `make soak` does all of it more often.
"""

import ast
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.ops.backup import opened
from app.settings import Settings
from tests.app.conftest import speak
from tests.benchmarks.serving import children_of
from tests.papers import ROOT
from tests.patience import PATIENCE_S, until
from tests.soak import ALONE, TOGETHER

SOAK: Final = int(os.environ.get("NUANFENG_SOAK", "0"))
KILLS: Final = 20 if SOAK else 1
Told = Callable[[str, object], None]
NEAR: Final = "/api/v1/nearest?lon=113.9645&lat=22.5405&k=3"

HERE: Final = "tests/faults/test_faults.py"
STORE: Final = "tests/contracts/test_store.py"
FULL: Final = "tests/contracts/test_full_disks.py"
SAID: Final = "tests/app/voice/test_durable.py"
SLOW: Final = "tests/app/voice/test_slow.py"
#: Every fault and the tests that do it.
FAULTS: Final[dict[str, tuple[str, ...]]] = {
    "a worker killed": (f"{HERE}::test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost",),
    "a server of two killed": (
        "tests/app/deploy/test_nginx.py::test_no_answer_is_lost_when_a_server_is_killed",
    ),
    "a report killed": (
        f"{SAID}::test_a_kill_at_any_moment_loses_nothing_acknowledged_and_doubles_nothing",
    ),
    "a backup killed": (f"{HERE}::test_a_backup_that_is_killed_leaves_no_half_of_one",),
    "a disk that is full": (
        f"{SAID}::test_a_full_disk_is_told_and_loses_nothing",
        f"{FULL}::test_a_server_whose_disk_is_full_says_so_and_goes_on_with_the_old_version",
        f"{FULL}::test_a_database_whose_disk_is_full_takes_a_push_whole_or_not_at_all",
        f"{FULL}::test_a_home_whose_disk_is_full_keeps_the_holidays_it_had",
    ),
    "a disk that takes nothing": (f"{HERE}::test_a_disk_that_takes_nothing_takes_no_answer_away",),
    "a database that hangs, or is gone": (
        f"{SAID}::test_a_database_that_is_gone_is_told_and_comes_back_whole",
        f"{SAID}::test_a_file_that_is_away_is_told_and_comes_back_whole",
    ),
    "a database that is slow": (
        f"{SLOW}::test_a_slow_database_loses_nothing_and_keeps_nobody_who_needs_none",
    ),
    "a database that is held": (
        f"{SAID}::test_a_database_that_another_holds_is_told_and_then_taken",
    ),
    "a clock that is years off": (
        f"{HERE}::test_a_clock_that_is_years_off_makes_no_fault_and_no_certain_lie",
        f"{SAID}::test_a_clock_that_is_years_off_loses_and_doubles_nothing",
    ),
    "no holidays of the year": (
        f"{HERE}::test_without_the_years_holidays_what_hangs_on_them_is_unknown",
    ),
    "a name that nobody knows": (
        f"{HERE}::test_a_database_whose_name_nobody_knows_takes_no_answer_away",
    ),
    "a publish killed": (
        f"{STORE}::test_a_publisher_killed_at_any_moment_leaves_the_old_or_the_new_version_whole",
    ),
    "a job killed": ("tests/app/db/test_jobs.py::test_a_killed_process_loses_its_job_to_another",),
    "two publishers": (f"{STORE}::test_a_second_publisher_is_refused_while_one_is_at_work",),
    "a file of a version that is damaged": (
        f"{STORE}::test_any_byte_changed_in_any_file_is_damage_that_verify_names",
        f"{STORE}::test_one_goes_back_to_the_last_version_that_is_whole",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_test_does_each_fault_and_soak_does_it_more_often(fault: str) -> None:
    for each in FAULTS[fault]:
        path, _, name = each.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, each
        assert path in (*TOGETHER, *ALONE), path


def test_every_fault_that_is_done_here_has_a_row() -> None:
    rows = {each.partition("::")[2] for named in FAULTS.values() for each in named}
    tree = ast.parse((ROOT / HERE).read_text(encoding="utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    about_rows = {"test_a_test_does_each_fault_and_soak_does_it_more_often"}
    about_rows |= {"test_every_fault_that_is_done_here_has_a_row"}
    assert {name for name in tests if name.startswith("test_")} - rows == about_rows


@contextmanager
def serving(home: Path, **environ: str) -> Iterator[tuple[int, int]]:
    """`nuanfeng run` with two workers: its process and its port."""
    command = [sys.executable, "-m", "app", "run", "--port", "0", "--workers", "2"]
    told = {**os.environ, "NUANFENG_HOME": str(home), "NUANFENG_DATASET": "demo", **environ}
    with subprocess.Popen(
        command, cwd=ROOT, env=told, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            port = re.compile(r"http://[\d.]+:(\d+)")
            found = next(match for line in server.stdout if (match := port.search(line)))
            yield server.pid, int(found[1])
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=PATIENCE_S)


def get(port: int, path: str) -> int:
    """The status of an answer; 0 where the connection broke."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        with connection.getresponse() as answer:
            answer.read()
            return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def workers(server: int) -> list[int]:
    """The processes that answer: all of a server's but multiprocessing's own, and those that have
    ended and wait to be looked at.
    """
    told = {child: Path(f"/proc/{child}/cmdline") for child in children_of(server)}
    words = {child: path.read_bytes() for child, path in told.items() if path.exists()}
    return [child for child, said in words.items() if said and b"resource_tracker" not in said]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a server's workers")
def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(
    demo_home: Path, record_property: Told
) -> None:
    broken, longest_s = 0, 0.0
    with serving(demo_home) as (server, port):
        until(lambda: len(workers(server)) == 2, "two workers and nothing else")
        for _ in range(KILLS):
            before = workers(server)
            os.kill(before[0], signal.SIGKILL)
            killed = time.monotonic()
            while len(set(workers(server)) - {before[0]}) < 2:
                status = get(port, NEAR)
                assert status in (0, 200)
                broken += status == 0
                assert time.monotonic() - killed < PATIENCE_S
            longest_s = max(longest_s, time.monotonic() - killed)
            until(lambda: all(get(port, NEAR) == 200 for _ in range(20)), "twenty answers in a row")
    record_property(
        f"a worker killed: nothing written lost, {broken} connections broken, right within"
        f" {longest_s:.1f} s",
        KILLS,
    )


def test_a_database_whose_name_nobody_knows_takes_no_answer_away(
    demo_home: Path, tmp_path: Path, record_property: Told
) -> None:
    shutil.copytree(demo_home / "datasets", tmp_path / "datasets")
    url = "postgresql://owner:s3cret@no-such-host.invalid/city?connect_timeout=2"
    chosen = Settings(tmp_path, "demo", voice_url=url)
    client = create_app(chosen).test_client()
    began = time.monotonic()
    for path in (NEAR, "/", "/healthz", "/readyz"):
        assert client.get(path).status_code == 200, path
    longest_s = time.monotonic() - began
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": "0" * 32}
    posted = client.post("/api/v1/wishes", json={"cell": "ws105r", "needs": []}, headers=headers)
    assert posted.status_code in (400, 503)
    record_property(f"DNS gone: nothing lost, four answers within {longest_s:.1f} s", 1)


def test_a_disk_that_takes_nothing_takes_no_answer_away(
    demo_home: Path, tmp_path: Path, record_property: Told
) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home / "datasets", home / "datasets")
    (home / "voice").write_text("no folder: root may write anywhere else", encoding="utf-8")
    client = create_app(Settings(home, "demo")).test_client()
    assert [client.get(path).status_code for path in (NEAR, "/", "/healthz")] == [200] * 3
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": "0" * 32}
    wish = {"cell": "ws105r", "needs": ["water"], "mode": "ride"}
    posted = client.post("/api/v1/wishes", json=wish, headers=headers)
    assert (posted.status_code, "Retry-After" in posted.headers) == (503, True), posted.text
    record_property("a disk that takes nothing: posts refused with 503, every answer given", 1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process does")
def test_a_backup_that_is_killed_leaves_no_half_of_one(
    demo_home: Path, tmp_path: Path, record_property: Told
) -> None:
    home, kept = tmp_path / "home", tmp_path / "kept" / "nuanfeng.tar"
    shutil.copytree(demo_home / "datasets", home / "datasets")
    speak(home)
    kept.parent.mkdir()
    kept.write_bytes(b"the backup of yesterday")
    told = {**os.environ, "NUANFENG_HOME": str(home)}
    arguments = ["backup", "--dataset", "demo", str(kept)]
    for moment in ("fsync", "unlink"):  # all is written; it has its name, or a scratch file goes
        program = f"""if True:
            import os, signal
            from app.cli.main import cli
            os.{moment} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
            cli({arguments!r})"""
        killed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=told, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert kept.read_bytes() == b"the backup of yesterday" or opens(kept)
    command = [sys.executable, "-m", "app", *arguments]
    began = time.monotonic()
    assert subprocess.run(command, cwd=ROOT, env=told, check=False).returncode == 0
    assert opens(kept)
    record_property(
        f"a backup killed: the one before stays, right within {time.monotonic() - began:.1f} s",
        2,
    )


def opens(kept: Path) -> bool:
    """Whether each byte of a backup is as it was written. Raises BadBackup."""
    with opened(kept) as backup:
        return backup.manifest.dataset == "demo"


@pytest.fixture(scope="module")
def app_client(demo_home: Path) -> FlaskClient:
    return create_app(Settings(demo_home, "demo")).test_client()


@pytest.mark.parametrize("years", [-2, 2])
def test_a_clock_that_is_years_off_makes_no_fault_and_no_certain_lie(
    app_client: FlaskClient, monkeypatch: pytest.MonkeyPatch, years: int, record_property: Told
) -> None:
    for hours in range(0, 24 * 7, 12):
        at = datetime(2026, 11, 30, tzinfo=UTC) + timedelta(days=365 * years, hours=hours)
        monkeypatch.setattr("app.request.queries.now", lambda at=at: at)
        for path in (f"{NEAR}&open=now", f"{NEAR}&open=at_arrival", "/readyz", "/p/st-00001"):
            answer = app_client.get(path)
            assert answer.status_code == 200, (path, answer.text[:200])
        for feature in app_client.get(f"{NEAR}&open=now").get_json(force=True)["features"]:
            assert feature["properties"]["open"]["state"] in {"open", "unknown"}
    record_property(f"a clock {years:+} years off: nothing lost, no fault", 1)


def test_without_the_years_holidays_what_hangs_on_them_is_unknown(
    app_client: FlaskClient, record_property: Told
) -> None:
    asked = f"{NEAR.removesuffix('3')}50&open=any&at=2031-01-01T10:00:00%2B08:00"
    found = [each["properties"] for each in app_client.get(asked).get_json(force=True)["features"]]
    told = [each for each in found if each["opening_hours"]]
    hang_on_them = {each["opening_hours"]: "PH" in each["opening_hours"] for each in told}
    assert {*hang_on_them.values()} == {True, False}
    for each in told:
        is_unknown = each["open"]["state"] == "unknown"
        assert is_unknown == hang_on_them[each["opening_hours"]], each["opening_hours"]
        assert (each["open"].get("reason") == "calendar") == is_unknown
    record_property("no holidays of the year: what hangs on them is unknown", 1)
