"""Detours by road: to a place and on, less the way without it, for many spots at once.

Asks no opening hours.

Dijkstra from where one sets out and, against the arcs, from where one is going, both up to one
bound: whoever gets to a spot and on within the bound has both times exact, so what is found within
it lacks nothing. The bound grows until the asker has enough.
"""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from geodata.index.tree import Rows
from geodata.space.tangent import Floats
from geodata.travel.graph import Graph
from geodata.travel.one_to_all import Direction, spread
from geodata.travel.snap import Snapped

#: A detour below a microsecond is rounding: none. A stop may even save time where it lets one turn
#: round: none, too.
NOISE_S: Final = 1e-6
#: The bounds tried, in parts of the first: every one costs a few times the one before, the last is
#: the whole graph.
_WIDER: Final = (1.0, 4.0, math.inf)


class Detours(NamedTuple):
    """Spots that one gets to and on from within a bound."""

    which: Rows
    """(m,) their numbers, in ascending order."""
    to_s: Floats
    """(m,) seconds from setting out to the spot, both legs off the road included."""
    detour_s: Floats
    """(m,) how much later one arrives, at least 0."""
    direct_s: float
    """Seconds without any detour; inf: no road leads there."""
    whole: bool
    """Whether these are all spots that can be reached at all."""


def widening(
    graph: Graph, here: Snapped, there: Snapped, spots: Snapped, first_s: float
) -> Iterator[Detours]:
    """What lies between one spot `here` and one `there`, exact within ever wider bounds.

    The first is `first_s`.
    """
    for part in _WIDER:
        limit_s = first_s * part
        ahead = spread(graph, here, Direction.FROM, limit_s)
        direct_s = float(ahead.at(there)[0][0])
        if direct_s > limit_s:
            continue
        to_s = ahead.at(spots)[0]
        over_s = to_s + spread(graph, there, Direction.TO, limit_s).at(spots)[0]
        which = np.flatnonzero((over_s <= limit_s) & np.isfinite(over_s)).astype(np.int32)
        detour_s = over_s[which] - direct_s
        detour_s[detour_s < NOISE_S] = 0.0
        whole = math.isinf(limit_s) or len(which) == len(spots)
        yield Detours(which, to_s[which], detour_s, direct_s, whole)
