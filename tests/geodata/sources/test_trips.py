"""Trips as operators write them: English and Chinese headings, any datum, rows that are none."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from geodata.errors import BadTable
from geodata.sources.trips import read_trips
from geodata.space.coordinates import Datum, from_wgs84
from geodata.vocabulary import Mode

ENGLISH = "from_lon,from_lat,to_lon,to_lat,start,seconds,mode\n"
CHINESE = "起点经度,起点纬度,终点经度,终点纬度,出发时间,耗时（秒）,出行方式\n"


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("headings", "words", "encoding"),
    [(ENGLISH, ("ride", "walk"), "utf-8"), (CHINESE, ("骑行", "步行"), "gb18030")],
)
def test_both_languages_are_read(
    tmp_path: Path, headings: str, words: tuple[str, str], encoding: str
) -> None:
    text = (
        f"{headings}114.05,22.54,114.06,22.55,2026-11-01 08:30,400,{words[0]}\n"
        f"114.06,22.54,114.07,22.55,2026/11/3 9:00,900,{words[1]}\n"
    )
    found = read_trips(write(tmp_path / "trips.csv", text, encoding))
    assert found.days == (date(2026, 11, 1), date(2026, 11, 3))
    assert found.rejects == ()
    assert found.by_mode[Mode.RIDE].begun.tolist() == [[114.05, 22.54]]
    assert found.by_mode[Mode.WALK].ended.tolist() == [[114.07, 22.55]]
    assert found.by_mode[Mode.WALK].seconds.tolist() == [900]


def test_the_datum_is_taken_off_both_ends(tmp_path: Path) -> None:
    (lon,), (lat,) = from_wgs84([114.05], [22.54], Datum.GCJ02)
    text = f"{ENGLISH}{lon},{lat},{lon},{lat},2026-11-01 08:30,400,drive\n"
    its = read_trips(write(tmp_path / "trips.csv", text), Datum.GCJ02).by_mode[Mode.DRIVE]
    assert np.allclose([*its.begun, *its.ended], [[114.05, 22.54]] * 2, atol=1e-7)


def test_a_trip_takes_from_20_seconds_to_six_hours(tmp_path: Path) -> None:
    rows = [
        f"114.05,22.54,114.06,22.55,2026-11-01 08:30,{seconds},ride\n"
        for seconds in (19.9, 20, 21_600, 21_600.1)
    ]
    found = read_trips(write(tmp_path / "trips.csv", ENGLISH + "".join(rows)))
    assert found.by_mode[Mode.RIDE].seconds.tolist() == [20, 21_600]
    assert [each.row for each in found.rejects] == [2, 5]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("x,22.54,114.06,22.55,2026-11-01 08:30,400,ride", "from_lon"),
        ("114.05,,114.06,22.55,2026-11-01 08:30,400,ride", "from_lat"),
        ("114.05,22.54,nan,22.55,2026-11-01 08:30,400,ride", "to_lon"),
        ("114.05,22.54,114.06,114.06,2026-11-01 08:30,400,ride", "to_lat"),
        ("114.05,22.54,114.06,22.55,yesterday,400,ride", "start"),
        ("114.05,22.54,114.06,22.55,2026-13-01 08:30,400,ride", "start"),
        ("114.05,22.54,114.06,22.55,2026-11-01 08:30,0,ride", "seconds"),
        ("114.05,22.54,114.06,22.55,2026-11-01 08:30,1e9,ride", "seconds"),
        ("114.05,22.54,114.06,22.55,2026-11-01 08:30,400,rocket", "mode"),
    ],
)
def test_a_row_that_is_no_trip_is_told_with_its_number(
    tmp_path: Path, row: str, column: str
) -> None:
    good = "114.05,22.54,114.06,22.55,2026-11-01 08:30,400,ride"
    found = read_trips(write(tmp_path / "trips.csv", f"{ENGLISH}{good}\n{row}\n"))
    assert [(each.row, each.column) for each in found.rejects] == [(3, column)]
    assert len(found.by_mode[Mode.RIDE].seconds) == 1
    with pytest.raises(BadTable, match="no row is a trip"):
        read_trips(write(tmp_path / "none.csv", f"{ENGLISH}{row}\n"))


def test_a_missing_column_is_named_in_both_languages(tmp_path: Path) -> None:
    text = "from_lon,from_lat,to_lon,to_lat,seconds,mode\n1,2,3,4,500,walk\n"
    with pytest.raises(BadTable, match=r"lacks start \(出发时间\)"):
        read_trips(write(tmp_path / "trips.csv", text))
