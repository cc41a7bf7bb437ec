"""`/limits`: every bound of a server with its number and its reply, out of the constants that
hold it.

States no number of its own.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

from flask import Blueprint, Response
from msgspec import Meta

from app.api import downloads
from app.live.current import Live
from app.pages import rendering
from app.pages.city import city
from app.request import letters, ogc_queries, posted, queries, types
from app.response import connections, limits, pace
from app.response.concurrency import RequestKind, seats
from app.response.problems import KINDS, STATUS_KINDS, ProblemType
from app.response.turns import MOST_ANSWERING, MOST_COMPUTING, MOST_QUEUED_S, MOST_WAITING_S
from app.settings import DEFAULT_DATASET, Settings
from app.voice import letters as kept_letters
from app.voice import plates, posting, proof, report_posts
from app.words import Language, say
from geodata.search import along, cells, tiles
from geodata.store.files import Dataset


class Unit(StrEnum):
    """What a bound is counted in, as it is said."""

    BYTES = "{number} bytes"
    CHARACTERS = "{number} characters"
    PLACES = "{number} places"
    POINTS = "{number} points"
    METRES = "{number} m"
    MINUTES = "{number} minutes"
    SECONDS = "{number} s"
    BYTES_A_SECOND = "{number} bytes a second"
    REQUESTS = "{number} at once"
    AN_HOUR = "{number} an hour"
    ZOOMS = "zoom {number}"
    FIELDS = "{number} fields"
    MEGABYTES = "{number} MB"
    VERSIONS = "{number} versions"
    DAYS = "{number} days"


#: Replies that are no problem.
CLOSED: Final = "the connection is closed"
WAITS: Final = "the next one waits"
SHORTENED: Final = "so many are sent, and a link to the rest"
REPLACED: Final = "the worker is replaced, and answers what it has begun"
FORGOTTEN: Final = "the oldest is deleted"
DESTROYED: Final = "it is destroyed"


class Bound(NamedTuple):
    """One bound."""

    name: str
    """A word that tests and papers call it by."""
    what: str
    """The English message that says what is bounded."""
    most: float
    unit: Unit
    reply: ProblemType | str
    """What answers who goes beyond it: a problem, or one of the messages above."""
    setting: str = ""
    """Who sets it; empty: nobody."""

    def named(self, language: Language) -> str:
        """What is bounded, as it is read."""
        return say(language, self.what)

    def number(self, language: Language) -> str:
        """The bound as it is read."""
        most = int(self.most) if self.most == int(self.most) else self.most
        return say(language, self.unit, number=f"{most:,}")

    def answered(self, language: Language) -> str:
        """The reply as it is read: with its status, if it is a problem."""
        if isinstance(self.reply, str):
            return say(language, self.reply)
        return f"{self.reply.status} {say(language, self.reply.title)}"


_PROBLEMS: Final = {kind.slug: kind for kind in (*KINDS.values(), *STATUS_KINDS.values())}
_PARAMETER: Final = _PROBLEMS["invalid-parameter"]
_QUESTION: Final = _PROBLEMS["invalid-question"]
_BUSY: Final = _PROBLEMS["busy"]
_SPENT: Final = _PROBLEMS["too-much-said"]
_TOO_LARGE: Final = _PROBLEMS["too-large"]


def _meta(hint: Any) -> Meta:
    found: Meta = get_args(hint)[1]
    return found


def _most(hint: Any) -> float:
    """The largest number that a parameter's type lets through."""
    return float(_meta(hint).le or 0)


def _longest(hint: Any) -> float:
    """The most items or characters of it."""
    return float(_meta(hint).max_length or 0)


def sections(chosen: Settings) -> dict[str, tuple[Bound, ...]]:
    """Every bound of a server with these settings, under headings (English messages)."""
    return {
        "What is sent": tuple(_sent()),
        "What is asked": tuple(_asked()),
        "How much at once": tuple(_at_once(chosen)),
        "How often": tuple(_how_often(chosen)),
        "How long": tuple(_how_long()),
        "What is kept": tuple(_kept(chosen)),
    }


