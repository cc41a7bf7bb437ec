"""Query strings become values here and nowhere else. One Struct per endpoint checks; OpenAPI is drawn from it."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Annotated, Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import unquote, unquote_plus

import msgspec
import numpy as np
from flask import Request
from msgspec import Meta
from numpy.typing import NDArray
from werkzeug.exceptions import UnsupportedMediaType

from app import polyline
from app.headers import GEOJSON, JSON
from app.problems import BadParameters, Fault, TooMany
from app.words import Language
from geodata.along import MOST_DETOUR_M, MOST_POINTS, Trip
from geodata.analysis.near import Within
from geodata.analysis.published import By as AreasBy
from geodata.cells import Cell, quarter_of
from geodata.coordinates import Datum, to_wgs84
from geodata.errors import BadQuestion
from geodata.hours import TIMEZONE
from geodata.likeness import MOST_CODES
from geodata.lookup import Wanted
from geodata.outline import Outline
from geodata.search import Filter, Open, Order, Question
from geodata.travel.spread import Direction
from geodata.vocabulary import Audience, Door, Kind, Mode, Need, Service

T = TypeVar("T", bound=msgspec.Struct)

Lon = Annotated[float, Meta(ge=-180, le=180, description="Longitude in degrees, in `datum`.", examples=[113.9645])]
#: Up to ±180 here, so that swapped degrees reach the service area's own refusal, which says so; the document says ±90.
Lat = Annotated[
    float,
    Meta(
        ge=-180,
        le=180,
        description="Latitude in degrees, in `datum`.",
        examples=[22.5405],
        extra_json_schema={"minimum": -90, "maximum": 90},
    ),
]
Count = Annotated[int, Meta(ge=1, le=50, description="How many places at most.")]
Reach = Annotated[float, Meta(gt=0, le=50_000, description="No farther than this, metres along the WGS-84 geodesic.")]
Instant = Annotated[
    datetime,
    Meta(
        tz=True,
        description="The instant that opening hours are judged at, RFC 3339 with offset; now by default.",
        examples=["2026-11-21T02:00:00+08:00"],
    ),
]
Quarter = Annotated[
    datetime,
    Meta(
        tz=True, description="A full quarter of an hour, RFC 3339 with offset.", examples=["2026-11-21T02:15:00+08:00"]
    ),
]
Kinds = Annotated[tuple[Kind, ...], Meta(min_length=1, description="Any of these kinds, comma-separated.")]
Needs = Annotated[tuple[Need, ...], Meta(min_length=1, description="All of these needs, comma-separated.")]
Services = Annotated[tuple[Service, ...], Meta(min_length=1, description="All of these services, comma-separated.")]
Who = Annotated[tuple[Audience, ...], Meta(min_length=1, description="Welcome to any of these, comma-separated.")]
Doors = Annotated[tuple[Door, ...], Meta(min_length=1, description="Entered in any of these ways, comma-separated.")]
Opening = Annotated[
    Open,
    Meta(
        description="any: all; now: open at `at`; at_arrival: open when one gets there by `mode`, and for `stay_min` "
        "after; 24h: open round the clock, every day."
    ),
]
Unknown = Annotated[
    bool, Meta(description="Whether places pass whose hours (or audience) are not known, where these are asked for.")
]
InDatum = Annotated[Datum, Meta(description="The datum that `lon` and `lat` are in. Replies are always WGS-84.")]
InLanguage = Annotated[Language, Meta(description="The language of error texts; else Accept-Language decides.")]

Typed = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MOST_CODES,
        description="What to look for: part of a name, an address, a street office, a district or a landmark; in "
        "Chinese, pinyin, initials (bsz for 白石洲), English or a mixture.",
        examples=["白石洲"],
    ),
]
#: Years that opening hours are judged in; the calendar knows fewer, and says so.
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100


Stay = Annotated[int, Meta(ge=0, le=480, description="With open=at_arrival: minutes that one wants to stay.")]
Travel = Annotated[Mode, Meta(description="How one travels; decides the estimated time and so the arrival.")]
By = Annotated[
    Order,
    Meta(
        description="distance: nearest first; time: reached first by `mode` over the road network, hours on arrival "
        "judged at that time. Without a network, or off its roads, both orders are the same and times are estimates."
    ),
]
#: What a cell is told of times.
WithTimes = Annotated[
    Order,
    Meta(
        description="time: adds the seconds by `mode` over the road network, where there is one, from each square of "
        "the cell to each candidate (`squares`). Candidates and their order are the same either way."
    ),
]
#: Between two points; a path's legs are asked straight.
ByDetour = Annotated[
    Order,
    Meta(
        description="distance: least geodesic detour first; time: least detour by `mode` over the road network, hours "
        "on arrival judged at that time, between `from` and `to` (with `path` it is refused). Without a network, or "
        "off its roads, both orders are the same and times are estimates."
    ),
]
#: Of many points at once times are estimates, which grow with the distance.
ByEstimate = Annotated[
    Order, Meta(description="distance or time: both are the same order here, as the times of a batch are estimates.")
]
#: A position of GeoJSON: lon, lat, and perhaps a height.
Position = Annotated[list[Annotated[float, Meta(ge=-180, le=180)]], Meta(min_length=2, max_length=3)]
#: What is asked where no reach is: seven minutes on foot.
MODEST_REACH_M: Final = 500.0
#: Points of one batch.
MOST_POSTED: Final = 10_000
Positions = Annotated[list[Position], Meta(max_length=MOST_POSTED)]
From = Annotated[
    tuple[Lon, Lat],
    Meta(description="Where one sets out: lon,lat in `datum`. Goes with `to`.", examples=["113.9645,22.5405"]),
]
To = Annotated[
    tuple[Lon, Lat], Meta(description="Where one is going: lon,lat in `datum`.", examples=["114.0579,22.5431"])
]
Traced = Annotated[
    str,
    Meta(
        description="Instead of from and to: the road one takes, as an encoded polyline of precision 5 (of WGS-84, or "
        f"of `datum`), 2 to {MOST_POINTS:,} points.",
        examples=["gxghCytyuT_@_gQ"],
    ),
]
Detour = Annotated[
    float,
    Meta(
        ge=0,
        le=MOST_DETOUR_M,
        description="No longer a detour than this, metres: to the place and on, less the way without it; geodesics, "
        "by time, too.",
    ),
]
Widen = Annotated[
    bool,
    Meta(
        description="When fewer than k match: opening within 30 minutes will do, then unknown hours, then a wider "
        "radius; each step is listed in `relaxed`."
    ),
]


Minutes = Annotated[
    tuple[Annotated[int, Meta(ge=1, le=60)], ...],
    Meta(min_length=1, max_length=4, description="Up to four whole numbers of minutes, comma-separated."),
]
Way = Annotated[Direction, Meta(description="from: where one gets to from here; to: where one gets here from.")]


class _Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What every question about places can filter by; each says for itself what can be asked of the hours."""

    kinds: Kinds | msgspec.UnsetType = msgspec.UNSET
    needs: Needs | msgspec.UnsetType = msgspec.UNSET
    services: Services | msgspec.UnsetType = msgspec.UNSET
    audience: Who | msgspec.UnsetType = msgspec.UNSET
    door: Doors | msgspec.UnsetType = msgspec.UNSET
    include_unknown: Unknown = True

    def filter(self) -> Filter:
        """Which places count."""
        return _made(
            self.kinds or (), self.needs or (), self.services or (), self.audience or (), self.door or (),
            self.open, self.include_unknown,  # type: ignore[attr-defined]  # every heir has `open`, of its own type
        )  # fmt: skip


