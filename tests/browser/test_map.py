"""The map beside the list: the sheet under a thumb, the list and the map as one thing, clusters,
base maps.
"""

import base64
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from app.maps.basemap import base_map
from geodata.space.coordinates import Datum, from_wgs84
from tests import patience
from tests.browser.conftest import BAISHIZHOU, Visit
from tests.browser.looks import until

Open = Callable[..., Visit]

#: One grey pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mOor6//DwAFhAKA2F1uVAAAAABJRU5ErkJggg=="
)
#: Two of the three heights that a sheet rests at on a screen of 844 px; the lowest follows what is
#: in it.
HALF, FULL = 473, 743


def to_the_map(page: Page, site: str) -> None:
    page.goto(site)
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.locator("#flip").tap()
    page.locator(".pin.hit").first.wait_for()


def tap_marker(page: Page, number: int) -> None:
    page.locator(".pin.hit").nth(number).dispatch_event("click")
    expect(page.locator("#sheet")).to_be_visible()


def high(page: Page) -> float:
    """How high the sheet stands when it has come to rest."""
    come = (
        "(sheet) => Promise.allSettled(sheet.getAnimations().map((one) => one.finished)).then(() =>"
        " sheet.offsetHeight)"
    )
    return float(page.locator("#sheet").evaluate(come))


def pull(page: Page, by: int, *, pause_ms: int = 150) -> None:
    box = page.locator(".grip").bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + 10
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - by, steps=4)
    page.wait_for_timeout(pause_ms)
    page.mouse.up()


def test_over_the_map_the_sheet_opens_low_and_a_thumb_pulls_it_through_its_rests(
    visit: Open, site: str
) -> None:
    page = visit().page
    to_the_map(page, site)
    tap_marker(page, 2)
    low = high(page)
    assert 100 < low < 300
    expect(page.locator("#sheet .apps > *").first).to_be_in_viewport(ratio=1)
    pull(page, round(HALF - low) - 20)
    assert high(page) == pytest.approx(HALF, abs=1)
    pull(page, FULL - HALF - 40)
    assert high(page) == pytest.approx(FULL, abs=1)
    expect(page.locator(".grip")).to_have_attribute("aria-expanded", "true")
    pull(page, -FULL + 30)
    expect(page.locator("#sheet")).to_be_hidden()


def test_a_quick_thumb_carries_the_sheet_farther_than_it_went(visit: Open, site: str) -> None:
    page = visit().page
    to_the_map(page, site)
    tap_marker(page, 2)
    low = high(page)
    pull(page, 60, pause_ms=0)
    assert high(page) > low + 100