def _sent() -> Iterator[Bound]:
    yield Bound(
        "head",
        "An address with all headers",
        limits.MOST_HEAD_BYTES,
        Unit.BYTES,
        _PROBLEMS["headers-too-large"],
    )
    yield Bound("body", "A body", limits.MOST_BODY_BYTES, Unit.BYTES, _TOO_LARGE)
    yield Bound(
        "post", "A report, a letter, a wish or a form", posting.MOST_BYTES, Unit.BYTES, _TOO_LARGE
    )
    yield Bound(
        "batch",
        "Points of one batch",
        posted.MOST_POSTED,
        Unit.POINTS,
        _PROBLEMS["too-many-points"],
    )
    yield Bound(
        "fields", "Fields of a form", limits.MOST_FIELDS, Unit.FIELDS, _PROBLEMS["bad-request"]
    )
    yield Bound(
        "desk fields",
        "Fields of a form of the desk",
        limits.MOST_DESK_FIELDS,
        Unit.FIELDS,
        _PROBLEMS["bad-request"],
    )
    yield Bound("letter", "The text of a letter", letters.MOST_TEXT, Unit.CHARACTERS, _PARAMETER)


def _asked() -> Iterator[Bound]:
    for name, what, most, unit, reply in (
        ("k", "k: places of a list", _most(types.Count), Unit.PLACES, _PARAMETER),
        ("reach", "max_distance_m: how far away", _most(types.Reach), Unit.METRES, _PARAMETER),
        ("stay", "stay_min: how long one stays", _most(types.Stay), Unit.MINUTES, _PARAMETER),
        ("typed", "q: what is looked for", _longest(types.Typed), Unit.CHARACTERS, _PARAMETER),
        ("path", "path: points of a way", along.MOST_POINTS, Unit.POINTS, _PARAMETER),
        ("way", "path: its length", along.MOST_PATH_M, Unit.METRES, _QUESTION),
        ("detour", "max_detour_m: a detour", _most(types.Detour), Unit.METRES, _PARAMETER),
        (
            "minutes",
            "minutes: how far one travels",
            _most(get_args(get_args(types.Minutes)[0])[0]),
            Unit.MINUTES,
            _PARAMETER,
        ),
        ("coverage", "reach_m: of coverage", _most(types.Nearby), Unit.METRES, _PARAMETER),
        ("cell", "The geohash of a cell", cells.LENGTHS.stop - 1, Unit.CHARACTERS, _QUESTION),
        ("tile", "A tile of the map", tiles.MOST_ZOOM, Unit.ZOOMS, _QUESTION),
        (
            "limit",
            "limit: a page of OGC API – Features",
            ogc_queries.MOST_LIMIT,
            Unit.PLACES,
            SHORTENED,
        ),
    ):
        yield Bound(name, what, most, unit, reply)


def _at_once(chosen: Settings) -> Iterator[Bound]:
    most, setting = chosen.max_concurrent, "NUANFENG_MAX_CONCURRENT"
    most_open = limits.MOST_CONNECTIONS
    yield Bound("requests", "Requests of one worker", most, Unit.REQUESTS, _BUSY, setting)
    yield Bound(
        "dear",
        "of these along, isochrone, batch, coverage, search, lists and downloads",
        seats(most, RequestKind.DEAR),
        Unit.REQUESTS,
        _BUSY,
        setting,
    )
    yield Bound(
        "stored",
        "of these what a database keeps",
        seats(most, RequestKind.STORED),
        Unit.REQUESTS,
        _BUSY,
        setting,
    )
    yield Bound("computing", "of the dear ones computed", MOST_COMPUTING, Unit.REQUESTS, WAITS)
    yield Bound("turn", "Waiting to be computed", MOST_WAITING_S, Unit.SECONDS, _BUSY)
    yield Bound("answering", "of the cheap ones answered", MOST_ANSWERING, Unit.REQUESTS, WAITS)
    yield Bound("queued", "Waiting to be answered", MOST_QUEUED_S, Unit.SECONDS, _BUSY)
    yield Bound("connections", "Connections of one worker", most_open, Unit.REQUESTS, WAITS)


