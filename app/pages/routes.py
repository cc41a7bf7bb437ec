"""The pages' views: read, ask, write."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlencode

import msgspec
from babel import Locale
from flask import Blueprint, Response, current_app, g, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.http import quote_etag

from app.api.contract import openapi
from app.api.contract.sample import sample_of
from app.live.current import Live
from app.maps import outlines
from app.maps.basemap import BaseMap
from app.pages import (
    coverage,
    coverage_links,
    docs,
    installed,
    place,
    plate,
    rendering,
    shell,
    street_list,
)
from app.pages.assets import assets
from app.pages.city import City, city
from app.pages.described import described
from app.pages.embedded import embedded, voice_words
from app.pages.example_replies import ExampleReplies
from app.pages.labels import labels
from app.pages.own_ground import may_show_ground, own_ground
from app.pages.queries import CoveragePageQuery, PageQuery, Paper, PlateQuery, PlatesQuery
from app.request import parsing, queries
from app.response import former
from app.response.cache import BodyCache, CachedBody
from app.response.headers import IMMUTABLE, JSON, REVALIDATE, TILE, stored_gzip
from app.response.mount import root
from app.voice.live_notices import NoticesNow
from app.voice.live_voice import LiveVoice
from app.words import Language, say
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.overlay import Laid
from geodata.travel.main_roads import main_roads
from geodata.travel.network import Network
from geodata.vocabulary import Mode, Need

#: Two versions in two languages, and the two files of each version: 4 MB of them at 4,039 places,
#: 40 at 200,000.
_KEPT_BYTES: Final = 64_000_000
#: Of the process and not of an app: what was made before workers are forked, each of them sends.
#: Keys name all that a body depends on, the version of the data first.
_SHELF: Final = BodyCache(most_bytes=_KEPT_BYTES)
#: 15 sheets: a code costs 10 ms, and one request must not hold a worker for long.
_PLATES_A_PART: Final = 60
#: Places that a list shows at once: no street office of the demo city has more, and a phone still
#: scrolls them.
_LISTED_A_PART: Final = 200
#: Of many parts the first, the last, and as many on either side of the one that is shown: one line
#: on a phone.
_PARTS_BESIDE: Final = 1
_ROBOTS: Final = b"User-agent: *\nDisallow: /api/\nDisallow: /tiles/\n"


def blueprint(live: Live, said: LiveVoice, base_map: BaseMap | None, approval: str) -> Blueprint:
    """All pages over one live dataset and its notices, the map over a base map if there is one: the
    stated one, or our own where it may be shown, in mainland China under the `approval` of its
    office for maps.
    """
    pages = Blueprint("pages", __name__)
    pages.app_context_processor(rendering.words)
    _about_places(pages, live, said)
    _about_ground(pages, live)
    _about_tiles(pages, live, approval)
    _about_installing(pages, live)
    _about_demand(pages, live)

    @pages.get("/")
    def home() -> Response:
        query = rendering.asked(PageQuery)
        if query.street is not msgspec.UNSET:
            notices = said.notices.at(queries.now())
            return _streets(city(live), notices, query.street, query.needs or (), query.part)
        language, snapshot, network = rendering.language(), live.snapshot(), live.roads.network()
        beneath = base_map or own_ground(live, approval)
        paved, at = network.version if network else "", root()
        key = ("shell", snapshot.version, paved, language, beneath, at)
        made = _SHELF.get(key, lambda: shell.make(snapshot, language, beneath, network, at))
        if g.left_out:
            made = shell.told(made, render_template("left_out.html"), rendering.digest_left_out())
        return made.send(request, REVALIDATE)

    @pages.get("/static/<version>/<path:path>")
    def static(version: str, path: str) -> Response:
        if version != assets().version or path not in assets().stored:
            raise NotFound
        return assets().stored[path].send(request, IMMUTABLE)

    replies = ExampleReplies()

    @pages.get("/docs")
    def documentation() -> Response:
        rendering.asked(queries.NoQuery)
        origin, chinese = request.root_url.rstrip("/"), partial(say, Language.CHINESE)
        snapshot = live.snapshot()
        sample = sample_of(snapshot)
        calls = docs.calls(snapshot.version, sample)
        answers = replies.of(current_app, request.root_url, snapshot.version, calls)
        depends_on = (openapi.fingerprint(sample), snapshot.version, origin)
        return rendering.page(
            "docs.html",
            (*depends_on, rendering.digest(*answers.values())),
            origin=origin,
            chinese=chinese,
            root_path=root(),
            **docs.contents(snapshot.version, sample, answers),
        )

    @pages.get("/privacy")
    def privacy() -> Response:
        rendering.asked(queries.NoQuery)
        found = city(live)
        said = {**rendering.about(found), **rendering.other_language()}
        return rendering.page("privacy.html", (found.snapshot.version,), **said)

    @pages.get("/favicon.svg")
    def favicon() -> Response:
        return assets().stored["favicon.svg"].send(request, REVALIDATE)

    @pages.get("/robots.txt")
    def robots() -> Response:
        return CachedBody(_ROBOTS, "text/plain", "robots").send(request, REVALIDATE)

    return pages


def _about_ground(pages: Blueprint, live: Live) -> None:
    """What the map draws beneath the places: once a version."""

    @pages.get("/areas/<version>.json")
    def areas(version: str) -> Response:
        found = _of_version(live, version)
        stored = _SHELF.get(("areas", version), lambda: CachedBody(_outlines(found), JSON, version))
        return stored.send(request, IMMUTABLE)

    @pages.get("/roads/<version>.json")
    def roads(version: str) -> Response:
        network = live.roads.network()
        if network is None or network.version != version:
            raise NotFound
        stored = _SHELF.get(
            ("roads", version), lambda: CachedBody(_main_roads(network), JSON, version)
        )
        return stored.send(request, IMMUTABLE)


def _about_tiles(pages: Blueprint, live: Live, approval: str) -> None:
    """The base map of our own, tile by tile."""

    @pages.get("/ground/<version>/<int:z>/<int:x>/<int:y>.mvt")
    def ground(version: str, z: int, x: int, y: int) -> Response:
        found = live.ground.version(version) if may_show_ground(live, approval) else None
        if found is None:
            raise NotFound
        first, last = found.archive.zooms
        if not (first <= z <= last and x < 1 << z and y < 1 << z):
            raise NotFound
        tag = quote_etag(f"{version}-{z}-{x}-{y}")
        return stored_gzip(found.archive.tile(z, x, y), TILE, tag, request.environ)


def _about_installing(pages: Blueprint, live: Live) -> None:
    """What makes the page an app on a phone."""

    @pages.get("/static/<version>/words/<language>.json")
    def words_of_voice(version: str, language: str) -> Response:
        if version != assets().version or language not in {*Language}:
            raise NotFound
        return voice_words(Language(language)).send(request, IMMUTABLE)

    @pages.get("/sw.js")
    def worker() -> Response:
        return installed.worker().send(request, REVALIDATE)

    @pages.get("/manifest.webmanifest")
    def manifest() -> Response:
        about = live.snapshot().about
        named = shell.city_name(about.city, rendering.language())
        return installed.manifest(rendering.language(), named, root()).send(request, REVALIDATE)


def _about_demand(pages: Blueprint, live: Live) -> None:
    """Who is served."""

    @pages.get("/coverage")
    def coverage_page() -> Response:
        query, found = rendering.asked(CoveragePageQuery), city(live)
        query, left_out = query.answerable(queries.now(), found.snapshot.zone)
        g.left_out = (*g.left_out, *left_out)
        roads = live.roads.under(found.snapshot) if query.minutes is not msgspec.UNSET else None
        return _coverage(found, query, roads)


def _about_places(pages: Blueprint, live: Live, said: LiveVoice) -> None:
    """The page of a place, its plate, and the plates of a street office."""

    @pages.get("/p/<place_id>")
    def place_page(place_id: str) -> Response:
        rendering.asked(queries.NoQuery)
        return _place(city(live), said, place_id)

    @pages.get("/p/<place_id>/plate")
    def plate_page(place_id: str) -> Response:
        query = rendering.asked(PlateQuery)
        return _plate(city(live), said, place_id, query)

    @pages.get("/plates")
    def plates_page() -> Response:
        query = rendering.asked(PlatesQuery)
        return _plates(city(live), query)


def _of_version(live: Live, version: str) -> City:
    found = city(live)
    if found.snapshot.version != version:
        raise NotFound
    return found


def _outlines(found: City) -> bytes:
    return outlines.outlines_json(found.ground, street_list.lanes(found.snapshot))


def _main_roads(network: Network) -> bytes:
    return outlines.roads_json(course.tolist() for course in main_roads(network.graphs[Mode.DRIVE]))


def _streets(
    found: City, notices: NoticesNow, code: str, needs: tuple[Need, ...], part: int
) -> Response:
    """A part of the list of a street office's places that serve these needs, open ones first, under
    what notices close; with an empty code all offices.

    Raises NotFound for an unknown code or part.
    """
    about = rendering.about(found)
    asked = ",".join(dict.fromkeys(needs))
    if not code:
        districts, version = found.by_district(), found.snapshot.version
        return rendering.page(
            "streets.html", (version, asked), districts=districts, needs=asked, **about
        )
    office, at = found.office(code), found.snapshot.zone.local(queries.now())
    if office is None:
        raise NotFound
    rows = found.rows(office, needs)
    parts = _parts(rows, _LISTED_A_PART)
    if part > parts:
        raise NotFound
    laid = notices.overlay.over(found.snapshot, at)
    under = laid.judged if laid else found.snapshot
    ordered = street_list.open_first(under, rows, at)
    here = ordered[(part - 1) * _LISTED_A_PART : part * _LISTED_A_PART]
    depends_on = (
        found.snapshot.version,
        notices.revision,
        office.code,
        asked,
        str(part),
        f"{at:%Y%m%d%H%M}",
    )
    return rendering.page(
        "street.html",
        depends_on,
        office=office,
        at=at,
        total=len(rows),
        part=part,
        numbers=_offered(part, parts),
        entries=street_list.entries(under, here, at, rendering.language()),
        needs=asked,
        choices=_need_choices(needs),
        waiting=found.waiting(office) if part == parts else (),
        labels=labels(rendering.language()),
        **about,
    )


def _need_choices(needs: tuple[Need, ...]) -> list[tuple[Need, str]]:
    """Each need, and what is asked once it is chosen as well, or no more."""
    return [
        (need, ",".join(other for other in Need if (other in needs) != (other is need)))
        for need in Need
    ]


def _parts(rows: Sequence[int], size: int) -> int:
    """In how many parts rows are shown; none are one empty part."""
    return max(1, -(-len(rows) // size))


def _offered(part: int, parts: int) -> list[int]:
    """The parts that one can go to from a part."""
    return [
        number
        for number in range(1, parts + 1)
        if number in (1, parts) or abs(number - part) <= _PARTS_BESIDE
    ]


def _place(found: City, said: LiveVoice, place_id: str) -> Response:
    """Everything known of a place. Raises NoSuchPlace, and Vanished."""
    snapshot, language = found.snapshot, rendering.language()
    at = snapshot.zone.local(queries.now())
    row = former.row_of(snapshot, place_id, at, said)
    notices = said.notices.at(queries.now())
    laid = notices.overlay.over(snapshot, at)
    seen = place.sight(snapshot, row, at, language, laid)
    other = Language.ENGLISH if language is Language.CHINESE else Language.CHINESE
    url = f"{request.root_url}p/{place_id}"
    notice = _closing(notices, laid, row, found, language)
    said.reports.overlay(queries.now(), snapshot.zone)
    handled = said.reports.handled_at(place_id, queries.now())
    photo = said.photos.of(place_id)
    depends_on = (
        snapshot.version,
        notices.revision,
        notice["id"] if notice else "",
        photo,
        f"{handled:%Y%m%d%H%M%S}" if handled else "",
        place_id,
        _quarter(at),
        seen.fingerprint,
        rendering.digest(url),
    )
    return rendering.page(
        "place.html",
        depends_on,
        place=seen,
        handled=handled and f"{snapshot.zone.local(handled):%m-%d %H:%M}",
        notice=notice,
        photo=photo,
        url=url,
        described=embedded(
            described(snapshot, row, seen, at.date(), url, labels(language), language)
        ),
        office=place.office(found.offices, seen.facts),
        labels=labels(language),
        other=other,
        other_name=Locale.parse(other, sep="-").get_language_name(other[:2]),
        sprite=rendering.sprite(),
        **rendering.about(found),
    )


def _closing(
    notices: NoticesNow, laid: Laid | None, row: int, found: City, language: Language
) -> dict[str, str] | None:
    """The notice that closes a place, and until when; None: none does."""
    zone = laid.closed_by.get(row) if laid else None
    if zone is None:
        return None
    (notice,) = (each for each in notices.notices if each.id == zone.notice)
    until = f"{found.snapshot.zone.local(zone.expires):%Y-%m-%d %H:%M}"
    return {"id": notice.id, "headline": notice.body.text(language).headline, "until": until}


def _plate(found: City, said: LiveVoice, place_id: str, query: PlateQuery) -> Response:
    """The plate of a place, on made-up data after a question. Raises NoSuchPlace, and Vanished."""
    snapshot = found.snapshot
    row = former.row_of(snapshot, place_id, queries.now(), said)
    if snapshot.about.synthetic and not query.confirm:
        onward = f"{root()}/p/{place_id}/plate?paper={query.paper}&"
        return _ask(found, f"{root()}/p/{place_id}", onward)
    facts, origin = place.read(snapshot, row), request.root_url
    printed = plate.plates(snapshot, (row,) * query.paper.plates, origin)
    return rendering.page(
        "plate.html",
        (snapshot.version, place_id, query.paper, rendering.digest(origin)),
        plates=printed,
        paper=query.paper,
        papers=list(Paper),
        office=place.office(found.offices, facts),
        sprite=rendering.sprite(),
        **rendering.about(found),
    )


def _plates(found: City, query: PlatesQuery) -> Response:
    """The plates of a street office, a part at a time.

    Raises NotFound for an unknown code or part.
    """
    office = found.office(query.street)
    rows = found.rows(office) if office else ()
    parts = _parts(rows, _PLATES_A_PART)
    if office is None or query.part > parts:
        raise NotFound
    if found.snapshot.about.synthetic and not query.confirm:
        return _ask(
            found,
            f"{root()}/?street={office.code}",
            f"{root()}/plates?street={office.code}&part={query.part}&paper={query.paper}&",
        )
    first, origin = (query.part - 1) * _PLATES_A_PART, request.root_url
    printed = plate.plates(found.snapshot, rows[first : first + _PLATES_A_PART], origin)
    depends_on = (
        *(found.snapshot.version, office.code, str(query.part), query.paper),
        rendering.digest(origin),
    )
    return rendering.page(
        "plates.html",
        depends_on,
        plates=printed,
        paper=query.paper,
        papers=list(Paper),
        office=office,
        total=len(rows),
        part=query.part,
        parts=parts,
        sprite=rendering.sprite(),
        **rendering.about(found),
    )


def _coverage(found: City, query: CoveragePageQuery, roads: RoadAccess | None) -> Response:
    """Who is served at an instant, or in this quarter of an hour. Raises NoDemand."""
    language, asked, stated = rendering.language(), query.asked(), query.stated()
    at = asked.instant(queries.now(), found.snapshot.zone)
    seen = coverage.view(found.snapshot, found.ground, asked, at, language, roads)
    other = Language.ENGLISH if language is Language.CHINESE else Language.CHINESE
    paved = roads.network.version if roads else ""
    return rendering.page(
        "coverage.html",
        (found.snapshot.version, paved, parsing.digest(query), at.isoformat()),
        view=seen,
        at=at,
        rows=coverage_links.rows({**stated, "lang": language}, labels(language), language),
        others=f"{root()}/coverage?{urlencode({**stated, 'lang': other})}",
        json=f"{root()}/api/v1/coverage?by=street&{urlencode(stated)}",
        classes=coverage.CLASSES,
        days=coverage.day_names(language),
        other=other,
        other_name=Locale.parse(other, sep="-").get_language_name(other[:2]),
        **rendering.about(found),
    )


def _ask(found: City, back: str, onward: str) -> Response:
    """The first tap of two: `onward` ends where another parameter can follow."""
    language = rendering.language()
    back = f"{back}{'&' if '?' in back else '?'}lang={language}"
    onward = f"{onward}lang={language}&confirm=1"
    depends_on = (found.snapshot.version, rendering.digest(back, onward))
    return rendering.page(
        "ask.html",
        depends_on,
        back=back,
        onward=onward,
        sprite=rendering.sprite(),
        **rendering.about(found),
    )


def _quarter(at: datetime) -> str:
    return f"{at:%Y%m%d%H}{at.minute // 15}"
