"""Shares of the demand that is published with a dataset: what a server answers.

Arrays only, no frames.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from geodata.coverage.near import Within
from geodata.coverage.served import Tally, judge, tallied
from geodata.errors import NoDemand
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.demand import Office
from geodata.snapshot.snapshot import Snapshot


class By(StrEnum):
    """The areas that a demand is told by."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"


class Area(NamedTuple):
    """One of them; a district has no code, the city no names but the dataset's."""

    code: str | None
    name: str | None
    name_en: str | None
    district: str | None


class Shares(NamedTuple):
    """A tally of the demand, and the areas that its rows are.

    Points in none are in its last row.
    """

    tally: Tally
    areas: tuple[Area, ...]


def shares(
    snapshot: Snapshot,
    within: Within,
    by: By,
    instants: Sequence[datetime],
    roads: RoadAccess | None = None,
) -> Shares:
    """Who of the demand has what at each instant; minutes over `roads` if given.

    NoDemand where there is none.
    """
    demand = snapshot.demand
    if not len(demand):
        raise NoDemand(
            "Dataset {dataset} was published without a demand to take shares of.",
            dataset=snapshot.about.dataset,
        )
    offices, judged = (
        demand.summary.offices,
        judge(snapshot, within.near(snapshot.index, roads), instants),
    )
    if by is By.CITY:
        everywhere = np.zeros(len(demand), np.int64)
        total = tallied(judged, demand.lonlat, everywhere, demand.weight, 1, len(instants))
        about = snapshot.about
        return Shares(total, (Area(None, about.city.name, about.city.name_en, None),))
    total = tallied(
        judged, demand.lonlat, demand.office, demand.weight, len(offices), len(instants)
    )
    if by is By.STREET:
        return Shares(
            total,
            tuple(Area(each.code, each.name, each.name_en, each.district) for each in offices),
        )
    districts = list(dict.fromkeys(each.district for each in offices))
    group = np.array([districts.index(each.district) for each in offices], np.int64)
    return Shares(
        total.grouped(group, len(districts)), tuple(_district(name, offices) for name in districts)
    )


def _district(name: str, offices: Sequence[Office]) -> Area:
    english = next(each.district_en for each in offices if each.district == name)
    return Area(None, name, english, name)