def _how_often(chosen: Settings) -> Iterator[Bound]:
    yield Bound(
        "batches",
        "Batches of one address, of each worker",
        chosen.posts_per_hour,
        Unit.AN_HOUR,
        _PROBLEMS["too-often"],
        "NUANFENG_POSTS_PER_HOUR",
    )
    for name, what, most, reply, setting in (
        (
            "reports",
            "Reports of one network",
            chosen.reports_per_hour,
            _SPENT,
            "NUANFENG_REPORTS_PER_HOUR",
        ),
        (
            "hot",
            "Reports about one place without a proof of work",
            chosen.reports_per_place // 2,
            _PROBLEMS["proof-of-work"],
            "NUANFENG_REPORTS_PER_PLACE",
        ),
        (
            "place",
            "Reports about one place",
            chosen.reports_per_place,
            _SPENT,
            "NUANFENG_REPORTS_PER_PLACE",
        ),
        (
            "wishes",
            "Wishes of one network",
            chosen.wishes_per_hour,
            _SPENT,
            "NUANFENG_WISHES_PER_HOUR",
        ),
        (
            "letters",
            "Letters of one network",
            chosen.letters_per_hour,
            _SPENT,
            "NUANFENG_LETTERS_PER_HOUR",
        ),
        ("codes", "Wrong receipts of one network", posting.Limits().codes, _SPENT, ""),
        ("scans", "Plates that one network scans", report_posts.PLATES_PER_HOUR, _SPENT, ""),
    ):
        yield Bound(name, what, most, Unit.AN_HOUR, reply, setting)


def _how_long() -> Iterator[Bound]:
    yield Bound(
        "head-time",
        "Until the headers of a request are there",
        limits.HEAD_WITHIN_S,
        Unit.SECONDS,
        CLOSED,
    )
    yield Bound("still", "A body, sent or read, without a byte", pace.STILL_S, Unit.SECONDS, CLOSED)
    yield Bound(
        "pace",
        "The least of a body over a minute",
        pace.LEAST_BYTES_PER_S,
        Unit.BYTES_A_SECOND,
        CLOSED,
    )
    yield Bound(
        "quiet", "A connection on which nothing is sent", connections.QUIET_S, Unit.SECONDS, CLOSED
    )
    yield Bound(
        "file",
        "Waiting for a file that is being made",
        downloads.WAIT_S,
        Unit.SECONDS,
        _PROBLEMS["still-made"],
    )
    yield Bound(
        "half a body",
        "A body that is awaited when a server is stopped",
        connections.GIVEN_UP_AFTER_S,
        Unit.SECONDS,
        CLOSED,
    )
    yield Bound(
        "drain",
        "What is under way when a server is stopped",
        limits.DRAINED_WITHIN_S,
        Unit.SECONDS,
        CLOSED,
    )
    yield Bound(
        "ticket",
        "A scanned plate proves presence",
        plates.TICKET_LIVES.total_seconds() / 60,
        Unit.MINUTES,
        _PARAMETER,
    )
    yield Bound(
        "proof",
        "A proof of work is good",
        proof.LIVES.total_seconds() / 60,
        Unit.MINUTES,
        _PARAMETER,
    )
    yield Bound(
        "withdraw",
        "A report can be taken back",
        report_posts.WITHDRAWN_WITHIN.total_seconds() / 60,
        Unit.MINUTES,
        _PROBLEMS["too-late"],
    )


def _kept(chosen: Settings) -> Iterator[Bound]:
    yield Bound(
        "memory",
        "Memory of one worker beyond what the server began with",
        chosen.max_worker_mb,
        Unit.MEGABYTES,
        REPLACED,
        "NUANFENG_MAX_WORKER_MB",
    )
    yield Bound(
        "versions", "Versions of a dataset on the disk", Dataset.keep, Unit.VERSIONS, FORGOTTEN
    )
    yield Bound(
        "retention",
        "The text of a letter after its end",
        kept_letters.RETENTION.days,
        Unit.DAYS,
        DESTROYED,
    )


def messages() -> frozenset[str]:
    """Every English message that the page is made of beside its template."""
    every = sections(Settings(home=Path(), dataset=DEFAULT_DATASET))
    bounds = [bound for of in every.values() for bound in of]
    replies = {bound.reply for bound in bounds if isinstance(bound.reply, str)}
    return frozenset({*every, *Unit, *replies, *(bound.what for bound in bounds)})


def blueprint(live: Live, chosen: Settings) -> Blueprint:
    """The page over a live dataset, whose banner it shows."""
    pages = Blueprint("limits", __name__)
    pages.app_context_processor(rendering.words)
    bounds = sections(chosen)
    stated = rendering.digest(repr(bounds))

    @pages.get("/limits")
    def limits_page() -> Response:
        rendering.asked(queries.NoQuery)
        found = city(live)
        return rendering.page(
            "limits.html",
            (found.snapshot.version, stated),
            sections={say(rendering.language(), heading): of for heading, of in bounds.items()},
            **rendering.other_language(),
            **rendering.about(found),
        )

    return pages
