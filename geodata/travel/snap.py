"""Points put onto the roads: on which edges, how far along them, and how far off.

A point stands on the nearest edge of its mode, anywhere along it, and on every other that is at
most MARGIN_M farther: which of them one sets out on, the time of the whole way decides, so that
nobody is sent over the river because the road there is a few metres nearer. What lies between is
walked, straight: a door is rarely on the road, and a driver gets out.

Not every road will do. On a motorway nobody gets out. A bridge or a tunnel is on other ground than
what lies beside it on the map: it counts only where no road on the ground is within FLYOVER_M.
Farther than MAX_OFF_M from every road, or nearest to one that is cut off from the rest, a point
stands nowhere.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import borrowed, inlined_kernel, inner_kernel, kernel
from geodata.index.tree import (
    NEAREST_FIRST,
    NO_LEAF,
    Flags,
    Held,
    MaskWords,
    Path,
    Rows,
    Tree,
    Words,
    box_distance2,
    first_branch,
    height_of,
    items_of,
    keep,
    new_path,
    next_leaf,
    passes,
    spot_of,
)
from geodata.space.tangent import Floats, Vector, asker_in_tangent
from geodata.traits import Mask
from geodata.travel.graph import STANDS, STANDS_ON_GROUND, Graph
from geodata.travel.rules import WALK_M_S

#: From farther off than this nobody is put onto a road.
MAX_OFF_M: Final = 500.0
#: Roads that are this much farther off than the nearest compete with it: two carriageways, or the
#: two banks of a stream.
MARGIN_M: Final = 15.0
#: A road on the ground at most so far off comes before a nearer one on a bridge or in a tunnel.
FLYOVER_M: Final = 100.0
#: Of those that compete the nearest count: more meet nowhere but where they join anyhow.
MOST_EDGES: Final = 8


@dataclass(frozen=True, slots=True)
class Snapped:
    """n points on one graph, at m spots: on the edges that compete for each, the nearest first."""

    first: Rows
    """(n + 1,) point p has the spots [first[p], first[p + 1]), at least one."""
    edges: Rows
    """(m,); -1: stands nowhere, and has no other spot."""
    ahead_s: Floats
    """(m, 2): seconds from the edge's first end on to here, and from its last end back to here.

    Inf: closed.
    """
    along_m: Floats
    """(m,) metres from the edge's first end."""
    off_m: Floats
    """(m,) metres from the road; of a point that stands nowhere those to the nearest one, inf
    beyond MAX_OFF_M.
    """

    def __post_init__(self) -> None:
        for array in self.to_arrays().values():
            array.setflags(write=False)

    @classmethod
    def apart(cls, edges: Rows, ahead_s: Floats, along_m: Floats, off_m: Floats) -> "Snapped":
        """Spots that are a point each."""
        return cls(np.arange(len(edges) + 1, dtype=np.int32), edges, ahead_s, along_m, off_m)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Name to array, for storing; `Snapped(**arrays)` is the way back."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    def __len__(self) -> int:
        return len(self.first) - 1

    @property
    def of(self) -> Rows:
        """(m,) the point of each spot."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.first))

    @property
    def stands(self) -> Flags:
        """(n,) False: stands nowhere."""
        return np.asarray(self.edges[self.first[:-1]] >= 0)

    @property
    def nearest_m(self) -> Floats:
        """(n,) metres to the nearest road on which one could stand, as `off_m`."""
        return self.off_m[self.first[:-1]]

    @property
    def off_s(self) -> Floats:
        """(m,) seconds between the spot and its point, on foot."""
        return self.off_m / WALK_M_S

    def least(self, seconds: Floats) -> Floats:
        """Of times by spot, shape (…, m), the least of each point, shape (…, n)."""
        if len(self) == len(self.edges):
            return seconds
        return np.minimum.reduceat(seconds, self.first[:-1], axis=-1)


@dataclass(frozen=True, slots=True)
class SnappedPlaces:
    """The places of one snapshot on one graph: its rows' spots in the order of edges.

    P places, S spots, E edges.

    A place stands on each edge that competes for it, and a street so for each of its vertices, at
    most 200 m apart: it is reached at whichever comes first.
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
    beyond: Rows
    """Rows that no road is within MAX_OFF_M of, ascending: the extract does not reach there. Other
    rows that stand nowhere are cut off.
    """

    def __post_init__(self) -> None:
        for array in self.to_arrays().values():
            array.setflags(write=False)

    @classmethod
    def of(cls, graph: Graph, lonlat: Floats, rows: Rows, places: int) -> "SnappedPlaces":
        """Put points, shape (n, 2), WGS-84, of the given rows out of `places` onto a graph."""
        spots = snap(graph, lonlat)
        rows = rows[spots.of]
        standing = np.flatnonzero(spots.edges >= 0)
        order = standing[np.argsort(spots.edges[standing], kind="stable")]
        counts = np.bincount(spots.edges[order], minlength=graph.edges)
        row_off_m = np.full(places, np.inf)
        np.minimum.at(row_off_m, rows[order], spots.off_m[order])
        nearest_m = np.full(places, np.inf)
        np.minimum.at(nearest_m, rows, spots.off_m)
        return cls(
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            np.ascontiguousarray(rows[order], np.int32),
            spots.ahead_s[order],
            spots.along_m[order],
            spots.off_m[order],
            np.where(np.isinf(row_off_m), np.nan, row_off_m),
            np.flatnonzero(np.isinf(nearest_m)).astype(np.int32),
        )

    def standing(self, chosen: Flags) -> tuple[Rows, Snapped]:
        """The spots of the rows that are chosen, (P,), with the row of each."""
        which = np.flatnonzero(chosen[self.rows])
        return self.rows[which], self.spots(which)

    def spots(self, which: NDArray[np.intp]) -> Snapped:
        """Some of the spots, by their numbers, each as a point of its own."""
        edges = np.searchsorted(self.first, which, side="right").astype(np.int32) - np.int32(1)
        return Snapped.apart(edges, self.ahead_s[which], self.along_m[which], self.off_m[which])

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
    beside = np.empty((len(asked), MOST_EDGES), np.int32)
    beside_m = np.empty((len(asked), MOST_EDGES))
    on = (graph.tangent, graph.tree, graph.snap_words)
    _beside(asked, on, graph.heads.reshape(-1, 2), beside, beside_m)
    # Of these edges only: to look at all of them would cost each question a walk over the graph.
    leads = np.isfinite(graph.seconds[2 * beside]) | np.isfinite(graph.seconds[2 * beside + 1])
    stands = leads & (beside >= 0)
    stands[:, 1:] &= stands[:, :1]
    counted = stands.copy()
    counted[:, 0] = True
    first = np.concatenate([[0], np.cumsum(counted.sum(axis=1))]).astype(np.int32)
    edges = np.where(stands, beside, -1)[counted].astype(np.int32)
    found = _Found(edges, np.empty((len(edges), 2)), np.empty(len(edges)), beside_m[counted])
    point = np.repeat(np.arange(len(asked)), np.diff(first))
    _measure(asked, point, (graph.tangent, graph.tree), graph.along_m, graph.seconds, found)
    return Snapped(first, *found)


