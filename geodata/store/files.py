"""Versions as folders, of datasets and road networks: written aside, synced, renamed, and only then pointed to.

Asks no questions.

    {home}/datasets/{name}/CURRENT            version and checksum of its manifest
                           PREVIOUS           the same for the version before
                           versions/{version}/manifest.json, places.parquet, records.bin, arrays/*.npy, …
    {home}/networks/{name}/…                  the same, without blobs

CURRENT is replaced by rename, so a reader meets the old pointer or the new one, never half of one; a process killed at
any moment leaves at most a folder that nothing points to, which the next publish clears away with all versions but the
two pointed to. Writing in place lost data on kill -9 and on a full disk; this lost none (measured 2026-11-20).
"""

import fcntl
import hashlib
import mmap
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.errors import BadValue, DamagedDataset, NoDataset, PublishRefused, StoreError
from geodata.snapshot import FORMAT, About, Snapshot
from geodata.travel import network
from geodata.travel.network import Network

NAME_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
CURRENT: Final = "CURRENT"
PREVIOUS: Final = "PREVIOUS"
_MANIFEST: Final = "manifest.json"
_UNFINISHED: Final = ".unfinished-"


A = TypeVar("A")


class Part(msgspec.Struct, frozen=True):
    """One stored file: its size in bytes and SHA-256."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, Generic[A], frozen=True):
    """What a version consists of, and what is true of it as a whole."""

    format: int
    version: str
    about: A
    parts: dict[str, Part]


class _Stored(msgspec.Struct, frozen=True):
    """What is read of a manifest before its format is known."""

    format: int


class _Nature(msgspec.Struct):
    synthetic: bool


class _Natured(msgspec.Struct):
    """Of a dataset's manifest of any format: whether it is made up."""

    about: _Nature


