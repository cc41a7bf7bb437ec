"""Wishes for places: taken, counted by cell, ended by operators.

What is told in public is a fold over wishes and what became of them, computed here alone. A cell is
told from FEWEST wishes on, and of it only the needs that as many wish for.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from flask import Response
from msgspec import UNSET

from app.db import wishes as stored
from app.db.database import Connection, Database
from app.db.wishes import StoredWish, WishEvent
from app.request.directory import WishPost
from app.request.shown import require_shown
from app.response.problems import BadParameters, Fault
from app.response.refusals import EndedWishes, NoSuchEntry
from app.voice import sealing
from app.voice.demo import is_made_up
from app.voice.live_reports import stamp
from app.voice.looks import Looks
from app.voice.networks import Poster
from app.voice.posting import Outcome, PostAsked, Voice
from geodata.search.cells import Cell, decode
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Need

#: A cell of fewer wishes is not told of.
FEWEST: Final = 3


class WishState(StrEnum):
    """Where the wishes of a cell stand."""

    OPEN = "open"
    KEPT = "kept"
    """For later, with a reason; more may be wished."""
    BUILT = "built"
    REFUSED = "refused"


#: What ends wishes: those that come later begin anew.
ENDING: Final = frozenset({WishState.BUILT, WishState.REFUSED})


@dataclass(slots=True)
class CellWishes:
    """The wishes of a cell that stand or fall together: up to an ending, or since the last."""

    cell: str
    state: WishState = WishState.OPEN
    reason: str = ""
    since: datetime | None = None
    """When an operator said so."""
    count: int = 0
    needs: Counter[str] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    made_up: int = 0
    """How many of them nobody wished."""

    def add(self, wish: StoredWish, *, made_up: bool) -> None:
        """One more."""
        self.count += 1
        self.needs.update(dict.fromkeys(wish.needs, 1))
        self.modes[wish.mode] += 1
        if wish.hour is not None:
            self.hours[wish.hour] += 1
        self.made_up += made_up


def fold(wishes: Iterable[StoredWish], events: Iterable[WishEvent]) -> dict[str, list[CellWishes]]:
    """By cell the rounds of its wishes, the last one being that which goes on, if any does.

    A wish and an event of the same instant: the wish was first. What has ended may be said to have
    ended otherwise; it is not opened again.
    """
    happened: list[tuple[datetime, int, StoredWish | WishEvent]] = [
        *((each.received_at, 0, each) for each in wishes),
        *((each.at, 1, each) for each in events),
    ]
    rounds: dict[str, list[CellWishes]] = {}
    for at, _, each in sorted(happened, key=lambda one: one[:2]):
        of_cell = rounds.setdefault(each.cell, [])
        if not of_cell or (of_cell[-1].state in ENDING and isinstance(each, StoredWish)):
            of_cell.append(CellWishes(each.cell))
        here = of_cell[-1]
        if isinstance(each, StoredWish):
            here.add(each, made_up=is_made_up(each.key))
        elif here.state not in ENDING or each.kind in ENDING:
            here.state, here.reason, here.since = WishState(each.kind), each.reason, at
    return rounds


def told(rounds: Iterable[Sequence[CellWishes]]) -> list[CellWishes]:
    """Of each cell the last round that has wishes enough to be told, most wished first."""
    found = []
    for of_cell in rounds:
        enough = [each for each in of_cell if each.count >= FEWEST]
        found += enough[-1:]
    return sorted(found, key=lambda each: (-each.count, each.cell))


def waiting(rounds: Iterable[Sequence[CellWishes]]) -> list[CellWishes]:
    """Of each cell the wishes that are neither built nor refused, if they are enough to be told."""
    last = [of_cell[-1] for of_cell in rounds]
    return [each for each in last if each.count >= FEWEST and each.state not in ENDING]


class LiveWishes:
    """Wishes as all are told of them, kept up with their database; asked by all threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looks = Looks(database, self._follow, "the wishes as they were")
        self._state = (-1, -1, -1)
        self._told: list[CellWishes] = []

    def told(self) -> list[CellWishes]:
        """What is told. A database that is away leaves what was known last."""
        self._looks.now()
        return self._told

    def _follow(self) -> None:
        with self._database.reading() as connection:
            state = stored.state(connection)
            if state != self._state:
                self._told = told(rounds_of(connection).values())
                self._state = state


