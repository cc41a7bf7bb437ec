"""Accounts of the desk in the database, with their links, recovery codes and sessions.

Functions of a unit's connection; none decides anything. Of every token only its hash is here.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from app.db.tables import account, account_link, desk_session, recovery_code


class StoredAccount(NamedTuple):
    """An account as it stands in its table."""

    number: int
    name: str
    role: str
    scope_kind: str
    scope_name: str
    state: str
    password: str | None
    """As argon2 hashes it; None: none was set, or it is closed."""
    factor: bytes | None
    """The secret of the second factor, sealed."""
    factor_step: int
    """The last step of the clock whose code was taken: none is taken twice."""
    subject: str | None
    """The hash of who it is at the provider of single sign-on."""
    made_at: datetime
    seen_at: datetime


class StoredSession(NamedTuple):
    """A session as it stands in its table."""

    token: str
    account: int
    csrf: str
    language: str
    agent: str
    made_at: datetime
    seen_at: datetime


_ACCOUNT: Final = [account.c[name] for name in StoredAccount._fields]
_SESSION: Final = [desk_session.c[name] for name in StoredSession._fields]


def add(connection: Connection, new: dict[str, Any]) -> int:
    """Write an account; its number."""
    made = connection.execute(insert(account).values(new))
    return int(made.inserted_primary_key[0])  # type: ignore[index]  # of one row


def named(connection: Connection, name: str) -> StoredAccount | None:
    """The account of a name."""
    return _one(connection, account.c.name == name)


def numbered(connection: Connection, number: int) -> StoredAccount | None:
    """The account of a number."""
    return _one(connection, account.c.number == number)


def of_subject(connection: Connection, subject: str) -> StoredAccount | None:
    """The account of who has this hash at the provider."""
    return _one(connection, account.c.subject == subject)


def every(connection: Connection) -> list[StoredAccount]:
    """All accounts, by name."""
    rows = connection.execute(select(*_ACCOUNT).order_by(account.c.name))
    return [StoredAccount(*row) for row in rows]


def change(connection: Connection, number: int, **values: Any) -> None:
    """Change columns of an account."""
    connection.execute(update(account).where(account.c.number == number).values(values))


def take_step(connection: Connection, number: int, step: int) -> bool:
    """Take the code of a step of the clock; False: it, or a later one, was taken before."""
    later = (account.c.number == number) & (account.c.factor_step < step)
    taken = connection.execute(update(account).where(later).values(factor_step=step))
    return taken.rowcount == 1


def add_link(connection: Connection, token: str, number: int, expires_at: datetime) -> None:
    """Write a one-time link; those before it end."""
    connection.execute(delete(account_link).where(account_link.c.account == number))
    row = {"token": token, "account": number, "expires_at": expires_at}
    connection.execute(insert(account_link).values(row))


def account_of_link(connection: Connection, token: str, now: datetime) -> StoredAccount | None:
    """Whose password a link sets, if its time is not over."""
    asked = select(account_link.c.account).where(
        account_link.c.token == token, account_link.c.expires_at > now
    )
    number = connection.execute(asked).scalar()
    return None if number is None else numbered(connection, number)


def use_link(connection: Connection, token: str) -> bool:
    """End a link; False: it has ended already."""
    ended = connection.execute(delete(account_link).where(account_link.c.token == token))
    return ended.rowcount == 1


def new_codes(connection: Connection, number: int, codes: Iterable[str]) -> None:
    """The hashes of an account's recovery codes, in place of those before."""
    connection.execute(delete(recovery_code).where(recovery_code.c.account == number))
    rows = [{"code": code, "account": number} for code in codes]
    if rows:
        connection.execute(insert(recovery_code), rows)


def use_code(connection: Connection, number: int, code: str) -> bool:
    """Use up a recovery code; False: there is none such."""
    same = (recovery_code.c.account == number) & (recovery_code.c.code == code)
    return connection.execute(delete(recovery_code).where(same)).rowcount == 1


def codes_left(connection: Connection, number: int) -> int:
    """How many recovery codes an account has."""
    asked = select(recovery_code.c.code).where(recovery_code.c.account == number)
    return len(connection.execute(asked).all())


def begin_session(connection: Connection, new: StoredSession) -> None:
    """Write a session."""
    connection.execute(insert(desk_session).values(new._asdict()))


def session(connection: Connection, token: str) -> StoredSession | None:
    """The session of a token's hash."""
    found = select(*_SESSION).where(desk_session.c.token == token)
    row = connection.execute(found).one_or_none()
    return StoredSession(*row) if row else None


def sessions_of(connection: Connection, number: int) -> list[StoredSession]:
    """The sessions of an account, the newest first."""
    found = select(*_SESSION).where(desk_session.c.account == number)
    rows = connection.execute(found.order_by(desk_session.c.seen_at.desc()))
    return [StoredSession(*row) for row in rows]


def change_session(connection: Connection, token: str, **values: Any) -> None:
    """Change columns of a session."""
    same = desk_session.c.token == token
    connection.execute(update(desk_session).where(same).values(values))


def end_session(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(desk_session).where(desk_session.c.token == token))


def end_sessions(connection: Connection, number: int) -> None:
    """End all sessions of an account."""
    connection.execute(delete(desk_session).where(desk_session.c.account == number))


def forget_sessions(connection: Connection, seen: datetime, made: datetime) -> None:
    """Delete the sessions that were last seen, or were begun, before these instants."""
    over = (desk_session.c.seen_at < seen) | (desk_session.c.made_at < made)
    connection.execute(delete(desk_session).where(over))


def forget_links(connection: Connection, number: int) -> None:
    """End the links of an account."""
    connection.execute(delete(account_link).where(account_link.c.account == number))


def _one(connection: Connection, condition: Any) -> StoredAccount | None:
    row = connection.execute(select(*_ACCOUNT).where(condition)).one_or_none()
    return StoredAccount(*row) if row else None
