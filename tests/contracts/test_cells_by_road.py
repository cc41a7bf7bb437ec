"""By time a cell's reply holds every place that is among the k first reached from any of its
points, by road.

The oracle on made streets shares no search with the program (test_fastest_equals_brute_force.py);
on real ones it is the server's own exact answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from geodata.search import cells, reported
from geodata.search.cells import decode, for_cell
from geodata.search.filter import Filter, Open, Order
from geodata.search.nearest import Question, nearest
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.overlay import Overlay
from geodata.snapshot.snapshot import Snapshot
from geodata.snapshot.zones import NoticeZone, ZoneEffect
from geodata.space.coordinates import geodesic_m
from geodata.space.tangent import Floats
from geodata.store.stops import place
from geodata.travel import network, osm
from geodata.travel.region import longest_s, region
from geodata.travel.snap import snap
from geodata.vocabulary import Kind, Mode, Need
from tests import makers, town
from tests.contracts.test_cells import encode
from tests.contracts.test_fastest_equals_brute_force import City
from tests.makers import TIMEZONE

SIDE = 12
EXTENT_M = SIDE * 150.0
#: Cells of 8 letters are 38 m wide, of 6 letters 1.2 km: two thirds of the made town.
LETTERS = (6, 6, 7, 7, 8)


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> City:
    file = town.random_town(9, SIDE).write(tmp_path_factory.mktemp("grid") / "grid.osm")
    return City(file, town.random_places(9, 250, EXTENT_M))


#: Quarters before which, or soon after, many of makers.HOURS change: some arrive in time and some
#: do not.
BEFORE_CHANGES = (5.5, 5.75, 7.5, 8.75, 11.5, 11.75, 17.5, 17.75, 20.5, 20.75, 21.5, 21.75)
#: What the oracle can judge.
JUDGED = (Open.ANY, Open.NOW, Open.AT_ARRIVAL)


def wanted(rng: np.random.Generator, mode: Mode, opens: Sequence[Open] = tuple(Open)) -> Question:
    hour = rng.choice(BEFORE_CHANGES) if rng.random() < 0.6 else 0.25 * int(rng.integers(96))
    day = datetime(2026, 9, 25, tzinfo=TIMEZONE) + timedelta(
        days=int(rng.integers(14)), hours=float(hour)
    )
    chosen = Filter(
        kinds=((), (Kind.WARM_BEE_STATION, Kind.WARM_BEE_STREET))[rng.integers(2)],
        needs=((), (), (Need.WATER,))[rng.integers(3)],
        open=opens[rng.integers(len(opens))],
        include_unknown=bool(rng.integers(2)),
    )
    return Question(
        0.0,
        0.0,
        day,
        k=int(rng.choice([1, 3, 6])),
        max_distance_m=float(rng.choice([700, 1_500, 50_000])),
        filter=chosen,
        mode=mode,
        stay_min=int(rng.choice([0, 0, 30])),
        by=Order.TIME,
    )


def by_road_alone(
    snapshot: Snapshot, cell: cells.Cell, question: Question, roads: RoadAccess
) -> set[int]:
    """Without the superset by distance, which often holds the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geodata.search.cells._candidates", lambda *_: (np.empty(0, np.int32), False))
        return set(for_cell(snapshot, cell, question, roads).rows)


def points_of(cell: cells.Cell, rng: np.random.Generator, count: int) -> Floats:
    return rng.uniform([cell.west, cell.south], [cell.east, cell.north], (count, 2))