class _Asked(_Filters, frozen=True, kw_only=True):
    """What every list of the best k takes."""

    k: Count = 10
    open: Opening = Open.ANY
    stay_min: Stay = 0
    mode: Travel = Mode.WALK
    lang: InLanguage | msgspec.UnsetType = msgspec.UNSET


class _Located(_Asked, frozen=True, kw_only=True):
    """What a list takes whose points the asker sends: their datum, and the instant, now by default."""

    at: Instant | msgspec.UnsetType = msgspec.UNSET
    datum: InDatum = Datum.WGS84

    def instant(self, now: datetime) -> datetime:
        """When opening hours are judged."""
        return now if self.at is msgspec.UNSET else _bounded(self.at)


class NearestQuery(_Located, frozen=True, kw_only=True):
    """What `/api/v1/nearest` takes."""

    lon: Lon
    lat: Lat
    by: By = Order.DISTANCE
    max_distance_m: Reach = 5_000.0
    widen: Widen = False

    def question(self, now: datetime, area: Outline) -> Question:
        """The question in WGS-84, at `at` or now. Raises OutsideArea for swapped degrees, BadParameters for others."""
        lon, lat = _position(self.lon, self.lat, self.datum, area)
        return Question(
            lon, lat, self.instant(now), self.k, self.max_distance_m, self.filter(), self.mode, self.stay_min,
            self.widen, self.by,
        )  # fmt: skip


