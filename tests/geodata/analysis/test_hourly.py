"""The week's curve and the night, on paper."""

from datetime import date, timedelta

import numpy as np
import pytest

from geodata.analysis.hourly import curve, unserved
from geodata.coverage.near import Within
from geodata.coverage.served import hours_of, states_of, typical_days
from geodata.errors import BadQuestion
from geodata.hours.calendar import DayKind
from geodata.hours.timeline import State
from tests import makers
from tests.geodata.analysis.conftest import People, Town

SATURDAY = date(2026, 11, 21)


def test_a_shop_closed_on_holidays_serves_on_the_days_and_hours_it_is_open(
    town: Town, people: People
) -> None:
    snapshot = town([(0.0, "Mo-Fr 09:00-18:00; PH off")])
    found = curve(snapshot, people(100, w=[5]), Within(), SATURDAY, weight="w")
    assert len(found) == 9 * 24
    assert set(found["day"]) == {kind.name for kind in DayKind}
    served = found[found["share_open"] == 1]
    assert set(served["hour"]) == set(range(9, 18))
    # A worked Saturday is an adjusted workday, but the shop's week says Monday to Friday.
    assert {"MO", "TU", "WE", "TH", "FR"} <= set(served["day"])
    assert "PH" not in set(served["day"])
    assert (found["weight"] == 5).all()


def test_an_overnight_shop_serves_after_midnight_too(town: Town, people: People) -> None:
    found = curve(town([(0.0, "22:00-06:00")]), people(100), Within(), SATURDAY)
    monday = found[found["day"] == "MO"].set_index("hour")
    assert monday.index[monday["open"] == 1].tolist() == [0, 1, 2, 3, 4, 5, 22, 23]


def test_unknown_hours_are_unknown_at_every_hour(town: Town, people: People) -> None:
    found = curve(town([(0.0, None)]), people(100), Within(), SATURDAY)
    assert (found["share_unknown"] == 1).all()
    assert (found["share_open"] == 0).all()


def test_the_typical_days_are_the_next_of_their_kind_or_the_last_known() -> None:
    days = typical_days(makers.calendar(), SATURDAY, makers.ZONE)
    assert list(days) == list(DayKind)
    assert days[DayKind.SA] == SATURDAY
    assert days[DayKind.FR] == SATURDAY + timedelta(days=6)
    assert days[DayKind.PH] == date(2026, 10, 7)
    assert all(makers.calendar().kind(day) is kind for kind, day in days.items())


def test_states_are_those_of_the_boards_that_riders_are_told() -> None:
    city = makers.snapshot(makers.random_city(200))
    instants = hours_of([SATURDAY, date(2026, 10, 1), date(2026, 10, 10)], makers.ZONE)
    for instant, states in zip(instants, states_of(city.hours_by_minute, instants), strict=True):
        assert states.tolist() == city.hours_by_minute.at(instant).states.tolist()
    with pytest.raises(BadQuestion, match="time zone"):
        states_of(city.hours_by_minute, [makers.NIGHT.replace(tzinfo=None)])


def test_who_has_nothing_at_night_is_told_with_the_reason(town: Town, people: People) -> None:
    snapshot = town([(0.0, "24/7"), (1000.0, "Mo-Su,PH 09:00-21:00"), (2000.0, None)])
    crowd = people(100, 900, 1900, 4000, 200_000, name=list("abcde"))
    left = unserved(snapshot, crowd, Within(reach_m=500), makers.NIGHT)
    assert dict(zip(left["name"], left["standing"], strict=True)) == {
        "b": "closed",
        "c": "unknown",
        "d": "none",
    }
    assert left.index.tolist() == [1, 2, 3]
    assert State.UNKNOWN in np.unique(snapshot.hours_by_minute.at(makers.NIGHT).states)
