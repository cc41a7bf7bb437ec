"""Geometry as bytes or text is looked at before GEOS reads it: how deep collections are nested.

GEOS reads a collection within a collection by calling itself. Some 100,000 levels, 900 kB of
bytes, are beyond any stack, and end the process without a word. So levels are counted first, by a
loop. Builds no geometry but by shapely.
"""

import re
import struct
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import BadValue

Geometries = NDArray[np.object_]

#: Collections in one another; of the files that people keep none has more than two.
MOST_LEVELS: Final = 32
#: A level costs at least its byte order, its type and its count: fewer bytes cannot be too deep.
_LEVEL_BYTES: Final = 9
_SHALLOW_BYTES: Final = MOST_LEVELS * _LEVEL_BYTES
_POINT, _LINE, _POLYGON = 1, 2, 3
#: What holds other geometries: multipoint to collection, and the curved kinds.
_HOLDERS: Final = frozenset((4, 5, 6, 7, 9, 10, 11, 12, 15, 16))
#: Flags of extended WKB: z, m and an SRID of four bytes.
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000
_BRACKETS: Final = re.compile(r"[()]")


def from_wkb(values: Iterable[bytes | None]) -> Geometries:
    """The geometries of WKB, None where there is none, shape (n,).

    Raises BadValue for one that is nested too deeply or counts more than it holds, and what
    shapely raises for one that is none.
    """
    bodies = np.array([*values, None], dtype=object)[:-1]
    for row, body in enumerate(bodies):
        if body is not None and len(body) > _SHALLOW_BYTES:
            _require_shallow(body, row)
    return np.asarray(shapely.from_wkb(bodies), dtype=object)


def from_wkt(text: str) -> Any:
    """The geometry of WKT. Raises BadValue for one that is nested too deeply, else as shapely."""
    level = deepest = 0
    for found in _BRACKETS.finditer(text):
        level += 1 if found[0] == "(" else -1
        deepest = max(deepest, level)
    if deepest > MOST_LEVELS:
        raise BadValue("a geometry of {deepest:,} levels is nested too deeply", deepest=deepest)
    return shapely.from_wkt(text)


def _require_shallow(body: bytes, row: int) -> None:
    """Walks the geometries in the order they stand, with the number still to come of each level."""
    at, left = 0, [1]
    while left:
        if not left[-1]:
            left.pop()
            continue
        left[-1] -= 1
        kind, held, at = _head(body, at, row)
        if kind in _HOLDERS:
            left.append(held)
            if len(left) > MOST_LEVELS + 1:
                raise BadValue("the geometry of row {row:,} is nested too deeply", row=row + 1)
        elif at > len(body):
            raise BadValue("the geometry of row {row:,} counts more than it holds", row=row + 1)


def _head(body: bytes, at: int, row: int) -> tuple[int, int, int]:
    """Kind, how many geometries it holds, and where what follows begins."""
    try:
        order = "<" if body[at] == 1 else ">"
        (said,) = struct.unpack_from(f"{order}I", body, at + 1)
        at += 9 if said & _SRID else 5
        bare = said & 0x1FFFFFFF
        kind, thousands = bare % 1000, bare // 1000
        numbers = 2 + (bool(said & _Z) or thousands in (1, 3)) + (bool(said & _M) or thousands > 1)
        if kind == _POINT:
            return kind, 0, at + 8 * numbers
        (count,) = struct.unpack_from(f"{order}I", body, at)
        at += 4
        if kind in _HOLDERS:
            return kind, count, at
        if kind == _POLYGON:
            return kind, 0, _behind_rings(body, at, count, order, 8 * numbers)
    except (struct.error, IndexError):
        raise BadValue(
            "the geometry of row {row:,} counts more than it holds", row=row + 1
        ) from None
    return kind, 0, at + count * 8 * numbers


def _behind_rings(body: bytes, at: int, rings: int, order: str, width: int) -> int:
    for _ in range(rings):
        (count,) = struct.unpack_from(f"{order}I", body, at)
        at += 4 + count * width
    return at
