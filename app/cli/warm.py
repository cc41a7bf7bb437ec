"""Compiles before anybody asks: what the first questions need, on all cores; and then, while the
server answers, what rarer ones need.

Kernels are compiled by asking, as a request would. A server loads those that are kept before it
forks its workers, who share them.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import wait
from time import perf_counter
from typing import Any, Final

import numpy as np
from flask.testing import FlaskClient

from app.cli import terminal
from app.factory import create_app
from app.live import kernels
from app.pages.assets import assets
from app.settings import Settings
from app.words import Language
from geodata.compiled import kernel_cache, prepare
from geodata.errors import StoreError
from geodata.search.cells import encode, quarter_of
from geodata.search.filter import Open, Order
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import Dataset, RoadNetwork
from geodata.store.stops import under
from geodata.vocabulary import Kind, Mode

#: How often the terminal is told how far it is.
_TOLD_EVERY_S: Final = 0.2
#: In one piece, apart, with slips of the pen.
_TYPED: Final = ("白石洲", "白石洲 驿站", "qq驿蜂")
#: As phones ask.
_PRESSED: Final = {"Accept-Encoding": "br"}
_FORK: Final = get_context("fork")


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks the application that will be served, before it is."""

    client: FlaskClient
    snapshot: Snapshot
    network: RoadNetwork | None

    @classmethod
    def of(cls, chosen: Settings, source: Dataset) -> "Asker":
        """With the settings of the server, but as nobody who is counted, refused or followed."""
        alone = replace(chosen, database_url=None, trusted_hosts=(), posts_per_hour=0)
        return cls(create_app(alone).test_client(), source.load(), _network(chosen))

    def get(self, url: str, **query: Any) -> None:
        """Whatever is answered: a dataset may have no place that a question can begin at."""
        self.client.get(url, query_string=query or None, headers=_PRESSED)

    def row(self, rows: Iterable[int]) -> int:
        """The first of these rows that lies in the service area; row 0 if none does."""
        lonlat, outline = self.snapshot.lonlat, self.snapshot.outline
        return next((row for row in rows if outline.holds(*lonlat[row].tolist())), 0)

    def point(self) -> tuple[float, float]:
        """WGS-84 lon, lat of a place."""
        lon, lat = self.snapshot.lonlat[self.row(range(len(self.snapshot)))].tolist()
        return lon, lat

    def place_by_road(self) -> tuple[str, float, float]:
        """The id, lon and lat of a place that stands on the roads, if any does."""
        network, snapshot = self.network, self.snapshot
        rows: Iterable[int] = ()
        if network is not None:
            stops = (
                under(network, snapshot, network.load(), [Mode.WALK]).expansions[Mode.WALK].stops
            )
            rows = np.unique(stops.rows).tolist()
        row = self.row(rows)
        return snapshot.id_of(row), *snapshot.lonlat[row].tolist()


def _network(chosen: Settings) -> RoadNetwork | None:
    """The network that answers by time; None: estimates do."""
    if not chosen.network:
        return None
    store = RoadNetwork(chosen.home, chosen.network)
    try:
        store.pointer()
    except StoreError:
        return None
    return store


def _questions() -> Iterable[dict[str, str]]:
    """One of each kind: by hours, with and without other filters."""
    return [
        {"open": opening, **filters}
        for opening in Open
        for filters in ({}, {"kinds": ",".join(Kind)})
    ]


def _quarter(asker: Asker) -> str:
    at = quarter_of(asker.snapshot.zone.local(datetime.now(UTC)))
    return at.isoformat(timespec="seconds")


def _list(asker: Asker) -> None:
    lon, lat = asker.point()
    _cells(asker, lon, lat, Order.DISTANCE)
    for question in _questions():
        asker.get("/api/v1/nearest", lon=lon, lat=lat, **question)


def _cells(asker: Asker, lon: float, lat: float, by: Order) -> None:
    for opening in Open:
        url = f"/api/v1/nearest/cell/{encode(lon, lat, 6)}"
        for sections in (1, 2):  # the page asks for certain and unknown ones apart
            asker.get(url, at=_quarter(asker), open=opening, by=by, sections=sections)


def _map(asker: Asker) -> None:
    asker.get(f"/tiles/{asker.snapshot.version}/0/0/0.json", at=_quarter(asker))
    # Lines come last. The way to one ends at its nearest point, whose links are made when asked.
    lon, lat = asker.snapshot.lonlat[-1].tolist()
    asker.get("/api/v1/nearest", lon=lon, lat=lat, kinds=Kind.WARM_BEE_STREET, open=Open.ANY)


