"""How one gets in, in words: the door, whether one registers first, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.door_words import entering, remarked
from geodata.vocabulary import Door, YesNo

D, YES, NO = Door, YesNo.YES, YesNo.NO
CELLS = [
    ("刷脸", D.FACE, None), ("人脸识别", D.FACE, None), ("扫码", D.QR, None),
    ("扫码进入", D.QR, None), ("二维码", D.QR, None), ("凭码", D.QR, None), ("密码", D.CODE, None),
    ("密码锁", D.CODE, None), ("人员值守", D.STAFFED, None), ("有人值守", D.STAFFED, None),
    ("自由进出", D.OPEN, None), ("开放", D.OPEN, None), ("无门禁", D.OPEN, None),
    ("门禁", None, None), ("刷卡", None, None), ("扫码或刷脸", None, None),
    ("需登记", None, YES), ("先申请", None, YES), ("须提前预约", None, YES),
    ("无需登记", None, NO), ("免登记", None, NO), ("不用预约", None, NO), ("无须申请", None, NO),
    ("免登记，刷脸进入", D.FACE, NO), ("需提前预约，凭码进入", D.QR, YES),
    ("扫码登记后刷脸进入", D.FACE, YES), ("首次需在前台登记，之后刷脸", D.FACE, YES),
    ("不需要扫码，直接进入", D.OPEN, None), ("不支持刷脸", None, None),
    ("门禁故障，需联系管理员", None, None), ("刷脸已停用", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "door", "register"), CELLS)
def test_a_cell_says_the_door_and_whether_one_registers(
    cell: str, door: Door | None, register: YesNo | None
) -> None:
    said = entering(cell)
    assert (said.door, said.register) == (door, register)


def test_the_way_in_keeps_its_words_and_its_https_address() -> None:
    said = entering("先在“暖蜂”小程序申请门禁，再刷脸 https://example.org/apply?x=1。")
    assert (said.door, said.register, said.url) == (D.FACE, YES, "https://example.org/apply?x=1")
    assert said.how is not None
    assert "小程序申请门禁" in said.how
    assert "http" not in said.how


def test_an_address_that_is_not_https_is_told_and_not_taken() -> None:
    said = entering("请到 http://example.org 申请")
    assert (said.url, said.unsafe) == (None, ("http://example.org",))


@pytest.mark.parametrize(
    ("remark", "door", "register"),
    [
        ("门口扫码开门", D.QR, None),
        ("需先申请门禁", None, YES),
        ("免登记入内", None, NO),
        ("旁边有二维码", None, None),
        ("提供微信扫码打印", None, None),
        ("2024年新建", None, None),
        ("每周一消杀", None, None),
    ],
)
def test_of_a_remark_only_what_speaks_of_getting_in_counts(
    remark: str, door: Door | None, register: YesNo | None
) -> None:
    said = remarked(remark)
    assert (said.door, said.register) == (door, register)


@given(st.sampled_from(("登记", "预约", "申请", "注册")))
def test_a_negated_duty_is_none(duty: str) -> None:
    for word in ("需", "需要", "先", "须提前"):
        assert entering(word + duty).register is YES
    for word in ("无需", "免", "不用", "无须", "不需要", "不必", "无需提前"):
        assert entering(word + duty).register is NO


#: Cells that name a door which is not there, not for all who come, or not at all hours.
NO_DOOR = [
    "不刷脸",
    "无人值守",
    "24小时无人值守",
    "无专人值守",
    "前台无人",
    "不用找店员",
    "人脸识别未启用",
    "扫码未开通",
    "密码锁（坏）",
    "门禁坏了，直接推门",
    "不开放",
    "暂不开放",
    "不对外开放",
    "22:00后不开放",
    "仅对内开放",
    "仅限会员开放",
    "禁止随意进出",
    "仅限员工刷脸",
    "夜间扫码",
    "白天有人值守，夜间刷脸",
    "工作日有人值守",
    "保安夜间锁门",
    "刷脸或前台登记",
]


@pytest.mark.parametrize("cell", NO_DOOR)
def test_a_door_that_is_denied_or_not_for_everybody_is_unknown(cell: str) -> None:
    assert entering(cell).door is None


@given(
    st.sampled_from(("不", "无需", "不支持", "未启用", "暂不", "没有", "禁止", "取消")),
    st.sampled_from(("刷脸", "扫码", "密码", "专人值守", "人员值守", "保安", "开放", "自由进出")),
)
def test_a_negated_door_is_never_there(no: str, door: str) -> None:
    assert entering(no + door).door is None


@given(
    st.sampled_from(("未", "不", "没有")),
    st.sampled_from(("登记", "预约", "申请", "实名")),
    st.sampled_from(("不得入内", "者不得进入", "的不能进", "禁止进入", "谢绝入内")),
)
def test_who_may_not_enter_without_registering_registers(no: str, duty: str, closed: str) -> None:
    assert entering(no + duty + closed).register is YES


@pytest.mark.parametrize(
    "cell", ["可预约", "建议预约", "登记（选填）", "不强制登记", "未登记", "权限未开通"]
)
def test_what_one_may_do_is_no_duty_and_what_was_not_done_frees_nobody(cell: str) -> None:
    assert entering(cell).register is None


@given(st.text(max_size=400))
def test_any_text_has_an_answer(text: str) -> None:
    assert entering(text).how is None or len(str(entering(text).how)) <= 300
    assert remarked(text).url is None or str(remarked(text).url).startswith("https://")
