"""What somebody typed, answered: places, landmarks and areas by name or whereabouts, the best
first. Pure.
"""

from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.errors import OUTSIDE_RANGE, BadQuestion
from geodata.search.filter import MOST_HITS
from geodata.snapshot.snapshot import Snapshot, WaitingPlace
from geodata.space.coordinates import geodesic_m
from geodata.space.tangent import MAX_REACH_M, arcs_m, in_tangent
from geodata.text.names import How, Rows, require_searchable
from geodata.text.pinyin import normal


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text to look for, and how many answers at most.

    Of equal fits the nearest to a WGS-84 point comes first.

    BadQuestion where nothing could be found: no letter in it, too many, or half a point.
    """

    text: str
    k: int = 10
    near: tuple[float, float] | None = None
    """lon, lat; None: of equal fits the one with the shortest text comes first."""

    def __post_init__(self) -> None:
        require_searchable(self.text)
        if not 1 <= self.k <= MOST_HITS:
            raise BadQuestion(OUTSIDE_RANGE, name="k", value=self.k, least=1, most=MOST_HITS)


class Match(NamedTuple):
    """What was found: a row of places, or of spots.

    And geodesic metres from the asker, if one is known.
    """

    row: int
    is_spot: bool
    distance_m: float | None


class Matches(NamedTuple):
    """The best fits, how they fit, and how many fit so in all."""

    hits: list[Match]
    how: How
    matched: int


def find(snapshot: Snapshot, wanted: Wanted) -> Matches:
    """The k best fits; equal ones by distance (or length), then spots before places, then by id.

    Raises OutsideArea for a point outside the service area. Nothing found is an answer without
    hits.
    """
    if wanted.near is not None:
        snapshot.outline.require(*wanted.near)
    fit = snapshot.names.fit(wanted.text)
    rows, ranks = _best(fit.rows, fit.ranks, wanted.k)
    ties = (
        _lengths(snapshot, rows)
        if wanted.near is None
        else _metres(snapshot, rows, ranks, wanted.k, wanted.near)
    )
    order = _ordered(ranks, ties, _ids(snapshot, rows), wanted.k)
    spots = len(snapshot.spots)
    hits = [
        Match(
            row if row < spots else row - spots,
            row < spots,
            None if wanted.near is None else float(tie),
        )
        for row, tie in zip(rows[order].tolist(), ties[order].tolist(), strict=True)
    ]
    return Matches(hits, fit.how, len(fit.rows))


def waiting(snapshot: Snapshot, text: str) -> tuple[WaitingPlace, ...]:
    """Places without a point whose name or address holds a text, or whose name is read so, in full
    or by initials; at most MOST_HITS.

    They have no distance, so they stand apart from what is ranked.
    """
    sought = "".join(normal(text).split())
    held = (each for layer in snapshot.about.layers for each in layer.waiting)
    return tuple(islice((each for each in held if _is_called(each, sought)), MOST_HITS))


def _is_called(place: WaitingPlace, sought: str) -> bool:
    written = "".join(normal(place.name + place.address).split())
    return any(sought in text for text in (written, place.pinyin.replace(" ", ""), place.initials))


def _best(rows: Rows, ranks: NDArray[np.uint8], k: int) -> tuple[Rows, NDArray[np.uint8]]:
    """Of all that fit those that can be among the k best: whole groups of equals."""
    up_to = np.cumsum(np.bincount(ranks, minlength=1))
    last = int(np.searchsorted(up_to, min(k, len(rows))))
    kept = ranks <= last
    return rows[kept], ranks[kept]


def _ordered(
    ranks: NDArray[np.uint8], ties: NDArray[np.float64], ids: Rows, k: int
) -> NDArray[np.int64]:
    """Positions of the k best.

    Only the worst group is larger than it need be; it is cut before it is sorted.
    """
    places = np.flatnonzero(ties <= _kth(ties, ranks, k))
    order = np.lexsort((ids[places], ties[places], ranks[places]))
    return places[order[:k]]


def _lengths(snapshot: Snapshot, rows: Rows) -> NDArray[np.float64]:
    return snapshot.names.lengths(rows).astype(np.float64)


def _metres(
    snapshot: Snapshot,
    rows: Rows,
    ranks: NDArray[np.uint8],
    k: int,
    near: tuple[float, float],
) -> NDArray[np.float64]:
    """Geodesic metres to each row; inf to one that is too far to be among the k best.

    A common name stands all over a country, and the geodesic takes 2 µs a row.
    """
    spots, index = snapshot.spots.lonlat, snapshot.index
    is_spot = rows < len(spots)
    places = rows[~is_spot] - len(spots)
    metres = np.empty(len(rows))
    metres[~is_spot] = index.metres(places, *near)
    # The tangent plane's series is exact as far as anybody asks for the nearest, and no farther.
    far = is_spot.copy()
    far[~is_spot] = (metres[~is_spot] > MAX_REACH_M) & (places < snapshot.first_line)
    if not far.any():
        return metres
    from_spots, from_places = rows[is_spot], places[far[~is_spot]]
    lonlat = np.concatenate([spots[from_spots], snapshot.lonlat[from_places]])
    xyz_m = np.concatenate(
        [in_tangent(spots[from_spots], index.tangent), index.points[from_places]]
    )
    at = np.concatenate([np.flatnonzero(is_spot), np.flatnonzero(far & ~is_spot)])
    least, most = metres.copy(), metres.copy()
    here = in_tangent(np.array([near]), index.tangent)
    least[at], most[at] = arcs_m(np.linalg.norm(xyz_m - here, axis=1))
    metres[at] = np.inf
    may = least[at] <= _kth(most, ranks, k)[at]
    metres[at[may]] = geodesic_m(*near, *lonlat[may].T)
    return metres


def _kth(ties: NDArray[np.float64], ranks: NDArray[np.uint8], k: int) -> NDArray[np.float64]:
    """Of each row what its tie is at most if it is among the k best: rows of the worst rank alone
    may be more than are needed.
    """
    bounds = np.full(len(ranks), np.inf)
    if len(ranks) > k:
        worst = ranks == ranks.max()
        needed = k - int(np.count_nonzero(~worst))
        bounds[worst] = np.partition(ties[worst], needed - 1)[needed - 1]
    return bounds


def _ids(snapshot: Snapshot, rows: Rows) -> Rows:
    """Where a row stands among the ids; spots before them all, as they stand."""
    spots = len(snapshot.spots)
    ranks = snapshot.index.links[np.maximum(rows - spots, 0), 0]
    return np.where(rows < spots, rows - spots, ranks).astype(np.int32)
