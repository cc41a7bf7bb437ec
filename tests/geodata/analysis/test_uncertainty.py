"""Intervals and curves: against slow draws one by one, and worked out by hand on one parallel."""

from datetime import datetime
from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.analysis import demand, equity, siting
from geodata.analysis.coverage import coverage
from geodata.analysis.uncertainty import (
    Bootstrap,
    gini_interval,
    over_grid,
    over_p,
    over_reach,
    ratio_interval,
    share_intervals,
)
from geodata.coverage.near import Within
from geodata.errors import BadQuestion, BadTable
from tests.geodata.analysis.conftest import People, Town
from tests.makers import TIMEZONE

NOON = datetime(2026, 11, 18, 12, tzinfo=TIMEZONE)
TEN = [float(100 * step) for step in range(10)]


def test_an_interval_is_that_of_draws_one_by_one(town: Town, people: People) -> None:
    places, weight = town([(0.0, "24/7")]), [1.0, 2.0, 3.0, 1.0, 5.0, 1.0, 2.0, 9.0, 1.0, 1.0]
    asked = people(*TEN, weight=weight)
    how = Bootstrap(seed=3, draws=20_000)
    told = share_intervals(places, asked, Within(reach_m=450.0), NOON, how, weight="weight").iloc[0]
    rng, weights = np.random.default_rng(1), np.array(weight)
    rows = rng.integers(0, 10, (20_000, 10))
    drawn = weights[rows] * (rows < 5)
    slow = np.quantile(drawn.sum(axis=1) / weights[rows].sum(axis=1), [0.025, 0.975])
    assert told["share_open"] == pytest.approx(12 / 26)
    assert [told["share_open_low"], told["share_open_high"]] == pytest.approx(slow, abs=0.02)
    assert (told["draws"], told["level"], told["seed"]) == (20_000, 0.95, 3)


def test_the_same_seed_gives_the_same_interval_and_certainty_has_no_width(
    town: Town, people: People
) -> None:
    places, asked = town([(0.0, "24/7")]), people(*TEN)
    ask = (places, asked, Within(reach_m=450.0), NOON)
    one, two = (share_intervals(*ask, Bootstrap(seed=5)) for _ in range(2))
    assert one.equals(two)
    assert not one.equals(share_intervals(*ask, Bootstrap(seed=6)))
    sure = share_intervals(places, asked, Within(reach_m=5000.0), NOON, Bootstrap(seed=5)).iloc[0]
    assert [sure["share_open_low"], sure["share_open_high"]] == [1.0, 1.0]


def test_each_area_has_its_own_interval_and_one_without_demand_has_none(
    town: Town, people: People
) -> None:
    asked = people(*TEN, area=["near"] * 4 + ["far"] * 5 + [None])
    told = share_intervals(
        town([(0.0, "24/7")]), asked, Within(reach_m=550.0), NOON, Bootstrap(seed=1), by="area"
    ).set_index("area")
    assert told.loc["near", ["share_open_low", "share_open_high"]].tolist() == [1.0, 1.0]
    assert 0.0 <= told.loc["far", "share_open_low"] < told.loc["far", "share_open_high"] < 1.0
    assert len(told) == 3


def test_a_gini_s_interval_holds_it_and_narrows_with_more_points() -> None:
    rng = np.random.default_rng(2)
    few, many = rng.exponential(size=40), rng.exponential(size=4000)
    widths = []
    for values in (few, many):
        told, low, high = gini_interval(values, Bootstrap(seed=1, draws=300))
        assert told == equity.gini(values)
        assert low < told < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 5
    assert gini_interval([2.0, 2.0], Bootstrap(seed=1, draws=5)) == pytest.approx((0, 0, 0))


def test_a_ratio_s_interval_draws_rows_whole() -> None:
    rng = np.random.default_rng(6)
    whole = rng.integers(1, 50, 200).astype(float)
    part = whole * (rng.random(200) < 0.4)
    told, low, high = ratio_interval(part, whole, Bootstrap(seed=1))
    assert told == part.sum() / whole.sum()
    error = np.sqrt(((part - told * whole) ** 2).sum()) / whole.sum()  # of a ratio of sums
    assert [low, high] == pytest.approx([told - 1.96 * error, told + 1.96 * error], abs=0.02)
    assert ratio_interval(whole, whole, Bootstrap(seed=1, draws=9)) == (1.0, 1.0, 1.0)
    with pytest.raises(BadQuestion, match="as many parts as wholes"):
        ratio_interval([1.0], [0.0], Bootstrap(seed=1))


