"""The API's views: read, ask, write. A view that does more has a room missing."""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, request

from app import params
from app.api import cell_reply, openapi, payloads
from app.headers import GEOJSON, IMMUTABLE, JSON, PRIVATE, REVALIDATE, reply, tagged, until_quarter_ends
from app.live import Live
from geodata import cells, search, tiles

_VARY: Final = (("Vary", "Accept-Encoding"),)


def blueprint(live: Live) -> Blueprint:
    """All reads of the API over one live dataset."""
    api = Blueprint("api", __name__)

    @api.get("/api/v1/nearest")
    def nearest() -> Response:
        environ = request.environ
        query = params.parse(environ["QUERY_STRING"], params.NearestQuery)
        snapshot = live.snapshot()
        question = query.question(params.now(), snapshot.outline)
        answer = search.nearest(snapshot, question)
        return _send(payloads.nearest(snapshot, query, question, answer), GEOJSON, PRIVATE, environ)

    @api.get("/api/v1/nearest/cell/<geohash>")
    def cell(geohash: str) -> Response:
        query = params.parse(request.environ["QUERY_STRING"], params.CellQuery)
        snapshot, area = live.snapshot(), cells.decode(geohash)
        question = query.question(area)
        depends_on = (snapshot.version, geohash, params.digest(query))
        keep = until_quarter_ends(question.at, params.now())
        return tagged(
            lambda: cell_reply.reply(snapshot, question, cells.for_cell(snapshot, area, question)),
            JSON, keep, request.environ, depends_on,
        )  # fmt: skip

    @api.get("/api/v1/places/<place_id>")
    def place(place_id: str) -> Response:
        params.parse(request.environ["QUERY_STRING"], params.NoQuery)
        snapshot = live.snapshot()
        row = snapshot.row_of(place_id)
        depends_on = (snapshot.version, place_id)
        return tagged(lambda: payloads.place(snapshot, row), GEOJSON, REVALIDATE, request.environ, depends_on)

    @api.get("/tiles/<version>/<int:z>/<int:x>/<int:y>.json")
    def tile(version: str, z: int, x: int, y: int) -> Response:
        query = params.parse(request.environ["QUERY_STRING"], params.TileQuery)
        snapshot = live.version(version)
        found = tiles.tile(snapshot, z, x, y, query.filter(), snapshot.boards.at(query.instant()))
        return _send(payloads.tile(snapshot, found), JSON, IMMUTABLE, request.environ)

    @api.get("/healthz")
    def healthz() -> Response:
        params.parse(request.environ["QUERY_STRING"], params.NoQuery)
        return _send(b'{"status":"alive"}', JSON, "no-store", request.environ)

    @api.get("/readyz")
    def readyz() -> Response:
        params.parse(request.environ["QUERY_STRING"], params.NoQuery)
        return _send(payloads.ready(live.snapshot(), params.now().date()), JSON, "no-store", request.environ)

    @api.get("/openapi.json")
    def openapi_json() -> Response:
        params.parse(request.environ["QUERY_STRING"], params.NoQuery)
        return tagged(openapi.document, openapi.MIMETYPE, REVALIDATE, request.environ, (openapi.fingerprint(),))

    return api


def _send(body: bytes, mimetype: str, cache: str, environ: Mapping[str, str]) -> Response:
    return reply(body, mimetype, cache, accept_encoding=environ.get("HTTP_ACCEPT_ENCODING", ""), extra=_VARY)
