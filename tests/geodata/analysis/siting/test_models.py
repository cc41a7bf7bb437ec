"""Siting: by hand, against spopt, against trying everything.

What exists, what it costs, when it is open, and why.
"""

from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pulp
import pytest
import shapely
import spopt.locate
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geodata.analysis import siting
from geodata.analysis.siting import bounds, greedy, program
from geodata.analysis.siting.greedy import Means
from geodata.analysis.siting.plan import when
from geodata.analysis.siting.reach import Metres
from geodata.analysis.siting.worth import Covered, Nearer
from geodata.errors import BadQuestion, BadTable
from geodata.hours.calendar import HolidayDate, HolidayYear, calendar_of
from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import WGS84, geodesic_m
from tests import makers
from tests.benchmarks.siting_row import TRIPS, taxi_plan

CALENDAR = calendar_of("CN")
MONDAY = date(2026, 11, 16)
WEEK = siting.Week(MONDAY, CALENDAR)
#: The best is proved on a machine of any speed.
PATIENT = siting.Effort(time_limit_s=3_600)
X = np.inf
#: Four villages in a row, 1 km apart, weights 5, 1, 1, 4; a site in each.
ROW = np.abs(np.arange(4)[:, None] - np.arange(4)) * 1000.0
WEIGHT = [5.0, 1.0, 1.0, 4.0]


def row(**stated: Any) -> siting.Problem:
    return siting.from_matrix(ROW, **{"weight": WEIGHT, "reach": 1000.0, **stated})


def points(lonlat: Any, **columns: Any) -> gpd.GeoDataFrame:
    xy = np.asarray(lonlat, float).reshape(-1, 2)
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=WGS84)


# --- by hand ---


def test_one_site_goes_where_most_weight_is_within_reach() -> None:
    plan = siting.mclp(row(), 1)
    assert (plan.chosen.tolist(), plan.value, plan.bound, plan.proved) == ([1], 7.0, 7.0, True)


def test_two_sites_reach_the_whole_row_and_are_told_in_order_of_what_each_adds() -> None:
    plan = siting.mclp(row(), 2)
    table = plan.sites()
    assert plan.after == plan.total == 11.0
    assert table["site_id"].tolist() == ["2", "3"]
    assert table["gain"].tolist() == [7.0, 4.0]
    assert table["reached_share"].tolist() == [7 / 11, 1.0]
    assert table["points"].tolist() == [3, 1]
    assert table["only_here"].tolist() == [
        5.0,
        4.0,
    ]  # the villages between are within reach of both
    assert table["reason"][0] == "adds 7 (63.6%) at 3 points; 5 of it only here"


def test_sites_that_add_nothing_are_left_out_though_more_are_allowed() -> None:
    assert len(siting.mclp(row(), 4).chosen) == 2


def test_what_exists_is_not_reached_a_second_time() -> None:
    plan = siting.mclp(row(existing=ROW[:, :1]), 1)
    assert plan.before == 6.0
    assert (plan.value, plan.after) == (5.0, 11.0)
    assert plan.chosen.tolist() in ([2], [3])


def test_all_are_reached_by_the_fewest_sites() -> None:
    plan = siting.lscp(row())
    assert (plan.value, plan.bound, plan.after) == (2.0, 2.0, 11.0)


def test_all_are_reached_at_least_cost_even_if_that_takes_more_sites() -> None:
    plan = siting.lscp(row(cost=[1.0, 9.0, 9.0, 1.0]))
    assert (sorted(plan.chosen.tolist()), plan.value) == ([0, 3], 2.0)
    dear = siting.lscp(siting.from_matrix([[1, X, 1], [X, 1, 1]], cost=[1.0, 1.0, 3.0], reach=1))
    assert (sorted(dear.chosen.tolist()), dear.value) == ([0, 1], 2.0)


def test_who_cannot_be_reached_is_named_and_left_out_only_when_asked() -> None:
    far = siting.from_matrix([[1, X], [X, X], [X, 1], [X, X]], reach=1)
    with pytest.raises(BadTable, match="2 points cannot be reached: neither") as refused:
        siting.lscp(far)
    assert [reject.row for reject in refused.value.rejects] == [3, 5]
    plan = siting.lscp(far, leave_unreachable=True)
    assert (plan.value, plan.after, plan.possible) == (2.0, 2.0, 2.0)


