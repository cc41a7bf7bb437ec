"""What is to be decided: who asks, when, and which candidates would reach them. Chooses nothing.

A client is a point of demand in one class of hours: the hours of the week in which the same
candidates and the same existing places are open are one class, so 168 hours cost as little as the
opening hours differ. Where hours are not judged there is one class, and a client is a point.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from geodata.analysis.siting.reach import Reach, ReachPairs, Shapes
from geodata.analysis.ways import Numbers
from geodata.errors import BadTable, Reject, Said
from geodata.hours.calendar import Calendar
from geodata.hours.sun import ANYWHERE, SunTimes, sun_times
from geodata.hours.timeline import State, compile_hours, states_at, timeline
from geodata.index.tree import Flags
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import WGS84
from geodata.space.service_area import Outline
from geodata.space.tangent import Floats

HOURS: Final = 168
"""Of a week; 0 is Monday, 00:00–01:00."""


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """A week whose hours are judged one by one: existing places and candidates count only while
    they are open.

    A place is open in an hour if it is at its beginning, by the wall clock. `Week.of` is the week
    of a dataset. Raises BadTable for a profile that is none.
    """

    monday: date
    """Its first day; public holidays and adjusted workdays count."""
    calendar: Calendar
    """Which days these are: a dataset's own, or that of a home folder (store/calendar.py)."""
    profile: ArrayLike | None = None
    """(168,) how demand is spread over the hours, in any unit; None: evenly. A column `hour` of the
    demand goes first.
    """
    include_unknown: bool = False
    """Whether a place whose hours are not known counts as open."""
    sun: SunTimes = field(default_factory=lambda: ANYWHERE)
    """When it rises and sets where the places are; what hangs on it is unknown without."""

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        monday: date,
        profile: ArrayLike | None = None,
        *,
        include_unknown: bool = False,
    ) -> "Week":
        """A week by the calendar of a dataset, in its service area. Raises as Week."""
        sun = sun_times(snapshot.outline.bounds, snapshot.zone)
        calendar = snapshot.hours_by_minute.calendar
        return cls(monday, calendar, profile, include_unknown, sun)

    def __post_init__(self) -> None:
        shares = self.shares()
        if (
            shares.shape != (HOURS,)
            or not np.isfinite(shares).all()
            or (shares < 0).any()
            or not shares.any()
        ):
            raise BadTable(
                (
                    "a profile needs {hours} numbers, none below 0 and not all 0, from Monday "
                    "00:00 on"
                ),
                hours=HOURS,
            )
        if self.monday.weekday():
            raise BadTable("{monday} is no Monday; a week begins with one", monday=self.monday)

    def shares(self) -> Floats:
        """The profile as shares of 1."""
        profile = np.ones(HOURS) if self.profile is None else np.asarray(self.profile, np.float64)
        return profile / (profile.sum() or 1.0)

    def open(self, expressions: Sequence[str | None]) -> Flags:
        """Which hours each OSM expression is open in, shape (n, 168)."""
        table, rows, _ = compile_hours(expressions, self.calendar, self.sun)
        line = timeline(table, self.calendar, self.monday, 8)
        states = np.stack([states_at(line, 60 * hour) for hour in range(HOURS)], axis=1)
        passing = [
            State.OPEN,
            State.CLOSING_SOON,
            *([State.UNKNOWN] if self.include_unknown else []),
        ]
        return np.isin(states, passing)[rows]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Clients, candidates, and which reach which. Made by `from_frames` or `from_matrix`."""

    demand: pd.DataFrame
    """The points as given; a GeoDataFrame in WGS-84 where they have one."""
    sites: pd.DataFrame
    """The candidates as given, with `site_id`."""
    cost: Floats
    """(m,) what choosing a site costs."""
    point: Numbers
    """(c,) the row of `demand` that each client stands at."""
    weight: Floats
    """(c,)"""
    starts: Numbers
    """(c + 1,) client i is reached by sites [starts[i], starts[i + 1]) of `site`, nearest first."""
    site: NDArray[np.int32]
    way: Floats
    """What each of these ways takes, in `unit`."""
    already: Numbers
    """(c,) how many existing places reach each client."""
    already_way: Floats
    """(c,) the way to the nearest of them; inf where there is none."""
    most_way: float
    """The reach; inf where none was stated."""
    unit: str
    reach: str
    """How far anyone goes and how, for people."""
    off_road: float
    """The weight of the demand of which a reach by road can say nothing: it counts as none."""
    outside: float
    """The weight of the demand that lies outside the service area: it counts as none."""
    sites_outside: int
    """How many candidates lie there, and are not among `sites`."""
    true_way: Callable[[Numbers], Floats]
    """(c,) the way of each client to the nearest of what exists and of some sites, by row, beyond
    reach too; inf where there is none.
    """
    spread_of: Numbers
    """(c,) the row of `spreads` of each client."""
    spreads: Floats
    """(s, 168) how a client's weight lies in the hours of the week.

    (s, 0) where hours are not judged.
    """

    @property
    def client(self) -> NDArray[np.int32]:
        """The client of each way, shape of `site`."""
        return np.repeat(np.arange(len(self.weight), dtype=np.int32), np.diff(self.starts))

    def by_hour(self, worth: Floats) -> Floats:
        """What belongs to clients, shape (c,), by hour of the week, shape (168,).

        (0,) where hours are not judged.
        """
        return np.bincount(self.spread_of, worth, len(self.spreads)) @ self.spreads


def from_frames(
    demand: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    reach: Reach,
    *,
    existing: gpd.GeoDataFrame | None = None,
    week: Week | None = None,
    area: Outline | None = None,
) -> Problem:
    """The problem of choosing among `sites` for `demand`, given what is there already.

    `demand`: points in any CRS; `weight` (1 if missing); with a `week` also `hour`, 0–167, of each
    row. `sites`: points or lines; `site_id` (1, 2, … if missing), `cost` (1 if missing), with a
    `week` also `opening_hours` as OSM writes them (always open if the column is missing) and
    `opening_hours_now`, which bring nothing new. `existing`: points or lines, with `opening_hours`
    where there is a `week`. By road, demand on no road weighs nothing, and is told as `off_road`.
    `area`: the service area; demand outside it weighs nothing, sites there are no candidates, and
    both are told as `outside` and `sites_outside`. Raises BadTable with every row that cannot be
    used.
    """
    asked, every = _points(demand, "demand"), _with_ids(_points(sites, "sites"))
    offered = every[_inside(every, area)].reset_index(drop=True)
    there = _points(
        gpd.GeoDataFrame(geometry=[], crs=WGS84) if existing is None else existing,
        "existing places",
    )
    weight, cost = _numbers(asked, "weight", "demand"), _numbers(offered, "cost", "sites")
    lonlat = shapely.get_coordinates(asked.geometry.to_numpy())
    inside = _inside(asked, area)
    outside, weight = float(weight[~inside].sum()), np.where(inside, weight, 0.0)
    judged = reach.judged(lonlat)
    off_road, weight = float(weight[~judged].sum()), np.where(judged, weight, 0.0)
    new, old = (reach.pairs(lonlat, _shapes(frame)) for frame in (offered, there))
    when = _when(asked, offered, there, week)
    starts, site, way = _ways(new, when.new, when.client)
    old_starts, _, old_way = _ways(old, when.old, when.client)
    return Problem(
        demand=asked,
        sites=offered,
        cost=cost,
        point=when.point,
        weight=weight[when.point] * when.share,
        starts=starts,
        site=site,
        way=way,
        already=np.diff(old_starts),
        already_way=_first(old_starts, old_way),
        most_way=reach.most,
        unit=reach.unit,
        reach=reach.description,
        off_road=off_road,
        outside=outside,
        sites_outside=len(every) - len(offered),
        true_way=_TrueWay(lonlat, _shapes(offered), _shapes(there), reach, when),
        spread_of=when.spread_of,
        spreads=when.spreads,
    )


def from_matrix(
    way: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    cost: ArrayLike | None = None,
    reach: float | None = None,
    existing: ArrayLike | None = None,
    unit: str = "m",
) -> Problem:
    """The same from ways known already: `way`, shape (n, m), from each point of demand to each
    site, in `unit`.

    nan or inf: there is none. `reach`: the longest that counts, None: any. `existing`, shape (n,
    e): ways to places that are there. `weight` (n,) and `cost` (m,) are 1 by default. Raises
    BadTable for shapes that do not fit.
    """
    ways = _matrix(way, "way")
    there = _matrix(np.empty((len(ways), 0)) if existing is None else existing, "existing")
    most = np.inf if reach is None else float(reach)
    demand = pd.DataFrame(
        {"weight": np.ones(len(ways)) if weight is None else np.asarray(weight, np.float64)}
    )
    sites = pd.DataFrame(
        {"cost": np.ones(ways.shape[1]) if cost is None else np.asarray(cost, np.float64)}
    )
    if len(there) != len(ways) or len(demand) != len(ways) or len(sites) != ways.shape[1]:
        raise BadTable(
            (
                "way has {shape} points and {shape2} sites, but there are {count} weights, "
                "{count2} costs and existing ways of {count3} points"
            ),
            shape=ways.shape[0],
            shape2=ways.shape[1],
            count=len(demand),
            count2=len(sites),
            count3=len(there),
        )
    starts, site, near = _cut(_of_matrix(ways, most), len(ways))
    old_starts, _, old = _cut(_of_matrix(there, most), len(ways))
    every = np.arange(len(ways))
    return Problem(
        demand=demand,
        sites=_with_ids(sites),
        cost=_numbers(sites, "cost", "sites"),
        point=every,
        weight=_numbers(demand, "weight", "demand"),
        starts=starts,
        site=site,
        way=near,
        already=np.diff(old_starts),
        already_way=_first(old_starts, old),
        most_way=most,
        unit=unit,
        reach="any way" if reach is None else f"{reach:g} {unit}",
        off_road=0.0,
        outside=0.0,
        sites_outside=0,
        true_way=lambda chosen: _least(np.concatenate([there, ways[:, chosen]], axis=1)),
        spread_of=np.zeros_like(every),
        spreads=np.empty((1, 0)),
    )


# --- hours ---


class _When(NamedTuple):
    """How points become clients: `t` classes of hours, c clients."""

    new: Flags
    """(t, m) which candidates are open."""
    old: Flags
    """(t, e) which existing places are."""
    client: Numbers
    """(n, t) the client of a point and class; -1: nobody."""
    point: Numbers
    share: Floats
    """(c,) of the point's weight."""
    spread_of: Numbers
    spreads: Floats


