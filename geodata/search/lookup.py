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
from geodata.space.tangent import MAX_REACH_M
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
        _lengths(snapshot, rows) if wanted.near is None else _metres(snapshot, rows, *wanted.near)
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
    places = np.arange(len(ranks))
    if len(ranks) > k:
        worst = ranks == ranks.max()
        needed = k - int(np.count_nonzero(~worst))
        farthest = np.partition(ties[worst], needed - 1)[needed - 1]
        places = np.flatnonzero(~worst | (ties <= farthest))
    order = np.lexsort((ids[places], ties[places], ranks[places]))
    return places[order[:k]]


def _lengths(snapshot: Snapshot, rows: Rows) -> NDArray[np.float64]:
    return snapshot.names.lengths(rows).astype(np.float64)


def _metres(snapshot: Snapshot, rows: Rows, lon: float, lat: float) -> NDArray[np.float64]:
    spots = snapshot.spots.lonlat
    is_spot = rows < len(spots)
    metres = np.empty(len(rows))
    metres[is_spot] = geodesic_m(lon, lat, *spots[rows[is_spot]].T)
    places = rows[~is_spot] - len(spots)
    from_here = snapshot.index.metres(places, lon, lat)
    # The tangent plane's series is exact as far as anybody asks for the nearest, and no farther.
    beyond = (from_here > MAX_REACH_M) & (places < snapshot.first_line)
    from_here[beyond] = geodesic_m(lon, lat, *snapshot.lonlat[places[beyond]].T)
    metres[~is_spot] = from_here
    return metres


def _ids(snapshot: Snapshot, rows: Rows) -> Rows:
    """Where a row stands among the ids; spots before them all, as they stand."""
    spots = len(snapshot.spots)
    ranks = snapshot.index.links[np.maximum(rows - spots, 0), 0]
    return np.where(rows < spots, rows - spots, ranks).astype(np.int32)
