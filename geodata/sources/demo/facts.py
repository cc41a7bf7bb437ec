"""The facts that ship with the demo: street offices, districts, landmarks, outline.

Never reads a user's file.

Origin, date and licence of each table stand in raw/SOURCES.md. Tables are read once; every call
returns a fresh copy.
"""

from functools import cache
from importlib.resources import files

import geopandas as gpd
import pandas as pd
from shapely import MultiPolygon, Polygon

from geodata.space.coordinates import WGS84


def streets() -> gpd.GeoDataFrame:
    """The 74 street offices in code order: code, district, street, name_en, confidence (str), Point
    geometry in WGS-84.

    The point is an office or stop near it, not a centroid; `confidence` says which
    (raw/SOURCES.md).
    """
    return _points("streets.csv")


def landmarks() -> gpd.GeoDataFrame:
    """Places that riders steer by: name, name_en, kind, source (str), Point geometry in WGS-84.

    Points are good to a few hundred metres. `kind`: metro, port, village, hospital, station,
    market, park or campus.
    """
    return _points("landmarks.csv")


def districts() -> pd.DataFrame:
    """The ten districts: name, alias, name_en (str), weight_2020_census_10k (float64: a weight, not
    a statistic).
    """
    return _table("districts.csv").copy()


@cache
def outline() -> MultiPolygon:
    """The city's land in WGS-84, approximate: 159 vertices, no islands, no bays.

    Immutable, so shared.
    """
    rings = _table("outline.csv").groupby("ring", sort=False)
    return MultiPolygon([Polygon(ring[["lon", "lat"]].to_numpy()) for _, ring in rings])


def _points(name: str) -> gpd.GeoDataFrame:
    table = _table(name)
    return gpd.GeoDataFrame(
        table.drop(columns=["lon", "lat"]),
        geometry=gpd.points_from_xy(table["lon"], table["lat"]),
        crs=WGS84,
    )


@cache
def _table(name: str) -> pd.DataFrame:
    with (files(__package__) / "raw" / name).open(encoding="utf-8") as text:
        return pd.read_csv(text, dtype={"code": "str"})
