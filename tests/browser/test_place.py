"""A place's page and its plate in a real browser: without script, in both themes, with large text,
and on paper.
"""

import math
import re
from collections.abc import Callable, Iterator

import pypdfium2
import pytest
from playwright.sync_api import expect

from geodata.store.files import Dataset
from geodata.vocabulary import Service
from tests import makers
from tests.browser import looks
from tests.browser.conftest import Visit, served

Open = Callable[..., Visit]

NOTHING_HERE = "演示数据：此处并无驿站"
LONG = "驿站" * 400 + "x" * 900 + "<img src=x onerror=alert(1)>\u202e"


@pytest.fixture(scope="module")
def long_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Three places with texts that want to break the page."""
    home = tmp_path_factory.mktemp("long")
    texts = {
        name: [LONG] * 3
        for name in ("name", "name_en", "address", "operator", "opening_hours_text")
    }
    found = makers.frozen(
        makers.three_places(
            **texts, services=[list(Service), [], []], opening_hours=["22:00-06:00", None, None]
        ),
        synthetic=False,
    )
    Dataset(home, "long").publish(found.version, found.about, found.arrays, found.blobs)
    with served(home, "long") as address:
        yield address


def test_without_script_a_second_tap_leads_to_the_map_apps(visit: Open, site: str) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(f"{site}/p/st-00001")
    expect(page.locator(".ways-out a").first).to_be_hidden()
    page.locator(".ways-out summary").tap()
    expect(page.locator(".ways-out")).to_contain_text(NOTHING_HERE)
    expect(page.get_by_text("高德地图")).to_be_visible()
    assert (page.get_by_text("高德地图").get_attribute("href") or "").startswith(
        "https://uri.amap.com/navigation?to=114."
    )
    expect(page.locator("a[href^='tel:']")).to_be_visible()


def test_a_place_leads_to_its_neighbours_its_street_office_and_the_map(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.goto(f"{site}/p/st-00001")
    first = page.locator("[aria-labelledby=nearby] .other").first
    name = first.locator("b").inner_text()
    first.tap()
    expect(page.locator("h1")).to_have_text(name)
    page.go_back()
    page.get_by_text("在地图上看").tap()
    expect(page.locator("#sheet h2")).to_contain_text("演示")


@pytest.mark.parametrize("font_px", [16, 32])
def test_endless_names_and_large_text_keep_the_layout(
    visit: Open, long_site: str, font_px: int
) -> None:
    page = visit().page
    for path in ("station-1", "station-1?lang=en", "street-1"):
        page.goto(f"{long_site}/p/{path}")
        expect(page.locator("h1")).to_have_text(LONG)
        page.evaluate(f"document.documentElement.style.fontSize = '{font_px}px'")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("main img[onerror]").count() == 0


#: Points of 1/72 inch: A4, A5 and A6, and how many plates a page has.
SIZES = {"a4": ((595, 842), 4), "a5": ((420, 595), 1), "a6": ((298, 420), 1)}


@pytest.mark.parametrize("paper", SIZES)
@pytest.mark.parametrize("path", ["/p/st-00001/plate?", "/plates?street=440305003&part=2&"])
def test_each_paper_has_its_plates_and_nothing_of_them_is_cut(
    visit: Open, site: str, path: str, paper: str
) -> None:
    page = visit(viewport={"width": 1000, "height": 1200}, is_mobile=False).page
    page.goto(f"{site}{path}confirm=1&paper={paper}")
    count, (size, most) = page.locator(".plate").count(), SIZES[paper]
    printed = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, print_background=True))
    assert len(printed) == math.ceil(count / most)
    addresses = []
    for sheet in printed:
        assert tuple(map(round, sheet.get_size())) == size
        texts = sheet.get_textpage()
        addresses += re.findall(r"/p/(st|dh|ws|fm|pp)-\d{5}", texts.get_text_bounded())
        boxes = [texts.get_rect(each) for each in range(texts.count_rects())]
        assert boxes
        assert all(left >= 0 and right <= size[0] + 1 for left, _, right, _ in boxes)
        assert all(bottom >= 0 and top <= size[1] + 1 for _, bottom, _, top in boxes)
    assert len(addresses) == count


def test_nothing_of_a_plate_is_cut_off_however_long_its_texts(visit: Open, long_site: str) -> None:
    page = visit(viewport={"width": 800, "height": 1200}, is_mobile=False).page
    page.goto(f"{long_site}/p/station-1/plate")
    plate = page.locator(".plate").bounding_box()
    assert plate is not None
    for part in ("header", ".code-of", ".scan", ".offers", "dl", "footer"):
        box = page.locator(f".plate > {part}").bounding_box()
        assert box is not None
        assert box["y"] >= plate["y"], part
        assert box["y"] + box["height"] <= plate["y"] + plate["height"], part
        assert box["x"] >= plate["x"], part
    code = page.locator(".qr").bounding_box()
    assert code is not None
    assert abs(code["width"] - code["height"]) < 1
    assert code["width"] > 69 / 25.4 * 96  # 69 mm with its quiet zone: an arm's length and more


def test_a_plate_is_black_on_white_in_the_dark_too(visit: Open, site: str) -> None:
    page = visit(color_scheme="dark").page
    page.goto(f"{site}/p/st-00001/plate?confirm=1")
    looks = page.locator(".plate").evaluate(
        "(e) => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    )
    assert looks == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    expect(page.locator(".sample")).to_be_visible()
    turned = "(e) => { const { a, b } = new DOMMatrix(getComputedStyle(e).transform); return Math.atan2(b, a); }"
    assert math.degrees(page.locator(".sample").evaluate(turned)) == pytest.approx(-52)


def test_paper_shows_no_button(visit: Open, site: str) -> None:
    page = visit(locale="zh-CN").page
    page.emulate_media(media="print")
    for path in ("/p/st-00001", "/?street=440305003"):
        page.goto(site + path)
        expect(page.locator("h1")).to_be_visible()
        pressed = "button, .home, .lang, summary.act, .act:not([href^='tel:'])"
        assert page.locator(pressed).filter(visible=True).count() == 0, path


def test_a_plate_that_asks_for_other_paper_than_there_is_stays_one_page(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.goto(f"{site}/p/st-00001/plate?confirm=1")
    assert len(pypdfium2.PdfDocument(page.pdf(format="A6"))) == 1


def test_on_a_phone_a_sheet_of_plates_is_read_one_beneath_the_other(visit: Open, site: str) -> None:
    page = visit(viewport={"width": 360, "height": 616}).page
    page.goto(f"{site}/plates?street=440305003&confirm=1")
    first, second = (page.locator(".plate").nth(each).bounding_box() for each in (0, 1))
    assert first is not None
    assert second is not None
    assert (first["x"], first["width"]) == (second["x"], second["width"])
    assert 330 < first["width"] <= 360
    assert first["y"] + first["height"] <= second["y"]
    assert looks.fits(page)
