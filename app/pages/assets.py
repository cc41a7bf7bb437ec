"""The files phones load: read once, named by one hash over all of them. Opens no file that a request names."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from app.pages.stored import Stored

TYPES: Final[Mapping[str, str]] = {
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
    "png": "image/png",
}


#: Served as published.
_VENDOR: Final = "vendor/"


@dataclass(frozen=True, slots=True, eq=False)
class Assets:
    """Every file under app/static of a type in TYPES, by its path there."""

    version: str
    """12 hex digits over all paths and bytes: any change renames every URL, so modules can import relatively."""
    stored: Mapping[str, Stored]

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
    """The files of one folder and those in it."""
    bodies = dict(sorted(_walk(folder, "")))
    digest = hashlib.sha256()
    for path, body in bodies.items():
        digest.update(f"{path} {len(body)} ".encode() + body)
    version = digest.hexdigest()[:12]
    return Assets(
        version, {path: Stored(_lean(path, body), TYPES[_ending(path)], version) for path, body in bodies.items()}
    )


def _lean(path: str, body: bytes) -> bytes:
    """Our scripts and all styles without comments and indentation: a sixth of what a phone loads (measured 2026-11).

    No parser: a comment of ours begins its line or follows a mark that ends something (test_files.py checks).
    """
    if path.endswith(".css"):
        flat = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", body.decode(), flags=re.DOTALL))
        return re.sub(r" ?([{};,]) ?", r"\1", flat).replace(": ", ":").encode()
    if path.endswith(".js") and not path.startswith(_VENDOR):
        return re.sub(r"(?m)^\s+", "", re.sub(r"(?m)(^|(?<=[;,{])) *//.*$", "", body.decode())).encode()
    return body


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
