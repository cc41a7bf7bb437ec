"""A city's outline, levels and landmarks out of real extracts, whole and cut."""

from pathlib import Path

import pytest
import shapely

from geodata.errors import BadValue
from geodata.sources.osm.gazetteer import landmarks_of
from geodata.sources.osm.outlines import city_of


@pytest.fixture(scope="module")
def folder(real_data: Path) -> Path:
    return real_data / "osm"


def test_a_whole_country_has_its_levels(folder: Path) -> None:
    city = city_of(folder / "liechtenstein.osm.pbf")
    assert (city.name, city.country, city.is_box, city.is_chinese) == (
        "Liechtenstein",
        "LI",
        False,
        False,
    )
    assert list(city.districts["district"]) == ["Wahlkreis Oberland", "Wahlkreis Unterland"]
    assert len(city.streets) == 11
    assert not city.streets["approximate"].any()
    assert city.cut == ()
    owner = dict(zip(city.streets["street"], city.streets["district"], strict=True))
    assert (owner["Vaduz"], owner["Ruggell"]) == ("Wahlkreis Oberland", "Wahlkreis Unterland")
    whole = shapely.union_all(city.streets.geometry.to_numpy())
    assert whole.symmetric_difference(city.outline).area < 1e-6 * city.outline.area


@pytest.mark.parametrize("wanted", ["Vaduz", "vaduz", "1155956", 1155956])
def test_a_city_is_asked_for_by_name_or_number(folder: Path, wanted: str | int) -> None:
    city = city_of(folder / "liechtenstein.osm.pbf", wanted)
    assert (city.name, city.is_box) == ("Vaduz", False)
    assert list(city.districts["district"]) == ["Vaduz"]


def test_a_name_that_is_not_there_is_refused_with_those_that_are(folder: Path) -> None:
    with pytest.raises(BadValue, match=r"has no administrative area 'Atlantis'; it has .*Vaduz"):
        city_of(folder / "liechtenstein.osm.pbf", "Atlantis")


@pytest.mark.parametrize("wanted", ["深圳市", "深圳", 3464353])
def test_a_cut_city_is_the_box_and_says_what_is_missing(folder: Path, wanted: str | int) -> None:
    city = city_of(folder / "longgang_buji.osm.pbf", wanted)
    assert (city.name, city.is_box, city.is_chinese) == ("深圳市", True, True)
    cut = {each.name: each for each in city.cut}
    assert cut["深圳市"].members == 76
    assert 0 < len(cut["深圳市"].missing) < 76
    assert "龙岗区" in cut
    assert list(city.districts["district"]) == ["深圳市"]


def test_cut_areas_are_drawn_about_their_nodes_and_are_marked(folder: Path) -> None:
    city = city_of(folder / "helsinki_centre.osm.pbf")
    assert (city.name, city.country, city.is_box) == ("Helsinki", "FI", True)
    assert city.streets["approximate"].all()
    assert {"Kluuvi", "Kaartinkaupunki"} <= {*city.streets["street"]}
    assert set(city.streets["confidence"]) == {"label", "place"}
    drawn = {each.name for each in city.cut if each.is_drawn}
    assert drawn == {"Kluuvi", "Kaartinkaupunki"}
    assert all(each.missing for each in city.cut)
    areas = city.streets.geometry.to_numpy()
    assert shapely.area(areas).sum() == pytest.approx(city.outline.area, rel=1e-5)


def test_without_any_relation_the_box_is_called_like_the_file(folder: Path) -> None:
    city = city_of(folder / "beijing_haidian.osm.pbf")
    assert (city.name, city.is_box, city.is_chinese) == ("beijing_haidian", True, True)
    assert {*city.streets["street"]} == {"石板房", "双泉堡", "娘娘庙"}


@pytest.mark.parametrize(
    ("name", "kind", "called"),
    [
        ("longgang_buji", "metro", "大运"),
        ("longgang_buji", "road", "龙翔大道"),
        ("longgang_buji", "campus", "香港中文大学（深圳）"),
        ("beijing_haidian", "campus", "中国农业大学东校区"),
        ("helsinki_centre", "mall", "Forum"),
        ("liechtenstein", "village", "Triesenberg"),
        ("liechtenstein", "station", "Schaan-Vaduz"),
    ],
)
def test_what_people_steer_by_is_found_once(
    folder: Path, name: str, kind: str, called: str
) -> None:
    found = landmarks_of(folder / f"{name}.osm.pbf")
    assert [(each.kind, each.name) for each in found].count((kind, called)) == 1
    roads = [each.name for each in found if each.kind == "road"]
    assert len(roads) == len(set(roads))


def test_landmarks_stand_within_the_outline(folder: Path) -> None:
    path = folder / "liechtenstein.osm.pbf"
    city = city_of(path, "Vaduz")
    found = landmarks_of(path, city.outline)
    assert found
    assert all(city.outline.contains(shapely.Point(each.lon, each.lat)) for each in found)
    assert len(found) < len(landmarks_of(path))
