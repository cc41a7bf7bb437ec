"""Ten tasks of a clerk who never saw the desk, each done from its first page by the words that stand
on the screen, in Chinese. Tests nothing by itself: `test_clerk.py` does them on a phone, and
`pictures.py` on a phone and on a screen.
"""

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import Locator, Page, expect

from app.desk.roles import DeskRole, Scope, ScopeKind
from app.request import queries
from tests.app.desk import samples
from tests.app.desk.desk_town import CITY
from tests.app.desk.real_town import ROWS, STREET, RealTown, published, real_town, table
from tests.browser.conftest import serving

#: Of pictures in WebP.
QUALITY: Final = 80
#: The street office whose list is published before any task begins.
KNOWN: Final = "南头街道"
#: Of a place that tasks find by its name.
PLACE: Final = "南头驿站"
_PHONE_BEFORE: Final = "0755-82333707"


@dataclass
class Clerk:
    """Who sits in front of a page of the desk, and counts what they tap."""

    page: Page
    town: RealTown
    taps: int = 0
    seen: int = 0
    """Of the taps those on what stood on the screen at once, without scrolling."""
    draws: bool = False
    """Whether pictures are taken."""
    picture: bytes = b""
    """Of the moment that tells most of the task, WebP."""

    def enter(self, role: DeskRole, scope: Scope = CITY) -> None:
        """Be signed in as somebody, on the first page."""
        client = self.town.client(role, scope, new=True)
        client.post("/desk/account/language", language="zh-CN")
        cookie = client.client.get_cookie("desk")
        assert cookie
        self.page.context.clear_cookies()
        held = {"name": "desk", "value": cookie.value, "url": self.town.address}
        self.page.context.add_cookies([held])  # type: ignore[list-item]  # as Playwright has it
        self.home()

    def home(self) -> None:
        """The first page, as after signing in."""
        self.page.goto(f"{self.town.address}/desk/")

    def tap(self, what: Locator) -> None:
        """Tap something."""
        window = self.page.viewport_size
        box = what.first.bounding_box()
        assert window
        self.taps += 1
        self.seen += bool(box and box["y"] + box["height"] <= window["height"])
        what.first.click()

    def link(self, words: str) -> None:
        """Tap a link by its words."""
        self.tap(self.page.get_by_role("link", name=words))

    def button(self, words: str) -> None:
        """Tap a button by its words."""
        self.tap(self.page.get_by_role("button", name=words, exact=True))

    def fill(self, label: str, text: str) -> None:
        """Write into a field by its label."""
        self.taps += 1
        self.page.get_by_label(label).first.fill(text)

    def choose(self, label: str, words: str) -> None:
        """Choose of a list by its label."""
        self.taps += 1
        self.page.get_by_label(label).first.select_option(label=words)

    def says(self, words: str) -> None:
        """The page says so."""
        expect(self.page.locator("main")).to_contain_text(words)

    def look(self, at: str = "h1") -> None:
        """The moment that tells most of a task."""
        if self.draws:
            self.page.locator(at).first.evaluate("(e) => e.scrollIntoView({ block: 'start' })")
            self.page.wait_for_load_state("networkidle")
            session = self.page.context.new_cdp_session(self.page)
            asked = {"format": "webp", "quality": QUALITY}
            self.picture = b64decode(session.send("Page.captureScreenshot", asked)["data"])

    def job(self) -> None:
        """The job that the page tells of is done meanwhile, and the server follows."""
        self.page.wait_for_url("**/desk/jobs/*")
        self.town.done(self.page.url)
        self.town.desk.live._look_at = 0.0
        self.page.goto(self.page.url)

    def find(self, name: str) -> None:
        """From the first page to a place."""
        self.link("找一个点")
        self.fill("名称，或牌上的编号", name)
        self.button("搜索")
        self.link(name)

    def publish(self) -> None:
        """A publisher lets everybody see what waits."""
        self.enter(DeskRole.PUBLISHER)
        self.link("修改等待发布")
        self.tap(self.page.get_by_role("button", name="全部发布"))
        self.job()
        self.says("已发布")


def send_a_list(clerk: Clerk) -> None:
    """A street office sends its list, and a publisher publishes it."""
    clerk.enter(DeskRole.EDITOR, Scope(ScopeKind.STREET, STREET))
    clerk.link("上传名单")
    file = {"name": "驿站.csv", "mimeType": "text/csv", "buffer": table(*ROWS)}
    clerk.taps += 1
    clerk.page.get_by_label("表格").set_input_files(file)  # type: ignore[arg-type]  # as above
    clerk.choose("坐标系", "WGS-84（GPS）")
    clerk.choose("地点类型", "暖蜂驿站")
    clerk.button("上传并检查")
    clerk.job()
    clerk.says("由发布员看过后发布")
    address = clerk.page.url
    clerk.enter(DeskRole.PUBLISHER)
    clerk.link("上传名单")
    clerk.tap(clerk.page.locator(f"a[href='{address.partition(clerk.town.address)[2]}']"))
    clerk.look("h2:has-text('会有什么变化'), section:has(svg.sketch)")
    clerk.button("全部发布")
    clerk.job()
    clerk.says("已发布为版本")


def correct_an_hour(clerk: Clerk) -> None:
    """The hours of a place are others than the list says."""
    clerk.enter(DeskRole.EDITOR)
    clerk.find(PLACE)
    clerk.fill("照门上写的填", "周一至周五9:00-21:30")
    clerk.button("看看系统怎么理解")
    clerk.says("理解为")
    clerk.look("section:has(textarea)")
    clerk.button("保存")
    clerk.says("等待发布")


