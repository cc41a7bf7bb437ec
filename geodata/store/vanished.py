"""The places that a version lacks and its dataset once had: found when it is published. Reads no disk."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.gone import Gone, GonePlace
from geodata.hours import TIMEZONE
from geodata.snapshot import Snapshot
from geodata.store.history import Stamp


def gone_after(before: Snapshot, present: NDArray[np.bytes_], stamp: Stamp) -> Gone:
    """The places that a version lacks which follows another: those of the other, and those that it lacked already.

    `present` are the ids of the new version. What went now is gone since the stamp's day in Shenzhen.
    """
    ids = before.ids_of(before.by_id)
    rows = before.by_id[~np.isin(ids, present)].tolist()
    today = stamp.at.astimezone(TIMEZONE).date()
    there = set(present.tolist())
    earlier = (place for place in before.gone if place.id.encode() not in there)
    return Gone.of([*earlier, *(_going(before, row, today) for row in rows)])


def _going(before: Snapshot, row: int, today: date) -> GonePlace:
    lon, lat = before.lonlat[row].tolist()
    return GonePlace(before.id_of(row), before.name_of(row), lon, lat, today)


def named_by(version: str, tables: Mapping[str, NDArray[Any]]) -> str:
    """The name of a version to which tables were added: 16 hex digits over it and them."""
    digest = hashlib.sha256(version.encode())
    for name in sorted(tables):
        digest.update(f"{name} {tables[name].dtype.str} {tables[name].shape}".encode() + tables[name].tobytes())
    return digest.hexdigest()[:16]
