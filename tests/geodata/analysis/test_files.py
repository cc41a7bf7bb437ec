"""Files of points in, tables out: sums, rows, formats, and what is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata.analysis import tables
from geodata.analysis.coverage import coverage, each
from geodata.analysis.files import EACH, areas_to_file, each_to_file
from geodata.analysis.groups import outlined
from geodata.coverage.near import Within
from geodata.coverage.published import By
from geodata.errors import BadTable, UnreadableFile
from geodata.pipeline.new_city import shipped
from geodata.snapshot.snapshot import Snapshot
from geodata.sources import points as points_room
from geodata.sources.points import Source
from tests import makers


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(300, 10))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    lonlat = makers.clustered(np.random.default_rng(8), 500)
    frame = pd.DataFrame({"lon": lonlat[:, 0], "lat": lonlat[:, 1], "orders": np.arange(500) % 7})
    frame.loc[0, "lon"] = None
    frame.to_parquet(tmp_path / "points.parquet")
    return tmp_path / "points.parquet"


def unheard(_done: int, _of: int | None) -> None:
    pass


def by_area(
    city: Snapshot, table: Path, name: str, by: By = By.CITY, *, hourly: bool = False
) -> Path:
    target = table.with_name(name)
    source = Source(table, weight="orders")
    areas_to_file(
        city,
        source,
        target,
        Within(reach_m=3000),
        makers.NIGHT,
        None if by is By.CITY else outlined(by, shipped()),
        hourly=hourly,
        progress=unheard,
    )
    return target


def test_parts_of_killed_jobs_are_cleared_away_and_those_of_running_ones_stay(
    tmp_path: Path,
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    target = tmp_path / "out[1].csv"
    dead, running, others = (
        tmp_path / f".{name}.{process}.part"
        for name, process in (
            (target.name, ended.pid),
            (target.name, os.getppid()),
            ("out1.csv", ended.pid),
        )
    )
    for part in (dead, running, others):
        part.write_bytes(b"half")
    with tables.replaced(target) as part:
        part.write_bytes(b"whole")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {target.name, running.name, others.name}
    assert target.read_bytes() == b"whole"


def frame_of(table: Path) -> gpd.GeoDataFrame:
    read = pd.read_parquet(table)
    return gpd.GeoDataFrame(
        read, geometry=gpd.points_from_xy(read["lon"], read["lat"]), crs="EPSG:4326"
    )


def test_a_file_is_answered_as_its_frame_however_it_is_cut(
    city: Snapshot, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pd.read_parquet(by_area(city, table, "whole.parquet"))
    monkeypatch.setattr(points_room, "PIECE", 77)
    pd.testing.assert_frame_equal(pd.read_parquet(by_area(city, table, "cut.parquet")), whole)
    told = coverage(city, frame_of(table), Within(reach_m=3000), makers.NIGHT, weight="orders")
    for name in told.columns.drop("area"):
        assert whole[name].tolist() == told[name].tolist()
    assert whole["points_outside"].tolist() == [1]
    assert whole["synthetic"].all()


def test_every_format_holds_the_same_table(city: Snapshot, table: Path) -> None:
    whole = pd.read_parquet(by_area(city, table, "t.parquet", By.DISTRICT))
    csv = pd.read_csv(by_area(city, table, "t.csv", By.DISTRICT))
    xlsx = pd.read_excel(by_area(city, table, "t.xlsx", By.DISTRICT), engine="calamine")
    geo = json.loads(by_area(city, table, "t.geojson", By.DISTRICT).read_text(encoding="utf-8"))
    assert csv["open"].tolist() == xlsx["open"].tolist() == whole["open"].tolist()
    assert [each["properties"]["area"] for each in geo["features"]] == whole["area"].astype(
        object
    ).where(whole["area"].notna(), None).tolist()
    assert geo["features"][0]["geometry"]["type"] in ("Polygon", "MultiPolygon")
    assert (
        whole["weight"].sum() == pd.read_parquet(by_area(city, table, "c.parquet"))["weight"].sum()
    )


def test_by_the_hour_there_is_a_row_an_area_day_and_hour(city: Snapshot, table: Path) -> None:
    found = pd.read_parquet(by_area(city, table, "h.parquet", hourly=True))
    assert len(found) == 9 * 24
    night = found[(found["day"] == "WE") & (found["hour"] == 2)].iloc[0]
    assert str(night["date"]) == "2026-11-18"
    assert night["open"] == pd.read_parquet(by_area(city, table, "o.parquet"))["open"][0]


def test_point_by_point_the_rows_are_those_of_the_frame(
    city: Snapshot, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points_room, "PIECE", 77)
    target = table.with_name("each.parquet")
    within = Within(reach_m=3000)
    report = each_to_file(
        city, Source(table), target, within, makers.NIGHT, keep=["orders"], progress=unheard
    )
    found, told = pd.read_parquet(target), each(city, frame_of(table), within, makers.NIGHT)
    assert (report.points, report.rows, report.left_out) == (500, 500, 1)
    assert list(found.columns) == [EACH[0], "orders", *EACH[1:]]
    assert found["point_row"].tolist() == list(range(500))
    assert found["standing"].tolist() == told["standing"].tolist()
    assert found["nearest_m"].to_numpy() == pytest.approx(
        told["nearest_m"].round(3).to_numpy(), nan_ok=True
    )


def test_what_cannot_be_written_or_weighed_is_refused_and_the_old_table_stays(
    city: Snapshot, table: Path
) -> None:
    old = table.with_name("old.parquet")
    old.write_bytes(b"old")
    asked = (Within(), makers.NIGHT, None)
    with pytest.raises(BadTable, match="no column 'riders' of weights"):
        areas_to_file(
            city, Source(table, weight="riders"), old, *asked, hourly=False, progress=unheard
        )
    assert old.read_bytes() == b"old"
    with pytest.raises(UnreadableFile, match="none of"):
        areas_to_file(
            city, Source(table), table.with_name("x.doc"), *asked, hourly=False, progress=unheard
        )
    with pytest.raises(UnreadableFile, match="replace the points"):
        areas_to_file(city, Source(table), table, *asked, hourly=False, progress=unheard)
    with pytest.raises(UnreadableFile, match="none of"):
        each_to_file(city, Source(table), table.with_name("x.json"), *asked[:2], progress=unheard)
