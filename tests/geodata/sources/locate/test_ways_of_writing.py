"""Addresses as tables write them, against an own reading of the extract: a point holds in its
radius, and nobody is sent to another town or district.
"""

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Final

import osmium
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.sources.locate.book import AddressBook
from geodata.sources.locate.ladder import Found, Sought
from geodata.sources.locate.plane import apart_m
from geodata.sources.locate.rows import located
from tests.hidden_addresses import EXTRACTS, read

#: Address, and the tagged things that stand where it says: by "name=…", "ref=…" of an entrance,
#: "street number", or two streets joined by +.
HAIDIAN: Final = (
    ("北京海淀学院路18号院10号楼2层", "学院路 18号"),
    ("北京市海淀区清华东路２７号院东门", "name=清华东路27号院"),
    ("北京市朝阳区双泉堡甲2号中国舰船研究院", "name=中国舰船研究院"),
    ("朝阳区双泉堡甲2号院", "双泉堡 甲2号"),
    ("海淀区石板房南路（学清路口）", "学清路+石板房南路"),
    ("学清路/石板房南路路口", "学清路+石板房南路"),
    ("海淀区学清路、林业大学北路交汇处", "学清路+林业大学北路"),
    ("六道口站（Ａ１口）", "ref=A1"),
    ("六道口A1口", "ref=A1"),
    ("六道口地铁E口对面", "ref=E"),
    ("15号线六道口站F口内", "ref=F"),
    ("海淀区地铁15号线六道口站B口出站右转50米", "ref=B"),
    ("海淀区学清路甲8号圣熙8号2层", "name=圣熙8号"),
    ("北京市海淀区圣熙8号购物中心B1", "name=新辰里学清路店"),
    ("富润家园小区5号楼底商", "name=富润家园"),
    ("海淀区北京熙仁医院附近", "name=北京熙仁医院"),
    ("No. 18 Xueyuan Road, Haidian District, Beijing", "学院路 18号"),
    ("Xueqing Road Gold Code Plaza", "name=金码大厦"),
    ("京藏高速清河收费站", "name=清河收费站"),
    ("海淀区学院路第018号", "学院路 18号"),
    ("海淀区学院路十八号", "学院路 18号"),
    ("海淀区金码大厦（近六道口地铁站A1口）", "name=金码大厦"),
    ("100083 北京市北京市海淀区，金码大厦。", "name=金码大厦"),
)
LONGGANG: Final = (
    ("广东深圳龙岗区奥林宾馆", "name=奥林宾馆"),
    ("深圳市龙岗区龙城街道办事处奥林宾馆", "name=奥林宾馆"),
    ("深圳市龙岗区龙城街办奥林宾馆", "name=奥林宾馆"),
    ("龙岗区奧林賓館", "name=奥林宾馆"),
    ("深圳市龙岗高新区奥林宾馆", "name=奥林宾馆"),
    ("深圳市龙岗区宝龙工业区奥林宾馆", "name=奥林宾馆"),
    ("龙岗区（龙城街道）奥林宾馆【一楼】", "name=奥林宾馆"),
    ("longgangqu aolinbinguan", "name=奥林宾馆"),
    ("龙岗区园山街道启蒙星幼儿园旁", "name=启蒙星幼儿园"),
    ("香港中文大学（深圳）逸夫书院E栋", "name=逸夫书院E栋"),
)
NANSHAN: Final = (
    ("深圳市南山区粤海街道深南大道10000号腾讯大厦1楼", "深南大道 10000"),
    ("地铁1号线白石洲站C出口东侧", "name=白石洲 C出口"),
    ("白石洲D出口", "name=白石洲 D出口"),
    ("白石洲长途汽车站", "name=白石洲长途汽车站"),
    ("欧洲城公交总站", "name=欧洲城公交总站"),
    ("南山区科技南十二路28号康佳研发大厦", "name=康佳研发大厦"),
    ("南山区科技园南区科技南12路18号长虹科技大厦", "name=长虹科技大厦"),
)
HELSINKI: Final = (
    ("Kalevankatu 4", "Kalevankatu 4"),
    ("4 Kalevankatu, Helsinki", "Kalevankatu 4"),
    ("ANNANKATU 27, 00100 Helsinki, Finland", "Annankatu 27"),
    ("Fabiansgatan 32, Helsingfors", "Fabianinkatu 32"),
    ("Lonnrotinkatu 2", "Lönnrotinkatu 2"),
    ("Bulevardi 13 A 5, 00120 Helsinki", "Bulevardi 13"),
)
LIECHTENSTEIN: Final = (
    ("Buehelstrasse 38, Triesenberg", "Bühelstrasse 38"),
    ("Bergstrasse 38, 9497 Triesenberg, Liechtenstein", "Bergstrasse 38"),
    ("Bodastraße 28, 9497 Triesenberg", "Bodastrasse 28"),
    ("Im Pardiel 59, FL-9494 Schaan", "Im Pardiel 59"),
)
KNOWN: Final = {
    "haidian": HAIDIAN,
    "longgang": LONGGANG,
    "nanshan": NANSHAN,
    "helsinki": HELSINKI,
    "liechtenstein": LIECHTENSTEIN,
}
#: In another town or district, at another site of the name, or at several places: no point.
#: Address and, where the row has them, its district and street office.
NO_POINT: Final = (
    ("haidian", "上海市杨浦区学院路18号", "", ""),
    ("haidian", "昌平区学院路18号", "", ""),
    ("haidian", "海淀区双泉堡甲2号中国舰船研究院", "", ""),
    ("haidian", "学院路18号", "朝阳区", ""),
    ("haidian", "金码大厦", "朝阳区", ""),
    ("haidian", "金码大厦", "西城区", ""),
    ("haidian", "北京市西城区艺海大厦", "", ""),
    ("haidian", "海淀区金码大厦与某某大厦之间", "", ""),
    ("haidian", "海淀区金码大厦(六道口地铁站A口)", "", ""),
    ("haidian", "金码大厦", "南山区", "粤海街道"),
    ("haidian", "18 Xueyuan Road, Xicheng District, Beijing", "", ""),
    ("haidian", "海淀区中国农业大学西校区", "", ""),
    ("haidian", "海淀区金码大厦或艺海大厦", "", ""),
    ("haidian", "1.海淀区金码大厦；2.海淀区艺海大厦", "", ""),
    ("haidian", "金码大厦\n艺海大厦", "", ""),
    ("longgang", "福田区奥林宾馆", "", ""),
    ("longgang", "东莞市凤岗镇奥林宾馆", "", ""),
    ("longgang", "深圳市大鹏新区奥林宾馆", "", ""),
    ("longgang", "深圳市江北区奥林宾馆", "", ""),
    ("longgang", "深圳市相城区奥林宾馆", "", ""),
    ("longgang", "深圳龙岗", "", ""),
    ("longgang", "奥林宾馆", "南山", ""),
    ("longgang", "龙岗外国语学校（集团）新亚洲学校", "", ""),
    ("nanshan", "广州市天河区天河花园", "", ""),
    ("nanshan", "福田区深南大道10000号", "", ""),
    ("nanshan", "福田区腾讯大厦", "", ""),
    ("nanshan", "KeYuan Lu 5", "", ""),
    ("helsinki", "Mikonkatu 23, Espoo", "", ""),
    ("helsinki", "Annankatu 27, 33100 Tampere", "", ""),
    ("helsinki", "Kauppakeskus Kluuvi, Tampere", "", ""),
    ("liechtenstein", "Bergstrasse 38, Vaduz", "", ""),
    ("liechtenstein", "Landstrasse 19", "", ""),
)


