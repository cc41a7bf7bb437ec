"""A city of 20,000 places on a phone. What 200,000 cost one is measured by `make bench-page`."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from geodata.pipeline import recipes
from geodata.store.files import Dataset
from tests.browser.conftest import Visit, as_the_server_ranks, served

Open = Callable[..., Visit]

PLACES = 20_000
#: Elements that a map of this size may hold, whatever the city's: a phone shows some 12 tiles.
MOST_PINS = 400


@pytest.fixture(scope="session")
def big_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("big")
    frozen = recipes.demo("big", counts=recipes.scaled(PLACES))
    Dataset(home, "big").publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    with served(home, "big") as address:
        yield address


def test_a_large_city_lists_its_nearest_as_the_server_ranks_them(
    visit: Open, big_site: str
) -> None:
    page = visit().page
    page.goto(big_site)
    expect(page.locator("#list .card[data-id]").nth(9)).to_be_visible()
    expect(page.locator("#list")).to_have_attribute("aria-busy", "false")
    shown = [card.get_attribute("data-id") for card in page.locator("#list .card[data-id]").all()]
    exact = as_the_server_ranks(page, big_site, "")
    # Of unknown ones among so many the server's fifty of a kind may not be enough.
    assert shown[:10] == [feature["id"] for feature in exact][:10]


def test_a_large_city_draws_no_more_than_a_phone_can_show(visit: Open, big_site: str) -> None:
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
