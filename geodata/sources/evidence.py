"""Which datum do these coordinates fit? Counts what can be counted under each and shows it; chooses none by itself.

GCJ-02 read as WGS-84 puts a place 567–619 m away, BD-09 1,177–1,257 m: too little to see on a map of the city, and
enough to lose a rider. Three things tell: how many points lie on the city's land, how far places named after a landmark
lie from it, and how far places that are published already would move.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.coordinates import Datum, metric, to_wgs84
from geodata.sources import facts
from geodata.sources.repairs import name_key

#: A place named after a landmark lies within a walk of it, or is named after another one.
_LANDMARK_REACH_M: Final = 2_500.0
#: Fewer matches prove nothing.
_FEWEST: Final = 5
#: The landmarks' own points are good to a few hundred metres; the shift is 570 m.
_LANDMARK_MARGIN_M: Final = 150.0
_PUBLISHED_MARGIN_M: Final = 200.0
#: Points on land only under another datum, against those only under the declared one.
_FEWEST_STRAYS: Final = 10
_STRAY_RATIO: Final = 4
#: Stops on both sides of a road: 沙井电子城①.
_NUMBERED: Final = re.compile(r"[①-⑳]|\d+$")
_SUFFIX: Final = re.compile(r"地铁站$|公交站$|站$")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the points look like when they are read under one datum."""

    datum: Datum
    points: int
    on_land: int
    landmarks: int
    """Places named after a landmark."""
    landmark_m: float | None
    """Their median distance from it."""
    published: int
    """Places of the same name in the version that is published."""
    published_m: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All three readings, and what speaks against the declared one."""

    readings: tuple[Reading, ...]
    fits: Datum
    """The datum that fits best; on equal evidence the declared one, else WGS-84."""
    against: str | None
    """Why the declared datum cannot be right, in a sentence; None where nothing speaks against it."""


def weigh(
    lon: Floats, lat: Floats, names: Sequence[str], declared: Datum | None, published: gpd.GeoDataFrame | None = None
) -> Evidence:
    """Read the points under each datum. `lon`, `lat` in degrees as they stand in the file, shape (n,)."""
    anchors = _anchors(names, _landmark_points())
    known = _anchors(names, _published_points(published))
    read = {datum: to_wgs84(lon, lat, datum) for datum in Datum}
    land = {datum: shapely.contains_xy(facts.outline(), *read[datum]) for datum in Datum}
    grid = {datum: metric(*read[datum]) for datum in Datum}
    near = _near_some(grid, anchors)
    readings = tuple(
        Reading(
            datum, len(lon), int(land[datum].sum()), int(near.sum()), _median_m(grid[datum], anchors, near),
            int((known[0] >= 0).sum()), _median_m(grid[datum], known, known[0] >= 0),
        )
        for datum in Datum
    )  # fmt: skip
    fits = _best(readings, declared)
    return Evidence(readings, fits, _against(readings, declared, land) if declared else None)


_Anchors = tuple[NDArray[np.int64], Floats]
"""Of each place the position of its anchor (-1: none), and the anchors in metres."""


def _landmark_points() -> tuple[dict[str, int], Floats]:
    table = facts.landmarks()
    keys: dict[str, int] = {}
    for position, name in enumerate(table["name"]):
        keys.setdefault(name_key(_SUFFIX.sub("", name)), position)
        keys[name_key(name)] = position
    return keys, metric(table.geometry.x, table.geometry.y)


def _published_points(places: gpd.GeoDataFrame | None) -> tuple[dict[str, int], Floats]:
    """Published places whose name no other has."""
    if places is None or places.empty:
        return {}, np.empty((0, 2))
    keys = [name_key(name) for name in places["name"]]
    counted: dict[str, int] = {}
    for key in keys:
        counted[key] = counted.get(key, 0) + 1
    middles = places.geometry.representative_point()
    return {key: at for at, key in enumerate(keys) if counted[key] == 1}, metric(middles.x, middles.y)


def _anchors(names: Sequence[str], known: tuple[dict[str, int], Floats]) -> _Anchors:
    keys, xy_m = known
    found = np.full(len(names), -1, np.int64)
    if keys:
        found[:] = [_anchor(name, keys) for name in names]
    return found, xy_m


def _anchor(name: str, keys: dict[str, int]) -> int:
    stop = _NUMBERED.sub("", name)
    exact = keys.get(name_key(stop))
    if exact is not None:
        return exact
    stem = _SUFFIX.sub("", stop)
    return keys.get(name_key(stem), -1) if stem != stop else -1


def _near_some(grid: dict[Datum, Floats], anchors: _Anchors) -> NDArray[np.bool_]:
    """Places within reach of their anchor under any datum."""
    found, xy_m = anchors
    has = found >= 0
    near = np.zeros(len(found), dtype=bool)
    for points in grid.values():
        near[has] |= np.hypot(*(points[has] - xy_m[found[has]]).T) <= _LANDMARK_REACH_M
    return near


def _median_m(points: Floats, anchors: _Anchors, chosen: NDArray[np.bool_]) -> float | None:
    found, xy_m = anchors
    if not chosen.any():
        return None
    return float(np.median(np.hypot(*(points[chosen] - xy_m[found[chosen]]).T)))


def _best(readings: Sequence[Reading], declared: Datum | None) -> Datum:
    """By published places, else by landmarks, else by land."""
    first = declared or Datum.WGS84

    def distance_m(reading: Reading) -> tuple[float, float, bool]:
        published = reading.published_m if reading.published >= _FEWEST else None
        landmark = reading.landmark_m if reading.landmarks >= _FEWEST else None
        return published or landmark or 0.0, -reading.on_land, reading.datum is not first

    return min(readings, key=distance_m).datum


def _against(
    readings: Sequence[Reading], declared: Datum, land: dict[Datum, NDArray[np.bool_]]
) -> str | None:  # fmt: skip
    """The best witness speaks first: published places, then landmarks, then land."""
    mine = next(reading for reading in readings if reading.datum is declared)
    others = [reading for reading in readings if reading.datum is not declared]
    for other in sorted(others, key=lambda reading: reading.published_m or 0):
        if _further(mine.published, mine.published_m, other.published_m, _PUBLISHED_MARGIN_M):
            moved = f"{mine.published} places published before would have moved by {mine.published_m:.0f} m (median)"
            return f"{moved}; read as {other.datum} by {other.published_m:.0f} m"
    for other in sorted(others, key=lambda reading: reading.landmark_m or 0):
        if _further(mine.landmarks, mine.landmark_m, other.landmark_m, _LANDMARK_MARGIN_M):
            away = f"{mine.landmarks} places named after landmarks lie {mine.landmark_m:.0f} m from them (median)"
            return f"{away}; read as {other.datum} {other.landmark_m:.0f} m"
    for other in others:
        strays = int((land[other.datum] & ~land[declared]).sum())
        gained = int((land[declared] & ~land[other.datum]).sum())
        if strays >= _FEWEST_STRAYS and strays >= _STRAY_RATIO * gained:
            return f"{strays} places outside the city's land are on it read as {other.datum}, {gained} the reverse"
    return None


def _further(count: int, mine_m: float | None, other_m: float | None, margin_m: float) -> bool:
    if count < _FEWEST or mine_m is None or other_m is None:
        return False
    return mine_m > other_m + margin_m and mine_m > 1.5 * other_m
