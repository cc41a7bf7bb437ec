"""The road network beside the data: which one answers, with the places of the snapshot standing on
it.

A network that is missing or damaged stops nothing: times are estimates then, and /readyz says
degraded.
"""

import logging
import time
from typing import Final

from geodata.errors import StoreError
from geodata.search.on_roads import Roads
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import RoadNetwork
from geodata.store.stops import under
from geodata.travel.network import Network
from geodata.vocabulary import Mode

#: How often a worker looks whether another network has been published.
LOOK_EVERY_S: Final = 1.0

_log = logging.getLogger(__name__)


class LiveRoads:
    """The current version of one network, or of none.

    One that cannot be read leaves the last good one answering.
    """

    def __init__(self, store: RoadNetwork | None) -> None:
        self.store = store
        self._network: Network | None = None
        self._joined: tuple[str, str, Roads] | None = None
        self._look_at = 0.0

    @property
    def degraded(self) -> bool:
        """Whether a network was asked for and none can be read."""
        return self.store is not None and self.network() is None

    def network(self) -> Network | None:
        """The network that answers."""
        now = time.monotonic()
        if self.store is not None and now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            self._follow(self.store)
        return self._network

    def under(self, snapshot: Snapshot) -> Roads | None:
        """The network with the snapshot's places on it, for every mode; ask once per request."""
        network = self.network()
        if network is None or self.store is None:
            return None
        if self._joined is None or self._joined[:2] != (snapshot.version, network.version):
            self._joined = (
                snapshot.version,
                network.version,
                under(self.store, snapshot, network, Mode),
            )
        return self._joined[2]

    def _follow(self, store: RoadNetwork) -> None:
        try:
            pointer = store.pointer()
            if self._network is None or self._network.version != pointer.version:
                self._network = store.load(pointer)
        except StoreError as fault:
            _log.warning("travel times: %s", fault)
