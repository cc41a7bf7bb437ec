"""Where points stand, and where one may not drive through: small towns with answers by hand."""

from pathlib import Path

import numpy as np
import pytest

from geodata.travel import network, osm
from geodata.travel.network import Network
from geodata.travel.one_to_all import spread
from geodata.travel.rules import LIMIT_KM_H, PACE_ELSEWHERE, RIDE_M_S, WALK_M_S
from geodata.travel.snap import FLYOVER_M, MARGIN_M, snap
from geodata.vocabulary import Mode
from tests.town import Town, degrees

STREET_M_S = LIMIT_KM_H["residential"] / 3.6 * PACE_ELSEWHERE
EXACT = {"rel": 1e-3}
Spot = tuple[float, float]


def built(town: Town, folder: Path) -> Network:
    return network.build(osm.read(town.write(folder / "town.osm"), lambda _: None), "t", print)


def seconds(roads: Network, mode: Mode, start: Spot, end: Spot) -> float:
    graph = roads.graphs[mode]
    here, there = (snap(graph, np.array([degrees(*spot)])) for spot in (start, end))
    return float(spread(graph, here).at(there)[0][0])


def street(more: dict[str, str] | None = None) -> Town:
    """A street of 2 km from west to east, and 20 m north of it a road of another kind, which
    begins and ends 500 m beyond the street's middle and is reached from its ends.
    """
    town = Town()
    for name, x, y in (("a", 0, 0), ("b", 2000, 0), ("m", 500, 20), ("n", 1500, 20)):
        town.node(name, x, y)
    town.way("street", "a b", "residential")
    town.way("up", "a m", "residential")
    town.way("down", "n b", "residential")
    kind, *others = {"highway": "residential", **(more or {})}.items()
    town.way("above", "m n", kind[1], **dict(others))
    return town


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "motorway"},
        {"highway": "motorway_link"},
        {"highway": "trunk", "motorroad": "yes"},
        {"bridge": "yes"},
        {"bridge": "viaduct", "layer": "1"},
        {"tunnel": "yes"},
        {"layer": "-1"},
    ],
)
def test_a_place_beside_a_flyover_belongs_to_the_street_beneath(
    tags: dict[str, str], tmp_path: Path
) -> None:
    roads = built(street(tags), tmp_path)
    found = seconds(roads, Mode.DRIVE, (900, 18), (1100, 18))
    assert found == pytest.approx(200 / STREET_M_S + 36 / WALK_M_S, **EXACT)


@pytest.mark.parametrize("tags", [{}, {"bridge": "no"}, {"tunnel": "building_passage"}])
def test_a_road_on_the_ground_is_stood_on_where_it_is_nearest(
    tags: dict[str, str], tmp_path: Path
) -> None:
    roads = built(street(tags), tmp_path)
    found = seconds(roads, Mode.DRIVE, (900, 18), (1100, 18))
    assert found == pytest.approx(200 / STREET_M_S + 4 / WALK_M_S, **EXACT)


def test_where_no_road_on_the_ground_is_near_one_stands_on_the_bridge(tmp_path: Path) -> None:
    town = Town()
    for name, x in (("a", 0), ("b", 400), ("c", 1200), ("d", 1600)):
        town.node(name, x, 0)
    town.way("west", "a b", "residential")
    town.way("bridge", "b c", "residential", bridge="yes", layer="1")
    town.way("east", "c d", "residential")
    roads = built(town, tmp_path)
    middle, beside = (800.0, 5.0), (400 + FLYOVER_M - 20, 5.0)
    assert seconds(roads, Mode.WALK, middle, (0, 0)) == pytest.approx(805 / WALK_M_S, **EXACT)
    spots = snap(roads.graphs[Mode.WALK], np.array([degrees(*beside)]))
    assert spots.nearest_m[0] == pytest.approx(np.hypot(FLYOVER_M - 20, 5), **EXACT)


@pytest.mark.parametrize(("off_m", "wrong"), [(20, False), (20 + MARGIN_M + 5, True)])
def test_the_wrong_bank_is_not_chosen_because_it_is_a_little_nearer(
    off_m: float, wrong: bool, tmp_path: Path
) -> None:
    town = Town()
    for name, x, y in (
        ("a", 0, off_m),
        ("b", 1000, off_m),
        ("c", 0, -15),
        ("d", 1000, -15),
        ("e", 3000, off_m),
        ("f", 3000, -15),
    ):
        town.node(name, x, y)
    town.way("north bank", "a b e", "residential")
    town.way("bridge", "e f", "residential")
    town.way("south bank", "c d f", "residential")
    roads = built(town, tmp_path)
    found = seconds(roads, Mode.WALK, (100, 0), (500, off_m))
    assert (found > 4_000 / WALK_M_S) == wrong
    if not wrong:
        assert found == pytest.approx((400 + off_m) / WALK_M_S, **EXACT)


def quarter(**tags: str) -> Town:
    """A lane of 400 m that is a short cut between the ends of a street of 1,600 m."""
    town = Town()
    for name, x, y in (
        ("a", 0, 0),
        ("b", 0, 600),
        ("c", 400, 600),
        ("d", 400, 0),
    ):
        town.node(name, x, y)
    town.node("w", -500, 0)
    town.node("e", 900, 0)
    town.way("round", "w a b c d e", "residential")
    town.way("lane", "a d", "residential", **tags)
    return town


THROUGH_S = 400 / STREET_M_S
ROUND_S = 1_600 / STREET_M_S
TAGS = [
    {"motor_vehicle": "destination"},
    {"access": "customers"},
    {"vehicle": "delivery"},
    {"motorcar": "destination;permit"},
]


@pytest.mark.parametrize("tags", TAGS)
def test_a_road_to_doors_is_not_driven_through(tags: dict[str, str], tmp_path: Path) -> None:
    roads = built(quarter(**tags), tmp_path)
    found = seconds(roads, Mode.DRIVE, (-50, 0), (450, 0))
    assert found == pytest.approx(ROUND_S + 100 / STREET_M_S, **EXACT)
    on_foot = seconds(roads, Mode.WALK, (-50, 0), (450, 0))
    assert on_foot == pytest.approx(500 / WALK_M_S, **EXACT)
    assert seconds(roads, Mode.RIDE, (-50, 0), (450, 0)) == pytest.approx(
        (2_000 if set(tags) & {"access", "vehicle"} else 500) / RIDE_M_S, rel=0.3
    )


@pytest.mark.parametrize("tags", TAGS)
def test_its_doors_are_reached_from_both_ends_and_left_by_both(
    tags: dict[str, str], tmp_path: Path
) -> None:
    roads = built(quarter(**tags), tmp_path)
    for outside, inside, metres in (((-100, 0), (300, 0), 400), ((500, 0), (100, 0), 400)):
        for ends in ((outside, inside), (inside, outside)):
            found = seconds(roads, Mode.DRIVE, *ends)
            assert found == pytest.approx(metres / STREET_M_S, **EXACT)
    assert seconds(roads, Mode.DRIVE, (100, 0), (300, 0)) == pytest.approx(
        200 / STREET_M_S, **EXACT
    )


def test_where_every_road_is_for_its_doors_one_drives_all_the_same(tmp_path: Path) -> None:
    town = Town()
    for name, x in (("a", 0), ("b", 300), ("c", 900)):
        town.node(name, x, 0)
    town.way("one", "a b", "residential", access="destination")
    town.way("two", "b c", "residential", access="destination")
    found = seconds(built(town, tmp_path), Mode.DRIVE, (0, 0), (900, 0))
    assert found == pytest.approx(900 / STREET_M_S, **EXACT)
