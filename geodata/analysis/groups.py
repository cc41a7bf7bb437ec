"""The groups that points are told by: areas with outlines, or the values of a column.

Outlines are the dataset's own, anybody's polygons, or drawn by us, which is then said.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.city import CityAbout, own_grid
from geodata.coverage.published import By
from geodata.coverage.served import NOWHERE
from geodata.errors import BadTable
from geodata.pipeline.area_outlines import Outlines
from geodata.places import areas
from geodata.sources.measure import measure
from geodata.sources.points import Source
from geodata.space.coordinates import WGS84

#: A column with more values is an id, not a group.
MOST_GROUPS: Final = 10_000
_COLUMNS: Final = ["area", "area_en", "district", "approximate", "geometry"]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Groups, and which of them a point is in."""

    drawn: gpd.GeoDataFrame
    """A row a group: area, area_en, district, approximate, and its outline in WGS-84, or None."""
    column: str | None = None
    """The points' own column whose values `area` are; None: points are in the outline they lie in.
    """
    slack_m: float = areas.REACH_M
    """How far outside every outline a point still belongs to the nearest."""

    def of(self, own: pa.Table, lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
        """The position in `drawn` of each point, by its own columns and WGS-84 degrees, shape (n,
        2): (n,), NOWHERE in none.
        """
        if self.column is not None:
            found = pd.Index(self.drawn["area"]).get_indexer(_texts(own, self.column))
            return np.where(found < 0, NOWHERE, found).astype(np.int64)
        if len(self.drawn) == 1 and self.slack_m:
            return np.zeros(len(lonlat), np.int64)
        grid = own_grid(*self.drawn.total_bounds.tolist())
        return areas.locate(lonlat[:, 0], lonlat[:, 1], self.drawn, grid, self.slack_m)


def whole(city: CityAbout, land: BaseGeometry | None) -> Groups:
    """The city as one group: every point is in it; its outline in WGS-84, None: not drawn."""
    named = {"area": [city.name], "area_en": [city.name_en], "district": [None]}
    drawn = gpd.GeoDataFrame(named, geometry=np.array([land], dtype=object), crs=WGS84)
    return Groups(gpd.GeoDataFrame(drawn.assign(approximate=False)[_COLUMNS]))


def outlined(by: By, outlines: Outlines) -> Groups:
    """The city, its districts or its street offices, in the outlines of a dataset.

    BadTable where no such areas are known.
    """
    if by is By.CITY:
        return whole(outlines.city, outlines.land)
    frame = outlines.streets if by is By.STREET else outlines.districts
    if frame.empty:
        raise BadTable(
            "no outline of a {by} of {city} is known; import some with `nuanfeng import-areas`, or"
            " group by the city or a column of your own",
            by=by,
            city=outlines.city.name,
        )
    if by is By.STREET:
        renamed = frame.rename(columns={"street": "area", "name_en": "area_en"})
        return Groups(gpd.GeoDataFrame(renamed[_COLUMNS].reset_index(drop=True)))
    renamed = frame.assign(area=frame["district"]).rename(columns={"name_en": "area_en"})
    return Groups(gpd.GeoDataFrame(renamed[_COLUMNS].reset_index(drop=True)))


def by_column(source: Source, column: str) -> Groups:
    """The values of a column of the points, in order of appearance; read through once for them.

    BadTable where there is no such column, or more than MOST_GROUPS values.
    """
    values: dict[str, None] = {}
    for piece in source.opened().pieces:
        values |= dict.fromkeys(pd.unique(_texts(piece.own, column).dropna()))
        if len(values) > MOST_GROUPS:
            raise BadTable(
                f"column {column!r} has more than {MOST_GROUPS:,} values; name one of groups"
            )
    named = pd.DataFrame({"area": list(values), "area_en": None, "district": None})
    shapes = gpd.GeoSeries(np.full(len(named), None, dtype=object), crs=WGS84)
    return Groups(gpd.GeoDataFrame(named.assign(approximate=None), geometry=shapes), column)


def by_polygons(path: Path, column: str) -> Groups:
    """The polygons of a file with a CRS, named by a column; those of one name are one group.

    BadTable for a missing column or CRS, names that are missing, or other geometry.
    """
    measure(path)
    read = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    if column not in read or column == read.geometry.name:
        raise BadTable(
            f"{path.name} has no column {column!r}; it has: {', '.join(map(str, read.columns))}"
        )
    if read.crs is None:
        raise BadTable(f"{path.name} states no CRS; write it with one, such as EPSG:4326")
    polygons = read.geom_type.isin(["Polygon", "MultiPolygon"])
    if not polygons.all() or read[column].isna().any() or not len(read):
        raise BadTable(
            f"{path.name} needs a polygon and a name in {column!r} in every row;"
            f" {int((~polygons | read[column].isna()).sum()):,} of {len(read):,} have none"
        )
    shapes = shapely.make_valid(read.to_crs(WGS84).geometry.to_numpy())
    named = gpd.GeoDataFrame({"area": read[column].astype(str)}, geometry=shapes, crs=WGS84)
    merged = named.dissolve("area", sort=False).reset_index()
    told = merged.assign(area_en=None, district=None, approximate=False)
    return Groups(gpd.GeoDataFrame(told[_COLUMNS]), slack_m=0.0)


def _texts(own: pa.Table, column: str) -> "pd.Series[str]":
    if column not in own.column_names:
        raise BadTable(
            f"there is no column {column!r} of groups; there are: {', '.join(own.column_names)};"
            " or say city, district, street or FILE:COLUMN"
        )
    values = own[column].to_pandas()
    texts: pd.Series[str] = values.astype(object).where(values.isna(), values.astype(str))
    return texts
