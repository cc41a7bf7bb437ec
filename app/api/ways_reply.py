"""The ways from a cell's squares to one place, each piece of road once: what a phone draws its own
way from.
"""

from typing import Any, Final

import msgspec
import numpy as np

from app.api.payloads import provenance
from geodata.search.cells import Cell, ways_by_road
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.travel.approach import RoadPiece
from geodata.vocabulary import Mode

#: Steps to a degree: 1 m, and a road is wider.
_STEPS: Final = 100_000


def reply(
    snapshot: Snapshot, roads: RoadAccess | None, geohash: str, cell: Cell, mode: Mode, row: int
) -> bytes:
    """The parts and where each square sets out; without a network neither."""
    about = {
        "dataVersion": snapshot.version,
        "synthetic": snapshot.about.synthetic,
        "cell": list(cell),
        "mode": mode,
    }
    if roads is None:
        return msgspec.json.encode({**about, "network": None, "ways": None})
    ways, count = ways_by_road(roads, geohash, mode, row)
    told = {"perSide": count, "first": ways.first, "parts": [_part(part) for part in ways.parts]}
    return msgspec.json.encode({**about, "network": provenance(roads.network.about), "ways": told})


def _part(part: RoadPiece) -> list[Any]:
    """The part that follows; and lon, lat in steps, each less the one before."""
    steps = np.diff(np.round(part.lonlat * _STEPS).astype(np.int64), axis=0, prepend=0)
    return [part.onward, steps.ravel().tolist()]
