"""The store on disk: whatever kills, fills, damages or crowds it, it answers from the old or the
new version.

What holds of every store stands in test_every_store.py.
"""

import errno
import hashlib
import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from geodata.errors import (
    BadValue,
    DamagedDataset,
    NoDataset,
    NoSuchPlace,
    NoSuchVersion,
    PlaceGone,
    PublishRefused,
)
from geodata.pipeline.freeze import Frozen
from geodata.search.nearest import Question, nearest
from geodata.snapshot.snapshot import FORMAT, Snapshot
from geodata.store import writing
from geodata.store.files import CURRENT, PREVIOUS, Dataset, Pointer
from geodata.store.history import Stamp
from tests import makers
from tests.patience import kill_when

#: `make soak` asks for more, in shares that run beside each other.
SOAK = int(os.environ.get("NUANFENG_SOAK", "0"))
SHARES = range(4 if SOAK else 1)
KILLS = SOAK // len(SHARES) or 6
DISKS = SOAK // 3 // len(SHARES) or 3

ONE = makers.frozen(makers.three_places())
TWO = makers.frozen(makers.three_places(name=["新驿站", "新面馆", "新街"]))
THREE = makers.frozen(makers.random_city(40, lines=3))


def publish(dataset: Dataset, frozen: Frozen) -> Pointer:
    return dataset.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)


def ask(snapshot: Snapshot) -> list[tuple[str, float, bytes]]:
    hits = nearest(snapshot, Question(114.05, 22.54, makers.NIGHT, max_distance_m=50_000)).hits
    return [
        (snapshot.id_of(hit.row), hit.distance_m, snapshot.records.whole(hit.row)) for hit in hits
    ]


def stored_files(dataset: Dataset, pointer: Pointer) -> list[Path]:
    folder = dataset.folder / "versions" / pointer.version
    return sorted(path for path in folder.rglob("*") if path.is_file())


def is_whole(dataset: Dataset) -> str:
    """Every byte of the current version fits, it answers, and PREVIOUS is as whole; the version."""
    pointer = dataset.pointer()
    assert dataset.verify().version == pointer.version
    assert dataset.load().version == pointer.version
    assert ask(dataset.load())
    if (dataset.folder / PREVIOUS).exists():
        dataset.verify(dataset.pointer(PREVIOUS))
    return pointer.version


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset(tmp_path, "made")


# --- publish, load, verify ---


def test_a_city_without_streets_or_without_points_is_kept_too(dataset: Dataset) -> None:
    raw = makers.three_places()
    for rows in (raw.iloc[:2], raw.iloc[2:]):
        publish(dataset, makers.frozen(rows))
        assert len(ask(dataset.load())) == len(rows)


def test_loaded_arrays_cannot_be_written(dataset: Dataset) -> None:
    publish(dataset, ONE)
    with pytest.raises(ValueError, match="read-only"):
        dataset.load().index.points[0, 0] = 0.0


def test_publishing_the_same_again_changes_nothing(dataset: Dataset) -> None:
    first = publish(dataset, ONE)
    before = [(path, path.stat().st_mtime_ns) for path in stored_files(dataset, first)]
    assert publish(dataset, ONE) == first
    assert [(path, path.stat().st_mtime_ns) for path in stored_files(dataset, first)] == before
    assert not (dataset.folder / PREVIOUS).exists()


def test_the_table_of_a_version_is_geoparquet(dataset: Dataset) -> None:
    pointer = publish(dataset, ONE)
    path = dataset.folder / "versions" / pointer.version / "places.parquet"
    said = msgspec.json.decode(pq.read_schema(path).metadata[b"geo"])
    assert said["primary_column"] == "geometry"
    assert set(said["columns"]["geometry"]["geometry_types"]) == {"Point", "LineString"}
    table = gpd.read_parquet(path)
    assert table.crs == "EPSG:4326"
    assert sorted(table["id"]) == ["merchant-1", "station-1", "street-1"]


# --- history ---


def serials(dataset: Dataset, count: int, since: int = 0) -> list[str]:
    """Publish as many versions of the same data under made-up names, the clock going backwards."""
    names = [f"{number:016x}" for number in range(since, since + count)]
    for number, name in enumerate(names, since):
        stamp = Stamp(makers.DAY - timedelta(days=365 * number), f"person {number}")
        dataset.publish(name, ONE.about, ONE.arrays, ONE.blobs, stamp)
    return names


