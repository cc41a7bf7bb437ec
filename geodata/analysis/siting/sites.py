"""Candidates: a grid of new sites, merchants to promote, hours to lengthen.

Frames in, frames out; chooses none.
"""

from collections.abc import Iterable
from typing import Final

import geopandas as gpd
import numpy as np

from geodata.city import MetricGrid
from geodata.errors import BadQuestion, BadTable
from geodata.space.coordinates import WGS84, from_metric, metric
from geodata.traits import needs_of
from geodata.vocabulary import PROGRAMME_KINDS, Kind, Need, Service

#: A finer grid has more candidates than points of demand have differences.
LEAST_STEP_M: Final = 50.0


def grid(demand: gpd.GeoDataFrame, step_m: float, on: MetricGrid) -> gpd.GeoDataFrame:
    """New sites at the middles of the cells of a metric grid in which any demand lies: site_id,
    kind "new", geometry.

    `demand` is in any CRS. Cells are squares of `step_m` on the city's metric grid `on`, named by
    how many lie between them and its origin: grid-E3-N12.
    """
    if not LEAST_STEP_M <= step_m <= 50_000:
        raise BadQuestion(
            "a grid of {step_m:g} m is outside {least_step_m:g}–50,000 m",
            step_m=step_m,
            least_step_m=LEAST_STEP_M,
        )
    if demand.crs is None:
        raise BadTable("the demand has no CRS, so no metres can be laid over it")
    points = demand.geometry.to_crs(WGS84)
    cells = np.unique(np.floor(metric(points.x, points.y, on) / step_m).astype(np.int64), axis=0)
    lon, lat = from_metric((cells + 0.5) * step_m, on)
    ids = [_cell_name(column, row) for column, row in cells.tolist()]
    return gpd.GeoDataFrame(
        {"site_id": ids, "kind": "new"}, geometry=gpd.points_from_xy(lon, lat), crs=WGS84
    )


def merchants(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The friendly merchants of a places table as candidates to promote: site_id, kind "promote",
    name, their hours.

    Leave them out of what exists, or they promote nothing: `matching(places, kinds=…)`.
    """
    return _candidates(places[places["kind"] == Kind.FRIENDLY_MERCHANT], "promote")


def longer_hours(places: gpd.GeoDataFrame, hours: str = "24/7") -> gpd.GeoDataFrame:
    """Every place of a table as a candidate that would be open in `hours`: kind "lengthen".

    For problems with a week.

    `opening_hours_now` is what it has; only what `hours` adds to it counts, and the places
    themselves stay in what exists. Places whose hours are not known are left out: what they would
    add is not known either.
    """
    known = places[places["opening_hours"].notna()]
    now = known["opening_hours"].to_numpy()
    return _candidates(known, "lengthen").assign(opening_hours=hours, opening_hours_now=now)


def matching(
    places: gpd.GeoDataFrame, kinds: Iterable[Kind] = (), needs: Iterable[Need] = ()
) -> gpd.GeoDataFrame:
    """The places of any of the kinds that serve all of the needs.

    Without needs all do; without kinds those of the programme count, so not public places.
    """
    wanted_kinds, wanted = [*map(str, kinds)] or [*map(str, PROGRAMME_KINDS)], {*needs}
    fits = [wanted <= {*needs_of(map(Service, services))} for services in places["services"]]
    of_kind = places["kind"].isin(wanted_kinds)
    return places[of_kind & np.array(fits, bool)]


def _candidates(places: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    columns = {"site_id": places["id"].to_numpy(), "kind": kind, "name": places["name"].to_numpy()}
    return gpd.GeoDataFrame(
        {**columns, "opening_hours": places["opening_hours"].to_numpy()},
        geometry=places.geometry.to_numpy(),
        crs=WGS84,
    )


def _cell_name(column: int, row: int) -> str:
    """Cells left of the origin count from W1, those right of it from E0; so do rows."""
    east, north = (
        f"E{column}" if column >= 0 else f"W{-column}",
        f"N{row}" if row >= 0 else f"S{-row}",
    )
    return f"grid-{east}-{north}"
