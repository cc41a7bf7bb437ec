"""`nuanfeng coverage`, as a person would type it."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest


def nuanfeng(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NUANFENG_HOME": str(home), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments], env=environment, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip


@pytest.fixture
def points(tmp_path: Path) -> Path:
    frame = pd.DataFrame({"lon": [113.9645, 114.0579, 121.5], "lat": [22.5405, 22.5431, 31.2], "orders": [3, 5, 7]})
    frame.to_csv(tmp_path / "points.csv", index=False)
    return tmp_path / "points.csv"


def test_a_table_by_district_is_written_with_the_filters_of_the_api(demo_home: Path, points: Path) -> None:
    out = points.with_name("out.csv")
    asked = ["--needs", "water", "--reach-m", "3000", "--by", "district", "--weight", "orders", "-o", str(out)]
    done = nuanfeng(demo_home, "coverage", str(points), *asked, "--at", "2026-11-18T02:00:00+08:00")
    assert done.returncode == 0, done.stderr
    assert "3 points asked of 4,039 synthetic places, 1 outside the service area: 11 rows" in done.stdout
    table = pd.read_csv(out).set_index("area")
    assert table.loc["南山区", ["points", "weight"]].tolist() == [1, 3]
    assert table.loc["福田区", "weight"] == 5
    assert table["synthetic"].all()


def test_a_row_a_point_says_where_the_nearest_is(demo_home: Path, points: Path) -> None:
    out = points.with_name("out.parquet")
    done = nuanfeng(demo_home, "coverage", str(points), "--each", "-o", str(out))
    assert done.returncode == 0, done.stderr
    table = pd.read_parquet(out)
    assert table["standing"].tolist()[2] == "outside"
    assert table["nearest_m"].notna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (["--reach-m", "0"], "reach_m: “0” is not a number above 0"),
        (["--by", "house"], "is not one of: city, district, street"),
        (["--weight", "riders"], "no column 'riders' of weights; there are: lon, lat, orders"),
        (["--each", "--weight", "orders"], "neither --hourly nor --weight"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(
    demo_home: Path, points: Path, bad: list[str], said: str
) -> None:
    done = nuanfeng(demo_home, "coverage", str(points), "-o", str(points.with_name("out.csv")), *bad)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
