"""/metrics: for this machine's own programs, and for who holds the token."""

import hmac
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import Final

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

from app.db import letters as stored
from app.db.database import Database
from app.live.current import Live
from app.live.follow import Follower
from app.maps.ground import is_loopback
from app.ops import exposition
from app.ops.counters import Counters
from app.ops.exposition import Exposed, LettersWaiting
from app.ops.observed import METRICS
from app.response.headers import reply
from app.voice.letter_box import standing
from app.voice.letter_routes import due_of
from app.voice.letters import LetterState
from app.voice.live_voice import LiveVoice
from geodata.errors import StoreError

#: How old the count of letters may be, and how long a scrape waits for it.
_COUNTED_EVERY_S: Final = 30.0
_PATIENCE_S: Final = 1.0
_WAIT: Final = frozenset({LetterState.RECEIVED, LetterState.ASSIGNED, LetterState.REOPENED})
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FORWARDED: Final = frozenset({"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA"})


def blueprint(
    live: Live, counters: Counters, database: Database, follower: Follower | None, said: LiveVoice
) -> Blueprint:
    """The view, over what is told."""
    ops = Blueprint("ops", __name__)
    letters = _Letters(database, live)

    def heard_ago_s() -> float | None:
        try:
            return said.heard_ago_s(datetime.now(UTC), live.snapshot().zone)
        except StoreError:
            return None

    seen = Exposed(live, counters, follower, heard_ago_s, letters.waiting)

    @ops.get(METRICS)
    def metrics() -> Response:
        if not _may_read(current_app.config["METRICS_TOKEN"]):
            raise NotFound
        body = exposition.written(seen)
        accepted = request.environ.get("HTTP_ACCEPT_ENCODING", "")
        return reply(body, exposition.MIMETYPE, "no-store", accept_encoding=accepted, cors=False)

    return ops


def _may_read(token: str) -> bool:
    """Whether who asks sits at this machine and comes through no proxy, or holds the token."""
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(shown.encode(), token.encode()):
        return True
    is_forwarded = not _FORWARDED.isdisjoint(request.environ)
    return not is_forwarded and is_loopback(request.remote_addr or "")


@dataclass(slots=True, eq=False)
class _Letters:
    """How many letters wait, counted now and then, by a thread that nobody has to wait for."""

    database: Database
    live: Live
    _counted: LettersWaiting | None = None
    _count_at: float = 0.0
    _counting: Lock = field(default_factory=Lock)

    def waiting(self) -> LettersWaiting | None:
        """The count, at most so old; None while the database is away."""
        if time.monotonic() >= self._count_at and not self._counting.locked():
            thread = Thread(target=self._count, daemon=True)
            thread.start()
            thread.join(_PATIENCE_S)
        return self._counted

    def _count(self) -> None:
        with self._counting:
            try:
                self._counted = waiting_now(self.database, self.live, datetime.now(UTC))
            except StoreError:
                self._counted = None
            self._count_at = time.monotonic() + _COUNTED_EVERY_S


def waiting_now(database: Database, live: Live, now: datetime) -> LettersWaiting:
    """The letters that wait at an aware instant. Raises VoiceAway, and NoDataset."""
    snapshot = live.snapshot()
    with database.reading() as connection:
        found = stored.since(connection, stored.ReadUntil(), _BEGINNING)
    today = snapshot.zone.local(now).date()
    due = [
        due_of(snapshot, row)
        for row, course in standing(found.letters, found.happened)
        if course.at(now).state in _WAIT
    ]
    return LettersWaiting(len(due), sum(day < today for day in due))
