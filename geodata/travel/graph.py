"""The road graph of one mode, frozen into flat arrays.

Holds no places, reads no file; made by build.py.

An *edge* is a run of road between two decisions (a junction, the end of a way, a barrier), with its
shape; contracting the shape's bends leaves a third of the nodes. An *arc* is an edge in one
direction: arc 2e goes along edge e as drawn, arc 2e + 1 against it. A node may have twins: one who
comes by a road from which turns are banned arrives at a twin that lacks the banned arcs, so
shortest paths need to know of no turns. Roads that one may take to a door on them, but not through,
are told apart in the same way: who sets out on one arrives at twins from which all roads leave; who
comes to one from elsewhere, at twins from which only such roads do. So where an arc ends depends on
the node it is taken from, and every search goes from node to node.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.index.tree import Rows, Tree, Words
from geodata.space.tangent import Floats

#: Filter words of edges, to be asked for with traits.Mask(all_of=…): points beside an edge may
#: belong to it; and it lies on the ground, neither on a bridge nor in a tunnel.
STANDS: Final = 1
STANDS_ON_GROUND: Final = 2


class Arcs(NamedTuple):
    """One way through a graph, forwards or backwards in time, as kernels read it. N nodes."""

    first: Rows
    """(N + 1,) node n has the steps [first[n], first[n + 1])."""
    arcs: Rows
    """The arc of each step."""
    ends: Rows
    """The node that each step leads to."""
    seconds: Floats
    """(2E,) by arc: from one end to the other."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Shapes, lengths and times of E edges, and how N nodes join them.

    All arrays are write-protected and mappable.

    Roads that no other road of the city leads to (an island's, the far side of a border) are kept
    without times: a point beside them is cut off, and not moved over the water to the next road.
    """

    tangent: Floats
    """(4, 3) the tangent plane (tangent.py) that shapes stand in."""
    starts: Rows
    """(E + 1,) edge e has the vertices [starts[e], starts[e + 1]); edges stand in tree order."""
    vertices: Floats
    """(V, 3) metres in the tangent plane, along each edge as drawn."""
    along_m: Floats
    """(V,) metres from the edge's first vertex."""
    boxes: Floats
    """(nodes of the tree, 4) the tree over edges, one edge a leaf."""
    lengths_m: Floats
    """(E,)"""
    seconds: Floats
    """(2E,) from one end to the other; inf: closed, or cut off."""
    heads: Rows
    """(2E,) the node at which an arc ends for one who sets out on it; -1: closed."""
    snap_words: Words
    """(E, 2) filter words: STANDS_ON_GROUND, STANDS in the first."""
    branch_snap_words: Words
    """(nodes of the tree, 2) the OR of those below."""
    to_doors_only: NDArray[np.bool_]
    """(E,) one may go to a door on it or come from one, but not through."""
    tail_first: Rows
    tails: Rows
    """By arc, the nodes it leaves: arc a those in tails[tail_first[a] : tail_first[a + 1]]."""
    out_first: Rows
    out_arcs: Rows
    out_heads: Rows
    """By node, the arcs that leave it and the nodes they end in."""
    in_first: Rows
    in_arcs: Rows
    in_tails: Rows
    """By node, the arcs that end in it and the nodes they leave."""

    def __post_init__(self) -> None:
        for array in self.to_arrays().values():
            array.setflags(write=False)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Name to array, for storing; `Graph.from_arrays` is the way back."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str = "") -> "Graph":
        """From arrays whose names begin with `prefix`; others are left alone."""
        return cls(**{part.name: arrays[prefix + part.name] for part in fields(cls)})

    @property
    def nodes(self) -> int:
        """How many nodes, twins included."""
        return len(self.out_first) - 1

    @property
    def edges(self) -> int:
        """How many edges, those cut off included."""
        return len(self.starts) - 1

    @property
    def tree(self) -> Tree:
        """The tree over edges; its filter words say where points may stand."""
        return Tree(0, self.edges, self.boxes, self.branch_snap_words, self.vertices, self.starts)

    def step(self, node: int, arc: int) -> int:
        """The node at which one arrives who takes an arc from a node that it leaves."""
        span = slice(self.out_first[node], self.out_first[node + 1])
        return int(self.out_heads[span][self.out_arcs[span] == arc][0])

    @property
    def onward(self) -> Arcs:
        """From where one is: arcs that leave a node, and where they end."""
        return Arcs(self.out_first, self.out_arcs, self.out_heads, self.seconds)

    @property
    def back(self) -> Arcs:
        """From where one is going: arcs that end in a node, and where they begin."""
        return Arcs(self.in_first, self.in_arcs, self.in_tails, self.seconds)
