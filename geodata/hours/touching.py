"""Whether a row of a timeline is in a state at some instant of a span: a kernel, for kernels."""

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import kernel


@kernel
def touched(
    offsets: NDArray[np.int32],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    states: NDArray[np.uint8],
    row: int,
    first_min: float,
    last_min: float,
    state: int,
) -> bool:
    """Whether a row of a timeline is in a state, open or unknown, at some instant from `first_min`
    to `last_min`. A kernel; called from kernels.
    """
    for each in range(offsets[row], offsets[row + 1]):
        if states[each] == state and starts[each] <= last_min and ends[each] > first_min:
            return True
    return False
