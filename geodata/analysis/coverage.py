"""Coverage: which share of a demand has a place within reach, and how far the nearest is.

Frames in, frames out.

The share within a standard distance goes back to Toregas et al. (1971, The location of emergency
service facilities, Operations Research 19). Places, filters, distances and opening hours are those
that answer riders. Of all weight in the service area four parts are told, which add up: open,
unknown, closed, none (served.Standing). Given `roads`, minutes are those of the way over them;
points that stand on no road are then left out of all shares, and counted.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.analysis.clients import Clients
from geodata.analysis.own_hours import OwnHours, hours_asked, tallied_at
from geodata.coverage.near import Within
from geodata.coverage.near_road import NearByRoad
from geodata.coverage.served import PIECE, Standing, Tally, judge, known_open, tallied
from geodata.index.tree import Flags
from geodata.search.filter import Filter, Open, counted
from geodata.search.nearest import Many, Question, nearest_many
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.space.tangent import MAX_REACH_M
from geodata.vocabulary import Mode

Floats = NDArray[np.float64]

QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
#: For questions that do not ask of hours.
_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


def coverage(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    within: Within,
    at: datetime,
    *,
    weight: str | None = None,
    by: str | None = None,
    roads: RoadAccess | None = None,
    asks_at: OwnHours | None = None,
) -> pd.DataFrame:
    """Who is served at an instant: a row an area in order of appearance, and one, `area` null, for
    points in none. With `asks_at` each point is judged at its own hour of a week, not at `at`.

    Columns: area; points, weight: in the service area, and over `roads` on one; points_outside,
    points_off_road: left out of all shares; open, unknown, closed, none: the weight that stands so;
    share_…: the same over `weight`, nan where there is none.
    """
    clients, near = Clients.of(points, weight, by), within.near(snapshot.index, roads)
    asked = (clients.lonlat, clients.area, clients.weight, len(clients.areas))
    if asks_at is not None:
        judged, hours = (
            judge(snapshot, near, asks_at.instants(snapshot.zone)),
            hours_asked(points, asks_at.column),
        )
        return table_of(tallied_at(judged, hours, *asked), clients.areas)
    return table_of(tallied(judge(snapshot, near, [at]), *asked, 1), clients.areas)


def table_of(total: Tally, areas: Sequence[str]) -> pd.DataFrame:
    """A tally of one instant as the table that `coverage` gives."""
    rows = [{"area": name, **total.parts(number)} for number, name in enumerate(areas)]
    if total.points[-1].any():
        rows.append({"area": None, **total.parts(len(areas))})
    return pd.DataFrame(rows)


def each(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    within: Within,
    at: datetime,
    *,
    roads: RoadAccess | None = None,
) -> gpd.GeoDataFrame:
    """The points, each with what it has at an instant: its row depends on no other row.

    Added columns: standing (category: outside, off_road, none, closed, unknown, open); nearest_id
    (str) and nearest_m (metres) of the nearest matching place whatever its hours, and
    nearest_open_m of the nearest known to be open: null and nan where there is none within 50 km,
    or the point lies outside. Over `roads` the nearest is the one reached first, however far, and
    seconds of the way stand in nearest_s and nearest_open_s in place of metres.
    """
    return gpd.GeoDataFrame(
        points.assign(**teller(snapshot, within, at, roads)(Clients.of(points).lonlat))
    )


#: What gives the columns that `each` adds, for WGS-84 points, shape (n, 2).
Teller = Callable[[Floats], dict[str, Any]]


def teller(
    snapshot: Snapshot, within: Within, at: datetime, roads: RoadAccess | None = None
) -> Teller:
    """The same for piece after piece of points: over roads, the places are searched from once."""
    judged, find = (
        judge(snapshot, within.near(snapshot.index, roads), [at]),
        _finder(snapshot, within, at, roads),
    )
    unit = "m" if roads is None else "s"

    def tell(lonlat: Floats) -> dict[str, Any]:
        rows, ways, ways_to_open = find(lonlat)
        ids = snapshot.ids_of(np.maximum(rows, 0)).astype(str).astype(object)
        ids[rows < 0] = None
        standing = worded(judged(lonlat)[:, 0])
        return {
            "standing": standing,
            "nearest_id": ids,
            f"nearest_{unit}": ways,
            f"nearest_open_{unit}": ways_to_open,
        }

    return tell


#: Gives the row of the nearest place of each point, -1: none; the way to it; and the way to the
#: nearest that is open.
_Find = Callable[[Floats], tuple[NDArray[np.int32], Floats, Floats]]


def _finder(snapshot: Snapshot, within: Within, at: datetime, roads: RoadAccess | None) -> _Find:
    if roads is not None:
        return _finder_by_road(snapshot, within, at, roads)

    def find(lonlat: Floats) -> tuple[NDArray[np.int32], Floats, Floats]:
        nearest, opened = (
            _nearest(snapshot, lonlat, within, at, only_open=only) for only in (False, True)
        )
        return nearest.rows[:, 0], nearest.metres[:, 0], opened.metres[:, 0]

    return find


def _finder_by_road(snapshot: Snapshot, within: Within, at: datetime, roads: RoadAccess) -> _Find:
    near = within.by_road(roads)
    first, first_open = near.nearest(), near.nearest(known_open(snapshot.hours_by_minute, at))

    def find(lonlat: Floats) -> tuple[NDArray[np.int32], Floats, Floats]:
        inside = snapshot.outline.holds_each(lonlat)
        rows, seconds = np.full(len(lonlat), -1, np.int32), np.full((2, len(lonlat)), np.nan)
        found = first.at(lonlat[inside])
        rows[inside], seconds[0, inside] = found.rows, found.seconds
        seconds[1, inside] = first_open.at(lonlat[inside]).seconds
        return rows, seconds[0], seconds[1]

    return find


def worded(standing: NDArray[np.uint8]) -> "pd.Categorical[str]":
    """Standings as words, the worst first."""
    words = pd.Index([each.name.lower() for each in Standing])
    return pd.Categorical.from_codes(standing.astype(np.int8), words)


def distances(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    wanted: Filter,
    at: datetime | None = None,
    *,
    weight: str | None = None,
    by: str | None = None,
    quantiles: Sequence[float] = QUANTILES,
    farthest_m: float = MAX_REACH_M,
) -> pd.DataFrame:
    """How far the nearest matching place is: a row an area, metres of geodesic, weighted.

    With `at` the nearest known to be open then; without, whatever its hours. Columns: area, points,
    weight (in the service area), unreachable: the weight with none within `farthest_m`, part of no
    figure that follows; mean_m; and q10_m, …: the least distance within which at least that share
    of the reachable weight has a place (the inverse of the weighted empirical distribution, type 1
    of Hyndman & Fan 1996). nan where nothing is reachable.
    """
    clients = Clients.of(points, weight, by)
    within, instant = Within(wanted, farthest_m), at or _ANY_TIME
    found = [
        _nearest(
            snapshot,
            clients.lonlat[lo : lo + PIECE],
            within,
            instant,
            only_open=at is not None,
            far_m=farthest_m,
        )
        for lo in range(0, len(points), PIECE)
    ]
    metres = np.concatenate([many.metres[:, 0] for many in found]) if found else np.empty(0)
    inside = np.concatenate([many.inside for many in found]) if found else np.empty(0, np.bool_)
    return pd.DataFrame(_by_area(clients, inside, metres, quantiles, "m"))


def times(
    snapshot: Snapshot,
    roads: RoadAccess,
    points: gpd.GeoDataFrame,
    wanted: Filter,
    mode: Mode,
    at: datetime | None = None,
    *,
    weight: str | None = None,
    by: str | None = None,
    quantiles: Sequence[float] = QUANTILES,
) -> pd.DataFrame:
    """How long the way by road is to the matching place that is reached first: as `distances`, in
    seconds.

    Columns: area; points, weight: in the service area and on a road; unreachable: the weight from
    which no road leads to any, part of no figure that follows; mean_s; q10_s, …; and off_road: the
    weight that stands on no road, part of none at all.
    """
    clients = Clients.of(points, weight, by)
    near = NearByRoad(roads.expansions[mode], math.inf, Within(wanted).mask)
    first = near.nearest(None if at is None else known_open(snapshot.hours_by_minute, at))
    inside = snapshot.outline.holds_each(clients.lonlat)
    seconds, on_road = np.full(len(points), np.nan), np.zeros(len(points), np.bool_)
    _, seconds[inside], on_road[inside] = first.at(clients.lonlat[inside])
    rows = _by_area(clients, inside & on_road, seconds, quantiles, "s")
    off = np.where(inside & ~on_road, clients.weight, 0.0)
    sums = [float(off[clients.area == number].sum()) for number in range(len(clients.areas))]
    return pd.DataFrame(rows).assign(off_road=sums)


def _by_area(
    clients: Clients, asked: Flags, ways: Floats, quantiles: Sequence[float], unit: str
) -> list[dict[str, Any]]:
    return [
        {"area": name, **_spread(ways[mine], clients.weight[mine], quantiles, unit)}
        for number, name in enumerate(clients.areas)
        for mine in [np.flatnonzero(asked & (clients.area == number))]
    ]


def _spread(
    ways: Floats, weight: Floats, quantiles: Sequence[float], unit: str
) -> dict[str, float]:
    reached = np.isfinite(ways)
    order = np.argsort(ways[reached], kind="stable")
    ascending, weights = ways[reached][order], weight[reached][order]
    known = {
        "points": len(ways),
        "weight": float(weight.sum()),
        "unreachable": float(weight[~reached].sum()),
        f"mean_{unit}": float(np.average(ascending, weights=weights))
        if weights.sum() > 0
        else np.nan,
    }
    return known | {f"q{100 * q:g}_{unit}": _quantile(ascending, weights, q) for q in quantiles}


def _quantile(ascending: Floats, weights: Floats, share: float) -> float:
    """The least value up to which at least `share` of the weight lies; nan without weight."""
    up_to = np.cumsum(weights)
    if not len(up_to) or up_to[-1] <= 0:
        return float("nan")
    # A hair less, so that a sum of weights that is the share itself is found in spite of rounding.
    at = int(np.searchsorted(up_to, share * up_to[-1] * (1 - 1e-12)))
    return float(ascending[min(at, len(ascending) - 1)])


def _nearest(
    snapshot: Snapshot,
    lonlat: Floats,
    within: Within,
    at: datetime,
    *,
    only_open: bool,
    far_m: float = MAX_REACH_M,
) -> Many:
    wanted = counted(within.filter)
    if only_open:
        # Unknown audiences pass or not as they did; unknown hours never pass here.
        wanted = replace(wanted, open=Open.NOW, include_unknown=False)
    west, south = snapshot.outline.bounds[:2]
    return nearest_many(snapshot, lonlat, Question(west, south, at, 1, far_m, wanted))
