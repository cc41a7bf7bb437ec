"""Paces fitted to trips that people made: how much longer roads take than rules.py says, by mode
and by class of road.

Pure; reads no file. A trip is taken to follow the fastest way. Its seconds are then those off the
road and, for each class, a factor times those on it; the factors are what makes the logarithm of
told by taken least, under a loss that outliers hardly move (Huber 1964). With other factors other
ways are the fastest: so ways are traced and factors fitted in turns. Every arc's seconds are then
multiplied by the factor of its class, and nothing else is changed.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray
from scipy.optimize import least_squares

from geodata.errors import BadQuestion
from geodata.index.tree import Flags
from geodata.space.tangent import Floats
from geodata.travel.approach import trace
from geodata.travel.graph import Graph
from geodata.travel.network import (
    Calibration,
    ModeCalibration,
    Network,
    NetworkAbout,
    named,
)
from geodata.travel.snap import snap
from geodata.vocabulary import Mode

#: Trips of a mode that can be told by the roads: fewer fit nothing. More than the most are drawn
#: from.
LEAST_TRIPS: Final = 50
MOST_TRIPS: Final = 1_000
#: The share of them that is held back, and judges.
_HELD_BACK: Final = 0.2
#: A class has a factor of its own where so many trips spend so much of their time on it.
_CLASS_TRIPS: Final = 50
_CLASS_SHARE: Final = 0.2
#: Nobody is so much slower, or faster, than rules.py has it: what would be fitted beyond is about
#: something else than roads.
BOUNDS: Final = (0.4, 2.5)
#: How often ways are traced and factors fitted.
_ROUNDS: Final = 3
#: Where the loss turns from squares to lines: a trip this far off, as a logarithm, is an outlier.
_OUTLIER: Final = 0.2


class RoadClass(IntEnum):
    """Roads by the pace that rules.py gives them: on foot and by e-bike there is hardly more than
    one.
    """

    SLOW = 0
    """Below 20 km/h: of a car, residential and service roads."""
    TOWN = 1
    """Of a car, the streets between."""
    FAST = 2
    """From 40 km/h: motorways and trunk roads."""


#: Where TOWN and FAST begin.
_BEGINS_M_S: Final = (20 / 3.6, 40 / 3.6)


class Journeys(NamedTuple):
    """n trips of one mode: both ends, WGS-84 degrees, (n, 2) each, and seconds (n,)."""

    begun: Floats
    ended: Floats
    seconds: Floats


@dataclass(frozen=True, slots=True)
class PaceFit:
    """What came of the trips of one mode."""

    mode: Mode
    trips: int
    """As given."""
    outside: int
    """Of those, beginning or ending where no road of the mode is, or none leads."""
    told: ModeCalibration | None
    """None: too few are left, or the fit is no better on the trips held back."""


def classes(graph: Graph) -> NDArray[np.intp]:
    """(E,) the RoadClass of each edge; of one that is closed SLOW."""
    seconds = graph.seconds.reshape(-1, 2).min(axis=1)
    going = np.isfinite(seconds) & (seconds > 0.0)
    speed = np.divide(graph.lengths_m, seconds, out=np.zeros(graph.edges), where=going)
    found: NDArray[np.intp] = np.searchsorted(_BEGINS_M_S, speed, side="right")
    return found


def rescaled(graph: Graph, factors: Floats) -> Graph:
    """The same graph, in which an edge takes so much longer: `factors` (E,)."""
    return replace(graph, seconds=graph.seconds * np.repeat(factors, 2))


class _Times(NamedTuple):
    """Of each trip, seconds by class of road (n, classes), and off the road (n,); nan: no way."""

    on_s: Floats
    off_s: Floats

    def told_s(self, factors: Floats) -> Floats:
        """Seconds of each trip, with so much longer roads."""
        told: Floats = self.on_s @ factors + self.off_s
        return told


def fit(graph: Graph, mode: Mode, journeys: Journeys, seed: int) -> PaceFit:
    """Fit a mode's factors to its trips, and judge them by trips that were held back by a draw."""
    count = len(journeys.seconds)
    standing = snap(graph, journeys.begun).stands & snap(graph, journeys.ended).stands
    drawn = Generator(PCG64(seed)).permutation(np.flatnonzero(standing))[:MOST_TRIPS]
    its = _some(journeys, drawn)
    kinds = classes(graph)
    times = _traced(graph, kinds, its)
    reached = np.isfinite(times.off_s)
    outside = int((~standing).sum() + (~reached).sum())
    if reached.sum() < LEAST_TRIPS:
        return PaceFit(mode, count, outside, None)
    its = _some(its, np.flatnonzero(reached))
    times = _Times(times.on_s[reached], times.off_s[reached])
    judging = np.arange(len(its.seconds)) < round(_HELD_BACK * len(its.seconds))
    before = _error(times.told_s(np.ones(len(RoadClass))), its.seconds, judging)
    factors = np.ones(len(RoadClass))
    for _ in range(_ROUNDS):
        factors = _factors(times, its.seconds, ~judging)
        slower = _traced(rescaled(graph, factors[kinds]), kinds, its)
        # As seconds before the factor, of which `told_s` makes those after it.
        times = _Times(slower.on_s / factors, slower.off_s)
    after = _error(times.told_s(factors), its.seconds, judging)
    fitted = {kind.name.lower(): round(float(factors[kind]), 4) for kind in RoadClass}
    told = ModeCalibration(
        int((~judging).sum()), int(judging.sum()), round(before, 4), round(after, 4), fitted
    )
    return PaceFit(mode, count, outside, told if told.error_after < told.error_before else None)


