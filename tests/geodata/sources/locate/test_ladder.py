"""The ladder on a small town drawn by hand: 100 m are 0.001° of a grid round 0° E, 0° N."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.locate import from_extract
from geodata.sources.locate.book import AddressBook, BookEntry, Sort, from_parquet, to_parquet
from geodata.sources.locate.candidates import LEAST_M, Rung
from geodata.sources.locate.ladder import Found, Sought, locate
from geodata.sources.locate.plane import apart_m
from geodata.space.coordinates import geodesic_m


def at(x: float, y: float) -> shapely.Point:
    """Hundreds of metres east and north."""
    return shapely.Point(x / 1000, y / 1000)


def course(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(x / 1000, y / 1000) for x, y in points])


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(west / 1000, south / 1000, east / 1000, north / 1000)


TOWN = AddressBook(
    (
        BookEntry(Sort.CITY, "蜂城市", box(-50, -50, 50, 50)),
        BookEntry(Sort.DISTRICT, "东区", box(0, -50, 50, 50), ("旧东区",)),
        BookEntry(Sort.DISTRICT, "西区", box(-50, -50, 0, 50)),
        BookEntry(Sort.STREET_OFFICE, "花山街道", box(5, -20, 25, 20)),
        BookEntry(Sort.STREET_OFFICE, "水边街道", box(-25, -20, -5, 20)),
        BookEntry(Sort.ROAD, "花山路", course((6, 0), (20, 0))),
        BookEntry(Sort.ROAD, "北街", course((10, -5), (10, 5))),
        BookEntry(Sort.ROAD, "人民路", course((15, 5), (20, 5))),
        BookEntry(Sort.ROAD, "人民路", course((-20, 5), (-15, 5))),
        BookEntry(Sort.ROAD, "出城路", course((30, 0), (60, 0))),
        BookEntry(Sort.HOUSE_NUMBER, "10", at(7, 0.2), of="花山路"),
        BookEntry(Sort.HOUSE_NUMBER, "14号", at(8, 0.2), of="花山路"),
        BookEntry(Sort.HOUSE_NUMBER, "18号", at(9, 0.2), of="花山路"),
        BookEntry(Sort.HOUSE_NUMBER, "3", at(16, 5.1), of="人民路"),
        BookEntry(Sort.HOUSE_NUMBER, "3", at(-16, 5.1), of="人民路"),
        BookEntry(Sort.STATION, "蜂巢", at(12, 2), reach_m=300.0),
        BookEntry(Sort.ENTRANCE, "A", at(12.5, 2.5), of="蜂巢"),
        BookEntry(Sort.ENTRANCE, "B1", at(11.5, 1.5), of="蜂巢"),
        BookEntry(Sort.LANDMARK, "采蜜大厦", box(13, 0.2, 13.4, 0.6), reach_m=20.0),
        BookEntry(Sort.LANDMARK, "王浆广场", at(18, 8), reach_m=30.0),
        BookEntry(Sort.CHAIN, "甜甜奶茶", at(8.1, 0.3), reach_m=30.0),
        BookEntry(Sort.VILLAGE, "上坡村", at(-10, -10), reach_m=500.0),
        BookEntry(Sort.VILLAGE, "下坡村", at(20, -10), reach_m=500.0),
        BookEntry(Sort.VILLAGE, "下坡村", at(-20, -10), reach_m=500.0),
    ),
    coverage=box(-50, -50, 50, 50),
)


def found(address: str, district: str = "", street: str = "") -> Found:
    return locate(Sought(address, district, street), TOWN)


def away_m(answer: Found, truth: shapely.Point) -> float:
    assert answer.lon is not None
    assert answer.lat is not None
    return float(geodesic_m(answer.lon, answer.lat, truth.x, truth.y))


@pytest.mark.parametrize(
    ("address", "rung", "truth"),
    [
        ("东区花山街道采蜜大厦", Rung.PLACE, at(13.2, 0.4)),
        ("蜂巢地铁站A口", Rung.PLACE, at(12.5, 2.5)),
        ("蜂巢站B出口", Rung.PLACE, at(11.5, 1.5)),
        ("花山路14号", Rung.HOUSE_NUMBER, at(8, 0.2)),
        ("花山路12号", Rung.HOUSE_NUMBER, at(7.5, 0.2)),
        ("花山路14号之2", Rung.HOUSE_NUMBER, at(8, 0.3)),
        ("花山路与北街交叉口", Rung.JUNCTION, at(10, 0)),
        ("花山路北街路口往东100米", Rung.LANDMARK, at(11, 0)),
        ("王浆广场旁", Rung.LANDMARK, at(18.3, 8.3)),
        ("王浆广场对面", Rung.LANDMARK, at(18, 8.9)),
        ("王浆广场东侧100米", Rung.LANDMARK, at(19, 8.2)),
        ("东区人民路3号", Rung.HOUSE_NUMBER, at(16, 5.1)),
        ("人民路3号（西区）", Rung.HOUSE_NUMBER, at(-16, 5.1)),
        ("花山路14号甜甜奶茶", Rung.PLACE, at(8.1, 0.3)),
    ],
)
def test_pins(address: str, rung: Rung, truth: shapely.Point) -> None:
    answer = found(address)
    assert answer.rung is rung, answer
    assert answer.is_pin
    assert answer.radius_m is not None
    assert LEAST_M[rung] <= answer.radius_m
    assert away_m(answer, truth) <= answer.radius_m


@pytest.mark.parametrize(
    ("address", "rung", "truth"),
    [
        ("花山路99号", Rung.ROAD, at(19, 0.5)),
        ("东区花山街道花山路", Rung.ROAD, at(6.2, 0.5)),
        ("上坡村12号", Rung.COMMUNITY, at(-11, -13)),
        ("东区下坡村", Rung.COMMUNITY, at(22, -9)),
        ("花山街道不知名路3号", Rung.STREET_OFFICE, at(24, 19)),
        ("蜂巢站", Rung.PLACE, at(14, 1)),
        ("蜂巢站C口", Rung.LANDMARK, at(14, 1)),
    ],
)
def test_coarse_answers_hold_and_are_no_pins(
    address: str, rung: Rung, truth: shapely.Point
) -> None:
    answer = found(address)
    assert answer.rung is rung, answer
    assert not answer.is_pin
    assert answer.radius_m is not None
    assert away_m(answer, truth) <= answer.radius_m


@pytest.mark.parametrize(
    ("address", "district", "reason"),
    [
        ("人民路3号", "", "人民路 is 2 places here; the address does not say which"),
        ("下坡村", "", "下坡村 is 2 places here; the address does not say which"),
        ("西区采蜜大厦", "", "采蜜大厦 does not lie in 西区"),
        ("采蜜大厦", "西区", "采蜜大厦 does not lie in 西区"),
        ("西区花山街道采蜜大厦", "", "花山街道 does not lie in 西区"),
        ("南区采蜜大厦", "", "南区 is not in this address book"),
        ("隔壁市东区采蜜大厦", "", "隔壁市 is not in this address book"),
        ("甜甜奶茶", "", "甜甜奶茶 is one of many; a house number would say which"),
        ("出城路5号", "", "出城路 goes on beyond what is known here"),
        ("北街与人民路交叉口", "", "北街 and 人民路 do not meet here"),
        ("新花山路14号", "", "the road 新花山路 is not known here"),
        ("喵喵喵", "", "not read: 喵喵喵"),
    ],
)
def test_what_is_not_certain_is_told_and_has_no_pin(
    address: str, district: str, reason: str
) -> None:
    answer = found(address, district)
    assert not answer.is_pin, answer
    assert reason in list(map(str, answer.evidence)), answer.evidence


def test_two_candidates_that_contradict_each_other_give_none() -> None:
    answer = found("花山路14号王浆广场")
    assert not answer.is_pin
    assert any("apart" in str(each) or "does not stand on" in str(each) for each in answer.evidence)


def cut_town(southern: BookEntry) -> AddressBook:
    """The town whose south is a district of its own, cut by the extract's edge."""
    kept = [entry for entry in TOWN.entries if entry.name not in ("东区", "西区")]
    north = BookEntry(Sort.DISTRICT, "北区", box(-50, -15, 50, 50))
    return AddressBook((*kept, north, southern), TOWN.coverage)


