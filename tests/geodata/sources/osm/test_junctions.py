"""Where named roads meet, on a map of a few roads made by hand, and in the demo's own table."""

from pathlib import Path

import pandas as pd
import pytest

from geodata.sources.demo import streets
from geodata.sources.osm import gazetteer
from geodata.sources.osm.gazetteer import OsmLandmark, landmarks_of
from tests.demo_extract import named_roads
from tests.geodata.sources.osm.test_made_places import node, way


def junctions(folder: Path, *ways: str) -> list[tuple[str, str]]:
    nodes = [node(10 * x + y, 10 * x, 10 * y) for x in range(1, 8) for y in range(8)]
    path = folder / "roads.osm"
    path.write_text(f'<osm version="0.6">{"".join([*nodes, *ways])}</osm>', encoding="utf-8")
    found = [each for each in landmarks_of(path) if each.kind == "junction"]
    return [(each.name, f"{each.lon:.3f},{each.lat:.3f}") for each in found]


def test_two_roads_meet_where_they_share_a_node_the_larger_first(tmp_path: Path) -> None:
    assert junctions(
        tmp_path,
        way(1, [10, 11, 12], highway="residential", name="小街"),
        way(2, [21, 11, 31], highway="primary", name="大道"),
        way(3, [21, 32], highway="primary_link", name="支路"),
        way(4, [12, 77], highway="footway", name="步道"),
        way(5, [12, 22], highway="service"),
    ) == [("大道/支路", "114.002,22.001"), ("大道/小街", "114.001,22.001")]


def test_a_road_of_two_carriageways_and_its_side_lanes_meet_another_once(tmp_path: Path) -> None:
    assert junctions(
        tmp_path,
        way(1, [10, 11, 12, 13], highway="secondary", name="东路"),
        way(2, [21, 11, 31], highway="primary", name="大道"),
        way(3, [22, 12, 32], highway="primary", name="大道"),
        way(4, [23, 13, 33], highway="primary", name="大道辅路"),
    ) == [("大道/东路", "114.001,22.002")]


def test_roads_that_meet_twice_far_apart_are_two_junctions(tmp_path: Path) -> None:
    found = junctions(
        tmp_path,
        way(1, [10, 20, 30, 40, 50, 60, 70], highway="secondary", name="直路"),
        way(2, [10, 17, 77, 70], highway="secondary", name="环路"),
    )
    assert [name for name, _ in found] == ["环路/直路"] * 2


def test_a_road_that_goes_on_and_an_interchange_are_no_junction(tmp_path: Path) -> None:
    assert not junctions(
        tmp_path,
        way(1, [10, 11], highway="primary", name="科苑路"),
        way(2, [11, 12], highway="primary", name="科苑路北段"),
        way(3, [12, 13], highway="primary_link", name="北环立交"),
    )


@pytest.mark.parametrize(("apart_m", "many"), [(999.0, 1), (1_000.5, 2)])
def test_what_is_called_alike_within_a_kilometre_is_one(apart_m: float, many: int) -> None:
    north = apart_m / 111_320.0
    found = [
        OsmLandmark("蜂巢", "", sort, 114.0, 22.5 + at * north)
        for sort, at in (("metro", 0), ("metro", 1), ("mall", 0))
    ]
    kinds = [each.kind for each in gazetteer._once(found)]
    assert kinds == ["mall", *["metro"] * many]


def test_the_table_of_the_demo_is_made_of_its_extract() -> None:
    kept = streets.named()
    points = {"lon": kept.geometry.x, "lat": kept.geometry.y}
    kept = pd.DataFrame(kept[["name", "name_en", "kind"]]).assign(**points)
    pd.testing.assert_frame_equal(kept, named_roads().reset_index(drop=True), check_dtype=False)
    assert set(kept["kind"]) == {"road", "junction"}
