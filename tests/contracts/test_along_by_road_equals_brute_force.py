"""On my way by road: every answer equals two shortest paths over all segments to each spot, judged
place by place.
"""

import math
from datetime import timedelta

import numpy as np
import pytest

from geodata.hours.timeline import open_through
from geodata.search.along import Trip, along
from geodata.search.filter import Filter, Open, Order, mask_of
from geodata.space.coordinates import geodesic_m
from geodata.space.tangent import out_of_tangent
from geodata.vocabulary import Kind, Mode, Need
from tests import makers, town
from tests.contracts.test_fastest_equals_brute_force import City, Floats, Ints, Oracle, Spot

SIDE = 12
TRIPS = 250
#: Where trips end: the way on from each spot costs the oracle a search of its own.
ENDS = 6
#: A street's least detour is looked for among spots so many to the segment: this near a limit
#: nobody is asked.
SAMPLES = 400
NEAR_M = 0.5


class Ways:
    """Of one mode: the spots of rows on the oracle's segments, and the way on from each to some
    ends.
    """

    def __init__(self, city: City, mode: Mode, ends: Floats) -> None:
        self.oracle: Oracle = city.oracles[mode]
        rows, stands = city.spots[mode]
        self.spots = [[spot] for stand in stands for spot in stand]
        self.rows: Ints = np.repeat(rows, [len(stand) for stand in stands])
        snapped = {tuple(end): self.oracle.snap(*end) for end in ends.tolist()}
        self.ends = {end: stand for end, stand in snapped.items() if stand and stand[0][0] >= 0}
        self.on_s = {
            end: [self._time(spot, there) for spot in self.spots]
            for end, there in self.ends.items()
        }

    def _time(self, stand: list[Spot], there: list[Spot]) -> float:
        return float(self.oracle.times(stand, [there])[0]) if stand[0][0] >= 0 else math.inf


def straight_m(city: City, path: Floats) -> Floats:
    """The geodesic detour over every row; of a street the least of many spots of each segment."""
    index, (a, b) = city.snapshot.index, path
    detours = []
    for row in range(len(city.snapshot)):
        spots = city.snapshot.lonlat[row : row + 1]
        if city.snapshot.is_line(row):
            line = row - city.snapshot.first_line
            vertices = np.array(
                [
                    out_of_tangent(v, index.tangent)
                    for v in index.vertices[slice(*index.starts[line : line + 2])]
                ]
            )
            share = np.linspace(0, 1, SAMPLES)[:, None, None]
            spots = (vertices[:-1] + share * (vertices[1:] - vertices[:-1])).reshape(-1, 2)
        over = geodesic_m(*a, *spots.T) + geodesic_m(*spots.T, *b) - geodesic_m(*a, *b)
        detours.append(float(np.min(over)))
    return np.array(detours)


def expected(
    city: City, ways: Ways, trip: Trip, detours_m: Floats
) -> tuple[list[str], dict[str, float]] | None:
    """Ids by detour then id, then the cut off by geodesic detour; and the detour of each."""
    here = ways.oracle.snap(*trip.path[0].tolist())
    if here is None or here[0][0] < 0:
        return None
    end = tuple(trip.path[1].tolist())
    direct = float(ways.oracle.times(here, [ways.ends[end]])[0])
    to_s = ways.oracle.times(here, ways.spots)
    over = np.maximum(to_s + np.array(ways.on_s[end]) - direct, 0.0)
    least: dict[str, float] = {}
    for spot, row in enumerate(ways.rows.tolist()):
        place = city.snapshot.id_of(row)
        better = math.isfinite(over[spot]) and over[spot] < least.get(place, math.inf)
        if (
            better
            and detours_m[row] <= trip.max_detour_m
            and passes(city, trip, row, float(to_s[spot]))
        ):
            least[place] = float(over[spot])
    reached = sorted(least, key=lambda place: (least[place], place))
    apart = set(range(len(city.snapshot))) - set(ways.rows[np.isfinite(over)].tolist())
    if trip.filter.open is Open.AT_ARRIVAL:
        apart = set()
    wanted = [
        row for row in apart if detours_m[row] <= trip.max_detour_m and passes(city, trip, row, 0.0)
    ]
    wanted.sort(key=lambda row: (max(detours_m[row], 0.0), city.snapshot.id_of(row)))
    return reached + [city.snapshot.id_of(row) for row in wanted], least


