"""Paces fitted to trips: what was put into them is found again, outliers move little, and times on
the calibrated graph are those of full shortest paths.
"""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from geodata.errors import BadQuestion
from geodata.space.tangent import Floats
from geodata.travel import network, osm
from geodata.travel.approach import trace
from geodata.travel.calibrate import (
    LEAST_TRIPS,
    Journeys,
    RoadClass,
    calibrated,
    classes,
    fit,
    require_as_built,
    rescaled,
)
from geodata.travel.graph import Graph
from geodata.travel.network import Network
from geodata.travel.one_to_all import spread
from geodata.travel.snap import snap
from geodata.vocabulary import Mode
from tests import town

DAYS = ("2026-11-01", "2026-11-14")


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> Network:
    extract = town.random_town(3).write(tmp_path_factory.mktemp("town") / "town.osm")
    return network.build(osm.read(Path(extract), lambda _: None), "town", lambda _: None)


def times(graph: Graph, begun: Floats, ended: Floats) -> Floats:
    """Seconds by full shortest paths."""
    found = [
        spread(graph, snap(graph, here[None])).at(snap(graph, there[None]))[0][0]
        for here, there in zip(begun, ended, strict=True)
    ]
    return np.array(found)


def journeys(graph: Graph, slower: Floats, count: int, noise: float, seed: int) -> Journeys:
    """Trips between points of the town, as long as its roads take when so much slower."""
    rng = np.random.default_rng(seed)
    spots = np.array([town.degrees(*rng.uniform(0, 1_000, 2)) for _ in range(4 * count)])
    begun, ended = spots[: 2 * count], spots[2 * count :]
    seconds = times(rescaled(graph, slower[classes(graph)]), begun, ended)
    there = np.flatnonzero(np.isfinite(seconds) & (seconds > 60))[:count]
    assert len(there) == count
    return Journeys(
        begun[there], ended[there], seconds[there] * np.exp(rng.normal(0, noise, count))
    )


@pytest.mark.parametrize("mode", [Mode.WALK, Mode.RIDE, Mode.DRIVE])
def test_a_traced_way_takes_as_long_as_the_shortest_path(roads: Network, mode: Mode) -> None:
    graph, reached = roads.graphs[mode], 0
    rng = np.random.default_rng(7)
    for _ in range(60):
        here, there = (
            snap(graph, np.array([town.degrees(*rng.uniform(0, 1_000, 2))])) for _ in range(2)
        )
        expected, way = spread(graph, here).at(there)[0][0], trace(graph, here, there)
        if way is None:
            assert np.isinf(expected)
            continue
        reached += 1
        assert way.seconds.sum() + way.off_s == pytest.approx(expected, abs=1e-6)
        assert (way.seconds >= -1e-9).all()
    assert reached > 20


@pytest.mark.parametrize(("mode", "slower"), [(Mode.WALK, 1.3), (Mode.RIDE, 0.8)])
def test_a_pace_that_was_put_in_is_found_among_noise_and_outliers(
    roads: Network, mode: Mode, slower: float
) -> None:
    graph = roads.graphs[mode]
    its = journeys(graph, np.full(len(RoadClass), slower), 200, 0.05, 5)
    its.seconds[::10] *= 4.0  # one in ten stopped for lunch
    found = fit(graph, mode, its, 1)
    assert found.told is not None
    used = np.unique(classes(graph)[np.isfinite(graph.seconds.reshape(-1, 2)).any(axis=1)])
    for kind in used.tolist():
        assert found.told.factors[RoadClass(kind).name.lower()] == pytest.approx(slower, rel=0.06)
    assert found.told.error_after < 0.08 < found.told.error_before
    assert found.told.trips + found.told.held_back == 200


def test_the_same_seed_holds_back_the_same_trips(roads: Network) -> None:
    graph = roads.graphs[Mode.WALK]
    its = journeys(graph, np.full(len(RoadClass), 1.3), 80, 0.1, 6)
    assert fit(graph, Mode.WALK, its, 4) == fit(graph, Mode.WALK, its, 4)


def test_too_few_trips_fit_nothing_and_those_outside_are_counted(roads: Network) -> None:
    graph = roads.graphs[Mode.WALK]
    its = journeys(graph, np.full(len(RoadClass), 1.3), LEAST_TRIPS, 0.0, 8)
    its.ended[:5] += 1.0
    found = fit(graph, Mode.WALK, its, 1)
    assert (found.trips, found.outside, found.told) == (LEAST_TRIPS, 5, None)


def test_paces_that_are_right_already_are_left(roads: Network) -> None:
    graph = roads.graphs[Mode.WALK]
    its = journeys(graph, np.ones(len(RoadClass)), 80, 0.0, 9)
    assert fit(graph, Mode.WALK, its, 1).told is None


def test_a_calibrated_network_is_another_version_that_says_so(roads: Network) -> None:
    graph = roads.graphs[Mode.WALK]
    its = journeys(graph, np.full(len(RoadClass), 1.3), 100, 0.02, 10)
    made = calibrated(roads, [fit(graph, Mode.WALK, its, 1)], "trips.csv", DAYS, 1)
    assert made.version != roads.version
    assert "fitted to 100 trips of 2026-11-01 to 2026-11-14" in str(made.about)
    assert "fitted" not in str(roads.about)
    assert msgspec.json.decode(msgspec.json.encode(made.about), type=type(made.about)) == made.about
    told = made.about.calibration
    assert told is not None
    factors = [told.modes["walk"].factors[kind.name.lower()] for kind in RoadClass]
    by_edge = np.repeat(np.array(factors)[classes(graph)], 2)
    assert np.array_equal(made.graphs[Mode.WALK].seconds, graph.seconds * by_edge)
    assert np.array_equal(made.graphs[Mode.DRIVE].seconds, roads.graphs[Mode.DRIVE].seconds)
    require_as_built(roads.about)
    with pytest.raises(BadQuestion, match="calibrated already"):
        require_as_built(made.about)
