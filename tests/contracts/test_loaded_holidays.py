"""On the holidays of a loaded year nearest, the cell, the pack and coverage say the same."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import msgspec
import pytest
import shapely

from app.api import cell_reply, pack
from geodata import estimate
from geodata.analysis.coverage import coverage
from geodata.coverage.near import Within
from geodata.hours.calendar import calendar_of
from geodata.pipeline.freeze import Frozen, freeze
from geodata.places.table import validate
from geodata.search.cells import decode, for_cell
from geodata.search.nearest import Question, nearest
from geodata.sources.holidays import read_holidays
from tests import makers
from tests.contracts.test_cells import encode
from tests.contracts.test_phone_ranks_as_the_server import asked, same
from tests.makers import TIMEZONE

Run = Callable[[str, str, Any], Any]
YEAR = read_holidays(Path(__file__).parents[1] / "data" / "calendar" / "2027.csv").year
HOURS = (
    "Mo-Su 09:00-18:00; PH unknown",
    "Mo-Th 09:00-18:00; Fr 09:00-16:00; PH unknown",
    "24/7",
)


@pytest.fixture(scope="module")
def frozen() -> Frozen:
    table, _ = validate(makers.three_places(opening_hours=HOURS))
    return freeze(table, makers.about(), calendar_of("CN", [YEAR]), makers.OUTLINE)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=TIMEZONE)


#: What the three say at noon: the state, and why it is unknown.
EXPECTED = {
    date(2027, 2, 9): [("unknown", "holiday"), ("unknown", "holiday"), ("open", None)],
    date(2027, 2, 20): [("open", None), ("unknown", "adjusted_workday"), ("open", None)],
    date(2027, 3, 1): [("open", None), ("open", None), ("open", None)],
    date(2028, 1, 5): [("unknown", "calendar"), ("unknown", "calendar"), ("open", None)],
}


@pytest.mark.parametrize("day", list(EXPECTED))
def test_states_and_reasons_are_the_same_wherever_they_are_told(
    frozen: Frozen, on_the_phone: Run, day: date
) -> None:
    city = frozen.snapshot()
    question = Question(114.05, 22.54, at(day), k=10, max_distance_m=20_000)
    answer = nearest(city, question)
    members = {
        city.id_of(hit.row): answer.minute_hours.member(city.hours_row(hit.row))
        for hit in answer.hits
    }
    told = [
        msgspec.json.decode(b"{" + members[name] + b"}")["open"]
        for name in ("station-1", "merchant-1", "street-1")
    ]
    assert [(each["state"], each.get("reason")) for each in told] == EXPECTED[day]

    cell = decode(encode(114.05, 22.54, 5))
    candidates = msgspec.json.decode(
        cell_reply.reply(city, question, for_cell(city, cell, question))
    )
    questions = [{"cell": candidates, "asked": asked(question)}]
    given = {"estimate": estimate.table(), "questions": questions}
    (phone,) = on_the_phone("rank_on_node.mjs", "ask/rank.js", given)
    same(city, question, phone)

    packed = msgspec.json.decode(pack.whole(city, frozen.blobs.__getitem__))
    given = {
        "pack": packed,
        "estimate": estimate.table(),
        "questions": [asked(question)],
        "ids": [],
    }
    (phone,) = on_the_phone("pack_on_node.mjs", "ask/pack.js", given)["answers"]
    same(city, question, phone)


@pytest.mark.parametrize("day", list(EXPECTED))
def test_coverage_counts_the_same_states(frozen: Frozen, day: date) -> None:
    city, states = frozen.snapshot(), [state for state, _ in EXPECTED[day]]
    places = makers.three_places().geometry
    points = gpd.GeoDataFrame(
        geometry=[shapely.Point(shape.coords[0]) for shape in places], crs=places.crs
    )
    (row,) = coverage(city, points, Within(reach_m=50.0), at(day)).to_dict("records")
    assert (row["open"], row["unknown"]) == (states.count("open"), states.count("unknown"))
