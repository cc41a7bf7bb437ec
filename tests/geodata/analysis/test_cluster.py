"""On two processes the answers are those of one, bit for bit.

Whoever dies, and whatever was done before.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from distributed import Client

from geodata.analysis import cluster as room
from geodata.analysis.cluster import DaskCluster
from geodata.analysis.files import areas_to_file, each_to_file
from geodata.analysis.groups import outlined
from geodata.analysis.nearest import Run, here, nearest_to_file
from geodata.coverage.near import Within
from geodata.coverage.published import By
from geodata.errors import BadTable, ClusterFault, UnreadableFile
from geodata.pipeline.new_city import shipped
from geodata.search.nearest import Question
from geodata.snapshot.snapshot import Snapshot
from geodata.sources import points as points_room
from geodata.sources.points import Source
from geodata.store.files import Dataset
from tests import makers
from tests.patience import PATIENCE_S, until

POINTS = 24_000
WITHIN = Within(reach_m=3000)
QUESTION = Question(114.0, 22.5, makers.NIGHT, 3, 5000.0)
Asked = Callable[..., Any]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    frozen, dataset = (
        makers.frozen(makers.random_city(300, 10)),
        Dataset(tmp_path_factory.mktemp("home"), "made"),
    )
    dataset.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    return dataset


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with room.local(2) as cluster, room.connected(cluster.scheduler_address) as client:
        yield client


@pytest.fixture(autouse=True)
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points_room, "RUN", 1_400)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, ...]:
    """Points in two files, row groups of 700; weights are no whole numbers."""
    rng = np.random.default_rng(8)
    lonlat = makers.clustered(rng, POINTS)
    frame = pd.DataFrame({"lon": lonlat[:, 0], "lat": lonlat[:, 1], "orders": rng.random(POINTS)})
    frame.loc[0, "lon"] = None
    paths = (tmp_path / "a.parquet", tmp_path / "b.parquet")
    frame[:10_000].to_parquet(paths[0], row_group_size=700, index=False)
    frame[10_000:].to_parquet(paths[1], row_group_size=700, index=False)
    return paths


def unheard(_done: int, _of: int | None) -> None:
    pass


def each(city: Snapshot, files: tuple[Path, ...], target: Path, run: Run) -> Any:
    return each_to_file(
        city, Source(files), target, WITHIN, makers.NIGHT, progress=unheard, run=run
    )


def by_district(city: Snapshot, files: tuple[Path, ...], target: Path, run: Run) -> Any:
    source, by = Source(files, weight="orders"), outlined(By.DISTRICT, shipped())
    return areas_to_file(
        city, source, target, WITHIN, makers.NIGHT, by, hourly=False, progress=unheard, run=run
    )


def nearest(city: Snapshot, files: tuple[Path, ...], target: Path, run: Run) -> Any:
    return nearest_to_file(city, Source(files), target, QUESTION, progress=unheard, run=run)


@pytest.mark.parametrize("asked", [each, by_district, nearest])
def test_two_processes_write_what_one_writes(
    asked: Asked, published: Dataset, client: Client, files: tuple[Path, ...], tmp_path: Path
) -> None:
    city, many = published.load(), DaskCluster(client, published, tmp_path / "parts")
    alone = asked(city, files, tmp_path / "one.parquet", here)
    together = asked(city, files, tmp_path / "many.parquet", many.run)
    assert pq.read_table(tmp_path / "many.parquet").equals(pq.read_table(tmp_path / "one.parquet"))
    assert together == alone
    assert together.points == POINTS
    many.clear()
    assert not many.folder.exists()


def hold(go_on: Path) -> None:
    """In a worker: begin no part when two are written, until a file is there."""

    @contextmanager
    def held(path: Path) -> Iterator[Any]:
        while len(list(path.parent.glob("*.arrow"))) >= 2 and not go_on.exists():
            time.sleep(0.01)
        with room._arrow.held(path) as write:
            yield write

    held.held = room._arrow  # type: ignore[attr-defined]  # a stand-in
    room._arrow = held  # type: ignore[assignment]  # a stand-in


def let_go() -> None:
    room._arrow = getattr(room._arrow, "held", room._arrow)


def test_a_worker_killed_in_the_middle_changes_nothing(
    published: Dataset, client: Client, files: tuple[Path, ...], tmp_path: Path
) -> None:
    city, many = published.load(), DaskCluster(client, published, tmp_path / "parts")
    each(city, files, tmp_path / "one.parquet", here)
    pids = client.run(os.getpid)
    client.run(hold, tmp_path / "go on")
    done_then: list[int] = []

    def kill() -> None:
        until(lambda: len(list(many.folder.glob("*.arrow"))) >= 2, "two parts")
        os.kill(next(iter(pids.values())), signal.SIGKILL)
        done_then.append(len(list(many.folder.glob("*.arrow"))))
        (tmp_path / "go on").touch()

    killer = threading.Thread(target=kill)
    killer.start()
    each(city, files, tmp_path / "many.parquet", many.run)
    killer.join()
    assert 2 <= done_then[0] < len(list(many.folder.glob("*.arrow")))
    assert pq.read_table(tmp_path / "many.parquet").equals(pq.read_table(tmp_path / "one.parquet"))
    client.wait_for_workers(2, timeout=PATIENCE_S)
    client.run(let_go)
    assert set(client.run(os.getpid).values()) != set(pids.values())


def test_finished_parts_are_not_asked_again_and_damaged_ones_are(
    published: Dataset, client: Client, files: tuple[Path, ...], tmp_path: Path
) -> None:
    city, many = published.load(), DaskCluster(client, published, tmp_path / "parts")
    each(city, files, tmp_path / "first.parquet", many.run)
    parts = sorted(many.folder.iterdir())
    written = {part: part.stat().st_mtime_ns for part in parts}
    parts[1].write_bytes(parts[1].read_bytes()[:5_000])
    parts[2].unlink()
    each(city, files, tmp_path / "again.parquet", many.run)
    assert (tmp_path / "again.parquet").read_bytes() == (tmp_path / "first.parquet").read_bytes()
    assert [part for part in parts if part.stat().st_mtime_ns != written[part]] == parts[1:3]
    nearest(city, files, tmp_path / "other.parquet", many.run)
    assert not set(parts) & set(many.folder.iterdir())


def test_workers_that_do_not_see_the_dataset_are_sent_it(
    published: Dataset,
    client: Client,
    files: tuple[Path, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    city, many = published.load(), DaskCluster(client, published, tmp_path / "parts")
    sent: list[int] = []
    shipment = DaskCluster._shipment

    def blind(self: DaskCluster, snapshot: Snapshot) -> room.Shipment:
        monkeypatch.setattr(self.client, "run", lambda *_: {"tcp://far": False})
        made = shipment(self, snapshot)
        monkeypatch.undo()
        sent.append(sum(map(len, made.files.values())))
        return room.Shipment(
            Dataset(tmp_path / "not there", "made"), made.pointer, made.manifest, made.files
        )

    monkeypatch.setattr(DaskCluster, "_shipment", blind)
    each(city, files, tmp_path / "many.parquet", many.run)
    each(city, files, tmp_path / "one.parquet", here)
    assert pq.read_table(tmp_path / "many.parquet").equals(pq.read_table(tmp_path / "one.parquet"))
    assert sent[0] > 10_000


def test_what_cannot_be_asked_is_refused_in_a_sentence(
    published: Dataset,
    client: Client,
    files: tuple[Path, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    city, many = published.load(), DaskCluster(client, published, tmp_path / "parts")
    odd = tmp_path / "odd.parquet"
    pd.DataFrame({"lon": [114.0], "lat": [22.5]}).to_parquet(odd)
    (tmp_path / "points.csv").write_text("lon,lat\n114,22.5\n")
    for bad, fault, said in (
        ((tmp_path / "points.csv",), UnreadableFile, "points.csv is none"),
        (
            (files[0], odd),
            BadTable,
            "odd.parquet has other columns than the first file: orders: double",
        ),
        ((files[0], tmp_path / "gone.parquet"), UnreadableFile, "there is no file"),
    ):
        with pytest.raises(fault, match=said):
            each(city, bad, tmp_path / "out.parquet", many.run)
    weighed = Source(files, weight="riders")
    with pytest.raises(BadTable, match="no column 'riders' of weights"):
        areas_to_file(
            city,
            weighed,
            tmp_path / "out.csv",
            WITHIN,
            makers.NIGHT,
            None,
            hourly=False,
            progress=unheard,
            run=many.run,
        )
    assert not (tmp_path / "out.parquet").exists()
    assert not (tmp_path / "out.csv").exists()
    monkeypatch.setattr(room, "_PATIENCE_S", 1)
    with (
        pytest.raises(ClusterFault, match="no dask scheduler answers"),
        room.connected("tcp://127.0.0.1:1"),
    ):
        pass
