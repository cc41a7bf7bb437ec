"""Row "scale": a city of millions published and served as people do it, each list of it beside the
demo city's.

Both cities are published by processes of their own (`publishing`) and served by `nuanfeng run` with
two workers. Times are wall time of one request after another on a kept connection, no
Accept-Encoding; both servers take turns."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec
import numpy as np
from numpy.random import PCG64, Generator

from geodata.search.cells import ZONE, encode, quarter_of
from geodata.search.lengths import lengths
from geodata.search.listing import Selection, listing
from geodata.snapshot.snapshot import Snapshot
from geodata.sources.demo import facts
from geodata.space.service_area import Outline
from geodata.store.files import Dataset
from geodata.text.pinyin import spelled
from geodata.vocabulary import Kind, Need
from tests.benchmarks.cities import DEMO_PLACES
from tests.benchmarks.publishing import Published
from tests.benchmarks.report import Line, seconds
from tests.benchmarks.serving import children_of, own_mb, shared_mb
from tests.benchmarks.tiles_row import tile_at
from tests.makers import TIMEZONE

ROW: Final = "scale"
_SIZES: Final = {True: 200_000, False: 2_000_000}
#: A list should answer within this at its 95th percentile, in a city of any size.
_MOST_S: Final = 0.050
_READY_S: Final = 300.0
_WORKERS: Final = 2
#: Turns of both servers, the first of which warms them and is not counted.
_TURNS: Final = 5
_TIMEOUT_S: Final = 120.0
_ZOOMS: Final = (10, 12, 14, 16, 18)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of one endpoint: in each turn the next `a_turn` paths."""

    what: str
    paths: Sequence[str]
    posted: bytes = b""
    a_turn: int = 20
    limited: bool = True
    """Whether _MOST_S is its target."""


@dataclass(frozen=True, slots=True)
class _City:
    """A published city and the server that answers for it."""

    size: int
    snapshot: Snapshot
    connection: http.client.HTTPConnection
    server: int
    ready_s: float


def measure(home: Path, *, quick: bool) -> Iterator[Line]:
    """Publish both cities, serve both, ask both the same."""
    sizes = (DEMO_PLACES, _SIZES[quick])
    took = {size: _published(home, size) for size in sizes}
    yield from _publishing(took, home)
    with ExitStack() as stack:
        _served(
            stack, home, DEMO_PLACES
        )  # compiles what is not yet compiled, so that no server that is measured has to
    with ExitStack() as stack:
        small, large = (_served(stack, home, size) for size in sizes)
        yield _beside(
            "ready after",
            large,
            small,
            [seconds(city.ready_s) for city in (large, small)],
            large.ready_s / small.ready_s,
        )
        for ours, theirs in zip(_asked(large), _asked(small), strict=True):
            yield _line(ours, theirs, large, small)
        yield from _memory(large, small)


def _name(size: int) -> str:
    return f"scale-{size}"


def _published(home: Path, size: int) -> Published:
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.publishing",
        str(size),
        str(home),
        _name(size),
    ]
    ended = subprocess.run(command, capture_output=True, check=True)  # our own module
    return msgspec.json.decode(ended.stdout, type=Published)


def _publishing(took: Mapping[int, Published], home: Path) -> Iterator[Line]:
    (small, fast), (large, slow) = took.items()
    on_disk = [
        sum(
            path.stat().st_size
            for path in Dataset(home, _name(size)).folder.rglob("*")
            if path.is_file()
        )
        for size in (large, small)
    ]
    for what, ours, theirs, ratio in (
        (
            "checked, frozen and stored",
            seconds(slow.took_s),
            seconds(fast.took_s),
            slow.took_s / fast.took_s,
        ),
        (
            "most memory of who publishes",
            _megabytes(slow.most_mb),
            _megabytes(fast.most_mb),
            slow.most_mb / fast.most_mb,
        ),
        (
            "on disk",
            _megabytes(on_disk[0] / 1e6),
            _megabytes(on_disk[1] / 1e6),
            on_disk[0] / on_disk[1],
        ),
    ):
        yield Line(
            ROW, f"{large:,}, {what}", ours, f"{small:,}: {theirs}", f"{ratio:.3g}x", "", None
        )


