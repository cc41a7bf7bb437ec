"""What an area is called: a district or street office by its official name, whatever a layer calls
it.

南山, 南山区 and Nanshan are 南山区; 粤海, 粤海街道办事处 and Yuehai are 粤海街道. 龙岗 is both a
district and a street office, so a name means something only at a level.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cache
from typing import Final

from geodata.sources import facts
from geodata.sources.repairs import name_key


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
_STREET_ENDING: Final = re.compile(
    r"(?:街道?)?(?:办事处|办公室|党工委|办)?$|镇$|(?:subdistrict|jiedao)(?:office|banshichu)?$|street$"
)
_DISTRICT_ENDING: Final = re.compile(
    r"(?:新区|功能区|区|县)?(?:人民政府|政府|管理委员会|管委会)?$|newdistrict$|district$|xinqu$|qu$"
)
_CITY: Final = re.compile(r"^(?:中国)?(?:广东省?)?(?:深圳市?|shenzhen(?:city|shi)?)?")
_BRACKETS: Final = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")


def official(text: str, level: Level) -> str | None:
    """The official name of a district or street office; None where none is meant.

    A zone is called as it is.
    """
    even = " ".join(unicodedata.normalize("NFKC", text).split())
    if level is Level.ZONE:
        return even or None
    known = _known(level)
    key = name_key(even)
    bare = name_key(_BRACKETS.sub("", even))  # 福田区（中心）
    ending = _STREET_ENDING if level is Level.STREET else _DISTRICT_ENDING
    tails = (
        key,
        bare,
        _CITY.sub("", bare),
        *(_CITY.sub("", bare).removeprefix(name_key(each)) for each in _prefixes(level)),
    )
    stems = (ending.sub("", each) for each in tails)
    return next((known[each] for each in (*tails, *stems) if each in known), None)


def district_and_rest(text: str) -> tuple[str | None, str]:
    """Of a text that goes on behind a district (南山区粤海街道) its official name and what follows;
    None where it begins with none.
    """
    even = _CITY.sub("", "".join(unicodedata.normalize("NFKC", text).split()).lower())
    for name in sorted(facts.districts()["name"], key=len, reverse=True):
        if even.startswith(name):
            rest = even.removeprefix(name).strip("-/、,")
            return (name, rest) if official(rest, Level.STREET) else (None, "")
    return None, ""


def level_of(names: Collection[str]) -> Level | None:
    """The one level at which every name is known; None where there is none, or both."""
    fits = [
        level
        for level in (Level.DISTRICT, Level.STREET)
        if all(official(name, level) for name in names)
    ]
    return fits[0] if len(fits) == 1 and names else None


def level_named(text: str) -> Level | None:
    """The level that a cell such as 街道 says."""
    return _LEVEL_WORDS.get(unicodedata.normalize("NFKC", text).strip().lower())


def headings(columns: Collection[str], mapped: Mapping[str, str]) -> dict[str, str]:
    """Field -> column: as mapped, else the column whose heading is the best synonym."""
    found = {field: column for column, field in mapped.items()}
    keys = {name_key(column): column for column in reversed(list(columns)) if column not in mapped}
    for field, words in SYNONYMS.items():
        best = next(
            (keys[name_key(word)] for word in words.split() if name_key(word) in keys), None
        )
        if best is not None:
            found.setdefault(field, best)
    return found


@cache
def _known(level: Level) -> Mapping[str, str]:
    """Key of every way to write a name -> the name."""
    if level is Level.DISTRICT:
        table = facts.districts()
        columns = zip(table["name"], table["alias"], table["name_en"], strict=True)
    else:
        streets = facts.streets()
        columns = zip(
            streets["street"],
            streets["street"].str.removesuffix("街道"),
            streets["name_en"],
            strict=True,
        )
    return {name_key(each): name for name, *also in columns for each in (name, *also)}


@cache
def _prefixes(level: Level) -> tuple[str, ...]:
    """What stands before the name of a street office in a full name: its district."""
    table = facts.districts()
    return (*table["name"], *table["alias"]) if level is Level.STREET else ()
