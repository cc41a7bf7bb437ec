"""Sessions: who is signed in, and until when. The cookie holds 256 random bits; the database a
hash of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import Request

from app.db import accounts as stored
from app.db.accounts import StoredAccount, StoredSession
from app.db.database import Connection
from app.desk.passwords import new_token, token_hash
from app.desk.roles import ROLES, WITH_FACTOR, DeskRole, Location, Scope, ScopeKind, Verb

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
#: When a session was last seen is written at most so often.
_SEEN_EVERY: Final = timedelta(minutes=1)
_SECURE: Final = "__Host-desk"
#: Over http on this machine alone: browsers keep no Secure cookie there.
_LOOPBACK: Final = "desk"
_ACTIVE: Final = "active"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who is signed in."""

    account: StoredAccount
    session: StoredSession

    @property
    def name(self) -> str:
        """The name of the account."""
        return self.account.name

    @property
    def role(self) -> DeskRole:
        """What the account is for."""
        return DeskRole(self.account.role)

    @property
    def scope(self) -> Scope:
        """The part of the city that it works on."""
        return Scope(ScopeKind(self.account.scope_kind), self.account.scope_name)

    @property
    def lacks_factor(self) -> bool:
        """Whether it must set up a second factor before it does anything else."""
        return self.role in WITH_FACTOR and self.account.factor is None

    def may(self, verb: Verb) -> bool:
        """Whether its role has a verb."""
        return verb in ROLES[self.role]

    def sees(self, where: Location) -> bool:
        """Whether a thing that is there is its."""
        return self.scope.covers(where)


def begin(
    connection: Connection, account: StoredAccount, language: str, agent: str, now: datetime
) -> str:
    """Begin a session under a new token, which is given; part of a unit."""
    token = new_token()
    stored.forget_sessions(connection, now - IDLE, now - LONGEST)
    stored.begin_session(
        connection,
        StoredSession(
            token_hash(token), account.number, new_token(), language, agent[:120], now, now
        ),
    )
    stored.change(connection, account.number, seen_at=now)
    return token


def operator(connection: Connection, token: str, now: datetime) -> Operator | None:
    """Who holds a token whose time is not over, and whose account may sign in."""
    found = stored.session(connection, token_hash(token)) if token else None
    if found is None or now >= found.seen_at + IDLE or now >= found.made_at + LONGEST:
        return None
    account = stored.numbered(connection, found.account)
    if account is None or account.state != _ACTIVE:
        return None
    return Operator(account, found)


def is_stale(found: StoredSession, now: datetime) -> bool:
    """Whether it is time to write that a session was seen."""
    return now >= found.seen_at + _SEEN_EVERY


def seen(connection: Connection, found: StoredSession, now: datetime) -> None:
    """Write that a session was seen; part of a unit."""
    stored.change_session(connection, found.token, seen_at=now)


def cookie_name(*, secure: bool) -> str:
    """The cookie's name over https, and over http on this machine."""
    return _SECURE if secure else _LOOPBACK


def cookie(token: str, *, secure: bool) -> tuple[str, str]:
    """The header that sets the cookie until the browser is closed; an empty token takes it away."""
    name = cookie_name(secure=secure)
    ends = "" if token else "; Max-Age=0"
    safe = "; Secure" if secure else ""
    return "Set-Cookie", f"{name}={token}; Path=/{safe}; HttpOnly; SameSite=Strict{ends}"


def token_of(request: Request, *, secure: bool) -> str:
    """The token that a request holds; empty: none."""
    return request.cookies.get(cookie_name(secure=secure), "")
