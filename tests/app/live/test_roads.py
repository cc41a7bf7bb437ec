"""Times by road in the API: `by=time`, `/api/v1/isochrone`, and what happens without a whole
network.
"""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import geopandas as gpd
import msgspec
import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient

from app.api.contract import coverage_shapes, own_shapes, shapes
from app.factory import create_app
from app.live import roads as roads_of
from app.live.current import Live
from app.live.roads import LiveRoads
from app.settings import Settings
from geodata.analysis.coverage import coverage
from geodata.coverage.near import Within
from geodata.estimate import radius
from geodata.search.filter import Filter
from geodata.store.files import Dataset, RoadNetwork
from geodata.store.stops import Paved, stops
from geodata.travel.snap import SnappedPlaces
from geodata.vocabulary import Mode, Need
from tests.app.conftest import publish
from tests.makers import TIMEZONE

HERE = "lon=113.9645&lat=22.5405"
#: Two kilometres from any of its streets.
OFF_THE_ROADS = "lon=114.0645&lat=22.5405"


def ask(client: FlaskClient, path: str, shape: Any) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return msgspec.json.decode(answer.get_data(), type=shape)


def nearest(client: FlaskClient, query: str) -> Any:
    return ask(client, f"/api/v1/nearest?{query}", shapes.NearestPlaces)


def test_by_time_the_place_reached_first_comes_first(on_roads: FlaskClient) -> None:
    reply = nearest(
        on_roads, f"{HERE}&by=time&mode=ride&k=20&max_distance_m=800&kinds=friendly_merchant"
    )
    times = [hit.properties.eta_s for hit in reply.features]
    assert times == sorted(times)
    metres = [hit.properties.distance_m for hit in reply.features]
    assert metres != sorted(metres)
    for hit in reply.features:
        assert hit.properties.eta_kind == "network"
        assert hit.properties.eta_range_s is None
        assert hit.properties.network_distance_m >= hit.properties.distance_m - 0.1
        assert hit.properties.snapped_m >= 0


def test_the_reply_says_what_times_come_from(on_roads: FlaskClient) -> None:
    used = nearest(on_roads, f"{HERE}&by=time").network
    assert used.name == "grid"
    assert used.dataTimestamp == "2026-11-01T00:00:00Z"
    assert "ODbL" in used.licence
    assert 0 <= used.snapped_m < 500


def test_what_the_extract_does_not_reach_stands_among_the_others_by_the_most_of_its_estimate(
    on_roads: FlaskClient,
) -> None:
    reply = nearest(on_roads, f"{HERE}&by=time&max_distance_m=50000&k=50")
    kinds = {hit.properties.eta_kind for hit in reply.features}
    ranks = [hit.properties.eta_rank_s for hit in reply.features]
    assert kinds == {"network", "estimate"}
    assert ranks == sorted(rank for rank in ranks if rank is not None)
    for hit in (each.properties for each in reply.features):
        if hit.eta_kind == "network":
            assert hit.eta_rank_s == hit.eta_s
            assert hit.eta_range_s is None
        else:
            assert hit.eta_range_s is not None
            assert hit.eta_rank_s == hit.eta_range_s[1]
            assert hit.network_distance_m is None
            assert hit.snapped_m is None


def test_open_at_arrival_is_judged_at_the_time_by_road(on_roads: FlaskClient) -> None:
    query = (
        f"{HERE}&by=time&open=at_arrival&include_unknown=false&k=50&at=2026-11-21T21:50:00%2B08:00"
    )
    reply = nearest(on_roads, query)
    assert reply.features
    for hit in reply.features:
        assert hit.properties.eta_s is not None
        assert hit.properties.open.at_arrival in {"open", "closing_soon"}


def test_by_distance_times_stay_estimates(on_roads: FlaskClient) -> None:
    reply = nearest(on_roads, HERE)
    assert {hit.properties.eta_kind for hit in reply.features} == {"estimate"}
    assert reply.network is None


