"""Row "day": 300,000 riders ask 100,000,000 times in a day; what caches answer, what is left for
the servers, how many they must be, and what happens where a zone is lost at the busiest hour.

Each zone has edges of a CDN, which ask the zone's nginx, which asks the zone's servers. What a
request costs a server is measured here, on one worker without caches.
"""

import copy
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from app.pages.assets import assets
from geodata.pipeline import recipes
from geodata.search.cells import encode
from geodata.store.files import Dataset
from tests.app.conftest import speak
from tests.benchmarks.cities import City
from tests.benchmarks.day import (
    DAY_S,
    REQUESTS,
    RIDERS,
    ROUTES,
    SLICE_S,
    Cache,
    Day,
    Events,
    Kept,
    of_version,
    published,
)
from tests.benchmarks.report import Line, seconds
from tests.benchmarks.serving import Served, most_mb, serve

ROW: Final = "day"
SEED: Final = 18
ZONES: Final = 2
EDGES_A_ZONE: Final = 2
#: When the first zone is lost: where most ask.
LOST_AT_S: Final = 18.5 * 3600
LOST_FOR_S: Final = 2 * 3600.0
#: Of what a server can do, how much it is given; and its cores.
_BUSY: Final = 0.5
_CORES: Final = 2
_BIN_S: Final = 10.0
_ASKED: Final = 300
_MOST_S, _MOST_MB = 600.0, 2_048.0
#: What costs are not measured by asking: as what they are like.
_LIKE: Final = {"ground": "static", "ways": "cell", "notices": "reports", "posted": "search"}


@dataclass
class Counted:
    """What became of a day's requests, a row a route."""

    asked: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(ROUTES), np.int64))
    at_edge: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(ROUTES), np.int64))
    at_origin: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(ROUTES), np.int64))
    by_time: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((len(ROUTES), int(DAY_S / _BIN_S) + 1), np.int64)
    )


class Tiers:
    """Edges in front of an nginx in each zone, in front of the servers."""

    def __init__(self) -> None:
        self._edges = [Cache(route, ZONES * EDGES_A_ZONE) for route in ROUTES]
        self._fronts = [Cache(route, ZONES) for route in ROUTES]
        self._lost = False

    def publish(self, start_s: float) -> None:
        """What is published anew has other addresses."""
        for number, route in enumerate(ROUTES):
            if of_version(route) in (published(start_s) or ()):
                self._edges[number].forget()
                self._fronts[number].forget()

    def lose(self) -> None:
        """Who asked the first zone asks the second from now on."""
        self._lost = True

    def ask(self, asked: Events, counted: Counted) -> None:
        """Where each is answered."""
        zone = asked.rider % ZONES if not self._lost else np.full(len(asked.rider), ZONES - 1)
        edge = zone * EDGES_A_ZONE + asked.rider // ZONES % EDGES_A_ZONE
        past = ~self._edges[asked.route].ask(edge, asked.key, asked.at_s)
        origin = ~self._fronts[asked.route].ask(zone[past], asked.key[past], asked.at_s[past])
        at_s = asked.at_s[past][origin]
        counted.asked[asked.route] += len(zone)
        counted.at_edge[asked.route] += len(zone) - int(past.sum())
        counted.at_origin[asked.route] += len(at_s)
        bins = (at_s / _BIN_S).astype(np.int64)
        counted.by_time[asked.route] += np.bincount(bins, minlength=counted.by_time.shape[1])[
            : counted.by_time.shape[1]
        ]


def simulate(requests: int, riders: int, seed: int) -> tuple[Counted, Counted]:
    """A whole day; and the hours after a zone is lost, as they would then be."""
    day, tiers = Counted(), Tiers()
    after, without = Counted(), tiers
    for number, events in enumerate(Day(requests, riders, seed).slices()):
        start = number * SLICE_S
        if start == LOST_AT_S:
            without = copy.deepcopy(tiers)
            without.lose()
        tiers.publish(start)
        for each in events:
            tiers.ask(each, day)
        if without is not tiers and start < LOST_AT_S + LOST_FOR_S:
            without.publish(start)
            for each in events:
                without.ask(each, after)
    return day, after


