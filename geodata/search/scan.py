"""The rows of a box that pass a filter, in one sweep over rows as they are stored.

Ranks nothing, draws nothing.

Rows stand in tree order, so each _BLOCK of them lie near each other: a sweep looks only into blocks
whose box touches the one that is asked for, and makes no list of what it leaves out.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import kernel
from geodata.index.tree import Flags, MaskWords, Rows, passes
from geodata.snapshot.memo import memoized
from geodata.snapshot.snapshot import Snapshot
from geodata.space.boxes import Box
from geodata.space.tangent import Floats
from geodata.traits import EVERYTHING, Mask

#: Rows that share a box. 2,000,000 places have 7,813 boxes, 250 kB.
_BLOCK: Final = 256
_ANYWHERE: Final = Box(-np.inf, -np.inf, np.inf, np.inf)
_ALL_HOURS: Final = np.empty(0, np.bool_)


def sweep(
    snapshot: Snapshot,
    box: Box | None,
    mask: Mask | None,
    open_rows: Flags | None = None,
    *,
    first: int = 0,
    last: int | None = None,
) -> Rows:
    """The rows first … last - 1 whose point lies in a box or on its edge and that pass, ascending.

    A line's point is its middle. `box` None: anywhere; `mask` and `open_rows`, by row of hours,
    None: all.
    """
    end = len(snapshot) if last is None else last
    hours = _ALL_HOURS if open_rows is None else open_rows
    words, links = snapshot.index.words, snapshot.index.links
    found = [
        _swept(
            snapshot.lonlat,
            *_boxes(snapshot),
            words,
            links,
            mask or EVERYTHING,
            hours,
            part,
            first,
            end,
        )
        for part in (box.parts() if box else (_ANYWHERE,))
    ]
    return found[0] if len(found) == 1 else np.unique(np.concatenate(found))


@memoized(most=1)
def _boxes(snapshot: Snapshot) -> tuple[Floats, Floats]:
    """South-west and north-east corners of each _BLOCK rows, degrees, (blocks, 2) each."""
    firsts = np.arange(0, len(snapshot), _BLOCK)
    return np.minimum.reduceat(snapshot.lonlat, firsts), np.maximum.reduceat(
        snapshot.lonlat, firsts
    )


@kernel
def _swept(
    lonlat: Floats,
    low: Floats,
    high: Floats,
    words: NDArray[np.int64],
    links: Rows,
    mask: MaskWords,
    open_rows: Flags,
    box: tuple[float, float, float, float],
    first: int,
    end: int,
) -> Rows:
    west, south, east, north = box
    out, found = np.empty(max(end - first, 0), np.int32), 0
    for block in range(first // _BLOCK, len(low)):
        if (
            low[block, 0] > east
            or high[block, 0] < west
            or low[block, 1] > north
            or high[block, 1] < south
        ):
            continue
        for row in range(max(first, block * _BLOCK), min(end, (block + 1) * _BLOCK)):
            lon, lat = lonlat[row, 0], lonlat[row, 1]
            if (
                west <= lon <= east
                and south <= lat <= north
                and passes(words[row, 0], words[row, 1], mask)
                and (len(open_rows) == 0 or open_rows[links[row, 1]])
            ):
                out[found] = row
                found += 1
    return out[:found].copy()