def _megabytes(size: float) -> str:
    return f"{size:,.0f} MB"


def _served(stack: ExitStack, home: Path, size: int) -> _City:
    """`nuanfeng run`, from its start to the line that says where it answers."""
    command = [
        sys.executable,
        "-m",
        "app",
        "run",
        "--dataset",
        _name(size),
        "--workers",
        str(_WORKERS),
        "--port",
        "0",
    ]
    environment = {**os.environ, "NUANFENG_HOME": str(home), "NUANFENG_POSTS_PER_HOUR": "0"}
    began = time.perf_counter()
    server = stack.enter_context(
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True
        )  # our own program
    )
    stack.callback(server.wait)  # before its output is closed: it says how it ended
    stack.callback(server.terminate)
    said = server.stdout.readline() if server.stdout else ""
    if "http://127.0.0.1:" not in said:
        raise RuntimeError(f"the server of {size:,} places did not start: {said}")
    ready_s = time.perf_counter() - began
    port = int(said.partition("http://127.0.0.1:")[2].split()[0])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    stack.callback(connection.close)
    return _City(size, Dataset(home, _name(size)).load(), connection, server.pid, ready_s)


def _asked(city: _City) -> Iterator[_Asked]:
    """The same questions of every city, about what is in it."""
    rng = Generator(PCG64(7))
    spots = _spots(city.snapshot, rng, 2_000)
    near = [f"lon={lon:.6f}&lat={lat:.6f}" for lon, lat in spots]
    ids = [city.snapshot.id_of(row) for row in rng.integers(0, len(city.snapshot), 500).tolist()]
    yield _Asked("nearest, k=10", [f"/api/v1/nearest?{here}" for here in near], a_turn=100)
    yield _Asked(
        "nearest, needs and door",
        [f"/api/v1/nearest?{here}&needs=water,recharge&door=code" for here in near],
        a_turn=100,
    )
    yield _Asked(
        "nearest, open now", [f"/api/v1/nearest?{here}&open=now" for here in near], a_turn=100
    )
    yield _Asked("nearest/cell as the page asks", _cells(city.snapshot, spots), a_turn=40)
    yield from _ways(city.snapshot.outline, spots)
    posted = msgspec.json.encode([[round(lon, 6), round(lat, 6)] for lon, lat in spots[:1_000]])
    yield _Asked("nearest/batch of 1,000, k=3", ["/api/v1/nearest/batch?k=3"], posted, a_turn=5)
    yield from _typed(near)
    yield from _tiles(city.snapshot, spots)
    yield from _features(city.snapshot, spots)
    yield _Asked("pack: which there is", ["/api/v1/pack"])
    zones = sorted({encode(lon, lat, 5) for lon, lat in spots})
    packs = [f"/api/v1/pack/{city.snapshot.version}{_zone(city, zone)}.json" for zone in zones]
    yield _Asked("pack: the first asker's", packs, a_turn=3, limited=False)
    yield _Asked("places/{id}", [f"/api/v1/places/{each}" for each in ids], a_turn=100)
    reaches = [
        f"/api/v1/coverage?needs=water&by=district&reach_m={300 + step}" for step in range(100)
    ]
    yield _Asked("coverage by district, first asked", reaches, a_turn=5, limited=False)
    yield from _pages(ids)


def _spots(snapshot: Snapshot, rng: Generator, count: int) -> list[tuple[float, float]]:
    """Where people are: near places, and in the service area."""
    rows = rng.integers(0, snapshot.first_line, 2 * count)
    spots = snapshot.lonlat[rows] + rng.normal(0.0, 0.002, (2 * count, 2))
    inside = [(lon, lat) for lon, lat in spots.tolist() if snapshot.outline.holds(lon, lat)]
    return inside[:count]


