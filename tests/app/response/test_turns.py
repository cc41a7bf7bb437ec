"""Turns of what is cheap: free ones cost nothing, the next waits, nobody waits for ever."""

from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from app.factory import create_app
from app.response import turns
from app.response.turns import MOST_ANSWERING, MOST_QUEUED_S, QuickTurn, QuickTurns
from app.settings import Settings
from tests.patience import PATIENCE_S, until


def test_the_next_waits_for_a_quick_turn_and_goes_on_behind_one_that_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = QuickTurns(MOST_ANSWERING)
    monkeypatch.setattr(turns, "MOST_QUEUED_S", PATIENCE_S)
    assert [quick.take() for _ in range(MOST_ANSWERING)] == [QuickTurn.TAKEN] * MOST_ANSWERING
    got: list[QuickTurn] = []
    waiting = Thread(target=lambda: got.append(quick.take()))
    waiting.start()
    until(lambda: quick._waiting == 1)
    assert not got
    quick.give(0.001)
    waiting.join(PATIENCE_S)
    assert got == [QuickTurn.TAKEN]
    monkeypatch.setattr(turns, "MOST_QUEUED_S", 0.001)
    assert quick.take() is QuickTurn.WITHOUT
    quick.give(0.001)
    assert quick.take() is QuickTurn.TAKEN


def test_who_would_wait_for_too_long_is_told_to_come_back() -> None:
    quick = QuickTurns(1)
    quick.take()
    for _ in range(200):
        quick.give(60.0)  # one that hung tells nothing of the others
        quick.take()
    quick._waiting = int(MOST_QUEUED_S / turns._MOST_COUNTED_S) - 1
    assert quick.take() is QuickTurn.WITHOUT
    quick._waiting += 2
    assert quick.take() is QuickTurn.REFUSED
    for _ in range(200):
        quick.give(0.0)
        quick.take()
    assert quick.take() is QuickTurn.WITHOUT


def test_no_more_answer_at_once_than_have_turns_while_these_move(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "MOST_QUEUED_S", PATIENCE_S)
    app = create_app(Settings(demo_home, "demo"))
    inside, go, most, many = [0], Event(), [0], 5 * MOST_ANSWERING
    there = Barrier(MOST_ANSWERING + 1)

    def answered() -> str:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        if not go.is_set():
            there.wait(PATIENCE_S)
            go.wait(PATIENCE_S)
        inside[0] -= 1
        return "done"

    app.view_functions["api.nearest"] = answered
    threads = [Thread(target=app.test_client().get, args=("/api/v1/nearest",)) for _ in range(many)]
    for each in threads:
        each.start()
    there.wait(PATIENCE_S)
    assert inside == [MOST_ANSWERING]
    go.set()
    for each in threads:
        each.join(PATIENCE_S)
    assert (inside, most) == ([0], [MOST_ANSWERING])