def test_nobody_asks_for_nothing() -> None:
    assert siting.lscp(siting.from_matrix([[1, X], [X, X]], weight=[1, 0], reach=1)).value == 1.0
    assert siting.lscp(row(existing=ROW)).value == 0.0


def test_a_second_place_counts_what_it_is_said_to_be_worth() -> None:
    once = siting.backup(row(), 2, second=0.0)
    twice = siting.backup(row(), 2, second=1.0)
    assert once.value == 11.0
    assert twice.value == 13.0  # the first two: 5 + 1 twice, 1 once
    assert siting.backup(row(existing=ROW[:, :1]), 1, second=0.5).value == 5.5


def test_everyone_first_and_then_a_second_place_for_as_many_as_can_be() -> None:
    plan = siting.backup(row(), 3, everyone=True)
    assert plan.after == 11.0
    with pytest.raises(BadQuestion, match="no choice within these means reaches everyone"):
        siting.backup(row(), 1, everyone=True)


def test_the_way_becomes_shortest_on_the_weighted_mean() -> None:
    plan = siting.p_median(siting.from_matrix(ROW, weight=WEIGHT), 2)
    assert sorted(plan.chosen.tolist()) == [0, 3]
    assert plan.way_after == pytest.approx(2000 / 11)


def test_the_mean_way_is_true_beyond_reach_too_though_sites_are_chosen_as_if_it_ended_there() -> (
    None
):
    plan = siting.p_median(row(), 1)
    assert plan.chosen.tolist() == [0]
    assert np.isnan(plan.way_before)
    assert plan.way_after == pytest.approx((0 * 5 + 1000 + 2000 + 3000 * 4) / 11)
    assert plan.beyond_after == pytest.approx(5 / 11)
    assert plan.value == 5000.0  # what the reach leaves of it: 5 · 1,000 m
    assert "mean way 1,363.6 m, 45.5% of the demand goes farther than the reach" in str(plan)
    there = siting.p_median(row(existing=ROW[:, :1]), 1)
    assert there.way_before == pytest.approx(15_000 / 11)
    assert "mean way 1,363.6 → " in str(there)


def test_who_has_no_way_at_all_is_told_and_part_of_no_mean() -> None:
    plan = siting.p_median(siting.from_matrix([[1.0, X], [3.0, X], [X, X]], reach=2), 1)
    assert (plan.way_after, plan.nowhere_after) == (2.0, pytest.approx(1 / 3))
    assert "33.3% has no way at all" in str(plan)


@given(st.integers(0, 10**6))
@settings(max_examples=30)
def test_the_mean_way_of_a_median_is_that_of_the_whole_matrix(seed: int) -> None:
    ways, weight, _, there = drawn(seed)
    problem = siting.from_matrix(
        ways[:, there:], weight=weight, reach=0.2, existing=ways[:, :there]
    )
    plan = siting.p_median(problem, 2)
    left = np.concatenate([ways[:, :there], ways[:, there:][:, plan.chosen]], axis=1)
    nearest = left.min(axis=1, initial=np.inf)
    if np.isfinite(nearest).all():
        assert plan.way_after == pytest.approx(float(weight @ nearest / weight.sum()))
    assert plan.beyond_after == pytest.approx(float(weight[nearest > 0.2].sum() / weight.sum()))


@given(st.integers(0, 10**6))
@settings(max_examples=40)
def test_no_choice_is_better_than_the_cheap_bounds_and_they_are_less_than_p_best_gains(
    seed: int,
) -> None:
    ways, weight, cost, _ = drawn(seed)
    problem = siting.from_matrix(ways, weight=weight, cost=cost, reach=REACH)
    models = (
        (Covered(problem, np.array([1.0, 0.3])), worth_twice),
        (Nearer(problem), worth_nearer),
    )
    for worth, slow in models:
        for means in (Means(2, 5.0, cost), Means(2, None, np.ones_like(cost))):
            spent = cost if means.budget else np.zeros_like(cost)
            most = best_of_all(ways, weight, spent, slow)
            start = np.array(greedy.choose(worth, means), np.int64)
            known = bounds.first(worth, means, start)
            alone = worth.gains()
            singles = max(alone.of(site) for site in range(len(cost)))
            assert most - 1e-9 <= known.bound <= 2 * singles + 1e-9
            before = known.bound
            bounds.tighten(worth, means, known, 9.0, lambda *_: None, improve=True)
            assert most - 1e-9 <= known.bound <= before + 1e-9
            assert known.value <= most + 1e-9