def folders(dataset: Dataset) -> set[str]:
    return {path.name for path in (dataset.folder / "versions").iterdir()}


def test_versions_are_told_in_the_order_of_publishing_whatever_the_clock_says(
    dataset: Dataset,
) -> None:
    names = serials(dataset, 4)
    kept = dataset.versions()
    assert [each.version for each in kept] == names[::-1]
    assert [each.pointed for each in kept] == [CURRENT, PREVIOUS, "", ""]
    assert [each.receipt.by for each in kept] == ["person 3", "person 2", "person 1", "person 0"]
    assert [each.receipt.at for each in kept] == [
        makers.DAY - timedelta(days=365 * number) for number in (3, 2, 1, 0)
    ]
    assert kept[0].receipt.told == {
        "places": 3,
        "layers": 0,
        "synthetic": True,
        "source": "tests",
        "data_date": "2026-11-18",
    }


def test_a_version_that_comes_back_is_the_newest_and_is_not_written_again(dataset: Dataset) -> None:
    first = publish(dataset, ONE)
    publish(dataset, TWO)
    before = [(path, path.stat().st_mtime_ns) for path in stored_files(dataset, first)]
    assert publish(dataset, ONE) == first
    assert [(path, path.stat().st_mtime_ns) for path in stored_files(dataset, first)] == before
    assert [(each.version, each.receipt.number) for each in dataset.versions()] == [
        (ONE.version, 3),
        (TWO.version, 2),
    ]


def test_the_oldest_go_when_there_are_more_than_are_kept(dataset: Dataset) -> None:
    names = serials(dataset, Dataset.keep + 3)
    assert [each.version for each in dataset.versions()] == names[:2:-1]
    assert folders(dataset) == set(names[3:])
    assert {path.stem for path in (dataset.folder / "receipts").iterdir()} == set(names[3:])


def test_a_version_that_is_pointed_to_stays_however_old(dataset: Dataset) -> None:
    first = publish(dataset, ONE)
    names = serials(dataset, Dataset.keep - 1)
    dataset.rollback(first.version)
    serials(dataset, 1, since=90)
    assert dataset.pointer(PREVIOUS) == first
    assert folders(dataset) == {first.version, *names, f"{90:016x}"}


def test_one_can_go_back_again_and_again_and_forward_by_name(dataset: Dataset) -> None:
    names = serials(dataset, 4)
    for name in names[2::-1]:
        assert dataset.rollback().version == dataset.pointer().version == name
        is_whole(dataset)
    with pytest.raises(NoDataset):
        dataset.rollback()
    assert not (dataset.folder / PREVIOUS).exists()
    assert dataset.rollback(names[3]).version == dataset.pointer().version == names[3]
    assert dataset.pointer(PREVIOUS).version == names[2]


@pytest.mark.parametrize("damaged", ["manifest.json", "records.bin", "arrays/lonlat.npy"])
def test_one_goes_back_to_the_last_version_that_is_whole(dataset: Dataset, damaged: str) -> None:
    names = serials(dataset, 3)
    path = dataset.folder / "versions" / names[1] / damaged
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    with pytest.raises(DamagedDataset, match=path.name):
        dataset.rollback(names[1])
    assert dataset.pointer().version == names[2]
    assert dataset.rollback().version == is_whole(dataset) == names[0]


def test_a_version_is_found_by_its_first_characters(dataset: Dataset) -> None:
    first, second = publish(dataset, ONE), publish(dataset, TWO)
    assert (
        dataset.find(ONE.version)
        == dataset.find(ONE.version[:6])
        == dataset.find("previous")
        == first
    )
    assert dataset.find(TWO.version[:6]) == dataset.find("current") == second
    for text, why in (
        ("", "give at least 4"),
        (ONE.version[:3], "give at least 4"),
        ("zzzzz", "there are: "),
    ):
        with pytest.raises(NoSuchVersion, match=why):
            dataset.find(text)


def test_a_name_that_fits_two_versions_is_refused(dataset: Dataset) -> None:
    serials(dataset, 2)
    with pytest.raises(NoSuchVersion, match="more than one begins so"):
        dataset.find("00000000")


def test_pruning_keeps_the_current_and_the_newest(dataset: Dataset) -> None:
    names = serials(dataset, 5)
    assert dataset.prune(3) == (names[1], names[0])
    assert folders(dataset) == set(names[2:])
    dataset.rollback(names[2])
    assert dataset.prune(2) == (names[3],)
    assert folders(dataset) == {names[2], names[4]}
    assert dataset.prune(1) == (names[4],)
    assert is_whole(dataset) == names[2]
    assert dataset.prune(1) == ()
    with pytest.raises(BadValue, match="0 is too few"):
        dataset.prune(0)


