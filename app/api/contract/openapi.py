"""The OpenAPI 3.1 document, drawn from the types that check requests and the shapes of replies.

Written by no hand.
"""

import hashlib
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final, get_args

import msgspec

from app.api.contract import (
    coverage_shapes,
    notice_shapes,
    own_shapes,
    pack_shapes,
    shapes,
    voice,
    voice_shapes,
)
from app.api.contract import ogc_shapes as ogc
from app.api.contract.sample import NOWHERE, Sample
from app.api.contract.tags import TAGS, tag_of
from app.api.contract.titles import TITLES
from app.live.current import VersionGone
from app.request import directory, ogc_queries, parsing, posted, queries
from app.response import problems
from app.response.former import Vanished
from app.response.headers import GEOJSON, JSON
from app.response.rate import TooOften
from app.response.refusals import FormerDirectory, NoSuchNotice, NoticesGone
from geodata.errors import BadQuestion, NoDemand, NoSuchPlace, OutsideArea, StoreError
from geodata.search.tiles import MOST_ZOOM
from geodata.store.downloads import NAMES, OSM_NAMES
from geodata.vocabulary import Kind

MIMETYPE: Final = "application/vnd.oai.openapi+json;version=3.1"
_REF: Final = "#/components/schemas/{name}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One read: what it takes, what it answers, what it refuses."""

    path: str
    name: str
    summary: str
    description: str
    query: type[msgspec.Struct] | None
    answer: type[msgspec.Struct] | None
    mimetype: str
    refuses: tuple[type[Exception], ...] = ()
    example: str = ""
    method: str = "get"
    posts: bool = False
    """With "post": whether points are sent."""
    kept: bool = False
    """Whether it has a strong ETag and answers 304."""
    also: tuple[str, ...] = ()
    """Other media types of the same answer."""


_HTML: Final = ("text/html",)
#: What any read of the data may meet: a version that cannot be read, or too many asking at once.
_READS: Final = (problems.BadParameters, StoreError, problems.Busy)
_FEATURES: Final = (
    "Filtered by box, day and properties; a page at a time, in the order of ids. A `next` link"
    " carries the version it began with: pages of one walk fit together, and a version that is no"
    " longer served is 410."
)

