"""`nuanfeng coverage`: who of a file of points is served, by area or point by point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app import settings
from app.cli import apart, terminal
from app.cli import cluster as clusters
from app.cli import compare as compares
from app.cli import live as lives
from app.cli import sensitivity as sensitivities
from app.cli.headings import in_words
from app.cli.options import (
    DATASET,
    LAT,
    LON,
    NETWORK,
    POINTS_DATUM,
    WEIGHT,
    AsksCoverage,
    coverage_of,
    opens_files,
    output,
    paved_of,
)
from geodata.errors import Said

if TYPE_CHECKING:
    import pandas as pd

    from app.request.queries import CoverageQuery
    from geodata.analysis.files import CoverageReport
    from geodata.analysis.groups import Groups
    from geodata.coverage.near import Within
    from geodata.snapshot.snapshot import Snapshot
    from geodata.sources.file_options import FileOptions
    from geodata.sources.points import Source
    from geodata.store.stops import Paved


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What stands on the command line besides the question, by the names of its options."""

    points: Sequence[Path]
    target: Path
    weight: str | None
    lon: str | None
    lat: str | None
    datum: str
    keep: Sequence[str]
    dataset: str | None
    network: str | None
    cluster: str | None
    each: bool
    by: str | None
    week: datetime | None
    options: "FileOptions"
    compare: str | None
    planned: Path | None
    equity: Path | None
    sensitivity: bool
    live: Sequence[str]


