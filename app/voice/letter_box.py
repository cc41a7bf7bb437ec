"""The letter box: letters are taken, opened by their receipt, and answered.

Everything that writes is a function of a unit's connection. What may happen to a letter the fold
of letters.py says; a text stands sealed (letter_seals.py), and in no reply but to who holds the
receipt.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec

from app.db import letters as stored
from app.db.database import Connection
from app.db.letters import StoredHappening, StoredLetter
from app.request.letters import Category
from app.request.shown import require_all_shown
from app.response.problems import BadParameters, Fault
from app.response.refusals import NoSuchLetter, NotNow
from app.voice.keys import KeyRing
from app.voice.letter_seals import SealedLetter, new_key, unwrapped
from app.voice.letters import (
    RETENTION,
    Course,
    Happening,
    LetterEvent,
    course,
)
from app.voice.receipts import hash_of
from geodata.errors import BadValue

_ID_BYTES: Final = 6


class Written(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a letter stands sealed."""

    text: str
    where: str = ""
    """Of a road, a drain, a lamp."""
    contact: str = ""
    pin: str = ""
    """Put on a map by hand: `lon,lat`, WGS-84 degrees; empty: none was."""


#: No answer is promised for a later day than so long ahead.
LONGEST_WAIT: Final = timedelta(days=366)


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a happening stands sealed."""

    text: str = ""
    elsewhere: str = ""
    """Of a refusal: who else can help. Of a hand-over: the reference."""


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter as it is sent; `code` is its receipt, 16 characters."""

    category: Category
    street: str
    place: str
    written: Written
    code: str


@dataclass(frozen=True, slots=True)
class ToldHappening:
    """Something that happened to a letter, with its text; None where that is gone."""

    kind: Happening
    at: datetime
    by: str
    details: dict[str, Any]
    reply: Reply | None


@dataclass(frozen=True, slots=True)
class OpenedLetter:
    """A letter as its holder, or who answers it, reads it."""

    stored: StoredLetter
    course: Course
    written: Written | None
    """None: the text is gone."""
    told: tuple[ToldHappening, ...]

    @property
    def category(self) -> Category:
        """What it is about."""
        return Category(self.stored.category)


def receive(connection: Connection, keys: KeyRing, new: NewLetter, now: datetime) -> StoredLetter:
    """Take a letter. Raises BadParameters where its receipt is another letter's."""
    receipt = hash_of(new.code)
    if stored.of_receipt(connection, receipt):
        raise BadParameters(
            [
                Fault(
                    "receipt",
                    "This receipt is another letter's; send the letter under a new one.",
                    {},
                )
            ]
        )
    letter_id = secrets.token_hex(_ID_BYTES)
    seal, key = new_key(keys, letter_id, now)
    sealed = seal.seal(new.written)
    row = StoredLetter(letter_id, receipt, new.category, new.street, new.place, now, sealed)
    stored.add(connection, [row], [key])
    return row


def happen(
    connection: Connection,
    keys: KeyRing,
    letter_id: str,
    event: LetterEvent,
    by: str,
    reply: Reply | None = None,
    details: dict[str, Any] | None = None,
) -> Course:
    """Write what happens to a letter, and give what became of it.

    Raises NoSuchLetter, NotNow where that may not happen as the letter stands, and BadParameters
    where what is said holds what nobody sees.
    """
    told = msgspec.structs.asdict(reply) if reply else {}
    require_all_shown({**told, **(details or {}), "by": by})
    row = stored.of_id(connection, letter_id)
    if row is None:
        raise NoSuchLetter
    happened = stored.happened(connection, letter_id)
    before = _course(row, happened)
    key = stored.key_of(connection, letter_id)
    said = reply if reply and (reply.text or reply.elsewhere) else None
    if not before.may(event.kind, max(event.at, before.since)) or (said and key is None):
        raise NotNow
    sealed = unwrapped(keys, key).seal(said) if said and key else None
    turn = len(happened) + 1
    fact = StoredHappening(letter_id, turn, event.at, event.kind, by, details or {}, sealed)
    stored.add(connection, [], [], [fact])
    if event.kind is Happening.WITHDRAWN:
        stored.forget_key(connection, letter_id)
    return before.then(event)


def assigned(to: str, until: date | None, today: date) -> dict[str, Any]:
    """The details of giving a letter to who is to answer, by a day if one is stated.

    Raises BadValue for a day that is past, or over a year ahead.
    """
    if until is not None and not today <= until <= today + LONGEST_WAIT:
        raise BadValue(
            "{day} is no day to answer by: say one from {first} to {last}.",
            day=until.isoformat(),
            first=today.isoformat(),
            last=(today + LONGEST_WAIT).isoformat(),
        )
    return {"to": to[:80], "until": until.isoformat() if until else ""}


def opened(connection: Connection, keys: KeyRing, row: StoredLetter) -> OpenedLetter:
    """A letter with its texts, as far as they are there. Raises NoKey."""
    happened = stored.happened(connection, row.id)
    key = stored.key_of(connection, row.id)
    seal = unwrapped(keys, key) if key else None
    written = seal.open(row.sealed, Written) if seal else None
    told = tuple(_told(each, seal) for each in happened)
    return OpenedLetter(row, _course(row, happened), written, told)


def forget_old(connection: Connection, now: datetime) -> int:
    """End the texts of letters that ended 24 months ago; how many."""
    ids = stored.with_key_received_by(connection, now - RETENTION)
    over = 0
    for row in filter(None, (stored.of_id(connection, each) for each in ids)):
        ended_at = _course(row, stored.happened(connection, row.id)).at(now).ended_at
        if ended_at is not None and ended_at <= now - RETENTION:
            stored.forget_key(connection, row.id)
            over += 1
    return over


def require_keys(connection: Connection, keys: KeyRing) -> None:
    """Raise NoKey where the texts of a month cannot be opened here."""
    for each in stored.keys_by_month(connection):
        unwrapped(keys, each)


def standing(
    letters: Sequence[StoredLetter], happened: Sequence[StoredHappening]
) -> Iterator[tuple[StoredLetter, Course]]:
    """Letters with what became of each, without their texts."""
    by_letter = stored.happenings_of(happened)
    for row in letters:
        yield row, _course(row, by_letter.get(row.id, ()))


def _course(row: StoredLetter, happened: Sequence[StoredHappening]) -> Course:
    return course(
        row.received_at, (LetterEvent(Happening(each.kind), each.at) for each in happened)
    )


def _told(each: StoredHappening, seal: SealedLetter | None) -> ToldHappening:
    reply = seal.open(each.sealed, Reply) if seal and each.sealed else None
    return ToldHappening(Happening(each.kind), each.at, each.by, each.details, reply)
