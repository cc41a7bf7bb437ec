"""The made-up region that is measured is what it says: as many nodes, towns that are joined, the
same each time.
"""

from pathlib import Path

import pytest

from geodata.travel import network, osm
from geodata.vocabulary import Mode
from tests.benchmarks import region


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, region.Written]:
    path = tmp_path_factory.mktemp("region") / "region.osm.pbf"
    return path, region.write(path, 2)


def test_all_that_was_written_is_read_but_private_drives(
    written: tuple[Path, region.Written],
) -> None:
    path, told = written
    roads = osm.read(path, lambda _: None)
    assert osm.count_ways(path) == told.ways
    assert 0.98 * told.nodes < len(roads.lonlat) < told.nodes
    assert 0 < roads.unheeded < told.restrictions == 48
    assert roads.bans
    assert roads.stopped.any(axis=0).all()
    assert not list(path.parent.glob("*.opl"))


def test_every_mode_gets_from_town_to_town(written: tuple[Path, region.Written]) -> None:
    made = network.build(osm.read(written[0], lambda _: None), "region", lambda _: None)
    for mode in Mode:
        graph = made.graphs[mode]
        towns = {
            tuple(side)
            for side in (graph.vertices[graph.starts[:-1]][graph.heads[::2] >= 0, :2] > 0).tolist()
        }
        assert len(towns) == 4


def test_it_is_the_same_each_time(written: tuple[Path, region.Written], tmp_path: Path) -> None:
    assert region.write(tmp_path / "again.osm.pbf", 2) == written[1]
    assert (tmp_path / "again.osm.pbf").read_bytes() == written[0].read_bytes()