class Pointer(NamedTuple):
    """What CURRENT says: a version, and the checksum of its manifest."""

    version: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class _Versions(Generic[A]):
    """The versions of one named thing under a home folder."""

    home: Path
    name: str

    room: ClassVar[str]
    """The folder under home, in the plural."""
    what: ClassVar[str]
    """What messages call it."""
    format: ClassVar[int]
    manifest_type: ClassVar[Any]

    def __post_init__(self) -> None:
        if not NAME_PATTERN.fullmatch(self.name):
            raise BadValue(
                f"{self.what} name {self.name!r} must be 1 to 63 of a-z, 0-9, - and _, beginning with a letter or digit"
            )

    @property
    def folder(self) -> Path:
        """Where its pointers and versions lie."""
        return self.home / self.room / self.name

    def pointer(self, which: str = CURRENT) -> Pointer:
        """What CURRENT (or PREVIOUS) points to. Raises NoDataset, or DamagedDataset where the pointer is torn."""
        try:
            words = (self.folder / which).read_text(encoding="utf-8", errors="replace").split()
        except FileNotFoundError:
            raise NoDataset(f"there is no {self.what} {self.name!r} in {self.home}") from None
        if len(words) != 3 or words[2] != _short_digest(" ".join(words[:2])):
            raise DamagedDataset(f"{self.folder / which} is damaged")
        return Pointer(words[0], words[1])

    def manifest(self, pointer: Pointer) -> Manifest[A]:
        """The manifest of a version, checked against its pointer. Raises DamagedDataset."""
        body = self._manifest_body(pointer)
        stored = msgspec.json.decode(body, type=_Stored).format
        if stored != self.format:
            path = self._version_folder(pointer.version) / _MANIFEST
            raise DamagedDataset(f"{path} has format {stored}; this program reads {self.format}: build or import anew")
        manifest: Manifest[A] = msgspec.json.decode(body, type=self.manifest_type)
        return manifest

    def _manifest_body(self, pointer: Pointer) -> bytes:
        """The manifest as it is stored, in whatever format, checked against its pointer."""
        path = self._version_folder(pointer.version) / _MANIFEST
        try:
            body = path.read_bytes()
        except OSError as fault:
            raise DamagedDataset(f"{path} cannot be read: {fault.strerror}") from None
        if hashlib.sha256(body).hexdigest() != pointer.manifest_sha256:
            raise DamagedDataset(f"{path} does not fit its checksum")
        return body

    def _arrays(self, at: Pointer) -> tuple[Manifest[A], dict[str, NDArray[Any]]]:
        """The manifest and the arrays of a version, mapped; sizes are checked, contents by `verify`."""
        manifest = self.manifest(at)
        folder = self._version_folder(at.version)
        for name, part in manifest.parts.items():
            if not (folder / name).is_file() or (folder / name).stat().st_size != part.bytes:
                raise DamagedDataset(f"{folder / name} is missing or has the wrong size")
        return manifest, {Path(name).stem: mapped(folder / name) for name in manifest.parts if name.endswith(".npy")}

    def blob(self, version: str, name: str) -> bytes:
        """A file of a version as it was published, such as areas.geojson."""
        return (self._version_folder(version) / name).read_bytes()

    def verify(self, pointer: Pointer | None = None) -> Manifest[A]:
        """Read every byte of a version and compare checksums. Raises DamagedDataset naming the first bad file."""
        at = pointer or self.pointer()
        manifest = self.manifest(at)
        for name, part in manifest.parts.items():
            path = self._version_folder(at.version) / name
            if not path.is_file() or _file_digest(path) != part.sha256:
                raise DamagedDataset(f"{path} is missing or does not fit its checksum")
        return manifest

    def publish(
        self, version: str, about: A, arrays: Mapping[str, NDArray[Any]], blobs: Mapping[str, bytes]
    ) -> Pointer:
        """Write a version and point to it, whole or not at all; the version before becomes PREVIOUS.

        Publishing the current version again changes nothing. Raises PublishRefused where another publisher is at work,
        where made-up and real data would share a dataset, or where the disk refuses; DamagedDataset where the current
        version does not say which of the two it holds.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._locked():
                return self._publish(version, about, arrays, blobs)
        except OSError as fault:
            reason = fault.strerror or fault
            raise PublishRefused(f"nothing was published: {reason}; the version before stays") from fault

    def _publish(
        self, version: str, about: A, arrays: Mapping[str, NDArray[Any]], blobs: Mapping[str, bytes]
    ) -> Pointer:
        current = self._current_or_none()
        if current is not None:
            self._same_nature(current, about)
            if current.version == version:
                return current
        self._clear()  # first, for room on the disk, and because this process may have a dead one's number
        try:
            aside, pointer = self._write(version, about, arrays, blobs)
            if current is not None:
                self._point(PREVIOUS, current)  # before the move, which may replace the version it named
            self._move_in(aside, version)
            self._point(CURRENT, pointer)
        finally:
            self._clear()
        return pointer

    def restore_previous(self) -> Pointer:
        """Point back to the version before the current one. Raises NoDataset where there is none."""
        with self._locked():
            previous = self.pointer(PREVIOUS)
            self._point(CURRENT, previous)
            return previous

    def withdraw(self) -> None:
        """Point to no version any more: the current one is damaged, and none is better than a wrong one."""
        with self._locked():
            (self.folder / CURRENT).unlink(missing_ok=True)

    def _current_or_none(self) -> Pointer | None:
        try:
            return self.pointer()
        except NoDataset:
            return None

    def _same_nature(self, current: Pointer, about: A) -> None:
        """Raises PublishRefused where a version may not follow the current one."""

    def _write(
        self, version: str, about: A, arrays: Mapping[str, NDArray[Any]], blobs: Mapping[str, bytes]
    ) -> tuple[Path, Pointer]:
        aside = self.folder / "versions" / f"{_UNFINISHED}{os.getpid()}"
        (aside / "arrays").mkdir(parents=True)
        for name, array in arrays.items():
            with (aside / "arrays" / f"{name}.npy").open("wb") as out:
                np.save(out, np.ascontiguousarray(array), allow_pickle=False)
                _sync(out.fileno())
        for name, blob in blobs.items():
            _write_synced(aside / name, blob)
        names = [f"arrays/{name}.npy" for name in arrays] + list(blobs)
        parts = {name: Part((aside / name).stat().st_size, _file_digest(aside / name)) for name in sorted(names)}
        body = msgspec.json.format(msgspec.json.encode(Manifest(self.format, version, about, parts)), indent=1)
        _write_synced(aside / _MANIFEST, body)
        _sync_folder(aside / "arrays")
        _sync_folder(aside)
        return aside, Pointer(version, hashlib.sha256(body).hexdigest())

    def _move_in(self, aside: Path, version: str) -> None:
        final = self._version_folder(version)
        if final.exists():  # an older version comes back; what lies there may be damaged
            shutil.rmtree(final)
        aside.rename(final)
        _sync_folder(final.parent)

    def _point(self, which: str, pointer: Pointer) -> None:
        words = f"{pointer.version} {pointer.manifest_sha256}"
        aside = self.folder / f"{_UNFINISHED}{which}"
        _write_synced(aside, f"{words} {_short_digest(words)}\n".encode("ascii"))
        aside.replace(self.folder / which)
        # Readers follow the new pointer by now. If the folder cannot be synced, a power cut may bring the old one back.
        with suppress(OSError):
            _sync_folder(self.folder)

    def _version_folder(self, version: str) -> Path:
        return self.folder / "versions" / version

    def _clear(self) -> None:
        """Remove what a killed or refused publisher left behind, and every version that neither pointer names."""
        pointed = {self._version_named_by(which) for which in (CURRENT, PREVIOUS)}
        for folder in (self.folder / "versions").glob("*"):
            if folder.name not in pointed:
                shutil.rmtree(folder, ignore_errors=True)
        for scrap in self.folder.glob(f"{_UNFINISHED}*"):
            scrap.unlink(missing_ok=True)

    def _version_named_by(self, which: str) -> str | None:
        try:
            return self.pointer(which).version
        except StoreError:
            return None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PublishRefused(
                    f"another process is publishing to {self.what} {self.name!r}; try again later"
                ) from None
            yield


class Dataset(_Versions[About]):
    """One named dataset under a home folder."""

    __slots__ = ()
    room = "datasets"
    what = "dataset"
    format = FORMAT
    manifest_type = Manifest[About]

    def load(self, pointer: Pointer | None = None) -> Snapshot:
        """Map a version into memory, the current one by default; sizes are checked, contents by `verify`."""
        at = pointer or self.pointer()
        manifest, arrays = self._arrays(at)
        records = _bytes_of(self._version_folder(at.version) / "records.bin")
        return Snapshot.assemble(at.version, manifest.about, arrays, records)

    def _same_nature(self, current: Pointer, about: About) -> None:
        # Of any format: a version that this program cannot read any more is there to be followed by one that it can.
        if self._synthetic(current) != about.synthetic:
            was, new = ("made-up", "real") if not about.synthetic else ("real", "made-up")
            raise PublishRefused(
                f"dataset {self.name!r} holds {was} places and takes no {new} ones; choose another name"
            )

    def _synthetic(self, pointer: Pointer) -> bool:
        try:
            return msgspec.json.decode(self._manifest_body(pointer), type=_Natured).about.synthetic
        except msgspec.DecodeError:
            raise DamagedDataset(
                f"version {pointer.version} of {self.name!r} does not say whether it is made up"
            ) from None


class RoadNetwork(_Versions[network.About]):
    """One named road network under a home folder."""

    __slots__ = ()
    room = "networks"
    what = "network"
    format = network.FORMAT
    manifest_type = Manifest[network.About]

    def load(self, pointer: Pointer | None = None) -> Network:
        """Map a version into memory, the current one by default; sizes are checked, contents by `verify`."""
        at = pointer or self.pointer()
        manifest, arrays = self._arrays(at)
        return Network.assemble(at.version, manifest.about, arrays)


def datasets(home: Path) -> tuple[str, ...]:
    """Names of the datasets that have a current version, sorted."""
    return _named(home, Dataset.room)


def networks(home: Path) -> tuple[str, ...]:
    """Names of the road networks that have a current version, sorted."""
    return _named(home, RoadNetwork.room)


def _named(home: Path, room: str) -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in (home / room).glob(f"*/{CURRENT}")))


def mapped(path: Path) -> NDArray[Any]:
    """A stored array, mapped and write-protected. Raises DamagedDataset where it is none."""
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as fault:
        raise DamagedDataset(f"{path} is no array: {fault}") from None
    return array.view(np.ndarray)


def _bytes_of(path: Path) -> bytes | mmap.mmap:
    with path.open("rb") as source:
        return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""


def _file_digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _short_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write_synced(path: Path, body: bytes) -> None:
    with path.open("wb") as out:
        out.write(body)
        _sync(out.fileno())


def _sync(descriptor: int) -> None:
    os.fsync(descriptor)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
