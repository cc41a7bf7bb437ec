"""Versions as folders, of datasets and road networks: written aside, synced, renamed, and only then pointed to.

Asks no questions.

    {home}/datasets/{name}/CURRENT            version and checksum of its manifest
                           PREVIOUS           the same for the version before
                           versions/{version}/manifest.json, places.parquet, records.bin, arrays/*.npy, …
                           receipts/{version}.json   when and by whom it was published (history.py)
    {home}/networks/{name}/…                  the same, without blobs

CURRENT is replaced by rename, so a reader meets the old pointer or the new one, never half of one. A receipt counts
once CURRENT has named its version: until then it is `.pending`, and a process killed at any moment leaves at most a
folder that nothing points to and no receipt counts, which the next publish clears away. Writing in place lost data on
kill -9 and on a full disk; this lost none (measured 2026-11-20).
"""

import fcntl
import hashlib
import mmap
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.errors import BadValue, DamagedDataset, NoDataset, NoSuchVersion, PublishRefused, StoreError
from geodata.gone import Gone, GonePlace
from geodata.hours import TIMEZONE
from geodata.snapshot import FORMAT, About, Snapshot
from geodata.store import history
from geodata.store.history import Receipt, Stamp
from geodata.travel import network
from geodata.travel.network import Network

NAME_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
CURRENT: Final = "CURRENT"
PREVIOUS: Final = "PREVIOUS"
_MANIFEST: Final = "manifest.json"
_UNFINISHED: Final = ".unfinished-"
_PART_PATTERN: Final = re.compile(r"(arrays/)?[a-z0-9_-]+\.[a-z]+")
_PENDING: Final = ".pending"
#: As few characters of a version as name it where no other begins so.
_SHORTEST_NAME: Final = 4


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


class _Natured(msgspec.Struct, frozen=True):
    """What is read of an `about` of any format."""

    synthetic: bool | None = None


class _Holding(msgspec.Struct, frozen=True):
    """What is read of a manifest of any format to learn which nature its version has."""

    about: _Natured = _Natured()


