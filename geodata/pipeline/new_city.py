"""The city that a dataset begins with: the one that ships with the program where the places lie in
it, else what the places themselves tell of theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.errors import Said
from geodata.pipeline import area_outlines
from geodata.pipeline.area_outlines import Outlines
from geodata.sources.city_facts import CityStated, described, restated
from geodata.sources.demo import facts, streets
from geodata.sources.demo.city import city_about
from geodata.sources.repairs import name_key
from geodata.space.coordinates import WGS84

#: A table of another city has no place in this one; one of this has few outside.
_SHARE: Final = 0.5
_NOTHING_STATED: Final = CityStated()


@dataclass(frozen=True, slots=True)
class NewCity:
    """Where a dataset begins."""

    outlines: Outlines
    told: tuple[Said, ...]
    """What was taken for granted, in sentences."""


@cache
def shipped() -> Outlines:
    """The demo's city: real ground, of which the outlines are drawn from points."""
    offices = facts.streets()
    english = facts.districts().set_index("name")["name_en"]
    offices["district_en"] = offices["district"].map(english)
    return area_outlines.drawn_from(city_about(), facts.outline(), offices, facts.landmarks())


def demo_outlines() -> Outlines:
    """What the demo city is drawn in: the shipped outlines, its roads and junctions among the
    landmarks.
    """
    city = shipped()
    spots = pd.concat([city.landmarks, streets.named()], ignore_index=True)
    return replace(city, landmarks=gpd.GeoDataFrame(spots, geometry="geometry", crs=WGS84))


def new_city(
    tables: Sequence[gpd.GeoDataFrame], called: str, stated: CityStated = _NOTHING_STATED
) -> NewCity:
    """The city of the tables of places (WGS-84) that begin a dataset.

    The one that ships with the program where at least half of them lie in it, and nobody names
    another; else one around them, named `called` where nobody names it. BadValue where what is
    stated of it, or follows, cannot be.
    """
    lonlat = np.concatenate([np.empty((0, 2)), *map(_middles, tables)])
    known = shipped()
    if not len(lonlat) or (_is_called(known, stated) and _lies_in(known, lonlat)):
        return NewCity(restated_outlines(known, stated), ())
    near = area_outlines.without_strays(lonlat)
    city, told = described(stated, called, near)
    missing = Said(
        "nothing is known of this city's outline, districts and street offices: questions are"
        " answered within {km:g} km of its places, and districts and street offices are as the"
        " rows name them. Import outlines with `nuanfeng import-areas`",
        km=area_outlines.AROUND_M / 1000,
    )
    return NewCity(area_outlines.around(city, near), (missing, *told))


def grown(known: Outlines, places: gpd.GeoDataFrame) -> Outlines:
    """A city of which only its places are known, about these; any other as it is."""
    if not known.of_places:
        return known
    return area_outlines.around(known.city, area_outlines.without_strays(_middles(places)))


def restated_outlines(known: Outlines, stated: CityStated) -> Outlines:
    """A city with what a person says of it by now."""
    return replace(known, city=restated(known.city, stated))


def _middles(places: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return shapely.get_coordinates(places.geometry.representative_point().to_numpy())


def _is_called(known: Outlines, stated: CityStated) -> bool:
    if stated.country and stated.country.upper() != known.city.country:
        return False
    if not stated.name:
        return True
    ways = {name_key(each) for each in (known.city.name, known.city.name_en)}
    return bool({name_key(stated.name), name_key(f"{stated.name}市")} & ways)


def _lies_in(known: Outlines, lonlat: NDArray[np.float64]) -> bool:
    inside = shapely.contains_xy(area_outlines.service_area(known), lonlat[:, 0], lonlat[:, 1])
    return bool(inside.mean() >= _SHARE)
