"""`nuanfeng city build | update`: from an extract to a running locator, told before it is
published, and beside the owner's lists.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import osmium
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from app.cli.main import cli
from app.factory import create_app
from app.settings import Settings
from geodata.city import CityAbout
from geodata.pipeline.city import read_city
from geodata.sources.city_facts import CityStated
from geodata.store.files import Dataset, RoadNetwork, grounds, networks
from geodata.travel.calibrate import with_calibration
from geodata.travel.network import Calibration, ModeCalibration
from geodata.vocabulary import Mode

#: The tests' own list of what is counted one by one, in areas and points alike.
COUNTED = {
    "library": ("amenity", "library"),
    "fuel": ("amenity", "fuel"),
    "toilets": ("amenity", "toilets"),
}
MADE = """<osm version="0.6">
<node id="1" lon="114.0000" lat="22.5000" timestamp="2026-01-05T00:00:00Z">
 <tag k="amenity" v="toilets"/><tag k="name" v="甲公厕"/></node>
<node id="2" lon="114.0100" lat="22.5100"><tag k="amenity" v="library"/>
 <tag k="name" v="乙图书馆"/><tag k="opening_hours" v="24/7"/></node>
<node id="3" lon="114.0200" lat="22.5200"><tag k="railway" v="station"/>
 <tag k="name" v="布吉站"/></node>
<node id="4" lon="114.0050" lat="22.5050"><tag k="place" v="suburb"/><tag k="name" v="东村"/></node>
{more}
<way id="9"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/>
 <tag k="name" v="爱南路"/></way>
</osm>"""


class Built(NamedTuple):
    home: Path
    dataset: str
    said: str

    @property
    def about(self) -> CityAbout:
        store = Dataset(self.home, self.dataset)
        return store.manifest(store.pointer()).about.city

    @property
    def client(self) -> FlaskClient:
        return create_app(Settings(self.home, self.dataset)).test_client()


def run(home: Path, *words: str | Path) -> Result:
    runner = CliRunner(env={"NUANFENG_HOME": str(home)})
    return runner.invoke(cli, ["--lang", "en", *map(str, words)])


def said(ended: Result) -> str:
    return " ".join((ended.output + ended.stderr).split())


def build(home: Path, extract: Path, dataset: str, *options: str) -> Built:
    ended = run(home, "city", "build", extract, "--dataset", dataset, *options, "--publish")
    assert ended.exit_code == 0, said(ended)
    return Built(home, dataset, said(ended))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cities")


@pytest.fixture(scope="module")
def longgang(home: Path, real_data: Path) -> Built:
    return build(home, real_data / "osm" / "longgang_buji.osm.pbf", "longgang")


@pytest.fixture(scope="module")
def liechtenstein(home: Path, real_data: Path) -> Built:
    extract = real_data / "osm" / "liechtenstein.osm.pbf"
    return build(home, extract, "li", "--no-roads", "--no-ground")


@pytest.fixture(scope="module")
def helsinki(home: Path, real_data: Path) -> Built:
    extract = real_data / "osm" / "helsinki_centre.osm.pbf"
    return build(home, extract, "helsinki", "--no-roads", "--no-ground")


def counted(extract: Path) -> Counter[str]:
    """Nodes and closed ways of COUNTED, by the tests' own reading."""
    found = Counter[str]()
    for thing in osmium.FileProcessor(str(extract)):
        for name, (key, value) in COUNTED.items():
            private = thing.tags.get("access") in ("private", "no")
            if thing.tags.get(key) == value and not private:
                found[name] += 1
    return found


def test_an_extract_becomes_a_city_with_roads_and_a_base_map(
    longgang: Built, real_data: Path
) -> None:
    assert "longgang" in networks(longgang.home)
    assert "longgang" in grounds(longgang.home)
    for told in ("box of the extract", "roads", "tiles", "龙岗区", "Rest", "Public toilet"):
        assert told in longgang.said
    assert longgang.about.country == "CN"
    assert longgang.about.timezone == "Asia/Shanghai"
    own = counted(real_data / "osm" / "longgang_buji.osm.pbf")
    for name, words in (
        ("library", "Library"),
        ("fuel", "Fuel station"),
        ("toilets", "Public toilet"),
    ):
        assert own[name]
        assert f"{words} │ {own[name]} " in longgang.said, name


