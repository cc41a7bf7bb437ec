"""A city of 20,000 places costs a phone what the demo city costs. `make bench-page` does the same with 200,000."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from geodata import datasets
from geodata.store.files import Dataset
from tests.browser.conftest import Visit, served

Open = Callable[..., Visit]

PLACES = 20_000
#: Elements that a map of this size may hold, whatever the city's: a phone shows some 12 tiles.
MOST_PINS = 400


@pytest.fixture(scope="session")
def big_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("big")
    frozen = datasets.demo("big", counts=datasets.scaled(PLACES))
    Dataset(home, "big").publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    with served(home, "big") as address:
        yield address


def fetched_bytes(page: Page) -> int:
    """Of everything but the page itself, as the network carried it."""
    size: int = page.evaluate(
        "performance.getEntriesByType('resource').reduce((sum, entry) => sum + entry.encodedBodySize, 0)"
    )
    return size


def test_a_large_city_lists_its_nearest_as_the_server_ranks_them(visit: Open, big_site: str) -> None:
    page = visit().page
    page.goto(big_site)
    expect(page.locator("#list .card[data-id]")).to_have_count(10)
    shown = [card.get_attribute("data-id") for card in page.locator("#list .card[data-id]").all()]
    exact = page.request.get(f"{big_site}/api/v1/nearest?lon=113.9645&lat=22.5405&open=now&k=10").json()
    assert shown == [feature["id"] for feature in exact["features"]]


def test_a_large_city_draws_no_more_than_a_small_one(visit: Open, site: str, big_site: str) -> None:
    page = visit().page
    page.goto(big_site)
    expect(page.locator("#list .card[data-id]").first).to_be_visible()
    page.locator("#flip").tap()
    expect(page.locator("#map .pin.hit").first).to_be_visible()
    for _ in range(6):  # out to the whole city, where all 20,000 are in sight
        page.locator(".leaflet-control-zoom-out").tap()
        page.wait_for_load_state("networkidle")
        assert 0 < page.locator("#map .pin").count() <= MOST_PINS
    expect(page.locator("#map .pin.many").first).to_be_visible()


def test_a_large_city_is_as_light_as_a_small_one(visit: Open, site: str, big_site: str) -> None:
    fetched = []
    for address in (site, big_site):
        page = visit().page
        page.goto(address)
        expect(page.locator("#list .card[data-id]").first).to_be_visible()
        page.locator("#flip").tap()
        expect(page.locator("#map .pin.hit").first).to_be_visible()
        fetched.append(fetched_bytes(page))
    small, large = fetched
    assert large < 1.15 * small
