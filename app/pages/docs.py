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


def contents(version: str, sample: Sample) -> dict[str, Any]:
    """What docs.html shows: the document's info, its reads with examples on a data version, every
    kind of problem.
    """
    document = openapi.describe(sample)
    return {
        "info": document["info"],
        "reads": list(_reads(document, version, sample)),
        "files": sample.files,
        "problems": [*problems.KINDS.values(), *problems.STATUS_KINDS.values(), problems.BROKEN],
    }


def _reads(document: Mapping[str, Any], version: str, sample: Sample) -> Iterator[dict[str, Any]]:
    methods = ((path, *each) for path, item in document["paths"].items() for each in item.items())
    for path, method, read in methods:
        yield {
            "path": path,
            "method": method.upper(),
            "body": _body(read),
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
        }


def _body(operation: Mapping[str, Any]) -> str:
    """An example of what is sent, as JSON; nothing for a read."""
    sent = operation.get("requestBody")
    return (
        json.dumps(sent["content"][JSON]["example"], separators=(",", ":"), ensure_ascii=False)
        if sent
        else ""
    )


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