def test_a_budget_buys_what_it_can() -> None:
    problem = row(cost=[10.0, 1.0, 1.0, 10.0])
    plan = siting.mclp(problem, budget=2.0)
    assert (sorted(plan.chosen.tolist()), plan.value) == ([1, 2], 11.0)
    assert siting.mclp(problem, p=1, budget=2.0).value == 7.0
    assert siting.mclp(problem, budget=0.5).chosen.tolist() == []


@pytest.mark.parametrize(
    ("means", "reason"),
    [
        ({}, "say how many sites"),
        ({"p": 0}, "p = 0 is outside 1–4"),
        ({"p": 5}, "p = 5 is outside 1–4"),
        ({"budget": -1.0}, "budget of -1"),
    ],
)
def test_means_that_are_none_are_refused(means: Any, reason: str) -> None:
    with pytest.raises(BadQuestion, match=reason):
        siting.mclp(row(), **means)


def test_a_median_without_reach_needs_every_way() -> None:
    with pytest.raises(BadQuestion, match="state a reach"):
        siting.p_median(siting.from_matrix([[1.0, X]]), 1)


def test_ways_that_would_not_fit_into_memory_are_refused_before_they_are_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("geodata.analysis.siting.reach.MOST_PAIRS", 100)
    here = points(np.tile([114.0, 22.5], (11, 1)))
    with pytest.raises(BadQuestion, match="more than 100 ways within 500 m between 11 points"):
        siting.from_frames(here, here, Metres(500))


@pytest.mark.parametrize("model", ["mclp", "p_median", "backup"])
def test_a_program_too_large_for_the_solver_still_has_a_plan_with_a_bound_close_by(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(7)
    ways = np.linalg.norm(rng.random((300, 1, 2)) - rng.random((1, 40, 2)), axis=2)
    problem = siting.from_matrix(ways, weight=rng.integers(1, 9, 300), reach=0.4)
    proved = getattr(siting, model)(problem, 5, effort=PATIENT)
    monkeypatch.setattr(program, "MOST_ENTRIES", 10)
    plan = getattr(siting, model)(problem, 5)
    assert proved.proved
    assert plan.value <= proved.value + 1e-6 <= plan.bound + 2e-6
    assert plan.gap < 0.1


def test_an_effort_that_is_none_is_refused() -> None:
    with pytest.raises(BadQuestion, match="time_limit_s"):
        siting.Effort(time_limit_s=0)
    with pytest.raises(BadQuestion, match="second = 2"):
        siting.backup(row(), 1, second=2)


def test_matrices_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadTable, match="4 points and 4 sites, but there are 3 weights"):
        row(weight=[1, 2, 3])
    with pytest.raises(BadTable, match="no way is negative"):
        siting.from_matrix([[-1.0]])
    with pytest.raises(BadTable, match="1 rows of the demand cannot be used: weight is a number"):
        row(weight=[1, 2, np.nan, 1])


# --- oracles ---


def drawn(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], int]:
    """Ways, weights and costs of a small random problem, and how many of its sites are there
    already.
    """
    rng = np.random.default_rng(seed)
    clients, sites = rng.integers(5, 30), rng.integers(4, 9)
    here, there = rng.random((clients, 1, 2)), rng.random((1, sites, 2))
    ways = np.linalg.norm(here - there, axis=2)
    return (
        ways,
        rng.integers(1, 9, clients).astype(float),
        rng.integers(1, 5, sites).astype(float),
        int(rng.integers(3)),
    )


def solver() -> Any:
    return pulp.PULP_CBC_CMD(msg=False)


REACH = 0.35
#: PuLP warns of what its next version will do to spopt.
oracle = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@oracle
@pytest.mark.parametrize("seed", range(12))
def test_maximal_covering_equals_spopt(seed: int) -> None:
    ways, weight, _, there = drawn(seed)
    fixed = np.arange(ways.shape[1]) < there
    model = spopt.locate.MCLP.from_cost_matrix(
        ways, weight, REACH, there + 2, predefined_facilities_arr=fixed if there else None
    ).solve(solver())
    problem = siting.from_matrix(
        ways[:, there:], weight=weight, reach=REACH, existing=ways[:, :there]
    )
    assert siting.mclp(problem, 2).after == pytest.approx(pulp.value(model.problem.objective))


