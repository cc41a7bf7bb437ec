"""The ground the demo city stands on: street offices, centres to gather round, and points that keep
their distance.

A Thomas cluster process (Illian et al. 2008, Statistical Analysis and Modelling of Spatial Point
Patterns, §6.3.2): parents, and children scattered normally about them. Draws points and lines in
metres; knows no place, name or hour.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from geodata.city import MetricGrid
from geodata.errors import BadValue
from geodata.places.areas import approximate_areas, to_metric
from geodata.sources.demo import facts
from geodata.space.coordinates import metric

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

#: Points stand on a lattice and move about their node: 12 - 2 * 1.9 = 8.2 m is the least distance
#: of two places.
_PITCH_M: Final = 12.0
_STIR_M: Final = 1.9
#: A node and its stir reach at most (6 + 1.9)·√2 = 11.2 m from the drawn point; regions are drawn
#: in by more.
_MARGIN_M: Final = 12.0
#: A crowded draw loses a few per cent to taken nodes each round; a ground that is full never ends.
_ROUNDS: Final = 200
#: A line starts at least its greatest length from the coast or border, so that it cannot leave the
#: city.
_LINE_M: Final = (220.0, 880.0)
_LINE_VERTICES: Final = (3, 12)
_LINE_TURN_RAD: Final = 0.25
#: The doors of a street stand this far from its line.
_BESIDE_M: Final = (6.0, 60.0)
#: How far new centres stray from the office, stop or landmark they grew from.
_HOTSPOT_M: Final = 700.0


@dataclass(frozen=True, slots=True)
class Terrain:
    """The city as a stage.

    Metres on the city's grid; `street` is a position in the street table.
    """

    streets: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    regions: Shapes
    """What a point may not leave: the cell of each street, and last the whole city.

    All drawn in by _MARGIN_M.
    """
    share: Floats
    """Of the places, by street: 2020 population of the district, split unevenly."""
    landmark_xy_m: Floats
    landmark_names: pd.DataFrame
    centre_xy_m: Floats
    centre_street: Ints
    """Sorted."""
    centre_weight: Floats
    centre_spread_m: Floats

    def __post_init__(self) -> None:
        """Nothing that is drawn may move the ground."""
        protect(self.share, self.landmark_xy_m, self.centre_xy_m)
        protect(self.centre_street, self.centre_weight, self.centre_spread_m)


def protect(*arrays: np.ndarray) -> None:
    """Make arrays read-only."""
    for array in arrays:
        array.setflags(write=False)


def stage(rng: Generator, places: int, grid: MetricGrid) -> Terrain:
    """Set the stage for about so many places: the more, the more centres they gather round.

    `grid` is the city's.
    """
    streets, outline = facts.streets(), facts.outline()
    areas = approximate_areas(streets, outline, grid)
    regions = shapely.buffer(
        to_metric(np.array([*areas.geometry, outline], dtype=object), grid), -_MARGIN_M
    )
    shapely.prepare(regions)
    share = _street_share(rng, streets)
    anchor_xy_m, anchor_street = _anchors(streets, regions, grid)
    centre_xy_m, centre_street = _with_hotspots(
        rng, anchor_xy_m, anchor_street, regions, share * places
    )
    landmarks = facts.landmarks()
    return Terrain(
        streets=streets,
        areas=areas,
        regions=regions,
        share=share,
        landmark_xy_m=_xy_m(landmarks, grid),
        landmark_names=landmarks[["name", "name_en", "kind"]],
        centre_xy_m=centre_xy_m,
        centre_street=centre_street,
        centre_weight=rng.gamma(1.2, size=len(centre_street)) + 0.05,
        centre_spread_m=np.clip(rng.lognormal(np.log(160.0), 0.5, len(centre_street)), 60.0, 600.0),
    )


def _street_share(rng: Generator, streets: gpd.GeoDataFrame) -> Floats:
    districts = facts.districts().set_index("name")["weight_2020_census_10k"]
    split = pd.Series(rng.gamma(6.0, size=len(streets)), index=streets.index)
    within = split / split.groupby(streets["district"]).transform("sum")
    weight = within * streets["district"].map(districts)
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def _xy_m(points: gpd.GeoDataFrame, grid: MetricGrid) -> Floats:
    return metric(points.geometry.x, points.geometry.y, grid)


def _anchors(streets: gpd.GeoDataFrame, regions: Shapes, grid: MetricGrid) -> tuple[Floats, Ints]:
    """Street points and the landmarks inside the city, sorted by the street whose region holds
    them.
    """
    xy_m = np.concatenate([_xy_m(streets, grid), _xy_m(facts.landmarks(), grid)])
    point, street = shapely.STRtree(regions[:-1]).query(shapely.points(xy_m), predicate="within")
    order = np.lexsort((point, street))
    return xy_m[point[order]], street[order]


def _with_hotspots(
    rng: Generator, xy_m: Floats, street: Ints, regions: Shapes, expected: Floats
) -> tuple[Floats, Ints]:
    """Add random hotspots near the anchors: four a street, and one more for every 25 places it
    expects.
    """
    new = np.repeat(np.arange(len(expected)), 4 + (expected / 25).astype(np.int64))
    beside = _pick_within(rng, street, np.ones(len(street)), new)
    hotspots = _pulled_in(xy_m[beside], rng.normal(0.0, _HOTSPOT_M, (len(new), 2)), regions[new])
    street = np.concatenate([street, new])
    order = np.argsort(street, kind="stable")
    return np.concatenate([xy_m, hotspots])[order], street[order]


def _pick_within(rng: Generator, group: Ints, weight: Floats, wanted: Ints) -> Ints:
    """For each wanted group one random member, by weight; `group` is sorted."""
    cumulative = np.concatenate([[0.0], np.cumsum(weight)])
    first, last = np.searchsorted(group, wanted, "left"), np.searchsorted(group, wanted, "right")
    aim = rng.uniform(cumulative[first], cumulative[last])
    return np.clip(np.searchsorted(cumulative, aim, "right") - 1, first, last - 1)


def _pulled_in(origin_xy_m: Floats, offset_m: Floats, regions: Shapes) -> Floats:
    """Origin plus offset, the offset halved until the point lies in its region (origins do)."""
    offset_m = offset_m.copy()
    outside = np.arange(len(offset_m))
    while outside.size:
        at = origin_xy_m[outside] + offset_m[outside]
        outside = outside[~shapely.intersects_xy(regions[outside], at[:, 0], at[:, 1])]
        offset_m[outside] /= 2.0
    return origin_xy_m + offset_m


def winding_lines(rng: Generator, ground: Terrain, count: int) -> Shapes:
    """Winding lines of 220–880 m from busy landmarks, in metres."""
    origin = _busy_spots(ground)
    start = origin[rng.choice(len(origin), count, replace=count > len(origin))]
    vertices = rng.integers(_LINE_VERTICES[0], _LINE_VERTICES[1] + 1, count)
    step_m = rng.uniform(*_LINE_M, count) / (vertices - 1)
    turns = rng.normal(0.0, _LINE_TURN_RAD, (count, _LINE_VERTICES[1] - 1))
    heading = rng.uniform(0.0, 2.0 * np.pi, (count, 1)) + np.cumsum(turns, axis=1)
    walk = np.cumsum(
        step_m[:, None, None] * np.stack([np.cos(heading), np.sin(heading)], axis=-1), axis=1
    )
    xy_m = start[:, None, :] + np.concatenate([np.zeros((count, 1, 2)), walk], axis=1)
    kept = np.arange(_LINE_VERTICES[1]) < vertices[:, None]
    lines: Shapes = shapely.linestrings(xy_m[kept], indices=np.repeat(np.arange(count), vertices))
    return lines


def _busy_spots(ground: Terrain) -> Floats:
    """Landmarks with streets about them, far enough inside for any line."""
    busy = ground.landmark_names["kind"].isin(["metro", "village", "market", "campus"]).to_numpy()
    points = shapely.points(ground.landmark_xy_m)
    inner = shapely.buffer(ground.regions[-1], -_LINE_M[1])
    return ground.landmark_xy_m[busy & shapely.within(points, inner)]


def about_centres(rng: Generator, ground: Terrain, street: Ints) -> tuple[Floats, Floats]:
    """A centre in each street and a normal offset of its spread."""
    centre = _pick_within(rng, ground.centre_street, ground.centre_weight, street)
    offset = rng.normal(0.0, 1.0, (len(street), 2)) * ground.centre_spread_m[centre, None]
    return ground.centre_xy_m[centre], offset


def scattered(rng: Generator, ground: Terrain, count: int, wider: float) -> Floats:
    """Points about the centres, in metres, `wider` times as far from them as places.

    Some may share a spot.
    """
    street = rng.choice(len(ground.share), count, p=ground.share)
    origin, offset = about_centres(rng, ground, street)
    return _pulled_in(origin, offset * wider, ground.regions[street])


def beside_lines(rng: Generator, lines: Shapes) -> tuple[Floats, Floats]:
    """A point of each line and an offset to a door of that street."""
    along = shapely.line_interpolate_point(lines, rng.uniform(size=len(lines)), normalized=True)
    distance, bearing = (
        rng.uniform(*_BESIDE_M, len(lines)),
        rng.uniform(0.0, 2.0 * np.pi, len(lines)),
    )
    return shapely.get_coordinates(along), distance[:, None] * np.stack(
        [np.cos(bearing), np.sin(bearing)], axis=-1
    )


def settled(
    rng: Generator, draw: Callable[[Ints], tuple[Floats, Floats]], regions: Shapes
) -> Floats:
    """Draw every row, then again those whose lattice node is taken by an earlier row."""
    nodes = np.empty((len(regions), 2), dtype=np.int64)
    todo = np.arange(len(regions))
    for _ in range(_ROUNDS):
        nodes[todo] = np.rint(_pulled_in(*draw(todo), regions[todo]) / _PITCH_M).astype(np.int64)
        todo = _later_twins(nodes)
        if not todo.size:
            return nodes * _PITCH_M + rng.uniform(-_STIR_M, _STIR_M, nodes.shape)
    raise BadValue(
        ("the demo city has no room for {count} places {pitch_m:g} m apart; ask for fewer"),
        count=len(regions),
        pitch_m=_PITCH_M,
    )


def _later_twins(nodes: Ints) -> Ints:
    """Rows whose node an earlier row holds."""
    key = nodes[:, 0] * 2**32 + nodes[:, 1]
    twin = np.ones(len(key), dtype=np.bool_)
    twin[np.unique(key, return_index=True)[1]] = False
    return np.flatnonzero(twin)
