"""Open at arrival, and never empty: search against an oracle that walks the timeline minute by
minute.

Two weeks round National Day (with its adjusted workdays) and round Spring Festival 2026, every
mode, with and without a stay; the oracle knows nothing of intervals: it asks `hours.states_at` for
every minute of the way and of the stay."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from geodata.estimate import SPEED_M_S, eta
from geodata.hours.timeline import State, states_at, timeline
from geodata.hours.zone import TimeZone
from geodata.search.filter import Filter, Open
from geodata.search.nearest import Answer, Question, nearest
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import geodesic_m
from geodata.vocabulary import Kind, Mode
from tests import makers

#: Saturdays among these are worked: 2026-02-14, 2026-02-28, 2026-09-20 (a Sunday) and 2026-10-10.
WEEKS = (date(2026, 2, 14), date(2026, 9, 26), date(2026, 10, 3))
OPEN = (State.OPEN, State.CLOSING_SOON)


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(400, 0, seed=11))


class Oracle:
    """Distances from one point to all places, and the state of every place at every minute of two
    weeks.
    """

    def __init__(self, snapshot: Snapshot, day: date) -> None:
        self.snapshot = snapshot
        hours, zone = snapshot.hours_by_minute, snapshot.zone
        self.midnight = zone.begins(day)
        line = timeline(hours.table, hours.calendar, day, 17, zone)
        self.states = np.stack([states_at(line, minute) for minute in range(16 * 1440)], axis=1)
        self.rows = np.array([snapshot.hours_row(row) for row in range(len(snapshot))])
        self.ids = np.array([snapshot.id_of(row) for row in range(len(snapshot))])

    def matches(self, question: Question, grace_min: int = 0) -> list[str]:
        """Ids of all that pass within reach, nearest first."""
        lon, lat = self.snapshot.lonlat.T
        metres = geodesic_m(question.lon, question.lat, lon, lat)
        at_min = (question.at - self.midnight) / timedelta(minutes=1)
        way_s = np.array([eta(each, question.mode).eta_s for each in metres.tolist()])
        arrive = at_min + way_s / 60.0
        order = sorted(
            np.flatnonzero(metres <= question.max_distance_m),
            key=lambda row: (metres[row], self.ids[row]),
        )
        return [
            self.ids[row]
            for row in order
            if self._passes(question, int(row), float(arrive[row]), grace_min)
        ]

    def _passes(self, question: Question, row: int, arrive: float, grace_min: int) -> bool:
        passing = {*OPEN, State.UNKNOWN} if question.filter.include_unknown else set(OPEN)
        states = self.states[self.rows[row]]
        begins = [
            math.floor(arrive),
            *range(math.floor(arrive) + 1, math.floor(arrive + grace_min) + 1),
        ]
        first = next((minute for minute in begins if states[minute] in passing), None)
        if first is None:
            return False
        start = max(arrive, first)
        last = (
            math.ceil(start + question.stay_min) - 1
        )  # the minute one leaves in, closing time not included
        return all(
            states[minute] in passing
            for minute in range(math.floor(start), max(last, math.floor(start)) + 1)
        )


def questions(day: date, seed: int, count: int, zone: TimeZone = makers.ZONE) -> list[Question]:
    rng = np.random.default_rng(seed)
    midnight = zone.begins(day)
    points = makers.clustered(rng, count)
    return [
        Question(
            float(lon),
            float(lat),
            zone.local(midnight + timedelta(seconds=int(rng.integers(0, 14 * 86_400)))),
            k=8,
            max_distance_m=float(rng.choice([800, 3_000, 20_000])),
            filter=Filter(
                kinds=tuple(Kind), open=Open.AT_ARRIVAL, include_unknown=bool(rng.integers(2))
            ),
            mode=Mode(rng.choice([str(mode) for mode in SPEED_M_S])),
            stay_min=int(rng.choice([0, 0, 15, 60, 240])),
        )
        for lon, lat in points
    ]


@pytest.mark.parametrize("day", WEEKS)
def test_the_list_equals_the_minute_by_minute_oracle(city: Snapshot, day: date) -> None:
    oracle = Oracle(city, day)
    found = 0
    for question in questions(day, day.toordinal(), 250):
        expected = oracle.matches(question)
        answer = nearest(city, question)
        assert [city.id_of(hit.row) for hit in answer.hits] == expected[:8]
        assert answer.more == (len(expected) > 8)
        found += len(expected)
    assert found > 1_000


@pytest.mark.parametrize(
    ("timezone", "country", "day"),
    [
        ("Europe/Helsinki", "FI", date(2026, 3, 22)),
        ("America/New_York", "US", date(2026, 10, 25)),
        ("Australia/Lord_Howe", "AU", date(2026, 9, 27)),
    ],
)
def test_the_list_equals_the_oracle_where_the_clocks_change(
    timezone: str, country: str, day: date
) -> None:
    there = makers.elsewhere(timezone, country)
    city = makers.snapshot(makers.random_city(300, 0, seed=12), city=there)
    oracle, found = Oracle(city, day), 0
    change = city.zone.begins(day + timedelta(days=7)) - city.zone.begins(day)
    near = [
        replace(one, at=city.zone.local(oracle.midnight + change + (one.at - oracle.midnight) / 10))
        for one in questions(day, 8, 120, city.zone)
    ]
    for question in near:
        expected = oracle.matches(question)
        answer = nearest(city, question)
        assert [city.id_of(hit.row) for hit in answer.hits] == expected[:8]
        found += len(expected)
    assert found > 300


def test_open_now_is_open_at_arrival_for_one_who_is_there(city: Snapshot) -> None:
    for question in questions(WEEKS[1], 5, 60):
        row = int(city.index.nearest(question.lon, question.lat, 1)[0][0])
        lon, lat = city.lonlat[row]
        there = replace(question, lon=float(lon), lat=float(lat), max_distance_m=1.0, stay_min=0)
        now = replace(there, filter=replace(there.filter, open=Open.NOW))
        assert nearest(city, there).hits == nearest(city, now).hits


def test_widening_relaxes_in_the_stated_order_and_stops_when_there_are_enough(
    city: Snapshot,
) -> None:
    oracle = Oracle(city, WEEKS[2])
    widened = 0
    for question in questions(WEEKS[2], 77, 120):
        answer = nearest(city, replace(question, widen=True))
        plain = oracle.matches(question)
        if len(plain) >= 8:
            assert answer.relaxed == ()
            continue
        widened += 1
        rules = [step.rule for step in answer.relaxed]
        stated = ["opening_within_min"] + (
            [] if question.filter.include_unknown else ["include_unknown"]
        )
        assert rules[: len(stated)] == stated[: len(rules)]
        assert set(rules[len(stated) :]) <= {"max_distance_m"}
        last = _last_question(question, answer)
        expected = oracle.matches(last, grace_min=30)
        assert [city.id_of(hit.row) for hit in answer.hits] == expected[:8]
        assert len(answer.hits) == 8 or last.max_distance_m == 50_000
    assert widened > 20


def _last_question(question: Question, answer: Answer) -> Question:
    for step in answer.relaxed:
        if step.rule == "include_unknown":
            question = replace(question, filter=replace(question.filter, include_unknown=True))
        if step.rule == "max_distance_m":
            assert step.before == question.max_distance_m
            question = replace(question, max_distance_m=float(step.after))
    return question


def test_a_question_without_widen_relaxes_nothing(city: Snapshot) -> None:
    for question in questions(WEEKS[0], 3, 20):
        assert nearest(city, question).relaxed == ()
