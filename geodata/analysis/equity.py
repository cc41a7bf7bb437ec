"""How evenly something is shared out: Lorenz curve, Gini coefficient, concentration index, and how
far groups are apart.

Numbers in, numbers out.

All are weighted: `weight` says how many people a value stands for (1 each by default). Values must
be known: drop the unknown ones and say how many they were; BadTable otherwise.
"""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geodata.errors import BadTable

Floats = NDArray[np.float64]
#: What `between_groups` tells, in that order.
FIGURES: Final = ("mean", "worst", "best", "ratio", "gap", "gini")
#: Counts drawn at once.
_AT_ONCE: Final = 4_000_000


def lorenz(values: ArrayLike, weight: ArrayLike | None = None) -> pd.DataFrame:
    """The Lorenz curve (Lorenz 1905): columns people, share.

    From 0, 0 to 1, 1, the least served first.

    After the i-th row, `people` of all weight has `share` of the sum Σ wᵢ xᵢ.
    """
    known, weights = _known(values, weight)
    people, share = _cumulated(known, weights, np.argsort(known, kind="stable"))
    return pd.DataFrame({"people": people, "share": share})


def gini(values: ArrayLike, weight: ArrayLike | None = None) -> float:
    """The Gini coefficient: G = Σᵢ Σⱼ wᵢ wⱼ |xᵢ − xⱼ| / (2 W² x̄), 0 (all alike) to just under 1.

    Nan if x̄ is 0.

    Worked out as 1 − 2 · (area under the Lorenz curve), which is the same (Gini 1914; Dixon et al.
    1987). Not corrected for small samples.
    """
    known, weights = _known(values, weight)
    return _twice_above(*_cumulated(known, weights, np.argsort(known, kind="stable")))


def concentration(values: ArrayLike, rank_by: ArrayLike, weight: ArrayLike | None = None) -> float:
    """The concentration index: Gini's formula, people ordered by `rank_by`, the poorest first
    (Wagstaff 1991).

    C = 2 / (W x̄) · Σ wᵢ xᵢ Rᵢ − 1, Rᵢ the share of people before the middle of i: above 0 where
    those ranked high have more, below where those ranked low have; people of equal rank share their
    mean. nan if x̄ is 0.
    """
    known, weights = _known(values, weight)
    ranks, _ = _known(rank_by, weight)
    if len(ranks) != len(known):
        raise BadTable(
            "{count} values cannot be ranked by {count2} others",
            count=len(known),
            count2=len(ranks),
        )
    _, group = np.unique(ranks, return_inverse=True)
    people = np.bincount(group, weights=weights)
    had = np.bincount(group, weights=weights * known)
    mean = np.divide(had, people, out=np.zeros_like(had), where=people > 0)
    return _twice_above(*_cumulated(mean, people.astype(np.float64), np.arange(len(people))))


