"""Radii are true: places of real extracts, hidden from the address book, lie within them."""

from pathlib import Path

import pytest

from tests.hidden_addresses import Trial, junctions, numbers, offsets, read


def outside(trials: list[Trial]) -> list[tuple[str, float | None, float | None]]:
    return [(each.text, each.found.radius_m, each.away_m) for each in trials if each.outside]


@pytest.mark.parametrize("name", ["nanshan", "haidian", "longgang"])
def test_chinese_addresses_of_hidden_places_lie_within_their_radius(
    real_data: Path, name: str
) -> None:
    mapped, book = read(real_data, name)
    trials = [
        *numbers(mapped, book, chinese=True),
        *list(offsets(book))[::5],
        *junctions(book),
    ]
    assert len(trials) > 50
    assert sum(each.found.is_pin for each in trials) > 20
    assert outside(trials) == []


@pytest.mark.parametrize(("name", "most"), [("helsinki", 0.03), ("liechtenstein", 0.0)])
def test_house_numbers_lie_within_their_radius(real_data: Path, name: str, most: float) -> None:
    mapped, book = read(real_data, name)
    trials = list(numbers(mapped, book, chinese=False, every=15))
    found = [each for each in trials if each.away_m is not None]
    assert len(found) > len(trials) / 2
    assert len(outside(trials)) <= most * len(found)
