"""All the figures of a report on one street office or district, as plain values: who is served and
who is not, at which hours, where the gaps are, and where the next places should stand.

Draws and words nothing. Shares are of the demand published with the dataset whose points lie in the
area; places outside the area serve too where they are within reach, as they do for riders.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.analysis import siting
from geodata.analysis.uncertainty import Bootstrap, ShareInterval, open_interval
from geodata.analysis.whereabouts import Whereabouts, whereabouts
from geodata.city import MetricGrid
from geodata.coverage.near import Within
from geodata.coverage.served import (
    Standing,
    Tally,
    hours_of,
    judge,
    known_open,
    states_of,
    tally,
    typical_days,
)
from geodata.errors import BadQuestion, NoDemand
from geodata.hours.calendar import DayKind
from geodata.hours.timeline import State
from geodata.index.tree import Rows
from geodata.pipeline.area_outlines import Outlines
from geodata.places import areas
from geodata.search.on_roads import RoadAccess
from geodata.search.scan import sweep
from geodata.snapshot.snapshot import Snapshot
from geodata.sources.areas.names import Level
from geodata.sources.repairs import name_key
from geodata.space.coordinates import WGS84, from_metric, metric
from geodata.space.tangent import Floats
from geodata.text.pinyin import spelled
from geodata.vocabulary import Need

#: The gaps told, and the side of the squares of a city grid that unserved demand is summed over.
MOST_GAPS: Final = 5
GAP_M: Final = 500.0
#: How far apart candidates for new places stand: half the reach, between these.
_LEAST_STEP_M, _MOST_STEP_M = 100.0, 250.0
#: Days that the curve tells: a working day, a Sunday, a public holiday.
CURVE_DAYS: Final = (DayKind.WE, DayKind.SU, DayKind.PH)
#: Outlines are drawn this true.
_DRAWN_M: Final = 10.0
_NEAREST_NAMES: Final = 5

#: How the intervals of a report are drawn.
DRAWN: Final = Bootstrap(seed=1)

Ring = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True, eq=False)
class ReportArea:
    """The street office or district that a report is about."""

    level: Level
    name: str
    name_en: str
    district: str
    district_en: str
    codes: frozenset[str]
    """Of its street offices."""
    geometry: BaseGeometry
    approximate: bool
    """Whether the outline is drawn by us, not surveyed."""


@dataclass(frozen=True, slots=True)
class ServedShares:
    """The demand of the area at one instant: `open` … `none` are shares of `weight` and add to 1;
    nan without weight.
    """

    points: int
    weight: float
    open: float
    unknown: float
    closed: float
    none: float
    left_out: int
    """Points outside the service area, or by road on no road: part of no share."""
    interval: ShareInterval | None = None
    """Of `open`, by DRAWS draws of the points; None where it was not asked for."""

    @property
    def most_open(self) -> float:
        """The share served if every place of unknown hours were open: the upper end of the range
        whose lower end is `open`.
        """
        return self.open + self.unknown


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One need: places in the area that serve it, how many are known to be open or have unknown
    hours, and who is served.
    """

    need: Need
    places: int
    open_places: int
    unknown_places: int
    served: ServedShares


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """One street office of a district, and who is served of its demand."""

    name: str
    name_en: str
    served: ServedShares


