"""The questions: Question in, Answer out.

Pure: the time is part of the question; only the snapshot is read.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata import traits
from geodata.errors import OUTSIDE_RANGE, BadQuestion
from geodata.estimate import eta, etas
from geodata.hours.minute import MinuteHours
from geodata.hours.timeline import SOON_MIN
from geodata.index.tree import ALL_HOURS, ANY_TIME, Arrival, Rules
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
from geodata.space.tangent import MAX_REACH_M
from geodata.traits import EVERYTHING
from geodata.travel.fastest import Expansion, Wish
from geodata.travel.snap import Snapped
from geodata.vocabulary import Mode


@dataclass(frozen=True, slots=True)
class Question:
    """The k nearest places of a WGS-84 point that pass a filter at an instant.

    BadQuestion where none could be.
    """

    lon: float
    lat: float
    at: datetime
    k: int = 10
    max_distance_m: float = 5_000.0
    filter: Filter = Filter()
    mode: Mode = Mode.WALK
    """How the asker travels: decides when they arrive."""
    stay_min: int = 0
    """With Open.AT_ARRIVAL: how long the place must stay open after that, minutes."""
    widen: bool = False
    """Whether rules are relaxed, in a stated order, until k places match."""
    by: Order = Order.DISTANCE
    """By time needs roads; without them both orders are the same."""

    def __post_init__(self) -> None:
        require(self.k, self.stay_min, self.at)
        if not 0 < self.max_distance_m <= MAX_REACH_M:
            raise BadQuestion(
                OUTSIDE_RANGE,
                name="max_distance_m",
                value=f"{self.max_distance_m:g}",
                least=0,
                most=f"{MAX_REACH_M:g}",
            )


class Hit(NamedTuple):
    """One place found: its row, geodesic metres (≤ 1 mm off) and the bearing of the start in
    degrees from north.
    """

    row: int
    distance_m: float
    bearing_deg: float


class Relaxed(NamedTuple):
    """One rule that was relaxed because fewer than k places matched."""

    rule: str
    before: float | bool
    after: float | bool


class ByRoad(NamedTuple):
    """The ways to what was found, by road; one value a place. nan: no road leads there."""

    seconds: list[float]
    """From door to door: both legs off the road, walked straight, are in it."""
    metres: list[float]
    """The same in metres."""
    rank_s: list[float]
    """What the order is by: the same seconds, or of a place that the extract does not reach the
    most that the estimate allows; nan: it is cut off, and comes last.
    """
    off_m: list[float]
    """How far the place is from the nearest road; nan: it stands at none.

    The asker's own is `asker_off_m`.
    """
    asker_off_m: float


class Answer(NamedTuple):
    """What was found, nearest (or first reached) first, equals by id.

    Whether more would have matched; the hours.

    By time, places that the extract does not reach stand among the others by the most that the
    estimate allows, and what cannot be reached comes last, by distance.
    """

    rows: list[int]
    metres: list[float]
    bearings: list[float]
    more: bool
    minute_hours: MinuteHours
    relaxed: tuple[Relaxed, ...] = ()
    by_road: ByRoad | None = None
    """None: asked by distance, or there are no roads, or the asker is off them.

    Times are estimates then.
    """

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The places one by one."""
        return tuple(map(Hit, self.rows, self.metres, self.bearings))


class Many(NamedTuple):
    """What was found for each of n points, as `nearest` finds it: rows and geodesic metres, both
    (n, k).

    Row -1 and nan where fewer match; `inside` (n,) tells which points lie in the service area:
    others find nothing.
    """

    rows: NDArray[np.int32]
    metres: NDArray[np.float64]
    inside: NDArray[np.bool_]
    minute_hours: MinuteHours


def nearest(snapshot: Snapshot, question: Question, roads: RoadAccess | None = None) -> Answer:
    """The k nearest matching places. Raises OutsideArea for a point outside the service area.

    By time, with roads that have the mode and on which the asker stands: the k that are reached
    first, hours on arrival judged at the true time; then places that cannot be reached, by distance
    (with Open.AT_ARRIVAL none: one never arrives there). A place that the extract does not reach
    (travel/snap.py) is no such: it counts as reached after the most seconds of the estimate, hours
    on arrival judged by the expected ones.

    With `widen`, and fewer than k matches, rules are relaxed one after another, and each step is
    told: opening within SOON_MIN will do, then unknown hours and audience will do, then the reach
    doubles until it is MAX_REACH_M.
    """
    snapshot.outline.require(question.lon, question.lat)
    minute_hours = snapshot.hours_by_minute.at(question.at)
    here = _standing(question, roads)
    answer = _ask(snapshot, question, minute_hours, 0, here)
    if not question.widen or len(answer.rows) == question.k:
        return answer
    relaxed: list[Relaxed] = []
    for step, wider, grace_min in _wider(question):
        relaxed.append(step)
        answer = _ask(snapshot, wider, minute_hours, grace_min, here)
        if len(answer.rows) == question.k:
            break
    return answer._replace(relaxed=tuple(relaxed))


def _wider(question: Question) -> Iterator[tuple[Relaxed, Question, int]]:
    """Ever wider questions, with the step that leads to each."""
    grace_min = 0
    if question.filter.open in (Open.NOW, Open.AT_ARRIVAL):
        grace_min = SOON_MIN
        yield Relaxed("opening_within_min", 0, SOON_MIN), question, grace_min
    if not question.filter.include_unknown:
        question = replace(question, filter=replace(question.filter, include_unknown=True))
        yield Relaxed("include_unknown", before=False, after=True), question, grace_min
    while question.max_distance_m < MAX_REACH_M:
        reach_m = min(2 * question.max_distance_m, MAX_REACH_M)
        step = Relaxed("max_distance_m", question.max_distance_m, reach_m)
        question = replace(question, max_distance_m=reach_m)
        yield step, question, grace_min


class _Here(NamedTuple):
    """The asker on the roads."""

    expansion: Expansion
    spot: Snapped


def _standing(question: Question, roads: RoadAccess | None) -> _Here | None:
    """Where the asker stands, if it is asked by time and there is a road to stand on."""
    if question.by is not Order.TIME or roads is None or question.mode not in roads.expansions:
        return None
    spot = roads.network.where(question.lon, question.lat, question.mode)
    return _Here(roads.expansions[question.mode], spot) if spot is not None else None


def _ask(
    snapshot: Snapshot,
    question: Question,
    minute_hours: MinuteHours,
    grace_min: int,
    here: _Here | None,
) -> Answer:
    rules = _rules(question, minute_hours, grace_min, by_road=here is not None)
    if here is not None:
        return _by_road(snapshot, question, minute_hours, here, rules)
    rows, reached = snapshot.index.nearest(
        question.lon, question.lat, question.k + 1, float(question.max_distance_m), *rules
    )
    metres, bearings = reached[: question.k].T.tolist()
    return Answer(
        rows[: question.k].tolist(), metres, bearings, len(rows) > question.k, minute_hours
    )


def nearest_many(
    snapshot: Snapshot, lonlat: NDArray[np.float64], question: Question, *, threads: int = 1
) -> Many:
    """The same question asked at many WGS-84 points, shape (n, 2).

    Its own point and `widen` play no part.
    """
    minute_hours, inside = (
        snapshot.hours_by_minute.at(question.at),
        snapshot.outline.holds_each(lonlat),
    )
    rows = np.full((len(lonlat), question.k), -1, np.int32)
    metres = np.full(rows.shape, np.nan)
    rows[inside], metres[inside] = snapshot.index.nearest_many(
        lonlat[inside],
        question.k,
        float(question.max_distance_m),
        *_rules(question, minute_hours, 0),
        threads=threads,
    )
    return Many(rows, metres, inside, minute_hours)


_Tests = tuple[traits.Mask | None, NDArray[np.bool_] | None, Arrival | None]


def _rules(
    question: Question, minute_hours: MinuteHours, grace_min: int, *, by_road: bool = False
) -> _Tests:
    """A filter as the index tests it: words, opening hours, opening hours on arrival.

    None: not asked.
    """
    wanted = question.filter
    arrival = None
    if wanted.open is Open.AT_ARRIVAL:
        arrival = arrival_of(
            wanted, question.at, question.mode, question.stay_min, minute_hours, grace_min
        )
    open_rows = hours_ok(wanted, minute_hours, grace_min)
    mask = mask_of(wanted, _hours_tested(question, minute_hours, grace_min, by_road=by_road))
    return mask, open_rows, arrival


def _hours_tested(
    question: Question, minute_hours: MinuteHours, grace_min: int, *, by_road: bool
) -> tuple[int, int] | None:
    """The traits that hours are tested by.

    None where none can be: by road one may arrive at any hour.
    """
    if question.filter.open is not Open.AT_ARRIVAL:
        return hours_asked(question.filter, minute_hours, grace_min)
    if by_road:
        return None
    way_min = math.ceil(eta(question.max_distance_m, question.mode).eta_s / 60) + 1
    return hours_asked(question.filter, minute_hours, way_min + grace_min)


def _by_road(
    snapshot: Snapshot, question: Question, minute_hours: MinuteHours, here: _Here, tests: _Tests
) -> Answer:
    mask, open_rows, arrival = tests
    rules = Rules(
        (mask or EVERYTHING)[:],
        ALL_HOURS if open_rows is None else open_rows,
        arrival or ANY_TIME,
    )
    wish = Wish(question.k + 1, float(question.max_distance_m), rules)
    found = here.expansion.fastest(question.lon, question.lat, here.spot, wish)
    rows, reached = (
        found.rows,
        np.stack(
            [found.metres, found.bearings, found.seconds, found.road_m, found.seconds], axis=1
        ),
    )
    if len(here.expansion.stops.beyond):
        rows, reached = _with_beyond(snapshot, question, here, wish, (rows, reached))
    if len(rows) < wish.k and arrival is None:
        apart, its_reached = _cut_off(snapshot, question, here, tests)
        rows, reached = np.concatenate([rows, apart]), np.concatenate([reached, its_reached])
    k = question.k
    metres, bearings, seconds, road_m, rank_s = reached[:k].T.tolist()
    off_m = here.expansion.stops.row_off_m[rows[:k]].tolist()
    ways = ByRoad(seconds, road_m, rank_s, off_m, float(here.spot.off_m[0]))
    return Answer(rows[:k].tolist(), metres, bearings, len(rows) > k, minute_hours, (), ways)


_Reached = tuple[NDArray[np.int32], NDArray[np.float64]]


def _with_beyond(
    snapshot: Snapshot, question: Question, here: _Here, wish: Wish, found: _Reached
) -> _Reached:
    """What was found and the places that the extract does not reach, as many as are wished for.

    The estimate grows with the distance, so of the latter the nearest are enough.
    """
    beyond = here.expansion.beyond(question.lon, question.lat, wish)
    most_s = [most for _, _, most in etas(beyond.metres.tolist(), question.mode)]
    unknown = np.full(len(most_s), np.nan)
    rows = np.concatenate([found[0], beyond.rows])
    reached = np.concatenate(
        [found[1], np.stack([beyond.metres, beyond.bearings, unknown, unknown, most_s], axis=1)]
    )
    order = np.lexsort((snapshot.index.links[rows, 0], reached[:, 4]))[: wish.k]
    return rows[order], reached[order]


def _cut_off(snapshot: Snapshot, question: Question, here: _Here, tests: _Tests) -> _Reached:
    """Matching places that no road leads to, by distance: rows, and metres, bearing and nan
    three times, shape (m, 5).
    """
    mask, open_rows, _ = tests
    rows, reached = snapshot.index.nearest(
        question.lon, question.lat, question.k + 1, float(question.max_distance_m), mask, open_rows
    )
    stops = here.expansion.stops
    apart = np.isnan(stops.row_off_m[rows]) & ~np.isin(rows, stops.beyond)
    return rows[apart], np.concatenate(
        [reached[apart], np.full((int(apart.sum()), 3), np.nan)], axis=1
    )
