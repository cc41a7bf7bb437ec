"""Row "first": how long a person waits for a first answer: after `make run` in a fresh checkout, in
a fresh home with a road network, and at every later start.

Downloads are made before and timed apart: they are the line's, not ours.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geodata.store.files import RoadNetwork
from geodata.travel import network, osm
from tests import town
from tests.benchmarks.report import Line, seconds

ROW: Final = "first"
_ROOT: Final = Path(__file__).parents[2]
#: Baishizhou in the demo city.
_CORNER: Final = (113.956, 22.532)
_MOST_S: Final = {"all": 90.0, "make": 45.0, "home": 20.0, "warm": 3.0}
_ROUNDS: Final = 3
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def measure(home: Path) -> Iterator[Line]:
    """Everything under `home`, with nothing of this machine's caches."""
    home = home / ROW
    home.mkdir()
    yield from _fresh_checkout(home)
    yield from _fresh_home(home)


def _fresh_checkout(home: Path) -> Iterator[Line]:
    checkout = home / "checkout"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=_ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(_ROOT / name, checkout / name)
    environ, downloads_s = _downloaded(home, checkout)
    with _served(["make", "run", "ARGS=--port 0"], checkout, environ) as (took_s, cpu_s, _):
        yield _line("`make run` in a fresh checkout, without downloads", took_s, cpu_s, "make")
        what = f"the same with {seconds(downloads_s)} of downloads"
        yield _line(what, took_s + downloads_s, cpu_s, "all")


def _downloaded(home: Path, checkout: Path) -> tuple[dict[str, str], float]:
    """What makes pip and npm take all from here, and how long it took to come here."""
    wheels, cache = home / "wheels", home / "npm"
    environ = {
        **_environ(home / "made"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    began = time.perf_counter()
    pip = ["-m", "pip", "download", "-q", "--no-cache-dir", "--no-deps", "--require-hashes"]
    subprocess.run(
        [sys.executable, *pip, "-r", "requirements.lock", "-d", wheels], cwd=checkout, check=True
    )
    shutil.copytree(checkout, home / "npm-checkout", ignore=lambda *_: {"app", "geodata", "tests"})
    subprocess.run(
        ["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=home / "npm-checkout",
        env={**environ, "npm_config_cache": str(cache)},
        check=True,
    )
    took_s = time.perf_counter() - began
    local = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "npm_config_cache": str(cache),
        "npm_config_offline": "true",
    }
    return {**_environ(home / "made"), **local}, took_s


def _fresh_home(home: Path) -> Iterator[Line]:
    fresh = home / "fresh"
    roads = osm.read(town.random_town(3).write(home / "grid.osm", _CORNER), lambda _: None)
    made = network.build(roads, "grid", lambda _: None)
    RoadNetwork(fresh, "grid").publish(made.version, made.about, made.to_arrays(), {})
    run = [sys.executable, "-m", "app", "run", "--port", "0", "--network", "grid"]
    with _served(run, _ROOT, _environ(fresh)) as (took_s, cpu_s, lines):
        yield _line("a fresh home with a road network", took_s, cpu_s, "home")
        began = time.perf_counter()
        next(line for line in lines if line.startswith("All "))
        more_s = time.perf_counter() - began
        yield Line(ROW, "rarer kernels, behind the server", seconds(more_s), "", "", "", None)
    starts = []
    for _ in range(_ROUNDS):
        with _served(run, _ROOT, _environ(fresh)) as (took_s, cpu_s, _):
            starts.append((took_s, cpu_s))
    yield _line("every later start", *min(starts), "warm")


def _environ(home: Path) -> dict[str, str]:
    """Nothing of ours is set but the home."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NUANFENG_", "NUMBA_"))
    }
    return {**kept, "NUANFENG_HOME": str(home)}


@contextmanager
def _served(
    command: list[str], folder: Path, environ: Mapping[str, str]
) -> Iterator[tuple[float, float, Iterator[str]]]:
    """Seconds until the server said that it answers, processor seconds until then, and what it says
    from then on.
    """
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        if server.stdout is None:
            raise RuntimeError("a process without standard output tells nothing")
        lines = iter(server.stdout)
        if not any(re.search(r"answers at http", line) for line in lines):
            raise RuntimeError(f"{command[0]} ended without an answer; its error stands above")
        took_s = time.perf_counter() - began
        try:
            yield took_s, _cpu_s(server.pid), lines
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.communicate(timeout=60)


def _cpu_s(group: int) -> float:
    """Of the processes of a group and of those that they have waited for."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(told[2]) == group:
            total += sum(map(int, told[11:15]))
    return total / _TICKS


def _line(what: str, took_s: float, cpu_s: float, target: str) -> Line:
    most_s = _MOST_S[target]
    cores = len(os.sched_getaffinity(0))
    return Line(
        ROW,
        what,
        seconds(took_s),
        f"{seconds(cpu_s)} of processors ({cores} cores)",
        f"{took_s / cpu_s:.2f}x",
        f"≤ {most_s:g} s",
        took_s <= most_s,
    )
