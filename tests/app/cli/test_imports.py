"""`nuanfeng import` as an official uses it: a messy workbook in, a report out, and a version that
keeps its ids.
"""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from app.cli.main import cli
from app.factory import create_app
from app.settings import Settings
from geodata.pipeline import recipes
from geodata.pipeline.published import real_places, stored
from geodata.sources.demo import facts
from geodata.sources.read import read
from geodata.space.coordinates import from_wgs84, geodesic_m, to_wgs84
from geodata.store.files import Dataset

HEADINGS = [
    "驿站名称",
    "详细地址",
    "街道",
    "经度",
    "纬度",
    "营业时间",
    "服务内容",
    "联系电话",
    "备注",
]
GOOD = [
    [
        "科技园驿站",
        "科苑路1号",
        "粤海街道",
        "113.9512",
        "22.5405",
        "24小时",
        "热水、微波炉",
        "0755-82333707",
        "",
    ],
    [
        "粤海驿站",
        "后海大道2号",
        "粤海街道",
        "１１３．９４０２",
        "22.5215°N",
        "周一至周五9:00-18:00",
        "空调;座椅",
        "13800138000",
        "",
    ],
    [
        "登良驿站",
        "登良路3号",
        "",
        "22.5190",
        "113.9320",
        "以站点为准",
        "热水、按摩椅",
        "找保安",
        "",
    ],
]
OPTIONS = ["--dataset", "mine", "--kind", "warm_bee_station"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUANFENG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["import", *map(str, arguments)], terminal_width=200)


def workbook(path: Path, rows: list[list[str]], headings: list[str] = HEADINGS) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("南山")
        for number, row in enumerate([["一览表"], headings, *rows, ["合计", str(len(rows))]]):
            sheet.write_row(number, 0, row)
    return path


@contextmanager
def published(home: Path) -> Iterator[dict[str, dict[str, object]]]:
    places = real_places(stored(home, "mine"))
    assert places is not None
    yield {row["name"]: row for row in places.to_dict("records")}


def report_of(tmp_path: Path, *arguments: str | Path) -> tuple[Result, dict[str, object]]:
    ended = run(*arguments, "--report", tmp_path / "report.json")
    return ended, json.loads((tmp_path / "report.json").read_text("utf-8"))


def test_a_dry_run_reports_every_repair_and_changes_nothing(tmp_path: Path, home: Path) -> None:
    ended, report = report_of(
        tmp_path, workbook(tmp_path / "a.xlsx", GOOD), *OPTIONS, "--datum", "wgs84"
    )
    assert ended.exit_code == 0, ended.output
    assert (report["rows"], report["taken"], report["refused"]) == (3, 3, 0)
    assert (report["hours_read"], report["hours_not_understood"]) == (2, 1)
    assert report["unused_columns"] == ["备注"]
    mended = {(repair["row"], repair["how"]) for repair in report["repairs"]}  # type: ignore[attr-defined]  # a reply in JSON
    assert {(4, "full-width digits"), (5, "lat stood before lon")} <= mended
    told = {(note["row"], note["value"]) for note in report["notes"]}  # type: ignore[attr-defined]  # a reply in JSON
    assert {(5, "以站点为准"), (5, "按摩椅"), (5, "找保安")} <= told
    assert not (home / "datasets").exists()


def test_a_published_place_keeps_where_it_came_from_and_what_is_only_a_guess(
    tmp_path: Path, home: Path
) -> None:
    ended = run(workbook(tmp_path / "a.xlsx", GOOD), *OPTIONS, "--datum", "wgs84", "--publish")
    assert ended.exit_code == 0, ended.output
    with published(home) as places:
        place = places["登良驿站"]
        assert (place["src_file"], place["src_sheet"], place["src_row"]) == ("a.xlsx", "南山", 5)
        assert (place["src_lon"], place["src_lat"]) == (113.9320, 22.5190)
        assert (place["street"], place["src_guessed"]) == ("粤海街道", "district street")
        assert places["粤海驿站"]["src_guessed"] == "district"
        assert place["opening_hours_text"] == "以站点为准"
        assert isinstance(place["opening_hours"], float)  # null: unknown