class Drawn:
    """What an extract draws, without the address book's reading of it."""

    def __init__(self, path: Path) -> None:
        self.things: defaultdict[str, list[BaseGeometry]] = defaultdict(list)
        self.nodes: defaultdict[str, dict[int, shapely.Point]] = defaultdict(dict)
        for entity in osmium.FileProcessor(path).with_locations():
            tags = dict(entity.tags)
            if entity.is_node() and tags:
                self._note(tags, shapely.Point(entity.lon, entity.lat))
            elif entity.is_way():
                there = [node for node in entity.nodes if node.location.valid()]
                spots = {node.ref: shapely.Point(node.lon, node.lat) for node in there}
                if "highway" in tags and "name" in tags:
                    self.nodes[tags["name"]] |= spots
                elif spots:
                    self._note(tags, shapely.convex_hull(shapely.MultiPoint([*spots.values()])))

    def _note(self, tags: dict[str, str], shape: BaseGeometry) -> None:
        street = tags.get("addr:street") or tags.get("addr:place")
        names = (*tags.get("alt_name", "").split(";"), tags.get("name", ""))
        for key in [f"name={name}" for name in names] + [f"ref={tags.get('ref')}"]:
            self.things[key].append(shape)
        if street:
            self.things[f"{street} {tags.get('addr:housenumber')}"].append(shape)

    def where(self, said: str) -> BaseGeometry:
        one, _, other = said.partition("+")
        if other:
            shared = self.nodes[one].keys() & self.nodes[other].keys()
            return shapely.MultiPoint([self.nodes[one][each] for each in shared])
        return shapely.union_all(self.things[said])


@cache
def book_of(folder: Path, name: str) -> AddressBook:
    return read(folder, name)[1]


def answer(folder: Path, name: str, address: str, district: str = "", street: str = "") -> Found:
    return located([Sought(address, district, street)], book_of(folder, name))[0]


@pytest.mark.parametrize("name", KNOWN)
def test_a_point_holds_in_its_radius_however_the_address_is_written(
    real_data: Path, name: str
) -> None:
    drawn = Drawn(real_data / EXTRACTS[name])
    wrong = []
    for address, said in KNOWN[name]:
        truth, found = drawn.where(said), answer(real_data, name, address)
        assert not truth.is_empty, said
        if found.lon is None or found.lat is None or found.radius_m is None or not found.is_pin:
            wrong.append((address, "no point", found))
        elif apart_m(shapely.Point(found.lon, found.lat), truth.centroid) > found.radius_m:
            wrong.append((address, "outside", found))
    assert wrong == []


@pytest.mark.parametrize(("name", "address", "district", "street"), NO_POINT)
def test_nobody_is_sent_to_another_town_or_site(
    real_data: Path, name: str, address: str, district: str, street: str
) -> None:
    found = answer(real_data, name, address, district, street)
    assert not found.is_pin, found


@pytest.mark.parametrize("district", ["全市", "市辖区", "高新区", "海淀", "无"])
def test_a_column_that_names_no_other_district_takes_no_point_away(
    real_data: Path, district: str
) -> None:
    assert answer(real_data, "haidian", "金码大厦", district).is_pin
