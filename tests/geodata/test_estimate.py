"""The estimate of many distances is that of each."""

from hypothesis import given
from hypothesis import strategies as st

from geodata.estimate import eta, etas
from geodata.vocabulary import Mode


@given(st.lists(st.floats(0.0, 50_000.0), max_size=5), st.sampled_from(Mode))
def test_several_at_once_are_the_same_to_the_bit(distances_m: list[float], mode: Mode) -> None:
    assert etas(distances_m, mode) == [tuple(eta(metres, mode)) for metres in distances_m]


@given(st.floats(0.0, 50_000.0), st.sampled_from(Mode))
def test_one_expects_to_arrive_between_the_least_and_the_most(metres: float, mode: Mode) -> None:
    way = eta(metres, mode)
    assert way.least_s <= way.eta_s <= way.most_s
