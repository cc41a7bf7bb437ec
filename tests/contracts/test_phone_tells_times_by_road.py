"""A cell's squares tell the times that the server tells by road from their middles, and the phone
takes its own.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import numpy as np
import pytest

from app.api import cell_reply
from geodata import estimate
from geodata.search.cells import (
    decode,
    for_cell,
    quarter_of,
    seconds_by_road,
    squares,
    ways_by_road,
)
from geodata.search.filter import Filter, Open, Order
from geodata.search.nearest import Answer, Question, nearest
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import geodesic_m
from geodata.space.tangent import Floats
from geodata.travel.approach import Ways, seconds_to
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import MARGIN_M, snap
from geodata.vocabulary import Mode
from tests import makers, town
from tests.contracts.test_cells import encode
from tests.contracts.test_fastest_equals_brute_force import City

SIDE = 12


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> City:
    file = town.random_town(5, SIDE).write(tmp_path_factory.mktemp("grid") / "grid.osm")
    return City(file, town.random_places(5, 48, SIDE * 150.0))


def cells_of(rng: np.random.Generator, count: int) -> list[str]:
    spots = rng.uniform(town.degrees(0, 0), town.degrees(SIDE * 150.0, SIDE * 150.0), (count, 2))
    return [encode(lon, lat, int(rng.integers(5, 9))) for lon, lat in spots.tolist()]


def asked(geohash: str, mode: Mode, k: int = 10) -> Question:
    return Question(
        *decode(geohash).middle, quarter_of(makers.NIGHT), k=k, max_distance_m=50_000.0, mode=mode
    )


def by_time(grid: City, question: Question) -> dict[int, float]:
    """Seconds to every place, one list long enough for all of them."""
    answer = nearest(grid.snapshot, replace(question, k=50, by=Order.TIME), grid.roads)
    return dict(zip(answer.rows, answer.by_road.seconds, strict=True)) if answer.by_road else {}


@pytest.mark.parametrize("mode", list(Mode))
def test_the_seconds_of_a_square_are_those_of_its_middle(grid: City, mode: Mode) -> None:
    rng, compared = np.random.default_rng(3), 0
    for geohash in cells_of(rng, 40):
        question = asked(geohash, mode)
        found = for_cell(grid.snapshot, decode(geohash), question)
        seconds, count = seconds_by_road(grid.roads, geohash, mode, found.rows)
        middles, _ = squares(geohash)
        assert seconds.shape == (len(found.rows), count**2)
        square = int(rng.integers(count**2))
        lon, lat = middles[square].tolist()
        told = by_time(grid, replace(question, lon=lon, lat=lat))
        for row, each in zip(found.rows, seconds[:, square].tolist(), strict=True):
            if told and row in told:
                assert np.isclose(each, told[row], rtol=1e-9, atol=1e-6, equal_nan=True)
                compared += 1
            elif not told:
                assert np.isnan(each)
    assert compared > 200


@pytest.mark.parametrize("mode", list(Mode))
def test_on_real_roads_squares_agree_too_and_the_closest_is_often_not_the_first_reached(
    real_roads: tuple[Snapshot, RoadAccess], mode: Mode
) -> None:
    snapshot, roads = real_roads
    west, south, east, north = roads.network.about.bounds
    rng, compared, misled, points = np.random.default_rng(8), 0, 0, 0
    for lon, lat in rng.uniform((west, south), (east, north), (300, 2)).tolist():
        geohash = encode(lon, lat, 6)
        middles, count = squares(geohash)
        square = int(rng.integers(count**2))
        question = replace(asked(geohash, mode), lon=middles[square, 0], lat=middles[square, 1])
        by_road = nearest(snapshot, replace(question, by=Order.TIME), roads)
        if by_road.by_road is None:
            continue
        seconds, _ = seconds_by_road(roads, geohash, mode, tuple(by_road.rows))
        assert np.allclose(
            seconds[:, square], by_road.by_road.seconds, rtol=1e-9, atol=1e-6, equal_nan=True
        )
        compared += len(by_road.rows)
        points += 1
        misled += nearest(snapshot, question).rows[0] != by_road.rows[0]
    assert compared > 200
    assert 0.1 * points < misled < 0.9 * points


def test_a_search_that_would_look_at_too_much_tells_no_time_rather_than_a_longer_one(
    grid: City,
) -> None:
    graph, stops = grid.network.graphs[Mode.RIDE], grid.roads.expansions[Mode.RIDE].stops
    spots, rows = (
        snap(graph, squares(encode(*town.degrees(900, 900), 6))[0]),
        np.arange(len(grid.snapshot), dtype=np.int32),
    )
    every = seconds_to(graph, stops, rows, spots, 10**9)
    some = seconds_to(graph, stops, rows, spots, 1_500)
    assert 0 < np.isfinite(some).sum() < np.isfinite(every).sum()
    assert np.array_equal(some[np.isfinite(some)], every[np.isfinite(some)])


def test_a_way_is_in_one_piece_from_beside_the_square_to_beside_the_place_and_as_long_as_its_time(
    grid: City,
) -> None:
    rng, walked = np.random.default_rng(6), 0
    stops = grid.roads.expansions[Mode.WALK].stops
    for geohash in cells_of(rng, 30):
        row = int(rng.integers(grid.snapshot.first_line))
        seconds, _ = seconds_by_road(grid.roads, geohash, Mode.WALK, (row,))
        ways, _ = ways_by_road(grid.roads, geohash, Mode.WALK, row)
        middles = squares(geohash)[0]
        for square, first in enumerate(ways.first):
            assert (first is None) == np.isnan(seconds[0, square])
            if first is not None:
                course = followed(ways, first)
                metres = geodesic_m(*course[:-1].T, *course[1:].T).sum()
                metres += geodesic_m(*middles[square], *course[0])
                beside_m = geodesic_m(*course[-1], *grid.snapshot.lonlat[row])
                assert abs((metres + beside_m) / WALK_M_S - seconds[0, square]) < 0.1
                assert beside_m <= stops.row_off_m[row] + MARGIN_M + 0.1
                walked += 1
    assert walked > 100


def followed(ways: Ways, first: int) -> Floats:
    """A way's degrees in one row; each part begins where the one before ends."""
    pieces, at = [ways.parts[first]], ways.parts[first].onward
    while at >= 0:
        assert at < len(ways.parts)
        assert np.allclose(pieces[-1].lonlat[-1], ways.parts[at].lonlat[0], atol=1e-7)
        pieces.append(ways.parts[at])
        at = ways.parts[at].onward
    return np.concatenate([piece.lonlat for piece in pieces])


