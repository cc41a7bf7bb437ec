"""/readyz: what stands behind the answers, part by part, and what is wrong with each.

Waits for no database: what it says of one is how long ago it was heard.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import msgspec

from app.api.payloads import provenance
from app.live import holidays, kernels
from app.live.current import Live
from app.live.follow import SILENT_S, Follower
from geodata.errors import StoreError
from geodata.snapshot.snapshot import Snapshot

#: With less than this a home takes no new version, and soon no report.
LEAST_FREE_BYTES: Final = 100_000_000
#: In what order parts are told.
PARTS: Final = (
    "data",
    "network",
    "ground",
    "shared",
    "voice",
    "calendar",
    "kernels",
    "disk",
    "clock",
)


@dataclass(frozen=True, slots=True)
class PartState:
    """How one part is; `why` says what is wrong with it, or soon will be."""

    status: str = "ok"
    why: str | None = None


_OK: Final = PartState()


def _degraded(why: str) -> PartState:
    return PartState("degraded", why)


def ready(live: Live, now: datetime, follower: Follower | None, heard_ago_s: float | None) -> bytes:
    """What stands behind the answers at an aware instant.

    `heard_ago_s`: since when the database of what people say has been silent; None: it was never
    heard. Holidays that are not known yet are told, and degrade nothing.
    """
    snapshot = live.snapshot()
    about, network = snapshot.about, live.roads.network()
    told = parts(live, now, follower, heard_ago_s)
    degraded = any(part.status != "ok" for part in told.values())
    return msgspec.json.encode(
        {
            "status": "degraded" if degraded else "ready",
            "parts": told,
            "network": network and {**provenance(network.about), "version": network.version},
            "shared": follower and {"heardAgoS": follower.heard_ago_s},
            "compiling": kernels.unfinished(by_road=network is not None),
            "dataset": about.dataset,
            "title": about.title,
            "synthetic": about.synthetic,
            "dataVersion": snapshot.version,
            "dataDate": about.data_date,
            "dataAgeDays": (
                snapshot.zone.local(now).date() - date.fromisoformat(about.data_date)
            ).days,
            "places": len(snapshot),
            "counts": about.counts,
            "area": about.city.name,
            "licence": about.licence,
            "source": about.source,
            "calendarKnownUntil": snapshot.known_until.isoformat(),
            "calendarWarning": told["calendar"].why,
        }
    )


def parts(
    live: Live, now: datetime, follower: Follower | None, heard_ago_s: float | None
) -> Mapping[str, PartState]:
    """Each part by its name, as PARTS has them."""
    snapshot, by_road = live.snapshot(), live.roads.network() is not None
    waits = ", ".join(kernels.unfinished(by_road=by_road))
    return {
        "data": _data(live, snapshot),
        "network": _degraded("the road network cannot be read: times are estimates")
        if live.roads.degraded
        else _OK,
        "ground": _ground(live),
        "shared": _shared(follower),
        "voice": _voice(heard_ago_s),
        "calendar": PartState(why=_calendar(live, snapshot, now)),
        "kernels": PartState(why=f"still compiled: {waits}" if waits else None),
        "disk": _disk(live.dataset.home),
        "clock": _clock(snapshot, now),
    }


def _data(live: Live, snapshot: Snapshot) -> PartState:
    try:
        published = live.dataset.pointer().version
    except (StoreError, OSError) as fault:
        return _degraded(f"the last good version answers: {fault}")
    if published != snapshot.version:
        return _degraded(f"version {published} is published and cannot be read")
    return _OK


def _ground(live: Live) -> PartState:
    store = live.ground.store
    try:
        wanted = store and store.current()
    except (StoreError, OSError) as fault:
        return _degraded(f"the base map cannot be read: {fault}")
    if wanted and live.ground.current() is None:
        return _degraded("the base map cannot be read: the map shows outlines")
    return _OK


def _shared(follower: Follower | None) -> PartState:
    if follower is None or not follower.degraded:
        return _OK
    ago_s = follower.heard_ago_s
    if ago_s is None:
        return _degraded("the database that data come from was never heard")
    return _degraded(f"the database that data come from is silent since {ago_s:.0f} s")


def _voice(heard_ago_s: float | None) -> PartState:
    if heard_ago_s is None:
        return _degraded("the database of what people say was never heard: nothing can be sent")
    if heard_ago_s > SILENT_S:
        return _degraded(f"the database of what people say is silent since {heard_ago_s:.0f} s")
    return _OK


def _calendar(live: Live, snapshot: Snapshot, now: datetime) -> str | None:
    about, today = snapshot.about, snapshot.zone.local(now).date()
    return holidays.warning(
        live.dataset.home, about.dataset, about.city.country, snapshot.known_until, today
    )


def _disk(home: Path) -> PartState:
    try:
        free = shutil.disk_usage(home).free
    except OSError as fault:
        return _degraded(f"the home cannot be read: {fault.strerror}")
    if free < LEAST_FREE_BYTES:
        return _degraded(f"{free // 1_000_000} MB are free where the data lie")
    return PartState(why=None if os.access(home, os.W_OK) else "the home is read-only")


def _clock(snapshot: Snapshot, now: datetime) -> PartState:
    made = date.fromisoformat(snapshot.about.data_date)
    if (snapshot.zone.local(now).date() - made).days < -1:
        return _degraded(f"the clock says {now:%Y-%m-%d}, before the data of {made} were made")
    return _OK
