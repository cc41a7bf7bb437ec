"""The files phones load: read once, named by one hash over all of them.

Opens no file that a request names.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from posixpath import dirname, join, normpath
from typing import Final

from app.response.cache import CachedBody

TYPES: Final[Mapping[str, str]] = {
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
    "png": "image/png",
}


#: Our scripts, and where `make` puts their bundle; the first line of each file says what all of it
#: was made from.
_OURS: Final = "js/"
_BUNDLE: Final = "vendor/page/"
#: The script that the page names; it imports the others.
MAIN: Final = "js/main.js"
#: The script that stands in the page itself and begins what MAIN takes up; in the bundle it imports
#: nothing.
AHEAD: Final = "js/ahead.js"
#: The script that stands in the page before all others and says so if they do not run; it imports
#: nothing.
GUARD: Final = "js/guard.js"
#: The script that answers when the network does not; it imports nothing.
WORKER: Final = "js/sw.js"
#: The scripts of what people say: they come when list and map stand.
VOICE: Final = "js/voice/"
#: Of these the ones that are loaded by their address, and import nothing.
_VOICE_ALONE: Final = frozenset({f"{VOICE}{name}.js" for name in ("proof", "door", "letters")})
#: The script that lays our base map under a map of the desk; riders load none of it.
GROUND_ALONE: Final = "js/map/alone.js"
#: The scripts that no other imports.
_ENTRIES: Final = frozenset({MAIN, AHEAD, GUARD, WORKER, GROUND_ALONE}) | _VOICE_ALONE
#: What a script imports before it runs, and what it may import at any time.
_IMPORTED: Final = re.compile(r'\b(?:from|import) ?"(\.{1,2}/[^"]+)"')
_NAMED: Final = re.compile(r'\b(?:from|import) ?\(?"(\.{1,2}/[^"]+)"')
#: What of Leaflet no script of ours draws (test_files.py), and what it draws in browsers that know
#: no modules.
_NEVER_SHOWN: Final = re.compile(
    r"leaflet-(popup|tooltip|control|bar|top|bottom|left|right|image-layer|marker-shadow|shadow-pane|div-icon|default-icon|oldie|vml)|\blvml"
)


@dataclass(frozen=True, slots=True, eq=False)
class Assets:
    """Every file under app/static of a type in TYPES, by its path there."""

    version: str
    """12 hex digits over all paths and bytes: any change renames every URL, so modules can import
    relatively.
    """
    stored: Mapping[str, CachedBody]
    written: Mapping[str, str]
    """Our scripts as we wrote them, whatever is served."""
    bundled: bool
    """Whether the bundle is served, in which messages are numbers (page.build.mjs)."""

    def url(self, path: str) -> str:
        """The versioned address of a file. Raises KeyError for one that is not there."""
        if path not in self.stored:
            raise KeyError(path)
        return f"/static/{self.version}/{path}"

    def text(self, path: str) -> str:
        """A file's text."""
        return self.stored[path].body.decode()

    def needed(self, path: str) -> tuple[str, ...]:
        """A script and all that it imports before it runs, so that a page can ask for
        them at once.
        """
        found, ahead = {path: None}, [path]
        while ahead:
            script = ahead.pop()
            new = [
                name for name in _targets(_IMPORTED, script, self.text(script)) if name not in found
            ]
            found.update(dict.fromkeys(new))
            ahead += new
        return tuple(found)

    def under(self, folder: str) -> tuple[str, ...]:
        """The paths that begin with `folder`, sorted."""
        return tuple(path for path in self.stored if path.startswith(folder))


@cache
def assets() -> Assets:
    """The files as they are when first asked for; a running server does not look again."""
    return collect(files("app") / "static")


def collect(folder: Traversable) -> Assets:
    """The files of one folder and those in it.

    Our scripts as a bundle where that was made from just these.
    """
    found = dict(sorted(_walk(folder, "")))
    written = {path: body for path, body in found.items() if path.startswith(_OURS)}
    others = {path: body for path, body in found.items() if not path.startswith((_OURS, _BUNDLE))}
    bundle = _bundle(found, written)
    ours = bundle or written
    bodies = {path: _lean(path, body) for path, body in sorted({**others, **ours}.items())}
    digest = hashlib.sha256()
    for path, body in bodies.items():
        digest.update(f"{path} {len(body)} ".encode() + body)
    version = digest.hexdigest()[:12]
    return Assets(
        version,
        {path: CachedBody(body, TYPES[_ending(path)], version) for path, body in bodies.items()},
        {path: body.decode() for path, body in written.items()},
        bool(bundle),
    )


def _bundle(found: Mapping[str, bytes], written: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The bundle under the paths of our scripts.

    Nothing if a file of it is missing or was made from other sources.

    Before its list a phone asks for one file of 11 kB in brotli instead of 19 of 22 kB (measured
    2026-11).
    """
    mark = b"//" + hashlib.sha256(b"".join(written.values())).hexdigest().encode()
    parts = {
        path: body.partition(b"\n") for path, body in found.items() if path.startswith(_BUNDLE)
    }
    bundle = {path.replace(_BUNDLE, _OURS, 1): body for path, (_, _, body) in parts.items()}
    named = {
        target for path, body in bundle.items() for target in _targets(_NAMED, path, body.decode())
    }
    fresh = all(first == mark for first, _, _ in parts.values())
    return bundle if fresh and named | _ENTRIES <= bundle.keys() else {}


def _targets(written: re.Pattern[str], path: str, text: str) -> list[str]:
    """The scripts that the script at `path` names, as paths under app/static."""
    return [normpath(join(dirname(path), target)) for target in written.findall(text)]


def _lean(path: str, body: bytes) -> bytes:
    """Styles without comments and indentation, and without rules for what no map of ours shows:
    half of Leaflet's.
    """
    if not path.endswith(".css"):
        return body
    flat = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", body.decode(), flags=re.DOTALL))
    lean = re.sub(r" ?([{};,]) ?", r"\1", flat).replace(": ", ":")
    return re.sub(r"(?<=[{}])([^{}]+)(\{[^{}]*\})", _shown, lean).encode()


def _shown(rule: re.Match[str]) -> str:
    shown = [selector for selector in rule[1].split(",") if not _NEVER_SHOWN.search(selector)]
    return f"{','.join(shown)}{rule[2]}" if shown else ""


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}/")
        elif _ending(entry.name) in TYPES:
            found.append((prefix + entry.name, entry.read_bytes()))
    return found


def _ending(name: str) -> str:
    return name.rpartition(".")[2]