def _when(
    asked: gpd.GeoDataFrame, offered: gpd.GeoDataFrame, there: gpd.GeoDataFrame, week: Week | None
) -> _When:
    every = np.arange(len(asked))
    if week is None:
        return _When(
            np.ones((1, len(offered)), bool),
            np.ones((1, len(there)), bool),
            every[:, None],
            every,
            np.ones(len(asked)),
            np.zeros_like(every),
            np.empty((1, 0)),
        )
    opens = np.concatenate([_added(offered, week), _hours_of(there, "existing places", week)])
    classes, of_hour = np.unique(opens, axis=1, return_inverse=True)
    new, old = classes.T[:, : len(offered)], classes.T[:, len(offered) :]
    if "hour" in asked:
        hour = _hours_asked(asked)
        client = np.full((len(asked), len(new)), -1)
        client[every, of_hour[hour]] = every
        return _When(new, old, client, every, np.ones(len(asked)), hour, np.eye(HOURS))
    shares = np.zeros((len(new), HOURS))
    shares[of_hour, np.arange(HOURS)] = week.shares()
    share = shares.sum(axis=1)
    spreads = shares / np.where(share > 0, share, 1.0)[:, None]
    client = np.arange(len(asked) * len(new)).reshape(len(asked), -1)
    clazz = np.tile(np.arange(len(new)), len(asked))
    return _When(new, old, client, np.repeat(every, len(new)), share[clazz], clazz, spreads)


