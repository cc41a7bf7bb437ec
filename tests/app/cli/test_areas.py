"""`nuanfeng import-areas` as an official uses it: a report first, then outlines that reach all that
draws them.
"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.main import cli
from app.factory import create_app
from app.settings import Settings
from geodata.pipeline import published, redraw
from geodata.store.files import Dataset

NASTY = Path(__file__).parents[2] / "data" / "areas"
STATIONS = """编号,名称,经度,纬度,行政区,街道
a-17,甲站,114.06,22.545,,
a-4,乙站,114.06,22.546,福田区,莲花街道
a-9,丙站,113.93,22.52,南山区,粤海街道
"""


def run(command: str, *arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [command, *map(str, arguments)], terminal_width=200)


def said(ended: Result) -> str:
    """What was printed, without line breaks."""
    return " ".join(ended.output.split())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with three real stations published, two of which say where they are."""
    monkeypatch.setenv("NUANFENG_HOME", str(tmp_path / "home"))
    (tmp_path / "a.csv").write_text(STATIONS, "utf-8")
    options = ["--dataset", "mine", "--kind", "warm_bee_station", "--datum", "wgs84", "--publish"]
    assert run("import", tmp_path / "a.csv", *options, "--ids", "own").exit_code == 0
    return tmp_path / "home"


def layer(path: Path) -> Path:
    """南山区 as nobody knows it: with the civic centre of 福田区."""
    square = [[113.9, 22.5], [114.08, 22.5], [114.08, 22.56], [113.9, 22.56], [113.9, 22.5]]
    feature = {
        "type": "Feature",
        "properties": {"qh": "南山区"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    return path


def test_a_dry_run_reports_and_changes_nothing(home: Path, tmp_path: Path) -> None:
    before = Dataset(home, "mine").pointer()
    told = ["--dataset", "mine", "--datum", "wgs84", "--report", tmp_path / "r.json"]
    ended = run("import-areas", layer(tmp_path / "a.geojson"), *told)
    assert ended.exit_code == 0, ended.output
    assert "Nothing was published" in ended.output
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert (report["taken"], report["refused"], report["names_that_disagree"]) == (
        {"district": 1},
        0,
        2,
    )
    assert report["names_recomputed"] == 2
    assert {note["about"].split()[0] for note in report["disagreements"]} == {"a-4"}
    assert Dataset(home, "mine").pointer() == before


def test_the_report_is_json_on_request_and_nothing_else(home: Path, tmp_path: Path) -> None:
    ended = run(
        "import-areas",
        layer(tmp_path / "a.geojson"),
        "--dataset",
        "mine",
        "--datum",
        "wgs84",
        "--json",
    )
    assert json.loads(ended.stdout)["taken"] == {"district": 1}


def test_published_outlines_reach_page_pack_and_ogc_and_stay_when_places_come_again(
    home: Path, tmp_path: Path
) -> None:
    told = [
        "--dataset",
        "mine",
        "--datum",
        "wgs84",
        "--source",
        "某局",
        "--licence",
        "CC0-1.0",
        "--publish",
    ]
    ended = run("import-areas", layer(tmp_path / "a.geojson"), *told)
    assert ended.exit_code == 0, ended.output
    assert "Published 1 outlines" in ended.output
    again = ["--dataset", "mine", "--kind", "warm_bee_station", "--datum", "wgs84", "--publish"]
    for _ in ("as redrawn", "as imported anew"):
        places = published.real_places(published.stored(home, "mine"))
        assert places is not None
        assert places.set_index("id")["district"].to_dict() == {
            "a-17": "南山区",
            "a-4": "福田区",
            "a-9": "南山区",
        }
        client = create_app(Settings(home, "mine")).test_client()
        district = client.get("/ogc/collections/districts/items/nanshan?f=json").get_json()
        assert district["properties"]["approximate"] is False
        assert [113.9, 22.5] in district["geometry"]["coordinates"][0]
        assert (
            client.get("/ogc/collections/districts/items/futian?f=json").get_json()["properties"][
                "approximate"
            ]
            is True
        )
        pointer = client.get("/api/v1/pack").get_json()
        assert pointer["outlines"] == "某局 (CC0-1.0)"
        pack = client.get(pointer["url"]).get_json()
        assert any([114.08, 22.56] in ring for ring in pack["ground"]["rings"])
        assert "某局 (CC0-1.0)" in client.get("/").text
        assert run("import", tmp_path / "a.csv", *again).exit_code == 0


def test_outlines_that_another_publish_overtook_are_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = redraw.redrawn
    store = Dataset(home, "mine")
    before = store.pointer()

    def meanwhile(*arguments: object, **named: object) -> object:
        more = tmp_path / "b.csv"
        more.write_text(STATIONS + "a-12,丁站,113.94,22.53,南山区,粤海街道\n", "utf-8")
        told = ["--dataset", "mine", "--kind", "warm_bee_station", "--datum", "wgs84", "--publish"]
        assert run("import", more, *told).exit_code == 0
        return draw(*arguments, **named)  # type: ignore[arg-type]  # a stand-in

    monkeypatch.setattr(redraw, "redrawn", meanwhile)
    ended = run(
        "import-areas",
        layer(tmp_path / "a.geojson"),
        "--dataset",
        "mine",
        "--datum",
        "wgs84",
        "--publish",
    )
    assert ended.exit_code == 1
    assert f"was at version {before.version} when this work began" in said(ended)
    assert (len(store.load()), store.pointer("PREVIOUS")) == (4, before)


#: A border at 114.02° E, and by hand ten stations within 600 m of it as a GCJ-02 map shows them.
BORDER = {"南山区": [113.9, 114.02], "福田区": [114.02, 114.14]}
NEAR_IT = """编号,名称,经度,纬度,行政区
b-1,侨香一站,114.0213,22.5370,南山区
b-2,侨香二站,114.0222,22.5401,南山
b-3,侨香三站,114.0231,22.5432,南山区
b-4,侨香四站,114.0240,22.5463,南山区
b-5,侨香五站,114.0244,22.5494,南山区
b-6,侨香六站,114.0254,22.5370,福田区
b-7,侨香七站,114.0262,22.5401,福田
b-8,侨香八站,114.0271,22.5432,福田区
b-9,侨香九站,114.0280,22.5463,福田区
b-10,侨香十站,114.0297,22.5494,福田区
"""


def test_stations_beside_an_imported_border_tell_the_datum_by_the_district_they_name(
    home: Path, tmp_path: Path
) -> None:
    squares = [
        {
            "type": "Feature",
            "properties": {"qh": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[west, 22.5], [east, 22.5], [east, 22.58], [west, 22.58], [west, 22.5]]
                ],
            },
        }
        for name, (west, east) in BORDER.items()
    ]
    (tmp_path / "border.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": squares}), "utf-8"
    )
    (tmp_path / "b.csv").write_text(NEAR_IT, "utf-8")
    told = [tmp_path / "b.csv", "--dataset", "mine", "--kind", "warm_bee_station", "--datum"]
    before = run("import", *told, "wgs84")
    assert before.exit_code == 0, before.output
    assert "no surveyed outline" in before.output
    ended = run(
        "import-areas",
        tmp_path / "border.geojson",
        "--dataset",
        "mine",
        "--datum",
        "wgs84",
        "--publish",
    )
    assert ended.exit_code == 0, ended.output
    for wrong, inside in (("wgs84", 5), ("bd09", 5)):
        refused = run("import", *told, wrong)
        assert refused.exit_code == 1
        words = (
            f"{inside} of 10 places lie in the district or street office that their row names; read"
            " as gcj02 10"
        )
        assert words in said(refused)
        assert "Declare --datum gcj02" in said(refused)
    right = run("import", *told, "gcj02")
    assert right.exit_code == 0, right.output
    assert "10 of 10" in right.output


