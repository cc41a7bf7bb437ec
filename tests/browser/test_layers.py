"""What lies over the list is taken off one by one by going back: the map, a place, a drawer, what
was found; and a reload keeps it.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

Open = Callable[..., Visit]


def start(visit: Open, site: str) -> Page:
    """The list of a phone, with all of the page's scripts."""
    page = visit(viewport={"width": 360, "height": 616}).page
    page.goto(site)
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    return page


def lies(page: Page) -> set[str]:
    """Which layers are in sight."""
    found: list[str] = page.evaluate(
        """() => [document.body.dataset.view === "map" && "map",
             !document.querySelector("#sheet").hidden && "sheet",
             document.querySelector("dialog.drawer[open]") && "drawer",
             !document.querySelector("#found").hidden && "search"].filter(Boolean)"""
    )
    return set(found)


def back(page: Page) -> None:
    """As the phone's own button does."""
    before = page.evaluate("JSON.stringify(history.state)")
    page.evaluate("setTimeout(() => history.back())")
    page.wait_for_function("(before) => JSON.stringify(history.state) !== before", arg=before)


def test_going_back_takes_off_the_sheet_then_the_map(visit: Open, site: str) -> None:
    page = start(visit, site)
    page.locator("#flip").tap()
    page.locator(".pin.hit").first.wait_for()
    page.wait_for_function("history.state?.layers?.includes('map')")
    page.locator("#list h2 button").first.tap()
    expect(page.locator("#sheet")).to_be_visible()
    assert lies(page) == {"map", "sheet"}
    back(page)
    expect(page.locator("#sheet")).to_be_hidden()
    assert lies(page) == {"map"}
    back(page)
    expect(page.locator("#needs")).to_be_visible()
    assert lies(page) == set()


def test_going_back_takes_off_a_drawer_and_nothing_else(visit: Open, site: str) -> None:
    page = start(visit, site)
    page.locator("[data-need=water]").tap()
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.locator("#more-filters").tap()
    expect(page.locator("dialog.drawer")).to_be_visible()
    back(page)
    expect(page.locator("dialog.drawer")).to_be_hidden()
    expect(page.locator("[data-need=water]")).to_have_attribute("aria-pressed", "true")
    back(page)
    expect(page.locator("[data-need=water]")).to_have_attribute("aria-pressed", "false")


def test_a_filter_of_a_drawer_is_taken_back_by_one_step(visit: Open, site: str) -> None:
    page = start(visit, site)
    page.locator("#more-filters").tap()
    page.locator("dialog [name=reach_m][value='1000']").check(force=True)
    page.locator("dialog .main").tap()
    page.wait_for_url("**max_distance_m=1000**")
    assert lies(page) == set()
    page.evaluate("history.back()")
    page.wait_for_url(lambda url: "max_distance_m" not in url)
    assert lies(page) == set()


def test_going_back_takes_off_what_was_found_and_leaves_the_list(visit: Open, site: str) -> None:
    page = start(visit, site)
    page.locator("#q").fill("科技")
    expect(page.locator("#found button").first).to_be_visible()
    back(page)
    expect(page.locator("#found")).to_be_hidden()
    expect(page.locator("#list .card[data-id]").first).to_be_visible()


def test_a_reload_keeps_the_sheet_and_going_back_still_takes_it_off(visit: Open, site: str) -> None:
    page = start(visit, site)
    page.locator("#list h2 button").first.tap()
    expect(page.locator("#sheet")).to_be_visible()
    name = page.locator("#sheet-name").inner_text()
    page.reload()
    expect(page.locator("#sheet-name")).to_have_text(name)
    back(page)
    expect(page.locator("#sheet")).to_be_hidden()
    assert "place=" not in page.url


def test_what_is_closed_by_its_cross_leaves_no_step_behind(visit: Open, site: str) -> None:
    page = start(visit, site)
    page.locator("#flip").tap()
    page.wait_for_function("history.state?.layers?.includes('map')")
    page.locator("#list h2 button").first.tap()
    expect(page.locator("#sheet")).to_be_visible()
    page.locator("#sheet [aria-label=关闭]").tap()
    expect(page.locator("#sheet")).to_be_hidden()
    page.locator("#flip").tap()
    expect(page.locator("#needs")).to_be_visible()
    page.wait_for_function("!history.state?.layers?.length")
    assert lies(page) == set()


@pytest.mark.parametrize(
    ("opens", "shuts"),
    [
        ("#flip", "#flip"),
        ("#list h2 button", "#sheet [aria-label=关闭]"),
        ("#more-filters", "dialog.drawer[open] [aria-label=关闭]"),
    ],
    ids=["map", "sheet", "drawer"],
)
@pytest.mark.parametrize("taps", [2, 3])
def test_who_taps_more_than_once_to_shut_a_layer_stays_on_the_page(
    visit: Open, site: str, opens: str, shuts: str, taps: int
) -> None:
    page = start(visit, site)
    page.locator(opens).first.tap()
    page.wait_for_function("history.state?.layers?.length")
    expect(page.locator(shuts).first).to_be_visible()
    page.locator(shuts).first.evaluate(
        "(button, taps) => { for (let tap = 0; tap < taps; tap++) button.click(); }", taps
    )
    page.wait_for_function("!history.state?.layers?.length")
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    assert page.url.split("?")[0] == f"{site}/"
