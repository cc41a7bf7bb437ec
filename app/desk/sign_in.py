"""Signing in and out, and the page of a one-time link that sets a password and a second factor."""

from typing import Any

from flask import Response, request

from app.db import accounts as stored
from app.db.accounts import StoredAccount
from app.db.database import Connection
from app.desk import accounts, passwords, second_factor, sessions
from app.desk.accounts import SignInTry
from app.desk.page import page, refused
from app.desk.passwords import token_hash
from app.desk.roles import DeskRole, Verb
from app.desk.views import DeskRequest, ViewReach, Views, sent_on, within
from app.pages.plate import qr
from app.response.refusals import DeskRefusal, NoSuchThing, SignInFailed
from app.words import say
from geodata.errors import BadValue, NuanfengError


def add(views: Views) -> None:
    """Add the views of signing in and out."""

    @views.add("/desk/sign-in", Verb.OPEN, ViewReach.OPEN)
    def sign_in(asked: DeskRequest) -> Response:
        return page(
            asked, "sign_in.html", next=within(request.args.get("next", "")), **_ways(asked)
        )

    @views.add("/desk/sign-in", Verb.OPEN, ViewReach.OPEN, post=True)
    def signed_in(asked: DeskRequest) -> Response:
        then = within(asked.field("next"))
        tried = tried_of(asked)
        token = accounts.sign_in(asked.desk.database, asked.desk.keys, tried, asked.now)
        if token is None:
            return refused(asked, "sign_in.html", SignInFailed(), next=then, **_ways(asked))
        return sent_on(then, sessions.cookie(token, secure=asked.is_secure))

    @views.add("/desk/account/sign-out", Verb.SELF, ViewReach.OWN, post=True)
    def sign_out(asked: DeskRequest) -> Response:
        token = asked.operator.session.token

        def unit(connection: Connection) -> None:
            stored.end_session(connection, token)
            asked.note(connection, "sign_out", f"account {asked.operator.name}")

        asked.desk.database.write(unit)
        return sent_on("/desk/sign-in", sessions.cookie("", secure=asked.is_secure))

    @views.add("/desk/link/<token>", Verb.OPEN, ViewReach.OPEN)
    def link(asked: DeskRequest, token: str) -> Response:
        account = _account_of(asked, token)
        return page(asked, "link.html", **_link_values(asked, token, account))

    @views.add("/desk/link/<token>", Verb.OPEN, ViewReach.OPEN, post=True)
    def linked(asked: DeskRequest, token: str) -> Response:
        account = _account_of(asked, token)
        try:
            codes = _set_up(asked, token, account)
        except NuanfengError as fault:
            return refused(asked, "link.html", fault, **_link_values(asked, token, account))
        return page(asked, "codes.html", codes=codes, name=account.name)


def tried_of(asked: DeskRequest) -> SignInTry:
    """What a form of signing in sent."""
    return SignInTry(
        asked.field("name"),
        asked.fields.get("password", ""),
        asked.field("code"),
        asked.network,
        request.headers.get("User-Agent", ""),
        asked.language,
        sessions.token_of(request, secure=asked.is_secure),
    )


def factor_values(asked: DeskRequest, token: str, name: str) -> dict[str, Any]:
    """What a page that offers a second factor shows: the secret as text, and to be scanned."""
    secret = second_factor.secret_for(asked.desk.keys, token)
    issuer = say(asked.language, "Nuanfeng")
    address = second_factor.address(secret, name, issuer)
    return {"secret": secret, "qr": qr(address), "address": address}


def proven_factor(asked: DeskRequest, token: str, code: str) -> bytes:
    """The secret that was offered, sealed, once a code of it was typed. Raises BadValue."""
    secret = second_factor.secret_for(asked.desk.keys, token)
    if second_factor.step_of(secret, code, asked.now) is None:
        raise BadValue(
            "The code of the app is not right at this time. Look at the clock of the phone, and"
            " type the six digits that it shows now."
        )
    return second_factor.seal(asked.desk.keys, secret)


def _ways(asked: DeskRequest) -> dict[str, Any]:
    return {"is_secure": asked.is_secure, "has_provider": asked.desk.provider is not None}


def _account_of(asked: DeskRequest, token: str) -> StoredAccount:
    """Whose link it is. Raises NoSuchThing where it is nobody's any more."""
    with asked.desk.database.reading() as connection:
        found = stored.account_of_link(connection, token_hash(token), asked.now)
    if found is None or found.state != accounts.AccountState.ACTIVE:
        raise NoSuchThing
    return found


def _link_values(asked: DeskRequest, token: str, account: StoredAccount) -> dict[str, Any]:
    wants = accounts.needs_factor(account._replace(factor=None))
    return {
        "account": account,
        "token": token,
        "wants_factor": wants,
        "least": passwords.LEAST_PASSWORD,
        **factor_values(asked, token, account.name),
    }


def _set_up(asked: DeskRequest, token: str, account: StoredAccount) -> tuple[str, ...]:
    """Set what the form of a link sent, once; the recovery codes. Raises BadValue, DeskRefusal."""
    password = passwords.checked(asked.fields.get("password", ""), account.name)
    if password != asked.fields.get("again", ""):
        raise BadValue("The two passwords differ; type the same one twice.")
    code = asked.field("code")
    wants = accounts.needs_factor(account._replace(factor=None))
    factor = proven_factor(asked, token, code) if code or wants else None
    hashed = passwords.hashed(password)

    def unit(connection: Connection) -> tuple[str, ...]:
        if not stored.use_link(connection, token_hash(token)):
            raise DeskRefusal("This link has been used already; ask an admin for another one.")
        if factor is None:  # who lost a phone and needs none is asked for none any more
            stored.change(connection, account.number, factor=None)
            stored.new_codes(connection, account.number, ())
        return accounts.set_up(connection, account, password=hashed, factor=factor, now=asked.now)

    return asked.desk.database.write(unit)


def role_texts(asked: DeskRequest) -> dict[str, str]:
    """Roles in words."""
    return {
        DeskRole.VIEWER: say(asked.language, "looks on"),
        DeskRole.ANSWERER: say(asked.language, "answers riders"),
        DeskRole.EDITOR: say(asked.language, "edits places"),
        DeskRole.PUBLISHER: say(asked.language, "publishes"),
        DeskRole.ADMIN: say(asked.language, "administers"),
    }
