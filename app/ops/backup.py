"""A backup: one file with what people said and by what questions are answered, and the way back.

    manifest.json                   what is in it, and the checksum of each member
    voice.db                        what people said, as a file of SQLite
    datasets|networks|grounds/…     the current version of each, as the home holds it
    calendar/…                      the years of holidays that an operator loaded

It holds no key: letters in it can be read with a copy of the keys alone (`nuanfeng keys export`).
"""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec

from app.db import copies
from app.db.database import Database
from geodata.errors import StoreError, why_of
from geodata.store.calendar import HomeCalendar, understood
from geodata.store.files import BaseMapStore, Dataset, RoadNetwork
from geodata.store.versions import Pointer

FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_VOICE: Final = "voice.db"
_CALENDAR: Final = "calendar/"
_PIECE: Final = 1 << 20
#: Beside what people said: when the last backup was made, for `nuanfeng doctor`.
_NOTE: Final = "{dataset}.backed-up"
Store = Dataset | RoadNetwork | BaseMapStore
_STORES: Final[tuple[type[Store], ...]] = (Dataset, RoadNetwork, BaseMapStore)


class BadBackup(StoreError):
    """A file that is no backup, or a damaged one; or a backup that cannot be written."""


class HeldStore(msgspec.Struct, frozen=True):
    """A version that a backup holds."""

    room: str
    name: str
    version: str
    manifest_sha256: str

    @property
    def folder(self) -> str:
        """Where its files lie in the backup."""
        return f"{self.room}/{self.name}/"


class BackupManifest(msgspec.Struct, frozen=True):
    """What a backup holds."""

    format: int
    program: str
    dataset: str
    made_at: datetime
    rows: dict[str, int]
    """Of each table; empty where nobody had said anything yet."""
    stores: tuple[HeldStore, ...]
    sha256: dict[str, str]
    """Of each member but this one."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore put back."""

    dataset: str
    made_at: datetime
    rows: dict[str, int]
    stores: tuple[HeldStore, ...]
    years: int


def save(file: Path, database: Database, stores: Iterable[Store], now: datetime) -> BackupManifest:
    """Write a backup while servers run, whole or not at all; a file that is there is replaced.

    `stores`: the dataset first; those without a version are left out. Raises BadBackup where the
    disk refuses, VoiceAway, and DamagedDataset where a version does not fit its checksums.
    """
    stores = [store for store in stores if store.current()]
    if not stores:
        raise BadBackup("there is nothing to back up: this home has no such dataset")
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with TemporaryDirectory(dir=file.parent, prefix=".backup-") as scratch:
            held = _written(draft, Path(scratch) / _VOICE, database, stores, now)
        draft.replace(file)
    except OSError as fault:
        raise BadBackup("{file} cannot be written: {why}", file=file, why=why_of(fault)) from None
    finally:
        draft.unlink(missing_ok=True)
    _note(stores[0].home, stores[0].name, now)
    return held


def _written(
    draft: Path, copy: Path, database: Database, stores: list[Store], now: datetime
) -> BackupManifest:
    is_there = not database.is_sqlite or Path(str(database.url.database)).exists()
    rows = copies.save(database, copy, now) if is_there else {}
    digests: dict[str, str] = {}
    opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
        held = tuple(_add_store(archive, store, digests) for store in stores)
        years = HomeCalendar(stores[0].home).folder
        for each in sorted(years.rglob("*.json")):
            _add(archive, _CALENDAR + each.relative_to(years).as_posix(), each, digests)
        if rows:
            _add(archive, _VOICE, copy, digests)
        made = BackupManifest(FORMAT, version("nuanfeng"), stores[0].name, now, rows, held, digests)
        body = msgspec.json.format(msgspec.json.encode(made), indent=1)
        archive.addfile(_member(_MANIFEST, len(body)), io.BytesIO(body))
        file.flush()
        os.fsync(file.fileno())
    return made


def _add_store(archive: tarfile.TarFile, store: Store, digests: dict[str, str]) -> HeldStore:
    """Add a verified version, all of whose files stay while it is current."""
    pointer = store.pointer()
    store.verify(pointer)
    held = HeldStore(store.room, store.name, pointer.version, pointer.manifest_sha256)
    folder = store.folder / "versions" / pointer.version
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        _add(archive, held.folder + path.relative_to(folder).as_posix(), path, digests)
    return held


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _add(archive: tarfile.TarFile, name: str, path: Path, digests: dict[str, str]) -> None:
    with path.open("rb") as file:
        digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        archive.addfile(_member(name, path.stat().st_size), file)


