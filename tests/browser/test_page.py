"""What a rider sees and does on the page, in a real browser on a phone's screen."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Locator, Page, expect

from app.pages.assets import MAIN, assets
from app.pages.street_list import state_text
from app.words import Language
from geodata.hours.timeline import State
from geodata.search.cells import decode
from geodata.sources.demo.city import SHENZHEN
from geodata.store.files import Dataset
from tests import makers
from tests.browser.conftest import (
    BAISHIZHOU,
    Visit,
    as_the_server_ranks,
    bare_spot,
    kept_by_the_page,
    served,
)
from tests.makers import TIMEZONE

Open = Callable[..., Visit]

FAKE = "演示数据：这些驿站并不存在"
NOTHING_HERE = "演示数据：此处并无驿站"


def cards(page: Page) -> Locator:
    return page.locator("#list .card[data-id]")


def metres(text: str) -> float:
    number, unit = re.split(r"\s", text)
    assert unit in ("m", "km")
    return float(number) * (1000 if unit == "km" else 1)


def tap_water(page: Page) -> None:
    with page.expect_response(
        lambda reply: "/api/v1/nearest" in reply.url and "needs=water" in reply.url
    ):
        page.locator("[data-need=water]").tap()
    expect(page.locator("#list")).to_have_attribute("aria-busy", "false")
    expect(cards(page).first).to_be_visible()


#: Names of services in a card's one line that stand there in part: neither on it nor below it, or
#: wider than they are shown; the first may be, as without it the line would be empty.
IN_PART = """() => [...document.querySelectorAll(".card[data-id] .gives .has")].flatMap((line) => {
  const { top, bottom, right } = line.getBoundingClientRect();
  return [...line.children].slice(1).filter((name) => {
    const box = name.getBoundingClientRect();
    const whole = box.bottom <= bottom + 1 && box.right <= right + 1 && name.scrollWidth <= name.clientWidth;
    return !whole && box.top < bottom - 1;
  }).map((name) => name.textContent);
})"""


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("width", [320, 360, 412])
def test_a_card_names_a_service_whole_or_not_at_all(
    visit: Open, site: str, locale: str, width: int
) -> None:
    page = visit(locale=locale, viewport={"width": width, "height": 616}).page
    page.goto(f"{site}/?needs=water")
    expect(cards(page).first).to_be_visible()
    lines = page.locator(".card[data-id] .gives .has")
    assert max(each.locator("li").count() for each in lines.all()[:8]) > 1
    assert page.evaluate(IN_PART) == []
    first = lines.first.locator("li").first
    line, name = lines.first.bounding_box(), first.bounding_box()
    assert line
    assert name
    assert name["y"] + name["height"] <= line["y"] + line["height"] + 1


def test_tapping_water_lists_the_nearest_that_have_it_and_the_first_tells_all(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.goto(site)
    tap_water(page)
    far = [metres(text) for text in page.locator("#list .far .metres").all_inner_texts()]
    there = [card.get_attribute("data-there") for card in cards(page).all()]
    certain = there.count("open")
    assert there == ["open"] * certain + ["unknown"] * (len(there) - certain)
    assert far[:certain] == sorted(far[:certain])
    assert far[certain:] == sorted(far[certain:])
    assert certain == 10
    services = [set(card.locator(".asked").all_inner_texts()) for card in cards(page).all()]
    assert all(found & {"饮用水", "热水"} for found in services)
    assert page.url.endswith("/?needs=water")
    cards(page).first.locator("h2 button").tap()
    sheet = page.locator("#sheet")
    expect(sheet).to_contain_text("开放时间")
    expect(sheet.locator(".apps").get_by_text("导航")).to_be_visible()
    expect(sheet.locator("h2")).to_have_text(cards(page).first.locator("h2").inner_text())


def test_the_address_never_holds_the_position(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(site)
    tap_water(page)
    cards(page).first.locator("h2 button").tap()
    expect(page.locator("#sheet")).to_be_visible()
    assert re.fullmatch(re.escape(site) + r"/\?needs=water&place=[a-z0-9-]+", page.url)
    assert kept_by_the_page(page) == {"nuanfeng.needs": "water"}
    assert page.evaluate("sessionStorage.length") == 0


def asked_of_the_api(visited: Visit) -> list[str]:
    """Questions about places; the pack, and what others say, come by themselves."""
    by_itself = re.compile("/api/v1/(pack|reports|notices)")
    asked = (one.split(" ", 1)[0] for one in visited.sent if "/api/" in one)
    return [one for one in asked if not by_itself.search(one)]


def stand(page: Page, lon: float, lat: float) -> None:
    """The rider moves and asks again, at once: the browser itself would give a position up to 30 s
    old.
    """
    state = assets().url(MAIN)
    page.evaluate(
        f"async (point) => (await import('{state}')).change({{ point }})", {"lon": lon, "lat": lat}
    )
    expect(page.locator("#list")).to_have_attribute("aria-busy", "false")


def test_no_request_holds_the_position_of_the_rider_or_of_anything(visit: Open, site: str) -> None:
    visited = visit()
    page = visited.page
    page.goto(f"{site}/?place=st-00007")
    expect(page.locator("#sheet .state")).to_be_visible()
    page.keyboard.press("Escape")
    tap_water(page)
    cards(page).first.locator("h2 button").tap()
    expect(page.locator("#sheet")).to_contain_text("开放时间")
    page.keyboard.press("Escape")
    page.locator("#flip").tap()
    page.locator(".pin.tile").first.dispatch_event("click")
    expect(page.locator("#sheet .state")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#flip").tap()
    stand(page, 114.0579, 22.5431)
    expect(cards(page).first).to_be_visible()
    assert len(asked_of_the_api(visited)) >= 6
    assert [
        one
        for one in visited.sent
        if re.search(r"11[34]\.?\d{3}|22\.?[45]\d{2}", one.replace(site, ""))
    ] == []


def test_moving_within_the_cell_asks_nothing_and_beyond_it_once(visit: Open, site: str) -> None:
    visited = visit()
    page = visited.page
    page.goto(site)
    expect(cards(page).first).to_be_visible()
    cell = decode(re.findall(r"/cell/(\w+)", " ".join(visited.sent))[-1])
    far, before = (
        page.locator("#list .far .metres").all_inner_texts(),
        len(asked_of_the_api(visited)),
    )
    inside = (
        cell.west + (cell.east - cell.west) * 0.9,
        cell.south + (cell.north - cell.south) * 0.1,
    )
    stand(page, *inside)
    expect(page.locator("#list .far .metres").first).not_to_have_text(far[0])
    assert len(asked_of_the_api(visited)) == before
    stand(page, 2 * cell.east - inside[0], inside[1])
    assert len(asked_of_the_api(visited)) == before + 1


def listed(page: Page) -> list[dict[str, Any]]:
    """What the phone ranked, as the list was drawn from it."""
    path = assets().url(MAIN)
    answer = page.evaluate(f"async () => (await import('{path}')).nearest()")
    assert isinstance(answer["features"], list)
    return answer["features"]


def as_the_server(page: Page, site: str) -> None:
    """The phone's list is the reply of the exact question, feature by feature."""
    phone = listed(page)
    server = as_the_server_ranks(page, site, "")
    assert [feature["id"] for feature in phone] == [feature["id"] for feature in server]
    assert [card.get_attribute("data-id") for card in cards(page).all()] == [
        feature["id"] for feature in server
    ]
    for ours, theirs in zip(
        (one["properties"] for one in phone), (one["properties"] for one in server), strict=True
    ):
        for name in ("name", "name_en", "kind", "services", "open"):
            assert ours[name] == theirs[name], name
        assert ours["access"]["door"] == theirs["access"]["door"]
        assert ours["phones"] == theirs["phones"][:1]
        assert abs(ours["distance_m"] - theirs["distance_m"]) < 0.01
        assert abs(ours["eta_s"] - theirs["eta_s"]) <= 1
        for app in ("apple", "amap", "geo"):
            assert ours["navigate"][app] == theirs["navigate"][app]


