"""Links that open a place in the rider's own map app, each in the datum that app expects.

Opens nothing itself.

In mainland China Amap, Tencent and Apple draw GCJ-02, and Baidu is told coord_type=gcj02; elsewhere
Google, Apple and OsmAnd draw WGS-84. `geo:` is WGS-84 by RFC 5870. Formats: the URI API pages of
lbs.amap.com, lbsyun.baidu.com and lbs.qq.com, Google's Maps URLs, Apple's Map Links, and OsmAnd's
page on links, read 2026-11.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from geodata.space.coordinates import gcj02_of_point
from geodata.vocabulary import Mode

_APPLE_MODE: Final = {Mode.WALK: "w", Mode.RIDE: "w", Mode.DRIVE: "d", Mode.TRUCK: "d"}
_AMAP_MODE: Final = {Mode.WALK: "walk", Mode.RIDE: "ride", Mode.DRIVE: "car", Mode.TRUCK: "car"}
_GOOGLE_MODE: Final = {
    Mode.WALK: "walking",
    Mode.RIDE: "bicycling",
    Mode.DRIVE: "driving",
    Mode.TRUCK: "driving",
}
#: Whether maps of the country are shifted -> the words for a mode of Apple's link, and of `main`'s.
MODE_WORDS: Final[Mapping[bool, Mapping[Mode, tuple[str, str]]]] = {
    True: {mode: (_APPLE_MODE[mode], _AMAP_MODE[mode]) for mode in Mode},
    False: {mode: (_APPLE_MODE[mode], _GOOGLE_MODE[mode]) for mode in Mode},
}
#: The app whose link stands first, and what the apps of a country are, in the order they are shown.
APPS: Final[Mapping[bool, tuple[str, ...]]] = {
    True: ("amap", "baidu", "tencent", "apple", "geo"),
    False: ("google", "apple", "osmand", "geo"),
}
#: Tencent separates its marker fields with these; they cannot be escaped.
_TENCENT_CUT: Final = re.compile("[;:|；：｜]+")
#: What is percent-encoded (RFC 3986, 2.3).
_RESERVED: Final = re.compile("[^A-Za-z0-9_.~-]+")


class MapLinks(NamedTuple):
    """The links of one place.

    Those of Apple and of the first app come in two halves, round the word for the asker's mode.
    """

    shifted: bool
    """Whether maps of the country are shifted, and its apps those of the mainland."""
    plain: Mapping[str, str]
    """App -> its link, of those that take no mode."""
    apple_before_mode: str
    main_before_mode: str
    main_after_mode: str

    @property
    def main(self) -> str:
        """The app whose link stands first: amap or google."""
        return APPS[self.shifted][0]

    def whole(self, mode: Mode) -> dict[str, str]:
        """App -> its link for a mode, in the order in which they are shown."""
        apple, main = MODE_WORDS[self.shifted][mode]
        made = {
            **self.plain,
            "apple": self.apple_before_mode + apple,
            self.main: self.main_before_mode + main + self.main_after_mode,
        }
        return {app: made[app] for app in APPS[self.shifted]}


def links(
    lon: float,
    lat: float,
    name: str,
    address: str,
    *,
    shifted: bool,
    gcj02: tuple[float, float] | None = None,
) -> MapLinks:
    """The links to a WGS-84 point, six decimals (0.1 m), in a country whose maps are `shifted` or
    in another.

    `gcj02` is the same point there, where it is known already.
    """
    geo = f"geo:0,0?q={lat:.6f},{lon:.6f}({quoted(name)})"
    if not shifted:
        return _abroad(f"{lon:.6f}", f"{lat:.6f}", quoted(name), geo)
    shifted_lon, shifted_lat = gcj02 or gcj02_of_point(lon, lat)
    x, y = f"{shifted_lon:.6f}", f"{shifted_lat:.6f}"
    title, where = quoted(name), quoted(address)
    plain_title, plain_where = (quoted(_TENCENT_CUT.sub("", text)) for text in (name, address))
    return MapLinks(
        shifted=True,
        plain={
            "baidu": f"https://api.map.baidu.com/marker?location={y},{x}&title={title}"
            f"&content={where}&output=html&coord_type=gcj02&src=webapp.nuanfeng",
            "tencent": f"https://apis.map.qq.com/uri/v1/marker?marker=coord:{y},{x};"
            f"title:{plain_title};addr:{plain_where}&coord_type=2&referer=nuanfeng",
            "geo": geo,
        },
        apple_before_mode=f"https://maps.apple.com/?daddr={y},{x}&q={title}&dirflg=",
        main_before_mode=f"https://uri.amap.com/navigation?to={x},{y},{title}&mode=",
        main_after_mode="&src=nuanfeng&callnative=1",
    )


def _abroad(lon: str, lat: str, title: str, geo: str) -> MapLinks:
    return MapLinks(
        shifted=False,
        plain={
            "osmand": f"https://osmand.net/map?pin={lat},{lon}#17/{lat}/{lon}",
            "geo": geo,
        },
        apple_before_mode=f"https://maps.apple.com/?daddr={lat},{lon}&q={title}&dirflg=",
        main_before_mode=f"https://www.google.com/maps/dir/?api=1&destination={lat},{lon}"
        "&travelmode=",
        main_after_mode="",
    )


def quoted(text: str) -> str:
    """Percent-encoded UTF-8.

    What urllib's `quote` gives with nothing safe, by runs: a city of links takes a third.
    """
    return _RESERVED.sub(lambda run: "%" + run[0].encode().hex("%").upper(), text)
