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
from app.response.mount import root
from app.response.rate import TooOften
from app.response.refusals import (
    CrossSite,
    DeskRefusal,
    EndedWishes,
    FormerDirectory,
    Hot,
    KeyReused,
    NoSuchEntry,
    NoSuchLetter,
    NoSuchNotice,
    NoSuchReport,
    NoSuchThing,
    NoticeEnded,
    NoticeMoved,
    NoticesGone,
    NotNow,
    NotSignedIn,
    NotYours,
    OldForm,
    OnlyHttps,
    SignInFailed,
    Spent,
    TakesNoLetters,
    TooLate,
    Wait,
)
from app.words import Language, distance_text, is_said, preferred, say
from geodata.errors import (
    BadQuestion,
    BadValue,
    NoDemand,
    NoSuchPlace,
    NuanfengError,
    OutsideArea,
    StoreError,
)

MIMETYPE: Final = "application/problem+json"
#: In a request's environment: the rule that its path matched, the kind of problem that it was
#: answered with, and the language that who is signed in has chosen.
ROUTE: Final = "nuanfeng.route"
PROBLEM: Final = "nuanfeng.problem"
CHOSEN: Final = "nuanfeng.language"


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


class Busy(Wait):
    """More requests at once than a process takes on."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "Too many ask at this moment; ask again in {seconds} s.",
            retry_after_s,
            seconds=retry_after_s,
        )


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem: the last part of its type URI, its status and its title."""

    slug: str
    status: int
    title: str


KINDS: Final[Mapping[type[Exception], ProblemType]] = {
    BadParameters: ProblemType("invalid-parameter", 400, "A parameter cannot be read"),
    BadValue: ProblemType("invalid-value", 400, "A value cannot be read"),
    BadQuestion: ProblemType("invalid-question", 400, "The question cannot be answered"),
    OutsideArea: ProblemType("outside-area", 422, "The point is outside the service area"),
    NoSuchPlace: ProblemType("no-such-place", 404, "There is no such place"),
    Vanished: ProblemType("place-gone", 410, "This place is no longer there"),
    NoSuchCollection: ProblemType("no-such-collection", 404, "There is no such collection"),
    NoSuchFeature: ProblemType("no-such-feature", 404, "There is no such feature"),
    NoDemand: ProblemType("no-demand", 404, "This dataset has no demand to take shares of"),
    VersionGone: ProblemType("version-gone", 410, "This version of the data is no longer served"),
    NoticesGone: ProblemType(
        "notices-gone", 410, "This revision of the notices is no longer served"
    ),
    NoSuchNotice: ProblemType("no-such-notice", 404, "There is no such notice"),
    NoticeEnded: ProblemType("notice-ended", 409, "This notice was cancelled"),
    NoticeMoved: ProblemType("notice-moved", 409, "Another version took its place"),
    NoHost: ProblemType("no-host", 400, "The request does not say which host it is for"),
    TooMany: ProblemType("too-many-points", 413, "There are too many points"),
    TooOften: ProblemType("too-often", 429, "This address has posted too often"),
    Spent: ProblemType("too-much-said", 429, "This network has posted too often"),
    Hot: ProblemType("proof-of-work", 429, "This needs a proof of work"),
    KeyReused: ProblemType("key-reused", 422, "This Idempotency-Key was used for something else"),
    CrossSite: ProblemType("cross-site", 403, "This does not come from our own pages"),
    NoSuchEntry: ProblemType("no-such-entry", 404, "There is no such entry in the directory"),
    FormerDirectory: ProblemType(
        "former-directory", 404, "This revision of the directory does not hold any more"
    ),
    NoSuchLetter: ProblemType("no-such-letter", 404, "There is no such letter"),
    EndedWishes: ProblemType("ended-wishes", 409, "These wishes have ended"),
    NotNow: ProblemType("not-now", 409, "This cannot happen to the letter as it stands"),
    TakesNoLetters: ProblemType("no-letters", 403, "No letters are taken here"),
    NoSuchReport: ProblemType("no-such-report", 404, "There is no such report"),
    TooLate: ProblemType("too-late", 409, "This can no longer be taken back"),
    DeskRefusal: ProblemType("refused-at-desk", 409, "This cannot be done as things stand"),
    NotSignedIn: ProblemType("not-signed-in", 403, "You are not signed in"),
    NotYours: ProblemType("not-yours", 403, "Your account may not do this"),
    OldForm: ProblemType("old-form", 403, "This form is too old"),
    NoSuchThing: ProblemType("no-such-thing", 404, "There is nothing of this name"),
    SignInFailed: ProblemType("sign-in-failed", 403, "Signing in did not work"),
    OnlyHttps: ProblemType("only-https", 403, "The desk is used over https"),
    StoreError: ProblemType("no-data", 503, "No data can be read at the moment"),
    StillMade: ProblemType("still-made", 503, "This file is being made"),
    Busy: ProblemType("busy", 503, "Too many ask at this moment"),
}
STATUS_KINDS: Final[Mapping[int, ProblemType]] = {
    400: ProblemType("bad-request", 400, "The request cannot be read"),
    404: ProblemType("not-found", 404, "There is nothing at this address"),
    405: ProblemType("method-not-allowed", 405, "This address does not take this method"),
    406: ProblemType("not-acceptable", 406, "This is not sent in a form that was asked for"),
    408: ProblemType("request-timeout", 408, "The request did not arrive in time"),
    410: ProblemType("gone", 410, "This is no longer there"),
    411: ProblemType("length-required", 411, "The request must say how long it is"),
    412: ProblemType("precondition-failed", 412, "A condition of the request does not hold"),
    413: ProblemType("too-large", 413, "The request is too large"),
    414: ProblemType("uri-too-long", 414, "The address is too long"),
    415: ProblemType("unsupported-media-type", 415, "This media type is not read here"),
    416: ProblemType("no-such-range", 416, "The file has no such range of bytes"),
    422: ProblemType("unprocessable", 422, "The request can be read, but not be answered"),
    429: ProblemType("too-many-requests", 429, "There were too many requests"),
    431: ProblemType("headers-too-large", 431, "The request's headers are too large"),
}
#: Of every other status.
REFUSED: Final = "The request was refused"
BROKEN: Final = ProblemType("internal-error", 500, "Something went wrong on our side")