def test_what_is_pruned_cannot_be_gone_back_to(dataset: Dataset) -> None:
    serials(dataset, 2)
    dataset.prune(1)
    assert not (dataset.folder / PREVIOUS).exists()
    with pytest.raises(NoDataset):
        dataset.rollback()


def test_a_damaged_receipt_costs_its_words_and_nothing_else(dataset: Dataset) -> None:
    names = serials(dataset, 3)
    for name in names:
        receipt = dataset.folder / "receipts" / f"{name}.json"
        receipt.write_bytes(receipt.read_bytes().replace(b"person", b"parson"))
    assert {(each.version, each.receipt) for each in dataset.versions()} == {
        (name, None) for name in names
    }
    with pytest.raises(DamagedDataset, match=names[0]):
        dataset.rollback(names[0])
    assert dataset.rollback().version == is_whole(dataset) == names[1]
    publish(dataset, TWO)
    assert folders(dataset) == {*names, TWO.version}


def test_who_publishes_and_when_is_written_down_unasked(dataset: Dataset) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    publish(dataset, ONE)
    receipt = dataset.versions()[0].receipt
    assert before <= receipt.at <= datetime.now(UTC)
    assert "@" in receipt.by


# --- places that are gone ---


def gone(dataset: Dataset) -> list[tuple[str, str, str]]:
    return [(place.id, place.name, place.since.isoformat()) for place in dataset.load().former]


def on_day(dataset: Dataset, raw: gpd.GeoDataFrame, day: int) -> Pointer:
    frozen = makers.frozen(raw)
    at = datetime(2026, 11, day, 1, 30, tzinfo=makers.NIGHT.tzinfo).astimezone(
        UTC
    )  # the day before in London
    return dataset.publish(
        frozen.version, frozen.about, frozen.arrays, frozen.blobs, Stamp(at, "me")
    )


def test_a_place_that_a_version_lacks_is_gone_since_that_day_until_it_comes_back(
    dataset: Dataset,
) -> None:
    raw = makers.three_places()
    on_day(dataset, raw, 1)
    assert gone(dataset) == []
    on_day(dataset, raw.iloc[1:], 2)
    assert gone(dataset) == [("station-1", "莲花驿站", "2026-11-02")]
    on_day(dataset, raw.iloc[1:2], 3)
    assert gone(dataset) == [
        ("station-1", "莲花驿站", "2026-11-02"),
        ("street-1", "中心一条街", "2026-11-03"),
    ]
    on_day(dataset, raw.iloc[:2], 4)
    assert gone(dataset) == [("street-1", "中心一条街", "2026-11-03")]
    with pytest.raises(PlaceGone, match="中心一条街") as refusal:
        dataset.load().row_of("street-1")
    assert (refusal.value.lon, refusal.value.lat) == pytest.approx((114.053, 22.541))
    with pytest.raises(NoSuchPlace) as refused:
        dataset.load().row_of("never-there")
    assert not isinstance(refused.value, PlaceGone)


def test_the_same_places_with_others_gone_are_another_version(dataset: Dataset) -> None:
    raw = makers.three_places()
    on_day(dataset, raw, 1)
    first = on_day(dataset, raw.iloc[1:], 2)
    assert first.version != makers.frozen(raw.iloc[1:]).version
    assert on_day(dataset, raw.iloc[1:], 3) == first
    assert gone(dataset) == [("station-1", "莲花驿站", "2026-11-02")]


def test_a_damaged_version_before_costs_none_of_the_gone_that_the_one_before_it_knows(
    dataset: Dataset,
) -> None:
    raw = makers.three_places()
    on_day(dataset, raw, 1)
    on_day(dataset, raw.iloc[1:], 2)
    on_day(dataset, raw.iloc[1:].assign(name=["甲", "乙"]), 3)
    path = dataset.folder / "versions" / dataset.pointer().version / "arrays" / "ids.npy"
    path.write_bytes(bytes(path.stat().st_size))
    on_day(dataset, raw.iloc[1:2], 4)
    assert [place for place, _, _ in gone(dataset)] == ["station-1", "street-1"]
    assert is_whole(dataset)


