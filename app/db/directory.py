"""The directory in the database: versions of contacts, events and benefits, of which the last of
each holds. Functions of a connection; none decides anything.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from app.db.tables import directory


class Version(NamedTuple):
    """A version of an entry."""

    kind: str
    id: str
    at: datetime
    by: str
    removed: bool
    body: dict[str, Any]


_VERSION = [directory.c[name] for name in Version._fields]


def add(connection: Connection, versions: Sequence[Version]) -> None:
    """Write versions."""
    if versions:
        connection.execute(insert(directory), [each._asdict() for each in versions])


def latest(connection: Connection) -> list[Version]:
    """Of each entry its last version, in the order in which the entries came; also of those that
    were removed.
    """
    last = select(func.max(directory.c.number)).group_by(directory.c.kind, directory.c.id)
    chosen = select(*_VERSION).where(directory.c.number.in_(last))
    return [Version(*row) for row in connection.execute(chosen.order_by(directory.c.number))]


def state(connection: Connection) -> tuple[int, int]:
    """The number of the last version, and how many there are: both alike, nothing was written."""
    asked = select(func.max(directory.c.number), func.count()).select_from(directory)
    number, count = connection.execute(asked).one()
    return number or 0, count


def forget_of(connection: Connection, by: str) -> None:
    """Delete all versions by someone; only what a demo made up is ever deleted."""
    connection.execute(delete(directory).where(directory.c.by == by))
