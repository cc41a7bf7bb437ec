"""What a choice of sites is worth to each client, as gains that shrink: the one form all models are
solved in.

Covering once, covering twice and coming nearer look different and are one thing: worth is
submodular. In the first two a client has values v1 ≥ v2 ≥ …: the first of its sites that is chosen
brings v1, the second v2. In the p-median a client has the way that its nearest chosen site saves.
Nothing larger than the list of all ways, by client and by site, is held at any time, and kernels
(analysis/ways.py) walk it: those of a client from the nearest site on, as far as they matter.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from scipy.sparse import csc_array, csr_array

from geodata.analysis import ways
from geodata.analysis.siting.problem import Problem
from geodata.analysis.ways import Numbers, Rows
from geodata.errors import BadQuestion
from geodata.index.tree import Flags
from geodata.space.tangent import Floats


class Gains(Protocol):
    """What each site would add to those taken so far: the question of the greedy choice."""

    def of(self, site: int) -> float:
        """The gain."""

    def take(self, site: int) -> float:
        """The gain, and from now on it is there."""


class Priced(NamedTuple):
    """The Lagrangian dual at one price a client.

    No choice can be worth more than `rest` plus what the best choice of sites has in `of_site`.
    """

    rest: float
    of_site: Floats
    """(m,)"""


class Worth(Protocol):
    """One model's idea of worth."""

    def gains(self) -> Gains:
        """With nothing taken yet."""

    def of(self, sites: Numbers) -> Floats:
        """What each client, shape (c,), gains by these sites together, beside what is there
        already.
        """

    def most(self) -> Floats:
        """What each client, shape (c,), could gain at most from one site; no price is higher."""

    def priced(self, price: Floats) -> Priced:
        """The dual at these prices, shape (c,), each from 0 to `most`."""

    def slope(self, price: Floats, chosen: Flags) -> Floats:
        """How the dual grows with each price, shape (c,), where `chosen`, shape (m,), is the best
        choice at these prices.
        """


@dataclass(frozen=True, eq=False)
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
                "a further place cannot be worth more than the one before it: {levels}",
                levels=self.levels.tolist(),
            )

    @cached_property
    def values(self) -> Floats:
        """(c, L) what the first, second, … chosen site brings each client."""
        padded = np.concatenate([self.levels, np.zeros(len(self.levels))])
        taken = np.minimum(self.problem.already, len(self.levels))
        left: Floats = padded[taken[:, None] + np.arange(len(self.levels))]
        return self.problem.weight[:, None] * left

    @cached_property
    def sets(self) -> csr_array:
        """(c, m) which sites reach each client."""
        problem = self.problem
        ones = np.ones(len(problem.site), np.int8)
        return csr_array(
            (ones, problem.site, problem.starts), (len(problem.weight), len(problem.cost))
        )

    @cached_property
    def _columns(self) -> csc_array:
        return csc_array(self.sets)

    def gains(self) -> Gains:
        """See Worth."""
        return CoverGains(self._columns, self.values)

    def of(self, sites: Numbers) -> Floats:
        """See Worth."""
        counts = self._counts(_flags(sites, len(self.problem.cost)))
        total = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(self.values, axis=1)], axis=1)
        gained: Floats = total[np.arange(len(counts)), np.minimum(counts, len(self.levels))]
        return gained

    def most(self) -> Floats:
        """See Worth."""
        return self.values[:, 0]

    def priced(self, price: Floats) -> Priced:
        """Of y_l ≤ Σ x_j over the sites of a client, times its price: Σ (v_l - price)⁺ is the rest.

        Church & ReVelle's program in the form of Galvão & ReVelle (1996, A Lagrangean heuristic for
        the maximal covering location problem).
        """
        rest = float(np.maximum(self.values - price[:, None], 0.0).sum())
        of_site = np.zeros(len(self.problem.cost))
        ways.add_prices(self.problem.starts, self.problem.site, price, of_site)
        return Priced(rest, of_site)

    def slope(self, price: Floats, chosen: Flags) -> Floats:
        """See Worth."""
        levels = (self.values > price[:, None]).sum(axis=1)
        return np.asarray(self._counts(chosen) - levels, np.float64)

    def _counts(self, chosen: Flags) -> Numbers:
        """(c,) how many of the chosen sites reach each client."""
        counts = np.zeros(len(self.problem.weight), np.int64)
        ways.count_chosen(self.problem.starts, self.problem.site, chosen, counts)
        return counts


