"""The desk in a browser: without scripts, by keyboard, on a small phone, in both languages, light
and dark.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from app.desk import accounts
from app.desk.roles import DeskRole
from app.request import queries
from tests.app.desk import samples
from tests.app.desk.desk_town import CITY, ROOT, DeskTown, town_at
from tests.app.desk.filling import Amounts, Filler
from tests.browser import looks
from tests.browser.conftest import serving

SMALL = {"width": 360, "height": 616}
GOOD = "correct horse battery staple"
PAGES = (
    *("", "letters", "letters/{letter}", "reports", "board", "board/places?street={street}"),
    *("wishes", "notices", "notices/new", "accounts", "audit", "account", "account/factor"),
    *("tables", "places?q={place}", "places/{place}", "places/{place}/history", "new-place"),
    *("waiting", "directory?of=event", "directory/contact/new", "directory/event/new"),
    *("pins", "pins/{pin}", "templates", "templates/{template}"),
    *("round?street={street}", "jobs/{job}", "notices/{notice}/renew", "directory/contact/{entry}"),
)


@pytest.fixture(scope="module")
def desk(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskTown]:
    town = town_at(demo_home, tmp_path_factory.mktemp("desk"))
    Filler(town).fill(Amounts.all_alike(3))
    with serving(town.app) as town.address:
        yield town


def opened(browser: Browser, locale: str, scheme: str = "light", *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport=SMALL,  # type: ignore[arg-type]  # two numbers
        locale=locale,
        color_scheme=scheme,  # type: ignore[arg-type]  # light or dark
        java_script_enabled=scripts,
        has_touch=True,
    )
    return context.new_page()


def enter(page: Page, town: DeskTown, role: DeskRole, language: str = "zh-CN") -> None:
    client = town.signed_in(town.account(role, CITY))
    client.post("/desk/account/language", language=language)
    cookie = client.client.get_cookie("desk")
    assert cookie
    page.context.add_cookies([{"name": "desk", "value": cookie.value, "url": town.address}])


@pytest.mark.parametrize(("language", "scheme"), [("zh-CN", "light"), ("en", "dark")])
def test_every_page_is_for_everyone(
    browser: Browser, desk: DeskTown, language: str, scheme: str
) -> None:
    page = opened(browser, language, scheme)
    page.goto(f"{desk.address}/desk/sign-in")
    assert looks.barriers(page) == []
    enter(page, desk, DeskRole.ADMIN, language)
    samples.report(desk)
    place = samples.place_of(desk)
    named = {"job": "job", "notice": "notice_id", "entry": "entry"}
    values = {
        "letter": samples.letter(desk),
        "street": desk.street,
        "place": place,
        "pin": samples.pin(desk),
        "template": samples.template(desk),
        **{name: desk.samples[sample] for name, sample in named.items()},
    }
    faults: list[object] = []
    for path in PAGES:
        page.goto(f"{desk.address}/desk/{path.format(**values)}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        page.evaluate("document.querySelectorAll('main details').forEach((e) => (e.open = true))")
        faults += [(path, each) for each in (*looks.barriers(page), *looks.pale(page))]
        faults += [(path, "small", each) for each in looks.small(page)]
        faults += [] if looks.fits(page) else [(path, "wide")]
    page.context.close()
    assert sorted({str(each) for each in faults}) == []


def test_a_clerk_sets_up_an_account_and_answers_a_letter_without_scripts(
    browser: Browser, desk: DeskTown
) -> None:
    """From the link that an admin gives to the answer that a rider reads, with the keyboard."""
    account, letter = desk.account(DeskRole.ANSWERER), samples.letter(desk)
    token = desk.desk.database.write(
        lambda held: accounts.new_link(held, account, ROOT, queries.now())
    )
    page = opened(browser, "zh-CN", scripts=False)
    page.goto(f"{desk.address}/desk/link/{token}")
    secret = page.locator(".secret").inner_text()
    page.get_by_label("新密码").fill(GOOD)
    page.get_by_label("再输一次").fill(GOOD)
    page.get_by_label("六位数字").fill(pyotp.TOTP(secret).at(queries.now()))
    page.keyboard.press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    code = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="登录").press("Enter")
    page.get_by_label("账号名").fill(account.name)
    page.get_by_label("密码", exact=True).fill(GOOD)
    page.get_by_label("恢复码").fill(code)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{desk.address}/desk/")
    page.goto(f"{desk.address}/desk/letters/{letter}")
    expect(page.locator(".said")).to_contain_text(samples.TEXT)
    page.get_by_role("button", name="已修好").press("Enter")
    expect(page.locator("#answer")).to_have_value(re.compile("已经修好"))
    page.get_by_role("button", name="回复").press("Enter")
    expect(page.locator(".state").first).to_have_text("已答复")
    page.context.close()


def test_an_area_is_drawn_by_tapping_its_corners(browser: Browser, desk: DeskTown) -> None:
    page = opened(browser, "en")
    enter(page, desk, DeskRole.PUBLISHER, "en")
    page.goto(f"{desk.address}/desk/notices/new")
    frame = page.locator("#draw")
    expect(frame).to_be_visible()
    for x, y in ((80, 80), (200, 80), (200, 200)):
        frame.tap(position={"x": x, "y": y})
    expect(page.locator("#draw .corner")).to_have_count(3)
    expect(page.locator("#polygons")).to_have_value(re.compile("MultiPolygon"))
    page.get_by_role("button", name="Take back a corner").tap()
    expect(page.locator("#polygons")).to_have_value("")
    ring = [[113.95, 22.53], [113.97, 22.53], [113.97, 22.55], [113.95, 22.53]]
    page.locator("#polygons").fill(f'{{"type":"Polygon","coordinates":[{ring}]}}')
    expect(page.locator("#draw .corner")).to_have_count(3)
    page.context.close()
