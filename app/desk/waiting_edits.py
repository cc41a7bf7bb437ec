"""The edits that wait, of all places: followed as they are written, and folded again only where
something changed, as there may be many thousands of which a page shows fifty.
"""

from threading import Lock

from app.db import edits as stored
from app.db.database import Connection
from app.db.edits import StoredEdit
from app.desk.place_texts import STANDING, Known, folded, published
from app.desk.roles import Divisions
from geodata.snapshot.snapshot import Snapshot


class WaitingEdits:
    """What waits in a database; made once a process, threads share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._until, self._version = 0, ""
        self._last: dict[str, dict[str, StoredEdit]] = {}
        self._waits: dict[str, Known] = {}

    def places(
        self, connection: Connection, snapshot: Snapshot, divisions: Divisions
    ) -> list[Known]:
        """The places of which anything waits, those first of which it waits longest."""
        with self._lock:
            changed = self._follow(connection)
            if snapshot.version != self._version:
                self._version, changed = snapshot.version, {*self._last}
            for place in changed:
                self._fold(snapshot, divisions, place)
            found = list(self._waits.values())
        return sorted(found, key=lambda each: min(one.number for one in each.waiting.values()))

    def _follow(self, connection: Connection) -> set[str]:
        """The places of which something was written since the last look."""
        new = stored.by_hand_after(connection, self._until)
        for each in new:
            self._last.setdefault(each.place, {})[each.field] = each
            self._until = each.number
        return {each.place for each in new}

    def _fold(self, snapshot: Snapshot, divisions: Divisions, place: str) -> None:
        there, said = published(snapshot, place), self._last[place]
        self._waits.pop(place, None)
        if there is not None or STANDING in said:
            held = folded(snapshot, divisions, place, there, dict(said))
            if held.waiting:
                self._waits[place] = held
