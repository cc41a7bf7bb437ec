"""What follows of a city from its name and where it lies, and what a person says of it instead.

Country and language follow from the time zone, area codes of Chinese cities from their name, by the
numbering plan that phonenumbers carries. What follows is told, so that a person can say otherwise.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from babel.core import get_global
from babel.languages import get_official_languages
from numpy.typing import NDArray

from geodata.city import MAINLAND, CityAbout, own_grid
from geodata.errors import BadValue, Said
from geodata.hours.zone import TimeZone
from geodata.sources.repairs import area_codes
from geodata.space.time_zones import time_zones
from geodata.text.pinyin import spelled

#: The one legal time of the mainland, whatever the zone database says of its west.
_MAINLAND_ZONE: Final = "Asia/Shanghai"
#: Zones that have the same clock on these days are one for a city.
_DAYS: Final = (datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC))
#: A zone that holds less of the places than this is the neighbour's: borders of zones are coarse.
_LEAST_SHARE: Final = 0.02
#: Points that are looked up; zones are large.
_MOST_POINTS: Final = 500


@dataclass(frozen=True, slots=True)
class CityStated:
    """What a person says of a dataset's city; None or nothing: it follows."""

    name: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    timezone: str | None = None
    """IANA name."""
    language: str | None = None
    """BCP 47 tag."""
    area_codes: tuple[str, ...] = ()


def described(
    stated: CityStated, called: str, lonlat: NDArray[np.float64]
) -> tuple[CityAbout, tuple[Said, ...]]:
    """A city about WGS-84 points, shape (n, 2), and what of it followed and was not stated.

    `called` is its name where nobody states one. BadValue for a country or time zone that is none,
    and where the points lie in zones of different clocks, or of no country.
    """
    zone = stated.timezone or _zone(stated.country, lonlat)
    TimeZone(zone)
    country = _country(stated.country, zone)
    name = stated.name or called
    city = CityAbout(
        name=name,
        name_en=_english(name),
        country=country,
        timezone=zone,
        language=stated.language or _language(country),
        grid=own_grid(*lonlat.min(axis=0).tolist(), *lonlat.max(axis=0).tolist()),
        area_codes=stated.area_codes or (area_codes(name) if country == MAINLAND else ()),
    )
    return city, tuple(_followed(stated, city))


def restated(city: CityAbout, stated: CityStated) -> CityAbout:
    """A city with what a person says of it by now."""
    name = stated.name or city.name
    country = _country(stated.country, city.timezone) if stated.country else city.country
    renamed = name != city.name
    made = CityAbout(
        name=name,
        name_en=_english(name) if renamed else city.name_en,
        country=country,
        timezone=stated.timezone or city.timezone,
        language=stated.language or (_language(country) if stated.country else city.language),
        grid=city.grid,
        area_codes=stated.area_codes
        or (area_codes(name) if renamed and country == MAINLAND else city.area_codes),
    )
    TimeZone(made.timezone)
    return made


def _zone(country: str | None, lonlat: NDArray[np.float64]) -> str:
    if country == MAINLAND:
        return _MAINLAND_ZONE
    found = time_zones(lonlat[:: max(1, len(lonlat) // _MOST_POINTS)])
    total = sum(found.values())
    names = [name for name, count in found.items() if count >= _LEAST_SHARE * total]
    if all(_country_of(name) == MAINLAND for name in names):
        return _MAINLAND_ZONE
    clocks = {tuple(ZoneInfo(name).utcoffset(day) for day in _DAYS) for name in names}
    if len(clocks) > 1:
        raise BadValue(
            "the city lies in several time zones, {names}, and a dataset has one; say which with"
            " --timezone, or make a dataset for each",
            names=names,
        )
    return names[0]


def _country(stated: str | None, zone: str) -> str:
    found = stated.upper() if stated else _country_of(zone)
    if found is None:
        raise BadValue(
            "no country follows from the time zone {zone}; say it with --country, e.g. CN",
            zone=zone,
        )
    if found not in get_global("territory_languages"):
        raise BadValue(
            "no country is called {country!r}; write its two letters of ISO 3166, such as CN or FI",
            country=found,
        )
    return found


def _country_of(zone: str) -> str | None:
    found: str | None = get_global("zone_territories").get(zone)
    return None if found == "001" else found


def _language(country: str) -> str:
    spoken = get_official_languages(country, de_facto=True)
    first = spoken[0].partition("_")[0] if spoken else "en"
    return f"{first}-{country}"


def _english(name: str) -> str:
    """武汉市 as Wuhan; a name in Latin letters as it is."""
    (pinyin,), _ = spelled([name.removesuffix("市")])
    return name if name.isascii() or not pinyin else pinyin.replace(" ", "").capitalize()


def _followed(stated: CityStated, city: CityAbout) -> list[Said]:
    asked = (
        ("--city", stated.name, city.name),
        ("--country", stated.country, city.country),
        ("--timezone", stated.timezone, city.timezone),
        ("--language", stated.language, city.language),
        ("--area-code", stated.area_codes, ", ".join(city.area_codes) or Said("none")),
    )
    return [
        Said("{option} is taken to be {value}", option=option, value=value)
        for option, said, value in asked
        if not said
    ]
