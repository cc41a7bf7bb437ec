"""What a choice of sites is worth to each client, as gains that shrink: the one form all models are
solved in.

Covering once, covering twice and coming nearer look different and are one thing. A client has a set
of sites and values v1 ≥ v2 ≥ …: the first of the set that is chosen brings v1, the second v2.
Maximal covering has one value, the weight; backup coverage two; and the p-median becomes covering
too (Cornuéjols, Nemhauser & Wolsey 1980; García, Labbé & Marín
2011): coming from way d(k+1) to d(k) is worth weight times their difference, and any site within
d(k) brings it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
from scipy.sparse import csr_array

from geodata.analysis.siting.problem import Numbers, Problem
from geodata.errors import BadQuestion
from geodata.space.tangent import Floats

#: A client with k sites has k sets of 1 … k of them in the p-median; so many fit into some two
#: gigabytes.
MOST_ENTRIES: Final = 100_000_000


class Block(NamedTuple):
    """Clients with equally many sites: their sites, shape (b, k), ascending.

    Their values, shape (b, levels).
    """

    sites: Numbers
    values: Floats


class Worth(Protocol):
    """One model's idea of worth."""

    def blocks(self) -> Iterator[Block]:
        """Every client that a candidate could bring anything.

        Block by block, each with another k.
        """

    def of(self, sites: Numbers) -> Floats:
        """What each client, shape (c,), gains by these sites together, beside what is there
        already.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """Worth by how many places reach a client: `levels`, shape (L,), is what the first, second, …
    is worth per weight.

    Levels never rise: BadQuestion. Existing places take the first ones.
    """

    problem: Problem
    levels: Floats

    def __post_init__(self) -> None:
        if (np.diff(self.levels) > 0).any() or (self.levels < 0).any():
            raise BadQuestion(
                "a further place cannot be worth more than the one before it:"
                f" {self.levels.tolist()}"
            )

    def blocks(self) -> Iterator[Block]:
        """See Worth."""
        values, counts = self._values(), np.diff(self.problem.starts)
        for k in np.unique(counts[counts > 0]).tolist():
            these = np.flatnonzero((counts == k) & (values[:, 0] > 0))
            if len(these):
                yield Block(np.sort(_nearest(self.problem, these, k), axis=1), values[these])

    def of(self, sites: Numbers) -> Floats:
        """See Worth."""
        chosen = np.zeros(len(self.problem.cost), np.int64)
        chosen[sites] = 1
        ends = np.concatenate([[0], np.cumsum(chosen[self.problem.site])])
        counts = ends[self.problem.starts[1:]] - ends[self.problem.starts[:-1]]
        total = np.concatenate(
            [np.zeros((len(counts), 1)), np.cumsum(self._values(), axis=1)], axis=1
        )
        gained: Floats = total[np.arange(len(counts)), np.minimum(counts, len(self.levels))]
        return gained

    def _values(self) -> Floats:
        """(c, L) what the first, second, … chosen site brings each client."""
        padded = np.concatenate([self.levels, np.zeros(len(self.levels))])
        taken = np.minimum(self.problem.already, len(self.levels))
        left: Floats = padded[taken[:, None] + np.arange(len(self.levels))]
        return self.problem.weight[:, None] * left


@dataclass(frozen=True, slots=True, eq=False)
class Nearer:
    """Worth by how much shorter the way becomes: weight times what is saved of `before`, the way
    without any choice.

    That is the nearest existing place's, at most the reach; where neither is stated, the farthest
    candidate's.
    """

    problem: Problem

    def before(self) -> Floats:
        """(c,) the way of each client without any choice."""
        capped = np.minimum(self.problem.most_way, self.problem.already_way)
        counts = np.diff(self.problem.starts)
        if not np.isfinite(capped).all() and (counts < len(self.problem.cost)).any():
            raise BadQuestion(
                "some client cannot reach every site: state a reach, which counts as the way of who"
                " has none"
            )
        farthest = np.zeros(len(counts))
        farthest[counts > 0] = self.problem.way[self.problem.starts[1:][counts > 0] - 1]
        return np.where(np.isfinite(capped), capped, farthest)

    def blocks(self) -> Iterator[Block]:
        """See Worth."""
        problem, before, counts = self.problem, self.before(), np.diff(self.problem.starts)
        entries = int((counts * (counts + 1) // 2).sum())
        if entries > MOST_ENTRIES:
            raise BadQuestion(
                f"the p-median would need {entries:,} entries, more than {MOST_ENTRIES:,}: state a"
                " shorter reach or offer fewer sites"
            )
        for k in range(1, int(counts.max(initial=0)) + 1):
            reached = np.flatnonzero(counts >= k)
            at = problem.starts[reached] + k - 1
            last = counts[reached] == k
            following = np.where(
                last, np.inf, problem.way[np.minimum(at + 1, len(problem.way) - 1)]
            )
            saved = np.minimum(following, before[reached]) - np.minimum(
                problem.way[at], before[reached]
            )
            value = problem.weight[reached] * saved
            these = np.flatnonzero(value > 0)
            if len(these):
                yield Block(
                    np.sort(_nearest(problem, reached[these], k), axis=1), value[these, None]
                )

    def of(self, sites: Numbers) -> Floats:
        """See Worth."""
        chosen = np.zeros(len(self.problem.cost), bool)
        chosen[sites] = True
        before = self.before()
        after = before.copy()
        kept = np.flatnonzero(chosen[self.problem.site])
        np.minimum.at(after, self.problem.client[kept], self.problem.way[kept])
        gained: Floats = self.problem.weight * (before - after)
        return gained


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Blocks with identical sets of sites made one: g of them instead of c clients."""

    sets: csr_array
    """(g, m) which sites belong to each."""
    values: Floats
    """(g, L)"""


def merge(worth: Worth, sites: int) -> Merged:
    """What is the same for every choice becomes one row.

    The worth of any choice stays what it was.
    """
    sets, values = [], []
    for block in worth.blocks():
        unique, which = np.unique(block.sites, axis=0, return_inverse=True)
        summed = np.zeros((len(unique), block.values.shape[1]))
        np.add.at(summed, which.reshape(-1), block.values)
        sets.append(unique)
        values.append(summed)
    lengths = (
        np.concatenate([np.full(len(each), each.shape[1]) for each in sets])
        if sets
        else np.empty(0, np.int64)
    )
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    columns = (
        np.concatenate([each.ravel() for each in sets]).astype(np.int32)
        if sets
        else np.empty(0, np.int32)
    )
    held = csr_array((np.ones(len(columns)), columns, starts), shape=(len(lengths), sites))
    return Merged(held, np.concatenate(values) if values else np.empty((0, 1)))


def _nearest(problem: Problem, clients: Numbers, k: int) -> Numbers:
    """The k nearest sites of clients that reach so many, shape (b, k)."""
    nearest: Numbers = problem.site[problem.starts[clients][:, None] + np.arange(k)]
    return nearest
