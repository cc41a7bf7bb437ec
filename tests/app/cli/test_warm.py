"""What is compiled before anybody asks, by whom, and that nobody waits for the rest."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from numba.core.compiler_lock import global_compiler_lock

from app.cli import warm
from app.factory import create_app
from app.live import kernels
from app.settings import Settings
from geodata.compiled import kernel_cache
from geodata.store.files import Dataset
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[3]
#: Asks all groups, then as phones and offices do, and names what only the latter made numba load.
NOTHING_NEW = """
import json, sys
from pathlib import Path
from app.cli import warm
from app.settings import Settings
from geodata.store.files import Dataset
from tests.app.api.test_along import encoded
home = Path(sys.argv[1])
asker = warm.Asker.of(Settings(home, "demo", "grid"), Dataset(home, "demo"))
for ask in warm.GROUPS.values():
    ask(asker)

def loaded():
    found = [
        each for name, module in list(sys.modules.items()) if name.startswith("geodata")
        for each in vars(module).values() if hasattr(each, "py_func")
    ]
    return {f"{each.py_func.__module__}.{each.__name__} {at}" for each in found
            for at in each.signatures}

before = loaded()
place, lon, lat = asker.place_by_road()
at = {"at": "2026-11-20T02:00:00+08:00"}
here, there = f"{lon},{lat}", f"{lon + 0.004},{lat + 0.003}"
point = {"lon": lon + 0.001, "lat": lat + 0.001}
version, path = asker.snapshot.version, encoded([(lon, lat), (lon + 0.004, lat + 0.003)])
urls = [
    ("/", {}), ("/", {"street": ""}), (f"/p/{place}", {}), (f"/api/v1/places/{place}", {}),
    ("/api/v1/nearest", {**point, "needs": "water", "stay_min": 30, "max_distance_m": 900}),
    ("/api/v1/nearest", {**point, "widen": "true", "open": "24h", "needs": "rest,recharge"}),
    ("/api/v1/nearest", {**point, "open": "at_arrival", "mode": "drive"}),
    ("/api/v1/nearest", {**point, "by": "time", "mode": "truck", "open": "now", "k": 30}),
    ("/api/v1/nearest", {**point, "by": "time", "mode": "ride", "needs": "water"}),
    (f"/tiles/{version}/14/13381/7140.json", {**at, "open": "now", "needs": "water"}),
    (f"/tiles/{version}/17/107050/57121.json", at),
    ("/api/v1/search", {"q": "bsz"}), ("/api/v1/search", {"q": "Nanshan", **point}),
    ("/api/v1/along", {"from": here, "to": there, "open": "at_arrival"}),
    ("/api/v1/along", {"path": path, "needs": "water"}),
    ("/api/v1/along", {"from": here, "to": there, "by": "time", "mode": "drive"}),
    ("/api/v1/isochrone", {**point, "minutes": "3,6", "mode": "ride"}),
    ("/api/v1/coverage", {"reach_m": 400, "needs": "water", "hourly": "true", **at}),
    ("/api/v1/coverage", {"minutes": 4, "mode": "walk", **at}),
    ("/coverage", {}), ("/api/v1/pack", {}), (f"/api/v1/pack/{version}.json", {}),
    ("/ogc/collections/warm_bee_station/items", {"bbox": "113.9,22.5,114,22.6"}),
]
refused = [(url, query, reply.status_code) for url, query in urls
           if (reply := asker.client.get(url, query_string=query or None)).status_code >= 400]
