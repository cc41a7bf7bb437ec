"""A row of a timeline beside two instants, against a look at each minute."""

import numpy as np
import pytest

from geodata.hours.timeline import State
from geodata.hours.touching import touched

#: Two rows: open from 60 to 120 and unknown to 180; open from 300 to 360.
OFFSETS = np.array([0, 2, 3], np.int32)
STARTS, ENDS = np.array([60, 120, 300], np.int32), np.array([120, 180, 360], np.int32)
STATES = np.array([State.OPEN, State.UNKNOWN, State.OPEN], np.uint8)


@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize("state", [State.OPEN, State.UNKNOWN])
def test_a_row_is_in_a_state_at_some_instant_or_at_none(row: int, state: State) -> None:
    found = set()
    for first in range(0, 400, 20):
        for last in range(first, 400, 20):
            slow = any(
                STARTS[at] <= minute < ENDS[at] and STATES[at] == state
                for at in range(OFFSETS[row], OFFSETS[row + 1])
                for minute in range(first, last + 1)
            )
            told = touched(
                OFFSETS, STARTS, ENDS, STATES, row, float(first), float(last), int(state)
            )
            assert told == slow, (first, last)
            found.add(slow)
    assert found == ({True, False} if row == 0 or state is State.OPEN else {False})
