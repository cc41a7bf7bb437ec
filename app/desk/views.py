"""The table of the desk's views: each names its verb and its reach, and is refused without them.

A view is a function of what was asked (`DeskRequest`) and of the parts of its address. Before it
runs: https, the session, the role's verb, the second factor, of a thing that it lies in the
operator's scope, and of a form where it comes from and the session's token.
"""

import hmac
import ipaddress
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage, MultiDict

from app.db.database import Connection
from app.desk import audit, repeats, sessions
from app.desk.audit import Doing
from app.desk.desk import Desk
from app.desk.repeats import DoneBefore
from app.desk.roles import Location, Verb
from app.desk.sessions import Operator
from app.request import queries
from app.request.posted import FORM, form_pairs
from app.request.shown import require_all_shown
from app.response import problems
from app.response.connections import AWAITED
from app.response.headers import OWN_REFERRED, Finished
from app.response.limits import MOST_DESK_FIELDS, MOST_FIELDS
from app.response.mount import root
from app.response.refusals import NoSuchThing, NotSignedIn, NotYours, OldForm, OnlyHttps
from app.voice import networks, posting
from app.words import Language, preferred

#: A form of the desk is no longer, unless its view says so.
MOST_FORM: Final = 64_000
#: Fields that are no text of somebody: passwords, and what a form showed before.
_UNREAD: Final = re.compile(r"(password|new|again|csrf)$|seen")
#: Where one may be sent on to after signing in: an address of the desk, and nothing else.
_WITHIN: Final = re.compile(r"/desk(?:/[\w.~%-]+)*/?(?:\?[\w.~%&=+-]*)?", re.ASCII)
_UPWARDS: Final = re.compile(r"/(?:\.|%2e){1,2}(?:[/?]|$)", re.ASCII | re.IGNORECASE)
#: What an operator reaches before the second factor is set up.
_ACCOUNT: Final = "/desk/account"
_NAMES_OF_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class ViewReach(StrEnum):
    """What a view works on, and so how an operator's scope bounds it."""

    OPEN = "open"
    """Nothing of the city; for who is not signed in."""
    OWN = "own"
    """The operator's own account."""
    LIST = "list"
    """All that lies in the scope, and nothing else: the view filters by `DeskRequest.sees`."""
    THING = "thing"
    """One thing, named in the address: `where` says where it lies."""
    CITY = "city"
    """The city as a whole: only accounts whose scope is the city."""


@dataclass(frozen=True, slots=True)
class DeskView:
    """A line of the table."""

    rule: str
    methods: tuple[str, ...]
    verb: Verb
    reach: ViewReach
    name: str
    where: "Callable[..., Location | None] | None" = None
    """Of a thing: where it lies by (desk, connection, parts of the address); None: nowhere."""
    most_bytes: int = MOST_FORM
    takes_files: bool = False


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """What was asked, by whom, and when."""

    desk: Desk
    now: datetime
    network: str
    is_secure: bool
    """Whether over https; over http only from this machine."""
    language: Language
    fields: MultiDict[str, str]
    """What a form sent."""
    files: Mapping[str, FileStorage]
    signed_in: Operator | None = None
    once: str = ""
    """What the form is known again by if it comes twice."""
    own: str = made_by(default_factory=lambda: secrets.token_hex(8))
    """What tells this request from another that sends the same form."""

    @property
    def operator(self) -> Operator:
        """Who is signed in. Raises NotSignedIn of an open view."""
        if self.signed_in is None:
            raise NotSignedIn
        return self.signed_in

    def field(self, name: str) -> str:
        """A field of the form, without spaces around it; empty where it was not sent."""
        return self.fields.get(name, "").strip()

    def may(self, verb: Verb) -> bool:
        """Whether the operator's role has a verb."""
        return self.signed_in is not None and self.signed_in.may(verb)

    def sees(self, where: Location) -> bool:
        """Whether what lies there is the operator's."""
        return self.operator.sees(where)

    def require(self, where: Location | None) -> None:
        """Raise NoSuchThing where a thing is not there, or not the operator's."""
        if where is None or not self.sees(where):
            raise NoSuchThing

    def note(
        self,
        connection: Connection,
        verb: str,
        thing: str,
        field: str = "",
        before: str = "",
        after: str = "",
    ) -> None:
        """Write to the audit what the operator does; part of the unit that does it, which may run
        anew after another's fault: nothing is remembered here.

        Raises DoneBefore where the same form did it already.
        """
        operator = self.operator
        if self.once:
            repeats.keep(connection, self.once, thing, self.own, self.now)
        doing = Doing(operator.name, operator.role, verb, thing, field, before, after)
        audit.note(connection, doing, self.now)


Answer = Callable[..., Response]


