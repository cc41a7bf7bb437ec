"""Cells of services: words of real lists, counts, negations, brackets; the rest is told."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.service_words import ALSO, WORDS, has, offered
from geodata.vocabulary import Service

S = Service


def _words(text: str) -> list[str]:
    return text.split()


#: The list of a real form, each with what it is.
LISTED = {
    "如厕": S.TOILET, "公共厕所": S.TOILET, "厕所": S.TOILET, "卫生间": S.TOILET, "休憩": S.SEAT,
    "休息": S.SEAT, "饮水供给": S.DRINKING_WATER, "饮用水": S.DRINKING_WATER, "热水": S.HOT_WATER,
    "开水": S.HOT_WATER, "餐食加热": S.MICROWAVE, "加热饭菜": S.MICROWAVE, "避暑取暖": S.AIR_CON,
    "空调": S.AIR_CON, "手机充电": S.PHONE_CHARGE, "充电": S.PHONE_CHARGE, "应急药箱": S.FIRST_AID,
    "应急药品": S.FIRST_AID, "急救箱": S.FIRST_AID, "图书": S.BOOKS, "图书角": S.BOOKS,
    "雨伞": S.UMBRELLA, "WiFi": S.WIFI, "无线网络": S.WIFI, "打气筒": S.AIR_PUMP,
    "微波炉": S.MICROWAVE, "冰箱": S.FRIDGE, "母婴室": S.NURSING_ROOM, "淋浴": S.SHOWER,
    "洗澡": S.SHOWER, "饮水机": S.DRINKING_WATER, "阅读": S.BOOKS, "纳凉": S.AIR_CON,
    "无障碍卫生间": S.TOILET, "电动车充电": S.EBIKE_CHARGE, "直饮水": S.DRINKING_WATER,
}  # fmt: skip
SAID = [
    ("微波炉2台", {S.MICROWAVE}, set()),
    ("2台微波炉", {S.MICROWAVE}, set()),
    ("微波炉*2、饮水机×1", {S.MICROWAVE, S.DRINKING_WATER}, set()),
    ("微波炉(2台)", {S.MICROWAVE}, set()),
    ("微波炉【两台】", {S.MICROWAVE}, set()),
    ("饮水机一台微波炉两台", {S.DRINKING_WATER, S.MICROWAVE}, set()),
    ("微波炉0台", set(), {S.MICROWAVE}),
    ("0台微波炉", set(), {S.MICROWAVE}),
    ("微波炉（无）", set(), {S.MICROWAVE}),
    ("微波炉：无；冰箱：有", {S.FRIDGE}, {S.MICROWAVE}),
    ("无热水", set(), {S.HOT_WATER}),
    ("没有卫生间", set(), {S.TOILET}),
    ("不提供热水", set(), {S.HOT_WATER}),
    ("暂无微波炉，有饮水机", {S.DRINKING_WATER}, {S.MICROWAVE}),
    ("充电（手机、电动车充电）", {S.PHONE_CHARGE, S.EBIKE_CHARGE}, set()),
    ("充电(手机)", {S.PHONE_CHARGE}, set()),
    ("充电(电动车)", {S.EBIKE_CHARGE}, set()),
    ("1.饮水 2.热饭 3.充电", {S.DRINKING_WATER, S.MICROWAVE, S.PHONE_CHARGE}, set()),
    ("①饮水②休息", {S.DRINKING_WATER, S.SEAT}, set()),
    ("饮水/休息/如厕", {S.DRINKING_WATER, S.SEAT, S.TOILET}, set()),
    ("饮水 休息\n如厕", {S.DRINKING_WATER, S.SEAT, S.TOILET}, set()),
    ("提供热水、微波炉等服务", {S.HOT_WATER, S.MICROWAVE}, set()),
    ("服务内容：饮水、休息", {S.DRINKING_WATER, S.SEAT}, set()),
    ('["热水","微波炉"]', {S.HOT_WATER, S.MICROWAVE}, set()),
    ("无", set(), set()),
    ("暂无", set(), set()),
]


@pytest.mark.parametrize(("word", "service"), LISTED.items())
def test_the_words_of_real_lists_are_known(word: str, service: Service) -> None:
    assert offered(word).there == (service,)
    assert offered(word).unknown == ()


def test_every_service_of_the_kept_list_is_known_or_told(real_data) -> None:  # type: ignore[no-untyped-def]  # conftest's fixture
    with (real_data / "faults" / "import" / "x16_services.csv").open(encoding="utf-8-sig") as body:
        words = [row["服务内容"] for row in csv.DictReader(body)]
    unknown = [word for word in words if not offered(word).there]
    assert unknown == ["针线包", "洗手"]  # no service stands for them
    assert all(offered(word).unknown == (word,) for word in unknown)


@pytest.mark.parametrize(("cell", "there", "missing"), SAID)
def test_counts_brackets_and_negations_are_read(
    cell: str, there: set[Service], missing: set[Service]
) -> None:
    said = offered(cell)
    assert (set(said.there), set(said.missing), said.unknown) == (there, missing, ())


@pytest.mark.parametrize(
    ("cell", "unknown"),
    [
        ("热水、快递柜", ("快递柜",)),
        ("微波炉（维修中）", ("微波炉(维修中)",)),
        ("微波炉、无微波炉", ("microwave",)),
        ("热水器材展示", ("热水器材展示",)),
    ],
)
def test_a_part_that_is_not_wholly_known_is_told_and_not_taken(
    cell: str, unknown: tuple[str, ...]
) -> None:
    assert offered(cell).unknown == unknown
    assert Service.MICROWAVE not in offered(cell).there


#: What people write behind or in brackets about a thing that is not there for whoever comes.
LIMITS = _words(
    "坏 暂停 故障 规划中 建设中 拟建 待安装 未启用 已撤 已搬走 已拆除 空 没水 停水 过期 借完 "
    "原有 仅限员工 员工专用 内部使用 会员 不对外 限员工 需申请 需预约 咨询前台 收费 有偿 2元 "
    "押金20元 消费满10元 夜间无 周末无 仅冬季 白天 8:00-20:00 附近 隔壁 禁止使用 不能用 均无 "
    "以上均停用 2027年 ?"
)
#: Cells of which no service is certain, though they name some.
OFFERING_NOTHING = [
    "有无热水",
    "有没有微波炉",
    "是否有热水",
    "热水 无",
    "热水 N",
    "热水\n停用",
    "热水\n（停用）",
    "热水8:00-20:00",
    "自带热水",
    "未配备热水、微波炉",
    "缺微波炉、热水",
    "不提供热水、微波炉",
    "无微波炉、热水",
    "无：微波炉、热水",
    "不含热水、充电",
    "无热水，微波炉，充电",
    "微波炉、热水均无",
    "微波炉、热水：无",
    "微波炉热水无",
    "热水（无）微波炉",
    "热水、微波炉、充电（以上均无）",
    "热水、微波炉，仅限员工使用",
    "热水、微波炉，维修中",
    "热水、微波炉停用",
    "维修中：热水、微波炉",
    "暂停提供热水、微波炉",
    "停止供应热水、微波炉",
    "拟配热水、微波炉",
    "原有热水、微波炉",
    "需自备热水、充电线",
    "热水、热水（坏）",
    "热水；热水停用",
    "即将增设充电、热水",
    "热水，未启用",
    "热水、微波炉（均需投币）",
    "附近有热水、厕所",
    "热水、微波炉，需预约",
    "微波炉[ ]",
]
#: A denial or a limit of one service says nothing of these.
STILL_OFFERED = [
    ("微波炉2台、无热水、充电", {S.MICROWAVE, S.PHONE_CHARGE}),
    ("热水、微波炉（无）、充电", {S.HOT_WATER, S.PHONE_CHARGE}),
    ("无热水、微波炉1台", {S.MICROWAVE}),
    ("热水；无微波炉；充电", {S.HOT_WATER, S.PHONE_CHARGE}),
    ("无：微波炉、热水；有：充电", {S.PHONE_CHARGE}),
    ("热水、微波炉，不提供充电、淋浴", {S.HOT_WATER, S.MICROWAVE}),
    ("热水、针线包（无）", {S.HOT_WATER}),
    ("热水、微波炉，无针线包", {S.HOT_WATER, S.MICROWAVE}),
    ("热水、微波炉，以上均免费", {S.HOT_WATER, S.MICROWAVE}),
    ("热水、微波炉，无需预约", {S.HOT_WATER, S.MICROWAVE}),
    ("热水停用、微波炉、充电", {S.MICROWAVE, S.PHONE_CHARGE}),
    ("热水（维修中）、微波炉", {S.MICROWAVE}),
    ("仅有热水、微波炉", {S.HOT_WATER, S.MICROWAVE}),
    ("WiFi（无密码）、卫生间（一楼）", {S.WIFI, S.TOILET}),
]


@given(st.sampled_from(sorted(WORDS)), st.sampled_from(LIMITS), st.sampled_from(("（）", "()")))
def test_what_brackets_say_against_a_service_is_never_lost(
    word: str, limit: str, brackets: str
) -> None:
    cell = f"{word}{brackets[0]}{limit}{brackets[1]}"
    for text in (cell, f"雨伞、{cell}", f"{cell}、雨伞"):
        said = offered(text)
        assert WORDS[word] not in said.there or WORDS[word] is S.UMBRELLA, text
        assert said.unknown or said.missing, text


@pytest.mark.parametrize("cell", OFFERING_NOTHING)
def test_a_denial_or_a_limit_holds_for_all_that_it_may_speak_of(cell: str) -> None:
    said = offered(cell)
    assert said.there == ()
    assert said.unknown or said.missing


@pytest.mark.parametrize(("cell", "there"), STILL_OFFERED)
def test_a_denial_or_a_limit_takes_nothing_else_away(cell: str, there: set[Service]) -> None:
    assert set(offered(cell).there) == there


def test_a_declared_word_with_a_limit_is_told() -> None:
    declared = {"按摩椅": S.NAP_SPACE}
    assert offered("按摩椅（2张）", declared).there == (S.NAP_SPACE,)
    assert offered("按摩椅（维修中）", declared).there == ()


def test_no_word_stands_for_two_services() -> None:
    words = [word for said in ALSO.values() for word in said.split()]
    assert sorted({word for word in words if words.count(word) > 1}) == []


@given(
    st.lists(st.sampled_from(sorted(WORDS)), min_size=1, max_size=6),
    st.sampled_from("、，,;；/|\n"),
)
def test_any_known_words_between_any_separators_are_all_read(words: list[str], mark: str) -> None:
    said = offered(mark.join(words))
    assert set(said.there) == {WORDS[word] for word in words}
    assert said.unknown == ()


@given(st.sampled_from(sorted(set(WORDS) - {"网络", "网", "上网"})))
def test_a_negated_word_is_never_there(word: str) -> None:
    for text in (f"没有{word}", f"{word}：无", f"{word}(无)", f"{word}0台", f"不提供{word}"):
        assert WORDS[word] not in offered(text).there


@pytest.mark.parametrize(
    "cell", ["有", "√", "是", "1台", "2", "有（2台）", "有2台", "若干", "3 个", "yes"]
)
def test_yes_under_a_services_heading(cell: str) -> None:
    assert has(cell) is True


@pytest.mark.parametrize(
    "cell", ["0台", "无", "暂无", "×", "否", "0", "没有", "未配备", "-", "无（0台）"]
)
def test_no_under_a_services_heading(cell: str) -> None:
    assert has(cell) is False


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "坏",
        "维修中",
        "有（维修中）",
        "无（待装）",
        "看情况",
        "有（坏）",
        "有（仅限员工）",
        "有（收费）",
        "有（附近）",
        "有（夏季）",
        "Yes(broken)",
        "-1",
        "有无",
    ],
)
def test_neither_under_a_services_heading(cell: str) -> None:
    assert has(cell) is None


@given(st.text(max_size=120))
def test_any_cell_has_an_answer(text: str) -> None:
    said = offered(text)
    assert not set(said.there) & set(said.missing)
