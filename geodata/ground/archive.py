"""A PMTiles archive (version 3): tiles in one file, found by a directory, never unpacked.

Tiles are gzipped Mapbox vector tiles, handed on as they are stored. Specification:
github.com/protomaps/PMTiles, spec/v3.
"""

import gzip
import mmap
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pmtiles.tile import (
    Compression,
    Entry,
    TileType,
    deserialize_directory,
    deserialize_header,
    find_tile,
    tileid_to_zxy,
    zxy_to_tileid,
)
from pmtiles.writer import Writer

from geodata.errors import DamagedDataset

Tile = tuple[int, int, int]
"""Zoom, column, row."""

_HEADER_BYTES: Final = 127
#: The root, and what it points to; the specification lets readers stop at four.
_DEEPEST: Final = 4
#: Directories below the root that stay read: 4,096 tiles each.
_KEPT_DIRECTORIES: Final = 64


class Archive:
    """The tiles of a mapped file."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        """Raises DamagedDataset where the bytes are no archive of gzipped vector tiles."""
        try:
            header = deserialize_header(data[:_HEADER_BYTES])
            self._root = deserialize_directory(
                data[header["root_offset"] : header["root_offset"] + header["root_length"]]
            )
        except Exception as fault:  # what the package raises of bytes that are none of its own
            raise DamagedDataset("no archive of tiles: {why}", why=repr(fault)[:80]) from fault
        if (header["tile_type"], header["tile_compression"]) != (TileType.MVT, Compression.GZIP):
            raise DamagedDataset(
                "no archive of tiles: {why}", why="its tiles are no gzipped vector tiles"
            )
        self._data = data
        self._tiles_at = header["tile_data_offset"]
        self._leaves_at = header["leaf_directory_offset"]
        self._leaf: Callable[[int, int], list[Entry]] = lru_cache(_KEPT_DIRECTORIES)(
            self._read_leaf
        )
        self.zooms = (header["min_zoom"], header["max_zoom"])

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        """A tile as it is stored, gzipped; None where it holds nothing, or there is no such."""
        if not (0 <= zoom <= self.zooms[1] and 0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
            return None
        number = zxy_to_tileid(zoom, x, y)
        entries = self._root
        for _ in range(_DEEPEST):
            found = find_tile(entries, number)
            if found is None:
                return None
            if found.run_length:
                return self._bytes(self._tiles_at + found.offset, found.length)
            entries = self._leaf(found.offset, found.length)
        return None

    def tiles(self) -> Iterable[tuple[Tile, bytes]]:
        """All tiles, in the order of the archive."""
        return self._below(self._root)

    def _below(self, entries: list[Entry]) -> Iterable[tuple[Tile, bytes]]:
        for entry in entries:
            if entry.run_length == 0:
                yield from self._below(self._leaf(entry.offset, entry.length))
            for number in range(entry.tile_id, entry.tile_id + entry.run_length):
                body = self._bytes(self._tiles_at + entry.offset, entry.length)
                yield tileid_to_zxy(number), body

    def _read_leaf(self, offset: int, length: int) -> list[Entry]:
        return deserialize_directory(self._bytes(self._leaves_at + offset, length))

    def _bytes(self, offset: int, length: int) -> bytes:
        return bytes(self._data[offset : offset + length])


def write(
    path: Path,
    tiles: Iterable[tuple[Tile, bytes]],
    bounds: tuple[float, float, float, float],
    metadata: dict[str, Any],
) -> None:
    """Write plain vector tiles as an archive, gzipped, always the same bytes of the same tiles.

    `bounds` are west, south, east, north in degrees. Raises OSError as the disk refuses.
    """
    numbered = sorted((zxy_to_tileid(*tile), body) for tile, body in tiles)
    west, south, east, north = (round(degrees * 1e7) for degrees in bounds)
    with path.open("wb") as out:
        writer = Writer(out)
        for number, body in numbered:
            writer.write_tile(number, gzip.compress(body, 9, mtime=0))
        writer.finalize(
            {
                "tile_type": TileType.MVT,
                "tile_compression": Compression.GZIP,
                "min_lon_e7": west,
                "min_lat_e7": south,
                "max_lon_e7": east,
                "max_lat_e7": north,
            },
            metadata,
        )