class Views:
    """The desk's views, as they are added; made once an application."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.blueprint = Blueprint("desk", __name__)
        self.table: list[DeskView] = []
        self.blueprint.record(lambda state: state.app.extensions.__setitem__("desk", self))

    def add(
        self,
        rule: str,
        verb: Verb,
        reach: ViewReach,
        *,
        post: bool = False,
        where: Callable[..., Location | None] | None = None,
        most_bytes: int = MOST_FORM,
        takes_files: bool = False,
    ) -> Callable[[Answer], Answer]:
        """A decorator that adds a view. Raises ValueError where its line of the table is not whole:
        a thing says where it lies, and nothing else does.
        """
        if (reach is ViewReach.THING) != (where is not None):
            raise ValueError(f"{rule}: a view of a thing says where that lies, and no other does")
        if (verb is Verb.OPEN) != (reach is ViewReach.OPEN):
            raise ValueError(f"{rule}: an open view reaches nothing, and no other does")

        def added(answer: Answer) -> Answer:
            methods = ("POST",) if post else ("GET",)
            name = f"{answer.__module__.rpartition('.')[2]}.{answer.__name__}".replace(".", "_")
            view = DeskView(rule, methods, verb, reach, name, where, most_bytes, takes_files)
            self.table.append(view)

            def asked(**parts: Any) -> Response:
                try:
                    return self._run(answer, self._admitted(view, parts), parts)
                except DoneBefore as done:
                    return sent_on(done.address)

            self.blueprint.add_url_rule(rule, view.name, asked, methods=list(methods))
            return answer

        return added

    def _admitted(self, view: DeskView, parts: dict[str, Any]) -> DeskRequest | Response:
        """What was asked, by who may; or where to go first. Raises what refuses it."""
        secure, now = _is_secure(), queries.now()
        token = sessions.token_of(request, secure=secure)
        with self.desk.database.reading() as connection:
            signed_in = sessions.operator(connection, token, now)
            language = request.environ[problems.CHOSEN] = _language(signed_in)
            if view.verb is not Verb.OPEN:
                if signed_in is None:
                    return _to_sign_in(view)
                if signed_in.lacks_factor and not view.rule.startswith(_ACCOUNT):
                    return sent_on(f"{_ACCOUNT}/factor")
                _require_reach(view, self.desk, connection, signed_in, parts)
        fields, files = _posted(view) if "POST" in view.methods else (MultiDict(), MultiDict())
        written = [name for name in fields if not _UNREAD.match(name)]
        require_all_shown({name: fields.getlist(name) for name in written})
        if signed_in is not None:
            if "POST" in view.methods and view.verb is not Verb.OPEN:
                _require_token(signed_in, fields)
            self._seen(signed_in, now)
        network = networks.network_of(request.remote_addr)
        once = self._once(signed_in, fields, files) if signed_in else ""
        return DeskRequest(
            self.desk, now, network, secure, language, fields, files, signed_in, once
        )

    def _once(
        self, signed_in: Operator, fields: MultiDict[str, str], files: Mapping[str, FileStorage]
    ) -> str:
        """What a form is known again by. Raises DoneBefore."""
        mark = repeats.parts_of(fields.get("csrf", ""))[1]
        sent = [each.stream for each in files.values()]
        pairs = fields.items(multi=True)
        key = repeats.key_of(signed_in.account.number, request.path, mark, pairs, sent)
        with self.desk.database.reading() as connection:
            thing = repeats.before(connection, key)
        if thing is not None:
            raise DoneBefore(thing)
        return key

    def _run(
        self, answer: Answer, admitted: DeskRequest | Response, parts: dict[str, Any]
    ) -> Response:
        return admitted if isinstance(admitted, Response) else answer(admitted, **parts)

    def _seen(self, signed_in: Operator, now: datetime) -> None:
        held = signed_in.session
        if sessions.is_stale(held, now):
            self.desk.database.write(lambda connection: sessions.seen(connection, held, now))
            self.desk.keep_daily(now)


def sent_on(address: str, *extra: tuple[str, str]) -> Response:
    """To another page of the desk, which is asked for anew: a form is not sent twice."""
    headers = [
        ("Location", root() + within(address)),
        ("Cache-Control", "no-store"),
        *OWN_REFERRED,
        *extra,
    ]
    return Finished(b"", 303, headers)


def within(address: str) -> str:
    """An address that somebody sent, if it is one of the desk's; else the desk's first page."""
    is_ours = _WITHIN.fullmatch(address) and not _UPWARDS.search(address)
    return address if is_ours else "/desk/"


def _language(signed_in: Operator | None) -> Language:
    """That of the address, else of the session, else of the browser."""
    stated = request.args.get("lang") or (signed_in.session.language if signed_in else None)
    return preferred(stated, request.headers.get("Accept-Language"))


def _to_sign_in(view: DeskView) -> Response:
    """Who asks for a page signs in first; of a form nothing was done."""
    if "POST" in view.methods:
        raise NotSignedIn
    return sent_on(f"/desk/sign-in?next={quote(within(request.path), safe='')}")


def _require_reach(
    view: DeskView, desk: Desk, connection: Connection, operator: Operator, parts: dict[str, Any]
) -> None:
    """Raise NotYours without the verb, and NoSuchThing outside of the scope."""
    if not operator.may(view.verb):
        raise NotYours
    if view.reach is ViewReach.CITY and operator.scope.name:
        raise NotYours
    if view.where is not None:
        where = view.where(desk, connection, **parts)
        if where is None or not operator.sees(where):
            raise NoSuchThing


def _posted(view: DeskView) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """The fields and files of a form that our own page sent. Raises CrossSite."""
    posting.require_own(request)
    if view.takes_files and request.mimetype != FORM:
        request.max_content_length = view.most_bytes
        with AWAITED.one():
            return MultiDict(request.form), request.files
    most = MOST_FIELDS if view.verb is Verb.OPEN else MOST_DESK_FIELDS
    _, pairs = form_pairs(request, view.most_bytes, most)
    return MultiDict(pairs), MultiDict()


def _require_token(operator: Operator, fields: MultiDict[str, str]) -> None:
    sent, _ = repeats.parts_of(fields.get("csrf", ""))
    if not hmac.compare_digest(sent.encode(errors="replace"), operator.session.csrf.encode()):
        raise OldForm


def _is_secure() -> bool:
    """Whether this came over https. Raises OnlyHttps where not, and not from this machine."""
    if request.is_secure:
        return True
    name = request.host.rpartition(":")[0] if re.search(r":[0-9]+$", request.host) else request.host
    if not (_is_loopback(request.remote_addr) and name in _NAMES_OF_LOOPBACK):
        raise OnlyHttps
    return False


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