@pytest.mark.parametrize("mode", list(Mode))
def test_every_place_that_brute_force_finds_among_the_first_is_in_the_reply(
    grid: City, mode: Mode
) -> None:
    rng, held_back, answered = np.random.default_rng(7), 0, 0
    low, high = np.array(town.degrees(-150, -150)), np.array(town.degrees(EXTENT_M, EXTENT_M))
    for lon, lat in rng.uniform(low, high, (120, 2)).tolist():
        cell = decode(encode(lon, lat, int(rng.choice(LETTERS))))
        question = wanted(rng, mode, JUDGED)
        held = set(for_cell(grid.snapshot, cell, question, grid.roads).rows)
        alone = by_road_alone(grid.snapshot, cell, question, grid.roads)
        plain = set(for_cell(grid.snapshot, cell, replace(question, by=Order.DISTANCE)).rows)
        assert plain <= held <= plain | alone
        for x, y in points_of(cell, rng, 6).tolist():
            at = question.at + timedelta(seconds=float(rng.uniform(0, 900)))
            exact = replace(question, lon=x, lat=y, at=at)
            expected = grid.expected(exact)
            if expected is None:
                continue
            rows, seconds = expected
            first = rows[: question.k]
            reached = {row for row in first if np.isfinite(seconds[row])}
            assert set(first) <= held, exact
            assert reached <= alone, exact
            assert len(rows) <= question.k or len(held) > question.k
            assert (
                len(reached) < question.k
                or np.isinf(seconds[rows[question.k :]]).all()
                or len(alone) > question.k
            )
            answered += len(reached)
            held_back += len(grid.snapshot) - len(alone)
    assert answered > 400
    assert held_back > 10_000


@pytest.mark.parametrize("mode", list(Mode))
def test_apart_the_first_reached_of_both_sections_are_in_the_reply(grid: City, mode: Mode) -> None:
    rng, certain_ones, unknown_ones, left_out = np.random.default_rng(17), 0, 0, 0
    low, high = np.array(town.degrees(-150, -150)), np.array(town.degrees(EXTENT_M, EXTENT_M))
    for lon, lat in rng.uniform(low, high, (80, 2)).tolist():
        cell = decode(encode(lon, lat, int(rng.choice(LETTERS))))
        question = wanted(rng, mode, (Open.NOW, Open.AT_ARRIVAL))
        question = replace(question, filter=replace(question.filter, include_unknown=True))
        held = set(for_cell(grid.snapshot, cell, question, grid.roads, apart=True).rows)
        left_out += len(grid.snapshot) - len(held)
        for x, y in points_of(cell, rng, 6).tolist():
            at = question.at + timedelta(seconds=float(rng.uniform(0, 900)))
            exact = replace(question, lon=x, lat=y, at=at)
            sure = replace(exact, filter=replace(exact.filter, include_unknown=False))
            every, certain = grid.expected(exact), grid.expected(sure)
            if every is None or certain is None:
                continue
            unknown = [row for row in every[0] if row not in set(certain[0])]
            assert {*certain[0][: question.k], *unknown[: question.k]} <= held, exact
            certain_ones += len(certain[0][: question.k])
            unknown_ones += len(unknown[: question.k])
    assert certain_ones > 300
    assert unknown_ones > 200
    assert left_out > 3_000


@pytest.mark.parametrize("mode", [Mode.WALK, Mode.DRIVE])
def test_under_a_notice_nothing_closed_is_in_the_reply_and_all_else_is(
    grid: City, mode: Mode
) -> None:
    rng, answered = np.random.default_rng(23), 0
    low, high = np.array(town.degrees(-150, -150)), np.array(town.degrees(EXTENT_M, EXTENT_M))
    west, south = town.degrees(EXTENT_M / 4, EXTENT_M / 4)
    east, north = town.degrees(EXTENT_M / 2, EXTENT_M)
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    for lon, lat in rng.uniform(low, high, (24, 2)).tolist():
        cell = decode(encode(lon, lat, int(rng.choice(LETTERS))))
        question = wanted(rng, mode, (Open.NOW, Open.AT_ARRIVAL))
        ends = question.at + timedelta(hours=1)
        zone = NoticeZone("n-1", ZoneEffect.CLOSED, question.at, ends, (ring,))
        laid = Overlay({}, (zone,)).over(grid.snapshot, question.at, cells.QUARTER)
        assert laid is not None
        held = set(reported.for_cell(grid.snapshot, laid, cell, question, grid.roads).rows)
        assert held.isdisjoint(laid.closed_by)
        for x, y in points_of(cell, rng, 4).tolist():
            at = question.at + timedelta(seconds=float(rng.uniform(0, 900)))
            exact = replace(question, lon=x, lat=y, at=at)
            expected = grid.expected(replace(exact, k=50))
            if expected is None:
                continue
            free = [row for row in expected[0] if row not in laid.closed_by]
            assert set(free[: question.k]) <= held
            answered += len(free[: question.k])
    assert answered > 30


