"""What can be asked of each endpoint: a Struct each, which gives the question that the city
answers. Reads nothing.
"""

from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from app.request import polyline
from app.request.parsing import allowed, shown
from app.request.types import (
    Areas,
    By,
    ByDetour,
    ByEstimate,
    Count,
    Detour,
    Doors,
    From,
    Hourly,
    InDatum,
    InLanguage,
    Instant,
    Kinds,
    Lat,
    Lon,
    Minutes,
    MinutesAway,
    Nearby,
    Needs,
    NoticesRevision,
    Opening,
    Quarter,
    Reach,
    Registering,
    Sections,
    Services,
    Stay,
    To,
    Traced,
    Travel,
    Typed,
    Unknown,
    Way,
    Who,
    Widen,
    WithTimes,
)
from app.response.problems import BadParameters, Fault
from geodata.coverage.near import Within
from geodata.coverage.published import By as AreasBy
from geodata.errors import BadQuestion
from geodata.hours.zone import TimeZone
from geodata.search.along import MOST_POINTS, Trip
from geodata.search.cells import Cell, quarter_of
from geodata.search.filter import Filter, Open, Order, Register
from geodata.search.lookup import Wanted
from geodata.search.nearest import Question
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import Datum, to_wgs84
from geodata.space.service_area import Outline
from geodata.text.matching import MOST_CODES
from geodata.travel.one_to_all import Direction
from geodata.vocabulary import Audience, Door, Kind, Mode, Need, Service

#: Years that a time can lie in, in the dataset's time zone; the calendar knows fewer, and beyond it
#: hours that depend on it are unknown.
_YEARS: Final = {"low": 1, "high": 9999}
#: What is asked where no reach is: seven minutes on foot.
MODEST_REACH_M: Final = 500.0