class _Found(NamedTuple):
    """The arrays of Snapped by spot: edges and metres off come in, the others are filled."""

    edges: Rows
    ahead_s: Floats
    along_m: Floats
    off_m: Floats


_ON_GROUND: Final = Mask(all_of=STANDS_ON_GROUND)[:]
_ANYWHERE: Final = Mask(all_of=STANDS)[:]


@kernel
def _beside(
    lonlat: Floats,
    on: tuple[Floats, Tree, Words],
    ranks: Rows,
    beside: Rows,
    beside_m: Floats,
) -> None:
    """The edges that compete for each point, nearest first, -1 behind them, and metres to them."""
    _beside_each(lonlat, on, ranks, new_path(), beside, beside_m)


@inner_kernel
def _beside_each(
    lonlat: Floats,
    on: tuple[Floats, Tree, Words],
    ranks: Rows,
    path: Path,
    beside: Rows,
    beside_m: Floats,
) -> None:
    (tangent, tree, words), ranks, path = borrowed(on), borrowed(ranks), borrowed(path)
    beside, beside_m = borrowed(beside), borrowed(beside_m)
    x, y, z, off_m = 0.0, 0.0, 0.0, math.inf
    for i in range(len(lonlat)):
        here = asker_in_tangent(lonlat[i, 0], lonlat[i, 1], tangent)[0]
        # The distance to the roads grows by no more than one moves: most branches are cut at once.
        # A mm for rounding.
        moved_m = math.sqrt((here[0] - x) ** 2 + (here[1] - y) ** 2 + (here[2] - z) ** 2)
        x, y, z = here
        held = Held(beside_m[i], beside[i])
        off_m = _compete(here, tree, words, ranks, _ON_GROUND, off_m + moved_m + 1e-3, held, path)
        if off_m > FLYOVER_M:
            _compete(here, tree, words, ranks, _ANYWHERE, off_m, held, path)


