"""What people and lists changed in places, field by field, in the order in which they did.

Functions of a unit's connection. Nothing is changed or deleted: to take something back is to write
once more what was there.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, select

from app.db.tables import edit, mapping

#: Written by a person, and so part of the fold; the others tell what a list changed.
BY_HAND: Final = ("edited", "refused")


class StoredEdit(NamedTuple):
    """A change of a field, as it stands in its table."""

    place: str
    layer: str
    field: str
    value: str | None
    base: str | None
    """What was there when it was written."""
    how: str
    by: str
    at: datetime
    reason: str = ""
    file: str = ""
    row: int | None = None
    version: str = ""
    """That came of it, if a list changed it."""
    number: int = 0


_EDIT: Final = [edit.c[name] for name in StoredEdit._fields]


def add(connection: Connection, made: Iterable[StoredEdit]) -> None:
    """Write changes, in their order."""
    rows: list[dict[str, Any]] = []
    for each in made:
        row = each._asdict()
        del row["number"]
        rows.append(row)
    if rows:
        connection.execute(insert(edit), rows)


def last_by_hand(
    connection: Connection, place: str | None = None, layers: Collection[str] | None = None
) -> list[StoredEdit]:
    """Of each field the newest change by hand; of one place, or of some layers, or of all."""
    among: list[ColumnElement[bool]] = [edit.c.how.in_(BY_HAND)]
    if place is not None:
        among.append(edit.c.place == place)
    if layers is not None:
        among.append(edit.c.layer.in_(list(layers)))
    newest = select(func.max(edit.c.number)).where(*among).group_by(edit.c.place, edit.c.field)
    asked = select(*_EDIT).where(edit.c.number.in_(newest)).order_by(edit.c.number)
    return [StoredEdit(*row) for row in connection.execute(asked)]


def by_hand_after(connection: Connection, number: int) -> list[StoredEdit]:
    """The changes by hand that were written after the one of a number, in their order."""
    later = (edit.c.number > number, edit.c.how.in_(BY_HAND))
    asked = select(*_EDIT).where(*later).order_by(edit.c.number)
    return [StoredEdit(*row) for row in connection.execute(asked)]


def of_numbers(connection: Connection, numbers: Sequence[int]) -> list[StoredEdit]:
    """Changes by their numbers, in their order."""
    asked = select(*_EDIT).where(edit.c.number.in_(list(numbers))).order_by(edit.c.number)
    return [StoredEdit(*row) for row in connection.execute(asked)]


def bases(connection: Connection, place: str, field: str) -> set[str | None]:
    """What people saw of a field when they changed it."""
    mine = (edit.c.place == place, edit.c.field == field, edit.c.how.in_(BY_HAND))
    return {*connection.execute(select(edit.c.base).where(*mine)).scalars()}


def history(connection: Connection, place: str, most: int) -> list[StoredEdit]:
    """All that changed of a place, the newest first."""
    asked = select(*_EDIT).where(edit.c.place == place)
    rows = connection.execute(asked.order_by(edit.c.number.desc()).limit(most))
    return [StoredEdit(*row) for row in rows]


def tells_of(connection: Connection, version: str) -> bool:
    """Whether it is written what a version changed."""
    asked = select(edit.c.number).where(edit.c.version == version).limit(1)
    return connection.execute(asked).scalar() is not None


def mapped(connection: Connection, layer: str, what: str) -> dict[str, str]:
    """What somebody said that the headings or words of a layer's tables mean."""
    newest = select(func.max(mapping.c.number)).where(
        mapping.c.layer == layer, mapping.c.what == what
    )
    asked = select(mapping.c.word, mapping.c.meaning).where(
        mapping.c.number.in_(newest.group_by(mapping.c.word))
    )
    return {word: meaning for word, meaning in connection.execute(asked) if meaning}


def remember(
    connection: Connection, layer: str, what: str, said: dict[str, str], by: str, at: datetime
) -> None:
    """Write what headings (`column`) or words (`word`, `kind`) mean."""
    rows = [
        {"layer": layer, "what": what, "word": word, "meaning": meaning, "by": by, "at": at}
        for word, meaning in said.items()
    ]
    if rows:
        connection.execute(insert(mapping), rows)
