"""A question that could not be answered is refused.

The rest is answered as a person standing there would.
"""

from datetime import datetime
from typing import Any

import pytest

from geodata.errors import BadQuestion, OutsideArea
from geodata.hours.timeline import State
from geodata.search.filter import MOST_HITS, Filter, Open, hours_ok, mask_of
from geodata.search.nearest import Question, nearest
from geodata.snapshot.snapshot import Snapshot
from geodata.space.tangent import MAX_REACH_M
from geodata.traits import mask
from geodata.vocabulary import Audience, Door, Kind, Need, Service
from tests import makers


@pytest.fixture(scope="module")
def three() -> Snapshot:
    return makers.snapshot(makers.three_places())


def found(
    snapshot: Snapshot,
    at: datetime = makers.DAY,
    k: int = 10,
    reach_m: float = 5_000.0,
    **wanted: Any,
) -> list[str]:
    answer = nearest(snapshot, Question(114.049, 22.54, at, k, reach_m, Filter(**wanted)))
    return [snapshot.id_of(hit.row) for hit in answer.hits]


@pytest.mark.parametrize("k", [0, -1, MOST_HITS + 1])
def test_a_number_of_places_out_of_range_is_refused(k: int) -> None:
    with pytest.raises(BadQuestion, match=f"k = {k} is outside 1–50"):
        Question(114.05, 22.54, makers.DAY, k)


@pytest.mark.parametrize("reach_m", [0.0, -5.0, MAX_REACH_M + 1, float("inf"), float("nan")])
def test_a_distance_out_of_range_is_refused(reach_m: float) -> None:
    with pytest.raises(BadQuestion, match=r"max_distance_m = .* is outside 0–50000"):
        Question(114.05, 22.54, makers.DAY, 1, reach_m)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(BadQuestion, match="has no time zone"):
        Question(114.05, 22.54, makers.DAY.replace(tzinfo=None))


@pytest.mark.parametrize("k", [1, MOST_HITS])
@pytest.mark.parametrize("reach_m", [0.001, MAX_REACH_M, 300])
def test_the_limits_themselves_are_allowed(three: Snapshot, k: int, reach_m: float) -> None:
    assert len(nearest(three, Question(114.05, 22.54, makers.DAY, k, reach_m)).hits) <= k


@pytest.mark.parametrize(
    ("lon", "lat", "hint"),
    [(22.54, 114.05, "swapped"), (2.35, 48.86, None), (float("nan"), 22.54, None)],
)
def test_a_point_outside_the_area_is_refused(
    three: Snapshot, lon: float, lat: float, hint: str | None
) -> None:
    with pytest.raises(OutsideArea) as caught:
        nearest(three, Question(lon, lat, makers.DAY))
    assert caught.value.hint == hint


def test_places_come_nearest_first_with_distance_and_bearing(three: Snapshot) -> None:
    answer = nearest(three, Question(114.049, 22.54, makers.DAY))
    assert [three.id_of(hit.row) for hit in answer.hits] == ["station-1", "street-1", "merchant-1"]
    station, _, merchant = answer.hits
    assert station.distance_m == pytest.approx(102.84, abs=0.05)
    assert merchant.distance_m == pytest.approx(1_131.3, abs=0.5)
    assert station.bearing_deg == pytest.approx(90.0, abs=0.01)


def test_more_says_that_there_would_have_been_more(three: Snapshot) -> None:
    for k, more in ((1, True), (2, True), (3, False), (50, False)):
        answer = nearest(three, Question(114.049, 22.54, makers.DAY, k))
        assert (len(answer.hits), answer.more) == (min(k, 3), more)


def test_what_is_farther_than_asked_is_left_out(three: Snapshot) -> None:
    assert found(three, reach_m=200.0) == ["station-1"]
    assert found(three, reach_m=50.0) == []


def test_services_and_needs_must_all_be_there(three: Snapshot) -> None:
    assert found(three, services=(Service.SEAT, Service.HOT_WATER)) == ["station-1"]
    assert found(three, services=(Service.SEAT, Service.MICROWAVE)) == []
    assert found(three, needs=(Need.HEAT_FOOD,)) == ["merchant-1"]
    assert found(three, needs=(Need.REST, Need.WATER)) == ["station-1"]


def test_of_kinds_doors_and_audiences_one_is_enough(three: Snapshot) -> None:
    assert found(three, kinds=(Kind.WARM_BEE_STREET, Kind.DRIVER_HOME)) == ["street-1"]
    assert found(three, door=(Door.OPEN, Door.QR)) == ["station-1", "merchant-1"]
    assert found(three, audience=(Audience.COURIER,), include_unknown=False) == ["station-1"]
    assert found(three, audience=(Audience.COURIER,)) == ["station-1", "street-1"]


def test_at_two_at_night_only_what_never_closes_is_surely_open(three: Snapshot) -> None:
    assert found(three, makers.NIGHT, open=Open.NOW, include_unknown=False) == ["station-1"]
    assert found(three, makers.NIGHT, open=Open.NOW) == ["station-1", "street-1"]
    assert found(three, makers.DAY, open=Open.NOW, include_unknown=False) == [
        "station-1",
        "merchant-1",
    ]


def test_round_the_clock_is_asked_of_the_hours_and_not_of_the_moment(three: Snapshot) -> None:
    for at in (makers.NIGHT, makers.DAY):
        assert found(three, at, open=Open.ALWAYS, include_unknown=False) == ["station-1"]
        assert found(three, at, open=Open.ALWAYS) == ["station-1", "street-1"]


def test_closing_soon_is_still_open_and_opening_soon_is_not_yet(three: Snapshot) -> None:
    at_2045, at_0845 = makers.DAY.replace(hour=20, minute=45), makers.DAY.replace(hour=8, minute=45)
    assert "merchant-1" in found(three, at_2045, open=Open.NOW, include_unknown=False)
    assert "merchant-1" not in found(three, at_0845, open=Open.NOW, include_unknown=False)


def test_the_answer_brings_the_hours_it_was_judged_by(three: Snapshot) -> None:
    minute_hours = nearest(three, Question(114.05, 22.54, makers.NIGHT)).minute_hours
    assert minute_hours.at == makers.NIGHT
    assert minute_hours.state(three.hours_row(three.row_of("station-1"))) is State.OPEN
    assert minute_hours.state(three.hours_row(three.row_of("merchant-1"))) is State.CLOSED
    assert minute_hours.state(three.hours_row(three.row_of("street-1"))) is State.UNKNOWN


def test_an_empty_filter_asks_only_for_what_is_listed_unasked(three: Snapshot) -> None:
    minute_hours = three.hours_by_minute.at(makers.DAY)
    for include_unknown in (True, False):
        assert mask_of(Filter(kinds=(), needs=(Need.WATER,)), None) == mask(needs=(Need.WATER,))
        assert mask_of(Filter(include_unknown=include_unknown), None) == mask(every_place=False)
        assert hours_ok(Filter(include_unknown=include_unknown), minute_hours) is None


def test_only_open_now_depends_on_the_hour() -> None:
    assert mask_of(Filter(open=Open.NOW), (2, 2)) != mask_of(Filter(open=Open.NOW), (3, 3))
    assert mask_of(Filter(open=Open.ALWAYS), None) == mask_of(Filter(), None)