@inlined_kernel
def _compete(
    here: Vector,
    tree: Tree,
    words: Words,
    ranks: Rows,
    mask: MaskWords,
    most_m: float,
    held: Held,
    path: Path,
) -> float:
    """The edges that pass a mask and are at most MARGIN_M farther than the nearest of them, in
    ascending order of their metres into `held`: metres to the nearest, inf beyond MAX_OFF_M.

    `most_m` is known not to be less than that.
    """
    most_m = min(most_m, MAX_OFF_M)
    held.rows[:], held.d2[:] = -1, math.inf
    height, reach2 = height_of(tree), min(most_m + MARGIN_M, MAX_OFF_M) ** 2
    left = first_branch(box_distance2, here, tree, mask, path)
    while left > 0:
        leaf, left = next_leaf(box_distance2, here, tree, mask, reach2, NEAREST_FIRST, path, left)
        if leaf == NO_LEAF:
            break
        first, after = items_of(leaf, tree, height)
        for item in range(first, after):
            d2 = spot_of(tree, item, here)[0]
            edge = int(np.int64(item))
            if d2 <= reach2 and passes(words[edge, 0], words[edge, 1], mask):
                keep(held, d2, edge, ranks)
                reach2 = min(reach2, (math.sqrt(held.d2[0]) + MARGIN_M) ** 2)
    for place in range(len(held.rows)):
        if held.d2[place] > reach2:
            held.rows[place], held.d2[place] = -1, math.inf
        held.d2[place] = math.sqrt(held.d2[place])
    return float(held.d2[0])


@kernel
def _measure(
    lonlat: Floats,
    points: NDArray[np.int64],
    on: tuple[Floats, Tree],
    vertex_m: Floats,
    seconds: Floats,
    found: _Found,
) -> None:
    """Where each spot lies on its edge."""
    (tangent, tree), found = borrowed(on), borrowed(found)
    vertex_m, seconds, starts = borrowed(vertex_m), borrowed(seconds), tree.starts
    for spot in range(len(points)):
        found.along_m[spot], found.ahead_s[spot, :] = 0.0, math.inf
        edge = found.edges[spot]
        if edge < 0:
            continue
        lon, lat = lonlat[points[spot], 0], lonlat[points[spot], 1]
        x, y, z = asker_in_tangent(lon, lat, tangent)[0]
        along = _along(tree.shapes, vertex_m, starts[edge], starts[edge + 1], x, y, z)
        length = vertex_m[starts[edge + 1] - 1]
        share = along / length if length > 0.0 else 0.0
        found.along_m[spot] = along
        if not math.isinf(seconds[2 * edge]):
            found.ahead_s[spot, 0] = share * seconds[2 * edge]
        if not math.isinf(seconds[2 * edge + 1]):
            found.ahead_s[spot, 1] = (1.0 - share) * seconds[2 * edge + 1]


@inner_kernel
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