def _added(offered: gpd.GeoDataFrame, week: Week) -> Flags:
    """The hours that each candidate would add, shape (m, 168)."""
    if "opening_hours" not in offered:
        return np.ones((len(offered), HOURS), bool)
    _refuse_unread(offered)
    proposed = _hours_of(offered, "sites", week)
    if "opening_hours_now" not in offered:
        return proposed
    return proposed & ~_hours_of(offered, "sites", week, "opening_hours_now")


def _refuse_unread(offered: gpd.GeoDataFrame) -> None:
    """What a person proposes must be understood; what is published may be unknown."""
    texts = _texts(offered["opening_hours"])
    reasons = compile_hours(texts)[2]
    unread = np.flatnonzero([text is not None and text in reasons for text in texts])
    _refuse(unread, texts, "opening_hours", lambda text: Said(reasons[text]), "sites")


def _hours_of(
    frame: gpd.GeoDataFrame, what: str, week: Week, column: str = "opening_hours"
) -> Flags:
    if not len(frame):
        return np.empty((0, HOURS), bool)
    if column not in frame:
        raise BadTable(
            (
                "{what} have no column {column!r}, and a week judges opening hours; leave "
                "the week out"
            ),
            what=what,
            column=column,
        )
    return week.open(_texts(frame[column]))


