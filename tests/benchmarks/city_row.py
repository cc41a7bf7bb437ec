"""Row "city": a made-up province of ten million nodes becomes a city, published by one command:
public places, roads and a base map.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from geodata.store.files import BaseMapStore, Dataset
from tests.benchmarks import region
from tests.benchmarks.region_row import built
from tests.benchmarks.report import Line, seconds

ROW: Final = "city"
_MOST_S: Final = 15 * 60.0
_MOST_GIB: Final = 10.0


def measure(home: Path, *, quick: bool) -> Iterator[Line]:
    """Of a province of ten million nodes, or of one if `quick`; the targets are those of ten."""
    extract = home / f"{ROW}.osm.pbf"
    written = region.write(extract, region.QUICK_TOWNS if quick else region.TOWNS)
    cost = built(home, written.nodes, "city", "build", str(extract), "--dataset", ROW, "--publish")
    what = f"{written.nodes:,} nodes, {written.ways:,} ways, made up"
    cpu, gib = f"processors {seconds(cost.cpu_s)}", cost.memory_mb / 1024
    yield Line(
        ROW,
        f"{what}: from .osm.pbf to a published city",
        seconds(cost.seconds),
        cpu,
        "",
        f"≤ {_MOST_S / 60:g} min",
        cost.seconds <= _MOST_S,
    )
    yield Line(
        ROW,
        f"{what}: most memory",
        f"{gib:.2f} GiB",
        "",
        "",
        f"≤ {_MOST_GIB:g} GiB",
        gib <= _MOST_GIB,
    )
    places, ground = Dataset(home, ROW), BaseMapStore(home, ROW)
    count = sum(places.manifest(places.pointer()).about.counts.values())
    about = ground.manifest(ground.pointer()).about
    told = f"{about.tiles:,} tiles, the largest of {about.largest_tile / 1000:.1f} kB"
    yield Line(
        ROW,
        f"{what}: {count:,} places, the base map",
        f"{about.bytes / 1e6:,.1f} MB",
        told,
        "",
        "",
        None,
    )
