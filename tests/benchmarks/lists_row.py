"""Row "HTTP lists": CPU of a server's worker per request for each list, beside a bare view sending
as many bytes.

One granian worker, no Accept-Encoding, the demo city. The bare view reads no parameter: what it
costs is Flask."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Final
from urllib.parse import quote

import msgspec

from geodata.search.cells import encode, quarter_of
from geodata.store.files import Dataset
from tests.benchmarks.cities import City, parts
from tests.benchmarks.report import Line, faster
from tests.benchmarks.serving import Served, serve
from tests.benchmarks.views import BODY_VARIABLE
from tests.makers import TIMEZONE

ROW: Final = "HTTP lists"
_DATASET: Final = "demo"
_ROUNDS: Final = 6
#: Of a cell that the page asks for in the city.
_CELL_LETTERS: Final = 6
_TYPED: Final = "白石洲"


@dataclass(frozen=True, slots=True)
class _List:
    """What is asked of one endpoint in a turn."""

    what: str
    paths: list[str]
    posted: bytes = b""


def measure(city: City, home: Path) -> Iterator[Line]:
    """Each list and its bare view take turns; medians of the turns.

    Printed only: what a list does is its own.
    """
    Dataset(home, _DATASET).publish(**parts(city))
    environment = {
        "NUANFENG_HOME": str(home),
        "NUANFENG_DATASET": _DATASET,
        "NUANFENG_POSTS_PER_HOUR": "0",
    }
    with serve("app.factory:create_app", "wsgi", environment) as ours:
        for asked in _lists(city):
            yield _line(asked, ours, home / "list.json")


def _lists(city: City) -> Iterator[_List]:
    inside = [here for here in city.asked_singly(6_000) if city.snapshot.outline.holds(*here)]
    pairs = list(zip(inside[::2], inside[1::2], strict=False))
    between = [f"from={a[0]:.6f},{a[1]:.6f}&to={b[0]:.6f},{b[1]:.6f}" for a, b in pairs]
    near = [f"lon={lon:.6f}&lat={lat:.6f}" for lon, lat in inside]
    yield _List(
        "nearest, k=5", [f"/api/v1/nearest?{here}&k=5&needs=water" for here in near[:1_000]]
    )
    yield _List(
        "along, two points, k=5",
        [f"/api/v1/along?{ends}&k=5&needs=water" for ends in between[:600]],
    )
    at = quote(quarter_of(datetime.now(TIMEZONE)).isoformat())
    cells = [encode(lon, lat, _CELL_LETTERS) for lon, lat in inside[:400]]
    yield _List(
        "cell, k=10", [f"/api/v1/nearest/cell/{cell}?at={at}&k=10&needs=water" for cell in cells]
    )
    yield _List(
        "search, k=10", [f"/api/v1/search?{here}&k=10&q={quote(_TYPED)}" for here in near[:600]]
    )
    boxes = [
        f"{lon - 0.02:.4f},{lat - 0.02:.4f},{lon + 0.02:.4f},{lat + 0.02:.4f}"
        for lon, lat in inside[:400]
    ]
    items = "/ogc/collections/friendly_merchant/items?limit=100&f=json"
    yield _List("OGC items of a box, up to 100", [f"{items}&bbox={box}" for box in boxes])
    for count, times in ((100, 100), (10_000, 4)):
        posted = msgspec.json.encode(
            [[round(lon, 6), round(lat, 6)] for lon, lat in (inside * 4)[:count]]
        )
        yield _List(
            f"batch of {count:,}, k=3", ["/api/v1/nearest/batch?k=3&needs=water"] * times, posted
        )


def _line(asked: _List, ours: Served, body: Path) -> Line:
    replies = sorted((ours.get(path, asked.posted) for path in asked.paths[:31]), key=len)
    body.write_bytes(replies[len(replies) // 2])
    with ExitStack() as stack:
        bare = stack.enter_context(
            serve("tests.benchmarks.views:bare", "wsgi", {BODY_VARIABLE: str(body)})
        )
        took: dict[str, list[float]] = {"ours": [], "bare": []}
        for turn in range(_ROUNDS):
            for name, server in (("ours", ours), ("bare", bare)):
                cost = server.ask(asked.paths, asked.posted)
                if turn:
                    took[name].append(cost)
    size = f"{body.stat().st_size / 1000:.1f} kB"
    return faster(
        ROW,
        f"4,039, {asked.what}, {size}, CPU",
        median(took["ours"]),
        "bare Flask",
        median(took["bare"]),
    )
