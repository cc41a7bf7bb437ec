"""A map that one can stand on: how much of the screen it has, and what stands on it."""

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.looks import enlarge, until

Open = Callable[..., Visit]

#: The part of the screen where the map itself would take a tap, whatever lets taps through.
SHARE: Final = """() => {
  const style = new CSSStyleSheet();
  style.replaceSync("body * { pointer-events: auto !important }");
  document.adoptedStyleSheets = [style];
  let [map, spots] = [0, 0];
  for (let y = 2; y < innerHeight; y += 4)
    for (let x = 2; x < innerWidth; x += 4) {
      spots++;
      map += Boolean(document.elementFromPoint(x, y)?.closest("#map"));
    }
  document.adoptedStyleSheets = [];
  return map / spots;
}"""
#: Pins in sight that lie under anything but the map, and pairs of them on one spot.
UNDER: Final = """() => {
  const box = (one) => one.getBoundingClientRect();
  const seen = [...document.querySelectorAll(".pin")].filter((one) => one.checkVisibility({ visibilityProperty: true }));
  const chrome = [...document.querySelectorAll(".search, .flip, .zoom, .card, .banner, .homeward, #more-filters")].filter((one) => one.checkVisibility());
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return seen.filter((pin) => chrome.some((one) => meet(box(pin.firstElementChild), box(one)))).length;
}"""
TOGETHER: Final = """() => {
  const seen = [...document.querySelectorAll(".pin")].filter((one) => one.checkVisibility({ visibilityProperty: true }));
  const spots = seen.map((pin) => pin.firstElementChild.getBoundingClientRect()).map((box) => [box.x + box.width / 2, box.y + box.height / 2]);
  return spots.filter(([x, y], n) => spots.slice(n + 1).some(([a, b]) => Math.hypot(a - x, b - y) < 15)).length;
}"""
COVERED_NAMES: Final = """() => {
  const shown = (one) => one.checkVisibility({ visibilityProperty: true });
  const boxes = (names) => [...document.querySelectorAll(names)].filter(shown).map((one) => (one.firstElementChild || one).getBoundingClientRect());
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const pins = boxes(".pin");
  return boxes(".word").filter((word) => pins.some((pin) => meet(word, pin))).length;
}"""


#: Lines of the card that are cut at their foot, by themselves or by the card.
CUT: Final = """() => {
  const card = document.querySelector("#list .card[data-id]");
  const ends = card.getBoundingClientRect().bottom;
  return ["h2", ".verdict", ".far"].filter((name) => {
    const line = card.querySelector(name);
    return line.scrollHeight > line.clientHeight || line.getBoundingClientRect().bottom > ends;
  });
}"""


def on_the_map(page: Page, site: str) -> None:
    page.goto(site)
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.locator("#flip").tap()
    page.locator(".pin.tile, .pin.many").first.wait_for(state="attached")
    until(page, f"() => ({UNDER})() + ({TOGETHER})() === 0")


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize(("width", "height", "least"), [(360, 616, 0.60), (320, 568, 0.45)])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_most_of_the_screen_is_map(
    visit: Open, site: str, width: int, height: int, least: float, percent: int, language: str
) -> None:
    page = visit(viewport={"width": width, "height": height}, locale=language).page
    on_the_map(page, site)
    enlarge(page, percent)
    assert page.evaluate(SHARE) >= least
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    card = page.locator("#list .card").first
    expect(card).to_be_in_viewport(ratio=0.95)
    assert (box := card.bounding_box())
    assert box["height"] == pytest.approx(80, abs=1) or percent == 200
    assert page.evaluate(CUT) == []


def test_pins_stand_apart_clear_of_all_else_and_say_for_how_many(visit: Open, site: str) -> None:
    page = visit(viewport={"width": 360, "height": 616}).page
    on_the_map(page, site)
    assert page.evaluate(UNDER) == page.evaluate(TOGETHER) == page.evaluate(COVERED_NAMES) == 0
    for _ in range(2):
        page.locator(".leaflet-control-zoom-out").tap()
        page.wait_for_timeout(400)
    page.locator(".pin[data-more]").first.wait_for()
    until(page, f"() => ({UNDER})() + ({TOGETHER})() + ({COVERED_NAMES})() === 0")
    joined = page.locator(".pin.hit[data-more]").first
    joined.dispatch_event("click")
    expect(page.locator("#sheet")).to_be_visible()
    first = page.locator("#sheet-name").inner_text()
    page.locator(".pin.hit[data-more]").first.dispatch_event("click")
    expect(page.locator("#sheet-name")).not_to_have_text(first)


def test_an_arrow_with_metres_leads_back_to_oneself(visit: Open, site: str) -> None:
    page = visit(viewport={"width": 360, "height": 616}).page
    on_the_map(page, site)
    home = page.locator(".homeward")
    expect(home).to_be_hidden()
    for _ in range(2):
        page.mouse.move(60, 300)
        page.mouse.down()
        page.mouse.move(330, 320, steps=5)
        page.wait_for_timeout(200)
        page.mouse.up()
    expect(home).to_be_visible()
    expect(home).to_contain_text("m")
    expect(home).to_be_in_viewport(ratio=1)
    home.tap()
    expect(home).to_be_hidden()
    expect(page.locator(".me")).to_be_in_viewport(ratio=1)


def test_the_first_visit_opens_the_list_and_the_last_view_is_remembered(
    visit: Open, site: str
) -> None:
    page = visit(viewport={"width": 360, "height": 616}).page
    page.goto(site)
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    expect(page.locator("#ground")).to_be_hidden()
    page.locator("#flip").tap()
    page.wait_for_function("() => history.state?.layers?.includes('map')")
    page.reload()
    expect(page.locator(".pin.hit").first).to_be_attached()
    expect(page.locator("#ground")).to_be_visible()
    page.locator("#flip").tap()
    expect(page.locator("#ground")).to_be_hidden()  # the way back is a step of the browser's own
    page.reload()
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    expect(page.locator("#ground")).to_be_hidden()


#: Where the first card stands, in one look.
CARD_BOX = """() => {
  const box = document.querySelector("#list .card")?.getBoundingClientRect();
  return box?.width && { x: box.x, width: box.width };
}"""


def test_on_its_side_a_phone_has_the_list_beside_the_map(visit: Open, site: str) -> None:
    page = visit(viewport={"width": 740, "height": 360}).page
    page.goto(site)
    page.locator(".pin.hit").first.wait_for()
    expect(page.locator("#flip")).to_be_hidden()
    card, ground = page.locator("#list .card").first, page.locator("#ground")
    expect(card).to_be_in_viewport()
    # A list that is drawn anew meanwhile, as notices come in, leaves its cards without a box.
    left = page.wait_for_function(CARD_BOX).json_value()
    assert (right := ground.bounding_box())
    assert left["x"] + left["width"] <= right["x"]
    assert right["width"] * right["height"] >= 0.45 * 740 * 360
    page.locator("#list h2 button").first.tap()
    expect(page.locator("#sheet .apps")).to_be_visible()
    expect(ground).to_be_in_viewport(ratio=1)
    assert (sheet := page.locator("#sheet").bounding_box())
    assert sheet["x"] + sheet["width"] <= right["x"]
