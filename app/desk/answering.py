"""What an operator does with a letter: voice's verbs, with a second pair of eyes where the category
asks for one. Parts of units.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple

from app.db import letters as stored
from app.db.database import Connection
from app.db.letters import StoredDraft
from app.request.letters import MOST_LINE, MOST_TEXT, Category
from app.response.refusals import DeskRefusal, NotNow
from app.voice import letter_box
from app.voice.keys import KeyRing
from app.voice.letter_box import Reply
from app.voice.letter_seals import unwrapped
from app.voice.letters import Course, Happening, LetterEvent
from geodata.errors import BadValue

#: About these nobody answers or refuses alone: another operator looks first.
SECOND_EYES: Final = frozenset({Category.PAY, Category.SAFETY})
#: What waits for that.
_LOOKED_AT: Final = frozenset({Happening.ANSWERED, Happening.REFUSED})


class Act(NamedTuple):
    """What is to happen to a letter."""

    letter: str
    kind: Happening
    by: str
    """The account."""
    office: str
    """Who it is to the rider: the office that answers."""
    now: datetime
    turns: int | None = None
    """How much had happened when the form was made; None: whatever has."""
    reply: Reply | None = None
    details: dict[str, Any] | None = None


def reply_of(text: str, elsewhere: str, *, wants: str) -> Reply:
    """A reply as a form sends it; `wants` is the field that must not be empty. Raises BadValue."""
    reply = Reply(text.strip(), elsewhere.strip())
    if not (reply.text if wants == "text" else reply.elsewhere):
        raise BadValue("Nothing is written yet.")
    if len(reply.text) > MOST_TEXT or len(reply.elsewhere) > MOST_LINE:
        raise BadValue(
            "The text has {length:,} characters; it may have 1 to {most:,}.",
            length=max(len(reply.text), len(reply.elsewhere)),
            most=MOST_TEXT if len(reply.text) > MOST_TEXT else MOST_LINE,
        )
    return reply


def act(connection: Connection, keys: KeyRing, doing: Act) -> Course | None:
    """Let it happen; None: it waits for a second pair of eyes.

    Raises NoSuchLetter, NotNow, and DeskRefusal where something happened meanwhile.
    """
    _require_turn(connection, doing)
    row = stored.of_id(connection, doing.letter)
    if row and doing.kind in _LOOKED_AT and row.category in SECOND_EYES:
        _draft(connection, keys, doing)
        return None
    return _happen(connection, keys, doing)


def draft(connection: Connection, keys: KeyRing, letter: str) -> tuple[StoredDraft, Reply] | None:
    """The answer that waits, with its text; None: there is none."""
    held, key = stored.draft_of(connection, letter), stored.key_of(connection, letter)
    if held is None or key is None:
        return None
    return held, unwrapped(keys, key).open(held.sealed, Reply)


def approve(connection: Connection, keys: KeyRing, doing: Act) -> Course:
    """Send the answer that waits; `doing` says who looked at it.

    Raises DeskRefusal where there is none, or where it is one's own.
    """
    found = draft(connection, keys, doing.letter)
    if found is None:
        raise DeskRefusal("There is no answer that waits; somebody sent it or gave it back.")
    held, reply = found
    if held.by == doing.by:
        raise DeskRefusal("This is your own answer: somebody else looks at it before it is sent.")
    stored.end_draft(connection, doing.letter)
    sent = doing._replace(kind=Happening(held.kind), reply=reply)
    return _happen(connection, keys, sent)


def give_back(connection: Connection, keys: KeyRing, letter: str) -> Reply:
    """Take away the answer that waits; its text. Raises DeskRefusal where there is none."""
    found = draft(connection, keys, letter)
    if found is None:
        raise DeskRefusal("There is no answer that waits; somebody sent it or gave it back.")
    stored.end_draft(connection, letter)
    return found[1]


def _happen(connection: Connection, keys: KeyRing, doing: Act) -> Course:
    event = LetterEvent(doing.kind, doing.now)
    details = {**(doing.details or {}), "operator": doing.by}
    return letter_box.happen(
        connection, keys, doing.letter, event, doing.office, doing.reply, details
    )


def _draft(connection: Connection, keys: KeyRing, doing: Act) -> None:
    key, row = stored.key_of(connection, doing.letter), stored.of_id(connection, doing.letter)
    if key is None or row is None or doing.reply is None:
        raise NotNow
    opened = letter_box.opened(connection, keys, row)
    if not opened.course.may(doing.kind, max(doing.now, opened.course.since)):
        raise NotNow
    sealed = unwrapped(keys, key).seal(doing.reply)
    stored.put_draft(connection, StoredDraft(doing.letter, doing.kind, doing.by, doing.now, sealed))


def _require_turn(connection: Connection, doing: Act) -> None:
    if doing.turns is not None and len(stored.happened(connection, doing.letter)) != doing.turns:
        raise DeskRefusal(
            "Something happened to this letter while you wrote: look at it below, and send again"
            " what you wrote if it is still right."
        )