def _cells(snapshot: Snapshot, spots: Sequence[tuple[float, float]]) -> list[str]:
    """With as many letters as the page is told to ask with."""
    letters, at = lengths(snapshot), quote(quarter_of(datetime.now(TIMEZONE)).isoformat())
    told = [encode(lon, lat, letters.get(encode(lon, lat, ZONE), 6)) for lon, lat in spots]
    return [f"/api/v1/nearest/cell/{cell}?at={at}&k=10&needs=water" for cell in told]


def _ways(outline: Outline, spots: Sequence[tuple[float, float]]) -> Iterator[_Asked]:
    pairs = list(zip(spots[::2], spots[1::2], strict=True))
    between = [f"from={a[0]:.6f},{a[1]:.6f}&to={b[0]:.6f},{b[1]:.6f}" for a, b in pairs]
    yield _Asked(
        "along, two points across the city",
        [f"/api/v1/along?{ends}&k=10" for ends in between],
        a_turn=40,
    )
    lines = (np.linspace(*ends, 50) for ends in pairs)
    paths = [
        _polyline(line) for line in lines if all(outline.holds(*spot) for spot in line.tolist())
    ]
    yield _Asked(
        "along, a path of 50 points",
        [f"/api/v1/along?path={quote(path)}&k=10" for path in paths],
        a_turn=20,
    )


def _polyline(lonlat: np.ndarray) -> str:
    """Encoded polyline of precision 5."""
    steps = np.diff(
        np.rint(lonlat[:, ::-1] * 1e5).astype(int), axis=0, prepend=np.zeros((1, 2), int)
    )
    return "".join(_number(step) for step in steps.ravel().tolist())


def _number(step: int) -> str:
    left, letters = ~(step << 1) if step < 0 else step << 1, ""
    while left >= 32:
        letters, left = letters + chr((left & 31 | 32) + 63), left >> 5
    return letters + chr(left + 63)


def _typed(near: Sequence[str]) -> Iterator[_Asked]:
    """What people type: landmarks, which places are named after."""
    names = [name for name in facts.landmarks()["name"] if 3 <= len(name) <= 6][:60]
    kinds = {
        "Chinese": names,
        "pinyin": [each.replace(" ", "") for each in spelled(names)[0]],
        "initials": spelled(names)[1],
        "a typing error": [name[:-1] + "暖" for name in names],
        "a word and a kind": [f"{name} 驿站" for name in names],
    }
    for kind, texts in kinds.items():
        here = zip(texts, near, strict=False)
        yield _Asked(
            f"search, {kind}", [f"/api/v1/search?q={quote(text)}&{at}" for text, at in here]
        )


def _tiles(snapshot: Snapshot, spots: Sequence[tuple[float, float]]) -> Iterator[_Asked]:
    """Each asked for the first time: of another quarter of an hour."""
    begin = quarter_of(datetime.now(TIMEZONE))
    for zoom in _ZOOMS:
        paths = []
        for step, (lon, lat) in enumerate(spots[:100]):
            x, y = tile_at(lon, lat, zoom)
            at = quote((begin + step * timedelta(minutes=15)).isoformat())
            paths.append(f"/tiles/{snapshot.version}/{zoom}/{x}/{y}.json?at={at}")
        yield _Asked(f"a tile of zoom {zoom}, first asked", paths, a_turn=12)


