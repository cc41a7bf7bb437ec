"""How large a cell each zone asks with equals asking for the cells one by one, and is kept."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.pipeline.freeze import Frozen
from geodata.search.cells import LENGTHS, ZONE, decode, encode, for_cell
from geodata.search.lengths import cell_lengths, lengths
from geodata.search.nearest import Question
from geodata.snapshot.snapshot import Snapshot
from tests import makers

USUAL = Question(0, 0, makers.DAY, k=10, max_distance_m=5_000)


@pytest.fixture(scope="module")
def frozen() -> Frozen:
    return makers.frozen(makers.random_city(3_000, 12, seed=23))


@pytest.fixture(scope="module")
def city(frozen: Frozen) -> Snapshot:
    return frozen.snapshot()


def one_by_one(city: Snapshot, zone: str) -> int:
    """The coarsest length at which nine in ten cells of two dozen places have short replies."""
    spots = [spot for spot in city.lonlat.tolist() if encode(*spot, ZONE) == zone]
    spots = spots[:: math.ceil(len(spots) / 24)]
    for length in LENGTHS:
        replies = (for_cell(city, decode(encode(*spot, length)), USUAL).rows for spot in spots)
        if 10 * sum(len(rows) > 40 for rows in replies) <= len(spots):
            return length
    return LENGTHS.stop - 1


def test_each_zone_with_places_asks_as_when_its_cells_are_asked_for_one_by_one(
    city: Snapshot,
) -> None:
    found = lengths(city)
    assert set(found) == {encode(lon, lat, ZONE) for lon, lat in city.lonlat.tolist()}
    assert found == {zone: one_by_one(city, zone) for zone in found}
    assert len(set(found.values())) > 1


def test_in_a_country_too() -> None:
    rng = np.random.default_rng(3)
    towns = [(110.3, 20.0), (114.06, 22.54), (121.47, 31.23), (126.6, 45.75)]
    lonlat = np.repeat(towns, 400, axis=0) + rng.normal(0.0, 0.06, (1_600, 2))
    raw = makers.random_city(1_600, seed=5).assign(
        geometry=shapely.points(lonlat), district=None, street=None
    )
    country = makers.snapshot(raw, outline=shapely.box(105.0, 15.0, 130.0, 50.0))
    found = lengths(country)
    assert len(found) > 12
    assert found == {zone: one_by_one(country, zone) for zone in found}


def test_a_zone_of_few_places_is_asked_about_coarsely_and_a_crowd_finely() -> None:
    few = makers.snapshot(makers.three_places())
    assert set(lengths(few).values()) == {5}
    crowd = makers.three_places(geometry=[shapely.Point(114.05, 22.54)] * 3)
    many = makers.snapshot(
        pd.concat([crowd.assign(id=[f"p{at}{of}" for of in "abc"]) for at in range(1000, 1020)])
    )
    assert set(lengths(many).values()) == {8}


def test_it_is_kept_with_the_version(city: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    before = lengths(city)
    monkeypatch.setattr("geodata.search.lengths.cell_lengths", None)
    assert lengths(city) == before


def test_a_version_from_before_it_was_kept_has_it_worked_out(frozen: Frozen) -> None:
    arrays = {name: each for name, each in frozen.arrays.items() if not name.startswith("cell_")}
    assert len(arrays) == len(frozen.arrays) - 2
    older = replace(frozen, arrays=arrays).snapshot()
    assert older.cell_lengths is None
    assert lengths(older) == lengths(frozen.snapshot())


@pytest.mark.parametrize("lonlat", [[(180.0, 0.0), (-180.0, 90.0)], [(0.0, -90.0), (180.0, 90.0)]])
def test_the_edges_of_the_earth_lie_in_its_last_zones(
    city: Snapshot, lonlat: list[tuple[float, float]]
) -> None:
    found = cell_lengths(city.index, np.array(lonlat))
    assert set(found.zones.astype(str)) == {encode(lon, lat, ZONE) for lon, lat in lonlat}