OPERATIONS: Final = (
    Operation(
        "/api/v1/nearest",
        "nearest",
        "The nearest places",
        "The k nearest places of a point that pass the filter, nearest first. needs and services: "
        "all of them; kinds, audience and door: any. Where neither kinds nor needs nor services "
        "are asked, a public place is listed only if it surely serves rest, water, heat_food or "
        "recharge. With by=time those that are reached first "
        "over the road network; what no road leads to comes last. The reply carries a position "
        "and is kept by no cache.",
        queries.NearestQuery,
        shapes.NearestPlaces,
        GEOJSON,
        (*_READS, OutsideArea),
        "lon={lon}&lat={lat}&needs=water&open=now&k=3",
    ),
    Operation(
        "/api/v1/isochrone",
        "isochrone",
        "How far one gets",
        "Where one gets to from a point, or where one gets to it from, in so many minutes by "
        "`mode`: a polygon each. Without a road network, or off its roads, circles that say they "
        "are estimates.",
        queries.IsochroneQuery,
        shapes.Isochrone,
        GEOJSON,
        (*_READS, OutsideArea),
        "lon={lon}&lat={lat}&mode=ride&minutes=5,10",
    ),
    Operation(
        "/api/v1/nearest/cell/{geohash}",
        "cell",
        "All candidates of a cell",
        "Every place that is among the k best for some point of the cell, some instant of the "
        "quarter hour and, with open=at_arrival, some arrival (straight-line estimates). Sends no "
        "position and may be kept by any cache: what the phone page asks, and ranks by itself. "
        "With by=time and a road network also every place among the k first reached by road, "
        "hours judged at that time; and for each candidate seconds over the network from a grid "
        "of squares of the cell, exact from a square's middle.",
        queries.CellQuery,
        shapes.CellReply,
        JSON,
        (*_READS, BadQuestion, OutsideArea, NoticesGone),
        kept=True,
    ),
    Operation(
        "/api/v1/ways/{geohash}/{place_id}",
        "ways",
        "The ways to a place",
        "The fastest ways over the road network from the middle of every square of a cell to one "
        "place, as pieces of road that join: a phone draws its own way from them and tells nobody "
        "where it is.",
        queries.WaysQuery,
        shapes.WaysReply,
        JSON,
        (*_READS, BadQuestion, NoSuchPlace, Vanished),
        "mode=ride",
        kept=True,
    ),
    Operation(
        "/api/v1/nearest/batch",
        "batch",
        "The nearest places of many points",
        f"Up to {posted.MOST_POSTED:,} points at once, as a GeoJSON MultiPoint or [[lon,lat],…]; "
        "filters in the query. Columns, one row a point. Points outside the service area are "
        "listed in `outside` and have empty rows; if all lie outside, the first is refused. An "
        "address may post a limited number of times an hour (429, Retry-After).",
        queries.BatchQuery,
        shapes.Batch,
        JSON,
        (*_READS, OutsideArea, problems.TooMany, TooOften),
        "needs=water&open=now&k=3",
        "post",
        posts=True,
    ),
    Operation(
        "/api/v1/along",
        "along",
        "On my way",
        "The places of least detour between two points, or along an encoded path: d(a, place) + "
        "d(place, b) − d(a, b), of a path the least of its legs'. Geodesics, or between two "
        "points with by=time seconds over the roads, and called so. Hours are judged when one "
        "gets there. The reply carries a position and is kept by no cache.",
        queries.AlongQuery,
        shapes.Along,
        GEOJSON,
        (*_READS, BadQuestion, OutsideArea),
        "from={lon},{lat}&to={to_lon},{to_lat}&needs=water&open=at_arrival&mode=ride&k=3",
    ),
    Operation(
        "/api/v1/search",
        "search",
        "By name or address",
        "Places, landmarks, roads, junctions (A与B交叉口, A/B), street offices and districts whose "
        "name or whereabouts fit a text: "
        "Chinese, pinyin with or without tones, initials, English, mixtures, traditional "
        "characters; if nothing fits, with slips of the pen. The best fit first; of equal ones "
        "the nearest to lon, lat. With a position the reply is kept by no cache; without one it "
        "has a strong ETag and answers 304.",
        queries.SearchQuery,
        shapes.FoundPlaces,
        GEOJSON,
        (*_READS, OutsideArea),
        "q=%E7%99%BD%E7%9F%B3%E6%B4%B2&k=3",
        kept=True,
    ),
    Operation(
        "/api/v1/places/{place_id}",
        "place",
        "One place",
        "All that is known of a place, with provenance. Strong ETag; answers 304. A place that is "
        "no longer there is 410, with the nearest that is open now.",
        queries.NoQuery,
        shapes.Place,
        GEOJSON,
        (*_READS, NoSuchPlace, Vanished),
        kept=True,
    ),
    Operation(
        "/tiles/{version}/{z}/{x}/{y}.json",
        "tile",
        "A map tile",
        "Clusters (lon, lat, places, open, unknown) and places (id, lon, lat, kind, service bits, "
        "hours row) of a Web Mercator tile, at most 200 entries. Kept for ever: version, quarter "
        "hour and the revision of the notices stand in the URL.",
        queries.TileQuery,
        shapes.TileReply,
        JSON,
        (*_READS, BadQuestion, VersionGone, NoticesGone),
        kept=True,
    ),
    Operation(
        "/api/v1/pack",
        "pack",
        "Where the pack is",
        "Which version of the data there is, and the address of all of it for a phone without a "
        "network.",
        queries.NoQuery,
        pack_shapes.PackPointer,
        JSON,
        _READS,
        kept=True,
    ),
    Operation(
        "/api/v1/pack/{version}.json",
        "pack_of_version",
        "The whole city for a phone",
        "Every place with its opening hours, outlines and landmarks, in columns. Kept for ever: "
        "the version stands in the URL. Up to 20,000 places; more are packed by geohash.",
        queries.NoQuery,
        pack_shapes.Pack,
        JSON,
        (*_READS, BadQuestion, VersionGone),
        kept=True,
    ),
    Operation(
        "/api/v1/pack/{version}/{zone}.json",
        "pack_of_cell",
        "A large city round a cell",
        "The 4,000 places nearest to the middle of a geohash cell of 5 letters, as "
        "/api/v1/pack/{version}.json has them; `covers` says how far they are complete.",
        queries.NoQuery,
        pack_shapes.Pack,
        JSON,
        (*_READS, BadQuestion, VersionGone),
        kept=True,
    ),
    Operation(
        "/api/v1/coverage",
        "coverage",
        "Who is served",
        "Shares of the demand that was published with the data: who has a matching place within "
        "reach that is open, or only such of unknown hours, only closed ones, or none. The four "
        "add up to 1; points outside the service area are counted apart. needs: all of them; "
        "kinds: any; public places count only where theirs is named. The same places, distances "
        "and hours as nearest. minutes are over the road "
        "network, points on no road counted apart; without a network they are an estimate. Strong "
        "ETag; answers 304.",
        queries.CoverageQuery,
        coverage_shapes.Coverage,
        JSON,
        (*_READS, NoDemand),
        "needs=water&reach_m=500&by=district&at=2026-11-21T02:00:00%2B08:00",
        kept=True,
    ),
    Operation(
        "/api/v1/reports",
        "reports",
        "What riders say of places now",
        "By place how many say so, since when and until when. A page that is looked at asks every"
        " ten seconds. Cells, tiles and packs know nothing of it; nearest, along and batch do."
        " `notices` is the revision of the notices in force: cells and tiles are asked with it.",
        queries.NoQuery,
        voice_shapes.ReportsNow,
        JSON,
        _READS,
        kept=True,
    ),
    Operation(
        "/api/v1/contacts", "contacts", "Whom to call",
        "Telephone numbers for riders and drivers, by what they are for and by district.",
        directory.DirectoryQuery, voice_shapes.Contacts, JSON, _READS, "needs=legal", kept=True,
    ),
    Operation(
        "/api/v1/events", "events", "What takes place",
        "Events that have not ended, soonest first; from a point, which nobody keeps, the nearest"
        " first.",
        directory.EventsQuery, voice_shapes.Events, JSON, _READS, "when=today", kept=True,
    ),
    Operation(
        "/api/v1/benefits", "benefits", "What one is entitled to",
        "Those that have not ended: who, where, until when, and by whose word.",
        directory.DirectoryQuery, voice_shapes.Benefits, JSON, _READS, kept=True,
    ),
    Operation(
        "/api/v1/directory/{revision}.json", "directory", "The directory for a phone",
        "Contacts, events and benefits of a revision, at most 15 kB; never changes.",
        queries.NoQuery, voice_shapes.Directory, JSON, (*_READS, FormerDirectory), kept=True,
    ),
    Operation(
        "/api/v1/letters/stats", "letterClock", "How long letters take",
        "Of the letters of the last 90 days, by category and by street office: how many, how long"
        " until the first answer (working hours) and until solved (days), by Kaplan and Meier with"
        " those that still wait. null: fewer than five letters, or to be worked out from others;"
        " the line without a name sums what is too small to stand alone.",
        queries.NoQuery, voice_shapes.LetterClock, JSON, _READS, kept=True,
    ),
    Operation(
        "/api/v1/notices", "notices", "Notices in force and to come",
        "Closed areas, detours and supplies, with who is inside and how strict it is. Its texts are"
        " in the language of the request.",
        queries.NoQuery, notice_shapes.NoticesTold, GEOJSON, _READS, kept=True,
    ),
    Operation(
        "/notices.atom", "noticeFeed", "Notices as a feed",
        "Atom (RFC 4287), with those that were cancelled before they were over.",
        queries.NoQuery, None, "application/atom+xml", _READS, kept=True,
    ),
    Operation(
        "/notices/{notice_id}.cap", "noticeMessage", "A notice as CAP 1.2",
        "The Common Alerting Protocol of OASIS: of a notice's id the latest version, of a version's"
        " identifier that one.",
        queries.NoQuery, None, "application/cap+xml", (*_READS, NoSuchNotice), kept=True,
    ),
    Operation(
        "/healthz", "healthz", "Alive", "The process answers, however busy it is.", queries.NoQuery,
        own_shapes.Alive, JSON,
        (problems.BadParameters,),
    ),
    Operation(
        "/readyz", "readyz", "Ready", "Data version, age, counts; whether it is made up.",
        queries.NoQuery,
        own_shapes.Ready, JSON, _READS,
    ),
    Operation(
        "/openapi.json", "openapi", "This document", "OpenAPI 3.1.", queries.NoQuery, None,
        MIMETYPE,
        (problems.BadParameters, problems.Busy), kept=True,
    ),
    Operation(
        "/data/{file}", "bulk", "Places as a file",
        "One file a licence. GeoJSON, CSV, GeoPackage or GeoParquet, with licence, source, date "
        "and whether it is made up inside. Answers parts (Range). The first who "
        "asks for a new version waits some seconds, or is told to come back.",
        queries.NoQuery, None, GEOJSON, (*_READS, problems.StillMade), kept=True,
        also=("text/csv", "application/geopackage+sqlite3", "application/vnd.apache.parquet"),
    ),
    Operation(
        "/ogc", "ogcLanding", "OGC API – Features", "Where QGIS, GDAL and OWSLib begin.",
        ogc_queries.Shown,
        ogc.OgcLanding, JSON, _READS, kept=True, also=_HTML,
    ),
    Operation(
        "/ogc/api", "ogcApi", "What the OGC side can be asked",
        "This description in OpenAPI 3.0, the OGC side alone.",
        queries.NoQuery, None, "application/vnd.oai.openapi+json;version=3.0", _READS, kept=True,
    ),
    Operation(
        "/ogc/conformance", "ogcConformance", "What of the standard is kept",
        "Conformance classes.", ogc_queries.Shown,
        ogc.OgcConformance, JSON, _READS, kept=True, also=_HTML,
    ),
    Operation(
        "/ogc/collections", "ogcCollections", "The collections",
        "One for each kind of place, and those of areas.",
        ogc_queries.Shown, ogc.OgcCollections, JSON, _READS, kept=True, also=_HTML,
    ),
    Operation(
        "/ogc/collections/{collection}", "ogcCollection", "One collection",
        "What it holds, where and from when.",
        ogc_queries.Shown, ogc.OgcCollection, JSON, (*_READS, problems.NoSuchCollection), kept=True,
        also=_HTML,
    ),
    Operation(
        "/ogc/collections/{collection}/queryables", "ogcQueryables", "What can be asked for",
        "Properties, as JSON "
        "Schema.", ogc_queries.Shown, ogc.OgcQueryables, "application/schema+json",
        (*_READS, problems.NoSuchCollection), kept=True, also=_HTML,
    ),
    Operation(
        "/ogc/collections/{kind}/items", "ogcPlaces", "Places of a kind", _FEATURES,
        ogc_queries.PlaceItems,
        ogc.OgcPlaces, GEOJSON, (*_READS, problems.NoSuchCollection, VersionGone),
        "bbox={box}&services=hot_water&limit=5", kept=True, also=_HTML,
    ),
    Operation(
        "/ogc/collections/districts/items", "ogcDistricts", "The districts", _FEATURES,
        ogc_queries.AreaItems,
        ogc.OgcAreas, GEOJSON, (*_READS, VersionGone), kept=True, also=_HTML,
    ),
    Operation(
        "/ogc/collections/street_offices/items", "ogcStreetOffices", "The street offices",
        _FEATURES,
        ogc_queries.AreaItems, ogc.OgcAreas, GEOJSON, (*_READS, VersionGone), "{district_query}",
        kept=True, also=_HTML,
    ),
    Operation(
        "/ogc/collections/zones/items", "ogcZones", "The zones, where a layer of them was imported",
        _FEATURES,
        ogc_queries.AreaItems, ogc.OgcAreas, GEOJSON,
        (*_READS, problems.NoSuchCollection, VersionGone), kept=True,
        also=_HTML,
    ),
    Operation(
        "/ogc/collections/{collection}/items/{feature}", "ogcFeature", "One feature",
        "A place or an area, with links.",
        ogc_queries.Shown, ogc.OgcFeature, GEOJSON,
        (*_READS, problems.NoSuchCollection, problems.NoSuchFeature, Vanished),
        kept=True, also=_HTML,
    ),
    Operation(
        "/api/v1/wishes", "wishes", "Where riders wish for places",
        "By area from three wishes on; built and refused ones with the reason.",
        queries.NoQuery, voice_shapes.WishedFor, JSON, _READS, kept=True,
    ),
)  # fmt: skip