@pytest.mark.parametrize("mode", list(Mode))
def test_the_same_on_real_roads(real_roads: tuple[Snapshot, RoadAccess], mode: Mode) -> None:
    snapshot, roads = real_roads
    west, south, east, north = roads.network.about.bounds
    rng, answered, missing = np.random.default_rng(8), 0, 0
    for lon, lat in rng.uniform((west, south), (east, north), (150, 2)).tolist():
        cell = decode(encode(lon, lat, int(rng.integers(5, 9))))
        question = replace(wanted(rng, mode), max_distance_m=float(rng.choice([3_000, 20_000])))
        held = set(for_cell(snapshot, cell, question, roads).rows)
        plain, alone = (
            set(for_cell(snapshot, cell, question).rows),
            by_road_alone(snapshot, cell, question, roads),
        )
        for x, y in points_of(cell, rng, 12).tolist():
            if not snapshot.outline.holds(x, y):
                continue
            at = question.at + timedelta(seconds=float(rng.uniform(0, 900)))
            answer = nearest(snapshot, replace(question, lon=x, lat=y, at=at), roads)
            assert set(answer.rows) <= held
            assert not answer.more or len(held) > question.k
            if answer.by_road:
                seconds = answer.by_road.seconds
                assert {
                    row for row, each in zip(answer.rows, seconds, strict=True) if np.isfinite(each)
                } <= alone
            answered += len(answer.rows)
            missing += len(set(answer.rows) - plain)
    assert answered > 2_000
    assert missing > 0


