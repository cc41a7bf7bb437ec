"""A page as a PDF or a picture, by the Chromium of this machine."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from geodata.errors import NuanfengError

#: By any of these names.
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Nothing but the page: no sandbox in containers, no network, no first visit.
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
_LONGEST_S: Final = 120
_FAILED: Final = "{program} did not print: {fault}"


class NoPrinter(NuanfengError):
    """There is no Chromium, or it did not print."""


def pdf_of(page: str) -> bytes:
    """A page on A4, as its own print rules say. Raises NoPrinter."""
    return _made(page, "page.pdf", ["--no-pdf-header-footer", "--print-to-pdf={out}"])


def png_of(page: str, width: int, height: int) -> bytes:
    """The first `width` x `height` pixels of a page, twice as fine. Raises NoPrinter."""
    size = f"--window-size={width},{height}"
    return _made(page, "page.png", ["--force-device-scale-factor=2", size, "--screenshot={out}"])


def _made(page: str, name: str, wishes: Sequence[str]) -> bytes:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise NoPrinter(
            "A PDF or PNG needs Chromium, and none is installed here ({names}). Write -o"
            " report.html instead, open it in any browser and print it on A4 (Ctrl+P, “save as"
            " PDF”).",
            names=", ".join(NAMES),
        )
    with tempfile.TemporaryDirectory(prefix="nuanfeng-report-") as folder:
        source, target = Path(folder, "page.html"), Path(folder, name)
        source.write_text(page, encoding="utf-8")
        asked = [wish.format(out=target) for wish in wishes]
        own = f"--user-data-dir={Path(folder, 'profile')}"
        try:
            done = subprocess.run(  # noqa: S603  # a browser by its name, and our own page
                [program, *_FLAGS, own, *asked, source.as_uri()],
                capture_output=True,
                timeout=_LONGEST_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise NoPrinter(_FAILED, program=program, fault=fault) from None
        if done.returncode or not target.exists():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise NoPrinter(_FAILED, program=program, fault="".join(said[-1:]))
        return target.read_bytes()
