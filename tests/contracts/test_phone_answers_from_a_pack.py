"""Without a network the phone's list equals the server's: from the pack, at any point, instant and
filter.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest

from app.api import pack
from geodata import estimate
from geodata.pipeline.freeze import Frozen
from geodata.search.filter import Filter, Open, Register
from geodata.search.nearest import Question
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Audience, Door, Kind, Mode, Need, Service
from tests import makers
from tests.contracts.test_phone_ranks_as_the_server import apart, asked, same, same_apart
from tests.makers import TIMEZONE

Run = Callable[[str, str, Any], Any]


def made(**changes: Any) -> Frozen:
    hours = [
        "Nov 01-Mar 15 08:00-20:00", "2026 Oct 01-08 10:00-16:00", "Mo-Sa 07:30-18:00; PH unknown",
        "22:00-06:00; Su off", "Mo-Th 22:00-04:00; 10:00-02:00, Fr 17:00+; PH off",
        'Mo-Fr 09:00-18:00 open "工作日"; PH unknown', *makers.HOURS,
    ]  # fmt: skip
    raw = makers.random_city(1_200, 10, seed=41)
    raw["opening_hours"] = [hours[row % len(hours)] for row in range(len(raw))]
    return makers.frozen(raw, **changes)


@pytest.fixture(scope="module")
def frozen() -> Frozen:
    return made()


@pytest.fixture(scope="module")
def city(frozen: Frozen) -> Snapshot:
    return frozen.snapshot()


def some(rng: np.random.Generator, *words: Any) -> tuple[Any, ...]:
    """None of the words, or one or two: filters are rarely longer."""
    return tuple(dict.fromkeys(words[at] for at in rng.integers(0, len(words), rng.integers(0, 3))))


def question(rng: np.random.Generator, first: datetime, days: int) -> Question:
    lon, lat = makers.clustered(rng, 1)[0].tolist()
    return Question(
        lon,
        lat,
        first + timedelta(seconds=int(rng.integers(0, days * 86_400))),
        k=int(rng.choice([1, 4, 10])),
        max_distance_m=float(rng.choice([700, 3_000, 15_000])),
        mode=list(Mode)[rng.integers(4)],
        stay_min=int(rng.choice([0, 20, 90])),
        filter=Filter(
            kinds=some(rng, *Kind),
            needs=some(rng, Need.REST, Need.WATER, Need.LEARN),
            services=some(rng, Service.SEAT),
            audience=some(rng, *Audience),
            door=some(rng, *Door),
            open=list(Open)[rng.integers(len(Open))],
            include_unknown=bool(rng.integers(2)),
            register=list(Register)[rng.integers(2)],
        ),
    )


def filters(wanted: Filter) -> dict[str, Any]:
    lists = ("kinds", "needs", "services", "audience", "door")
    words = {name: [str(word) for word in getattr(wanted, name)] for name in lists}
    return {**words, "register": str(wanted.register)}


def packed(frozen: Frozen, city: Snapshot) -> Any:
    return msgspec.json.decode(pack.whole(city, frozen.blobs.__getitem__))


#: Holidays and adjusted workdays on both sides of National Day; the end of the known calendar, and
#: beyond it.
SPANS = [
    (datetime(2026, 9, 24, tzinfo=TIMEZONE), 20),
    (datetime(2026, 12, 28, tzinfo=TIMEZONE), 40),
]


@pytest.mark.parametrize(("first", "days"), SPANS)
def test_random_points_instants_and_filters(
    frozen: Frozen, city: Snapshot, on_the_phone: Run, first: datetime, days: int
) -> None:
    rng = np.random.default_rng(days)
    exact = [question(rng, first, days) for _ in range(270)]
    sent = [{**asked(one), **filters(one.filter)} for one in exact]
    given = {
        "pack": packed(frozen, city),
        "estimate": estimate.table(),
        "questions": sent,
        "ids": [],
    }
    answers = on_the_phone("pack_on_node.mjs", "ask/pack.js", given)["answers"]
    for one, phone in zip(exact, answers, strict=True):
        same(city, one, phone)
    assert sum(bool(phone["hits"]) for phone in answers) > 60


def test_apart_a_pack_lists_certain_and_unknown_ones_as_the_server_ranks_each(
    frozen: Frozen, city: Snapshot, on_the_phone: Run
) -> None:
    rng = np.random.default_rng(29)
    first, days = SPANS[0]
    exact = [apart(rng, question(rng, first, days)) for _ in range(200)]
    sent = [{**asked(one), **filters(one.filter), "apart": True} for one in exact]
    given = {
        "pack": packed(frozen, city),
        "estimate": estimate.table(),
        "questions": sent,
        "ids": [],
    }
    answers = on_the_phone("pack_on_node.mjs", "ask/pack.js", given)["answers"]
    for one, phone in zip(exact, answers, strict=True):
        same_apart(city, one, phone)
    assert sum(len(set(phone["verdicts"])) > 1 for phone in answers) > 10


#: Days on which clocks change: by an hour, by half of one, at midnight; Easter between them.
CHANGES = [
    ("Europe/Helsinki", "FI", date(2026, 3, 28)),
    ("Europe/Helsinki", "FI", date(2026, 10, 24)),
    ("America/New_York", "US", date(2026, 3, 7)),
    ("America/New_York", "US", date(2026, 10, 31)),
    ("Australia/Lord_Howe", "AU", date(2026, 4, 4)),
    ("Australia/Lord_Howe", "AU", date(2026, 10, 3)),
    ("America/Havana", "CU", date(2026, 3, 7)),
]


@pytest.mark.parametrize(("timezone", "country", "day"), CHANGES)
def test_where_the_clocks_change_the_phone_knows_it_too(
    on_the_phone: Run, timezone: str, country: str, day: date
) -> None:
    frozen = made(city=makers.elsewhere(timezone, country))
    city = frozen.snapshot()
    rng = np.random.default_rng(day.toordinal())
    exact = [
        replace(one, at=city.zone.local(one.at))
        for one in (question(rng, city.zone.begins(day), 3) for _ in range(120))
    ]
    given = {
        "pack": packed(frozen, city),
        "estimate": estimate.table(),
        "questions": [{**asked(one), **filters(one.filter)} for one in exact],
        "ids": [],
    }
    answers = on_the_phone("pack_on_node.mjs", "ask/pack.js", given)
    for one, phone in zip(exact, answers["answers"], strict=True):
        same(city, one, phone)
    assert [told for _, told in answers["times"]] == [
        city.zone.local(one.at).replace(microsecond=0).isoformat() for one in exact
    ]
    assert sum(bool(phone["hits"]) for phone in answers["answers"]) > 20


def test_past_the_known_calendar_states_that_hang_on_holidays_are_unknown(
    frozen: Frozen, city: Snapshot, on_the_phone: Run
) -> None:
    late = Question(
        114.1, 22.6, datetime(2027, 1, 4, 10, tzinfo=TIMEZONE), k=50, max_distance_m=50_000
    )
    given = {
        "pack": packed(frozen, city),
        "estimate": estimate.table(),
        "questions": [asked(late)],
        "ids": [],
    }
    (answer,) = on_the_phone("pack_on_node.mjs", "ask/pack.js", given)["answers"]
    same(city, late, answer)
    states = [hit[3] for hit in answer["hits"]]
    assert states.count("unknown") > len(states) / 3
    assert "open" in states  # round the clock is so on any day


def test_a_place_is_known_as_the_server_knows_it(
    frozen: Frozen, city: Snapshot, on_the_phone: Run
) -> None:
    from app.api import payloads

    rows = [0, 7, len(city) - 1]
    ids = [city.id_of(row) for row in rows]
    given = {
        "pack": packed(frozen, city),
        "estimate": estimate.table(),
        "questions": [],
        "ids": [*ids, "nowhere"],
    }
    answer = on_the_phone("pack_on_node.mjs", "ask/pack.js", given)
    assert answer["places"][-1] is None
    for row, found in zip(rows, answer["places"], strict=False):
        whole = msgspec.json.decode(payloads.place(city, row))
        assert found["id"] == whole["id"]
        assert found["geometry"] == whole["geometry"]
        known = whole["properties"]
        hours = known["opening_hours_text"] or known["opening_hours"]
        expected = {
            **known,
            "opening_hours_text": hours,
            "provenance": {"verified_at": known["provenance"]["verified_at"]},
        }
        assert found["properties"] == {name: expected[name] for name in found["properties"]}
