"""Geocoding services that an owner has a key for: how each is asked, and what its reply is worth.

Sends nothing. A reply is refused where its level is coarser than a house number, a junction or a
named place, and where it contradicts the stated district. Formats: the web service pages of
lbs.amap.com (geocode v3), lbsyun.baidu.com (geocoding v3) and lbs.tianditu.gov.cn (geocoder), read
2026-11.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import msgspec
import shapely

from geodata.errors import BadValue, Said
from geodata.sources.locate.address import read_address
from geodata.sources.locate.book import AddressBook, Sort, name_letters
from geodata.sources.locate.candidates import LEAST_M, Rung
from geodata.sources.locate.ladder import Found, Sought, outside_of
from geodata.space.coordinates import Datum, to_wgs84


class Provider(StrEnum):
    """The services that can be asked."""

    AMAP = "amap"
    BAIDU = "baidu"
    TIANDITU = "tianditu"


class ServiceReply(NamedTuple):
    """What a service replied, in its own datum."""

    lon: float
    lat: float
    level: str
    district: str = ""
    city: str = ""


class Recorded(msgspec.Struct, frozen=True):
    """A reply as it is kept: whose, of which day, in which datum."""

    provider: Provider
    asked: str
    day: str
    """ISO 8601."""
    datum: Datum
    answer: ServiceReply | None
    """None: the service knows no such place."""


#: Levels of each service that are fine enough, by the rung that they are. All others are refused.
_LEVELS: Final[Mapping[str, Rung]] = {
    "门牌号": Rung.HOUSE_NUMBER,
    "门址": Rung.HOUSE_NUMBER,
    "单元号": Rung.HOUSE_NUMBER,
    "楼栋": Rung.HOUSE_NUMBER,
    "兴趣点": Rung.LANDMARK,
    "住宅区": Rung.LANDMARK,
    "公交地铁站点": Rung.LANDMARK,
    "地铁站": Rung.LANDMARK,
    "道路交叉路口": Rung.JUNCTION,
    "交叉路口": Rung.JUNCTION,
    "路口": Rung.JUNCTION,
    "地名地址": Rung.HOUSE_NUMBER,
    "餐饮": Rung.LANDMARK,
    "购物": Rung.LANDMARK,
    "酒店": Rung.LANDMARK,
    "公司企业": Rung.LANDMARK,
    "商务大厦": Rung.LANDMARK,
    "政府机构": Rung.LANDMARK,
    "医疗": Rung.LANDMARK,
    "教育": Rung.LANDMARK,
    "交通设施": Rung.LANDMARK,
    "UNKNOWN": Rung.NOT_FOUND,
}
#: A service's point of a junction is as good as that of a house number.
_LEAST_M: Final = LEAST_M[Rung.HOUSE_NUMBER]
#: Below these Baidu says itself that a point may be more than 100 m off, or guessed.
_LEAST_CONFIDENCE: Final = 80
_LEAST_COMPREHENSION: Final = 90
#: The same of Tianditu's score.
_LEAST_SCORE: Final = 90
_GUESSED: Final = "guessed"


@dataclass(frozen=True, slots=True)
class _Service:
    host: str
    datum: Datum
    url: Callable[[str, str, str], str]
    """Of address, city and key: path and query."""
    read: Callable[[Any], ServiceReply | None]


def _amap_url(address: str, city: str, key: str) -> str:
    return "/v3/geocode/geo?" + urlencode({"address": address, "city": city, "key": key})


def _amap(reply: Any) -> ServiceReply | None:
    if str(reply.get("status")) != "1":
        raise _refused(reply.get("info"))
    found = reply.get("geocodes") or []
    if not found:
        return None
    first = found[0]
    lon, lat = map(float, first["location"].split(","))
    return ServiceReply(
        lon, lat, _text(first.get("level")), _text(first.get("district")), _text(first.get("city"))
    )


def _baidu_url(address: str, city: str, key: str) -> str:
    asked = {"address": address, "city": city, "output": "json", "ak": key}
    return "/geocoding/v3/?" + urlencode(asked)


def _baidu(reply: Any) -> ServiceReply | None:
    status = reply.get("status")
    if status in (1, 2) or (status == 0 and not reply.get("result")):
        return None
    if status != 0:
        raise _refused(reply.get("message") or reply.get("msg") or status)
    found = reply["result"]
    sure = (
        found.get("confidence", 0) >= _LEAST_CONFIDENCE
        and found.get("comprehension", 0) >= _LEAST_COMPREHENSION
    )
    level = _text(found.get("level")) if sure else _GUESSED
    return ServiceReply(float(found["location"]["lng"]), float(found["location"]["lat"]), level)


def _tianditu_url(address: str, city: str, key: str) -> str:
    asked = msgspec.json.encode({"keyWord": f"{city}{address}"}).decode()
    return "/geocoder?" + urlencode({"ds": asked, "tk": key})


def _tianditu(reply: Any) -> ServiceReply | None:
    status = str(reply.get("status"))
    if status == "101" or (status == "0" and not reply.get("location")):
        return None
    if status != "0":
        raise _refused(reply.get("msg") or status)
    found = reply["location"]
    level = _text(found.get("level"))
    if float(found.get("score", 0)) < _LEAST_SCORE:
        level = _GUESSED
    return ServiceReply(float(found["lon"]), float(found["lat"]), level)


_SERVICES: Final[Mapping[Provider, _Service]] = {
    Provider.AMAP: _Service("https://restapi.amap.com", Datum.GCJ02, _amap_url, _amap),
    Provider.BAIDU: _Service("https://api.map.baidu.com", Datum.BD09, _baidu_url, _baidu),
    Provider.TIANDITU: _Service(
        "https://api.tianditu.gov.cn", Datum.WGS84, _tianditu_url, _tianditu
    ),
}


def _refused(why: object) -> BadValue:
    return BadValue("the service refused the question: {why}", why=why)


def _text(value: object) -> str:
    """Amap says nothing by an empty list."""
    return value if isinstance(value, str) else ""


def host_of(provider: Provider) -> str:
    """Where the service is asked."""
    return _SERVICES[provider].host


def path_of(provider: Provider, address: str, city: str, key: str) -> str:
    """Path and query of a question behind the service's host."""
    return _SERVICES[provider].url(address, city, key)


