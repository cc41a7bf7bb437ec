"""The API's page for people, drawn from its OpenAPI document and its table of problems.

Describes nothing by hand.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from app.api.contract import openapi
from app.api.contract.sample import Sample
from app.pages.example_replies import Call
from app.response import problems
from app.response.headers import JSON

#: What stands for the names in a path that are the same in every dataset.
_NAMED: Final = {"{file}": "places.csv", "{report_id}": "r-00112233445566ff"}
#: Not every dataset has them, so that one does not try them there.
_ONLY_WHERE_IMPORTED: Final = frozenset({"/ogc/collections/zones/items"})


def contents(version: str, sample: Sample, replies: Mapping[str, str]) -> dict[str, Any]:
    """What docs.html shows: the document's info, its reads with examples on a data version and
    what these are answered by name, every kind of problem.
    """
    document = openapi.describe(sample)
    reads = [
        {**read, "reply": read["reply"] or replies.get(read["id"], "")}
        for read in _reads(document, version, sample)
    ]
    return {
        "info": document["info"],
        "reads": reads,
        "groups": {
            tag["name"]: [read for read in reads if read["tag"] == tag["name"]]
            for tag in document["tags"]
        },
        "described": {tag["name"]: tag["description"] for tag in document["tags"]},
        "files": sample.files,
        "problems": [*problems.KINDS.values(), *problems.STATUS_KINDS.values(), problems.BROKEN],
    }


def calls(version: str, sample: Sample) -> dict[str, Call]:
    """The call that stands as an example of each question, by its name: it is asked so that its
    answer can stand beside it. What is written is not among them, nor are downloads.
    """
    described = {each.name for each in openapi.OPERATIONS if each.answer}
    return {
        read["id"]: Call(read["example"], read["body"], read["id"] in described)
        for read in _reads(openapi.describe(sample), version, sample)
        if read["is_asked"] and read["is_json"]  # a file would be made for it
    }


def _reads(document: Mapping[str, Any], version: str, sample: Sample) -> Iterator[dict[str, Any]]:
    names = {each.name for each in openapi.OPERATIONS}
    methods = ((path, *each) for path, item in document["paths"].items() for each in item.items())
    for path, method, read in methods:
        yield {
            "path": path,
            "method": method.upper(),
            "tag": read["tags"][0],
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
            "is_asked": read["operationId"] in names,
            "is_json": "/data/" not in path,
            "example": (example := _example(path, read["parameters"], version, sample)),
            "tried": _tried(example, version, sample),
            "is_tried": path not in _ONLY_WHERE_IMPORTED and method.upper() == "GET",
        }


def _tried(example: str, version: str, sample: Sample) -> dict[str, str]:
    """What stands in the fields of a question at first: by parameter, as the example has it."""
    in_path = {name.strip("{}"): value for name, value in _in_paths(version, sample).items()}
    return {**in_path, **dict(parse_qsl(example.partition("?")[2]))}


def _in_paths(version: str, sample: Sample) -> dict[str, str]:
    return {**_NAMED, **sample.in_paths, "{version}": version}


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
        "in": parameter["in"],
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
    for name, value in _in_paths(version, sample).items():
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
