"""Every check refuses just its row, with the reason.

What passes has its final columns, and unknown stays unknown.
"""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.testing import assert_geometries_equal

from geodata.errors import BadTable
from geodata.places.table import (
    CATEGORY_COLUMNS,
    COLUMNS,
    LIST_COLUMNS,
    LONGEST_TEXT,
    MOST_LINES,
    NUMBER_COLUMNS,
    REQUIRED,
    TEXT_COLUMNS,
    validate,
)
from geodata.traits import service_bits
from geodata.vocabulary import Door, Kind, Service
from tests import makers

#: Columns that always say something.
ALWAYS = ("door", "layer", "position")
EMPTY = shapely.Point()
STILL = shapely.LineString([(114.05, 22.54), (114.05, 22.54)])
CROSSED = shapely.Polygon([(114.0, 22.5), (114.1, 22.5), (114.1, 22.6)])


def spoilt(column: str, value: Any) -> gpd.GeoDataFrame:
    """The three places, the middle one with one bad value."""
    raw = makers.three_places()
    values = raw[column].astype(object).tolist()
    values[1] = value
    return makers.three_places(**{column: values})


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("id", None, "an id is 3 to 40"),
        ("id", "", "an id is 3 to 40"),
        ("id", "ab", "an id is 3 to 40"),
        ("id", "a" * 41, "an id is 3 to 40"),
        ("id", "Station-1", "an id is 3 to 40"),
        ("id", "站点-1", "an id is 3 to 40"),
        ("id", "station 1", "an id is 3 to 40"),
        ("id", "abc\n", "an id is 3 to 40"),
        ("id", "../etc", "an id is 3 to 40"),
        ("id", "station-1", "the same id stands in an earlier row"),
        ("kind", "teahouse", "a kind is one of warm_bee_station"),
        ("kind", None, "a kind is one of"),
        ("name", None, "a place needs a name"),
        ("name", "  ", "a place needs a name"),
        ("name", "长" * (LONGEST_TEXT + 1), "a text is longer than 2000 characters"),
        ("opening_hours_text", "长" * (LONGEST_TEXT + 1), "a text is longer than 2000 characters"),
        ("geometry", None, "a place is a point or a line"),
        ("geometry", EMPTY, "a place is a point or a line"),
        ("geometry", CROSSED, "a place is a point or a line"),
        ("geometry", shapely.MultiPoint([(114.0, 22.5)]), "a place is a point or a line"),
        ("geometry", shapely.Point(0.0, 0.0), "coordinates are not degrees on earth, or are 0, 0"),
        ("geometry", shapely.Point(505_000.0, 2_500_000.0), "coordinates are not degrees"),
        ("geometry", shapely.Point(22.54, 114.05), "coordinates are not degrees"),
        (
            "geometry",
            shapely.LineString([(114.0, 22.5), (114.1, np.inf)]),
            "coordinates are not degrees",
        ),
        ("geometry", STILL, "a line needs two different points"),
        ("door", "ajar", "a door is one of open, staffed"),
        ("services", ["seat", "sofa"], "services are words of Service"),
        ("services", "seat, hot_water", "services are words of Service"),
        ("audience", ["everybody"], "audience are words of Audience"),
        ("zones", ["blue"], "zones are words of Zone"),
        ("maybe", ["sofa"], "maybe are words of Service"),
        ("position", "guessed", "a position is one of surveyed, stated, located"),
        ("fee", "free", "a fee is one of yes, no"),
        ("wheelchair", "unknown", "a wheelchair is one of yes, limited, no"),
        ("radius_m", -1.0, "a radius is 0 to 50,000 metres"),
        ("radius_m", np.inf, "a radius is 0 to 50,000 metres"),
        ("entry", "门禁申请", "an entry is JSON of register"),
        ("entry", "[]", "an entry is JSON of register"),
        ("entry", '{"door":"qr"}', "an entry is JSON of register"),
        ("entry", '{"register":true}', "an entry is JSON of register"),
        ("entry", '{"url":"http://example.org"}', "an entry is JSON of register"),
        ("layer", "长" * (LONGEST_TEXT + 1), "a text is longer than 2000 characters"),
    ],
)
def test_a_bad_value_refuses_its_row_alone_and_says_why(
    column: str, value: Any, reason: str
) -> None:
    there = column in makers.three_places()
    raw = spoilt(column, value) if there else makers.three_places(**{column: [None, value, None]})
    table, rejects = validate(raw)
    assert [(reject.row, reject.column) for reject in rejects] == [
        (2, "name" if "longer" in reason else column)
    ]
    assert reason in rejects[0].reason
    assert len(table) == 2
    assert {"station-1", "street-1"} >= set(table["id"])