def test_off_the_roads_the_straight_estimate_answers_and_says_so(
    on_roads: FlaskClient, client: FlaskClient
) -> None:
    for asked, query in ((on_roads, f"{OFF_THE_ROADS}&by=time"), (client, f"{HERE}&by=time")):
        reply = nearest(asked, query)
        assert reply.network is None
        assert {hit.properties.eta_kind for hit in reply.features} == {"estimate"}
        plain = nearest(asked, query.replace("&by=time", ""))
        assert [hit.id for hit in reply.features] == [hit.id for hit in plain.features]


#: Two corners of the streets.
ENDS = "from=113.9575,22.5335&to=113.9715,22.5465"


def along(client: FlaskClient, query: str) -> Any:
    return ask(client, f"/api/v1/along?{query}", shapes.Along)


def test_on_the_way_by_time_the_least_detour_by_road_comes_first(on_roads: FlaskClient) -> None:
    reply = along(on_roads, f"{ENDS}&by=time&mode=drive&k=50&kinds=friendly_merchant")
    assert reply.network.name == "grid"
    found = [hit.properties for hit in reply.features]
    assert {(hit.detour_kind, hit.eta_kind) for hit in found} == {("network", "network")}
    detours = [hit.detour_s for hit in found if hit.detour_s is not None]
    assert detours == sorted(detours)
    assert len(detours) > 10
    assert [hit.detour_m for hit in found] != sorted(hit.detour_m for hit in found)
    assert all(hit.eta_range_s is None and hit.detour_m <= 1_000 for hit in found)


def test_on_the_way_what_the_extract_does_not_reach_stands_by_the_most_of_its_estimate(
    on_roads: FlaskClient,
) -> None:
    reply = along(on_roads, f"{ENDS}&by=time&max_detour_m=20000&k=50&kinds=driver_home")
    found = [hit.properties for hit in reply.features]
    ranks = [hit.detour_rank_s for hit in found]
    assert {(hit.detour_kind, hit.eta_kind) for hit in found} == {("estimate", "estimate")}
    assert ranks == sorted(rank for rank in ranks if rank is not None)
    assert ranks == [(hit.detour_range_s or [None])[-1] for hit in found]


def test_on_the_way_off_the_roads_or_without_them_detours_are_straight(
    on_roads: FlaskClient, client: FlaskClient
) -> None:
    off = "from=113.9575,22.5335&to=114.0645,22.5405"
    for asked, ends in ((on_roads, off), (client, ENDS)):
        reply = along(asked, f"{ends}&by=time")
        assert reply.network is None
        assert {hit.properties.detour_kind for hit in reply.features} == {"geodesic"}
        plain = along(asked, ends)
        assert [hit.id for hit in reply.features] == [hit.id for hit in plain.features]


def test_a_path_is_not_asked_by_time(on_roads: FlaskClient) -> None:
    answer = on_roads.get("/api/v1/along?path=gxghCytyuT_@_gQ&by=time")
    assert answer.status_code == 400
    problem = msgspec.json.decode(answer.get_data(), type=shapes.ProblemDetails)
    assert [item.parameter for item in problem.errors] == ["by"]


CELL = "/api/v1/nearest/cell/ws101r?at=2026-11-21T02:15:00%2B08:00&mode=ride"


def test_a_cell_tells_times_by_road_when_asked_and_may_be_kept_by_anyone(
    on_roads: FlaskClient, client: FlaskClient
) -> None:
    reply = ask(on_roads, f"{CELL}&by=time", shapes.CellReply)
    assert reply.network.name == "grid"
    assert reply.squares.perSide == 8
    assert [len(each) for each in reply.squares.seconds if each] == [64] * len(
        list(filter(None, reply.squares.seconds))
    )
    assert any(reply.squares.seconds)
    plain = ask(on_roads, CELL, shapes.CellReply)
    assert {place[0] for place in plain.places} <= {place[0] for place in reply.places}
    assert plain.squares is None
    without = client.get(f"{CELL}&by=time")
    assert ask(client, f"{CELL}&by=time", shapes.CellReply).network is None
    kept = on_roads.get(f"{CELL}&by=time")
    assert kept.headers["Cache-Control"].startswith("public, max-age=")
    assert kept.headers["ETag"] != without.headers["ETag"]


