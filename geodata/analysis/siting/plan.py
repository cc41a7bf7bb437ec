"""A plan: the chosen sites in order of what each adds, and why, as values and as frames."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.analysis.siting import greedy
from geodata.analysis.siting.problem import HOURS, Problem
from geodata.analysis.siting.solver import PROVED, Solved
from geodata.analysis.siting.worth import Covered, Nearer
from geodata.analysis.ways import Numbers
from geodata.errors import BadTable, Said
from geodata.space.coordinates import WGS84
from geodata.space.tangent import Floats

#: When a site helps is told as the shortest stretch of the day with this share of its gain.
WHEN_SHARE: Final = 0.8
#: A gap above this says nothing of a plan, and is not told as if it did.
_TELLING_GAP: Final = 0.5
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Model(StrEnum):
    """What is asked for; geodata/analysis/siting/__init__.py says what each means."""

    LSCP = "lscp"
    MCLP = "mclp"
    BACKUP = "backup"
    P_MEDIAN = "p-median"


@dataclass(frozen=True, eq=False)
class Plan:
    """What was chosen, and how good it is proved to be. `print(plan)` says it in a sentence.

    Worth is weight that is newly reached (mclp), plus what a second place is worth (backup), or
    weight times way saved (p-median). For lscp `value`, `bound` and `greedy` are costs, to be
    small; else they are worth, to be large.
    """

    model: Model
    problem: Problem
    worth: Covered | Nearer
    chosen: Numbers
    """(k,) rows of the problem's sites, in order of marginal gain, ties by row."""
    gains: Floats
    """(k,) the worth that each adds to those before it."""
    value: float
    bound: float
    """What no choice can be better than."""
    greedy: float
    """The value of the greedy choice that the solver started from."""
    seconds: float

    @property
    def gap(self) -> float:
        """How far the plan may be from the best, as a share of the larger of value and bound."""
        return abs(self.bound - self.value) / max(
            abs(self.bound), abs(self.value), np.finfo(float).tiny
        )

    @property
    def proved(self) -> bool:
        """Whether no other choice is better."""
        return self.gap <= PROVED

    @property
    def total(self) -> float:
        """The weight of all demand."""
        return float(self.problem.weight.sum())

    @property
    def before(self) -> float:
        """The weight that existing places reach."""
        return float(self.problem.weight[self.problem.already > 0].sum())

    @property
    def after(self) -> float:
        """The weight that existing places and the plan reach."""
        return float(self.problem.weight[self._reached()].sum())

    @property
    def reached(self) -> NDArray[np.bool_]:
        """(c,) which clients existing places or the plan reach."""
        return self._reached()

    @property
    def possible(self) -> float:
        """The weight that existing places and all candidates together would reach."""
        problem = self.problem
        return float(problem.weight[(problem.already > 0) | (np.diff(problem.starts) > 0)].sum())

    @property
    def way_before(self) -> float:
        """Mean way of the demand to the nearest existing place, beyond reach too: of all that has
        one at all (`nowhere_before` has none). Nan where nobody has.
        """
        return self._mean(self._ways_before)

    @property
    def way_after(self) -> float:
        """The same with the plan."""
        return self._mean(self._ways_after)

    @property
    def beyond_before(self) -> float:
        """The share of the demand's weight that has no existing place within reach."""
        return 1.0 - self.before / (self.total or 1.0)

    @property
    def beyond_after(self) -> float:
        """The same with the plan."""
        return 1.0 - self.after / (self.total or 1.0)

    @property
    def nowhere_after(self) -> float:
        """The share of the demand's weight from which no way to any place can be measured: part of
        no mean.
        """
        lost = self.problem.weight[~np.isfinite(self._ways_after)].sum()
        return float(lost) / (self.total or 1.0)

    def sites(self) -> gpd.GeoDataFrame | pd.DataFrame:
        """The chosen sites in order, with their own columns and those that say why.

        order; gain (worth added to those before); gain_share (of all demand's weight, for p-median
        of the way before); reached_share (of the demand's weight, by existing places and the plan
        so far); points (that gain anything); only_here (worth that goes if this site alone is left
        out); when (WHEN_SHARE of the gain lies in these hours of the day, "" where hours are not
        judged); reason, the same as a sentence.
        """
        table = self.problem.sites.iloc[self.chosen].reset_index(drop=True)
        steps = self._steps()
        whole = self.total
        if isinstance(self.worth, Nearer):
            whole = float(self.problem.weight @ self.worth.before)
        lines = {
            "order": np.arange(1, len(self.chosen) + 1),
            "gain": self.gains,
            "gain_share": self.gains / (whole or 1.0),
            "reached_share": self._reached_so_far(),
            "points": [len(np.unique(self.problem.point[step > 0])) for step in steps],
            "only_here": self._only_here(),
            "when": [when(self.problem.by_hour(step)) for step in steps],
        }
        told = pd.DataFrame(lines)
        own = table.drop(columns=[name for name in (*lines, "reason") if name in table])
        named = own.drop(columns="geometry", errors="ignore")
        reasons = [str(self.reason(row)) for row in told.itertuples()]
        joined = pd.concat([told[["order"]], named, told.drop(columns="order")], axis=1).assign(
            reason=reasons
        )
        return (
            joined
            if "geometry" not in own
            else gpd.GeoDataFrame(joined, geometry=own.geometry, crs=WGS84)
        )

    def points(self) -> gpd.GeoDataFrame | pd.DataFrame:
        """The demand with `reached_before` and `reached_after` (shares of its weight), `gain` and
        `by_site`.

        `by_site` is the site_id of the chosen site that adds most there; null where none adds
        anything.
        """
        problem, steps = self.problem, self._steps()
        rows = len(problem.demand)
        per_point = np.array([np.bincount(problem.point, step, rows) for step in steps]).reshape(
            -1, rows
        )
        ids = problem.sites["site_id"].to_numpy()[self.chosen]
        gained = per_point.sum(axis=0)
        by_site = np.full(rows, None, dtype=object)
        by_site[gained > 0] = ids[per_point[:, gained > 0].argmax(axis=0)] if len(ids) else None
        return problem.demand.assign(
            reached_before=self._share_at(problem.already > 0),
            reached_after=self._share_at(self._reached()),
            gain=gained,
            by_site=by_site,
        )

    def gains_by(self, column: str) -> pd.DataFrame:
        """Who gains: the worth that each chosen site adds (rows, in order) by the values of a
        column of the demand.
        """
        if column not in self.problem.demand:
            raise BadTable(
                "the demand has no column {column!r}; it has {demand}",
                column=column,
                demand=[*map(str, self.problem.demand)],
            )
        groups = self.problem.demand[column].to_numpy()[self.problem.point]
        rows = [pd.Series(step).groupby(groups, dropna=False).sum() for step in self._steps()]
        chosen = pd.Index(self.problem.sites["site_id"].to_numpy()[self.chosen], name="site_id")
        return pd.DataFrame(rows).set_axis(chosen).rename_axis(columns=column)

    def hours(self) -> pd.DataFrame:
        """168 rows: weekday, hour, demand (weight), before, after (shares of it reached).

        BadTable without a week.
        """
        problem = self.problem
        if not problem.spreads.shape[1]:
            raise BadTable("this problem judges no hours; give from_frames a week")
        asked = problem.by_hour(problem.weight)
        reached = [
            problem.by_hour(problem.weight * flags)
            for flags in (problem.already > 0, self._reached())
        ]
        before, after = (
            np.divide(part, asked, out=np.full(HOURS, np.nan), where=asked > 0) for part in reached
        )
        hour = np.arange(HOURS)
        days = pd.Categorical([WEEKDAYS[day] for day in hour // 24], WEEKDAYS, ordered=True)
        return pd.DataFrame(
            {"weekday": days, "hour": hour % 24, "demand": asked, "before": before, "after": after}
        )

    def __str__(self) -> str:
        return str(self.said)

    @property
    def said(self) -> Said:
        """One sentence: how many sites, what they reach, how good that is.

        Then how far anyone goes, and how.
        """
        return Said(
            "{model}: {chosen:,} of {sites:,} sites; {reached:,.0f} of {total:,.0f} within reach"
            " ({share:.1%}, before {share_before:.1%}){way}; {proof} (value {value:,.6g}, bound"
            " {bound:,.6g}, greedy {greedy:,.6g}, {seconds:.1f} s); reach {reach}{outside}"
            "{sites_outside}{off_road}",
            model=self.model,
            chosen=len(self.chosen),
            sites=len(self.problem.sites),
            reached=self.after,
            total=self.total,
            share=self.after / (self.total or 1),
            share_before=self.before / (self.total or 1),
            way=self._told_way(),
            proof=self._proof(),
            value=self.value,
            bound=self.bound,
            greedy=self.greedy,
            seconds=self.seconds,
            reach=self.problem.reach,
            **self._left_out(),
        )

    def _proof(self) -> Said:
        if self.proved:
            return Said("proved optimal")
        if self.gap > _TELLING_GAP:
            return Said(
                "how near it is to the best is not known; allow more time or a shorter reach"
            )
        return Said("at most {gap:.2%} from the best", gap=self.gap)

    def _told_way(self) -> str:
        if not isinstance(self.worth, Nearer):
            return ""
        before = f"{self.way_before:,.1f} → " if np.isfinite(self.way_before) else ""
        beyond = Said(
            ", {share:.1%} of the demand goes farther than the reach", share=self.beyond_after
        )
        nowhere = Said(", {share:.1%} has no way at all", share=self.nowhere_after)
        return Said(
            ", mean way {before}{after:,.1f} {unit}{beyond}{nowhere}",
            before=before,
            after=self.way_after,
            unit=self.problem.unit,
            beyond=beyond if np.isfinite(self.problem.most_way) else "",
            nowhere=nowhere if self.nowhere_after else "",
        )

    def _left_out(self) -> dict[str, str]:
        problem = self.problem
        outside = Said("; {count:,.0f} more lie outside the service area", count=problem.outside)
        sites = Said(
            "; {count:,} sites lie there and were not offered", count=problem.sites_outside
        )
        off_road = Said("; {count:,.0f} more stand on no road", count=problem.off_road)
        return {
            "outside": outside if problem.outside else "",
            "sites_outside": sites if problem.sites_outside else "",
            "off_road": off_road if problem.off_road else "",
        }

    @cached_property
    def _ways_before(self) -> Floats:
        return self.problem.true_way(np.empty(0, np.int64))

    @cached_property
    def _ways_after(self) -> Floats:
        return self.problem.true_way(self.chosen)

    def _mean(self, ways: Floats) -> float:
        known = np.isfinite(ways)
        weight = self.problem.weight[known]
        return float(weight @ ways[known] / weight.sum()) if weight.sum() > 0 else float("nan")

    def _steps(self) -> list[Floats]:
        """What each chosen site adds to each client, (c,) a site."""
        worths = [self.worth.of(self.chosen[:number]) for number in range(len(self.chosen) + 1)]
        return [after - before for before, after in pairwise(worths)]

    def _reached(self, number: int | None = None) -> NDArray[np.bool_]:
        """(c,) reached by what exists and the first `number` of the plan."""
        return (self.problem.already > 0) | (self._first_by < self.chosen[:number].size)

    @cached_property
    def _first_by(self) -> Numbers:
        """(c,) the first of the plan that reaches each client, by its place in the order; as many
        as there are where none does.
        """
        problem, none = self.problem, len(self.chosen)
        place = np.full(len(problem.cost), none)
        place[self.chosen] = np.arange(none)
        first, has = np.full(len(problem.weight), none), np.diff(problem.starts) > 0
        if has.any():
            first[has] = np.minimum.reduceat(place[problem.site], problem.starts[:-1][has])
        return first

    def _reached_so_far(self) -> Floats:
        shares = [
            self.problem.weight[self._reached(number + 1)].sum()
            for number in range(len(self.chosen))
        ]
        return np.array(shares) / (self.total or 1.0)

    def _share_at(self, flags: NDArray[np.bool_]) -> Floats:
        """Of each point's weight; nan where it has none."""
        problem, rows = self.problem, len(self.problem.demand)
        weight = np.bincount(problem.point, problem.weight, rows)
        reached = np.bincount(problem.point, problem.weight * flags, rows)
        share: Floats = np.divide(reached, weight, out=np.full(rows, np.nan), where=weight > 0)
        return share

    def _only_here(self) -> Floats:
        whole = self.worth.of(self.chosen).sum()
        left = [self.worth.of(np.delete(self.chosen, at)).sum() for at in range(len(self.chosen))]
        lost: Floats = np.maximum(whole - np.array(left), 0.0)
        return lost

    def reason(self, row: Any) -> Said:
        """Why a row of `sites` was chosen, as a sentence."""
        what = (
            Said("saves {gain:,.0f} weighted {unit}", gain=row.gain, unit=self.problem.unit)
            if isinstance(self.worth, Nearer)
            else Said("adds {gain:,.0f}", gain=row.gain)
        )
        hours = Said(", {share:.0%} of it {when}", share=WHEN_SHARE, when=row.when)
        return Said(
            "{what} ({share:.1%}) at {points:,} points{hours}; {only_here:,.0f} of it only here",
            what=what,
            share=row.gain_share,
            points=row.points,
            hours=hours if row.when else "",
            only_here=row.only_here,
        )


def plan(
    model: Model, problem: Problem, worth: Covered | Nearer, solved: Solved, *, keep_idle: bool
) -> Plan:
    """A solver's choice in order of marginal gain.

    `keep_idle`: also sites that add nothing to those before.
    """
    ranked = greedy.in_order(worth.gains(), solved.sites.tolist(), len(problem.cost))
    kept = [(site, gain) for site, gain in ranked if gain > 0 or keep_idle]
    chosen, gains = (
        np.array([site for site, _ in kept], np.int64),
        np.array([gain for _, gain in kept], np.float64),
    )
    return Plan(
        model,
        problem,
        worth,
        chosen,
        gains,
        solved.value,
        solved.bound,
        solved.greedy,
        solved.seconds,
    )


def when(by_hour: Floats) -> str:
    """The shortest stretch of the day that holds WHEN_SHARE of what lies in the hours of a week,
    shape (168,).

    Such as "22:00–06:00"; "all day" where that takes twenty hours or more, "" for nothing.
    """
    day = by_hour.reshape(-1, 24).sum(axis=0) if len(by_hour) else np.zeros(24)
    if day.sum() <= 0:
        return ""
    first, length = _shortest(day / day.sum())
    return "all day" if length >= 20 else f"{first:02}:00–{(first + length) % 24 or 24:02}:00"


def _shortest(day: Floats) -> tuple[int, int]:
    """First hour and number of hours of the shortest stretch, of those the fullest, that holds
    WHEN_SHARE.
    """
    ends = np.concatenate([[0.0], np.cumsum(np.concatenate([day, day]))])
    for length in range(1, 24):
        held = ends[length : length + 24] - ends[:24]
        if held.max() >= WHEN_SHARE - PROVED:
            return int(held.argmax()), length
    return 0, 24
