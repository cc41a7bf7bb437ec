"""A road network: the graphs of all modes out of one extract, and where it comes from.

Built once, never changed.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.travel.graph import Graph
from geodata.travel.snap import Snapped, snap
from geodata.vocabulary import Mode

if TYPE_CHECKING:
    from geodata.travel.osm import OsmWays

#: Number of the stored format; another is refused, never guessed at.
FORMAT: Final = 3
LICENCE: Final = "© OpenStreetMap contributors, ODbL 1.0"
ENGINE: Final = "nuanfeng travel"


class Size(msgspec.Struct, frozen=True):
    """How large the graph of one mode is."""

    nodes: int
    edges: int
    road_km: float


class ModeCalibration(msgspec.Struct, frozen=True):
    """How the paces of one mode were fitted to trips, and what that changed.

    Errors are the median of |told / taken − 1| over trips that were held back.
    """

    trips: int
    """Fitted to."""
    held_back: int
    error_before: float
    error_after: float
    factors: dict[str, float]
    """Times are so much longer, by class of road (calibrate.RoadClass)."""


class Calibration(msgspec.Struct, frozen=True):
    """Whose trips the paces of a network are fitted to."""

    file: str
    first_day: str
    last_day: str
    seed: int
    """Of the draw of trips that were held back."""
    modes: dict[str, ModeCalibration]
    """Modes that are not here have the paces of rules.py."""

    def __str__(self) -> str:
        """In a few words, for people."""
        trips = sum(mode.trips + mode.held_back for mode in self.modes.values())
        told = ", ".join(
            f"{mode} {its.error_before:.0%} to {its.error_after:.0%}"
            for mode, its in self.modes.items()
        )
        days = f"{self.first_day} to {self.last_day}"
        return f"paces fitted to {trips:,} trips of {days} (error on those held back: {told})"


class NetworkAbout(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a network comes from; stands in the manifest and is part of the version."""

    network: str
    file: str
    sha256: str
    """Of the extract that was read."""
    data_timestamp: str | None
    """Of the OpenStreetMap data, as the extract states it; None: it does not."""
    licence: str
    bounds: tuple[float, float, float, float]
    """west, south, east, north of its roads."""
    sizes: dict[str, Size]
    """By mode."""
    unheeded_turns: int
    """Turn restrictions over a way, or with members that the extract lacks."""
    calibration: Calibration | None = None
    """None: paces are those of rules.py."""

    def __str__(self) -> str:
        """The engine and the date of the data, for people."""
        dated = f"of {self.data_timestamp}" if self.data_timestamp else "without a date"
        told = f"{ENGINE} over network {self.network}, OpenStreetMap data {dated}"
        return told if self.calibration is None else f"{told}, {self.calibration}"


@dataclass(frozen=True, slots=True)
class Network:
    """The graphs of every mode, and where they come from."""

    version: str
    about: NetworkAbout
    graphs: Mapping[Mode, Graph]

    @classmethod
    def assemble(
        cls, version: str, about: NetworkAbout, arrays: Mapping[str, NDArray[Any]]
    ) -> "Network":
        """From the arrays that `to_arrays` names, stored or just made."""
        return cls(version, about, {mode: Graph.from_arrays(arrays, f"{mode}_") for mode in Mode})

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Every array by name, its mode before it: what a store keeps."""
        graphs = self.graphs.items()
        return {
            f"{mode}_{name}": array
            for mode, graph in graphs
            for name, array in graph.to_arrays().items()
        }

    def where(self, lon: float, lat: float, mode: Mode) -> Snapped | None:
        """Where a WGS-84 point stands on the roads of a mode; None: nowhere."""
        spots = snap(self.graphs[mode], np.array([[lon, lat]]))
        return spots if spots.stands[0] else None


def build(roads: "OsmWays", name: str, progress: Callable[[int], None]) -> Network:
    """All graphs out of what was read; `progress` hears how many are made.

    Raises UnreadableFile.
    """
    from geodata.travel.build import graph, ground  # and with it scipy: no server needs it

    on = ground(roads)
    graphs = {}
    for done, mode in enumerate(Mode):
        progress(done)
        graphs[mode] = graph(roads, mode, on)
    progress(len(graphs))
    low, high = roads.lonlat.min(axis=0).tolist(), roads.lonlat.max(axis=0).tolist()
    about = NetworkAbout(
        name,
        roads.file,
        roads.sha256,
        roads.timestamp,
        LICENCE,
        (*low, *high),
        {str(mode): _size(graph) for mode, graph in graphs.items()},
        roads.unheeded,
    )
    return named(about, graphs)


def named(about: NetworkAbout, graphs: Mapping[Mode, Graph]) -> Network:
    """A network under the version that its contents give it."""
    return Network(_version(Network("", about, graphs)), about, graphs)


def _size(graph: Graph) -> Size:
    return Size(graph.nodes, graph.edges, round(float(graph.lengths_m.sum()) / 1000, 1))


def _version(network: Network) -> str:
    """16 hex digits over format, provenance and arrays."""
    digest = hashlib.sha256(msgspec.json.encode([FORMAT, network.about]))
    for name, array in sorted(network.to_arrays().items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]
