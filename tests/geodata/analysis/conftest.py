"""A town on one parallel: places and people set down by hand, so that every measure can be worked
out on paper.
"""

from collections.abc import Callable, Sequence

import geopandas as gpd
import pytest
from pyproj import Geod

from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import WGS84
from tests import makers

LON, LAT = 114.05, 22.54

Town = Callable[[Sequence[tuple[float, str | None]]], Snapshot]
People = Callable[..., gpd.GeoDataFrame]


def east(metres: float) -> tuple[float, float]:
    """The point so many geodesic metres east of the town's middle."""
    lon, lat, _ = Geod(ellps="WGS84").fwd(LON, LAT, 90.0, metres)
    return lon, lat


@pytest.fixture
def town() -> Town:
    """Of pairs (metres east, opening hours): places p-0, p-1, … with seats and water."""

    def build(pairs: Sequence[tuple[float, str | None]]) -> Snapshot:
        spots = [east(metres) for metres, _ in pairs]
        raw = gpd.GeoDataFrame(
            {
                "id": [f"pla-{n}" for n in range(len(pairs))],
                "kind": "friendly_merchant",
                "name": [f"地点{n}" for n in range(len(pairs))],
                "services": [["seat", "drinking_water"]] * len(pairs),
                "opening_hours": [hours for _, hours in pairs],
            },
            geometry=gpd.points_from_xy(*zip(*spots, strict=True)),
            crs=WGS84,
        )
        return makers.snapshot(raw)

    return build


@pytest.fixture
def people() -> People:
    """Points so many metres east, with columns of as many values each."""

    def build(*metres: float, **columns: Sequence[object]) -> gpd.GeoDataFrame:
        spots = [east(each) for each in metres]
        return gpd.GeoDataFrame(
            columns, geometry=gpd.points_from_xy(*zip(*spots, strict=True)), crs=WGS84
        )

    return build
