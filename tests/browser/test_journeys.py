"""Every journey of a rider on one phone each, all sorts of phones in turn; and some fail once their
feature is taken out. All of both on every phone: `make bench-page ARGS=journeys`.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error

from tests.browser.conftest import BAISHIZHOU, PATIENCE_MS, Visit
from tests.browser.journeys import JOURNEYS, Combination, Journey, Rider, phone_of, rotating

Open = Callable[..., Visit]
#: What is gone does not come: no need to wait long for it.
SHORT_MS = 3_000
#: What a phone says that is told to keep no worker; not on every machine, and not each time.
BLOCKED = "Service Worker registration blocked by Playwright"
#: Every which journey is made without its feature, too.
EVERY = 5


def test_there_are_thirty_with_a_change_each_that_takes_the_feature_out() -> None:
    assert len({journey.name for journey in JOURNEYS}) == 30
    assert len({journey.mutation for journey in JOURNEYS}) == 30
    phones = [phone for _, phone in rotating()]
    for values in zip(*phones, strict=True):
        assert len(set(values)) in (2, 3, 5)


@pytest.mark.parametrize(
    ("journey", "phone"), list(rotating()), ids=lambda one: getattr(one, "name", "")
)
def test_a_rider_gets_there(visit: Open, site: str, journey: Journey, phone: Combination) -> None:
    page = visit(located=False, expects=(BLOCKED,), **phone_of(phone, BAISHIZHOU)).page
    journey.do(Rider(page, site, phone, PATIENCE_MS))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("journey", "phone"), list(rotating())[::EVERY], ids=lambda one: getattr(one, "name", "")
)
def test_without_its_feature_a_journey_fails(
    visit: Open, site: str, journey: Journey, phone: Combination
) -> None:
    page = visit(located=False, expects=("",), **phone_of(phone, BAISHIZHOU)).page
    journey.mutation.on(page)
    with pytest.raises((AssertionError, Error)):
        journey.do(Rider(page, site, phone, SHORT_MS))
    assert journey.mutation.served
