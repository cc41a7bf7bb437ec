"""`make bench-page ARGS=journeys`: every journey on every phone, and each without its feature.

Prints a line for each; quick: each journey on one phone only.
"""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Error, sync_playwright

from geodata.pipeline import recipes
from geodata.store.files import Dataset
from tests.benchmarks.report import Line, seconds
from tests.browser.conftest import BAISHIZHOU, FLAGS, served
from tests.browser.journeys import JOURNEYS, Combination, Journey, Rider, phone_of, rotating

ROW: Final = "journeys"
_PATIENCE_MS: Final = 15_000
_SHORT_MS: Final = 3_000


def measure(home: Path, *, quick: bool) -> Iterator[Line]:
    """A line for each journey: on how many phones a rider gets there, and that nobody does without
    the feature. Raises SystemExit where there is no Chromium.
    """
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("there is no chromium here; apt-get install chromium fonts-noto-cjk")
    made = recipes.demo("demo")
    Dataset(home, "demo").publish(made.version, made.about, made.arrays, made.blobs)
    one_each = {journey.name: phone for journey, phone in rotating()}
    with (
        served(home, "demo") as site,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS) as browser,
    ):
        for journey in JOURNEYS:
            one = one_each[journey.name]
            yield _line(browser, site, journey, one, [one] if quick else journey.combinations())


def _line(
    browser: Browser, site: str, journey: Journey, one: Combination, phones: list[Combination]
) -> Line:
    began = time.perf_counter()
    faults = [
        f"{' '.join(map(str, phone))}: {fault}"
        for phone in phones
        if (fault := _fault(browser, site, journey, phone))
    ]
    took_s = (time.perf_counter() - began) / len(phones)
    gone = _fault(browser, site, journey, one, without=True)
    without = "fails" if gone and journey.mutation.served else "HOLDS"
    return Line(
        ROW,
        journey.name,
        f"{len(phones) - len(faults)} of {len(phones)} phones, {seconds(took_s)} each",
        f"without it: {without}",
        "; ".join(faults)[:200],
        "all, and fails",
        not faults and without == "fails",
    )


def _fault(
    browser: Browser, site: str, journey: Journey, phone: Combination, *, without: bool = False
) -> str:
    """Why a rider does not get there; empty where one does."""
    told = phone_of(phone, BAISHIZHOU)
    with browser.new_context(is_mobile=True, has_touch=True, **told) as context:
        page = context.new_page()
        if without:
            journey.mutation.on(page)
        try:
            journey.do(Rider(page, site, phone, _SHORT_MS if without else _PATIENCE_MS))
        except (AssertionError, Error) as fault:
            return str(fault).replace("\n", " ")
        finally:
            page.unroute_all(behavior="ignoreErrors")
    return ""
