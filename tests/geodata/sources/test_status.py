"""A status says whether a place serves; what is not certainly understood is unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.status import StatusMeaning, standing


def _words(text: str) -> list[str]:
    return text.split()


SERVES = _words(
    "正常 正常运营 运营中 营业 营业中 开放 已开放 对外开放 正常对外开放 试运营 在用 使用中 启用 "
    "已启用 良好 是 true open Active 24小时不关闭 24小时营业 24小时不打烊 全年无休 未停用 未撤销 "
    "未关闭 从未停用 没有停用 不停业 永不关闭 未拆除 未搬迁 未暂停服务 并未关闭 已建成 "
    "已建成（原在建） 正常运营，未撤销 装修完成 已恢复营业 装修完成，已恢复营业 恢复正常 "
    "建设完成 正在运营 全天开放"
)
CLOSED = _words(
    "停用 已停用 停业 已停业 关闭 已关闭 临时关闭 暂时关闭 永久关闭 撤销 已撤销 拆除 已拆 已拆除 "
    "拆迁中 搬迁 已搬迁 搬迁中 装修中 正在装修 装修 维修中 检修中 改造中 升级改造中 施工中 "
    "建设中 在建 筹建 筹建中 规划中 待建 未建成 未开放 尚未开放 暂未开放 暂不开放 未投入使用 "
    "未正式投入使用 尚未对外开放 未启用 未运营 不营业 不再使用 无法使用 暂停 已暂停 暂停营业 "
    "暂停开放 暂停对外开放 暂停服务 停止服务 停止运营 待启用 待开放 即将开放 待恢复 取消 已取消 "
    "注销 闲置 废弃 false 否 no closed temp_closed 因装修暂停开放 改造升级中，暂停开放 "
    "停用（物业收回） 已建成未开放 已建成，未投入使用 服务暂停 已于2026年3月停用 装修未完成 "
    "停用和撤销"
)
SOMETIMES = _words(
    "节假日暂停 开放，节假日暂停 周末不开放 周六、周日不开放 夜间关闭 22:00后关闭 春节和国庆暂停 "
    "部分开放 周一休息 正常，法定节假日关闭"
)
UNKNOWN = _words(
    "看情况 停用? 疑似停用 是否停用 待核实 1 0 一般 待拆除 待搬迁 拟撤销 即将关闭 未装修 "
    "停用（已恢复） 正常（停用） 开放/关闭 微波炉停用 停用后 预计5月开放 开门关门 不好说 待定义"
)
CASES = [
    *((text, StatusMeaning.SERVES) for text in SERVES),
    *((text, StatusMeaning.CLOSED) for text in CLOSED),
    *((text, StatusMeaning.SOMETIMES) for text in SOMETIMES),
    *((text, StatusMeaning.UNKNOWN) for text in UNKNOWN),
]


@pytest.mark.parametrize(("text", "said"), CASES)
def test_a_status_says_whether_a_place_serves(text: str, said: StatusMeaning) -> None:
    assert standing(text) is said


@given(st.sampled_from([*SERVES, *CLOSED, *SOMETIMES]), st.sampled_from("驢龘麤鸞"))
def test_one_unknown_character_makes_a_clause_unknown(text: str, strange: str) -> None:
    clause = f"{strange}{text}"
    assert standing(clause) in (StatusMeaning.UNKNOWN, standing(text))
    assert standing(strange + "停用") is StatusMeaning.UNKNOWN


@given(st.sampled_from(("停用", "关闭", "撤销", "停业", "拆除", "搬迁", "取消")))
def test_a_negation_turns_a_closed_state_and_a_second_word_never_hides_it(state: str) -> None:
    assert standing(state) is StatusMeaning.CLOSED
    for negation in ("未", "没有", "并未", "从未", "尚未"):
        assert standing(negation + state) is StatusMeaning.SERVES
        assert standing(f"{negation}{state}，正常运营") is StatusMeaning.SERVES
        assert standing(f"{negation}{state}，暂停营业") is StatusMeaning.UNKNOWN


@given(st.sampled_from(("开放", "营业", "运营", "启用", "投入使用", "使用")))
def test_a_negation_turns_a_serving_state(state: str) -> None:
    assert standing(state) is StatusMeaning.SERVES
    for negation in ("未", "尚未", "暂未", "暂不", "不", "不再", "停止", "暂停", "待"):
        assert standing(negation + state) is StatusMeaning.CLOSED
    for negation in ("未暂停", "未停止"):
        assert standing(negation + state) is StatusMeaning.SERVES


@given(st.sampled_from(("周末", "节假日", "夜间", "春节期间", "周一至周五", "21:00后")))
def test_what_holds_at_some_times_closes_no_place(scope: str) -> None:
    for closed in ("暂停", "关闭", "不开放", "暂停营业"):
        assert standing(scope + closed) is StatusMeaning.SOMETIMES


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    assert standing(text) in StatusMeaning
