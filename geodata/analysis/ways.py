"""Kernels that walk the list of all ways between clients and sites, for siting.

The ways of client i are rows [starts[i], starts[i + 1]) of `site` and of `way`, nearest first. They
stand outside `siting`, whose package loads solvers and frames: compiled code is kept under a hash
of all that the modules of kernels load (kernel_cache.py), and would be compiled again with each
change there.
"""

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import kernel
from geodata.index.tree import Flags
from geodata.space.tangent import Floats

Numbers = NDArray[np.int64]
Rows = NDArray[np.int32]


@kernel
def count_chosen(starts: Numbers, site: Rows, chosen: Flags, counts: Numbers) -> None:
    """How many of the chosen sites reach each client."""
    for client in range(len(counts)):
        for at in range(starts[client], starts[client + 1]):
            counts[client] += chosen[site[at]]


@kernel
def add_prices(starts: Numbers, site: Rows, price: Floats, of_site: Floats) -> None:
    """The prices of all clients that each site reaches."""
    for client in range(len(price)):
        for at in range(starts[client], starts[client + 1]):
            of_site[site[at]] += price[client]


@kernel
def go_to_nearest(starts: Numbers, site: Rows, way: Floats, chosen: Flags, after: Floats) -> None:
    """Shorten the way of each client to that to its nearest chosen site: the first in its list."""
    for client in range(len(after)):
        for at in range(starts[client], starts[client + 1]):
            if chosen[site[at]]:
                after[client] = min(after[client], way[at])
                break


@kernel
def add_savings(
    starts: Numbers,
    site: Rows,
    way: Floats,
    before: Floats,
    weight: Floats,
    price: Floats,
    of_site: Floats,
) -> None:
    """What each site saves its clients beyond their price. A farther site saves no more, so a
    client's list ends where its price is reached.
    """
    for client in range(len(price)):
        for at in range(starts[client], starts[client + 1]):
            above = (before[client] - way[at]) * weight[client] - price[client]
            if above <= 0.0:
                break
            of_site[site[at]] += above


@kernel
def count_savings(
    starts: Numbers,
    site: Rows,
    way: Floats,
    before: Floats,
    weight: Floats,
    price: Floats,
    chosen: Flags,
    going: Floats,
) -> None:
    """How many of the chosen sites save each client more than its price."""
    for client in range(len(price)):
        for at in range(starts[client], starts[client + 1]):
            if (before[client] - way[at]) * weight[client] <= price[client]:
                break
            going[client] += chosen[site[at]]


@kernel
def saved(clients: Rows, way: Floats, now: Floats, weight: Floats) -> float:
    """What a site saves its clients of their way now."""
    saved = 0.0
    for at in range(len(clients)):
        shorter = now[clients[at]] - way[at]
        if shorter > 0.0:
            saved += shorter * weight[clients[at]]
    return saved
