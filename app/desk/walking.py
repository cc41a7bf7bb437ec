"""In which order one walks to some points, by road where there is a network."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.space.coordinates import geodesic_m
from geodata.travel.graph import Graph
from geodata.travel.one_to_all import spread
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import snap

#: A way on foot is so much longer than the straight line, where no road says how long.
_DETOUR: Final = 1.3
_NOTHING_GAINED_S: Final = 1e-6


class Walk(NamedTuple):
    """An order of points, and how long one walks in it."""

    order: tuple[int, ...]
    legs_s: tuple[float, ...]
    """Seconds from each to the next, one fewer than points."""
    by_road: bool


def walk(lonlat: NDArray[np.float64], graph: Graph | None, *, as_they_stand: bool = False) -> Walk:
    """A short open way from the first point through all others, or through them in the order in
    which they stand; points (n, 2), WGS-84, n ≥ 1.

    The nearest next one, mended by turning parts of the way round and moving points as long as that
    makes it shorter.
    """
    seconds = between(lonlat, graph)
    order = [*range(len(lonlat))]
    if not as_they_stand:
        order = _mended(_nearest_next(seconds), seconds)
    legs = tuple(float(seconds[a, b]) for a, b in pairwise(order))
    return Walk(tuple(order), legs, graph is not None)


def between(lonlat: NDArray[np.float64], graph: Graph | None) -> NDArray[np.float64]:
    """Seconds on foot from each point to each, (n, n); where no road leads an estimate."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    straight_m = geodesic_m(lon[:, None], lat[:, None], lon[None, :], lat[None, :])
    estimate = np.asarray(straight_m, np.float64) * _DETOUR / WALK_M_S
    if graph is None:
        return estimate
    spots = snap(graph, lonlat)
    rows = [spread(graph, snap(graph, lonlat[[at]])).at(spots)[0] for at in range(len(lonlat))]
    by_road = np.stack(rows)
    np.fill_diagonal(by_road, 0.0)  # not to the road and back
    return np.where(np.isfinite(by_road), by_road, estimate)


def _nearest_next(seconds: NDArray[np.float64]) -> list[int]:
    order, left = [0], [*range(1, len(seconds))]
    while left:
        nearest = min(left, key=lambda at: (float(seconds[order[-1], at]), at))
        left.remove(nearest)
        order.append(nearest)
    return order


def _mended(order: list[int], seconds: NDArray[np.float64]) -> list[int]:
    best, cost = order, _cost(order, seconds)
    improved = True
    while improved:
        improved = False
        for tried in _neighbours(best):
            its = _cost(tried, seconds)
            if its < cost - _NOTHING_GAINED_S:
                best, cost, improved = tried, its, True
                break
    return best


def _neighbours(order: list[int]) -> list[list[int]]:
    """The first point stays: one stands there."""
    count = len(order)
    tried = [
        [*order[:first], *order[first : last + 1][::-1], *order[last + 1 :]]
        for first in range(1, count)
        for last in range(first + 1, count)
    ]
    for at in range(1, count):
        rest = [*order[:at], *order[at + 1 :]]
        tried += [[*rest[:to], order[at], *rest[to:]] for to in range(1, count) if to != at]
    return tried


def _cost(order: Sequence[int], seconds: NDArray[np.float64]) -> float:
    return float(seconds[list(order[:-1]), list(order[1:])].sum())