def test_the_list_is_that_of_the_exact_question(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(site)
    expect(page.locator("#list")).to_have_attribute("aria-busy", "false")
    as_the_server(page, site)
    expect(cards(page).first.locator(".far")).to_contain_text(
        re.compile(r"约 \d+ 分钟\s*\d+\sm\s*[东南西北]")
    )


@pytest.mark.parametrize("wrong_h", [-31, 7])
def test_a_phone_whose_clock_is_wrong_goes_by_the_servers(
    visit: Open, site: str, wrong_h: int
) -> None:
    page = visit(wrong_h=wrong_h).page
    page.goto(site)
    expect(page.locator("#list")).to_have_attribute("aria-busy", "false")
    as_the_server(page, site)


def test_the_sheet_says_what_the_cell_told_when_the_rest_does_not_come(
    visit: Open, site: str
) -> None:
    page = visit(expects=("ERR_FAILED",)).page
    page.route("**/api/v1/places/**", lambda route: route.abort())
    page.goto(site)
    cards(page).first.locator("h2 button").tap()
    sheet = page.locator("#sheet")
    expect(sheet.locator("dl p")).to_be_visible()
    expect(sheet.locator(".state")).to_be_visible()
    expect(sheet).not_to_contain_text("开放时间")


def test_an_address_with_filters_opens_as_it_was_left(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(f"{site}/?needs=water,rest&open=any&place=st-00007")
    expect(page.locator("#sheet h2")).to_contain_text("演示")
    page.keyboard.press("Escape")
    expect(cards(page).first).to_be_visible()
    pressed = page.locator("[data-need][aria-pressed=true]").all()
    assert {need.get_attribute("data-need") for need in pressed} == {"rest", "water"}
    assert re.fullmatch(re.escape(site) + r"/\?needs=(rest,water|water,rest)&open=any", page.url)


def test_back_from_another_page_finds_the_list_as_it_was_left(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(site)
    tap_water(page)
    first = cards(page).first.get_attribute("data-id")
    page.locator(".foot a").first.tap()
    expect(page.locator(".offices li").first).to_be_visible()
    page.go_back()
    expect(cards(page).first).to_have_attribute("data-id", first or "")
    expect(page.locator("[data-need=water]")).to_have_attribute("aria-pressed", "true")


def test_a_shared_address_opens_the_place_and_the_back_button_closes_it(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.goto(f"{site}/?place=st-00007")
    expect(page.locator("#sheet h2")).to_contain_text("演示")
    page.go_back()
    expect(page.locator("#sheet")).to_be_hidden()
    expect(cards(page).first).to_be_visible()


def test_made_up_places_are_called_so_in_every_state(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(site)
    banner = page.locator(".banner")
    expect(banner).to_have_text(FAKE)
    tap_water(page)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(banner).to_be_in_viewport(ratio=1)
    cards(page).first.locator("h2 button").tap()
    expect(banner).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    page.locator("#flip").tap()
    expect(page.locator(".pin.hit").first).to_be_visible()
    expect(banner).to_be_in_viewport(ratio=1)
    assert banner.get_by_role("button").count() == 0


def test_navigation_to_a_made_up_place_asks_first_and_goes_on_at_a_second_tap(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.goto(site)
    tap_water(page)
    assert page.locator("#list a[href]").count() == 0
    cards(page).first.locator(".go").tap()
    dialog = page.get_by_role("dialog", name=NOTHING_HERE)
    expect(dialog).to_be_visible()
    dialog.get_by_text("返回").tap()
    expect(dialog).to_be_hidden()
    cards(page).first.locator(".go").tap()
    page.evaluate("localStorage.setItem('nuanfeng.app', 'amap')")  # chosen before
    dialog.get_by_text("返回").tap()
    cards(page).first.locator(".go").tap()
    onward = dialog.get_by_text("仍要打开")
    assert (onward.get_attribute("href") or "").startswith(
        "https://uri.amap.com/navigation?to=113.9"
    )
    assert onward.get_attribute("rel") == "noopener noreferrer"
    page.context.route("https://uri.amap.com/**", lambda route: route.fulfill(body="map"))
    with page.context.expect_page() as opened:
        onward.tap()
    assert opened.value.url.startswith("https://uri.amap.com/")


def test_the_sheet_says_where_one_must_register_first_how_and_where(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(f"{site}/?place=st-00008")
    way_in = page.locator("#sheet .facts > div", has_text="怎么进门")
    expect(way_in).to_contain_text("需先登记")
    expect(way_in).to_contain_text("演示：先申请门禁")
    way_in.get_by_role("button", name="去登记：example.org（外部网站）").tap()
    onward = page.get_by_role("dialog", name=NOTHING_HERE).get_by_text("仍要打开")
    expect(onward).to_have_attribute("href", "https://example.org/demo/entry")
    expect(onward).to_have_attribute("rel", re.compile("noopener"))


def test_without_a_location_the_search_box_leads_on(visit: Open, site: str) -> None:
    page = visit(located=False).page
    page.goto(site)
    expect(page.locator("#notice")).to_contain_text("累了")
    page.locator("[data-need=rest]").tap()
    expect(page.locator("#notice")).to_contain_text("手机没有共享位置")
    page.locator("#notice").get_by_text("搜索").tap()
    page.keyboard.type("白石洲")
    page.locator("#found button").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(cards(page).first).to_be_visible()
    expect(page.locator("#status")).to_contain_text("白石洲")


def test_a_tap_on_the_map_asks_about_that_spot(visit: Open, site: str) -> None:
    page = visit(located=False).page
    page.goto(site)
    page.locator("#notice").get_by_text("在地图上点选").tap()
    page.locator(".pin.many").first.wait_for()
    ground = page.locator("#map")
    spot = bare_spot(page, ground)
    with page.expect_response(lambda reply: "/api/v1/nearest" in reply.url):
        ground.tap(position=spot)
    expect(page.locator(".me")).to_be_visible()


def test_a_marker_on_the_map_opens_its_place_with_its_state(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(site)
    expect(cards(page).first).to_be_visible()
    page.locator("#flip").tap()
    page.locator(".pin.hit").first.wait_for()
    page.locator(".pin.hit").nth(1).dispatch_event("click")
    expect(page.locator("#sheet .state")).to_be_visible()
    expect(page.locator(".pin.chosen")).to_have_count(1)
    page.keyboard.press("Escape")
    for _ in range(2):  # it may stand two steps from the last
        page.locator(".leaflet-control-zoom-in").tap()
    expect(page.locator("#sheet")).to_be_hidden()


def test_outside_the_city_the_page_says_so_and_lets_one_search(visit: Open, site: str) -> None:
    canton = {"longitude": 113.2644, "latitude": 23.1291, "accuracy": 20}
    page = visit(geolocation=canton, expects=("422",)).page
    page.goto(site)
    expect(page.locator("#notice")).to_contain_text("不在服务范围内")
    expect(page.locator("#notice").get_by_text("搜索")).to_be_visible()


def test_an_empty_answer_says_what_to_drop(visit: Open, site: str) -> None:
    page = visit().page
    near = re.compile(r"/cell/.*max_distance_m=5000\b")
    page.route(near, lambda route: route.fulfill(json={**route.fetch().json(), "places": []}))
    page.goto(site)
    expect(page.locator("#notice")).to_contain_text("5 公里内没有找到")
    page.locator("#notice").get_by_text("扩大范围").tap()
    expect(cards(page).first).to_be_visible()


def test_a_lost_network_without_a_pack_is_said_and_asked_again(visit: Open, site: str) -> None:
    page = visit(expects=("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")).page
    page.route("**/api/v1/pack", lambda route: route.abort())
    page.goto(site)
    expect(cards(page).first).to_be_visible()
    page.context.set_offline(True)
    page.locator("#open").select_option("any")
    expect(page.locator("#notice")).to_contain_text("网络不通")
    page.context.set_offline(False)
    page.locator("#notice").get_by_text("重试").tap()
    expect(cards(page).first).to_be_visible()


def test_unknown_hours_are_shown_as_unknown_and_closed_ones_on_demand(
    visit: Open, site: str
) -> None:
    page = visit().page
    page.goto(site)
    expect(cards(page).first).to_be_visible()
    page.locator("#open").select_option("any")
    page.get_by_text("显示更多").tap()
    expect(cards(page)).to_have_count(50)
    assert page.url.endswith("/?open=any")
    unknown = page.locator(".state.unknown")
    assert unknown.count() > 0
    assert set(unknown.all_inner_texts()) == {"时间未知"}


def test_english_readers_get_english(visit: Open, site: str) -> None:
    page = visit(locale="en-GB").page
    page.goto(site)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".banner")).to_have_text("Demo data: these places do not exist")
    tap_water(page)
    cards(page).first.locator("h2 button").tap()
    expect(page.locator("#sheet")).to_contain_text("Who is welcome")
    seen = page.locator("body").inner_text()
    assert re.findall(r"[a-z]+_[a-z]+", seen) == []
    page.keyboard.press("Escape")
    page.locator("#lang").tap()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert "needs=water" in page.url


def test_a_second_visit_costs_one_unchanged_reply(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(site)
    page.locator(".pin").first.wait_for(state="attached")  # behind the list
    page.wait_for_load_state("networkidle")  # what comes later, too
    shell = page.request.get(site, headers={"Accept-Language": "zh-CN"})
    again = page.request.get(
        site, headers={"Accept-Language": "zh-CN", "If-None-Match": shell.headers["etag"]}
    )
    assert again.status == 304
    page.reload()
    expect(cards(page).first).to_be_visible()
    timings = page.evaluate(
        "performance.getEntriesByType('resource').map((e) => [e.name, e.transferSize])"
    )
    assert [name for name, size in timings if size and "/static/" in name] == []


def test_list_comes_before_map_for_a_keyboard_and_a_screen_reader(visit: Open, site: str) -> None:
    page = visit(viewport={"width": 1280, "height": 800}, is_mobile=False).page
    page.goto(site)
    expect(cards(page).first).to_be_visible()
    page.locator(".pin.hit").first.wait_for()
    order = page.evaluate(
        "[...document.querySelectorAll('a[href], button, input, [tabindex=\"0\"]')]"
        ".filter((e) => e.checkVisibility()).map((e) => Boolean(e.closest('#ground')))"
    )
    assert order == sorted(order)
    assert page.locator("#status").get_attribute("aria-live") == "polite"
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.locator("#list h2 button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sheet-name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#list h2 button").first).to_be_focused()


@pytest.mark.parametrize("language", list(Language))
@given(
    state=st.sampled_from(State),
    ahead_min=st.none() | st.integers(1, 390 * 1440),
    since_min=st.integers(0, 10_000),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_phone_says_a_state_as_the_server_does(
    speaker: Callable[[str, dict[str, Any]], str],
    language: Language,
    state: State,
    ahead_min: int | None,
    since_min: int,
) -> None:
    now = datetime(2026, 11, 18, 2, 0, tzinfo=TIMEZONE) + timedelta(minutes=since_min)
    until = None if ahead_min is None else now + timedelta(minutes=ahead_min)
    asked = {
        "open": {"state": state.word, "until": until.isoformat() if until else None},
        "stamp": now.isoformat(),
    }
    assert speaker(language, asked) == state_text(state, until, now, language)


@pytest.fixture(scope="module")
def speaker(browser: Browser, site: str) -> Iterator[Callable[[str, dict[str, Any]], str]]:
    """words.js in a page of each language."""
    context = browser.new_context()
    pages = {language: context.new_page() for language in Language}
    for language, page in pages.items():
        page.goto(f"{site}/?lang={language}")
    path = assets().url(MAIN)
    say = f"async ({{open, stamp}}) => (await import('{path}')).state(open, stamp)"
    yield lambda language, asked: pages[Language(language)].evaluate(say, asked)
    context.close()


HOSTILE = [
    '<img src=x onerror="window.hit=1">',
    "${window.hit=1}`+`{{ 7*7 }}</script><script>window.hit=1</script>",
    "\u202eevil\u2066\u200f " + "长" * 1900,
]


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("hostile")
    raw = makers.three_places(
        name=HOSTILE,
        name_en=HOSTILE,
        address=HOSTILE,
        operator=HOSTILE,
        offers=HOSTILE,
        opening_hours_text=HOSTILE,
        geometry=[shapely.Point(113.9646 + at / 1000, 22.5406) for at in range(3)],
        kind=["warm_bee_station"] * 3,
        opening_hours=["24/7"] * 3,
    )
    found = makers.frozen(
        raw,
        title=HOSTILE[1],
        source=HOSTILE[0],
        licence=HOSTILE[1],
        city=msgspec.structs.replace(SHENZHEN, name=HOSTILE[0]),
    )
    Dataset(home, "hostile").publish(found.version, found.about, found.arrays, found.blobs)
    with served(home, "hostile") as address:
        yield address


def test_hostile_names_are_shown_as_text(visit: Open, hostile_site: str) -> None:
    page = visit().page
    page.goto(hostile_site)
    expect(cards(page)).to_have_count(3)
    shown = [page.locator("#list h2 button").nth(at).text_content() for at in range(3)]
    assert shown == HOSTILE
    for at in range(3):
        cards(page).nth(at).locator("h2 button").tap()
        expect(page.locator("#sheet-name")).to_have_text(HOSTILE[at])
        page.keyboard.press("Escape")
        expect(page.locator("#sheet")).to_be_hidden()
    page.locator("#flip").tap()
    expect(page.locator(".pin.hit")).to_have_count(3)
    page.locator("#q").fill("img")
    expect(page.locator("#found button").first).to_contain_text("<img src=x")
    assert page.evaluate("window.hit") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_javascript_a_street_office_lists_its_places(visit: Open, site: str) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(site)
    page.locator(".failed .act.main").first.tap()
    expect(page.locator(".offices li")).to_have_count(74)
    page.get_by_text("沙河街道").tap()
    expect(page.locator("h1")).to_contain_text("沙河街道")
    expect(page.locator(".banner")).to_have_text(FAKE)
    assert page.locator(".card .state").count() == page.locator(".card").count() > 10
    ask = page.locator(".ask").first
    expect(ask.locator("a")).to_be_hidden()
    ask.locator("summary").tap()
    expect(ask).to_contain_text(NOTHING_HERE)
    assert (ask.locator("a").get_attribute("href") or "").startswith(
        "https://uri.amap.com/navigation?to="
    )
    expect(ask.locator("a")).to_be_visible()


def test_a_real_charging_station_is_navigated_to_without_asking(
    visit: Open,
    serve: Callable[[Path, str], str],
    real_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    from click.testing import CliRunner

    from app.cli.main import cli

    home = tmp_path_factory.mktemp("ev")
    command = [
        "import", str(real_data / "demand" / "ev_charging_stations_gcj02.csv"), "--dataset", "ev",
        "--kind", "friendly_merchant", "--service", "ev_charge", "--datum", "gcj02", "--map",
        "station_id=id",
        "--name-template", "充电站 {station_id}", "--publish",
    ]  # fmt: skip
    done = CliRunner().invoke(cli, command, env={"NUANFENG_HOME": str(home)})
    assert done.exit_code == 0, done.output
    address = serve(home, "ev")
    page = visit().page
    page.goto(address)
    expect(cards(page).first).to_be_visible()
    assert page.locator(".banner").count() == 0
    going = cards(page).first.locator("a.go")
    lon, lat = (
        float(part)
        for part in re.findall(r"to=([\d.]+),([\d.]+),", going.get_attribute("href") or "")[0]
    )
    assert going.get_attribute("target") == "_blank"
    nearest = page.request.get(
        f"{address}/api/v1/nearest?lon=113.9645&lat=22.5405&k=1&open=at_arrival&mode=ride"
    ).json()
    x, y = nearest["features"][0]["geometry"]["coordinates"]
    # The link is GCJ-02, the reply WGS-84: some 600 m apart in Shenzhen, about 0.005° east and
    # 0.003° south.
    assert 0.003 < lon - x < 0.007
    assert -0.005 < lat - y < -0.001


@pytest.mark.parametrize(("accuracy", "reach"), [(3000, 8000), (35, 5000)])
def test_a_coarse_position_is_told_and_widens_what_is_listed(
    visit: Open, site: str, accuracy: int, reach: int
) -> None:
    visited = visit()
    visited.page.context.set_geolocation({**BAISHIZHOU, "accuracy": accuracy})
    visited.page.goto(site)
    expect(cards(visited.page).first).to_be_visible()
    said = visited.page.locator("#status")
    expect(said).to_contain_text("最近")
    assert bool(re.search(r"位置误差约 3 公里", said.inner_text())) == (accuracy == 3000)
    cells = [one for one in visited.sent if "/cell/" in one]
    assert f"max_distance_m={reach}" in cells[-1].split(" ", 1)[0]


def test_a_browser_that_knows_no_positions_says_so_and_leads_on(visit: Open, site: str) -> None:
    page = visit(located=False).page
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'geolocation', { get: () => undefined })"
    )
    page.goto(site)
    page.locator("#locate").tap()
    expect(page.locator("#notice")).to_contain_text("这个浏览器没有定位功能")
    expect(page.locator("#notice .act").first).to_be_visible()


@pytest.mark.parametrize(("language", "width", "height"), [("zh-CN", 360, 616), ("en", 360, 616)])
def test_three_cards_that_say_what_decides_stand_on_a_small_phone(
    visit: Open, site: str, language: str, width: int, height: int
) -> None:
    page = visit(viewport={"width": width, "height": height}).page
    page.goto(f"{site}/?lang={language}")
    expect(page.locator("#list")).to_have_attribute("aria-busy", "false")
    for card in cards(page).all()[:3]:
        box = card.bounding_box()
        assert box is not None
        assert box["height"] == 120
        assert box["y"] + box["height"] <= height
        parts = [card.locator(part) for part in ("h2", ".verdict", ".far", ".gives")]
        tops = [(part.bounding_box() or {"y": 0.0})["y"] for part in parts]
        assert tops == sorted(tops)
        assert card.locator(".has li").count() <= 3
    first = cards(page).first.locator(".verdict")
    expect(first).to_contain_text(re.compile("能进 · |Get in · "))
    far = cards(page).first.locator(".far").inner_text()
    assert re.match(r"(约 \d+ 分钟|≈ \d+ min)\s*\d+\sm\b", far)
    expect(cards(page).first.locator(".age")).to_have_text(
        re.compile(r"^(\d+ 天前核实|未核实|Checked \d+ d ago|Never checked)$")
    )


def test_unknown_ones_have_a_section_in_which_one_calls_first(visit: Open, site: str) -> None:
    page = visit().page
    page.goto(f"{site}/?open=any&kinds=friendly_merchant,warm_bee_station")
    page.locator("#more").get_by_role("button", name="显示更多").tap()
    expect(cards(page)).to_have_count(50)
    expect(page.locator("#list")).to_have_attribute("aria-busy", "false")
    there = [card.get_attribute("data-there") for card in cards(page).all()]
    order = ["open", "unknown", "closed"]
    assert [order.index(str(each)) for each in there] == sorted(order.index(str(e)) for e in there)
    assert {*there} >= {"open", "unknown"}
    expect(page.locator("#list .part.unknown")).to_have_text("时间未知，先打电话")
    assert page.locator("#list .part + .card").first.get_attribute("data-there") == "unknown"
    calls = page.locator("#list [data-there=unknown] .ways")
    first = [
        ways.locator(".round").first for ways in calls.all() if ways.locator(".round").count() == 2
    ]
    assert first
    assert all("致电" in (one.get_attribute("aria-label") or "") for one in first)
    assert all("go" in (one.get_attribute("class") or "").split() for one in first)
