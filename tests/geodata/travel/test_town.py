"""The town by the river: answers worked out by hand. Its map stands in tests/town.py."""

import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from numpy.typing import NDArray

from geodata.errors import UnreadableFile
from geodata.travel import network, osm
from geodata.travel.isochrones import polygons
from geodata.travel.network import Network
from geodata.travel.one_to_all import NONE, Direction, spread
from geodata.travel.rules import (
    LIMIT_KM_H,
    PACE,
    PACE_ELSEWHERE,
    RIDE_M_S,
    STEPS_M_S,
    TRUCK_PACE,
    WALK_M_S,
)
from geodata.travel.snap import SnappedPlaces, snap
from geodata.vocabulary import Mode
from tests import town

TOWN = town.by_the_river()
QUARTER = np.sqrt(2) * 100  # of the ring
STREET_M_S = LIMIT_KM_H["residential"] / 3.6 * PACE_ELSEWHERE
LINK_M_S = LIMIT_KM_H["motorway_link"] / 3.6 * PACE["motorway_link"]
FAST_M_S = LIMIT_KM_H["motorway"] / 3.6 * PACE["motorway"]
PACES = {Mode.WALK: WALK_M_S, Mode.RIDE: RIDE_M_S, Mode.DRIVE: STREET_M_S}
EXACT = {"rel": 2e-4}  # the town's metres are on the grid, whose scale is right to 1e-4


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> osm.OsmWays:
    return osm.read(TOWN.write(tmp_path_factory.mktemp("town") / "town.osm"), lambda _: None)


@pytest.fixture(scope="module")
def built(roads: osm.OsmWays) -> Network:
    return network.build(roads, "town", lambda _: None)


def at(*names: str) -> NDArray[np.float64]:
    """A spot a third of a metre beside each node, on the way named second where two are given as
    "a>b".
    """
    points = []
    for name in names:
        node, _, towards = name.partition(">")
        (x, y), (to_x, to_y) = TOWN.spots[node], TOWN.spots[towards or node]
        length = float(np.hypot(to_x - x, to_y - y)) or 1.0
        points.append(town.degrees(x + (to_x - x) / length, y + (to_y - y) / length))
    return np.array(points)


def seconds(built: Network, mode: Mode, start: str, end: str) -> float:
    graph = built.graphs[mode]
    found, _ = spread(graph, snap(graph, at(start))).at(snap(graph, at(end)))
    return float(found[0])


def test_two_hundred_metres_over_the_river_are_two_kilometres_on_foot(built: Network) -> None:
    assert seconds(built, Mode.WALK, "b", "c") == pytest.approx(2_200 / WALK_M_S, **EXACT)
    assert seconds(built, Mode.RIDE, "b", "c") == pytest.approx(2_200 / RIDE_M_S, **EXACT)


def test_a_car_takes_the_motorway_over_the_river(built: Network) -> None:
    link, back = 300, 340
    over = 200 / STREET_M_S + link / LINK_M_S + 600 / FAST_M_S + link / LINK_M_S + 200 / STREET_M_S
    home = 200 / STREET_M_S + back / LINK_M_S + 600 / FAST_M_S + back / LINK_M_S + 200 / STREET_M_S
    assert seconds(built, Mode.DRIVE, "b", "c") == pytest.approx(over, **EXACT)
    assert seconds(built, Mode.DRIVE, "c", "b") == pytest.approx(home, **EXACT)
    assert seconds(built, Mode.TRUCK, "b", "c") == pytest.approx(over / TRUCK_PACE, **EXACT)


def test_on_the_ring_wheels_go_round_and_feet_go_back(built: Network) -> None:
    assert seconds(built, Mode.WALK, "r1", "r4") == pytest.approx(QUARTER / WALK_M_S, **EXACT)
    assert seconds(built, Mode.RIDE, "r1>a", "r4>r1") == pytest.approx(
        (3 * QUARTER + 2) / RIDE_M_S, rel=1e-3
    )
    assert seconds(built, Mode.RIDE, "r4>r1", "r1>a") == pytest.approx(QUARTER / RIDE_M_S, rel=1e-3)


def test_stairs_are_for_feet_alone(built: Network) -> None:
    assert seconds(built, Mode.WALK, "b", "h") == pytest.approx(200 / STEPS_M_S, **EXACT)
    assert seconds(built, Mode.RIDE, "b", "h>t") > 500 / RIDE_M_S


