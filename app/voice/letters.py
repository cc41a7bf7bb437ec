"""A letter's life as a fold over what happened to it. Knows no database, and no clock.

received → assigned → answered → solved, or reopened by who wrote it and then the same again;
refused, handed over and withdrawn end it, too. Answered is not solved: only who holds the receipt
says so, or says nothing for SILENCE_DAYS, which is told apart as “no reaction”.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

#: After so long without a word from the holder an answered letter ends.
SILENCE: Final = timedelta(days=14)
#: So long after it ended as solved, or for silence, its holder may reopen it.
REOPENED_WITHIN: Final = timedelta(days=14)
#: A text is kept no longer than this after its letter's end: 24 months.
RETENTION: Final = timedelta(days=730)


class Happening(StrEnum):
    """What can happen to a letter."""

    ASSIGNED = "assigned"
    ANSWERED = "answered"
    REFUSED = "refused"
    HANDED_OVER = "handed_over"
    SOLVED = "solved"
    NOT_SOLVED = "not_solved"
    WITHDRAWN = "withdrawn"


class LetterState(StrEnum):
    """Where a letter stands."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    REOPENED = "reopened"
    SOLVED = "solved"
    NO_REACTION = "no_reaction"
    REFUSED = "refused"
    HANDED_OVER = "handed_over"
    WITHDRAWN = "withdrawn"


#: What only the holder of the receipt may say.
HOLDERS: Final = frozenset({Happening.SOLVED, Happening.NOT_SOLVED, Happening.WITHDRAWN})
#: What counts as the first answer: a refusal says why, and a hand-over where to ask.
ANSWERS: Final = frozenset({Happening.ANSWERED, Happening.REFUSED, Happening.HANDED_OVER})
_WORKED_ON: Final = frozenset(
    {Happening.ASSIGNED, Happening.ANSWERED, Happening.REFUSED, Happening.HANDED_OVER}
)
_BACK: Final = frozenset({Happening.WITHDRAWN})
#: What may happen next. A text may be taken back at any time; that ends no letter that has ended.
NEXT: Final[Mapping[LetterState, frozenset[Happening]]] = {
    LetterState.RECEIVED: _WORKED_ON | _BACK,
    LetterState.ASSIGNED: _WORKED_ON | _BACK,
    LetterState.REOPENED: _WORKED_ON | _BACK,
    LetterState.ANSWERED: HOLDERS | {Happening.ANSWERED},
    LetterState.SOLVED: _BACK | {Happening.NOT_SOLVED},
    LetterState.NO_REACTION: HOLDERS,
    LetterState.REFUSED: _BACK,
    LetterState.HANDED_OVER: _BACK,
    LetterState.WITHDRAWN: frozenset(),
}
ENDED: Final = frozenset(
    {
        LetterState.SOLVED,
        LetterState.NO_REACTION,
        LetterState.REFUSED,
        LetterState.HANDED_OVER,
        LetterState.WITHDRAWN,
    }
)
_LEADS_TO: Final[Mapping[Happening, LetterState]] = {
    Happening.ASSIGNED: LetterState.ASSIGNED,
    Happening.ANSWERED: LetterState.ANSWERED,
    Happening.REFUSED: LetterState.REFUSED,
    Happening.HANDED_OVER: LetterState.HANDED_OVER,
    Happening.SOLVED: LetterState.SOLVED,
    Happening.NOT_SOLVED: LetterState.REOPENED,
    Happening.WITHDRAWN: LetterState.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class LetterEvent:
    """Something that happened to a letter, at an aware instant."""

    kind: Happening
    at: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a letter up to its last event."""

    state: LetterState
    since: datetime
    """When that state began."""
    received_at: datetime
    first_answer_at: datetime | None = None
    reopened: int = 0
    is_text_gone: bool = False
    """Whether its holder took the text back."""

    @property
    def silent_at(self) -> datetime | None:
        """When it ends for silence, if nothing happens before; None: it waits for no holder."""
        return self.since + SILENCE if self.state is LetterState.ANSWERED else None

    def at(self, now: datetime) -> "Course":
        """The same at a later instant: an answered letter may have ended for silence."""
        silent_at = self.silent_at
        if silent_at is None or now < silent_at:
            return self
        return replace(self, state=LetterState.NO_REACTION, since=silent_at)

    @property
    def ended_at(self) -> datetime | None:
        """When it ended; None: it has not."""
        return self.since if self.state in ENDED else None

    def may(self, kind: Happening, now: datetime) -> bool:
        """Whether something may happen to it at an instant."""
        here = self.at(now)
        if kind is Happening.WITHDRAWN and here.is_text_gone:
            return False
        if kind is Happening.NOT_SOLVED and here.ended_at is not None:
            return kind in NEXT[here.state] and now <= here.since + REOPENED_WITHIN
        return kind in NEXT[here.state]

    def then(self, event: LetterEvent) -> "Course":
        """After one more event. What may not happen changes nothing, and a clock that was put back
        makes no event earlier than the one before it.
        """
        at = max(event.at, self.since)
        if not self.may(event.kind, at):
            return self
        here = self.at(at)
        if event.kind is Happening.WITHDRAWN and here.state in ENDED:
            return replace(here, is_text_gone=True)
        answered = event.kind in ANSWERS and here.first_answer_at is None
        return Course(
            _LEADS_TO[event.kind],
            at,
            here.received_at,
            at if answered else here.first_answer_at,
            here.reopened + (event.kind is Happening.NOT_SOLVED),
            event.kind is Happening.WITHDRAWN or here.is_text_gone,
        )


def course(received_at: datetime, events: Iterable[LetterEvent]) -> Course:
    """What became of a letter that was received then: the one place that says so.

    `events` stand in the order in which they were written.
    """
    found = Course(LetterState.RECEIVED, received_at, received_at)
    for event in events:
        found = found.then(event)
    return found
