"""What the page does before its script has come, and before all of it has: nothing twice, and
nothing unasked.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visit

Open = Callable[..., Visit]

CELL = re.compile(r"/api/v1/nearest/cell/")
MAIN = re.compile(r"/js/main\.js$")
REST = re.compile(r"/js/beside\.js(\?\d+)?$")
LOST = "Failed to load resource"
NO_ANSWER = "网络没有响应，请稍后再试。"


def asked_cells(visited: Visit) -> list[str]:
    return [one.split(" ", 1)[0] for one in visited.sent if CELL.search(one)]


def hold(page: Page, files: re.Pattern[str]) -> list[Route]:
    """What is asked of these files, and not answered until the test lets it go on."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(files, keep)
    return held


def first_card(page: Page) -> None:
    expect(page.locator("#list")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#list .card[data-id]")).to_have_count(20)


def test_the_list_is_asked_for_while_the_script_is_on_its_way(visit: Open, site: str) -> None:
    visited = visit()
    page = visited.page
    held = hold(page, MAIN)
    with page.expect_request(CELL):
        page.goto(site, wait_until="commit")
    expect(page.locator("#list .bone").first).to_be_visible()
    held[0].continue_()
    first_card(page)
    assert len(asked_cells(visited)) == 1


def test_the_first_list_opens_no_table_of_time_zones(visit: Open, site: str) -> None:
    page = visit().page
    page.add_init_script("""const own = Intl.DateTimeFormat;
      self.opened = [];
      Intl.DateTimeFormat = function (...given) {
        opened.push(given[1]?.timeZone);
        return new own(...given);
      };""")
    page.goto(site)
    first_card(page)
    assert page.evaluate("opened") == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?needs=water,rest&open=24h",
        "?open=at_arrival&stay_min=30&door=qr,unknown",
        "?max_distance_m=10000",
    ],
)
@pytest.mark.parametrize("who", ["", "truck_driver"])
def test_what_is_asked_ahead_is_what_the_script_would_ask(
    visit: Open, site: str, query: str, who: str
) -> None:
    visited = visit()
    visited.page.add_init_script(f"localStorage.setItem('nuanfeng.who', '{who}')")
    visited.page.goto(f"{site}/{query}")
    expect(visited.page.locator("#list")).to_have_attribute("aria-busy", "false")
    assert visited.page.evaluate("self.ahead.path") is None, "taken up by the script"
    first, *others = asked_cells(visited)
    assert first not in others


def test_who_has_not_agreed_is_asked_nothing_ahead(visit: Open, site: str) -> None:
    visited = visit(located=False)
    visited.page.goto(site)
    expect(visited.page.locator("#notice button").first).to_be_visible()
    assert asked_cells(visited) == []


def test_what_failed_ahead_is_told_and_asked_anew(visit: Open, site: str) -> None:
    visited = visit(expects=(LOST,))
    page = visited.page
    page.route(CELL, lambda route: route.abort(), times=1)
    page.goto(site)
    page.get_by_role("button", name="重试").tap()
    first_card(page)
    assert len(asked_cells(visited)) == 2


def test_a_place_tapped_before_the_rest_has_come_opens_when_it_comes(
    visit: Open, site: str
) -> None:
    page = visit().page
    held = hold(page, REST)
    page.goto(site)
    first_card(page)
    page.locator("#list h2 button").first.tap()
    page.wait_for_timeout(200)
    expect(page.locator("#sheet")).to_be_hidden()
    for route in held:
        route.continue_()
    expect(page.locator("#sheet-name")).to_have_text(
        page.locator("#list h2 button").first.inner_text()
    )


def test_a_place_tapped_where_the_rest_cannot_be_had_says_why(visit: Open, site: str) -> None:
    page = visit(expects=(LOST,)).page
    page.route(REST, lambda route: route.abort())
    page.goto(site)
    first_card(page)
    page.locator("#list h2 button").first.tap()
    expect(page.locator("#status")).to_have_text(NO_ANSWER)
    expect(page.locator("#list .card[data-id]")).to_have_count(20)
