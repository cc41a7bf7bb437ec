"""On my way: the places of least detour between two points, or along a path.

Pure: the time is part of the trip.

The detour over a place p on the leg from a to b is d(a, p) + d(p, b) − d(a, b), all WGS-84
geodesics; a path's is the least of its legs'. Between two points both are the same question, and on
a path whose vertices stand close the detour is twice the way from the path to the place: one leaves
it there and comes back. Legs are not skipped over: what lies between two vertices of a traced path
is the road, and cutting it short by a straight line would promise a way that nobody knows. No
detour is negative.

By time, between two points with roads under both, the detour is that of the roads, t(a, p) + t(p,
b) − t(a, b). For a place that the extract does not reach both ways over it are estimates, and it is
ranked among the others by the most that they allow.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.errors import OUTSIDE_RANGE, BadQuestion
from geodata.estimate import SPEED_M_S, Eta, eta, etas
from geodata.hours.minute import MinuteHours
from geodata.hours.timeline import open_through
from geodata.index.tree import Flags, Rows
from geodata.search.filter import (
    Filter,
    Open,
    Order,
    arrival_of,
    hours_asked,
    hours_ok,
    mask_of,
    require,
)
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import geodesic_m
from geodata.traits import EVERYTHING
from geodata.travel.between import Detours, widening
from geodata.travel.fastest import Expansion
from geodata.travel.snap import Snapped
from geodata.vocabulary import Mode

#: Vertices of one path; and its length, which nobody rides in a day.
MOST_POINTS: Final = 1_000
MOST_PATH_M: Final = 300_000.0
#: The longest detour that can be asked for.
MOST_DETOUR_M: Final = 20_000.0
#: By road, what is looked at first: twice the time estimated for the way, and this much more.
_FIRST_SLACK_S: Final = 600.0
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
    """Whether the path is the road itself, whose length counts as it is, or only its ends, between
    which the road is estimated.
    """
    by: Order = Order.DISTANCE
    """By time, between two points only, needs roads; without them both orders are the same.
    `max_detour_m` is a geodesic detour all the same.
    """

    def __post_init__(self) -> None:
        if self.by is Order.TIME and (self.traced or len(self.path) != 2):
            raise BadQuestion("By time goes between two points: a path's detours are straight.")
        require(self.k, self.stay_min, self.at)
        if not 0 <= self.max_detour_m <= MOST_DETOUR_M:
            raise BadQuestion(
                OUTSIDE_RANGE,
                name="max_detour_m",
                value=f"{self.max_detour_m:g}",
                least=0,
                most=f"{MOST_DETOUR_M:g}",
            )
        if not 2 <= len(self.path) <= MOST_POINTS:
            raise BadQuestion(
                "The path has {points} points; 2–{most} are taken.",
                points=len(self.path),
                most=MOST_POINTS,
            )

    def length_m(self) -> float:
        """The length of the path. Raises BadQuestion where it is longer than MOST_PATH_M."""
        metres = float(geodesic_m(*self.path[:-1].T, *self.path[1:].T).sum())
        if metres > MOST_PATH_M:
            raise BadQuestion(
                "The path is {km} km long; at most {most} km are taken: send a part.",
                km=f"{metres / 1000:.0f}",
                most=f"{MOST_PATH_M / 1000:.0f}",
            )
        return metres

    def eta(self, before_m: float, to_m: float) -> Eta:
        """When one gets to a place `to_m` from the beginning of a leg that `before_m` of the path
        lead to.
        """
        way = eta(to_m if self.traced else before_m + to_m, self.mode)
        if not self.traced:
            return way
        ridden_s = before_m / SPEED_M_S[self.mode]
        return Eta(way.eta_s + ridden_s, way.least_s + ridden_s, way.most_s + ridden_s)


class Stop(NamedTuple):
    """One place on the way.

    Geodesic metres: the detour within 1 mm (a street's 1 cm), the other two within 10 cm.
    """

    row: int
    detour_m: float
    along_m: float
    """From the path's start to the spot of the leg that is nearest to the place."""
    distance_m: float
    """From that spot to the place."""
    way: Eta
    """From setting out to the place."""
    entry: tuple[float, float] | None
    """Of a street, in degrees: where it is entered so that the detour is least.

    None: the place itself.
    """
    detour_s: float | None = None
    """By time; nan: no road leads there, and `way` is nan, too.

    None: asked by distance, and `way` is an estimate from the straight line.
    """
    detour_range_s: tuple[float, float] | None = None
    """Least and most of `detour_s` where the extract does not reach the place: it and `way` are
    estimates then, and the order is by the most.
    """


class Stops(NamedTuple):
    """What was found, least detour first, equal detours by id.

    Whether more would have matched; the hours judged by.

    By time, places that the extract does not reach stand among the others by the most that the
    estimate allows, and what no road leads to comes last, by its geodesic detour.
    """

    stops: tuple[Stop, ...]
    more: bool
    minute_hours: MinuteHours
    off_m: float | None = None
    """By road: metres from where one sets out to the road. None: times are estimates."""


def along(snapshot: Snapshot, trip: Trip, roads: RoadAccess | None = None) -> Stops:
    """The k matching places of least detour.

    Raises OutsideArea for the first point of the path outside the area.

    With Open.AT_ARRIVAL a place counts by its least detour of those legs (by road: of those
    vertices of a street) on which it is open when one gets there. By time, with roads that have the
    mode and on which both ends stand: detours and times by road; with Open.AT_ARRIVAL places that
    no road leads to are left out. A place that the extract does not reach (travel/snap.py) is no
    such: it counts by the most seconds of its estimated detour, hours on arrival judged by the
    expected ones.
    """
    snapshot.outline.require_all(trip.path)
    minute_hours = snapshot.hours_by_minute.at(trip.at)
    ends = _standing(trip, roads)
    if ends is not None:
        return _by_road(snapshot, trip, minute_hours, ends)
    rows, stops = _straight(snapshot, trip, minute_hours)
    return Stops(stops[: trip.k], len(rows) > trip.k, minute_hours)


def _straight(
    snapshot: Snapshot, trip: Trip, minute_hours: MinuteHours
) -> tuple[list[int], tuple[Stop, ...]]:
    """The k + 1 of least geodesic detour."""
    wanted = trip.filter
    longest_m = trip.length_m() + trip.max_detour_m
    last_min = (
        math.ceil(eta(longest_m, trip.mode).eta_s / 60) + 1 if wanted.open is Open.AT_ARRIVAL else 0
    )
    mask = mask_of(wanted, hours_asked(wanted, minute_hours, last_min))
    rows, told = snapshot.index.least_detour(
        trip.path,
        trip.k + 1,
        float(trip.max_detour_m),
        mask or EVERYTHING,
        _open_rows(wanted, minute_hours),
        arrival_of(wanted, trip.at, trip.mode, trip.stay_min, minute_hours),
        judged=wanted.open is Open.AT_ARRIVAL,
        path_min_per_m=1.0 / (60.0 * SPEED_M_S[trip.mode]) if trip.traced else 0.0,
    )
    return rows.tolist(), tuple(
        _stop(snapshot, trip, row, each) for row, each in zip(rows.tolist(), told, strict=True)
    )


def _open_rows(wanted: Filter, minute_hours: MinuteHours) -> Flags:
    open_rows = hours_ok(wanted, minute_hours)
    return np.ones(len(minute_hours.states), np.bool_) if open_rows is None else open_rows


def _stop(snapshot: Snapshot, trip: Trip, row: int, told: NDArray[np.float64]) -> Stop:
    detour_m, before_m, to_m, along_m, off_m = told[:5].tolist()
    entry = snapshot.index.degrees(told[5:]) if snapshot.is_line(row) else None
    return Stop(row, detour_m, along_m, off_m, trip.eta(before_m, to_m), entry)


class _Ends(NamedTuple):
    """Both ends on the roads."""

    expansion: Expansion
    here: Snapped
    there: Snapped


def _standing(trip: Trip, roads: RoadAccess | None) -> _Ends | None:
    """Where both ends stand, if it is asked by time and there are roads under them."""
    if trip.by is not Order.TIME or roads is None or trip.mode not in roads.expansions:
        return None
    here, there = (roads.network.where(lon, lat, trip.mode) for lon, lat in trip.path.tolist())
    return _Ends(roads.expansions[trip.mode], here, there) if here and there else None


def _by_road(snapshot: Snapshot, trip: Trip, minute_hours: MinuteHours, ends: _Ends) -> Stops:
    found = _first(snapshot, trip, minute_hours, ends)
    if len(found) <= trip.k and trip.filter.open is not Open.AT_ARRIVAL:
        found += [
            _Reached(row, _NO_WAY, _NO_WAY) for row in _cut_off(snapshot, trip, minute_hours, ends)
        ]
    shown = found[: trip.k]
    told = snapshot.index.detours_told(trip.path, np.array([each.row for each in shown], np.int32))
    stops = (
        _stop(snapshot, trip, reached.row, each)._replace(
            way=reached.way,
            detour_s=reached.detour.eta_s,
            detour_range_s=reached.detour[1:] if reached.estimated else None,
        )
        for reached, each in zip(shown, told, strict=True)
    )
    return Stops(tuple(stops), len(found) > trip.k, minute_hours, float(ends.here.off_m[0]))


class _Reached(NamedTuple):
    """A place by time: by road all three of its times are one."""

    row: int
    way: Eta
    """From setting out to it."""
    detour: Eta
    estimated: bool = False


_NO_WAY: Final = Eta(math.nan, math.nan, math.nan)


def _first(
    snapshot: Snapshot, trip: Trip, minute_hours: MinuteHours, ends: _Ends
) -> list[_Reached]:
    """The k + 1 of least detour by time, fewer where fewer match."""
    mask = mask_of(
        trip.filter,
        None if trip.filter.open is Open.AT_ARRIVAL else hours_asked(trip.filter, minute_hours),
    )
    detours_m = snapshot.index.detours(
        trip.path,
        float(trip.max_detour_m),
        mask or EVERYTHING,
        _open_rows(trip.filter, minute_hours),
    )
    matches, stops = ~np.isnan(detours_m), ends.expansion.stops
    rows, spots = stops.standing(matches)
    beyond = stops.beyond[matches[stops.beyond]]
    first_s = 2.0 * eta(trip.length_m(), trip.mode).eta_s + _FIRST_SLACK_S
    found: list[_Reached] = []
    for detours in (
        widening(ends.expansion.graph, ends.here, ends.there, spots, first_s)
        if len(rows) or len(beyond)
        else ()
    ):
        found = _ranked(snapshot, trip, minute_hours, rows, detours)
        if len(found) > trip.k or detours.whole:
            found += _beyond(snapshot, trip, minute_hours, beyond, detours.direct_s)
            break
    links = snapshot.index.links
    return sorted(found, key=lambda each: (each.detour.most_s, links[each.row, 0]))[: trip.k + 1]


def _beyond(
    snapshot: Snapshot, trip: Trip, minute_hours: MinuteHours, rows: Rows, direct_s: float
) -> list[_Reached]:
    """The k + 1 first of rows that the extract does not reach, by the most of their detours, then
    by id: the estimates of both ways over a place, less the seconds by road without it. None where
    no road leads on without it.
    """
    if not (len(rows) and math.isfinite(direct_s)):
        return []
    told = snapshot.index.detours_told(trip.path, rows)
    to_m = told[:, 1] + told[:, 2]
    on_m = np.maximum(told[:, 0] + trip.length_m() - to_m, 0.0)
    to_s, on_s = (np.array(etas(metres.tolist(), trip.mode)) for metres in (to_m, on_m))
    detour_s = np.maximum(to_s + on_s - direct_s, 0.0)
    order = np.lexsort((snapshot.index.links[rows, 0], detour_s[:, 2]))
    ranked = (
        _Reached(
            int(rows[at]), Eta(*to_s[at].tolist()), Eta(*detour_s[at].tolist()), estimated=True
        )
        for at in order
    )
    open_then = (
        each for each in ranked if _in_time(snapshot, trip, minute_hours, each.row, each.way.eta_s)
    )
    return list(islice(open_then, trip.k + 1))


def _ranked(
    snapshot: Snapshot, trip: Trip, minute_hours: MinuteHours, rows: Rows, detours: Detours
) -> list[_Reached]:
    """The k + 1 first of spots by detour, then by id: a row once, where it is open in time."""
    of_row = rows[detours.which]
    order = np.lexsort((snapshot.index.links[of_row, 0], detours.detour_s))
    found: dict[int, _Reached] = {}
    for row, to_s, detour_s in zip(
        of_row[order].tolist(),
        detours.to_s[order].tolist(),
        detours.detour_s[order].tolist(),
        strict=True,
    ):
        if len(found) > trip.k:
            break
        if row not in found and _in_time(snapshot, trip, minute_hours, row, to_s):
            way, detour = Eta(to_s, to_s, to_s), Eta(detour_s, detour_s, detour_s)
            found[row] = _Reached(row, way, detour)
    return list(found.values())


def _in_time(
    snapshot: Snapshot, trip: Trip, minute_hours: MinuteHours, row: int, to_s: float
) -> bool:
    if trip.filter.open is not Open.AT_ARRIVAL:
        return True
    arrival = arrival_of(trip.filter, trip.at, trip.mode, trip.stay_min, minute_hours)
    return open_through(
        arrival.offsets,
        arrival.starts,
        arrival.ends,
        arrival.states,
        snapshot.hours_row(row),
        arrival.at_min + to_s / 60.0,
        arrival.stay_min,
        arrival.grace_min,
        arrival.unknown_passes,
    )


def _cut_off(snapshot: Snapshot, trip: Trip, minute_hours: MinuteHours, ends: _Ends) -> list[int]:
    """Of the k + 1 matching places of least geodesic detour those that no road leads to: enough to
    fill the list.
    """
    rows, _ = _straight(snapshot, trip, minute_hours)
    stops = ends.expansion.stops
    apart = np.isnan(stops.row_off_m[rows]) & ~np.isin(rows, stops.beyond)
    return [row for row, cut_off in zip(rows, apart.tolist(), strict=True) if cut_off]
