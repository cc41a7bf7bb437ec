"""What somebody types finds what they mean: each way of typing, held to a slow and
obvious reader.
"""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import BadQuestion
from geodata.text.matching import MOST_CODES
from geodata.text.names import How, Names, require_searchable
from geodata.text.pinyin import chinese, spelled

NAMES = (
    ("白石洲", "Baishizhou", ""),
    ("白石洲地铁站", "Baishizhou Metro", ""),
    ("沙河暖蜂驿站", "Shahe Warm-bee Station", "南山区沙河街道白石洲二坊"),
    ("石厦北司机之家", "Shixia North Driver Home", "福田区福保街道石厦北二街"),
    ("顺路加油站（田厦村店）", "Shunlu Petrol Station", "南山区南头街道田厦村附近"),
    ("深圳大学", "Shenzhen University", "南山区粤海街道"),
    ("重庆小面A1店", "Chongqing Noodles A1", "罗湖区东门街道"),
    ("绿景花园", "Green View Garden", "福田区"),
    ("𡎚头驿站", "", "龙岗区"),
    ("🐝", "", ""),
)


@pytest.fixture(scope="module")
def city() -> Names:
    return Names.build(chinese(), NAMES)


def found(city: Names, typed: str) -> tuple[str, list[str]]:
    fit = city.fit(typed)
    order = np.lexsort((fit.rows, fit.ranks))
    return str(fit.how), [NAMES[row][0] for row in fit.rows[order]]


@pytest.mark.parametrize(
    ("typed", "how", "names"),
    [
        ("白石洲", "typed", ["白石洲", "白石洲地铁站", "沙河暖蜂驿站"]),
        ("白", "typed", ["白石洲", "白石洲地铁站", "沙河暖蜂驿站"]),
        ("baishizhou", "typed", ["白石洲", "白石洲地铁站", "沙河暖蜂驿站"]),
        ("bai shi zhou", "typed", ["白石洲", "白石洲地铁站", "沙河暖蜂驿站"]),
        ("bái shí zhōu", "typed", ["白石洲", "白石洲地铁站", "沙河暖蜂驿站"]),
        ("bai2shi2zhou1", "typed", ["白石洲", "白石洲地铁站", "沙河暖蜂驿站"]),
        ("ＢＡＩＳＨＩ", "typed", ["白石洲", "白石洲地铁站", "沙河暖蜂驿站"]),
        ("baishizh", "typed", ["白石洲", "白石洲地铁站", "沙河暖蜂驿站"]),
        ("bsz", "short", ["白石洲", "白石洲地铁站", "沙河暖蜂驿站"]),
        ("baisz", "short", ["白石洲", "白石洲地铁站", "沙河暖蜂驿站"]),
        ("bai石洲", "typed", ["白石洲", "白石洲地铁站", "沙河暖蜂驿站"]),
        ("暖峰驿站", "short", ["沙河暖蜂驿站"]),
        ("nanshan白石洲", "apart", ["沙河暖蜂驿站"]),
        ("驿站 白石洲", "apart", ["沙河暖蜂驿站"]),
        ("白石洲驿站", "like", ["沙河暖蜂驿站"]),
        ("田厦村加油站", "like", ["顺路加油站（田厦村店）"]),
        ("暖蜂站", "like", ["沙河暖蜂驿站"]),
        ("暧蜂驿站", "like", ["沙河暖蜂驿站"]),
        ("nuanfengyizan", "like", ["沙河暖蜂驿站"]),
        ("shahe warmbee statoin", "like", ["沙河暖蜂驿站"]),
        ("driver home", "typed", ["石厦北司机之家"]),
        ("shixia", "typed", ["石厦北司机之家"]),
        ("shisha", "typed", ["石厦北司机之家"]),
        ("shenda", "like", ["深圳大学", "沙河暖蜂驿站"]),
        ("chongqing", "typed", ["重庆小面A1店"]),
        ("A1", "typed", ["重庆小面A1店"]),
        ("綠景花園", "typed", ["绿景花园"]),
        ("lvjing", "typed", ["绿景花园"]),
        ("lujing", "typed", ["绿景花园"]),
        ("lǜ jǐng", "typed", ["绿景花园"]),
        ("𡎚头", "typed", ["𡎚头驿站"]),
        ("qqqqq", "like", []),
        ("鑫", "like", []),
    ],
)
def test_each_way_of_typing_finds_what_is_meant(
    city: Names, typed: str, how: str, names: list[str]
) -> None:
    assert found(city, typed) == (how, names)


