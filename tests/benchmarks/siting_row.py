"""Row "siting": 20,000 clients and 1,000 sites to proof, the same with every way between them,
spopt beside it on a tenth, and 20 stations for taxi trips.

Seconds count everything from frames to plan: who reaches what, merging, the greedy start, and
HiGHS. Each of ours runs in a process of its own, so that the most memory is its own. spopt gets the
matrix of distances ready made, and solves with the CBC that comes with it.
"""

import multiprocessing
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.analysis import siting
from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import WGS84, geodesic_m
from tests.benchmarks.report import Line, faster
from tests.benchmarks.serving import most_mb
from tests.conftest import data_folder
from tests.makers import clustered

T = TypeVar("T")

ROW: Final = "siting"
TRIPS: Final = 456_111
_MOST_S: Final = 30.0
_MOST_MB: Final = 1_500.0
_MOST_MB_OF_ALL_WAYS: Final = 2_000.0
_REACH: Final = siting.Metres(1000)
#: The farthest that can be asked: nearly every client reaches every site.
_ALL_M: Final = 50_000.0


class Solved(NamedTuple):
    """What a plan says of itself, and what it cost."""

    chosen: int
    proof: str
    proved: bool
    ways: int
    told: str
    seconds: float
    memory_mb: float


def measure() -> Iterator[Line]:
    """All models on made clients, spopt on a tenth of them, and the taxi trips where the real data
    is.
    """
    for model in ("mclp", "backup", "p_median", "lscp"):
        found = _apart(_made_plan, model, 20_000, 1_000, 2_000.0)
        what = f"{model}, 20,000 x 1,000, {found.chosen} sites within 2 km"
        yield _line(what, found, _MOST_MB, proved=True)
    found = _apart(_made_plan, "p_median", 20_000, 1_000, _ALL_M)
    what = f"p_median, 20,000 x 1,000, all {found.ways:,} ways"
    yield _line(what, found, _MOST_MB_OF_ALL_WAYS, proved=False)
    yield _beside_spopt()
    folder = data_folder()
    if folder.is_dir():
        found = _apart(_taxi_solved, folder)
        yield _line(found.told, found, _MOST_MB, proved=True)


def _apart(solve: Callable[..., Solved], *arguments: object) -> Solved:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(solve, *arguments).result()


def _solved(made: Callable[[], siting.Plan]) -> Solved:
    """Both once over: the first compiles and loads what the second needs."""
    siting.mclp(siting.from_frames(*_made(100, 10), _REACH), 2)
    siting.p_median(siting.from_frames(*_made(100, 10), _REACH), 2)
    plan, seconds = _clocked(made)
    return Solved(
        len(plan.chosen),
        f"gap {plan.gap:.2%}, bound {plan.bound:,.0f}",
        plan.proved,
        len(plan.problem.site),
        f"20 of {len(plan.problem.sites):,} sites: {plan.after / plan.total:.1%} of"
        f" {plan.total:,.0f} trips end within 1 km",
        seconds,
        most_mb(),
    )


def _made_plan(model: str, clients: int, sites: int, reach_m: float) -> Solved:
    demand, offered = _made(clients, sites)

    def made() -> siting.Plan:
        problem = siting.from_frames(demand, offered, siting.Metres(reach_m))
        if model == "lscp":
            return siting.lscp(problem, leave_unreachable=True)
        solve = {"mclp": siting.mclp, "backup": siting.backup, "p_median": siting.p_median}[model]
        return solve(problem, 50)

    return _solved(made)


def _taxi_solved(folder: Path) -> Solved:
    return _solved(lambda: taxi_plan(folder))


def taxi_ends(folder: Path) -> gpd.GeoDataFrame:
    """Where the trips of demand/taxi_od_grid.csv end: a point a cell, `weight` trips.

    The grid is drawn inside the city and even in degrees, so cells beyond it follow from their
    numbers."""
    grid = gpd.read_file(folder / "demand" / "taxi_grid.shp")
    trips = pd.read_csv(folder / "demand" / "taxi_od_grid.csv")
    ends = trips.groupby(["ELONCOL", "ELATCOL"], as_index=False)["VehicleNum"].sum()
    middles = shapely.get_coordinates(shapely.centroid(grid.geometry.to_numpy()))
    lon = np.polyval(np.polyfit(grid["LONCOL"], middles[:, 0], 1), ends["ELONCOL"])
    lat = np.polyval(np.polyfit(grid["LATCOL"], middles[:, 1], 1), ends["ELATCOL"])
    return gpd.GeoDataFrame(
        {"weight": ends["VehicleNum"]}, geometry=gpd.points_from_xy(lon, lat), crs=WGS84
    )


def taxi_plan(folder: Path, effort: siting.Effort | None = None) -> siting.Plan:
    """The next 20 stations for drivers at the end of a trip, with nothing there yet."""
    demand = taxi_ends(folder)
    problem = siting.from_frames(demand, siting.grid(demand, 500, SHENZHEN.grid), _REACH)
    return siting.mclp(problem, 20, effort=effort or siting.Effort())


def _beside_spopt() -> Line:
    """The same answer from both, or it is said."""
    import pulp
    from spopt.locate import MCLP

    demand, sites = _made(2_000, 200)
    here, there = (shapely.get_coordinates(frame.geometry.to_numpy()) for frame in (demand, sites))
    metres = geodesic_m(here[:, None, 0], here[:, None, 1], there[None, :, 0], there[None, :, 1])
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # PuLP announces its next version to spopt
        weight, cbc = demand["weight"].to_numpy(), pulp.PULP_CBC_CMD(msg=False)
        theirs, spopt_s = _clocked(
            lambda: MCLP.from_cost_matrix(metres, weight, 2000, 20).solve(cbc)
        )
    ours, ours_s = _clocked(
        lambda: siting.mclp(siting.from_frames(demand, sites, siting.Metres(2000)), 20)
    )
    same = (
        "the same value"
        if abs(pulp.value(theirs.problem.objective) - ours.value) < 1e-6
        else "ANOTHER VALUE"
    )
    return faster(ROW, f"mclp, 2,000 x 200, 20 sites: {same}", ours_s, "spopt", spopt_s)


def _line(what: str, found: Solved, most_mb_allowed: float, *, proved: bool) -> Line:
    met = found.seconds <= _MOST_S and found.memory_mb <= most_mb_allowed
    wanted = "proved " if proved else ""
    return Line(
        ROW,
        what,
        f"{found.seconds:.1f} s, {found.memory_mb:,.0f} MB",
        found.proof,
        "",
        f"{wanted}≤ {_MOST_S:g} s, ≤ {most_mb_allowed:,.0f} MB",
        met and (found.proved or not proved),
    )


def _made(clients: int, sites: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    rng = np.random.default_rng(1)
    weight = rng.integers(1, 100, clients)
    demand, offered = clustered(rng, clients), clustered(rng, sites)
    return (
        gpd.GeoDataFrame({"weight": weight}, geometry=gpd.points_from_xy(*demand.T), crs=WGS84),
        gpd.GeoDataFrame(geometry=gpd.points_from_xy(*offered.T), crs=WGS84),
    )


def _clocked(run: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    made = run()
    return made, time.perf_counter() - began
