"""Points that ask at their own hour of the week, as `hour` of siting has it: 0 is Monday, 00:00."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.coverage.served import PIECE, Floats, Judge, Standing, Tally, hours_of, tally
from geodata.errors import BadTable
from geodata.hours.zone import TimeZone

HOURS: Final = 168


@dataclass(frozen=True, slots=True)
class OwnHours:
    """In which week, and which column says the hour of each point. BadTable for other than a
    Monday.
    """

    monday: date
    column: str = "hour"

    def __post_init__(self) -> None:
        if self.monday.weekday():
            raise BadTable(f"{self.monday} is no Monday; a week begins with one")

    def instants(self, zone: TimeZone) -> list[datetime]:
        """The 168 full hours of the week by the wall clock."""
        return hours_of([self.monday + timedelta(days=day) for day in range(7)], zone)


def hours_asked(points: pd.DataFrame, column: str) -> NDArray[np.int64]:
    """The hour of the week of each point, (n,). BadTable where it is none of 0 … 167."""
    if column not in points:
        raise BadTable(
            f"there is no column {column!r} that says when points ask, 0–{HOURS - 1}; there are:"
            f" {', '.join(map(str, points.columns))}"
        )
    hour = pd.to_numeric(points[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = np.flatnonzero(~((hour >= 0) & (hour < HOURS) & (hour == np.floor(hour))))
    if len(bad):
        raise BadTable(
            f"{len(bad):,} points have no hour of the week, 0 to {HOURS - 1}, in {column!r}; the"
            f" first is {points[column].iloc[bad[0]]!r}"
        )
    return hour.astype(np.int64)


def tallied_at(
    judged: Judge,
    hours: NDArray[np.int64],
    lonlat: Floats,
    area: NDArray[np.integer],
    weight: Floats,
    areas: int,
) -> Tally:
    """As served.tallied, of a judge of 168 hours: each point, shape (n, 2), counts at its own hour,
    (n,), as if that were one instant.
    """
    empty = (areas + 1, 1, len(Standing))
    total = Tally(np.zeros(empty, np.int64), np.zeros(empty))
    for lo in range(0, len(lonlat), PIECE):
        piece = slice(lo, lo + PIECE)
        mine = np.take_along_axis(judged(lonlat[piece]), hours[piece, None], axis=1)
        total += tally(mine, area[piece], weight[piece], areas)
    return total
