"""Coverage on paper: five people, three places.

And against a slow oracle that asks pyproj for every pair.
"""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geodata.analysis.clients import Clients, located
from geodata.analysis.coverage import coverage, distances, each
from geodata.coverage.near import Straight, Within
from geodata.coverage.served import Standing, judge, standings, tallied, tally
from geodata.errors import BadQuestion, BadTable
from geodata.estimate import eta
from geodata.hours.timeline import State
from geodata.pipeline.new_city import shipped
from geodata.search.filter import Filter, Open
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Kind, Mode, Need
from tests import makers
from tests.geodata.analysis.conftest import People, Town

#: Open all night, by day, and nobody knows when; a kilometre apart.
THREE = [(0.0, "24/7"), (1000.0, "Mo-Su,PH 09:00-21:00"), (2000.0, None)]
WEIGHTS = (1, 2, 4, 8, 16)


@pytest.fixture
def five(people: People) -> gpd.GeoDataFrame:
    return people(
        100, 900, 1100, 1900, 3000, people=WEIGHTS, part=["west", "west", "east", "east", None]
    )


def test_at_night_one_has_an_open_place_others_closed_ones_unknown_ones_or_none(
    town: Town, five: gpd.GeoDataFrame
) -> None:
    found = coverage(town(THREE), five, Within(reach_m=500), makers.NIGHT, weight="people").iloc[0]
    assert (found.area, found.points, found.weight, found.points_outside) == ("all", 5, 31, 0)
    assert (found.open, found.unknown, found.closed, found.none) == (1, 8, 2 + 4, 16)
    assert found.share_open == 1 / 31
    assert (
        found.share_open + found.share_unknown + found.share_closed + found.share_none
        == pytest.approx(1)
    )


def test_by_day_the_merchant_serves_too_and_unknown_hours_stay_unknown(
    town: Town, five: gpd.GeoDataFrame
) -> None:
    found = coverage(town(THREE), five, Within(reach_m=500), makers.DAY, weight="people").iloc[0]
    assert (found.open, found.unknown, found.closed, found.none) == (1 + 2 + 4, 8, 0, 16)


def test_areas_come_in_order_of_appearance_and_who_is_in_none_comes_last(
    town: Town, five: gpd.GeoDataFrame
) -> None:
    found = coverage(town(THREE), five, Within(reach_m=500), makers.DAY, weight="people", by="part")
    assert found["area"].tolist()[:2] == ["west", "east"]
    assert found["area"].isna().tolist() == [False, False, True]
    assert found["open"].tolist() == [3, 4, 0]
    assert found["none"].tolist() == [0, 0, 16]


def test_points_outside_the_service_area_are_in_no_share(town: Town, people: People) -> None:
    crowd = people(100, 200_000, weight=[1, 5])
    crowd.loc[2] = [7, None]
    found = coverage(town(THREE), crowd, Within(), makers.NIGHT, weight="weight").iloc[0]
    assert (found.points, found.points_outside, found.weight, found.share_open) == (1, 2, 1, 1.0)


def test_an_area_without_weight_has_no_share_rather_than_none(town: Town, people: People) -> None:
    found = coverage(
        town(THREE), people(100, weight=[0]), Within(), makers.NIGHT, weight="weight"
    ).iloc[0]
    assert found.weight == 0
    assert np.isnan(found.share_open)


def test_minutes_are_estimated_from_the_straight_line(town: Town, people: People) -> None:
    for mode in (Mode.WALK, Mode.RIDE):
        minutes = eta(500.0, mode).eta_s / 60.0
        assert Within(minutes=minutes, mode=mode).straight_m == pytest.approx(500)
    snapshot, one = town(THREE), people(-550)
    assert coverage(snapshot, one, Within(minutes=10), makers.NIGHT)["open"].tolist() == [0]
    assert coverage(snapshot, one, Within(minutes=11), makers.NIGHT)["open"].tolist() == [1]


def test_only_places_that_pass_the_filter_count(town: Town, five: gpd.GeoDataFrame) -> None:
    for wanted in (Filter(kinds=(Kind.DRIVER_HOME,)), Filter(needs=(Need.TALK,))):
        found = coverage(town(THREE), five, Within(wanted), makers.DAY)
        assert found["none"].tolist() == [5]
    with pytest.raises(BadQuestion, match="judges opening hours itself"):
        Within(Filter(open=Open.NOW))
    with pytest.raises(BadQuestion, match="50000"):
        Within(reach_m=50_001)


