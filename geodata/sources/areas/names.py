"""How people write the names of districts and street offices, and what the official ones are.

江汉, 江汉区 and Jianghan are 江汉区; 民权, 民权街道办事处 and Minquan are 民权街道. One stem may be
that of a district and of a street office, so a name means something only at a level. What endings
mean is the same in all of China; which names there are says each dataset.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pandas as pd

from geodata.sources.repairs import name_key
from geodata.text.pinyin import spelled


class Level(StrEnum):
    """What kind of area a row is."""

    DISTRICT = "district"
    STREET = "street"
    ZONE = "zone"


#: Field -> the headings that mean it, best first; what cities' open data, map services and
#: tutorials call them.
SYNONYMS: Final[Mapping[str, str]] = {
    "name": "name 名称 区名 街道名称 街道名 街道 行政区 行政区名称 区县 qh jd jdmc xzqmc qmc mc "
    "streetname districtname name_zh name_cn 中文名 title zone 片区 片区名称 小区编号 tazid 编号",
    "level": "level 级别 行政级别 层级 类型 admin_level",
    "name_en": "name_en 英文名 english",
    "code": "code 代码 行政区划代码 区划代码 adcode",
    "also": "also alt_name old_name 别名 曾用名 简称",
    "district": "district 所属区 所属区县 行政区 区县 区 上级 parent",
}  # fmt: skip
FIELDS: Final = tuple(SYNONYMS)
_LEVEL_WORDS: Final[Mapping[str, Level]] = {
    **dict.fromkeys(
        ("district", "区", "行政区", "区县", "县级", "县", "市辖区", "6"), Level.DISTRICT
    ),
    **dict.fromkeys(
        ("street", "subdistrict", "街道", "街道办", "街道办事处", "乡镇", "township", "8"),
        Level.STREET,
    ),
    **dict.fromkeys(("zone", "片区", "小区", "交通小区", "taz"), Level.ZONE),
}
#: 民权街道办事处 is the office of 民权街道; the ending behind it says what kind of area it is.
_OFFICE_OF: Final = re.compile(r"(?:办事处|办公室|党工委|办)$|(?:office|banshichu)$")
_GOVERNMENT_OF: Final = re.compile(r"(?:人民政府|政府|管理委员会|管委会)$|government$")
_STREET_KIND: Final = re.compile(
    r"(?:街道?|民族乡|镇|乡|苏木|地区)$|(?:subdistrict|jiedao|street|town|township)$"
)
_DISTRICT_KIND: Final = re.compile(
    r"(?:新区|功能区|林区|区|自治县|县|自治旗|旗|市)$|(?:newdistrict|district|county|xinqu|qu|xian)$"
)
#: A list may say 襄州新区 years after it became 襄州区: the same stem is the same area.
_LEAST_STEM: Final = 2
_PROVINCE: Final = re.compile(r"^(?:中国|中华人民共和国)?(?:[\u4e00-\u9fff]{2,7}?(?:省|自治区))?")
_CITY: Final = re.compile(r"^[\u4e00-\u9fff]{2,6}?(?:市|自治州|盟)(?=[\u4e00-\u9fff]{2,})")
_BRACKETS: Final = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_OFFICIAL_DISTRICT: Final = re.compile(r"[\u4e00-\u9fff]{2,}(?:区|县|旗|市)$")
_OFFICIAL_STREET: Final = re.compile(r"[\u4e00-\u9fff]{2,}(?:街道|镇|乡|苏木|地区)$")
#: Other names of an area, in one cell of a table of areas.
ALSO: Final = ";"


@dataclass(frozen=True, slots=True, eq=False)
class AreaNames:
    """What the districts and street offices of one city are called, and how they are written."""

    known: Mapping[Level, Mapping[str, str]]
    """By level the key of every way to write a name -> the official name."""
    districts: tuple[str, ...]
    """Official names, the longest first."""
    city: tuple[str, ...]
    """Keys of the ways to write the city's name, the longest first."""
    closed: frozenset[Level]
    """Levels of which all areas are known: another name is a slip there, and elsewhere it is new.
    """

    @classmethod
    def of(
        cls,
        city: Sequence[str],
        districts: pd.DataFrame,
        streets: pd.DataFrame,
        closed: Collection[Level] = (),
    ) -> "AreaNames":
        """From the city's names and the tables of its areas.

        `districts` has district and name_en, `streets` street and name_en; either may have `also`,
        other names parted by `ALSO`, and no rows.
        """
        tables = {
            Level.DISTRICT: _ways(districts, "district", _DISTRICT_KIND),
            Level.STREET: _ways(streets, "street", _STREET_KIND),
        }
        names = sorted(map(str, districts["district"].unique()), key=len, reverse=True)
        ways = {way for name in city for way in _city_ways(name)}
        return cls(
            tables, tuple(names), tuple(sorted(ways, key=len, reverse=True)), frozenset(closed)
        )

    def official(self, text: str, level: Level) -> str | None:
        """The official name of a district or street office; None where none is meant.

        A zone is called as it is; so is an area of a level of which nothing is known, without what
        only names its office.
        """
        even = " ".join(unicodedata.normalize("NFKC", text).split())
        if level is Level.ZONE:
            return even or None
        if not self.known[level]:
            return self._as_stated(even, level) or None
        return self.listed(even, level)

    def new(self, text: str, level: Level) -> str | None:
        """The official name, or of a level that is not closed the name of an area that is new."""
        name = self.official(text, level)
        if name or level in self.closed or level is Level.ZONE:
            return name
        return self._as_stated(" ".join(unicodedata.normalize("NFKC", text).split()), level) or None

    def district_and_rest(self, text: str) -> tuple[str | None, str]:
        """Of a text that goes on behind a district (江汉区民权街道) its official name and what
        follows; None where it begins with none.
        """
        even = self._behind_city("".join(unicodedata.normalize("NFKC", text).split()).lower())
        for name in self.districts:
            if even.startswith(name):
                rest = even.removeprefix(name).strip("-/、,")
                return (name, rest) if self.official(rest, Level.STREET) else (None, "")
        return None, ""

    def level_of(self, names: Collection[str]) -> Level | None:
        """The one level at which every name is known, or looks like an official one where nothing
        is known; None where there is none, or both.
        """
        fits = [
            level
            for level in (Level.DISTRICT, Level.STREET)
            if all(self._is_of(name, level) for name in names)
        ]
        return fits[0] if len(fits) == 1 and names else None

    def _is_of(self, name: str, level: Level) -> bool:
        if self.known[level] and self.listed(name, level):
            return True
        looks = _OFFICIAL_DISTRICT if level is Level.DISTRICT else _OFFICIAL_STREET
        stated = None if level in self.closed else self._as_stated(name, level)
        return bool(stated and looks.fullmatch(stated))

    def listed(self, text: str, level: Level) -> str | None:
        """The official name of an area that is known; None where none of these is meant."""
        even, known = (
            " ".join(unicodedata.normalize("NFKC", text).split()),
            self.known.get(level, {}),
        )
        key = name_key(even)
        bare = name_key(_BRACKETS.sub("", even))  # 江汉区（中心）
        inside = self._behind_city(bare)
        tails = [key, bare, inside]
        if level is Level.STREET:  # a full name begins with the district
            tails += [inside.removeprefix(each) for each in self._district_ways()]
        office, kind = _ENDINGS[level]
        whole = [office.sub("", each) for each in tails]
        stems = [kind.sub("", each) for each in whole]
        return next((known[each] for each in (*tails, *whole, *stems) if each in known), None)

    def _district_ways(self) -> Iterator[str]:
        yield from sorted(self.known[Level.DISTRICT], key=len, reverse=True)

    def _behind_city(self, text: str) -> str:
        behind = _PROVINCE.sub("", text)
        begins = next((way for way in self.city if behind.startswith(way)), "")
        return behind.removeprefix(begins) if begins else _CITY.sub("", behind)

    def _as_stated(self, even: str, level: Level) -> str:
        if not _HAN.search(even):
            return even
        office, _ = _ENDINGS[level]
        inside = self._behind_city(_BRACKETS.sub("", even).replace(" ", ""))
        return office.sub("", inside)


