"""What a job of the desk finds of coverage: who is served now, and was by the version before."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import geopandas as gpd

from app.desk.leases import Lease
from app.request.queries import CoverageQuery
from app.settings import Settings
from geodata.analysis.compare import Moment, Scenario, compare
from geodata.coverage.served import typical_days
from geodata.errors import NoDemand
from geodata.hours.calendar import DayKind
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import WGS84
from geodata.store.files import Dataset

#: The hours of a working day that are told: noon, and the middle of a night.
HOURS: Final = (12, 2)
_FIGURES: Final = ("weight", "before", "after", "gained", "lost")


def compared(lease: Lease, chosen: Settings) -> dict[str, Any]:
    """By street office how many of the dataset's own demand are within reach of an open place, now
    and by the version before. Raises NoDemand where it has none.
    """
    dataset = Dataset(chosen.home, chosen.dataset)
    now = dataset.load()
    before_it = lease.job.details["before"]
    was = dataset.load(dataset.find(before_it)) if before_it else now
    if not len(now.demand):
        raise NoDemand(
            "Dataset {dataset} was published without a demand to take shares of.",
            dataset=now.about.dataset,
        )
    lease.heard(0, 1)
    within = CoverageQuery().within()
    moments = [*_moments(now)]
    sides = (Scenario(was), Scenario(now))
    found = compare(*sides, _points(now), within, [()], moments, weight="weight", by="office")
    lease.heard(1, 1)
    rows = [
        {"street": row["area"] or "", "hour": int(row["hour"])}
        | {name: float(row[name]) for name in _FIGURES}
        for row in found.to_dict("records")
    ]
    return {"version": now.version, "before": before_it, "rows": rows}


def _moments(snapshot: Snapshot) -> Iterator[Moment]:
    zone = snapshot.zone
    days = typical_days(snapshot.hours_by_minute.calendar, datetime.now(UTC).date(), zone)
    day = days[DayKind.WE]
    for hour in HOURS:
        at = datetime(day.year, day.month, day.day, hour)  # noqa: DTZ001  # of the city's clocks
        yield Moment(zone.at_clock(day, at.time()), {"hour": hour})


def _points(snapshot: Snapshot) -> gpd.GeoDataFrame:
    """The dataset's own demand, each point with the name of its street office."""
    demand = snapshot.demand
    names = [each.name for each in demand.summary.offices]
    offices = [names[at] if at >= 0 else None for at in demand.office.tolist()]
    return gpd.GeoDataFrame(
        {"weight": demand.weight.tolist(), "office": offices},
        geometry=gpd.points_from_xy(demand.lonlat[:, 0], demand.lonlat[:, 1]),
        crs=WGS84,
    )