@oracle
@pytest.mark.parametrize("seed", range(12))
def test_set_covering_equals_spopt(seed: int) -> None:
    ways, _, _, there = drawn(seed)
    reachable = ways[(ways <= REACH).any(axis=1)]
    fixed = np.arange(ways.shape[1]) < there
    model = spopt.locate.LSCP.from_cost_matrix(
        reachable, REACH, predefined_facilities_arr=fixed if there else None
    ).solve(solver())
    problem = siting.from_matrix(reachable[:, there:], reach=REACH, existing=reachable[:, :there])
    assert siting.lscp(problem).value + there == pytest.approx(pulp.value(model.problem.objective))


@oracle
@pytest.mark.parametrize("seed", range(12))
def test_the_median_equals_spopt(seed: int) -> None:
    ways, weight, _, there = drawn(seed)
    fixed = np.arange(ways.shape[1]) < there
    model = spopt.locate.PMedian.from_cost_matrix(
        ways, weight, there + 2, predefined_facilities_arr=fixed if there else None
    ).solve(solver())
    problem = siting.from_matrix(ways[:, there:], weight=weight, existing=ways[:, :there])
    assert siting.p_median(problem, 2).way_after * weight.sum() == pytest.approx(
        pulp.value(model.problem.objective)
    )


@oracle
@pytest.mark.parametrize("seed", range(12))
def test_backup_coverage_equals_spopt_when_everyone_must_be_reached(seed: int) -> None:
    ways = drawn(seed)[0]
    reachable = ways[(ways <= REACH).any(axis=1)]
    model = spopt.locate.LSCPB.from_cost_matrix(reachable, REACH, solver()).solve()
    problem = siting.from_matrix(reachable, reach=REACH)
    fewest = len(siting.lscp(problem).chosen)
    plan = siting.backup(problem, fewest, second=1.0, everyone=True)
    lonely = int(
        ((reachable <= REACH).sum(axis=1) == 1).sum()
    )  # spopt counts them as if they had a second place
    assert plan.value - len(reachable) == pytest.approx(
        pulp.value(model.problem.objective) - lonely
    )


def best_of_all(
    ways: NDArray[np.float64], weight: NDArray[np.float64], cost: NDArray[np.float64], what: Any
) -> float:
    """Every choice of at most two sites and a budget of five, tried."""
    sites = range(ways.shape[1])
    choices = [list(choice) for number in range(3) for choice in combinations(sites, number)]
    return max(
        float(what(ways[:, choice], weight)) for choice in choices if cost[choice].sum() <= 5
    )