@dataclass(frozen=True, eq=False)
class Nearer:
    """Worth by how much shorter the way becomes: weight times what is saved of `before`, the way
    without any choice.

    That is the nearest existing place's, at most the reach; where neither is stated, the farthest
    candidate's.
    """

    problem: Problem

    @cached_property
    def before(self) -> Floats:
        """(c,) the way of each client without any choice."""
        problem = self.problem
        capped = np.minimum(problem.most_way, problem.already_way)
        counts = np.diff(problem.starts)
        if not np.isfinite(capped).all() and (counts < len(problem.cost)).any():
            raise BadQuestion(
                "some client cannot reach every site: state a reach, which counts as the way of who"
                " has none"
            )
        farthest = np.zeros(len(counts))
        farthest[counts > 0] = problem.way[problem.starts[1:][counts > 0] - 1]
        return np.where(np.isfinite(capped), capped, farthest)

    @cached_property
    def _columns(self) -> csc_array:
        problem = self.problem
        listed = (problem.way, problem.site, problem.starts)
        return csr_array(listed, (len(problem.weight), len(problem.cost))).tocsc()

    def gains(self) -> Gains:
        """See Worth."""
        return _NearerGains(self._columns, self.problem.weight, self.before)

    def of(self, sites: Numbers) -> Floats:
        """See Worth."""
        problem, after = self.problem, self.before.copy()
        chosen = _flags(sites, len(problem.cost))
        ways.go_to_nearest(problem.starts, problem.site, problem.way, chosen, after)
        gained: Floats = problem.weight * (self.before - after)
        return gained

    def most(self) -> Floats:
        """See Worth."""
        problem, nearest = self.problem, self.before.copy()
        has = np.diff(problem.starts) > 0
        nearest[has] = np.minimum(nearest[has], problem.way[problem.starts[:-1][has]])
        saved: Floats = problem.weight * (self.before - nearest)
        return saved

    def priced(self, price: Floats) -> Priced:
        """Of "each client goes to one site", times its price (Narula, Ogbu & Samuelsson 1977)."""
        problem, of_site = self.problem, np.zeros(len(self.problem.cost))
        listed = (problem.starts, problem.site, problem.way)
        ways.add_savings(*listed, self.before, problem.weight, price, of_site)
        return Priced(float(price.sum()), of_site)

    def slope(self, price: Floats, chosen: Flags) -> Floats:
        """See Worth."""
        problem, going = self.problem, np.zeros(len(price))
        listed = (problem.starts, problem.site, problem.way)
        ways.count_savings(*listed, self.before, problem.weight, price, chosen, going)
        return 1.0 - going


class CoverGains:
    """Gains of sets, shape (g, m), whose first chosen site brings values[g, 0], the second …."""

    def __init__(self, sets: csc_array, values: Floats) -> None:
        self._columns = sets
        self._values = np.concatenate([values, np.zeros((len(values), 1))], axis=1)
        self._taken = np.zeros(len(values), np.int64)

    def of(self, site: int) -> float:
        """See Gains."""
        groups = self._of(site)
        return float(self._values[groups, self._taken[groups]].sum())

    def take(self, site: int) -> float:
        """See Gains."""
        gain, groups = self.of(site), self._of(site)
        self._taken[groups] = np.minimum(self._taken[groups] + 1, self._values.shape[1] - 1)
        return gain

    def _of(self, site: int) -> Rows:
        first, last = self._columns.indptr[site : site + 2]
        groups: Rows = self._columns.indices[first:last]
        return groups


class _NearerGains:
    """Gains of the way that each site saves."""

    def __init__(self, ways: csc_array, weight: Floats, before: Floats) -> None:
        self._columns = ways
        self._weight, self._way = weight, before.copy()

    def of(self, site: int) -> float:
        """See Gains."""
        return ways.saved(*self._of(site), self._way, self._weight)

    def take(self, site: int) -> float:
        """See Gains."""
        gain, (clients, way) = self.of(site), self._of(site)
        self._way[clients] = np.minimum(self._way[clients], way)
        return gain

    def _of(self, site: int) -> tuple[Rows, Floats]:
        first, last = self._columns.indptr[site : site + 2]
        return self._columns.indices[first:last], self._columns.data[first:last]


def _flags(sites: Numbers, count: int) -> Flags:
    chosen = np.zeros(count, bool)
    chosen[sites] = True
    return chosen
