"""Cells: every place that could be among the k best for any point of a geohash cell in a quarter
hour.

A phone asks for its cell instead of its position and ranks what comes back by itself. That is exact
because the reply is a superset, proved so. Let c be the middle of the cell and r the geodesic
distance from it to the farthest corner. For any point p of the cell and any place x, |d(p, x) -
d(c, x)| ≤ r. Call x sure if it passes the filter at every instant of the quarter, on every arrival,
within reach of every p. If D is the distance from c of the k-th sure place, each p has k passing
places within D + r, so a place among its k best lies within D + r of p and within D + 2r of c. Left
out is only what lies farther, or cannot pass at any instant or arrival.

No distance bounds a time, so by time it is proved over the roads, in travel/region.py: from
wherever in the cell one sets out, what is reached among the first is so from one of the exits of
the cell's roads too, or stands on these roads. What no road leads to, and all for who stands on
none, is ordered by distance and held by the proof above: before such a place come fewer than k that
are reached, and those that are nearer. Places that the extract does not reach stand among those
that are, by the most seconds of the estimate. These grow with the distance, so one that is among
the k first is among the k nearest of its kind, and the proof above, of these places alone, holds
them; and one that is reached by road and is among the k first of all is so among those reached by
road.

Asked for two sections, a cell holds the k best of the certain ones and the k best of those that
pass only because unknown hours do: each section is proved by itself as above. Surely of unknown
hours is what passes throughout and is certainly open at no instant at which one may come; left out
of that section is only what has no unknown hours from the first arrival to the end of the last
stay.
"""

import math
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import pygeohash
from numpy.typing import ArrayLike, NDArray

from geodata.compiled import bytes_at, column_at, kernel
from geodata.errors import BadQuestion
from geodata.estimate import eta, way_at
from geodata.hours.minute import MinuteHours
from geodata.hours.timeline import SOON_MIN, State, TimelineItem, open_through
from geodata.hours.touching import touched
from geodata.index.tree import Flags, Rows, way_min
from geodata.search.filter import Open, Order, arrival_of, mask_of
from geodata.search.nearest import Question
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import geodesic_m
from geodata.space.tangent import Floats
from geodata.traits import EVERYTHING, holds
from geodata.travel.approach import Ways, seconds_to, ways_to
from geodata.travel.region import Hope, first_reached, longest_s, region
from geodata.travel.snap import snap
from geodata.vocabulary import Mode

#: The base 32 of geohashes (Niemeyer 2008): no a, i, l, o.
_ALPHABET: Final = frozenset("0123456789bcdefghjkmnpqrstuvwxyz")
LENGTHS: Final = range(5, 9)
#: Letters of the zones that lengths.py tells apart: 35 by 20 km.
ZONE: Final = 4
QUARTER_MIN: Final = 15
QUARTER: Final = timedelta(minutes=QUARTER_MIN)
#: Added to r: an arc to a corner is not quite the farthest point of a cell's curved edge, by far
#: less than this.
_MARGIN_M: Final = 1.0
#: Rows of cells whose radius is at hand: a city's, of every length that is asked.
_RADII: Final = 1024
#: Places looked at first; doubled until what was not looked at is proved to be too far. In the
#: demo city enough for 19 cells in 20 of 6 letters.
_FIRST_LOOK: Final = 128
#: Squares along each side of a cell from whose middles times by road are told, by the cell's
#: length. 150 m by 75 m, as far as a minute on foot, where phones usually ask (6 letters); in a
#: cell of 5 letters 280 m by 300 m.
_SQUARES: Final = {5: 16, 6: 8, 7: 4, 8: 1}
#: Nodes that one reply looks at: 0.2 s. Enough but for far places in a large network, which are
#: told no time then.
_MOST_SETTLED: Final = 1_000_000
#: Nodes looked at for what is reached first; of a wish so rare that it takes more, all that may
#: pass is a candidate.
_MOST_FOR_FIRST: Final = 300_000
#: Pieces along each side of a cell whose roads are looked for about their middles: fewer mark roads
#: that are too far.
_PIECES: Final = 16
#: Instead of a stay, where hours are not judged on arrival.
_NEVER_ARRIVES: Final = -1.0


