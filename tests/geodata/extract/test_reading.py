"""An extract as typed values: filtered, with areas, missing members and dates."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from geodata.errors import UnreadableFile
from geodata.extract import reading
from geodata.extract.entities import OsmArea, OsmNode, OsmRelation, OsmWay

TEXT = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
  <bounds minlat="1.0" minlon="2.0" maxlat="1.5" maxlon="2.5"/>
  <node id="1" version="2" timestamp="2026-03-04T05:06:07Z" lat="1.0" lon="2.0">
    <tag k="amenity" v="toilets"/></node>
  <node id="2" lat="1.0" lon="2.001"/>
  <node id="3" lat="1.001" lon="2.001"/>
  <node id="4" lat="1.001" lon="2.0"/>
  <node id="5" lat="1.4" lon="2.4"><tag k="shop" v="bakery"/></node>
  <way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
    <tag k="building" v="yes"/></way>
  <way id="2"><nd ref="1"/><nd ref="99"/><nd ref="3"/><tag k="highway" v="path"/></way>
  <way id="3"><nd ref="1"/><nd ref="2"/><nd ref="3"/></way>
  <way id="4"><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
  <relation id="7"><member type="way" ref="3" role="outer"/>
    <member type="way" ref="4" role="outer"/>
    <tag k="type" v="multipolygon"/><tag k="leisure" v="park"/></relation>
  <relation id="8"><member type="way" ref="3" role="outer"/><member type="way" ref="77" role=""/>
    <tag k="type" v="boundary"/><tag k="boundary" v="administrative"/></relation>
</osm>
"""


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    path = tmp_path / "small.osm"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_only_what_is_wanted_comes(extract: Path) -> None:
    wanted = reading.Keys(nodes=("amenity",), ways=("highway",), areas=("building", "leisure"))
    found = list(reading.entities(extract, wanted))
    node = next(each for each in found if isinstance(each, OsmNode))
    assert node == OsmNode(1, {"amenity": "toilets"}, 2.0, 1.0, date(2026, 3, 4))
    way = next(each for each in found if isinstance(each, OsmWay))
    assert (way.id, way.refs, way.is_closed, way.changed) == (2, [1, 99, 3], False, None)
    np.testing.assert_allclose(way.lonlat, [[2.0, 1.0], [np.nan, np.nan], [2.001, 1.001]])
    areas = {(each.letter, each.id): each for each in found if isinstance(each, OsmArea)}
    assert set(areas) == {("w", 1), ("r", 7)}
    square, triangle = (areas[key].shape for key in (("w", 1), ("r", 7)))
    assert isinstance(square, shapely.MultiPolygon)
    assert isinstance(triangle, shapely.MultiPolygon)
    assert square.area == pytest.approx(1e-6)
    assert triangle.equals(square)
    assert len(found) == 4
    assert reading.count(extract, wanted) == 2


def test_relations_are_found_first_and_their_missing_members_told(extract: Path) -> None:
    (relation,) = reading.relations(extract, "boundary", ("administrative",))
    assert isinstance(relation, OsmRelation)
    ways = {member.ref for member in relation.members if member.letter == "w"}
    assert ways - reading.present(extract, "w", ways) == {77}
    assert reading.present(extract, "w", ()) == frozenset()
    assert [node.id for node in reading.nodes_of(extract, {5, 50})] == [5]


def test_a_broken_relation_becomes_no_area(extract: Path) -> None:
    wanted = reading.Keys(areas=("boundary",), relations=("boundary",))
    assert [each.id for each in reading.entities(extract, wanted)] == [8]


def test_progress_hears_how_many_have_come(extract: Path) -> None:
    heard: list[int] = []
    wanted = reading.Keys(nodes=("amenity", "shop"))
    assert len(list(reading.entities(extract, wanted, heard.append))) == heard[-1] == 2


def test_the_box_is_what_the_header_says_or_what_the_nodes_fill(
    extract: Path, tmp_path: Path
) -> None:
    assert reading.box(extract) == pytest.approx((2.0, 1.0, 2.5, 1.5))
    bare = tmp_path / "bare.osm"
    lines = [line for line in TEXT.splitlines() if "<bounds" not in line]
    bare.write_text("\n".join(lines), encoding="utf-8")
    assert reading.box(bare) == pytest.approx((2.0, 1.0, 2.4, 1.4))


@pytest.mark.parametrize("more", ["", '<node id="2" lat="-45.0" lon="-139.5"/>'])
def test_one_node_or_a_line_of_them_has_ground_about_it(tmp_path: Path, more: str) -> None:
    path = tmp_path / "in the sea.osm"
    path.write_text(f'<osm version="0.6"><node id="1" lat="-45.0" lon="-140.0"/>{more}</osm>')
    found = reading.box(path)
    assert found is not None
    frame = shapely.box(*found)
    assert frame.area > 0
    assert frame.covers(shapely.Point(-140.0, -45.0))


def test_what_is_no_extract_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_text("no data", encoding="utf-8")
    for ask in (
        lambda: list(reading.entities(path, reading.Keys(nodes=("shop",)))),
        lambda: list(reading.relations(path, "boundary", ("administrative",))),
        lambda: list(reading.nodes_of(path, (1,))),
        lambda: reading.present(path, "n", (1,)),
        lambda: reading.box(path),
    ):
        with pytest.raises(UnreadableFile, match="cannot be read as OpenStreetMap data"):
            ask()


def test_what_is_not_there_or_not_in_order_is_told_so(tmp_path: Path) -> None:
    for path in (tmp_path / "没有 这个.osm.pbf", tmp_path):
        with pytest.raises(UnreadableFile, match=r"there is no file .*check its name"):
            reading.box(path)
    jumbled = tmp_path / "jumbled.osm"
    ways = "".join(
        f'<way id="{number}"><nd ref="1"/><nd ref="2"/><tag k="building" v="yes"/></way>'
        for number in (2, 1)
    )
    nodes = "".join(f'<node id="{number}" lat="1" lon="2"/>' for number in (1, 2))
    jumbled.write_text(f'<osm version="0.6">{nodes}{ways}</osm>', encoding="utf-8")
    with pytest.raises(UnreadableFile, match="osmium sort"):
        list(reading.entities(jumbled, reading.Keys(areas=("building",))))


def test_what_was_never_uploaded_is_told_so_and_lies_nowhere_in_silence(tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.osm"
    nodes = "".join(f'<node id="{number}" lat="1" lon="2.{-number}"/>' for number in (-2, -1))
    way = '<way id="7"><nd ref="-1"/><nd ref="-2"/><tag k="highway" v="primary"/></way>'
    drawn.write_text(f'<osm version="0.6">{nodes}{way}</osm>', encoding="utf-8")
    for ask in (
        lambda: list(reading.entities(drawn, reading.Keys(ways=("highway",)))),
        lambda: list(reading.ways_of(drawn, (7,))),
        lambda: list(reading.ways_of(drawn, (-7,))),
        lambda: list(reading.nodes_of(drawn, (-1,))),
        lambda: reading.present(drawn, "n", (-1, 5)),
    ):
        with pytest.raises(UnreadableFile, match=r"drawn\.osm .*osmium renumber"):
            ask()
