"""Base maps: whose tiles a phone draws beneath the places, and in which datum they are.

Fetches none itself.

`NUANFENG_BASEMAP` names one: `ground` (our own, ground.py), `none`, `osm`, `tianditu`, or
`URL|datum` or `URL|datum|credit` for any host that serves square Web Mercator tiles. Tiles are
asked for by the phone, of that host alone (csp.py).
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from geodata.errors import NuanfengError
from geodata.space.datum import Datum

NONE: Final = "none"
GROUND: Final = "ground"
#: What a tile's address must have for its zoom, column and row.
_FIELDS: Final = ("{z}", "{x}", "{y}")
#: What would end the policy's rule, or its header, or is no part of an address (RFC 3986, 2).
_FOREIGN: Final = re.compile(r"[^\w\-.~:/?#\[\]@!$&()*+=%{}]|\\", re.ASCII)
_LAST_ZOOM: Final = 18


class BadSetting(NuanfengError):
    """A setting of the environment that cannot be used."""


@dataclass(frozen=True, slots=True)
class BaseMap:
    """One base map: layers from the ground up, all of one host."""

    urls: tuple[str, ...]
    credit: str
    """Who made it, as its licence wants it said: always in sight on the map."""
    credit_url: str = ""
    datum: Datum = Datum.WGS84
    """WGS84 or GCJ02: BD-09 tiles are cut otherwise."""
    last_zoom: int = _LAST_ZOOM
    """Farther in, its tiles are drawn larger."""
    approval: str = ""
    """The number under which its maker may show it; most write it on the tiles."""

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a page may load pictures from."""
        parts = urlsplit(self.urls[0])
        return f"{parts.scheme}://{parts.netloc}"


_OSM: Final = BaseMap(
    ("https://tile.openstreetmap.org/{z}/{x}/{y}.png",),
    "© OpenStreetMap contributors",
    "https://www.openstreetmap.org/copyright",
    last_zoom=19,
)


def base_map(stated: str, tianditu_token: str) -> BaseMap | None:
    """The base map of NUANFENG_BASEMAP; None for `none`, and for our own. Raises BadSetting."""
    name = stated.strip()
    if name in ("", NONE, GROUND):
        return None
    if name == "osm":
        return _OSM
    if name == "tianditu":
        return _tianditu(tianditu_token.strip())
    if "://" not in name:
        raise BadSetting(
            "NUANFENG_BASEMAP is {name!r}; it can be ground, none, osm, tianditu, or URL|datum",
            name=name[:60],
        )
    return _of_url(name)


def _tianditu(token: str) -> BaseMap:
    """The streets and the names of the state's map, which is not shifted (CGCS2000)."""
    if not re.fullmatch(r"[0-9A-Za-z]+", token):
        raise BadSetting(
            "NUANFENG_BASEMAP=tianditu wants the token that Tianditu gives out, letters and digits;"
            " put it into NUANFENG_TIANDITU_TOKEN"
        )
    layers = tuple(
        f"https://t0.tianditu.gov.cn/DataServer?T={layer}&x={{x}}&y={{y}}&l={{z}}&tk={token}"
        for layer in ("vec_w", "cva_w")
    )
    return BaseMap(layers, "© 天地图 · 国家地理信息公共服务平台", "https://www.tianditu.gov.cn/")


def _of_url(stated: str) -> BaseMap:
    url, _, rest = stated.partition("|")
    datum, _, credit = rest.partition("|")
    host = _host(url)
    if missing := [field for field in _FIELDS if field not in url]:
        raise BadSetting(
            "NUANFENG_BASEMAP has no {missing} in {url!r}; a tile needs {fields}",
            missing=missing[0],
            url=url[:80],
            fields=[*_FIELDS],
        )
    if other := re.search(r"\{(?![zxy]\})[^}]*\}?", url):
        raise BadSetting(
            "NUANFENG_BASEMAP has {other!r} in its address; there are only {fields}",
            other=other[0],
            fields=[*_FIELDS],
        )
    if datum not in (Datum.WGS84, Datum.GCJ02):
        raise BadSetting(
            (
                "NUANFENG_BASEMAP states the datum {datum!r}; write URL|wgs84 or URL|gcj02 "
                "(maps made in the mainland mostly are gcj02; BD-09 tiles cannot be drawn)"
            ),
            datum=datum,
        )
    return BaseMap((url,), credit.strip() or host, "", Datum(datum))


def _host(url: str) -> str:
    if foreign := _FOREIGN.search(url):
        raise BadSetting(
            "NUANFENG_BASEMAP has {foreign!r} in its address; percent-encode it", foreign=foreign[0]
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as fault:
        raise BadSetting("NUANFENG_BASEMAP is no address: {why}", why=fault) from None
    if (
        parts.scheme not in ("http", "https")
        or not host
        or "@" in parts.netloc
        or "{" in parts.netloc
    ):
        raise BadSetting(
            (
                "NUANFENG_BASEMAP is {url!r}; it must begin with https:// and one host, "
                "without a password"
            ),
            url=url[:80],
        )
    return host
