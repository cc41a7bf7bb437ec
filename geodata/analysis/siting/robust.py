"""How much a plan depends on the demand that was seen: sites under resampled demand, and the plan
that regrets least.

Each draw takes as many points of demand as there are, with replacement (the bootstrap; Efron 1979),
and chooses greedily anew: proving each of hundreds of choices best would take hours, and greedy
choices differ from the best by little (greedy.py). Randomness is a seed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from geodata.analysis.siting import greedy
from geodata.analysis.siting.greedy import Means
from geodata.analysis.siting.plan import Model, Plan
from geodata.analysis.siting.plan import plan as made
from geodata.analysis.siting.solver import Effort, maximise, unheard
from geodata.analysis.ways import Numbers
from geodata.errors import BadQuestion
from geodata.space.tangent import Floats

DRAWS: Final = 200
#: The numbers of sites that a curve is drawn over, as parts of a plan's own.
PARTS: Final = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True, slots=True, eq=False)
class Robustness:
    """What became of a plan in draws of its demand."""

    plan: Plan
    often: Floats
    """(m,) in which share of the draws each site was chosen, were as many chosen as in the plan."""
    reached: Floats
    """(draws,) the share of the demand's weight that the plan reaches in each draw."""
    robust: Numbers
    """(k,) the sites, by row, whose greatest regret over all draws is least, of all choices that
    were made in any; the plan itself is one of them.
    """
    regret: float
    """That regret: the worth missed beside the draw's own choice, as a share of it."""
    plan_regret: float
    """The same of the plan."""
    seed: int

    def sites(self) -> pd.DataFrame:
        """Every site that was ever chosen or is in the plan, most often first: site_id, chosen (the
        share of draws), in_plan, in_robust.
        """
        ids = self.plan.problem.sites["site_id"].to_numpy()
        rows = np.arange(len(ids))
        table = pd.DataFrame(
            {
                "site_id": ids,
                "chosen": self.often,
                "in_plan": np.isin(rows, self.plan.chosen),
                "in_robust": np.isin(rows, self.robust),
            }
        )
        kept = table[(table["chosen"] > 0) | table["in_plan"]]
        return kept.sort_values("chosen", ascending=False, kind="stable", ignore_index=True)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The ends between which that share of `reached` lies."""
        low, high = np.quantile(self.reached, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


def robustness(
    plan: Plan,
    *,
    seed: int,
    draws: int = DRAWS,
    progress: Callable[[int, int], None] = unheard,
) -> Robustness:
    """Draw the demand of a plan so many times, with as many sites as it has each time.

    BadQuestion for a plan without sites, or fewer than one draw.
    """
    if draws < 1 or not len(plan.chosen):
        raise BadQuestion(
            f"a plan of {len(plan.chosen)} sites cannot be tried in {draws} draws; both must be 1"
            " or more"
        )
    problem, rng = plan.problem, np.random.default_rng(seed)
    points, count = len(problem.demand), len(problem.cost)
    means = Means(len(plan.chosen), None, np.ones(count))
    often, reached = np.zeros(count), np.full(draws, np.nan)
    there = plan.reached
    choices: dict[tuple[int, ...], None] = {tuple(sorted(plan.chosen.tolist())): None}
    weights, own = [], []
    for draw in range(draws):
        times = np.bincount(rng.integers(0, points, points), minlength=points)
        weight = problem.weight * times[problem.point]
        worth = replace(plan.worth, problem=replace(problem, weight=weight))
        chosen = greedy.choose(worth, means)
        often[chosen] += 1 / draws
        if weight.any():
            reached[draw] = float(weight[there].sum() / weight.sum())
        choices.setdefault(tuple(sorted(chosen)))
        weights.append(times)
        own.append(float(worth.of(np.array(chosen, np.int64)).sum()))
        progress(draw + 1, draws)
    regrets = [_regret(plan, choice, np.array(weights), np.array(own)) for choice in choices]
    best = int(np.argmin(regrets))
    robust = np.array(list(choices)[best], np.int64)
    return Robustness(plan, often, reached, robust, regrets[best], regrets[0], seed)


def numbers_near(plan: Plan) -> list[int]:
    """PARTS of as many sites as a plan has, ascending: those of which there are candidates."""
    rounded = {max(1, round(part * len(plan.chosen))) for part in PARTS}
    return sorted(number for number in rounded if number <= len(plan.problem.cost))


def plans_over_p(
    plan: Plan, numbers: Sequence[int], *, effort: Effort | None = None
) -> Iterator[Plan]:
    """The best choice of each number of sites at most, chosen and proved anew.

    Of a plan that reaches everyone the choices are those that reach most. Without an `effort` each
    gets the usual one. BadQuestion for a number that is none.
    """
    problem, count = plan.problem, len(plan.problem.cost)
    model = Model.MCLP if plan.model is Model.LSCP else plan.model
    for number in numbers:
        if not 1 <= number <= count:
            raise BadQuestion(
                "p = {p} is outside 1–{count}, the number of candidates", p=number, count=count
            )
        means = Means(number, None, np.ones(count))
        solved = maximise(plan.worth, means, csr_array((0, count)), effort or Effort())
        yield made(model, problem, plan.worth, solved, keep_idle=False)


def _regret(plan: Plan, choice: tuple[int, ...], times: Numbers, own: Floats) -> float:
    """The most that a choice misses in any draw, (draws, n) how often each point was drawn."""
    gained = plan.worth.of(np.array(choice, np.int64))
    by_point = np.bincount(plan.problem.point, gained, times.shape[1])
    had = times @ by_point
    return float(np.max(np.where(own > 0, 1 - had / np.where(own > 0, own, 1.0), 0.0)))