@pytest.mark.parametrize(
    "southern",
    [
        BookEntry(Sort.DISTRICT, "南区", at(0, -40)),
        BookEntry(Sort.DISTRICT, "南区", shapely.Point()),
        BookEntry(Sort.DISTRICT, "南区", box(-50, -50, 50, -15), (), "", 3_000.0),
    ],
    ids=["a place node", "a name alone", "drawn about its middle"],
)
@pytest.mark.parametrize(
    ("address", "district"),
    [
        ("南区采蜜大厦", ""),
        ("采蜜大厦", "南区"),
        ("花山路14号", "南区"),
        ("花山路与北街交叉口", "南区"),
        ("王浆广场旁", "南区"),
    ],
)
def test_a_wrong_district_is_caught_though_its_own_outline_is_cut(
    southern: BookEntry, address: str, district: str
) -> None:
    book = cut_town(southern)
    answer = locate(Sought(address, district), book)
    assert not answer.is_pin, answer
    assert any("南区" in str(each) for each in answer.evidence), answer.evidence
    right = locate(Sought(address.removeprefix("南区"), "北区"), book)
    assert right.is_pin, right


def test_a_district_without_an_outline_keeps_what_may_lie_in_it_and_says_so() -> None:
    book = cut_town(BookEntry(Sort.DISTRICT, "南区", at(0, -40)))
    hall = BookEntry(Sort.LANDMARK, "南区会堂", at(2, -30), reach_m=30.0)
    at_edge = BookEntry(Sort.LANDMARK, "河边亭", at(2, -14), reach_m=30.0)
    for name in ("南区会堂", "河边亭"):
        answer = locate(Sought(name, "南区"), book.with_entries([hall, at_edge]))
        assert answer.is_pin, answer
        assert "no outline of 南区 is known, so it was not compared" in map(str, answer.evidence)


