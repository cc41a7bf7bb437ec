"""Versions of one named thing in a folder, as they are read: pointers, manifests, files, history.

Writes nothing.

{home}/{room}/{name}/CURRENT              version and checksum of its manifest
                     PREVIOUS             the same for the version before
                     versions/{version}/manifest.json, arrays/*.npy, …
                     receipts/{version}.json   when and by whom it was published (history.py)
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, Generic

import msgspec
from numpy.typing import NDArray

from geodata.errors import BadValue, DamagedDataset, NoDataset, Said, StoreError, why_of
from geodata.store import history
from geodata.store.disk import file_digest, mapped
from geodata.store.history import Receipt
from geodata.store.versions import (
    CURRENT,
    MANIFEST,
    NAME_PATTERN,
    PREVIOUS,
    A,
    Kept,
    Manifest,
    Pointer,
    called,
    format_of,
    nature_of,
    short_digest,
)

#: A receipt that does not count yet: CURRENT has not named its version.
PENDING: Final = ".pending"


@dataclass(frozen=True, slots=True)
class VersionFolder(Generic[A]):
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
                (
                    "{what} name {name!r} must be 1 to 63 of a-z, 0-9, - and _, beginning with a "
                    "letter or digit"
                ),
                what=Said(self.what),
                name=self.name,
            )

    @property
    def folder(self) -> Path:
        """Where its pointers and versions lie."""
        return self.home / self.room / self.name

    def pointer(self, which: str = CURRENT) -> Pointer:
        """What CURRENT (or PREVIOUS) points to.

        Raises NoDataset, or DamagedDataset where the pointer is torn.
        """
        try:
            words = (self.folder / which).read_text(encoding="utf-8", errors="replace").split()
        except FileNotFoundError:
            raise NoDataset(
                "there is no {what} {name!r} in {home}",
                what=Said(self.what),
                name=self.name,
                home=self.home,
            ) from None
        if len(words) != 3 or words[2] != short_digest(" ".join(words[:2])):
            raise self._damage(Said("{file} is damaged", file=self.folder / which))
        return Pointer(words[0], words[1])

    def current(self) -> Pointer | None:
        """What CURRENT points to; None where there is no version yet.

        Raises DamagedDataset where it is torn.
        """
        try:
            return self.pointer()
        except NoDataset:
            return None

    def manifest(self, pointer: Pointer) -> Manifest[A]:
        """The manifest of a version, checked against its pointer. Raises DamagedDataset."""
        return self.understood(
            self.body(pointer), pointer, self._version_folder(pointer.version) / MANIFEST
        )

    def body(self, pointer: Pointer) -> bytes:
        """The manifest of a version as it is stored; `understood` checks it.

        Raises DamagedDataset.
        """
        path = self._version_folder(pointer.version) / MANIFEST
        try:
            return path.read_bytes()
        except OSError as fault:
            raise self._damage(
                Said("{file} cannot be read: {why}", file=path, why=why_of(fault))
            ) from None

    def understood(self, body: bytes, pointer: Pointer, where: object) -> Manifest[A]:
        """A stored manifest, checked against its pointer.

        Raises DamagedDataset, which says `where` it was read.
        """
        if hashlib.sha256(body).hexdigest() != pointer.manifest_sha256:
            raise self._damage(Said("{where} does not fit its checksum", where=where))
        stored = format_of(body)
        if stored != self.format:
            raise DamagedDataset(
                ("{where} has format {stored}; this program reads {format}: build or import anew"),
                where=where,
                stored=stored,
                format=self.format,
            )
        try:
            manifest: Manifest[A] = msgspec.json.decode(body, type=self.manifest_type)
        except msgspec.ValidationError as fault:
            raise self._damage(
                Said("{where} is not what this format has: {why}", where=where, why=str(fault))
            ) from None
        return manifest

    def _arrays(self, at: Pointer) -> tuple[Manifest[A], dict[str, NDArray[Any]]]:
        """The manifest and the arrays of a version, mapped.

        Sizes are checked, contents by `verify`.
        """
        manifest = self.manifest(at)
        folder = self._version_folder(at.version)
        for name, part in manifest.parts.items():
            if not (folder / name).is_file() or (folder / name).stat().st_size != part.bytes:
                raise self._damage(
                    Said("{file} is missing or has the wrong size", file=folder / name)
                )
        return manifest, {
            Path(name).stem: mapped(folder / name)
            for name in manifest.parts
            if name.endswith(".npy")
        }

    def blob(self, version: str, name: str) -> bytes:
        """A file of a version as it was published, such as areas.geojson."""
        return (self._version_folder(version) / name).read_bytes()

    def pieces(self, version: str, name: str, piece_bytes: int) -> Iterator[bytes]:
        """A stored file in pieces of at most so many bytes; of an empty file none.

        Raises DamagedDataset.
        """
        path = self._version_folder(version) / name
        try:
            with path.open("rb") as source:
                while piece := source.read(piece_bytes):
                    yield piece
        except OSError as fault:
            raise self._damage(
                Said("{file} cannot be read: {why}", file=path, why=why_of(fault))
            ) from None

    def has(self, version: str) -> bool:
        """Whether a version is kept here."""
        return any(kept.version == version for kept in self.versions())

    def verify(self, pointer: Pointer | None = None) -> Manifest[A]:
        """Read every byte of a version and compare checksums.

        Raises DamagedDataset naming the first bad file.
        """
        at = pointer or self.pointer()
        manifest = self.manifest(at)
        for name, part in manifest.parts.items():
            path = self._version_folder(at.version) / name
            if not path.is_file() or file_digest(path) != part.sha256:
                raise self._damage(
                    Said("{file} is missing or does not fit its checksum", file=path)
                )
        return manifest

    def versions(self) -> tuple[Kept, ...]:
        """Every version that lies in the store, the one published last first.

        Those without a receipt come last.
        """
        pointed = {self._version_named_by(which): which for which in (PREVIOUS, CURRENT)}
        named = {path.stem for path in self._receipts.glob("*.json")} | {
            each for each in pointed if each
        }
        kept = [
            Kept(version, self.receipt(version), pointed.get(version, ""))
            for version in sorted(named)
            if self._version_folder(version).is_dir()
        ]
        return tuple(
            sorted(kept, key=lambda each: each.receipt.number if each.receipt else 0, reverse=True)
        )

    def receipt(self, version: str) -> Receipt | None:
        """When and by whom a version was published.

        None where that was not written down, or is damaged.
        """
        found = history.read(self._receipts / f"{version}.json")
        if found is None and version == self._version_named_by(
            CURRENT
        ):  # who published it was killed right after
            found = history.read(self._receipts / f"{version}{PENDING}")
        return found if found and found.version == version else None

    def find(self, text: str) -> Pointer:
        """The version that is called so: by its first characters, `current`, or `previous`.

        Raises NoSuchVersion.
        """
        if text.upper() in {CURRENT, PREVIOUS}:
            return self.pointer(text.upper())
        return self._pointer_of(called(text, self.versions(), f"{self.what} {self.name!r}"))

    def _pointer_of(self, kept: Kept) -> Pointer:
        if kept.receipt:
            return Pointer(kept.version, kept.receipt.manifest_sha256)
        if kept.pointed:
            return self.pointer(kept.pointed)
        raise self._damage(
            Said(
                "{file} is damaged, so nothing says what the version holds",
                file=f"{self._receipts / kept.version}.json",
            )
        )

    def _first_whole(self) -> Pointer:
        try:
            candidates = self._before(self.pointer().version)
        except DamagedDataset:
            candidates = self._before(None)
        for pointer in candidates:
            if self._is_whole(pointer):
                return pointer
        raise NoDataset(
            "{what} {name!r} has no whole version to go back to",
            what=Said(self.what),
            name=self.name,
        )

    def _before(self, version: str | None) -> Iterator[Pointer]:
        """The versions published before this one, the newest first.

        Where that is not known PREVIOUS, then all.
        """
        kept = self.versions()
        this = next((each.receipt for each in kept if each.version == version), None)
        if this is None:
            others = sorted(
                (each for each in kept if each.version != version),
                key=lambda each: each.pointed != PREVIOUS,
            )
        else:
            others = [
                each for each in kept if each.receipt is None or each.receipt.number < this.number
            ]
        for each in others:
            with suppress(StoreError):
                yield self._pointer_of(each)

    def _last_whole(self) -> Pointer | None:
        """What the next version comes after: the current one, or where that is damaged the one
        before.
        """
        for which in (CURRENT, PREVIOUS):
            with suppress(StoreError):
                pointer = self.pointer(which)
                if self._is_whole(pointer):
                    return pointer
        return None

    def _gone_back_from(self, before: Pointer | None) -> list[Pointer]:
        """The whole versions published after the one that is to be followed, the newest first.

        Of none all.
        """
        kept = self.versions()
        number = next(
            (
                each.receipt.number
                for each in kept
                if before and each.version == before.version and each.receipt
            ),
            0,
        )
        later = [each for each in kept if each.receipt and each.receipt.number > number]
        return [pointer for pointer in map(self._pointer_of, later) if self._is_whole(pointer)]

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

    def _nature(self) -> bool | None:
        """Whether what is there is synthetic, by the newest receipt or else a manifest of any
        format.

        None where there is nothing. Raises DamagedDataset where there is something, and nothing
        tells.
        """
        for kept in self.versions():
            if kept.receipt and "synthetic" in kept.receipt.told:
                return bool(kept.receipt.told["synthetic"])
        for which in (CURRENT, PREVIOUS):
            with suppress(StoreError, OSError):
                pointer = self.pointer(which)
                body = (self._version_folder(pointer.version) / MANIFEST).read_bytes()
                if hashlib.sha256(body).hexdigest() == pointer.manifest_sha256:
                    return nature_of(body)
        if (self.folder / CURRENT).exists():
            raise DamagedDataset(
                (
                    "nothing in {folder} is whole enough to say whether it is real; choose "
                    "another name, or delete it"
                ),
                folder=self.folder,
            )
        return None

    def _version_folder(self, version: str) -> Path:
        return self.folder / "versions" / version

    @property
    def _receipts(self) -> Path:
        return self.folder / "receipts"

    def _damage(self, what: Said) -> DamagedDataset:
        return DamagedDataset(
            "{what}; {way_out}", what=what, way_out=Said(self.way_out, name=self.name)
        )

    def _version_named_by(self, which: str) -> str | None:
        try:
            return self.pointer(which).version
        except StoreError:
            return None