def recorded(provider: Provider, asked: str, body: bytes, day: date) -> Recorded:
    """A reply as it is kept. Raises BadValue where the service refused, or said what is no reply
    of its.
    """
    service = _SERVICES[provider]
    try:
        answer = service.read(msgspec.json.decode(body))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError) as fault:
        if isinstance(fault, BadValue):
            raise
        raise BadValue(
            "{provider} replied what is none of its replies: {start}",
            provider=provider,
            start=body[:80].decode("utf-8", "replace"),
        ) from None
    return Recorded(provider, asked, day.isoformat(), service.datum, answer)


def weighed(reply: Recorded, sought: Sought, book: AddressBook) -> Found:
    """What a reply is worth for an address: a point, or the reason why it is none."""
    said = Said(
        "{provider}, asked on {day}, in {datum}: {level}",
        provider=reply.provider,
        day=reply.day,
        datum=reply.datum,
        level=reply.answer.level if reply.answer else Said("nothing found"),
    )
    if reply.answer is None:
        return Found(Rung.NOT_FOUND, evidence=(said,))
    rung = _LEVELS.get(reply.answer.level, Rung.NOT_FOUND)
    if rung is Rung.NOT_FOUND:
        return Found(rung, evidence=(said, Said("coarser than a house number, so refused")))
    lon, lat = (float(each) for each in to_wgs84(reply.answer.lon, reply.answer.lat, reply.datum))
    if against := _against(reply.answer, shapely.Point(lon, lat), sought, book):
        return Found(Rung.NOT_FOUND, evidence=(said, against))
    radius_m = max(_LEAST_M, LEAST_M[rung])
    return Found(rung, sought.address, round(lon, 6), round(lat, 6), radius_m, (said,))


def _against(
    answer: ServiceReply, point: shapely.Point, sought: Sought, book: AddressBook
) -> Said | None:
    """The stated district that a reply contradicts, by its name or by its point."""
    if outside := outside_of(sought, book, point):
        return Said("the point does not lie in {area}", area=outside)
    stated = [
        area.key
        for text in (sought.address, sought.district)
        for area in read_address(text, book).areas
        if Sort.DISTRICT in area.sorts
    ]
    said = name_letters(answer.district)
    if said and stated and not any(key in said or said in key for key in stated):
        return Said("it names {said}, not {stated}", said=answer.district, stated=stated[0])
    return None
