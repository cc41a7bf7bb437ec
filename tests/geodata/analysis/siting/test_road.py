"""Siting by road, in the town by the river: worked out by hand, and against searches one by one."""

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.analysis import siting
from geodata.analysis.siting import file as siting_file
from geodata.errors import BadQuestion, BadTable
from geodata.hours.calendar import calendar_of
from geodata.space.coordinates import WGS84
from geodata.travel import network, osm
from geodata.travel.one_to_all import Direction, spread
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import snap
from geodata.vocabulary import Mode
from tests import town

TOWN = town.by_the_river()
#: Minutes on foot for a metre.
PER_M = 1 / WALK_M_S / 60


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> network.Network:
    roads = osm.read(TOWN.write(tmp_path_factory.mktemp("town") / "town.osm"), lambda _: None)
    return network.build(roads, "town", lambda _: None)


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> network.Network:
    file = town.random_town(5).write(tmp_path_factory.mktemp("grid") / "grid.osm")
    return network.build(osm.read(file, lambda _: None), "grid", lambda _: None)


def frame(*names: str, **columns: list[object]) -> gpd.GeoDataFrame:
    lonlat = [town.degrees(*TOWN.spots[name]) for name in names]
    return gpd.GeoDataFrame(
        columns, geometry=gpd.points_from_xy(*zip(*lonlat, strict=True)), crs=WGS84
    )


def test_a_site_across_the_river_reaches_nobody_here(net: network.Network) -> None:
    demand, sites = frame("b", "a", weight=[3, 2]), frame("c", "r1", site_id=["c", "r1"])
    straight = siting.mclp(siting.from_frames(demand, sites, siting.Metres(405)), p=1)
    by_road = siting.mclp(
        siting.from_frames(demand, sites, siting.Minutes(410 * PER_M, Mode.WALK, net)), p=1
    )
    assert straight.sites()["site_id"].tolist() == ["c"]
    assert by_road.sites()["site_id"].tolist() == ["r1"]
    assert (straight.after, by_road.after) == (5, 5)


def test_the_mean_way_is_told_in_minutes_with_engine_and_date(net: network.Network) -> None:
    """From b, n, m to n: 1,000, 0 and 200 m; to b: 0, 1,000 and 1,200; to m: 1,200, 200 and 0."""
    demand, sites = (
        frame("b", "n", "m", weight=[1, 2, 3]),
        frame("b", "n", "m", site_id=["b", "n", "m"]),
    )
    plan = siting.p_median(
        siting.from_frames(demand, sites, siting.Minutes(30, Mode.WALK, net)), p=1
    )
    assert plan.sites()["site_id"].tolist() == ["n"]
    assert plan.way_after == pytest.approx((1 * 1_000 + 3 * 200) / 6 * PER_M, rel=1e-3)
    assert np.isnan(plan.way_before)
    assert plan.proved
    assert "mean way 3.6 min" in str(plan)
    assert "nuanfeng travel over network town, OpenStreetMap data of 2026-11-01T00:00:00Z" in str(
        plan
    )
    tables = siting_file.tables_of(plan, synthetic=False)
    assert tables["sites"]["reach"].tolist() == [plan.problem.reach]
    assert plan.problem.reach.startswith("30 min, walk, by road: ")


def test_two_sites_halve_the_way_and_existing_ones_count(net: network.Network) -> None:
    demand, reach = frame("b", "c", weight=[1, 1]), siting.Minutes(30, Mode.WALK, net)
    sites = frame("n", "m", site_id=["n", "m"])
    plan = siting.p_median(siting.from_frames(demand, sites, reach, existing=frame("n")), p=1)
    assert plan.sites()["site_id"].tolist() == ["m"]
    assert plan.way_before == pytest.approx(1_100 * PER_M, rel=1e-3)
    assert plan.way_after == pytest.approx(1_000 * PER_M, rel=1e-3)


def test_demand_on_no_road_weighs_nothing_and_is_told(net: network.Network) -> None:
    demand = frame("b", "i", "y", weight=[1.0, 4.0, 8.0])  # i is on the island, y over the border
    problem = siting.from_frames(demand, frame("a", "j"), siting.Minutes(10, Mode.WALK, net))
    plan = siting.mclp(problem, p=2)
    assert (problem.off_road, plan.total, plan.after) == (12.0, 1.0, 1.0)
    assert "12 more stand on no road" in str(plan)
    assert plan.points()["reached_after"].fillna(-1).tolist() == [1.0, -1, -1]
    assert siting.lscp(problem).sites()["site_id"].tolist() == ["1"]


def test_who_no_site_reaches_in_time_is_refused_with_the_unit(net: network.Network) -> None:
    problem = siting.from_frames(frame("b", "c"), frame("b"), siting.Minutes(5, Mode.WALK, net))
    with pytest.raises(BadTable, match=r"1 points cannot be reached: neither .* lies within 5 min"):
        siting.lscp(problem)


def test_a_street_is_reached_at_its_nearer_end(net: network.Network) -> None:
    line = shapely.LineString([town.degrees(*TOWN.spots[name]) for name in ("n", "m")])
    street = gpd.GeoDataFrame({"site_id": ["street"]}, geometry=[line], crs=WGS84)
    problem = siting.from_frames(frame("b", "c"), street, siting.Minutes(20, Mode.WALK, net))
    assert problem.way == pytest.approx(np.full(2, 1_000 * PER_M), rel=1e-3)


def test_hours_are_judged_by_road_too(net: network.Network) -> None:
    sites = frame("n", site_id=["n"], opening_hours=["22:00-06:00"])
    week = siting.Week(date(2026, 11, 23), calendar_of("CN"))
    problem = siting.from_frames(frame("b"), sites, siting.Minutes(20, Mode.WALK, net), week=week)
    assert siting.mclp(problem, p=1).after == pytest.approx(8 / 24)


@pytest.mark.parametrize("mode", [Mode.WALK, Mode.DRIVE])
def test_every_pair_is_that_of_a_search_from_its_site_alone(
    grid: network.Network, mode: Mode
) -> None:
    rng, graph = np.random.default_rng(6), grid.graphs[mode]
    low, high = town.degrees(-700, -700), town.degrees(2_500, 2_500)
    lonlat, spots = rng.uniform(low, high, (400, 2)), rng.uniform(low, high, (60, 2))
    found = siting.Minutes(10, mode, grid).pairs(lonlat, shapely.points(spots))
    standing, expected = snap(graph, lonlat), np.full((400, 60), np.inf)
    for site in range(60):
        seconds, _ = spread(graph, snap(graph, spots[site : site + 1]), Direction.TO).at(standing)
        expected[:, site] = seconds / 60
    assert {*zip(found.point.tolist(), found.shape.tolist(), strict=True)} == {
        *zip(*map(np.ndarray.tolist, np.nonzero(expected <= 10)), strict=True)
    }
    assert len(found.point) > 300
    assert found.cost == pytest.approx(expected[found.point, found.shape])
    assert (np.lexsort((found.shape, found.cost, found.point)) == np.arange(len(found.point))).all()


def test_no_minutes_are_refused(net: network.Network) -> None:
    for most in (0, 61, float("nan")):
        with pytest.raises(BadQuestion, match="outside 0–60"):
            siting.Minutes(most, Mode.RIDE, net)
