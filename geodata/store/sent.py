"""Who sent which layer of a dataset, and when: one line of JSON each, beside the versions.

Lines are only ever added, so that the history outlasts versions that are cleared away or gone back
from, and two stores have all of it when each has the other's lines.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from geodata.store.disk import sync, write_synced

#: Where the lines stand: a file in the dataset's folder, and a part of what the database holds.
SENT: Final = "layers.jsonl"


class Did(StrEnum):
    """What somebody did with a layer."""

    IMPORTED = "imported"
    DROPPED = "dropped"
    WENT_BACK = "went back"
    EDITED = "edited"


class Sent(msgspec.Struct, frozen=True):
    """That somebody changed a layer."""

    at: datetime
    by: str
    layer: str
    label: str
    did: Did
    version: str
    """That came of it."""
    rows: int = 0
    """Read of the files."""
    places: int = 0
    """Of the layer from then on."""
    files: dict[str, str] = {}
    """File name -> SHA-256."""


def read(path: Path) -> tuple[Sent, ...]:
    """All that was sent, the oldest first; a line that was torn by a power cut is left out."""
    try:
        return parsed(path.read_bytes())
    except FileNotFoundError:
        return ()


def parsed(body: bytes) -> tuple[Sent, ...]:
    """The lines of a file, the oldest first, each once."""
    found: dict[bytes, Sent] = {}
    for line in body.splitlines():
        try:
            found[line] = msgspec.json.decode(line, type=Sent)
        except msgspec.DecodeError:
            continue
    return tuple(sorted(found.values(), key=lambda each: each.at))  # of one second as they came


def lines(entries: Iterable[Sent]) -> bytes:
    """Entries as they are stored."""
    return b"".join(msgspec.json.encode(each) + b"\n" for each in entries)


def add(path: Path, entries: Iterable[Sent]) -> None:
    """Add those that do not stand there yet. Who adds is the only one to publish meanwhile."""
    held = read(path)
    new = [each for each in entries if each not in held]
    if not new:
        return
    body = lines(new)
    if not path.exists():
        write_synced(path, body)
        return
    with path.open("ab") as out:
        out.write(b"\n" + body)  # behind whatever a power cut left of the last line
        sync(out.fileno())
