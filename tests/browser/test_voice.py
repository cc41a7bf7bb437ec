"""What riders say, on two phones and more: said, seen, taken back, sent later; a plate, a wish, a
letter. Every rider here comes from a network of their own.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page, Request, Route, expect

from app.cli.main import cli
from app.cli.voice import prepare
from app.settings import Settings
from app.voice import plates
from app.voice.keys import KeyRing
from tests.browser import looks
from tests.browser.conftest import Afternoon, Visit, bare_spot, served

Open = Callable[..., Visit]

#: A page asks every ten seconds what others say: by this, as if eleven had passed.
LATER: Final = "{ const real = Date.now; Date.now = () => real() + 11_000; }"
SCRIPT: Final = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
FIRST: Final = "#list .card[data-id]"
LISTED: Final = f"""() => {{
  const ids = [...document.querySelectorAll("{FIRST}")].map((card) => card.dataset.id);
  return document.querySelector("#list").ariaBusy !== "true" && ids.length && ids;
}}"""


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo city with voices of its own: other tests hear none of them."""
    made = tmp_path_factory.mktemp("voices")
    shutil.copytree(demo_home / "datasets", made / "datasets")
    prepare(Settings(made, "demo"))
    return made


@pytest.fixture(scope="module")
def voices(home: Path) -> Iterator[str]:
    """A server that looks at the database whenever it is asked, so that no test waits for that."""
    with pytest.MonkeyPatch.context() as patched:
        for each in ("looks", "live_reports"):
            patched.setattr(f"app.voice.{each}.LOOK_EVERY_S", 0.0)
        with served(home, "demo", trusted_proxies=1) as address:
            yield address


@pytest.fixture
def rider(visit: Open, voices: str) -> Callable[..., Page]:
    """A rider's phone at an address of the page, from network `number`."""

    def opened(number: int, address: str = "/", **options: Any) -> Page:
        network = {"X-Forwarded-For": f"10.16.{number}.1"}
        page = visit(extra_http_headers=network, **options).page
        page.goto(voices + address)
        return page

    return opened


def listed(page: Page) -> list[str]:
    """The places of the list, once riders' voices are there, too."""
    expect(page.locator(FIRST).first).to_be_visible()
    page.wait_for_selector(".yellow-pages", state="attached")
    # In one look, and not while the list is drawn anew by what others said.
    found: list[str] = page.wait_for_function(LISTED).json_value()
    return found


def card(page: Page, place: str) -> Any:
    return page.locator(f'#list .card[data-id="{place}"]')


def look_at(page: Page, place: str) -> None:
    card(page, place).locator("h2 button").tap()
    expect(page.locator(".taps")).to_be_visible()


def posted(visits: list[str]) -> list[str]:
    return [each for each in visits if "/reports" in each and "idempotency-key" in each]


def until_of(page: Page) -> str:
    """Until when the sheet says that nobody gets in, as HH:MM."""
    told: list[str] = re.findall(r"\d\d:\d\d", page.locator("#sheet .verdict .state").inner_text())
    return told[-1]


def ask_now(*pages: Page) -> None:
    """Let these pages ask what others say, and wait until they do."""
    for page in pages:
        with page.expect_response("**/api/v1/reports"):
            page.evaluate(LATER)


