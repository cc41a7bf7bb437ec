"""The letters as the desk lists them: followed as they are written, sorted by their deadline."""

import time
from collections.abc import Callable, Iterator, Sequence
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
        return self.course.state in OURS and self.course.at(now).state in OURS


class LetterList:
    """All letters of a database; made once a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._look_at = 0.0
        self._until = ReadUntil()
        self._held: dict[str, tuple[StoredLetter, Course, str, int]] = {}
        self._version = ""
        self._sorted: list[ListedLetter] = []

    def letters(
        self, due_of: Callable[[StoredLetter], date], version: str
    ) -> Sequence[ListedLetter]:
        """All of them, those whose answer is due first on top; `due_of` says the same of a letter
        as long as the version is the same. Raises VoiceAway.
        """
        with self._lock:
            changed = self._follow()
            if changed or version != self._version:
                self._version = version
                self._sorted = sorted(
                    (ListedLetter(*held, due_of(held[0])) for held in self._held.values()),
                    key=lambda each: (each.due, each.stored.received_at, each.stored.id),
                )
            return self._sorted

    def hurry(self) -> None:
        """Look at the next question: this worker itself has written."""
        self._look_at = 0.0

    def _follow(self) -> bool:
        """Whether anything was written since the last look."""
        if time.monotonic() < self._look_at:
            return False
        with self._database.reading() as connection:
            written = stored.since(connection, self._until, _EVER)
            is_remade = (
                written.until.letters < self._until.letters
                or written.until.happenings < self._until.happenings
            )
            if is_remade:
                self._held.clear()  # of a demo that was made anew
                written = stored.since(connection, ReadUntil(), _EVER)
        self._look_at = time.monotonic() + _LOOK_EVERY_S
        by_letter = stored.happenings_of(written.happened)
        for row, course in standing(written.letters, written.happened):
            happened = by_letter.get(row.id, ())
            to = next(_assigned(happened), "")
            self._held[row.id] = (row, course, to, len(happened))
        self._until = written.until
        return is_remade or bool(written.letters)


def _assigned(happened: "list[StoredHappening] | tuple[()]") -> Iterator[str]:
    """To whom it was given, the last first."""
    for each in reversed(happened):
        if each.kind == Happening.ASSIGNED:
            yield str(each.details.get("to", ""))
