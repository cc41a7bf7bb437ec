"""Accounts: added, changed, locked out and closed. Part of units; each writes its audit itself.

Whether a name is taken, disabled, locked or without a password is told to nobody who is not signed
in: every sign-in that fails fails alike, and after the same work.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from app.db import accounts as stored
from app.db import posts
from app.db.accounts import StoredAccount
from app.db.database import Connection, Database
from app.desk import audit, passwords, second_factor, sessions
from app.desk.audit import Doing
from app.desk.passwords import new_token, token_hash
from app.desk.roles import WITH_FACTOR, DeskRole, Scope, ScopeKind
from app.response.refusals import DeskRefusal
from app.voice import allowances, networks
from app.voice.keys import KeyRing
from app.voice.networks import Poster
from geodata.errors import BadValue

#: A one-time link works so long.
LINK_LIVES: Final = timedelta(hours=72)
#: An account that nobody signed in to for so long is closed.
IDLE_YEAR: Final = timedelta(days=365)
#: Sign-ins that may fail within an hour: of one account, and of one network.
ACCOUNT_TRIES: Final = 10
NETWORK_TRIES: Final = 30
_TRIES: Final = "sign_in"
_NAME: Final = re.compile(r"[^\W_](?:[\w.-]{0,38}[^\W_])?")


class AccountState(StrEnum):
    """Whether an account may sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"
    CLOSED = "closed"
    """For ever: it was idle for a year."""


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something to an account: an admin at the desk, or a person at the command line."""

    who: str
    role: str


class SignInTry(NamedTuple):
    """What somebody sent who wants to sign in."""

    name: str
    password: str
    code: str
    network: str
    agent: str
    language: str
    held: str
    """The token of the cookie that came with it, whose session ends."""


def checked_name(text: str) -> str:
    """The name of a new account. Raises BadValue."""
    name = text.strip()
    if not _NAME.fullmatch(name):
        raise BadValue(
            "{name!r} is no name of an account: it takes 1 to 40 letters and digits, with dots and"
            " dashes within.",
            name=name[:60],
        )
    return name


def _alike(one: str, other: str) -> bool:
    """Whether two names differ by large letters or wide ones alone: the audit tells of names, and
    nobody tells these apart in it.
    """
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def add(
    connection: Connection, name: str, role: DeskRole, scope: Scope, by: Doer, now: datetime
) -> StoredAccount:
    """Add an account, which has no password yet.

    Raises BadValue, and DeskRefusal for a name that is taken, or looks like one that is.
    """
    checked = checked_name(name)
    taken = next((e.name for e in stored.every(connection) if _alike(e.name, checked)), None)
    if taken is not None:
        raise DeskRefusal("There is an account {name} already.", name=taken)
    number = stored.add(
        connection,
        {
            "name": checked,
            "role": role,
            "scope_kind": scope.kind,
            "scope_name": scope.name,
            "state": AccountState.ACTIVE,
            "factor_step": 0,
            "made_at": now,
            "seen_at": now,
        },
    )
    _note(connection, by, "add", checked, ("role", "", role), now)
    _note(connection, by, "add", checked, ("scope", "", scope_text(scope)), now)
    return _numbered(connection, number)


def new_link(connection: Connection, account: StoredAccount, by: Doer, now: datetime) -> str:
    """A one-time link's token, by which the holder sets a new password and second factor.

    Whoever is signed in to the account is signed out. Raises DeskRefusal for a closed account.
    """
    if account.state == AccountState.CLOSED:
        raise DeskRefusal("The account {name} is closed for ever; add another.", name=account.name)
    token = new_token()
    stored.add_link(connection, token_hash(token), account.number, now + LINK_LIVES)
    stored.end_sessions(connection, account.number)
    posts.forget_count(connection, _tried(account.name), _TRIES)
    _note(connection, by, "reset", account.name, ("link", "", "new"), now)
    return token


def disable(connection: Connection, account: StoredAccount, by: Doer, now: datetime) -> None:
    """Let nobody sign in to an account until it is enabled; sessions and links end.

    Raises DeskRefusal of the last admin.
    """
    _require_another_admin(connection, account)
    _set_state(connection, account, AccountState.DISABLED, by, now)


def enable(connection: Connection, account: StoredAccount, by: Doer, now: datetime) -> None:
    """Let sign in again, and forget failed tries. Raises DeskRefusal for a closed account."""
    if account.state == AccountState.CLOSED:
        raise DeskRefusal("The account {name} is closed for ever; add another.", name=account.name)
    posts.forget_count(connection, _tried(account.name), _TRIES)
    stored.change(connection, account.number, state=AccountState.ACTIVE, seen_at=now)
    _note(connection, by, "enable", account.name, ("state", account.state, "active"), now)


def give_role(
    connection: Connection,
    account: StoredAccount,
    role: DeskRole,
    scope: Scope,
    by: Doer,
    now: datetime,
) -> None:
    """Give an account a role and a scope; whoever is signed in to it is signed out.

    Raises DeskRefusal where no admin of the city would be left.
    """
    if (role, scope.kind) != (DeskRole.ADMIN, ScopeKind.CITY):
        _require_another_admin(connection, account)
    before = scope_text(Scope(ScopeKind(account.scope_kind), account.scope_name))
    stored.change(
        connection, account.number, role=role, scope_kind=scope.kind, scope_name=scope.name
    )
    stored.end_sessions(connection, account.number)
    for field, was, becomes in (
        ("role", account.role, str(role)),
        ("scope", before, scope_text(scope)),
    ):
        if was != becomes:
            _note(connection, by, "role", account.name, (field, was, becomes), now)


def close_idle(connection: Connection, now: datetime) -> list[str]:
    """Close the accounts that nobody signed in to for a year, but never the last admin; their
    names.
    """
    closed: list[str] = []
    for account in stored.every(connection):
        over = account.seen_at + IDLE_YEAR <= now and account.state != AccountState.CLOSED
        if not over or _is_last_admin(connection, account):
            continue
        stored.new_codes(connection, account.number, ())
        stored.change(connection, account.number, password=None, factor=None, subject=None)
        _set_state(connection, account, AccountState.CLOSED, Doer("nuanfeng", "retention"), now)
        closed.append(account.name)
    return closed


def sign_in(database: Database, keys: KeyRing, tried: SignInTry, now: datetime) -> str | None:
    """The token of a new session; None: it failed, and nobody is told why.

    Whether a password is right is worked out in any case, and outside of any transaction. Raises
    VoiceAway.
    """
    with database.reading() as connection:
        account = stored.named(connection, tried.name)
    right = passwords.is_right(account.password if account else None, tried.password)

    def unit(connection: Connection) -> str | None:
        known = stored.named(connection, tried.name)
        # What was worked out is true of the hash that was read then.
        same = known is not None and account is not None and known.password == account.password
        return _admit(connection, keys, known if right and same else None, tried, now)

    return database.write(unit)


def sign_in_proven(
    connection: Connection, keys: KeyRing, subject: str, tried: SignInTry, now: datetime
) -> str | None:
    """The same for who has proved at a provider to be a subject (its hash) of a name; part of a
    unit. At the first time the account of that name becomes the subject's for ever.
    """
    known = of_proven(connection, subject, tried.name)
    named = tried._replace(name=known.name) if known else tried
    token = _admit(connection, keys, known, named, now)
    if token is not None and known is not None and known.subject is None:
        stored.change(connection, known.number, subject=subject)
        by = Doer(known.name, known.role)
        _note(connection, by, "set", known.name, ("subject", "", "new"), now)
    return token


def of_proven(connection: Connection, subject: str, name: str) -> StoredAccount | None:
    """Whose account a subject's is: the one that it is bound to, else one of its name that is not
    bound to anybody.
    """
    bound = stored.of_subject(connection, subject)
    if bound is not None:
        return bound
    found = stored.named(connection, name)
    return found if found is not None and found.subject is None else None


def _admit(
    connection: Connection,
    keys: KeyRing,
    proved: StoredAccount | None,
    tried: SignInTry,
    now: datetime,
) -> str | None:
    """A session of an account that has proved to be who it says, once the second factor is shown
    and while it is not locked; else the try is counted, and written down.
    """
    poster = networks.poster(connection, tried.network, now)
    counted = list(_tries(connection, poster, tried.name, now))
    locked = any(each.used(now) + 1 > most for each, most in counted)
    usable = proved is not None and proved.state == AccountState.ACTIVE and not locked
    if proved and usable and second_factor.is_passed(connection, keys, proved, tried.code, now):
        return begin_session(connection, proved, tried, now)
    for each, _ in counted:
        each.take(now, 0)
    known = stored.named(connection, tried.name)
    if known:
        doing = Doing(known.name, known.role, "sign_in", f"account {known.name}", "failed")
        audit.note(connection, doing, now)
    return None


def begin_session(
    connection: Connection, account: StoredAccount, tried: SignInTry, now: datetime
) -> str:
    """A session of an account that has proved itself; the one whose cookie was held ends."""
    if tried.held:
        stored.end_session(connection, token_hash(tried.held))
    doing = Doing(account.name, account.role, "sign_in", f"account {account.name}", "session")
    audit.note(connection, doing._replace(after="begun"), now)
    return sessions.begin(connection, account, tried.language, tried.agent, now)


def set_up(
    connection: Connection,
    account: StoredAccount,
    *,
    password: str | None,
    factor: bytes | None,
    now: datetime,
) -> tuple[str, ...]:
    """Write a new password's hash, a new sealed secret, or both; with a secret new recovery codes,
    which are given and shown once. All sessions end.
    """
    by = Doer(account.name, account.role)
    codes: tuple[str, ...] = ()
    if password is not None:
        stored.change(connection, account.number, password=password, seen_at=now)
        _note(connection, by, "set", account.name, ("password", "", "new"), now)
    if factor is not None:
        stored.change(connection, account.number, factor=factor, factor_step=0)
        codes = second_factor.new_recovery_codes()
        second_factor.keep_codes(connection, account.number, codes)
        _note(connection, by, "set", account.name, ("factor", "", "new"), now)
    stored.end_sessions(connection, account.number)
    return codes


def needs_factor(account: StoredAccount) -> bool:
    """Whether an account must have a second factor, and has none."""
    return DeskRole(account.role) in WITH_FACTOR and account.factor is None


def scope_text(scope: Scope) -> str:
    """A scope as it is written: `city`, or a name."""
    return scope.name or str(scope.kind)


def _tries(
    connection: Connection, poster: Poster, name: str, now: datetime
) -> Iterator[tuple[allowances.Allowance, int]]:
    yield allowances.of_all(connection, _tried(name), _TRIES, now), ACCOUNT_TRIES
    yield allowances.of_network(connection, poster, _TRIES, now), NETWORK_TRIES


def _tried(name: str) -> str:
    """Whose failed sign-ins are counted; of a name that is nobody's, too."""
    return hashlib.sha256(f"account {name}".encode(errors="replace")).hexdigest()


