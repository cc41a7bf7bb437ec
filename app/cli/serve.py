"""Serving: checks the data, compiles before the workers start, runs granian, and says when the
address answers.
"""

import contextlib
import http.client
import logging
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from flask.testing import FlaskClient
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels

from app.factory import create_app
from app.pages.assets import assets
from app.settings import DEFAULT_DATASET, Settings
from app.words import Language
from geodata.coverage import served
from geodata.coverage.near import Within
from geodata.errors import DamagedDataset, NoDataset, NuanfengError, StoreError
from geodata.hours.timeline import TIMEZONE
from geodata.search import along, lookup, tiles
from geodata.search.cells import encode, quarter_of
from geodata.search.filter import Filter, Open
from geodata.search.nearest import Question, nearest, nearest_many
from geodata.store.files import Dataset, RoadNetwork, datasets, networks
from geodata.vocabulary import Kind

#: How long the parent waits for its workers to answer before it says that something is wrong.
_READY_WITHIN_S: Final = 60.0
#: Threads of a worker beyond those that answer: they tell the next to come back, and answer
#: /healthz.
_REFUSING_THREADS: Final = 4


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
    """Serve until interrupted."""
    chosen = replace(stated, dataset=dataset or stated.dataset, network=network or stated.network)
    source = _ready_dataset(chosen)
    if chosen.network:
        _check_network(RoadNetwork(chosen.home, chosen.network))
        os.environ["NUANFENG_NETWORK"] = chosen.network
    with _reserved(host, port) as bound:
        if source:
            _warm(
                replace(chosen, database_url=None), source
            )  # whoever follows is a worker, not their parent
        os.environ["NUANFENG_HOME"], os.environ["NUANFENG_DATASET"] = (
            str(chosen.home),
            chosen.dataset,
        )
        # It warns of threads beyond two a core; ours wait for slow clients, or refuse.
        logging.getLogger("_granian").addFilter(
            lambda said: "Python threads" not in said.getMessage()
        )
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
            respawn_failed_workers=True,
            respawn_interval=1.0,
            workers_kill_timeout=10,
        )
        # A process and not a thread: workers forked beside a thread that is importing would wait
        # for its lock for ever.
        announcer = multiprocessing.get_context("fork").Process(
            target=_announce, args=(host, bound), daemon=True
        )
        announcer.start()
        server.serve()


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
            there = ", ".join(datasets(chosen.home)) or "none yet"
            raise NoDataset(
                f"there is no dataset {chosen.dataset!r}; there are: {there}. Make one by `nuanfeng"
                " import`"
            ) from None
        _say("No dataset yet: building the demo city (synthetic) …")
        _build(chosen.dataset)
    except DamagedDataset as fault:
        _say(f"The current version is damaged: {fault}")
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
        _build(source.name)
    else:
        _say("The last whole version before it answers instead.")


def _pull(database_url: str, source: Dataset) -> None:
    from geodata.store.postgis import SharedDataset

    try:
        SharedDataset(database_url, source.name).pull(source)
    except StoreError as fault:
        _say(f"Not pulled: {fault}. What is here answers meanwhile.")


def _check_network(store: RoadNetwork) -> None:
    """Verify a network byte by byte.

    Without a whole one the server starts, and answers by estimates.
    """
    try:
        store.verify()
    except NoDataset:
        there = ", ".join(networks(store.home)) or "none yet"
        _say(
            f"There is no network {store.name!r} (there are: {there}): times are estimates until it"
            " is built."
        )
    except DamagedDataset as fault:
        _say(f"The current road network is damaged: {fault}")
        _fall_back(store)


def _fall_back(store: RoadNetwork) -> None:
    try:
        store.rollback()
        _say("The last whole version before it answers instead.")
    except (NoDataset, DamagedDataset):
        store.withdraw()
        _say("There is no whole version before it: times are estimates until it is built anew.")


def _build(dataset: str) -> None:
    """In a process of its own: a server worker must not inherit pandas."""
    command = [sys.executable, "-m", "app", "build", "--dataset", dataset]
    subprocess.run(command, check=True)  # noqa: S603  # our own program, and a checked name


def _warm(chosen: Settings, source: Dataset) -> None:
    """Compile (or load from the cache) all that a request needs, once, before the workers are
    forked and share it.
    """
    snapshot = source.load()
    lon, lat = map(float, snapshot.lonlat[0])
    if snapshot.outline.holds(lon, lat):
        for opening in Open:
            for kinds in ((), tuple(Kind)):
                wanted = Filter(kinds=kinds, open=opening)
                question = Question(lon, lat, datetime.now(TIMEZONE), filter=wanted)
                nearest(snapshot, question)
                nearest_many(snapshot, snapshot.lonlat[:1], question)
        served.standings(
            snapshot, Within().near(snapshot.index), snapshot.lonlat[:1], [datetime.now(TIMEZONE)]
        )
        along.along(snapshot, along.Trip(snapshot.lonlat[[0, 0]], datetime.now(TIMEZONE)))
    for row in (0, len(snapshot) - 1):
        snapshot.index.foot(row, lon, lat)
    for text in ("白石洲", "白石洲 驿站", "qq驿蜂"):  # in one piece, apart, with slips
        lookup.find(
            snapshot,
            lookup.Wanted(text, near=(lon, lat) if snapshot.outline.holds(lon, lat) else None),
        )
    tiles.tile(snapshot, 0, 0, 0, Filter(), snapshot.boards.at(datetime.now(TIMEZONE)))
    client = create_app(chosen).test_client()
    if chosen.network:
        _warm_roads(client, lon, lat)
    _warm_pages(client, lon, lat)


def _warm_pages(client: FlaskClient, lon: float, lat: float) -> None:
    """The page, its files as phones accept them and the list it asks for: the first phone waits for
    none of it.

    Pressing them takes 0.5 s, which workers that are forked afterwards inherit.
    """
    pages = [f"/?lang={language}" for language in Language]
    for url in (*pages, *map(assets().url, assets().stored)):
        client.get(url, headers={"Accept-Encoding": "br"})
    for opening in Open:
        client.get(
            f"/api/v1/nearest/cell/{encode(lon, lat, 6)}",
            query_string={"at": _quarter(), "open": opening},
        )


def _quarter() -> str:
    return quarter_of(datetime.now(TIMEZONE)).isoformat(timespec="seconds")


def _warm_roads(client: FlaskClient, lon: float, lat: float) -> None:
    """The same for the network: puts the places on the roads, and asks by time in every
    combination.
    """
    for opening in Open:
        for kinds in ({}, {"kinds": ",".join(Kind)}):
            client.get(
                "/api/v1/nearest",
                query_string={"lon": lon, "lat": lat, "by": "time", "open": opening, **kinds},
            )
    client.get(
        f"/api/v1/nearest/cell/{encode(lon, lat, 6)}", query_string={"at": _quarter(), "by": "time"}
    )
    here = f"{lon},{lat}"
    client.get("/api/v1/along", query_string={"from": here, "to": here, "by": "time"})
    client.get("/api/v1/isochrone", query_string={"lon": lon, "lat": lat, "minutes": "1"})
    client.get("/api/v1/coverage", query_string={"minutes": "1"})


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
            f"cannot listen on {host} port {port}: {fault.strerror}; try --port 0"
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
                _say(f"Nuanfeng answers at http://{shown}:{port}  (Ctrl+C stops it)")
                return
        time.sleep(0.05)
    _say(f"No worker answered within {_READY_WITHIN_S:.0f} s; see the messages above")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