_PATH_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "report_id": {
        "description": "The id of a report, as it was answered.",
        "schema": {
            "type": "string",
            "pattern": "^r-[0-9a-f]{16}$",
            "examples": ["r-00112233445566ff"],
        },
    },
    "notice_id": {
        "description": "The id of a notice, or of one of its versions.",
        "schema": {
            "type": "string",
            "pattern": "^[a-z0-9-]{3,60}$",
            "examples": ["demo-control"],
        },
    },
    "place_id": {
        "description": "The id of a place.",
        "schema": {"type": "string", "pattern": "^[a-z0-9-]{3,40}$", "examples": ["st-00412"]},
    },
    "geohash": {
        "description": "A geohash of 5 to 8 letters (4.9 km down to 38 m).",
        "schema": {"type": "string", "pattern": "^[0-9b-hjkmnp-z]{5,8}$", "examples": ["ws105r"]},
    },
    "zone": {
        "description": "A geohash of 5 letters (4.5 km by 4.9 km).",
        "schema": {"type": "string", "pattern": "^[0-9b-hjkmnp-z]{5}$", "examples": ["ws105"]},
    },
    "collection": {
        "description": "The id of a collection.",
        "schema": {"type": "string", "enum": list(TITLES), "examples": ["warm_bee_station"]},
    },
    "kind": {
        "description": "A kind of place.",
        "schema": {"type": "string", "enum": list(Kind), "examples": ["warm_bee_station"]},
    },
    "feature": {
        "description": "The id of a feature: of a place, a district or a street office.",
        "schema": {"type": "string", "pattern": "^[a-z0-9-]{3,40}$", "examples": ["st-00412"]},
    },
    "file": {
        "description": (
            "The format; `osm.*` are the places of OpenStreetMap (ODbL), where there are any,"
            " `places.*` all others."
        ),
        "schema": {
            "type": "string",
            "enum": [*NAMES, *OSM_NAMES],
            "examples": ["places.csv"],
        },
    },
    "revision": {
        "description": "A revision of the directory, or `current`.",
        "schema": {"type": "string", "pattern": "^([0-9a-f]{16}|current)$"},
    },
    "version": {"description": "A data version, from `dataVersion`.", "schema": {"type": "string"}},
    "z": {
        "description": "Zoom.",
        "schema": {"type": "integer", "minimum": 0, "maximum": MOST_ZOOM},
    },
    "x": {"description": "Column, from the west.", "schema": {"type": "integer", "minimum": 0}},
    "y": {"description": "Line, from the north.", "schema": {"type": "integer", "minimum": 0}},
}


