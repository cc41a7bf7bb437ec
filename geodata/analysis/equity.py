"""How evenly something is shared out: Lorenz curve, Gini coefficient, concentration index.

Numbers in, numbers out.

All are weighted: `weight` says how many people a value stands for (1 each by default). Values must
be known: drop the unknown ones and say how many they were; BadTable otherwise.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geodata.errors import BadTable

Floats = NDArray[np.float64]


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
