"""Row "cells": CPU of a server's worker for a cell that nobody asked for before.

What a phone asks when it opens the page in a place where no one did so this quarter of an hour. No
cell is asked twice, so nothing kept of a reply can help. One granian worker, no Accept-Encoding,
the demo city; beside it a bare view that sends as many bytes.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final
from urllib.parse import quote

from geodata.search.cells import encode
from geodata.store.files import Dataset
from tests.benchmarks.cities import AT, City, parts
from tests.benchmarks.report import Line, seconds
from tests.benchmarks.serving import Served, serve
from tests.benchmarks.views import BODY_VARIABLE

ROW: Final = "cells"
_DATASET: Final = "demo"
#: Of the cells that the page asks for in most of the city: 1.2 km by 0.6 km.
_LETTERS: Final = 6
_CELLS: Final = 1_800
#: Asked at a time, by turns with the bare view; the first _WARM are not counted.
_TURN: Final = 60
_WARM: Final = 300
#: Noon, when most places are open and so are candidates.
_AT: Final = AT.replace(hour=12)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One way to ask every cell, and the CPU it may take."""

    what: str
    query: str
    at_most_s: float


_WAYS: Final = (
    _Asked("k=10", "k=10", 0.6e-3),
    _Asked("k=10, open on arrival, riding", "k=10&open=at_arrival&mode=ride", 1.0e-3),
)


def measure(city: City, home: Path) -> Iterator[Line]:
    """Both ways to ask, each beside its bare view; medians of the turns."""
    Dataset(home, _DATASET).publish(**parts(city))
    environment = {"NUANFENG_HOME": str(home), "NUANFENG_DATASET": _DATASET}
    for asked in _WAYS:
        with serve("app.factory:create_app", "wsgi", environment) as ours:
            yield _line(asked, ours, _paths(city, asked), home / "cell.json")


def _paths(city: City, asked: _Asked) -> list[str]:
    """_CELLS cells where people ask."""
    inside = [here for here in city.asked_singly(20_000) if city.snapshot.outline.holds(*here)]
    cells = dict.fromkeys(encode(lon, lat, _LETTERS) for lon, lat in inside)
    query = f"at={quote(_AT.isoformat())}&{asked.query}"
    if len(cells) < _CELLS:
        raise RuntimeError(f"the city has only {len(cells)} cells where people ask")
    return [f"/api/v1/nearest/cell/{cell}?{query}" for cell in cells][:_CELLS]


def _line(asked: _Asked, ours: Served, paths: list[str], body: Path) -> Line:
    replies = sorted((ours.get(path) for path in paths[:_WARM]), key=len)
    body.write_bytes(replies[len(replies) // 2])
    with ExitStack() as stack:
        bare = stack.enter_context(
            serve("tests.benchmarks.views:bare", "wsgi", {BODY_VARIABLE: str(body)})
        )
        bare.ask(paths[:_WARM])
        turns = [paths[first : first + _TURN] for first in range(_WARM, _CELLS, _TURN)]
        took = [(ours.ask(turn), bare.ask(turn)) for turn in turns]
    ours_s, bare_s = (median(costs) for costs in zip(*took, strict=True))
    return Line(
        ROW,
        f"4,039, {asked.what}, {body.stat().st_size / 1000:.1f} kB, CPU",
        seconds(ours_s),
        f"bare Flask {seconds(bare_s)}",
        f"{bare_s / ours_s:.3g}x",
        f"≤ {seconds(asked.at_most_s)}",
        ours_s <= asked.at_most_s,
    )
