"""One site after the other, each time the one that brings most: fast, near the best, and where the
solver starts.

Worth is submodular, so the greedy choice of p sites is worth at least 1 - 1/e of the best
(Nemhauser, Wolsey & Fisher 1978). A gain never grows while others are chosen, so old gains bound
new ones and few are worked out again (Minoux 1978). With costs, gain by cost goes first, and the
best single site is tried against the whole (Khuller, Moss & Naor 1999).
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from geodata.analysis.siting.worth import Gains, Worth
from geodata.space.tangent import Floats


@dataclass(frozen=True, slots=True)
class Means:
    """What may be spent: at most `p` sites, at most `budget` of `cost`; None: not limited."""

    p: int | None
    budget: float | None
    cost: Floats
    """(m,)"""

    def allow(self, number: int, spent: float) -> bool:
        """Whether so many sites at so much are within the means."""
        within = self.budget is None or spent <= self.budget * (1 + 1e-12)
        return within and (self.p is None or number <= self.p)


def choose(worth: Worth, means: Means) -> list[int]:
    """The greedy choice within the means, in order; sites that bring nothing are not chosen."""
    by_cost = means.budget is not None
    ranked = list(_walk(worth.gains(), means, range(len(means.cost)), by_cost=by_cost))
    chosen = [site for site, _ in ranked]
    if means.budget is None:
        return chosen
    alone = worth.gains()
    singles = [
        (alone.of(site), -site)
        for site in range(len(means.cost))
        if means.allow(1, means.cost[site])
    ]
    gain, site = max(singles, default=(0.0, 0))
    return [-site] if gain > sum(gain for _, gain in ranked) else chosen


def choose_all(gains: Gains, cost: Floats) -> list[int]:
    """Sites until nothing more can be gained, most by cost first: greedy set covering (Chvatal
    1979).
    """
    free = Means(None, None, cost)
    return [site for site, _ in _walk(gains, free, range(len(cost)), by_cost=True)]


def in_order(gains: Gains, sites: Iterable[int], count: int) -> list[tuple[int, float]]:
    """Some of `count` sites with what each adds to those before it, largest first; the last may add
    nothing.
    """
    all_of = list(sites)
    ranked = list(_walk(gains, Means(None, None, np.ones(count)), all_of, by_cost=False))
    return [*ranked, *((site, 0.0) for site in sorted({*all_of} - {site for site, _ in ranked}))]


def _walk(
    gains: Gains, means: Means, among: Iterable[int], *, by_cost: bool
) -> Iterator[tuple[int, float]]:
    scale = np.maximum(means.cost, np.finfo(float).tiny) if by_cost else np.ones(len(means.cost))
    heap = [(-gains.of(site) / scale[site], site, 0) for site in among]
    heapq.heapify(heap)
    number, spent = 0, 0.0
    while heap:
        bound, site, known_at = heapq.heappop(heap)
        if bound >= 0:
            return
        if not means.allow(number + 1, spent + means.cost[site]):
            continue
        if known_at == number:  # worked out since the last choice: no other can be better
            number, spent = number + 1, spent + means.cost[site]
            yield site, gains.take(site)
        else:
            heapq.heappush(heap, (-gains.of(site) / scale[site], site, number))
