"""The letter box as pages without scripts: the public clock, writing, and opening by a receipt."""

import math
import secrets
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec
from flask import Blueprint, Response, g, request

from app.live.current import Live
from app.pages import rendering
from app.pages.city import city
from app.pages.plate import qr
from app.request import parsing, queries
from app.request.letters import Category, HoldersWord, LetterPost, WordPost
from app.request.posted import form
from app.response import problems
from app.voice import posting
from app.voice.clock import ClockLine, PublicClock
from app.voice.letter_routes import LetterBox, network_of
from app.voice.posting import MOST_BYTES
from app.voice.receipts import in_fours, new_receipt, read_receipt
from app.voice.survival import Quantile
from app.voice.working_time import Urgency
from app.words import Language, say
from geodata.errors import NuanfengError

Post = TypeVar("Post", bound=msgspec.Struct)

#: Fields that only the form has.
_FORMS_OWN: Final = frozenset({"key", "lang"})
_KEY_BYTES: Final = 16


def blueprint(live: Live, box: LetterBox) -> Blueprint:
    """`/letters` and what its forms send to."""
    pages = Blueprint("letter_pages", __name__)

    @pages.get("/letters")
    def letters() -> Response:
        return _letters(live, box)

    @pages.post("/letters")
    def write() -> Response:
        rendering.asked(queries.NoQuery)
        posting.require_own(request)
        sent, fields = form(request, MOST_BYTES)
        try:
            asked, letter = _posted(sent, fields, LetterPost)
            reply = msgspec.json.decode(box.receive(asked, letter).get_data())
            return _sent(live, box, reply, in_fours(read_receipt(letter.receipt)))
        except NuanfengError as fault:
            return _letters(live, box, fields, fault)

    @pages.post("/letters/open")
    def open_() -> Response:
        rendering.asked(queries.NoQuery)
        posting.require_own(request)
        _, fields = form(request, MOST_BYTES)
        try:
            return _letter(live, box, fields.get("receipt", ""))
        except NuanfengError as fault:
            return _letters(live, box, fields, fault)

    @pages.post("/letters/word")
    def word() -> Response:
        rendering.asked(queries.NoQuery)
        posting.require_own(request)
        sent, fields = form(request, MOST_BYTES)
        try:
            asked, word = _posted(sent, fields, WordPost)
            box.say(asked, word)
            return _letter(live, box, word.receipt)
        except NuanfengError as fault:
            return _letters(live, box, fields, fault)

    return pages


def _posted(
    sent: bytes, fields: Mapping[str, str], kind: type[Post]
) -> tuple[posting.PostAsked, Post]:
    """The post that a form is, under the key that stands in it, and what it says as a value of
    this kind.

    Raises what posting.key_of and parsing.of_json raise.
    """
    asked = posting.stated(request, posting.key_of(fields.get("key")), sent, queries.now())
    said = {name: value for name, value in fields.items() if name not in _FORMS_OWN}
    return asked, parsing.of_json(msgspec.json.encode(said), kind)


def _letters(
    live: Live,
    box: LetterBox,
    fields: Mapping[str, str] | None = None,
    fault: NuanfengError | None = None,
) -> Response:
    """The clock and both forms; after a fault with all that was written, and what was wrong."""
    if fields is None:
        rendering.asked(queries.NoQuery)
    g.setdefault("left_out", ())
    found, language = city(live), rendering.language()
    status, said, retry_s = problems.told(fault) if fault else (200, "", 0)
    return rendering.private_page(
        "letters.html",
        status,
        retry_s,
        fault=said,
        fields=fields or {},
        key=secrets.token_urlsafe(_KEY_BYTES),
        receipt=(fields or {}).get("receipt") or new_receipt(),
        takes=box.takes(),
        answerers=box.answerers,
        streets=box.streets(),
        categories=category_texts(language),
        clock=_clock_texts(box.clock(queries.now()), language),
        **rendering.other_language(),
        **rendering.about(found),
    )


def _sent(live: Live, box: LetterBox, reply: Mapping[str, Any], receipt: str) -> Response:
    """The receipt, shown once: as words, as a link and as a code to scan."""
    link = f"{request.root_url}letters#{receipt}"
    return rendering.private_page(
        "letter_sent.html",
        201,
        reply=reply,
        receipt=receipt,
        link=link,
        qr=qr(link),
        answerers=box.answerers,
        category=category_texts(rendering.language())[Category(reply["category"])],
        **rendering.about(city(live)),
    )


