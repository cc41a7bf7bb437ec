"""The shelf of finished bodies: made once, bounded in bytes, the least asked for goes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.response.cache import BodyCache, CachedBody


def body(size: int) -> CachedBody:
    return CachedBody(b"x" * size, "text/plain", str(size))


def forbidden() -> CachedBody:
    raise AssertionError("this one should be at hand")


def test_a_body_is_made_once() -> None:
    shelf = BodyCache(most_bytes=100_000)
    assert shelf.get("a", lambda: body(10)) is shelf.get("a", forbidden)


def test_what_nobody_asked_for_longest_goes_first() -> None:
    shelf = BodyCache(most_bytes=10_000)  # two of these, in three codings each
    for key in ("a", "b"):
        shelf.get(key, lambda: body(1_000))
    shelf.get("a", forbidden)
    shelf.get("c", lambda: body(1_000))
    shelf.get("a", forbidden)
    with pytest.raises(AssertionError, match="at hand"):
        shelf.get("b", forbidden)


def test_a_body_larger_than_the_shelf_is_still_kept_alone() -> None:
    shelf = BodyCache(most_bytes=1_000)
    large = shelf.get("large", lambda: body(5_000))
    assert shelf.get("large", forbidden) is large


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3_000)), max_size=60))
def test_all_kept_bodies_in_all_codings_stay_within_the_bound(asked: list[tuple[int, int]]) -> None:
    shelf = BodyCache(most_bytes=12_000)
    for key, size in asked:
        shelf.get(key, lambda size=size: body(size))
        kept = shelf._made.values()
        assert len(kept) == 1 or sum(3 * len(one.body) for one in kept) <= 12_000
