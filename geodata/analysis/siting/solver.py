"""The best choice, and proof of it: two mixed integer programs handed to HiGHS as sparse matrices.

HiGHS (Huangfu & Hall 2018) gets the matrices as they are and the greedy choice to start from; what
it says is checked against our own arrays. Same problem, same answer, unless the time runs out.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import highspy
import numpy as np
from scipy.sparse import block_array, csr_array, vstack

from geodata.analysis.siting import greedy
from geodata.analysis.siting.greedy import Means
from geodata.analysis.siting.problem import Numbers
from geodata.analysis.siting.worth import Merged
from geodata.errors import BadQuestion
from geodata.space.tangent import Floats

#: A choice is called proved where bound and worth differ by less than this share: what float64 sums
#: leave.
PROVED: Final = 1e-9
_MOST_SECONDS: Final = 24 * 3600.0


def unheard(_done: int, _of: int) -> None:
    """Progress that nobody listens to."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look for the best. Raises BadQuestion for what is no effort."""

    time_limit_s: float = 60.0
    """Then the best so far is given, with its gap."""
    gap: float = 0.0
    """Stop at a choice that is proved to be at most this share from the best."""
    progress: Callable[[int, int], None] = unheard
    """Hears how many per cent of the bound are reached, of 100."""

    def __post_init__(self) -> None:
        if not 0 < self.time_limit_s <= _MOST_SECONDS or not 0 <= self.gap < 1:
            told = f"{self.time_limit_s:g} and {self.gap:g}"
            raise BadQuestion(
                f"time_limit_s is more than 0, at most {_MOST_SECONDS:g}; gap is 0–1; not {told}"
            )


class Solved(NamedTuple):
    """The best choice found, and what no choice can be better than."""

    sites: Numbers
    value: float
    bound: float
    greedy: float
    """What the start was worth."""
    seconds: float


def maximise(merged: Merged, means: Means, must: csr_array, effort: Effort) -> Solved:
    """The choice within the means that is worth most, of those that hold a site of each row of
    `must`, shape (r, m).

    Raises BadQuestion where there is none.
    """
    began = time.perf_counter()
    start = greedy.choose(merged, means)
    start_value = greedy.worth(merged, start)
    group, level = np.nonzero(merged.values)
    sites, gains = merged.sets.shape[1], merged.values[group, level]
    brought = csr_array(
        (np.ones(len(group)), (group, np.arange(len(group)))), (len(merged.values), len(group))
    )
    limits, most = _limits(means)
    matrix = block_array([[-merged.sets, brought], [vstack([limits, -must]), None]], format="csr")
    upper = np.concatenate([np.zeros(len(merged.values)), most, -np.ones(must.shape[0])])
    model = _Model(np.concatenate([np.zeros(sites), gains]), matrix, upper, sites)
    covered = merged.sets[:, start].sum(axis=1) if start else np.zeros(len(merged.values))
    point = np.concatenate([_flags(start, sites), (level < covered[group]).astype(float)])
    chosen, bound = model.solve(point, effort, fits=not must.shape[0])
    value = greedy.worth(merged, chosen.tolist())
    if value < start_value and not must.shape[0]:
        chosen, value = np.array(sorted(start), np.int64), start_value
    highest = min(
        bound, float(merged.values.sum())
    )  # before HiGHS has a bound of its own it says infinity
    return Solved(chosen, value, max(highest, value), start_value, time.perf_counter() - began)


def least(sets: csr_array, cost: Floats, effort: Effort) -> Solved:
    """The cheapest choice that holds a site of each row of `sets`, shape (g, m).

    Each row must have one.
    """
    began = time.perf_counter()
    ones = Merged(sets, np.ones((sets.shape[0], 1)))
    start = greedy.choose_all(ones, cost)
    model = _Model(-cost, csr_array(-sets), -np.ones(sets.shape[0]), len(cost))
    chosen, bound = model.solve(_flags(start, len(cost)), effort, fits=True)
    start_value = float(cost[start].sum())
    value = float(cost[chosen].sum())
    if value > start_value:
        chosen, value = np.array(sorted(start), np.int64), start_value
    return Solved(
        chosen, value, min(max(-bound, 0.0), value), start_value, time.perf_counter() - began
    )


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


def _flags(sites: list[int], count: int) -> Floats:
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
