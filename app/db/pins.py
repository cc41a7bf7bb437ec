"""Points that people put for rows of tables that have none of their own.

Functions of a unit's connection. Nothing is changed or deleted: the newest of a layer, a name and
an address holds.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, insert, select

from app.db.tables import pin

_MOST_NAME: Final = 200
_MOST_ADDRESS: Final = 400


class StoredPin(NamedTuple):
    """A pin as it stands in its table; points are "lon lat" in WGS-84."""

    layer: str
    name: str
    address: str
    point: str | None
    """None: it was taken back."""
    coarse: str | None
    """Where the address was found, coarsely; None: it was not."""
    by: str
    at: datetime

    @property
    def key(self) -> tuple[str, str]:
        """What rows it is for."""
        return self.name, self.address


_PIN: Final = [pin.c[name] for name in StoredPin._fields]


def key_of(name: str, address: str) -> tuple[str, str]:
    """A row's name and address as pins have them."""
    return " ".join(name.split())[:_MOST_NAME], " ".join(address.split())[:_MOST_ADDRESS]


def add(connection: Connection, made: StoredPin) -> None:
    """Write a pin."""
    connection.execute(insert(pin).values(made._asdict()))


def of_layers(connection: Connection, layers: Collection[str]) -> list[StoredPin]:
    """The pins of layers that hold."""
    newest = select(func.max(pin.c.number)).where(pin.c.layer.in_(layers))
    newest = newest.group_by(pin.c.layer, pin.c.name, pin.c.address)
    rows = connection.execute(select(*_PIN).where(pin.c.number.in_(newest)))
    held = [StoredPin(*row) for row in rows]
    return [each for each in held if each.point is not None]
