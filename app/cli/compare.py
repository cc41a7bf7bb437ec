"""`nuanfeng coverage --compare` and `--with`: who gains and who loses, between two versions of a
dataset or with planned sites.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.cli import terminal
from app.cli.options import paved_of

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from app.request.queries import CoverageQuery
    from geodata.analysis.compare import Moment, Scenario
    from geodata.coverage.published import By
    from geodata.sources.points import Source
    from geodata.store.files import Dataset
    from geodata.store.stops import Paved
    from geodata.vocabulary import Need

#: The column that the areas of the points stand in while they are asked.
_AREA: Final = "nuanfeng_area"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What stands on the command line."""

    source: "Source"
    target: Path
    stored: "Dataset"
    query: "CoverageQuery"
    version: str | None
    """The version before; None: the current one."""
    planned: Path | None
    """The sites that are there after; None: none."""
    network: str | None
    each: bool


def compared(asked: Comparison) -> None:
    """Ask both sides of the points, write the table, and say who gains and who loses."""
    import pandas as pd

    from app.request.queries import now
    from geodata.analysis import compare
    from geodata.analysis.clients import weight_column

    within = asked.query.within()
    paved = paved_of(asked.network, within.minutes)
    before, after = _sides(asked, paved)
    at = asked.query.instant(now(), after.snapshot.zone)
    points = _points(asked)
    if asked.each:
        found = compare.changes(before, after, points, within, within.filter.needs, at)
        plain = found.drop(columns="geometry").assign(
            lon=found.geometry.x.round(7), lat=found.geometry.y.round(7)
        )
        compare.write(_marked(plain, asked, before, after), asked.target)
        counts = found["change"].value_counts()
        told = ", ".join(f"{name} {counts[name]:,}" for name in compare.CHANGES)
        terminal.out.print(
            f"{len(found):,} points: {told}. Written to {asked.target}", markup=False
        )
        return
    by, column = asked.query.by, None
    if by != "city":
        points, column = (
            points.assign(
                **{_AREA: pd.Series(_areas(points, asked, by), points.index, dtype=object)}
            ),
            _AREA,
        )
    weight = weight_column(points.columns, asked.source.weight)
    given = within.filter.needs
    table = compare.compare(
        before,
        after,
        points,
        within,
        _needs(given),
        _moments(asked, after, at),
        weight=weight,
        by=column,
    )
    compare.write(
        _marked(table, asked, before, after).assign(
            at=at.isoformat(), **within.described(paved.about() if paved else None)
        ),
        asked.target,
    )
    _tell(table, asked.target)


def _sides(asked: Comparison, paved: "Paved | None") -> "tuple[Scenario, Scenario]":
    from geodata.analysis.compare import Scenario
    from geodata.analysis.siting.file import read_points

    now = asked.stored.load()
    was = asked.stored.load(asked.stored.find(asked.version)) if asked.version else now
    modes = [asked.query.mode]
    planned = (
        None if asked.planned is None else read_points(asked.planned, options=asked.source.options)
    )
    return (
        Scenario(was, None, paved.under(was, modes) if paved else None),
        Scenario(now, planned, paved.under(now, modes) if paved else None),
    )


def _points(asked: Comparison) -> "gpd.GeoDataFrame":
    import geopandas as gpd
    import pandas as pd

    from geodata.analysis.siting.file import read_points

    source = asked.source
    frames = [
        read_points(
            path,
            lon=source.lon,
            lat=source.lat,
            datum=source.datum,
            options=source.options,
            area=source.area,
        )
        for path in source.paths
    ]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True))


def _needs(given: "tuple[Need, ...]") -> "list[tuple[Need, ...]]":
    """What is asked together, then each need by itself."""
    from geodata.vocabulary import Need

    return list(dict.fromkeys([given, *((need,) for need in given or Need)]))


def _moments(asked: Comparison, after: "Scenario", at: datetime) -> "list[Moment]":
    from geodata.analysis.compare import Moment, moments_of
    from geodata.coverage.served import hours_of, typical_days

    if not asked.query.hourly:
        return [Moment(at, {})]
    zone = after.snapshot.zone
    days = typical_days(after.snapshot.hours_by_minute.calendar, at.date(), zone)
    return moments_of(
        {kind.name: day for kind, day in days.items()}, hours_of([*days.values()], zone)
    )


def _areas(points: "gpd.GeoDataFrame", asked: Comparison, by: "By") -> list[str | None]:
    """The name of the area that each point lies in, by the outlines of the current version."""
    from geodata.pipeline.published import drawn_outlines, stored

    outlines = drawn_outlines(stored(asked.stored.home, asked.stored.name))
    if outlines is None:
        return [None] * len(points)
    names: list[str | None] = outlines.at(points.geometry.x, points.geometry.y)[by].tolist()
    return names


def _marked(
    table: "pd.DataFrame", asked: Comparison, before: "Scenario", after: "Scenario"
) -> "pd.DataFrame":
    return table.assign(
        version_before=before.snapshot.version,
        version_after=after.snapshot.version,
        planned=None if asked.planned is None else asked.planned.name,
        synthetic=before.snapshot.about.synthetic or after.snapshot.about.synthetic,
    )


def _tell(table: "pd.DataFrame", target: Path) -> None:
    """The mean over the hours that were asked, by area: who gains most, who loses most."""
    first = table[table["need"] == table["need"].iloc[0]]
    parts = ["weight", "before", "after", "gained", "lost"]
    areas = first.groupby("area", dropna=False, sort=False)[parts].mean()
    changed = areas[(areas["gained"] > 0) | (areas["lost"] > 0)]
    ranked = changed.assign(net=changed["gained"] - changed["lost"]).sort_values(
        "net", ascending=False
    )
    lines = [
        [
            "–" if not isinstance(area, str) else area,
            *(f"{row[part] / row['weight']:.1%}" for part in parts[1:]),
        ]
        for area, row in ranked.iterrows()
    ]
    terminal.rows("who gains and who loses", ("area", "before", "after", "gained", "lost"), lines)
    total = areas.sum()
    weight = total["weight"] or 1.0
    told = ", ".join(f"{part} {total[part] / weight:.1%}" for part in parts[1:])
    terminal.out.print(f"In all: {told}. {len(table):,} rows in {target}", markup=False)
