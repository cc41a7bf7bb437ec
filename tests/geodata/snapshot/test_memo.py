"""What is worked out from a version is made once, bounded, and gone with the version."""

import gc
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

import pytest

from geodata.search.listing import Listing, Selection, listing
from geodata.search.scan import sweep
from geodata.snapshot.memo import Memo, memoized
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Kind
from tests import makers


@dataclass(slots=True, eq=False, weakref_slot=True)
class Version:
    """Something with a memo, which counts what is worked out of it."""

    memo: Memo = field(default_factory=Memo)
    made: list[object] = field(default_factory=list)


@memoized(most=2)
def owner_and(version: Version, key: int) -> tuple[Version, int]:
    version.made.append(key)
    return version, key


@memoized(most=2)
def negative(version: Version, key: int) -> int:
    return -key


def test_a_value_is_made_once_and_those_asked_for_last_are_kept() -> None:
    version = Version()
    for key in (1, 2, 1, 3, 1, 2):
        assert owner_and(version, key) == (version, key)
    assert version.made == [1, 2, 3, 2]
    assert negative(version, 1) == -1, "another function has values of its own"
    assert owner_and(version, 1)[1] == 1
    version.memo.clear()
    assert owner_and(version, 1)[1] == 1
    assert version.made == [1, 2, 3, 2, 1]


def test_none_is_a_value_as_any_other() -> None:
    asked: list[int] = []
    memo = Memo()
    for _ in range(2):
        assert memo.get("maker", 1, lambda: asked.append(1), most=1) is None
    assert asked == [1]


def test_what_fails_is_not_kept() -> None:
    memo = Memo()

    def refuse() -> int:
        raise ValueError("no demand")

    with pytest.raises(ValueError, match="no demand"):
        memo.get("maker", 1, refuse, most=1)
    assert memo.get("maker", 1, lambda: 2, most=1) == 2


def test_threads_see_no_wrong_value_and_no_more_than_the_most_are_kept() -> None:
    version, together = Version(), Barrier(8)

    def ask(first: int) -> bool:
        together.wait()
        return all(owner_and(version, key % 5) == (version, key % 5) for key in range(first, 500))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(8)))
    version.made.clear()
    assert len([owner_and(version, key) for key in range(5)]) == 5
    assert len(version.made) >= 3


def test_two_versions_share_nothing() -> None:
    one, other = Version(), Version()
    assert owner_and(one, 1)[0] is one
    assert owner_and(other, 1)[0] is other


def every_list(snapshot: Snapshot) -> list[Listing]:
    found = [listing(snapshot, kind) for kind in Kind]
    for each in found:
        assert len(each.positions(Selection())) == len(each)
        each.bounds()
        each.days()
    return found


@pytest.mark.parametrize(
    "ask", [every_list, lambda snapshot: len(sweep(snapshot, None, None))], ids=["lists", "sweep"]
)
def test_what_search_works_out_goes_with_its_snapshot(ask: Callable[[Snapshot], object]) -> None:
    snapshot = makers.snapshot(makers.random_city(300, lines=5))
    ask(snapshot)
    gone = weakref.ref(snapshot)
    del snapshot
    gc.collect()
    assert gone() is None
