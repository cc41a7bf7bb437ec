"""How fast a body must move, sent or received: a byte in 30 seconds, and 1 kB/s over a minute."""

from collections import deque
from typing import Final

#: Without a single byte for so long the other side is taken for gone.
STILL_S: Final = 30.0
#: What a body must keep up over a minute: a tenth of what GPRS, the slowest of phones, carries.
LEAST_BYTES_PER_S: Final = 1_000
OVER_S: Final = 60.0


class TransferPace:
    """How many bytes had moved by when, over the last minute. Instants ascend."""

    def __init__(self, at_s: float, moved: int) -> None:
        self._seen = deque([(at_s, moved)])

    def saw(self, at_s: float, moved: int) -> None:
        """Note that so many bytes have moved by now, counted from any beginning."""
        self._seen.append((at_s, moved))
        while self._seen[1][0] <= at_s - OVER_S:  # one that is a minute old is kept
            self._seen.popleft()

    @property
    def too_slow(self) -> bool:
        """Whether nothing has moved for STILL_S, or too little over a whole minute."""
        now, moved = self._seen[-1]
        began, before = self._seen[0]
        if now - began >= OVER_S and moved - before < LEAST_BYTES_PER_S * OVER_S:
            return True
        last_s = next((at for at, count in self._seen if count == moved), now)
        return now - last_s >= STILL_S
