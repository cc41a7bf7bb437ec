"""The reply for a cell: what a phone needs to rank its candidates exactly, and nothing that depends
on the asker.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np

from app.api.payloads import provenance
from geodata.search.cells import Superset, horizon_min, seconds_by_road
from geodata.search.nearest import Question
from geodata.search.on_roads import Roads
from geodata.snapshot.snapshot import Snapshot
from geodata.space.tangent import Floats
from geodata.traits import audience_of


def reply(
    snapshot: Snapshot, question: Question, found: Superset, more: dict[str, Any] | None = None
) -> bytes:
    """Candidates and the opening hours they use, each once.

    And more members, as `by_road` makes them.
    """
    hours_rows = sorted({snapshot.hours_row(row) for row in found.rows})
    number = {hours_row: i for i, hours_row in enumerate(hours_rows)}
    return msgspec.json.encode(
        {
            "dataVersion": snapshot.version,
            "synthetic": snapshot.about.synthetic,
            "at": question.at.isoformat(),
            "horizon": horizon_min(question),
            "cell": list(found.cell),
            "places": [_place(snapshot, row, number) for row in found.rows],
            "hours": [_hours(snapshot, question, hours_row) for hours_row in hours_rows],
            **(more or {}),
        }
    )


def by_road(
    roads: Roads | None, geohash: str, question: Question, found: Superset
) -> dict[str, Any]:
    """What the network says of the candidates, or that there is none."""
    if roads is None:
        return {"network": None, "squares": None}
    seconds, count = seconds_by_road(roads, geohash, question.mode, found.rows)
    squares = {"perSide": count, "seconds": [_differences(each) for each in seconds]}
    return {"network": provenance(roads.network.about), "squares": squares}


def _differences(seconds: Floats) -> list[int | None] | None:
    """Whole seconds, each less the one before that is known: a third of the bytes.

    None: none is known.
    """
    known = np.flatnonzero(~np.isnan(seconds))
    if not len(known):
        return None
    told: list[int | None] = [None] * len(seconds)
    steps = np.diff(np.floor(seconds[known] + 0.5), prepend=0.0).astype(int).tolist()
    for square, step in zip(known.tolist(), steps, strict=True):
        told[square] = step
    return told


def _place(snapshot: Snapshot, row: int, number: dict[int, int]) -> list[Any]:
    feature = msgspec.json.decode(
        snapshot.record(row).head.partition(b',"navigate":')[0] + b"}}", type=_Feature
    )
    about = feature.properties
    return [
        feature.id,
        feature.geometry.coordinates,
        about.kind,
        about.name,
        about.name_en,
        int(snapshot.index.links[row, 0]),
        snapshot.services(row),
        about.access.door,
        number[snapshot.hours_row(row)],
        about.phone,
        audience_of(int(snapshot.index.words[row, 1])),
    ]


def _hours(snapshot: Snapshot, question: Question, hours_row: int) -> list[Any]:
    """Intervals from `at` up to the horizon, in minutes since `at`.

    And the first change from the horizon on.
    """
    board, end = snapshot.boards.at(question.at), horizon_min(question)
    first, last = board.line.offsets[hours_row : hours_row + 2].tolist()
    starts, ends = (
        edges[first:last] - board.minute for edges in (board.line.starts, board.line.ends)
    )
    every = zip(starts.tolist(), ends.tolist(), board.line.states[first:last].tolist(), strict=True)
    intervals = [
        (max(0, start), min(stop, end), state)
        for start, stop, state in every
        if stop > 0 and start < end
    ]
    return [intervals, _change_after(snapshot, hours_row, question.at, end - 1)]


def _change_after(snapshot: Snapshot, hours_row: int, at: datetime, minutes: int) -> int | None:
    """In how many minutes from `at` the state changes for the first time after so many."""
    try:
        later = snapshot.boards.at(at + timedelta(minutes=minutes)).until(hours_row)
    except OverflowError:  # after the year 9999
        return None
    return None if later is None else round((later - at) / timedelta(minutes=1))


class _Geometry(msgspec.Struct):
    coordinates: list[Any]


class _Access(msgspec.Struct):
    door: str


class _Properties(msgspec.Struct):
    kind: str
    name: str
    name_en: str | None
    phone: str | None
    access: _Access


class _Feature(msgspec.Struct):
    id: str
    geometry: _Geometry
    properties: _Properties
