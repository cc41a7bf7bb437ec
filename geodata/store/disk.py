"""The disk: what is on it when a function returns, mapped arrays, one publisher at a time."""

import fcntl
import hashlib
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.errors import DamagedDataset, PublishRefused, Said, why_of


@contextmanager
def alone(folder: Path, whose: str) -> Iterator[None]:
    """Nobody else publishes in this folder meanwhile.

    Raises PublishRefused, which says to what: `whose`.
    """
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PublishRefused(
                "another process is publishing to {whose}; try again later", whose=whose
            ) from None
        yield


@contextmanager
def refusing(words: str) -> Iterator[None]:
    """What the disk refuses is said in words, its reason in their place {why}.

    Raises PublishRefused.
    """
    try:
        yield
    except OSError as fault:
        # numpy tells a file cut short by a full disk in numbers of its own, without the system's
        # word for it
        in_part = "a file could be written in part only, {why}; the disk may be full"
        why = why_of(fault) if fault.strerror else Said(in_part, why=fault)
        raise PublishRefused(words, why=why) from fault


def mapped(path: Path) -> NDArray[Any]:
    """A stored array, mapped and write-protected. Raises DamagedDataset where it is none."""
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as fault:
        raise DamagedDataset("{file} is no array: {why}", file=path, why=fault) from None
    return array.view(np.ndarray)


def bytes_of(path: Path) -> bytes | mmap.mmap:
    """The bytes of a stored file, mapped."""
    with path.open("rb") as source:
        return (
            mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
        )


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hex digits."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def write_synced(path: Path, body: bytes) -> None:
    """A file that is on the disk."""
    with path.open("wb") as out:
        out.write(body)
        sync(out.fileno())


def sync(descriptor: int) -> None:
    """What was written to an open file is on the disk."""
    os.fsync(descriptor)


def sync_folder(path: Path) -> None:
    """The names in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
