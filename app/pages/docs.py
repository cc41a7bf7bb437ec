"""The API's page for people, drawn from its OpenAPI document and its table of problems. Describes nothing by hand."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app import problems
from app.api import openapi

_PLACE: Final = "st-00412"


def contents() -> dict[str, Any]:
    """What docs.html shows: the document's info, its reads with examples, and every kind of problem."""
    document = openapi.describe()
    return {
        "info": document["info"],
        "reads": list(_reads(document)),
        "problems": [*problems.KINDS.values(), *problems.STATUS_KINDS.values(), problems.BROKEN],
    }


def _reads(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, item in document["paths"].items():
        read = item["get"]
        yield {
            "path": path,
            "id": read["operationId"],
            "summary": read["summary"],
            "description": read["description"],
            "parameters": [_parameter(parameter) for parameter in read["parameters"]],
            "responses": {status: answer["description"] for status, answer in read["responses"].items()},
            "example": _example(path),
        }


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
    words = schema.get("enum") or schema.get("items", {}).get("enum")
    if words:
        return ", ".join(words)
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    if low is None:
        return str(schema.get("pattern", ""))
    above = "above " if "exclusiveMinimum" in schema else ""
    return f"{above}{low:g} to {schema['maximum']:g}"


def _example(path: str) -> str:
    """A call that can be run as it stands."""
    stated = next((operation.example for operation in openapi.OPERATIONS if operation.path == path), "")
    return path.replace("{place_id}", _PLACE) + (f"?{stated}" if stated else "")
