"""What is said of all places at this moment, as one worker knows it: at most 2 s behind the others.

Reads what was written since it last looked, and folds anew only the places that it speaks of, or of
which something has ended. While it is asked all the time it looks beside the questions, so that
none of them waits; a question after a silence looks first.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from app.db import reports as stored
from app.db.database import Database
from app.voice.looks import LOOK_EVERY_S, Looks
from app.voice.reports import LONGEST, Report, fold
from geodata.hours.zone import TimeZone
from geodata.snapshot.overlay import Overlay, PlaceSaid, ReportType

#: How often a worker looks beside the questions, so that none of them has to.
_BESIDE_EVERY_S: Final = 1.0
#: Looks at the very next question after this worker has written: so many at once, and one more each
#: second. What is written faster is seen with the look beside.
_HURRIED: Final = 30
#: A report that was seen so long ago may yet come, from a phone without a network.
_MAY_COME: Final = timedelta(days=1, minutes=5)
#: So long a place shows that an operator has dealt with what was reported.
_SHOWN_FOR: Final = timedelta(days=1)


class LiveReports:
    """What riders say, kept up with its database; asked by all threads of a worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looks = Looks(database, self._look, "what riders said last")
        self._hurries = _Hurries()
        self._last_report = self._last_event = 0
        self._by_place: dict[str, dict[str, Report]] = {}
        self._due: dict[str, datetime] = {}
        self._overlay = Overlay({})
        self._last_handled = 0
        self._handled: dict[str, datetime] = {}
        self._heard_at: float | None = None
        #: Called each time the database has answered.
        self.on_heard: Callable[[], None] = lambda: None
        #: Called with what is said anew before anybody is told it.
        self.on_changed: Callable[[Overlay, datetime], None] = lambda _overlay, _now: None

    def overlay(self, now: datetime, zone: TimeZone) -> Overlay:
        """What is said now. A database that is away leaves what was known last."""
        looks = self._looks
        since_s = looks.since_s
        if since_s < _BESIDE_EVERY_S and not looks.is_hurried:
            return self._overlay
        if since_s >= LOOK_EVERY_S or (looks.is_hurried and self._hurries.take()):
            looks.first(now, zone)
        elif since_s >= _BESIDE_EVERY_S:
            looks.beside(now, zone)
        return self._overlay

    def _look(self, now: datetime, zone: TimeZone) -> None:
        """Look what was written. Raises VoiceAway."""
        self._follow(now, zone)
        self._heard_at = time.monotonic()
        self.on_heard()

    def handled_at(self, place: str, now: datetime) -> datetime | None:
        """When an operator last handled what riders said of a place, if within a day."""
        at = self._handled.get(place)
        return at if at is not None and at <= now < at + _SHOWN_FOR else None

    def heard_ago_s(self, now: datetime, zone: TimeZone) -> float | None:
        """How long ago the database last answered this worker; None: never.

        Asks it where it was not asked lately, and does not wait for long.
        """
        if self._looks.since_s >= LOOK_EVERY_S:
            self._looks.first(now, zone)
        return None if self._heard_at is None else time.monotonic() - self._heard_at

    def hurry(self) -> None:
        """Look at the next question: this worker itself has written."""
        self._looks.hurry()

    def _follow(self, now: datetime, zone: TimeZone) -> None:
        touched = self._read(now)
        touched |= {place for place, due in self._due.items() if due <= now}
        if not touched:
            return
        places = dict(self._overlay.places)
        for place in touched:
            said = self._folded(place, now, zone)
            if said is None:
                places.pop(place, None)
            else:
                places[place] = said
        overlay = Overlay(places)
        self.on_changed(overlay, now)
        self._overlay = overlay

    def _read(self, now: datetime) -> set[str]:
        """Read what is new; the places that it is about."""
        with self._database.reading() as connection:
            new = stored.after(connection, self._last_report, now - LONGEST)
            taken_back = stored.withdrawn_after(connection, self._last_event)
            handled = stored.handled_after(connection, self._last_handled)
        for row in new:
            report = Report(
                row["number"],
                row["id"],
                row["place"],
                ReportType(row["type"]),
                row["seen_at"],
                row["expires_at"],
                row["reporter"],
                row["has_ticket"],
            )
            self._by_place.setdefault(report.place, {})[report.id] = report
            self._last_report = report.number
        for number, place, at in handled:
            self._handled[place] = at
            self._last_handled = number
        for number, report_id, place in taken_back:
            self._by_place.get(place, {}).pop(report_id, None)
            self._last_event = number
        return {row["place"] for row in new} | {place for _, _, place in taken_back}

    def _folded(self, place: str, now: datetime, zone: TimeZone) -> PlaceSaid | None:
        """What is said of a place; forgets what plays no part any more."""
        held = self._by_place.get(place, {})
        for report_id in [key for key, each in held.items() if each.expires_at < now - _MAY_COME]:
            del held[report_id]
        if not held:
            self._by_place.pop(place, None)
            self._due.pop(place, None)
            return None
        said = fold(held.values(), now, zone)
        changes = [each.expires for each in said.said]
        changes += [each.seen_at for each in held.values() if each.seen_at > now]
        changes += [each.expires_at for each in held.values() if each.expires_at > now]
        self._due[place] = min(changes, default=now + _MAY_COME)
        return said if said.said or said.verified_on else None


class _Hurries:
    """How many looks may still be made at once."""

    def __init__(self) -> None:
        self._left, self._at = float(_HURRIED), time.monotonic()

    def take(self) -> bool:
        """Whether there is one, which is then taken."""
        clock = time.monotonic()
        self._left, self._at = min(float(_HURRIED), self._left + clock - self._at), clock
        if self._left < 1:
            return False
        self._left -= 1
        return True


def phone(overlay: Overlay) -> dict[str, object]:
    """By place what a phone shows: of each type how many say so, since when and until when; and the
    day on which one who was there found all in order.
    """
    return {place: _phone(said) for place, said in sorted(overlay.places.items())}


def _phone(place: PlaceSaid) -> dict[str, object]:
    told: dict[str, object] = {
        str(each.type): (each.riders, stamp(each.since), stamp(each.expires)) for each in place.said
    }
    return told | ({"verified": place.verified_on} if place.verified_on else {})


def stamp(at: datetime) -> str:
    """An instant in UTC, to the second, as it is sent to phones."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
