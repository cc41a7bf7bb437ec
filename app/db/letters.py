"""Letters in the database: what was written, what happened to it, and the keys of its texts.

Functions of a unit's connection; none decides anything. Nothing is changed or deleted but the key
of a letter whose text is to end, and the letters of a demo.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from app.db.tables import letter, letter_draft, letter_event, letter_key

#: How the ids of made-up letters begin.
DEMO: Final = "demo-"


class StoredLetter(NamedTuple):
    """A letter as it stands in its table."""

    id: str
    receipt: str
    """The hash of its receipt."""
    category: str
    street: str
    """The name of the street office; empty: the city's answerers."""
    place: str
    received_at: datetime
    sealed: bytes


class StoredKey(NamedTuple):
    """The key of a letter's texts, wrapped by that of a month."""

    letter: str
    month: str
    wrapped: bytes


class StoredHappening(NamedTuple):
    """Something that happened to a letter, as it stands in its table."""

    letter: str
    turn: int
    """1, 2, 3 …, in the order in which it was written."""
    at: datetime
    kind: str
    by: str
    details: dict[str, Any]
    sealed: bytes | None


class StoredDraft(NamedTuple):
    """An answer that waits for a second pair of eyes, as it stands in its table."""

    letter: str
    kind: str
    by: str
    at: datetime
    sealed: bytes


_LETTER: Final = [letter.c[name] for name in StoredLetter._fields]
_HAPPENING: Final = [letter_event.c[name] for name in StoredHappening._fields]


def add(
    connection: Connection,
    letters: Sequence[StoredLetter],
    keys: Sequence[StoredKey],
    happened: Sequence[StoredHappening] = (),
) -> None:
    """Write letters, their keys, and what happened to them."""
    for table, rows in ((letter, letters), (letter_key, keys), (letter_event, happened)):
        if rows:
            connection.execute(insert(table), [row._asdict() for row in rows])


def of_receipt(connection: Connection, receipt: str) -> StoredLetter | None:
    """The letter whose receipt has this hash."""
    return _letter(connection, letter.c.receipt == receipt)


def of_id(connection: Connection, letter_id: str) -> StoredLetter | None:
    """The letter of an id."""
    return _letter(connection, letter.c.id == letter_id)


def happened(connection: Connection, letter_id: str) -> list[StoredHappening]:
    """What happened to a letter, in the order in which it was written."""
    asked = select(*_HAPPENING).where(letter_event.c.letter == letter_id)
    return [
        StoredHappening(*row) for row in connection.execute(asked.order_by(letter_event.c.turn))
    ]


def key_of(connection: Connection, letter_id: str) -> StoredKey | None:
    """The key of a letter's texts; None: it is gone, and they with it."""
    asked = select(letter_key.c.letter, letter_key.c.month, letter_key.c.wrapped)
    row = connection.execute(asked.where(letter_key.c.letter == letter_id)).one_or_none()
    return StoredKey(*row) if row else None


def forget_key(connection: Connection, letter_id: str) -> None:
    """Delete the key of a letter's texts, and what waits to be answered to it."""
    end_draft(connection, letter_id)
    connection.execute(delete(letter_key).where(letter_key.c.letter == letter_id))


def keys_by_month(connection: Connection) -> list[StoredKey]:
    """One key of each month that has any."""
    least = select(func.min(letter_key.c.letter)).group_by(letter_key.c.month)
    asked = select(letter_key.c.letter, letter_key.c.month, letter_key.c.wrapped)
    found = connection.execute(asked.where(letter_key.c.letter.in_(least)))
    return [StoredKey(*row) for row in found]


def with_key_received_by(connection: Connection, until: datetime) -> list[str]:
    """The ids of letters that were received up to an instant and whose texts can be read."""
    asked = select(letter.c.id).join(letter_key, letter_key.c.letter == letter.c.id)
    return list(connection.execute(asked.where(letter.c.received_at <= until)).scalars())


class ReadUntil(NamedTuple):
    """How far a table has been read: the numbers of its last rows."""

    letters: int = 0
    happenings: int = 0


class Followed(NamedTuple):
    """What was written after a point: letters by id, and all happenings of those touched."""

    until: ReadUntil
    letters: list[StoredLetter]
    happened: list[StoredHappening]


def since(connection: Connection, after: ReadUntil, received: datetime) -> Followed:
    """Letters that were written, or to which something happened, after a point; of those received
    after an instant. Their texts are left out.
    """
    last = _last(connection)
    if last == after:
        return Followed(last, [], [])
    new = letter.c.number > after.letters
    touched = select(letter_event.c.letter).where(letter_event.c.number > after.happenings)
    recent = letter.c.received_at > received
    chosen = recent & (new | letter.c.id.in_(touched))
    plain = [column for column in _LETTER if column is not letter.c.sealed]
    rows = connection.execute(select(*plain).where(chosen).order_by(letter.c.number)).mappings()
    letters = [StoredLetter(**row, sealed=b"") for row in rows]
    ids = select(letter.c.id).where(chosen)
    events = select(*[c for c in _HAPPENING if c is not letter_event.c.sealed])
    events = events.where(letter_event.c.letter.in_(ids))
    ordered = connection.execute(events.order_by(letter_event.c.letter, letter_event.c.turn))
    happenings = [StoredHappening(**row, sealed=None) for row in ordered.mappings()]
    return Followed(last, letters, happenings)


def draft_of(connection: Connection, letter_id: str) -> StoredDraft | None:
    """The answer to a letter that waits for a second pair of eyes."""
    columns = [letter_draft.c[name] for name in StoredDraft._fields]
    asked = select(*columns).where(letter_draft.c.letter == letter_id)
    row = connection.execute(asked).one_or_none()
    return StoredDraft(*row) if row else None


def with_draft(connection: Connection) -> frozenset[str]:
    """The ids of letters with such an answer."""
    return frozenset(connection.execute(select(letter_draft.c.letter)).scalars())


def put_draft(connection: Connection, new: StoredDraft) -> None:
    """Keep such an answer, in place of the one before."""
    end_draft(connection, new.letter)
    connection.execute(insert(letter_draft).values(new._asdict()))


def end_draft(connection: Connection, letter_id: str) -> None:
    """Let go of such an answer: it was sent, or given back."""
    connection.execute(delete(letter_draft).where(letter_draft.c.letter == letter_id))


def forget_demo(connection: Connection) -> None:
    """Delete the made-up letters of a demo."""
    held = (letter_draft.c.letter, letter_event.c.letter, letter_key.c.letter, letter.c.id)
    for column in held:
        connection.execute(delete(column.table).where(column.startswith(DEMO, autoescape=True)))


def _last(connection: Connection) -> ReadUntil:
    letters = connection.execute(select(func.max(letter.c.number))).scalar() or 0
    happenings = connection.execute(select(func.max(letter_event.c.number))).scalar() or 0
    return ReadUntil(letters, happenings)


def _letter(connection: Connection, condition: Any) -> StoredLetter | None:
    row = connection.execute(select(*_LETTER).where(condition)).one_or_none()
    return StoredLetter(*row) if row else None


def happenings_of(
    found: Iterable[StoredHappening],
) -> dict[str, list[StoredHappening]]:
    """Happenings by the id of their letter, in their order."""
    grouped: dict[str, list[StoredHappening]] = {}
    for each in found:
        grouped.setdefault(each.letter, []).append(each)
    return grouped
