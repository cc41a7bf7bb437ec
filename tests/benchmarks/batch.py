"""Row "batch": a million questions at once, two threads, per question.

Questions come in no order.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.benchmarks import peers
from tests.benchmarks.cities import DEMO_PLACES, City
from tests.benchmarks.clock import best_s
from tests.benchmarks.report import Line, faster

ROW: Final = "batch"
QUESTIONS: Final = 1_000_000
#: Fewer where each takes long: the join, and k beyond one.
_JOINED: Final = 10_000
_MANY: Final = {1: QUESTIONS, 5: 300_000, 60: 50_000}
_ROUNDS: Final = 7
_AGAINST_SCIPY: Final = {200_000: 1.7, 2_000_000: 3.0}


def measure(city: City) -> Iterator[Line]:
    """k = 1 against all, k = 5 and 60 against cKDTree."""
    yield from _nearest_one(city)
    for k in (5, 60):
        asked = city.questions(_MANY[k])
        took = best_s(
            {
                "ours": (_ours(city, k, 2), asked, len(asked)),
                "peer": (peers.scipy_batch(city, k), asked, len(asked)),
            },
            _ROUNDS,
        )
        yield faster(
            ROW,
            f"{city.size:,}, k={k}, 2 threads",
            took["ours"],
            "cKDTree(workers=-1)",
            took["peer"],
        )


def _nearest_one(city: City) -> Iterator[Line]:
    many, few = city.questions(QUESTIONS), city.questions(_JOINED)
    took = best_s(
        {
            "ours": (_ours(city, 1, 2), many, len(many)),
            "cKDTree(workers=-1)": (peers.scipy_batch(city, 1), many, len(many)),
            "pykdtree": (peers.pykdtree_batch(city, 1), many, len(many)),
            "sjoin_nearest": (peers.sjoin_batch(city.frame()), few, len(few)),
            "ours, 1 thread": (_ours(city, 1, 1), many, len(many)),
        },
        _ROUNDS,
    )
    targets = {
        "sjoin_nearest": 20.0
        if city.size == DEMO_PLACES
        else 25.0
        if city.size == 200_000
        else None,
        "cKDTree(workers=-1)": _AGAINST_SCIPY.get(city.size),
    }
    for peer, theirs in took.items():
        if peer != "ours":
            yield faster(
                ROW, f"{city.size:,}, k=1, 2 threads", took["ours"], peer, theirs, targets.get(peer)
            )


def _ours(city: City, k: int, threads: int) -> Callable[[Any], object]:
    index = city.index
    return lambda lonlat: index.nearest_many(lonlat, k, threads=threads)
