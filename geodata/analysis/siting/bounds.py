"""What no choice can be better than, by the cheapest ways there are; the least of them counts.

A bound costs a fraction of a proof, and HiGHS has none to speak of until its first linear program
is solved: for large problems that may be after the time is up. So these are worked out first.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from geodata.analysis.siting.greedy import Means
from geodata.analysis.siting.worth import Worth
from geodata.analysis.ways import Numbers
from geodata.index.tree import Flags
from geodata.space.tangent import Floats

#: A choice is called proved where bound and worth differ by less than this share: what float64 sums
#: leave.
PROVED: Final = 1e-9
_MOST_STEPS: Final = 400
#: So many steps without a lower bound, and the steps become half as long (Fisher 1981).
_PATIENCE: Final = 10
_SHORTEST: Final = 1e-3


@dataclass(slots=True)
class Bounded:
    """The best choice known, its worth, and the least bound on any."""

    sites: Numbers
    value: float
    bound: float

    @property
    def proved(self) -> bool:
        """Whether nothing can be better."""
        return self.bound - self.value <= PROVED * max(abs(self.bound), np.finfo(float).tiny)


def first(worth: Worth, means: Means, start: Numbers) -> Bounded:
    """A choice with the least of three bounds, each a walk over the sites.

    All that could be gained together; what the best sites have if none had to share (at most p
    times the best gain); and the choice's worth plus the best that others would still add to it
    (Nemhauser, Wolsey & Fisher 1978, for all submodular worths).
    """
    count = len(means.cost)
    gains = worth.gains()
    alone = np.array([gains.of(site) for site in range(count)])
    value = float(sum(gains.take(site) for site in start.tolist()))
    further = np.array([gains.of(site) for site in range(count)])
    everything = float(worth.of(np.arange(count)).sum())
    least = min(everything, best(alone, means)[0], value + best(further, means)[0])
    return Bounded(start, value, max(least, value))


def best(of_site: Floats, means: Means) -> tuple[float, Flags]:
    """The most that any choice within the means has of numbers by site, none below 0, and which.

    Under a budget the least of two that are no less: of p sites, and with a part of the last site
    (the linear knapsack of Dantzig 1957); what is then given as chosen fits the means.
    """
    count, found = len(of_site), []
    number = count if means.p is None else means.p
    if means.p is not None or means.budget is None:
        order = np.argsort(-of_site, kind="stable")[:number]
        found.append((float(of_site[order].sum()), order))
    if means.budget is not None:
        rate = of_site / np.maximum(means.cost, np.finfo(float).tiny)
        order = np.argsort(-rate, kind="stable")
        spent = np.cumsum(means.cost[order])
        whole = int(np.searchsorted(spent, means.budget * (1 + 1e-12), "right"))
        total = float(of_site[order[:whole]].sum())
        if whole < count:
            left = max(means.budget - (spent[whole - 1] if whole else 0.0), 0.0)
            total += float(of_site[order[whole]]) * left / float(means.cost[order[whole]])
        found.append((total, order[:whole]))
    total, taken = min(found, key=lambda each: each[0])
    chosen = np.zeros(count, bool)
    chosen[taken] = of_site[taken] > 0
    return total, chosen


def tighten(
    worth: Worth,
    means: Means,
    known: Bounded,
    seconds: float,
    progress: Callable[[int, int], None],
    *,
    improve: bool,
) -> None:
    """Lower the bound of `known`, and with `improve` better its choice, by subgradient steps on the
    Lagrangian dual (Held, Wolfe & Crowder 1974), for so many seconds at most.

    The dual's least value is that of the linear program: what HiGHS begins with.
    """
    until = time.perf_counter() + seconds
    most = worth.most()
    price = np.where(worth.of(known.sites) > 0, most / 2, most)
    length, waited = 1.0, 0
    for step in range(_MOST_STEPS):
        if known.proved or length < _SHORTEST or time.perf_counter() > until:
            return
        rest, of_site = worth.priced(price)
        total, chosen = best(of_site, means)
        if rest + total < known.bound:
            known.bound, waited = max(rest + total, known.value), 0
        else:
            waited += 1
        if waited == _PATIENCE:
            length, waited = length / 2, 0
        if improve and step % _PATIENCE == 0:
            _try(worth, means, known, np.flatnonzero(chosen))
        slope = worth.slope(price, chosen)
        steep = float(slope @ slope)
        if not steep:
            return
        price = np.clip(price - length * (rest + total - known.value) / steep * slope, 0.0, most)
        progress(int(100 * known.value / known.bound) if known.bound > 0 else 100, 100)


def _try(worth: Worth, means: Means, known: Bounded, sites: Numbers) -> None:
    if means.allow(len(sites), float(means.cost[sites].sum())):
        value = float(worth.of(sites).sum())
        if value > known.value:
            known.sites, known.value = sites, value
            known.bound = max(known.bound, value)