def test_what_one_reports_another_sees_and_a_contrary_word_shortens(
    rider: Callable[..., Page], afternoon: Afternoon
) -> None:
    one, two = rider(1), rider(2)
    place = listed(one)[0]
    assert listed(two)[0] == place
    asked: list[str] = []
    one.on("request", lambda request: asked.append(request.url))

    look_at(two, place)
    two.locator(".taps [data-type=closed]").tap()  # the second tap
    expect(two.locator(".becomes .thanked")).to_contain_text("再有一人这样说")
    ask_now(one)
    expect(card(one, place).locator(".riders")).to_have_text(re.compile("1 人说关着 · \\d+ 分钟前"))

    look_at(one, place)
    one.locator(".taps [data-type=closed]").tap()
    expect(one.locator(".becomes .thanked")).to_contain_text("排序都按它来")
    expect(one.locator(".others-say")).to_contain_text("2 人说关着")
    expect(one.locator("#sheet .verdict")).to_contain_text("骑手说进不去")
    before = until_of(one)
    expect(card(one, place)).to_have_count(0)  # not open when one gets there
    ask_now(two)
    expect(card(two, place)).to_have_count(0)
    assert any("/nearest/cell/" in url and "&k=11&" in url for url in asked)

    three = rider(3, f"/?place={place}")
    expect(three.locator(".others-say")).to_contain_text("2 人说关着")
    three.locator(".taps [data-type=open]").tap()
    expect(three.locator(".becomes .thanked")).to_be_visible()
    ask_now(one)
    expect(one.locator("#sheet .verdict")).not_to_contain_text(before)
    clock = [datetime.strptime(each, "%H:%M") for each in (until_of(one), before)]  # noqa: DTZ007  # a wall clock's
    assert timedelta(hours=1) < clock[1] - clock[0] < timedelta(hours=3)

    afternoon.ahead += timedelta(hours=4, minutes=1)  # all of it has ended
    ask_now(one)
    expect(one.locator(".others-say li")).to_have_count(0)


def test_a_report_is_taken_back_within_ten_seconds(rider: Callable[..., Page], voices: str) -> None:
    page = rider(4)
    place = listed(page)[1]
    look_at(page, place)
    page.locator(".taps [data-type=full]").tap()
    expect(page.locator(".becomes .thanked")).to_be_visible()
    page.locator(".undo").tap()
    expect(page.locator(".becomes")).to_contain_text("已撤回")
    assert place not in page.request.get(f"{voices}/api/v1/reports").json()["places"]
    assert page.evaluate("localStorage.getItem('nuanfeng.voice.reports')") == "[]"


def test_without_a_network_a_report_waits_and_is_sent_once(visit: Open, voices: str) -> None:
    one = visit(
        extra_http_headers={"X-Forwarded-For": "10.16.5.1"}, expects=("net::ERR_", "Failed to load")
    )
    page = one.page
    page.goto(voices)
    place = listed(page)[2]
    look_at(page, place)

    def lose(route: Route, request: Request) -> None:
        route.fetch()  # the server has taken it, and the phone never hears of that
        route.abort()

    page.route("**/api/v1/places/*/reports", lose, times=1)
    page.locator(".taps [data-type=no_water]").tap()
    expect(page.locator(".becomes .waits")).to_contain_text("存在手机上")
    page.context.set_offline(True)
    page.locator(".taps [data-type=full]").tap()
    expect(page.locator(".becomes .waits")).to_contain_text("没有网络")
    page.context.set_offline(False)
    expect(page.get_by_text("存在手机上的已经发出")).to_be_visible()
    looks.until(page, "JSON.parse(localStorage['nuanfeng.voice.waiting']).length === 0")
    told = page.request.get(f"{voices}/api/v1/reports").json()["places"][place]
    assert {kind: told[kind][0] for kind in told} == {"no_water": 1, "full": 1}
    keys = re.findall(r"'idempotency-key': '(\w+)'", "".join(posted(one.sent)))
    assert (len(keys), len(set(keys))) == (4, 2)


def test_a_scanned_plate_says_that_one_is_there_and_counts_for_two(
    rider: Callable[..., Page], home: Path, voices: str
) -> None:
    place = "st-00040"
    token = plates.token(KeyRing(home / "keys"), place)
    page = rider(6, f"/p/{place}#k={token}")
    expect(page.locator(".how-now .there")).to_have_text("已到场")
    assert token not in page.url
    assert page.evaluate(f"performance.getEntries().every((e) => !e.name.includes('{token}'))")
    page.locator(".taps [data-type=closed]").tap()
    expect(page.locator(".becomes .thanked")).to_contain_text("排序都按它来")
    assert page.request.get(f"{voices}/api/v1/reports").json()["places"][place]["closed"][0] == 2
    page.reload()
    expect(page.locator(".how-now .there")).to_have_text("已到场")

    other = rider(7, f"/p/{place}#k=1-AAAAAAAAAAAAAAAAAAAAAA")
    expect(other.get_by_text("这块牌子这里不认识")).to_be_visible()
    expect(other.locator(".how-now .there")).to_have_text("")


