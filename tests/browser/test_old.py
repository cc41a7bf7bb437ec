"""The page in Chromiums of 2020 and 2021, as old phones have them in their apps: plainer, and all
of it there.
"""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import BAISHIZHOU, PHONE, Afternoon
from tests.browser.old.devtools import OldPage, opened
from tests.browser.old.unpack import VERSIONS, folder

LISTED = "document.querySelectorAll('#list .card[data-id]').length === 20"
FAILED = "getComputedStyle(document.querySelector('.failed')).display === 'block'"
BONES = "[...document.querySelectorAll('.bone')].filter((one) => one.offsetHeight).length"


@pytest.fixture(params=VERSIONS)
def old(request: pytest.FixtureRequest, site: str, afternoon: Afternoon) -> Iterator[OldPage]:
    """A phone's page in an old Chromium, located.

    It must say nothing on the console but what a test takes away.
    """
    if not (folder(request.param) / "chromium").exists():
        pytest.skip(f"Chromium {request.param} is not there; `make test` brings it")
    with opened(request.param) as page:
        origin = {"origin": site, "permissions": ["geolocation"]}
        page.send("Browser.grantPermissions", **origin)
        page.send("Emulation.setGeolocationOverride", **BAISHIZHOU)
        page.send("Emulation.setDeviceMetricsOverride", **PHONE, deviceScaleFactor=1, mobile=True)
        page.send("Page.addScriptToEvaluateOnNewDocument", source=afternoon.on_the_phone(0))
        yield page
        assert page.said == []


def until_chosen(page: OldPage, piece: str) -> None:
    """Until the address says what was chosen."""
    page.wait(f"location.search.includes('{piece}')")
    assert piece in page.evaluate("location.search")


def test_the_list_comes_and_a_chip_narrows_it(old: OldPage, site: str) -> None:
    old.send("Page.navigate", url=site)
    old.wait(LISTED)
    first = old.evaluate("document.querySelector('#list h2').textContent")
    assert first
    old.tap("#offered .chip")
    old.wait("document.querySelectorAll('#picked .chip').length === 1")
    old.wait("document.querySelector('#list').getAttribute('aria-busy') === 'false'")
    until_chosen(old, "register=no")


def test_a_place_opens_with_all_that_is_known_of_it_and_closes(old: OldPage, site: str) -> None:
    old.send("Page.navigate", url=site)
    old.wait(LISTED)
    name = old.evaluate("document.querySelector('#list h2').textContent")
    old.tap("#list h2 button")
    old.wait("!document.querySelector('#sheet').hidden")
    old.wait("document.querySelectorAll('#sheet dl > div').length > 4")  # its own reply has come
    assert old.evaluate("document.querySelector('#sheet-name').textContent") == name
    old.wait("document.querySelectorAll('#sheet .taps button').length === 6")  # what riders say
    old.wait("!!document.querySelector('.yellow-pages')")
    old.tap("#sheet .sheet-top .round")
    old.wait("document.querySelector('#sheet').hidden")


def test_the_map_draws_what_the_list_shows(old: OldPage, site: str) -> None:
    old.send("Page.navigate", url=site)
    old.wait(LISTED)
    old.tap("#flip")
    old.wait("document.querySelectorAll('.pin.hit').length === 20")
    old.wait("document.querySelectorAll('#map path').length > 1")  # the ground, too
    assert old.evaluate("document.querySelectorAll('.card').length") == 20


def test_the_sheet_of_filters_asks_and_is_answered(old: OldPage, site: str) -> None:
    old.send("Page.navigate", url=site)
    old.wait(LISTED)
    old.tap("#more-filters")
    old.tap(".drawer[open] [data-of=how-far] label:last-child")
    old.tap(".drawer[open] .foot-acts .main")
    old.wait("!document.querySelector('.drawer[open]')")
    until_chosen(old, "max_distance_m=50000")


@pytest.mark.parametrize(
    "script",
    ["const unfinished = {", "throw new Error('at start');", ""],
    ids=["cannot be read", "fails at start", "does not come"],
)
def test_a_script_that_does_not_run_is_told_and_leads_to_the_streets(
    old: OldPage, site: str, script: str
) -> None:
    old.answer("/js/main.js", script)
    old.send("Page.navigate", url=f"{site}/?lang=zh-CN")
    old.wait(f"document.readyState === 'complete' && {FAILED}")
    assert old.evaluate(BONES) == 0
    assert "这里无法显示列表" in old.evaluate("document.querySelector('.failed').innerText")
    assert old.said
    old.said.clear()
    old.tap(".failed .act.main")
    old.wait("location.search.startsWith('?street=') && document.readyState === 'complete'")
    assert "南山区" in old.evaluate("document.body.innerText")
