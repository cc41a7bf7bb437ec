"""The base map of our own, as it is served."""

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.settings import Settings
from geodata.ground import build, reading
from geodata.sources.demo import streets
from geodata.store.files import BaseMapStore

ELSEWHERE = {"Host": "map.example.org"}
NUMBER = "GS粤(2026)123号"


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("ground")
    shutil.copytree(demo_home / "datasets" / "demo", home / "datasets" / "demo")
    with streets.extract() as extract:
        drawing = reading.read(extract, lambda _: None)
    BaseMapStore(home, "demo").publish_built(build.build(drawing, "demo", lambda _: None))
    return home


@pytest.fixture
def client(home: Path) -> FlaskClient:
    return create_app(Settings(home, "demo")).test_client()


@pytest.fixture
def base(home: Path) -> str:
    return f"/ground/{BaseMapStore(home, 'demo').pointer().version}"


def beneath(html: str) -> dict[str, object] | None:
    found = json.loads(re.findall(r'id="map-described">(.*?)</script>', html)[0])["beneath"]
    assert found is None or isinstance(found, dict)
    return found


def test_a_tile_comes_as_it_is_stored_and_stays(client: FlaskClient, base: str, home: Path) -> None:
    stored = BaseMapStore(home, "demo").load().archive
    (z, x, y), body = max(stored.tiles(), key=lambda tile: tile[0][0])
    url = f"{base}/{z}/{x}/{y}.mvt"
    reply = client.get(url, headers={"Accept-Encoding": "gzip, br"})
    assert (reply.status_code, reply.data) == (200, body)
    assert reply.headers["Content-Encoding"] == "gzip"
    assert reply.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = client.get(url, headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    plain = client.get(url)
    assert "Content-Encoding" not in plain.headers
    assert plain.data == gzip.decompress(body)
    head = client.head(url, headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, head.data) == (200, b"")


def test_where_nothing_is_drawn_there_is_no_content(client: FlaskClient, base: str) -> None:
    reply = client.get(f"{base}/15/0/0.mvt")
    assert (reply.status_code, reply.data) == (204, b"")
    assert "immutable" in reply.headers["Cache-Control"]


@pytest.mark.parametrize(
    "tile", ["7/0/0", "16/0/0", "8/256/0", "8/0/256", "99/0/0", "8/0/0/0", "8/-1/0", "a/0/0"]
)
def test_what_is_no_tile_is_not_found(client: FlaskClient, base: str, tile: str) -> None:
    assert client.get(f"{base}/{tile}.mvt").status_code == 404


def test_another_version_is_not_found(client: FlaskClient) -> None:
    assert client.get("/ground/0123456789abcdef/8/0/0.mvt").status_code == 404


def test_the_page_names_its_tiles_and_whose_data_they_are(client: FlaskClient, base: str) -> None:
    reply = client.get("/?lang=en")
    found = beneath(reply.text)
    assert found is not None
    assert found["ground"] == base + "/{z}/{x}/{y}.mvt"
    assert "© OpenStreetMap contributors" in reply.text
    assert "connect-src" not in reply.headers["Content-Security-Policy"]
    assert "img-src 'self' data:;" in reply.headers["Content-Security-Policy"]


def test_others_see_a_mainland_city_without_it(client: FlaskClient, base: str) -> None:
    assert beneath(client.get("/", headers=ELSEWHERE).text) is None
    assert client.get(f"{base}/15/0/0.mvt", headers=ELSEWHERE).status_code == 404


def test_under_its_number_others_see_it_and_the_number(home: Path, base: str) -> None:
    client = create_app(Settings(home, "demo", map_approval=NUMBER)).test_client()
    html = client.get("/?lang=zh-CN", headers=ELSEWHERE).text
    assert beneath(html) is not None
    assert f"审图号：{NUMBER}" in html
    assert client.get(f"{base}/15/0/0.mvt", headers=ELSEWHERE).status_code == 204


def test_none_is_none(home: Path, base: str) -> None:
    client = create_app(Settings(home, "demo", own_ground=False)).test_client()
    assert beneath(client.get("/").text) is None
    assert client.get(f"{base}/15/0/0.mvt").status_code == 404


def test_another_base_map_is_laid_instead(home: Path) -> None:
    from app.maps.basemap import base_map

    chosen = Settings(home, "demo", base_map=base_map("osm", ""), own_ground=False)
    found = beneath(create_app(chosen).test_client().get("/").text)
    assert found is not None
    assert "urls" in found


def test_a_damaged_base_map_stops_nothing(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    for path in (tmp_path / "home" / "grounds").rglob("ground.pmtiles"):
        path.write_bytes(b"x")
    reply = create_app(Settings(tmp_path / "home", "demo")).test_client().get("/")
    assert reply.status_code == 200
    assert beneath(reply.text) is None
