"""Row "joins": up to 10,000,000 points to their nearest place, Parquet to Parquet: one process,
dask, GeoPandas.

Each size is asked in turns by all who can. The one process is a new one each time, so that its most
memory is its own; the workers stay, so theirs can only grow. Also draws cost and memory over
points, as geodata/pictures/joins.png."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from geodata.analysis import cluster
from geodata.analysis.nearest import nearest_to_file
from geodata.search.nearest import Question
from geodata.sources.demo.city import SHENZHEN
from geodata.sources.points import Source
from geodata.store.files import Dataset
from tests.benchmarks import cities
from tests.benchmarks.cities import City
from tests.benchmarks.report import Line, faster
from tests.benchmarks.serving import most_mb

ROW: Final = "joins"
SIZES: Final = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
#: What a peer is given: it holds everything at once.
PEERS_MOST: Final = 1_000_000
AHEAD: Final = (100_000_000, 1_000_000_000)
PICTURE: Final = Path("geodata") / "pictures" / "joins.png"
_WORKERS: Final = 2
#: Turns each gets; the least time counts, so that a busy moment of the machine does not.
_TURNS: Final = 2
#: Points of a row group, written at a time.
_FULL: Final = 1_000_000


class Cost(NamedTuple):
    """Seconds, and the most memory that any of the processes which asked has ever held, in MB."""

    seconds: float
    memory_mb: float


Costs = dict[str, dict[int, Cost]]
ONE, MANY, PEER = "one process", f"dask, {_WORKERS} workers", "geopandas sjoin_nearest"


def measure(city: City, home: Path, *, quick: bool) -> Iterator[Line]:
    """All sizes, or with `quick` those up to a million without the picture."""
    dataset = Dataset(home, "joins")
    dataset.publish(**cities.parts(city))
    city.frame().to_parquet(home / "places.parquet")
    sizes = [size for size in SIZES if size <= PEERS_MOST or not quick]
    costs: Costs = {ONE: {}, MANY: {}, PEER: {}}
    with cluster.local(_WORKERS) as workers, cluster.connected(workers.scheduler_address) as client:
        many = cluster.DaskCluster(client, dataset, home / "parts")
        _points(city, home / "warm.parquet", 1_000)
        _asked_together(
            many, home / "warm.parquet", home / "warm.out.parquet"
        )  # workers load their kernels
        for size in sizes:
            source = home / f"points-{size}.parquet"
            _points(city, source, size)
            for _ in range(_TURNS):
                _keep(costs[ONE], size, _apart(_asked_alone, dataset, source, home / "one.parquet"))
                _keep(costs[MANY], size, _asked_together(many, source, home / "many.parquet"))
                if size <= PEERS_MOST:
                    peers = _apart(
                        _asked_of_geopandas, home / "places.parquet", source, home / "peer.parquet"
                    )
                    _keep(costs[PEER], size, peers)
            yield _same(size, home / "one.parquet", home / "many.parquet")
            source.unlink()
    yield from _lines(costs)
    if not quick:
        draw(costs, PICTURE)


def _keep(costs: dict[int, Cost], size: int, cost: Cost) -> None:
    """The least time and the most memory of all turns."""
    before = costs.get(size, cost)
    costs[size] = Cost(min(before.seconds, cost.seconds), max(before.memory_mb, cost.memory_mb))


def _points(city: City, path: Path, size: int) -> None:
    """Written a million at a time, each its own row group."""
    with pq.ParquetWriter(
        path, pa.schema({"key": pa.int64(), "lon": pa.float64(), "lat": pa.float64()})
    ) as writer:
        for lo in range(0, size, _FULL):
            count = min(_FULL, size - lo)
            lon, lat = city.questions(count, seed=lo + 1).T
            writer.write_table(
                pa.table({"key": np.arange(lo, lo + count), "lon": lon, "lat": lat}), _FULL
            )


def _apart(ask: Callable[..., Cost], *arguments: object) -> Cost:
    """In a new process, which asks a few points first."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(ask, *arguments).result()


def _asked_alone(dataset: Dataset, source: Path, target: Path) -> Cost:
    warm = source.with_name("warm.parquet")
    _nearest(dataset, warm, target)
    began = time.perf_counter()
    _nearest(dataset, source, target)
    return Cost(time.perf_counter() - began, most_mb())


