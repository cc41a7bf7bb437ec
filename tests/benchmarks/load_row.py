"""Row "load": what `nuanfeng run` with two workers still answers when 64, 256 and 1,000 clients ask
at once, beside the most that it answers to 8; and how soon the others are refused.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from unittest import mock
from urllib.parse import quote, urlsplit

from geodata.pipeline import recipes
from geodata.store.files import Dataset
from tests.benchmarks.cities import City
from tests.benchmarks.crowd import Counted, asked, crowd, crowds
from tests.benchmarks.report import Line, seconds
from tests.served import served

ROW: Final = "load"
_FEW: Final = 8
_CROWDS: Final = (64, 256, 1_000)
_FOR_S: Final = 5.0
#: Of the plateau, what must be left past it; and the slowest refusal.
_LEAST_GOODPUT: Final = 0.8
_MOST_REFUSING_S: Final = 0.05
_CHEAP_CLIENTS: Final = 4
_WORKERS: Final = 2


def measure(city: City, home: Path) -> Iterator[Line]:
    """Each endpoint for seconds at each crowd, and the cheapest beside a dear one."""
    frozen = recipes.demo("demo")  # with a demand, which coverage takes shares of
    Dataset(home, "demo").publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    endpoints = _endpoints(city)
    with (
        mock.patch.dict("os.environ", {"NUANFENG_POSTS_PER_HOUR": "0"}),
        served(home, workers=_WORKERS) as address,
    ):
        port = urlsplit(address).port
        assert port is not None
        for name, requests in endpoints.items():
            yield from _overload(name, requests, port)
        yield _beside(endpoints, port)


def _endpoints(city: City) -> dict[str, list[bytes]]:
    inside = [here for here in city.asked_singly(3_000) if city.snapshot.outline.holds(*here)]
    near = [f"lon={lon:.6f}&lat={lat:.6f}" for lon, lat in inside[:400]]
    pairs = zip(inside[:400:2], inside[1:400:2], strict=True)
    ends = [f"from={a[0]:.6f},{a[1]:.6f}&to={b[0]:.6f},{b[1]:.6f}" for a, b in pairs]
    posted = ("[" + ",".join(f"[{lon:.6f},{lat:.6f}]" for lon, lat in inside[:100]) + "]").encode()
    return {
        "nearest": [asked(f"/api/v1/nearest?{here}&k=5") for here in near],
        "along": [asked(f"/api/v1/along?{way}&k=5") for way in ends],
        "isochrone": [asked(f"/api/v1/isochrone?{here}&minutes=10") for here in near],
        "search": [asked(f"/api/v1/search?{here}&k=10&q={quote('白石洲')}") for here in near],
        "coverage": [asked(f"/api/v1/coverage?reach_m={500 + metres}") for metres in range(400)],
        "batch of 100": [asked("/api/v1/nearest/batch?k=3", posted)],
    }


def _overload(name: str, requests: list[bytes], port: int) -> Iterator[Line]:
    crowd(port, _FEW, requests, 1.0)  # what is made when first asked for
    plateau = crowd(port, _FEW, requests, _FOR_S).per_s(_FOR_S)
    for clients in _CROWDS:
        told = crowd(port, clients, requests, _FOR_S)
        share = told.per_s(_FOR_S) / plateau if plateau else 0.0
        refused_s = told.p99_s(503)
        yield Line(
            ROW,
            f"{name}, {clients:,} clients{_strange(told)}",
            f"{told.per_s(_FOR_S):,.0f}/s, 503 in {seconds(refused_s)}",
            f"{_FEW} clients {plateau:,.0f}/s",
            f"{share:.2f}",
            f"≥ {_LEAST_GOODPUT}, ≤ 50 ms",
            share >= _LEAST_GOODPUT and refused_s <= _MOST_REFUSING_S and not _strange(told),
        )


def _beside(endpoints: dict[str, list[bytes]], port: int) -> Line:
    """Cheap requests of a few while 256 clients ask what is dear."""
    groups = [(_CHEAP_CLIENTS, endpoints["nearest"]), (256, endpoints["along"])]
    told, _ = crowds(port, groups, _FOR_S)
    p99_s = told.p99_s(200)
    return Line(
        ROW,
        f"nearest of {_CHEAP_CLIENTS} beside 256 that ask along{_strange(told)}",
        f"{told.per_s(_FOR_S):,.0f}/s, p99 {seconds(p99_s)}",
        "",
        "",
        "p99 ≤ 100 ms, no 503",
        p99_s <= 0.1 and not told.took_s.get(503) and not _strange(told),
    )


def _strange(told: Counted) -> str:
    """What was neither answered nor refused."""
    others = {status: len(each) for status, each in told.took_s.items() if status not in (200, 503)}
    broken = {"broken": told.broken} if told.broken else {}
    return f" {others | broken}" if others or broken else ""
