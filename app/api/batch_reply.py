"""The reply of a batch, column by column: written in pieces while it is sent, so that no reply is
held whole.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.estimate import eta_each
from geodata.search.nearest import Many
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Mode

#: Points written at a time: some 100 kB.
_AT_ONCE: Final = 1_000


def pieces(snapshot: Snapshot, mode: Mode, found: Many) -> Iterator[bytes]:
    """A JSON object in pieces."""
    rows, metres = found.rows, found.metres
    about = {
        "dataVersion": snapshot.version,
        "synthetic": snapshot.about.synthetic,
        "timeStamp": found.minute_hours.at.isoformat(),
        "outside": np.flatnonzero(~found.inside).tolist(),
    }
    counts = (rows >= 0).sum(axis=1)
    yield msgspec.json.encode(about)[:-1] + b',"ids":['
    yield from _column(counts, lambda part: snapshot.ids_of(rows[part]).astype(str))
    yield b'],"distance_m":['
    yield from _column(counts, lambda part: metres[part].round(3))
    yield b'],"eta_s":['
    yield from _column(counts, lambda part: eta_each(metres[part], mode))
    yield b"]}"


def _column(counts: NDArray[np.int64], values: Callable[[slice], NDArray[Any]]) -> Iterator[bytes]:
    """The rows of one column, each as long as its point has places."""
    for first in range(0, len(counts), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        each = zip(values(part).tolist(), counts[part].tolist(), strict=True)
        yield (b"," if first else b"") + msgspec.json.encode([row[:count] for row, count in each])[
            1:-1
        ]
