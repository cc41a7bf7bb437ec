"""Whose turn it is to compute: dear questions take turns, so that cheap ones find a processor free;
cheap ones, so that a hundred threads do not fight for one interpreter.

A turn is taken after the body of a request has come and given back before its reply is sent:
nobody holds one by sending or reading slowly.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from enum import Enum, auto
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Final

#: Dear questions that one process computes at once. Python computes one at a time; the second runs
#: in a kernel, which needs no interpreter. A third would only make every cheap one wait for longer.
MOST_COMPUTING: Final = 2
#: Whoever would wait for a turn for longer is told at once to come back: a rider has given up by
#: then, and what is computed for him keeps others from an answer.
MOST_WAITING_S: Final = 3.0
#: Cheap questions that one process answers at once: of a thread that waits for its turn the
#: interpreter hears nothing, one that waits for the interpreter asks for it 200 times a second.
MOST_ANSWERING: Final = 2
#: A cheap question that would wait for its turn for longer is told to come back; one that waits for
#: twice as long all the same, behind two that stand still, goes on without one.
MOST_QUEUED_S: Final = 0.2
#: A quick turn that took longer waited for something, and says nothing of the others.
_MOST_COUNTED_S: Final = 0.04
#: What a turn takes is the mean of the last twenty or so.
_SHARE_OF_LAST: Final = 0.05


class Turns:
    """So many compute at once; the next waits. Told by how long turns take, how long that will be.

    A context manager that any thread may enter; it is not entered twice by one.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._most, self._free = most, threading.BoundedSemaphore(most)
        self._counting, self._waiting, self._mean_s = threading.Lock(), 0, 0.0
        self._mine = threading.local()

    def __enter__(self) -> None:
        """Wait for a turn."""
        with self._counting:
            self._waiting += 1
        try:
            self._free.acquire()
        finally:
            with self._counting:
                self._waiting -= 1
        self._mine.since_s = self._clock()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _fault: BaseException | None,
        _where: TracebackType | None,
    ) -> None:
        """Give it back."""
        took_s = self._clock() - self._mine.since_s
        self._free.release()
        with self._counting:
            self._mean_s += _SHARE_OF_LAST * (took_s - self._mean_s)

    @property
    def expected_s(self) -> float:
        """How long one who came now would wait; 0 while no more wait than compute."""
        ahead = self._waiting
        return ahead * self._mean_s / self._most if ahead > self._most else 0.0


class QuickTurn(Enum):
    """What one gets who asks for a quick turn."""

    TAKEN = auto()
    """A turn, to be given back."""
    WITHOUT = auto()
    """None, and it goes on all the same."""
    REFUSED = auto()
    """None: it would wait for too long."""


class QuickTurns:
    """The same for what takes a millisecond or two: a turn that is free costs a third of a
    microsecond, and nobody waits for long behind one that hangs.
    """

    def __init__(self, most: int) -> None:
        self._free: SimpleQueue[QuickTurn] = SimpleQueue()
        self._most = most
        for _ in range(most):
            self._free.put(QuickTurn.TAKEN)
        self._counting, self._waiting, self._mean_s = threading.Lock(), 0, 0.0

    def take(self) -> QuickTurn:
        """A turn, after a wait where others are before."""
        try:
            return self._free.get(block=False)
        except Empty:
            return self._wait()

    def give(self, took_s: float) -> None:
        """Give one back that was TAKEN."""
        self._free.put(QuickTurn.TAKEN)
        # Without a lock: one of two that come at once may be forgotten, and the mean is one still.
        self._mean_s += _SHARE_OF_LAST * (min(took_s, _MOST_COUNTED_S) - self._mean_s)

    def _wait(self) -> QuickTurn:
        if self._waiting * self._mean_s > MOST_QUEUED_S * self._most:
            return QuickTurn.REFUSED
        with self._counting:
            self._waiting += 1
        try:
            return self._free.get(timeout=2 * MOST_QUEUED_S)
        except Empty:
            return QuickTurn.WITHOUT
        finally:
            with self._counting:
                self._waiting -= 1


#: Of the process. Those who wait are as many as Limit lets in.
COMPUTING: Final = Turns(MOST_COMPUTING)


def each_in_turn(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a reply that is written while it is sent; writing one is a turn."""
    left = iter(pieces)
    while True:
        with COMPUTING:
            piece = next(left, None)
        if piece is None:
            return
        yield piece
