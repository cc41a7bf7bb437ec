"""The reports that ask for work: read once after each change, as pages count them at every look."""

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock
from typing import Final, NamedTuple

from app.db import reports as stored
from app.db.database import Connection
from app.db.reports import WaitingReport
from app.desk.roles import Location
from app.voice.reports import TO_INBOX

_TYPES: Final = tuple(sorted(str(each) for each in TO_INBOX))


class PlacedReport(NamedTuple):
    """A report that asks for work, and whose it is."""

    row: WaitingReport
    where: Location


class WaitingReports:
    """Those of a database; made once a process, threads share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: tuple[tuple[int, int], str] | None = None
        self._held: Sequence[PlacedReport] = ()

    def living(
        self,
        connection: Connection,
        version: str,
        where_of: Callable[[str], Location],
        now: datetime,
    ) -> list[PlacedReport]:
        """Those that nobody withdrew or handled and whose time is not over, the oldest first;
        `where_of` says where a place of the version lies.
        """
        state = stored.state(connection)
        with self._lock:
            if self._of != (state, version):
                rows = stored.waiting(connection, _TYPES, now)
                self._held = [PlacedReport(row, where_of(row.place)) for row in rows]
                self._of = (state, version)
            held = self._held
        return [each for each in held if each.row.expires_at > now]
