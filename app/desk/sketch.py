"""A map that needs no script: points over the outlines of the street offices, as SVG.

North is up, and a degree of longitude is as wide as it is in the middle of the points.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.snapshot.snapshot import Snapshot

WIDTH: Final = 640
_TALLEST: Final = 480
#: Of dots that would lie so near one another, in pixels, the first is drawn.
_APART: Final = 6
#: About a kilometre around a single point.
_LEAST_DEGREES: Final = 0.02
_MARGIN: Final = 0.08


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


def sketch(snapshot: Snapshot, points: Sequence[tuple[float, float, str, str]]) -> Sketch | None:
    """A map of lon, lat (WGS-84), what happens there, and a name; None without points."""
    if not points:
        return None
    lonlat = np.array([(lon, lat) for lon, lat, _, _ in points], float)
    low, high = lonlat.min(axis=0), lonlat.max(axis=0)
    size = np.maximum((high - low) * (1 + 2 * _MARGIN), _LEAST_DEGREES)
    middle = (low + high) / 2
    stretch = math.cos(math.radians(float(middle[1])))
    scale = min(WIDTH / (size[0] * stretch), _TALLEST / size[1])
    height = max(160, min(_TALLEST, round(float(size[1] * scale))))

    def pixels(spots: NDArray[np.float64]) -> NDArray[np.float64]:
        east = (spots[:, 0] - middle[0]) * stretch * scale + WIDTH / 2
        north = height / 2 - (spots[:, 1] - middle[1]) * scale
        return np.stack([east, north], axis=1).round(1)

    seen: dict[tuple[int, int, str], Dot] = {}
    for (x, y), (_, _, how, name) in zip(pixels(lonlat).tolist(), points, strict=True):
        seen.setdefault((int(x) // _APART, int(y) // _APART, how), Dot(x, y, how, name))
    dots = tuple(seen.values())
    area = snapshot.outline
    rings = [pixels(ring).tolist() for ring in np.split(area.xy, area.starts[1:-1].tolist())]
    drawn = tuple(" ".join(f"{x:g},{y:g}" for x, y in ring) for ring in rings)
    return Sketch(WIDTH, height, drawn, dots)
