"""Tables that people sent, in parts, so that every server of a database has them.

Functions of a unit's connection.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select

from app.db.database import Database
from app.db.tables import upload, upload_part

#: Bytes of a part: a unit is written within its two seconds on a slow disk, too.
PART: Final = 1_000_000


class StoredUpload(NamedTuple):
    """A table that somebody sent, without its bytes."""

    id: str
    name: str
    layer: str
    district: str
    street: str
    bytes: int
    sha256: str
    by: str
    at: datetime


_UPLOAD: Final = [upload.c[name] for name in StoredUpload._fields]


def add(connection: Connection, sent: StoredUpload) -> None:
    """Write that something was sent; its parts follow."""
    connection.execute(insert(upload).values(sent._asdict()))


def add_part(connection: Connection, upload_id: str, part: int, body: bytes) -> None:
    """Write a part of it."""
    connection.execute(insert(upload_part).values(upload=upload_id, part=part, body=body))


def get(connection: Connection, upload_id: str) -> StoredUpload | None:
    """What was sent, by its id."""
    row = connection.execute(select(*_UPLOAD).where(upload.c.id == upload_id)).one_or_none()
    return StoredUpload(*row) if row else None


def parts(database: Database, upload_id: str) -> Iterator[bytes]:
    """The bytes of what was sent, part by part."""
    column, number = upload_part.c.body, 0
    while True:
        same = (upload_part.c.upload == upload_id, upload_part.c.part == number)
        with database.reading() as connection:
            body = connection.execute(select(column).where(*same)).scalar()
        if body is None:
            return
        yield body
        number += 1


def forget_bytes(connection: Connection, before: datetime) -> None:
    """Delete the bytes of what was sent before an instant."""
    old = select(upload.c.id).where(upload.c.at < before)
    connection.execute(delete(upload_part).where(upload_part.c.upload.in_(old)))