@lru_cache(4)
def describe(sample: Sample = NOWHERE) -> dict[str, Any]:
    """The document as plain values, with examples from a dataset."""
    answers = [operation.answer for operation in OPERATIONS if operation.answer] + [
        shapes.ProblemDetails,
        posted.MultiPoint,
        *(shape for post in voice.POSTS for shape in (post.body, post.answer) if shape),
    ]
    _, components = msgspec.json.schema_components(answers, ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "暖蜂 Nuanfeng",
            "version": version("nuanfeng"),
            "summary": (
                "The nearest open rest station for the people who deliver and drive in"
                f" {sample.city_en}."
            ),
            "description": (
                "WGS-84 lon, lat in and out; metres and seconds; RFC 3339 times. Nothing is clamped"
                " but the limit of an OGC list: what is out of range is refused with the allowed"
                " range. On a synthetic dataset every reply says so."
            ),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "tags": [{"name": name, "description": tag.description} for name, tag in TAGS.items()],
        "paths": _paths(sample),
        "components": {"schemas": components},
    }


def _paths(sample: Sample) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        found.setdefault(operation.path, {})[operation.method] = _operation(operation, sample)
    for post in voice.POSTS:
        found.setdefault(post.path, {})[post.method] = _post(post)
    return found


@lru_cache(4)
def document(sample: Sample, root: str = "") -> bytes:
    """The document as JSON, of a server mounted under a path."""
    return msgspec.json.encode({**describe(sample), "servers": [{"url": f"{root}/"}]})


