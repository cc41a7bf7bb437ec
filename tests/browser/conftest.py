"""A real browser on a phone's screen, and servers for it to look at."""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Geolocation,
    Locator,
    Page,
    Playwright,
    Position,
    Request,
    expect,
    sync_playwright,
)
from werkzeug.http import http_date
from werkzeug.serving import WSGIRequestHandler, make_server

from app.factory import create_app
from app.maps.basemap import BaseMap
from app.request import queries
from app.settings import Settings
from geodata.vocabulary import PROGRAMME_KINDS, Door
from tests.makers import TIMEZONE

#: 白石洲, an urban village in Nanshan where many riders live.
BAISHIZHOU: Geolocation = {"longitude": 113.9645, "latitude": 22.5405, "accuracy": 35}
#: Where that rider stands, to ten metres or finer, or their cell.
POSITION = re.compile(r"113\.964|22\.540|ws101r6")
PHONE = {"width": 390, "height": 844}
#: How long a test waits for what it expects to see: other work on the machine is no fault of the
#: page.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser may stumble over the machine: what fails is tried once more, and the summary tells
    it (RERUN).
    """
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


class Afternoon:
    """The clock of servers and phones in these tests: whenever they run, each begins on a Wednesday
    at 14:01.

    It runs on from there, and it is never behind the real one: to a browser, what a server of
    yesterday said is stale."""

    def __init__(self) -> None:
        today = datetime.now(TIMEZONE)
        begins = today.replace(hour=14, minute=1, second=0, microsecond=0) + timedelta(
            days=(2 - today.weekday()) % 7
        )
        self.ahead = begins + timedelta(days=7 * (begins < today)) - today

    def now(self) -> datetime:
        return datetime.now(TIMEZONE) + self.ahead

    def on_the_phone(self, wrong_h: float) -> str:
        """A script that sets the phone's dates, and leaves its timers as they are."""
        shift_ms = round((self.ahead + timedelta(hours=wrong_h)) / timedelta(milliseconds=1))
        return f"""globalThis.Date = class extends Date {{
          constructor(...given) {{ super(...(given.length ? given : [Date.now()])); }}
          static now() {{ return super.now() + {shift_ms}; }}
        }};"""


@pytest.fixture(autouse=True)
def afternoon(monkeypatch: pytest.MonkeyPatch) -> Afternoon:
    clock = Afternoon()
    monkeypatch.setattr(queries, "now", clock.now)
    return clock


class Dated(WSGIRequestHandler):
    """Replies say the time that the app goes by."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return http_date(queries.now() if timestamp is None else timestamp)


@contextmanager
def served(
    home: Path,
    dataset: str,
    base_map: BaseMap | None = None,
    network: str | None = None,
    prefix: str = "",
    **settings: Any,
) -> Iterator[str]:
    """The app over a dataset, mounted under a path, on a free port of this machine."""
    chosen = Settings(home, dataset, network, base_map=base_map, prefix=prefix, **settings)
    with serving(create_app(chosen)) as address:
        yield address


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of an app on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Dated)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def site(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo city, being served; nobody has said anything of it, whatever other tests did."""
    home = tmp_path_factory.mktemp("site")
    for each in demo_home.iterdir():
        if each.name not in ("voice", "keys"):
            (home / each.name).symlink_to(each)
    with served(home, "demo") as address:
        yield address


def kept_by_the_page(page: Page) -> dict[str, str]:
    """What the rider chose, as the phone keeps it; what others said and announced lies beside it
    for a phone without a network. A position is in neither.
    """
    kept: dict[str, str] = page.evaluate("Object.fromEntries(Object.entries(localStorage))")
    for name, value in kept.items():
        assert not POSITION.search(value), f"{name} holds a position: {value}"
    return {name: value for name, value in kept.items() if not name.startswith("nuanfeng.voice.")}


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium without its windows, which draws, runs and asks alike in two thirds of the time; all
    of Chromium where only that is installed.
    """
    yield from started(playwright, "chromium-headless-shell", "chromium")


@pytest.fixture(scope="session")
def whole_browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium as a person has it, with its own store of what pages keep."""
    yield from started(playwright, "chromium")