def test_plates_of_a_version_that_was_gone_back_from_lead_on_once_another_is_published(
    dataset: Dataset,
) -> None:
    raw = makers.three_places()
    on_day(dataset, raw.iloc[:1], 1)
    on_day(dataset, raw.iloc[:2], 2)
    on_day(dataset, raw.iloc[1:], 3)
    assert gone(dataset) == [("station-1", "莲花驿站", "2026-11-03")]
    first = dataset.versions()[-1].version
    dataset.rollback(first)
    assert gone(dataset) == []
    on_day(dataset, raw.iloc[:1].assign(name=["新驿站"]), 9)
    assert [(place, day) for place, _, day in gone(dataset)] == [
        ("merchant-1", "2026-11-09"),
        ("street-1", "2026-11-09"),
    ]
    again = on_day(dataset, raw.iloc[:1].assign(name=["新驿站"]), 10)
    assert again == dataset.pointer()
    assert {day for _, _, day in gone(dataset)} == {"2026-11-09"}
    assert is_whole(dataset)


def test_a_place_that_was_gone_in_a_version_gone_back_from_is_gone_since_then(
    dataset: Dataset,
) -> None:
    raw = makers.three_places()
    on_day(dataset, raw.iloc[:1], 1)
    on_day(dataset, raw.iloc[:2], 2)
    on_day(dataset, raw.iloc[:1], 3)
    first = dataset.versions()[-1].version
    dataset.rollback(first)
    on_day(dataset, raw.iloc[[0, 2]], 5)
    assert [(place, day) for place, _, day in gone(dataset)] == [("merchant-1", "2026-11-03")]


def test_a_damaged_version_that_was_gone_back_from_hinders_nobody(dataset: Dataset) -> None:
    raw = makers.three_places()
    on_day(dataset, raw.iloc[:1], 1)
    torn = on_day(dataset, raw, 2)
    dataset.rollback()
    ids = dataset.folder / "versions" / torn.version / "arrays" / "ids.npy"
    ids.write_bytes(ids.read_bytes()[:-1] + b"?")
    on_day(dataset, raw.iloc[:1].assign(name=["新驿站"]), 3)
    assert gone(dataset) == []
    assert is_whole(dataset)


# --- damage ---


@pytest.mark.parametrize(
    "torn",
    [b"", b"abc", b"\xff\xfe\x00", b"a b c\n", ONE.version.encode(), b"\x00" * 100],
    ids=["empty", "short", "bytes", "wrong sum", "half", "zeros"],
)
def test_a_torn_pointer_is_damage(dataset: Dataset, torn: bytes) -> None:
    publish(dataset, ONE)
    (dataset.folder / CURRENT).write_bytes(torn)
    for attempt in (dataset.pointer, dataset.load, dataset.verify, lambda: dataset.prune(1)):
        with pytest.raises(
            DamagedDataset,
            match=r"CURRENT is damaged; `nuanfeng rollback --dataset made` goes back",
        ):
            attempt()


@pytest.mark.parametrize("torn", [b"", b"\x00" * 100], ids=["empty", "zeros"])
def test_a_torn_pointer_hinders_no_publish_and_no_way_back(dataset: Dataset, torn: bytes) -> None:
    names = serials(dataset, 2)
    (dataset.folder / CURRENT).write_bytes(torn)
    assert publish(dataset, TWO).version == is_whole(dataset) == TWO.version
    assert folders(dataset) == {*names, TWO.version}
    (dataset.folder / CURRENT).write_bytes(torn)
    assert dataset.rollback().version == is_whole(dataset) == names[0]
    (dataset.folder / CURRENT).write_bytes(torn)
    (dataset.folder / PREVIOUS).unlink(missing_ok=True)
    assert dataset.rollback().version == is_whole(dataset) == TWO.version


def test_a_torn_pointer_lets_no_real_places_among_made_up_ones(dataset: Dataset) -> None:
    real = makers.frozen(makers.three_places(), synthetic=False)
    publish(dataset, ONE)
    (dataset.folder / CURRENT).write_bytes(b"torn")
    with pytest.raises(PublishRefused, match="made-up places and takes no real"):
        publish(dataset, real)
    shutil.rmtree(dataset.folder / "receipts")
    for frozen in (real, TWO):
        with pytest.raises(DamagedDataset, match="whole enough to say whether it is real"):
            publish(dataset, frozen)


def test_every_byte_of_the_pointer_counts(dataset: Dataset) -> None:
    publish(dataset, ONE)
    pointer = dataset.folder / CURRENT
    body = pointer.read_bytes()
    for at in range(len(body) - 1):  # all but the newline
        pointer.write_bytes(body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :])
        with pytest.raises(DamagedDataset):
            dataset.pointer()