def _letter(live: Live, box: LetterBox, code: str) -> Response:
    """A letter as its holder reads it. Raises as LetterBox.open does."""
    now, language, found = queries.now(), rendering.language(), city(live)
    opened = box.open(code, network_of(request), now)
    told = box.described(opened, now)
    zone = found.snapshot.zone

    def local(stamp: str) -> str:
        at = msgspec.convert(stamp, type=type(now))
        return f"{zone.local(at):%Y-%m-%d %H:%M}"

    return rendering.private_page(
        "letter.html",
        letter=told,
        local=local,
        receipt=in_fours(read_receipt(code)),
        key=secrets.token_urlsafe(_KEY_BYTES),
        states=state_texts(language),
        urgencies=urgency_texts(language),
        category=category_texts(language)[Category(told["category"])],
        may=[word for word in HoldersWord if word in told["may"]],
        answerers=box.answerers,
        **rendering.about(found),
    )


def category_texts(language: Language) -> dict[str, str]:
    """What a letter is about, in words."""
    return {
        Category.STATION: say(language, "A station"),
        Category.PLATFORM: say(language, "A delivery platform"),
        Category.PAY: say(language, "Pay and contract"),
        Category.SAFETY: say(language, "Safety"),
        Category.BENEFITS: say(language, "Benefits"),
        Category.PRAISE: say(language, "Praise"),
        Category.ROADSIDE: say(language, "A road, a drain, a lamp"),
    }


def state_texts(language: Language) -> dict[str, str]:
    """Where a letter stands, and what happened to it, in words."""
    return {
        "received": say(language, "Received"),
        "assigned": say(language, "Given to who will answer"),
        "answered": say(language, "Answered"),
        "reopened": say(language, "Not solved, open again"),
        "not_solved": say(language, "You said: not solved"),
        "solved": say(language, "Solved"),
        "no_reaction": say(language, "Ended without a word from you"),
        "refused": say(language, "Refused, with the reason"),
        "handed_over": say(language, "Handed over"),
        "withdrawn": say(language, "Taken back"),
    }


def urgency_texts(language: Language) -> dict[str, str]:
    """How near a deadline is, in words."""
    return {
        Urgency.IN_TIME: say(language, "in time"),
        Urgency.DUE: say(language, "due now"),
        Urgency.LATE: say(language, "late"),
    }


def _clock_texts(clock: PublicClock, language: Language) -> dict[str, Any]:
    """The clock as the page says it."""
    categories = category_texts(language)
    rest = say(language, "all others, summed")
    nowhere = say(language, "the city's answerers")
    return {
        "whole": _line_texts(clock.whole, language),
        "tables": [
            (
                say(language, "By subject"),
                [
                    (
                        rest if each.name is None else categories[each.name],
                        _line_texts(each.line, language),
                    )
                    for each in clock.by_category
                ],
            ),
            (
                say(language, "By street office"),
                [
                    (
                        rest if each.name is None else each.name or nowhere,
                        _line_texts(each.line, language),
                    )
                    for each in clock.by_street
                ],
            ),
        ],
    }


def _line_texts(line: ClockLine, language: Language) -> dict[str, str]:
    few = say(language, "few")

    def count(value: int | None) -> str:
        return few if value is None else f"{value:,}"

    longest = line.longest_days
    return {
        "received": count(line.received),
        "answered": count(line.answered),
        "solved": count(line.solved),
        "reopened": count(line.reopened),
        "waiting": count(line.waiting),
        "longest": "" if longest is None else _days(Quantile(longest, is_reached=True), language),
        "answer": _hours(line.answer_hours[0], language),
        "answer_most": _hours(line.answer_hours[1], language),
        "solution": _days(line.solved_days[0], language),
        "solution_most": _days(line.solved_days[1], language),
    }


def _hours(found: Quantile | None, language: Language) -> str:
    """Working hours; not reached: more than the longest."""
    if found is None:
        return "–"
    if not found.is_reached:
        return say(language, "> {hours} h", hours=math.floor(found.value))
    return say(language, "{hours} h", hours=_figure(found.value))


def _days(found: Quantile | None, language: Language) -> str:
    if found is None:
        return "–"
    if not found.is_reached:
        return say(language, "> {days} days", days=math.floor(found.value))
    return say(language, "{days} days", days=_figure(found.value))


def _figure(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"
