"""Row "region": a road network of ten million nodes: what building it takes, and what answering by
it costs.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from geodata.search.on_roads import RoadAccess
from geodata.store.files import RoadNetwork
from geodata.store.stops import place
from geodata.vocabulary import Mode
from tests.benchmarks import region, travel
from tests.benchmarks.cities import City
from tests.benchmarks.report import Line, no_slower, seconds
from tests.benchmarks.serving import most_mb

ROW: Final = "region"
_MOST_GIB: Final = 24.0
#: A node of the large region may take so much longer than one of the small one: sorting grows a
#: little faster than it.
_MOST_GROWTH: Final = 1.5
_ROUNDS: Final = 5
#: How often the kernel's own record of most memory is read; it forgets nothing in between.
_LOOK_EVERY_S: Final = 0.05


class Cost(NamedTuple):
    """What a build took: from start to end, of the processors, and at most at one moment."""

    nodes: int
    seconds: float
    cpu_s: float
    memory_mb: float


def measure(city: City, home: Path, *, quick: bool) -> Iterator[Line]:
    """A region of a million nodes and, unless `quick`, one of ten.

    All answers are asked of the larger one.
    """
    costs = []
    for towns in (region.QUICK_TOWNS,) if quick else (region.QUICK_TOWNS, region.TOWNS):
        extract = home / f"region-{towns}.osm.pbf"
        written = region.write(extract, towns)
        words = ("network", "build", str(extract), "--network", ROW)
        costs.append(built(home, written.nodes, *words))
        yield from _told(written, costs[-1], home)
        extract.unlink()
    if len(costs) > 1:
        small, large = (cost.cpu_s / cost.nodes for cost in costs)
        yield no_slower(
            ROW, "processor time a node", large, f"of {costs[0].nodes:,}", small, _MOST_GROWTH
        )
    yield from _asked(city, home, f"{costs[-1].nodes:,} nodes")


def built(home: Path, nodes: int, *words: str) -> Cost:
    """The command as it is typed, in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "app", *words]
    environment = {**os.environ, "NUANFENG_HOME": str(home)}
    began, cpu_s, most = time.perf_counter(), _cpu_s(), 0.0
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        while process.poll() is None:
            most = max(most, most_mb(process.pid))
            time.sleep(_LOOK_EVERY_S)
        took_s = time.perf_counter() - began
        if process.returncode and process.stderr:
            raise RuntimeError(process.stderr.read().decode())
    return Cost(nodes, took_s, _cpu_s() - cpu_s, most)


def _cpu_s() -> float:
    """Of all processes that were started and have ended."""
    ended = os.times()
    return ended.children_user + ended.children_system


def _told(written: region.Written, cost: Cost, home: Path) -> Iterator[Line]:
    store = RoadNetwork(home, ROW)
    stored = store.manifest(store.pointer())
    edges = max(size.edges for size in stored.about.sizes.values())
    what = f"{written.nodes:,} nodes, {written.ways:,} ways, made up"
    cpu = f"processors {seconds(cost.cpu_s)}"
    yield Line(
        ROW, f"{what}: .osm.pbf to a published network", seconds(cost.seconds), cpu, "", "", None
    )
    gib = cost.memory_mb / 1024
    yield Line(
        ROW,
        f"{what}: most memory",
        f"{gib:.2f} GiB",
        "",
        "",
        f"≤ {_MOST_GIB:g} GiB",
        gib <= _MOST_GIB,
    )
    size = sum(part.bytes for part in stored.parts.values()) / 1e6
    yield Line(
        ROW,
        f"{what}: four graphs on the disk",
        f"{size:,.0f} MB",
        f"{edges:,} edges at most",
        "",
        "",
        None,
    )


def _asked(city: City, home: Path, where: str) -> Iterator[Line]:
    store = RoadNetwork(home, ROW)
    took_s = median(travel.timed(store.load) for _ in range(_ROUNDS))
    yield Line(ROW, f"{where}, network mapped", seconds(took_s), "", "", "≤ 1 s", took_s <= 1.0)
    made = store.load()
    roads = RoadAccess.under(
        city.snapshot, made, {mode: place(city.snapshot, made, mode) for mode in Mode}
    )
    for mode in Mode:
        questions = travel.asked(city, roads, mode)
        what = f"{where}, {mode}, nearest 5 by time, p50"
        ours_s = travel.p50_s(city, roads, questions)
        yield travel.against_a_full_run(ROW, what, ours_s, made.graphs[mode], questions)
    yield travel.private_memory(ROW, city, home, ROW)
