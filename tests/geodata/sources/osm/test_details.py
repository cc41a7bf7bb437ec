"""Who may go in, what it costs, when it is open and how fresh that is, out of tags."""

from datetime import date
from typing import Any

import pytest

from geodata.sources.osm.details import Details, details, private

TODAY = date(2026, 11, 30)
CHANGED = date(2020, 5, 6)


def told(*, chinese: bool = False, **tags: str) -> Details:
    plain = {key.replace("__", ":"): value for key, value in tags.items()}
    return details(plain, CHANGED, TODAY, chinese=chinese)


@pytest.mark.parametrize("access", ["private", "no", "employees", "residents", "military"])
def test_the_public_is_kept_out(access: str) -> None:
    assert private({"amenity": "toilets", "access": access})
    assert private({"amenity": "toilets", "toilets:access": access})


@pytest.mark.parametrize("access", ["yes", "public", "permissive", "customers", "unknown"])
def test_the_public_may_come(access: str) -> None:
    assert not private({"amenity": "toilets", "access": access})
    assert not private({})


@pytest.mark.parametrize(
    ("tags", "column", "value"),
    [
        ({"access": "yes"}, "door", "open"),
        ({}, "door", "unknown"),
        ({"supervised": "yes"}, "door", "staffed"),
        ({"fee": "yes"}, "fee", "yes"),
        ({"fee": "no"}, "fee", "no"),
        ({"fee": "donation"}, "fee", "no"),
        ({"charge": "1 EUR"}, "fee", "yes"),
        ({"fee": "unknown"}, "fee", None),
        ({}, "fee", None),
        ({"amenity": "toilets", "toilets__fee": "yes"}, "fee", "yes"),
        ({"wheelchair": "limited"}, "wheelchair", "limited"),
        ({"wheelchair": "perhaps"}, "wheelchair", None),
        ({"amenity": "toilets", "toilets__wheelchair": "yes"}, "wheelchair", "yes"),
        ({"level": "-1"}, "level", "-1"),
        ({"opening_hours": "Mo-Fr 08:00-18:00"}, "opening_hours", "Mo-Fr 08:00-18:00"),
        ({"opening_hours": "ask inside"}, "opening_hours", None),
        ({"opening_hours": "ask inside"}, "opening_hours_text", "ask inside"),
        ({"addr__street": "Ahornweg", "addr__housenumber": "3"}, "address", "Ahornweg 3"),
        ({"phone": "+358 9 310 8500; call us"}, "phones", ["+358 9 310 8500"]),
        ({"phone": "+423 (0) 12.34.56"}, "phones", ["+423 0 12 34 56"]),
    ],
)
def test_what_a_column_says(tags: dict[str, str], column: str, value: Any) -> None:
    assert getattr(told(**tags), column) == value


@pytest.mark.parametrize(
    ("tags", "how"),
    [
        ({"access": "customers"}, "仅限顾客"),
        ({"amenity": "toilets", "toilets__access": "customers"}, "仅限顾客"),
        ({"female": "yes"}, "仅限女性"),
        ({"female": "yes", "male": "yes"}, None),
        ({"female": "yes", "unisex": "yes"}, None),
        ({"access": "customers", "male": "yes"}, "仅限顾客；仅限男性"),
    ],
)
def test_a_condition_is_shown_in_the_citys_language(tags: dict[str, str], how: str | None) -> None:
    entry = told(chinese=True, **tags).entry
    assert entry == (how and f'{{"register":null,"how":"{how}","url":null}}')


def test_a_house_number_is_written_as_it_is_there() -> None:
    there = {"addr__street": "龙翔大道", "addr__housenumber": "8"}
    assert told(chinese=True, **there).address == "龙翔大道8号"


@pytest.mark.parametrize(
    ("tags", "day", "by"),
    [
        ({"check_date": "2024-02-03"}, date(2024, 2, 3), "check_date"),
        (
            {"check_date": "2021-01-01", "check_date:opening_hours": "2025-01-01"},
            date(2025, 1, 1),
            "check_date",
        ),
        ({"check_date": "2030-01-01"}, CHANGED, "last change"),
        ({"check_date": "spring"}, CHANGED, "last change"),
        ({"check_date": "2024-13-01"}, CHANGED, "last change"),
        ({}, CHANGED, "last change"),
    ],
)
def test_it_is_as_fresh_as_somebody_says(tags: dict[str, str], day: date, by: str) -> None:
    known = details(tags, CHANGED, TODAY, chinese=False)
    assert (known.verified_at, known.verified_by) == (day, by)
    assert details({}, None, TODAY, chinese=False).verified_at is None