def test_a_name_comes_before_what_begins_with_it_and_that_before_what_holds_it(city: Names) -> None:
    fit = city.fit("白石洲")
    assert dict(zip(fit.rows.tolist(), fit.ranks.tolist(), strict=True)) == {0: 0, 1: 1, 2: 3}


@pytest.mark.parametrize(
    "nothing",
    ["", " ", "！？", "🐝", "\0", "\ud800", "白" * (MOST_CODES + 1), "㈱" * MOST_CODES * 2],
)
def test_what_holds_nothing_to_look_for_or_too_much_is_refused(nothing: str) -> None:
    with pytest.raises(BadQuestion, match="letters, digits"):
        require_searchable(nothing)


def test_a_text_is_read_in_context() -> None:
    assert spelled(["银行行长", "重庆 A1 店"]) == (
        ["yin hang hang zhang", "chong qing a1 dian"],
        ["yhhz", "cqad"],
    )


def test_nothing_in_it_can_be_changed(city: Names) -> None:
    assert not any(array.flags.writeable for array in city.to_arrays().values())


# --- held to a slow reader ---

SMALL = "白石洲沙厦暖蜂驿站a9"
WRITTEN = st.text(alphabet=SMALL, min_size=1, max_size=6)


def readings(character: str) -> list[str]:
    writing = chinese()
    code = int(writing.fold(character)[0])
    first = writing.starts[code]
    return [
        str(writing.sounds[sound], "ascii")
        for sound in writing.readings[first : first + writing.common[code]]
    ]


def spellings(text: str) -> set[str]:
    """Every way to write a text with each character as it stands or in pinyin."""
    return {
        "".join(way) for way in product(*({character, *readings(character)} for character in text))
    }


@settings(max_examples=60)
@given(names=st.lists(WRITTEN, min_size=1, max_size=5), typed=WRITTEN, data=st.data())
def test_whatever_holds_a_spelling_of_the_query_is_found(
    names: list[str], typed: str, data: st.DataObject
) -> None:
    spelt = data.draw(st.sampled_from(sorted(spellings(typed))))
    city = Names.build(chinese(), [(name, "", "") for name in names])
    fit = city.fit(spelt)
    holding = {row for row, name in enumerate(names) if typed in name}
    if holding:
        assert fit.how is How.TYPED
        assert holding <= set(fit.rows.tolist())
    if fit.how is How.TYPED:
        for row in fit.rows.tolist():
            pieces = {
                names[row][i:j]
                for i in range(len(names[row]))
                for j in range(i + 1, len(names[row]) + 1)
            }
            assert any(way.startswith(spelt) for piece in pieces for way in spellings(piece))


@settings(max_examples=200)
@given(st.text(min_size=1, max_size=64))
def test_no_text_breaks_it(city: Names, typed: str) -> None:
    try:
        require_searchable(typed)
    except BadQuestion:
        return
    fit = city.fit(typed)
    assert len(fit.rows) == len(fit.ranks) == len(set(fit.rows.tolist()))


@settings(max_examples=100)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_no_name_breaks_it(names: list[str]) -> None:
    city = Names.build(chinese(), [(name, name, name) for name in names])
    assert len(city) == len(names)
    for row, name in enumerate(names):
        letters = chinese().fold(name)
        if 1 <= np.count_nonzero(letters) <= MOST_CODES and not (letters == 1).any():
            assert row in city.fit(name).rows