@lru_cache(4)
def fingerprint(sample: Sample) -> str:
    """Changes when the document does."""
    return hashlib.sha256(document(sample)).hexdigest()[:16]


def _operation(operation: Operation, sample: Sample) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": operation.summary,
        "content": {
            operation.mimetype: _schema(operation.answer),
            **{kind: {"schema": {}} for kind in operation.also},
        },
    }
    unchanged: dict[str, Any] = {}
    if operation.kept:
        found["headers"] = {"ETag": {"schema": {"type": "string"}}}
        unchanged["304"] = {"description": "The caller holds this reply (If-None-Match)."}
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [tag_of(operation.method, operation.path)],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": [
            *_path_parameters(operation.path),
            *query_parameters(operation.query, sample),
        ],
        "responses": {"200": found, **unchanged, **_refusals(operation)},
    }
    if operation.posts:
        described["requestBody"] = _body(sample)
    described["responses"] = dict(sorted(described["responses"].items()))
    return described


def _post(post: voice.Post) -> dict[str, Any]:
    found = {"description": post.summary}
    answered = {JSON: _schema(post.answer) | ({"example": post.reply} if post.reply else {})}
    kinds = [*(problems.KINDS[error] for error in post.refuses), problems.BROKEN]
    if "{" in post.path:
        kinds.append(problems.STATUS_KINDS[404])
    if post.body is not None:
        kinds += [problems.STATUS_KINDS[413], problems.STATUS_KINDS[415]]
    responses = {
        str(post.status): {**found, "content": answered} if post.answer else found,
        **_by_status(kinds),
    }
    return {
        "operationId": post.name,
        "tags": [tag_of(post.method, post.path)],
        "summary": post.summary,
        "description": post.description,
        "parameters": [*_path_parameters(post.path), *voice.HEADERS],
        **voice.body(post, _REF),
        "responses": dict(sorted(responses.items())),
    }


