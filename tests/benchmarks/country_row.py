"""Row "country": a dataset from Hainan to Heilongjiang beside a city of as many places.

Both are published by processes of their own and asked the same in turns, in process; every answer
of the country is then compared with brute force over all its places.
"""

import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import msgspec
import numpy as np
from flask.testing import FlaskClient
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from app.factory import create_app
from app.settings import Settings
from geodata.search.cells import ZONE, decode, encode, for_cell
from geodata.search.filter import Filter
from geodata.search.lengths import lengths
from geodata.search.lookup import Wanted, find
from geodata.search.nearest import Question, nearest
from geodata.search.tiles import tile
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import ecef, geodesic_m
from geodata.space.tangent import Floats
from geodata.store.files import Dataset
from geodata.vocabulary import Kind
from tests.benchmarks import start
from tests.benchmarks.cities import AT
from tests.benchmarks.clock import Contender, p50_s
from tests.benchmarks.publishing import COUNTRY, Published
from tests.benchmarks.report import Line, no_slower
from tests.benchmarks.tiles_row import tile_at

ROW: Final = "country"
CITY: Final = "city"
_SIZES: Final = {True: 20_000, False: 200_000}
_MOST: Final = 1.5
_ZOOMS: Final = (5, 8, 10, 12, 14, 16)
#: Questions of a turn, where they are slow.
_SLOW: Final = {"search by name": 40, "a tile of zoom 5": 20, "a tile of zoom 8": 40}
_NOON: Final = AT.replace(hour=12)
_ASKED: Final = Question(0.0, 0.0, _NOON, 10, 5_000.0)
#: Questions that are compared with brute force, and points within a cell that are.
CHECKED: Final = 300
_POINTS: Final = 5
#: Public places too, which are listed only when they are asked for.
EVERY_KIND: Final = Filter(kinds=tuple(Kind))
#: Longer than any chord is beside its arc, of as far as anybody asks.
_CHORD: Final = 1.001


class SpreadPlaces(NamedTuple):
    """A dataset, and where people ask it."""

    name: str
    snapshot: Snapshot
    spots: list[tuple[float, float]]
    letters: dict[str, int]


def measure(home: Path, *, quick: bool) -> Iterator[Line]:
    """Publish both, ask both, check all that the country answers."""
    size = _SIZES[quick]
    _published(home, "few", 2_000, CITY)  # the kernels are loaded over it (worker.py)
    took = {over: _published(home, over, size, over) for over in (CITY, COUNTRY)}
    city, country = (_spread(home, over) for over in (CITY, COUNTRY))
    yield from _asked(country, city)
    oracle = Oracle(country.snapshot)
    for what in CHECKS:
        yield _exact(country, what, oracle)
    yield from _pages(home)
    yield from _costs(home, took)


def _published(home: Path, name: str, size: int, over: str) -> Published:
    command = [sys.executable, "-m", "tests.benchmarks.publishing", str(size), str(home), name]
    ended = subprocess.run([*command, over], capture_output=True, check=True)  # our own module
    return msgspec.json.decode(ended.stdout, type=Published)


def _spread(home: Path, name: str) -> SpreadPlaces:
    snapshot = Dataset(home, name).load()
    rng = Generator(PCG64(14))
    rows = rng.integers(0, snapshot.first_line, 8_000)
    near = snapshot.lonlat[rows] + rng.normal(0.0, 0.002, (len(rows), 2))
    spots = [(lon, lat) for lon, lat in near.tolist() if snapshot.outline.holds(lon, lat)]
    return SpreadPlaces(name, snapshot, spots, lengths(snapshot))


def _ways(spread: SpreadPlaces) -> dict[str, Callable[[float, float], object]]:
    """What is asked of a point; each way takes lon and lat."""
    snapshot, letters = spread.snapshot, spread.letters
    hours = snapshot.hours_by_minute.at(_NOON)
    names = _names(spread)

    def cell(lon: float, lat: float) -> object:
        asked = encode(lon, lat, letters.get(encode(lon, lat, ZONE), 6))
        return for_cell(snapshot, decode(asked), _ASKED)

    def drawn(z: int) -> Callable[[float, float], object]:
        return lambda lon, lat: tile(snapshot, z, *tile_at(lon, lat, z), Filter(), hours)

    return {
        "nearest, k=10": lambda lon, lat: nearest(snapshot, replace(_ASKED, lon=lon, lat=lat)),
        "a cell as the page asks": cell,
        **{f"a tile of zoom {z}": drawn(z) for z in _ZOOMS},
        "search by name": lambda lon, lat: find(
            snapshot, Wanted(names[int(lon * 1e6) % len(names)], 10, (lon, lat))
        ),
    }


