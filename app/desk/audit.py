"""The audit: who did what and when, as a chain of digests that no one changes unseen.

Each entry's digest covers the entry and the digest before it; the newest digest of each day stands
in a second place, a file of its own, so that a chain that was written anew from its beginning, or
cut at its end, is told from the one that was there.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from app.db import audit as stored
from app.db.audit import AuditEntry
from app.db.database import Connection
from app.voice.keys import KeyRing
from geodata.errors import Said

#: The key that personal values are hashed with.
_KEY: Final = "audit-1"
#: What stands before the first entry.
BEGINNING: Final = "0" * 64
#: How wide the columns are, and all others.
_WIDEST: Final = {"who": 40, "role": 16, "verb": 24, "thing": 120, "field": 40}
_LONGEST: Final = 200
_PERSONAL: Final = "#"


class Doing(NamedTuple):
    """Something that is done, before it is written."""

    who: str
    role: str
    verb: str
    thing: str
    """Such as `letter 3f9a2c1d77aa` or `account wang`."""
    field: str = ""
    before: str = ""
    after: str = ""


class ChainFault(NamedTuple):
    """Where a chain is not what was written."""

    number: int
    why: Said


def personal(keys: KeyRing, thing: str, field: str, value: str) -> str:
    """What the audit says of a personal value: a hash that can be compared by who has the key, and
    is another for each thing and field; of no value nothing.
    """
    if not value:
        return ""
    said = f"{thing}\n{field}\n{value}".encode()
    return _PERSONAL + hmac.digest(keys.made(_KEY), said, "sha256").hex()


def note(connection: Connection, doing: Doing, at: datetime) -> AuditEntry:
    """Write something that is done; part of the unit that does it."""
    before = stored.last(connection)
    previous = before.digest if before else BEGINNING
    clipped = Doing(
        *(str(value)[: _WIDEST.get(name, _LONGEST)] for name, value in doing._asdict().items())
    )
    number = before.number + 1 if before else 1
    entry = AuditEntry(
        number, at.astimezone(UTC).replace(microsecond=0), *clipped, previous, digest=""
    )
    whole = entry._replace(digest=digest(entry))
    stored.add(connection, whole._asdict())
    return whole


def digest(entry: AuditEntry) -> str:
    """The digest that an entry should have."""
    said = entry._asdict() | {"at": entry.at.astimezone(UTC).isoformat(), "digest": ""}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def faults(connection: Connection, heads: Path) -> Iterator[ChainFault]:
    """Where the chain is broken, entry by entry, and where the second place knows it otherwise."""
    known, previous, number = dict(read_heads(heads)), BEGINNING, 0
    for entry in stored.every(connection):
        if entry.number != number + 1:
            yield ChainFault(entry.number, Said("entries before it are missing"))
        elif entry.previous != previous or digest(entry) != entry.digest:
            yield ChainFault(entry.number, Said("it is not as it was written"))
        if known.pop(entry.number, entry.digest) != entry.digest:
            yield ChainFault(entry.number, Said("the second place holds another digest of it"))
        previous, number = entry.digest, entry.number
    for missing in sorted(known):
        yield ChainFault(missing, Said("the second place knows it, and it is gone"))


def write_head(connection: Connection, heads: Path, now: datetime) -> None:
    """Write the newest digest to the second place, once a day; again changes nothing."""
    entry = stored.last(connection)
    if entry is None or _is_written(heads, f"{now:%Y-%m-%d}"):
        return
    heads.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = f"{now:%Y-%m-%d} {entry.number} {entry.digest}\n".encode()
    handle = os.open(heads, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line)
        os.fsync(handle)
    finally:
        os.close(handle)


def read_heads(heads: Path) -> Iterator[tuple[int, str]]:
    """The numbers and digests of the second place."""
    if not heads.exists():
        return
    for line in heads.read_text(encoding="ascii", errors="replace").splitlines():
        parts = line.split()
        if len(parts) == len(("day", "number", "digest")) and parts[1].isdigit():
            yield int(parts[1]), parts[2]


def _is_written(heads: Path, day: str) -> bool:
    if not heads.exists():
        return False
    return any(
        line.startswith(day)
        for line in heads.read_text(encoding="ascii", errors="replace").splitlines()[-2:]
    )
