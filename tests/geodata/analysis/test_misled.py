"""The closest place and the one reached first, in the town by the river."""

from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata.analysis.misled import each, lost
from geodata.search.filter import Filter
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import WGS84
from geodata.store.stops import place
from geodata.travel import network, osm
from geodata.travel.one_to_all import spread
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import snap
from geodata.vocabulary import Mode
from tests import makers, town
from tests.makers import TIMEZONE

AT = datetime(2026, 11, 21, 2, tzinfo=TIMEZONE)
TOWN = town.by_the_river()


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> network.Network:
    roads = osm.read(TOWN.write(tmp_path_factory.mktemp("town") / "town.osm"), lambda _: None)
    return network.build(roads, "town", lambda _: None)


def spots(*names: str) -> list[tuple[float, float]]:
    return [town.degrees(*TOWN.spots[name]) for name in names]


def city(net: network.Network, *names: str) -> tuple[Snapshot, RoadAccess]:
    snapshot = makers.snapshot(town.places(spots(*names)))
    return snapshot, RoadAccess.under(
        snapshot, net, {mode: place(snapshot, net, mode) for mode in Mode}
    )


def points(lonlat: list[tuple[float, float]], **columns: list[float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        columns, geometry=gpd.points_from_xy(*zip(*lonlat, strict=True)), crs=WGS84
    )


def test_a_place_across_the_river_is_closest_and_reached_last(net: network.Network) -> None:
    snapshot, roads = city(
        net, "c", "t"
    )  # from b: 200 m over the water, 2,200 m by the bridge; t is 447 m off
    found = each(snapshot, roads, points(spots("b")), Filter(), AT, Mode.WALK).iloc[0]
    assert (found["closest_id"], found["first_id"]) == ("p-000", "p-001")
    assert found["closest_m"] == pytest.approx(200, rel=1e-3)
    assert found["closest_s"] == pytest.approx(2_200 / WALK_M_S, rel=1e-3)
    assert found["lost_s"] == pytest.approx(found["closest_s"] - found["first_s"])
    assert found["lost_s"] > 600


def test_who_finds_the_closest_first_loses_nothing(net: network.Network) -> None:
    snapshot, roads = city(net, "n", "c")
    found = each(snapshot, roads, points(spots("m")), Filter(), AT, Mode.WALK).iloc[0]
    assert found["closest_id"] == found["first_id"] == "p-000"
    assert found["lost_s"] == 0


def test_points_that_cannot_be_answered_are_told_apart_and_in_no_share(
    net: network.Network,
) -> None:
    snapshot, roads = city(net, "c", "t")
    asked = points([*spots("b"), (113.0, 22.5), town.degrees(0, -30_000)], w=[3, 5, 7])
    found = each(snapshot, roads, asked, Filter(), AT, Mode.WALK)
    assert found["first_id"].isna().tolist() == [False, True, True]
    told = lost(found, "w")
    assert (told["points"], told["answered"]) == (3, 1)
    assert told["misled_share"] == told["minute_share"] == 1
    assert told["q50_s"] == told["mean_s"] == found["lost_s"].iloc[0]


def test_the_figures_are_those_worked_out_by_hand() -> None:
    ways = pd.DataFrame(
        {
            "first_s": [9, 9, 9, 9, np.nan],
            "lost_s": [0, 30, 120, np.inf, np.nan],
            "w": [4, 3, 2, 1, 90],
        }
    )
    told = lost(ways, "w")
    assert told["misled_share"] == pytest.approx(0.6)
    assert told["cut_off_share"] == pytest.approx(0.1)
    assert told["minute_share"] == pytest.approx(0.3)
    assert told["mean_s"] == pytest.approx((3 * 30 + 2 * 120) / 5)
    assert (told["q50_s"], told["q90_s"]) == (30, 120)
    assert np.isnan(lost(ways.iloc[:0])["mean_s"])


def test_times_equal_whole_shortest_paths(net: network.Network) -> None:
    snapshot, roads = city(net, "c", "t", "q", "d", "h")
    rng = np.random.default_rng(3)
    asked = points([town.degrees(*xy) for xy in rng.uniform((-900, -400), (300, 1000), (60, 2))])
    graph = net.graphs[Mode.RIDE]
    stands, ids = (
        snap(graph, snapshot.lonlat),
        [snapshot.id_of(row) for row in range(len(snapshot))],
    )
    found = each(snapshot, roads, asked, Filter(), AT, Mode.RIDE)
    for way in found[found["first_id"].notna()].itertuples():
        start = snap(graph, np.array([[way.geometry.x, way.geometry.y]]))
        taken_s = dict(zip(ids, spread(graph, start).at(stands)[0].tolist(), strict=True))
        assert way.first_s == pytest.approx(min(taken_s.values()), abs=1e-3)
        assert way.closest_s == pytest.approx(taken_s[way.closest_id], abs=1e-3)