def _names(spread: SpreadPlaces) -> list[str]:
    """Names and parts of names, as people type them."""
    rows = Generator(PCG64(15)).integers(0, spread.snapshot.first_line, 200).tolist()
    whole = [spread.snapshot.name_of(row).removeprefix("演示·") for row in rows]
    return [name[: 3 + number % 6] for number, name in enumerate(whole)]


def _asked(country: SpreadPlaces, city: SpreadPlaces) -> Iterator[Line]:
    numbers = [(float(number), 0.0) for number in range(2_000)]
    for (what, ours), theirs in zip(_ways(country).items(), _ways(city).values(), strict=True):
        many = _SLOW.get(what, 300)
        beside = {
            COUNTRY: Contender(_of_its_own(ours, country.spots), many),
            CITY: Contender(_of_its_own(theirs, city.spots), many),
        }
        took = p50_s(beside, numbers)
        asked = f"{len(country.snapshot):,}, {what}"
        yield no_slower(ROW, asked, took[COUNTRY], CITY, took[CITY], _MOST)


def _of_its_own(
    ask: Callable[[float, float], object], spots: list[tuple[float, float]]
) -> Callable[[float, float], object]:
    """Each asks about spots of its own, by number."""
    return lambda number, _: ask(*spots[int(number) % len(spots)])


def _pages(home: Path) -> Iterator[Line]:
    """The first asker's page, in which stands what phones are told of all zones."""
    _first_asked_s(home, "few", "")  # what pages are made with is imported over it
    names = (COUNTRY, CITY)
    taken = [[_first_asked_s(home, name, f"/{turn}") for name in names] for turn in range(5)]
    times = dict(zip(names, map(median, zip(*taken, strict=True)), strict=True))
    weights = {
        name: len(_client(home, name).get("/", headers={"Accept-Encoding": "br"}).data)
        for name in names
    }
    yield no_slower(ROW, "the page, first asked, CPU", times[COUNTRY], CITY, times[CITY], _MOST)
    ratio = weights[COUNTRY] / weights[CITY]
    yield Line(
        ROW,
        "the page, brotli",
        f"{weights[COUNTRY] / 1000:.1f} kB",
        f"{CITY} {weights[CITY] / 1000:.1f} kB",
        f"{ratio:.3g}x",
        f"≤ {_MOST:g}x",
        ratio <= _MOST,
    )


def _client(home: Path, name: str, prefix: str = "") -> FlaskClient:
    return create_app(Settings(home, name, prefix=prefix)).test_client()


def _first_asked_s(home: Path, name: str, prefix: str) -> float:
    """Seconds of processor of the first page that a server, mounted there, is asked for."""
    client = _client(home, name, prefix)
    began = time.process_time()
    reply = client.get(f"{prefix}/")
    took_s = time.process_time() - began
    if reply.status_code != 200:
        raise RuntimeError(f"the page was answered {reply.status_code}: {reply.text[:300]!r}")
    return took_s


def _costs(home: Path, took: dict[str, Published]) -> Iterator[Line]:
    """Publishing, starting, and memory."""
    ours, theirs = took[COUNTRY], took[CITY]
    yield no_slower(ROW, "checked and published", ours.took_s, CITY, theirs.took_s, None)
    starts = {name: [start.first_s(home, name) for _ in range(4)][1:] for name in took}
    first = {name: min(each) for name, each in starts.items()}
    yield no_slower(ROW, "load and first answer", first[COUNTRY], CITY, first[CITY], _MOST)
    held = {name: start.worker(home, name)[0] for name in took}
    for what, many in (
        ("most memory of who publishes", (ours.most_mb, theirs.most_mb)),
        ("memory of a worker of its own", (held[COUNTRY], held[CITY])),
    ):
        ratio = many[0] / many[1]
        told = [f"{each:,.0f} MB" for each in many]
        yield Line(
            ROW,
            what,
            told[0],
            f"{CITY} {told[1]}",
            f"{ratio:.3g}x",
            f"≤ {_MOST:g}x",
            ratio <= _MOST,
        )


