"""Demand for the demo city: invented orders on a grid, the same for the same seed.

Nobody ordered anything.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from geodata.city import MetricGrid
from geodata.places.table import DECIMALS
from geodata.sources.demo.terrain import scattered, stage
from geodata.space.coordinates import from_metric
from geodata.vocabulary import Kind

#: Orders that are drawn, and the squares of the metric grid on which they are counted.
ORDERS: Final = 100_000
SQUARE_M: Final = 250.0
#: Orders come from farther about a centre than places stand.
_WIDER: Final = 3.0


class Orders(NamedTuple):
    """Middles of squares in WGS-84 degrees, (n, 2), and the orders in each, (n,)."""

    lonlat: NDArray[np.float64]
    weight: NDArray[np.float64]


def demo_orders(seed: int, counts: Mapping[Kind, int], grid: MetricGrid) -> Orders:
    """Orders round the centres that the demo city of the same seed and counts grew about, on the
    squares of its metric grid.
    """
    ground = stage(Generator(PCG64(seed)), sum(counts.values()), grid)
    xy_m = scattered(Generator(PCG64([seed, ORDERS])), ground, ORDERS, _WIDER)
    squares, orders = np.unique(np.floor(xy_m / SQUARE_M), axis=0, return_counts=True)
    lonlat = np.stack(from_metric((squares + 0.5) * SQUARE_M, grid), axis=1)
    return Orders(lonlat.round(DECIMALS), orders.astype(np.float64))
