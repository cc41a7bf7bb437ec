"""A table of addresses as a city's list has them: half of the rows get a point, and none lies
outside the radius that is stated.

The extracts know little more than roads and landmarks.

Each row has an address and the thing of the extract where a person would look for it.
"""

from pathlib import Path
from typing import Final

import pytest
import shapely

from geodata.sources.locate.book import AddressBook, Sort
from geodata.sources.locate.ladder import Found, Sought, locate
from geodata.sources.locate.plane import apart_m
from tests.hidden_addresses import read

#: Address, and the name of the thing that it lies at: "road/number", "station/exit", "road+road",
#: a name; or "" where the extract does not know it.
HAIDIAN: Final = (
    ("海淀区学院路街道学院路18号", "学院路/18号"),
    ("北京市海淀区学院路18号石油化工科学研究院", "学院路/18号"),
    ("海淀区小月河东畔路16号院", "小月河东畔路/16号院"),
    ("学院路丁11号", "学院路/丁11"),
    ("海淀区双泉堡甲2号", "双泉堡/甲2号"),
    ("海淀区六道口地铁站A1口", "六道口/a1"),
    ("地铁六道口站B口出站即到", "六道口/b"),
    ("海淀区学院路街道六道口地铁站C口对面", "六道口/c"),
    ("六道口站F口旁", "六道口/f"),
    ("海淀区清华东路与学清路交叉口", "清华东路+学清路"),
    ("北京市海淀区学院路与清华东路交汇处", "学院路+清华东路"),
    ("海淀区艺海大厦", "艺海大厦"),
    ("北京市海淀区学清路艺海大厦B座1层", "艺海大厦"),
    ("海淀区金码大厦B座大堂", "金码大厦"),
    ("海淀区圣熙8号一层", "圣熙8号"),
    ("海淀区嘉华影院旁", "嘉华影院"),
    ("海淀区静淑东里小区", "静淑东里小区"),
    ("海淀区静淑苑小区东门", "静淑苑"),
    ("海淀区富润家园3号楼底商", "富润家园"),
    ("朝阳区双泉嘉苑", "双泉嘉苑"),
    ("海淀区石科院生活区", "石科院生活区"),
    ("中国农业大学东校区体育馆对面", ""),
    ("海淀区石板房村", "石板房"),
    ("海淀区大华电子集团旁边", "大华电子集团"),
    ("海淀区清华东路27号院", "清华东路27号院"),
    ("海淀区学清路", ""),
    ("海淀区学院路街道办事处一楼", ""),
    ("海淀区花园路甲13号", ""),
)
LONGGANG: Final = (
    ("深圳市龙岗区国际大学园路1号", "国际大学园路/1号"),
    ("龙岗区龙城街道龙翔大道2001号", "龙翔大道/2001号"),
    ("龙岗区龙城街道国际大学园路1号", "国际大学园路/1号"),
    ("龙岗区龙飞大道501号", "龙飞大道/501号"),
    ("龙岗区龙飞大道与青春路交叉口", "龙飞大道+青春路"),
    ("龙岗区龙翔大道与飞扬路路口", ""),
    ("龙岗区大运中心体育馆", "大运中心体育馆"),
    ("龙岗区大运中心游泳馆旁", "大运中心游泳馆"),
    ("龙岗区龙城街道奥林宾馆对面", "奥林宾馆"),
    ("深圳信息职业技术学院", "深圳信息职业技术学院"),
    ("龙岗区横岗街道荷坳村", "荷坳村"),
    ("龙岗区荷坳收费站", "荷坳收费站"),
    ("龙岗区龙岗外国语学校旁", "龙岗外国语学校"),
    ("龙岗区大运城派出所", "大运城派出所 Dayuncheng Police Station"),
    ("龙岗区学勤书院B座", "学勤书院B座"),
    ("龙岗区逸夫书院D栋一楼", "逸夫书院D栋"),
    ("龙岗区启蒙星幼儿园对面", "启蒙星幼儿园"),
    ("龙岗区爱南路", ""),
    ("龙岗区坂田街道五和大道118号", ""),
    ("福田区龙飞大道501号", ""),
)


def true_shape(book: AddressBook, where: str) -> shapely.Geometry:
    """What the extract draws under a name, read by the tests' own rule."""
    if "+" in where:
        one, other = (
            shapely.union_all([each.shape for each in book.entries if each.name == road])
            for road in where.split("+")
        )
        return shapely.intersection(one, other)
    of, _, name = where.rpartition("/")
    shapes = [
        each.shape
        for each in book.entries
        if each.name == name and each.of == of and (of or each.sort is not Sort.ROAD)
    ]
    return shapely.union_all(shapes)


@pytest.fixture(scope="module")
def answers(real_data: Path) -> list[tuple[str, Found, shapely.Geometry | None]]:
    found = []
    for extract, rows in (("haidian", HAIDIAN), ("longgang", LONGGANG)):
        _, book = read(real_data, extract)
        for address, where in rows:
            truth = true_shape(book, where) if where else None
            assert truth is None or not truth.is_empty, where
            found.append((address, locate(Sought(address), book), truth))
    return found


def test_at_least_half_of_the_rows_get_a_point(
    answers: list[tuple[str, Found, shapely.Geometry | None]],
) -> None:
    assert len(answers) >= 40
    assert sum(found.is_pin for _, found, _ in answers) >= len(answers) / 2


def test_no_place_lies_outside_its_stated_radius(
    answers: list[tuple[str, Found, shapely.Geometry | None]],
) -> None:
    outside = []
    for address, found, truth in answers:
        if truth is None or found.lon is None or found.lat is None or found.radius_m is None:
            continue
        away_m = apart_m(shapely.Point(found.lon, found.lat), truth)
        if away_m > found.radius_m:
            outside.append((address, str(found.rung), round(away_m), round(found.radius_m)))
    assert outside == []


def test_what_the_extract_does_not_know_gets_no_point(
    answers: list[tuple[str, Found, shapely.Geometry | None]],
) -> None:
    made_up = [
        (address, found.candidate, found.radius_m)
        for address, found, truth in answers
        if truth is None and found.is_pin
    ]
    assert made_up == []
