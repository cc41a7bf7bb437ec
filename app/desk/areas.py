"""Areas of notices that nobody draws corner by corner: a circle, and a street office."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.maps.outlines import CityOutlines
from app.request.notices import MOST_VERTICES
from geodata.errors import BadValue

Ring = list[list[float]]

_CORNERS: Final = 36
_NEAREST_M: Final = 20
_FARTHEST_M: Final = 20_000
_DEGREE_M: Final = 111_320.0
_DECIMALS: Final = 6
#: An outline is thinned until it has few enough corners, twice as coarsely each time.
_FINEST_M: Final = 5.0


def circle(lon: float, lat: float, metres: int) -> Ring:
    """So many metres about a point, as corners. Raises BadValue where nobody means that."""
    if not _NEAREST_M <= metres <= _FARTHEST_M:
        raise BadValue(
            "A circle has a radius of {least:,} to {most:,} m, not {metres:,}.",
            least=_NEAREST_M,
            most=_FARTHEST_M,
            metres=metres,
        )
    high = metres / _DEGREE_M
    wide = high / math.cos(math.radians(lat))
    turns = [2 * math.pi * at / _CORNERS for at in range(_CORNERS)]
    ring = [
        [
            round(lon + wide * math.cos(turn), _DECIMALS),
            round(lat + high * math.sin(turn), _DECIMALS),
        ]
        for turn in turns
    ]
    return [*ring, ring[0]]


def of_office(ground: CityOutlines, name: str) -> list[Ring]:
    """The outlines of a street office with as many corners as a notice may have.

    Raises BadValue where it has none.
    """
    for office, rings in zip(ground.offices, ground.outlines, strict=True):
        if office.name == name:
            return [_thinned(np.array(ring, float)) for ring in rings]
    raise BadValue("Choose a street office from the list.")


def _thinned(ring: NDArray[np.float64]) -> Ring:
    kept, tolerance = ring, _FINEST_M / _DEGREE_M
    while len(kept) > MOST_VERTICES:
        kept = ring[_corners(ring, tolerance)]
        tolerance *= 2
    told: Ring = kept.round(_DECIMALS).tolist()
    return told if told[0] == told[-1] else [*told, told[0]]


def _corners(ring: NDArray[np.float64], tolerance: float) -> list[int]:
    """The corners that keep a ring within a tolerance (Douglas and Peucker, 1973); a ring is two
    courses, from its first corner to the one farthest from it and back.
    """
    last = len(ring) - 1
    far = int(np.argmax(((ring - ring[0]) ** 2).sum(axis=1)))
    kept, open_ = {0, far, last}, [(0, far), (far, last)]
    while open_:
        first, end = open_.pop()
        if end - first < 2:
            continue
        away = _off(ring[first + 1 : end], ring[first], ring[end])
        at = int(np.argmax(away))
        if away[at] > tolerance:
            middle = first + 1 + at
            kept.add(middle)
            open_ += [(first, middle), (middle, end)]
    return sorted(kept)


def _off(
    spots: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far points lie from the line between two others, in degrees."""
    course = end - start
    length = float(np.hypot(*course))
    if length == 0:
        return np.asarray(np.hypot(*(spots - start).T))
    away = course[0] * (spots[:, 1] - start[1]) - course[1] * (spots[:, 0] - start[0])
    return np.asarray(np.abs(away) / length)
