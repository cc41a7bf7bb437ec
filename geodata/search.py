"""The questions: Question in, Answer out. Pure: the time is part of the question; only the snapshot is read."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata import traits
from geodata.board import Board
from geodata.errors import BadQuestion
from geodata.frame import MAX_REACH_M
from geodata.hours import SOON_MIN
from geodata.snapshot import Snapshot
from geodata.traits import EVERYTHING
from geodata.travel.straight import eta
from geodata.tree import Arrival
from geodata.vocabulary import Audience, Door, Kind, Mode, Need, Service

#: Most places one question may ask for.
MOST_HITS: Final = 50
#: A shift: nobody rests longer.
MOST_STAY_MIN: Final = 480


class Open(StrEnum):
    """What is asked of the opening hours."""

    ANY = "any"
    NOW = "now"
    AT_ARRIVAL = "at_arrival"
    ALWAYS = "24h"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which places count. ALL of needs and services; ANY of kinds, audience and door; empty: not asked."""

    kinds: tuple[Kind, ...] = ()
    needs: tuple[Need, ...] = ()
    services: tuple[Service, ...] = ()
    audience: tuple[Audience, ...] = ()
    door: tuple[Door, ...] = ()
    open: Open = Open.ANY
    include_unknown: bool = True
    """Whether a place passes whose hours (with `open`) or audience (with `audience`) are not known."""


def require(k: int, stay_min: int, at: datetime) -> None:
    """What every question asks for in range. Raises BadQuestion."""
    if not 1 <= k <= MOST_HITS:
        raise BadQuestion(f"k = {k} is outside 1–{MOST_HITS}")
    if not 0 <= stay_min <= MOST_STAY_MIN:
        raise BadQuestion(f"stay_min = {stay_min} is outside 0–{MOST_STAY_MIN}")
    if at.utcoffset() is None:
        raise BadQuestion(f"at = {at.isoformat()} has no time zone")


@dataclass(frozen=True, slots=True)
class Question:
    """The k nearest places of a WGS-84 point that pass a filter at an instant. BadQuestion where none could be."""

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

    def __post_init__(self) -> None:
        require(self.k, self.stay_min, self.at)
        if not 0 < self.max_distance_m <= MAX_REACH_M:
            raise BadQuestion(f"max_distance_m = {self.max_distance_m:g} is outside 0–{MAX_REACH_M:g}")


class Hit(NamedTuple):
    """One place found: its row, geodesic metres (≤ 1 mm off) and the bearing of the start in degrees from north."""

    row: int
    distance_m: float
    bearing_deg: float


class Relaxed(NamedTuple):
    """One rule that was relaxed because fewer than k places matched."""

    rule: str
    before: float | bool
    after: float | bool