def passes(city: City, trip: Trip, row: int, seconds: float) -> bool:
    wanted, snapshot, minute_hours = (
        trip.filter,
        city.snapshot,
        city.snapshot.hours_by_minute.at(trip.at),
    )
    mask = mask_of(wanted, None)
    offer, entry = snapshot.index.words[row].tolist()
    if mask is not None and (
        (offer & mask.all_of) != mask.all_of or (mask.any_kind and not entry & mask.any_kind)
    ):
        return False
    hours_row = snapshot.hours_row(row)
    if wanted.open is Open.NOW:
        return bool(
            minute_hours.passing(always=False, soon=False, include_unknown=wanted.include_unknown)[
                hours_row
            ]
        )
    if wanted.open is Open.AT_ARRIVAL:
        line, now = (
            minute_hours.line,
            minute_hours.minute + (trip.at - minute_hours.at).total_seconds() / 60,
        )
        return open_through(
            line.offsets,
            line.starts,
            line.ends,
            line.states,
            hours_row,
            now + seconds / 60,
            float(trip.stay_min),
            0.0,
            wanted.include_unknown,
        )
    return True


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> City:
    file = town.random_town(3, SIDE).write(tmp_path_factory.mktemp("grid") / "grid.osm")
    return City(file, town.random_places(3, 90, SIDE * 150.0))


@pytest.mark.parametrize("mode", list(Mode))
def test_the_least_detour_equals_two_shortest_paths_to_every_spot(grid: City, mode: Mode) -> None:
    rng = np.random.default_rng(7)
    low, high = np.array(town.degrees(0, 0)), np.array(town.degrees(SIDE * 150.0, SIDE * 150.0))
    ways = Ways(grid, mode, rng.uniform(low, high, (ENDS, 2)))
    ends = list(ways.ends)
    answered = 0
    for _ in range(TRIPS):
        path = np.array([rng.uniform(low, high), ends[rng.integers(len(ends))]])
        kinds = (
            tuple(map(Kind, rng.choice(list(Kind), 2, replace=False).tolist()))
            if rng.random() < 0.4
            else ()
        )
        needs = (Need.WATER,) if rng.random() < 0.3 else ()
        opening = Open(str(rng.choice(["any", "now", "at_arrival"])))
        wanted = Filter(kinds, needs, open=opening, include_unknown=bool(rng.integers(2)))
        trip = Trip(
            path,
            makers.NIGHT + timedelta(minutes=int(rng.integers(0, 1440))),
            int(rng.integers(1, 12)),
            float(rng.choice([150, 1_000, 20_000])),
            wanted,
            mode,
            int(rng.choice([0, 30])),
            by=Order.TIME,
        )
        detours_m = straight_m(grid, path)
        want = expected(grid, ways, trip, detours_m)
        if want is None or np.any(np.abs(detours_m - trip.max_detour_m) < NEAR_M):
            continue
        found = along(grid.snapshot, trip, grid.roads)
        ids, least = want
        assert found.off_m is not None
        assert [grid.snapshot.id_of(stop.row) for stop in found.stops] == ids[: trip.k], trip
        assert found.more == (len(ids) > trip.k)
        for stop in found.stops:
            assert stop.detour_s is not None
            told = least.get(grid.snapshot.id_of(stop.row), math.nan)
            assert np.isclose(stop.detour_s, told, rtol=1e-9, atol=1e-4, equal_nan=True)
            assert abs(stop.detour_m - max(0.0, detours_m[stop.row])) < NEAR_M
        answered += len(found.stops) > 0
    assert answered > 0.4 * TRIPS
