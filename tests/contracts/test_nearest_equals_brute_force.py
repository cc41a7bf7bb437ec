"""Whatever is asked, the search answers what pyproj.Geod says of every single place, by distance,
then id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import repeat
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from geodata.hours.timeline import State, compile_hours, status
from geodata.index.spatial import CHUNK, Index, densify, tree_order
from geodata.pipeline import freeze as freeze_room
from geodata.places.table import validate
from geodata.search.filter import Filter, Open, Register, hours_asked, hours_ok, mask_of
from geodata.search.nearest import Question, nearest
from geodata.snapshot.records import Record
from geodata.snapshot.snapshot import Snapshot
from geodata.space.tangent import MAX_REACH_M
from geodata.vocabulary import SERVES, Audience, Door, Kind, Need, Service
from tests import makers

Floats = NDArray[np.float64]
Found = Sequence[tuple[str, float, float]]

GEOD = Geod(ellps="WGS84")
TO_ECEF = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)

#: Distances that pyproj itself gives to 15 nm (Karney 2013): nearer than this, which comes first is
#: nobody's to say.
TIE_M = 1e-6
DISTANCE_M = 1e-3
NO_HOURS = makers.HOURS.index(None)
LINE_M = 1e-2


# --- the oracle: all places as plain columns, every distance by pyproj ---


@dataclass(frozen=True)
class Oracle:
    """A checked places table (points only), column by column, in the order of ids."""

    ids: NDArray[Any]
    lonlat: Floats
    xyz: Floats
    kind: NDArray[Any]
    door: NDArray[Any]
    hours: NDArray[Any]
    services: dict[str, NDArray[np.bool_]]
    audience: dict[str, NDArray[np.bool_]]
    register_first: NDArray[np.bool_]

    @classmethod
    def of(cls, table: gpd.GeoDataFrame) -> "Oracle":
        lonlat = shapely.get_coordinates(table.geometry)
        return cls(
            ids=table["id"].to_numpy(object),
            lonlat=lonlat,
            xyz=np.stack(
                TO_ECEF.transform(lonlat[:, 0], lonlat[:, 1], np.zeros(len(lonlat))), axis=1
            ),
            kind=table["kind"].to_numpy(object),
            door=table["door"].to_numpy(object),
            hours=table["opening_hours"]
            .map({text: i for i, text in enumerate(makers.HOURS) if text})
            .fillna(NO_HOURS)
            .to_numpy(int),
            services={
                word: np.array([word in has for has in table["services"]], dtype=bool)
                for word in Service
            },
            audience={
                word: np.array([word in has for has in table["audience"]], dtype=bool)
                for word in Audience
            },
            register_first=np.array(
                [isinstance(said, str) and '"register":"yes"' in said for said in table["entry"]]
            ),
        )

    def passes(self, wanted: Filter, at: datetime) -> NDArray[np.bool_]:
        ok = np.ones(len(self.ids), dtype=bool)
        for service in wanted.services:
            ok &= self.services[service]
        for need in wanted.needs:
            ok &= _any_of(self.services[service] for service in Service if need in SERVES[service])
        if wanted.kinds:
            ok &= np.isin(self.kind, [str(kind) for kind in wanted.kinds])
        elif not wanted.needs and not wanted.services:
            mostly = (Need.REST, Need.WATER, Need.HEAT_FOOD, Need.RECHARGE)
            serves = [self.services[each] for each in Service if {*SERVES[each]} & {*mostly}]
            ok &= (self.kind != "public_place") | _any_of(serves)
        if wanted.door:
            ok &= np.isin(self.door, [str(door) for door in wanted.door])
        if wanted.audience:
            unstated = ~_any_of(self.audience.values())
            ok &= _any_of(self.audience[who] for who in wanted.audience) | (
                unstated & wanted.include_unknown
            )
        if wanted.register is Register.NO:
            ok &= ~self.register_first
        if wanted.open is not Open.ANY:
            ok &= np.array([hours_pass(text, wanted, at) for text in makers.HOURS])[self.hours]
        return ok

    def nearest(self, question: Question) -> Found:
        """Id, geodesic metres and azimuth of the k nearest."""
        rows = np.flatnonzero(self.passes(question.filter, question.at))
        if len(self.ids) > 10_000:
            rows = self._not_beaten(rows, question)
        azimuth, _, metres = _inverse(question.lon, question.lat, self.lonlat[rows])
        order = np.lexsort((self.ids[rows].astype(str), metres))
        order = order[metres[order] <= question.max_distance_m][: question.k]
        return [(self.ids[rows[i]], metres[i], azimuth[i] % 360.0) for i in order]

    def _not_beaten(self, rows: NDArray[np.int64], question: Question) -> NDArray[np.int64]:
        """Leave out what k others beat for certain: up to 50 km an arc is at most 3e-6 longer than
        its chord.
        """
        here = np.array(TO_ECEF.transform(question.lon, question.lat, 0.0))
        chords = np.linalg.norm(self.xyz[rows] - here, axis=1)
        if len(rows) <= question.k:
            return rows
        kth = np.partition(chords, question.k - 1)[question.k - 1]
        return rows[chords <= kth * (1.0 + 1e-5) + 0.01]


@cache
def state_of(text: str | None, at: datetime) -> State:
    """Each expression compiled alone and asked alone."""
    table, rows, _ = compile_hours([text])
    return status(table, makers.calendar(), int(rows[0]), at, makers.ZONE).state


def hours_pass(text: str | None, wanted: Filter, at: datetime) -> bool:
    state = state_of(text, at)
    if state is State.UNKNOWN and wanted.include_unknown:
        return True
    if wanted.open is Open.ALWAYS:
        return text in ("24/7", "Mo-Su,PH 00:00-24:00")
    return state in (State.OPEN, State.CLOSING_SOON)


def _any_of(flags: Any) -> NDArray[np.bool_]:
    return np.logical_or.reduce(list(flags))


def _inverse(lon: float, lat: float, lonlat: Floats) -> tuple[Floats, Floats, Floats]:
    there = lonlat.reshape(-1, 2)
    return GEOD.inv(
        np.full(len(there), lon), np.full(len(there), lat), there[:, 0].copy(), there[:, 1].copy()
    )


def line_metres(lon: float, lat: float, line: Floats) -> float:
    """The least geodesic distance to a polyline: each densified segment cut into ever smaller
    pieces round its best.
    """
    dense = densify(line)
    a, b = dense[:-1], dense[1:]
    low, high = np.zeros(len(a)), np.ones(len(a))
    least = np.inf
    for _ in range(6):
        t = low + (high - low) * np.linspace(0.0, 1.0, 17)[:, None]
        spots = a + (b - a) * t[:, :, None]
        metres = _inverse(lon, lat, spots.reshape(-1, 2))[2].reshape(t.shape)
        best = t[metres.argmin(axis=0), np.arange(len(a))]
        least = min(least, metres.min())
        low, high = (
            np.maximum(0.0, best - (high - low) / 8),
            np.minimum(1.0, best + (high - low) / 8),
        )
    return float(least)


# --- two cities and their questions ---


@dataclass(frozen=True)
class City:
    snapshot: Snapshot
    oracle: Oracle


@pytest.fixture(scope="module")
def city() -> City:
    """As many places as the city published in 2022."""
    table, _ = validate(makers.random_city(4_039, seed=4_039))
    return City(
        freeze_room.freeze(table, makers.about(), makers.calendar(), makers.OUTLINE).snapshot(),
        Oracle.of(table),
    )


@pytest.fixture(scope="module")
def big_city() -> City:
    """200,000 places.

    Their records, which no question reads, are left out: writing them takes most of the time.
    """
    table, _ = validate(makers.random_city(200_000, seed=200_000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            freeze_room,
            "_records",
            lambda places, *_: repeat(Record(b"", b"", b"", b""), len(places)),
        )
        patch.setattr(freeze_room, "_parquet", lambda _: b"")
        snapshot = freeze_room.freeze(
            table, makers.about(), makers.calendar(), makers.OUTLINE
        ).snapshot()
    return City(snapshot, Oracle.of(table))


def some(rng: Generator, words: Any, most: int = 2) -> tuple[Any, ...]:
    members = list(words)
    return tuple(
        members[i] for i in rng.choice(len(members), rng.integers(1, most + 1), replace=False)
    )


def random_filter(rng: Generator) -> Filter:
    """Each part is asked in one filter of three; one filter of four asks nothing."""
    if rng.random() < 0.25:
        return Filter()
    asked = rng.random(7) < 1 / 3
    return Filter(
        kinds=some(rng, Kind) if asked[0] else (),
        needs=some(rng, Need) if asked[1] else (),
        services=some(rng, Service) if asked[2] else (),
        audience=some(rng, Audience) if asked[3] else (),
        door=some(rng, Door) if asked[4] else (),
        open=some(rng, (Open.NOW, Open.ALWAYS), 1)[0] if asked[5] else Open.ANY,
        include_unknown=bool(rng.random() < 0.5),
        register=Register.NO if asked[6] else Register.ANY,
    )


def random_spot(rng: Generator, city: City) -> tuple[float, float]:
    """In a crowd, anywhere, on the very spot of a place, or on the meridian where UTM
    zones meet.
    """
    place = city.oracle.lonlat[rng.integers(0, len(city.oracle.ids))]
    match rng.integers(0, 4):
        case 0:
            lon, lat = place + rng.normal(0, 0.003, 2)
        case 1:
            lon, lat = (
                rng.uniform(makers.WEST, makers.EAST),
                rng.uniform(makers.SOUTH, makers.NORTH),
            )
        case 2:
            lon, lat = place
        case _:
            lon, lat = 114.0, place[1]
    inside = np.clip(
        [lon, lat],
        [makers.WEST + 1e-9, makers.SOUTH + 1e-9],
        [makers.EAST - 1e-9, makers.NORTH - 1e-9],
    )
    return float(inside[0]), float(inside[1])


def random_question(rng: Generator, city: City) -> Question:
    lon, lat = random_spot(rng, city)
    at = datetime(2026, 1, 1, tzinfo=makers.NIGHT.tzinfo) + timedelta(
        minutes=int(rng.integers(0, 24)) * 20_000 + 437
    )
    reach_m = float(rng.choice([300.0, 2_000.0, 5_000.0, MAX_REACH_M]))
    return Question(lon, lat, at, int(rng.choice([1, 2, 5, 10, 50])), reach_m, random_filter(rng))


def answer(city: City, question: Question) -> Found:
    hits = nearest(city.snapshot, question).hits
    return [(city.snapshot.id_of(hit.row), hit.distance_m, hit.bearing_deg) for hit in hits]


def assert_same(
    got: Found, want: Found, tolerance_m: float = DISTANCE_M, tie_m: float = TIE_M
) -> None:
    """The same ids in the same order, unless two distances are equal but not their spots.

    Metres; bearings.
    """
    assert len(got) == len(want)
    for (got_id, got_m, got_deg), (want_id, want_m, want_deg) in zip(got, want, strict=True):
        assert abs(got_m - want_m) <= tolerance_m
        if got_id != want_id:
            other_m = {known: metres for known, metres, _ in want}.get(got_id, got_m)
            assert abs(other_m - want_m) <= tie_m, f"{got_id} came before {want_id}"
        elif want_m > 10.0 and tolerance_m == DISTANCE_M:
            assert abs((got_deg - want_deg + 180.0) % 360.0 - 180.0) <= 0.01


def test_1600_questions_to_4039_places_have_the_oracles_answer(city: City) -> None:
    rng = np.random.default_rng(1)
    sides = set()
    for _ in range(1_600):
        question = random_question(rng, city)
        assert_same(answer(city, question), city.oracle.nearest(question))
        sides.add(question.lon < 114.0)
    assert sides == {True, False}


def test_600_questions_to_200000_places_have_the_oracles_answer(big_city: City) -> None:
    rng = np.random.default_rng(2)
    for _ in range(600):
        question = random_question(rng, big_city)
        assert_same(answer(big_city, question), big_city.oracle.nearest(question))


@pytest.mark.parametrize("include_unknown", [True, False])
@pytest.mark.parametrize(
    "wanted",
    [
        {"kinds": (Kind.DRIVER_HOME,)},
        {"needs": (Need.WATER, Need.TALK)},
        {"services": (Service.AED, Service.SEAT)},
        {"services": (Service.MEALS,)},
        {"audience": (Audience.RIDER,)},
        {"door": (Door.QR, Door.UNKNOWN)},
        {"register": Register.NO},
        {"needs": (Need.LEARN,), "register": Register.NO},
        {"open": Open.NOW},
        {"open": Open.ALWAYS},
        {
            "open": Open.NOW,
            "audience": (Audience.TRUCK_DRIVER,),
            "needs": (Need.REST,),
            "kinds": (Kind.DRIVER_HOME,),
        },
    ],
    ids=str,
)
def test_each_filter_alone_has_the_oracles_answer(
    city: City, wanted: dict[str, Any], include_unknown: bool
) -> None:
    rng = np.random.default_rng(3)
    for at in (makers.NIGHT, makers.DAY, datetime(2026, 10, 3, 21, 40, tzinfo=makers.NIGHT.tzinfo)):
        for _ in range(4):
            lon, lat = random_spot(rng, city)
            question = Question(
                lon, lat, at, 20, MAX_REACH_M, Filter(**wanted, include_unknown=include_unknown)
            )
            assert_same(answer(city, question), city.oracle.nearest(question))


def test_the_filters_are_not_idle(city: City) -> None:
    at = makers.NIGHT
    unsure, sure = Filter(open=Open.NOW), Filter(open=Open.NOW, include_unknown=False)
    assert (
        city.oracle.passes(sure, at).sum()
        < city.oracle.passes(unsure, at).sum()
        < len(city.oracle.ids)
    )


def test_up_to_50_km_distances_are_within_a_millimetre_and_bearings_within_a_hundredth_degree(
    city: City,
) -> None:
    for lon, lat in ((113.71, 22.41), (114.0, 22.6), (114.69, 22.89)):
        rows, reached = city.snapshot.index.nearest(lon, lat, len(city.snapshot))
        azimuth, _, metres = _inverse(lon, lat, city.snapshot.lonlat[rows])
        assert len(rows) > 1_000
        assert reached[:, 0].max() > 45_000
        assert np.abs(reached[:, 0] - metres).max() <= DISTANCE_M
        turned = np.abs((reached[:, 1] - azimuth + 180.0) % 360.0 - 180.0)
        assert turned[metres > 10.0].max() <= 0.01


def test_bearings_stay_within_0_and_360(city: City) -> None:
    _, reached = city.snapshot.index.nearest(114.0, 22.6, len(city.snapshot))
    assert reached[:, 1].min() >= 0.0
    assert reached[:, 1].max() < 360.0


def test_the_reach_is_cut_exactly(city: City) -> None:
    rng = np.random.default_rng(5)
    for _ in range(100):
        lon, lat = random_spot(rng, city)
        tenth_m = city.oracle.nearest(Question(lon, lat, makers.NIGHT, 10, MAX_REACH_M))[9][1]
        for reach_m in (tenth_m - 2e-3, tenth_m + 2e-3):
            question = Question(lon, lat, makers.NIGHT, 50, reach_m)
            assert_same(answer(city, question), city.oracle.nearest(question))


def test_far_away_it_is_the_arc_that_is_cut_and_not_the_chord(city: City) -> None:
    lon, lat = 113.71, 22.41
    rows, _ = city.snapshot.index.nearest(lon, lat, len(city.snapshot))
    metres = _inverse(lon, lat, city.snapshot.lonlat[rows])[2]
    far = np.flatnonzero(metres > 40_000)[::25]  # there a chord is 7 to 13 cm shorter than its arc
    assert len(far) > 5
    for reach_m in (*(metres[far] - 2e-3), *(metres[far] + 2e-3)):
        found, _ = city.snapshot.index.nearest(lon, lat, len(city.snapshot), float(reach_m))
        assert len(found) == np.count_nonzero(metres <= reach_m)


def test_more_than_there_is_gives_all_there_is_and_says_so(city: City) -> None:
    rare = Filter(
        services=(Service.MEALS, Service.HAIRCUT, Service.LAUNDRY),
        open=Open.NOW,
        include_unknown=False,
    )
    question = Question(114.1, 22.6, makers.NIGHT, 50, MAX_REACH_M, rare)
    got = nearest(city.snapshot, question)
    assert len(got.hits) == len(city.oracle.nearest(question)) < 50
    assert not got.more


def test_nothing_within_reach_is_an_empty_answer(city: City) -> None:
    lon, lat = 114.0 + 1e-4, 22.6
    gap_m = city.oracle.nearest(Question(lon, lat, makers.NIGHT, 1, MAX_REACH_M))[0][1]
    assert nearest(city.snapshot, Question(lon, lat, makers.NIGHT, 1, gap_m / 2)).hits == ()


def test_more_is_said_just_when_the_k_and_first_place_matches(city: City) -> None:
    tenth_m = city.oracle.nearest(Question(114.0, 22.6, makers.NIGHT, 10, MAX_REACH_M))[9][1]
    assert not nearest(city.snapshot, Question(114.0, 22.6, makers.NIGHT, 10, tenth_m + 2e-3)).more
    assert nearest(city.snapshot, Question(114.0, 22.6, makers.NIGHT, 9, tenth_m + 2e-3)).more


# --- equal distances ---


def test_places_on_one_spot_come_in_the_order_of_their_ids(city: City) -> None:
    every = Filter(kinds=tuple(Kind))
    _, first, many = np.unique(city.oracle.lonlat, axis=0, return_index=True, return_counts=True)
    shared = first[many > 1]
    assert len(shared) > 50
    for row in shared[:100]:
        lon, lat = map(float, city.oracle.lonlat[row])
        got = answer(city, Question(lon, lat, makers.NIGHT, 50, 0.01, every))
        assert [place_id for place_id, _, _ in got] == sorted(
            city.oracle.ids[(city.oracle.lonlat == city.oracle.lonlat[row]).all(axis=1)]
        )


def small_index(
    lonlat: Floats, lines: Sequence[Floats] = (), ranks: Sequence[int] | None = None
) -> Index:
    """Points in tree order and lines as given, no filter words; `ranks` of the points as given."""
    order = tree_order(lonlat)
    rows = len(lonlat) + len(lines)
    links = np.zeros((rows, 2), np.int32)
    links[:, 0] = np.arange(rows)
    links[: len(lonlat), 0] = order if ranks is None else np.asarray(ranks, np.int32)[order]
    return Index.build(
        np.ascontiguousarray(lonlat[order]), list(lines), np.zeros((rows, 2), np.int64), links
    )


@pytest.mark.parametrize("rows", [1, 2, 7, 8, 9, 17, 100])
def test_if_all_places_share_one_spot_the_first_by_id_are_found(rows: int) -> None:
    ranks = np.random.default_rng(rows).permutation(rows)
    index = small_index(np.tile([114.05, 22.54], (rows, 1)), ranks=ranks)
    for lon in (114.05, 114.06):
        found, _ = index.nearest(lon, 22.54, 5)
        assert index.links[found, 0].tolist() == list(range(min(5, rows)))


@settings(max_examples=150)
@given(
    spots=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=40),
    asker=st.tuples(st.integers(-1, 9), st.integers(-1, 9)),
    k=st.integers(1, 45),
    reach_m=st.sampled_from([1.0, 1_500.0, MAX_REACH_M]),
)
def test_places_on_a_grid_full_of_ties_come_as_pyproj_orders_them(spots, asker, k, reach_m) -> None:
    lonlat = np.array(spots, float).reshape(-1, 2) * 0.01 + (113.98, 22.5)
    lon, lat = asker[0] * 0.005 + 113.98, asker[1] * 0.005 + 22.5
    index = small_index(lonlat)
    rows, reached = index.nearest(lon, lat, k, reach_m)
    azimuth, _, metres = _inverse(lon, lat, lonlat)
    order = [i for i in np.lexsort((np.arange(len(metres)), metres)) if metres[i] <= reach_m][:k]
    want = [(str(i), metres[i], azimuth[i] % 360.0) for i in order]
    ranks = index.links[rows, 0]
    assert_same([(str(i), m, deg) for i, (m, deg) in zip(ranks, reached, strict=True)], want)
    twins = (np.diff(lonlat[ranks], axis=0) == 0).all(axis=1)
    assert (np.diff(ranks)[twins] > 0).all()


# --- many at once ---


def many_questions(city: City, rows: int) -> Floats:
    rng = np.random.default_rng(rows)
    return np.array([random_spot(rng, city) for _ in range(rows)])


def assert_many_equal_one(city: City, lonlat: Floats, k: int, wanted: Filter, threads: int) -> None:
    minute_hours = city.snapshot.hours_by_minute.at(makers.NIGHT)
    mask, ok = mask_of(wanted, hours_asked(wanted, minute_hours)), hours_ok(wanted, minute_hours)
    index = city.snapshot.index
    rows, metres = index.nearest_many(lonlat, k, 3_000.0, mask, ok, threads=threads)
    assert rows.shape == metres.shape == (len(lonlat), k)
    for i, (lon, lat) in enumerate(lonlat.tolist()):
        one, reached = index.nearest(lon, lat, k, 3_000.0, mask, ok)
        assert rows[i].tolist() == one.tolist() + [-1] * (k - len(one))
        assert np.array_equal(metres[i, : len(one)], reached[:, 0])
        assert np.isnan(metres[i, len(one) :]).all()


FILTERS = (
    Filter(),
    Filter(services=(Service.SEAT,), kinds=(Kind.WARM_BEE_STATION,)),
    Filter(open=Open.NOW, include_unknown=False),
    Filter(open=Open.ALWAYS, needs=(Need.REST,), audience=(Audience.RIDER,)),
)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("k", [1, 5, 60])
@pytest.mark.parametrize("wanted", FILTERS, ids=range(len(FILTERS)))
def test_many_asked_at_once_get_what_each_alone_gets(
    city: City, wanted: Filter, k: int, threads: int
) -> None:
    assert_many_equal_one(city, many_questions(city, 150), k, wanted, threads)


@pytest.mark.parametrize("k", [1, 5, 60])
@pytest.mark.parametrize("wanted", FILTERS, ids=range(len(FILTERS)))
def test_many_asked_of_200000_places_get_what_each_alone_gets(
    big_city: City, wanted: Filter, k: int
) -> None:
    assert_many_equal_one(big_city, many_questions(big_city, 150), k, wanted, 2)


def test_more_questions_than_one_thread_takes_at_a_time_are_all_answered(
    city: City, big_city: City
) -> None:
    for town in (city, big_city):
        lonlat = np.tile(many_questions(town, 500), (CHUNK // 500 + 2, 1))
        rows, metres = town.snapshot.index.nearest_many(lonlat, 1, threads=2)
        assert len(lonlat) > CHUNK
        assert np.array_equal(rows, np.tile(rows[:500], (len(rows) // 500, 1)))
        assert np.array_equal(metres, np.tile(metres[:500], (len(rows) // 500, 1)))


def test_no_questions_have_no_answers(city: City, big_city: City) -> None:
    for town in (city, big_city):
        rows, metres = town.snapshot.index.nearest_many(np.empty((0, 2)), 3)
        assert rows.shape == metres.shape == (0, 3)


def test_questions_from_one_spot_are_all_answered(big_city: City) -> None:
    rows, _ = big_city.snapshot.index.nearest_many(np.tile([114.0, 22.6], (300, 1)), 2)
    assert (rows == rows[0]).all()


# --- streets ---


def some_lines(n: int) -> list[Floats]:
    rng = np.random.default_rng(n + 100)
    return [shapely.get_coordinates(makers.random_street(rng)) for _ in range(n)]


@cache
def mixed(n_points: int, n_lines: int) -> SimpleNamespace:
    rng = np.random.default_rng(1_000 * n_points + n_lines)
    lonlat, lines = makers.clustered(rng, n_points), some_lines(n_lines)
    return SimpleNamespace(lonlat=lonlat, lines=lines, index=small_index(lonlat, lines))


def mixed_oracle(town: SimpleNamespace, lon: float, lat: float, k: int) -> Found:
    """Ranks as ids; of a street only the distance, its bearing is not compared."""
    _, _, metres = _inverse(lon, lat, town.lonlat)
    metres = np.concatenate([metres, [line_metres(lon, lat, line) for line in town.lines]])
    order = [i for i in np.lexsort((np.arange(len(metres)), metres)) if metres[i] <= MAX_REACH_M][
        :k
    ]
    return [(str(i), float(metres[i]), 0.0) for i in order]


@pytest.mark.parametrize("n_lines", [0, 1, 13])
@pytest.mark.parametrize("n_points", [0, 1, 7, 8, 9, 17])
def test_points_and_streets_are_merged_in_the_order_of_distance(
    n_points: int, n_lines: int
) -> None:
    town = mixed(n_points, n_lines)
    rng = np.random.default_rng(9)
    for lon, lat in makers.clustered(rng, 6).tolist():
        for k in (1, 4, 40):
            rows, reached = town.index.nearest(lon, lat, k)
            ranks = town.index.links[rows, 0]
            got = [
                (str(rank), metres, 0.0) for rank, metres in zip(ranks, reached[:, 0], strict=True)
            ]
            assert_same(got, mixed_oracle(town, lon, lat, k), tolerance_m=LINE_M, tie_m=2 * LINE_M)


def test_the_distance_to_a_street_is_the_least_along_it() -> None:
    town = mixed(0, 13)
    rng = np.random.default_rng(10)
    for number, line in enumerate(town.lines):
        for scale in (0.0, 1e-5, 1e-3, 0.1):
            lon, lat = (line[rng.integers(0, len(line))] + rng.normal(0, 1, 2) * scale).tolist()
            rows, reached = town.index.nearest(lon, lat, 13)
            at = rows.tolist().index(number)
            assert abs(reached[at, 0] - line_metres(lon, lat, line)) <= LINE_M


def test_the_foot_lies_on_the_street_and_as_far_as_the_answer_says() -> None:
    town = mixed(7, 13)
    rng = np.random.default_rng(11)
    for lon, lat in makers.clustered(rng, 40).tolist():
        for row, (metres, bearing) in zip(*town.index.nearest(lon, lat, 20), strict=True):
            foot = town.index.foot(int(row), lon, lat)
            azimuth, _, foot_m = GEOD.inv(lon, lat, *foot)
            assert abs(foot_m - metres) <= LINE_M
            assert abs((bearing - azimuth + 180.0) % 360.0 - 180.0) <= 0.01
            if row >= 7:
                street = shapely.LineString(town.lines[int(town.index.links[row, 0]) - 7])
                assert street.distance(shapely.Point(foot)) < 1e-7
            else:
                assert np.allclose(foot, town.lonlat[town.index.links[row, 0]], rtol=0, atol=1e-9)


def test_a_street_obeys_filters_as_points_do() -> None:
    raw = makers.random_city(30, lines=30, seed=3)
    table, _ = validate(raw)
    snapshot = freeze_room.freeze(
        table, makers.about(), makers.calendar(), makers.OUTLINE
    ).snapshot()
    oracle = Oracle.of(table.set_geometry(table.geometry.representative_point()))
    for seed in range(60):
        wanted = random_filter(np.random.default_rng(seed))
        got = nearest(snapshot, Question(114.1, 22.65, makers.DAY, 50, MAX_REACH_M, wanted))
        within = snapshot.index.nearest(114.1, 22.65, 60)[0].tolist()
        passing = set(oracle.ids[oracle.passes(wanted, makers.DAY)])
        assert [hit.row for hit in got.hits] == [
            row for row in within if snapshot.id_of(row) in passing
        ][:50]


# --- hardly any places ---


def test_without_any_place_nothing_is_found() -> None:
    rows, reached = small_index(np.empty((0, 2))).nearest(114.0, 22.5, 5)
    assert rows.shape == (0,)
    assert reached.shape == (0, 2)


def test_the_only_place_is_found_from_wherever_it_is_in_reach() -> None:
    index = small_index(np.array([[114.05, 22.54]]))
    assert index.nearest(114.05, 22.54, 5)[1].tolist() == [[0.0, 0.0]]
    assert len(index.nearest(114.5, 22.54, 5)[0]) == 1
    assert len(index.nearest(115.5, 22.54, 5)[0]) == 0
