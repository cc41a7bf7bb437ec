"""`nuanfeng coverage`, as a person would type it."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from app.cli import cluster
from app.cli.headings import HEADINGS
from geodata.analysis.tables import headed, headings
from geodata.sources.points import Source
from tests.commands import nuanfeng

#: One of `many` has no coordinates, which is said and no error.
LEAVES_OUT = pytest.mark.filterwarnings("default::geodata.analysis.demand.LeftOut")


def in_a_process(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The same as a process of its own, which starts others."""
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        env={**os.environ, "NUANFENG_HOME": str(home), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def points(tmp_path: Path) -> Path:
    frame = pd.DataFrame(
        {"lon": [113.9645, 114.0579, 121.5], "lat": [22.5405, 22.5431, 31.2], "orders": [3, 5, 7]}
    )
    frame.to_csv(tmp_path / "points.csv", index=False)
    return tmp_path / "points.csv"


def test_a_table_by_district_is_written_with_the_filters_of_the_api(
    demo_home: Path, points: Path
) -> None:
    out = points.with_name("out.csv")
    asked = [
        "--needs",
        "water",
        "--reach-m",
        "3000",
        "--by",
        "district",
        "--weight",
        "orders",
        "-o",
        str(out),
    ]
    done = nuanfeng(demo_home, "coverage", str(points), *asked, "--at", "2026-11-18T02:00:00+08:00")
    assert done.exit_code == 0, done.stderr
    assert (
        "3 points asked of 4,039 synthetic places, 1 outside the service area: 11 rows"
        in done.stdout
    )
    table = pd.read_csv(out).set_index("area")
    assert table.loc["南山区", ["points", "weight"]].tolist() == [1, 3]
    assert table.loc["福田区", "weight"] == 5
    assert table["synthetic"].all()
    assert table["approximate"].all()


def test_shares_are_told_by_a_column_by_anybodys_polygons_and_at_each_points_own_hour(
    demo_home: Path, points: Path
) -> None:
    frame = pd.read_csv(points)
    rows = pd.concat([frame] * 2).assign(shift=["早", "晚", None] * 2, hour=[2, 2, 2, 36, 36, 36])
    rows.to_csv(points, index=False)
    outlines = gpd.GeoDataFrame(
        {"zone": ["west", "east"]},
        geometry=[shapely.box(113.9, 22.4, 114.0, 22.6), shapely.box(114.0, 22.4, 114.1, 22.6)],
        crs="EPSG:4326",
    )
    outlines.to_file(points.with_name("zones.geojson"))
    asked = ["coverage", str(points), "--needs", "water", "--reach-m", "800", "--weight", "orders"]
    found = {}
    for by in ("shift", f"{points.with_name('zones.geojson')}:zone"):
        out = points.with_name("out.parquet")
        done = nuanfeng(demo_home, *asked, "--by", by, "--week", "2026-11-16", "-o", str(out))
        assert done.exit_code == 0, done.stderr
        found[by] = pd.read_parquet(out)
    shifts, zones = found.values()
    assert shifts["area"].tolist()[:2] == ["早", "晚"]
    assert zones["area"].tolist()[:2] == ["west", "east"]
    assert zones["approximate"].tolist()[:2] == [False, False]
    assert shifts["weight"].tolist()[:2] == zones["weight"].tolist()[:2] == [6.0, 10.0]
    assert shifts["open"].tolist() == zones["open"].tolist()
    out = points.with_name("out.csv")
    opened = 0.0
    for hour, at in ((2, "2026-11-16T02:00:00+08:00"), (36, "2026-11-17T12:00:00+08:00")):
        rows[rows["hour"] == hour].to_csv(points, index=False)
        nuanfeng(demo_home, *asked, "--by", "shift", "--at", at, "-o", str(out))
        opened += pd.read_csv(out)["open"].sum()
    assert shifts["open"].sum() == opened


def test_groups_are_compared_with_intervals_and_in_words(demo_home: Path, points: Path) -> None:
    rng = np.random.default_rng(5)
    rows = pd.DataFrame(
        {
            "lon": rng.uniform(113.93, 114.08, 80).round(5),
            "lat": rng.uniform(22.53, 22.58, 80).round(5),
            "shift": ["早", "晚"] * 40,
        }
    )
    rows.to_csv(points, index=False)
    out, told = points.with_name("out.csv"), points.with_name("equity.csv")
    asked = ["--by", "shift", "--reach-m", "500", "--at", "2026-11-18T12:00:00+08:00"]
    files = ["--equity", str(told), "-o", str(out)]
    done = nuanfeng(demo_home, "--lang", "en", "coverage", str(points), *asked, *files)
    assert done.exit_code == 0, done.stderr
    shares = pd.read_csv(out).dropna(subset="area").set_index("area")
    served = shares["open"] / shares["weight"] if shares["open"].max() > 1 else shares["open"]
    table = pd.read_csv(told).set_index("figure")
    assert table.loc["worst", "value"] == pytest.approx(served.min())
    assert table.loc["best", "value"] == pytest.approx(served.max())
    assert table.loc["ratio", "value"] == pytest.approx(served.min() / served.max())
    assert table.loc["worst", "group"] == served.idxmin()
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    assert (table[["points", "left_out"]].sum(axis=1) == 80).all()
    assert table["synthetic"].all()
    for word in ("how far the groups are apart", "worst to best", f"rows in {told}"):
        assert word in " ".join(done.stdout.split()), word
    clash = nuanfeng(demo_home, "coverage", str(points), *asked, *files, "--hourly", "true")
    assert clash.exit_code == 2
    assert "--equity" in clash.stderr


def test_headings_are_chinese_where_a_person_asks_for_it(demo_home: Path, points: Path) -> None:
    read = {
        ".csv": pd.read_csv,
        ".xlsx": partial(pd.read_excel, engine="calamine"),
        ".parquet": pd.read_parquet,
    }
    asked = ["coverage", str(points), "--by", "district", "-o"]
    for ending, reader in read.items():
        out = points.with_name(f"out{ending}")
        assert nuanfeng(demo_home, *asked, str(out), "--lang", "zh").exit_code == 0
        chinese = [*reader(out).columns]
        assert nuanfeng(demo_home, *asked, str(out)).exit_code == 0
        plain = [*reader(out).columns]
        assert not {*plain} - {*HEADINGS}
        if ending == ".parquet":
            assert chinese == plain
        else:
            assert {"区域", "有开放地点的份额", "权重", "虚构数据"} <= {*chinese}
            assert not [name for name in chinese if name.isascii()]


def test_an_own_column_is_never_taken_for_ours() -> None:
    with headed(lambda name: {"district": "区"}.get(name, name)):
        assert headings(["区", "district"]) == ["区", "district"]
    with headed(lambda name: {"a": "甲", "b": "甲"}.get(name, name)):
        assert headings(["a", "b", "c"]) == ["a", "b", "c"]
    assert headings(["district"]) == ["district"]


def test_a_row_a_point_says_where_the_nearest_is(demo_home: Path, points: Path) -> None:
    out = points.with_name("out.parquet")
    done = nuanfeng(demo_home, "coverage", str(points), "--each", "-o", str(out))
    assert done.exit_code == 0, done.stderr
    table = pd.read_parquet(out)
    assert table["standing"].tolist()[2] == "outside"
    assert table["nearest_m"].notna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (["--reach-m", "0"], "reach_m: “0” is not a number above 0"),
        (
            ["--by", "house"],
            "no column 'house' of groups; there are: lon, lat, orders; or say city",
        ),
        (["--by", "none.geojson:name"], "none.geojson"),
        (["--week", "2026-11-17"], "is no Monday"),
        (["--week", "2026-11-16"], "no column 'hour' that says when points ask"),
        (["--week", "2026-11-16", "--each"], "it goes with none of --each, --hourly, --at"),
        (["--weight", "riders"], "no column 'riders' of weights; there are: lon, lat, orders"),
        (["--each", "--weight", "orders"], "neither --hourly nor --weight"),
        (["--network", "grid"], "--network goes with --minutes"),
        (["--minutes", "5", "--network", "none-such"], "there is no network 'none-such'"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(
    demo_home: Path, points: Path, bad: list[str], said: str
) -> None:
    done = nuanfeng(
        demo_home, "coverage", str(points), "-o", str(points.with_name("out.csv")), *bad
    )
    assert done.exit_code != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_cluster_of_this_machine_writes_the_table_that_one_process_writes(
    demo_home: Path, tmp_path: Path
) -> None:
    rng = np.random.default_rng(5)
    for name in "ab":
        frame = pd.DataFrame(
            {"lon": rng.uniform(113.9, 114.1, 400), "lat": rng.uniform(22.5, 22.6, 400)}
        )
        frame.to_parquet(tmp_path / f"{name}.parquet")
    points = [str(tmp_path / "a.parquet"), str(tmp_path / "b.parquet")]
    asked = ["--each", "--at", "2026-11-18T02:00:00+08:00"]
    whole = nuanfeng(demo_home, "coverage", *points, *asked, "-o", str(tmp_path / "one.csv"))
    assert whole.exit_code == 0, whole.stderr
    shared = ["--cluster", "local", "-o", str(tmp_path / "many.csv")]
    parts = in_a_process(demo_home, "coverage", *points, *asked, *shared)
    assert parts.returncode == 0, parts.stderr
    for said in (whole.stdout, parts.stdout):
        assert "800 points asked" in said
    assert (tmp_path / "many.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    assert not list(tmp_path.glob(".many*"))


def test_minutes_over_a_network_are_those_of_the_way_and_name_engine_and_date(
    home_on_roads: Path, points: Path
) -> None:
    out, asked = (
        points.with_name("out.csv"),
        ["--minutes", "5", "--mode", "ride", "--at", "2026-11-18T12:00:00+08:00"],
    )
    done = nuanfeng(
        home_on_roads, "coverage", str(points), *asked, "--network", "grid", "-o", str(out)
    )
    assert done.exit_code == 0, done.stderr
    assert "2 outside the service area or on no road: 1 rows" in done.stdout
    told = (
        "Reach: 5 min, ride, by road: nuanfeng travel over network grid, OpenStreetMap data of"
        " 2026-11-01T00:00:00Z."
    )
    assert told in " ".join(done.stdout.split())
    (row,) = pd.read_csv(out).itertuples()
    assert (row.points, row.points_off_road, row.points_outside, row.reach_kind) == (
        1,
        1,
        1,
        "network",
    )
    guessed = nuanfeng(home_on_roads, "coverage", str(points), *asked, "-o", str(out))
    assert "Reach: 5 min, ride, estimated from the straight line." in " ".join(
        guessed.stdout.split()
    )
    assert pd.read_csv(out)["reach_kind"].tolist() == ["estimate"]


def test_a_cluster_asks_the_same_roads(home_on_roads: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(
        {"lon": rng.uniform(113.95, 113.98, 300), "lat": rng.uniform(22.53, 22.56, 300)}
    )
    frame.to_parquet(tmp_path / "points.parquet")
    asked = ["--each", "--minutes", "8", "--network", "grid", "--at", "2026-11-18T02:00:00+08:00"]
    asked = ["coverage", str(tmp_path / "points.parquet"), *asked]
    whole = nuanfeng(home_on_roads, *asked, "-o", str(tmp_path / "one.csv"))
    assert whole.exit_code == 0, whole.stderr
    shared = ["--cluster", "local", "-o", str(tmp_path / "many.csv")]
    parts = in_a_process(home_on_roads, *asked, *shared)
    assert parts.returncode == 0, parts.stderr
    table = pd.read_csv(tmp_path / "one.csv")
    assert {"off_road", "none"} <= {*table["standing"]}
    assert table["nearest_s"].notna().sum() > 50
    assert (tmp_path / "many.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()


def test_a_scheduler_that_is_not_there_is_said_in_a_sentence(demo_home: Path, points: Path) -> None:
    done = in_a_process(
        demo_home,
        "coverage",
        str(points),
        "--cluster",
        "tcp://127.0.0.1:1",
        "-o",
        str(points) + ".csv",
    )
    assert done.returncode == 1
    assert "no dask scheduler answers at tcp://127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr


def test_points_that_are_large_beside_the_free_memory_are_asked_by_every_core(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.parquet").write_bytes(b"x" * 1000)
    (tmp_path / "p.csv").write_bytes(b"x" * 1000)
    assert cluster._unasked([tmp_path / "p.parquet"]) is None
    monkeypatch.setattr(cluster, "LARGE", 0.0)
    assert cluster._unasked([tmp_path / "p.parquet"]) == "local"
    assert cluster._unasked([tmp_path / "p.parquet", tmp_path / "p.csv"]) is None
    assert "every core asks them" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["out.csv", "out.xlsx", "out.parquet"])
@pytest.mark.parametrize("source", ["订单.csv", "订单.xlsx"])
@pytest.mark.parametrize("command", [["nearest"], ["coverage", "--each"]])
def test_chinese_tables_are_read_and_every_format_keeps_numbers(
    demo_home: Path, tmp_path: Path, command: list[str], source: str, target: str
) -> None:
    frame = pd.DataFrame(
        {
            "单号": ["0012", "0013"],
            "件数": [3, 5],
            "备注": ["=1+1", "-"],
            "经度": [113.9645, 114.0579],
            "纬度": [22.5405, 22.5431],
        }
    )
    path, out = tmp_path / source, tmp_path / target
    if source.endswith("csv"):
        path.write_bytes(frame.to_csv(index=False).encode("gbk"))
    else:
        plain = {"options": {"strings_to_formulas": False}}
        frame.to_excel(path, index=False, engine="xlsxwriter", engine_kwargs=plain)
    done = nuanfeng(demo_home, *command, str(path), "-o", str(out))
    assert done.exit_code == 0, done.stderr
    (piece,) = points_of(out)
    assert piece["单号"].iloc[0] == "0012"
    assert piece["件数"].dtype == np.int64
    assert piece["经度"].dtype == np.float64
    assert {*piece["备注"]} == {"=1+1", "-"}
    if target == "out.csv":
        assert "'=1+1" in out.read_text("utf-8-sig")


def points_of(path: Path) -> list[pd.DataFrame]:
    return [piece.own.to_pandas() for piece in Source(path).opened().pieces]


def test_another_ending_is_a_sentence_with_the_list(demo_home: Path, points: Path) -> None:
    done = nuanfeng(demo_home, "nearest", str(points), "-o", str(points.with_name("out.docx")))
    assert done.exit_code == 1
    assert "out.docx is none of .parquet, .csv, .xlsx" in " ".join(done.stderr.split())


def test_two_versions_are_compared_by_area_need_and_hour(
    demo_home: Path, points: Path, tmp_path: Path
) -> None:
    from geodata.store.files import Dataset

    version = Dataset(demo_home, "demo").pointer().version
    out = tmp_path / "who.csv"
    asked = ["--compare", version[:8], "--by", "district", "--hourly", "true", "-o", str(out)]
    done = nuanfeng(demo_home, "coverage", str(points), *asked)
    assert done.exit_code == 0, done.stderr
    table = pd.read_csv(out)
    assert set(table["need"]) == {"any", "rest", "water", "heat_food", "talk", "recharge", "learn"}
    assert (table["share_before"].dropna() == table["share_after"].dropna()).all()
    assert set(table["day"]) >= {"MO", "SU", "PH"}
    assert "gained 0.0%, lost 0.0%" in done.stdout


def test_planned_sites_are_compared_with_what_is_there(
    demo_home: Path, points: Path, tmp_path: Path
) -> None:
    planned = tmp_path / "planned.csv"
    pd.DataFrame({"lon": [113.9645], "lat": [22.5405]}).to_csv(planned, index=False)
    out = tmp_path / "who.csv"
    asked = ["--with", str(planned), "--needs", "talk", "--reach-m", "300", "--each"]
    done = nuanfeng(
        demo_home,
        "coverage",
        str(points),
        *asked,
        "--at",
        "2026-11-18T02:00:00+08:00",
        "-o",
        str(out),
    )
    assert done.exit_code == 0, done.stderr
    assert pd.read_csv(out)["change"].tolist() == ["gained", "never", "left_out"]


def test_a_version_that_is_not_kept_is_no_version_to_compare_with(
    demo_home: Path, points: Path
) -> None:
    out = str(points.with_name("out.csv"))
    done = nuanfeng(demo_home, "coverage", str(points), "--compare", "ffff", "-o", out)
    assert done.exit_code == 1
    assert "ffff" in done.stderr


def test_a_population_raster_is_demand_for_coverage_and_an_import(
    demo_home: Path, tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    people = rng.gamma(0.7, 30, (60, 80)).astype(np.float32)
    people[:5] = -99999.0
    path = tmp_path / "pop.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=60,
        width=80,
        count=1,
        dtype="float32",
        nodata=-99999.0,
        crs="EPSG:4326",
        transform=rasterio.Affine(3 / 3600, 0.0, 113.93, 0.0, -3 / 3600, 22.57),
    ) as target:
        target.write(people, 1)
    out = tmp_path / "out.csv"
    asked = [
        "--reach-m",
        "800",
        "--by",
        "city",
        "-o",
        str(out),
        "--at",
        "2026-11-18T02:00:00+08:00",
    ]
    done = nuanfeng(demo_home, "coverage", str(path), *asked)
    assert done.exit_code == 0, done.stderr
    (row,) = pd.read_csv(out).to_dict("records")
    assert row["weight"] == pytest.approx(people[5:].sum(dtype=float), rel=1e-6)
    # The same by points of a table, one a cell.
    y, x = np.nonzero(people > 0)
    table = pd.DataFrame(
        {
            "lon": 113.93 + (x + 0.5) * 3 / 3600,
            "lat": 22.57 - (y + 0.5) * 3 / 3600,
            "weight": people[y, x].astype(float),
        }
    )
    table.to_parquet(tmp_path / "cells.parquet")
    nuanfeng(demo_home, "coverage", str(tmp_path / "cells.parquet"), *asked)
    (same,) = pd.read_csv(out).to_dict("records")
    for name in ("open", "unknown", "closed", "none"):
        assert row[name] == pytest.approx(same[name], rel=1e-6)


def test_swapped_shifted_and_unreadable_points_are_told_apart_from_those_outside(
    demo_home: Path, points: Path
) -> None:
    frame = pd.read_csv(points)
    blank = pd.concat([frame, pd.DataFrame({"lon": [None], "lat": [None], "orders": [1]})])
    blank.to_csv(points, index=False)
    out = ["-o", str(points.with_name("out.csv"))]
    done = nuanfeng(demo_home, "coverage", str(points), *out)
    assert "1 outside the service area" in done.stdout
    assert "1 points have no readable coordinates" in done.stderr
    swapped = ["--lon", "lat", "--lat", "lon"]
    for command in ("coverage", "nearest"):
        done = nuanfeng(demo_home, command, str(points), *swapped, *out)
        assert done.exit_code == 0, done.stderr
        assert "2 of the 3 points outside the service area would lie inside" in done.stderr
    frame.to_csv(points, index=False)
    for command in (["site", "--p", "1"], ["coverage", "--each", "--with", str(points)]):
        done = nuanfeng(demo_home, command[0], str(points), *command[1:], *swapped, *out)
        assert "are lon and lat swapped?" in done.stderr


@pytest.fixture
def many(tmp_path: Path) -> Path:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(113.90, 114.10, 400), rng.uniform(22.52, 22.60, 400)
    frame = pd.DataFrame({"lon": lon, "lat": lat, "shift": np.where(lon < 114, "west", "east")})
    frame.loc[3, "lon"] = np.nan
    frame.loc[4, "lon"] = 121.5
    frame.assign(orders=rng.integers(1, 9, 400)).to_csv(tmp_path / "many.csv", index=False)
    return tmp_path / "many.csv"


@LEAVES_OUT
def test_sensitivity_gives_intervals_by_area_and_curves_over_reach_and_grid(
    demo_home: Path, many: Path
) -> None:
    out = many.with_name("out.xlsx")
    asked = ["--needs", "water", "--weight", "orders", "--by", "shift", "--reach-m", "600"]
    when = ["--at", "2026-11-21T02:00:00+08:00"]
    plain = many.with_name("plain.csv")
    told = nuanfeng(demo_home, "coverage", str(many), *asked, *when, "-o", str(plain))
    assert told.exit_code == 0, told.stderr
    told = nuanfeng(
        demo_home, "coverage", str(many), *asked, *when, "--sensitivity", "-o", str(out)
    )
    assert told.exit_code == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert "intervals of 95% by 1,000 draws of the points (seed 1)" in said
    assert "at other reaches" in said
    sheets = pd.read_excel(out, sheet_name=None, engine="calamine")
    assert list(sheets) == ["about", "areas", "reach", "grid"]
    areas, reach, grid = (sheets[name] for name in ("areas", "reach", "grid"))
    same = pd.read_csv(plain).set_index("area")
    for row in areas.itertuples():
        assert row.share_open == pytest.approx(same.loc[row.area, "share_open"])
        assert row.share_open_low < row.share_open < row.share_open_high
    assert set(areas["area"]) == {"west", "east"}
    assert areas["points"].sum() == 398
    assert set(areas["draws"]) == {1000}
    assert set(areas["seed"]) == {1}
    assert reach["reach"].tolist() == [300, 450, 600, 750, 900, 1200]
    assert reach["share_open"].is_monotonic_increasing
    assert (reach["share_open_low"] <= reach["share_open"]).all()
    assert grid["size_m"].tolist() == [0, 100, 250, 500, 1000]
    weight = areas["weight"].sum()
    asked_now = (areas["share_open"] * areas["weight"]).sum() / weight
    assert grid["share_open"][0] == pytest.approx(asked_now)
    assert reach.set_index("reach")["share_open"][600] == pytest.approx(asked_now)
    assert areas["synthetic"].all()


@LEAVES_OUT
def test_sensitivity_is_the_same_twice_in_every_format_and_goes_with_one_instant(
    demo_home: Path, many: Path
) -> None:
    ask = ["coverage", str(many), "--by", "district", "--sensitivity"]
    at = ["--at", "2026-11-21T02:00:00+08:00"]
    for ending in ("csv", "geojson"):
        outs = [many.with_name(f"{number}.{ending}") for number in range(2)]
        for out in outs:
            assert nuanfeng(demo_home, *ask, *at, "-o", str(out)).exit_code == 0
        assert outs[0].read_bytes() == outs[1].read_bytes()
    drawn = gpd.read_file(outs[0])
    assert drawn.geometry.notna().any()
    refused = nuanfeng(demo_home, *ask, "--hourly", "true", "-o", str(outs[0]))
    assert refused.exit_code == 2
    assert "goes with none of --each" in " ".join(refused.stderr.split())
