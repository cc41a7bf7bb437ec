"""What everyone needs of a page, asked of a page that stands: axe's rules, contrast, targets,
width. Opens none.

axe-core tells little of contrast here: where a card's button lies over the card, axe does not
decide. So contrast is worked out from the colours themselves (WCAG 2.2, 1.4.3)."""

import re
import time
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page

from tests.patience import PATIENCE_S

_AXE: Final = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
_GRAVE: Final = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target.join(" ")).join(", "))"""

#: What a thumb may miss: 44 px high is what WCAG 2.2 AAA and both phone makers ask for. Links
#: inside a sentence need no size of their own (2.5.8), a name is tapped anywhere on its card, and
#: the skip link is for keyboards.
_SMALL: Final = """() => [...document.querySelectorAll("button, a[href], input, select, summary, label.chip")]
  .filter((e) => e.checkVisibility() && !e.closest(".card h2, article[lang=en], .plate") && !e.matches(".skip"))
  .map((e) => [e.id || e.className || e.textContent, e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 43.9 || box.width < 43.9)
  .map(([name]) => name)"""

#: "name|colour of the text|colour it stands on", each sort once. Names on the map lie on drawings,
#: and carry a halo; what is printed across a sample plate is meant to be pale.
_TEXTS_AND_GROUNDS: Final = """() => {
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const speaks = (e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const texts = [...document.body.querySelectorAll("*")].filter((e) => e.checkVisibility() && speaks(e));
  const seen = texts.filter((e) => !e.closest(".word, .sample, .unseen, .skip, script"));
  return [...new Set(seen.map((e) => [e.className || e.tagName, getComputedStyle(e).color, ground(e)].join("|")))];
}"""
_LEAST_CONTRAST: Final = 4.5


def barriers(page: Page) -> list[str]:
    """What axe-core finds serious or critical, by rule, with the elements."""
    if not _AXE.is_file():
        pytest.skip("there is no axe-core here; `make test` installs it")
    page.evaluate(f"() => {{ {_AXE.read_text()} }}")
    found: list[str] = page.evaluate(_GRAVE)
    return found


def pale(page: Page) -> list[str]:
    """Texts with less contrast than WCAG AA asks for."""
    pairs = [pair.split("|") for pair in page.evaluate(_TEXTS_AND_GROUNDS)]
    assert len(pairs) > 2
    return [
        f"{name}: {text} on {ground}"
        for name, text, ground in pairs
        if contrast(text, ground) < _LEAST_CONTRAST
    ]


def contrast(one: str, other: str) -> float:
    """Of two CSS colours rgb(…); WCAG 2.2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def small(page: Page) -> list[str]:
    """What is to be tapped and is smaller than a thumb."""
    found: list[str] = page.evaluate(_SMALL)
    return found


def enlarge(page: Page, percent: int) -> None:
    """All text so much larger, as a phone's setting makes it."""
    page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")


def fits(page: Page) -> bool:
    """Whether nothing has to be pushed sideways to be read."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def until(page: Page, script: str) -> None:
    """Wait for what an asynchronous script finds; wait_for_function takes its promise for a yes."""
    end = time.monotonic() + PATIENCE_S
    while not page.evaluate(script):
        assert time.monotonic() < end, script
        page.wait_for_timeout(100)
