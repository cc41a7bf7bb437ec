"""Cells of services: words of real lists, counts, negations, brackets; the rest is told."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.service_words import ALSO, WORDS, has, offered
from geodata.vocabulary import Service

S = Service
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


@pytest.mark.parametrize("cell", ["", "坏", "维修中", "有（维修中）", "无（待装）", "看情况"])
def test_neither_under_a_services_heading(cell: str) -> None:
    assert has(cell) is None


@given(st.text(max_size=120))
def test_any_cell_has_an_answer(text: str) -> None:
    said = offered(text)
    assert not set(said.there) & set(said.missing)
