"""Travel time without a road network: a range from the straight line, always called an estimate.

One table, estimate.json, serves the server, its kernels and the phone. It tells seconds at some
straight distances, expected, least and most, by mode; in between and beyond they grow in straight
lines. They grow with every metre, so that an order by estimated time is the order by distance. The
table is fitted to the times that a road network tells in a city (`make bench ARGS=estimate` prints
it and its errors): near by, one walks to a road and round the block, which far away hardly counts.
"""

import json
import pkgutil
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from geodata.vocabulary import Mode

#: Along a road: a person on foot, an e-bike at the 25 km/h limit (GB 17761) with junctions, a car
#: in town, a truck in town. Assumed; travel/rules.py says what roads by class are held to.
SPEED_M_S: Final = {Mode.WALK: 1.25, Mode.RIDE: 4.2, Mode.DRIVE: 6.0, Mode.TRUCK: 5.0}
#: Rows of what kernels read of a mode: its pieces, and then such as begin nowhere.
MOST_PIECES: Final = 16


class Eta(NamedTuple):
    """Seconds: expected, least, most."""

    eta_s: float
    least_s: float
    most_s: float


class _Piece(NamedTuple):
    """From one distance of the table to the next: seconds at 0, and for each metre."""

    base_s: float
    s_per_m: float
    least_base_s: float
    least_s_per_m: float
    most_base_s: float
    most_s_per_m: float


def table() -> dict[str, Any]:
    """The table as it stands in estimate.json, for the phone: `metres`, from 0, and by mode the
    seconds there, `[expected, least, most]`.
    """
    return cast("dict[str, Any]", _TABLE)


_TABLE: Final = json.loads(pkgutil.get_data("geodata", "estimate.json") or b"")
_METRES: Final[list[float]] = [float(metres) for metres in _TABLE["metres"]]
_SECONDS: Final[Mapping[Mode, list[list[float]]]] = {
    mode: [[float(each) for each in told] for told in _TABLE["seconds"][str(mode)]] for mode in Mode
}


def _pieces(mode: Mode) -> list[_Piece]:
    made = []
    for low, high in zip(range(len(_METRES) - 1), range(1, len(_METRES)), strict=True):
        line: list[float] = []
        for told in _SECONDS[mode]:
            slope = (told[high] - told[low]) / (_METRES[high] - _METRES[low])
            line += (told[low] - _METRES[low] * slope, slope)
        made.append(_Piece(*line))
    return made


_PIECES: Final = {mode: _pieces(mode) for mode in Mode}
#: Where all but the first piece begin.
_BEGINS: Final = _METRES[1:-1]


def _for_kernels(mode: Mode) -> NDArray[np.float64]:
    """(MOST_PIECES, 3): where a piece begins (inf: there is none), minutes at 0, and per metre."""
    pieces = np.full((MOST_PIECES, 3), np.inf)
    for row, (begin, piece) in enumerate(zip(_METRES[:-1], _PIECES[mode], strict=True)):
        pieces[row] = begin, piece.base_s / 60.0, piece.s_per_m / 60.0
    pieces.setflags(write=False)
    return pieces


#: By mode what kernels read, kept for ever: they come to it by its address (`way_at`).
_KERNELS_READ: Final = {mode: _for_kernels(mode) for mode in Mode}
_WAYS_AT: Final = {mode: int(pieces.ctypes.data) for mode, pieces in _KERNELS_READ.items()}


def way_at(mode: Mode) -> int:
    """Where the expected minutes of a mode lie in memory, for index.tree.way_min."""
    return _WAYS_AT[mode]


def eta(distance_m: float, mode: Mode) -> Eta:
    """The estimate for a straight distance in metres."""
    piece = _PIECES[mode][bisect_right(_BEGINS, distance_m)]
    base, per_m, least_base, least_per_m, most_base, most_per_m = piece
    return Eta(
        base + per_m * distance_m,
        least_base + least_per_m * distance_m,
        most_base + most_per_m * distance_m,
    )


def etas(distances_m: Sequence[float], mode: Mode) -> list[tuple[float, float, float]]:
    """The same for several distances, as plain tuples: a third of the cost of so many calls."""
    pieces, begins, found = _PIECES[mode], _BEGINS, []
    for metres in distances_m:
        base, per_m, least_base, least_per_m, most_base, most_per_m = pieces[
            bisect_right(begins, metres)
        ]
        found.append(
            (
                base + per_m * metres,
                least_base + least_per_m * metres,
                most_base + most_per_m * metres,
            )
        )
    return found


def eta_each(distance_m: NDArray[np.float64], mode: Mode) -> NDArray[np.int64]:
    """The expected whole seconds (halves up) for many distances, in their shape; 0 for nan."""
    metres, pieces = np.nan_to_num(distance_m), np.array(_PIECES[mode])
    which = np.searchsorted(_BEGINS, metres, side="right")
    seconds: NDArray[np.float64] = pieces[which, 0] + pieces[which, 1] * metres
    return np.floor(seconds + 0.5).astype(np.int64)


class Radius(NamedTuple):
    """Straight metres: expected, least, most."""

    expected_m: float
    least_m: float
    most_m: float


def radius(seconds: float, mode: Mode) -> Radius:
    """How far one gets in that time, by the same estimate: what `eta` tells, read backwards."""
    expected, least, most = (
        _metres(seconds, told, _PIECES[mode], 2 * column)
        for column, told in enumerate(_SECONDS[mode])
    )
    return Radius(expected, most, least)


def _metres(seconds: float, told: list[float], pieces: list[_Piece], column: int) -> float:
    piece = pieces[bisect_right(told[1:-1], seconds)]
    return (seconds - piece[column]) / piece[column + 1]
