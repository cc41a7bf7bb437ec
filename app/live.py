"""The one thing that changes while the server runs: which snapshot answers. swap() is one assignment."""

import logging
import time
from typing import Final

from geodata.errors import NoDataset, StoreError
from geodata.snapshot import Snapshot
from geodata.store.files import Dataset

#: How often a worker looks whether another version has been published.
LOOK_EVERY_S: Final = 1.0

_log = logging.getLogger(__name__)


class Live:
    """The current snapshot of one dataset. A version that cannot be read leaves the last good one answering."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._snapshot: Snapshot | None = None
        self._look_at = 0.0

    def snapshot(self) -> Snapshot:
        """The snapshot to answer this request with; ask once per request. Raises StoreError where there is none yet."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            self._follow()
        if self._snapshot is None:
            raise NoDataset(f"dataset {self.dataset.name!r} has no version that can be read")
        return self._snapshot

    def swap(self, snapshot: Snapshot) -> None:
        """Answer from another snapshot; requests under way finish with theirs."""
        self._snapshot = snapshot

    def _follow(self) -> None:
        try:
            pointer = self.dataset.pointer()
            if self._snapshot is None or self._snapshot.version != pointer.version:
                self.swap(self.dataset.load(pointer))
        except StoreError as fault:
            _log.warning("keeping the last good data: %s", fault)
