"""Worth as a linear program with few entries: what the solver is handed.

Covering: clients with the same sites are one row. The p-median: coming from way d(k+1) to d(k)
brings weight times their difference, and any of the k nearest sites brings it (Cornuéjols,
Nemhauser & Wolsey 1980; García, Labbé & Marín 2011). A set of k sites is one of k - 1 and one site
more, so it is a row of three entries that names the row before it, and not one of k.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from scipy.sparse import block_array, csr_array

from geodata.analysis.siting.worth import Covered, Nearer
from geodata.analysis.ways import Numbers
from geodata.space.tangent import Floats

#: HiGHS needs some 500 bytes an entry, and beyond so many finds nothing within minutes that the
#: bounds before it have not found.
MOST_ENTRIES: Final = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class LinearProgram:
    """Maximise gain · y, matrix (x, y) ≤ upper, 0 ≤ y ≤ 1, where x, shape (m,), are the sites."""

    gain: Floats
    """(n,)"""
    matrix: csr_array
    """(r, m + n)"""
    upper: Floats
    """(r,)"""
    point: Callable[[Floats], Floats]
    """The best y, shape (n,), where x is given, each 0 or 1."""


class Merged(NamedTuple):
    """Clients with the same sites, as one."""

    sets: csr_array
    """(g, m) which sites belong to each."""
    values: Floats
    """(g, L)"""


def program_of(worth: Covered | Nearer) -> LinearProgram | None:
    """The program of a worth; None where it has more than MOST_ENTRIES."""
    if isinstance(worth, Nearer):
        return _chained(worth) if 3 * len(worth.problem.site) <= MOST_ENTRIES else None
    return _covering(worth) if len(worth.problem.site) <= MOST_ENTRIES else None


def merged(worth: Covered) -> Merged:
    """What is the same for every choice becomes one row; clients that nothing can be brought are
    none.
    """
    problem, sets, values = worth.problem, [], []
    counts = np.diff(problem.starts)
    for k in np.unique(counts[counts > 0]).tolist():
        these = np.flatnonzero((counts == k) & (worth.values[:, 0] > 0))
        unique, _, which = _equal(_nearest(worth, these, k))
        summed = np.zeros((len(unique), worth.values.shape[1]))
        np.add.at(summed, which, worth.values[these])
        sets.append(unique)
        values.append(summed)
    lengths = np.concatenate([np.zeros(0, np.int64), *(np.full(*each.shape) for each in sets)])
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    columns = np.concatenate([np.zeros(0, np.int32), *(each.ravel() for each in sets)])
    shape = (len(lengths), len(problem.cost))
    held = csr_array((np.ones(len(columns)), columns, starts), shape=shape)
    return Merged(held, np.concatenate([np.zeros((0, worth.values.shape[1])), *values]))


def _covering(worth: Covered) -> LinearProgram:
    """y_1 + y_2 + … ≤ Σ x over the sites of each row."""
    sets, values = merged(worth)
    group, level = np.nonzero(values)
    brought = csr_array(
        (np.ones(len(group)), (group, np.arange(len(group)))), (len(values), len(group))
    )
    matrix = block_array([[-sets, brought]], format="csr")
    return LinearProgram(
        values[group, level],
        matrix,
        np.zeros(len(values)),
        lambda chosen: np.asarray(level < (sets @ chosen)[group], np.float64),
    )


def _chained(worth: Nearer) -> LinearProgram:
    """y_row ≤ y_(the row of one site less) + x_(that site)."""
    problem, before, counts = worth.problem, worth.before, np.diff(worth.problem.starts)
    gains, parents, sites = [], [], []
    row_of, first = np.full(len(counts), -1), 0
    for k in range(1, int(counts.max(initial=0)) + 1):
        at = problem.starts[:-1] + k - 1
        these = np.flatnonzero(counts >= k)
        these = these[problem.way[at[these]] < before[these]]
        if not len(these):
            break
        at = at[these]
        following = np.full(len(these), np.inf)
        more = counts[these] > k
        following[more] = problem.way[at[more] + 1]
        saved = np.minimum(following, before[these]) - problem.way[at]
        unique, example, which = _equal(_nearest(worth, these, k))
        gains.append(np.bincount(which, problem.weight[these] * saved, len(unique)))
        parents.append(row_of[these[example]])
        sites.append(problem.site[at[example]])
        row_of[these] = first + which
        first += len(unique)
    gain = np.concatenate([np.zeros(0), *gains])
    parent = np.concatenate([np.zeros(0, np.int64), *parents])
    site = np.concatenate([np.zeros(0, np.int64), *sites])
    return LinearProgram(
        gain,
        _links(parent, site, len(problem.cost)),
        np.zeros(len(gain)),
        _Chain(parent, site).point,
    )


def _links(parent: Numbers, site: Numbers, sites: int) -> csr_array:
    """The rows of `_chained`, y after x."""
    rows, has = np.arange(len(site)), parent >= 0
    entries = np.concatenate([np.ones(len(site)), -np.ones(len(site)), -np.ones(int(has.sum()))])
    at = (
        np.concatenate([rows, rows, rows[has]]),
        np.concatenate([sites + rows, site, sites + parent[has]]),
    )
    return csr_array((entries, at), (len(site), sites + len(site)))


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    """Rows that name the row before them, all of which stand before them."""

    parent: Numbers
    site: Numbers

    def point(self, chosen: Floats) -> Floats:
        """A row is reached if its site is chosen, or the row before it is reached."""
        reached = chosen[self.site] > 0
        at = self.parent.copy()
        while (at >= 0).any():  # as often as there are sites in the longest row
            reached |= (at >= 0) & (chosen[self.site[at]] > 0)
            at = np.where(at >= 0, self.parent[at], -1)
        return reached.astype(np.float64)


def _nearest(worth: Covered | Nearer, clients: Numbers, k: int) -> Numbers:
    """The k nearest sites of clients that reach so many, shape (b, k), in order of their rows."""
    problem = worth.problem
    return np.sort(problem.site[problem.starts[clients][:, None] + np.arange(k)], axis=1)


def _equal(sets: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Sets that differ, an example of each, and which of them each is."""
    unique, example, which = np.unique(sets, axis=0, return_index=True, return_inverse=True)
    return unique, example, which.reshape(-1)
