"""Who published a version, and when: one receipt a version.

Receipts are numbered, and their numbers are the order of publishing: a clock may be set back, a
number is not.
"""

import getpass
import hashlib
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec


class Stamp(NamedTuple):
    """Who does it, and when (aware)."""

    at: datetime
    by: str

    @classmethod
    def now(cls) -> Self:
        """Now, to the second, by whoever runs this process."""
        return cls(datetime.now(UTC).replace(microsecond=0), f"{_user()}@{socket.gethostname()}")


class Receipt(msgspec.Struct, frozen=True):
    """That a version was published."""

    number: int
    """1 for the first, and so on."""
    version: str
    manifest_sha256: str
    at: datetime
    by: str
    told: dict[str, Any] = {}
    """What a list of versions says of it: of datasets `places`, `synthetic`, `source`, `data_date`,
    `layers`; of networks `road_km` (on foot), `source`, `data_date`."""


def written(receipt: Receipt) -> bytes:
    """A receipt as it is stored: one line of JSON, and one of its SHA-256."""
    body = msgspec.json.encode(receipt)
    return body + b"\n" + hashlib.sha256(body).hexdigest().encode() + b"\n"


def read(path: Path) -> Receipt | None:
    """The receipt in a file; None where there is none, or where it does not fit its checksum."""
    try:
        body, _, rest = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    if rest != hashlib.sha256(body).hexdigest().encode() + b"\n":
        return None
    return msgspec.json.decode(body, type=Receipt)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user need not have a name
        return "unknown"
