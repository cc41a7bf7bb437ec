"""Tiles that weigh no more than a phone should load: what tells least goes first, whole things at a
time.

A tile is read and written as the protobuf message that it is (Mapbox Vector Tile 2.1, 4); what
stays in it is not changed. Land and sea always stay.
"""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from geodata.ground import tags as table

#: Bytes of a tile, gzipped.
MOST_BYTES: Final = 25_000
#: gzip as the archive packs: level 9.
_LEVEL: Final = 9
#: Layers of things that come into sight together: the first go first.
_KEPT: Final = (
    table.BUILDING,
    table.LAND,
    table.GREEN,
    table.RAIL,
    table.WATER,
    table.ROAD,
    table.PLACE,
)
#: Without these a tile is a hole.
_STAYS: Final = frozenset({(table.LAND, "land"), (table.WATER, "sea")})
_VARINT, _BYTES = 0, 2
#: Numbers of fields in the message.
_TILE_LAYER: Final = 3
_LAYER_NAME, _LAYER_FEATURE, _LAYER_KEY, _LAYER_VALUE = 1, 2, 3, 4
_FEATURE_TAGS, _FEATURE_GEOMETRY = 2, 4
_VALUE_STRING: Final = 1
#: Of a geometry's commands that which ends a ring; it has no points.
_CLOSE: Final = 7


class Fitted(NamedTuple):
    """A tile that was made to fit."""

    body: bytes
    """Plain."""
    dropped: int
    """Things that are not in it any more."""


class _Feature(NamedTuple):
    """A thing of a layer, as it is written there."""

    layer: int
    """Which of the tile's."""
    written: bytes
    """All of it but its tags."""
    tags: Sequence[tuple[int, int]]
    """Positions of key and value in those of the layer."""
    kind: str
    extent: int
    """Half its box's way round, in units of the tile."""


@dataclass(frozen=True, slots=True)
class _Layer:
    name: str
    keys: Sequence[bytes]
    values: Sequence[bytes]
    rest: Sequence[tuple[int, int, bytes | int]]
    """Its other fields: name, version, units."""


def packed_size(body: bytes) -> int:
    """Bytes of a tile as the archive holds it."""
    return len(gzip.compress(body, _LEVEL, mtime=0))


def fitted(body: bytes, most: int = MOST_BYTES) -> Fitted:
    """A plain tile of at most so many bytes gzipped, if need be without what tells least: what
    comes into sight last, and of that the smallest; of names those that stand last.

    Larger only where land and sea alone are.
    """
    if packed_size(body) <= most:
        return Fitted(body, 0)
    layers, features = _read(body)
    order = sorted(range(len(features)), key=lambda at: _importance(layers, features, at))
    can_go = [at for at in order if _name(layers, features[at]) not in _STAYS]
    low, high = 1, len(can_go)
    while low < high:
        middle = (low + high) // 2
        if packed_size(_written(layers, _without(features, can_go[:middle]))) <= most:
            high = middle
        else:
            low = middle + 1
    return Fitted(_written(layers, _without(features, can_go[:high])), high)


def _name(layers: Sequence[_Layer], feature: _Feature) -> tuple[str, str]:
    return layers[feature.layer].name, feature.kind


def _importance(
    layers: Sequence[_Layer], features: Sequence[_Feature], at: int
) -> tuple[int, int, int, int]:
    """The least goes first."""
    name = _name(layers, features[at])
    return -table.first_zoom(*name), _KEPT.index(name[0]), features[at].extent, -at


def _without(features: Sequence[_Feature], gone: Sequence[int]) -> list[_Feature]:
    leave = set(gone)
    return [feature for at, feature in enumerate(features) if at not in leave]


def _read(body: bytes) -> tuple[list[_Layer], list[_Feature]]:
    layers: list[_Layer] = []
    features: list[_Feature] = []
    for number, _, message in _fields(body):
        if number != _TILE_LAYER or not isinstance(message, bytes):
            continue
        fields = list(_fields(message))
        held = {which: _of(fields, which) for which in (_LAYER_NAME, _LAYER_KEY, _LAYER_VALUE)}
        own = (_LAYER_FEATURE, _LAYER_KEY, _LAYER_VALUE)
        layer = _Layer(
            held[_LAYER_NAME][0].decode(),
            held[_LAYER_KEY],
            held[_LAYER_VALUE],
            [field for field in fields if field[0] not in own],
        )
        layers.append(layer)
        features += [_feature(layer, len(layers) - 1, each) for each in _of(fields, _LAYER_FEATURE)]
    return layers, features