class Answer(NamedTuple):
    """What was found, nearest first, equal distances by id; whether more would have matched; the hours judged by."""

    rows: list[int]
    metres: list[float]
    bearings: list[float]
    more: bool
    board: Board
    relaxed: tuple[Relaxed, ...] = ()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The places one by one."""
        return tuple(map(Hit, self.rows, self.metres, self.bearings))


class Many(NamedTuple):
    """What was found for each of n points, as `nearest` finds it: rows and geodesic metres, both (n, k).

    Row -1 and nan where fewer match; `inside` (n,) tells which points lie in the service area: others find nothing.
    """

    rows: NDArray[np.int32]
    metres: NDArray[np.float64]
    inside: NDArray[np.bool_]
    board: Board


def nearest(snapshot: Snapshot, question: Question) -> Answer:
    """The k nearest matching places. Raises OutsideArea for a point outside the service area.

    With `widen`, and fewer than k matches, rules are relaxed one after another, and each step is told: opening within
    SOON_MIN will do, then unknown hours and audience will do, then the reach doubles until it is MAX_REACH_M.
    """
    snapshot.outline.require(question.lon, question.lat)
    board = snapshot.boards.at(question.at)
    answer = _ask(snapshot, question, board, grace_min=0)
    if not question.widen or len(answer.rows) == question.k:
        return answer
    relaxed: list[Relaxed] = []
    for step, wider, grace_min in _wider(question):
        relaxed.append(step)
        answer = _ask(snapshot, wider, board, grace_min)
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


def _ask(snapshot: Snapshot, question: Question, board: Board, grace_min: int) -> Answer:
    rules = _rules(question, board, grace_min)
    rows, reached = snapshot.index.nearest(
        question.lon, question.lat, question.k + 1, float(question.max_distance_m), *rules
    )
    metres, bearings = reached[: question.k].T.tolist()
    return Answer(rows[: question.k].tolist(), metres, bearings, len(rows) > question.k, board)


def nearest_many(snapshot: Snapshot, lonlat: NDArray[np.float64], question: Question, *, threads: int = 1) -> Many:
    """The same question asked at many WGS-84 points, shape (n, 2); its own point and `widen` play no part."""
    board, inside = snapshot.boards.at(question.at), snapshot.outline.holds_each(lonlat)
    rows = np.full((len(lonlat), question.k), -1, np.int32)
    metres = np.full(rows.shape, np.nan)
    rows[inside], metres[inside] = snapshot.index.nearest_many(
        lonlat[inside], question.k, float(question.max_distance_m), *_rules(question, board, 0), threads=threads
    )
    return Many(rows, metres, inside, board)


def _rules(
    question: Question, board: Board, grace_min: int
) -> tuple[traits.Mask | None, NDArray[np.bool_] | None, Arrival | None]:
    """A filter as the index tests it: words, opening hours, opening hours on arrival; None: not asked."""
    wanted = question.filter
    arrival = None
    if wanted.open is Open.AT_ARRIVAL:
        arrival = arrival_of(wanted, question.at, question.mode, question.stay_min, board, grace_min)
    open_rows = hours_ok(wanted, board, grace_min)
    way_min = math.ceil(eta(question.max_distance_m, question.mode).eta_s / 60) + 1 if arrival else 0
    mask = mask_of(wanted, hours_asked(wanted, board, way_min + grace_min))
    if mask is None and (arrival is not None or open_rows is not None):
        mask = EVERYTHING  # so that the kernel is compiled for four combinations and not for six
    return mask, open_rows, arrival


def arrival_of(wanted: Filter, at: datetime, mode: Mode, stay_min: int, board: Board, grace_min: int = 0) -> Arrival:
    """The opening hours as the kernel judges them on arrival: now to the second, the way as straight.eta has it."""
    line = board.line
    return Arrival(
        line.offsets,
        line.starts,
        line.ends,
        line.states,
        board.minute + (at - board.at).total_seconds() / 60.0,
        eta(1.0, mode).eta_s / 60.0,
        float(stay_min),
        float(grace_min),
        wanted.include_unknown,
    )


def hours_asked(wanted: Filter, board: Board, last_min: int = 0) -> tuple[int, int] | None:
    """The first and last local hour, up to `last_min` minutes ahead, in one of which a match must be open.

    The last may be past 23: hours go round. None: at any time.
    """
    if wanted.open not in (Open.NOW, Open.AT_ARRIVAL):
        return None
    return board.at.hour, board.at.hour + (board.at.minute + last_min) // 60


@lru_cache(maxsize=4096)
def mask_of(wanted: Filter, hours: tuple[int, int] | None) -> traits.Mask | None:
    """The filter as the index tests it, possibly open in one of the local hours; None where everything passes."""
    first, last = hours or (0, -1)
    mask = traits.mask(
        kinds=wanted.kinds,
        needs=wanted.needs,
        services=wanted.services,
        audience=wanted.audience,
        door=wanted.door,
        hours={hour % 24 for hour in range(first, min(last, first + 23) + 1)},
        include_unknown=wanted.include_unknown,
    )
    return mask if any(mask) else None


def hours_ok(wanted: Filter, board: Board, grace_min: int = 0) -> NDArray[np.bool_] | None:
    """Which rows of opening hours pass at the board's minute; None where all do, or where arrival decides."""
    if wanted.open is Open.NOW:
        return board.passing(always=False, soon=grace_min > 0, include_unknown=wanted.include_unknown)
    if wanted.open is Open.ALWAYS:
        return board.passing(always=True, soon=False, include_unknown=wanted.include_unknown)
    return None
