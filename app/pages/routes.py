"""The pages' views: read, ask, write."""

from functools import partial
from typing import Annotated, Any, Final

import msgspec
from flask import Blueprint, Response, render_template, request
from msgspec import Meta
from werkzeug.exceptions import NotFound

from app import params
from app.api import openapi
from app.headers import IMMUTABLE, JSON, REVALIDATE, tagged
from app.live import Live
from app.pages import docs, ground, roll, shell
from app.pages.assets import assets
from app.pages.city import City, city
from app.pages.labels import labels
from app.pages.policy import policy
from app.pages.stored import Shelf, Stored
from app.words import Language, preferred, say
from geodata.search import Open

Word = Annotated[str, Meta(description="A code or an id.")]

#: Two versions in two languages, and the two files of each version.
_KEPT: Final = 8
_VARY: Final = "Accept-Encoding, Accept-Language"
_ROBOTS: Final = b"User-agent: *\nDisallow: /api/\nDisallow: /tiles/\n"


class PageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What `/` takes. needs, open and place are for the page's script: a shared address opens as it was left."""

    lang: params.InLanguage | msgspec.UnsetType = msgspec.UNSET
    street: Word | msgspec.UnsetType = msgspec.UNSET
    needs: params.Needs | msgspec.UnsetType = msgspec.UNSET
    open: params.Opening = Open.NOW
    place: Word | msgspec.UnsetType = msgspec.UNSET


def blueprint(live: Live) -> Blueprint:
    """All pages over one live dataset."""
    pages = Blueprint("pages", __name__)
    shelf = Shelf(_KEPT)
    pages.app_context_processor(_words)

    @pages.get("/")
    def home() -> Response:
        query = params.parse(request.environ["QUERY_STRING"], PageQuery)
        if query.street is not msgspec.UNSET:
            return _streets(city(live), query.street)
        language, snapshot = _language(), live.snapshot()
        key = ("shell", snapshot.version, language)
        return shelf.get(key, lambda: shell.make(snapshot, language)).send(request, REVALIDATE)

    @pages.get("/areas/<version>.json")
    def areas(version: str) -> Response:
        found = _of_version(live, version)
        stored = shelf.get(("areas", version), lambda: Stored(ground.outlines_json(found.ground), JSON, version))
        return stored.send(request, IMMUTABLE)

    @pages.get("/gazetteer/<version>.json")
    def gazetteer(version: str) -> Response:
        found = _of_version(live, version)
        stored = shelf.get(("gazetteer", version), lambda: Stored(_gazetteer(found), JSON, version))
        return stored.send(request, IMMUTABLE)

    @pages.get("/static/<version>/<path:path>")
    def static(version: str, path: str) -> Response:
        if version != assets().version or path not in assets().stored:
            raise NotFound
        return assets().stored[path].send(request, IMMUTABLE)

    @pages.get("/docs")
    def documentation() -> Response:
        params.parse(request.environ["QUERY_STRING"], params.NoQuery)
        origin, chinese = request.root_url.rstrip("/"), partial(say, Language.CHINESE)
        version = live.snapshot().version
        depends_on = (openapi.fingerprint(), version, origin)
        return _page("docs.html", depends_on, origin=origin, chinese=chinese, **docs.contents(version))

    @pages.get("/favicon.svg")
    def favicon() -> Response:
        return assets().stored["favicon.svg"].send(request, REVALIDATE)

    @pages.get("/robots.txt")
    def robots() -> Response:
        return Stored(_ROBOTS, "text/plain", "robots").send(request, REVALIDATE)

    return pages


def _language() -> Language:
    return preferred(request.args.get("lang"), request.headers.get("Accept-Language"))


def _words() -> dict[str, Any]:
    """What every template can say and link to."""
    return {"say": partial(say, _language()), "language": _language(), "asset": assets().url}


def _of_version(live: Live, version: str) -> City:
    found = city(live)
    if found.snapshot.version != version:
        raise NotFound
    return found


def _gazetteer(found: City) -> bytes:
    return ground.gazetteer_json(found.ground, roll.names(found.snapshot))


def _streets(found: City, code: str) -> Response:
    """The list of a street office, or with an empty code of all of them. Raises NotFound for an unknown code."""
    about = {"synthetic": found.snapshot.about.synthetic, "credit": shell.credit(found.snapshot.about)}
    if not code:
        return _page("streets.html", (found.snapshot.version,), districts=found.by_district(), **about)
    office, at = found.office(code), params.now()
    if office is None:
        raise NotFound
    listed = roll.entries(found.snapshot, found.rows.get(office.name, ()), at, _language())
    depends_on = (found.snapshot.version, office.code, f"{at:%Y%m%d%H%M}")
    return _page("street.html", depends_on, office=office, at=at, entries=listed, labels=labels(_language()), **about)


def _page(template: str, depends_on: tuple[str, ...], **values: Any) -> Response:
    """A template as a page; its tag covers what it depends on, the assets and the language."""
    depends_on = (template.removesuffix(".html"), *depends_on, assets().version, _language())
    html = render_template(template, **values)
    extra = (("Content-Language", _language()), *policy(html))
    return tagged(html.encode, "text/html", REVALIDATE, request.environ, depends_on, vary=_VARY, extra=extra)