def test_a_hot_place_asks_for_a_proof_of_work_which_the_phone_does(
    rider: Callable[..., Page],
) -> None:
    challenge, bits = "68abc123.q3Jt0cF1mJx0T1bq9m2aZw", 12
    tried: list[dict[str, Any]] = []

    def hot(route: Route, request: Request) -> None:
        tried.append(json.loads(request.post_data or "{}"))
        if "proof" in tried[-1]:
            return route.continue_()
        refused = {"challenge": challenge, "bits": bits, "expires": "2026-11-30T00:00:00Z"}
        return route.fulfill(status=429, json=refused, headers={"Retry-After": "600"})

    page = rider(8, expects=("429", "400"))
    place = listed(page)[3]
    page.route("**/api/v1/places/*/reports", hot)
    look_at(page, place)
    page.locator(".taps [data-type=full]").tap()
    expect(page.locator(".becomes .refused, .becomes .thanked")).to_be_visible()
    proof = tried[1]["proof"]
    assert proof.startswith(challenge + ":")
    assert int.from_bytes(hashlib.sha256(proof.encode()).digest()) >> (256 - bits) == 0


def test_a_busy_server_is_heard_and_asked_again_when_it_says(rider: Callable[..., Page]) -> None:
    page = rider(9, expects=("503",))
    place = listed(page)[4]
    busy = {"status": 503, "json": {"detail": "busy"}, "headers": {"Retry-After": "3"}}
    page.route("**/api/v1/places/*/reports", lambda route: route.fulfill(**busy), times=1)
    look_at(page, place)
    page.locator(".taps [data-type=full]").tap()
    expect(page.locator(".becomes .waits")).to_contain_text("3 秒后自动发出")
    expect(page.get_by_text("存在手机上的已经发出")).to_be_visible()


def test_a_hidden_page_asks_nothing(visit: Open, voices: str) -> None:
    one = visit()
    one.page.goto(voices)
    listed(one.page)

    def count() -> int:
        return sum("/api/v1/reports " in sent for sent in one.sent)

    ask_now(one.page)
    one.page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    seen = count()
    one.page.evaluate(LATER)
    one.page.wait_for_timeout(2_500)  # it looks once a second
    assert count() == seen


def test_a_note_is_words_and_nothing_on_the_phone_is_a_cookie(
    rider: Callable[..., Page], home: Path
) -> None:
    page = rider(10)
    place = listed(page)[5]
    look_at(page, place)
    title = page.title()
    page.locator(".taps button").last.tap()
    page.locator("#note").fill(SCRIPT)
    page.get_by_text("时间不对").tap()
    expect(page.locator(".becomes .thanked")).to_contain_text("维护名单的人会看到")
    page.locator("#sheet .sheet-top .round").tap()
    page.locator(".yellow-pages").tap()
    page.locator(".tabs button").last.tap()
    expect(page.locator(".mine")).to_contain_text("时间不对")
    page.locator(".mine button").first.tap()
    expect(page.get_by_text("还没有。点开一个地方")).to_be_visible()
    assert page.title() == title
    assert page.context.cookies() == []
    database = (home / "voice" / "demo.db").read_bytes()
    assert b"onerror" not in database


def test_an_empty_result_takes_a_wish_of_an_area_and_no_position(visit: Open, voices: str) -> None:
    one = visit(extra_http_headers={"X-Forwarded-For": "10.16.11.1"})
    page = one.page
    page.goto(f"{voices}/?needs=talk&kinds=driver_home&max_distance_m=2000")
    page.locator(".wish").tap()
    page.locator(".drawer .chip", has_text="喝水").tap()
    page.locator(".drawer .act.main").tap()
    expect(page.locator(".drawer")).to_contain_text("心愿已记下")
    [wish] = [sent for sent in one.sent if "/api/v1/wishes" in sent]
    told = json.loads(wish.rpartition("} ")[2])
    assert (told["cell"], sorted(told["needs"])) == ("ws101r", ["talk", "water"])
    assert re.search(r"22\.54|113\.96", wish) is None
    page.locator(".drawer a", has_text="别人的心愿").tap()
    expect(page).to_have_url(re.compile("/wishes"))


