"""On my way: the places of least detour between two points, or along a path. Pure: the time is part of the trip.

The detour over a place p on the leg from a to b is d(a, p) + d(p, b) − d(a, b), all WGS-84 geodesics; a path's is the
least of its legs'. Between two points both are the same question, and on a path whose vertices stand close the detour
is twice the way from the path to the place: one leaves it there and comes back. Legs are not skipped over: what lies
between two vertices of a traced path is the road, and cutting it short by a straight line would promise a way that
nobody knows. No detour is negative.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.board import Board
from geodata.coordinates import geodesic_m
from geodata.errors import BadQuestion
from geodata.search import Filter, Open, arrival_of, hours_asked, hours_ok, mask_of, require
from geodata.snapshot import Snapshot
from geodata.traits import EVERYTHING
from geodata.travel.straight import SPEED_M_S, Eta, eta
from geodata.vocabulary import Mode

#: Vertices of one path; and its length, which nobody rides in a day.
MOST_POINTS: Final = 1_000
MOST_PATH_M: Final = 300_000.0
#: The longest detour that can be asked for.
MOST_DETOUR_M: Final = 20_000.0
#: Asks nothing.
EVERY_PLACE: Final = Filter()


@dataclass(frozen=True, slots=True, eq=False)
class Trip:
    """The k places of least detour that pass a filter for one who sets out at an instant.

    BadQuestion where none could be.
    """

    path: NDArray[np.float64]
    """(n ≥ 2, 2): WGS-84 degrees, in the order of travel."""
    at: datetime
    """When one sets out."""
    k: int = 10
    max_detour_m: float = 1_000.0
    filter: Filter = EVERY_PLACE
    mode: Mode = Mode.WALK
    stay_min: int = 0
    """With Open.AT_ARRIVAL: how long a place must stay open after that, minutes."""
    traced: bool = False
    """Whether the path is the road itself, whose length counts as it is, or only its ends, between which the road is
    estimated.
    """

    def __post_init__(self) -> None:
        require(self.k, self.stay_min, self.at)
        if not 0 <= self.max_detour_m <= MOST_DETOUR_M:
            raise BadQuestion(f"max_detour_m = {self.max_detour_m:g} is outside 0–{MOST_DETOUR_M:g}")
        if not 2 <= len(self.path) <= MOST_POINTS:
            raise BadQuestion(f"a path has 2–{MOST_POINTS:,} points, not {len(self.path):,}: leave some out")

    def length_m(self) -> float:
        """The length of the path. Raises BadQuestion where it is longer than MOST_PATH_M."""
        metres = float(geodesic_m(*self.path[:-1].T, *self.path[1:].T).sum())
        if metres > MOST_PATH_M:
            raise BadQuestion(
                f"the path is {metres / 1000:,.0f} km long; at most {MOST_PATH_M / 1000:,.0f} km are taken: send a part"
            )
        return metres

    def eta(self, before_m: float, to_m: float) -> Eta:
        """When one gets to a place `to_m` from the beginning of a leg that `before_m` of the path lead to."""
        way = eta(to_m if self.traced else before_m + to_m, self.mode)
        if not self.traced:
            return way
        ridden_s = before_m / self.pace_m_s
        return Eta(way.eta_s + ridden_s, way.least_s + ridden_s, way.most_s + ridden_s)

    @property
    def pace_m_s(self) -> float:
        """Metres of the path per second."""
        return SPEED_M_S[self.mode] if self.traced else 1.0 / eta(1.0, self.mode).eta_s


class Stop(NamedTuple):
    """One place on the way. Geodesic metres: the detour within 1 mm (a street's 1 cm), the other two within 10 cm."""

    row: int
    detour_m: float
    along_m: float
    """From the path's start to the spot of the leg that is nearest to the place."""
    distance_m: float
    """From that spot to the place."""
    way: Eta
    """From setting out to the place."""
    entry: tuple[float, float] | None
    """Of a street, in degrees: where it is entered so that the detour is least; None: the place itself."""


class Stops(NamedTuple):
    """What was found, least detour first, equal detours by id; whether more would have matched; the hours judged by."""

    stops: tuple[Stop, ...]
    more: bool
    board: Board


def along(snapshot: Snapshot, trip: Trip) -> Stops:
    """The k matching places of least detour. Raises OutsideArea for the first point of the path outside the area.

    With Open.AT_ARRIVAL a place counts by its least detour of those legs on which it is open when one gets there.
    """
    snapshot.outline.require_all(trip.path)
    board, wanted = snapshot.boards.at(trip.at), trip.filter
    longest_m = trip.length_m() + trip.max_detour_m
    last_min = math.ceil(eta(longest_m, trip.mode).eta_s / 60) + 1 if wanted.open is Open.AT_ARRIVAL else 0
    mask = mask_of(wanted, hours_asked(wanted, board, last_min))
    open_rows = hours_ok(wanted, board)
    rows, told = snapshot.index.least_detour(
        trip.path,
        trip.k + 1,
        float(trip.max_detour_m),
        mask or EVERYTHING,
        np.ones(len(board.states), np.bool_) if open_rows is None else open_rows,
        arrival_of(wanted, trip.at, trip.mode, trip.stay_min, board),
        judged=wanted.open is Open.AT_ARRIVAL,
        path_min_per_m=1.0 / (60.0 * trip.pace_m_s),
    )
    stops = tuple(
        _stop(snapshot, trip, row, each) for row, each in zip(rows[: trip.k].tolist(), told[: trip.k], strict=True)
    )
    return Stops(stops, len(rows) > trip.k, board)


def _stop(snapshot: Snapshot, trip: Trip, row: int, told: NDArray[np.float64]) -> Stop:
    detour_m, before_m, to_m, along_m, off_m = told[:5].tolist()
    entry = snapshot.index.degrees(told[5:]) if snapshot.is_line(row) else None
    return Stop(row, detour_m, along_m, off_m, trip.eta(before_m, to_m), entry)