def answer_a_letter(clerk: Clerk) -> None:
    """A rider is answered."""
    samples.letter(clerk.town, KNOWN)
    clerk.enter(DeskRole.ANSWERER)
    clerk.link("来信待办")
    clerk.link(f"· {KNOWN}")
    clerk.button("已修好")
    clerk.look("section:has(#answer)")
    clerk.button("回复")
    clerk.says("已答复")


def draw_a_flooded_area(clerk: Clerk) -> None:
    """Water stands in the streets: an area is drawn, and published."""
    clerk.enter(DeskRole.PUBLISHER)
    clerk.link("画出封闭、积水")
    frame = clerk.page.locator("#draw")
    expect(frame).to_be_visible()
    for x, y in ((60, 60), (180, 60), (180, 160)):
        clerk.taps += 1
        frame.click(position={"x": x, "y": y})
    clerk.look()
    clerk.choose("作用", "请绕行")
    tomorrow = clerk.town.desk.today(queries.now() + timedelta(days=1))
    clerk.fill("到何时止", f"{tomorrow}T18:00")
    for label, text in (("标题", "道路积水"), ("说明", "积水约四十厘米。"), ("怎么做", "请绕行。")):
        for at, said in enumerate((text, "Flooded: go around.")):
            clerk.taps += 1
            clerk.page.get_by_label(label, exact=True).nth(at).fill(said)
    clerk.button("先预览")
    clerk.says("道路积水")
    clerk.button("发布")
    clerk.says("道路积水")


def find_who_changed_a_number(clerk: Clerk) -> None:
    """Somebody changed the telephone of a place: who, when, from what to what."""
    clerk.enter(DeskRole.EDITOR)
    clerk.find(PLACE)
    clerk.fill("电话", _PHONE_BEFORE)
    clerk.button("保存")
    clerk.taps = 0
    clerk.home()
    clerk.find(PLACE)
    clerk.link("谁改了什么")
    clerk.says(_PHONE_BEFORE)
    clerk.look()


def undo_an_import(clerk: Clerk) -> None:
    """A list that was published by mistake is taken back."""
    if STREET not in {each.label for each in clerk.town.held().about.layers}:
        send_a_list(clerk)
    clerk.enter(DeskRole.PUBLISHER)
    clerk.taps = 0
    clerk.link("上传名单")
    clerk.link("发布名单")
    clerk.look()
    clerk.button("撤回这次导入")
    clerk.job()
    clerk.says("已发布")


def add_a_place(clerk: Clerk) -> None:
    """A new place with its plate."""
    clerk.enter(DeskRole.EDITOR, Scope(ScopeKind.STREET, KNOWN))
    clerk.link("新增地点")
    clerk.fill("地点名称", "新开驿站")
    clerk.choose("地点类型", "暖蜂驿站")
    clerk.fill("经度和纬度", "113.9200 22.5400")
    clerk.button("保存")
    clerk.says("等待发布")
    clerk.publish()
    clerk.home()
    clerk.find("新开驿站")
    clerk.link("打印门牌")
    expect(clerk.page.locator("body")).to_contain_text("新开驿站")
    clerk.look("body")


def close_and_reopen(clerk: Clerk) -> None:
    """A place closes, and opens again."""
    clerk.enter(DeskRole.EDITOR)
    for words, act in (("永久关闭", "关闭"), ("重新开放", "重新开放")):
        clerk.home()
        clerk.find(PLACE)
        clerk.tap(clerk.page.locator("summary", has_text=words))
        clerk.look("details:has(summary.act):has(input[name=closes])")
        clerk.button(act)
    expect(clerk.page.locator("summary", has_text="永久关闭")).to_be_visible()


def invite_a_colleague(clerk: Clerk) -> None:
    """A colleague gets an account of a role, for a part of the city."""
    clerk.enter(DeskRole.ADMIN)
    clerk.link("邀请同事")
    clerk.fill("账号名", "lihua")
    clerk.choose("角色", "编辑")
    clerk.choose("管辖范围", KNOWN)
    clerk.button("新增并生成链接")
    clerk.says("/desk/link/")
    clerk.look()


def go_on_a_round(clerk: Clerk) -> None:
    """Today's round: the first place is right."""
    clerk.enter(DeskRole.EDITOR)
    clerk.link("今天的核实路线")
    clerk.choose("街道", KNOWN)
    clerk.button("显示路线")
    clerk.button("我在门口，信息无误")
    clerk.says(f"{clerk.town.desk.today(queries.now())} 已核实")
    clerk.look()


TASKS: Final[Mapping[str, Callable[[Clerk], None]]] = {
    "list": send_a_list,
    "hour": correct_an_hour,
    "letter": answer_a_letter,
    "area": draw_a_flooded_area,
    "who": find_who_changed_a_number,
    "undo": undo_an_import,
    "new": add_a_place,
    "closed": close_and_reopen,
    "invite": invite_a_colleague,
    "round": go_on_a_round,
}


@contextmanager
def desk_of(home: Path) -> Iterator[RealTown]:
    """A desk over a small list of real places, served; its jobs are done when a task says so."""
    published(home)
    town = real_town(home)
    with serving(town.app) as town.address:
        yield town
    town.desk.database.close()
