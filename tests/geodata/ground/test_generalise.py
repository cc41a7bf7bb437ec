"""What a zoom's tiles hold of lines: their course, but for what nobody sees, and no line of no
length.
"""

from typing import Final

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.ground import tags
from geodata.ground.generalise import COLUMNS, at_zoom
from geodata.space.mercator import WEB_MERCATOR, pixel_m

KIND: Final = "residential"


def streets(lines: list[shapely.LineString]) -> gpd.GeoDataFrame:
    rows = [(tags.ROAD, KIND, tags.FIRST_ZOOM, None, None, None, line) for line in lines]
    return gpd.GeoDataFrame(rows, columns=list(COLUMNS), crs=WEB_MERCATOR)


def tangle(seed: int) -> list[shapely.LineString]:
    """Streets that cross each other and themselves, in a town of 3 km."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 60, (80, 12, 2)).cumsum(axis=1)
    return [shapely.LineString(walk) for walk in steps + rng.uniform(0, 3_000, (80, 1, 2))]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("zoom", [12, 14, tags.LAST_ZOOM])
def test_a_line_leaves_its_course_by_less_than_a_pixel_however_many_cross_it(
    seed: int, zoom: int
) -> None:
    lines = tangle(seed)
    held = at_zoom(streets(lines), zoom)[tags.ROAD].geometry.to_numpy()
    assert len(held) == len(lines)
    assert shapely.get_num_coordinates(held).sum() <= shapely.get_num_coordinates(lines).sum()
    for before, after in zip(sorted(lines, key=by_start), sorted(held, key=by_start), strict=True):
        ends = (before.coords[0], before.coords[-1])
        assert (after.coords[0], after.coords[-1]) in (ends, ends[::-1])
        assert shapely.hausdorff_distance(before, after) <= pixel_m(zoom)


def by_start(line: shapely.LineString) -> tuple[float, ...]:
    """Whichever way round it is drawn."""
    return min(line.coords[0], line.coords[-1])


@pytest.mark.parametrize("zoom", [tags.FIRST_ZOOM, 12, tags.LAST_ZOOM])
@pytest.mark.parametrize("across_px", [0.1, 0.5])
def test_a_ring_that_nobody_sees_is_left_out_and_not_drawn_as_a_line_of_no_length(
    zoom: int, across_px: float
) -> None:
    ring = shapely.Point(0, 0).buffer(across_px * pixel_m(zoom) / 2).exterior
    street = shapely.LineString([(0, 0), (500 * pixel_m(zoom), 0)])
    held = at_zoom(streets([shapely.LineString(ring), street]), zoom)[tags.ROAD].geometry
    assert held.length.min() > 0
    assert street.length == pytest.approx(held.length.max())
