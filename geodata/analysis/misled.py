"""How often the closest place by the straight line is not the first reached, and what it costs.

Frames in, frames out.

Both are asked of the search that answers riders, once by distance and once by time on roads;
nothing is estimated.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.analysis.clients import Clients
from geodata.search.filter import Filter, Order
from geodata.search.nearest import Question, nearest
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Mode

Floats = NDArray[np.float64]

#: Two distances that differ by less are one: the search is right to a millimetre.
_SAME_M: Final = 0.002
#: Quantiles of the seconds lost that are told.
QUANTILES: Final = (0.5, 0.9)


class _Way(NamedTuple):
    """Of one point: the closest place and the seconds to it by road, the one reached first and the
    seconds to that.
    """

    closest_id: str | None = None
    closest_m: float = np.nan
    closest_s: float = np.nan
    first_id: str | None = None
    first_s: float = np.nan


def each(
    snapshot: Snapshot,
    roads: RoadAccess,
    points: gpd.GeoDataFrame,
    wanted: Filter,
    at: datetime,
    mode: Mode,
    *,
    farthest_m: float = 5_000.0,
) -> gpd.GeoDataFrame:
    """The points, each with the closest matching place and the one reached first, of those within
    `farthest_m`.

    Added columns: closest_id, closest_m (straight metres), closest_s (seconds by road from the
    point, inf where no road leads there), first_id, first_s, lost_s: closest_s less first_s. All
    null and nan for points outside the service area, with no matching place within reach, without a
    road to stand on, from which no road leads to any, or whose first is estimated, as the network's
    extract does not reach it.
    """
    lonlat = Clients.of(points).lonlat
    inside = snapshot.outline.holds_each(lonlat)
    ways = [
        _way(snapshot, roads, Question(lon, lat, at, 1, farthest_m, wanted, mode))
        if here
        else _Way()
        for (lon, lat), here in zip(lonlat.tolist(), inside.tolist(), strict=True)
    ]
    found = pd.DataFrame(ways, columns=_Way._fields, index=points.index)
    return gpd.GeoDataFrame(points.assign(**{str(name): found[name] for name in found})).assign(
        lost_s=found["closest_s"] - found["first_s"]
    )


def _way(snapshot: Snapshot, roads: RoadAccess, question: Question) -> _Way:
    closest = nearest(snapshot, question)
    by_time = replace(question, by=Order.TIME)
    first = nearest(snapshot, by_time, roads)
    if not closest.rows or first.by_road is None or not np.isfinite(first.by_road.seconds[0]):
        return _Way()
    # Within its own distance the closest is alone, so what is reached first there is the closest
    # itself.
    alone = nearest(snapshot, replace(by_time, max_distance_m=closest.metres[0] + _SAME_M), roads)
    taken_s = alone.by_road.seconds[0] if alone.by_road else np.nan
    return _Way(
        snapshot.id_of(closest.rows[0]),
        closest.metres[0],
        taken_s if np.isfinite(taken_s) else np.inf,
        snapshot.id_of(first.rows[0]),
        first.by_road.seconds[0],
    )


def lost(
    ways: pd.DataFrame, weight: str | None = None, *, least_s: float = 1.0
) -> dict[str, float]:
    """What `each` found in a few numbers; shares are of the weight that was answered.

    points: all rows; answered: those with a place reached; misled_share: whose closest place takes
    more than `least_s` seconds longer than the first reached; cut_off_share: whose closest place no
    road leads to (they are misled, too); minute_share: who loses over a minute; mean_s, q50_s,
    q90_s: what the misled lose whom a road leads there, nan without any.
    """
    answered = ways[ways["first_s"].notna()]
    weights = answered[weight].to_numpy(float) if weight else np.ones(len(answered))
    lost_s = answered["lost_s"].to_numpy(float)
    told_s, told_weight = _worth_telling(lost_s, weights, least_s)
    return {
        "points": len(ways),
        "answered": len(answered),
        "misled_share": _share(lost_s > least_s, weights),
        "cut_off_share": _share(np.isinf(lost_s), weights),
        "minute_share": _share(lost_s > 60.0, weights),
        "mean_s": float(np.average(told_s, weights=told_weight))
        if told_weight.sum() > 0
        else np.nan,
        **dict(
            zip(
                [f"q{100 * q:g}_s" for q in QUANTILES], _quantiles(told_s, told_weight), strict=True
            )
        ),
    }


def _worth_telling(lost_s: Floats, weights: Floats, least_s: float) -> tuple[Floats, Floats]:
    kept = (lost_s > least_s) & np.isfinite(lost_s)
    return lost_s[kept], weights[kept]


def _share(flags: NDArray[np.bool_], weights: Floats) -> float:
    whole = weights.sum()
    return float(weights[flags].sum() / whole) if whole > 0 else np.nan


def _quantiles(values: Floats, weights: Floats) -> Sequence[float]:
    if weights.sum() <= 0:
        return [np.nan] * len(QUANTILES)
    return [
        float(v) for v in np.quantile(values, QUANTILES, weights=weights, method="inverted_cdf")
    ]
