"""Which places are reached by road in time from many points, and what their opening hours say
together.

People go to places: seconds are those of the way there, both legs off the road walked. A point that
stands on no road of the mode within 500 m, or only on such as lead nowhere, is not judged: it is
neither served nor unserved.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from geodata.compiled import kernel
from geodata.coverage.links import Meet, Met, ReachLinks
from geodata.index.tree import Flags, MaskWords, Rows, Words, passes
from geodata.space.tangent import Floats
from geodata.traits import EVERYTHING, Mask
from geodata.travel.catchment import meeting, pairs
from geodata.travel.fastest import Expansion
from geodata.travel.one_to_all import Direction, Spread, spread
from geodata.travel.snap import Snapped, snap


class First(NamedTuple):
    """Of n points the place that is reached first."""

    rows: Rows
    """(n,) -1: no road leads to any."""
    seconds: Floats
    """(n,) nan: the same."""
    judged: Flags
    """(n,) False of points on no road."""


@dataclass(frozen=True, slots=True, eq=False)
class NearestByRoad:
    """The place reached first from everywhere, of some places; made by `NearByRoad.nearest`."""

    _rows: Rows
    _found: Spread

    def at(self, lonlat: Floats) -> First:
        """Of WGS-84 points, shape (n, 2)."""
        points = snap(self._found.graph, lonlat)
        seconds, source = self._found.at(points)
        rows = np.append(self._rows, np.int32(-1))[source]
        return First(rows, np.where(rows < 0, np.nan, seconds), points.stands)


@dataclass(frozen=True, slots=True, eq=False)
class NearByRoad:
    """Places that pass a mask, within `limit_s` seconds by road."""

    ways: Expansion
    """The roads of one mode, with the places on them."""
    limit_s: float
    mask: Mask = EVERYTHING

    def links(self, lonlat: Floats) -> ReachLinks:
        """Every place within reach of each point, by row, with the seconds to it.

        A street: to its nearest vertex.
        """
        points = snap(self.ways.graph, lonlat)
        found = pairs(self.ways.graph, *self._doors(), points, self.limit_s)
        starts = np.searchsorted(found.point, np.arange(len(points) + 1)).astype(np.int64)
        return ReachLinks(starts, found.row, found.seconds, points.stands)

    def meeting(self, words: Words, enough: Words) -> Meet:
        """See Near: one search over the roads, then any number of points."""
        rows, doors = self._doors()
        searched = meeting(
            self.ways.graph, doors, words[self.ways.places.links[rows, 1]], enough, self.limit_s
        )

        def meet(lonlat: Floats) -> Met:
            points = snap(self.ways.graph, lonlat)
            return Met(searched.at(points), points.stands)

        return meet

    def nearest(self, hours_ok: Flags | None = None) -> NearestByRoad:
        """The place reached first, however far.

        `hours_ok`, shape (h,): only of those whose hours pass.

        Of equals the first by id.
        """
        stops, links = self.ways.stops, self.ways.places.links
        chosen = self._chosen()
        if hours_ok is not None:
            chosen &= hours_ok[links[:, 1]]
        which = np.flatnonzero(chosen[stops.rows])
        which = which[np.argsort(links[stops.rows[which], 0], kind="stable")]
        return NearestByRoad(
            stops.rows[which], spread(self.ways.graph, stops.spots(which), Direction.TO)
        )

    def _doors(self) -> tuple[Rows, Snapped]:
        return self.ways.stops.standing(self._chosen())

    def _chosen(self) -> Flags:
        return _passing(self.ways.places.words, self.mask[:])


@kernel
def _passing(words: Words, mask: MaskWords) -> Flags:
    """Which rows pass a mask."""
    chosen = np.empty(len(words), np.bool_)
    for row in range(len(words)):
        chosen[row] = passes(words[row, 0], words[row, 1], mask)
    return chosen
