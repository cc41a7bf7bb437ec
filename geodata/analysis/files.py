"""From a file of points to a table of who is served: by area, or point by point, any size.

Writes it whole or not.

A piece of the points is held at a time; what is kept of them are sums, so memory does not grow with
the file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from geodata.analysis import nearest
from geodata.analysis.clients import weight_column, weights_of
from geodata.analysis.coverage import teller
from geodata.analysis.equity import between_groups
from geodata.analysis.groups import Groups, whole
from geodata.analysis.left_out import Apart, apart_of
from geodata.analysis.nearest import Answered, Ask, Progress, Run, here
from geodata.analysis.own_hours import OwnHours, hours_asked, tallied_at
from geodata.analysis.tables import WRITERS, replaced, writing
from geodata.city import MetricGrid
from geodata.coverage.near import Within
from geodata.coverage.served import (
    NOWHERE,
    Standing,
    Tally,
    hours_of,
    judge,
    tallied,
    typical_days,
)
from geodata.coverage.served import PIECE as SERVED_PIECE
from geodata.errors import BadTable
from geodata.pipeline.area_outlines import Outlines, service_area
from geodata.pipeline.freeze import area_arrays
from geodata.pipeline.published import demand_in
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.demand import Demand, DemandSummary
from geodata.snapshot.snapshot import Snapshot
from geodata.sources.points import Points, Source
from geodata.space.coordinates import WGS84, from_metric, metric
from geodata.space.service_area import Outline
from geodata.store.stops import Paved

#: Points of a demand that servers take shares of while somebody waits.
MOST_DEMAND: Final = 200_000
#: Squares that a finer raster is summed over, until it has no more points than that.
_SQUARES_M: Final = (250.0, 500.0, 1_000.0)
#: What is added to each point's own columns; and where minutes are those by road.
EACH: Final = ("point_row", "standing", "nearest_id", "nearest_m", "nearest_open_m", "synthetic")
EACH_BY_ROAD: Final = (
    "point_row", "standing", "nearest_id", "nearest_s", "nearest_open_s", "network", "engine",
    "data_timestamp",
    "synthetic",
)  # fmt: skip

_UNJUDGED: Final = [standing.name.lower() for standing in Standing if standing < Standing.NONE]


@dataclass(slots=True)
class CoverageReport:
    """What was asked, and what came of it."""

    points: int = 0
    left_out: int = 0
    """Of these, not in the service area or without readable coordinates.

    By road also on no road.
    """
    rows: int = 0
    apart: Apart = field(default_factory=Apart)
    """Of those left out, who is not in the service area, by why."""


def demand_of(
    source: Source,
    title: str,
    drawn: Outlines,
    heard: Callable[[Apart], None] = lambda _: None,
) -> Demand:
    """Points as the demand that is published with a dataset: read whole, at most MOST_DEMAND; of a
    population raster who lives in the service area, summed over squares where that are more points.

    `heard` is told which points are not in the service area. Raises as reading, and BadTable where
    none is.
    """
    city, rings = drawn.city, area_arrays(service_area(drawn))
    area = Outline(city.name, rings["area_xy"], rings["area_starts"], city.shifted)
    source = source.inside(area)
    raster = source.area is not None
    lonlat, weight, points, apart = [np.empty((0, 2))], [np.empty(0)], 0, Apart()
    for piece in source.opened().pieces:
        points += len(piece.lonlat)
        if points > MOST_DEMAND and not raster:
            raise BadTable(
                (
                    "a demand of more than {most_demand:,} points makes every answer slow; sum "
                    "them over squares first"
                ),
                most_demand=MOST_DEMAND,
            )
        apart += apart_of(piece.lonlat, source.datum, area)
        lonlat.append(nearest.wgs84_of(piece, source.datum))
        weight.append(_weights(piece, source.weight))
    if not points:
        raise BadTable("{name} holds no points", name=source.paths[0].name)
    heard(apart)
    if apart.unreadable + apart.outside == points:
        raise BadTable(
            "{name}: none of the {count:,} points lies in the service area",
            name=source.paths[0].name,
            count=points,
        )
    spots, weights = np.concatenate(lonlat), np.concatenate(weight)
    for size_m in _SQUARES_M:
        if len(weights) > MOST_DEMAND:
            spots, weights = _squared(spots, weights, size_m, city.grid)
    return demand_in(drawn, spots, weights, DemandSummary(title=title, title_en=title))


def _squared(
    lonlat: NDArray[np.float64], weight: NDArray[np.float64], size_m: float, grid: MetricGrid
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points summed over squares of the city's grid, each where its weight lies on average."""
    place_m = metric(lonlat[:, 0], lonlat[:, 1], grid)
    _, which = np.unique(np.floor(place_m / size_m), axis=0, return_inverse=True)
    total = np.bincount(which.ravel(), weights=weight).astype(np.float64)
    middle = [np.bincount(which.ravel(), weights=weight * axis) / total for axis in place_m.T]
    return np.stack(from_metric(np.stack(middle, axis=1), grid), axis=1), total


