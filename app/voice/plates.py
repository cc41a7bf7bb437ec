"""Signed plates on doors, and the tickets that prove one stood there.

A plate's token is the same for ever, so a photograph of it is worth as much as the plate: a ticket
counts as two riders, never as a verdict. Keys are numbered, and a plate can be revoked.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from app.voice.keys import KeyRing, NoKey

#: How long a ticket proves that one stood there.
TICKET_LIVES: Final = timedelta(minutes=15)
_PLATE: Final = "plate"
_TICKET: Final = "ticket-1"
_BYTES: Final = 16


def token(keys: KeyRing, place: str, revoked: Collection[int] = ()) -> str:
    """What a newly printed plate of a place says, under the newest key; the first makes it.

    `revoked` are the numbers of the keys under which this place's plates prove nothing any more:
    where the newest is one of them, the next key is made.
    """
    number = newest(keys)
    while number in revoked:
        number += 1
    name = f"{_PLATE}-{number}"
    keys.made(name)
    return f"{number}-{_signed(keys.key(name), place)}"


def newest(keys: KeyRing) -> int:
    """The number of the key that plates are printed under; 1 before there is one."""
    names = keys.names(_PLATE)
    return int(names[-1].removeprefix(_PLATE + "-")) if names else 1


def key_number(keys: KeyRing, place: str, said: str) -> int | None:
    """The number of the key that signed a plate's token; None: none of ours did."""
    number, _, signature = said.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) <= 6 and signature.isascii()):
        return None
    try:
        signed = _signed(keys.key(f"{_PLATE}-{int(number)}"), place)
    except NoKey:
        return None
    return int(number) if hmac.compare_digest(signed, signature) else None


def ticket(keys: KeyRing, place: str, now: datetime) -> tuple[str, datetime]:
    """A ticket for who stands at a place now, and when it ends."""
    minute = int(now.timestamp()) // 60
    signature = _signed(keys.made(_TICKET), f"{place} {minute}")
    return f"{minute:x}-{signature}", _ends(minute)


def proves(keys: KeyRing, place: str, said: str, now: datetime) -> bool:
    """Whether a ticket proves that one stood at a place not long ago."""
    minute, _, signature = said.partition("-")
    try:
        issued = int(minute, 16)
        signed = _signed(keys.made(_TICKET), f"{place} {issued}")
    except ValueError:
        return False
    if not (signature.isascii() and hmac.compare_digest(signed, signature)):
        return False
    return _ends(issued) - TICKET_LIVES <= now < _ends(issued)


def _ends(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC) + TICKET_LIVES


def _signed(key: bytes, what: str) -> str:
    digest = hmac.digest(key, what.encode(), sha256)[:_BYTES]
    return urlsafe_b64encode(digest).decode().rstrip("=")
