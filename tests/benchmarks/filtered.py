"""Row "filtered nearest": a filter that few places pass must not cost more than none. No database here yet."""

from collections.abc import Iterator
from typing import Final

from geodata.frame import MAX_REACH_M
from geodata.traits import Mask
from tests.benchmarks import peers
from tests.benchmarks.cities import SHARES, City, only
from tests.benchmarks.clock import Contender, p50_s
from tests.benchmarks.report import Line, faster, no_slower

K: Final = 5
ROW: Final = "filtered nearest"
#: Growing k asks for the whole city at the rarest filter: a few questions show it.
_SLOW: Final = 20


def measure(city: City) -> Iterator[Line]:
    """Each share against no filter, and against a tree without filters that asks for more until enough match."""
    offers, xyz_m = city.index.words[: len(city.lonlat), 0], city.xyz_m
    contenders = {"none": _ours(city, None)}
    for share in SHARES:
        contenders[share] = _ours(city, only(share))
        contenders[f"grow {share}"] = Contender(peers.growing(xyz_m, offers, only(share).all_of, K), _SLOW)
    p50 = p50_s(contenders, city.asked_singly(12_000))
    for share in SHARES:
        what = f"{city.size:,}, k={K}, {share} match"
        yield no_slower(ROW, what, p50[share], "unfiltered", p50["none"], 2.0)
        yield faster(ROW, what, p50[share], "cKDTree, growing k", p50[f"grow {share}"])


def _ours(city: City, mask: Mask | None) -> Contender:
    index = city.index
    return Contender(lambda lon, lat: index.nearest(lon, lat, K, MAX_REACH_M, mask))
