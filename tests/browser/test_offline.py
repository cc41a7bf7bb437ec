"""The page without a network: opened again, lost in the middle, slow.

And a version published while it is open.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app.api import pack
from app.pages.assets import MAIN, assets
from geodata.store.files import Dataset
from tests import makers
from tests.browser.conftest import Visit, as_the_server_ranks
from tests.browser.looks import until
from tests.browser.test_page import FAKE, cards, listed, stand

Open = Callable[..., Visit]
Serve = Callable[[Path, str], str]

#: What a phone says that asks what riders say, without a network: whenever its ten seconds are over.
LOST = ("ERR_INTERNET_DISCONNECTED", "Failed to load resource")
CELL = re.compile(r"/api/v1/nearest/cell/")
#: The worker runs, with every file of the page, and the pack has come.
INSTALLED = """async () => {
  await navigator.serviceWorker.ready;
  return Boolean((await caches.match("/")) && (await caches.match("/api/v1/pack")));
}"""
KEPT = """async () => {
  const urls = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) urls.push(request.url);
  return urls;
}"""
PACKED = "async () => (await (await caches.match('/api/v1/pack')).json()).dataVersion"


@pytest.fixture(scope="module")
def browser(whole_browser: Browser) -> Browser:
    """All of Chromium: here it is its store that is tried."""
    return whole_browser


def install(visited: Visit, site: str) -> Page:
    page = visited.page
    page.goto(site)
    expect(cards(page).first).to_be_visible()
    until(page, INSTALLED)
    return page


def reopened(page: Page, address: str) -> Page:
    """Another page of the same phone, without a network."""
    page.context.set_offline(True)
    again = page.context.new_page()
    again.goto(address)
    return again


def test_a_first_visit_keeps_the_page_and_the_pack_after_the_list(visit: Open, site: str) -> None:
    visited = visit()
    page = install(visited, site)
    asked = [one.split(" ", 1)[0].removeprefix(site) for one in visited.sent]
    first_cell, first_pack = (
        next(at for at, url in enumerate(asked) if part in url)
        for part in ("/cell/", "/api/v1/pack")
    )
    assert first_cell < first_pack
    kept = {url.removeprefix(site) for url in page.evaluate(KEPT)}
    versioned = {url for url in kept if url.startswith("/static/")}
    assert kept - versioned == {"/", "/api/v1/pack"}
    elsewhere = {
        "js/sw.js",
        "js/ahead.js",
        "js/guard.js",
    }  # the worker itself, and what stands in the page
    scripts = set(assets().under("js/")) - elsewhere
    assert versioned >= {assets().url(path) for path in {*scripts, "vendor/leaflet/leaflet.js"}}
    assert not versioned & set(map(assets().url, elsewhere))


def test_opened_without_a_network_it_lists_opens_and_searches(visit: Open, site: str) -> None:
    page = install(visit(expects=LOST), site)
    page = reopened(page, f"{site}/?needs=water")
    expect(cards(page)).to_have_count(20)
    expect(page.locator(".banner")).to_have_text(FAKE)
    expect(page.locator(".aged")).to_have_text(re.compile(r"^离线 · 数据为 2026年\d+月\d+日$"))
    cards(page).first.locator("h2 button").tap()
    sheet = page.locator("#sheet")
    expect(sheet).to_contain_text("开放时间")
    expect(sheet).to_contain_text("演示地址")
    expect(sheet).to_contain_text("天前")
    page.keyboard.press("Escape")
    page.locator("#q").fill("红树林")
    page.locator("#found button").first.tap()
    expect(page.locator("#status")).to_contain_text("红树林")
    expect(cards(page).first).to_be_visible()
    page.locator("#flip").tap()
    expect(page.locator("path.area").first).to_be_attached()
    expect(page.locator(".pin.hit").first).to_be_visible()
    expect(page.locator(".aged")).to_be_visible()


def test_the_list_from_the_pack_is_that_of_the_server(visit: Open, site: str) -> None:
    page = reopened(install(visit(expects=LOST), site), site)
    expect(page.locator(".aged")).to_be_visible()
    ours = listed(page)
    page.context.set_offline(False)
    theirs = as_the_server_ranks(page, site, "")
    assert [one["id"] for one in ours] == [one["id"] for one in theirs]
    assert [one["properties"]["open"] for one in ours] == [
        one["properties"]["open"] for one in theirs
    ]


def test_a_shared_place_opens_without_a_network_with_its_state(visit: Open, site: str) -> None:
    page = reopened(install(visit(expects=LOST), site), f"{site}/?place=st-00007")
    expect(page.locator("#sheet h2")).to_contain_text("演示")
    expect(page.locator("#sheet .state")).to_be_visible()
    expect(page.locator("#sheet")).to_contain_text("地址")


def test_the_page_of_a_place_opens_without_a_network_as_the_pack_knows_it(
    visit: Open, site: str
) -> None:
    page = reopened(install(visit(expects=LOST), site), f"{site}/p/st-00007?from=groupmessage")
    expect(page.locator("#sheet h2")).to_contain_text("演示")
    expect(page.locator("#sheet .state")).to_be_visible()
    expect(page.locator("#sheet")).to_contain_text("地址")
    kept = page.evaluate(KEPT)
    assert not [address for address in kept if "st-00007" in address]


def test_a_forwarded_link_that_says_nonsense_tells_of_it_lists_and_is_not_kept(
    visit: Open, site: str
) -> None:
    page = install(visit(expects=LOST), site)
    page.goto(f"{site}/?open=maybe&max_distance_m=-1&stay_min=x&needs=water&utm_source=x&lang=fr")
    expect(page.locator("#left-out")).to_contain_text("open “maybe”")
    expect(cards(page).first).to_be_visible()
    assert page.url == f"{site}/?needs=water"
    again = reopened(page, site)
    expect(cards(again).first).to_be_visible()
    expect(again.locator("#left-out")).to_have_count(0)


def test_a_network_lost_in_the_middle_is_said_and_comes_back_by_itself(
    visit: Open, site: str
) -> None:
    page = install(visit(expects=LOST), site)
    page.context.set_offline(True)
    page.locator("[data-need=rest]").tap()
    expect(page.locator(".aged")).to_contain_text("离线")
    expect(cards(page)).to_have_count(20)
    page.context.set_offline(False)
    expect(page.locator(".aged")).to_have_count(0)
    expect(cards(page)).to_have_count(20)
    assert page.url.endswith("/?needs=rest")


def test_a_reply_that_lets_one_wait_is_replaced_when_it_comes(visit: Open, site: str) -> None:
    page = install(visit(), site)
    waiting: list[Route] = []
    page.route(CELL, lambda route: waiting.append(route))  # noqa: PLW0108  # a bound method of a list takes no marks
    page.locator("[data-need=rest]").tap()
    expect(page.locator(".aged")).to_contain_text("网络不畅")
    expect(cards(page)).to_have_count(20)
    waiting[0].fulfill(
        json={**waiting[0].fetch().json(), "places": waiting[0].fetch().json()["places"][:4]}
    )
    expect(page.locator(".aged")).to_have_count(0)
    expect(page.locator("#list")).to_have_attribute("aria-busy", "false")
    assert cards(page).count() <= 4


def test_who_saves_data_keeps_nothing(visit: Open, site: str) -> None:
    page = visit().page
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'connection', { value: { saveData: true } })"
    )
    page.goto(site)
    expect(cards(page).first).to_be_visible()
    page.wait_for_timeout(3_500)
    assert (
        page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0
    )
    assert page.evaluate("async () => (await caches.keys()).length") == 0


def test_a_phone_may_install_the_page(visit: Open, site: str) -> None:
    page = install(visit(), site)
    session = page.context.new_cdp_session(page)
    faults = {
        fault["errorId"]
        for fault in session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    }
    assert faults <= {"in-incognito"}  # which every page of a test is
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"short_name":"暖蜂"' in manifest["data"]


def test_each_language_opens_without_a_network(visit: Open, site: str) -> None:
    page = install(visit(expects=LOST), site)
    page.locator("#lang").tap()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    until(page, "async () => Boolean(await caches.match('/?lang=en'))")
    again = reopened(page, f"{site}/?lang=en&open=any")
    expect(again.locator(".aged")).to_contain_text("Offline · data of")
    chinese = page.context.new_page()
    chinese.goto(site)
    expect(chinese.locator(".aged")).to_contain_text("离线")


@pytest.fixture
def growing(tmp_path: Path, serve: Serve) -> tuple[str, Callable[..., str]]:
    """A made city, being served, and a way to publish its next version.

    Of another sort as another dataset.
    """

    def publish(**changes: Any) -> str:
        raw = makers.random_city(900, 4, seed=61)
        raw["name"] = [f"{changes['title']}{row}" for row in range(len(raw))]
        found = makers.frozen(raw, **changes)
        if not found.about.synthetic:
            shutil.rmtree(tmp_path / "datasets" / "growing")
        Dataset(tmp_path, "growing").publish(found.version, found.about, found.arrays, found.blobs)
        return found.version

    publish(title="旧")
    return serve(tmp_path, "growing"), publish


def test_a_version_published_under_an_open_page_replaces_the_old_whole(
    visit: Open, growing: tuple[str, Callable[..., str]]
) -> None:
    address, publish = growing
    visited = visit(expects=LOST)
    page = install(visited, address)
    expect(page.locator("#list h2").first).to_contain_text("旧")
    version = publish(title="新", data_date="2026-11-20")
    page.wait_for_timeout(1_100)  # a server looks for another version once a second
    already = len(visited.sent)
    stand(page, 114.0579, 22.5431)
    expect(page.locator("#list h2").first).to_contain_text("新")
    until(page, f"async () => (await ({PACKED})()) === '{version}'")
    expect(page.locator("#credit")).to_contain_text("2026-11-20")
    page.locator("#flip").tap()
    expect(page.locator(".pin.many, .pin.tile").first).to_be_visible()
    tiles = [re.search(r"/tiles/(\w+)/", one.split(" ", 1)[0]) for one in visited.sent[already:]]
    assert {found[1] for found in tiles if found} == {version}
    again = reopened(page, address)
    expect(again.locator("#list h2").first).to_contain_text("新")


def test_real_data_after_made_up_data_opens_the_page_anew(
    visit: Open, growing: tuple[str, Callable[..., str]]
) -> None:
    address, publish = growing
    page = install(visit(), address)
    expect(page.locator(".banner")).to_be_visible()
    publish(title="真", synthetic=False)
    page.wait_for_timeout(1_100)
    page.evaluate(f"async () => (await import('{assets().url(MAIN)}')).change({{ open: 'any' }})")
    expect(page.locator(".banner")).to_have_count(0)
    expect(page.locator("#list h2").first).to_contain_text("真")


def test_of_a_large_city_the_part_around_is_kept_and_beyond_it_nothing_is_claimed(
    visit: Open, growing: tuple[str, Callable[..., str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "MOST_WHOLE", 100)
    monkeypatch.setattr(pack, "ZONE_PLACES", 300)
    address, _ = growing
    page = install(visit(expects=LOST), address)
    assert {url.removeprefix(address) for url in page.evaluate(KEPT) if "/static/" not in url} == {
        "/",
        "/api/v1/pack",
    }
    page.context.set_offline(True)
    page.locator("[data-need=rest]").tap()
    expect(page.locator(".aged")).to_be_visible()
    expect(cards(page).first).to_be_visible()  # how many are open, the hour decides
    stand(page, 114.68, 22.89)
    expect(page.locator("#notice")).to_contain_text("网络不通")
