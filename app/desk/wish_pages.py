"""Wishes at the desk: by area, with their notes for who may, and what becomes of them."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from flask import Response

from app.db import wishes as stored
from app.db.database import Connection
from app.desk.page import page, refused
from app.desk.paging import paged
from app.desk.roles import Verb
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.pages.labels import labels
from app.voice import sealing, wishes
from app.voice.keys import NoKey
from app.voice.wishes import CellWishes, WishState
from app.words import Language, say
from geodata.errors import BadValue, NuanfengError

_MOST_REASON: Final = 2_000


def add(views: Views) -> None:
    """Add the wishes' views: an area is nobody's street office, so they are the city's."""

    @views.add("/desk/wishes", Verb.SEE, ViewReach.CITY)
    def wishes_page(asked: DeskRequest) -> Response:
        return page(asked, "wishes.html", **_values(asked))

    @views.add("/desk/wishes/<cell>/end", Verb.HANDLE, ViewReach.CITY, post=True)
    def end(asked: DeskRequest, cell: str) -> Response:
        try:
            _end(asked, cell)
        except NuanfengError as fault:
            return refused(asked, "wishes.html", fault, **_values(asked))
        return sent_on("/desk/wishes")


def _end(asked: DeskRequest, cell: str) -> None:
    """Say what becomes of an area's wishes, and why. Raises BadValue, NoSuchEntry, EndedWishes."""
    stated, reason = asked.field("state"), " ".join(asked.field("reason").split())
    if stated not in {*WishState} - {WishState.OPEN} or not 0 < len(reason) <= _MOST_REASON:
        raise BadValue(
            "Say what becomes of the wishes, and why, in at most {most} characters.",
            most=_MOST_REASON,
        )

    def unit(connection: Connection) -> CellWishes:
        by = asked.operator.name
        asked.note(connection, "handled", f"wishes {cell}", "state", "", stated)
        return wishes.end(connection, cell, WishState(stated), reason, by, asked.now)

    asked.desk.database.write(unit)


def _values(asked: DeskRequest) -> dict[str, Any]:
    reads = asked.may(Verb.HANDLE)
    with asked.desk.database.reading() as connection:
        found = paged(wishes.told(wishes.rounds_of(connection).values()))
        cells = [each.cell for each in found.shown]
        notes = _notes(asked, connection, cells) if reads else {}
    return {
        "paged": found,
        "notes": notes,
        "needs": labels(asked.language)["needs"],
        "states": state_texts(asked.language),
        "ends": [WishState.KEPT, WishState.BUILT, WishState.REFUSED],
        "most": _MOST_REASON,
    }


def _notes(
    asked: DeskRequest, connection: Connection, cells: Sequence[str]
) -> dict[str, list[str]]:
    """What riders wrote with their wishes, by area, as far as its keys are here."""
    told: dict[str, list[str]] = {}
    for cell, at, sealed in stored.notes(connection, cells):
        with suppress(NoKey):
            told.setdefault(cell, []).append(sealing.unseal(asked.desk.keys, sealed, at))
    return told


def state_texts(language: Language) -> dict[str, str]:
    """Where wishes stand, in words."""
    return {
        WishState.OPEN: say(language, "Not looked at yet"),
        WishState.KEPT: say(language, "Kept for later"),
        WishState.BUILT: say(language, "Built"),
        WishState.REFUSED: say(language, "Turned down"),
    }
