"""`make screenshots`: the pictures of app/pages/README.md; all but the map the same to the byte
each time. Tests nothing.

It is 2:05 on a Saturday morning in 白石洲: the server, the phone and the dates of replies are told
so."""

import base64
import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from wsgiref.handlers import format_date_time

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from geodata.ground import build, reading
from geodata.pipeline import recipes
from geodata.sources.demo import streets
from geodata.store.files import BaseMapStore, Dataset
from tests.browser import desk_pictures, looks
from tests.browser.conftest import BAISHIZHOU, FLAGS, PHONE, served
from tests.makers import TIMEZONE

FOLDER: Final = Path(__file__).parents[2] / "app" / "pictures"
NOW: Final = datetime(2026, 11, 21, 2, 5, tzinfo=TIMEZONE)
SCALE: Final = 1.5
#: Of WebP, which Playwright itself does not write: a list is 157 kB as PNG.
QUALITY: Final = 85
#: The map lets a view rest before it asks for tiles, and draws them one by one.
TILES_MS: Final = 2_000
MOST_BYTES: Final = 150_000


def stands(page: Page) -> None:
    """The list, or why there is none."""
    expect(page.locator("#list .card[data-id], #notice h2").first).to_be_visible()


def to_the_map(page: Page) -> None:
    """The places of the list on the map, and those around them."""
    stands(page)
    page.locator("#flip").click()
    expect(page.locator("#map .pin.hit").first).to_be_visible()
    page.wait_for_timeout(TILES_MS)
    page.clock.set_fixed_time(NOW + timedelta(seconds=2))  # tiles fade in by the clock
    page.wait_for_timeout(TILES_MS)


def open_the_first(page: Page) -> None:
    """All that is known of the nearest place."""
    stands(page)
    with page.expect_response("**/api/v1/places/*"):
        page.locator(
            "#list h2 button"
        ).first.click()  # a tap would leave its own shade on the picture
    expect(page.locator("#sheet dt")).not_to_have_count(2)


def what_to_drop(page: Page) -> None:
    """No place, and what each filter left out would yield."""
    expect(page.locator("#notice button").first).to_be_visible()


def lose_the_network(page: Page) -> None:
    """The phone is asked for water when the city lies on it already and the network is gone."""
    stands(page)
    looks.until(page, "caches.match('/api/v1/pack').then(Boolean)")
    page.unroute_all(behavior="wait")
    page.context.set_offline(True)
    page.locator("[data-need=water]").click()
    expect(page.locator(".aged")).to_be_visible()
    stands(page)


def enlarge(page: Page) -> None:
    """Text of twice the size."""
    stands(page)
    looks.enlarge(page, 200)


@dataclass(frozen=True, slots=True)
class Picture:
    """What is opened, what is done there, and how the phone is set."""

    path: str
    do: Callable[[Page], None] = stands
    phone: Mapping[str, Any] = field(default_factory=dict)


PICTURES: Final[Mapping[str, Picture]] = {
    "list": Picture("/"),
    "map": Picture("/?needs=water", to_the_map),
    "sheet": Picture("/?needs=water", open_the_first),
    "empty": Picture("/?needs=talk&kinds=driver_home&max_distance_m=2000", what_to_drop),
    "offline": Picture("/", lose_the_network),
    "dark": Picture("/?needs=rest", phone={"color_scheme": "dark"}),
    "english": Picture("/?needs=water", phone={"locale": "en-GB"}),
    "large-text": Picture("/", enlarge),
    "place": Picture("/p/st-00001", lambda page: expect(page.locator("h1")).to_be_visible()),
}


def take(browser: Browser, site: str, picture: Picture, file: Path) -> None:
    """One picture. Raises SystemExit where it is too large for a README."""
    set_as = {
        "viewport": PHONE,
        "device_scale_factor": SCALE,
        "is_mobile": True,
        "has_touch": True,
        "locale": "zh-CN",
    }
    located = {
        "geolocation": BAISHIZHOU,
        "permissions": ["geolocation"],
        "reduced_motion": "reduce",
    }
    with browser.new_context(**{**set_as, **located, **picture.phone}) as context:
        page = context.new_page()
        page.clock.set_fixed_time(NOW)
        page.route("**/api/**", dated)
        page.goto(site + picture.path)
        picture.do(page)
        page.wait_for_load_state("networkidle")
        page.unroute_all(behavior="wait")
        shot = context.new_cdp_session(page).send(
            "Page.captureScreenshot", {"format": "webp", "quality": QUALITY}
        )
        file.write_bytes(base64.b64decode(shot["data"]))
    if file.stat().st_size > MOST_BYTES:
        raise SystemExit(
            f"{file} has {file.stat().st_size:,} bytes; at most {MOST_BYTES:,} belong into a README"
        )


def dated(route: Route) -> None:
    """The server's reply as of NOW: the phone goes by its date."""
    reply = route.fetch()
    route.fulfill(
        response=reply, headers={**reply.headers, "date": format_date_time(NOW.timestamp())}
    )


def main() -> None:
    """All pictures, over a demo city of its own."""
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("there is no chromium here; apt-get install chromium fonts-noto-cjk")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    FOLDER.mkdir(exist_ok=True)
    frozen = recipes.demo("demo")
    with tempfile.TemporaryDirectory(prefix="nuanfeng-pictures-") as home:
        Dataset(Path(home), "demo").publish(
            frozen.version, frozen.about, frozen.arrays, frozen.blobs
        )
        with streets.extract() as extract:
            drawing = reading.read(extract, lambda _: None)
        BaseMapStore(Path(home), "demo").publish_built(build.build(drawing, "demo", lambda _: None))
        with (
            patch("app.request.queries.now", lambda: NOW),
            served(Path(home), "demo") as site,
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS) as browser,
        ):
            for name, picture in PICTURES.items():
                take(browser, site, picture, FOLDER / f"{name}.webp")
            desk_pictures.take(browser, FOLDER, desk_pictures.PHONE, desk_pictures.TASKS)


if __name__ == "__main__":
    main()
