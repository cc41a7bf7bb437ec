"""Query strings become values here and nowhere else. One Struct per endpoint checks; OpenAPI is drawn from it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import unquote, unquote_plus

import msgspec
from msgspec import Meta

from app.problems import BadParameters, Fault
from app.words import Language
from geodata.cells import Cell, quarter_of
from geodata.coordinates import Datum, to_wgs84
from geodata.hours import TIMEZONE
from geodata.outline import Outline
from geodata.search import Filter, Open, Question
from geodata.vocabulary import Audience, Door, Kind, Mode, Need, Service


class Order(StrEnum):
    """What a list is ordered by."""

    DISTANCE = "distance"
    TIME = "time"


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

#: Years that opening hours are judged in; the calendar knows fewer, and says so.
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100


Stay = Annotated[int, Meta(ge=0, le=480, description="With open=at_arrival: minutes that one wants to stay.")]
Travel = Annotated[Mode, Meta(description="How one travels; decides the estimated time and so the arrival.")]
By = Annotated[Order, Meta(description="What the list is ordered by. Without a road network both orders are the same.")]
Widen = Annotated[
    bool,
    Meta(
        description="When fewer than k match: opening within 30 minutes will do, then unknown hours, then a wider "
        "radius; each step is listed in `relaxed`."
    ),
]


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


class NearestQuery(_Filters, frozen=True, kw_only=True):
    """What `/api/v1/nearest` takes."""

    lon: Lon
    lat: Lat
    k: Count = 10
    open: Opening = Open.ANY
    at: Instant | msgspec.UnsetType = msgspec.UNSET
    stay_min: Stay = 0
    mode: Travel = Mode.WALK
    by: By = Order.DISTANCE
    max_distance_m: Reach = 5_000.0
    widen: Widen = False
    datum: InDatum = Datum.WGS84
    lang: InLanguage | msgspec.UnsetType = msgspec.UNSET

    def question(self, now: datetime, area: Outline) -> Question:
        """The question in WGS-84, at `at` or now. Raises OutsideArea for swapped degrees, BadParameters for others."""
        lon, lat = self.lon, self.lat
        if abs(lat) > 90:
            if area.holds(lat, lon):
                area.require(lon, lat)
            message, values = allowed(Lat)
            raise BadParameters([Fault("lat", message, {**values, "value": _shown(lat)})])
        if self.datum is not Datum.WGS84:
            lon, lat = map(float, to_wgs84(lon, lat, self.datum))
        at = now if self.at is msgspec.UNSET else _bounded(self.at)
        return Question(
            lon, lat, at, self.k, self.max_distance_m, self.filter(), self.mode, self.stay_min, self.widen
        )  # fmt: skip


class CellQuery(_Filters, frozen=True, kw_only=True):
    """What `/api/v1/nearest/cell/{geohash}` takes: nearest's filters, and the quarter hour they are judged at."""

    at: Quarter
    k: Count = 10
    open: Opening = Open.ANY
    stay_min: Stay = 0
    mode: Travel = Mode.WALK
    max_distance_m: Reach = 5_000.0

    def question(self, cell: Cell) -> Question:
        """The question of nobody in particular: it stands in the middle of the cell."""
        lon, lat = cell.middle
        return Question(
            lon, lat, _quarter(self.at), self.k, self.max_distance_m, self.filter(), self.mode, self.stay_min
        )  # fmt: skip


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


class NoQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What an endpoint takes that has no parameters but the language of its errors."""

    lang: InLanguage | msgspec.UnsetType = msgspec.UNSET


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
        if name not in into.__struct_fields__:
            names = ", ".join(into.__struct_fields__)
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
    return {name: _without_unset(hints[name]) for name in into.__struct_fields__}


def _without_unset(hint: Any) -> Any:
    if get_origin(hint) is Annotated:
        return hint
    return next((arm for arm in get_args(hint) if arm is not msgspec.UnsetType), hint)


@cache
def _list_fields(into: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(name for name, hint in fields(into).items() if get_origin(get_args(hint)[0]) is tuple)


def _field_faults(found: Mapping[str, Any], into: type[msgspec.Struct]) -> list[Fault]:
    required = {field.name for field in msgspec.structs.fields(into) if field.required}
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


def allowed(hint: Any) -> tuple[str, dict[str, object]]:
    """What a parameter's type allows, as a message and its values."""
    plain, meta, *_ = get_args(hint)
    if plain in (int, float):
        return _allowed_number(plain, meta)
    if plain is bool:
        return "{value} is neither true nor false.", {}
    if plain is datetime:
        return "{value} is not a time like 2026-11-21T02:00:00+08:00, with its offset.", {}
    if plain is str:
        return "{value} is not a text of {low} to {high} characters.", _lengths(meta)
    return _allowed_words(plain, meta)


def _allowed_number(plain: type, meta: Meta) -> tuple[str, dict[str, object]]:
    low, high = meta.ge if meta.ge is not None else meta.gt, meta.le
    if meta.extra_json_schema:
        low, high = meta.extra_json_schema["minimum"], meta.extra_json_schema["maximum"]
    if high is None:
        return "{value} is not a whole number of {low} or more.", {"low": low}
    if plain is int:
        return "{value} is not a whole number within {low}–{high}.", {"low": low, "high": high}
    message = (
        "{value} is not a number above {low}, up to {high}."
        if meta.gt is not None
        else "{value} is not a number within {low}–{high}."
    )
    return message, {"low": low, "high": high}


def _allowed_words(plain: Any, meta: Meta) -> tuple[str, dict[str, object]]:
    if get_origin(plain) is not tuple:
        return "{value} is not one of: {words}.", {"words": ", ".join(plain)}
    item = get_args(plain)[0]
    if item is float:
        return "{value} is not {low} or {high} numbers, comma-separated.", _lengths(meta)
    return "{value} is not a list of: {words}.", {"words": ", ".join(item)}


def _lengths(meta: Meta) -> dict[str, object]:
    return {"low": meta.min_length, "high": meta.max_length}


def _shown(value: object) -> str:
    """A caller's text, short enough to read and never echoed whole."""
    text = ",".join(value) if isinstance(value, list) else str(value)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
