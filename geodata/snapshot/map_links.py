"""Links that open a place in the rider's own map app, each in the datum that app expects.

Opens nothing itself.

Amap, Tencent and Apple (in the mainland) draw GCJ-02, and Baidu is told coord_type=gcj02; `geo:` is
WGS-84 by RFC 5870. Formats: the URI API pages of lbs.amap.com, lbsyun.baidu.com and lbs.qq.com, and
Apple's Map MapLinks, read 2026-11.
"""

import re
from typing import Final, NamedTuple

from geodata.space.coordinates import gcj02_of_point
from geodata.vocabulary import Mode

AMAP_MODE: Final = {Mode.WALK: "walk", Mode.RIDE: "ride", Mode.DRIVE: "car", Mode.TRUCK: "car"}
APPLE_MODE: Final = {Mode.WALK: "w", Mode.RIDE: "w", Mode.DRIVE: "d", Mode.TRUCK: "d"}
#: Tencent separates its marker fields with these; they cannot be escaped.
_TENCENT_CUT: Final = re.compile("[;:|；：｜]+")
#: What is percent-encoded (RFC 3986, 2.3).
_RESERVED: Final = re.compile("[^A-Za-z0-9_.~-]+")


class MapLinks(NamedTuple):
    """The links of one place.

    `apple` and `amap` come in two halves, round the word for the asker's mode.
    """

    baidu: str
    tencent: str
    geo: str
    apple_before_mode: str
    amap_before_mode: str
    amap_after_mode: str


def links(
    lon: float, lat: float, name: str, address: str, gcj02: tuple[float, float] | None = None
) -> MapLinks:
    """The links to a WGS-84 point, six decimals (0.1 m).

    `gcj02` is the same point there, where it is known already.
    """
    shifted_lon, shifted_lat = gcj02 or gcj02_of_point(lon, lat)
    x, y = f"{shifted_lon:.6f}", f"{shifted_lat:.6f}"
    title, where = quoted(name), quoted(address)
    plain_title, plain_where = (quoted(_TENCENT_CUT.sub("", text)) for text in (name, address))
    return MapLinks(
        baidu=f"https://api.map.baidu.com/marker?location={y},{x}&title={title}&content={where}"
        "&output=html&coord_type=gcj02&src=webapp.nuanfeng",
        tencent=f"https://apis.map.qq.com/uri/v1/marker?marker=coord:{y},{x};title:{plain_title};addr:{plain_where}"
        "&coord_type=2&referer=nuanfeng",
        geo=f"geo:0,0?q={lat:.6f},{lon:.6f}({title})",
        apple_before_mode=f"https://maps.apple.com/?daddr={y},{x}&q={title}&dirflg=",
        amap_before_mode=f"https://uri.amap.com/navigation?to={x},{y},{title}&mode=",
        amap_after_mode="&src=nuanfeng&callnative=1",
    )


def quoted(text: str) -> str:
    """Percent-encoded UTF-8.

    What urllib's `quote` gives with nothing safe, by runs: a city of links takes a third.
    """
    return _RESERVED.sub(lambda run: "%" + run[0].encode().hex("%").upper(), text)
