"""Outlines of a version: what is imported stands as it is, and what is drawn around it fits."""

from dataclasses import replace
from functools import cache

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity

from geodata.pipeline import area_outlines
from geodata.pipeline.area_outlines import Outlines, drawn, service_area, with_imported
from geodata.pipeline.new_city import shipped
from geodata.places import areas
from geodata.sources.demo import facts
from geodata.sources.demo.city import SHENZHEN


def layer(level: str, **shapes: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": list(shapes), "level": level}, geometry=list(shapes.values()), crs=4326
    )


@cache
def known() -> Outlines:
    return shipped()


def m2(shape: object) -> float:
    return float(shapely.area(areas.to_metric(shape, SHENZHEN.grid)))


def street(found: Outlines, name: str) -> object:
    return found.streets.set_index("street").geometry[name]


def district(found: Outlines, name: str) -> object:
    return found.districts.set_index("district").geometry[name]


def greatest_overlap_m2(found: Outlines) -> float:
    """Not nothing: what is straight in degrees is bent a little on the metric grid."""
    shapes = areas.to_metric(found.streets.geometry.to_numpy(), SHENZHEN.grid)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = left < right
    return float(
        shapely.area(shapely.intersection(shapes[left[pairs]], shapes[right[pairs]])).max()
    )


#: A district that is larger than drawn on one side and smaller on the other.
NANSHAN = shapely.segmentize(shapely.box(113.86, 22.47, 114.02, 22.60), 0.005)


def test_without_an_import_all_outlines_are_drawn_from_points() -> None:
    assert not known().imported
    assert known().streets["approximate"].all()
    assert len(known().streets) == 74
    assert known().zones.empty
    assert drawn(known()) is known().streets


def test_an_imported_district_stands_as_it_is_and_its_street_offices_fill_it() -> None:
    found = with_imported(known(), layer("district", 南山区=NANSHAN), "us (MIT)")
    assert district(found, "南山区").equals(NANSHAN)
    assert found.districts.set_index("district")["approximate"].eq(False).sum() == 1
    mine = found.streets[found.streets["district"] == "南山区"]
    assert mine["approximate"].all()
    assert m2(shapely.union_all(mine.geometry)) == pytest.approx(m2(NANSHAN), rel=1e-6)
    assert found.credit == "us (MIT)"


def test_drawn_areas_give_way_to_imported_ones() -> None:
    found = with_imported(known(), layer("district", 南山区=NANSHAN))
    assert greatest_overlap_m2(found) < 500
    assert m2(street(found, "沙头街道")) < m2(street(known(), "沙头街道"))


def test_an_imported_street_office_is_cut_out_of_its_neighbours() -> None:
    square = shapely.box(113.93, 22.51, 113.95, 22.53)
    found = with_imported(known(), layer("street", 粤海街道=square))
    assert street(found, "粤海街道").equals(square)
    row = found.streets.set_index("street").loc["粤海街道"]
    assert (row["code"], row["district"], bool(row["approximate"])) == (
        "440305007",
        "南山区",
        False,
    )
    assert greatest_overlap_m2(found) < 500
    assert found.districts.set_index("district")["approximate"]["南山区"]


def test_a_second_layer_leaves_the_first_in_place() -> None:
    square = shapely.box(113.93, 22.51, 113.95, 22.53)
    first = with_imported(known(), layer("district", 南山区=NANSHAN), "a (MIT)")
    both = with_imported(first, layer("street", 粤海街道=square), "b (CC0-1.0)")
    assert district(both, "南山区").equals(NANSHAN)
    assert street(both, "粤海街道").equals(square)
    mine = both.streets[both.streets["district"] == "南山区"]
    assert m2(shapely.union_all(mine.geometry)) == pytest.approx(m2(NANSHAN), rel=1e-6)
    assert both.credit == "a (MIT); b (CC0-1.0)"


def test_where_every_street_office_of_a_district_is_imported_so_is_the_district() -> None:
    cells = known().streets[known().streets["district"] == "盐田区"]
    shapes = dict(zip(cells["street"], cells.geometry, strict=True))
    found = with_imported(known(), layer("street", **shapes))
    assert not found.districts.set_index("district")["approximate"]["盐田区"]


