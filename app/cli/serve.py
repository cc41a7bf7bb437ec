"""Serving: checks the data, warms up before the workers start, runs granian, and says when the
address answers.
"""

import contextlib
import gc
import http.client
import importlib.util
import logging
import multiprocessing
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from app.cli import address, terminal, voice
from app.cli.calendar import warn_of_holidays
from app.cli.warm import warm
from app.ops import counters, log_lines
from app.response import connections
from app.response.limits import DRAINED_WITHIN_S, HEAD_WITHIN_S, MOST_CONNECTIONS, MOST_HEAD_BYTES
from app.response.unread import MOST_READING_OUT
from app.settings import DEFAULT_DATASET, LogFormat, Settings
from geodata.errors import DamagedDataset, NoDataset, NuanfengError, Said, StoreError, why_of
from geodata.store.files import BaseMapStore, Dataset, RoadNetwork, datasets, networks

#: How long the parent waits for its workers to answer before it says that something is wrong.
_READY_WITHIN_S: Final = 60.0
#: Threads of a worker beyond those that answer: they tell the next to come back, read out what is
#: still sent by who has an answer, and answer /healthz.
_REFUSING_THREADS: Final = 4 + MOST_READING_OUT

_SAID_ELSEWHERE: Final = ("Python threads", "tcp_migrate_req")
#: Of each worker, and compared with NUANFENG_MAX_WORKER_MB.
_MEMORY_LOOKED_AT_EVERY_S: Final = 30

#: granian takes a number even where it tells no figures.
_UNUSED_PORT: Final = 9090


#: A demo city that `make wheel` puts beside the program.
_FROZEN: Final = Path(__file__).parents[1] / "demo"


class CannotServe(NuanfengError):
    """The server cannot start, and why."""


def serve(
    stated: Settings,
    host: str,
    port: int,
    workers: int,
    dataset: str | None,
    network: str | None = None,
) -> None:
    """Serve until interrupted. Where the log is JSON, all that is told is."""
    in_lines = log_lines.write_event if stated.log_format is LogFormat.JSON else None
    with terminal.telling(in_lines):
        _serve(stated, host, port, workers, dataset, network)


def _serve(
    stated: Settings, host: str, port: int, workers: int, dataset: str | None, network: str | None
) -> None:
    chosen = replace(stated, dataset=dataset or stated.dataset, network=network or stated.network)
    source = _ready_dataset(chosen)
    if chosen.network is None and chosen.dataset in networks(chosen.home):
        chosen = replace(chosen, network=chosen.dataset)
    if chosen.network:
        _check_network(RoadNetwork(chosen.home, chosen.network))
    if chosen.own_ground:
        _check_ground(BaseMapStore(chosen.home, chosen.dataset))
    with _reserved(host, port) as bound:
        if source:
            served = source.load()
            warn_of_holidays(chosen.home, source.name, served.about.city, served.known_until)
            _prepare_voice(chosen)
            warm(chosen, source)
        # It warns of threads beyond two a core, while ours wait for slow clients, or refuse; and of
        # a setting of the kernel's (app/deploy).
        logging.getLogger("_granian").addFilter(
            lambda said: not any(word in said.getMessage() for word in _SAID_ELSEWHERE)
        )
        log_lines.set_up(chosen)
        counters.share(workers)
        connections.expect(bound)
        gc.collect()
        gc.freeze()  # workers share it with us until they write to it
        server = Granian(
            "app.factory:worker",
            address=host,
            port=bound,
            interface=Interfaces.WSGI,
            # Of HTTP/2, which no browser speaks without TLS, one connection could hold all threads;
            # and only so is a connection closed on which nothing is asked for 30 s.
            http=HTTPModes.http1,
            factory=True,
            workers=workers,
            blocking_threads=chosen.max_concurrent + _REFUSING_THREADS,
            loop=Loops.asyncio,
            log_level=LogLevels.warning,
            log_dictconfig=log_lines.config(chosen),
            metrics_enabled=chosen.server_metrics_port > 0,
            metrics_port=chosen.server_metrics_port or _UNUSED_PORT,
            respawn_failed_workers=True,
            respawn_interval=1.0,
            workers_kill_timeout=DRAINED_WITHIN_S,
            backpressure=MOST_CONNECTIONS,
            workers_max_rss=_most_memory_mb(chosen.max_worker_mb),
            rss_sample_interval=_MEMORY_LOOKED_AT_EVERY_S,
            http1_settings=HTTP1Settings(
                header_read_timeout=HEAD_WITHIN_S * 1_000, max_buffer_size=MOST_HEAD_BYTES
            ),
        )
        # A process and not a thread: workers forked beside a thread that is importing would wait
        # for its lock for ever.
        announcer = multiprocessing.get_context("fork").Process(
            target=_announce, args=(host, bound), daemon=True
        )
        announcer.start()
        with _told(chosen), address.told(chosen, host, bound):
            server.serve()


