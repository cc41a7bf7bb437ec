"""The roads that a part of a city is known by, as few points as a map needs.

A graph holds no names of classes, so a main road is one that is driven fast: a secondary road's 50
km/h and more.
"""

from typing import Final

import numpy as np

from geodata.space.tangent import Floats, out_of_tangent
from geodata.travel.graph import Graph

#: Between what is made of 40 and of 50 km/h with crossings (rules.py): 22 and 27.5.
_MAIN_M_S: Final = 25.0 / 3.6
#: Where there are too many, only faster ones are drawn: trunk roads, then motorways.
_FASTER: Final = 1.6
#: Points of one drawing: 200 kB before compression.
MOST_POINTS: Final = 20_000
#: A bend nearer than this to the straight line is left out, metres: a pixel or two where single
#: streets are in sight.
_COARSE_M: Final = 4.0


def main_roads(graph: Graph, most_points: int = MOST_POINTS) -> list[Floats]:
    """The main roads of a graph for cars, each (m ≥ 2, 2) WGS-84 degrees.

    No more than `most_points` in all.
    """
    speed_m_s, bound_m_s = _speeds(graph), _MAIN_M_S
    while True:
        drawn = [
            _coarse(_shape(graph, edge)) for edge in np.flatnonzero(speed_m_s >= bound_m_s).tolist()
        ]
        if sum(map(len, drawn)) <= most_points:
            return [
                np.array([out_of_tangent(spot, graph.tangent) for spot in course])
                for course in drawn
            ]
        bound_m_s *= _FASTER


def _speeds(graph: Graph) -> Floats:
    """Of each edge, in the faster direction; 0 where it is closed."""
    seconds = graph.seconds.reshape(-1, 2).min(axis=1)
    driven = np.isfinite(seconds) & (seconds > 0.0)
    speeds: Floats = np.divide(graph.lengths_m, seconds, out=np.zeros(graph.edges), where=driven)
    return speeds


def _shape(graph: Graph, edge: int) -> Floats:
    return graph.vertices[graph.starts[edge] : graph.starts[edge + 1]]


def _coarse(course: Floats) -> Floats:
    """Without the bends that hardly are any (Douglas and Peucker 1973), metres, shape (m, 3)."""
    kept, spans = {0, len(course) - 1}, [(0, len(course) - 1)]
    while spans:
        first, last = spans.pop()
        off_m = _off_m(course[first + 1 : last], course[first], course[last])
        if len(off_m) and off_m.max() > _COARSE_M:
            middle = first + 1 + int(off_m.argmax())
            kept.add(middle)
            spans += [(first, middle), (middle, last)]
    return course[sorted(kept)]


def _off_m(spots: Floats, start: Floats, end: Floats) -> Floats:
    """How far spots lie from a segment."""
    along = end - start
    length2 = float(along @ along)
    share = (
        np.clip((spots - start) @ along / length2, 0.0, 1.0)
        if length2 > 0.0
        else np.zeros(len(spots))
    )
    found: Floats = np.linalg.norm(start + share[:, None] * along - spots, axis=1)
    return found
