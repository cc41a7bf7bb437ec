"""Datasets, road networks and base maps as folders, and how each is mapped into memory.

How they are published says publishing.py.

    {home}/datasets/{name}/CURRENT, PREVIOUS  which version answers, and which answered before
                           versions/{version}/manifest.json, places.parquet, records.bin,
                           arrays/*.npy, …
                           receipts/{version}.json   when and by whom it was published
                           layers.jsonl   who sent which layer, and when
    {home}/networks/{name}/…                  the same, without blobs
    {home}/grounds/{name}/…                   the same, one blob: ground.pmtiles

Asks no questions.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from numpy.typing import NDArray

from geodata.errors import DamagedDataset, Said
from geodata.ground import ground
from geodata.ground.ground import Built, Ground, GroundAbout
from geodata.snapshot.snapshot import FORMAT, DatasetAbout, Snapshot
from geodata.store import sent
from geodata.store.disk import bytes_of, refusing
from geodata.store.former import gone_after, named_by
from geodata.store.history import Stamp
from geodata.store.publishing import Published
from geodata.store.sent import Sent
from geodata.store.versions import CURRENT, PREVIOUS, Kept, Manifest, Pointer, Seen, unmixed
from geodata.travel import network
from geodata.travel.network import Network
from geodata.vocabulary import Mode

__all__ = [
    "CURRENT",
    "PREVIOUS",
    "BaseMapStore",
    "Dataset",
    "Kept",
    "Manifest",
    "Pointer",
    "RoadNetwork",
    "Seen",
    "datasets",
    "grounds",
    "networks",
]


class Dataset(Published[DatasetAbout]):
    """One named dataset under a home folder."""

    __slots__ = ()
    room = "datasets"
    what = "dataset"
    format = FORMAT
    manifest_type = Manifest[DatasetAbout]
    keep = 10
    way_out = "`nuanfeng rollback --dataset {name}` goes back to the last whole version"

    def load(self, pointer: Pointer | None = None) -> Snapshot:
        """Map a version into memory, the current one by default.

        Sizes are checked, contents by `verify`.
        """
        at = pointer or self.pointer()
        manifest, arrays = self._arrays(at)
        records = bytes_of(self._version_folder(at.version) / "records.bin")
        return Snapshot.assemble(at.version, manifest.about, arrays, records)

    def sent(self) -> tuple[Sent, ...]:
        """Who sent which layer, and when, the oldest first."""
        return sent.read(self.folder / sent.SENT)

    def publish_layer(
        self,
        version: str,
        about: DatasetAbout,
        arrays: Mapping[str, NDArray[Any]],
        blobs: Mapping[str, bytes],
        seen: Seen,
        entry: Sent,
    ) -> Pointer:
        """Publish a version in which one layer is another, and write down who sent it.

        The entry gets the version's name. Raises as `publish` does.
        """
        with self._publishing():
            self._require(seen)
            pointer = self._publish(version, about, arrays, blobs, Stamp(entry.at, entry.by))
            told = msgspec.structs.replace(entry, version=pointer.version)
            sent.add(self.folder / sent.SENT, [told])
            return pointer

    def add_sent(self, entries: Iterable[Sent]) -> None:
        """Write down who sent layers elsewhere.

        Raises PublishRefused where another publisher is at work, or the disk refuses.
        """
        with refusing("who sent which layer could not be written down: {why}"), self._locked():
            sent.add(self.folder / sent.SENT, entries)

    def _completed(
        self,
        before: Pointer | None,
        version: str,
        arrays: Mapping[str, NDArray[Any]],
        stamp: Stamp,
        /,
    ) -> tuple[str, Mapping[str, NDArray[Any]]]:
        """The places that versions before it had, or told as gone, and that it lacks."""
        followed = [
            self.load(pointer) for pointer in (before, *self._gone_back_from(before)) if pointer
        ]
        tables = gone_after(followed, arrays["ids"], stamp).to_arrays()
        if not len(tables["gone_ids"]):
            return version, arrays
        return named_by(version, tables), {**arrays, **tables}

    def _summary(self, about: DatasetAbout, /) -> dict[str, Any]:
        return {
            "places": sum(about.counts.values()),
            "synthetic": about.synthetic,
            "source": about.source,
            "data_date": about.data_date,
            "layers": len(about.layers),
        }

    def _same_nature(self, about: DatasetAbout) -> None:
        unmixed(self.name, self._nature(), about.synthetic)


class RoadNetwork(Published[network.NetworkAbout]):
    """One named road network under a home folder."""

    __slots__ = ()
    room = "networks"
    what = "network"
    format = network.FORMAT
    manifest_type = Manifest[network.NetworkAbout]
    keep = 2
    way_out = "`nuanfeng network build --network {name}` makes it anew"

    def load(self, pointer: Pointer | None = None) -> Network:
        """Map a version into memory, the current one by default.

        Sizes are checked, contents by `verify`.
        """
        at = pointer or self.pointer()
        manifest, arrays = self._arrays(at)
        return Network.assemble(at.version, manifest.about, arrays)

    def _summary(self, about: network.NetworkAbout, /) -> dict[str, Any]:
        return {
            "road_km": about.sizes[Mode.WALK].road_km if about.sizes else 0.0,
            "source": about.file,
            "data_date": about.data_timestamp,
        }


class BaseMapStore(Published[GroundAbout]):
    """One named base map under a home folder."""

    __slots__ = ()
    room = "grounds"
    what = "ground"
    format = ground.FORMAT
    manifest_type = Manifest[GroundAbout]
    keep = 2
    way_out = "`nuanfeng ground build --ground {name}` makes it anew"

    def load(self, pointer: Pointer | None = None) -> Ground:
        """Map a version into memory, the current one by default.

        Sizes are checked, contents by `verify`.
        """
        at = pointer or self.pointer()
        manifest, _ = self._arrays(at)
        path = self._version_folder(at.version) / ground.TILES
        try:
            return Ground.assemble(at.version, manifest.about, bytes_of(path))
        except (OSError, DamagedDataset) as fault:
            raise self._damage(Said("{file} is damaged: {why}", file=path, why=fault)) from fault

    def publish_built(self, built: Built) -> Pointer:
        """Publish a base map that was just made. Raises as `publish` does."""
        return self.publish(built.version, built.about, {}, {ground.TILES: built.body})

    def _summary(self, about: GroundAbout, /) -> dict[str, Any]:
        return {
            "tiles": about.tiles,
            "bytes": about.bytes,
            "source": about.file,
            "data_date": about.data_timestamp,
        }


def datasets(home: Path) -> tuple[str, ...]:
    """Names of the datasets that have a current version, sorted."""
    return _named(home, Dataset.room)


def networks(home: Path) -> tuple[str, ...]:
    """Names of the road networks that have a current version, sorted."""
    return _named(home, RoadNetwork.room)


def grounds(home: Path) -> tuple[str, ...]:
    """Names of the base maps that have a current version, sorted."""
    return _named(home, BaseMapStore.room)


def _named(home: Path, room: str) -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in (home / room).glob(f"*/{CURRENT}")))
