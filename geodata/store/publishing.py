"""Versions written aside, synced, renamed, and only then pointed to; gone back to; cleared away.

CURRENT is replaced by rename, so a reader meets the old pointer or the new one, never half of one.
A receipt counts once CURRENT has named its version: until then it is `.pending`, and a process
killed at any moment leaves at most a folder that nothing points to and no receipt counts, which the
next publish clears away. Writing in place lost data on kill -9 and on a full disk; this lost none
(measured 2026-11-20).
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from geodata.errors import BadValue, NoDataset, Said
from geodata.store import history, writing
from geodata.store.disk import alone, refusing, sync_folder, write_synced
from geodata.store.history import Receipt, Stamp
from geodata.store.reading import PENDING, VersionFolder
from geodata.store.versions import CURRENT, PREVIOUS, A, Pointer, Seen, short_digest
from geodata.store.writing import UNFINISHED


class Published(VersionFolder[A]):
    """Versions that others may be published beside."""

    __slots__ = ()

    def publish(
        self,
        version: str,
        about: A,
        arrays: Mapping[str, NDArray[Any]],
        blobs: Mapping[str, bytes],
        stamp: Stamp | None = None,
        seen: Seen | None = None,
    ) -> Pointer:
        """Write a version and point to it, whole or not at all.

        The last whole version before becomes PREVIOUS.

        `stamp` says when and by whom, by default now and by whoever runs this; `seen` what was
        current when the work on it began, where it rests on that. Publishing the current version
        again changes nothing. A damaged version before is no hindrance. Of a dataset the places
        that it lacks are added as gone, which gives the version a name of its own. Raises
        PublishRefused where another publisher is at work or was since that was seen, where made-up
        and real data would share a dataset, or where the disk refuses; DamagedDataset where nothing
        that is there says any more which of the two it holds.
        """
        with self._publishing():
            self._require(seen)
            return self._publish(version, about, arrays, blobs, stamp or Stamp.now())

    def take(
        self,
        pointer: Pointer,
        body: bytes,
        read: Callable[[str], Iterable[bytes]],
        stamp: Stamp | None = None,
    ) -> Pointer:
        """Publish a version as another store holds it, byte for byte.

        `read` gives each of its files in pieces.

        `body` is its manifest, `stamp` when and by whom it was published there. Nothing is read of
        a version that lies here whole already. Raises as `publish` does, and DamagedDataset where
        what comes does not fit its checksums.
        """
        manifest = self.understood(body, pointer, f"the manifest of {self.what} {self.name!r}")
        with self._publishing():
            self._same_nature(manifest.about)
            return self._install(
                pointer.version,
                manifest.about,
                self._last_whole(),
                stamp or Stamp.now(),
                lambda: writing.copy(self.folder / "versions", body, manifest, read),
            )

    def _require(self, seen: Seen | None) -> None:
        if seen:
            seen.require(self.current(), f"{self.what} {self.name!r}")

    @contextmanager
    def _publishing(self) -> Iterator[None]:
        with refusing("nothing was published: {why}; the version before stays"):
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._locked():
                yield

    def _publish(
        self,
        version: str,
        about: A,
        arrays: Mapping[str, NDArray[Any]],
        blobs: Mapping[str, bytes],
        stamp: Stamp,
    ) -> Pointer:
        self._same_nature(about)
        before = self._last_whole()
        version, arrays = self._completed(before, version, arrays, stamp)
        return self._install(
            version,
            about,
            before,
            stamp,
            lambda: writing.write(
                self.folder / "versions", (self.format, version), about, arrays, blobs
            ),
        )

    def _install(
        self,
        version: str,
        about: A,
        before: Pointer | None,
        stamp: Stamp,
        write: Callable[[], tuple[Path, Pointer]],
    ) -> Pointer:
        if before and before.version == version == self._version_named_by(CURRENT):
            return before
        # First, for room on the disk, and because this process may have a dead one's number.
        self._clear()
        try:
            kept = self._kept_whole(version)
            made, pointer = (None, kept) if kept else write()
            self._receive(pointer, about, stamp)
            if before is not None:
                self._point(
                    PREVIOUS, before
                )  # before the move, which may replace the version it named
            if made is not None:
                self._move_in(made, version)
            self._point(CURRENT, pointer)
        finally:
            self._clear()
        return pointer

    def rollback(self, version: str | None = None, seen: Seen | None = None) -> Pointer:
        """Point to another version that is kept, by default the last whole one before the current.

        It is verified.

        Where CURRENT itself is damaged that is PREVIOUS, else the newest whole version. The last
        whole one before that becomes PREVIOUS. Raises NoSuchVersion, NoDataset where none is left
        to go back to, DamagedDataset for a stated version that is not whole, and PublishRefused
        where another publisher is at work, or was since `seen`, or the disk refuses.
        """
        with refusing("not gone back: {why}; the version before stays"), self._locked():
            self._require(seen)
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
        """Remove all versions but the current one and the newest others, `keep` in all.

        Gives those removed.

        PREVIOUS goes with its version. Raises BadValue below 1, DamagedDataset where CURRENT is
        damaged, and PublishRefused where another publisher is at work or the disk refuses.
        """
        if keep < 1:
            raise BadValue("at least the current version is kept: {keep} is too few", keep=keep)
        with refusing("not all was removed: {why}"), self._locked():
            current = self.pointer().version
            held = [current, *(each.version for each in self.versions() if each.version != current)]
            if self._version_named_by(PREVIOUS) in held[keep:]:
                (self.folder / PREVIOUS).unlink()
            self._clear(keep)
            return tuple(held[keep:])

    def withdraw(self) -> None:
        """Point to no version any more: the current one is damaged, and none is better than a wrong
        one.
        """
        with self._locked():
            (self.folder / CURRENT).unlink(missing_ok=True)

    def _completed(
        self,
        _before: Pointer | None,
        version: str,
        arrays: Mapping[str, NDArray[Any]],
        _stamp: Stamp,
        /,
    ) -> tuple[str, Mapping[str, NDArray[Any]]]:
        """What only the store knows is added to a version: nothing, unless a kind of
        thing has it.
        """
        return version, arrays

    def _summary(self, _about: A, /) -> dict[str, Any]:
        """What a list of versions says of one."""
        return {}

    def _same_nature(self, about: A) -> None:
        """Raises PublishRefused where a version may not follow those that are there."""

    def _receive(self, pointer: Pointer, about: A, stamp: Stamp) -> None:
        number = 1 + max(
            (each.receipt.number for each in self.versions() if each.receipt), default=0
        )
        self._receipts.mkdir(exist_ok=True)
        receipt = Receipt(number, *pointer, stamp.at, stamp.by, self._summary(about))
        write_synced(self._receipts / f"{pointer.version}{PENDING}", history.written(receipt))
        sync_folder(self._receipts)

    def _move_in(self, made: Path, version: str) -> None:
        final = self._version_folder(version)
        if final.exists():  # an older version comes back; what lies there may be damaged
            shutil.rmtree(final)
        made.rename(final)
        sync_folder(final.parent)

    def _point(self, which: str, pointer: Pointer) -> None:
        words = f"{pointer.version} {pointer.manifest_sha256}"
        written = self.folder / f"{UNFINISHED}{which}"
        write_synced(written, f"{words} {short_digest(words)}\n".encode("ascii"))
        written.replace(self.folder / which)
        # Readers follow the new pointer by now. If the folder cannot be synced, a power cut may
        # bring the old one back.
        with suppress(OSError):
            sync_folder(self.folder)

    def _clear(self, keep: int | None = None) -> None:
        """Remove what a killed or refused publisher left behind, and versions beyond those kept.

        Settle receipts.
        """
        current = self._version_named_by(CURRENT)
        self._settle(current)
        versions = [each.version for each in self.versions() if each.version != current]
        kept = {current, self._version_named_by(PREVIOUS), *versions[: (keep or self.keep) - 1]}
        for receipt in self._receipts.glob(
            "*.json"
        ):  # first: half a folder must not count as a version
            if receipt.stem not in kept:
                receipt.unlink(missing_ok=True)
        for folder in (self.folder / "versions").glob("*"):
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        for scrap in self.folder.glob(f"{UNFINISHED}*"):
            scrap.unlink(missing_ok=True)

    def _settle(self, current: str | None) -> None:
        """The receipt of a version that CURRENT has come to name counts.

        Others never came to pass.
        """
        for pending in self._receipts.glob(f"*{PENDING}"):
            if pending.name == f"{current}{PENDING}":
                with suppress(OSError):  # a disk that refuses even this may be better next time
                    pending.replace(self._receipts / f"{current}.json")
            else:
                pending.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if not self.folder.is_dir():
            raise NoDataset(
                "there is no {what} {name!r} in {home}",
                what=Said(self.what),
                name=self.name,
                home=self.home,
            )
        with alone(self.folder, f"{self.what} {self.name!r}"):
            yield
