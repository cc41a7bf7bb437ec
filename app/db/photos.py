"""Photos of places: of each at most one that is shown, and one that waits for a publisher.

Functions of a unit's connection.
"""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from app.db.tables import photo


class StoredPhoto(NamedTuple):
    """A photo without its bytes."""

    place: str
    shown: bool
    """Whether riders see it; else it waits."""
    sha256: str
    """Of the bytes, in hexadecimal."""
    width: int
    height: int
    by: str
    at: datetime
    """When it was sent, or when it was published."""


_PHOTO: Final = [photo.c[name] for name in StoredPhoto._fields]


def put(connection: Connection, sent: StoredPhoto, body: bytes) -> None:
    """Write a photo; the one that stood in its stead is deleted at once."""
    remove(connection, sent.place, shown=sent.shown)
    connection.execute(insert(photo).values(**sent._asdict(), body=body))


def of(connection: Connection, place: str, *, shown: bool) -> StoredPhoto | None:
    """The photo of a place that is shown, or that waits."""
    row = connection.execute(select(*_PHOTO).where(_is(place, shown=shown))).one_or_none()
    return StoredPhoto(*row) if row else None


def body_of(connection: Connection, place: str, *, shown: bool) -> bytes | None:
    """Its bytes, WebP."""
    return connection.execute(select(photo.c.body).where(_is(place, shown=shown))).scalar()


def shown_body(connection: Connection, sha256: str) -> bytes | None:
    """The bytes of a photo that riders see."""
    wanted = and_(photo.c.sha256 == sha256, photo.c.shown)
    return connection.execute(select(photo.c.body).where(wanted).limit(1)).scalar()


def publish(connection: Connection, place: str, sha256: str, by: str, now: datetime) -> bool:
    """Show the photo that waits, and delete the one that was shown; False: another waits by now."""
    held = of(connection, place, shown=False)
    if held is None or held.sha256 != sha256:
        return False
    remove(connection, place, shown=True)
    waits = _is(place, shown=False)
    connection.execute(update(photo).where(waits).values(shown=True, by=by, at=now))
    return True


def remove(connection: Connection, place: str, *, shown: bool) -> bool:
    """Delete a photo; whether there was one."""
    return connection.execute(delete(photo).where(_is(place, shown=shown))).rowcount > 0


def waiting(connection: Connection) -> list[StoredPhoto]:
    """All that wait, the oldest first."""
    chosen = select(*_PHOTO).where(~photo.c.shown).order_by(photo.c.at, photo.c.place)
    return [StoredPhoto(*row) for row in connection.execute(chosen)]


def all_shown(connection: Connection) -> dict[str, str]:
    """The sha256 of the photo that is shown, by place."""
    chosen = select(photo.c.place, photo.c.sha256).where(photo.c.shown)
    return {row.place: row.sha256 for row in connection.execute(chosen)}


def state(connection: Connection) -> tuple[int, datetime | None]:
    """How many are shown, and when the newest was published: both alike, nothing changed."""
    asked = select(func.count(), func.max(photo.c.at)).where(photo.c.shown)
    count, newest = connection.execute(asked).one()
    return count, newest


def _is(place: str, *, shown: bool) -> ColumnElement[bool]:
    return and_(photo.c.place == place, photo.c.shown == shown)
