"""Pictures of the ten tasks of a clerk: on a phone for app/pictures (`make screenshots`), and for who
looks at them once, on a screen, dark and in a folder: `python -m tests.browser.desk_pictures FOLDER`.
Tests nothing.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from playwright.sync_api import Browser, sync_playwright

from app.desk.leases import Keeper
from tests.browser.clerk import TASKS, Clerk, desk_of
from tests.browser.conftest import FLAGS, PATIENCE_MS

PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 360, "height": 616},
    "device_scale_factor": 1.5,
    "has_touch": True,
    "locale": "zh-CN",
}
SCREEN: Final[dict[str, Any]] = {"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN"}
MOST_BYTES: Final = 100_000


def take(browser: Browser, folder: Path, set_as: dict[str, Any], tasks: Iterable[str]) -> None:
    """A picture of each task, done over a desk of its own. Raises SystemExit where one is too
    large for a README.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nuanfeng-clerk-") as made:
        home = Path(made) / "home"
        with (
            patch.dict(os.environ, {"NUANFENG_HOME": str(home)}),
            patch.object(Keeper, "look", lambda _: None),
            desk_of(home) as town,
        ):
            for task in tasks:
                with browser.new_context(**set_as) as context:
                    context.set_default_timeout(3 * PATIENCE_MS)
                    clerk = Clerk(context.new_page(), town, draws=True)
                    TASKS[task](clerk)
                    file = folder / f"desk-{task}.webp"
                    file.write_bytes(clerk.picture)
                    told = f"{task}: {clerk.taps} taps, {clerk.seen} of them without scrolling"
                    sys.stderr.write(f"{told}, {len(clerk.picture):,} bytes\n")
                    if len(clerk.picture) > MOST_BYTES:
                        raise SystemExit(f"{file} has more than {MOST_BYTES:,} bytes")


def main() -> None:
    """All of them on a screen, and on a dark phone, into a folder."""
    folder = Path(sys.argv[1])
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=shutil.which("chromium"), headless=True, args=FLAGS
        ) as browser,
    ):
        take(browser, folder / "phone", PHONE, TASKS)
        take(browser, folder / "screen", SCREEN, TASKS)
        take(browser, folder / "dark", {**PHONE, "color_scheme": "dark"}, TASKS)


if __name__ == "__main__":
    main()
