"""One's own account: language, password, second factor, and where one is signed in."""

from typing import Any

from flask import Response

from app.db import accounts as stored
from app.db.database import Connection
from app.desk import accounts, passwords, sessions
from app.desk.accounts import SignInTry
from app.desk.page import page, refused
from app.desk.roles import Verb
from app.desk.sign_in import factor_values, proven_factor, role_texts, tried_of
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.words import Language
from geodata.errors import BadValue, NuanfengError


def add(views: Views) -> None:
    """Add the pages of one's own account."""

    @views.add("/desk/account", Verb.SELF, ViewReach.OWN)
    def account(asked: DeskRequest) -> Response:
        return _account(asked, None)

    @views.add("/desk/account/language", Verb.SELF, ViewReach.OWN, post=True)
    def language(asked: DeskRequest) -> Response:
        chosen = Language.ENGLISH if asked.field("language") == "en" else Language.CHINESE
        token = asked.operator.session.token
        asked.desk.database.write(
            lambda connection: stored.change_session(connection, token, language=chosen)
        )
        return sent_on("/desk/")

    @views.add("/desk/account/password", Verb.SELF, ViewReach.OWN, post=True)
    def password(asked: DeskRequest) -> Response:
        try:
            token = _new_password(asked)
        except NuanfengError as fault:
            return _account(asked, fault)
        return sent_on("/desk/account", sessions.cookie(token, secure=asked.is_secure))

    @views.add("/desk/account/factor", Verb.SELF, ViewReach.OWN)
    def factor(asked: DeskRequest) -> Response:
        return page(asked, "factor.html", **_factor(asked))

    @views.add("/desk/account/factor", Verb.SELF, ViewReach.OWN, post=True)
    def new_factor(asked: DeskRequest) -> Response:
        try:
            codes, token = _new_factor(asked)
        except NuanfengError as fault:
            return refused(asked, "factor.html", fault, **_factor(asked))
        cookie = sessions.cookie(token, secure=asked.is_secure)
        name = asked.operator.name
        return page(asked, "codes.html", 200, (cookie,), codes=codes, name=name)

    @views.add("/desk/account/sign-out-everywhere", Verb.SELF, ViewReach.OWN, post=True)
    def everywhere(asked: DeskRequest) -> Response:
        def unit(connection: Connection) -> None:
            stored.end_sessions(connection, asked.operator.account.number)
            asked.note(connection, "sign_out", f"account {asked.operator.name}", "sessions", "all")

        asked.desk.database.write(unit)
        return sent_on("/desk/sign-in", sessions.cookie("", secure=asked.is_secure))


def _account(asked: DeskRequest, fault: NuanfengError | None) -> Response:
    operator = asked.operator
    with asked.desk.database.reading() as connection:
        held = stored.sessions_of(connection, operator.account.number)
        left = stored.codes_left(connection, operator.account.number)
    values: dict[str, Any] = {
        "roles": role_texts(asked),
        "sessions": held,
        "codes_left": left,
        "least": passwords.LEAST_PASSWORD,
    }
    if fault:
        return refused(asked, "account.html", fault, **values)
    return page(asked, "account.html", **values)


def _factor(asked: DeskRequest) -> dict[str, Any]:
    operator = asked.operator
    return {
        "wants_factor": True,
        "is_first": operator.account.factor is None,
        **factor_values(asked, operator.session.token, operator.name),
    }


def _proven(asked: DeskRequest) -> SignInTry:
    """Who holds the session knows the password, too. Raises BadValue."""
    tried = tried_of(asked)
    if not passwords.is_right(asked.operator.account.password, asked.fields.get("password", "")):
        raise BadValue("The present password is not right.")
    return tried


def _new_password(asked: DeskRequest) -> str:
    """The token of a new session, after all others have ended. Raises BadValue."""
    operator, tried = asked.operator, _proven(asked)
    new = passwords.checked(asked.fields.get("new", ""), operator.name)
    if new != asked.fields.get("again", ""):
        raise BadValue("The two passwords differ; type the same one twice.")
    hashed = passwords.hashed(new)

    def unit(connection: Connection) -> str:
        account = operator.account
        accounts.set_up(connection, account, password=hashed, factor=None, now=asked.now)
        return accounts.begin_session(connection, account, tried, asked.now)

    return asked.desk.database.write(unit)


def _new_factor(asked: DeskRequest) -> tuple[tuple[str, ...], str]:
    """Recovery codes, and the token of a new session. Raises BadValue."""
    operator, tried = asked.operator, _proven(asked)
    sealed = proven_factor(asked, operator.session.token, asked.field("code"))

    def unit(connection: Connection) -> tuple[tuple[str, ...], str]:
        account = operator.account
        codes = accounts.set_up(connection, account, password=None, factor=sealed, now=asked.now)
        return codes, accounts.begin_session(connection, account, tried, asked.now)

    return asked.desk.database.write(unit)
