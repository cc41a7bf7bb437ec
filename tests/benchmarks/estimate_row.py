"""Row "estimate": the times that roads tell beside the estimate from the straight line, by distance
and mode; and the table of geodata/estimate.json fitted anew to them.

Ways lead between points beside streets that cars may take, which is where people and places are,
in a city and in a country of mountains. Expected is the city's median; where its extract ends the
last stretch goes on. The least is the lesser of both extracts' tenth percentiles. The most is the
city's ninetieth, or the mountains' median if that is more.
"""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from geodata import estimate
from geodata.estimate import SPEED_M_S, etas
from geodata.space.coordinates import geodesic_m
from geodata.space.tangent import Floats, out_of_tangent
from geodata.travel import network, osm
from geodata.travel.graph import STANDS, STANDS_ON_GROUND, Graph
from geodata.travel.one_to_all import spread
from geodata.travel.snap import snap
from geodata.vocabulary import Mode
from tests.benchmarks.report import Line

ROW: Final = "estimate"
_CITY: Final = "nanshan_futian.osm"
_MOUNTAINS: Final = "andorra.osm.pbf"
_BINS_M: Final = (100, 500, 1_000, 3_000, 5_000, 20_000)
#: Points of an extract, and of those the ones that ways begin at.
_POINTS: Final = 4_000
_BEGUN: Final = 150
#: How far points stand off the street: a standard deviation in degrees.
_OFF_DEG: Final = 2e-4
#: Ways from so much shorter to so much longer than a distance tell its times; fewer tell nothing.
_SHORTER, _LONGER, _FEWEST = 0.8, 1.25, 500
#: Before it was fitted, the estimate was this detour at SPEED_M_S.
_FIXED_DETOUR: Final = 1.8


class Ways(NamedTuple):
    """Ways between points: straight metres and seconds by road."""

    metres: Floats
    seconds: Floats

    def of(self, low_m: float, high_m: float) -> "Ways":
        """Those of a straight length."""
        there = (self.metres >= low_m) & (self.metres < high_m)
        return Ways(self.metres[there], self.seconds[there])

    def times_at(self, metres: float) -> Floats:
        """The tenth, fiftieth and ninetieth percentile of the seconds at a distance; nan: too few
        ways.
        """
        near = self.of(_SHORTER * metres, _LONGER * metres)
        if len(near.metres) < _FEWEST:
            return np.full(3, np.nan)
        return np.percentile(near.seconds / near.metres, [10, 50, 90]) * metres


def measure() -> Iterator[Line]:
    """The table fitted anew, and how far estimates are from the roads' times, by distance."""
    folder = Path(os.environ.get("NUANFENG_DATA", Path(__file__).parents[3] / "shared" / "data"))
    there = folder / "roads"
    if not there.is_dir():
        return
    found = {name: dict(_ways(there / name)) for name in (_CITY, _MOUNTAINS)}
    for mode in Mode:
        told = estimate.table()["seconds"][str(mode)]
        for what, seconds, held in zip(
            ("expected", "least", "most"),
            fitted(found[_CITY][mode], found[_MOUNTAINS][mode]),
            told,
            strict=True,
        ):
            now = " ".join(f"{each:.0f}" for each in seconds)
            same = "as in the table" if now.split() == list(map(str, held)) else "not the table's"
            yield Line(ROW, f"{mode}, {what}, seconds", now, same, "", "", None)
    for name, by_mode in found.items():
        for mode, ways in by_mode.items():
            yield from _errors(name, mode, ways)


def fitted(city: Ways, mountains: Ways) -> tuple[list[float], list[float], list[float]]:
    """Whole seconds at the table's distances: expected, least, most."""
    metres = np.array(estimate.table()["metres"], np.float64)
    its, others = (
        np.array([np.zeros(3), *(ways.times_at(each) for each in metres[1:])]).T
        for ways in (city, mountains)
    )
    least = np.where(np.isnan(its[0]), np.nan, np.fmin(its[0], others[0]))
    most = np.where(np.isnan(its[2]), others[1], np.fmax(its[2], others[1]))
    return (
        _gone_on(metres, its[1]),
        _gone_on(metres, least),
        _gone_on(metres, most),
    )


