"""The day that `make bench ARGS=day` tells of: its caches are caches; one seed gives one day."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.day import ROUTES, Cache, Kept, Route
from tests.benchmarks.day_row import LOST_AT_S, LOST_FOR_S, simulate


@pytest.mark.hypothesis
@given(
    st.sampled_from([Kept.NEVER, Kept.SECONDS, Kept.QUARTER, Kept.FOREVER]),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.floats(0, 4_000)), max_size=60),
    st.integers(0, 60),
)
def test_a_cache_has_what_was_asked_for_before_until_it_expires(
    kept: Kept, asked: list[tuple[int, int, float]], split: int
) -> None:
    route = Route("any", 1.0, kept, addresses=4, seconds=300.0, everywhere=True)
    asked = sorted(asked, key=lambda each: each[2])
    until: dict[tuple[int, int], float] = {}
    wanted = []
    for cache, key, at_s in asked:
        hit = kept is not Kept.NEVER and at_s < until.get((cache, key), -1.0)
        wanted.append(hit)
        if not hit:
            ends = {Kept.SECONDS: at_s + 300.0, Kept.QUARTER: (at_s // 900 + 1) * 900}
            until[cache, key] = ends.get(kept, float("inf"))
    held, found = Cache(route, 3), list[bool]()
    for part in (asked[:split], asked[split:]):
        columns = [np.array([each[place] for each in part]) for place in range(3)]
        cache, key, at_s = columns[0].astype(int), columns[1].astype(int), columns[2].astype(float)
        found += held.ask(cache, key, at_s).tolist()
    assert found == wanted


def test_a_day_is_the_same_for_a_seed_and_has_as_many_requests_as_were_asked_for() -> None:
    (one, lost), (other, _) = (simulate(60_000, 200, 7) for _ in range(2))
    assert (one.by_time == other.by_time).all()
    assert abs(int(one.asked.sum()) - 60_000) < 6_000
    assert (one.asked >= one.at_edge + one.at_origin).all()
    never = [number for number, route in enumerate(ROUTES) if route.kept is Kept.NEVER]
    assert (one.at_origin[never] == one.asked[never]).all()
    # Those hours have the same requests, of which the other zone's caches have not all.
    hours = slice(int(LOST_AT_S / 10), int((LOST_AT_S + LOST_FOR_S) / 10))
    assert (lost.by_time[never, hours] == one.by_time[never, hours]).all()
    assert 0 < lost.asked.sum() < one.asked.sum()
    assert lost.at_edge.sum() != one.at_edge.sum()
