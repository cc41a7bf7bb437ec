"""`/api/v1/along`: what lies on the way, and what is refused in which words."""

from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient

from app.api.contract import shapes
from app.request import polyline
from geodata.space.coordinates import from_wgs84, geodesic_m

ENDS = "from=113.9645,22.5405&to=114.0579,22.5431"


def ask(client: FlaskClient, query: str) -> Any:
    answer = client.get(f"/api/v1/along?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return msgspec.json.decode(answer.get_data(), type=shapes.Along)


def refuse(client: FlaskClient, query: str) -> Any:
    answer = client.get(f"/api/v1/along?{query}", headers={"Accept-Language": "en"})
    return msgspec.json.decode(answer.get_data(), type=shapes.ProblemDetails)


def encoded(points: list[tuple[float, float]]) -> str:
    """The published algorithm, forwards:
    https://developers.google.com/maps/documentation/utilities/polylinealgorithm.
    """
    text, before = "", (0, 0)
    for lon, lat in points:
        here = round(lat * 1e5), round(lon * 1e5)
        for now, then in zip(here, before, strict=True):
            bits = (now - then) << 1 if now >= then else ~((now - then) << 1)
            while bits >= 32:
                text += chr((bits & 31 | 32) + 63)
                bits >>= 5
            text += chr(bits + 63)
        before = here
    return text


def test_the_published_example_of_an_encoded_polyline_is_read() -> None:
    assert polyline.decode("_p~iF~ps|U_ulLnnqC_mqNvxq`@") == [
        (-120.2, 38.5),
        (-120.95, 40.7),
        (-126.453, 43.252),
    ]


@pytest.mark.parametrize("text", ["_p~iF", "_p~iF~ps|", "_p~iF~ps U", "路", "~" * 40])
def test_what_is_no_whole_polyline_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"latitude|end|letter"):
        polyline.decode(text)


def test_places_come_least_detour_first_and_the_detour_is_that_of_geodesics(
    client: FlaskClient,
) -> None:
    reply = ask(client, f"{ENDS}&k=50&kinds=warm_bee_station,friendly_merchant,driver_home")
    assert reply.synthetic
    assert reply.numberReturned == len(reply.features) == 50
    detours = [hit.properties.detour_m for hit in reply.features]
    assert detours == sorted(detours)
    for hit in reply.features:
        lon, lat = hit.geometry.coordinates
        over_m = float(
            geodesic_m(113.9645, 22.5405, lon, lat) + geodesic_m(lon, lat, 114.0579, 22.5431)
        )
        assert (
            abs(
                over_m
                - float(geodesic_m(113.9645, 22.5405, 114.0579, 22.5431))
                - hit.properties.detour_m
            )
            < 0.2
        )
        assert 0 <= hit.properties.along_m <= 9_700
        assert hit.properties.detour_kind == "geodesic"


def test_a_path_is_followed_and_the_hours_are_those_on_arrival(client: FlaskClient) -> None:
    path = encoded([(113.9645, 22.5405), (113.99, 22.545), (114.02, 22.541), (114.0579, 22.5431)])
    query = "at=2026-11-21T20:50:00%2B08:00&open=at_arrival&mode=ride&k=20&include_unknown=false"
    for hit in ask(client, f"path={path}&{query}").features:
        assert hit.properties.open.at_arrival in {"open", "closing_soon"}
        assert (
            hit.properties.eta_range_s[0] <= hit.properties.eta_s <= hit.properties.eta_range_s[1]
        )


def test_a_street_on_the_way_tells_where_it_is_entered(client: FlaskClient) -> None:
    hit = ask(client, f"{ENDS}&kinds=warm_bee_street&max_detour_m=20000&k=1").features[0]
    assert hit.geometry.type == "LineString"
    assert hit.properties.nearest_point is not None
    assert hit.properties.navigate is not None


def test_shifted_ends_give_the_same_list(client: FlaskClient) -> None:
    ends = [
        ",".join(f"{float(part):.9f}" for part in from_wgs84(lon, lat, "bd09"))
        for lon, lat in ((113.9645, 22.5405), (114.0579, 22.5431))
    ]
    shifted = ask(client, f"from={ends[0]}&to={ends[1]}&datum=bd09")
    assert [hit.id for hit in shifted.features] == [hit.id for hit in ask(client, ENDS).features]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "from"),
        ("from=113.9645,22.5405", "to"),
        ("from=113.9645,22.5405&to=114", "to"),
        ("from=113.9645,nan&to=114,22.5", "from"),
        ("from=１,22.5&to=114,22.5", "from"),
        ("from=113.9645,95&to=114,22.5", "from"),
        (f"{ENDS}&path=_p~iF~ps|U", "path"),
        ("path=", "path"),
        ("path=_p~iF", "path"),
        (f"path={encoded([(114.0, 22.55)])}", "path"),
        (f"path={encoded([(114.0, 22.55)] * 1_001)}", "path"),
        (f"{ENDS}&max_detour_m=-1", "max_detour_m"),
        (f"{ENDS}&max_detour_m=20001", "max_detour_m"),
        (f"{ENDS}&max_distance_m=100", "max_distance_m"),
        (f"{ENDS}&widen=true", "widen"),
    ],
)
def test_what_cannot_be_read_is_a_400_that_names_the_parameter(
    client: FlaskClient, query: str, parameter: str
) -> None:
    problem = refuse(client, query)
    assert problem.status == 400
    assert [item.parameter for item in problem.errors] == [parameter]


def test_points_outside_the_area_are_422_and_swapped_ones_are_told_so(client: FlaskClient) -> None:
    assert "lon first" in refuse(client, "from=22.5405,113.9645&to=114.0579,22.5431").detail
    abroad = refuse(client, f"path={encoded([(114.0, 22.55), (121.47, 31.23)])}")
    assert (abroad.status, abroad.type) == (422, "/docs#outside-area")


def test_a_path_that_nobody_rides_in_a_day_is_refused(client: FlaskClient) -> None:
    there_and_back = [(113.9, 22.55), (114.2, 22.6)] * 10
    assert "at most 300 km" in refuse(client, f"path={encoded(there_and_back)}").detail


def test_a_reply_with_a_position_is_kept_by_nobody(client: FlaskClient) -> None:
    answer = client.get(f"/api/v1/along?{ENDS}")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers
