"""Cells: every place that could be among the k best for any point of a geohash cell in a quarter hour. Knows no asker.

A phone asks for its cell instead of its position and ranks what comes back by itself. That is exact because the reply
is a superset, proved so. Let c be the middle of the cell and r the geodesic distance from it to the farthest corner.
For any point p of the cell and any place x, |d(p, x) - d(c, x)| ≤ r. Call x sure if it passes the filter at every
instant of the quarter, on every arrival, within reach of every p. If D is the distance from c of the k-th sure place,
each p has k passing places within D + r, so a place among its k best lies within D + r of p and within D + 2r of c.
Left out is only what lies farther, or cannot pass at any instant or arrival.
"""

import math
from dataclasses import replace
from datetime import date, datetime, time
from typing import Final, NamedTuple

import numpy as np

from geodata.board import Board
from geodata.coordinates import geodesic_m
from geodata.errors import BadQuestion
from geodata.frame import Floats
from geodata.hours import SOON_MIN, TIMEZONE, State, open_through
from geodata.search import Open, Question, Roads, mask_of
from geodata.snapshot import Snapshot
from geodata.traits import EVERYTHING
from geodata.travel.approach import Ways, seconds_to, ways_to
from geodata.travel.spots import snap
from geodata.travel.straight import eta
from geodata.tree import Flags, Rows
from geodata.vocabulary import Mode

#: The base 32 of geohashes (Niemeyer 2008): no a, i, l, o.
_ALPHABET: Final = "0123456789bcdefghjkmnpqrstuvwxyz"
LENGTHS: Final = range(5, 9)
#: Letters of the zones that `lengths` tells apart: 35 by 20 km.
ZONE: Final = 4
QUARTER_MIN: Final = 15
#: Added to r: an arc to a corner is not quite the farthest point of a cell's curved edge, by far less than this.
_MARGIN_M: Final = 1.0
#: Places looked at first; doubled until what was not looked at is proved to be too far.
_FIRST_LOOK: Final = 64
#: Places of a zone whose cells are tried, and the candidates a phone should get at most: 2.5 kB (measured 2026-11).
_SAMPLE: Final = 24
_MANY: Final = 40
#: Squares along each side of a cell from whose middles times by road are told, by the cell's length. 150 m by 75 m, as
#: far as a minute on foot, where phones usually ask (6 letters); in a cell of 5 letters 280 m by 300 m.
_SQUARES: Final = {5: 16, 6: 8, 7: 4, 8: 1}
#: Nodes that one reply looks at: 0.2 s. Enough but for far places in a large network, which are told no time then.
_MOST_SETTLED: Final = 1_000_000


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
        lon, lat = self.middle
        corners = geodesic_m(
            lon, lat, [self.west, self.east, self.west, self.east], [self.south] * 2 + [self.north] * 2
        )
        return float(corners.max()) + _MARGIN_M


class Superset(NamedTuple):
    """Rows that may be among the k best of some point of a cell, nearest to its middle first."""

    cell: Cell
    rows: tuple[int, ...]


def encode(lon: float, lat: float, length: int) -> str:
    """The geohash of a WGS-84 point: both degrees as binary fractions of their range, lon's bits first."""
    x, y = (lon + 180.0) / 360.0, (lat + 90.0) / 180.0
    across, up = (f"{int(part * 2**20):020b}" for part in (x, y))
    bits = "".join(pair[0] + pair[1] for pair in zip(across, up, strict=True))[: 5 * length]
    return "".join(_ALPHABET[int(bits[at : at + 5], 2)] for at in range(0, len(bits), 5))


def decode(geohash: str) -> Cell:
    """The cell of a geohash of LENGTHS. Raises BadQuestion."""
    if len(geohash) not in LENGTHS or not set(geohash) <= set(_ALPHABET):
        raise BadQuestion(f"{geohash[:12]!r} is not a geohash of {LENGTHS.start} to {LENGTHS.stop - 1} letters")
    bits = "".join(f"{_ALPHABET.index(letter):05b}" for letter in geohash)
    west, east = _halved(bits[0::2], -180.0, 180.0)
    south, north = _halved(bits[1::2], -90.0, 90.0)
    return Cell(west, south, east, north)


