"""Under what riders say answers are those of a city in which it is so."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from geodata.hours.table import UNKNOWN_ROW
from geodata.hours.timeline import State
from geodata.search import along as along_room
from geodata.search import nearest as nearest_room
from geodata.search import reported
from geodata.search.along import Trip
from geodata.search.filter import Filter, Open
from geodata.search.nearest import Question
from geodata.snapshot.overlay import Laid, Overlay, PlaceSaid, ReportType, SaidAlike
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Kind, Need, Service
from tests import makers

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVERY = tuple(Kind)


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(800, 12, seed=5))


def said(kind: ReportType, riders: int = 2) -> SaidAlike:
    return SaidAlike(kind, riders, NOW - HOUR, NOW + HOUR)


def laid(city: Snapshot, what: dict[int, tuple[SaidAlike, ...]], at: datetime = NOW) -> Laid:
    places = {city.id_of(row): PlaceSaid(each) for row, each in what.items()}
    found = Overlay(places).over(city, at)
    assert found is not None
    return found


def spoken(city: Snapshot, seed: int = 1) -> dict[int, tuple[SaidAlike, ...]]:
    """A third of all places, of which something is said."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(city))[: len(city) // 3].tolist()
    kinds = [
        ReportType.CLOSED,
        ReportType.FULL,
        ReportType.OPEN,
        ReportType.NO_WATER,
        ReportType.NO_POWER,
        ReportType.NO_ENTRY,
    ]
    return {
        row: tuple(said(kind, int(rng.integers(1, 4))) for kind in rng.permutation(kinds)[:2])
        for row in rows
    }


def question(city: Snapshot, row: int, wanted: Filter, k: int = 10) -> Question:
    lon, lat = city.lonlat[row].tolist()
    return Question(lon, lat, NOW, k, 20_000.0, wanted)


def brute(city: Snapshot, what: dict[int, tuple[SaidAlike, ...]], asked: Question) -> list[int]:
    """All places by distance, each judged by itself."""
    every = nearest_room.nearest_many(
        city,
        np.array([[asked.lon, asked.lat]]),
        Question(asked.lon, asked.lat, NOW, 50, 20_000.0, Filter(kinds=EVERY)),
    )
    judged = asked.filter.open is Open.NOW
    hours = city.hours_by_minute.at(NOW)
    found = []
    for row in every.rows[0].tolist():
        if row < 0:
            break
        types = {each.type for each in what.get(row, ()) if each.riders >= 2}
        lacking = types & {ReportType.NO_WATER}
        if lacking and {Need.WATER, Need.HEAT_FOOD} & set(asked.filter.needs):
            continue
        if ReportType.NO_POWER in types and Need.RECHARGE in asked.filter.needs:
            continue
        bits = city.index.words[row, 0] >> 48
        if any(not bits & (1 << list(Need).index(need)) for need in asked.filter.needs):
            continue
        if judged:
            if types & {ReportType.CLOSED, ReportType.FULL, ReportType.NO_ENTRY}:
                continue
            opened = ReportType.OPEN in types and city.hours_row(row) == 0
            state = hours.state(city.hours_row(row))
            unknown = state == State.UNKNOWN and not opened
            if unknown and not asked.filter.include_unknown:
                continue
            if not unknown and not opened and state not in (State.OPEN, State.CLOSING_SOON):
                continue
        found.append(row)
    return found


@pytest.mark.parametrize("include_unknown", [True, False])
@pytest.mark.parametrize("opening", [Open.NOW, Open.ANY])
@pytest.mark.parametrize("needs", [(), (Need.WATER,), (Need.RECHARGE, Need.REST)])
def test_nearest_equals_brute_force(
    city: Snapshot, needs: tuple[Need, ...], opening: Open, include_unknown: bool
) -> None:
    what = spoken(city)
    over = laid(city, what)
    wanted = Filter(kinds=EVERY, needs=needs, open=opening, include_unknown=include_unknown)
    compared = 0
    for row in range(0, len(city), 97):
        asked = question(city, row, wanted, k=5)
        found = reported.nearest(city, over, asked).rows
        expected = brute(city, what, asked)[:5]
        if opening is Open.ANY:
            expected.sort(key=lambda each: each in over.shut)
        if len(expected) == asked.k:  # fewer: the rest lies beyond the fifty nearest
            assert found == expected
            compared += 1
    assert compared >= 3


