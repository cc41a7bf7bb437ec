"""What holds of every store of versions, on disk as in the database: one suite, each fact run over
both.
"""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

from geodata.errors import BadValue, DamagedDataset, NoDataset, PublishRefused
from geodata.pipeline.freeze import Frozen
from geodata.search.nearest import Question, nearest
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import CURRENT, PREVIOUS, Dataset, Pointer, Seen, datasets
from geodata.store.postgis import SharedDataset, shared_datasets
from tests import makers

ONE = makers.frozen(makers.three_places())
TWO = makers.frozen(makers.three_places(name=["新驿站", "新面馆", "新街"]))
THREE = makers.frozen(makers.random_city(40, lines=3))


class Store(Protocol):
    """What the facts ask of a store; each method is one call of its own, or two."""

    def named(self, name: str) -> "Store": ...
    def names(self) -> tuple[str, ...]: ...
    def publish(self, frozen: Frozen, seen: Seen | None = None) -> Pointer: ...
    def pointer(self, which: str = CURRENT) -> Pointer: ...
    def load(self, pointer: Pointer | None = None) -> Snapshot: ...
    def blob(self, version: str, name: str) -> bytes: ...
    def verified(self) -> str: ...
    def current(self) -> Pointer | None: ...
    def rollback(self, seen: Seen | None = None) -> Pointer: ...
    def damage(self, version: str) -> Iterator[str]:
        """Change a byte of each stored file in turn, give its name, and mend it."""


class OnDisk:
    def __init__(self, home: Path, name: str = "made") -> None:
        self.home, self.dataset = home, Dataset(home, name)

    def named(self, name: str) -> "OnDisk":
        return OnDisk(self.home, name)

    def names(self) -> tuple[str, ...]:
        return datasets(self.home)

    def publish(self, frozen: Frozen, seen: Seen | None = None) -> Pointer:
        return self.dataset.publish(
            frozen.version, frozen.about, frozen.arrays, frozen.blobs, seen=seen
        )

    def pointer(self, which: str = CURRENT) -> Pointer:
        return self.dataset.pointer(which)

    def load(self, pointer: Pointer | None = None) -> Snapshot:
        return self.dataset.load(pointer)

    def blob(self, version: str, name: str) -> bytes:
        return self.dataset.blob(version, name)

    def verified(self) -> str:
        return self.dataset.verify().version

    def current(self) -> Pointer | None:
        return self.dataset.current()

    def rollback(self, seen: Seen | None = None) -> Pointer:
        return self.dataset.rollback(seen=seen)

    def damage(self, version: str) -> Iterator[str]:
        folder = self.dataset.folder / "versions" / version
        for path in sorted(
            path for path in folder.rglob("*") if path.is_file() and path.stat().st_size
        ):
            body = path.read_bytes()
            path.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
            yield path.name
            path.write_bytes(body)


class InDatabase:
    """Each publisher and each reader is a machine with a home of its own."""

    def __init__(self, url: str, machines: Path, name: str = "made") -> None:
        self.url, self.machines, self.shared = url, machines, SharedDataset(url, name)

    def _machine(self) -> Dataset:
        return Dataset(Path(tempfile.mkdtemp(dir=self.machines)), self.shared.name)

    def named(self, name: str) -> "InDatabase":
        return InDatabase(self.url, self.machines, name)

    def names(self) -> tuple[str, ...]:
        return shared_datasets(self.url)

    def publish(self, frozen: Frozen, seen: Seen | None = None) -> Pointer:
        local = self._machine()
        local.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
        return self.shared.push(local, force=True, seen=seen)

    def pointer(self, which: str = CURRENT) -> Pointer:
        return self.shared.pointer(which)

    def load(self, pointer: Pointer | None = None) -> Snapshot:
        local = self._machine()
        self.shared.pull(local, pointer)
        return local.load()

    def blob(self, version: str, name: str) -> bytes:
        return self.shared.blob(version, name)

    def verified(self) -> str:
        return self.shared.verify().version

    def current(self) -> Pointer | None:
        return self.shared.current()

    def rollback(self, seen: Seen | None = None) -> Pointer:
        return self.shared.rollback(seen=seen)

    def damage(self, version: str) -> Iterator[str]:
        change = (
            b"UPDATE nuanfeng.part SET body = set_byte(body, 0, get_byte(body, 0) # 1) WHERE name"
            b" = %s"
        )
        with psycopg.connect(self.url, autocommit=True) as at:
            for (name,) in at.execute(
                "SELECT DISTINCT name FROM nuanfeng.part ORDER BY name"
            ).fetchall():
                at.execute(change, (name,))
                yield name
                at.execute(change, (name,))


