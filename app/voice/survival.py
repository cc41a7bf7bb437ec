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

    `durations` and `observed` have shape (n,); what is not observed was still waiting then. Gives
    the times, ascending, and the share after each. Of equal durations those observed come first, as
    Kaplan and Meier have it.
    """
    times, ended = np.unique(durations[observed], return_counts=True)
    at_risk = len(durations) - np.searchsorted(np.sort(durations), times, "left")
    return times, np.cumprod(1 - ended / at_risk, dtype=np.float64)


def quantile(
    durations: NDArray[np.float64], observed: NDArray[np.bool_], share: float
) -> Quantile | None:
    """By when this share has come to its end; None: there is nothing to tell of."""
    if not len(durations):
        return None
    times, left = survival(durations, observed)
    enough = np.flatnonzero(left <= 1 - share + _ROUNDING)
    if len(enough):
        return Quantile(float(times[enough[0]]), is_reached=True)
    return Quantile(float(durations.max()), is_reached=False)
