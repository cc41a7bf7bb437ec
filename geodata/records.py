"""A place as GeoJSON, written once when a dataset is published and never again: replies splice these bytes.

A record is four pieces. Between the first three stand the words for the asker's mode of travel (Apple's, then Amap's),
after the third whatever the question adds; the fourth holds provenance and is only sent with the place alone. A line
has no point to navigate to before somebody asks, so its second and third piece are empty and its links are made then.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from geodata.navigate import Links

PIECES: Final = 4
_encode: Final = msgspec.json.Encoder().encode


class Record(NamedTuple):
    """head | Apple's mode | middle | Amap's mode | tail, then the question's own members; provenance apart."""

    head: bytes
    middle: bytes
    tail: bytes
    provenance: bytes


def record(
    place_id: str,
    geometry: Mapping[str, Any],
    properties: Mapping[str, Any],
    provenance: Mapping[str, Any],
    links: Links | None,
) -> Record:
    """The pieces of one place. `properties` are all that no question changes; they must not be empty."""
    opened = _encode({"type": "Feature", "id": place_id, "geometry": geometry, "properties": properties})[:-2]
    source = b',"provenance":' + _encode(provenance)
    if links is None:
        return Record(opened, b"", b"", source)
    return Record(opened + navigate_head(links), navigate_middle(links), navigate_tail(links), source)


def navigate_head(links: Links) -> bytes:
    """`,"navigate":{…` up to the word for Apple's mode."""
    plain = _encode({"baidu": links.baidu, "tencent": links.tencent, "geo": links.geo})[:-1]
    return b',"navigate":' + plain + b',"apple":"' + _inner(links.apple_before_mode)


def navigate_middle(links: Links) -> bytes:
    """From the word for Apple's mode to the word for Amap's."""
    return b'","amap":"' + _inner(links.amap_before_mode)


def navigate_tail(links: Links) -> bytes:
    """From the word for Amap's mode to the end of the links."""
    return _inner(links.amap_after_mode) + b'"}'


def _inner(text: str) -> bytes:
    """A JSON string without its quotes."""
    return _encode(text)[1:-1]
