"""Row "tiles": what a phone's screen of map tiles weighs, and what making one costs, in a small and
in a large city.

Bytes are of bodies as sent (brotli where that is done). A screen is 390 x 844 CSS pixels round a
place where people are; three of them are averaged. The page is what does not hang on the data,
shell, scripts and styles, and one screen."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean
from typing import Final

from flask.testing import FlaskClient

from app.factory import create_app
from app.pages.assets import assets
from app.settings import Settings
from geodata.hours.minute import MinuteHours
from geodata.search.filter import Filter
from geodata.search.tiles import tile
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import Dataset
from tests.benchmarks.cities import AT, City, parts
from tests.benchmarks.clock import Contender, p50_s
from tests.benchmarks.report import Line, faster, seconds

ROW: Final = "tiles"
ZOOMS: Final = range(10, 18)
#: 白石洲, the civic centre, 龙华: an urban village, offices, factories. WGS-84.
MIDDLES: Final = ((113.9645, 22.5405), (114.0579, 22.5431), (114.0300, 22.6500))
_SCREEN_PX: Final = (390, 844)
_TILE_PX: Final = 256
_FLAT: Final = 1.15
_QUARTER: Final = AT.isoformat().replace("+", "%2B")


def measure(made: Mapping[int, City], home: Path) -> Iterator[Line]:
    """Every city beside the smallest."""
    small, *larger = sorted(made)
    clients = {size: _client(made[size], home) for size in (small, *larger)}
    for size in larger:
        yield from _weights(clients[small], clients[size], f"{size:,}", f"{small:,}")
    for size in (small, *larger):
        yield _made(made[size].snapshot, f"{size:,}")
    yield _kept(clients[small])


def _client(city: City, home: Path) -> FlaskClient:
    name = f"tiles-{city.size}"
    Dataset(home, name).publish(**parts(city))
    return create_app(Settings(home, name)).test_client()


def _weights(small: FlaskClient, large: FlaskClient, name: str, base: str) -> Iterator[Line]:
    kept = [_page_bytes(client) for client in (large, small)]
    for z in ZOOMS:
        ours, theirs = _screen_bytes(large, z), _screen_bytes(small, z)
        pages = kept[0] + ours, kept[1] + theirs
        ratio = pages[0] / pages[1]
        yield Line(
            ROW,
            f"{name}, zoom {z}: a screen of tiles; the page with it",
            _kilobytes(ours, pages[0]),
            f"{base}: {_kilobytes(theirs, pages[1])}",
            f"{ratio:.2f}x",
            f"≤ {_FLAT:g}x",
            ratio <= _FLAT,
        )


def _kilobytes(screen: float, page: float) -> str:
    return f"{screen / 1000:.1f} kB; {page / 1000:.1f} kB"


def _page_bytes(client: FlaskClient) -> int:
    loaded = [
        assets().url(path)
        for path in assets().stored
        if path.endswith(("js", "css")) and "plain" not in path
    ]
    return sum(_bytes(client, path) for path in ("/", *loaded))


def _screen_bytes(client: FlaskClient, z: int) -> float:
    version = _version(client)
    return mean(
        sum(
            _bytes(client, f"/tiles/{version}/{z}/{x}/{y}.json?at={_QUARTER}")
            for x, y in _screen(lon, lat, z)
        )
        for lon, lat in MIDDLES
    )


def _version(client: FlaskClient) -> str:
    return str(client.get("/readyz").get_json()["dataVersion"])


def _bytes(client: FlaskClient, path: str) -> int:
    reply = client.get(path, headers={"Accept-Encoding": "br"})
    if reply.status_code != 200:
        raise RuntimeError(
            f"a benchmark request was answered {reply.status_code}: {reply.text[:300]!r}"
        )
    return len(reply.data)


def _screen(lon: float, lat: float, z: int) -> Iterator[tuple[int, int]]:
    """The tiles that a screen with this middle shows a part of (EPSG:3857)."""
    across, down = _pixel(lon, lat, z)
    columns, lines = (
        range(int(middle - pixels / 2) // _TILE_PX, int(middle + pixels / 2) // _TILE_PX + 1)
        for middle, pixels in zip((across, down), _SCREEN_PX, strict=True)
    )
    yield from ((x, y) for x in columns for y in lines)


def _pixel(lon: float, lat: float, z: int) -> tuple[float, float]:
    size = _TILE_PX << z
    return (lon + 180.0) / 360.0 * size, (
        1.0 - math.asinh(math.tan(math.radians(lat))) / math.pi
    ) / 2.0 * size


def tile_at(lon: float, lat: float, z: int) -> tuple[int, int]:
    """The tile of a zoom that a point lies in: x, y."""
    across, down = _pixel(lon, lat, z)
    return int(across) // _TILE_PX, int(down) // _TILE_PX


def _made(snapshot: Snapshot, name: str) -> Line:
    """Making a tile that nobody has asked for yet, mean over all zooms and the slowest zoom."""
    minute_hours = snapshot.hours_by_minute.at(AT)
    took = {z: _seconds_a_tile(snapshot, z, minute_hours) for z in ZOOMS}
    slowest = max(took, key=lambda z: took[z])
    return Line(
        ROW,
        f"{name}: one tile made, zooms {ZOOMS[0]}–{ZOOMS[-1]}",
        seconds(mean(took.values())),
        f"zoom {slowest}: {seconds(took[slowest])}",
        "",
        "",
        None,
    )


def _seconds_a_tile(snapshot: Snapshot, z: int, minute_hours: MinuteHours) -> float:
    def screen(lon: float, lat: float) -> None:
        for x, y in _screen(lon, lat, z):
            tile(snapshot, z, x, y, Filter(), minute_hours)

    tiles = mean(len(list(_screen(lon, lat, z))) for lon, lat in MIDDLES)
    return p50_s({"ours": Contender(screen, 9)}, MIDDLES)["ours"] / tiles


def _kept(client: FlaskClient) -> Line:
    """A tile that was asked for before, beside a static file."""
    x, y = next(_screen(*MIDDLES[0], ZOOMS[0]))
    paths = {
        "ours": f"/tiles/{_version(client)}/{ZOOMS[0]}/{x}/{y}.json?at={_QUARTER}",
        "static file": assets().url("favicon.svg"),
    }
    asked = {
        name: Contender(lambda _lon, _lat, path=path: client.get(path), 300)
        for name, path in paths.items()
    }
    took = p50_s(asked, MIDDLES)
    return faster(
        ROW, "a tile asked for again", took["ours"], "static file", took["static file"], 0.8
    )
