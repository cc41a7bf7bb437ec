"""No script and no style needs more of a browser than the oldest that
app/static/target.mjs names.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

from app.pages.assets import assets
from tests.benchmarks.page.sizes import OF_OPERATORS

ROOT: Final = Path(__file__).parents[3]
OLD: Final = ROOT / "tests" / "browser" / "old"

#: What is newer and yet named, each with the reason why the page stands without it.
ALLOWED: Final[Mapping[str, Mapping[str, str]]] = {
    "js": {
        "permissions": "asked by `?.`: without it the page asks before it looks for the phone",
        "query": "of `permissions` alone",
        "share": "tried first: else the address is copied",
        "connection": "asked by `?.`",
        "saveData": "of `connection` alone",
        "requestIdleCallback": "or else setTimeout",
        "showModal": "page/modal.js shows the dialog by its attribute",
        "sourceCapabilities": "Leaflet asks whether it is there",
        "firesTouchEvents": "of `sourceCapabilities` alone",
        "level": "a place's, in the server's JSON",
        "estimate": "the page's, in its JSON",
        "first": "of a way and of a calendar, in the server's JSON",
        "lines": "a pack's, in the server's JSON",
        "weeks": "a pack's, in the server's JSON",
    },
    "css": {
        "color-scheme": "the phone's own scrollbars and fields stay light",
        "overscroll-behavior": "the page scrolls on where a sheet ends",
        "overscroll-behavior-x": "the same beside a strip of cards",
        "forced-color-adjust": "part of the rules below",
        "@media (forced-colors)": "where no colours can be forced, there are none to heed",
        "scrollbar-width": "a bar is seen",
        "-webkit-tap-highlight-color": "Leaflet's: a tap flashes otherwise",
        "mix-blend-mode": "Leaflet's: tiles fade less evenly",
        "print-color-adjust": "a printer leaves colours out",
        "scroll-initial-target": "the chosen chip may stand outside of the strip at first",
        "aspect-ratio": "of a plate that an office prints: the code stands in a wider frame",
    },
}


@pytest.fixture(scope="module")
def newer() -> Callable[[Mapping[str, str], Path], dict[str, set[str]]]:
    """The names in files that came to browsers too late, by the file."""
    if not (OLD / "node_modules" / "@mdn").exists():
        pytest.skip("MDN's compatibility data is not there; `make test` brings it")

    def read(files: Mapping[str, str], folder: Path) -> dict[str, set[str]]:
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        node = Path(sys.executable).parent / "node"
        command = [str(node), str(OLD / "newer.mjs"), *(str(folder / name) for name in files)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert answer.returncode == 0, answer.stderr
        return {Path(file).name: set(names) for file, names in json.loads(answer.stdout).items()}

    return read


def test_what_phones_load_names_nothing_newer_but_what_it_can_do_without(
    newer: Callable[[Mapping[str, str], Path], dict[str, set[str]]], tmp_path: Path
) -> None:
    served = {
        path.replace("/", "-"): assets().text(path)
        for path in assets().stored
        if path.endswith((".js", ".css")) and not path.startswith(OF_OPERATORS)
    }
    found = newer(served, tmp_path)
    for ending, allowed in ALLOWED.items():
        named = {
            name.partition(":")[0]
            for file, names in found.items()
            if file.endswith(ending)
            for name in names
        }
        assert named == set(allowed)


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("a.js", "last([1].at(-1));", "at"),
        ("a.js", "Object.hasOwn({}, name);", "hasOwn"),
        ("a.js", "structuredClone(one);", "structuredClone"),
        ("a.js", 'text.replaceAll("a", "b");', "replaceAll"),
        ("a.js", "list.replaceChildren();", "replaceChildren"),
        ("a.js", "signal.throwIfAborted();", "throwIfAborted"),
        ("a.js", "all.findLast(Boolean);", "findLast"),
        ("a.js", "new WeakRef(one);", "WeakRef"),
        ("a.js", "const [first, ...others] = all;", "[…rest] ="),
        ("a.css", ".a { inset: 0; }", "inset"),
        ("a.css", ".a { height: 1px; min-height: 100dvh; }", "dvh"),
        ("a.css", ".a { padding-inline: 1rem; }", "padding-inline"),
        ("a.css", ".a { color: color-mix(in srgb, red, blue); }", "color-mix()"),
        ("a.css", ".a, .b:has(.c) { top: 0; }", ":has in a list"),
        ("a.css", "@media (scripting: none) { .a { top: 0; } }", "@media (scripting)"),
        ("a.css", ".a { translate: 1px; }", "translate"),
    ],
)
def test_what_is_too_new_is_found(
    newer: Callable[[Mapping[str, str], Path], dict[str, set[str]]],
    tmp_path: Path,
    file: str,
    text: str,
    name: str,
) -> None:
    assert newer({file: text}, tmp_path)[file] == {name}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.js", "const cell = { at: 1 }; show(cell.at);"),
        ("a.js", "const map = { draw() {} }; map.draw();"),
        ("a.css", ".a { height: 100vh; height: 100dvh; }"),
        ("a.css", ".b:has(.c) { top: 0; }"),
        ("a.css", "@supports selector(:has(*)) { .a:has(b), .c { inset: 0; } }"),
    ],
)
def test_what_has_an_older_way_beside_it_is_not(
    newer: Callable[[Mapping[str, str], Path], dict[str, set[str]]],
    tmp_path: Path,
    file: str,
    text: str,
) -> None:
    assert newer({file: text}, tmp_path)[file] == set()