def test_a_curve_over_reach_is_coverage_at_each(town: Town, people: People) -> None:
    places, asked, heard = town([(0.0, "24/7")]), people(*TEN), []
    told = over_reach(
        places, asked, Within(reach_m=400.0), NOON, progress=lambda *at: heard.append(at)
    )
    assert told["reach"].tolist() == [200.0, 300.0, 400.0, 500.0, 600.0, 800.0]
    assert told["share_open"].is_monotonic_increasing
    for row in told.itertuples():
        one = coverage(places, asked, Within(reach_m=row.reach), NOON)["share_open"][0]
        assert row.share_open == one
    assert heard[-1] == (6, 6)


def test_a_grid_s_error_is_the_share_at_middles_beside_the_share_when_spread(
    town: Town, people: People
) -> None:
    rng = np.random.default_rng(4)
    asked = people(*rng.uniform(-2000, 2000, 3000))
    told = over_grid(town([(0.0, "24/7")]), asked, Within(reach_m=500.0), NOON).set_index("size_m")
    assert told.loc[0.0, "share_open"] == told.loc[0.0, "share_open_spread"]
    assert told.loc[0.0, "share_open"] == pytest.approx(0.25, abs=0.03)
    assert told.loc[100.0, "share_open_spread"] == pytest.approx(0.25, abs=0.04)


@pytest.mark.parametrize("wrong", [{"draws": 0}, {"level": 1.0}, {"level": 0.0}])
def test_what_is_no_bootstrap_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadQuestion, match="draws are 1–100,000"):
        Bootstrap(seed=1, **wrong)


def test_a_cell_s_weight_is_spread_over_it_and_none_is_lost() -> None:
    shapes = [
        shapely.box(114.0, 22.5, 114.01, 22.51),
        shapely.Polygon([(114.1, 22.5), (114.11, 22.5), (114.1, 22.51)]),
        shapely.Polygon([(114.2, 22.5), (114.21, 22.51), (114.2000001, 22.5)]),
    ]
    cells = gpd.GeoDataFrame(
        {"weight": [25.0, 4.0, 1.0], "name": ["box", "half", "sliver"]},
        geometry=shapes,
        crs="EPSG:4326",
    )
    points = demand.spread(cells)
    assert points.groupby("name")["weight"].sum().to_dict() == pytest.approx(
        {"box": 25.0, "half": 4.0, "sliver": 1.0}
    )
    assert (points["name"] == "box").sum() == 25
    assert points["weight"].iloc[0] == 1.0
    for row in points.itertuples():
        assert shapes[row.cell_row].buffer(1e-9).contains(row.geometry)
    assert points.equals(demand.spread(cells))
    with pytest.raises(BadTable, match="1–50 parts"):
        demand.spread(cells, 0)


@pytest.mark.parametrize("model", ["mclp", "lscp", "p_median"])
def test_a_curve_over_p_is_the_best_choice_of_each_number(model: str) -> None:
    rng = np.random.default_rng(5)
    ways, weight = rng.random((40, 6)), rng.integers(1, 9, 40).astype(float)
    reach = 1.0 if model == "p_median" else 0.3
    problem = siting.from_matrix(ways, weight=weight, reach=reach)
    plan = {
        "mclp": lambda: siting.mclp(problem, 3),
        "lscp": lambda: siting.lscp(problem, leave_unreachable=True),
        "p_median": lambda: siting.p_median(problem, 3),
    }[model]()
    told = over_p(plan, Bootstrap(seed=1), [1, 2, 3, 5])
    assert told["p"].tolist() == [1, 2, 3, 5]
    for p, share, gap in told[["p", "share", "gap"]].itertuples(index=False):
        choices = [list(each) for each in combinations(range(6), int(p))]
        best = max(weight @ (ways[:, each] <= reach).any(axis=1) for each in choices)
        assert gap == pytest.approx(0, abs=1e-9)
        assert share == pytest.approx(best / weight.sum())
    if model == "p_median":
        least = [
            min(weight @ ways[:, list(each)].min(axis=1) for each in combinations(range(6), p))
            for p in told["p"]
        ]
        assert told["way"].tolist() == pytest.approx(np.array(least) / weight.sum())
    assert (told["share_low"] <= told["share"]).all()
    assert (told["share"] <= told["share_high"]).all()
    assert set(told["draws"]) == {1000}
    assert over_p(plan, Bootstrap(seed=1), [1, 2, 3, 5]).equals(told)


def test_a_curve_over_p_goes_around_the_plan_and_never_beyond_the_candidates() -> None:
    problem = siting.from_matrix(np.eye(6) * 0.0 + (1 - np.eye(6)) * 9.0, reach=1)
    plan = siting.mclp(problem, 4)
    assert siting.numbers_near(plan) == [1, 2, 3, 4, 5, 6]
    told = over_p(plan, Bootstrap(seed=1, draws=50))
    assert told["share"].tolist() == pytest.approx([each / 6 for each in range(1, 7)])
    with pytest.raises(BadQuestion, match="p = 7 is outside 1–6"):
        over_p(plan, Bootstrap(seed=1), [7])
