"""Made-up reports of a synthetic dataset, so that its page shows what reports look like.

Their reporters are called demo: no network's hash is.
"""

import secrets
from datetime import datetime, timedelta
from random import Random
from typing import Final

from app.db import reports as stored
from app.db.database import Connection
from app.db.reports import NewReport
from app.voice.reports import LIVES
from geodata.snapshot.overlay import ReportType
from geodata.snapshot.snapshot import Snapshot

REPORTER: Final = "demo"
#: What is said, how often, and how many minutes ago first.
_SAID: Final = (
    (ReportType.CLOSED, 2, 35),
    (ReportType.NO_WATER, 3, 190),
    (ReportType.FULL, 1, 8),
    (ReportType.NO_POWER, 1, 95),
    (ReportType.OPEN, 2, 20),
    (ReportType.NO_ENTRY, 1, 50),
)
#: Of what was said before: how many reports, the oldest and the newest.
_FORMER: Final = 600
_SINCE: Final = timedelta(days=88)
_NEWEST: Final = timedelta(days=32)
_A_MINUTE: Final = timedelta(minutes=1)
_NIGHT: Final = frozenset({22, 23, 0, 1, 2, 3, 4, 5, 6})


def renew(connection: Connection, snapshot: Snapshot, now: datetime) -> None:
    """Let live what is made up, unless it lives already."""
    new = []
    if not stored.live_of(connection, REPORTER, now - _SINCE):
        new += _former(snapshot, now)
    if not stored.live_of(connection, REPORTER, now):
        new += _made_up(snapshot, now)
    for each in new:
        stored.add(connection, each)


def _former(snapshot: Snapshot, now: datetime) -> "list[NewReport]":
    """What was said before and lives no more, for tables of reports: by night more is found closed
    than by day, and at merchants more than at stations.
    """
    random = Random(f"{snapshot.version} former")  # noqa: S311  # the same at each start
    rows = random.choices(range(len(snapshot)), k=_FORMER)
    made = []
    for row in rows:
        ago = timedelta(minutes=random.randrange(_NEWEST // _A_MINUTE, _SINCE // _A_MINUTE))
        hour = snapshot.zone.local(now - ago).hour
        closed = 5 if hour in _NIGHT else 2
        kinds = (ReportType.CLOSED, ReportType.OPEN, ReportType.NO_WATER, ReportType.FULL)
        (kind,) = random.choices(kinds, (closed, 3, 2, 1))
        made.append(_one(snapshot.id_of(row), kind, now - ago, 0))
    return made


def is_made_up(reporter: str) -> bool:
    """Whether a reporter is nobody."""
    return reporter.startswith(REPORTER)


def _made_up(snapshot: Snapshot, now: datetime) -> "list[NewReport]":
    rows = Random(snapshot.version).sample(range(len(snapshot)), min(len(_SAID), len(snapshot)))  # noqa: S311  # the same places at each start
    return [
        _one(snapshot.id_of(row), kind, now - timedelta(minutes=ago - 3 * number), number)
        for row, (kind, times, ago) in zip(rows, _SAID, strict=False)
        for number in range(times)
    ]


def _one(place: str, kind: ReportType, seen_at: datetime, number: int) -> NewReport:
    return NewReport(
        f"r-{secrets.token_hex(8)}",
        place,
        str(kind),
        seen_at,
        seen_at,
        seen_at + LIVES[kind],
        f"{REPORTER}-{number}",
        seen_at.date(),
        f"{REPORTER}-{secrets.token_hex(16)}",
        has_ticket=False,
        note=None,
    )
