"""The phone page: one body per data version and language, the same bytes each time.

Holds no position and no state.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from babel import Locale
from markupsafe import Markup

from app.maps.basemap import BaseMap
from app.maps.ground import GroundMap
from app.pages import folium_map
from app.pages.assets import AHEAD, GUARD, MAIN, assets
from app.pages.embedded import embedded, wordbook
from app.pages.labels import labels
from app.response.cache import CachedBody
from app.response.csp import policy
from app.words import Language, say
from geodata.city import CityAbout
from geodata.estimate import table
from geodata.search.lengths import lengths
from geodata.snapshot.snapshot import DatasetAbout, Snapshot
from geodata.travel.network import Network
from geodata.vocabulary import Need

#: From a street corner to the whole city: below 10 clusters say nothing, above 18 no outline is
#: true.
_ZOOMS: Final = (9, 18)
#: A base map of our own is drawn true, one step nearer.
_LAST_GROUND_ZOOM: Final = 19
_START_ZOOM: Final = 11
#: For so many years after its data a page tells what the city's clocks show; later the last of it
#: holds, and instants are as right, since they are written with their offset.
_CLOCK_YEARS: Final = 10
#: Where the list begins in the page's markup.
_ANSWER: Final = b'<section class="answer"'
#: The map may be dragged this far beyond the service area, degrees.
_MARGIN_DEG: Final = 0.25


def make(
    snapshot: Snapshot,
    language: Language,
    beneath: BaseMap | GroundMap | None = None,
    network: Network | None = None,
    root: str = "",
) -> CachedBody:
    """The page of a version in a language, ready to be sent.

    Its map stands on a base map if there is one.

    With a network the page asks for times by road, and says whose roads they are. `root` is the
    path that all is mounted under.
    """
    html = _html(snapshot, language, beneath, network, root)
    roads = network.version if network else ""
    tag = f"{snapshot.version}-{roads}-{assets().version}-{language}-{_digest(beneath, root)}"
    headers = (
        ("Content-Language", str(language)),
        *policy(html, beneath.origin if beneath else ""),
    )
    return CachedBody(html.encode(), "text/html", tag, headers, "Accept-Encoding, Accept-Language")


def told(made: CachedBody, note: str, digest: str) -> CachedBody:
    """The page with a note above its list, which the tag then covers by its digest.

    The note runs nothing, so the policy is the same. Kept by nobody: callers word it.
    """
    body = made.body.replace(_ANSWER, note.encode() + _ANSWER, 1)
    return CachedBody(body, made.mimetype, f"{made.tag}-{digest}", made.headers, made.vary)


def _digest(beneath: BaseMap | GroundMap | None, root: str) -> str:
    return hashlib.sha256(f"{root}{beneath!r}".encode()).hexdigest()[:8]


def _html(
    snapshot: Snapshot,
    language: Language,
    beneath: BaseMap | GroundMap | None,
    network: Network | None,
    root: str,
) -> str:
    values = {
        **_values(snapshot, language, network, root),
        "beneath": beneath,
        **_credits(snapshot.about, network, beneath),
    }
    leaflet = ["vendor/leaflet/leaflet.js", "vendor/leaflet/leaflet.css"]
    script, style = (
        [root + assets().url(path)] if path in assets().stored else [] for path in leaflet
    )
    west, south, east, north = snapshot.outline.bounds
    first, last = _ZOOMS
    ground = folium_map.PhoneMap(
        values,
        script,
        style,
        (first, _LAST_GROUND_ZOOM if isinstance(beneath, GroundMap) else last),
        beneath=_beneath(beneath, root),
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=_START_ZOOM,
        max_bounds=True,
        min_lat=south - _MARGIN_DEG,
        max_lat=north + _MARGIN_DEG,
        min_lon=west - _MARGIN_DEG,
        max_lon=east + _MARGIN_DEG,
    )
    pieces = [folium_map.PagePart(name, values) for name in ("head", "banner", "asking")]
    rest = [folium_map.PagePart(name, values) for name in ("sheet", "city")]
    return folium_map.page(language, values["title"], [*pieces, ground, *rest])


def _beneath(base: BaseMap | GroundMap | None, root: str) -> Mapping[str, Any] | None:
    """What the script that draws a base map is told of it."""
    if base is None:
        return None
    if isinstance(base, GroundMap):
        return {"ground": root + base.url, "bounds": base.bounds, "zooms": base.zooms}
    return {"urls": base.urls, "datum": base.datum, "lastZoom": base.last_zoom}


def _values(
    snapshot: Snapshot, language: Language, network: Network | None, root: str
) -> Mapping[str, Any]:
    other = Language.ENGLISH if language is Language.CHINESE else Language.CHINESE
    return {
        "say": partial(say, language),
        "root": root,
        "title": say(language, "Nuanfeng: the nearest place to rest"),
        "language": str(language),
        "other": str(other),
        "other_name": Locale.parse(other, sep="-").get_language_name(other[:2]),
        "synthetic": snapshot.about.synthetic,
        "city_name": city_name(snapshot.about.city, language),
        "approximate": snapshot.about.approximate,
        "needs": {str(need): labels(language)["needs"][need] for need in Need},
        "modes": labels(language)["modes"],
        "mark": _inline(assets().text("favicon.svg")),
        "style": Markup(assets().text("css/page.css")),  # noqa: S704  # our own file
        "sprite": Markup(assets().text("icons.svg")),  # noqa: S704  # our own file
        "modules": [root + assets().url(path) for path in assets().needed(MAIN)],
        "main": root + assets().url(MAIN),
        "guard": Markup(assets().text(GUARD)),  # noqa: S704  # our own file
        "ahead": _ahead(),
        "icon": root + assets().url("icon-192.png"),
        "city": embedded(_city(snapshot, network)),
        "words": embedded(wordbook(language)),
        "embedded": embedded,
    }


def _city(snapshot: Snapshot, network: Network | None) -> Mapping[str, Any]:
    return {
        "roads": network.version if network else None,
        "version": snapshot.version,
        "shifted": snapshot.about.city.shifted,
        "synthetic": snapshot.about.synthetic,
        "timezone": snapshot.zone.name,
        "clocks": _clocks(snapshot),
        "cells": lengths(snapshot),
        "estimate": table(),
    }


def _clocks(snapshot: Snapshot) -> Sequence[tuple[int, int]]:
    """From which minute since 1970 on the city's clocks are how many minutes ahead of UTC.

    Of the years after the data's, so that the page is the same whenever it is made.
    """
    first = date.fromisoformat(snapshot.about.data_date).year
    return snapshot.zone.clocks(first, first + _CLOCK_YEARS)


def _ahead() -> Markup | None:
    """What the page asks before MAIN is there.

    Sources import each other by paths that no page has: then MAIN asks.
    """
    alone = assets().needed(AHEAD) == (AHEAD,)
    return Markup(assets().text(AHEAD)) if alone else None  # noqa: S704  # our own file


def city_name(city: CityAbout, language: Language) -> str:
    """The city's name as readers of a language know it."""
    own = city.language.partition("-")[0] == language.partition("-")[0]
    return city.name if own else city.name_en


def credit(about: DatasetAbout, said: str = "") -> str:
    """Whose data it is, under which licence, from when; and whose outlines.

    Each is named once, and not at all if that is `said` beside it.
    """
    source = "" if about.source == said else about.source
    outlines = "" if about.outlines == f"{about.source} ({about.licence})" else about.outlines
    return " · ".join(filter(None, (source, about.licence, about.data_date, outlines)))


def _credits(
    about: DatasetAbout, network: Network | None, beneath: BaseMap | GroundMap | None
) -> Mapping[str, str]:
    """What stands beside the base map's own credit, and of the roads also below the list."""
    said = beneath.credit if beneath else ""
    roads = network.about.licence if network else ""
    return {
        "credit": credit(about, said),
        "roads_credit": roads,
        "roads_credit_on_map": "" if said and said in roads else roads,
    }


def _inline(svg: str) -> Markup:
    """A picture as an address (RFC 2397), for what is too small to be worth a request."""
    return Markup("data:image/svg+xml," + svg.strip().replace('"', "'").replace("#", "%23"))  # noqa: S704  # our own file