def between_groups(
    values: ArrayLike,
    groups: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    seed: int,
    draws: int = 1000,
    level: float = 0.95,
) -> pd.DataFrame:
    """How far the means of groups are apart, with bootstrap intervals (Efron 1979): a row a figure
    of FIGURES, with value, low, high, group (whose mean it is), draws, level, seed.

    With xᵍ the weighted mean of group g, wᵍ its share of all weight and x̄ = Σ wᵍ xᵍ: mean is x̄;
    worst and best are the least and the greatest xᵍ; ratio is worst / best, 1 where all are alike;
    gap is Σ wᵍ |xᵍ − x̄|, by how much people's group differs from the mean; gini is that of the xᵍ
    weighted by wᵍ. As many people are drawn as there are, with replacement, over all groups; a
    group that is not drawn is no part of that draw. Groups without weight are left out; nan where a
    figure is of nothing (a ratio of 0 to 0). BadTable as `gini`, and for groups that are missing.
    """
    known, weights = _known(values, weight)
    codes, names = pd.factorize(np.asarray(groups, dtype=object), use_na_sentinel=True)
    if len(codes) != len(known) or (codes < 0).any():
        raise BadTable("every value needs a group; drop those that have none, and say how many")
    kinds, counts = np.unique(
        np.stack([codes.astype(np.float64), known, weights], axis=1), axis=0, return_counts=True
    )
    first = np.searchsorted(kinds[:, 0], np.arange(len(names)))  # kinds stand in order of group
    told, had = _by_group(counts[None], kinds, first)
    value = _figures(told, had)[0]
    rng, at_once = np.random.default_rng(seed), max(1, _AT_ONCE // len(kinds))
    sizes = [min(at_once, draws - low) for low in range(0, draws, at_once)]
    times = (rng.multinomial(len(known), counts / len(known), size) for size in sizes)
    drawn = np.concatenate([_figures(*_by_group(each, kinds, first)) for each in times])
    ends = np.full((2, len(FIGURES)), np.nan)
    some = np.isfinite(drawn).any(axis=0)
    ends[:, some] = np.nanquantile(drawn[:, some], [(1 - level) / 2, (1 + level) / 2], axis=0)
    means = np.divide(had[0], told[0], out=np.full(len(names), np.nan), where=told[0] > 0)
    whose: dict[str, Any] = {
        "worst": names[np.nanargmin(means)],
        "best": names[np.nanargmax(means)],
    }
    return pd.DataFrame(
        {
            "figure": FIGURES,
            "value": value,
            "low": ends[0],
            "high": ends[1],
            "group": [whose.get(figure) for figure in FIGURES],
            "draws": draws,
            "level": level,
            "seed": seed,
        }
    )


def _by_group(
    times: NDArray[Any], kinds: Floats, first: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Weights and sums of each group, (draws, groups), of kinds that were drawn so many times."""
    weight = times * kinds[:, 2]
    people = np.add.reduceat(weight, first, axis=1)
    return people, np.add.reduceat(weight * kinds[:, 1], first, axis=1)


def _figures(people: Floats, had: Floats) -> Floats:
    """FIGURES of each draw, (draws, len(FIGURES)), from weights and sums of its groups."""
    there = people > 0
    means = np.divide(had, people, out=np.full(had.shape, np.nan), where=there)
    whole = people.sum(axis=1)
    share = np.divide(people, whole[:, None], out=np.zeros(people.shape), where=whole[:, None] > 0)
    mean = np.divide(had.sum(axis=1), whole, out=np.full(len(whole), np.nan), where=whole > 0)
    worst = np.where(there, means, np.inf).min(axis=1)
    best = np.where(there, means, -np.inf).max(axis=1)
    ratio = np.divide(worst, best, out=np.full(len(worst), np.nan), where=best > 0)
    gap = np.nansum(share * np.abs(means - mean[:, None]), axis=1)
    return np.stack([mean, worst, best, ratio, gap, _ginis(means, share, mean)], axis=1)


def _ginis(means: Floats, share: Floats, mean: Floats) -> Floats:
    """The Gini coefficient of each row, by its curve as in `gini`."""
    order = np.argsort(np.nan_to_num(means), axis=1, kind="stable")
    people = np.take_along_axis(share, order, axis=1)
    had = np.cumsum(people * np.take_along_axis(np.nan_to_num(means), order, axis=1), axis=1)
    before = np.concatenate([np.zeros((len(had), 1)), had[:, :-1]], axis=1)
    twice = (people * (had + before)).sum(axis=1)
    evenness: Floats = np.divide(twice, mean, out=np.full(len(mean), np.nan), where=mean > 0)
    return 1.0 - evenness


def _cumulated(values: Floats, weights: Floats, order: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Cumulated shares of people and of what they have, from 0.

    Of what they have nan where they have nothing.
    """
    people = np.concatenate([[0.0], np.cumsum(weights[order])])
    had = np.concatenate([[0.0], np.cumsum((weights * values)[order])])
    return people / people[-1], had / had[-1] if had[-1] > 0 else np.full(len(had), np.nan)


def _twice_above(people: Floats, share: Floats) -> float:
    """Twice the area between the diagonal and a curve, by trapezia."""
    return float(1.0 - np.sum(np.diff(people) * (share[1:] + share[:-1])))


def _known(values: ArrayLike, weight: ArrayLike | None) -> tuple[Floats, Floats]:
    known = np.asarray(values, np.float64)
    weights = np.ones(len(known)) if weight is None else np.asarray(weight, np.float64)
    if len(known) != len(weights) or not len(known):
        raise BadTable(
            "{count} values have {count2} weights; give as many, and at least one",
            count=len(known),
            count2=len(weights),
        )
    if not (np.isfinite(known).all() and np.isfinite(weights).all()):
        raise BadTable(
            "values or weights are not known; drop these rows and say how many they were"
        )
    if (known < 0).any() or (weights < 0).any() or weights.sum() <= 0:
        raise BadTable("values and weights must be 0 or more, and the weights not all 0")
    return known, weights
