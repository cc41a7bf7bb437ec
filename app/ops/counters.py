"""What all workers of a server have answered, in memory that they share.

Each worker counts in a region of its own, which it holds by a lock of the kernel's. When it dies,
however it dies, the kernel lets go of the region and the worker that comes after it goes on
counting there: nothing that was counted is lost, and nothing grows with the dead.
"""

import fcntl
import mmap
import os
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Upper bounds of the classes of a histogram of seconds; the last class has none.
BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
#: 1xx to 5xx.
STATUS_CLASSES: Final = 5
#: Routes and reasons that are told apart; what comes beyond is counted as the last of them.
MOST_ROUTES: Final = 384
MOST_PROBLEMS: Final = 128

#: Of a region: who counts in it, and when that worker last heard what riders say (Unix seconds).
_PID, _HEARD = 0, 1
_HEAD: Final = 8
_STATUSES: Final = _HEAD
_CLASSES: Final = _STATUSES + MOST_ROUTES * STATUS_CLASSES
_WIDTH: Final = len(BOUNDS_S) + 1
_SPENT_US: Final = _CLASSES + MOST_ROUTES * _WIDTH
_PROBLEMS: Final = _SPENT_US + MOST_ROUTES
_SIZE: Final = _PROBLEMS + MOST_PROBLEMS
_BYTES: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What was counted by all workers together."""

    statuses: NDArray[np.uint64]
    """Answers, shape (MOST_ROUTES, STATUS_CLASSES)."""
    classes: NDArray[np.uint64]
    """Answers by how long they took, shape (MOST_ROUTES, len(BOUNDS_S) + 1)."""
    spent_s: NDArray[np.float64]
    """Seconds spent on them, shape (MOST_ROUTES,)."""
    problems: NDArray[np.uint64]
    """Refusals, shape (MOST_PROBLEMS,)."""
    workers: int
    """How many workers live."""
    heard_at: tuple[int, ...]
    """When each of them last heard what riders say, Unix seconds; without those that never did."""


class Regions:
    """Memory for the counters of so many workers, made before they are forked."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._file = _anonymous_file(count * _SIZE * _BYTES)
        self._memory = mmap.mmap(self._file, count * _SIZE * _BYTES)

    def claim(self) -> memoryview:
        """A region that no living process counts in, for as long as this process lives.

        Where none is free (more workers than were announced) a region of this process alone.
        """
        for at in range(self.count):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at)
            except OSError:
                continue
            whole = memoryview(self._memory).cast("Q")
            return whole[at * _SIZE : (at + 1) * _SIZE]
        return memoryview(bytearray(_SIZE * _BYTES)).cast("Q")

    def all(self) -> NDArray[np.uint64]:
        """All regions, shape (count, counters of a region)."""
        return np.frombuffer(self._memory, np.uint64).reshape(self.count, _SIZE)


def _anonymous_file(size: int) -> int:
    """A file without a name, which is gone with the last process that holds it."""
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("nuanfeng-counters")
    else:
        with tempfile.TemporaryFile() as named:
            file = os.dup(named.fileno())
    os.ftruncate(file, size)
    return file


@dataclass(slots=True)
class _Shared:
    """What a server's first process makes for its workers; None: each counts for itself."""

    regions: Regions | None = None


_SHARED: Final = _Shared()


def share(workers: int) -> None:
    """Have workers that are forked from now on count together. Twice as many regions as workers:
    one may be starting while the one that it replaces is still finishing.
    """
    _SHARED.regions = Regions(2 * workers)


@dataclass(slots=True, eq=False)
class Counters:
    """The counters of one worker; threads share it."""

    routes: Sequence[str]
    """What is answered, sorted: the same in all workers."""
    problems: Sequence[str]
    """Why something is refused: the same in all workers."""
    _regions: Regions | None = field(default_factory=lambda: _SHARED.regions)
    _region: memoryview = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _route_at: dict[str, int] = field(init=False)
    _problem_at: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._region = (
            self._regions.claim()
            if self._regions
            else memoryview(bytearray(_SIZE * _BYTES)).cast("Q")
        )
        self._region[_PID] = os.getpid()
        self._region[_HEARD] = 0
        self._route_at = {name: at for at, name in enumerate(self.routes)}
        self._problem_at = {name: at for at, name in enumerate(self.problems)}

    def count(self, route: str, status: int, took_s: float, problem: str = "") -> None:
        """Count an answer."""
        region = self._region
        at = self._route_at.get(route, MOST_ROUTES - 1)
        state = _STATUSES + at * STATUS_CLASSES + min(max(status // 100, 1), STATUS_CLASSES) - 1
        kind = _CLASSES + at * _WIDTH + bisect_left(BOUNDS_S, took_s)
        with self._lock:
            region[state] += 1
            region[kind] += 1
            region[_SPENT_US + at] += int(took_s * 1e6)
            if problem:
                region[_PROBLEMS + self._problem_at.get(problem, MOST_PROBLEMS - 1)] += 1

    def heard(self) -> None:
        """Note that this worker has just heard what riders say."""
        self._region[_HEARD] = int(time.time())

    def counted(self) -> Counted:
        """What all workers counted up to now."""
        held = self._regions.all() if self._regions else np.array([self._region], np.uint64)
        alive = [row for row in held if _lives(int(row[_PID]))]
        sums = held.sum(0, dtype=np.uint64)
        return Counted(
            sums[_STATUSES:_CLASSES].reshape(MOST_ROUTES, STATUS_CLASSES),
            sums[_CLASSES:_SPENT_US].reshape(MOST_ROUTES, _WIDTH),
            sums[_SPENT_US:_PROBLEMS] / 1e6,
            sums[_PROBLEMS:],
            len(alive),
            tuple(int(row[_HEARD]) for row in alive if row[_HEARD]),
        )


def _lives(pid: int) -> bool:
    """Whether a process lives; 0 is none."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return pid > 0
