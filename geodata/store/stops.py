"""Where the places of a dataset stand on a road network: put there once per pair of versions, then
mapped by all.

    {home}/cache/stops/{dataset}/{network}/{mode}/{dataset version}-{network version}/*.npy

A cache: whatever is missing or does not fit is made anew, and a disk that refuses costs time, never
an answer.
"""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from geodata.errors import PublishRefused, StoreError
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.space.tangent import out_of_tangent
from geodata.store.disk import alone, mapped
from geodata.store.files import RoadNetwork
from geodata.store.writing import UNFINISHED
from geodata.travel.network import Network, NetworkAbout
from geodata.travel.snap import SnappedPlaces
from geodata.vocabulary import Mode

#: The current pair of versions and the one before, which is still served for a while.
_KEEP: Final = 2


@dataclass(frozen=True, slots=True)
class Paved:
    """A version of a stored network by its name: a plain value, which any process that sees the
    folder can load.
    """

    store: RoadNetwork
    version: str

    @classmethod
    def of(cls, store: RoadNetwork) -> "Paved":
        """The current version. Raises NoDataset or DamagedDataset."""
        return cls(store, store.pointer().version)

    def about(self) -> NetworkAbout:
        """Where it comes from. Raises StoreError."""
        return self.store.manifest(self.store.find(self.version)).about

    def load(self) -> Network:
        """The network itself, mapped. Raises StoreError."""
        return self.store.load(self.store.find(self.version))

    def under(self, snapshot: Snapshot, modes: Iterable[Mode]) -> RoadAccess:
        """The network with a snapshot's places on it, for some modes. Raises StoreError."""
        return under(self.store, snapshot, self.load(), modes)


def under(
    store: RoadNetwork, snapshot: Snapshot, network: Network, modes: Iterable[Mode]
) -> RoadAccess:
    """A network of a store with a snapshot's places on it, for some modes."""
    return RoadAccess.under(
        snapshot, network, {mode: stops(store.home, snapshot, network, mode) for mode in modes}
    )


def stops(home: Path, snapshot: Snapshot, network: Network, mode: Mode) -> SnappedPlaces:
    """The places of a snapshot on a network's graph, from the cache or made and put there."""
    shelf = home / "cache" / "stops" / snapshot.about.dataset / network.about.network / mode
    folder = shelf / f"{snapshot.version}-{network.version}"
    known = _cached(folder, len(snapshot), network.graphs[mode].edges)
    if known is None:
        known = place(snapshot, network, mode)
        with suppress(OSError, PublishRefused):
            _keep(folder, known)
    return known


def place(snapshot: Snapshot, network: Network, mode: Mode) -> SnappedPlaces:
    """The places of a snapshot put onto a network's graph; a street at each of its vertices."""
    index = snapshot.index
    points = snapshot.lonlat[: snapshot.first_line]
    vertices = np.array(
        [out_of_tangent(vertex, index.tangent) for vertex in index.vertices]
    ).reshape(-1, 2)
    lines = np.repeat(np.arange(len(index.starts) - 1), np.diff(index.starts))
    rows = np.concatenate([np.arange(len(points)), len(points) + lines]).astype(np.int32)
    lonlat = np.concatenate([points, vertices])
    made = SnappedPlaces.of(network.graphs[mode], lonlat, rows, len(snapshot))
    if mode is Mode.WALK or not len(made.beyond):
        return made
    # On foot one gets nearly everywhere: where there are paths the extract does reach.
    its = np.isin(rows, made.beyond)
    on_foot = SnappedPlaces.of(network.graphs[Mode.WALK], lonlat[its], rows[its], len(snapshot))
    return replace(made, beyond=np.intersect1d(made.beyond, on_foot.beyond))


def _cached(folder: Path, places: int, edges: int) -> SnappedPlaces | None:
    try:
        known = SnappedPlaces.from_arrays(
            {path.stem: mapped(path) for path in folder.glob("*.npy")}
        )
    except (KeyError, StoreError, OSError):
        return None
    return known if len(known.row_off_m) == places and len(known.first) == edges + 1 else None


def _keep(folder: Path, made: SnappedPlaces) -> None:
    """Write it for all workers, one of them at a time.

    Raises PublishRefused where another process or thread is writing there.
    """
    shelf = folder.parent
    shelf.mkdir(parents=True, exist_ok=True)
    with alone(shelf, f"the cache {shelf}"):
        aside = shelf / UNFINISHED
        shutil.rmtree(aside, ignore_errors=True)  # of one who was killed
        aside.mkdir()
        try:
            for name, array in made.to_arrays().items():
                np.save(aside / f"{name}.npy", array, allow_pickle=False)
            if folder.exists():  # it did not fit, or another worker was quicker
                shutil.rmtree(folder)
            aside.rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        kept = sorted(shelf.glob("[!.]*"), key=lambda each: each.stat().st_mtime)
        for stale in kept[:-_KEEP]:
            shutil.rmtree(stale, ignore_errors=True)
