"""The OGC side's own API description in OpenAPI 3.0, which its clients read: cut out of ours, which
is 3.1.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from app.api.contract import openapi
from app.api.contract.sample import Sample

_ROOT: Final = "/ogc"
_REF: Final = re.compile(r'"#/components/schemas/(\w+)"')
#: What 3.0 does not know of a document's info.
_DROPPED: Final = ("summary", "identifier")


@lru_cache(4)
def document(sample: Sample, root: str = "") -> bytes:
    """The document as JSON, with examples of a dataset, of a server mounted under a path."""
    ours = openapi.describe(sample)
    info = {key: value for key, value in ours["info"].items() if key not in _DROPPED}
    licence = {key: value for key, value in info["license"].items() if key not in _DROPPED}
    paths = {
        path: item
        for path, item in ours["paths"].items()
        if path == _ROOT or path.startswith(f"{_ROOT}/")
    }
    parts = {"schemas": _reached(paths, ours["components"]["schemas"])}
    found = {
        **ours,
        "openapi": "3.0.3",
        "servers": [{"url": f"{root}/"}],
        "info": {**info, "license": licence},
        "paths": paths,
        "components": parts,
    }
    return msgspec.json.encode(_older(found))


def _reached(value: Any, schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas that a part of the document refers to, and those that they refer to."""
    found: dict[str, Any] = {}
    wanted = _REF.findall(msgspec.json.encode(value).decode())
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = schemas[name]
            wanted += _REF.findall(msgspec.json.encode(schemas[name]).decode())
    return found


def _older(value: Any) -> Any:
    """JSON Schema 2020-12 as OpenAPI 3.0 says it."""
    if isinstance(value, Mapping):
        return _older_schema({key: _older(inner) for key, inner in value.items()})
    return [_older(inner) for inner in value] if isinstance(value, list) else value


def _older_schema(found: dict[str, Any]) -> dict[str, Any]:
    if isinstance(found.get("examples"), list):
        found["example"] = found.pop("examples")[0]
    if "const" in found:
        found["enum"] = [found.pop("const")]
    for bound, open_bound in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(found.get(open_bound), int | float) and not isinstance(
            found.get(open_bound), bool
        ):
            found[bound], found[open_bound] = found.pop(open_bound), True
    if "prefixItems" in found:
        found["items"] = {"oneOf": found.pop("prefixItems")}
    if found.get("required") == []:
        del found["required"]
    arms = found.get("anyOf", ())
    kept = [arm for arm in arms if arm != {"type": "null"}]
    if len(kept) < len(arms):
        found.pop("anyOf")
        found |= {
            "nullable": True,
            **(kept[0] if len(kept) == 1 and "$ref" not in kept[0] else {"anyOf": kept}),
        }
    return found
