"""The estimate from the straight line: one table, read alike by everyone, that grows with every
metre.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.compiled import kernel
from geodata.estimate import MOST_PIECES, eta, eta_each, etas, radius, table, way_at
from geodata.index.tree import way_min
from geodata.vocabulary import Mode

metres_asked = st.floats(0.0, 60_000.0)


@kernel
def _way_min(its_way_at: int, metres: float) -> float:
    return way_min(its_way_at, metres)


@given(st.lists(metres_asked, max_size=5), st.sampled_from(Mode))
def test_several_at_once_are_the_same_to_the_bit(distances_m: list[float], mode: Mode) -> None:
    assert etas(distances_m, mode) == [tuple(eta(metres, mode)) for metres in distances_m]
    rounded = [math.floor(eta(metres, mode).eta_s + 0.5) for metres in distances_m]
    assert eta_each(np.array(distances_m), mode).tolist() == rounded


@given(metres_asked, st.sampled_from(Mode))
def test_one_expects_to_arrive_between_the_least_and_the_most(metres: float, mode: Mode) -> None:
    way = eta(metres, mode)
    assert way.least_s <= way.eta_s <= way.most_s


@given(metres_asked, st.floats(1e-3, 50_000.0), st.sampled_from(Mode))
def test_every_farther_place_takes_longer_by_all_three(
    metres: float, farther: float, mode: Mode
) -> None:
    there, beyond = eta(metres, mode), eta(metres + farther, mode)
    assert all(a < b for a, b in zip(there, beyond, strict=True))


@given(metres_asked, st.sampled_from(Mode))
def test_kernels_expect_the_same(metres: float, mode: Mode) -> None:
    assert 60.0 * _way_min(way_at(mode), metres) == pytest.approx(eta(metres, mode).eta_s, abs=1e-6)


@given(metres_asked, st.sampled_from(Mode))
def test_a_radius_is_the_way_that_takes_so_long(metres: float, mode: Mode) -> None:
    way = eta(metres, mode)
    assert radius(way.eta_s, mode).expected_m == pytest.approx(metres, abs=1e-6)
    assert radius(way.most_s, mode).least_m == pytest.approx(metres, abs=1e-6)
    assert radius(way.least_s, mode).most_m == pytest.approx(metres, abs=1e-6)


@pytest.mark.parametrize("mode", Mode)
def test_the_table_begins_at_nothing_and_tells_its_own_seconds(mode: Mode) -> None:
    metres, told = table()["metres"], table()["seconds"][str(mode)]
    assert len(metres) <= MOST_PIECES
    assert tuple(eta(0.0, mode)) == (0.0, 0.0, 0.0)
    for column, distance_m in enumerate(metres):
        seconds = [row[column] for row in told]
        assert tuple(eta(distance_m, mode)) == pytest.approx(tuple(seconds))
