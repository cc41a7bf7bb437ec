"""Row "exact order": k nearest against pyproj's geodesic over all places. Times nothing.

The oracle asks cKDTree for the nearest by chord, takes exact geodesics of those, and proves that no
other place comes first: a geodesic is never shorter than its chord, so none outside is nearer than
the last chord that was fetched."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.index.spatial import Index
from geodata.index.tree import Flags
from geodata.search.filter import Filter, Open, hours_ok, mask_of
from geodata.space.coordinates import ecef, geodesic_m
from geodata.space.tangent import MAX_REACH_M, Floats
from geodata.traits import EVERYTHING, Mask
from geodata.vocabulary import Need
from tests.benchmarks.cities import AT, City, only
from tests.benchmarks.report import Line

QUESTIONS: Final = 1_500
K: Final = 5
#: Places fetched by chord before their geodesics are compared.
_FETCHED: Final = 64
_WORST_MM: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A filter by name, as the index takes it."""

    name: str
    mask: Mask | None = None
    hours: Flags | None = None


def measure(city: City) -> Iterator[Line]:
    """Without a filter, under two of known selectivity, and under one with opening hours."""
    count = len(city.lonlat)
    index = Index.build(city.lonlat, [], city.index.words[:count], city.index.links[:count])
    minute_hours = city.snapshot.hours_by_minute.at(AT)
    water = Filter(needs=(Need.WATER,), open=Open.NOW, include_unknown=False)
    asked = (
        _Asked("no filter"),
        _Asked("4.8 % match", only("4.8 %")),
        _Asked("0.1 % match", only("0.1 %")),
        _Asked(
            "water, open at 2:00", mask_of(water, (AT.hour, AT.hour)), hours_ok(water, minute_hours)
        ),
    )
    for filtered in asked:
        yield _line(city, index, filtered)


def _line(city: City, index: Index, asked: _Asked) -> Line:
    questions = city.questions(QUESTIONS)
    matching = np.flatnonzero(_passing(index, asked))
    equal, worst_mm = 0, 0.0
    for (lon, lat), (rows, metres) in zip(
        questions, _truth(city, index, matching, questions), strict=True
    ):
        found, reached = index.nearest(
            float(lon), float(lat), K, MAX_REACH_M, asked.mask, asked.hours
        )
        if np.array_equal(found, rows):
            equal += 1
            worst_mm = max(worst_mm, 1e3 * float(np.abs(reached[:, 0] - metres).max(initial=0.0)))
    share = f"{equal / QUESTIONS:.2%}, {worst_mm:.2g} mm"
    west = float(np.mean(questions[:, 0] < 114.0))
    what = f"{city.size:,}, k={K}, {asked.name}, {west:.0%} west of 114°"
    return Line(
        "exact order",
        what,
        share,
        f"{QUESTIONS:,} by pyproj.Geod",
        "",
        "100%, ≤ 1 mm",
        equal == QUESTIONS and worst_mm <= _WORST_MM,
    )


def _passing(index: Index, asked: _Asked) -> Flags:
    """The filter by the words' definition (traits.py), row by row."""
    mask = asked.mask or EVERYTHING
    offer, entry = index.words.T
    passing: Flags = (offer & mask.all_of) == mask.all_of
    for anything in mask[1:]:
        passing &= (entry & anything != 0) | (anything == 0)
    return passing if asked.hours is None else passing & asked.hours[index.links[:, 1]]


def _truth(
    city: City, index: Index, matching: NDArray[np.int64], questions: Floats
) -> Iterator[tuple[NDArray[np.int64], Floats]]:
    """Rows and metres of the k nearest of each question, equal distances by rank."""
    lonlat, here = city.lonlat[matching], ecef(questions[:, 0], questions[:, 1])
    fetched = min(_FETCHED, len(matching))
    chords, near = cKDTree(city.xyz_m[matching]).query(here, fetched)
    metres = geodesic_m(questions[:, :1], questions[:, 1:], lonlat[near, 0], lonlat[near, 1])
    for chord, some, away in zip(chords, matching[near], metres, strict=True):
        order = np.lexsort((index.links[some, 0], away))[:K]
        if len(some) < len(matching) and away[order[-1]] > chord[-1]:
            raise AssertionError("the oracle fetched too few places to prove its answer")
        order = order[away[order] <= MAX_REACH_M]
        yield some[order], away[order]