def test_a_row_is_refused_once_for_its_first_fault() -> None:
    raw = makers.three_places(
        id=["!", "merchant-1", "street-1"], kind=["?", "friendly_merchant", "warm_bee_street"]
    )
    _, rejects = validate(raw)
    assert [(reject.row, reject.column, reject.value) for reject in rejects] == [(1, "id", "!")]


def test_the_row_is_the_one_of_the_source_where_it_is_known() -> None:
    raw = makers.three_places(name=["", "", ""], src_row=[17, None, 4])
    _, rejects = validate(raw)
    assert [reject.row for reject in rejects] == [17, 2, 4]


def test_a_long_bad_value_is_cut_in_the_reject() -> None:
    _, rejects = validate(spoilt("id", "x" * 5_000))
    assert rejects[0].value == "x" * 200


def test_of_twins_the_first_is_kept() -> None:
    table, rejects = validate(
        makers.three_places(id=["twin", "twin", "street-1"], name=["first", "second", "street"])
    )
    assert table["name"].tolist() == ["street", "first"]
    assert [reject.row for reject in rejects] == [2]


def test_if_every_row_is_bad_the_table_is_empty_and_still_has_its_columns() -> None:
    table, rejects = validate(makers.three_places(name=["", "", ""]))
    assert len(rejects) == 3
    assert len(table) == 0
    assert tuple(table.columns) == COLUMNS


def test_an_empty_table_stays_one() -> None:
    table, rejects = validate(makers.three_places().iloc[:0])
    assert rejects == ()
    assert tuple(table.columns) == COLUMNS


@pytest.mark.parametrize(
    "raw", [makers.three_places(), makers.three_places()[list(REQUIRED)]], ids=["full", "bare"]
)
def test_columns_dtypes_order_and_index_are_final(raw: gpd.GeoDataFrame) -> None:
    table, rejects = validate(raw)
    assert rejects == ()
    assert tuple(table.columns) == COLUMNS
    assert table["id"].tolist() == ["merchant-1", "station-1", "street-1"]
    assert table.index.tolist() == [0, 1, 2]
    assert table.crs == "EPSG:4326"
    dtypes = {name: str(dtype) for name, dtype in table.dtypes.items()}
    assert {dtypes[name] for name in TEXT_COLUMNS} == {"str"}
    assert dtypes["service_bits"] == "uint64"
    assert {dtypes[name] for name in CATEGORY_COLUMNS} == {"category"}
    assert dtypes["verified_at"] == "datetime64[s]"
    assert {name: dtypes[name] for name in NUMBER_COLUMNS} == dict(NUMBER_COLUMNS)
    assert list(table["kind"].cat.categories) == list(Kind)
    assert list(table["door"].cat.categories) == list(Door)
    assert all(isinstance(value, list) for name in LIST_COLUMNS for value in table[name])


def test_a_valid_table_passes_again_unchanged() -> None:
    once, _ = validate(makers.random_city(200, lines=5))
    twice, rejects = validate(once)
    assert rejects == ()
    pd.testing.assert_frame_equal(pd.DataFrame(once), pd.DataFrame(twice))


def test_null_stays_null_and_a_door_nobody_spoke_of_is_unknown() -> None:
    table, _ = validate(makers.three_places()[list(REQUIRED)])
    unknown = table.drop(
        columns=[*REQUIRED, *LIST_COLUMNS, *ALWAYS, "service_bits", "pinyin", "initials"]
    )
    assert unknown.isna().all(axis=None)
    assert set(unknown) >= {"source", "licence", "type", "level", "entry", "fee", "wheelchair"}
    assert table["layer"].tolist() == ["main"] * 3
    assert table["position"].tolist() == ["stated"] * 3
    assert table["door"].tolist() == ["unknown"] * 3
    assert table["services"].tolist() == [[], [], []]


def test_nulls_of_every_sort_are_null() -> None:
    nulls = [None, np.nan, pd.NA]
    categories = {*CATEGORY_COLUMNS} - {"kind"}
    names = {*TEXT_COLUMNS, *LIST_COLUMNS, *categories, *NUMBER_COLUMNS, "verified_at"} - {
        *REQUIRED
    }
    table, rejects = validate(makers.three_places(**dict.fromkeys(names, nulls)))
    assert rejects == ()
    made = {"pinyin", "initials"}  # from the name
    texts = [name for name in TEXT_COLUMNS if name not in {*REQUIRED, *made, *ALWAYS}]
    unknown = [*texts, *NUMBER_COLUMNS, *categories - {*ALWAYS}, "verified_at"]
    assert table[unknown].isna().all(axis=None)
    assert all(value == [] for name in LIST_COLUMNS for value in table[name])