@dataclass(frozen=True, slots=True)
class DayCurve:
    """One kind of day: the date it is judged on, and of each full hour the share known to be served
    and the share served if unknown hours were open.
    """

    kind: DayKind
    day: date
    open: tuple[float, ...]
    most_open: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A square of GAP_M of unserved demand: the middle of that demand, how much, and why."""

    lon: float
    lat: float
    where: Whereabouts
    weight: float
    share: float
    """Of the demand of the area."""
    why: Standing
    """What most of it has: no place within reach, only closed ones, or unknown hours."""


@dataclass(frozen=True, slots=True)
class NextSite:
    """A place to open round the clock, in the order of what each adds to those before."""

    order: int
    lon: float
    lat: float
    where: Whereabouts
    gain: float
    """Demand that it newly serves at the instant."""
    gain_share: float
    reached_share: float
    """Of the demand of the area, served with it and those before it."""
    points: int


@dataclass(frozen=True, slots=True)
class MapPlace:
    """A matching place in or around the area: where it is, and how it stands at the instant."""

    lon: float
    lat: float
    state: State
    inside: bool


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A point of the demand and how it stands."""

    lon: float
    lat: float
    weight: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another area around, as the map draws it."""

    name: str
    name_en: str
    rings: Sequence[Ring]
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """Everything that the report tells."""

    area: ReportArea
    rings: Sequence[Ring]
    neighbours: tuple[Neighbour, ...]
    served: ServedShares
    places: int
    open_places: int
    unknown_places: int
    needs: tuple[NeedLine, ...]
    offices: tuple[OfficeLine, ...]
    """Of a district its street offices with demand, the worst served first; else empty."""
    curves: tuple[DayCurve, ...]
    gaps: tuple[Gap, ...]
    gap_squares: int
    """How many squares have unserved demand; `gaps` are the largest."""
    sites: tuple[NextSite, ...]
    sites_proved: bool
    sites_bound: float
    """The share that no choice of as many sites could exceed."""
    map_places: tuple[MapPlace, ...]
    map_points: tuple[MapPoint, ...]


def area_named(outlines: Outlines, text: str) -> ReportArea:
    """The street office or district that is meant by its official name, an alias, its code or
    pinyin.

    BadQuestion for a text that is both or neither, with the names that are nearest.
    """
    offices, districts = outlines.streets, outlines.districts
    rows = np.flatnonzero(offices["code"] == text.strip())
    if len(rows):
        return _office(offices, int(rows[0]))
    street, district = (
        outlines.names.listed(text, level) for level in (Level.STREET, Level.DISTRICT)
    )
    if street and district:
        raise BadQuestion(
            "“{area}” is a district and a street office: say {district} or {street}.",
            area=text,
            district=district,
            street=street,
        )
    rows = np.flatnonzero(offices["street"] == (street or text))
    if len(rows):
        return _office(offices, int(rows[0]))
    rows = np.flatnonzero(districts["district"] == (district or text))
    if len(rows):
        return _district(districts, offices, int(rows[0]))
    raise BadQuestion(
        "“{area}” is no street office or district of this dataset; the nearest names are {names}.",
        area=text,
        names="、".join(_nearest_names(outlines, text)),
    )


def area_report(
    snapshot: Snapshot,
    places: gpd.GeoDataFrame,
    outlines: Outlines,
    landmarks: gpd.GeoDataFrame,
    area: ReportArea,
    within: Within,
    at: datetime,
    *,
    p: int = 3,
    roads: RoadAccess | None = None,
) -> AreaFigures:
    """The report on an area at an aware instant; minutes over `roads` if given.

    `places` is the table of the snapshot's version, `landmarks` has name, name_en and points.
    `p`: how many next sites are looked for. NoDemand where the dataset has none in the area.
    """
    asked = _Asked(snapshot, within, at, roads)
    demand = _demand_of(snapshot, area)
    days = _curve_days(snapshot, at)
    instants = [at, *hours_of(list(days.values()), snapshot.zone)]
    standing = judge(snapshot, within.near(snapshot.index, roads), instants)(demand.lonlat)
    whole = _tallied(standing, demand.weight)
    matching, inside = asked.rows(within), _inside(snapshot, area)
    chosen = _Next.of(asked, places, demand, standing[:, 0], area, p)
    named = _Named(outlines.streets, landmarks, outlines.city.grid)
    gaps = _gaps(demand, standing[:, 0], named)
    counts = _counts(asked, np.intersect1d(matching, inside))
    return AreaFigures(
        area=area,
        rings=areas.rings(area.geometry, _DRAWN_M, outlines.city.grid),
        neighbours=_neighbours(outlines, area),
        served=_drawn(standing[:, 0], demand.weight),
        places=counts[0],
        open_places=counts[1],
        unknown_places=counts[2],
        needs=tuple(_need_line(asked, need, demand, inside) for need in Need),
        offices=_offices(snapshot, demand, standing) if area.level is Level.DISTRICT else (),
        curves=tuple(
            _curve(whole, 1 + 24 * nth, kind, day) for nth, (kind, day) in enumerate(days.items())
        ),
        gaps=gaps[:MOST_GAPS],
        gap_squares=len(gaps),
        sites=chosen.sites(named),
        sites_proved=chosen.plan.proved,
        sites_bound=chosen.bound_share,
        map_places=_map_places(asked, matching, inside, area),
        map_points=tuple(
            MapPoint(float(lon), float(lat), float(weight), Standing(stands))
            for (lon, lat), weight, stands in zip(
                demand.lonlat, demand.weight, standing[:, 0], strict=True
            )
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What is asked of the snapshot."""

    snapshot: Snapshot
    within: Within
    at: datetime
    roads: RoadAccess | None

    def rows(self, within: Within) -> Rows:
        """The places that pass its filter, ascending."""
        return sweep(self.snapshot, None, within.mask)

    def states(self, rows: Rows) -> NDArray[np.uint8]:
        """How the opening hours of rows stand."""
        by_hours = states_of(self.snapshot.hours_by_minute, [self.at])[0]
        states: NDArray[np.uint8] = by_hours[self.snapshot.index.links[rows, 1]]
        return states


