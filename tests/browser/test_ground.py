"""The base map of our own on a phone: streets and names, sharp, in two languages, without a network
as far as the rider wants it.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from geodata.ground import build, reading
from geodata.sources.demo import streets
from geodata.store.files import BaseMapStore
from tests.browser.conftest import Visit
from tests.browser.looks import until

Open = Callable[..., Visit]
Serve = Callable[[Path, str], str]

#: 科技园, in the middle of what the demo city's extract holds.
CORNER = {"longitude": 113.9465, "latitude": 22.5445, "accuracy": 35}
SCREEN = {"width": 360, "height": 616}
#: The map alone, as large as the screen.
ALONE = """() => {
  const style = new CSSStyleSheet();
  style.replaceSync(`.asking, .banner, .flip { display: none !important }
    .ground { position: fixed !important; top: 0; right: 0; bottom: 0; left: 0 }`);
  document.adoptedStyleSheets = [style];
  dispatchEvent(new Event("resize"));
}"""
#: The zoom of the map, by what Leaflet itself scales.
ZOOM = """() => Math.round(
  Math.log2(document.querySelector(".leaflet-proxy").style.transform.split("scale(")[1].slice(0, -1))
) + 1"""
NAMED = """([streets, places]) => {
  const { dataset } = document.querySelector(".ground-names");
  return +dataset.streets >= streets && +dataset.streets + +dataset.places >= streets + places;
}"""
KEPT = """async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)"""


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("ground")
    shutil.copytree(demo_home / "datasets" / "demo", home / "datasets" / "demo")
    with streets.extract() as extract:
        drawing = reading.read(extract, lambda _: None)
    BaseMapStore(home, "demo").publish_built(build.build(drawing, "demo", lambda _: None))
    return home


@pytest.fixture
def ground(home: Path, serve: Serve) -> str:
    return serve(home, "demo")


def to_the_map(page: Page, address: str, zoom: int) -> None:
    page.goto(address)
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.locator("#flip").tap()
    page.locator(".pin.hit").first.wait_for()
    page.evaluate(ALONE)
    page.locator(".ground-names[data-places]").wait_for(state="attached")
    while (now := page.evaluate(ZOOM)) != zoom:
        page.locator(f".leaflet-control-zoom-{'in' if now < zoom else 'out'}").click()
        until(page, f"() => ({ZOOM})() !== {now}")


@pytest.mark.parametrize(("zoom", "streets_", "places"), [(15, 12, 6), (17, 2, 6)])
def test_one_knows_by_names_where_one_is(
    visit: Open, ground: str, zoom: int, streets_: int, places: int
) -> None:
    page = visit(geolocation=CORNER, viewport=SCREEN).page
    to_the_map(page, f"{ground}/?lang=zh-CN", zoom)
    page.wait_for_function(NAMED, arg=[streets_, places])


def test_the_far_map_is_kept_and_the_near_one_only_when_asked_for(visit: Open, ground: str) -> None:
    page = visit(geolocation=CORNER).page
    to_the_map(page, f"{ground}/?lang=zh-CN", 16)
    page.wait_for_function(
        "async () => (await (await caches.open('ground-far')).keys()).length > 8"
    )
    zooms = {int(url.split("/")[-3]) for url in page.evaluate(KEPT, "ground-far")}
    assert zooms <= set(range(8, 13))
    assert page.evaluate("caches.has('ground-near')") is False


def test_the_offline_map_is_a_switch_that_empties_it(visit: Open, ground: str) -> None:
    page = visit(geolocation=CORNER).page
    page.goto(f"{ground}/?lang=en")
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.locator("#who").tap()
    switch = page.get_by_role("button", name="Keep the map around where I was")
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.tap()
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    page.locator("#flip").tap()
    page.wait_for_function(
        "async () => (await (await caches.open('ground-near')).keys()).length > 1"
    )
    page.locator("#flip").tap()
    page.locator("#who").tap()
    switch.tap()
    expect(switch).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("caches.has('ground-near')") is False


def test_privacy_says_what_is_kept(visit: Open, ground: str) -> None:
    page = visit().page
    page.goto(f"{ground}/privacy?lang=en")
    expect(page.get_by_text("at most 2 MB of the map")).to_be_visible()
