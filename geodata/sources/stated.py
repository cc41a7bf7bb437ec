"""Where rows say that they are: districts and street offices that they name, held against surveyed
outlines.

Only outlines that somebody surveyed are asked. Those drawn from points lie hundreds of metres off,
as far as a datum: asked about true points they spoke for a wrong datum about as often as for the
true one (2026-11-21).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.sources.areas.names import AreaNames, Level

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """Of n rows the outlines that they name."""

    rows: int
    named: tuple[tuple[NDArray[np.bool_], BaseGeometry], ...]
    """Which rows name an outline, and its polygon in WGS-84; one pair an outline."""

    @property
    def asked(self) -> NDArray[np.bool_]:
        """Which rows name an outline that can be asked, shape (n,)."""
        asked = np.zeros(self.rows, dtype=bool)
        for who, _ in self.named:
            asked |= who
        return asked

    def inside(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """Which of those rows lie in every outline that they name; WGS-84 degrees, shape (n,)."""
        inside = self.asked
        for who, shape in self.named:
            inside[who] &= shapely.intersects_xy(shape, lon[who], lat[who])
        return inside


def stated(
    rows: int,
    said: Mapping[Level, Sequence[object]],
    surveyed: Mapping[Level, gpd.GeoDataFrame],
    known: AreaNames,
) -> Stated:
    """What rows say at each level (anything but text is nothing) against the outlines (name,
    polygons) of that level.

    A name counts however it is written: 江汉, 江汉区, Jianghan.
    """
    named = []
    for level, texts in said.items():
        calls = {text: known.official(text, level) for text in {*texts} if isinstance(text, str)}
        names = np.array(
            [calls.get(text) if isinstance(text, str) else None for text in texts], dtype=object
        )
        outlines = surveyed[level]
        shapely.prepare(outlines.geometry.to_numpy())
        pairs = (
            (names == name, shape)
            for name, shape in zip(outlines["name"], outlines.geometry, strict=True)
        )
        named += [(who, shape) for who, shape in pairs if who.any()]
    return Stated(rows, tuple(named))


def nothing(rows: int) -> Stated:
    """Where there is no outline to ask."""
    return Stated(rows, ())