def test_each_point_is_told_its_nearest_place_and_its_nearest_open_one(
    town: Town, people: People
) -> None:
    found = each(town(THREE), people(900, 200_000), Within(reach_m=500), makers.NIGHT)
    assert found["standing"].tolist() == ["closed", "outside"]
    assert found["nearest_id"].tolist()[0] == "pla-1"
    assert found["nearest_id"].isna().tolist() == [False, True]
    assert found["nearest_m"][0] == pytest.approx(100, abs=0.02)
    assert found["nearest_open_m"][0] == pytest.approx(900, abs=0.02)
    assert found[["nearest_m", "nearest_open_m"]].isna().loc[1].all()


def test_distances_are_weighted_and_the_unreachable_are_counted_apart(
    town: Town, people: People
) -> None:
    crowd = people(100, 300, 2000, 9000, people=[1, 2, 1, 6])
    found = distances(
        town([(0.0, "24/7")]),
        crowd,
        Filter(),
        weight="people",
        quantiles=(0.25, 0.5, 1),
        farthest_m=5000,
    ).iloc[0]
    assert (found.points, found.weight, found.unreachable) == (4, 10, 6)
    assert found.mean_m == pytest.approx((100 + 2 * 300 + 2000) / 4, abs=0.02)
    assert [found.q25_m, found.q50_m, found.q100_m] == pytest.approx([100, 300, 2000], abs=0.02)


def test_with_an_instant_the_distance_is_to_the_nearest_open_place(
    town: Town, people: People
) -> None:
    found = distances(town(THREE), people(1900), Filter(), makers.NIGHT, quantiles=(0.5,)).iloc[0]
    assert found.q50_m == pytest.approx(1900, abs=0.02)
    nothing = distances(
        town(THREE), people(1900), Filter(), makers.NIGHT, quantiles=(0.5,), farthest_m=50
    ).iloc[0]
    assert nothing.unreachable == 1
    assert np.isnan(nothing.q50_m)
    assert np.isnan(nothing.mean_m)


@pytest.mark.parametrize(
    ("bad", "said"), [([1.0, -1.0], "≥ 0"), ([1.0, None], "≥ 0"), (["1", "many"], "'many'")]
)
def test_a_weight_that_is_not_known_is_refused_and_not_taken_for_0(
    town: Town, people: People, bad: list[object], said: str
) -> None:
    with pytest.raises(BadTable, match=said):
        coverage(town(THREE), people(1, 2, w=bad), Within(), makers.DAY, weight="w")


def test_a_frame_without_crs_columns_or_points_is_refused(people: People) -> None:
    with pytest.raises(BadTable, match="no CRS"):
        Clients.of(gpd.GeoDataFrame(geometry=gpd.points_from_xy([114.0], [22.5])))
    with pytest.raises(BadTable, match="LineString"):
        Clients.of(gpd.GeoDataFrame(makers.three_places()))
    with pytest.raises(BadTable, match="weights"):
        Clients.of(people(1), weight="w")
    with pytest.raises(BadTable, match="areas"):
        Clients.of(people(1), by="a")


def test_points_in_another_crs_are_brought_to_degrees(people: People) -> None:
    one = people(500)
    assert Clients.of(one.to_crs("EPSG:3857")).lonlat == pytest.approx(
        Clients.of(one).lonlat, abs=1e-9
    )


def test_points_are_located_in_districts_and_streets(people: People) -> None:
    found = located(people(0, 200_000), shipped())
    assert found["district"].tolist()[0] == "福田区"
    assert found[["district", "street"]].isna().to_numpy().tolist() == [
        [False, False],
        [True, True],
    ]


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(400, 20))


def by_hand(city: Snapshot, lonlat: np.ndarray, reach_m: float) -> list[int]:
    """Every point against every place with pyproj, one by one.

    Streets by the index's own metres.
    """
    states = city.hours_by_minute.at(makers.NIGHT).states[city.index.links[:, 1]]
    geod, found = Geod(ellps="WGS84"), []
    for lon, lat in lonlat.tolist():
        n = city.first_line
        metres = geod.inv(
            *np.broadcast_arrays([lon], [lat], *city.lonlat[:n].T[:, :]), return_back_azimuth=False
        )[2]
        lines = city.index.metres(np.arange(n, len(city), dtype=np.int32), lon, lat)
        here = states[np.concatenate([metres, lines]) <= reach_m]
        if np.isin(here, (State.OPEN, State.CLOSING_SOON)).any():
            found.append(Standing.OPEN)
        elif (here == State.UNKNOWN).any():
            found.append(Standing.UNKNOWN)
        else:
            found.append(Standing.CLOSED if len(here) else Standing.NONE)
    return found


