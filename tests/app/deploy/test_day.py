"""The day that `make bench ARGS=day` tells of: its caches are caches, its answers are kept for as
long as our own headers say, and nginx, asked what phones ask, has what it says that nginx has.
"""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import numpy as np
import pytest
import requests
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.pages.assets import assets
from geodata.store.files import Dataset
from tests.app.deploy.fronted import Front, fronted_demo
from tests.benchmarks import day
from tests.benchmarks.day import ROUTES, Cache, Day, Kept, Route
from tests.benchmarks.day_row import LOST_AT_S, LOST_FOR_S, simulate
from tests.patience import until

SOAK: Final = bool(os.environ.get("NUANFENG_SOAK"))
REPLAYED: Final = 100_000 if SOAK else 600
#: nginx counts whole seconds, which lengthens what is kept for five.
MOST_APART: Final = 0.02
#: Kinds that the demo city is asked for here, by where nginx's log puts them.
LOGGED: Final = {
    "reports": "said",
    "cell": "cell",
    "tile": "tile",
    "static": "static",
    "page": "page",
    "nearest": "nearest",
    "search": "search",
}
CELL: Final = "ws105q"


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


def at_this_quarter() -> str:
    told = time.gmtime(time.time() // 900 * 900 + 8 * 3600)
    return quote(f"{time.strftime('%Y-%m-%dT%H:%M:00', told)}+08:00")


def path(route: str, key: int, version: str, files: list[str]) -> str:
    """Where a phone would ask for this."""
    at, reach = at_this_quarter(), 1_000 + key // 20 % 40 * 100
    return {
        "reports": "/api/v1/reports",
        "cell": f"/api/v1/nearest/cell/{CELL}?at={at}&k={key % 20 + 1}&max_distance_m={reach}",
        "tile": f"/tiles/{version}/14/{13_375 + key % 8}/{7_134 + key // 8 % 6}.json?at={at}",
        "static": f"/static/{assets().version}/{files[key % len(files)]}",
        "pack": f"/api/v1/pack/{version}.json",
        "page": "/?lang=en",
        "pack's pointer": "/api/v1/pack",
        "notices": "/api/v1/notices?lang=en",
        "contacts": "/api/v1/contacts",
        "place": f"/api/v1/places/st-{key % 50 + 1:05}",
        "nearest": f"/api/v1/nearest?lon=113.9645&lat=22.5{key % 50 + 400:03}",
        "search": "/api/v1/search?q=%E5%85%AC%E5%9B%AD",
    }[route]


def scripts() -> list[str]:
    found = sorted(name for name in assets().stored if name.endswith((".js", ".css")))
    return found[:24]


def test_answers_are_kept_as_long_as_the_day_says(client: FlaskClient, demo_home: Path) -> None:
    version = Dataset(demo_home, "demo").pointer().version
    for route in ROUTES:
        if route.name in ("ground", "posted", "ways"):  # of a network, of a base map, no GET
            continue
        reply = client.get(path(route.name, 0, version, scripts()))
        assert reply.status_code == 200, route.name
        told = reply.headers["Cache-Control"]
        if route.kept is Kept.NEVER:
            assert "no-store" in told or "no-cache" in told, route.name
        elif route.kept is Kept.SECONDS:
            assert told == f"public, max-age={route.seconds:.0f}", route.name
        elif route.name == "cell":
            assert 0 < int(told.removeprefix("public, max-age=")) <= 900
        else:  # a tile's address names its quarter
            assert told == "public, max-age=31536000, immutable", route.name


@pytest.fixture(scope="module")
def front(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    told = "$route $status $upstream_cache_status $msec"
    with fronted_demo(demo_home, tmp_path_factory, told) as made:
        yield made


def noon() -> Iterator[tuple[int, int]]:
    """What is asked from noon on, one after the other: the route, and the address of it."""
    for events in Day(2_000_000, 6_000, 18).slices(begin_s=12 * 3600):
        here = [each for each in events if ROUTES[each.route].name in LOGGED]
        number = np.concatenate([np.full(len(each.key), each.route) for each in here])
        key = np.concatenate([each.key for each in here])
        order = np.argsort(np.concatenate([each.at_s for each in here]), kind="stable")
        yield from zip(number[order].tolist(), key[order].tolist(), strict=True)


def test_nginx_has_what_the_day_says_that_it_has(
    front: Front, demo_home: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("a request replayed through nginx", REPLAYED)
    version, files = Dataset(demo_home, "demo").pointer().version, scripts()
    asked: list[tuple[str, str]] = []
    with requests.Session() as session:
        session.verify, session.trust_env = str(front.certificate), False
        session.headers["Accept-Encoding"] = "gzip"
        for (number, key), _ in zip(noon(), range(REPLAYED), strict=False):
            route = ROUTES[number].name
            where = path(route, key, version, files)
            assert session.get(front.url + where, timeout=60).status_code == 200
            asked.append((route, where))
    assert len(asked) == REPLAYED
    log = front.folder / "access.log"
    until(lambda: log.read_bytes().count(b"\n") >= REPLAYED, "the last line of the log")
    lines = [line.split() for line in log.read_text().splitlines()]
    assert [line[0] for line in lines] == [LOGGED[route] for route, _ in asked]
    had, said = defaultdict(int), defaultdict(int)
    addresses = {where: place for place, where in enumerate(sorted({each for _, each in asked}))}
    for route in day.ROUTES:
        mine = [place for place, (name, _) in enumerate(asked) if name == route.name]
        if not mine:
            continue
        alike = Route("", 1.0, route.kept, len(addresses), route.seconds, everywhere=True)
        key = np.array([addresses[asked[place][1]] for place in mine])
        # The day that is simulated here began with the first of these requests.
        at_s = np.array([float(lines[place][3]) for place in mine]) % 86_400
        said[route.name] = int(Cache(alike, 1).ask(np.zeros_like(key), key, at_s).sum())
        had[route.name] = sum(lines[place][2] in ("HIT", "STALE", "UPDATING") for place in mine)
        assert abs(had[route.name] - said[route.name]) <= max(2, MOST_APART * len(mine)), route.name
    assert sum(had.values()) > REPLAYED / 4
