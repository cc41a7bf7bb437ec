"""Points put onto the roads: on which edge, how far along it, and how far off.

A point stands on the nearest edge of its mode, anywhere along it. What lies between is walked,
straight: a door is rarely on the road, and a driver gets out. Farther than MAX_OFF_M from every
road, or on roads that are cut off from the rest, it stands nowhere.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import borrowed, inner_kernel, kernel
from geodata.index.tree import (
    ALL_HOURS,
    ANY_TIME,
    Flags,
    Held,
    Path,
    Rows,
    Rules,
    Tree,
    keep_nearest,
    new_path,
)
from geodata.space.tangent import Floats, asker_in_frame
from geodata.traits import EVERYTHING
from geodata.travel.graph import Graph
from geodata.travel.rules import WALK_M_S

#: From farther off than this nobody is put onto a road.
MAX_OFF_M: Final = 500.0


@dataclass(frozen=True, slots=True)
class Snapped:
    """n points on one graph."""

    edges: Rows
    """(n,); -1: stands nowhere."""
    ahead_s: Floats
    """(n, 2): seconds from the edge's first end on to here, and from its last end back to here.

    Inf: closed.
    """
    along_m: Floats
    """(n,) metres from the edge's first end."""
    off_m: Floats
    """(n,) metres from the road; of a point that stands nowhere those to the nearest one, inf
    beyond MAX_OFF_M.
    """

    def __post_init__(self) -> None:
        for array in self.to_arrays().values():
            array.setflags(write=False)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Name to array, for storing; `Snapped(**arrays)` is the way back."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    def __len__(self) -> int:
        return len(self.edges)

    @property
    def off_s(self) -> Floats:
        """(n,) seconds between the point and the road, on foot."""
        return self.off_m / WALK_M_S


@dataclass(frozen=True, slots=True)
class SnappedPlaces:
    """The places of one snapshot on one graph: its rows' spots in the order of edges.

    P places, S spots, E edges.

    A street stands there once for each of its vertices, at most 200 m apart: it is reached at
    whichever comes first.
    """

    first: Rows
    """(E + 1,) edge e has the spots [first[e], first[e + 1])."""
    rows: Rows
    """(S,) the snapshot's row of each spot."""
    ahead_s: Floats
    along_m: Floats
    off_m: Floats
    """As in Snapped."""
    row_off_m: Floats
    """(P,) metres from each row to its nearest road.

    Nan: it stands nowhere and cannot be reached.
    """

    def __post_init__(self) -> None:
        for array in self.to_arrays().values():
            array.setflags(write=False)

    @classmethod
    def of(cls, graph: Graph, lonlat: Floats, rows: Rows, places: int) -> "SnappedPlaces":
        """Put points, shape (n, 2), WGS-84, of the given rows out of `places` onto a graph."""
        spots = snap(graph, lonlat)
        standing = np.flatnonzero(spots.edges >= 0)
        order = standing[np.argsort(spots.edges[standing], kind="stable")]
        counts = np.bincount(spots.edges[order], minlength=graph.edges)
        row_off_m = np.full(places, np.inf)
        np.minimum.at(row_off_m, rows[order], spots.off_m[order])
        return cls(
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            np.ascontiguousarray(rows[order], np.int32),
            spots.ahead_s[order],
            spots.along_m[order],
            spots.off_m[order],
            np.where(np.isinf(row_off_m), np.nan, row_off_m),
        )

    def standing(self, chosen: Flags) -> tuple[Rows, Snapped]:
        """The spots of the rows that are chosen, (P,), with the row of each."""
        which = np.flatnonzero(chosen[self.rows])
        return self.rows[which], self.spots(which)

    def spots(self, which: NDArray[np.intp]) -> Snapped:
        """Some of the spots, by their numbers."""
        edges = np.searchsorted(self.first, which, side="right").astype(np.int32) - np.int32(1)
        return Snapped(edges, self.ahead_s[which], self.along_m[which], self.off_m[which])

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Name to array, for storing; `SnappedPlaces.from_arrays` is the way back."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "SnappedPlaces":
        """What `to_arrays` wrote, on the same memory."""
        return cls(**{part.name: arrays[part.name] for part in fields(cls)})


