"""The phone's list equals the server's: places, order, distances, states, closing times and
arrivals.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest

from app.api import cell_reply
from geodata import estimate
from geodata.search.cells import LENGTHS, decode, for_cell
from geodata.search.filter import MOST_HITS, Filter, Open
from geodata.search.nearest import Question, nearest
from geodata.snapshot.snapshot import Snapshot
from geodata.traits import audience_of
from geodata.vocabulary import Audience, Door, Kind, Mode, Need, Service
from tests import makers
from tests.contracts.test_cells import encode
from tests.makers import TIMEZONE


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(1_500, 10, seed=31))


def question(rng: np.random.Generator) -> Question:
    quarter = datetime(2026, 9, 25, tzinfo=TIMEZONE) + timedelta(
        minutes=15 * int(rng.integers(0, 14 * 96))
    )
    chosen = Filter(
        kinds=((), (Kind.WARM_BEE_STREET, Kind.WARM_BEE_STATION))[rng.integers(2)],
        needs=((), (Need.REST,))[rng.integers(2)],
        services=((), (), (Service.HOT_WATER, Service.MICROWAVE))[rng.integers(3)],
        audience=((), (), (Audience.RIDER,), (Audience.TRUCK_DRIVER, Audience.COURIER))[
            rng.integers(4)
        ],
        door=((), (), (Door.OPEN, Door.QR, Door.UNKNOWN))[rng.integers(3)],
        open=list(Open)[rng.integers(len(Open))],
        include_unknown=bool(rng.integers(2)),
    )
    return Question(
        0.0,
        0.0,
        quarter,
        k=int(rng.choice([1, 4, 10])),
        max_distance_m=float(rng.choice([700, 3_000, 15_000])),
        filter=chosen,
        mode=list(Mode)[rng.integers(4)],
        stay_min=int(rng.choice([0, 20, 90])),
    )


def asked(exact: Question) -> dict[str, Any]:
    return {
        "lon": exact.lon,
        "lat": exact.lat,
        "at": exact.at.timestamp() * 1000,
        "k": exact.k,
        "maxDistanceM": exact.max_distance_m,
        "open": str(exact.filter.open),
        "includeUnknown": exact.filter.include_unknown,
        "mode": str(exact.mode),
        "stayMin": exact.stay_min,
    }


def test_random_points_of_random_cells_instants_and_filters(
    city: Snapshot, on_the_phone: Callable[[str, str, Any], Any]
) -> None:
    rng = np.random.default_rng(17)
    exact, sent = [], []
    for lon, lat in makers.clustered(rng, 120):
        cell = decode(encode(lon, lat, int(rng.choice(list(LENGTHS)))))
        of_quarter = question(rng)
        reply = msgspec.json.decode(
            cell_reply.reply(city, of_quarter, for_cell(city, cell, of_quarter))
        )
        for _ in range(5):
            x, y = rng.uniform([cell.west, cell.south], [cell.east, cell.north])
            if city.outline.holds(x, y):
                at = of_quarter.at + timedelta(seconds=int(rng.integers(0, 900)))
                exact.append(replace(of_quarter, lon=float(x), lat=float(y), at=at))
                sent.append({"cell": reply, "asked": asked(exact[-1])})
    answers = on_the_phone(
        "rank_on_node.mjs", "ask/rank.js", {"estimate": estimate.table(), "questions": sent}
    )
    for one, phone in zip(exact, answers, strict=True):
        same(city, one, phone)
    assert len(exact) > 400
    assert (
        sum(bool(one.filter.services or one.filter.audience or one.filter.door) for one in exact)
        > 200
    )
    assert sum(len(phone["hits"]) for phone in answers) > 1_000


#: In the order that lists have them.
VERDICTS = ["open", "unknown", "closed"]


def apart(rng: np.random.Generator, one: Question) -> Question:
    """The same with few filters and not far, of which two sections are asked."""
    opening = (Open.AT_ARRIVAL, Open.AT_ARRIVAL, Open.NOW, Open.ALWAYS)[rng.integers(4)]
    chosen = Filter(needs=one.filter.needs[:1], open=opening, include_unknown=True)
    return replace(one, filter=chosen, max_distance_m=3_000.0)


def same_apart(city: Snapshot, one: Question, phone: dict[str, Any]) -> None:
    """What the phone lists is k certain ones and k unknown ones as the server ranks them, what is
    open on arrival before what may be, and that before what is closed."""

    def ids(k: int, *, include_unknown: bool, opening: Open = one.filter.open) -> list[str]:
        chosen = replace(one.filter, include_unknown=include_unknown, open=opening)
        found = nearest(city, replace(one, k=k, filter=chosen))
        return [city.id_of(hit.row) for hit in found.hits]

    sure = ids(MOST_HITS, include_unknown=False)
    every = ids(MOST_HITS, include_unknown=True)
    unsure = [each for each in every if each not in sure]
    if len(every) == MOST_HITS or len(sure) == MOST_HITS:
        return  # the server tells no more of them, so that its sections are not known whole
    listed, verdicts = [hit[0] for hit in phone["hits"]], phone["verdicts"]
    expected = sure[: one.k] + unsure[: one.k]
    place = dict(zip(listed, map(VERDICTS.index, verdicts), strict=True))
    assert sorted(listed) == sorted(expected)
    assert listed == sorted(expected, key=lambda each: (place[each], expected.index(each)))
    assert phone["more"] == (len(sure) > one.k or len(unsure) > one.k)
    opens = set(ids(MOST_HITS, include_unknown=False, opening=Open.AT_ARRIVAL))
    may = set(ids(MOST_HITS, include_unknown=True, opening=Open.AT_ARRIVAL))
    if len(may) < MOST_HITS:
        told = dict(zip(listed, verdicts, strict=True))
        assert told == {
            each: "open" if each in opens else "unknown" if each in may else "closed"
            for each in listed
        }


def test_apart_certain_and_unknown_ones_are_listed_as_the_server_ranks_each(
    city: Snapshot, on_the_phone: Callable[[str, str, Any], Any]
) -> None:
    rng = np.random.default_rng(19)
    exact, sent = [], []
    for lon, lat in makers.clustered(rng, 120):
        cell = decode(encode(lon, lat, int(rng.choice(list(LENGTHS)))))
        of_quarter = apart(rng, question(rng))
        reply = msgspec.json.decode(
            cell_reply.reply(city, of_quarter, for_cell(city, cell, of_quarter, apart=True))
        )
        for _ in range(4):
            x, y = rng.uniform([cell.west, cell.south], [cell.east, cell.north])
            if city.outline.holds(x, y):
                at = of_quarter.at + timedelta(seconds=int(rng.integers(0, 900)))
                exact.append(replace(of_quarter, lon=float(x), lat=float(y), at=at))
                sent.append({"cell": reply, "asked": {**asked(exact[-1]), "apart": True}})
    answers = on_the_phone(
        "rank_on_node.mjs", "ask/rank.js", {"estimate": estimate.table(), "questions": sent}
    )
    for one, phone in zip(exact, answers, strict=True):
        same_apart(city, one, phone)
    told = [verdict for phone in answers for verdict in phone["verdicts"]]
    assert all(told.count(verdict) > 10 for verdict in VERDICTS)


def same(city: Snapshot, one: Question, phone: dict[str, Any]) -> None:
    answer = nearest(city, one)
    minute_hours = answer.minute_hours
    quarter = one.at.replace(minute=one.at.minute // 15 * 15, second=0)
    assert phone["more"] == answer.more
    assert [hit[0] for hit in phone["hits"]] == [city.id_of(hit.row) for hit in answer.hits]
    for hit, told in zip(answer.hits, phone["hits"], strict=True):
        _, metres, bearing, state, change, arrival, lonlat, audience, reason = told
        hours_row = city.hours_row(hit.row)
        until = minute_hours.until(hours_row)
        assert abs(metres - hit.distance_m) < 1e-4
        assert abs((bearing - hit.bearing_deg + 180) % 360 - 180) < 1e-3 or hit.distance_m < 1
        assert state == minute_hours.state(hours_row).word
        assert reason == minute_hours.reason(hours_row)
        assert (None if change is None else quarter + timedelta(minutes=change)) == until
        assert (
            arrival
            == minute_hours.on_arrival(
                hours_row, one.at, estimate.eta(hit.distance_m, one.mode)
            ).word
        )
        assert audience == audience_of(int(city.index.words[hit.row, 1]))
        assert np.allclose(lonlat, city.index.foot(hit.row, one.lon, one.lat), atol=1e-7)