class _Section(Enum):
    """Which part of a list is proved."""

    WHOLE = "whole"
    CERTAIN = "certain"
    """What passes by hours that are known."""
    UNKNOWN = "unknown"
    """What passes only because unknown hours do."""


class Cell(NamedTuple):
    """A geohash cell in WGS-84 degrees."""

    west: float
    south: float
    east: float
    north: float

    @property
    def middle(self) -> tuple[float, float]:
        """Lon and lat of the middle."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    @property
    def radius_m(self) -> float:
        """No point of the cell is farther from its middle."""
        return _radius_m(self.east - self.west, self.south, self.north)

    def middles(self, count: int) -> Floats:
        """The middles of count x count squares, shape (count * count, 2), lines from the south,
        each from the west.
        """
        shares = (np.arange(count) + 0.5) / count
        lon, lat = np.meshgrid(
            self.west + shares * (self.east - self.west),
            self.south + shares * (self.north - self.south),
        )
        return np.stack([lon.ravel(), lat.ravel()], axis=1)


@lru_cache(maxsize=_RADII)
def _radius_m(width: float, south: float, north: float) -> float:
    return float(radii_m(width, [south], [north])[0])


def radii_m(width: float, south: ArrayLike, north: ArrayLike) -> Floats:
    """`Cell.radius_m` of cells of one width between pairs of parallels, shape (n,): all between two
    are alike, half of each at either side of a meridian.
    """
    edges = np.array([south, north], np.float64)
    corners: Floats = geodesic_m(0.0, edges.mean(axis=0), width / 2, edges)
    farthest: Floats = corners.max(axis=0)
    return farthest + _MARGIN_M


class Superset(NamedTuple):
    """Rows that may be among the k best of some point of a cell, nearest to its middle first,
    equals by rank.
    """

    cell: Cell
    rows: tuple[int, ...]


def encode(lon: float, lat: float, length: int) -> str:
    """The geohash of a WGS-84 point."""
    return pygeohash.encode(lat, lon, length)


def decode(geohash: str) -> Cell:
    """The cell of a geohash of LENGTHS in small letters. Raises BadQuestion."""
    if len(geohash) not in LENGTHS or not set(geohash) <= _ALPHABET:
        raise BadQuestion(
            "“{geohash}” is not a geohash of {least} to {most} letters.",
            geohash=geohash[:12],
            least=LENGTHS.start,
            most=LENGTHS.stop - 1,
        )
    lat, lon, half_height, half_width = pygeohash.decode_exactly(geohash)
    return Cell(lon - half_width, lat - half_height, lon + half_width, lat + half_height)


def for_cell(
    snapshot: Snapshot,
    cell: Cell,
    question: Question,
    roads: RoadAccess | None = None,
    *,
    apart: bool = False,
) -> Superset:
    """The superset for a cell.

    Of the question its point is not used, and `at` must begin a quarter hour.

    By distance it holds the k nearest of every point; by time, with roads, the k first reached as
    well. With `apart` it holds as many of those that certainly pass, and as many of those that may
    by their unknown hours. `question.widen` plays no part: a phone that finds fewer than k asks
    again with wider rules. Raises OutsideArea for a cell that lies outside the service area.
    """
    if question.at != quarter_of(question.at):
        raise BadQuestion("at = {at} is not a full quarter of an hour.", at=question.at.isoformat())
    lon, lat = cell.middle
    if not _touches(cell, snapshot):
        snapshot.outline.require(lon, lat)
    if not apart or not question.filter.include_unknown or question.filter.open is Open.ANY:
        rows = _section(snapshot, cell, question, roads, _Section.WHOLE)
        return Superset(cell, tuple(rows.tolist()))
    certain, unknown = (
        _section(snapshot, cell, question, roads, each)
        for each in (_Section.CERTAIN, _Section.UNKNOWN)
    )
    rows = _from_the_middle(snapshot, cell, np.union1d(certain, unknown))
    return Superset(cell, tuple(rows.tolist()))


def _section(
    snapshot: Snapshot,
    cell: Cell,
    question: Question,
    roads: RoadAccess | None,
    section: _Section,
) -> Rows:
    """The superset of one section, nearest to the middle first."""
    rows, are_all = _candidates(snapshot, cell, question, section)
    if question.by is not Order.TIME or roads is None:
        return rows
    # On arrival: all that may be open by the time the estimate lets expect.
    if question.filter.open is Open.AT_ARRIVAL or not are_all:
        reached = _first_reached(snapshot, cell, question, roads, section)
        rows = _from_the_middle(snapshot, cell, np.union1d(rows, reached))
    stops = roads.expansions[question.mode].stops
    beyond = _beyond(snapshot, cell, question, stops.beyond, section)
    if not np.isin(beyond, rows).all():
        rows = _from_the_middle(snapshot, cell, np.union1d(rows, beyond))
    return rows


def squares(geohash: str) -> tuple[Floats, int]:
    """The middles of a cell's squares, as `Cell.middles` has them.

    And how many stand along each side.
    """
    count = _SQUARES[len(geohash)]
    return decode(geohash).middles(count), count


def seconds_by_road(
    roads: RoadAccess, geohash: str, mode: Mode, rows: tuple[int, ...]
) -> tuple[Floats, int]:
    """By road, from the middle of every square of a cell, as `squares` has them, to each row:
    (rows, n * n); and n.

    Equal to what `search.nearest` says by time in the middle. nan: the middle stands on no road, no
    road leads to the place, or it is too far in a large network. Rows are looked at in their order:
    nearest first.
    """
    middles, count = squares(geohash)
    graph, stops = roads.network.graphs[mode], roads.expansions[mode].stops
    return seconds_to(
        graph, stops, np.array(rows, np.int32), snap(graph, middles), _MOST_SETTLED
    ), count


def beyond_roads(
    roads: RoadAccess, geohash: str, mode: Mode, rows: tuple[int, ...]
) -> tuple[list[int], list[int]]:
    """Which of the rows, by number, the network's extract does not reach; and the squares in whose
    middle one stands on no road, where there are such rows.
    """
    graph, stops = roads.network.graphs[mode], roads.expansions[mode].stops
    beyond = np.flatnonzero(np.isin(np.array(rows, np.int32), stops.beyond)).tolist()
    if not beyond:
        return [], []
    return beyond, np.flatnonzero(~snap(graph, squares(geohash)[0]).stands).tolist()


def ways_by_road(roads: RoadAccess, geohash: str, mode: Mode, row: int) -> tuple[Ways, int]:
    """The ways whose seconds `seconds_by_road` tells, to one row; and squares along each side."""
    middles, count = squares(geohash)
    graph, stops = roads.network.graphs[mode], roads.expansions[mode].stops
    return ways_to(graph, stops, row, snap(graph, middles), _MOST_SETTLED), count


def _candidates(
    snapshot: Snapshot, cell: Cell, question: Question, section: _Section
) -> tuple[Rows, bool]:
    """The superset by distance; and whether it is all that may pass within reach."""
    count = max(_FIRST_LOOK, 4 * question.k)
    while True:
        rows, whole, bound_m = _look(snapshot, cell, question, count, section)
        if whole:
            return rows, math.isinf(bound_m)
        count *= 2


def _look(
    snapshot: Snapshot,
    cell: Cell,
    question: Question,
    count: int,
    section: _Section = _Section.WHOLE,
) -> tuple[Rows, bool, float]:
    """Of the `count` nearest that may pass, those that are candidates.

    Whether there are no others; and how far out.
    """
    lon, lat = cell.middle
    radius_m, minute_hours = cell.radius_m, snapshot.hours_by_minute.at(question.at)
    way_min = math.ceil(eta(question.max_distance_m, question.mode).eta_s / 60.0)
    possible = _possible(question, minute_hours, way_min, section)
    mask = mask_of(question.filter, None)
    if mask is None and possible is not None:
        mask = EVERYTHING
    rows, reached = snapshot.index.nearest(
        lon, lat, count, question.max_distance_m + radius_m, mask, possible
    )
    metres = reached[:, 0]
    surely = np.flatnonzero(_sure(snapshot, question, section, rows, reached, radius_m))
    # The k-th and one more, so that a phone knows whether there are more.
    bound_m = metres[surely[question.k]] + 2 * radius_m if len(surely) > question.k else math.inf
    return rows[metres <= bound_m], len(rows) < count or bool(metres[-1] > bound_m), bound_m


def _first_reached(
    snapshot: Snapshot, cell: Cell, question: Question, roads: RoadAccess, section: _Section
) -> Rows:
    """The superset by time of all who stand on the roads, ascending."""
    expansion, minute_hours, opening = (
        roads.expansions[question.mode],
        snapshot.hours_by_minute.at(question.at),
        question.filter.open,
    )
    here = region(expansion.graph, cell.middles(_PIECES), cell.radius_m / _PIECES + _MARGIN_M)
    on_arrival = opening is Open.AT_ARRIVAL
    way_min = longest_s(expansion.graph, expansion.stops, here) / 60.0 if on_arrival else 0.0
    # By road one may arrive at any hour, but within the cell's own roads only within the longest
    # way.
    may, may_here = (
        _possible(question, minute_hours, at_most_min, section)
        for at_most_min in (math.inf, way_min)
    )
    every = np.ones(len(minute_hours.states), np.bool_)
    hope = Hope(
        question.k + 1,
        question.max_distance_m,
        cell.radius_m,
        (mask_of(question.filter, None) or EVERYTHING)[:],
        every if may is None else may,
        opening in (Open.NOW, Open.AT_ARRIVAL),
        on_arrival,
        arrival_of(
            question.filter,
            question.at,
            question.mode,
            question.stay_min if on_arrival else 0,
            minute_hours,
        )._replace(unknown_passes=_unknown_passes(question, section)),
        QUARTER_MIN + way_min,
        section is _Section.UNKNOWN,
    )
    return first_reached(
        expansion, here, cell.middle, hope, every if may_here is None else may_here, _MOST_FOR_FIRST
    )


def _beyond(
    snapshot: Snapshot, cell: Cell, question: Question, rows: Rows, section: _Section
) -> Rows:
    """Of places that the extract does not reach, the superset by distance among themselves."""
    if not len(rows):
        return rows
    lon, lat = cell.middle
    radius_m, minute_hours = cell.radius_m, snapshot.hours_by_minute.at(question.at)
    metres = snapshot.index.metres(rows, lon, lat)
    way_min = eta(question.max_distance_m, question.mode).eta_s / 60.0
    possible = _possible(question, minute_hours, math.ceil(way_min), section)
    may = (metres <= question.max_distance_m + radius_m) & holds(
        mask_of(question.filter, None) or EVERYTHING, snapshot.index.words[rows]
    )
    if possible is not None:
        may &= possible[snapshot.index.links[rows, 1]]
    rows, metres = rows[may], metres[may]
    sure = _sure(snapshot, question, section, rows, metres[:, None], radius_m)
    nearest_m = np.sort(metres[sure])
    if len(nearest_m) <= question.k:
        return rows
    kept: Rows = rows[metres <= nearest_m[question.k] + 2 * radius_m]
    return kept


def _from_the_middle(snapshot: Snapshot, cell: Cell, rows: Rows) -> Rows:
    """The same rows in the order of a superset."""
    lon, lat = cell.middle
    feet = np.array([snapshot.index.foot(row, lon, lat) for row in rows.tolist()]).reshape(-1, 2)
    metres = geodesic_m(lon, lat, *feet.T)
    return rows[np.lexsort((snapshot.index.links[rows, 0], metres))]


def _touches(cell: Cell, snapshot: Snapshot) -> bool:
    """Whether one of 81 points spread over the cell lies in the service area: nothing wider than
    0.6 km is missed.
    """
    if snapshot.outline.holds(*cell.middle):
        return True
    columns, lines = np.linspace(cell.west, cell.east, 9), np.linspace(cell.south, cell.north, 9)
    points = np.stack(np.meshgrid(columns, lines), axis=-1).reshape(-1, 2)
    return bool(snapshot.outline.holds_each(points).any())


def quarter_of(instant: datetime) -> datetime:
    """The beginning of the quarter hour that an instant lies in."""
    return instant.replace(
        minute=instant.minute // QUARTER_MIN * QUARTER_MIN, second=0, microsecond=0
    )


def horizon_min(question: Question) -> int:
    """How long after `at`, in minutes, a phone must know opening hours for any arrival and stay: a
    day at least.
    """
    way_min = eta(question.max_distance_m, question.mode).eta_s / 60.0
    return QUARTER_MIN + max(1440, math.ceil(way_min) + question.stay_min + SOON_MIN)


def _unknown_passes(question: Question, section: _Section) -> bool:
    return question.filter.include_unknown and section is not _Section.CERTAIN


def _possible(
    question: Question, minute_hours: MinuteHours, way_min: float, section: _Section
) -> Flags | None:
    """Hours rows that may pass at some instant, or on arrival after at most `way_min`.

    None: all.
    """
    wanted = question.filter
    if wanted.open is Open.ANY:
        return None
    include_unknown = _unknown_passes(question, section)
    if wanted.open is Open.ALWAYS:
        rows = minute_hours.passing(always=True, soon=False, include_unknown=include_unknown)
        if section is _Section.UNKNOWN:
            rows = np.logical_and(rows, minute_hours.states == State.UNKNOWN)
        return rows
    on_arrival = wanted.open is Open.AT_ARRIVAL
    last_min = QUARTER_MIN + (way_min if on_arrival else 0)
    if section is _Section.UNKNOWN:
        stay_min = question.stay_min if on_arrival else 0
        return minute_hours.some_time(last_min + stay_min, (State.UNKNOWN,))
    states = (State.OPEN, State.UNKNOWN) if include_unknown else (State.OPEN,)
    return minute_hours.some_time(last_min, states)


def _sure(
    snapshot: Snapshot,
    question: Question,
    section: _Section,
    rows: Rows,
    reached: Floats,
    radius_m: float,
) -> Flags:
    """Which rows pass for every point of the cell, instant and arrival.

    `reached` begins with metres from the middle.
    """
    wanted, minute_hours = question.filter, snapshot.hours_by_minute.at(question.at)
    near: Flags = reached[:, 0] + radius_m <= question.max_distance_m
    if wanted.open in (Open.ANY, Open.ALWAYS):
        return near
    on_arrival = wanted.open is Open.AT_ARRIVAL
    return near & _open_throughout(
        minute_hours.line.at,
        snapshot.index.links,
        rows,
        reached,
        radius_m,
        float(minute_hours.minute),
        way_at(question.mode),
        float(question.stay_min) if on_arrival else _NEVER_ARRIVES,
        (_unknown_passes(question, section), section is _Section.UNKNOWN),
    )


@kernel
def _open_throughout(
    at: NDArray[np.int64],
    links: Rows,
    rows: Rows,
    reached: Floats,
    radius_m: float,
    at_min: float,
    its_way_at: int,
    stay_min: float,
    unknown: tuple[bool, bool],
) -> Flags:
    """Which rows are open from the earliest arrival out of the cell until one who came last has
    stayed.

    `at` is a timeline's (hours/timeline.py); `at_min` begins the quarter of an hour; without an
    arrival `stay_min` is _NEVER_ARRIVES. `unknown`: whether unknown hours pass, and whether only
    these do, so that it must not be certainly open when anybody comes.
    """
    offsets, starts = column_at(at, TimelineItem.OFFSETS), column_at(at, TimelineItem.STARTS)
    ends, states = column_at(at, TimelineItem.ENDS), bytes_at(at, TimelineItem.STATES)
    unknown_passes, only_unknown = unknown
    passing = np.empty(len(rows), np.bool_)
    for i in range(len(rows)):
        metres = reached[i, 0]
        first, last = at_min, at_min + QUARTER_MIN
        if stay_min != _NEVER_ARRIVES:
            first += way_min(its_way_at, max(metres - radius_m, 0.0))
            last += way_min(its_way_at, metres + radius_m)
        row, stays = links[rows[i], 1], max(stay_min, 0.0)
        passing[i] = open_through(
            offsets, starts, ends, states, row, first, last + stays - first, 0.0, unknown_passes
        ) and not (
            only_unknown and touched(offsets, starts, ends, states, row, first, last, State.OPEN)
        )
    return passing
