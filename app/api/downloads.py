"""The files for download: sent from the cache, made once a version by a process of their own.

Opens no frame itself.
"""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, cast

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.http import quote_etag
from werkzeug.utils import send_file

from app.live.current import Live
from app.request import parsing, queries
from app.response.headers import CORS, GEOJSON, LOCKED, REVALIDATE, SECURITY, coding, unchanged
from app.response.problems import StillMade
from geodata.snapshot.snapshot import Snapshot
from geodata.store.downloads import COMPRESSED, NAMES, OSM_NAMES, TEXTS, folder, offered

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: A small city is ready in three seconds; who asks for a large one is told to come back.
WAIT_S: Final = 20.0
_VARY: Final = ("Vary", "Accept-Encoding")
_ONE_RANGE: Final = re.compile(
    r"bytes=[ \t]*(?:[0-9]{1,30}-[0-9]{0,30}|-(?P<last>[0-9]{1,30}))[ \t]*", re.IGNORECASE
)
#: Answered before a file is opened (response/headers).
_CONDITIONS: Final = frozenset(
    ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE")
)


@dataclass(frozen=True, slots=True)
class File:
    """What a file for download is."""

    mimetype: str
    called: str


_FORMS: Final[Mapping[str, File]] = {
    ".geojson": File(GEOJSON, "GeoJSON"),
    ".csv": File("text/csv", "CSV for spreadsheets"),
    ".gpkg": File("application/geopackage+sqlite3", "GeoPackage"),
    ".parquet": File("application/vnd.apache.parquet", "GeoParquet"),
}
FILES: Final[Mapping[str, File]] = {
    name: _FORMS[Path(name).suffix] for name in (*NAMES, *OSM_NAMES)
}


class Makers:
    """The processes that make files for one dataset: at most one a file, started by the first who
    asks.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = Lock()

    def path(self, name: str) -> tuple[Snapshot, Path]:
        """The file of the version that answers now, made if it is not there. Raises StillMade."""
        snapshot, path = self._found(name)
        if not path.exists():
            if importlib.util.find_spec("geopandas") is None:
                raise NotFound  # an install of the server alone makes none
            self._wait(name)
            snapshot, path = self._found(name)
            if not path.exists():
                raise StillMade(
                    "{name} of this version is being made; ask again in a moment.", name=name
                )
        return snapshot, path

    def _found(self, name: str) -> tuple[Snapshot, Path]:
        snapshot = self._live.snapshot()
        return snapshot, folder(self._live.dataset, snapshot.version) / name

    def _wait(self, name: str) -> None:
        """Until the file is made, or for as long as is polite."""
        with self._lock:
            maker = self._running.get(name)
            if maker is None or maker.poll() is not None:
                maker = self._running[name] = self._start(name)
        try:
            maker.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            return

    def _start(self, name: str) -> "subprocess.Popen[bytes]":
        dataset = self._live.dataset
        command = [sys.executable, "-m", "app", "export", name, "--dataset", dataset.name]
        home = {**os.environ, "NUANFENG_HOME": str(dataset.home)}
        return subprocess.Popen(command, env=home, stdout=subprocess.DEVNULL)  # noqa: S603  # our program, our names


def blueprint(live: Live) -> Blueprint:
    """`/data/…` over one live dataset."""
    bulk = Blueprint("bulk", __name__)
    makers = Makers(live)

    @bulk.get("/data/<name>")
    def download(name: str) -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        if name not in offered(live.snapshot().about):
            raise NotFound
        return _send(name, *makers.path(name))

    return bulk


def _send(name: str, snapshot: Snapshot, path: Path) -> Response:
    """The file, or a part of it (Range), with a strong ETag over version, making and coding."""
    packed = name in TEXTS and coding(request.environ.get("HTTP_ACCEPT_ENCODING", "")) == "br"
    sent = path.with_name(name + COMPRESSED) if packed else path
    etag = f"{snapshot.version}-{sent.stat().st_mtime_ns:x}-{'br' if packed else 'plain'}"
    known = unchanged(
        request.environ, quote_etag(etag), REVALIDATE, (("ETag", quote_etag(etag)), _VARY)
    )
    if known:
        return known
    found = send_file(
        sent,
        _asked_range(request.environ, sent.stat().st_size),
        mimetype=FILES[name].mimetype,
        as_attachment=True,
        conditional=True,
        etag=etag,
        download_name=f"nuanfeng-{snapshot.about.dataset}-{name}",
        response_class=Response,
    )
    response = cast("Response", found)
    response.headers["Cache-Control"] = REVALIDATE
    response.headers.extend((*CORS, *SECURITY, *LOCKED, _VARY))
    if packed:
        response.headers["Content-Encoding"] = "br"
    del response.headers["Last-Modified"]
    return response


def _asked_range(environ: "WSGIEnvironment", size: int) -> "WSGIEnvironment":
    """The request without its conditions, which are met, and with its Range only if that is one
    range of bytes and if the part asked for is still of this file.

    Otherwise the whole file is sent, as RFC 9110, 14.2 allows and for other methods and units
    demands.
    """
    asked = {name: value for name, value in environ.items() if name not in _CONDITIONS}
    weak = environ.get("HTTP_IF_RANGE", "").startswith("W/")
    one = _ONE_RANGE.fullmatch(environ.get("HTTP_RANGE", ""))
    if environ["REQUEST_METHOD"] != "GET" or weak or not one:
        asked.pop("HTTP_RANGE", None)
    elif one["last"] and int(one["last"]) > size:  # werkzeug takes more than there is for none
        asked["HTTP_RANGE"] = "bytes=0-"
    return asked