def _some(journeys: Journeys, which: NDArray[np.intp]) -> Journeys:
    return Journeys(journeys.begun[which], journeys.ended[which], journeys.seconds[which])


def _traced(graph: Graph, kinds: NDArray[np.intp], its: Journeys) -> _Times:
    on_s = np.full((len(its.seconds), len(RoadClass)), np.nan)
    off_s = np.full(len(its.seconds), np.nan)
    for trip, (begun, ended) in enumerate(zip(its.begun, its.ended, strict=True)):
        if way := trace(graph, snap(graph, begun[None]), snap(graph, ended[None])):
            on_s[trip] = np.bincount(kinds[way.edges], way.seconds, len(RoadClass))
            off_s[trip] = way.off_s
    return _Times(on_s, off_s)


def _factors(times: _Times, seconds: Floats, fitted: Flags) -> Floats:
    """The factor of each class; one for all those that too few trips tell of."""
    on_s, off_s, taken = times.on_s[fitted], times.off_s[fitted], np.log(seconds[fitted])
    share = on_s / np.maximum(on_s.sum(axis=1), 1e-9)[:, None]
    alone = (share >= _CLASS_SHARE).sum(axis=0) >= _CLASS_TRIPS
    common = 0 if alone.all() else 1
    # Of each class, which of the unknowns is its factor: the first one is common.
    which = np.where(alone, np.cumsum(alone) - 1 + common, 0)
    found = least_squares(
        lambda unknown: np.log(np.maximum(on_s @ unknown[which] + off_s, 1e-9)) - taken,
        np.ones(int(alone.sum()) + common),
        bounds=BOUNDS,
        loss="huber",
        f_scale=_OUTLIER,
    )
    factors: Floats = found.x[which]
    return factors


def _error(told_s: Floats, seconds: Floats, judging: Flags) -> float:
    return float(np.median(np.abs(told_s[judging] / seconds[judging] - 1.0)))


def calibrated(
    network: Network, fits: list[PaceFit], file: str, days: tuple[str, str], seed: int
) -> Network:
    """The network with the paces of the modes that were fitted, under a version of its own."""
    modes = {str(fit.mode): fit.told for fit in fits if fit.told}
    return with_calibration(network, Calibration(file, *days, seed, modes))


def with_calibration(network: Network, calibration: Calibration) -> Network:
    """A network as it was built, with paces that were fitted, if need be on an earlier one of the
    same roads; under a version of its own.
    """
    told = calibration.modes
    graphs = {
        mode: rescaled(graph, _by_class(told[mode])[classes(graph)]) if mode in told else graph
        for mode, graph in network.graphs.items()
    }
    about = msgspec.structs.replace(network.about, calibration=calibration)
    return named(about, graphs)


def _by_class(told: ModeCalibration) -> Floats:
    return np.array([told.factors[kind.name.lower()] for kind in RoadClass])


def require_as_built(about: NetworkAbout) -> None:
    """Raise BadQuestion where paces have been fitted already: classes would be those of the fit."""
    if about.calibration is not None:
        raise BadQuestion(
            "Network {name} is calibrated already: {how}. Build it anew from its extract, or go"
            " back to the version before it, and calibrate that.",
            name=about.network,
            how=about.calibration,
        )
