"""What differs between two versions is told place by place and field by field, and
nothing else is.
"""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import python_calamine
import shapely

from geodata.errors import UnreadableFile
from geodata.pipeline.differences import (
    ADDED,
    CHANGED,
    COMPARED,
    REMOVED,
    Difference,
    Differences,
    Field,
    compare,
    write,
)
from geodata.places.table import COLUMNS, validate
from geodata.space.coordinates import geodesic_m
from tests import makers


def table(raw: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    checked, rejects = validate(raw)
    assert not rejects
    return checked


def told(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[Difference, ...]:
    return compare(table(before), table(after))


def test_a_version_does_not_differ_from_itself() -> None:
    city = makers.random_city(60, lines=4)
    assert told(city, city.sample(frac=1, random_state=3)) == ()


def test_places_that_come_go_and_stay_are_told_apart() -> None:
    raw = makers.three_places()
    found = told(raw.iloc[:2], raw.iloc[1:])
    assert [(place.id, place.how) for place in found] == [
        ("station-1", REMOVED),
        ("street-1", ADDED),
    ]
    assert (found[0].lon, found[0].lat, found[0].name, found[0].moved_m) == (
        114.05,
        22.54,
        "莲花驿站",
        None,
    )


def test_a_move_is_told_in_metres_and_a_bent_street_by_its_middle() -> None:
    raw, moved = makers.three_places(), makers.three_places()
    moved.loc[0, "geometry"] = shapely.Point(114.0507, 22.5412)
    moved.loc[2, "geometry"] = shapely.LineString([(114.052, 22.541), (114.058, 22.543)])
    station, street = told(raw, moved)
    assert station.moved_m == pytest.approx(
        float(geodesic_m(114.05, 22.54, 114.0507, 22.5412)), abs=0.01
    )
    assert (station.how, station.fields) == (CHANGED, ())
    assert street.id == "street-1"
    assert 0 < street.moved_m < 100


def test_unknown_is_a_value_and_lists_are_compared_whole() -> None:
    raw = makers.three_places()
    other = makers.three_places(
        opening_hours=[None, "Mo-Su,PH 09:00-21:00", None],
        services=[["seat"], ["microwave"], []],
        capacity=[None] * 3,
        src_file=["b.csv", None, None],
    )
    assert [(place.id, place.moved_m, place.fields) for place in told(raw, other)] == [
        (
            "station-1",
            None,
            (
                Field("services", "seat;hot_water", "seat"),
                Field("capacity", "12", None),
                Field("opening_hours", "24/7", None),
            ),
        )
    ]


def test_every_column_but_provenance_and_what_follows_from_others_is_compared() -> None:
    left = set(COLUMNS) - set(COMPARED)
    assert {name for name in left if not name.startswith("src_")} == {
        "id",
        "geometry",
        "service_bits",
        "pinyin",
        "initials",
        "source",
    }


def test_random_changes_are_all_found(tmp_path: Path) -> None:
    city, rng = makers.random_city(80, lines=4), np.random.default_rng(5)
    other = city.copy()
    renamed = {int(row) for row in rng.choice(80, 12, replace=False)}
    other["name"] = [
        f"{name}新" if row in renamed else name for row, name in enumerate(city["name"])
    ]
    found = told(city, other.iloc[10:])
    expected = dict.fromkeys(range(10), REMOVED) | {row: CHANGED for row in renamed if row >= 10}
    assert {place.id: place.how for place in found} == {
        city["id"][row]: how for row, how in expected.items()
    }


@pytest.fixture
def found() -> Differences:
    raw = makers.three_places()
    other = makers.three_places(name=["=1+1", "福田面馆", "中心一条街"], capacity=[14, None, None])
    other.loc[0, "geometry"] = shapely.Point(114.051, 22.54)
    return Differences("a" * 16, "b" * 16, True, told(raw, other.iloc[:2]))


def test_counts_say_how_many_and_of_which_column(found: Differences) -> None:
    assert found.counts() == {
        ADDED: 0,
        REMOVED: 1,
        "moved": 1,
        CHANGED: 1,
        "name": 1,
        "capacity": 1,
    }


def test_a_workbook_has_a_row_a_field_and_runs_nothing(found: Differences, tmp_path: Path) -> None:
    write(tmp_path / "x.xlsx", found)
    book = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "x.xlsx"))
    assert book.sheet_names == ["synthetic aaaaaaaa bbbbbbbb"]
    rows: list[list[Any]] = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["id", "station-1", "station-1", "street-1"]
    assert rows[1][1] == "'=1+1"
    assert rows[1][6:] == ["name", "莲花驿站", "'=1+1", "main"]
    assert rows[2][5:] == [pytest.approx(102.87, abs=0.1), "capacity", "12", "14", "main"]


def test_geojson_says_which_versions_and_that_it_is_synthetic(
    found: Differences, tmp_path: Path
) -> None:
    write(tmp_path / "x.geojson", found)
    body = json.loads((tmp_path / "x.geojson").read_text(encoding="utf-8"))
    assert (body["before"], body["after"], body["synthetic"]) == ("a" * 16, "b" * 16, True)
    read = gpd.read_file(tmp_path / "x.geojson")
    assert sorted(read["change"]) == [CHANGED, REMOVED]


def test_other_endings_are_refused(found: Differences, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"Name it \.xlsx or \.geojson"):
        write(tmp_path / "x.pdf", found)
    with pytest.raises(UnreadableFile, match="cannot be written"):
        write(tmp_path / "no" / "x.geojson", found)
    with pytest.raises(UnreadableFile, match="cannot be written"):
        write(tmp_path / "no" / "x.xlsx", found)