def test_the_ways_to_a_place_are_told_by_cell_and_kept_for_a_while(
    on_roads: FlaskClient, client: FlaskClient
) -> None:
    hit = nearest(on_roads, f"{HERE}&by=time&mode=ride&k=1").features[0]
    path = f"/api/v1/ways/ws101r/{hit.id}?mode=ride"
    told = ask(on_roads, path, shapes.WaysReply)
    assert told.synthetic
    assert told.network.name == "grid"
    assert len(told.ways.first) == told.ways.perSide**2
    assert any(first is not None for first in told.ways.first)
    assert all(onward < at for at, (onward, _) in enumerate(told.ways.parts))
    reply = on_roads.get(path)
    assert reply.headers["Cache-Control"] == "public, max-age=900"
    assert on_roads.get(path, headers={"If-None-Match": reply.headers["ETag"]}).status_code == 304
    assert ask(client, path, shapes.WaysReply).ways is None
    assert on_roads.get("/api/v1/ways/ws101r/st-99999").status_code == 404
    assert on_roads.get(f"/api/v1/ways/ws101a/{hit.id}").status_code == 400


def test_main_roads_are_told_once_a_version_and_kept_for_ever(
    on_roads: FlaskClient, client: FlaskClient
) -> None:
    version = ask(on_roads, "/readyz", own_shapes.Ready).network.version
    reply = on_roads.get(f"/roads/{version}.json")
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    courses = msgspec.json.decode(reply.get_data(), type=list[list[tuple[float, float]]])
    assert len(courses) > 20
    assert all(
        abs(lon - 113.964) < 0.02 and abs(lat - 22.54) < 0.02
        for course in courses
        for lon, lat in course
    )
    assert len(reply.get_data()) < 50_000
    assert on_roads.get("/roads/0123456789abcdef.json").status_code == 404
    assert client.get(f"/roads/{version}.json").status_code == 404


def isochrone(client: FlaskClient, query: str) -> Any:
    return ask(client, f"/api/v1/isochrone?{query}", shapes.Isochrone)


@pytest.mark.parametrize("direction", ["from", "to"])
def test_reach_grows_with_the_minutes_and_holds_the_places_within(
    on_roads: FlaskClient, direction: str
) -> None:
    reply = isochrone(on_roads, f"{HERE}&mode=walk&minutes=12,4&direction={direction}")
    assert [feature.properties.minutes for feature in reply.features] == [12, 4]
    assert {feature.properties.eta_kind for feature in reply.features} == {"network"}
    wide, narrow = (
        shapely.from_geojson(msgspec.json.encode(feature.geometry)) for feature in reply.features
    )
    assert narrow.area < wide.area
    assert shapely.is_valid(wide)
    assert narrow.difference(wide.buffer(1e-4)).is_empty
    if direction == "from":
        for hit in nearest(on_roads, f"{HERE}&by=time&k=50").features:
            if hit.geometry.type == "Point" and abs((hit.properties.eta_s or 9_999) - 720) > 60:
                spot = shapely.Point(hit.geometry.coordinates)
                assert wide.buffer(1e-4).contains(spot) is ((hit.properties.eta_s or 9_999) < 720)


def test_without_roads_reach_is_a_circle_that_says_it_is_an_estimate(client: FlaskClient) -> None:
    feature = isochrone(client, f"{HERE}&mode=ride&minutes=10").features[0]
    assert feature.properties.eta_kind == "estimate"
    least, most = feature.properties.radius_range_m
    reach = radius(600.0, Mode.RIDE)
    assert [least, most] == [round(reach.least_m), round(reach.most_m)]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        (f"{HERE}&minutes=0", "minutes"),
        (f"{HERE}&minutes=61", "minutes"),
        (f"{HERE}&minutes=1,2,3,4,5", "minutes"),
        (f"{HERE}&minutes=", "minutes"),
        (f"{HERE}&minutes=5.5", "minutes"),
        (f"{HERE}&direction=round", "direction"),
        ("lon=113.9645", "lat"),
        ("lon=113.9645&lat=95", "lat"),
    ],
)
def test_what_cannot_be_read_is_a_400_that_names_the_parameter(
    client: FlaskClient, query: str, parameter: str
) -> None:
    answer = client.get(f"/api/v1/isochrone?{query}")
    assert answer.status_code == 400
    problem = msgspec.json.decode(answer.get_data(), type=shapes.ProblemDetails)
    assert [item.parameter for item in problem.errors] == [parameter]


