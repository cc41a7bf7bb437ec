"""Travel time without a road network: a range from the straight line, always called an estimate.

Changes no order.

One table serves the server and the phone. The detour of 1.8 was measured at short range (1.7–2.0 in
Nanshan, against the 1.3 usually quoted for whole cities); 1.2 and 2.5 bound what was seen. Speeds
are those of a person on foot, an e-bike at the 25 km/h limit with junctions, a car in town, a truck
in town.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.vocabulary import Mode

#: Road metres per straight metre: expected, least, most.
DETOUR: Final = (1.8, 1.2, 2.5)
SPEED_M_S: Final = {Mode.WALK: 1.25, Mode.RIDE: 4.2, Mode.DRIVE: 6.0, Mode.TRUCK: 5.0}


class Eta(NamedTuple):
    """Seconds: expected, least, most."""

    eta_s: float
    least_s: float
    most_s: float


def eta(distance_m: float, mode: Mode) -> Eta:
    """The estimate for a straight distance in metres."""
    speed = SPEED_M_S[mode]
    expected, least, most = DETOUR
    return Eta(expected * distance_m / speed, least * distance_m / speed, most * distance_m / speed)


def etas(distances_m: Sequence[float], mode: Mode) -> list[tuple[float, float, float]]:
    """The same for several distances, as plain tuples: a third of the cost of so many calls."""
    speed = SPEED_M_S[mode]
    expected, least, most = DETOUR
    return [(expected * d / speed, least * d / speed, most * d / speed) for d in distances_m]


def eta_each(distance_m: NDArray[np.float64], mode: Mode) -> NDArray[np.int64]:
    """The expected whole seconds (halves up) for many distances, in their shape; 0 for nan."""
    return np.floor(np.nan_to_num(distance_m) * eta(1.0, mode).eta_s + 0.5).astype(np.int64)


class Radius(NamedTuple):
    """Straight metres: expected, least, most."""

    expected_m: float
    least_m: float
    most_m: float


def radius(seconds: float, mode: Mode) -> Radius:
    """How far one gets in that time, by the same estimate."""
    road_m = seconds * SPEED_M_S[mode]
    expected, least, most = DETOUR
    return Radius(road_m / expected, road_m / most, road_m / least)


def table() -> dict[str, Any]:
    """The estimate as plain values, for the phone."""
    return {
        "detour": list(DETOUR),
        "speed_m_s": {str(mode): speed for mode, speed in SPEED_M_S.items()},
    }
