"""Workbooks as they are: headings over two rows, hidden and struck rows, errors, formats, several
sheets, pages and lists named as workbooks.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from geodata.errors import BadTable, Reject, UnreadableFile
from geodata.pipeline import recipes
from geodata.sources.cells import NoteKind
from geodata.sources.file_options import FileOptions
from geodata.sources.read import read
from geodata.sources.repairs import Dialling
from geodata.sources.table import Declared, Read, places_from
from geodata.space.coordinates import Datum
from geodata.vocabulary import Kind

DECLARED = Declared(Datum.WGS84, Kind.WARM_BEE_STATION)
HEADINGS = ["名称", "经度", "纬度", "地址"]
ROWS = [
    [f"{name}驿站", 113.93 + at / 250, 22.5401 + at / 500, f"示例路{at}号"]
    for at, name in enumerate("甲乙丙丁戊")
]


def made(path: Path, write: Callable[[Any, Any], None], sheet: str = "表") -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        write(book, book.add_worksheet(sheet))
    return path


def listed(path: Path, *rows: list[Any]) -> Path:
    def write(_: Any, sheet: Any) -> None:
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)

    return made(path, write)


def places(path: Path, declared: Declared = DECLARED, **asked: Any) -> Read:
    (table,) = read(path, FileOptions(**asked))
    return places_from(table, declared)


def kinds_of(found: Read) -> list[tuple[NoteKind, int, str]]:
    return [(note.kind, note.row, note.value) for note in found.notes]


# --- hidden and struck ---


def with_unseen_rows(book: Any, sheet: Any) -> None:
    struck = book.add_format({"font_strikeout": True})
    sheet.write_row(0, 0, HEADINGS)
    for number, row in enumerate(ROWS, 1):
        sheet.write_row(number, 0, row, struck if number == 5 else None)
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.set_row(3, 0)
    sheet.write(4, 3, "旧地址", struck)


def test_hidden_and_struck_rows_are_told_and_left_out(tmp_path: Path) -> None:
    (table,) = read(made(tmp_path / "a.xlsx", with_unseen_rows))
    assert [row[0] for row in table.rows] == ["甲驿站", "丁驿站"]
    assert [text[:12] for text in table.left_out] == [
        "row 3: hidde",
        "row 4: hidde",
        "row 6: struc",
        "row 5: struc",
    ]
    assert "丙驿站" in table.left_out[1]
    assert table.rows[1][3] == ""  # what is struck out in a cell is not taken


def test_hidden_and_struck_rows_are_taken_when_asked_for(tmp_path: Path) -> None:
    (table,) = read(made(tmp_path / "a.xlsx", with_unseen_rows), FileOptions(hidden=True))
    assert [row[0] for row in table.rows] == [row[0] for row in ROWS]
    assert table.left_out == ()
    assert table.rows[3][3] == "旧地址"


def test_of_a_text_that_is_struck_in_part_the_rest_counts(tmp_path: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        struck = book.add_format({"font_strikeout": True})
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROWS[0])
        sheet.write_rich_string(1, 3, struck, "旧路1号", book.add_format(), "新路2号")

    (table,) = read(made(tmp_path / "a.xlsx", write))
    assert table.rows[0][3] == "新路2号"
    assert "旧路1号" in table.left_out[0]


def test_the_kept_workbook_of_hidden_and_struck_rows(real_data: Path) -> None:
    path = real_data / "faults" / "import" / "x3_hidden_struck.xlsx"
    found = places(path)
    assert [*found.places["name"]] == ["南头古城驿站", "粤海门驿站", "深大北驿站"]
    assert ["科苑南" in found.left_out[0], "桃园西" in found.left_out[1]] == [True, True]
    assert len(places(path, hidden=True).places) == 4  # the hidden one's remark says 已撤销


# --- errors, formulas, formats ---


def test_the_kept_workbook_of_errors_tells_each_cell(real_data: Path) -> None:
    found = places(real_data / "faults" / "files" / "errors.xlsx")
    assert kinds_of(found) == [
        (NoteKind.UNREADABLE, 3, "#DIV/0!"),
        (NoteKind.UNREADABLE, 3, "#REF!"),
        (NoteKind.UNREADABLE, 3, "#N/A"),
    ]
    assert len(found.places) == 2


@pytest.mark.parametrize(
    "error", ["#REF!", "#N/A", "#DIV/0!", "#NAME?", "#VALUE!", "########", "Err:502"]
)
@pytest.mark.parametrize("column", [0, 1, 2])
def test_an_error_in_a_name_or_position_refuses_the_row(
    tmp_path: Path, error: str, column: int
) -> None:
    bad = [error if at == column else cell for at, cell in enumerate(ROWS[0])]
    found = places(listed(tmp_path / "a.xlsx", HEADINGS, bad, ROWS[1]))
    assert [(each.row, each.value) for each in found.rejects] == [(2, error)]
    assert [*found.places["name"]] == ["乙驿站"]


def test_a_formula_that_nobody_calculated_is_unreadable_and_one_with_a_value_is_not(
    tmp_path: Path,
) -> None:
    def write(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROWS[0])
        sheet.write_row(2, 0, ROWS[1])
        sheet.write_formula(1, 3, "=X1", value="")
        sheet.write_formula(2, 3, "=X2", value="示例路")

    found = places(made(tmp_path / "a.xlsx", write))
    assert kinds_of(found) == [(NoteKind.UNREADABLE, 2, "#CALC? =X1")]
    assert [*found.places["address"].fillna("")] == ["", "示例路"]


def test_number_formats_make_ids(tmp_path: Path, real_data: Path) -> None:
    files = real_data / "faults" / "files"
    (sheet,), (text,) = read(files / "ids.xlsx"), read(files / "ids.csv")
    assert (sheet.columns, sheet.rows) == (text.columns, text.rows)

    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["编号", *HEADINGS])
        for number, (code, row) in enumerate(
            zip(('"ST-"000', "00000", "0.00"), ROWS, strict=False)
        ):
            sheet.write_number(number + 1, 0, number + 7, book.add_format({"num_format": code}))
            sheet.write_row(number + 1, 1, row)

    (table,) = read(made(tmp_path / "a.xlsx", write))
    assert [row[0] for row in table.rows] == ["ST-007", "00008", "9.00"]


def test_a_format_of_few_decimals_costs_a_position_nothing(tmp_path: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(
            1, 0, ["甲驿站", 113.93456, 22.54321, ""], book.add_format({"num_format": "0.00"})
        )

    assert places(made(tmp_path / "a.xlsx", write)).places["src_lon"][0] == 113.93456


# --- headings ---


def test_the_kept_workbook_with_two_rows_of_headings(real_data: Path) -> None:
    found = places(real_data / "faults" / "import" / "x1_two_headers.xlsx")
    assert found.places["name"].iloc[0] == "南头古城驿站"
    assert [*found.places["street"]] == ["南头街道"] * 3 + ["粤海街道"] * 3
    assert [*found.places["services"]][:2] == [["drinking_water"], ["drinking_water", "microwave"]]
    assert found.rejects == ()
    assert [text.split(" ")[1] for text in found.left_out] == ["1:", "10:", "11:"]


GROUPED = [
    ["序号", "驿站名称", "WGS84坐标", "", "高德坐标", "", "服务设施", "", "备用"],
    ["", "", "经度", "纬度", "经度", "纬度", "微波炉", "饮水机（台）", ""],
]


def test_two_rows_of_headings_that_are_not_merged_are_joined(tmp_path: Path) -> None:
    row = ["1", "甲驿站", "113.93", "22.54", "113.935", "22.537", "√", "0台", ""]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(each) for each in (*GROUPED, row)), "utf-8")
    (table,) = read(path)
    assert table.columns[2:6] == (
        "WGS84坐标 / 经度",
        "WGS84坐标 / 纬度",
        "高德坐标 / 经度",
        "高德坐标 / 纬度",
    )
    for datum, lon in ((Datum.WGS84, 113.93), (Datum.GCJ02, 113.935)):
        found = places_from(table, Declared(datum, Kind.WARM_BEE_STATION))
        assert [*found.places["src_lon"]] == [lon]
        assert [*found.places["services"]] == [["microwave"]]


def test_one_row_of_headings_takes_no_data_for_a_second(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "名称,经度,纬度,饮水机\n厕所,113.9311,22.5411,有\n微波炉,113.9322,22.5422,无\n", "utf-8"
    )
    (table,) = read(path)
    assert table.columns == ("名称", "经度", "纬度", "饮水机")
    assert len(table.rows) == 2


def test_titles_notes_totals_and_headings_stand_anywhere(tmp_path: Path) -> None:
    (table,) = read(
        listed(
            tmp_path / "a.xlsx",
            ["附件2"],
            ["南山区暖蜂驿站一览表"],
            ["填报单位：某街道", "", "填报日期：2026年5月"],
            HEADINGS,
            ["一、粤海街道"],
            ROWS[0],
            ["小计", "", "", "1个"],
            [],
            HEADINGS,
            ["二、南头街道"],
            ROWS[1],
            ["粤海街道小计：1"],
            ["", "合计", "", "2个"],
            ["填表人：某某", "", "联系电话：0755-26000001", ""],
            ["注：坐标由高德地图采集"],
        )
    )
    assert [row[0] for row in table.rows] == ["甲驿站", "乙驿站"]
    assert table.numbers == (6, 11)
    assert len(table.left_out) == 11
    assert table.rejects == ()


def test_a_place_with_nothing_but_its_name_is_refused_and_not_lost(tmp_path: Path) -> None:
    found = places(listed(tmp_path / "a.xlsx", HEADINGS, ROWS[0], ["丙驿站", "", "", ""]))
    assert [(each.row, each.column) for each in found.rejects] == [(3, "经度")]


# --- several sheets ---


def book_of_sheets(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("封面").write(0, 0, "2026年暖蜂驿站资料汇编")
        totals = book.add_worksheet("汇总")
        for number, row in enumerate([["区", "驿站数量"], ["南山区", 2], ["合计", 2]]):
            totals.write_row(number, 0, row)
        for name, row in zip(("驿站", "司机之家", "爱心商户"), ROWS, strict=False):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADINGS)
            sheet.write_row(1, 0, row)
    return path


def test_sheets_that_list_places_are_taken_and_others_told_with_the_reason(tmp_path: Path) -> None:
    tables = read(book_of_sheets(tmp_path / "a.xlsx"))
    assert [table.sheet for table in tables] == ["驿站", "司机之家", "爱心商户"]
    told = tables[0].left_out
    assert ["'封面' is skipped" in told[0], "'汇总' is skipped" in told[1]] == [True, True]
    assert "区, 驿站数量" in told[1]


def test_a_sheets_name_says_its_kind(tmp_path: Path) -> None:
    tables = read(book_of_sheets(tmp_path / "a.xlsx"))
    reads = [places_from(table, Declared(Datum.WGS84)) for table in tables]
    assert [found.places["kind"].iloc[0] for found in reads] == [
        "warm_bee_station",
        "driver_home",
        "friendly_merchant",
    ]
    assert {note.kind for found in reads for note in found.notes} == {NoteKind.KIND_OF_SHEET}


def test_a_title_says_the_kind_where_no_sheet_does(tmp_path: Path) -> None:
    path = listed(tmp_path / "a.xlsx", ["深圳市司机之家名单"], HEADINGS, ROWS[0])
    assert [*places(path, Declared(Datum.WGS84)).places["kind"]] == ["driver_home"]
    both = listed(tmp_path / "b.xlsx", ["司机之家和爱心商户名单"], HEADINGS, ROWS[0])
    with pytest.raises(BadTable, match="kind"):
        places(both, Declared(Datum.WGS84))


def test_sheets_can_be_asked_for_one_by_one(tmp_path: Path) -> None:
    path = book_of_sheets(tmp_path / "a.xlsx")
    assert [each.sheet for each in read(path, FileOptions(("爱心商户", "驿站")))] == [
        "驿站",
        "爱心商户",
    ]
    with pytest.raises(BadTable, match="no sheet '二'"):
        read(path, FileOptions(("驿站", "二")))


def test_a_kind_word_that_is_declared_is_known_and_others_are_told(tmp_path: Path) -> None:
    rows = [[*ROWS[0], "工会驿站"], [*ROWS[1], "爱心小屋"], [*ROWS[2], "工会驿站"]]
    path = listed(tmp_path / "a.xlsx", [*HEADINGS, "类型"], *rows)
    words = {"工会驿站": Kind.WARM_BEE_STATION}
    found = places(path, Declared(Datum.WGS84, kind_words=words))
    assert [*found.places["kind"]] == ["warm_bee_station"] * 2
    assert [(each.row, "--kind-word" in each.reason) for each in found.rejects] == [(3, True)]


# --- not quite workbooks ---

PAGE = """<html><head><meta charset="utf-8"><style>td {color: red}</style></head><body>
<table><tr><td colspan=4>驿站一览表</td></tr>
<tr><th>名称</th><th>经度</th><th>纬度</th><th rowspan=1>街道</th></tr>
<tr><td>甲驿站</td><td>113.9311</td><td>22.5411</td><td rowspan="2">粤海街道</td></tr>
<tr><td>乙&amp;丙<br>驿站</td><td>113.9322</td><td>22.5422</td></tr>
<tr style="display: none"><td>丁驿站</td><td>113.9333</td><td>22.5433</td><td></td></tr>
</table></body></html>"""


@pytest.mark.parametrize("name", ["a.xls", "a.et", "a.xlsx", "a.html"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_page_named_as_a_workbook_is_read(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_bytes(PAGE.encode(encoding))
    (table,) = read(path)
    assert [row[0].split() for row in table.rows] == [["甲驿站"], ["乙&丙", "驿站"]]
    assert [row[3] for row in table.rows] == ["粤海街道", "粤海街道"]
    assert "hidden '丁驿站" in table.left_out[0]
    assert len(read(path, FileOptions(hidden=True))[0].rows) == 3


def test_a_text_named_as_a_workbook_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes("名称\t经度\t纬度\n甲驿站\t113.9311\t22.5411\n".encode("gb18030"))
    assert read(path)[0].rows == (("甲驿站", "113.9311", "22.5411"),)


def test_a_workbook_under_an_old_name_is_read_and_measured(tmp_path: Path) -> None:
    path = listed(tmp_path / "a.xlsx", HEADINGS, ROWS[0]).rename(tmp_path / "a.et")
    assert len(read(path)[0].rows) == 1


@pytest.mark.parametrize("name", ["a.et", "a.xls", "a.xlsx"])
def test_what_is_no_workbook_is_refused_with_a_way_out(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2_000)
    with pytest.raises(UnreadableFile, match=r"save it (?:anew )?as \.xlsx"):
        read(path)


RECORDS = [
    {
        "name": "甲驿站",
        "location": {"lat": 22.5411, "lng": 113.9311},
        "biz_ext": {"open_time": "24小时"},
    },
    {"name": "乙驿站", "location": {"lat": 22.5422, "lng": 113.9322}, "biz_ext": []},
]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RECORDS, ensure_ascii=False),
        json.dumps({"status": "1", "pois": RECORDS}),
        json.dumps({"code": 0, "data": {"total": 2, "list": RECORDS}}),
        "\n".join(json.dumps(each) for each in RECORDS),
        json.dumps({"pois": RECORDS[:1]}) + json.dumps({"pois": RECORDS[1:]}),
    ],
)
def test_lists_of_records_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, "utf-8")
    found = places(path)
    assert [*found.places["name"]] == ["甲驿站", "乙驿站"]
    assert [*found.places["src_lon"]] == [113.9311, 113.9322]
    assert found.places["opening_hours_text"].iloc[0] == "24小时"


@pytest.mark.parametrize("text", ["[]", "[1, 2]", '{"a": 1}', '"a"', '[{"a": 1}, 2]', "[{]"])
def test_other_json_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, "utf-8")
    with pytest.raises(UnreadableFile, match="JSON"):
        read(path)


# --- cells ---


@pytest.mark.parametrize(
    "cell",
    [
        "2022-05-01",
        "2022年5月1日",
        "20220501",
        "2022-05-01 09:00",
        "09:00:00",
        "9:00",
        "44682",
        "0.375",
        "5月1日",
    ],
)
def test_a_date_is_not_shown_as_hours(tmp_path: Path, cell: str) -> None:
    found = places(listed(tmp_path / "a.xlsx", [*HEADINGS, "营业时间"], [*ROWS[0], cell]))
    assert kinds_of(found) == [(NoteKind.NO_HOURS_BUT_A_DATE, 2, cell)]
    assert [*found.places["opening_hours_text"], *found.places["opening_hours"]] == [None, None]


def test_a_date_cell_is_not_shown_as_hours(tmp_path: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, [*HEADINGS, "营业时间"])
        for number, code in enumerate(("yyyy-mm-dd", "hh:mm:ss", "m月d日"), 1):
            sheet.write_row(number, 0, ROWS[number])
            sheet.write_number(number, 4, 44682.375, book.add_format({"num_format": code}))

    found = places(made(tmp_path / "a.xlsx", write))
    assert [note.kind for note in found.notes] == [NoteKind.NO_HOURS_BUT_A_DATE] * 3


@pytest.mark.parametrize(
    ("lon", "lat", "coarse"),
    [
        ("113.9", "22.5", True),
        ("113.93", "22.54", True),
        ("113.9", "22.5411", True),
        ("113.93", "22.541", False),
        ("113.931", "22.54", False),
        ("113.9311", "22.5411", False),
    ],
)
def test_coarse_positions_are_flagged(tmp_path: Path, lon: str, lat: str, coarse: bool) -> None:
    rows = [["甲驿站", lon, lat, ""], ["乙驿站", "113.9544", "22.5355", ""]]
    found = places(listed(tmp_path / "a.xlsx", HEADINGS, *rows))
    assert [note.row for note in found.notes if note.kind is NoteKind.COARSE_POSITION] == [
        2
    ] * coarse


@pytest.mark.parametrize(
    ("phone", "noted"),
    [
        ("1380013800", True),
        ("138001380001", True),
        ("0755-8233370", True),
        ("8233370", True),
        ("13800138000", False),
        ("0755-82333707", False),
        ("82333707", False),
        ("12345", False),
    ],
)
def test_telephones_a_digit_short_or_long_are_noted(
    tmp_path: Path, phone: str, noted: bool
) -> None:
    here = replace(DECLARED, dialling=Dialling("CN", ("0755",)))
    found = places(listed(tmp_path / "a.xlsx", [*HEADINGS, "电话"], [*ROWS[0], phone]), here)
    assert [note.kind for note in found.notes] == [NoteKind.TELEPHONE_LENGTH] * noted


def test_hours_and_a_status_of_some_times_are_read_together(tmp_path: Path) -> None:
    headings = [*HEADINGS, "营业时间", "状态"]
    path = listed(tmp_path / "a.xlsx", headings, [*ROWS[0], "9:00-18:00", "节假日暂停"])
    found = places(path)
    assert found.places["opening_hours_text"][0] == "9:00-18:00，节假日暂停"
    assert found.places["opening_hours"][0] != "09:00-18:00"


def test_the_kept_lists_of_statuses(real_data: Path) -> None:
    folder = real_data / "faults" / "import"
    some, none = places(folder / "x4_status.csv"), places(folder / "x4b_status_closed.csv")
    assert len(some.places) == 6
    assert some.left_out == ("row 7: '大新村驿站', its 状态 says '停用'",)
    assert len(none.places) == 0
    assert len(none.left_out) == 12
    assert {note.kind for note in none.notes} == {NoteKind.NOT_SERVING}


def test_columns_of_words_are_read(tmp_path: Path) -> None:
    headings = [
        *HEADINGS,
        "是否免费",
        "无障碍",
        "楼层",
        "是否需登记",
        "进入方式",
        "申请链接",
        "备注",
    ]
    rows = [
        [*ROWS[0], "是", "有", "2楼", "否", "刷脸", "", ""],
        [*ROWS[1], "否", "部分", "", "是", "密码锁", "https://example.org/a", ""],
        [*ROWS[2], "", "无", "", "", "", "", "需先申请门禁，扫码开门"],
    ]
    found = places(listed(tmp_path / "a.xlsx", headings, *rows)).places
    assert [*found["fee"].fillna("")] == ["no", "yes", ""]
    assert [*found["wheelchair"]] == ["yes", "limited", "no"]
    assert found["level"][0] == "2楼"
    assert [*found["door"]] == ["face", "code", "qr"]
    entries = [json.loads(text) for text in found["entry"]]
    assert [each["register"] for each in entries] == ["no", "yes", "yes"]
    assert entries[1]["url"] == "https://example.org/a"
    assert entries[2]["how"] == "需先申请门禁，扫码开门"
    checked = recipes.check(places(listed(tmp_path / "b.xlsx", headings, *rows)))
    assert checked.rejects == ()
    assert {row["name"]: row["door"] for row in checked.places.to_dict("records")}["丙驿站"] == "qr"


def test_columns_that_contradict_each_other_are_unknown_and_told(tmp_path: Path) -> None:
    headings = [*HEADINGS, "是否需登记", "备注"]
    found = places(listed(tmp_path / "a.xlsx", headings, [*ROWS[0], "是", "无需登记，直接进入"]))
    assert NoteKind.UNKNOWN_DOOR in {note.kind for note in found.notes}
    assert json.loads(found.places["entry"][0])["register"] is None


def test_a_stopped_column_turns_yes_and_no(tmp_path: Path) -> None:
    for yes in ("是", "是（装修）", "是（2027年恢复）"):
        rows = [[*ROWS[0], yes], [*ROWS[1], "否"], [*ROWS[2], ""]]
        found = places(listed(tmp_path / "a.xlsx", [*HEADINGS, "是否停用"], *rows))
        assert [*found.places["name"]] == ["乙驿站", "丙驿站"]
    doubted = listed(tmp_path / "b.xlsx", [*HEADINGS, "是否停用"], [*ROWS[0], "否（装修中）"])
    assert NoteKind.UNKNOWN_STATUS in {kind for kind, _, _ in kinds_of(places(doubted))}


def test_where_a_place_moved_to_closes_it_as_a_status_and_not_as_a_remark(tmp_path: Path) -> None:
    for heading, left in (("状态", ["乙驿站"]), ("备注", ["甲驿站", "乙驿站"])):
        rows = [[*ROWS[0], "已搬迁至科技园南区"], [*ROWS[1], ""]]
        found = places(listed(tmp_path / "a.xlsx", [*HEADINGS, heading], *rows))
        assert [*found.places["name"]] == left


def test_a_name_or_hours_that_say_closed_leave_their_row_out(tmp_path: Path) -> None:
    rows = [
        [*ROWS[0], ""],
        ["乙驿站（装修中）", *ROWS[1][1:], ""],
        [*ROWS[2], "暂停开放"],
        [*ROWS[3], "9:00-18:00（已停用）"],
        ["戊驿站（24小时）", *ROWS[4][1:], "周一停业，其他9:00-18:00"],
    ]
    found = places(listed(tmp_path / "a.xlsx", [*HEADINGS, "开放时间"], *rows))
    assert [*found.places["name"]] == ["甲驿站", "戊驿站（24小时）"]
    assert [kind for kind, _, _ in kinds_of(found)].count(NoteKind.NOT_SERVING) == 3


@pytest.mark.parametrize(
    ("remark", "hours"),
    [
        ("周一闭馆", "Tu-Su 09:00-18:00; Mo off; PH unknown"),
        ("骑手优先，周一闭馆", "Tu-Su 09:00-18:00; Mo off; PH unknown"),
        ("12:00-14:00休息", "Mo-Su 09:00-12:00,14:00-18:00"),
        ("法定节假日休息", "Mo-Su 09:00-18:00; PH off"),
        ("每周三下午不对外", None),
        ("春节期间暂停开放", None),
        ("周一闭馆（特殊情况除外）", None),
        ("每月最后一个周五闭馆", None),
        ("中午可在此休息", "Mo-Su 09:00-18:00"),
        ("周边停车方便，夜间有灯", "Mo-Su 09:00-18:00"),
        ("每周一消杀", "Mo-Su 09:00-18:00"),
        ("午休床3张，中午休息区开放", "Mo-Su 09:00-18:00"),
    ],
)
def test_a_remark_of_closed_times_counts_with_the_hours(
    tmp_path: Path, remark: str, hours: str | None
) -> None:
    headings = [*HEADINGS, "开放时间", "备注"]
    found = places(listed(tmp_path / "a.xlsx", headings, [*ROWS[0], "9:00-18:00", remark]))
    assert [*found.places["opening_hours"]] == [hours]


def test_refusals_are_rejects(tmp_path: Path) -> None:
    found = places(listed(tmp_path / "a.xlsx", HEADINGS, ["甲驿站", "#REF!", 22.5, ""]))
    assert all(isinstance(each, Reject) and each.reason for each in found.rejects)
