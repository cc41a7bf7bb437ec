"""What was done at the desk, in the database. Rows are added, and never changed or deleted."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, insert, select

from app.db.tables import audit


class AuditEntry(NamedTuple):
    """Something that was done, as it stands in its table."""

    number: int
    at: datetime
    who: str
    role: str
    verb: str
    thing: str
    field: str
    before: str
    after: str
    """A value, or where it is personal its keyed hash; empty: none."""
    previous: str
    """The digest of the entry before."""
    digest: str


_ENTRY: Final = [audit.c[name] for name in AuditEntry._fields]
#: Entries that are read at once.
_CHUNK: Final = 1_000


def last(connection: Connection) -> AuditEntry | None:
    """The newest entry."""
    asked = select(*_ENTRY).order_by(audit.c.number.desc()).limit(1)
    row = connection.execute(asked).one_or_none()
    return AuditEntry(*row) if row else None


def add(connection: Connection, row: dict[str, Any]) -> None:
    """Write an entry."""
    connection.execute(insert(audit).values(row))


def every(connection: Connection) -> Iterator[AuditEntry]:
    """All entries, the oldest first."""
    after = 0
    while True:
        asked = select(*_ENTRY).where(audit.c.number > after).order_by(audit.c.number)
        rows = connection.execute(asked.limit(_CHUNK)).all()
        for row in rows:
            yield AuditEntry(*row)
        if len(rows) < _CHUNK:
            return
        after = rows[-1][0]


def page(
    connection: Connection, most: int, before: int | None, who: str, thing: str
) -> list[AuditEntry]:
    """The newest entries, of a person or about a thing where one is named, and before a number."""
    asked = select(*_ENTRY)
    if before is not None:
        asked = asked.where(audit.c.number < before)
    if who:
        asked = asked.where(audit.c.who == who)
    if thing:
        asked = asked.where(audit.c.thing == thing)
    rows = connection.execute(asked.order_by(audit.c.number.desc()).limit(most))
    return [AuditEntry(*row) for row in rows]
