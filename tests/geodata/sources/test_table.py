"""A clean CSV with declared columns and datum: what is taken, and what is refused with its row."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.errors import BadTable, UnreadableFile
from geodata.pipeline import recipes
from geodata.sources.read import read_csv
from geodata.sources.table import Declared, places_from
from geodata.space.coordinates import Datum, geodesic_m
from geodata.vocabulary import Kind, Service

HEADING = "id,name,lon,lat\n"
ROW = "aaa-1,站,113.96,22.54\n"
DECLARED = Declared(Datum.WGS84, Kind.FRIENDLY_MERCHANT)
EV = Declared(
    Datum.GCJ02,
    Kind.FRIENDLY_MERCHANT,
    (Service.EV_CHARGE,),
    columns={"station_id": "id"},
    name_template="充电站 {station_id}",
)


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_real_charging_stations_fall_inside_the_districts_once_they_are_unshifted(
    real_data: Path,
) -> None:
    read = places_from(read_csv(real_data / "demand" / "ev_charging_stations_gcj02.csv"), EV)
    districts = gpd.read_file(real_data / "boundaries" / "shenzhen_districts.geojson").union_all()
    assert len(read.places) == 1362
    assert read.rejects == ()
    assert shapely.contains(districts, read.places.geometry.to_numpy()).mean() >= 0.99


def test_unshifting_moves_each_charging_station_by_the_known_distance(real_data: Path) -> None:
    places = places_from(
        read_csv(real_data / "demand" / "ev_charging_stations_gcj02.csv"), EV
    ).places
    moved_m = geodesic_m(places["src_lon"], places["src_lat"], places.geometry.x, places.geometry.y)
    assert moved_m.min() >= 567
    assert moved_m.max() <= 619


def test_the_real_charging_stations_can_be_published(real_data: Path) -> None:
    read = places_from(read_csv(real_data / "demand" / "ev_charging_stations_gcj02.csv"), EV)
    checked = recipes.check(read)
    assert checked.rejects == ()
    assert len(checked.places) == 1362
    assert set(checked.unused) == {"charge_count", "TAZID", "area", "perimeter"}


def test_a_row_keeps_where_it_came_from_as_it_was_read(tmp_path: Path) -> None:
    places = places_from(
        read_csv(write(tmp_path, HEADING + ROW)), Declared(Datum.BD09, Kind.DRIVER_HOME)
    ).places
    place = places.iloc[0]
    assert (place.src_file, place.src_row, place.src_datum) == ("table.csv", 2, "bd09")
    assert (place.src_lon, place.src_lat) == (113.96, 22.54)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_both_encodings_of_chinese_spreadsheets_are_read(tmp_path: Path, encoding: str) -> None:
    places = places_from(read_csv(write(tmp_path, HEADING + ROW, encoding)), DECLARED).places
    assert list(places["name"]) == ["站"]


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        ("aaa-1,站,abc,22.54", "decimal degrees"),
        ("aaa-1,站,,", "decimal degrees"),
        ("aaa-1,站,1e2,22.54", "decimal degrees"),
        ("aaa-1,站,nan,22.54", "decimal degrees"),
        ("aaa-1,站,0,0", "gap"),
        ("aaa-1,站,122.54,113.96", "swapped"),
        ("aaa-1,站,121.47,31.23", "outside the city"),
        ("A B,站,113.96,22.54", "an id is"),
        ("aaa-1,,113.96,22.54", "needs a name"),
    ],
)
def test_a_bad_row_is_refused_with_its_number_and_reason(
    tmp_path: Path, cells: str, word: str
) -> None:
    path = write(tmp_path, HEADING + "bbb-1,好,113.97,22.55\n" + cells + "\n")
    checked = recipes.check(places_from(read_csv(path), DECLARED))
    assert [(reject.row, word in reject.reason) for reject in checked.rejects] == [(3, True)]
    with pytest.raises(BadTable, match="nothing was published"):
        recipes.imported(checked, "x", "x", "CC0", "x", recipes.date(2026, 11, 21))


def test_numbers_and_dates_that_cannot_be_read_refuse_their_row(tmp_path: Path) -> None:
    text = (
        "id,name,lon,lat,capacity,verified_at\n"
        "aaa-1,站,113.96,22.54,many,\nbbb-1,站,113.96,22.54,3,2026-13-01\n"
    )
    read = places_from(read_csv(write(tmp_path, text)), DECLARED)
    assert [(reject.row, reject.column) for reject in read.rejects] == [
        (2, "capacity"),
        (3, "verified_at"),
    ]


def test_columns_that_nobody_declared_are_told_and_not_used(tmp_path: Path) -> None:
    text = "id,name,lon,lat,secret\naaa-1,站,113.96,22.54,x\n"
    assert places_from(read_csv(write(tmp_path, text)), DECLARED).unused == ("secret",)


@pytest.mark.parametrize(
    ("text", "declared", "word"),
    [
        ("id,name,x,y\na,b,1,2\n", DECLARED, "nothing is declared as lon, lat"),
        (HEADING + ROW, Declared(Datum.WGS84), "kind"),
        (
            HEADING + ROW,
            Declared(Datum.WGS84, Kind.DRIVER_HOME, columns={"nope": "name"}),
            "no column",
        ),
        (
            HEADING + ROW,
            Declared(Datum.WGS84, Kind.DRIVER_HOME, columns={"name": "colour"}),
            "no field",
        ),
        (HEADING + ROW, Declared(Datum.WGS84, Kind.DRIVER_HOME, name_template="{no}"), "no column"),
        ("id,name,lon,经度,lat\na,b,1,2,3\n", DECLARED, "both mean lon"),
        ("id,id,lon,lat\na,b,1,2\n", DECLARED, "same name"),
        ("", DECLARED, "no headings"),
    ],
)
def test_a_table_that_is_wrong_as_a_whole_says_why(
    tmp_path: Path, text: str, declared: Declared, word: str
) -> None:
    with pytest.raises(BadTable, match=word):
        places_from(read_csv(write(tmp_path, text)), declared)


def test_a_row_of_another_width_is_refused_with_its_number_and_the_others_are_read(
    tmp_path: Path,
) -> None:
    text = (
        "id,name,lon,lat\na,b,1\naaa,甲站,114.05,22.54\nc,d,114,22.5,9\nbbb,乙站,114.06,22.54,,\n"
    )
    read = places_from(read_csv(write(tmp_path, text)), DECLARED)
    assert read.places["name"].tolist() == ["甲站", "乙站"]
    assert [(reject.row, reject.value) for reject in read.rejects] == [
        (2, "a,b,1"),
        (4, "c,d,114,22.5,9"),
    ]
    assert all("cells where 4 are headed" in reject.reason for reject in read.rejects)


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(b"PK\x03\x04\0\0")
    with pytest.raises(UnreadableFile, match="not text"):
        read_csv(tmp_path / "table.csv")
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        read_csv(tmp_path / "missing.csv")
    (tmp_path / "table.csv").write_bytes(b"id,name\n\xff\xff")
    with pytest.raises(UnreadableFile, match="neither UTF-8 nor GB 18030"):
        read_csv(tmp_path / "table.csv")


def test_list_cells_are_words_separated_by_semicolons(tmp_path: Path) -> None:
    text = "id,name,lon,lat,services,phone\naaa-1,站,113.96,22.54,hot_water;seat,0755-1|0755-2\n"
    place = places_from(read_csv(write(tmp_path, text)), DECLARED).places.iloc[0]
    assert place.services == ["hot_water", "seat"]
    assert place.phones == ["0755-1", "0755-2"]
    assert np.isfinite(place.src_lon)
