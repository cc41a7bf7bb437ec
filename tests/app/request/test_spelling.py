"""Numbers, flags and times are spelt in one way each, in every parameter and in paths."""

import inspect
from datetime import datetime
from typing import Any, get_args, get_origin
from urllib.parse import quote

import msgspec
import pytest
from flask.testing import FlaskClient

from app.pages import queries as page_queries
from app.request import ogc_queries, queries
from app.request.parsing import fields, parse
from app.request.spelling import count
from app.response.problems import BadParameters
from tests import makers

QUERIES = {
    made
    for module in (queries, ogc_queries, page_queries)
    for _, made in inspect.getmembers(module, inspect.isclass)
    if issubclass(made, msgspec.Struct) and made.__module__ == module.__name__
}
#: Nothing but one way to write a number is taken anywhere.
STRANGE = (
    *(
        "",
        " ",
        " 1",
        "1 ",
        "1\t",
        "1\n",
        "1\u00a0",
        "１",
        "٣",
        "०",
        "½",
        "²",
        "一",
        "+1",
        "--1",
        "1_0",
    ),
    *(
        "01",
        "007",
        "-01",
        "0x10",
        "1.",
        ".5",
        "1,5,",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "1e999",
    ),
    *("1e", "1-", "1;2", "9" * 5_000, "true1", "None", "null", "1.5.2"),
)
NOT_WHOLE = ("1e1", "1E1", "1.0", "0.5", "-0", "1e-400", "00")
NOT_A_FLAG = ("-0", "+0", "2", "yes", "on", "TRUE ", "t", "01", "0.0")
NOT_A_TIME = (
    *("1732126500", "1732126500.5", "-1", "0", "2026", "2026-11-21", "now", "20261121T021500Z"),
    *("2026-11-21T02:15+08:00", "2026-11-21T02:15:00", "2026-11-21T02:15:00.+08:00"),
    *(
        "2026-11-21T02:15:61Z",
        "2026-11-21T02:60:00Z",
        "2026-11-21T24:00:00Z",
        "2026-02-30T00:00:00Z",
    ),
    *(
        "2026-1-1T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
    ),
    *("２026-11-21T02:15:00Z", "2026-11-21T02:15:00+24:00", "２０２６-11-21T02:15:00Z"),
)


def kind(hint: Any) -> Any:
    """int, float, bool or datetime, alone or in a list; None for words."""
    plain = next(iter(get_args(hint)), None)
    if get_origin(plain) is tuple:
        plain = next((arm for arm in get_args(get_args(plain)[0])), get_args(plain)[0])
    return plain if plain in (int, float, bool, datetime) else None


PARAMETERS = sorted(
    ((query, name) for query in QUERIES for name, hint in fields(query).items() if kind(hint)),
    key=lambda pair: (pair[0].__name__, pair[1]),
)


def faulty(query: type[msgspec.Struct], name: str, value: str) -> bool:
    """Whether a value of a parameter is refused, whatever else is missing."""
    try:
        parse(f"{name}={quote(value)}", query)
    except BadParameters as refused:
        return name in {fault.parameter for fault in refused.faults}
    return False


def test_all_kinds_of_parameters_are_among_those_that_are_tried() -> None:
    assert {kind(fields(query)[name]) for query, name in PARAMETERS} == {int, float, bool, datetime}
    assert {"k", "lon", "from", "bbox", "minutes", "limit", "part", "confirm", "at"} <= {
        name for _, name in PARAMETERS
    }


@pytest.mark.parametrize(
    ("query", "name"), PARAMETERS, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_number_a_flag_and_a_time_have_one_spelling(
    query: type[msgspec.Struct], name: str
) -> None:
    wanted = kind(fields(query)[name])
    refused = {
        int: (*STRANGE, *NOT_WHOLE),
        float: STRANGE,
        bool: (*STRANGE, *NOT_A_FLAG),
        datetime: (*STRANGE, *NOT_A_TIME),
    }
    assert [text for text in refused[wanted] if not faulty(query, name, text)] == []


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("2026-11-21T02:15:60+08:00", "2026-11-21T02:16:00+08:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T08:00:00+08:00"),
        ("2026-11-21T02:15:59.9Z", "2026-11-21T10:15:59.900000+08:00"),
        ("2026-11-21t02:15:60.5z", "2026-11-21T10:16:00.500000+08:00"),
        ("0001-01-01T00:00:00+08:00", "0001-01-01T00:00:00+08:00"),
        ("9999-12-31T23:59:59+08:00", "9999-12-31T23:59:59+08:00"),
    ],
)
def test_a_leap_second_is_the_next_minute_and_every_year_is_one(text: str, minute: str) -> None:
    query = parse(f"lon=114&lat=22.5&at={quote(text)}", queries.NearestQuery)
    assert query.instant(queries.now(), makers.ZONE).isoformat() == minute
    items = parse(f"datetime={quote(text)}", ogc_queries.Items)
    days = items.days(makers.ZONE)
    assert days is not None
    assert str(days.first) == minute[:10]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:45:00+08:00"])
@pytest.mark.parametrize(
    "asked",
    [
        *(
            f"nearest?lon=113.9645&lat=22.5405&stay_min=480&widen=true&open={opening}"
            for opening in ("any", "now", "at_arrival", "24h")
        ),
        "nearest/cell/ws105r?open=at_arrival&stay_min=480",
        "along?from=113.9645,22.5405&to=114.0579,22.5431&open=at_arrival",
        "coverage?by=city",
        "coverage?hourly=true",
    ],
)
def test_the_first_and_the_last_hour_of_all_years_are_answered(
    client: FlaskClient, at: str, asked: str
) -> None:
    assert client.get(f"/api/v1/{asked}&at={quote(at)}").status_code == 200


@pytest.mark.parametrize("text", [text for text in (*STRANGE, *NOT_WHOLE) if text.strip()])
@pytest.mark.parametrize("place", ["z", "x", "y"])
def test_a_tile_has_one_address(client: FlaskClient, text: str, place: str) -> None:
    version = client.get("/readyz").get_json()["dataVersion"]
    parts = {"z": "10", "x": "836", "y": "446", place: quote(text, safe="")}
    path = f"/tiles/{version}/{parts['z']}/{parts['x']}/{parts['y']}.json"
    refused = client.get(f"{path}?at=2026-11-21T02:15:00%2B08:00")
    assert refused.status_code == 400
    assert [fault["parameter"] for fault in refused.get_json()["errors"]] == [place]


@pytest.mark.parametrize("text", ["", "-1", "+1", "²", "٣", "１", "1e3", "x", "24", "9" * 5_000])
def test_what_a_form_says_is_no_count_of_a_day(text: str) -> None:
    """Of many digits too: Python refuses to read more than 4,300."""
    assert count(text, 23) is None


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("23", 23), ("007", 7), ("0" * 5_000, 0)])
def test_a_count_is_read_however_it_is_filled_up(text: str, number: int) -> None:
    assert count(text, 23) == number
