"""What points have within reach at many instants, and sums of that by area.

Arrays only: a server worker asks it too.

A point stands at an instant where its best place within reach stands: open, else unknown, else
closed, else there is none. Points outside the service area, or by road on no road, are none of
these. So the parts always add up, and no unknown is filled in.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.coverage.links import Near
from geodata.errors import BadQuestion
from geodata.hours.calendar import Calendar, DayKind
from geodata.hours.minute import HoursByMinute
from geodata.hours.timeline import State, Timeline, states_at, timeline
from geodata.hours.zone import TimeZone
from geodata.index.tree import Flags
from geodata.snapshot.snapshot import Snapshot

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

#: Points asked at a time: 216 instants of them are 14 MB.
PIECE: Final = 65_536
#: The area of a point that lies in none: the last row of a tally.
NOWHERE: Final = -1
_OPEN: Final = (State.OPEN, State.CLOSING_SOON)
#: How far from a day a holiday and a worked weekend are looked for.
_LOOK_DAYS: Final = 400


class Standing(IntEnum):
    """What a point has at an instant: the best of its places within reach."""

    OUTSIDE = 0
    """Not in the service area, or without readable coordinates: not asked."""
    OFF_ROAD = 1
    """Asked by road, and on no road that leads anywhere: not judged."""
    NONE = 2
    """No matching place within reach, whatever the hour."""
    CLOSED = 3
    """Matching places within reach, all of them known to be closed."""
    UNKNOWN = 4
    """None known to be open, and at least one whose hours are not known."""
    OPEN = 5
    """At least one known to be open."""


#: What gives the Standing of WGS-84 points, shape (n, 2), at m instants: (n, m) uint8. One row a
#: point, by itself.
Judge = Callable[[Floats], Bytes]

#: The parts of all weight that is judged, best first.
_INSIDE: Final = (Standing.OPEN, Standing.UNKNOWN, Standing.CLOSED, Standing.NONE)


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums by area, instant and Standing: arrays (areas + 1, instants, 6), the last area for points
    in none.

    Tallies of pieces add up to that of the whole; weights that are whole numbers below 2⁵³ in all
    do so exactly.
    """

    points: NDArray[np.int64]
    weight: Floats

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.points + other.points, self.weight + other.weight)

    def share(self, standing: Standing) -> Floats:
        """The share, (areas + 1, instants), of the weight that is judged that stands so.

        Nan where there is none.

        share = Σ wᵢ [point i stands so] / Σ wᵢ [point i is inside, and by road on one]
        """
        inside = self.weight[:, :, Standing.NONE :].sum(axis=2)
        with np.errstate(invalid="ignore"):
            return np.asarray(
                self.weight[:, :, standing] / np.where(inside > 0, inside, np.nan), np.float64
            )

    def parts(self, area: int, instant: int = 0) -> dict[str, float]:
        """One area at one instant in plain numbers: its points, those left out, and weights and
        shares by Standing.

        `points` and `weight` are of what is judged. A share is nan where the area has no such
        weight.
        """
        points, weight = self.points[area, instant], self.weight[area, instant]
        inside = float(weight[Standing.NONE :].sum())
        sums = {standing.name.lower(): float(weight[standing]) for standing in _INSIDE}
        shares = {
            f"share_{name}": value / inside if inside > 0 else math.nan
            for name, value in sums.items()
        }
        counts = {
            "points": int(points[Standing.NONE :].sum()),
            "points_outside": int(points[Standing.OUTSIDE]),
            "points_off_road": int(points[Standing.OFF_ROAD]),
        }
        return {**counts, "weight": inside, **sums, **shares}

    def grouped(self, group: NDArray[np.integer], groups: int) -> "Tally":
        """The same by groups of areas: `group[area]` is a group's number.

        The last row stays what lies nowhere.
        """
        into = np.append(group, groups).astype(np.int64)
        shape = (groups + 1, *self.points.shape[1:])
        points, weight = np.zeros(shape, np.int64), np.zeros(shape)
        np.add.at(points, into, self.points)
        np.add.at(weight, into, self.weight)
        return Tally(points, weight)


def standings(
    snapshot: Snapshot, near: Near, lonlat: Floats, instants: Sequence[datetime]
) -> Bytes:
    """The Standing of WGS-84 points, shape (n, 2), at instants: (n, instants) uint8.

    One row a point, by itself.
    """
    return judge(snapshot, near, instants)(lonlat)


def judge(snapshot: Snapshot, near: Near, instants: Sequence[datetime]) -> Judge:
    """What gives standings at instants, prepared once for many pieces of points."""
    words, enough = _words(snapshot.hours_by_minute, instants)
    meet = near.meeting(words, enough)

    def judged(lonlat: Floats) -> Bytes:
        inside = snapshot.outline.holds_each(lonlat)
        found = np.zeros((len(lonlat), len(instants)), np.uint8)
        met = meet(lonlat[inside])
        found[inside] = np.where(
            met.judged[:, None], _read(met.words, len(instants)), Standing.OFF_ROAD
        )
        return found

    return judged


