"""The road network beside the data: which one answers, with the places of the snapshot standing on
it.

A network that is missing or damaged stops nothing: times are estimates then, and /readyz says
degraded.
"""

import logging
import time
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from geodata.errors import StoreError
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import RoadNetwork
from geodata.store.stops import under
from geodata.travel.network import Network
from geodata.vocabulary import Mode

#: How often a worker looks whether another network has been published.
LOOK_EVERY_S: Final = 1.0

_log = logging.getLogger(__name__)


class _Joins:
    """One network, and the snapshots whose places stand on it: each as long as it is served."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._roads: WeakKeyDictionary[Snapshot, RoadAccess] = WeakKeyDictionary()
        self._joining = Lock()

    def under(self, store: RoadNetwork, snapshot: Snapshot) -> RoadAccess:
        """The network with a snapshot's places on it.

        Of those who ask first one puts them there, which takes seconds, and the others wait.
        """
        roads = self._roads.get(snapshot)
        if roads is None:
            with self._joining:
                roads = self._roads.get(snapshot)
                if roads is None:
                    roads = self._roads[snapshot] = under(store, snapshot, self.network, Mode)
        return roads


class LiveRoads:
    """The current version of one network, or of none.

    One that cannot be read leaves the last good one answering.
    """

    def __init__(self, store: RoadNetwork | None) -> None:
        self.store = store
        self._joins: _Joins | None = None
        self._look_at = 0.0
        self._looked = False
        #: Held by the one thread that looks and changes `_joins`; reading takes no lock.
        self._changing = Lock()

    @property
    def degraded(self) -> bool:
        """Whether a network was asked for and none can be read."""
        return self.store is not None and self.network() is None

    def network(self) -> Network | None:
        """The network that answers."""
        joins = self._current()
        return None if joins is None else joins.network

    def under(self, snapshot: Snapshot) -> RoadAccess | None:
        """The network with the snapshot's places on it, for every mode; ask once per request."""
        joins = self._current()
        return None if joins is None or self.store is None else joins.under(self.store, snapshot)

    def _current(self) -> _Joins | None:
        if self.store is None:
            return None
        now = time.monotonic()
        # The first wait for whoever loads; later ones are answered from what is there.
        if now >= self._look_at and self._changing.acquire(blocking=not self._looked):
            try:
                if now >= self._look_at:
                    self._follow(self.store)
                    self._look_at = now + LOOK_EVERY_S
                    self._looked = True
            finally:
                self._changing.release()
        return self._joins

    def _follow(self, store: RoadNetwork) -> None:
        """Serve the network that is published, if it is another; `_changing` is held."""
        try:
            pointer = store.pointer()
            if self._joins is None or self._joins.network.version != pointer.version:
                self._joins = _Joins(store.load(pointer))
        except StoreError as fault:
            _log.warning("travel times: %s", str(fault))