def _feature(layer: _Layer, at: int, message: bytes) -> _Feature:
    fields = list(_fields(message))
    numbers = [number for packed in _of(fields, _FEATURE_TAGS) for number in _varints(packed)]
    tags = list(zip(numbers[::2], numbers[1::2], strict=True))
    kinds = [_text(layer.values[value]) for key, value in tags if layer.keys[key] == b"kind"]
    shape = [number for packed in _of(fields, _FEATURE_GEOMETRY) for number in _varints(packed)]
    others = _message([field for field in fields if field[0] != _FEATURE_TAGS])
    return _Feature(at, others, tags, kinds[0] if kinds else "", _extent(shape))


def _text(value: bytes) -> str:
    return next((text.decode() for text in _of(list(_fields(value)), _VALUE_STRING)), "")


def _extent(shape: Sequence[int]) -> int:
    """Half the way round the box of a geometry's commands."""
    x = y = at = 0
    xs: list[int] = []
    ys: list[int] = []
    while at < len(shape):
        command, count = shape[at] & 7, shape[at] >> 3
        at += 1
        if command == _CLOSE:
            continue
        for across, down in zip(
            shape[at : at + 2 * count : 2], shape[at + 1 : at + 2 * count : 2], strict=True
        ):
            x, y = x + _signed(across), y + _signed(down)
            xs.append(x)
            ys.append(y)
        at += 2 * count
    return max(xs) - min(xs) + max(ys) - min(ys) if xs else 0


def _signed(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


def _written(layers: Sequence[_Layer], features: Sequence[_Feature]) -> bytes:
    """The tile of these things; keys and values that none of them has are left out."""
    out = bytearray()
    for at, layer in enumerate(layers):
        mine = [feature for feature in features if feature.layer == at]
        if not mine:
            continue
        keys: dict[bytes, int] = {}
        values: dict[bytes, int] = {}
        message = bytearray()
        for feature in mine:
            tags = bytearray()
            for key, value in feature.tags:
                tags += _varint(keys.setdefault(layer.keys[key], len(keys)))
                tags += _varint(values.setdefault(layer.values[value], len(values)))
            said = _field(_FEATURE_TAGS, _BYTES, bytes(tags)) if tags else b""
            message += _field(_LAYER_FEATURE, _BYTES, said + feature.written)
        told = [(_LAYER_KEY, _BYTES, key) for key in keys]
        told += [(_LAYER_VALUE, _BYTES, value) for value in values]
        body = _message(layer.rest) + bytes(message) + _message(told)
        out += _field(_TILE_LAYER, _BYTES, body)
    return bytes(out)


def _of(fields: Sequence[tuple[int, int, bytes | int]], number: int) -> list[bytes]:
    return [held for which, _, held in fields if which == number and isinstance(held, bytes)]


def _message(fields: Sequence[tuple[int, int, bytes | int]]) -> bytes:
    return b"".join(_field(*field) for field in fields)


def _field(number: int, wire: int, held: bytes | int) -> bytes:
    head = _varint(number << 3 | wire)
    if isinstance(held, int):
        return head + _varint(held)
    return head + (_varint(len(held)) if wire == _BYTES else b"") + held


def _fields(message: bytes) -> Iterator[tuple[int, int, bytes | int]]:
    """Number, wire type and content of each field; numbers of fixed width stay bytes."""
    at = 0
    while at < len(message):
        head, at = _next(message, at)
        number, wire = head >> 3, head & 7
        if wire == _VARINT:
            held, at = _next(message, at)
            yield number, wire, held
            continue
        length, at = _next(message, at) if wire == _BYTES else ({1: 8, 5: 4}[wire], at)
        yield number, wire, message[at : at + length]
        at += length


def _varints(packed: bytes) -> Iterator[int]:
    at = 0
    while at < len(packed):
        number, at = _next(packed, at)
        yield number


def _next(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