def worth_twice(ways: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    counts = (ways <= REACH).sum(axis=1)
    return float((weight * (np.minimum(counts, 1) + 0.3 * (counts >= 2))).sum())


def worth_nearer(ways: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    return float((weight * (REACH - ways.min(axis=1, initial=REACH))).sum())


@given(st.integers(0, 10**6))
@settings(max_examples=40)
def test_budget_and_number_together_equal_trying_every_choice_and_greedy_keeps_its_promise(
    seed: int,
) -> None:
    ways, weight, cost, _ = drawn(seed)
    problem = siting.from_matrix(ways, weight=weight, cost=cost, reach=REACH)
    twice = siting.backup(problem, 2, budget=5, second=0.3)
    nearer = siting.p_median(problem, 2, budget=5)
    assert twice.value == pytest.approx(best_of_all(ways, weight, cost, worth_twice))
    assert nearer.value == pytest.approx(best_of_all(ways, weight, cost, worth_nearer))
    for plan in (siting.mclp(problem, 3), siting.p_median(problem, 3), siting.backup(problem, 3)):
        assert plan.proved
        assert plan.value >= plan.greedy - 1e-9 >= (1 - 1 / np.e) * plan.bound - 1e-6
        assert plan.gains.sum() == pytest.approx(plan.value)
        assert (np.diff(plan.gains) <= 1e-9).all()
        assert (plan.sites()["only_here"] <= plan.gains + 1e-9).all()


def test_the_same_problem_has_the_same_answer_and_sites_in_reach_are_a_brute_force_s() -> None:
    rng = np.random.default_rng(3)
    demand, sites = (
        points(makers.clustered(rng, 400), weight=rng.integers(1, 9, 400)),
        points(makers.clustered(rng, 60)),
    )
    plans = [siting.mclp(siting.from_frames(demand, sites, Metres(3000)), 6) for _ in range(2)]
    assert plans[0].chosen.tolist() == plans[1].chosen.tolist()
    here, there = shapely.get_coordinates(demand.geometry), shapely.get_coordinates(sites.geometry)
    metres = geodesic_m(here[:, None, 0], here[:, None, 1], there[None, :, 0], there[None, :, 1])
    slow = siting.from_matrix(metres, weight=demand["weight"], reach=3000)
    fast = plans[0].problem
    assert np.array_equal(
        np.sort(fast.site + 60 * fast.client), np.sort(slow.site + 60 * slow.client)
    )
    assert fast.way == pytest.approx(slow.way, abs=1e-3)
    assert siting.mclp(slow, 6).value == plans[0].value


def test_without_any_time_there_is_still_the_greedy_plan_with_an_honest_gap() -> None:
    rng = np.random.default_rng(5)
    problem = siting.from_frames(
        points(makers.clustered(rng, 3000)), points(makers.clustered(rng, 600)), Metres(3000)
    )
    plan = siting.lscp(problem, leave_unreachable=True, effort=siting.Effort(1e-6))
    assert plan.after == plan.possible
    assert plan.bound <= plan.value <= plan.greedy
    assert 0 < plan.gap <= 1
    assert not plan.proved
    assert "proved optimal" not in str(plan)


def test_a_gap_that_says_nothing_is_not_told_as_if_it_did() -> None:
    plan = siting.mclp(row(), 1)
    for bound, said in ((7.0, "proved optimal"), (8.0, "at most 12.50% from the best"), (99.0, "")):
        told = str(replace(plan, bound=bound))
        assert said in told
        assert ("from the best" in told) == (bound == 8.0)
        assert ("is not known" in told) == (bound == 99.0)


def test_progress_hears_how_much_of_the_bound_is_reached_and_nothing_is_printed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    rng = np.random.default_rng(6)
    problem = siting.from_frames(
        points(makers.clustered(rng, 3000)), points(makers.clustered(rng, 300)), Metres(3000)
    )
    told: list[tuple[int, int]] = []
    effort = replace(PATIENT, progress=lambda *at: told.append(at))
    plan = siting.mclp(problem, 20, effort=effort)
    assert plan.proved
    assert told[-1] == (100, 100)
    assert all(0 <= done <= of for done, of in told)
    assert capfd.readouterr() == ("", "")


# --- frames ---


def three() -> gpd.GeoDataFrame:
    return makers.three_places()


def test_a_street_is_reached_at_its_nearest_spot_and_a_place_beyond_reach_is_not() -> None:
    by_the_street = points([[114.056, 22.5415]])
    there = siting.from_frames(
        by_the_street, points([[114.0, 22.5]]), Metres(200), existing=three()
    )
    assert there.already.tolist() == [1]
    assert there.already_way[0] < 120


def test_only_open_places_count_in_a_week_and_new_sites_are_open_always() -> None:
    demand = points([[114.05, 22.54], [114.06, 22.54]], weight=[168.0, 168.0])
    problem = siting.from_frames(
        demand,
        demand[["geometry"]],
        Metres(300),
        existing=three(),
        week=WEEK,
    )
    assert problem.weight.sum() == pytest.approx(336)
    plan = siting.mclp(problem, 2)
    assert plan.before == pytest.approx(168 + 7 * 12)  # round the clock, and 09:00–21:00
    assert plan.value == pytest.approx(7 * 12)
    (line,) = plan.sites().itertuples()
    assert (line.site_id, line.when) == ("2", "21:00–07:00")
    hours = plan.hours()
    assert hours["before"][hours["hour"] == 3].unique() == pytest.approx(0.5)
    assert hours["after"].min() == 1.0


def test_a_week_goes_by_the_calendar_of_the_dataset(monkeypatch: pytest.MonkeyPatch) -> None:
    off = HolidayYear(2026, (HolidayDate(date(2026, 11, 18), off=True, name="节", source="A"),))
    own = calendar_of("CN", [off])
    asks = ["Mo-Su,PH 00:00-24:00; PH off", "24/7"]
    assert siting.Week(MONDAY, CALENDAR).open(asks).all()
    by_day = siting.Week(MONDAY, own).open(asks).reshape(2, 7, 24).all(axis=2)
    assert by_day.tolist() == [[True, True, False, True, True, True, True], [True] * 7]
    monkeypatch.setattr(makers, "calendar", lambda *_: own)
    snapshot = makers.snapshot(makers.random_city(3))
    assert np.array_equal(
        siting.Week.of(snapshot, MONDAY).open(asks), siting.Week(MONDAY, own).open(asks)
    )


def test_in_a_week_of_a_dataset_the_sun_shines_where_it_lies() -> None:
    here = siting.Week.of(makers.snapshot(makers.random_city(3)), MONDAY, include_unknown=False)
    by_hour = here.open(["sunrise-sunset"]).reshape(7, 24)
    assert by_hour[:, 9:16].all()
    assert not by_hour[:, [0, 3, 22]].any()
    assert not siting.Week(MONDAY, CALENDAR).open(["sunrise-sunset"]).any()


def test_hours_that_a_place_has_already_bring_nothing_when_they_are_lengthened() -> None:
    demand = points([[114.06, 22.54]], weight=[168.0])
    places = three().iloc[:2]
    longer = siting.longer_hours(places)
    week = WEEK
    problem = siting.from_frames(demand, longer, Metres(300), existing=places, week=week)
    plan = siting.backup(problem, 1, second=1.0)
    assert plan.sites()["site_id"].tolist() == ["merchant-1"]
    assert plan.value == pytest.approx(7 * 12)


def test_each_row_may_ask_at_its_own_hour() -> None:
    demand = points([[114.06, 22.54]] * 3, weight=[1.0, 2.0, 4.0], hour=[3, 12, 27])
    problem = siting.from_frames(
        demand,
        demand[["geometry"]].head(1),
        Metres(300),
        existing=three(),
        week=WEEK,
    )
    plan = siting.mclp(problem, 1)
    assert (plan.before, plan.value) == (2.0, 5.0)
    assert plan.points()["reached_before"].tolist() == [0.0, 1.0, 0.0]
    assert plan.points()["by_site"].fillna("nobody").tolist() == ["1", "nobody", "1"]
    assert plan.hours()["demand"].sum() == 7.0


def test_a_profile_says_when_demand_asks() -> None:
    night = np.zeros(168)
    night[[2, 26]] = 3, 1
    demand = points([[114.06, 22.54]], weight=[8.0])
    problem = siting.from_frames(
        demand, demand, Metres(300), existing=three(), week=siting.Week(MONDAY, CALENDAR, night)
    )
    plan = siting.mclp(problem, 1)
    assert (plan.before, plan.value) == (0.0, 8.0)
    assert plan.hours()["demand"][[2, 26]].tolist() == [6.0, 2.0]


def test_unknown_hours_count_as_open_only_when_asked() -> None:
    demand = points([[114.06, 22.54]])
    unknown = three().assign(opening_hours=None)
    for include, before in ((False, 0.0), (True, 1.0)):
        week = siting.Week(MONDAY, CALENDAR, include_unknown=include)
        problem = siting.from_frames(demand, demand, Metres(300), existing=unknown, week=week)
        assert siting.mclp(problem, 1).before == pytest.approx(before)


def test_merchants_are_promoted_with_their_own_hours() -> None:
    merchants = siting.merchants(three())
    assert merchants[["site_id", "kind", "opening_hours"]].to_numpy().tolist() == [
        ["merchant-1", "promote", "Mo-Su,PH 09:00-21:00"]
    ]


def test_places_match_by_kind_and_by_every_need() -> None:
    from geodata.vocabulary import Kind, Need

    assert siting.matching(three(), needs=[Need.REST, Need.WATER])["id"].tolist() == ["station-1"]
    assert siting.matching(three(), kinds=[Kind.FRIENDLY_MERCHANT])["id"].tolist() == ["merchant-1"]
    assert len(siting.matching(three())) == 3
    assert len(siting.matching(three(), iter(()), iter(()))) == 3


def test_a_grid_has_a_cell_where_there_is_demand_and_its_middle_is_near() -> None:
    rng = np.random.default_rng(2)
    demand = points(makers.clustered(rng, 300))
    sites = siting.grid(demand, 1000, SHENZHEN.grid)
    assert sites["site_id"].is_unique
    problem = siting.from_frames(demand, sites, Metres(708))
    assert np.diff(problem.starts).min() >= 1
    with pytest.raises(BadQuestion, match="a grid of 1 m"):
        siting.grid(demand, 1, SHENZHEN.grid)


def test_the_frames_keep_their_own_columns_and_say_who_gains() -> None:
    demand = points(
        [[114.0, 22.5], [114.0, 22.5], [114.1, 22.5]],
        weight=[1, 2, 4],
        who=["rider", "driver", "rider"],
    )
    sites = points(
        [[114.0, 22.5], [114.1, 22.5]], site_id=["west", "east"], name=["西", "东"]
    ).to_crs("EPSG:3857")
    plan = siting.mclp(siting.from_frames(demand, sites, Metres(500)), 2)
    table = plan.sites()
    assert isinstance(table, gpd.GeoDataFrame)
    assert table.columns.tolist() == [
        "order",
        "site_id",
        "name",
        "gain",
        "gain_share",
        "reached_share",
        "points",
        "only_here",
        "when",
        "reason",
        "geometry",
    ]
    assert table["name"].tolist() == ["东", "西"]
    who = plan.gains_by("who")
    assert who.loc["west"].to_dict() == {"driver": 2.0, "rider": 1.0}
    assert who.to_numpy().sum() == plan.value
    with pytest.raises(BadTable, match="no column 'age'"):
        plan.gains_by("age")
    with pytest.raises(BadTable, match="judges no hours"):
        plan.hours()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"weight": [1.0, -2.0]}, "weight is a number, not below 0"),
        ({"weight": ["viel", "1"]}, "weight is a number"),
        ({"hour": [0, 168]}, "an hour of the week"),
        ({"geometry": [shapely.Point(114, 22.5), None]}, "a point is needed"),
        ({"geometry": [shapely.Point(114, 22.5), shapely.Point()]}, "a point is needed"),
    ],
)
def test_rows_of_the_demand_that_cannot_be_used_are_named(change: Any, reason: str) -> None:
    plain = {"geometry": [shapely.Point(114, 22.5), shapely.Point(114, 22.6)], **change}
    demand = gpd.GeoDataFrame(plain, geometry="geometry", crs=WGS84)
    with pytest.raises(BadTable, match=reason) as refused:
        siting.from_frames(demand, points([[114, 22.5]]), Metres(500), week=WEEK)
    assert len(refused.value.rejects) == 1


