"""`/api/v1/nearest`: what it answers, and what it refuses in which words."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient

from app.api.contract import shapes
from geodata.estimate import eta
from geodata.space.coordinates import from_wgs84, geodesic_m
from geodata.store.files import Dataset
from geodata.vocabulary import Mode

BAISHIZHOU = "lon=113.9645&lat=22.5405"


def ask(client: FlaskClient, query: str) -> Any:
    answer = client.get(f"/api/v1/nearest?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return msgspec.json.decode(answer.get_data(), type=shapes.NearestPlaces)


def refuse(client: FlaskClient, query: str, language: str = "en") -> Any:
    answer = client.get(f"/api/v1/nearest?{query}", headers={"Accept-Language": language})
    problem = msgspec.json.decode(answer.get_data(), type=shapes.ProblemDetails)
    assert answer.mimetype == "application/problem+json"
    assert answer.status_code == problem.status
    return problem


def test_the_reply_decodes_as_the_documented_shape_and_says_that_the_data_is_synthetic(
    client: FlaskClient,
) -> None:
    reply = ask(client, BAISHIZHOU)
    assert reply.synthetic
    assert reply.numberReturned == len(reply.features) == 10
    assert reply.more


def test_places_come_nearest_first_at_their_geodesic_distance(client: FlaskClient) -> None:
    hits = ask(
        client, f"{BAISHIZHOU}&k=50&kinds=warm_bee_station,friendly_merchant,driver_home"
    ).features
    metres = [hit.properties.distance_m for hit in hits]
    assert metres == sorted(metres)
    for hit, stated in zip(hits, metres, strict=True):
        lon, lat = hit.geometry.coordinates
        assert (
            abs(float(geodesic_m(113.9645, 22.5405, lon, lat)) - stated) < 0.15
        )  # written with 6 decimals: 0.1 m


def test_hot_water_that_is_open_now_is_found_near_baishizhou(client: FlaskClient) -> None:
    at = "2026-11-21T12:00:00%2B08:00"
    hits = ask(
        client, f"{BAISHIZHOU}&services=hot_water&open=now&include_unknown=false&at={at}&k=3"
    ).features
    assert len(hits) == 3
    for hit in hits:
        assert "hot_water" in hit.properties.services
        assert hit.properties.open.state in {"open", "closing_soon"}
        assert hit.properties.distance_m < 1_000


def test_all_needs_must_be_met_and_any_kind_will_do(client: FlaskClient) -> None:
    hits = ask(
        client, f"{BAISHIZHOU}&needs=rest,heat_food&kinds=driver_home,warm_bee_station&k=20"
    ).features
    for hit in hits:
        assert {"rest", "heat_food"} <= set(hit.properties.needs)
        assert hit.properties.kind in {"driver_home", "warm_bee_station"}


def test_where_one_must_register_first_is_left_out_only_when_asked(client: FlaskClient) -> None:
    everywhere = f"{BAISHIZHOU}&max_distance_m=50000&k=50&door=qr,face,code"
    asked, unasked = ask(client, f"{everywhere}&register=no"), ask(client, everywhere)
    entries = [hit.properties.access.entry for hit in unasked.features]
    registers = [entry is not None and entry.register == "yes" for entry in entries]
    assert any(registers)
    assert not all(registers)
    assert all("申请" in entry.how or "登记" in entry.how for entry in entries if entry)
    kept = [hit.id for hit, must in zip(unasked.features, registers, strict=True) if not must]
    assert [hit.id for hit in asked.features][: len(kept)] == kept
    assert all(
        hit.properties.access.entry is None or hit.properties.access.entry.register != "yes"
        for hit in asked.features
    )


def test_learning_is_a_need_and_power_is_another(client: FlaskClient) -> None:
    for need, serving in (
        ("learn", {"books", "courses"}),
        ("recharge", {"phone_charge", "ebike_charge", "battery_swap", "ev_charge"}),
    ):
        hits = ask(client, f"{BAISHIZHOU}&max_distance_m=50000&k=50&needs={need}").features
        assert len(hits) == 50
        assert all(serving & set(hit.properties.services) for hit in hits)
        assert all(need in hit.properties.needs for hit in hits)


def test_every_place_says_its_layer_source_licence_and_position(client: FlaskClient) -> None:
    for hit in ask(client, f"{BAISHIZHOU}&k=50").features:
        said = hit.properties
        assert (said.layer, said.position, said.radius_m) == ("main", "stated", None)
        assert (said.source, said.licence) == ("synthetic, seed 2022", "CC0-1.0")
        assert said.maybe == []


def test_unknown_hours_are_labelled_and_left_out_only_when_asked(client: FlaskClient) -> None:
    at = "at=2026-11-21T02:00:00%2B08:00&open=now&k=50"
    with_unknown = {hit.properties.open.state for hit in ask(client, f"{BAISHIZHOU}&{at}").features}
    without = {
        hit.properties.open.state
        for hit in ask(client, f"{BAISHIZHOU}&{at}&include_unknown=false").features
    }
    assert "unknown" in with_unknown
    assert without <= {"open", "closing_soon"}


def test_a_gcj02_question_gives_the_same_list_as_its_wgs84_point(client: FlaskClient) -> None:
    lon, lat = (float(part) for part in from_wgs84(113.9645, 22.5405, "gcj02"))
    shifted = ask(client, f"lon={lon:.9f}&lat={lat:.9f}&datum=gcj02")
    plain = ask(client, BAISHIZHOU)
    assert [hit.id for hit in shifted.features] == [hit.id for hit in plain.features]


def test_a_street_is_entered_at_its_nearest_point(client: FlaskClient) -> None:
    hit = ask(client, f"{BAISHIZHOU}&kinds=warm_bee_street&max_distance_m=50000&k=1").features[0]
    assert hit.geometry.type == "LineString"
    lon, lat = hit.properties.nearest_point
    assert abs(float(geodesic_m(113.9645, 22.5405, lon, lat)) - hit.properties.distance_m) < 0.15
    assert hit.properties.navigate is not None


def test_nothing_within_reach_is_an_empty_list_and_not_an_error(client: FlaskClient) -> None:
    reply = ask(client, f"{BAISHIZHOU}&max_distance_m=1")
    assert reply.features == []
    assert not reply.more


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        (f"{BAISHIZHOU}&k=0", "k"),
        (f"{BAISHIZHOU}&k=51", "k"),
        (f"{BAISHIZHOU}&k=1.5", "k"),
        (f"{BAISHIZHOU}&k=５", "k"),  # Unicode digits
        ("lon=113.9645&lat=91", "lat"),
        ("lon=nan&lat=22.5", "lon"),
        ("lon=inf&lat=22.5", "lon"),
        ("lon=113.9645", "lat"),
        (f"{BAISHIZHOU}&needs=", "needs"),
        (f"{BAISHIZHOU}&needs=coffee", "needs"),
        (f"{BAISHIZHOU}&colour=red", "colour"),
        (f"{BAISHIZHOU}&k=3&k=4", "k"),
        (f"{BAISHIZHOU}&at=2026-11-21T02:00:00", "at"),  # no offset
        (f"{BAISHIZHOU}&max_distance_m=0", "max_distance_m"),
        (f"{BAISHIZHOU}&max_distance_m=50001", "max_distance_m"),
        (f"{BAISHIZHOU}&include_unknown=maybe", "include_unknown"),
        (f"{BAISHIZHOU}&datum=utm", "datum"),
        (f"{BAISHIZHOU}&open=later", "open"),
    ],
)
def test_what_cannot_be_read_is_a_400_that_names_the_parameter(
    client: FlaskClient, query: str, parameter: str
) -> None:
    problem = refuse(client, query)
    assert problem.status == 400
    assert [item.parameter for item in problem.errors] == [parameter]


def test_every_fault_is_told_at_once(client: FlaskClient) -> None:
    problem = refuse(client, "lon=x&lat=95&k=0&colour=red")
    assert {item.parameter for item in problem.errors} == {"lon", "lat", "k", "colour"}


def test_a_plus_that_nobody_escaped_is_still_an_offset(client: FlaskClient) -> None:
    assert (
        ask(client, f"{BAISHIZHOU}&at=2026-11-21T02:00:00+08:00").timeStamp
        == "2026-11-21T02:00:00+08:00"
    )


def test_swapped_degrees_are_told_so(client: FlaskClient) -> None:
    problem = refuse(client, "lon=22.5405&lat=113.9645")
    assert problem.status == 422
    assert problem.type.endswith("outside-area")
    assert "lon first" in problem.detail


def test_a_point_that_lies_inside_once_it_is_unshifted_is_told_so(
    client: FlaskClient, demo_home: Path
) -> None:
    outline = Dataset(demo_home, "demo").load().outline
    inside = [(x - 0.003, y) for x, y in outline.xy.tolist() if outline.holds(x - 0.003, y)]
    shifted = [tuple(float(part) for part in from_wgs84(lon, lat, "gcj02")) for lon, lat in inside]
    lon, lat = next((lon, lat) for lon, lat in shifted if not outline.holds(lon, lat))
    problem = refuse(client, f"lon={lon}&lat={lat}")
    assert problem.status == 422
    assert "datum=gcj02" in problem.detail
    assert ask(client, f"lon={lon}&lat={lat}&datum=gcj02")


def test_refusals_speak_chinese_by_default_and_english_when_asked(client: FlaskClient) -> None:
    assert (
        refuse(client, f"{BAISHIZHOU}&k=0", "").title
        != refuse(client, f"{BAISHIZHOU}&k=0", "en").title
    )
    assert (
        refuse(client, f"{BAISHIZHOU}&k=0&lang=en", "zh-CN").title
        == refuse(client, f"{BAISHIZHOU}&k=0", "en").title
    )


def test_a_reply_with_a_position_is_kept_by_nobody(client: FlaskClient) -> None:
    answer = client.get(f"/api/v1/nearest?{BAISHIZHOU}")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers


def test_open_at_arrival_tells_the_state_on_arrival_and_the_estimated_time(
    client: FlaskClient,
) -> None:
    query = (
        f"{BAISHIZHOU}&open=at_arrival&mode=ride&stay_min=20&at=2026-11-21T20:50:00%2B08:00&k=20"
    )
    for hit in ask(client, query).features:
        found = hit.properties
        assert found.open.at_arrival in {"open", "closing_soon", "unknown"}
        assert found.eta_kind == "estimate"
        assert found.eta_range_s[0] <= found.eta_s <= found.eta_range_s[1]
        assert found.eta_s == round(eta(found.distance_m, Mode.RIDE).eta_s)
        assert "mode=ride" in found.navigate.amap


def test_widening_lists_what_it_relaxed(client: FlaskClient) -> None:
    query = (
        f"{BAISHIZHOU}&services=sticker_desk&open=now&max_distance_m=200&k=5&include_unknown=false"
    )
    reply = ask(client, f"{query}&widen=true&at=2026-11-21T02:00:00%2B08:00")
    assert [step.rule for step in reply.relaxed][:2] == ["opening_within_min", "include_unknown"]
    assert reply.relaxed[2].before == 200
    assert reply.relaxed[2].after == 400
    assert reply.numberReturned > 0


def test_a_street_asked_in_another_datum_is_entered_at_the_same_spot(client: FlaskClient) -> None:
    street = "kinds=warm_bee_street&max_distance_m=50000&k=1"
    lon, lat = (float(part) for part in from_wgs84(113.9645, 22.5405, "gcj02"))
    plain = ask(client, f"{BAISHIZHOU}&{street}").features[0].properties.nearest_point
    shifted = (
        ask(client, f"lon={lon:.9f}&lat={lat:.9f}&datum=gcj02&{street}")
        .features[0]
        .properties.nearest_point
    )
    assert plain == shifted


def test_no_log_holds_the_position_even_when_something_breaks(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    with caplog.at_level("DEBUG"):
        ask(client, BAISHIZHOU)
        refuse(client, f"{BAISHIZHOU}&k=0")
        monkeypatch.setattr("geodata.search.nearest.nearest", broken)
        assert client.get(f"/api/v1/nearest?{BAISHIZHOU}").status_code == 500
    assert "/api/v1/nearest" in caplog.text
    assert "113.96" not in caplog.text
    assert "22.54" not in caplog.text
