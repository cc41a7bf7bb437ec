"""Areas that a notice closes, limits or supplies for a while, as frozen values: its polygons, its
effect and its time. Never hears of a database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.snapshot.snapshot import Snapshot
from geodata.space.service_area import Outline

#: A closed ring of lon, lat in WGS-84 degrees: the last position is the first.
Ring = tuple[tuple[float, float], ...]
#: Zones whose places are remembered with a snapshot.
_KEPT: Final = 64


class ZoneEffect(StrEnum):
    """What a notice does to the places inside."""

    CLOSED = "closed"
    LIMITED = "limited"
    DETOUR = "detour"
    SUPPLIES = "supplies"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class NoticeZone:
    """The area of a notice, and what it does there from `onset` until before `expires`."""

    notice: str
    """The notice's id."""
    effect: ZoneEffect
    onset: datetime
    expires: datetime
    polygons: tuple[Ring, ...]

    @property
    def closes(self) -> bool:
        """Whether nobody gets into the places inside."""
        return self.effect is ZoneEffect.CLOSED


def rows_inside(snapshot: Snapshot, polygons: Sequence[Ring]) -> NDArray[np.int64]:
    """The rows of the places inside any of the polygons, ascending; of a street its middle counts.

    On an edge either answer is right. Kept with the snapshot.
    """
    key = tuple(polygons)
    return snapshot.memo.get(rows_inside, key, partial(_inside, snapshot, key), most=_KEPT)


def _inside(snapshot: Snapshot, polygons: Sequence[Ring]) -> NDArray[np.int64]:
    held = np.zeros(len(snapshot), np.bool_)
    for ring in polygons:
        xy = np.array(ring, np.float64).reshape(-1, 2)
        held |= Outline("", xy, np.array([0, len(xy)], np.int32)).holds_each(snapshot.lonlat)
    rows = np.flatnonzero(held)
    rows.setflags(write=False)
    return rows
