"""Who serves the pages: `nuanfeng run` ours, granian alone the naive ones and their packages.

Measures nothing.
"""

import mimetypes
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from app.response.headers import compress
from tests.benchmarks.page.naive import PACKAGES
from tests.benchmarks.serving import serve

_FOLDER: Final = "NUANFENG_BENCH_PAGES"
_COMPRESSED: Final = ("text/", "application/", "image/svg+xml")


@contextmanager
def ours(home: Path, dataset: str) -> Iterator[str]:
    """The address of `nuanfeng run` over a dataset, on a free port, until the block ends."""
    command = [
        sys.executable,
        "-m",
        "app",
        "run",
        "--port",
        "0",
        "--workers",
        "1",
        "--dataset",
        dataset,
    ]
    environment = {**os.environ, "NUANFENG_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield _address(server)
        finally:
            server.terminate()


def _address(server: "subprocess.Popen[str]") -> str:
    for said in server.stdout or ():
        if found := re.search(r"answers at (http://\S+)", said):
            return found[1]
    raise RuntimeError("the server ended without saying where it answers; its error stands above")


@contextmanager
def naive(folder: Path) -> Iterator[str]:
    """The address of the pages in a folder, under granian as ours is."""
    with serve("tests.benchmarks.page.servers:files", "wsgi", {_FOLDER: str(folder)}) as server:
        yield f"http://127.0.0.1:{server.port}"


def files() -> Callable[..., Iterable[bytes]]:
    """A WSGI app of `{page}.br` in the folder that _FOLDER names, and of PACKAGES, compressed as
    well as ours.
    """
    folder = Path(os.environ[_FOLDER])

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"].strip("/")
        page, asset = folder / f"{path}.br", PACKAGES / path
        if page.is_file():
            start_response(
                "200 OK", _headers("text/html; charset=utf-8", page.stat().st_size, coded=True)
            )
            return [page.read_bytes()]
        if not asset.is_file():
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        mimetype, coded, body = _asset(asset)
        start_response("200 OK", _headers(mimetype, len(body), coded=coded))
        return [body]

    return app


def _headers(mimetype: str, size: int, *, coded: bool) -> list[tuple[str, str]]:
    named = [("Content-Encoding", "br")] if coded else []
    return [("Content-Type", mimetype), ("Content-Length", str(size)), *named]


@cache
def _asset(path: Path) -> tuple[str, bool, bytes]:
    mimetype = mimetypes.guess_type(path)[0] or "application/octet-stream"
    coded, body = mimetype.startswith(_COMPRESSED), path.read_bytes()
    return mimetype, coded, compress(body, "br", best=True) if coded else body