def test_the_grip_is_a_button_for_keys_and_screen_readers(visit: Open, site: str) -> None:
    page = visit(reduced_motion="reduce").page
    to_the_map(page, site)
    tap_marker(page, 0)
    low, grip = high(page), page.get_by_role("button", name="展开详情")
    expect(grip).to_have_attribute("aria-expanded", "false")
    grip.focus()
    page.keyboard.press("ArrowUp")
    assert high(page) == pytest.approx(HALF, abs=1)
    page.keyboard.press("Enter")
    expect(grip).to_have_attribute("aria-expanded", "true")
    assert high(page) == pytest.approx(FULL, abs=1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert high(page) == pytest.approx(low, abs=1)
    expect(grip).to_be_focused()


def test_a_finger_on_what_is_in_the_sheet_scrolls_it_and_leaves_it_where_it_stands(
    visit: Open, site: str
) -> None:
    page = visit().page
    to_the_map(page, site)
    tap_marker(page, 0)
    page.locator(".grip").tap()
    expect(page.locator("#sheet")).to_contain_text("核实时间")
    before = high(page)
    page.mouse.move(200, 750)
    page.mouse.wheel(0, 200)
    until(page, "() => document.querySelector('#sheet').scrollTop > 0")
    assert high(page) == before


def test_on_a_desk_the_sheet_stands_beside_the_list_without_a_grip(visit: Open, site: str) -> None:
    page = visit(viewport={"width": 1280, "height": 800}, is_mobile=False).page
    page.goto(site)
    page.locator(".pin.hit").first.wait_for()
    page.locator("#list h2 button").first.click()
    expect(page.locator("#sheet .apps")).to_be_visible()
    expect(page.locator(".grip")).to_be_hidden()
    expect(page.locator(".pin.chosen")).to_have_count(1)


def test_a_marker_brings_its_card_into_sight_and_marks_it(visit: Open, site: str) -> None:
    page = visit().page
    to_the_map(page, site)
    tap_marker(page, 6)
    card = page.locator("#list .card").nth(6)
    expect(card).to_have_class(re.compile(r"\bchosen\b"))
    page.go_back()
    expect(page.locator("#sheet")).to_be_hidden()
    expect(card).to_be_in_viewport(ratio=0.9)
    expect(page.locator(".pin.hit").nth(6)).to_be_in_viewport()


def test_a_card_of_the_strip_shows_its_place_on_the_map(visit: Open, site: str) -> None:
    page = visit().page
    to_the_map(page, site)
    page.locator("#list .card").nth(3).locator("h2 button").tap()
    expect(page.locator(".pin.hit").nth(3)).to_have_class(re.compile(r"\bchosen\b"))
    expect(page.locator(".pin.hit").nth(3)).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(page.locator(".pin.chosen")).to_have_count(0)


def test_drawing_the_strip_along_and_the_focus_light_the_marker_of_a_card(
    visit: Open, site: str
) -> None:
    page = visit().page
    to_the_map(page, site)
    page.locator("#list").evaluate(
        "(list) => list.children[4].scrollIntoView({ inline: 'center' })"
    )
    expect(page.locator(".pin.hit").nth(4)).to_have_class(re.compile(r"\blit\b"))
    page.locator("#list h2 button").nth(1).focus()
    expect(page.locator(".pin.hit").nth(1)).to_have_class(re.compile(r"\blit\b"))


def test_another_part_of_the_map_is_searched_by_its_cell_and_the_map_stays(
    visit: Open, site: str
) -> None:
    visited = visit()
    page = visited.page
    to_the_map(page, site)
    here = page.get_by_role("button", name="搜这一带")
    expect(here).to_be_hidden()
    first = page.locator("#list .card").first.get_attribute("data-id")
    page.mouse.move(200, 380)
    page.mouse.down()
    page.mouse.move(60, 620, steps=5)
    page.wait_for_timeout(200)
    page.mouse.up()
    expect(here).to_be_visible()
    drawn = page.locator(".leaflet-map-pane").get_attribute("style")
    with page.expect_response(lambda reply: "/api/v1/nearest/cell/" in reply.url):
        here.tap()
    expect(here).to_be_hidden()
    expect(page.locator("#list .card").first).not_to_have_attribute("data-id", str(first))
    expect(page.locator("#status")).to_contain_text("地图上这一带")
    assert page.locator(".leaflet-map-pane").get_attribute("style") == drawn
    assert [one for one in visited.sent if re.search(r"11[34]\.\d{3}|22\.[45]\d{2}", one)] == []


def zoom_out(page: Page, steps: int) -> None:
    """Tap the map's minus, each time when it stands still again: a map that moves takes no tap."""
    scale = "() => new DOMMatrix(document.querySelector('.leaflet-proxy').style.transform).a"
    still = "() => !document.querySelector('.leaflet-zoom-anim')"
    page.locator(".leaflet-proxy").wait_for(state="attached")
    for _ in range(steps):
        before = page.evaluate(scale)
        page.locator(".leaflet-control-zoom-out").tap()
        page.wait_for_function(f"(before) => ({scale})() < before && ({still})()", arg=before)


def test_a_cluster_says_how_many_are_open_unknown_and_closed(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(f"{site}/?open=any")
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.locator("#flip").tap()
    zoom_out(page, 4)
    page.locator(".pin.many").first.wait_for()
    written = "[...pin.querySelectorAll('b, small')].map((one) => one.textContent)"
    pins = page.locator(".pin.many").evaluate_all(
        f"(pins) => pins.map((pin) => [pin.ariaLabel, ...{written}])"
    )
    assert pins
    for name, *shown in pins:
        told = re.fullmatch(r"(\d+) 处：(\d+) 处营业，(\d+) 处时间未知，(\d+) 处休息", name)
        assert told
        total, is_open, unknown, closed = map(int, told.groups())
        assert total == is_open + unknown + closed
        assert shown == [str(total), f"{is_open} 开", *[f"?{unknown}"][: unknown > 0]]


@contextmanager
def tiles(status: int = 200) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A tile server: its address, and path and referrer of all that it was asked."""
    asked: list[tuple[str, str]] = []

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Referer", "")))
            self.send_response(status)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # a map moved on wants it no more
                self.wfile.write(
                    PNG if status == 200 else b""
                )  # a browser draws what a 404 carries

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


#: Where the middle of `.me` lies on the base map's tile beneath it: zoom, and columns and rows with
#: their fractions.
TILE_UNDER_ME = """() => {
  const me = document.querySelector(".me").getBoundingClientRect();
  const [x, y] = [me.x + me.width / 2, me.y + me.height / 2];
  for (const tile of document.querySelectorAll(".base img")) {
    const box = tile.getBoundingClientRect();
    if (Math.round(box.width) !== 256) continue;  // of the zoom before, going
    if (x < box.left || x >= box.right || y < box.top || y >= box.bottom) continue;
    const [zoom, column, row] = tile.src.match(/\\d+/g).slice(-3).map(Number);
    return [zoom, column + (x - box.left) / 256, row + (y - box.top) / 256];
  }
}"""


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.GCJ02])
def test_a_base_map_lies_where_its_datum_has_the_ground(
    visit: Open, serve: Callable[..., str], demo_home: Path, datum: Datum
) -> None:
    with tiles() as (host, asked):
        site = serve(
            demo_home, "demo", base_map(f"http://{host}/{{z}}/{{x}}/{{y}}|{datum}|© 测试底图", "")
        )
        page = visit(beneath=host).page
        to_the_map(page, site)
        expect(page.locator("#map")).to_have_class(re.compile(r"\bbased\b"))
        expect(page.locator(".credit")).to_contain_text("© 测试底图")
        expect(page.locator(".word.office span").first).to_be_hidden()
        for steps in (0, 2):
            zoom_out(page, steps)
            zoom, column, row = page.wait_for_function(TILE_UNDER_ME).json_value()
            lon, lat = from_wgs84(BAISHIZHOU["longitude"], BAISHIZHOU["latitude"], datum)
            across = (float(lon) + 180) / 360 * 2**zoom
            down = (1 - math.asinh(math.tan(math.radians(float(lat)))) / math.pi) / 2 * 2**zoom
            assert abs(column - across) * 256 < 2.5, "pixels"
            assert abs(row - down) * 256 < 2.5, "pixels"
        page.context.close()
        assert {referrer for _, referrer in asked} == {f"{site}/"}


def test_where_no_tile_loads_the_outlines_stand(
    visit: Open, serve: Callable[..., str], demo_home: Path
) -> None:
    with tiles(status=404) as (host, asked):
        site = serve(demo_home, "demo", base_map(f"http://{host}/{{z}}/{{x}}/{{y}}|wgs84", ""))
        page = visit(beneath=host, expects=("404",)).page
        to_the_map(page, site)
        patience.until(lambda: asked, "a question for a tile")
        expect(page.locator("#map")).not_to_have_class(re.compile(r"\bbased\b"))
        expect(page.locator(".word.office span, .word.landmark span").first).to_be_visible()
        tap_marker(page, 0)
        expect(page.locator("#sheet .apps")).to_be_visible()
        page.context.close()
