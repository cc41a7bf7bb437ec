"""Ways out of the page: which map app, by what mode, from inside WeChat, and handing an
address on.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from geodata.store.files import Dataset
from tests import makers
from tests.browser.conftest import Visit, served
from tests.browser.test_filters import cards, few

Open = Callable[..., Visit]

ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17 Safari/605"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
    " MicroMessenger/8.0.50"
)
#: What the page hands to the phone's own sheet, and a phone that has none.
SHARES = "window.handed = []; navigator.share = async (what) => { handed.push(what); };"
SHARES_NOT = "navigator.share = undefined;"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Three stations near the rider, called real."""
    home = tmp_path_factory.mktemp("town")
    found = makers.frozen(few(address=["沙河街 1 号", None, None]), synthetic=False)
    Dataset(home, "town").publish(found.version, found.about, found.arrays, found.blobs)
    with served(home, "town") as address:
        yield address


def chooser(page: Page) -> Locator:
    return page.get_by_role("dialog", name="用哪个地图导航？")


def leads_to(page: Page, link: Locator) -> str:
    """The address that a tap opens."""
    page.context.route(re.compile("amap|baidu|qq|apple"), lambda route: route.fulfill(body="map"))
    with page.context.expect_page() as opened:
        link.tap()
    opened.value.close()
    return opened.value.url


def test_the_first_tap_asks_the_next_goes_straight_and_the_sheet_lets_one_change(
    visit: Open, town: str
) -> None:
    page = visit().page
    page.goto(town)
    cards(page).first.locator(".go").tap()
    apps = chooser(page).get_by_role("link")
    expect(apps).to_have_text(["高德地图", "百度地图", "腾讯地图"])
    assert leads_to(page, apps.nth(1)).startswith("https://api.map.baidu.com/marker?location=22.5")
    expect(chooser(page)).to_be_hidden()
    assert leads_to(page, cards(page).nth(1).locator(".go")).startswith(
        "https://api.map.baidu.com/"
    )
    page.reload()
    assert leads_to(page, cards(page).first.locator(".go")).startswith("https://api.map.baidu.com/")
    cards(page).first.locator("h2 button").tap()
    ways = page.locator("#sheet .apps")
    expect(ways).to_contain_text("用百度地图导航")
    ways.get_by_text("换地图").tap()
    leads_to(page, chooser(page).get_by_text("高德地图"))
    expect(ways).to_contain_text("用高德地图导航")
    assert page.evaluate("localStorage['nuanfeng.app']") == "amap"


def test_another_app_is_asked_in_wgs84_and_in_no_new_tab(visit: Open, town: str) -> None:
    page = visit(user_agent=ANDROID).page
    page.goto(town)
    cards(page).first.locator(".go").tap()
    other = chooser(page).get_by_text("其他应用")
    assert re.match(r"geo:0,0\?q=22\.540500,113\.965500\(", other.get_attribute("href") or "")
    assert not other.get_attribute("target")


@pytest.mark.parametrize(
    ("who", "amap", "apple"),
    [("外卖配送员", "ride", "w"), ("货车司机", "car", "d"), ("都不是", "ride", "w")],
)
def test_the_profile_decides_how_the_app_leads(
    visit: Open, town: str, who: str, amap: str, apple: str
) -> None:
    page = visit(user_agent=MAC).page
    page.goto(town)
    expect(cards(page).first).to_be_visible()
    page.locator("#who").tap()
    page.get_by_role("dialog").get_by_role("button", name=who).tap()
    cards(page).first.locator("h2 button").tap()
    expect(page.locator("#sheet")).to_contain_text("沙河街 1 号")
    page.locator("#sheet .apps").get_by_text("导航").tap()
    assert f"&mode={amap}&" in (chooser(page).get_by_text("高德地图").get_attribute("href") or "")
    assert (chooser(page).get_by_text("苹果地图").get_attribute("href") or "").endswith(
        f"&dirflg={apple}"
    )
    address = chooser(page).get_by_text("腾讯地图").get_attribute("href") or ""
    assert "addr:%E6%B2%99%E6%B2%B3%E8%A1%97%201%20%E5%8F%B7" in address


