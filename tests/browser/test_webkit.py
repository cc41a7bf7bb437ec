"""The page in WebKit, as iPhones have it: GTK's MiniBrowser on a screen of its own, driven by
WebDriver.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from selenium.webdriver import Remote
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

PATIENCE_S = 60
MISSING = "there is no WebKit here; apt-get install webkit2gtk-driver xvfb"


def minibrowser() -> Path | None:
    """Debian keeps it in a folder named by the machine's architecture and the library's version."""
    return next(
        iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), reverse=True)), None
    )


@pytest.fixture
def screen() -> Iterator[str]:
    """A display that nobody sees, with a number that nobody else has."""
    if shutil.which("Xvfb") is None:
        pytest.skip(MISSING)
    ours, its = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(its), "-nolisten", "tcp"],
        pass_fds=[its],
        stderr=subprocess.DEVNULL,
    ) as running:
        os.close(its)
        with os.fdopen(ours) as told:
            number = told.readline().strip()
        yield f":{number}"
        running.terminate()


@pytest.fixture
def driver(screen: str) -> Iterator[Remote]:
    program, browser = shutil.which("WebKitWebDriver"), minibrowser()
    if program is None or browser is None:
        pytest.skip(MISSING)
    options = Options()
    options.binary_location = str(browser)
    options.add_argument("--automation")
    service = Service(program, env={**os.environ, "DISPLAY": screen})
    service.start()
    try:
        # Not webdriver.WebKitGTK, which warns of how it makes its own connection.
        connection = RemoteConnection(
            client_config=ClientConfig(remote_server_addr=service.service_url)
        )
        with Remote(connection, options=options) as opened:
            opened.set_window_size(390, 844)
            yield opened
        connection.close()
    finally:
        service.stop()


T = TypeVar("T")


def wait(driver: Remote, found: Callable[[Remote], T]) -> T:
    return WebDriverWait(driver, PATIENCE_S).until(found)


def one(driver: Remote, selector: str) -> WebElement:
    return driver.find_element(By.CSS_SELECTOR, selector)


def test_who_looks_for_a_place_finds_the_list_and_opens_a_sheet(driver: Remote, site: str) -> None:
    driver.get(f"{site}/?lang=zh-CN")
    wait(driver, lambda page: one(page, "html").get_dom_attribute("data-script") == "running")
    one(driver, "#q").send_keys("白石洲")
    wait(driver, lambda page: page.find_elements(By.CSS_SELECTOR, "#found button"))[0].click()
    wait(
        driver, lambda page: len(page.find_elements(By.CSS_SELECTOR, "#list .card[data-id]")) == 20
    )
    name = one(driver, "#list h2").get_property("textContent")
    one(driver, "#list h2 button").click()
    wait(driver, lambda page: len(page.find_elements(By.CSS_SELECTOR, "#sheet dl > div")) > 4)
    wait(
        driver, lambda page: one(page, "#sheet-name").text == name
    )  # seen once the sheet has risen
    assert not one(driver, ".failed").is_displayed()
    one(driver, "#sheet .sheet-top .round").click()
    wait(driver, lambda page: not one(page, "#sheet").is_displayed())
