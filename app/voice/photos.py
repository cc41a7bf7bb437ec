"""Photos of places as riders see them: which place has one, and its bytes by their digest."""

import re
from datetime import datetime
from typing import Final

from flask import Blueprint, Response

from app.db import photos as stored
from app.db.database import Database
from app.response.headers import LOCKED, SECURITY, Finished
from app.response.refusals import NoSuchEntry
from app.voice.looks import Looks

#: A day, and no longer: by then nobody shows what was replaced or taken down.
_A_DAY: Final = "public, max-age=86400"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class LivePhotos:
    """Which places have a photo, kept up with the database; asked by all threads of a worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looks = Looks(database, self._follow, "the photos as they were")
        self._state: tuple[int, datetime | None] = (-1, None)
        self._shown: dict[str, str] = {}

    def of(self, place: str) -> str:
        """The digest of a place's photo; empty: it has none. A database that is away leaves what
        was known last.
        """
        if self._looks.is_due:
            self._looks.first()
        return self._shown.get(place, "")

    def hurry(self) -> None:
        """Look at the next question: this worker itself has written."""
        self._looks.hurry()

    def _follow(self) -> None:
        with self._database.reading() as connection:
            state = stored.state(connection)
            if state != self._state:
                self._shown, self._state = stored.all_shown(connection), state


def blueprint(database: Database) -> Blueprint:
    """The bytes of photos. An address names its content."""
    views = Blueprint("photos", __name__)

    @views.get("/photos/<digest>.webp")
    def photo(digest: str) -> Response:
        body = None
        if _DIGEST.fullmatch(digest):
            with database.reading() as connection:
                body = stored.shown_body(connection, digest)
        if body is None:
            raise NoSuchEntry
        kept = ("Cache-Control", _A_DAY)
        return Finished(body, 200, [("Content-Type", "image/webp"), kept, *SECURITY, *LOCKED])

    return views
