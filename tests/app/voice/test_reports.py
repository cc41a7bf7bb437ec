"""What riders say of a place is one fold: quick and slow readings of it agree."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.voice.reports import CONTRARY, LIVES, Report, expires_at, fold, lives
from geodata.hours.zone import TimeZone
from geodata.snapshot.overlay import LACKS, SHUTS, PlaceSaid, ReportType
from tests.app.db.conftest import NOW

ZONE = TimeZone("Asia/Shanghai")
MINUTE = timedelta(minutes=1)


def said(kind: ReportType, minute: float = 0, who: str = "a", ticket: bool = False) -> Report:
    seen = NOW + minute * MINUTE
    return Report(
        0, f"{kind}{minute}{who}{ticket}", "st-1", kind, seen, expires_at(kind, seen), who, ticket
    )


def numbered(reports: Sequence[Report]) -> list[Report]:
    return [replace(each, number=number) for number, each in enumerate(reports)]


def at(minute: float, *reports: Report) -> dict[ReportType, tuple[int, float]]:
    """Of each type how many say so, and after how many minutes that ends."""
    found = fold(numbered(reports), NOW + minute * MINUTE, ZONE)
    return {each.type: (each.riders, (each.expires - NOW) / MINUTE) for each in found.said}


CLOSED, OPEN, FULL, NO_WATER = (
    ReportType.CLOSED,
    ReportType.OPEN,
    ReportType.FULL,
    ReportType.NO_WATER,
)


def test_one_rider_is_heard_and_two_are_believed() -> None:
    (one,) = fold([said(CLOSED)], NOW, ZONE).said
    (two,) = fold(numbered([said(CLOSED), said(CLOSED, 0, "b")]), NOW, ZONE).said
    assert (one.effective, two.effective) == (False, True)


def test_one_network_is_one_rider_however_often_it_reports() -> None:
    assert at(5, *(said(CLOSED, minute) for minute in range(5))) == {CLOSED: (1, 240)}


def test_a_ticket_counts_as_two() -> None:
    (only,) = fold([said(CLOSED, ticket=True)], NOW, ZONE).said
    assert (only.riders, only.effective) == (2, True)


def test_an_effect_ends_when_too_few_are_left_who_say_so() -> None:
    reports = said(CLOSED), said(CLOSED, 60, "b"), said(CLOSED, 120, "c")
    assert at(121, *reports) == {CLOSED: (3, 300)}
    assert at(250, *reports) == {CLOSED: (2, 300)}
    assert at(301, *reports) == {CLOSED: (1, 360)}
    assert at(360, *reports) == {}


@pytest.mark.parametrize(
    ("kind", "minutes"), [(CLOSED, 240), (FULL, 30), (OPEN, 240), (NO_WATER, 1440)]
)
def test_each_type_lives_its_time(kind: ReportType, minutes: int) -> None:
    assert kind in at(minutes - 0.01, said(kind))
    assert at(minutes, said(kind)) == {}


def test_a_closed_place_is_no_longer_closed_when_it_next_opens() -> None:
    assert expires_at(CLOSED, NOW, NOW + 20 * MINUTE) == NOW + 20 * MINUTE
    assert expires_at(CLOSED, NOW, NOW + 900 * MINUTE) == NOW + 240 * MINUTE
    assert expires_at(FULL, NOW, NOW + 20 * MINUTE) == NOW + 30 * MINUTE


def test_a_contrary_report_halves_what_is_left() -> None:
    assert at(40, said(CLOSED), said(OPEN, 40, "b")) == {CLOSED: (1, 140), OPEN: (1, 280)}
    two = said(CLOSED), said(OPEN, 40, "b"), said(OPEN, 100, "c")
    assert at(100, *two) == {CLOSED: (1, 120), OPEN: (2, 280)}


def test_the_same_network_halves_once() -> None:
    again = said(CLOSED), said(OPEN, 40, "b"), said(OPEN, 41, "b"), said(OPEN, 42, "b")
    assert at(50, *again)[CLOSED] == (1, 140)


def test_what_was_seen_after_the_contrary_stands() -> None:
    assert at(50, said(OPEN, 10, "b"), said(CLOSED, 20))[CLOSED] == (1, 260)


def test_only_who_was_there_verifies_and_the_day_is_the_citys() -> None:
    late = said(ReportType.ALL_RIGHT, 20 * 60, ticket=True)  # 22:00 UTC: the next day there
    assert fold([said(ReportType.ALL_RIGHT)], NOW, ZONE) == PlaceSaid(())
    assert str(fold([late], late.seen_at, ZONE).verified_on) == "2026-12-01"


def test_what_goes_to_the_inbox_is_said_to_nobody_else() -> None:
    inbox = ReportType.MOVED, ReportType.WRONG_HOURS, ReportType.GONE, ReportType.OTHER
    assert at(1, *(said(kind, 0, "a", ticket=True) for kind in inbox)) == {}


def test_every_type_has_its_life_and_its_contraries() -> None:
    assert set(LIVES) == set(CONTRARY) == set(ReportType)
    assert set(LACKS) | SHUTS <= set(ReportType)


REPORTS = st.lists(
    st.builds(
        said,
        st.sampled_from([*ReportType]),
        st.integers(-1_500, 1_500),
        st.sampled_from("abcd"),
        st.booleans(),
    ),
    max_size=14,
).map(numbered)


def slow_ends(reports: Sequence[Report]) -> dict[int, datetime | None]:
    """When each report ends, None where it does not count: minute by minute, as riders live it."""
    ends: dict[int, datetime | None] = {}
    for minute in sorted({report.seen_at for report in reports}):
        for new in (each for each in reports if each.seen_at == minute):
            alike = [
                ends[old.number]
                for old in reports
                if old.number in ends
                and (old.type, old.reporter, old.has_ticket)
                == (new.type, new.reporter, new.has_ticket)
            ]
            if any(end is not None and end > minute for end in alike):
                ends[new.number] = None
                continue
            for old in reports:
                end = ends.get(old.number)
                if old.type in CONTRARY[new.type] and end is not None and end > minute:
                    ends[old.number] = minute + (end - minute) / 2
            ends[new.number] = new.expires_at
    return ends


@settings(max_examples=200)
@given(REPORTS, st.randoms(use_true_random=False))
def test_the_fold_equals_a_slow_one_in_whatever_order_reports_come(reports, random) -> None:
    shuffled = list(reports)
    random.shuffle(shuffled)
    counted = {report.number: ends for report, ends in lives(shuffled)}
    slow = slow_ends(reports)
    assert counted == {number: ends for number, ends in slow.items() if ends is not None}


@settings(max_examples=200)
@given(REPORTS, st.integers(-1_500, 4_000))
def test_what_is_said_holds_until_it_says_it_ends(reports, minute) -> None:
    now = NOW + minute * MINUTE
    first = fold(reports, now, ZONE)
    for each in first.said:
        assert each.since <= now < each.expires
        seen = [report for report in reports if report.seen_at <= now]  # nobody says more
        almost = each.expires - MINUTE / 60
        if almost > now:
            (same,) = [one for one in fold(seen, almost, ZONE).said if one.type is each.type]
            assert same.effective is each.effective
        after = [one for one in fold(seen, each.expires, ZONE).said if one.type is each.type]
        assert not any(one.effective for one in after)


@settings(max_examples=100)
@given(REPORTS)
def test_one_more_report_lengthens_no_contrary_one(reports) -> None:
    if not reports:
        return
    last = max(reports, key=lambda report: (report.seen_at, report.number))
    before = {each.number: ends for each, ends in lives(r for r in reports if r is not last)}
    after = {each.number: ends for each, ends in lives(reports)}
    for number, ends in before.items():
        assert after[number] <= ends


def test_the_clock_is_a_parameter() -> None:
    for years in (-2, 2):
        moved = NOW + timedelta(days=365 * years)
        assert fold([said(CLOSED)], moved, ZONE) == PlaceSaid(())
    assert NOW.tzinfo is UTC
