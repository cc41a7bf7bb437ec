"""A place that is no longer there says so, and where to go instead.

The plate on its door stays true.
"""

import shutil
from pathlib import Path

import msgspec
import pytest
import shapely
from flask.testing import FlaskClient

from app.db import migrate
from app.factory import create_app
from app.request.notices import read_notice
from app.settings import Settings
from app.voice import notice_posts
from app.voice.setting_up import voice_of
from geodata.space.coordinates import geodesic_m
from geodata.store.files import Dataset
from geodata.store.history import Stamp
from tests import makers
from tests.app.voice.notice_town import box, post

PAGE = {"Accept": "text/html"}
#: As OGC API – Features has it.
ASKED_FOR = "/ogc/collections/warm_bee_station/items/station-1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The station and the street went; the merchant, who closes at night, stayed."""
    home, raw = tmp_path_factory.mktemp("former"), makers.three_places()
    for table in (raw, raw.iloc[1:2]):
        found = makers.frozen(table)
        Dataset(home, "made").publish(
            found.version, found.about, found.arrays, found.blobs, Stamp(makers.NIGHT, "me")
        )
    return home


@pytest.fixture(scope="module")
def client(home: Path) -> FlaskClient:
    return create_app(Settings(home, "made")).test_client()


def at(monkeypatch: pytest.MonkeyPatch, instant: object) -> None:
    monkeypatch.setattr("app.request.queries.now", lambda: instant)


@pytest.mark.parametrize(("instant", "open_now"), [(makers.DAY, True), (makers.NIGHT, False)])
def test_a_gone_place_is_410_with_the_nearest_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, instant: object, open_now: bool
) -> None:
    at(monkeypatch, instant)
    reply = client.get("/api/v1/places/station-1", headers={"Accept-Language": "en"})
    assert reply.status_code == 410
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.get_json() == {
        "type": "/docs#place-gone",
        "title": "This place is no longer there",
        "status": 410,
        "detail": "莲花驿站 has not been in the data since 2026-11-18.",
        "instance": "/api/v1/places/station-1",
        "gone": {"id": "station-1", "name": "莲花驿站", "since": "2026-11-18"},
        "synthetic": True,
        "nearest": {
            "id": "merchant-1",
            "name": "福田面馆",
            "open_now": open_now,
            "url": "/p/merchant-1",
            "distance_m": round(float(geodesic_m(114.05, 22.54, 114.06, 22.54)), 1),
        },
    }


@pytest.mark.parametrize("address", ["/p/station-1", "/p/station-1/plate", "/p/street-1"])
def test_the_page_of_a_gone_place_leads_to_the_nearest_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    at(monkeypatch, makers.DAY)
    reply = client.get(address, headers=PAGE)
    assert reply.status_code == 410
    assert "这个地点已经撤掉了" in reply.text
    assert "演示数据" in reply.text
    assert 'href="/p/merchant-1?lang=zh-CN"' in reply.text
    assert client.get("/p/merchant-1", headers=PAGE).status_code == 200


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/places/{}",
        "/api/v1/ways/ws105r/{}?mode=ride",
        "/ogc/collections/warm_bee_station/items/{}",
        "/p/{}",
        "/p/{}/plate",
    ],
)
def test_a_gone_place_is_gone_wherever_its_id_is_asked_for(
    client: FlaskClient, address: str, accept: str, lang: str
) -> None:
    headers = {"Accept": accept, "Accept-Language": lang}
    assert client.get(address.format("station-1"), headers=headers).status_code == 410
    assert client.get(address.format("never-there"), headers=headers).status_code == 404
    assert client.get(address.format("x" * 60), headers=headers).status_code == 404


@pytest.mark.parametrize("address", ["/api/v1/places/station-1", "/p/station-1", ASKED_FOR])
def test_none_is_offered_that_a_notice_closes(
    client: FlaskClient, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    at(monkeypatch, makers.DAY)
    shutil.copytree(home / "datasets", tmp_path / "datasets")
    chosen = Settings(tmp_path, "made")
    voice = voice_of(chosen)
    migrate.upgrade(voice.database, "made", synthetic=True, now=makers.DAY)
    headers = {"Accept": "application/json"}
    assert client.get(address, headers=headers).json["nearest"]["id"] == "merchant-1"
    stated = read_notice(msgspec.json.encode(post(makers.DAY, polygons=[box(114.06, 22.54)])))
    outline = Dataset(tmp_path, "made").load().outline
    voice.database.write(lambda held: notice_posts.publish(held, stated, "op", makers.DAY, outline))
    voice.database.close()
    closed = create_app(chosen).test_client().get(address, headers=headers)
    assert (closed.status_code, closed.json["nearest"]) == (410, None)


def test_every_address_with_an_id_is_among_them(client: FlaskClient) -> None:
    rules = {str(rule) for rule in client.application.url_map.iter_rules()}
    assert {rule for rule in rules if "place_id" in rule} == {
        "/api/v1/places/<place_id>",
        "/api/v1/places/<place_id>/reports",
        "/api/v1/ways/<geohash>/<place_id>",
        "/p/<place_id>",
        "/p/<place_id>/plate",
    }


def test_an_id_that_never_was_is_still_404(client: FlaskClient) -> None:
    assert client.get("/api/v1/places/never-there").status_code == 404
    assert client.get("/p/never-there", headers=PAGE).status_code == 404


def test_a_gone_place_outside_the_area_offers_none(tmp_path: Path) -> None:
    raw = makers.three_places()
    for table, outline in (
        (raw, makers.OUTLINE),
        (raw.iloc[1:2], shapely.box(114.055, 22.4, 114.7, 22.9)),
    ):
        found = makers.frozen(table, outline=outline)
        Dataset(tmp_path, "made").publish(found.version, found.about, found.arrays, found.blobs)
    reply = create_app(Settings(tmp_path, "made")).test_client().get("/api/v1/places/station-1")
    assert reply.status_code == 410
    assert reply.get_json()["nearest"] is None
