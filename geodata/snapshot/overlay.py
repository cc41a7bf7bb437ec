"""What riders say of places and what notices close, laid over a snapshot as frozen values.

An overlay only takes away, or turns unknown hours to open: it changes the words and the hours row
of the places that are spoken of, in copies, so that searching stays as it is. Never hears of a
database.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

from geodata import traits
from geodata.errors import NoSuchPlace
from geodata.hours.minute import HoursByMinute
from geodata.hours.table import UNKNOWN_ROW, with_constant_rows
from geodata.snapshot.memo import memoized
from geodata.snapshot.snapshot import Snapshot
from geodata.snapshot.zones import NoticeZone, rows_inside
from geodata.vocabulary import SERVES, Need, Service


class ReportType(StrEnum):
    """What a rider can say of a place."""

    CLOSED = "closed"
    FULL = "full"
    NO_ENTRY = "no_entry"
    OPEN = "open"
    NO_WATER = "no_water"
    NO_POWER = "no_power"
    ALL_RIGHT = "all_right"
    MOVED = "moved"
    WRONG_HOURS = "wrong_hours"
    GONE = "gone"
    OTHER = "other"


#: A time without length; and the least step of a clock.
_INSTANT: Final = timedelta(0)
_SHORTEST: Final = timedelta.resolution
#: What keeps one out: fails `open=now` and `at_arrival`, and is listed last.
SHUTS: Final = frozenset({ReportType.CLOSED, ReportType.FULL, ReportType.NO_ENTRY})
#: The needs that a place does not serve while this is said of it.
LACKS: Final[Mapping[ReportType, tuple[Need, ...]]] = {
    ReportType.NO_WATER: (Need.WATER, Need.HEAT_FOOD),
    ReportType.NO_POWER: (Need.RECHARGE,),
}
#: And the services that go with them; a microwave warms without water.
_LACKED: Final[Mapping[ReportType, tuple[Service, ...]]] = {
    ReportType.NO_WATER: tuple(each for each in Service if Need.WATER in SERVES[each]),
    ReportType.NO_POWER: tuple(each for each in Service if Need.RECHARGE in SERVES[each]),
}


#: So many say so before it has an effect.
ENOUGH: Final = 2


class SaidAlike(NamedTuple):
    """What several riders say alike of a place."""

    type: ReportType
    riders: int
    """Riders who say so; one whose ticket proves presence counts as two."""
    since: datetime
    expires: datetime
    """When it ends; of what has an effect, when the effect does."""

    @property
    def effective(self) -> bool:
        """Whether it changes answers: two riders, or one who was there, say so."""
        return self.riders >= ENOUGH


class PlaceSaid(NamedTuple):
    """All that is said of a place."""

    said: tuple[SaidAlike, ...]
    verified_on: date | None = None
    """The last day on which one who was there found all in order."""


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """What is said of all places, by their ids, and the zones of notices."""

    places: Mapping[str, PlaceSaid]
    zones: tuple[NoticeZone, ...] = ()
    _edges: tuple[list[float], list[float]] = field(init=False, repr=False)
    """All beginnings and all ends, ascending, as POSIX seconds, which compare twenty times as fast
    as datetimes: between two of them nothing changes.
    """

    def __post_init__(self) -> None:
        said = [each for place in self.places.values() for each in place.said]
        begins = [each.since.timestamp() for each in said]
        begins += [each.onset.timestamp() for each in self.zones]
        ends = [each.expires.timestamp() for each in said]
        ends += [each.expires.timestamp() for each in self.zones]
        object.__setattr__(self, "_edges", (sorted(begins), sorted(ends)))

    def over(
        self, snapshot: Snapshot, at: datetime, lasting: timedelta = _INSTANT
    ) -> "Laid | None":
        """The overlay as it holds at an instant, or at any within a time that begins then (its end
        is not in it), laid over a snapshot; None: nothing is said.

        What is laid is kept with the snapshot, and goes with it.
        """
        if not (self.places or self.zones):
            return None
        last = at + lasting - _SHORTEST if lasting else at
        at_s = at.timestamp()
        begun = bisect_right(self._edges[0], last.timestamp() if lasting else at_s)
        ended = bisect_right(self._edges[1], at_s)
        laid = snapshot.memo.get(
            _laid, (self, begun, ended), partial(_laid, snapshot, self, at, last), most=_KEPT
        )
        return laid if laid.rows or laid.closed_by else None


#: Instants between two changes that are kept: now, and now and then another time.
_KEPT: Final = 16


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """What is said at an instant, by the rows of a snapshot."""

    rows: Mapping[int, PlaceSaid]
    closed_by: Mapping[int, NoticeZone]
    """Of the rows that notices close, the zone whose end is last."""
    shut: frozenset[int]
    """Rows that nobody can get into now."""
    opened: frozenset[int]
    """Rows of unknown hours that are open, as riders say."""
    plain: Snapshot
    """Where hours play no part: what is lacking is taken away."""
    judged: Snapshot
    """Where hours count as well: the shut are closed, the opened open, whatever the hour."""
    told: dict[tuple[int, bytes], bytes] = field(init=False, repr=False, default_factory=dict)
    """What rooms above wrote of a row and its state."""


def _laid(snapshot: Snapshot, overlay: Overlay, at: datetime, last: datetime) -> Laid:
    rows = dict(_rows(snapshot, overlay, at))
    closed_by = _closed_by(snapshot, overlay.zones, at, last)
    effects = {
        row: {each.type for each in place.said if each.effective}
        for row, place in rows.items()
        if any(each.riders >= ENOUGH for each in place.said)
    }
    shut = frozenset(row for row, types in effects.items() if types & SHUTS) | closed_by.keys()
    opened = frozenset(
        row
        for row, types in effects.items()
        if ReportType.OPEN in types and row not in shut and snapshot.hours_row(row) == UNKNOWN_ROW
    )
    lacking = {row: types & LACKS.keys() for row, types in effects.items() if types & LACKS.keys()}
    plain = _without(snapshot, lacking) if lacking else snapshot
    judged = _judged(plain, shut, opened) if shut or opened else plain
    return Laid(rows, closed_by, shut, opened, plain, judged)


def _closed_by(
    snapshot: Snapshot, zones: tuple[NoticeZone, ...], at: datetime, last: datetime
) -> dict[int, NoticeZone]:
    """Of each row in a zone that closes at any instant from `at` to `last`, that zone."""
    closing = [each for each in zones if each.closes and each.onset <= last and at < each.expires]
    return {
        row: zone
        for zone in sorted(closing, key=lambda each: each.expires)
        for row in rows_inside(snapshot, zone.polygons).tolist()
    }


def _rows(snapshot: Snapshot, overlay: Overlay, at: datetime) -> Iterable[tuple[int, PlaceSaid]]:
    """What holds at an instant of places that the snapshot has."""
    known = _known_rows(snapshot)
    for place_id, place in overlay.places.items():
        said = [each for each in place.said if each.since <= at < each.expires]
        if not said and place.verified_on is None:
            continue
        row = known.get(place_id)
        if row is None:
            row = known[place_id] = _row_of(snapshot, place_id)
        if row != _NO_ROW:
            yield row, place if len(said) == len(place.said) else place._replace(said=tuple(said))


#: The row of a place that the snapshot does not have.
_NO_ROW: Final = -1


@memoized(most=1)
def _known_rows(_snapshot: Snapshot) -> dict[str, int]:
    """The rows of the places that were spoken of, by their ids: to look one up takes longer than
    all else that is done for it.
    """
    return {}


def _row_of(snapshot: Snapshot, place_id: str) -> int:
    try:
        return snapshot.row_of(place_id)
    except NoSuchPlace:
        return _NO_ROW


def _without(snapshot: Snapshot, lacking: Mapping[int, set[ReportType]]) -> Snapshot:
    """The snapshot in which these rows do not offer what is lacking."""
    words = snapshot.index.words.copy()
    for row, types in lacking.items():
        services = [each for kind in types for each in _LACKED[kind]]
        needs = [each for kind in types for each in LACKS[kind]]
        words[row, 0] = traits.lacking(int(words[row, 0]), services, needs)
    return replace(snapshot, index=snapshot.index.changed(words, snapshot.index.links))


def _judged(snapshot: Snapshot, shut: frozenset[int], opened: frozenset[int]) -> Snapshot:
    """The snapshot in which these rows are closed, or open, at any hour."""
    hours = _constant_hours(snapshot)
    words, links = snapshot.index.words.copy(), snapshot.index.links.copy()
    always_closed, always_open = len(hours.table) - 2, len(hours.table) - 1
    links[list(shut), 1] = always_closed
    links[list(opened), 1] = always_open
    words[list(opened), 1] |= traits.EVERY_HOUR_BITS
    changed = snapshot.index.changed(words, links, traits.EVERY_HOUR_BITS if opened else 0)
    return replace(snapshot, index=changed, hours_by_minute=hours)


@memoized(most=1)
def _constant_hours(snapshot: Snapshot) -> HoursByMinute:
    """The hours of a snapshot with two rows more: always closed, and always open."""
    hours = snapshot.hours_by_minute
    return HoursByMinute(with_constant_rows(hours.table), hours.calendar, hours.zone)