def test_inside_wechat_pages_are_offered_and_the_address_can_be_copied(
    visit: Open, town: str
) -> None:
    page = visit(
        user_agent=WECHAT, permissions=["geolocation", "clipboard-read", "clipboard-write"]
    ).page
    page.goto(town)
    expect(cards(page).first).to_be_visible()
    for _ in range(2):
        cards(page).first.locator(".go").tap()
        expect(chooser(page)).to_contain_text("在浏览器打开")
        links = chooser(page).get_by_role("link")
        addresses = [link.get_attribute("href") or "" for link in links.all()]
        hosts = [address.split("/")[2] for address in addresses]
        assert hosts == ["uri.amap.com", "api.map.baidu.com", "apis.map.qq.com"]
        assert "callnative=0" in addresses[0]
        assert "callnative=1" not in "".join(addresses)
        leads_to(page, links.first)
    cards(page).first.locator("h2 button").tap()
    expect(page.locator("#sheet")).to_contain_text("沙河街 1 号")
    page.locator("#sheet .apps").get_by_text("导航").tap()
    chooser(page).get_by_role("button", name="复制地址").tap()
    expect(chooser(page).get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "莲花驿站 沙河街 1 号"


def test_made_up_data_warns_before_the_first_choice_and_before_every_way(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.goto(site)
    warning = page.get_by_role("dialog", name="演示数据：此处并无驿站")
    cards(page).first.locator(".go").tap()
    expect(warning).to_be_visible()
    expect(chooser(page)).to_be_hidden()
    warning.get_by_text("仍要打开").tap()
    assert leads_to(page, chooser(page).get_by_text("腾讯地图")).startswith(
        "https://apis.map.qq.com/"
    )
    cards(page).first.locator(".go").tap()
    assert leads_to(page, warning.get_by_text("仍要打开")).startswith("https://apis.map.qq.com/")
    cards(page).first.locator("h2 button").tap()
    page.locator("#sheet .apps").get_by_text("换地图").tap()
    expect(chooser(page)).to_be_hidden()
    warning.get_by_text("仍要打开").tap()
    expect(chooser(page)).to_be_visible()


def test_a_place_is_handed_on_as_its_page_and_a_question_without_the_rider(
    visit: Open, town: str
) -> None:
    page = visit().page
    page.add_init_script(SHARES)
    page.goto(f"{town}/?needs=rest&open=any")
    cards(page).first.locator("h2 button").tap()
    sheet = page.locator("#sheet")
    sheet.get_by_role("button", name="分享").tap()
    expect(sheet.get_by_role("link", name="详情页")).to_have_js_property(
        "href", f"{town}/p/station-1?lang=zh-CN"
    )
    page.keyboard.press("Escape")
    page.locator("#more-filters").tap()
    page.get_by_role("dialog", name="筛选").get_by_role("button", name="分享").tap()
    handed = page.evaluate("handed.map(({ url }) => url)")
    assert handed == [f"{town}/p/station-1", f"{town}/?needs=rest&open=any"]


def test_without_a_sheet_of_the_phones_own_the_address_is_copied_or_shown(
    visit: Open, town: str
) -> None:
    page = visit(permissions=["geolocation", "clipboard-read", "clipboard-write"]).page
    page.add_init_script(SHARES_NOT)
    page.goto(town)
    cards(page).first.locator("h2 button").tap()
    page.locator("#sheet").get_by_role("button", name="分享").tap()
    expect(page.locator("#sheet").get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{town}/p/station-1"
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden')); }"
    )
    page.locator("#sheet").get_by_role("button", name="已复制").tap()
    expect(page.locator("#sheet output")).to_have_text(f"{town}/p/station-1")


def test_leaving_through_the_dialogs_keeps_the_place_open(visit: Open, town: str) -> None:
    page = visit().page
    page.goto(town)
    cards(page).first.locator("h2 button").tap()
    page.locator("#sheet .apps").get_by_text("导航").tap()
    expect(chooser(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(chooser(page)).to_be_hidden()
    expect(page.locator("#sheet")).to_be_visible()
    page.go_back()
    expect(page.locator("#sheet")).to_be_hidden()