def test_a_search_that_would_look_at_too_much_tells_all_that_may_pass(
    grid: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = decode(encode(*town.degrees(900, 900), 7))
    question = Question(
        0, 0, makers.NIGHT, k=2, by=Order.TIME, filter=Filter((Kind.DRIVER_HOME,), (Need.WATER,))
    )
    found = for_cell(grid.snapshot, cell, question, grid.roads)
    monkeypatch.setattr("geodata.search.cells._MOST_FOR_FIRST", 0)
    every = for_cell(grid.snapshot, cell, question, grid.roads)
    passing = nearest(
        grid.snapshot, replace(question, lon=cell.middle[0], lat=cell.middle[1], k=50)
    )
    assert not passing.more
    assert set(every.rows) == set(passing.rows)
    assert set(found.rows) < set(every.rows)


def test_rows_stand_in_the_order_of_their_distance_from_the_middle(grid: City) -> None:
    cell = decode(encode(*town.degrees(900, 900), 7))
    rows = for_cell(
        grid.snapshot, cell, Question(0, 0, makers.DAY, k=3, by=Order.TIME), grid.roads
    ).rows
    feet = np.array([grid.snapshot.index.foot(row, *cell.middle) for row in rows])
    metres = geodesic_m(*cell.middle, *feet.T)
    assert (np.diff(metres) >= -1e-6).all()
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("mode", list(Mode))
def test_whoever_stands_in_a_cell_stands_on_an_edge_of_its_region_no_farther_off_than_told(
    grid: City, mode: Mode
) -> None:
    rng, graph = np.random.default_rng(12), grid.network.graphs[mode]
    for lon, lat in rng.uniform(
        town.degrees(-600, -600), town.degrees(EXTENT_M, EXTENT_M), (60, 2)
    ).tolist():
        cell = decode(encode(lon, lat, int(rng.choice(LETTERS))))
        here = region(graph, cell.middles(4), cell.radius_m / 4 + 1.0)
        spots = snap(graph, points_of(cell, rng, 50))
        standing = spots.edges >= 0
        assert here.near[spots.edges[standing]].all()
        assert (spots.off_m[standing] <= here.off_m).all()


@pytest.mark.parametrize("mode", list(Mode))
def test_no_way_to_a_place_on_the_regions_edges_takes_longer_than_told(
    grid: City, mode: Mode
) -> None:
    rng, expansion, compared = np.random.default_rng(13), grid.roads.expansions[mode], 0
    graph, stops = expansion.graph, expansion.stops
    for lon, lat in rng.uniform(
        town.degrees(0, 0), town.degrees(EXTENT_M, EXTENT_M), (25, 2)
    ).tolist():
        cell = decode(encode(lon, lat, int(rng.choice(LETTERS))))
        here = region(graph, cell.middles(4), cell.radius_m / 4 + 1.0)
        bound_s = longest_s(graph, stops, here)
        rows = set(stops.rows[np.repeat(here.near, np.diff(stops.first))].tolist())
        for x, y in points_of(cell, rng, 4).tolist():
            question = Question(
                x, y, makers.NIGHT, k=50, max_distance_m=50_000, mode=mode, by=Order.TIME
            )
            answer = nearest(grid.snapshot, question, grid.roads)
            if answer.by_road is None:
                continue
            near = [
                s for row, s in zip(answer.rows, answer.by_road.seconds, strict=True) if row in rows
            ]
            assert all(seconds <= bound_s for seconds in near)
            compared += len(near)
    assert compared > 20


#: Degrees of latitude a metre, and of longitude at 22.5° N.
UP, EAST = 1 / 110_750, 1 / 102_900


@pytest.fixture(scope="module")
def long_road(tmp_path_factory: pytest.TempPathFactory) -> tuple[cells.Cell, Snapshot, RoadAccess]:
    """A road that runs east through a cell, side streets on it, and far in the east the only way to
    a road back north.

    Beyond the cell stand p-000 and p-001, 900 m east, until 22:00; p-002 1,900 m east, and p-003 on
    the northern road, 1,400 m north of where the cell begins: both round the clock."""
    made = town.Town()
    for step in range(-20, 61):
        made.node(f"n{step}", step * 100.0, 0.0)
        made.node(f"s{step}", step * 100.0, -60.0)
        made.way(f"side{step}", f"n{step} s{step}", "residential")
    made.way("road", " ".join(f"n{step}" for step in range(-20, 61)), "residential")
    made.node("corner", 6_000.0, 1_400.0)
    made.node("end", -2_000.0, 1_400.0)
    made.way("back", "n60 corner end", "residential")
    file = made.write(tmp_path_factory.mktemp("long") / "long.osm")
    roads = network.build(osm.read(file, lambda _: None), "long", lambda _: None)
    lon, lat = town.CORNER
    cell = decode(encode(lon, lat, 6))
    spots = [(cell.east + metres * EAST, lat) for metres in (900, 920, 1_900)] + [
        (cell.west, lat + 1_400 * UP)
    ]
    table = town.places(spots, opening_hours=["Mo-Su,PH 08:00-22:00"] * 2 + ["24/7"] * 2)
    snapshot = makers.frozen(table).snapshot()
    return (
        cell,
        snapshot,
        RoadAccess.under(snapshot, roads, {Mode.WALK: place(snapshot, roads, Mode.WALK)}),
    )


def first_and_held(
    made: tuple[cells.Cell, Snapshot, RoadAccess], question: Question, x: float, minutes: int
) -> tuple[str, set[str]]:
    """What is reached first from the road where it crosses x, so long after the quarter began.

    And all that is held.
    """
    cell, snapshot, roads = made
    at = question.at + timedelta(minutes=minutes)
    answer = nearest(snapshot, replace(question, lon=x, lat=town.CORNER[1], at=at), roads)
    held = by_road_alone(snapshot, cell, question, roads)
    return snapshot.id_of(answer.rows[0]), {snapshot.id_of(row) for row in held}


def test_who_comes_from_the_far_side_of_the_cell_may_come_too_late(
    long_road: tuple[cells.Cell, Snapshot, RoadAccess],
) -> None:
    late = makers.NIGHT.replace(hour=21, minute=30)
    question = Question(0, 0, late, k=1, filter=Filter(open=Open.AT_ARRIVAL), by=Order.TIME)
    cell = long_road[0]
    near, held = first_and_held(long_road, question, cell.east - 1e-5, 10)
    far, _ = first_and_held(long_road, question, cell.west + 1e-5, 10)
    assert (near, far) == ("p-000", "p-002")
    assert {near, far} <= held


def test_what_is_within_reach_of_the_near_side_only_counts_for_nobody_else(
    long_road: tuple[cells.Cell, Snapshot, RoadAccess],
) -> None:
    question = Question(0, 0, makers.DAY, k=1, max_distance_m=1_800, by=Order.TIME)
    cell = long_road[0]
    near, held = first_and_held(long_road, question, cell.east - 1e-5, 0)
    far, _ = first_and_held(long_road, question, cell.west + 1e-5, 0)
    assert (near, far) == ("p-000", "p-003")
    assert {near, far} <= held
