"""The OGC side's views: read, ask, write. JSON or a page, as `f` or the Accept header has it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec
from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from app.api.contract.sample import sample_of
from app.api.contract.titles import TITLES
from app.api.ogc import description, documents
from app.api.ogc.collections import Features, collection, collections
from app.api.ogc.documents import Link
from app.live.current import Live
from app.request import parsing, queries
from app.request.ogc_queries import Format, Shown, page_of
from app.response import former
from app.response.csp import policy
from app.response.former import SaidOfPlaces
from app.response.headers import GEOJSON, JSON, REVALIDATE, tagged
from app.response.mount import root
from app.response.problems import NoSuchFeature
from app.words import preferred
from geodata.errors import NoSuchPlace
from geodata.snapshot.snapshot import Snapshot

_VARY: Final = "Accept, Accept-Language, Accept-Encoding"
_MEDIA: Final = {"text/html": Format.HTML, JSON: Format.JSON, GEOJSON: Format.JSON}
_CRS: Final = (("Content-Crs", f"<{documents.CRS84}>"),)


def blueprint(live: Live, said: SaidOfPlaces) -> Blueprint:
    """`/ogc/…` over one live dataset."""
    ogc = Blueprint("ogc", __name__)

    @ogc.get("/ogc", strict_slashes=False)
    def landing() -> Response:
        shown, snapshot = _shown(parsing.parse(_query(), Shown)), live.snapshot()
        return _document(snapshot, shown, "landing", documents.landing(_root(), snapshot, shown))

    @ogc.get("/ogc/api")
    def api() -> Response:
        parsing.parse(_query(), queries.NoQuery)
        body = description.document(sample_of(live.snapshot()), root())
        return tagged(
            lambda: body, documents.OPENAPI_30, REVALIDATE, request.environ, (_digest(body),)
        )

    @ogc.get("/ogc/conformance")
    def conformance() -> Response:
        shown = _shown(parsing.parse(_query(), Shown))
        return _document(live.snapshot(), shown, "conformance", documents.conformance())

    @ogc.get("/ogc/collections", strict_slashes=False)
    def every() -> Response:
        shown, snapshot = _shown(parsing.parse(_query(), Shown)), live.snapshot()
        found = documents.listed(_root(), snapshot, collections(live, snapshot), shown)
        return _document(snapshot, shown, "collections", found)

    @ogc.get("/ogc/collections/<name>", strict_slashes=False)
    def one(name: str) -> Response:
        shown, snapshot = _shown(parsing.parse(_query(), Shown)), live.snapshot()
        features = collection(live, snapshot, name)
        found = documents.described(_root(), snapshot, name, features, shown)
        return _document(snapshot, shown, "collection", found, count=len(features))

    @ogc.get("/ogc/collections/<name>/queryables")
    def queryables(name: str) -> Response:
        shown, snapshot = _shown(parsing.parse(_query(), Shown)), live.snapshot()
        features = collection(live, snapshot, name)
        found = documents.queryables(_root(), name, features, sample_of(snapshot))
        return _document(snapshot, shown, "queryables", found, documents.SCHEMA_JSON, name=name)

    @ogc.get("/ogc/collections/<name>/items", strict_slashes=False)
    def items(name: str) -> Response:
        query = parsing.parse(_query(), collection(live, live.snapshot(), name).query)
        begin = page_of(query)
        snapshot = live.version(begin.version) if begin else live.snapshot()
        return _items(snapshot, name, collection(live, snapshot, name), query)

    @ogc.get("/ogc/collections/<name>/items/<feature_id>")
    def item(name: str, feature_id: str) -> Response:
        shown, snapshot = _shown(parsing.parse(_query(), Shown)), live.snapshot()
        return _item(snapshot, said, name, collection(live, snapshot, name), feature_id, shown)

    return ogc


def _items(snapshot: Snapshot, name: str, features: Features, query: Any) -> Response:
    shown = _shown(query)
    links, here, matched = documents.page(_root(), snapshot, name, features, query, shown)
    if shown is Format.HTML:
        found = [_decoded(features, position) for position in here]
        return _page(
            "items", snapshot, links, name=name, features=found, matched=matched, title=_title(name)
        )
    return _tagged(
        snapshot,
        ("items", name, parsing.digest(query)),
        GEOJSON,
        lambda: documents.items(snapshot, features, links, here, matched),
        _CRS,
    )


def _item(
    snapshot: Snapshot,
    said: SaidOfPlaces,
    name: str,
    features: Features,
    feature_id: str,
    shown: Format,
) -> Response:
    """Raises NoSuchFeature, and Vanished for a place that the data once had."""
    position = features.position(feature_id)
    if position is None:
        if features.are_places:
            with suppress(NoSuchPlace):
                former.row_of(snapshot, feature_id, queries.now(), said)
        raise NoSuchFeature(
            "{collection} has no feature “{feature}”.", collection=name, feature=feature_id[:40]
        )
    links = documents.item_links(_root(), name, features, position, shown)
    if shown is Format.HTML:
        found = _decoded(features, position)
        return _page("item", snapshot, links, name=name, feature=found, collection=_title(name))
    return _tagged(
        snapshot,
        ("item", name, feature_id),
        GEOJSON,
        lambda: documents.item(snapshot, features, position, links),
        _CRS,
    )


def _document(
    snapshot: Snapshot,
    shown: Format,
    template: str,
    found: Mapping[str, Any],
    kind: str = JSON,
    **values: Any,
) -> Response:
    """A document as it is, or as a page."""
    if shown is Format.HTML:
        return _page(template, snapshot, found.get("links", ()), document=found, **values)
    body = msgspec.json.encode(found)
    return _tagged(snapshot, (template, _digest(body)), kind, lambda: body)


def _page(template: str, snapshot: Snapshot, links: Sequence[Link], **values: Any) -> Response:
    """A page; its tag is over all that stands in it."""
    html = render_template(
        f"ogc/{template}.html",
        links=links,
        synthetic=snapshot.about.synthetic,
        about=snapshot.about,
        **values,
    ).encode()
    language = preferred(request.args.get("lang"), request.headers.get("Accept-Language"))
    extra = (("Content-Language", language), *policy(html.decode()))
    return _tagged(snapshot, (_digest(html), language), documents.HTML, lambda: html, extra)


def _tagged(
    snapshot: Snapshot,
    depends_on: tuple[str, ...],
    kind: str,
    make: Callable[[], bytes],
    extra: tuple[tuple[str, str], ...] = (),
) -> Response:
    tag = (snapshot.version, _digest(_root().encode()), *depends_on)
    return tagged(make, kind, REVALIDATE, request.environ, tag, vary=_VARY, extra=extra)


def _decoded(features: Features, position: int) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(features.feature(position) + b"}")
    return found


def _title(name: str) -> str:
    return TITLES[name].title


def _query() -> str:
    text: str = request.environ["QUERY_STRING"]
    return text


def _root() -> str:
    return request.root_url.rstrip("/")


def _shown(query: Any) -> Format:
    """What the asker wants: `f`, else the best of Accept; JSON where nothing is said."""
    if query.f is not msgspec.UNSET:
        return Format(query.f)
    accepted = parse_accept_header(request.headers.get("Accept"), MIMEAccept)
    return _MEDIA[accepted.best_match([JSON, GEOJSON, documents.HTML], JSON)]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
