"""Coverage: which share of a demand has a place within reach, and how far the nearest is. Frames in, frames out.

The share within a standard distance goes back to Toregas et al. (1971, The location of emergency service facilities,
Operations Research 19). Places, filters, distances and opening hours are those that answer riders. Of all weight in the
service area four parts are told, which add up: open, unknown, closed, none (served.Standing).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.analysis.clients import Clients
from geodata.analysis.near import Within
from geodata.analysis.served import PIECE, Standing, Tally, standings, tallied
from geodata.frame import MAX_REACH_M
from geodata.hours import TIMEZONE
from geodata.search import Filter, Many, Open, Question, nearest_many
from geodata.snapshot import Snapshot

Floats = NDArray[np.float64]

QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
#: For questions that do not ask of hours.
_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=TIMEZONE)


def coverage(
    snapshot: Snapshot, points: gpd.GeoDataFrame, within: Within, at: datetime, *, weight: str | None = None,
    by: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Who is served at an instant: a row an area in order of appearance, and one, `area` null, for points in none.

    Columns: area; points, weight: in the service area; points_outside: left out of all shares; open, unknown, closed,
    none: the weight that stands so; share_…: the same over `weight`, nan where there is none.
    """
    clients = Clients.of(points, weight, by)
    total = tallied(
        snapshot, within.near(snapshot.index), clients.lonlat, clients.area, clients.weight, len(clients.areas), [at]
    )
    return told(total, clients.areas)


def told(total: Tally, areas: Sequence[str]) -> pd.DataFrame:
    """A tally of one instant as the table that `coverage` gives."""
    rows = [{"area": name, **total.parts(number)} for number, name in enumerate(areas)]
    if total.points[-1].any():
        rows.append({"area": None, **total.parts(len(areas))})
    return pd.DataFrame(rows)


def each(snapshot: Snapshot, points: gpd.GeoDataFrame, within: Within, at: datetime) -> gpd.GeoDataFrame:
    """The points, each with what it has at an instant: its row depends on no other row.

    Added columns: standing (category: outside, none, closed, unknown, open); nearest_id (str) and nearest_m (metres) of
    the nearest matching place whatever its hours, and nearest_open_m of the nearest known to be open: null and nan
    where there is none within 50 km, or the point lies outside.
    """
    lonlat = Clients.of(points).lonlat
    return gpd.GeoDataFrame(points.assign(**each_of(snapshot, lonlat, within, at)))


def each_of(snapshot: Snapshot, lonlat: Floats, within: Within, at: datetime) -> dict[str, Any]:
    """The columns that `each` adds, for WGS-84 points, shape (n, 2)."""
    standing = standings(snapshot, within.near(snapshot.index), lonlat, [at])[:, 0]
    nearest, opened = (_nearest(snapshot, lonlat, within, at, only_open=only) for only in (False, True))
    ids = snapshot.ids_of(np.maximum(nearest.rows[:, 0], 0)).astype(str).astype(object)
    ids[nearest.rows[:, 0] < 0] = None
    return {
        "standing": worded(standing),
        "nearest_id": ids,
        "nearest_m": nearest.metres[:, 0],
        "nearest_open_m": opened.metres[:, 0],
    }


def worded(standing: NDArray[np.uint8]) -> "pd.Categorical[str]":
    """Standings as words, the worst first."""
    words = pd.Index([each.name.lower() for each in Standing])
    return pd.Categorical.from_codes(standing.astype(np.int8), words)


def distances(
    snapshot: Snapshot, points: gpd.GeoDataFrame, wanted: Filter, at: datetime | None = None, *,
    weight: str | None = None, by: str | None = None, quantiles: Sequence[float] = QUANTILES,
    farthest_m: float = MAX_REACH_M,
) -> pd.DataFrame:  # fmt: skip
    """How far the nearest matching place is: a row an area, metres of geodesic, weighted.

    With `at` the nearest known to be open then; without, whatever its hours. Columns: area, points, weight (in the
    service area), unreachable: the weight with none within `farthest_m`, part of no figure that follows; mean_m; and
    q10_m, …: the least distance within which at least that share of the reachable weight has a place (the inverse of
    the weighted empirical distribution, type 1 of Hyndman & Fan 1996). nan where nothing is reachable.
    """
    clients = Clients.of(points, weight, by)
    within, instant = Within(wanted, farthest_m), at or _ANY_TIME
    found = [
        _nearest(snapshot, clients.lonlat[lo : lo + PIECE], within, instant, only_open=at is not None, far_m=farthest_m)
        for lo in range(0, len(points), PIECE)
    ]
    metres = np.concatenate([many.metres[:, 0] for many in found]) if found else np.empty(0)
    inside = np.concatenate([many.inside for many in found]) if found else np.empty(0, np.bool_)
    rows = [
        {"area": name, **_spread(metres[mine], clients.weight[mine], quantiles)}
        for number, name in enumerate(clients.areas)
        for mine in [np.flatnonzero(inside & (clients.area == number))]
    ]
    return pd.DataFrame(rows)


def _spread(metres: Floats, weight: Floats, quantiles: Sequence[float]) -> dict[str, float]:
    reached = np.isfinite(metres)
    order = np.argsort(metres[reached], kind="stable")
    ascending, weights = metres[reached][order], weight[reached][order]
    known = {
        "points": len(metres),
        "weight": float(weight.sum()),
        "unreachable": float(weight[~reached].sum()),
        "mean_m": float(np.average(ascending, weights=weights)) if weights.sum() > 0 else np.nan,
    }
    return known | {f"q{100 * q:g}_m": _quantile(ascending, weights, q) for q in quantiles}


def _quantile(ascending: Floats, weights: Floats, share: float) -> float:
    """The least value up to which at least `share` of the weight lies; nan without weight."""
    up_to = np.cumsum(weights)
    if not len(up_to) or up_to[-1] <= 0:
        return float("nan")
    # A hair less, so that a sum of weights that is the share itself is found in spite of rounding.
    at = int(np.searchsorted(up_to, share * up_to[-1] * (1 - 1e-12)))
    return float(ascending[min(at, len(ascending) - 1)])


def _nearest(
    snapshot: Snapshot, lonlat: Floats, within: Within, at: datetime, *, only_open: bool, far_m: float = MAX_REACH_M
) -> Many:
    wanted = within.filter
    if only_open:
        # Unknown audiences pass or not as they did; unknown hours never pass here.
        wanted = Filter(wanted.kinds, wanted.needs, wanted.services, wanted.audience, wanted.door, Open.NOW, False)  # noqa: FBT003  # as the class has it
    west, south = snapshot.outline.bounds[:2]
    return nearest_many(snapshot, lonlat, Question(west, south, at, 1, far_m, wanted))
