"""The base map of our own: what the page is told of it, and to whom it may be shown.

In mainland China a map that is shown to the public needs the approval of the state's office for
maps, whose number (审图号) stands on it (地图管理条例, 国务院令第664号, 2015). So on an address
that others can reach, a city there shows none until the operator states that number.
"""

import ipaddress
from dataclasses import dataclass
from typing import Final

from geodata.ground.ground import Ground

_MAINLAND: Final = "CN"
CREDIT: Final = "© OpenStreetMap contributors"
CREDIT_URL: Final = "https://www.openstreetmap.org/copyright"


@dataclass(frozen=True, slots=True)
class GroundMap:
    """A base map of our own, as a page names it."""

    version: str
    bounds: tuple[float, float, float, float]
    """west, south, east, north of what is drawn, WGS-84 degrees."""
    zooms: tuple[int, int]
    """Of the first and the last tiles."""
    approval: str = ""
    """The number under which it may be shown in mainland China; shown beside the credit."""
    credit: str = CREDIT
    credit_url: str = CREDIT_URL
    #: Its tiles are of our own origin: a policy need not name another.
    origin: str = ""

    @classmethod
    def of(cls, ground: Ground, approval: str) -> "GroundMap":
        """What is told of a base map."""
        return cls(ground.version, ground.about.bounds, ground.about.zooms, approval)

    @property
    def url(self) -> str:
        """Where a tile lies."""
        return f"/ground/{self.version}/{{z}}/{{x}}/{{y}}.mvt"


def may_show(country: str, approval: str, *, is_own_machine: bool) -> bool:
    """Whether a base map of a city in this country may be shown to who asks."""
    return is_own_machine or bool(approval) or country != _MAINLAND


def is_own_machine(host: str, address: str | None, *, is_forwarded: bool) -> bool:
    """Whether who asks sits at the machine that answers: by its own name, from its own address,
    and through no proxy that says so.
    """
    return not is_forwarded and is_loopback(host) and is_loopback(address or "")


def is_loopback(host: str) -> bool:
    """Whether a host's name or address, with or without a port, is this machine's own."""
    name = host.removeprefix("[").partition("]")[0] if host.startswith("[") else host
    if name.count(":") == 1:
        name = name.partition(":")[0]
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
