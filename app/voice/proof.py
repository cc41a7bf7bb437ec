"""A proof of work: what a flood of reports about one place costs, and one rider hardly notices.

A challenge is bound to a place and to an Idempotency-Key: each report needs its own, and none is
kept. Solved by a nonce that gives SHA-256 of `challenge:nonce` as many zero bits in front.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Final

from app.voice.keys import KeyRing

#: A million hashes on the average: up to a second on a phone.
BITS: Final = 20
LIVES: Final = timedelta(minutes=5)
_KEY: Final = "proof-1"


def challenge(keys: KeyRing, place: str, key: str, now: datetime) -> tuple[str, datetime]:
    """A challenge for one report, and when it ends."""
    ends = int((now + LIVES).timestamp())
    return f"{ends:x}.{_signed(keys, place, key, ends)}", datetime.fromtimestamp(ends, UTC)


def is_solved(keys: KeyRing, place: str, key: str, proof: str, now: datetime) -> bool:
    """Whether `challenge:nonce` solves a challenge of ours that still holds."""
    said, _, _ = proof.partition(":")
    stated, _, signature = said.partition(".")
    try:
        ends = int(stated, 16)
    except ValueError:
        return False
    if not proof.isascii() or not now.timestamp() < ends <= (now + LIVES).timestamp() + 1:
        return False
    if not hmac.compare_digest(_signed(keys, place, key, ends), signature):
        return False
    digest = hashlib.sha256(proof.encode()).digest()
    return int.from_bytes(digest) >> (256 - BITS) == 0


def _signed(keys: KeyRing, place: str, key: str, ends: int) -> str:
    told = f"{place} {key} {ends}".encode()
    digest = hmac.digest(keys.made(_KEY), told, hashlib.sha256)[:16]
    return urlsafe_b64encode(digest).decode().rstrip("=")
