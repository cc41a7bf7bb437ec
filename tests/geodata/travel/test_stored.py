"""Networks and stops on disk: what comes back is what was put there, and a cache that does not fit
is made anew.
"""

from pathlib import Path

import numpy as np
import pytest

from geodata.errors import DamagedDataset, NoDataset
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import RoadNetwork, networks
from geodata.store.stops import place, stops
from geodata.travel import network, osm
from geodata.travel.network import Network
from geodata.vocabulary import Mode
from tests import makers, town


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Network:
    file = town.by_the_river().write(tmp_path_factory.mktemp("town") / "town.osm")
    return network.build(osm.read(file, lambda _: None), "town", lambda _: None)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return makers.snapshot(town.random_places(2, 40, 900.0))


def published(home: Path, made: Network) -> RoadNetwork:
    store = RoadNetwork(home, "town")
    store.publish(made.version, made.about, made.to_arrays(), {})
    return store


def test_a_network_comes_back_as_it_was_and_mapped(built: Network, tmp_path: Path) -> None:
    store = published(tmp_path, built)
    assert networks(tmp_path) == ("town",)
    loaded = store.load()
    assert (loaded.version, loaded.about) == (built.version, built.about)
    for name, array in loaded.to_arrays().items():
        assert np.array_equal(array, built.to_arrays()[name])
        assert isinstance(array.base, np.memmap)
        assert not array.flags.writeable


def test_a_damaged_network_is_told_and_can_be_withdrawn(built: Network, tmp_path: Path) -> None:
    store = published(tmp_path, built)
    part = next(tmp_path.rglob("walk_vertices.npy"))
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedDataset, match="walk_vertices"):
        store.verify()
    store.withdraw()
    with pytest.raises(NoDataset, match="no network 'town'"):
        store.load()
    assert published(tmp_path, built).verify().version == built.version


@pytest.mark.parametrize("mode", list(Mode))
def test_stops_are_put_there_once_and_read_again(
    built: Network, snapshot: Snapshot, tmp_path: Path, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = stops(tmp_path, snapshot, built, mode)
    monkeypatch.setattr("geodata.store.stops.place", None)
    again = stops(tmp_path, snapshot, built, mode)
    for name, array in again.to_arrays().items():
        assert np.array_equal(array, first.to_arrays()[name], equal_nan=True)
        assert isinstance(array.base, np.memmap)


def test_torn_or_foreign_stops_are_made_anew(
    built: Network, snapshot: Snapshot, tmp_path: Path
) -> None:
    right = place(snapshot, built, Mode.WALK)
    stops(tmp_path, snapshot, built, Mode.WALK)
    for name, body in (("first", b""), ("row_off_m", b"torn")):
        next(tmp_path.rglob(f"{name}.npy")).write_bytes(body)
        assert np.array_equal(stops(tmp_path, snapshot, built, Mode.WALK).first, right.first)
    few = np.zeros(3)
    np.save(next(tmp_path.rglob("row_off_m.npy")), few)
    assert len(stops(tmp_path, snapshot, built, Mode.WALK).row_off_m) == len(snapshot)


def test_a_disk_that_refuses_costs_no_answer(
    built: Network, snapshot: Snapshot, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert len(stops(tmp_path, snapshot, built, Mode.WALK).row_off_m) == len(snapshot)
