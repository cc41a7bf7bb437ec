"""On my way: the list equals every detour worked out by pyproj.Geod over every leg, least first,
ties by id.
"""

import itertools
import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.random import Generator
from numpy.typing import NDArray
from pyproj import Geod

from geodata.errors import BadQuestion, OutsideArea
from geodata.estimate import SPEED_M_S, eta
from geodata.hours.timeline import State, states_at, timeline
from geodata.pipeline.freeze import freeze
from geodata.places.table import validate
from geodata.search.along import MOST_POINTS, Stops, Trip, along
from geodata.search.filter import Filter, Open
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import geodesic_m
from geodata.vocabulary import Kind, Mode
from tests import makers
from tests.contracts.test_nearest_equals_brute_force import Oracle, random_filter
from tests.makers import TIMEZONE

Floats = NDArray[np.float64]
Ranked = list[tuple[str, float]]

GEOD = Geod(ellps="WGS84")
#: Each of the three distances in a detour is within 0.1 mm up to 90 km: nearer, which comes first
#: is nobody's to say.
TIE_M = 3e-4
STREET_M = 1e-2
LOW = np.array([makers.WEST, makers.SOUTH]) + 1e-6
ALL_KINDS = Filter(kinds=tuple(Kind))
HIGH = np.array([makers.EAST, makers.NORTH]) - 1e-6


class City:
    """Points only, with the plain columns that filters are judged by."""

    def __init__(self, size: int, seed: int) -> None:
        table, _ = validate(makers.random_city(size, seed=seed))
        self.snapshot = freeze(table, makers.about(), makers.calendar(), makers.OUTLINE).snapshot()
        self.oracle = Oracle.of(table)

    def detours(self, path: Floats, rows: NDArray[np.int64]) -> Floats:
        """Of each row and leg, shape (rows, legs)."""
        lon, lat = self.oracle.lonlat[rows].T[:, :, None]
        to_vertex = geodesic_m(lon, lat, path[:, 0], path[:, 1])
        return to_vertex[:, :-1] + to_vertex[:, 1:] - legs_m(path)

    def along(self, trip: Trip) -> Ranked:
        rows = np.flatnonzero(self.oracle.passes(trip.filter, trip.at))
        return ranked(self.oracle.ids[rows], self.detours(trip.path, rows).min(axis=1))


def legs_m(path: Floats) -> Floats:
    return geodesic_m(path[:-1, 0], path[:-1, 1], path[1:, 0], path[1:, 1])


def ranked(ids: NDArray[Any], detours_m: Floats) -> Ranked:
    """All of them, beyond the longest detour too."""
    order = np.lexsort((ids.astype(str), detours_m))
    return [(str(ids[i]), float(detours_m[i])) for i in order]


@pytest.fixture(scope="module")
def city() -> City:
    return City(2_000, 7)


def random_path(rng: Generator) -> Floats:
    """Two points anywhere; a ride of some bends; there and back; or one spot, twice."""
    start = makers.clustered(rng, 1)
    match rng.integers(0, 6):
        case 0 | 1 | 2:
            path = np.concatenate([start, makers.clustered(rng, 1)])
        case 3:
            path = start + np.cumsum(rng.normal(0, 0.01, (rng.integers(2, 12), 2)), axis=0)
        case 4:
            path = np.concatenate([start, start + rng.normal(0, 0.02, 2), start])
        case _:
            path = np.concatenate([start, start])
    return np.clip(path, LOW, HIGH)


def random_trip(rng: Generator) -> Trip:
    at = datetime(2026, 1, 1, tzinfo=TIMEZONE) + timedelta(
        minutes=int(rng.integers(0, 24)) * 20_000 + 437
    )
    most_m = float(rng.choice([0.0, 50.0, 1_000.0, 20_000.0]))
    return Trip(random_path(rng), at, int(rng.choice([1, 3, 10, 50])), most_m, random_filter(rng))