def test_a_truck_goes_round_the_low_tunnel(built: Network) -> None:
    assert seconds(built, Mode.DRIVE, "a>b", "t>h") == pytest.approx(402 / STREET_M_S, rel=1e-3)
    round_about = 200 + QUARTER * 2 + 200 + 400 + 600
    found = seconds(built, Mode.TRUCK, "a>b", "t>h") * TRUCK_PACE
    assert found == pytest.approx((round_about + 2) / STREET_M_S, rel=1e-3)


@pytest.mark.parametrize("mode", list(Mode))
def test_nobody_reaches_the_island_or_crosses_the_border(built: Network, mode: Mode) -> None:
    graph = built.graphs[mode]
    beyond = snap(graph, at("i", "j", "y"))
    assert beyond.edges.tolist() == [-1, -1, -1]
    assert np.allclose(beyond.off_m, 0.0, atol=0.01)
    found, nearest = spread(graph, snap(graph, at("b"))).at(beyond)
    assert np.isinf(found).all()
    assert (nearest == NONE).all()
    assert built.where(*at("j")[0].tolist(), mode) is None
    assert np.isfinite(seconds(built, mode, "b", "x>d"))


def test_both_legs_off_the_road_are_walked(built: Network) -> None:
    lon, lat = town.degrees(-200, 30)
    start = snap(built.graphs[Mode.DRIVE], np.array([[lon, lat]]))
    assert start.off_m[0] == pytest.approx(30, abs=0.05)
    away = snap(built.graphs[Mode.DRIVE], np.array([town.degrees(-150, -12)]))
    found, _ = spread(built.graphs[Mode.DRIVE], start).at(away)
    assert found[0] == pytest.approx(42 / WALK_M_S + 50 / STREET_M_S, rel=1e-3)


def test_farther_than_half_a_kilometre_from_a_road_one_stands_nowhere(built: Network) -> None:
    spots = snap(
        built.graphs[Mode.WALK], np.array([town.degrees(-200, -1_200), town.degrees(-900, -880)])
    )
    assert spots.edges.tolist()[0] == -1
    assert np.isinf(spots.off_m[0])
    assert spots.edges[1] >= 0


def test_the_way_there_and_the_way_back_differ_on_one_way_streets(built: Network) -> None:
    graph = built.graphs[Mode.RIDE]
    source, others = snap(graph, at("r1>a")), snap(graph, at("r4>r1", "b"))
    there, _ = spread(graph, source, Direction.FROM).at(others)
    back, _ = spread(graph, source, Direction.TO).at(others)
    assert there[0] > 2 * back[0]
    assert there[1] == pytest.approx(back[1])


def test_a_spread_tells_which_source_is_nearest_and_the_first_of_equals(built: Network) -> None:
    graph = built.graphs[Mode.WALK]
    found = spread(graph, snap(graph, at("b", "c", "b")))
    _, nearest = found.at(snap(graph, at("a", "d", "n")))
    assert nearest.tolist() == [0, 1, 0]


def test_a_limit_leaves_out_what_lies_beyond(built: Network) -> None:
    graph = built.graphs[Mode.WALK]
    found, _ = spread(graph, snap(graph, at("b")), limit_s=500 / WALK_M_S).at(
        snap(graph, at("a", "c"))
    )
    assert found[0] == pytest.approx(200 / WALK_M_S, **EXACT)
    assert np.isinf(found[1])


def test_a_turn_that_is_banned_is_driven_round(tmp_path: Path) -> None:
    cross = town.Town()
    for name, x, y in (("w", -200, 0), ("o", 0, 0), ("e", 200, 0), ("n", 0, 200), ("ne", 200, 200)):
        cross.node(name, x, y)
    for name, nodes in (("west", "w o"), ("north", "o n"), ("rim", "e ne n")):
        cross.way(name, nodes, "residential")
    cross.way("east", "o e", "residential", oneway="yes")
    plain = network.build(
        osm.read(cross.write(tmp_path / "plain.osm"), lambda _: None), "plain", lambda _: None
    )
    cross.turn("west", "o", "north", "no_left_turn")
    banned = network.build(
        osm.read(cross.write(tmp_path / "banned.osm"), lambda _: None), "banned", lambda _: None
    )
    ends = [np.array([town.degrees(*spot)]) for spot in ((-100, 0), (0, 100))]
    for mode, metres in ((Mode.WALK, 200), (Mode.RIDE, 200), (Mode.DRIVE, 800)):
        for made, way_m in ((plain, 200), (banned, metres)):
            graph = made.graphs[mode]
            found, _ = spread(graph, snap(graph, ends[0])).at(snap(graph, ends[1]))
            assert found[0] == pytest.approx(way_m / PACES[mode], rel=1e-3)
    assert banned.about.unheeded_turns == 0