def test_the_phone_tells_the_time_from_its_own_square(
    grid: City, on_the_phone: Callable[[str, str, Any], Any]
) -> None:
    rng = np.random.default_rng(4)
    sent, expected = [], []
    for geohash in cells_of(rng, 40):
        mode, cell = list(Mode)[rng.integers(4)], decode(geohash)
        question = asked(geohash, mode)
        found = for_cell(grid.snapshot, cell, question)
        more = cell_reply.by_road(grid.roads, geohash, question, found)
        reply = msgspec.json.decode(cell_reply.reply(grid.snapshot, question, found, more))
        middles, count = squares(geohash)
        lon, lat = rng.uniform([cell.west, cell.south], [cell.east, cell.north]).tolist()
        away = np.abs(middles - (lon, lat)) / (
            (cell.east - cell.west) / count,
            (cell.north - cell.south) / count,
        )
        square = int(np.argmin(away.max(axis=1)))
        expected.append(
            (
                grid,
                mode,
                by_time(grid, replace(question, lon=middles[square, 0], lat=middles[square, 1])),
            )
        )
        point = {
            "lon": lon,
            "lat": lat,
            "at": (question.at + timedelta(minutes=3)).timestamp() * 1000,
            "k": 10,
        }
        rules = {
            "maxDistanceM": 50_000,
            "open": "any",
            "includeUnknown": True,
            "mode": str(mode),
            "stayMin": 0,
        }
        sent.append({"cell": reply, "asked": {**point, **rules}})
    answers = on_the_phone(
        "rank_on_node.mjs", "ask/rank.js", {"estimate": estimate.table(), "questions": sent}
    )
    compared = 0
    for (city, mode, told), answer in zip(expected, answers, strict=True):
        metres = {hit[0]: hit[1] for hit in answer["hits"]}
        for known, eta_s, by_road in answer["ways"]:
            seconds = told.get(city.snapshot.row_of(known), np.nan)
            if by_road:
                assert abs(eta_s - seconds) <= 0.5 + 1e-6
                compared += 1
            else:
                assert abs(eta_s - estimate.eta(metres[known], mode).eta_s) < 1e-6
    assert compared > 100


