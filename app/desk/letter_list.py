"""The letters as the desk lists them: followed as they are written, sorted by their deadline."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Lock
from typing import Final

from app.db import letters as stored
from app.db.database import Database
from app.db.letters import ReadUntil, StoredHappening, StoredLetter
from app.voice.letter_box import standing
from app.voice.letters import Course, Happening, LetterState

#: How often a worker looks whether something was written elsewhere.
_LOOK_EVERY_S: Final = 2.0
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: Where a letter waits for us.
OURS: Final = frozenset({LetterState.RECEIVED, LetterState.ASSIGNED, LetterState.REOPENED})


@dataclass(frozen=True, slots=True)
class ListedLetter:
    """A letter without its texts."""

    stored: StoredLetter
    course: Course
    assigned_to: str
    turns: int
    """How much has happened to it."""
    due: date

    def waits(self, now: datetime) -> bool:
        """Whether it waits for us."""
        return self.course.at(now).state in OURS


class LetterList:
    """All letters of a database; made once a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._look_at = 0.0
        self._until = ReadUntil()
        self._held: dict[str, tuple[StoredLetter, Course, str, int]] = {}

    def letters(self, due_of: Callable[[StoredLetter], date]) -> list[ListedLetter]:
        """All of them, those whose answer is due first on top. Raises VoiceAway."""
        with self._lock:
            self._follow()
            held = list(self._held.values())
        found = [
            ListedLetter(row, course, to, turns, due_of(row)) for row, course, to, turns in held
        ]
        return sorted(found, key=lambda each: (each.due, each.stored.received_at, each.stored.id))

    def hurry(self) -> None:
        """Look at the next question: this worker itself has written."""
        self._look_at = 0.0

    def _follow(self) -> None:
        if time.monotonic() < self._look_at:
            return
        with self._database.reading() as connection:
            written = stored.since(connection, self._until, _EVER)
            if written.until.letters < self._until.letters or self._is_remade(written.until):
                self._held.clear()  # of a demo that was made anew
                written = stored.since(connection, ReadUntil(), _EVER)
        self._look_at = time.monotonic() + _LOOK_EVERY_S
        by_letter = stored.happenings_of(written.happened)
        for row, course in standing(written.letters, written.happened):
            happened = by_letter.get(row.id, ())
            to = next(_assigned(happened), "")
            self._held[row.id] = (row, course, to, len(happened))
        self._until = written.until

    def _is_remade(self, until: ReadUntil) -> bool:
        return until.happenings < self._until.happenings


def _assigned(happened: "list[StoredHappening] | tuple[()]") -> Iterator[str]:
    """To whom it was given, the last first."""
    for each in reversed(happened):
        if each.kind == Happening.ASSIGNED:
            yield str(each.details.get("to", ""))
