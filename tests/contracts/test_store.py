"""A store keeps versions whole: whatever kills, fills, damages or crowds it, it answers from the old or the new one."""

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from geodata.errors import BadValue, DamagedDataset, NoDataset, PublishRefused
from geodata.freeze import Frozen
from geodata.search import Question, nearest
from geodata.snapshot import FORMAT, Snapshot
from geodata.store import files
from geodata.store.files import CURRENT, PREVIOUS, Dataset, Pointer, datasets
from tests import makers

#: `make soak` asks for more.
KILLS = int(os.environ.get("NUANFENG_SOAK", "15"))

ONE = makers.frozen(makers.three_places())
TWO = makers.frozen(makers.three_places(name=["新驿站", "新面馆", "新街"]))
THREE = makers.frozen(makers.random_city(40, lines=3))


def publish(dataset: Dataset, frozen: Frozen) -> Pointer:
    return dataset.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)


def ask(snapshot: Snapshot) -> list[tuple[str, float, bytes]]:
    hits = nearest(snapshot, Question(114.05, 22.54, makers.NIGHT, max_distance_m=50_000)).hits
    return [(snapshot.id_of(hit.row), hit.distance_m, b"|".join(snapshot.record(hit.row))) for hit in hits]


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


@pytest.mark.parametrize("frozen", [ONE, THREE], ids=["three places", "a small city"])
def test_what_is_published_answers_as_what_was_frozen(dataset: Dataset, frozen: Frozen) -> None:
    pointer = publish(dataset, frozen)
    loaded = dataset.load()
    assert pointer.version == loaded.version == frozen.version
    assert loaded.about == frozen.about
    assert ask(loaded) == ask(frozen.snapshot())
    assert dataset.verify().about == frozen.about


def test_a_city_without_streets_or_without_points_is_kept_too(dataset: Dataset) -> None:
    raw = makers.three_places()
    for rows in (raw.iloc[:2], raw.iloc[2:]):
        publish(dataset, makers.frozen(rows))
        assert len(ask(dataset.load())) == len(rows)


def test_loaded_arrays_cannot_be_written(dataset: Dataset) -> None:
    publish(dataset, ONE)
    with pytest.raises(ValueError, match="read-only"):
        dataset.load().index.points[0, 0] = 0.0


def test_files_are_given_back_as_they_were_published(dataset: Dataset) -> None:
    publish(dataset, ONE)
    for name, blob in ONE.blobs.items():
        assert dataset.blob(ONE.version, name) == blob


def test_publishing_the_same_again_changes_nothing(dataset: Dataset) -> None:
    first = publish(dataset, ONE)
    before = [(path, path.stat().st_mtime_ns) for path in stored_files(dataset, first)]
    assert publish(dataset, ONE) == first
    assert [(path, path.stat().st_mtime_ns) for path in stored_files(dataset, first)] == before
    assert not (dataset.folder / PREVIOUS).exists()


def test_previous_names_the_version_before_and_can_be_loaded(dataset: Dataset) -> None:
    first, second = publish(dataset, ONE), publish(dataset, TWO)
    assert dataset.pointer() == second
    assert dataset.pointer(PREVIOUS) == first
    assert ask(dataset.load(first)) == ask(ONE.snapshot())


def test_restoring_goes_back_to_the_version_before(dataset: Dataset) -> None:
    first = publish(dataset, ONE)
    publish(dataset, TWO)
    assert dataset.restore_previous() == first
    assert is_whole(dataset) == ONE.version


def test_nothing_can_be_restored_where_there_was_only_one_version(dataset: Dataset) -> None:
    publish(dataset, ONE)
    with pytest.raises(NoDataset):
        dataset.restore_previous()


def test_a_version_can_come_back(dataset: Dataset) -> None:
    for frozen in (ONE, TWO, ONE, TWO):
        publish(dataset, frozen)
        assert is_whole(dataset) == frozen.version


