"""How sure a figure is: bootstrap intervals of shares and Gini coefficients, and curves over what
was assumed.

The bootstrap (Efron 1979) draws as many points of demand as there are, with replacement, again and
again: intervals are percentiles of what the draws give. They say how much a figure depends on which
points were seen, and nothing of places, hours or distances that are wrong. Randomness is a seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geodata.analysis import demand, equity
from geodata.analysis.clients import Clients
from geodata.analysis.coverage import coverage
from geodata.analysis.siting import Effort, Plan, numbers_near, plans_over_p
from geodata.analysis.siting.plan import Model
from geodata.coverage.near import Within
from geodata.coverage.served import PIECE, Standing, judge
from geodata.errors import BadQuestion
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot

Floats = NDArray[np.float64]
#: Hears how much is done, of how much.
Progress = Callable[[int, int], None]

DRAWS: Final = 1000
_AT_ONCE: Final = 50
_SHARES: Final = (Standing.OPEN, Standing.UNKNOWN, Standing.CLOSED, Standing.NONE)


def unheard(_done: int, _of: int) -> None:
    """Progress that nobody listens to."""


class ShareInterval(NamedTuple):
    """The ends of an interval; nan where nothing was drawn."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How often is drawn, from which seed, and which share of the draws an interval holds.

    Raises BadQuestion for what is no bootstrap.
    """

    seed: int
    draws: int = DRAWS
    level: float = 0.95

    def __post_init__(self) -> None:
        if not (1 <= self.draws <= 100_000 and 0 < self.level < 1):
            raise BadQuestion(
                f"draws are 1–100,000 and a level lies between 0 and 1; not {self.draws} and"
                f" {self.level:g}"
            )

    def interval(self, drawn: Floats) -> tuple[float, float]:
        """Its ends: percentiles of what was drawn, (n,); nan where nothing was."""
        known = drawn[np.isfinite(drawn)]
        if not len(known):
            return float("nan"), float("nan")
        low, high = np.quantile(known, [(1 - self.level) / 2, (1 + self.level) / 2])
        return float(low), float(high)


def share_intervals(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    within: Within,
    at: datetime,
    how: Bootstrap,
    *,
    weight: str | None = None,
    by: str | None = None,
    roads: RoadAccess | None = None,
    progress: Progress = unheard,
) -> pd.DataFrame:
    """What `coverage.coverage` gives, each share_… with share_…_low and share_…_high, and `draws`,
    `level`, `seed`.

    Points that are alike (area, standing, weight) are drawn together, which is the same and costs
    no more for many points than for few.
    """
    clients = Clients.of(points, weight, by)
    judged = judge(snapshot, within.near(snapshot.index, roads), [at])
    pieces = [judged(clients.lonlat[lo : lo + PIECE])[:, 0] for lo in range(0, len(points), PIECE)]
    standing = np.concatenate([np.empty(0, np.uint8), *pieces])
    told = coverage(snapshot, points, within, at, weight=weight, by=by, roads=roads)
    columns: dict[str, list[float]] = {
        f"share_{each.name.lower()}_{end}": [] for each in _SHARES for end in ("low", "high")
    }
    for row in range(len(told)):
        number = row if row < len(clients.areas) else -1
        mine = (clients.area == number) & (standing >= Standing.NONE)
        drawn = _drawn_shares(standing[mine], clients.weight[mine], how)
        for which, each in enumerate(_SHARES):
            low, high = how.interval(drawn[:, which])
            columns[f"share_{each.name.lower()}_low"].append(low)
            columns[f"share_{each.name.lower()}_high"].append(high)
        progress(row + 1, len(told))
    return told.assign(**columns, draws=how.draws, level=how.level, seed=how.seed)


def open_interval(standing: NDArray[np.uint8], weight: Floats, how: Bootstrap) -> ShareInterval:
    """The ends of the interval of the share that is known to be served, of points that stand so and
    weigh so, both (n,); those left out do not count. nan of none.
    """
    mine = standing >= Standing.NONE
    drawn = _drawn_shares(standing[mine], weight[mine], how)
    return ShareInterval(*how.interval(drawn[:, _SHARES.index(Standing.OPEN)]))


def gini_interval(
    values: ArrayLike,
    how: Bootstrap,
    weight: ArrayLike | None = None,
    progress: Progress = unheard,
) -> tuple[float, float, float]:
    """The Gini coefficient, and the ends of its interval. Raises as `equity.gini`."""
    known = np.asarray(values, np.float64)
    weights = np.ones(len(known)) if weight is None else np.asarray(weight, np.float64)
    told = equity.gini(known, weights)
    order = np.argsort(known, kind="stable")
    rng, found = np.random.default_rng(how.seed), np.empty(how.draws)
    for draw in range(how.draws):
        counts = np.bincount(rng.integers(0, len(known), len(known)), minlength=len(known))
        mine = (weights * counts)[order]
        has = mine > 0
        found[draw] = equity.gini(known[order][has], mine[has]) if has.any() else np.nan
        progress(draw + 1, how.draws)
    return told, *how.interval(found)


def ratio_interval(part: ArrayLike, whole: ArrayLike, how: Bootstrap) -> tuple[float, float, float]:
    """Σ part / Σ whole over rows, such as cells of demand with what of each is reached, and the
    ends of its interval: rows are drawn whole, so that what lies in one cell goes together.
    """
    parts, wholes = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    if parts.shape != wholes.shape or not len(parts) or wholes.sum() <= 0:
        raise BadQuestion("a share needs as many parts as wholes, and wholes that are not all 0")
    rng, found = np.random.default_rng(how.seed), np.empty(how.draws)
    for draw in range(how.draws):
        rows = rng.integers(0, len(parts), len(parts))
        total = wholes[rows].sum()
        found[draw] = parts[rows].sum() / total if total > 0 else np.nan
    return float(parts.sum() / wholes.sum()), *how.interval(found)


def over_reach(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    within: Within,
    at: datetime,
    factors: Sequence[float] = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0),
    *,
    weight: str | None = None,
    by: str | None = None,
    roads: RoadAccess | None = None,
    how: Bootstrap | None = None,
    progress: Progress = unheard,
) -> pd.DataFrame:
    """The table of `coverage.coverage` at each reach: the asked one, in metres or minutes, times
    each factor; `reach` says which. With `how` each share has its interval (share_intervals).

    Reaches farther than can be asked are left out.
    """
    tables = []
    for done, factor in enumerate(factors, 1):
        wider = _scaled(within, factor)
        if wider is not None:
            table = _shares(snapshot, points, wider, at, weight=weight, by=by, roads=roads, how=how)
            reach = wider.reach_m if wider.minutes is None else wider.minutes
            tables.append(table.assign(reach=reach))
        progress(done, len(factors))
    return pd.concat(tables, ignore_index=True)


def over_grid(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    within: Within,
    at: datetime,
    sizes_m: Sequence[float] = (100.0, 250.0, 500.0, 1000.0),
    *,
    weight: str | None = None,
    roads: RoadAccess | None = None,
    how: Bootstrap | None = None,
    progress: Progress = unheard,
) -> pd.DataFrame:
    """What becomes of the share if the points are summed over squares first: a row a size, 0 being
    the points themselves.

    size_m; share_open if each square's demand stands at its middle, with `how` its interval
    (squares are drawn whole), draws, level and seed; share_open_spread if it is spread over the
    square (demand.spread).
    """
    rows, grid = [], snapshot.about.city.grid
    for done, size in enumerate((0.0, *sizes_m)):
        middles = demand.squares(points, size, weight, grid=grid) if size else points
        column = "weight" if size else weight
        told = _shares(
            snapshot, middles, within, at, weight=column, by=None, roads=roads, how=how
        ).iloc[0]
        spread = told
        if size:
            parts = demand.spread(demand.square_shapes(middles, size, grid))
            spread = coverage(snapshot, parts, within, at, weight="weight", roads=roads).iloc[0]
        ends = ("share_open_low", "share_open_high", "draws", "level", "seed")
        interval = {name: told[name] for name in ends if how is not None}
        shares = {"share_open": told["share_open"], "share_open_spread": spread["share_open"]}
        rows.append({"size_m": size, **shares, **interval})
        progress(done + 1, len(sizes_m) + 1)
    return pd.DataFrame(rows)


def _shares(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    within: Within,
    at: datetime,
    *,
    weight: str | None,
    by: str | None,
    roads: RoadAccess | None,
    how: Bootstrap | None,
) -> pd.DataFrame:
    """`coverage.coverage`, with intervals where a bootstrap is asked for."""
    if how is None:
        return coverage(snapshot, points, within, at, weight=weight, by=by, roads=roads)
    return share_intervals(snapshot, points, within, at, how, weight=weight, by=by, roads=roads)


def over_p(
    plan: Plan,
    how: Bootstrap,
    numbers: Sequence[int] | None = None,
    *,
    effort: Effort | None = None,
    progress: Progress = unheard,
) -> pd.DataFrame:
    """What becomes of a plan with fewer or more sites, each number (those of siting.numbers_near)
    chosen anew: a row a number.

    p; share: of the demand's weight that is within reach of what exists and of so many sites;
    share_low, share_high; for a p-median way, the mean, in the problem's unit; gap: how far the
    choice may be from the best; draws, level, seed. Raises as plans_over_p, and BadQuestion where
    nobody asks.
    """
    problem, rows = plan.problem, []
    points = len(problem.demand)
    whole = np.bincount(problem.point, problem.weight, points)
    asked = numbers_near(plan) if numbers is None else numbers
    for p, each in zip(asked, plans_over_p(plan, asked, effort=effort), strict=True):
        part = np.bincount(problem.point, problem.weight * each.reached, points)
        share, low, high = ratio_interval(part, whole, how)
        way = {"way": each.way_after} if plan.model is Model.P_MEDIAN else {}
        told = {"p": p, "share": share, "share_low": low, "share_high": high, **way}
        rows.append({**told, "gap": each.gap})
        progress(len(rows), len(asked))
    return pd.DataFrame(rows).assign(draws=how.draws, level=how.level, seed=how.seed)


def _scaled(within: Within, factor: float) -> Within | None:
    """The same with another reach; None where it is longer than can be asked."""
    changed: dict[str, Any] = (
        {"reach_m": within.reach_m * factor}
        if within.minutes is None
        else {"minutes": within.minutes * factor}
    )
    try:
        return replace(within, **changed)
    except BadQuestion:
        if factor <= 1:
            raise
        return None


def _drawn_shares(standing: NDArray[np.uint8], weight: Floats, how: Bootstrap) -> Floats:
    """Shares of _SHARES in each draw, (draws, 4)."""
    if not len(standing):
        return np.full((how.draws, len(_SHARES)), np.nan)
    kinds, counts = np.unique(np.stack([standing, weight], axis=1), axis=0, return_counts=True)
    is_of = (kinds[:, :1] == np.array(_SHARES)) * kinds[:, 1:]
    rng, found = np.random.default_rng(how.seed), np.empty((how.draws, len(_SHARES)))
    for low in range(0, how.draws, _AT_ONCE):
        size = min(_AT_ONCE, how.draws - low)
        drawn = rng.multinomial(len(standing), counts / len(standing), size)
        sums = drawn @ is_of
        total = sums.sum(axis=1, keepdims=True)
        found[low : low + size] = np.divide(
            sums, total, out=np.full(sums.shape, np.nan), where=total > 0
        )
    return found