@dataclass(frozen=True, slots=True, eq=False)
class _AreaDemand:
    """The demand of the area: WGS-84 points (n, 2), their weights and street offices (n,)."""

    lonlat: Floats
    weight: Floats
    office: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class _Named:
    """What points are named by."""

    streets: gpd.GeoDataFrame
    landmarks: gpd.GeoDataFrame
    grid: MetricGrid

    def __call__(self, lonlat: Floats) -> tuple[Whereabouts, ...]:
        return whereabouts(lonlat, self.streets, self.landmarks, self.grid)


@dataclass(frozen=True, slots=True, eq=False)
class _Next:
    """The plan of next sites: what is known to be open already counts as there."""

    plan: siting.Plan

    @classmethod
    def of(
        cls,
        asked: _Asked,
        places: gpd.GeoDataFrame,
        demand: _AreaDemand,
        standing: NDArray[np.uint8],
        area: ReportArea,
        p: int,
    ) -> "_Next":
        judged = standing >= Standing.NONE
        weight = np.where(judged, demand.weight, 0.0)
        frame = gpd.GeoDataFrame(
            {"weight": weight}, geometry=gpd.points_from_xy(*demand.lonlat.T), crs=WGS84
        )
        reach = _reach(asked)
        step_m = min(max(asked.within.straight_m / 2, _LEAST_STEP_M), _MOST_STEP_M)
        left = frame[judged & (standing != Standing.OPEN)]
        sites = siting.grid(left if len(left) else frame, step_m, asked.snapshot.about.city.grid)
        held = sites[shapely.intersects(area.geometry, sites.geometry.to_numpy())]
        opened = _open_places(asked, places)
        problem = siting.from_frames(
            frame, gpd.GeoDataFrame(held if len(held) else sites), reach, existing=opened
        )
        return cls(siting.mclp(problem, p=p))

    @property
    def bound_share(self) -> float:
        return min((self.plan.before + self.plan.bound) / (self.plan.total or 1.0), 1.0)

    def sites(self, named: _Named) -> tuple[NextSite, ...]:
        table = self.plan.sites()
        lonlat = shapely.get_coordinates(np.asarray(table["geometry"], dtype=object))
        told = zip(lonlat, named(lonlat), table.to_dict("records"), strict=True)
        return tuple(
            NextSite(
                int(row["order"]),
                float(lon),
                float(lat),
                where,
                float(row["gain"]),
                float(row["gain_share"]),
                float(row["reached_share"]),
                int(row["points"]),
            )
            for (lon, lat), where, row in told
        )


def _reach(asked: _Asked) -> siting.Reach:
    within = asked.within
    if within.minutes is None or asked.roads is None:
        return siting.Metres(within.straight_m)
    return siting.Minutes(within.minutes, within.mode, asked.roads.network)


