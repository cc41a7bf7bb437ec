"""As a clerk would: a workbook of ten sheets by district, with a cover, two rows of headings,
hidden rows and three kinds; from the file to a published version by what the messages say alone.
"""

import json
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from app.cli.main import cli
from geodata.pipeline import published
from geodata.sources.demo import facts

TOP = [
    "序号",
    "名称",
    "类型",
    "所属区域",
    "",
    "坐标",
    "",
    "服务设施",
    "",
    "",
    "联系电话",
    "开放时间",
    "状态",
    "门禁",
]
UNDER = ["", "", "", "区", "街道", "经度", "纬度", "饮水机", "微波炉", "充电", "", "", "", ""]
MERGED = {3: 4, 5: 6, 7: 9}
KINDS = ["工会驿站", "司机之家", "爱心商户"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUANFENG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["import", *map(str, arguments)], terminal_width=300)


def row_of(number: int, office: Any, kind: str, lon_shift: float) -> list[Any]:
    lon, lat = office.geometry.x + lon_shift, office.geometry.y
    name = f"{office.street.removesuffix('街道')}{number}号点"
    phone = f"138{number:02}{crc32(name.encode()) % 10**6:06}"
    return [
        number,
        name,
        kind,
        office.district.removesuffix("区"),
        f"{office.street}办事处",
        round(lon, 6),
        round(lat, 6),
        "√",
        "2台",
        "0台",
        phone,
        "周一至周日9:00-18:00",
        "正常",
        "需先申请门禁，刷脸进入",
    ]


def sheet_of(book: Any, district: str, offices: list[Any]) -> None:
    sheet = book.add_worksheet(district)
    struck = book.add_format({"font_strikeout": True})
    sheet.merge_range(0, 0, 0, len(TOP) - 1, f"{district}骑手服务点一览表")
    for column, (top, under) in enumerate(zip(TOP, UNDER, strict=True)):
        if column in MERGED:
            sheet.merge_range(1, column, 1, MERGED[column], top)
        elif top and not under:
            sheet.merge_range(1, column, 2, column, top)
        if under:
            sheet.write(2, column, under)
    line = 3
    for number, office in enumerate(offices, 1):
        sheet.write_row(line, 0, row_of(number, office, KINDS[number % 3], 0.0))
        line += 1
    sheet.write_row(line, 0, row_of(90, offices[0], KINDS[0], 0.004))
    sheet.set_row(line, None, None, {"hidden": True})
    sheet.write_row(line + 1, 0, row_of(91, offices[0], KINDS[0], 0.006), struck)
    closed = row_of(92, offices[0], KINDS[0], 0.008)
    sheet.write_row(line + 2, 0, [*closed[:-2], "装修中", ""])
    sheet.write_row(line + 3, 0, ["合计", f"{len(offices)}个"])
    sheet.merge_range(line + 4, 0, line + 4, len(TOP) - 1, "填表人：某某  联系电话：0755-26000001")


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "全市汇编.xlsx"
    streets = facts.streets()
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("封面").merge_range(2, 1, 4, 6, "骑手服务点资料汇编")
        totals = book.add_worksheet("汇总表")
        totals.write_row(0, 0, ["区", "驿站数", "备注"])
        for at, district in enumerate(facts.districts()["name"], 1):
            totals.write_row(at, 0, [district, 2, ""])
            offices = [*streets[streets["district"] == district].itertuples()]
            sheet_of(book, district, offices[:3])
    return path


def said(ended: Result) -> str:
    return " ".join((ended.output + (ended.stderr if ended.stderr_bytes else "")).split())


def test_from_the_file_to_a_published_version_by_what_the_messages_say(
    workbook: Path, home: Path, tmp_path: Path
) -> None:
    first = run(workbook, "--dataset", "mine")
    assert first.exit_code == 1
    assert "declare it with --datum wgs84" in said(first)

    second = run(workbook, "--dataset", "mine", "--datum", "wgs84")
    assert second.exit_code == 1
    assert "工会驿站" in said(second)
    assert "--kind-word WORD=KIND" in said(second)

    told = ("--datum", "wgs84", "--kind-word", "工会驿站=warm_bee_station")
    third = run(workbook, "--dataset", "mine", *told, "--report", tmp_path / "report.json")
    assert third.exit_code == 0, said(third)
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    offices = report["taken"]
    assert report["refused"] == 0
    for text, count in {
        "'封面' is skipped": 1,
        "'汇总表' is skipped": 1,
        ": hidden ": 10,
        ": struck out ": 10,
        "its 状态 says '装修中'": 10,
        ": a total ": 10,
        ": a note ": 10,
    }.items():
        assert sum(text in each for each in report["left_out"]) == count, text
    words = {(each["word"], each["rows"]) for each in report["words"]}
    assert ("装修中", 10) in words
    assert "Add --publish to publish" in said(third)

    last = run(workbook, "--dataset", "mine", *told, "--publish")
    assert last.exit_code == 0, said(last)
    places = published.real_places(published.stored(home, "mine"))
    assert places is not None
    assert len(places) == offices
    assert {*places["kind"]} == {"warm_bee_station", "driver_home", "friendly_merchant"}
    assert {*places["district"]} == {*facts.districts()["name"]}
    assert {*places["street"]} <= {*facts.streets()["street"]}
    assert {tuple(each) for each in places["services"]} == {("drinking_water", "microwave")}
    assert {*places["door"]} == {"face"}
    assert all(json.loads(each)["register"] == "yes" for each in places["entry"])
    assert {*places["src_sheet"]} == {*facts.districts()["name"]}


