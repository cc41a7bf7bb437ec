"""Checks of a server as it would be started: its settings, its port, and who may reach it."""

import difflib
import json
import resource
import shutil
import socket
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from importlib.metadata import version
from pathlib import Path
from typing import Final

from app import settings
from app.maps.ground import is_loopback
from app.ops.findings import Finding, Situation, fault, warning
from app.pages.assets import assets
from geodata.errors import why_of
from geodata.store.files import BaseMapStore

#: Read by its tests alone.
_ELSEWHERE: Final = frozenset(f"NUANFENG_{name}" for name in ("REQUIRE", "DATA", "SOAK"))
#: Beside a connection of each thread: the mapped files of two versions, and the database's.
_LEAST_FILES: Final = 1_024
#: Where containers are handed secrets, which all in them may read.
_HANDED: Final = Path("/run/secrets")
#: Addresses that mean every one of this machine.
_ANY: Final = ("0.0.0.0", "::", "")  # noqa: S104  # it is looked at, and not listened on
_ANSWER_S: Final = 2.0
_MOST_BYTES: Final = 10_000_000
_FONT: Final = "Noto Sans CJK"


def unknown_settings(at: Situation) -> Iterator[Finding]:
    """Settings that no part of the program reads, such as one that is spelled wrong."""
    known = settings.names()
    for name in sorted(at.environ):
        if name.startswith("NUANFENG_") and name not in known | _ELSEWHERE:
            alike = difflib.get_close_matches(name, known, 1)
            yield warning(
                "setting-unknown",
                f"unset {name}",
                "{name} is set, and there is no such setting; perhaps {other} was meant",
                name=name,
                other=alike[0] if alike else "NUANFENG_HOME",
            )


def port(at: Situation) -> Iterator[Finding]:
    """Whether the port is free. A server of ours that runs there takes it, too."""
    family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((at.host, at.port))
    except OSError as refused:
        yield warning(
            "port-taken",
            f"nuanfeng run --port {at.port + 1 if at.port < 65_535 else 0}",
            "{host} port {port} cannot be listened on: {why}. If a server of ours runs there, all"
            " is well",
            host=at.host,
            port=at.port,
            why=why_of(refused),
        )


def hosts(at: Situation) -> Iterator[Finding]:
    """Whether a server that others reach says under which names it answers."""
    if not is_loopback(at.host) and not at.chosen.trusted_hosts:
        yield fault(
            "hosts-missing",
            "export NUANFENG_TRUSTED_HOSTS=map.example.org",
            "a server on {host} answers under any name: links in its pages can be made to lead"
            " elsewhere",
            host=at.host,
        )


def local_hosts(at: Situation) -> Iterator[Finding]:
    """Whether a server that others reach answers under a name that others know."""
    known = at.chosen.trusted_hosts
    if known and not is_loopback(at.host) and all(map(_is_local, known)):
        yield fault(
            "hosts-local",
            "export NUANFENG_TRUSTED_HOSTS=map.example.org",
            "NUANFENG_TRUSTED_HOSTS names {hosts} alone: whoever asks from elsewhere is refused",
            hosts=", ".join(known),
        )


