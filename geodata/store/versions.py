"""What a version consists of, and how it is named and pointed to: values alike on disk and in a
database.

Versions are checked by a chain: a pointer carries its manifest's checksum, the manifest those of
its files.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from geodata.errors import NoSuchVersion, Overtaken, PublishRefused
from geodata.store.history import Receipt

NAME_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
CURRENT: Final = "CURRENT"
PREVIOUS: Final = "PREVIOUS"
MANIFEST: Final = "manifest.json"
#: As few characters of a version as name it where no other begins so.
_SHORTEST_NAME: Final = 4

A = TypeVar("A")


class StoredPart(msgspec.Struct, frozen=True):
    """One stored file: its size in bytes and SHA-256."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, Generic[A], frozen=True):
    """What a version consists of, and what is true of it as a whole."""

    format: int
    version: str
    about: A
    parts: dict[str, StoredPart]


def short_digest(text: str) -> str:
    """Of a pointer's words: its third."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class _Stored(msgspec.Struct, frozen=True):
    """What is read of a manifest before its format is known."""

    format: int


class _Natured(msgspec.Struct, frozen=True):
    """What is read of an `about` of any format."""

    synthetic: bool | None = None


class _Holding(msgspec.Struct, frozen=True):
    """What is read of a manifest of any format to learn which nature its version has."""

    about: _Natured = _Natured()


def format_of(body: bytes) -> int:
    """The format that a stored manifest says it has."""
    return msgspec.json.decode(body, type=_Stored).format


def nature_of(body: bytes) -> bool | None:
    """Whether a version is synthetic, by its stored manifest of any format."""
    return msgspec.json.decode(body, type=_Holding).about.synthetic


class Pointer(NamedTuple):
    """What CURRENT says: a version, and the checksum of its manifest."""

    version: str
    manifest_sha256: str


class Seen(NamedTuple):
    """What was current when somebody looked whose work rests on it.

    None where there was no version.
    """

    current: Pointer | None

    def require(self, current: Pointer | None, whose: str) -> None:
        """It is current still.

        Raises Overtaken where another publish or rollback came between.
        """
        if current != self.current:
            raise Overtaken(
                (
                    "{whose} was at {named} when this work began and is at {other_version} now: "
                    "somebody else published or went back meanwhile. Nothing was changed; look "
                    "at what is there, and begin anew"
                ),
                whose=whose,
                named=_named(self.current),
                other_version=_named(current),
            )


def _named(current: Pointer | None) -> str:
    return f"version {current.version}" if current else "no version"


@dataclass(frozen=True, slots=True)
class Kept:
    """A version that lies in the store."""

    version: str
    receipt: Receipt | None
    """None where it was not written down, or is damaged."""
    pointed: str
    """CURRENT, PREVIOUS, or nothing."""


def unmixed(name: str, was: bool | None, new: bool) -> None:  # noqa: FBT001  # whether synthetic; None: nothing there
    """Made-up and real places never share a dataset. Raises PublishRefused."""
    if was is not None and was != new:
        held, brought = ("made-up", "real") if was else ("real", "made-up")
        raise PublishRefused(
            (
                "dataset {name!r} holds {held} places and takes no {brought} ones; choose "
                "another name"
            ),
            name=name,
            held=held,
            brought=brought,
        )


def called(text: str, kept: Sequence[Kept], whose: str) -> Kept:
    """The one of these versions whose name begins so.

    Raises NoSuchVersion, which names `whose` they are.
    """
    found = [each for each in kept if len(text) >= _SHORTEST_NAME and each.version.startswith(text)]
    if len(found) != 1:
        there = ", ".join(each.version for each in kept) or "none"
        why = (
            "more than one begins so"
            if found
            else f"give at least {_SHORTEST_NAME} characters of one"
        )
        raise NoSuchVersion(
            "{whose} has no version {text!r} ({why}); there are: {there}",
            whose=whose,
            text=text,
            why=why,
            there=there,
        )
    return found[0]
