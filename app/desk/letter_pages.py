"""Letters at the desk: the list by deadline, a letter with its text, and what is done with it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from flask import Response, request

from app.db import letters as stored
from app.db.database import Connection
from app.desk import answering, template_pages
from app.desk.answering import SECOND_EYES, Act
from app.desk.desk import Desk
from app.desk.letter_list import OURS, ListedLetter
from app.desk.page import page, refused
from app.desk.paging import paged
from app.desk.roles import Location, Verb
from app.desk.views import Answer, DeskRequest, ViewReach, Views, sent_on
from app.pages.letter_pages import category_texts, state_texts, urgency_texts
from app.request.letters import Category
from app.request.spelling import count
from app.response.refusals import NoSuchThing
from app.voice import letter_box
from app.voice.letter_box import Reply, assigned
from app.voice.letter_routes import due_of
from app.voice.letters import Course, Happening, LetterState
from app.voice.working_time import Urgency, urgency
from app.words import Language, say
from geodata.errors import BadValue, NuanfengError

#: No page has a higher number, and no letter more turns.
_MOST_NUMBER: Final = 999_999
#: States by which the list is filtered, and two that are several.
WAITING: Final = "waiting"
ALL: Final = "all"
_DRAFTED: Final = "drafted"
#: How the list is sorted that is not sorted by deadline: what came last on top.
_RECEIVED: Final = "received"


def add(views: Views) -> None:
    """Add the letters' views."""

    @views.add("/desk/letters", Verb.SEE, ViewReach.LIST)
    def letters(asked: DeskRequest) -> Response:
        return page(asked, "letters.html", **_list_values(asked))

    @views.add("/desk/letters/assign", Verb.ANSWER, ViewReach.LIST, post=True)
    def assign_all(asked: DeskRequest) -> Response:
        try:
            _assign(asked, asked.fields.getlist("letter"))
        except NuanfengError as fault:
            return refused(asked, "letters.html", fault, **_list_values(asked))
        return sent_on("/desk/letters")

    @views.add("/desk/letters/<letter_id>", Verb.READ, ViewReach.THING, where=where_of)
    def letter(asked: DeskRequest, letter_id: str) -> Response:
        asked.desk.database.write(
            lambda connection: asked.note(connection, "read", f"letter {letter_id}")
        )
        return _letter(asked, letter_id)

    _add_acts(views)


def _add_acts(views: Views) -> None:
    """Add what is done with one letter."""

    def act(does: str) -> Callable[[Answer], Answer]:
        rule = f"/desk/letters/<letter_id>/{does}"
        return views.add(rule, Verb.ANSWER, ViewReach.THING, post=True, where=where_of)

    @act("assign")
    def assign(asked: DeskRequest, letter_id: str) -> Response:
        return _done(asked, letter_id, lambda: _assign(asked, [letter_id]))

    @act("answer")
    def answer(asked: DeskRequest, letter_id: str) -> Response:
        return _done(asked, letter_id, lambda: _act(asked, letter_id, Happening.ANSWERED, "text"))

    @act("insert")
    def insert(asked: DeskRequest, letter_id: str) -> Response:
        return _letter(asked, letter_id, None, _with_template(asked))

    @act("refuse")
    def refuse(asked: DeskRequest, letter_id: str) -> Response:
        return _done(asked, letter_id, lambda: _act(asked, letter_id, Happening.REFUSED, "text"))

    @act("hand-over")
    def hand_over(asked: DeskRequest, letter_id: str) -> Response:
        kind = Happening.HANDED_OVER
        return _done(asked, letter_id, lambda: _act(asked, letter_id, kind, "elsewhere"))

    @act("approve")
    def approve(asked: DeskRequest, letter_id: str) -> Response:
        return _done(asked, letter_id, lambda: _approve(asked, letter_id))

    @act("give-back")
    def give_back(asked: DeskRequest, letter_id: str) -> Response:
        return _done(asked, letter_id, lambda: _give_back(asked, letter_id))


def where_of(desk: Desk, connection: Connection, letter_id: str) -> Location | None:
    """Whose a letter is: its street office's, or the city's."""
    row = stored.of_id(connection, letter_id)
    return None if row is None else desk.divisions().of_street(row.street)