class Pointer(NamedTuple):
    """What CURRENT says: a version, and the checksum of its manifest."""

    version: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A version that lies in the store."""

    version: str
    receipt: Receipt | None
    """None where it was not written down, or is damaged."""
    pointed: str
    """CURRENT, PREVIOUS, or nothing."""


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
    keep: ClassVar[int]
    """How many versions stay when another is published; CURRENT's and PREVIOUS' always do."""
    way_out: ClassVar[str]
    """What to do about damage; `{name}` is the name."""

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
            raise self._damage(f"{self.folder / which} is damaged")
        return Pointer(words[0], words[1])

    def manifest(self, pointer: Pointer) -> Manifest[A]:
        """The manifest of a version, checked against its pointer. Raises DamagedDataset."""
        return self.understood(self.body(pointer), pointer, self._version_folder(pointer.version) / _MANIFEST)

    def body(self, pointer: Pointer) -> bytes:
        """The manifest of a version as it is stored; `understood` checks it. Raises DamagedDataset."""
        path = self._version_folder(pointer.version) / _MANIFEST
        try:
            return path.read_bytes()
        except OSError as fault:
            raise self._damage(f"{path} cannot be read: {fault.strerror}") from None

    def understood(self, body: bytes, pointer: Pointer, where: object) -> Manifest[A]:
        """A stored manifest, checked against its pointer. Raises DamagedDataset, which says `where` it was read."""
        if hashlib.sha256(body).hexdigest() != pointer.manifest_sha256:
            raise self._damage(f"{where} does not fit its checksum")
        stored = msgspec.json.decode(body, type=_Stored).format
        if stored != self.format:
            raise DamagedDataset(f"{where} has format {stored}; this program reads {self.format}: build or import anew")
        manifest: Manifest[A] = msgspec.json.decode(body, type=self.manifest_type)
        return manifest

    def _arrays(self, at: Pointer) -> tuple[Manifest[A], dict[str, NDArray[Any]]]:
        """The manifest and the arrays of a version, mapped; sizes are checked, contents by `verify`."""
        manifest = self.manifest(at)
        folder = self._version_folder(at.version)
        for name, part in manifest.parts.items():
            if not (folder / name).is_file() or (folder / name).stat().st_size != part.bytes:
                raise self._damage(f"{folder / name} is missing or has the wrong size")
        return manifest, {Path(name).stem: mapped(folder / name) for name in manifest.parts if name.endswith(".npy")}

    def blob(self, version: str, name: str) -> bytes:
        """A file of a version as it was published, such as areas.geojson."""
        return (self._version_folder(version) / name).read_bytes()

    def pieces(self, version: str, name: str, piece_bytes: int) -> Iterator[bytes]:
        """A stored file in pieces of at most so many bytes; of an empty file none. Raises DamagedDataset."""
        path = self._version_folder(version) / name
        try:
            with path.open("rb") as source:
                while piece := source.read(piece_bytes):
                    yield piece
        except OSError as fault:
            raise self._damage(f"{path} cannot be read: {fault.strerror}") from None

    def has(self, version: str) -> bool:
        """Whether a version is kept here."""
        return any(kept.version == version for kept in self.versions())

    def verify(self, pointer: Pointer | None = None) -> Manifest[A]:
        """Read every byte of a version and compare checksums. Raises DamagedDataset naming the first bad file."""
        at = pointer or self.pointer()
        manifest = self.manifest(at)
        for name, part in manifest.parts.items():
            path = self._version_folder(at.version) / name
            if not path.is_file() or _file_digest(path) != part.sha256:
                raise self._damage(f"{path} is missing or does not fit its checksum")
        return manifest

    def versions(self) -> tuple[Kept, ...]:
        """Every version that lies in the store, the one published last first; those without a receipt come last."""
        pointed = {self._version_named_by(which): which for which in (PREVIOUS, CURRENT)}
        named = {path.stem for path in self._receipts.glob("*.json")} | {each for each in pointed if each}
        kept = [
            Kept(version, self.receipt(version), pointed.get(version, ""))
            for version in sorted(named)
            if self._version_folder(version).is_dir()
        ]
        return tuple(sorted(kept, key=lambda each: each.receipt.number if each.receipt else 0, reverse=True))

    def receipt(self, version: str) -> Receipt | None:
        """When and by whom a version was published; None where that was not written down, or is damaged."""
        found = history.read(self._receipts / f"{version}.json")
        if found is None and version == self._version_named_by(CURRENT):  # who published it was killed right after
            found = history.read(self._receipts / f"{version}{_PENDING}")
        return found if found and found.version == version else None

    def find(self, text: str) -> Pointer:
        """The version that is called so: by its first characters, `current`, or `previous`. Raises NoSuchVersion."""
        if text.upper() in {CURRENT, PREVIOUS}:
            return self.pointer(text.upper())
        return self._pointer_of(called(text, self.versions(), f"{self.what} {self.name!r}"))

    def _pointer_of(self, kept: Kept) -> Pointer:
        if kept.receipt:
            return Pointer(kept.version, kept.receipt.manifest_sha256)
        if kept.pointed:
            return self.pointer(kept.pointed)
        raise self._damage(f"{self._receipts / kept.version}.json is damaged, so nothing says what the version holds")

    def publish(
        self, version: str, about: A, arrays: Mapping[str, NDArray[Any]], blobs: Mapping[str, bytes],
        stamp: Stamp | None = None,
    ) -> Pointer:  # fmt: skip
        """Write a version and point to it, whole or not at all; the last whole version before becomes PREVIOUS.

        `stamp` says when and by whom, by default now and by whoever runs this. Publishing the current version again
        changes nothing. A damaged version before is no hindrance. Of a dataset the places that it lacks are added as
        gone, which gives the version a name of its own. Raises PublishRefused where another publisher is at work, where
        made-up and real data would share a dataset, or where the disk refuses; DamagedDataset where nothing that is
        there says any more which of the two it holds.
        """
        with self._publishing():
            return self._publish(version, about, arrays, blobs, stamp or Stamp.now())

    def take(
        self, pointer: Pointer, body: bytes, read: Callable[[str], Iterable[bytes]], stamp: Stamp | None = None
    ) -> Pointer:
        """Publish a version as another store holds it, byte for byte; `read` gives each of its files in pieces.

        `body` is its manifest, `stamp` when and by whom it was published there. Nothing is read of a version that lies
        here whole already. Raises as `publish` does, and DamagedDataset where what comes does not fit its checksums.
        """
        manifest = self.understood(body, pointer, f"the manifest of {self.what} {self.name!r}")
        with self._publishing():
            self._same_nature(manifest.about)
            return self._install(
                pointer.version, manifest.about, self._last_whole(), stamp or Stamp.now(),
                lambda: self._copy(body, manifest, read),
            )  # fmt: skip

    @contextmanager
    def _publishing(self) -> Iterator[None]:
        with _refusing("nothing was published: {}; the version before stays"):
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._locked():
                yield

    def _publish(
        self, version: str, about: A, arrays: Mapping[str, NDArray[Any]], blobs: Mapping[str, bytes], stamp: Stamp
    ) -> Pointer:
        self._same_nature(about)
        before = self._last_whole()
        version, arrays = self._completed(before, version, arrays, stamp)
        return self._install(version, about, before, stamp, lambda: self._write(version, about, arrays, blobs))

    def _install(
        self, version: str, about: A, before: Pointer | None, stamp: Stamp, write: Callable[[], tuple[Path, Pointer]]
    ) -> Pointer:
        if before and before.version == version == self._version_named_by(CURRENT):
            return before
        self._clear()  # first, for room on the disk, and because this process may have a dead one's number
        try:
            kept = self._kept_whole(version)
            aside, pointer = (None, kept) if kept else write()
            self._receive(pointer, about, stamp)
            if before is not None:
                self._point(PREVIOUS, before)  # before the move, which may replace the version it named
            if aside is not None:
                self._move_in(aside, version)
            self._point(CURRENT, pointer)
        finally:
            self._clear()
        return pointer

    def rollback(self, version: str | None = None) -> Pointer:
        """Point to another version that is kept, by default the last whole one before the current; it is verified.

        Where CURRENT itself is damaged that is PREVIOUS, else the newest whole version. The last whole one before
        that becomes PREVIOUS. Raises NoSuchVersion, NoDataset where none is left to go back to, DamagedDataset for a
        stated version that is not whole, and PublishRefused where another publisher is at work or the disk refuses.
        """
        with _refusing("not gone back: {}; the version before stays"), self._locked():
            pointer = self._first_whole() if version is None else self.find(version)
            self.verify(pointer)
            before = next(filter(self._is_whole, self._before(pointer.version)), None)
            if before is None:
                (self.folder / PREVIOUS).unlink(missing_ok=True)
            else:
                self._point(PREVIOUS, before)
            self._point(CURRENT, pointer)
            return pointer

    def prune(self, keep: int) -> tuple[str, ...]:
        """Remove all versions but the current one and the newest others, `keep` in all; gives those removed.

        PREVIOUS goes with its version. Raises BadValue below 1, DamagedDataset where CURRENT is damaged, and
        PublishRefused where another publisher is at work or the disk refuses.
        """
        if keep < 1:
            raise BadValue(f"at least the current version is kept: {keep} is too few")
        with _refusing("not all was removed: {}"), self._locked():
            current = self.pointer().version
            held = [current, *(each.version for each in self.versions() if each.version != current)]
            if self._version_named_by(PREVIOUS) in held[keep:]:
                (self.folder / PREVIOUS).unlink()
            self._clear(keep)
            return tuple(held[keep:])

    def withdraw(self) -> None:
        """Point to no version any more: the current one is damaged, and none is better than a wrong one."""
        with self._locked():
            (self.folder / CURRENT).unlink(missing_ok=True)

    def _first_whole(self) -> Pointer:
        try:
            candidates = self._before(self.pointer().version)
        except DamagedDataset:
            candidates = self._before(None)
        for pointer in candidates:
            if self._is_whole(pointer):
                return pointer
        raise NoDataset(f"{self.what} {self.name!r} has no whole version to go back to")

    def _before(self, version: str | None) -> Iterator[Pointer]:
        """The versions published before this one, the newest first; where that is not known PREVIOUS, then all."""
        kept = self.versions()
        this = next((each.receipt for each in kept if each.version == version), None)
        if this is None:
            others = sorted(
                (each for each in kept if each.version != version), key=lambda each: each.pointed != PREVIOUS
            )
        else:
            others = [each for each in kept if each.receipt is None or each.receipt.number < this.number]
        for each in others:
            with suppress(StoreError):
                yield self._pointer_of(each)

    def _last_whole(self) -> Pointer | None:
        """What the next version comes after: the current one, or where that is damaged the one before."""
        for which in (CURRENT, PREVIOUS):
            with suppress(StoreError):
                pointer = self.pointer(which)
                if self._is_whole(pointer):
                    return pointer
        return None

    def _kept_whole(self, version: str) -> Pointer | None:
        """A version that comes back and still lies there whole."""
        for kept in self.versions():
            with suppress(StoreError):
                if kept.version == version and self._is_whole(self._pointer_of(kept)):
                    return self._pointer_of(kept)
        return None

    def _is_whole(self, pointer: Pointer) -> bool:
        try:
            self.verify(pointer)
        except DamagedDataset:
            return False
        return True

    def _completed(
        self, _before: Pointer | None, version: str, arrays: Mapping[str, NDArray[Any]], _stamp: Stamp, /
    ) -> tuple[str, Mapping[str, NDArray[Any]]]:
        """What only the store knows is added to a version: nothing, unless a kind of thing has it."""
        return version, arrays

    def _told(self, _about: A, /) -> dict[str, Any]:
        """What a list of versions says of one."""
        return {}

    def _same_nature(self, about: A) -> None:
        """Raises PublishRefused where a version may not follow those that are there."""

    def _nature(self) -> bool | None:
        """Whether what is there is synthetic, by the newest receipt or else a manifest of any format.

        None where there is nothing. Raises DamagedDataset where there is something, and nothing tells.
        """
        for kept in self.versions():
            if kept.receipt and "synthetic" in kept.receipt.told:
                return bool(kept.receipt.told["synthetic"])
        for which in (CURRENT, PREVIOUS):
            with suppress(StoreError, OSError):
                pointer = self.pointer(which)
                body = (self._version_folder(pointer.version) / _MANIFEST).read_bytes()
                if hashlib.sha256(body).hexdigest() == pointer.manifest_sha256:
                    return msgspec.json.decode(body, type=_Holding).about.synthetic
        if (self.folder / CURRENT).exists():
            raise DamagedDataset(
                f"nothing in {self.folder} is whole enough to say whether it is real; choose another name, or delete it"
            )
        return None

    def _receive(self, pointer: Pointer, about: A, stamp: Stamp) -> None:
        number = 1 + max((each.receipt.number for each in self.versions() if each.receipt), default=0)
        self._receipts.mkdir(exist_ok=True)
        receipt = Receipt(number, *pointer, stamp.at, stamp.by, self._told(about))
        _write_synced(self._receipts / f"{pointer.version}{_PENDING}", history.written(receipt))
        _sync_folder(self._receipts)

    def _write(
        self, version: str, about: A, arrays: Mapping[str, NDArray[Any]], blobs: Mapping[str, bytes]
    ) -> tuple[Path, Pointer]:
        aside = self._new_folder()
        for name, array in arrays.items():
            with (aside / "arrays" / f"{name}.npy").open("wb") as out:
                np.save(out, np.ascontiguousarray(array), allow_pickle=False)
                _sync(out.fileno())
        for name, blob in blobs.items():
            _write_synced(aside / name, blob)
        names = [f"arrays/{name}.npy" for name in arrays] + list(blobs)
        parts = {name: Part((aside / name).stat().st_size, _file_digest(aside / name)) for name in sorted(names)}
        body = msgspec.json.format(msgspec.json.encode(Manifest(self.format, version, about, parts)), indent=1)
        return aside, _finish(aside, version, body)

    def _copy(self, body: bytes, manifest: Manifest[A], read: Callable[[str], Iterable[bytes]]) -> tuple[Path, Pointer]:
        aside = self._new_folder()
        for name, part in manifest.parts.items():
            if not _PART_PATTERN.fullmatch(name):  # it comes from another machine, and becomes a path on this one
                raise DamagedDataset(f"version {manifest.version} has a file that is none of ours, {name[:60]!r}")
            with (aside / name).open("wb") as out:
                for piece in read(name):
                    out.write(piece)
                _sync(out.fileno())
            if _file_digest(aside / name) != part.sha256:
                raise DamagedDataset(f"{name} of version {manifest.version} came damaged; the version before stays")
        return aside, _finish(aside, manifest.version, body)

    def _new_folder(self) -> Path:
        aside = self.folder / "versions" / f"{_UNFINISHED}{os.getpid()}"
        (aside / "arrays").mkdir(parents=True)
        return aside

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

    def _clear(self, keep: int | None = None) -> None:
        """Remove what a killed or refused publisher left behind, and versions beyond those kept; settle receipts."""
        current = self._version_named_by(CURRENT)
        self._settle(current)
        versions = [each.version for each in self.versions() if each.version != current]
        kept = {current, self._version_named_by(PREVIOUS), *versions[: (keep or self.keep) - 1]}
        for receipt in self._receipts.glob("*.json"):  # first: half a folder must not count as a version
            if receipt.stem not in kept:
                receipt.unlink(missing_ok=True)
        for folder in (self.folder / "versions").glob("*"):
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        for scrap in self.folder.glob(f"{_UNFINISHED}*"):
            scrap.unlink(missing_ok=True)

    def _settle(self, current: str | None) -> None:
        """The receipt of a version that CURRENT has come to name counts; others never came to pass."""
        for pending in self._receipts.glob(f"*{_PENDING}"):
            if pending.name == f"{current}{_PENDING}":
                with suppress(OSError):  # a disk that refuses even this may be better next time
                    pending.replace(self._receipts / f"{current}.json")
            else:
                pending.unlink(missing_ok=True)

    @property
    def _receipts(self) -> Path:
        return self.folder / "receipts"

    def _damage(self, what: str) -> DamagedDataset:
        return DamagedDataset(f"{what}; {self.way_out.format(name=self.name)}")

    def _version_named_by(self, which: str) -> str | None:
        try:
            return self.pointer(which).version
        except StoreError:
            return None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if not self.folder.is_dir():
            raise NoDataset(f"there is no {self.what} {self.name!r} in {self.home}")
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
    keep = 10
    way_out = "`nuanfeng rollback --dataset {name}` goes back to the last whole version"

    def load(self, pointer: Pointer | None = None) -> Snapshot:
        """Map a version into memory, the current one by default; sizes are checked, contents by `verify`."""
        at = pointer or self.pointer()
        manifest, arrays = self._arrays(at)
        records = _bytes_of(self._version_folder(at.version) / "records.bin")
        return Snapshot.assemble(at.version, manifest.about, arrays, records)

    def _completed(
        self, before: Pointer | None, version: str, arrays: Mapping[str, NDArray[Any]], stamp: Stamp, /
    ) -> tuple[str, Mapping[str, NDArray[Any]]]:
        """The places that went since the version before, and those gone before that have not come back."""
        if before is None:
            return version, arrays
        tables = gone_after(self.load(before), arrays["ids"], stamp).to_arrays()
        if not len(tables["gone_ids"]):
            return version, arrays
        return _named_by(version, tables), {**arrays, **tables}

    def _told(self, about: About, /) -> dict[str, Any]:
        return {
            "places": sum(about.counts.values()),
            "synthetic": about.synthetic,
            "source": about.source,
            "data_date": about.data_date,
        }

    def _same_nature(self, about: About) -> None:
        unmixed(self.name, self._nature(), about.synthetic)


class RoadNetwork(_Versions[network.About]):
    """One named road network under a home folder."""

    __slots__ = ()
    room = "networks"
    what = "network"
    format = network.FORMAT
    manifest_type = Manifest[network.About]
    keep = 2
    way_out = "`nuanfeng network build --network {name}` makes it anew"

    def load(self, pointer: Pointer | None = None) -> Network:
        """Map a version into memory, the current one by default; sizes are checked, contents by `verify`."""
        at = pointer or self.pointer()
        manifest, arrays = self._arrays(at)
        return Network.assemble(at.version, manifest.about, arrays)


def unmixed(name: str, was: bool | None, new: bool) -> None:  # noqa: FBT001  # whether synthetic; None: nothing there
    """Made-up and real places never share a dataset. Raises PublishRefused."""
    if was is not None and was != new:
        held, brought = ("made-up", "real") if was else ("real", "made-up")
        raise PublishRefused(f"dataset {name!r} holds {held} places and takes no {brought} ones; choose another name")


def called(text: str, kept: Sequence[Kept], whose: str) -> Kept:
    """The one of these versions whose name begins so. Raises NoSuchVersion, which names `whose` they are."""
    found = [each for each in kept if len(text) >= _SHORTEST_NAME and each.version.startswith(text)]
    if len(found) != 1:
        there = ", ".join(each.version for each in kept) or "none"
        why = "more than one begins so" if found else f"give at least {_SHORTEST_NAME} characters of one"
        raise NoSuchVersion(f"{whose} has no version {text!r} ({why}); there are: {there}")
    return found[0]


def gone_after(before: Snapshot, present: NDArray[np.bytes_], stamp: Stamp) -> Gone:
    """The places that a version lacks which follows another: those of the other, and those that it lacked already.

    `present` are the ids of the new version. What went now is gone since the stamp's day in Shenzhen.
    """
    ids = before.ids_of(before.by_id)
    rows = before.by_id[~np.isin(ids, present)].tolist()
    today = stamp.at.astimezone(TIMEZONE).date()
    there = set(present.tolist())
    earlier = (place for place in before.gone if place.id.encode() not in there)
    return Gone.of([*earlier, *(_going(before, row, today) for row in rows)])


def _going(before: Snapshot, row: int, today: date) -> GonePlace:
    lon, lat = before.lonlat[row].tolist()
    return GonePlace(before.id_of(row), before.name_of(row), lon, lat, today)


def _named_by(version: str, tables: Mapping[str, NDArray[Any]]) -> str:
    """The name of a version to which tables were added: 16 hex digits over it and them."""
    digest = hashlib.sha256(version.encode())
    for name in sorted(tables):
        digest.update(f"{name} {tables[name].dtype.str} {tables[name].shape}".encode() + tables[name].tobytes())
    return digest.hexdigest()[:16]


def datasets(home: Path) -> tuple[str, ...]:
    """Names of the datasets that have a current version, sorted."""
    return _named(home, Dataset.room)


def networks(home: Path) -> tuple[str, ...]:
    """Names of the road networks that have a current version, sorted."""
    return _named(home, RoadNetwork.room)


def _named(home: Path, room: str) -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in (home / room).glob(f"*/{CURRENT}")))


@contextmanager
def _refusing(words: str) -> Iterator[None]:
    """What the disk refuses is said in words."""
    try:
        yield
    except OSError as fault:
        # numpy tells a file cut short by a full disk in numbers of its own, without the system's word for it
        why = fault.strerror or f"a file could be written in part only, {fault}; the disk may be full"
        raise PublishRefused(words.format(why)) from fault


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


def _finish(aside: Path, version: str, manifest: bytes) -> Pointer:
    """The last file of a version, and all of it on the disk."""
    _write_synced(aside / _MANIFEST, manifest)
    _sync_folder(aside / "arrays")
    _sync_folder(aside)
    return Pointer(version, hashlib.sha256(manifest).hexdigest())


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
