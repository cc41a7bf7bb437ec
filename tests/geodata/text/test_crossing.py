"""A text that names two roads is parted in them, and any other is left whole."""

import pytest

from geodata.text.crossing import two_roads


@pytest.mark.parametrize(
    "typed",
    [
        "深南大道沙河东路",
        "深南大道与沙河东路",
        "深南大道和沙河东路交叉口",
        "深南大道与沙河东路路口",
        "深南大道沙河东路口",
        "深南大道沙河东路的交汇处",
        "深南大道/沙河东路",
        "深南大道／沙河东路",
        "深南大道 × 沙河东路",
        "深南大道 & 沙河东路",
        "深南大道、沙河东路",
        "  深南大道跟沙河东路十字路口 ",
        "深南大道 沙河东路",
    ],
)
def test_every_way_to_write_a_junction_names_its_two_roads(typed: str) -> None:
    assert two_roads(typed)[0] == ("深南大道", "沙河东路")


@pytest.mark.parametrize(
    ("typed", "one", "other"),
    [
        ("Shennan Blvd & Shahe Rd", "shennan blvd", "shahe rd"),
        ("Shennan and Shahe junction", "shennan", "shahe"),
        ("深南与沙河东交叉口", "深南", "沙河东"),
        ("人民路和平路", "人民路", "平路"),  # or 和平路: both are tried
    ],
)
def test_roads_are_parted_by_what_stands_between_them(typed: str, one: str, other: str) -> None:
    assert two_roads(typed)[0] == (one, other)


def test_what_may_be_an_and_or_a_part_of_a_name_is_tried_as_both() -> None:
    assert ("人民路", "和平路") in two_roads("人民路和平路")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "白石洲",
        "深南大道",
        "沙河东路",
        "路路",
        "华强路地铁站",
        "shenzhen",
        "a/b/c",
        "南山街道",
        "/",
        "与",
    ],
)
def test_what_names_no_two_roads_is_left_whole(typed: str) -> None:
    assert two_roads(typed) == []