def _body(sample: Sample) -> dict[str, Any]:
    """Points as a list of pairs, or as GeoJSON."""
    pairs = msgspec.json.schema(posted.Positions)
    return {
        "required": True,
        "content": {
            JSON: {
                "schema": {"anyOf": [pairs, _schema(posted.MultiPoint)["schema"]]},
                "example": sample.pairs,
            },
            GEOJSON: _schema(posted.MultiPoint),
        },
    }


def _schema(answer: type[msgspec.Struct] | None) -> dict[str, Any]:
    return {"schema": {"$ref": _REF.format(name=answer.__name__)} if answer else {"type": "object"}}


def _path_parameters(path: str) -> Sequence[Mapping[str, Any]]:
    names = [name for _, name, _, _ in string.Formatter().parse(path) if name]
    return [
        {"name": name, "in": "path", "required": True, **_PATH_PARAMETERS[name]} for name in names
    ]


def query_parameters(query: type[msgspec.Struct] | None, sample: Sample) -> list[dict[str, Any]]:
    """The parameters of a query Struct, each with its range, default and meaning."""
    if query is None:
        return []
    plain = {field.encode_name: field for field in msgspec.structs.fields(query)}
    return [
        _parameter(name, hint, plain[name]) | _examples(name, sample)
        for name, hint in parsing.fields(query).items()
    ]


