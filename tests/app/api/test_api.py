"""The other reads: one place, readiness, tiles, the OpenAPI document, and what HTTP owes its
callers.
"""

import gzip
import html
import json
import re
from datetime import date, datetime
from pathlib import Path

import brotli
import msgspec
import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from app.api.contract import openapi, own_shapes, shapes, voice
from app.factory import create_app
from app.settings import Settings
from geodata.hours.calendar import HolidayDate, HolidayYear
from geodata.store.calendar import HomeCalendar
from geodata.store.files import Dataset
from geodata.store.history import Stamp
from tests import makers
from tests.makers import TIMEZONE

AT = "at=2026-11-21T02:15:00%2B08:00"


@pytest.fixture(scope="module")
def version(client: FlaskClient) -> str:
    return str(client.get("/readyz").get_json()["dataVersion"])


def test_a_place_alone_tells_its_provenance_and_answers_304(client: FlaskClient) -> None:
    answer = client.get("/api/v1/places/st-00001")
    place = msgspec.json.decode(answer.get_data(), type=shapes.Place)
    assert place.properties.provenance is not None
    assert place.properties.provenance.file == "demo"
    assert place.synthetic
    again = client.get("/api/v1/places/st-00001", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert again.get_data() == b""
    assert again.headers["ETag"] == answer.headers["ETag"]


def test_another_coding_has_another_etag(client: FlaskClient) -> None:
    tags = {
        client.get("/api/v1/places/st-00001", headers={"Accept-Encoding": coding}).headers["ETag"]
        for coding in ("identity", "gzip", "br")
    }
    assert len(tags) == 3


def test_replies_are_compressed_as_the_caller_accepts(client: FlaskClient) -> None:
    url = "/api/v1/places/st-00001"
    plain = client.get(url).get_data()
    assert (
        brotli.decompress(client.get(url, headers={"Accept-Encoding": "gzip, br"}).get_data())
        == plain
    )
    assert (
        gzip.decompress(client.get(url, headers={"Accept-Encoding": "gzip, br;q=0"}).get_data())
        == plain
    )


@pytest.mark.parametrize("place_id", ["st-99999", "x", "A" * 500, "驿站", "st-00001%00"])
def test_an_unknown_id_is_404(client: FlaskClient, place_id: str) -> None:
    answer = client.get(f"/api/v1/places/{place_id}")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_a_cell_is_a_pure_function_of_its_url_and_kept_until_the_quarter_ends(
    client: FlaskClient,
) -> None:
    url = f"/api/v1/nearest/cell/ws102r?{AT}&needs=water&k=5"
    answer = client.get(url)
    reply = msgspec.json.decode(answer.get_data(), type=shapes.CellReply)
    assert len(reply.places) >= 5
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert client.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get(url).get_data() == answer.get_data()


@pytest.mark.parametrize("geohash", ["ws1", "ws1012345", "a", "ws10i"])
def test_what_is_no_cell_is_refused(client: FlaskClient, geohash: str) -> None:
    assert client.get(f"/api/v1/nearest/cell/{geohash}?{AT}").status_code == 400


def test_a_cell_outside_the_area_is_told_so(client: FlaskClient) -> None:
    assert client.get(f"/api/v1/nearest/cell/wtw3s?{AT}").status_code == 422  # Shanghai


def test_readyz_says_what_stands_behind_the_answers(client: FlaskClient) -> None:
    ready = msgspec.json.decode(client.get("/readyz").get_data(), type=own_shapes.Ready)
    assert ready.synthetic
    assert ready.places == 4039
    assert ready.counts == {
        "warm_bee_station": 753,
        "driver_home": 47,
        "warm_bee_street": 13,
        "friendly_merchant": 3226,
        "public_place": 0,
    }
    assert ready.calendarKnownUntil == "2026-12-31"


@pytest.mark.parametrize(
    ("today", "warned"),
    [
        (datetime(2026, 10, 31, 23, 59, tzinfo=TIMEZONE), False),
        (datetime(2026, 11, 1, tzinfo=TIMEZONE), True),
        (datetime(2026, 12, 31, tzinfo=TIMEZONE), True),
        (datetime(2027, 1, 1, tzinfo=TIMEZONE), True),
    ],
)
def test_readyz_warns_from_november_on_while_next_year_is_not_known(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, today: datetime, *, warned: bool
) -> None:
    monkeypatch.setattr("app.request.queries.now", lambda: today)
    ready = msgspec.json.decode(client.get("/readyz").get_data(), type=own_shapes.Ready)
    assert ready.status == "ready"
    text = ready.calendarWarning or ""
    assert ("holidays of 2027 are not known here" in text) == warned
    assert ("nuanfeng calendar add 2027.csv --publish" in text) == warned


def test_readyz_says_where_a_year_is_loaded_and_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = makers.frozen(makers.three_places())
    Dataset(tmp_path, "made").publish(made.version, made.about, made.arrays, made.blobs)
    new_year = HolidayDate(date(2027, 1, 1), True, "", "made up")
    HomeCalendar(tmp_path).add(HolidayYear(2027, (new_year,)), Stamp(makers.DAY, "clerk"))
    monkeypatch.setattr("app.request.queries.now", lambda: makers.DAY)
    client = create_app(Settings(tmp_path, "made")).test_client()
    ready = msgspec.json.decode(client.get("/readyz").get_data(), type=own_shapes.Ready)
    assert ready.parts.calendar == own_shapes.Part("ok", ready.calendarWarning)
    assert ready.calendarWarning == (
        "Dataset made was published before the holidays of 2027 were loaded, and does not have"
        " them. Publish it anew: nuanfeng calendar publish"
    )


def test_healthz_answers(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "alive"}


def test_every_place_is_drawn_once_at_any_zoom(client: FlaskClient, version: str) -> None:
    for z, columns, lines in ((0, [0], [0]), (10, range(832, 842), range(440, 450))):
        total = 0
        for x in columns:
            for y in lines:
                answer = client.get(f"/tiles/{version}/{z}/{x}/{y}.json?{AT}")
                tile = msgspec.json.decode(answer.get_data(), type=shapes.TileReply)
                assert len(tile.c) + len(tile.p) <= 200
                total += sum(cluster[2] for cluster in tile.c) + len(tile.p)
        assert total == 4039


def test_a_tile_is_kept_for_ever_and_a_foreign_version_is_gone(
    client: FlaskClient, version: str
) -> None:
    assert (
        "immutable" in client.get(f"/tiles/{version}/10/836/446.json?{AT}").headers["Cache-Control"]
    )
    assert client.get(f"/tiles/0000/10/836/446.json?{AT}").status_code == 410


def test_a_tile_off_the_quarter_or_off_the_map_is_refused(
    client: FlaskClient, version: str
) -> None:
    assert (
        client.get(f"/tiles/{version}/10/836/446.json?at=2026-11-21T02:16:00%2B08:00").status_code
        == 400
    )
    assert client.get(f"/tiles/{version}/21/0/0.json?{AT}").status_code == 400
    assert client.get(f"/tiles/{version}/10/836/446.json").status_code == 400


def test_the_openapi_document_is_valid_and_complete(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    validate(document)
    for operation in openapi.OPERATIONS:
        described = document["paths"][operation.path][operation.method]
        for parameter in described["parameters"]:
            assert parameter["description"], (operation.path, parameter["name"])


#: The blueprints of the API, but for the OGC side and the files.
SPOKEN = {"api", "directory", "letters", "notices", "voice"}


def test_every_read_of_the_api_is_in_the_document(client: FlaskClient) -> None:
    rules = {
        rule.rule.replace("<int:", "<").replace("<", "{").replace(">", "}")
        for rule in client.application.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in SPOKEN
    }
    described = {
        operation.path
        for operation in (*openapi.OPERATIONS, *voice.POSTS)
        if not operation.path.startswith(("/ogc", "/data"))
    }
    assert rules == described


def test_the_document_leads_to_every_view_of_the_ogc_side_and_the_files(
    client: FlaskClient,
) -> None:
    routes = client.application.url_map.bind("localhost")
    reached = {
        routes.match(re.sub(r"{\w+}", "1", operation.path), operation.method.upper())[0]
        for operation in openapi.OPERATIONS
    }
    views = {rule.endpoint for rule in client.application.url_map.iter_rules()}
    assert {view for view in views if view.startswith(("ogc.", "bulk."))} <= reached


def test_options_and_wrong_methods_name_what_is_allowed(client: FlaskClient) -> None:
    options = client.options("/api/v1/nearest", headers={"Origin": "https://example.org"})
    assert options.status_code == 204
    assert "GET" in options.headers["Allow"]
    assert options.headers["Access-Control-Allow-Origin"] == "*"
    wrong = client.delete("/api/v1/nearest")
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["Allow"]
    assert wrong.mimetype == "application/problem+json"


def test_a_browser_that_goes_astray_gets_a_page(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("post", voice.POSTS, ids=lambda post: post.name)
def test_what_is_sent_has_an_example_reply_of_its_shape(
    client: FlaskClient, post: voice.Post
) -> None:
    assert (post.reply is None) == (post.answer is None)
    if post.answer and post.reply:
        assert post.reply.keys() == {
            field.encode_name for field in msgspec.structs.fields(post.answer)
        }
        msgspec.convert(post.reply, post.answer)
        shown = html.unescape(client.get("/docs").text)
        assert json.dumps(post.reply, indent=2, ensure_ascii=False) in shown
