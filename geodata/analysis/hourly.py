"""Coverage hour by hour: the curve of the week, of holidays and of worked weekends, and who has
nothing at night.

Hours are judged on real dates, one for each kind of day, as the calendar and each place's opening
hours have them: the states that riders are told. Frames in, frames out.
"""

from datetime import date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.analysis.clients import Clients
from geodata.analysis.coverage import worded
from geodata.coverage.near import Within
from geodata.coverage.served import PIECE, Standing, hours_of, judge, tallied, typical_days
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot


def curve(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    within: Within,
    first: date,
    *,
    weight: str | None = None,
    by: str | None = None,
    roads: RoadAccess | None = None,
) -> pd.DataFrame:
    """Who is served at each full hour of each kind of day: a row an area, day and hour.

    Minutes over `roads` if given.

    Columns: area; day (MO … SU, PH a public holiday, WORKDAY a worked weekend day), date: the next
    such day from `first` on, else the last before; hour 0–23; and what `coverage.coverage` has.
    """
    clients, days = (
        Clients.of(points, weight, by),
        typical_days(snapshot.hours_by_minute.calendar, first, snapshot.zone),
    )
    instants = hours_of(list(days.values()), snapshot.zone)
    judged = judge(snapshot, within.near(snapshot.index, roads), instants)
    total = tallied(
        judged, clients.lonlat, clients.area, clients.weight, len(clients.areas), len(instants)
    )
    return pd.DataFrame(
        {
            "area": name,
            "day": kind.name,
            "date": day,
            "hour": hour,
            **total.parts(number, 24 * nth + hour),
        }
        for number, name in enumerate(clients.areas)
        for nth, (kind, day) in enumerate(days.items())
        for hour in range(24)
    )


def unserved(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    within: Within,
    at: datetime,
    *,
    roads: RoadAccess | None = None,
) -> gpd.GeoDataFrame:
    """The night map: the points of the service area that have nothing known to be open within reach
    at an instant.

    With their index and columns, and `standing`: none, closed or unknown; over `roads`, without
    those on no road.
    """
    lonlat, judged = (
        Clients.of(points).lonlat,
        judge(snapshot, within.near(snapshot.index, roads), [at]),
    )
    pieces = [judged(lonlat[lo : lo + PIECE])[:, 0] for lo in range(0, len(lonlat), PIECE)]
    standing = np.concatenate([np.empty(0, np.uint8), *pieces])
    left = (standing >= Standing.NONE) & (standing < Standing.OPEN)
    return gpd.GeoDataFrame(points.assign(standing=worded(standing))[left])
