"""What makes a post safe to ask again and counted: keys, salts and allowances, in the database.

Functions of a unit's connection; none decides anything.
"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, exists, insert, select, update

from app.db.tables import allowance, posted, report, salt


class KeptReply(NamedTuple):
    """What was answered under an Idempotency-Key: the print is the hash of what was asked."""

    print: str
    status: int
    reply: bytes


def kept(connection: Connection, key: str) -> KeptReply | None:
    """What was answered under the hash of a key."""
    columns = (posted.c.body, posted.c.status, posted.c.reply)
    row = connection.execute(select(*columns).where(posted.c.key == key)).one_or_none()
    return KeptReply(*row) if row else None


def keep(connection: Connection, key: str, answered: KeptReply, at: datetime) -> None:
    """Keep what is answered under the hash of a key."""
    row = {"body": answered.print, "status": answered.status, "reply": answered.reply}
    connection.execute(insert(posted).values(key=key, at=at, **row))


def forget_kept(connection: Connection, before: datetime) -> None:
    """Forget the keys of posts before an instant."""
    connection.execute(delete(posted).where(posted.c.at < before))


def salts(connection: Connection) -> dict[date, bytes]:
    """The salts that live, by their days."""
    return {row.day: row.salt for row in connection.execute(select(salt))}


def new_salt(connection: Connection, day: date, value: bytes) -> None:
    """The salt of a day that has none yet."""
    connection.execute(insert(salt).values(day=day, salt=value))


def forget_salts(connection: Connection, before: date, needed_at: datetime, longest: date) -> None:
    """Destroy the salts of the days before one under which no report lives at an instant; and all
    of the days before the longest.
    """
    lives = exists().where(report.c.salted_on == salt.c.day, report.c.expires_at > needed_at)
    connection.execute(delete(salt).where(salt.c.day < before, ~lives))
    connection.execute(delete(salt).where(salt.c.day < longest))


def times(connection: Connection, who: str, what: str, hour: datetime) -> int:
    """How often something was counted within an hour of the clock."""
    same = (allowance.c.who == who, allowance.c.what == what, allowance.c.hour == hour)
    return connection.execute(select(allowance.c.times).where(*same)).scalar() or 0


def count(connection: Connection, who: str, what: str, hour: datetime) -> None:
    """Count one more."""
    same = (allowance.c.who == who, allowance.c.what == what, allowance.c.hour == hour)
    more = update(allowance).where(*same).values(times=allowance.c.times + 1)
    if connection.execute(more).rowcount == 0:
        connection.execute(insert(allowance).values(who=who, what=what, hour=hour, times=1))


def forget_counts(connection: Connection, before: datetime) -> None:
    """Forget what was counted in the hours before an instant."""
    connection.execute(delete(allowance).where(allowance.c.hour < before))


def forget_count(connection: Connection, who: str, what: str) -> None:
    """Forget how often something was counted of one."""
    same = (allowance.c.who == who) & (allowance.c.what == what)
    connection.execute(delete(allowance).where(same))
