"""Cells as people type them: what is mended and how, and what stays unknown."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.headings import FIELDS, SYNONYMS, meaning
from geodata.sources.repairs import (
    Dialling,
    count,
    day,
    degrees,
    garbled,
    one_word,
    pair,
    phone_length,
    phones,
    place_id,
    swapped,
)
from geodata.sources.service_words import has, offered
from geodata.space.coordinates import Datum
from geodata.vocabulary import Service

#: A city of the mainland.
HERE = Dialling("CN", ("0755",))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("113.96", 113.96),
        ("１１３．９６", 113.96),
        (" 113.96 ", 113.96),
        ("113.96°", 113.96),
        ("113.96°E", 113.96),
        ("E113.96", 113.96),
        ("东经113.96度", 113.96),
        ("北纬22.54", 22.54),
        ("113°57'36\"E", 113.96),
        ("113°57′36″", 113.96),
        ("113度57分36秒", 113.96),
        ("22°32.4'N", 22.54),
        ("22°32'24\"S", -22.54),
        ("abc", None),
        ("", None),
        ("1e2", None),
        ("nan", None),
        ("113°70'00\"", None),
        ("113,96", 113.96),
        ("1,139", 1.139),
        ("113,", None),
        ("1139.6", None),
    ],
)
def test_degrees_are_read_however_they_are_marked(text: str, value: float | None) -> None:
    assert degrees(text)[0] == (value if value is None else pytest.approx(value, abs=1e-7))


@given(st.floats(-180, 180))
def test_degrees_minutes_and_seconds_are_the_degrees_they_were_made_of(value: float) -> None:
    whole = abs(value)
    minutes = (whole - int(whole)) * 60
    seconds = round((minutes - int(minutes)) * 60, 4)
    text = f"{int(whole)}°{int(minutes)}'{min(seconds, 59.9999):.4f}\"{'W' if value < 0 else 'E'}"
    assert degrees(text)[0] == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "113.96,22.54",
        "113.96，22.54",
        "113.96 22.54",
        "(113.96, 22.54)",
        "[113.96,22.54]",
        "POINT (113.96 22.54)",
        "113.96;22.54",
    ],
)
def test_two_numbers_in_one_cell_are_taken_apart(text: str) -> None:
    assert pair(text) == ("113.96", "22.54")


def test_only_what_cannot_be_a_latitude_counts_as_swapped() -> None:
    assert swapped(22.54, 113.96)
    assert not swapped(113.96, 22.54)
    assert not swapped(22.54, 45.0)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0755-82333707;18928932957", ["0755-82333707", "18928932957"]),
        ("０７５５－８２３３３７０７", ["0755-82333707"]),
        ("82333707", ["0755-82333707"]),
        ("(0755)82333707", ["0755-82333707"]),
        ("075582333707", ["0755-82333707"]),
        ("+86 138 0013 8000", ["13800138000"]),
        ("电话：13800138000（王）", ["13800138000"]),
        ("187****2336", ["187****2336"]),
        ("187****2336;;139****0001", ["187****2336", "139****0001"]),
        ("0755-82333707转123", ["0755-82333707转123"]),
        ("0755-82333707 ext.123", ["0755-82333707转123"]),
        ("400-812-3123", ["4008123123"]),
        ("12355", ["12355"]),
        ("13800138000、13800138000", ["13800138000"]),
        ("020-83333333", ["020-83333333"]),
        ("0762-3333333", ["0762-3333333"]),
        ("95105105", ["95105105"]),
        ("110、120", ["110", "120"]),
        ("8008201234", ["8008201234"]),
        ("0898-66668888", ["0898-66668888"]),
        ("19912345678", ["19912345678"]),
    ],
)
def test_telephones_get_their_area_code_and_keep_mask_and_extension(
    text: str, numbers: list[str]
) -> None:
    assert phones(text, HERE) == (numbers, [])


@pytest.mark.parametrize(
    ("part", "digits", "right"),
    [
        ("0755-2600123", 7, 8),
        ("0769-2233445", 7, 8),
        ("0769 223344556", 9, 8),
        ("(010)8888777", 7, 8),
        ("电话：020-8888777", 7, 8),
        ("0943-888888", 6, 7),
    ],
)
def test_digits_that_lack_behind_any_area_code_are_counted(
    part: str, digits: int, right: int
) -> None:
    assert phones(part, HERE)[1]
    found = phone_length(part, HERE)
    assert found is not None
    assert found.startswith(f"{digits} digits where {right} are right behind 0")


@pytest.mark.parametrize("part", ["0000-1234567", "2026-1234567", "0769-22", "找保安", "0-1234567"])
def test_of_what_is_no_telephone_at_all_no_digits_are_counted(part: str) -> None:
    assert phone_length(part, HERE) is None


def test_what_is_no_telephone_is_told() -> None:
    assert phones("找保安", HERE) == ([], ["找保安"])
    assert phones("1380013800", HERE) == (["1380013800"], ["1380013800"])
    assert phones("0769-2283333", HERE) == (
        ["0769-2283333"],
        ["0769-2283333"],
    )  # Dongguan has eight
    assert phones("0314-123456", HERE) == (["0314-123456"], ["0314-123456"])


@pytest.mark.parametrize(
    ("text", "found", "unknown"),
    [
        ("热水、微波炉、空调", ["hot_water", "microwave", "air_con"], []),
        ("热水，微波炉;空调/WiFi|座椅", ["hot_water", "microwave", "air_con", "wifi", "seat"], []),
        ("提供热水、免费WIFI、微波炉等", ["hot_water", "wifi", "microwave"], []),
        ("热水微波炉", ["hot_water", "microwave"], []),
        ("热水和微波炉", ["hot_water", "microwave"], []),
        ("hot_water;seat", ["hot_water", "seat"], []),
        ("热水、热水", ["hot_water"], []),
        ("热水、按摩椅", ["hot_water"], ["按摩椅"]),
        ("无", [], []),
    ],
)
def test_services_are_matched_to_the_vocabulary_and_unknown_words_are_told(
    text: str, found: list[str], unknown: list[str]
) -> None:
    said = offered(text)
    assert ([*said.there], [*said.unknown]) == (found, unknown)


def test_a_word_that_somebody_explained_is_known() -> None:
    said = offered("按摩椅、热水", {"按摩椅": Service.NAP_SPACE})
    assert said.there == (Service.NAP_SPACE, Service.HOT_WATER)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("kind", "暖蜂驿站", "warm_bee_station"),
        ("kind", "司机之家", "driver_home"),
        ("kind", "爱心商家", "friendly_merchant"),
        ("kind", "toilet", None),
        ("kind", "暖蜂驿站、邮筒", None),
        ("kind", "暖蜂驿站、司机之家", None),
        ("audience", "外卖骑手", "rider"),
        ("zones", "绿色畅通", "green_passage"),
    ],
)
def test_kinds_audiences_and_zones_are_known_by_their_words(
    field: str, text: str, value: str | None
) -> None:
    assert one_word(text, field) == value


@pytest.mark.parametrize(
    ("text", "answer"),
    [("有", True), ("√", True), ("2台", True), ("无", False), ("", None), ("维修中", None)],
)
def test_a_cell_under_a_services_name_says_yes_no_or_neither(
    text: str, answer: bool | None
) -> None:
    assert has(text) is answer


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-01", "2026-11-01"),
        ("2026/11/1", "2026-11-01"),
        ("2026.11.1", "2026-11-01"),
        ("20261101", "2026-11-01"),
        ("2026年11月1日", "2026-11-01"),
        ("2026-11-01 09:00", "2026-11-01"),
        ("2026-13-01", None),
        ("昨天", None),
    ],
)
def test_dates_are_read_in_the_forms_of_chinese_tables(text: str, value: str | None) -> None:
    assert day(text)[0] == value


def test_seats_are_counted_and_ids_are_put_into_small_letters() -> None:
    assert [count(text)[0] for text in ("20", "２０", "20个", "20座", "many", "10-20")] == [
        20,
        20,
        20,
        20,
        None,
        None,
    ]
    assert [place_id(text) for text in ("ST_001", "st-001", "A B")] == ["st-001", "st-001", "A B"]


def test_damaged_text_is_recognised() -> None:
    assert all(map(garbled, ("锟斤拷", "\ufffd站", "æ·±åœ³é©¿ç«™")))
    assert not any(map(garbled, ("暖蜂驿站", "Café Plaza", "")))


def test_the_headings_of_twelve_real_tables_are_known_where_they_say_what_a_place_needs(
    real_data: Path,
) -> None:
    with (real_data / "import-examples" / "column_headings.csv").open(encoding="utf-8") as source:
        tables = {row["dataset"]: row["columns"] for row in csv.DictReader(source)}
    known = {
        name: {
            said.field
            for part in text.replace("|", ",").split(",")
            if (said := meaning(part.strip()))
        }
        for name, text in tables.items()
    }
    placed = [
        name for name, fields in known.items() if {"lon", "lat"} <= fields or "lonlat" in fields
    ]
    assert len(placed) >= 8
    assert all(
        "name" in known[name] for name in placed if "draft schema" not in name
    )  # that one is no table


@pytest.mark.parametrize(
    ("heading", "field", "datum"),
    [
        ("经度(lon)", "lon", None),
        ("WGS84_经度", "lon", Datum.WGS84),
        ("GCJ02_纬度", "lat", Datum.GCJ02),
        ("经度（百度）", "lon", Datum.BD09),
        ("* 联系电话（必填）", "phone", None),
        ("serviceTime", "opening_hours_text", None),
        ("ad_info.district", "district", None),
        ("微波炉", "service:microwave", None),
        ("Unnamed: 0", None, None),
    ],
)
def test_a_heading_is_known_with_its_marks(
    heading: str, field: str | None, datum: Datum | None
) -> None:
    said = meaning(heading)
    assert (said.field if said else None, said.datum if said else None) == (field, datum)


def test_every_synonym_means_the_field_it_stands_under() -> None:
    for field, text in SYNONYMS.items():
        assert field in FIELDS
        for word in text.split():
            said = meaning(word)
            assert said is not None
            assert said.field == field, word