def test_the_nearest_place_is_told_with_its_source_and_licence(longgang: Built) -> None:
    reply = longgang.client.get("/api/v1/nearest?lon=114.22&lat=22.69&k=1")
    assert reply.status_code == 200, reply.text
    (feature,) = reply.json["features"]
    assert feature["id"].startswith("osm-")
    assert feature["properties"]["licence"] == "ODbL-1.0"
    assert feature["properties"]["source"] == "© OpenStreetMap contributors"
    assert reply.json["synthetic"] is False


def test_the_page_credits_the_map(longgang: Built) -> None:
    assert "© OpenStreetMap contributors" in longgang.client.get("/").text


@pytest.mark.parametrize("typed", ["大运", "dayun", "dy", "dayn", "da yun"])
def test_a_station_is_found_by_chinese_pinyin_initials_and_a_slip(
    longgang: Built, typed: str
) -> None:
    found = longgang.client.get("/api/v1/search", query_string={"q": typed}).json["features"]
    assert found[0]["properties"]["name"] == "大运"
    assert found[0]["properties"]["sort"] == "metro"


def test_another_country_has_its_own_time_and_areas(liechtenstein: Built) -> None:
    assert liechtenstein.about.country == "LI"
    assert liechtenstein.about.timezone == "Europe/Vaduz"
    assert "in its own outline" in liechtenstein.said
    assert "street offices 11 " in liechtenstein.said
    page = liechtenstein.client.get("/?lang=en").text
    assert "Liechtenstein" in page
    assert "Shenzhen" not in page


def test_hours_that_are_known_are_told(helsinki: Built) -> None:
    assert helsinki.about.timezone == "Europe/Helsinki"
    assert "known of 27 (28%)" in helsinki.said
    assert "drawn about its middle" in helsinki.said


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return made(tmp_path / "made.osm")


def made(path: Path, more: str = "") -> Path:
    path.write_text(MADE.replace("{more}", more), encoding="utf-8")
    return path


def test_nothing_is_published_unasked(tmp_path: Path, extract: Path) -> None:
    ended = run(tmp_path, "city", "build", extract, "--dataset", "town")
    assert ended.exit_code == 0, said(ended)
    assert "Nothing was published" in said(ended)
    assert not (tmp_path / "datasets").exists()
    assert not networks(tmp_path)
    assert not grounds(tmp_path)


def test_an_extract_without_roads_says_how_to_go_on(tmp_path: Path) -> None:
    bare = made(tmp_path / "有 空格.osm")
    bare.write_text(bare.read_text("utf-8").replace('k="highway"', 'k="waterway"'), "utf-8")
    ended = run(tmp_path, "city", "build", bare, "--dataset", "town", "--no-ground")
    assert ended.exit_code == 1
    assert "有 空格.osm holds no road; --no-roads builds the city" in " ".join(said(ended).split())
    build(tmp_path, bare, "town", "--no-roads", "--no-ground")


def test_an_extract_that_no_map_can_be_drawn_of_says_how_to_go_on(tmp_path: Path) -> None:
    bare = tmp_path / "taps.osm"
    bare.write_text(
        '<osm version="0.6"><node id="1" lat="47.1" lon="9.5">'
        '<tag k="shelter_type" v="public_transport"/><tag k="amenity" v="shelter"/></node></osm>',
        "utf-8",
    )
    ended = run(tmp_path, "city", "build", bare, "--dataset", "town", "--no-roads")
    assert ended.exit_code == 1
    assert "a map could draw; --no-ground builds the city" in " ".join(said(ended).split())
    build(tmp_path, bare, "town", "--no-roads", "--no-ground")


