"""What riders report of places: how long each report lives, and what all of them together say.

The fold of this module is the only place that knows it: map, list, counter and statistics read what
it gives.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from geodata.hours.zone import TimeZone
from geodata.snapshot.overlay import ENOUGH, PlaceSaid, ReportType, SaidAlike

#: How long a report lives after it was seen.
LIVES: Final[Mapping[ReportType, timedelta]] = {
    ReportType.CLOSED: timedelta(hours=4),
    ReportType.FULL: timedelta(minutes=30),
    ReportType.NO_ENTRY: timedelta(hours=4),
    ReportType.OPEN: timedelta(hours=4),
    ReportType.NO_WATER: timedelta(hours=24),
    ReportType.NO_POWER: timedelta(hours=24),
    ReportType.ALL_RIGHT: timedelta(days=30),
    ReportType.MOVED: timedelta(days=30),
    ReportType.WRONG_HOURS: timedelta(days=30),
    ReportType.GONE: timedelta(days=30),
    ReportType.OTHER: timedelta(days=30),
}
_SHUT: Final = (ReportType.CLOSED, ReportType.FULL, ReportType.NO_ENTRY)
#: What each report says is no longer so: half of what is left of their lives goes.
CONTRARY: Final[Mapping[ReportType, tuple[ReportType, ...]]] = {
    ReportType.CLOSED: (ReportType.OPEN,),
    ReportType.FULL: (),
    ReportType.NO_ENTRY: (ReportType.OPEN,),
    ReportType.OPEN: _SHUT,
    ReportType.NO_WATER: (),
    ReportType.NO_POWER: (),
    ReportType.ALL_RIGHT: (*_SHUT, ReportType.NO_WATER, ReportType.NO_POWER),
    ReportType.MOVED: (),
    ReportType.WRONG_HOURS: (),
    ReportType.GONE: (),
    ReportType.OTHER: (),
}
#: To the inbox of operators, and to nobody else.
TO_INBOX: Final = frozenset(
    {ReportType.MOVED, ReportType.WRONG_HOURS, ReportType.GONE, ReportType.OTHER}
)
#: The longest life: what was seen before that plays no part any more.
LONGEST: Final = max(LIVES.values())


@dataclass(frozen=True, slots=True)
class Report:
    """One report as it was written."""

    number: int
    """The order in which reports were written."""
    id: str
    place: str
    type: ReportType
    seen_at: datetime
    expires_at: datetime
    """When it ends if nobody says the contrary."""
    reporter: str
    """A salted hash."""
    has_ticket: bool


def expires_at(
    kind: ReportType, seen_at: datetime, next_opening: datetime | None = None
) -> datetime:
    """When a report ends by itself: what is closed is no longer when it next opens by its hours."""
    ends = seen_at + LIVES[kind]
    if kind is ReportType.CLOSED and next_opening is not None and next_opening > seen_at:
        return min(ends, next_opening)
    return ends


def lives(reports: Iterable[Report]) -> list[tuple[Report, datetime]]:
    """Of one place the reports that count, and when each ends; in the order of being seen.

    Of one network one of a type counts while it lives, and beside it one that a ticket proves. A
    contrary report halves what is left of those that were seen before.
    """
    counted: list[tuple[Report, datetime]] = []
    for each in sorted(reports, key=lambda report: (report.seen_at, report.number)):
        if any(_same(each, held) and each.seen_at < ends for held, ends in counted):
            continue
        contrary = CONTRARY[each.type]
        counted = [
            (held, _halved(each.seen_at, ends) if held.type in contrary else ends)
            for held, ends in counted
        ]
        counted.append((each, each.expires_at))
    return counted


def _same(one: Report, other: Report) -> bool:
    return (one.type, one.reporter, one.has_ticket) == (
        other.type,
        other.reporter,
        other.has_ticket,
    )


def _halved(at: datetime, ends: datetime) -> datetime:
    return at + (ends - at) / 2 if at < ends else ends


def fold(reports: Iterable[Report], now: datetime, zone: TimeZone) -> PlaceSaid:
    """What is said of one place at an instant: the state that all readers read.

    `reports` are all of the place that nobody took back, seen within LONGEST.
    """
    seen = [each for each in reports if each.seen_at <= now]
    living = [(each, ends) for each, ends in lives(seen) if now < ends]
    said = []
    for kind in ReportType:
        alike = [(each, ends) for each, ends in living if each.type is kind]
        if alike and kind not in TO_INBOX and kind is not ReportType.ALL_RIGHT:
            said.append(_together(kind, alike))
    return PlaceSaid(tuple(said), _verified_on(living, zone))


def _together(kind: ReportType, alike: list[tuple[Report, datetime]]) -> SaidAlike:
    """Reports of one type as one: the count is that of now, and holds until it falls below what it
    takes to have an effect, or, where it has none, until nobody says so any more.
    """
    ends = sorted(
        (end for each, end in alike for _ in range(ENOUGH if each.has_ticket else 1)), reverse=True
    )
    until = ends[ENOUGH - 1] if len(ends) >= ENOUGH else ends[0]
    return SaidAlike(kind, len(ends), min(each.seen_at for each, _ in alike), until)


def _verified_on(living: list[tuple[Report, datetime]], zone: TimeZone) -> date | None:
    """The last day on which one who was there found all in order."""
    days = [
        zone.local(each.seen_at).date()
        for each, _ in living
        if each.type is ReportType.ALL_RIGHT and each.has_ticket
    ]
    return max(days, default=None)
