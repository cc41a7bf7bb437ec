"""What is searched and what is kept: the server's search, the point in the address, and what stays
on the phone.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Visit

Open = Callable[..., Visit]

ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"


def test_a_searched_point_stands_in_the_address_and_survives_a_reload(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.goto(site)
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.locator("#q").fill("bsz")
    page.locator("#found button", has_text="白石洲").first.tap()
    expect(page.locator("#status")).to_contain_text("白石洲")
    assert "near=113.9639,22.5421&near_name=" in page.url
    first = page.locator("#list .card").first.get_attribute("data-id")
    page.reload()
    expect(page.locator("#status")).to_contain_text("白石洲")
    expect(page.locator("#q")).to_have_value("白石洲")
    expect(page.locator("#list .card").first).to_have_attribute("data-id", str(first))
    page.locator("#q").fill("")
    expect(page.locator("#found button").first).to_contain_text("白石洲")
    page.locator("#locate").tap()
    expect(page).not_to_have_url(re.compile("near="))


def test_a_search_that_fails_says_so_and_is_no_nothing(visit: Open, site: str) -> None:
    page = visit(expects=("ERR_FAILED",)).page
    page.route("**/api/v1/search?**", lambda route: route.abort())
    page.goto(site)
    page.locator("#q").fill("白石洲")
    expect(page.locator("#found [role=status]")).to_contain_text("网络")


def test_favourites_home_and_needs_are_kept_saved_and_read_again(
    visit: Open, site: str, tmp_path: Path
) -> None:
    page = visit().page
    page.goto(site)
    page.locator("[data-need=water]").tap()
    page.locator("#list h2 button").first.tap()
    name = page.locator("#sheet-name").inner_text()
    page.locator("#sheet .star").tap()
    expect(page.locator("#sheet .star")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    page.locator("#who").tap()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text(name)
    drawer.get_by_text("设为常驻的一带").tap()
    with page.expect_download() as saved:
        drawer.get_by_text("存成文件").tap()
    file = tmp_path / "kept.json"
    saved.value.save_as(file)
    kept = json.loads(file.read_text())
    assert {"needs", "favourites", "home"} <= kept.keys()
    page.evaluate("localStorage.clear()")
    page.goto(site)
    expect(page.locator("[data-need=water]")).to_have_attribute("aria-pressed", "false")
    page.locator("#who").tap()
    expect(drawer).not_to_contain_text(name)
    drawer.locator("input[type=file]").set_input_files(file)
    expect(page.locator("[data-need=water]")).to_have_attribute("aria-pressed", "true")
    page.locator("#who").tap()
    drawer.get_by_text(name).tap()
    expect(page.locator("#sheet-name")).to_have_text(name)


def test_a_phone_is_offered_its_own_apps_and_led_by_how_one_travels(visit: Open, site: str) -> None:
    page = visit(user_agent=ANDROID).page
    page.goto(site)
    page.evaluate("localStorage['nuanfeng.mode'] = 'ride'")
    page.reload()
    page.locator("#list .go").first.tap()
    page.get_by_text("仍要打开").tap()
    apps = page.get_by_role("dialog").get_by_role("link")
    expect(apps).to_have_text(["高德地图", "百度地图", "腾讯地图", "其他应用"])
    addresses = [app.get_attribute("href") or "" for app in apps.all()]
    assert "mode=ride" in addresses[0]
    assert re.match(r"baidumap://map/direction\?destination=name:.*&mode=riding&", addresses[1])
    assert re.match(r"qqmap://map/routeplan\?type=bike&.*&tocoord=22\.\d+,113", addresses[2])
