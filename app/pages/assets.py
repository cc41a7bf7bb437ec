"""The files phones load: read once, named by one hash over all of them. Opens no file that a request names."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from app.stored import Stored

TYPES: Final[Mapping[str, str]] = {
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
    "png": "image/png",
}


#: Our scripts, and where `make` puts them minified; the first line of each says what all of them were made from.
_OURS: Final = "js/"
_MINIFIED: Final = "vendor/page/"
#: What of Leaflet no script of ours draws (test_files.py), and what it draws in browsers that know no modules.
_NEVER_SHOWN: Final = re.compile(
    r"leaflet-(popup|tooltip|control-(layers|attribution|scale)|image-layer|marker-shadow|shadow-pane|div-icon|default-icon|oldie|vml)|\blvml"
)


@dataclass(frozen=True, slots=True, eq=False)
class Assets:
    """Every file under app/static of a type in TYPES, by its path there."""

    version: str
    """12 hex digits over all paths and bytes: any change renames every URL, so modules can import relatively."""
    stored: Mapping[str, Stored]
    written: Mapping[str, str]
    """Our scripts as we wrote them, whatever is served."""

    def url(self, path: str) -> str:
        """The versioned address of a file. Raises KeyError for one that is not there."""
        if path not in self.stored:
            raise KeyError(path)
        return f"/static/{self.version}/{path}"

    def text(self, path: str) -> str:
        """A file's text."""
        return self.stored[path].body.decode()

    def under(self, folder: str) -> tuple[str, ...]:
        """The paths that begin with `folder`, sorted."""
        return tuple(path for path in self.stored if path.startswith(folder))


@cache
def assets() -> Assets:
    """The files as they are when first asked for; a running server does not look again."""
    return collect(files("app") / "static")


def collect(folder: Traversable) -> Assets:
    """The files of one folder and those in it; our scripts minified where that was done to just these."""
    found = dict(sorted(_walk(folder, "")))
    written = {path: body for path, body in found.items() if path.startswith(_OURS)}
    plain = {path: body for path, body in found.items() if not path.startswith(_MINIFIED)}
    bodies = {path: _lean(path, body) for path, body in {**plain, **_minified(found, written)}.items()}
    digest = hashlib.sha256()
    for path, body in bodies.items():
        digest.update(f"{path} {len(body)} ".encode() + body)
    version = digest.hexdigest()[:12]
    return Assets(
        version,
        {path: Stored(body, TYPES[_ending(path)], version) for path, body in bodies.items()},
        {path: body.decode() for path, body in written.items()},
    )


def _minified(found: Mapping[str, bytes], written: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The minified scripts under the paths of their sources; none if one is missing or was made from other sources.

    esbuild takes 30 % off what a phone loads of ours (11.3 instead of 16.0 kB in brotli, measured 2026-11).
    """
    mark = b"//" + hashlib.sha256(b"".join(written.values())).hexdigest().encode()
    pairs = {path: found.get(_MINIFIED + path.removeprefix(_OURS), b"").partition(b"\n") for path in written}
    if any(first != mark for first, _, _ in pairs.values()):
        return {}
    return {path: body for path, (_, _, body) in pairs.items()}


def _lean(path: str, body: bytes) -> bytes:
    """Styles without comments and indentation, and without rules for what no map of ours shows: half of Leaflet's."""
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
