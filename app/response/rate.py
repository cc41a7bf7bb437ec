"""How often one address may post.

Keeps hashes under a salt that is thrown away within the hour, never an address.

Each worker process counts for itself, so that an address has at most workers times the limit.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Final

from geodata.errors import NuanfengError

#: A salt lives as long as this, and every hash made with it.
KEPT_S: Final = 3_600.0
#: Of an hour's posts this share may come at once.
_BURST_SHARE: Final = 0.1
#: Addresses counted at a time; beyond, all are forgotten at once, so that a flood of addresses
#: takes no memory.
_MOST_ADDRESSES: Final = 100_000


#: What sums of clock times may be off by: without it a post that may come was refused by chance.
_ROUNDING_S: Final = 1e-6


class TooOften(NuanfengError):
    """An address has posted too often; `retry_after_s` says when the next post will be read."""

    def __init__(self, per_hour: int, retry_after_s: int) -> None:
        super().__init__(
            "{per_hour} posts an hour are read from one address; try again in {seconds} s.",
            per_hour=per_hour,
            seconds=retry_after_s,
        )
        self.retry_after_s = retry_after_s


class Limiter:
    """`per_hour` posts of one address, a tenth of them at once; 0: any number.

    The generic cell rate algorithm (ITU-T I.371): an address is one number, the time at which it
    would be idle again.
    """

    def __init__(self, per_hour: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_hour = per_hour
        self._clock = clock
        self._lock = threading.Lock()
        self._forget()

    def count(self, address: str) -> None:
        """Count a post. Raises TooOften."""
        if not self._per_hour:
            return
        with self._lock:
            now = self._clock()
            if now >= self._salted_at + KEPT_S or len(self._idle_at) >= _MOST_ADDRESSES:
                self._forget()
            every_s = KEPT_S / self._per_hour
            burst_s = max(1.0, self._per_hour * _BURST_SHARE) * every_s
            name = self._name(address)
            idle_at = max(now, self._idle_at.get(name, now))
            wait_s = (idle_at - now) - (burst_s - every_s)
            if wait_s > _ROUNDING_S:
                raise TooOften(self._per_hour, max(1, round(wait_s + 0.5)))
            self._idle_at[name] = idle_at + every_s

    def _forget(self) -> None:
        self._salt, self._salted_at = secrets.token_bytes(16), self._clock()
        self._idle_at: dict[bytes, float] = {}

    def _name(self, address: str) -> bytes:
        return hashlib.blake2b(
            _subscriber(address).encode(), key=self._salt, digest_size=16
        ).digest()


def _subscriber(address: str) -> str:
    """Who an address belongs to: an IPv6 subscriber has a whole /64."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return (
        known.exploded[:19]
        if isinstance(known, IPv6Address) and not known.ipv4_mapped
        else str(known)
    )
