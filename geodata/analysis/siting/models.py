"""The four models of siting: set covering, maximal covering, backup covering and the p-median.

A candidate is a site and the clients it would add, whatever its kind: a new station, a merchant to
promote, hours to lengthen (sites.py). What exists stays and costs nothing. A client of no weight
asks for nothing. Models take `p`, the most sites, `budget`, the most cost, or both, and an Effort;
BadQuestion for means that are none.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodata.analysis.siting.greedy import Means
from geodata.analysis.siting.plan import Model, Plan, plan
from geodata.analysis.siting.problem import Problem
from geodata.analysis.siting.program import merged
from geodata.analysis.siting.solver import Effort, least, maximise
from geodata.analysis.siting.worth import Covered, Nearer
from geodata.errors import BadQuestion, BadTable, Reject, Said

_EFFORT = Effort()


def lscp(problem: Problem, *, leave_unreachable: bool = False, effort: Effort = _EFFORT) -> Plan:
    """The cheapest sites that reach everyone: location set covering (Toregas, Swain, ReVelle &
    Bergman 1971).

    min Σ cost_j x_j, Σ_{j reaches i} x_j ≥ 1 for each client i that no existing place reaches.
    Clients that no candidate reaches either are refused, each with its row (BadTable), or left out
    with `leave_unreachable`.
    """
    lacking, reachable = _lacking(problem)
    if (lacking & ~reachable).any() and not leave_unreachable:
        raise _unreachable(problem, lacking & ~reachable)
    solved = least(_sets(problem, lacking & reachable), problem.cost, effort)
    return plan(Model.LSCP, problem, Covered(problem, np.ones(1)), solved, keep_idle=True)


def mclp(
    problem: Problem, p: int | None = None, *, budget: float | None = None, effort: Effort = _EFFORT
) -> Plan:
    """The sites that reach most weight: maximal covering (Church & ReVelle 1974).

    max Σ weight_i y_i, y_i ≤ Σ_{j reaches i} x_j, Σ x_j ≤ p, Σ cost_j x_j ≤ budget.
    """
    return _best(
        Model.MCLP, problem, Covered(problem, np.ones(1)), _means(problem, p, budget), effort
    )


def backup(
    problem: Problem,
    p: int | None = None,
    *,
    budget: float | None = None,
    second: float = 0.5,
    everyone: bool = False,
    effort: Effort = _EFFORT,
) -> Plan:
    """The sites that reach most weight where a second place within reach counts, too (Hogan &
    ReVelle 1986).

    max Σ weight_i (y_i + second · u_i), y_i + u_i ≤ Σ_{j reaches i} x_j: their BACOP2 with weights
    1 and `second`, 0–1. `everyone`: each client that any candidate reaches must be reached once,
    their BACOP1; BadQuestion where the means do not allow it.
    """
    if not 0 <= second <= 1:
        raise BadQuestion(
            ("second = {second:g} is outside 0–1: a second place is worth no more than the first"),
            second=second,
        )
    lacking, reachable = _lacking(problem)
    must = _sets(problem, lacking & reachable) if everyone else None
    worth = Covered(problem, np.array([1.0, second]))
    return _best(Model.BACKUP, problem, worth, _means(problem, p, budget), effort, must)


def p_median(
    problem: Problem, p: int | None = None, *, budget: float | None = None, effort: Effort = _EFFORT
) -> Plan:
    """The sites to which the way is shortest on the weighted average: the p-median (Hakimi 1964).

    min Σ weight_i way_i, where way_i is that to the nearest existing or chosen place, at most the
    reach: who has none within reach counts as the reach while sites are chosen. `plan.way_after` is
    the true mean all the same, and `plan.beyond_after` the share of the demand beyond reach.
    """
    return _best(Model.P_MEDIAN, problem, Nearer(problem), _means(problem, p, budget), effort)


def _best(
    model: Model,
    problem: Problem,
    worth: Covered | Nearer,
    means: Means,
    effort: Effort,
    must: csr_array | None = None,
) -> Plan:
    nobody = csr_array((0, len(problem.cost)))
    solved = maximise(worth, means, nobody if must is None else must, effort)
    return plan(model, problem, worth, solved, keep_idle=must is not None)


def _means(problem: Problem, p: int | None, budget: float | None) -> Means:
    if p is None and budget is None:
        raise BadQuestion("say how many sites, p, or how much they may cost, budget")
    if p is not None and not 1 <= p <= len(problem.cost):
        raise BadQuestion(
            "p = {p} is outside 1–{count}, the number of candidates", p=p, count=len(problem.cost)
        )
    if budget is not None and not budget >= 0:
        raise BadQuestion("a budget of {budget:g} is none", budget=budget)
    return Means(p, budget, problem.cost)


def _lacking(problem: Problem) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(c,) who is not reached yet and has a weight; whom any candidate reaches."""
    return (problem.already == 0) & (problem.weight > 0), np.diff(problem.starts) > 0


def _sets(problem: Problem, clients: NDArray[np.bool_]) -> csr_array:
    """The sites of each client as rows, equal ones once."""
    asked = replace(problem, weight=clients.astype(np.float64))
    return merged(Covered(asked, np.ones(1))).sets


def _unreachable(problem: Problem, clients: NDArray[np.bool_]) -> BadTable:
    rows = np.unique(problem.point[clients])
    reason = Said(
        "neither an existing place nor a candidate lies within {most:g} {unit}",
        most=problem.most_way,
        unit=problem.unit,
    )
    shown = (
        problem.demand.geometry
        if "geometry" in problem.demand
        else problem.demand.index.to_series()
    )
    rejects = [Reject(int(row) + 2, "geometry", str(shown.iloc[row]), reason) for row in rows]
    return BadTable(
        (
            "{count:,} points cannot be reached: {reason}. Add candidates, go farther, "
            "or leave them out"
        ),
        rejects,
        count=len(rows),
        reason=reason,
    )
