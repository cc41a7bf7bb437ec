"""Who posts, as far as it is known: a network's hash under a salt that lives a day.

An address is never written. The salt of a day is destroyed once the day is over and the last report
under it has expired: from then on nobody can tell whether two hashes were of one network.
"""

import hashlib
import secrets
from datetime import date, datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple

from app.db import posts
from app.db.database import Connection

#: After midnight yesterday's salt is still needed to count the hour before.
_COUNTED_FOR: Final = timedelta(hours=1)
#: No salt lives longer, whatever hangs on it: no report does either.
LONGEST: Final = timedelta(days=31)


class Poster(NamedTuple):
    """A network that posts, by the salts that live."""

    network: str
    """The /24 or the /48, in memory only."""
    salts: dict[date, bytes]

    def name(self, day: date) -> str | None:
        """Its hash under a day's salt; None where that is destroyed, or was never made."""
        held = self.salts.get(day)
        return _hashed(self.network, held) if held else None

    @property
    def names(self) -> dict[str, date]:
        """All its hashes, newest first, with the days of their salts."""
        return {
            _hashed(self.network, self.salts[day]): day for day in sorted(self.salts, reverse=True)
        }


def network_of(address: str | None) -> str:
    """The network that stands for an address: an IPv4 /24, an IPv6 /48. What is no address (a
    socket of this machine) is one network by itself.
    """
    try:
        known = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "local"
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is None:
            return known.packed[:6].hex()
        known = known.ipv4_mapped
    return known.packed[:3].hex()


def poster(connection: Connection, network: str, now: datetime) -> Poster:
    """A network as it is known at this time; part of a unit, as the day's first post makes its
    salt.
    """
    held = posts.salts(connection)
    today = now.date()
    if today not in held:
        held[today] = secrets.token_bytes(32)
        posts.new_salt(connection, today, held[today])
    return Poster(network, held)


def forget(connection: Connection, now: datetime) -> None:
    """Destroy the salts that nothing needs any more."""
    posts.forget_salts(connection, (now - _COUNTED_FOR).date(), now, (now - LONGEST).date())


def _hashed(network: str, salt_of_day: bytes) -> str:
    return hashlib.blake2b(network.encode(), key=salt_of_day, digest_size=16).hexdigest()
