"""Times contenders side by side: they take turns, so that a busy machine slows all of them.

Draws no table.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

Question = tuple[float, float]

#: Turns each contender gets; the first warms caches and compilers and is not counted.
ROUNDS: Final = 6


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to answer a question, and how many it gets in a turn: a steady stream, or fewer where
    each is slow.
    """

    ask: Callable[[float, float], object]
    questions: int = 2_000


def p50_s(
    contenders: Mapping[str, Contender], questions: Sequence[Question], rounds: int = ROUNDS
) -> dict[str, float]:
    """Median seconds of one question.

    Every turn takes the next questions, the same ones for every contender.
    """
    times_ns: dict[str, list[int]] = {name: [] for name in contenders}
    for turn in range(rounds):
        for name, contender in contenders.items():
            taken = _turn(contender, questions, turn)
            if turn:
                times_ns[name] += taken
    return {name: median(taken) * 1e-9 for name, taken in times_ns.items()}


def _turn(contender: Contender, questions: Sequence[Question], turn: int) -> list[int]:
    ask, first = contender.ask, turn * contender.questions
    taken = []
    for number in range(first, first + contender.questions):
        lon, lat = questions[number % len(questions)]
        began = time.perf_counter_ns()
        ask(lon, lat)
        taken.append(time.perf_counter_ns() - began)
    return taken


def best_s(
    batches: Mapping[str, tuple[Callable[[Any], object], Any, int]], rounds: int = ROUNDS
) -> dict[str, float]:
    """Seconds per question of each batch (what asks, what is asked, how many those are): the least
    of its turns.
    """
    least = dict.fromkeys(batches, float("inf"))
    for turn in range(rounds):
        for name, (ask, asked, count) in batches.items():
            began = time.perf_counter()
            ask(asked)
            taken = (time.perf_counter() - began) / count
            if turn:
                least[name] = min(least[name], taken)
    return least
