"""Row "one nearest": one question, in process, against each peer that could answer it.

Knows no HTTP and no filters.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from geodata.search.nearest import Question, nearest
from tests.benchmarks import peers
from tests.benchmarks.cities import AT, DEMO_PLACES, City
from tests.benchmarks.clock import Contender, p50_s
from tests.benchmarks.report import Line, faster, no_slower

K: Final = 5
ROW: Final = "one nearest"
_LARGEST: Final = 2_000_000
_OURS: Final = "ours"


def measure(cities: Mapping[int, City]) -> Iterator[Line]:
    """All sizes; the largest is then compared with the demo city, in turns again."""
    for city in cities.values():
        yield from _against_peers(city)
    if _LARGEST in cities and DEMO_PLACES in cities:
        yield _flat(cities[DEMO_PLACES], cities[_LARGEST])


def _ours(city: City) -> Contender:
    index = city.index
    return Contender(lambda lon, lat: index.nearest(lon, lat, K))


def _search(city: City) -> Contender:
    snapshot = city.snapshot
    return Contender(lambda lon, lat: nearest(snapshot, Question(lon, lat, AT, K, 50_000.0)))


def _against_peers(city: City) -> Iterator[Line]:
    xyz_m, places = city.xyz_m, city.frame()
    inside = [here for here in city.asked_singly(12_000) if city.snapshot.outline.holds(*here)]
    slow = max(5, 40_000 // city.size)
    p50 = p50_s(
        {
            _OURS: _ours(city),
            "cKDTree": Contender(peers.scipy_tree(xyz_m, K), 500),
            "pykdtree": Contender(peers.pykdtree(xyz_m, K)),
            "STRtree, k=1": Contender(peers.strtree(places), 100),
            "numpy": Contender(peers.brute_force(xyz_m, K), slow),
            "sjoin_nearest, k=1": Contender(peers.sjoin_one(places), 10),
            "search.nearest": _search(city),
        },
        inside,
    )
    ours = p50[_OURS]
    what = f"{city.size:,}, k={K}"
    targets = {
        "cKDTree": 2.5 if city.size == _LARGEST else 4.0,
        "pykdtree": 1.2,
        "sjoin_nearest, k=1": 500.0,
    }
    for peer, theirs in p50.items():
        if peer != _OURS:
            yield faster(ROW, what, ours, peer, theirs, targets.get(peer))


def _flat(small: City, large: City) -> Line:
    p50 = p50_s({"small": _ours(small), "large": _ours(large)}, small.asked_singly(12_000))
    return no_slower(
        ROW, f"{large.size:,} against {small.size:,}", p50["large"], "small", p50["small"], 2.5
    )
