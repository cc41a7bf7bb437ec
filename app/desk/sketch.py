"""A map that needs no script: points over the outlines of the street offices, as SVG, with a line
from where each was before.

North is up, and a degree of longitude is as wide as it is in the middle of the points.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from app.maps.outlines import CityOutlines

WIDTH: Final = 640
_TALLEST: Final = 480
#: Of dots that would lie so near one another, in pixels, the first is drawn.
_APART: Final = 6
#: Lines of what moved; more are a tangle.
_MOST_MOVES: Final = 1_000
#: About a kilometre around a single point.
_LEAST_DEGREES: Final = 0.02
_MARGIN: Final = 0.08


class Marked(Protocol):
    """What a sketch shows of a mark."""

    @property
    def lon(self) -> float:
        """WGS-84 degrees."""

    @property
    def lat(self) -> float:
        """WGS-84 degrees."""

    @property
    def how(self) -> str:
        """What happens there."""

    @property
    def name(self) -> str:
        """What is read of it."""

    @property
    def was(self) -> tuple[float, float] | None:
        """Where it was before; longitude first."""


class Dot(NamedTuple):
    """A point of the map, in its pixels."""

    x: float
    y: float
    how: str
    name: str


class Sketch(NamedTuple):
    """What a template draws."""

    width: int
    height: int
    rings: tuple[str, ...]
    """Outlines, as the points of polygons."""
    dots: tuple[Dot, ...]
    moves: tuple[tuple[float, float, float, float], ...]
    """From where something was to where it is."""


def sketch(ground: CityOutlines, marks: Sequence[Marked]) -> Sketch | None:
    """A map of marks; None without any."""
    if not marks:
        return None
    lonlat = np.array([(each.lon, each.lat) for each in marks], float)
    were = [(at, each.was) for at, each in enumerate(marks) if each.was]
    all_of_it = np.concatenate([lonlat, np.array([was for _, was in were], float).reshape(-1, 2)])
    low, high = all_of_it.min(axis=0), all_of_it.max(axis=0)
    size = np.maximum((high - low) * (1 + 2 * _MARGIN), _LEAST_DEGREES)
    middle = (low + high) / 2
    stretch = math.cos(math.radians(float(middle[1])))
    scale = min(WIDTH / (size[0] * stretch), _TALLEST / size[1])
    height = max(160, min(_TALLEST, round(float(size[1] * scale))))

    def pixels(spots: NDArray[np.float64]) -> NDArray[np.float64]:
        east = (spots[:, 0] - middle[0]) * stretch * scale + WIDTH / 2
        north = height / 2 - (spots[:, 1] - middle[1]) * scale
        return np.stack([east, north], axis=1).round(1)

    at = pixels(lonlat).tolist()
    apart: dict[tuple[int, int, str], Dot] = {}
    for (x, y), each in zip(at, marks, strict=True):
        key = (int(x) // _APART, int(y) // _APART, each.how)
        apart.setdefault(key, Dot(x, y, each.how, each.name))
    before = pixels(np.array([was for _, was in were], float).reshape(-1, 2)).tolist()
    moves = tuple((x, y, *at[row]) for (x, y), (row, _) in zip(before, were, strict=True))
    rings = [pixels(np.array(ring)) for ring in ground.rings]
    edge = np.array([WIDTH, height])
    seen = [ring for ring in rings if (ring.max(axis=0) > 0).all() and (ring.min(0) < edge).all()]
    drawn = tuple(" ".join(f"{x:g},{y:g}" for x, y in ring.tolist()) for ring in seen)
    return Sketch(WIDTH, height, drawn, tuple(apart.values()), moves[:_MOST_MOVES])