def _halved(bits: str, low: float, high: float) -> tuple[float, float]:
    for bit in bits:
        middle = (low + high) / 2
        low, high = (middle, high) if bit == "1" else (low, middle)
    return low, high


def for_cell(snapshot: Snapshot, cell: Cell, question: Question) -> Superset:
    """The superset for a cell. Of the question its point is not used, and `at` must begin a quarter hour.

    `question.widen` plays no part: a phone that finds fewer than k asks again with wider rules. Raises OutsideArea
    for a cell that lies outside the service area.
    """
    if question.at != quarter_of(question.at):
        raise BadQuestion(f"at = {question.at.isoformat()} is not a full quarter of an hour")
    lon, lat = cell.middle
    if not _touches(cell, snapshot):
        snapshot.outline.require(lon, lat)
    return Superset(cell, _candidates(snapshot, cell, question))


def squares(geohash: str) -> tuple[Floats, int]:
    """The middles of a cell's squares, shape (n * n, 2), lines from the south, each from the west; and n."""
    cell, count = decode(geohash), _SQUARES[len(geohash)]
    middles = (np.arange(count) + 0.5) / count
    lon, lat = np.meshgrid(
        cell.west + middles * (cell.east - cell.west), cell.south + middles * (cell.north - cell.south)
    )
    return np.stack([lon.ravel(), lat.ravel()], axis=1), count


def seconds_by_road(roads: Roads, geohash: str, mode: Mode, rows: tuple[int, ...]) -> tuple[Floats, int]:
    """By road, from the middle of every square of a cell, as `squares` has them, to each row: (rows, n * n); and n.

    Equal to what `search.nearest` says by time in the middle. nan: the middle stands on no road, no road leads to the
    place, or it is too far in a large network. Rows are looked at in their order: nearest first.
    """
    middles, count = squares(geohash)
    graph, stops = roads.network.graphs[mode], roads.expansions[mode].stops
    return seconds_to(graph, stops, np.array(rows, np.int32), snap(graph, middles), _MOST_SETTLED), count


def ways_by_road(roads: Roads, geohash: str, mode: Mode, row: int) -> tuple[Ways, int]:
    """The ways whose seconds `seconds_by_road` tells, to one row; and squares along each side."""
    middles, count = squares(geohash)
    graph, stops = roads.network.graphs[mode], roads.expansions[mode].stops
    return ways_to(graph, stops, row, snap(graph, middles), _MOST_SETTLED), count


def _candidates(snapshot: Snapshot, cell: Cell, question: Question) -> tuple[int, ...]:
    count = max(_FIRST_LOOK, 4 * question.k)
    while True:
        rows, whole = _look(snapshot, cell, question, count)
        if whole:
            return tuple(rows.tolist())
        count *= 2


def _look(snapshot: Snapshot, cell: Cell, question: Question, count: int) -> tuple[Rows, bool]:
    """Of the `count` nearest that may pass, those that are candidates; and whether there are no others."""
    lon, lat = cell.middle
    radius_m, board = cell.radius_m, snapshot.boards.at(question.at)
    possible = _possible(question, board)
    mask = mask_of(replace(question.filter, open=Open.ANY), None)
    if mask is None and possible is not None:
        mask = EVERYTHING
    rows, reached = snapshot.index.nearest(lon, lat, count, question.max_distance_m + radius_m, mask, possible)
    metres = reached[:, 0]
    surely = np.flatnonzero(_sure(snapshot, question, board, rows, metres, radius_m))
    # The k-th and one more, so that a phone knows whether there are more.
    bound_m = metres[surely[question.k]] + 2 * radius_m if len(surely) > question.k else np.inf
    return rows[metres <= bound_m], len(rows) < count or bool(metres[-1] > bound_m)


def _touches(cell: Cell, snapshot: Snapshot) -> bool:
    """Whether one of 81 points spread over the cell lies in the service area: nothing wider than 0.6 km is missed."""
    columns, lines = np.linspace(cell.west, cell.east, 9), np.linspace(cell.south, cell.north, 9)
    return any(snapshot.outline.holds(x, y) for x in columns.tolist() for y in lines.tolist())


