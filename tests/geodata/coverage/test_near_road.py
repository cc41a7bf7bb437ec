"""Who is served by road, in the town by the river: worked out by hand.

Its map stands in tests/town.py.
"""

from datetime import date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata.analysis import access, backup, coverage, hourly
from geodata.analysis.files import EACH_BY_ROAD, areas_to_file, each_to_file
from geodata.coverage.near import Within
from geodata.errors import BadQuestion, NoSuchVersion
from geodata.search.filter import Filter
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.sources.points import Source
from geodata.space.coordinates import WGS84
from geodata.store.files import RoadNetwork
from geodata.store.stops import Paved, place
from geodata.travel import network, osm
from geodata.travel.rules import WALK_M_S
from geodata.vocabulary import Mode
from tests import makers, town
from tests.makers import TIMEZONE

NIGHT = datetime(2026, 11, 18, 2, tzinfo=TIMEZONE)
TOWN = town.by_the_river()
#: On foot from b to c over the bridge.
BRIDGE_S = 2_200 / WALK_M_S


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> network.Network:
    roads = osm.read(TOWN.write(tmp_path_factory.mktemp("town") / "town.osm"), lambda _: None)
    return network.build(roads, "town", lambda _: None)


def city(net: network.Network, **places: str | None) -> tuple[Snapshot, RoadAccess]:
    """Places at the nodes called so, with their opening hours."""
    spots = [town.degrees(*TOWN.spots[name]) for name in places]
    raw = town.places(spots, opening_hours=list(places.values()))
    outline = (
        gpd.GeoSeries(gpd.points_from_xy(*zip(*spots, strict=True)), crs=WGS84)
        .union_all()
        .buffer(0.2)
    )
    snapshot = makers.frozen(raw, outline=outline).snapshot()
    return snapshot, RoadAccess.under(
        snapshot, net, {mode: place(snapshot, net, mode) for mode in Mode}
    )


def people(*names: str, **columns: list[float]) -> gpd.GeoDataFrame:
    lonlat = [town.degrees(*TOWN.spots[name]) for name in names]
    return gpd.GeoDataFrame(
        columns, geometry=gpd.points_from_xy(*zip(*lonlat, strict=True)), crs=WGS84
    )


def walking(seconds: float) -> Within:
    return Within(minutes=seconds / 60, mode=Mode.WALK)


def test_two_hundred_metres_over_the_river_are_not_five_minutes(net: network.Network) -> None:
    snapshot, roads = city(net, c="24/7")
    there, ask = people("b"), Within(minutes=5, mode=Mode.WALK)
    assert coverage.coverage(snapshot, there, ask, NIGHT)["share_open"].tolist() == [1.0]
    assert coverage.coverage(snapshot, there, ask, NIGHT, roads=roads)["share_open"].tolist() == [
        0.0
    ]
    for seconds, served in ((0.99 * BRIDGE_S, 0.0), (1.01 * BRIDGE_S, 1.0)):
        found = coverage.coverage(snapshot, there, walking(seconds), NIGHT, roads=roads)
        assert found["share_open"].tolist() == [served]


def test_people_go_to_places_and_the_way_back_is_another(net: network.Network) -> None:
    """By car the motorway has one carriageway from a to d and a longer one back."""
    at_d, roads_d = city(net, d="24/7")
    at_a, roads_a = city(net, a="24/7")
    (there_s,) = coverage.each(
        at_d, people("a"), Within(minutes=1, mode=Mode.DRIVE), NIGHT, roads=roads_d
    )["nearest_s"]
    (back_s,) = coverage.each(
        at_a, people("d"), Within(minutes=1, mode=Mode.DRIVE), NIGHT, roads=roads_a
    )["nearest_s"]
    assert there_s < back_s
    between = Within(minutes=(there_s + back_s) / 120, mode=Mode.DRIVE)
    assert coverage.coverage(at_d, people("a"), between, NIGHT, roads=roads_d)[
        "share_open"
    ].tolist() == [1.0]
    assert coverage.coverage(at_a, people("d"), between, NIGHT, roads=roads_a)[
        "share_open"
    ].tolist() == [0.0]


