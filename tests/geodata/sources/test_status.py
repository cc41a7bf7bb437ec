"""A status says whether a place serves; what is not certainly understood is unknown."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.status import (
    StatusMeaning,
    hours_say_closed,
    name_says_closed,
    standing,
)


def _words(text: str) -> list[str]:
    return text.split()


SERVES = _words(
    "正常 正常运营 运营中 营业 营业中 开放 已开放 对外开放 正常对外开放 试运营 在用 使用中 启用 "
    "已启用 良好 是 true open Active 24小时不关闭 24小时营业 24小时不打烊 全年无休 未停用 未撤销 "
    "未关闭 从未停用 没有停用 不停业 永不关闭 未拆除 未搬迁 未暂停服务 并未关闭 已建成 "
    "已建成（原在建） 正常运营，未撤销 装修完成 已恢复营业 装修完成，已恢复营业 恢复正常 "
    "建设完成 正在运营 全天开放 全面开放 仅对外开放 已建 已验收 验收合格 已移交 故障已修复 "
    "维修完毕，正常使用 "
    "没关门 从未关闭 未拆 没搬走 未拆除 未被拆除 非停用 不锁门 继续开放 保持开放 仍在使用 "
    "已恢复对外开放 "
    "节假日照常开放 对内对外开放 装修完成，已恢复营业 曾停用，现已恢复"
)
CLOSED = _words(
    "停用 已停用 停业 已停业 关闭 已关闭 临时关闭 暂时关闭 永久关闭 撤销 已撤销 拆除 已拆 已拆除 "
    "拆迁中 搬迁 已搬迁 搬迁中 装修中 正在装修 装修 维修中 检修中 改造中 升级改造中 施工中 "
    "建设中 在建 筹建 筹建中 规划中 待建 未建成 未开放 尚未开放 暂未开放 暂不开放 未投入使用 "
    "未正式投入使用 尚未对外开放 未启用 未运营 不营业 不再使用 无法使用 暂停 已暂停 暂停营业 "
    "暂停开放 暂停对外开放 暂停服务 停止服务 停止运营 待启用 待开放 即将开放 待恢复 取消 已取消 "
    "注销 闲置 废弃 false 否 no closed temp_closed 因装修暂停开放 改造升级中，暂停开放 "
    "停用（物业收回） 已建成未开放 已建成，未投入使用 服务暂停 已于2026年3月停用 装修未完成 "
    "停用和撤销 "
    "预计5月开放 预计2026年底开放 将于2027年开放 拟于2026年12月启用 计划明年启用 未建 迁建中 "
    "重建中 停工 停建 "
    "待验收 验收中 未通过验收 已建成待验收 已完工，待移交 装修完毕，待验收 装修完成待开放 "
    "装修已完成，尚未开放 "
    "暂停开放至2026年12月31日 暂停开放（至2026-12-31） 暂停营业至2027年1月 暂停开放至春节后 "
    "闭馆至明年3月 "
    "关闭到年底 停业至另行通知 已于2024年拆除 恢复中 正在恢复 报废 已报废 淘汰 下架 封存 冻结 "
    "禁用 异常 "
    "故障 损坏 已损坏 故障停用 故障未修复 待修 报修中 锁门 常年锁门 大门紧闭 关 关了 拆 拆了 "
    "已经拆了 搬了 "
    "没了 不在了 没开 还没开 不开了 不能用 禁止入内 不对外 暂不对外 尚未对外 不对外营业 对内开放 "
    "内部使用 "
    "仅限内部使用 仅限员工 员工专用 内部装修 内部改造中 迁新址 原址拆除 搬迁至科技园南区 "
    "已迁至隔壁 并入南山站 "
    "合并至南山站 改作他用 终止合作 占用 无效 opening_soon not_yet_open no_longer_open "
    "out_of_order unused"
)
SOMETIMES = _words(
    "节假日暂停 开放，节假日暂停 周末不开放 周六、周日不开放 夜间关闭 22:00后关闭 春节和国庆暂停 "
    "部分开放 周一休息 正常，法定节假日关闭"
)
UNKNOWN = _words(
    "看情况 停用? 疑似停用 是否停用 待核实 1 0 一般 待拆除 待搬迁 拟撤销 即将关闭 未装修 "
    "未全面开放 不完全开放 未全部开放 未完全停用 非全天开放 非24小时开放 非全年开放 不仅内部使用 "
    "取消停用 取消关闭 取消搬迁 解除停用 解封 不再停用 不再关闭 不得停用 不得关闭 不能停用 "
    "禁止关闭 暂缓搬迁 "
    "暂缓拆除 暂停拆除 停止装修 开放至年底 开放至2026年12月31日 2026年3月启用 2026年12月启用 "
    "2026年12月起停用 2024-05-01停用 搬至现址 搬迁至新址开放 由旧址搬迁至此 内部装修，照常营业 "
    "正常（已拆） 运营（已搬迁） 开放（装修） 装修中（部分开放） "
    "停用（已恢复） 正常（停用） 开放/关闭 微波炉停用 停用后 开门关门 不好说 待定义"
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


@given(
    st.sampled_from(("暂停开放", "关闭", "停用", "装修", "停业", "闭馆", "不开放")),
    st.sampled_from(("至", "到", "直至")),
    st.sampled_from(
        ("2027年", "2027年3月1日", "3月", "明年", "年底", "春节后", "2027-03-01", "下月")
    ),
)
def test_what_is_closed_until_a_day_is_closed(closed: str, until: str, day: str) -> None:
    assert standing(closed + until + day) is StatusMeaning.CLOSED
    assert standing(f"{closed}（{until}{day}）") is StatusMeaning.CLOSED


@given(
    st.sampled_from(("未", "不", "非", "没有", "并未", "尚未")),
    st.sampled_from(
        ("全面", "完全", "全部", "彻底", "全天", "全年", "永久", "长期", "24小时", "每天")
    ),
    st.sampled_from(("开放", "运营", "停用", "关闭", "撤销", "启用", "使用")),
)
def test_a_negated_adverb_leaves_the_state_unknown(no: str, adverb: str, state: str) -> None:
    assert standing(no + adverb + state) is StatusMeaning.UNKNOWN
    assert standing(adverb + state) is standing(state)


NAMES_CLOSED = _words(
    "驿站（装修中） 驿站(已停用) 【暂停开放】驿站 驿站-已搬迁 驿站（拟建） 驿站（在建） "
    "驿站（未启用） 驿站（关闭） "
    "驿站（不对外） 驿站（仅限员工） 驿站（内部使用） [停用]驿站 驿站_筹备中"
)
NAMES_OPEN = _words(
    "建设驿站 未来驿站 未来-中心 车行（维修） 速运（搬迁） 装饰（装修） 驿站（建设路） "
    "驿站（24小时） 驿站（运营中） "
    "驿站（已启用） 驿站（拆迁办） 驿站（原已停用） 驿站（休息中） 中转站-中 驿站-停车 "
    "不打烊驿站（不打烊）"
)
HOURS_CLOSED = _words(
    "暂停开放 装修中 已停业 不对外开放 24小时（暂停） 9:00-18:00（装修中） 每天9:00-18:00（已停用）"
)
HOURS_OPEN = _words(
    "24小时 闭馆 休息 休息中 周一停业 夜间停用 22:00关闭 周一9:00-18:00（停业） "
    "9:00-18:00（周一停业） "
    "9:00-18:00（中午暂停） 9:00-18:00（22:00后关闭） "
    "周一至周五9:00-18:00，周日9:00-12:00（暂停） 待定"
)


@pytest.mark.parametrize(
    ("says_closed", "closed", "others"),
    [
        (name_says_closed, NAMES_CLOSED, NAMES_OPEN),
        (hours_say_closed, HOURS_CLOSED, HOURS_OPEN),
    ],
)
def test_a_name_or_hours_may_say_that_a_place_is_closed_now(
    says_closed: Callable[[str], bool], closed: list[str], others: list[str]
) -> None:
    assert [text for text in closed if not says_closed(text)] == []
    assert [text for text in others if says_closed(text)] == []


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    assert standing(text) in StatusMeaning
