"""A letter's life is a fold, and says what a slow reading of all its events says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.voice.letters import (
    ENDED,
    HOLDERS,
    NEXT,
    Course,
    Happening,
    LetterEvent,
    LetterState,
    course,
)

DAY = timedelta(days=1)
BEGAN = datetime(2021, 10, 20, 1, 0, tzinfo=UTC)
EVENTS = st.lists(
    st.tuples(st.sampled_from(Happening), st.integers(-60 * 24, 60 * 24)), max_size=12
)


def at(days: float) -> datetime:
    return BEGAN + days * DAY


def events(*told: tuple[Happening, float]) -> list[LetterEvent]:
    return [LetterEvent(kind, at(day)) for kind, day in told]


def slow(
    told: list[LetterEvent], now: datetime
) -> tuple[str, datetime, int, datetime | None, bool]:
    """The same read hour by hour, with no table of what leads where."""
    state, since, reopened, answer, gone = "received", BEGAN, 0, None, False
    clock = BEGAN
    for event in [*told, None]:
        until = max(clock, event.at) if event else max(clock, now)
        before = (state, since)
        if state == "answered" and until - since >= 14 * DAY:
            state, since = "no_reaction", since + 14 * DAY
        if event is None:
            break
        kind = str(event.kind)
        open_ = state in ("received", "assigned", "reopened")
        fits = (
            (kind in ("assigned", "refused", "handed_over") and open_)
            or (kind == "answered" and (open_ or state == "answered"))
            or (kind == "solved" and state in ("answered", "no_reaction"))
            or (kind == "not_solved" and state == "answered")
            or (
                kind == "not_solved"
                and state in ("solved", "no_reaction")
                and until - since <= 14 * DAY
            )
            or (kind == "withdrawn" and not gone)
        )
        if not fits:
            state, since = before
            continue
        if kind == "withdrawn":
            gone = True
            if state in ("solved", "no_reaction", "refused", "handed_over"):
                clock = since
                continue
        if kind in ("answered", "refused", "handed_over") and answer is None:
            answer = until
        reopened += kind == "not_solved"
        state, since, clock = ("reopened" if kind == "not_solved" else kind), until, until
    return state, since, reopened, answer, gone


def told_of(found: Course) -> tuple[str, datetime, int, datetime | None, bool]:
    answer = found.first_answer_at
    return str(found.state), found.since, found.reopened, answer, found.is_text_gone


@given(EVENTS, st.integers(-100, 4000))
def test_the_fold_says_what_a_slow_reading_says(
    told: list[tuple[Happening, int]], hours: int
) -> None:
    happened = [LetterEvent(kind, BEGAN + timedelta(hours=hour)) for kind, hour in told]
    now = BEGAN + timedelta(hours=hours)
    found = course(BEGAN, happened)
    later = max(now, found.since)
    assert told_of(found.at(later)) == slow(happened, later)


@given(EVENTS)
def test_what_may_not_happen_changes_nothing_and_time_never_runs_back(
    told: list[tuple[Happening, int]],
) -> None:
    found = course(BEGAN, [])
    for kind, hour in told:
        event = LetterEvent(kind, BEGAN + timedelta(hours=hour))
        after = found.then(event)
        assert after.since >= found.since
        if not found.may(kind, max(event.at, found.since)):
            assert after is found
        found = after


def test_the_sticker_of_2021() -> None:
    """Asked for on 2021-10-20, answered at once, solved in two days."""
    found = course(BEGAN, events((Happening.ANSWERED, 0), (Happening.SOLVED, 2)))
    assert found.state is LetterState.SOLVED
    assert found.first_answer_at == BEGAN
    assert found.ended_at == at(2)


def test_answered_is_not_solved_until_the_holder_says_so() -> None:
    found = course(BEGAN, events((Happening.ANSWERED, 1)))
    assert found.at(at(14.9)).ended_at is None
    assert found.at(at(15)).state is LetterState.NO_REACTION
    assert found.at(at(15)).ended_at == at(15)


def test_a_reopened_letter_keeps_its_clock() -> None:
    told = events(
        (Happening.ASSIGNED, 0.5),
        (Happening.ANSWERED, 1),
        (Happening.NOT_SOLVED, 3),
        (Happening.ANSWERED, 5),
        (Happening.SOLVED, 6),
    )
    found = course(BEGAN, told)
    assert (found.reopened, found.received_at, found.first_answer_at) == (1, BEGAN, at(1))
    assert found.ended_at == at(6)


@pytest.mark.parametrize(("day", "may"), [(29, True), (29.1, False)])
def test_who_comes_late_may_still_reopen_for_a_while(day: float, may: bool) -> None:
    found = course(BEGAN, events((Happening.ANSWERED, 1)))
    assert found.may(Happening.NOT_SOLVED, at(day)) is may


def test_a_text_may_be_taken_back_once_and_how_the_letter_ended_stays() -> None:
    told = events((Happening.ANSWERED, 1), (Happening.SOLVED, 2), (Happening.WITHDRAWN, 3))
    found = course(BEGAN, told)
    assert (found.state, found.ended_at, found.is_text_gone) == (LetterState.SOLVED, at(2), True)
    assert not found.may(Happening.WITHDRAWN, at(4))


def test_the_table_of_what_may_happen_next_is_complete() -> None:
    assert NEXT.keys() == set(LetterState)
    assert all(Happening.SOLVED not in NEXT[state] for state in ENDED - {LetterState.NO_REACTION})
    assert {Happening.SOLVED, Happening.NOT_SOLVED} <= HOLDERS