def test_a_point_outside_the_area_is_told_so(client: FlaskClient) -> None:
    assert client.get("/api/v1/isochrone?lon=22.5405&lat=113.9645").status_code == 422


def test_readyz_names_the_network_and_says_degraded_where_it_is_missing(
    on_roads: FlaskClient, client: FlaskClient, home_on_roads: Path
) -> None:
    ready = ask(on_roads, "/readyz", own_shapes.Ready)
    assert (ready.status, ready.network.name) == ("ready", "grid")
    without = ask(client, "/readyz", own_shapes.Ready)
    assert (without.status, without.network) == ("ready", None)
    lost = create_app(Settings(home_on_roads, "demo", "none-such")).test_client()
    assert ask(lost, "/readyz", own_shapes.Ready).status == "degraded"
    assert nearest(lost, f"{HERE}&by=time").network is None


def test_a_torn_network_degrades_and_stops_nothing(home_on_roads: Path, tmp_path: Path) -> None:
    shutil.copytree(home_on_roads, tmp_path / "home")
    pointer = RoadNetwork(tmp_path / "home", "grid").pointer()
    arrays = tmp_path / "home" / "networks" / "grid" / "versions" / pointer.version / "arrays"
    (arrays / "walk_seconds.npy").write_bytes(b"torn")
    torn = create_app(Settings(tmp_path / "home", "demo", "grid")).test_client()
    assert ask(torn, "/readyz", own_shapes.Ready).status == "degraded"
    assert nearest(torn, f"{HERE}&by=time").features