def areas_to_file(
    snapshot: Snapshot,
    source: Source,
    target: Path,
    within: Within,
    at: datetime | OwnHours,
    by: Groups | None,
    *,
    hourly: bool,
    progress: Progress,
    run: Run = here,
    paved: Paved | None = None,
) -> CoverageReport:
    """Who of the points is served, a row an area (and with `hourly` day and hour): .parquet, .csv,
    .xlsx, .geojson.

    Columns: area, area_en, district, approximate (its outline is drawn by us; null: it has none);
    with `hourly` day, date and hour; those of coverage.coverage; at; those of Within.described;
    synthetic. `by`: a By with outlines drawn by us, or any Groups. Minutes over the network `paved`
    if given. With OwnHours each point is judged at its own hour. The last area,
    without a name, is of points in none. Raises UnreadableFile or BadTable, and leaves an older
    target as it was.
    """
    nearest.require_target(source.path, target, tuple(_TABLES))
    asks_at = at if isinstance(at, OwnHours) else None
    at = at.instants(snapshot.zone)[0] if isinstance(at, OwnHours) else at
    days = (
        typical_days(snapshot.hours_by_minute.calendar, at.date(), snapshot.zone) if hourly else {}
    )
    instants = hours_of(list(days.values()), snapshot.zone) if hourly else [at]
    groups = by or whole(snapshot.about.city, None)
    job, drawn = Sums(source, within, groups, tuple(instants), paved, asks_at), groups.drawn
    total, report = _summed(snapshot, job, len(drawn), progress, run)
    named = (
        [("", at.date(), at.hour)]
        if not hourly
        else [(kind.name, day, h) for kind, day in days.items() for h in range(24)]
    )
    table = pd.DataFrame(
        {
            **_name(drawn, row),
            **({"day": day, "date": date, "hour": hour} if hourly else {}),
            **total.parts(row, nth),
        }
        for row in range(len(drawn) + int(total.points[-1].any()))
        for nth, (day, date, hour) in enumerate(named)
    ).assign(
        at=at.isoformat(),
        **within.described(paved.about() if paved else None),
        synthetic=snapshot.about.synthetic,
    )
    with replaced(target) as part:
        _TABLES[target.suffix.lower()](table, drawn, part)
    report.rows = len(table)
    return report


def each_to_file(
    snapshot: Snapshot,
    source: Source,
    target: Path,
    within: Within,
    at: datetime,
    *,
    keep: Sequence[str] | None = None,
    progress: Progress,
    run: Run = here,
    paved: Paved | None = None,
) -> CoverageReport:
    """What each point has, a row a point in their order, as .parquet, .csv or .xlsx: its own
    columns (`keep`: these) and EACH.

    EACH_BY_ROAD with minutes over the network `paved`, if given. Raises UnreadableFile or BadTable,
    and leaves an older target as it was.
    """
    nearest.require_target(source.path, target, tuple(WRITERS))
    job, report = (
        Each(source, within, at, None if keep is None else tuple(keep), paved),
        CoverageReport(),
    )
    with replaced(target) as part, writing(part, target.suffix) as write:
        for table, points, left_out, apart in run(snapshot, job, progress):
            write(table)
            report.points += points
            report.left_out += left_out
            report.apart += apart
    report.rows = report.points
    return report


