"""Rounds: the places that somebody set out to look at. Functions of a unit's connection."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, insert, select, update

from app.db.tables import visit_round


class StoredRound(NamedTuple):
    """A round as it stands in its table."""

    id: str
    account: str
    street: str
    places: list[str]
    """In walking order."""
    begun_at: datetime
    ended_at: datetime | None = None


_ROUND: Final = [visit_round.c[name] for name in StoredRound._fields]


def begin(connection: Connection, made: StoredRound) -> None:
    """Write a round; the one that the account walks already ends."""
    end(connection, made.account, made.begun_at)
    connection.execute(insert(visit_round).values(made._asdict()))


def end(connection: Connection, account: str, at: datetime) -> None:
    """End the round of an account, if it walks one."""
    walks = (visit_round.c.account == account, visit_round.c.ended_at.is_(None))
    connection.execute(update(visit_round).where(*walks).values(ended_at=at))


def walked(connection: Connection, account: str) -> StoredRound | None:
    """The round that an account walks; None: it walks none."""
    walks = (visit_round.c.account == account, visit_round.c.ended_at.is_(None))
    asked = select(*_ROUND).where(*walks).order_by(visit_round.c.number.desc()).limit(1)
    row = connection.execute(asked).one_or_none()
    return StoredRound(*row) if row else None
