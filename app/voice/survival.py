"""How long things take when some of them are still waiting: the Kaplan–Meier estimate (1958).

Whoever still waits counts for as long as it has waited, and so does what ended in another way. A
mean over what is done says nothing of those that wait.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: What sums of floating point may be off by where a curve meets a share.
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Quantile:
    """By when a share has come to its end, in the unit of the durations."""

    value: float
    is_reached: bool
    """False: it takes longer than `value`, the longest of all durations."""


def survival(
    durations: NDArray[np.float64], observed: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The share that has not come to its end by each time at which one does.

    `durations` (none below 0) and `observed` have shape (n,); what is not observed was still
    waiting then. Gives the times, ascending, and the share after each. Of equal durations those
    observed come first, as Kaplan and Meier have it.
    """
    # As whole numbers the bits of floats from 0 on are in the same order. The last bit, 1e-16 of a
    # duration, makes room for whether it was observed, so that one plain sort orders both.
    keys = (durations.view(np.int64) & ~1) | ~observed
    keys.sort()
    at_risk = len(keys) - np.flatnonzero((keys & 1) == 0)
    left = np.cumprod(1 - 1 / at_risk, dtype=np.float64)  # of equal ones the last says it of all
    times = np.sort(durations[observed])
    last = np.append(times[1:] != times[:-1], np.ones(len(times[:1]), np.bool_))
    return times[last], left[last]


def quantiles(
    durations: NDArray[np.float64], observed: NDArray[np.bool_], shares: tuple[float, ...]
) -> tuple[Quantile | None, ...]:
    """By when each of these shares has come to its end; None: there is nothing to tell of."""
    if not len(durations):
        return (None,) * len(shares)
    times, left = survival(durations, observed)
    return tuple(_reached(durations, times, left, share) for share in shares)


def _reached(
    durations: NDArray[np.float64],
    times: NDArray[np.float64],
    left: NDArray[np.float64],
    share: float,
) -> Quantile:
    first = int(np.searchsorted(-left, share - 1 - _ROUNDING))  # `left` never rises
    if first < len(times):
        return Quantile(float(times[first]), is_reached=True)
    return Quantile(float(durations.max()), is_reached=False)