def _is_local(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost") or is_loopback(host)


def proxies(at: Situation) -> Iterator[Finding]:
    """Whether a server that only a proxy can reach believes what the proxy says of who asks."""
    public = [host for host in at.chosen.trusted_hosts if not _is_local(host)]
    if public and is_loopback(at.host) and not at.chosen.trusted_proxies:
        yield warning(
            "proxies-unstated",
            "export NUANFENG_TRUSTED_PROXIES=1",
            "the server listens on {host} alone and answers for {name}: a proxy stands before it,"
            " and while that is not stated all riders share the limits of one address",
            host=at.host,
            name=public[0],
        )


def secrets(at: Situation) -> Iterator[Finding]:
    """Whether files with secrets are read by their owner alone."""
    for name in settings.secret_files():
        path = Path(at.environ.get(name, ""))
        if not at.environ.get(name) or not path.is_file() or _HANDED in path.parents:
            continue
        if path.stat().st_mode & 0o077:
            yield fault(
                "secret-open",
                f"chmod go= {path}",
                "others than its owner may read {file}, which {name} names",
                file=path,
                name=name,
            )


def versions(at: Situation) -> Iterator[Finding]:
    """Whether the server that runs here is of this program."""
    running = _version_at(at)
    own = version("nuanfeng")
    if running is not None and running != own:
        yield warning(
            "server-of-another-version",
            "systemctl restart nuanfeng",
            "the server on port {port} is of version {running}, and this program of {own}: it runs"
            " on as it was started",
            port=at.port,
            running=running,
            own=own,
        )


def _version_at(at: Situation) -> str | None:
    """What a server of ours says of itself; nothing where none answers."""
    if not at.port:
        return None
    here = "127.0.0.1" if at.host in _ANY else at.host
    known = next((host.removeprefix(".") for host in at.chosen.trusted_hosts), here)
    asked = HTTPConnection(here, at.port, timeout=_ANSWER_S)
    try:
        asked.request("GET", "/openapi.json", headers={"Host": known})
        told = json.loads(asked.getresponse().read(_MOST_BYTES))
        return str(told["info"]["version"]) if "Nuanfeng" in told["info"]["title"] else None
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return None
    finally:
        asked.close()


def approval(at: Situation) -> Iterator[Finding]:
    """Whether a base map of a city in mainland China may be shown to others."""
    chosen, snapshot = at.chosen, at.snapshot
    if is_loopback(at.host) or chosen.map_approval or not chosen.own_ground or snapshot is None:
        return
    has_ground = BaseMapStore(chosen.home, chosen.dataset).folder.exists()
    if snapshot.about.city.country == "CN" and has_ground:
        yield warning(
            "map-approval-missing",
            "export NUANFENG_MAP_APPROVAL=GS粤(2026)123号",
            "the base map of {city} is shown to nobody but this machine until its approval number"
            " is stated",
            city=snapshot.about.city.name,
        )


def answerers(at: Situation) -> Iterator[Finding]:
    """Whether somebody answers the letters of a real city."""
    if at.snapshot and not at.is_synthetic and not at.chosen.answerers:
        yield warning(
            "nobody-answers",
            "export NUANFENG_ANSWERERS=NAME",
            "nobody is named who answers letters, so none are taken",
        )


def listed_fonts() -> str:
    """The fonts of this machine as fontconfig lists them; empty where it is not installed."""
    program = shutil.which("fc-list")
    if program is None:
        return ""
    return subprocess.run([program], capture_output=True, text=True, check=False).stdout  # noqa: S603  # found on the path


def fonts(_: Situation) -> Iterator[Finding]:
    """Whether reports can be printed in Chinese."""
    if _FONT not in listed_fonts():
        yield warning(
            "fonts-missing",
            "apt-get install fonts-noto-cjk fontconfig",
            "there is no font {font} here: a printed report has boxes for Chinese",
            font=_FONT,
        )


def scripts(_: Situation) -> Iterator[Finding]:
    """Whether the page's scripts are bundled and the map's are there."""
    if not assets().bundled or not assets().under("vendor/leaflet/leaflet.js"):
        yield warning(
            "scripts-not-made",
            "make app/static/vendor/page/main.js",
            "the page's scripts were not made: phones load more files, and see no map",
        )


def files(at: Situation) -> Iterator[Finding]:
    """Whether a process may hold as many files as it has connections."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(_LEAST_FILES, 4 * at.chosen.max_concurrent)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        yield warning(
            "few-files",
            f"ulimit -n {wanted}",
            "a process may hold {soft} files open, and a server wants {wanted}",
            soft=soft,
            wanted=wanted,
        )