@click.command(
    cls=AsksCoverage,
    epilog=(
        "Examples:  nuanfeng coverage orders.parquet --needs water --reach-m 500 --by district -o"
        " out.xlsx  |  nuanfeng coverage orders.parquet --weight orders --hourly true -o"
        " week.parquet  |  nuanfeng coverage orders.parquet --minutes 10 --mode ride --network"
        " shenzhen -o by_road.parquet  |  nuanfeng coverage points/*.parquet --each --cluster"
        " tcp://10.0.0.5:8786 -o each.parquet  |  nuanfeng coverage 订单.csv --lon 经度 --lat 纬度"
        " --datum gcj02 --each -o points.csv  |  nuanfeng coverage orders.csv --compare 3f2a --by"
        " street -o who_gains.xlsx  |  nuanfeng coverage orders.csv --with planned.csv --each -o"
        " who_gains.csv  |  nuanfeng coverage orders.csv -o now.csv --live"
    ),
)
@click.argument(
    "points", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="POINTS..."
)
@output("A .parquet, .csv, .xlsx or .geojson; with --each no .geojson.")
@WEIGHT
@LON
@LAT
@POINTS_DATUM
@click.option("--each", is_flag=True, help="A row a point instead of a row an area.")
@click.option(
    "--keep",
    multiple=True,
    metavar="COLUMN",
    help="With --each: which own columns to keep  [default: all]",
)
@click.option(
    "--compare",
    metavar="VERSION",
    help="Before and after: this version, by its first characters, against the current one.",
)
@click.option(
    "--with",
    "planned",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=(
        "Before and after: without and with these planned sites (opening_hours, needs if there)."
    ),
)
@click.option(
    "--by",
    metavar="city|district|street|COLUMN|FILE:COLUMN",
    help=(
        "Tell shares by areas of the dataset, by the values of a column of the points, or by the"
        " polygons of a file, named by a column  [default: city]"
    ),
)
@click.option(
    "--week",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="MONDAY",
    help="Judge each point at its own hour of this week: a column hour has 0–167.",
)
@click.option(
    "--equity",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=(
        "With --by: also how far the groups are apart (worst to best, mean gap, Gini) with 95 %"
        " intervals of 1,000 draws of the points (seed 1), as .csv, .xlsx or .parquet."
    ),
)
@click.option(
    "--sensitivity",
    is_flag=True,
    help=(
        "Also tell how sure the shares are: intervals by 1,000 draws of the points (seed 1), and"
        " curves over reach and grid, which are printed and are sheets of an .xlsx."
    ),
)
@lives.OPTION
@DATASET
@NETWORK
@clusters.OPTION
@opens_files
@terminal.in_sentences
@in_words
def coverage(**given: Any) -> None:
    """Say who of files of points has a place within reach: open, of unknown hours, closed, or none.

    Parquet and CSV of any size, workbooks, GeoJSON, GeoPackage or shapefiles, or people per cell
    as a GeoTIFF (WorldPop's, of any size); several files have the same columns. Needs, kinds and
    reach are those of /api/v1/coverage; minutes are those of the way over a road network, or
    estimated without one.
    """
    from app.request.queries import now
    from geodata.analysis.files import areas_to_file, each_to_file, equity_to_file
    from geodata.analysis.own_hours import OwnHours
    from geodata.sources.points import Source
    from geodata.space.coordinates import Datum
    from geodata.store.files import Dataset

    asked = _Asked(**{option.name: given.pop(option.name) for option in fields(_Asked)})
    query = coverage_of(given)
    _require_fitting(asked, query, given["at"])
    points = tuple(asked.points)
    source = Source(points, asked.lon, asked.lat, Datum(asked.datum), asked.weight, asked.options)
    chosen = settings.read()
    stored = Dataset(chosen.home.absolute(), asked.dataset or chosen.dataset)
    if asked.compare or asked.planned:
        source = source.inside(stored.load().outline)
        compares.compared(
            compares.Comparison(
                source,
                asked.target,
                stored,
                query,
                asked.compare,
                asked.planned,
                asked.network,
                asked.each,
            )
        )
        return
    snapshot = stored.load()
    live = lives.laid(asked.live, asked.dataset, snapshot, _stated(query))
    if live and live.laid:
        snapshot = live.laid.judged
    source = source.inside(snapshot.outline)
    within, at = query.within(), query.instant(now(), snapshot.zone)
    paved = paved_of(asked.network, within.minutes)
    if asked.sensitivity:
        groups = _groups(asked, snapshot, source, chosen.home)
        sensitivities.told(
            sensitivities.Uncertain(source, asked.target, snapshot, within, at, groups, paved)
        )
        return
    with (
        clusters.run_of(asked.cluster, stored, points, asked.target) as run,
        terminal.progress("asking", None) as progress,
    ):
        if asked.each:
            report = each_to_file(
                snapshot,
                source,
                asked.target,
                within,
                at,
                keep=asked.keep or None,
                progress=progress,
                run=run,
                paved=paved,
            )
        else:
            report = areas_to_file(
                snapshot,
                source,
                asked.target,
                within,
                OwnHours(asked.week.date()) if asked.week else at,
                _groups(asked, snapshot, source, chosen.home),
                hourly=query.hourly,
                progress=progress,
                run=run,
                paved=paved,
            )
    _tell(report, asked.target, snapshot, within, paved)
    apart.tell(report.apart)
    if asked.equity:
        groups = _groups(asked, snapshot, source, chosen.home)
        told = equity_to_file(
            snapshot, source, asked.equity, within, at, groups, seed=sensitivities.SEED, paved=paved
        )
        _tell_equity(told, asked.equity)


def _require_fitting(asked: _Asked, query: "CoverageQuery", at: object) -> None:
    """UsageError for options that do not go together."""
    if asked.each and (query.hourly or asked.weight):
        raise click.UsageError(
            Said(
                "--each gives a row a point at one instant: it goes with neither --hourly "
                "nor --weight."
            )
        )
    if asked.cluster and (asked.compare or asked.planned):
        raise click.UsageError(
            Said("--compare and --with are asked in one process: leave --cluster out.")
        )
    if asked.live and (
        query.hourly or asked.week or asked.compare or asked.planned or asked.cluster
    ):
        raise click.UsageError(
            Said(
                "--live is about one instant, and asked in one process: it goes with none of"
                " --hourly, --week, --compare, --with, --cluster."
            )
        )
    if asked.week and (asked.each or query.hourly or at):
        raise click.UsageError(
            Said(
                "--week judges each point at its own hour: it goes with none of --each, --hourly,"
                " --at."
            )
        )
    others = (asked.each, query.hourly, asked.week, asked.compare, asked.planned)
    if asked.equity and any(others):
        raise click.UsageError(
            Said(
                "--equity compares groups at one instant: it goes with none of --each, --hourly,"
                " --week, --compare, --with."
            )
        )
    if asked.sensitivity and (any(others) or asked.cluster or asked.equity):
        raise click.UsageError(
            Said(
                "--sensitivity asks shares at one instant in one process: it goes with none of"
                " --each, --hourly, --week, --cluster, --compare, --with, --equity."
            )
        )


