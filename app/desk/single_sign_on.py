"""Signing in at another provider: there and back, and the second factor on the way."""

from base64 import urlsafe_b64encode
from typing import Final

from cryptography.fernet import Fernet
from flask import Response, request

from app.db.database import Connection
from app.desk import accounts, provider, sessions
from app.desk.page import page, refused
from app.desk.provider import Attempt, Proven, SsoProvider
from app.desk.roles import Verb
from app.desk.sign_in import tried_of
from app.desk.views import DeskRequest, ViewReach, Views, within
from app.response.headers import OWN_REFERRED, Finished
from app.response.refusals import NoSuchThing, SignInFailed
from geodata.errors import NuanfengError

_KEY: Final = "sso-1"
_BACK: Final = "desk/sso/callback"


def add(views: Views) -> None:
    """Add the views of a provider; where none is set there is nothing at their addresses."""

    @views.add("/desk/sso", Verb.OPEN, ViewReach.OPEN)
    def leave(asked: DeskRequest) -> Response:
        there, then = _provider(asked), within(request.args.get("next", ""))
        address, attempt = provider.begin(there, request.root_url + _BACK, then)
        cookie = _cookie(asked, provider.seal(_fernet(asked), attempt))
        headers = [("Location", address), ("Cache-Control", "no-store"), *OWN_REFERRED, cookie]
        return Finished(b"", 303, headers)

    @views.add("/desk/sso/callback", Verb.OPEN, ViewReach.OPEN)
    def back(asked: DeskRequest) -> Response:
        there = _provider(asked)
        held = request.cookies.get(_cookie_name(asked), "")
        attempt = provider.unseal(_fernet(asked), held, Attempt)
        code, state = request.args.get("code", ""), request.args.get("state", "")
        proven = provider.finish(there, request.root_url + _BACK, attempt, code, state)
        gone = _cookie(asked, "")
        if _wants_code(asked, proven):
            sealed = provider.seal(_fernet(asked), proven)
            return page(asked, "sso_code.html", 200, (gone,), proven=sealed)
        return _enter(asked, proven, (gone,))

    @views.add("/desk/sso/code", Verb.OPEN, ViewReach.OPEN, post=True)
    def code(asked: DeskRequest) -> Response:
        _provider(asked)
        sealed = asked.field("proven")
        proven = provider.unseal(_fernet(asked), sealed, Proven)
        try:
            return _enter(asked, proven, ())
        except NuanfengError as fault:
            return refused(asked, "sso_code.html", fault, proven=sealed)


def _enter(asked: DeskRequest, proven: Proven, extra: tuple[tuple[str, str], ...]) -> Response:
    """Begin a session, and lead on by a link: a cookie that only our own pages send would be
    missing from a redirect that another site's page began. Raises SignInFailed.
    """
    tried = tried_of(asked)._replace(name=proven.name)

    def unit(connection: Connection) -> str | None:
        return accounts.sign_in_proven(
            connection, asked.desk.keys, proven.subject, tried, asked.now
        )

    token = asked.desk.database.write(unit)
    if token is None:
        raise SignInFailed
    cookie = sessions.cookie(token, secure=asked.is_secure)
    return page(asked, "sso_done.html", 200, (*extra, cookie), next=within(proven.then))


def _wants_code(asked: DeskRequest, proven: Proven) -> bool:
    with asked.desk.database.reading() as connection:
        found = accounts.of_proven(connection, proven.subject, proven.name)
    return found is not None and found.factor is not None


def _provider(asked: DeskRequest) -> SsoProvider:
    if asked.desk.provider is None:
        raise NoSuchThing
    return asked.desk.provider


def _fernet(asked: DeskRequest) -> Fernet:
    return Fernet(urlsafe_b64encode(asked.desk.keys.made(_KEY)))


def _cookie_name(asked: DeskRequest) -> str:
    return "__Host-desk-sso" if asked.is_secure else "desk-sso"


def _cookie(asked: DeskRequest, value: str) -> tuple[str, str]:
    """Sent along when the provider sends a browser back, so Lax; ten minutes, then no more."""
    safe = "; Secure" if asked.is_secure else ""
    lives = 600 if value else 0
    name = _cookie_name(asked)
    return "Set-Cookie", f"{name}={value}; Path=/{safe}; HttpOnly; SameSite=Lax; Max-Age={lives}"
