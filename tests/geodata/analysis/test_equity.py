"""Evenness on paper, against the double sum that defines it, and against pysal's inequality."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inequality.gini import Gini

from geodata.analysis.equity import concentration, gini, lorenz
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
