"""JSON as people and programs write it: one document or several, GeoJSON or a list of records.

Gives what stands in it; reads no geometry.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from geodata.errors import UnreadableFile
from geodata.sources.decoding import decoded
from geodata.sources.headings import meaning

#: Between two documents of one file.
_BETWEEN: Final = re.compile(r"[\s,\x1e]*")
#: A record that has none of these is no place itself, but may hold a list of them.
_OF_PLACES: Final = frozenset(("name", "lon", "lat", "lonlat", "address"))


def document(body: bytes, name: str, encoding: str | None = None) -> Any:
    """What a file called `name` holds; of several documents one after another (JSON lines, pages of
    a map service), the list of them.

    Raises UnreadableFile where it is no JSON, and what `decoded` raises.
    """
    found = decoded(body, name, encoding)
    try:
        return msgspec.json.decode(found.text)
    except (msgspec.DecodeError, RecursionError) as fault:
        why = "nested too deeply" if isinstance(fault, RecursionError) else str(fault)
    try:
        every = list(_documents(found.text))
    except (ValueError, RecursionError):
        every = []
    if not every:
        raise UnreadableFile(
            "{name} is no JSON: {why}. Is it cut off? Get it whole from its source",
            name=name,
            why=why,
        )
    return every if len(every) > 1 else every[0]


def _documents(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    at = _end(_BETWEEN.match(text))
    while at < len(text):
        held, at = decoder.raw_decode(text, at)
        yield held
        at = _end(_BETWEEN.match(text, at))


def _end(found: re.Match[str] | None) -> int:
    return found.end() if found else 0


def records(held: Any, name: str) -> list[dict[str, Any]]:
    """The records of a document: of a list of objects these, of an object the one list in it.

    Objects within them are columns of their own: location.lat. Raises UnreadableFile where there
    are none.
    """
    return [_flat(each) for each in _records(held, name)]


def _records(held: Any, name: str) -> list[dict[str, Any]]:
    if isinstance(held, list) and held and all(isinstance(each, dict) for each in held):
        pages = [None if _is_place(each) else _only_list(each) for each in held]
        return [one for page in pages for one in page or ()] if all(pages) else held
    if isinstance(held, dict) and (found := _only_list(held)):
        return found
    raise UnreadableFile(
        (
            "{name} is neither a GeoJSON FeatureCollection nor a list of objects, one a "
            "place; save it as one of them, or as CSV with columns lon and lat"
        ),
        name=name,
    )


def _is_place(record: Mapping[str, Any]) -> bool:
    said = (meaning(key) for key in record)
    return any(each is not None and each.field in _OF_PLACES for each in said)


def _only_list(held: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The one list of objects in an object ({"status": "1", "pois": […]}), also a level below."""
    lists = [
        each
        for each in held.values()
        if isinstance(each, list) and each and all(isinstance(one, dict) for one in each)
    ]
    if len(lists) == 1:
        return lists[0]
    inner = [
        found for each in held.values() if isinstance(each, dict) and (found := _only_list(each))
    ]
    return inner[0] if not lists and len(inner) == 1 else None


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": each for inner, each in value.items()}
        else:
            flat[key] = value
    return flat
