"""Which things a base map draws."""

import pytest

from geodata.ground import tags


@pytest.mark.parametrize(
    ("said", "layer", "kind"),
    [
        ({"natural": "water"}, "water", "water"),
        ({"leisure": "park"}, "green", "park"),
        ({"landuse": "forest"}, "green", "wood"),
        ({"building": "apartments"}, "building", "building"),
        ({"highway": "pedestrian", "area": "yes"}, "land", "plaza"),
    ],
)
def test_an_area_is_drawn_as_what_its_tags_say(said: dict[str, str], layer: str, kind: str) -> None:
    assert tags.area(said)[:2] == (layer, kind)


@pytest.mark.parametrize(
    "said",
    [
        {"boundary": "administrative", "admin_level": "4"},
        {"boundary": "administrative", "admin_level": "2", "border_type": "nation"},
        {"building": "no"},
        {"highway": "proposed"},
        {"highway": "construction"},
        {"railway": "abandoned"},
        {"highway": "footway", "footway": "sidewalk"},
        {},
    ],
)
def test_borders_and_what_is_not_there_are_drawn_as_nothing(said: dict[str, str]) -> None:
    assert tags.area(said) is None
    assert tags.course(said) is None


def test_a_closed_road_is_a_road_and_no_area() -> None:
    roundabout = {"highway": "primary", "junction": "roundabout"}
    assert tags.area(roundabout) is None
    assert tags.course(roundabout).kind == "primary"


def test_larger_roads_come_into_sight_before_smaller_ones() -> None:
    classes = ("motorway", "primary", "secondary", "tertiary", "residential", "service", "footway")
    zooms = [tags.course({"highway": each}).zoom for each in classes]
    assert zooms == sorted(zooms)
    assert zooms[0] == tags.FIRST_ZOOM
    assert zooms[-1] == tags.LAST_ZOOM


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"name": "深南大道", "name:en": "Shennan Avenue"}, ("深南大道", None, "Shennan Avenue")),
        (
            {"name": "Mannerheimintie", "name:zh": "曼纳海姆路"},
            ("Mannerheimintie", "曼纳海姆路", None),
        ),
        ({"name": "大冲", "name:zh": "大冲"}, ("大冲", None, None)),
        ({"name:en": "Dachong"}, ("Dachong", None, None)),
    ],
)
def test_a_name_is_kept_in_each_language_once(said: dict[str, str], names: tuple[str, ...]) -> None:
    assert tags.names(said) == names


def test_what_has_no_name_has_none() -> None:
    assert tags.names({"highway": "primary", "ref": "G4"}) is None


def test_every_kind_has_a_zoom_among_the_tiles() -> None:
    lines = (*tags._AREAS, *tags._COURSES, *tags._NAMED)
    assert {drawn.layer for *_, drawn in lines} == set(tags.LAYERS)
    assert all(tags.FIRST_ZOOM <= drawn.zoom <= tags.LAST_ZOOM for *_, drawn in lines)
