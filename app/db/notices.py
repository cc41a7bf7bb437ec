"""Notices in the database: every version that was published, and none changed.

Functions of a unit's connection; none decides anything.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from app.db.tables import notice

#: How the ids of made-up notices begin.
DEMO: Final = "demo-"


class StoredNotice(NamedTuple):
    """A version of a notice as it stands in its table."""

    identifier: str
    root: str
    """The identifier of the alert that it goes back to: its own, of an alert."""
    refers_to: str | None
    """The version that it takes the place of."""
    msg_type: str
    sent: datetime
    onset: datetime
    expires: datetime
    by: str
    body: dict[str, Any]


_COLUMNS: Final = [notice.c[name] for name in StoredNotice._fields]


def add(connection: Connection, row: StoredNotice) -> None:
    """Publish a version."""
    connection.execute(insert(notice).values(row._asdict()))


def versions(connection: Connection) -> list[StoredNotice]:
    """All versions in the order in which they were published."""
    asked = select(*_COLUMNS).order_by(notice.c.number)
    return [StoredNotice(*row) for row in connection.execute(asked)]


def of_notice(connection: Connection, root: str) -> list[StoredNotice]:
    """The versions of one notice, in the order in which they were published."""
    asked = select(*_COLUMNS).where(notice.c.root == root).order_by(notice.c.number)
    return [StoredNotice(*row) for row in connection.execute(asked)]


def root_of(connection: Connection, identifier: str) -> str | None:
    """The notice that a version of this identifier belongs to."""
    asked = select(notice.c.root).where(notice.c.identifier == identifier)
    return connection.execute(asked).scalar_one_or_none()


class NoticesState(NamedTuple):
    """Changes when anything is published, or a demo's notices are made anew."""

    last: int | None
    versions: int
    sent: datetime | None
    """The latest of all versions."""


def state(connection: Connection) -> NoticesState:
    """What there is, in short."""
    number = notice.c.number
    asked = select(func.max(number), func.count(number), func.max(notice.c.sent))
    return NoticesState(*connection.execute(asked).one())


def forget_demo(connection: Connection) -> None:
    """Delete the made-up notices of a demo."""
    made_up = notice.c.root.startswith(DEMO, autoescape=True)
    connection.execute(delete(notice).where(made_up))