class BatchQuery(_Located, frozen=True, kw_only=True):
    """What `/api/v1/nearest/batch` takes beside its points, and the command `nuanfeng nearest`."""

    by: ByEstimate = Order.DISTANCE
    max_distance_m: Reach = 5_000.0

    def question(self, now: datetime, area: Outline) -> Question:
        """The question that is asked at every point; it stands at a corner of the area."""
        return Question(
            *area.bounds[:2], self.instant(now), self.k, self.max_distance_m, self.filter(), self.mode, self.stay_min
        )  # fmt: skip


class MultiPoint(msgspec.Struct, frozen=True):
    """Of a GeoJSON MultiPoint (RFC 7946, 3.1.3) what is read; other members are allowed."""

    type: Literal["MultiPoint"]
    coordinates: list[Position]


_points_in: Final = msgspec.json.Decoder(MultiPoint | list[Position]).decode


def posted(request: Request) -> bytes:
    """The JSON that was sent. Aborts by 415 where it is called something else, by 413 where it is too long."""
    if request.mimetype not in (JSON, GEOJSON):
        raise UnsupportedMediaType
    return request.get_data(cache=False)


def points(body: bytes, datum: Datum) -> NDArray[np.float64]:
    """A GeoJSON MultiPoint or a JSON list of lon, lat (and heights, unread) as WGS-84, shape (n, 2).

    Raises BadParameters, which names the fault's place, or TooMany for more than MOST_POSTED.
    """
    try:
        read = _points_in(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        where = re.search(r"\$\S*(?=`)", str(fault))
        values = {"where": where[0] if where else "$"}
        raise BadParameters(
            [
                Fault(
                    "body",
                    "Neither a GeoJSON MultiPoint nor a list like [[113.9645,22.5405]]; the fault is at {where}.",
                    values,
                )
            ]
        ) from None
    listed = read if isinstance(read, list) else read.coordinates
    if len(listed) > MOST_POSTED:
        raise TooMany(f"{len(listed):,} points were sent; at most {MOST_POSTED:,} are taken at once")
    return as_wgs84(np.array([each[:2] for each in listed], np.float64).reshape(-1, 2), datum)


class AlongQuery(_Located, frozen=True, kw_only=True):
    """What `/api/v1/along` takes: `from` and `to`, or `path`."""

    from_: From | msgspec.UnsetType = msgspec.field(name="from", default=msgspec.UNSET)
    to: To | msgspec.UnsetType = msgspec.UNSET
    path: Traced | msgspec.UnsetType = msgspec.UNSET
    by: ByDetour = Order.DISTANCE
    max_detour_m: Detour = 1_000.0

    def trip(self, now: datetime, area: Outline) -> Trip:
        """The trip in WGS-84, begun at `at` or now. Raises BadParameters, or OutsideArea for swapped degrees."""
        traced = self.path is not msgspec.UNSET
        if traced and self.by is Order.TIME:
            raise BadParameters([Fault("by", "By time goes with from and to: a path's detours are straight.", {})])
        lonlat = np.array(self._traced() if traced else self._ends(area))
        return Trip(
            as_wgs84(lonlat, self.datum), self.instant(now), self.k, self.max_detour_m,
            self.filter(), self.mode, self.stay_min, traced, self.by,
        )  # fmt: skip

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
            raise BadParameters([Fault("path", "This is not a whole encoded polyline of precision 5.", {})]) from None
        if not 2 <= len(points) <= MOST_POINTS:
            values = {"points": len(points), "most": MOST_POINTS}
            raise BadParameters([Fault("path", "The path has {points} points; 2–{most} are taken.", values)])
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
        lon, lat = _position(self.lon, self.lat, self.datum, area)
        area.require(lon, lat)
        return lon, lat


class CellQuery(_Asked, frozen=True, kw_only=True):
    """What `/api/v1/nearest/cell/{geohash}` takes: nearest's filters, and the quarter hour they are judged at."""

    at: Quarter
    by: WithTimes = Order.DISTANCE
    max_distance_m: Reach = 5_000.0

    def question(self, cell: Cell) -> Question:
        """The question of nobody in particular: it stands in the middle of the cell."""
        lon, lat = cell.middle
        return Question(
            lon, lat, _quarter(self.at), self.k, self.max_distance_m, self.filter(), self.mode, self.stay_min
        )  # fmt: skip


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
        """What is looked for, and from where in WGS-84. Raises BadParameters for half a point, or nothing to find."""
        if (self.lon is msgspec.UNSET) != (self.lat is msgspec.UNSET):
            missing = "lon" if self.lon is msgspec.UNSET else "lat"
            raise BadParameters([Fault(missing, "lon and lat come together or not at all.", {})])
        near = None
        if self.lon is not msgspec.UNSET and self.lat is not msgspec.UNSET:
            near = _position(self.lon, self.lat, self.datum, area)
        try:
            return Wanted(self.q, self.k, near)
        except BadQuestion:
            values = {"value": _shown(self.q), "high": MOST_CODES}
            fault = Fault(
                "q", "{value} must hold 1 to {high} letters, digits or Chinese characters to look for.", values
            )
            raise BadParameters([fault]) from None


class TileOpen(StrEnum):
    """What a tile can ask of the hours: it knows no asker, and so no arrival."""

    ANY = "any"
    NOW = "now"
    ALWAYS = "24h"


class TileQuery(_Filters, frozen=True, kw_only=True):
    """What `/tiles/{version}/{z}/{x}/{y}.json` takes: the filters, and the quarter hour they are judged at."""

    at: Quarter
    open: Annotated[TileOpen, Meta(description="any: all; now: open at `at`; 24h: round the clock.")] = TileOpen.ANY

    def instant(self) -> datetime:
        """The quarter hour. Raises BadParameters for any other minute: the reply is kept for ever under this URL."""
        return _quarter(self.at)


Nearby = Annotated[
    float, Meta(gt=0, le=20_000, description="A place serves that is no farther than this, metres of geodesic.")
]
MinutesAway = Annotated[
    float,
    Meta(
        gt=0,
        le=60,
        description="Instead of reach_m: a place serves that is no farther than this by `mode`, estimated from the "
        "straight line.",
    ),
]
Hourly = Annotated[
    bool,
    Meta(
        description="Whether all 24 hours of a typical day of each kind are told: Monday to Sunday, a public holiday, "
        "a worked weekend day; the next of each from `at` on, or else the last before."
    ),
]
Areas = Annotated[AreasBy, Meta(description="The areas that shares are told by.")]


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

    def instant(self, now: datetime) -> datetime:
        """When opening hours are judged: `at`, or the quarter of an hour that it is now."""
        return quarter_of(now) if self.at is msgspec.UNSET else _bounded(self.at)

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
    """Latitudes pass up to ±180 so that swapped degrees are told so: OutsideArea; others are out of range."""
    if abs(lat) > 90:
        if area.holds(lat, lon):
            area.require(lon, lat)
        message, values = allowed(hint)
        raise BadParameters([Fault(name, message, {**values, "value": _shown(lat)})])


def as_wgs84(lonlat: NDArray[np.float64], datum: Datum) -> NDArray[np.float64]:
    """Points, shape (n, 2), read in a datum and given in WGS-84."""
    return lonlat if datum is Datum.WGS84 else np.stack(to_wgs84(lonlat[:, 0], lonlat[:, 1], datum), axis=1)


def _position(lon: float, lat: float, datum: Datum, area: Outline) -> tuple[float, float]:
    """A point in WGS-84. Raises OutsideArea for swapped degrees that lie in the area, BadParameters for others."""
    _refuse_beyond_pole("lat", Lat, lon, lat, area)
    if datum is not Datum.WGS84:
        lon, lat = map(float, to_wgs84(lon, lat, datum))
    return lon, lat


def _quarter(stated: datetime) -> datetime:
    at = _bounded(stated)
    if at != quarter_of(at):
        raise BadParameters([Fault("at", "The time must be a full quarter of an hour.", {})])
    return at


@lru_cache(maxsize=4096)
def _made(
    kinds: tuple[Kind, ...], needs: tuple[Need, ...], services: tuple[Service, ...], audience: tuple[Audience, ...],
    door: tuple[Door, ...], opening: str, include_unknown: bool,  # noqa: FBT001  # a cache takes no keywords
) -> Filter:  # fmt: skip
    """Few filters are asked often."""
    return Filter(kinds, needs, services, audience, door, Open(opening), include_unknown)


def digest(query: msgspec.Struct) -> str:
    """Short and the same for the same values, whatever their order in the URL: part of an ETag."""
    return hashlib.sha256(msgspec.json.encode(query)).hexdigest()[:16]


def stated(query: msgspec.Struct, leave_out: Sequence[str] = ()) -> dict[str, str]:
    """What a query says that is not the default, as a query string has it; in the order of its fields."""
    usual = {field.name: field.default for field in msgspec.structs.fields(query)}
    said = {name: value for name in usual if (value := getattr(query, name)) not in (usual[name], msgspec.UNSET)}
    return {name: _said(value) for name, value in said.items() if name not in leave_out}


def _said(value: Any) -> str:
    plain = msgspec.to_builtins(value)
    return ",".join(map(str, plain)) if isinstance(plain, list | tuple) else str(plain)


def now() -> datetime:
    """The time a request is answered at, in the city's time zone."""
    return datetime.now(TIMEZONE)


def parse(query: str, into: type[T]) -> T:
    """A query string as a value. Raises BadParameters with every fault: unknown, repeated, empty, out of range."""
    if not query.isascii():  # letters that nobody escaped: WSGI hands their bytes over as Latin-1 (PEP 3333)
        query = query.encode("latin-1", "replace").decode("utf-8", "replace")
    lists = _list_fields(into)
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for pair in query.split("&") if query else ():
        name, _, text = pair.partition("=")
        if name not in fields(into):
            names = ", ".join(fields(into))
            faults.append(Fault(name[:60], "There is no such parameter here; there are: {names}.", {"names": names}))
        elif name in found:
            faults.append(Fault(name, "Given more than once; give it once.", {}))
        else:
            # RFC 3339 has no space, but a "+" that nobody escaped is common.
            value = text if "%" not in text and "+" not in text else _unquoted(name)(text)
            found[name] = value.split(",") if name in lists else value
    if not faults:
        try:
            return msgspec.convert(found, into, strict=False)
        except msgspec.ValidationError:
            pass
    raise BadParameters([*faults, *_field_faults(found, into)])


def _unquoted(name: str) -> Callable[[str], str]:
    return unquote if name in ("at", "datetime") else unquote_plus


def _bounded(at: datetime) -> datetime:
    if not _FIRST_YEAR <= at.year < _LAST_YEAR:
        values = {"low": _FIRST_YEAR, "high": _LAST_YEAR - 1}
        raise BadParameters([Fault("at", "The year must lie within {low}–{high}.", values)])
    return at.astimezone(TIMEZONE)


def _beyond(value: Any, hint: Any) -> bool:
    """Whether a value passes its type but not the narrower range that the document states."""
    stated = get_args(hint)[1].extra_json_schema
    return bool(stated) and not stated["minimum"] <= value <= stated["maximum"]


@cache
def fields(into: type[msgspec.Struct]) -> Mapping[str, Any]:
    """Name -> annotated type of a query's parameters, without UNSET."""
    hints = get_type_hints(into, include_extras=True)
    return {field.encode_name: _without_unset(hints[field.name]) for field in msgspec.structs.fields(into)}


def _without_unset(hint: Any) -> Any:
    if get_origin(hint) is Annotated:
        return hint
    return next((arm for arm in get_args(hint) if arm is not msgspec.UnsetType), hint)


@cache
def _list_fields(into: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(name for name, hint in fields(into).items() if get_origin(get_args(hint)[0]) is tuple)


def _field_faults(found: Mapping[str, Any], into: type[msgspec.Struct]) -> list[Fault]:
    required = {field.encode_name for field in msgspec.structs.fields(into) if field.required}
    faults = [Fault(name, "This parameter is required.", {}) for name in sorted(required - found.keys())]
    for name, value in found.items():
        try:
            read = msgspec.convert(value, fields(into)[name], strict=False)
        except msgspec.ValidationError:
            read = None
        if read is None or _beyond(read, fields(into)[name]):
            message, values = allowed(fields(into)[name])
            faults.append(Fault(name, message, {**values, "value": _shown(value)}))
    return faults


_PLAIN: Final = {
    bool: "{value} is neither true nor false.",
    datetime: "{value} is not a time like 2026-11-21T02:00:00+08:00, with its offset.",
}


def allowed(hint: Any) -> tuple[str, dict[str, object]]:
    """What a parameter's type allows, as a message and its values."""
    plain, meta, *_ = get_args(hint)
    if plain in (int, float):
        return _within(plain, meta)
    if plain in _PLAIN:
        return _PLAIN[plain], {}
    if plain is str:
        return "{value} is not a text of {low} to {high} characters.", _lengths(meta)
    return _listed(plain, meta)


def _listed(plain: Any, meta: Meta) -> tuple[str, dict[str, object]]:
    """What a list's items may be."""
    if get_origin(plain) is not tuple:
        return "{value} is not one of: {words}.", {"words": ", ".join(plain)}
    item = get_args(plain)[0]
    if get_args(plain) == (Lon, Lat):
        return "{value} is not lon,lat in degrees, like {example}.", {"example": (meta.examples or [""])[0]}
    if item is float:
        return "{value} is not {low} or {high} numbers, comma-separated.", _lengths(meta)
    if plain == get_args(Minutes)[0]:
        each = get_args(item)[1]
        message = "{value} is not a list of up to {most} whole numbers within {low}–{high}."
        return message, {"low": each.ge, "high": each.le, "most": meta.max_length}
    return "{value} is not a list of: {words}.", {"words": ", ".join(item)}


def _lengths(meta: Meta) -> dict[str, object]:
    return {"low": meta.min_length, "high": meta.max_length}


def _within(plain: type, meta: Meta) -> tuple[str, dict[str, object]]:
    """What a number's range allows."""
    low, high = meta.ge if meta.ge is not None else meta.gt, meta.le
    if meta.extra_json_schema:
        low, high = meta.extra_json_schema["minimum"], meta.extra_json_schema["maximum"]
    if high is None:
        return "{value} is not a whole number of {low} or more.", {"low": low}
    above = meta.gt is not None
    if plain is int:
        return "{value} is not a whole number within {low}–{high}.", {"low": low, "high": high}
    message = (
        "{value} is not a number above {low}, up to {high}."
        if above
        else "{value} is not a number within {low}–{high}."
    )
    return message, {"low": low, "high": high}


def _shown(value: object) -> str:
    """A caller's text, short enough to read and never echoed whole."""
    text = ",".join(value) if isinstance(value, list) else str(value)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
