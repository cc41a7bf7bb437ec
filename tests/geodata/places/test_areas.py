"""Voronoi areas tile their outline, and a point is found in the right one."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import BadValue
from geodata.places.areas import (
    NOWHERE,
    approximate_areas,
    dissolve_districts,
    locate,
    rings,
    rounded,
    to_metric,
)
from geodata.sources.demo import facts
from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import WGS84, metric

OUTLINE = shapely.box(114.0, 22.5, 114.2, 22.7)
TOWN_LON, TOWN_LAT = (114.05, 114.15, 114.10), (22.55, 22.55, 22.65)


def _points(lon, lat):
    names = [f"street {number}" for number in range(len(lon))]
    return gpd.GeoDataFrame(
        {
            "code": names,
            "district": ["west", "east", "west"][: len(lon)] + ["east"] * max(len(lon) - 3, 0),
            "street": names,
        },
        geometry=gpd.points_from_xy(lon, lat),
        crs=WGS84,
    )


@pytest.fixture(scope="module")
def town():
    return approximate_areas(_points(TOWN_LON, TOWN_LAT), OUTLINE, SHENZHEN.grid)


@pytest.fixture(scope="module")
def city():
    return approximate_areas(facts.streets(), facts.outline(), SHENZHEN.grid)


def _areas_m2(areas):
    return shapely.area(to_metric(areas.geometry.to_numpy(), SHENZHEN.grid))


def test_each_point_lies_in_its_own_area(town):
    assert town.covers(gpd.GeoSeries(gpd.points_from_xy(TOWN_LON, TOWN_LAT), crs=WGS84)).all()


def test_areas_keep_the_columns_and_order_of_the_points_and_say_that_they_are_approximate(town):
    assert town["street"].tolist() == ["street 0", "street 1", "street 2"]
    assert town["approximate"].all()
    assert town.crs == WGS84


def test_the_citys_areas_are_valid_and_add_up_to_the_outline(city):
    assert len(city) == 74
    assert city.is_valid.all()
    assert (_areas_m2(city) > 0).all()
    assert _areas_m2(city).sum() == pytest.approx(
        to_metric(facts.outline(), SHENZHEN.grid).area, rel=1e-9
    )


def test_no_two_areas_overlap(city):
    shapes = to_metric(city.geometry.to_numpy(), SHENZHEN.grid)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = left < right
    assert shapely.area(shapely.intersection(shapes[left[pairs]], shapes[right[pairs]])).max() < 1.0


def test_the_same_points_give_the_same_areas(city):
    assert city.geometry.equals(
        approximate_areas(facts.streets(), facts.outline(), SHENZHEN.grid).geometry
    )


def test_the_citys_areas_agree_with_the_real_districts_over_nine_tenths(city, real_data):
    real = gpd.read_file(real_data / "boundaries" / "shenzhen_districts.geojson").to_crs(
        "EPSG:32650"
    )
    aliases = facts.districts().set_index("name")["alias"]
    shared = city.to_crs("EPSG:32650").overlay(real, how="intersection")
    right = shared["qh"] == shared["district"].map(aliases)
    assert shared[right].area.sum() / shared.area.sum() > 0.9


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 199), st.integers(0, 199)), min_size=2, max_size=12, unique=True
    ),
    st.floats(114.0, 114.2),
    st.floats(22.5, 22.7),
)
def test_a_spot_belongs_to_its_nearest_point(grid, lon, lat):
    sites = np.array([114.0, 22.5]) + np.array(grid) / 1000.0
    areas = approximate_areas(_points(*sites.T), OUTLINE, SHENZHEN.grid)
    distances = np.hypot(*(metric(*sites.T, SHENZHEN.grid) - metric(lon, lat, SHENZHEN.grid)).T)
    found = locate(lon, lat, areas, grid=SHENZHEN.grid)[0]
    assert distances[found] <= distances.min() + 0.5
    assert _areas_m2(areas).sum() == pytest.approx(to_metric(OUTLINE, SHENZHEN.grid).area, rel=1e-9)


@pytest.mark.parametrize(("lon", "lat"), [([114.1], [22.6]), ([114.1, 114.1], [22.6, 22.6])])
def test_one_point_or_twins_make_no_areas(lon, lat):
    with pytest.raises(BadValue, match="no two alike"):
        approximate_areas(_points(lon, lat), OUTLINE, SHENZHEN.grid)


def test_districts_are_dissolved_in_order_of_first_appearance_and_keep_the_ground(town):
    districts = dissolve_districts(town)
    assert districts["district"].tolist() == ["west", "east"]
    assert districts["approximate"].all()
    assert _areas_m2(districts).sum() == pytest.approx(_areas_m2(town).sum(), rel=1e-9)


def test_the_ten_districts_of_the_city_are_dissolved_into_valid_polygons(city):
    districts = dissolve_districts(city)
    assert len(districts) == 10
    assert districts.is_valid.all()


def test_a_point_is_located_in_the_area_it_is_in(town):
    assert locate(
        [114.05, 114.15, 114.10], [22.52, 22.52, 22.69], town, grid=SHENZHEN.grid
    ).tolist() == [0, 1, 2]


def test_a_point_just_outside_gets_the_nearest_area_and_one_far_outside_none(town):
    just_west, far_west = 113.995, 113.98
    assert locate([just_west, far_west], [22.52, 22.52], town, grid=SHENZHEN.grid).tolist() == [
        0,
        NOWHERE,
    ]


def test_the_reach_is_the_callers_choice(town):
    assert locate(113.98, 22.52, town, reach_m=3000.0, grid=SHENZHEN.grid).tolist() == [0]
    assert locate(113.995, 22.52, town, reach_m=0.0, grid=SHENZHEN.grid).tolist() == [NOWHERE]


def test_on_a_shared_border_the_smaller_position_wins():
    squares = gpd.GeoDataFrame(
        geometry=[shapely.box(114.1, 22.5, 114.2, 22.6), shapely.box(114.0, 22.5, 114.1, 22.6)],
        crs=WGS84,
    )
    assert locate(114.1, 22.55, squares, grid=SHENZHEN.grid).tolist() == [0]
    assert locate(114.1, 22.55, squares.iloc[::-1], grid=SHENZHEN.grid).tolist() == [0]


def test_a_point_without_coordinates_is_nowhere(town):
    assert locate(
        [np.nan, 114.05, 114.05], [22.52, np.nan, 22.52], town, grid=SHENZHEN.grid
    ).tolist() == [
        NOWHERE,
        NOWHERE,
        0,
    ]


def test_no_points_have_no_areas(town):
    assert locate([], [], town, grid=SHENZHEN.grid).shape == (0,)


def test_rings_of_a_square_with_a_hole_are_its_two_closed_rings():
    square = shapely.box(114.0, 22.5, 114.1, 22.6).difference(
        shapely.box(114.04, 22.54, 114.06, 22.56)
    )
    outer, hole = rings(square, 10.0, SHENZHEN.grid)
    assert outer[0] == outer[-1]
    assert {tuple(spot) for spot in hole} == {
        (114.04, 22.54),
        (114.06, 22.54),
        (114.06, 22.56),
        (114.04, 22.56),
    }


def test_simplified_rings_stay_within_their_tolerance():
    outline = facts.outline()
    (ring,) = rings(outline, 400.0, SHENZHEN.grid)
    assert len(ring) < shapely.get_num_coordinates(outline)
    drawn = to_metric(shapely.linestrings(ring), SHENZHEN.grid)
    assert shapely.hausdorff_distance(to_metric(outline, SHENZHEN.grid).boundary, drawn) < 405.0


def decimals(shapes):
    """The most decimals of any coordinate, as JSON would write them."""
    written = (repr(value) for value in shapely.get_coordinates(shapes).ravel().tolist())
    return max((len(text.partition(".")[2]) for text in written), default=0)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(3, 60))
def test_rounded_areas_are_valid_and_neighbours_share_every_corner(seed, count):
    rng = np.random.default_rng(seed)
    lonlat = np.array([114.0, 22.5]) + 0.2 * rng.random((count, 2))
    cells = approximate_areas(_points(*lonlat.T), OUTLINE, SHENZHEN.grid).geometry.to_numpy()
    found = rounded(cells)
    assert decimals(found) <= 7
    assert shapely.is_valid(found).all()
    assert shapely.coverage_is_valid(found)
    assert shapely.equals_exact(found, cells, 1e-7).all()
    assert (shapely.to_wkb(rounded(found)) == shapely.to_wkb(found)).all()


@settings(max_examples=200)
@given(st.integers(0, 2**32), st.integers(4, 40), st.sampled_from([1e-3, 1e-5, 1e-6, 3e-7, 1e-7]))
def test_rounding_leaves_valid_polygons_however_small_and_spiky_they_are(seed, corners, size):
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.random(corners)) * 2 * np.pi
    reach = size * rng.random(corners) ** 3
    star = shapely.Polygon(
        np.array([114.05, 22.54]) + np.stack([np.cos(angle), np.sin(angle)], 1) * reach[:, None]
    )
    shapes = shapely.get_parts(shapely.make_valid(star, method="structure", keep_collapsed=False))
    found = rounded(shapes)
    assert shapely.is_valid(found).all()
    assert decimals(found) <= 7
    assert set(shapely.get_type_id(found)) <= {3, 6}, "polygons, and nothing else"
    assert shapely.covers(shapely.buffer(shapes, 2e-7), found)[~shapely.is_empty(found)].all()
    lost = shapely.area(shapely.symmetric_difference(found, shapes))
    assert (lost <= 2e-7 * shapely.length(shapes) + 1e-13).all()
    assert all(
        rounded(each).equals_exact(whole, 0) for each, whole in zip(shapes, found, strict=True)
    )


def test_a_sliver_thinner_than_the_grid_is_lost_and_its_neighbours_stay():
    sliver = shapely.Polygon([(114, 22.5), (114.1, 22.5), (114.1, 22.50000002)])
    square = shapely.box(114, 22.4, 114.1, 22.5)
    found = rounded(np.array([sliver, square], dtype=object))
    assert found[0].is_empty
    assert found[1].equals(square)