def level_named(text: str) -> Level | None:
    """The level that a cell such as 街道 says."""
    return _LEVEL_WORDS.get(unicodedata.normalize("NFKC", text).strip().lower())


def headings(columns: Collection[str], mapped: Mapping[str, str]) -> dict[str, str]:
    """Field -> column: as mapped, else the column whose heading is the best synonym.

    A column means one thing: what names the areas says nothing else.
    """
    found = {field: column for column, field in mapped.items()}
    keys = {name_key(column): column for column in reversed(list(columns)) if column not in mapped}
    for field, words in SYNONYMS.items():
        best = next(
            (keys[name_key(word)] for word in words.split() if name_key(word) in keys), None
        )
        if best is not None and best not in found.values():
            found.setdefault(field, best)
    return found


_ENDINGS: Final = {
    Level.DISTRICT: (_GOVERNMENT_OF, _DISTRICT_KIND),
    Level.STREET: (_OFFICE_OF, _STREET_KIND),
}
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")


def _ways(table: pd.DataFrame, column: str, kind: re.Pattern[str]) -> dict[str, str]:
    """Key of every way to write a name of a table -> the name.

    What could mean two of them means neither, but for the name of one itself.
    """
    names = list(dict.fromkeys(table[column].dropna().astype(str)))
    exact = {name_key(name): name for name in names}
    stems = [kind.sub("", name_key(name)) for name in names]
    pinyin, _ = spelled([*names, *stems])
    loose: dict[str, set[str]] = {}
    for at, name in enumerate(names):
        for way in (stems[at], pinyin[at], pinyin[len(names) + at]):
            loose.setdefault(name_key(way), set()).add(name)
    for cell in ("name_en", "also"):
        for name, said in zip(table[column], table.get(cell, ()), strict=False):
            for way in said.split(ALSO) if isinstance(said, str) and isinstance(name, str) else ():
                loose.setdefault(name_key(way), set()).add(name)
                loose.setdefault(kind.sub("", name_key(way)), set()).add(name)
    sure = {way: next(iter(of)) for way, of in loose.items() if len(of) == 1}
    return {way: name for way, name in sure.items() if len(way) >= _LEAST_STEM} | exact


def _city_ways(name: str) -> Iterator[str]:
    """武汉市, 武汉; Wuhan, Wuhan City, Wuhan Shi."""
    key = name_key(name)
    if len(key) < _LEAST_STEM:
        return
    yield key
    if _HAN.search(key):
        yield from (key.removesuffix("市"),) if len(key) > _LEAST_STEM else ()
    else:
        yield from (f"{key}city", f"{key}shi")
