"""Row "siting": 20,000 clients and 1,000 sites to proof, spopt beside it on a tenth, and 20
stations for taxi trips.

Seconds count everything from frames to plan: who reaches what, merging, the greedy start, and
HiGHS. spopt gets the matrix of distances ready made, and solves with the CBC that comes with it.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.analysis import siting
from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import WGS84, geodesic_m
from tests.benchmarks.report import Line, faster
from tests.conftest import data_folder
from tests.makers import clustered

T = TypeVar("T")

ROW: Final = "siting"
TRIPS: Final = 456_111
_MOST_S: Final = 30.0
_REACH: Final = siting.Metres(1000)


def measure() -> Iterator[Line]:
    """All models on made clients, spopt on a tenth of them, and the taxi trips where the real data
    is.
    """
    siting.mclp(siting.from_frames(*_made(100, 10), _REACH), 2)  # compiles
    demand, sites = _made(20_000, 1_000)
    problem, built_s = _clocked(lambda: siting.from_frames(demand, sites, siting.Metres(2000)))
    for plan in (
        siting.mclp(problem, 50),
        siting.backup(problem, 50),
        siting.p_median(problem, 50),
        siting.lscp(problem, leave_unreachable=True),
    ):
        yield _line(
            f"{plan.model}, 20,000 x 1,000, {len(plan.chosen)} sites within 2 km", plan, built_s
        )
    yield _beside_spopt()
    folder = data_folder()
    if folder.is_dir():
        yield _of_taxis(folder)


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


def taxi_plan(folder: Path) -> siting.Plan:
    """The next 20 stations for drivers at the end of a trip, with nothing there yet."""
    demand = taxi_ends(folder)
    return siting.mclp(
        siting.from_frames(demand, siting.grid(demand, 500, SHENZHEN.grid), _REACH), 20
    )


def _of_taxis(folder: Path) -> Line:
    plan, took_s = _clocked(lambda: taxi_plan(folder))
    share = f"{plan.after / plan.total:.1%} of {plan.total:,.0f} trips end within 1 km"
    what = f"20 of {len(plan.problem.sites):,} sites: {share}"
    return _line(what, plan, took_s - plan.seconds)


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


def _line(what: str, plan: siting.Plan, built_s: float) -> Line:
    took_s = built_s + plan.seconds
    proof = f"gap {plan.gap:.2%}, bound {plan.bound:,.0f}"
    return Line(
        ROW,
        what,
        f"{took_s:.1f} s",
        proof,
        "",
        f"proved ≤ {_MOST_S:g} s",
        plan.proved and took_s <= _MOST_S,
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