def test_a_changed_manifest_is_damage(dataset: Dataset) -> None:
    manifest = dataset.folder / "versions" / publish(dataset, ONE).version / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"synthetic": true', b'"synthetic": false'))
    for attempt in (dataset.load, dataset.verify):
        with pytest.raises(DamagedDataset, match="does not fit its checksum"):
            attempt()
    publish(dataset, TWO)
    assert is_whole(dataset) == TWO.version
    assert not (dataset.folder / PREVIOUS).exists()


@pytest.mark.parametrize("body", [{"format": FORMAT + 1}, {"format": 0, "parts": [1]}])
def test_a_manifest_of_another_format_is_refused_by_its_number(
    dataset: Dataset, body: dict[str, Any]
) -> None:
    pointer = publish(dataset, ONE)
    encoded = msgspec.json.encode(body)
    (dataset.folder / "versions" / pointer.version / "manifest.json").write_bytes(encoded)
    other = Pointer(pointer.version, hashlib.sha256(encoded).hexdigest())
    with pytest.raises(
        DamagedDataset, match=rf"has format {body['format']}; this program reads {FORMAT}"
    ):
        dataset.load(other)


def test_a_dataset_of_another_format_can_be_built_anew(dataset: Dataset) -> None:
    pointer = publish(dataset, ONE)
    manifest = dataset.folder / "versions" / pointer.version / "manifest.json"
    body = msgspec.json.decode(manifest.read_bytes()) | {"format": FORMAT - 1}
    manifest.write_bytes(msgspec.json.encode(body))
    dataset._point(
        CURRENT, Pointer(pointer.version, hashlib.sha256(manifest.read_bytes()).hexdigest())
    )
    shutil.rmtree(dataset.folder / "receipts")
    with pytest.raises(PublishRefused, match="made-up places and takes no real"):
        publish(dataset, makers.frozen(makers.three_places(), synthetic=False))
    publish(dataset, TWO)
    assert is_whole(dataset) == TWO.version


def test_any_byte_changed_in_any_file_is_damage_that_verify_names(dataset: Dataset) -> None:
    pointer = publish(dataset, THREE)
    rng = random.Random(1)  # noqa: S311  # no secret is drawn
    for path in stored_files(dataset, pointer):
        body = path.read_bytes()
        for at in {0, len(body) - 1, *(rng.randrange(len(body)) for _ in range(3))} if body else ():
            path.write_bytes(
                body[:at] + bytes([body[at] ^ (1 << rng.randrange(8))]) + body[at + 1 :]
            )
            with pytest.raises(DamagedDataset, match=path.name):
                dataset.verify()
        path.write_bytes(body)
    dataset.verify()


def test_a_file_that_is_missing_or_cut_short_is_damage_even_to_load(dataset: Dataset) -> None:
    pointer = publish(dataset, ONE)
    for path in stored_files(dataset, pointer):
        body = path.read_bytes()
        path.unlink()
        for attempt in (dataset.load, dataset.verify):
            with pytest.raises(DamagedDataset, match=path.name):
                attempt()
        path.write_bytes(body[:-1] if body else b"x")
        with pytest.raises(DamagedDataset, match=path.name):
            dataset.load()
        path.write_bytes(body)
    assert is_whole(dataset) == ONE.version


def test_an_array_whose_heading_is_garbled_is_damage_even_to_load(dataset: Dataset) -> None:
    path = dataset.folder / "versions" / publish(dataset, ONE).version / "arrays" / "lonlat.npy"
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(DamagedDataset, match="lonlat"):
        dataset.load()


def test_a_damaged_version_is_mended_when_it_comes_back(dataset: Dataset) -> None:
    first = publish(dataset, ONE)
    publish(dataset, TWO)
    for path in stored_files(dataset, first):
        path.write_bytes(b"rot")
    publish(dataset, ONE)
    assert is_whole(dataset) == ONE.version


# --- what may not meet ---