def test_the_word_for_a_kind_is_remembered(workbook: Path, home: Path) -> None:
    told = ("--datum", "wgs84", "--kind-word", "工会驿站=warm_bee_station", "--sheet", "南山区")
    assert run(workbook, "--dataset", "mine", *told, "--publish").exit_code == 0
    again = run(workbook, "--dataset", "mine", "--datum", "wgs84", "--sheet", "南山区")
    assert again.exit_code == 0, said(again)
    assert (home / "datasets" / "mine").is_dir()


def test_hidden_rows_and_several_sheets_are_taken_on_request(
    workbook: Path, home: Path, tmp_path: Path
) -> None:
    told = ("--datum", "wgs84", "--kind-word", "工会驿站=warm_bee_station")
    sheets = ("--sheet", "南山区", "--sheet", "光明区")
    counts = []
    for more in ((), ("--hidden",)):
        ended = run(
            workbook, "--dataset", "mine", *told, *sheets, *more, "--report", tmp_path / "r"
        )
        assert ended.exit_code == 0, said(ended)
        counts.append(json.loads((tmp_path / "r").read_text("utf-8"))["taken"])
    assert counts == [6, 10]
    assert not (home / "datasets").exists()


def test_a_word_for_no_kind_is_refused_in_a_sentence(workbook: Path, home: Path) -> None:
    ended = run(workbook, "--dataset", "mine", "--kind-word", "工会驿站=toilet")
    assert ended.exit_code == 1
    assert "--kind-word names no kind: toilet" in said(ended)
    assert not (home / "datasets").exists()


def numbered(path: Path, first: int) -> Path:
    """Two sheets of six places each, numbered through from `first` on."""
    streets = [*facts.streets().itertuples()]
    with xlsxwriter.Workbook(str(path)) as book:
        for half in (0, 6):
            sheet = book.add_worksheet(f"第{half // 6 + 1}片")
            sheet.write_row(0, 0, ["编号", "名称", "经度", "纬度"])
            for at, office in enumerate(streets[half : half + 6]):
                spot = round(office.geometry.x, 6), round(office.geometry.y, 6)
                number = f"{first + (half + at) * (1 if first == 1 else 7):05}"
                sheet.write_row(at + 1, 0, [number, f"{office.street}第{half + at}站", *spot])
    return path


@pytest.mark.parametrize(("first", "counts"), [(1, True), (40, False)])
def test_numbers_that_run_through_all_sheets_are_no_ids(
    first: int, counts: bool, home: Path, tmp_path: Path
) -> None:
    told = ("--dataset", "mine", "--datum", "wgs84", "--kind", "warm_bee_station", "--publish")
    ended = run(numbered(tmp_path / "两片.xlsx", first), *told)
    assert ended.exit_code == 0, said(ended)
    assert ("running numbers of the list" in said(ended)) == counts
    places = published.real_places(published.stored(home, "mine"))
    assert places is not None
    assert {each.startswith("st-") for each in places["id"]} == {counts}


def test_what_the_clerk_is_told_in_chinese_leads_on_and_is_chinese(
    workbook: Path, home: Path
) -> None:
    told = ("--dataset", "mine", "--datum", "wgs84", "--publish", "--lang", "zh")
    refused = run(workbook, *told)
    assert refused.exit_code == 1
    assert "暖蜂驿站 (warm_bee_station)" in said(refused)
    assert "--skip-refused" in said(refused).rpartition("nuanfeng: ")[2]
    assert "……另有" in said(refused)
    assert " more" not in said(refused)
    ended = run(workbook, *told, "--kind-word", "工会驿站=warm_bee_station")
    assert ended.exit_code == 0
    info = CliRunner().invoke(cli, ["info", "--dataset", "mine", "--lang", "zh"])
    assert "暖蜂驿站" in info.output
    assert "已逐字节核对" in info.output
    assert "synthetic" not in info.output
    english = CliRunner().invoke(cli, ["info", "--dataset", "mine", "--lang", "en"])
    assert "warm-bee stations" in english.output
    assert "every byte verified" in english.output