PHONES: Final = [
    ({"width": 320, "height": 568}, "zh-CN", "light"),
    ({"width": 360, "height": 616}, "en-GB", "dark"),
]


@pytest.mark.parametrize(("viewport", "locale", "scheme"), PHONES)
def test_everyone_can_say_something(
    rider: Callable[..., Page], viewport: Any, locale: str, scheme: str
) -> None:
    page = rider(12, viewport=viewport, locale=locale, color_scheme=scheme)
    place = listed(page)[6]

    def good() -> None:
        page.wait_for_timeout(300)  # what rises is pale until it stands
        assert looks.barriers(page) == []
        assert looks.pale(page) == []
        assert looks.small(page) == []
        assert looks.fits(page)

    look_at(page, place)
    page.locator(".taps [data-type=full]").tap()
    expect(page.locator(".becomes .thanked")).to_be_visible()
    good()
    page.locator(".taps button").last.tap()
    good()
    page.locator(".drawer .round").tap()
    page.locator("#sheet .sheet-top .round").tap()
    page.locator(".yellow-pages").tap()
    expect(page.locator(".directory .entries li").first).to_be_visible()
    good()
    page.locator(".tabs button").last.tap()
    expect(page.locator(".mine li").first).to_be_visible()
    good()


def run(home: Path, *arguments: str) -> str:
    env = {"NUANFENG_HOME": str(home), "NUANFENG_DATASET": "demo"}
    done = CliRunner(env=env).invoke(cli, [*arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_letter_lives_on_the_phone_by_its_receipt(visit: Open, voices: str, home: Path) -> None:
    one = visit(extra_http_headers={"X-Forwarded-For": "10.16.13.1"})
    page = one.page
    page.goto(f"{voices}/letters")
    form = page.locator("form[action^='/letters?']")
    made = form.locator("[name=receipt]").input_value()
    form.locator("textarea").fill(f"门口的灯坏了 {SCRIPT} 电话 138 0013 8000，粤B12345")
    form.locator("select").first.select_option("safety")
    expect(page.locator("#public")).to_contain_text("安全")
    form.locator(".act.main").tap()
    expect(page.locator("#careful")).to_contain_text("手机号")
    expect(page.locator("#careful")).to_contain_text("车牌号")
    expect(page.locator("#careful [data-of=card]")).to_be_hidden()
    form.locator("textarea").fill(f"门口的灯坏了 {SCRIPT}")
    expect(page.locator("#careful")).to_be_hidden()
    form.locator(".act.main").tap()

    code = page.locator(".code").inner_text()
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert code == made
    expect(page.locator(".receipt-qr svg")).to_be_visible()
    page.get_by_text("把回执存在这部手机上").tap()
    expect(page.get_by_text("让这部手机忘掉回执")).to_be_visible()

    listing = json.loads(run(home, "letters", "list", "--json"))
    mine = max(listing, key=lambda each: each["received_at"])["id"]
    run(home, "letters", "answer", mine, "灯已经修好")
    page.goto(voices)
    listed(page)
    late = "(name) => { const all = JSON.parse(localStorage[name]); all[0].asked = 0;"
    page.evaluate(f"{late} localStorage[name] = JSON.stringify(all); }}", "nuanfeng.voice.letters")
    assert not [sent for sent in one.sent if "letters/status" in sent]  # nobody has looked
    page.locator(".yellow-pages").tap()
    page.locator(".tabs button").last.tap()
    expect(page.locator(".mine .news")).to_have_text("有新回复")
    page.locator(".mine a", has_text="安全").tap()

    expect(page.locator(".course")).to_contain_text("灯已经修好")
    assert code not in page.url
    assert page.locator("article img").count() == 0
    page.get_by_text("没有：重新打开", exact=False).or_(
        page.locator("form .act").nth(1)
    ).first.tap()
    expect(page.locator(".voice .state").first).to_contain_text("未解决")
    assert page.title() != "run"
    assert page.context.cookies() == []


def test_a_spot_tapped_on_the_map_goes_as_a_pin_into_a_letter(visit: Open, voices: str) -> None:
    one = visit(located=False, extra_http_headers={"X-Forwarded-For": "10.16.14.1"})
    page = one.page
    page.goto(voices)
    page.locator("#notice").get_by_text("在地图上点选").tap()
    page.locator(".pin.many").first.wait_for()
    ground = page.locator("#map")
    ground.tap(position=bare_spot(page, ground))
    expect(page.locator("#status")).to_contain_text("所点位置")
    page.locator("#flip").tap()
    listed(page)
    page.locator(".yellow-pages").tap()
    page.locator(".tabs button").last.tap()
    page.get_by_text("去书记信箱").tap()
    expect(page.locator("#pinned b")).to_have_text(re.compile(r"11[34]\.\d{5},22\.\d{5}"))
    assert "pin" not in page.url
    form = page.locator("form[action^='/letters?']")
    form.locator("textarea").fill("路灯不亮")
    assert looks.fits(page)
    form.locator(".act.main").tap()
    code = page.locator(".code").inner_text()
    page.goto(f"{voices}/letters#{code}")
    expect(page.locator("a[href^='geo:22.']")).to_be_visible()
    page.goto(f"{voices}/letters#pin=113.96450,22.54050")
    page.get_by_text("去掉这个点").tap()
    expect(page.locator("#pinned")).to_be_hidden()
    assert page.locator("[name=pin]").input_value() == ""


@pytest.fixture
def announce(home: Path, tmp_path: Path) -> Iterator[Callable[[dict[str, Any]], str]]:
    """Publishes a notice and gives its id; what a test leaves in force is cancelled, so that a
    second try meets none.
    """

    def published(notice: dict[str, Any]) -> str:
        (tmp_path / "notice.json").write_text(json.dumps(notice))
        before = living()
        run(home, "notices", "publish", str(tmp_path / "notice.json"))
        (notice_id,) = living() - before
        made.add(notice_id)
        return notice_id

    def living() -> set[str]:
        told = json.loads(run(home, "notices", "list", "--json"))
        return {each["id"] for each in told["features"]}

    made: set[str] = set()
    yield published
    for notice_id in made & living():
        cancel(home, notice_id, tmp_path)


def cancel(home: Path, notice_id: str, folder: Path) -> None:
    (folder / "over.json").write_text(json.dumps({"references": notice_id}))
    run(home, "notices", "cancel", str(folder / "over.json"))


def test_a_notice_is_seen_inside_its_zone_and_goes_when_it_is_cancelled(
    rider: Callable[..., Page],
    home: Path,
    afternoon: Afternoon,
    tmp_path: Path,
    announce: Callable[[dict[str, Any]], str],
) -> None:
    page = rider(14)
    before = listed(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    area = [[113.95, 22.53], [113.98, 22.53], [113.98, 22.55], [113.95, 22.55], [113.95, 22.53]]
    now = afternoon.now()
    said = {"description": "why", "instruction": "go around"}
    notice_id = announce(
        {
            "effect": "closed",
            "expires": (now + timedelta(days=1)).isoformat(),
            "polygons": [area],
            "zh": {"headline": "白石洲临时封闭 <b>", **said},
            "en": {"headline": "Baishizhou closed", **said},
        }
    )
    banner = page.locator(".zone")
    ask_now(page)
    expect(banner).to_contain_text("白石洲临时封闭 <b>")
    expect(banner).to_contain_text("您在区域内")
    expect(card(page, before[0])).to_have_count(0)  # it lies inside, and so is closed
    page.locator("#flip").tap()
    expect(page.locator("path.noticed.closed").last).to_be_visible()
    expect(banner).to_be_visible()
    assert not [each for each in sent if re.search(r"113\.96|22\.54", each)]
    page.locator("#flip").tap()
    address = banner.evaluate("link => link.href")
    assert page.request.get(address).status == 200
    assert urlsplit(address).path.rpartition("/")[2] == notice_id

    cancel(home, notice_id, tmp_path)
    ask_now(page)
    expect(banner).to_have_count(0)
    expect(card(page, before[0])).to_have_count(1)


def test_the_letter_box_prints_without_a_button(rider: Callable[..., Page]) -> None:
    page = rider(9, "/letters")
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_be_visible()
    assert page.locator("button, input, textarea, .act").filter(visible=True).count() == 0
