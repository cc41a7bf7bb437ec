"""One table from error to status to RFC 9457 problem (or a readable page).

The only place that knows 4xx numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from app.live.current import VersionGone
from app.response.csp import policy
from app.response.former import Vanished
from app.response.headers import reply
from app.response.rate import TooOften
from app.words import Language, distance_text, is_translated, preferred, say
from geodata.errors import (
    BadQuestion,
    BadValue,
    NoDemand,
    NoSuchPlace,
    NuanfengError,
    OutsideArea,
    PlaceGone,
    StoreError,
)

MIMETYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One parameter that cannot be read; `message` with `values` says what is allowed."""

    parameter: str
    message: str
    values: Mapping[str, object]


class BadParameters(NuanfengError):
    """A query string with faults; all of them, so that a caller mends them at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            " ".join(
                f"{fault.parameter}: {fault.message.format(**fault.values)}" for fault in faults
            )
        )
        self.faults = tuple(faults)


class TooMany(NuanfengError):
    """A body with more points than are taken at once."""


class NoSuchCollection(NuanfengError):
    """A collection that there is not."""


class NoSuchFeature(NuanfengError):
    """A feature that a collection has not."""


class StillMade(NuanfengError):
    """A file that is being made."""


class NoHost(NuanfengError):
    """A request that does not say in a usable way which host, and by which scheme, it asks."""


class Busy(NuanfengError):
    """More requests at once than a process takes on."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: the last part of its type URI, its status and its title."""

    slug: str
    status: int
    title: str


_GONE: Final = Kind("place-gone", 410, "This place is no longer there")
KINDS: Final[Mapping[type[Exception], Kind]] = {
    BadParameters: Kind("invalid-parameter", 400, "A parameter cannot be read"),
    BadValue: Kind("invalid-value", 400, "A value cannot be read"),
    BadQuestion: Kind("invalid-question", 400, "The question cannot be answered"),
    OutsideArea: Kind("outside-area", 422, "The point is outside the service area"),
    NoSuchPlace: Kind("no-such-place", 404, "There is no such place"),
    PlaceGone: _GONE,
    Vanished: _GONE,
    NoSuchCollection: Kind("no-such-collection", 404, "There is no such collection"),
    NoSuchFeature: Kind("no-such-feature", 404, "There is no such feature"),
    NoDemand: Kind("no-demand", 404, "This dataset has no demand to take shares of"),
    VersionGone: Kind("version-gone", 410, "This version of the data is no longer served"),
    NoHost: Kind("no-host", 400, "The request does not say which host it is for"),
    TooMany: Kind("too-many-points", 413, "There are too many points"),
    TooOften: Kind("too-often", 429, "This address has posted too often"),
    StoreError: Kind("no-data", 503, "No data can be read at the moment"),
    StillMade: Kind("still-made", 503, "This file is being made"),
    Busy: Kind("busy", 503, "Too many ask at this moment"),
}
STATUS_KINDS: Final[Mapping[int, Kind]] = {
    400: Kind("bad-request", 400, "The request cannot be read"),
    404: Kind("not-found", 404, "There is nothing at this address"),
    405: Kind("method-not-allowed", 405, "This address does not take this method"),
    413: Kind("too-large", 413, "The request is too large"),
    416: Kind("no-such-range", 416, "The file has no such range of bytes"),
    414: Kind("uri-too-long", 414, "The address is too long"),
    415: Kind("unsupported-media-type", 415, "This media type is not read here"),
}
BROKEN: Final = Kind("internal-error", 500, "Something went wrong on our side")
#: Title of what HTTP knows beside STATUS_KINDS.
_REFUSED: Final = "This request is not answered"

#: Refusals that pass by themselves say when.
TRANSIENT: Final = frozenset({429, 503})
#: After how many seconds another try is worth it.
_RETRY_S: Final[Mapping[type[Exception], str]] = {Busy: "1", StillMade: "10"}
_USUAL_RETRY_S: Final = "5"

HINTS: Final[Mapping[str, str]] = {
    "swapped": "Swapped? Send lon first, then lat.",
    "gcj02": "Read as GCJ-02 the point would lie inside: send datum=gcj02.",
    "bd09": "Read as BD-09 the point would lie inside: send datum=bd09.",
}