def _examples(name: str, sample: Sample) -> dict[str, Any]:
    """What a parameter that says where may be in this dataset."""
    value = sample.values.get(name)
    return {} if value is None else {"example": value}


def _parameter(name: str, hint: Any, field: msgspec.structs.FieldInfo) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components([hint], ref_template=_REF)
    schema = _inlined(schema, components) | _said_otherwise(hint)
    described: dict[str, Any] = {
        "name": name,
        "in": "query",
        "required": field.required,
        "description": schema.pop("description", ""),
        "schema": schema,
    }
    if field.default not in (msgspec.NODEFAULT, msgspec.UNSET):
        schema["default"] = msgspec.to_builtins(field.default)
    if schema.get("type") == "array":
        described |= {"style": "form", "explode": False}
    return described


def _said_otherwise(hint: Any) -> dict[str, Any]:
    """What a type says of itself beside what is checked; msgspec lets its own bounds win."""
    return {
        key: value
        for meta in get_args(hint)[1:]
        for key, value in (meta.extra_json_schema or {}).items()
    }


def _inlined(schema: dict[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """Words (enums) are few: written where they are used."""
    if "$ref" in schema:
        word = components[schema["$ref"].rsplit("/", 1)[1]]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {"type": "string", "enum": word["enum"], **rest}
    if schema.get("items"):
        return {**schema, "items": _inlined(schema["items"], components)}
    if "anyOf" in schema:
        return {
            **{k: v for k, v in schema.items() if k != "anyOf"},
            **_inlined(schema["anyOf"][0], components),
        }
    return dict(schema)


def _refusals(operation: Operation) -> dict[str, Any]:
    """Several kinds may share a status."""
    kinds = [*(problems.KINDS[error] for error in operation.refuses), problems.BROKEN]
    if "{" in operation.path:
        kinds.append(problems.STATUS_KINDS[404])
    if operation.posts:
        kinds.append(problems.STATUS_KINDS[415])
    return _by_status(kinds)


def _by_status(kinds: Sequence[problems.ProblemType]) -> dict[str, Any]:
    """Refusals by their status."""
    by_status: dict[str, list[problems.ProblemType]] = {}
    for kind in kinds:
        by_status.setdefault(str(kind.status), []).append(kind)
    return {status: _refusal(alike) for status, alike in by_status.items()}


def _refusal(kinds: Sequence[problems.ProblemType]) -> dict[str, Any]:
    described = " ".join(f"{kind.slug}: {kind.title}." for kind in kinds)
    content = {problems.MIMETYPE: _schema(shapes.ProblemDetails)}
    return {"description": described, "content": content, **_retry(kinds[0].status)}


def _retry(status: int) -> dict[str, Any]:
    """What a refusal that passes by itself says beside."""
    again = {
        "description": "After how many seconds to ask again.",
        "schema": {"type": "integer", "minimum": 0},
    }
    return {"headers": {"Retry-After": again}} if status in problems.TRANSIENT else {}