def snap(graph: Graph, lonlat: Floats) -> Snapped:
    """Put WGS-84 points, shape (n, 2), onto a graph.

    Faster where each lies near the one before it.
    """
    asked = np.ascontiguousarray(lonlat, np.float64).reshape(-1, 2)
    count = len(asked)
    found = _Found(
        np.empty(count, np.int32), np.empty((count, 2)), np.empty(count), np.empty(count)
    )
    # Of two roads that are equally near the one whose first end has the lower number.
    ranks = graph.heads.reshape(-1, 2)
    held = Held(np.empty(1), np.empty(1, np.int32))
    _snap(
        asked, graph.frame, graph.tree, ranks, graph.along_m, graph.seconds, _ANY_ROAD, held, found
    )
    return Snapped(*found)


class _Found(NamedTuple):
    """The arrays of Snapped, to be filled."""

    edges: Rows
    ahead_s: Floats
    along_m: Floats
    off_m: Floats


#: Edges are not filtered.
_ANY_ROAD: Final = Rules(EVERYTHING[:], ALL_HOURS, ANY_TIME)


@kernel
def _snap(
    lonlat: Floats,
    frame: Floats,
    tree: Tree,
    ranks: Rows,
    vertex_m: Floats,
    seconds: Floats,
    rules: Rules,
    held: Held,
    found: _Found,
) -> None:
    """Makes room for the walks of `_snap_each`, which borrows it."""
    _snap_each(lonlat, frame, tree, ranks, vertex_m, seconds, rules, held, new_path(), found)


@inner_kernel
def _snap_each(
    lonlat: Floats,
    frame: Floats,
    tree: Tree,
    ranks: Rows,
    vertex_m: Floats,
    seconds: Floats,
    rules: Rules,
    held: Held,
    path: Path,
    found: _Found,
) -> None:
    """The nearest edge of each point, and where on it the point stands."""
    frame, tree, ranks, rules = borrowed((frame, tree, ranks, rules))
    held, path, found = borrowed((held, path, found))
    vertex_m, seconds = borrowed((vertex_m, seconds))
    starts = tree.starts
    x, y, z, off = 0.0, 0.0, 0.0, math.inf
    for i in range(len(lonlat)):
        here = asker_in_frame(lonlat[i, 0], lonlat[i, 1], frame)[0]
        # The distance to the roads grows by no more than one moves: most branches are cut at once.
        # A mm for rounding.
        moved = math.sqrt((here[0] - x) ** 2 + (here[1] - y) ** 2 + (here[2] - z) ** 2)
        x, y, z = here
        held.d2[0] = min(MAX_OFF_M, off + moved + 1e-3) ** 2
        held.rows[0] = -1
        keep_nearest(here, tree, tree.branch_words, ranks, rules, held, path)
        edge = held.rows[0]
        off = math.sqrt(held.d2[0]) if edge >= 0 else math.inf
        found.edges[i], found.off_m[i] = edge, off
        found.along_m[i], found.ahead_s[i, :] = 0.0, math.inf
        if edge < 0:
            continue
        along = _along(tree.shapes, vertex_m, starts[edge], starts[edge + 1], x, y, z)
        length = vertex_m[starts[edge + 1] - 1]
        share = along / length if length > 0.0 else 0.0
        found.along_m[i] = along
        if math.isinf(seconds[2 * edge]) and math.isinf(seconds[2 * edge + 1]):
            found.edges[i] = -1  # cut off
        if not math.isinf(seconds[2 * edge]):
            found.ahead_s[i, 0] = share * seconds[2 * edge]
        if not math.isinf(seconds[2 * edge + 1]):
            found.ahead_s[i, 1] = (1.0 - share) * seconds[2 * edge + 1]


@kernel
def _along(
    vertices: Floats, vertex_m: Floats, lo: int, hi: int, x: float, y: float, z: float
) -> float:
    """Metres along the polyline of vertices lo … hi-1 to its point nearest to x, y, z."""
    best, along = math.inf, 0.0
    for v in range(lo, hi - 1):
        ax, ay, az = vertices[v, 0], vertices[v, 1], vertices[v, 2]
        ux, uy, uz = vertices[v + 1, 0] - ax, vertices[v + 1, 1] - ay, vertices[v + 1, 2] - az
        length2 = ux * ux + uy * uy + uz * uz
        dot = (x - ax) * ux + (y - ay) * uy + (z - az) * uz
        t = min(1.0, max(0.0, dot / length2)) if length2 > 0.0 else 0.0
        d2 = (x - ax - t * ux) ** 2 + (y - ay - t * uy) ** 2 + (z - az - t * uz) ** 2
        if d2 < best:
            best, along = d2, vertex_m[v] + t * (vertex_m[v + 1] - vertex_m[v])
    return along