def started(playwright: Playwright, *names: str) -> Iterator[Browser]:
    """The first of these programs that is here, until the tests are over."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("there is no chromium here; apt-get install chromium fonts-noto-cjk")
    opened = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
    yield opened
    opened.close()


@dataclass
class Visit:
    """A page on a phone, and what it did that a person does not see."""

    page: Page
    said: list[str] = field(default_factory=list)
    """Warnings and errors on the console, CSP violations among them, and exceptions."""
    hosts: set[str] = field(default_factory=set)
    """Everything that was asked for anything."""
    sent: list[str] = field(default_factory=list)
    """Every request: its address, its headers and its body."""
    allowed: frozenset[str] = frozenset()
    """Pieces of console messages that the test expects."""
    beneath: str = ""
    """Host and port of a base map, which may be asked, too."""

    def watch(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda fault: self.said.append(str(fault)))
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(
            piece in message.text for piece in self.allowed
        ):
            self.said.append(message.text)

    def _asked(self, request: Request) -> None:
        self.sent.append(f"{request.url} {request.headers} {request.post_data}")
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https"):
            self.hosts.add(parts.netloc)


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Serve a dataset until the test, and every phone in it, is done."""
    with ExitStack() as running:
        yield lambda *what: running.enter_context(served(*what))


@pytest.fixture
def visit(browser: Browser, serve: object, afternoon: Afternoon) -> Iterator[Callable[..., Visit]]:
    """Open a phone.

    Every page it shows must keep to its own host and say nothing on the console.
    """
    made: list[Visit] = []

    def open_phone(
        *,
        located: bool = True,
        expects: tuple[str, ...] = (),
        beneath: str = "",
        wrong_h: float = 0,
        **options: Any,
    ) -> Visit:
        given = {"geolocation": BAISHIZHOU, "permissions": ["geolocation"]} if located else {}
        context = browser.new_context(
            **{
                "viewport": PHONE,
                "is_mobile": True,
                "has_touch": True,
                "locale": "zh-CN",
                **given,
                **options,
            }
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(afternoon.on_the_phone(wrong_h))
        made.append(Visit(context.new_page(), allowed=frozenset(expects), beneath=beneath))
        made[-1].watch()
        return made[-1]

    yield open_phone
    for one in made:
        one.page.context.close()
        assert one.said == []
        assert len(one.hosts - {one.beneath}) <= 1


def bare_spot(page: Page, ground: Locator) -> Position:
    """A point of the map with nothing on it that a tap would choose, from the map's corner.

    All tiles are there.
    """
    page.wait_for_load_state("networkidle")
    found: Position | None = ground.evaluate("""(map) => {
          const { left, top, width, height } = map.getBoundingClientRect();
          const taken = "button, a, summary, .leaflet-interactive, .leaflet-marker-icon, .leaflet-control";
          const bare = (x, y) => !document.elementsFromPoint(left + x, top + y)[0].closest(taken);
          for (let y = height / 2; y < height - 60; y += 12)
            for (let x = 40; x < width - 60; x += 12)
              if ([-14, 0, 14].every((dx) => [-14, 0, 14].every((dy) => bare(x + dx, y + dy)))) return { x, y };
        }""")
    assert found, "there is a pin everywhere"
    return found


def _words(asked: str | Iterable[str]) -> list[str]:
    return asked.split(",") if isinstance(asked, str) else [str(word) for word in asked]


def as_the_server_ranks(page: Page, site: str, filters: str, k: int = 10) -> list[dict[str, Any]]:
    """What the phone should list at BAISHIZHOU: of those of certain and those of unknown hours each
    the k that the server ranks first, open ones before unknown ones before closed ones.
    """
    asked = {"open": "at_arrival", "mode": "ride", **dict(parse_qsl(filters))}
    here = {"lon": str(BAISHIZHOU["longitude"]), "lat": str(BAISHIZHOU["latitude"])}

    def answer(**changes: str) -> dict[str, dict[str, Any]]:
        features = []  # of each kind and door the first fifty: no reply has more
        kinds, doors = asked.get("kinds", PROGRAMME_KINDS), asked.get("door", Door)
        for kind, door in product(_words(kinds), _words(doors)):
            apart = {"kinds": kind, "door": door}
            query = urlencode({**here, **asked, "k": "50", **changes, **apart})
            features += page.request.get(f"{site}/api/v1/nearest?{query}").json()["features"]
        features.sort(key=lambda one: (one["properties"]["distance_m"], one["id"]))
        return {feature["id"]: feature for feature in features}

    every = answer()
    sure = every if asked["open"] == "any" else answer(include_unknown="false")
    unsure = [one for one in every if one not in sure]
    expected = [*sure][:k] + (unsure[:k] if asked.get("include_unknown") != "false" else [])
    opens = answer(open="at_arrival", include_unknown="false")
    may = answer(open="at_arrival", include_unknown="true")
    ranked = sorted(expected, key=lambda one: 0 if one in opens else 1 if one in may else 2)
    return [{**sure, **every}[one] for one in ranked]