def colour(asked: DeskRequest, course: Course, due: date) -> Urgency | None:
    """How near a letter's deadline is; None: it does not wait for us."""
    if course.at(asked.now).state not in OURS:
        return None
    calendar = asked.desk.snapshot().hours_by_minute.calendar
    return urgency(calendar, due, asked.desk.today(asked.now))


def colours(asked: DeskRequest, letters: Iterable[ListedLetter]) -> dict[date, Urgency]:
    """How near each deadline of some letters is: they are many, and their deadlines few."""
    calendar = asked.desk.snapshot().hours_by_minute.calendar
    today = asked.desk.today(asked.now)
    return {due: urgency(calendar, due, today) for due in {each.due for each in letters}}


def visible(asked: DeskRequest) -> list[ListedLetter]:
    """The letters of the operator's part of the city, by deadline."""
    divisions = asked.desk.divisions()
    return [
        each for each in asked.desk.letters() if asked.sees(divisions.of_street(each.stored.street))
    ]


def _list_values(asked: DeskRequest) -> dict[str, Any]:
    """The list as the address filters it, and what it can be filtered by."""
    state = request.args.get("state", WAITING)
    category, street = request.args.get("category", ""), request.args.get("street", "")
    order, mine = request.args.get("sort", ""), visible(asked)
    with asked.desk.database.reading() as connection:
        drafted = stored.with_draft(connection)
    near = colours(asked, mine)
    found = [
        each
        for each in mine
        if _is_in(asked, each, state, drafted, near)
        and category in ("", each.stored.category)
        and street in ("", each.stored.street)
    ]
    if order == _RECEIVED:
        found.sort(key=lambda each: each.stored.received_at, reverse=True)
    here = paged(found)
    return {
        "letters": [
            (
                each,
                near[each.due] if each.waits(asked.now) else None,
                each.course.at(asked.now).state,
            )
            for each in here.shown
        ],
        "paged": here,
        "waiting": sum(each.waits(asked.now) for each in mine),
        "drafted": drafted,
        "chosen": {"state": state, "category": category, "street": street, "sort": order},
        "streets": sorted({each.stored.street for each in mine if each.stored.street}),
        "filters": _filters(asked.language),
        **_words(asked.language),
    }


def _is_in(
    asked: DeskRequest,
    each: ListedLetter,
    state: str,
    drafted: Iterable[str],
    near: Mapping[date, Urgency],
) -> bool:
    if state == ALL:
        return True
    if state == WAITING:
        return each.waits(asked.now)
    if state == _DRAFTED:
        return each.stored.id in drafted
    if state in {*Urgency}:
        return each.waits(asked.now) and near[each.due] == state
    return each.course.at(asked.now).state == state


def _filters(language: Language) -> dict[str, str]:
    urgencies, states = urgency_texts(language), state_texts(language)
    return {
        WAITING: say(language, "Waiting for us"),
        **{word: urgencies[word] for word in (Urgency.LATE, Urgency.DUE)},
        _DRAFTED: say(language, "For a second pair of eyes"),
        **{word: states[word] for word in LetterState},
        ALL: say(language, "All"),
    }


def _words(language: Language) -> dict[str, Any]:
    return {
        "categories": category_texts(language),
        "states": state_texts(language),
        "urgencies": urgency_texts(language),
    }


def _letter(
    asked: DeskRequest, letter_id: str, fault: NuanfengError | None = None, text: str = ""
) -> Response:
    """A letter with its text, what happened to it, and what can be done."""
    keys = asked.desk.keys
    with asked.desk.database.reading() as connection:
        row = stored.of_id(connection, letter_id)
        if row is None:
            raise NoSuchThing
        opened = letter_box.opened(connection, keys, row)
        waiting = answering.draft(connection, keys, letter_id)
    here = opened.course.at(asked.now)
    # Not out of the list, which follows what other workers wrote with some delay.
    due = due_of(asked.desk.snapshot(), row)
    with asked.desk.database.reading() as connection:
        own = template_pages.mine(asked, connection) if asked.may(Verb.ANSWER) else []
    values = {
        "letter": opened,
        "here": here,
        "colour": colour(asked, opened.course, due),
        "due": due,
        "can": {word for word in Happening if opened.course.may(word, asked.now)},
        "draft": waiting,
        "two_eyes": opened.category in SECOND_EYES,
        "templates": [(each.id, each.title) for each in own]
        + [(f"{at}", title) for at, (title, _) in enumerate(template_pages.given(asked.language))],
        "text": text,
        "hotline": opened.category is Category.ROADSIDE,
        "streets": asked.desk.divisions().streets,
        "OURS": OURS,
        **_words(asked.language),
    }
    if fault:
        return refused(asked, "letter.html", fault, **values)
    return page(asked, "letter.html", **values)