def test_a_second_publisher_is_refused_while_one_is_at_work(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(dataset, ONE)
    refused = []

    def meanwhile(descriptor: int) -> None:
        if not refused:
            with pytest.raises(PublishRefused, match="another process is publishing"):
                publish(dataset, THREE)
            refused.append(True)

    monkeypatch.setattr(writing, "sync", meanwhile)
    publish(dataset, TWO)
    assert refused
    assert is_whole(dataset) == TWO.version


def test_what_a_dead_publisher_of_the_same_number_left_is_cleared_away(dataset: Dataset) -> None:
    publish(dataset, ONE)
    left = dataset.folder / "versions" / f".unfinished-{os.getpid()}"
    (left / "arrays").mkdir(parents=True)
    (dataset.folder / ".unfinished-CURRENT").write_bytes(b"half")
    publish(dataset, TWO)
    assert not list(dataset.folder.rglob(".unfinished*"))
    assert is_whole(dataset) == TWO.version


# --- a full disk ---


class Full:
    """Lets a function pass some times, then says that the disk is full."""

    def __init__(self, function: Any, times: int) -> None:
        self.function, self.left = function, times

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if self.left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.left -= 1
        return self.function(*arguments, **named)


def refusal_of(dataset: Dataset, frozen: Frozen) -> str | None:
    try:
        publish(dataset, frozen)
    except PublishRefused as refusal:
        return str(refusal)
    return None


def assert_old_or_new(dataset: Dataset, published: bool) -> None:
    assert is_whole(dataset) == (TWO.version if published else ONE.version)
    assert not list(dataset.folder.rglob(".unfinished*"))
    pointed = {
        dataset.pointer(which).version
        for which in (CURRENT, PREVIOUS)
        if (dataset.folder / which).exists()
    }
    assert {path.name for path in (dataset.folder / "versions").iterdir()} == pointed


@pytest.mark.parametrize(
    ("room", "function"), [(os, "fsync"), (np, "save"), (Path, "rename"), (Path, "replace")]
)
def test_wherever_the_disk_fills_up_the_old_version_stays_and_nothing_is_left_behind(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, room: Any, function: str
) -> None:
    publish(dataset, ONE)
    times, published = 0, False
    while not published:
        with monkeypatch.context() as patch:
            full = Full(getattr(room, function), times)
            patch.setattr(room, function, lambda *args, full=full, **named: full(*args, **named))
            refusal = refusal_of(dataset, TWO)
        published = refusal is None
        assert published or "No space left on device" in refusal
        assert_old_or_new(dataset, published)
        times += 1
    assert times > 1


def test_a_disk_that_takes_no_dataset_at_all_refuses_in_words(tmp_path: Path) -> None:
    (tmp_path / "datasets").write_bytes(b"a file where a folder should be")
    with pytest.raises(PublishRefused, match="nothing was published"):
        publish(Dataset(tmp_path, "made"), ONE)


#: The parts of a dataset's version, read back, for programs of their own.
PARTS = textwrap.dedent("""
    import itertools, json, os, subprocess, sys, uuid
    from pathlib import Path
    import numpy as np
    from geodata.errors import PublishRefused
    from geodata.store.files import Dataset

    home = Path(sys.argv[1])

    def parts(name):
        source = Dataset(home, name)
        pointer = source.pointer()
        manifest = source.manifest(pointer)
        folder = source.folder / "versions" / pointer.version
        arrays = {p.stem: np.load(p) for p in folder.glob("arrays/*.npy")}
        blobs = {n: (folder / n).read_bytes() for n in manifest.parts if not n.startswith("arrays/")}
        return manifest.about, arrays, blobs
    """)
#: For each size publishes to a disk of its own, a small tmpfs, until it is full, and says what is
#: there then.
SMALL_DISKS = PARTS + textwrap.dedent("""
    disk, one = Path(sys.argv[2]), parts("one")
    for size_k in sys.argv[3:]:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_k}k", "none", str(disk)], check=True)
        target = Dataset(disk, "made")
        try:
            for number in itertools.count():
                target.publish(f"{number:016x}", *one)
        except PublishRefused as refusal:
            for each in target.versions():
                target.verify(target.find(each.version))
            there = {path.name for path in (target.folder / "versions").iterdir()}
            left = [path.name for path in target.folder.rglob("*") if path.name.startswith(".unf")]
            kept = {each.version for each in target.versions()}
            print(json.dumps([number, int(target.pointer().version, 16), there == kept, left, str(refusal)]))
        subprocess.run(["umount", str(disk)], check=True)
    """)


@pytest.mark.parametrize("share", SHARES)
def test_a_disk_that_is_really_full_leaves_the_old_version_whole(
    tmp_path: Path, share: int, record_property: Callable[[str, object], None]
) -> None:
    publish(Dataset(tmp_path, "one"), ONE)
    weight_k = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) // 1000
    rng = random.Random(4 + share)  # noqa: S311  # no secret is drawn
    sizes = [str(int(weight_k * rng.uniform(1.3, 4.0))) for _ in range(DISKS)]
    record_property("a disk filled by publishing, old version whole", DISKS)
    (tmp_path / "disk").mkdir()
    command = [sys.executable, "-c", SMALL_DISKS, str(tmp_path), str(tmp_path / "disk"), *sizes]
    found = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        cwd=Path(__file__).parents[2],
    )
    if found.stderr.startswith("unshare:"):
        pytest.skip(f"no disk can be mounted here: {found.stderr.strip()}")
    assert found.returncode == 0, found.stderr
    told = [json.loads(line) for line in found.stdout.splitlines()]
    assert len(told) == len(sizes)
    for number, current, only_kept, left, refusal in told:
        assert (current, only_kept, left) == (number - 1, True, [])
        assert re.match(
            r"nothing was published: (No space left on device|.*the disk may be full); the version",
            refusal,
        )


