"""Before and after: who gains a place within reach and who loses it, where, for which need and at
which hours. Frames in, frames out.

Of two scenarios each is a version of a dataset, or a version with planned sites beside it. A point
gains at an instant where it is served after and was not before; it loses the other way round. So of
the same demand share_after - share_before = share_gained - share_lost, for every area, need and
hour. Points that either scenario does not judge (outside its service area, or by road on no road)
are left out of both, and counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from geodata.analysis.clients import Clients
from geodata.analysis.siting import Metres, Minutes
from geodata.analysis.siting.reach import Reach
from geodata.analysis.tables import WRITERS, replaced, require_ending, writing
from geodata.coverage.near import Within
from geodata.coverage.served import NOWHERE, PIECE, Standing, judge, states_of
from geodata.errors import BadTable
from geodata.hours.minute import HoursByMinute
from geodata.hours.table import compile_hours
from geodata.hours.timeline import State
from geodata.index.tree import Flags
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.space.tangent import Floats
from geodata.vocabulary import Need

#: What a point can have between two scenarios; the last is of points that one does not judge.
CHANGES: Final = ("kept", "gained", "lost", "never", "left_out")
_PARTS: Final = ("before", "after", "gained", "lost")
_OPEN: Final = (State.OPEN, State.CLOSING_SOON)
#: What asks for no need in particular.
ANY_NEED: Final = "any"


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A version of a dataset, and what is planned beside it."""

    snapshot: Snapshot
    planned: gpd.GeoDataFrame | None = None
    """Points or lines in WGS-84; `opening_hours` as OSM writes them (round the clock where the
    column or a cell is missing); `needs` that each serves, such as "water,rest" (every one where
    missing).
    """
    roads: RoadAccess | None = None
    """The roads that minutes are those of, with the places of the snapshot on them."""


class Moment(NamedTuple):
    """An instant, and the columns that name it in a table."""

    at: datetime
    named: dict[str, Any]


def moments_of(days: dict[str, date], at: Sequence[datetime]) -> list[Moment]:
    """The full hours of named days (served.hours_of), each with day, date and hour."""
    names = [(day, on, hour) for day, on in days.items() for hour in range(24)]
    return [
        Moment(instant, {"day": day, "date": on, "hour": hour})
        for instant, (day, on, hour) in zip(at, names, strict=True)
    ]


def compare(
    before: Scenario,
    after: Scenario,
    points: gpd.GeoDataFrame,
    within: Within,
    needs: Sequence[tuple[Need, ...]],
    moments: Sequence[Moment],
    *,
    weight: str | None = None,
    by: str | None = None,
) -> pd.DataFrame:
    """A row an area, set of needs and moment, in that order; one area `None` for points in none.

    Columns: area; need (its needs joined by "+", or "any"); those of the moment; points, weight:
    judged in both; points_left_out; before, after, gained, lost: the weight served so, or changed;
    share_…: the same over `weight`, nan where there is none.
    """
    clients = Clients.of(points, weight, by)
    sums = {wanted: _Sums.of(clients, len(moments)) for wanted in needs}
    for wanted, total in sums.items():
        asked = _asking(within, wanted)
        sides = [_served_by(each, asked, wanted, moments) for each in (before, after)]
        for lo in range(0, len(clients.lonlat), PIECE):
            piece = slice(lo, lo + PIECE)
            was, now = (side(clients.lonlat[piece]) for side in sides)
            total.add(clients, piece, was, now)
    return pd.DataFrame(_rows(clients, sums, moments))


def changes(
    before: Scenario,
    after: Scenario,
    points: gpd.GeoDataFrame,
    within: Within,
    needs: tuple[Need, ...],
    at: datetime,
) -> gpd.GeoDataFrame:
    """The points with a column `change`: one of CHANGES, at an instant."""
    lonlat = Clients.of(points).lonlat
    asked, moment = _asking(within, needs), [Moment(at, {})]
    was, now = (_served_by(each, asked, needs, moment)(lonlat) for each in (before, after))
    judged = was.judged & now.judged
    code: NDArray[np.int64] = np.select(
        [~judged, was.open[:, 0] & now.open[:, 0], now.open[:, 0], was.open[:, 0]],
        [CHANGES.index(name) for name in ("left_out", "kept", "gained", "lost")],
        CHANGES.index("never"),
    )
    return gpd.GeoDataFrame(
        points.assign(change=pd.Categorical.from_codes(code, pd.Index(CHANGES)))
    )


class _Served(NamedTuple):
    """Which points are judged (n,), and served at each moment (n, m)."""

    judged: Flags
    open: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """By area, the last for points in none, and moment: the weights of _PARTS; and who is asked."""

    parts: Floats
    weight: Floats
    points: NDArray[np.int64]
    left_out: NDArray[np.int64]

    @classmethod
    def of(cls, clients: Clients, moments: int) -> "_Sums":
        areas = len(clients.areas) + 1
        return cls(
            np.zeros((areas, moments, len(_PARTS))),
            np.zeros(areas),
            np.zeros(areas, np.int64),
            np.zeros(areas, np.int64),
        )

    def add(self, clients: Clients, piece: slice, was: _Served, now: _Served) -> None:
        judged = was.judged & now.judged
        area = np.where(clients.area[piece] == NOWHERE, len(clients.areas), clients.area[piece])
        weight = np.where(judged, clients.weight[piece], 0.0)
        np.add.at(self.weight, area, weight)
        np.add.at(self.points, area[judged], 1)
        np.add.at(self.left_out, area[~judged], 1)
        flags = (was.open, now.open, now.open & ~was.open, was.open & ~now.open)
        for part, flag in enumerate(flags):
            np.add.at(self.parts[:, :, part], area, flag * weight[:, None])


