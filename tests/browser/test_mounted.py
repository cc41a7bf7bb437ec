"""The page under a path of a host that others share, with a network and without."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import expect

from tests.browser.conftest import Visit, served
from tests.browser.looks import until
from tests.browser.test_page import cards

PREFIX: Final = "/nuanfeng"
#: The worker is in charge of our path alone, and keeps the page and the pack.
INSTALLED: Final = """async () => {
  const { scope } = await navigator.serviceWorker.ready;
  const kept = (path) => caches.match(path, { ignoreVary: true });
  if (!scope.endsWith("/nuanfeng/")) return false;
  return Boolean((await kept("/nuanfeng/")) && (await kept("api/v1/pack")));
}"""


def test_a_phone_asks_for_nothing_outside_the_path_and_goes_on_without_a_network(
    visit: Callable[..., Visit], demo_home: Path
) -> None:
    asked: list[str] = []
    with served(demo_home, "demo", prefix=PREFIX) as site:
        page = visit().page
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{site.rstrip('/')}{PREFIX}/?lang=en")
        expect(cards(page).first).to_be_visible()
        until(page, INSTALLED)
        cards(page).first.click()
        expect(page.locator("#sheet")).to_be_visible()
    own = [url for url in asked if url.startswith(site.rstrip("/"))]
    assert len(own) > 5
    assert [url for url in own if not re.match(rf"{site.rstrip('/')}{PREFIX}/", url)] == []
