"""Templates of answers: of one's own, and of one's office; edited before they are sent."""

import secrets
from typing import Any, Final

from flask import Response

from app.db import accounts, templates
from app.db.database import Connection
from app.db.templates import ACCOUNT, OFFICE, StoredTemplate
from app.desk.desk import Desk
from app.desk.page import page, refused
from app.desk.roles import Location, Scope, ScopeKind, Verb
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.response.refusals import DeskRefusal, NoSuchThing
from app.words import Language, say
from geodata.errors import BadValue, NuanfengError

_MOST_TITLE: Final = 80
_MOST_TEXT: Final = 2_000
#: Of an account or an office; more nobody finds his way in.
_MOST: Final = 60


def add(views: Views) -> None:
    """Add the list of templates, and the form of one."""

    @views.add("/desk/templates", Verb.ANSWER, ViewReach.LIST)
    def listed(asked: DeskRequest) -> Response:
        return page(asked, "templates.html", **_values(asked))

    @views.add("/desk/templates", Verb.ANSWER, ViewReach.LIST, post=True)
    def make(asked: DeskRequest) -> Response:
        try:
            _write(asked, None)
        except NuanfengError as fault:
            return refused(asked, "templates.html", fault, **_values(asked))
        return sent_on("/desk/templates")

    @views.add("/desk/templates/<template>", Verb.ANSWER, ViewReach.THING, where=where_of_template)
    def one(asked: DeskRequest, template: str) -> Response:
        return page(asked, "template.html", held=_required(asked, template))

    @views.add(
        "/desk/templates/<template>",
        Verb.ANSWER,
        ViewReach.THING,
        post=True,
        where=where_of_template,
    )
    def change(asked: DeskRequest, template: str) -> Response:
        held = _required(asked, template)
        try:
            _write(asked, held)
        except NuanfengError as fault:
            return refused(asked, "template.html", fault, held=held)
        return sent_on("/desk/templates")


def where_of_template(desk: Desk, connection: Connection, template: str) -> Location | None:
    """Whose a template is: its office's, or where its account works."""
    held, divisions = templates.get(connection, template), desk.divisions()
    if held is None:
        return None
    if held.owner_kind == OFFICE:
        return divisions.of_scope(_scope_of(desk, held.owner))
    account = accounts.named(connection, held.owner)
    if account is None:
        return None
    return divisions.of_scope(Scope(ScopeKind(account.scope_kind), account.scope_name))


def mine(asked: DeskRequest, connection: Connection) -> list[StoredTemplate]:
    """Those that an operator may insert: its own, then its office's."""
    found = templates.of(connection, asked.operator.name, asked.operator.scope.name)
    return sorted(found, key=lambda each: each.owner_kind != ACCOUNT)


def given(language: Language) -> list[tuple[str, str]]:
    """What everybody has: a title, and a text that is edited before it is sent."""
    return [
        (
            say(language, "Mended"),
            say(language, "Thank you for telling us. It has been mended; please look again."),
        ),
        (
            say(language, "Being mended"),
            say(language, "Thank you for telling us. We have asked …, and it will be mended by …."),
        ),
        (
            say(language, "One more question"),
            say(language, "To help you we need to know one more thing: …"),
        ),
        (
            say(language, "How to apply"),
            say(language, "You can apply at …, with …. Opening hours: …"),
        ),
    ]


def _scope_of(desk: Desk, office: str) -> Scope:
    if not office:
        return Scope(ScopeKind.CITY)
    is_district = office in desk.divisions().districts
    return Scope(ScopeKind.DISTRICT if is_district else ScopeKind.STREET, office)


def _values(asked: DeskRequest) -> dict[str, Any]:
    with asked.desk.database.reading() as connection:
        return {"templates": mine(asked, connection), "given": given(asked.language)}


def _required(asked: DeskRequest, template: str) -> StoredTemplate:
    """A template of the operator's, or of an office in its part of the city. Raises NoSuchThing."""
    with asked.desk.database.reading() as connection:
        held = templates.get(connection, template)
    if held is None or (held.owner_kind == ACCOUNT and held.owner != asked.operator.name):
        raise NoSuchThing
    return held


def _write(asked: DeskRequest, held: StoredTemplate | None) -> None:
    """Write a new template, a new text of one, or that it is removed.

    Raises BadValue, and DeskRefusal where somebody else changed it meanwhile.
    """
    made = _made(asked, held)

    def unit(connection: Connection) -> None:
        if held is None and len(mine(asked, connection)) >= _MOST:
            raise DeskRefusal("There are too many templates; remove one first.")
        if held is not None:
            _require_as_seen(asked, templates.get(connection, held.id))
        templates.add(connection, made)
        after = "" if made.removed else made.title
        before = held.title if held else ""
        asked.note(connection, "edit", f"template {made.id}", "title", before, after)

    asked.desk.database.write(unit)


def _require_as_seen(asked: DeskRequest, now: StoredTemplate | None) -> None:
    if now is None or f"{now.at.timestamp()}" != asked.field("seen"):
        raise DeskRefusal("Somebody else changed this template meanwhile: look at it once more.")


def _made(asked: DeskRequest, held: StoredTemplate | None) -> StoredTemplate:
    title, text = " ".join(asked.field("title").split()), asked.field("text")
    removed = held is not None and asked.field("act") == "remove"
    if removed and held is not None:
        return held._replace(removed=True, by=asked.operator.name, at=asked.now)
    if not title or not text:
        raise BadValue("A template needs a title and a text.")
    if len(title) > _MOST_TITLE or len(text) > _MOST_TEXT:
        raise BadValue(
            "{text!r} is too long; up to {most} characters are kept",
            text=f"{(title if len(title) > _MOST_TITLE else text)[:20]}…",
            most=_MOST_TITLE if len(title) > _MOST_TITLE else _MOST_TEXT,
        )
    by = asked.operator.name
    if held is not None:
        return held._replace(title=title, text=text, by=by, at=asked.now)
    kind = OFFICE if asked.field("whose") == OFFICE else ACCOUNT
    owner = asked.operator.scope.name if kind == OFFICE else by
    number = f"t-{secrets.token_hex(6)}"
    return StoredTemplate(number, kind, owner, title, text, removed, by, asked.now)
