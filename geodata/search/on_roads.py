"""A snapshot's places on a road network: what a question by time needs besides the snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from geodata.snapshot.memo import Memo
from geodata.snapshot.snapshot import Snapshot
from geodata.travel.fastest import Expansion
from geodata.travel.network import Network
from geodata.travel.snap import SnappedPlaces
from geodata.vocabulary import Mode

#: What is laid over a snapshot where hours count, and where they do not.
_CHANGED: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class RoadAccess:
    """A road network with the places of one snapshot standing on it."""

    network: Network
    expansions: Mapping[Mode, Expansion]
    memo: Memo = field(init=False, repr=False, default_factory=Memo)
    """What rooms above worked out from both."""

    @classmethod
    def under(
        cls, snapshot: Snapshot, network: Network, stops: Mapping[Mode, SnappedPlaces]
    ) -> "RoadAccess":
        """Join a snapshot, a network, and where the one stands on the other (store/stops.py) for
        some modes.
        """
        places = snapshot.index.places
        ways = {
            mode: Expansion.over(network.graphs[mode], each, places) for mode, each in stops.items()
        }
        return cls(network, ways)

    def changed(self, snapshot: Snapshot) -> "RoadAccess":
        """The same over other words and links of the same places; kept, for it is asked again."""
        return self.memo.get(
            RoadAccess.changed, snapshot, partial(self._changed, snapshot), most=_CHANGED
        )

    def _changed(self, snapshot: Snapshot) -> "RoadAccess":
        places = snapshot.index.places
        ways = {mode: each.changed(places) for mode, each in self.expansions.items()}
        return RoadAccess(self.network, ways)
