"""The facts that ship with the code agree with the real boundaries they were derived from."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.sources.demo import facts
from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import geodesic_m


@pytest.fixture(scope="module")
def real_districts(real_data):
    return gpd.read_file(real_data / "boundaries" / "shenzhen_districts.geojson").to_crs(
        SHENZHEN.grid
    )


def _landmark(name):
    row = facts.landmarks().set_index("name").loc[name]
    return row.geometry.x, row.geometry.y


def test_there_are_74_street_offices_with_unique_codes_in_code_order():
    codes = facts.streets()["code"]
    assert len(codes) == 74
    assert codes.is_unique
    assert codes.is_monotonic_increasing
    assert codes.str.fullmatch(r"4403\d{5}").all()


def test_every_street_office_belongs_to_a_listed_district_and_every_district_has_some():
    assert set(facts.streets()["district"]) == set(facts.districts()["name"])


def test_the_three_dapeng_offices_stand_under_dapeng():
    streets = facts.streets()
    assert set(streets.loc[streets["district"] == "大鹏新区", "street"]) == {
        "葵涌街道",
        "大鹏街道",
        "南澳街道",
    }


def test_the_district_weights_sum_to_the_census_total_but_for_rounding():
    assert facts.districts()["weight_2020_census_10k"].sum() == pytest.approx(1749.44, abs=0.05)


def test_every_street_point_lies_in_its_own_real_district(real_districts):
    streets = facts.streets().to_crs(SHENZHEN.grid)
    met = streets.sjoin(real_districts[["qh", "geometry"]], how="left")
    aliases = facts.districts().set_index("name")["alias"]
    assert len(met) == 74
    assert (met["qh"] == met["district"].map(aliases)).all()


def test_every_landmark_lies_within_500_m_of_a_real_district(real_districts):
    landmarks = facts.landmarks().to_crs(SHENZHEN.grid)
    assert landmarks.within(real_districts.union_all().buffer(500.0)).all()


def test_there_are_250_to_400_landmarks_of_eight_kinds_with_unique_names():
    landmarks = facts.landmarks()
    assert 250 <= len(landmarks) <= 400
    assert landmarks["name"].is_unique
    assert set(landmarks["kind"]) == {
        "metro",
        "port",
        "village",
        "hospital",
        "station",
        "market",
        "park",
        "campus",
    }


def test_every_land_border_port_is_a_landmark():
    ports = facts.landmarks().query("kind == 'port'")["name"]
    assert {
        f"{port}口岸" for port in ("罗湖", "福田", "皇岗", "深圳湾", "文锦渡", "莲塘", "沙头角")
    } <= set(ports)


@pytest.mark.parametrize(
    ("name", "lon", "lat"),
    [
        ("白石洲", 113.965, 22.540),
        ("深圳宝安国际机场", 113.809, 22.627),
        ("深圳北站", 114.025, 22.612),
        ("罗湖口岸", 114.113, 22.532),
        ("深圳湾口岸", 113.944, 22.504),
        ("市民中心地铁站", 114.055, 22.545),
        ("华强北", 114.081, 22.546),
        ("海岸城", 113.932, 22.519),
        ("盐田港", 114.268, 22.580),
        ("大鹏所城", 114.510, 22.596),
        ("清湖地铁站", 114.034, 22.668),
        ("蛇口港", 113.908, 22.479),
    ],
)
def test_a_well_known_landmark_stands_within_600_m_of_where_maps_show_it(name, lon, lat):
    assert geodesic_m(*_landmark(name), lon, lat) < 600.0


def test_the_outline_is_one_valid_ring_of_100_to_160_vertices():
    outline = facts.outline()
    assert outline.is_valid
    assert len(outline.geoms) == 1
    assert 100 <= shapely.get_num_coordinates(outline) - 1 <= 160


def test_the_outline_lies_inside_the_real_city_and_leaves_little_land_out(
    real_districts, real_data
):
    outline = gpd.GeoSeries([facts.outline()], crs=4326).to_crs(SHENZHEN.grid).iloc[0]
    zones = gpd.read_file(real_data / "boundaries" / "traffic_zones").to_crs(SHENZHEN.grid)
    city = real_districts.union_all()
    land = city.intersection(shapely.make_valid(zones.union_all()))
    assert outline.difference(city).area < 0.002 * outline.area
    assert outline.difference(land).area < 0.01 * outline.area
    assert outline.intersection(land).area > 0.97 * land.area


@pytest.mark.parametrize(
    ("bay", "lon", "lat"),
    [
        ("深圳湾", 113.965, 22.49),
        ("大鹏湾", 114.35, 22.56),
        ("珠江口", 113.77, 22.66),
        ("前海湾", 113.875, 22.53),
    ],
)
def test_the_outline_holds_no_bay(bay, lon, lat):
    assert not facts.outline().covers(shapely.Point(lon, lat))


def test_every_street_point_lies_inside_the_outline():
    assert facts.streets().within(facts.outline()).all()


def test_a_callers_change_does_not_reach_the_next_caller():
    for table in (facts.streets, facts.landmarks, facts.districts):
        first = table()
        first.loc[0, first.columns[0]] = "changed"
        assert table().iloc[0, 0] != "changed"


def test_points_are_lon_then_lat_rounded_to_four_decimals():
    for points in (facts.streets(), facts.landmarks()):
        lon_lat = shapely.get_coordinates(points.geometry)
        assert np.array_equal(lon_lat, lon_lat.round(4))
        assert (lon_lat[:, 0] > 113.7).all()
        assert (lon_lat[:, 1] < 22.9).all()
