"""Row "start": how soon a worker over two million places answers, and what memory 200,000 cost each
worker.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, Final

import geopandas as gpd
import msgspec
import numpy as np

from geodata.space.coordinates import WGS84
from geodata.store.files import Dataset
from tests.benchmarks.cities import DEMO_PLACES, City, grown, parts, pieces_of
from tests.benchmarks.report import Line, faster
from tests.benchmarks.serving import private_mb

ROW: Final = "start"
_ROUNDS: Final = 4
_MOST_MB: Final = 20.0
_MANY: Final = 200_000
_FEW: Final = 100


def measure(cities: dict[int, City], home: Path) -> Iterator[Line]:
    """Start over the largest city that was made.

    Memory over 200,000 places with records as long as the demo city's.
    """
    demo = cities[DEMO_PLACES]
    Dataset(home, "few").publish(**parts(grown(demo, _FEW, pieces_of(demo))))
    Dataset(home, "many").publish(**parts(grown(demo, _MANY, pieces_of(demo))))
    Dataset(home, "large").publish(**parts(cities[max(cities)]))
    yield from _start(cities[max(cities)], home)
    yield from _memory(home)


def _start(city: City, home: Path) -> Iterator[Line]:
    _parquet(city, home / "large.parquet")
    took: dict[str, list[float]] = {"ours": [], "cold": [], "theirs": []}
    for turn in range(_ROUNDS):
        for what, times in took.items():
            answer = _once(what, home)
            if turn:
                times.append(answer)
    ours, cold, theirs = (median(times) for times in took.values())
    what, peer = f"{city.size:,}, load and first answer", "read_parquet + cKDTree"
    yield faster(ROW, what, ours, peer, theirs, 20.0)
    yield faster(ROW, f"{what}, kernels not loaded yet", cold, peer, theirs)


def _parquet(city: City, path: Path) -> None:
    """The same places as a lean GeoParquet: five columns, where the published one has 29."""
    count = len(city.lonlat)
    columns = {
        "id": city.frozen.arrays["ids"][city.index.links[:count, 0]].astype(str),
        "offer": city.index.words[:count, 0],
        "entry": city.index.words[:count, 1],
        "hours": city.index.links[:count, 1].astype(np.int32),
    }
    points = gpd.points_from_xy(city.lonlat[:, 0], city.lonlat[:, 1])
    gpd.GeoDataFrame(columns, geometry=points, crs=WGS84).to_parquet(path, index=False)


def _once(what: str, home: Path, name: str = "large") -> float:
    with ExitStack() as stack:
        return float(_told(_process(stack, what, home, name)))


def _process(stack: ExitStack, what: str, home: Path, *names: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.benchmarks.worker", what, str(home), *names]
    process = stack.enter_context(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    )
    stack.callback(process.terminate)
    return process


def _told(process: "subprocess.Popen[bytes]") -> Any:
    if process.stdout is None:
        raise RuntimeError("a process without standard output tells nothing")
    said = process.stdout.readline()
    if not said:
        raise RuntimeError("a measured process ended without an answer; its error stands above")
    return msgspec.json.decode(said)


def _memory(home: Path) -> Iterator[Line]:
    worker(
        home, "few"
    )  # compiles what is not yet compiled, so that no worker that is looked at has to
    many_mb, imported = worker(home, "many")
    few_mb, _ = worker(home, "few")
    added = many_mb - few_mb
    what = f"{_MANY:,}, private memory added to a worker"
    yield Line(
        ROW,
        what,
        f"{many_mb:.1f} MB",
        f"{_FEW} places {few_mb:.1f} MB",
        f"{added:+.1f} MB",
        f"≤ {_MOST_MB:g} MB",
        added <= _MOST_MB,
    )
    forbidden = [name for name in imported if name in ("pandas", "geopandas")]
    what = "a worker that has answered imports no pandas, no geopandas"
    yield Line(ROW, what, ", ".join(imported) or "none", "", "", "none", not forbidden)


def first_s(home: Path, name: str) -> float:
    """Seconds to load a dataset and answer once, in a process of its own that has asked "few"."""
    return _once("ours", home, name)


def worker(home: Path, name: str, *network: str) -> tuple[float, list[str]]:
    """Private MB of one of two workers that have answered the same: pages they share count for
    neither.

    And what they have imported that a worker should not. With a network they answer by road.
    """
    with ExitStack() as stack:
        workers = [_process(stack, "serving", home, name, *network) for _ in range(2)]
        imported = [_told(each) for each in workers]
        return private_mb(workers[0].pid), imported[0]
