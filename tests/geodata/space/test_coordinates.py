"""Datums against published vectors, grids and ECEF against pyproj."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from geodata.errors import BadValue
from geodata.sources.demo import facts
from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import (
    WGS84,
    Datum,
    ecef,
    from_metric,
    from_wgs84,
    gcj02_of_point,
    geodesic_m,
    metric,
    to_wgs84,
)

GEOD = Geod(ellps="WGS84")

# lon, lat in one datum, lon, lat in the other. Sources, read 2026-11:
# a: Amap, what the example of its coordinate/convert page answers
# b: Baidu, what the example of its geoconv/v1 page answers (its service rounds, some 0.7 m)
# e: googollee/eviltransform, python/test.py. Its BD-09 pairs are left out: they were made with pi
# where Baidu has
#    3000 pi / 180, and are up to 42 m off (its issue 43)
# w: wandergis/coordtransform, test/app.js
PUBLISHED = (
    ("a 1", Datum.WGS84, (116.481499, 39.990475), Datum.GCJ02, (116.487585177952, 39.991754014757)),
    ("a 2", Datum.WGS84, (116.481499, 39.990375), Datum.GCJ02, (116.487585177952, 39.991653917101)),
    (
        "b 1",
        Datum.WGS84,
        (114.21892734521, 29.575429778924),
        Datum.GCJ02,
        (114.22430528428819, 29.57284912109375),
    ),
    (
        "b 2",
        Datum.WGS84,
        (114.21892734521, 29.575429778924),
        Datum.BD09,
        (114.2307519546763, 29.57908428837437),
    ),
    (
        "e Shanghai",
        Datum.WGS84,
        (121.5272106, 31.1774276),
        Datum.GCJ02,
        (121.531541859215, 31.17530398364597),
    ),
    (
        "e Shenzhen",
        Datum.WGS84,
        (113.912316, 22.543847),
        Datum.GCJ02,
        (113.9171764808363, 22.540796131694766),
    ),
    (
        "e Beijing",
        Datum.WGS84,
        (116.377817, 39.911954),
        Datum.GCJ02,
        (116.38404722455657, 39.91334545536069),
    ),
    ("w 1", Datum.WGS84, (116.404, 39.915), Datum.GCJ02, (116.41024449916938, 39.91640428150164)),
    ("w 2", Datum.GCJ02, (116.404, 39.915), Datum.BD09, (116.41036949371029, 39.92133699351021)),
    ("w 3", Datum.GCJ02, (116.39762729119315, 39.90865673957631), Datum.BD09, (116.404, 39.915)),
)

CITY_LON, CITY_LAT = np.meshgrid(np.linspace(113.7, 114.7, 60), np.linspace(22.4, 22.9, 40))
#: The mainland, without the corners in which the box of the shift ends.
MAINLAND_LON, MAINLAND_LAT = np.meshgrid(
    np.linspace(73.0, 135.5, 200), np.linspace(18.0, 54.0, 120)
)


def apart_m(one, other):
    return np.asarray(geodesic_m(one[0], one[1], other[0], other[1]))


@pytest.mark.parametrize(("source", "datum", "point", "other_datum", "other_point"), PUBLISHED)
def test_published_pairs_agree_within_a_metre_both_ways(
    source, datum, point, other_datum, other_point
) -> None:
    there = from_wgs84(*to_wgs84(*point, datum), other_datum)
    back = from_wgs84(*to_wgs84(*other_point, other_datum), datum)
    assert apart_m(there, other_point) < 1.0
    assert apart_m(back, point) < 1.0


@pytest.mark.parametrize("datum", Datum)
def test_there_and_back_is_under_a_millimetre_over_the_mainland(datum: Datum) -> None:
    for lon, lat in ((MAINLAND_LON, MAINLAND_LAT), (CITY_LON, CITY_LAT)):
        assert apart_m((lon, lat), to_wgs84(*from_wgs84(lon, lat, datum), datum)).max() < 1e-3
        assert apart_m((lon, lat), from_wgs84(*to_wgs84(lon, lat, datum), datum)).max() < 1e-3


@settings(max_examples=200)
@given(st.floats(73.5, 134.5), st.floats(18.5, 53.0), st.sampled_from(Datum))
def test_there_and_back_is_under_a_millimetre_wherever_one_asks(
    lon: float, lat: float, datum: Datum
) -> None:
    assert apart_m((lon, lat), to_wgs84(*from_wgs84(lon, lat, datum), datum)) < 1e-3


@pytest.mark.parametrize(
    ("datum", "least_m", "most_m"),
    [
        (Datum.GCJ02, 567, 619),
        (Datum.BD09, 1_175, 1_260),
    ],
)
def test_over_the_city_a_datum_lies_as_far_off_as_measured(
    datum: Datum, least_m: float, most_m: float
) -> None:
    inside = shapely.contains_xy(facts.outline(), CITY_LON, CITY_LAT)
    lon, lat = CITY_LON[inside], CITY_LAT[inside]
    shift_m = apart_m((lon, lat), from_wgs84(lon, lat, datum))
    assert least_m < shift_m.min() < least_m + 10
    assert most_m - 10 < shift_m.max() < most_m


@pytest.mark.parametrize(
    ("lon", "lat"), [(1.55, 42.51), (139.7, 35.7), (-74.0, 40.7), (0.0, 0.0), (100.0, 60.0)]
)
def test_gcj02_is_the_identity_outside_china(lon: float, lat: float) -> None:
    assert [float(v) for v in from_wgs84(lon, lat, Datum.GCJ02)] == [lon, lat]
    assert [float(v) for v in to_wgs84(lon, lat, Datum.GCJ02)] == [lon, lat]


def test_wgs84_is_given_back_as_it_came() -> None:
    assert [float(v) for v in to_wgs84(114.05, 22.54, "wgs84")] == [114.05, 22.54]


@pytest.mark.parametrize("convert", [to_wgs84, from_wgs84])
def test_a_datum_that_is_none_is_refused_with_the_ones_there_are(convert) -> None:
    with pytest.raises(BadValue, match=r"'cgcs' is not known; use one of wgs84, gcj02, bd09"):
        convert(114.05, 22.54, "cgcs")


def test_arrays_keep_their_shape() -> None:
    for datum in Datum:
        lon, lat = from_wgs84(CITY_LON, CITY_LAT, datum)
        assert lon.shape == lat.shape == CITY_LON.shape


def test_the_real_charging_stations_of_the_city_land_in_it_only_if_read_as_gcj02(real_data) -> None:
    import geopandas as gpd
    import pandas as pd

    table = pd.read_csv(real_data / "demand" / "ev_charging_stations_gcj02.csv")
    city = (
        gpd.read_file(real_data / "boundaries" / "shenzhen_districts.geojson")
        .union_all()
        .buffer(0.005)
    )
    lon, lat = to_wgs84(table["longitude"], table["latitude"], Datum.GCJ02)
    assert gpd.points_from_xy(lon, lat).within(city).mean() > 0.99


def test_the_metric_grid_gives_back_the_degrees_it_was_given() -> None:
    lon, lat = from_metric(metric(CITY_LON, CITY_LAT, SHENZHEN.grid), SHENZHEN.grid)
    assert apart_m((CITY_LON, CITY_LAT), (lon, lat)).max() < 1e-6


def test_the_metric_grid_is_projs_own_reading_of_its_crs() -> None:
    lon, lat = CITY_LON.ravel(), CITY_LAT.ravel()
    east, north = Transformer.from_crs(WGS84, SHENZHEN.grid, always_xy=True).transform(lon, lat)
    assert np.allclose(
        metric(lon, lat, SHENZHEN.grid), np.stack([east, north], axis=1), rtol=0, atol=1e-9
    )


def test_lengths_on_the_metric_grid_are_within_a_ten_thousandth() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.uniform([113.75, 22.4], [114.65, 22.9], (2, 500, 2))
    on_grid = np.linalg.norm(metric(*a.T, SHENZHEN.grid) - metric(*b.T, SHENZHEN.grid), axis=1)
    assert np.abs(on_grid / geodesic_m(*a.T, *b.T) - 1).max() < 1e-4


def test_ecef_equals_pyproj() -> None:
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(-180, 180, 500), rng.uniform(-90, 90, 500)
    x, y, z = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True).transform(
        lon, lat, np.zeros(500)
    )
    assert np.allclose(ecef(lon, lat), np.stack([x, y, z], axis=1), rtol=0, atol=1e-7)


def test_the_geodesic_equals_pyproj_and_broadcasts() -> None:
    metres = geodesic_m(114.0, 22.5, CITY_LON, CITY_LAT)
    here = np.full(CITY_LON.size, 114.0), np.full(CITY_LON.size, 22.5)
    _, _, expected = GEOD.inv(*here, CITY_LON.ravel(), CITY_LAT.ravel())
    assert metres.shape == CITY_LON.shape
    assert np.array_equal(metres.ravel(), expected)


def test_one_point_is_shifted_as_many_are() -> None:
    lon, lat = (
        axis.ravel()
        for axis in np.meshgrid(np.linspace(70.0, 140.0, 60), np.linspace(0.0, 60.0, 60))
    )
    many = np.stack(from_wgs84(lon, lat, "gcj02"), axis=1)
    one = np.array([gcj02_of_point(x, y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)])
    assert np.abs(many - one).max() < 1e-12
