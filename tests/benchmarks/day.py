"""A day of a city's riders as events without sockets: who asks what and when, and what caches have.

Seeded; numpy over slices of ten minutes, so that 100,000,000 requests take minutes and little
memory. What riders do is assumed, and stated in ROUTES; how long each answer is kept is what our
Cache-Control says of it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY_S: Final = 86_400.0
SLICE_S: Final = 600.0
RIDERS: Final = 300_000
REQUESTS: Final = 100_000_000
#: Cells of 1.2 by 0.6 km that riders ask from; a few of them are asked of most.
CELLS: Final = 2_700
_UNEVEN: Final = 1.5
#: How long a page is seen in the mean, and how often it then asks what riders say.
_SEEN_S: Final = 210.0
_POLL_S: Final = 10.0
#: Beside what is asked all along, a rider asks within the first minutes.
_BUSY_S: Final = 120.0
#: By hour of the day, how many begin to look: meals are when riders work, and some work at night.
_BY_HOUR: Final = (
    *(0.5, 0.4, 0.4, 0.3, 0.3, 0.4, 0.6, 0.8, 0.9, 1.0, 1.4, 2.0),
    *(1.9, 1.3, 1.0, 0.9, 1.0, 1.6, 2.2, 2.0, 1.4, 1.1, 0.9, 0.7),
)
#: The hours at which data are published anew, and the program.
_DATA_HOURS: Final = (0, 4, 8, 12, 16, 20)
_PROGRAM_HOURS: Final = (0, 4)


class Kept(Enum):
    """For how long a shared cache has an answer."""

    NEVER = "private, or asked about each time"
    SECONDS = "some seconds"
    QUARTER = "until its quarter of an hour ends"
    FOREVER = "as long as its version is served"


class Once(Enum):
    """What a phone asks for once only, as it keeps it."""

    NO = ""
    DATA = "a version of the data"
    PROGRAM = "a version of the program"


@dataclass(frozen=True, slots=True)
class Route:
    """One kind of request of a phone."""

    name: str
    a_visit: float
    """In the mean; of what is asked once, how many addresses that is."""
    kept: Kept
    addresses: int = 1
    """Of a cell, or of all where `everywhere`."""
    seconds: float = 0.0
    everywhere: bool = False
    once: Once = Once.NO

    @property
    def keys(self) -> int:
        """How many addresses there are at a time."""
        return self.addresses if self.everywhere else self.addresses * CELLS


#: What a rider's visit asks, and for how long answers may be kept: as app/response/headers.py and
#: those who call it say.
ROUTES: Final = (
    Route("reports", _SEEN_S / _POLL_S, Kept.SECONDS, seconds=5, everywhere=True),
    Route("cell", 5.0, Kept.QUARTER, addresses=24),
    Route("ways", 2.0, Kept.SECONDS, addresses=16, seconds=900),
    # The address of a tile names the quarter of an hour for which it tells what is open.
    Route("tile", 11.0, Kept.QUARTER, addresses=48),
    Route("ground", 9.0, Kept.FOREVER, addresses=30),
    Route("static", 24.0, Kept.FOREVER, addresses=24, everywhere=True, once=Once.PROGRAM),
    Route("pack", 1.0, Kept.FOREVER, everywhere=True, once=Once.DATA),
    Route("page", 1.0, Kept.NEVER, everywhere=True),
    Route("pack's pointer", 1.0, Kept.NEVER, everywhere=True),
    Route("notices", 0.1, Kept.SECONDS, addresses=2, seconds=15, everywhere=True),
    Route("contacts", 0.1, Kept.SECONDS, seconds=60, everywhere=True),
    Route("place", 1.5, Kept.NEVER, addresses=4),
    Route("nearest", 0.5, Kept.NEVER),
    Route("search", 0.3, Kept.NEVER),
    Route("posted", 0.1, Kept.NEVER),
)


@dataclass(frozen=True, slots=True)
class Events:
    """Requests of one route in the order of time."""

    route: int
    at_s: Floats
    key: Ints
    rider: Ints


class Cache:
    """What shared caches hold: for each address in each of them until when."""

    def __init__(self, route: Route, caches: int) -> None:
        self._route = route
        self._until = np.zeros(caches * route.keys)

    def forget(self, caches: slice = slice(None)) -> None:
        """A new version has other addresses; a cache that is lost has none."""
        self._until.reshape(-1, self._route.keys)[caches] = 0.0

    def ask(self, cache: Ints, key: Ints, at_s: Floats) -> NDArray[np.bool_]:
        """Which requests, in the order of time, find their answer there."""
        if self._route.kept is Kept.NEVER:
            return np.zeros(len(key), np.bool_)
        slot = cache * self._route.keys + key
        order = np.argsort(slot, kind="stable")
        slot, at_s = slot[order], at_s[order]
        asked, first, group = np.unique(slot, return_index=True, return_inverse=True)
        end = np.append(first[1:], len(slot))
        # One number that grows with the address and then with time finds the next who asks.
        line = group * (2 * DAY_S) + at_s
        until = self._until[asked]
        missed = np.zeros(len(slot), np.bool_)
        left = np.arange(len(asked))
        while len(left):
            found = np.searchsorted(line, left * (2 * DAY_S) + np.minimum(until[left], 1.9 * DAY_S))
            found = np.maximum(found, first[left])
            there = found < end[left]
            left, found = left[there], found[there]
            missed[found] = True
            until[left] = self._expires(at_s[found])
        self._until[asked] = until
        hit = np.empty(len(slot), np.bool_)
        hit[order] = ~missed
        return hit

    def _expires(self, at_s: Floats) -> Floats:
        if self._route.kept is Kept.QUARTER:
            return (np.floor(at_s / 900.0) + 1.0) * 900.0
        return at_s + (math.inf if self._route.kept is Kept.FOREVER else self._route.seconds)


class Day:
    """Who asks what, slice by slice; the same for one seed."""

    def __init__(self, requests: int, riders: int, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._riders = riders
        often = [route for route in ROUTES if route.once is Once.NO]
        once = [route for route in ROUTES if route.once is not Once.NO]
        versions = {Once.DATA: len(_DATA_HOURS), Once.PROGRAM: len(_PROGRAM_HOURS)}
        of_versions = sum(route.a_visit * versions[route.once] for route in once) * riders
        self.visits = int(max(requests - of_versions, requests / 2) / sum(r.a_visit for r in often))
        weight = np.exp(self._chance.normal(0.0, _UNEVEN, CELLS))
        self._cell_of_rider = self._chance.choice(CELLS, riders, p=weight / weight.sum())
        self._has = {kind: np.zeros(riders, np.bool_) for kind in (Once.DATA, Once.PROGRAM)}
        self._later: list[list[Events]] = [[] for _ in ROUTES]

    def slices(self, begin_s: float = 0.0, end_s: float = DAY_S) -> Iterator[list[Events]]:
        """The events of each ten minutes, in order, a list a route."""
        per_hour = np.array(_BY_HOUR) / sum(_BY_HOUR) * self.visits
        for start in np.arange(begin_s, end_s, SLICE_S):
            if (version := published(start)) is not None:
                for kind in version:
                    self._has[kind][:] = False
            many = self._chance.poisson(per_hour[int(start // 3600)] * SLICE_S / 3600)
            yield self._slice(float(start), int(many))

    def _slice(self, start: float, many: int) -> list[Events]:
        began = start + self._chance.random(many) * SLICE_S
        rider = self._chance.integers(0, self._riders, many)
        seen_s = self._chance.exponential(_SEEN_S, many)
        return [
            self._due(number, self._asked(number, began, rider, seen_s), start + SLICE_S)
            for number in range(len(ROUTES))
        ]

    def _asked(self, number: int, began: Floats, rider: Ints, seen_s: Floats) -> Events:
        route = ROUTES[number]
        if route.name == "reports":
            times = np.ceil(seen_s / _POLL_S).astype(np.int64)
        elif route.once is Once.NO:
            times = self._chance.poisson(route.a_visit, len(rider))
        else:
            times = self._new(route, rider)
        visit = np.repeat(np.arange(len(rider)), times)
        nth = np.arange(len(visit)) - np.repeat(np.cumsum(times) - times, times)
        spread = np.minimum(seen_s, _BUSY_S)[visit] * self._chance.random(len(visit))
        at_s = began[visit] + (nth * _POLL_S if route.name == "reports" else spread)
        if route.once is not Once.NO:
            key = nth % route.addresses
        else:
            # Some questions are asked by most: of n addresses the first by half of all.
            key = np.floor(route.addresses * self._chance.random(len(visit)) ** 3).astype(np.int64)
        if not route.everywhere:
            key = key + self._cell_of_rider[rider[visit]] * route.addresses
        return Events(number, at_s, key, rider[visit])

    def _new(self, route: Route, rider: Ints) -> Ints:
        """For each visit how many addresses that the phone has not yet."""
        times = np.zeros(len(rider), np.int64)
        _, first = np.unique(rider, return_index=True)
        has = self._has[route.once]
        wanting = first[~has[rider[first]]]
        times[wanting] = int(route.a_visit)
        has[rider[wanting]] = True
        return times

    def _due(self, number: int, made: Events, end: float) -> Events:
        """What falls in this slice, in order; the rest waits for the next."""
        parts = [*self._later[number], made]
        at_s, key, rider = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("at_s", "key", "rider")
        )
        now = at_s < end
        self._later[number] = [Events(number, at_s[~now], key[~now], rider[~now])]
        order = np.argsort(at_s[now], kind="stable")
        return Events(number, at_s[now][order], key[now][order], rider[now][order])


def published(start_s: float) -> tuple[Once, ...] | None:
    """What is published anew at this instant."""
    hour = start_s / 3600
    found = [(Once.DATA, _DATA_HOURS), (Once.PROGRAM, _PROGRAM_HOURS)]
    return tuple(kind for kind, hours in found if hour in hours) or None


def of_version(route: Route) -> Once:
    """Whose new version gives all of a route's answers other addresses."""
    if route.name == "static":
        return Once.PROGRAM
    return Once.DATA if route.name in ("cell", "tile", "ways", "pack") else Once.NO
