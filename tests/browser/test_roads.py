"""What a rider sees where the server has a road network: minutes by road, and whose
roads they are.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.app.conftest import publish
from tests.browser.conftest import Visit, served

Open = Callable[..., Visit]
OSM = "© OpenStreetMap contributors"


@pytest.fixture(scope="module")
def roads_home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("with-roads")
    shutil.copytree(demo_home / "datasets", home / "datasets")
    publish(home, home)
    return home


@pytest.fixture(scope="module")
def road_site(roads_home: Path) -> Iterator[str]:
    """The demo city with made-up streets over Baishizhou."""
    with served(roads_home, "demo", None, "grid") as address:
        yield address


def cards(page: Page) -> Locator:
    return page.locator("#list .card[data-id]")


def opened(visit: Open, site: str, query: str = "open=any") -> Page:
    page: Page = visit().page
    page.goto(f"{site}/?{query}")
    expect(cards(page).first).to_be_visible()
    return page


def test_a_card_tells_minutes_by_road_and_how_far_and_the_foot_whose_roads(
    visit: Open, road_site: str
) -> None:
    page = opened(visit, road_site)
    expect(cards(page).first.locator(".far b")).to_have_text(re.compile(r"^\d+ 分钟$"))
    expect(cards(page).first.locator(".metres")).to_have_text(re.compile(r"^\d+\sm$"))
    expect(page.locator("#answer")).to_contain_text(OSM)
    cards(page).first.locator("h2 button").tap()
    expect(page.locator("#sheet .far")).to_contain_text("按路网骑行")
    page.locator("#sheet").get_by_role("button", name="在地图上看").tap()
    expect(page.locator(".credit")).to_contain_text(OSM)


def behind_a_river(route: Route) -> None:
    """The same reply, every place a quarter of an hour farther: times are told as differences from
    the first.
    """
    reply = route.fetch()
    told = reply.json()
    for seconds in filter(None, told["squares"]["seconds"]):
        first = next(square for square, step in enumerate(seconds) if step is not None)
        seconds[first] += 900
    route.fulfill(response=reply, json=told)


def test_where_the_road_is_the_long_way_round_the_sheet_says_so(
    visit: Open, road_site: str
) -> None:
    page = visit().page
    page.route("**/api/v1/nearest/cell/**", behind_a_river)
    page.goto(f"{road_site}/?open=any")
    cards(page).first.locator("h2 button").tap()
    expect(page.locator("#sheet")).to_contain_text(re.compile(r"虽只有 \d+\sm，路上要 \d+ 分钟"))


def behind_the_nearest_a_river(route: Route) -> None:
    """The same reply, the place that is nearest a quarter of an hour farther."""
    reply = route.fetch()
    told = reply.json()
    nearest = next(row for row, place in enumerate(told["places"]) if place[0] == NEAREST)
    seconds = told["squares"]["seconds"][nearest]
    seconds[next(square for square, step in enumerate(seconds) if step is not None)] += 900
    route.fulfill(response=reply, json=told)


#: To who stands in Baishizhou.
NEAREST = "fm-03172"


def numbered(page: Page) -> list[str | None]:
    return [card.get_attribute("data-id") for card in cards(page).all()]


def minutes(page: Page) -> list[int]:
    """Of those that are open when one gets there: they stand before the others."""
    told = page.locator("#list [data-there=open] .far b").all_inner_texts()
    return [int(text.split()[0]) for text in told]


def test_the_fastest_stands_first_until_one_chooses_the_closest_and_the_phone_remembers(
    visit: Open, road_site: str
) -> None:
    phone = visit()
    page = phone.page
    page.route("**/api/v1/nearest/cell/**", behind_the_nearest_a_river)
    page.goto(road_site)
    order = page.get_by_role("group", name="哪个排前面？")
    expect(order.get_by_role("button", name="最快")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#status")).to_contain_text(re.compile(r"最快 \d 分钟"))
    assert minutes(page) == sorted(minutes(page))
    assert NEAREST not in numbered(page)[:5]
    fastest = numbered(page)
    page.locator("#flip").tap()
    expect(page.locator(".pin.hit")).to_have_count(20)
    page.locator("#flip").tap()  # over the map there is one bar, and the switch is not in it
    asked = len([sent for sent in phone.sent if "/nearest/cell/" in sent])
    order.get_by_role("button", name="最近").tap()
    expect(cards(page).first).to_have_attribute("data-id", NEAREST)
    expect(page.locator("#status")).to_contain_text("最近")
    expect(page.locator(".pin.hit").first).to_have_attribute("title", re.compile("^1 "))
    assert len([sent for sent in phone.sent if "/nearest/cell/" in sent]) == asked
    assert not any("order" in sent for sent in phone.sent)
    page.reload()
    expect(order.get_by_role("button", name="最近")).to_have_attribute("aria-pressed", "true")
    expect(cards(page).first).to_have_attribute("data-id", NEAREST)
    order.get_by_role("button", name="最快").tap()
    expect(cards(page).first).to_have_attribute("data-id", str(fastest[0]))
    assert numbered(page) == fastest


def test_the_way_to_the_chosen_place_is_drawn_and_goes_when_it_is_closed(
    visit: Open, road_site: str
) -> None:
    page = opened(visit, road_site)
    cards(page).nth(2).locator("h2 button").tap()
    page.locator("#sheet").get_by_role("button", name="在地图上看").tap()
    expect(page.locator("path.way")).to_have_count(4)
    box = page.locator("path.way.edge").bounding_box()
    assert box is not None
    assert box["width"] + box["height"] > 60
    assert box["y"] + box["height"] < (page.locator("#sheet").bounding_box() or {"y": 0.0})["y"]
    page.locator("#sheet").get_by_role("button", name="关闭").tap()
    expect(page.locator("path.way")).to_have_count(0)


def test_main_roads_lie_beneath_the_places_and_their_makers_are_named(
    visit: Open, road_site: str
) -> None:
    page = opened(visit, road_site)
    page.locator("#flip").tap()
    expect(page.locator("path.main-road")).to_be_attached()
    expect(page.locator(".credit")).to_contain_text(OSM)
    expect(page.locator(".credit")).to_be_visible()


def test_asking_by_road_sends_no_position(visit: Open, road_site: str) -> None:
    phone = visit()
    phone.page.goto(f"{road_site}/?open=any")
    cards(phone.page).first.locator("h2 button").tap()
    expect(phone.page.locator("path.way").first).to_be_attached()
    assert any("by=time" in sent for sent in phone.sent)
    assert any("/api/v1/ways/" in sent for sent in phone.sent)
    assert not any("113.96" in sent or "22.54" in sent for sent in phone.sent)


def test_without_a_network_times_stay_estimates_and_more_than_an_hour_is_told_in_hours(
    visit: Open, site: str
) -> None:
    page = opened(visit, site, "open=any&kinds=driver_home&max_distance_m=10000")
    expect(page.locator("#list")).to_contain_text(re.compile(r"约 \d+ 分钟"))
    expect(page.locator("#list")).not_to_contain_text("按路网")
    expect(page.locator("#answer")).not_to_contain_text(OSM)
    expect(page.locator("#order")).to_be_hidden()