# --- kill -9 ---

#: Imports once; then, for each line it is sent, lets a child publish two versions in turn until the
#: child is killed.
PUBLISHER = PARTS + textwrap.dedent("""
    versions = parts("one"), parts("two")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            for version in itertools.cycle(versions):
                Dataset(home, "target").publish(uuid.uuid4().hex[:16], *version)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("dead", flush=True)
    """)


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    for name, frozen in (("one", ONE), ("two", TWO), ("target", ONE)):
        publish(Dataset(tmp_path, name), frozen)
    with subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        yield process
        process.stdin.close()


def go(publisher: subprocess.Popen[str]) -> int:
    """The process that publishes from now on."""
    publisher.stdin.write("go\n")
    publisher.stdin.flush()
    return int(publisher.stdout.readline())


@pytest.mark.parametrize("share", SHARES)
def test_a_publisher_killed_at_any_moment_leaves_the_old_or_the_new_version_whole(
    tmp_path: Path,
    publisher: subprocess.Popen[str],
    share: int,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("kill -9 of a publish, old or new version whole", KILLS)
    target = Dataset(tmp_path, "target")
    rng = random.Random(9 + share)  # noqa: S311  # no secret is drawn
    old_or_new, interrupted = [ask(ONE.snapshot()), ask(TWO.snapshot())], 0
    for number in range(KILLS):
        child = go(publisher)
        if number % 2:  # at any moment: before it begins, too, on a busy machine
            time.sleep(rng.uniform(0.0, 0.3))
            os.kill(child, signal.SIGKILL)
        else:  # while it writes
            aside, parts = target.folder / "versions" / f".unfinished-{child}", rng.randrange(1, 25)
            kill_when(child, lambda: len(list(aside.glob("arrays/*"))) >= parts)  # noqa: B023  # called before the loop goes on
        assert publisher.stdout.readline() == "dead\n"
        is_whole(target)
        assert ask(target.load()) in old_or_new
        assert (
            all_whole(target) <= Dataset.keep + 1
        )  # one more where the dead one was about to clear
        interrupted += bool(list(target.folder.rglob(".unfinished*")))
    assert interrupted >= (KILLS + 1) // 2
    assert_nothing_is_left_behind(target)


def all_whole(target: Dataset) -> int:
    """Every version that can be gone back to is whole, and the newest is the current one.

    How many there are.
    """
    kept = target.versions()
    for each in kept:
        target.verify(target.find(each.version))
    assert kept[0].pointed == CURRENT
    return len(kept)


def assert_nothing_is_left_behind(target: Dataset) -> None:
    for frozen in (TWO, ONE):
        publish(target, frozen)
    assert is_whole(target) == ONE.version
    assert not [
        path
        for path in target.folder.rglob("*")
        if path.name.startswith(".unf") or path.suffix == ".pending"
    ]
    assert folders(target) == {each.version for each in target.versions()}
    assert len(folders(target)) <= Dataset.keep


def test_a_home_can_be_moved(dataset: Dataset, tmp_path: Path) -> None:
    publish(dataset, ONE)
    shutil.move(tmp_path / "datasets", tmp_path / "elsewhere" / "datasets")
    assert is_whole(Dataset(tmp_path / "elsewhere", "made")) == ONE.version


# --- each stored range, and the clock ---


#: Of a file of arrays the heading that says what it holds.
HEADING = 128


def sections(path: Path) -> list[tuple[int, int]]:
    """A stored file cut into parts that can go bad by themselves: an array's heading, and four
    ranges of the rest.
    """
    size = path.stat().st_size
    start = min(HEADING, size) if path.suffix == ".npy" else 0
    edges = {0, *(start + round((size - start) * number / 4) for number in range(5))}
    return list(itertools.pairwise(sorted(edges)))


def damaged(path: Path, section: tuple[int, int], rng: random.Random) -> bytes:
    """Change every byte of a section; gives what the file held."""
    body = path.read_bytes()
    first, last = section
    changed = bytes(byte ^ rng.randrange(1, 256) for byte in body[first:last])
    path.write_bytes(body[:first] + changed + body[last:])
    return body


@pytest.mark.parametrize("share", SHARES)
def test_whatever_range_is_damaged_it_is_told_and_there_is_a_way_on_and_a_way_back(
    tmp_path: Path, share: int, record_property: Callable[[str, object], None]
) -> None:
    store = Dataset(tmp_path / "store", "made")
    answers = {
        publish(store, frozen).version: ask(frozen.snapshot()) for frozen in (ONE, TWO, THREE)
    }
    current = store.pointer().version
    rng = random.Random(2 + share)  # noqa: S311  # no secret is drawn
    files_there = sorted(
        path for path in store.folder.rglob("*") if path.is_file() and path.stat().st_size
    )
    if not SOAK:
        files_there = [path for path in files_there if path.parent == store.folder] + rng.sample(
            files_there, 10
        )
    mine = files_there[share :: len(SHARES)]
    told = 0
    for path in mine:
        every = sections(path)
        for section in every:
            whole = damaged(path, section, rng)
            assert damage_is_told(store, path) or path.name == ".lock"
            path.write_bytes(whole)
            told += 1
        assert_ways_lead_on(tmp_path, path, rng.choice(every), rng, answers, current)
    assert is_whole(store) == current
    record_property("a range of a stored file damaged, and told", told)
    record_property("of these, in each file one: a way on and a way back", len(mine))


def assert_ways_lead_on(
    tmp_path: Path,
    path: Path,
    section: tuple[int, int],
    rng: random.Random,
    answers: dict[str, Any],
    current: str,
) -> None:
    """In a copy of the store: back to a version that answers as it did, and on to another one."""
    home = tmp_path / "copy"
    shutil.copytree(tmp_path / "store", home)
    torn, copy = Dataset(home, "made"), home / path.relative_to(tmp_path / "store")
    damaged(copy, section, rng)
    back = torn.rollback()
    assert ask(torn.load()) == answers[back.version]
    assert is_whole(torn) != current
    assert publish(torn, TWO if back.version != TWO.version else ONE)
    assert ask(torn.load()) in answers.values()
    is_whole(torn)
    shutil.rmtree(home)


def damage_is_told(store: Dataset, damaged: Path) -> bool:
    """By the version that the file belongs to, by the pointer, or by a receipt that is not taken
    for one.
    """
    if damaged.parent.name == "receipts":
        return store.receipt(damaged.stem) is None
    if damaged.name in {CURRENT, PREVIOUS}:
        attempts = [lambda: store.pointer(damaged.name)]
    else:
        attempts = [
            lambda name=each.version: store.verify(store.find(name)) for each in store.versions()
        ]
    told = 0
    for attempt in attempts:
        try:
            attempt()
        except DamagedDataset:
            told += 1
    return told == 1


@pytest.mark.parametrize("years", [-2, 2])
def test_a_clock_that_is_years_off_changes_no_order_and_no_answer(
    dataset: Dataset, years: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("a clock two years off, order and answers the same", 1)
    wrong = makers.NIGHT.replace(year=makers.NIGHT.year + years)
    for frozen, at in ((ONE, makers.NIGHT), (THREE, wrong), (TWO, makers.NIGHT)):
        dataset.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs, Stamp(at, "me"))
        for path in dataset.folder.rglob("*"):
            os.utime(path, (at.timestamp(), at.timestamp()))
        assert ask(dataset.load()) == ask(frozen.snapshot())
    assert [each.receipt.at for each in dataset.versions()] == [makers.NIGHT, wrong, makers.NIGHT]
    dataset.rollback()
    assert ask(dataset.load()) == ask(THREE.snapshot())
    assert {place.since for place in dataset.load().former} == {wrong.date()}
    assert len(dataset.prune(1)) == 2
    assert ask(dataset.load()) == ask(THREE.snapshot())
