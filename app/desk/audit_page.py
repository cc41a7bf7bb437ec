"""What everybody did, for admins of the city: newest first, by person or by thing."""

from typing import Final

from flask import Response, request

from app.db import audit as stored
from app.desk.page import page
from app.desk.roles import Verb
from app.desk.views import DeskRequest, ViewReach, Views
from app.request.spelling import count
from app.words import Language, say

_PAGE: Final = 100
_MOST_NUMBER: Final = 2**63 - 1


def add(views: Views) -> None:
    """Add the audit's view."""

    @views.add("/desk/audit", Verb.AUDIT, ViewReach.CITY)
    def audit(asked: DeskRequest) -> Response:
        # PostgreSQL compares no text with a zero byte.
        said = {name: text.replace("\0", "") for name, text in request.args.items()}
        who, thing = said.get("who", "")[:40], said.get("thing", "")[:120]
        upto = count(request.args.get("before", ""), _MOST_NUMBER)
        with asked.desk.database.reading() as connection:
            found = stored.page(connection, _PAGE + 1, upto, who, thing)
        entries = found[:_PAGE]
        return page(
            asked,
            "audit.html",
            entries=entries,
            older=entries[-1].number if len(found) > _PAGE else None,
            who=who,
            thing=thing,
            verbs=verb_texts(asked.language),
        )


def verb_texts(language: Language) -> dict[str, str]:
    """What was done, in words; of a verb that is not here its own name is shown."""
    return {
        "sign_in": say(language, "signed in"),
        "sign_out": say(language, "signed out"),
        "add": say(language, "made"),
        "reset": say(language, "made a link for"),
        "state": say(language, "disabled or closed"),
        "enable": say(language, "enabled"),
        "role": say(language, "changed the role of"),
        "set": say(language, "set"),
        "read": say(language, "opened"),
        "assigned": say(language, "assigned"),
        "answered": say(language, "answered"),
        "refused": say(language, "turned down"),
        "handed_over": say(language, "handed over"),
        "approve": say(language, "looked at and sent"),
        "give_back": say(language, "took back"),
        "publish": say(language, "published"),
        "cancel": say(language, "cancelled"),
        "handled": say(language, "dealt with"),
    }