def _note(home: Path, dataset: str, now: datetime) -> None:
    """Where the home takes nothing, nobody is told of the age of backups."""
    noted = home / "voice" / _NOTE.format(dataset=dataset)
    try:
        noted.parent.mkdir(parents=True, exist_ok=True)
        noted.write_text(now.isoformat(), encoding="ascii")
    except OSError:
        return


def last_at(home: Path, dataset: str) -> datetime | None:
    """When the last backup was made from this home; None: never, as far as it is known."""
    try:
        noted = (home / "voice" / _NOTE.format(dataset=dataset)).read_text(encoding="ascii")
        return datetime.fromisoformat(noted)
    except (OSError, ValueError):
        return None


@contextmanager
def opened(file: Path) -> Iterator["OpenedBackup"]:
    """A backup whose every byte fits its checksum. Raises BadBackup."""
    try:
        with tarfile.open(file, "r:") as archive:
            yield OpenedBackup(archive, _checked(archive))
    except (OSError, tarfile.TarError) as fault:
        why = why_of(fault) if isinstance(fault, OSError) else str(fault)
        raise BadBackup("{file} is no backup: {why}", file=file, why=why) from None


def _checked(archive: tarfile.TarFile) -> BackupManifest:
    names = archive.getnames()
    if _MANIFEST not in names:
        raise BadBackup("this file is no backup, or the end of it is missing")
    try:
        held = msgspec.json.decode(_bytes(archive, _MANIFEST), type=BackupManifest)
    except msgspec.MsgspecError as fault:
        raise BadBackup("the manifest of this backup cannot be read: {why}", why=fault) from None
    if held.format != FORMAT:
        raise BadBackup(
            "this backup has format {stored}; this program reads {known}: restore it with Nuanfeng"
            " {program}",
            stored=held.format,
            known=FORMAT,
            program=held.program,
        )
    if sorted(names) != sorted([*held.sha256, _MANIFEST]):
        raise BadBackup("this backup does not hold what its manifest names")
    for name, digest in held.sha256.items():
        with _file(archive, name) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise BadBackup("{name} in this backup does not fit its checksum", name=name)
    return held


def _file(archive: tarfile.TarFile, name: str) -> Any:
    found = archive.extractfile(name)
    if found is None:
        raise BadBackup("{name} in this backup is no file", name=name)
    return found


def _bytes(archive: tarfile.TarFile, name: str) -> bytes:
    with _file(archive, name) as file:
        return bytes(file.read())


@dataclass(frozen=True, slots=True)
class OpenedBackup:
    """A backup that was checked."""

    archive: tarfile.TarFile
    manifest: BackupManifest

    def restore(
        self, home: Path, database: Database, now: datetime, *, replace: bool, said_only: bool
    ) -> Restored:
        """Put all of it into a home and a database; each part whole or not at all.

        What people said comes first: where it is refused, nothing else was changed. `said_only`:
        nothing else is put back at all. Raises as copies.restore does, and PublishRefused.
        """
        held = self.manifest
        rows = self._restore_voice(home, database, now, replace=replace)
        if said_only:
            return Restored(held.dataset, held.made_at, rows, (), 0)
        for each in held.stores:
            self._restore_store(home, each)
        years = sum(map(self._restore_year(home), self._names(_CALENDAR)))
        return Restored(held.dataset, held.made_at, rows, held.stores, years)

    def _names(self, prefix: str) -> list[str]:
        return [name for name in self.manifest.sha256 if name.startswith(prefix)]

    def _restore_voice(
        self, home: Path, database: Database, now: datetime, *, replace: bool
    ) -> dict[str, int]:
        if _VOICE not in self.manifest.sha256:
            return {}
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=home, prefix=".restore-") as scratch:
            copy = Path(scratch) / _VOICE
            with _file(self.archive, _VOICE) as file, copy.open("wb") as target:
                while piece := file.read(_PIECE):
                    target.write(piece)
            return copies.restore(copy, database, now, replace=replace)

    def _restore_store(self, home: Path, held: HeldStore) -> None:
        kinds = {kind.room: kind for kind in _STORES}
        if held.room not in kinds:
            raise BadBackup(
                "this backup holds {room}, which this program does not know", room=held.room
            )
        store = kinds[held.room](home, held.name)
        body = _bytes(self.archive, f"{held.folder}manifest.json")

        def read(name: str) -> Iterator[bytes]:
            with _file(self.archive, held.folder + name) as file:
                while piece := file.read(_PIECE):
                    yield piece

        store.take(Pointer(held.version, held.manifest_sha256), body, read)

    def _restore_year(self, home: Path) -> Any:
        def take(name: str) -> bool:
            return HomeCalendar(home).take(understood(_bytes(self.archive, name), name))

        return take