def assert_same(found: Stops, snapshot: Snapshot, want: Ranked, trip: Trip) -> None:
    """Ids in order, unless detours are equal but for rounding.

    So for what the longest detour cuts off.
    """
    surely, perhaps = (
        sum(metres <= trip.max_detour_m + slack for _, metres in want) for slack in (-TIE_M, TIE_M)
    )
    got = found.stops
    assert min(surely, trip.k) <= len(got) <= min(perhaps, trip.k)
    assert surely <= trip.k if not found.more else perhaps > trip.k
    detours = dict(want)
    for stop, (want_id, want_m) in zip(got, want, strict=False):
        assert abs(stop.detour_m - want_m) <= TIE_M
        if snapshot.id_of(stop.row) != want_id:
            assert abs(detours[snapshot.id_of(stop.row)] - want_m) <= TIE_M


def test_1600_trips_past_2000_places_have_the_oracles_answer(city: City) -> None:
    rng = np.random.default_rng(1)
    sides, hits = set(), 0
    for _ in range(1_600):
        trip = random_trip(rng)
        found = along(city.snapshot, trip)
        assert_same(found, city.snapshot, city.along(trip), trip)
        sides.add(bool(trip.path[0, 0] < 114.0))
        hits += len(found.stops)
    assert sides == {True, False}
    assert hits > 4_000


def test_between_two_points_a_path_and_its_ends_are_the_same_question(city: City) -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        ends = np.clip(makers.clustered(rng, 2), LOW, HIGH)
        plain = along(city.snapshot, Trip(ends, makers.DAY, 20)).stops
        traced = along(city.snapshot, Trip(ends, makers.DAY, 20, traced=True)).stops
        assert [stop[:4] for stop in plain] == [stop[:4] for stop in traced]


def test_where_vertices_stand_close_the_detour_is_twice_the_way_from_the_path(city: City) -> None:
    dense = np.linspace([113.95, 22.54], [114.06, 22.55], 900)
    for stop in along(city.snapshot, Trip(dense, makers.DAY, 50)).stops:
        assert 0.0 <= 2.0 * stop.distance_m - stop.detour_m <= 13.0  # a leg is 12.6 m long


def test_twins_keep_the_order_of_their_ids(city: City) -> None:
    rng, twins = np.random.default_rng(3), 0
    for _ in range(100):
        found = along(city.snapshot, Trip(random_path(rng), makers.DAY, 50, 20_000.0)).stops
        for first, second in itertools.pairwise(found):
            assert first.detour_m <= second.detour_m
            if first.detour_m == second.detour_m:
                assert city.snapshot.id_of(first.row) < city.snapshot.id_of(second.row)
                twins += 1
    assert twins > 20


def test_the_spot_of_the_way_nearest_to_a_place_is_where_pyproj_finds_it(city: City) -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        path = np.clip(makers.clustered(rng, 2), LOW, HIGH)
        for stop in along(city.snapshot, Trip(path, makers.DAY, 5)).stops:
            azimuth, _, leg_m = GEOD.inv(*path[0], *path[1])
            along_m, off_m = nearest_on_leg(path[0], azimuth, leg_m, city.snapshot.lonlat[stop.row])
            assert abs(stop.distance_m - off_m) <= 0.05
            assert abs(stop.along_m - along_m) <= 0.05


def nearest_on_leg(
    start: Floats, azimuth: float, leg_m: float, spot: Floats
) -> tuple[float, float]:
    """By trisection of the geodesic: slow and obvious."""

    def off(at_m: float) -> float:
        lon, lat, _ = GEOD.fwd(*start, azimuth, at_m)
        return float(GEOD.inv(lon, lat, *spot)[2])

    low, high = 0.0, leg_m
    for _ in range(80):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, right) if off(left) <= off(right) else (left, high)
    return low, off(low)


# --- streets ---


@pytest.fixture(scope="module")
def streets() -> tuple[Snapshot, dict[str, Floats]]:
    table, _ = validate(makers.random_city(100, lines=60, seed=5))
    snapshot = freeze(table, makers.about(), makers.calendar(), makers.OUTLINE).snapshot()
    shapes = zip(table["id"], table.geometry, strict=True)
    return snapshot, {str(key): shapely.get_coordinates(shape) for key, shape in shapes}


