"""An analyst's frame of points as the arrays that are asked. Judges nothing, fills nothing in."""

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.coverage.served import NOWHERE
from geodata.errors import BadTable
from geodata.pipeline.area_outlines import Outlines
from geodata.sources.points import WEIGHT
from geodata.space.coordinates import WGS84


@dataclass(frozen=True, slots=True, eq=False)
class Clients:
    """Points (n, 2) in WGS-84, nan where there is none.

    Their weights (n,); their areas (n,), NOWHERE in none.
    """

    lonlat: NDArray[np.float64]
    weight: NDArray[np.float64]
    area: NDArray[np.int64]
    areas: tuple[str, ...]
    """The names that `area` numbers; of one area for all: "all"."""

    @classmethod
    def of(
        cls, points: gpd.GeoDataFrame, weight: str | None = None, by: str | None = None
    ) -> "Clients":
        """From points in any stated CRS, a column of weights (None: 1 each) and a column of areas
        (None: one for all).

        BadTable for geometry other than points, no CRS, missing columns, and weights that are
        negative or no numbers: an unknown weight is not 0, so somebody has to decide what it is.
        """
        area, areas = _areas(points, by)
        return cls(_degrees(points), weights_of(points, weight), area, areas)


def located(points: gpd.GeoDataFrame, outlines: Outlines) -> gpd.GeoDataFrame:
    """The points with columns `district` and `street`, null where there is none.

    Borders are as approximate as the outlines.
    """
    lonlat = Clients.of(points).lonlat
    return gpd.GeoDataFrame(points.assign(**outlines.at(lonlat[:, 0], lonlat[:, 1])))


def _degrees(points: gpd.GeoDataFrame) -> NDArray[np.float64]:
    if points.crs is None:
        raise BadTable("the points state no CRS; set it, e.g. by set_crs('EPSG:4326')")
    others = sorted(set(points.geom_type.dropna()) - {"Point"})
    if others:
        raise BadTable(
            "the geometry holds {others}; only points are asked. Take centroids first",
            others=[*others],
        )
    shown = points.geometry.to_crs(WGS84)
    return np.stack([shown.x.to_numpy(float), shown.y.to_numpy(float)], axis=1)


def weight_column(columns: Iterable[str], named: str | None) -> str | None:
    """The column of weights: the one that is named, else WEIGHT if there is one; None: 1 each."""
    return named if named is not None or WEIGHT not in columns else WEIGHT


def weights_of(points: pd.DataFrame, column: str | None) -> NDArray[np.float64]:
    """A column as weights, (n,), or 1 each.

    BadTable where it is missing, or holds what is no number of 0 or more.
    """
    if column is None:
        return np.ones(len(points))
    if column not in points:
        raise BadTable(
            "there is no column {column!r} of weights; there are: {columns}",
            column=column,
            columns=[*map(str, points.columns)],
        )
    weight = pd.to_numeric(points[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0)))
    if len(bad):
        first = points[column].iloc[bad[0]]
        raise BadTable(
            (
                "{count:,} weights in {column!r} are no numbers ≥ 0, the first is {first!r}; "
                "mend or drop them"
            ),
            count=len(bad),
            column=column,
            first=first,
        )
    return weight


def _areas(points: pd.DataFrame, column: str | None) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if column is None:
        return np.zeros(len(points), np.int64), ("all",)
    if column not in points:
        raise BadTable(
            "there is no column {column!r} of areas; there are: {columns}",
            column=column,
            columns=[*map(str, points.columns)],
        )
    codes, names = pd.factorize(points[column], use_na_sentinel=True)
    return np.where(codes < 0, NOWHERE, codes).astype(np.int64), tuple(map(str, names))
