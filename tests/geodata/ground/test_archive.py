"""PMTiles as they are written and found."""

import gzip
from pathlib import Path

import pytest

from geodata.errors import DamagedDataset
from geodata.ground.archive import Archive, write


def archive(path: Path, tiles: dict[tuple[int, int, int], bytes]) -> Archive:
    write(path, tiles.items(), (0, 0, 1, 1), {"name": "test"})
    return Archive(path.read_bytes())


def test_every_tile_is_found_and_no_other(tmp_path: Path) -> None:
    tiles = {(z, x, y): b"%d/%d/%d" % (z, x, y) for z in (8, 9) for x in range(9) for y in (2, 77)}
    found = archive(tmp_path / "a.pmtiles", tiles)
    assert found.zooms == (8, 9)
    assert {at: gzip.decompress(body) for at, body in found.tiles()} == tiles
    for (z, x, y), body in tiles.items():
        assert gzip.decompress(found.tile(z, x, y)) == body
        assert found.tile(z, x, y + 1) is None


def test_a_directory_of_many_leaves_finds_each(tmp_path: Path) -> None:
    tiles = {(12, x, y): b"%d %d" % (x, y) for x in range(0, 400, 2) for y in range(150)}
    found = archive(tmp_path / "a.pmtiles", tiles)
    for at in ((12, 0, 0), (12, 398, 149), (12, 200, 75)):
        assert gzip.decompress(found.tile(*at)) == tiles[at]
    assert found.tile(12, 1, 0) is None
    assert sum(1 for _ in found.tiles()) == len(tiles)


@pytest.mark.parametrize("at", [(-1, 0, 0), (8, -1, 0), (8, 256, 0), (8, 0, 256), (40, 0, 0)])
def test_what_is_no_tile_is_nothing(tmp_path: Path, at: tuple[int, int, int]) -> None:
    assert archive(tmp_path / "a.pmtiles", {(8, 1, 1): b"a"}).tile(*at) is None


def test_the_same_tiles_are_the_same_bytes(tmp_path: Path) -> None:
    tiles = {(8, 1, 1): b"a", (9, 2, 2): b"b"}
    write(tmp_path / "a", tiles.items(), (0, 0, 1, 1), {})
    write(tmp_path / "b", reversed(tiles.items()), (0, 0, 1, 1), {})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("body", [b"", b"PMTiles", b"x" * 500, b"PMTiles\x03" + b"\x00" * 200])
def test_bytes_that_are_no_archive_are_refused(body: bytes) -> None:
    with pytest.raises(DamagedDataset):
        Archive(body)
