"""The places that a version lacks and its dataset once had: found when it is published.

Reads no disk.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.snapshot.former import FormerPlace, FormerPlaces
from geodata.snapshot.snapshot import Snapshot
from geodata.store.history import Stamp


def gone_after(
    followed: Sequence[Snapshot], present: NDArray[np.bytes_], stamp: Stamp
) -> FormerPlaces:
    """The places that a version lacks and those that it follows had or lacked already.

    `present` are its ids.

    Of a place that several know the first of them tells where it stood and since when it is gone:
    the version before comes first, then those from which somebody went back. What went now is gone
    since the stamp's day in the dataset's time zone.
    """
    if not followed:
        return FormerPlaces.of(())
    today = followed[0].zone.local(stamp.at).date()
    there = set(present.tolist())
    known = (place for version in reversed(followed) for place in _known(version, present, today))
    return FormerPlaces.of(place for place in known if place.id.encode() not in there)


def _known(version: Snapshot, present: NDArray[np.bytes_], today: date) -> Iterator[FormerPlace]:
    yield from version.former
    for row in version.by_id[~np.isin(version.ids_of(version.by_id), present)].tolist():
        lon, lat = version.lonlat[row].tolist()
        yield FormerPlace(version.id_of(row), version.name_of(row), lon, lat, today)


def named_by(version: str, tables: Mapping[str, NDArray[Any]]) -> str:
    """The name of a version to which tables were added: 16 hex digits over it and them."""
    digest = hashlib.sha256(version.encode())
    for name in sorted(tables):
        digest.update(
            f"{name} {tables[name].dtype.str} {tables[name].shape}".encode()
            + tables[name].tobytes()
        )
    return digest.hexdigest()[:16]
