"""The reply for a cell: what a phone needs to rank its candidates exactly, and nothing that depends
on the asker.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
import numpy as np

from app.api.payloads import provenance
from geodata.search.cells import Superset, beyond_roads, horizon_min, seconds_by_road
from geodata.search.nearest import Question
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.overlay import Laid
from geodata.snapshot.snapshot import Snapshot
from geodata.space.tangent import Floats
from geodata.traits import audience_of


def reply(
    snapshot: Snapshot, question: Question, found: Superset, more: dict[str, Any] | None = None
) -> bytes:
    """Candidates and the opening hours they use, each once.

    And more members, as `by_road` makes them.
    """
    minute_hours, horizon = snapshot.hours_by_minute.at(question.at), horizon_min(question)
    candidates = _candidates(snapshot, found.rows)
    hours_rows = sorted({candidate.hours_row for candidate in candidates})
    number = {hours_row: b"%d" % i for i, hours_row in enumerate(hours_rows)}
    return _encode(
        {
            "dataVersion": snapshot.version,
            "synthetic": snapshot.about.synthetic,
            "at": question.at.isoformat(),
            "horizon": horizon,
            "cell": found.cell,
            "places": _array([c.before + number[c.hours_row] + c.after for c in candidates]),
            "hours": _array([minute_hours.ahead(hours_row, horizon) for hours_row in hours_rows]),
            "reasons": [
                (hours_rows.index(hours_row), *span)
                for hours_row, spans in minute_hours.reasons_ahead(hours_rows, horizon).items()
                for span in spans
            ],
            **(more or {}),
        }
    )


def closing(laid: Laid, found: Superset) -> list[tuple[int, str]]:
    """Which of the candidates, by number, a notice closes, and the id of that notice."""
    return [
        (number, laid.closed_by[row].notice)
        for number, row in enumerate(found.rows)
        if row in laid.closed_by
    ]


def _array(items: list[bytes]) -> msgspec.Raw:
    return msgspec.Raw(b"[%b]" % b",".join(items))


def by_road(
    roads: RoadAccess | None, geohash: str, question: Question, found: Superset
) -> dict[str, Any]:
    """What the network says of the candidates, or that there is none."""
    if roads is None:
        return {"network": None, "squares": None}
    seconds, count = seconds_by_road(roads, geohash, question.mode, found.rows)
    squares = {"perSide": count, "seconds": [_differences(each) for each in seconds]}
    beyond, off_road = beyond_roads(roads, geohash, question.mode, found.rows)
    if beyond:
        squares |= {"beyond": beyond, "offRoad": off_road}
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


class _Candidate(NamedTuple):
    """A place as every cell's reply has it: bytes before and after the number of its hours."""

    before: bytes
    hours_row: int
    after: bytes


#: What was made of a version's places, for as long as the version is in use.
_made: Final[WeakKeyDictionary[Snapshot, dict[int, _Candidate]]] = WeakKeyDictionary()
#: Places kept of each version: 10 MB. A larger city keeps those that were asked for first.
_MOST_MADE: Final = 20_000
_ORDINAL_1970: Final = date(1970, 1, 1).toordinal()


def _candidates(snapshot: Snapshot, rows: Sequence[int]) -> list[_Candidate]:
    """Neighbouring cells have most of their candidates in common."""
    made = _made.setdefault(snapshot, {})
    found = []
    for row in rows:
        candidate = made.get(row)
        if candidate is None:
            candidate = _candidate(snapshot, row)
            if len(made) < _MOST_MADE:
                made[row] = candidate
        found.append(candidate)
    return found


def _candidate(snapshot: Snapshot, row: int) -> _Candidate:
    feature = _decode(snapshot.records.plain(row))
    about = feature.properties
    before = [
        feature.id,
        feature.geometry.coordinates,
        about.kind,
        about.name,
        about.name_en,
        int(snapshot.index.links[row, 0]),
        snapshot.services(row),
        about.access.door,
    ]
    audience = audience_of(int(snapshot.index.words[row, 1]))
    checked = int(snapshot.records.checked[row])
    entry = about.access.entry
    after = [
        about.phone,
        audience,
        about.type,
        about.radius_m,
        checked - _ORDINAL_1970 if checked else None,
        entry and entry.register,
    ]
    return _Candidate(
        _encode(before).removesuffix(b"]") + b",",
        snapshot.hours_row(row),
        b"," + _encode(after).removeprefix(b"["),
    )


class _Geometry(msgspec.Struct):
    coordinates: msgspec.Raw


class _Entry(msgspec.Struct):
    register: msgspec.Raw


class _Access(msgspec.Struct):
    door: msgspec.Raw
    entry: _Entry | None = None


class _Properties(msgspec.Struct):
    kind: msgspec.Raw
    name: msgspec.Raw
    name_en: msgspec.Raw
    phone: msgspec.Raw
    access: _Access
    type: msgspec.Raw
    radius_m: msgspec.Raw


class _Feature(msgspec.Struct):
    """What a phone is told of a place, copied as it is stored."""

    id: msgspec.Raw
    geometry: _Geometry
    properties: _Properties


_decode: Final = msgspec.json.Decoder(_Feature).decode
_encode: Final = msgspec.json.Encoder().encode