def rounds_of(connection: Connection) -> dict[str, list[CellWishes]]:
    """All wishes, folded."""
    return fold(stored.every(connection), stored.events(connection))


def receive(voice: Voice, asked: PostAsked, said: WishPost, snapshot: Snapshot) -> Response:
    """Keep a wish, once. Raises BadParameters, Spent, KeyReused, VoiceAway."""
    _require_inside(said.cell, snapshot)
    note = None if said.note is UNSET else sealing.seal(voice.keys, said.note, asked.now)
    needs = [str(need) for need in dict.fromkeys(said.needs)]
    hour = None if said.hour is UNSET else said.hour

    def unit(connection: Connection, _poster: Poster) -> Outcome:
        held = stored.by_key(connection, asked.key)
        if held is None:
            held = StoredWish(
                f"w-{secrets.token_hex(8)}",
                said.cell,
                needs,
                str(said.mode),
                hour,
                note,
                asked.now,
                asked.key,
            )
            stored.add(connection, [held])
        return Outcome(201, _taken(held))

    return voice.post(asked, "wishes", voice.limits.wishes, unit)


def end(
    connection: Connection, cell: str, state: WishState, reason: str, by: str, now: datetime
) -> CellWishes:
    """Say what becomes of the wishes of a cell; as they stand afterwards.

    Raises NoSuchEntry where nobody wishes for anything there, EndedWishes for what has ended and
    is to be kept, and BadValue for a reason of which nobody sees all.
    """
    require_shown(reason)
    rounds = rounds_of(connection).get(cell)
    if not rounds:
        raise NoSuchEntry
    if state not in ENDING and rounds[-1].state in ENDING:
        raise EndedWishes
    stored.end(connection, WishEvent(cell, now, str(state), by, reason))
    return rounds_of(connection)[cell][-1]


def public(cells: Sequence[CellWishes]) -> dict[str, object]:
    """What is told of wishes, as JSON."""
    rows = [_public(each) for each in cells]
    digest = hashlib.blake2b(msgspec.json.encode(rows), digest_size=8).hexdigest()
    return {"revision": digest, "fewest": FEWEST, "cells": rows}


def _public(wished: CellWishes) -> dict[str, object]:
    lon, lat = decode(wished.cell).middle
    return {
        "cell": wished.cell,
        "lon": round(lon, 4),
        "lat": round(lat, 4),
        "count": wished.count,
        "needs": {str(need): wished.needs[need] for need in Need if wished.needs[need] >= FEWEST},
        "state": wished.state,
        "reason": wished.reason,
        "since": stamp(wished.since) if wished.since else None,
        "synthetic": wished.made_up == wished.count,
    }


def _taken(wish: StoredWish) -> dict[str, object]:
    return {
        "id": wish.id,
        "cell": wish.cell,
        "needs": wish.needs,
        "mode": wish.mode,
        "hour": wish.hour,
        "received_at": stamp(wish.received_at),
    }


def _require_inside(geohash: str, snapshot: Snapshot) -> None:
    cell = decode(geohash)
    if not any(snapshot.outline.holds(lon, lat) for lon, lat in _points(cell)):
        fault = Fault(
            "cell", "{cell} lies outside the service area of this dataset.", {"cell": geohash}
        )
        raise BadParameters([fault])


def _points(cell: Cell) -> list[tuple[float, float]]:
    """The middles of 16 squares, and the corners."""
    corners = [(lon, lat) for lon in (cell.west, cell.east) for lat in (cell.south, cell.north)]
    return [*map(tuple, cell.middles(4).tolist()), *corners]