def test_an_old_name_of_a_district_is_the_district() -> None:
    assert found("旧东区人民路3号").rung is Rung.HOUSE_NUMBER


def test_an_empty_address_is_not_found() -> None:
    assert found("") == Found(Rung.NOT_FOUND)


def test_a_book_comes_back_as_it_was_stored() -> None:
    again = from_parquet(to_parquet(TOWN))
    assert again.entries == TOWN.entries
    assert again.coverage is not None
    assert again.coverage.equals(TOWN.coverage)


PARTS = [
    "蜂城市",
    "东区",
    "西区",
    "花山街道",
    "水边街道",
    "花山路",
    "北街",
    "人民路",
    "14号",
    "3号",
    "与",
    "交叉口",
    "采蜜大厦",
    "王浆广场",
    "蜂巢站",
    "A口",
    "东侧",
    "100米",
    "旁",
    "下坡村",
    "不知名",
    "，",
]


@given(st.lists(st.sampled_from(PARTS), max_size=7).map("".join))
def test_an_answer_never_lies_outside_the_areas_that_it_names(address: str) -> None:
    """Of any address the point lies in, or at most 300 m from, each area that it names."""
    answer = found(address)
    if answer.lon is None or answer.lat is None:
        assert answer.rung is Rung.NOT_FOUND
        return
    assert answer.radius_m is not None
    assert answer.radius_m >= LEAST_M[answer.rung]
    point = shapely.Point(answer.lon, answer.lat)
    for area in TOWN.entries:
        first = address.startswith(area.name)
        if area.sort in (Sort.DISTRICT, Sort.STREET_OFFICE) and first:
            assert apart_m(area.shape, point) <= 300.0 + answer.radius_m


def test_a_bend_whose_buffer_has_slivers_is_one_road() -> None:
    bend = "9.545544 47.2249545, 9.5452641 47.2248287, 9.5450493 47.2247613, 9.544839 47.2247151"
    line = shapely.from_wkt(f"LINESTRING ({bend}, 9.5446657 47.2246889, 9.5445957 47.2246942)")
    book = AddressBook((BookEntry(Sort.ROAD, "弯路", line),))
    assert [each.name for each in book.groups("弯路", Sort.ROAD)] == ["弯路"]


@pytest.mark.parametrize(
    ("tags", "reach_m"),
    [
        ({"leisure": "park", "landuse": "grass"}, 600.0),
        ({"tourism": "attraction", "natural": "peak"}, 1_000.0),
        ({"shop": "kiosk"}, 30.0),
        ({}, 30.0),
    ],
)
def test_a_point_reaches_as_far_as_the_widest_thing_that_it_is(
    tags: dict[str, str], reach_m: float
) -> None:
    assert from_extract._point_reach_m(tags) == reach_m