def test_zones_are_replaced_as_a_whole_and_know_their_district() -> None:
    first = with_imported(known(), layer("zone", 甲=shapely.box(113.94, 22.53, 113.95, 22.54)))
    found = with_imported(
        first, layer("zone", Z7=shapely.box(114.05, 22.53, 114.06, 22.54), 乙=NANSHAN)
    )
    assert dict(zip(found.zones["zone"], found.zones["district"], strict=True)) == {
        "Z7": "福田区",
        "乙": "南山区",
    }
    assert all(area_outlines._URL_SAFE.fullmatch(code) for code in found.zones["code"])
    assert not found.zones["approximate"].any()
    assert found.streets.geometry.equals(known().streets.geometry)


def test_the_service_area_grows_by_imported_districts_and_never_shrinks() -> None:
    sea = shapely.box(113.80, 22.42, 113.97, 22.60)
    before, after = (
        service_area(known()),
        service_area(with_imported(known(), layer("district", 南山区=sea))),
    )
    assert shapely.contains_xy(after, 113.81, 22.43)
    assert not shapely.contains_xy(before, 113.81, 22.43)
    assert m2(shapely.difference(before, after)) < 1e3  # of long edges, a hair's breadth


def test_what_was_stored_comes_back_the_same(tmp_path) -> None:
    found = with_imported(known(), layer("district", 南山区=NANSHAN), "us")
    back = replace(known(), streets=found.streets, districts=found.districts, credit="us")
    again = with_imported(
        back, layer("district", 福田区=shapely.box(114.0, 22.5, 114.1, 22.57)), "us"
    )
    assert district(again, "南山区").equals(NANSHAN)
    assert again.credit == "us"


def test_real_districts_are_drawn_with_a_tenth_of_their_corners_and_still_meet(real_data) -> None:
    real = gpd.read_file(real_data / "boundaries" / "shenzhen_districts.geojson")
    aliases = facts.districts().set_index("alias")["name"]
    imported = gpd.GeoDataFrame(
        {"name": real["qh"].map(aliases), "level": "district"}, geometry=real.geometry, crs=4326
    )
    found = with_imported(known(), imported)
    coarse = drawn(found)
    corners = [
        len(shapely.get_coordinates(frame.geometry.to_numpy())) for frame in (coarse, found.streets)
    ]
    assert corners[0] < corners[1] / 5
    moved = shapely.symmetric_difference(
        shapely.union_all(coarse.geometry), shapely.union_all(found.streets.geometry)
    )
    assert m2(moved) < 0.003 * m2(shapely.union_all(found.streets.geometry))
    assert coarse.is_valid.all()
    assert np.all(~coarse.geometry.is_empty)


#: Corners with as many decimals as a projection gives.
TURNED = shapely.affinity.rotate(NANSHAN, 7)


@pytest.mark.parametrize(
    ("level", "name", "shape"),
    [
        ("district", "南山区", TURNED),
        ("street", "粤海街道", TURNED.buffer(-0.05)),
        ("zone", "Z7", TURNED),
    ],
)
def test_every_outline_around_imported_ones_has_at_most_seven_decimals_and_is_valid(
    level: str, name: str, shape: object
) -> None:
    is_rounded(with_imported(known(), layer(level, **{name: shape})))


def test_so_have_drawn_ones_and_those_that_earlier_programs_stored() -> None:
    is_rounded(known())
    before = known().districts.assign(geometry=TURNED).set_crs(4326)
    is_rounded(replace(known(), districts=before))


def is_rounded(found: Outlines) -> None:
    frames = [found.streets, found.districts, found.zones, drawn(found)]
    for outlines in [*(frame.geometry.to_numpy() for frame in frames), [service_area(found)]]:
        degrees = shapely.get_coordinates(outlines)
        assert (degrees == degrees.round(7)).all()
        assert shapely.is_valid(outlines).all()


def test_drawn_neighbours_share_every_corner() -> None:
    assert shapely.coverage_is_valid(known().streets.geometry.to_numpy())
    assert shapely.coverage_is_valid(known().districts.geometry.to_numpy())
    corners = {tuple(at) for at in shapely.get_coordinates(known().streets.geometry.to_numpy())}
    districts = shapely.get_coordinates(known().districts.geometry.to_numpy())
    assert {tuple(at) for at in districts} <= corners
