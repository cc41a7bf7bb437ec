"""Accounts, for admins: of their own part of the city, and no higher than it."""

from collections.abc import Callable
from typing import Any, Final

from flask import Response, request

from app.db import accounts as stored
from app.db.accounts import StoredAccount
from app.db.database import Connection
from app.desk import accounts
from app.desk.accounts import Doer
from app.desk.desk import Desk
from app.desk.page import page, refused
from app.desk.paging import paged
from app.desk.roles import DeskRole, Location, Scope, ScopeKind, Verb, role_of
from app.desk.sign_in import role_texts
from app.desk.views import Answer, DeskRequest, ViewReach, Views, sent_on
from app.response.refusals import NoSuchThing
from geodata.errors import BadValue, NuanfengError

#: Accounts of a page, each with its forms.
_A_PAGE: Final = 25
#: How the list is sorted that is not sorted by name: who was not seen for longest on top.
_SEEN: Final = "seen"


def add(views: Views) -> None:
    """Add the accounts' views."""

    @views.add("/desk/accounts", Verb.ACCOUNTS, ViewReach.LIST)
    def listed(asked: DeskRequest) -> Response:
        return page(asked, "accounts.html", **_values(asked))

    @views.add("/desk/accounts", Verb.ACCOUNTS, ViewReach.LIST, post=True)
    def added(asked: DeskRequest) -> Response:
        try:
            role, scope = _role_and_scope(asked)
            token = asked.desk.database.write(lambda held: _add(asked, held, role, scope))
        except NuanfengError as fault:
            return refused(asked, "accounts.html", fault, **_values(asked))
        return page(asked, "accounts.html", **_values(asked, token, asked.field("name")))

    _add_changes(views)


def _add_changes(views: Views) -> None:
    """Add what is done to one account."""

    def of_account(does: str) -> Callable[[Answer], Answer]:
        rule = f"/desk/accounts/<account_name>/{does}"
        return views.add(rule, Verb.ACCOUNTS, ViewReach.THING, post=True, where=where_of)

    @of_account("reset")
    def reset(asked: DeskRequest, account_name: str) -> Response:
        def unit(connection: Connection) -> str:
            account = _named(connection, account_name)
            return accounts.new_link(connection, account, _doer(asked), asked.now)

        try:
            token = asked.desk.database.write(unit)
        except NuanfengError as fault:
            return refused(asked, "accounts.html", fault, **_values(asked))
        return page(asked, "accounts.html", **_values(asked, token, account_name))

    @of_account("disable")
    def disable(asked: DeskRequest, account_name: str) -> Response:
        return _change(asked, account_name, accounts.disable)

    @of_account("enable")
    def enable(asked: DeskRequest, account_name: str) -> Response:
        return _change(asked, account_name, accounts.enable)

    @of_account("role")
    def role(asked: DeskRequest, account_name: str) -> Response:
        def change(held: Connection, account: StoredAccount, by: Doer, now: Any) -> None:
            given, scope = _role_and_scope(asked)
            accounts.give_role(held, account, given, scope, by, now)

        return _change(asked, account_name, change)


def where_of(desk: Desk, connection: Connection, account_name: str) -> Location | None:
    """Where an account works: an admin of a part of the city has no say over those of the whole."""
    account = stored.named(connection, account_name)
    return None if account is None else desk.divisions().of_scope(_scope_of(account))


def _scope_of(account: StoredAccount) -> Scope:
    return Scope(ScopeKind(account.scope_kind), account.scope_name)


def _add(asked: DeskRequest, connection: Connection, role: DeskRole, scope: Scope) -> str:
    by, name = _doer(asked), asked.field("name")
    made = accounts.add(connection, name, role, scope, by, asked.now)
    return accounts.new_link(connection, made, by, asked.now)


def _change(
    asked: DeskRequest,
    name: str,
    change: Callable[[Connection, StoredAccount, Doer, Any], None],
) -> Response:
    def unit(connection: Connection) -> None:
        change(connection, _named(connection, name), _doer(asked), asked.now)

    try:
        asked.desk.database.write(unit)
    except NuanfengError as fault:
        return refused(asked, "accounts.html", fault, **_values(asked))
    return sent_on("/desk/accounts")


def _named(connection: Connection, name: str) -> StoredAccount:
    found = stored.named(connection, name)
    if found is None:
        raise NoSuchThing
    return found


def _role_and_scope(asked: DeskRequest) -> tuple[DeskRole, Scope]:
    """What a form gives an account. Raises BadValue where that is more than the admin has."""
    role, divisions = role_of(asked.field("role")), asked.desk.divisions()
    stated = asked.field("scope")
    if not stated:
        raise BadValue("Say for which part of the city: city, a district or a street office.")
    scope = divisions.scope(stated)
    if not asked.sees(divisions.of_scope(scope)):
        raise BadValue("That lies outside of your own part of the city.")
    return role, scope


def _doer(asked: DeskRequest) -> Doer:
    return Doer(asked.operator.name, asked.operator.role)


def _values(asked: DeskRequest, token: str = "", name: str = "") -> dict[str, Any]:
    divisions = asked.desk.divisions()
    with asked.desk.database.reading() as connection:
        every = stored.every(connection)
    word = request.args.get("q", "").strip()[:80]
    mine = [
        each
        for each in every
        if asked.sees(divisions.of_scope(_scope_of(each)))
        and (not word or word in each.name or word in (each.role, each.scope_name))
    ]
    if request.args.get("sort") == _SEEN:
        mine.sort(key=lambda each: each.seen_at)
    scopes = [Scope(ScopeKind.DISTRICT, each) for each in divisions.districts]
    scopes += [Scope(ScopeKind.STREET, each) for each in divisions.streets]
    return {
        "accounts": paged(mine, _A_PAGE),
        "q": word,
        "sort": request.args.get("sort", ""),
        "roles": role_texts(asked),
        "scopes": [each.name for each in scopes if asked.sees(divisions.of_scope(each))],
        "whole_city": asked.operator.scope.kind is ScopeKind.CITY,
        "token": token,
        "new_name": name,
        "hours": int(accounts.LINK_LIVES.total_seconds() // 3_600),
    }
