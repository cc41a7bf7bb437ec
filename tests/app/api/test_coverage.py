"""/api/v1/coverage: shares that add up, the same as the analyst's, and who may keep them."""

from pathlib import Path

import geopandas as gpd
import msgspec
import pytest
from flask.testing import FlaskClient

from app.api.contract import coverage_shapes
from app.factory import create_app
from app.settings import Settings
from geodata.analysis.coverage import coverage
from geodata.coverage.near import Within
from geodata.estimate import eta
from geodata.search.filter import Filter
from geodata.store.files import Dataset
from geodata.vocabulary import Mode, Need
from tests import makers

NIGHT = "2026-11-18T02:00:00+08:00"


def asked(client: FlaskClient, **query: object) -> coverage_shapes.Coverage:
    answer = client.get("/api/v1/coverage", query_string={"at": NIGHT, **query})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return msgspec.json.decode(answer.get_data(), type=coverage_shapes.Coverage)


def test_the_four_shares_add_up_in_every_area_and_the_demand_is_called_synthetic(
    client: FlaskClient,
) -> None:
    found = asked(client, by="street", needs="water")
    assert found.synthetic
    assert "synthetic" in found.demand.title_en
    assert len(found.areas) >= 74
    for area in found.areas:
        parts = (area.share_open, area.share_unknown, area.share_closed, area.share_none)
        known = [part for part in parts if isinstance(part, float)]
        assert sum(known) == pytest.approx(1 if area.weight else 0, abs=3e-4)
    assert sum(area.weight for area in found.areas) == found.demand.weight == 100_000


def test_the_city_is_the_sum_of_its_districts_and_these_of_their_streets(
    client: FlaskClient,
) -> None:
    sums = []
    for by in ("city", "district", "street"):
        areas = asked(client, by=by, needs="rest", reach_m=800).areas
        sums.append(
            sum(
                area.weight * area.share_open
                for area in areas
                if isinstance(area.share_open, float)
            )
        )
    assert sums[1:] == pytest.approx([sums[0]] * 2, rel=1e-3)


def test_the_hours_hold_the_instant(client: FlaskClient) -> None:
    hourly, once = asked(client, hourly="true"), asked(client)
    assert [day.kind for day in hourly.days] == [
        "MO",
        "TU",
        "WE",
        "TH",
        "FR",
        "SA",
        "SU",
        "PH",
        "WORKDAY",
    ]
    assert hourly.days[2].date == NIGHT[:10]
    curve = hourly.areas[0].share_open
    assert isinstance(curve, list)
    assert [len(day) for day in curve] == [24] * 9
    assert curve[2][2] == once.areas[0].share_open


def test_the_shares_are_those_of_the_analysts_frames(client: FlaskClient, demo_home: Path) -> None:
    snapshot = Dataset(demo_home, "demo").load()
    crowd = snapshot.demand
    points = gpd.GeoDataFrame(
        {"w": crowd.weight}, geometry=gpd.points_from_xy(*crowd.lonlat.T), crs="EPSG:4326"
    )
    within = Within(Filter(needs=(Need.WATER,)), 700)
    told = coverage(snapshot, points, within, makers.NIGHT, weight="w").iloc[0]
    area = asked(client, needs="water", reach_m=700).areas[0]
    assert area.weight == told.weight
    assert area.share_open == round(told.share_open, 4)
    assert area.share_none == round(told.share_none, 4)


def test_minutes_are_an_estimate_and_stand_in_place_of_metres(client: FlaskClient) -> None:
    reach_m = asked(client, minutes=12).reach_m
    assert eta(reach_m, Mode.WALK).eta_s == pytest.approx(12 * 60, abs=0.2)
    assert asked(client, minutes=12).reach_kind == "estimate"
    assert asked(client, minutes=12).areas == asked(client, reach_m=reach_m).areas
    both = client.get("/api/v1/coverage?minutes=5&reach_m=500&lang=en")
    assert both.status_code == 400
    assert both.get_json()["errors"] == [
        {"parameter": "minutes", "detail": "Give reach_m or minutes, not both."}
    ]


@pytest.mark.parametrize(
    "bad",
    ["reach_m=0", "reach_m=20001", "minutes=61", "by=house", "hourly=2", "needs=sleep", "x=1"],
)
def test_what_is_out_of_range_is_refused(client: FlaskClient, bad: str) -> None:
    assert client.get(f"/api/v1/coverage?{bad}").status_code == 400


def test_an_instant_is_kept_for_good_and_now_until_the_quarter_ends(client: FlaskClient) -> None:
    url = "/api/v1/coverage?at=2026-11-18T02:00:00%2B08:00"
    first = client.get(url)
    assert client.get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    now = client.get("/api/v1/coverage")
    assert 0 <= int(now.headers["Cache-Control"].partition("max-age=")[2]) <= 900
    assert now.get_json()["at"][14:19] in ("00:00", "15:00", "30:00", "45:00")


def test_a_dataset_without_demand_says_so(tmp_path: Path) -> None:
    frozen = makers.frozen(makers.three_places(), dataset="made")
    Dataset(tmp_path, "made").publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    answer = create_app(Settings(tmp_path, "made")).test_client().get("/api/v1/coverage?lang=en")
    assert answer.status_code == 404
    assert answer.get_json()["title"] == "This dataset has no demand to take shares of"
