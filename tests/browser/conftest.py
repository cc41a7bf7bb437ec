"""A real browser on a phone's screen, and servers for it to look at."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from werkzeug.serving import make_server

from app.basemap import BaseMap
from app.factory import create_app
from app.settings import Settings

#: 白石洲, an urban village in Nanshan where many riders live.
BAISHIZHOU = {"longitude": 113.9645, "latitude": 22.5405, "accuracy": 35}
PHONE = {"width": 390, "height": 844}

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
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@contextmanager
def served(home: Path, dataset: str, base_map: BaseMap | None = None, network: str | None = None) -> Iterator[str]:
    """The app over a dataset, on a free port of this machine."""
    server = make_server("127.0.0.1", 0, create_app(Settings(home, dataset, network, base_map=base_map)), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def site(demo_home: Path) -> Iterator[str]:
    """The demo city, being served."""
    with served(demo_home, "demo") as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no chromium here; apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
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
        if message.type in ("error", "warning") and not any(piece in message.text for piece in self.allowed):
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
def visit(browser: Browser, serve: object) -> Iterator[Callable[..., Visit]]:
    """Open a phone. Every page it shows must keep to its own host and say nothing on the console."""
    made: list[Visit] = []

    def open_phone(*, located: bool = True, expects: tuple[str, ...] = (), beneath: str = "", **options: Any) -> Visit:
        given = {"geolocation": BAISHIZHOU, "permissions": ["geolocation"]} if located else {}
        context = browser.new_context(
            **{"viewport": PHONE, "is_mobile": True, "has_touch": True, "locale": "zh-CN", **given, **options}
        )
        context.set_default_timeout(10_000)
        made.append(Visit(context.new_page(), allowed=frozenset(expects), beneath=beneath))
        made[-1].watch()
        return made[-1]

    yield open_phone
    for one in made:
        one.page.context.close()
        assert one.said == []
        assert len(one.hosts - {one.beneath}) <= 1
