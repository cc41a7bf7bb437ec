"""Who is reached by road in time: every link, standing and time equals shortest paths over all
segments, one by one.

The oracle is that of test_fastest_equals_brute_force: it shares the reading of the file with the
program, no more."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from geodata.coverage.near import Within
from geodata.coverage.served import Standing, hours_of, judge, states_of, typical_days
from geodata.hours.timeline import State
from geodata.index.tree import passes
from geodata.search.filter import Filter, mask_of
from geodata.space.coordinates import WGS84
from geodata.traits import EVERYTHING
from geodata.vocabulary import Kind, Mode, Need
from tests import makers, town
from tests.contracts.test_fastest_equals_brute_force import City, Floats, Spot

SIDE = 12
MINUTES = {Mode.WALK: 12.0, Mode.RIDE: 8.0, Mode.DRIVE: 8.0, Mode.TRUCK: 8.0}
WATER = Filter(kinds=(Kind.FRIENDLY_MERCHANT, Kind.WARM_BEE_STREET), needs=(Need.WATER,))


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> City:
    file = town.random_town(8, SIDE).write(tmp_path_factory.mktemp("grid") / "grid.osm")
    return City(file, town.random_places(8, 110, SIDE * 150.0))


def people(city: City, mode: Mode, count: int) -> tuple[Floats, list[list[Spot]]]:
    """Points, and where they stand; some on no road."""
    rng, oracle = np.random.default_rng(17), city.oracles[mode]
    drawn = rng.uniform(
        town.degrees(-900, -900), town.degrees(SIDE * 150.0 + 900, SIDE * 150.0 + 900), (count, 2)
    )
    asked = [(point, spot) for point in drawn.tolist() if (spot := oracle.snap(*point)) is not None]
    return np.array([point for point, _ in asked]), [spot for _, spot in asked]


def seconds(city: City, mode: Mode, origins: list[list[Spot]], wanted: Filter) -> Floats:
    """From each origin to each row; inf where no road leads, or the row does not pass."""
    rows, spots = city.spots[mode]
    found = np.full((len(origins), len(city.snapshot)), np.inf)
    for number, origin in enumerate(origins):
        if origin[0][0] >= 0:
            np.minimum.at(found[number], rows, city.oracles[mode].times(origin, spots))
    programme = tuple(kind for kind in Kind if kind != "public_place")
    mask = (mask_of(replace(wanted, kinds=wanted.kinds or programme), None) or EVERYTHING)[:]
    words = city.snapshot.index.words.tolist()
    found[
        :, [row for row, (offer, entry) in enumerate(words) if not passes(offer, entry, mask)]
    ] = np.inf
    return found


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("wanted", [Filter(), WATER], ids=["any", "filtered"])
def test_who_reaches_what_and_how_soon_is_that_of_single_segments(
    grid: City, mode: Mode, wanted: Filter
) -> None:
    lonlat, origins = people(grid, mode, 150)
    expected, within = (
        seconds(grid, mode, origins, wanted),
        Within(wanted, minutes=MINUTES[mode], mode=mode),
    )
    links = within.near(grid.snapshot.index, grid.roads).links(lonlat)
    point, row = np.nonzero(expected <= 60.0 * MINUTES[mode])
    assert len(row) > 60
    assert (np.repeat(np.arange(len(lonlat)), np.diff(links.starts)) == point).all()
    assert (links.rows == row).all()
    assert np.allclose(links.cost, expected[point, row], rtol=1e-9, atol=1e-4)
    assert (links.judged == np.array([origin[0][0] >= 0 for origin in origins])).all()
    assert 0 < (~links.judged).sum() < len(lonlat)


@pytest.mark.parametrize("mode", list(Mode))
def test_what_stands_open_in_every_hour_is_that_of_the_places_in_reach(
    grid: City, mode: Mode
) -> None:
    snapshot, (lonlat, origins) = grid.snapshot, people(grid, mode, 150)
    days = typical_days(snapshot.hours_by_minute.calendar, makers.NIGHT.date(), makers.ZONE)
    instants = [
        makers.NIGHT,
        makers.NIGHT + timedelta(hours=6),
        *hours_of(list(days.values()), makers.ZONE),
    ]
    within = Within(WATER, minutes=MINUTES[mode], mode=mode)
    reached = seconds(grid, mode, origins, WATER) <= 60.0 * MINUTES[mode]
    states = states_of(snapshot.hours_by_minute, instants)[
        :, [snapshot.hours_row(row) for row in range(len(snapshot))]
    ]
    expected = np.full((len(lonlat), len(instants)), Standing.NONE)
    for number, (here, origin) in enumerate(zip(reached, origins, strict=True)):
        near = states[:, here]
        if near.size:
            opened, unknown = (
                np.isin(near, (State.OPEN, State.CLOSING_SOON)).any(1),
                (near == State.UNKNOWN).any(1),
            )
            expected[number] = np.where(
                opened, Standing.OPEN, np.where(unknown, Standing.UNKNOWN, Standing.CLOSED)
            )
        if origin[0][0] < 0:
            expected[number] = Standing.OFF_ROAD
    judged = judge(snapshot, within.near(snapshot.index, grid.roads), instants)
    assert (judged(lonlat) == expected).all()
    assert (np.concatenate([judged(lonlat[:40]), judged(lonlat[40:])]) == expected).all()
    assert {*np.unique(expected).tolist()} == {*Standing} - {Standing.OUTSIDE}


@pytest.mark.parametrize("mode", list(Mode))
def test_the_place_reached_first_and_its_seconds_are_the_least_of_all(
    grid: City, mode: Mode
) -> None:
    lonlat, origins = people(grid, mode, 150)
    expected = seconds(grid, mode, origins, WATER)
    rows, took_s, judged = (
        Within(WATER, minutes=1, mode=mode).by_road(grid.roads).nearest().at(lonlat)
    )
    least = expected.min(axis=1)
    assert ((rows < 0) == np.isinf(least)).all()
    assert (judged == [origin[0][0] >= 0 for origin in origins]).all()
    assert np.allclose(np.nan_to_num(took_s, nan=np.inf), least, rtol=1e-9, atol=1e-4)
    reached = np.flatnonzero(rows >= 0)
    assert np.allclose(expected[reached, rows[reached]], least[reached], rtol=1e-9, atol=1e-4)


def test_the_same_on_roads_that_people_drew(real_data: Path) -> None:
    rng, mode = np.random.default_rng(4), Mode.RIDE
    table = makers.random_city(150, 0, 4)
    lonlat = rng.uniform((113.91, 22.51), (114.07, 22.57), (300, 2))
    places = table.set_geometry(gpd.GeoSeries(gpd.points_from_xy(*lonlat[:150].T), crs=WGS84))
    city = City(real_data / "roads" / "nanshan_futian.osm", places)
    spots = [(point, city.oracles[mode].snap(*point)) for point in lonlat[150:200].tolist()]
    asked = [(point, spot) for point, spot in spots if spot is not None]
    expected = seconds(city, mode, [spot for _, spot in asked], Filter())
    links = (
        Within(minutes=20, mode=mode)
        .near(city.snapshot.index, city.roads)
        .links(np.array([point for point, _ in asked]))
    )
    point, row = np.nonzero(expected <= 1200.0)
    assert len(row) > 100
    assert (np.repeat(np.arange(len(asked)), np.diff(links.starts)) == point).all()
    assert (links.rows == row).all()
    assert np.allclose(links.cost, expected[point, row], rtol=1e-9, atol=1e-4)
