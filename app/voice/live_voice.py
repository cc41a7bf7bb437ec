"""What riders say and what notices close, as one overlay that all threads of a worker ask."""

from collections.abc import Callable
from datetime import datetime

from app.db.database import Database
from app.voice.live_notices import LiveNotices
from app.voice.live_reports import LiveReports
from app.voice.photos import LivePhotos
from geodata.hours.zone import TimeZone
from geodata.snapshot.overlay import Overlay


class LiveVoice:
    """Reports and notices, kept up with their database; made once a process."""

    def __init__(self, database: Database) -> None:
        self.reports = LiveReports(database)
        self.notices = LiveNotices(database)
        self.photos = LivePhotos(database)
        self._joined: tuple[tuple[Overlay, Overlay, Overlay], ...] = ()
        """Of reports, of notices, and of both: the same one for the same two."""
        self.reports.on_changed = self._prepare
        #: Called with what is said anew before anybody is told it, to lay it out beforehand.
        self.prepare: Callable[[Overlay, datetime], object] = lambda _overlay, _now: None

    def overlay(self, now: datetime, zone: TimeZone) -> Overlay:
        """All that is said now."""
        said, closed = self.reports.overlay(now, zone), self.notices.at(now).overlay
        return self._both(said, closed)

    def _both(self, said: Overlay, closed: Overlay) -> Overlay:
        for reports, notices, joined in self._joined:
            if reports is said and notices is closed:
                return joined
        joined = Overlay(said.places, closed.zones)
        self._joined = ((said, closed, joined), *self._joined[:1])
        return joined

    def _prepare(self, said: Overlay, now: datetime) -> None:
        self.prepare(self._both(said, self.notices.at(now).overlay), now)

    def zones(self, now: datetime) -> Overlay:
        """What notices close now."""
        return self.notices.at(now).overlay

    def zones_of(self, revision: str, now: datetime) -> Overlay:
        """What the notices of a revision close. Raises NoticesGone."""
        return self.notices.revision(revision, now).overlay

    def heard_ago_s(self, now: datetime, zone: TimeZone) -> float | None:
        """How long ago the database last answered this worker; None: never."""
        return self.reports.heard_ago_s(now, zone)

    def when_heard(self, told: Callable[[], None]) -> None:
        """Have something called each time the database has answered."""
        self.reports.on_heard = told

    def hurry(self) -> None:
        """Look at the next question: this worker itself has written."""
        self.reports.hurry()
        self.notices.hurry()
        self.photos.hurry()