def test_who_stands_on_no_road_is_left_out_of_every_share_and_counted(net: network.Network) -> None:
    snapshot, roads = city(net, c="24/7", m="24/7")
    crowd = people(
        "d", "b", "i", "y", w=[4.0, 1.0, 8.0, 16.0]
    )  # i is on the island, y over the border
    found = coverage.coverage(snapshot, crowd, walking(400), NIGHT, weight="w", roads=roads).iloc[0]
    assert found[["points", "points_off_road", "points_outside", "weight"]].tolist() == [
        2,
        2,
        0,
        5.0,
    ]
    assert found[["open", "none", "share_open", "share_none"]].tolist() == [4.0, 1.0, 0.8, 0.2]
    each = coverage.each(snapshot, crowd, walking(400), NIGHT, roads=roads)
    assert each["standing"].tolist() == ["open", "none", "off_road", "off_road"]
    assert each["nearest_id"].fillna("").tolist() == ["p-000", "p-001", "", ""]
    assert hourly.unserved(snapshot, crowd, walking(400), NIGHT, roads=roads)["w"].tolist() == [1.0]
    left = backup.backup(snapshot, crowd, walking(400), NIGHT, weight="w", roads=roads).iloc[0]
    assert left[["points", "weight", "by_0", "by_1"]].tolist() == [2, 5.0, 1.0, 4.0]


def test_each_point_has_the_place_reached_first_and_the_first_that_is_open(
    net: network.Network,
) -> None:
    snapshot, roads = city(net, n="08:00-20:00", m="24/7", c=None)
    (row,) = coverage.each(snapshot, people("b"), walking(1000), NIGHT, roads=roads).itertuples()
    assert (row.nearest_id, row.standing) == ("p-000", "open")
    assert row.nearest_s == pytest.approx(1_000 / WALK_M_S, rel=2e-4)
    assert row.nearest_open_s == pytest.approx(1_200 / WALK_M_S, rel=2e-4)
    noon = NIGHT.replace(hour=12)
    (row,) = coverage.each(snapshot, people("b"), walking(1000), noon, roads=roads).itertuples()
    assert row.nearest_open_s == row.nearest_s
    (row,) = coverage.each(snapshot, people("d"), walking(200), NIGHT, roads=roads).itertuples()
    assert (row.nearest_id, row.standing) == ("p-002", "unknown")


def test_the_curve_has_the_standing_of_every_hour(net: network.Network) -> None:
    snapshot, roads = city(net, n="08:00-20:00", c="24/7")
    found = hourly.curve(
        snapshot, people("b", w=[3.0]), walking(1000), date(2026, 11, 21), weight="w", roads=roads
    )
    assert len(found) == 9 * 24
    assert ((found["open"] == 3.0) == found["hour"].between(8, 19)).all()
    assert (found["open"] + found["closed"] == 3.0).all()


def test_times_tell_the_unreachable_and_the_roadless_apart(net: network.Network) -> None:
    snapshot, roads = city(net, n="24/7", i="24/7")
    crowd = people("n", "b", "j", w=[1.0, 3.0, 5.0])
    found = coverage.times(snapshot, roads, crowd, Filter(), Mode.WALK, weight="w").iloc[0]
    assert found[["points", "weight", "unreachable", "off_road"]].tolist() == [2, 4.0, 0.0, 5.0]
    assert found["mean_s"] == pytest.approx(0.75 * 1_000 / WALK_M_S, rel=2e-4)
    assert found["q50_s"] == pytest.approx(1_000 / WALK_M_S, rel=2e-4)
    island, isle_roads = city(net, i="24/7")
    cut_off = coverage.times(island, isle_roads, crowd, Filter(), Mode.WALK, weight="w").iloc[0]
    assert cut_off["unreachable"] == 4.0
    assert np.isnan(cut_off["mean_s"])


