"""The outlines of a city as paths of SVG, for pages that have a map without a script."""

import math
from collections.abc import Mapping
from typing import Final

from app.maps.outlines import CityOutlines, Ring

#: Units across a drawing.
WIDTH: Final = 1_000


def projection(ground: CityOutlines) -> tuple[dict[str, float], int]:
    """Equirectangular on the middle parallel: west, north, and units a degree.

    And how high the map is.
    """
    points = [point for ring in ground.rings for point in ring]
    if not points:
        return {"west": 0.0, "north": 0.0, "x": 0.0, "y": 0.0}, 0
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    across = WIDTH / (east - west)
    along = across / math.cos(math.radians((south + north) / 2))
    return {"west": west, "north": north, "x": across, "y": along}, round((north - south) * along)


def drawn(lon: float, lat: float, project: Mapping[str, float]) -> tuple[float, float]:
    """A WGS-84 point on the drawing."""
    return (lon - project["west"]) * project["x"], (project["north"] - lat) * project["y"]


def path(ring: Ring, project: Mapping[str, float]) -> str:
    """A ring as a path."""
    corners = ("{:.1f},{:.1f}".format(*drawn(x, y, project)) for x, y in ring)
    return f"M{'L'.join(corners)}Z"
