"""What the public clock shows at this moment: letters are followed as they are written, not read
anew each time.
"""

import time
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from app.db import letters as stored
from app.db.database import Database
from app.db.letters import ReadUntil
from app.request.letters import Category
from app.voice.clock import WINDOW, Outcomes, PublicClock, outcomes, public_clock
from app.voice.letter_box import standing
from geodata.hours.calendar import Calendar
from geodata.hours.zone import TimeZone

#: How often a worker looks whether something was written.
_LOOK_EVERY_S: Final = 2.0
#: After so long all is read anew, and what is older than the window let go.
_ANEW_AFTER: Final = timedelta(days=1)


class ClockFace:
    """The letters of a database as the clock counts them; made once a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._look_at = 0.0
        self._begun_at: datetime | None = None
        self._forget()

    def show(self, now: datetime, calendar: Calendar, zone: TimeZone) -> PublicClock:
        """The clock at an instant. Raises VoiceAway."""
        with self._lock:
            self._follow(now)
            found, streets = self._outcomes, tuple(self._streets)
        return public_clock(found, streets, now, calendar, zone)

    def _forget(self) -> None:
        self._until = ReadUntil()
        self._rows: dict[str, int] = {}
        self._streets: dict[str, None] = {}
        self._outcomes: Outcomes = outcomes((), ())

    def _follow(self, now: datetime) -> None:
        begun = self._begun_at
        if begun is None or not begun <= now < begun + _ANEW_AFTER:
            self._begun_at, self._look_at = now, 0.0
            self._forget()
        elif time.monotonic() < self._look_at:
            return
        with self._database.reading() as connection:
            written = stored.since(connection, self._until, now - WINDOW - _ANEW_AFTER)
        self._look_at = time.monotonic() + _LOOK_EVERY_S
        if written.until == self._until:
            return
        if written.until.letters < self._until.letters:  # of a demo that was made anew
            self._begun_at = None
            self._follow(now)
            return
        self._take(written)

    def _take(self, written: stored.Followed) -> None:
        found = list(standing(written.letters, written.happened))
        kept = [(Category(row.category), row.street, course) for row, course in found]
        self._streets.update(dict.fromkeys(street for _, street, _ in kept))
        streets = tuple(self._streets)
        old = [at for at, (row, _) in enumerate(found) if row.id in self._rows]
        new = [at for at, (row, _) in enumerate(found) if row.id not in self._rows]
        if old:
            rows = [self._rows[found[at][0].id] for at in old]
            now = outcomes([kept[at] for at in old], streets)
            self._outcomes = self._outcomes.changed(rows, now)
        if new:
            first = len(self._outcomes)
            self._rows |= {found[at][0].id: first + row for row, at in enumerate(new)}
            self._outcomes = self._outcomes.and_then(outcomes([kept[at] for at in new], streets))
        self._until = written.until
