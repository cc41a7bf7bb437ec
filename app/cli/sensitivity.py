"""`nuanfeng coverage --sensitivity`: how sure the shares are, and what becomes of them at other
reaches and on coarser grids.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.cli import apart, terminal
from geodata.errors import BadTable, Said

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geodata.analysis.groups import Groups
    from geodata.analysis.left_out import Apart
    from geodata.coverage.near import Within
    from geodata.snapshot.snapshot import Snapshot
    from geodata.sources.points import Source
    from geodata.store.stops import Paved

#: The column that the area of each point stands in while it is asked: its row in the groups.
_AREA: Final = "nuanfeng_area"
#: Of draws, so that the same command says the same.
SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Uncertain:
    """What stands on the command line."""

    source: "Source"
    target: Path
    snapshot: "Snapshot"
    within: "Within"
    at: datetime
    groups: "Groups"
    paved: "Paved | None"


def told(asked: Uncertain) -> None:
    """Ask the points, write shares with their intervals and the curves, and print them."""
    import geopandas as gpd

    from geodata.analysis import uncertainty
    from geodata.analysis.clients import weight_column
    from geodata.analysis.siting import file as tables

    tables.writer_of(asked.target)
    points, left_out = _points(asked)
    modes = [asked.within.mode]
    roads = asked.paved.under(asked.snapshot, modes) if asked.paved else None
    how, weight = (
        uncertainty.Bootstrap(seed=SEED),
        weight_column(points.columns, asked.source.weight),
    )
    ask = (asked.snapshot, points, asked.within, asked.at)
    with terminal.progress("drawing", None) as heard:
        areas = uncertainty.share_intervals(
            *ask, how, weight=weight, by=_AREA, roads=roads, progress=heard
        )
        reach = uncertainty.over_reach(*ask, weight=weight, roads=roads, how=how, progress=heard)
        grid = uncertainty.over_grid(*ask, weight=weight, roads=roads, how=how, progress=heard)
    marks = {
        "at": asked.at.isoformat(),
        **asked.within.described(asked.paved.about() if asked.paved else None),
        "synthetic": asked.snapshot.about.synthetic,
    }
    same = {name: marks[name] for name in ("at", "reach_kind", "mode", "synthetic")}
    named = _named(areas, asked.groups).assign(**marks)
    sheets = {
        "areas": gpd.GeoDataFrame(named)
        if asked.target.suffix.lower() == ".geojson"
        else named.drop(columns="geometry"),
        "reach": reach.drop(columns="area").assign(**same),
        "grid": grid.assign(**marks),
    }
    about = Said(
        "shares with intervals of {level:.0%} by {draws:,} draws of the points (seed {seed}); they"
        " say how much depends on which points were seen, and nothing of places, hours or distances"
        " that are wrong",
        level=how.level,
        draws=how.draws,
        seed=how.seed,
    )
    tables.write(asked.target, sheets, about)
    _tell(named, reach, grid, asked.within)
    terminal.tell(
        "{about}; {rows:,} rows in {file}", about=about, rows=len(named), file=asked.target
    )
    apart.tell(left_out)


def _points(asked: Uncertain) -> "tuple[gpd.GeoDataFrame, Apart]":
    """All points of the files with their own columns, held whole, each with its area; and who is
    not in the service area, by why.

    Where coordinates cannot be read there are none, which lies outside any area.
    """
    import geopandas as gpd
    import numpy as np
    import pandas as pd

    from geodata.analysis.left_out import Apart, apart_of
    from geodata.analysis.nearest import wgs84_of
    from geodata.space.coordinates import WGS84

    parts, left_out = [], Apart()
    for piece in asked.source.opened().pieces:
        lonlat = wgs84_of(piece, asked.source.datum)
        left_out += apart_of(piece.lonlat, asked.source.datum, asked.snapshot.outline)
        area = asked.groups.of(piece.own, lonlat)
        rows = np.where(area >= 0, area, np.nan)
        own = piece.own.to_pandas().assign(**{_AREA: rows})
        parts.append(
            gpd.GeoDataFrame(
                own.drop(columns="geometry", errors="ignore"),
                geometry=gpd.points_from_xy(*lonlat.T),
                crs=WGS84,
            )
        )
    if not sum(map(len, parts)):
        raise BadTable("{name} holds no points", name=asked.source.paths[0].name)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True)), left_out


def _named(table: "pd.DataFrame", groups: "Groups") -> "pd.DataFrame":
    """The rows by area with the names and outlines of the areas; the last may be of none."""
    import pandas as pd

    drawn, columns = groups.drawn, ("area", "area_en", "district", "approximate", "geometry")
    at = [None if pd.isna(area) else int(float(area)) for area in table["area"]]
    names: dict[str, Any] = {
        name: [None if row is None else drawn[name].astype(object).iloc[row] for row in at]
        for name in columns
    }
    return table.drop(columns="area").assign(**names)[
        [*columns[:-1], *(name for name in table if name != "area"), columns[-1]]
    ]


def _tell(
    areas: "pd.DataFrame", reach: "pd.DataFrame", grid: "pd.DataFrame", within: "Within"
) -> None:
    """The share that is known to be open, by area, reach and grid."""
    headings = (Said("share open"), Said("interval"))
    unit = "m" if within.minutes is None else "min"
    terminal.rows(
        Said("share open by area"),
        (Said("area"), *headings),
        [
            [row["area"] if isinstance(row["area"], str) else "–", *_cells(row)]
            for _, row in areas.iterrows()
        ],
    )
    terminal.rows(
        Said("at other reaches"),
        (Said("reach"), *headings),
        [[f"{row['reach']:,.0f} {unit}", *_cells(row)] for _, row in reach.iterrows()],
    )
    terminal.rows(
        Said("summed over squares first"),
        (Said("squares"), *headings, Said("spread over the square")),
        [
            [
                f"{row['size_m']:,.0f} m" if row["size_m"] else Said("the points themselves"),
                *_cells(row),
                f"{row['share_open_spread']:.1%}",
            ]
            for _, row in grid.iterrows()
        ],
    )


def _cells(row: "pd.Series[float]") -> tuple[str, str]:
    low, share, high = (row[f"share_open{end}"] for end in ("_low", "", "_high"))
    return f"{share:.1%}", f"{low:.1%}–{high:.1%}"
