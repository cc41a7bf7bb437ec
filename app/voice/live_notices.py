"""The notices in force and to come, as one worker knows them: at most 2 s behind the others.

Their revision names them all: it changes when one is published, updated or cancelled, and when one
ends. What was answered under it stays so, for as long as a version of the data before does.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from app.db import notices as stored
from app.db.database import Database
from app.db.notices import NoticesState
from app.live.current import PREVIOUS_FOR_S
from app.response.refusals import NoticesGone
from app.voice.looks import Looks
from app.voice.notices import LIVING, Notice, NoticeVersion, fold
from geodata.snapshot.overlay import Overlay
from geodata.snapshot.zones import NoticeZone, ZoneEffect

#: Revisions before the current one that are still answered: more change within minutes only where
#: somebody tries things out.
_MOST_FORMER: Final = 32

#: Threads that are answered at once have instants that differ by less.
_CLOCKS_DIFFER: Final = timedelta(seconds=5)
_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)
_AFTER_ALL: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class NoticesNow:
    """The notices in force and to come at an instant."""

    revision: str
    notices: tuple[Notice, ...]
    """By onset, then id."""
    cancelled: tuple[Notice, ...]
    """Those that would not be over yet."""
    overlay: Overlay
    """Their zones."""
    outside: Mapping[str, Overlay]
    """By the id of a notice: as if it closed all that is inside it, from the beginning of time."""
    since: datetime
    """The instant that it was made for."""
    until: datetime
    """When the first of them is over."""

    @classmethod
    def of(cls, found: list[Notice], now: datetime) -> "NoticesNow":
        """Of all notices those that are told at an instant."""
        living = [each for each in found if each.state(now) in LIVING]
        living.sort(key=lambda each: (each.latest.onset, each.id))
        cancelled = [each for each in found if each.is_cancelled and now < each.latest.expires]
        named = "\n".join(sorted(map(_named, living)))
        zones = tuple(each.zone() for each in living if each.body.polygons)
        outside = {
            each.id: Overlay({}, (*zones, _closing(each))) for each in living if each.body.polygons
        }
        revision = hashlib.blake2b(named.encode(), digest_size=8).hexdigest()
        until = min((each.latest.expires for each in (*living, *cancelled)), default=_AFTER_ALL)
        return cls(
            revision,
            tuple(living),
            tuple(cancelled),
            Overlay({}, zones),
            outside,
            now,
            until,
        )

    def holds_at(self, now: datetime) -> bool:
        """Whether an instant changes nothing: none of them is over, and no clock was put back."""
        return self.since <= now + _CLOCKS_DIFFER and now < self.until


class LiveNotices:
    """Notices, kept up with their database; asked by all threads of a worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changing = Lock()
        self._looks = Looks(database, self._look, "the notices that were known last")
        self._state: NoticesState | None = None
        self._found: list[Notice] = []
        self._now = NoticesNow.of([], _BEFORE_ALL)
        self._former: dict[str, tuple[NoticesNow, float]] = {}
        """By revision, and on the monotonic clock until when."""

    def at(self, now: datetime) -> NoticesNow:
        """What holds and comes now. A database that is away leaves what was known last."""
        if self._looks.is_due:
            self._looks.first(now)
        if not self._now.holds_at(now):
            with self._changing:
                self._turn(now)
        return self._now

    def revision(self, revision: str, now: datetime) -> NoticesNow:
        """The notices of a URL that names their revision: the current one, or one before for a
        while.

        A revision that this worker has not met makes it look first, for another worker may have.
        Raises NoticesGone.
        """
        current = self.at(now)
        found = self._known(revision)
        if found is None:
            self._looks.hurry()
            self._looks.first(now)
            found = self._known(revision)
        if found is None:
            raise NoticesGone(revision, current.revision)
        return found

    def hurry(self) -> None:
        """Look at the next question: this worker itself has written."""
        self._looks.hurry()

    def _known(self, revision: str) -> NoticesNow | None:
        if self._now.revision == revision:
            return self._now
        former = self._former.get(revision)
        return former[0] if former and time.monotonic() < former[1] else None

    def _look(self, now: datetime) -> None:
        """Read what was published, if anything. Raises VoiceAway."""
        with self._database.reading() as connection:
            state = stored.state(connection)
            if state == self._state:
                return
            versions = stored.versions(connection)
        with self._changing:
            self._state, self._found = state, fold(map(NoticeVersion.of, versions))
            self._turn(now)

    def _turn(self, now: datetime) -> None:
        """Serve what holds now, if it is something else; `_changing` is held."""
        before, after = self._now, NoticesNow.of(self._found, now)
        if before.revision != after.revision:
            clock = time.monotonic()
            former = {name: each for name, each in self._former.items() if clock < each[1]}
            former[before.revision] = (before, clock + PREVIOUS_FOR_S)
            while len(former) > _MOST_FORMER:
                del former[next(iter(former))]
            self._former = former
        self._now = after


def _named(notice: Notice) -> str:
    """A demo's notices have the same identifiers at each start, at other times."""
    latest = notice.latest
    times = (latest.sent, latest.onset, latest.expires)
    return " ".join((latest.identifier, *(each.isoformat() for each in times)))


def _closing(notice: Notice) -> NoticeZone:
    return replace(notice.zone(), effect=ZoneEffect.CLOSED, onset=_BEFORE_ALL)
