"""Where the next places should stand: problems made of frames, four models, plans that are proved.

geodata/analysis/README.md has an example of each. The names are gathered here for notebooks, which
write `siting.mclp`.
"""

from geodata.analysis.siting.models import backup, lscp, mclp, p_median
from geodata.analysis.siting.plan import Model, Plan
from geodata.analysis.siting.problem import HOURS, Problem, Week, from_frames, from_matrix
from geodata.analysis.siting.reach import Metres, Reach
from geodata.analysis.siting.road import Minutes
from geodata.analysis.siting.robust import Robustness, numbers_near, plans_over_p, robustness
from geodata.analysis.siting.sites import grid, longer_hours, matching, merchants
from geodata.analysis.siting.solver import Effort

__all__ = [
    "HOURS",
    "Effort",
    "Metres",
    "Minutes",
    "Model",
    "Plan",
    "Problem",
    "Reach",
    "Robustness",
    "Week",
    "backup",
    "from_frames",
    "from_matrix",
    "grid",
    "longer_hours",
    "lscp",
    "matching",
    "mclp",
    "merchants",
    "numbers_near",
    "p_median",
    "plans_over_p",
    "robustness",
]
