"""A dataset of any city: its first table tells where it is, outlines make it whole, and every page
and reply speaks of it.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from app.cli.main import cli
from app.factory import create_app
from app.settings import Settings
from geodata.city import CityAbout
from geodata.store.files import Dataset

#: Two streets of one district, one of another; a number without its area code.
WUHAN = """名称,经度,纬度,区,街道,电话
甲驿站,114.28,30.58,江汉,民权街道办事处,82712340
乙驿站,114.29,30.59,武汉市江汉区,民权街道,
丙驿站,114.35,30.60,,,
"""
HELSINKI = """name,lon,lat,phone
Kamppi,24.931,60.168,09 310 1691
Kallio,24.951,60.184,
"""
#: What is true of the demo's city and of no other.
ELSEWHERE = re.compile(r"Shenzhen|深圳|南山|福田|0755|4403\d\d")
PAGES = (
    "/", "/?street=", "/docs", "/openapi.json", "/manifest.webmanifest", "/ogc", "/ogc/api",
    "/ogc/collections", "/ogc/collections/street_offices/items?f=json", "/readyz",
)  # fmt: skip


def run(command: str, *arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [command, *map(str, arguments)], terminal_width=200)


def said(ended: Result) -> str:
    return " ".join(ended.output.split())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUANFENG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def imported(tmp_path: Path, table: str, dataset: str, *told: str) -> Result:
    path = tmp_path / f"{dataset}.csv"
    path.write_text(table, "utf-8")
    kind = ["--dataset", dataset, "--kind", "warm_bee_station"]
    return run("import", path, *kind, *told)


def about(home: Path, dataset: str) -> CityAbout:
    store = Dataset(home, dataset)
    return store.manifest(store.pointer()).about.city


def client_of(home: Path, dataset: str) -> FlaskClient:
    return create_app(Settings(home, dataset)).test_client()


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def outlines(path: Path) -> Path:
    """Two districts, and one street office of the first, by another name, too."""
    areas = (
        ("江汉区", "district", "", square(114.2, 30.5, 114.3, 30.65)),
        ("江岸区", "district", "", square(114.3, 30.5, 114.4, 30.65)),
        ("民权街道", "street", "民权街", square(114.25, 30.55, 114.3, 30.6)),
    )
    features = [
        {
            "type": "Feature",
            "properties": {"name": name, "level": level, "also": also},
            "geometry": shape,
        }
        for name, level, also, shape in areas
    ]
    body = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    return path


def test_a_first_table_of_another_city_tells_what_is_missing_and_is_published(
    home: Path, tmp_path: Path
) -> None:
    ended = imported(tmp_path, WUHAN, "wuhan", "--datum", "wgs84", "--city", "武汉市", "--publish")
    assert ended.exit_code == 0, ended.output
    assert "nothing is known of this city's outline" in said(ended)
    city = about(home, "wuhan")
    assert (city.name, city.name_en, city.country) == ("武汉市", "Wuhan", "CN")
    assert (city.timezone, city.language) == ("Asia/Shanghai", "zh-CN")
    assert city.area_codes == ("027",)
    client = client_of(home, "wuhan")
    near = client.get("/api/v1/nearest?lon=114.28&lat=30.58&k=3&max_distance_m=20000").get_json()[
        "features"
    ]
    first, second, third = (each["properties"] for each in near)
    assert (first["district"], first["street"]) == ("江汉", "民权街道")
    assert (second["district"], second["phone"]) == ("江汉区", None)
    assert (third["district"], first["phone"]) == (None, "027-82712340")
    assert client.get("/api/v1/nearest?lon=116.4&lat=39.9").status_code == 422
    assert "民权街道" in client.get("/?street=").text


def test_outlines_make_the_city_whole_and_everything_follows_them(
    home: Path, tmp_path: Path
) -> None:
    imported(tmp_path, WUHAN, "wuhan", "--datum", "wgs84", "--city", "武汉市", "--publish")
    layer = outlines(tmp_path / "areas.geojson")
    ended = run("import-areas", layer, "--dataset", "wuhan", "--datum", "wgs84", "--publish")
    assert ended.exit_code == 0, ended.output
    client = client_of(home, "wuhan")
    near = client.get("/api/v1/nearest?lon=114.35&lat=30.6&k=1").get_json()["features"]
    assert near[0]["properties"]["district"] == "江岸区"
    offices = client.get("/ogc/collections/street_offices/items?f=json").get_json()["features"]
    assert [each["properties"]["street"] for each in offices] == ["民权街道"]
    found = client.get("/api/v1/search?q=minquan").get_json()["features"]
    assert "民权街道" in {each["properties"]["name"] for each in found}
    again = imported(
        tmp_path,
        WUHAN.replace("民权街道办事处", "民权街"),
        "wuhan",
        "--datum",
        "wgs84",
        "--publish",
    )
    assert again.exit_code == 0, again.output
    places = client_of(home, "wuhan").get("/api/v1/nearest?lon=114.28&lat=30.58&k=1").get_json()
    told = places["features"][0]["properties"]
    assert (told["district"], told["street"]) == ("江汉区", "民权街道")


def test_no_page_and_no_reply_speaks_of_another_city(home: Path, tmp_path: Path) -> None:
    imported(tmp_path, WUHAN, "wuhan", "--datum", "wgs84", "--city", "武汉市", "--publish")
    client = client_of(home, "wuhan")
    for page in PAGES:
        answer = client.get(page, follow_redirects=True)
        assert answer.status_code == 200, page
        assert not ELSEWHERE.search(answer.get_data(as_text=True)), page
    assert "武汉市" in client.get("/manifest.webmanifest").get_json()["description"]
    english = client.get("/manifest.webmanifest", headers={"Accept-Language": "en"})
    assert "Wuhan" in english.get_json()["description"]


def test_every_example_of_the_document_can_be_asked_in_any_city(home: Path, tmp_path: Path) -> None:
    imported(tmp_path, WUHAN, "wuhan", "--datum", "wgs84", "--city", "武汉市", "--publish")
    client = client_of(home, "wuhan")
    document = client.get("/openapi.json").get_json()
    for path in ("/api/v1/nearest", "/api/v1/along", "/api/v1/search"):
        asked = {
            each["name"]: each["example"]
            for each in document["paths"][path]["get"]["parameters"]
            if "example" in each
        }
        flat = {
            name: ",".join(map(str, value)) if isinstance(value, list) else value
            for name, value in asked.items()
        }
        extra = {"q": "驿站"} if path.endswith("search") else {}
        assert client.get(path, query_string=flat | extra).status_code == 200, path


def test_elsewhere_no_datum_is_shifted_and_other_map_apps_lead_there(
    home: Path, tmp_path: Path
) -> None:
    refused = imported(tmp_path, HELSINKI, "hel", "--datum", "gcj02", "--city", "Helsinki")
    assert refused.exit_code != 0
    assert "mainland China alone, and Helsinki lies in FI" in said(refused)
    ended = imported(
        tmp_path, HELSINKI, "hel", "--datum", "wgs84", "--city", "Helsinki", "--publish"
    )
    assert ended.exit_code == 0, ended.output
    city = about(home, "hel")
    assert (city.country, city.timezone, city.area_codes) == ("FI", "Europe/Helsinki", ())
    client = client_of(home, "hel")
    shifted = client.get("/api/v1/nearest?lon=24.94&lat=60.17&datum=gcj02")
    assert shifted.status_code == 400
    assert shifted.get_json()["errors"][0]["parameter"] == "datum"
    told = client.get("/api/v1/nearest?lon=24.931&lat=60.168&k=1&mode=ride").get_json()
    place = told["features"][0]["properties"]
    assert place["phone"] == "+358 9 3101691"
    assert {*place["navigate"]} == {"google", "apple", "osmand", "geo"}
    assert place["navigate"]["google"].endswith(
        "destination=60.168000,24.931000&travelmode=bicycling"
    )
    assert "daddr=60.168000,24.931000" in place["navigate"]["apple"]
    page = client.get(f"/p/{told['features'][0]['id']}", headers={"Accept-Language": "en"}).text
    assert "OsmAnd" in page
    assert "Amap" not in page


def test_what_follows_of_a_city_can_be_said_otherwise(home: Path, tmp_path: Path) -> None:
    told = ("--country", "fi", "--timezone", "Europe/Mariehamn", "--language", "sv-FI")
    ended = imported(tmp_path, HELSINKI, "hel", "--datum", "wgs84", *told, "--publish")
    assert ended.exit_code == 0, ended.output
    city = about(home, "hel")
    assert (city.name, city.timezone, city.language) == ("hel", "Europe/Mariehamn", "sv-FI")
    wrong = imported(tmp_path, HELSINKI, "b", "--datum", "wgs84", "--timezone", "Europe/Nowhere")
    assert "no time zone is called" in said(wrong)
    wrong = imported(tmp_path, HELSINKI, "b", "--datum", "wgs84", "--country", "XQ")
    assert "no country is called" in said(wrong)