def street_detour_m(path: Floats, shape: Floats) -> float:
    """The least over every leg and a spot every four metres of a street.

    The true one is at most as long.
    """
    lengths = np.maximum(
        2, np.ceil(np.linalg.norm(np.diff(shape, axis=0), axis=1) * 28_000).astype(int) + 1
    )
    parts = [np.linspace(a, b, n) for a, b, n in zip(shape[:-1], shape[1:], lengths, strict=True)]
    spots = np.concatenate(parts) if parts else shape
    to_vertex = geodesic_m(spots[:, :1], spots[:, 1:], path[:, 0], path[:, 1])
    return float((to_vertex[:, :-1] + to_vertex[:, 1:] - legs_m(path)).min())


def test_streets_and_points_are_ranked_together_by_the_spot_of_a_street_that_suits_best(
    streets: tuple[Snapshot, dict[str, Floats]],
) -> None:
    snapshot, shapes = streets
    rng, entered = np.random.default_rng(6), 0
    ids = np.array(sorted(shapes))
    for _ in range(40):
        trip = Trip(random_path(rng), makers.DAY, 20, 20_000.0, ALL_KINDS)
        detours_m = np.array([street_detour_m(trip.path, shapes[key]) for key in ids])
        stops = along(snapshot, trip).stops
        assert len(stops) == min(20, sum(detours_m <= 20_000.0))
        for stop, (_, want_m) in zip(stops, ranked(ids, detours_m), strict=False):
            own_m = detours_m[ids.tolist().index(snapshot.id_of(stop.row))]
            assert -4.0 <= stop.detour_m - own_m <= STREET_M
            assert stop.detour_m - want_m <= STREET_M
            entered += stop.entry is not None
    assert entered > 50


def test_a_street_is_entered_on_its_line_and_the_detour_leads_over_that_spot(
    streets: tuple[Snapshot, dict[str, Floats]],
) -> None:
    snapshot, shapes = streets
    rng = np.random.default_rng(7)
    for _ in range(100):
        path = np.clip(makers.clustered(rng, 2), LOW, HIGH)
        for stop in along(snapshot, Trip(path, makers.DAY, 50, 20_000.0)).stops:
            assert (stop.entry is not None) == snapshot.is_line(stop.row)
            if stop.entry:
                assert (
                    shapely.LineString(shapes[snapshot.id_of(stop.row)]).distance(
                        shapely.Point(stop.entry)
                    )
                    < 1e-7
                )
                over_m = sum(float(geodesic_m(*end, *stop.entry)) for end in path)
                assert abs(over_m - legs_m(path)[0] - stop.detour_m) <= STREET_M


# --- open when one gets there ---


def open_on(states: NDArray[np.uint8], arrive_min: float, stay_min: int, wanted: Filter) -> bool:
    """Minute by minute of the stay."""
    passing = {State.OPEN, State.CLOSING_SOON} | (
        {State.UNKNOWN} if wanted.include_unknown else set()
    )
    first = math.floor(arrive_min)
    last = max(first, math.ceil(arrive_min + stay_min) - 1)
    return all(states[minute] in passing for minute in range(first, last + 1))