def test_a_network_published_meanwhile_is_taken_over(
    home_on_roads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(home_on_roads, tmp_path / "home")
    monkeypatch.setattr("app.live.roads.LOOK_EVERY_S", 0.0)
    client = create_app(Settings(tmp_path / "home", "demo", "grid")).test_client()
    before = ask(client, "/readyz", own_shapes.Ready).network.version
    publish(tmp_path / "home", tmp_path, seed=4)
    assert ask(client, "/readyz", own_shapes.Ready).network.version != before
    assert nearest(client, f"{HERE}&by=time").network is not None


COVERAGE = "/api/v1/coverage?needs=water&mode=walk&minutes=10&at=2026-11-18T02:00:00%2B08:00"


def test_coverage_in_minutes_is_that_of_the_way_over_the_roads_and_says_so(
    on_roads: FlaskClient, client: FlaskClient
) -> None:
    found, guessed = (ask(each, COVERAGE, coverage_shapes.Coverage) for each in (on_roads, client))
    assert (found.reach_kind, found.reach_m, found.minutes, found.mode) == (
        "network",
        None,
        10,
        "walk",
    )
    assert (found.network.name, found.network.dataTimestamp) == ("grid", "2026-11-01T00:00:00Z")
    assert (guessed.reach_kind, guessed.network) == ("estimate", None)
    area, whole = found.areas[0], guessed.areas[0]
    assert area.points + area.points_off_road == whole.points
    assert 0 < area.weight < whole.weight
    assert (
        area.share_open + area.share_unknown + area.share_closed + area.share_none
        == pytest.approx(1, abs=3e-4)
    )
    assert on_roads.get(COVERAGE).headers["ETag"] != client.get(COVERAGE).headers["ETag"]


def test_coverage_by_road_is_that_of_the_analysts_frames(
    on_roads: FlaskClient, home_on_roads: Path
) -> None:
    snapshot = Dataset(home_on_roads, "demo").load()
    crowd, at = snapshot.demand, datetime(2026, 11, 18, 2, tzinfo=TIMEZONE)
    points = gpd.GeoDataFrame(
        {"w": crowd.weight}, geometry=gpd.points_from_xy(*crowd.lonlat.T), crs="EPSG:4326"
    )
    roads = Paved.of(RoadNetwork(home_on_roads, "grid")).under(snapshot, [Mode.WALK])
    within = Within(Filter(needs=(Need.WATER,)), minutes=10, mode=Mode.WALK)
    told = coverage(snapshot, points, within, at, weight="w", roads=roads).iloc[0]
    area = ask(on_roads, COVERAGE, coverage_shapes.Coverage).areas[0]
    assert (area.weight, area.points_off_road) == (told.weight, told.points_off_road)
    assert area.share_open == round(told.share_open, 4)


def test_by_the_hour_and_by_district_roads_are_asked_too_and_metres_never(
    on_roads: FlaskClient,
) -> None:
    hourly = ask(on_roads, f"{COVERAGE}&hourly=true&by=district", coverage_shapes.Coverage)
    once = ask(on_roads, f"{COVERAGE}&by=district", coverage_shapes.Coverage)
    assert [area.share_open[2][2] for area in hourly.areas] == [
        area.share_open for area in once.areas
    ]
    metres = ask(on_roads, "/api/v1/coverage?reach_m=500", coverage_shapes.Coverage)
    assert (metres.reach_kind, metres.network, metres.areas[0].points_off_road) == (
        "geodesic",
        None,
        0,
    )


def test_of_many_first_questions_by_road_one_loads_and_joins_and_all_are_answered_by_road(
    home_on_roads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(home_on_roads, tmp_path / "home")
    live, done, together = (
        Live(Dataset(tmp_path / "home", "demo"), RoadNetwork(tmp_path / "home", "grid")),
        [],
        Barrier(6),
    )
    load, join = RoadNetwork.load, roads_of.under

    def loaded(*arguments: Any) -> Any:
        done.append("load")
        time.sleep(0.05)  # others come meanwhile
        return load(*arguments)

    def joined(*arguments: Any) -> Any:
        done.append("join")
        time.sleep(0.05)
        return join(*arguments)

    monkeypatch.setattr(RoadNetwork, "load", loaded)
    monkeypatch.setattr(roads_of, "under", joined)

    def ask(_: int) -> Any:
        together.wait()
        return live.roads.under(live.snapshot())

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(ask, range(6)))
    assert found[0] is not None
    assert all(each is found[0] for each in found)
    assert done == ["load", "join"]


def test_questions_under_way_with_the_version_before_take_no_join_away(
    home_on_roads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, store = Dataset(home_on_roads, "demo"), RoadNetwork(home_on_roads, "grid")
    roads, old, new = LiveRoads(store), dataset.load(), dataset.load()
    found = [roads.under(each) for each in (old, new, old, new)]
    assert found[0] is found[2]
    assert found[1] is found[3]
    assert found[0] is not found[1]


def test_threads_that_put_the_same_places_on_the_roads_share_one_cache(
    home_on_roads: Path, tmp_path: Path
) -> None:
    snapshot = Dataset(home_on_roads, "demo").load()
    store, together = RoadNetwork(home_on_roads, "grid"), Barrier(6)
    network = store.load()

    def put(_: int) -> SnappedPlaces:
        together.wait()
        return stops(tmp_path, snapshot, network, Mode.WALK)

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(put, range(6)))
    again = stops(tmp_path, snapshot, network, Mode.WALK)
    for each in found:
        assert np.array_equal(each.rows, again.rows)
        assert np.array_equal(each.ahead_s, again.ahead_s)
    (shelf,) = (tmp_path / "cache" / "stops").glob("demo/grid/walk")
    assert sorted(path.name for path in shelf.iterdir()) == [
        ".lock",
        f"{snapshot.version}-{network.version}",
    ]
