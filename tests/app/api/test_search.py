"""/api/v1/search: what it takes, what it refuses, and who may keep its answer."""

from urllib.parse import quote

import msgspec
import pytest
from flask.testing import FlaskClient

from app.api.contract import shapes


def asked(client: FlaskClient, **query: object) -> shapes.FoundPlaces:
    answer = client.get("/api/v1/search", query_string=query)
    assert answer.status_code == 200
    assert answer.mimetype == "application/geo+json"
    return msgspec.json.decode(answer.get_data(), type=shapes.FoundPlaces)


@pytest.mark.parametrize(
    "typed", ["白石洲", "baishizhou", "bái shí zhōu", "bsz", "白石州", "Baishizhou", "ＢＳＺ"]
)
def test_every_way_of_typing_leads_to_the_same_village(client: FlaskClient, typed: str) -> None:
    found = asked(client, q=typed)
    assert found.features[0].properties.name == "白石洲"
    assert found.features[0].properties.kind == "landmark"
    assert found.numberMatched == 11
    assert found.numberReturned == len(found.features) == 10
    assert found.synthetic


def test_a_place_is_told_as_elsewhere_and_a_street_office_with_its_code(
    client: FlaskClient,
) -> None:
    found = asked(client, q="沙河", k=20)
    office = found.features[0].properties
    assert (office.kind, office.name, office.code, office.district) == (
        "street_office",
        "沙河街道",
        "440305003",
        "南山区",
    )
    hit = next(match for match in found.features if match.id is not msgspec.UNSET)
    alone = client.get(f"/api/v1/places/{hit.id}").get_json()
    assert msgspec.to_builtins(hit.properties) == {
        name: value for name, value in alone["properties"].items() if name != "provenance"
    }


def test_with_a_position_the_nearest_comes_first_and_no_cache_keeps_it(client: FlaskClient) -> None:
    query = {"q": "暖蜂驿站", "lon": 113.9645, "lat": 22.5405, "k": 50}
    answer = client.get("/api/v1/search", query_string=query)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers
    metres = [match.properties.distance_m for match in asked(client, **query).features]
    assert metres == sorted(metres)
    nearest = client.get(
        "/api/v1/nearest?lon=113.9645&lat=22.5405&kinds=warm_bee_station&k=1"
    ).get_json()
    assert metres[0] == nearest["features"][0]["properties"]["distance_m"]


def test_without_one_it_is_kept_and_answers_304(client: FlaskClient) -> None:
    url = "/api/v1/search?q=bsz"
    answer = client.get(url)
    assert "no-store" not in answer.headers["Cache-Control"]
    assert client.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get(url + "&k=3").headers["ETag"] != answer.headers["ETag"]


def test_a_datum_is_read(client: FlaskClient) -> None:
    here, shifted = (
        {"lon": 113.9645, "lat": 22.5405},
        {"lon": 113.96936, "lat": 22.53738, "datum": "gcj02"},
    )
    plain, read = (
        asked(client, q="驿站", k=1, **at).features[0].properties.distance_m
        for at in (here, shifted)
    )
    assert abs(plain - read) < 20


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=",
        "q=%20",
        "q=%EF%BC%81",
        "q=%00",
        "q=%F0%9F%90%9D",
        "q=" + "x" * 65,
        "q=a&q=b",
        "q=a&k=0",
        "q=a&k=51",
        "q=a&lon=113.9",
        "q=a&lat=22.5",
        "q=a&lon=nan&lat=22.5",
        "q=a&lon=22.5&lat=200",
        "q=a&page=2",
        "q=" + quote("㈱" * 64),
    ],
)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_cannot_be_read_is_400_and_says_why(
    client: FlaskClient, query: str, language: str
) -> None:
    answer = client.get(f"/api/v1/search?{query}&lang={language}".replace("?&", "?"))
    assert answer.status_code == 400
    assert answer.get_json()["errors"]


def test_a_position_outside_the_area_is_422(client: FlaskClient) -> None:
    assert client.get("/api/v1/search?q=a&lon=121.4&lat=31.2").status_code == 422


@pytest.mark.parametrize(
    "typed",
    [
        "'; DROP TABLE--",
        "<script>alert(1)</script>",
        "${7*7}",
        "%%%s",
        "a" * 60,
        "白" * 60,
        "驿 " * 30,
        "\u202e驿站",
        "ﷺﷺ",
    ],
)
def test_hostile_texts_are_only_texts(client: FlaskClient, typed: str) -> None:
    answer = client.get("/api/v1/search", query_string={"q": typed})
    assert answer.status_code == 200
    assert answer.mimetype == "application/geo+json"
    assert answer.get_json()["query"]["q"] == typed


def test_a_text_that_nobody_escaped_is_read_as_utf_8(client: FlaskClient) -> None:
    raw = "q=白石洲".encode().decode("latin-1")  # as WSGI hands on what curl sends
    answer = client.get("/api/v1/search", environ_overrides={"QUERY_STRING": raw})
    assert answer.get_json()["query"]["q"] == "白石洲"
    assert answer.get_json()["numberMatched"] == 11
