"""Made-up reports of a synthetic dataset, so that its page shows what reports look like.

Their reporters are called demo: no network's hash is.
"""

import secrets
from datetime import datetime, timedelta
from random import Random
from typing import Final

from app.db import reports as stored
from app.db.database import Connection, Database
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


def renew(database: Database, snapshot: Snapshot, now: datetime) -> int:
    """Let live what is made up, unless it lives already; how many reports were written.

    Raises VoiceAway.
    """

    def unit(connection: Connection) -> int:
        if stored.live_of(connection, REPORTER, now):
            return 0
        new = list(_made_up(snapshot, now))
        for each in new:
            stored.add(connection, each)
        return len(new)

    return database.write(unit)


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