class _Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What every question about places can filter by.

    Each says for itself what can be asked of the hours.
    """

    kinds: Kinds | msgspec.UnsetType = msgspec.UNSET
    needs: Needs | msgspec.UnsetType = msgspec.UNSET
    services: Services | msgspec.UnsetType = msgspec.UNSET
    audience: Who | msgspec.UnsetType = msgspec.UNSET
    door: Doors | msgspec.UnsetType = msgspec.UNSET
    include_unknown: Unknown = True
    register: Registering = Register.ANY

    def filter(self) -> Filter:
        """Which places count."""
        return _made(
            self.kinds or (),
            self.needs or (),
            self.services or (),
            self.audience or (),
            self.door or (),
            self.open,  # type: ignore[attr-defined]  # every heir has `open`, of its own type
            self.include_unknown,
            self.register,
        )


class _Asked(_Filters, frozen=True, kw_only=True):
    """What every list of the best k takes."""

    k: Count = 10
    open: Opening = Open.ANY
    stay_min: Stay = 0
    mode: Travel = Mode.WALK
    lang: InLanguage | msgspec.UnsetType = msgspec.UNSET


class _Located(_Asked, frozen=True, kw_only=True):
    """What a list takes whose points the asker sends: their datum, and the instant, now
    by default.
    """

    at: Instant | msgspec.UnsetType = msgspec.UNSET
    datum: InDatum = Datum.WGS84

    def instant(self, now: datetime, zone: TimeZone) -> datetime:
        """When opening hours are judged, in a time zone."""
        return zone.local(now) if self.at is msgspec.UNSET else _local(self.at, zone)


class NearestQuery(_Located, frozen=True, kw_only=True):
    """What `/api/v1/nearest` takes."""

    lon: Lon
    lat: Lat
    by: By = Order.DISTANCE
    max_distance_m: Reach = 5_000.0
    widen: Widen = False

    def question(self, now: datetime, snapshot: Snapshot) -> Question:
        """The question in WGS-84, at `at` or now.

        Raises OutsideArea for swapped degrees, BadParameters for others.
        """
        lon, lat = position(self.lon, self.lat, self.datum, snapshot.outline)
        return Question(
            lon,
            lat,
            self.instant(now, snapshot.zone),
            self.k,
            self.max_distance_m,
            self.filter(),
            self.mode,
            self.stay_min,
            self.widen,
            self.by,
        )


class BatchQuery(_Located, frozen=True, kw_only=True):
    """What `/api/v1/nearest/batch` takes beside its points, and the command `nuanfeng nearest`."""

    by: ByEstimate = Order.DISTANCE
    max_distance_m: Reach = 5_000.0

    def question(self, now: datetime, snapshot: Snapshot) -> Question:
        """The question that is asked at every point; it stands at a corner of the area."""
        _known_datum(self.datum, snapshot.outline)
        return Question(
            *snapshot.outline.bounds[:2],
            self.instant(now, snapshot.zone),
            self.k,
            self.max_distance_m,
            self.filter(),
            self.mode,
            self.stay_min,
        )


class AlongQuery(_Located, frozen=True, kw_only=True):
    """What `/api/v1/along` takes: `from` and `to`, or `path`."""

    from_: From | msgspec.UnsetType = msgspec.field(name="from", default=msgspec.UNSET)
    to: To | msgspec.UnsetType = msgspec.UNSET
    path: Traced | msgspec.UnsetType = msgspec.UNSET
    by: ByDetour = Order.DISTANCE
    max_detour_m: Detour = 1_000.0

    def trip(self, now: datetime, snapshot: Snapshot) -> Trip:
        """The trip in WGS-84, begun at `at` or now.

        Raises BadParameters, or OutsideArea for swapped degrees.
        """
        traced = self.path is not msgspec.UNSET
        if traced and self.by is Order.TIME:
            raise BadParameters(
                [Fault("by", "By time goes with from and to: a path's detours are straight.", {})]
            )
        lonlat = np.array(self._traced() if traced else self._ends(snapshot.outline))
        return Trip(
            as_wgs84(lonlat, _known_datum(self.datum, snapshot.outline)),
            self.instant(now, snapshot.zone),
            self.k,
            self.max_detour_m,
            self.filter(),
            self.mode,
            self.stay_min,
            traced,
            self.by,
        )

    def _ends(self, area: Outline) -> list[tuple[float, float]]:
        if self.from_ is msgspec.UNSET or self.to is msgspec.UNSET:
            missing = "from" if self.from_ is msgspec.UNSET else "to"
            raise BadParameters([Fault(missing, "Give both from and to, or a path.", {})])
        _refuse_beyond_pole("from", From, *self.from_, area)
        _refuse_beyond_pole("to", To, *self.to, area)
        return [self.from_, self.to]

    def _traced(self) -> list[tuple[float, float]]:
        if self.from_ is not msgspec.UNSET or self.to is not msgspec.UNSET:
            raise BadParameters([Fault("path", "Give both from and to, or a path.", {})])
        try:
            points = polyline.decode(str(self.path))
        except ValueError:
            raise BadParameters(
                [Fault("path", "This is not a whole encoded polyline of precision 5.", {})]
            ) from None
        if not 2 <= len(points) <= MOST_POINTS:
            values = {"points": len(points), "most": MOST_POINTS}
            raise BadParameters(
                [Fault("path", "The path has {points} points; 2–{most} are taken.", values)]
            )
        return points


class IsochroneQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What `/api/v1/isochrone` takes."""

    lon: Lon
    lat: Lat
    minutes: Minutes = (5, 10, 15)
    mode: Travel = Mode.WALK
    direction: Way = Direction.FROM
    datum: InDatum = Datum.WGS84
    lang: InLanguage | msgspec.UnsetType = msgspec.UNSET

    def point(self, area: Outline) -> tuple[float, float]:
        """The point in WGS-84. Raises OutsideArea, and BadParameters for what is no latitude."""
        lon, lat = position(self.lon, self.lat, self.datum, area)
        area.require(lon, lat)
        return lon, lat