def test_only_the_two_versions_pointed_to_are_kept(dataset: Dataset) -> None:
    for frozen in (ONE, TWO, THREE):
        publish(dataset, frozen)
    assert {path.name for path in (dataset.folder / "versions").iterdir()} == {TWO.version, THREE.version}


def test_a_snapshot_outlives_its_files(dataset: Dataset) -> None:
    publish(dataset, ONE)
    old = dataset.load()
    for frozen in (TWO, THREE):
        publish(dataset, frozen)
    assert ask(old) == ask(ONE.snapshot())


def test_datasets_are_listed_by_name_once_they_have_a_version(tmp_path: Path) -> None:
    assert datasets(tmp_path) == ()
    for name in ("b", "a"):
        publish(Dataset(tmp_path, name), ONE)
    (tmp_path / "datasets" / "empty").mkdir()
    assert datasets(tmp_path) == ("a", "b")


def test_without_a_dataset_there_is_nothing_to_load(dataset: Dataset) -> None:
    with pytest.raises(NoDataset, match="'made'"):
        dataset.load()


@pytest.mark.parametrize("name", ["", "A", "a/b", "..", ".a", "-a", "a b", "a" * 64, "深圳", "a\n"])
def test_a_name_that_could_leave_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadValue, match="dataset name"):
        Dataset(tmp_path, name)


# --- damage ---


@pytest.mark.parametrize(
    "torn",
    [b"", b"abc", b"\xff\xfe\x00", b"a b c\n", ONE.version.encode(), b"\x00" * 100],
    ids=["empty", "short", "bytes", "wrong sum", "half", "zeros"],
)
def test_a_torn_pointer_is_damage(dataset: Dataset, torn: bytes) -> None:
    publish(dataset, ONE)
    (dataset.folder / CURRENT).write_bytes(torn)
    for attempt in (dataset.pointer, dataset.load, dataset.verify, lambda: publish(dataset, TWO)):
        with pytest.raises(DamagedDataset, match="CURRENT is damaged"):
            attempt()


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
    for attempt in (dataset.load, dataset.verify, lambda: publish(dataset, TWO)):
        with pytest.raises(DamagedDataset, match="does not fit its checksum"):
            attempt()


@pytest.mark.parametrize("body", [{"format": FORMAT + 1}, {"format": 0, "parts": [1]}])
def test_a_manifest_of_another_format_is_refused_by_its_number(dataset: Dataset, body: dict[str, Any]) -> None:
    pointer = publish(dataset, ONE)
    encoded = msgspec.json.encode(body)
    (dataset.folder / "versions" / pointer.version / "manifest.json").write_bytes(encoded)
    other = Pointer(pointer.version, files.hashlib.sha256(encoded).hexdigest())
    with pytest.raises(DamagedDataset, match=rf"has format {body['format']}; this program reads {FORMAT}"):
        dataset.load(other)


@pytest.mark.parametrize("synthetic", [True, False])
def test_a_version_of_an_older_format_is_followed_by_one_of_its_own_nature(
    dataset: Dataset, *, synthetic: bool
) -> None:
    pointer = publish(dataset, ONE)
    old = msgspec.json.encode({"format": FORMAT - 1, "about": {"synthetic": synthetic}})
    (dataset.folder / "versions" / pointer.version / "manifest.json").write_bytes(old)
    words = f"{pointer.version} {files.hashlib.sha256(old).hexdigest()}"
    (dataset.folder / "CURRENT").write_text(f"{words} {files._short_digest(words)}\n", encoding="utf-8")
    with pytest.raises(DamagedDataset, match="build or import anew"):
        dataset.load()
    if synthetic:
        assert publish(dataset, TWO) == dataset.pointer()
        assert len(dataset.load())
    else:
        with pytest.raises(PublishRefused, match="takes no made-up ones"):
            publish(dataset, TWO)


def test_any_byte_changed_in_any_file_is_damage_that_verify_names(dataset: Dataset) -> None:
    pointer = publish(dataset, THREE)
    rng = random.Random(1)  # noqa: S311
    for path in stored_files(dataset, pointer):
        body = path.read_bytes()
        for at in {0, len(body) - 1, *(rng.randrange(len(body)) for _ in range(3))} if body else ():
            path.write_bytes(body[:at] + bytes([body[at] ^ (1 << rng.randrange(8))]) + body[at + 1 :])
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


