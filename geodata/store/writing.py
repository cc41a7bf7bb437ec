"""A version written aside, whole and synced, where nothing points to it yet.

Moves nothing into its place.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.errors import DamagedDataset
from geodata.store.disk import file_digest, sync, sync_folder, write_synced
from geodata.store.versions import MANIFEST, Manifest, Pointer, StoredPart

#: How the name of what is not finished begins; whoever finds one left behind may delete it.
UNFINISHED: Final = ".unfinished-"
_PART_PATTERN: Final = re.compile(r"(arrays/)?[a-z0-9_-]+\.[a-z]+")


def write(
    versions: Path,
    named: tuple[int, str],
    about: object,
    arrays: Mapping[str, NDArray[Any]],
    blobs: Mapping[str, bytes],
) -> tuple[Path, Pointer]:
    """A version in a new folder under `versions`, from memory.

    `named` are its format and its name.
    """
    aside = _new_folder(versions)
    for name, array in arrays.items():
        with (aside / "arrays" / f"{name}.npy").open("wb") as out:
            np.save(out, np.ascontiguousarray(array), allow_pickle=False)
            sync(out.fileno())
    for name, blob in blobs.items():
        write_synced(aside / name, blob)
    names = [f"arrays/{name}.npy" for name in arrays] + list(blobs)
    parts = {
        name: StoredPart((aside / name).stat().st_size, file_digest(aside / name))
        for name in sorted(names)
    }
    body = msgspec.json.format(msgspec.json.encode(Manifest(*named, about, parts)), indent=1)
    return aside, _finish(aside, named[1], body)


def copy(
    versions: Path, body: bytes, manifest: Manifest[Any], read: Callable[[str], Iterable[bytes]]
) -> tuple[Path, Pointer]:
    """A version in a new folder under `versions`, from elsewhere: its manifest as `body`, files as
    `read` gives them.

    Raises DamagedDataset where a file does not fit its checksum, or would lie elsewhere.
    """
    aside = _new_folder(versions)
    for name, part in manifest.parts.items():
        if not _PART_PATTERN.fullmatch(
            name
        ):  # it comes from another machine, and becomes a path on this one
            raise DamagedDataset(
                "version {version} has a file that is none of ours, {name!r}",
                version=manifest.version,
                name=name[:60],
            )
        with (aside / name).open("wb") as out:
            for piece in read(name):
                out.write(piece)
            sync(out.fileno())
        if file_digest(aside / name) != part.sha256:
            raise DamagedDataset(
                "{name} of version {version} came damaged; the version before stays",
                name=name,
                version=manifest.version,
            )
    return aside, _finish(aside, manifest.version, body)


def _new_folder(versions: Path) -> Path:
    aside = versions / f"{UNFINISHED}{os.getpid()}"
    (aside / "arrays").mkdir(parents=True)
    return aside


def _finish(aside: Path, version: str, manifest: bytes) -> Pointer:
    """The last file of a version, and all of it on the disk."""
    write_synced(aside / MANIFEST, manifest)
    sync_folder(aside / "arrays")
    sync_folder(aside)
    return Pointer(version, hashlib.sha256(manifest).hexdigest())
