"""The best choice, and proof of it: two mixed integer programs handed to HiGHS as sparse matrices.

Bounds and a good choice are worked out first (bounds.py); HiGHS (Huangfu & Hall 2018) gets what is
not proved by then, and the choice to start from. What it says is checked against our own arrays.
Programs larger than it answers within minutes it does not get: then the bound of the dual stands.
Same problem, same answer, unless the time runs out.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import highspy
import numpy as np
from scipy.sparse import csc_array, csr_array, vstack

from geodata.analysis.siting import bounds, greedy
from geodata.analysis.siting.bounds import PROVED, Bounded
from geodata.analysis.siting.greedy import Means
from geodata.analysis.siting.program import MOST_ENTRIES, LinearProgram, program_of
from geodata.analysis.siting.worth import Covered, CoverGains, Nearer
from geodata.analysis.ways import Numbers
from geodata.errors import BadQuestion
from geodata.space.tangent import Floats

__all__ = ["PROVED", "Effort", "Solved", "least", "maximise"]

#: Of the time that is allowed, for bounds before HiGHS begins.
_FOR_BOUNDS: Final = 0.3
_MOST_SECONDS: Final = 24 * 3600.0
#: Unless another is stated: of 20,000 points and 1,000 sites whatever can be proved at all is by
#: then, and a bound hardly comes nearer (measured 2026-11-30).
TIME_LIMIT_S: Final = 20.0


def unheard(_done: int, _of: int) -> None:
    """Progress that nobody listens to."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look for the best. Raises BadQuestion for what is no effort."""

    time_limit_s: float = TIME_LIMIT_S
    """Then the best so far is given, with its gap."""
    gap: float = 0.0
    """Stop at a choice that is proved to be at most this share from the best."""
    progress: Callable[[int, int], None] = unheard
    """Hears how many per cent of the bound are reached, of 100."""

    def __post_init__(self) -> None:
        if not 0 < self.time_limit_s <= _MOST_SECONDS or not 0 <= self.gap < 1:
            told = f"{self.time_limit_s:g} and {self.gap:g}"
            raise BadQuestion(
                ("time_limit_s is more than 0, at most {most_seconds:g}; gap is 0–1; not {told}"),
                most_seconds=_MOST_SECONDS,
                told=told,
            )


class Solved(NamedTuple):
    """The best choice found, and what no choice can be better than."""

    sites: Numbers
    value: float
    bound: float
    greedy: float
    """What the start was worth."""
    seconds: float


def maximise(worth: Covered | Nearer, means: Means, must: csr_array, effort: Effort) -> Solved:
    """The choice within the means that is worth most, of those that hold a site of each row of
    `must`, shape (r, m).

    Raises BadQuestion where there is none.
    """
    began, free = time.perf_counter(), not must.shape[0]
    known = bounds.first(worth, means, np.array(greedy.choose(worth, means), np.int64))
    start_value = known.value
    bounds.tighten(
        worth, means, known, _FOR_BOUNDS * effort.time_limit_s, effort.progress, improve=free
    )
    small = program_of(worth)
    if small is not None and not (free and known.bound - known.value <= effort.gap * known.bound):
        spent = time.perf_counter() - began
        left = replace(effort, time_limit_s=max(effort.time_limit_s - spent, 1e-3))
        _prove(small, worth, means, must, left, known)
    elif not free:
        raise BadQuestion(
            (
                "everyone first needs a program of at most {most_entries:,} entries: state a "
                "shorter reach, offer fewer sites, or do not ask for everyone"
            ),
            most_entries=MOST_ENTRIES,
        )
    seconds = time.perf_counter() - began
    if known.proved:
        effort.progress(100, 100)
    return Solved(known.sites, known.value, known.bound, start_value, seconds)


def _prove(
    small: LinearProgram,
    worth: Covered | Nearer,
    means: Means,
    must: csr_array,
    effort: Effort,
    known: Bounded,
) -> None:
    """Better `known` by what HiGHS finds; its choice need not hold what it `must`."""
    sites, free = len(means.cost), not must.shape[0]
    limits, most = _limits(means)
    rows = vstack([limits, -must], format="csr")
    rows.resize(rows.shape[0], sites + len(small.gain))
    matrix = vstack([small.matrix, rows], format="csr")
    upper = np.concatenate([small.upper, most, -np.ones(must.shape[0])])
    model = _Model(np.concatenate([np.zeros(sites), small.gain]), matrix, upper, sites)
    flags = _flags(known.sites, sites)
    point = np.concatenate([flags, small.point(flags)])
    chosen, bound = model.solve(point, effort, fits=free)
    value = float(worth.of(chosen).sum())
    if value > known.value or not free:
        known.sites, known.value = chosen, value
    # Before HiGHS has a bound of its own it says infinity.
    known.bound = max(min(bound, known.bound), known.value)