def equity_to_file(
    snapshot: Snapshot,
    source: Source,
    target: Path,
    within: Within,
    at: datetime,
    groups: Groups,
    *,
    seed: int,
    paved: Paved | None = None,
) -> pd.DataFrame:
    """How far groups are apart in who has an open place within reach (equity.between_groups), as
    .csv, .xlsx or .parquet, and as a frame: its columns, and points, left_out (outside, off road,
    unreadable, or in no group), at, those of Within.described, and synthetic.

    Every point's standing is kept, 17 bytes each. Raises as `areas_to_file`, and BadTable where no
    point is in a group.
    """
    nearest.require_target(source.path, target, tuple(WRITERS))
    judged = judge(snapshot, within.near(snapshot.index, _roads(snapshot, within, paved)), [at])
    standing, group, weight = [np.empty(0, np.uint8)], [np.empty(0, np.int64)], [np.empty(0)]
    for piece in source.opened().pieces:
        lonlat = nearest.wgs84_of(piece, source.datum)
        starts = range(0, len(lonlat), SERVED_PIECE)
        standing += [judged(lonlat[lo : lo + SERVED_PIECE])[:, 0] for lo in starts]
        group.append(groups.of(piece.own, lonlat))
        weight.append(_weights(piece, source.weight))
    stands, of, weighs = np.concatenate(standing), np.concatenate(group), np.concatenate(weight)
    counted = (stands >= Standing.NONE) & (of != NOWHERE)
    if not weighs[counted].any():
        raise BadTable("{name}: no point is in a group", name=source.paths[0].name)
    names = groups.drawn["area"].astype(object).to_numpy()
    served = (stands[counted] == Standing.OPEN).astype(np.float64)
    told = between_groups(served, names[of[counted]], weighs[counted], seed=seed).assign(
        points=int(counted.sum()),
        left_out=int((~counted).sum()),
        at=at.isoformat(),
        **within.described(paved.about() if paved else None),
        synthetic=snapshot.about.synthetic,
    )
    with replaced(target) as part, writing(part, target.suffix) as write:
        write(pa.Table.from_pandas(told, preserve_index=False).replace_schema_metadata(None))
    return told


@dataclass(frozen=True, slots=True)
class Each:
    """The job of `each_to_file`."""

    source: Source
    within: Within
    at: datetime
    keep: tuple[str, ...] | None
    paved: Paved | None = None

    def on(self, snapshot: Snapshot) -> Ask:
        """A row a point; those outside have no answer."""
        tell = teller(snapshot, self.within, self.at, _roads(snapshot, self.within, self.paved))
        marks = {} if self.paved is None else self.within.described(self.paved.about())
        same = {**marks, "synthetic": snapshot.about.synthetic}
        added = EACH if self.paved is None else EACH_BY_ROAD

        def ask(piece: Points, first: int) -> Answered:
            own = nearest.own_of(piece.own, self.keep, added)
            found = tell(nearest.wgs84_of(piece, self.source.datum))
            table = _each_table(
                own, found, first, {name: same[name] for name in added if name in same}
            )
            apart = apart_of(piece.lonlat, self.source.datum, snapshot.outline)
            left_out = int(found["standing"].isin(_UNJUDGED).sum())
            return Answered(table, len(piece.lonlat), left_out, apart)

        return ask


@dataclass(frozen=True, slots=True)
class Sums:
    """The job of `areas_to_file`."""

    source: Source
    within: Within
    groups: Groups
    instants: tuple[datetime, ...]
    paved: Paved | None = None
    asks_at: OwnHours | None = None

    def on(self, snapshot: Snapshot) -> Ask:
        """The tally of a piece as a table: its arrays, flat."""
        near = self.within.near(snapshot.index, _roads(snapshot, self.within, self.paved))
        week = self.asks_at.instants(snapshot.zone) if self.asks_at else self.instants
        judged, areas_count = judge(snapshot, near, week), len(self.groups.drawn)

        def ask(piece: Points, _first: int) -> Answered:
            lonlat, weight = (
                nearest.wgs84_of(piece, self.source.datum),
                _weights(piece, self.source.weight),
            )
            area = self.groups.of(piece.own, lonlat)
            if self.asks_at:
                hours = hours_asked(piece.own.to_pandas(), self.asks_at.column)
                summed = tallied_at(judged, hours, lonlat, area, weight, areas_count)
            else:
                summed = tallied(judged, lonlat, area, weight, areas_count, len(week))
            table = pa.table({"points": summed.points.ravel(), "weight": summed.weight.ravel()})
            apart = apart_of(piece.lonlat, self.source.datum, snapshot.outline)
            left_out = int(summed.points[:, 0, : Standing.NONE].sum())
            return Answered(table, len(lonlat), left_out, apart)

        return ask