def tally(standing: Bytes, area: NDArray[np.integer], weight: Floats, areas: int) -> Tally:
    """Sums of points, (n, instants) Standing, with weights (n,), by `area` (n,): 0 … areas - 1 or
    NOWHERE.
    """
    shape = (areas + 1, standing.shape[1], len(Standing))
    points, sums = np.zeros(shape, np.int64), np.zeros(shape)
    base = np.where(area == NOWHERE, areas, area).astype(np.int64) * len(Standing)
    cells = shape[0] * len(Standing)
    for instant in range(shape[1]):
        key = base + standing[:, instant]
        points[:, instant] = np.bincount(key, minlength=cells).reshape(-1, len(Standing))
        sums[:, instant] = np.bincount(key, weights=weight, minlength=cells).reshape(
            -1, len(Standing)
        )
    return Tally(points, sums)


def tallied(
    judged: Judge,
    lonlat: Floats,
    area: NDArray[np.integer],
    weight: Floats,
    areas: int,
    instants: int,
) -> Tally:
    """The standings of any number of points, summed up piece by piece: memory does not grow with
    them.
    """
    empty = (areas + 1, instants, len(Standing))
    total = Tally(np.zeros(empty, np.int64), np.zeros(empty))
    for lo in range(0, len(lonlat), PIECE):
        piece = slice(lo, lo + PIECE)
        total += tally(judged(lonlat[piece]), area[piece], weight[piece], areas)
    return total


def _words(
    hours_by_minute: HoursByMinute, instants: Sequence[datetime]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each row of hours one bit that it is there, one an instant at which it is open, and one
    where it is unknown.

    And the bits that are enough: a point that is open throughout need not be asked about further.
    """
    states = states_of(hours_by_minute, instants)
    opened = np.isin(states, _OPEN)
    bits = np.concatenate(
        [np.ones((1, states.shape[1]), np.bool_), opened, states == State.UNKNOWN]
    ).T
    enough = np.zeros((1, bits.shape[1]), np.bool_)
    enough[:, : 1 + len(instants)] = True
    return _packed(bits), _packed(enough)[0]


def _packed(bits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows of bits as rows of int64."""
    octets = np.packbits(bits, axis=1)
    padded = np.zeros((len(octets), -(-octets.shape[1] // 8) * 8), np.uint8)
    padded[:, : octets.shape[1]] = octets
    return padded.view(np.int64)


def _read(met: NDArray[np.int64], instants: int) -> Bytes:
    """The OR of packed bits as Standing, (n, instants)."""
    bits = np.unpackbits(met.view(np.uint8), axis=1, count=1 + 2 * instants).view(np.bool_)
    there, opened, unknown = bits[:, :1], bits[:, 1 : 1 + instants], bits[:, 1 + instants :]
    choices = [opened, unknown, np.broadcast_to(there, opened.shape)]
    return np.select(
        choices, [Standing.OPEN, Standing.UNKNOWN, Standing.CLOSED], Standing.NONE
    ).astype(np.uint8)


def states_of(hours_by_minute: HoursByMinute, instants: Sequence[datetime]) -> Bytes:
    """The State of every row of hours at aware datetimes, (instants, rows) uint8: what the minutes
    say, unkept.
    """
    lines: dict[date, Timeline] = {}
    found = np.empty((len(instants), len(hours_by_minute.table)), np.uint8)
    for number, instant in enumerate(instants):
        if instant.utcoffset() is None:
            raise BadQuestion("at = {at} has no time zone.", at=instant.isoformat())
        zone, table = hours_by_minute.zone, hours_by_minute.table
        day = zone.local(instant).date()
        if day not in lines:
            lines[day] = timeline(table, hours_by_minute.calendar, day, 2, zone)
        since = (instant - zone.begins(day)) // timedelta(minutes=1)
        found[number] = states_at(lines[day], since)
    return found


def known_open(hours_by_minute: HoursByMinute, at: datetime) -> Flags:
    """Which rows of hours are known to be open at an instant."""
    return np.isin(states_of(hours_by_minute, [at])[0], _OPEN)


def typical_days(calendar: Calendar, first: date, zone: TimeZone) -> dict[DayKind, date]:
    """For each kind of day the next date from `first` on that counts as it, else the last before
    it; by DayKind.

    Within 400 days, and none on which the clocks change; without PH or WORKDAY where the calendar
    knows none.
    """
    began, ends = first.toordinal(), date.max.toordinal() + 1
    ahead = range(began, min(began + _LOOK_DAYS, ends))
    behind = range(began - 1, max(began - _LOOK_DAYS, 0), -1)
    found: dict[DayKind, date] = {}
    for day in map(date.fromordinal, (*ahead, *behind)):
        if calendar.kind(day) not in found and not zone.shifts(day):
            found[calendar.kind(day)] = day
    return {kind: found[kind] for kind in DayKind if kind in found}


def hours_of(days: Sequence[date], zone: TimeZone) -> list[datetime]:
    """The 24 full hours of each day by the wall clock, as `TimeZone.at_clock` has them."""
    return [zone.at_clock(day, time(hour)) for day in days for hour in range(24)]