def test_fastest_on_the_phone_is_what_the_server_finds_first_in_the_middle_of_its_square(
    grid: City, on_the_phone: Callable[[str, str, Any], Any]
) -> None:
    rng = np.random.default_rng(14)
    sent, answers = [], []
    for geohash in cells_of(rng, 120):
        mode, cell = list(Mode)[rng.integers(4)], decode(geohash)
        opening = (Open.ANY, Open.NOW, Open.AT_ARRIVAL)[rng.integers(3)]
        wanted = Filter(open=opening, include_unknown=bool(rng.integers(2)))
        question = replace(
            asked(geohash, mode, int(rng.integers(1, 9))), filter=wanted, by=Order.TIME
        )
        found = for_cell(grid.snapshot, cell, question, grid.roads)
        more = cell_reply.by_road(grid.roads, geohash, question, found)
        middles, count = squares(geohash)
        lon, lat = middles[rng.integers(count**2)].tolist()
        exact = replace(question, lon=lon, lat=lat, at=question.at + timedelta(minutes=3))
        answers.append(nearest(grid.snapshot, exact, grid.roads))
        reply = msgspec.json.decode(cell_reply.reply(grid.snapshot, question, found, more))
        rules = {
            "maxDistanceM": 50_000,
            "open": str(opening),
            "includeUnknown": wanted.include_unknown,
            "stayMin": 0,
        }
        point = {
            "lon": lon,
            "lat": lat,
            "at": exact.at.timestamp() * 1000,
            "k": question.k,
            "mode": str(mode),
        }
        sent.append({"cell": reply, "asked": {**point, **rules, "fastest": True}})
    told = on_the_phone(
        "rank_on_node.mjs", "ask/rank.js", {"estimate": estimate.table(), "questions": sent}
    )
    compared = sum(same_order(grid, *pair) for pair in zip(answers, told, strict=True))
    assert compared > 150


def same_order(grid: City, answer: Answer, phone: dict[str, Any]) -> int:
    """The phone knows whole seconds: within one the order of two may differ.

    How many were compared.
    """
    rows = [
        grid.snapshot.row_of(known)
        for known, _, by_road in phone["ways"]
        if by_road or answer.by_road is None
    ]
    if answer.by_road is None:
        assert rows == answer.rows
        return 0
    seconds = np.array(answer.by_road.seconds)
    reached = seconds[np.isfinite(seconds)]
    known_s = np.array([eta_s for _, eta_s, by_road in phone["ways"] if by_road])
    assert len(known_s) == len(reached)
    assert np.abs(known_s - reached).max(initial=0.0) <= 0.5 + 1e-6
    clear = np.diff(reached, prepend=-2.0, append=np.inf) > 1.0
    settled = clear[:-1] & clear[1:]
    settled[-1:] = False  # at the end another may have come as soon
    assert [row for row, sure in zip(rows, settled, strict=True) if sure] == [
        row for row, sure in zip(answer.rows[: len(reached)], settled, strict=True) if sure
    ]
    return int(settled.sum())