posted = asker.client.post("/api/v1/nearest/batch?open=at_arrival&needs=water", json=[[lon, lat]])
print(json.dumps([sorted(loaded() - before), refused, posted.status_code]))
"""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for kernels in which nothing is yet."""
    monkeypatch.setattr(kernel_cache, "folder", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def asker(home_on_roads: Path) -> warm.Asker:
    return warm.Asker.of(Settings(home_on_roads, "demo", "grid"), Dataset(home_on_roads, "demo"))


def groups(*, by_road: bool) -> set[str]:
    return {*kernels.first(by_road=by_road), *kernels.later(by_road=by_road)}


def test_every_group_has_its_questions() -> None:
    assert groups(by_road=True) == set(warm.GROUPS)
    assert groups(by_road=False) < groups(by_road=True)


@pytest.mark.parametrize("group", sorted(warm.GROUPS))
def test_a_groups_questions_are_answered(
    group: str, asker: warm.Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, ask = [], FlaskClient.open

    def heard(self: FlaskClient, *args: object, **more: object) -> object:
        reply = ask(self, *args, **more)  # type: ignore[arg-type]  # a stand-in
        told.append(reply.status_code)
        return reply

    monkeypatch.setattr(FlaskClient, "open", heard)
    warm.GROUPS[group](asker)
    assert told
    assert set(told) == {200}


def test_whoever_asks_later_finds_every_kernel_loaded(home_on_roads: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", NOTHING_NEW, str(home_on_roads)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    assert json.loads(said.stdout) == [[], [], 200]


def test_who_compiles_holds_up_nobody_whose_kernels_are_there(
    asker: warm.Asker, demo_home: Path
) -> None:
    client = create_app(Settings(demo_home, "demo")).test_client()
    urls = ("/?lang=en", "/readyz", f"/p/{asker.snapshot.id_of(0)}")
    for url in urls:
        client.get(url)
    told: list[int] = []
    with global_compiler_lock:  # as a thread holds it while it compiles
        others = threading.Thread(
            target=lambda: told.extend(client.get(url).status_code for url in urls), daemon=True
        )
        others.start()
        others.join(PATIENCE_S)
    assert told == [200, 200, 200]


def test_groups_are_compiled_in_processes_and_one_that_fails_is_left_to_the_parent(
    kept: Path,
    asker: warm.Asker,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    asked: list[str] = []
    parent = os.getpid()

    def ask(name: str) -> None:
        (kept / f"{name}-{os.getpid()}.nbc").touch()
        asked.append(name)
        if name == "map" and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does where memory is short

    for name in warm.GROUPS:
        monkeypatch.setitem(warm.GROUPS, name, lambda _, name=name: ask(name))
    behind: list[object] = []
    monkeypatch.setattr(warm, "_compile_rest", lambda *told: behind.append(told))
    monkeypatch.setattr(warm.Asker, "of", lambda *_: asker)
    warm.warm(Settings(Path("nowhere"), "demo", "grid"), Dataset(Path("nowhere"), "demo"))
    first = kernels.first(by_road=True)
    assert asked == list(first)  # loaded here, once each
    assert len(list(kept.glob("*.nbc"))) == 2 * len(first)
    assert all(map(kernels.finished, first))
    assert set(kernels.unfinished(by_road=True)) == set(kernels.later(by_road=True))
    said = capfd.readouterr().out
    assert f"Compiled {len(first)} kernels for the first questions in " in said


def test_the_rest_is_compiled_behind_the_server_until_it_is_gone(
    kept: Path, asker: warm.Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in warm.GROUPS:
        monkeypatch.setitem(warm.GROUPS, name, lambda _: None)
    fork = get_context("fork")
    for parent, done in ((os.getppid(), []), (os.getpid(), ["search", "along"])):
        process = fork.Process(target=warm._compile_rest, args=(asker, ["search", "along"], parent))
        process.start()
        process.join(PATIENCE_S)
        assert process.exitcode == 0
        assert [name for name in warm.GROUPS if kernels.finished(name)] == done


def test_where_nothing_can_be_kept_all_is_compiled_before_workers_are_forked(
    asker: warm.Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    for name in warm.GROUPS:
        monkeypatch.setitem(warm.GROUPS, name, lambda _, name=name: asked.append(name))
    monkeypatch.setattr(kernel_cache, "folder", lambda: None)
    monkeypatch.setattr(warm.Asker, "of", lambda *_: asker)
    warm.warm(Settings(Path("nowhere"), "demo", "grid"), Dataset(Path("nowhere"), "demo"))
    assert set(asked) == set(warm.GROUPS)
    assert kernels.unfinished(by_road=True) == []


@pytest.fixture
def unmarked(tmp_path: Path) -> Path:
    """The kernels of this test run, of which no server knows that they are all there."""
    there = kernel_cache.folder()
    assert there is not None
    shutil.copytree(there, tmp_path / there.name, ignore=shutil.ignore_patterns("*.done", "*.tmp*"))
    return tmp_path


@pytest.fixture
def first_start(home_on_roads: Path, unmarked: Path) -> Iterator["subprocess.Popen[str]"]:
    environ = {"NUANFENG_HOME": str(home_on_roads), "NUMBA_CACHE_DIR": str(unmarked)}
    command = ["run", "--port", "0", "--workers", "1", "--dataset", "demo", "--network", "grid"]
    with subprocess.Popen(
        [sys.executable, "-m", "app", *command],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        yield server
        server.terminate()
        server.communicate(timeout=PATIENCE_S)


def test_a_first_start_says_what_it_does_and_answers_all_questions_meanwhile(
    first_start: "subprocess.Popen[str]",
) -> None:
    assert first_start.stdout is not None
    said = iter(first_start.stdout)
    assert next(said).startswith("The first start of a version compiles its kernels")
    assert next(said).startswith("Compiled ")
    lines = [next(said), next(said)]
    address = next(line for line in lines if "answers at" in line).split()[3]
    with urllib.request.urlopen(f"{address}/api/v1/search?q=bsz", timeout=120) as reply:  # noqa: S310  # ours
        assert reply.status == 200
    assert any(line.startswith("All ") for line in lines)
    with urllib.request.urlopen(f"{address}/readyz", timeout=PATIENCE_S) as reply:  # noqa: S310  # ours
        assert json.load(reply)["compiling"] == []


def test_a_first_start_that_is_stopped_leaves_nobody_behind_who_compiles_or_holds_the_port(
    home_on_roads: Path, tmp_path: Path
) -> None:
    environ = {"NUANFENG_HOME": str(home_on_roads), "NUMBA_CACHE_DIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "app", "run", "--port", "0", "--network", "grid"],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("The first start")
        while not list(tmp_path.rglob("*.nbc")):  # until it is at work
            assert server.poll() is None
            time.sleep(0.05)
        server.terminate()
        assert server.stdout.read() == ""  # whoever was left would hold this pipe, too
        assert server.wait(PATIENCE_S) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.killpg(server.pid, 0)
