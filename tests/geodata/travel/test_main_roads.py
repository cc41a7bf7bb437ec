"""Main roads: the fast ones, no farther from the truth than said, never more than a phone should
load.
"""

from pathlib import Path

import numpy as np
import pytest
import shapely

from geodata.travel import network, osm
from geodata.travel.graph import Graph
from geodata.travel.main_roads import main_roads
from geodata.vocabulary import Mode
from tests import town


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    made = town.Town()
    for x in range(0, 1_100, 50):
        made.node(f"m{x}", x, 60 * np.sin(x / 150))
        made.node(f"r{x}", x, 400)
    made.way("main", " ".join(f"m{x}" for x in range(0, 1_100, 50)), "secondary")
    made.way("quiet", " ".join(f"r{x}" for x in range(0, 1_100, 50)), "residential")
    made.way("joint", "m0 r0", "primary")
    made.way("other", "m1050 r1050", "residential")
    path: Path = tmp_path_factory.mktemp("town") / "town.osm"
    return network.build(osm.read(made.write(path), lambda _: None), "town", lambda _: None).graphs[
        Mode.DRIVE
    ]


def test_secondary_and_greater_roads_are_main_and_quiet_ones_are_not(graph: Graph) -> None:
    drawn = shapely.union_all([shapely.LineString(course) for course in main_roads(graph)])
    assert drawn.dwithin(shapely.Point(town.degrees(500, 60 * np.sin(500 / 150))), 1e-4)
    assert drawn.dwithin(shapely.Point(town.degrees(0, 200)), 1e-4)
    assert not drawn.dwithin(shapely.Point(town.degrees(500, 400)), 1e-3)


def test_a_coarse_road_keeps_its_ends_and_leaves_the_true_one_by_no_more_than_four_metres(
    graph: Graph,
) -> None:
    courses = main_roads(graph)
    bends = [town.degrees(x, 60 * np.sin(x / 150)) for x in range(0, 1_100, 50)]
    drawn = shapely.union_all([shapely.LineString(course) for course in courses])
    assert sum(map(len, courses)) < 22
    assert all(drawn.distance(shapely.Point(bend)) < 4.1 / 102_000 for bend in bends)
    assert drawn.distance(shapely.Point(bends[0])) < 1e-8


def test_where_there_are_too_many_only_the_fastest_are_drawn(graph: Graph) -> None:
    assert sum(map(len, main_roads(graph, 4))) <= 4
