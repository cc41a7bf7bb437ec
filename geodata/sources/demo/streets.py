"""The streets of the demo city: a stripped extract of OpenStreetMap around 白石洲, of which its
road network and its base map are made. They are real, unlike the places on them.

tests/demo_extract.py made it; raw/SOURCES.md says of what, and under which licence.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

_FILE: Final = "nanshan_futian.osm.pbf"


@contextmanager
def extract() -> Iterator[Path]:
    """The extract as a file, as long as the context lasts."""
    with as_file(files(__package__) / "raw" / _FILE) as path:
        yield path


def land(areas: bytes) -> BaseGeometry:
    """What the outlines of a city cover, of GeoJSON in WGS-84 degrees: the extract has no
    coastline, and its box reaches into the bay.
    """
    return shapely.union_all(shapely.get_parts(shapely.from_geojson(areas)))