def _gone_on(metres: Floats, seconds: Floats) -> list[float]:
    """Whole seconds; unknown ones at the end go on as the last known stretch does."""
    whole = np.round(seconds)
    for at in np.flatnonzero(np.isnan(whole)).tolist():
        slope = (whole[at - 1] - whole[at - 2]) / (metres[at - 1] - metres[at - 2])
        whole[at] = np.round(whole[at - 1] + slope * (metres[at] - metres[at - 1]))
    return [float(each) for each in whole]


def _ways(file: Path) -> Iterator[tuple[Mode, Ways]]:
    """By mode, the ways between points beside an extract's streets."""
    made = network.build(osm.read(file, lambda _: None), "estimate", lambda _: None)
    points = _beside_streets(made.graphs[Mode.DRIVE], Generator(PCG64(7)))
    for mode, graph in made.graphs.items():
        standing = points[snap(graph, points).stands]
        spots, parts = snap(graph, standing), []
        for lon, lat in standing[:_BEGUN].tolist():
            seconds, _ = spread(graph, snap(graph, np.array([[lon, lat]]))).at(spots)
            metres = geodesic_m(lon, lat, *standing.T)
            reached = np.isfinite(seconds) & (metres > 0)
            parts.append((metres[reached], seconds[reached]))
        metres, seconds = (np.concatenate(part) for part in zip(*parts, strict=True))
        yield mode, Ways(metres, seconds)


def _beside_streets(graph: Graph, rng: Generator) -> Floats:
    """WGS-84 points beside roads on the ground, as many by a kilometre of each."""
    on_ground: NDArray[np.bool_] = graph.snap_words[:, 0] == STANDS | STANDS_ON_GROUND
    going = np.isfinite(graph.seconds.reshape(-1, 2)).any(axis=1)
    edges = np.flatnonzero(going & on_ground)
    share = graph.lengths_m[edges] / graph.lengths_m[edges].sum()
    picked = rng.choice(edges, _POINTS, p=share)
    vertices = rng.integers(graph.starts[picked], graph.starts[picked + 1])
    spots = [out_of_tangent(graph.vertices[vertex], graph.tangent) for vertex in vertices]
    return np.array(spots) + rng.normal(0.0, _OFF_DEG, (_POINTS, 2))


def _errors(name: str, mode: Mode, ways: Ways) -> Iterator[Line]:
    """Of a bin of distances, the time by road in parts of the straight line's at SPEED_M_S (median,
    tenth and ninetieth percentile), and how far off estimates are, in the median.
    """
    for low_m, high_m in pairwise(_BINS_M):
        here = ways.of(low_m, high_m)
        if len(here.metres) < _FEWEST:
            continue
        straight_s = here.metres / SPEED_M_S[mode]
        parts = np.percentile(here.seconds / straight_s, [50, 10, 90])
        expected, least, most = np.array(etas(here.metres.tolist(), mode)).T
        within = np.mean((least <= here.seconds) & (here.seconds <= most))
        before, after = (
            np.median(np.abs(told / here.seconds - 1.0))
            for told in (_FIXED_DETOUR * straight_s, expected)
        )
        yield Line(
            ROW,
            f"{name}, {mode}, {low_m / 1000:g}–{high_m / 1000:g} km, {len(here.metres):,} ways:"
            f" by road {parts[0]:.2f} ({parts[1]:.2f}–{parts[2]:.2f}) of straight,"
            f" {within:.0%} between least and most; median error",
            f"{after:.0%}",
            f"a fixed detour of {_FIXED_DETOUR:g}: {before:.0%}",
            "",
            "",
            None,
        )
