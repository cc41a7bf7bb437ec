"""How far a word reaches: what closes a break, asks something of people, or speaks of one room,
closes no place; what denies or limits a list leaves nothing of it certain.
"""

import pytest

from geodata.sources.door_words import entering
from geodata.sources.locate.named_areas import is_zone
from geodata.sources.row_words import _of_hours
from geodata.sources.service_words import offered
from geodata.sources.status import StatusMeaning, hours_say_closed, name_says_closed, standing
from geodata.travel.limits import measure
from geodata.vocabulary import Door, YesNo


@pytest.mark.parametrize(
    "text",
    [
        "6:00-22:00，22:00-6:00（关闭）",
        "9:00-12:00，13:00-18:00，12:00-13:00（停用）",
        "9:00-18:00，12:00-13:00（暂停营业）",
        "国庆9:00-18:00（关闭）",
        "每月15号9:00-18:00（关闭）",
        "1-3月9:00-17:00（已停用）",
        "大厅9:00-18:00；休息室8:00-20:00（维修中）",
    ],
)
def test_what_closes_a_part_of_the_hours_closes_no_place(text: str) -> None:
    assert not hours_say_closed(text)


@pytest.mark.parametrize("text", ["9:00-18:00（已停用）", "24小时（停用）"])
def test_what_closes_all_of_the_hours_closes_the_place(text: str) -> None:
    assert hours_say_closed(text)


@pytest.mark.parametrize(
    ("text", "door", "register"),
    [
        ("无需登记 非工作人员请勿入内", None, YesNo.NO),
        ("无需登记 请勿进入办公区", None, YesNo.NO),
        ("无需预约请勿进入后厨", None, YesNo.NO),
        ("骑手无需登记 其他人员不得进入", None, YesNo.NO),
        ("扫码进入 无需登记 非骑手不得入内", Door.QR, YesNo.NO),
        ("无需刷脸 非工作人员禁止进入", None, None),
        ("无密码请勿进入机房", None, None),
        ("未登记不得入内", None, YesNo.YES),
        ("未扫码者禁止进入", Door.QR, None),
        ("前台无人时扫码", None, None),
        ("保安不在时刷脸", None, None),
        ("无需前台登记", None, YesNo.NO),
        ("不用去前台登记", None, YesNo.NO),
        ("无需到保安处登记", None, YesNo.NO),
    ],
)
def test_a_word_of_entering_holds_for_its_own_part_of_a_clause(
    text: str, door: Door | None, register: YesNo | None
) -> None:
    said = entering(text)
    if door is not None or "密码" not in text:  # a code that is spoken of may stand unknown
        assert said.door == door
    assert said.register == register


@pytest.mark.parametrize(
    "behind",
    [
        *[
            "暂不开放",
            "暂未开放",
            "暂不提供",
            "暂不可用",
            "暂未启用",
            "不可用",
            "用不了",
            "坏",
            "均坏",
            "仅对内",
            "对内使用",
        ],
        *[
            "仅供本行职工",
            "仅限银行员工",
            "仅限物业人员使用",
            "凭工牌",
            "非开放时间不提供",
            "尚未启用",
        ],
    ],
)
def test_what_stands_behind_a_list_takes_all_of_it_back(behind: str) -> None:
    assert offered(f"热水、微波炉，{behind}").there == ()


@pytest.mark.parametrize("behind", ["禁止吸烟", "请勿带走", "无需预约"])
def test_what_is_asked_of_guests_takes_nothing_back(behind: str) -> None:
    assert len(offered(f"热水、微波炉，{behind}").there) == 2


@pytest.mark.parametrize(
    "remark",
    [
        *[
            "晚上请关闭门窗",
            "夜间请关闭空调",
            "夜间停车请关闭车灯",
            "中午休息请保持安静",
            "使用30分后自动关闭",
        ],
        *["空调26时关闭", "24小时关闭烟火", "周一微波炉停用", "夜间关闭热水"],
    ],
)
def test_a_remark_about_something_else_is_none_about_the_hours(remark: str) -> None:
    assert _of_hours("remarks", remark) == ""


@pytest.mark.parametrize(
    "remark",
    ["周一闭馆", "每周三下午不对外", "春节期间暂停开放", "22点后关闭", "周日停用"],
)
def test_a_remark_about_the_hours_counts(remark: str) -> None:
    assert _of_hours("remarks", remark) == remark


@pytest.mark.parametrize("text", ["搬到2楼", "迁至一楼", "已迁至大堂"])
def test_what_moved_within_its_building_is_not_closed(text: str) -> None:
    assert standing(text) is StatusMeaning.UNKNOWN
    assert not name_says_closed("前海驿站（原址已拆）")


@pytest.mark.parametrize(
    ("name", "zone"),
    [("海港区", False), ("铁山港区", False), ("洋山保税港区", True), ("高新区", True)],
)
def test_a_district_by_the_sea_is_a_district(name: str, zone: bool) -> None:
    assert is_zone(name) is zone


@pytest.mark.parametrize(("text", "metres"), [("4,000 mm", 4), ("3,800mm", 3.8), ("1,200 cm", 12)])
def test_a_comma_parts_thousands_of_small_units(text: str, metres: float) -> None:
    assert measure(text) == pytest.approx(metres)