class Oracle:
    """Brute force over all places of a version, whatever the index holds."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._xyz_m = ecef(snapshot.lonlat[:, 0], snapshot.lonlat[:, 1])
        self._rank = np.argsort(np.argsort(snapshot.ids_of(np.arange(len(snapshot)))))

    def nearest(self, lon: float, lat: float, k: int, reach_m: float) -> tuple[list[int], Floats]:
        """Rows of the k nearest within reach and their geodesic metres, equals by id.

        Of all places only those are measured whose chord is no longer than the k-th could be.
        """
        apart_m = self._xyz_m - ecef([lon], [lat])[0]
        squares = np.einsum("ij,ij->i", apart_m, apart_m)
        kth_m = math.sqrt(np.partition(squares, k - 1)[k - 1]) * _CHORD
        some = np.flatnonzero(squares <= min(kth_m, reach_m) ** 2)
        metres = geodesic_m(lon, lat, *self._snapshot.lonlat[some].T)
        order = np.lexsort((self._rank[some], metres))
        order = order[metres[order] <= reach_m][:k]
        return some[order].tolist(), metres[order]


def _nearest_is_right(country: SpreadPlaces, oracle: Oracle) -> Iterator[bool]:
    for lon, lat in country.spots[:CHECKED]:
        hits = nearest(country.snapshot, replace(_ASKED, lon=lon, lat=lat)).hits
        rows, metres = oracle.nearest(lon, lat, _ASKED.k, _ASKED.max_distance_m)
        told = np.array([hit.distance_m for hit in hits])
        yield [hit.row for hit in hits] == rows and bool(np.all(np.abs(told - metres) <= 1e-3))


def _cell_is_right(country: SpreadPlaces, oracle: Oracle) -> Iterator[bool]:
    """Every answer of points of a cell stands in it."""
    rng = Generator(PCG64(16))
    for lon, lat in country.spots[:CHECKED]:
        cell = decode(encode(lon, lat, country.letters.get(encode(lon, lat, ZONE), 6)))
        held = {*for_cell(country.snapshot, cell, _ASKED).rows}
        points = rng.uniform(
            [cell.west, cell.south], [cell.east, cell.north], (_POINTS, 2)
        ).tolist()
        yield all(
            held.issuperset(oracle.nearest(*point, _ASKED.k, _ASKED.max_distance_m)[0])
            for point in points
        )


def _tiles_are_right(country: SpreadPlaces, _: Oracle) -> Iterator[bool]:
    """Alone or in clusters a tile tells of as many places as lie in it."""
    snapshot = country.snapshot
    hours = snapshot.hours_by_minute.at(_NOON)
    for z in _ZOOMS:
        here = _tiles_at(snapshot.lonlat, z)
        sought = {tile_at(lon, lat, z) for lon, lat in country.spots[:CHECKED]}
        for x, y in sorted(sought):
            made = tile(snapshot, z, x, y, EVERY_KIND, hours)
            told = len(made.rows) + sum(each.places for each in made.clusters)
            rows = np.flatnonzero((here[:, 0] == x) & (here[:, 1] == y))
            yield told == len(rows) and {*made.rows} <= {*rows.tolist()}


def _tiles_at(lonlat: Floats, z: int) -> NDArray[np.int64]:
    """`tile_at` of many points, shape (n, 2)."""
    lon, lat = lonlat.T
    down = (1.0 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2.0
    return np.floor(np.stack([lon / 360.0 + 0.5, down], axis=1) * (1 << z)).astype(np.int64)


def _search_is_right(country: SpreadPlaces, oracle: Oracle) -> Iterator[bool]:
    """A whole name that no other holds finds its place first, wherever in the country one asks."""
    snapshot = country.snapshot
    names = "\n".join(snapshot.name_of(row) for row in range(len(snapshot)))
    rows = Generator(PCG64(17)).integers(0, snapshot.first_line, CHECKED).tolist()
    own = [row for row in rows if names.count(snapshot.name_of(row)) == 1]
    for row, (lon, lat) in zip(own, country.spots, strict=False):
        hit = find(snapshot, Wanted(snapshot.name_of(row), 5, (lon, lat))).hits[0]
        true_m = float(geodesic_m(lon, lat, *snapshot.lonlat[row]))
        yield hit.row == row and abs((hit.distance_m or 0.0) - true_m) <= 1e-3


#: What a dataset answers, beside brute force; each yields whether one answer is right.
CHECKS: Final[dict[str, Callable[[SpreadPlaces, Oracle], Iterator[bool]]]] = {
    "nearest": _nearest_is_right,
    "cells": _cell_is_right,
    "tiles": _tiles_are_right,
    "names": _search_is_right,
}


def _exact(country: SpreadPlaces, what: str, oracle: Oracle) -> Line:
    right = list(CHECKS[what](country, oracle))
    told = f"{sum(right) / len(right):.2%} of {len(right):,}"
    return Line(ROW, f"{what} equal brute force", told, "", "", "100%", all(right))