def least(sets: csr_array, cost: Floats, effort: Effort) -> Solved:
    """The cheapest choice that holds a site of each row of `sets`, shape (g, m).

    Each row must have one.
    """
    began = time.perf_counter()
    start = greedy.choose_all(CoverGains(csc_array(sets), np.ones((sets.shape[0], 1))), cost)
    model = _Model(-cost, csr_array(-sets), -np.ones(sets.shape[0]), len(cost))
    chosen, bound = model.solve(_flags(np.array(start, np.int64), len(cost)), effort, fits=True)
    start_value = float(cost[start].sum())
    value = float(cost[chosen].sum())
    if value > start_value:
        chosen, value = np.array(sorted(start), np.int64), start_value
    lowest = min(max(-bound, _by_prices(sets, cost)), value)
    return Solved(chosen, value, lowest, start_value, time.perf_counter() - began)


def _by_prices(sets: csr_array, cost: Floats) -> float:
    """What all rows cost at least, if each pays its cheapest share: a site's cost over its rows.

    Each row needs a site, and each site that is chosen is paid by all of its rows together, so the
    sum of the least shares is a feasible dual, whatever is chosen.
    """
    if not sets.shape[0]:
        return 0.0
    share = cost / np.maximum(sets.sum(axis=0), 1)
    return float(np.minimum.reduceat(share[sets.indices], sets.indptr[:-1]).sum())


def _limits(means: Means) -> tuple[csr_array, Floats]:
    """Rows of what may be spent, and how much."""
    every = np.ones(len(means.cost))
    stated = [
        (row, most)
        for row, most in ((every, means.p), (means.cost, means.budget))
        if most is not None
    ]
    return csr_array(np.array([row for row, _ in stated])), np.array(
        [most for _, most in stated], np.float64
    )


def _flags(sites: Numbers, count: int) -> Floats:
    flags = np.zeros(count)
    flags[sites] = 1.0
    return flags


@dataclass(frozen=True, slots=True)
class _Model:
    """Maximise gain · x, matrix x ≤ upper, 0 ≤ x ≤ 1; the first `whole` of x are 0 or 1."""

    gain: Floats
    matrix: csr_array
    upper: Floats
    whole: int

    def solve(self, point: Floats, effort: Effort, *, fits: bool) -> tuple[Numbers, float]:
        """Which of the whole ones are 1, and the bound.

        `point`: where to start; `fits`: it is known to be allowed.
        """
        solver = highspy.Highs()  # type: ignore[no-untyped-call]  # the one part of highspy without types
        for name, value in (
            ("log_to_console", False),  # without output at all there is no progress either
            ("time_limit", effort.time_limit_s),
            ("mip_rel_gap", effort.gap),
            ("mip_abs_gap", 0.0),
        ):
            solver.setOptionValue(name, value)
        solver.passModel(self._program())
        if fits:
            started = highspy.HighsSolution()
            started.col_value = point.tolist()
            solver.setSolution(started)
        solver.cbMipLogging.subscribe(lambda event: _tell(event.data_out, effort.progress))
        solver.run()
        return self._read(solver)

    def _program(self) -> highspy.HighsLp:
        program = highspy.HighsLp()
        columns, rows = len(self.gain), len(self.upper)
        program.num_col_, program.num_row_ = columns, rows
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = self.gain
        program.col_lower_, program.col_upper_ = np.zeros(columns), np.ones(columns)
        program.row_lower_, program.row_upper_ = np.full(rows, -highspy.kHighsInf), self.upper
        held = program.a_matrix_
        held.format_ = highspy.MatrixFormat.kRowwise
        held.num_col_, held.num_row_ = columns, rows
        held.start_, held.index_, held.value_ = (
            self.matrix.indptr,
            self.matrix.indices,
            self.matrix.data,
        )
        kinds = [highspy.HighsVarType.kInteger] * self.whole
        program.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (columns - self.whole)
        return program

    def _read(self, solver: highspy.Highs) -> tuple[Numbers, float]:
        status, info = solver.getModelStatus(), solver.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            raise BadQuestion(
                "no choice within these means reaches everyone; allow more sites or a larger budget"
            )
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            raise BadQuestion(
                "no choice was found in the time allowed; allow more, or fewer candidates"
            )
        values = np.array(solver.getSolution().col_value[: self.whole])
        return np.flatnonzero(values > 0.5), float(info.mip_dual_bound)


def _tell(told: highspy.cb.HighsCallbackOutput, progress: Callable[[int, int], None]) -> None:
    bound, best = told.mip_dual_bound, told.mip_primal_bound
    reached = min(abs(bound), abs(best)) / max(abs(bound), abs(best), 1.0)
    progress(int(100 * reached) if np.isfinite(reached) else 0, 100)
