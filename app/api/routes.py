"""The API's views: read, ask, write. A view that does more has a room missing."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final, Protocol

import msgspec
from flask import Blueprint, Response, request

from app.api import (
    batch_reply,
    cell_reply,
    coverage_reply,
    isochrone_reply,
    pack,
    payloads,
    readiness,
    ways_reply,
)
from app.api.contract import openapi
from app.api.contract.sample import sample_of
from app.live.current import Live
from app.live.follow import Follower
from app.request import parsing, posted, queries
from app.response import former
from app.response.cache import BodyCache, CachedBody
from app.response.headers import (
    A_WHILE,
    GEOJSON,
    IMMUTABLE,
    JSON,
    PRIVATE,
    REVALIDATE,
    reply,
    streamed,
    tagged,
    until_quarter_ends,
)
from app.response.mount import root
from app.response.rate import Limiter
from app.response.turns import COMPUTING, each_in_turn
from geodata.hours.zone import TimeZone
from geodata.search import cells, lookup, reported, tiles
from geodata.search.filter import Order
from geodata.snapshot.overlay import Laid, Overlay
from geodata.snapshot.snapshot import Snapshot

_VARY: Final = (("Vary", "Accept-Encoding"),)
#: Memory of a worker for tiles that were made: some ten thousand, the phones of a night over the
#: whole city.
_TILE_BYTES: Final = 32_000_000
#: Packs at hand: two versions of a city, or some cells of a large one; 1 MB each, counted with its
#: codings.
_PACK_BYTES: Final = 24_000_000
#: Some hundred questions about coverage.
_COVERAGE_BYTES: Final = 16_000_000


class SaidNow(Protocol):
    """What riders say and what notices close, kept up by another room."""

    def overlay(self, now: datetime, zone: TimeZone) -> Overlay:
        """All that is said at this moment."""

    def zones_of(self, revision: str, now: datetime) -> Overlay:
        """What the notices of a revision close. Raises NoticesGone."""

    def heard_ago_s(self, now: datetime, zone: TimeZone) -> float | None:
        """How long ago it was last heard; None: never."""


def blueprint(
    live: Live, limiter: Limiter, said: SaidNow, follower: Follower | None = None
) -> Blueprint:
    """All of the API over one live dataset, and what riders say of it; what posts is counted.

    `follower` copies it from a database, if any.
    """
    api = Blueprint("api", __name__)
    shelf = BodyCache(most_bytes=_TILE_BYTES)
    _about_distance(api, live, limiter, said)
    _about_cells(api, live, said)
    _about_names(api, live)
    _about_packs(api, live)
    _about_demand(api, live)
    _about_itself(api, live, follower, said)

    @api.get("/api/v1/isochrone")
    def isochrone() -> Response:
        query = parsing.parse(request.environ["QUERY_STRING"], queries.IsochroneQuery)
        snapshot = live.snapshot()
        lon, lat = query.point(snapshot.outline)
        roads = live.roads.under(snapshot)
        shapes, snapped_m = isochrone_reply.shapes(roads, query, lon, lat)
        used = payloads.network_used(roads.network.about if roads else None, snapped_m)
        return _send(payloads.isochrone(query, shapes, used), GEOJSON, PRIVATE, request.environ)

    @api.get("/api/v1/places/<place_id>")
    def place(place_id: str) -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        snapshot = live.snapshot()
        row = former.row_of(snapshot, place_id, queries.now(), said)
        depends_on = (snapshot.version, place_id)
        return tagged(
            lambda: payloads.place(snapshot, row), GEOJSON, REVALIDATE, request.environ, depends_on
        )

    @api.get("/tiles/<version>/<z>/<x>/<y>.json")
    def tile(version: str, z: str, x: str, y: str) -> Response:
        snapshot, asked = live.version(version), request.environ["QUERY_STRING"]
        at = parsing.whole("z", z), parsing.whole("x", x), parsing.whole("y", y)
        stored = shelf.get((version, *at, asked), lambda: _tile(snapshot, said, at, asked))
        return stored.send(request, IMMUTABLE)

    return api


def _about_distance(api: Blueprint, live: Live, limiter: Limiter, said: SaidNow) -> None:
    """What is nearest, under what riders say."""

    @api.get("/api/v1/nearest")
    def nearest() -> Response:
        environ = request.environ
        query = parsing.parse(environ["QUERY_STRING"], queries.NearestQuery)
        snapshot, now = live.snapshot(), queries.now()
        question = query.question(now, snapshot)
        roads = live.roads.under(snapshot) if question.by is Order.TIME else None
        laid = said.overlay(now, snapshot.zone).over(snapshot, question.at)
        answer = reported.nearest(snapshot, laid, question, roads)
        about = roads.network.about if roads else None
        body = payloads.nearest(snapshot, query, question, answer, about, laid)
        return _send(body, GEOJSON, PRIVATE, environ)

    @api.post("/api/v1/nearest/batch")
    def batch() -> Response:
        limiter.count(request.remote_addr or "")
        query = parsing.parse(request.environ["QUERY_STRING"], queries.BatchQuery)
        lonlat = posted.points(posted.body(request), query.datum)
        snapshot, now = live.snapshot(), queries.now()
        question = query.question(now, snapshot)
        laid = said.overlay(now, snapshot.zone).over(snapshot, question.at)
        with COMPUTING:
            found = reported.nearest_many(snapshot, laid, lonlat, question)
        snapshot.outline.require_any(lonlat, found.inside)
        chunks = each_in_turn(batch_reply.pieces(snapshot, query.mode, found))
        return streamed(chunks, JSON, PRIVATE, request.environ.get("HTTP_ACCEPT_ENCODING", ""))

    @api.get("/api/v1/along")
    def along() -> Response:
        query = parsing.parse(request.environ["QUERY_STRING"], queries.AlongQuery)
        snapshot, now = live.snapshot(), queries.now()
        trip = query.trip(now, snapshot)
        roads = live.roads.under(snapshot) if trip.by is Order.TIME else None
        laid = said.overlay(now, snapshot.zone).over(snapshot, trip.at)
        found = reported.along(snapshot, laid, trip, roads)
        about = roads.network.about if roads else None
        body = payloads.along(snapshot, query, trip, found, about, laid)
        return _send(body, GEOJSON, PRIVATE, request.environ)


def _tile(snapshot: Snapshot, said: SaidNow, place: tuple[int, int, int], asked: str) -> CachedBody:
    """A tile to be kept under its URL as it was written: the query in it is read once, when the
    tile is made.
    """
    query, (z, x, y) = parsing.parse(asked, queries.TileQuery), place
    at = query.instant(snapshot.zone)
    laid = _closed(said, query.notices, snapshot, at)
    under = laid.judged if laid else snapshot
    found = tiles.tile(under, z, x, y, query.filter(), under.hours_by_minute.at(at))
    return CachedBody(
        payloads.tile(under, found, z),
        JSON,
        f"{snapshot.version}-{z}-{x}-{y}-{parsing.digest(query)}",
    )


def _closed(
    said: SaidNow, revision: str | msgspec.UnsetType, snapshot: Snapshot, quarter: datetime
) -> Laid | None:
    """What the notices of a revision close at any instant of a quarter hour. Raises NoticesGone."""
    if revision is msgspec.UNSET:
        return None
    return said.zones_of(revision, queries.now()).over(snapshot, quarter, cells.QUARTER)


def _about_cells(api: Blueprint, live: Live, said: SaidNow) -> None:
    """What is asked without a position."""

    @api.get("/api/v1/nearest/cell/<geohash>")
    def cell(geohash: str) -> Response:
        query = parsing.parse(request.environ["QUERY_STRING"], queries.CellQuery)
        snapshot, area = live.snapshot(), cells.decode(geohash)
        question = query.question(area, snapshot.zone)
        by_time = question.by is Order.TIME
        roads = live.roads.under(snapshot) if by_time else None
        depends_on = (
            snapshot.version,
            roads.network.version if roads else "",
            geohash,
            parsing.digest(query),
        )

        laid = _closed(said, query.notices, snapshot, question.at)

        def made() -> bytes:
            found = reported.for_cell(snapshot, laid, area, question, roads, apart=query.apart)
            more = cell_reply.by_road(roads, geohash, question, found) if by_time else {}
            if laid is not None:
                more["notices"] = cell_reply.closing(laid, found)
            return cell_reply.reply(laid.judged if laid else snapshot, question, found, more)

        return tagged(
            made, JSON, until_quarter_ends(question.at, queries.now()), request.environ, depends_on
        )

    @api.get("/api/v1/ways/<geohash>/<place_id>")
    def ways(geohash: str, place_id: str) -> Response:
        query = parsing.parse(request.environ["QUERY_STRING"], queries.WaysQuery)
        snapshot, area = live.snapshot(), cells.decode(geohash)
        row = former.row_of(snapshot, place_id, queries.now(), said)
        roads = live.roads.under(snapshot)
        depends_on = (
            snapshot.version,
            roads.network.version if roads else "",
            geohash,
            place_id,
            query.mode,
        )
        return tagged(
            lambda: ways_reply.reply(snapshot, roads, geohash, area, query.mode, row),
            JSON,
            A_WHILE,
            request.environ,
            depends_on,
        )


def _about_names(api: Blueprint, live: Live) -> None:
    """What is found by what it is called."""

    @api.get("/api/v1/search")
    def find() -> Response:
        environ = request.environ
        query = parsing.parse(environ["QUERY_STRING"], queries.SearchQuery)
        snapshot = live.snapshot()
        wanted = query.wanted(snapshot.outline)
        if wanted.near is not None:
            body = payloads.found(snapshot, query, lookup.find(snapshot, wanted))
            return _send(body, GEOJSON, PRIVATE, environ)
        depends_on = (snapshot.version, parsing.digest(query))
        return tagged(
            lambda: payloads.found(snapshot, query, lookup.find(snapshot, wanted)),
            GEOJSON,
            REVALIDATE,
            environ,
            depends_on,
        )


def _about_packs(api: Blueprint, live: Live) -> None:
    """The city for a phone without a network."""
    shelf = BodyCache(most_bytes=_PACK_BYTES)

    @api.get("/api/v1/pack")
    def pointer() -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        snapshot = live.snapshot()
        return tagged(
            lambda: pack.pointer(snapshot, root()),
            JSON,
            REVALIDATE,
            request.environ,
            ("pack", snapshot.version, root()),
        )

    @api.get("/api/v1/pack/<version>.json")
    def whole(version: str) -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        snapshot = live.version(version)
        blob = partial(live.dataset.blob, version)
        stored = shelf.get(version, lambda: CachedBody(pack.whole(snapshot, blob), JSON, version))
        return stored.send(request, IMMUTABLE)

    @api.get("/api/v1/pack/<version>/<zone>.json")
    def around(version: str, zone: str) -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        snapshot, key = live.version(version), f"{version}-{zone}"
        blob = partial(live.dataset.blob, version)
        stored = shelf.get(key, lambda: CachedBody(pack.around(snapshot, blob, zone), JSON, key))
        return stored.send(request, IMMUTABLE)


def _about_demand(api: Blueprint, live: Live) -> None:
    """Who is served."""
    shelf = BodyCache(most_bytes=_COVERAGE_BYTES)

    @api.get("/api/v1/coverage")
    def coverage() -> Response:
        query = parsing.parse(request.environ["QUERY_STRING"], queries.CoverageQuery)
        snapshot, now = live.snapshot(), queries.now()
        at = query.instant(now, snapshot.zone)
        roads = live.roads.under(snapshot) if query.minutes is not msgspec.UNSET else None
        paved = roads.network.version if roads else ""
        key = ("coverage", snapshot.version, paved, parsing.digest(query), at)
        tag = f"{snapshot.version}-{paved}-{parsing.digest(query)}-{at:%Y%m%d%H%M%S}"
        stored = shelf.get(
            key, lambda: CachedBody(coverage_reply.reply(snapshot, query, at, roads), JSON, tag)
        )
        return stored.send(
            request, until_quarter_ends(at, now) if query.at is msgspec.UNSET else REVALIDATE
        )


def _about_itself(api: Blueprint, live: Live, follower: Follower | None, said: SaidNow) -> None:
    """Whether it is alive and ready, and how it is asked."""

    @api.get("/healthz")
    def healthz() -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        return _send(b'{"status":"alive"}', JSON, "no-store", request.environ)

    @api.get("/readyz")
    def readyz() -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        now = queries.now()
        heard_ago_s = said.heard_ago_s(now, live.snapshot().zone)
        body = readiness.ready(live, now, follower, heard_ago_s)
        return _send(body, JSON, "no-store", request.environ)

    @api.get("/openapi.json")
    def openapi_json() -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        sample = sample_of(live.snapshot())
        return tagged(
            lambda: openapi.document(sample, root()),
            openapi.MIMETYPE,
            REVALIDATE,
            request.environ,
            (openapi.fingerprint(sample), root()),
        )


def _send(body: bytes, mimetype: str, cache: str, environ: Mapping[str, str]) -> Response:
    return reply(
        body, mimetype, cache, accept_encoding=environ.get("HTTP_ACCEPT_ENCODING", ""), extra=_VARY
    )
