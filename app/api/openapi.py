"""The OpenAPI 3.1 document, drawn from the types that check requests and the shapes of replies. Written by no hand."""

import hashlib
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import msgspec

from app import params, problems
from app.api import shapes
from app.headers import GEOJSON, JSON
from app.live import VersionGone
from geodata.errors import BadQuestion, NoSuchPlace, OutsideArea, StoreError
from geodata.tiles import MOST_ZOOM

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


OPERATIONS: Final = (
    Operation(
        "/api/v1/nearest",
        "nearest",
        "The nearest places",
        "The k nearest places of a point that pass the filter, nearest first. needs and services: all of them; kinds, "
        "audience and door: any. With by=time those that are reached first over the road network; what no road leads "
        "to comes last. The reply carries a position and is kept by no cache.",
        params.NearestQuery,
        shapes.Nearest,
        GEOJSON,
        (problems.BadParameters, OutsideArea, StoreError),
        "lon=113.9645&lat=22.5405&needs=water&open=now&k=3",
    ),
    Operation(
        "/api/v1/isochrone",
        "isochrone",
        "How far one gets",
        "Where one gets to from a point, or where one gets to it from, in so many minutes by `mode`: a polygon each. "
        "Without a road network, or off its roads, circles that say they are estimates.",
        params.IsochroneQuery,
        shapes.Isochrone,
        GEOJSON,
        (problems.BadParameters, OutsideArea, StoreError),
        "lon=113.9645&lat=22.5405&mode=ride&minutes=5,10",
    ),
    Operation(
        "/api/v1/nearest/cell/{geohash}",
        "cell",
        "All candidates of a cell",
        "Every place that is among the k best for some point of the cell, some instant of the quarter hour and, with "
        "open=at_arrival, some arrival (times are straight-line estimates here). Sends no position and may be kept by "
        "any cache: what the phone page asks, and ranks by itself.",
        params.CellQuery,
        shapes.CellReply,
        JSON,
        (problems.BadParameters, BadQuestion, OutsideArea, StoreError),
    ),
    Operation(
        "/api/v1/places/{place_id}",
        "place",
        "One place",
        "All that is known of a place, with provenance. Strong ETag; answers 304.",
        params.NoQuery,
        shapes.Place,
        GEOJSON,
        (problems.BadParameters, NoSuchPlace, StoreError),
    ),
    Operation(
        "/tiles/{version}/{z}/{x}/{y}.json",
        "tile",
        "A map tile",
        "Clusters (lon, lat, places, open, unknown) and places (id, lon, lat, kind, service bits, hours row) of a Web "
        "Mercator tile, at most 200 entries. Kept for ever: version and quarter hour stand in the URL.",
        params.TileQuery,
        shapes.Tile,
        JSON,
        (problems.BadParameters, BadQuestion, VersionGone, StoreError),
    ),
    Operation("/healthz", "healthz", "Alive", "The process answers.", None, shapes.Alive, JSON),
    Operation(
        "/readyz", "readyz", "Ready", "Data version, age, counts; whether it is made up.", None, shapes.Ready, JSON,
        (StoreError,),
    ),
    Operation("/openapi.json", "openapi", "This document", "OpenAPI 3.1.", None, None, MIMETYPE),
)  # fmt: skip


_PATH_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "place_id": {
        "description": "The id of a place.",
        "schema": {"type": "string", "pattern": "^[a-z0-9-]{3,40}$", "examples": ["st-00412"]},
    },
    "geohash": {
        "description": "A geohash of 5 to 8 letters (4.9 km down to 38 m).",
        "schema": {"type": "string", "pattern": "^[0-9b-hjkmnp-z]{5,8}$", "examples": ["ws105r"]},
    },
    "version": {"description": "A data version, from `dataVersion`.", "schema": {"type": "string"}},
    "z": {"description": "Zoom.", "schema": {"type": "integer", "minimum": 0, "maximum": MOST_ZOOM}},
    "x": {"description": "Column, from the west.", "schema": {"type": "integer", "minimum": 0}},
    "y": {"description": "Line, from the north.", "schema": {"type": "integer", "minimum": 0}},
}


@cache
def describe() -> dict[str, Any]:
    """The document as plain values."""
    answers = [operation.answer for operation in OPERATIONS if operation.answer] + [shapes.Problem]
    _, components = msgspec.json.schema_components(answers, ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "暖蜂 Nuanfeng",
            "version": version("nuanfeng"),
            "summary": "The nearest open rest station for the people who deliver and drive in Shenzhen.",
            "description": "WGS-84 lon, lat in and out; metres and seconds; RFC 3339 times. Nothing is clamped: what "
            "is out of range is refused with the allowed range. On a synthetic dataset every reply says so.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": {operation.path: {"get": _operation(operation)} for operation in OPERATIONS},
        "components": {"schemas": components},
    }


@cache
def document() -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(describe())


@cache
def fingerprint() -> str:
    """Changes when the document does."""
    return hashlib.sha256(document()).hexdigest()[:16]


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": operation.summary,
        "content": {operation.mimetype: _schema(operation.answer)},
    }
    if operation.query is params.NoQuery:
        found["headers"] = {"ETag": {"schema": {"type": "string"}}}
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "parameters": [*_path_parameters(operation.path), *query_parameters(operation.query)],
        "responses": {"200": found, **_refusals(operation.refuses)},
    }


def _schema(answer: type[msgspec.Struct] | None) -> dict[str, Any]:
    return {"schema": {"$ref": _REF.format(name=answer.__name__)} if answer else {"type": "object"}}


def _path_parameters(path: str) -> Sequence[Mapping[str, Any]]:
    names = [name for _, name, _, _ in string.Formatter().parse(path) if name]
    return [{"name": name, "in": "path", "required": True, **_PATH_PARAMETERS[name]} for name in names]


def query_parameters(query: type[msgspec.Struct] | None) -> list[dict[str, Any]]:
    """The parameters of a query Struct, each with its range, default and meaning."""
    if query is None:
        return []
    plain = {field.name: field for field in msgspec.structs.fields(query)}
    return [_parameter(name, hint, plain[name]) for name, hint in params.fields(query).items()]


def _parameter(name: str, hint: Any, field: msgspec.structs.FieldInfo) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components([hint], ref_template=_REF)
    schema = _inlined(schema, components)
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


def _inlined(schema: dict[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """Words (enums) are few: written where they are used."""
    if "$ref" in schema:
        word = components[schema["$ref"].rsplit("/", 1)[1]]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {"type": "string", "enum": word["enum"], **rest}
    if "items" in schema:
        return {**schema, "items": _inlined(schema["items"], components)}
    if "anyOf" in schema:
        return {**{k: v for k, v in schema.items() if k != "anyOf"}, **_inlined(schema["anyOf"][0], components)}
    return dict(schema)


def _refusals(refuses: tuple[type[Exception], ...]) -> dict[str, Any]:
    content = {problems.MIMETYPE: _schema(shapes.Problem)}
    kinds = [problems.KINDS[error] for error in refuses] + [problems.BROKEN]
    return {str(kind.status): {"description": f"{kind.slug}: {kind.title}.", "content": content} for kind in kinds}
