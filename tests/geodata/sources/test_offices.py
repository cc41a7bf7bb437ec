"""Districts and street offices by their official names, and what contradicts them."""

from pathlib import Path

import pytest

from geodata.pipeline import recipes
from geodata.pipeline.new_city import shipped
from geodata.pipeline.recipes import Checked
from geodata.sources.areas.names import Level
from geodata.sources.cells import NoteKind
from geodata.sources.demo import facts
from geodata.sources.read import read
from geodata.sources.table import Declared, places_from
from geodata.space.coordinates import Datum
from geodata.vocabulary import Kind

WAYS = [
    "{bare}",
    "{bare}区",
    "{bare}新区",
    "深圳市{bare}区",
    "广东省深圳市{bare}区",
    "{bare}区（中心）",
    "{bare}区人民政府",
    "{en}",
    "{en} District",
    "{EN}",
]
STREET_WAYS = [
    "{bare}街道",
    "{bare}",
    "{bare}街道办事处",
    "{bare}街道办",
    "{bare}办事处",
    "{district}{bare}街道",
    "深圳市{district}{bare}街道办事处",
    "{en}",
    "{en} Subdistrict",
    "{en} Sub-district Office",
]


@pytest.mark.parametrize("way", WAYS)
def test_a_district_is_known_however_it_is_written(way: str) -> None:
    table = facts.districts()
    for name, bare, english in zip(table["name"], table["alias"], table["name_en"], strict=True):
        text = way.format(bare=bare, en=english, EN=english.upper())
        assert shipped().names.official(text, Level.DISTRICT) == name, text


@pytest.mark.parametrize("way", STREET_WAYS)
def test_a_street_office_is_known_however_it_is_written(way: str) -> None:
    table = facts.streets()
    for name, district, english in zip(
        table["street"], table["district"], table["name_en"], strict=True
    ):
        text = way.format(bare=name.removesuffix("街道"), district=district, en=english)
        assert shipped().names.official(text, Level.STREET) == name, text


def checked(tmp_path: Path, *rows: str) -> Checked:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(("名称,经度,纬度,区,街道", *rows)), "utf-8")
    (table,) = read(path)
    return recipes.check(places_from(table, Declared(Datum.WGS84, Kind.WARM_BEE_STATION)))


def test_the_kept_list_of_districts(real_data: Path) -> None:
    (table,) = read(real_data / "faults" / "import" / "x10_districts.csv")
    found = recipes.check(places_from(table, Declared(Datum.WGS84, Kind.WARM_BEE_STATION)))
    places = found.places.sort_values("src_row")
    assert [*places["district"]] == [
        "南山区",
        "南山区",
        "光明区",
        "大鹏新区",
        "南山区",
        "南山区",
        "南山区",
        "福田区",
        "南山区",
        "南山区",
        "龙华区",
        "南山区",
    ]
    assert {*places["street"]} == {"粤海街道"}
    by_kind = {
        kind: [note.row for note in found.notes if note.kind is kind]
        for kind in (NoteKind.UNKNOWN_AREA, NoteKind.OTHER_DISTRICT, NoteKind.FAR_FROM_DISTRICT)
    }
    assert by_kind[NoteKind.UNKNOWN_AREA] == [6, 7, 8, 13]  # 前海, 深汕, 高新区, 东莞市
    assert by_kind[NoteKind.OTHER_DISTRICT] == [4, 5, 9, 12]
    assert sorted(by_kind[NoteKind.FAR_FROM_DISTRICT]) == [4, 5, 9, 12]


def test_a_district_that_nobody_knows_follows_from_the_position_and_is_marked_so(
    tmp_path: Path,
) -> None:
    found = checked(tmp_path, "甲站,113.93,22.545,某区,粤海街道", "乙站,113.94,22.545,南山,粤海")
    rows = {row["name"]: row for row in found.places.to_dict("records")}
    assert (rows["甲站"]["district"], rows["甲站"]["src_guessed"]) == ("南山区", "district")
    assert (rows["乙站"]["district"], rows["乙站"]["street"]) == ("南山区", "粤海街道")
    assert not isinstance(rows["乙站"]["src_guessed"], str)


def test_a_cell_may_name_a_district_and_its_street_office(tmp_path: Path) -> None:
    found = checked(tmp_path, "甲站,113.93,22.545,深圳市南山区粤海街道办事处,")
    assert (found.places["district"][0], found.places["street"][0]) == ("南山区", "粤海街道")
    assert [note.kind for note in found.notes] == []


def test_a_point_far_from_the_district_that_its_row_names_is_told_and_no_other(
    tmp_path: Path,
) -> None:
    found = checked(
        tmp_path,
        "甲站,113.9301,22.5451,福田区,粤海街道",
        "乙站,113.9401,22.5451,南山区,粤海街道",
        "丙站,113.9401,22.5461,,粤海街道",
    )
    far = [note for note in found.notes if note.kind is NoteKind.FAR_FROM_DISTRICT]
    assert [(note.row, note.value) for note in far] == [(2, "福田区")]
