"""What a notice closes is closed in every answer: as if each place had been looked at by itself."""

from datetime import datetime, timedelta

import numpy as np
import pytest
import shapely

from geodata.hours.timeline import State
from geodata.search import cells, reported, tiles
from geodata.search import nearest as nearest_room
from geodata.search.filter import Filter, Open
from geodata.search.nearest import Question
from geodata.snapshot.overlay import Laid, Overlay
from geodata.snapshot.snapshot import Snapshot
from geodata.snapshot.zones import NoticeZone, Ring, ZoneEffect, rows_inside
from geodata.vocabulary import Kind, Mode
from tests import makers

NOW = makers.DAY
HOUR = timedelta(hours=1)
EVERY = tuple(Kind)


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(900, 12, seed=11))


def ring(rng: np.random.Generator, lon: float, lat: float) -> Ring:
    """A star of corners about a point, closed."""
    turns = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 12))))
    reach = rng.uniform(0.005, 0.05, len(turns))
    corners = [
        (float(lon + far * np.cos(turn)), float(lat + far * np.sin(turn)))
        for turn, far in zip(turns, reach, strict=True)
    ]
    return (*corners, corners[0])


def zones(city: Snapshot, seed: int, many: int = 6) -> tuple[NoticeZone, ...]:
    """Zones about places; some do not close, some are not in force."""
    rng = np.random.default_rng(seed)
    made = []
    for number, row in enumerate(rng.permutation(len(city))[:many].tolist()):
        lon, lat = city.lonlat[row].tolist()
        rings = tuple(ring(rng, lon, lat) for _ in range(int(rng.integers(1, 3))))
        effect = list(ZoneEffect)[0 if number % 3 else int(rng.integers(len(ZoneEffect)))]
        begins = NOW - HOUR + timedelta(hours=int(rng.integers(0, 3)))
        made.append(NoticeZone(f"n-{number}", effect, begins, begins + 2 * HOUR, rings))
    return tuple(made)


def closed(city: Snapshot, found: tuple[NoticeZone, ...], at: datetime) -> set[int]:
    """The rows that are closed, each place tried against each polygon by shapely."""
    points = shapely.points(city.lonlat)
    held: set[int] = set()
    for zone in found:
        if zone.effect is ZoneEffect.CLOSED and zone.onset <= at < zone.expires:
            # Even-odd, as a ring that crosses itself is read.
            for each in zone.polygons:
                area = shapely.make_valid(shapely.Polygon(each))
                held |= set(np.flatnonzero(shapely.contains(area, points)).tolist())
    return held


def over(city: Snapshot, found: tuple[NoticeZone, ...], at: datetime = NOW) -> Laid | None:
    return Overlay({}, found).over(city, at)


@pytest.mark.parametrize("seed", range(8))
def test_the_places_inside_are_those_of_shapely(city: Snapshot, seed: int) -> None:
    found = zones(city, seed)
    laid = over(city, found)
    assert (set(laid.closed_by) if laid else set()) == closed(city, found, NOW)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("opening", [Open.NOW, Open.ANY, Open.AT_ARRIVAL])
def test_nearest_equals_each_place_by_itself(city: Snapshot, seed: int, opening: Open) -> None:
    found = zones(city, seed)
    laid, shut = over(city, found), closed(city, found, NOW)
    rng = np.random.default_rng(seed)
    for row in rng.integers(0, len(city), 12).tolist():
        lon, lat = city.lonlat[row].tolist()
        asked = Question(lon, lat, NOW, 8, 30_000.0, Filter(kinds=EVERY, open=opening), Mode.RIDE)
        many = Question(lon, lat, NOW, 50, 30_000.0, Filter(kinds=EVERY, open=opening), Mode.RIDE)
        whole = nearest_room.nearest(city, many).rows
        if opening is Open.ANY:
            best = whole[:8]
            right = [each for each in best if each not in shut]
            right += [each for each in best if each in shut]
        else:
            right = [each for each in whole if each not in shut][:8]
        assert reported.nearest(city, laid, asked).rows == right


