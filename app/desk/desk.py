"""What the desk's views work with: the database, the keys, the version that answers."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from app.db import uploads
from app.db.database import Connection, Database
from app.db.letters import StoredLetter
from app.desk import accounts, audit
from app.desk.leases import Keeper
from app.desk.letter_list import LetterList, ListedLetter
from app.desk.provider import SsoProvider
from app.desk.roles import CITY, Divisions, Location
from app.desk.waiting_edits import WaitingEdits
from app.desk.waiting_reports import PlacedReport, WaitingReports
from app.live.current import Live
from app.voice.keys import KeyRing
from app.voice.letter_routes import LetterBox, due_of
from app.voice.live_voice import LiveVoice
from geodata.errors import NoSuchPlace
from geodata.snapshot.memo import memoized
from geodata.snapshot.snapshot import Snapshot

#: How long the bytes of a table that somebody sent are kept; what came of it stays.
TABLES_KEPT: Final = timedelta(days=90)
#: Days by which an answer is due that are remembered.
_MOST_DUE: Final = 10_000
#: Places of which it is remembered where they lie.
_MOST_WHERE: Final = 50_000


class Desk:
    """Made once a process; threads share it."""

    def __init__(
        self,
        live: Live,
        box: LetterBox,
        said: LiveVoice,
        home: Path,
        provider: SsoProvider | None = None,
        approval: str = "",
    ) -> None:
        self.live, self.box, self.said = live, box, said
        self.home, self.provider = home, provider
        # The number under which a base map may be shown in mainland China.
        self.approval = approval
        self.jobs = Keeper(self.database, live.dataset.name)
        self._kept_on: date | None = None
        self._letters = LetterList(self.database)
        self.edits, self._reports = WaitingEdits(), WaitingReports()
        self._due: dict[tuple[str, date, str], date] = {}
        self._where: tuple[str, dict[str, Location]] = ("", {})

    @property
    def database(self) -> Database:
        """The database of what people say, in which accounts stand, too."""
        return self.box.voice.database

    @property
    def keys(self) -> KeyRing:
        """The keys of letters, notes, second factors and the audit."""
        return self.box.voice.keys

    @property
    def heads(self) -> Path:
        """The second place of the audit's newest digests."""
        return heads_of(self.home, self.live.dataset.name)

    def keep_daily(self, now: datetime) -> None:
        """Once a day: the audit's newest digest to its second place, idle accounts
        closed, and the bytes of old tables deleted.
        """
        if self._kept_on != now.date():
            self._kept_on = now.date()
            keep(self.database, self.heads, now)

    def letters(self) -> Sequence[ListedLetter]:
        """All letters without their texts, by the day on which an answer is due."""
        snapshot = self.snapshot()
        if len(self._due) > _MOST_DUE:
            self._due.clear()

        def due(row: StoredLetter) -> date:
            day = snapshot.zone.local(row.received_at).date()
            key = (snapshot.version, day, row.category)
            if key not in self._due:
                self._due[key] = due_of(snapshot, row)
            return self._due[key]

        return self._letters.letters(due, snapshot.version)

    def reports(self, connection: Connection, now: datetime) -> list[PlacedReport]:
        """The reports that ask for work, the oldest first, and where each lies."""
        version = self.snapshot().version
        return self._reports.living(connection, version, self.where_of_place, now)

    def hurry(self) -> None:
        """What was written is seen at once by this worker."""
        self._letters.hurry()
        self.said.hurry()

    def today(self, now: datetime) -> date:
        """The day on the city's clocks."""
        return self.snapshot().zone.local(now).date()

    def where_of_place(self, place_id: str) -> Location:
        """Where a place lies; of one that is no longer there nobody but the city knows.

        Lists ask it of each of their lines: what was found out of a version is remembered.
        """
        snapshot = self.snapshot()
        version, known = self._where
        if version != snapshot.version:
            known = {}
            self._where = (snapshot.version, known)
        found = known.get(place_id)
        if found is None:
            found = _where(snapshot, place_id)
            if len(known) < _MOST_WHERE:
                known[place_id] = found
        return found

    def snapshot(self) -> Snapshot:
        """The version that answers."""
        return self.live.snapshot()

    def divisions(self) -> Divisions:
        """The districts and street offices of the version that answers."""
        return divisions_of(self.snapshot())


def _where(snapshot: Snapshot, place_id: str) -> Location:
    try:
        row = snapshot.row_of(place_id)
    except NoSuchPlace:
        return CITY
    district, street = (
        labels.names[at].decode() if (at := int(labels.of[row])) >= 0 else ""
        for labels in (snapshot.districts, snapshot.streets)
    )
    return Location(district, street)


def heads_of(home: Path, dataset: str) -> Path:
    """The file in which a dataset's newest digests of the audit stand, one a day."""
    return home / "audit" / f"{dataset}.heads"


def keep(database: Database, heads: Path, now: datetime) -> list[str]:
    """What is done to accounts, tables that were sent and the audit once a day; the names of
    accounts that it closed.

    Again on the same day it changes nothing. Raises VoiceAway.
    """
    closed = database.write(lambda connection: accounts.close_idle(connection, now))
    database.write(lambda connection: uploads.forget_bytes(connection, now - TABLES_KEPT))
    with database.reading() as connection:
        audit.write_head(connection, heads, now)
    return closed


@memoized(most=1)
def divisions_of(snapshot: Snapshot) -> Divisions:
    """A street office lies in the district of most of its places."""
    streets, districts = snapshot.streets, snapshot.districts
    found: dict[str, str] = {}
    for at, name in enumerate(streets.names.tolist()):
        among = districts.of[np.flatnonzero(streets.of == at)]
        among = among[among >= 0]
        most = int(np.bincount(among).argmax()) if len(among) else -1
        found[name.decode()] = districts.names[most].decode() if most >= 0 else ""
    for layer in snapshot.about.layers:
        for each in layer.waiting:
            if each.street:
                found.setdefault(each.street, each.district)
    return Divisions(found)
