"""The questions, asked under what riders say and what notices close: who is kept out fails, or
stands last.

Where hours count (Open.NOW, Open.AT_ARRIVAL) a shut place does not match, and one of unknown hours
that riders call open matches as open. Else the same places are found as without, and the shut ones
stand last, in their order: nothing that is said makes a place vanish.

Cells are asked for a whole quarter of an hour, so what is shut at any instant of it is shut there
throughout: a cell never holds as certain what a notice closes. Their proof stands, since it is that
of a snapshot in which these places are closed at any hour.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from geodata.search import along as along_room
from geodata.search import cells as cells_room
from geodata.search import nearest as nearest_room
from geodata.search.along import Stops, Trip
from geodata.search.cells import Cell, Superset
from geodata.search.filter import Filter, Open
from geodata.search.nearest import Answer, ByRoad, Many, Question
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.overlay import Laid
from geodata.snapshot.snapshot import Snapshot

T = TypeVar("T")


def nearest(
    snapshot: Snapshot, laid: Laid | None, question: Question, roads: RoadAccess | None = None
) -> Answer:
    """As nearest.nearest. Raises OutsideArea."""
    if laid is None:
        return nearest_room.nearest(snapshot, question, roads)
    snapshot = _under(laid, question.filter)
    answer = nearest_room.nearest(snapshot, question, roads and roads.changed(snapshot))
    if _counts_hours(question.filter) or laid.shut.isdisjoint(answer.rows):
        return answer
    order = _shut_last(answer.rows, laid)
    return answer._replace(
        rows=_in(order, answer.rows),
        metres=_in(order, answer.metres),
        bearings=_in(order, answer.bearings),
        by_road=answer.by_road and _ordered(answer.by_road, order),
    )


def along(
    snapshot: Snapshot, laid: Laid | None, trip: Trip, roads: RoadAccess | None = None
) -> Stops:
    """As along.along. Raises OutsideArea."""
    if laid is None:
        return along_room.along(snapshot, trip, roads)
    snapshot = _under(laid, trip.filter)
    found = along_room.along(snapshot, trip, roads and roads.changed(snapshot))
    if _counts_hours(trip.filter):
        return found
    order = _shut_last([stop.row for stop in found.stops], laid)
    return found._replace(stops=tuple(_in(order, found.stops)))


def nearest_many(
    snapshot: Snapshot, laid: Laid | None, lonlat: NDArray[np.float64], question: Question
) -> Many:
    """As nearest.nearest_many."""
    if laid is None:
        return nearest_room.nearest_many(snapshot, lonlat, question)
    many = nearest_room.nearest_many(_under(laid, question.filter), lonlat, question)
    if _counts_hours(question.filter) or not laid.shut:
        return many
    # Stable: the open before the shut, each in their order, and what is missing stays last.
    rank = np.isin(many.rows, list(laid.shut)).astype(np.int8)
    order = np.argsort(np.where(many.rows < 0, 2, rank), axis=1, kind="stable")
    return many._replace(
        rows=np.take_along_axis(many.rows, order, axis=1),
        metres=np.take_along_axis(many.metres, order, axis=1),
    )


def for_cell(
    snapshot: Snapshot,
    laid: Laid | None,
    cell: Cell,
    question: Question,
    roads: RoadAccess | None = None,
    *,
    apart: bool = False,
) -> Superset:
    """As cells.for_cell; `laid` is what holds at any instant of the question's quarter hour."""
    if laid is not None:
        snapshot = _under(laid, question.filter)
        roads = roads and roads.changed(snapshot)
    return cells_room.for_cell(snapshot, cell, question, roads, apart=apart)


def _counts_hours(wanted: Filter) -> bool:
    return wanted.open in (Open.NOW, Open.AT_ARRIVAL)


def _under(laid: Laid, wanted: Filter) -> Snapshot:
    return laid.judged if _counts_hours(wanted) else laid.plain


def _shut_last(rows: list[int], laid: Laid) -> list[int]:
    """The order in which the shut stand last, each half as it was."""
    return sorted(range(len(rows)), key=lambda at: rows[at] in laid.shut)


def _in(order: list[int], values: "list[T] | tuple[T, ...]") -> list[T]:
    return [values[at] for at in order]


def _ordered(ways: ByRoad, order: list[int]) -> ByRoad:
    return ways._replace(
        seconds=_in(order, ways.seconds),
        metres=_in(order, ways.metres),
        rank_s=_in(order, ways.rank_s),
        off_m=_in(order, ways.off_m),
    )
