"""That everyone can use every page: with a screen reader, a keyboard, large text, in the dark, in
both languages.
"""

import re
from collections.abc import Callable
from typing import Final, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looks
from tests.browser.conftest import Visit

Open = Callable[..., Visit]

LOCALES = ("zh-CN", "en-GB")
SCHEMES: Final[tuple[Literal["light"], Literal["dark"]]] = ("light", "dark")


def a_list(page: Page, site: str) -> None:
    page.goto(f"{site}/?needs=water&open=any")
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.locator("#more button").tap()
    expect(page.locator("#list .card[data-id]")).to_have_count(50)


def a_map(page: Page, site: str) -> None:
    page.goto(site)
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.locator("#flip").tap()
    page.locator(".pin.hit").first.wait_for()


def a_sheet(page: Page, site: str) -> None:
    page.goto(f"{site}/?place=st-00007")
    expect(page.locator("#sheet dt")).not_to_have_count(0)


def nothing(page: Page, site: str) -> None:
    page.route(
        "**/cell/**", lambda route: route.fulfill(json={**route.fetch().json(), "places": []})
    )
    page.goto(f"{site}/?needs=water")
    expect(page.locator("#notice button").first).to_be_visible()


def at(path: str) -> Callable[[Page, str], None]:
    """A page that needs no script, with all that folds unfolded."""

    def show(page: Page, site: str) -> None:
        page.goto(site + path)
        for summary in page.locator("summary").all()[:6]:
            summary.tap()

    return show


#: Pages of which a phone shows a part at a time: paper has its own size.
PAPER = {
    "plate": at("/p/st-00001/plate?confirm=1"),
    "plate of a driver home": at("/p/dh-00001/plate?confirm=1"),
    "plate of a street": at("/p/ws-00001/plate?confirm=1"),
    "plates": at("/plates?street=440305003&confirm=1"),
}
STATES = {
    "list": a_list,
    "map": a_map,
    "sheet": a_sheet,
    "nothing found": nothing,
    "station": at("/p/st-00001"),
    "driver home": at("/p/dh-00001"),
    "street": at("/p/ws-00001"),
    "merchant": at("/p/fm-00004"),
    "question before a plate": at("/p/st-00001/plate"),
    "street office": at("/?street=440305003"),
    "street offices": at("/?street="),
    "docs": at("/docs"),
    "coverage": at("/coverage?needs=water&reach_m=500"),
    "coverage in minutes": at("/coverage?kinds=warm_bee_station&minutes=10&mode=ride"),
}
EVERY = {**STATES, **PAPER}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("state", EVERY)
def test_nothing_serious_stands_in_anyones_way_by_day_or_night_or_in_large_text(
    visit: Open, site: str, state: str, locale: str
) -> None:
    page = visit(locale=locale).page
    EVERY[state](page, site)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert looks.barriers(page) == [], scheme
        assert looks.pale(page) == [], scheme
    assert looks.small(page) == []
    if state in STATES:  # on the narrowest phone
        page.set_viewport_size({"width": 320, "height": 640})
        assert looks.fits(page)
        looks.enlarge(page, 200)
        assert looks.fits(page)
        assert looks.small(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("percent", [100, 200])
def test_large_text_keeps_the_layout_of_the_list_by_day_and_night(
    visit: Open, site: str, scheme: str, percent: int
) -> None:
    page = visit(color_scheme=scheme).page
    a_list(page, site)
    looks.enlarge(page, percent)
    assert looks.fits(page)
    assert looks.small(page) == []


def test_a_missing_page_stands_in_nobodys_way(visit: Open, site: str) -> None:
    page = visit(expects=("404",)).page
    page.goto(f"{site}/p/nowhere")
    assert looks.barriers(page) == []
    assert looks.pale(page) == []


def test_a_screen_reader_meets_the_question_then_the_list_then_the_map(
    visit: Open, site: str
) -> None:
    page = visit(viewport={"width": 1280, "height": 800}, is_mobile=False).page
    page.goto(site)
    page.locator(".pin.hit").first.wait_for()
    expect(page.locator("body")).to_match_aria_snapshot(
        """
        - note:
          - strong: /演示数据/
        - main:
          - heading "暖蜂" [level=1]
          - search:
            - searchbox
            - button "查找我附近"
          - group /需要/:
            - button "歇脚"
            - button "喝水"
          - status: /最近/
          - region /最近/:
            - list:
              - listitem:
                - heading [level=2]
        - region "地图"
        """
    )


def test_what_was_found_is_said_aloud_and_so_is_what_was_not(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(site)
    said = page.get_by_role("status").first
    expect(said).to_have_text(re.compile(r"\d"))
    page.route(
        "**/cell/**", lambda route: route.fulfill(json={**route.fetch().json(), "places": []})
    )
    page.locator("[data-need=water]").tap()
    expect(page.locator("#notice button").first).to_be_visible()
    expect(page.locator("#notice").get_by_role("heading")).to_be_visible()
    page.unroute_all(behavior="wait")  # no answer is still being written when the phone closes


def test_who_asks_for_less_motion_sees_none(visit: Open, site: str) -> None:
    page = visit(reduced_motion="reduce").page
    page.goto(site)
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.locator("#list h2 button").first.tap()
    expect(page.locator("#sheet")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_way_from_the_list_to_a_place_and_back_needs_no_pointer(visit: Open, site: str) -> None:
    page = visit(viewport={"width": 1280, "height": 800}, is_mobile=False, has_touch=False).page
    page.goto(site)
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#list")).to_be_focused()
    name = page.locator("#list h2 button").first
    for _ in range(6):
        page.keyboard.press("Tab")
        if name.evaluate("(e) => e === document.activeElement"):
            break
    expect(name).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#sheet-name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(name).to_be_focused()
