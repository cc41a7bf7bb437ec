"""The one thing that changes while the server runs: which snapshot answers. swap() is one
assignment.
"""

import logging
import time
from threading import Lock
from typing import Final

from app.live.roads import LiveRoads
from geodata.errors import NoDataset, NuanfengError, StoreError
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import Dataset, RoadNetwork

#: How often a worker looks whether another version has been published.
LOOK_EVERY_S: Final = 1.0
#: How long the version before the current one is still served to pages that were loaded with it.
PREVIOUS_FOR_S: Final = 600.0

_log = logging.getLogger(__name__)


class VersionGone(NuanfengError):
    """A version that is no longer served."""

    def __init__(self, version: str, current: str) -> None:
        super().__init__(
            "data version {version} is no longer served; the current one is {current}",
            version=version,
            current=current,
        )


class Live:
    """The current snapshot of one dataset.

    A version that cannot be read leaves the last good one answering.
    """

    def __init__(self, dataset: Dataset, network: RoadNetwork | None = None) -> None:
        self.dataset = dataset
        self.roads = LiveRoads(network)
        self._snapshot: Snapshot | None = None
        self._previous: tuple[Snapshot, float] | None = None
        self._look_at = 0.0
        self._beginning = Lock()

    def snapshot(self) -> Snapshot:
        """The snapshot to answer this request with; ask once per request.

        Raises StoreError where there is none yet.
        """
        now = time.monotonic()
        if self._snapshot is None:
            self._begin()
        elif now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            self._follow()
        if self._snapshot is None:
            raise NoDataset(f"dataset {self.dataset.name!r} has no version that can be read")
        return self._snapshot

    def version(self, version: str) -> Snapshot:
        """The snapshot of a URL that names its version: the current one, or the one before for a
        while.

        A version this worker has not met makes it look again first, for another worker may have.
        Raises VersionGone.
        """
        current = self.snapshot()
        if current.version != version:
            self._follow()
            current = self.snapshot()
        if current.version == version:
            return current
        if (
            self._previous
            and self._previous[0].version == version
            and time.monotonic() < self._previous[1]
        ):
            return self._previous[0]
        raise VersionGone(version[:16], current.version)

    def swap(self, snapshot: Snapshot) -> None:
        """Answer from another snapshot; requests under way finish with theirs."""
        if self._snapshot is not None:
            self._previous = (self._snapshot, time.monotonic() + PREVIOUS_FOR_S)
        self._snapshot = snapshot

    def _begin(self) -> None:
        """Of the first requests of a worker one loads, and the others wait for it: there is nothing
        else to answer.
        """
        with self._beginning:
            if self._snapshot is None:
                self._follow()

    def _follow(self) -> None:
        try:
            pointer = self.dataset.pointer()
            if self._snapshot is None or self._snapshot.version != pointer.version:
                self.swap(self.dataset.load(pointer))
        except StoreError as fault:
            _log.warning("keeping the last good data: %s", fault)
