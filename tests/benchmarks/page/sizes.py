"""What our page makes a phone load, in brotli: the first list reply in many cells, all scripts and
styles.
"""

import re
import urllib.request
from collections.abc import Iterable
from itertools import islice
from statistics import quantiles
from typing import Final

import brotli
import numpy as np

from app.pages.assets import GROUND_ALONE, VOICE, assets
from geodata.search.cells import encode
from geodata.search.lengths import lengths
from geodata.snapshot.snapshot import Snapshot

CELLS: Final = 300
#: How far from a place a phone asks, degrees: about 500 m.
_SPREAD_DEG: Final = 0.005
_USUAL_LENGTH: Final = 7
_CELL: Final = re.compile(r"(?<=/nearest/cell/)\w+")
#: Loaded by the pages of operators alone.
OF_OPERATORS: Final = ("css/desk.css", "desk/", GROUND_ALONE)
#: Loaded by other pages alone: those without script, operators', the API's.
_ELSEWHERE: Final = ("css/plain.css", "docs/", *OF_OPERATORS)


def list_reply(snapshot: Snapshot, asked: Iterable[str]) -> float:
    """Bytes that 95 of 100 replies stay under, to the page's own question (among `asked`) from
    other cells.
    """
    question = next(url for url in sorted(asked) if _CELL.search(url))
    return quantiles([_bytes(_CELL.sub(cell, question)) for cell in _cells(snapshot)], n=20)[-1]


def _cells(snapshot: Snapshot) -> Iterable[str]:
    """The cells that phones near random places would name."""
    rng, named = np.random.default_rng(7), lengths(snapshot)
    near = rng.choice(snapshot.lonlat, 2 * CELLS) + rng.uniform(
        -_SPREAD_DEG, _SPREAD_DEG, (2 * CELLS, 2)
    )
    inside = ((lon, lat) for lon, lat in near.tolist() if snapshot.outline.holds(lon, lat))
    return (
        encode(lon, lat, named.get(encode(lon, lat, 4), _USUAL_LENGTH))
        for lon, lat in islice(inside, CELLS)
    )


def _bytes(url: str) -> int:
    asking = urllib.request.Request(url, headers={"Accept-Encoding": "br"})  # noqa: S310  # our own server
    with urllib.request.urlopen(asking) as reply:  # noqa: S310  # the same
        return len(reply.read())


def code() -> dict[str, int]:
    """All scripts and styles of the page, those included that only the map needs, and those that
    come later, with what riders say.
    """
    return {
        path: len(brotli.compress(stored.body))
        for path, stored in assets().stored.items()
        if path.endswith((".js", ".css")) and not path.startswith(_ELSEWHERE)
    }


def is_voice(path: str) -> bool:
    """Whether it comes later, by itself, with what riders say."""
    return path.startswith((VOICE, "css/voice.css"))