def _texts(column: "pd.Series[Any]") -> list[str | None]:
    return [value if isinstance(value, str) else None for value in column]


def _hours_asked(asked: gpd.GeoDataFrame) -> Numbers:
    hour = pd.to_numeric(asked["hour"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = np.flatnonzero(~((hour >= 0) & (hour < HOURS) & (hour == np.floor(hour))))
    _refuse(
        bad,
        asked["hour"].to_numpy(),
        "hour",
        lambda _: Said("an hour of the week is one of 0, 1 … {last}", last=HOURS - 1),
        "demand",
    )
    return hour.astype(np.int64)


# --- ways ---


@dataclass(frozen=True, slots=True, eq=False)
class _TrueWay:
    """Ways of clients made from frames, class of hours by class: those to what is open then."""

    lonlat: Floats
    offered: Shapes
    there: Shapes
    reach: Reach
    when: _When

    def __call__(self, chosen: Numbers) -> Floats:
        found = np.full(len(self.when.point), np.inf)
        for clazz in range(len(self.when.new)):
            clients = self.when.client[:, clazz]
            clients = clients[clients >= 0]
            new = self.offered[chosen[self.when.new[clazz, chosen]]]
            old = self.there[self.when.old[clazz]]
            at = self.lonlat[self.when.point[clients]]
            found[clients] = self.reach.nearest(at, np.concatenate([new, old]))
        return found


def _least(ways: Floats) -> Floats:
    """The least of each row; inf where there is none."""
    known: Floats = np.where(np.isnan(ways), np.inf, ways).min(axis=1, initial=np.inf)
    return known


def _ways(
    pairs: ReachPairs, opens: Flags, client: Numbers
) -> tuple[Numbers, NDArray[np.int32], Floats]:
    """The ways of clients, class by class: those to what is open then."""
    if len(opens) == 1 and opens.all():  # hours are not judged: a client is a point
        return _cut(pairs, len(client))
    parts = []
    for clazz in range(len(opens)):
        asks = client[pairs.point, clazz]
        kept = np.flatnonzero(opens[clazz, pairs.shape] & (asks >= 0))
        parts.append((asks[kept], kept))
    asks, kept = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(asks, kind="stable")
    kept = kept[order]
    return _cut(
        ReachPairs(asks[order], pairs.shape[kept], pairs.cost[kept]),
        int(client.max(initial=-1)) + 1,
    )


def _cut(pairs: ReachPairs, clients: int) -> tuple[Numbers, NDArray[np.int32], Floats]:
    """Pairs in order of clients as starts, shapes and costs."""
    starts = np.searchsorted(pairs.point, np.arange(clients + 1)).astype(np.int64)
    return starts, pairs.shape.astype(np.int32, copy=False), pairs.cost


def _first(starts: Numbers, way: Floats) -> Floats:
    """The least way of each client; inf where there is none."""
    has = np.diff(starts) > 0
    nearest = np.full(len(has), np.inf)
    nearest[has] = way[starts[:-1][has]]
    return nearest


def _matrix(way: ArrayLike, name: str) -> Floats:
    ways = np.asarray(way, np.float64)
    if ways.ndim != 2 or (ways < 0).any():
        raise BadTable(
            "{name} must be a matrix, points by sites, and no way is negative", name=name
        )
    return ways


def _of_matrix(ways: Floats, most: float) -> ReachPairs:
    point, shape = np.nonzero(np.isfinite(ways) & (ways <= most))
    order = np.lexsort((shape, ways[point, shape], point))
    return ReachPairs(point[order], shape[order], ways[point, shape][order])


# --- frames ---


def _inside(frame: gpd.GeoDataFrame, area: Outline | None) -> Flags:
    """Which rows lie in the area; a line does if its middle does. All, where none is stated."""
    if area is None:
        return np.ones(len(frame), bool)
    shapes = _shapes(frame)
    middles, lines = shapes.copy(), shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    middles[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    return area.holds_each(shapely.get_coordinates(middles))


def _shapes(frame: gpd.GeoDataFrame) -> Shapes:
    return np.asarray(frame.geometry, dtype=object)


def _points(frame: gpd.GeoDataFrame, what: str) -> gpd.GeoDataFrame:
    """In WGS-84 with a fresh index. Demand is points; candidates and places may be lines."""
    if frame.crs is None:
        raise BadTable(
            (
                "no CRS is stated for the {what}; say set_crs({crs_name!r}) if they are degrees "
                "of longitude and latitude"
            ),
            what=what,
            crs_name=WGS84,
        )
    shown = gpd.GeoDataFrame(frame.to_crs(WGS84).reset_index(drop=True))
    if shown.geometry.name != "geometry":
        shown = shown.rename_geometry("geometry")
    shapes = shown.geometry.to_numpy()
    allowed = [shapely.GeometryType.POINT] + [shapely.GeometryType.LINESTRING] * (what != "demand")
    usable = np.isin(shapely.get_type_id(shapes), allowed) & ~shapely.is_empty(shapes)
    usable &= np.isfinite(shapely.bounds(shapes)).all(axis=1)
    reason = Said("a point is needed") if what == "demand" else Said("a point or a line is needed")
    _refuse(np.flatnonzero(~usable), shapes, "geometry", lambda _: reason, what)
    return shown


def _numbers(frame: pd.DataFrame, column: str, what: str) -> Floats:
    """A column of numbers that are not negative; ones where there is none."""
    if column not in frame:
        return np.ones(len(frame))
    values = pd.to_numeric(frame[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    reason = Said("{column} is a number, not below 0", column=column)
    _refuse(bad, frame[column].to_numpy(), column, lambda _: reason, what)
    return values


def _with_ids(sites: Any) -> Any:
    if "site_id" not in sites:
        return sites.assign(site_id=[str(number + 1) for number in range(len(sites))])
    twins = np.flatnonzero(sites["site_id"].duplicated().to_numpy())
    _refuse(
        twins,
        sites["site_id"].to_numpy(),
        "site_id",
        lambda _: Said("an earlier site has the same id"),
        "sites",
    )
    return sites


def _refuse(
    rows: NDArray[Any], values: Any, column: str, why: Callable[[Any], Said], what: str
) -> None:
    """Rows count as a spreadsheet counts them, below one row of headings."""
    rejects = [
        Reject(row + 2, column, str(values[row])[:80], why(values[row])) for row in rows.tolist()
    ]
    if rejects:
        raise BadTable(
            "{count:,} rows of the {what} cannot be used: {why}",
            rejects,
            count=len(rejects),
            what=what,
            why=rejects[0].reason,
        )