def _is_last_admin(connection: Connection, account: StoredAccount) -> bool:
    admins = [
        each.number
        for each in stored.every(connection)
        if (each.role, each.scope_kind, each.state)
        == (DeskRole.ADMIN, ScopeKind.CITY, AccountState.ACTIVE)
    ]
    return admins == [account.number]


def _require_another_admin(connection: Connection, account: StoredAccount) -> None:
    if _is_last_admin(connection, account):
        raise DeskRefusal(
            "{name} is the last admin of the city, and stays so: make another one first.",
            name=account.name,
        )


def _set_state(
    connection: Connection, account: StoredAccount, state: AccountState, by: Doer, now: datetime
) -> None:
    stored.change(connection, account.number, state=state)
    stored.end_sessions(connection, account.number)
    stored.forget_links(connection, account.number)
    _note(connection, by, "state", account.name, ("state", account.state, state), now)


def _numbered(connection: Connection, number: int) -> StoredAccount:
    found = stored.numbered(connection, number)
    if found is None:
        raise LookupError(number)
    return found


def _note(
    connection: Connection,
    by: Doer,
    verb: str,
    name: str,
    change: tuple[str, str, str],
    now: datetime,
) -> None:
    audit.note(connection, Doing(by.who, by.role, verb, f"account {name}", *change), now)