@pytest.mark.parametrize("traced", [False, True])
def test_a_place_counts_by_the_legs_on_which_it_is_open_when_one_gets_there(traced: bool) -> None:
    town = City(300, 11)
    midnight = datetime(2026, 10, 3, tzinfo=TIMEZONE)
    line = timeline(
        town.snapshot.hours_by_minute.table,
        town.snapshot.hours_by_minute.calendar,
        midnight.date(),
        9,
    )
    minutes = np.stack([states_at(line, minute) for minute in range(8 * 1440)], axis=1)
    row_of = [town.snapshot.row_of(str(key)) for key in town.oracle.ids]
    hours = [town.snapshot.hours_row(row) for row in row_of]
    rng, found = np.random.default_rng(8), 0
    for _ in range(120):
        mode, stay_min = (
            Mode(rng.choice([str(word) for word in SPEED_M_S])),
            int(rng.choice([0, 30, 240])),
        )
        wanted = replace(ALL_KINDS, open=Open.AT_ARRIVAL, include_unknown=bool(rng.integers(2)))
        at = midnight + timedelta(seconds=int(rng.integers(0, 86_400)))
        trip = Trip(random_path(rng), at, 10, 5_000.0, wanted, mode, stay_min, traced)
        before_m = np.concatenate([[0.0], np.cumsum(legs_m(trip.path))])
        ridden_s = before_m[:-1] / SPEED_M_S[mode] if traced else np.zeros(len(before_m) - 1)
        detours = town.detours(trip.path, np.arange(300))
        to_m = geodesic_m(*town.oracle.lonlat.T[:, :, None], *trip.path[:-1].T)
        way_m = to_m if traced else before_m[:-1] + to_m
        way_s = np.array([[eta(each, mode).eta_s for each in ways] for ways in way_m.tolist()])
        arrive = (at - midnight) / timedelta(minutes=1) + (ridden_s + way_s) / 60.0
        for place, leg in np.argwhere(detours <= trip.max_detour_m + 1.0):
            if not open_on(minutes[hours[place]], arrive[place, leg], stay_min, wanted):
                detours[place, leg] = np.inf
        answer = along(town.snapshot, trip)
        assert_same(answer, town.snapshot, ranked(town.oracle.ids, detours.min(axis=1)), trip)
        found += len(answer.stops)
    assert found > 500


# --- what is told, and refused ---


def test_the_time_to_a_place_leads_along_the_way_and_a_traced_path_counts_as_it_is(
    city: City,
) -> None:
    path = np.array([[113.95, 22.54], [114.00, 22.54], [114.05, 22.55]])
    for mode in Mode:
        for stop in along(city.snapshot, Trip(path, makers.DAY, 20, mode=mode)).stops:
            leg = int(stop.along_m > legs_m(path)[0])
            to_m = float(geodesic_m(*path[leg], *city.snapshot.lonlat[stop.row]))
            assert stop.way.eta_s == pytest.approx(
                eta(leg * legs_m(path)[0] + to_m, mode).eta_s, abs=0.1
            )
        for stop in along(city.snapshot, Trip(path, makers.DAY, 20, mode=mode, traced=True)).stops:
            leg = int(stop.along_m > legs_m(path)[0])
            to_m = float(geodesic_m(*path[leg], *city.snapshot.lonlat[stop.row]))
            ridden_s = leg * legs_m(path)[0] / SPEED_M_S[mode]
            assert stop.way.least_s == pytest.approx(ridden_s + eta(to_m, mode).least_s, abs=0.1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"k": 0}, "k = 0"),
        ({"max_detour_m": 20_001.0}, "max_detour_m"),
        ({"max_detour_m": math.nan}, "max_detour_m"),
        ({"path": np.array([[114.0, 22.5]])}, "2–1000 are taken"),
        ({"path": np.full((MOST_POINTS + 1, 2), [114.0, 22.5])}, "2–1000 are taken"),
        ({"at": makers.DAY.replace(tzinfo=None)}, "no time zone"),
    ],
)
def test_a_trip_that_nothing_could_answer_is_refused(changes: dict[str, Any], reason: str) -> None:
    path = np.array([[114.0, 22.5], [114.1, 22.6]])
    with pytest.raises(BadQuestion, match=reason):
        Trip(**{"path": path, "at": makers.DAY, **changes})


def test_a_path_too_long_for_a_day_or_out_of_the_area_is_refused(city: City) -> None:
    ends = np.array([[113.75, 22.45], [114.65, 22.85]])
    with pytest.raises(BadQuestion, match="at most 300 km"):
        along(city.snapshot, Trip(np.tile(ends, (10, 1)), makers.DAY))
    with pytest.raises(OutsideArea):
        along(city.snapshot, Trip(np.array([ends[0], [22.5, 114.0]]), makers.DAY))
