"""OGC API – Features, Part 1 (17-069r4): a checklist by requirement, and what hostile questions are
told.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from app.api.contract import ogc_shapes
from app.factory import create_app
from app.settings import Settings
from geodata.pipeline import recipes
from geodata.space.boxes import Box
from geodata.store.files import Dataset
from geodata.vocabulary import PROGRAMME_KINDS

ITEMS = "/ogc/collections/warm_bee_station/items"
NAMES = [*PROGRAMME_KINDS, "districts", "street_offices"]
EVERY = [
    "/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/collections/warm_bee_station",
    "/ogc/collections/warm_bee_station/queryables", ITEMS, f"{ITEMS}/st-00001",
    "/ogc/collections/districts/items",
    "/ogc/collections/districts/items/nanshan", "/ogc/collections/street_offices/items/440305003",
]  # fmt: skip


def read(client: FlaskClient, url: str) -> Any:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def ids(found: Any) -> list[str]:
    return [feature["id"] for feature in found["features"]]


def links(found: Any, rel: str) -> list[dict[str, str]]:
    return [link for link in found["links"] if link["rel"] == rel]


def local(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def walk(client: FlaskClient, url: str) -> list[Any]:
    """Every feature, page by page."""
    found, features = read(client, url), []
    while True:
        features += found["features"]
        onward = links(found, "next")
        if not onward:
            return features
        found = read(client, local(onward[0]["href"]))


# /req/core/root-op, root-success
def test_the_landing_page_leads_to_all_else(client: FlaskClient) -> None:
    found = msgspec.json.decode(client.get("/ogc").get_data(), type=ogc_shapes.OgcLanding)
    assert {
        "self",
        "alternate",
        "service-desc",
        "service-doc",
        "conformance",
        "data",
        "enclosure",
        "license",
    } == {link.rel for link in found.links}
    assert found.synthetic


def test_every_link_leads_somewhere_and_to_the_type_it_says(client: FlaskClient) -> None:
    """/rec/core/link-header: rel, type and title stand on every link."""
    seen = {
        (link["href"], link["type"])
        for url in EVERY
        for link in read(client, url).get("links", [])
        if link["href"].startswith("http://localhost/")
    }
    assert len(seen) > 30
    for href, kind in seen:
        with client.get(local(href)) as answer:
            assert answer.status_code == 200, href
            assert answer.headers["Content-Type"].replace("; charset=utf-8", "") == kind, href


# /req/core/api-definition-op, api-definition-success; /req/oas30/oas-definition-1, oas-impl
def test_the_api_definition_is_openapi_3_0_and_describes_every_parameter(
    client: FlaskClient,
) -> None:
    answer = client.get("/ogc/api")
    assert answer.mimetype == "application/vnd.oai.openapi+json"
    document = answer.get_json()
    assert document["openapi"].startswith("3.0")
    validate(document)
    assert all(path.startswith("/ogc") for path in document["paths"])
    taken = {
        one["name"]: one
        for one in document["paths"]["/ogc/collections/{kind}/items"]["get"]["parameters"]
    }
    # /req/core/fc-limit-definition, fc-bbox-definition, fc-time-definition
    assert taken["limit"]["schema"]["minimum"] == 1
    assert taken["limit"]["schema"]["default"] == 100
    assert (taken["bbox"]["schema"]["minItems"], taken["bbox"]["schema"]["maxItems"]) == (4, 6)
    assert (taken["bbox"]["style"], taken["bbox"]["explode"]) == ("form", False)
    assert taken["datetime"]["schema"]["type"] == "string"
    assert not any(one["required"] for name, one in taken.items() if name != "kind")


# /req/core/conformance-op, conformance-success
def test_conformance_names_core_geojson_html_and_openapi(client: FlaskClient) -> None:
    found = read(client, "/ogc/conformance")["conformsTo"]
    assert {uri.rsplit("/", 1)[1] for uri in found} == {"core", "geojson", "html", "oas30"}


# /req/core/http: HTTP/1.1 methods and status codes
def test_head_options_and_wrong_methods_are_answered_as_http_has_it(client: FlaskClient) -> None:
    head = client.head(ITEMS)
    assert (head.status_code, head.get_data()) == (200, b"")
    assert client.options(ITEMS).status_code == 204
    wrong = client.post(ITEMS)
    assert (wrong.status_code, "GET" in wrong.headers["Allow"]) == (405, True)


# /req/core/query-param-unknown, query-param-invalid
@pytest.mark.parametrize("url", [*EVERY, "/ogc/api"])
def test_an_unknown_parameter_is_400_everywhere(client: FlaskClient, url: str) -> None:
    answer = client.get(url, query_string={"unknown": "1"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=abc",
        "limit=1.5",
        "limit=",
        "limit=٣",
        "bbox=1,2,3",
        "bbox=1,2,3,4,5",
        "bbox=",
        "bbox=nan,22,114,23",
        "bbox=113,22,inf,23",
        "bbox=113,22,114,x",
        "bbox=113,23,114,22",
        "bbox=-181,22,114,23",
        "bbox=113,-91,114,23",
        "bbox=113,22,9,114,23,1",
        "bbox=1,2,3,4&bbox=1,2,3,4",
        "datetime=yesterday",
        "datetime=2026-13-01",
        "datetime=2026-02-30",
        "datetime=2026-10-01T00:00:00",
        "datetime=../..",
        "datetime=/",
        "datetime=..",
        "datetime=2026-10-02/2026-10-01",
        "datetime=2026-10-01/2026-10-02/..",
        "datetime=",
        "datetime=0001-01-01T00:00:00%2B14:00",
        "datetime=9999-12-31T23:59:59-12:00",
        "services=gold",
        "door=",
        "district=",
        "cursor=x",
        "cursor=.",
        f"cursor={'9' * 81}",
        "f=xml",
        "crs=http://www.opengis.net/def/crs/EPSG/0/4326",
    ],
)
def test_a_parameter_that_cannot_be_read_is_400(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{ITEMS}?{query}")
    assert answer.status_code == 400, answer.text[:200]
    assert answer.get_json()["errors"][0]["parameter"] == query.partition("=")[0]


# /req/core/crs84
def test_coordinates_are_crs84_longitude_first(client: FlaskClient) -> None:
    answer = client.get(ITEMS)
    assert answer.headers["Content-Crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    lon, lat = answer.get_json()["features"][0]["geometry"]["coordinates"]
    assert 113 < lon < 115
    assert 22 < lat < 23


# /req/core/fc-md-op, fc-md-success, fc-md-links, fc-md-items, fc-md-items-links, fc-md-extent
def test_every_collection_is_listed_with_its_extent_and_its_items(client: FlaskClient) -> None:
    found = msgspec.json.decode(
        client.get("/ogc/collections").get_data(), type=ogc_shapes.OgcCollections
    )
    assert [one.id for one in found.collections] == NAMES
    assert {"self", "alternate"} <= {link.rel for link in found.links}
    for one in found.collections:
        offered = {link.type for link in one.links if link.rel == "items"}
        assert offered == {"application/geo+json", "text/html"}
        assert one.extent.spatial is not msgspec.UNSET
        box = Box(*one.extent.spatial.bbox[0])
        for feature in read(client, f"/ogc/collections/{one.id}/items?limit=1000")["features"]:
            if feature["geometry"]["type"] == "Point":
                lon, lat = feature["geometry"]["coordinates"]
                assert box.west <= lon <= box.east
                assert box.south <= lat <= box.north


# /req/core/sfc-md-op, sfc-md-success
@pytest.mark.parametrize("name", NAMES)
def test_a_collection_alone_says_what_the_list_says(client: FlaskClient, name: str) -> None:
    alone = msgspec.json.decode(
        client.get(f"/ogc/collections/{name}").get_data(), type=ogc_shapes.OgcCollection
    )
    (told,) = [one for one in read(client, "/ogc/collections")["collections"] if one["id"] == name]
    assert told["extent"] == msgspec.to_builtins(alone)["extent"]
    assert alone.title == told["title"]


# /req/core/fc-op, fc-response, fc-links, fc-numberMatched, fc-numberReturned
@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_how_many_match_and_how_many_it_holds(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/ogc/collections/{name}/items?limit=3")
    shape = ogc_shapes.OgcAreas if name in ("districts", "street_offices") else ogc_shapes.OgcPlaces
    found = msgspec.json.decode(answer.get_data(), type=shape)
    assert found.numberReturned == len(found.features) == 3
    assert found.numberMatched == len(walk(client, f"/ogc/collections/{name}/items?limit=1000"))
    assert {link.rel for link in found.links} >= {"self", "alternate", "next", "collection"}


# /req/core/fc-limit-response-1; /per/core/server-limit
def test_a_limit_above_the_largest_is_answered_as_the_largest(client: FlaskClient) -> None:
    found = read(client, "/ogc/collections/friendly_merchant/items?limit=99999999999999999999")
    assert found["numberReturned"] == 1000
    assert read(client, ITEMS)["numberReturned"] == 100


def test_pages_hold_every_feature_once_in_the_order_of_ids(client: FlaskClient) -> None:
    whole = ids({"features": walk(client, f"{ITEMS}?limit=1000")})
    assert ids({"features": walk(client, f"{ITEMS}?limit=37")}) == whole == sorted(whole)
    assert len(set(whole)) == len(whole) == 753


def test_the_last_page_has_no_next(client: FlaskClient) -> None:
    assert links(read(client, "/ogc/collections/driver_home/items?limit=47"), "next") == []
    assert links(read(client, "/ogc/collections/driver_home/items?limit=46"), "next") != []


def test_a_next_link_keeps_the_filters(client: FlaskClient) -> None:
    whole = walk(
        client, f"{ITEMS}?limit=1000&district=南山区&services=hot_water&bbox=113.9,22.4,114,22.6"
    )
    paged = walk(
        client, f"{ITEMS}?limit=5&district=南山区&services=hot_water&bbox=113.9,22.4,114,22.6"
    )
    assert ids({"features": paged}) == ids({"features": whole})
    assert 5 < len(whole) < 100


# /req/core/fc-bbox-response
def test_a_box_takes_what_touches_it(client: FlaskClient) -> None:
    box = Box(113.9, 22.5, 114.0, 22.6)
    found = walk(client, f"{ITEMS}?limit=1000&bbox=113.9,22.5,114.0,22.6")
    expected = [
        feature["id"]
        for feature in walk(client, f"{ITEMS}?limit=1000")
        if box.west <= feature["geometry"]["coordinates"][0] <= box.east
        and box.south <= feature["geometry"]["coordinates"][1] <= box.north
    ]
    assert ids({"features": found}) == expected != []


def test_a_box_of_six_numbers_is_the_box_of_its_ground(client: FlaskClient) -> None:
    flat = read(client, f"{ITEMS}?bbox=113.9,22.5,114.0,22.6")
    assert ids(read(client, f"{ITEMS}?bbox=113.9,22.5,-10,114.0,22.6,9000")) == ids(flat)


def test_west_above_east_goes_over_the_antimeridian(client: FlaskClient) -> None:
    every = set(ids({"features": walk(client, f"{ITEMS}?limit=1000")}))
    over = set(ids({"features": walk(client, f"{ITEMS}?limit=1000&bbox=114,22,113.9,23")}))
    under = set(ids({"features": walk(client, f"{ITEMS}?limit=1000&bbox=113.9,22,114,23")}))
    assert over | under == every
    assert over & under == set()
    assert read(client, f"{ITEMS}?bbox=170,-90,-170,90")["numberMatched"] == 0


def test_a_box_inside_a_district_finds_that_district(client: FlaskClient) -> None:
    found = read(client, "/ogc/collections/districts/items?bbox=113.95,22.54,113.951,22.541")
    assert ids(found) == ["nanshan"]


# /req/core/fc-time-response
@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("2026-06-10", "2026-06-10", "2026-06-10"),
        ("2026-06-10T23:00:00Z", "2026-06-11", "2026-06-11"),
        ("2026-06-01/2026-06-30", "2026-06-01", "2026-06-30"),
        ("2026-06-01T00:00:00+08:00/..", "2026-06-01", "9"),
        ("../2026-06-01T00:00:00%2B08:00", "1", "2026-06-01"),
        ("2026-06-01/", "2026-06-01", "9"),
        ("/2026-06-01", "1", "2026-06-01"),
    ],
)
def test_a_time_takes_places_checked_then(
    client: FlaskClient, asked: str, first: str, last: str
) -> None:
    every = walk(client, f"{ITEMS}?limit=1000")
    expected = [
        feature["id"]
        for feature in every
        if first <= (feature["properties"]["verified_at"] or "0") <= last
    ]
    assert ids({"features": walk(client, f"{ITEMS}?limit=1000&datetime={asked}")}) == expected


def test_areas_have_no_date_and_are_in_no_answer_that_asks_for_one(client: FlaskClient) -> None:
    assert (
        read(client, "/ogc/collections/districts/items?datetime=2026-06-01/..")["numberMatched"]
        == 0
    )


# /rec/core/fc-filters
def test_properties_are_asked_for_by_name(client: FlaskClient) -> None:
    for feature in walk(
        client, f"{ITEMS}?limit=1000&street=粤海街道&needs=rest,water&audience=rider&door=qr,open"
    ):
        about = feature["properties"]
        assert about["street"] == "粤海街道"
        assert {"rest", "water"} <= set(about["needs"])
        assert "rider" in about["access"]["audience"]
        assert about["access"]["door"] in ("qr", "open")
    assert {
        feature["properties"]["district"]
        for feature in walk(client, "/ogc/collections/street_offices/items?district=南山区")
    } == {"南山区"}


@pytest.mark.parametrize("name", NAMES)
def test_queryables_are_a_json_schema_of_what_items_take(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/ogc/collections/{name}/queryables")
    assert answer.mimetype == "application/schema+json"
    schema = answer.get_json()
    Draft202012Validator.check_schema(schema)
    for asked, one in schema["properties"].items():
        words = one["items"] if one["type"] == "array" else one
        value = (words.get("enum") or one["examples"])[0]
        assert (
            client.get(f"/ogc/collections/{name}/items", query_string={asked: value}).status_code
            == 200
        )


@pytest.mark.parametrize("name", NAMES)
def test_the_link_to_the_features_leads_to_one_with_its_id_appended(
    client: FlaskClient, name: str
) -> None:
    links = read(client, f"/ogc/collections/{name}")["links"]
    (url,) = [
        link["href"]
        for link in links
        if (link["rel"], link["type"]) == ("items", "application/geo+json")
    ]
    listed = read(client, local(f"{url}?limit=1"))["features"][0]
    alone = client.get(local(f"{url}/{listed['id']}"), headers={"Accept": "application/geo+json"})
    assert {key: alone.json[key] for key in listed} == listed


# /req/core/f-op, f-success, f-links
@pytest.mark.parametrize("name", NAMES)
def test_a_feature_alone_is_the_feature_of_the_list(client: FlaskClient, name: str) -> None:
    listed = read(client, f"/ogc/collections/{name}/items?limit=1")["features"][0]
    alone = read(client, f"/ogc/collections/{name}/items/{listed['id']}")
    assert {key: alone[key] for key in listed} == listed
    assert {"self", "alternate", "collection"} <= {link["rel"] for link in alone["links"]}


@pytest.mark.parametrize(
    "url",
    [
        "/ogc/collections/nowhere",
        "/ogc/collections/nowhere/items",
        "/ogc/collections/nowhere/queryables",
        f"{ITEMS}/nobody",
        f"{ITEMS}/fm-00001",
        "/ogc/collections/districts/items/st-00001",
        f"{ITEMS}/{'x' * 300}",
        f"{ITEMS}/驿站",
    ],
)
def test_what_is_not_there_is_404(client: FlaskClient, url: str) -> None:
    answer = client.get(url)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


# /req/geojson/definition, content
def test_features_are_geojson_with_outer_rings_counterclockwise(client: FlaskClient) -> None:
    import shapely

    assert client.get(ITEMS).mimetype == "application/geo+json"
    for name in ("districts", "street_offices"):
        for feature in walk(client, f"/ogc/collections/{name}/items?limit=1000"):
            shape = shapely.geometry.shape(feature["geometry"])
            assert shape.is_valid
            assert all(part.exterior.is_ccw for part in shapely.get_parts(shape))


# /req/html/definition, content
@pytest.mark.parametrize("url", EVERY)
def test_every_resource_is_a_page_too(client: FlaskClient, url: str) -> None:
    accepting = client.get(url, headers={"Accept": "text/html,*/*;q=0.8"})
    for page in (accepting, client.get(url, query_string={"f": "html"})):
        assert (page.status_code, page.mimetype) == (200, "text/html")
        assert "演示数据：这些驿站并不存在" in page.text
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        hrefs = re.findall(r'href="((?:http://localhost)?/ogc[^"]*)"', page.text)
        for href in {href.replace("&amp;", "&") for href in hrefs}:
            assert client.get(local(href)).status_code == 200, href
    assert (
        client.get(url, query_string={"f": "json"}, headers={"Accept": "text/html"}).mimetype
        != "text/html"
    )


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_page_of_features_says_names_in_its_list(client: FlaskClient, language: str) -> None:
    page = client.get(f"{ITEMS}?f=html&limit=2&lang={language}")
    assert page.headers["Content-Language"] == language
    for feature in read(client, f"{ITEMS}?limit=2")["features"]:
        assert feature["properties"]["name"] in page.text


@pytest.mark.parametrize("url", EVERY)
@pytest.mark.parametrize("form", ["json", "html"])
def test_replies_have_strong_tags_that_differ_by_form_and_host(
    client: FlaskClient, url: str, form: str
) -> None:
    first = client.get(url, query_string={"f": form})
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    assert "Accept" in first.headers["Vary"]
    again = client.get(url, query_string={"f": form}, headers={"If-None-Match": tag})
    assert (again.status_code, again.get_data()) == (304, b"")
    other = client.get(url, query_string={"f": form}, base_url="http://example.org")
    assert other.headers["ETag"] != tag or other.get_data() == first.get_data()


def test_a_walk_keeps_to_its_version_and_a_version_that_is_gone_is_410(tmp_path: Path) -> None:
    store = Dataset(tmp_path, "walked")

    def publish(places: int, seed: int) -> None:
        frozen = recipes.demo("walked", seed, recipes.scaled(places))
        store.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)

    publish(300, 1)
    application = create_app(Settings(tmp_path, "walked"))
    visitor = application.test_client()
    url = "/ogc/collections/friendly_merchant/items"
    before = ids({"features": walk(visitor, f"{url}?limit=1000")})
    first = read(visitor, f"{url}?limit=50")
    onward = local(links(first, "next")[0]["href"])
    publish(400, 2)
    rest = walk(visitor, onward)
    assert ids(first) + ids({"features": rest}) == before
    gone = visitor.get(onward.replace(first["dataVersion"], "0123456789abcdef"))
    assert gone.status_code == 410
    assert read(visitor, url)["dataVersion"] in gone.get_json()["detail"]


def test_a_cursor_that_no_page_ended_at_is_400(client: FlaskClient) -> None:
    version = read(client, ITEMS)["dataVersion"]
    assert client.get(f"{ITEMS}?cursor={version}.nobody").status_code == 400


def test_no_text_of_a_place_becomes_html(tmp_path: Path) -> None:
    from tests import makers

    raw = makers.three_places(name=["<script>alert(1)</script>", "b", "c"])
    frozen = makers.frozen(raw)
    Dataset(tmp_path, "made").publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    visitor = create_app(Settings(tmp_path, "made")).test_client()
    for url in (ITEMS, f"{ITEMS}/station-1"):
        page = visitor.get(url, query_string={"f": "html"}).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
    assert json.loads(visitor.get("/ogc/collections").get_data())["collections"][-1]["extent"] == {}
