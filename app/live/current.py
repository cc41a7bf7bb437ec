"""Which version answers: the one thing that changes while the server runs."""

import logging
import time
from threading import Lock
from typing import Final, NamedTuple

from app.live.ground import LiveGround
from app.live.roads import LiveRoads
from geodata.errors import NoDataset, NuanfengError, StoreError
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import BaseMapStore, Dataset, RoadNetwork

#: How often a worker looks whether another version has been published.
LOOK_EVERY_S: Final = 1.0
#: How long the version before the current one is still served to pages that were loaded with it.
PREVIOUS_FOR_S: Final = 600.0

_log = logging.getLogger(__name__)


class VersionGone(NuanfengError):
    """A version that is no longer served."""

    def __init__(self, version: str, current: str) -> None:
        super().__init__(
            "Data version {version} is no longer served; the current one is {current}.",
            version=version,
            current=current,
        )


class _Served(NamedTuple):
    """What is served, in one value: a thread that reads it sees a change whole or not at all."""

    current: Snapshot | None = None
    previous: Snapshot | None = None
    previous_until: float = 0.0
    """On the monotonic clock, seconds."""


class Live:
    """The current snapshot of one dataset.

    A version that cannot be read leaves the last good one answering.
    """

    def __init__(
        self,
        dataset: Dataset,
        network: RoadNetwork | None = None,
        ground: BaseMapStore | None = None,
    ) -> None:
        self.dataset = dataset
        self.roads = LiveRoads(network)
        self.ground = LiveGround(ground)
        self._served = _Served()
        self._look_at = 0.0
        #: Held by the one thread that looks and changes `_served`; reading takes no lock.
        self._changing = Lock()

    def snapshot(self) -> Snapshot:
        """The snapshot to answer this request with; ask once per request.

        Raises StoreError where there is none yet.
        """
        now = time.monotonic()
        if self._served.current is None:
            self._begin()
        elif now >= self._look_at and self._changing.acquire(blocking=False):
            try:  # whoever comes meanwhile is answered from the version that is there
                self._look_at = now + LOOK_EVERY_S
                self._let_go(now)
                self._follow()
            finally:
                self._changing.release()
        current = self._served.current
        if current is None:
            raise NoDataset(
                "dataset {name!r} has no version that can be read", name=self.dataset.name
            )
        return current

    def version(self, version: str) -> Snapshot:
        """The snapshot of a URL that names its version: the current one, or the one before for a
        while.

        A version this worker has not met makes it look first, for another worker may have.
        Raises VersionGone.
        """
        current = self.snapshot()
        known = self._known(version)
        if known is None:
            with self._changing:
                known = self._known(version)  # by whoever held the lock before
                if known is None:
                    self._follow()
                    known = self._known(version)
        if known is None:
            raise VersionGone(version[:16], (self._served.current or current).version)
        return known

    def _known(self, version: str) -> Snapshot | None:
        """The version, if it is served."""
        served = self._served
        if served.current and served.current.version == version:
            return served.current
        if (
            served.previous
            and served.previous.version == version
            and time.monotonic() < served.previous_until
        ):
            return served.previous
        return None

    def _begin(self) -> None:
        """Of the first requests of a worker one loads, and the others wait for it: there is nothing
        else to answer.
        """
        with self._changing:
            if self._served.current is None:
                self._follow()

    def _follow(self) -> None:
        """Serve the version that is published, if it is another; `_changing` is held.

        Requests under way finish with theirs.
        """
        try:
            pointer = self.dataset.pointer()
            before = self._served
            if before.current is None or before.current.version != pointer.version:
                loaded = self.dataset.load(pointer)
                self._served = _Served(loaded, before.current, time.monotonic() + PREVIOUS_FOR_S)
                _forget(before.previous)
        except StoreError as fault:
            _log.warning("keeping the last good data: %s", str(fault))

    def _let_go(self, now: float) -> None:
        """Of the version before, when its time is over; `_changing` is held."""
        served = self._served
        if served.previous is not None and now >= served.previous_until:
            self._served = _Served(served.current)
            _forget(served.previous)


def _forget(snapshot: Snapshot | None) -> None:
    """What was worked out from it may point back to it: without that, it goes with its last
    request, and waits for no garbage collector.
    """
    if snapshot is not None:
        snapshot.memo.clear()
