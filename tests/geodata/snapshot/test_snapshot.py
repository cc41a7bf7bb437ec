"""A snapshot finds places by id and row, both ways, and cannot be changed."""

import dataclasses

import pytest

from geodata.errors import NoSuchPlace
from geodata.snapshot.former import ID_BYTES
from geodata.snapshot.snapshot import Snapshot
from tests import makers


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(500, lines=20))


def test_ids_and_rows_lead_to_each_other(city: Snapshot) -> None:
    assert len(city) == 520
    assert {city.row_of(city.id_of(row)) for row in range(520)} == set(range(520))
    assert {city.id_of(row) for row in range(520)} == {f"p-{number:07d}" for number in range(520)}


def test_the_rank_of_a_row_is_its_place_among_the_ids(city: Snapshot) -> None:
    by_rank = sorted(range(520), key=lambda row: city.index.links[row, 0])
    assert [city.id_of(row) for row in by_rank] == sorted(city.id_of(row) for row in range(520))


@pytest.mark.parametrize(
    "unknown",
    [
        "",
        "p",
        "p-",
        "p-9999999",
        "p-0000000 ",
        "p-0000000\0",
        "P-0000000",
        "站",
        "zzz",
        "a" * ID_BYTES,
        "p-0000001" * 9,
        "\ud800",
    ],
)
def test_an_id_that_is_none_is_refused(city: Snapshot, unknown: str) -> None:
    with pytest.raises(NoSuchPlace):
        city.row_of(unknown)


def test_the_longest_and_the_shortest_id_are_found() -> None:
    long = "x" * ID_BYTES
    snapshot = makers.snapshot(makers.three_places(id=["abc", long, "abcd"]))
    assert [snapshot.id_of(snapshot.row_of(i)) for i in ("abc", long, "abcd")] == [
        "abc",
        long,
        "abcd",
    ]
    for missing in (long[:-1], long + "x", "ab", "abcde"):
        with pytest.raises(NoSuchPlace):
            snapshot.row_of(missing)


def test_a_record_belongs_to_its_row(city: Snapshot) -> None:
    for row in range(520):
        assert f'"id":"{city.id_of(row)}"'.encode() in city.records.plain(row)


def test_the_last_day_of_known_holidays_is_the_calendars(city: Snapshot) -> None:
    assert city.known_until == makers.calendar().known_until


def test_nothing_in_it_can_be_changed(city: Snapshot) -> None:
    for array in city.index.to_arrays().values():
        assert not array.flags.writeable
    assert not city.outline.xy.flags.writeable
    for array in (city.lonlat, city.records.checked):
        assert not array.flags.writeable
    with pytest.raises(dataclasses.FrozenInstanceError):
        city.version = "other"
