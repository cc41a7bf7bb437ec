"""The streets of the demo city: a stripped extract of OpenStreetMap around 白石洲, of which its
road network and its base map are made. They are real, unlike the places on them.

tests/demo_extract.py made it; raw/SOURCES.md says of what, and under which licence.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.space.coordinates import WGS84

_FILE: Final = "nanshan_futian.osm.pbf"
_NAMED: Final = "roads.csv"


@contextmanager
def extract() -> Iterator[Path]:
    """The extract as a file, as long as the context lasts."""
    with as_file(files(__package__) / "raw" / _FILE) as path:
        yield path


def named() -> gpd.GeoDataFrame:
    """Its roads and their junctions by name: name, name_en, kind (road or junction), Point geometry
    in WGS-84. A junction's name is that of both roads, the more important first.
    """
    with (files(__package__) / "raw" / _NAMED).open(encoding="utf-8") as text:
        table = pd.read_csv(text, keep_default_na=False)
    points = gpd.points_from_xy(table.pop("lon"), table.pop("lat"))
    return gpd.GeoDataFrame(table, geometry=points, crs=WGS84)


def land(areas: bytes) -> BaseGeometry:
    """What the outlines of a city cover, of GeoJSON in WGS-84 degrees: the extract has no
    coastline, and its box reaches into the bay.
    """
    return shapely.union_all(shapely.get_parts(shapely.from_geojson(areas)))
