"""The base map beneath the places: which version of it is served.

One that is missing or damaged stops nothing: the map shows outlines and names then.
"""

import logging
import time
from threading import Lock
from typing import Final

from geodata.errors import NoDataset, StoreError
from geodata.ground.ground import Ground
from geodata.store.files import BaseMapStore

#: How often a worker looks whether another base map has been published.
LOOK_EVERY_S: Final = 1.0

_log = logging.getLogger(__name__)


class LiveGround:
    """The current version of a base map, and the one before for pages that were loaded with it.

    One that cannot be read leaves the last good one answering.
    """

    def __init__(self, store: BaseMapStore | None) -> None:
        self.store = store
        self._served: tuple[Ground, ...] = ()
        self._look_at = 0.0
        self._looking = Lock()

    def current(self) -> Ground | None:
        """The base map that answers; None: there is none."""
        now = time.monotonic()
        if self.store and now >= self._look_at:
            with self._looking:
                if now >= self._look_at:
                    self._follow(self.store)
                    self._look_at = now + LOOK_EVERY_S
        return self._served[0] if self._served else None

    def version(self, version: str) -> Ground | None:
        """The base map of an address that names its version; None: it is not served."""
        self.current()
        return next((ground for ground in self._served if ground.version == version), None)

    def _follow(self, store: BaseMapStore) -> None:
        """Serve what is published, if it is another."""
        try:
            pointer = store.pointer()
            if not self._served or self._served[0].version != pointer.version:
                self._served = (store.load(pointer), *self._served[:1])
        except NoDataset:
            self._served = ()
        except StoreError as fault:
            _log.warning("base map: %s", str(fault))
