"""From roads to the graph of one mode: cut at decisions, connected, put into tree order.

Reads no file.

What one mode may not use is left out first. Then a way is cut where it meets another, at barriers
and at the nodes of turn restrictions; a barrier's node is given to each side as a node of its own,
so that nobody passes. Of what is left, the largest strongly connected component is where one can go
and come back from.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.errors import UnreadableFile
from geodata.index.tree import LEAF_LINES, Rows, Words, cut, summarise
from geodata.space.tangent import Floats, in_tangent, tangent_plane
from geodata.travel.graph import STANDS, STANDS_ON_GROUND, Graph
from geodata.travel.osm import MODES, Ban, OsmWays
from geodata.travel.rules import Snappable
from geodata.vocabulary import Mode

#: Roads cut off from the rest are an island from this length on; shorter pieces are slips of the
#: map, and left out.
ISLAND_M: Final = 1_000.0

_Ints = NDArray[np.int64]


class _Edges(NamedTuple):
    """Runs of road between decisions.

    `tails` and `heads` are numbers of no meaning but their equality.
    """

    first: _Ints
    """(E,) reference each begins with."""
    last: _Ints
    """(E,) reference it ends with, included."""
    ways: _Ints
    tails: _Ints
    heads: _Ints
    nodes: int
    """Numbers are below this."""


class _Joined(NamedTuple):
    """Arcs joined at nodes: where each ends, and the steps by which one goes from node to node."""

    heads: _Ints
    """(2E,) node at which an arc ends for one who sets out on it; -1: closed."""
    tails: _Ints
    """(S,) the node of each step."""
    arcs: _Ints
    """(S,) its arc."""
    ends: _Ints
    """(S,) the node that it leads to."""
    nodes: int


class _Meaning(NamedTuple):
    """What edges are for, each (E,)."""

    snappable: NDArray[np.uint8]
    """rules.Snappable"""
    to_doors_only: NDArray[np.bool_]


class NodePositions(NamedTuple):
    """Where the nodes of all roads lie: the same for every mode."""

    tangent: Floats
    """(4, 3) the tangent plane in their middle."""
    nodes_m: Floats
    """(N, 3) metres in it."""


def ground(roads: OsmWays) -> NodePositions:
    """The nodes of all roads in a tangent plane of their own."""
    tangent = tangent_plane(roads.lonlat)
    return NodePositions(tangent, in_tangent(roads.lonlat, tangent))


def graph(roads: OsmWays, mode: Mode, on: NodePositions) -> Graph:
    """The graph of a mode. Raises UnreadableFile where the mode can go nowhere."""
    number = MODES.index(mode)
    pace = roads.pace_m_s[:, number]
    edges = _edges(
        roads, np.asarray((pace > 0).any(axis=1)), roads.stopped[:, number], _vias(roads.bans, mode)
    )
    if not len(edges.first):
        raise UnreadableFile("{file} holds no road for mode {mode}", file=roads.file, mode=mode)
    along_m = _along(edges, roads.refs, on.nodes_m)
    lengths_m = along_m[np.cumsum(edges.last - edges.first + 1) - 1]
    with np.errstate(divide="ignore"):
        seconds = (lengths_m[:, None] / pace[edges.ways]).ravel()
    through = ~roads.to_doors_only[edges.ways, number]
    if not through.any():  # where all roads are for their doors only, they are one another's way
        through = ~through
    joined = _joined(edges, seconds, _bans(roads.bans, mode))
    kept, seconds, joined = _connected(edges, joined, seconds, lengths_m, through)
    meaning = _Meaning(roads.snappable[edges.ways], ~through)
    return _ordered(kept, seconds, joined, edges, along_m, roads.refs, on, meaning)


def _vias(bans: Sequence[Ban], mode: Mode) -> _Ints:
    return np.array(sorted({ban.via for ban in bans if mode in ban.modes}), np.int64)


def _edges(
    roads: OsmWays, usable: NDArray[np.bool_], stopped: NDArray[np.bool_], vias: _Ints
) -> _Edges:
    """Usable ways, cut at every decision."""
    lengths = np.diff(roads.way_first)
    of_way = np.repeat(np.arange(len(lengths)), lengths)
    used = usable[of_way]
    meeting = np.bincount(roads.refs[used], minlength=len(roads.lonlat)) > 1
    meeting[vias] = True
    decisive = (meeting | stopped)[roads.refs]
    decisive[roads.way_first[:-1]] = True
    decisive[roads.way_first[1:] - 1] = True
    cuts = np.flatnonzero(decisive & used)
    same_way = of_way[cuts[:-1]] == of_way[cuts[1:]]
    first, last = cuts[:-1][same_way], cuts[1:][same_way]
    count = len(roads.lonlat)
    tails, heads = roads.refs[first].astype(np.int64), roads.refs[last].astype(np.int64)
    tails = np.where(stopped[tails], count + 2 * np.arange(len(first)), tails)
    heads = np.where(stopped[heads], count + 2 * np.arange(len(first)) + 1, heads)
    return _Edges(first, last, of_way[first], tails, heads, count + 2 * len(first))


def _spans(first: _Ints, last: _Ints) -> tuple[_Ints, _Ints]:
    """All numbers first … last of every pair, one after another.

    And where each pair's begin, shape (E + 1,).
    """
    lengths = last - first + 1
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return np.arange(starts[-1]) - np.repeat(starts[:-1] - first, lengths), starts


def _along(edges: _Edges, refs: NDArray[np.int32], nodes_m: Floats) -> Floats:
    """Metres from each edge's first vertex.

    A chord of a straight piece is short of its arc by 1 mm in 10 km.
    """
    picked, starts = _spans(edges.first, edges.last)
    nodes = refs[picked]
    squares = np.zeros(len(nodes))
    for axis in nodes_m.T:  # one at a time: a large region's vertices fill memory
        squares += np.diff(axis[nodes], prepend=0.0) ** 2
    steps = np.sqrt(squares, out=squares)
    steps[starts[:-1]] = 0.0
    total = np.cumsum(steps)
    return np.asarray(total - np.repeat(total[starts[:-1]], np.diff(starts)))


def _bans(bans: Sequence[Ban], mode: Mode) -> dict[int, list[Ban]]:
    """The restrictions of a mode by their node."""
    found: dict[int, list[Ban]] = {}
    for ban in bans:
        if mode in ban.modes:
            found.setdefault(ban.via, []).append(ban)
    return found


def _joined(edges: _Edges, seconds: Floats, bans: dict[int, list[Ban]]) -> _Joined:
    """Arcs joined at their nodes; one from which turns are banned ends at a twin that
    lacks them.
    """
    heads = np.stack([edges.heads, edges.tails], axis=1).ravel()
    tails = np.stack([edges.tails, edges.heads], axis=1).ravel()
    is_open = np.isfinite(seconds)
    heads[~is_open] = -1
    arcs = np.flatnonzero(is_open)
    nodes = edges.nodes
    twin_tails: list[int] = []
    twin_arcs: list[int] = []
    arriving, leaving = (_at(bans, ends[arcs], arcs, nodes) for ends in (heads, tails))
    for via, said in bans.items():
        for arc in arriving[via]:
            kept = [out for out in leaving[via] if _allowed(arc, out, edges.ways, said)]
            if len(kept) < len(leaving[via]):
                heads[arc] = nodes
                twin_tails += [nodes] * len(kept)
                twin_arcs += kept
                nodes += 1
    begins = np.concatenate([tails[arcs], np.array(twin_tails, np.int64)])
    arcs = np.concatenate([arcs, np.array(twin_arcs, np.int64)])
    return _Joined(heads, begins, arcs, heads[arcs], nodes)


def _at(vias: Iterable[int], ends: _Ints, arcs: _Ints, nodes: int) -> dict[int, list[int]]:
    """The arcs that end (or begin) at each of some nodes."""
    found: dict[int, list[int]] = {via: [] for via in vias}
    wanted = np.zeros(nodes, np.bool_)
    wanted[np.fromiter(found, np.int64, len(found))] = True
    there = np.flatnonzero(wanted[ends])
    for node, arc in zip(ends[there].tolist(), arcs[there].tolist(), strict=True):
        found[node].append(arc)
    return found


def _allowed(arc: int, out: int, ways: _Ints, said: Sequence[Ban]) -> bool:
    """Whether one who came by `arc` may leave by `out`.

    A ban from a way to itself is one of turning round.
    """
    for ban in said:
        if ban.from_way != ways[arc // 2]:
            continue
        named = out == arc ^ 1 if ban.from_way == ban.to_way else ban.to_way == ways[out // 2]
        if bool(named) != ban.only:
            return False
    return True


def _connected(
    edges: _Edges,
    joined: _Joined,
    seconds: Floats,
    lengths_m: Floats,
    through: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], Floats, _Joined]:
    """Which edges stay, and the steps among them: the largest strongly connected component of the
    roads that lead through, and of the others those that one gets to from it and back.

    Islands stay without steps.
    """
    through = (
        through if through.any() else ~through
    )  # where all is to doors only, all leads through
    steps_through = through[joined.arcs // 2]
    main = _main(joined, steps_through, lengths_m)
    plain = steps_through & main[joined.tails] & main[joined.ends]
    gone = np.zeros(len(seconds), np.bool_)
    gone[joined.arcs[plain]] = True
    leading = steps_through & gone[joined.arcs]  # from nodes that only roads to doors end at, too
    to_doors = _to_doors(joined, ~steps_through, main, leading)
    joined = _with_twins(joined, plain, leading, to_doors, main)
    in_use = np.zeros(len(seconds), np.bool_)
    in_use[joined.arcs] = True
    size = (edges.nodes, edges.nodes)
    ground = coo_array((np.ones(len(edges.tails), np.int8), (edges.tails, edges.heads)), shape=size)
    _, pieces = connected_components(ground, directed=False)
    piece = pieces[edges.tails]
    island_m = np.bincount(piece, weights=lengths_m)[piece]
    apart = (piece != piece[joined.arcs[0] // 2]) & (island_m >= ISLAND_M)
    kept = in_use.reshape(-1, 2).any(axis=1) | apart
    heads = np.where(in_use, joined.heads, -1)
    return kept, np.where(in_use, seconds, np.inf), joined._replace(heads=heads)


def _main(
    joined: _Joined, steps_through: NDArray[np.bool_], lengths_m: Floats
) -> NDArray[np.bool_]:
    """(nodes,) the largest strongly connected component of the steps that lead through."""
    tails, ends, arcs = (part[steps_through] for part in (joined.tails, joined.ends, joined.arcs))
    links = coo_array(
        (np.ones(len(ends), np.int8), (tails, ends)), shape=(joined.nodes, joined.nodes)
    ).tocsr()
    _, strong = connected_components(links, directed=True, connection="strong")
    within = strong[tails] == strong[ends]
    going = np.unique(arcs[within])  # once, however many twins an arc leaves
    return np.asarray(strong == _heaviest(strong[joined.heads[going]], lengths_m[going // 2]))


def _to_doors(
    joined: _Joined,
    steps: NDArray[np.bool_],
    main: NDArray[np.bool_],
    leading: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """(S,) of these steps, along roads that do not lead through, those that one gets to from the
    main component and gets back from, without leaving such roads in between.
    """
    tails, ends, numbers = joined.tails[steps], joined.ends[steps], np.flatnonzero(steps)
    from_main, to_main = main.copy(), main.copy()
    to_main[joined.tails[leading]] = True
    for reached, starts, goals in ((from_main, tails, ends), (to_main, ends, tails)):
        while True:
            more = goals[reached[starts] & ~reached[goals]]
            if not len(more):
                break
            reached[more] = True
    found = np.zeros(len(steps), np.bool_)
    found[numbers[from_main[tails] & to_main[ends]]] = True
    return found


def _with_twins(
    joined: _Joined,
    plain: NDArray[np.bool_],
    leading: NDArray[np.bool_],
    to_doors: NDArray[np.bool_],
    main: NDArray[np.bool_],
) -> _Joined:
    """The steps of the main component, and those to doors: whoever sets out on a road to doors only
    comes to twins `out` of its nodes, until a road leads through; whoever turns into one comes to
    twins `into`, from which only such roads lead on.
    """
    tails, arcs, ends = joined.tails, joined.arcs, joined.ends
    if not to_doors.any():
        return joined._replace(tails=tails[plain], arcs=arcs[plain], ends=ends[plain])
    out, into = joined.nodes, 2 * joined.nodes
    has_twins = np.zeros(joined.nodes, np.bool_)
    has_twins[ends[to_doors]] = True
    twinned = has_twins[tails]
    parts = [
        (plain, 0, 0),
        (leading & twinned, out, 0),
        (to_doors & twinned, out, out),
        (to_doors & main[tails], 0, into),
        (to_doors & twinned, into, into),
    ]
    heads = joined.heads.copy()
    heads[arcs[to_doors]] = out + ends[to_doors]
    return _Joined(
        heads,
        np.concatenate([start + tails[chosen] for chosen, start, _ in parts]),
        np.concatenate([arcs[chosen] for chosen, _, _ in parts]),
        np.concatenate([end + ends[chosen] for chosen, _, end in parts]),
        3 * joined.nodes,
    )


def _heaviest(labels: NDArray[np.int32], weights: Floats) -> int:
    return int(np.argmax(np.bincount(labels, weights=weights)))


def _ordered(
    kept: NDArray[np.bool_],
    seconds: Floats,
    joined: _Joined,
    edges: _Edges,
    along_m: Floats,
    refs: NDArray[np.int32],
    on: NodePositions,
    meaning: _Meaning,
) -> Graph:
    """Edges in tree order, and nodes in the order of the edges that reach them: what is near lies
    near in memory.
    """
    numbers = np.flatnonzero(kept)
    middles = (on.nodes_m[refs[edges.first[numbers]]] + on.nodes_m[refs[edges.last[numbers]]]) / 2
    numbers = numbers[cut(middles)]
    new_edge = np.full(len(kept), -1)
    new_edge[numbers] = np.arange(len(numbers))
    arc_order = (2 * numbers[:, None] + [0, 1]).ravel()
    arcs = 2 * new_edge[joined.arcs // 2] + joined.arcs % 2
    by_arc = np.argsort(arcs, kind="stable")
    reached = np.concatenate([joined.heads[arc_order], joined.ends[by_arc]])
    heads, new_node = _numbered(reached, joined.nodes)
    tails, ends = new_node[joined.tails], new_node[joined.ends]
    count = int(heads.max()) + 1
    out_first, out_order = _by_node(tails, count)
    in_first, in_order = _by_node(ends, count)
    tail_first, tail_order = _by_node(arcs, 2 * len(numbers))
    starts, along_m, shapes = _shapes(edges, numbers, along_m, refs, on.nodes_m)
    boxes, snap_words, branch_snap_words = _tree(shapes, starts, meaning.snappable[numbers])
    return Graph(
        on.tangent,
        starts,
        shapes,
        along_m,
        boxes,
        along_m[starts[1:] - 1],
        seconds[arc_order],
        heads[: len(arc_order)].astype(np.int32),
        snap_words,
        branch_snap_words,
        meaning.to_doors_only[numbers],
        tail_first,
        tails[tail_order].astype(np.int32),
        out_first,
        arcs[out_order].astype(np.int32),
        ends[out_order].astype(np.int32),
        in_first,
        arcs[in_order].astype(np.int32),
        tails[in_order].astype(np.int32),
    )


def _shapes(
    edges: _Edges, numbers: _Ints, along_m: Floats, refs: NDArray[np.int32], nodes_m: Floats
) -> tuple[Rows, Floats, Floats]:
    """Of some edges, one after another: where each one's vertices begin, their metres along it, and
    where they lie.
    """
    picked, starts = _spans(edges.first[numbers], edges.last[numbers])
    before = np.concatenate([[0], np.cumsum(edges.last - edges.first + 1)])
    moved = np.repeat(before[numbers] - edges.first[numbers], np.diff(starts))
    return starts.astype(np.int32), along_m[picked + moved], nodes_m[refs[picked]]


def _tree(
    shapes: Floats, starts: Rows, snappable: NDArray[np.uint8]
) -> tuple[Floats, Words, Words]:
    """Of edges in tree order: the boxes of the tree, the words of the edges, and of the tree."""
    words = np.zeros((len(snappable), 2), np.int64)
    words[:, 0] = STANDS * (snappable != Snappable.NEVER)
    words[:, 0] |= STANDS_ON_GROUND * (snappable == Snappable.GROUND)
    lows, highs = (
        extreme.reduceat(shapes[:, :2], starts[:-1]) for extreme in (np.minimum, np.maximum)
    )
    boxes, branch_words = summarise(np.concatenate([lows, highs], axis=1), words, LEAF_LINES)
    return boxes, words, branch_words


def _numbered(heads: _Ints, nodes: int) -> tuple[_Ints, _Ints]:
    """Nodes numbered by their first coming, -1 staying -1; and old number to new."""
    _, first_seen, inverse = np.unique(heads, return_index=True, return_inverse=True)
    ranks = np.argsort(np.argsort(first_seen))
    closed = heads == -1
    if closed.any():  # -1 sorts first
        ranks = np.where(ranks > ranks[0], ranks - 1, ranks)
        ranks[0] = -1
    renumbered = ranks[inverse]
    new_node = np.full(nodes, -1)
    new_node[heads[~closed]] = renumbered[~closed]
    return renumbered, new_node


def _by_node(nodes: _Ints, count: int) -> tuple[NDArray[np.int32], _Ints]:
    """Where each node's steps begin, shape (count + 1,), and the order that brings them
    together.
    """
    first = np.concatenate([[0], np.cumsum(np.bincount(nodes, minlength=count))]).astype(np.int32)
    return first, np.argsort(nodes, kind="stable")