def test_an_update_keeps_ids_and_the_owners_list(tmp_path: Path, extract: Path) -> None:
    build(tmp_path, extract, "town", "--no-roads", "--no-ground")
    table = tmp_path / "own.csv"
    table.write_text(
        "名称,经度,纬度,编号\n甲公厕,114.0001,22.5001,own-1\n丙站,114.3,22.7,own-2\n", "utf-8"
    )
    shared = ("--dataset", "town", "--layer", "own", "--kind", "warm_bee_station")
    refused = run(tmp_path, "import", table, *shared, "--datum", "wgs84", "--publish")
    assert refused.exit_code == 1  # 丙站 lies elsewhere
    table.write_text("名称,经度,纬度,编号\n甲公厕,114.0001,22.5001,own-1\n", "utf-8")
    ended = run(tmp_path, "import", table, *shared, "--datum", "wgs84", "--publish")
    assert ended.exit_code == 0, said(ended)
    more = '<node id="7" lon="114.0040" lat="22.5040"><tag k="amenity" v="drinking_water"/></node>'
    newer = made(tmp_path / "newer.osm", more)
    told = run(tmp_path, "city", "update", newer, "--dataset", "town", "--publish")
    assert told.exit_code == 0, said(told)
    assert "1 places are new, 0 changed, 0 gone; 1 of other layers stay" in said(told)
    assert "osm-n7" in said(told)
    assert "perhaps the same as places of your own lists" in said(told)
    client = create_app(Settings(tmp_path, "town")).test_client()
    for place in ("osm-n1", "osm-n2", "osm-n7"):
        assert client.get(f"/api/v1/places/{place}").status_code == 200, place
    own = run(tmp_path, "layers", "list", "--dataset", "town", "--json")
    layers = {each["layer"]: each for each in json.loads(own.stdout)}
    assert layers["osm"]["licence"] == "ODbL-1.0"
    assert layers["own"]["places"] == 1
    assert layers["own"]["licence"] != "ODbL-1.0"


def test_what_is_left_out_is_in_no_count(extract: Path) -> None:
    read = read_city(extract, None, CityStated(), None, date(2026, 11, 30))
    assert (read.by_type, read.hours_known) == ({"library": 1, "toilets": 1}, 1)
    only = read.checked.places[read.checked.places["type"] == "toilets"]
    fewer = replace(read, checked=replace(read.checked, places=only))
    assert (fewer.by_type, fewer.hours_known) == ({"toilets": 1}, 0)


def test_an_update_keeps_the_paces_that_were_fitted(tmp_path: Path, extract: Path) -> None:
    assert "calibration" not in build(tmp_path, extract, "town", "--no-ground").said
    store = RoadNetwork(tmp_path, "town")
    slower = ModeCalibration(80, 20, 0.3, 0.1, {"slow": 1.5, "town": 1.5, "fast": 1.5})
    fitted = Calibration("trips.csv", "2026-11-01", "2026-11-14", 1, {"walk": slower})
    as_built = store.load()
    network = with_calibration(as_built, fitted)
    store.publish(network.version, network.about, network.to_arrays(), {})
    newer = made(tmp_path / "newer.osm", '<node id="8" lon="114.02" lat="22.53"/>')
    ended = run(tmp_path, "city", "update", newer, "--dataset", "town", "--publish")
    assert ended.exit_code == 0, said(ended)
    assert "the calibration stays: paces fitted to 100 trips of 2026-11-01" in said(ended)
    assert said(ended).index("the calibration stays") < said(ended).index("Published")
    renewed = store.load()
    assert renewed.about.calibration == fitted
    assert renewed.about.sha256 != as_built.about.sha256
    seconds = [each.graphs[Mode.WALK].seconds for each in (as_built, renewed)]
    assert np.array_equal(seconds[0] * 1.5, seconds[1])