def test_a_shut_place_stands_last_and_does_not_vanish(city: Snapshot) -> None:
    asked = question(city, 7, Filter(kinds=EVERY), k=6)
    plain = nearest_room.nearest(city, asked)
    over = laid(city, {plain.rows[0]: (said(ReportType.CLOSED),)})
    found = reported.nearest(city, over, asked)
    assert found.rows == [*plain.rows[1:], plain.rows[0]]
    assert found.metres == [*plain.metres[1:], plain.metres[0]]
    many = reported.nearest_many(city, over, np.array([[asked.lon, asked.lat]]), asked)
    assert many.rows[0].tolist() == found.rows


def test_a_place_of_unknown_hours_is_open_where_riders_say_so_and_none_that_it_is_shut(
    city: Snapshot,
) -> None:
    unknown = [row for row in range(len(city)) if city.hours_row(row) == UNKNOWN_ROW][:2]
    known = next(row for row in range(len(city)) if city.hours_row(row) != UNKNOWN_ROW)
    is_open, is_shut = said(ReportType.OPEN), said(ReportType.CLOSED)
    over = laid(city, {unknown[0]: (is_open,), unknown[1]: (is_open, is_shut), known: (is_open,)})
    assert (over.opened, over.shut) == ({unknown[0]}, {unknown[1]})
    for what, row in ((is_open, unknown[0]), (is_shut, known)):
        alone = laid(city, {row: (what,)})
        assert alone.judged is not alone.plain, "hours are judged by either alone"


def test_one_rider_alone_changes_nothing(city: Snapshot) -> None:
    asked = question(city, 7, Filter(kinds=EVERY, open=Open.NOW), k=6)
    plain = nearest_room.nearest(city, asked)
    over = laid(city, {row: (said(ReportType.CLOSED, 1),) for row in plain.rows})
    assert reported.nearest(city, over, asked).rows == plain.rows


@pytest.mark.parametrize("opening", [Open.NOW, Open.AT_ARRIVAL])
def test_along_leaves_out_what_is_shut(city: Snapshot, opening: Open) -> None:
    path = city.lonlat[[3, 40]].copy()
    trip = Trip(path, NOW, 8, 5_000.0, Filter(kinds=EVERY, open=opening))
    plain = along_room.along(city, trip)
    shut = [stop.row for stop in plain.stops[:3]]
    over = laid(city, {row: (said(ReportType.NO_ENTRY),) for row in shut})
    found = [stop.row for stop in reported.along(city, over, trip).stops]
    assert set(shut).isdisjoint(found)
    assert found[:5] == [stop.row for stop in plain.stops[3:]]


def test_no_water_leaves_the_microwave(city: Snapshot) -> None:
    def has(row: int, word: Service) -> int:
        return city.services(row) >> list(Service).index(word) & 1

    row = next(
        r for r in range(len(city)) if has(r, Service.MICROWAVE) and has(r, Service.HOT_WATER)
    )
    over = laid(city, {row: (said(ReportType.NO_WATER),)})

    def first(**wanted: object) -> int:
        return reported.nearest(
            city, over, question(city, row, Filter(kinds=EVERY, **wanted))
        ).rows[0]

    assert first(services=(Service.MICROWAVE,)) == row
    assert first(services=(Service.HOT_WATER,)) != row
    assert first(needs=(Need.HEAT_FOOD,)) != row


def test_before_and_after_nothing_is_said(city: Snapshot) -> None:
    overlay = Overlay({city.id_of(3): PlaceSaid((said(ReportType.CLOSED),))})
    assert overlay.over(city, NOW + HOUR) is None
    assert overlay.over(city, NOW - 2 * HOUR) is None
    assert overlay.over(city, NOW) is overlay.over(city, NOW + HOUR / 2)


def test_places_that_are_no_longer_there_are_left_out(city: Snapshot) -> None:
    overlay = Overlay({"st-none": PlaceSaid((said(ReportType.CLOSED),), date(2026, 11, 1))})
    assert overlay.over(city, NOW) is None


def test_the_snapshot_itself_stays_as_it_was(city: Snapshot) -> None:
    words, links = city.index.words.copy(), city.index.links.copy()
    laid(city, spoken(city))
    assert np.array_equal(words, city.index.words)
    assert np.array_equal(links, city.index.links)