def measure(city: City, home: Path, *, quick: bool) -> Iterator[Line]:
    """Costs, the day, and the day in which a zone is lost."""
    costs = _costs(city, home)
    requests, riders = (REQUESTS // 50, RIDERS // 50) if quick else (REQUESTS, RIDERS)
    began = time.process_time()
    day, lost = simulate(requests, riders, SEED)
    took = time.process_time() - began
    yield Line(
        ROW,
        f"{day.asked.sum():,} requests of {riders:,} riders",
        f"{seconds(took)} of a processor, {most_mb():,.0f} MB",
        "",
        "",
        "≤ 10 min, ≤ 2 GiB",
        took <= _MOST_S and most_mb() <= _MOST_MB,
    )
    for number, route in enumerate(ROUTES):
        asked = day.asked[number]
        yield Line(
            ROW,
            f"{route.name}: {asked:,}, kept: {route.kept.value}",
            f"{_share(day.at_edge[number], asked)} by the CDN",
            f"{_share(asked - day.at_origin[number], asked)} with nginx",
            f"{day.at_origin[number]:,} at a server, {seconds(costs[number])} each",
            "",
            None,
        )
    yield from _servers(day, lost, costs)


def _servers(day: Counted, lost: Counted, costs: NDArray[np.float64]) -> Iterator[Line]:
    asked, left = int(day.asked.sum()), int(day.at_origin.sum())
    yield Line(
        ROW,
        "all",
        f"{_share(day.at_edge.sum(), asked)} by the CDN",
        f"{_share(asked - left, asked)} with nginx",
        f"{left:,} at a server",
        "",
        None,
    )
    alone = _peak_cores(_spread(day.asked, day), costs)
    cores, after = (_peak_cores(each.by_time, costs) for each in (day, lost))
    per_s = day.by_time.sum(axis=0).max() / _BIN_S
    replicas = int(np.ceil(after / _BUSY / _CORES))
    yield Line(
        ROW,
        "most at once at the servers",
        f"{per_s:,.0f}/s, {cores:.1f} cores at work",
        f"{alone:.1f} cores without a cache",
        f"{alone / cores:.1f}x",
        "",
        None,
    )
    yield Line(
        ROW,
        f"a zone of {ZONES} lost at {LOST_AT_S / 3600:g} h",
        f"{after:.1f} cores at work in the other",
        f"{lost.by_time.sum(axis=0).max() / _BIN_S:,.0f}/s",
        f"{after / cores:.2f}x",
        f"{replicas} servers of {_CORES} cores a zone, {_BUSY:.0%} at work then",
        None,
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"


def _spread(asked: NDArray[np.int64], day: Counted) -> NDArray[np.float64]:
    """Requests by time if no cache had any: as those that none ever has are spread."""
    never = [number for number, route in enumerate(ROUTES) if route.kept is Kept.NEVER]
    shape = day.by_time[never].sum(axis=0)
    return asked[:, None] * (shape / shape.sum())[None, :]


def _peak_cores(
    by_time: NDArray[np.float64] | NDArray[np.int64], costs: NDArray[np.float64]
) -> float:
    return float((costs @ by_time).max() / _BIN_S)


def _costs(city: City, home: Path) -> NDArray[np.float64]:
    """Seconds of a processor that a worker spends on each kind, nothing of it kept."""
    frozen = recipes.demo("demo")
    Dataset(home, "demo").publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    speak(home)
    environment = {"NUANFENG_HOME": str(home), "NUANFENG_DATASET": "demo"}
    with serve("app.factory:create_app", "wsgi", environment) as ours:
        found = {name: _cost(ours, paths) for name, paths in _asked(city, frozen.version).items()}
    return np.array([found[_LIKE.get(route.name, route.name)] for route in ROUTES])


def _cost(ours: Served, paths: list[str]) -> float:
    ours.ask(paths[:60])
    return ours.ask(paths[60:])


def _asked(city: City, version: str) -> dict[str, list[str]]:
    """Addresses of each kind as phones write them."""
    inside = [here for here in city.asked_singly(4_000) if city.snapshot.outline.holds(*here)]
    near = [f"lon={lon:.6f}&lat={lat:.6f}" for lon, lat in inside[:_ASKED]]
    at = quote(f"{time.strftime('%Y-%m-%dT%H:00:00', time.gmtime(time.time() + 8 * 3600))}+08:00")
    cells = list(dict.fromkeys(encode(lon, lat, 6) for lon, lat in inside))[:_ASKED]
    squares = list(dict.fromkeys(_square(lon, lat, 15) for lon, lat in inside))[:_ASKED]
    ids = [place.decode() for place in city.snapshot.ids_of(np.arange(_ASKED))]
    return {
        "reports": ["/api/v1/reports"] * _ASKED,
        "cell": [f"/api/v1/nearest/cell/{cell}?at={at}&k=10" for cell in cells],
        "tile": [f"/tiles/{version}/{square}.json?open=now&at={at}" for square in squares],
        "static": [f"/static/{assets().version}/js/main.js"] * _ASKED,
        "pack": [f"/api/v1/pack/{version}.json"] * _ASKED,
        "page": ["/"] * _ASKED,
        "pack's pointer": ["/api/v1/pack"] * _ASKED,
        "contacts": ["/api/v1/contacts"] * _ASKED,
        "place": [f"/api/v1/places/{place}" for place in ids],
        "nearest": [f"/api/v1/nearest?{here}&k=5" for here in near],
        "search": [f"/api/v1/search?{here}&k=20&q={quote('公园')}" for here in near],
    }


def _square(lon: float, lat: float, z: int) -> str:
    many = 1 << z
    x = int((lon + 180.0) / 360.0 * many)
    y = int((1.0 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2.0 * many)
    return f"{z}/{x}/{y}"