def _served_by(
    scenario: Scenario, within: Within, needs: tuple[Need, ...], moments: Sequence[Moment]
) -> Any:
    """What tells of WGS-84 points, (n, 2), who is _Served."""
    snapshot, instants = scenario.snapshot, [each.at for each in moments]
    judged = judge(snapshot, within.near(snapshot.index, scenario.roads), instants)
    beside = _planned(scenario, within, needs, instants)

    def served(lonlat: Floats) -> _Served:
        standing = judged(lonlat)
        asked = standing[:, 0] >= Standing.NONE
        opened = standing == Standing.OPEN
        if beside is not None:
            rows = np.flatnonzero(asked)
            pairs = beside.reach.pairs(lonlat[rows], beside.shapes)
            np.logical_or.at(opened, rows[pairs.point], beside.open[pairs.shape])
        return _Served(asked, opened)

    return served


@dataclass(frozen=True, slots=True, eq=False)
class _Planned:
    """Planned sites that serve what is asked: their shapes (k,), and when they are open (k, m)."""

    reach: Reach
    shapes: NDArray[Any]
    open: NDArray[np.bool_]


def _planned(
    scenario: Scenario, within: Within, needs: tuple[Need, ...], instants: Sequence[datetime]
) -> _Planned | None:
    if scenario.planned is None:
        return None
    fits = [set(needs) <= served for served in _needs_of(scenario.planned)]
    sites = scenario.planned[np.array(fits, bool)]
    if sites.empty:
        return None
    reach: Reach = (
        Metres(within.straight_m)
        if within.minutes is None or scenario.roads is None
        else Minutes(within.minutes, within.mode, scenario.roads.network)
    )
    opened = _open(scenario.snapshot, sites, instants)
    return _Planned(reach, np.asarray(sites.geometry, dtype=object), opened)


def _needs_of(sites: gpd.GeoDataFrame) -> Iterator[set[Need]]:
    """The needs that each site serves. BadTable for a word that is none."""
    if "needs" not in sites:
        yield from ({*Need} for _ in range(len(sites)))
        return
    for row, cell in enumerate(sites["needs"], 2):
        stated = cell if isinstance(cell, str) else ""
        words = [each.strip() for each in stated.replace("，", ",").replace(";", ",").split(",")]
        unknown = [each for each in words if each and each not in list(Need)]
        if unknown:
            raise BadTable(
                f"row {row} of the planned sites: {unknown[0]!r} is no need; the needs are"
                f" {', '.join(Need)}"
            )
        yield {Need(each) for each in words if each} or {*Need}


def _open(
    snapshot: Snapshot, sites: gpd.GeoDataFrame, instants: Sequence[datetime]
) -> NDArray[np.bool_]:
    """When each site is known to be open, (k, m). BadTable for hours that cannot be read."""
    stated = (
        [
            each if isinstance(each, str) and each.strip() else "24/7"
            for each in sites["opening_hours"]
        ]
        if "opening_hours" in sites
        else ["24/7"] * len(sites)
    )
    calendar = snapshot.hours_by_minute.calendar
    table, rows, unread = compile_hours(stated, calendar)
    if unread:
        expression, reason = next(iter(unread.items()))
        raise BadTable(
            f"the opening hours {expression!r} of a planned site are not understood: {reason}"
        )
    states = states_of(HoursByMinute(table, calendar, snapshot.zone), instants)
    opened: NDArray[np.bool_] = np.isin(states, _OPEN)[:, rows].T
    return opened


def _asking(within: Within, needs: tuple[Need, ...]) -> Within:
    return replace(within, filter=replace(within.filter, needs=needs))


def _rows(
    clients: Clients, sums: dict[tuple[Need, ...], _Sums], moments: Sequence[Moment]
) -> Iterator[dict[str, Any]]:
    some = next(iter(sums.values()))
    nowhere = bool(some.points[-1] + some.left_out[-1])
    areas: list[str | None] = [*clients.areas, *([None] if nowhere else [])]
    for number, area in enumerate(areas):
        at = number if area is not None else -1
        for needs, total in sums.items():
            for nth, moment in enumerate(moments):
                parts = dict(zip(_PARTS, total.parts[at, nth].tolist(), strict=True))
                weight = float(total.weight[at])
                yield {
                    "area": area,
                    "need": "+".join(needs) or ANY_NEED,
                    **moment.named,
                    "points": int(total.points[at]),
                    "weight": weight,
                    "points_left_out": int(total.left_out[at]),
                    **parts,
                    **{
                        f"share_{name}": value / weight if weight > 0 else float("nan")
                        for name, value in parts.items()
                    },
                }


def write(table: pd.DataFrame, target: Path) -> None:
    """A table of either function as .parquet, .csv or .xlsx, whole or not at all.

    Raises UnreadableFile for another ending, or where it cannot be written.
    """
    require_ending(target, tuple(WRITERS))
    with replaced(target) as part, writing(part, target.suffix) as rows:
        rows(pa.Table.from_pandas(table, preserve_index=False))
