"""A place as GeoJSON, written once when a dataset is published and never again: replies splice
these bytes.

A record is four pieces. Between the first three stand the words for the asker's mode of travel
(Apple's, then Amap's), after the third whatever the question adds; the fourth holds provenance and
is only sent with the place alone. A line has no point to navigate to before somebody asks, so its
second and third piece are empty and its links are made then. Stored, the words for walking stand in
their gaps, so that the common reply takes a record in one piece.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from geodata.snapshot.map_links import AMAP_MODE, APPLE_MODE, Links
from geodata.vocabulary import Mode

PIECES: Final = 4
#: The words for Apple's and for Amap's link, by mode.
MODE_WORDS: Final = {mode: (APPLE_MODE[mode].encode(), AMAP_MODE[mode].encode()) for mode in Mode}
#: The mode whose words stand in a stored record.
STORED_MODE: Final = Mode.WALK
_encode: Final = msgspec.json.Encoder().encode


class Record(NamedTuple):
    """head | Apple's mode | middle | Amap's mode | tail, then the question's own members.

    Provenance apart.
    """

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
    """The pieces of one place.

    `properties` are all that no question changes; they must not be empty.
    """
    opened = _encode(
        {"type": "Feature", "id": place_id, "geometry": geometry, "properties": properties}
    )[:-2]
    source = b',"provenance":' + _encode(provenance)
    if links is None:
        return Record(opened, b"", b"", source)
    return Record(
        opened + navigate_head(links), navigate_middle(links), navigate_tail(links), source
    )


def stored(pieces: Record) -> tuple[bytes, ...]:
    """The pieces as they are stored, each with the word for STORED_MODE that follows it."""
    apple, amap = MODE_WORDS[STORED_MODE] if pieces.middle else (b"", b"")
    return pieces.head + apple, pieces.middle + amap, pieces.tail, pieces.provenance


def unstored(head: bytes, middle: bytes, tail: bytes, provenance: bytes) -> Record:
    """The way back."""
    if not middle:
        return Record(head, middle, tail, provenance)
    apple, amap = MODE_WORDS[STORED_MODE]
    return Record(head[: -len(apple)], middle[: -len(amap)], tail, provenance)


def feature(pieces: Record) -> bytes:
    """The whole place with its provenance, and without links into map apps."""
    return pieces.head.partition(b',"navigate":')[0] + pieces.provenance + b"}}"


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
