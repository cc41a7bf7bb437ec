"""Plans under resampled demand: by hand, and against every draw done slowly."""

import numpy as np
import pytest

from geodata.analysis import siting
from geodata.errors import BadQuestion

X = np.inf


def test_a_site_that_everybody_needs_is_chosen_in_every_draw_and_misses_nothing() -> None:
    problem = siting.from_matrix(np.array([[1.0, X]] * 20), reach=1)
    tried = siting.robustness(siting.mclp(problem, 1), seed=1)
    assert tried.often.tolist() == pytest.approx([1.0, 0.0])
    assert tried.interval() == (1.0, 1.0)
    assert (tried.regret, tried.plan_regret, tried.robust.tolist()) == (0.0, 0.0, [0])


def test_two_sites_that_are_nearly_alike_share_the_draws() -> None:
    half = np.array([[1.0, X]] * 51 + [[X, 1.0]] * 49)
    tried = siting.robustness(siting.mclp(siting.from_matrix(half, reach=1), 1), seed=2)
    assert tried.often.sum() == pytest.approx(1.0)
    assert 0.3 < tried.often[0] < 0.9
    low, high = tried.interval()
    assert low < 0.51 < high
    table = tried.sites()
    assert table["chosen"].is_monotonic_decreasing
    assert table["in_plan"].sum() == 1


def test_draws_regrets_and_shares_are_those_of_a_slow_count() -> None:
    rng = np.random.default_rng(3)
    ways, weight = rng.random((30, 6)), rng.integers(1, 9, 30).astype(float)
    plan = siting.mclp(siting.from_matrix(ways, weight=weight, reach=0.3), 2)
    tried = siting.robustness(plan, seed=9, draws=40)
    again = np.random.default_rng(9)
    reached, missed = [], []
    for _ in range(40):
        drawn = again.integers(0, 30, 30)
        mine, heavy = ways[drawn] <= 0.3, weight[drawn]
        reached.append(heavy[mine[:, plan.chosen].any(axis=1)].sum() / heavy.sum())
        best, had = 0.0, np.zeros(30, bool)
        for _ in range(2):
            gains = [heavy[mine[:, site] & ~had].sum() for site in range(6)]
            had |= mine[:, int(np.argmax(gains))]
            best = heavy[had].sum()
        missed.append(1 - heavy[mine[:, plan.chosen].any(axis=1)].sum() / best)
    assert tried.reached == pytest.approx(reached)
    assert tried.plan_regret == pytest.approx(max(missed), abs=0.05)
    assert tried.regret <= tried.plan_regret
    again = siting.robustness(plan, seed=9, draws=40)
    assert np.array_equal(again.often, tried.often)


def test_a_median_is_tried_too_and_nothing_to_try_is_refused() -> None:
    rng = np.random.default_rng(4)
    plan = siting.p_median(siting.from_matrix(rng.random((20, 5))), 2)
    assert siting.robustness(plan, seed=1, draws=10).often.sum() == pytest.approx(2.0)
    with pytest.raises(BadQuestion, match="in 0 draws"):
        siting.robustness(plan, seed=1, draws=0)
