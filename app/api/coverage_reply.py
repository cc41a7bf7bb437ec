"""The reply about coverage: shares of the published demand, by area, at one instant or over typical
days.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from app.api.payloads import provenance
from app.request.queries import CoverageQuery
from geodata.coverage.published import Area, Shares, shares
from geodata.coverage.served import Standing, Tally, hours_of, typical_days
from geodata.hours.calendar import DayKind
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot

#: A share to the hundredth of a per cent: finer than any demand is known.
_DECIMALS: Final = 4
_TOLD: Final = (Standing.OPEN, Standing.UNKNOWN, Standing.CLOSED, Standing.NONE)


def reply(
    snapshot: Snapshot, query: CoverageQuery, at: datetime, roads: RoadAccess | None
) -> bytes:
    """JSON of what was asked, minutes over `roads` if given. Raises NoDemand."""
    zone, calendar = snapshot.zone, snapshot.hours_by_minute.calendar
    days = typical_days(calendar, at.date(), zone) if query.hourly else {}
    instants = hours_of(list(days.values()), zone) if days else [at]
    found = shares(snapshot, query.within(), query.by, instants, roads)
    hours = (
        {"days": [{"kind": kind.name, "date": day} for kind, day in days.items()]} if days else {}
    )
    return msgspec.json.encode(
        {**_about(snapshot, query, at, roads), **hours, "areas": _areas(found, days)}
    )


def _about(
    snapshot: Snapshot, query: CoverageQuery, at: datetime, roads: RoadAccess | None
) -> dict[str, Any]:
    summary, network = snapshot.demand.summary, roads.network.about if roads else None
    reach = query.within().described(network)
    return {
        "dataVersion": snapshot.version,
        "synthetic": snapshot.about.synthetic,
        "at": at.isoformat(),
        "reach_m": reach["reach_m"] and round(reach["reach_m"], 1),
        **{name: reach[name] for name in ("reach_kind", "minutes", "mode")},
        "network": network and provenance(network),
        "demand": {
            "title": summary.title,
            "title_en": summary.title_en,
            "points": len(snapshot.demand),
            "weight": float(snapshot.demand.weight.sum()),
        },
    }


def _areas(found: Shares, days: dict[DayKind, date]) -> list[dict[str, Any]]:
    """A row an area, and one without names for points that lie in none, if there are any."""
    named: list[tuple[int, Area]] = list(enumerate(found.areas))
    if found.tally.points[-1].any():
        named.append((len(found.areas), Area(None, None, None, None)))
    return [
        {**area._asdict(), **_sums(found.tally, row), **_shares(found.tally, row, days)}
        for row, area in named
    ]


def _sums(tally: Tally, row: int) -> dict[str, Any]:
    parts = tally.parts(row)
    return {name: parts[name] for name in ("points", "points_outside", "points_off_road", "weight")}


def _shares(tally: Tally, row: int, days: dict[DayKind, date]) -> dict[str, Any]:
    """Of each standing the share, or with days a list of 24 for each of them."""
    return {
        f"share_{each.name.lower()}": _cut(tally.share(each)[row].tolist(), days) for each in _TOLD
    }


def _cut(values: Sequence[float], days: dict[DayKind, date]) -> Any:
    rounded = [None if math.isnan(value) else round(value, _DECIMALS) for value in values]
    return [rounded[24 * n : 24 * n + 24] for n in range(len(days))] if days else rounded[0]
