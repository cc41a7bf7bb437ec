"""The documents of the OGC side as plain values: landing page, conformance, collections,
queryables. Sends nothing.

Every link is absolute: `root` is where the asker found us, without a slash at its end.
"""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import numpy as np

from app.api.contract import openapi
from app.api.contract.sample import Sample
from app.api.contract.titles import TITLES
from app.api.downloads import FILES
from app.api.ogc.collections import Features
from app.api.ogc.terms import Terms, terms_of
from app.request import parsing
from app.request.ogc_queries import OF_ANY_LIST, Format, Page, page_of, strange_cursor
from app.response.headers import GEOJSON, JSON
from geodata.hours.zone import TimeZone
from geodata.snapshot.snapshot import Snapshot
from geodata.store.downloads import OSM_NAMES, offered

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN: Final = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
QUERYABLES: Final = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
SCHEMA_JSON: Final = "application/schema+json"
OPENAPI_30: Final = "application/vnd.oai.openapi+json;version=3.0"
HTML: Final = "text/html"

_PART_1: Final = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
CONFORMS_TO: Final = tuple(_PART_1 + name for name in ("core", "oas30", "html", "geojson"))
#: What the words of a licence lead to; a licence not named here is told by its name alone.
_LICENCES: Final[Mapping[str, str]] = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
}

Link = dict[str, str]


def link(href: str, rel: str, kind: str, title: str) -> Link:
    """One link."""
    return {"href": href, "rel": rel, "type": kind, "title": title}


def itself(url: str, query: Mapping[str, str], shown: Format, kind: str) -> list[Link]:
    """The links of a resource to what is read and to its other format.

    `kind` is its JSON's media type.
    """
    kinds = {Format.JSON: kind, Format.HTML: HTML}
    titles = {Format.JSON: "This document as JSON", Format.HTML: "This document as a page"}
    return [
        link(
            with_query(url, {**query, "f": form}),
            "self" if form is shown else "alternate",
            kinds[form],
            titles[form],
        )
        for form in sorted(Format, key=lambda form: form is not shown)
    ]


def with_query(url: str, query: Mapping[str, str]) -> str:
    """A URL with its query, if any; commas stay readable."""
    return f"{url}?{urlencode(query, safe=',:/')}" if query else url


def landing(root: str, snapshot: Snapshot, shown: Format) -> dict[str, Any]:
    """Where one begins."""
    about, url = snapshot.about, f"{root}/ogc"
    return {
        "title": f"暖蜂 Nuanfeng · {about.title}",
        "description": (
            "Rest stations, driver homes, warm-bee streets, friendly merchants and public places of"
            f" {about.city.name_en}."
            + (" Synthetic: these places do not exist." if about.synthetic else "")
        ),
        **_nature(snapshot, terms_of(snapshot)),
        "links": [
            *itself(url, {}, shown, JSON),
            link(f"{url}/api", "service-desc", OPENAPI_30, "What can be asked, in OpenAPI 3.0"),
            link(
                f"{root}/openapi.json",
                "service-desc",
                openapi.MIMETYPE,
                "The whole API, in OpenAPI 3.1",
            ),
            link(f"{root}/docs", "service-doc", HTML, "The whole API, for people"),
            link(f"{url}/conformance", "conformance", JSON, "What of the standard is kept"),
            link(f"{url}/collections", "data", JSON, "The collections"),
            *_everything(root, snapshot),
            *_licence(terms_of(snapshot)),
        ],
    }


def conformance() -> dict[str, Any]:
    """What of the standard is kept."""
    return {"conformsTo": list(CONFORMS_TO)}


def listed(
    root: str, snapshot: Snapshot, found: Mapping[str, Features], shown: Format
) -> dict[str, Any]:
    """All collections."""
    url, terms = f"{root}/ogc/collections", terms_of(snapshot)
    return {
        **_nature(snapshot, terms),
        "links": [*itself(url, {}, shown, JSON), *_everything(root, snapshot), *_licence(terms)],
        "collections": [
            described(root, snapshot, name, features, None) for name, features in found.items()
        ],
    }


def described(
    root: str, snapshot: Snapshot, name: str, features: Features, shown: Format | None
) -> dict[str, Any]:
    """One collection; `shown` is None inside the list of all."""
    url, terms = f"{root}/ogc/collections/{name}", features.terms
    own = itself(url, {}, shown, JSON) if shown else [link(url, "self", JSON, "This collection")]
    return {
        "id": name,
        "title": TITLES[name].title,
        "description": TITLES[name].description,
        "itemType": "feature",
        "extent": _extent(features, snapshot.zone),
        "crs": [CRS84],
        **_nature(snapshot, terms),
        "links": [
            *own,
            # without a query: GDAL appends /{id} to it, where it is asked for one feature
            link(f"{url}/items", "items", GEOJSON, "Its features as GeoJSON"),
            link(f"{url}/items?f=html", "items", HTML, "Its features as a page"),
            link(
                f"{url}/queryables", QUERYABLES, SCHEMA_JSON, "The properties that can be asked for"
            ),
            *(_everything(root, snapshot) if features.are_places else []),
            *_licence(terms),
        ],
    }