def test_every_file_and_collection_has_the_licence_of_its_own_places(
    tmp_path: Path, extract: Path
) -> None:
    build(tmp_path, extract, "town", "--no-roads", "--no-ground")
    alone = create_app(Settings(tmp_path, "town")).test_client()
    assert alone.get("/data/places.csv").status_code == 404
    assert "osm.csv" in alone.get("/docs").text
    table = tmp_path / "own.csv"
    table.write_text("名称,经度,纬度,编号\n甲站,114.0001,22.5001,own-1\n", "utf-8")
    told = ("--datum", "wgs84", "--licence", "CC-BY-4.0", "--source", "工会", "--publish")
    own = ("--dataset", "town", "--layer", "own", "--kind", "warm_bee_station")
    assert run(tmp_path, "import", table, *own, *told).exit_code == 0
    assert run(tmp_path, "export", "--dataset", "town").exit_code == 0
    refused = run(tmp_path, "export", "osm.csv", "--layer", "own", "--dataset", "town")
    assert "there are places.geojson" in said(refused)
    client = create_app(Settings(tmp_path, "town")).test_client()
    terms = {
        "places": ("工会", "CC-BY-4.0"),
        "osm": ("© OpenStreetMap contributors", "ODbL-1.0"),
    }
    for name, (source, licence) in terms.items():
        files = {}
        for form in ("geojson", "csv", "gpkg", "parquet"):
            with client.get(f"/data/{name}.{form}") as answer:
                assert answer.status_code == 200
                files[form] = answer.data
        file = json.loads(files["geojson"])
        assert (file["attribution"], file["licence"]) == (source, licence)
        licences = [each["properties"]["licence"] for each in file["features"]]
        assert licences == [licence] * len(licences) != []
        rows = list(csv.DictReader(files["csv"].decode("utf-8-sig").splitlines()))
        assert {(row["licence"], row["attribution"]) for row in rows} == {(licence, source)}
        parquet = pq.read_schema(io.BytesIO(files["parquet"]))
        assert json.loads(parquet.metadata[b"nuanfeng"])["licence"] == licence
    asked = client.get("/ogc/collections?f=json").json
    collections = {each["id"]: each for each in asked["collections"]}
    whose = {
        "warm_bee_station": terms["places"],
        "public_place": terms["osm"],
        "districts": ("© OpenStreetMap contributors (ODbL-1.0)", "ODbL-1.0"),
    }
    for name, (source, licence) in whose.items():
        found = collections[name]
        assert (found["attribution"], found["licence"]) == (source, licence), name
        (link,) = (each for each in found["links"] if each["rel"] == "license")
        assert link["title"] == licence
        items = client.get(f"/ogc/collections/{name}/items?f=json").json
        assert (items["attribution"], items["licence"]) == (source, licence), name
    assert {each["title"] for each in asked["links"] if each["rel"] == "license"} == {
        "CC-BY-4.0",
        "ODbL-1.0",
    }


def test_an_owners_places_outside_the_extract_are_still_answered(
    tmp_path: Path, extract: Path
) -> None:
    table = tmp_path / "own.csv"
    table.write_text("名称,经度,纬度\n丙站,114.05,22.55\n", "utf-8")
    kind = ("--kind", "warm_bee_station", "--datum", "wgs84", "--city", "东村", "--country", "CN")
    first = run(tmp_path, "import", table, "--dataset", "town", *kind, "--publish")
    assert first.exit_code == 0, said(first)
    built = build(tmp_path, extract, "town", "--no-roads", "--no-ground")
    assert "1 places of other layers lie outside" in built.said
    reply = built.client.get("/api/v1/nearest?lon=114.05&lat=22.55&k=1")
    assert reply.json["features"][0]["properties"]["name"] == "丙站"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--city", "武汉市"), "has no administrative area '武汉市'; it has"),
        (("--timezone", "Mars/Base"), "Mars/Base"),
        (("--country", "QQ"), "no country is called 'QQ'"),
    ],
)
def test_what_cannot_be_built_is_a_sentence(
    tmp_path: Path, extract: Path, words: tuple[str, ...], sentence: str
) -> None:
    ended = run(tmp_path, "city", "build", extract, "--dataset", "town", *words)
    assert ended.exit_code == 1
    assert sentence in said(ended)


def test_what_is_no_extract_or_holds_no_place_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(b"no extract")
    assert "cannot be read" in said(run(tmp_path, "city", "build", path, "--dataset", "town"))
    path = tmp_path / "a.osm"
    path.write_text('<osm version="0.6"><node id="1" lon="114" lat="22"/></osm>', "utf-8")
    ended = run(tmp_path, "city", "build", path, "--dataset", "town")
    assert "holds no public place" in said(ended)
    update = run(tmp_path, "city", "update", path, "--dataset", "town")
    assert "there is no dataset 'town' yet" in said(update)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("NUANFENG_HOME", str(tmp_path))
    built = run(tmp_path, "build", "--places", "8")
    assert built.exit_code == 0, said(built)
    return tmp_path


def test_real_places_do_not_go_among_made_up_ones(demo: Path, extract: Path) -> None:
    ended = run(demo, "city", "build", extract, "--dataset", "demo")
    assert ended.exit_code == 1
    assert "synthetic as a whole" in said(ended)