def test_made_up_and_real_places_never_share_a_dataset(tmp_path: Path) -> None:
    real = makers.frozen(makers.three_places(), synthetic=False)
    for first, second, words in (
        (ONE, real, "made-up places and takes no real"),
        (real, ONE, "real places and takes no"),
    ):
        dataset = Dataset(tmp_path, f"d{first.version}")
        publish(dataset, first)
        with pytest.raises(PublishRefused, match=words):
            publish(dataset, second)
        assert is_whole(dataset) == first.version


def test_a_second_publisher_is_refused_while_one_is_at_work(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(dataset, ONE)
    refused = []

    def meanwhile(descriptor: int) -> None:
        if not refused:
            with pytest.raises(PublishRefused, match="another process is publishing"):
                publish(dataset, THREE)
            refused.append(True)

    monkeypatch.setattr(files, "_sync", meanwhile)
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
    pointed = {dataset.pointer(which).version for which in (CURRENT, PREVIOUS) if (dataset.folder / which).exists()}
    assert {path.name for path in (dataset.folder / "versions").iterdir()} == pointed


@pytest.mark.parametrize(("room", "function"), [(os, "fsync"), (np, "save"), (Path, "rename"), (Path, "replace")])
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


# --- kill -9 ---

#: Imports once; then, for each line it is sent, lets a child publish two versions in turn until the child is killed.
PUBLISHER = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    import numpy as np
    from geodata.store.files import Dataset

    home = Path(sys.argv[1])

    def parts(name):
        source = Dataset(home, name)
        pointer = source.pointer()
        manifest = source.manifest(pointer)
        folder = source.folder / "versions" / pointer.version
        arrays = {p.stem: np.load(p) for p in folder.glob("arrays/*.npy")}
        blobs = {n: (folder / n).read_bytes() for n in manifest.parts if not n.startswith("arrays/")}
        return pointer.version, manifest.about, arrays, blobs

    versions = parts("one"), parts("two")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            while True:
                for version in versions:
                    Dataset(home, "target").publish(*version)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("dead", flush=True)
    """
)


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    for name, frozen in (("one", ONE), ("two", TWO), ("target", ONE)):
        publish(Dataset(tmp_path, name), frozen)
    with subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    ) as process:  # fmt: skip
        yield process
        process.stdin.close()


def kill_in_the_middle(publisher: subprocess.Popen[str], seconds: float) -> None:
    publisher.stdin.write("go\n")
    publisher.stdin.flush()
    child = int(publisher.stdout.readline())
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    assert publisher.stdout.readline() == "dead\n"


def test_a_publisher_killed_at_any_moment_leaves_the_old_or_the_new_version_whole(
    tmp_path: Path, publisher: subprocess.Popen[str]
) -> None:
    target = Dataset(tmp_path, "target")
    rng = random.Random(9)  # noqa: S311
    met, interrupted = set(), 0
    for _ in range(KILLS):
        kill_in_the_middle(publisher, rng.uniform(0.0, 0.3))
        met.add(is_whole(target))
        interrupted += bool(list(target.folder.rglob(".unfinished*")))
    assert met <= {ONE.version, TWO.version}
    assert interrupted > 0
    for frozen in (TWO, ONE):
        publish(target, frozen)
    assert_only_two_versions(target)


def assert_only_two_versions(target: Dataset) -> None:
    assert is_whole(target) == ONE.version
    assert not list(target.folder.rglob(".unfinished*"))
    assert len(list((target.folder / "versions").iterdir())) == 2


def test_a_home_can_be_moved(dataset: Dataset, tmp_path: Path) -> None:
    publish(dataset, ONE)
    shutil.move(tmp_path / "datasets", tmp_path / "elsewhere" / "datasets")
    assert is_whole(Dataset(tmp_path / "elsewhere", "made")) == ONE.version