def test_ids_stay_when_a_table_without_ids_comes_again(tmp_path: Path, home: Path) -> None:
    assert (
        run(
            workbook(tmp_path / "a.xlsx", GOOD), *OPTIONS, "--datum", "wgs84", "--publish"
        ).exit_code
        == 0
    )
    with published(home) as places:
        before = {name: place["id"] for name, place in places.items()}
    moved = [[*GOOD[0][:3], "113.9517", *GOOD[0][4:]], GOOD[1], ["新驿站", *GOOD[2][1:]]]
    ended, report = report_of(
        tmp_path, workbook(tmp_path / "b.xlsx", moved), *OPTIONS, "--datum", "wgs84", "--publish"
    )
    assert ended.exit_code == 0, ended.output
    with published(home) as places:
        assert places["科技园驿站"]["id"] == before["科技园驿站"]
        assert places["粤海驿站"]["id"] == before["粤海驿站"]
    changes = dict(report["changes"])  # type: ignore[call-overload]  # a reply in JSON
    assert (len(changes["added"]), len(changes["kept"]), changes["gone"]) == (
        1,
        2,
        [before["登良驿站"]],
    )
    assert changes["moved"] == [[before["科技园驿站"], pytest.approx(51.4, abs=1)]]


def test_what_was_mapped_once_need_not_be_told_again(tmp_path: Path, home: Path) -> None:
    headings = ["甲", *HEADINGS[1:]]
    first = workbook(tmp_path / "a.xlsx", GOOD, headings)
    unknown = run(first, *OPTIONS, "--datum", "wgs84")
    assert unknown.exit_code == 1
    assert "nothing is declared as name" in unknown.output
    told = ["--map", "甲=name", "--word", "按摩椅=nap_space", "--publish"]
    assert run(first, *OPTIONS, "--datum", "wgs84", *told).exit_code == 0
    again = run(first, *OPTIONS, "--datum", "wgs84")
    assert again.exit_code == 0, again.output
    assert "按摩椅" not in again.output


def test_refused_rows_come_back_as_a_workbook_with_reasons(tmp_path: Path, home: Path) -> None:
    rows = [
        *GOOD,
        ["海上站", "", "", "0", "0", "", "", "", ""],
        ["无坐标站", "", "", "", "", "", "", "", ""],
        ["上海站", "", "", "121.47", "31.23", "", "", "", ""],
        GOOD[0],
    ]
    file = workbook(tmp_path / "a.xlsx", rows)
    ended = run(
        file, *OPTIONS, "--datum", "wgs84", "--publish", "--refused", tmp_path / "back.xlsx"
    )
    assert ended.exit_code == 1
    assert "nothing was published" in ended.output
    assert not (home / "datasets" / "mine" / "CURRENT").exists()
    (back,) = read(tmp_path / "back.xlsx")
    assert back.columns[:3] == ("行号", "原因", "驿站名称")
    assert [row[0] for row in back.rows] == ["6", "7", "8", "9"]
    reasons = [row[1] for row in back.rows]
    words = (
        "没有填坐标",
        "十进制度数",
        "市域之外",
        "同名地点在第 3 行，相距 0 米",
    )
    assert all(word in reason for word, reason in zip(words, reasons, strict=True))
    without = run(file, *OPTIONS, "--datum", "wgs84", "--publish", "--skip-refused")
    assert without.exit_code == 0, without.output
    assert "Published 3 places" in without.output


def landmark_rows(datum: str) -> list[list[str]]:
    """Thirty stations named after landmarks, in a datum of choice."""
    table = facts.landmarks().drop_duplicates("name").head(30)
    lon, lat = from_wgs84(table.geometry.x, table.geometry.y, datum)
    rows = zip(table["name"], lon, lat, strict=True)
    return [[name, "", "", f"{x:.6f}", f"{y:.6f}", "", "", "", ""] for name, x, y in rows]


