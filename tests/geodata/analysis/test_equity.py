"""Evenness on paper, against the double sum that defines it, and against pysal's inequality."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inequality.gini import Gini

from geodata.analysis.equity import between_groups, concentration, gini, lorenz
from geodata.errors import BadTable

values = st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(
    lambda found: sum(found) > 1e-3
)


def test_the_curve_runs_from_the_least_served_to_all() -> None:
    curve = lorenz([3, 1], [1, 3])
    assert curve["people"].tolist() == [0, 0.75, 1]
    assert curve["share"].tolist() == [0, 0.5, 1]


def test_one_who_has_all_of_four_makes_three_quarters() -> None:
    assert gini([0, 0, 0, 5]) == pytest.approx(0.75)
    assert gini([2, 2, 2]) == pytest.approx(0)
    assert gini([1], [3]) == pytest.approx(0)


def test_a_weight_is_as_many_people() -> None:
    assert gini([1, 4], [3, 2]) == pytest.approx(gini([1, 1, 1, 4, 4]))
    assert concentration([1, 4], [9, 5], [3, 2]) == pytest.approx(
        concentration([1, 1, 1, 4, 4], [9, 9, 9, 5, 5])
    )


@given(values)
def test_gini_is_the_mean_difference_of_all_pairs(found: list[float]) -> None:
    x = np.array(found)
    pairs = np.abs(x[:, None] - x[None, :]).sum()
    assert gini(x) == pytest.approx(pairs / (2 * len(x) ** 2 * x.mean()), abs=1e-9)


@given(st.lists(st.floats(0.01, 1e4), min_size=2, max_size=30))
def test_gini_equals_pysals(found: list[float]) -> None:
    assert gini(found) == pytest.approx(Gini(np.array(found)).g, abs=1e-9)


def test_concentration_tells_who_has_more() -> None:
    assert concentration([1, 2, 3], [1, 2, 3]) == pytest.approx(gini([1, 2, 3]))
    assert concentration([3, 2, 1], [1, 2, 3]) == pytest.approx(-gini([1, 2, 3]))
    assert concentration([1, 2, 3], [7, 7, 7]) == pytest.approx(0)
    # 2 / (3 · 2) · (1 · 1/6 + 2 · 3/6 + 3 · 5/6) − 1
    assert concentration([1, 2, 3], [1, 2, 3]) == pytest.approx((1 / 6 + 1 + 2.5) / 3 - 1)


def test_nothing_to_share_has_no_evenness_and_unknown_values_are_refused() -> None:
    assert np.isnan(gini([0, 0]))
    for bad in ([1, np.nan], [-1, 2], []):
        with pytest.raises(BadTable):
            gini(bad)
    with pytest.raises(BadTable, match="weights"):
        gini([1, 2], [1])
    with pytest.raises(BadTable, match="not all 0"):
        gini([1, 2], [0, 0])
    with pytest.raises(BadTable, match="ranked"):
        concentration([1, 2], [1])


def test_groups_apart_by_hand() -> None:
    served = [1, 1, 0, 0, 1, 0, 0, 0]
    groups = ["north", "north", "north", "north", "south", "south", "west", "west"]
    weight = [1, 1, 1, 1, 3, 1, 1, 1]
    told = between_groups(served, groups, weight, seed=1).set_index("figure")
    assert told.loc["mean", "value"] == pytest.approx(5 / 10)
    assert told.loc["worst", ["value", "group"]].tolist() == [0.0, "west"]
    assert told.loc["best", ["value", "group"]].tolist() == [0.75, "south"]
    assert told.loc["ratio", "value"] == 0
    assert told.loc["gap", "value"] == pytest.approx(0.4 * 0 + 0.4 * 0.25 + 0.2 * 0.5)
    assert told.loc["gini", "value"] == pytest.approx(gini([0.5, 0.75, 0.0], [4, 4, 2]), abs=1e-12)


def test_intervals_of_groups_are_those_of_drawing_the_people_one_by_one() -> None:
    rng = np.random.default_rng(2)
    groups = rng.choice(["a", "b", "c"], 400, p=[0.5, 0.4, 0.1])
    served = (rng.random(400) < np.where(groups == "a", 0.7, 0.5)).astype(float)
    weight = rng.integers(1, 4, 400).astype(float)
    told = between_groups(served, groups, weight, seed=3, draws=4000).set_index("figure")
    drawn = []
    for _ in range(4000):
        rows = rng.integers(0, 400, 400)
        means = {
            each: np.average(served[rows][mine], weights=weight[rows][mine])
            for each in "abc"
            if (mine := groups[rows] == each).any()
        }
        share = {each: weight[rows][groups[rows] == each].sum() for each in means}
        mean = np.average(list(means.values()), weights=list(share.values()))
        gap = np.average([abs(means[each] - mean) for each in means], weights=list(share.values()))
        drawn.append((min(means.values()) / max(means.values()), gap))
    for column, figure in enumerate(("ratio", "gap")):
        low, high = np.quantile(np.array(drawn)[:, column], [0.025, 0.975])
        assert told.loc[figure, "low"] == pytest.approx(low, abs=0.01)
        assert told.loc[figure, "high"] == pytest.approx(high, abs=0.01)
        assert told.loc[figure, "low"] <= told.loc[figure, "value"] <= told.loc[figure, "high"]


def test_groups_that_are_alike_or_have_nothing_are_no_fault() -> None:
    alike = between_groups([1, 1, 1], ["a", "b", "c"], seed=1).set_index("figure")
    assert alike["value"].tolist() == pytest.approx([1, 1, 1, 1, 0, 0])
    none = between_groups([0, 0], ["a", "b"], seed=1).set_index("figure")
    assert np.isnan(none.loc[["ratio", "gini"], "value"].astype(float)).all()
    with pytest.raises(BadTable, match="every value needs a group"):
        between_groups([1, 0], ["a", None], seed=1)