def _features(snapshot: Snapshot, spots: Sequence[tuple[float, float]]) -> Iterator[_Asked]:
    items = "/ogc/collections/friendly_merchant/items?limit=100&f=json"
    boxes = [
        f"{lon - 0.02:.4f},{lat - 0.02:.4f},{lon + 0.02:.4f},{lat + 0.02:.4f}"
        for lon, lat in spots[:100]
    ]
    yield _Asked("OGC items of a box of 4 km", [f"{items}&bbox={box}" for box in boxes])
    yield _Asked("OGC items, the first page", [items])
    merchants = listing(snapshot, Kind.FRIENDLY_MERCHANT)
    late = snapshot.id_of(
        merchants.row(int(merchants.positions(Selection())[len(merchants) * 9 // 10]))
    )
    yield _Asked("OGC items, a late page", [f"{items}&cursor={snapshot.version}.{late}"])
    asked = [
        f"needs={need}&district={quote(name.decode())}"
        for need in Need
        for name in snapshot.districts.names
    ]
    yield _Asked(
        "OGC items of a need in a district", [f"{items}&{which}" for which in asked], a_turn=10
    )
    yield _Asked("OGC collections", ["/ogc/collections?f=json"])
    yield _Asked("OGC item", [f"/ogc/collections/friendly_merchant/items/{late}?f=json"])


def _zone(city: _City, zone: str) -> str:
    return f"/{zone}" if city.size > DEMO_PLACES else ""


def _pages(ids: Sequence[str]) -> Iterator[_Asked]:
    yield _Asked("the map page", ["/"])
    yield _Asked("a place's page", [f"/p/{each}" for each in ids])
    yield _Asked(
        "a part of a street office's list", ["/?street=440305003"], a_turn=5, limited=False
    )
    yield _Asked("the page of coverage", ["/coverage"], a_turn=3, limited=False)
    yield _Asked("which is ready", ["/readyz"])
    yield _Asked("a static file", ["/favicon.svg"])


def _line(ours: _Asked, theirs: _Asked, large: _City, small: _City) -> Line:
    times: dict[int, list[float]] = {large.size: [], small.size: []}
    for turn in range(_TURNS):
        for city, asked in ((large, ours), (small, theirs)):
            taken = _turn(city.connection, asked, turn)
            if turn:
                times[city.size] += taken
    p50, p95 = (
        [float(np.quantile(times[city.size], part)) for city in (large, small)]
        for part in (0.5, 0.95)
    )
    told = [f"{seconds(half)}, p95 {seconds(most)}" for half, most in zip(p50, p95, strict=True)]
    return _beside(ours.what, large, small, told, p50[0] / p50[1], p95[0] if ours.limited else None)


def _beside(
    what: str,
    large: _City,
    small: _City,
    told: Sequence[str],
    ratio: float,
    p95_s: float | None = None,
) -> Line:
    target = "" if p95_s is None else f"p95 ≤ {seconds(_MOST_S)}"
    met = None if p95_s is None else p95_s <= _MOST_S
    return Line(
        ROW,
        f"{large.size:,}, {what}",
        told[0],
        f"{small.size:,}: {told[1]}",
        f"{ratio:.3g}x",
        target,
        met,
    )


def _turn(connection: http.client.HTTPConnection, asked: _Asked, turn: int) -> list[float]:
    times = []
    connection.close()  # it may have been idle for longer than a server waits
    _ask(connection, "/healthz", b"")
    for number in range(turn * asked.a_turn, (turn + 1) * asked.a_turn):
        began = time.perf_counter()
        _ask(connection, asked.paths[number % len(asked.paths)], asked.posted)
        times.append(time.perf_counter() - began)
    return times


def _ask(connection: http.client.HTTPConnection, path: str, posted: bytes) -> None:
    if posted:
        connection.request("POST", path, posted, {"Content-Type": "application/json"})
    else:
        connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path} was answered {response.status}: {body[:300]!r}")


def _memory(large: _City, small: _City) -> Iterator[Line]:
    """After all these questions, of the worker that has most."""
    for what, measured in (("own memory", own_mb), ("share of all memory (PSS)", shared_mb)):
        ours, theirs = (max(map(measured, children_of(city.server))) for city in (large, small))
        yield _beside(
            f"a worker's {what}",
            large,
            small,
            [_megabytes(ours), _megabytes(theirs)],
            ours / theirs,
        )
