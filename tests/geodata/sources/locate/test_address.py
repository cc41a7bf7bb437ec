"""The grammar of addresses: what is read, what is kept as not read, and where names end."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.locate.address import Address, Where, read_address
from geodata.sources.locate.book import AddressBook, BookEntry, Sort

POINT = shapely.Point(114.0, 22.5)
BOOK = AddressBook(
    tuple(
        BookEntry(sort, name, POINT, others)
        for sort, name, *others in (
            (Sort.CITY, "深圳市"),
            (Sort.DISTRICT, "南山区"),
            (Sort.DISTRICT, "大鹏新区", "大鹏"),
            (Sort.DISTRICT, "管城回族区"),
            (Sort.STREET_OFFICE, "粤海街道", "沙河旧街道"),
            (Sort.STREET_OFFICE, "沙河街道"),
            (Sort.COMMUNITY, "大冲社区"),
            (Sort.VILLAGE, "白石洲"),
            (Sort.STATION, "白石洲"),
            (Sort.ROAD, "科技路"),
            (Sort.ROAD, "沙河街"),
            (Sort.ROAD, "深南大道"),
            (Sort.ROAD, "Keskuskatu"),
            (Sort.LANDMARK, "腾讯大厦"),
            (Sort.LANDMARK, "深圳大学"),
            (Sort.LANDMARK, "图书馆"),
        )
    )
)


def said(text: str) -> Address:
    return read_address(text, BOOK)


def keys(names: object) -> list[str]:
    return [each.key for each in names]  # type: ignore[attr-defined]  # tuples of ReadName


@pytest.mark.parametrize(
    ("text", "areas", "roads", "landmarks", "number"),
    [
        ("深圳市南山区粤海街道科技路16号", ["深圳市", "南山区", "粤海街道"], ["科技路"], [], "16"),
        ("广东省深圳市 南山区，科技路１６號", ["深圳市", "南山区"], ["科技路"], [], "16"),
        ("南山科技路甲2号院", ["南山"], ["科技路"], [], "甲2"),
        ("科技路2-4-6号", [], ["科技路"], [], "2-4-6"),
        ("科技路13号之一", [], ["科技路"], [], "13-1"),
        ("科技路13附2号", [], ["科技路"], [], "13-2"),
        ("沙河街道沙河街23号", ["沙河街道"], ["沙河街"], [], "23"),
        ("沙河街道办事处沙河街23号", ["沙河街道办事处"], ["沙河街"], [], "23"),
        ("Keskuskatu 5, Helsinki", [], ["keskuskatu"], [], "5"),
        ("大鹏大冲社区白石洲村", ["大鹏"], [], ["大冲社区", "白石洲村"], None),
        ("管城区科技路", ["管城区"], ["科技路"], [], None),
        ("科技路小学", [], [], ["科技路小学"], None),
        ("新科技路3号", [], ["新科技路"], [], "3"),
        ("南山大道1号", [], ["南山大道"], [], "1"),
        ("农业大学图书馆", [], [], ["农业大学"], None),
    ],
)
def test_what_is_read(
    text: str, areas: list[str], roads: list[str], landmarks: list[str], number: str | None
) -> None:
    read = said(text)
    assert keys(read.areas) == areas
    assert keys(read.roads) == roads
    assert keys(read.landmarks) == landmarks
    assert (read.number.text if read.number else None) == number


@pytest.mark.parametrize(
    ("text", "where", "bearing", "distance_m"),
    [
        ("腾讯大厦东侧300米", Where.TOWARDS, 90.0, 300.0),
        ("腾讯大厦往北约一百五十米处", Where.TOWARDS, 0.0, 150.0),
        ("腾讯大厦以西1.5公里", Where.TOWARDS, 270.0, 1500.0),
        ("腾讯大厦西南角", Where.BESIDE, None, None),
        ("腾讯大厦东侧", Where.TOWARDS, 90.0, None),
        ("腾讯大厦对面", Where.OPPOSITE, None, None),
        ("腾讯大厦斜对面", Where.OPPOSITE, None, None),
        ("腾讯大厦旁", Where.BESIDE, None, None),
        ("腾讯大厦附近", Where.NEAR, None, None),
        ("腾讯大厦旁100米", Where.BESIDE, None, 100.0),
        ("近腾讯大厦", Where.NEAR, None, None),
        ("科技路临近腾讯大厦", Where.NEAR, None, None),
        ("科技路16号靠近腾讯大厦", Where.AT, None, None),
        ("原腾讯大厦", Where.AT, None, None),
        ("地处腾讯大厦旁", Where.BESIDE, None, None),
        ("腾讯大厦A座3层", Where.AT, None, None),
    ],
)
def test_where_it_stands(
    text: str, where: Where, bearing: float | None, distance_m: float | None
) -> None:
    read = said(text)
    assert (read.where, read.bearing, read.distance_m) == (where, bearing, distance_m)
    assert keys(read.landmarks) == ["腾讯大厦"]


@pytest.mark.parametrize(
    "text",
    [
        "科技路与深南大道交汇处",
        "科技路和深南大道路口",
        "科技路/深南大道交叉口",
        "科技路深南大道十字路口",
    ],
)
def test_junctions(text: str) -> None:
    read = said(text)
    assert read.junction
    assert keys(read.roads) == ["科技路", "深南大道"]


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("白石洲地铁站A口", "a"),
        ("白石洲站A1出口", "a1"),
        ("白石洲地铁站2号口", "2"),
        ("白石洲地铁站", ""),
    ],
)
def test_exits(text: str, letter: str) -> None:
    assert said(text).exit == letter


def test_buildings_are_detail_and_no_house_number() -> None:
    read = said("科技路16号3栋2单元502室")
    assert read.number is not None
    assert read.number.text == "16"
    assert read.detail == ("3栋", "2单元", "502室")


def test_what_is_not_read_is_kept() -> None:
    assert said("喵喵喵、科技路16号").unread == ("喵喵喵",)


@given(st.text(alphabet="南山区科技路深圳大学号与口东侧米旁A1 ，(）-０九百z喵", max_size=24))
def test_any_text_is_read_to_its_end(text: str) -> None:
    """Whatever is typed, reading ends, and every name that is known is a name of the book."""
    read = said(text)
    for name in (*read.areas, *read.roads, *read.landmarks):
        assert bool(BOOK.sorts(name.key)) == name.known