@pytest.mark.parametrize("true", ["wgs84", "gcj02", "bd09"])
def test_a_datum_that_the_landmarks_contradict_is_refused_with_the_evidence(
    tmp_path: Path, home: Path, true: str
) -> None:
    file = workbook(tmp_path / "a.xlsx", landmark_rows(true))
    for declared in ("wgs84", "gcj02", "bd09"):
        ended = run(file, *OPTIONS, "--datum", declared)
        assert ended.exit_code == (0 if declared == true else 1), ended.output
        if declared != true:
            assert f"Declare --datum {true}" in ended.output
    forced = run(file, *OPTIONS, "--datum", "wgs84" if true != "wgs84" else "bd09", "--force")
    assert forced.exit_code == 0


def test_a_file_that_states_no_datum_needs_one_declared(tmp_path: Path, home: Path) -> None:
    ended = run(workbook(tmp_path / "a.xlsx", GOOD), *OPTIONS)
    assert ended.exit_code == 1
    assert "declare it with --datum" in ended.output
    headings = ["WGS84_经度" if each == "经度" else each for each in HEADINGS]
    stated = run(workbook(tmp_path / "b.xlsx", GOOD[:1], headings), *OPTIONS)
    assert stated.exit_code == 0, stated.output


def test_a_file_without_most_of_the_published_places_needs_force(
    tmp_path: Path, home: Path
) -> None:
    options = [*OPTIONS, "--datum", "wgs84", "--publish"]
    assert run(workbook(tmp_path / "a.xlsx", GOOD), *options).exit_code == 0
    version = Dataset(home, "mine").pointer().version
    ended = run(workbook(tmp_path / "b.xlsx", GOOD[:1]), *options)
    assert ended.exit_code == 1
    assert "2 of 3 published places" in ended.output
    assert Dataset(home, "mine").pointer().version == version
    assert run(tmp_path / "b.xlsx", *options, "--force").exit_code == 0


