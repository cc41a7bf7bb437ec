"""The service area agrees with shapely, and a refusal says how the point may have been meant."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import OutsideArea
from geodata.space.coordinates import Datum, from_wgs84
from geodata.space.service_area import Outline

#: A square with a hole, and an island with a bay.
AREA = shapely.MultiPolygon(
    [
        shapely.Polygon(
            [(114.0, 22.5), (114.2, 22.5), (114.2, 22.7), (114.0, 22.7)],
            [[(114.05, 22.55), (114.1, 22.55), (114.1, 22.6), (114.05, 22.6)]],
        ),
        shapely.Polygon(
            [(114.3, 22.5), (114.5, 22.5), (114.4, 22.55), (114.5, 22.6), (114.3, 22.6)]
        ),
    ]
)


def outline_of(area: shapely.Geometry) -> Outline:
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.get_parts(area))]
    return Outline("深圳", np.concatenate(rings), np.cumsum([0, *map(len, rings)]).astype(np.int32))


OUTLINE = outline_of(AREA)


@settings(max_examples=500)
@given(st.floats(113.9, 114.6), st.floats(22.4, 22.8))
def test_inside_is_what_shapely_says_is_inside(lon: float, lat: float) -> None:
    point = shapely.Point(lon, lat)
    if AREA.boundary.distance(point) > 1e-9:
        assert OUTLINE.holds(lon, lat) == AREA.contains(point)


@settings(max_examples=100)
@given(st.integers(3, 12), st.randoms(use_true_random=False))
def test_inside_a_star_of_any_shape_is_what_shapely_says(corners: int, random) -> None:
    turns = np.sort([random.uniform(0, 2 * np.pi) for _ in range(corners)])
    reach = [random.uniform(0.01, 0.1) for _ in range(corners)]
    star = shapely.Polygon(
        np.stack([114.1 + reach * np.cos(turns), 22.6 + reach * np.sin(turns)], axis=1)
    )
    outline = outline_of(star)
    for _ in range(20):
        lon, lat = random.uniform(114.0, 114.2), random.uniform(22.5, 22.7)
        if star.is_valid and star.boundary.distance(shapely.Point(lon, lat)) > 1e-9:
            assert outline.holds(lon, lat) == star.contains(shapely.Point(lon, lat))


def test_a_point_level_with_corners_is_counted_once() -> None:
    for lat in (22.5 + 1e-12, 22.55, 22.6, 22.7 - 1e-12):
        assert OUTLINE.holds(114.15, lat)
        assert not OUTLINE.holds(113.95, lat)
        assert not OUTLINE.holds(114.25, lat)


def test_the_bounds_are_shapelys() -> None:
    assert OUTLINE.bounds == AREA.bounds


def test_a_point_inside_is_not_refused() -> None:
    OUTLINE.require(114.15, 22.6)  # raises nothing
    assert OUTLINE.holds_each(np.array([[114.15, 22.6]])).all()


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_shifted_point_is_refused_with_the_datum_that_explains_it(datum: Datum) -> None:
    edge = outline_of(shapely.box(114.0, 22.5, 114.0001, 22.5001))
    lon, lat = map(float, from_wgs84(114.00005, 22.50005, datum))
    with pytest.raises(OutsideArea) as caught:
        edge.require(lon, lat)
    assert caught.value.hint == datum


def test_swapped_degrees_are_refused_with_the_hint_swapped() -> None:
    with pytest.raises(
        OutsideArea, match=r"lon 22\.6, lat 114\.15 lies outside 深圳 \(114\.0–114\.5 E"
    ) as caught:
        OUTLINE.require(22.6, 114.15)
    assert caught.value.hint == "swapped"
    assert caught.value.bounds == AREA.bounds


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (114.075, 22.575),
        (0.0, 0.0),
        (-180.0, -90.0),
        (float("nan"), 22.6),
        (float("inf"), 22.6),
        (114.1, float("-inf")),
        (1e300, 1e300),
    ],
)
def test_what_no_reading_explains_is_refused_without_a_hint(lon: float, lat: float) -> None:
    with pytest.raises(OutsideArea) as caught:
        OUTLINE.require(lon, lat)
    assert caught.value.hint is None


def test_the_rings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        OUTLINE.xy[0, 0] = 0.0


def test_points_level_with_a_vertex_or_a_band_are_inside_as_all_edges_say() -> None:
    turns = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    ring = np.stack([114.1 + 0.1 * np.cos(turns), 22.6 + 0.1 * np.sin(5 * turns)], axis=1)
    outline = outline_of(shapely.Polygon(ring))
    levels = [*ring[:, 1].tolist(), *np.linspace(22.5, 22.7, 129).tolist()]
    for lat in levels + [np.nextafter(level, 23.0) for level in levels]:
        crossed = [
            x1 + (lat - y1) / (y2 - y1) * (x2 - x1)
            for (x1, y1), (x2, y2) in zip(ring, np.roll(ring, 1, axis=0), strict=True)
            if (y1 > lat) != (y2 > lat)
        ]
        for lon in (114.0005, 114.05, 114.1, 114.17):
            assert outline.holds(lon, lat) == (sum(lon < x for x in crossed) % 2 == 1)


def test_nothing_lies_in_a_flat_outline() -> None:
    flat = Outline("线", np.array([(114.0, 22.5), (114.2, 22.5), (114.1, 22.5)]), np.array([0, 3]))
    assert not flat.holds(114.1, 22.5)
