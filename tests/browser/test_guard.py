"""Where scripts do not run, or come late, or in part: the page says so, leads on, and mends itself
when they come.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.test_ahead import LOST, MAIN, NO_ANSWER, REST, first_card, hold

Open = Callable[..., Visit]

MAP = re.compile(r"/js/map/map\.js(\?\d+)?$")
#: Timers of this length and longer go off at once: what guard.js waits for a script.
IMPATIENT = (
    "{ const later = setTimeout; self.setTimeout = (act, ms) => later(act, ms >= 20000 ? 0 : ms); }"
)


def failed(page: Page) -> Locator:
    return page.locator(".failed")


@pytest.mark.parametrize(
    ("language", "words"), [("zh-CN", "这里无法显示列表"), ("en", "The list cannot be shown here")]
)
def test_a_script_that_fails_is_told_in_the_pages_language(
    visit: Open, site: str, language: str, words: str
) -> None:
    visited = visit()
    page = visited.page
    page.route(
        MAIN,
        lambda route: route.fulfill(body="const unfinished = {", content_type="text/javascript"),
    )
    page.goto(f"{site}/?lang={language}")
    expect(failed(page)).to_be_visible()
    expect(failed(page)).to_contain_text(words)
    expect(page.locator(".bone").first).to_be_hidden()
    assert visited.said == ["Unexpected end of input"]
    visited.said.clear()
    page.locator(".failed .act.main").tap()
    expect(page).to_have_url(re.compile(rf"/\?street=&lang={language}$"))


def test_a_script_that_comes_late_takes_the_message_away(visit: Open, site: str) -> None:
    page = visit().page
    page.add_init_script(IMPATIENT)
    held: list[Route] = hold(page, MAIN)
    page.goto(site, wait_until="commit")
    expect(failed(page)).to_be_visible()
    held[0].continue_()
    first_card(page)
    expect(failed(page)).to_be_hidden()
    expect(page.locator("#needs")).to_be_visible()


def test_a_browser_that_knows_no_modules_is_told_at_once(visit: Open, site: str) -> None:
    page = visit().page
    page.add_init_script("delete HTMLScriptElement.prototype.noModule;")
    hold(page, MAIN)
    page.goto(site, wait_until="commit")
    expect(failed(page)).to_be_visible()


def test_without_scripts_nothing_stands_there_that_would_need_them(visit: Open, site: str) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(f"{site}/?lang=en")
    for part in (".bone", ".needs", ".chips", ".search", ".flip"):
        expect(page.locator(part).first).to_be_hidden()
    page.locator(".failed .act.main").tap()
    expect(page).to_have_url(re.compile(r"\?street=&lang=en$"))


@pytest.mark.parametrize(
    ("control", "opens"),
    [
        ("#list h2 button >> nth=0", "#sheet"),
        ("#more-filters", ".drawer[open]"),
        ("#who", ".drawer[open]"),
    ],
    ids=["a place", "filters", "who"],
)
def test_a_control_whose_part_failed_to_come_works_at_the_next_tap(
    visit: Open, site: str, control: str, opens: str
) -> None:
    page = visit(expects=(LOST,)).page
    page.route(REST, lambda route: route.abort())
    page.goto(site)
    first_card(page)
    page.locator(control).tap()
    expect(page.locator("#status")).to_have_text(NO_ANSWER)
    page.locator(control).tap()  # lost again: also the second address
    expect(page.locator("#status")).to_have_text(NO_ANSWER)
    page.unroute(REST)
    page.locator(control).tap()
    expect(page.locator(opens)).to_be_visible()


def test_the_search_box_finds_after_its_part_failed_to_come(visit: Open, site: str) -> None:
    page = visit(expects=(LOST,)).page
    page.route(REST, lambda route: route.abort())
    page.goto(site)
    first_card(page)
    page.locator("#q").tap()
    expect(page.locator("#status")).to_have_text(NO_ANSWER)
    page.unroute(REST)
    page.locator("#q").fill("白石洲")
    expect(page.locator("#found button").first).to_be_visible()


@pytest.mark.parametrize("lost", [MAP, re.compile(r"/leaflet\.js$"), re.compile(r"/leaflet\.css$")])
def test_the_map_comes_at_the_next_tap_after_a_part_of_it_failed_to(
    visit: Open, site: str, lost: re.Pattern[str]
) -> None:
    page = visit(expects=(LOST,)).page
    page.route(lost, lambda route: route.abort())
    page.goto(site)
    first_card(page)
    expect(page.locator("#status")).to_have_text("地图暂时加载不了，列表可以照常使用。")
    page.unroute(lost)
    page.locator("#flip").tap()
    expect(page.locator(".pin.hit")).to_have_count(20)


def test_ways_on_are_offered_although_the_part_that_tries_them_failed_to_come(
    visit: Open, site: str
) -> None:
    page = visit(expects=(LOST,)).page
    page.route(REST, lambda route: route.abort())
    page.goto(f"{site}/?kinds=driver_home&max_distance_m=100")
    expect(page.locator("#notice p")).to_have_text(NO_ANSWER)
    expect(page.locator("#notice a.act")).to_be_visible()


NO_DIALOGS = (
    "delete HTMLDialogElement.prototype.showModal; delete HTMLDialogElement.prototype.close;"
)


def test_a_browser_without_dialogs_shows_and_hides_them_all_the_same(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.add_init_script(NO_DIALOGS)
    page.goto(site)
    first_card(page)
    page.locator("#more-filters").tap()
    expect(page.locator(".drawer")).to_be_visible()
    page.locator(".drawer .sheet-top .round").tap()
    expect(page.locator(".drawer")).to_be_hidden()
    page.locator("#list .go").first.tap()
    expect(page.locator("#nowhere")).to_be_visible()
    page.locator("#go-back").tap()
    expect(page.locator("#nowhere")).to_be_hidden()
