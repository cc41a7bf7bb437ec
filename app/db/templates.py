"""What is often answered: texts of accounts and of offices. Functions of a unit's connection."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, insert, or_, select

from app.db.tables import answer_template

#: Whose a template is.
ACCOUNT: Final = "account"
OFFICE: Final = "office"


class StoredTemplate(NamedTuple):
    """A template as it stands in its table."""

    id: str
    owner_kind: str
    owner: str
    """The account's name, or the office's; empty: the city's."""
    title: str
    text: str
    removed: bool
    by: str
    at: datetime


_TEMPLATE: Final = [answer_template.c[name] for name in StoredTemplate._fields]
_NEWEST: Final = select(func.max(answer_template.c.number)).group_by(answer_template.c.id)


def add(connection: Connection, made: StoredTemplate) -> None:
    """Write a template, a new text of one, or that it is removed."""
    connection.execute(insert(answer_template).values(made._asdict()))


def get(connection: Connection, template_id: str) -> StoredTemplate | None:
    """A template that holds, by its id."""
    own = (answer_template.c.number.in_(_NEWEST), answer_template.c.id == template_id)
    row = connection.execute(select(*_TEMPLATE).where(*own)).one_or_none()
    return StoredTemplate(*row) if row and not StoredTemplate(*row).removed else None


def of(connection: Connection, account: str, office: str) -> list[StoredTemplate]:
    """Those of an account and of its office, by title."""
    column = answer_template.c
    mine = (column.owner_kind == ACCOUNT) & (column.owner == account)
    ours = (column.owner_kind == OFFICE) & (column.owner == office)
    asked = select(*_TEMPLATE).where(column.number.in_(_NEWEST), or_(mine, ours))
    rows = connection.execute(asked.where(column.removed.is_(False)).order_by(column.title))
    return [StoredTemplate(*row) for row in rows]