def test_a_zone_closes_from_its_onset_until_before_its_end(city: Snapshot) -> None:
    lon, lat = city.lonlat[5].tolist()
    square = ((lon - 0.01, lat - 0.01), (lon + 0.01, lat - 0.01), (lon, lat + 0.01))
    zone = NoticeZone("n-1", ZoneEffect.CLOSED, NOW, NOW + HOUR, ((*square, square[0]),))
    second = timedelta(seconds=1)
    for at, is_closed in (
        (NOW - second, False),
        (NOW, True),
        (NOW + HOUR - second, True),
        (NOW + HOUR, False),
    ):
        laid = over(city, (zone,), at)
        assert (laid is not None and 5 in laid.closed_by) is is_closed


def test_what_is_laid_is_kept_between_two_changes(city: Snapshot) -> None:
    overlay = Overlay({}, zones(city, 1))
    assert overlay.over(city, NOW) is overlay.over(city, NOW + timedelta(seconds=59))
    assert Overlay({}).over(city, NOW) is None


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("apart", [False, True])
def test_a_cell_holds_every_answer_of_its_points_and_nothing_closed(
    city: Snapshot, seed: int, apart: bool
) -> None:
    rng, found = np.random.default_rng(seed), zones(city, seed)
    quarter = cells.quarter_of(NOW)
    laid = Overlay({}, found).over(city, quarter, cells.QUARTER)
    shut = closed(city, found, quarter)
    answered = 0
    for lon, lat in makers.clustered(rng, 12).tolist():
        cell = cells.decode(cells.encode(lon, lat, int(rng.integers(5, 8))))
        opening = [Open.NOW, Open.ANY, Open.AT_ARRIVAL][int(rng.integers(3))]
        wanted = Filter(kinds=EVERY, open=opening)
        asked = Question(*cell.middle, quarter, 5, 20_000.0, wanted)
        held = set(reported.for_cell(city, laid, cell, asked, apart=apart).rows)
        if opening is not Open.ANY:
            assert held.isdisjoint(shut)
        for _ in range(6):
            x, y = rng.uniform([cell.west, cell.south], [cell.east, cell.north]).tolist()
            at = quarter + timedelta(seconds=float(rng.uniform(0, 899)))
            if city.outline.holds(x, y):
                here = Question(x, y, at, 5, 20_000.0, wanted)
                rows = reported.nearest(city, laid, here).rows
                assert set(rows) <= held
                answered += len(rows)
    assert answered > 50


def test_in_a_cell_is_closed_what_is_so_at_any_instant_of_its_quarter(city: Snapshot) -> None:
    lon, lat = city.lonlat[5].tolist()
    square = ((lon - 0.01, lat - 0.01), (lon + 0.01, lat - 0.01), (lon, lat + 0.01))
    begins = NOW + timedelta(minutes=7)
    zone = NoticeZone("n-1", ZoneEffect.CLOSED, begins, begins + HOUR, ((*square, square[0]),))
    overlay = Overlay({}, (zone,))
    for quarter, is_closed in ((-15, False), (0, True), (15, True), (60, True), (75, False)):
        at = NOW + timedelta(minutes=quarter)
        laid = overlay.over(city, at, cells.QUARTER)
        assert (laid is not None and 5 in laid.closed_by) is is_closed


def test_a_tile_counts_what_is_closed_as_closed(city: Snapshot) -> None:
    found = zones(city, 2)
    laid, shut = over(city, found), closed(city, found, NOW)
    assert laid is not None
    under = laid.judged
    hours = under.hours_by_minute.at(NOW)
    whole = tiles.tile(under, 0, 0, 0, Filter(kinds=EVERY), hours)
    states = city.hours_by_minute.at(NOW).states[city.index.links[:, 1]]
    is_open = np.isin(states, (State.OPEN, State.CLOSING_SOON))
    is_open[list(shut)] = False
    assert sum(each.open for each in whole.clusters) == int(is_open.sum())
    assert sum(each.places for each in whole.clusters) == len(city)


def test_rows_inside_are_kept_and_frozen(city: Snapshot) -> None:
    rings = zones(city, 3)[0].polygons
    rows = rows_inside(city, rings)
    assert rows_inside(city, rings) is rows
    assert not rows.flags.writeable
    assert len(rows_inside(city, ())) == 0