def test_zones_are_a_collection_of_their_own(home: Path) -> None:
    assert (
        create_app(Settings(home, "mine"))
        .test_client()
        .get("/ogc/collections/zones?f=json")
        .status_code
        == 404
    )
    ended = run(
        "import-areas",
        NASTY / "misfits.geojson",
        "--dataset",
        "mine",
        "--datum",
        "wgs84",
        "--publish",
    )
    assert ended.exit_code == 0, ended.output
    assert "overlaps 乙 by 56,962 m²" in ended.output
    zones = (
        create_app(Settings(home, "mine"))
        .test_client()
        .get("/ogc/collections/zones/items?f=json")
        .get_json()
    )
    assert {each["properties"]["zone"] for each in zones["features"]} == set("甲乙丙丁戊己")
    assert all(each["properties"]["approximate"] is False for each in zones["features"])


def test_refused_areas_keep_the_layer_out_unless_they_are_skipped(home: Path) -> None:
    told = ["--dataset", "mine", "--datum", "wgs84", "--level", "district", "--publish"]
    ended = run("import-areas", NASTY / "strangers.geojson", *told)
    assert ended.exit_code == 1
    assert "5 areas are refused; nothing was published" in said(ended)
    assert run("import-areas", NASTY / "strangers.geojson", *told, "--skip-refused").exit_code == 0


def test_a_datum_that_the_evidence_contradicts_is_refused_with_it(
    home: Path, real_data: Path
) -> None:
    file = real_data / "boundaries" / "shenzhen_districts_no_crs.shp"
    ended = run("import-areas", file, "--dataset", "mine", "--datum", "gcj02", "--publish")
    assert ended.exit_code == 1
    assert "the datum cannot be gcj02: they leave 15.9 km² of the city's land uncovered" in said(
        ended
    )
    assert "Declare --datum wgs84" in said(ended)
    assert (
        run(
            "import-areas", file, "--dataset", "mine", "--datum", "gcj02", "--publish", "--force"
        ).exit_code
        == 0
    )
    corrected = run("import-areas", file, "--dataset", "mine", "--datum", "wgs84", "--publish")
    assert "of the outlines known before would differ" in said(corrected)


def test_outlines_need_a_dataset_to_stand_in(home: Path, tmp_path: Path) -> None:
    ended = run(
        "import-areas", layer(tmp_path / "a.geojson"), "--dataset", "other", "--datum", "wgs84"
    )
    assert ended.exit_code == 1
    assert "there is no dataset 'other' yet" in ended.output


def test_an_area_outside_the_city_is_refused_with_where_it_lies(home: Path, tmp_path: Path) -> None:
    file = layer(tmp_path / "a.geojson")
    file.write_text(
        file.read_text("utf-8").replace("113.9,", "121.4,").replace("114.08,", "121.5,"), "utf-8"
    )
    ended = run("import-areas", file, "--dataset", "mine", "--datum", "wgs84", "--json")
    assert ended.exit_code == 1
    (refused,) = json.loads(ended.stdout)["rejects"]
    assert refused["reason"].startswith("it lies outside the city, at 121.450, 22.530")
