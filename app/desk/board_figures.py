"""Figures of the board that are more than counts: letters' medians and their trend, and coverage
now and before, which a job works out once a version.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np

from app.db import jobs
from app.db.jobs import OVER, JobState, StoredJob
from app.desk.letter_list import ListedLetter
from app.desk.roles import CITY
from app.desk.tables import begin
from app.desk.views import DeskRequest
from app.voice.letters import LetterState
from app.voice.survival import Quantile, quantiles
from app.voice.working_time import working_hours
from geodata.hours.calendar import Calendar
from geodata.hours.zone import TimeZone

#: Letters received within so long count for a median; the trend is beside those of as long before.
_WINDOW: Final = timedelta(days=90)
_HALF: Final = 0.5
_DAY_S: Final = 86_400.0
KIND: Final = "coverage"
_NEWEST: Final = 20


class AnswerFigures(NamedTuple):
    """Medians of a street office's letters; None: it had none."""

    answer: Quantile | None
    """Working hours to the first answer."""
    answer_before: Quantile | None
    """The same of the 90 days before."""
    solved: Quantile | None
    """Days to solved."""

    @property
    def trend(self) -> str:
        """Whether answers come sooner or later than 90 days before; empty: as soon, or unknown."""
        now, was = self.answer, self.answer_before
        if now is None or was is None or not (now.is_reached and was.is_reached):
            return ""
        return "sooner" if now.value < was.value else "later" if now.value > was.value else ""


class CoverageLine(NamedTuple):
    """Who of those that ask in a street office is within reach of an open place, per cent."""

    street: str
    hour: int
    before: float
    now: float
    gained: float
    lost: float


class CoverageView(NamedTuple):
    """What the board tells of coverage."""

    lines: Sequence[CoverageLine]
    version: str
    before: str
    is_current: bool
    """Whether it is of the version that answers."""
    works: StoredJob | None
    """The job that works it out just now."""
    failed: str
    """Why the newest try failed, in the asker's language."""


def letter_figures(asked: DeskRequest, letters: Sequence[ListedLetter]) -> AnswerFigures:
    """Who waits counts for as long as it has waited."""
    now, before = asked.now, asked.now - _WINDOW
    recent = [each for each in letters if each.stored.received_at > before]
    older = [each for each in letters if before >= each.stored.received_at > before - _WINDOW]
    return AnswerFigures(
        _answers(asked, recent, now), _answers(asked, older, before), _solved(asked, recent)
    )


def _answers(asked: DeskRequest, letters: Sequence[ListedLetter], at: datetime) -> Quantile | None:
    """As it was known at an instant."""
    snapshot = asked.desk.snapshot()
    calendar: Calendar = snapshot.hours_by_minute.calendar
    zone: TimeZone = snapshot.zone
    courses = [each.course.at(at) for each in letters]
    ends = [each.first_answer_at or each.ended_at or at for each in courses]
    begun = np.array([each.received_at.timestamp() for each in courses])
    until = np.array([min(end, at).timestamp() for end in ends])
    answered = [each.first_answer_at is not None and each.first_answer_at <= at for each in courses]
    hours = working_hours(calendar, zone, begun, np.maximum(until, begun))
    return quantiles(hours, np.array(answered, np.bool_), (_HALF,))[0]


def _solved(asked: DeskRequest, letters: Sequence[ListedLetter]) -> Quantile | None:
    courses = [each.course.at(asked.now) for each in letters]
    solved = np.array([each.state is LetterState.SOLVED for each in courses], np.bool_)
    days = np.array(
        [
            ((each.ended_at or asked.now) - each.received_at).total_seconds() / _DAY_S
            for each in courses
        ]
    )
    return quantiles(days, solved, (_HALF,))[0]


def coverage(asked: DeskRequest) -> CoverageView:
    """What the newest job found, of the operator's part of the city."""
    with asked.desk.database.reading() as connection:
        tried = jobs.newest(connection, _NEWEST, KIND)
    version, divisions = asked.desk.snapshot().version, asked.desk.divisions()
    done = next((each for each in tried if each.state == JobState.DONE), None)
    works = next((each for each in tried if each.state not in OVER), None)
    newest = tried[0] if tried else None
    failed = ""
    if newest and newest.state == JobState.FAILED:
        failed = newest.outcome.get("fault", {}).get(asked.language, "")
    if done is None:
        return CoverageView((), "", "", is_current=False, works=works, failed=failed)
    lines = [
        CoverageLine(each["street"], each["hour"], *_shares(each))
        for each in done.outcome["rows"]
        if each["weight"] and asked.sees(divisions.of_street(each["street"]))
    ]
    held = done.outcome["version"]
    return CoverageView(
        sorted(lines, key=lambda line: (line.street, -line.hour)),
        held,
        done.outcome["before"],
        is_current=held == version,
        works=works,
        failed=failed,
    )


def begin_coverage(asked: DeskRequest) -> None:
    """Let a job work it out for the version that answers, unless one does or did."""
    seen = coverage(asked)
    if seen.works is not None or seen.is_current:
        return
    store = asked.desk.live.dataset
    now = asked.desk.snapshot().version
    before = next((each.version for each in store.versions() if each.version != now), "")
    begin(asked, KIND, CITY, {"version": now, "before": before})


def _shares(row: dict[str, Any]) -> tuple[float, float, float, float]:
    whole = row["weight"]
    before, after, gained, lost = (
        100 * row[name] / whole for name in ("before", "after", "gained", "lost")
    )
    return before, after, gained, lost