def lengths(snapshot: Snapshot) -> dict[str, int]:
    """The length of geohash a phone should ask with, by the geohash of 4 letters that it stands in.

    It is the coarsest of LENGTHS at which nine in ten cells have at most _MANY candidates for the usual question (10
    places within 5 km, any hours), the finest if there is none. Asked are the cells of _SAMPLE places of the zone,
    evenly taken in tree order and so spread over it. Not of all: one crowded corner would have everybody ask with
    38 m, which is nearly a position. A zone without places is not in it. The same for the same version.
    """
    across, up = (np.floor((snapshot.lonlat / (360.0, 180.0) + 0.5) * 1024.0).astype(np.int64)).T
    zones = across * 1024 + up
    at = datetime.combine(date.fromisoformat(snapshot.about.data_date), time(), TIMEZONE)
    found = {}
    for zone in np.unique(zones).tolist():
        rows = np.flatnonzero(zones == zone)
        spots = snapshot.lonlat[rows[:: math.ceil(len(rows) / _SAMPLE)]].tolist()
        lon, lat = spots[0]
        found[encode(lon, lat, ZONE)] = _length(snapshot, spots, at)
    return found


def _length(snapshot: Snapshot, spots: list[list[float]], at: datetime) -> int:
    usual = Question(0.0, 0.0, at, k=10, max_distance_m=5_000.0)
    for length in LENGTHS:
        cells = (decode(encode(lon, lat, length)) for lon, lat in spots)
        # More than _MANY show among the first: looking through a large city for all of them takes minutes.
        many = sum(len(_look(snapshot, cell, usual, _MANY + 1)[0]) > _MANY for cell in cells)
        if 10 * many <= len(spots):
            return length
    return LENGTHS.stop - 1


def quarter_of(instant: datetime) -> datetime:
    """The beginning of the quarter hour that an instant lies in."""
    return instant.replace(minute=instant.minute // QUARTER_MIN * QUARTER_MIN, second=0, microsecond=0)


def horizon_min(question: Question) -> int:
    """How long after `at`, in minutes, a phone must know opening hours for any arrival and stay: a day at least."""
    way_min = eta(question.max_distance_m, question.mode).eta_s / 60.0
    return QUARTER_MIN + max(1440, math.ceil(way_min) + question.stay_min + SOON_MIN)


def _possible(question: Question, board: Board) -> Flags | None:
    """Hours rows that may pass at some instant or arrival; None: all."""
    wanted = question.filter
    if wanted.open is Open.ANY:
        return None
    if wanted.open is Open.ALWAYS:
        return board.passing(always=True, soon=False, include_unknown=wanted.include_unknown)
    first, last = board.minute, board.minute + QUARTER_MIN
    if wanted.open is Open.AT_ARRIVAL:
        last += math.ceil(eta(question.max_distance_m, question.mode).eta_s / 60.0)
    line = board.line
    counts = (line.states == State.OPEN) | wanted.include_unknown
    within = counts & (line.starts <= last) & (line.ends > first)
    found = np.zeros(len(line.offsets) - 1, np.bool_)
    found[np.repeat(np.arange(len(found)), np.diff(line.offsets))[within]] = True
    return found


def _sure(snapshot: Snapshot, question: Question, board: Board, rows: Rows, metres: Floats, radius_m: float) -> Flags:
    """Which rows, so far from the middle, pass for every point of the cell, instant and arrival."""
    near = metres + radius_m <= question.max_distance_m
    wanted = question.filter
    if wanted.open in (Open.ANY, Open.ALWAYS):
        return near
    first = np.full(len(rows), float(board.minute))
    last = first + QUARTER_MIN
    if wanted.open is Open.AT_ARRIVAL:
        min_per_m = eta(1.0, question.mode).eta_s / 60.0
        first += np.maximum(metres - radius_m, 0.0) * min_per_m
        last += (metres + radius_m) * min_per_m + question.stay_min
    line = board.line
    intervals = (line.offsets, line.starts, line.ends, line.states)
    hours_rows = snapshot.index.links[rows, 1].tolist()
    return near & np.array(
        [
            open_through(*intervals, row, start, end - start, 0.0, wanted.include_unknown)
            for row, start, end in zip(hours_rows, first.tolist(), last.tolist(), strict=True)
        ],
        np.bool_,
    )