def test_an_import_that_another_overtook_is_refused_and_changes_nothing(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = [*OPTIONS, "--datum", "wgs84", "--publish"]
    slow, quick = workbook(tmp_path / "a.xlsx", GOOD[:2]), workbook(tmp_path / "b.xlsx", GOOD)
    freeze = recipes.imported

    def meanwhile(*arguments: object, **named: object) -> object:
        monkeypatch.setattr(recipes, "imported", freeze)
        assert run(quick, *options).exit_code == 0
        return freeze(*arguments, **named)  # type: ignore[arg-type]  # a stand-in

    for before in ("no version", "version"):
        monkeypatch.setattr(recipes, "imported", meanwhile)
        ended = run(slow, *options)
        assert ended.exit_code == 1
        assert f"was at {before}" in ended.output
        assert "somebody else published or went back meanwhile" in " ".join(ended.output.split())
        assert len(Dataset(home, "mine").load()) == 3
        assert run(slow, *options).exit_code == 0


def bus_stops(real_data: Path) -> dict[str, list[list[str]]]:
    """Every stop name of the real bus lines with its points [lon, lat] as the file has them."""
    csv.field_size_limit(10**7)
    rows: dict[str, list[list[str]]] = {}
    with (real_data / "demand" / "bus_lines_bd09.csv").open(encoding="utf-8") as source:
        for line in csv.DictReader(source):
            names, points = (
                line[key].strip("[]'").split("', '") for key in ("stationname", "stationgeo")
            )
            for name, point in zip(names, points, strict=True):
                rows.setdefault(name, []).append(point.split(","))
    csv.field_size_limit(131_072)
    return rows


def osm_stops(real_data: Path) -> list[tuple[str, float, float]]:
    """The named bus stops of the OSM sample."""
    root = ET.parse(real_data / "roads" / "nanshan_futian.osm").getroot()  # noqa: S314  # a file of our own
    tagged = [
        (node, {tag.get("k"): tag.get("v") for tag in node.iter("tag")})
        for node in root.iter("node")
    ]
    stops = [
        (node, tags)
        for node, tags in tagged
        if tags.get("highway") == "bus_stop" and tags.get("name")
    ]
    return [
        (str(tags["name"]), float(node.get("lon", "")), float(node.get("lat", "")))
        for node, tags in stops
    ]


def test_the_real_bus_stops_lie_within_20_m_of_the_same_stops_in_openstreetmap(
    real_data: Path,
) -> None:
    theirs = bus_stops(real_data)
    away_m = []
    for name, lon, lat in osm_stops(real_data):
        if points := theirs.get(name):
            read = to_wgs84(*np.array(points, float).T, "bd09")
            away_m.append(float(geodesic_m(lon, lat, *read).min()))
    assert len(away_m) >= 10
    assert np.median(away_m) <= 20


def test_the_real_bus_stops_are_known_as_bd09_by_their_names(
    tmp_path: Path, home: Path, real_data: Path
) -> None:
    rows = {name: [name, *points[-1]] for name, points in bus_stops(real_data).items()}
    with (tmp_path / "stops.csv").open("w", encoding="gb18030", newline="") as out:
        csv.writer(out).writerows([["站名", "经度", "纬度"], *rows.values()])
    _, report = report_of(tmp_path, tmp_path / "stops.csv", *OPTIONS, "--datum", "gcj02")
    evidence = dict(report["evidence"])  # type: ignore[call-overload]  # a reply in JSON
    assert evidence["fits"] == "bd09"
    assert evidence["against"] is not None
    by_datum = {reading["datum"]: reading["landmark_m"] for reading in evidence["readings"]}
    assert by_datum["bd09"] < 60
    assert min(by_datum["gcj02"], by_datum["wgs84"]) > 500


@pytest.mark.parametrize("declared", ["wgs84", "gcj02", "bd09"])
def test_the_real_charging_stations_are_known_as_gcj02_by_the_coast(
    tmp_path: Path, home: Path, real_data: Path, declared: str
) -> None:
    file = real_data / "demand" / "ev_charging_stations_gcj02.csv"
    told = [
        "--dataset",
        "mine",
        "--kind",
        "friendly_merchant",
        "--service",
        "ev_charge",
        "--map",
        "station_id=id",
        "--name-template",
        "充电站 {station_id}",
    ]
    ended, report = report_of(tmp_path, file, *told, "--datum", declared)
    evidence = dict(report["evidence"])  # type: ignore[call-overload]  # a reply in JSON
    assert evidence["fits"] == "gcj02"
    assert (evidence["against"] is None, ended.exit_code) == (
        (True, 0) if declared == "gcj02" else (False, 1)
    )


def test_a_demand_is_published_with_the_places_and_stays_with_the_next_version(
    tmp_path: Path, home: Path
) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(
        "lon,lat,orders\n113.9512,22.5405,3\n113.9402,22.5215,5\n121.5,31.2,7\n", encoding="utf-8"
    )
    asked = [*OPTIONS, "--datum", "wgs84", "--publish"]
    demand = ["--demand", orders, "--demand-weight", "orders", "--demand-title", "十月订单"]
    ended = run(workbook(tmp_path / "a.xlsx", GOOD), *asked, *demand)
    assert ended.exit_code == 0, ended.output
    assert "Shares are taken of 3 points: 十月订单." in ended.output
    told = (
        create_app(Settings(home, "mine"))
        .test_client()
        .get("/api/v1/coverage?reach_m=100&by=district")
    )
    assert told.status_code == 200, told.text
    nanshan = next(area for area in told.json["areas"] if area["name"] == "南山区")
    assert nanshan["weight"] == 8
    assert run(workbook(tmp_path / "b.xlsx", GOOD[:2]), *asked).exit_code == 0
    crowd = Dataset(home, "mine").load().demand
    assert (crowd.weight.tolist(), crowd.summary.title) == ([3, 5, 7], "十月订单")


def test_a_demand_that_cannot_be_weighed_publishes_nothing(tmp_path: Path, home: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "lon,lat,orders\n113.9512,22.5405,many\n", encoding="utf-8"
    )
    demand = ["--demand", tmp_path / "orders.csv", "--demand-weight", "orders"]
    ended = run(
        workbook(tmp_path / "a.xlsx", GOOD), *OPTIONS, "--datum", "wgs84", "--publish", *demand
    )
    assert ended.exit_code == 1
    assert "are no numbers ≥ 0, the first is 'many'" in ended.output
    assert not (home / "datasets").exists()