def test_closing_a_place_costs_the_seconds_to_the_next(net: network.Network) -> None:
    snapshot, roads = city(net, n="24/7", m="24/7")
    lost = backup.closing(
        snapshot, people("b", "c", w=[2.0, 3.0]), walking(1000), NIGHT, weight="w", roads=roads
    )
    lost = lost.set_index("id")
    assert lost["nearest_here"].to_dict() == {"p-000": 2.0, "p-001": 3.0}
    assert lost["farther_s"].to_numpy() == pytest.approx(np.full(2, 200 / WALK_M_S), rel=2e-3)
    seats = pd.Series({"p-000": 10, "p-001": 10})
    shared = access.access(
        snapshot, people("b", "c", w=[2.0, 3.0]), seats, walking(1000), weight="w", roads=roads
    )
    assert shared["access"].tolist() == pytest.approx([4.0, 4.0])


def test_metres_are_not_asked_of_roads(net: network.Network) -> None:
    snapshot, roads = city(net, c="24/7")
    with pytest.raises(BadQuestion, match="500 m is straight; over roads say how many minutes"):
        coverage.coverage(snapshot, people("b"), Within(), NIGHT, roads=roads)


def unheard(_done: int, _of: int | None) -> None:
    pass


def test_a_file_over_a_stored_network_is_answered_as_its_frame_and_names_engine_and_date(
    net: network.Network, tmp_path: Path
) -> None:
    RoadNetwork(tmp_path, "town").publish(net.version, net.about, net.to_arrays(), {})
    paved = Paved.of(RoadNetwork(tmp_path, "town"))
    snapshot, roads = city(net, n="08:00-20:00", m="24/7", c=None)
    crowd = people("d", "b", "i")
    frame = pd.DataFrame({"lon": crowd.geometry.x, "lat": crowd.geometry.y})
    frame.to_parquet(tmp_path / "points.parquet")
    source, asked = Source(tmp_path / "points.parquet"), (walking(1000), NIGHT)
    report = each_to_file(
        snapshot, source, tmp_path / "each.parquet", *asked, progress=unheard, paved=paved
    )
    assert (report.points, report.left_out) == (3, 1)
    found, told = (
        pd.read_parquet(tmp_path / "each.parquet"),
        coverage.each(snapshot, crowd, *asked, roads=roads),
    )
    assert list(found.columns) == [EACH_BY_ROAD[0], "lon", "lat", *EACH_BY_ROAD[1:]]
    for name in ("standing", "nearest_id"):
        assert (
            found[name].astype(object).fillna("").tolist()
            == told[name].astype(object).fillna("").tolist()
        )
    assert found["nearest_open_s"].to_numpy() == pytest.approx(
        told["nearest_open_s"].round(3).to_numpy(), nan_ok=True
    )
    assert found["data_timestamp"].tolist() == ["2026-11-01T00:00:00Z"] * 3
    target = tmp_path / "areas.csv"
    areas_to_file(
        snapshot, source, target, *asked, None, hourly=False, progress=unheard, paved=paved
    )
    table, frames = (
        pd.read_csv(target).iloc[0],
        coverage.coverage(snapshot, crowd, *asked, roads=roads).iloc[0],
    )
    assert table[list(frames.index.drop("area"))].tolist() == frames.drop("area").tolist()
    assert table[["reach_kind", "minutes", "mode", "network", "engine"]].tolist() == [
        "network",
        1000 / 60,
        "walk",
        "town",
        "nuanfeng travel",
    ]
    assert np.isnan(table["reach_m"])


def test_a_version_of_a_network_that_is_gone_is_refused(
    net: network.Network, tmp_path: Path
) -> None:
    RoadNetwork(tmp_path, "town").publish(net.version, net.about, net.to_arrays(), {})
    with pytest.raises(NoSuchVersion):
        Paved(RoadNetwork(tmp_path, "town"), "0" * 16).load()