def install(app: Flask) -> None:
    """Answer every error of the app with a problem."""
    app.register_error_handler(NuanfengError, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def answer(error: NuanfengError) -> Response:
    """The reply to an error that is in the table."""
    kind = kind_of(type(error))
    if kind is BROKEN:
        return _broken(error)
    retry = (("Retry-After", _retry_s(error)),) if kind.status in TRANSIENT else ()
    return _write(kind, _detail(error), _members(error), retry)


def kind_of(error: type[Exception]) -> Kind:
    """The kind of an error: its own, or that of the nearest class it inherits from.

    BROKEN for what no request should ever meet.
    """
    return next((KINDS[base] for base in error.__mro__ if base in KINDS), BROKEN)


def _retry_s(error: NuanfengError) -> str:
    if isinstance(error, TooOften):
        return str(error.retry_after_s)
    bases = type(error).__mro__
    return next((_RETRY_S[base] for base in bases if base in _RETRY_S), _USUAL_RETRY_S)


def _http(error: HTTPException) -> Response:
    if isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    kind = STATUS_KINDS.get(status, Kind(f"http-{status}", status, _REFUSED))
    methods = getattr(error, "valid_methods", None) or ()
    allow = (("Allow", ", ".join(sorted(methods))),) if methods else ()
    length = getattr(error, "length", None)  # of the file that a range was asked of
    whole = () if length is None else (("Content-Range", f"bytes */{length}"),)
    return _write(kind, say(_language(), kind.title), {}, (*allow, *whole))


def _broken(error: Exception) -> Response:
    from flask import current_app

    current_app.logger.error("%s on %s", type(error).__name__, request.url_rule, exc_info=error)
    return _write(BROKEN, say(_language(), BROKEN.title), {})


def _detail(error: NuanfengError) -> str:
    language = _language()
    if isinstance(error, BadParameters):
        return " ".join(
            f"{fault.parameter}: {say(language, fault.message, **fault.values)}"
            for fault in error.faults
        )
    if isinstance(error, OutsideArea):
        west, south, east, north = (f"{edge:.2f}" for edge in error.bounds)
        where = say(
            language,
            "The point lies outside {area} ({west}–{east} E, {south}–{north} N).",
            area=error.area if language is Language.CHINESE else error.area_en,
            west=west,
            south=south,
            east=east,
            north=north,
        )
        return f"{where} {say(language, HINTS[error.hint])}" if error.hint else where
    if isinstance(error, StoreError):
        return say(language, "Try again in a moment; the operator has been told.")
    # What no one translated is for operators, and in English: others are told what kind it is.
    known = is_translated(language, error.message)
    message = error.message if known else kind_of(type(error)).title
    return say(language, message, **(error.values if known else {}))


def _members(error: NuanfengError) -> Mapping[str, object]:
    """What a problem says beyond the five members of every problem (RFC 9457, 3.2)."""
    language = _language()
    if isinstance(error, BadParameters):
        faults = (
            (fault.parameter, say(language, fault.message, **fault.values))
            for fault in error.faults
        )
        return {
            "errors": [{"parameter": parameter, "detail": detail} for parameter, detail in faults]
        }
    if isinstance(error, Vanished):
        gone, other = error.place, error.nearest
        near = other and {
            "id": other.id,
            "name": other.name,
            "distance_m": round(other.distance_m, 1),
            "open_now": other.open_now,
            "url": f"/p/{other.id}",
        }
        told = {"id": gone.place_id, "name": gone.name, "since": gone.since.isoformat()}
        return {"gone": told, "nearest": near, "synthetic": error.synthetic}
    return {}


def _language() -> Language:
    return preferred(request.args.get("lang"), request.headers.get("Accept-Language"))


def _write(
    kind: Kind, detail: str, members: Mapping[str, object], extra: tuple[tuple[str, str], ...] = ()
) -> Response:
    language = _language()
    title = say(language, kind.title)
    headers = (
        *extra,
        ("Vary", "Accept, Accept-Language, Accept-Encoding"),
        ("Content-Language", language),
    )
    if wants_html():
        page = render_template(
            "problem.html",
            title=title,
            detail=detail,
            status=kind.status,
            language=language,
            near=members.get("nearest"),
            synthetic=members.get("synthetic"),
            distance_text=distance_text,
        )
        return reply(
            page.encode(),
            "text/html",
            "no-store",
            status=kind.status,
            extra=(*headers, *policy(page)),
        )
    body: dict[str, object] = {
        "type": f"/docs#{kind.slug}",
        "title": title,
        "status": kind.status,
        "detail": detail,
        "instance": request.path,
    }
    return reply(
        msgspec.json.encode(body | {**members}),
        MIMETYPE,
        "no-store",
        status=kind.status,
        extra=headers,
    )


def wants_html() -> bool:
    """Whether the caller asks for a page rather than for data."""
    accepted = request.accept_mimetypes
    return (
        bool(accepted)
        and accepted.best_match(["application/json", "text/html"], "application/json")
        == "text/html"
    )