def _open_places(asked: _Asked, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    snapshot = asked.snapshot
    rows = asked.rows(asked.within)
    opened = rows[known_open(snapshot.hours_by_minute, asked.at)[snapshot.index.links[rows, 1]]]
    ids = snapshot.ids_of(opened).astype(str)
    return gpd.GeoDataFrame(places.loc[places["id"].isin(ids), ["id", "geometry"]])


def _office(offices: gpd.GeoDataFrame, row: int) -> ReportArea:
    each = offices.iloc[row]
    return ReportArea(
        Level.STREET,
        each["street"],
        each["name_en"],
        each["district"],
        each["district_en"],
        frozenset({each["code"]}),
        each.geometry,
        bool(each["approximate"]),
    )


def _district(districts: gpd.GeoDataFrame, offices: gpd.GeoDataFrame, row: int) -> ReportArea:
    each = districts.iloc[row]
    return ReportArea(
        Level.DISTRICT,
        each["district"],
        each["name_en"],
        each["district"],
        each["name_en"],
        frozenset(offices.loc[offices["district"] == each["district"], "code"]),
        each.geometry,
        bool(each["approximate"]),
    )


def _nearest_names(outlines: Outlines, text: str) -> list[str]:
    """Official names in the order of likeness, of writing or of sound."""
    offices, districts = outlines.streets, outlines.districts
    spellings = dict.fromkeys([*offices["street"], *districts["district"]])
    english = dict(
        zip(
            [*offices["street"], *districts["district"]],
            [*offices["name_en"], *districts["name_en"]],
            strict=True,
        )
    )
    sounds = dict(zip(spellings, spelled(spellings)[0], strict=True))
    typed, heard = name_key(text), spelled([text])[0][0].replace(" ", "")

    def likeness(name: str) -> float:
        ways = (
            (typed, name_key(name)),
            (typed, name_key(name)[:-2]),
            (typed, name_key(str(english[name]))),
            (heard, sounds[name].replace(" ", "")),
        )
        return max(SequenceMatcher(None, mine, other).ratio() for mine, other in ways)

    return sorted(spellings, key=likeness, reverse=True)[:_NEAREST_NAMES]


def _demand_of(snapshot: Snapshot, area: ReportArea) -> _AreaDemand:
    demand = snapshot.demand
    numbers = [
        number for number, office in enumerate(demand.summary.offices) if office.code in area.codes
    ]
    mine = np.flatnonzero(np.isin(demand.office, numbers) & (demand.weight > 0))
    if not len(mine):
        raise NoDemand(
            "Dataset {dataset} was published without any demand in {area}: give it one with"
            " nuanfeng import --demand, then ask again.",
            dataset=snapshot.about.dataset,
            area=area.name,
        )
    return _AreaDemand(
        np.array(demand.lonlat[mine]), np.array(demand.weight[mine]), np.array(demand.office[mine])
    )


def _offices(
    snapshot: Snapshot, demand: _AreaDemand, standing: NDArray[np.uint8]
) -> tuple[OfficeLine, ...]:
    told = snapshot.demand.summary.offices
    lines = [
        OfficeLine(
            told[number].name,
            told[number].name_en,
            _drawn(standing[mine, 0], demand.weight[mine]),
        )
        for number in np.unique(demand.office).tolist()
        for mine in [demand.office == number]
    ]
    return tuple(sorted(lines, key=lambda line: (line.served.open, line.name)))


def _curve_days(snapshot: Snapshot, at: datetime) -> Mapping[DayKind, date]:
    days = typical_days(snapshot.hours_by_minute.calendar, at.date(), snapshot.zone)
    return {kind: days[kind] for kind in CURVE_DAYS if kind in days}


def _tallied(standing: NDArray[np.uint8], weight: Floats) -> Tally:
    return tally(standing, np.zeros(len(weight), np.int64), weight, 1)


def _served(total: Tally, instant: int) -> ServedShares:
    parts = total.parts(0, instant)
    return ServedShares(
        points=int(parts["points"]),
        weight=parts["weight"],
        open=parts["share_open"],
        unknown=parts["share_unknown"],
        closed=parts["share_closed"],
        none=parts["share_none"],
        left_out=int(parts["points_outside"] + parts["points_off_road"]),
    )


def _drawn(standing: NDArray[np.uint8], weight: Floats) -> ServedShares:
    """Points that stand so at one instant, with the interval of who is served."""
    served = _served(_tallied(standing[:, None], weight), 0)
    return replace(served, interval=open_interval(standing, weight, DRAWN))


def _need_line(asked: _Asked, need: Need, demand: _AreaDemand, inside: Rows) -> NeedLine:
    within = replace(asked.within, filter=replace(asked.within.filter, needs=(need,)))
    near = within.near(asked.snapshot.index, asked.roads)
    standing = judge(asked.snapshot, near, [asked.at])(demand.lonlat)
    counts = _counts(asked, np.intersect1d(asked.rows(within), inside))
    return NeedLine(need, *counts, _drawn(standing[:, 0], demand.weight))


def _counts(asked: _Asked, rows: Rows) -> tuple[int, int, int]:
    """All of them, those known to be open, those of unknown hours."""
    states = asked.states(rows)
    opened = np.isin(states, (State.OPEN, State.CLOSING_SOON))
    return len(rows), int(opened.sum()), int((states == State.UNKNOWN).sum())


def _curve(whole: Tally, first: int, kind: DayKind, day: date) -> DayCurve:
    hours = [_served(whole, first + hour) for hour in range(24)]
    return DayCurve(
        kind, day, tuple(each.open for each in hours), tuple(each.most_open for each in hours)
    )


def _inside(snapshot: Snapshot, area: ReportArea) -> Rows:
    """The rows whose point lies in the area; of a street its middle."""
    held = shapely.intersects_xy(area.geometry, snapshot.lonlat[:, 0], snapshot.lonlat[:, 1])
    return np.flatnonzero(held).astype(np.int32)


def _gaps(demand: _AreaDemand, standing: NDArray[np.uint8], named: _Named) -> tuple[Gap, ...]:
    """The squares with unserved demand, the largest first; ties by their place on the grid."""
    left = np.flatnonzero((standing >= Standing.NONE) & (standing < Standing.OPEN))
    if not len(left):
        return ()
    xy_m = metric(demand.lonlat[left, 0], demand.lonlat[left, 1], named.grid)
    squares = pd.DataFrame(np.floor(xy_m / GAP_M).astype(np.int64), columns=["across", "along"])
    total = float(demand.weight[standing >= Standing.NONE].sum())
    found = list(_summed(squares, xy_m, demand.weight[left], standing[left]))
    found.sort(key=lambda each: -each[1])
    middles = np.stack(from_metric(np.array([each[0] for each in found]), named.grid), axis=1)
    return tuple(
        Gap(float(lon), float(lat), where, weight, weight / total, why)
        for (lon, lat), where, (_, weight, why) in zip(middles, named(middles), found, strict=True)
    )


def _summed(
    squares: pd.DataFrame, xy_m: Floats, weight: Floats, standing: NDArray[np.uint8]
) -> Iterator[tuple[Floats, float, Standing]]:
    for rows in squares.groupby(["across", "along"]).indices.values():
        by_standing = np.bincount(standing[rows], weight[rows], len(Standing))
        middle = np.average(xy_m[rows], axis=0, weights=weight[rows])
        yield middle, float(weight[rows].sum()), Standing(int(by_standing.argmax()))


def _neighbours(outlines: Outlines, area: ReportArea) -> tuple[Neighbour, ...]:
    """The street offices around the area; those in it, too, where it is a district."""
    west, south, east, north = area.geometry.bounds
    margin = 0.25 * max(east - west, north - south)
    frame = shapely.box(west - margin, south - margin, east + margin, north + margin)
    around = outlines.streets[shapely.intersects(frame, outlines.streets.geometry.to_numpy())]
    return tuple(
        _neighbour(str(name), str(name_en), shape, outlines.city.grid)
        for code, name, name_en, shape in zip(
            around["code"], around["street"], around["name_en"], around.geometry, strict=True
        )
        if area.level is Level.DISTRICT or code not in area.codes
    )


def _neighbour(name: str, name_en: str, shape: BaseGeometry, grid: MetricGrid) -> Neighbour:
    middle = shapely.point_on_surface(shape)
    return Neighbour(
        name,
        name_en,
        areas.rings(shape, _DRAWN_M, grid),
        shapely.get_x(middle),
        shapely.get_y(middle),
    )


def _map_places(
    asked: _Asked, matching: Rows, inside: Rows, area: ReportArea
) -> tuple[MapPlace, ...]:
    """Matching places in the area's surroundings."""
    lonlat = asked.snapshot.lonlat[matching]
    west, south, east, north = area.geometry.bounds
    margin = 0.25 * max(east - west, north - south)
    near = (
        (lonlat[:, 0] >= west - margin)
        & (lonlat[:, 0] <= east + margin)
        & (lonlat[:, 1] >= south - margin)
        & (lonlat[:, 1] <= north + margin)
    )
    rows = matching[near]
    told = zip(lonlat[near], asked.states(rows), np.isin(rows, inside), strict=True)
    return tuple(
        MapPlace(float(lon), float(lat), State(state), bool(held))
        for (lon, lat), state, held in told
    )
