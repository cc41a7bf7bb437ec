"""What makes a post safe to ask again and counted: keys, salts and allowances, in the database.

Functions of a unit's connection; none decides anything.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, bindparam, delete, exists, insert, or_, select, text

from app.db.database import noted
from app.db.tables import allowance, posted, report, salt
from app.db.types import Instant

#: Statements are made once: to make one takes longer than to run it.
_KEPT: Final = select(posted.c.body, posted.c.status, posted.c.reply).where(
    posted.c.key == bindparam("asked")
)
_KEEP: Final = insert(posted)
_SALTS: Final = select(salt.c.day, salt.c.salt)
_TIMES: Final = select(allowance.c.who, allowance.c.hour, allowance.c.times).where(
    allowance.c.what == bindparam("asked"),
    or_(
        and_(allowance.c.who == bindparam("who_now"), allowance.c.hour == bindparam("now")),
        and_(allowance.c.who == bindparam("who_then"), allowance.c.hour == bindparam("then")),
    ),
)
_COUNT: Final = text(
    "INSERT INTO allowance (who, what, hour, times) VALUES (:who, :what, :hour, 1)"
    " ON CONFLICT (who, what, hour) DO UPDATE SET times = allowance.times + 1"
).bindparams(bindparam("hour", type_=Instant()))
_SALTS_NOTED: Final = "salts"


class KeptReply(NamedTuple):
    """What was answered under an Idempotency-Key: the print is the hash of what was asked."""

    print: str
    status: int
    reply: bytes


def kept(connection: Connection, key: str) -> KeptReply | None:
    """What was answered under the hash of a key."""
    row = connection.execute(_KEPT, {"asked": key}).one_or_none()
    return KeptReply(*row) if row else None


def keep(connection: Connection, key: str, answered: KeptReply, at: datetime) -> None:
    """Keep what is answered under the hash of a key."""
    row = {"body": answered.print, "status": answered.status, "reply": answered.reply}
    connection.execute(_KEEP, {"key": key, "at": at, **row})


def forget_kept(connection: Connection, before: datetime) -> None:
    """Forget the keys of posts before an instant."""
    connection.execute(delete(posted).where(posted.c.at < before))


def salts(connection: Connection) -> dict[date, bytes]:
    """The salts that live, by their days; of one transaction they are read once."""
    held: dict[date, bytes] | None = noted(connection).get(_SALTS_NOTED)
    if held is None:
        held = {row.day: row.salt for row in connection.execute(_SALTS)}
        noted(connection)[_SALTS_NOTED] = held
    return dict(held)


def new_salt(connection: Connection, day: date, value: bytes) -> None:
    """The salt of a day that has none yet."""
    connection.execute(insert(salt).values(day=day, salt=value))
    noted(connection).pop(_SALTS_NOTED, None)


def forget_salts(connection: Connection, before: date, needed_at: datetime, longest: date) -> None:
    """Destroy the salts of the days before one under which no report lives at an instant; and all
    of the days before the longest.
    """
    lives = exists().where(report.c.salted_on == salt.c.day, report.c.expires_at > needed_at)
    connection.execute(delete(salt).where(salt.c.day < before, ~lives))
    connection.execute(delete(salt).where(salt.c.day < longest))
    noted(connection).pop(_SALTS_NOTED, None)


def times(
    connection: Connection, what: str, now: tuple[str, datetime], then: tuple[str, datetime]
) -> Mapping[tuple[str, datetime], int]:
    """How often something was counted of two: of whom, and in which hour of the clock. What is not
    there was not.
    """
    asked = {"who_now": now[0], "now": now[1], "who_then": then[0], "then": then[1]}
    rows = connection.execute(_TIMES, {"asked": what, **asked})
    return {(row.who, row.hour): row.times for row in rows}


def count(connection: Connection, who: str, what: str, hour: datetime) -> None:
    """Count one more."""
    connection.execute(_COUNT, {"who": who, "what": what, "hour": hour})


def forget_counts(connection: Connection, before: datetime) -> None:
    """Forget what was counted in the hours before an instant."""
    connection.execute(delete(allowance).where(allowance.c.hour < before))


def forget_count(connection: Connection, who: str, what: str) -> None:
    """Forget how often something was counted of one."""
    same = (allowance.c.who == who) & (allowance.c.what == what)
    connection.execute(delete(allowance).where(same))