def test_reach_stops_at_the_river_and_goes_over_the_bridge(built: Network) -> None:
    graph = built.graphs[Mode.WALK]
    source = snap(graph, at("b"))
    inside = {}
    for minutes in (10, 40):
        limit_s = 60.0 * minutes
        drawn = polygons(spread(graph, source, limit_s=limit_s), limit_s)
        shape = shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in drawn])
        assert all(shapely.is_ccw(shapely.LinearRing(rings[0])) for rings in drawn)
        inside[minutes] = shapely.contains_xy(shape, at("a", "c"))
    assert inside[10].tolist() == [True, False]
    assert inside[40].tolist() == [True, True]


def test_nothing_is_reached_from_nowhere(built: Network) -> None:
    graph = built.graphs[Mode.WALK]
    assert polygons(spread(graph, snap(graph, at("j"))), 600.0) == []


def test_a_street_stands_on_the_roads_at_each_of_its_bends(built: Network) -> None:
    graph = built.graphs[Mode.WALK]
    rows = np.array([0, 1, 1, 1], np.int32)
    stops = SnappedPlaces.of(graph, at("a", "b", "n", "j"), rows, 3)
    assert set(stops.rows.tolist()) == {0, 1}
    assert stops.row_off_m[:2] == pytest.approx([0, 0], abs=0.01)
    assert np.isnan(stops.row_off_m[2])


def test_provenance_is_kept_and_the_version_follows_from_the_data(
    built: Network, roads: osm.OsmWays
) -> None:
    again = network.build(roads, "town", lambda _: None)
    assert again.version == built.version
    assert built.about.data_timestamp == "2026-11-01T00:00:00Z"
    assert built.about.sha256 == roads.sha256
    assert "OpenStreetMap" in built.about.licence


@pytest.mark.parametrize(
    ("name", "body"), [("a.osm", "no xml"), ("b.osm.pbf", "no pbf"), ("c.txt", "no data")]
)
def test_what_is_no_extract_is_refused_in_words(tmp_path: Path, name: str, body: str) -> None:
    (tmp_path / name).write_text(body)
    with pytest.raises(UnreadableFile, match="cannot be read as OpenStreetMap data"):
        osm.count_ways(tmp_path / name)
    with pytest.raises(UnreadableFile, match="cannot be read as OpenStreetMap data"):
        osm.read(tmp_path / name, lambda _: None)


def as_pbf(extract: Path) -> Path:
    """The same extract as bytes that are not packed: each of them means something."""
    path = extract.with_suffix(".osm.pbf")
    form = "pbf,pbf_compression=none,pbf_dense_nodes=false"
    with osmium.SimpleWriter(osmium.io.File(str(path), form)) as writer:
        for entity in osmium.FileProcessor(str(extract)):
            writer.add(entity)
    return path


@pytest.mark.parametrize("name", ["a.osm", "a.osm.pbf", "a.txt", "a"])
def test_an_extract_is_read_as_what_it_is_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    xml = town.random_town(3).write(tmp_path / "whole.osm")
    pbf = as_pbf(xml)
    for source in (xml, pbf):
        (tmp_path / name).write_bytes(source.read_bytes())
        assert osm.count_ways(tmp_path / name) == osm.count_ways(xml) > 0


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_extract_is_read_or_refused_in_a_sentence(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  # spoils a file, hides nothing
    xml = town.random_town(3).write(tmp_path / "whole.osm")
    spoilt = rng.choice([xml, as_pbf(xml)])
    body = bytearray(spoilt.read_bytes())
    if rng.random() < 0.3:
        del body[rng.randrange(len(body)) :]
    for _ in range(rng.randrange(1, 20)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    spoilt.write_bytes(body)
    with suppress(UnreadableFile):
        assert osm.count_ways(spoilt) >= 0
        assert osm.read(spoilt, lambda _: None).file == spoilt.name


def test_an_extract_without_roads_is_refused(tmp_path: Path) -> None:
    empty = town.Town()
    empty.node("a", 0, 0)
    with pytest.raises(UnreadableFile, match="holds no road"):
        osm.read(empty.write(tmp_path / "empty.osm"), lambda _: None)


def test_a_way_whose_node_is_missing_is_cut_there(tmp_path: Path) -> None:
    line = town.Town()
    for number in range(5):
        line.node(f"p{number}", 100.0 * number, 0)
    line.way("street", "p0 p1 p2 p3 p4", "residential")
    file = line.write(tmp_path / "line.osm")
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text(
        "\n".join(each for each in lines if '<node id="3"' not in each), encoding="utf-8"
    )
    assert np.diff(osm.read(file, lambda _: None).way_first).tolist() == [2, 2]