def _done(asked: DeskRequest, letter_id: str, does: Callable[[], None]) -> Response:
    """Do it, and show the letter; where it is refused nothing that was written is lost."""
    try:
        does()
    except NuanfengError as fault:
        asked.desk.hurry()
        return _letter(asked, letter_id, fault, asked.field("text"))
    asked.desk.hurry()
    return sent_on(f"/desk/letters/{letter_id}")


def _with_template(asked: DeskRequest) -> str:
    """What is written so far, and the template that was tapped after it. Raises NoSuchThing."""
    chosen, given = asked.field("template"), template_pages.given(asked.language)
    with asked.desk.database.reading() as connection:
        own = {each.id: each.text for each in template_pages.mine(asked, connection)}
    known = own | {f"{at}": text for at, (_, text) in enumerate(given)}
    if chosen not in known:
        raise NoSuchThing
    written = asked.field("text")
    return f"{written}\n{known[chosen]}" if written else known[chosen]


def _act(asked: DeskRequest, letter_id: str, kind: Happening, wants: str) -> None:
    reply = answering.reply_of(asked.field("text"), asked.field("elsewhere"), wants=wants)
    doing = _doing(asked, letter_id, kind)._replace(reply=reply)

    def unit(connection: Connection) -> None:
        after = answering.act(connection, asked.desk.keys, doing)
        became = str(after.state) if after else _DRAFTED
        asked.note(connection, kind, f"letter {letter_id}", "state", "", became)

    asked.desk.database.write(unit)


def _assign(asked: DeskRequest, ids: list[str]) -> None:
    """Give letters to who is to answer, all or none. Raises BadValue, NoSuchThing, NotNow."""
    to, until = asked.field("to")[:80], asked.field("until")
    if not ids or not to:
        raise BadValue("Tick at least one letter, and say who is to answer.")
    if until and not _is_day(until):
        raise BadValue("{value} is no day; write one such as 2026-12-07.", value=until[:20])
    today = asked.desk.snapshot().zone.local(asked.now).date()
    details = assigned(to, date.fromisoformat(until) if until else None, today)

    def unit(connection: Connection) -> None:
        for letter_id in ids:
            asked.require(where_of(asked.desk, connection, letter_id))
            doing = _doing(asked, letter_id, Happening.ASSIGNED)
            answering.act(connection, asked.desk.keys, doing._replace(details=details, turns=None))
            asked.note(connection, "assigned", f"letter {letter_id}", "to", "", to)

    asked.desk.database.write(unit)
    asked.desk.hurry()


def _approve(asked: DeskRequest, letter_id: str) -> None:
    doing = _doing(asked, letter_id, Happening.ANSWERED)

    def unit(connection: Connection) -> None:
        after = answering.approve(connection, asked.desk.keys, doing)
        asked.note(connection, "approve", f"letter {letter_id}", "state", _DRAFTED, after.state)

    asked.desk.database.write(unit)


def _give_back(asked: DeskRequest, letter_id: str) -> None:
    def unit(connection: Connection) -> Reply:
        asked.note(connection, "give_back", f"letter {letter_id}", "state", _DRAFTED)
        return answering.give_back(connection, asked.desk.keys, letter_id)

    asked.desk.database.write(unit)


def _doing(asked: DeskRequest, letter_id: str, kind: Happening) -> Act:
    operator = asked.operator
    office = operator.scope.name or asked.desk.box.answerers or operator.name
    turns = count(asked.field("turns"), _MOST_NUMBER)
    return Act(letter_id, kind, operator.name, office, asked.now, turns)


def _number(text: str) -> int:
    return count(text, _MOST_NUMBER) or 0


def _is_day(text: str) -> bool:
    """Whether a text is a day as a form sends it; `date` alone would take `2026-W49-1`, too."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
