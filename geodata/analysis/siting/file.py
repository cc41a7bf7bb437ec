"""Siting from files and to files: points in, a plan out as Parquet, GeoJSON or a workbook.

Whole or not at all.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from geodata.analysis.siting.plan import Plan
from geodata.analysis.tables import headings, replaced, require_ending, writing
from geodata.errors import BadTable, Reject, Said
from geodata.places.table import DECIMALS
from geodata.sources.file_options import PLAIN, FileOptions
from geodata.sources.points import open_points
from geodata.space.coordinates import WGS84, Datum, to_wgs84
from geodata.space.service_area import Outline

#: What a spreadsheet would run or fetch stays the text it is.
_AS_TEXT: Final = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}


def read_points(
    path: Path,
    *,
    lon: str | None = None,
    lat: str | None = None,
    datum: Datum = Datum.WGS84,
    options: FileOptions = PLAIN,
    area: Outline | None = None,
) -> gpd.GeoDataFrame:
    """The points of a file (sources/points.py) with their own columns, held whole, in WGS-84; of a
    raster where people live inside `area`.

    Raises UnreadableFile, or BadTable with every row that has no coordinates on the globe.
    """
    pieces = list(open_points(path, lon, lat, None, options, datum, area=area).pieces)
    own = (
        pd.concat([piece.own.to_pandas() for piece in pieces], ignore_index=True)
        if pieces
        else pd.DataFrame()
    )
    degrees = np.concatenate([np.empty((0, 2)), *(piece.lonlat for piece in pieces)])
    if not len(degrees):
        raise BadTable("{file} has no rows", file=path.name)
    nowhere = np.flatnonzero(~((np.abs(degrees) <= (180.0, 90.0)).all(axis=1)))
    exchanged = (np.abs(degrees[:, ::-1]) <= (180.0, 90.0)).all(axis=1)
    unread, turned = (
        Said("no readable coordinates"),
        Said("not degrees on earth; are lon and lat swapped?"),
    )
    rejects = [
        Reject(row + 2, "lon, lat", str(degrees[row]), turned if exchanged[row] else unread)
        for row in nowhere.tolist()
    ]
    if rejects:
        raise BadTable(
            "{count:,} rows of {file} have no readable coordinates",
            rejects,
            count=len(rejects),
            file=path.name,
        )
    wgs84 = to_wgs84(degrees[:, 0], degrees[:, 1], datum)
    return gpd.GeoDataFrame(
        own.drop(columns="geometry", errors="ignore"),
        geometry=gpd.points_from_xy(*wgs84),
        crs=WGS84,
    )


def tables_of(plan: Plan, *, synthetic: bool) -> dict[str, pd.DataFrame]:
    """`sites` and `points` of a plan made from frames, with its `reach`, and `synthetic` where some
    are made up.

    `reach` is a sentence: how far, in which unit; by road also the engine and the date of its data.
    """
    tables = {"sites": plan.sites(), "points": plan.points()}
    marks = {"reach": plan.problem.reach} | ({"synthetic": True} if synthetic else {})
    return {name: gpd.GeoDataFrame(table.assign(**marks)) for name, table in tables.items()}


def write(target: Path, tables: Mapping[str, pd.DataFrame], about: str) -> None:
    """The first of the tables as .parquet, .csv or, with a geometry, .geojson; or all as sheets of
    an .xlsx that begins with `about`.

    Replaces an older file when all is done. Raises UnreadableFile for another ending or a target
    that cannot be.
    """
    with replaced(target) as part:
        writer_of(target)(tables, about, part)


def writer_of(target: Path) -> Callable[[Mapping[str, pd.DataFrame], str, Path], None]:
    """What writes such a file: to be asked before hours of work, too. Raises UnreadableFile."""
    require_ending(target, tuple(_WRITERS))
    return _WRITERS[target.suffix.lower()]


def _parquet(tables: Mapping[str, pd.DataFrame], _about: str, part: Path) -> None:
    next(iter(tables.values())).to_parquet(part, index=False)


def _csv(tables: Mapping[str, pd.DataFrame], _about: str, part: Path) -> None:
    first = _flat(next(iter(tables.values())))
    with writing(part, ".csv") as write:
        write(pa.Table.from_pandas(first, preserve_index=False).replace_schema_metadata(None))


def _geojson(tables: Mapping[str, pd.DataFrame], _about: str, part: Path) -> None:
    first = gpd.GeoDataFrame(next(iter(tables.values())))
    rounded = shapely.transform(first.geometry.to_numpy(), lambda lonlat: lonlat.round(DECIMALS))
    shown = first.set_geometry(rounded, crs=WGS84)
    part.write_text(shown.to_json(drop_id=True, ensure_ascii=False), encoding="utf-8")


def _workbook(tables: Mapping[str, pd.DataFrame], about: str, part: Path) -> None:
    with pd.ExcelWriter(part, engine="xlsxwriter", engine_kwargs=_AS_TEXT) as book:
        told = pd.DataFrame({"plan": about.split("; ")})
        _headed(told).to_excel(book, sheet_name="about", index=False)
        book.sheets["about"].set_column(0, 0, 100)
        for name, table in tables.items():
            _headed(_flat(table)).to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 2))
            book.sheets[name].autofit()


def _headed(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_axis(headings(list(map(str, table.columns))), axis=1)


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """Without geometry, with lon and lat instead; a line's are those of its middle."""
    if not isinstance(table, gpd.GeoDataFrame):
        return table
    middles = shapely.point_on_surface(table.geometry.to_numpy())
    plain = pd.DataFrame(table.drop(columns="geometry"))
    return plain.assign(
        lon=shapely.get_x(middles).round(DECIMALS), lat=shapely.get_y(middles).round(DECIMALS)
    )


_WRITERS: Final = {
    ".parquet": _parquet,
    ".geojson": _geojson,
    ".csv": _csv,
    ".xlsx": _workbook,
}
