"""A snapshot's places on a road network: what a question by time needs besides the snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass

from geodata.snapshot.snapshot import Snapshot
from geodata.travel.fastest import Expansion
from geodata.travel.network import Network
from geodata.travel.snap import Stops
from geodata.vocabulary import Mode


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """A road network with the places of one snapshot standing on it."""

    network: Network
    expansions: Mapping[Mode, Expansion]

    @classmethod
    def under(cls, snapshot: Snapshot, network: Network, stops: Mapping[Mode, Stops]) -> "Roads":
        """Join a snapshot, a network, and where the one stands on the other (store/stops.py) for
        some modes.
        """
        places = snapshot.index.places
        ways = {
            mode: Expansion.over(network.graphs[mode], each, places) for mode, each in stops.items()
        }
        return cls(network, ways)