class CellQuery(_Asked, frozen=True, kw_only=True):
    """What `/api/v1/nearest/cell/{geohash}` takes: nearest's filters, and the quarter hour they are
    judged at.
    """

    at: Quarter
    by: WithTimes = Order.DISTANCE
    max_distance_m: Reach = 5_000.0
    sections: Sections = 1
    notices: NoticesRevision | msgspec.UnsetType = msgspec.UNSET

    @property
    def apart(self) -> bool:
        """Whether certain and unknown places are two sections of k each."""
        return self.sections > 1

    def question(self, cell: Cell, zone: TimeZone) -> Question:
        """The question of nobody in particular: it stands in the middle of the cell."""
        lon, lat = cell.middle
        return Question(
            lon,
            lat,
            _quarter(self.at, zone),
            self.k,
            self.max_distance_m,
            self.filter(),
            self.mode,
            self.stay_min,
            by=self.by,
        )


class WaysQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What `/api/v1/ways/{geohash}/{place_id}` takes."""

    mode: Annotated[Mode, Meta(description="How one travels.")] = Mode.WALK
    lang: InLanguage | msgspec.UnsetType = msgspec.UNSET


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What `/api/v1/search` takes."""

    q: Typed
    k: Count = 10
    lon: Lon | msgspec.UnsetType = msgspec.UNSET
    lat: Lat | msgspec.UnsetType = msgspec.UNSET
    datum: InDatum = Datum.WGS84
    lang: InLanguage | msgspec.UnsetType = msgspec.UNSET

    def wanted(self, area: Outline) -> Wanted:
        """What is looked for, and from where in WGS-84.

        Raises BadParameters for half a point, or nothing to find.
        """
        if (self.lon is msgspec.UNSET) != (self.lat is msgspec.UNSET):
            missing = "lon" if self.lon is msgspec.UNSET else "lat"
            raise BadParameters([Fault(missing, "lon and lat come together or not at all.", {})])
        near = None
        if self.lon is not msgspec.UNSET and self.lat is not msgspec.UNSET:
            near = position(self.lon, self.lat, self.datum, area)
        try:
            return Wanted(self.q, self.k, near)
        except BadQuestion:
            values = {"value": shown(self.q), "high": MOST_CODES}
            fault = Fault(
                "q",
                "{value} must hold 1 to {high} letters, digits or Chinese characters to look for.",
                values,
            )
            raise BadParameters([fault]) from None


class TileOpen(StrEnum):
    """What a tile can ask of the hours: it knows no asker, and so no arrival."""

    ANY = "any"
    NOW = "now"
    ALWAYS = "24h"


class TileQuery(_Filters, frozen=True, kw_only=True):
    """What `/tiles/{version}/{z}/{x}/{y}.json` takes: the filters, and the quarter hour they are
    judged at.
    """

    at: Quarter
    open: Annotated[
        TileOpen, Meta(description="any: all; now: open at `at`; 24h: round the clock.")
    ] = TileOpen.ANY
    notices: NoticesRevision | msgspec.UnsetType = msgspec.UNSET

    def instant(self, zone: TimeZone) -> datetime:
        """The quarter hour, in a time zone.

        Raises BadParameters for any other minute: the reply is kept for ever under this URL.
        """
        return _quarter(self.at, zone)


class CoverageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What `/api/v1/coverage` takes."""

    needs: Needs | msgspec.UnsetType = msgspec.UNSET
    kinds: Kinds | msgspec.UnsetType = msgspec.UNSET
    reach_m: Nearby | msgspec.UnsetType = msgspec.UNSET
    minutes: MinutesAway | msgspec.UnsetType = msgspec.UNSET
    mode: Travel = Mode.WALK
    at: Instant | msgspec.UnsetType = msgspec.UNSET
    hourly: Hourly = False
    by: Areas = AreasBy.CITY
    lang: InLanguage | msgspec.UnsetType = msgspec.UNSET

    def instant(self, now: datetime, zone: TimeZone) -> datetime:
        """When opening hours are judged, in a time zone: `at`, or the quarter of an hour that it
        is now.
        """
        return quarter_of(zone.local(now)) if self.at is msgspec.UNSET else _local(self.at, zone)

    def within(self) -> Within:
        """Which places serve. Raises BadParameters where two reaches are given."""
        wanted = Filter(kinds=self.kinds or (), needs=self.needs or ())
        if self.minutes is msgspec.UNSET:
            return Within(wanted, MODEST_REACH_M if self.reach_m is msgspec.UNSET else self.reach_m)
        if self.reach_m is not msgspec.UNSET:
            raise BadParameters([Fault("minutes", "Give reach_m or minutes, not both.", {})])
        return Within(wanted, minutes=self.minutes, mode=self.mode)


class NoQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What an endpoint takes that has no parameters but the language of its errors."""

    lang: InLanguage | msgspec.UnsetType = msgspec.UNSET


def _refuse_beyond_pole(name: str, hint: Any, lon: float, lat: float, area: Outline) -> None:
    """Latitudes pass up to ±180 so that swapped degrees are told so: OutsideArea.

    Others are out of range.
    """
    if abs(lat) > 90:
        if area.holds(lat, lon):
            area.require(lon, lat)
        message, values = allowed(hint)
        raise BadParameters([Fault(name, message, {**values, "value": shown(lat)})])


def as_wgs84(lonlat: NDArray[np.float64], datum: Datum) -> NDArray[np.float64]:
    """Points, shape (n, 2), read in a datum and given in WGS-84."""
    return (
        lonlat
        if datum is Datum.WGS84
        else np.stack(to_wgs84(lonlat[:, 0], lonlat[:, 1], datum), axis=1)
    )


def position(lon: float, lat: float, datum: Datum, area: Outline) -> tuple[float, float]:
    """A point in WGS-84.

    Raises OutsideArea for swapped degrees that lie in the area, BadParameters for others.
    """
    _refuse_beyond_pole("lat", Lat, lon, lat, area)
    if _known_datum(datum, area) is not Datum.WGS84:
        lon, lat = map(float, to_wgs84(lon, lat, datum))
    return lon, lat


def _known_datum(datum: Datum, area: Outline) -> Datum:
    """The datum, where it means something in the area's country; else BadParameters."""
    if datum is Datum.WGS84 or area.shifted:
        return datum
    raise BadParameters(
        [
            Fault(
                "datum",
                "Maps are shifted to {datum} in mainland China alone, and {area} lies elsewhere;"
                " send wgs84, or leave datum out.",
                {"datum": datum, "area": area.name},
            )
        ]
    )


def _quarter(stated: datetime, zone: TimeZone) -> datetime:
    at = _local(stated, zone)
    if at != quarter_of(at):
        raise BadParameters([Fault("at", "The time must be a full quarter of an hour.", {})])
    return at


@lru_cache(maxsize=4096)
def _made(
    kinds: tuple[Kind, ...],
    needs: tuple[Need, ...],
    services: tuple[Service, ...],
    audience: tuple[Audience, ...],
    door: tuple[Door, ...],
    opening: str,
    include_unknown: bool,  # noqa: FBT001  # a cache takes no keywords
    register: Register,
) -> Filter:
    """Few filters are asked often."""
    return Filter(kinds, needs, services, audience, door, Open(opening), include_unknown, register)


def _local(at: datetime, zone: TimeZone) -> datetime:
    try:
        return zone.local(at)
    except OverflowError:
        fault = Fault("at", "The year must lie within {low}–{high}.", _YEARS)
        raise BadParameters([fault]) from None


def now() -> datetime:
    """The time a request is answered at, in UTC."""
    return datetime.now(UTC)
