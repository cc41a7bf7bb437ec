"""Areas that are known by name alone: whether a name is one of an authority, and what the addresses
of a map tell of where such an area lies. Looks for no address.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from babel import Locale
from shapely.geometry.base import BaseGeometry

from geodata.sources.locate.book import AddressBook, BookEntry, Sort, name_letters
from geodata.sources.locate.plane import apart_m

#: Zones lie across the districts that authorities run: they contradict none. Beside the kinds, the
#: new areas of the State Council that are no district, and the largest of a province.
_ZONE: Final = re.compile(
    r"开发区|高新|经开|保税|自贸|度假区|风景区|示范区|试验区|合作区|功能区|管理区|工业区|园区|(?:保税|航空|空|临)港区|"
    r"(?:两江|天府|西咸|雄安|贵安|湘江|江北|西海岸|金普|舟山群岛|兰州|福州|滇中|哈尔滨|长春|赣江|"
    r"郑东|东部|红谷滩|沣东|曲江|滨湖)新区$|^(?:主城|城|市)区$"
)
#: What a column of districts holds where a row is in none.
_NO_DISTRICT: Final = re.compile(
    r"全市|全区|市辖|市直|市级|其他|不限|跨区|各区|未知|^无$|^无(?:区|所属|归属)|^主?城区$"
)
#: A district as a column writes it without its ending.
_SHORT: Final = re.compile(r"[㐀-鿿]{2,4}")
#: An address of a map tells of its district so far around, where one that names the stated district
#: is thrice as far.
_TELLS_M: Final = 3_000.0
_NEARER: Final = 3.0
#: Nearer to the border than this the addresses of one side say little.
_DEEP_M: Final = 500.0


#: Words of an address in foreign letters that name no town.
_NO_TOWN: Final = re.compile(
    "floor|room|building|bldg|unit|suite|apt|flat|block|tower|hall|gate|entrance|exit|near|city|"
    "district|province|street|road|county|china|prc|hao|lou|dong|shi|ceng|krs|kerros|porras|"
    "sisapiha|etage|stock|haus|hof|box|the|and|opposite|behind|next|inside|ground"
)
_LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl", "sv", "fi", "da", "nb", "pt", "pl")
_SHORTEST_TOWN: Final = 3


@cache
def _countries() -> frozenset[str]:
    """Countries in some languages of Europe, as `name_letters` writes them."""
    return frozenset(
        name_letters(name)
        for language in _LANGUAGES
        for name in Locale.parse(language).territories.values()
    )


def is_locality(word: str) -> bool:
    """Whether a word (as `letters` writes it) behind a foreign street and number may be a town's
    name: no country, no word for a part of a house.
    """
    is_name = word.isalpha() and word.isascii() and len(word) >= _SHORTEST_TOWN
    return is_name and not _NO_TOWN.fullmatch(word) and word not in _countries()


def is_zone(key: str) -> bool:
    """Whether a name (as `letters` writes it) is one of a zone, of which no outline decides."""
    return bool(_ZONE.search(key))


def is_no_district(key: str) -> bool:
    """Whether the cell of a column of districts says that the row is in none: 全市, 市辖区."""
    return bool(_NO_DISTRICT.search(key))


def is_district(key: str) -> bool:
    """Whether such a cell names one that is not known."""
    return bool(_SHORT.fullmatch(key)) and not is_no_district(key) and not is_zone(key)


def is_told_elsewhere(
    book: AddressBook, sort: Sort, entries: Sequence[BookEntry], shape: BaseGeometry
) -> bool:
    """Whether the map's own addresses around a WGS-84 shape name another area of that sort than the
    stated one, whose lines of the book are `entries` (none where the book does not know it).
    """
    mine = {entry.name for entry in entries}
    ours = others = float("inf")
    for told in book.told(sort):
        away_m = apart_m(told.shape, shape)
        if told.name in mine:
            ours = min(ours, away_m)
        else:
            others = min(others, away_m)
    return others <= _TELLS_M and others * _NEARER < ours and others + _DEEP_M < ours