def _stated(query: "CoverageQuery") -> "datetime | None":
    """The instant that is asked; None: now."""
    from msgspec import UNSET

    return None if query.at is UNSET else query.at


def _tell(
    report: "CoverageReport",
    target: Path,
    snapshot: "Snapshot",
    within: "Within",
    paved: "Paved | None",
) -> None:
    kind = Said("synthetic places") if snapshot.about.synthetic else Said("places")
    beyond = (
        Said("outside the service area")
        if paved is None
        else Said("outside the service area or on no road")
    )
    terminal.tell(
        (
            "{points:,} points asked of {count:,} {kind}, {left_out:,} {apart}: {rows:,} "
            "rows in {target}. {measured}"
        ),
        points=report.points,
        count=len(snapshot),
        kind=kind,
        left_out=report.left_out - report.apart.unreadable,
        apart=beyond,
        rows=report.rows,
        target=target,
        measured=_measured(within, paved),
    )


#: What each figure of equity.FIGURES is.
_FIGURES: Final[Mapping[str, Said]] = {
    "mean": Said("open within reach, mean of all"),
    "worst": Said("of the worst group"),
    "best": Said("of the best group"),
    "ratio": Said("worst to best (1: all alike)"),
    "gap": Said("mean gap to the mean, by people"),
    "gini": Said("Gini coefficient of the groups (0: all alike)"),
}
_IN_PARTS: Final = ("ratio", "gini")


def _tell_equity(told: "pd.DataFrame", target: Path) -> None:
    lines = []
    for row in told.to_dict("records"):
        form = "{:.2f}" if row["figure"] in _IN_PARTS else "{:.1%}"
        value, low, high = (form.format(row[name]) for name in ("value", "low", "high"))
        label = terminal.spoken(_FIGURES[row["figure"]])
        group = row["group"] if isinstance(row["group"], str) else ""
        lines.append((label, group, value, f"{low}–{high}"))
    headings = ("", Said("group"), Said("value"), Said("95 % of draws"))
    terminal.rows(Said("how far the groups are apart"), headings, lines)
    terminal.tell("{rows:,} rows in {target}", rows=len(told), target=target)


def _groups(asked: _Asked, snapshot: "Snapshot", source: "Source", home: Path) -> "Groups":
    """What `--by` names: an area of the dataset, in its own outlines, goes before a column."""
    from geodata.analysis import groups
    from geodata.coverage.published import By
    from geodata.pipeline.published import drawn_outlines, stored

    named = asked.by or By.CITY.value
    if named in list(By):
        outlines = drawn_outlines(stored(home, snapshot.about.dataset))
        if outlines is None:
            return groups.whole(snapshot.about.city, None)
        return groups.outlined(By(named), outlines)
    file, colon, column = named.rpartition(":")
    if colon and Path(file).suffix:
        return groups.by_polygons(Path(file), column)
    return groups.by_column(source, named)


def _measured(within: "Within", paved: "Paved | None") -> Said:
    if within.minutes is None:
        return Said("Reach: {metres:g} m, straight.", metres=within.reach_m)
    reach = {"minutes": within.minutes, "mode": within.mode}
    if paved is None:
        return Said("Reach: {minutes:g} min, {mode}, estimated from the straight line.", **reach)
    return Said("Reach: {minutes:g} min, {mode}, by road: {about}.", about=paved.about(), **reach)