def test_tables_that_cannot_be_used_are_refused_as_a_whole() -> None:
    here = points([[114, 22.5]])
    with pytest.raises(BadTable, match="no CRS is stated for the demand"):
        siting.from_frames(here.set_crs(None, allow_override=True), here, Metres(500))
    with pytest.raises(BadTable, match="existing places have no column 'opening_hours'"):
        siting.from_frames(here, here, Metres(500), existing=here, week=WEEK)
    with pytest.raises(BadTable, match="an earlier site has the same id"):
        siting.from_frames(here, points([[114, 22.5]] * 2, site_id=["a", "a"]), Metres(500))
    with pytest.raises(BadTable, match="rows of the sites cannot be used"):
        siting.from_frames(
            here,
            points([[114, 22.5]], opening_hours=["看情况"]),
            Metres(500),
            week=WEEK,
        )
    with pytest.raises(BadTable, match="is no Monday"):
        siting.Week(date(2026, 11, 17), CALENDAR)
    with pytest.raises(BadTable, match="a profile needs 168 numbers"):
        siting.Week(MONDAY, CALENDAR, np.zeros(168))
    with pytest.raises(BadQuestion, match="a reach of 0 m"):
        Metres(0)


def test_when_is_the_shortest_stretch_that_holds_four_fifths() -> None:
    night = np.zeros(168)
    night[[23, 24, 25, 24 + 12]] = 4, 3, 2, 1
    assert when(night) == "23:00–02:00"
    assert when(np.ones(168)) == "all day"
    assert when(np.zeros(168)) == when(np.empty(0)) == ""


def test_nothing_to_choose_among_is_no_question_but_nothing_within_reach_is_an_empty_plan() -> None:
    lonely = siting.from_frames(points([[114, 22.5]]), points([[114.5, 22.5]]), Metres(500))
    plan = siting.mclp(lonely, 1)
    assert (len(plan.sites()), plan.value, plan.proved) == (0, 0.0, True)
    assert isinstance(plan.points(), pd.DataFrame)


# --- real demand ---


def test_twenty_stations_for_456_111_real_taxi_trips_are_proved_best(real_data: Path) -> None:
    plan = taxi_plan(real_data, PATIENT)
    assert plan.total == TRIPS
    assert plan.proved
    assert len(plan.chosen) == 20
    assert plan.after == plan.gains.sum() > plan.greedy > 0.9 * plan.after
    assert plan.points()["reached_after"].isin([0.0, 1.0]).all()