def queryables(root: str, name: str, features: Features, sample: Sample) -> dict[str, Any]:
    """The properties that a list can be asked for, as JSON Schema, with a dataset's examples."""
    url = f"{root}/ogc/collections/{name}/queryables"
    properties = {
        taken["name"]: {
            "title": taken["name"],
            "description": taken["description"],
            **taken["schema"],
            **({"examples": [taken["example"]]} if "example" in taken else {}),
        }
        for taken in openapi.query_parameters(features.query, sample)
        if taken["name"] not in OF_ANY_LIST
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": url,
        "type": "object",
        "title": TITLES[name].title,
        "description": (
            "Asked for as query parameters of items. Of a list, all needs and services must be"
            " there, and any of audience and door."
        ),
        "properties": properties,
        "additionalProperties": False,
    }


def page(
    root: str, snapshot: Snapshot, name: str, features: Features, query: Any, shown: Format
) -> "tuple[list[Link], Sequence[int], int]":
    """Links, positions and the number of all matches of a page of features.

    Raises BadParameters.
    """
    begin, url = page_of(query), f"{root}/ogc/collections/{name}/items"
    first = features.after(begin.after) if begin else 0
    if first is None:
        raise strange_cursor()
    every = features.positions(query)
    begins = int(np.searchsorted(every, first))
    here = every[begins : begins + query.page_size()].tolist()
    stated = parsing.stated(query, leave_out=("f", "lang"))
    links = itself(url, stated, shown, GEOJSON)
    if begins + len(here) < len(every):
        onward = Page(snapshot.version, features.feature_id(here[-1])).text
        kind = HTML if shown is Format.HTML else GEOJSON
        links.append(
            link(
                with_query(url, {**stated, "cursor": onward, "f": shown}),
                "next",
                kind,
                "The next page",
            )
        )
    links.append(link(f"{root}/ogc/collections/{name}", "collection", JSON, TITLES[name].title))
    return links, here, len(every)


def items(
    snapshot: Snapshot, features: Features, links: Sequence[Link], here: Sequence[int], matched: int
) -> bytes:
    """A page of features as GeoJSON: stored bytes, joined."""
    head = {
        "type": "FeatureCollection",
        "numberMatched": matched,
        "numberReturned": len(here),
        **_nature(snapshot, features.terms),
        "links": links,
    }
    opened = msgspec.json.encode(head)[:-1] + b',"features":['
    return opened + b",".join(features.feature(position) + b"}" for position in here) + b"]}"


def item(snapshot: Snapshot, features: Features, position: int, links: Sequence[Link]) -> bytes:
    """One feature with its links."""
    head = {**_nature(snapshot, features.terms), "links": links}
    return features.feature(position) + b"," + msgspec.json.encode(head)[1:]


def item_links(
    root: str, name: str, features: Features, position: int, shown: Format
) -> list[Link]:
    """The links of one feature."""
    feature_id = features.feature_id(position)
    url = f"{root}/ogc/collections/{name}"
    links = [
        *itself(f"{url}/items/{feature_id}", {}, shown, GEOJSON),
        link(url, "collection", JSON, TITLES[name].title),
        *_licence(features.terms),
    ]
    if features.are_places:
        links.append(
            link(f"{root}/api/v1/places/{feature_id}", "related", GEOJSON, "With provenance")
        )
        links.append(
            link(f"{root}/p/{feature_id}", "related", HTML, "For people, with the hours of today")
        )
    return links


def _nature(snapshot: Snapshot, terms: Terms) -> dict[str, Any]:
    """What everybody must know of the data, under the terms of this part of it."""
    about = snapshot.about
    return {
        "dataVersion": snapshot.version,
        "dataDate": about.data_date,
        "synthetic": about.synthetic,
        "attribution": terms.attribution,
        "licence": terms.licence,
    }


def _licence(terms: Terms) -> list[Link]:
    """A link to each licence that is known by its name."""
    known = [(_LICENCES.get(name), name) for name in terms.licence.split("; ")]
    return [link(href, "license", HTML, name) for href, name in known if href]


def _everything(root: str, snapshot: Snapshot) -> list[Link]:
    files = ((name, FILES[name].mimetype, _called(name)) for name in offered(snapshot.about))
    return [link(f"{root}/data/{name}", "enclosure", kind, called) for name, kind, called in files]


def _called(name: str) -> str:
    form = FILES[name].called
    return f"OpenStreetMap's places as {form}" if name in OSM_NAMES else f"All places as {form}"


def _extent(features: Features, zone: TimeZone) -> dict[str, Any]:
    box, days = features.bounds(), features.days()
    spatial = {"spatial": {"bbox": [list(box)], "crs": CRS84}} if box else {}
    return {
        **spatial,
        **(
            {"temporal": _temporal(days.first, days.last, zone)} if days.first and days.last else {}
        ),
    }


def _temporal(first: date, last: date, zone: TimeZone) -> dict[str, Any]:
    """Whole days of the dataset's time zone, as instants."""
    end = zone.at_clock(last, time(23, 59)).replace(second=59)
    interval = [zone.begins(first).isoformat(), end.isoformat()]
    return {"interval": [interval], "trs": GREGORIAN}