def crowd(city: Snapshot, size: int = 300) -> np.ndarray:
    lonlat = makers.clustered(np.random.default_rng(5), size)
    return lonlat[city.outline.holds_each(lonlat)]


@pytest.mark.parametrize("reach_m", [200.0, 1_000.0, 4_000.0, 50_000.0])
def test_standings_equal_those_found_pair_by_pair(city: Snapshot, reach_m: float) -> None:
    lonlat = crowd(city)
    found = standings(city, Straight(city.index, reach_m), lonlat, [makers.NIGHT])[:, 0]
    assert found.tolist() == by_hand(city, lonlat, reach_m)


def test_links_hold_every_place_within_reach_with_its_metres(city: Snapshot) -> None:
    lonlat = crowd(city, 50)
    found = Straight(city.index, 3_000.0).links(lonlat)
    every = np.arange(len(city), dtype=np.int32)
    for i, (lon, lat) in enumerate(lonlat.tolist()):
        mine = slice(found.starts[i], found.starts[i + 1])
        metres = city.index.metres(every, lon, lat)
        assert found.rows[mine].tolist() == np.flatnonzero(metres <= 3_000.0).tolist()
        assert found.cost[mine] == pytest.approx(metres[metres <= 3_000.0], abs=1e-6)


@settings(max_examples=30)
@given(near_m=st.floats(1, 20_000), more_m=st.floats(0, 20_000), seed=st.integers(0, 99))
def test_a_wider_reach_serves_no_point_worse(
    city: Snapshot, near_m: float, more_m: float, seed: int
) -> None:
    lonlat = makers.clustered(np.random.default_rng(seed), 50)
    instants = [makers.NIGHT, makers.DAY]
    near, wide = (
        standings(city, Straight(city.index, reach), lonlat, instants)
        for reach in (near_m, near_m + more_m)
    )
    assert (wide >= near).all()


@settings(max_examples=30)
@given(reach_m=st.floats(100, 10_000), seed=st.integers(0, 99))
def test_two_kinds_together_serve_whom_either_serves(
    city: Snapshot, reach_m: float, seed: int
) -> None:
    lonlat = makers.clustered(np.random.default_rng(seed), 50)
    kinds = (Kind.DRIVER_HOME, Kind.WARM_BEE_STATION)
    asked = [(kinds[0],), (kinds[1],), kinds]
    first, second, both = (
        standings(city, Within(Filter(kinds=each), reach_m).near(city.index), lonlat, [makers.DAY])
        for each in asked
    )
    assert (both == np.maximum(first, second)).all()


@settings(max_examples=20)
@given(cuts=st.lists(st.integers(0, 200), max_size=4), seed=st.integers(0, 99))
def test_however_points_are_cut_the_rows_and_sums_are_the_same(
    city: Snapshot, cuts: list[int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    lonlat, weight, area = (
        makers.clustered(rng, 200),
        rng.integers(0, 50, 200).astype(float),
        rng.integers(-1, 4, 200),
    )
    near, instants = Straight(city.index, 2_000.0), [makers.NIGHT, makers.DAY]
    whole = standings(city, near, lonlat, instants)
    total = tallied(judge(city, near, instants), lonlat, area, weight, 4, len(instants))
    edges = sorted({0, 200, *cuts})
    pieces = [slice(a, b) for a, b in pairwise(edges)]
    assert (
        np.concatenate([standings(city, near, lonlat[p], instants) for p in pieces]) == whole
    ).all()
    summed = [tally(whole[p], area[p], weight[p], 4) for p in pieces]
    assert (
        sum((each.points for each in summed), np.zeros_like(total.points)).tolist()
        == total.points.tolist()
    )
    assert (
        sum((each.weight for each in summed), np.zeros_like(total.weight)).tolist()
        == total.weight.tolist()
    )
    assert total.points.sum() == 2 * 200
    assert total.grouped(np.array([0, 0, 1, 1]), 2).weight.sum() == total.weight.sum()


def test_states_of_the_whole_frame_are_those_of_its_rows(city: Snapshot) -> None:
    lonlat = crowd(city, 40)
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*lonlat.T), crs="EPSG:4326")
    whole = each(city, frame, Within(reach_m=800), makers.DAY)
    alone = pd.concat(
        [each(city, frame.iloc[[n]], Within(reach_m=800), makers.DAY) for n in range(len(frame))]
    )
    pd.testing.assert_frame_equal(pd.DataFrame(whole), pd.DataFrame(alone))
