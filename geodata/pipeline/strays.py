"""Places that lie where they can hardly be: outside the city, or far from their street office."""

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.city import MetricGrid
from geodata.errors import Reject, Said
from geodata.places import areas
from geodata.sources.cells import Note, NoteKind
from geodata.sources.offices import FAR_M


def strays(good: gpd.GeoDataFrame, area: BaseGeometry) -> dict[int, Reject]:
    """Position -> refusal of each place outside the service area."""
    outside = np.flatnonzero(~shapely.intersects(area, good.geometry.to_numpy()))
    columns = ["src_row", "src_lon", "src_lat", "src_file", "src_sheet"]
    rows = good.loc[outside, columns].itertuples(index=False)
    reason = Said("outside the city; is the datum right, is lon first?")
    return {
        int(at): Reject(
            int(row), Said("lon, lat"), f"{lon:.6f},{lat:.6f}", reason, _source(file, sheet)
        )
        for at, (row, lon, lat, file, sheet) in zip(outside, rows, strict=True)
    }


def _source(file: str, sheet: object) -> str:
    return f"{file} / {sheet}" if isinstance(sheet, str) and sheet else file


def far_from_street(
    kept: gpd.GeoDataFrame, offices: gpd.GeoDataFrame, grid: MetricGrid
) -> list[Note]:
    """Places far from the street office that their row names: further than any drawn outline is
    off.
    """
    position = {name: at for at, name in enumerate(offices["street"])}
    stated = kept["street"].where(kept["src_guessed"].isna())
    found = np.array([position.get(name, areas.NOWHERE) for name in stated], dtype=np.int64)
    rows = np.flatnonzero(found != areas.NOWHERE)
    ground = areas.to_metric(offices.geometry.to_numpy(), grid)[found[rows]]
    away_m = shapely.distance(areas.to_metric(kept.geometry.to_numpy()[rows], grid), ground)
    return [
        Note(
            NoteKind.FAR_FROM_STREET,
            int(kept["src_row"].iloc[at]),
            "street",
            str(kept["street"].iloc[at]),
            Said(
                "the point lies {km:.1f} km from that street office's area",
                km=metres / 1000,
            ),
            _source(kept["src_file"].iloc[at], kept["src_sheet"].iloc[at]),
        )
        for at, metres in zip(rows, away_m, strict=True)
        if metres > FAR_M
    ]