#: Refusals that pass by themselves say when.
TRANSIENT: Final = frozenset({429, 503})
#: After how many seconds another try is worth it.
_RETRY_S: Final[Mapping[type[Exception], str]] = {StillMade: "10"}
_USUAL_RETRY_S: Final = "5"

HINTS: Final[Mapping[str, str]] = {
    "swapped": "Swapped? Send lon first, then lat.",
    "gcj02": "Read as GCJ-02 the point would lie inside: send datum=gcj02.",
    "bd09": "Read as BD-09 the point would lie inside: send datum=bd09.",
}


def slugs() -> list[str]:
    """The kinds of problems, by the last part of their type URI, each once."""
    kinds = (*KINDS.values(), *STATUS_KINDS.values(), BROKEN)
    return sorted({kind.slug for kind in kinds})


#: The kinds of problems that tell who asks to come back later.
SHEDS: Final = frozenset(kind.slug for kind in KINDS.values() if kind.status in TRANSIENT)


def install(app: Flask) -> None:
    """Answer every error of the app with a problem."""
    app.register_error_handler(NuanfengError, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def answer(error: NuanfengError) -> Response:
    """The reply to an error that is in the table."""
    kind = kind_of(type(error))
    retry = (("Retry-After", _retry_s(error)),) if kind.status in TRANSIENT else ()
    return _write(kind, _detail(error, kind), _members(error), retry)


def told(error: NuanfengError) -> tuple[int, str, int]:
    """An error as a page says it that goes on: its status, what was wrong in the request's
    language, and after how many seconds to try again (0: nothing passes by itself).
    """
    kind = kind_of(type(error))
    retry_s = int(_retry_s(error)) if kind.status in TRANSIENT else 0
    return kind.status, _detail(error, kind), retry_s


def kind_of(error: type[NuanfengError]) -> ProblemType:
    """The kind of problem that an error is: its own, else that of what it is derived from.

    An error that no request should meet is one of ours.
    """
    return next((KINDS[base] for base in error.__mro__ if base in KINDS), BROKEN)


def _retry_s(error: NuanfengError) -> str:
    return (
        str(error.retry_after_s)
        if isinstance(error, TooOften | Wait)
        else _RETRY_S.get(type(error), _USUAL_RETRY_S)
    )


def _http(error: HTTPException) -> Response:
    if isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    kind = STATUS_KINDS.get(status, ProblemType(f"http-{status}", status, REFUSED))
    methods = getattr(error, "valid_methods", None) or ()
    allow = (("Allow", ", ".join(sorted(methods))),) if methods else ()
    length = getattr(error, "length", None)  # of the file that a range was asked of
    whole = () if length is None else (("Content-Range", f"bytes */{length}"),)
    return _write(kind, say(_language(), kind.title), {}, (*allow, *whole))


def _broken(error: Exception) -> Response:
    from flask import current_app

    current_app.logger.error("%s on %s", type(error).__name__, request.url_rule, exc_info=error)
    return _write(BROKEN, say(_language(), BROKEN.title), {})


def _detail(error: NuanfengError, kind: ProblemType) -> str:
    """What was wrong, in one language: of words that have no translation only the title is said."""
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
            area=error.area,
            west=west,
            south=south,
            east=east,
            north=north,
        )
        return f"{where} {say(language, HINTS[error.hint])}" if error.hint else where
    if isinstance(error, StoreError):
        return say(language, "Try again in a moment; the operator has been told.")
    if kind is BROKEN or not is_said(language, error.message):
        return say(language, kind.title)
    return say(language, error.message, **error.values)


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
    if isinstance(error, Hot):
        return {"challenge": error.challenge, "bits": error.bits, "expires": error.expires}
    if isinstance(error, Vanished):
        gone, other = error.place, error.nearest
        near = other and {
            "id": other.id,
            "name": other.name,
            "distance_m": round(other.distance_m, 1),
            "open_now": other.open_now,
            "url": f"{root()}/p/{other.id}",
        }
        told = {"id": gone.place_id, "name": gone.name, "since": gone.since.isoformat()}
        return {"gone": told, "nearest": near, "synthetic": error.synthetic}
    return {}


def _language() -> Language:
    chosen: Language | None = request.environ.get(CHOSEN)
    return chosen or preferred(request.args.get("lang"), request.headers.get("Accept-Language"))


def _write(
    kind: ProblemType,
    detail: str,
    members: Mapping[str, object],
    extra: tuple[tuple[str, str], ...] = (),
) -> Response:
    request.environ[PROBLEM] = kind.slug
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
            at_desk=request.path.startswith("/desk/"),
            kind=kind.slug,
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
        "type": f"{root()}/docs#{kind.slug}",
        "title": title,
        "status": kind.status,
        "detail": detail,
        "instance": root() + request.path,
    }
    return reply(
        msgspec.json.encode(body | {**members}),
        MIMETYPE,
        "no-store",
        status=kind.status,
        cors=not is_own(),
        extra=headers,
    )


def is_own() -> bool:
    """Whether a request is a post of voice, which our own pages alone send."""
    return request.blueprint == "voice" and request.method in ("POST", "DELETE")


def wants_html() -> bool:
    """Whether the caller asks for a page rather than for data."""
    accepted = request.accept_mimetypes
    return (
        bool(accepted)
        and accepted.best_match(["application/json", "text/html"], "application/json")
        == "text/html"
    )
