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


@given(st.text(max_size=400))
def test_any_text_has_an_answer(text: str) -> None:
    assert entering(text).how is None or len(str(entering(text).how)) <= 300
    assert remarked(text).url is None or str(remarked(text).url).startswith("https://")
