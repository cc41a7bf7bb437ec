"""The base map of a city: its tiles, and where they come from.

Built once, never changed.
"""

import mmap
from dataclasses import dataclass
from typing import Final

import msgspec

from geodata.ground.archive import Archive

#: Number of the stored format; another is refused, never guessed at.
FORMAT: Final = 1
LICENCE: Final = "© OpenStreetMap contributors, ODbL 1.0"
#: The stored file.
TILES: Final = "ground.pmtiles"


class GroundAbout(msgspec.Struct, frozen=True):
    """Where a base map comes from; stands in the manifest and is part of the version."""

    ground: str
    file: str
    sha256: str
    """Of the extract that was read."""
    data_timestamp: str | None
    """Of the OpenStreetMap data, as the extract states it; None: it does not."""
    licence: str
    bounds: tuple[float, float, float, float]
    """west, south, east, north of what is drawn, WGS-84 degrees."""
    zooms: tuple[int, int]
    """Of the first and the last tiles, of 512 pixels each."""
    tiles: int
    bytes: int
    """Of the archive."""
    largest_tile: int
    """Bytes of it, gzipped."""
    things: dict[str, int]
    """How many are drawn, by layer."""
    is_coast_closed: bool
    """False: coastlines are not closed in the extract, so all is drawn as land."""
    tool: str
    """Who cut the tiles."""
    thinned_tiles: int = 0
    """Those that would have weighed too much (fitting.py): what tells least is not in them."""
    things_dropped: int = 0
    """How often a thing is not in a tile for its weight."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A base map that is ready to be asked for its tiles."""

    version: str
    about: GroundAbout
    archive: Archive

    @classmethod
    def assemble(cls, version: str, about: GroundAbout, data: bytes | mmap.mmap) -> "Ground":
        """From the stored file, mapped or just made. Raises DamagedDataset."""
        return cls(version, about, Archive(data))


@dataclass(frozen=True, slots=True)
class Built:
    """A base map as it is published."""

    version: str
    about: GroundAbout
    body: bytes
    """The archive."""
