"""Backup: who is covered by one place, two, three; and what closing a place would cost.

Frames in, frames out.

Backup coverage after Hogan & ReVelle (1986, Concepts and applications of backup coverage,
Management Science 32). Only places known to be open count; those whose hours are unknown are told
beside them and never fill a gap.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.analysis.clients import Clients
from geodata.coverage.links import ReachLinks
from geodata.coverage.near import Within
from geodata.coverage.served import known_open, states_of
from geodata.hours.timeline import State
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import WGS84

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Points whose places are listed at a time.
PIECE: Final = 8_192
#: Places from which on a point counts as "three or more".
MOST: Final = 3


class JudgedPoints(NamedTuple):
    """Some points that are judged: their positions, and their links, with the point of
    each link.
    """

    at: Ints
    links: ReachLinks
    """Of all that were asked; `point` says whose."""
    point: Ints


def backup(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    within: Within,
    at: datetime,
    *,
    weight: str | None = None,
    by: str | None = None,
    roads: RoadAccess | None = None,
) -> pd.DataFrame:
    """How often each area's weight is covered at an instant: a row an area.

    Minutes over `roads` if given.

    Columns: area; points, weight: in the service area, and over `roads` on one; by_0 … by_2,
    by_3_or_more: the weight with so many places known to be open within reach; unsure: of by_0 the
    weight that has places of unknown hours; share_by_…: over `weight`.
    """
    clients = Clients.of(points, weight, by)
    opened, unknown = _flags(snapshot, at)
    counts = np.full((len(points), 2), -1, np.int64)
    for piece in pieces(snapshot, clients, within, roads):
        hours = snapshot.index.links[piece.links.rows, 1]
        for column, flags in enumerate((opened, unknown)):
            counts[piece.at, column] = np.bincount(
                piece.point[flags[hours]], minlength=len(piece.at)
            )
    rows = [
        {"area": name, **_levels(counts[mine], clients.weight[mine])}
        for number, name in enumerate(clients.areas)
        for mine in [(clients.area == number) & (counts[:, 0] >= 0)]
    ]
    return pd.DataFrame(rows)


def closing(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    within: Within,
    at: datetime,
    *,
    weight: str | None = None,
    roads: RoadAccess | None = None,
) -> gpd.GeoDataFrame:
    """What closing each place would cost at an instant: a row a place known to be open that reaches
    any of the points.

    Columns: id, geometry (WGS-84; of a street its middle); reaches: the weight within reach of it;
    only_here: the weight that would be left without an open place within reach; nearest_here: the
    weight whose nearest open place it is; farther_m: how much farther, on average, the next open
    place within reach is for these (without only_here; nan where there is none); over `roads`
    farther_s, seconds of the way. Worst loss first, then by id.
    """
    clients, index = Clients.of(points, weight), snapshot.index
    opened, _ = _flags(snapshot, at)
    sums = np.zeros((len(snapshot), 5))
    for piece in pieces(snapshot, clients, within, roads):
        kept = opened[index.links[piece.links.rows, 1]]
        rows, point, way = piece.links.rows[kept], piece.point[kept], piece.links.cost[kept]
        _add_losses(sums, rows, point, way, index.links[rows, 0], clients.weight[piece.at])
    named = np.flatnonzero(sums[:, 0] > 0)
    reaches, only_here, nearest_here, farther, shared = sums[named].T
    with np.errstate(invalid="ignore"):
        mean = farther / np.where(shared > 0, shared, np.nan)
    frame = gpd.GeoDataFrame(
        {
            "id": snapshot.ids_of(named).astype(str),
            "reaches": reaches,
            "only_here": only_here,
            "nearest_here": nearest_here,
            "farther_m" if roads is None else "farther_s": mean,
        },
        geometry=gpd.points_from_xy(*snapshot.lonlat[named].T),
        crs=WGS84,
    )
    return gpd.GeoDataFrame(
        frame.sort_values(["only_here", "id"], ascending=[False, True], ignore_index=True)
    )


def _add_losses(
    sums: Floats, rows: NDArray[np.int32], point: Ints, way: Floats, rank: Ints, weight: Floats
) -> None:
    """Into a row a place: reached, only here, nearest here, weight times the way on to the second,
    their weight.
    """
    order = np.lexsort((rank, way, point))
    rows, point, way = rows[order], point[order], way[order]
    first = np.flatnonzero(np.diff(point, prepend=-1))
    alone = np.diff(np.append(first, len(point))) == 1
    heads, shared = rows[first], first[~alone]
    np.add.at(sums[:, 0], rows, weight[point])
    np.add.at(sums[:, 1], heads[alone], weight[point[first[alone]]])
    np.add.at(sums[:, 2], heads, weight[point[first]])
    np.add.at(sums[:, 3], rows[shared], weight[point[shared]] * (way[shared + 1] - way[shared]))
    np.add.at(sums[:, 4], rows[shared], weight[point[shared]])


def _levels(counts: Ints, weight: Floats) -> dict[str, float]:
    whole = float(weight.sum())
    level = np.minimum(counts[:, 0], MOST)
    sums = np.bincount(level, weights=weight, minlength=MOST + 1)
    named = {f"by_{n}" + ("_or_more" if n == MOST else ""): float(sums[n]) for n in range(MOST + 1)}
    shares = {
        f"share_{name}": value / whole if whole > 0 else np.nan for name, value in named.items()
    }
    unsure = float(weight[(counts[:, 0] == 0) & (counts[:, 1] > 0)].sum())
    return {"points": len(counts), "weight": whole, **named, "unsure": unsure, **shares}


def _flags(snapshot: Snapshot, at: datetime) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows of hours are known to be open, and which are not known."""
    return known_open(snapshot.hours_by_minute, at), states_of(snapshot.hours_by_minute, [at])[
        0
    ] == State.UNKNOWN


def pieces(
    snapshot: Snapshot, clients: Clients, within: Within, roads: RoadAccess | None = None
) -> Iterator[JudgedPoints]:
    """The points of the service area, over `roads` those on one, with all places within reach,
    thousands at a time.
    """
    near, inside = (
        within.near(snapshot.index, roads),
        np.flatnonzero(snapshot.outline.holds_each(clients.lonlat)),
    )
    for lo in range(0, len(inside), PIECE):
        asked = inside[lo : lo + PIECE]
        links = near.links(clients.lonlat[asked])
        at, counts = asked[links.judged], np.diff(links.starts)[links.judged]
        yield JudgedPoints(at, links, np.repeat(np.arange(len(at)), counts))
