"""What a rider filters by, and what the page says where too little is left."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from playwright.sync_api import Locator, Page, expect

from app.pages.assets import MAIN, assets
from geodata.store.files import Dataset
from tests import makers
from tests.browser.conftest import BAISHIZHOU, Visit, as_the_server_ranks, kept_by_the_page

Open = Callable[..., Visit]


#: Where the first place of the list would be navigated to.
NAVIGATED = f"""async () => (await (await import("{assets().url(MAIN)}")).nearest())
  .features[0].properties.navigate.amap"""

#: What a thumb may miss, or what stands beyond the screen's edge.
SMALL_OR_CUT = """() => [...document.querySelectorAll(".drawer button, .drawer label, .drawer a")]
  .map((e) => [e.textContent, e.getBoundingClientRect()])
  .filter(([, box]) => box.width < 43.9 || box.height < 43.9 || box.right > innerWidth)
  .map(([name]) => name)"""


def cards(page: Page) -> Locator:
    return page.locator("#list .card[data-id]")


def ids(page: Page) -> list[str | None]:
    return [card.get_attribute("data-id") for card in cards(page).all()]


def settled(page: Page) -> None:
    expect(page.locator("#list")).to_have_attribute("aria-busy", "false")


def chip(page: Page, text: str) -> Locator:
    return page.locator("#chips").get_by_role("button", name=text, exact=True)


def answered(page: Page, site: str, filters: str) -> list[str]:
    features = as_the_server_ranks(page, site, filters)
    assert features
    return [feature["id"] for feature in features]


def as_the_server(page: Page, site: str, filters: str) -> None:
    settled(page)
    expect(cards(page).first).to_be_visible()
    assert ids(page) == answered(page, site, filters)


@pytest.mark.parametrize(
    "filters",
    [
        "kinds=warm_bee_station,driver_home&open=now",
        "open=24h&needs=rest",
        "audience=truck_driver&open=any&max_distance_m=10000",
        "door=qr,face&open=now",
        "door=qr,face,code&open=any&register=no&needs=learn",
        "services=microwave,fridge&open=at_arrival&stay_min=30",
        "open=at_arrival&stay_min=60&include_unknown=false&kinds=friendly_merchant",
    ],
)
def test_an_address_with_filters_lists_what_the_server_would(
    visit: Open, site: str, filters: str
) -> None:
    page = visit().page
    page.goto(f"{site}/?{filters}")
    settled(page)
    expect(cards(page).first).to_be_visible()
    assert ids(page) == answered(page, site, filters)


def test_a_chip_is_pressed_stands_in_the_address_and_the_back_button_takes_it_back(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.goto(site)
    expect(cards(page)).not_to_have_count(0)
    settled(page)
    before = ids(page)
    chip(page, "暖蜂驿站").tap()
    settled(page)
    expect(chip(page, "暖蜂驿站")).to_have_attribute("aria-pressed", "true")
    expect(chip(page, "暖蜂驿站")).to_be_in_viewport(ratio=1)
    expect(chip(page, "暖蜂驿站")).to_be_focused()
    assert page.url == f"{site}/?kinds=warm_bee_station"
    as_the_server(page, site, "kinds=warm_bee_station")
    page.locator("#open").select_option("24h")
    settled(page)
    page.go_back()
    expect(page.locator("#open")).to_have_value("at_arrival")
    page.go_back()
    expect(chip(page, "暖蜂驿站")).to_have_attribute("aria-pressed", "false")
    expect(cards(page).first).to_have_attribute("data-id", str(before[0]))
    assert page.url == f"{site}/"


def test_a_door_is_asked_for_along_with_those_that_nobody_knows(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(site)
    expect(cards(page).first).to_be_visible()
    chip(page, "扫码").tap()
    settled(page)
    expect(chip(page, "进门方式未知")).to_have_attribute("aria-pressed", "true")
    as_the_server(page, site, "door=qr,unknown")
    chip(page, "扫码").tap()
    settled(page)
    expect(chip(page, "进门方式未知")).to_have_count(0)
    assert page.url == f"{site}/"


def test_the_sheet_asks_for_services_a_stay_and_a_radius_and_forgets_them(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.goto(site)
    expect(cards(page).first).to_be_visible()
    page.locator("#more-filters").tap()
    sheet = page.get_by_role("dialog", name="筛选")
    expect(sheet.locator("[data-of=water] label")).to_have_text(["饮用水", "热水", "水壶加水"])
    sheet.get_by_label("微波炉").check()
    sheet.get_by_label("30 分钟").check()
    sheet.get_by_label("10 公里").check()
    sheet.get_by_label("列出时间未知的地点").uncheck()
    sheet.get_by_label("只看不用先登记的").check()
    assert page.url == f"{site}/"
    sheet.get_by_role("button", name="查看地点").tap()
    expect(sheet).to_be_hidden()
    settled(page)
    asked = "services=microwave&stay_min=30&max_distance_m=10000&include_unknown=false&register=no"
    assert page.url == f"{site}/?{asked}"
    as_the_server(page, site, asked)
    expect(page.locator("#more-filters b")).to_have_text("5")
    for text in ("微波炉", "停留 30 分钟", "10 公里内", "不看时间未知的", "无需登记"):
        expect(chip(page, text)).to_have_attribute("aria-pressed", "true")
    chip(page, "停留 30 分钟").tap()
    settled(page)
    expect(page.locator("#open")).to_have_value("at_arrival")
    page.locator("#more-filters").tap()
    expect(sheet.get_by_label("微波炉")).to_be_checked()
    sheet.get_by_role("button", name="清空").tap()
    settled(page)
    assert page.url == f"{site}/"


def test_one_stays_only_where_one_arrives(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(f"{site}/?open=at_arrival&stay_min=60")
    expect(cards(page).first).to_be_visible()
    page.locator("#open").select_option("now")
    settled(page)
    assert page.url == f"{site}/?open=now"


def mode(page: Page) -> Locator:
    return page.locator("#modes [aria-pressed=true]")


def test_the_switch_of_modes_is_remembered_and_decides_arrival_and_navigation(
    visit: Open, site: str
) -> None:
    visited = visit()
    page = visited.page
    page.goto(site)
    settled(page)
    expect(page.locator("#modes button")).to_have_text(["步行", "骑行", "开车", "货车"])
    expect(mode(page)).to_have_text("骑行")
    as_the_server(page, site, "mode=ride")
    riding = page.locator("#list .far b").first.inner_text()
    page.locator("#modes").get_by_text("步行").tap()
    settled(page)
    expect(page.locator("#list .far b").first).not_to_have_text(riding)
    as_the_server(page, site, "mode=walk")
    assert page.url == f"{site}/"
    page.reload()
    expect(mode(page)).to_have_text("步行")
    settled(page)
    as_the_server(page, site, "mode=walk")
    leads = page.evaluate(NAVIGATED)
    assert "mode=walk" in leads
    page.locator("#modes").get_by_text("开车").tap()
    settled(page)
    assert "mode=car" in page.evaluate(NAVIGATED)
    assert kept_by_the_page(page) == {"nuanfeng.mode": "drive"}


def test_power_has_sub_choices_that_are_remembered_and_learning_is_one_tap(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.goto(f"{site}/?needs=recharge")
    settled(page)
    power = page.locator("#powers button")
    expect(power).to_have_text(["手机充电", "电动车充电", "换电柜"])
    expect(power.locator("visible=true")).to_have_count(3)
    assert ids(page)[:10] == answered(page, site, "needs=recharge")[:10]
    page.locator("#powers button", has_text="手机充电").tap()
    settled(page)
    assert page.url == f"{site}/?needs=recharge&services=phone_charge"
    sure = answered(page, site, "needs=recharge&services=phone_charge")[:10]
    assert ids(page)[:10] == sure
    page.locator("#powers button", has_text="电动车充电").tap()
    settled(page)
    assert page.url == f"{site}/?needs=recharge&services=ebike_charge"
    expect(page.locator("#picked")).to_be_empty()
    page.locator("[data-need=recharge]").tap()
    settled(page)
    expect(power).to_have_count(0)
    assert page.url == f"{site}/"
    page.reload()
    settled(page)
    page.locator("[data-need=recharge]").tap()
    settled(page)
    assert page.url == f"{site}/?needs=recharge&services=ebike_charge"
    page.locator("#powers button", has_text="电动车充电").tap()
    settled(page)
    assert page.url == f"{site}/?needs=recharge"
    page.locator("#modes").get_by_text("开车").tap()
    expect(power).to_have_text(["手机充电", "汽车充电桩"])
    page.locator("[data-need=recharge]").tap()
    page.locator("[data-need=learn]").tap()
    settled(page)
    assert page.url == f"{site}/?needs=learn"
    expect(power).to_have_count(0)
    asked = cards(page).first.locator(".asked").all_inner_texts()
    assert {*asked} <= {"图书", "技能培训"}
    assert asked


def test_a_chip_leaves_out_where_one_registers_first(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(f"{site}/?open=any&kinds=warm_bee_station")
    settled(page)
    told = page.locator("#list .verdict", has_text="需先登记")
    expect(told).not_to_have_count(0)
    chip(page, "无需登记").tap()
    settled(page)
    expect(chip(page, "无需登记")).to_have_attribute("aria-pressed", "true")
    expect(told).to_have_count(0)
    assert page.url == f"{site}/?kinds=warm_bee_station&open=any&register=no"


def test_a_profile_sets_how_one_travels_and_how_far_and_stays_on_the_phone(
    visit: Open, site: str
) -> None:
    visited = visit()
    page = visited.page
    page.goto(site)
    expect(mode(page)).to_have_text("骑行")
    chip(page, "我是…").tap()
    page.get_by_role("dialog", name="你是？").get_by_role("button", name="货车司机").tap()
    expect(mode(page)).to_have_text("货车")
    assert page.url == f"{site}/"
    as_the_server(page, site, "mode=truck&max_distance_m=10000")
    expect(chip(page, "货车停车位")).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(mode(page)).to_have_text("货车")
    chip(page, "货车司机").tap()
    page.get_by_role("dialog", name="你是？").get_by_role("button", name="骑行").tap()
    expect(mode(page)).to_have_text("骑行")
    assert [one for one in visited.sent if "truck_driver" in one] == []
    assert kept_by_the_page(page) == {"nuanfeng.mode": "ride", "nuanfeng.who": "truck_driver"}


def test_a_browser_that_keeps_nothing_knows_the_profile_for_the_visit(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden'); } })"
    )
    page.goto(site)
    expect(mode(page)).to_have_text("骑行")
    chip(page, "我是…").tap()
    page.get_by_role("dialog").get_by_role("button", name="货车司机").tap()
    expect(mode(page)).to_have_text("货车")


#: Metres east of the rider: far enough apart that rounding changes no order.
DEGREE = 0.001
HERE = (BAISHIZHOU["longitude"], BAISHIZHOU["latitude"])


def few(**columns: Any) -> Any:
    """Three stations 0.1, 0.2 and 0.3 km away."""
    plain: dict[str, Any] = {
        "geometry": [shapely.Point(HERE[0] + at * DEGREE, HERE[1]) for at in (1, 2, 3)],
        "kind": ["warm_bee_station"] * 3,
        "services": [["seat", "microwave"], ["seat"], ["seat"]],
        "opening_hours": ["24/7", "24/7", None],
        "audience": [["rider"], ["truck_driver"], []],
    }
    return makers.three_places(**{**plain, **columns})


@pytest.fixture
def town(serve: Callable[[Path, str], str], tmp_path: Path) -> Callable[..., str]:
    """Serve three stations near the rider."""

    def built(**columns: Any) -> str:
        found = makers.frozen(few(**columns), synthetic=False)
        Dataset(tmp_path, "town").publish(found.version, found.about, found.arrays, found.blobs)
        return serve(tmp_path, "town")

    return built


def test_where_all_are_closed_the_first_to_open_is_named(
    visit: Open, town: Callable[..., str]
) -> None:
    page = visit().page
    page.goto(town(opening_hours=["Mo-Su,PH 17:00-18:00"] * 3))
    notice = page.locator("#notice")
    expect(notice).to_contain_text("5 公里内有 3 处，到达时都不营业；最早 17:00 开门")
    notice.get_by_role("button", name="也看未营业的 · 3 个地点").tap()
    expect(cards(page)).to_have_count(3)
    assert page.url.endswith("/?open=any")


def test_a_filter_that_leaves_nothing_is_named_with_what_dropping_it_yields(
    visit: Open, town: Callable[..., str]
) -> None:
    page = visit().page
    page.goto(town() + "/?services=microwave,shower&needs=rest")
    notice = page.locator("#notice")
    expect(notice.get_by_role("button")).to_have_text(
        ["去掉「淋浴」 · 1 个地点", "我想在这里要一个驿站"]
    )
    notice.get_by_role("button").first.tap()
    expect(cards(page)).to_have_count(1)
    expect(page.locator("#more")).to_contain_text("太少了？")
    page.locator("#more").get_by_role("button", name="去掉「微波炉」 · 3 个地点").tap()
    expect(cards(page)).to_have_count(3)
    expect(page.locator("#more")).to_be_empty()


def test_where_no_single_filter_is_to_blame_all_of_them_can_be_dropped(
    visit: Open, town: Callable[..., str]
) -> None:
    page = visit().page
    page.goto(town() + "/?services=shower,laundry&max_distance_m=1000")
    page.locator("#notice").get_by_role("button", name="去掉全部筛选 · 3 个地点").tap()
    expect(cards(page)).to_have_count(3)


def test_the_nearest_wider_circle_that_holds_something_is_offered(
    visit: Open, town: Callable[..., str]
) -> None:
    page = visit().page
    page.goto(town(geometry=[shapely.Point(HERE[0] + at, HERE[1]) for at in (0.06, 0.07, 0.3)]))
    expect(page.locator("#notice p")).to_contain_text(re.compile(r"^最近的在 6\.\d 公里外：\S+"))
    page.locator("#notice").get_by_role("button", name="扩大范围到 10 公里 · 2 个地点").tap()
    expect(cards(page)).to_have_count(2)
    assert page.url.endswith("/?max_distance_m=10000")
    expect(page.locator("#more").get_by_role("button")).to_have_text(
        ["扩大范围到 50 公里 · 3 个地点"]
    )


def test_where_the_data_holds_nothing_at_all_other_ways_on_stand_there(
    visit: Open, town: Callable[..., str]
) -> None:
    page = visit().page
    page.goto(town(geometry=[shapely.Point(114.6 + at * DEGREE, 22.8) for at in range(3)]))
    notice = page.locator("#notice")
    expect(notice).to_contain_text("5 公里内没有找到")
    expect(notice.get_by_role("button", name="搜索")).to_be_visible()
    expect(notice.get_by_role("link", name="按街道查看")).to_be_visible()


def test_unknown_hours_are_counted_when_listed_and_when_not(
    visit: Open, town: Callable[..., str]
) -> None:
    page = visit().page
    page.goto(town())
    expect(page.locator("#status")).to_have_text(
        re.compile("^3 处，其中 1 处时间未知，最近 100\\s?m$")
    )
    expect(cards(page).last.locator(".state.unknown")).to_have_text("时间未知")
    page.locator("#more-filters").tap()
    page.get_by_label("列出时间未知的地点").uncheck()
    page.get_by_role("button", name="查看地点").tap()
    expect(cards(page)).to_have_count(2)
    expect(page.locator("#status")).to_contain_text("另有 1 处未知的未列出")
    page.locator("#more").get_by_role("button", name="也看时间未知的 · 3 个地点").tap()
    expect(cards(page)).to_have_count(3)


def test_a_place_that_does_not_say_whom_it_welcomes_is_listed_and_says_so(
    visit: Open, town: Callable[..., str]
) -> None:
    page = visit().page
    page.goto(town())
    chip(page, "面向外卖配送员").tap()
    expect(cards(page)).to_have_count(2)
    expect(cards(page).first).not_to_contain_text("未知")
    expect(cards(page).last).to_contain_text("欢迎谁来未知")


def test_a_rider_is_told_of_a_place_for_others(visit: Open, town: Callable[..., str]) -> None:
    page = visit().page
    page.goto(town())
    expect(cards(page)).to_have_count(3)
    chip(page, "我是…").tap()
    page.get_by_role("dialog").get_by_role("button", name="外卖配送员").tap()
    expect(cards(page).nth(1)).to_contain_text("面向货车司机")
    assert page.locator("#list").get_by_text("面向").count() == 1


def test_a_lost_network_leaves_ways_on(visit: Open, town: Callable[..., str]) -> None:
    page = visit(expects=("ERR_FAILED",)).page
    address = town()
    page.goto(address + "/?services=shower")
    expect(page.locator("#notice").get_by_role("button").first).to_be_visible()
    page.route("**/api/v1/nearest/cell/**open=24h**k=50**", lambda route: route.abort())
    page.route(
        re.compile(r"/cell/.*services=shower&at=|/cell/\w+\?open=24h"), lambda route: route.abort()
    )
    page.locator("#open").select_option("24h")
    expect(page.locator("#notice").get_by_role("button", name="搜索")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("font_px", [16, 32])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_sheets_can_be_tapped_and_keep_their_layout(
    visit: Open, site: str, scheme: str, font_px: int, language: str
) -> None:
    page = visit(color_scheme=scheme).page
    page.goto(f"{site}/?lang={language}")
    expect(cards(page).first).to_be_visible()
    page.evaluate(f"document.documentElement.style.fontSize = '{font_px}px'")
    for opener in ("#more-filters", "#who"):
        page.locator(opener).tap()
        page.locator(".drawer[open] .chip").first.wait_for()
        assert page.evaluate(SMALL_OR_CUT) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("Escape")
        expect(page.locator(".drawer")).to_be_hidden()
        expect(page.locator(opener)).to_be_focused()
