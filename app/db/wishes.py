"""Wishes in the database, and how they ended. Functions of a connection; none decides anything."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from app.db.tables import wish, wish_event


class StoredWish(NamedTuple):
    """A wish: nothing tells whose it is."""

    id: str
    cell: str
    """A geohash of six letters, the finest position that is ever kept."""
    needs: list[str]
    mode: str
    hour: int | None
    note: bytes | None
    """Encrypted."""
    received_at: datetime
    key: str
    """The hash of its Idempotency-Key: of one there is one wish for ever."""


class WishEvent(NamedTuple):
    """What became of the wishes of a cell."""

    cell: str
    at: datetime
    kind: str
    by: str
    reason: str


_WISH = [wish.c[name] for name in StoredWish._fields]
_EVENT = [wish_event.c[name] for name in WishEvent._fields]


def add(connection: Connection, wishes: Sequence[StoredWish]) -> None:
    """Write wishes."""
    if wishes:
        connection.execute(insert(wish), [each._asdict() for each in wishes])


def by_key(connection: Connection, key: str) -> StoredWish | None:
    """The wish that was written under the hash of a key."""
    row = connection.execute(select(*_WISH).where(wish.c.key == key)).one_or_none()
    return StoredWish(*row) if row else None


def every(connection: Connection) -> list[StoredWish]:
    """All wishes, in the order of writing, without their notes."""
    plain = [column for column in _WISH if column is not wish.c.note]
    found = connection.execute(select(*plain).order_by(wish.c.number)).mappings()
    return [StoredWish(**row, note=None) for row in found]


def notes(connection: Connection, cells: Sequence[str]) -> list[tuple[str, datetime, bytes]]:
    """The notes of some cells' wishes, encrypted: of which cell, and when each came."""
    asked = select(wish.c.cell, wish.c.received_at, wish.c.note).where(wish.c.cell.in_(cells))
    said = asked.where(wish.c.note.is_not(None)).order_by(wish.c.number)
    return [(row[0], row[1], row[2]) for row in connection.execute(said)]


def end(connection: Connection, event: WishEvent) -> None:
    """Write what became of the wishes of a cell."""
    connection.execute(insert(wish_event).values(event._asdict()))


def events(connection: Connection) -> list[WishEvent]:
    """All that became of wishes, in the order of writing."""
    found = connection.execute(select(*_EVENT).order_by(wish_event.c.number))
    return [WishEvent(*row) for row in found]


def state(connection: Connection) -> tuple[int, int, int]:
    """The numbers of the last wish and the last event, and how many wishes there are: all alike,
    nothing was written.
    """
    asked = select(func.max(wish.c.number), func.count()).select_from(wish)
    last, count = connection.execute(asked).one()
    event = connection.execute(select(func.max(wish_event.c.number))).scalar()
    return last or 0, event or 0, count


def forget_of(connection: Connection, by: str) -> None:
    """Delete the wishes and events by someone, whose keys begin so; only what a demo made up is
    ever deleted.
    """
    connection.execute(delete(wish_event).where(wish_event.c.by == by))
    connection.execute(delete(wish).where(wish.c.key.startswith(f"{by}-", autoescape=True)))
