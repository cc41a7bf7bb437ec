"""How large a cell a phone should ask with, by where it stands. Worked out of all zones at once
when a version is made, and kept with it.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.index.spatial import Index
from geodata.search.cells import LENGTHS, ZONE, encode, radii_m
from geodata.search.filter import Filter, mask_of
from geodata.snapshot.snapshot import CellLengths, Snapshot
from geodata.space.tangent import Floats

Numbers = NDArray[np.int64]

#: Places of a zone whose cells are tried, and the candidates a phone should get at most: 2.5 kB
#: (measured 2026-11).
_SAMPLE: Final = 24
_MANY: Final = 40
#: Degrees around the earth, and from pole to pole.
_AROUND: Final = np.array([360.0, 180.0])
#: What a phone usually asks: so many places within so far, any hours.
_K: Final = 10
_REACH_M: Final = 5_000.0


def lengths(snapshot: Snapshot) -> dict[str, int]:
    """The length of geohash a phone should ask with, by the geohash of 4 letters that it stands in.

    A zone without places is not in it. As the version has them; versions from before they were kept
    have them worked out.
    """
    found = snapshot.cell_lengths or cell_lengths(snapshot.index, snapshot.lonlat)
    zones = found.zones.astype(str).tolist()
    return dict(zip(zones, found.lengths.tolist(), strict=True))


def cell_lengths(index: Index, lonlat: Floats) -> CellLengths:
    """For each zone with places, shape (n, 2) in row order, the coarsest of LENGTHS at which nine
    in ten cells have at most _MANY candidates for the usual question, the finest if there is none.

    Asked are the cells of _SAMPLE places of the zone, evenly taken in tree order and so spread over
    it. Not of all: one crowded corner would have everybody ask with 38 m, which is nearly a
    position. The same for the same places.
    """
    across, up = _cut(lonlat, ZONE).T
    _, zones = np.unique(across * (1 << 32) + up, return_inverse=True)
    spots, of = _sampled(lonlat, zones)
    total = np.bincount(of)
    found = np.full(len(total), LENGTHS.stop - 1, np.uint8)
    open_still = np.ones(len(total), np.bool_)
    for length in LENGTHS:
        asked = open_still[of]
        many = np.bincount(of[asked], _has_many(index, spots[asked], length), len(total))
        settled = open_still & (10 * many <= total)
        found[settled] = length
        open_still &= ~settled
    firsts = spots[np.unique(of, return_index=True)[1]].tolist()
    names = np.array([encode(lon, lat, ZONE) for lon, lat in firsts], f"S{ZONE}")
    order = np.argsort(names)
    return CellLengths(names[order], found[order])


def _sampled(lonlat: Floats, zones: Numbers) -> tuple[Floats, Numbers]:
    """Of each zone at most _SAMPLE places, evenly in row order; and their zones."""
    order = np.argsort(zones, kind="stable")
    counts = np.bincount(zones)
    nth = np.arange(len(zones)) - np.repeat(np.cumsum(counts) - counts, counts)
    steps = -(-counts // _SAMPLE)
    rows = order[nth % np.repeat(steps, counts) == 0]
    return lonlat[rows], zones[rows]


def _cut(lonlat: Floats, length: int) -> Numbers:
    """The column and the line of the cell of a length that each point lies in, shape (n, 2)."""
    sides = _sides(length)
    shares = lonlat / _AROUND + 0.5
    cut: Numbers = np.minimum(np.floor(shares * sides).astype(np.int64), sides - 1)
    return cut


def _sides(length: int) -> Numbers:
    """How many cells of a length lie around the earth, and from pole to pole."""
    bits = 5 * length
    return np.array([1 << math.ceil(bits / 2), 1 << bits // 2])


def _has_many(index: Index, spots: Floats, length: int) -> NDArray[np.bool_]:
    """Whether the cell of a length that each spot lies in has more than _MANY candidates, by the
    proof in cells.py.

    More than _MANY show among the first: looking through a large city for all of them takes
    minutes.
    """
    size = _AROUND / _sides(length)
    corners = _cut(spots, length) * size - _AROUND / 2
    radius_m = radii_m(size[0], corners[:, 1], corners[:, 1] + size[1])
    farthest_m = _REACH_M + radius_m
    _, metres = index.nearest_many(
        corners + size / 2, _MANY + 1, float(farthest_m.max(initial=0.0)), mask_of(Filter(), None)
    )
    # nan, where there are fewer, is no metre of any: it compares as too far.
    sure = metres + radius_m[:, None] <= _REACH_M
    bound_m = np.where(sure[:, _K], metres[:, _K] + 2 * radius_m, math.inf)
    held: NDArray[np.bool_] = metres[:, _MANY] <= np.minimum(bound_m, farthest_m)
    return held
