"""Land and sea by coastlines: land lies on their left."""

import pytest
import shapely
from shapely import LineString, Polygon

from geodata.ground.coast import shores

BOX = shapely.box(0, 0, 100, 100)


def land_at(lines: list[LineString], x: float, y: float) -> bool:
    found = shores(lines, BOX)
    assert found.is_closed
    point = shapely.Point(x, y)
    is_land, is_sea = (
        found.land.contains(point),
        found.sea is not None and found.sea.contains(point),
    )
    assert is_land != is_sea
    return is_land


def test_without_a_coastline_all_is_land() -> None:
    assert shores([], BOX) == (BOX, None, True)


def test_a_coast_across_the_box_parts_it() -> None:
    going_east = LineString([(-5, 40), (50, 50), (105, 40)])
    assert land_at([going_east], 50, 90)
    assert not land_at([going_east], 50, 10)
    assert not land_at([going_east.reverse()], 50, 90)


def test_a_coast_in_pieces_is_one() -> None:
    pieces = [LineString([(50, 50), (100, 40)]), LineString([(0, 40), (50, 50)])]
    assert land_at(pieces, 50, 90)
    assert not land_at(pieces, 50, 10)


def test_an_island_is_land_in_the_sea_and_a_bay_with_an_island_too() -> None:
    island = LineString([(40, 40), (60, 40), (60, 60), (40, 60), (40, 40)])
    assert land_at([island], 50, 50)
    assert not land_at([island], 10, 10)
    coast = LineString([(-1, 80), (101, 80)])
    assert land_at([coast, island], 50, 50)
    assert land_at([coast, island], 50, 90)
    assert not land_at([coast, island], 50, 70)


@pytest.mark.parametrize("gap", [0.5, 3.0, 9.0])
def test_a_coast_that_ends_a_little_before_the_edge_goes_on_to_it(gap: float) -> None:
    both = LineString([(gap, 50), (30, 55), (100 - gap, 50)])
    assert land_at([both], 50, 90)
    assert not land_at([both], 50, 10)
    corner = LineString([(100 - gap, 30), (80, 20), (70, gap)])
    assert land_at([corner], 95, 5)
    assert not land_at([corner], 10, 90)


def test_a_coast_that_ends_in_the_middle_leaves_all_land_and_says_so() -> None:
    found = shores([LineString([(0, 50), (50, 50)])], BOX)
    assert found == (BOX, None, False)


def test_a_coast_outside_the_box_says_nothing() -> None:
    assert shores([LineString([(200, 0), (200, 100)])], BOX) == (BOX, None, True)


def test_land_and_sea_fill_the_box() -> None:
    coast = LineString([(-5, 10), (20, 60), (60, 20), (105, 90)])
    lake = LineString(Polygon([(70, 10), (80, 10), (80, 20)]).exterior)
    found = shores([coast, lake], BOX)
    assert found.sea is not None
    assert found.land.area + found.sea.area == pytest.approx(BOX.area)
    assert found.land.intersection(found.sea).area == pytest.approx(0)