def _nearest(dataset: Dataset, source: Path, target: Path) -> None:
    snapshot = dataset.load()
    question = Question(*snapshot.outline.bounds[:2], cities.AT, 1)
    nearest_to_file(
        snapshot, Source(source), target, question, threads=_WORKERS, progress=lambda *_: None
    )


def _asked_together(many: cluster.DaskCluster, source: Path, target: Path) -> Cost:
    snapshot = many.dataset.load()
    question = Question(*snapshot.outline.bounds[:2], cities.AT, 1)
    began = time.perf_counter()
    nearest_to_file(
        snapshot,
        Source(source),
        target,
        question,
        threads=1,
        progress=lambda *_: None,
        run=many.run,
    )
    took_s = time.perf_counter() - began
    many.clear()
    return Cost(took_s, max(many.client.run(most_mb).values()))


def _asked_of_geopandas(places: Path, source: Path, target: Path) -> Cost:
    known = gpd.read_parquet(places)
    began = time.perf_counter()
    table = pq.read_table(source).to_pandas()
    shapes = gpd.points_from_xy(table["lon"], table["lat"], crs="EPSG:4326").to_crs(SHENZHEN.grid)
    points = gpd.GeoDataFrame(table, geometry=shapes)
    joined = points.sjoin_nearest(known, distance_col="distance_m")
    joined.drop(columns="geometry").to_parquet(target)
    return Cost(time.perf_counter() - began, most_mb())


def _same(size: int, one: Path, many: Path) -> Line:
    alike = one.read_bytes() == many.read_bytes()
    return Line(
        ROW,
        f"{size:,} points: files of {ONE} and {MANY}",
        "alike" if alike else "DIFFER",
        "",
        "",
        "alike",
        alike,
    )


def _lines(costs: Costs) -> Iterator[Line]:
    for size in costs[PEER]:
        yield faster(
            ROW,
            f"{size:,} points, {ONE}",
            costs[ONE][size].seconds,
            PEER,
            costs[PEER][size].seconds,
        )
    for size in costs[MANY]:
        target = 0.9 if size == SIZES[-1] else None
        yield faster(
            ROW,
            f"{size:,} points, {MANY}",
            costs[MANY][size].seconds,
            ONE,
            costs[ONE][size].seconds,
            target,
        )
    for name in (ONE, MANY):
        yield _memory(name, costs[name])
        for size in AHEAD if SIZES[-1] in costs[name] else ():
            what = f"{size:,} points, {name}, by the slope from {_FULL:,} on"
            yield Line(ROW, what, f"{ahead_s(costs[name], size) / 60:.0f} min", "", "", "", None)


def _memory(name: str, costs: dict[int, Cost]) -> Line:
    """From a million points on, where a part is full."""
    full = [size for size in costs if size >= _FULL]
    first, last = costs[full[0]].memory_mb, costs[full[-1]].memory_mb
    what = f"{name}: most memory of a process, {full[0]:,} and {full[-1]:,} points"
    flat = last <= 1.25 * first
    met = flat if len(full) > 1 else None
    return Line(
        ROW, what, f"{last:.0f} MB", f"{first:.0f} MB", f"{last / first:.3g}x", "≤ 1.25x", met
    )


def ahead_s(costs: dict[int, Cost], points: int) -> float:
    """The time of more points than were measured: what each one more cost from a full row group to
    the largest size.
    """
    last = max(costs)
    each_s = (costs[last].seconds - costs[_FULL].seconds) / (last - _FULL)
    return costs[last].seconds + each_s * (points - last)


def draw(costs: Costs, path: Path) -> None:
    """Seconds and memory over points, points and seconds by powers of ten."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (above, below) = plt.subplots(2, 1, figsize=(7, 7.5), sharex=True, layout="constrained")
    looks = {ONE: ("#0b6e4f", "o"), MANY: ("#c8553d", "s"), PEER: ("#6c757d", "^")}
    for name, (colour, mark) in looks.items():
        sizes = sorted(costs[name])
        above.loglog(
            sizes, [costs[name][n].seconds for n in sizes], color=colour, marker=mark, label=name
        )
        below.semilogx(sizes, [costs[name][n].memory_mb for n in sizes], color=colour, marker=mark)
    above.set_ylabel("seconds")
    above.set_title(
        "Nearest of 4,039 places (synthetic), Parquet to Parquet, 2 cores", loc="left", fontsize=11
    )
    above.legend(frameon=False)
    below.set_ylabel("most memory of a process, MB")
    below.set_ylim(bottom=0)
    below.set_xlabel("points")
    for axes in (above, below):
        axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.7)
        axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
