"""The rooms of app/static/js: which may import which, and that no script comes back to itself
through its imports.
"""

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath
from typing import Final

import pytest

from app.pages.assets import assets

#: What each room may import beside itself, from the top down. The scripts that the page, the worker
#: or another script loads by their address stand at the top, in no folder.
MAY_IMPORT: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({"voice", "list", "map", "place", "ask", "page"}),
    "voice": frozenset({"map", "place", "ask", "page"}),
    "list": frozenset({"place", "ask", "page"}),
    "map": frozenset({"ask", "page"}),
    "place": frozenset({"ask", "page"}),
    "ask": frozenset({"page"}),
    "page": frozenset(),
}
#: The scripts at the top.
TOP: Final = {"main.js", "guard.js", "ahead.js", "sw.js", "beside.js"}

#: A static or a dynamic import, as our scripts write it.
IMPORT: Final = re.compile(r'\b(?:from|import) ?\(?"([^"]+)"')


def room(path: str) -> str:
    """The folder of a script below js/, empty at the top."""
    return dirname(path).removeprefix("js").strip("/")


def imports() -> dict[str, set[str]]:
    """Every script as we wrote it, and the scripts that it imports at once or later."""
    return {
        path: {normpath(join(dirname(path), target)) for target in IMPORT.findall(text)}
        for path, text in assets().written.items()
    }


def test_every_script_stands_in_a_room_and_imports_scripts_that_are_there() -> None:
    written = imports()
    assert {room(path) for path in written} == set(MAY_IMPORT)
    assert {path.removeprefix("js/") for path in written if not room(path)} == TOP
    assert {target for targets in written.values() for target in targets} <= set(written)


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_a_room_imports_only_the_rooms_below_it(name: str) -> None:
    arrows = {
        (path, target)
        for path, targets in imports().items()
        for target in targets
        if room(path) == name and room(target) not in MAY_IMPORT[name] | {name}
    }
    assert arrows == set()


def test_every_arrow_that_is_allowed_is_used() -> None:
    used = {(room(path), room(target)) for path, targets in imports().items() for target in targets}
    assert {(name, other) for name, below in MAY_IMPORT.items() for other in below} <= used


#: The names under which a script of ours keeps something on the phone, and what a saved file has.
_KEPT: Final = re.compile(r"""(?<![.\w])(?:keep|kept|read)\("(\w+)\"""")
_SAVED: Final = re.compile(r'const NAMES = "([^"]+)"')


def test_a_saved_file_holds_every_choice_that_the_phone_keeps() -> None:
    scripts = {path: text for path, text in assets().written.items() if room(path) != "voice"}
    kept = {name for text in scripts.values() for name in _KEPT.findall(text)}
    (saved,) = _SAVED.findall(scripts["js/place/kept.js"])
    assert len(kept) > 8
    assert sorted(saved.split()) == sorted(kept)
