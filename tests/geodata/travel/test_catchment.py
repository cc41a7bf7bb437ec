"""All pairs and what they have together are one thing.

And enough for both to outgrow their first room.
"""

import numpy as np
import pytest

from geodata.travel import network, osm
from geodata.travel.catchment import Pairs, meeting, pairs
from geodata.travel.graph import Graph
from geodata.travel.one_to_all import NONE, Direction, spread
from geodata.travel.snap import Snapped, SnappedPlaces, snap
from geodata.vocabulary import Mode
from tests import town

SIDE, PLACES, POINTS = 24, 128, 600
LIMIT_S = 600.0


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    file = town.random_town(2, SIDE).write(tmp_path_factory.mktemp("grid") / "grid.osm")
    return network.build(osm.read(file, lambda _: None), "grid", lambda _: None).graphs[Mode.RIDE]


def strewn(seed: int, count: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform(
        town.degrees(-100, -100), town.degrees(SIDE * 150.0, SIDE * 150.0), (count, 2)
    )


@pytest.fixture(scope="module")
def stops(graph: Graph) -> SnappedPlaces:
    """Places with two doors each."""
    rows = np.tile(np.arange(PLACES, dtype=np.int32), 2)
    return SnappedPlaces.of(graph, strewn(1, 2 * PLACES), rows, PLACES)


@pytest.fixture(scope="module")
def points(graph: Graph) -> Snapped:
    return snap(graph, strewn(3, POINTS))


@pytest.fixture(scope="module")
def found(graph: Graph, stops: SnappedPlaces, points: Snapped) -> Pairs:
    return pairs(graph, stops.rows, stops.spots(np.arange(len(stops.rows))), points, LIMIT_S)


def bits(rows: np.ndarray) -> np.ndarray:
    """A bit a place, in words of 32."""
    words = np.zeros((len(rows), PLACES // 32), np.int64)
    words[np.arange(len(rows)), rows // 32] = 1 << (rows % 32).astype(np.int64)
    return words


def test_every_pair_is_that_of_a_search_from_its_doors(
    graph: Graph, stops: SnappedPlaces, points: Snapped, found: Pairs
) -> None:
    assert len(found.point) > 20_000
    every, seconds = np.arange(len(stops.rows)), np.full((POINTS, PLACES), np.inf)
    for row in range(0, PLACES, 9):
        alone = spread(graph, stops.spots(every[stops.rows == row]), Direction.TO)
        seconds[:, row] = alone.at(points)[0]
    mine = found.row % 9 == 0
    expected = np.argwhere(seconds <= LIMIT_S)
    assert (np.stack([found.point[mine], found.row[mine]], axis=1) == expected).all()
    assert np.allclose(found.seconds[mine], seconds[tuple(expected.T)])


def test_a_bit_is_met_where_its_place_is_in_reach(
    graph: Graph, stops: SnappedPlaces, points: Snapped, found: Pairs
) -> None:
    doors, words = stops.spots(np.arange(len(stops.rows))), bits(stops.rows)
    every = np.bitwise_or.reduce(words)
    met = meeting(graph, doors, words, every, LIMIT_S).at(points)
    expected = np.zeros((POINTS, PLACES // 32), np.int64)
    np.bitwise_or.at(expected, found.point, bits(found.row))
    assert (met == expected).all()
    assert len({*map(tuple, met.tolist())}) > 100


def test_once_there_is_enough_nothing_more_is_promised(
    graph: Graph, stops: SnappedPlaces, points: Snapped
) -> None:
    doors, words = stops.spots(np.arange(len(stops.rows))), bits(stops.rows)
    enough = words[0]
    met, whole = (
        meeting(graph, doors, words, bound, LIMIT_S).at(points)
        for bound in (enough, np.bitwise_or.reduce(words))
    )
    had = ((whole & enough) == enough).all(axis=1)
    assert had.any()
    assert (((met & enough) == enough).all(axis=1) == had).all()
    assert (met[~had] == whole[~had]).all()


def test_a_bound_of_no_seconds_reaches_only_who_stands_at_the_door(
    graph: Graph, stops: SnappedPlaces
) -> None:
    doors = stops.spots(np.arange(len(stops.rows)))
    here = snap(graph, strewn(1, 2 * PLACES))
    assert not len(pairs(graph, stops.rows, doors, here, -1.0).point)
    first, _ = spread(graph, doors, Direction.TO).at(here)
    near = pairs(graph, stops.rows, doors, here, 30.0)
    assert ({*near.point.tolist()}) == {*np.flatnonzero(first <= 30.0).tolist()}


def test_without_places_nobody_reaches_anything(graph: Graph, points: Snapped) -> None:
    nobody = SnappedPlaces.of(graph, np.empty((0, 2)), np.empty(0, np.int32), 0)
    doors = nobody.spots(np.arange(0))
    assert not len(pairs(graph, nobody.rows, doors, points, LIMIT_S).point)
    words, enough = np.empty((0, 1), np.int64), np.ones(1, np.int64)
    assert not meeting(graph, doors, words, enough, LIMIT_S).at(points).any()
    assert (spread(graph, doors, Direction.TO).at(points)[1] == NONE).all()
