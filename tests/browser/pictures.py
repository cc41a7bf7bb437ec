"""`make screenshots`: the pictures of app/README.md, the same for the same code, fonts and Chromium. Tests nothing.

It is 2:05 on a Saturday morning in 白石洲: server, phone and the replies' dates are told so.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from wsgiref.handlers import format_date_time

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from geodata import datasets
from geodata.hours import TIMEZONE
from geodata.store.files import Dataset
from tests.browser import looks
from tests.browser.conftest import BAISHIZHOU, FLAGS, PHONE, served

FOLDER: Final = Path(__file__).parents[2] / "app" / "pictures"
NOW: Final = datetime(2026, 11, 21, 2, 5, tzinfo=TIMEZONE)
SCALE: Final = 1.5
MOST_BYTES: Final = 150_000


def a_list(page: Page) -> None:
    """What stands after the page has loaded."""
    expect(page.locator("#list .card[data-id]").first).to_be_visible()


def a_map(page: Page) -> None:
    """The map of that list."""
    a_list(page)
    page.locator("#flip").tap()
    expect(page.locator("#map .pin.hit").first).to_be_visible()


def a_sheet(page: Page) -> None:
    """The first place, with all that is known of it."""
    a_list(page)
    page.locator("#list h2 button").first.tap()
    expect(page.locator("#sheet dl")).to_contain_text("入驻" if False else "")


#: Name, path, what to do there, and how the phone is set.
PICTURES: Final[Mapping[str, tuple[str, Callable[[Page], None], Mapping[str, Any]]]] = {}
