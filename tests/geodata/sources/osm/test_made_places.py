"""Twins, conditions, hours and labels on a map of a few things made by hand."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from geodata.sources.osm import places
from geodata.sources.osm.outlines import city_of
from geodata.sources.osm.places import OsmRead, places_of

TODAY = date(2026, 11, 30)


def node(number: int, east: float, north: float, **tags: str) -> str:
    """A node so many 1e-4 degrees (about 10 m) from 114, 22."""
    return (
        f'<node id="{number}" lon="{114 + east * 1e-4:.7f}" lat="{22 + north * 1e-4:.7f}">'
        f"{written(tags)}</node>"
    )


def way(number: int, refs: Sequence[int], **tags: str) -> str:
    inner = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{number}">{inner}{written(tags)}</way>'


def written(tags: dict[str, str]) -> str:
    return "".join(
        f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in tags.items()
    )


def square(first: int, east: float, north: float, side: float = 2) -> list[str]:
    corners = [(0, 0), (side, 0), (side, side), (0, side)]
    return [node(first + at, east + x, north + y) for at, (x, y) in enumerate(corners)]


def read(folder: Path, *parts: str) -> OsmRead:
    edges = [node(901, -500, -500, place="suburb", name="东边村"), node(902, 500, 500)]
    path = folder / "made.osm"
    body = "".join(sorted([*edges, *parts], key=lambda part: "<way" in part))
    path.write_text(f'<osm version="0.6">{body}</osm>', encoding="utf-8")
    return places_of(path, city_of(path), TODAY)


def ids(found: OsmRead) -> list[str]:
    return found.places["id"].tolist()


def test_a_node_in_the_building_of_its_type_is_the_same_place(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        *square(1, 0, 0),
        way(1, [1, 2, 3, 4, 1], amenity="library", name="书城"),
        node(10, 1, 1, amenity="library", name="书城", opening_hours="24/7", wheelchair="yes"),
        node(11, 0.5, 0.5, amenity="library"),
        node(12, 1.5, 1, amenity="library", name="另一馆"),
        node(13, 1, 0.5, amenity="toilets"),
        node(14, 30, 30, amenity="library", name="书城"),
    )
    assert ids(found) == ["osm-n12", "osm-n13", "osm-n14", "osm-w1"]
    assert found.dropped == {places.TWICE: 2}


def test_a_stop_and_its_platform_are_one_shelter(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        node(1, 0, 0, highway="bus_stop", shelter="yes", name="站", bench="yes"),
        node(2, 1, 1, public_transport="platform", shelter="yes", name="站"),
        node(3, 9, 9, public_transport="platform", shelter="yes", name="站"),
    )
    assert ids(found) == ["osm-n1", "osm-n3"]


def test_what_is_closed_to_the_public_gone_or_asleep_is_counted_not_listed(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        node(1, 0, 0, amenity="toilets", access="private"),
        node(2, 3, 0, amenity="toilets", access="customers"),
        node(3, 6, 0, amenity="toilets", disused="yes"),
        node(4, 9, 0, disused__amenity="toilets"),
        node(5, 12, 0, amenity="fast_food", opening_hours="10:00-22:00"),
        node(6, 15, 0, amenity="fast_food", opening_hours="10:00-02:00"),
        node(7, 18, 0, amenity="fast_food", opening_hours="24/7"),
        node(8, 21, 0, amenity="fast_food"),
        node(9, 24, 0, amenity="fast_food", opening_hours="ask"),
        '<relation id="1"><member type="way" ref="77" role="outer"/>'
        '<tag k="type" v="multipolygon"/><tag k="amenity" v="library"/></relation>',
    )
    assert ids(found) == ["osm-n2", "osm-n6", "osm-n7"]
    assert found.dropped == {
        places.PRIVATE: 1,
        places.GONE: 2,
        places.NOT_AT_NIGHT: 3,
        places.CUT: 1,
    }
    assert '"how":"仅限顾客"' in found.places["entry"].iloc[0]


@pytest.mark.parametrize(
    ("east", "name", "name_en"),
    [
        (1, "公共厕所（龙翔大道）", "Public toilet (Longxiang Avenue)"),
        (41, "公共厕所（第一医院）", "Public toilet (第一医院)"),
        (300, "公共厕所", "Public toilet"),
    ],
)
def test_a_place_without_a_name_is_called_by_what_it_is_and_where(
    tmp_path: Path, east: float, name: str, name_en: str
) -> None:
    found = read(
        tmp_path,
        node(1, 0, -50),
        node(2, 0, 50),
        way(1, [1, 2], highway="primary", name="龙翔大道", name__en="Longxiang Avenue"),
        node(3, 40, 0, amenity="hospital", name="第一医院"),
        node(4, east, 0, amenity="toilets"),
    )
    row = found.places.iloc[0]
    assert (row["name"], row["name_en"]) == (name, name_en)
    assert row["src_id"] == "node/4"


def test_an_area_is_a_point_inside_it(tmp_path: Path) -> None:
    # A letter U, whose centroid lies in its gap.
    spots = [(0, 0), (9, 0), (9, 9), (8, 9), (8, 1), (1, 1), (1, 9), (0, 9)]
    corners = [node(at + 1, x, y) for at, (x, y) in enumerate(spots)]
    ring = [*range(1, 9), 1]
    found = read(tmp_path, *corners, way(5, ring, highway="services", area="yes"))
    point = found.places.geometry.iloc[0]
    east, north = (point.x - 114) * 1e4, (point.y - 22) * 1e4
    assert 0 < east < 9
    assert 0 < north < 9
    assert not (1 < east < 8 and north > 1)


def test_a_map_without_places_gives_an_empty_table(tmp_path: Path) -> None:
    found = read(tmp_path, node(1, 0, 0, amenity="cafe"))
    assert len(found.places) == 0
    assert found.dropped == {}
