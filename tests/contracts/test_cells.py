"""A cell's reply holds every place that is among the k best for any of its points and instants, and
is short.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from geodata.errors import BadQuestion
from geodata.search import cells
from geodata.search.cells import LENGTHS, Cell, decode, for_cell, quarter_of
from geodata.search.filter import MOST_HITS, Filter, Open, Register
from geodata.search.nearest import Question, nearest
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Kind, Mode, Need
from tests import makers
from tests.makers import TIMEZONE

ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"


def encode(lon: float, lat: float, length: int) -> str:
    """The textbook encoder: halve lon and lat in turn."""
    low, high, letters, bits = [-180.0, -90.0], [180.0, 90.0], "", 0
    for step in range(5 * length):
        axis = step % 2
        middle = (low[axis] + high[axis]) / 2
        right = (lon, lat)[axis] >= middle
        (low if right else high)[axis] = middle
        bits = bits * 2 + right
        if step % 5 == 4:
            letters, bits = letters + ALPHABET[bits], 0
    return letters


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(3_000, 12, seed=23))


def test_a_geohash_decodes_to_the_cell_it_was_encoded_from() -> None:
    rng = np.random.default_rng(1)
    for lon, lat in makers.clustered(rng, 200):
        for length in LENGTHS:
            cell = decode(encode(lon, lat, length))
            assert cell.west <= lon < cell.east
            assert cell.south <= lat < cell.north
            assert cells.encode(lon, lat, length) == encode(lon, lat, length)
    assert decode("ws100") == Cell(113.90625, 22.5, 113.9501953125, 22.5439453125)


@pytest.mark.parametrize("word", ["", "ws10", "ws1000000", "ws10a", "WS100", "ws1 0", "ｗs100"])
def test_what_is_no_geohash_is_refused(word: str) -> None:
    with pytest.raises(BadQuestion, match="geohash"):
        decode(word)


def test_an_instant_off_the_quarter_is_refused(city: Snapshot) -> None:
    with pytest.raises(BadQuestion, match="quarter"):
        for_cell(city, decode("ws100"), Question(0, 0, makers.DAY.replace(minute=16)))


def wanted(rng: np.random.Generator) -> Question:
    day = datetime(2026, 9, 25, tzinfo=TIMEZONE) + timedelta(
        minutes=15 * int(rng.integers(0, 14 * 96))
    )
    chosen = Filter(
        kinds=((), (Kind.WARM_BEE_STATION, Kind.WARM_BEE_STREET))[rng.integers(2)],
        needs=((), (Need.WATER,))[rng.integers(2)],
        open=list(Open)[rng.integers(len(Open))],
        include_unknown=bool(rng.integers(2)),
        register=list(Register)[rng.integers(2)],
    )
    return Question(
        0.0,
        0.0,
        day,
        k=int(rng.choice([1, 5, 10])),
        max_distance_m=float(rng.choice([500, 3_000, 20_000])),
        filter=chosen,
        mode=list(Mode)[rng.integers(4)],
        stay_min=int(rng.choice([0, 0, 30])),
    )


def test_every_answer_of_every_point_and_instant_is_in_the_reply(city: Snapshot) -> None:
    rng = np.random.default_rng(7)
    answered = 0
    for lon, lat in makers.clustered(rng, 150):
        cell = decode(encode(lon, lat, int(rng.choice(list(LENGTHS)))))
        question = wanted(rng)
        held = set(for_cell(city, cell, question).rows)
        for _ in range(12):
            x, y = rng.uniform([cell.west, cell.south], [cell.east, cell.north])
            if not city.outline.holds(x, y):
                continue
            at = question.at + timedelta(seconds=float(rng.uniform(0, 900)))
            answer = nearest(city, replace(question, lon=float(x), lat=float(y), at=at))
            assert {hit.row for hit in answer.hits} <= held
            assert not answer.more or len(held) > question.k
            answered += len(answer.hits)
    assert answered > 3_000


def test_apart_the_best_of_both_sections_are_in_the_reply(city: Snapshot) -> None:
    rng = np.random.default_rng(13)
    certain_ones, unknown_ones, left_out = 0, 0, 0
    for lon, lat in makers.clustered(rng, 150):
        cell = decode(encode(lon, lat, int(rng.choice(list(LENGTHS)))))
        question = wanted(rng)
        opening = (Open.NOW, Open.AT_ARRIVAL, Open.AT_ARRIVAL, Open.ALWAYS)[rng.integers(4)]
        question = replace(
            question, filter=replace(question.filter, open=opening, include_unknown=True)
        )
        held = set(for_cell(city, cell, question, apart=True).rows)
        left_out += len(city) - len(held)
        for _ in range(8):
            x, y = rng.uniform([cell.west, cell.south], [cell.east, cell.north])
            if not city.outline.holds(x, y):
                continue
            at = question.at + timedelta(seconds=float(rng.uniform(0, 900)))
            exact = replace(question, lon=float(x), lat=float(y), at=at, k=MOST_HITS)
            every = [hit.row for hit in nearest(city, exact).hits]
            sure = replace(exact, filter=replace(exact.filter, include_unknown=False))
            certain = [hit.row for hit in nearest(city, sure).hits]
            unknown = [row for row in every if row not in certain]
            # One more of each than is listed: a phone knows by it whether there are more.
            assert {*certain[: question.k + 1], *unknown[: question.k + 1]} <= held
            certain_ones += len(certain[: question.k])
            unknown_ones += len(unknown[: question.k])
    assert certain_ones > 1_000
    assert unknown_ones > 500
    assert left_out > 200_000


def test_apart_without_unknown_ones_is_the_reply_as_it_was(city: Snapshot) -> None:
    rng = np.random.default_rng(14)
    for lon, lat in makers.clustered(rng, 40):
        cell, question = decode(encode(lon, lat, 6)), wanted(rng)
        if question.filter.open is not Open.ANY:
            chosen = replace(question.filter, include_unknown=False)
            question = replace(question, filter=chosen)
        assert for_cell(city, cell, question, apart=True) == for_cell(city, cell, question)


USUAL = Question(0, 0, makers.DAY, k=10, max_distance_m=5_000)


def test_small_cells_have_short_replies(city: Snapshot) -> None:
    rng = np.random.default_rng(9)
    sizes = [
        len(for_cell(city, decode(encode(lon, lat, 7)), USUAL).rows)
        for lon, lat in makers.clustered(rng, 60)
    ]
    assert np.median(sizes) <= 40


def test_the_quarter_of_an_instant_begins_it() -> None:
    assert quarter_of(datetime(2026, 11, 21, 2, 29, 59, 7, TIMEZONE)) == datetime(
        2026, 11, 21, 2, 15, tzinfo=TIMEZONE
    )
