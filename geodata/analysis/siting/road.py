"""Who can be reached from where in so many minutes over a road network.

Knows neither demand nor candidates.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geodata.analysis.siting.reach import ReachPairs, Shapes
from geodata.errors import BadQuestion
from geodata.index.spatial import densify
from geodata.index.tree import Flags
from geodata.space.tangent import Floats
from geodata.travel import catchment
from geodata.travel.graph import Graph
from geodata.travel.network import Network
from geodata.travel.one_to_all import Direction, spread
from geodata.travel.snap import SnappedPlaces, snap
from geodata.vocabulary import Mode

#: Beyond an hour nobody takes a rest.
MOST_MIN: Final = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Minutes:
    """Minutes by a mode from the demand to a site, both legs off the road walked.

    Exact on the network.

    A line is reached at whichever of its vertices, at most 200 m apart, comes first. Raises
    BadQuestion for no minutes or more than MOST_MIN.
    """

    most: float
    mode: Mode
    network: Network

    def __post_init__(self) -> None:
        if not 0 < self.most <= MOST_MIN:
            raise BadQuestion(
                "a reach of {most:g} minutes is outside 0–{most_min:g}",
                most=self.most,
                most_min=MOST_MIN,
            )

    @property
    def unit(self) -> str:
        """Minutes."""
        return "min"

    @property
    def description(self) -> str:
        """How far, how, by which engine and data."""
        return f"{self.most:g} min, {self.mode}, by road: {self.network.about}"

    def judged(self, lonlat: Floats) -> Flags:
        """Points within 500 m of a road that leads anywhere."""
        return snap(self._graph, lonlat).stands

    def pairs(self, lonlat: Floats, shapes: Shapes) -> ReachPairs:
        """See Reach."""
        stops = _stops(self._graph, shapes)
        doors = stops.spots(np.arange(len(stops.rows)))
        found = catchment.pairs(
            self._graph, stops.rows, doors, snap(self._graph, lonlat), 60.0 * self.most
        )
        order = np.lexsort((found.row, found.seconds, found.point))
        return ReachPairs(found.point[order], found.row[order], found.seconds[order] / 60.0)

    def nearest(self, lonlat: Floats, shapes: Shapes) -> Floats:
        """See Reach."""
        stops = _stops(self._graph, shapes)
        searched = spread(self._graph, stops.spots(np.arange(len(stops.rows))), Direction.TO)
        return searched.at(snap(self._graph, lonlat))[0] / 60.0

    @property
    def _graph(self) -> Graph:
        return self.network.graphs[self.mode]


def _stops(graph: Graph, shapes: Shapes) -> SnappedPlaces:
    paths = [
        densify(path) if len(path) > 1 else path for path in map(shapely.get_coordinates, shapes)
    ]
    rows = np.repeat(np.arange(len(paths)), [len(path) for path in paths]).astype(np.int32)
    return SnappedPlaces.of(graph, np.concatenate([np.empty((0, 2)), *paths]), rows, len(paths))