@pytest.fixture(params=["on disk", "in the database"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "on disk":
        return OnDisk(tmp_path)
    return InDatabase(request.getfixturevalue("database_url"), tmp_path)


def ask(snapshot: Snapshot) -> list[tuple[str, float, bytes]]:
    hits = nearest(snapshot, Question(114.05, 22.54, makers.NIGHT, max_distance_m=50_000)).hits
    return [
        (snapshot.id_of(hit.row), hit.distance_m, snapshot.records.whole(hit.row)) for hit in hits
    ]


@pytest.mark.parametrize("frozen", [ONE, THREE], ids=["three places", "a small city"])
def test_what_is_published_answers_as_what_was_frozen(store: Store, frozen: Frozen) -> None:
    pointer = store.publish(frozen)
    loaded = store.load()
    assert pointer.version == loaded.version == store.verified() == frozen.version
    assert loaded.about == frozen.about
    assert ask(loaded) == ask(frozen.snapshot())


def test_files_are_given_back_as_they_were_published(store: Store) -> None:
    store.publish(ONE)
    for name, blob in ONE.blobs.items():
        assert store.blob(ONE.version, name) == blob


def test_publishing_the_same_again_changes_nothing(store: Store) -> None:
    first = store.publish(ONE)
    assert store.publish(ONE) == store.pointer() == first
    with pytest.raises(NoDataset):
        store.pointer(PREVIOUS)


def test_previous_names_the_version_before_and_can_be_loaded(store: Store) -> None:
    first, second = store.publish(ONE), store.publish(TWO)
    assert store.pointer() == second
    assert store.pointer(PREVIOUS) == first
    assert ask(store.load(first)) == ask(ONE.snapshot())


def test_rolling_back_goes_to_the_version_before(store: Store) -> None:
    first = store.publish(ONE)
    store.publish(TWO)
    assert store.rollback() == store.pointer() == first
    assert store.verified() == ONE.version
    assert ask(store.load()) == ask(ONE.snapshot())


def test_nothing_can_be_rolled_back_to_where_there_was_only_one_version(store: Store) -> None:
    store.publish(ONE)
    with pytest.raises(NoDataset):
        store.rollback()


# --- what one saw ---

MEANWHILE = "Nothing was changed; look at what is there, and begin anew"


def test_work_on_a_version_that_another_replaced_meanwhile_is_refused(store: Store) -> None:
    seen = Seen(store.publish(ONE))
    other = store.publish(TWO)
    told = (
        f"was at version {ONE.version} when this work began and is at version {other.version}"
        f" now.*{MEANWHILE}"
    )
    with pytest.raises(PublishRefused, match=told):
        store.publish(THREE, seen)
    assert store.verified() == other.version
    assert store.publish(THREE, Seen(store.current())) == store.pointer()


def test_a_first_version_is_refused_where_another_came_first(store: Store) -> None:
    nothing = Seen(store.current())
    assert nothing.current is None
    first = store.publish(ONE, nothing)
    with pytest.raises(
        PublishRefused, match=f"was at no version.*is at version {first.version} now"
    ):
        store.publish(TWO, nothing)
    assert store.pointer() == first


def test_nobody_goes_back_from_a_version_that_he_has_not_seen(store: Store) -> None:
    first, second = store.publish(ONE), Seen(store.publish(TWO))
    third = store.publish(THREE)
    with pytest.raises(PublishRefused, match=MEANWHILE):
        store.rollback(second)
    assert store.verified() == third.version
    assert store.rollback(Seen(store.current())) == second.current
    with pytest.raises(PublishRefused, match=MEANWHILE):
        store.publish(THREE, Seen(first))


def test_of_two_who_saw_the_same_and_publish_at_once_one_does(store: Store) -> None:
    seen = Seen(store.publish(ONE))
    together, done, refused = threading.Barrier(2), list[Pointer](), list[str]()

    def work(frozen: Frozen) -> None:
        together.wait()
        try:
            done.append(store.publish(frozen, seen))
        except PublishRefused as refusal:
            refused.append(str(refusal))

    both = [threading.Thread(target=work, args=[frozen]) for frozen in (TWO, THREE)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(done) == len(refused) == 1
    assert store.pointer() == done[0]
    assert store.verified() == done[0].version
    assert store.pointer(PREVIOUS) == seen.current


def test_a_version_can_come_back(store: Store) -> None:
    for frozen in (ONE, TWO, ONE, TWO):
        store.publish(frozen)
        assert store.verified() == store.load().version == frozen.version


def test_a_damaged_version_is_mended_when_it_comes_back(store: Store) -> None:
    store.publish(ONE)
    damages = store.damage(ONE.version)
    next(damages)
    with pytest.raises(DamagedDataset):
        store.verified()
    store.publish(TWO)
    store.publish(ONE)
    assert store.verified() == ONE.version


def test_a_byte_changed_in_any_file_is_damage_that_verify_names(store: Store) -> None:
    store.publish(THREE)
    met = 0
    for name in store.damage(THREE.version):
        with pytest.raises(DamagedDataset, match=name):
            store.verified()
        met += 1
    assert met > len(THREE.arrays)
    assert store.verified() == THREE.version


def test_a_snapshot_outlives_its_version(store: Store) -> None:
    store.publish(ONE)
    old = store.load()
    for frozen in (TWO, THREE):
        store.publish(frozen)
    assert ask(old) == ask(ONE.snapshot())


def test_made_up_and_real_places_never_share_a_dataset(store: Store) -> None:
    real = makers.frozen(makers.three_places(), synthetic=False)
    for name, first, second, words in (
        ("one", ONE, real, "made-up places and takes no real"),
        ("two", real, ONE, "real places and takes no made-up"),
    ):
        own = store.named(name)
        own.publish(first)
        with pytest.raises(PublishRefused, match=words):
            own.publish(second)
        assert own.verified() == first.version


def test_datasets_are_listed_by_name_once_they_have_a_version(store: Store) -> None:
    assert store.names() == ()
    for name in ("b", "a"):
        store.named(name).publish(ONE)
    assert store.names() == ("a", "b")


def test_without_a_dataset_there_is_nothing_to_load(store: Store) -> None:
    for attempt in (store.pointer, store.load, store.verified, store.rollback):
        with pytest.raises(NoDataset):
            attempt()


def test_a_name_that_could_be_anything_else_is_refused(store: Store) -> None:
    for name in ("", "A", "a/b", "..", ".a", "-a", "a b", "a" * 64, "深圳", "a\n", "'; --"):
        with pytest.raises(BadValue, match="dataset name"):
            store.named(name)