def test_values_come_through_as_they_are() -> None:
    table, _ = validate(
        makers.three_places(src_lon=[114.055, None, None], operator=["市总工会", None, "x"])
    )
    station = table.set_index("id").loc["station-1"]
    assert station["phones"] == ["075512345678"]
    assert station["capacity"] == 12
    assert station["src_lon"] == 114.055
    assert station["verified_at"] == pd.Timestamp("2026-11-01")
    assert station["service_bits"] == service_bits([Service.SEAT, Service.HOT_WATER])
    assert table["operator"].isna().tolist() == [True, False, False]


def test_what_is_said_of_a_place_comes_through_and_what_is_sure_is_not_likely_too() -> None:
    table, rejects = validate(
        makers.three_places(
            layer=["osm", None, "main"],
            source=["openstreetmap.org", None, None],
            licence=["ODbL-1.0", None, None],
            type=["library", None, None],
            level=["B1", None, None],
            position=["surveyed", None, "located"],
            radius_m=[0, None, 120.5],
            entry=[
                '{"register":"yes","how":" 门禁 申请 ","url":"https://example.org/a"}',
                None,
                "{}",
            ],
            fee=["no", None, "yes"],
            wheelchair=["limited", None, "no"],
            maybe=[["wifi", "seat"], None, ["toilet"]],
        )
    )
    assert rejects == ()
    merchant, station, street = (table.iloc[row] for row in range(3))
    said = ["layer", "source", "licence", "type", "level", "position", "radius_m", "fee"]
    assert station[[*said, "wheelchair"]].tolist() == [
        "osm",
        "openstreetmap.org",
        "ODbL-1.0",
        "library",
        "B1",
        "surveyed",
        0.0,
        "no",
        "limited",
    ]
    assert json.loads(station["entry"]) == {
        "register": "yes",
        "how": "门禁 申请",
        "url": "https://example.org/a",
    }
    assert station["services"] == ["seat", "hot_water"]
    assert station["maybe"] == ["wifi"]
    assert merchant[["radius_m", "entry", "fee", "wheelchair"]].isna().all()
    assert (street["position"], street["radius_m"], street["maybe"]) == (
        "located",
        120.5,
        ["toilet"],
    )
    assert pd.isna(street["entry"])


def test_lists_may_come_as_arrays_or_tuples() -> None:
    table, _ = validate(
        makers.three_places(services=[np.array(["seat"], dtype=object), ("wifi", "aed"), ()])
    )
    assert table["services"].tolist() == [["wifi", "aed"], ["seat"], []]


def test_heights_are_dropped() -> None:
    flat = makers.three_places()
    table, rejects = validate(
        makers.three_places(geometry=list(shapely.force_3d(flat.geometry.to_numpy(), 12.0)))
    )
    assert rejects == ()
    assert not table.has_z.any()
    assert_geometries_equal(table.geometry.to_numpy(), validate(flat)[0].geometry.to_numpy())


def test_the_raw_table_is_left_as_it_was() -> None:
    raw = makers.three_places()
    before = raw.copy(deep=True)
    validate(raw)
    pd.testing.assert_frame_equal(pd.DataFrame(raw), pd.DataFrame(before))


@pytest.mark.parametrize("name", REQUIRED)
def test_a_table_without_a_needed_column_is_refused(name: str) -> None:
    raw = pd.DataFrame(makers.three_places()).drop(columns=name)
    frame = (
        gpd.GeoDataFrame(raw, geometry="geometry", crs="EPSG:4326")
        if name != "geometry"
        else gpd.GeoDataFrame(raw)
    )
    with pytest.raises(BadTable, match=name):
        validate(frame)


def test_a_table_with_a_column_nobody_knows_is_refused() -> None:
    with pytest.raises(BadTable, match="unknown columns colour"):
        validate(makers.three_places(colour=["red", "red", "red"]))


@pytest.mark.parametrize("crs", [None, "EPSG:3857", "EPSG:4490"])
def test_a_table_in_another_frame_of_reference_is_refused(crs: str | None) -> None:
    with pytest.raises(BadTable, match="must be in EPSG:4326"):
        validate(makers.three_places().set_crs(crs, allow_override=True))


def test_more_lines_than_the_index_is_made_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geodata.places.table.MOST_LINES", 3)
    validate(makers.random_city(2, lines=3))
    with pytest.raises(BadTable, match="4 lines are more than the 3"):
        validate(makers.random_city(2, lines=4))
    assert MOST_LINES == 10_000
