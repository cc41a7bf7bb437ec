"""The questions: Question in, Answer out. Pure: the time is part of the question; only the snapshot is read."""

from dataclasses import dataclass
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
from geodata.snapshot import Snapshot
from geodata.vocabulary import Audience, Door, Kind, Need, Service

#: Most places one question may ask for.
MOST_HITS: Final = 50


class Open(StrEnum):
    """What is asked of the opening hours."""

    ANY = "any"
    NOW = "now"
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


@dataclass(frozen=True, slots=True)
class Question:
    """The k nearest places of a WGS-84 point that pass a filter at an instant. BadQuestion where none could be."""

    lon: float
    lat: float
    at: datetime
    k: int = 10
    max_distance_m: float = 5_000.0
    filter: Filter = Filter()

    def __post_init__(self) -> None:
        if not 1 <= self.k <= MOST_HITS:
            raise BadQuestion(f"k = {self.k} is outside 1–{MOST_HITS}")
        if not 0 < self.max_distance_m <= MAX_REACH_M:
            raise BadQuestion(f"max_distance_m = {self.max_distance_m:g} is outside 0–{MAX_REACH_M:g}")
        if self.at.utcoffset() is None:
            raise BadQuestion(f"at = {self.at.isoformat()} has no time zone")


class Hit(NamedTuple):
    """One place found: its row, geodesic metres (≤ 1 mm off) and the bearing of the start in degrees from north."""

    row: int
    distance_m: float
    bearing_deg: float


class Answer(NamedTuple):
    """Hits, nearest first, equal distances by id; whether more would have matched; the hours they were judged by."""

    hits: tuple[Hit, ...]
    more: bool
    board: Board


def nearest(snapshot: Snapshot, question: Question) -> Answer:
    """The k nearest matching places. Raises OutsideArea for a point outside the service area."""
    snapshot.outline.require(question.lon, question.lat)
    board = snapshot.boards.at(question.at)
    wanted = question.filter
    rows, reached = snapshot.index.nearest(
        question.lon,
        question.lat,
        question.k + 1,
        float(question.max_distance_m),
        mask_of(wanted, board.at.hour),
        hours_ok(wanted, board),
    )
    hits = tuple(
        Hit(row, metres, bearing)
        for row, (metres, bearing) in zip(rows[: question.k].tolist(), reached.tolist(), strict=False)
    )
    return Answer(hits, len(rows) > question.k, board)


@lru_cache(maxsize=4096)
def mask_of(wanted: Filter, hour: int) -> traits.Mask | None:
    """The filter as the index tests it in a local hour; None where everything passes."""
    mask = traits.mask(
        kinds=wanted.kinds,
        needs=wanted.needs,
        services=wanted.services,
        audience=wanted.audience,
        door=wanted.door,
        hour=hour if wanted.open is Open.NOW else None,
        include_unknown=wanted.include_unknown,
    )
    return mask if any(mask) else None


def hours_ok(wanted: Filter, board: Board) -> NDArray[np.bool_] | None:
    """Which rows of opening hours pass; None where all do."""
    if wanted.open is Open.ANY:
        return None
    return board.passing(always=wanted.open is Open.ALWAYS, include_unknown=wanted.include_unknown)
