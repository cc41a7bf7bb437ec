"""The API's page for people, drawn from its OpenAPI document and its table of problems.

Describes nothing by hand.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from app.api.contract import openapi
from app.api.contract.sample import Sample
from app.response import problems
from app.response.headers import JSON

#: What stands for the names in a path that are the same in every dataset.
_NAMED: Final = {"{file}": "places.csv", "{report_id}": "r-00112233445566ff"}
#: Titles of the list of operations, with how their paths begin; the first that fits, and what is
#: posted or of none stands apart.
#: Not every dataset has them, so that one does not try them there.
_ONLY_WHERE_IMPORTED: Final = frozenset({"/ogc/collections/zones/items"})
_SAID: Final = "What people say"
_REST: Final = "The server"
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "For a page on a phone": (
        "/api/v1/nearest/cell",
        "/api/v1/ways",
        "/api/v1/pack",
        "/tiles",
    ),
    "Questions of riders": (
        "/api/v1/nearest",
        "/api/v1/along",
        "/api/v1/search",
        "/api/v1/places/{place_id}",
        "/api/v1/isochrone",
        "/api/v1/coverage",
    ),
    _SAID: ("/api/v1",),
    "Open data (OGC API)": ("/ogc", "/data"),
}


def contents(version: str, sample: Sample) -> dict[str, Any]:
    """What docs.html shows: the document's info, its reads with examples on a data version, every
    kind of problem.
    """
    document = openapi.describe(sample)
    reads = list(_reads(document, version, sample))
    return {
        "info": document["info"],
        "reads": reads,
        "groups": {
            title: [read for read in reads if _group(read) == title] for title in (*_GROUPS, _REST)
        },
        "files": sample.files,
        "problems": [*problems.KINDS.values(), *problems.STATUS_KINDS.values(), problems.BROKEN],
    }


def _group(read: Mapping[str, Any]) -> str:
    """Under which title an operation is listed."""
    if read["method"] != "GET" and not read["path"].startswith("/api/v1/nearest"):
        return _SAID
    begins = ((title, path) for title, paths in _GROUPS.items() for path in paths)
    return next((title for title, path in begins if read["path"].startswith(path)), _REST)


def _reads(document: Mapping[str, Any], version: str, sample: Sample) -> Iterator[dict[str, Any]]:
    methods = ((path, *each) for path, item in document["paths"].items() for each in item.items())
    for path, method, read in methods:
        yield {
            "path": path,
            "method": method.upper(),
            "body": _body(read),
            "reply": _reply(read),
            "headers": {
                each["name"]: each["example"]
                for each in read["parameters"]
                if each["in"] == "header"
            },
            "id": read["operationId"],
            "summary": read["summary"],
            "description": read["description"],
            "parameters": [_parameter(parameter) for parameter in read["parameters"]],
            "responses": {
                status: answer["description"] for status, answer in read["responses"].items()
            },
            "is_json": "/data/" not in path,
            "example": _example(path, read["parameters"], version, sample),
            "is_tried": path not in _ONLY_WHERE_IMPORTED and method.upper() == "GET",
        }


def _body(operation: Mapping[str, Any]) -> str:
    """An example of what is sent, as JSON; nothing for a read."""
    sent = operation.get("requestBody")
    return (
        json.dumps(sent["content"][JSON]["example"], separators=(",", ":"), ensure_ascii=False)
        if sent
        else ""
    )


def _reply(operation: Mapping[str, Any]) -> str:
    """An example of the answer to what is sent, as JSON; nothing for a read, which can be tried."""
    kinds = [answer.get("content", {}).get(JSON, {}) for answer in operation["responses"].values()]
    examples = [kind["example"] for kind in kinds if "example" in kind]
    return json.dumps(examples[0], indent=2, ensure_ascii=False) if examples else ""


def _parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = parameter["schema"]
    return {
        "name": parameter["name"],
        "required": parameter["required"],
        "description": parameter["description"],
        "type": schema.get("type", ""),
        "allowed": _allowed(schema),
        "default": json.dumps(schema["default"], ensure_ascii=False) if "default" in schema else "",
    }


def _allowed(schema: Mapping[str, Any]) -> str:
    """The range or the words of a parameter."""
    words = schema.get("enum") or (schema.get("items") or {}).get("enum")
    if words:
        return ", ".join(words)
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    if low is None:
        return str(schema.get("pattern", ""))
    above = "above " if "exclusiveMinimum" in schema else ""
    return (
        f"{above}{low:g} to {schema['maximum']:g}"
        if "maximum" in schema
        else f"{above}{low:g} or more"
    )


def _example(
    path: str, parameters: Sequence[Mapping[str, Any]], version: str, sample: Sample
) -> str:
    """A call that can be run as it stands: the operation's own query, else an example of each
    required parameter.
    """
    for name, value in {**_NAMED, **sample.in_paths, "{version}": version}.items():
        path = path.replace(name, value)
    stated = next(
        (operation.example for operation in openapi.OPERATIONS if operation.path == path), ""
    )
    asked = [
        parameter
        for parameter in parameters
        if parameter["in"] == "query" and parameter["required"]
    ]
    query = sample.filled(stated) or urlencode(
        {parameter["name"]: parameter["schema"]["examples"][0] for parameter in asked}
    )
    return f"{path}?{query}" if query else path