def _fastest(asker: Asker) -> None:
    _, lon, lat = asker.place_by_road()
    for question in _questions():
        asker.get("/api/v1/nearest", lon=lon, lat=lat, by="time", **question)


def _search(asker: Asker) -> None:
    lon, lat = asker.point()
    for text in _TYPED:
        asker.get("/api/v1/search", q=text)
        asker.get("/api/v1/search", q=text, lon=lon, lat=lat)


def _along(asker: Asker) -> None:
    lon, lat = asker.point()
    asker.get("/api/v1/along", **{"from": f"{lon},{lat}", "to": f"{lon},{lat}"})


def _batch(asker: Asker) -> None:
    for question in _questions():
        asker.client.post(
            "/api/v1/nearest/batch", query_string=question, json=[list(asker.point())]
        )


def _coverage(asker: Asker) -> None:
    asker.get("/api/v1/coverage")


def _cells_by_road(asker: Asker) -> None:
    place, lon, lat = asker.place_by_road()
    _cells(asker, lon, lat, Order.TIME)
    asker.get(f"/api/v1/ways/{encode(lon, lat, 6)}/{place}")


def _along_by_road(asker: Asker) -> None:
    _, lon, lat = asker.place_by_road()
    asker.get("/api/v1/along", **{"from": f"{lon},{lat}", "to": f"{lon},{lat}", "by": "time"})
    asker.get("/api/v1/isochrone", lon=lon, lat=lat, minutes="1")


def _coverage_by_road(asker: Asker) -> None:
    asker.get("/api/v1/coverage", minutes="1")


#: Of each group of app/live/kernels.py the questions that need it.
GROUPS: Final[Mapping[str, Callable[[Asker], None]]] = {
    "list": _list,
    "map": _map,
    "fastest": _fastest,
    "search": _search,
    "along": _along,
    "batch": _batch,
    "coverage": _coverage,
    "cells by road": _cells_by_road,
    "along by road": _along_by_road,
    "coverage by road": _coverage_by_road,
}


def warm(chosen: Settings, source: Dataset) -> None:
    """Compile what the first questions need, load all that is kept, render the page; what rarer
    questions need is compiled behind the server, by a process that ends with this one.
    """
    asker = Asker.of(chosen, source)
    by_road, kept = asker.network is not None, kernel_cache.writable()
    first, later = kernels.first(by_road=by_road), kernels.later(by_road=by_road)
    if missing := [group for group in first if not kernels.finished(group)]:
        _say("The first start of a version compiles its kernels …")
        if kept:
            _compile_first(asker, missing)
    # What cannot be kept is compiled here, once for all workers.
    behind = [group for group in later if kept and not kernels.finished(group)]
    for group in (*first, *later):
        if group not in behind:
            GROUPS[group](asker)
            kernels.finish(group)
    _pages(asker)
    if behind:
        _FORK.Process(target=_compile_rest, args=(asker, behind, os.getpid()), daemon=True).start()


def _compile_first(asker: Asker, groups: Iterable[str]) -> None:
    """Each group in a process of its own. One that fails leaves its group to us."""
    began = perf_counter()
    prepare()
    running = [_FORK.Process(target=_compile, args=(asker, group)) for group in groups]
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        for process in running:
            process.start()
        with terminal.progress("compiling", None) as progress:
            while alive := [process.sentinel for process in running if process.is_alive()]:
                wait(alive, _TOLD_EVERY_S)
                progress(kernels.count())
    finally:  # stopped meanwhile, nobody is left behind who holds the port
        for process in running:
            if process.pid:
                process.kill()
        signal.signal(signal.SIGTERM, before)
    _say(
        (
            "Compiled {count} kernels for the first questions in {seconds:.0f} s; "
            "those of rarer ones follow while the server answers."
        ),
        count=kernels.count(),
        seconds=perf_counter() - began,
    )


def _compile(asker: Asker, group: str) -> None:
    for stop in (signal.SIGINT, signal.SIGTERM):  # without a word
        signal.signal(stop, signal.SIG_DFL)
    GROUPS[group](asker)
    kernels.finish(group)


def _compile_rest(asker: Asker, groups: Iterable[str], parent: int) -> None:
    os.nice(19)
    for group in groups:
        if os.getppid() != parent:  # the server is gone
            return
        _compile(asker, group)
    _say("All {count} kernels are compiled.", count=kernels.count())


def _pages(asker: Asker) -> None:
    """The page and its files as phones accept them: the first phone waits for none of it.

    Pressing them takes 0.5 s, which workers that are forked afterwards inherit.
    """
    pages = [f"/?lang={language}" for language in Language]
    for url in (*pages, *map(assets().url, assets().stored)):
        asker.get(url)


def _say(message: str, /, **values: object) -> None:
    terminal.tell(message, **values)