def _summed(
    snapshot: Snapshot, job: Sums, regions: int, progress: Progress, run: Run
) -> tuple[Tally, CoverageReport]:
    """Pieces are added in their order, whoever answered them: so even sums of fractions come out
    the same.
    """
    shape, report = (regions + 1, len(job.instants), len(Standing)), CoverageReport()
    total = Tally(np.zeros(shape, np.int64), np.zeros(shape))
    for table, points, left_out, apart in run(snapshot, job, progress):
        flat = (table[name].to_numpy() for name in ("points", "weight"))
        total += Tally(*(column.reshape(shape) for column in flat))
        report.points += points
        report.left_out += left_out
        report.apart += apart
    if not report.points:
        raise BadTable("{name} holds no points", name=job.source.paths[0].name)
    return total, report


def _roads(snapshot: Snapshot, within: Within, paved: Paved | None) -> RoadAccess | None:
    return None if paved is None else paved.under(snapshot, [within.mode])


def _weights(piece: Points, column: str | None) -> NDArray[np.float64]:
    named = weight_column(piece.own.column_names, column)
    return weights_of(piece.own.to_pandas(), named) if named else np.ones(len(piece.lonlat))


def _name(drawn: gpd.GeoDataFrame, row: int) -> dict[str, Any]:
    columns = ("area", "area_en", "district", "approximate")
    if row == len(drawn):
        return dict.fromkeys(columns)
    return {name: drawn[name].astype(object).iloc[row] for name in columns}


def _each_table(own: pa.Table, found: dict[str, Any], first: int, same: dict[str, Any]) -> pa.Table:
    """`found` are standing, the id of a place and two ways; `same` stands in every row."""
    frame = pd.DataFrame(found)
    standing, place_id, *ways = frame
    words = {
        name: pa.array(frame[name].astype(object), pa.string(), from_pandas=True)
        for name in (standing, place_id)
    }
    numbers = {
        name: pa.array(frame[name].round(3), pa.float64(), from_pandas=True) for name in ways
    }
    marks = {name: pa.array([value] * len(frame), _type_of(value)) for name, value in same.items()}
    rows = pa.array(np.arange(first, first + len(frame)))
    own_columns = dict(zip(own.column_names, own.columns, strict=True))
    return pa.table({"point_row": rows, **own_columns, **words, **numbers, **marks})


def _type_of(value: bool | str | None) -> pa.DataType:  # noqa: FBT001  # a value, not a switch
    """A text may be null in every row, and stays a column of texts."""
    return pa.bool_() if isinstance(value, bool) else pa.string()


def _table(suffix: str) -> Callable[[pd.DataFrame, gpd.GeoDataFrame, Path], None]:
    def write(table: pd.DataFrame, _drawn: gpd.GeoDataFrame, part: Path) -> None:
        with writing(part, suffix) as put:
            put(pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None))

    return write


def _geojson(table: pd.DataFrame, drawn: gpd.GeoDataFrame, part: Path) -> None:
    shapes = table["area"].map(drawn.set_index("area").geometry)
    frame = gpd.GeoDataFrame(
        table.astype({"date": str}) if "date" in table else table, geometry=list(shapes), crs=WGS84
    )
    part.write_text(frame.to_json(drop_id=True, ensure_ascii=False), encoding="utf-8")


_TABLES: Final = {**{suffix: _table(suffix) for suffix in WRITERS}, ".geojson": _geojson}