def _most_memory_mb(more_mb: int) -> int | None:
    """Of a worker, beyond what this process holds before it forks them; None: any."""
    status = Path("/proc/self/status")
    if not more_mb or not status.exists():
        return None
    held = re.search(r"^VmRSS:\s+(\d+) kB$", status.read_text(encoding="ascii"), re.MULTILINE)
    return more_mb + (int(held[1]) // 1024 if held else 0)


@contextlib.contextmanager
def _told(chosen: Settings) -> Iterator[None]:
    """Workers read settings from their environment; this process has its own back afterwards."""
    before = dict(os.environ)
    os.environ.update(NUANFENG_HOME=str(chosen.home), NUANFENG_DATASET=chosen.dataset)
    if chosen.network:
        os.environ["NUANFENG_NETWORK"] = chosen.network
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _prepare_voice(chosen: Settings) -> None:
    """Bring the database of what people say to our tables, in a process of its own: a server
    worker must not inherit alembic. Without the database the server starts, and says 503 to posts.

    Raises CannotServe where it is another's, or a newer program's.
    """
    prepared = multiprocessing.get_context("fork").Process(target=_prepared, args=(chosen,))
    prepared.start()
    prepared.join()
    if prepared.exitcode:
        raise CannotServe("What people say cannot be kept; see the message above.")


def _prepared(chosen: Settings) -> None:
    from app.db.database import VoiceAway

    try:
        voice.prepare(chosen)
    except VoiceAway:
        _say("The database of what people say is away. Places are found meanwhile.")
    except NuanfengError as fault:
        terminal.fail(fault)
        sys.exit(1)


def _ready_dataset(chosen: Settings) -> Dataset | None:
    """The dataset, verified byte by byte; the demo city is built if it is asked for and missing.

    With a database its current version is pulled first. None: it is away and nothing is here, so
    that the server starts and says 503 until it can pull.
    """
    source = Dataset(chosen.home, chosen.dataset)
    if chosen.database_url:
        _pull(chosen.database_url, source)
    try:
        source.verify()
    except NoDataset:
        if chosen.database_url:
            _say(
                "There is no data yet: every question is answered 503 until the database has some."
            )
            return None
        if chosen.dataset != DEFAULT_DATASET:
            there = datasets(chosen.home) or Said("none yet")
            raise NoDataset(
                (
                    "there is no dataset {dataset!r}; there are: {there}. Make one by `nuanfeng "
                    "import`"
                ),
                dataset=chosen.dataset,
                there=there,
            ) from None
        _say("No dataset yet: building the demo city (synthetic) …")
        _build(chosen.home, chosen.dataset)
    except DamagedDataset as fault:
        _say("The current version is damaged: {why}", why=fault)
        _replace_damaged(source)
    return source


def _replace_damaged(source: Dataset) -> None:
    """Go back to the last whole version.

    A demo city without one is built anew, as it is made of nothing but a seed.
    """
    try:
        source.rollback()
    except NoDataset:
        if source.name != DEFAULT_DATASET:
            raise
        _say("Building the demo city (synthetic) anew …")
        _build(source.home, source.name)
    else:
        _say("The last whole version before it answers instead.")


def _pull(database_url: str, source: Dataset) -> None:
    from geodata.store.postgis import SharedDataset

    try:
        SharedDataset(database_url, source.name).pull(source)
    except StoreError as fault:
        _say("Not pulled: {why}. What is here answers meanwhile.", why=fault)


def _check_network(store: RoadNetwork) -> None:
    """Verify a network byte by byte.

    Without a whole one the server starts, and answers by estimates.
    """
    try:
        store.verify()
    except NoDataset:
        there = networks(store.home) or Said("none yet")
        _say(
            (
                "There is no network {name!r} (there are: {there}): times are estimates "
                "until it is built."
            ),
            name=store.name,
            there=there,
        )
    except DamagedDataset as fault:
        _say("The current road network is damaged: {why}", why=fault)
        if not _fall_back(store):
            _say("There is no whole version before it: times are estimates until it is built anew.")


def _check_ground(store: BaseMapStore) -> None:
    """Verify a base map byte by byte. Without a whole one the map shows outlines and names."""
    try:
        if store.current():
            store.verify()
    except DamagedDataset as fault:
        _say("The current base map is damaged: {why}", why=fault)
        if not _fall_back(store):
            _say("There is no whole version before it: the map has no streets until it is built.")


def _unpack(home: Path, dataset: str) -> None:
    """The frozen demo city of a wheel, its roads and its base map into the home.

    Raises CannotServe.
    """
    if not _FROZEN.is_dir():
        raise CannotServe(
            "This install cannot build a city, and holds none: pip install 'nuanfeng[data]'"
        )
    try:
        for kind in sorted(_FROZEN.iterdir(), reverse=True):  # the dataset last
            target = home / kind.name / dataset
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(target, ignore_errors=True)  # a damaged one
            with tempfile.TemporaryDirectory(dir=target.parent) as folder:
                whole = Path(shutil.copytree(kind / dataset, Path(folder) / dataset))
                whole.rename(target)
    except OSError as fault:
        raise CannotServe(
            "the demo city cannot be put into {folder}: {why}", folder=home, why=why_of(fault)
        ) from None


def _fall_back(store: RoadNetwork | BaseMapStore) -> bool:
    """Go back to the last whole version; without one, to none. Whether there was one."""
    try:
        store.rollback()
    except (NoDataset, DamagedDataset):
        store.withdraw()
        return False
    _say("The last whole version before it answers instead.")
    return True


def _build(home: Path, dataset: str) -> None:
    """In a process of its own: a server worker must not inherit pandas. An install of the server
    alone has the city made already.
    """
    if importlib.util.find_spec("geopandas") is None:
        _unpack(home, dataset)
        return
    command = [
        sys.executable,
        "-m",
        "app",
        "build",
        "--dataset",
        dataset,
        "--streets",
        "--lang",
        terminal.language().partition("-")[0],
    ]
    subprocess.run(command, check=True)  # noqa: S603  # our own program, and a checked name


@contextlib.contextmanager
def _reserved(host: str, port: int) -> Iterator[int]:
    """Hold a port for the workers, who share it by SO_REUSEPORT.

    0 becomes the port that was free.
    """
    if not host.strip():  # which a socket would take for every address
        raise CannotServe("--host is empty; write an address of this machine, such as 127.0.0.1")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(
            family
        ) as probe:  # without REUSEPORT: another server's port is refused, not shared
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            bound: int = probe.getsockname()[1]
        with socket.socket(family) as held:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind((host, bound))
            yield bound
    except OSError as fault:
        raise CannotServe(
            "cannot listen on {host} port {port}: {why}; try --port 0",
            host=host,
            port=port,
            why=why_of(fault),
        ) from None


def _announce(host: str, port: int) -> None:
    """Print the address when a worker answers."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared, not bound
    until = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            asked = http.client.HTTPConnection(local, port, timeout=5)
            asked.request("GET", "/readyz")
            if asked.getresponse().status == 200:
                shown = f"[{host}]" if ":" in host else host
                _say(
                    "Nuanfeng answers at http://{host}:{port}  (Ctrl+C stops it)",
                    host=shown,
                    port=port,
                )
                return
        time.sleep(0.05)
    _say(
        "No worker answered within {seconds:.0f} s; see the messages above",
        seconds=_READY_WITHIN_S,
    )


def _say(message: str, /, **values: object) -> None:
    terminal.tell(message, **values)
    sys.stdout.flush()
